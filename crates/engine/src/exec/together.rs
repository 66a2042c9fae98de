//! Products and the pass between them, block by block: what a block of rows is multiplied into is still in the cache when the pass reads it,
//! and what the pass makes of it when that is multiplied.
#![allow(unsafe_code)]

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::panic::Location;
use std::sync::{Arc, OnceLock};

use smallvec::SmallVec;

use crate::buffer::Buffer;
use crate::dtype::DType;
use crate::exec::dispatch::Level;
use crate::exec::matmul::{MASKED_ROWS, Matrix, Operand, Order, is_large, multiply, stacked};
use crate::exec::tiles::{Along, Lane, Span, run_along};
use crate::exec::trim::{is_finite, multiply_trimmed, read_columns};
use crate::jit::Code;
use crate::plan::{KernelCall, Layout, Pass, Step, Work};
use crate::shape::Shape;
use crate::storage::Storage;

/// Runs steps that belong together: products, a pass, and products.
pub(super) fn run(
    steps: &[Step],
    code: Option<&Code>,
    values: &mut [Option<Arc<Storage>>],
    locations: &[&'static Location<'static>],
) {
    let at = steps.iter().position(|step| matches!(step.work, Work::Pass(_))).expect("a pass is among them");
    let Work::Pass(pass) = &steps[at].work else { unreachable!("just found") };
    match pass.lane {
        DType::F32 => run_in::<f32>(steps, at, pass, code, values, locations),
        DType::F64 => run_in::<f64>(steps, at, pass, code, values, locations),
        DType::I64 | DType::Bool => unreachable!("passes compute in floating point"),
    }
}

fn run_in<T: Lane>(
    steps: &[Step],
    at: usize,
    pass: &Pass,
    code: Option<&Code>,
    values: &mut [Option<Arc<Storage>>],
    locations: &[&'static Location<'static>],
) {
    // Operands are held for as long as the products borrow them.
    let mut held: SmallVec<[SmallVec<[Arc<Storage>; 3]>; 4]> = SmallVec::new();
    let kernels: SmallVec<[&KernelCall; 4]> = steps
        .iter()
        .filter_map(|step| match &step.work {
            Work::Kernel(kernel) => Some(&**kernel),
            Work::Pass(_) | Work::Product(_) | Work::Pairs(_) => None,
        })
        .collect();
    let (first, last) = kernels.split_at(at);
    for (number, kernel) in kernels.iter().enumerate() {
        let operands =
            kernel.inputs[usize::from(number >= at)..].iter().chain(kernel.read.iter().map(|read| &read.mask));
        held.push(
            operands
                .map(|layout| values[layout.base as usize].clone().expect("operands are computed before"))
                .collect(),
        );
    }
    let mut results: SmallVec<[Buffer<T>; 4]> =
        kernels.iter().map(|kernel| Buffer::of(kernel.shape.elements())).collect();
    let mut products = kernels
        .iter()
        .zip(&held)
        .zip(&mut results)
        .enumerate()
        .map(|(number, ((kernel, held), result))| Product::of(kernel, held, number >= at, Span::of_result(result)));
    let entries = if pass.by_rows { pass.block * pass.columns } else { pass.block };
    let together = Together {
        blocks: steps[at].blocks,
        entries: entries * steps[at].blocks,
        all: pass.rows * pass.columns,
        before: products.by_ref().take(first.len()).collect(),
        behind: products.collect(),
        outputs: last
            .iter()
            .map(|kernel| {
                let found = pass.outputs.iter().position(|output| output.value == kernel.inputs[0].base);
                found.expect("it multiplies a result of the pass")
            })
            .collect(),
    };
    run_along(pass, code, values, locations, Some(&together));
    drop(together);
    for (kernel, result) in kernels.iter().zip(results) {
        values[kernel.value as usize] = Some(Arc::new(T::storage(result)));
    }
}

/// Products along with a pass.
struct Together<'a, T> {
    /// How many blocks and entries of the pass are a unit, and how many entries there are.
    blocks: usize,
    entries: usize,
    all: usize,
    before: SmallVec<[Product<'a, T>; 2]>,
    behind: SmallVec<[Product<'a, T>; 2]>,
    /// The result of the pass that each of those behind it multiplies.
    outputs: SmallVec<[usize; 2]>,
}

impl<T> Together<'_, T> {
    /// The rows of a unit, if each has so many entries.
    fn rows(&self, unit: usize, columns: usize) -> Range<usize> {
        let range = unit * self.entries..self.all.min((unit + 1) * self.entries);
        debug_assert!(range.start.is_multiple_of(columns) && range.end.is_multiple_of(columns), "half a row");
        range.start / columns..range.end / columns
    }
}

impl<T: Lane> Along<T> for Together<'_, T> {
    fn blocks(&self) -> usize {
        self.blocks
    }

    fn value(&self, value: u32) -> Option<Span<T>> {
        self.before.iter().find(|product| product.value == value).map(|product| product.result)
    }

    unsafe fn before(&self, unit: usize) {
        for product in &self.before {
            // SAFETY: the rows of a unit are no other's, and the caller promises that nobody else is at this one.
            unsafe { product.multiply(self.rows(unit, product.n), None) };
        }
    }

    unsafe fn behind(&self, unit: usize, results: &[Span<T>]) {
        for (product, &output) in self.behind.iter().zip(&self.outputs) {
            let rows = self.rows(unit, product.k);
            let left = results[output].part(rows.start * product.k, rows.len() * product.k);
            // SAFETY: the entries are those of the unit, which the pass has written and nobody writes to any more; and as above.
            unsafe {
                let left = std::slice::from_raw_parts(left.start(), rows.len() * product.k);
                product.multiply(rows, Some(left));
            }
        }
    }
}

/// A product of matrices, some rows of which are multiplied at a time.
struct Product<'a, T> {
    level: Level,
    value: u32,
    m: usize,
    n: usize,
    k: usize,
    /// How many of the batch are like one matrix.
    stacked: usize,
    /// `None` where it is a result of the pass.
    left: Option<Operand<'a, T>>,
    right: Operand<'a, T>,
    /// Whether the right operand of each of the batch is finite throughout, once anybody has asked.
    finite: SmallVec<[OnceLock<bool>; 4]>,
    /// The masks that say which entries are read, and the truth value that each has there.
    masks: SmallVec<[(Operand<'a, bool>, bool); 1]>,
    result: Span<T>,
}

/// The matrices of a layout.
fn operand<'a, T>(values: &'a [T], layout: &Layout, shape: &Shape) -> Operand<'a, T> {
    Operand::of(values, (&layout.shape, &layout.strides, layout.offset), shape)
}

impl<'a, T: Lane> Product<'a, T> {
    fn of(kernel: &KernelCall, held: &'a [Arc<Storage>], behind: bool, result: Span<T>) -> Product<'a, T> {
        let (shape, rank) = (&kernel.shape, kernel.shape.rank());
        let [left, right] = &kernel.inputs[..] else { unreachable!("two matrices are multiplied") };
        let k = left.shape[left.shape.rank() - 1];
        let mut held = held.iter();
        let mut next = || &**held.next().expect("all operands are held");
        let own = (!behind).then(|| operand(next().typed::<T>(), left, shape));
        let other = operand(next().typed::<T>(), right, shape);
        let masks =
            kernel.read.iter().map(|read| (operand(next().typed::<bool>(), &read.mask, shape), read.seen)).collect();
        let finite = other.starts.iter().map(|_| OnceLock::new()).collect();
        Product {
            level: Level::current(),
            value: kernel.value,
            m: shape[rank - 2],
            n: shape[rank - 1],
            k,
            stacked: stacked(other.starts.iter().copied()),
            left: own,
            right: other,
            finite,
            masks,
            result,
        }
    }

    /// Multiplies some rows of all matrices, one below the other; the left operand has these rows, if the product has none by itself.
    ///
    /// # Safety
    /// Nobody else may use these rows of the result meanwhile.
    unsafe fn multiply(&self, rows: Range<usize>, left: Option<&[T]>) {
        let &Product { m, n, k, .. } = self;
        let whole = [m * self.stacked, n, k];
        let large = is_large(m, n, k);
        let mut at = rows.start;
        while at < rows.end {
            let (item, row) = (at / m, at % m);
            let mut count = (m - row).min(rows.end - at);
            if large && count >= 2 * MASKED_ROWS {
                count = MASKED_ROWS;
            }
            let masks = self.masks.iter().filter(|_| large);
            let read = read_columns(masks.map(|(mask, seen)| (mask.matrix(item, row, 0), *seen)), count, n);
            if !read.is_empty() {
                let left = match (&self.left, left) {
                    (Some(own), _) => own.matrix(item, row, 0),
                    (None, Some(values)) => {
                        Matrix { values, start: ((at - rows.start) * k) as isize, row: k as isize, column: 1 }
                    }
                    (None, None) => unreachable!("the rows of the pass are given"),
                };
                let right = self.right.matrix(item, 0, read.start);
                let sizes = [count, read.len(), k];
                let out = self.result.part(at * n + read.start, (count - 1) * n + read.len()).start();
                // SAFETY: the rows and columns lie within the result, as `part` has found; nobody else uses them, as the caller promises.
                // T is f32 or f64: there are no other lanes.
                unsafe {
                    if large {
                        let finite =
                            || *self.finite[item].get_or_init(|| is_finite(&self.right.matrix(item, 0, 0), k, n));
                        multiply_trimmed(self.level, whole, sizes, &left, (&right, &finite), out, (n, 1));
                    } else {
                        multiply((self.level, Order::Chain { whole }), sizes, &left, &right, out, (n, 1), false);
                    }
                }
            }
            at += count;
        }
    }
}
