//! Where computed values live: a contiguous, row-major buffer of one element type.

use crate::buffer::{Buffer, vector};
use crate::dtype::{DType, Element};

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
#[doc(hidden)]
#[macro_export]
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
}
