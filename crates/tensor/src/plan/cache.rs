//! Compiled plans, kept for the next step of the same structure.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::plan::{Plan, Program};

/// How many instructions the plans in the cache may hold together before the least recently used are dropped.
const CAPACITY: usize = 1 << 20;

/// How many evaluations compiled a plan, and how many reused one, since the program started.
///
/// A training loop should compile in its first step (and once more for a smaller last batch) and reuse from then on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanStatistics {
    /// Evaluations of a structure that had not been seen, or had been dropped from the cache.
    pub compiled: u64,
    /// Evaluations that ran a plan from the cache.
    pub reused: u64,
}

#[derive(Default)]
struct Cache {
    plans: FxHashMap<u64, Vec<Entry>>,
    instructions: usize,
    clock: u64,
    statistics: PlanStatistics,
}

struct Entry {
    plan: Arc<Plan>,
    used: u64,
}

static CACHE: LazyLock<Mutex<Cache>> = LazyLock::new(Mutex::default);

/// Counts of compiled and reused plans since the program started.
pub fn plan_statistics() -> PlanStatistics {
    CACHE.lock().unwrap_or_else(PoisonError::into_inner).statistics
}

/// Counts a run of a plan that its caller has kept.
pub(crate) fn count_reuse() {
    CACHE.lock().unwrap_or_else(PoisonError::into_inner).statistics.reused += 1;
}

/// The plan of a program: from the cache, or compiled now.
pub(crate) fn plan_for(program: Program) -> Arc<Plan> {
    use std::hash::BuildHasher;
    let hash = rustc_hash::FxBuildHasher.hash_one(&program);
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    cache.clock += 1;
    let now = cache.clock;
    if let Some(entry) =
        cache.plans.get_mut(&hash).and_then(|entries| entries.iter_mut().find(|entry| entry.plan.program == program))
    {
        entry.used = now;
        let plan = Arc::clone(&entry.plan);
        cache.statistics.reused += 1;
        return plan;
    }
    cache.statistics.compiled += 1;
    let plan = Arc::new(Plan::compile(program));
    let size = plan.program.instructions.len();
    if size <= CAPACITY / 4 {
        cache.make_room(size);
        cache.instructions += size;
        cache.plans.entry(hash).or_default().push(Entry { plan: Arc::clone(&plan), used: now });
    }
    plan
}

impl Cache {
    /// Drops the plans that were not used for longest until `size` more instructions fit.
    fn make_room(&mut self, size: usize) {
        if self.instructions + size <= CAPACITY {
            return;
        }
        let mut ages: Vec<u64> = self.plans.values().flatten().map(|entry| entry.used).collect();
        ages.sort_unstable();
        let oldest_kept = ages[ages.len() / 2];
        for entries in self.plans.values_mut() {
            entries.retain(|entry| entry.used > oldest_kept);
        }
        self.plans.retain(|_, entries| !entries.is_empty());
        self.instructions = self.plans.values().flatten().map(|entry| entry.plan.program.instructions.len()).sum();
    }
}
