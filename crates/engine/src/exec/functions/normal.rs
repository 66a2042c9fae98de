//! `normal_cdf`, the distribution function of the standard normal distribution.
//!
//! For negative numbers, whose relative error counts down to the smallest results, `Φ(-a) = e^(-a²/2) T(a)`, where the scaled tail
//! `T(a) = P(q)/(a + k)` is a polynomial in `q = (a - k)/(a + k)` (the substitution is Shepherd and Laframboise's, 1981). The rounding of a²
//! would be seen: `a` is split, so that the square of its first part is exact.

use super::arithmetic::{Arithmetic, Float, Polynomial, evaluate};
use super::error_function::ErrorFunction;
use super::exponential::Exponential;
use super::logistic::Logistic;

/// The constants of the normal distribution function.
pub(crate) trait Normal: Copy + 'static {
    /// Where the power of two is exactly zero, see [`Logistic::UNDERFLOW`].
    const NORMAL_LARGE: Self;
    /// Added and subtracted, it leaves the first bits of a number.
    const NORMAL_SPLIT: Self;
    /// The `k` of the substitution.
    const NORMAL_CENTRE: Self;
    /// `1/√2`.
    const FRAC_1_SQRT_2: Self;
    /// `(a + k) e^(a²/2) Φ(-a)` as a polynomial in `q`.
    const NORMAL_POLYNOMIAL: Polynomial<Self>;
}

impl Normal for f32 {
    const NORMAL_LARGE: Self = 14.76; // a little above √(2 · 157 ln 2)
    const NORMAL_SPLIT: Self = 49152.0; // leaves multiples of 2^-8
    const NORMAL_CENTRE: Self = 3.375;
    const FRAC_1_SQRT_2: Self = std::f32::consts::FRAC_1_SQRT_2;
    /// Relative error: 2^-26.6.
    const NORMAL_POLYNOMIAL: Polynomial<Self> = Polynomial::Horner(&[
        0.7410803,
        -0.5529922,
        0.29537597,
        -0.09838433,
        0.008718602,
        0.007823806,
        -0.0022494025,
        -0.00084472104,
        0.00030907406,
        0.00012863094,
        -3.367645e-06,
    ]);
}

impl Normal for f64 {
    const NORMAL_LARGE: Self = 38.75; // a little above √(2 · 1083 ln 2)
    const NORMAL_SPLIT: Self = 6442450944.0; // leaves multiples of 2^-20
    const NORMAL_CENTRE: Self = 4.625;
    const FRAC_1_SQRT_2: Self = std::f64::consts::FRAC_1_SQRT_2;
    /// Relative error: 2^-54.9.
    const NORMAL_POLYNOMIAL: Polynomial<Self> = Polynomial::TwoStrands(&[
        0.7648792113800259,
        -0.6471308936158242,
        0.4595691110632027,
        -0.26887001764257246,
        0.12470768455950912,
        -0.041993477136359085,
        0.0075556496248593485,
        0.0010987955494206122,
        -0.0010815463559057743,
        0.00014628131816231003,
        9.946414288976179e-05,
        -3.448922737618733e-05,
        -9.414851645174663e-06,
        5.736405609259648e-06,
        1.1449644222949982e-06,
        -9.236449121513222e-07,
        -2.0003854872037964e-07,
        1.4713321599724057e-07,
        4.325151659305734e-08,
        -2.0788331205223427e-08,
        -8.526186754195795e-09,
        1.848638788918952e-09,
        9.85532337759643e-10,
    ]);
}

/// `Φ(x)`, the probability that a standard normal number is below `x`.
#[inline(always)]
pub(crate) fn normal_cdf<A: Arithmetic, F: Float>(x: F) -> F {
    let a = x.abs().at_most(F::of(F::Number::NORMAL_LARGE));
    // a²/2 = square + rest, the first exact.
    let high = (a + F::of(F::Number::NORMAL_SPLIT)) - F::of(F::Number::NORMAL_SPLIT);
    let square = F::HALF * high * high;
    let rest = F::HALF * (a - high) * (a + high);
    let offset = F::ROUNDING + F::BIAS + F::of(F::Number::UNDERFLOW_EXPONENT);
    let shifted = A::mul_add(square + rest, -F::of(F::Number::LOG2_E), offset);
    let n = shifted - offset;
    // This product and this difference are exact, as in the exponential.
    let r = A::mul_add(n, -F::of(F::Number::LN_2_HIGH), -square) - A::mul_add(n, F::of(F::Number::LN_2_LOW), rest);
    let exponential_m1 = A::mul_add(r * r, evaluate::<A, F>(F::Number::EXP_POLYNOMIAL, r), r);
    let denominator = a + F::of(F::Number::NORMAL_CENTRE);
    let reciprocal = F::ONE / denominator;
    let q = (a - F::of(F::Number::NORMAL_CENTRE)) * reciprocal;
    let q = if A::FUSED {
        // What its roundings have lost: (a - k) - q (a + k), where q is near -1 and the result most sensitive to it.
        let lost = A::mul_add(-q, a, A::mul_add(q + F::ONE, -F::of(F::Number::NORMAL_CENTRE), a));
        A::mul_add(lost, reciprocal, q)
    } else {
        q
    };
    let scaled = evaluate::<A, F>(F::Number::NORMAL_POLYNOMIAL, q) * reciprocal;
    let tail = A::mul_add(scaled, exponential_m1, scaled).scaled_down(n, shifted);
    let beyond = F::choose(x.less(F::ZERO), tail, F::ONE - tail);
    if A::FUSED {
        return beyond;
    }
    // Without fused products q keeps what its roundings have lost, which tells where it is near -1: there ½ ± ½ erf(a/√2).
    let t = a * F::of(F::Number::FRAC_1_SQRT_2);
    let half = F::HALF * A::mul_add(t, evaluate::<A, F>(F::Number::ERF_POLYNOMIAL, t * t), t);
    F::choose(a.less(F::ONE), F::HALF + F::choose(x.less(F::ZERO), -half, half), beyond)
}
