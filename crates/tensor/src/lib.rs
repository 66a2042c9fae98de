//! Lazy tensors with reverse-mode automatic differentiation of any order.
//!
//! Write a formula; its gradient, of any order, is derived for you. A [`Tensor`] is a handle on a node of a graph; building
//! computes nothing, reading computes what is needed. A gradient is a tensor like any other.
//!
//! ```
//! use minimand_tensor::Tensor;
//!
//! let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]).named("x");
//! let w = Tensor::from([[0.5], [-0.5]]).named("w");
//! let loss = x.matmul(&w).square().mean(); // nothing is computed yet
//! let slope = loss.grad(&w); // a tensor like any other
//! assert_eq!(loss.to_string(), "0.25");
//! assert_eq!(slope.to_string(), "[[-2],\n [-3]]");
//! ```

mod accumulate;
mod check;
mod compiled;
mod construct;
mod dtype;
mod eval;
mod exec;
mod explain;
mod grad;
mod math;
mod op;
mod operators;
mod ops;
mod parameter;
mod plan;
mod positions;
mod random;
mod rules;
mod shape;
mod special;
mod storage;
mod tensor;
mod trace;

pub use check::{CheckError, CheckOptions, CheckReport, check_gradient, check_second_order};
pub use compiled::{Compiled, compile};
pub use dtype::{DType, Element};
pub use eval::{eval, explain_plan, reference};
pub use exec::{
    EnvironmentError, MemoryStatistics, check_environment, memory_statistics, release_unused_memory, set_threads,
    threads,
};
pub use grad::{grad, grad_or_none, value_and_grad};
pub use op::{Binary, Op, Reduction, Scalar, Unary};
pub use operators::Operand;
pub use parameter::Parameter;
pub use plan::{PlanStatistics, PlanSummary, StepKind, StepSummary, plan_statistics};
pub use positions::Index;
pub use random::Rng;
pub use shape::{Axes, Shape};
pub use tensor::Tensor;
pub use trace::observe;
