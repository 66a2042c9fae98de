//! Shapes, broadcasting, and the text of shape errors.

use std::fmt;
use std::ops::Deref;

use smallvec::SmallVec;

use crate::dtype::DType;

/// The sizes of a tensor's axes, outermost first. A scalar has no axes: `[]`.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Shape(SmallVec<[usize; 4]>);

/// A list of axes, counted from the front.
pub type AxisList = SmallVec<[usize; 4]>;

impl Shape {
    /// The shape of a scalar, `[]`.
    pub fn scalar() -> Shape {
        Shape::default()
    }

    /// Number of elements: the product of the sizes, 1 for a scalar.
    ///
    /// # Panics
    /// When there are more than a `usize` counts. The shape of a tensor never has so many.
    #[track_caller]
    pub fn elements(&self) -> usize {
        match self.counted() {
            Some(count) => count,
            None => panic!("elements: {self} holds more than {}", usize::MAX),
        }
    }

    /// Number of elements, if a `usize` counts them.
    pub fn counted(&self) -> Option<usize> {
        if self.0.contains(&0) {
            Some(0)
        } else {
            self.0.iter().try_fold(1usize, |count, &size| count.checked_mul(size))
        }
    }

    /// Number of elements, for messages.
    pub fn counted_text(&self) -> String {
        let count = self.0.iter().try_fold(1u128, |count, &size| count.checked_mul(size as u128));
        count.map_or_else(|| format!("more than {}", u128::MAX), |count| count.to_string())
    }

    /// Whether memory can hold the elements: at most [`isize::MAX`] bytes, where an axis of 0 counts as 1. Strides, and the number of
    /// elements along any choice of the axes, are then within the range of their types.
    fn fits(&self, dtype: DType) -> bool {
        let bytes = self.0.iter().try_fold(dtype.size(), |bytes, &size| bytes.checked_mul(size.max(1)));
        bytes.is_some_and(|bytes| bytes <= isize::MAX as usize)
    }

    /// Refuses a shape that no memory can hold.
    #[track_caller]
    pub fn check(&self, dtype: DType, operation: &str) {
        self.check_for(dtype, || operation.to_owned());
    }

    /// The same where the name of the operation takes time to find.
    #[track_caller]
    pub fn check_for(&self, dtype: DType, operation: impl FnOnce() -> String) {
        if self.fits(dtype) {
            return;
        }
        let axes: Shape = self.iter().map(|&size| size.max(1)).collect();
        let empty = if self.0.contains(&0) { ", an axis of 0 counted as 1" } else { "" };
        panic!(
            "{}: {dtype}{self} has {} elements of {} bytes{empty}: more than the {} bytes that can be addressed",
            operation(),
            axes.counted_text(),
            dtype.size(),
            isize::MAX
        );
    }

    /// Number of axes.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The sizes, outermost first.
    pub fn sizes(&self) -> &[usize] {
        &self.0
    }

    /// This shape with the size of one axis replaced.
    pub fn with(&self, axis: usize, size: usize) -> Shape {
        let mut shape = self.clone();
        shape.0[axis] = size;
        shape
    }

    /// This shape with an axis of the given size inserted before `axis`.
    pub fn insert(&self, axis: usize, size: usize) -> Shape {
        let mut shape = self.clone();
        shape.0.insert(axis, size);
        shape
    }

    /// This shape without the given axes.
    pub fn without(&self, axes: &[usize]) -> Shape {
        self.iter().enumerate().filter(|(axis, _)| !axes.contains(axis)).map(|(_, &size)| size).collect()
    }

    /// This shape with the given axes reduced to size 1.
    pub fn keeping(&self, axes: &[usize]) -> Shape {
        self.iter().enumerate().map(|(axis, &size)| if axes.contains(&axis) { 1 } else { size }).collect()
    }

    /// Row-major strides, in elements.
    pub fn strides(&self) -> SmallVec<[isize; 4]> {
        let mut strides: SmallVec<[isize; 4]> = SmallVec::from_elem(1, self.rank());
        for axis in (1..self.rank()).rev() {
            strides[axis - 1] = strides[axis] * self.0[axis].max(1) as isize;
        }
        strides
    }

    /// The common shape of two operands under NumPy's rules: sizes are matched from the last axis backwards, and a size
    /// of 1, or a missing axis, stretches to the other. `None` when they do not broadcast.
    pub fn broadcast(&self, other: &Shape) -> Option<Shape> {
        let rank = self.rank().max(other.rank());
        let at = |shape: &Shape, back: usize| if back <= shape.rank() { shape.0[shape.rank() - back] } else { 1 };
        (1..=rank)
            .rev()
            .map(|back| match (at(self, back), at(other, back)) {
                (a, b) if a == b => Some(a),
                (1, b) => Some(b),
                (a, 1) => Some(a),
                _ => None,
            })
            .collect()
    }

    /// Panics in the caller's name unless both shapes broadcast.
    #[track_caller]
    pub fn broadcast_for(&self, other: &Shape, operation: &str) -> Shape {
        match self.broadcast(other) {
            Some(shape) => shape,
            None => panic!("{operation}: {self} and {other} do not broadcast: {}", self.conflict(other)),
        }
    }

    /// Where two shapes fail to broadcast: `axis -1 is 10 and 9`.
    pub fn conflict(&self, other: &Shape) -> String {
        let rank = self.rank().min(other.rank());
        (1..=rank)
            .map(|back| (back, self.0[self.rank() - back], other.0[other.rank() - back]))
            .find(|&(_, a, b)| a != b && a != 1 && b != 1)
            .map_or_else(|| "the ranks differ".to_owned(), |(back, a, b)| format!("axis -{back} is {a} and {b}"))
    }
}

impl Deref for Shape {
    type Target = [usize];
    fn deref(&self) -> &[usize] {
        &self.0
    }
}

impl FromIterator<usize> for Shape {
    fn from_iter<I: IntoIterator<Item = usize>>(sizes: I) -> Shape {
        Shape(sizes.into_iter().collect())
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    fn from(sizes: [usize; N]) -> Shape {
        Shape(sizes.as_slice().into())
    }
}

impl From<&[usize]> for Shape {
    fn from(sizes: &[usize]) -> Shape {
        Shape(sizes.into())
    }
}

impl From<Vec<usize>> for Shape {
    fn from(sizes: Vec<usize>) -> Shape {
        Shape(sizes.into())
    }
}

impl From<&Shape> for Shape {
    fn from(shape: &Shape) -> Shape {
        shape.clone()
    }
}

impl From<usize> for Shape {
    fn from(size: usize) -> Shape {
        Shape::from([size])
    }
}

impl<const N: usize> PartialEq<[usize; N]> for Shape {
    fn eq(&self, other: &[usize; N]) -> bool {
        self.sizes() == other
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (axis, size) in self.iter().enumerate() {
            write!(f, "{}{size}", if axis == 0 { "" } else { ", " })?;
        }
        f.write_str("]")
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
