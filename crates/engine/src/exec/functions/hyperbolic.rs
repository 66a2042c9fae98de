//! `tanh`, `sinh` and `asinh`.
//!
//! Near zero `tanh x = x + x³ P(x²)`; beyond, `tanh |x| = 1 - 2/(e^(2|x|) + 1)`, where the fraction is below one half
//! and its error counts accordingly less. Both are computed and one is taken.
//!
//! Near zero `sinh x = x + x³ P(x²)`; beyond, `sinh |x| = ½ (e + e/(1 + e))` with `e = exp_m1 |x|`, a quarter of it, which does not overflow
//! before the result.
//! `asinh |x| = ln_1p (|x| + x²/(1 + √(1 + x²)))`, with `1/x` for large `x`.

use super::arithmetic::{Arithmetic, Float, Polynomial, evaluate};
use super::exponential::{Exponential, Reduced, exp_in_range, reduce};
use super::logarithm::ln_1p;

/// The constants of the hyperbolic functions.
pub(crate) trait Hyperbolic: Copy + 'static {
    /// Where the polynomial ends.
    const TANH_SMALL: Self;
    /// From here on the result rounds to 1.
    const TANH_LARGE: Self;
    /// `(tanh x - x)/x³` as a polynomial in `z = x²`.
    const TANH_POLYNOMIAL: Polynomial<Self>;
    /// `(sinh x - x)/x³` as a polynomial in `z = x²`, for `z < 1`.
    const SINH_POLYNOMIAL: Polynomial<Self>;
    /// From here on the hyperbolic sine overflows.
    const SINH_OVERFLOWS: Self;
    /// From here on `asinh x` rounds to `ln x + ln 2`.
    const ASINH_HUGE: Self;
}

impl Hyperbolic for f32 {
    const TANH_SMALL: Self = 0.8;
    const TANH_LARGE: Self = 9.1;
    const SINH_OVERFLOWS: Self = 89.5;
    /// Relative error of `sinh x`: 2^-27.2.
    const SINH_POLYNOMIAL: Polynomial<Self> =
        Polynomial::Horner(&[0.16666667, 0.0083333505, 0.00019836066, 2.8174384e-6]);
    const ASINH_HUGE: Self = 1152921504606846976.0; // 2^60
    /// Relative error of `tanh x`: 2^-26.7.
    const TANH_POLYNOMIAL: Polynomial<Self> =
        Polynomial::Horner(&[-0.333333, 0.1333227, -0.05385585, 0.021314004, -0.007425216, 0.0015930415]);
}

impl Hyperbolic for f64 {
    const TANH_SMALL: Self = 0.625;
    const TANH_LARGE: Self = 19.1;
    const SINH_OVERFLOWS: Self = 710.5;
    /// Relative error of `sinh x`: 2^-56.5.
    const SINH_POLYNOMIAL: Polynomial<Self> = Polynomial::TwoStrands(&[
        0.16666666666666666,
        0.008333333333333333,
        0.0001984126984126959,
        2.7557319224120253e-6,
        2.5052108345638666e-8,
        1.6059050706263952e-10,
        7.646476333454907e-13,
        2.848399056413093e-15,
    ]);
    const ASINH_HUGE: Self = 1152921504606846976.0; // 2^60
    /// Relative error of `tanh x`: 2^-57.3.
    const TANH_POLYNOMIAL: Polynomial<Self> = Polynomial::TwoStrands(&[
        -0.33333333333333315,
        0.1333333333332989,
        -0.053968253966134555,
        0.021869488470658095,
        -0.008863234341572258,
        0.003592114272026631,
        -0.00145572762182553,
        0.0005894586452384357,
        -0.0002370301889393136,
        9.158992692051458e-5,
        -3.0218097319806708e-5,
        6.055692773068299e-6,
    ]);
}

/// Hyperbolic tangent.
#[inline(always)]
pub(crate) fn tanh<A: Arithmetic, F: Float>(x: F) -> F {
    let a = x.abs().at_most(F::of(F::Number::TANH_LARGE));
    let z = a * a;
    let small = A::mul_add(a * z, evaluate::<A, F>(F::Number::TANH_POLYNOMIAL, z), a);
    let large = F::ONE - F::TWO / (exp_in_range::<A, F>(a + a) + F::ONE);
    F::choose(a.less(F::of(F::Number::TANH_SMALL)), small, large).with_sign_of(x)
}

/// Hyperbolic sine.
#[inline(always)]
pub(crate) fn sinh<A: Arithmetic, F: Float>(x: F) -> F {
    let a = x.abs().at_most(F::of(F::Number::SINH_OVERFLOWS));
    let Reduced { shifted, r, rest, .. } = reduce::<A, F>(a, F::ROUNDING + F::BIAS - F::TWO);
    let scale = F::power_of_two(shifted);
    let tail = A::mul_add(r * r, evaluate::<A, F>(F::Number::EXP_POLYNOMIAL, r), rest);
    let quarter = A::mul_add(scale, tail, A::mul_add(scale, r, scale - F::QUARTER));
    let half = quarter + quarter;
    // Where the denominator overflows, the fraction is negligible.
    let halved = quarter + quarter / (F::ONE + (half + half));
    let z = a * a;
    let small = A::mul_add(a * z, evaluate::<A, F>(F::Number::SINH_POLYNOMIAL, z), a);
    F::choose(a.less(F::ONE), small, halved + halved).with_sign_of(x)
}

/// Inverse hyperbolic sine.
#[inline(always)]
pub(crate) fn asinh<A: Arithmetic, F: Float>(x: F) -> F {
    let a = x.abs();
    let beyond = F::ONE.less(a);
    let inverse = F::ONE / a;
    let square = F::choose(beyond, inverse, a);
    let root = A::mul_add(square, square, F::ONE).square_root();
    let fraction = F::choose(beyond, F::ONE, a) / (F::choose(beyond, inverse, F::ONE) + root);
    let huge = F::of(F::Number::ASINH_HUGE).less(a);
    let argument = F::choose(huge, a, A::mul_add(a, fraction, a));
    let ln_2 = F::of(F::Number::LN_2_HIGH) + F::of(F::Number::LN_2_LOW);
    (ln_1p::<A, F>(argument) + F::choose(huge, ln_2, F::ZERO)).with_sign_of(x)
}
