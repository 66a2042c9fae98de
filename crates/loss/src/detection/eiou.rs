//! Box losses that look at the sides and the corners one by one.

use minimand_tensor::Tensor;

use crate::detection::pair::{Pair, ratio, squared_ratio};

/// Distance intersection over union, plus squared differences of width and height relative to the enclosing box.
///
/// ```text
/// ℓ = 1 − I / U + ρ / (cw² + ch²) + (w − W)² / cw² + (h − H)² / ch²
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
/// By the quotient rule; width and height each have a pull of their own. Kinks where edges meet: at equal edges each
/// box gets half; touching boxes count as disjoint.
///
/// # Estimates
/// No statistic of the corners: it is least, 0, where the boxes are equal. From 0 to 4.
///
/// # Stability
/// Computed as `(U − I)/U`, so that identical boxes give exactly 0, those without an area too; other boxes without an
/// area have IoU 0. No constant is added to a denominator: 0/0 is 0, with gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::eiou;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 1.0, 1.0]]);
/// let target = Tensor::from([[1.0, 1.0, 3.0, 3.0], [0.0, 0.0, 1.0, 1.0]]);
/// let loss = eiou(&prediction, &target);
/// assert_eq!(format!("{loss:.4}"), "[0.9683, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).at(0, 0)), "[-0.0593, -0.0593, -0.1780, -0.1780]");
/// ```
///
/// # When to use
/// Where [`ciou`](crate::ciou) stalls because the aspect ratio is right and the size is not. It misleads on noisy small
/// boxes, whose sides differ much relative to the enclosing box.
///
/// # Reference
/// Zhang et al. 2022, "Focal and efficient IOU loss", equation 8. No parameters.
///
/// # See also
/// [`ciou`](crate::ciou), [`siou`], [`mpd_iou`].
#[doc(alias = "EIoU")]
#[doc(alias = "efficient_iou")]
#[track_caller]
pub fn eiou(prediction: &Tensor, target: &Tensor) -> Tensor {
    let pair = Pair::of("eiou", prediction, target);
    let [wider, higher] = pair.growth();
    let sides = squared_ratio(&wider, &pair.outer_width) + squared_ratio(&higher, &pair.outer_height);
    pair.distance() + pair.displacement() + sides
}

/// One minus intersection over union, plus half a distance cost that knows the angle and half a shape cost.
///
/// ```text
/// ℓ = 1 − I / U + (Δ + Ω) / 2
/// Δ = 2 − exp(−γ dx² / cw²) − exp(−γ dy² / ch²)
/// γ = 2 − Λ
/// Λ = 0 if ρ = 0 else 2 |dx| |dy| / ρ
/// ρ = dx² + dy²
/// Ω = (1 − exp(−|w − W| / max(w, W)))^θ + (1 − exp(−|h − H| / max(h, H)))^θ
/// dx = (l + r − L − R) / 2
/// dy = (t + b − T − B) / 2
/// θ = theta
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
/// `[…]`. Left ≤ right and top ≤ bottom, not checked ([`Boxes`](crate::Boxes) does). `theta > 0`. Panics when the
/// shapes differ or the last axis is not 4.
///
/// # Gradient
/// That of the formula. Kinks at equal sides, where for θ ≥ 1 the slope is 0 or shared, and where centres lie on one
/// horizontal or vertical line (slope 0 there). Kinks where edges meet: at equal edges each box gets half; touching
/// boxes count as disjoint.
///
/// # Estimates
/// No statistic of the corners: it is least, 0, where the boxes are equal. From 0 to 3.
///
/// # Stability
/// Computed as `(U − I)/U`, so that identical boxes give exactly 0, those without an area too; other boxes without an
/// area have IoU 0. No constant is added to a denominator: 0/0 is 0, with gradient 0. The angle cost `sin 2φ` is `2 sin
/// φ cos φ`: no arcsine, whose slope at ±1 is infinite.
///
/// # Example
/// ```
/// use minimand_loss::siou;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 1.0, 1.0]]);
/// let target = Tensor::from([[1.0, 1.0, 3.0, 3.0], [0.0, 0.0, 1.0, 1.0]]);
/// let loss = siou(&prediction, &target, 4.0);
/// assert_eq!(format!("{loss:.4}"), "[0.9623, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).at(0, 0)), "[-0.0574, -0.0574, -0.1722, -0.1722]");
/// ```
///
/// # When to use
/// For detectors trained from far-off boxes: it draws a box to the nearer axis of its target first. It misleads as a
/// measure: three parts on different scales, and θ decides how much shape counts.
///
/// # Reference
/// Gevorgyan 2022, "SIoU loss: more powerful learning for bounding box regression", equations 1 to 9. Usual: θ = 4,
/// from 2 to 6.
///
/// # See also
/// [`ciou`](crate::ciou), [`eiou`].
#[doc(alias = "SIoU")]
#[track_caller]
pub fn siou(prediction: &Tensor, target: &Tensor, theta: f64) -> Tensor {
    assert!(theta > 0.0, "siou: theta is {theta} and must be greater than 0");
    let pair = Pair::of("siou", prediction, target);
    let (across, down) = (pair.across.abs(), pair.down.abs());
    let gamma = 2.0 - 2.0 * ratio(&(across * down), &pair.centres());
    let near = |side: &Tensor, outer: &Tensor| -(-&gamma * squared_ratio(side, outer)).exp_m1();
    let distance = near(&pair.across, &pair.outer_width) + near(&pair.down, &pair.outer_height);
    let shape = |side: &Tensor, other: &Tensor| {
        let cost = -(-ratio(&(side - other).abs(), &side.maximum(other))).exp_m1();
        let same = cost.eq(0);
        same.select(0, same.select(1, cost).pow(theta))
    };
    let shape = shape(&pair.width, &pair.target_width) + shape(&pair.height, &pair.target_height);
    pair.distance() + 0.5 * (distance + shape)
}

/// One minus intersection over union, plus the squared distances of two corners relative to the image.
///
/// ```text
/// ℓ = 1 − I / U + ((l − L)² + (t − T)² + (r − R)² + (b − B)²) / (width² + height²)
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
/// `[…]`. Left ≤ right and top ≤ bottom, not checked ([`Boxes`](crate::Boxes) does). `width > 0` and `height > 0` are
/// those of the image. Panics when the shapes differ or the last axis is not 4.
///
/// # Gradient
/// By the quotient rule, and `2 (l − L)/(width² + height²)` and so on: each edge is drawn to its own, overlapping or
/// not. Kinks where edges meet: at equal edges each box gets half; touching boxes count as disjoint.
///
/// # Estimates
/// No statistic of the corners: it is least, 0, where the boxes are equal. From 0 to 3 for boxes inside of the image.
///
/// # Stability
/// Computed as `(U − I)/U`, so that identical boxes give exactly 0, those without an area too; other boxes without an
/// area have IoU 0. No constant is added to a denominator: 0/0 is 0, with gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::mpd_iou;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 1.0, 1.0]]);
/// let target = Tensor::from([[1.0, 1.0, 3.0, 3.0], [0.0, 0.0, 1.0, 1.0]]);
/// let loss = mpd_iou(&prediction, &target, 10.0, 10.0);
/// assert_eq!(format!("{loss:.4}"), "[0.8771, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).at(0, 0)), "[-0.0508, -0.0508, -0.1324, -0.1324]");
/// ```
///
/// # When to use
/// When the enclosing box of [`diou`](crate::diou) makes training unsteady: here the scale is that of the image. It
/// misleads on small objects in large images, where the distances of corners hardly count.
///
/// # Reference
/// Ma & Xu 2023, "MPDIoU: a loss for efficient and accurate bounding box regression", equations 7 and 8. `width` and
/// `height` of the image in the unit of the boxes: 1 and 1 for relative ones.
///
/// # See also
/// [`diou`](crate::diou), [`eiou`].
#[doc(alias = "MPDIoU")]
#[track_caller]
pub fn mpd_iou(prediction: &Tensor, target: &Tensor, width: f64, height: f64) -> Tensor {
    for (name, side) in [("width", width), ("height", height)] {
        assert!(side > 0.0, "mpd_iou: {name} is {side} and must be greater than 0");
    }
    let pair = Pair::of("mpd_iou", prediction, target);
    pair.distance() + &pair.corners / (width * width + height * height)
}
