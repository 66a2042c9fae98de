//! Axes: how they are named, counted and refused.

use crate::tensor::Tensor;
use minimand_engine::{AxisList, Shape};

/// One axis or several, counted from the front (0, 1, …) or, when negative, from the back (-1 is the last).
///
/// Implemented for integers, arrays, slices and vectors of them, and for `..`, which means all axes.
pub trait Axes {
    #[doc(hidden)]
    #[track_caller]
    fn resolve(&self, shape: &Shape, operation: &str) -> AxisList;
}

/// Resolves one of `rank` axes, or panics in the caller's name. Every integer type fits into that of the argument.
#[track_caller]
pub(crate) fn axis_of(axis: i128, rank: usize, shape: &Shape, operation: &str) -> usize {
    let resolved = if axis < 0 { axis + rank as i128 } else { axis };
    match usize::try_from(resolved) {
        Ok(resolved) if resolved < rank => resolved,
        _ => panic!("{operation}: axis {axis} is out of range for {shape}, which has {} axes", shape.rank()),
    }
}

#[track_caller]
fn resolve_all(axes: impl Iterator<Item = i128>, shape: &Shape, operation: &str) -> AxisList {
    let mut set = AxisList::new();
    for axis in axes {
        let resolved = axis_of(axis, shape.rank(), shape, operation);
        assert!(!set.contains(&resolved), "{operation}: axis {axis} of {shape} is named twice");
        set.push(resolved);
    }
    set.sort_unstable();
    set
}

impl Tensor {
    /// One axis of this tensor, counted from the front.
    #[track_caller]
    pub(crate) fn axis(&self, axis: isize, operation: &str) -> usize {
        axis_of(axis as i128, self.rank(), self.shape(), operation)
    }
}

macro_rules! lists_of_axes {
    ($([$($parameters:tt)*] $list:ty),*) => {$(
        impl<$($parameters)*> Axes for $list {
            #[track_caller]
            fn resolve(&self, shape: &Shape, operation: &str) -> AxisList {
                resolve_all(self.iter().map(|&axis| axis as i128), shape, operation)
            }
        }
    )*};
}
lists_of_axes!([] AxisList);

macro_rules! integer_axes {
    ($($integer:ty),*) => {$(
        impl Axes for $integer {
            #[track_caller]
            fn resolve(&self, shape: &Shape, operation: &str) -> AxisList {
                [*self].resolve(shape, operation)
            }
        }
        lists_of_axes!([const N: usize] [$integer; N], [] &[$integer], [] Vec<$integer>);
    )*};
}
integer_axes!(isize, usize, i32);

impl Axes for std::ops::RangeFull {
    #[track_caller]
    fn resolve(&self, shape: &Shape, _operation: &str) -> AxisList {
        (0..shape.rank()).collect()
    }
}
