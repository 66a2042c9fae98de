//! The cache by itself: what it is asked under, what happens while a plan is compiled, and when one is let go.

use std::sync::mpsc;
use std::time::Duration;

use super::*;
use crate::exec::{Level, without_code};
use crate::formula::Formula;
use crate::formula::recorded;

/// A program of so many operations.
fn program(operations: usize) -> Program {
    let x = Formula::from_vec(vec![1.0f32, 2.0], [2]);
    let y = (0..operations).fold(x.clone(), |y, _| (y + &x).sin());
    recorded(&[y]).program
}

/// All that evaluations may run on here.
fn on_all_targets(mut visit: impl FnMut()) {
    for &level in Level::available() {
        level.force(&mut visit);
        level.force(|| without_code(&mut visit));
    }
}

#[test]
fn a_plan_is_never_run_for_another_target() {
    let cache = Cache::new(BOUND);
    let mut plans: Vec<Arc<CompiledPlan>> = Vec::new();
    on_all_targets(|| {
        let target = Target::current();
        let plan = cache.plan_for(program(3), target, CompiledPlan::of);
        assert_eq!(plan.target, target);
        // Where no code is generated anyway, doing without is the same target.
        for other in plans.iter().filter(|other| other.target != target) {
            assert!(!Arc::ptr_eq(other, &plan));
        }
        assert!(Arc::ptr_eq(&plan, &cache.plan_for(program(3), target, |_, _| unreachable!("it is known"))));
        plans.push(plan);
    });
    let mut targets: Vec<Target> = Vec::new();
    for plan in &plans {
        if !targets.contains(&plan.target) {
            targets.push(plan.target);
        }
    }
    assert_eq!(cache.lock().plans.count(), targets.len());
    // Tiles are larger where code keeps everything in registers: the plans do differ.
    if Level::available().iter().any(|level| level.isa().is_some()) {
        assert!(targets.len() > Level::available().len());
    }
}

/// One thread waits in its compilation for another one, which asks the cache meanwhile.
#[test]
fn compiling_blocks_nobody() {
    let cache = Cache::new(BOUND);
    let target = Target::current();
    let cache = &cache;
    let known = cache.plan_for(program(1), target, CompiledPlan::of);
    let (entered, wait_entered) = mpsc::channel();
    let (done, wait_done) = mpsc::channel();
    std::thread::scope(|scope| {
        let slow = scope.spawn(move || {
            cache.plan_for(program(2), target, |program, target| {
                entered.send(()).expect("the other thread waits");
                wait_done.recv_timeout(Duration::from_secs(60)).expect("nobody was blocked");
                CompiledPlan::of(program, target)
            })
        });
        wait_entered.recv().expect("it compiles");
        // A known plan, another one, and the very same.
        assert!(Arc::ptr_eq(&known, &cache.plan_for(program(1), target, |_, _| unreachable!("it is known"))));
        cache.plan_for(program(3), target, CompiledPlan::of);
        let first = cache.plan_for(program(2), target, CompiledPlan::of);
        done.send(()).expect("the other thread compiles");
        assert!(Arc::ptr_eq(&first, &slow.join().expect("no panic")), "the first that was ready is kept");
    });
    assert_eq!(cache.lock().plans.count(), 3);
}

#[test]
fn a_panic_while_compiling_leaves_the_cache_as_it_was() {
    let cache = Cache::new(BOUND);
    let target = Target::current();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        cache.plan_for(program(2), target, |_, _| panic!("expected"));
    }));
    assert!(panicked.is_err());
    assert!(!cache.0.is_poisoned());
    let plan = cache.plan_for(program(2), target, CompiledPlan::of);
    assert!(Arc::ptr_eq(&plan, &cache.plan_for(program(2), target, |_, _| unreachable!("it is known"))));
}

#[test]
fn plans_stay_within_the_bound() {
    let target = Target::current();
    // Of the largest: where no code is made, plans are as large as their programs.
    let bound = 8 * CompiledPlan::of(program(99), target).bytes();
    let cache = Cache::new(bound);
    for operations in 1..100 {
        cache.plan_for(program(operations), target, CompiledPlan::of);
        cache.plan_for(program(1), target, CompiledPlan::of);
        assert!(cache.lock().plans.bytes() <= bound);
    }
    let contents = cache.lock();
    assert_eq!(contents.reused, 99, "what is used again and again is kept");
    assert!(contents.plans.count() < 60);
}
