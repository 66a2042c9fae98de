//! Operands whose entries lie where indices say, brought into a register or found for code that reads rows where they lie.

use std::panic::Location;

use smallvec::SmallVec;

use super::kernels::Lane;
use crate::exec::index::{all_in_range, checked};
use crate::plan::{Lookup, LookupAxis};

/// Looks at all indices before any thread uses one: the first that is out of range is refused in the caller's thread.
pub(super) fn check(lookup: &Lookup, indices: &[i64], location: &Location<'_>) {
    // Those that repeat are looked at once.
    let axes: SmallVec<[LookupAxis; 2]> = lookup.axes.iter().copied().filter(|axis| axis.index_stride != 0).collect();
    let whole = Lookup { axes, ..lookup.clone() };
    let (count, step) = whole.axes.first().map_or((1, 1), |axis| (axis.size, axis.index_stride));
    let mut lines = Lines::of(&whole, 0);
    for _ in 0..whole.runs() / count {
        let first = lines.index as usize;
        if step != 1 || !all_in_range(&indices[first..][..count], lookup.size) {
            for k in 0..count as isize {
                checked(indices[(lines.index + k * step) as usize], lookup.size, "take_along_axis", location);
            }
        }
        lines.next();
    }
}

/// Entries `position..` of a look-up, in the order of the loop.
pub(super) fn look_up<T: Lane>(lookup: &Lookup, table: &[T], indices: &[i64], position: usize, out: &mut [T]) {
    let LookupAxis { size: count, stride, index_stride } = lookup.axes[0];
    let mut number = position / lookup.run;
    let mut lines = Lines::of(lookup, number / count);
    let mut skipped = position % lookup.run;
    number %= count;
    let mut left = out;
    while !left.is_empty() {
        let place = |number: usize| {
            let index = indices[(lines.index + number as isize * index_stride) as usize] as isize;
            (lines.table + number as isize * stride + index * lookup.stride) as usize
        };
        if lookup.run == 1 {
            let (to, rest) = left.split_at_mut((count - number).min(left.len()));
            to.iter_mut().enumerate().for_each(|(k, to)| *to = table[place(number + k)]);
            left = rest;
        } else {
            while number < count && !left.is_empty() {
                let (to, rest) = left.split_at_mut((lookup.run - skipped).min(left.len()));
                to.copy_from_slice(&table[place(number) + skipped..][..to.len()]);
                (left, skipped) = (rest, 0);
                number += 1;
            }
        }
        number = 0;
        lines.next();
    }
}

/// Calls `visit` with where in the table each of some rows begins, of those that the look-up consists of.
pub(super) fn rows(
    lookup: &Lookup,
    indices: &[i64],
    columns: usize,
    rows: std::ops::Range<usize>,
    mut visit: impl FnMut(usize),
) {
    let rows_of_run = lookup.run / columns;
    let LookupAxis { size: count, stride, index_stride } = lookup.axes[0];
    let mut number = rows.start / rows_of_run;
    let mut part = rows.start % rows_of_run;
    let mut lines = Lines::of(lookup, number / count);
    number %= count;
    for _ in rows {
        let index = indices[(lines.index + number as isize * index_stride) as usize] as isize;
        let run = lines.table + number as isize * stride + index * lookup.stride;
        visit(run as usize + part * columns);
        part += 1;
        if part == rows_of_run {
            (part, number) = (0, number + 1);
            if number == count {
                number = 0;
                lines.next();
            }
        }
    }
}

/// A walk along the axes around the innermost one.
struct Lines<'a> {
    outer: &'a [LookupAxis],
    position: SmallVec<[usize; 2]>,
    /// Where the present line begins, in the table and in the indices.
    table: isize,
    index: isize,
}

impl<'a> Lines<'a> {
    /// From a line on.
    fn of(lookup: &'a Lookup, line: usize) -> Lines<'a> {
        let outer = lookup.axes.get(1..).unwrap_or_default();
        let mut lines = Lines { outer, position: SmallVec::new(), table: lookup.offset, index: lookup.index_offset };
        let mut left = line;
        for axis in outer {
            let at = left % axis.size;
            lines.position.push(at);
            lines.table += at as isize * axis.stride;
            lines.index += at as isize * axis.index_stride;
            left /= axis.size;
        }
        lines
    }

    fn next(&mut self) {
        for (at, axis) in self.position.iter_mut().zip(self.outer) {
            *at += 1;
            self.table += axis.stride;
            self.index += axis.index_stride;
            if *at < axis.size {
                break;
            }
            *at = 0;
            self.table -= axis.size as isize * axis.stride;
            self.index -= axis.size as isize * axis.index_stride;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Advance;

    /// A look-up whose table and indices hold numbers of their own, with something before what is read of either.
    fn example(run: usize, axes: &[(usize, isize, isize)], size: usize, stride: isize) -> (Lookup, Vec<f32>, Vec<i64>) {
        let axes = axes.iter().map(|&(size, stride, index_stride)| LookupAxis { size, stride, index_stride }).collect();
        let (table, index, offset, index_offset) = (0, 1, 3, 2);
        let (origin, advance) = (0, Advance::Full);
        let lookup = Lookup { table, offset, index, index_offset, origin, run, axes, size, stride, advance };
        let reach = |of: fn(&LookupAxis) -> isize| -> usize {
            lookup.axes.iter().map(|axis| (axis.size - 1) * of(axis) as usize).sum()
        };
        let entries = 3 + reach(|axis| axis.stride) + (size - 1) * stride as usize + run;
        let indices = 2 + reach(|axis| axis.index_stride) + 1;
        let table = (0..entries).map(|at| at as f32).collect();
        (lookup, table, (0..indices).map(|at| (at * 7 % size) as i64).collect())
    }

    /// Entry by entry, each at its own position.
    fn expected(lookup: &Lookup, table: &[f32], indices: &[i64], position: usize) -> f32 {
        let (mut at, mut index) = (lookup.offset, lookup.index_offset);
        let mut left = position / lookup.run;
        for axis in &lookup.axes {
            let k = (left % axis.size) as isize;
            at += k * axis.stride;
            index += k * axis.index_stride;
            left /= axis.size;
        }
        table[(at + indices[index as usize] as isize * lookup.stride) as usize + position % lookup.run]
    }

    fn examples() -> Vec<(Lookup, Vec<f32>, Vec<i64>)> {
        vec![
            example(1, &[(1, 0, 0)], 4, 1),
            example(1, &[(7, 0, 1)], 5, 2),
            example(1, &[(3, 0, 1), (5, 6, 3)], 6, 1),
            example(1, &[(3, 1, 1), (4, 0, 3)], 5, 3),
            example(1, &[(3, 1, 0), (4, 0, 1), (2, 15, 4)], 5, 3),
            example(6, &[(5, 0, 1)], 4, 6),
            example(6, &[(5, 0, 2), (3, 40, 0)], 6, 7),
            example(4, &[(2, 4, 0), (3, 0, 1), (2, 40, 3)], 5, 8),
        ]
    }

    #[test]
    fn entries_are_those_that_indices_name() {
        for (lookup, table, indices) in examples() {
            let entries = lookup.run * lookup.runs();
            for position in 0..entries {
                for count in 0..=entries - position {
                    let mut out = vec![f32::NAN; count];
                    look_up(&lookup, &table, &indices, position, &mut out);
                    let wanted: Vec<f32> =
                        (position..position + count).map(|at| expected(&lookup, &table, &indices, at)).collect();
                    assert_eq!(out, wanted, "{lookup:?} from {position}");
                }
            }
        }
    }

    #[test]
    fn rows_begin_where_indices_name_them() {
        for (lookup, table, indices) in examples() {
            for columns in (1..=lookup.run).filter(|&columns| lookup.has_rows(columns)) {
                let count = lookup.run * lookup.runs() / columns;
                for first in 0..count {
                    for last in first..=count {
                        let mut found = Vec::new();
                        rows(&lookup, &indices, columns, first..last, |start| found.push(table[start]));
                        let wanted: Vec<f32> =
                            (first..last).map(|row| expected(&lookup, &table, &indices, row * columns)).collect();
                        assert_eq!(found, wanted, "{lookup:?}, rows {first} to {last} of {columns}");
                    }
                }
            }
        }
    }

    /// Each index that is read is looked at, and the first that is wrong is named; those beside them are not.
    #[test]
    fn indices_out_of_range_are_refused() {
        let here = Location::caller();
        for (lookup, _, mut indices) in examples() {
            let mut read = vec![false; indices.len()];
            for number in 0..lookup.runs() {
                let (mut at, mut left) = (lookup.index_offset, number);
                for axis in &lookup.axes {
                    at += (left % axis.size) as isize * axis.index_stride;
                    left /= axis.size;
                }
                read[at as usize] = true;
            }
            for (at, &is_read) in read.iter().enumerate() {
                for wrong in [-1, lookup.size as i64, i64::MIN, i64::MAX] {
                    let right = std::mem::replace(&mut indices[at], wrong);
                    let refused = std::panic::catch_unwind(|| check(&lookup, &indices, here)).err();
                    let text = refused.map(|payload| *payload.downcast::<String>().expect("a text"));
                    let expected = format!(
                        "take_along_axis at {here}: index {wrong} is out of range for an axis of {}",
                        lookup.size
                    );
                    assert_eq!(text, is_read.then_some(expected), "{lookup:?}, index {at}");
                    indices[at] = right;
                }
            }
        }
    }
}
