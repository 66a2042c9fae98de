//! Positions in order. Entries become whole numbers that are in the same order (NaN last, both zeros alike), with the position below them, so
//! that no two are equal and any order found is the stable one. Few are sorted by comparison, many by radix sort (least digit first).

use std::sync::Mutex;

use crate::buffer::Buffer;
use crate::exec::reduce::{line_of, lines};
use crate::exec::threads::share_out;
use crate::exec::view::View;
use crate::storage::{Element, Storage, with_values};

/// Entries that make a part of the lines worth a thread.
const PART: usize = 1 << 12;

/// From so many entries on a radix sort is faster: its tables of counts are then small beside them.
const MANY: usize = 1 << 11;

/// A number that is sorted by: a key in the order of the numbers, NaN above all of them.
trait Sorted: Element {
    /// In 64 bits, or in 32 where these do.
    const NARROW: bool;
    fn key(self, descending: bool) -> i64;
}

macro_rules! real {
    ($type:ty, $bits:ty, $narrow:expr) => {
        impl Sorted for $type {
            const NARROW: bool = $narrow;

            /// Sign and magnitude as a number in two's complement.
            fn key(self, descending: bool) -> i64 {
                if self.is_nan() {
                    return <$bits>::MAX.into();
                }
                let bits = (self + 0.0).to_bits() as $bits; // -0 becomes +0
                let key = if bits < 0 { bits ^ <$bits>::MAX } else { bits };
                (if descending { !key } else { key }).into()
            }
        }
    };
}

real!(f32, i32, true);
real!(f64, i64, false);

impl Sorted for i64 {
    const NARROW: bool = false;

    fn key(self, descending: bool) -> i64 {
        if descending { !self } else { self }
    }
}

impl Sorted for bool {
    const NARROW: bool = true;

    fn key(self, descending: bool) -> i64 {
        i64::from(self != descending)
    }
}

pub(super) fn argsort(x: &View, axis: usize, descending: bool) -> Storage {
    Storage::I64(with_values!(&*x.storage, values => positions(values, x, axis, descending)))
}

fn positions<T: Sorted>(values: &[T], x: &View, axis: usize, descending: bool) -> Buffer<i64> {
    let size = x.shape[axis];
    let mut starts: Vec<isize> = Vec::new();
    lines(x, axis, |start, _| starts.push(start));
    let stride = x.strides[axis];
    let at = |start: isize, k: usize| values[(start + k as isize * stride) as usize].key(descending);
    let mut sorted = Buffer::of(x.shape.elements());
    if sorted.is_empty() {
        return sorted;
    }
    let narrow = T::NARROW && size <= u32::MAX as usize; // a position has the lower half
    let lines_of_part = (PART / size).max(1);
    {
        let parts = Mutex::new(sorted.chunks_mut(size * lines_of_part).zip(starts.chunks(lines_of_part)));
        let sort_parts = |next: &dyn Fn() -> Option<usize>| {
            let mut scratch = Scratch::of(size, narrow);
            while next().is_some() {
                let part = parts.lock().unwrap_or_else(|broken| broken.into_inner()).next();
                let (sorted, starts) = part.expect("there are as many parts as blocks");
                for (sorted, &start) in sorted.chunks_mut(size).zip(starts) {
                    if narrow {
                        scratch.sort_narrow(sorted, |k| at(start, k));
                    } else {
                        scratch.sort_wide(sorted, |k| at(start, k));
                    }
                }
            }
        };
        share_out(starts.len().div_ceil(lines_of_part), sort_parts);
    }
    let (_, step) = line_of(&x.shape, axis, 0);
    if step == 1 {
        return sorted;
    }
    let mut out = Buffer::of(sorted.len());
    for (line, sorted) in sorted.chunks(size).enumerate() {
        let (first, step) = line_of(&x.shape, axis, line);
        sorted.iter().enumerate().for_each(|(k, &position)| out[first + k * step] = position);
    }
    out
}

/// Memory of one thread.
struct Scratch {
    entries: Buffer<i64>,
}

impl Scratch {
    fn of(size: usize, narrow: bool) -> Scratch {
        let needed = match narrow {
            true if size < MANY => 0,
            true => size,
            false => 2 * size,
        };
        Scratch { entries: Buffer::of(needed) }
    }

    /// Key and position in one number.
    fn sort_narrow(&mut self, sorted: &mut [i64], key: impl Fn(usize) -> i64) {
        sorted.iter_mut().enumerate().for_each(|(k, entry)| *entry = key(k) << 32 | k as i64);
        if sorted.len() < MANY {
            sorted.sort_unstable();
        } else {
            radix_sort(sorted, &mut self.entries);
        }
        sorted.iter_mut().for_each(|entry| *entry &= 0xFFFF_FFFF);
    }

    /// Key and position side by side.
    fn sort_wide(&mut self, sorted: &mut [i64], key: impl Fn(usize) -> i64) {
        let (entries, _) = self.entries.as_chunks_mut::<2>();
        entries.iter_mut().enumerate().for_each(|(k, entry)| *entry = [key(k), k as i64]);
        entries.sort_unstable();
        sorted.iter_mut().zip(entries).for_each(|(position, entry)| *position = entry[1]);
    }
}

const DIGIT: u32 = 11;

/// By the upper half of each number, in three digits; the lower halves keep their order.
fn radix_sort(entries: &mut [i64], other: &mut [i64]) {
    let digit = |entry: i64, at: usize| {
        let key = (entry >> 32) as u32 ^ (1 << 31); // the sign last
        (key >> (at as u32 * DIGIT)) as usize & ((1 << DIGIT) - 1)
    };
    let mut counts = [[0u32; 1 << DIGIT]; 3];
    for &entry in entries.iter() {
        for (at, counts) in counts.iter_mut().enumerate() {
            counts[digit(entry, at)] += 1;
        }
    }
    let (mut from, mut to) = (&mut *entries, &mut *other);
    for (at, counts) in counts.iter_mut().enumerate() {
        let mut before = 0;
        for count in counts.iter_mut() {
            before += std::mem::replace(count, before);
        }
        for &entry in from.iter() {
            let place = &mut counts[digit(entry, at)];
            to[*place as usize] = entry;
            *place += 1;
        }
        std::mem::swap(&mut from, &mut to);
    }
    to.copy_from_slice(from); // an odd number of digits: the order is in the other one
}
