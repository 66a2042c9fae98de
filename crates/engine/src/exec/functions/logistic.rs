//! `sigmoid` and `softplus`, alone and together.
//!
//! Both are functions of `e = e^-|x|`, which is never above 1: with `q = e/(1 + e)`, which is `σ(-|x|)` and at most one half, `σ(x)` is `q` or
//! `1 - q`, and `softplus(x) = max(x, 0) + ln(1 + e)`. The exponential is taken with the part that its rounding loses, since for negative `x`
//! its relative error is the result's.

use super::arithmetic::{Arithmetic, Float, Polynomial, evaluate};
use super::exponential::{Exponential, Reduced, reduce};

/// The constants of the logistic functions.
pub(crate) trait Logistic: Copy + 'static {
    /// Where `2ⁿ` less a factor of `UNDERFLOW` is exactly zero.
    const LOGISTIC_LOWEST: Self;
    /// A power of two that takes `2ⁿ` down among the denormals.
    const UNDERFLOW: Self;
    /// The negated exponent of `UNDERFLOW`.
    const UNDERFLOW_EXPONENT: Self;
    /// The intercept of a line that is `1/(1 + e)` up to 8 % on [0, 1].
    const RECIPROCAL_INTERCEPT: Self;
    /// The slope of that line.
    const RECIPROCAL_SLOPE: Self;
    /// Single precision: `(e - ln(1 + e))/e² - ¼` in powers of `e - 1`, because it is near `e = 1` that rounding errors of this
    /// polynomial matter. Double precision: as of the logarithm, here for `s² ≤ 1/9`.
    const LN_1P_POLYNOMIAL: Polynomial<Self>;
}

impl Logistic for f32 {
    const LOGISTIC_LOWEST: Self = -108.8; // -157 ln 2
    const UNDERFLOW: Self = 9.313226e-10; // 2^-30
    const UNDERFLOW_EXPONENT: Self = 30.0;
    const RECIPROCAL_INTERCEPT: Self = 0.957;
    const RECIPROCAL_SLOPE: Self = -0.471;

    /// Relative error of `ln(1 + e)`: 2^-28.4.
    const LN_1P_POLYNOMIAL: Polynomial<Self> = Polynomial::Horner(&[
        0.056852818,
        -0.11370577,
        0.04555352,
        -0.019149086,
        0.007712906,
        -0.005663726,
        -0.0032412899,
        -0.0075552864,
        -0.0050248466,
        -0.0020728987,
    ]);
}

impl Logistic for f64 {
    const LOGISTIC_LOWEST: Self = -750.7; // -1083 ln 2
    const UNDERFLOW: Self = 8.673617379884035e-19; // 2^-60
    const UNDERFLOW_EXPONENT: Self = 60.0;
    const RECIPROCAL_INTERCEPT: Self = 0.957;
    const RECIPROCAL_SLOPE: Self = -0.471;

    /// Relative error of `ln(1 + e)`: 2^-58.5.
    const LN_1P_POLYNOMIAL: Polynomial<Self> = Polynomial::TwoStrands(&[
        0.6666666666666667,
        0.3999999999999398,
        0.2857142857250973,
        0.22222222125487237,
        0.18181823202372396,
        0.15384451943621896,
        0.13336805663305043,
        0.11715952035716284,
        0.10972559319815733,
        0.06994270331223827,
        0.16467603270238654,
    ]);
}

/// `(e - ln(1 + e))/e² - ¼` for `0 ≤ e ≤ 1`.
#[inline(always)]
fn ln_1p_deficit<A: Arithmetic, F: Float>(e: F) -> F {
    if F::SINGLE {
        evaluate::<A, F>(F::Number::LN_1P_POLYNOMIAL, e - F::ONE)
    } else {
        // With `s = e/(2 + e)` as in the logarithm: `ln(1 + e) = e - e²/2 + s (e²/2 + s² P(s²))`. Divided by e², so that
        // nothing underflows before e does: s = e t.
        let t = F::ONE / (F::TWO + e);
        let s = e * t;
        let p = evaluate::<A, F>(F::Number::LN_1P_POLYNOMIAL, s * s);
        F::QUARTER - s * A::mul_add(t * t, p, F::HALF)
    }
}

/// `e^-|x|` as `e (1 + rest)`: `e` is rounded, `rest` is what the rounding has lost, relatively.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExpMinusAbs<F> {
    e: F,
    rest: F,
}

/// `e^-|x|`, the part that [`sigmoid`], [`softplus`] and the like have in common.
#[inline(always)]
pub(crate) fn exp_minus_abs<A: Arithmetic, F: Float>(x: F) -> ExpMinusAbs<F> {
    let x = x.minus_abs().at_least(F::of(F::Number::LOGISTIC_LOWEST));
    let Reduced { shifted, n, r, .. } = reduce::<A, F>(x, F::ROUNDING + F::BIAS + F::of(F::Number::UNDERFLOW_EXPONENT));
    let s = A::mul_add(r * r, evaluate::<A, F>(F::Number::EXP_POLYNOMIAL, r), r);
    let p = F::ONE + s;
    // 2 - p is near enough to 1/p.
    let rest = (s - (p - F::ONE)) * (F::TWO - p);
    ExpMinusAbs { e: p.scaled_down(n, shifted), rest }
}

impl<F: Float> ExpMinusAbs<F> {
    /// `σ(-|x|)`: `e` over `1 + e`, times a correction for what the roundings of both have lost. That is to be divided by `1 + e`, too, which
    /// is near 1 where the correction counts most: where `e` is not small, half of a unit is put right by half of a unit too much.
    #[inline(always)]
    fn fraction<A: Arithmetic>(self) -> F {
        let Self { e, rest } = self;
        let denominator = F::ONE + e;
        let lost = e - (denominator - F::ONE);
        let quotient = e / denominator;
        A::mul_add(quotient, rest - lost, quotient)
    }

    /// `σ(x)`. The fraction's error counts at most half beside 1.
    #[inline(always)]
    pub(crate) fn sigmoid<A: Arithmetic>(self, x: F) -> F {
        let fraction = self.fraction::<A>();
        F::choose(x.less(F::ZERO), fraction, F::ONE - fraction)
    }

    /// `σ(-x)`, as [`sigmoid`](Self::sigmoid) has it, with the same question as of `x` (both fractions of 0 are one half).
    #[inline(always)]
    pub(crate) fn sigmoid_of_negative<A: Arithmetic>(self, x: F) -> F {
        let fraction = self.fraction::<A>();
        F::choose(x.less(F::ZERO), F::ONE - fraction, fraction)
    }

    /// `softplus(x)`, from `ln(1 + e (1 + rest)) ≈ ln(1 + e) + e rest/(1 + e)`.
    #[inline(always)]
    pub(crate) fn softplus<A: Arithmetic>(self, x: F) -> F {
        let Self { e, rest } = self;
        // Good enough to scale a correction.
        let reciprocal = A::mul_add(e, F::of(F::Number::RECIPROCAL_SLOPE), F::of(F::Number::RECIPROCAL_INTERCEPT));
        // The quarter apart, because its product is exact.
        let correction = A::mul_add(e, -F::QUARTER, rest * reciprocal);
        let correction = A::mul_add(-e, ln_1p_deficit::<A, F>(e), correction);
        // `e` last: what is added first is small for negative `x`, and where both are large nothing cancels.
        e + A::mul_add(e, correction, x.at_least(F::ZERO))
    }
}

/// `1/(1 + e⁻ˣ)`.
#[inline(always)]
pub(crate) fn sigmoid<A: Arithmetic, F: Float>(x: F) -> F {
    exp_minus_abs::<A, F>(x).sigmoid::<A>(x)
}

/// `ln(1 + eˣ)`.
#[inline(always)]
pub(crate) fn softplus<A: Arithmetic, F: Float>(x: F) -> F {
    exp_minus_abs::<A, F>(x).softplus::<A>(x)
}

/// `(softplus(x), σ(x))`, a function and its derivative. Since `e^-|x|` is even in `x`, its methods also give
/// `softplus(-x)` and `σ(-x)` without another exponential.
#[cfg(test)]
#[inline(always)]
pub(crate) fn softplus_and_sigmoid<A: Arithmetic, F: Float>(x: F) -> (F, F) {
    let exponential = exp_minus_abs::<A, F>(x);
    (exponential.softplus::<A>(x), exponential.sigmoid::<A>(x))
}
