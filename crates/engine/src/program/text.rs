//! Programs as text, one line for each value, and back.

use std::fmt;
use std::str::FromStr;

use smallvec::SmallVec;
use thiserror::Error;

use super::{Inputs, Instruction, Program};
use crate::dtype::DType;
use crate::op::{Binary, Op, Reduction, Scalar, Unary};
use crate::shape::{AxisList, Shape};

impl Op {
    /// What an operation does beyond its name: axes, ranges, the number of a constant. Empty where the name says it all.
    pub fn details(&self) -> String {
        let list = |axes: &[usize]| format!("{axes:?}");
        match self {
            Op::Constant(Scalar::Float(value)) => format!("{value:?}"),
            Op::Constant(Scalar::Integer(value)) => format!("{value}"),
            Op::Unary(Unary::Polygamma(order)) if *order > 0 => format!("order {order}"),
            Op::Reduce(_, axes) => format!("over axes {}", list(axes)),
            Op::CumulativeSum { axis, reverse } => {
                format!("along axis {axis}{}", if *reverse { " from the end" } else { "" })
            }
            Op::ArgMax { axis } | Op::Gather { axis } | Op::ScatterAdd { axis } | Op::Concatenate(axis) => {
                format!("along axis {axis}")
            }
            Op::ArgSort { axis, descending } => {
                format!("along axis {axis}{}", if *descending { ", descending" } else { "" })
            }
            Op::Permute(order) => list(order),
            Op::Slice { starts, steps } => format!("from {} by {}", list(starts), list(steps)),
            Op::Pad { before, between } => format!("before {} between {}", list(before), list(between)),
            Op::Flip(axes) => format!("axes {}", list(axes)),
            Op::Windows { axis, step, dilation } | Op::OverlapAdd { axis, step, dilation } => {
                format!("axis {axis}, step {step}, dilation {dilation}")
            }
            Op::Data
            | Op::Iota
            | Op::Unary(_)
            | Op::Binary(_)
            | Op::Select
            | Op::Cast
            | Op::Detach
            | Op::Reshape
            | Op::Expand
            | Op::Accumulate
            | Op::MatrixMultiply => String::new(),
        }
    }
}

impl fmt::Display for Program {
    /// One line for each value, `%2 = subtract %0 %1 : f32[3, 4]`, and one for the values wanted, `-> %2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, Instruction { op, inputs, shape, dtype }) in self.instructions.iter().enumerate() {
            write!(f, "%{number} = {}", op.name())?;
            inputs.iter().try_for_each(|input| write!(f, " %{input}"))?;
            let details = op.details();
            if !details.is_empty() {
                write!(f, " {details}")?;
            }
            writeln!(f, " : {dtype}{shape}")?;
        }
        f.write_str("->")?;
        self.outputs.iter().try_for_each(|output| write!(f, " %{output}"))
    }
}

/// A text that is no program.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("line {line} of the program: {reason}: {text}")]
pub struct ProgramError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: &'static str,
    /// The line itself.
    pub text: String,
}

impl FromStr for Program {
    type Err = ProgramError;

    /// The program of a text as it is printed. Empty lines do not count; what follows a `#` is a comment.
    fn from_str(text: &str) -> Result<Program, ProgramError> {
        let mut program = Program::default();
        let mut ended = false;
        for (at, line) in text.lines().enumerate() {
            let code = line.split('#').next().unwrap_or_default().trim();
            if code.is_empty() {
                continue;
            }
            let error = |reason| ProgramError { line: at + 1, reason, text: line.trim().to_owned() };
            if ended {
                return Err(error("nothing follows the values wanted"));
            }
            match code.strip_prefix("->") {
                Some(outputs) => {
                    program.outputs = outputs
                        .split_whitespace()
                        .map(value)
                        .collect::<Option<_>>()
                        .ok_or(error("a value is %number"))?;
                    ended = true;
                }
                None => {
                    let parsed = instruction(code, program.instructions.len()).map_err(error)?;
                    program.instructions.push(parsed);
                }
            }
        }
        match ended {
            true => Ok(program),
            false => {
                Err(ProgramError { line: text.lines().count(), reason: "no values are wanted", text: String::new() })
            }
        }
    }
}

/// `%number`.
fn value(word: &str) -> Option<u32> {
    word.strip_prefix('%')?.parse().ok()
}

/// A list of numbers, `[1, 2]`, at the beginning of a text, and what follows it.
fn list(text: &str) -> Option<(AxisList, &str)> {
    let (inside, rest) = text.trim().strip_prefix('[')?.split_once(']')?;
    let numbers = inside.split(',').map(str::trim).filter(|number| !number.is_empty());
    Some((numbers.map(|number| number.parse().ok()).collect::<Option<_>>()?, rest.trim()))
}

fn only_list(text: &str) -> Option<AxisList> {
    list(text).filter(|(_, rest)| rest.is_empty()).map(|(list, _)| list)
}

fn instruction(code: &str, number: usize) -> Result<Instruction, &'static str> {
    let (target, right) = code.split_once(" = ").ok_or("a line is %number = operation : type")?;
    if value(target.trim()) != u32::try_from(number).ok() {
        return Err("values are numbered in their order");
    }
    let (operation, kind) = right.rsplit_once(" : ").ok_or("the type of the value is missing")?;
    let (dtype, shape) = kind.find('[').map(|at| kind.split_at(at)).ok_or("a type is one such as f32[2, 3]")?;
    let dtype = *DType::ALL.iter().find(|other| other.to_string() == dtype.trim()).ok_or("no such element type")?;
    let shape: Shape = only_list(shape).ok_or("a shape is a list of sizes")?.into_iter().collect();
    let (name, mut rest) = operation.trim().split_once(' ').unwrap_or((operation.trim(), ""));
    let mut inputs: Inputs = SmallVec::new();
    while let Some(stripped) = rest.trim_start().strip_prefix('%') {
        let (digits, after) = stripped.split_at(stripped.find(' ').unwrap_or(stripped.len()));
        inputs.push(digits.parse().map_err(|_| "a value is %number")?);
        rest = after;
    }
    let op = op(name, rest.trim()).ok_or("no such operation, or not with these details")?;
    Ok(Instruction { op, inputs, shape, dtype })
}

fn op(name: &str, details: &str) -> Option<Op> {
    let axis = |text: &str| text.strip_prefix("along axis ")?.parse::<usize>().ok();
    let windows = |text: &str| -> Option<(usize, usize, usize)> {
        let mut parts = text.split(", ");
        let mut number = |label: &str| parts.next()?.strip_prefix(label)?.trim().parse().ok();
        let found = (number("axis")?, number("step")?, number("dilation")?);
        parts.next().is_none().then_some(found)
    };
    let plain = |op: Op| details.is_empty().then_some(op);
    match name {
        "data" => plain(Op::Data),
        "iota" => plain(Op::Iota),
        "select" => plain(Op::Select),
        "cast" => plain(Op::Cast),
        "detach" => plain(Op::Detach),
        "reshape" => plain(Op::Reshape),
        "expand" => plain(Op::Expand),
        "accumulate" => plain(Op::Accumulate),
        "matmul" => plain(Op::MatrixMultiply),
        "constant" => match details.parse::<i64>() {
            Ok(integer) => Some(Op::Constant(Scalar::Integer(integer))),
            Err(_) => Some(Op::Constant(Scalar::Float(details.parse().ok()?))),
        },
        "polygamma" => Some(Op::Unary(Unary::Polygamma(details.strip_prefix("order ")?.parse().ok()?))),
        "cumulative_sum" => match details.strip_suffix(" from the end") {
            Some(details) => Some(Op::CumulativeSum { axis: axis(details)?, reverse: true }),
            None => Some(Op::CumulativeSum { axis: axis(details)?, reverse: false }),
        },
        "argmax" => Some(Op::ArgMax { axis: axis(details)? }),
        "argsort" => match details.strip_suffix(", descending") {
            Some(details) => Some(Op::ArgSort { axis: axis(details)?, descending: true }),
            None => Some(Op::ArgSort { axis: axis(details)?, descending: false }),
        },
        "permute" => Some(Op::Permute(only_list(details)?)),
        "slice" => {
            let (starts, rest) = list(details.strip_prefix("from ")?)?;
            Some(Op::Slice { starts, steps: only_list(rest.strip_prefix("by ")?)? })
        }
        "pad" => {
            let (before, rest) = list(details.strip_prefix("before ")?)?;
            Some(Op::Pad { before, between: only_list(rest.strip_prefix("between ")?)? })
        }
        "flip" => Some(Op::Flip(only_list(details.strip_prefix("axes ")?)?)),
        "concatenate" => Some(Op::Concatenate(axis(details)?)),
        "windows" => windows(details).map(|(axis, step, dilation)| Op::Windows { axis, step, dilation }),
        "overlap_add" => windows(details).map(|(axis, step, dilation)| Op::OverlapAdd { axis, step, dilation }),
        "gather" => Some(Op::Gather { axis: axis(details)? }),
        "scatter_add" => Some(Op::ScatterAdd { axis: axis(details)? }),
        name => {
            if let Some(&reduction) = Reduction::ALL.iter().find(|reduction| reduction.name() == name) {
                return Some(Op::Reduce(reduction, only_list(details.strip_prefix("over axes ")?)?));
            }
            if let Some(&unary) = Unary::ALL.iter().find(|unary| unary.name() == name) {
                return plain(Op::Unary(unary));
            }
            plain(Op::Binary(*Binary::ALL.iter().find(|binary| binary.name() == name)?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every operation, printed and read again.
    #[test]
    fn every_operation_is_read_as_it_was_printed() {
        let axes = |axes: &[usize]| AxisList::from_slice(axes);
        let mut ops = vec![
            Op::Data,
            Op::Iota,
            Op::Select,
            Op::Cast,
            Op::Detach,
            Op::Reshape,
            Op::Expand,
            Op::MatrixMultiply,
            Op::CumulativeSum { axis: 2, reverse: false },
            Op::CumulativeSum { axis: 0, reverse: true },
            Op::ArgMax { axis: 1 },
            Op::ArgSort { axis: 1, descending: false },
            Op::ArgSort { axis: 0, descending: true },
            Op::Permute(axes(&[1, 0, 2])),
            Op::Permute(axes(&[])),
            Op::Slice { starts: axes(&[0, 3]), steps: axes(&[1, 2]) },
            Op::Pad { before: axes(&[1]), between: axes(&[0]) },
            Op::Flip(axes(&[0, 1])),
            Op::Concatenate(3),
            Op::Accumulate,
            Op::Windows { axis: 1, step: 2, dilation: 3 },
            Op::OverlapAdd { axis: 0, step: 1, dilation: 1 },
            Op::Gather { axis: 4 },
            Op::ScatterAdd { axis: 0 },
            Op::Unary(Unary::Polygamma(7)),
        ];
        let numbers = [0.0, -0.0, 1.0, -2.5, 1e-300, 1e300, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
        ops.extend(numbers.map(|number| Op::Constant(Scalar::Float(number))));
        ops.extend([0, -1, i64::MIN, i64::MAX].map(|number| Op::Constant(Scalar::Integer(number))));
        ops.extend(Unary::ALL.iter().map(|&unary| Op::Unary(unary)));
        ops.extend(Binary::ALL.iter().map(|&binary| Op::Binary(binary)));
        ops.extend(Reduction::ALL.iter().map(|&reduction| Op::Reduce(reduction, axes(&[0, 2]))));
        let instruction = |(number, op): (usize, Op)| Instruction {
            op,
            inputs: (0..number.min(3) as u32).collect(),
            shape: [Shape::scalar(), Shape::from([3]), Shape::from([2, 0, 4])][number % 3].clone(),
            dtype: DType::ALL[number % 4],
        };
        let instructions = ops.into_iter().enumerate().map(instruction).collect();
        let program = Program { instructions, outputs: vec![3, 0] };
        assert_eq!(program.to_string().parse(), Ok(program));
    }

    #[test]
    fn a_text_that_is_no_program_is_refused() {
        let refused = |text: &str, line: usize, reason: &str| {
            let error = text.parse::<Program>().expect_err(text);
            assert_eq!((error.line, error.reason), (line, reason), "{error}");
        };
        refused("", 0, "no values are wanted");
        refused("%0 = data : f32[2]", 1, "no values are wanted");
        refused("\n%1 = data : f32[2]\n-> %0", 2, "values are numbered in their order");
        refused("%0 = data : f16[2]\n-> %0", 1, "no such element type");
        refused("%0 = data : f32(2)\n-> %0", 1, "a type is one such as f32[2, 3]");
        refused("%0 = data : f32[x]\n-> %0", 1, "a shape is a list of sizes");
        refused("%0 = data\n-> %0", 1, "the type of the value is missing");
        refused("%0 : f32[2]\n-> %0", 1, "a line is %number = operation : type");
        refused("%0 = tangle : f32[2]\n-> %0", 1, "no such operation, or not with these details");
        refused("%0 = data over axes [0] : f32[2]\n-> %0", 1, "no such operation, or not with these details");
        refused("%0 = exp %x : f32[2]\n-> %0", 1, "a value is %number");
        refused("%0 = data : f32[2]\n-> 0", 2, "a value is %number");
        refused("%0 = data : f32[2]\n-> %0\n%1 = exp %0 : f32[2]", 3, "nothing follows the values wanted");
    }
}
