//! `ln` and `ln_1p`.
//!
//! Reduction: `x = 2ᵏ (1 + f)`, by integer arithmetic on the bits; `ln x = k ln 2 + ln(1 + f)`. For `ln_1p`, `f` also
//! takes in what the sum `1 + x` has rounded away.
//!
//! Single precision: `¾ < 1 + f ≤ 3/2`, where the rounding of `f` does least harm, and `ln(1 + f) = f - f² P(f)`.
//! Double precision, where that polynomial would be long: `√½ < 1 + f ≤ √2` and `ln(1 + f) = f - (f²/2 - s (f²/2 + s²
//! P(s²)))` with `s = f/(2 + f)`, from the series of `2 artanh s`.

use super::arithmetic::{Arithmetic, Float, Polynomial, evaluate};
use super::exponential::Exponential;

/// The reduction and the approximation of the logarithm.
pub(crate) trait Logarithm: Copy + 'static {
    /// Makes every denormal number normal.
    const LIFT: Self;
    /// The exponent of `LIFT`.
    const LIFT_EXPONENT: Self;
    /// Single precision: `(f - ln(1 + f))/f²`. Double precision: `(2 artanh s - 2 s)/s³` as a polynomial in `s²`.
    const LN_POLYNOMIAL: Polynomial<Self>;
}

impl Logarithm for f32 {
    const LIFT: Self = 16777216.0;
    const LIFT_EXPONENT: Self = 24.0;
    /// Relative error of `ln(1 + f)`: 2^-27.1.
    const LN_POLYNOMIAL: Polynomial<Self> = Polynomial::Horner(&[
        0.5,
        -0.33333454,
        0.25000057,
        -0.19990608,
        0.1664775,
        -0.14482023,
        0.13162346,
        -0.10448766,
        0.04491322,
    ]);
}

impl Logarithm for f64 {
    const LIFT: Self = 18014398509481984.0;
    const LIFT_EXPONENT: Self = 54.0;
    /// Relative error of `ln(1 + f)`: 2^-59.
    const LN_POLYNOMIAL: Polynomial<Self> = Polynomial::Horner(&[
        0.6666666666666734,
        0.3999999999941517,
        0.28571428742300775,
        0.22222198580468963,
        0.18183564010735975,
        0.15314057369713613,
        0.14795891401937275,
    ]);
}

/// `k ln 2 + ln(1 + f)`, given `-k`.
#[inline(always)]
fn ln_reduced<A: Arithmetic, F: Float>(f: F, minus_k: F) -> F {
    if F::SINGLE {
        let p = evaluate::<A, F>(F::Number::LN_POLYNOMIAL, f);
        let ln = A::mul_add(-(f * f), p, f);
        A::mul_add(minus_k, -F::of(F::Number::LN_2_HIGH), A::mul_add(minus_k, -F::of(F::Number::LN_2_LOW), ln))
    } else {
        let s = f / (F::TWO + f);
        let z = s * s;
        let p = evaluate::<A, F>(F::Number::LN_POLYNOMIAL, z);
        let half_square = F::HALF * f * f;
        let rest = A::mul_add(s, A::mul_add(z, p, half_square), -(minus_k * F::of(F::Number::LN_2_LOW)));
        A::mul_add(minus_k, -F::of(F::Number::LN_2_HIGH), f - (half_square - rest))
    }
}

/// Natural logarithm of a positive number that is neither denormal nor infinite.
#[inline(always)]
pub(super) fn ln_of_normal<A: Arithmetic, F: Float>(x: F) -> F {
    let (mantissa, minus_k, _) = x.split();
    ln_reduced::<A, F>(mantissa - F::ONE, minus_k)
}

/// Natural logarithm.
#[inline(always)]
pub(crate) fn ln<A: Arithmetic, F: Float>(x: F) -> F {
    let denormal = x.less(F::SMALLEST_NORMAL);
    let (mantissa, minus_k, _) = F::choose(denormal, x * F::of(F::Number::LIFT), x).split();
    let minus_k = minus_k + F::choose(denormal, F::of(F::Number::LIFT_EXPONENT), F::ZERO);
    ln_reduced::<A, F>(mantissa - F::ONE, minus_k).logarithm_limits(x, x)
}

/// `ln(1 + x)`.
#[inline(always)]
pub(crate) fn ln_1p<A: Arithmetic, F: Float>(x: F) -> F {
    let u = F::ONE + x;
    // Exact up to the point where 1 does not matter.
    let rounded_away = x - (u - F::ONE);
    let (mantissa, minus_k, scale) = u.split();
    let f = A::mul_add(rounded_away, scale, mantissa - F::ONE);
    let result = ln_reduced::<A, F>(f, minus_k).with_sign_of(x);
    result.logarithm_limits(u, x)
}
