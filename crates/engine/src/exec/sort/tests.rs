//! Orders, whole and their beginnings, against sorting by comparison.

use std::sync::Arc;

use super::*;
use crate::exec::threads::set_threads;
use crate::formula::Noise;

/// By comparison, stable, NaN last.
fn expected(values: &[f64], descending: bool) -> Vec<i64> {
    let mut positions: Vec<i64> = (0..values.len() as i64).collect();
    positions.sort_by(|&a, &b| {
        let (a, b) = (values[a as usize], values[b as usize]);
        let order = a.partial_cmp(&b).map(|order| if descending { order.reverse() } else { order });
        order.unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
    });
    positions
}

/// Lines of a kind, side by side, or each entry beside those of the others.
fn check(line: impl Fn(usize, usize) -> f64, lines: usize, size: usize) {
    let values: Vec<Vec<f64>> = (0..lines).map(|at| (0..size).map(|k| line(at, k)).collect()).collect();
    let before = threads();
    for (descending, axis) in [(false, 1), (true, 1), (true, 0)] {
        let shape = if axis == 1 { [lines, size] } else { [size, lines] };
        let flat: Vec<f64> = if axis == 1 {
            values.concat()
        } else {
            (0..size).flat_map(|k| values.iter().map(move |line| line[k])).collect()
        };
        let wanted: Vec<Vec<i64>> = values.iter().map(|line| expected(line, descending)).collect();
        let single = flat.iter().map(|&value| value as f32).collect::<Vec<_>>();
        let whole = flat.iter().map(|&value| value as i64).collect::<Vec<_>>();
        let finite = flat.iter().all(|value| value.fract() == 0.0);
        let storages = [
            Some(Storage::F32(single.into())),
            Some(Storage::F64(flat.into())),
            finite.then(|| Storage::I64(whole.into())),
        ];
        for storage in storages.into_iter().flatten() {
            let x = View::contiguous(Arc::new(storage), Shape::from(shape));
            for (kept, count) in [(size, 1), (size, 3), (size / 10, 1), (size / 2 + 1, 2), (1, 2), (size - 1, 4)] {
                set_threads(count);
                let shape = x.shape.with(axis, kept);
                let found = argsort(&x, axis, descending, &shape).convert::<i64>();
                for (at, wanted) in wanted.iter().enumerate() {
                    let own: Vec<i64> =
                        (0..kept).map(|k| found[if axis == 1 { at * kept + k } else { k * lines + at }]).collect();
                    assert!(
                        own == wanted[..kept],
                        "{kept} of {size}, line {at} of {lines}, {:?}, {count} threads",
                        x.dtype()
                    );
                }
            }
        }
    }
    set_threads(before);
}

#[test]
fn positions_are_in_order() {
    let noise = |seed: u64| -> Vec<f64> { Noise::seed(seed).numbers(40_000) };
    let (many, special) = (noise(1), [f64::NAN, -0.0, 0.0, f64::INFINITY, f64::NEG_INFINITY, 1.0, -1.0]);
    for (lines, size) in [(1, 2), (5, 40), (3, 3000), (1, 40_000)] {
        check(|line, k| many[(k + 17 * line) % many.len()], lines, size);
        // Many alike, those that are not finite among them.
        check(|line, k| special[(k * 31 + line) % special.len()], lines, size);
        check(|_, k| (many[k] * 3.0).floor(), lines, size);
        check(|_, k| if k % 16 == 0 { 100.0 } else { many[k] }, lines, size); // what a sample sees is not how it is
        check(|_, k| if k % 16 == 0 { -100.0 } else { many[k] }, lines, size);
        check(|_, k| k as f64, lines, size);
        check(|_, _| 3.0, lines, size);
    }
}
