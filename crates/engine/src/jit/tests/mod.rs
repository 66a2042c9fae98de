//! Generated code against the interpreter of tiles, which says what it must compute.
//!
//! ```text
//! elementwise.rs   every operation and function, to the bit
//! reductions.rs    sums and extremes of rows and of everything
//! bodies.rs        more values, pointers, numbers and reductions than there are registers
//! operands.rs      rows that are read where they lie
//! edges.rs         nothing is written beyond a row or a buffer
//! memory.rs        what is asked for ahead, and what is written past the caches
//! readme.rs        the code that the crate's documentation shows
//! ```

mod bodies;
mod edges;
mod elementwise;
mod memory;
mod operands;
mod readme;
mod reductions;
mod sharing;

use std::cell::Cell;

use super::{Isa, Item};
use crate::cache::plan_for;
use crate::compile::CompiledPlan;
use crate::dtype::DType;
use crate::exec::{Level, without_code};
use crate::formula::Formula;
use crate::formula::Noise;
use crate::formula::{evaluate, recorded};
use crate::plan::{Pass, Work};
use crate::program::Recorded;

thread_local! {
    /// How many segments this thread has run.
    pub(super) static RUNS: Cell<u64> = const { Cell::new(0) };
}

const FLOATS: [DType; 2] = [DType::F32, DType::F64];

/// The levels of this processor that code is generated for. That there are none must not make all tests vacuous unnoticed.
fn levels() -> Vec<(Level, Isa)> {
    let levels = Level::available().iter().filter_map(|&level| Some((level, level.isa()?))).collect::<Vec<_>>();
    let expected =
        ["avx2", "avx512"].map(|name| Level::available().iter().filter(|level| level.name() == name).count());
    let generated = std::env::var("MINIMAND_GENERATE").as_deref() != Ok("0");
    assert_eq!(levels.len(), if generated { expected.iter().sum() } else { 0 });
    levels
}

fn leaf(values: &[f64], shape: &[usize], dtype: DType) -> Formula {
    match dtype {
        DType::F32 => Formula::from_vec(values.iter().map(|&value| value as f32).collect::<Vec<_>>(), shape),
        _ => Formula::from_vec(values.to_vec(), shape),
    }
}

/// Numbers between -4 and 4, rounded to single precision.
fn noise(seed: u64, count: usize) -> Vec<f64> {
    Noise::seed(seed).numbers(count)
}

/// A tensor of noise.
fn noisy(seed: u64, shape: &[usize], dtype: DType) -> Formula {
    leaf(&noise(seed, shape.iter().product()), shape, dtype)
}

/// How much of a graph's passes there should be code for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Generated {
    Whole,
    /// For all of it where there are mask registers, for some of it elsewhere.
    WholeWithMasks,
    /// For some of it at least.
    Part,
    Nothing,
}

fn plan_of(tensors: &[Formula]) -> std::sync::Arc<CompiledPlan> {
    plan_for(recorded(tensors).program)
}

fn passes(compiled: &CompiledPlan) -> impl Iterator<Item = &Pass> {
    compiled.plan.steps.iter().filter_map(|step| match &step.work {
        Work::Pass(pass) => Some(&**pass),
        Work::Kernel(_) | Work::Product(_) | Work::Pairs(_) => None,
    })
}

/// How many segments and how many interpreted instructions a plan's passes consist of.
fn items(compiled: &CompiledPlan) -> (usize, usize) {
    let (mut run, mut interpreted) = (0, 0);
    for (pass, code) in passes(compiled).zip(&compiled.code) {
        let Some(code) = code else {
            interpreted += pass.phases.iter().map(|phase| phase.full.len() + phase.rows.len()).sum::<usize>();
            continue;
        };
        for item in code.phases.iter().flat_map(|phase| phase.full.iter().chain(&phase.rows)) {
            match item {
                Item::Run(_) => run += 1,
                Item::Interpret(_) => interpreted += 1,
            }
        }
    }
    (run, interpreted)
}

/// Evaluates a graph by a plan, without the plan's code.
fn interpret(compiled: &CompiledPlan, tensors: &[Formula]) {
    let Recorded { slots, locations, .. } = recorded(tensors);
    let values = without_code(|| crate::run(compiled, slots, &locations));
    tensors.iter().zip(values).for_each(|(tensor, value)| tensor.set_value(value));
}

/// Evaluates a graph twice, with code and interpreted, once for each level.
#[track_caller]
fn both(
    what: &str,
    generated: Generated,
    build: impl Fn() -> Vec<Formula>,
    check: impl Fn(&str, &[Formula], &[Formula]),
) {
    for (level, isa) in levels() {
        let what = format!("{what}, {isa:?}");
        let (code, interpreted) = level.force(|| {
            let code = build();
            let plan = plan_of(&code);
            let items = items(&plan);
            let holds = match generated {
                Generated::Whole => items.0 > 0 && items.1 == 0,
                Generated::WholeWithMasks => items.0 > 0 && (items.1 == 0 || isa == Isa::Avx2),
                Generated::Part => items.0 > 0,
                Generated::Nothing => items.0 == 0,
            };
            assert!(holds, "{what}: segments and interpreted instructions {items:?}");
            let before = RUNS.get();
            evaluate(&code);
            // Of several blocks another thread may have taken all.
            let alone = passes(&plan).any(|pass| pass.blocks == 1);
            assert!(
                !alone || (RUNS.get() > before) == (generated != Generated::Nothing),
                "{what}: {}",
                RUNS.get() - before
            );
            let before = RUNS.get();
            let interpreted = build();
            interpret(&plan, &interpreted);
            assert_eq!(RUNS.get(), before);
            (code, interpreted)
        });
        check(&what, &code, &interpreted);
    }
}

/// The bits of a result in double precision; NaN may have any payload.
fn bits(value: f64) -> u64 {
    if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }
}

#[track_caller]
fn equal(what: &str, a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len(), "{what}");
    for (at, (&a, &b)) in a.iter().zip(b).enumerate() {
        assert!(bits(a) == bits(b), "{what}, entry {at}: {a:e} with code, {b:e} interpreted");
    }
}

/// Code and interpreter give the same bits.
#[track_caller]
fn same_bits(what: &str, generated: Generated, build: impl Fn() -> Vec<Formula>) {
    both(what, generated, build, |what, code, interpreted| {
        for (number, (a, b)) in code.iter().zip(interpreted).enumerate() {
            equal(&format!("{what}, result {number}"), &a.to_vec::<f64>(), &b.to_vec::<f64>());
        }
    });
}
