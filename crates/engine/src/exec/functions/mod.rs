//! Elementary functions for SIMD: without branches, tables or calls, so that the compiler vectorises a loop over them
//! for whatever [level](super::dispatch::Level) the loop is compiled for.
//!
//! Errors: in single precision at most 1.5 units in the last place on all inputs, fused or not; in double precision at
//! most 2 units; of [`normal_cdf`] 5 and 6, in the tails as well. NaN, infinities, zeros with their signs and denormal results are right. All levels with fused
//! multiply-add return the same bits. The coefficients come from `coefficients.py` beside this file; each polynomial
//! says how closely it approximates what.
//!
//! A kernel calls them with the arithmetic that it is run with: `*y = exp::<A, _>(x)` in a loop over slices of equal
//! length. [`sin_tile`] and [`cos_tile`] are loops themselves, because of their second pass over large angles.
//! Functions of the same logits share their exponential by [`exp_minus_abs`](logistic::exp_minus_abs).

mod arithmetic;
mod error_function;
mod exponential;
mod hyperbolic;
mod logarithm;
mod logistic;
mod normal;
#[cfg(test)]
mod tests;
mod trigonometric;

pub(crate) use arithmetic::{Arithmetic, Fused, Unfused};
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(crate) use arithmetic::{DOUBLE_EXPONENT, DOUBLE_OFFSET, Float, Polynomial, SINGLE_EXPONENT};
pub(crate) use error_function::{ErrorFunction, erf};
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(crate) use exponential::Exponential;
pub(crate) use exponential::{exp, exp_m1};
pub(crate) use hyperbolic::{Hyperbolic, tanh};
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(crate) use logarithm::Logarithm;
pub(crate) use logarithm::{ln, ln_1p};
#[cfg(test)]
pub(crate) use logistic::softplus_and_sigmoid;
pub(crate) use logistic::{Logistic, exp_minus_abs, sigmoid, softplus};
pub(crate) use normal::{Normal, normal_cdf};
pub(crate) use trigonometric::{Trigonometric, cos_tile, sin_tile};

/// A type that has all functions of this module.
pub(crate) trait Elementary: Logistic + Hyperbolic + ErrorFunction + Normal + Trigonometric {}
impl Elementary for f32 {}
impl Elementary for f64 {}
