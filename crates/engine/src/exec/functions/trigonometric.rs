//! `sin` and `cos`.
//!
//! Reduction: `x = n π/2 + r` with `n` whole and `|r| ≤ π/4` (1 % more at the end of the range), after Cody and Waite:
//! `π/2` is taken in so many pieces, and their products with `n` are so exact, that `r` has full relative precision
//! even where `x` is the number nearest to a multiple of `π/2`. That works up to a limit, which is the same on every
//! level; beyond it a library reduces with as many digits of `π` as it takes, one element at a time, in a second pass
//! over the tile. The result of an element never depends on its neighbours.
//!
//! Then `sin r = r + r³ S(r²)` and `cos r = 1 - r²/2 + r⁴ C(r²)`, chosen and signed by the quadrant `n mod 4`.

use super::arithmetic::{Arithmetic, Float, Polynomial, evaluate};

/// The reduction and the approximation of sine and cosine.
pub(crate) trait Trigonometric: Float + PartialOrd {
    /// Up to this absolute value the quick reduction is right.
    const LIMIT: Self;
    /// `(r, rest, n)`: the reduced angle is `r + rest`, of `n` the last two bits count.
    fn reduce<A: Arithmetic>(self) -> (Self, Self, u32);
    /// `(sin r - r)/r³` as a polynomial in `z = r²`.
    const SIN_POLYNOMIAL: Polynomial<Self::Number>;
    /// `(cos r - 1)/r²` as a polynomial in `z = r²`.
    const COS_POLYNOMIAL: Polynomial<Self::Number>;
    /// The sine of any number, by the library.
    fn slow_sin(self) -> Self;
    /// The cosine of any number, by the library.
    fn slow_cos(self) -> Self;
    /// `magnitude`, negated if bit 1 of `quadrant` is set, and again if `sign` is negative.
    fn signed(magnitude: Self, quadrant: u32, sign: Self) -> Self;
}

impl Trigonometric for f32 {
    const LIMIT: Self = 131072.0;

    #[inline(always)]
    fn reduce<A: Arithmetic>(self) -> (Self, Self, u32) {
        if A::FUSED {
            let shifted = A::mul_add(self, std::f32::consts::FRAC_2_PI, Self::ROUNDING);
            let n = shifted - Self::ROUNDING;
            // Exact, and a multiple of 2^-24 (for n = 0 it is x). Exact it stays if the next piece is rounded to such a
            // multiple, by adding a number whose unit in the last place that is.
            let r = A::mul_add(n, -std::f32::consts::FRAC_PI_2, self);
            let step = A::mul_add(n, 4.371139e-8, 0.75) - 0.75;
            let rest = A::mul_add(n, 1.7151245e-15, A::mul_add(n, 4.371139e-8, -step));
            (r + step, rest, shifted.to_bits())
        } else {
            // In double precision two pieces do; in single precision it would take five.
            let x = f64::from(self);
            let shifted = x * std::f64::consts::FRAC_2_PI + f64::ROUNDING;
            let n = shifted - f64::ROUNDING;
            let exact = (x - n * 1.5707963267341256) - n * 6.077100506506192e-11;
            let r = exact as Self;
            (r, (exact - f64::from(r)) as Self, shifted.to_bits() as u32)
        }
    }

    /// Relative error of `sin r`: 2^-27.8.
    const SIN_POLYNOMIAL: Polynomial<Self> = Polynomial::Horner(&[-0.16666654, 0.0083321035, -0.0001950696]);

    /// Relative error of `cos r`: 2^-30.
    const COS_POLYNOMIAL: Polynomial<Self> = Polynomial::Horner(&[-0.5, 0.04166664, -0.001388721, 2.44211e-5]);

    fn slow_sin(self) -> Self {
        libm::sin(f64::from(self)) as Self
    }

    fn slow_cos(self) -> Self {
        libm::cos(f64::from(self)) as Self
    }

    #[inline(always)]
    fn signed(magnitude: Self, quadrant: u32, sign: Self) -> Self {
        Self::from_bits(magnitude.to_bits() ^ (((quadrant << 30) ^ sign.to_bits()) & 0x8000_0000))
    }
}

impl Trigonometric for f64 {
    const LIMIT: Self = 524288.0;

    #[inline(always)]
    fn reduce<A: Arithmetic>(self) -> (Self, Self, u32) {
        let shifted = A::mul_add(self, std::f64::consts::FRAC_2_PI, Self::ROUNDING);
        let n = shifted - Self::ROUNDING;
        let (r, rest) = if A::FUSED {
            let r = A::mul_add(n, -std::f64::consts::FRAC_PI_2, self);
            let r = A::mul_add(n, -6.123233995736766e-17, r);
            (r, n * 1.4973849048591698e-33)
        } else {
            // Pieces of 33 bits: their products with n < 2^20 are exact, and so is the first difference; what the others
            // lose is kept.
            let exact = self - n * 1.5707963267341256;
            let step = n * 6.077100506303966e-11;
            let first = exact - step;
            let lost = (exact - first) - step;
            let step = n * 2.0222662487111665e-21;
            let r = first - step;
            (r, ((first - r) - step) + (lost - n * 8.4784276603689e-32))
        };
        (r, rest, shifted.to_bits() as u32)
    }

    /// Relative error of `sin r`: 2^-56.6.
    const SIN_POLYNOMIAL: Polynomial<Self> = Polynomial::Horner(&[
        -0.16666666666666624,
        0.008333333333320552,
        -0.00019841269828269097,
        2.7557313143952218e-6,
        -2.5050670424641053e-8,
        1.5891618334750957e-10,
    ]);

    /// Relative error of `cos r`: 2^-58.9.
    const COS_POLYNOMIAL: Polynomial<Self> = Polynomial::Horner(&[
        -0.5,
        0.041666666666666574,
        -0.001388888888887029,
        2.4801587287104512e-5,
        -2.755731366949017e-7,
        2.087563095828332e-9,
        -1.135489243211113e-11,
    ]);

    fn slow_sin(self) -> Self {
        libm::sin(self)
    }

    fn slow_cos(self) -> Self {
        libm::cos(self)
    }

    #[inline(always)]
    fn signed(magnitude: Self, quadrant: u32, sign: Self) -> Self {
        Self::from_bits(magnitude.to_bits() ^ (((u64::from(quadrant) << 62) ^ sign.to_bits()) & (1 << 63)))
    }
}

/// The sine in quadrant `n`, of an angle with the sign of `sign`.
#[inline(always)]
fn in_quadrant<A: Arithmetic, F: Trigonometric>(r: F, rest: F, quadrant: u32, sign: F) -> F {
    let z = r * r;
    // The rest matters to the sine only, where r is small or the result is near a change of exponent.
    let sin = r + A::mul_add(r * z, evaluate::<A, F>(F::SIN_POLYNOMIAL, z), rest);
    let cos = A::mul_add(z, evaluate::<A, F>(F::COS_POLYNOMIAL, z), F::ONE);
    F::signed(if quadrant & 1 == 0 { sin } else { cos }, quadrant, sign)
}

/// Sine, for `|x| ≤ LIMIT`.
#[inline(always)]
fn sin_in_range<A: Arithmetic, F: Trigonometric>(x: F) -> F {
    let (r, rest, quadrant) = x.abs().reduce::<A>();
    in_quadrant::<A, F>(r, rest, quadrant, x)
}

/// Cosine, for `|x| ≤ LIMIT`.
#[inline(always)]
fn cos_in_range<A: Arithmetic, F: Trigonometric>(x: F) -> F {
    let (r, rest, quadrant) = x.abs().reduce::<A>();
    in_quadrant::<A, F>(r, rest, quadrant.wrapping_add(1), F::ONE)
}

/// Whether the quick reduction is right. NaN counts as large.
#[inline(always)]
fn in_range<F: Trigonometric>(x: F) -> bool {
    x.abs() <= F::LIMIT
}

/// The same of all numbers of a tile, without an early end, which would not vectorise.
#[inline(always)]
fn all_in_range<F: Trigonometric>(tile: &[F]) -> bool {
    tile.iter().fold(true, |all, &x| all & in_range(x))
}

macro_rules! function {
    ($tile:ident, $in_range:ident, $slow:ident, $text:literal) => {
        #[doc = concat!($text, " of every number of a tile, of any size. In two passes: a branch for the large ones in the first")]
        /// would keep it from being vectorised.
        #[inline(always)]
        pub(crate) fn $tile<A: Arithmetic, F: Trigonometric>(x: &[F], y: &mut [F]) {
            for (y, &x) in y.iter_mut().zip(x) {
                *y = $in_range::<A, F>(x);
            }
            if !all_in_range(x) {
                for (y, &x) in y.iter_mut().zip(x).filter(|(_, x)| !in_range(**x)) {
                    *y = x.$slow();
                }
            }
        }
    };
}
function!(sin_tile, sin_in_range, slow_sin, "Sine");
function!(cos_tile, cos_in_range, slow_cos, "Cosine");
