//! Programs compiled for a target: a plan, and the machine code of its passes.

use std::panic::Location;
use std::sync::Arc;

use crate::exec::{self, Target};
use crate::jit::{self, Code};
use crate::plan::{Machine, Plan, PlanSummary, Work};
use crate::program::Program;
use crate::storage::Storage;

/// A program compiled for a target: its plan, with machine code where there is some.
pub struct CompiledPlan {
    pub(crate) program: Program,
    /// What it is made for: it runs on no other.
    pub(crate) target: Target,
    /// The hash that the cache finds it by.
    pub(crate) hash: u64,
    pub(crate) plan: Plan,
    /// The code of each pass, in the order of the plan's steps.
    pub(crate) code: Vec<Option<Code>>,
    /// The bytes of the pages that the code is in.
    pages: usize,
}

impl CompiledPlan {
    /// Compiles a program for a target.
    pub(crate) fn of(program: Program, target: Target) -> CompiledPlan {
        let plan = Plan::of(&program, machine(target));
        let passes = plan.steps.iter().filter_map(|step| match &step.work {
            Work::Pass(pass) => Some(&**pass),
            Work::Kernel(_) | Work::Product(_) | Work::Pairs(_) => None,
        });
        let (code, pages) = target.isa().map_or((Vec::new(), 0), |isa| jit::generate(passes, isa));
        CompiledPlan { program, target, hash: 0, plan, code, pages }
    }

    /// The bytes that it takes: program, plan, and the pages of its machine code.
    pub(crate) fn bytes(&self) -> usize {
        let code = self.code.iter().map(|code| size_of_val(code) + code.as_ref().map_or(0, Code::bytes));
        size_of::<CompiledPlan>() + self.program.bytes() + self.plan.bytes() + code.sum::<usize>() + self.pages
    }
}

/// Runs a compiled plan on the data of its slots; returns the wanted values. `locations` are the lines that made each instruction of the
/// program, for messages.
#[inline]
pub fn run(
    compiled: &CompiledPlan,
    slots: Vec<Arc<Storage>>,
    locations: &[&'static Location<'static>],
) -> Vec<Arc<Storage>> {
    exec::run(&compiled.plan, &compiled.code, slots, locations)
}

/// What a program does on the present target, without compiling code for it.
pub fn summary(program: &Program) -> PlanSummary {
    Plan::of(program, machine(Target::current())).summary()
}

/// What plans must know of a target.
pub(crate) fn machine(target: Target) -> Machine {
    let isa = target.isa();
    Machine { has_code: isa.map(|_| jit::is_generated as fn(_) -> _), reads_truths: isa.is_some_and(jit::reads_truths) }
}
