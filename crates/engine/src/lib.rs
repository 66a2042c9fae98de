//! An optimising compiler for programs over arrays, and its executor: a program in, values out. It knows no tensor and no gradient.
#![doc = include_str!("../README.md")]

mod buffer;
mod cache;
mod compile;
mod dtype;
mod environment;
mod exec;
// Without a generator its tests are not there, and they use most of it.
#[cfg(test)]
#[cfg_attr(not(all(target_arch = "x86_64", target_os = "linux")), allow(dead_code))]
mod formula;
mod graph_text;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod jit;
#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
#[path = "jit/absent.rs"]
#[allow(dead_code)]
mod jit;
mod non_finite;
mod op;
mod plan;
mod program;
#[cfg(test)]
mod readme;
mod recent;
pub mod reference;
mod sampling;
mod sequence;
mod shape;
mod special;
mod storage;
mod verify;

pub use buffer::{Buffer, MemoryStatistics, Plain, memory_statistics, release_unused_memory, vector};
pub use cache::{PlanStatistics, count_recomputed, count_reuse, plan_for, plan_statistics};
pub use compile::{CompiledPlan, run, summary};
pub use dtype::DType;
pub use environment::EnvironmentError;
pub use exec::{Target, check_environment, set_threads, threads};
pub use graph_text::{beside, dot};
pub use non_finite::{
    Met, NonFinite, Operand, Provenance, check_finite, find_non_finite, refuse_non_finite, short_place,
};
pub use op::{Binary, Op, Reduction, Scalar, Unary};
pub use plan::{PlanSummary, StepKind, StepSummary};
pub use program::{Inputs, Instruction, Program, ProgramError, Recorded, Recorder};
pub use recent::Recent;
pub use sampling::{Categories, NoDistribution, whole_numbers};
pub use sequence::arithmetic_sequence;
pub use shape::{AxisList, Shape};
pub use storage::{Element, Storage, bytes_held};
pub use verify::{Malformed, verify};
