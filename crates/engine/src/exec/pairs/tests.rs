//! Reductions over pairs against the reference, at every level.

use std::sync::Arc;

use crate::cache::plan_for;
use crate::dtype::DType;
use crate::exec::Level;
use crate::formula::{Formula, Noise, recorded};
use crate::plan::Work;
use crate::program::Recorded;
use crate::reference;
use crate::storage::{Element, Storage};

/// What is made of the difference of two operands, both seen under the whole shape, and numbers of the pair.
type Build = fn(&Formula, [&Formula; 3], isize) -> Formula;

/// Each with the axis that it is reduced along: `k`, `j` or `i`.
const BUILT: [(&str, Build); 8] = [
    ("squares", |d, _, _| d.square().sum_keepdim(-1)),
    ("scaled squares", |d, [p, ..], _| (d * p).square().sum_keepdim(-1)),
    ("magnitudes", |d, _, _| d.negate().abs().sum_keepdim(-1)),
    ("greatest magnitude", |d, _, _| d.abs().max_keepdim(-1)),
    ("difference", |d, _, axis| d.negate().sum_keepdim(axis)),
    ("difference by one", |d, [p, ..], axis| {
        let doubled = d + d;
        (doubled * p).sum_keepdim(axis)
    }),
    ("difference by three", |d, [p, q, r], axis| ((d * p).negate() * q * r).sum_keepdim(axis)),
    ("sign by two", |d, [p, q, _], axis| (p * d.sign() * q).sum_keepdim(axis)),
];

fn noisy(seed: u64, shape: &[usize], dtype: DType) -> Formula {
    let numbers = Noise::seed(seed).numbers(shape.iter().product());
    match dtype {
        DType::F32 => Formula::from_vec(numbers.iter().map(|&number| number as f32).collect::<Vec<_>>(), shape),
        _ => Formula::from_vec(numbers, shape),
    }
}

fn numbers(storage: &Storage) -> Vec<f64> {
    match storage {
        Storage::F32(values) => values.iter().map(|&value| value.to_f64()).collect(),
        Storage::F64(values) => values.to_vec(),
        _ => unreachable!("results are real"),
    }
}

/// Values by the plan at a level, and whether it has a reduction over pairs, and by the reference.
fn computed(formula: &Formula, level: Level) -> (Vec<f64>, bool, Vec<f64>) {
    let Recorded { program, slots, locations } = recorded(std::slice::from_ref(formula));
    let expected = reference::run(&program, &slots);
    level.force(|| {
        let compiled = plan_for(program.clone());
        let pairs = compiled.plan.steps.iter().any(|step| matches!(step.work, Work::Pairs(_)));
        let found = crate::run(&compiled, slots.iter().map(Arc::clone).collect(), &locations);
        (numbers(&found[0]), pairs, numbers(&expected[0]))
    })
}

/// Sizes of rows, columns and depth: whole tiles, and what is left of them.
const SIZES: [[usize; 3]; 9] = [
    [8, 32, 16],
    [5, 300, 3],
    [70, 64, 5],
    [33, 257, 40],
    [6, 513, 2],
    [600, 9, 2],
    [7, 2100, 2],
    [40, 20, 150],
    [37, 21, 20],
];

#[test]
fn pairs_are_reduced_as_the_reference_says() {
    for (number, [rows, columns, depth]) in SIZES.into_iter().enumerate() {
        for (name, build) in BUILT {
            let axes: &[isize] = if name.contains("difference") || name.contains("sign") { &[-2, -3] } else { &[-1] };
            for (&axis, dtype) in axes.iter().flat_map(|axis| [(axis, DType::F32), (axis, DType::F64)]) {
                let seed = 100 * number as u64;
                let left = noisy(seed, &[rows, 1, depth], dtype);
                let right = noisy(seed + 1, &[1, columns, depth], dtype);
                let factors = [2, 3, 4].map(|more| noisy(seed + more, &[rows, columns, 1], dtype));
                let formula = build(&(&left - &right), [&factors[0], &factors[1], &factors[2]], axis);
                for &level in Level::available() {
                    let (found, pairs, expected) = computed(&formula, level);
                    let what =
                        format!("{name} along {axis} of {rows} × {columns} × {depth}, {dtype}, {}", level.name());
                    assert!(pairs, "{what}: not recognised");
                    assert_eq!(found.len(), expected.len(), "{what}");
                    let scale = expected.iter().fold(0.0_f64, |scale, value| scale.max(value.abs()));
                    let digits = if dtype == DType::F32 { 2e-6 } else { 4e-15 };
                    for (at, (found, expected)) in found.iter().zip(&expected).enumerate() {
                        let far = (found - expected).abs() / scale;
                        assert!(far < digits, "{what}, entry {at}: {found} is not {expected}");
                    }
                }
            }
        }
    }
}

/// The operands may be views: transposed, flipped, of a batch, the second repeated along it; the factors too.
#[test]
fn operands_are_read_as_they_lie() {
    let (batch, rows, columns, depth) = (3, 17, 70, 5);
    let left = noisy(1, &[depth, rows, batch], DType::F64).swap_axes(0, 2).flip(1).reshape([batch, rows, 1, depth]);
    let right = noisy(2, &[depth, columns], DType::F64).swap_axes(0, 1).reshape([1, 1, columns, depth]);
    let factor = noisy(3, &[batch, columns, rows], DType::F64).swap_axes(1, 2).reshape([batch, rows, columns, 1]);
    let difference = &right - &left;
    for formula in [
        (&difference * &factor).square().sum_keepdim(-1),
        (&difference * &factor).sum_keepdim(-2),
        (&difference * &factor).sum_keepdim(-3),
        (difference.sign() * &factor).sum_keepdim(-3),
    ] {
        let (found, pairs, expected) = computed(&formula, Level::current());
        assert!(pairs);
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-12 * expected.abs().max(1.0), "{found} is not {expected}");
        }
    }
}

/// What is not finite stays where it belongs, and goes nowhere else: not into what lies beside it in a tile.
#[test]
fn numbers_that_are_not_finite_stay_in_their_place() {
    let (rows, columns, depth) = (6, 200, 4);
    let spoilt = |seed: u64, shape: &[usize], spoil: &[(usize, f64)]| {
        let mut numbers = Noise::seed(seed).numbers(shape.iter().product());
        spoil.iter().for_each(|&(at, value)| numbers[at] = value);
        Formula::from_vec(numbers, shape)
    };
    let (infinite, nan) = (f64::INFINITY, f64::NAN);
    let left = spoilt(1, &[rows, 1, depth], &[(2, infinite), (9, nan)]);
    let right = spoilt(2, &[1, columns, depth], &[(5, -infinite), (77, nan), (4 * 199, infinite)]);
    let factor = spoilt(3, &[rows, columns, 1], &[(3, infinite), (210, 0.0), (401, nan), (1199, 0.0)]);
    let difference = &left - &right;
    for (name, formula) in [
        ("squares", difference.square().sum_keepdim(-1)),
        ("scaled", (&difference * &factor).square().sum_keepdim(-1)),
        ("greatest", difference.abs().max_keepdim(-1)),
        ("columns", (&difference * &factor).sum_keepdim(-2)),
        ("rows", (&difference * &factor).sum_keepdim(-3)),
        ("signs", (difference.sign() * &factor).sum_keepdim(-2)),
    ] {
        for &level in Level::available() {
            let (found, pairs, expected) = computed(&formula, level);
            assert!(pairs, "{name}");
            for (at, (&found, &expected)) in found.iter().zip(&expected).enumerate() {
                let same = found.is_nan() && expected.is_nan()
                    || found == expected
                    || (found - expected).abs() < 1e-12 * expected.abs().max(1.0);
                assert!(same, "{name}, {}, entry {at}: {found} is not {expected}", level.name());
            }
        }
    }
}

/// What has no code for it stays a pass: few columns, little work, other functions, weights along the depth.
#[test]
fn what_is_no_reduction_over_pairs_stays_a_pass() {
    let pair =
        |rows, columns, depth| noisy(1, &[rows, 1, depth], DType::F64) - noisy(2, &[1, columns, depth], DType::F64);
    let weights = noisy(3, &[1, 1, 8], DType::F64);
    for formula in [
        pair(200, 7, 8).square().sum_keepdim(-1),
        pair(8, 8, 8).square().sum_keepdim(-1),
        pair(20, 40, 8).exp().sum_keepdim(-1),
        (pair(20, 40, 8) * &weights).square().sum_keepdim(-1),
        pair(20, 40, 8).square().sum_keepdim(-2),
        pair(20, 40, 8).square().max_keepdim(-1),
        (noisy(1, &[20, 40, 8], DType::F64) - noisy(2, &[1, 40, 8], DType::F64)).square().sum_keepdim(-1),
    ] {
        let (found, pairs, expected) = computed(&formula, Level::current());
        assert!(!pairs);
        assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12 * b.abs().max(1.0)));
    }
}

/// Distances of points from each other, of which half are computed, are those between two sets, to the bit, and scaled as the others are.
#[test]
fn distances_within_a_set_are_those_between_two() {
    for [batch, rows, depth] in [[1, 70, 7], [2, 33, 40], [3, 200, 3], [1, 24, 8], [1, 25, 300]] {
        let twice = |dtype| [1, 1].map(|seed| noisy(seed, &[batch, rows, depth], dtype));
        let scale = |dtype| noisy(2, &[batch, rows, rows, 1], dtype);
        for dtype in [DType::F32, DType::F64] {
            let [points, same] = twice(dtype);
            let difference =
                |other: &Formula| points.reshape([batch, rows, 1, depth]) - other.reshape([batch, 1, rows, depth]);
            let builds: [fn(&Formula, &Formula) -> Formula; 4] = [
                |d, _| d.square().sum_keepdim(-1),
                |d, _| d.abs().sum_keepdim(-1),
                |d, _| d.abs().max_keepdim(-1),
                |d, scale| (d * scale).square().sum_keepdim(-1),
            ];
            for build in builds {
                let [own, other] = [&points, &same].map(|other| build(&difference(other), &scale(dtype)));
                for &level in Level::available() {
                    let ((own, pairs, _), (other, ..)) = (computed(&own, level), computed(&other, level));
                    assert!(pairs);
                    assert_eq!(own, other, "{batch} × {rows} × {depth}, {dtype}, {}", level.name());
                }
            }
        }
    }
}

/// Sums of squares that are too small or too large for their type, and products of factors that are, are what they would be one by one.
#[test]
fn scales_and_factors_keep_what_is_very_large_or_small() {
    let (rows, columns, depth) = (9, 50, 12);
    for size in [1e-30, 1e-12, 1.0, 1e15, 1e25] {
        let number = |seed: u64, shape: &[usize], size: f64| {
            let numbers = Noise::seed(seed).numbers(shape.iter().product());
            let numbers: Vec<f32> = numbers.iter().map(|number| ((number + 0.1) * size) as f32).collect();
            Formula::from_vec(numbers, shape)
        };
        let difference = number(1, &[rows, 1, depth], size) - number(2, &[1, columns, depth], size);
        let back = number(3, &[rows, columns, 1], 1.0 / size);
        let here = number(4, &[rows, columns, 1], size);
        for (name, formula) in [
            ("scaled", (&difference * &back).square().sum_keepdim(-1)),
            ("columns", (&difference * &back * &here * &back).sum_keepdim(-2)),
            ("rows", (&difference * &back * &back * &here).sum_keepdim(-3)),
        ] {
            for &level in Level::available() {
                let (found, pairs, expected) = computed(&formula, level);
                assert!(pairs);
                let scale = expected.iter().fold(0.0_f64, |scale, value| scale.max(value.abs()));
                for (found, expected) in found.iter().zip(&expected) {
                    let same = found == expected || (found - expected).abs() <= 2e-6 * scale;
                    assert!(same, "{name} of size {size}, {}: {found} is not {expected}", level.name());
                }
            }
        }
    }
}
