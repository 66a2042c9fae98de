//! Tensors from numbers: data, constants, ranges, the identity.

use std::sync::Arc;

use crate::tensor::Tensor;
use minimand_engine::{DType, Element, Scalar, Shape, arithmetic_sequence};

impl Tensor {
    /// A tensor that holds the given values, in row-major order.
    ///
    /// # Panics
    /// When the number of values is not the product of the sizes in `shape`.
    #[track_caller]
    pub fn from_vec<T: Element>(values: Vec<T>, shape: impl Into<Shape>) -> Tensor {
        let shape = shape.into();
        assert!(
            shape.counted() == Some(values.len()),
            "from_vec: {} values do not fill {shape}, which holds {}",
            values.len(),
            shape.counted_text()
        );
        Tensor::leaf(Arc::new(T::storage(values.into())), shape, false)
    }

    /// A number given at run time: a leaf of shape `[]`, of the type of the argument, whose value may differ from step to step without changing the
    /// structure of the graph (a learning rate, a step count). A number written into an operation (`&x * 0.5`) is a constant of the graph instead.
    #[track_caller]
    pub fn scalar<T: Element>(value: T) -> Tensor {
        Tensor::from_vec(vec![value], Shape::scalar())
    }
}

formulas! {
    /// Zeros in the shape and element type of this tensor.
    pub zeros_like(x) = x.full_like(0.0);
    /// Ones in the shape and element type of this tensor.
    pub ones_like(x) = x.full_like(1.0);
    /// One number throughout, in the shape and element type of this tensor.
    pub full_like(x, value: f64) = {
        let value = if x.dtype().is_float() { Scalar::Float(value) } else { Scalar::Integer(value as i64) };
        Tensor::filled(value, x.shape().clone(), x.dtype())
    };
}

macro_rules! from_arrays {
    ($type:ty) => {
        impl From<$type> for Tensor {
            #[track_caller]
            fn from(value: $type) -> Tensor {
                Tensor::scalar(value)
            }
        }
        impl<const N: usize> From<[$type; N]> for Tensor {
            #[track_caller]
            fn from(values: [$type; N]) -> Tensor {
                Tensor::from_vec(values.to_vec(), [N])
            }
        }
        impl<const N: usize, const M: usize> From<[[$type; M]; N]> for Tensor {
            #[track_caller]
            fn from(values: [[$type; M]; N]) -> Tensor {
                Tensor::from_vec(values.as_flattened().to_vec(), [N, M])
            }
        }
        impl<const N: usize, const M: usize, const K: usize> From<[[[$type; K]; M]; N]> for Tensor {
            #[track_caller]
            fn from(values: [[[$type; K]; M]; N]) -> Tensor {
                Tensor::from_vec(values.as_flattened().as_flattened().to_vec(), [N, M, K])
            }
        }
    };
}
from_arrays!(f32);
from_arrays!(f64);
from_arrays!(i64);
from_arrays!(bool);

impl<T: Element> From<Vec<T>> for Tensor {
    #[track_caller]
    fn from(values: Vec<T>) -> Tensor {
        let length = values.len();
        Tensor::from_vec(values, [length])
    }
}

impl<T: Element> From<&[T]> for Tensor {
    #[track_caller]
    fn from(values: &[T]) -> Tensor {
        Tensor::from(values.to_vec())
    }
}

constructors! {
    /// Zeros, f32.
    pub zeros(shape: impl Into<Shape>) = Tensor::full(shape, 0.0);
    /// Ones, f32.
    pub ones(shape: impl Into<Shape>) = Tensor::full(shape, 1.0);
    /// One number throughout, f32.
    pub full(shape: impl Into<Shape>, value: f64) = Tensor::filled(Scalar::Float(value), shape.into(), DType::F32); {
        /// assert_eq!(Tensor::full([2], 0.5).to_string(), "[0.5, 0.5]");
    }
    /// The identity matrix, f32.
    pub eye(size: usize) = {
        Shape::from([size, size]).check(DType::F32, "eye");
        Tensor::iota(size).one_hot(size)
    }; {
        /// assert_eq!(Tensor::eye(2).to_string(), "[[1, 0],\n [0, 1]]");
    }
    /// `start, start + step, …` up to but without `end`, f32: no entry is the end, however the numbers are rounded. A negative step counts down.
    ///
    /// # Panics
    /// When `step` is 0 or a number is not finite, or there are more entries than memory could hold.
    pub arange(start: f64, end: f64, step: f64) = {
        assert!(
            step != 0.0 && step.is_finite() && start.is_finite() && end.is_finite(),
            "arange: from {start} to {end} in steps of {step}"
        );
        let (length, limit) = arithmetic_sequence(start, end, step);
        Shape::from(length).check(DType::F64, "arange");
        let entries = (Tensor::iota(length).cast(DType::F64) * step + start).cast(DType::F32);
        match limit {
            None => entries,
            Some(greatest) if step > 0.0 => entries.clamp_max(greatest),
            Some(least) => entries.clamp_min(least),
        }
    }; {
        /// assert_eq!(Tensor::arange(0.0, 1.0, 0.25).to_string(), "[0, 0.25, 0.5, 0.75]");
        /// assert_eq!(Tensor::arange(1.0, 1.6, 0.1).to_string(), "[1, 1.1, 1.2, 1.3, 1.4, 1.5]");
    }
    /// `count` evenly spaced numbers from `start` to `end`, both included, f32.
    ///
    /// # Panics
    /// When a number is not finite, or there are more entries than memory could hold.
    pub linspace(start: f64, end: f64, count: usize) = {
        assert!(start.is_finite() && end.is_finite(), "linspace: from {start} to {end}");
        Shape::from(count).check(DType::F64, "linspace");
        let fraction = Tensor::iota(count).cast(DType::F64) / count.saturating_sub(1).max(1);
        // Weighted, so that both ends are met exactly.
        ((1.0 - &fraction) * start + fraction * end).cast(DType::F32)
    }; {
        /// assert_eq!(Tensor::linspace(0.0, 1.0, 3).to_string(), "[0, 0.5, 1]");
    }
}
