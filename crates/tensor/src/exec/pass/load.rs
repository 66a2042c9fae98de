//! Strided and converted operands, brought into a register.

use smallvec::SmallVec;

use crate::dtype::Element;
use crate::exec::dispatch::{Kernel, Level};
use crate::exec::functions::Arithmetic;
use crate::exec::pass::kernels::Lane;
use crate::op::Real;
use crate::plan::Load;
use crate::storage::Storage;

/// Entries `position..` of an operand, in the order of the loop.
pub(super) fn load<T: Lane>(level: Level, load: &Load, storage: &Storage, position: usize, out: &mut [T]) {
    match storage {
        Storage::Bool(values) => {
            walk(level, load, values, position, out, |value| if value { <T as Real>::ONE } else { <T as Real>::ZERO })
        }
        Storage::I64(values) => walk(level, load, values, position, out, |value| T::narrow(value as f64)),
        Storage::F32(values) => walk(level, load, values, position, out, |value| T::narrow(f64::from(value))),
        Storage::F64(values) => walk(level, load, values, position, out, T::narrow),
    }
}

/// Neighbours in another type.
struct Convert<'a, S, T, F> {
    values: &'a [S],
    convert: &'a F,
    out: &'a mut [T],
}

impl<S: Copy, T, F: Fn(S) -> T> Kernel for Convert<'_, S, T, F> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for (to, &value) in self.out.iter_mut().zip(self.values) {
            *to = (self.convert)(value);
        }
    }
}

#[inline(always)]
fn walk<S: Element, T: Lane>(
    level: Level,
    load: &Load,
    values: &[S],
    position: usize,
    out: &mut [T],
    convert: impl Fn(S) -> T,
) {
    let steps = &load.steps[..];
    // Very short runs are taken together with the axis around them.
    match steps {
        [(2, _), _, ..] if position.is_multiple_of(2) && out.len().is_multiple_of(2) => {
            return groups::<S, T, 2>(load, values, position, out, convert);
        }
        [(3, _), _, ..] if position.is_multiple_of(3) && out.len().is_multiple_of(3) => {
            return groups::<S, T, 3>(load, values, position, out, convert);
        }
        [(4, _), _, ..] if position.is_multiple_of(4) && out.len().is_multiple_of(4) => {
            return groups::<S, T, 4>(load, values, position, out, convert);
        }
        _ => {}
    }
    let (_, stride) = steps[0];
    runs(steps, load.offset, position, out.len(), |start, from, run| {
        let now = &mut out[from..from + run];
        match stride {
            0 => now.fill(convert(values[start as usize])),
            1 => level.run(Convert {
                values: &values[start as usize..start as usize + run],
                convert: &convert,
                out: now,
            }),
            _ => {
                for (k, to) in now.iter_mut().enumerate() {
                    *to = convert(values[(start + k as isize * stride) as usize]);
                }
            }
        }
    });
}

/// Groups of `N` neighbours, as one entry of the axis around them.
#[inline(always)]
fn groups<S: Element, T: Lane, const N: usize>(
    load: &Load,
    values: &[S],
    position: usize,
    out: &mut [T],
    convert: impl Fn(S) -> T,
) {
    let inner = load.steps[0].1;
    let (_, stride) = load.steps[1];
    let out = out.as_chunks_mut::<N>().0;
    runs(&load.steps[1..], load.offset, position / N, out.len(), |start, from, run| {
        for (k, to) in out[from..from + run].iter_mut().enumerate() {
            let first = start + k as isize * stride;
            for (at, to) in to.iter_mut().enumerate() {
                *to = convert(values[(first + at as isize * inner) as usize]);
            }
        }
    });
}

/// Cuts entries `position..position + count` of a walk into runs along the innermost axis: where each starts, the number of its first
/// entry, and how many it has.
#[inline(always)]
fn runs(
    steps: &[(usize, isize)],
    offset: isize,
    position: usize,
    count: usize,
    mut visit: impl FnMut(isize, usize, usize),
) {
    // The index of the first entry: innermost axis first.
    let mut index: SmallVec<[usize; 4]> = SmallVec::new();
    let (mut left, mut start) = (position, offset);
    for &(size, stride) in steps {
        index.push(left % size);
        start += (left % size) as isize * stride;
        left /= size;
    }
    let (length, stride) = steps[0];
    let mut done = 0;
    while done < count {
        let run = (length - index[0]).min(count - done);
        visit(start, done, run);
        done += run;
        // On to the next run: the innermost axis starts again, and the others count.
        start -= index[0] as isize * stride;
        index[0] = 0;
        for axis in 1..steps.len() {
            let (size, stride) = steps[axis];
            index[axis] += 1;
            start += stride;
            if index[axis] < size {
                break;
            }
            index[axis] = 0;
            start -= size as isize * stride;
        }
    }
}
