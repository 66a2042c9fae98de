//! The four element types, and how they combine.

use std::fmt;

/// The element type of a tensor: a runtime fact, not a type parameter.
///
/// The order is the order of promotion: where two tensors of different types meet in one operation, the lesser is cast
/// to the greater. But a floating-point tensor without axes does not widen one with axes: a learning rate or a temperature given
/// at run time keeps a model of f32 in f32. Both as in PyTorch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DType {
    /// Truth values: masks and the results of comparisons.
    Bool,
    /// 64-bit signed integers: indices and class labels.
    I64,
    /// 32-bit floating point, the default.
    F32,
    /// 64-bit floating point.
    F64,
}

impl DType {
    /// Every element type, in order of promotion.
    pub const ALL: [DType; 4] = [DType::Bool, DType::I64, DType::F32, DType::F64];

    /// Whether the type is a floating-point type, that is, whether it can carry a gradient.
    pub const fn is_float(self) -> bool {
        matches!(self, DType::F32 | DType::F64)
    }

    /// Size of one element in bytes.
    pub const fn size(self) -> usize {
        match self {
            DType::Bool => 1,
            DType::F32 => 4,
            DType::I64 | DType::F64 => 8,
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DType::Bool => "bool",
            DType::I64 => "i64",
            DType::F32 => "f32",
            DType::F64 => "f64",
        })
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for bool {}
    impl Sealed for i64 {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// A Rust type that a tensor can hold: `f32`, `f64`, `i64` or `bool`.
pub trait Element:
    sealed::Sealed + Copy + Default + PartialEq + PartialOrd + fmt::Debug + Send + Sync + 'static
{
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
    fn slice(storage: &crate::storage::Storage) -> Option<&[Self]>;
    #[doc(hidden)]
    fn slice_mut(storage: &mut crate::storage::Storage) -> Option<&mut [Self]>;
    #[doc(hidden)]
    fn storage(values: crate::buffer::Buffer<Self>) -> crate::storage::Storage;
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
            fn slice(storage: &crate::storage::Storage) -> Option<&[Self]> {
                match storage {
                    crate::storage::Storage::$variant(values) => Some(values),
                    _ => None,
                }
            }
            fn slice_mut(storage: &mut crate::storage::Storage) -> Option<&mut [Self]> {
                match storage {
                    crate::storage::Storage::$variant(values) => Some(values),
                    _ => None,
                }
            }
            fn storage(values: crate::buffer::Buffer<Self>) -> crate::storage::Storage {
                crate::storage::Storage::$variant(values)
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
