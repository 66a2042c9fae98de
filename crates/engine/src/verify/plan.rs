//! What a well-formed plan satisfies: steps read what is there, and what is wanted is there when it ends.

use crate::plan::steps::{Plan, Work};
use crate::program::Instruction;
use crate::verify::pass::verify_pass;

/// Looks at a plan of a program whose values have these shapes and types.
///
/// # Errors
/// Says which step is not well formed, and why.
pub(crate) fn verify_plan(plan: &Plan, values: &[Instruction]) -> Result<(), String> {
    let mut present = vec![false; plan.values];
    let given = plan.slots.iter().flatten().chain(plan.constants.iter().map(|(value, _)| value));
    given.for_each(|&value| present[value as usize] = true);
    for (number, step) in plan.steps.iter().enumerate() {
        let fault = |reason: String| Err(format!("step {number}: {reason}"));
        let mut absent = None;
        step.work.read(&mut |value| absent = absent.or((!present[value as usize]).then_some(value)));
        if let Some(value) = absent {
            return fault(format!("%{value} is read, and not there"));
        }
        let mut twice = None;
        step.work.written(&mut |value| {
            twice = twice.or(present[value as usize].then_some(value));
            present[value as usize] = true;
        });
        if let Some(value) = twice {
            return fault(format!("%{value} is computed a second time"));
        }
        if let Work::Pass(pass) = &step.work
            && let Err(malformed) = verify_pass(pass, values)
        {
            return fault(malformed.to_string());
        }
        for &value in &step.released {
            if !std::mem::replace(&mut present[value as usize], false) {
                return fault(format!("%{value} is let go, and not there"));
            }
        }
    }
    match plan.outputs.iter().find(|&&output| !present[output as usize]) {
        Some(output) => Err(format!("%{output} is wanted, and not there")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::planned;

    /// Two steps: the exponentials, and a product of matrices.
    fn fault(spoil: impl FnOnce(&mut Plan)) -> String {
        let (mut plan, values) = planned(
            "%0 = data : f32[2, 2]
            %1 = exp %0 : f32[2, 2]
            %2 = matmul %1 %0 : f32[2, 2]
            -> %2",
        );
        assert_eq!(verify_plan(&plan, &values), Ok(()));
        assert_eq!(plan.steps.len(), 2);
        spoil(&mut plan);
        verify_plan(&plan, &values).expect_err("it was spoilt")
    }

    #[test]
    fn what_is_malformed_is_found() {
        assert_eq!(fault(|plan| plan.steps.swap(0, 1)), "step 0: %1 is read, and not there");
        assert_eq!(fault(|plan| plan.steps[0].released.push(0)), "step 1: %0 is read, and not there");
        assert_eq!(fault(|plan| plan.steps[0].released.push(2)), "step 0: %2 is let go, and not there");
        assert_eq!(fault(|plan| plan.steps[1].released.push(2)), "%2 is wanted, and not there");
        assert_eq!(fault(|plan| drop(plan.steps.pop())), "%2 is wanted, and not there");
        assert_eq!(fault(|plan| plan.slots[0] = None), "step 0: %0 is read, and not there");
        assert_eq!(fault(|plan| plan.slots.push(Some(2))), "step 1: %2 is computed a second time");
        let spoil = |plan: &mut Plan| {
            let Work::Pass(pass) = &mut plan.steps[0].work else { panic!("a pass") };
            pass.outputs[0].length = 3;
        };
        assert_eq!(fault(spoil), "step 0: %1, 3 × f32, is written as 4 × f32");
    }
}
