//! Generalised intersection over union.

use minimand_tensor::Tensor;

use crate::detection::pair::Pair;

/// One minus generalised intersection over union: disjoint boxes also count the gap between them.
///
/// ```text
/// ℓ = 1 − I / U + (C − U) / C
/// C = cw ch
/// cw = max(r, R) − min(l, L)
/// ch = max(b, B) − min(t, T)
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
/// By the quotient rule; disjoint boxes are drawn together by the enclosing box. Kinks where edges meet: at equal edges
/// each box gets half; touching boxes count as disjoint.
///
/// # Estimates
/// No statistic of the corners: it is least, 0, where the boxes are equal. From 0 to 2.
///
/// # Stability
/// Computed as `(U − I)/U`, so that identical boxes give exactly 0, those without an area too; other boxes without an
/// area have IoU 0. No constant is added to a denominator: 0/0 is 0, with gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::giou;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 1.0, 1.0]]);
/// let target = Tensor::from([[1.0, 1.0, 3.0, 3.0], [0.0, 0.0, 1.0, 1.0]]);
/// let loss = giou(&prediction, &target);
/// assert_eq!(format!("{loss:.4}"), "[1.0794, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).at(0, 0)), "[-0.0779, -0.0779, -0.2336, -0.2336]");
/// ```
///
/// # When to use
/// The usual loss of boxes that may be disjoint. It misleads when one box contains the other: C = U, and it is
/// [`iou`](crate::iou), blind to where the inner one lies; [`diou`](crate::diou) is not.
///
/// # Reference
/// Rezatofighi et al. 2019, "Generalized intersection over union", algorithm 1. torchvision adds 1e-7 to both
/// denominators, so that identical boxes keep about 1e-7 of loss.
///
/// # See also
/// [`iou`](crate::iou), [`diou`](crate::diou), [`ciou`](crate::ciou).
#[doc(alias = "generalized_box_iou_loss")]
#[track_caller]
pub fn giou(prediction: &Tensor, target: &Tensor) -> Tensor {
    let pair = Pair::of("giou", prediction, target);
    pair.distance() + pair.emptiness()
}
