//! Means, variances and standard deviations.

use crate::axes::Axes;
use crate::tensor::Tensor;
use minimand_engine::AxisList;

reductions! {
    /// Variance of all entries, shape `[]`: the mean square deviation from the mean, with `n - correction` for divisor. Correction 1 is the
    /// unbiased estimate (PyTorch's default), 0 the population variance (NumPy's). Where `n ≤ correction` it is a division by 0: NaN when all
    /// entries are equal, else ∞, as in PyTorch.
    #[doc(alias = "variance")]
    var {
        /// let x = Tensor::from([1.0, 2.0, 3.0]);
        /// assert_eq!(x.var(1).item(), 1.0);
    }
    var_axis {
        /// let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]]);
        /// assert_eq!(x.var_axis(-1, 1).to_string(), "[1, 0]");
    }
    var_keepdim(x, axes, correction: usize) = {
        let (deviation, freedom) = x.deviation(&axes, correction);
        deviation.square().sum_keepdim(axes.as_slice()) / freedom
    };

    /// Standard deviation of all entries, shape `[]`: the square root of [`var`](Tensor::var), with gradient 0 where it is 0. It is right also
    /// where the variance overflows or vanishes.
    #[doc(alias = "standard_deviation")]
    std {} std_axis {} std_keepdim(x, axes, correction: usize) = {
        let (deviation, freedom) = x.deviation(&axes, correction);
        deviation.norm_keepdim(axes.as_slice()) / freedom.sqrt()
    };
}

formulas! {
    /// Mean of all entries, shape `[]`; NaN of nothing. Truth values and integers are averaged as f32. It is the sum over the number of entries:
    /// infinite where the sum is.
    pub mean(x) = x.mean_axis(..); {
        /// assert_eq!(Tensor::from([1.0, 2.0, 6.0]).mean().item(), 3.0);
    }
    /// [`mean`](Tensor::mean) over the given axes, which vanish.
    pub mean_axis(x, axes: impl Axes) = {
        let axes = axes.resolve(x.shape(), "mean");
        x.as_float().sum_axis(axes.as_slice()) / x.entries_over(&axes)
    };
    /// [`mean`](Tensor::mean) over the given axes, which stay with size 1.
    pub mean_keepdim(x, axes: impl Axes) = {
        let axes = axes.resolve(x.shape(), "mean");
        x.as_float().sum_keepdim(axes.as_slice()) / x.entries_over(&axes)
    };
}

impl Tensor {
    /// Number of entries that one result of a reduction combines.
    fn entries_over(&self, axes: &[usize]) -> usize {
        axes.iter().map(|&axis| self.shape()[axis]).product()
    }

    /// The deviations from the mean, and what the sum of their squares is divided by.
    #[track_caller]
    fn deviation(&self, axes: &AxisList, correction: usize) -> (Tensor, f64) {
        let x = self.as_float();
        let freedom = (x.entries_over(axes) as f64 - correction as f64).max(0.0);
        (&x - x.mean_keepdim(axes.as_slice()), freedom)
    }
}
