//! More values, pointers, numbers and reductions than there are registers.
#![allow(unsafe_code)]

use std::ptr::null_mut;

use approx::relative_eq;

use super::super::assemble::{MOST_DISPLACEMENT, assemble};
use super::super::graph::{Node, Two};
use super::super::streaming::OfSegment;
use super::super::translate::{Body, Effect, Stream};
use super::super::{Bases, Code, Segment, TileRows};
use super::{FLOATS, Generated, both, leaf, noisy, same_bits};
use crate::dtype::DType;
use crate::formula::Formula;
use crate::formula::Noise;
use crate::jit::assembler::{Assembler, Executable, Precision};
use crate::plan::Region;

/// So many values, all of which are needed until the last is known.
fn held(x: &Formula, count: usize) -> Formula {
    let values: Vec<Formula> = (0..count).map(|number| (x * (0.5 + number as f64)).abs().sqrt()).collect();
    let total = values.iter().skip(1).fold(values[0].clone(), |total, value| total * 0.5 + value);
    values.iter().enumerate().fold(total.clone(), |sum, (number, value)| {
        if number % 2 == 0 { sum - value * &total } else { (sum * value).maximum(&total) * 0.1 }
    })
}

#[test]
fn values_that_do_not_fit_into_registers() {
    for dtype in FLOATS {
        for count in [6, 12, 14, 20, 24, 30] {
            for length in [1, 15, 16, 61, 200] {
                same_bits(&format!("{count} values, {length} {dtype}"), Generated::Whole, || {
                    vec![held(&noisy(1, &[length], dtype), count)]
                });
            }
        }
    }
}

/// A recursion written out: far more operands and results in memory than there are pointers, in several runs of code.
#[test]
fn many_operands_in_memory() {
    for dtype in FLOATS {
        for (steps, length) in [(40, 64), (200, 7), (60, 700)] {
            same_bits(&format!("{steps} steps of {length} {dtype}"), Generated::Whole, || {
                let rows = noisy(3, &[steps, length], dtype);
                let share = noisy(4, &[1, length], dtype);
                let mut level = rows.slice(0, 0..1);
                let mut errors = Vec::new();
                for step in 1..steps {
                    let error = &rows.slice(0, step..step + 1) - &level;
                    level = &level + &share * &error;
                    errors.push(error);
                }
                errors.push(level);
                errors
            });
        }
    }
}

/// Many values at a time, each used again at random: registers are taken, given back and spilled in all orders.
#[test]
fn values_used_at_random() {
    for dtype in FLOATS {
        for seed in 0..40 {
            let (held, steps) = (4 + seed as usize, 60 + 4 * seed as usize);
            same_bits(&format!("{held} values, seed {seed} {dtype}"), Generated::Part, || {
                let mut rng = Noise::seed(seed);
                let length = 1 + rng.below(150);
                let half = leaf(&[0.5], &[1], dtype);
                let inputs: Vec<Formula> = (0..3).map(|input| noisy(seed + input, &[length], dtype)).collect();
                let mut values: Vec<Formula> = (0..held).map(|at| &inputs[at % 3] * &half).collect();
                for _ in 0..steps {
                    let mut any = || values[rng.below(held)].clone();
                    let (a, b, c, d) = (any(), any(), any(), any());
                    let value = match rng.below(6) {
                        0 => (&a - &b) * &half,
                        1 => a.maximum(&b),
                        2 => a.lt(&b).select(&c, &d),
                        3 => a.tanh() - &b,
                        4 => (&a + &b).abs().sqrt(),
                        _ => (&a * &half).exp() - &c,
                    };
                    values[rng.below(held)] = value;
                }
                // What is wrong anywhere stays visible.
                let results = values.chunks(4).map(|some| some.iter().skip(1).fold(some[0].clone(), |a, b| a - b));
                results.take(6).collect()
            });
        }
    }
}

/// There is room on the stack for so many: what needs more is interpreted.
#[test]
fn values_that_do_not_fit_onto_the_stack() {
    same_bits("100 values", Generated::Nothing, || {
        let (x, half) = (noisy(1, &[100], DType::F32), leaf(&[0.5], &[1], DType::F32));
        let mut values = vec![x.clone()];
        for at in 0..100 {
            values.push((&values[at] * &half - &x).abs().sqrt());
        }
        // The first is needed last.
        vec![values.iter().rev().skip(1).fold(values[100].clone(), |sum, value| sum * &half - value)]
    });
}

/// Values and reductions contend for registers, and rows have numbers of their own.
#[test]
fn values_beside_sums() {
    for dtype in FLOATS {
        let build = || {
            let (x, row) = (noisy(1, &[4, 75], dtype), noisy(2, &[4, 1], dtype));
            let y = held(&(x - row), 9);
            vec![y.clone(), y.max_axis(-1), y.min_axis(-1)]
        };
        same_bits(&format!("{dtype}"), Generated::Whole, build);
    }
}

#[test]
fn many_pointers() {
    for dtype in FLOATS {
        for pointers in [8, 9, 10, 11, 20, 30] {
            for length in [7, 16, 67] {
                same_bits(&format!("{pointers} pointers, {length} {dtype}"), Generated::Whole, || {
                    let inputs: Vec<Formula> =
                        (0..pointers - 2).map(|number| noisy(number as u64, &[length], dtype)).collect();
                    let sum = inputs.iter().skip(1).fold(inputs[0].clone(), |sum, x| sum * 0.5 - x);
                    vec![sum.clone(), sum * &inputs[pointers - 3]]
                });
            }
        }
        // Rows, too, through pointers on the stack.
        same_bits(&format!("rows {dtype}"), Generated::Whole, || {
            let x = noisy(99, &[3, 5, 37], dtype);
            let rows = (0..14).map(|number| {
                let shape: &[usize] = if number % 2 == 0 { &[3, 1, 37] } else { &[1, 5, 37] };
                noisy(number, shape, dtype)
            });
            let y = rows.fold(x, |x, row| (x - row).abs());
            vec![y.max_axis(-1), y]
        });
    }
}

/// What needs more pointers than there are places for runs in several parts; rows of operands have pointers, too, and pieces have two.
#[test]
fn too_many_pointers() {
    for length in [50, 20_000] {
        same_bits(&format!("40 pointers, {length}"), Generated::Whole, || {
            let inputs: Vec<Formula> = (0..40).map(|number| noisy(number, &[length], DType::F32)).collect();
            vec![inputs.iter().skip(1).fold(inputs[0].clone(), |sum, x| sum * 0.5 - x)]
        });
    }
    same_bits("60 rows", Generated::Whole, || {
        let x = noisy(1, &[5, 40 + 60], DType::F32);
        let rows = (0..60).map(|first| x.slice(1, first..first + 40));
        vec![rows.reduce(|sum, row| sum * 0.5 - row).expect("sixty")]
    });
}

#[test]
fn many_numbers() {
    for dtype in FLOATS {
        for (count, generated) in
            [(5, Generated::Whole), (16, Generated::Whole), (40, Generated::Whole), (60, Generated::Whole)]
        {
            for shape in [&[67][..], &[4, 67]] {
                same_bits(&format!("{count} numbers, {shape:?} {dtype}"), generated, || {
                    let x = noisy(1, shape, dtype);
                    let numbers = (0..count).map(|number| {
                        let of_rows = shape.len() == 2 && number % 3 == 0;
                        if of_rows { noisy(number, &[4, 1], dtype) } else { leaf(&[number as f64 - 7.5], &[1], dtype) }
                    });
                    vec![numbers.fold(x, |x, number| (x * 0.75 - number).abs())]
                });
            }
        }
    }
}

/// A segment has so many reductions at most; the sums of more are interpreted.
#[test]
fn many_reductions() {
    for dtype in FLOATS {
        for count in [2, 3, 4, 8, 9, 12] {
            let build = || {
                let x = noisy(1, &[5, 83], dtype);
                let extremes = |number: usize| {
                    let y = &x - number as f64 * 0.25;
                    if number.is_multiple_of(2) { y.abs().max_axis(-1) } else { (&y * &y).min_axis(-1) }
                };
                (0..count).map(extremes).collect::<Vec<Formula>>()
            };
            for (level, isa) in super::levels() {
                // Each extreme takes three registers, two and a mask where there are masks.
                let fits = count <= 8 && count <= if isa == super::Isa::Avx2 { 2 } else { 5 };
                level.force(|| {
                    let plan = super::plan_of(&build());
                    let (run, _) = super::items(&plan);
                    assert!(run > 0 || !fits, "{count} {dtype} {isa:?}");
                    let (code, interpreted) = (build(), build());
                    crate::formula::evaluate(&code);
                    super::interpret(&plan, &interpreted);
                    for (a, b) in code.iter().zip(&interpreted) {
                        super::equal(&format!("{count} {dtype} {isa:?}"), &a.to_vec::<f64>(), &b.to_vec::<f64>());
                    }
                });
            }
        }
    }
}

/// What one part of a pass leaves in memory or in registers for the next.
#[test]
fn several_segments() {
    for dtype in FLOATS {
        for (rows, columns) in [(5, 37), (3, 4096), (2, 10_000)] {
            let build = || {
                let x = noisy(1, &[rows, columns], dtype);
                // The sine has no code: it divides the pass.
                let y = (&x * 2.0).exp() + 1.0;
                let z = y.sin() * &x - &y;
                vec![z.clone(), z.max_axis(-1), (&x * &y).softmax(-1)]
            };
            both(&format!("{rows} x {columns} {dtype}"), Generated::Part, build, |what, code, interpreted| {
                let results = code.iter().zip(interpreted).enumerate();
                for (number, (a, b)) in results {
                    let (a, b) = (a.to_vec::<f64>(), b.to_vec::<f64>());
                    if number < 2 {
                        super::equal(what, &a, &b);
                    } else {
                        // A softmax holds a sum.
                        let close = |(a, b): (&f64, &f64)| relative_eq!(a, b, epsilon = 0.0, max_relative = 1e-6);
                        assert!(a.iter().zip(&b).all(close), "{what}");
                    }
                }
            });
        }
    }
}

/// A result may take the place of an input that a later result is still made of: its vector is read before.
#[test]
fn results_in_the_place_of_inputs() {
    for (_, isa) in super::levels() {
        let place = |number: usize| (Region::Memory(0), number * 1000);
        let mut body = Body { streams: vec![Stream::Tile(place(0)), Stream::Tile(place(1))], ..Body::default() };
        let [a, b] = [0, 1].map(|stream| body.graph.node(Node::Input(stream)));
        let difference = body.graph.node(Node::Two(Two::Subtract, a, b));
        // The two change places.
        let stores = [(0, b), (1, a), (2, difference)];
        body.effects = stores.map(|(number, id)| Effect::Store { spot: place(number), id }).to_vec();
        let mut assembler = Assembler::new(isa);
        let streaming = OfSegment::default();
        let interface = assemble(&mut assembler, &body, Precision::Double, None, &streaming).expect("there is room");
        let executable = Executable::new(&assembler.finish()).expect("executable memory");
        let code = Code {
            executable: executable.into(),
            isa,
            segments: vec![Segment { entry: 0, interface }],
            phases: Vec::new(),
        };
        for length in [1, 4, 7, 8, 31, 32, 77] {
            let start: Vec<f64> = (0..3000u32).map(|at| f64::from(at * at)).collect();
            let mut memory = start.clone();
            let bases =
                Bases { registers: null_mut(), carried: null_mut(), memory: &[memory.as_mut_ptr()], operands: &[] };
            // SAFETY: the code touches so many of each thousand numbers; the processor has the instruction set.
            unsafe { code.run(0, TileRows { rows: 0..1, columns: length }, bases, |_, _, _| ()) };
            for at in 0..=length {
                let (x, y) = (start[at], start[1000 + at]);
                let expected = if at < length { [y, x, x - y] } else { [x, y, start[2000 + at]] };
                assert_eq!([0, 1000, 2000].map(|from| memory[from + at]), expected, "{isa:?} {length} {at}");
            }
        }
    }
}

/// The registers of whole rows lie as far apart as rows are long: what a displacement does not reach is left to the interpreter.
#[test]
fn registers_out_of_reach() {
    for (_, isa) in super::levels() {
        let most = MOST_DISPLACEMENT / Precision::Single.bytes();
        for (offset, there_is_code) in [(0, true), (most, true), (most + 1, false), (1 << 30, false), (1 << 40, false)]
        {
            let mut body = Body { streams: vec![Stream::Tile((Region::Carried, offset))], ..Body::default() };
            let id = body.graph.node(Node::Input(0));
            body.effects = vec![Effect::Store { spot: (Region::Carried, 0), id }];
            let assembled = |body: &Body| {
                assemble(&mut Assembler::new(isa), body, Precision::Single, None, &OfSegment::default()).is_some()
            };
            assert_eq!(assembled(&body), there_is_code, "read {offset}");
            body.streams = vec![Stream::Tile((Region::Carried, 0))];
            body.effects = vec![Effect::Store { spot: (Region::Carried, offset), id }];
            assert_eq!(assembled(&body), there_is_code, "written {offset}");
        }
        // Rows that no memory holds are still planned: several of their registers are carried from walk to walk.
        for columns in [1 << 28, 1 << 40, 1 << 58] {
            let x = Formula::iota(2 * columns).cast(DType::F32).reshape([2, columns]);
            let (a, b) = (x.softmax(-1), (&x * 3.0).sin());
            let plan = super::plan_of(&[(&a * &b).softmax(-1), &b / b.sum_keepdim(-1) + a]);
            super::items(&plan);
            assert!(super::passes(&plan).any(|pass| pass.scratch >= columns), "nothing is carried");
        }
    }
}
