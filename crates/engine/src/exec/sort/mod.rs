//! Positions in order. Entries become whole numbers that are in the same order (NaN last, both zeros alike), with the position below them, so
//! that no two are equal and any order found is the stable one. Few are sorted by comparison, many by radix sort (least digit first). Where only
//! the beginning of an order is asked for, or several threads share a line, a sample tells which keys belong together, and only those are sorted.

#[cfg(test)]
mod tests;

use std::sync::{Mutex, PoisonError};

use crate::buffer::Buffer;
use crate::exec::dispatch::{Kernel, Level};
use crate::exec::functions::Arithmetic;
use crate::exec::reduce::{line_of, lines};
use crate::exec::threads::{share_chunks, share_out, threads};
use crate::exec::view::View;
use crate::shape::Shape;
use crate::storage::{Element, Storage, with_values};

/// Entries that make a part of the lines worth a thread.
const PART: usize = 1 << 12;

/// Entries of one line that are worth a thread.
const PART_OF_LINE: usize = 1 << 14;

/// Keys that are looked at together.
const BLOCK: usize = 512;

/// Of fewer than one in so many keys each is looked for.
const FEW_OF: usize = 4;

/// From so many entries on a radix sort is faster: its tables of counts are then small beside them.
const MANY: usize = 1 << 11;

/// One of so many keys is in the sample of a line, or fewer where there are enough.
const ONE_OF: usize = 16;
const SAMPLE: usize = 1 << 10;

/// A number that is sorted by: a key in the order of the numbers, NaN above all of them.
trait Sorted: Element {
    /// What it is sorted by.
    type Key: Key;
    /// Its key, in the order that is asked for.
    fn key(self, descending: bool) -> Self::Key;
}

/// A number in whose order others are.
trait Key: Copy + Ord + Send + Sync + Into<i64> {
    const LEAST: Self;
    const GREATEST: Self;
    /// Whether it leaves room for a position in 64 bits.
    const NARROW: bool;
    /// The one after it.
    fn next(self) -> Self;
}

macro_rules! key {
    ($type:ty, $narrow:expr) => {
        impl Key for $type {
            const LEAST: Self = <$type>::MIN;
            const GREATEST: Self = <$type>::MAX;
            const NARROW: bool = $narrow;

            fn next(self) -> Self {
                self + 1
            }
        }
    };
}

key!(i32, true);
key!(i64, false);

macro_rules! real {
    ($type:ty, $bits:ty) => {
        impl Sorted for $type {
            type Key = $bits;

            /// Sign and magnitude as a number in two's complement.
            #[inline(always)]
            fn key(self, descending: bool) -> $bits {
                if self.is_nan() {
                    return <$bits>::MAX;
                }
                let bits = (self + 0.0).to_bits() as $bits; // -0 becomes +0
                let key = if bits < 0 { bits ^ <$bits>::MAX } else { bits };
                if descending { !key } else { key }
            }
        }
    };
}

real!(f32, i32);
real!(f64, i64);

impl Sorted for i64 {
    type Key = i64;

    #[inline(always)]
    fn key(self, descending: bool) -> i64 {
        if descending { !self } else { self }
    }
}

impl Sorted for bool {
    type Key = i32;

    #[inline(always)]
    fn key(self, descending: bool) -> i32 {
        i32::from(self != descending)
    }
}

/// A key with its position.
trait Entry: Copy + Ord {
    /// How many words it takes.
    const WORDS: usize;
    fn of(key: i64, position: usize) -> Self;
    fn position(self) -> i64;
    /// The entries that some words are.
    fn of_words(words: &mut [i64]) -> &mut [Self];
    /// Sorts entries, into their own memory or into the other.
    fn sort<'a>(entries: &'a mut [Self], other: &'a mut [Self]) -> &'a [Self];
}

/// Key and position in one number.
impl Entry for i64 {
    const WORDS: usize = 1;

    #[inline(always)]
    fn of(key: i64, position: usize) -> i64 {
        key << 32 | position as i64
    }

    #[inline(always)]
    fn position(self) -> i64 {
        self & 0xFFFF_FFFF
    }

    fn of_words(words: &mut [i64]) -> &mut [i64] {
        words
    }

    fn sort<'a>(entries: &'a mut [i64], other: &'a mut [i64]) -> &'a [i64] {
        if entries.len() < MANY {
            entries.sort_unstable();
            return entries;
        }
        radix_sort(entries, other)
    }
}

/// Key and position side by side.
impl Entry for [i64; 2] {
    const WORDS: usize = 2;

    #[inline(always)]
    fn of(key: i64, position: usize) -> [i64; 2] {
        [key, position as i64]
    }

    #[inline(always)]
    fn position(self) -> i64 {
        self[1]
    }

    fn of_words(words: &mut [i64]) -> &mut [[i64; 2]] {
        words.as_chunks_mut::<2>().0
    }

    fn sort<'a>(entries: &'a mut [[i64; 2]], _: &'a mut [[i64; 2]]) -> &'a [[i64; 2]] {
        entries.sort_unstable();
        entries
    }
}

/// The positions that sort an axis; the first of them, if the shape asks for fewer.
pub(super) fn argsort(x: &View, axis: usize, descending: bool, shape: &Shape) -> Storage {
    Storage::I64(with_values!(&*x.storage, values => in_order(values, x, axis, descending, shape)))
}

fn in_order<T: Sorted>(values: &[T], x: &View, axis: usize, descending: bool, shape: &Shape) -> Buffer<i64> {
    let is_narrow = T::Key::NARROW && x.shape[axis] <= u32::MAX as usize; // a position has the lower half
    if is_narrow {
        positions::<T, i64>(values, x, axis, descending, shape)
    } else {
        positions::<T, [i64; 2]>(values, x, axis, descending, shape)
    }
}

fn positions<T: Sorted, E: Entry>(values: &[T], x: &View, axis: usize, descending: bool, shape: &Shape) -> Buffer<i64> {
    let (size, kept, stride) = (x.shape[axis], shape[axis], x.strides[axis]);
    let mut starts: Vec<isize> = Vec::new();
    lines(x, axis, |start, _| starts.push(start));
    let mut sorted = Buffer::of(shape.elements());
    if sorted.is_empty() {
        return sorted;
    }
    let level = Level::current();
    let line = |start: isize| Line { values, start, stride, size, descending, level };
    if starts.len() < threads() && size >= 2 * PART_OF_LINE {
        for (&start, sorted) in starts.iter().zip(sorted.chunks_mut(kept)) {
            line(start).sort_shared::<E>(sorted);
        }
    } else {
        let lines_of_part = (PART / size).max(1);
        let parts = Mutex::new(sorted.chunks_mut(kept * lines_of_part).zip(starts.chunks(lines_of_part)));
        share_out(starts.len().div_ceil(lines_of_part), |next| {
            let mut scratch = Scratch::default();
            while next().is_some() {
                let part = parts.lock().unwrap_or_else(PoisonError::into_inner).next();
                let (sorted, starts) = part.expect("there are as many parts as blocks");
                for (sorted, &start) in sorted.chunks_mut(kept).zip(starts) {
                    line(start).sort::<E>(&mut scratch, sorted);
                }
            }
        });
    }
    let (_, step) = line_of(shape, axis, 0);
    if step == 1 {
        return sorted;
    }
    let mut out = Buffer::of(sorted.len());
    for (line, sorted) in sorted.chunks(kept).enumerate() {
        let (first, step) = line_of(shape, axis, line);
        sorted.iter().enumerate().for_each(|(k, &position)| out[first + k * step] = position);
    }
    out
}

/// Entries to be sorted, and as much memory beside them, of one thread.
#[derive(Default)]
struct Scratch(Option<[Buffer<i64>; 2]>);

impl Scratch {
    fn of<E: Entry>(&mut self, count: usize) -> [&mut [E]; 2] {
        let words = count * E::WORDS;
        let buffers = match self.0.take() {
            Some(buffers) if buffers[0].len() >= words => buffers,
            _ => [Buffer::of(words), Buffer::of(words)],
        };
        self.0.insert(buffers).each_mut().map(|buffer| E::of_words(&mut buffer[..words]))
    }
}

/// The numbers of one line.
#[derive(Clone, Copy)]
struct Line<'a, T> {
    values: &'a [T],
    start: isize,
    stride: isize,
    size: usize,
    descending: bool,
    level: Level,
}

/// Keys from one to another.
#[derive(Clone, Copy)]
struct Range<K> {
    from: K,
    to: K,
}

impl<K: Key> Range<K> {
    const ALL: Range<K> = Range { from: K::LEAST, to: K::GREATEST };

    #[inline(always)]
    fn contains(self, key: K) -> bool {
        (self.from <= key) & (key <= self.to)
    }
}

impl<T: Sorted> Line<'_, T> {
    /// Calls `visit` with each key and its position.
    #[inline(always)]
    fn for_each(self, mut visit: impl FnMut(usize, T::Key)) {
        let Line { values, start, stride, size, descending, .. } = self;
        if stride == 1 {
            let values = &values[start as usize..][..size];
            values.iter().enumerate().for_each(|(k, value)| visit(k, value.key(descending)));
        } else {
            (0..size).for_each(|k| visit(k, values[(start + k as isize * stride) as usize].key(descending)));
        }
    }

    /// The positions of the first entries in order.
    fn sort<E: Entry>(self, scratch: &mut Scratch, out: &mut [i64]) {
        let kept = out.len();
        let range = if kept == self.size { Range::ALL } else { self.beginning(kept) };
        let count = if range.to == T::Key::GREATEST { self.size } else { self.count(range) };
        // The sample may have told too few.
        let (range, count) = if count < kept { (Range::ALL, self.size) } else { (range, count) };
        self.sort_range::<E>(range, count, scratch, out);
    }

    /// The same, by several threads, each of which sorts keys of its own.
    fn sort_shared<E: Entry>(self, out: &mut [i64]) {
        let parts = if out.len() == self.size { threads().min(self.size / PART_OF_LINE) } else { 1 };
        if parts < 2 {
            return self.sort::<E>(&mut Scratch::default(), out);
        }
        let sample = self.sample();
        let mut ranges: Vec<(Range<T::Key>, &mut [i64])> = Vec::new();
        let (mut from, mut left) = (T::Key::LEAST, out);
        for part in 1..parts {
            let to = sample[part * sample.len() / parts];
            // Equal keys stay together; the last part takes what is left.
            if to < from || to == T::Key::GREATEST {
                continue;
            }
            let range = Range { from, to };
            let (own, others) = left.split_at_mut(self.count(range));
            ranges.push((range, own));
            (from, left) = (to.next(), others);
        }
        ranges.push((Range { from, to: T::Key::GREATEST }, left));
        share_chunks(ranges.len(), ranges.into_iter(), |(range, out)| {
            self.sort_range::<E>(range, out.len(), &mut Scratch::default(), out);
        });
    }

    /// The positions of the first entries with keys in a range, of which there are so many.
    fn sort_range<E: Entry>(self, range: Range<T::Key>, count: usize, scratch: &mut Scratch, out: &mut [i64]) {
        // One more is written, and not used.
        let [entries, other] = scratch.of::<E>(count + 1);
        if count == self.size {
            self.for_each(|k, key| entries[k] = E::of(key.into(), k));
        } else {
            self.collect(range, entries);
        }
        let mut entries = &mut entries[..count];
        if out.len() < count {
            if out.is_empty() {
                return;
            }
            // Only those that are asked for are put in order.
            if count < MANY || E::WORDS > 1 {
                entries.select_nth_unstable(out.len() - 1);
                entries = &mut entries[..out.len()];
            }
        }
        let count = entries.len();
        let sorted = E::sort(entries, &mut other[..count]);
        out.iter_mut().zip(sorted).for_each(|(out, entry)| *out = entry.position());
    }

    /// Collects the entries with keys in a range, which leave room for one more.
    fn collect<E: Entry>(self, range: Range<T::Key>, entries: &mut [E]) {
        let mut met = 0;
        if entries.len() > self.size / FEW_OF {
            return self.for_each(|k, key| {
                entries[met] = E::of(key.into(), k);
                met += usize::from(range.contains(key));
            });
        }
        self.for_each_block(range, |first, marks| {
            for (number, marks) in marks.as_chunks::<8>().0.iter().enumerate() {
                let mut word = u64::from_le_bytes(*marks);
                while word != 0 {
                    let k = first + 8 * number + word.trailing_zeros() as usize / 8;
                    entries[met] = E::of(self.key(k).into(), k);
                    met += 1;
                    word &= word - 1;
                }
            }
        });
    }

    fn count(self, range: Range<T::Key>) -> usize {
        let mut count = 0;
        self.for_each_block(range, |_, marks| count += marks.iter().map(|&mark| usize::from(mark)).sum::<usize>());
        count
    }

    #[inline(always)]
    fn key(self, k: usize) -> T::Key {
        self.values[(self.start + k as isize * self.stride) as usize].key(self.descending)
    }

    /// Calls `visit` with the first position of a block and a 1 for each key that lies in a range.
    fn for_each_block(self, range: Range<T::Key>, mut visit: impl FnMut(usize, &[u8; BLOCK])) {
        for first in (0..self.size).step_by(BLOCK) {
            let size = BLOCK.min(self.size - first);
            let start = self.start + first as isize * self.stride;
            let mut marks = [0; BLOCK];
            self.level.run(Marks { line: Line { start, size, ..self }, range, marks: &mut marks });
            visit(first, &marks);
        }
    }

    /// Some of the keys, in order.
    fn sample(self) -> Vec<T::Key> {
        let count = (self.size / ONE_OF).clamp(1, SAMPLE);
        let mut keys: Vec<T::Key> = (0..count).map(|k| self.key(k * (self.size / count))).collect();
        keys.sort_unstable();
        keys
    }

    /// A range that most probably holds the first so many entries, and not many more.
    fn beginning(self, kept: usize) -> Range<T::Key> {
        if self.size < MANY {
            return Range::ALL;
        }
        let sample = self.sample();
        // Their expected number in the sample, and three standard deviations.
        let expected = kept as f64 / self.size as f64 * sample.len() as f64;
        let at = (expected + 3.0 * expected.sqrt() + 2.0) as usize;
        sample.get(at).map_or(Range::ALL, |&to| Range { from: T::Key::LEAST, to })
    }
}

/// Says of each key of a line whether it lies in a range.
struct Marks<'a, T: Sorted> {
    line: Line<'a, T>,
    range: Range<T::Key>,
    marks: &'a mut [u8; BLOCK],
}

impl<T: Sorted> Kernel for Marks<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Line { values, start, stride, size, descending, .. } = self.line;
        let marks = &mut self.marks[..size];
        if stride == 1 {
            let values = &values[start as usize..][..size];
            for (mark, &value) in marks.iter_mut().zip(values) {
                *mark = u8::from(self.range.contains(value.key(descending)));
            }
        } else {
            marks.iter_mut().enumerate().for_each(|(k, mark)| *mark = u8::from(self.range.contains(self.line.key(k))));
        }
    }
}

const DIGIT: u32 = 11;

/// By the upper half of each number, in three digits; the lower halves keep their order. The result is where the last digit has put them.
fn radix_sort<'a>(entries: &'a mut [i64], other: &'a mut [i64]) -> &'a [i64] {
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
    let (mut from, mut to) = (entries, other);
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
    from
}
