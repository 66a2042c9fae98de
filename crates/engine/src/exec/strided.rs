//! Strided walks with vector instructions: entries gathered from a view into a row of their own, and added from one to where they came from.

use smallvec::SmallVec;

use crate::exec::accumulate::Summand;
use crate::exec::dispatch::{Kernel, Level};
use crate::exec::functions::Arithmetic;
use crate::op::Real;

/// Entries moved at a time: a short run is moved with those that follow it, which the next run overwrites.
const WIDTH: usize = 16;

/// Rows and columns of a block that is transposed.
const BLOCK: usize = 16;

/// Sizes and strides, innermost first.
pub(super) type JoinedSteps = SmallVec<[(usize, isize); 6]>;

/// JoinedSteps of one walk after those of another, joined where they go on evenly.
pub(super) fn joined(inner: &[(usize, isize)], outer: &[(usize, isize)]) -> JoinedSteps {
    let mut steps = JoinedSteps::new();
    for &(size, stride) in inner.iter().chain(outer).filter(|(size, _)| *size != 1) {
        match steps.last_mut() {
            Some((joined, step)) if stride == *step * *joined as isize => *joined *= size,
            _ => steps.push((size, stride)),
        }
    }
    if steps.is_empty() {
        steps.push((1, 1));
    }
    steps
}

/// A walk from one innermost run to the next: a count along the axis around them, and the positions along the others.
struct Runs<'a> {
    count: usize,
    stride: isize,
    outer: &'a [(usize, isize)],
    index: SmallVec<[usize; 6]>,
    start: isize,
}

impl<'a> Runs<'a> {
    fn new(steps: &'a [(usize, isize)], start: isize) -> Runs<'a> {
        let (count, stride) = steps.get(1).copied().unwrap_or((1, 0));
        let outer = steps.get(2..).unwrap_or_default();
        Runs { count, stride, outer, index: SmallVec::from_elem(0, outer.len()), start }
    }

    /// Goes on to the next run that is not reached by counting; `false` at the end.
    fn advance(&mut self) -> bool {
        for (index, &(size, stride)) in self.index.iter_mut().zip(self.outer) {
            *index += 1;
            self.start += stride;
            if *index < size {
                return true;
            }
            *index = 0;
            self.start -= stride * size as isize;
        }
        false
    }
}

/// What is done with the innermost runs of a walk, one after the other.
trait EachRun {
    /// The run that begins at `start`, and at entry `at` of what lies in a row.
    fn run(&mut self, at: usize, start: isize);
}

/// Walks along the steps. A trait and no closure: only what is inlined is compiled for the level.
#[inline(always)]
fn walk(steps: &[(usize, isize)], start: isize, mut each: impl EachRun) {
    if steps.iter().any(|&(size, _)| size == 0) {
        return; // no entry; below, the first run comes before the question whether there is one
    }
    let length = steps[0].0;
    let mut at = 0;
    let mut runs = Runs::new(steps, start);
    loop {
        for number in 0..runs.count {
            each.run(at, runs.start + number as isize * runs.stride);
            at += length;
        }
        if !runs.advance() {
            return;
        }
    }
}

/// Writes the entries that the steps lead to into `to`, one after the other. What lies behind them in `to` may be overwritten.
pub(super) fn gather<T: Real>(level: Level, from: &[T], start: isize, steps: &[(usize, isize)], to: &mut [T]) {
    let (length, stride) = steps[0];
    if let &[_, (count, 1), ref outer @ ..] = steps
        && stride != 1
        && length >= BLOCK
        && count >= BLOCK
    {
        let outer: JoinedSteps = if outer.is_empty() { joined(&[], &[]) } else { outer.into() };
        let (items, apart) = outer[0];
        let each = Transpose { from, to, length, stride, count, items, apart };
        return level.run(StridedWalk { steps: &outer, start, each });
    }
    level.run(StridedWalk { steps, start, each: Gather { from, to, length, stride } });
}

/// Adds the entries of `from`, one after the other, to those of `to` that the steps lead to.
pub(super) fn add_to<T: Real>(level: Level, from: &[T], to: &mut [T], start: isize, steps: &[(usize, isize)]) {
    let (length, stride) = steps[0];
    level.run(StridedWalk { steps, start, each: AddTo { from, to, length, stride } });
}

/// Adds the entries of `from`, one after the other, to the sums that the steps lead to.
pub(super) fn add_to_sums<T: Summand>(from: &[T], to: &mut [T::Sum], start: isize, steps: &[(usize, isize)]) {
    let (length, stride) = steps[0];
    walk(steps, start, AddToSums { from, to, length, stride });
}

/// A walk with the instructions of a level.
struct StridedWalk<'a, E> {
    steps: &'a [(usize, isize)],
    start: isize,
    each: E,
}

impl<E: EachRun> Kernel for StridedWalk<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        walk(self.steps, self.start, self.each);
    }
}

struct Gather<'a, T> {
    from: &'a [T],
    to: &'a mut [T],
    length: usize,
    stride: isize,
}

impl<T: Real> EachRun for Gather<'_, T> {
    #[inline(always)]
    fn run(&mut self, at: usize, start: isize) {
        let Gather { from, to, length, stride } = self;
        let (length, stride) = (*length, *stride);
        let wide = length.next_multiple_of(WIDTH);
        if stride != 1 {
            for (number, to) in to[at..at + length].iter_mut().enumerate() {
                *to = from[(start + number as isize * stride) as usize];
            }
        } else if start as usize + wide <= from.len() && at + wide <= to.len() {
            let (from, to) = (&from[start as usize..][..wide], &mut to[at..at + wide]);
            for (to, from) in to.as_chunks_mut::<WIDTH>().0.iter_mut().zip(from.as_chunks::<WIDTH>().0) {
                *to = *from;
            }
        } else {
            to[at..at + length].copy_from_slice(&from[start as usize..][..length]);
        }
    }
}

/// Runs whose neighbours lie side by side: a transposition, in square blocks, so that each line of the cache that is read or written is used
/// as a whole.
struct Transpose<'a, T> {
    from: &'a [T],
    to: &'a mut [T],
    /// Entries of a run, and how far they lie apart.
    length: usize,
    stride: isize,
    /// Runs side by side.
    count: usize,
    /// How many such there are along the innermost axis around them, and how far apart.
    items: usize,
    apart: isize,
}

impl<T: Real> Transpose<'_, T> {
    #[inline(always)]
    fn item(&mut self, at: usize, start: isize) {
        let Transpose { from, to, length, stride, count, .. } = self;
        let (length, stride, count) = (*length, *stride, *count);
        let to = &mut to[at..at + length * count];
        let mut block = [[T::default(); BLOCK]; BLOCK];
        for first in (0..length).step_by(BLOCK) {
            let rows = BLOCK.min(length - first);
            for side in (0..count).step_by(BLOCK) {
                let columns = BLOCK.min(count - side);
                for (row, block) in block[..rows].iter_mut().enumerate() {
                    let from = &from[(start + (first + row) as isize * stride) as usize + side..][..columns];
                    match from.first_chunk() {
                        Some(whole) => *block = *whole,
                        None => block[..columns].copy_from_slice(from),
                    }
                }
                for column in 0..columns {
                    let to = &mut to[(side + column) * length + first..][..rows];
                    match to.first_chunk_mut::<BLOCK>() {
                        Some(to) => (0..BLOCK).for_each(|row| to[row] = block[row][column]),
                        None => to.iter_mut().zip(&block).for_each(|(to, row)| *to = row[column]),
                    }
                }
            }
        }
    }
}

impl<T: Real> EachRun for Transpose<'_, T> {
    #[inline(always)]
    fn run(&mut self, at: usize, start: isize) {
        for item in 0..self.items {
            self.item((at + item) * self.length * self.count, start + item as isize * self.apart);
        }
    }
}

struct AddTo<'a, T> {
    from: &'a [T],
    to: &'a mut [T],
    length: usize,
    stride: isize,
}

impl<T: Real> EachRun for AddTo<'_, T> {
    #[inline(always)]
    fn run(&mut self, at: usize, start: isize) {
        let AddTo { from, to, length, stride } = self;
        let (length, stride) = (*length, *stride);
        let wide = length.next_multiple_of(WIDTH);
        if stride != 1 {
            for (number, from) in from[at..at + length].iter().enumerate() {
                let to = &mut to[(start + number as isize * stride) as usize];
                *to = to.add(*from);
            }
        } else if start as usize + wide <= to.len() && at + wide <= from.len() {
            let (from, to) = (&from[at..at + wide], &mut to[start as usize..][..wide]);
            let mut left = length;
            for (to, from) in to.as_chunks_mut::<WIDTH>().0.iter_mut().zip(from.as_chunks::<WIDTH>().0) {
                // All lanes are added, and those behind the run put back: a choice between two vectors, not sixteen branches.
                let former = *to;
                let mut sums = former;
                for lane in 0..WIDTH {
                    sums[lane] = former[lane].add(from[lane]);
                }
                for lane in 0..WIDTH {
                    to[lane] = if lane < left { sums[lane] } else { former[lane] };
                }
                left = left.saturating_sub(WIDTH);
            }
        } else {
            for (to, from) in to[start as usize..][..length].iter_mut().zip(&from[at..at + length]) {
                *to = to.add(*from);
            }
        }
    }
}

struct AddToSums<'a, T: Summand> {
    from: &'a [T],
    to: &'a mut [T::Sum],
    length: usize,
    stride: isize,
}

impl<T: Summand> EachRun for AddToSums<'_, T> {
    #[inline(always)]
    fn run(&mut self, at: usize, start: isize) {
        for (number, value) in self.from[at..at + self.length].iter().enumerate() {
            value.add_to(&mut self.to[(start + number as isize * self.stride) as usize]);
        }
    }
}
