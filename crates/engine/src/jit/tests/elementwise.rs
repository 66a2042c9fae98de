//! Every operation and function, to the bit.

use super::super::is_generated;
use super::{FLOATS, Generated, leaf, noise, noisy, same_bits};
use crate::dtype::DType;
use crate::formula::Formula;
use crate::op::{Binary, Op, Unary};
use crate::plan::Operation;

/// Both zeros, infinities, NaN, denormal and huge numbers, whole ones and halves, and where functions change their formula.
fn specials(dtype: DType) -> Vec<f64> {
    let (least, normal, most) = match dtype {
        DType::F32 => (f64::from(f32::from_bits(1)), f64::from(f32::MIN_POSITIVE), f64::from(f32::MAX)),
        _ => (f64::from_bits(1), f64::MIN_POSITIVE, f64::MAX),
    };
    let positive = [
        0.0,
        least,
        5.0 * least,
        normal - least,
        normal,
        1e-30,
        1e-8,
        0.25,
        0.5,
        0.625,
        1.0,
        1.5,
        2.0,
        9.0,
        16.5,
        17.5,
        87.0,
        88.8,
        103.0,
        104.5,
        700.0,
        745.5,
        1e4,
        8388609.0,
        1e30,
        most,
        f64::INFINITY,
    ];
    positive.iter().flat_map(|&x| [x, -x]).chain([f64::NAN, -f64::NAN]).collect()
}

/// Special numbers, then dense ones at every scale.
fn samples(dtype: DType, count: usize) -> Vec<f64> {
    let scales = [1.0, 1e-3, 25.0, 1e-9, 200.0, 0.25, 1.0];
    let dense = noise(1, count).into_iter().enumerate().map(|(at, x)| x * scales[at % scales.len()]);
    let all = specials(dtype).into_iter().chain(dense);
    all.take(count).collect()
}

fn unary(kind: Unary, x: &Formula) -> Formula {
    Formula::node(Op::Unary(kind), [x.clone()], x.shape().clone(), x.dtype())
}

fn binary(kind: Binary, a: &Formula, b: &Formula) -> Formula {
    let shape = if a.elements() < b.elements() { b.shape() } else { a.shape() };
    let (a, b) = (a.expand(shape.clone()), b.expand(shape.clone()));
    let dtype = if kind.is_comparison() { DType::Bool } else { a.dtype() };
    let result = Formula::node(Op::Binary(kind), [a.clone(), b], shape.clone(), dtype);
    // Truth values are stored by the interpreter.
    if kind.is_comparison() { result.cast(a.dtype()) } else { result }
}

fn functions() -> impl Iterator<Item = Unary> {
    Unary::ALL.iter().copied().filter(|&kind| is_generated(Operation::Unary(kind)))
}

fn operations() -> impl Iterator<Item = Binary> {
    Binary::ALL.iter().copied().filter(|&kind| is_generated(Operation::Binary(kind)))
}

#[test]
fn every_function() {
    assert!(functions().count() >= 14);
    for dtype in FLOATS {
        let samples = samples(dtype, 20_000);
        for kind in functions() {
            same_bits(&format!("{kind:?} {dtype}"), Generated::Whole, || {
                vec![unary(kind, &leaf(&samples, &[samples.len()], dtype))]
            });
        }
    }
}

/// All functions together: one loop over vectors, then the rest.
#[test]
fn every_length() {
    for dtype in FLOATS {
        let tile = 32_768 / dtype.size();
        let around = [1, 2, 3].into_iter().flat_map(|tiles| (tile * tiles - 2)..=(tile * tiles + 2));
        for length in (1..=70).chain([100, 127, 128, 129, 255, 256, 257]).chain(around) {
            // From the end: short ones, too, get special numbers.
            let samples: Vec<f64> = samples(dtype, length).into_iter().rev().collect();
            // A few numbers are computed without code.
            let generated = if length == 1 { Generated::Nothing } else { Generated::Whole };
            same_bits(&format!("{length} {dtype}"), generated, || {
                let x = leaf(&samples, &[length], dtype);
                let of_functions =
                    [Unary::Exp, Unary::Tanh, Unary::Sign, Unary::SquareRoot].map(|kind| unary(kind, &x));
                let z = &of_functions[0] * &x - &of_functions[1];
                of_functions.into_iter().chain([z]).collect()
            });
        }
    }
}

/// Each special number with each.
fn pairs(dtype: DType) -> (Vec<f64>, Vec<f64>) {
    let specials = specials(dtype);
    let all = specials.iter().flat_map(|&a| specials.iter().map(move |&b| (a, b)));
    all.chain(noise(2, 999).into_iter().zip(noise(3, 999))).unzip()
}

#[test]
fn every_operation() {
    assert!(operations().count() >= 9);
    for dtype in FLOATS {
        let (a, b) = pairs(dtype);
        for kind in operations() {
            let what = format!("{kind:?} {dtype}");
            same_bits(&what, Generated::Whole, || {
                let (a, b) = (leaf(&a, &[a.len()], dtype), leaf(&b, &[b.len()], dtype));
                vec![binary(kind, &a, &b)]
            });
            // With one number for all, on either side.
            for number in [0.0, -0.0, 1.5, f64::NAN, f64::INFINITY] {
                same_bits(&format!("{what} with {number}"), Generated::Whole, || {
                    let (a, number) = (leaf(&a, &[a.len()], dtype), leaf(&[number], &[1], dtype));
                    vec![binary(kind, &a, &number), binary(kind, &number, &a)]
                });
            }
            // With one for each row, and one for each column.
            for columns in [5, 7, 8, 16, 33, 70, 1000] {
                let rows = a.len() / columns;
                same_bits(&format!("{what}, rows of {columns}"), Generated::Whole, || {
                    let a = leaf(&a[..rows * columns], &[rows, columns], dtype);
                    let (row, column) =
                        (leaf(&b[..rows], &[rows, 1], dtype), leaf(&b[..columns], &[1, columns], dtype));
                    vec![
                        binary(kind, &a, &row),
                        binary(kind, &row, &a),
                        binary(kind, &a, &column),
                        binary(kind, &column, &a),
                        // An extreme of each row makes the rows of the loop those of the operands.
                        binary(kind, &a, &row).abs().max_axis(-1),
                    ]
                });
            }
        }
    }
}

/// Two operations in one instruction.
#[test]
fn every_pair_of_operations() {
    for dtype in FLOATS {
        let (a, b) = pairs(dtype);
        let c: Vec<f64> = samples(dtype, a.len()).into_iter().rev().collect();
        for first in operations() {
            for second in operations() {
                same_bits(&format!("{first:?} {second:?} {dtype}"), Generated::Whole, || {
                    let [a, b, c] = [&a, &b, &c].map(|values| leaf(values, &[values.len()], dtype));
                    let one = leaf(&[1.25], &[1], dtype);
                    let inner = binary(first, &a, &b);
                    vec![binary(second, &inner, &c), binary(second, &c, &inner), binary(second, &inner, &one)]
                });
            }
        }
    }
}

#[test]
fn choices() {
    for dtype in FLOATS {
        let (a, b) = pairs(dtype);
        let c: Vec<f64> = samples(dtype, a.len()).into_iter().rev().collect();
        same_bits(&format!("{dtype}"), Generated::Whole, || {
            let [a, b, c] = [&a, &b, &c].map(|values| leaf(values, &[values.len()], dtype));
            let [zero, number] = [0.0, 2.5].map(|number| leaf(&[number], &[1], dtype));
            vec![
                a.lt(&b).select(&c, &a),
                a.lt(&b).select(&a, &c),
                a.le(&b).select(&c, &zero),
                a.le(&b).select(&zero, &c),
                a.eq(&b).select(&number, &c),
                a.ne(&b).select(&c, &number),
                a.gt(&b).select(&number, &zero),
                a.lt(&b).logical_and(&b.lt(&c)).select(&a, &c),
                a.lt(&b).logical_or(&c.le(&number)).select(&c * &a, &(&b - &c)),
                a.lt(&zero).logical_not().select(&a, &b),
                a.is_nan().select(&b, &a),
                a.clamp(&zero, &number),
                a.relu() + b.leaky_relu(0.1),
            ]
        });
    }
}

/// Functions of a logit that share an exponential, in all combinations.
#[test]
fn logistic() {
    for dtype in FLOATS {
        let samples = samples(dtype, 3000);
        for wanted in 1..16 {
            same_bits(&format!("{wanted:b} {dtype}"), Generated::Whole, || {
                let x = leaf(&samples, &[samples.len()], dtype);
                let minus = x.negate();
                let all = [x.softplus(), minus.softplus(), x.sigmoid(), minus.sigmoid()];
                all.into_iter().enumerate().filter(|(at, _)| wanted >> at & 1 == 1).map(|(_, kind)| kind).collect()
            });
        }
    }
}

/// Products with a sum, each rounded, in all arrangements of what is used again.
#[test]
fn compositions() {
    for dtype in FLOATS {
        for columns in [37, 64, 130, 9000] {
            same_bits(&format!("{columns} {dtype}"), Generated::Whole, || {
                let [a, b] = [11, 12].map(|seed| noisy(seed, &[3, columns], dtype));
                let row = noisy(13, &[3, 1], dtype);
                let column = noisy(14, &[1, columns], dtype);
                let gelu = a.gelu();
                let logs = (a.square() + 0.1).ln() * &b;
                vec![
                    &a * &b + &a,
                    &a - &b * &row,
                    &gelu * &column - (&a - &b).tanh(),
                    &logs / (b.abs() + 1.0),
                    (&logs - &row).exp().ln_1p(),
                    (&a / 8.0).erf() - (&b * 0.01).exp_m1(),
                    (&a + &column).floor().sign() - b.abs().sqrt().reciprocal(),
                ]
            });
        }
    }
}
