//! Tensors made without data: constants, ranges, the identity.

use crate::dtype::DType;
use crate::op::Scalar;
use crate::shape::Shape;
use crate::tensor::Tensor;

impl Tensor {
    /// Zeros, f32.
    #[track_caller]
    pub fn zeros(shape: impl Into<Shape>) -> Tensor {
        Tensor::full(shape, 0.0)
    }

    /// Ones, f32.
    #[track_caller]
    pub fn ones(shape: impl Into<Shape>) -> Tensor {
        Tensor::full(shape, 1.0)
    }

    /// One number throughout, f32.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::full([2], 0.5).to_string(), "[0.5, 0.5]");
    /// ```
    #[track_caller]
    pub fn full(shape: impl Into<Shape>, value: f64) -> Tensor {
        Tensor::filled(Scalar::Float(value), shape.into(), DType::F32)
    }

    /// Zeros in the shape and element type of this tensor.
    #[track_caller]
    pub fn zeros_like(&self) -> Tensor {
        self.full_like(0.0)
    }

    /// Ones in the shape and element type of this tensor.
    #[track_caller]
    pub fn ones_like(&self) -> Tensor {
        self.full_like(1.0)
    }

    /// One number throughout, in the shape and element type of this tensor.
    #[track_caller]
    pub fn full_like(&self, value: f64) -> Tensor {
        let value = if self.dtype().is_float() { Scalar::Float(value) } else { Scalar::Integer(value as i64) };
        Tensor::filled(value, self.shape().clone(), self.dtype())
    }

    /// The identity matrix, f32.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::eye(2).to_string(), "[[1, 0],\n [0, 1]]");
    /// ```
    #[track_caller]
    pub fn eye(size: usize) -> Tensor {
        Tensor::iota(size).one_hot(size)
    }

    /// `start, start + step, …` up to but without `end`, f32.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::arange(0.0, 1.0, 0.25).to_string(), "[0, 0.25, 0.5, 0.75]");
    /// ```
    ///
    /// # Panics
    /// When `step` is 0 or a number is not finite.
    #[track_caller]
    pub fn arange(start: f64, end: f64, step: f64) -> Tensor {
        assert!(
            step != 0.0 && step.is_finite() && start.is_finite() && end.is_finite(),
            "arange: from {start} to {end} in steps of {step}"
        );
        let length = ((end - start) / step).ceil().max(0.0) as usize;
        (Tensor::iota(length).cast(DType::F64) * step + start).cast(DType::F32)
    }

    /// `count` evenly spaced numbers from `start` to `end`, both included, f32.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::linspace(0.0, 1.0, 3).to_string(), "[0, 0.5, 1]");
    /// ```
    #[track_caller]
    pub fn linspace(start: f64, end: f64, count: usize) -> Tensor {
        let fraction = Tensor::iota(count).cast(DType::F64) / count.saturating_sub(1).max(1);
        // Weighted, so that both ends are met exactly.
        ((1.0 - &fraction) * start + fraction * end).cast(DType::F32)
    }
}
