//! Distance and complete intersection over union.

use std::f64::consts::PI;

use minimand_tensor::Tensor;

use crate::detection::pair::{Pair, ratio};

/// One minus intersection over union, plus the squared distance of the centres relative to the enclosing box.
///
/// ```text
/// ℓ = 1 − I / U + ρ / (cw² + ch²)
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
/// By the quotient rule; the centres are drawn together at any distance. Kinks where edges meet: at equal edges each
/// box gets half; touching boxes count as disjoint.
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
/// use minimand_loss::diou;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 1.0, 1.0]]);
/// let target = Tensor::from([[1.0, 1.0, 3.0, 3.0], [0.0, 0.0, 1.0, 1.0]]);
/// let loss = diou(&prediction, &target);
/// assert_eq!(format!("{loss:.4}"), "[0.9683, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).at(0, 0)), "[-0.0593, -0.0593, -0.1780, -0.1780]");
/// ```
///
/// # When to use
/// For boxes that may be disjoint or nested; it converges faster than [`giou`](crate::giou). It misleads for concentric
/// boxes of different shape, where only the overlap is left: [`ciou`] and [`eiou`](crate::eiou) look at the sides too.
///
/// # Reference
/// Zheng et al. 2020, "Distance-IoU loss", equation 7. torchvision adds 1e-7 to both denominators.
///
/// # See also
/// [`ciou`], [`giou`](crate::giou), [`eiou`](crate::eiou).
#[doc(alias = "distance_box_iou_loss")]
#[track_caller]
pub fn diou(prediction: &Tensor, target: &Tensor) -> Tensor {
    let pair = Pair::of("diou", prediction, target);
    pair.distance() + pair.displacement()
}

/// Distance intersection over union, plus a penalty for a different aspect ratio.
///
/// ```text
/// ℓ = 1 − I / U + ρ / (cw² + ch²) + α v
/// α = 0 if v = 0 else v / (1 − I / U + v)
/// v = 4 / π² (atan2(W, H) − atan2(w, h))²
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
/// That of [`diou`], and `α ∂v/∂prediction`, with α held fixed: it is a weight and no part of what is minimised. Kinks
/// where edges meet: at equal edges each box gets half; touching boxes count as disjoint.
///
/// # Estimates
/// No statistic of the corners: it is least, 0, where the boxes are equal. From 0 to 3.
///
/// # Stability
/// Computed as `(U − I)/U`, so that identical boxes give exactly 0, those without an area too; other boxes without an
/// area have IoU 0. No constant is added to a denominator: 0/0 is 0, with gradient 0. The angle is that of `atan2`,
/// which a box without height or without size does not make NaN.
///
/// # Example
/// ```
/// use minimand_loss::ciou;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 1.0, 1.0]]);
/// let target = Tensor::from([[1.0, 1.0, 3.0, 3.0], [0.0, 0.0, 1.0, 1.0]]);
/// let loss = ciou(&prediction, &target);
/// assert_eq!(format!("{loss:.4}"), "[0.9683, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).at(0, 0)), "[-0.0593, -0.0593, -0.1780, -0.1780]");
/// ```
///
/// # When to use
/// The usual loss of modern detectors. It misleads when the aspect ratio is right and the size is not: v is 0 then, and
/// [`eiou`](crate::eiou) says more.
///
/// # Reference
/// Zheng et al. 2020, "Distance-IoU loss", equations 8 to 11. The authors' code drops the factor 1/(w² + h²) of the
/// gradient of v; as in torchvision it is kept. torchvision divides the sides: a box of size 0 is NaN there. It also
/// adds 1e-7 to the denominators, whatever its `eps` is.
///
/// # See also
/// [`diou`], [`eiou`](crate::eiou), [`siou`](crate::siou).
#[doc(alias = "complete_box_iou_loss")]
#[track_caller]
pub fn ciou(prediction: &Tensor, target: &Tensor) -> Tensor {
    let pair = Pair::of("ciou", prediction, target);
    let turn = pair.target_width.atan2(&pair.target_height) - pair.width.atan2(&pair.height);
    let v = 4.0 / PI.powi(2) * turn.square();
    let distance = pair.distance();
    let alpha = ratio(&v, &(&distance + &v)).detach();
    distance + pair.displacement() + alpha * v
}
