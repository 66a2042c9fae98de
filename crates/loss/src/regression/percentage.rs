//! Errors in percent of what they are errors of.

use minimand_tensor::Tensor;

use super::cosine_distance::has_axis;
use crate::numbers::check_positive;
use crate::shape::same_shape;

/// Absolute residual in percent of the target.
///
/// ```text
/// ℓ = 100 |prediction − target| / max(|target|, ε)
/// ε = epsilon
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers; `epsilon > 0`. Anything else
/// panics.
///
/// # Gradient
/// `∂ℓ/∂prediction = 100 sign r/max(|target|, ε)`, 0 at the kink `r = 0`.
///
/// # Estimates
/// The **median under the weights 1/|target|**, which lies below the median: small targets weigh most. From 0, at
/// `prediction = target`, to ∞.
///
/// # Stability
/// At a target of 0 the loss is `100 |r|/ε`: with Keras's ε, 1e-7, one such target is a loss of 1e9 and outweighs all
/// others. Where the target is below ε in size it has no part in the divisor's gradient.
///
/// # Example
/// ```
/// use minimand_loss::absolute_percentage_error;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([12.0, 2.0, -3.0]);
/// let target = Tensor::from([10.0, 2.0, -4.0]);
/// let loss = absolute_percentage_error(&prediction, &target, 1e-7);
/// assert_eq!(loss.to_string(), "[20, 0, 25]");
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[10, 0, 25]");
/// ```
///
/// # When to use
/// When errors are reported in percent and no target is near 0. It misleads in that too low costs at most 100 % and too
/// high any amount: its minimiser forecasts low.
///
/// # Reference
/// Makridakis, *Accuracy Measures: Theoretical and Practical Concerns*, International Journal of Forecasting 9, 1993;
/// the minimiser: Gneiting, *Making and Evaluating Point Forecasts*, JASA 106, 2011, section 2. Usual: ε = 1e-7
/// (Keras), 1.17e-6 (torchmetrics), which do not multiply alike: torchmetrics and scikit-learn give a share, not
/// percent.
///
/// # See also
/// [`weighted_absolute_percentage_error`], which zeros do not hurt; [`symmetric_absolute_percentage_error`];
/// [`squared_logarithmic_error`](crate::squared_logarithmic_error).
#[doc(alias = "MeanAbsolutePercentageError")]
#[doc(alias = "mean_absolute_percentage_error")]
#[doc(alias = "MAPE")]
#[track_caller]
pub fn absolute_percentage_error(prediction: &Tensor, target: &Tensor, epsilon: f64) -> Tensor {
    same_shape("absolute_percentage_error", prediction, target);
    let r = prediction - target;
    check_positive("absolute_percentage_error", ("epsilon", epsilon), r.dtype());
    100.0 * (r.abs() / target.abs().clamp_min(epsilon))
}

/// Absolute residual in percent of the mean size of prediction and target.
///
/// ```text
/// ℓ = 0 if prediction = 0 and target = 0 else 200 |prediction − target| / (|prediction| + |target|)
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂prediction = 200 (sign r − sign(prediction) |r|/s)/s` with `s = |prediction| + |target|`; for numbers of one
/// sign `400 target sign r/s²`. 0 at the kink `r = 0`, and where the signs differ: there the loss is 200, however far
/// apart the two are.
///
/// # Estimates
/// No single statistic of the target. From 0, at `prediction = target`, to 200.
///
/// # Stability
/// Two zeros agree: 0, with gradient 0, instead of 0/0. There is no ε.
///
/// # Example
/// ```
/// use minimand_loss::symmetric_absolute_percentage_error;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([3.0, 0.0, -1.0]);
/// let target = Tensor::from([1.0, 0.0, 1.0]);
/// let loss = symmetric_absolute_percentage_error(&prediction, &target);
/// assert_eq!(loss.to_string(), "[100, 0, 200]");
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[25, 0, 0]");
/// ```
///
/// # When to use
/// To compare forecasts of many series, as the M competitions did. It misleads by its name: at a target of 100 a
/// forecast of 90 costs 10.5 and one of 110 costs 9.5, so its minimiser forecasts high. As a training loss it has no
/// gradient where the sign is wrong or the target 0.
///
/// # Reference
/// Armstrong, *Long-Range Forecasting*, 1985, page 348; Makridakis and Hibon, *The M3-Competition*, International
/// Journal of Forecasting 16, 2000, with the factor 200. torchmetrics has the factor 2. No parameters.
///
/// # See also
/// [`absolute_percentage_error`]; [`weighted_absolute_percentage_error`].
#[doc(alias = "SymmetricMeanAbsolutePercentageError")]
#[doc(alias = "SMAPE")]
#[track_caller]
pub fn symmetric_absolute_percentage_error(prediction: &Tensor, target: &Tensor) -> Tensor {
    same_shape("symmetric_absolute_percentage_error", prediction, target);
    let r = prediction - target;
    let size = prediction.abs() + target.abs();
    200.0 * (r.abs() / size.eq(0).select(1, size))
}

/// Sum of the absolute residuals of a series as a share of the sum of its absolute targets.
///
/// ```text
/// ℓ = e / s if s > 0 else 0
/// e = Σⱼ |predictionⱼ − targetⱼ|
/// s = Σⱼ |targetⱼ|
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[…, time]`, of the same shape, and the loss is `[…]`. Any numbers. Other shapes
/// panic.
///
/// # Gradient
/// `∂ℓ/∂predictionⱼ = sign rⱼ/Σ |target|`, 0 at the kink `rⱼ = 0`.
///
/// # Estimates
/// Each entry the **median**, as [`absolute_error`](crate::absolute_error), with one weight per series. From 0, at
/// `prediction = target`, to ∞.
///
/// # Stability
/// A series whose targets are all 0 has no scale: it contributes 0, with gradient 0, where torchmetrics divides by
/// 1.17e-6.
///
/// # Example
/// ```
/// use minimand_loss::weighted_absolute_percentage_error;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[1.0, 2.0, 0.0], [1.0, 1.0, 1.0]]);
/// let target = Tensor::from([[0.0, 4.0, 0.0], [0.0, 0.0, 0.0]]);
/// let loss = weighted_absolute_percentage_error(&prediction, &target);
/// assert_eq!(loss.to_string(), "[0.75, 0]");
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[[0.25, -0.25, 0],\n [0, 0, 0]]");
/// ```
///
/// # When to use
/// For series of different sizes with zeros among the targets, as the demand for spare parts: small and large series
/// count alike. It misleads where a series is nearly all zeros: its small sum makes its weight great.
///
/// # Reference
/// Kolassa and Schütz, *Advantages of the MAD/Mean Ratio over the MAPE*, Foresight 6, 2007. A share, not percent. No
/// parameters.
///
/// # See also
/// [`absolute_percentage_error`] entry by entry; [`absolute_scaled_error`], whose scale is a naive forecast's error.
#[doc(alias = "WeightedMeanAbsolutePercentageError")]
#[doc(alias = "WMAPE")]
#[doc(alias = "WAPE")]
#[track_caller]
pub fn weighted_absolute_percentage_error(prediction: &Tensor, target: &Tensor) -> Tensor {
    same_shape("weighted_absolute_percentage_error", prediction, target);
    has_axis("weighted_absolute_percentage_error", prediction);
    in_scale(&(prediction - target).abs().sum_axis(-1), &target.abs().sum_axis(-1))
}

/// Absolute residual in units of the mean error that a naive forecast makes on the history of the series.
///
/// ```text
/// ℓᵢⱼ = |predictionᵢⱼ − targetᵢⱼ| / sᵢ if sᵢ > 0 else 0
/// sᵢ = Σ{k, l : l = k + period} |historyᵢₗ − historyᵢₖ| / (time − period)
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[…, horizon]`, of the same shape, and so is the loss; `history` is `[…, time]` with
/// the same axes in front and more than `period` entries, `period ≥ 1`. Any numbers. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂prediction = sign r/s` with the scale s, 0 at the kink `r = 0`.
///
/// # Estimates
/// The **median**, as [`absolute_error`](crate::absolute_error). From 0, at `prediction = target`, to ∞; 1 is as good
/// as the naive forecast was.
///
/// # Stability
/// A series that repeats itself exactly has the scale 0: it contributes 0, with gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::absolute_scaled_error;
/// use minimand_tensor::Tensor;
///
/// let history = Tensor::from([1.0, 3.0, 1.0, 3.0]);
/// let prediction = Tensor::from([4.0, 2.0]);
/// let loss = absolute_scaled_error(&prediction, &Tensor::from([1.0, 3.0]), &history, 1);
/// assert_eq!(loss.to_string(), "[1.5, 0.5]");
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[0.5, -0.5]");
/// ```
///
/// # When to use
/// To average over series in different units; its mean is the MASE of the M4 competition. It misleads for short or calm
/// histories, whose small scale makes great weights, and where the period is not that of the season.
///
/// # Reference
/// Hyndman and Koehler, *Another Look at Measures of Forecast Accuracy*, International Journal of Forecasting 22, 2006,
/// section 2.5. Usual: period 1; 12 for months, 24 for hours.
///
/// # See also
/// [`weighted_absolute_percentage_error`]; [`absolute_error`](crate::absolute_error).
#[doc(alias = "MASE")]
#[track_caller]
pub fn absolute_scaled_error(prediction: &Tensor, target: &Tensor, history: &Tensor, period: usize) -> Tensor {
    same_shape("absolute_scaled_error", prediction, target);
    has_axis("absolute_scaled_error", prediction);
    let in_front = &prediction.shape()[..prediction.rank() - 1];
    let time = history.shape().last().copied().unwrap_or(0);
    assert!(
        history.rank() == prediction.rank()
            && &history.shape()[..in_front.len()] == in_front
            && time > period
            && period > 0,
        "absolute_scaled_error: history {} must be {in_front:?} with an axis of more than {period} entries, and the period at least 1",
        history.shape()
    );
    let naive = (history.slice(-1, period..) - history.slice(-1, ..time - period)).abs();
    in_scale(&(prediction - target).abs(), &naive.mean_axis(-1).unsqueeze(-1))
}

/// An error over its scale; 0, with gradient 0, where there is no scale.
#[track_caller]
fn in_scale(error: &Tensor, scale: &Tensor) -> Tensor {
    let none = scale.eq(0);
    none.select(0, error / none.select(1, scale))
}
