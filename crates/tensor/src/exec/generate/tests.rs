//! Machine code against the interpreter: the same bits entry by entry; sums and extremes against plain numbers.

use super::{Code, Item};
use crate::exec::dispatch::Level;
use crate::op::Unary;
use crate::{DType, Tensor, eval};

/// The levels that code is generated for on this processor.
fn levels() -> impl Iterator<Item = Level> {
    Level::available().iter().copied().filter(|level| level.isa().is_some())
}

/// The numbers of a tensor, computed now.
fn numbers(tensor: &Tensor) -> Vec<f64> {
    eval([tensor]);
    tensor.cast(DType::F64).to_vec::<f64>()
}

/// Fails unless code and interpreter compute the same bits at every level. NaN is NaN, whatever its bits.
#[track_caller]
fn same_bits(what: &str, build: impl Fn() -> Tensor) {
    for level in levels() {
        let generated = level.force(|| numbers(&build()));
        let interpreted = level.force(|| Level::interpreted(|| numbers(&build())));
        for (at, (a, b)) in generated.iter().zip(&interpreted).enumerate() {
            let same = a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
            assert!(same, "{what} at {}: entry {at} is {a} by code and {b} by the interpreter", level.name());
        }
    }
}

/// Numbers of all sizes and signs, and the special ones; as many as asked for.
fn samples(count: usize, dtype: DType) -> Tensor {
    let special = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        1e-42,
        -1e-310,
        88.7,
        -103.9,
        709.9,
        -745.2,
        3e38,
        0.5,
        -0.625,
    ];
    let number = |at: usize| match at % 7 {
        3 => special[at / 7 % special.len()],
        _ => {
            let unit = (at as f64 * 0.618_033_988_749_894_9).fract() - 0.5;
            unit * 10f64.powi((at % 11) as i32 - 6)
        }
    };
    evaluated(Tensor::from_vec((0..count).map(number).collect::<Vec<f64>>(), [count]).cast(dtype))
}

fn evaluated(tensor: Tensor) -> Tensor {
    eval([&tensor]);
    tensor.detach()
}

const LENGTHS: [usize; 14] = [1, 2, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 129, 2500];

#[test]
fn every_function_gives_the_interpreter_s_bits() {
    for dtype in [DType::F32, DType::F64] {
        for length in LENGTHS {
            let x = samples(length, dtype);
            for &unary in Unary::ALL {
                let apply = || match unary {
                    Unary::Negate => -&x,
                    Unary::Reciprocal => x.reciprocal(),
                    Unary::SquareRoot => x.sqrt(),
                    Unary::Exp => x.exp(),
                    Unary::ExpM1 => x.exp_m1(),
                    Unary::Ln => x.ln(),
                    Unary::Ln1p => x.ln_1p(),
                    Unary::Sin => x.sin(),
                    Unary::Cos => x.cos(),
                    Unary::Tanh => x.tanh(),
                    Unary::Sigmoid => x.sigmoid(),
                    Unary::Softplus => x.softplus(),
                    Unary::Erf => x.erf(),
                    Unary::LnGamma => x.lgamma(),
                    Unary::Sign => x.sign(),
                    Unary::Floor => x.floor(),
                    Unary::Abs => x.abs(),
                    Unary::Polygamma(order) => x.polygamma(order),
                };
                // Before and after other arithmetic, so that the function is in the midst of a segment.
                same_bits(&format!("{unary:?} of {length} {dtype:?}"), || apply() * 0.75 - &x);
            }
        }
    }
}

#[test]
fn arithmetic_and_choices_give_the_interpreter_s_bits() {
    for dtype in [DType::F32, DType::F64] {
        for length in LENGTHS {
            let (x, y) = (samples(length, dtype), evaluated(samples(length + 5, dtype).slice(0, 5..length + 5)));
            let name = |what: &str| format!("{what} of {length} {dtype:?}");
            same_bits(&name("sum of products"), || (&x * &y + &x) * (&y - 2.0) - &x / &y);
            same_bits(&name("extremes"), || x.maximum(&y) - x.minimum(&y));
            same_bits(&name("less"), || x.lt(&y).select(&x, &y) + 1.0);
            same_bits(&name("less or equal"), || x.le(&y).select(&y, 0.0) - x.le(0.5).select(1.0, &x));
            same_bits(&name("choices of what was computed"), || {
                let (a, b) = (x.abs(), &x * &y);
                a.lt(&x).select(&b, 3.0) + a.le(&x).select(&b, 0.5) - a.eq(&x).select(&b, 2.0)
                    + x.lt(&a).select(0.0, &b)
            });
            same_bits(&name("equal"), || x.eq(x.floor()).select(-1.0, &y));
            same_bits(&name("truth values"), || {
                let (a, b) = (x.lt(&y), y.gt(0.0));
                a.cast(dtype) + (a.logical_and(&b)).select(2.0, 3.0) * b.cast(dtype)
            });
            same_bits(&name("logistic functions"), || (-&x).sigmoid() * x.softplus() + x.sigmoid() * (-&x).softplus());
        }
    }
}

/// More values at a time than there are registers, and more operands than pointers.
#[test]
fn bodies_that_need_more_registers_than_there_are() {
    for dtype in [DType::F32, DType::F64] {
        for length in [5, 100, 3000] {
            let inputs: Vec<Tensor> =
                (0..24).map(|at| evaluated(samples(length + at, dtype).slice(0, at..length + at))).collect();
            let numbers: Vec<Tensor> = (0..6).map(|at| evaluated(inputs[at].slice(0, 0..1))).collect();
            let build = || {
                let product = |at: usize| &inputs[at % 24] * &inputs[(at * 7 + 3) % 24] + &numbers[at % 6];
                let values: Vec<Tensor> = (0..36).map(|at| product(at) - &inputs[(at * 5 + 1) % 24]).collect();
                // All of them are needed to the end, in both orders; and more constants than registers.
                let choose = |sum: Tensor, x: &Tensor, at: usize| x.abs().lt(x).select(&sum, (at % 9) as f64 + 0.5) - x;
                let forth = (0..36).fold(inputs[0].clone(), |sum, at| choose(sum, &values[at], at));
                (0..36).rev().fold(forth, |sum, at| choose(sum, &values[at], at))
            };
            levels().for_each(|level| assert!(segments(&[&build()], level) > 0));
            same_bits(&format!("24 operands, {length} {dtype:?}"), build);
        }
    }
}

/// `[rows, columns]` of quarters, so that sums are exact whatever their order.
fn quarters(rows: usize, columns: usize, dtype: DType) -> (Tensor, Vec<f64>) {
    let values: Vec<f64> = (0..rows * columns).map(|at| ((at * 37 + at / 11) % 41) as f64 * 0.25 - 5.0).collect();
    (evaluated(Tensor::from_vec(values.clone(), [rows, columns]).cast(dtype)), values)
}

#[test]
fn sums_and_extremes_are_exact() {
    let columns = (1..70).chain([100, 128, 257, 1000, 2048, 2049, 5000]);
    for (number, columns) in columns.enumerate() {
        let dtype = [DType::F32, DType::F64][number % 2];
        let rows = [1, 3, 37][number % 3];
        let (x, values) = quarters(rows, columns, dtype);
        let lines: Vec<&[f64]> = values.chunks(columns).collect();
        let each = |f: fn(&[f64]) -> f64| lines.iter().map(|line| f(line)).collect::<Vec<f64>>();
        let across: Vec<f64> = (0..columns).map(|at| lines.iter().map(|line| line[at]).sum()).collect();
        for level in levels() {
            level.force(|| {
                let name = format!("[{rows}, {columns}] {dtype:?} at {}", level.name());
                let check = |what: &str, found: Tensor, expected: Vec<f64>| {
                    assert_eq!(numbers(&found), expected, "{what} of {name}");
                };
                let y = &x * 2.0;
                check("row sum", y.sum_axis(-1), each(|line| line.iter().map(|x| 2.0 * x).sum()));
                check("row product", (&x * &y).sum_axis(-1), each(|line| line.iter().map(|x| 2.0 * x * x).sum()));
                check("row maximum", y.max_axis(-1), each(|line| line.iter().fold(f64::MIN, |m, x| m.max(2.0 * x))));
                check("row minimum", y.min_axis(-1), each(|line| line.iter().fold(f64::MAX, |m, x| m.min(2.0 * x))));
                check("sum", y.sum(), vec![values.iter().map(|x| 2.0 * x).sum()]);
                check("maximum", y.max(), vec![values.iter().fold(f64::MIN, |m, x| m.max(2.0 * x))]);
                check("across", y.sum_axis(0), across.iter().map(|x| 2.0 * x).collect());
                // One number for each row, used again by its entries; and one for each column.
                let shifted = &x - x.max_axis(-1).unsqueeze(-1) + x.sum_axis(0) * 0.0;
                let expected = lines.iter().flat_map(|line| {
                    let most = line.iter().fold(f64::MIN, |m, &x| m.max(x));
                    line.iter().map(move |x| x - most)
                });
                check("shifted", shifted, expected.collect());
            });
        }
    }
}

#[test]
fn nan_wins_wherever_it_is() {
    for columns in [1, 5, 16, 40, 65, 100, 3000] {
        for at in [0, columns / 2, columns - 1] {
            let mut values = vec![1.0f32; 2 * columns];
            values[at] = f32::NAN;
            let x = Tensor::from_vec(values, [2, columns]);
            for level in levels() {
                level.force(|| {
                    let extremes = [(&x * 3.0).max_axis(-1), (&x * 3.0).min_axis(-1)];
                    for found in extremes.iter().map(numbers) {
                        assert!(found[0].is_nan() && found[1] == 3.0, "{columns} columns, NaN at {at}: {found:?}");
                    }
                    assert!((&x * 3.0).max().item().is_nan());
                });
            }
        }
    }
}

/// Rows of operands that repeat over other axes are read where they lie.
#[test]
fn pairs_of_rows() {
    for columns in [5, 16, 20, 37, 128] {
        let (x, values) = quarters(7, columns, DType::F32);
        let y = &x * 0.5;
        eval([&y]);
        let expected: Vec<f64> = (0..49)
            .map(|pair| {
                let (i, j) = (pair / 7, pair % 7);
                (0..columns).map(|k| (values[i * columns + k] - 0.5 * values[j * columns + k]).powi(2)).sum()
            })
            .collect();
        for level in levels() {
            level.force(|| {
                let difference = x.unsqueeze(1) - y.unsqueeze(0);
                assert_eq!(numbers(&difference.square().sum_axis(-1)), expected, "{columns} columns, {}", level.name());
            });
        }
    }
}

/// What lies beside the rows of a result is not touched: rows are written into a larger buffer's slices by the pool's neighbours only.
#[test]
fn results_past_the_caches_and_ahead_of_time() {
    let count = (34 << 20) / 4 + 3;
    let x = evaluated(Tensor::from_vec((0..count).map(|at| (at % 1000) as f32).collect::<Vec<f32>>(), [count]));
    for level in levels() {
        level.force(|| {
            let y = (&x * 2.0 + 1.0) * &x;
            eval([&y]);
            let found = y.to_vec::<f32>();
            let wrong = found.iter().enumerate().find(|&(at, &y)| {
                let x = (at % 1000) as f32;
                y != (x * 2.0 + 1.0) * x
            });
            assert_eq!(wrong, None, "{}", level.name());
        });
    }
}

/// How many segments of code a pass that computes these tensors has. Nothing may be interpreted.
fn segments(tensors: &[&Tensor], level: Level) -> usize {
    let plan = crate::plan::Plan::compile(crate::plan::canonicalise(tensors).program);
    let mut segments = 0;
    for step in &plan.steps {
        let crate::plan::Work::Pass(pass) = &step.work else { continue };
        if pass.rows * pass.columns == 1 {
            continue;
        }
        let code = Code::of(pass, level.isa().expect("a level with code")).expect("a pass with code");
        for number in 0..pass.phases.len() {
            let phase = code.phase(number);
            for item in phase.full.iter().chain(&phase.rows) {
                assert!(matches!(item, Item::Run(_)), "an instruction is interpreted: {:?}", pass.phases[number]);
                segments += 1;
            }
        }
    }
    segments
}

/// The comparisons above would prove nothing if everything were interpreted.
#[test]
fn code_is_generated_for_what_losses_are_made_of() {
    for level in levels() {
        let x = samples(1000, DType::F32).reshape([10, 100]);
        let loss = x.log_softmax(-1).square().sum() + (&x * 0.5).softplus().sum();
        let slope = loss.grad(&x);
        assert!(segments(&[&loss, &slope], level) >= 4, "{}", level.name());
    }
}
