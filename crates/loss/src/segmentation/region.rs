//! Regions of pixels: agreement of shapes, and how much of a predicted and a true region they share.

use minimand_tensor::Tensor;

use crate::shape::same_shapes;

/// Panics unless a prediction and its target have the same shape and an axis for the batch and one for the classes.
#[track_caller]
pub(super) fn check_regions(loss: &str, prediction: (&str, &Tensor), target: &Tensor) {
    same_shapes(loss, prediction, ("target", target));
    let (name, tensor) = prediction;
    let shape = tensor.shape();
    assert!(tensor.rank() >= 2, "{loss}: {name} {shape} must have the axes [batch, pixels…, classes]");
}

/// Panics unless there are pixels: axes between the batch and the classes.
#[track_caller]
pub(super) fn check_has_pixel_axes(loss: &str, prediction: &Tensor) {
    let shape = prediction.shape();
    assert!(prediction.rank() >= 3, "{loss}: prediction {shape} must have the axes [batch, pixels…, classes]");
}

/// Panics unless a prediction and its target have the same shape, the first axis over the batch.
#[track_caller]
pub(super) fn check_masks(loss: &str, prediction: (&str, &Tensor), target: &Tensor) {
    same_shapes(loss, prediction, ("target", target));
    let (name, tensor) = prediction;
    assert!(tensor.rank() >= 1, "{loss}: {name} {} must have the axes [batch, pixels…]", tensor.shape());
}

/// The sum over the pixels: all axes but the first and the last.
pub(super) fn over_pixels(x: &Tensor) -> Tensor {
    let shape = x.shape();
    let (batch, classes) = (shape[0], shape[shape.rank() - 1]);
    let pixels = shape[1..shape.rank() - 1].iter().product();
    x.reshape([batch, pixels, classes]).sum_axis(1)
}

/// The images of a batch, each as a row of its pixels.
pub(super) fn rows(x: &Tensor) -> Tensor {
    let pixels = x.shape()[1..].iter().product();
    x.reshape([x.shape()[0], pixels])
}

/// Probabilities of the classes: softmax, or for a single class, where that were 1, the logistic function.
pub(super) fn probabilities(logits: &Tensor) -> Tensor {
    if logits.shape().last() == Some(&1) { logits.sigmoid() } else { logits.softmax(-1) }
}

/// A quotient of which 0/0 is 0, with gradient 0.
pub(super) fn quotient(numerator: &Tensor, denominator: &Tensor) -> Tensor {
    numerator / denominator.eq(0).select(1, denominator)
}

/// What a prediction and its target share, per image and class.
pub(super) struct Overlap {
    /// What both have.
    pub(super) common: Tensor,
    /// What only the prediction has.
    pub(super) excess: Tensor,
    /// What only the target has.
    pub(super) missed: Tensor,
}

impl Overlap {
    /// By the product of probabilities.
    pub(super) fn by_product(prediction: &Tensor, target: &Tensor) -> Overlap {
        Overlap {
            common: over_pixels(&(prediction * target)),
            excess: over_pixels(&(prediction * (1.0 - target))),
            missed: over_pixels(&(target * (1.0 - prediction))),
        }
    }

    /// By the lesser of the probabilities: a target between 0 and 1 shares all of itself with an equal prediction.
    pub(super) fn by_minimum(prediction: &Tensor, target: &Tensor) -> Overlap {
        let common = prediction.minimum(target);
        Overlap {
            excess: over_pixels(&(prediction - &common)),
            missed: over_pixels(&(target - &common)),
            common: over_pixels(&common),
        }
    }
}

/// A tensor and a number more, without an operation for 0.
pub(super) fn more(x: Tensor, epsilon: f64) -> Tensor {
    if epsilon == 0.0 { x } else { x + epsilon }
}

/// `1 − common/(common + apart)`, 0 where both are 0.
pub(super) fn distance(common: &Tensor, apart: &Tensor) -> Tensor {
    quotient(apart, &(common + apart))
}

/// `−ln(common/(common + apart))`, exact near 0; 0 where both are 0, ∞ where only `common` is.
pub(super) fn log_distance(common: &Tensor, apart: &Tensor) -> Tensor {
    let nothing = common.eq(0);
    let ratio = apart / nothing.select(1, common);
    (&nothing & apart.gt(0)).select(f64::INFINITY, nothing.select(0, ratio).ln_1p())
}
