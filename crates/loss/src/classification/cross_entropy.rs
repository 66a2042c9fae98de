//! Cross-entropy of logits with class labels.

use minimand_tensor::Tensor;

use crate::labels::Labels;
use crate::numbers::in_type;

/// Options of [`cross_entropy_with`], [`cross_entropy_with_probabilities`](crate::cross_entropy_with_probabilities)
/// and [`negative_log_likelihood`](crate::negative_log_likelihood).
#[derive(Clone, Debug, Default)]
pub struct CrossEntropyOptions {
    /// A weight per class, shape `[C]`, at least 0; `None`: 1. See [`Labels::balanced_class_weights`].
    pub class_weights: Option<Tensor>,
    /// The share ε of the target's probability that is spread evenly over the classes, in [0, 1].
    pub label_smoothing: f64,
}

impl CrossEntropyOptions {
    /// Panics unless the options suit scores whose last axis holds the classes.
    #[track_caller]
    pub(super) fn check(&self, loss: &str, scores: &Tensor) {
        let smoothing = self.label_smoothing;
        assert!((0.0..=1.0).contains(&smoothing), "{loss}: label_smoothing must be in [0, 1], not {smoothing}");
        if let Some(weights) = &self.class_weights {
            let fits = weights.rank() == 1 && scores.shape().last() == weights.shape().last();
            assert!(
                fits,
                "{loss}: class_weights {} and {} do not fit: there must be one weight per class, the last axis",
                weights.shape(),
                scores.shape()
            );
        }
    }

    /// The label smoothing as the type of the scores has it: one of 1e-46 is none in f32.
    fn smoothing_in_type_of(&self, scores: &Tensor) -> f64 {
        if in_type(self.label_smoothing, scores.dtype()) == 0.0 { 0.0 } else { self.label_smoothing }
    }

    /// `Σⱼ wⱼ ((1 - ε) qⱼ + ε/C) sⱼ` for probabilities q and surprisals s = -ln p. Classes of infinite surprisal,
    /// which are excluded, take no part in smoothing.
    pub(super) fn expected_surprisal(&self, probabilities: &Tensor, surprisals: &Tensor) -> Tensor {
        let (s, epsilon) = (surprisals, self.smoothing_in_type_of(surprisals));
        let mut q = probabilities.cast(s.dtype().max(probabilities.dtype()));
        if epsilon > 0.0 {
            let possible = s.ne(f64::INFINITY).cast(s.dtype());
            q = (1.0 - epsilon) * q + epsilon * &possible / possible.sum_keepdim(-1).clamp_min(1);
        }
        if let Some(w) = &self.class_weights {
            q *= w.cast(s.dtype());
        }
        let void = q.eq(0) & s.eq(f64::INFINITY); // 0 · ∞ = 0, in value and gradient
        (&q * void.select(0, s)).sum_axis(-1)
    }

    /// `w_y s_y` for the surprisals `s_y` of the labels: the loss without smoothing.
    fn weighted(&self, labels: &Labels, surprisal: Tensor) -> Tensor {
        let Some(w) = &self.class_weights else { return surprisal };
        let w_y = labels.pick(&w.cast(surprisal.dtype()));
        let void = w_y.eq(0) & surprisal.eq(f64::INFINITY); // 0 · ∞ = 0
        w_y * void.select(0, surprisal)
    }

    /// The same for labels, whose probabilities are 0 and 1: `(1 - ε) w_y s_y + ε Σⱼ wⱼ sⱼ / C`. Only smoothing looks at
    /// the other classes. 0 where the label is ignored; whatever the row holds there must have been replaced.
    pub(super) fn surprisal_of_labels(&self, labels: &Labels, log_probabilities: &Tensor) -> Tensor {
        let (log_p, epsilon) = (log_probabilities, self.smoothing_in_type_of(log_probabilities));
        let w = self.class_weights.as_ref().map(|w| w.cast(log_p.dtype()));
        // Subtracted from 0, not negated: where the label is ignored it is 0, not −0.
        let mut loss = self.weighted(labels, 0.0 - labels.pick(log_p));
        if epsilon > 0.0 {
            let impossible = log_p.eq(f64::NEG_INFINITY);
            let mut shares = impossible.select(0, log_p);
            if let Some(w) = &w {
                shares *= w;
            }
            let possible = impossible.select(0, log_p.full_like(1.0)).sum_axis(-1);
            let smooth = 0.0 - shares.sum_axis(-1) / possible.clamp_min(1);
            loss = if epsilon == 1.0 { smooth } else { (1.0 - epsilon) * loss + epsilon * smooth };
            loss = labels.zero_if_ignored(loss);
        }
        loss
    }
}

/// Negative logarithm of the probability that softmax gives to the right class.
///
/// ```text
/// ℓ = −ln p_y
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// y = labels
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C]`, the last axis over the classes, and `labels` y of shape `[…]` with C classes; one
/// loss per label, shape `[…]`. x is any finite number, or -∞ for a class that is excluded: the loss is then that of
/// the remaining classes, and ∞ if the label itself is excluded. Where a label is ignored the loss is 0, whatever the
/// logits are; take the mean with [`Labels::mean`], which does not count those. Panics when the logits do not have the
/// shape of the labels followed by the number of classes.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = pⱼ - [y = j]`; 0 where the label is ignored. No kinks; an excluded class has gradient 0.
///
/// # Estimates
/// The conditional probability of each class: the mean is least where softmax(x) equals the frequencies of the classes
/// given the input, and only there (x up to a constant per row). The values are in [0, ∞); the least possible mean is
/// the entropy of the label given the input.
///
/// # Stability
/// Computed as `softplus(ln Σ{j ≠ y} exp xⱼ − x_y)`, where the greatest logit is subtracted before the exponentials: no
/// overflow, and no -∞ for finite logits, so that a confident error keeps its gradient. A confident right answer keeps
/// its loss and its gradient too: 4.35·10⁻⁸ for the logits 0, −17 and −20 is not rounded to 0 in f32.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0], [1e4, 0.0, -1e4]]);
/// let labels = Labels::new([0, 2, 1], 3)?;
/// let loss = cross_entropy(&logits, &labels);
/// assert_eq!(format!("{loss:.4}"), "[0.4076, 1.0986, 10000.0000]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[-0.3348, 0.0900, 0.2447],\n [0.3333, 0.3333, -0.6667],\n [1.0000, -1.0000, 0.0000]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// The first choice for one of several classes. Its probabilities are calibrated where the model neither lacks
/// capacity nor trains for too long: a network trained to the end on clothing images was overconfident by 10
/// percentage points (expected calibration error 0.101), by 4.6 after dividing its logits by one fitted temperature.
/// It misleads where labels are wrong: it strives to be sure of them; [label smoothing](cross_entropy_with) bounds that.
///
/// # Reference
/// Good 1952, "Rational decisions" (the logarithmic score); Bishop 2006, "Pattern Recognition and Machine Learning",
/// equation 4.108, gradient 4.109. No parameters.
///
/// # See also
/// [`cross_entropy_with`] for class weights and label smoothing,
/// [`cross_entropy_with_probabilities`](crate::cross_entropy_with_probabilities),
/// [`binary_cross_entropy_with_logits`](crate::binary_cross_entropy_with_logits),
/// [`categorical_focal`](crate::categorical_focal).
#[doc(alias = "CrossEntropyLoss")]
#[doc(alias = "SparseCategoricalCrossentropy")]
#[doc(alias = "softmax_cross_entropy_with_integer_labels")]
#[doc(alias = "softmax_loss")]
#[track_caller]
pub fn cross_entropy(logits: &Tensor, labels: &Labels) -> Tensor {
    labels.check_scores("cross_entropy", "logits", logits);
    labels.surprisal(&labels.without_ignored(logits))
}

/// [`cross_entropy`] with class weights and label smoothing.
///
/// ```text
/// ℓ = −Σⱼ wⱼ qⱼ ln pⱼ
/// qⱼ = (1 − ε) [y = j] + ε / C
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// y = labels
/// wⱼ = class_weightsⱼ
/// ε = label_smoothing
/// ```
///
/// # Shapes
/// As [`cross_entropy`]; w are the class weights and ε the label smoothing of the options, C the number of classes. A
/// class excluded by a logit of -∞ gets no share of ε: it is as if the class did not exist. Panics when the shapes do
/// not fit, or the label smoothing is outside of [0, 1].
///
/// # Gradient
/// `∂ℓ/∂xⱼ = pⱼ Σₖ wₖ qₖ - wⱼ qⱼ`; 0 where the label is ignored. No kinks.
///
/// # Estimates
/// With class weights, probabilities as if class j were wⱼ times as frequent: pⱼ ∝ wⱼ Pⱼ, for the frequencies P
/// of the classes given the input. With label smoothing, `(1 - ε) P + ε/C`: no class is ever certain. The values are
/// in [0, ∞); with smoothing the least is above 0.
///
/// # Stability
/// As [`cross_entropy`]; with label smoothing by [`Tensor::log_softmax`]. `0 · ln 0` counts as 0 in value and gradient.
///
/// # Example
/// ```
/// use minimand_loss::{CrossEntropyOptions, LabelError, Labels, cross_entropy_with};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]);
/// let labels = Labels::new([0, 2], 3)?;
/// let weights = Tensor::from([1.0, 1.0, 3.0]);
/// let options = CrossEntropyOptions { class_weights: Some(weights.clone()), label_smoothing: 0.1 };
/// let loss = cross_entropy_with(&logits, &labels, options);
/// assert_eq!(format!("{loss:.4}"), "[0.6014, 3.1494]");
/// assert_eq!(format!("{:.4}", labels.mean(&loss, Some(&weights))), "0.9377"); // Σ ℓ / Σ w_y
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[-0.2237, 0.0627, 0.1610],\n [0.9222, 0.9222, -1.8444]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// Class weights where errors on some classes cost more, or where the classes of the data are not those of the world;
/// [`Labels::balanced_class_weights`] makes all count the same. They trade calibration for recall: the probabilities
/// of the rare classes are then too high. Moving the threshold of an unweighted model often does as well. Label
/// smoothing tames wrong labels and overconfidence, and blurs the probabilities of the classes that are truly certain.
/// Take the mean with [`Labels::mean`] and the same weights; it divides by the weights of the labels, `Σ w_y`, with
/// smoothing too, as PyTorch does.
///
/// # Reference
/// Szegedy et al. 2016, "Rethinking the Inception architecture for computer vision", section 7 (label smoothing).
/// Usual: ε = 0.1.
///
/// # See also
/// [`cross_entropy`], [`cross_entropy_with_probabilities`](crate::cross_entropy_with_probabilities), which gives the
/// same for the one-hot form of the labels.
#[doc(alias = "label_smoothing")]
#[doc(alias = "smooth_labels")]
#[doc(alias = "class_weight")]
#[track_caller]
pub fn cross_entropy_with(logits: &Tensor, labels: &Labels, options: CrossEntropyOptions) -> Tensor {
    labels.check_scores("cross_entropy_with", "logits", logits);
    options.check("cross_entropy_with", logits);
    let x = labels.without_ignored(logits);
    if options.smoothing_in_type_of(&x) == 0.0 {
        return options.weighted(labels, labels.surprisal(&x));
    }
    options.surprisal_of_labels(labels, &x.log_softmax(-1))
}
