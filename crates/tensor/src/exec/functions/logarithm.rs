//! `ln` and `ln_1p`.
//!
//! Reduction: `x = 2ᵏ (1 + f)`, by integer arithmetic on the bits; `ln x = k ln 2 + ln(1 + f)`. For `ln_1p`, `f` also
//! takes in what the sum `1 + x` has rounded away.
//!
//! Single precision: `¾ < 1 + f ≤ 3/2`, where the rounding of `f` does least harm, and `ln(1 + f) = f - f² P(f)`.
//! Double precision, where that polynomial would be long: `√½ < 1 + f ≤ √2` and `ln(1 + f) = f - (f²/2 - s (f²/2 + s²
//! P(s²)))` with `s = f/(2 + f)`, from the series of `2 artanh s`.

use super::arithmetic::{Arithmetic, Float, polynomial};
use super::exponential::Exponential;

/// The reduction and the approximation of the logarithm.
pub(crate) trait Logarithm: Exponential {
    /// Makes every denormal number normal.
    const LIFT: Self;
    /// The exponent of `LIFT`.
    const LIFT_EXPONENT: Self;
    /// `(1 + f, -k, 2^-k)` of a positive normal number; `2^-k` is zero where it underflows.
    fn split(self) -> (Self, Self, Self);
    /// `k ln 2 + ln(1 + f)`, given `-k`.
    fn ln_reduced<A: Arithmetic>(f: Self, minus_k: Self) -> Self;
}

impl Logarithm for f32 {
    const LIFT: Self = 16777216.0;
    const LIFT_EXPONENT: Self = 24.0;

    #[inline(always)]
    fn split(self) -> (Self, Self, Self) {
        const EXPONENT: u32 = 0xff80_0000;
        let bits = self.to_bits();
        let difference = 1.5_f32.to_bits().wrapping_sub(bits);
        let exponent = difference & EXPONENT;
        let mantissa = Self::from_bits(bits.wrapping_add(exponent));
        let scale = Self::from_bits(exponent.wrapping_add(1.0_f32.to_bits()));
        // For k = 128 the bits of 2^-k are those of -∞.
        (mantissa, (difference as i32 >> 23) as f32, scale.at_least(0.0))
    }

    /// Relative error of `ln(1 + f)`: 2^-27.1.
    #[inline(always)]
    fn ln_reduced<A: Arithmetic>(f: Self, minus_k: Self) -> Self {
        let p = polynomial::<A, _, _>(
            f,
            [0.5, -0.33333454, 0.25000057, -0.19990608, 0.1664775, -0.14482023, 0.13162346, -0.10448766, 0.04491322],
        );
        let ln = A::mul_add(-(f * f), p, f);
        A::mul_add(minus_k, -Self::LN_2_HIGH, A::mul_add(minus_k, -Self::LN_2_LOW, ln))
    }
}

impl Logarithm for f64 {
    const LIFT: Self = 18014398509481984.0;
    const LIFT_EXPONENT: Self = 54.0;

    #[inline(always)]
    fn split(self) -> (Self, Self, Self) {
        const EXPONENT: u64 = 0xfff0_0000_0000_0000;
        const OFFSET: u64 = 1100;
        let bits = self.to_bits();
        let difference = std::f64::consts::SQRT_2.to_bits().wrapping_sub(bits);
        let exponent = difference & EXPONENT;
        let mantissa = Self::from_bits(bits.wrapping_add(exponent));
        let scale = Self::from_bits(exponent.wrapping_add(1.0_f64.to_bits()));
        // Below AVX-512 there is neither a conversion of 64-bit integers nor their arithmetic shift: the offset
        // exponent becomes the last bits of 2^52.
        let offset = difference.wrapping_add(OFFSET << 52) >> 52;
        let minus_k = Self::from_bits(offset | 4503599627370496.0_f64.to_bits()) - (4503599627370496.0 + OFFSET as f64);
        (mantissa, minus_k, scale.at_least(0.0))
    }

    /// Relative error of `ln(1 + f)`: 2^-59.
    #[inline(always)]
    fn ln_reduced<A: Arithmetic>(f: Self, minus_k: Self) -> Self {
        let s = f / (2.0 + f);
        let z = s * s;
        let p = polynomial::<A, _, _>(
            z,
            [
                0.6666666666666734,
                0.3999999999941517,
                0.28571428742300775,
                0.22222198580468963,
                0.18183564010735975,
                0.15314057369713613,
                0.14795891401937275,
            ],
        );
        let half_square = 0.5 * f * f;
        let rest = A::mul_add(s, A::mul_add(z, p, half_square), -(minus_k * Self::LN_2_LOW));
        A::mul_add(minus_k, -Self::LN_2_HIGH, f - (half_square - rest))
    }
}

/// The result where the argument of the logarithm is positive and finite, else the limit or NaN; `infinite` is the
/// result at infinity and at NaN.
#[inline(always)]
fn with_special<F: Float>(argument: F, result: F, infinite: F) -> F {
    let result = if argument < F::INFINITY { result } else { infinite };
    let result = if argument < F::ZERO { F::NAN } else { result };
    if argument == F::ZERO { -F::INFINITY } else { result }
}

/// Natural logarithm.
#[inline(always)]
pub(crate) fn ln<A: Arithmetic, F: Logarithm>(x: F) -> F {
    let denormal = x < F::SMALLEST_NORMAL;
    let (mantissa, minus_k, _) = (if denormal { x * F::LIFT } else { x }).split();
    let minus_k = minus_k + if denormal { F::LIFT_EXPONENT } else { F::ZERO };
    with_special(x, F::ln_reduced::<A>(mantissa - F::ONE, minus_k), x)
}

/// `ln(1 + x)`.
#[inline(always)]
pub(crate) fn ln_1p<A: Arithmetic, F: Logarithm>(x: F) -> F {
    let u = F::ONE + x;
    // Exact up to the point where 1 does not matter.
    let rounded_away = x - (u - F::ONE);
    let (mantissa, minus_k, scale) = u.split();
    let f = A::mul_add(rounded_away, scale, mantissa - F::ONE);
    let result = F::ln_reduced::<A>(f, minus_k).with_sign_of(x);
    with_special(u, result, x)
}
