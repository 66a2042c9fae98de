//! What a well-formed program satisfies, and a well-formed plan: looked at in debug builds and in tests, before a program is compiled and
//! when its plan is made.

mod pass;
mod plan;

use std::fmt;

use crate::dtype::DType;
use crate::op::{Binary, Op, Reduction};
use crate::program::{Instruction, Program};
use crate::shape::{AxisList, Shape};
pub(crate) use plan::verify_plan;

/// An instruction that is not well formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The number of its value; `None` where the values wanted are at fault.
    pub value: Option<usize>,
    /// What it should be.
    pub reason: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Some(value) => write!(f, "%{value}: {}", self.reason),
            None => write!(f, "->: {}", self.reason),
        }
    }
}

/// Looks whether each instruction has operands before it, as many as its operation takes, whose shapes and element types give its own.
///
/// ```
/// use minimand_engine::{Program, verify};
/// let program: Program = "%0 = data : f32[2, 3]\n%1 = exp %0 : f32[2, 3]\n%2 = sum %1 over axes [1] : f32[2, 1]\n-> %2".parse()?;
/// assert_eq!(verify(&program), Ok(()));
/// let program: Program = "%0 = data : f32[2, 3]\n%1 = exp %0 : f32[3, 2]\n-> %1".parse()?;
/// assert_eq!(verify(&program).unwrap_err().to_string(), "%1: exp of f32[2, 3] is f32[2, 3], not f32[3, 2]");
/// # Ok::<(), minimand_engine::ProgramError>(())
/// ```
///
/// # Errors
/// Names the first instruction that is not well formed.
pub fn verify(program: &Program) -> Result<(), Malformed> {
    let count = program.instructions.len();
    for (value, instruction) in program.instructions.iter().enumerate() {
        let fault = |reason| Malformed { value: Some(value), reason };
        if let Some(input) = instruction.inputs.iter().find(|&&input| input as usize >= value) {
            return Err(fault(format!("%{input} does not come before it")));
        }
        let inputs: Vec<&Instruction> =
            instruction.inputs.iter().map(|&input| &program.instructions[input as usize]).collect();
        let name = instruction.op.name();
        if let Some(arity) = arity(&instruction.op)
            && inputs.len() != arity
        {
            return Err(fault(format!("{name} takes {arity} operands, not {}", inputs.len())));
        }
        let operands = || {
            let texts: Vec<String> = inputs.iter().map(|input| format!("{}{}", input.dtype, input.shape)).collect();
            texts.join(" and ")
        };
        let found = (instruction.dtype, &instruction.shape);
        match result(instruction, &inputs) {
            None => return Err(fault(format!("{name} is not defined of {}", operands()))),
            Some((dtype, shape)) if (dtype, &shape) != found => {
                return Err(fault(format!("{name} of {} is {dtype}{shape}, not {}{}", operands(), found.0, found.1)));
            }
            Some(_) => {}
        }
    }
    match program.outputs.iter().find(|&&output| output as usize >= count) {
        Some(output) => Err(Malformed { value: None, reason: format!("there is no %{output}") }),
        None => Ok(()),
    }
}

/// How many operands an operation takes; `None` where it may be any number.
fn arity(op: &Op) -> Option<usize> {
    match op {
        Op::Data | Op::Constant(_) | Op::Iota => Some(0),
        Op::Unary(_)
        | Op::Cast
        | Op::Detach
        | Op::Reduce(..)
        | Op::CumulativeSum { .. }
        | Op::ArgMax { .. }
        | Op::ArgSort { .. }
        | Op::Reshape
        | Op::Permute(_)
        | Op::Expand
        | Op::Slice { .. }
        | Op::Pad { .. }
        | Op::Flip(_)
        | Op::Windows { .. }
        | Op::OverlapAdd { .. } => Some(1),
        Op::Binary(_) | Op::Gather { .. } | Op::ScatterAdd { .. } | Op::MatrixMultiply => Some(2),
        Op::Select => Some(3),
        Op::Concatenate(_) | Op::Accumulate => None,
    }
}

/// The element type and the shape that an instruction's operands give it; its own, as far as these leave them free. `None` where the operation
/// is not defined of such operands.
fn result(instruction: &Instruction, inputs: &[&Instruction]) -> Option<(DType, Shape)> {
    let own = || (instruction.dtype, instruction.shape.clone());
    let shape = |which: usize| &inputs[which].shape;
    let dtype = |which: usize| inputs[which].dtype;
    let has = |axis: usize| axis < shape(0).rank();
    let is_permutation = |order: &AxisList| {
        let mut sorted = order.clone();
        sorted.sort_unstable();
        sorted.iter().copied().eq(0..shape(0).rank())
    };
    match &instruction.op {
        Op::Data => Some(own()),
        Op::Constant(_) => Some((instruction.dtype, Shape::scalar())),
        Op::Iota => (instruction.shape.rank() == 1).then(|| (DType::I64, instruction.shape.clone())),
        Op::Unary(unary) => {
            let fits = dtype(0).is_float() || dtype(0) == DType::I64 && unary.keeps_integers();
            fits.then(|| (dtype(0), shape(0).clone()))
        }
        Op::Binary(binary) => {
            let (common, joined) = (dtype(0) == dtype(1), shape(0).broadcast(shape(1))?);
            let fits = dtype(0).is_float() || !matches!(binary, Binary::Divide | Binary::Power);
            (common && fits).then(|| (if binary.is_comparison() { DType::Bool } else { dtype(0) }, joined))
        }
        Op::Select => {
            let joined = shape(0).broadcast(shape(1))?.broadcast(shape(2))?;
            (dtype(0) == DType::Bool && dtype(1) == dtype(2)).then(|| (dtype(1), joined))
        }
        Op::Cast => Some((instruction.dtype, shape(0).clone())),
        Op::Detach => Some((dtype(0), shape(0).clone())),
        Op::Reduce(reduction, axes) => {
            let fits = axes.iter().all(|&axis| has(axis)) && (dtype(0) != DType::Bool || *reduction != Reduction::Sum);
            fits.then(|| (dtype(0), shape(0).keeping(axes)))
        }
        Op::CumulativeSum { axis, .. } => has(*axis).then(|| (dtype(0), shape(0).clone())),
        Op::ArgMax { axis } => has(*axis).then(|| (DType::I64, shape(0).with(*axis, 1))),
        Op::ArgSort { axis, .. } => has(*axis).then(|| (DType::I64, shape(0).clone())),
        Op::Reshape => {
            (instruction.shape.elements() == shape(0).elements()).then(|| (dtype(0), instruction.shape.clone()))
        }
        Op::Permute(order) => {
            is_permutation(order).then(|| (dtype(0), order.iter().map(|&axis| shape(0)[axis]).collect()))
        }
        Op::Expand => {
            let expands = shape(0).broadcast(&instruction.shape).as_ref() == Some(&instruction.shape);
            expands.then(|| (dtype(0), instruction.shape.clone()))
        }
        Op::Slice { starts, steps } => {
            let (from, to) = (shape(0), &instruction.shape);
            let fits = [starts.len(), steps.len(), to.rank()] == [from.rank(); 3]
                && (0..to.rank()).all(|axis| {
                    let last =
                        to[axis].checked_sub(1).map(|last| last.checked_mul(steps[axis])?.checked_add(starts[axis]));
                    last.is_none_or(|last| last.is_some_and(|last| last < from[axis]))
                });
            fits.then(|| (dtype(0), to.clone()))
        }
        Op::Pad { before, between } => {
            let (from, to) = (shape(0), &instruction.shape);
            let fits = [before.len(), between.len(), to.rank()] == [from.rank(); 3]
                && (0..to.rank()).all(|axis| {
                    let last = from[axis].checked_sub(1).map(|last| last * (between[axis] + 1) + before[axis]);
                    last.is_none_or(|last| last < to[axis])
                });
            fits.then(|| (dtype(0), to.clone()))
        }
        Op::Flip(axes) => axes.iter().all(|&axis| has(axis)).then(|| (dtype(0), shape(0).clone())),
        Op::Concatenate(axis) => {
            let first = inputs.first()?;
            let length: usize = inputs.iter().map(|input| input.shape.get(*axis)).sum::<Option<usize>>()?;
            let fits = inputs.iter().all(|input| {
                input.dtype == first.dtype
                    && input.shape.rank() == first.shape.rank()
                    && input.shape.with(*axis, 0) == first.shape.with(*axis, 0)
            });
            fits.then(|| (first.dtype, first.shape.with(*axis, length)))
        }
        Op::Accumulate => {
            let fits =
                inputs.len() > 1 && inputs.iter().all(|input| (input.dtype, &input.shape) == (dtype(0), shape(0)));
            fits.then(|| (dtype(0), shape(0).clone()))
        }
        Op::Windows { axis, step, dilation } => {
            let (count, size) = (*instruction.shape.get(*axis)?, *instruction.shape.last()?);
            let end = (count.max(1) - 1) * step + size.saturating_sub(1) * dilation;
            let fits =
                has(*axis) && instruction.shape.rank() == shape(0).rank() + 1 && (count == 0 || end < shape(0)[*axis]);
            fits.then(|| (dtype(0), shape(0).with(*axis, count).insert(shape(0).rank(), size)))
        }
        Op::OverlapAdd { axis, step, dilation } => {
            let last = shape(0).rank().checked_sub(1)?;
            let length = *instruction.shape.get(*axis)?;
            let (count, size) = (*shape(0).get(*axis)?, shape(0)[last]);
            let end = count.saturating_sub(1) * step + size.saturating_sub(1) * dilation;
            let fits = *axis < last && (count == 0 || size == 0 || end < length);
            fits.then(|| (dtype(0), shape(0).without(&[last]).with(*axis, length)))
        }
        Op::Gather { axis } => {
            let along = shape(1).get(*axis).copied()?;
            let beside = shape(0).with(*axis, 1).broadcast(&shape(1).with(*axis, 1))?;
            let fits = dtype(1) == DType::I64 && has(*axis) && shape(0).rank() == shape(1).rank();
            fits.then(|| (dtype(0), beside.with(*axis, along)))
        }
        Op::ScatterAdd { axis } => {
            let beside = shape(0).with(*axis, 1).broadcast(&shape(1).with(*axis, 1))?;
            let fits = dtype(1) == DType::I64 && has(*axis) && shape(0).rank() == shape(1).rank();
            fits.then(|| (dtype(0), beside.with(*axis, instruction.shape.get(*axis).copied().unwrap_or(0))))
        }
        Op::MatrixMultiply => {
            let (left, right) = (shape(0), shape(1));
            if left.rank() < 2 || right.rank() < 2 || left[left.rank() - 1] != right[right.rank() - 2] {
                return None;
            }
            let batch = |shape: &Shape| shape.with(shape.rank() - 2, 1).with(shape.rank() - 1, 1);
            let joined = batch(left).broadcast(&batch(right))?;
            let (rows, columns) = (left[left.rank() - 2], right[right.rank() - 1]);
            let fits = dtype(0) == dtype(1) && dtype(0).is_float();
            fits.then(|| (dtype(0), joined.with(joined.rank() - 2, rows).with(joined.rank() - 1, columns)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        let program: Program = text.parse().unwrap_or_else(|error| panic!("{error}"));
        verify(&program).expect_err(text).to_string()
    }

    #[test]
    fn what_is_malformed_is_found() {
        assert_eq!(fault("%0 = exp %0 : f32[2]\n-> %0"), "%0: %0 does not come before it");
        assert_eq!(fault("%0 = data : f32[2]\n-> %1"), "->: there is no %1");
        assert_eq!(fault("%0 = data : f32[2]\n%1 = add %0 : f32[2]\n-> %1"), "%1: add takes 2 operands, not 1");
        let two = "%0 = data : f32[2]\n%1 = data : f32[3]\n";
        assert_eq!(
            fault(&format!("{two}%2 = add %0 %1 : f32[2]\n-> %2")),
            "%2: add is not defined of f32[2] and f32[3]"
        );
        let of = |line: &str| fault(&format!("%0 = data : f32[2, 3]\n%1 = {line}\n-> %1"));
        assert_eq!(of("lt %0 %0 : f32[2, 3]"), "%1: lt of f32[2, 3] and f32[2, 3] is bool[2, 3], not f32[2, 3]");
        assert_eq!(of("sum %0 over axes [0] : f32[3]"), "%1: sum of f32[2, 3] is f32[1, 3], not f32[3]");
        assert_eq!(of("sum %0 over axes [2] : f32[2, 3]"), "%1: sum is not defined of f32[2, 3]");
        assert_eq!(of("permute %0 [0, 0] : f32[2, 2]"), "%1: permute is not defined of f32[2, 3]");
        assert_eq!(of("reshape %0 : f32[5]"), "%1: reshape is not defined of f32[2, 3]");
        assert_eq!(of("expand %0 : f32[2, 4]"), "%1: expand is not defined of f32[2, 3]");
        assert_eq!(of("slice %0 from [0, 2] by [1, 1] : f32[2, 2]"), "%1: slice is not defined of f32[2, 3]");
        assert_eq!(of("pad %0 before [0, 1] between [0, 0] : f32[2, 3]"), "%1: pad is not defined of f32[2, 3]");
        assert_eq!(
            of("windows %0 axis 1, step 1, dilation 1 : f32[2, 3, 2]"),
            "%1: windows is not defined of f32[2, 3]"
        );
        assert_eq!(of("gather %0 %0 along axis 0 : f32[2, 3]"), "%1: gather is not defined of f32[2, 3] and f32[2, 3]");
        assert_eq!(of("accumulate %0 : f32[2, 3]"), "%1: accumulate is not defined of f32[2, 3]");
        assert_eq!(of("matmul %0 %0 : f32[2, 3]"), "%1: matmul is not defined of f32[2, 3] and f32[2, 3]");
        assert_eq!(
            of("concatenate %0 %0 along axis 1 : f32[2, 3]"),
            "%1: concatenate of f32[2, 3] and f32[2, 3] is f32[2, 6], not f32[2, 3]"
        );
        assert_eq!(fault("%0 = data : i64[2]\n%1 = exp %0 : i64[2]\n-> %1"), "%1: exp is not defined of i64[2]");
        assert_eq!(
            fault("%0 = data : bool[2]\n%1 = sum %0 over axes [0] : bool[1]\n-> %1"),
            "%1: sum is not defined of bool[2]"
        );
    }
}
