//! Where the entries of a value lie: views are worked out when a plan is compiled, and cost nothing when it runs.

use smallvec::SmallVec;

use crate::dtype::DType;
use crate::op::Op;
use crate::shape::Shape;

/// Strides in elements, one for each axis; 0 repeats, a negative one walks backwards.
pub(crate) type Strides = SmallVec<[isize; 4]>;

/// A view of the row-major buffer of value `base`: entry `[i, j, …]` is at `offset + i·strides[0] + j·strides[1] + …`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layout {
    pub(crate) base: u32,
    pub(crate) shape: Shape,
    pub(crate) strides: Strides,
    pub(crate) offset: isize,
    pub(crate) dtype: DType,
}

/// Axes that are stepped through evenly, joined, innermost first: size and stride. Never empty; sizes are not 1, except that of a
/// single entry.
pub(crate) type Steps = SmallVec<[(usize, isize); 4]>;

/// The stride along rows of so many entries, and how rows are stepped through, if an even walk along each row is what the steps are.
pub(crate) fn by_rows(steps: &Steps, columns: usize) -> Option<(isize, Steps)> {
    let (size, stride) = steps[0];
    if !size.is_multiple_of(columns) {
        return None;
    }
    let mut rows = Steps::new();
    if size > columns {
        rows.push((size / columns, stride * columns as isize));
    }
    rows.extend_from_slice(&steps[1..]);
    Some((stride, rows))
}

/// Whether neighbouring entries under a shape are neighbours in memory. Strides of axes of size 1 do not matter.
pub(crate) fn is_row_major(shape: &Shape, strides: &Strides) -> bool {
    let natural = shape.strides();
    shape.elements() == 0 || (0..shape.rank()).all(|axis| shape[axis] == 1 || strides[axis] == natural[axis])
}

/// The strides under which what has these under its own shape repeats over a larger one.
pub(crate) fn repeated(own: &Shape, strides: &Strides, shape: &Shape) -> Strides {
    let added = shape.rank() - own.rank();
    let mut repeated: Strides = SmallVec::from_elem(0, shape.rank());
    for axis in 0..own.rank() {
        if own[axis] != 1 || shape[axis + added] == 1 {
            repeated[axis + added] = strides[axis];
        }
    }
    repeated
}

impl Layout {
    /// All of the buffer of a value.
    pub(crate) fn whole(base: u32, shape: Shape, dtype: DType) -> Layout {
        Layout { base, strides: shape.strides(), shape, offset: 0, dtype }
    }

    /// Whether neighbouring entries are neighbours in memory.
    pub(crate) fn is_row_major(&self) -> bool {
        is_row_major(&self.shape, &self.strides)
    }

    /// The strides under which this view repeats over a larger shape.
    pub(crate) fn strides_in(&self, shape: &Shape) -> Strides {
        repeated(&self.shape, &self.strides, shape)
    }

    /// How a loop over the entries of `shape`, in row-major order, steps through this view.
    pub(crate) fn steps_in(&self, shape: &Shape) -> Steps {
        let strides = self.strides_in(shape);
        let mut steps = Steps::new();
        for axis in (0..shape.rank()).rev().filter(|&axis| shape[axis] != 1) {
            match steps.last_mut() {
                Some((size, inner)) if strides[axis] == inner.wrapping_mul(*size as isize) => *size *= shape[axis],
                _ => steps.push((shape[axis], strides[axis])),
            }
        }
        if steps.is_empty() {
            steps.push((1, 0));
        }
        steps
    }

    /// The view that a movement operation makes of this one; `None` if the entries would have to be copied.
    pub(crate) fn moved(&self, op: &Op, shape: &Shape) -> Option<Layout> {
        let mut layout = Layout { shape: shape.clone(), ..self.clone() };
        match op {
            Op::Detach => {}
            Op::Expand => layout.strides = self.strides_in(shape),
            Op::Permute(order) => layout.strides = order.iter().map(|&axis| self.strides[axis]).collect(),
            Op::Reshape => layout.strides = self.reshaped(shape)?,
            Op::Slice { starts, steps } => {
                for axis in 0..shape.rank() {
                    layout.offset += starts[axis] as isize * self.strides[axis];
                    layout.strides[axis] *= steps[axis] as isize;
                }
            }
            Op::Flip(axes) => {
                for &axis in axes {
                    layout.offset += (self.shape[axis] as isize - 1) * self.strides[axis];
                    layout.strides[axis] = -self.strides[axis];
                }
            }
            Op::Windows { axis, step, dilation } => {
                layout.strides[*axis] *= *step as isize;
                layout.strides.push(self.strides[*axis] * *dilation as isize);
            }
            _ => return None,
        }
        Some(layout)
    }

    /// The strides of the same entries in row-major order under another shape, if there are any.
    fn reshaped(&self, shape: &Shape) -> Option<Strides> {
        if self.is_row_major() {
            return Some(shape.strides());
        }
        // Axes are matched from the back: each joined run of old axes must be cut up into new axes exactly.
        let steps = self.steps_in(&self.shape);
        let mut strides: Strides = SmallVec::from_elem(0, shape.rank());
        let mut axis = shape.rank();
        for (size, stride) in steps {
            let (mut left, mut inner) = (size, stride);
            while left > 1 {
                axis = axis.checked_sub(1)?;
                if left % shape[axis] != 0 {
                    return None;
                }
                strides[axis] = inner;
                inner *= shape[axis] as isize;
                left /= shape[axis];
            }
        }
        shape[..axis].iter().all(|&size| size == 1).then_some(strides)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permuted_view_is_reshaped_where_axes_stay_whole() {
        let x = Layout::whole(0, Shape::from([2, 3, 4, 5]), DType::F32);
        let order = Op::Permute([2usize, 3, 0, 1].as_slice().into());
        let view = x.moved(&order, &Shape::from([4, 5, 2, 3])).expect("a permutation is a view");
        let joined = view.moved(&Op::Reshape, &Shape::from([20, 6])).expect("neighbours are joined");
        assert_eq!(joined.strides.as_slice(), [1, 20]);
        let split = view.moved(&Op::Reshape, &Shape::from([2, 10, 1, 6])).expect("20 = 2 · 10");
        assert_eq!((&split.strides[..2], split.strides[3]), (&[10, 1][..], 20));
        assert_eq!(view.moved(&Op::Reshape, &Shape::from([4, 30])), None);
        assert_eq!(view.moved(&Op::Reshape, &Shape::from([120])), None);
    }
}
