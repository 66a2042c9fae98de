//! Functions that the processor has, or that round at most once.

use super::arithmetic::{Arithmetic, Float};

/// `-x`.
#[inline(always)]
pub(crate) fn negate<A: Arithmetic, F: Float>(x: F) -> F {
    -x
}

/// `1/x`.
#[inline(always)]
pub(crate) fn reciprocal<A: Arithmetic, F: Float>(x: F) -> F {
    F::ONE / x
}

/// `√x`.
#[inline(always)]
pub(crate) fn square_root<A: Arithmetic, F: Float>(x: F) -> F {
    x.square_root()
}

/// -1 or 1; a zero and NaN stay what they are.
#[inline(always)]
pub(crate) fn sign<A: Arithmetic, F: Float>(x: F) -> F {
    F::choose(F::ZERO.less(x), F::ONE, F::choose(x.less(F::ZERO), -F::ONE, x * F::ZERO))
}

/// Largest whole number not above.
#[inline(always)]
pub(crate) fn floor<A: Arithmetic, F: Float>(x: F) -> F {
    x.floor()
}

/// Absolute value.
#[inline(always)]
pub(crate) fn abs<A: Arithmetic, F: Float>(x: F) -> F {
    x.abs()
}
