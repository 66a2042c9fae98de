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

#![forbid(unsafe_code)]

#[macro_use]
mod formulas;

mod axes;
mod check;
mod compiled;
mod construct;
mod eval;
mod explain;
mod grad;
mod math;
mod non_finite;
mod operators;
mod ops;
mod parameter;
mod positions;
mod random;
mod read;
mod rules;
mod tensor;
mod trace;

pub use axes::Axes;
pub use check::{CheckError, CheckOptions, CheckReport, check_gradient, check_second_order};
pub use compiled::{Compiled, compile};
pub use eval::{eval, explain_plan, reference};
pub use grad::{grad, grad_or_none, value_and_grad};
pub use minimand_engine::{
    Binary, DType, Element, EnvironmentError, MemoryStatistics, NonFinite, Op, PlanStatistics, PlanSummary, Reduction,
    Scalar, Shape, StepKind, StepSummary, Unary, check_environment, check_finite, memory_statistics, plan_statistics,
    release_unused_memory, set_threads, threads,
};
pub use non_finite::find_non_finite;
pub use operators::Operand;
pub use parameter::Parameter;
pub use positions::Index;
pub use random::Rng;
pub use tensor::Tensor;
pub use trace::{observe, with_values};
