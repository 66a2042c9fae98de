//! Strided walks with vector instructions: entries gathered from a view into a row of their own, and added from one to where they came from.

use smallvec::SmallVec;

use crate::exec::dispatch::{Kernel, Level};
use crate::exec::functions::Arithmetic;
use crate::op::Real;

/// Entries moved at a time: a short run is moved with those that follow it, which the next run overwrites.
const WIDTH: usize = 16;

/// Sizes and strides, innermost first.
pub(super) type Steps = SmallVec<[(usize, isize); 6]>;

/// Steps of one walk after those of another, joined where they go on evenly.
pub(super) fn joined(inner: &[(usize, isize)], outer: &[(usize, isize)]) -> Steps {
    let mut steps = Steps::new();
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

/// Calls `visit` with the first position of each innermost run, in order.
#[inline(always)]
fn runs(steps: &[(usize, isize)], start: isize, mut visit: impl FnMut(isize)) {
    let outer = &steps[1..];
    let Some((&(count, stride), rest)) = outer.split_first() else { return visit(start) };
    let mut index: SmallVec<[usize; 6]> = SmallVec::from_elem(0, rest.len());
    let mut start = start;
    loop {
        for number in 0..count as isize {
            visit(start + number * stride);
        }
        let mut axis = 0;
        loop {
            let Some(&(size, stride)) = rest.get(axis) else { return };
            index[axis] += 1;
            start += stride;
            if index[axis] < size {
                break;
            }
            index[axis] = 0;
            start -= stride * size as isize;
            axis += 1;
        }
    }
}

/// Writes the entries that the steps lead to into `to`, one after the other. What lies behind them in `to` may be overwritten.
pub(super) fn gather<T: Real>(level: Level, from: &[T], start: isize, steps: &[(usize, isize)], to: &mut [T]) {
    level.run(Gather { from, start, steps, to });
}

struct Gather<'a, T> {
    from: &'a [T],
    start: isize,
    steps: &'a [(usize, isize)],
    to: &'a mut [T],
}

impl<T: Real> Kernel for Gather<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Gather { from, start, steps, to } = self;
        let (length, stride) = steps[0];
        let mut written = 0;
        runs(steps, start, |start| {
            let at = written;
            written += length;
            if stride == 1 {
                let start = start as usize;
                let wide = length.next_multiple_of(WIDTH);
                if start + wide <= from.len() && at + wide <= to.len() {
                    let (from, to) = (&from[start..start + wide], &mut to[at..at + wide]);
                    for (to, from) in to.as_chunks_mut::<WIDTH>().0.iter_mut().zip(from.as_chunks::<WIDTH>().0) {
                        *to = *from;
                    }
                } else {
                    to[at..at + length].copy_from_slice(&from[start..start + length]);
                }
                return;
            }
            for (number, to) in to[at..at + length].iter_mut().enumerate() {
                *to = from[(start + number as isize * stride) as usize];
            }
        });
    }
}

/// Adds the entries of `from`, one after the other, to those of `to` that the steps lead to.
pub(super) fn add_to<T: Real>(level: Level, from: &[T], to: &mut [T], start: isize, steps: &[(usize, isize)]) {
    level.run(AddTo { from, to, start, steps });
}

struct AddTo<'a, T> {
    from: &'a [T],
    to: &'a mut [T],
    start: isize,
    steps: &'a [(usize, isize)],
}

impl<T: Real> Kernel for AddTo<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let AddTo { from, to, start, steps } = self;
        let (length, stride) = steps[0];
        let mut read = 0;
        runs(steps, start, |start| {
            let at = read;
            read += length;
            if stride == 1 {
                let start = start as usize;
                let wide = length.next_multiple_of(WIDTH);
                if start + wide <= to.len() && at + wide <= from.len() {
                    let (from, to) = (&from[at..at + wide], &mut to[start..start + wide]);
                    let mut left = length;
                    for (to, from) in to.as_chunks_mut::<WIDTH>().0.iter_mut().zip(from.as_chunks::<WIDTH>().0) {
                        for lane in 0..WIDTH {
                            // What lies behind the run stays as it is.
                            to[lane] = if lane < left { to[lane].add(from[lane]) } else { to[lane] };
                        }
                        left = left.saturating_sub(WIDTH);
                    }
                } else {
                    for (to, from) in to[start..start + length].iter_mut().zip(&from[at..at + length]) {
                        *to = to.add(*from);
                    }
                }
                return;
            }
            for (number, from) in from[at..at + length].iter().enumerate() {
                let to = &mut to[(start + number as isize * stride) as usize];
                *to = to.add(*from);
            }
        });
    }
}
