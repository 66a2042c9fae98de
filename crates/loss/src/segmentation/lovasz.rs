//! Lovász losses: the convex extension of one minus intersection over union.

use minimand_tensor::Tensor;

use crate::labels::Labels;
use crate::segmentation::region::{check_masks, quotient, rows};

/// `Σₖ eₖ (Jₖ − Jₖ₋₁)` along the last axis, for errors in descending order and the Jaccard distance J of taking the first k
/// pixels as wrong. `counted` (0 or 1) says which pixels exist; the others must have the error 0, or one that `positive` cuts off.
fn extension(errors: &Tensor, foreground: &Tensor, counted: Option<&Tensor>, positive: bool) -> Tensor {
    // Pixels that do not count come last.
    let key = match counted {
        Some(counted) => counted.gt(0).select(errors.detach(), f64::NEG_INFINITY),
        None => errors.detach(),
    };
    let order = key.argsort_descending(-1);
    let sorted = errors.take_along_axis(-1, &order);
    let foreground = foreground.take_along_axis(-1, &order);
    let background = match counted {
        Some(counted) => counted.take_along_axis(-1, &order) - &foreground,
        None => 1.0 - &foreground,
    };
    let size = foreground.sum_keepdim(-1);
    let union = &size + background.cumulative_sum(-1);
    let distance = quotient(&(&union - &size + foreground.cumulative_sum(-1)), &union);
    let pixels = distance.shape()[distance.rank() - 1];
    let before = distance.pad(-1, 1, 0).slice(-1, 0..pixels);
    let sorted = if positive { sorted.relu() } else { sorted };
    (sorted * (distance - before).detach()).sum_axis(-1)
}

/// Lovász extension of the Jaccard distance at the hinges of logits, per image.
///
/// ```text
/// ℓᵢ = Σₖ max(0, mᵢₖ) (Jᵢₖ − Kᵢₖ)
/// mᵢₖ = 1 − logitsᵢₖ (2 targetᵢₖ − 1)
/// Jᵢₖ = 1 − (Tᵢ − Σₗ [mᵢₗ ≥ mᵢₖ] targetᵢₗ) / (Tᵢ + Σₗ [mᵢₗ ≥ mᵢₖ] (1 − targetᵢₗ))
/// Kᵢₖ = 0 if Σₗ [mᵢₗ > mᵢₖ] = 0 else 1 − (Tᵢ − Σₗ [mᵢₗ > mᵢₖ] targetᵢₗ) / (Tᵢ + Σₗ [mᵢₗ > mᵢₖ] (1 − targetᵢₗ))
/// Tᵢ = Σₗ targetᵢₗ
/// ```
///
/// # Shapes
/// `logits` (any numbers) and `target` (0 or 1) of the same shape `[batch, pixels…]`; one loss per image, shape `[batch]`.
/// For the overlap over a whole batch reshape it to one image. Panics when the shapes differ.
///
/// # Gradient
/// `∂ℓ/∂logits = ∓(J − K)` where the hinge is above 0, else 0: the steps of the Jaccard distance in the order of the hinges,
/// constant between changes of that order. Equal hinges share their steps in the order of the pixels.
///
/// # Estimates
/// The sign of the logits for the mask of greatest expected intersection over union. From 0, where all hinges are 0 or
/// below, to ∞; convex in the logits, and the Jaccard distance itself where each hinge is 0 or 1.
///
/// # Stability
/// Sums of 0 and 1 only; an image without foreground has the union of its first pixels, never 0/0: its greatest hinge
/// is its loss.
///
/// # Example
/// ```
/// use minimand_loss::lovasz_hinge;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[0.5, 0.5, -3.0]]);
/// let target = Tensor::from([[1.0, 0.0, 0.0]]);
/// let loss = lovasz_hinge(&logits, &target);
/// assert_eq!(format!("{loss:.4}"), "[1.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[[-0.5000, 0.5000, 0.0000]]");
/// ```
///
/// # When to use
/// To fine-tune a binary mask for intersection over union. It misleads from a random start, where the order of the errors
/// says little: begin with cross-entropy. Per image it is not the loss of the batch, which counts small objects less.
///
/// # Reference
/// Berman et al. 2018, "The Lovász-softmax loss", equation 8 and algorithm 1; Yu & Blaschko 2015. No parameters.
/// segmentation_models_pytorch takes the batch as one image unless `per_image=True`.
///
/// # See also
/// [`lovasz_softmax`], [`jaccard`](crate::jaccard).
#[doc(alias = "LovaszLoss")]
#[doc(alias = "lovasz_hinge_loss")]
#[track_caller]
pub fn lovasz_hinge(logits: &Tensor, target: &Tensor) -> Tensor {
    check_masks("lovasz_hinge", ("logits", logits), target);
    let (x, t) = (rows(logits), rows(target).detach());
    extension(&(1.0 - x * (2.0 * &t - 1.0)), &t, None, true)
}

/// Which classes count in [`lovasz_softmax`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LovaszClasses {
    /// Those that the image has.
    #[default]
    Present,
    /// All; one that the image lacks costs the greatest probability given to it.
    All,
}

/// Lovász extension of the Jaccard distance at the errors of softmax, averaged over the classes of an image.
///
/// ```text
/// ℓᵢ = Σⱼ wᵢⱼ Σₖ eᵢₖⱼ (Jᵢₖⱼ − Kᵢₖⱼ) / max(1, Σⱼ wᵢⱼ)
/// eᵢₖⱼ = |[labelsᵢₖ = j] − pᵢₖⱼ|
/// pᵢₖⱼ = exp logitsᵢₖⱼ / Σₘ exp logitsᵢₖₘ
/// wᵢⱼ = 1 if Tᵢⱼ > 0 else 0
/// Jᵢₖⱼ = 1 − (Tᵢⱼ − Σₗ [eᵢₗⱼ ≥ eᵢₖⱼ] [labelsᵢₗ = j]) / (Tᵢⱼ + Σₗ [eᵢₗⱼ ≥ eᵢₖⱼ] [labelsᵢₗ ≠ j])
/// Kᵢₖⱼ = 1 − (Tᵢⱼ − Σₗ [eᵢₗⱼ > eᵢₖⱼ] [labelsᵢₗ = j]) / max(1, Tᵢⱼ + Σₗ [eᵢₗⱼ > eᵢₖⱼ] [labelsᵢₗ ≠ j])
/// Tᵢⱼ = Σₗ [labelsᵢₗ = j]
/// ```
///
/// # Shapes
/// `logits` of shape `[batch, pixels…, classes]`, any numbers, and `labels` of shape `[batch, pixels…]`; one loss per image,
/// shape `[batch]`. `classes` says which are averaged: those present in the image, as in the formula, or all. Ignored
/// labels count nowhere. Panics when the logits do not have the shape of the labels followed by the classes.
///
/// # Gradient
/// `∓(J − K)` over the number of classes, through softmax: the steps of the Jaccard distance in the order of the errors,
/// constant between changes of that order. Equal errors take their steps in the order of the pixels.
///
/// # Estimates
/// The labels of greatest expected mean intersection over union. From 0 to 1.
///
/// # Stability
/// Sorted with the foreground indicator of each class, not the class numbers. An image all of whose labels are ignored has
/// loss 0 and gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, LovaszClasses, lovasz_softmax};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]]]);
/// let labels = Labels::new([0, 0, 1], 2)?.reshape([1, 3]);
/// let loss = lovasz_softmax(&logits, &labels, LovaszClasses::Present);
/// assert_eq!(format!("{loss:.4}"), "[0.2590]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits).at(1, 0)), "[[-0.1250, 0.1250]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// To fine-tune a network for mean intersection over union, after cross-entropy or beside it. It misleads from a random
/// start; and images of one class give little to learn when only present classes count.
///
/// # Reference
/// Berman et al. 2018, "The Lovász-softmax loss", equation 11 and algorithm 1. segmentation_models_pytorch takes the
/// batch as one image; kornia averages over all classes, before 0.9 with class numbers in place of the indicator (wrong for
/// more than two classes).
///
/// # See also
/// [`lovasz_hinge`], [`jaccard`](crate::jaccard), [`cross_entropy`](crate::cross_entropy).
#[doc(alias = "LovaszLoss(multiclass)")]
#[doc(alias = "lovasz_softmax_loss")]
#[track_caller]
pub fn lovasz_softmax(logits: &Tensor, labels: &Labels, classes: LovaszClasses) -> Tensor {
    labels.check_scores("lovasz_softmax", "logits", logits);
    let (rank, count) = (logits.rank(), labels.classes());
    assert!(rank >= 2, "lovasz_softmax: logits {} must have the axes [batch, pixels…, classes]", logits.shape());
    let batch = logits.shape()[0];
    let shape = [batch, logits.elements() / (batch * count).max(1), count];
    let p = labels.without_ignored(logits).softmax(-1).reshape(shape).swap_axes(1, 2);
    let foreground = labels.truth().cast(p.dtype()).reshape(shape).swap_axes(1, 2);
    let counted = labels.kept().map(|kept| kept.cast(p.dtype()).reshape([batch, 1, shape[1]]).expand(p.shape()));
    let mut errors = (&foreground - p).abs();
    if let Some(counted) = &counted {
        errors *= counted;
    }
    let loss = extension(&errors, &foreground, counted.as_ref(), false);
    match classes {
        LovaszClasses::All => loss.mean_axis(-1),
        LovaszClasses::Present => {
            let present = foreground.sum_axis(-1).gt(0).cast(loss.dtype());
            (loss * &present).sum_axis(-1) / present.sum_axis(-1).clamp_min(1)
        }
    }
}
