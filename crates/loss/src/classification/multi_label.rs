//! Several right classes at once, as lists of labels or as truth values.

use minimand_tensor::{DType, Tensor};

use crate::labels::{LabelError, LabelValue};
use crate::numbers::numbers;
use crate::shape::{repeats_to, same_shapes};

/// A list of labels for each example: which of the classes it belongs to.
///
/// ```
/// use minimand_loss::{LabelError, LabelLists};
///
/// let lists = LabelLists::new([[3, 0, -1, 1], [-1, 2, 2, 2]], 4)?; // -1 ends a list
/// assert_eq!(lists.counts().to_string(), "[[1, 0, 0, 1],\n [0, 0, 0, 0]]");
/// let error = LabelLists::new([[3, 0, 4, -1]], 4).unwrap_err();
/// assert_eq!(error.to_string(), "the label at position 2 is 4: with 4 classes a label is 0 to 3");
/// # Ok::<(), LabelError>(())
/// ```
#[derive(Clone, Debug)]
pub struct LabelLists {
    /// How often each class stands in each list, `[lists, classes]`, f64.
    counts: Tensor,
}

impl LabelLists {
    /// Lists of labels, each of which ends at the first −1 or with its row. What stands behind the end is not read. A label
    /// that stands twice in a list counts twice.
    ///
    /// # Errors
    /// Names the first label before the end of its list that is not a whole number in `0..classes`, and its position in
    /// row-major order.
    pub fn new<T: LabelValue, R: AsRef<[T]>>(rows: impl AsRef<[R]>, classes: usize) -> Result<LabelLists, LabelError> {
        let rows = rows.as_ref();
        let mut counts = vec![0.0; rows.len() * classes];
        let mut start = 0;
        for (row, labels) in rows.iter().enumerate() {
            let labels = labels.as_ref();
            let length = labels.iter().position(|label| label.whole() == Ok(-1)).unwrap_or(labels.len());
            for (position, label) in labels[..length].iter().enumerate() {
                let position = start + position;
                let value = label.whole().map_err(|value| LabelError::NotWhole { position, value })?;
                let label = usize::try_from(value).ok().filter(|label| *label < classes);
                let label = label.ok_or(LabelError::OutOfRange { position, value, classes })?;
                counts[row * classes + label] += 1.0;
            }
            start += labels.len();
        }
        let shape = [rows.len(), classes];
        Ok(LabelLists { counts: numbers(counts.into_iter(), DType::F64).reshape(shape) })
    }

    /// How often each class stands in each list: `[lists, classes]`, f64.
    pub fn counts(&self) -> &Tensor {
        &self.counts
    }
}

/// By how much the classes that are not in a list come nearer to those that are than a margin of 1, on average over the
/// classes.
///
/// ```text
/// ℓᵢ = Σ{j, k : nᵢⱼ > 0 and nᵢₖ = 0} nᵢⱼ max(1 − (xᵢⱼ − xᵢₖ), 0) / C
/// xᵢⱼ = scoresᵢⱼ
/// nᵢⱼ = countsᵢⱼ
/// ```
///
/// # Shapes
/// `scores` x of shape `[batch, C]` and `labels` of as many lists ([`LabelLists`]), in whose list i class j stands nᵢⱼ times (0
/// or 1, usually); one loss per list. x is any finite number. A list without labels, or with all classes, has loss 0. Panics
/// when the shapes do not fit.
///
/// # Gradient
/// For each pair of a class j in the list and a class k outside with `xⱼ − xₖ < 1`: −1/C by xⱼ and 1/C by xₖ. 0 at the
/// kinks.
///
/// # Estimates
/// No probability: an order in which the classes of the list come first, with a gap of 1. From 0 to ∞.
///
/// # Stability
/// Differences of scores are taken first. The largest temporary holds the C² pairs of each list.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, LabelLists, multi_label_margin};
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[0.1, 0.2, 0.4, 0.8]]);
/// let labels = LabelLists::new([[3, 0, -1, 1]], 4)?; // classes 3 and 0
/// let loss = multi_label_margin(&scores, &labels);
/// assert_eq!(format!("{loss:.4}"), "[0.8500]");
/// assert_eq!(format!("{:.1}", loss.sum().grad(&scores)), "[[-0.5, 0.5, 0.5, -0.5]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For tags of which only the order matters. It misleads through the format of its lists: −1 ends one, so that of `[3, 0,
/// −1, 1]` the 1 does not count; and through its divisor C, which makes few labels among many classes count little.
///
/// # Reference
/// Crammer and Singer, *A Family of Additive Online Algorithms for Category Ranking*, Journal of Machine Learning Research
/// 3, 2003, section 3; the divisor is PyTorch's. No parameters.
///
/// # See also
/// [`multi_label_soft_margin`], [`multi_margin`](crate::multi_margin), [`zlpr`](crate::zlpr).
#[doc(alias = "MultiLabelMarginLoss")]
#[doc(alias = "multilabel_margin_loss")]
#[track_caller]
pub fn multi_label_margin(scores: &Tensor, labels: &LabelLists) -> Tensor {
    let n = labels.counts.cast(scores.dtype());
    assert!(
        n.shape() == scores.shape(),
        "multi_label_margin: scores {} and counts {} of the labels must have the same shape",
        scores.shape(),
        n.shape()
    );
    let others = n.eq(0).cast(scores.dtype());
    let margins = (1.0 - (scores.unsqueeze(-1) - scores.unsqueeze(-2))).relu();
    (n.unsqueeze(-1) * others.unsqueeze(-2) * margins).sum_axis([-2, -1]) / scores.shape()[1] as f64
}

/// Binary cross-entropy of each class, on average over the classes.
///
/// ```text
/// ℓ = −Σⱼ wⱼ (yⱼ ln σ(xⱼ) + (1 − yⱼ) ln σ(−xⱼ)) / C
/// xⱼ = logitsⱼ
/// yⱼ = targetⱼ
/// wⱼ = class_weightsⱼ
/// C = classes
/// ```
///
/// # Shapes
/// `logits` x and `target` y of the same shape `[…, C]`, the last axis over the classes; one loss per row. x is any finite
/// number, y lies in [0, 1]. `class_weights` w of shape `[C]`, or none: 1. Panics when the shapes do not fit.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = wⱼ (σ(xⱼ) − yⱼ) / C`. No kinks.
///
/// # Estimates
/// The probability of each class by itself, σ(xⱼ); the weights change how much a class counts, not its minimiser. From 0 to
/// ∞.
///
/// # Stability
/// As [`binary_cross_entropy_with_logits`](crate::binary_cross_entropy_with_logits), whose mean over the classes it is.
///
/// # Example
/// ```
/// use minimand_loss::multi_label_soft_margin;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[0.0, 2.0]]);
/// let target = Tensor::from([[1.0, 0.0]]);
/// let loss = multi_label_soft_margin(&logits, &target, None);
/// assert_eq!(format!("{loss:.4}"), "[1.4100]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[[-0.2500, 0.4404]]");
/// ```
///
/// # When to use
/// Where PyTorch's numbers are to be reproduced; otherwise the binary cross-entropy with logits and its `.mean()` say the
/// same. It misleads with many rare classes: the easy negatives make up most of the mean.
///
/// # Reference
/// PyTorch's `MultiLabelSoftMarginLoss`. No parameters.
///
/// # See also
/// [`binary_cross_entropy_with_logits`](crate::binary_cross_entropy_with_logits), [`asymmetric`](crate::asymmetric),
/// [`zlpr`](crate::zlpr), [`multi_label_margin`].
#[doc(alias = "MultiLabelSoftMarginLoss")]
#[doc(alias = "multilabel_soft_margin_loss")]
#[track_caller]
pub fn multi_label_soft_margin(logits: &Tensor, target: &Tensor, class_weights: Option<&Tensor>) -> Tensor {
    same_shapes("multi_label_soft_margin", ("logits", logits), ("target", target));
    assert!(logits.rank() > 0, "multi_label_soft_margin: logits [] has no axis of classes");
    let (x, y) = (logits, target);
    let mut loss = y * (-x).softplus() + (1.0 - y) * x.softplus();
    if let Some(w) = class_weights {
        repeats_to("multi_label_soft_margin", ("class_weights", w), ("logits", x));
        loss *= w.cast(x.dtype());
    }
    loss.mean_axis(-1)
}
