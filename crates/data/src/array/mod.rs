//! Arrays as files hold them: of more element types than tensors have.

mod half;

use std::fmt;

use minimand_tensor::{DType, Element, Shape, Tensor};

pub use half::Half;

/// Values of one element type, in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Truth values.
    Bool(Vec<bool>),
    /// 8-bit integers with a sign.
    I8(Vec<i8>),
    /// 16-bit integers with a sign.
    I16(Vec<i16>),
    /// 32-bit integers with a sign.
    I32(Vec<i32>),
    /// 64-bit integers with a sign.
    I64(Vec<i64>),
    /// Bytes.
    U8(Vec<u8>),
    /// 16-bit integers from 0.
    U16(Vec<u16>),
    /// 32-bit integers from 0.
    U32(Vec<u32>),
    /// 64-bit integers from 0.
    U64(Vec<u64>),
    /// Half-precision numbers.
    F16(Vec<Half>),
    /// Single-precision numbers.
    F32(Vec<f32>),
    /// Double-precision numbers.
    F64(Vec<f64>),
}

/// The same expression for the vector of every kind of values.
macro_rules! for_each_kind {
    ($values:expr, $vector:ident => $body:expr) => {
        match $values {
            Values::Bool($vector) => $body,
            Values::I8($vector) => $body,
            Values::I16($vector) => $body,
            Values::I32($vector) => $body,
            Values::I64($vector) => $body,
            Values::U8($vector) => $body,
            Values::U16($vector) => $body,
            Values::U32($vector) => $body,
            Values::U64($vector) => $body,
            Values::F16($vector) => $body,
            Values::F32($vector) => $body,
            Values::F64($vector) => $body,
        }
    };
}
pub(crate) use for_each_kind;

/// The element type of an [`Array`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ElementType {
    /// Truth values.
    Bool,
    /// 8-bit integers with a sign.
    I8,
    /// 16-bit integers with a sign.
    I16,
    /// 32-bit integers with a sign.
    I32,
    /// 64-bit integers with a sign.
    I64,
    /// Bytes.
    U8,
    /// 16-bit integers from 0.
    U16,
    /// 32-bit integers from 0.
    U32,
    /// 64-bit integers from 0.
    U64,
    /// Half-precision numbers.
    F16,
    /// Single-precision numbers.
    F32,
    /// Double-precision numbers.
    F64,
}

impl ElementType {
    /// All of them.
    pub const ALL: [ElementType; 12] = [
        ElementType::Bool,
        ElementType::I8,
        ElementType::I16,
        ElementType::I32,
        ElementType::I64,
        ElementType::U8,
        ElementType::U16,
        ElementType::U32,
        ElementType::U64,
        ElementType::F16,
        ElementType::F32,
        ElementType::F64,
    ];

    /// Bytes of one element.
    pub const fn size(self) -> usize {
        match self {
            ElementType::Bool | ElementType::I8 | ElementType::U8 => 1,
            ElementType::I16 | ElementType::U16 | ElementType::F16 => 2,
            ElementType::I32 | ElementType::U32 | ElementType::F32 => 4,
            ElementType::I64 | ElementType::U64 | ElementType::F64 => 8,
        }
    }
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ElementType::Bool => "bool",
            ElementType::I8 => "i8",
            ElementType::I16 => "i16",
            ElementType::I32 => "i32",
            ElementType::I64 => "i64",
            ElementType::U8 => "u8",
            ElementType::U16 => "u16",
            ElementType::U32 => "u32",
            ElementType::U64 => "u64",
            ElementType::F16 => "f16",
            ElementType::F32 => "f32",
            ElementType::F64 => "f64",
        })
    }
}

/// Values and their shape: what an array file holds.
///
/// ```
/// use minimand_data::{Array, Values};
///
/// let pixels = Array::new(Values::U8(vec![0, 255, 51, 102]), [2, 2]);
/// let x = pixels.to_tensor_of(minimand_tensor::DType::F32) / 255.0;
/// assert_eq!(x.to_string(), "[[0, 1],\n [0.2, 0.4]]");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    shape: Vec<usize>,
    values: Values,
}

/// An integer of an array that no tensor holds: tensors have integers of 64 bits with a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("element {index} is {value}, beyond the largest integer of a tensor, 9223372036854775807")]
pub struct IntegerTooLarge {
    /// Its place in row-major order.
    pub index: usize,
    /// The integer.
    pub value: u64,
}

impl Array {
    /// Values in row-major order.
    ///
    /// # Panics
    /// When their number is not the product of the sizes in `shape`.
    #[track_caller]
    pub fn new(values: Values, shape: impl Into<Vec<usize>>) -> Array {
        let (shape, count) = (shape.into(), values.len());
        let wanted = shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
        assert!(wanted == Some(count), "array: {count} values do not fill {shape:?}");
        Array { shape, values }
    }

    /// The size along each axis; none for a single value.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The values in row-major order.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// The values in row-major order, without a copy.
    pub fn into_values(self) -> Values {
        self.values
    }

    /// The element type.
    pub fn element_type(&self) -> ElementType {
        self.values.element_type()
    }

    /// A tensor of exactly these values: truth values as `bool`, integers as `i64`, halves and singles as `f32`, doubles as `f64`.
    ///
    /// # Errors
    /// When a `u64` is beyond the range of `i64`.
    pub fn to_tensor(&self) -> Result<Tensor, IntegerTooLarge> {
        let shape = Shape::from(self.shape.as_slice());
        Ok(match &self.values {
            Values::Bool(values) => Tensor::from_vec(values.clone(), shape),
            Values::I8(values) => Tensor::from_vec(converted::<_, i64>(values), shape),
            Values::I16(values) => Tensor::from_vec(converted::<_, i64>(values), shape),
            Values::I32(values) => Tensor::from_vec(converted::<_, i64>(values), shape),
            Values::I64(values) => Tensor::from_vec(values.clone(), shape),
            Values::U8(values) => Tensor::from_vec(converted::<_, i64>(values), shape),
            Values::U16(values) => Tensor::from_vec(converted::<_, i64>(values), shape),
            Values::U32(values) => Tensor::from_vec(converted::<_, i64>(values), shape),
            Values::U64(values) => {
                let signed = |(index, &value)| i64::try_from(value).map_err(|_| IntegerTooLarge { index, value });
                Tensor::from_vec(values.iter().enumerate().map(signed).collect::<Result<Vec<i64>, _>>()?, shape)
            }
            Values::F16(values) => Tensor::from_vec(values.iter().map(|value| value.to_f32()).collect(), shape),
            Values::F32(values) => Tensor::from_vec(values.clone(), shape),
            Values::F64(values) => Tensor::from_vec(values.clone(), shape),
        })
    }

    /// A tensor of the given element type: each value as near as the type has it, integers beyond the range of `i64` as its end,
    /// truth values as 0 and 1, and true what is not 0.
    ///
    /// Bytes go straight to `f32`, without integers of eight bytes in between.
    pub fn to_tensor_of(&self, dtype: DType) -> Tensor {
        match dtype {
            DType::Bool => self.tensor_by(|number| number != 0.0, |integer| integer != 0),
            DType::I64 => {
                self.tensor_by(|number| number as i64, |integer| integer.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
            }
            DType::F32 => self.tensor_by(|number| number as f32, |integer| integer as f32),
            DType::F64 => self.tensor_by(|number| number, |integer| integer as f64),
        }
    }

    fn tensor_by<T: Element>(&self, of_number: impl Fn(f64) -> T, of_integer: impl Fn(i128) -> T) -> Tensor {
        macro_rules! integers {
            ($values:expr) => {
                $values.iter().map(|&value| of_integer(i128::from(value))).collect()
            };
        }
        let values: Vec<T> = match &self.values {
            Values::Bool(values) => values.iter().map(|&value| of_integer(i128::from(u8::from(value)))).collect(),
            Values::I8(values) => integers!(values),
            Values::I16(values) => integers!(values),
            Values::I32(values) => integers!(values),
            Values::I64(values) => integers!(values),
            Values::U8(values) => integers!(values),
            Values::U16(values) => integers!(values),
            Values::U32(values) => integers!(values),
            Values::U64(values) => integers!(values),
            Values::F16(values) => values.iter().map(|value| of_number(f64::from(value.to_f32()))).collect(),
            Values::F32(values) => values.iter().map(|&value| of_number(f64::from(value))).collect(),
            Values::F64(values) => values.iter().map(|&value| of_number(value)).collect(),
        };
        Tensor::from_vec(values, Shape::from(self.shape.as_slice()))
    }
}

fn converted<T: Copy, U: From<T>>(values: &[T]) -> Vec<U> {
    values.iter().map(|&value| U::from(value)).collect()
}

impl From<&Tensor> for Array {
    /// The values of the tensor, computed first if they are not known yet.
    #[track_caller]
    fn from(tensor: &Tensor) -> Array {
        let values = match tensor.dtype() {
            DType::Bool => Values::Bool(tensor.to_vec()),
            DType::I64 => Values::I64(tensor.to_vec()),
            DType::F32 => Values::F32(tensor.to_vec()),
            DType::F64 => Values::F64(tensor.to_vec()),
        };
        Array { shape: tensor.shape().to_vec(), values }
    }
}

impl Values {
    /// How many there are.
    pub fn len(&self) -> usize {
        for_each_kind!(self, values => values.len())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Their element type.
    pub fn element_type(&self) -> ElementType {
        match self {
            Values::Bool(_) => ElementType::Bool,
            Values::I8(_) => ElementType::I8,
            Values::I16(_) => ElementType::I16,
            Values::I32(_) => ElementType::I32,
            Values::I64(_) => ElementType::I64,
            Values::U8(_) => ElementType::U8,
            Values::U16(_) => ElementType::U16,
            Values::U32(_) => ElementType::U32,
            Values::U64(_) => ElementType::U64,
            Values::F16(_) => ElementType::F16,
            Values::F32(_) => ElementType::F32,
            Values::F64(_) => ElementType::F64,
        }
    }
}

macro_rules! values_from {
    ($($type:ty => $kind:ident),*) => {$(
        impl From<Vec<$type>> for Values {
            fn from(values: Vec<$type>) -> Values {
                Values::$kind(values)
            }
        }
    )*};
}
values_from!(bool => Bool, i8 => I8, i16 => I16, i32 => I32, i64 => I64, u8 => U8, u16 => U16, u32 => U32, u64 => U64, Half => F16,
    f32 => F32, f64 => F64);
