//! The one rule for adding many numbers up, whatever adds them: `sum()`, sums along axes and running sums, scattered and overlapping
//! entries, gradients of lookups and windows, matrix products that are summed.
//!
//! - Single precision is added up in double precision and rounded once, at the end. A few neighbours, at most eight, may be added before they are
//!   widened; where no more than [`FEW`] numbers meet, none is.
//! - Double precision is added up in partial sums (`sum()`), or with the error of each addition kept beside the sum, as Neumaier does.
//! - Integers wrap around.
//! - The order of additions depends on shapes and indices alone, never on the number of threads.
//!
//! So an error does not grow with the number of terms until there are 2²⁹ of them or so. The exceptions are the terms of one entry of a matrix
//! product, which are added up in the element type, block by block, as in every BLAS; those of a reduction over pairs, where each lane of a
//! register takes 32 terms in the element type; the products that overlap in the gradient of a convolution with a kernel of no more than
//! 25 entries; and the entries of windows of no more than 16 along an axis, which are added in pairs, pairs of pairs and so on, so that none goes
//! through more than four additions for each axis.

use crate::buffer::Buffer;
use crate::storage::Element;

/// How many numbers may be added in their own type.
pub(super) const FEW: usize = 4;

/// A type of numbers that are added up.
pub(super) trait Summand: Element + Default {
    /// What sums are made of.
    type Word: Element + Default;
    /// What many of them are added up in.
    type Sum: Copy + Default + Send + Sync;

    /// The sums that some words are, all of which must be 0 in the beginning.
    fn sums(words: &mut [Self::Word]) -> &mut [Self::Sum];
    /// Words of a sum.
    const WORDS: usize;
    /// Adds a number.
    fn add_to(self, sum: &mut Self::Sum);
    /// Adds another sum.
    fn join(sum: &mut Self::Sum, other: Self::Sum);
    /// The sum, rounded.
    fn rounded(sum: Self::Sum) -> Self;
    /// The sum of two numbers, of which there are few.
    fn plus(self, other: Self) -> Self;
}

impl Summand for f32 {
    type Word = f64;
    type Sum = f64;
    const WORDS: usize = 1;

    #[inline(always)]
    fn sums(words: &mut [f64]) -> &mut [f64] {
        words
    }
    #[inline(always)]
    fn add_to(self, sum: &mut f64) {
        *sum += f64::from(self);
    }
    #[inline(always)]
    fn join(sum: &mut f64, other: f64) {
        *sum += other;
    }
    #[inline(always)]
    fn rounded(sum: f64) -> f32 {
        sum as f32
    }
    #[inline(always)]
    fn plus(self, other: f32) -> f32 {
        self + other
    }
}

/// A sum, and what its additions have rounded away.
impl Summand for f64 {
    type Word = f64;
    type Sum = [f64; 2];
    const WORDS: usize = 2;

    #[inline(always)]
    fn sums(words: &mut [f64]) -> &mut [[f64; 2]] {
        words.as_chunks_mut::<2>().0
    }
    #[inline(always)]
    fn add_to(self, [sum, error]: &mut [f64; 2]) {
        // The exact error of an addition, whichever operand is the greater (Knuth's TwoSum).
        let next = *sum + self;
        let added = next - *sum;
        *error += (*sum - (next - added)) + (self - added);
        *sum = next;
    }
    #[inline(always)]
    fn join(sum: &mut [f64; 2], [other, error]: [f64; 2]) {
        other.add_to(sum);
        sum[1] += error;
    }
    #[inline(always)]
    fn rounded([sum, error]: [f64; 2]) -> f64 {
        // The error is NaN where the sum is infinite.
        if error.is_finite() { sum + error } else { sum }
    }
    #[inline(always)]
    fn plus(self, other: f64) -> f64 {
        self + other
    }
}

impl Summand for i64 {
    type Word = i64;
    type Sum = i64;
    const WORDS: usize = 1;

    #[inline(always)]
    fn sums(words: &mut [i64]) -> &mut [i64] {
        words
    }
    #[inline(always)]
    fn add_to(self, sum: &mut i64) {
        *sum = sum.wrapping_add(self);
    }
    #[inline(always)]
    fn join(sum: &mut i64, other: i64) {
        other.add_to(sum);
    }
    #[inline(always)]
    fn rounded(sum: i64) -> i64 {
        sum
    }
    #[inline(always)]
    fn plus(self, other: i64) -> i64 {
        self.wrapping_add(other)
    }
}

/// Memory for sums.
pub(super) struct Sums<T: Summand>(Buffer<T::Word>);

impl<T: Summand> Sums<T> {
    pub(super) fn of(count: usize) -> Sums<T> {
        Sums(Buffer::of(count * T::WORDS))
    }

    /// All of them.
    pub(super) fn all(&mut self) -> &mut [T::Sum] {
        T::sums(&mut self.0)
    }

    /// The first so many sums, of nothing.
    pub(super) fn cleared(&mut self, count: usize) -> &mut [T::Sum] {
        let words = &mut self.0[..count * T::WORDS];
        words.fill(T::Word::default());
        T::sums(words)
    }
}

/// Rounds sums into where they go.
pub(super) fn round<T: Summand>(sums: &[T::Sum], to: &mut [T]) {
    to.iter_mut().zip(sums).for_each(|(to, &sum)| *to = T::rounded(sum));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total<T: Summand>(numbers: impl IntoIterator<Item = T>) -> T {
        let mut sum = T::Sum::default();
        numbers.into_iter().for_each(|number| number.add_to(&mut sum));
        T::rounded(sum)
    }

    #[test]
    fn sums_are_exact() {
        assert_eq!(total(std::iter::repeat_n(1.0f32, 1 << 25)), 33_554_432.0);
        assert_eq!(total([1e16, 1.0, 1.0, -1e16]), 2.0);
        assert_eq!(total([1.0, 1e100, 1.0, -1e100]), 2.0);
        assert_eq!(total([i64::MAX, 1]), i64::MIN);
        assert_eq!(total::<f64>([]).to_bits(), 0.0f64.to_bits());
    }

    #[test]
    fn what_is_not_finite_stays_so() {
        assert_eq!(total([1.0, f64::INFINITY, 2.0]), f64::INFINITY);
        assert_eq!(total([f64::MAX, f64::MAX]), f64::INFINITY);
        assert_eq!(total([-f64::MAX, -f64::MAX, 1.0]), f64::NEG_INFINITY);
        assert!(total([f64::INFINITY, f64::NEG_INFINITY]).is_nan());
        assert!(total([1.0, f64::NAN, 1.0]).is_nan());
        assert!(total([f32::INFINITY, f32::NEG_INFINITY]).is_nan());
    }
}
