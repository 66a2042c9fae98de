//! The set loss of DETR.

use minimand_tensor::Tensor;

use crate::detection::assignment::Assignment;
use crate::detection::giou;
use crate::labels::Labels;

/// Options of [`detr`].
#[derive(Clone, Copy, Debug)]
pub struct DetrOptions {
    /// The weight of the class in the matching, at least 0.
    pub class_cost: f64,
    /// The weight of the absolute error of boxes, in matching and loss, at least 0.
    pub box_weight: f64,
    /// The weight of generalised intersection over union, in matching and loss, at least 0.
    pub giou_weight: f64,
    /// The weight of "no object" in the cross-entropy, greater than 0.
    pub no_object: f64,
}

impl Default for DetrOptions {
    fn default() -> DetrOptions {
        DetrOptions { class_cost: 1.0, box_weight: 5.0, giou_weight: 2.0, no_object: 0.1 }
    }
}

/// Centre, width and height of boxes.
fn centred(boxes: &Tensor) -> Tensor {
    let (near, far) = (boxes.slice(-1, 0..2), boxes.slice(-1, 2..4));
    Tensor::concatenate([&(0.5 * (&near + &far)), &(far - near)], -1)
}

/// Loss of a set of predicted objects against the true ones, after matching them one to one.
///
/// ```text
/// ℓ = Σᵢ w[yᵢ] (−ln p[i, yᵢ]) / Σᵢ w[yᵢ]
///   + Σ{(i, j) matched} (λ₁ |b̂ᵢ − bⱼ|₁ + λ₂ giou(boxᵢ, boxⱼ)) / max(1, N)
/// matched = argmin over matchings of Σ −p[i, labelⱼ] + λ₁ |b̂ᵢ − bⱼ|₁ + λ₂ giou(boxᵢ, boxⱼ)
/// yᵢ = labelⱼ if i is matched with j, else no object
/// ```
///
/// # Shapes
/// For one image: `logits` of shape `[queries, classes]`, whose last class is "no object"; `boxes` of shape `[queries, 4]`;
/// `labels` of the N objects, shape `[objects]`, of classes − 1 classes; `target_boxes` of shape `[objects, 4]`; the loss is one
/// number. Boxes are left, top, right, bottom, relative to the image; b is centre, width and height. No object at all
/// is allowed, and so are more objects than queries, some of which then have no query. Panics when shapes do not fit.
///
/// # Gradient
/// That of weighted cross-entropy, and of absolute error and [`giou`](crate::giou) at the matched queries; the
/// matching does not depend smoothly on anything and passes none.
///
/// # Estimates
/// A set: each object by exactly one query. From 0 to ∞.
///
/// # Stability
/// By [`Tensor::log_softmax`]. The matching is computed at once, outside of the graph, by [`Assignment`](crate::Assignment):
/// what depends on it cannot be compiled once and run on other data.
///
/// # Example
/// ```
/// use minimand_loss::{DetrOptions, LabelError, Labels, detr};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[0.0, 0.0], [0.0, 0.0]]);
/// let boxes = Tensor::from([[0.5, 0.5, 1.0, 1.0], [0.0, 0.0, 0.5, 0.5]]);
/// let target_boxes = Tensor::from([[0.0, 0.0, 0.5, 0.4]]);
/// let loss = detr(&logits, &boxes, &Labels::new([0], 1)?, &target_boxes, DetrOptions::default());
/// assert_eq!(format!("{loss:.4}"), "1.8431");
/// assert_eq!(format!("{:.4}", loss.grad(&logits).at(0, 0)), "[0.0455, -0.0455]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For detectors that predict a set and need no suppression of duplicates. It misleads early in training: the matching
/// jumps from step to step, so that convergence is slow.
///
/// # Reference
/// Carion et al. 2020, "End-to-end object detection with transformers", equations 1 and 2. Usual: 1, 5, 2 and 0.1.
///
/// # See also
/// [`giou`](crate::giou), [`cross_entropy_with`](crate::cross_entropy_with), [`absolute_error`](crate::absolute_error).
#[doc(alias = "SetCriterion")]
#[doc(alias = "HungarianMatcher")]
#[track_caller]
pub fn detr(logits: &Tensor, boxes: &Tensor, labels: &Labels, target_boxes: &Tensor, options: DetrOptions) -> Tensor {
    let (queries, classes) = (boxes.shape().first().copied().unwrap_or(0), labels.classes() + 1);
    let (shape, edges) = (logits.shape(), boxes.shape());
    let fits = *shape == [queries, classes] && *edges == [queries, 4];
    assert!(fits, "detr: logits {shape} and boxes {edges} do not fit labels of {} classes", labels.classes());
    let objects = labels.len();
    let fits = labels.shape().rank() == 1 && *target_boxes.shape() == [objects, 4];
    assert!(fits, "detr: labels {} and target_boxes {} do not fit", labels.shape(), target_boxes.shape());

    let (own, theirs) = (centred(boxes), centred(target_boxes));
    let pairs = {
        let wide = |x: &Tensor| x.detach().unsqueeze(1).expand([queries, objects, 4]);
        let high = |x: &Tensor| x.detach().unsqueeze(0).expand([queries, objects, 4]);
        let class = logits.detach().softmax(-1).index_select(1, labels.index());
        let edges = (wide(&own) - high(&theirs)).abs().sum_axis(-1);
        let overlap = giou(&wide(boxes), &high(target_boxes));
        let cost = options.box_weight * edges + options.giou_weight * overlap - options.class_cost * class;
        Assignment::least(&cost)
    };
    let index: Vec<i64> = labels.index().to_vec();
    let mut named = vec![classes as i64 - 1; queries];
    pairs.pairs().iter().for_each(|&(query, object)| named[query] = index[object]);
    let truth = Tensor::iota(classes).eq(Tensor::from(named.clone()).unsqueeze(-1));
    let weights: Vec<f64> =
        named.iter().map(|&class| if class == classes as i64 - 1 { options.no_object } else { 1.0 }).collect();
    let weights = crate::numbers::numbers(weights.into_iter(), logits.dtype());
    let surprisal = -truth.select(logits.log_softmax(-1), 0).sum_axis(-1);
    let class = (&weights * surprisal).sum() / weights.sum();

    let positions = |of: Vec<usize>| Tensor::from(of.into_iter().map(|at| at as i64).collect::<Vec<i64>>());
    let (rows, columns) = (positions(pairs.rows()), positions(pairs.columns()));
    let at = |x: &Tensor, index: &Tensor| x.index_select(0, index);
    let edges = (at(&own, &rows) - at(&theirs, &columns)).abs().sum();
    let overlap = giou(&at(boxes, &rows), &at(target_boxes, &columns)).sum();
    class + (options.box_weight * edges + options.giou_weight * overlap) / objects.max(1) as f64
}
