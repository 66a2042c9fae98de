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
