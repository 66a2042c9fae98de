//! Where computed values live: a contiguous, row-major buffer of one element type; and the types of Rust that it can hold.

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::buffer::{Buffer, Plain, vector};
use crate::dtype::DType;
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

/// A Rust type that a tensor can hold: `f32`, `f64`, `i64` or `bool`.
pub trait Element: Plain + Default + PartialOrd {
    /// The runtime name of the type.
    const DTYPE: DType;
    /// Converts from `f64`: rounded towards zero for `i64`, "is not zero" for `bool`.
    fn from_f64(value: f64) -> Self;
    /// Converts to `f64`; an integer beyond 2⁵³ is rounded.
    fn to_f64(self) -> f64;
    #[doc(hidden)]
    fn from_i64(value: i64) -> Self;
    /// Converts to another type; rounded once.
    #[doc(hidden)]
    fn convert<U: Element>(self) -> U;
    #[doc(hidden)]
    fn print(self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
    #[doc(hidden)]
    fn print_exponent(self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
    #[doc(hidden)]
    fn slice(storage: &Storage) -> Option<&[Self]>;
    #[doc(hidden)]
    fn slice_mut(storage: &mut Storage) -> Option<&mut [Self]>;
    #[doc(hidden)]
    fn storage(values: Buffer<Self>) -> Storage;
}

macro_rules! element {
    ($type:ty, $variant:ident, $value:ident => $from:expr, $this:ident => $to:expr, $integer:ident => $from_integer:expr,
     $convert:ident, $print:path, $print_exponent:path) => {
        impl Element for $type {
            const DTYPE: DType = DType::$variant;
            fn from_f64($value: f64) -> Self {
                $from
            }
            fn to_f64(self) -> f64 {
                let $this = self;
                $to
            }
            #[inline(always)]
            fn from_i64($integer: i64) -> Self {
                $from_integer
            }
            fn convert<U: Element>(self) -> U {
                $convert(self)
            }
            fn print(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                $print(&self, f)
            }
            fn print_exponent(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                $print_exponent(&self, f)
            }
            fn slice(storage: &Storage) -> Option<&[Self]> {
                match storage {
                    Storage::$variant(values) => Some(values),
                    _ => None,
                }
            }
            fn slice_mut(storage: &mut Storage) -> Option<&mut [Self]> {
                match storage {
                    Storage::$variant(values) => Some(values),
                    _ => None,
                }
            }
            fn storage(values: Buffer<Self>) -> Storage {
                Storage::$variant(values)
            }
        }
    };
}

element!(bool, Bool, v => v != 0.0, v => f64::from(u8::from(v)), v => v != 0, through_f64, print_bool, print_bool);
element!(i64, I64, v => v as i64, v => v as f64, v => v, from_integer, fmt::Display::fmt, fmt::LowerExp::fmt);
element!(f32, F32, v => v as f32, v => f64::from(v), v => v as f32, through_f64, print_float, fmt::LowerExp::fmt);
element!(f64, F64, v => v, v => v, v => v as f64, through_f64, print_float, fmt::LowerExp::fmt);

/// The conversion of what double precision holds exactly.
fn through_f64<T: Element, U: Element>(value: T) -> U {
    U::from_f64(value.to_f64())
}

/// The conversion of an integer, which double precision would round a first time.
fn from_integer<U: Element>(value: i64) -> U {
    U::from_i64(value)
}

/// Prints a truth value whole: a precision, which is meant for numbers, would cut its text short.
fn print_bool(value: &bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(if *value { "true" } else { "false" })
}

/// Prints a number plainly where that is short, and with an exponent where it would be a row of zeros. A precision asks for plain
/// digits.
fn print_float<T: Element + fmt::Display + fmt::LowerExp>(value: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let size = value.to_f64().abs();
    let plain = f.precision().is_some() || size == 0.0 || !size.is_finite() || (1e-5..1e16).contains(&size);
    if plain { fmt::Display::fmt(value, f) } else { fmt::LowerExp::fmt(value, f) }
}

/// The bytes of the values that nobody else holds, each counted once, where whoever asks holds them so many times for each time that they are
/// given.
pub fn bytes_held<'a>(storages: impl IntoIterator<Item = &'a Arc<Storage>>, times: usize) -> usize {
    let mut held: FxHashMap<*const Storage, (usize, &Arc<Storage>)> = FxHashMap::default();
    storages.into_iter().for_each(|storage| held.entry(Arc::as_ptr(storage)).or_insert((0, storage)).0 += times);
    let own = held.values().filter(|(count, storage)| Arc::strong_count(storage) <= *count);
    own.map(|(_, storage)| storage.len() * storage.dtype().size()).sum()
}
