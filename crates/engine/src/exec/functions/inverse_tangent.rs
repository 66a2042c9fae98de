//! `atan`.
//!
//! Up to 1 `atan a = a + a³ P(a²)`; beyond, `atan a = π/2 - atan(1/a)`, with `π/2` in two pieces.

use super::arithmetic::{Arithmetic, Float, Polynomial, evaluate};

/// The constants of the inverse tangent.
pub(crate) trait InverseTangent: Copy + 'static {
    /// The first bits of `π/2`.
    const HALF_PI_HIGH: Self;
    /// `π/2` less its first bits.
    const HALF_PI_LOW: Self;
    /// `(atan x - x)/x³` as a polynomial in `z = x²`.
    const ATAN_POLYNOMIAL: Polynomial<Self>;
}

impl InverseTangent for f32 {
    const HALF_PI_HIGH: Self = std::f32::consts::FRAC_PI_2;
    const HALF_PI_LOW: Self = -4.371139e-8;
    /// Relative error of `atan x`: 2^-26.4.
    const ATAN_POLYNOMIAL: Polynomial<Self> = Polynomial::Horner(&[
        -0.33333302,
        0.19998638,
        -0.1426525,
        0.10957598,
        -0.084195256,
        0.05823571,
        -0.031456865,
        0.011065067,
        -0.0018273523,
    ]);
}

impl InverseTangent for f64 {
    const HALF_PI_HIGH: Self = std::f64::consts::FRAC_PI_2;
    const HALF_PI_LOW: Self = 6.123233995736766e-17;
    /// Relative error of `atan x`: 2^-55.7. Not in two strands, which nearly cancel at 1.
    const ATAN_POLYNOMIAL: Polynomial<Self> = Polynomial::Horner(&[
        -0.33333333333333093,
        0.19999999999955437,
        -0.14285714282802256,
        0.11111111013650711,
        -0.09090907119230361,
        0.07692281186186396,
        -0.06666414990806223,
        0.05880592505500799,
        -0.05253805303973691,
        0.04723292431141159,
        -0.04221715177571576,
        0.03669346887108985,
        -0.029985470193009914,
        0.022085019447500652,
        -0.013994858345302681,
        0.007263265419001475,
        -0.002919294614376191,
        0.0008434681540934224,
        -0.0001547935683349307,
        1.3488939613588194e-5,
    ]);
}

/// Inverse tangent.
#[inline(always)]
pub(crate) fn atan<A: Arithmetic, F: Float>(x: F) -> F {
    let a = x.abs();
    let beyond = F::ONE.less(a);
    let t = F::choose(beyond, F::ONE / a, a);
    let (z, high, low) = (t * t, F::of(F::Number::HALF_PI_HIGH), F::of(F::Number::HALF_PI_LOW));
    let (cube, p) = (t * z, evaluate::<A, F>(F::Number::ATAN_POLYNOMIAL, z));
    let complement = high - (t + A::mul_add(cube, p, -low));
    F::choose(beyond, complement, A::mul_add(cube, p, t)).with_sign_of(x)
}
