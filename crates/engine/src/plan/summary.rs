//! What a plan does, for people and for tests: its steps, what each reads and writes, and the memory it needs.

use std::fmt;

use rustc_hash::FxHashSet;

use crate::op::Op;
use crate::plan::pass::{Advance, Source};
use crate::plan::steps::{Plan, Work};

/// How a step computes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// One walk over memory that computes many operations at once, each entry while it is in the cache.
    Pass {
        /// Rows walked over.
        rows: usize,
        /// Entries of a row.
        columns: usize,
        /// Instructions for each tile of entries.
        instructions: usize,
        /// Those of them that compute one number for each row, not one for each entry.
        for_rows: usize,
        /// How often a row that is too long for the registers is walked through.
        sweeps: usize,
    },
    /// Arithmetic with single numbers.
    Scalars {
        /// How many instructions.
        instructions: usize,
    },
    /// An operation by itself: a matrix product, a sort.
    Operation(
        /// Its name.
        &'static str,
    ),
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepSummary {
    /// How it computes.
    pub kind: StepKind,
    /// Bytes read from memory, each input counted once.
    pub bytes_read: usize,
    /// Bytes written to memory.
    pub bytes_written: usize,
    /// Multiplications, each with an addition, of a matrix product, or differences of pairs; 0 elsewhere.
    pub multiply_adds: usize,
}

/// The steps of an evaluation, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanSummary {
    /// The steps.
    pub steps: Vec<StepSummary>,
    /// The most bytes that results and intermediate values take at a time; what was given is not counted.
    pub peak_bytes: usize,
}

impl PlanSummary {
    /// The number of passes over memory.
    pub fn passes(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step.kind, StepKind::Pass { .. })).count()
    }

    /// The number of operations that run by themselves.
    pub fn operations(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step.kind, StepKind::Operation(_))).count()
    }
}

impl Plan {
    /// What the plan does.
    pub(crate) fn summary(&self) -> PlanSummary {
        let mut sizes = vec![0; self.values];
        let (mut present, mut peak) = (0usize, 0usize);
        let mut steps = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let (kind, read, written) = step.work.summary(&mut sizes);
            present = present.saturating_add(written);
            peak = peak.max(present.saturating_add(step.work.scratch()));
            for &value in &step.released {
                present = present.saturating_sub(std::mem::take(&mut sizes[value as usize]));
            }
            let multiply_adds = step.work.multiply_adds();
            steps.push(StepSummary { kind, bytes_read: read, bytes_written: written, multiply_adds });
        }
        PlanSummary { steps, peak_bytes: peak }
    }
}

impl Work {
    /// The bytes of registers, of one thread.
    fn scratch(&self) -> usize {
        match self {
            Work::Pass(pass) => pass.scratch.saturating_mul(pass.lane.size()),
            Work::Kernel(_) => 0,
            Work::Product(product) => product.scratch().saturating_mul(product.dtype.size()),
            Work::Pairs(pairs) => pairs.entries_read().saturating_mul(pairs.dtype.size()),
        }
    }

    fn multiply_adds(&self) -> usize {
        match self {
            Work::Product(product) => {
                product.batch.iter().product::<usize>() * product.sizes.m * product.sizes.n * product.sizes.k
            }
            Work::Pairs(pairs) if pairs.squares.is_some() => pairs.elements(),
            Work::Pairs(pairs) => pairs.work(),
            Work::Kernel(kernel) if kernel.op == Some(Op::MatrixMultiply) => {
                let inner = kernel.inputs[0].shape.last().copied().unwrap_or(0);
                kernel.shape.elements() * inner
            }
            Work::Pass(_) | Work::Kernel(_) => 0,
        }
    }

    /// The kind, and the bytes read and written; the sizes of results are put into `sizes`.
    fn summary(&self, sizes: &mut [usize]) -> (StepKind, usize, usize) {
        let mut written = 0;
        let mut result = |value: u32, bytes: usize| {
            sizes[value as usize] = bytes;
            written += bytes;
        };
        match self {
            Work::Kernel(kernel) => {
                result(kernel.value, kernel.shape.elements() * kernel.dtype.size());
                let read = kernel.inputs.iter().map(|layout| {
                    let entries: usize = (0..layout.shape.rank())
                        .filter(|&axis| layout.strides[axis] != 0)
                        .map(|axis| layout.shape[axis])
                        .product();
                    entries * layout.dtype.size()
                });
                let name = kernel.op.as_ref().map_or("copy", |op| op.name());
                (StepKind::Operation(name), read.sum(), written)
            }
            Work::Product(product) => {
                result(product.value, product.elements * product.dtype.size());
                (StepKind::Operation(product.name()), product.entries_read() * product.dtype.size(), written)
            }
            Work::Pairs(pairs) => {
                result(pairs.value, pairs.elements() * pairs.dtype.size());
                (StepKind::Operation(pairs.name()), pairs.entries_read() * pairs.dtype.size(), written)
            }
            Work::Pass(pass) => {
                let entries = |advance: Advance| match advance {
                    Advance::Full => pass.rows * pass.columns,
                    Advance::Row => pass.rows,
                    Advance::Column => pass.columns,
                    Advance::Fixed => 1,
                };
                let mut seen: FxHashSet<(u32, isize)> = FxHashSet::default();
                let mut read = 0;
                for memory in &pass.memory {
                    if let Source::Input(value, offset) = memory.source
                        && seen.insert((value, offset))
                    {
                        read += entries(memory.advance) * pass.lane.size();
                    }
                }
                for load in &pass.loads {
                    if seen.insert((load.value, load.offset)) {
                        let distinct: usize = load.steps.iter().filter(|step| step.1 != 0).map(|step| step.0).product();
                        read += distinct * load.dtype.size();
                    }
                }
                for piece in pass.assemblies.iter().flat_map(|assembly| &assembly.pieces) {
                    if seen.insert((piece.value, piece.offset)) {
                        let distinct = piece.windows.iter().filter(|window| window.stride != 0);
                        read += distinct.map(|window| window.count).product::<usize>() * pass.lane.size();
                    }
                }
                for lookup in &pass.lookups {
                    // Of a table no more than what there is is read.
                    let along: usize =
                        lookup.axes.iter().filter(|axis| axis.stride != 0).map(|axis| axis.size).product();
                    let entries = lookup.run * lookup.runs().min(lookup.size * along);
                    read += entries * pass.lane.size();
                    if seen.insert((lookup.index, lookup.index_offset)) {
                        let distinct = lookup.axes.iter().filter(|axis| axis.index_stride != 0);
                        read += distinct.map(|axis| axis.size).product::<usize>() * size_of::<i64>();
                    }
                }
                for index in &pass.indices {
                    if seen.insert((index.value, index.offset)) {
                        read += pass.rows * size_of::<i64>();
                    }
                }
                pass.outputs.iter().for_each(|output| result(output.value, output.length * output.dtype.size()));
                pass.totals.iter().for_each(|total| result(total.value, total.dtype.size()));
                pass.across.iter().for_each(|across| result(across.value, across.length * across.dtype.size()));
                let instructions = pass.phases.iter().map(|phase| phase.full.len() + phase.rows.len()).sum();
                let kind = if pass.rows * pass.columns == 1 {
                    StepKind::Scalars { instructions }
                } else {
                    let whole_rows = !pass.by_rows || pass.tile_columns == pass.columns;
                    let walks = pass.phases.iter().filter(|phase| !phase.full.is_empty()).count();
                    let sweeps = if whole_rows { 1 } else { walks };
                    let for_rows = pass.phases.iter().map(|phase| phase.rows.len()).sum();
                    StepKind::Pass { rows: pass.rows, columns: pass.columns, instructions, for_rows, sweeps }
                };
                (kind, read, written)
            }
        }
    }
}

impl fmt::Display for StepSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            StepKind::Pass { rows: 1, columns, instructions, .. } => {
                write!(f, "pass over {columns} entries, {instructions} instructions")?;
            }
            StepKind::Pass { rows, columns, instructions, sweeps, .. } => {
                write!(f, "pass over {rows} rows of {columns}, {instructions} instructions")?;
                if *sweeps > 1 {
                    write!(f, " in {sweeps} sweeps")?;
                }
            }
            StepKind::Scalars { instructions } => write!(f, "scalars, {instructions} instructions")?,
            StepKind::Operation(name) => f.write_str(name)?,
        }
        write!(f, ": reads {} bytes, writes {}", self.bytes_read, self.bytes_written)
    }
}

impl fmt::Display for PlanSummary {
    /// One line for each step, and the memory needed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.steps.iter().enumerate() {
            writeln!(f, "step {number}: {step}")?;
        }
        write!(f, "memory: at most {} bytes at a time", self.peak_bytes)
    }
}
