//! Vector registers by their names, for the few loops whose speed is that of their registers: which values stay in one is written down,
//! not left to the compiler. All other kernels are plain loops (see [`dispatch`](super::dispatch)).
#![allow(unsafe_code)]
#![cfg_attr(not(target_arch = "x86_64"), allow(dead_code))] // no other processor has vectors here

use crate::op::Real;

/// The vectors of an instruction set.
///
/// # Safety
/// All methods of the vectors execute its instructions: code that is generic over this trait runs where the processor has them, and is
/// inlined into a function that is compiled with them.
pub(crate) trait Vectors: 'static {
    /// Of single precision.
    type Single: Vector<f32>;
    /// Of double precision.
    type Double: Vector<f64>;
    /// Rows, and vectors of a row, of a tile of sums that stays in registers beside a row of vectors and a broadcast number.
    const TILE: (usize, usize);
}

/// A register full of numbers.
pub(crate) trait Vector<T>: Copy {
    /// How many numbers.
    const LANES: usize;

    /// The same number in every lane.
    ///
    /// # Safety
    /// The processor has the instruction set.
    unsafe fn splat(value: T) -> Self;

    /// Numbers that lie one after the other.
    ///
    /// # Safety
    /// As above, and all of them may be read.
    unsafe fn load(from: *const T) -> Self;

    /// The first `count` of them, at most `LANES`; zeros in the other lanes, which are not read.
    ///
    /// # Safety
    /// As above, and `count` of them may be read.
    unsafe fn load_first(from: *const T, count: usize) -> Self;

    /// Writes all lanes.
    ///
    /// # Safety
    /// As above, and all of them may be written.
    unsafe fn store(self, to: *mut T);

    /// Writes the first `count` lanes, at most `LANES`, and nothing else.
    ///
    /// # Safety
    /// As above, and `count` of them may be written.
    unsafe fn store_first(self, to: *mut T, count: usize);

    /// `self · factor + sum`, rounded once.
    ///
    /// # Safety
    /// The processor has the instruction set.
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self;

    /// `self + other`.
    ///
    /// # Safety
    /// The processor has the instruction set.
    unsafe fn add(self, other: Self) -> Self;

    /// `self - other`.
    ///
    /// # Safety
    /// The processor has the instruction set.
    unsafe fn subtract(self, other: Self) -> Self;

    /// Without the signs.
    ///
    /// # Safety
    /// The processor has the instruction set.
    unsafe fn magnitude(self) -> Self;

    /// The greater of two magnitudes, which have no sign. NaN is greater than all, as its bits are.
    ///
    /// # Safety
    /// The processor has the instruction set.
    unsafe fn greater(self, other: Self) -> Self;

    /// 1 with the sign of each number; zeros and NaN themselves.
    ///
    /// # Safety
    /// The processor has the instruction set.
    unsafe fn sign(self) -> Self;

    /// Adds each lane to a sum in double precision.
    ///
    /// # Safety
    /// The processor has the instruction set, and nobody else uses the sums, as many as there are lanes.
    unsafe fn add_to(self, sums: *mut f64);

    /// The lanes of the two by turns: the first halves of both, then the second halves.
    ///
    /// # Safety
    /// The processor has the instruction set.
    unsafe fn interleave(self, other: Self) -> [Self; 2];
}

/// Numbers that there are vectors of.
pub(crate) trait Scalar: Real {
    /// Their vectors in an instruction set.
    type In<V: Vectors>: Vector<Self>;
}

impl Scalar for f32 {
    type In<V: Vectors> = V::Single;
}

impl Scalar for f64 {
    type In<V: Vectors> = V::Double;
}

/// The first `count` numbers; all lanes where there are so many.
///
/// # Safety
/// As for [`Vector::load_first`].
#[inline(always)]
pub(crate) unsafe fn load<T: Scalar, V: Vectors>(from: *const T, count: usize) -> T::In<V> {
    // SAFETY: the caller's promise.
    unsafe {
        if count == <T::In<V> as Vector<T>>::LANES {
            T::In::<V>::load(from)
        } else {
            T::In::<V>::load_first(from, count)
        }
    }
}

/// Writes the first `count` lanes, or all.
///
/// # Safety
/// As for [`Vector::store_first`].
#[inline(always)]
pub(crate) unsafe fn store<T: Scalar, V: Vectors>(vector: T::In<V>, to: *mut T, count: usize) {
    // SAFETY: the caller's promise.
    unsafe { if count == <T::In<V> as Vector<T>>::LANES { vector.store(to) } else { vector.store_first(to, count) } }
}

/// A loop over vectors, compiled for each instruction set that has them. As of a [`Kernel`](super::dispatch::Kernel), all that it calls
/// must be inlined.
pub(crate) trait VectorKernel {
    /// Computes.
    ///
    /// # Safety
    /// The processor has the instruction set; besides, what the kernel says of the memory that it reads and writes.
    unsafe fn run<V: Vectors>(self);
}

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Vector, Vectors};

    /// Registers of 512 bits with masks.
    pub(crate) struct Avx512;

    /// Registers of 256 bits, with fused multiply-add.
    pub(crate) struct Avx2;

    impl Vectors for Avx512 {
        type Single = __m512;
        type Double = __m512d;
        const TILE: (usize, usize) = (8, 3);
    }

    impl Vectors for Avx2 {
        type Single = __m256;
        type Double = __m256d;
        const TILE: (usize, usize) = (6, 2);
    }

    /// The methods of a vector, each a few instructions.
    macro_rules! vector {
        ($vector:ty, $number:ty, $lanes:literal, {
            $splat:ident, $load:ident, $store:ident, $mul_add:ident, $add:ident, $subtract:ident $(,)?
        }, $($method:ident: $body:expr),+ $(,)?) => {
            // SAFETY, of all blocks: that the instructions exist and the memory is there is what each method's caller promises.
            impl Vector<$number> for $vector {
                const LANES: usize = $lanes;
                #[inline(always)]
                unsafe fn splat(value: $number) -> Self {
                    unsafe { $splat(value) }
                }
                #[inline(always)]
                unsafe fn load(from: *const $number) -> Self {
                    unsafe { $load(from) }
                }
                #[inline(always)]
                unsafe fn store(self, to: *mut $number) {
                    unsafe { $store(to, self) }
                }
                #[inline(always)]
                unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
                    unsafe { $mul_add(self, factor, sum) }
                }
                #[inline(always)]
                unsafe fn add(self, other: Self) -> Self {
                    unsafe { $add(self, other) }
                }
                #[inline(always)]
                unsafe fn subtract(self, other: Self) -> Self {
                    unsafe { $subtract(self, other) }
                }
                $(vector!(@method $method, $number, $body);)+
            }
        };
        (@method load_first, $number:ty, $body:expr) => {
            #[inline(always)]
            unsafe fn load_first(from: *const $number, count: usize) -> Self {
                unsafe { $body(from, count) }
            }
        };
        (@method store_first, $number:ty, $body:expr) => {
            #[inline(always)]
            unsafe fn store_first(self, to: *mut $number, count: usize) {
                unsafe { $body(to, count, self) }
            }
        };
        (@method magnitude, $number:ty, $body:expr) => {
            #[inline(always)]
            unsafe fn magnitude(self) -> Self {
                unsafe { $body(self) }
            }
        };
        (@method greater, $number:ty, $body:expr) => {
            #[inline(always)]
            unsafe fn greater(self, other: Self) -> Self {
                unsafe { $body(self, other) }
            }
        };
        (@method sign, $number:ty, $body:expr) => {
            #[inline(always)]
            unsafe fn sign(self) -> Self {
                unsafe { $body(self) }
            }
        };
        (@method add_to, $number:ty, $body:expr) => {
            #[inline(always)]
            unsafe fn add_to(self, sums: *mut f64) {
                unsafe { $body(self, sums) }
            }
        };
        (@method interleave, $number:ty, $body:expr) => {
            #[inline(always)]
            unsafe fn interleave(self, other: Self) -> [Self; 2] {
                unsafe { $body(self, other) }
            }
        };
    }

    vector!(
        __m512,
        f32,
        16,
        { _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_fmadd_ps, _mm512_add_ps, _mm512_sub_ps },
        load_first: |from, count| _mm512_maskz_loadu_ps(bits(count) as __mmask16, from),
        store_first: |to, count, all| _mm512_mask_storeu_ps(to, bits(count) as __mmask16, all),
        magnitude: |all| _mm512_abs_ps(all),
        greater: |a, b| _mm512_castsi512_ps(_mm512_max_epu32(_mm512_castps_si512(a), _mm512_castps_si512(b))),
        sign: |all| {
            let signs = _mm512_and_ps(all, _mm512_set1_ps(-0.0));
            let ordered = _mm512_cmp_ps_mask::<_CMP_NEQ_OQ>(all, _mm512_setzero_ps());
            _mm512_mask_or_ps(all, ordered, signs, _mm512_set1_ps(1.0))
        },
        add_to: |all, sums: *mut f64| {
            let low = _mm512_cvtps_pd(_mm512_castps512_ps256(all));
            let high = _mm512_cvtps_pd(_mm512_extractf32x8_ps::<1>(all));
            _mm512_storeu_pd(sums, _mm512_add_pd(_mm512_loadu_pd(sums), low));
            _mm512_storeu_pd(sums.add(8), _mm512_add_pd(_mm512_loadu_pd(sums.add(8)), high));
        },
        interleave: |a, b| {
            let order = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            let behind = _mm512_add_epi32(order, _mm512_set1_epi32(8));
            [_mm512_permutex2var_ps(a, order, b), _mm512_permutex2var_ps(a, behind, b)]
        },
    );
    vector!(
        __m512d,
        f64,
        8,
        { _mm512_set1_pd, _mm512_loadu_pd, _mm512_storeu_pd, _mm512_fmadd_pd, _mm512_add_pd, _mm512_sub_pd },
        load_first: |from, count| _mm512_maskz_loadu_pd(bits(count) as __mmask8, from),
        store_first: |to, count, all| _mm512_mask_storeu_pd(to, bits(count) as __mmask8, all),
        magnitude: |all| _mm512_abs_pd(all),
        greater: |a, b| _mm512_castsi512_pd(_mm512_max_epu64(_mm512_castpd_si512(a), _mm512_castpd_si512(b))),
        sign: |all| {
            let signs = _mm512_and_pd(all, _mm512_set1_pd(-0.0));
            let ordered = _mm512_cmp_pd_mask::<_CMP_NEQ_OQ>(all, _mm512_setzero_pd());
            _mm512_mask_or_pd(all, ordered, signs, _mm512_set1_pd(1.0))
        },
        add_to: |all, sums: *mut f64| _mm512_storeu_pd(sums, _mm512_add_pd(_mm512_loadu_pd(sums), all)),
        interleave: |a, b| {
            let order = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
            let behind = _mm512_add_epi64(order, _mm512_set1_epi64(4));
            [_mm512_permutex2var_pd(a, order, b), _mm512_permutex2var_pd(a, behind, b)]
        },
    );
    vector!(
        __m256,
        f32,
        8,
        { _mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_fmadd_ps, _mm256_add_ps, _mm256_sub_ps },
        load_first: |from, count| _mm256_maskload_ps(from, mask(&SINGLE_MASKS, count)),
        store_first: |to, count, all| _mm256_maskstore_ps(to, mask(&SINGLE_MASKS, count), all),
        magnitude: |all| _mm256_andnot_ps(_mm256_set1_ps(-0.0), all),
        greater: |a, b| _mm256_castsi256_ps(_mm256_max_epu32(_mm256_castps_si256(a), _mm256_castps_si256(b))),
        sign: |all| {
            let ones = _mm256_or_ps(_mm256_and_ps(all, _mm256_set1_ps(-0.0)), _mm256_set1_ps(1.0));
            _mm256_blendv_ps(all, ones, _mm256_cmp_ps::<_CMP_NEQ_OQ>(all, _mm256_setzero_ps()))
        },
        add_to: |all, sums: *mut f64| {
            let low = _mm256_cvtps_pd(_mm256_castps256_ps128(all));
            let high = _mm256_cvtps_pd(_mm256_extractf128_ps::<1>(all));
            _mm256_storeu_pd(sums, _mm256_add_pd(_mm256_loadu_pd(sums), low));
            _mm256_storeu_pd(sums.add(4), _mm256_add_pd(_mm256_loadu_pd(sums.add(4)), high));
        },
        interleave: |a, b| {
            let (even, odd) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
            [_mm256_permute2f128_ps::<0x20>(even, odd), _mm256_permute2f128_ps::<0x31>(even, odd)]
        },
    );
    vector!(
        __m256d,
        f64,
        4,
        { _mm256_set1_pd, _mm256_loadu_pd, _mm256_storeu_pd, _mm256_fmadd_pd, _mm256_add_pd, _mm256_sub_pd },
        load_first: |from, count| _mm256_maskload_pd(from, mask(&DOUBLE_MASKS, count)),
        store_first: |to, count, all| _mm256_maskstore_pd(to, mask(&DOUBLE_MASKS, count), all),
        magnitude: |all| _mm256_andnot_pd(_mm256_set1_pd(-0.0), all),
        greater: |a, b| {
            // Their bits are positive, so that a comparison with signs does.
            let less = _mm256_cmpgt_epi64(_mm256_castpd_si256(b), _mm256_castpd_si256(a));
            _mm256_blendv_pd(a, b, _mm256_castsi256_pd(less))
        },
        sign: |all| {
            let ones = _mm256_or_pd(_mm256_and_pd(all, _mm256_set1_pd(-0.0)), _mm256_set1_pd(1.0));
            _mm256_blendv_pd(all, ones, _mm256_cmp_pd::<_CMP_NEQ_OQ>(all, _mm256_setzero_pd()))
        },
        add_to: |all, sums: *mut f64| _mm256_storeu_pd(sums, _mm256_add_pd(_mm256_loadu_pd(sums), all)),
        interleave: |a, b| {
            let (even, odd) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
            [_mm256_permute2f128_pd::<0x20>(even, odd), _mm256_permute2f128_pd::<0x31>(even, odd)]
        },
    );

    /// So many lowest bits.
    #[inline(always)]
    fn bits(count: usize) -> u32 {
        (1 << count) - 1
    }

    /// Lanes that take part, and as many that do not: a mask of `count` lanes begins `count` before the middle.
    static SINGLE_MASKS: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
    static DOUBLE_MASKS: [i64; 8] = [-1, -1, -1, -1, 0, 0, 0, 0];

    /// # Safety
    /// The processor has AVX.
    #[inline(always)]
    unsafe fn mask<T>(masks: &[T], count: usize) -> __m256i {
        let half = masks.len() / 2;
        // SAFETY: half of the masks fill a register, and the slice has as many.
        unsafe { _mm256_loadu_si256(masks[half - count..][..half].as_ptr().cast()) }
    }
}
