//! A logistic curve over scores.

use minimand_tensor::{DType, Tensor};

use super::fit::{FitError, check_scores_finite, count_events, minimise};
use crate::shape::same_shapes;

/// Cross-entropy of the probabilities that a logistic curve makes of scores.
///
/// ```text
/// ℓ = −y ln σ(z) − (1 − y) ln σ(−z)
/// z = a x + b
/// x = scores
/// y = target
/// a = slope
/// b = intercept
/// ```
///
/// # Shapes
/// `scores` x and `target` y of the same shape, `slope` and `intercept` of shape `[]`; one loss per element. x is any finite number, y
/// lies in [0, 1]. Panics when the shapes do not fit.
///
/// # Gradient
/// `∂ℓ/∂x = a (σ(z) − y)`, `∂ℓ/∂a = x (σ(z) − y)`, `∂ℓ/∂b = σ(z) − y`, `∂ℓ/∂y = −z`. No kinks.
///
/// # Estimates
/// The curve under which the targets are likeliest; convex in a and b. From 0 to ∞.
///
/// # Stability
/// As [`binary_cross_entropy_with_logits`](crate::binary_cross_entropy_with_logits).
///
/// # Example
/// ```
/// use minimand_loss::platt_scaled_cross_entropy;
/// use minimand_tensor::Tensor;
///
/// let (scores, target) = (Tensor::from([2.0, -1.0]), Tensor::from([1.0, 1.0]));
/// let (slope, intercept) = (Tensor::from(1.0), Tensor::from(0.0));
/// let loss = platt_scaled_cross_entropy(&scores, &target, &slope, &intercept);
/// assert_eq!(format!("{loss:.4}"), "[0.1269, 1.3133]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&slope)), "0.4927");
/// ```
///
/// # When to use
/// For scores that are no log-odds: margins of a support vector machine or a boosted ensemble; [`PlattScaling::fit`] does it. It
/// misleads where the true curve is not logistic, naive Bayes for one, whose probabilities are too extreme: there
/// [`beta_calibrated_cross_entropy`](crate::beta_calibrated_cross_entropy) can keep what is right already.
///
/// # Reference
/// Platt 1999, "Probabilistic outputs for support vector machines", equation 1, with A = −slope and B = −intercept. No parameters.
///
/// # See also
/// [`binary_cross_entropy_with_logits`](crate::binary_cross_entropy_with_logits),
/// [`temperature_scaled_cross_entropy`](crate::temperature_scaled_cross_entropy).
#[doc(alias = "platt_scaling")]
#[doc(alias = "CalibratedClassifierCV")]
#[track_caller]
pub fn platt_scaled_cross_entropy(scores: &Tensor, target: &Tensor, slope: &Tensor, intercept: &Tensor) -> Tensor {
    same_shapes("platt_scaled_cross_entropy", ("scores", scores), ("target", target));
    for (name, tensor) in [("slope", slope), ("intercept", intercept)] {
        let shape = tensor.shape();
        assert!(shape.is_empty(), "platt_scaled_cross_entropy: {name} {shape} must be one number, of shape []");
    }
    let (z, y) = (slope * scores + intercept, target);
    y * (-&z).softplus() + (1.0 - y) * z.softplus()
}

/// A logistic curve fitted to scores and targets.
///
/// ```
/// use minimand_loss::PlattScaling;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0]);
/// let target = Tensor::from([0.0, 0.0, 1.0, 0.0, 1.0, 1.0]);
/// let scaling = PlattScaling::fit(&scores, &target)?;
/// assert_eq!(format!("{:.4} {:.4}", scaling.slope(), scaling.intercept()), "0.5355 -0.2678");
/// assert_eq!(format!("{:.3}", scaling.apply(&scores).sigmoid()), "[0.208, 0.309, 0.433, 0.567, 0.691, 0.792]");
/// # Ok::<(), minimand_loss::FitError>(())
/// ```
///
/// Platt 1999. Fit it on examples that the model was not trained with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlattScaling {
    slope: f64,
    intercept: f64,
}

impl PlattScaling {
    /// The curve for Platt's targets, `(n₁ + 1)/(n₁ + 2)` for the n₁ events and `1/(n₀ + 2)` for the others, which are never certain: there
    /// is a best curve even where the scores tell all apart. It is that of scikit-learn's CalibratedClassifierCV.
    ///
    /// # Errors
    /// When there is nothing to fit, a score is not finite, or a target is neither 0 nor 1.
    ///
    /// # Panics
    /// When the shapes differ.
    #[track_caller]
    pub fn fit(scores: &Tensor, target: &Tensor) -> Result<PlattScaling, FitError> {
        same_shapes("PlattScaling::fit", ("scores", scores), ("target", target));
        let (events, others) = count_events(target)?;
        let (high, low) = ((events as f64 + 1.0) / (events as f64 + 2.0), 1.0 / (others as f64 + 2.0));
        PlattScaling::of(scores, &(low + (high - low) * target.cast(DType::F64)))
    }

    /// The curve that makes the targets as they are likeliest: logistic regression on the scores.
    ///
    /// # Errors
    /// As [`fit`](PlattScaling::fit), and when there is no best curve: the scores tell all apart, or there is only one kind.
    ///
    /// # Panics
    /// When the shapes differ.
    #[track_caller]
    pub fn fit_unsmoothed(scores: &Tensor, target: &Tensor) -> Result<PlattScaling, FitError> {
        same_shapes("PlattScaling::fit_unsmoothed", ("scores", scores), ("target", target));
        let (events, others) = count_events(target)?;
        if events == 0 || others == 0 {
            return Err(FitError::Unbounded { reason: "all targets are the same: the surer, the better" });
        }
        PlattScaling::of(scores, target)
    }

    fn of(scores: &Tensor, target: &Tensor) -> Result<PlattScaling, FitError> {
        check_scores_finite(scores, |_| true)?;
        let [x, y] = [scores, target].map(|tensor| tensor.cast(DType::F64).computed().detach());
        let loss = |at: &Tensor| platt_scaled_cross_entropy(&x, &y, &at.at(0, 0), &at.at(0, 1)).mean();
        let found = minimise(loss, vec![0.0, 0.0])?;
        Ok(PlattScaling { slope: found[0], intercept: found[1] })
    }

    /// The factor of the scores.
    pub fn slope(&self) -> f64 {
        self.slope
    }

    /// The log-odds at score 0.
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// The log-odds `slope · scores + intercept`; their [`sigmoid`](Tensor::sigmoid) is the probability.
    pub fn apply(&self, scores: &Tensor) -> Tensor {
        self.slope * scores + self.intercept
    }
}
