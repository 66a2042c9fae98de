//! `exp` and `exp_m1`.
//!
//! Reduction: `x = n ln 2 + r` with `n` whole and `|r| ≤ ln 2 / 2`; `ln 2` is taken in two pieces, of which the first
//! has so few bits that its product with `n` is exact. Then `eˣ = 2ⁿ eʳ`, and `eʳ = 1 + r + r² P(r)`.

use super::arithmetic::{Arithmetic, Float, Polynomial, evaluate};

/// The constants of the exponential function.
pub(crate) trait Exponential: Copy + 'static {
    /// `1/ln 2`.
    const LOG2_E: Self;
    /// The first bits of `ln 2`.
    const LN_2_HIGH: Self;
    /// `ln 2` less its first bits.
    const LN_2_LOW: Self;
    /// From here on the exponential overflows.
    const EXP_OVERFLOWS: Self;
    /// `(1.5 - 2 BIAS) ln 2`: what is clamped here is scaled by a power of two that is exactly zero, which unlike an
    /// underflow costs processors no extra time (masked logits are -∞).
    const EXP_LOWEST: Self;
    /// `2ⁿ` with this `n` or a lower one is nothing beside 1.
    const EXP_M1_LOWEST_EXPONENT: Self;
    /// Below this absolute value, `exp_m1(x)` is `x`.
    const EXP_M1_TINY: Self;
    /// `(eʳ - 1 - r)/r²` for `|r| ≤ ln 2 / 2`.
    const EXP_POLYNOMIAL: Polynomial<Self>;
}

impl Exponential for f32 {
    const LOG2_E: Self = std::f32::consts::LOG2_E;
    const LN_2_HIGH: Self = 0.69314575;
    const LN_2_LOW: Self = 1.4286068e-6;
    const EXP_OVERFLOWS: Self = 88.8;
    const EXP_LOWEST: Self = -175.5;
    const EXP_M1_LOWEST_EXPONENT: Self = -30.0;
    const EXP_M1_TINY: Self = 2.9802322e-8; // 2^-25
    /// Relative error of `eʳ`: 2^-27.8.
    const EXP_POLYNOMIAL: Polynomial<Self> =
        Polynomial::Horner(&[0.49999994, 0.1666652, 0.04166839, 0.008368782, 0.0013814709]);
}

impl Exponential for f64 {
    const LOG2_E: Self = std::f64::consts::LOG2_E;
    const LN_2_HIGH: Self = 0.6931471805598903;
    const LN_2_LOW: Self = 5.497923018708371e-14;
    const EXP_OVERFLOWS: Self = 709.8;
    const EXP_LOWEST: Self = -1417.2;
    const EXP_M1_LOWEST_EXPONENT: Self = -60.0;
    const EXP_M1_TINY: Self = 5.551115123125783e-17; // 2^-54
    /// Relative error of `eʳ`: 2^-56.5.
    const EXP_POLYNOMIAL: Polynomial<Self> = Polynomial::TwoStrands(&[
        0.5000000000000011,
        0.1666666666666641,
        0.04166666666652917,
        0.008333333333495197,
        0.0013888888943926917,
        0.0001984126950569842,
        2.4801492758126856e-5,
        2.7557586517944186e-6,
        2.7630380376173274e-7,
        2.5000220927313545e-8,
    ]);
}

/// The parts of a reduction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reduced<F> {
    /// `n + offset`.
    pub(super) shifted: F,
    pub(super) n: F,
    pub(super) r: F,
    /// What the rounding of `r` has lost.
    pub(super) rest: F,
}

/// Reduces `x`; `offset` is [`Float::ROUNDING`] and a whole number.
#[inline(always)]
pub(super) fn reduce<A: Arithmetic, F: Float>(x: F, offset: F) -> Reduced<F> {
    let shifted = A::mul_add(x, F::of(F::Number::LOG2_E), offset);
    let n = shifted - offset;
    let exact = A::mul_add(n, -F::of(F::Number::LN_2_HIGH), x);
    let r = A::mul_add(n, -F::of(F::Number::LN_2_LOW), exact);
    let rest = A::mul_add(n, -F::of(F::Number::LN_2_LOW), exact - r);
    Reduced { shifted, n, r, rest }
}

/// Reduces any `x`, with the offset for half of `2ⁿ`. `exp` and `exp_m1` of the same number have this in common.
#[inline(always)]
fn reduce_clamped<A: Arithmetic, F: Float>(x: F) -> Reduced<F> {
    let x = x.at_most(F::of(F::Number::EXP_OVERFLOWS)).at_least(F::of(F::Number::EXP_LOWEST));
    reduce::<A, F>(x, F::ROUNDING + F::BIAS - F::ONE)
}

/// `eˣ`.
#[inline(always)]
pub(crate) fn exp<A: Arithmetic, F: Float>(x: F) -> F {
    let Reduced { shifted, n, r, .. } = reduce_clamped::<A, F>(x);
    let p = A::mul_add(A::mul_add(evaluate::<A, F>(F::Number::EXP_POLYNOMIAL, r), r, F::ONE), r, F::ONE);
    p.scaled(n, shifted + (F::BIAS + F::ONE))
}

/// `eˣ` for `|x|` so small that `2ⁿ` is a normal number: no overflow, no denormals, no clamping.
#[inline(always)]
pub(super) fn exp_in_range<A: Arithmetic, F: Float>(x: F) -> F {
    let Reduced { shifted, n, r, .. } = reduce::<A, F>(x, F::ROUNDING + F::BIAS);
    let p = A::mul_add(A::mul_add(evaluate::<A, F>(F::Number::EXP_POLYNOMIAL, r), r, F::ONE), r, F::ONE);
    p.scaled_at_once(n).unwrap_or_else(|| p * F::power_of_two(shifted))
}

/// `eˣ - 1`, as `(2ⁿ - 1 + 2ⁿ r) + 2ⁿ r² P(r)`: the first bracket is rounded once, the small rest is added last.
#[inline(always)]
pub(crate) fn exp_m1<A: Arithmetic, F: Float>(x: F) -> F {
    let Reduced { shifted, r, rest, .. } = reduce_clamped::<A, F>(x);
    // Half of everything, because 2ⁿ itself overflows where the result does not yet.
    let lowest = F::ROUNDING + F::BIAS - F::ONE + F::of(F::Number::EXP_M1_LOWEST_EXPONENT);
    let scale = F::power_of_two(shifted.at_least(lowest));
    // The rest is seen where r is near -ln 2 / 2 and the result, 2 eʳ - 1, much smaller than its terms.
    let tail = A::mul_add(r * r, evaluate::<A, F>(F::Number::EXP_POLYNOMIAL, r), rest);
    let halved = A::mul_add(scale, tail, A::mul_add(scale, r, scale - F::HALF));
    // Halving would cost denormals their last bit.
    F::choose(x.abs().less(F::of(F::Number::EXP_M1_TINY)), x, halved + halved)
}
