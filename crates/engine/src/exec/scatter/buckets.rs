//! Whole rows added where one index says for each: the rows of neighbouring places, whose sums are in the cache together, one after the other.

use super::Scatter;
use super::rows::Rows;
use crate::buffer::Buffer;
use crate::exec::accumulate::{Summand, Sums};
use crate::exec::dispatch::{Kernel, Level};
use crate::exec::functions::Arithmetic;
use crate::exec::threads::share_chunks;

/// Sums of neighbouring places that are in the second-level cache together.
const SUMS: usize = 1 << 14;

/// The rows of each bucket of places, in their order: a counting sort.
struct Buckets {
    /// Where the rows of each bucket begin, and those of the last one end.
    bounds: Buffer<u32>,
    rows: Buffer<u32>,
    /// The place of each row within its bucket.
    places: Buffer<u32>,
    /// A bucket has two to the power of this many places.
    bits: u32,
}

impl Buckets {
    fn of(scatter: &Scatter, bits: u32) -> Buckets {
        let count = scatter.size.div_ceil(1 << bits);
        let mut bounds = Buffer::filled(count + 1, 0);
        scatter.for_each_row(|_, place| bounds[(place >> bits) + 1] += 1);
        let mut sum = 0;
        for bound in &mut *bounds {
            sum += *bound;
            *bound = sum;
        }
        let (mut rows, mut places) = (Buffer::of(scatter.count), Buffer::of(scatter.count));
        let mut next = Buffer::<u32>::of(count);
        next.copy_from_slice(&bounds[..count]);
        scatter.for_each_row(|row, place| {
            let at = &mut next[place >> bits];
            (rows[*at as usize], places[*at as usize]) = (row, (place & ((1 << bits) - 1)) as u32);
            *at += 1;
        });
        Buckets { bounds, rows, places, bits }
    }
}

impl Scatter {
    /// Whether as many places have rows as have none, and a few of them fit into the cache.
    pub(super) fn is_dense(&self) -> bool {
        self.before == 1 && self.inner <= SUMS / 4 && self.count >= self.size / 2
    }

    pub(super) fn add_buckets<T: Summand>(&self, out: &mut [T]) {
        let buckets = Buckets::of(self, (SUMS / self.inner).ilog2());
        let rows = Rows::of(self, 0);
        let together = 1 << buckets.bits;
        let level = Level::current();
        let parts = out.chunks_mut(together * self.inner).zip(buckets.bounds.windows(2));
        share_chunks(self.size.div_ceil(together), parts, |(out, bounds)| {
            let range = bounds[0] as usize..bounds[1] as usize;
            let mut sums = Sums::<T>::of(out.len());
            let sums = sums.cleared(out.len());
            level.run(AddRows {
                rows: &rows,
                numbers: &buckets.rows[range.clone()],
                places: &buckets.places[range],
                sums,
                out,
            });
        });
    }

    /// Calls `visit` with each row and its place.
    fn for_each_row(&self, mut visit: impl FnMut(u32, usize)) {
        for piece in &self.pieces {
            let (_, at) = piece.starts(self.axis, 0);
            let (count, step) = (piece.over[self.axis], piece.at[self.axis]);
            let indices = piece.index.storage.typed::<i64>();
            for k in 0..count {
                visit((piece.first + k) as u32, indices[(at + k as isize * step) as usize] as usize);
            }
        }
    }
}

/// Adds up the rows of a bucket.
struct AddRows<'a, 'b, T: Summand> {
    rows: &'b Rows<'a, T>,
    numbers: &'b [u32],
    places: &'b [u32],
    /// Of nothing yet.
    sums: &'b mut [T::Sum],
    out: &'b mut [T],
}

impl<T: Summand> Kernel for AddRows<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let AddRows { rows, numbers, places, sums, out } = self;
        let inner = rows.inner;
        // Loops and no closures: only what is inlined is compiled for the level.
        for (&number, &place) in numbers.iter().zip(places) {
            let sums = &mut sums[place as usize * inner..][..inner];
            for (sum, &value) in sums.iter_mut().zip(rows.row(number)) {
                value.add_to(sum);
            }
        }
        for (to, &sum) in out.iter_mut().zip(&*sums) {
            *to = T::rounded(sum);
        }
    }
}
