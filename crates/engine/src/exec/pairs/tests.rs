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

/// All values of some formulas at a level, and the reductions over pairs of their plan: how many, and how many are made of sums of squares.
fn computed_together(formulas: &[Formula], level: Level) -> (Vec<Vec<f64>>, usize, usize) {
    let Recorded { program, slots, locations } = recorded(formulas);
    level.force(|| {
        let compiled = plan_for(program.clone());
        let pairs = compiled.plan.steps.iter().filter_map(|step| match &step.work {
            Work::Pairs(pairs) => Some(pairs.squares.is_some()),
            Work::Pass(_) | Work::Product(_) | Work::Kernel(_) => None,
        });
        let of_squares: Vec<bool> = pairs.collect();
        let found = crate::run(&compiled, slots, &locations);
        let made = of_squares.iter().filter(|&&made| made).count();
        (found.iter().map(|storage| numbers(storage)).collect(), of_squares.len(), made)
    })
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| if value.is_nan() { 1 } else { value.to_bits() }).collect()
}

/// Scaled squares are the same bits whether the sums of squares stand beside them or not, where those are 0, denormal, huge or NaN as well.
#[test]
fn scaled_squares_are_made_of_squares_to_the_bit() {
    let (rows, depth) = (70, 7);
    let sizes = [1.0, 1e-30, 1e25, 0.0, 1e-44, 3e38];
    let mut points: Vec<f32> = Noise::seed(1).numbers(rows * depth).iter().map(|&number| number as f32).collect();
    for (at, point) in points.chunks_mut(depth).enumerate().filter(|(at, _)| at % 3 == 0) {
        point.iter_mut().for_each(|number| *number *= sizes[at / 3 % sizes.len()] as f32);
    }
    points[33 * depth] = f32::NAN;
    points[34 * depth] = f32::INFINITY;
    points.copy_within(..depth, 5 * depth);
    let other: Vec<f32> = points.iter().rev().copied().collect();
    let scales = [1.0, 2f32.powi(80), 2f32.powi(-80), f32::INFINITY, 0.0, f32::NAN, 1.5];
    let scale: Vec<f32> = (0..rows * rows).map(|at| scales[if at % 11 == 0 { at / 11 % 7 } else { at % 3 }]).collect();
    let scale = Formula::from_vec(scale, [rows, rows, 1]);
    let left = Formula::from_vec(points, [rows, depth]);
    let other = Formula::from_vec(other, [rows, depth]);
    for right in [&left, &other] {
        let difference = left.reshape([rows, 1, depth]) - right.reshape([1, rows, depth]);
        let plain = difference.square().sum_keepdim(-1);
        let scaled = (&difference * &scale).square().sum_keepdim(-1);
        for &level in Level::available() {
            let (alone, pairs, made) = computed_together(std::slice::from_ref(&scaled), level);
            assert_eq!((pairs, made), (1, 0));
            let (beside, pairs, made) = computed_together(&[plain.clone(), scaled.clone()], level);
            assert_eq!((pairs, made), (2, 1));
            assert_eq!(bits(&alone[0]), bits(&beside[1]), "{}", level.name());
        }
    }
}

/// Where each scale is 1 and no sum is extreme, the scaled squares are the squares: they share their memory. Else they have the bits that they
/// have without squares beside them.
#[test]
fn squares_that_no_scale_changes_are_not_computed_again() {
    let (rows, depth) = (70, 7);
    let points = noisy(1, &[2, rows, depth], DType::F32);
    let other = noisy(2, &[2, rows, depth], DType::F32);
    const fn at(row: usize, column: usize) -> usize {
        70 * 70 + row * 70 + column
    }
    // Which scales are changed, and whether memory is shared then: of differences within one set, and of others.
    type Case<'a> = (&'a str, &'a [(usize, f32)], bool, bool);
    let cases: [Case; 6] = [
        ("all are 1", &[], true, true),
        ("a diagonal", &[(at(3, 3), 2.0), (at(69, 69), 0.0), (at(0, 0), -1e30)], true, false),
        ("an infinite one there", &[(at(3, 3), f32::INFINITY)], false, false),
        ("one that is not 1", &[(at(69, 68), 2.0)], false, false),
        ("-1", &[(at(0, 1), -1.0)], false, false),
        ("NaN", &[(at(40, 2), f32::NAN)], false, false),
    ];
    for (what, changes, symmetric_share, others_share) in cases {
        let mut scale = vec![1.0_f32; 2 * rows * rows];
        changes.iter().for_each(|&(place, value)| scale[place] = value);
        let scale = Formula::from_vec(scale, [2, rows, rows, 1]);
        for (right, share) in [(&points, symmetric_share), (&other, others_share)] {
            for far in [1.0_f32, 1e-14] {
                // Sums that are too small to be scaled afterwards.
                let small = Formula::from_vec(vec![far], [1]);
                let [left, right] = [&points, right].map(|points| points * &small.expand(points.shape().clone()));
                let difference = left.reshape([2, rows, 1, depth]) - right.reshape([2, 1, rows, depth]);
                let plain = difference.square().sum_keepdim(-1);
                let scaled = (&difference * &scale).square().sum_keepdim(-1);
                for level in Level::available().iter().copied().filter(|level| level.has_vectors()) {
                    let (alone, ..) = computed_together(std::slice::from_ref(&scaled), level);
                    let Recorded { program, slots, locations } = recorded(&[plain.clone(), scaled.clone()]);
                    let beside = level.force(|| crate::run(&plan_for(program), slots, &locations));
                    let what = format!("{what}, {}, {far}", level.name());
                    assert_eq!(bits(&alone[0]), bits(&numbers(&beside[1])), "{what}");
                    assert_eq!(std::sync::Arc::ptr_eq(&beside[0], &beside[1]), share && far == 1.0, "{what}");
                }
            }
        }
    }
}

/// Sums over both axes of what is symmetric, or the negative of itself: one is computed, and has the same bits whichever is asked for.
#[test]
fn sums_over_symmetric_pairs_are_computed_once() {
    let (rows, depth) = (70, 9);
    for dtype in [DType::F32, DType::F64] {
        let points = noisy(1, &[rows, depth], dtype);
        let difference = points.reshape([rows, 1, depth]) - points.reshape([1, rows, depth]);
        let squares = difference.square().sum_keepdim(-1);
        let ones = noisy(2, &[rows, rows, 1], dtype);
        let odd = &difference * &squares;
        let lopsided = &difference * &squares * &ones;
        for (name, entries, steps) in [("odd", &odd, 2), ("lopsided", &lopsided, 3)] {
            let both = [entries.sum_keepdim(0), entries.sum_keepdim(1)];
            let (found, pairs, _) = {
                let Recorded { program, slots, .. } = recorded(&both);
                let expected = reference::run(&program, &slots);
                for &level in Level::available() {
                    let (found, ..) = computed_together(&both, level);
                    for (found, expected) in found.iter().zip(&expected) {
                        let expected = numbers(expected);
                        let scale = expected.iter().fold(0.0_f64, |scale, value| scale.max(value.abs()));
                        let digits = if dtype == DType::F32 { 2e-6 } else { 4e-15 };
                        assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < digits * scale), "{name}");
                    }
                }
                computed_together(&both, Level::current())
            };
            assert_eq!(pairs, steps, "{name}");
            for (which, together) in found.iter().enumerate() {
                let (alone, ..) = computed_together(std::slice::from_ref(&both[which]), Level::current());
                assert_eq!(bits(&alone[0]), bits(together), "{name}, sum {which}");
            }
            if name == "odd" {
                assert!(found[0].iter().zip(&found[1]).all(|(a, b)| *a == -b), "{name}");
            }
        }
    }
}

/// Weights of which a few, in any part of the result, are no normal numbers.
#[test]
fn weights_of_one_part_may_be_extreme() {
    let (rows, columns, depth) = (130, 90, 40);
    let of_size = |seed: u64, count: usize, size: f64| -> Vec<f32> {
        Noise::seed(seed).numbers(count).iter().map(|&number| (number * size) as f32).collect()
    };
    let left = Formula::from_vec(of_size(1, rows * depth, 1e25), [rows, 1, depth]);
    let right = Formula::from_vec(of_size(2, columns * depth, 1e25), [1, columns, depth]);
    let difference = left - right;
    for extreme in [None, Some(3), Some(rows * columns - 2)] {
        let factor = |seed: u64, size: f64, extreme_number: f32| {
            let mut numbers = of_size(seed, rows * columns, size);
            extreme.inspect(|&at| numbers[at] = extreme_number);
            Formula::from_vec(numbers, [rows, columns, 1])
        };
        // The product of the first two vanishes, that of the difference and all of them counts.
        let [p, q, r] = [factor(3, 1e-11, 1e-30), factor(4, 1e-9, 1e-30), factor(5, 1.0, 1e38)];
        let lines = Formula::from_vec(of_size(6, rows * columns, 1.0), [columns, rows]);
        let lines = lines.swap_axes(0, 1).reshape([rows, columns, 1]);
        for (name, formula) in [
            ("columns", (&difference * &p * &q * &r).sum_keepdim(-2)),
            ("rows", (&difference * &p * &q * &r).sum_keepdim(-3)),
            ("two", (&difference * &p * &r).sum_keepdim(-2)),
            ("turned", (&difference * &lines * &p).sum_keepdim(-3)),
            ("turned columns", (&difference * &lines * &p * &lines).sum_keepdim(-2)),
        ] {
            for &level in Level::available() {
                let (found, pairs, expected) = computed(&formula, level);
                assert!(pairs, "{name}");
                let scale = expected.iter().fold(0.0_f64, |scale, value| scale.max(value.abs()));
                for (at, (found, expected)) in found.iter().zip(&expected).enumerate() {
                    let close = (found - expected).abs() <= 2e-6 * scale;
                    assert!(close, "{name} with {extreme:?}, {}, entry {at}: {found} is not {expected}", level.name());
                }
            }
        }
    }
}

/// Whatever is symmetric, or looks like it, its sums and extremes over either axis are those of its terms.
#[test]
fn sums_and_extremes_over_both_axes_are_those_of_the_terms() {
    let special = [0.0, -0.0, 1.0, f64::NAN, 2.5, f64::INFINITY, -1.0, f64::NEG_INFINITY];
    for (batch, n, depth) in [(1, 70, 9), (3, 24, 5), (2, 1, 4), (1, 9, 1), (2, 0, 3), (1, 16, 0)] {
        for with_special in [false, true] {
            let count = batch * n * depth;
            let mut entries = Noise::seed(7).numbers(count);
            if with_special {
                entries.iter_mut().enumerate().for_each(|(at, entry)| {
                    if at % 5 == 0 {
                        *entry = special[at / 5 % special.len()];
                    }
                });
            }
            let points = Formula::from_vec(entries, [batch, n, depth]);
            let other = noisy(8, &[batch, n, depth], DType::F64);
            let matrix = noisy(9, &[batch, n, n, 1], DType::F64);
            let rows = |x: &Formula| x.reshape([batch, n, 1, depth]);
            let columns = |x: &Formula| x.reshape([batch, 1, n, depth]);
            let difference = rows(&points) - columns(&points);
            let apart = rows(&points) - columns(&other);
            let turned = matrix.swap_axes(1, 2);
            let squares = difference.square().sum_keepdim(-1);
            let formulas = [
                ("difference", difference.clone()),
                ("magnitude", difference.abs()),
                ("exponential", (&squares * -0.1).exp()),
                ("sigmoid", difference.sigmoid()),
                ("sum", rows(&points) + columns(&points)),
                ("product", rows(&points) * columns(&points)),
                ("greater of both", rows(&points).maximum(&columns(&points))),
                ("less", rows(&points).lt(&columns(&points)).cast(DType::F64)),
                ("odd over even", &difference / &(&squares + 1.0)),
                ("odd times odd", &difference * &difference.abs() * &difference),
                ("even and odd", &difference + &difference.abs()),
                ("chosen", difference.gt(&(&difference * 0.0)).select(&difference, &(&difference * 2.0))),
                (
                    "chosen by what is even",
                    squares.gt(&(&squares * 0.0 + 1.0)).select(&difference, &(&difference * 2.0)),
                ),
                ("apart", apart.clone()),
                ("apart and together", &apart * &difference),
                ("turned", (&matrix + &turned) * &squares),
                ("turned away", (&matrix - &turned) * &squares),
                ("not turned", (&matrix + &matrix) * &squares),
                ("weighted", &matrix * &difference),
            ];
            for (name, formula) in formulas {
                let wanted: Vec<Formula> = [1, 2]
                    .into_iter()
                    .flat_map(|axis| {
                        let sum = formula.sum_keepdim(axis);
                        let extremes = (n > 0).then(|| [formula.max_axis(axis), formula.min_axis(axis)]);
                        [sum].into_iter().chain(extremes.into_iter().flatten())
                    })
                    .collect();
                let Recorded { program, slots, .. } = recorded(&wanted);
                let expected = reference::run(&program, &slots);
                for &level in Level::available() {
                    let (found, ..) = computed_together(&wanted, level);
                    for (which, (found, expected)) in found.iter().zip(&expected).enumerate() {
                        for (at, (a, b)) in found.iter().zip(numbers(expected)).enumerate() {
                            let close =
                                a.is_nan() && b.is_nan() || *a == b || (a - b).abs() <= 1e-12 * b.abs().max(10.0);
                            let what = format!("{name}, result {which} of {batch} {n} {depth}, {}", level.name());
                            assert!(close, "{what}, entry {at}: {a} is not {b}");
                        }
                    }
                }
            }
        }
    }
}
