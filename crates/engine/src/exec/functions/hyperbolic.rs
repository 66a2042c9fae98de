//! `tanh`.
//!
//! Near zero `tanh x = x + x³ P(x²)`; beyond, `tanh |x| = 1 - 2/(e^(2|x|) + 1)`, where the fraction is below one half
//! and its error counts accordingly less. Both are computed and one is taken.

use super::arithmetic::{Arithmetic, Float, Polynomial, evaluate};
use super::exponential::exp_in_range;

/// The constants of the hyperbolic tangent.
pub(crate) trait Hyperbolic: Copy + 'static {
    /// Where the polynomial ends.
    const TANH_SMALL: Self;
    /// From here on the result rounds to 1.
    const TANH_LARGE: Self;
    /// `(tanh x - x)/x³` as a polynomial in `z = x²`.
    const TANH_POLYNOMIAL: Polynomial<Self>;
}

impl Hyperbolic for f32 {
    const TANH_SMALL: Self = 0.8;
    const TANH_LARGE: Self = 9.1;
    /// Relative error of `tanh x`: 2^-26.7.
    const TANH_POLYNOMIAL: Polynomial<Self> =
        Polynomial::Horner(&[-0.333333, 0.1333227, -0.05385585, 0.021314004, -0.007425216, 0.0015930415]);
}

impl Hyperbolic for f64 {
    const TANH_SMALL: Self = 0.625;
    const TANH_LARGE: Self = 19.1;
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
