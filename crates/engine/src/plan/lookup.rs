//! Operands of passes that lie where indices say: rows of a table, entries in an order.

use smallvec::SmallVec;

use crate::plan::pass::Advance;
use crate::plan::views::Layout;
use crate::shape::Shape;

/// An operand whose entries lie in runs, each of them in a table where an index says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Lookup {
    pub(crate) table: u32,
    /// Where the table's entries begin.
    pub(crate) offset: isize,
    /// The indices, and where they begin.
    pub(crate) index: u32,
    pub(crate) index_offset: isize,
    /// The instruction of the original program, for its location.
    pub(crate) origin: u32,
    /// Entries that one index names, side by side in the table.
    pub(crate) run: usize,
    /// The axes that runs are counted along, innermost first; at least one.
    pub(crate) axes: SmallVec<[LookupAxis; 2]>,
    /// How many places an index may name, and how far apart they are in the table.
    pub(crate) size: usize,
    pub(crate) stride: isize,
    pub(crate) advance: Advance,
}

/// An axis along which there are runs of a look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LookupAxis {
    pub(crate) size: usize,
    /// How the table is stepped through beside what the indices say.
    pub(crate) stride: isize,
    /// How the indices are stepped through.
    pub(crate) index_stride: isize,
}

impl Lookup {
    /// How many indices are read, and as many runs.
    pub(crate) fn runs(&self) -> usize {
        self.axes.iter().map(|axis| axis.size).product()
    }

    /// Whether each row of so many entries lies side by side, so that generated code reads it there.
    pub(crate) fn has_rows(&self, columns: usize) -> bool {
        self.run.is_multiple_of(columns)
    }

    /// The look-up that reads the entries of `shape`, with a table and indices that lie in these ways.
    pub(crate) fn of(
        table: &Layout,
        index: &Layout,
        axis: usize,
        shape: &Shape,
        (origin, advance): (u32, Advance),
    ) -> Lookup {
        let (size, stride) = (table.shape[axis], table.strides[axis]);
        let mut strides = table.strides_in(&shape.with(axis, size));
        strides[axis] = 0;
        let index_strides = index.strides_in(shape);
        let mut run = 1;
        let mut axes: SmallVec<[LookupAxis; 2]> = SmallVec::new();
        for at in (0..shape.rank()).rev().filter(|&at| shape[at] != 1) {
            let next = LookupAxis { size: shape[at], stride: strides[at], index_stride: index_strides[at] };
            match axes.last_mut() {
                None if at != axis && next.index_stride == 0 && next.stride == run as isize => run *= next.size,
                Some(inner) if inner.is_continued_by(next) => inner.size *= next.size,
                _ => axes.push(next),
            }
        }
        if axes.is_empty() {
            axes.push(LookupAxis { size: 1, stride: 0, index_stride: 0 });
        }
        Lookup {
            table: table.base,
            offset: table.offset,
            index: index.base,
            index_offset: index.offset,
            origin,
            run,
            axes,
            size,
            stride,
            advance,
        }
    }
}

impl LookupAxis {
    /// Whether the steps along the axis around it are steps along this one that go on.
    fn is_continued_by(self, outer: LookupAxis) -> bool {
        let whole = self.size as isize;
        (outer.stride, outer.index_stride) == (self.stride * whole, self.index_stride * whole)
    }
}
