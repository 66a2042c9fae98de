//! Sums of overlapping windows, entry by entry: an entry of the result is a product with the windows of the right operand, in reverse, between
//! zeros. Where windows move by single steps this adds up in registers what would be added to memory once for each window: the gradient of a
//! convolution to its input is again a convolution.
#![allow(unsafe_code)]
#![cfg_attr(not(target_arch = "x86_64"), allow(dead_code))] // no other processor has vectors here

use smallvec::SmallVec;

use crate::buffer::Buffer;
use crate::exec::dispatch::Level;
use crate::exec::matmul::{Lying, Offsets, Results, Run, WindowProduct, offsets};
use crate::exec::product::Products;
use crate::exec::vectors::Scalar;
use crate::plan::{Overlap, Product};

/// Rows below which most of a tile would be empty.
const FEWEST: usize = 4;

/// Sizes and strides, innermost first.
type Steps = SmallVec<[(usize, isize); 4]>;

/// An axis that windows move along, one entry at a time.
#[derive(Clone, Copy, Default)]
struct Axis {
    /// The stride in the item that windows are added up in.
    stride: usize,
    /// How many windows there are, and how far the last entry of one is from the first.
    windows: usize,
    reach: usize,
    /// The part of the axis that is the result.
    start: usize,
    length: usize,
    /// Zeros before the right operand, its size with those around it, and its stride there.
    before: usize,
    padded: usize,
    padded_stride: usize,
}

/// The product that gives the entries of an item of the result.
pub(super) struct Spread {
    axes: SmallVec<[Axis; 3]>,
    /// Tables of the [`WindowProduct`].
    rows: Offsets,
    left_terms: Offsets,
    right_terms: Offsets,
    runs: Vec<Run>,
    /// Where the rows of the right operand are read, and the steps of its columns along the axes.
    sources: Offsets,
    steps: Steps,
    /// Entries of a row of the right operand between its zeros, and of a row of the result.
    plane: usize,
    row: usize,
}

/// Steps of these sizes that lead where others do, if they can be divided so.
fn divided(steps: &[(usize, isize)], sizes: impl IntoIterator<Item = usize>) -> Option<Steps> {
    let mut steps = steps.iter().copied().filter(|step| step.0 != 1);
    let (mut left, mut stride) = (1, 0);
    let mut divided = Steps::new();
    for size in sizes {
        if left == 1 && size != 1 {
            (left, stride) = steps.next()?;
        }
        if left % size != 0 {
            return None;
        }
        divided.push((size, stride));
        (left, stride) = (left / size, stride * size as isize);
    }
    (left == 1 && steps.next().is_none()).then_some(divided)
}

impl Spread {
    /// The product of an item, if windows move by single steps, neighbours along the last axis lie side by side, and it fills vectors.
    pub(super) fn of<T: Scalar>(product: &Product, overlap: &Overlap, level: Level) -> Option<Spread> {
        if product.elements == 0 || product.work() == 0 {
            return None;
        }
        let padded = product.left.padding.is_some() || product.right.padding.is_some();
        if !level.has_vectors() || padded || product.cut.is_some() || product.batch[1..].iter().any(|&size| size != 1) {
            return None;
        }
        let positive = |steps: &[(usize, isize)]| -> Option<SmallVec<[(usize, usize); 4]>> {
            let steps = steps.iter().filter(|step| step.0 != 1);
            steps
                .map(|&(size, stride)| Some((size, usize::try_from(stride).ok().filter(|&stride| stride > 0)?)))
                .collect()
        };
        let (columns, all_rows) = (positive(&overlap.columns)?, positive(&overlap.rows)?);
        if columns.first()?.1 != 1
            || !columns.is_sorted_by_key(|step| step.1)
            || !all_rows.is_sorted_by_key(|step| step.1)
        {
            return None;
        }
        let mut axes: SmallVec<[Axis; 3]> =
            columns.iter().map(|&(windows, stride)| Axis { stride, windows, ..Axis::default() }).collect();
        // Rows are entries of a window, up to those that lead beyond all windows: these are kept.
        let mut span = 1 + columns.iter().map(|(size, stride)| (size - 1) * stride).sum::<usize>();
        let mut taps: SmallVec<[(usize, usize, usize); 4]> = SmallVec::new();
        let mut kept = &all_rows[..];
        while let [(size, stride), rest @ ..] = kept
            && *stride < span
        {
            let along = axes.iter().rposition(|axis| stride.is_multiple_of(axis.stride))?;
            let dilation = stride / axes[along].stride;
            axes[along].reach += (size - 1) * dilation;
            span += (size - 1) * stride;
            taps.push((*size, along, dilation));
            kept = rest;
        }
        // An axis ends before the next one begins. Where windows begin within each other along two of them, or reach into the next, they meet.
        let reached =
            |span, axis: &Axis| (axis.stride >= span).then_some(span + (axis.windows - 1 + axis.reach) * axis.stride);
        axes.iter().try_fold(1, reached)?;
        let rows: usize = kept.iter().map(|step| step.0).product();
        if rows < FEWEST {
            return None;
        }
        place(overlap, kept, &mut axes)?;
        let (mut plane, mut row) = (1, 1);
        for axis in &mut axes {
            axis.before = axis.reach.saturating_sub(axis.start);
            axis.padded = axis.before + axis.windows.max(axis.start + axis.length);
            axis.padded_stride = plane;
            plane *= axis.padded;
            row *= axis.length;
        }
        let lanes = level.lanes(size_of::<T>());
        let length = axes[0].length;
        if 3 * length < 2 * length.next_multiple_of(lanes) {
            return None;
        }
        // Terms: the rows of the right operand, and for each the entries of a window, in reverse.
        let left_rows = divided(&product.left.rows, all_rows.iter().map(|step| step.0))?;
        let steps = divided(&product.right.columns, columns.iter().map(|step| step.0))?;
        let (within, across) = left_rows.split_at(taps.len());
        let back: Steps = taps
            .iter()
            .map(|&(size, along, dilation)| (size, -((dilation * axes[along].padded_stride) as isize)))
            .collect();
        let join = |inner: &[(usize, isize)], outer: &[(usize, isize)]| -> Steps {
            inner.iter().chain(outer).copied().collect()
        };
        let left_terms = offsets(&join(within, &product.left.columns));
        let right_terms = offsets(&join(&back, &[(product.sizes.k, plane as isize)]));
        let lines: Steps = axes[1..].iter().map(|axis| (axis.length, axis.padded_stride as isize)).collect();
        let first: usize = axes.iter().map(|axis| (axis.start + axis.before) * axis.padded_stride).sum();
        let line = |(number, from): (usize, isize)| {
            (0..length).step_by(lanes).map(move |at| Run {
                from: first as isize + from + at as isize,
                to: number * length + at,
                count: lanes.min(length - at),
            })
        };
        let runs = offsets(&lines).into_iter().enumerate().flat_map(line).collect();
        let (rows, sources) = (offsets(across), offsets(&product.right.rows));
        Some(Spread { axes, rows, left_terms, right_terms, runs, sources, steps, plane, row })
    }

    /// The right operand of an item between zeros, which are there.
    fn pad<T: Scalar>(&self, lying: &Lying<'_, T>, padded: &mut [T]) {
        let step = self.steps[0].1;
        let lines = offsets(&self.steps[1..]);
        let to: Steps = self.axes[1..].iter().map(|axis| (axis.windows, axis.padded_stride as isize)).collect();
        let to = offsets(&to);
        let first: usize = self.axes.iter().map(|axis| axis.before * axis.padded_stride).sum();
        let length = self.axes[0].windows;
        for (source, plane) in self.sources.iter().zip(padded.chunks_mut(self.plane)) {
            for (line, to) in lines.iter().zip(&to) {
                let start = lying.start + source + line;
                let to = &mut plane[first + *to as usize..][..length];
                if step == 1 {
                    to.copy_from_slice(&lying.values[start as usize..][..length]);
                } else {
                    to.iter_mut().zip(0..).for_each(|(to, at)| *to = lying.values[(start + at * step) as usize]);
                }
            }
        }
    }
}

/// Which part of each axis is the result; `None` unless that is all of what is kept, and in the order of the axes.
fn place(overlap: &Overlap, kept: &[(usize, usize)], axes: &mut [Axis]) -> Option<()> {
    let Some(crop) = &overlap.crop else {
        // All of the item: each axis ends where the next begins.
        let ends =
            axes.iter().skip(1).map(|axis| axis.stride).chain([kept.first().map_or(overlap.length, |step| step.1)]);
        let ends: SmallVec<[usize; 3]> = ends.collect();
        for (axis, end) in axes.iter_mut().zip(ends) {
            axis.length = end / axis.stride;
            if !end.is_multiple_of(axis.stride) {
                return None;
            }
        }
        let ends = kept.iter().skip(1).map(|step| step.1).chain([overlap.length]);
        return kept.iter().zip(ends).all(|((size, stride), end)| size * stride == end).then_some(());
    };
    let mut parts = (0..crop.shape.rank()).rev().filter(|&axis| crop.shape[axis] != 1);
    for axis in axes.iter_mut() {
        let part = parts.next().filter(|&part| crop.strides[part] == axis.stride as isize)?;
        axis.length = crop.shape[part];
    }
    let mut left = usize::try_from(crop.offset).ok()?;
    if kept.iter().any(|&(_, stride)| left >= stride) {
        return None; // it begins with another one of what is kept
    }
    for axis in axes.iter_mut().rev() {
        (axis.start, left) = (left / axis.stride, left % axis.stride);
    }
    let all_kept = kept.iter().all(|&(size, stride)| {
        parts.next().is_some_and(|part| crop.shape[part] == size && crop.strides[part] == stride as isize)
    });
    (all_kept && parts.next().is_none()).then_some(())
}

impl<T: Scalar + crate::exec::accumulate::Summand> Products<'_, T> {
    /// Whether the left operand of every item is finite. Else it must not meet the zeros, where no window is.
    pub(super) fn left_is_finite(&self) -> bool {
        let operand = &self.product.left;
        let items = if operand.batch[0] == 0 { 1 } else { self.product.batch[0] };
        let (rows, columns) = (offsets(&operand.rows), offsets(&operand.columns));
        (0..items as isize).all(|item| {
            let start = operand.offset + item * operand.batch[0];
            let is_finite = |at: isize| self.left[at as usize].subtract(self.left[at as usize]) == T::ZERO;
            columns.iter().all(|column| rows.iter().all(|row| is_finite(start + column + row)))
        })
    }

    /// All items of a sum of overlapping windows.
    pub(super) fn spread(&self, spread: &Spread, results: &Results<'_, T>, length: usize) {
        let product = self.product;
        let work = |item: usize, padded: &mut Buffer<T>| {
            let at = |matrices: &crate::plan::Matrices| matrices.offset + item as isize * matrices.batch[0];
            let lying = |values, start, rows: &[_], columns: &[_]| Lying {
                values,
                start,
                rows: SmallVec::from_slice(rows),
                columns: SmallVec::from_slice(columns),
            };
            let left = lying(self.left, at(&product.left), &product.left.rows, &product.left.columns);
            let right = lying(self.right, at(&product.right), &product.right.rows, &product.right.columns);
            spread.pad(&right, padded);
            let rows = spread.rows.len();
            assert_eq!(rows * spread.row, length, "a result of other sizes");
            let product = WindowProduct {
                left: left.first(),
                rows: &spread.rows,
                left_terms: &spread.left_terms,
                right: padded.as_ptr(),
                right_terms: &spread.right_terms,
                runs: &spread.runs,
                out: results.at(item * length, (rows, spread.row), (spread.row, 1)),
                out_stride: spread.row,
                add: false,
            };
            // SAFETY: `first` has shown that the left operand lies within what it borrows; what is read of the padded one lies between the
            // first zero and the last, as its sizes were chosen; each item has its entries of the result to itself, and is done once.
            unsafe { self.level.run_vectors(product) };
        };
        let padded = || Buffer::filled(spread.plane * product.sizes.k, T::ZERO);
        self.share_with(product.batch[0], padded, work);
    }
}
