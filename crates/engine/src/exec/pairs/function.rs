//! What is added up over pairs: functions of a difference, and of the factors of its pair.

use std::num::Wrapping;
use std::ops::{BitOr, BitXor, Sub};

use crate::exec::functions::{Arithmetic, Float};
use crate::op::Real;

/// A number that pairs are computed in.
pub(super) trait Lane: Float<Number = Self, Truth = bool> + Real {
    /// 0 and 1, which both of these have.
    const NOTHING: Self = <Self as Float>::ZERO;
    const UNIT: Self = <Self as Float>::ONE;
    /// Squares from here to there are far from the ends of the numbers: none of those added to them counts where it is too small.
    const SQUARES: (Self, Self);
    /// An integer as wide as the number.
    type Bits: Copy
        + Default
        + Ord
        + BitOr<Output = Self::Bits>
        + BitXor<Output = Self::Bits>
        + Sub<Output = Self::Bits>;
    /// Positive numbers are in the order of their bits; negative ones and NaN have others.
    fn bits(self) -> Self::Bits;
    fn widen(self) -> f64;
    fn narrow(wide: f64) -> Self;
    /// The greater of a magnitude and that of a number. NaN is greater than all, as its bits are: nothing is once it is there.
    fn greater_magnitude(self, other: Self) -> Self;
}

impl Lane for f32 {
    const SQUARES: (f32, f32) = (1e-24, 1e36);
    type Bits = Wrapping<u32>;
    #[inline(always)]
    fn bits(self) -> Wrapping<u32> {
        Wrapping(self.to_bits())
    }
    #[inline(always)]
    fn widen(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn narrow(wide: f64) -> f32 {
        wide as f32
    }
    #[inline(always)]
    fn greater_magnitude(self, other: f32) -> f32 {
        f32::from_bits(self.to_bits().max(f32::abs(other).to_bits()))
    }
}

impl Lane for f64 {
    const SQUARES: (f64, f64) = (1e-260, 1e300);
    type Bits = Wrapping<u64>;
    #[inline(always)]
    fn bits(self) -> Wrapping<u64> {
        Wrapping(self.to_bits())
    }
    #[inline(always)]
    fn widen(self) -> f64 {
        self
    }
    #[inline(always)]
    fn narrow(wide: f64) -> f64 {
        wide
    }
    #[inline(always)]
    fn greater_magnitude(self, other: f64) -> f64 {
        f64::from_bits(self.to_bits().max(f64::abs(other).to_bits()))
    }
}

/// A term, and how it joins those before it.
pub(super) trait Function<T: Lane>: Copy + Sync {
    /// How many factors there are.
    const FACTORS: usize;
    /// Whether terms are added up.
    const IS_SUM: bool = true;
    fn added<A: Arithmetic>(difference: T, factors: [T; 3], sum: T) -> T;
}

/// `d²`.
#[derive(Clone, Copy)]
pub(super) struct Square;

/// `(d p)²`.
#[derive(Clone, Copy)]
pub(super) struct ScaledSquare;

/// `|d|`.
#[derive(Clone, Copy)]
pub(super) struct Magnitude;

/// The greatest `|d|`.
#[derive(Clone, Copy)]
pub(super) struct Greatest;

/// `d p₁ …`.
#[derive(Clone, Copy)]
pub(super) struct Difference<const FACTORS: usize>;

/// `sign(d) p₁ …`.
#[derive(Clone, Copy)]
pub(super) struct Sign<const FACTORS: usize>;

impl<T: Lane> Function<T> for Square {
    const FACTORS: usize = 0;
    #[inline(always)]
    fn added<A: Arithmetic>(difference: T, _: [T; 3], sum: T) -> T {
        A::mul_add(difference, difference, sum)
    }
}

impl<T: Lane> Function<T> for ScaledSquare {
    const FACTORS: usize = 1;
    #[inline(always)]
    fn added<A: Arithmetic>(difference: T, [factor, ..]: [T; 3], sum: T) -> T {
        let scaled = difference * factor;
        A::mul_add(scaled, scaled, sum)
    }
}

impl<T: Lane> Function<T> for Magnitude {
    const FACTORS: usize = 0;
    #[inline(always)]
    fn added<A: Arithmetic>(difference: T, _: [T; 3], sum: T) -> T {
        sum + difference.abs()
    }
}

impl<T: Lane> Function<T> for Greatest {
    const FACTORS: usize = 0;
    const IS_SUM: bool = false;
    #[inline(always)]
    fn added<A: Arithmetic>(difference: T, _: [T; 3], greatest: T) -> T {
        greatest.greater_magnitude(difference)
    }
}

/// A number times the factors of its pair, in their order, added to a sum.
#[inline(always)]
fn times<A: Arithmetic, T: Lane, const FACTORS: usize>(number: T, [a, b, c]: [T; 3], sum: T) -> T {
    match FACTORS {
        1 => A::mul_add(number, a, sum),
        2 => A::mul_add(number * a, b, sum),
        _ => A::mul_add(number * a * b, c, sum),
    }
}

impl<T: Lane, const FACTORS: usize> Function<T> for Difference<FACTORS> {
    const FACTORS: usize = FACTORS;
    #[inline(always)]
    fn added<A: Arithmetic>(difference: T, factors: [T; 3], sum: T) -> T {
        times::<A, T, FACTORS>(difference, factors, sum)
    }
}

impl<T: Lane, const FACTORS: usize> Function<T> for Sign<FACTORS> {
    const FACTORS: usize = FACTORS;
    #[inline(always)]
    fn added<A: Arithmetic>(difference: T, factors: [T; 3], sum: T) -> T {
        // The product keeps the sign of a zero, and NaN.
        let other = T::choose(difference.less(T::NOTHING), -T::UNIT, difference * T::NOTHING);
        let sign = T::choose(T::NOTHING.less(difference), T::UNIT, other);
        times::<A, T, FACTORS>(sign, factors, sum)
    }
}
