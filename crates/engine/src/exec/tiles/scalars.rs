//! Passes over a single entry: a few operations on numbers, for which a walk in tiles would cost more than they do.

use std::sync::Arc;

use smallvec::{SmallVec, smallvec};

use super::each::EachEntry;
use super::kernels::Lane;
use super::load::load;
use super::places::Operands;
use super::{Values, present};
use crate::buffer::Buffer;
use crate::dtype::DType;
use crate::exec::dispatch::Level;
use crate::op::Real;
use crate::plan::{Operation, Pass, Place, Region, Source};
use crate::storage::Storage;

/// Runs a pass of [few scalars](Pass::is_few_scalars). The kernels are those of tiles, and so are the values.
pub(super) fn run<T: Lane>(pass: &Pass, values: &mut Values) {
    let each = EachEntry { level: Level::current(), entries: 1, columns: 1 };
    let zero = <T as Real>::ZERO;
    let mut registers: SmallVec<[T; 64]> = smallvec![zero; pass.scratch];
    let mut results: SmallVec<[T; 4]> = smallvec![zero; pass.outputs.len()];
    let lists = pass.phases.iter().map(|phase| &phase.full);
    for instruction in std::iter::once(&pass.prologue).chain(lists).flatten() {
        let read = |place: Place| match place.region {
            Region::Scratch => registers[place.offset],
            Region::Carried => registers[pass.carried + place.offset],
            Region::Memory(number) => match pass.memory[number as usize].source {
                Source::Input(value, offset) => present(values, value).typed::<T>()[offset as usize..][place.offset],
                Source::Output(number) => results[number as usize],
            },
        };
        let mut inputs = [zero; 4];
        for (input, &place) in inputs.iter_mut().zip(&instruction.inputs) {
            *input = read(place);
        }
        let mut computed = [zero; 4];
        match instruction.operation {
            Operation::Store(number) => {
                results[number as usize] = inputs[0];
                continue;
            }
            Operation::Load(number) => {
                let source = &pass.loads[number as usize];
                load(each.level, source, present(values, source.value), 0, &mut computed[..1]);
            }
            _ => {
                let outputs = computed.each_mut().map(std::slice::from_mut);
                each.compute(instruction, Operands { inputs: inputs.each_ref().map(std::slice::from_ref), outputs });
            }
        }
        for (&place, computed) in instruction.outputs.iter().zip(computed) {
            match place.region {
                Region::Scratch => registers[place.offset] = computed,
                Region::Carried => registers[pass.carried + place.offset] = computed,
                Region::Memory(number) => match pass.memory[number as usize].source {
                    Source::Output(number) => results[number as usize] = computed,
                    Source::Input(..) => unreachable!("an input is written"),
                },
            }
        }
    }
    for (output, result) in pass.outputs.iter().zip(results) {
        let storage = match output.dtype {
            DType::Bool => Storage::Bool(Buffer::filled(1, result != zero)),
            DType::F32 | DType::F64 => T::storage(Buffer::filled(1, result)),
            DType::I64 => unreachable!("passes compute no integers"),
        };
        values[output.value as usize] = Some(Arc::new(storage));
    }
}

#[cfg(test)]
mod tests {
    use crate::dtype::DType;
    use crate::exec::Target;
    use crate::formula::{Formula, Noise, evaluate, recorded};
    use crate::op::{Binary, Op, Unary};
    use crate::plan::{Machine, Plan, Work};

    /// Whether all that is computed is one pass of few scalars.
    fn is_few_scalars(wanted: &[Formula]) -> bool {
        let plan = Plan::of(&recorded(wanted).program, Machine { has_code: None, reads_truths: false });
        plan.steps.iter().all(|step| matches!(&step.work, Work::Pass(pass) if pass.is_few_scalars()))
    }

    /// Bits, all NaN alike.
    fn bits(formula: &Formula) -> Vec<u64> {
        let bits = |value: f64| if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() };
        formula.cast(DType::F64).to_vec::<f64>().into_iter().map(bits).collect()
    }

    /// Compares what is computed of single entries with what is computed of all.
    fn as_of_many(what: &str, count: usize, of: impl Fn(std::ops::Range<usize>) -> Vec<Formula>) {
        for target in Target::available() {
            target.force(|| {
                let all = of(0..count);
                evaluate(&all);
                let all: Vec<Vec<u64>> = all.iter().map(bits).collect();
                for at in 0..count {
                    let own = of(at..at + 1);
                    assert!(is_few_scalars(&own), "{what}");
                    evaluate(&own);
                    for (own, all) in own.iter().zip(&all) {
                        assert_eq!(bits(own), [all[at]], "{what}, entry {at} on {target:?}");
                    }
                }
            });
        }
    }

    fn operands(dtype: DType) -> [Formula; 3] {
        let mut noise = Noise::seed(3);
        [(); 3].map(|()| {
            let mut numbers = noise.numbers(13);
            numbers[..5].copy_from_slice(&[0.0, -0.0, f64::NAN, f64::INFINITY, 1e30]);
            match dtype {
                DType::F32 => Formula::from_vec(numbers.into_iter().map(|x| x as f32).collect::<Vec<_>>(), [13]),
                _ => Formula::from_vec(numbers, [13]),
            }
        })
    }

    #[test]
    fn each_operation_is_that_of_many_entries() {
        for dtype in [DType::F32, DType::F64] {
            let operands = operands(dtype);
            let at = |which: usize, range: std::ops::Range<usize>| operands[which].slice(0, range);
            for unary in Unary::ALL {
                as_of_many(&format!("{unary:?}"), 13, |range| vec![at(0, range).unary(*unary)]);
            }
            for binary in Binary::ALL {
                let of = |a: &Formula, b: &Formula| {
                    let dtype = if binary.is_comparison() { DType::Bool } else { a.dtype() };
                    Formula::node(Op::Binary(*binary), [a.clone(), b.clone()], a.shape().clone(), dtype)
                };
                as_of_many(&format!("{binary:?}"), 13, |range| {
                    let (a, b) = (at(0, range.clone()), at(1, range));
                    // The result, and as an operand of others: truth values are stored and read.
                    let result = of(&a, &b);
                    vec![result.cast(dtype) * &b, result]
                });
            }
        }
    }

    #[test]
    fn several_operations_and_results() {
        for dtype in [DType::F32, DType::F64] {
            let operands = operands(dtype);
            as_of_many("several", 13, |range| {
                let [a, b, c] = [0, 1, 2].map(|which| operands[which].slice(0, range.clone()));
                let sum = &a * &b + &c;
                vec![a.lt(&b).select(&sum, &c), &sum - &a * 2.0, sum.exp()]
            });
            as_of_many("the functions of a logit", 13, |range| {
                let a = operands[0].slice(0, range);
                vec![a.unary(Unary::Softplus), a.unary(Unary::Sigmoid), (-&a).unary(Unary::Softplus)]
            });
        }
    }

    #[test]
    fn other_types_are_converted() {
        let whole = Formula::from_vec((0..7).map(|number: i64| number * number - 9).collect::<Vec<_>>(), [7]);
        let truths = Formula::from_vec([true, false, true, true, false, false, true].to_vec(), [7]);
        let numbers = Formula::from_vec(Noise::seed(4).numbers(7), [7]);
        as_of_many("conversions", 7, |range| {
            let [whole, truths, numbers] = [&whole, &truths, &numbers].map(|all| all.slice(0, range.clone()));
            vec![whole.cast(DType::F64) * &numbers, truths.cast(DType::F64) - &numbers]
        });
        as_of_many("a choice", 7, |range| vec![truths.slice(0, range.clone()).select(2.0, &numbers.slice(0, range))]);
    }
}
