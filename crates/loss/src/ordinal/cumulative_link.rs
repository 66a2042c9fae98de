//! The proportional-odds model.

use minimand_tensor::Tensor;

use crate::labels::Labels;

/// Negative log-likelihood of ranks that a number falls into between thresholds, with logistic noise.
///
/// ```text
/// ℓ = −ln(above − below)
/// above = 1 if y = K − 1 else σ(t_y − x)
/// below = 0 if y = 0 else σ(t[y − 1] − x)
/// x = prediction
/// y = labels
/// K = 1 + Σₖ 1
/// tₖ = thresholdsₖ
/// ```
///
/// # Shapes
/// `prediction` x and `labels` y of the same shape, with K classes in their order, and `thresholds` of shape `[K − 1]`, increasing;
/// [`OrderedThresholds`] makes them so. One loss per label. Where a label is ignored the loss is 0; take the mean with
/// [`Labels::mean`]. Panics when the shapes do not fit. Thresholds that are equal give the class between them probability 0 and loss ∞,
/// decreasing ones NaN.
///
/// # Gradient
/// With the distances `u = t_y − x` and `l = t[y − 1] − x`: `∂ℓ/∂x = σ(−u) − σ(l)`, of which the first is missing
/// for the highest class and the second for the lowest. By the thresholds also the derivative of `−ln(1 − exp(l − u))`. No kinks.
///
/// # Estimates
/// σ(t_k − x) is the probability that the class is k or below. With the thresholds learnt, the odds of every threshold move with x by the
/// same factor. From 0 to ∞.
///
/// # Stability
/// `σ(u) − σ(l) = σ(u) σ(−l) (1 − exp(l − u))`, of which the logarithm is taken factor by factor: exact in both tails, where the two
/// sigmoids round to the same number and their difference to 0.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, cumulative_link};
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.5, -1.0, 2.0]);
/// let thresholds = Tensor::from([-1.0, 1.0]);
/// let loss = cumulative_link(&prediction, &Labels::new([1, 0, 2], 3)?, &thresholds);
/// assert_eq!(format!("{loss:.4}"), "[0.8209, 0.6931, 0.3133]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[0.1951, 0.5000, -0.2689]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For ratings, with few examples: one number per example, and thresholds shared by all. It misleads where what raises the lowest grades
/// is not what raises the highest: the same shift of the odds everywhere is then wrong; compare with [`corn`](crate::corn).
///
/// # Reference
/// McCullagh 1980, "Regression models for ordinal data", equation 2.4. No parameters.
///
/// # See also
/// [`coral`](crate::coral), [`soft_ordinal`](crate::soft_ordinal), [`OrderedThresholds`].
#[doc(alias = "proportional_odds")]
#[doc(alias = "LogisticAT")]
#[doc(alias = "ordered_logit")]
#[track_caller]
pub fn cumulative_link(prediction: &Tensor, labels: &Labels, thresholds: &Tensor) -> Tensor {
    let (shape, of, classes) = (prediction.shape(), labels.shape(), labels.classes());
    assert!(shape == of, "cumulative_link: prediction {shape} and labels {of} must have the same shape");
    let found = thresholds.shape();
    assert!(
        found.len() == 1 && found[0] + 1 == classes,
        "cumulative_link: thresholds {found} and labels of {classes} classes do not fit: there must be one less than classes"
    );
    let x = match labels.kept() {
        Some(kept) => kept.select(prediction, 0),
        None => prediction.clone(),
    };
    let (first, last) = (labels.index().eq(0), labels.index().eq(classes as i64 - 1));
    let upper = labels.pick(&thresholds.pad(0, 0, 1)) - &x;
    let lower = labels.pick(&thresholds.pad(0, 1, 0)) - &x;
    // −ln σ(u), −ln σ(−l) and −ln(1 − exp(l − u)); at the ends one of the thresholds is infinite.
    let below_upper = last.select(0, (-&upper).softplus());
    let above_lower = first.select(0, lower.softplus());
    let end = first | last;
    let between = labels.pick(&thresholds.pad(0, 1, 0)) - labels.pick(&thresholds.pad(0, 0, 1));
    let gap = end.select(0, end.select(-1, between).log1mexp());
    labels.zero_if_ignored(below_upper + above_lower - gap)
}

/// Thresholds that increase, from numbers that need not: the first as it is, each further one above the last by the softplus of
/// its own.
///
/// ```
/// use minimand_loss::OrderedThresholds;
/// use minimand_tensor::Tensor;
///
/// let free = OrderedThresholds::free(&[-1.0, 0.5, 2.0]);
/// assert_eq!(format!("{:.4}", OrderedThresholds::of(&free)), "[-1.0000, 0.5000, 2.0000]");
/// let learnt = OrderedThresholds::of(&Tensor::from([0.0, -3.0, 0.0]));
/// assert_eq!(format!("{learnt:.4}"), "[0.0000, 0.0486, 0.7417]");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OrderedThresholds;

impl OrderedThresholds {
    /// The thresholds `[K − 1]` of free numbers of the same shape, through which gradients pass.
    ///
    /// # Panics
    /// When the numbers are no vector.
    #[track_caller]
    pub fn of(free: &Tensor) -> Tensor {
        let shape = free.shape();
        assert!(shape.len() == 1, "OrderedThresholds: the numbers must be a vector, not {shape}");
        let first = Tensor::iota(shape[0]).eq(0);
        first.select(free, free.softplus()).cumulative_sum(0)
    }

    /// The free numbers of which [`of`](OrderedThresholds::of) makes these thresholds, f64: where learning starts.
    ///
    /// # Panics
    /// When the thresholds do not increase.
    #[track_caller]
    pub fn free(thresholds: &[f64]) -> Tensor {
        // In a loop: a closure would not know the caller's line.
        for pair in thresholds.windows(2) {
            assert!(pair[1] > pair[0], "OrderedThresholds: {} is not above {}", pair[1], pair[0]);
        }
        let gaps = thresholds.windows(2).map(|pair| pair[1] - pair[0]).map(|gap| gap + (-(-gap).exp_m1()).ln());
        Tensor::from(thresholds.iter().take(1).copied().chain(gaps).collect::<Vec<f64>>())
    }
}
