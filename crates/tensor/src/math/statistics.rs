//! Means, variances and standard deviations.

use crate::axes::Axes;
use crate::tensor::Tensor;
use minimand_engine::AxisList;
use minimand_engine::DType;
use minimand_engine::Reduction;

impl Tensor {
    /// Number of entries that one result of a reduction combines.
    fn entries_over(&self, axes: &[usize]) -> usize {
        axes.iter().map(|&axis| self.shape()[axis]).product()
    }

    /// Integers and truth values as f32, for operations whose result has fractions.
    #[track_caller]
    fn as_float(&self) -> Tensor {
        if self.dtype().is_float() { self.clone() } else { self.cast(DType::F32) }
    }

    /// Mean of all entries, shape `[]`; NaN of nothing. Truth values and integers are averaged as f32. It is the sum over the number of entries:
    /// infinite where the sum is.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0, 6.0]).mean().item(), 3.0);
    /// ```
    #[track_caller]
    pub fn mean(&self) -> Tensor {
        self.mean_axis(..)
    }

    /// Mean over the given axes, which vanish.
    #[track_caller]
    pub fn mean_axis(&self, axes: impl Axes) -> Tensor {
        self.mean_over(&axes, false)
    }

    /// Mean over the given axes, which stay with size 1.
    #[track_caller]
    pub fn mean_keepdim(&self, axes: impl Axes) -> Tensor {
        self.mean_over(&axes, true)
    }

    #[track_caller]
    fn mean_over(&self, axes: &impl Axes, keep: bool) -> Tensor {
        let axes = axes.resolve(self.shape(), "mean");
        let count = self.entries_over(&axes);
        self.as_float().reduce_over(Reduction::Sum, &axes.as_slice(), keep) / count
    }

    /// Variance of all entries, shape `[]`: the mean square deviation from the mean, with `n - correction` for divisor. Correction 1 is the
    /// unbiased estimate (PyTorch's default), 0 the population variance (NumPy's). Where `n ≤ correction` it is a division
    /// by 0: NaN when all entries are equal, else ∞, as in PyTorch.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let x = Tensor::from([1.0, 2.0, 3.0]);
    /// assert_eq!(x.var(1).item(), 1.0);
    /// ```
    #[doc(alias = "variance")]
    #[track_caller]
    pub fn var(&self, correction: usize) -> Tensor {
        self.var_axis(.., correction)
    }

    /// [`var`](Tensor::var) over the given axes, which vanish.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]]);
    /// assert_eq!(x.var_axis(-1, 1).to_string(), "[1, 0]");
    /// ```
    #[track_caller]
    pub fn var_axis(&self, axes: impl Axes, correction: usize) -> Tensor {
        let axes = axes.resolve(self.shape(), "var");
        self.var_keepdim(axes.as_slice(), correction).reshape(self.shape().without(&axes))
    }

    /// [`var`](Tensor::var) over the given axes, which stay with size 1.
    #[track_caller]
    pub fn var_keepdim(&self, axes: impl Axes, correction: usize) -> Tensor {
        let axes = axes.resolve(self.shape(), "var");
        let (deviation, freedom) = self.deviation(&axes, correction);
        deviation.square().sum_keepdim(axes.as_slice()) / freedom
    }

    /// Standard deviation of all entries, shape `[]`: the square root of [`var`](Tensor::var), with gradient 0 where it is 0. It is right
    /// also where the variance overflows or vanishes.
    #[doc(alias = "standard_deviation")]
    #[track_caller]
    pub fn std(&self, correction: usize) -> Tensor {
        self.std_axis(.., correction)
    }

    /// [`std`](Tensor::std) over the given axes, which vanish.
    #[track_caller]
    pub fn std_axis(&self, axes: impl Axes, correction: usize) -> Tensor {
        let axes = axes.resolve(self.shape(), "std");
        self.std_keepdim(axes.as_slice(), correction).reshape(self.shape().without(&axes))
    }

    /// [`std`](Tensor::std) over the given axes, which stay with size 1.
    #[track_caller]
    pub fn std_keepdim(&self, axes: impl Axes, correction: usize) -> Tensor {
        let axes = axes.resolve(self.shape(), "std");
        let (deviation, freedom) = self.deviation(&axes, correction);
        deviation.norm_keepdim(axes.as_slice()) / freedom.sqrt()
    }

    /// The deviations from the mean, and what the sum of their squares is divided by.
    #[track_caller]
    fn deviation(&self, axes: &AxisList, correction: usize) -> (Tensor, f64) {
        let x = self.as_float();
        let freedom = (x.entries_over(axes) as f64 - correction as f64).max(0.0);
        (&x - x.mean_keepdim(axes.as_slice()), freedom)
    }
}
