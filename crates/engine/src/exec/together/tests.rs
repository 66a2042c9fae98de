//! Products and passes that run together, against the reference, with any number of threads, and with more asked for beside them.

use std::sync::Arc;

use crate::cache::plan_for;
use crate::dtype::DType;
use crate::exec::{Level, set_threads};
use crate::formula::{Formula, IntoFormula, Noise, recorded};
use crate::op::{Binary, Op};
use crate::program::Recorded;
use crate::reference;
use crate::storage::{Element, Storage};

/// Batch, rows, columns and depth of the matrices that a pass walks through.
type Sizes = [usize; 4];

/// Cut into parts of a matrix, and whole ones; the last with several blocks of a pass to a unit.
const SIZES: [Sizes; 4] = [[2, 256, 256, 16], [1, 512, 256, 12], [40, 64, 64, 16], [1, 128, 1024, 12]];

fn noisy(seed: u64, shape: &[usize], dtype: DType) -> Formula {
    let numbers = Noise::seed(seed).numbers(shape.iter().product());
    match dtype {
        DType::F32 => Formula::from_vec(numbers.iter().map(|&number| number as f32).collect::<Vec<_>>(), shape),
        _ => Formula::from_vec(numbers, shape),
    }
}

fn matmul(a: &Formula, b: &Formula) -> Formula {
    let (rank, mut shape) = (a.shape().rank(), a.shape().to_vec());
    shape[rank - 1] = b.shape()[b.shape().rank() - 1];
    Formula::node(Op::MatrixMultiply, [a.clone(), b.clone()], shape.as_slice().into(), a.dtype())
}

/// A column for each row up to its own.
fn triangle([_, rows, columns, _]: Sizes) -> Formula {
    Formula::iota(columns).le(Formula::iota(rows).reshape([rows, 1]))
}

/// What is multiplied: two matrices that give the scores, the values, and a matrix like the result.
fn operands([batch, rows, columns, depth]: Sizes, dtype: DType) -> [Formula; 4] {
    let (across, down) = ([batch, columns, depth], [batch, rows, depth]);
    [noisy(1, &down, dtype) * 0.2, noisy(2, &across, dtype), noisy(3, &across, dtype), noisy(4, &down, dtype)]
}

type Build = fn(&[Formula; 4], &Formula) -> Vec<Formula>;

fn scores([query, key, ..]: &[Formula; 4]) -> Formula {
    matmul(query, &key.swap_axes(1, 2))
}

/// Exponentials of the scores in the triangle, and their sums.
fn exponentials(operands: &[Formula; 4], mask: &Formula) -> (Formula, Formula) {
    let scores = scores(operands);
    let hidden = f64::NEG_INFINITY.beside(scores.dtype());
    let masked = mask.select(&scores, &hidden);
    let terms = (&masked - masked.max_keepdim(-1)).exp();
    let sums = terms.sum_keepdim(-1);
    (terms, sums)
}

const BUILT: [(&str, Build); 6] = [
    ("softmax", |operands, mask| {
        let (terms, sums) = exponentials(operands, mask);
        vec![matmul(&(terms / sums), &operands[2])]
    }),
    ("gradient", |operands, mask| {
        let [_, key, value, slope] = operands;
        let (terms, sums) = exponentials(operands, mask);
        let inner = matmul(slope, &value.swap_axes(1, 2)) + &sums;
        let zero = 0.0.beside(inner.dtype());
        let inner = mask.select(inner * &terms, &zero);
        vec![matmul(&terms, value), matmul(&inner, key), matmul(&inner.swap_axes(1, 2), &operands[0])]
    }),
    ("normalised", |operands, _| {
        let scores = scores(operands);
        let norm = scores.square().sum_keepdim(-1).sqrt();
        vec![matmul(&(&scores / norm), &operands[2]), scores.square().sum()]
    }),
    ("by themselves", |operands, _| {
        // The square of a matrix with itself cannot begin before all of it is there.
        let scores = scores(operands);
        let square = scores.shape()[1] == scores.shape()[2];
        let norm = scores.square().sum_keepdim(-1).sqrt();
        let result = &scores / norm;
        vec![if square { matmul(&result, &scores) } else { matmul(&result, &operands[2]) }]
    }),
    ("entry by entry", |operands, _| vec![matmul(&scores(operands).tanh(), &operands[2])]),
    ("sums across", |operands, mask| {
        let (terms, _) = exponentials(operands, mask);
        vec![matmul(&terms, &operands[2]), terms.sum_axis(0)]
    }),
];

fn numbers(storage: &Storage) -> Vec<f64> {
    match storage {
        Storage::F32(values) => values.iter().map(|&value| value.to_f64()).collect(),
        Storage::F64(values) => values.to_vec(),
        _ => unreachable!("results are real"),
    }
}

/// The values of formulas by a plan, and how many of its steps run together with the next.
fn computed(wanted: &[Formula]) -> (Vec<Vec<f64>>, usize) {
    let Recorded { program, slots, locations } = recorded(wanted);
    let compiled = plan_for(program);
    let joined = compiled.plan.steps.iter().filter(|step| step.joined).count();
    let found = crate::run(&compiled, slots, &locations);
    (found.iter().map(|value| numbers(value)).collect(), joined)
}

fn expected(wanted: &[Formula]) -> Vec<Vec<f64>> {
    let Recorded { program, slots, .. } = recorded(wanted);
    reference::run(&program, &slots.iter().map(Arc::clone).collect::<Vec<_>>())
        .iter()
        .map(|value| numbers(value))
        .collect()
}

#[track_caller]
fn assert_near(found: &[Vec<f64>], expected: &[Vec<f64>], dtype: DType, what: &str) {
    let tolerance = if dtype == DType::F32 { 2e-4 } else { 1e-11 };
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found.len(), expected.len());
        let scale =
            expected.iter().filter(|value| value.is_finite()).fold(1e-3, |most: f64, value| most.max(value.abs()));
        for (at, (&found, &expected)) in found.iter().zip(expected).enumerate() {
            let agree = found == expected
                || found.is_nan() && expected.is_nan()
                || (found - expected).abs() <= tolerance * scale;
            assert!(agree, "{what}, {at}: {found}, not {expected}");
        }
    }
}

/// Bits, so that NaN is like itself.
fn bits(values: &[Vec<f64>]) -> Vec<Vec<u64>> {
    values.iter().map(|values| values.iter().map(|value| value.to_bits()).collect()).collect()
}

#[test]
fn what_runs_together_is_what_the_reference_says() {
    let single = SIZES.map(|sizes| (sizes, DType::F32));
    for (sizes, dtype) in single.into_iter().chain([(SIZES[0], DType::F64), (SIZES[2], DType::F64)]) {
        let (operands, mask) = (operands(sizes, dtype), triangle(sizes));
        for (name, build) in BUILT {
            let wanted = build(&operands, &mask);
            let expected = expected(&wanted);
            for &level in Level::available() {
                let what = format!("{name} of {sizes:?}, {dtype}, {}", level.name());
                level.force(|| {
                    let (found, joined) = computed(&wanted);
                    assert!(joined > 0, "{what}: nothing runs together");
                    assert_near(&found, &expected, dtype, &what);
                });
            }
            let (found, _) = computed(&wanted);
            for threads in [1, 3] {
                set_threads(threads);
                assert_eq!(bits(&computed(&wanted).0), bits(&found), "{name} of {sizes:?} with {threads} threads");
            }
        }
    }
}

/// What else is asked for changes which entries are read, and what runs together, but no bit of the others.
#[test]
fn what_is_asked_for_beside_it_changes_no_bit() {
    for sizes in SIZES {
        let (operands, mask) = (operands(sizes, DType::F32), triangle(sizes));
        for (name, build) in BUILT {
            let mut wanted = build(&operands, &mask);
            let count = wanted.len();
            let (alone, _) = computed(&wanted);
            let scores = scores(&operands);
            wanted.extend([scores.sum_axis(0), scores]);
            let (beside, _) = computed(&wanted);
            assert_eq!(bits(&alone), bits(&beside[..count]), "{name} of {sizes:?}");
        }
    }
}

/// A matrix with some of its entries replaced.
fn spoilt(matrix: &Formula, places: &[(usize, f64)]) -> Formula {
    let mut values = matrix.to_vec::<f64>();
    places.iter().for_each(|&(at, value)| values[at] = value);
    Formula::from_vec(values.iter().map(|&value| value as f32).collect::<Vec<_>>(), matrix.shape().clone())
}

/// What no weight reaches is zero times infinity where it is infinite, as it is everywhere; what is not chosen is not seen.
#[test]
fn what_is_not_finite_goes_where_it_always_does() {
    let sizes = [2, 256, 256, 16];
    let mask = triangle(sizes);
    let [query, key, value, slope] = operands(sizes, DType::F32);
    crate::formula::evaluate(std::slice::from_ref(&query));
    let (last, middle) = (255 * 16 + 3, 100 * 16 + 7);
    let cases: [(&str, [Formula; 4]); 5] = [
        ("value", [query.clone(), key.clone(), spoilt(&value, &[(last, f64::INFINITY)]), slope.clone()]),
        ("value in the middle", [query.clone(), key.clone(), spoilt(&value, &[(middle, f64::NAN)]), slope.clone()]),
        ("key", [query.clone(), spoilt(&key, &[(last, f64::NAN)]), value.clone(), slope.clone()]),
        ("query", [spoilt(&query, &[(middle, f64::NAN)]), key.clone(), value.clone(), slope.clone()]),
        ("slope", [query, key, value, spoilt(&slope, &[(middle, f64::INFINITY)])]),
    ];
    for (what, operands) in &cases {
        for (name, build) in &BUILT[..2] {
            let wanted = build(operands, &mask);
            let (found, joined) = computed(&wanted);
            assert!(joined > 0);
            assert_near(&found, &expected(&wanted), DType::F32, &format!("{name}, {what}"));
        }
    }
    // They are seen at all.
    let (found, _) = computed(&BUILT[0].1(&cases[0].1, &mask));
    assert!(found[0][3].is_nan() && found[0][4].is_finite());
}

/// Any mask: of a band, of whole columns, of another for each of the batch; and the entries where it does not hold.
#[test]
fn any_mask_says_what_is_read() {
    let sizes @ [batch, rows, columns, _] = [2, 256, 320, 16];
    let operands = operands(sizes, DType::F32);
    let (row, column) = (Formula::iota(rows).reshape([rows, 1]), Formula::iota(columns));
    let shifted = |formula: &Formula, by: i64| {
        let by = Formula::from_vec(vec![by], []);
        Formula::node(Op::Binary(Binary::Add), [formula.clone(), by], formula.shape().clone(), DType::I64)
    };
    let truths = |seed: u64, shape: &[usize]| {
        let numbers = Noise::seed(seed).numbers(shape.iter().product());
        Formula::from_vec(numbers.iter().map(|&number| number > 3.0).collect::<Vec<_>>(), shape)
    };
    let late: Vec<bool> = (0..batch * columns).map(|at| at % columns >= 128 + 64 * (at / columns)).collect();
    let masks = [
        ("band", row.le(shifted(&column, 40)).logical_and(&column.le(shifted(&row, 20)))),
        ("columns", column.le(shifted(&Formula::iota(1), 99))),
        ("rows", row.le(shifted(&Formula::iota(1), 70))),
        ("of each of the batch", Formula::from_vec(late, [batch, 1, columns])),
        ("here and there", truths(9, &[rows, columns])),
    ];
    for (name, mask) in &masks {
        for seen in [true, false] {
            let scores = scores(&operands);
            let zero = 0.0.beside(DType::F32);
            let kept = if seen { mask.select(&scores, &zero) } else { mask.select(&zero, &scores) };
            let wanted = [matmul(&kept.square(), &operands[2])];
            let (found, _) = computed(&wanted);
            assert_near(&found, &expected(&wanted), DType::F32, &format!("{name}, {seen}"));
        }
    }
}

#[test]
fn what_would_be_one_threads_work_stays_apart() {
    let [x, first, second] = [[512, 128], [128, 256], [256, 128]].map(|shape| noisy(5, &shape, DType::F32) * 0.1);
    let wanted = [matmul(&matmul(&x, &first).tanh(), &second)];
    let (found, joined) = computed(&wanted);
    assert_eq!(joined, 0, "all rows are one block");
    assert_near(&found, &expected(&wanted), DType::F32, "two layers");
}
