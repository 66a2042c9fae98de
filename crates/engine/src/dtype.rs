//! The four element types.

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
