//! Matrix products of gathered operands, block by block; their sums over the batch, and their overlapping sums.
#![allow(unsafe_code)]

mod spread;

use std::sync::{Arc, Mutex, PoisonError};

use smallvec::SmallVec;

use crate::buffer::Buffer;
use crate::dtype::DType;
use crate::exec::accumulate::{FEW, Summand, Sums, round};
use crate::exec::dispatch::Level;
use crate::exec::matmul::{Lying, Matrix, Order, Results, WindowWorkspace, multiply, multiply_windows};
use crate::exec::product::spread::Spread;
use crate::exec::strided::{JoinedSteps, add_to, add_to_sums, gather, joined};
use crate::exec::threads::share_out;
use crate::exec::vectors::Scalar;
use crate::plan::{Dimension, Finish, Matrices, Overlap, Padding, Product, prefers_columns};
use crate::storage::Storage;

/// Room behind what is gathered, so that runs may be moved in whole vectors.
const ROOM: usize = 16;

pub(super) fn run(product: &Product, values: &[Option<Arc<Storage>>]) -> Arc<Storage> {
    let operand = |matrices: &Matrices| {
        values[matrices.base as usize].as_deref().expect("operands are computed before and released after")
    };
    let (left, right) = (operand(&product.left), operand(&product.right));
    Arc::new(match product.dtype {
        DType::F32 => Storage::F32(Products::<f32>::new(product, left, right).run()),
        DType::F64 => Storage::F64(Products::<f64>::new(product, left, right).run()),
        DType::I64 | DType::Bool => unreachable!("the graph multiplies matrices of floating-point numbers only"),
    })
}

/// The products with the data they work on.
struct Products<'a, T> {
    product: &'a Product,
    left: &'a [T],
    right: &'a [T],
    level: Level,
}

/// What one thread needs for itself.
struct Workspace<T: Scalar + Summand> {
    operands: Gathered<T>,
    /// A product that is not stored, and the item that it is added up in.
    product: Buffer<T>,
    item: Buffer<T>,
    /// The sums of an item where more meet than may be added in their own type.
    sums: Sums<T>,
}

struct Gathered<T: Scalar> {
    left: Gathering<T>,
    right: Gathering<T>,
    windows: WindowWorkspace<T>,
}

/// Where an operand is gathered.
struct Gathering<T: Scalar> {
    matrix: Buffer<T>,
    padded: Buffer<T>,
    /// The item of the batch that is in `padded`.
    item: Option<usize>,
}

/// A range of one dimension of the products.
#[derive(Clone, Copy)]
struct Block {
    dimension: Dimension,
    start: usize,
    length: usize,
}

impl Block {
    /// What the block leaves of a dimension: its first number and its length.
    fn of(self, dimension: Dimension, size: usize) -> (usize, usize) {
        if self.dimension == dimension { (self.start, self.length) } else { (0, size) }
    }
}

/// The steps of a part of a dimension, and how far from the beginning it starts. The part begins and ends between two of the outermost
/// steps.
fn part(steps: &[(usize, isize)], start: usize, length: usize) -> (JoinedSteps, isize) {
    let mut part: JoinedSteps = SmallVec::from_slice(steps);
    let (&(_, stride), inner) = steps.split_last().expect("steps are never empty");
    let unit: usize = inner.iter().map(|&(size, _)| size).product();
    debug_assert!(start.is_multiple_of(unit) && length.is_multiple_of(unit));
    part.last_mut().expect("steps are never empty").0 = length / unit;
    (part, (start / unit) as isize * stride)
}

impl<'a, T: Scalar + Summand> Products<'a, T> {
    fn new(product: &'a Product, left: &'a Storage, right: &'a Storage) -> Products<'a, T> {
        Products { product, left: left.typed::<T>(), right: right.typed::<T>(), level: Level::current() }
    }

    fn run(&self) -> Buffer<T> {
        match &self.product.finish {
            Finish::Each => self.each(),
            Finish::Sum { axes } => self.sum(*axes),
            Finish::Overlap(overlap) => self.overlap(overlap),
        }
    }

    /// The block of a number: a range of the dimension that is cut, or all of it.
    fn block(&self, number: usize) -> Block {
        match self.product.cut {
            None => Block { dimension: Dimension::M, start: 0, length: self.product.sizes.m },
            Some(cut) => {
                let start = number * cut.length;
                let length = cut.length.min(self.product.sizes.of(cut.dimension) - start);
                Block { dimension: cut.dimension, start, length }
            }
        }
    }

    fn worker(&self) -> Workspace<T> {
        let block = self.product.block();
        let gathering = |operand: &Matrices, entries: usize| Gathering {
            matrix: Buffer::of(if operand.is_gathered() { entries + ROOM } else { 0 }),
            padded: match &operand.padding {
                // Only what lies within the zeros is written later.
                Some(padding) => Buffer::filled(padding.length + ROOM, T::ZERO),
                None => Buffer::of(0),
            },
            item: None,
        };
        let (entries, item, sums) = match &self.product.finish {
            Finish::Each | Finish::Sum { .. } => (0, 0, 0),
            Finish::Overlap(overlap) => (
                block.m * block.n + ROOM,
                if overlap.crop.is_some() { overlap.length + ROOM } else { 0 },
                if self.product.meets_many(overlap) { overlap.length } else { 0 },
            ),
        };
        Workspace {
            operands: Gathered {
                left: gathering(&self.product.left, block.m * block.k),
                right: gathering(&self.product.right, block.k * block.n),
                windows: WindowWorkspace::new(),
            },
            product: Buffer::of(entries),
            item: Buffer::of(item),
            sums: Sums::of(sums),
        }
    }

    /// How many products an item of the first axis of the batch has.
    fn inner(&self) -> usize {
        self.product.batch[1..].iter().product()
    }

    /// The position of a product along the axes of the batch but the first, times the strides.
    fn along(&self, mut number: usize, strides: &[isize]) -> isize {
        let mut offset = 0;
        for (&size, &stride) in self.product.batch[1..].iter().zip(strides).rev() {
            offset += (number % size) as isize * stride;
            number /= size;
        }
        offset
    }

    /// Where the part of an operand that a block of a product needs lies.
    fn lying<'b>(
        &self,
        matrices: &Matrices,
        values: &'b [T],
        (padded, at_item): (&'b mut Buffer<T>, &mut Option<usize>),
        (item, inner): (usize, usize),
        (first_row, rows): (usize, usize),
        (first_column, columns): (usize, usize),
    ) -> Lying<'b, T> {
        let offset = matrices.offset + self.along(inner, &matrices.batch[1..]);
        let (rows, down) = part(&matrices.rows, first_row, rows);
        let (columns, across) = part(&matrices.columns, first_column, columns);
        let start = offset + item as isize * matrices.batch[0] + down + across;
        let values = match &matrices.padding {
            None => values,
            Some(padding) => {
                self.pad(padding, values, padded, at_item, item);
                &padded[..]
            }
        };
        Lying { values, start, rows, columns }
    }

    /// The part of an operand that a block of a product needs, gathered if it does not lie evenly.
    fn operand<'b>(&self, matrices: &Matrices, lying: Lying<'b, T>, matrix: &'b mut Buffer<T>) -> Matrix<'b, T> {
        let Lying { values, start, rows, columns } = lying;
        if !matrices.is_gathered() {
            return Matrix { values, start, row: matrices.rows[0].1, column: matrices.columns[0].1 };
        }
        let count = |steps: &JoinedSteps| steps.iter().map(|step| step.0 as isize).product::<isize>();
        let by_columns = matrices.by_columns();
        let steps = if by_columns { joined(&rows, &columns) } else { joined(&columns, &rows) };
        gather(self.level, values, start, &steps, matrix);
        let (row, column) = if by_columns { (1, count(&rows)) } else { (count(&columns), 1) };
        Matrix { values: matrix, start: 0, row, column }
    }

    /// Brings an item of the batch among its zeros, unless it is there.
    fn pad(&self, padding: &Padding, values: &[T], padded: &mut Buffer<T>, at_item: &mut Option<usize>, item: usize) {
        // Where the batch does not go through items there is only one.
        let item = if padding.item == 0 { 0 } else { item };
        if *at_item == Some(item) {
            return;
        }
        *at_item = Some(item);
        let start = padding.offset + item as isize * padding.item;
        crate::exec::view::walk(
            &padding.shape,
            [(&padding.strides, start), (&padding.padded_strides, padding.start as isize)],
            |length, [from, to], [stride, step]| {
                if stride == 1 && step == 1 {
                    padded[to as usize..to as usize + length]
                        .copy_from_slice(&values[from as usize..from as usize + length]);
                    return;
                }
                for number in 0..length as isize {
                    padded[(to + number * step) as usize] = values[(from + number * stride) as usize];
                }
            },
        );
    }

    /// Multiplies one block of a product; the result has the given strides and is added to what is there, or replaces it.
    ///
    /// # Safety
    /// `out` must point to as many entries as the block's rows and columns reach, and nobody else may use them meanwhile.
    unsafe fn multiply(
        &self,
        operands: &mut Gathered<T>,
        at: (usize, usize),
        block: Block,
        out: *mut T,
        strides: (usize, usize),
        add: bool,
    ) {
        let sizes = self.product.sizes;
        let rows = block.of(Dimension::M, sizes.m);
        let columns = block.of(Dimension::N, sizes.n);
        let along = block.of(Dimension::K, sizes.k);
        let Gathered { left, right, windows } = operands;
        let (own, other) = (&self.product.left, &self.product.right);
        let left_lies = self.lying(own, self.left, (&mut left.padded, &mut left.item), at, rows, along);
        let right_lies = self.lying(other, self.right, (&mut right.padded, &mut right.item), at, along, columns);
        let gathers = own.is_gathered() || other.is_gathered();
        // What lies among zeros is another item's at the same place.
        let left_stays = own.padding.is_none();
        // SAFETY: the caller's promise.
        if gathers
            && unsafe {
                multiply_windows(self.level, (&left_lies, left_stays), &right_lies, out, strides, add, windows)
            }
        {
            return;
        }
        let left = self.operand(own, left_lies, &mut left.matrix);
        let right = self.operand(other, right_lies, &mut right.matrix);
        // SAFETY: the caller's promise.
        unsafe { multiply((self.level, Order::Free), [rows.1, columns.1, along.1], &left, &right, out, strides, add) };
    }

    /// Every product is a matrix of the result.
    fn each(&self) -> Buffer<T> {
        let product = self.product;
        let (m, n) = (product.sizes.m, product.sizes.n);
        let mut out = Buffer::of(product.elements);
        let results = Results::of(&mut out);
        let (inner, blocks) = (self.inner(), product.blocks());
        // Blocks along the inner dimension add to the same entries, one after the other.
        let in_turn = product.cut.is_some_and(|cut| cut.dimension == Dimension::K);
        let apart = if in_turn { 1 } else { blocks };
        let work = |number: usize, worker: &mut Workspace<T>| {
            let item = number / apart;
            let numbers = if in_turn { 0..blocks } else { number % apart..number % apart + 1 };
            for which in 0..inner {
                for (turn, number) in numbers.clone().enumerate() {
                    let block = self.block(number);
                    let (row, rows) = block.of(Dimension::M, m);
                    let (column, columns) = block.of(Dimension::N, n);
                    let start = (item * inner + which) * m * n + row * n + column;
                    let out = results.at(start, (rows, n), (columns, 1));
                    // SAFETY: the block lies within the result, as `at` has checked. No other unit of work has the same rows and columns
                    // of the same product, and each is done once.
                    unsafe { self.multiply(&mut worker.operands, (item, which), block, out, (n, 1), turn > 0) };
                }
            }
        };
        self.share(product.batch[0] * apart, work);
        out
    }

    /// Units of work for all threads; small ones stay on this one.
    fn share(&self, units: usize, work: impl Fn(usize, &mut Workspace<T>) + Sync) {
        self.share_with(units, || self.worker(), work);
    }

    /// The same with another thing that each thread has for itself.
    fn share_with<W>(&self, units: usize, worker: impl Fn() -> W + Sync, work: impl Fn(usize, &mut W) + Sync) {
        if self.product.work() < 1 << 18 {
            let mut worker = worker();
            (0..units).for_each(|unit| work(unit, &mut worker));
            return;
        }
        share_out(units, |next| {
            let mut worker = worker();
            while let Some(unit) = next() {
                work(unit, &mut worker);
            }
        });
    }

    /// The products along the first axes of the batch are added up: parts of them by themselves, then the parts, in their order.
    fn sum(&self, axes: usize) -> Buffer<T> {
        let product = self.product;
        let (m, n) = (product.sizes.m, product.sizes.n);
        let inner = self.inner();
        let summed: usize = product.batch[..axes].iter().product();
        let kept: usize = product.batch[axes..].iter().product();
        let parts = product.parts(summed);
        let length = summed.div_ceil(parts);
        let parts = summed.div_ceil(length);
        let sums: Mutex<Vec<Option<Sums<T>>>> = Mutex::new((0..parts).map(|_| None).collect());
        self.share(parts, |number, worker| {
            let mut sum = Sums::<T>::of(product.elements);
            let wide = sum.cleared(product.elements);
            let mut few = Buffer::<T>::of(product.elements);
            let numbers = number * length..((number + 1) * length).min(summed);
            for first in numbers.clone() {
                let turn = (first - numbers.start) % FEW;
                let results = Results::of(&mut few);
                for which in 0..kept {
                    let at = first * kept + which;
                    for block in 0..product.blocks() {
                        let block = self.block(block);
                        let (row, rows) = block.of(Dimension::M, m);
                        let (column, columns) = block.of(Dimension::N, n);
                        let start = which * m * n + row * n + column;
                        let again = turn > 0 || block.dimension == Dimension::K && block.start > 0;
                        let out = results.at(start, (rows, n), (columns, 1));
                        // SAFETY: the block lies within the sum, as `at` has checked, and the sum belongs to this closure.
                        unsafe {
                            self.multiply(&mut worker.operands, (at / inner, at % inner), block, out, (n, 1), again);
                        };
                    }
                }
                if turn == FEW - 1 || first + 1 == numbers.end {
                    wide.iter_mut().zip(&*few).for_each(|(sum, few)| few.add_to(sum));
                }
            }
            sums.lock().unwrap_or_else(PoisonError::into_inner)[number] = Some(sum);
        });
        let mut parts = sums.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten();
        let mut total = parts.next().expect("there is at least one part");
        for mut part in parts {
            total.all().iter_mut().zip(part.all()).for_each(|(sum, part)| T::join(sum, *part));
        }
        let mut out = Buffer::of(product.elements);
        round(total.all(), &mut out);
        out
    }

    /// The entries of each product are added to those of the result where they belong.
    fn overlap(&self, overlap: &Overlap) -> Buffer<T> {
        let product = self.product;
        let items = product.batch[0];
        let mut out = Buffer::of(product.elements);
        let length = product.elements / items;
        let results = Results::of(&mut out);
        if let Some(spread) = Spread::of::<T>(product, overlap, self.level)
            && self.left_is_finite()
        {
            self.spread(&spread, &results, length);
            return out;
        }
        let by_columns = prefers_columns(&overlap.rows, &overlap.columns);
        let many = product.meets_many(overlap);
        self.share(items, |item, worker| {
            // SAFETY: each item has `length` entries of the result to itself, and is one unit of work.
            let result = unsafe { results.slice(item * length..(item + 1) * length) };
            let sums: &mut [T] = if overlap.crop.is_some() { &mut worker.item } else { &mut *result };
            let mut wide = many.then(|| worker.sums.cleared(overlap.length));
            if !many {
                sums.fill(T::ZERO);
            }
            for which in 0..self.inner() {
                for number in 0..product.blocks() {
                    let block = self.block(number);
                    let (first_row, rows) = block.of(Dimension::M, product.sizes.m);
                    let (first_column, columns) = block.of(Dimension::N, product.sizes.n);
                    assert!(worker.product.len() >= rows * columns, "a product that does not fit into its buffer");
                    let strides = if by_columns { (1, rows) } else { (columns, 1) };
                    let out = worker.product.as_mut_ptr();
                    // SAFETY: the buffer has an entry for each row and column, and belongs to this thread.
                    unsafe { self.multiply(&mut worker.operands, (item, which), block, out, strides, false) };
                    let (row_steps, down) = part(&overlap.rows, first_row, rows);
                    let (column_steps, across) = part(&overlap.columns, first_column, columns);
                    let steps =
                        if by_columns { joined(&row_steps, &column_steps) } else { joined(&column_steps, &row_steps) };
                    let start = self.along(which, &overlap.batch) + down + across;
                    match &mut wide {
                        Some(wide) => add_to_sums(&worker.product[..rows * columns], wide, start, &steps),
                        None => add_to(self.level, &worker.product, sums, start, &steps),
                    }
                }
            }
            if let Some(wide) = wide {
                round(wide, &mut sums[..overlap.length]);
            }
            if let Some(crop) = &overlap.crop {
                let axes: JoinedSteps =
                    (0..crop.shape.rank()).rev().map(|axis| (crop.shape[axis], crop.strides[axis])).collect();
                gather(self.level, &worker.item, crop.offset, &joined(&axes, &[]), result);
            }
        });
        out
    }
}
