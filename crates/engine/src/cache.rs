//! Compiled plans, kept for the next step of the same structure on the same target.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use crate::buffer::release_with;
use crate::compile::CompiledPlan;
use crate::exec::Target;
use crate::program::Program;
use crate::recent::Recent;

/// The bytes that the plans in the cache may take together before the least recently used are let go.
const BOUND: usize = 128 << 20;

/// How many evaluations compiled a plan, and how many reused one, since the program started; and what is kept of plans now.
///
/// A training loop should compile in its first step (and once more for a smaller last batch) and reuse from then on. Plans are kept until
/// they take 128 MiB together; then those go that were not used for longest. [`release_unused_memory`](crate::release_unused_memory)
/// lets all of them go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanStatistics {
    /// Evaluations of a structure that had not been seen, or had been dropped from the cache.
    pub compiled: u64,
    /// Evaluations that ran a plan from the cache.
    pub reused: u64,
    /// Values computed again that an evaluation before had computed on its way and not kept. A training loop, whose graph is new in each
    /// step, recomputes nothing; where this grows, a value is prepared once and used often, and `Tensor::computed` keeps it.
    /// `Tensor::explain` says which.
    pub recomputed: u64,
    /// Plans in the cache now.
    pub held: usize,
    /// The bytes that they take: instructions, passes, constants, and the pages of their machine code.
    pub bytes: usize,
}

/// Plans by the hash of their program and target.
struct Cache(Mutex<Contents>);

struct Contents {
    plans: Recent<Arc<CompiledPlan>>,
    compiled: u64,
    reused: u64,
    recomputed: u64,
}

static CACHE: LazyLock<Cache> = LazyLock::new(|| {
    release_with(release_plans);
    Cache::new(BOUND)
});

/// Counts of compiled and reused plans since the program started, and what the cache holds now.
pub fn plan_statistics() -> PlanStatistics {
    let contents = CACHE.lock();
    let Contents { plans, compiled, reused, recomputed } = &*contents;
    PlanStatistics {
        compiled: *compiled,
        reused: *reused,
        recomputed: *recomputed,
        held: plans.count(),
        bytes: plans.bytes(),
    }
}

/// Counts a run of a plan that its caller has found by itself, as a use of the plan.
pub fn count_reuse(plan: &Arc<CompiledPlan>) {
    let mut contents = CACHE.lock();
    contents.reused += 1;
    contents.plans.find(plan.hash, |other| Arc::ptr_eq(other, plan));
}

/// Counts values that are computed again.
pub fn count_recomputed(values: usize) {
    if values > 0 {
        CACHE.lock().recomputed += values as u64;
    }
}

/// The plan of a program for the present target: from the cache, or compiled now.
pub fn plan_for(program: Program) -> Arc<CompiledPlan> {
    CACHE.plan_for(program, Target::current(), CompiledPlan::of)
}

/// Lets all plans in the cache go.
fn release_plans() {
    let released = CACHE.lock().plans.take();
    drop(released);
}

impl Cache {
    fn new(bound: usize) -> Cache {
        Cache(Mutex::new(Contents { plans: Recent::new(bound), compiled: 0, reused: 0, recomputed: 0 }))
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock is not held while a plan is compiled: of two threads that need the same one at once, both compile it.
    fn plan_for(
        &self,
        program: Program,
        target: Target,
        compile: impl FnOnce(Program, Target) -> CompiledPlan,
    ) -> Arc<CompiledPlan> {
        use std::hash::BuildHasher;
        let hash = rustc_hash::FxBuildHasher.hash_one((&program, target));
        {
            let mut contents = self.lock();
            let found = contents.plans.find(hash, |plan| plan.target == target && plan.program == program);
            if let Some(plan) = found.cloned() {
                contents.reused += 1;
                return plan;
            }
            contents.compiled += 1;
        }
        let mut plan = compile(program, target);
        plan.hash = hash;
        let bytes = plan.bytes();
        let plan = Arc::new(plan);
        let mut contents = self.lock();
        let meanwhile =
            contents.plans.find(hash, |other| other.target == target && other.program == plan.program).cloned();
        if let Some(other) = meanwhile {
            return other;
        }
        let dropped = contents.plans.insert(hash, Arc::clone(&plan), bytes);
        drop(contents);
        drop(dropped);
        plan
    }
}

#[cfg(test)]
mod tests;
