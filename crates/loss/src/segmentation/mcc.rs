//! Loss of Matthews' correlation coefficient.

use minimand_tensor::Tensor;

use crate::segmentation::region::{check_masks, rows};

/// One minus the correlation of a predicted and a true mask (Matthews), per image.
///
/// ```text
/// ℓᵢ = 1 − (TPᵢ TNᵢ − FPᵢ FNᵢ) / √((TPᵢ + FPᵢ) (TPᵢ + FNᵢ) (TNᵢ + FPᵢ) (TNᵢ + FNᵢ))
/// TPᵢ = s + Σₖ predictionᵢₖ targetᵢₖ
/// TNᵢ = s + Σₖ (1 − predictionᵢₖ) (1 − targetᵢₖ)
/// FPᵢ = s + Σₖ predictionᵢₖ (1 − targetᵢₖ)
/// FNᵢ = s + Σₖ (1 − predictionᵢₖ) targetᵢₖ
/// s = smooth
/// ```
///
/// # Shapes
/// `prediction` and `target` of the same shape `[batch, pixels…]`, any number of pixel axes; one loss per image, shape
/// `[batch]`. Probabilities (not logits) of the foreground, and a target from 0 to 1. To correlate a whole batch at once reshape it to
/// one image. Panics when the shapes differ or `smooth` is below 0.
///
/// # Gradient
/// That of the formula; with s = 0 it is 0 where a row or column of the table of counts is empty. No kinks.
///
/// # Estimates
/// No statistic of the pixels: the mask of greatest correlation, background counting as much as foreground. From 0 to 2; 1
/// without correlation.
///
/// # Stability
/// Each count is divided by the square root of the product of two sums, not all by that of four, which overflows f32 on
/// large images; agreement is exactly 0.
/// With s = 0 and an empty row or column the correlation is 0 and the loss 1.
///
/// # Example
/// ```
/// use minimand_loss::mcc;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[0.5, 0.5, 0.0, 0.0]]);
/// let target = Tensor::from([[1.0, 0.0, 0.0, 0.0]]);
/// let loss = mcc(&prediction, &target, 0.0);
/// assert_eq!(format!("{loss:.4}"), "[0.6667]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[[-0.8889, 0.4444, 0.4444, 0.4444]]");
/// ```
///
/// # When to use
/// When a true background matters too, which [`dice`](crate::dice) ignores. It misleads when a mask is all foreground or
/// all background: no correlation exists, and `smooth` alone decides.
///
/// # Reference
/// Abhishek & Hamarneh 2021, "Matthews correlation coefficient loss for deep convolutional networks", equation 5. Usual:
/// s = 1e-5, which segmentation_models_pytorch also has; it takes the batch as one image.
///
/// # See also
/// [`dice`](crate::dice), [`tversky`](crate::tversky).
#[doc(alias = "MCCLoss")]
#[doc(alias = "matthews_correlation")]
#[track_caller]
pub fn mcc(prediction: &Tensor, target: &Tensor, smooth: f64) -> Tensor {
    check_masks("mcc", ("prediction", prediction), target);
    assert!(smooth >= 0.0, "mcc: smooth is {smooth} and must not be below 0");
    let (p, t) = (&rows(prediction), &rows(target));
    let count = |pixels: Tensor| pixels.sum_axis(-1) + smooth;
    let tp = count(p * t);
    let tn = count((1.0 - p) * (1.0 - t));
    let fp = count(p * (1.0 - t));
    let missed = count((1.0 - p) * t);
    let (predicted, real) = (&tp + &fp, &tp + &missed);
    let (rejected, unreal) = (&tn + &missed, &tn + &fp);
    let root = |a: &Tensor, b: &Tensor| {
        let product = a * b;
        product.eq(0).select(1, product).sqrt()
    };
    let agree = tp / root(&predicted, &real) * (tn / root(&rejected, &unreal));
    let differ = fp / root(&predicted, &unreal) * (missed / root(&rejected, &real));
    1.0 - (agree - differ)
}
