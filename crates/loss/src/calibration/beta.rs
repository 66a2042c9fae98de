//! A curve for probabilities: logistic in their logarithms.

use minimand_tensor::{DType, Tensor};

use super::fit::{FitError, check_scores_finite, count_events, minimise};
use crate::shape::same_shapes;

/// Cross-entropy of the probabilities that a beta curve makes of those of a model.
///
/// ```text
/// ℓ = −y ln σ(z) − (1 − y) ln σ(−z)
/// z = a ln σ(x) − b ln σ(−x) + c
/// x = logits
/// y = target
/// ```
///
/// # Shapes
/// `logits` x of the model's probabilities σ(x) and `target` y of the same shape, `a`, `b` and `c` of shape `[]`; one loss per
/// element. x is any finite number, y lies in [0, 1]; `a ≥ 0` and `b ≥ 0` keep the curve rising. Panics when the shapes do not fit.
///
/// # Gradient
/// With `g = σ(z) − y`: `∂ℓ/∂x = g (a σ(−x) + b σ(x))`, `∂ℓ/∂a = g ln σ(x)`, `∂ℓ/∂b = −g ln σ(−x)`, `∂ℓ/∂c = g`, `∂ℓ/∂y = −z`. No kinks.
///
/// # Estimates
/// The curve under which the targets are likeliest; convex in a, b and c. `a = b = 1, c = 0` changes nothing. From 0 to ∞.
///
/// # Stability
/// By logits instead of probabilities: `ln σ(x)` and `ln σ(−x)` are exact where σ(x) rounds to 0 or 1, whose logarithms
/// implementations on probabilities have to clip.
///
/// # Example
/// ```
/// use minimand_loss::beta_calibrated_cross_entropy;
/// use minimand_tensor::Tensor;
///
/// let (logits, target) = (Tensor::from([2.0, -1.0]), Tensor::from([1.0, 1.0]));
/// let [a, b, c] = [1.0, 1.0, 0.0].map(|number: f64| Tensor::from(number));
/// let loss = beta_calibrated_cross_entropy(&logits, &target, &a, &b, &c);
/// assert_eq!(format!("{loss:.4}"), "[0.1269, 1.3133]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&a)), "0.9752");
/// ```
///
/// # When to use
/// For models that give probabilities, calibrated already perhaps, which a beta curve can leave alone; naive Bayes and boosting
/// gain most. [`BetaScaling::fit`] does it. It misleads with few examples, three numbers as they are, and where order is wrong: a
/// rising curve cannot mend ranking.
///
/// # Reference
/// Kull, Silva Filho, Flach 2017, "Beta calibration: a well-founded and easily implemented improvement on logistic calibration for
/// binary classifiers", equation 2. No parameters.
///
/// # See also
/// [`platt_scaled_cross_entropy`](crate::platt_scaled_cross_entropy),
/// [`binary_cross_entropy_with_logits`](crate::binary_cross_entropy_with_logits).
#[doc(alias = "beta_calibration")]
#[track_caller]
pub fn beta_calibrated_cross_entropy(logits: &Tensor, target: &Tensor, a: &Tensor, b: &Tensor, c: &Tensor) -> Tensor {
    same_shapes("beta_calibrated_cross_entropy", ("logits", logits), ("target", target));
    for (name, tensor) in [("a", a), ("b", b), ("c", c)] {
        let shape = tensor.shape();
        assert!(shape.is_empty(), "beta_calibrated_cross_entropy: {name} {shape} must be one number, of shape []");
    }
    let (x, y) = (logits, target);
    let z = b * x.softplus() - a * (-x).softplus() + c;
    y * (-&z).softplus() + (1.0 - y) * z.softplus()
}

/// A beta curve fitted to a model's logits and targets.
///
/// ```
/// use minimand_loss::BetaScaling;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, -3.0, -0.5]);
/// let target = Tensor::from([0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0]);
/// let scaling = BetaScaling::fit(&logits, &target)?;
/// assert_eq!(format!("{:.4} {:.4} {:.4}", scaling.a(), scaling.b(), scaling.c()), "2.1072 0.1171 1.8530");
/// # Ok::<(), minimand_loss::FitError>(())
/// ```
///
/// Kull et al. 2017. Fit it on examples that the model was not trained with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BetaScaling {
    a: f64,
    b: f64,
    c: f64,
}

impl BetaScaling {
    /// The rising curve that makes the targets likeliest, `a ≥ 0` and `b ≥ 0`.
    ///
    /// # Errors
    /// When there is nothing to fit, a logit is not finite, a target is neither 0 nor 1, or there is no best curve: the logits tell all
    /// apart, or there is only one kind.
    ///
    /// # Panics
    /// When the shapes differ.
    #[track_caller]
    pub fn fit(logits: &Tensor, target: &Tensor) -> Result<BetaScaling, FitError> {
        same_shapes("BetaScaling::fit", ("logits", logits), ("target", target));
        let (events, others) = count_events(target)?;
        if events == 0 || others == 0 {
            return Err(FitError::Unbounded { reason: "all targets are the same: the surer, the better" });
        }
        check_scores_finite(logits, |_| true)?;
        let [x, y] = [logits, target].map(|tensor| tensor.cast(DType::F64).computed().detach());
        let fitted = |with_a: bool, with_b: bool| {
            let [use_a, use_b] = [with_a, with_b].map(|used| Tensor::from(f64::from(u8::from(used))));
            let loss = |at: &Tensor| {
                let [a, b, c] = [0, 1, 2].map(|which| at.at(0, which));
                beta_calibrated_cross_entropy(&x, &y, &(a * &use_a), &(b * &use_b), &c).mean()
            };
            let start = vec![f64::from(u8::from(with_a)), f64::from(u8::from(with_b)), 0.0];
            let found = minimise(loss, start)?;
            let least = loss(&Tensor::from(found.clone())).item();
            Ok((BetaScaling { a: found[0], b: found[1], c: found[2] }, least))
        };
        let (free, _) = fitted(true, true)?;
        // The loss is convex: one of the bounds that the free fit breaks holds with equality.
        let mut bounded = Vec::new();
        if free.a >= 0.0 && free.b >= 0.0 {
            return Ok(free);
        }
        if free.a < 0.0 {
            bounded.push(fitted(false, true)?);
        }
        if free.b < 0.0 {
            bounded.push(fitted(true, false)?);
        }
        bounded.retain(|(scaling, _)| scaling.a >= 0.0 && scaling.b >= 0.0);
        match bounded.into_iter().min_by(|first, second| first.1.total_cmp(&second.1)) {
            Some((scaling, _)) => Ok(scaling),
            None => Ok(BetaScaling { a: 0.0, b: 0.0, c: (events as f64 / others as f64).ln() }),
        }
    }

    /// The factor of `ln p`.
    pub fn a(&self) -> f64 {
        self.a
    }

    /// The factor of `−ln(1 − p)`.
    pub fn b(&self) -> f64 {
        self.b
    }

    /// The shift of the log-odds.
    pub fn c(&self) -> f64 {
        self.c
    }

    /// The log-odds of the calibrated probabilities; their [`sigmoid`](Tensor::sigmoid) is the probability.
    pub fn apply(&self, logits: &Tensor) -> Tensor {
        self.b * logits.softplus() - self.a * (-logits).softplus() + self.c
    }
}
