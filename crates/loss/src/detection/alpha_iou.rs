//! Intersection over union to a power, and weighted by distance.

use minimand_tensor::Tensor;

use crate::detection::pair::{Pair, ratio};

/// One minus a power of intersection over union.
///
/// ```text
/// ℓ = 1 − (I / U)^α
/// α = alpha
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
/// `[…]`. Left ≤ right and top ≤ bottom, not checked ([`Boxes`](crate::Boxes) does). `alpha > 0`. Panics when the
/// shapes differ or the last axis is not 4.
///
/// # Gradient
/// `α IoU^(α − 1)` times that of [`iou`](crate::iou); 0 for disjoint boxes. Kinks where edges meet: at equal edges each
/// box gets half; touching boxes count as disjoint.
///
/// # Estimates
/// No statistic of the corners: it is least, 0, where the boxes are equal. From 0 to 1.
///
/// # Stability
/// Computed as `1 − exp(α ln IoU)` by functions exact near IoU = 1: identical boxes give exactly 0, disjoint ones 1
/// with gradient 0 for every α.
///
/// # Example
/// ```
/// use minimand_loss::alpha_iou;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 1.0, 1.0]]);
/// let target = Tensor::from([[1.0, 1.0, 3.0, 3.0], [0.0, 0.0, 1.0, 1.0]]);
/// let loss = alpha_iou(&prediction, &target, 3.0);
/// assert_eq!(format!("{loss:.4}"), "[0.9971, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).at(0, 0)), "[-0.0025, -0.0025, -0.0075, -0.0075]");
/// ```
///
/// # When to use
/// With α > 1 it gives boxes that are nearly right more to learn, for detection at high thresholds. It misleads early
/// in training: with α = 3 boxes of little overlap have almost no gradient.
///
/// # Reference
/// He et al. 2021, "Alpha-IoU: a family of power intersection over union losses", equation 3. Usual: α = 3.
///
/// # See also
/// [`iou`](crate::iou): α = 1; [`log_iou`](crate::log_iou): the limit of `ℓ/α` as α → 0.
#[doc(alias = "AlphaIoU")]
#[track_caller]
pub fn alpha_iou(prediction: &Tensor, target: &Tensor, alpha: f64) -> Tensor {
    assert!(alpha > 0.0, "alpha_iou: alpha is {alpha} and must be greater than 0");
    let (logarithm, disjoint) = Pair::of("alpha_iou", prediction, target).log_overlap();
    disjoint.select(1, -(alpha * logarithm).exp_m1())
}

/// One minus intersection over union, weighted by how far the centres are apart.
///
/// ```text
/// ℓ = exp(ρ / (cw² + ch²)) (1 − I / U)
/// ρ = (l + r − L − R)² / 4 + (t + b − T − B)² / 4
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
/// By the product rule, with the enclosing diagonal `cw² + ch²` held fixed: no box grows to lessen its loss. Kinks
/// where edges meet: at equal edges each box gets half; touching boxes count as disjoint.
///
/// # Estimates
/// No statistic of the corners: it is least, 0, where the boxes are equal. From 0 to e.
///
/// # Stability
/// Computed as `(U − I)/U`, so that identical boxes give exactly 0, those without an area too; other boxes without an
/// area have IoU 0. No constant is added to a denominator: 0/0 is 0, with gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::wise_iou;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 1.0, 1.0]]);
/// let target = Tensor::from([[1.0, 1.0, 3.0, 3.0], [0.0, 0.0, 1.0, 1.0]]);
/// let loss = wise_iou(&prediction, &target);
/// assert_eq!(format!("{loss:.4}"), "[0.9579, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).at(0, 0)), "[-0.0988, -0.0988, -0.1901, -0.1901]");
/// ```
///
/// # When to use
/// For data with boxes of mixed quality. It misleads as a measure: the weight, up to e, depends on the distance, not on
/// the overlap.
///
/// # Reference
/// Tong et al. 2023, "Wise-IoU: bounding box regression loss with dynamic focusing mechanism", equations 5 and 6
/// (version 1). No parameters.
///
/// # See also
/// [`diou`](crate::diou), [`iou`](crate::iou).
#[doc(alias = "WIoU")]
#[track_caller]
pub fn wise_iou(prediction: &Tensor, target: &Tensor) -> Tensor {
    let pair = Pair::of("wise_iou", prediction, target);
    let weight = ratio(&pair.centres(), &pair.diagonal().detach()).exp();
    weight * pair.distance()
}
