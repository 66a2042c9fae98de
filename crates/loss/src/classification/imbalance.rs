//! Cross-entropy where classes are of very different frequency.

use minimand_tensor::{DType, Tensor};

use crate::labels::Labels;
use crate::numbers::{check_finite, check_positive};

/// Panics unless there is one number per class.
#[track_caller]
fn check_per_class(loss: &str, name: &str, numbers: &Tensor, labels: &Labels) {
    let (found, classes) = (numbers.shape(), labels.classes());
    assert!(*found == [classes], "{loss}: {name} {found} and labels of {classes} classes do not fit");
}

/// Cross-entropy of logits to which the logarithm of the classes' frequencies is added.
///
/// ```text
/// ℓ = −ln p_y
/// pⱼ = πⱼ^τ exp xⱼ / Σₖ πₖ^τ exp xₖ
/// xⱼ = logitsⱼ
/// y = labels
/// πⱼ = priorⱼ
/// τ = tau
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C]`, the last axis over the classes, `labels` y of shape `[…]`, and `prior` π of shape `[C]`, at
/// least 0: frequencies or counts, whose scale cancels. One loss per label. A class of prior 0 is excluded; the loss is ∞ where
/// it is the label. Where a label is ignored the loss is 0; take the mean with [`Labels::mean`]. Panics when the shapes do not
/// fit or τ is not finite.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = pⱼ − [y = j]`. No kinks. The prior is held as it is: no gradient reaches it.
///
/// # Estimates
/// `softmax(x) ∝ P/π` for τ = 1: the conditional probabilities as if all classes were equally frequent, so that the likeliest
/// class by x is right on balanced data. From 0 to ∞.
///
/// # Stability
/// As [`cross_entropy`](crate::cross_entropy), of `x + τ ln π`. A class of prior 0 that occurs all the same has loss ∞.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, logit_adjusted_cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]);
/// let labels = Labels::new([0, 2], 3)?;
/// let loss = logit_adjusted_cross_entropy(&logits, &labels, &Tensor::from([0.5, 0.25, 0.25]), 1.0);
/// assert_eq!(format!("{loss:.4}"), "[0.2244, 1.3863]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[-0.2010, 0.0541, 0.1470],\n [0.5000, 0.2500, -0.7500]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For balanced accuracy on long-tailed data; unlike class weights it moves the boundary also where the model can separate
/// the classes. It misleads when its logits are used as probabilities of the data at hand: add `ln π` back for those.
///
/// # Reference
/// Menon et al. 2021, "Long-tail learning via logit adjustment", equation 10; with τ = 1 the balanced softmax, Ren et al. 2020,
/// "Balanced meta-softmax for long-tailed visual recognition", equation 3. Usual: τ = 1.
///
/// # See also
/// [`ldam`], [`class_balanced_cross_entropy`], [`cross_entropy_with`](crate::cross_entropy_with).
#[doc(alias = "balanced_softmax")]
#[doc(alias = "logit_adjustment")]
#[track_caller]
pub fn logit_adjusted_cross_entropy(logits: &Tensor, labels: &Labels, prior: &Tensor, tau: f64) -> Tensor {
    labels.check_scores("logit_adjusted_cross_entropy", "logits", logits);
    check_per_class("logit_adjusted_cross_entropy", "prior", prior, labels);
    check_finite("logit_adjusted_cross_entropy", ("tau", tau), logits.dtype());
    let x = labels.without_ignored(logits);
    if tau == 0.0 {
        return labels.surprisal(&x);
    }
    labels.surprisal(&(x + tau * prior.cast(logits.dtype()).ln().detach()))
}

/// Options of [`ldam`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LdamOptions {
    /// The margin of the rarest class.
    pub max_margin: f64,
    /// What the logits are multiplied by, once the margin is off.
    pub scale: f64,
}

impl Default for LdamOptions {
    /// A margin of ½ and the scale 30, for logits that are cosines.
    fn default() -> LdamOptions {
        LdamOptions { max_margin: 0.5, scale: 30.0 }
    }
}

/// Cross-entropy in which the right class must lead by a margin that is larger the rarer it is.
///
/// ```text
/// ℓ = −ln p_y
/// pⱼ = exp(s zⱼ) / Σₖ exp(s zₖ)
/// zⱼ = xⱼ − [y = j] mⱼ
/// mⱼ = max_margin if nⱼ = 0 else max_margin (min{k : nₖ > 0} nₖ / nⱼ)^0.25
/// xⱼ = logitsⱼ
/// y = labels
/// nⱼ = countsⱼ
/// s = scale
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C]`, the last axis over the classes, `labels` y of shape `[…]`, and `counts` n of shape `[C]`: how often
/// each class occurs, at least 0. One loss per label. A class that does not occur has the margin of the rarest that does. Where a
/// label is ignored the loss is 0; take the mean with [`Labels::mean`]. Panics when the shapes do not fit, the scale is not
/// positive, or an option not finite.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = s (pⱼ − [y = j])`. No kinks. No gradient reaches the counts.
///
/// # Estimates
/// No probability: the logits of the right class end `m_y` too high. From 0 to ∞.
///
/// # Stability
/// As [`cross_entropy`](crate::cross_entropy), of `s z`.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, LdamOptions, ldam};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]);
/// let labels = Labels::new([0, 2], 3)?;
/// let counts = Tensor::from([1000.0, 100.0, 10.0]);
/// let loss = ldam(&logits, &labels, &counts, LdamOptions { scale: 1.0, ..Default::default() });
/// assert_eq!(format!("{loss:.4}"), "[0.4634, 1.4580]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[-0.3708, 0.0997, 0.2711],\n [0.3837, 0.3837, -0.7673]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// On long-tailed data, with logits that are cosines of normalised features and weights, and class weights only late in
/// training (the paper's deferred schedule). It misleads with plain logits: their scale grows until the margins no longer
/// matter.
///
/// # Reference
/// Cao et al. 2019, "Learning imbalanced datasets with label-distribution-aware margin loss", equations 11 to 13. Usual: the
/// largest margin ½, scale 30, as in the published code.
///
/// # See also
/// [`logit_adjusted_cross_entropy`], [`class_balanced_cross_entropy`].
#[doc(alias = "LDAMLoss")]
#[track_caller]
pub fn ldam(logits: &Tensor, labels: &Labels, counts: &Tensor, options: LdamOptions) -> Tensor {
    let LdamOptions { max_margin, scale } = options;
    labels.check_scores("ldam", "logits", logits);
    check_per_class("ldam", "counts", counts, labels);
    check_positive("ldam", ("scale", scale), logits.dtype());
    check_finite("ldam", ("scale", scale), logits.dtype());
    check_finite("ldam", ("max_margin", max_margin), logits.dtype());
    let n = counts.cast(logits.dtype()).detach();
    let absent = n.le(0);
    let least = absent.select(f64::INFINITY, &n).min_keepdim(-1);
    let m = max_margin * absent.select(1, least / absent.select(1, &n)).pow(0.25);
    let x = labels.without_ignored(logits);
    labels.surprisal(&(scale * (x - labels.truth().select(m, 0))))
}

/// Cross-entropy in which a class counts by the effective number of its examples.
///
/// ```text
/// ℓ = −w_y ln p_y
/// wⱼ = 1 if nⱼ = 0 else N vⱼ / Σₖ vₖ
/// vⱼ = 0 if nⱼ = 0 else (1 − β) / (1 − β^nⱼ)
/// N = Σₖ [nₖ > 0]
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// y = labels
/// nⱼ = countsⱼ
/// β = beta
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C]`, the last axis over the classes, `labels` y of shape `[…]`, and `counts` n of shape `[C]`: how often
/// each class occurs, at least 0. One loss per label. A class that does not occur has weight 1 and takes no part in the sum
/// of the weights. Where a label is ignored the loss is 0. Panics when the shapes do not fit or β is not in [0, 1).
///
/// # Gradient
/// `∂ℓ/∂xⱼ = w_y (pⱼ − [y = j])`. No kinks. No gradient reaches the counts.
///
/// # Estimates
/// Probabilities as if class j were wⱼ times as frequent. From 0 to ∞.
///
/// # Stability
/// `1 − βⁿ` is `−(exp(n ln β) − 1)` by [`Tensor::exp_m1`], exact where β is near 1 and n small.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, class_balanced_cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]);
/// let labels = Labels::new([0, 2], 3)?;
/// let counts = Tensor::from([1000.0, 100.0, 10.0]);
/// let loss = class_balanced_cross_entropy(&logits, &labels, &counts, 0.99);
/// assert_eq!(format!("{loss:.4}"), "[0.0938, 2.6442]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[-0.0770, 0.0207, 0.0563],\n [0.8023, 0.8023, -1.6046]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// On long-tailed data, between no weights (β = 0) and weights of 1/n (β → 1); for other losses take the weights from
/// [`Labels::class_balanced_weights`]. It misleads as all class weights do: the probabilities of rare classes end too high.
///
/// # Reference
/// Cui et al. 2019, "Class-balanced loss based on effective number of samples", equations 7 and 10, weights normalised to the
/// number of classes. Usual: β = 0.9999, 0.99 to 0.9999.
///
/// # See also
/// [`cross_entropy_with`](crate::cross_entropy_with), [`logit_adjusted_cross_entropy`], [`ldam`].
#[doc(alias = "effective_number")]
#[doc(alias = "CBLoss")]
#[track_caller]
pub fn class_balanced_cross_entropy(logits: &Tensor, labels: &Labels, counts: &Tensor, beta: f64) -> Tensor {
    labels.check_scores("class_balanced_cross_entropy", "logits", logits);
    check_per_class("class_balanced_cross_entropy", "counts", counts, labels);
    let w = effective_number_weights("class_balanced_cross_entropy", counts, beta).cast(logits.dtype());
    labels.pick(&w) * labels.surprisal(&labels.without_ignored(logits))
}

/// `(1 − β)/(1 − βⁿ)` for each count n, normalised so that the weights of the classes that occur are 1 on average.
#[track_caller]
fn effective_number_weights(operation: &str, counts: &Tensor, beta: f64) -> Tensor {
    assert!((0.0..1.0).contains(&beta), "{operation}: beta must be at least 0 and less than 1, not {beta}");
    let n = counts.cast(DType::F64).detach();
    let absent = n.le(0);
    // ln 0 = −∞ is right for β = 0: every class that occurs has effective number 1.
    let effective = 0.0 - (absent.select(1, n) * beta.ln()).exp_m1();
    let w = absent.select(0, (1.0 - beta) / effective);
    let occurring = absent.select(0, w.ones_like()).sum();
    let total = w.sum();
    let scaled = &w * occurring / total.eq(0).select(1, &total);
    absent.select(1, scaled)
}

impl Labels {
    /// Weights by the effective number of examples, `(1 − β)/(1 − β^n_c)` for a class that occurs `n_c` times, normalised so that the
    /// classes that occur weigh 1 on average; f64. A class that does not occur has weight 1.
    ///
    /// ```
    /// # use minimand_loss::{LabelError, Labels};
    /// let labels = Labels::new([0, 0, 0, 1], 3)?;
    /// assert_eq!(format!("{:.3}", labels.class_balanced_weights(0.5)), "[0.727, 1.273, 1.000]");
    /// # Ok::<(), LabelError>(())
    /// ```
    ///
    /// Cui et al. 2019, "Class-balanced loss based on effective number of samples", equation 7; usual β = 0.9999.
    ///
    /// # Panics
    /// When β is not in [0, 1).
    #[track_caller]
    pub fn class_balanced_weights(&self, beta: f64) -> Tensor {
        let counts: Vec<f64> = self.counts().into_iter().map(|count| count as f64).collect();
        effective_number_weights("class_balanced_weights", &Tensor::from(counts), beta)
    }
}
