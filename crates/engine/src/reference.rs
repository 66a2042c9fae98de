//! The reference evaluator: every instruction by itself, entry by entry, by the definition. It is the specification that the executor is
//! tested against; it is slow.
//!
//! Real numbers are computed in double precision and rounded to the element type of the instruction; integers and truth values are whole numbers.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::dtype::DType;
use crate::op::{Op, Reduction, Scalar};
use crate::program::{Instruction, Program};
use crate::shape::Shape;
use crate::storage::Storage;

/// The values of an instruction: real for floating point, whole for integers and truth values.
enum Entries {
    Real(Vec<f64>),
    Whole(Vec<i64>),
}

impl Entries {
    fn of(storage: &Storage) -> Entries {
        match storage {
            Storage::Bool(values) => Entries::Whole(values.iter().map(|&value| i64::from(value)).collect()),
            Storage::I64(values) => Entries::Whole(values.to_vec()),
            Storage::F32(values) => Entries::Real(values.iter().map(|&value| f64::from(value)).collect()),
            Storage::F64(values) => Entries::Real(values.to_vec()),
        }
    }

    fn storage(&self, dtype: DType) -> Storage {
        match dtype {
            DType::Bool => Storage::Bool(self.whole().iter().map(|&value| value != 0).collect::<Vec<bool>>().into()),
            DType::I64 => Storage::I64(self.whole().to_vec().into()),
            DType::F32 => Storage::F32(self.real().iter().map(|&value| value as f32).collect::<Vec<f32>>().into()),
            DType::F64 => Storage::F64(self.real().to_vec().into()),
        }
    }

    fn real(&self) -> &[f64] {
        match self {
            Entries::Real(values) => values,
            Entries::Whole(_) => unreachable!("the instruction is floating point"),
        }
    }

    fn whole(&self) -> &[i64] {
        match self {
            Entries::Whole(values) => values,
            Entries::Real(_) => unreachable!("the instruction is not floating point"),
        }
    }

    /// The entries at `positions`; where there is no position, 0.
    fn pick(&self, positions: impl Iterator<Item = Option<usize>>) -> Entries {
        match self {
            Entries::Real(values) => Entries::Real(positions.map(|at| at.map_or(0.0, |at| values[at])).collect()),
            Entries::Whole(values) => Entries::Whole(positions.map(|at| at.map_or(0, |at| values[at])).collect()),
        }
    }
}

/// Runs a program on the data of its slots, instruction by instruction; returns the wanted values.
///
/// # Panics
/// When an index is out of range.
pub fn run(program: &Program, slots: &[Arc<Storage>]) -> Vec<Arc<Storage>> {
    let mut slots = slots.iter();
    let mut values: Vec<Entries> = Vec::with_capacity(program.instructions.len());
    for instruction in &program.instructions {
        let inputs: Vec<Input> = instruction
            .inputs
            .iter()
            .map(|&input| Input { values: &values[input as usize], of: &program.instructions[input as usize] })
            .collect();
        let computed = match instruction.op {
            Op::Data => Entries::of(slots.next().expect("each slot has its data")),
            _ => rounded(compute(instruction, &inputs), instruction.dtype),
        };
        values.push(computed);
    }
    let output = |&output: &u32| Arc::new(values[output as usize].storage(program.instructions[output as usize].dtype));
    program.outputs.iter().map(output).collect()
}

/// An operand: its values, and the instruction that has computed them.
struct Input<'a> {
    values: &'a Entries,
    of: &'a Instruction,
}

fn rounded(values: Entries, dtype: DType) -> Entries {
    match values {
        Entries::Real(values) if dtype == DType::F32 => {
            Entries::Real(values.into_iter().map(|value| f64::from(value as f32)).collect())
        }
        values => values,
    }
}

/// All indices of a shape, in row-major order.
pub(crate) fn indices(shape: &Shape) -> impl Iterator<Item = Vec<usize>> + '_ {
    (0..shape.elements()).map(|mut position| {
        let mut index = vec![0; shape.rank()];
        for axis in (0..shape.rank()).rev() {
            index[axis] = position % shape[axis];
            position /= shape[axis];
        }
        index
    })
}

/// The position of an index in row-major order; axes of size 1 repeat, and missing leading axes are ignored.
pub(crate) fn position(shape: &Shape, index: &[usize]) -> usize {
    let added = index.len() - shape.rank();
    (0..shape.rank())
        .fold(0, |position, axis| position * shape[axis] + if shape[axis] == 1 { 0 } else { index[axis + added] })
}

fn compute(instruction: &Instruction, inputs: &[Input]) -> Entries {
    let shape = &instruction.shape;
    let shape_of = |which: usize| &inputs[which].of.shape;
    let dtype_of = |which: usize| inputs[which].of.dtype;
    let inputs: Vec<&Entries> = inputs.iter().map(|input| input.values).collect();
    // The entry of an input that an index of the result sees.
    let real = |which: usize, index: &[usize]| inputs[which].real()[position(shape_of(which), index)];
    let whole = |which: usize, index: &[usize]| inputs[which].whole()[position(shape_of(which), index)];
    let with = |index: &[usize], axis: usize, entry: usize| {
        let mut index = index.to_vec();
        index[axis] = entry;
        index
    };
    match &instruction.op {
        Op::Data => unreachable!("data are given"),
        Op::Constant(scalar) => match (instruction.dtype.is_float(), scalar) {
            (true, scalar) => Entries::Real(vec![scalar.to_f64()]),
            (false, Scalar::Integer(value)) => Entries::Whole(vec![*value]),
            (false, Scalar::Float(value)) => Entries::Whole(vec![*value as i64]),
        },
        Op::Iota => Entries::Whole((0..shape[0] as i64).collect()),
        Op::Unary(unary) => match inputs[0] {
            Entries::Real(values) => Entries::Real(values.iter().map(|&x| unary.apply(x)).collect()),
            Entries::Whole(values) => {
                let function = unary.of_integers().expect("an operation of integers");
                Entries::Whole(values.iter().map(|&x| function(x)).collect())
            }
        },
        Op::Binary(binary) => match (inputs[0], binary.comparison()) {
            (Entries::Real(_), None) => {
                Entries::Real(indices(shape).map(|i| binary.apply(real(0, &i), real(1, &i))).collect())
            }
            (Entries::Real(_), Some(comparison)) => {
                Entries::Whole(indices(shape).map(|i| i64::from(comparison.holds(real(0, &i), real(1, &i)))).collect())
            }
            (Entries::Whole(_), _) => {
                Entries::Whole(indices(shape).map(|i| binary.apply_integer(whole(0, &i), whole(1, &i))).collect())
            }
        },
        Op::Select => match inputs[1] {
            Entries::Real(_) => Entries::Real(
                indices(shape).map(|i| if whole(0, &i) != 0 { real(1, &i) } else { real(2, &i) }).collect(),
            ),
            Entries::Whole(_) => Entries::Whole(
                indices(shape).map(|i| if whole(0, &i) != 0 { whole(1, &i) } else { whole(2, &i) }).collect(),
            ),
        },
        Op::Cast => match (inputs[0], instruction.dtype) {
            (Entries::Real(values), DType::Bool) => {
                Entries::Whole(values.iter().map(|&x| i64::from(x != 0.0)).collect())
            }
            (Entries::Whole(values), DType::Bool) => {
                Entries::Whole(values.iter().map(|&x| i64::from(x != 0)).collect())
            }
            (Entries::Real(values), DType::I64) => Entries::Whole(values.iter().map(|&x| x as i64).collect()),
            (Entries::Whole(values), DType::I64) => Entries::Whole(values.clone()),
            (Entries::Real(values), DType::F32 | DType::F64) => Entries::Real(values.clone()),
            // Rounded once: to f64 first would round a large integer twice.
            (Entries::Whole(values), DType::F32) => {
                Entries::Real(values.iter().map(|&x| f64::from(x as f32)).collect())
            }
            (Entries::Whole(values), DType::F64) => Entries::Real(values.iter().map(|&x| x as f64).collect()),
        },
        Op::Detach | Op::Reshape => inputs[0].pick((0..shape.elements()).map(Some)),
        Op::Reduce(reduction, axes) => {
            let mut groups: Vec<Vec<usize>> = vec![Vec::new(); shape.elements()];
            for (at, mut index) in indices(shape_of(0)).enumerate() {
                axes.iter().for_each(|&axis| index[axis] = 0);
                groups[position(shape, &index)].push(at);
            }
            match inputs[0] {
                Entries::Real(values) => {
                    let entries = groups.iter().map(|group| group.iter().map(|&at| values[at]));
                    Entries::Real(entries.map(|entries| reduced(*reduction, entries)).collect())
                }
                Entries::Whole(values) => {
                    let least = if dtype_of(0) == DType::Bool { 0 } else { i64::MIN };
                    let greatest = if dtype_of(0) == DType::Bool { 1 } else { i64::MAX };
                    let entries = groups.iter().map(|group| group.iter().map(|&at| values[at]));
                    Entries::Whole(match reduction {
                        Reduction::Sum => entries.map(|e| e.fold(0, i64::wrapping_add)).collect(),
                        Reduction::Max => entries.map(|e| e.max().unwrap_or(least)).collect(),
                        Reduction::Min => entries.map(|e| e.min().unwrap_or(greatest)).collect(),
                    })
                }
            }
        }
        Op::CumulativeSum { axis, reverse } => {
            let range = |i: &[usize]| if *reverse { i[*axis]..shape[*axis] } else { 0..i[*axis] + 1 };
            match inputs[0] {
                Entries::Real(_) => Entries::Real(
                    indices(shape).map(|i| total(range(&i).map(|k| real(0, &with(&i, *axis, k))))).collect(),
                ),
                Entries::Whole(_) => Entries::Whole(
                    indices(shape)
                        .map(|i| range(&i).map(|k| whole(0, &with(&i, *axis, k))).fold(0, i64::wrapping_add))
                        .collect(),
                ),
            }
        }
        Op::ArgMax { axis } => Entries::Whole(
            indices(shape)
                .map(|i| {
                    let line = line(shape_of(0), &i, *axis);
                    let beats = |a: usize, b: usize| match inputs[0] {
                        Entries::Real(values) => {
                            values[line[a]] > values[line[b]] || (values[line[a]].is_nan() && !values[line[b]].is_nan())
                        }
                        Entries::Whole(values) => values[line[a]] > values[line[b]],
                    };
                    (0..line.len()).fold(0, |best, k| if beats(k, best) { k } else { best }) as i64
                })
                .collect(),
        ),
        Op::ArgSort { axis, descending } => Entries::Whole(
            indices(shape)
                .map(|i| {
                    let line = line(shape_of(0), &i, *axis);
                    let mut order: Vec<usize> = (0..line.len()).collect();
                    let directed = |order: Ordering| if *descending { order.reverse() } else { order };
                    order.sort_by(|&a, &b| match inputs[0] {
                        Entries::Real(values) => {
                            let (a, b) = (values[line[a]], values[line[b]]);
                            a.partial_cmp(&b).map_or_else(|| a.is_nan().cmp(&b.is_nan()), directed)
                        }
                        Entries::Whole(values) => directed(values[line[a]].cmp(&values[line[b]])),
                    });
                    order[i[*axis]] as i64
                })
                .collect(),
        ),
        Op::Permute(order) => inputs[0].pick(indices(shape).map(|i| {
            let mut from = vec![0; i.len()];
            order.iter().enumerate().for_each(|(to, &axis)| from[axis] = i[to]);
            Some(position(shape_of(0), &from))
        })),
        Op::Expand => inputs[0].pick(indices(shape).map(|i| Some(position(shape_of(0), &i)))),
        Op::Slice { starts, steps } => inputs[0].pick(indices(shape).map(|i| {
            let from: Vec<usize> = (0..i.len()).map(|axis| starts[axis] + i[axis] * steps[axis]).collect();
            Some(plain_position(shape_of(0), &from))
        })),
        Op::Pad { before, between } => inputs[0].pick(indices(shape).map(|i| {
            let from = (0..i.len()).map(|axis| {
                let beyond = i[axis].checked_sub(before[axis])?;
                let step = between[axis] + 1;
                (beyond % step == 0 && beyond / step < shape_of(0)[axis]).then_some(beyond / step)
            });
            from.collect::<Option<Vec<usize>>>().map(|from| plain_position(shape_of(0), &from))
        })),
        Op::Flip(axes) => inputs[0].pick(indices(shape).map(|mut i| {
            axes.iter().for_each(|&axis| i[axis] = shape[axis] - 1 - i[axis]);
            Some(position(shape, &i))
        })),
        Op::Concatenate(axis) => {
            let from = |mut i: Vec<usize>| {
                let mut which = 0;
                while i[*axis] >= shape_of(which)[*axis] {
                    i[*axis] -= shape_of(which)[*axis];
                    which += 1;
                }
                (which, plain_position(shape_of(which), &i))
            };
            match inputs[0] {
                Entries::Real(_) => {
                    Entries::Real(indices(shape).map(from).map(|(which, at)| inputs[which].real()[at]).collect())
                }
                Entries::Whole(_) => {
                    Entries::Whole(indices(shape).map(from).map(|(which, at)| inputs[which].whole()[at]).collect())
                }
            }
        }
        Op::Accumulate => {
            let all = 0..inputs.len();
            match inputs[0] {
                Entries::Real(_) => {
                    let sum = |i: Vec<usize>| all.clone().map(|which| real(which, &i)).reduce(|sum, x| sum + x);
                    Entries::Real(indices(shape).map(|i| sum(i).expect("inputs")).collect())
                }
                Entries::Whole(_) => {
                    let sum = |i: Vec<usize>| all.clone().map(|which| whole(which, &i)).fold(0, i64::wrapping_add);
                    Entries::Whole(indices(shape).map(sum).collect())
                }
            }
        }
        Op::Windows { axis, step, dilation } => inputs[0].pick(indices(shape).map(|i| {
            let (last, start) = (i[i.len() - 1], &i[..i.len() - 1]);
            Some(plain_position(shape_of(0), &with(start, *axis, i[*axis] * step + last * dilation)))
        })),
        Op::OverlapAdd { axis, step, dilation } => scattered(inputs[0], shape_of(0), shape, |i| {
            let (last, start) = (i[i.len() - 1], &i[..i.len() - 1]);
            (plain_position(shape_of(0), i), with(start, *axis, i[*axis] * step + last * dilation))
        }),
        Op::Gather { axis } => inputs[0].pick(indices(shape).map(|i| {
            let entry = usize::try_from(whole(1, &i)).expect("indices are not negative");
            assert!(entry < shape_of(0)[*axis], "take_along_axis: index {entry} is out of range");
            Some(position(shape_of(0), &with(&i, *axis, entry)))
        })),
        Op::ScatterAdd { axis } => {
            let over = shape.with(*axis, shape_of(1)[*axis]);
            scattered(inputs[0], &over, shape, |i| {
                let entry = usize::try_from(whole(1, i)).expect("indices are not negative");
                assert!(entry < shape[*axis], "scatter_add: index {entry} is out of range");
                (position(shape_of(0), i), with(i, *axis, entry))
            })
        }
        Op::MatrixMultiply => {
            let rank = shape.rank();
            let inner = shape_of(0)[shape_of(0).rank() - 1];
            Entries::Real(
                indices(shape)
                    .map(|i| {
                        total((0..inner).map(|k| real(0, &with(&i, rank - 1, k)) * real(1, &with(&i, rank - 2, k))))
                    })
                    .collect(),
            )
        }
    }
}

fn reduced(reduction: Reduction, entries: impl Iterator<Item = f64>) -> f64 {
    match reduction {
        Reduction::Sum => total(entries),
        Reduction::Max => entries.fold(f64::NEG_INFINITY, |a, b| if b > a || b.is_nan() { b } else { a }),
        Reduction::Min => entries.fold(f64::INFINITY, |a, b| if b < a || b.is_nan() { b } else { a }),
    }
}

/// The sum of all terms, rounded once: what each addition rounds away is added at the end (Neumaier's summation).
fn total(terms: impl IntoIterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0f64, 0.0);
    for term in terms {
        let next = sum + term;
        lost += if sum.abs() >= term.abs() { (sum - next) + term } else { (term - next) + sum };
        sum = next;
    }
    // What an infinite sum loses is no number.
    if sum.is_finite() { sum + lost } else { sum }
}

/// The position of an index that lies within the shape; no axis repeats.
pub(crate) fn plain_position(shape: &Shape, index: &[usize]) -> usize {
    shape.iter().zip(index).fold(0, |position, (size, entry)| position * size + entry)
}

/// Where the entries of one line along `axis` are.
fn line(shape: &Shape, index: &[usize], axis: usize) -> Vec<usize> {
    let positions = (0..shape[axis]).map(|k| {
        let mut index = index.to_vec();
        index[axis] = k;
        plain_position(shape, &index)
    });
    positions.collect()
}

/// Zeros, to which every index of `over` adds the entry `place` names first, at the index it names second.
fn scattered(
    values: &Entries,
    over: &Shape,
    shape: &Shape,
    place: impl Fn(&[usize]) -> (usize, Vec<usize>),
) -> Entries {
    let moves = indices(over).map(|index| {
        let (from, to) = place(&index);
        (from, plain_position(shape, &to))
    });
    match values {
        Entries::Real(values) => {
            let mut terms = vec![Vec::new(); shape.elements()];
            moves.for_each(|(from, to)| terms[to].push(values[from]));
            Entries::Real(terms.into_iter().map(total).collect())
        }
        Entries::Whole(values) => {
            let mut sums = vec![0i64; shape.elements()];
            moves.for_each(|(from, to)| sums[to] = sums[to].wrapping_add(values[from]));
            Entries::Whole(sums)
        }
    }
}
