//! Pictures compared by the features that a network finds in them.

use minimand_tensor::Tensor;

use super::filter::check_picture;
use crate::shape::same_shapes;

/// Weighted mean squared differences of the features of two pictures, layer by layer.
///
/// ```text
/// ℓ = Σₗ weightsₗ mean((predictionₗ − targetₗ)²)
/// predictionₗ, targetₗ: features of layer l
/// ```
///
/// # Shapes
/// `prediction` and `target` hold the features of as many layers, those of a layer both `[batch, channels, height, width]`; `weights` a number
/// for each. The loss is `[batch]`. Anything else panics, and no layer at all. Any network will do.
///
/// # Gradient
/// `2 wₗ (predictionₗ − targetₗ)/n` by the features of the prediction, and from there through the network. The target's are
/// constants: nothing flows into them.
///
/// # Estimates
/// The **mean features** of the target, in the squared metric of the network: what it does not see is free. From 0 on.
///
/// # Stability
/// A mean of squares.
///
/// # Example
/// ```
/// use minimand_loss::perceptual;
/// use minimand_tensor::{Rng, Tensor};
///
/// let filters = Tensor::normal([3, 5], &mut Rng::seed(7)); // a network: any function of a picture
/// let features = |picture: &Tensor| vec![picture.clone(), picture.permute([0, 2, 3, 1]).matmul(&filters).relu()];
/// let target = Tensor::uniform([1, 3, 2, 2], 0.0, 1.0, &mut Rng::seed(8));
/// let prediction = &target + 0.1;
/// let loss = perceptual(&features(&prediction)[..1], &features(&target)[..1], &[1.0]);
/// assert_eq!(format!("{loss:.4}"), "[0.0100]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).sum()), "0.2000");
/// assert!(perceptual(&features(&prediction), &features(&target), &[0.5, 1.0]).sum().item() > 0.005);
/// ```
///
/// # When to use
/// For super-resolution, style and generation, beside a loss of pixels: textures count as seen, not pixel by pixel. It misleads when the
/// network expects another range or normalisation of its input; freeze it. Colour and exact place are partly invisible to it, which shows as
/// checkerboards.
///
/// # Reference
/// Johnson, Alahi, Fei-Fei, *Perceptual Losses for Real-Time Style Transfer and Super-Resolution*, ECCV 2016, equation 2 (without the
/// weights). Usual: VGG-16 `relu2_2` and `relu3_3`, pictures normalised as for ImageNet.
///
/// # See also
/// [`lpips`](crate::lpips), with learned weights; [`gram_matrix`](crate::gram_matrix) for style.
#[doc(alias = "VGGLoss")]
#[doc(alias = "PerceptualLoss")]
#[track_caller]
pub fn perceptual(prediction: &[Tensor], target: &[Tensor], weights: &[f64]) -> Tensor {
    check_layers("perceptual", prediction, target, weights.len());
    let layers =
        prediction.iter().zip(target).zip(weights).map(|((prediction, target), &weight)| {
            weight * (prediction - target.detach()).square().mean_axis([1, 2, 3])
        });
    layers.reduce(|sum, layer| sum + layer).expect("there is a layer")
}

/// Squared differences of features of unit length, weighted by channel, averaged over the pixels and summed over the layers.
///
/// ```text
/// ℓ = Σₗ mean over pixels of Σ_c weightsₗ(c) (pₗ(c) − tₗ(c))²
/// p = prediction / ‖prediction‖ over the channels of a pixel
/// t = target / ‖target‖ over the channels of a pixel
/// ```
///
/// # Shapes
/// `prediction` and `target` hold the features of as many layers, those of a layer both `[batch, channels, height, width]`; `weights` one
/// tensor `[channels]` for each, not negative. The loss is `[batch]`. Anything else panics.
///
/// # Gradient
/// At right angles to the features of each pixel, whose length does not count; by both pictures. 0 where all features of a pixel are 0.
///
/// # Estimates
/// A **distance as people judge it**, with weights fitted to their judgements. From 0 to four times the largest weight of each layer, summed.
///
/// # Stability
/// Features of length 0 stay 0, without an ε.
///
/// # Example
/// ```
/// use minimand_loss::lpips;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([3.0, 4.0]).reshape([1, 2, 1, 1]); // two channels, one pixel
/// let target = Tensor::from([2.0, 0.0]).reshape([1, 2, 1, 1]);
/// let loss = lpips(&[prediction.clone()], &[target], &[Tensor::from([1.0, 0.5])]);
/// assert_eq!(format!("{loss:.4}"), "[0.4800]"); // (0.6 - 1)² + ½ 0.8²
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).flatten()), "[-0.1792, 0.1344]");
/// ```
///
/// # When to use
/// As [`perceptual`], and as a score. It misleads as a loss alone: pictures that fool the network are easily found. Weights belong to one
/// network, one layer and one range of pixels (−1 to 1 for the published ones).
///
/// # Reference
/// Zhang et al., *The Unreasonable Effectiveness of Deep Features as a Perceptual Metric*, CVPR 2018, equation 1. The published code divides by
/// `‖·‖ + 10⁻¹⁰`; features and weights come from the caller.
///
/// # See also
/// [`perceptual`], without normalisation.
#[doc(alias = "learned_perceptual_image_patch_similarity")]
#[doc(alias = "LPIPS")]
#[track_caller]
pub fn lpips(prediction: &[Tensor], target: &[Tensor], weights: &[Tensor]) -> Tensor {
    check_layers("lpips", prediction, target, weights.len());
    let layers =
        prediction.iter().zip(target).zip(weights).enumerate().map(|(layer, ((prediction, target), weights))| {
            let channels = prediction.shape()[1];
            assert!(
                *weights.shape() == [channels],
                "lpips: layer {layer} has {channels} channels and weights {}",
                weights.shape()
            );
            let squares = (prediction.normalize(1) - target.normalize(1)).square();
            (squares * weights.reshape([channels, 1, 1])).sum_axis(1).mean_axis([1, 2])
        });
    layers.reduce(|sum, layer| sum + layer).expect("there is a layer")
}

#[track_caller]
fn check_layers(loss: &str, prediction: &[Tensor], target: &[Tensor], weights: usize) {
    assert!(
        !prediction.is_empty() && prediction.len() == target.len() && prediction.len() == weights,
        "{loss}: {} layers of the prediction, {} of the target and {weights} weights must be as many, at least one",
        prediction.len(),
        target.len()
    );
    for (prediction, target) in prediction.iter().zip(target) {
        check_picture(loss, ("prediction", prediction));
        same_shapes(loss, ("prediction", prediction), ("target", target));
    }
}
