//! Tiles of a reduction over pairs that stay in registers while terms are added: rows of the result by vectors of its columns, as in a
//! [direct product](crate::exec::matmul) of matrices. One operand is broadcast, the other read as vectors.
#![allow(unsafe_code)]
#![cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
// no other processor has vectors here
// Indices, for all loops over rows and vectors of a tile alike: the arrays become registers.
#![allow(clippy::needless_range_loop)]

use std::marker::PhantomData;

use crate::exec::pairs::RUN;
use crate::exec::pairs::function::Lane;
use crate::exec::vectors::{Scalar, Vector, VectorKernel, Vectors, load, store};

/// Lanes of the widest tile, whose sums have totals.
const MOST_LANES: usize = 8 * 3 * 16;

/// What a term is, and how it joins those before it.
pub(super) trait TileFunction: Copy {
    /// Whether terms are added up: a sum takes [`RUN`] of them.
    const IS_SUM: bool = true;
    /// Whether a difference is that of the vectors and numbers of the result's own row and column, the factor the number that is broadcast.
    const IS_WEIGHTED: bool = false;
    /// # Safety
    /// The processor has the vectors' instruction set.
    unsafe fn joined<T: Lane + Scalar, V: Vectors>(
        broadcast: T::In<V>,
        vector: T::In<V>,
        own: T::In<V>,
        sum: T::In<V>,
    ) -> T::In<V>;
}

/// `(a - b)²`.
#[derive(Clone, Copy)]
pub(super) struct Square;

/// `|a - b|`.
#[derive(Clone, Copy)]
pub(super) struct Magnitude;

/// The greatest `|a - b|`.
#[derive(Clone, Copy)]
pub(super) struct Greatest;

/// `a (b - own)`.
#[derive(Clone, Copy)]
pub(super) struct Difference;

/// `a sign(b - own)`.
#[derive(Clone, Copy)]
pub(super) struct Sign;

macro_rules! tile_function {
    ($function:ty, { $($setting:item)* }, |$broadcast:ident, $vector:ident, $own:ident, $sum:ident, $one:ident| $body:expr) => {
        impl TileFunction for $function {
            $($setting)*
            #[inline(always)]
            unsafe fn joined<T: Lane + Scalar, V: Vectors>(
                $broadcast: T::In<V>,
                $vector: T::In<V>,
                $own: T::In<V>,
                $sum: T::In<V>,
            ) -> T::In<V> {
                // SAFETY: the caller's promise.
                unsafe {
                    let $one = T::In::<V>::splat(T::UNIT);
                    $body
                }
            }
        }
    };
}

tile_function!(Square, {}, |a, b, _own, sum, _one| {
    let difference = a.subtract(b);
    difference.mul_add(difference, sum)
});
tile_function!(Magnitude, {}, |a, b, _own, sum, one| a.subtract(b).magnitude().mul_add(one, sum));
tile_function!(
    Greatest,
    {
        const IS_SUM: bool = false;
    },
    |a, b, _own, sum, _one| sum.greater(a.subtract(b).magnitude())
);
tile_function!(
    Difference,
    {
        const IS_WEIGHTED: bool = true;
    },
    |a, b, own, sum, _one| b.subtract(own).mul_add(a, sum)
);
tile_function!(
    Sign,
    {
        const IS_WEIGHTED: bool = true;
    },
    |a, b, own, sum, _one| b.subtract(own).sign().mul_add(a, sum)
);

/// A reduction, or some rows of its result.
#[derive(Clone, Copy)]
pub(super) struct Tiles<T, F> {
    /// Rows and columns of the result, and terms of each entry: none is 0.
    pub(super) sizes: [usize; 3],
    /// What is broadcast, and from one row to the next, and from one term.
    pub(super) broadcast: *const T,
    pub(super) broadcast_strides: (isize, isize),
    /// What is read as vectors, and from one term to the next.
    pub(super) vectors: *const T,
    pub(super) vectors_stride: isize,
    /// The numbers of the result's own rows and columns, where there are any, and from one row to the next.
    pub(super) own: *const T,
    pub(super) own_stride: isize,
    pub(super) out: *mut T,
    /// From one row of the result to the next.
    pub(super) out_stride: usize,
    /// What each sum is multiplied by.
    pub(super) outside: f64,
    pub(super) function: PhantomData<F>,
}

impl<T: Lane + Scalar, F: TileFunction> VectorKernel for Tiles<T, F> {
    /// # Safety
    /// Besides the instruction set: all operands may be read, and the result written, by nobody else meanwhile.
    #[inline(always)]
    unsafe fn run<V: Vectors>(self) {
        let lanes = <T::In<V> as Vector<T>>::LANES;
        let wide = V::TILE.1 == 3;
        let most = match (F::IS_WEIGHTED, wide) {
            (false, true) => 3,
            (false, false) | (true, true) => 2,
            (true, false) => 1,
        };
        let vectors = self.sizes[1].div_ceil(lanes);
        let width = vectors.div_ceil(vectors.div_ceil(most));
        let mut column = 0;
        while column < self.sizes[1] {
            let columns = (width * lanes).min(self.sizes[1] - column);
            // SAFETY: the columns are some of the result's, in so many vectors.
            unsafe {
                match columns.div_ceil(lanes) {
                    1 => self.panel::<V, 1>(column, columns),
                    2 if most >= 2 => self.panel::<V, 2>(column, columns),
                    3 if most == 3 => self.panel::<V, 3>(column, columns),
                    wider => unreachable!("tiles of {wider} vectors"),
                }
            }
            column += columns;
        }
    }
}

impl<T: Lane + Scalar, F: TileFunction> Tiles<T, F> {
    /// Some columns of the result, as many as `C` vectors hold, the last one perhaps in part.
    ///
    /// # Safety
    /// As for [`run`](VectorKernel::run), and the columns are some of the result's.
    #[inline(always)]
    unsafe fn panel<V: Vectors, const C: usize>(&self, column: usize, columns: usize) {
        let rows = self.sizes[0];
        // As many rows as leave registers for what is read: the numbers of the tile itself too, where there are any.
        let most = match (F::IS_WEIGHTED, V::TILE.1 == 3) {
            (true, _) => 6,
            (false, true) => 8,
            (false, false) => 4,
        };
        let mut row = 0;
        // SAFETY: the rows are some of the result's.
        unsafe {
            while rows - row >= most {
                match most {
                    8 => self.tile::<V, 8, C>(row, column, columns),
                    6 => self.tile::<V, 6, C>(row, column, columns),
                    _ => self.tile::<V, 4, C>(row, column, columns),
                }
                row += most;
            }
            while rows - row >= 4 {
                self.tile::<V, 4, C>(row, column, columns);
                row += 4;
            }
            while rows - row >= 1 {
                self.tile::<V, 1, C>(row, column, columns);
                row += 1;
            }
        }
    }

    /// # Safety
    /// As for [`panel`](Self::panel), and the `R` rows are some of the result's.
    #[inline(always)]
    unsafe fn tile<V: Vectors, const R: usize, const C: usize>(&self, row: usize, column: usize, columns: usize) {
        let lanes = <T::In<V> as Vector<T>>::LANES;
        let terms = self.sizes[2];
        let out_stride = self.out_stride;
        let last = columns - (C - 1) * lanes;
        let (down, along) = self.broadcast_strides;
        let run = if F::IS_SUM { RUN } else { terms };
        // SAFETY: every row, column and term is one of the reduction's; of the last vector, only as many lanes are read and written as there
        // are columns.
        unsafe {
            let out = self.out.add(row * out_stride + column);
            let mut own = [[T::In::<V>::splat(T::NOTHING); C]; R];
            if F::IS_WEIGHTED {
                for r in 0..R {
                    let from = self.own.offset((row + r) as isize * self.own_stride).add(column);
                    for c in 0..C {
                        let count = if c + 1 == C { last } else { lanes };
                        own[r][c] = load::<T, V>(from.add(c * lanes), count);
                    }
                }
            }
            let mut totals = std::mem::MaybeUninit::<[f64; MOST_LANES]>::uninit();
            let totals = totals.as_mut_ptr().cast::<f64>();
            if terms > run {
                totals.write_bytes(0, R * C * lanes);
            }
            let mut broadcast = self.broadcast.offset(row as isize * down);
            let mut vectors = self.vectors.add(column);
            let mut done = 0;
            while done < terms {
                let there = run.min(terms - done);
                let mut sums = [[T::In::<V>::splat(T::NOTHING); C]; R];
                for _ in 0..there {
                    let mut read = [T::In::<V>::splat(T::NOTHING); C];
                    for c in 0..C - 1 {
                        read[c] = T::In::<V>::load(vectors.add(c * lanes));
                    }
                    read[C - 1] = load::<T, V>(vectors.add((C - 1) * lanes), last);
                    for r in 0..R {
                        let number = T::In::<V>::splat(*broadcast.offset(r as isize * down));
                        for c in 0..C {
                            sums[r][c] = F::joined::<T, V>(number, read[c], own[r][c], sums[r][c]);
                        }
                    }
                    broadcast = broadcast.wrapping_offset(along);
                    vectors = vectors.wrapping_offset(self.vectors_stride);
                }
                done += there;
                for r in 0..R {
                    for c in 0..C {
                        if terms > run {
                            sums[r][c].add_to(totals.add((r * C + c) * lanes));
                            continue;
                        }
                        let count = if c + 1 == C { last } else { lanes };
                        let sum = match F::IS_SUM {
                            true => sums[r][c]
                                .mul_add(T::In::<V>::splat(T::narrow(self.outside)), T::In::<V>::splat(T::NOTHING)),
                            false => sums[r][c],
                        };
                        store::<T, V>(sum, out.add(r * out_stride + c * lanes), count);
                    }
                }
            }
            if terms > run {
                for r in 0..R {
                    for lane in 0..columns {
                        *out.add(r * out_stride + lane) = T::narrow(*totals.add(r * C * lanes + lane) * self.outside);
                    }
                }
            }
        }
    }
}
