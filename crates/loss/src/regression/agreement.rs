//! How well one series follows another.

use minimand_tensor::Tensor;

use super::cosine_distance::{between, has_axis};
use crate::shape::same_shape;

/// One less Lin's concordance of two series: how far the points lie off the line of identity.
///
/// ```text
/// ℓ = Σⱼ rⱼ² / d if d > 0 else 0
/// d = Σⱼ (predictionⱼ − a)² + Σⱼ (targetⱼ − b)² + n (a − b)²
/// rⱼ = predictionⱼ − targetⱼ
/// a = Σⱼ predictionⱼ / n
/// b = Σⱼ targetⱼ / n
/// n = time
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[…, time]`, of the same shape, and the loss is `[…]`. Any numbers. Other shapes
/// panic.
///
/// # Gradient
/// That of the formula; 0 at `prediction = target`, and for two constant series that agree.
///
/// # Estimates
/// Among all predictions from the same information not the conditional mean, but one with about the spread of the
/// target: shrinking towards the mean is punished. From 0, at `prediction = target`, to 2.
///
/// # Stability
/// `1 − 2 cov/(var + var + (a − b)²)` cancels where the series agree; mean square over the same divisor does not. Two
/// equal constants are in full agreement: 0, instead of 0/0.
///
/// # Example
/// ```
/// use minimand_loss::concordance;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]);
/// let target = Tensor::from([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]);
/// let loss = concordance(&prediction, &target);
/// assert_eq!(loss.to_string(), "[0, 2]");
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[[0, 0, 0],\n [0, 0, 0]]");
/// ```
///
/// # When to use
/// For ratings over time, as of emotion, that are judged by agreement in scale and location too. It misleads on short
/// windows and batches: it is no mean of single errors, so the loss of a batch is not that of the data; and a flat
/// prediction starts with hardly any gradient.
///
/// # Reference
/// Lin, *A Concordance Correlation Coefficient to Evaluate Reproducibility*, Biometrics 45, 1989, with variances by n.
/// torchmetrics divides variances by n − 1 and not the difference of the means. No parameters.
///
/// # See also
/// [`negative_pearson`], blind to scale and location; [`coefficient_of_determination`], whose divisor is the target's
/// alone.
#[doc(alias = "CCC")]
#[doc(alias = "ConcordanceCorrCoef")]
#[track_caller]
pub fn concordance(prediction: &Tensor, target: &Tensor) -> Tensor {
    let (x, y) = series("concordance", prediction, target);
    let r = prediction - target;
    let count = r.shape()[r.rank() - 1].max(1) as f64;
    let whole = x.square().sum_axis(-1) + y.square().sum_axis(-1) + r.sum_axis(-1).square() / count;
    ratio(&r.square().sum_axis(-1), &whole, 0.0)
}

/// One less Pearson's correlation of two series.
///
/// ```text
/// ℓ = 1 − Σⱼ uⱼ vⱼ / (√(Σⱼ uⱼ²) √(Σⱼ vⱼ²))
/// uⱼ = predictionⱼ − Σₖ predictionₖ / n
/// vⱼ = targetⱼ − Σₖ targetₖ / n
/// n = time
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[…, time]`, of the same shape, and the loss is `[…]`. Any numbers. Other shapes
/// panic.
///
/// # Gradient
/// That of the angle between the centred series, at right angles to both the prediction and the constants. Where either
/// series is constant the loss is 1 and both gradients are 0.
///
/// # Estimates
/// The **shape** of the target: any `a + b target` with `b > 0` has the least loss. From 0 to 2.
///
/// # Stability
/// As [`cosine_distance`](crate::cosine_distance) of the centred series: it does not cancel near 0, and a constant
/// series is found before its mean is subtracted, so that rounding is not taken for a signal.
///
/// # Example
/// ```
/// use minimand_loss::negative_pearson;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[1.0, 2.0, 3.0], [0.1, 0.1, 0.1]]);
/// let target = Tensor::from([[1.0, 0.0, 2.0], [1.0, 0.0, 2.0]]);
/// let loss = negative_pearson(&prediction, &target);
/// assert_eq!(format!("{loss:.4}"), "[0.5000, 1.0000]");
/// let gradient = loss.sum().grad(&prediction);
/// assert_eq!(format!("{gradient:.4}"), "[[-0.2500, 0.5000, -0.2500],\n [0.0000, 0.0000, 0.0000]]");
/// ```
///
/// # When to use
/// For signals of unknown gain and offset: pulse from video, factor models judged by their correlation. It misleads
/// where the values themselves are wanted: their scale is free and drifts.
///
/// # Reference
/// Pearson, *Note on Regression and Inheritance in the Case of Two Parents*, Proceedings of the Royal Society 58, 1895.
/// Some write `−ρ`, which is this loss less 1. No parameters.
///
/// # See also
/// [`concordance`], which fixes scale and location; [`cosine_distance`](crate::cosine_distance).
#[doc(alias = "NegPearson")]
#[doc(alias = "PearsonCorrCoef")]
#[track_caller]
pub fn negative_pearson(prediction: &Tensor, target: &Tensor) -> Tensor {
    let (x, y) = series("negative_pearson", prediction, target);
    between(&x, &y)
}

/// One less R²: the squared residuals of a series as a share of the target's squared deviations from its mean.
///
/// ```text
/// ℓ = Σⱼ (predictionⱼ − targetⱼ)² / s
/// s = Σⱼ (targetⱼ − b)²
/// b = Σⱼ targetⱼ / n
/// n = time
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[…, time]`, of the same shape, and the loss is `[…]`. Any numbers. Other shapes
/// panic.
///
/// # Gradient
/// `∂ℓ/∂predictionⱼ = 2 rⱼ/s`; by the target the divisor is differentiated too.
///
/// # Estimates
/// Each entry the **mean**, with one weight per series. From 0, at `prediction = target`, to ∞; 1 is as good as the
/// mean of the target.
///
/// # Stability
/// A constant target leaves nothing to explain: the loss is 0 where it is met and 1 elsewhere, as in scikit-learn, with
/// gradient 0; it is found before its mean is subtracted, so that rounding is not taken for variance.
///
/// # Example
/// ```
/// use minimand_loss::coefficient_of_determination;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[1.0, 2.0, 2.0], [1.0, 1.0, 1.0]]);
/// let target = Tensor::from([[1.0, 2.0, 3.0], [0.1, 0.1, 0.1]]);
/// let loss = coefficient_of_determination(&prediction, &target);
/// assert_eq!(loss.to_string(), "[0.5, 1]");
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[[0, 0, -1],\n [0, 0, 0]]");
/// ```
///
/// # When to use
/// For series of very different variance that should count alike: river gauges (1 − ℓ is the Nash-Sutcliffe
/// efficiency). It misleads for nearly constant series, whose small divisor makes a great weight, and on short windows,
/// where the divisor is noise.
///
/// # Reference
/// Wright, *Correlation and Causation*, 1921; Nash and Sutcliffe, *River Flow Forecasting through Conceptual Models*,
/// Journal of Hydrology 10, 1970. Kratzert et al., 2019, divide by the variance over the whole record plus 0.1. No
/// parameters.
///
/// # See also
/// [`concordance`]; [`squared_error`](crate::squared_error) without the weights.
#[doc(alias = "R2Score")]
#[doc(alias = "r2_score")]
#[doc(alias = "NSE")]
#[track_caller]
pub fn coefficient_of_determination(prediction: &Tensor, target: &Tensor) -> Tensor {
    let (_, y) = series("coefficient_of_determination", prediction, target);
    let residual = (prediction - target).square().sum_axis(-1);
    let missed = residual.ne(0).cast(residual.dtype());
    ratio(&residual, &y.square().sum_axis(-1), missed)
}

/// Two series of one shape, less their means; exactly 0 where they are constant.
#[track_caller]
fn series(loss: &str, prediction: &Tensor, target: &Tensor) -> (Tensor, Tensor) {
    same_shape(loss, prediction, target);
    has_axis(loss, prediction);
    let centred = |x: &Tensor| {
        let constant = x.max_keepdim(-1).eq(x.min_keepdim(-1));
        constant.select(0, x - x.mean_keepdim(-1))
    };
    (centred(prediction), centred(target))
}

/// A ratio of numbers that are not negative; something else, with gradient 0, where the divisor is 0.
#[track_caller]
fn ratio(numerator: &Tensor, divisor: &Tensor, otherwise: impl minimand_tensor::Operand) -> Tensor {
    let none = divisor.eq(0);
    none.select(otherwise, numerator / none.select(1, divisor))
}
