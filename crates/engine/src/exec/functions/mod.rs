//! Elementary functions for SIMD: without branches, tables or calls, so that the compiler vectorises a loop over them
//! for whatever [level](super::dispatch::Level) the loop is compiled for.
//!
//! Errors: in single precision at most 1.5 units in the last place on all inputs, fused or not; in double precision at
//! most 2 units; of `sinh` and `asinh` 2 in both, of `normal_cdf` 5, in the tails as well; of `lgamma` and `digamma` of positive
//! numbers in single precision hardly more than the last rounding, in double 5, near their zeros as well. NaN, infinities, zeros with
//! their signs and denormal results are right. All levels with fused multiply-add return the same bits. The coefficients come from
//! `coefficients.py` beside this file; each polynomial says how closely it approximates what.
//!
//! A kind's row in the table of `op/unary.rs` names its body here; [`kinds`] runs bodies over tiles, and records them for machine code.
//! Sine and cosine, `lgamma` and `digamma` are loops themselves, because of their second pass over large angles and negative numbers.
//! Functions of the same logits share their exponential by [`exp_minus_abs`].

mod arithmetic;
mod error_function;
mod exact;
mod exponential;
mod gamma;
mod hyperbolic;
mod inverse_tangent;
mod kinds;
mod logarithm;
mod logistic;
mod normal;
#[cfg(test)]
mod tests;
mod trigonometric;

pub(crate) use arithmetic::{Arithmetic, Float, Fused, Unfused};
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(crate) use arithmetic::{DOUBLE_EXPONENT, DOUBLE_OFFSET, SINGLE_EXPONENT};
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(crate) use kinds::of_entry;
pub(crate) use kinds::{of_tile, zip1};
pub(crate) use logistic::exp_minus_abs;
#[cfg(test)]
pub(crate) use logistic::softplus_and_sigmoid;

/// The bodies that rows of the table of unary kinds name.
mod bodies {
    pub(super) use super::error_function::erf;
    pub(super) use super::exact::{abs, floor, negate, reciprocal, sign, square_root};
    pub(super) use super::exponential::{exp, exp_m1};
    pub(super) use super::gamma::{lgamma_tile, polygamma_tile};
    pub(super) use super::hyperbolic::{asinh, sinh, tanh};
    pub(super) use super::inverse_tangent::atan;
    pub(super) use super::logarithm::{ln, ln_1p};
    pub(super) use super::logistic::{sigmoid, softplus};
    pub(super) use super::normal::normal_cdf;
    pub(super) use super::trigonometric::{cos_tile, sin_tile};
}

/// A type that has the constants of all functions of this module.
pub(crate) trait Constants:
    exponential::Exponential
    + logarithm::Logarithm
    + logistic::Logistic
    + hyperbolic::Hyperbolic
    + error_function::ErrorFunction
    + inverse_tangent::InverseTangent
    + normal::Normal
{
}
impl Constants for f32 {}
impl Constants for f64 {}

/// A number that has all functions of this module.
pub(crate) trait Elementary: Float<Number = Self> + trigonometric::Trigonometric + gamma::Gamma {
    /// A function of a library, which computes in double precision.
    #[inline(always)]
    fn by_library(self, function: impl Fn(f64) -> f64) -> Self {
        Self::of_double(function(self.to_double()))
    }
}
impl Elementary for f32 {}
impl Elementary for f64 {}
