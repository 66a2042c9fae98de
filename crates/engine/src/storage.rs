//! Where computed values live: a contiguous, row-major buffer of one element type.

use std::fmt;

use crate::buffer::{Buffer, vector};
use crate::dtype::{DType, Element};
use crate::shape::Shape;

/// A contiguous buffer of values. Shape and strides are kept by whoever holds it.
#[derive(Clone, Debug, PartialEq)]
pub enum Storage {
    /// Truth values.
    Bool(Buffer<bool>),
    /// Integers.
    I64(Buffer<i64>),
    /// Single precision.
    F32(Buffer<f32>),
    /// Double precision.
    F64(Buffer<f64>),
}

/// Runs `$body` with `$values` bound to the typed vector inside a [`Storage`].
macro_rules! with_values {
    ($storage:expr, $values:ident => $body:expr) => {
        match $storage {
            $crate::Storage::Bool($values) => $body,
            $crate::Storage::I64($values) => $body,
            $crate::Storage::F32($values) => $body,
            $crate::Storage::F64($values) => $body,
        }
    };
}
pub(crate) use with_values;

impl Storage {
    /// The number of values.
    pub fn len(&self) -> usize {
        with_values!(self, values => values.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        match self {
            Storage::Bool(_) => DType::Bool,
            Storage::I64(_) => DType::I64,
            Storage::F32(_) => DType::F32,
            Storage::F64(_) => DType::F64,
        }
    }

    /// The typed values. Panics when the element type is another: the graph has checked it before.
    pub fn typed<T: Element>(&self) -> &[T] {
        T::slice(self).unwrap_or_else(|| unreachable!("a buffer of {} read as {}", self.dtype(), T::DTYPE))
    }

    /// The values converted element by element.
    pub fn convert<T: Element>(&self) -> Vec<T> {
        let mut converted = vector(self.len());
        match T::slice(self) {
            Some(values) => converted.extend_from_slice(values),
            None => with_values!(self, values => converted.extend(values.iter().map(|value| value.convert::<T>()))),
        }
        converted
    }

    /// Prints the values in the nesting of a shape. A precision applies to each; of long axes the middle is left out.
    ///
    /// # Errors
    /// Where `f` has one.
    pub fn print(&self, shape: &Shape, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        with_values!(self, values => print_axis(f, values, shape, 0, Element::print))
    }

    /// The same, each with an exponent; truth values as words.
    ///
    /// # Errors
    /// Where `f` has one.
    pub fn print_exponent(&self, shape: &Shape, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        with_values!(self, values => print_axis(f, values, shape, 0, Element::print_exponent))
    }
}

/// How many entries of an axis are printed before the middle is left out.
const PRINTED: usize = 8;

/// Prints values of these sizes, each with `print`.
fn print_axis<T: Element>(
    f: &mut fmt::Formatter<'_>,
    values: &[T],
    sizes: &[usize],
    indent: usize,
    print: fn(T, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    let Some((&size, inner)) = sizes.split_first() else {
        return print(values[0], f);
    };
    let stride: usize = inner.iter().product();
    f.write_str("[")?;
    let mut skipped = false;
    for index in 0..size {
        if size > PRINTED && index >= PRINTED / 2 && index < size - PRINTED / 2 {
            skipped = true;
            continue;
        }
        if index > 0 {
            f.write_str(",")?;
            if inner.is_empty() {
                f.write_str(" ")?;
            } else {
                write!(f, "\n{:indent$}", "", indent = indent + 1)?;
            }
            if std::mem::take(&mut skipped) {
                f.write_str("…, ")?;
            }
        }
        print_axis(f, &values[index * stride..(index + 1) * stride], inner, indent + 1, print)?;
    }
    f.write_str("]")
}
