//! Losses of intersection over union of boxes alone.

use minimand_tensor::Tensor;

use crate::detection::pair::Pair;

/// One minus intersection over union of a predicted and a true box.
///
/// ```text
/// ℓ = 1 − I / U
/// I = max(0, min(r, R) − max(l, L)) max(0, min(b, B) − max(t, T))
/// U = w h + W H − I
/// w = r − l
/// h = b − t
/// W = R − L
/// H = B − T
/// l = prediction[0]
/// t = prediction[1]
/// r = prediction[2]
/// b = prediction[3]
/// L = target[0]
/// T = target[1]
/// R = target[2]
/// B = target[3]
/// ```
///
/// # Shapes
/// `prediction` and `target` of the same shape `[…, 4]`, boxes as left, top, right, bottom; one loss per box, shape
/// `[…]`. Left ≤ right and top ≤ bottom, not checked ([`Boxes`](crate::Boxes) does). Panics when the shapes differ or
/// the last axis is not 4.
///
/// # Gradient
/// By the quotient rule; 0 for disjoint boxes. Kinks where edges meet: at equal edges each box gets half; touching
/// boxes count as disjoint.
///
/// # Estimates
/// No statistic of the corners: it is least, 0, where the boxes are equal. From 0 to 1.
///
/// # Stability
/// Computed as `(U − I)/U`, so that identical boxes give exactly 0, those without an area too; other boxes without an
/// area have IoU 0. No constant is added to a denominator: 0/0 is 0, with gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::iou;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 1.0, 1.0]]);
/// let target = Tensor::from([[1.0, 1.0, 3.0, 3.0], [0.0, 0.0, 1.0, 1.0]]);
/// let loss = iou(&prediction, &target);
/// assert_eq!(format!("{loss:.4}"), "[0.8571, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).at(0, 0)), "[-0.0408, -0.0408, -0.1224, -0.1224]");
/// ```
///
/// # When to use
/// To measure boxes, or to refine those that overlap already. It misleads for disjoint boxes: the loss is 1 and the
/// gradient 0, however far they are apart; take [`giou`](crate::giou) or [`diou`](crate::diou).
///
/// # Reference
/// Jaccard 1901; as a loss Rahman & Wang 2016, "Optimizing intersection-over-union in deep neural networks". No
/// parameters.
///
/// # See also
/// [`log_iou`], [`giou`](crate::giou), [`alpha_iou`](crate::alpha_iou).
#[doc(alias = "iou_loss")]
#[doc(alias = "box_iou")]
#[track_caller]
pub fn iou(prediction: &Tensor, target: &Tensor) -> Tensor {
    Pair::of("iou", prediction, target).distance()
}

/// Negative logarithm of intersection over union of a predicted and a true box.
///
/// ```text
/// ℓ = −ln(I / U)
/// I = max(0, min(r, R) − max(l, L)) max(0, min(b, B) − max(t, T))
/// U = w h + W H − I
/// w = r − l
/// h = b − t
/// W = R − L
/// H = B − T
/// l = prediction[0]
/// t = prediction[1]
/// r = prediction[2]
/// b = prediction[3]
/// L = target[0]
/// T = target[1]
/// R = target[2]
/// B = target[3]
/// ```
///
/// # Shapes
/// `prediction` and `target` of the same shape `[…, 4]`, boxes as left, top, right, bottom; one loss per box, shape
/// `[…]`. Left ≤ right and top ≤ bottom, not checked ([`Boxes`](crate::Boxes) does). Panics when the shapes differ or
/// the last axis is not 4.
///
/// # Gradient
/// That of [`iou`] over the intersection over union: the less two boxes overlap, the harder it pulls. 0 for disjoint
/// boxes. Kinks where edges meet: at equal edges each box gets half; touching boxes count as disjoint.
///
/// # Estimates
/// No statistic of the corners: it is least, 0, where the boxes are equal. From 0 to ∞.
///
/// # Stability
/// Computed as `ln(1 + (U − I)/I)`: identical boxes give exactly 0. Disjoint boxes give ∞, with gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::log_iou;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 1.0, 1.0]]);
/// let target = Tensor::from([[1.0, 1.0, 3.0, 3.0], [0.0, 0.0, 1.0, 1.0]]);
/// let loss = log_iou(&prediction, &target);
/// assert_eq!(format!("{loss:.4}"), "[1.9459, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).at(0, 0)), "[-0.2857, -0.2857, -0.8571, -0.8571]");
/// ```
///
/// # When to use
/// For anchors that are known to overlap their box. It misleads otherwise: one disjoint pair makes the mean infinite.
///
/// # Reference
/// Yu et al. 2016, "UnitBox: an advanced object detection network", equation 1. No parameters.
///
/// # See also
/// [`iou`], [`log_jaccard`](crate::log_jaccard).
#[doc(alias = "UnitBox")]
#[track_caller]
pub fn log_iou(prediction: &Tensor, target: &Tensor) -> Tensor {
    let (logarithm, disjoint) = Pair::of("log_iou", prediction, target).log_overlap();
    disjoint.select(f64::INFINITY, -logarithm)
}
