//! Whatever adds many numbers up is as exact as `sum()`: single precision is added in double.

use approx::{assert_abs_diff_eq, relative_eq};
use minimand_tensor::{DType, Rng, Tensor, reference};

/// Enough additions of a tenth that single precision loses digits at every one of the last.
const MANY: usize = 1_000_000;

/// 0.1 in single precision, so many times: 100000.00149011612 for a million.
fn tenths(count: usize) -> (Tensor, f64) {
    (Tensor::from(0.1f32).expand([count]), f64::from(0.1f32) * count as f64)
}

/// The same index so many times.
fn all(count: usize, index: i64) -> Tensor {
    Tensor::from_vec(vec![index; count], [count])
}

/// Every entry is the expected number, rounded once.
#[track_caller]
fn all_are(found: &Tensor, expected: f64) {
    assert_eq!(found.dtype(), DType::F32);
    let expected = expected as f32;
    for (entry, value) in found.to_vec::<f32>().into_iter().enumerate() {
        assert_eq!(value, expected, "entry {entry}");
    }
}

#[test]
fn sums() {
    let (x, expected) = tenths(MANY);
    all_are(&x.sum(), expected);
    all_are(&x.reshape([MANY / 4, 4]).sum_axis(0), expected / 4.0);
    all_are(&x.reshape([4, MANY / 4]).sum_axis(1), expected / 4.0);
    all_are(&x.mean(), f64::from(0.1f32));
}

#[test]
fn ones_beyond_what_single_precision_counts() {
    let count = 1 << 25;
    let ones = Tensor::from_vec(vec![1.0f32; count], [count]);
    let zeros = Tensor::zeros([count]).cast(DType::I64);
    all_are(&ones.scatter_add(0, &zeros, 1), 33_554_432.0);
    all_are(&ones.cumulative_sum(0).slice(0, count - 1..), 33_554_432.0);
}

#[test]
fn scattered_entries() {
    let (x, expected) = tenths(MANY);
    // Into one place, into the last of several, and into so many that sums are sorted instead.
    all_are(&x.scatter_add(0, all(MANY, 0), 1), expected);
    let five = x.scatter_add(0, all(MANY, 4), 5).to_vec::<f32>();
    assert_eq!(five, [0.0, 0.0, 0.0, 0.0, expected as f32]);
    let sparse = x.scatter_add(0, all(MANY, 77), 9 * MANY);
    all_are(&sparse.slice(0, 77..78), expected);
    all_are(&sparse.sum(), expected);
    // Rows of entries that one index names, and columns of indices.
    let rows = x.reshape([MANY / 4, 4]).scatter_add(0, all(MANY / 4, 0).reshape([MANY / 4, 1]), 1);
    all_are(&rows, expected / 4.0);
    let columns = x.reshape([MANY / 4, 4]).scatter_add(0, all(MANY, 0).reshape([MANY / 4, 4]), 1);
    all_are(&columns, expected / 4.0);
}

#[test]
fn gradients_of_lookups() {
    let table = Tensor::zeros([3, 2]);
    let index = all(MANY, 1);
    let slope = (table.index_select(0, &index) * 0.1f32).sum().grad(&table);
    let expected = (f64::from(0.1f32) * MANY as f64) as f32;
    assert_eq!(slope.to_vec::<f32>(), [0.0, 0.0, expected, expected, 0.0, 0.0]);
    let line = Tensor::zeros([3]);
    let slope = (line.index_select(0, &index) * 0.1f32).sum().grad(&line);
    assert_eq!(slope.to_vec::<f32>(), [0.0, expected, 0.0]);
}

#[test]
fn what_was_broadcast() {
    let number = Tensor::from(1.0f32).named("number");
    let (x, expected) = tenths(MANY);
    all_are(&(&number * &x).sum().grad(&number), expected);
    let row = Tensor::ones([4]);
    all_are(&(&row * x.reshape([MANY / 4, 4])).sum().grad(&row), expected / 4.0);
}

#[test]
fn overlapping_windows() {
    // In the middle as many windows meet as one has entries.
    let size = 3000;
    let windows = Tensor::from(0.1f32).expand([4 * size, size]);
    let overlapped = windows.overlap_add(0, 1, 1, 5 * size - 1);
    let middle = overlapped.slice(0, size..4 * size - 1);
    all_are(&middle, f64::from(0.1f32) * size as f64);
    // The gradient of windows, with steps between their entries that windows share.
    let x = Tensor::zeros([4 * size]);
    let slope = (x.windows(0, size, 2, 2) * 0.1f32).sum().grad(&x).to_vec::<f32>();
    let expected = |at: usize| {
        // Windows begin at 0, 2, … and have entries at 0, 2, … from there.
        let count = (4 * size - 1 - (size - 1) * 2) / 2 + 1;
        let first = (at / 2 + 1).saturating_sub(size);
        if at % 2 == 1 { 0 } else { (at / 2 + 1).min(count).saturating_sub(first) }
    };
    for (at, &found) in slope.iter().enumerate() {
        assert_eq!(found, (f64::from(0.1f32) * expected(at) as f64) as f32, "{at}");
    }
}

/// The gradient of a convolution with a long kernel, of which as many products meet in a place as the kernel has entries; with padding, of which
/// the sums are then cut, and without.
#[test]
fn gradients_of_products_over_windows() {
    let size = 3000;
    let weight = Tensor::from(0.1f32).expand([size, 1]);
    for padding in [0, 100] {
        let x = Tensor::zeros([2, 4 * size]);
        let product = x.pad(1, padding, padding).windows(1, size, 1, 1).matmul(&weight.computed());
        let slope = product.sum().grad(&x);
        assert!(slope.explain().contains("matmul, overlap_add"), "{}", slope.explain());
        let expected = f64::from(0.1f32) * size as f64;
        all_are(&slope.slice(1, size..3 * size), expected);
        // The first entry stands in one window without padding, and in as many more as zeros precede it.
        all_are(&slope.slice(1, ..1), f64::from(0.1f32) * (padding + 1) as f64);
    }
}

#[test]
fn running_sums() {
    let (x, _) = tenths(MANY);
    let sums = x.cumulative_sum(0).to_vec::<f32>();
    let back = x.cumulative_sum_reverse(0).to_vec::<f32>();
    for (at, (&sum, &back)) in sums.iter().zip(back.iter().rev()).enumerate() {
        let exact = (f64::from(0.1f32) * (at + 1) as f64) as f32;
        // Both to the last bit but one.
        let close = relative_eq!(sum, exact, epsilon = 0.0, max_relative = f32::EPSILON);
        assert!(close && sum == back, "{at}: {sum}, {back} and {exact}");
    }
}

/// In double precision additions lose less than the sum's last digits.
#[test]
fn double_precision() {
    let x = Tensor::from(0.1).expand([MANY]);
    let expected = x.sum().item();
    assert_abs_diff_eq!(expected, 1e5, epsilon = 1e-9);
    let index = all(MANY, 0);
    for sum in [
        x.scatter_add(0, &index, 1).item(),
        x.cumulative_sum(0).slice(0, MANY - 1..).item(),
        x.reshape([1, MANY]).overlap_add(0, 1, 1, MANY).sum().item(),
        x.reshape([MANY / 2, 2]).scatter_add(0, index.slice(0, ..MANY / 2).reshape([MANY / 2, 1]), 1).sum().item(),
    ] {
        assert_abs_diff_eq!(sum, 1e5, epsilon = 1e-9);
    }
}

/// Integers wrap around, and nothing is widened that has no wider type.
#[test]
fn integers() {
    let x = Tensor::from([i64::MAX, 1, 2, 3, 4, 5]);
    let index = Tensor::from([0i64; 6]);
    let wrapped = i64::MAX.wrapping_add(15);
    assert_eq!(x.scatter_add(0, &index, 1).to_vec::<i64>(), [wrapped]);
    assert_eq!(x.cumulative_sum(0).to_vec::<i64>()[5], wrapped);
    assert_eq!(x.reshape([6, 1]).scatter_add(0, index.reshape([6, 1]), 1).to_vec::<i64>(), [wrapped]);
    // Position 4 is the last entry of the first window, …, and the first of the last.
    assert_eq!(x.reshape([6, 1]).expand([6, 5]).overlap_add(0, 1, 1, 10).to_vec::<i64>()[4], i64::MAX.wrapping_add(10));
}

/// What is not finite stays what it is.
#[test]
fn infinities() {
    let index = Tensor::from([0i64, 0, 0, 0, 0, 1]);
    for infinity in [f64::INFINITY, f64::NEG_INFINITY] {
        let x = Tensor::from([1.0, infinity, 2.0, 3.0, 4.0, 5.0]);
        for x in [x.clone(), x.cast(DType::F32)] {
            assert_eq!(x.scatter_add(0, &index, 2).to_vec::<f64>(), [infinity, 5.0]);
            let sums = x.cumulative_sum(0).to_vec::<f64>();
            assert_eq!(sums, [1.0, infinity, infinity, infinity, infinity, infinity]);
        }
    }
}

/// Every way to scatter, against the reference: few and many entries for each place, along every axis, with indices for rows and for entries.
#[test]
fn scatters_of_all_shapes_agree_with_the_reference() {
    let mut rng = Rng::seed(11);
    for entries in [1, 2, 4, 5, 9, 40] {
        for places in [1, 3, 50, 400] {
            for (shape, axis) in [
                (vec![entries], 0),
                (vec![entries, 3], 0),
                (vec![2, entries, 3], 1),
                (vec![2, 3, entries], 2),
                (vec![2, entries, 1], 1),
            ] {
                for double in [false, true] {
                    let x = Tensor::normal(shape.clone(), &mut rng);
                    let x = if double { x.cast(DType::F64) } else { x };
                    let mut index =
                        |shape: &[usize]| Tensor::uniform(shape, 0.0, places as f64, &mut rng).floor().cast(DType::I64);
                    let mut rows = vec![1; shape.len()];
                    rows[axis] = entries;
                    for index in &[index(&shape), index(&rows)] {
                        // As it is, turned around, and one entry repeated.
                        let repeated = x.slice(-1, ..1).expand(shape.clone());
                        for x in [x.clone(), x.flip(0), repeated] {
                            let found = x.scatter_add(axis as isize, index, places);
                            let expected = &reference::evaluate(&[&found])[0];
                            let found = found.to_vec::<f64>();
                            let close = |(a, b): (&f64, &f64)| relative_eq!(a, b, epsilon = 1e-36, max_relative = 1e-6);
                            assert!(found.iter().zip(expected).all(close), "{shape:?} along {axis} into {places}");
                        }
                    }
                }
            }
        }
    }
}
