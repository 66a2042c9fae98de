//! What is added to a game: anchored scores, features and reconstructions that agree.

use minimand_tensor::{Operand, Tensor};

use crate::shape::same_shapes;

/// Squared distances of scores from the running mean of the scores of the other kind.
///
/// ```text
/// ℓ = (real − f)² + (fake − r)²
/// r = real_mean
/// f = fake_mean
/// ```
///
/// # Shapes
/// `real` and `fake` are the discriminator's raw scores, of one shape, or it panics; the loss has that shape. `real_mean` and `fake_mean`, running means of the
/// scores (decay 0.99) kept by the caller, are numbers or tensors of one, which are held fixed.
///
/// # Gradient
/// `∂ℓ/∂real = 2 (real − f)`, `∂ℓ/∂fake = 2 (fake − r)`. None by the running means.
///
/// # Estimates
/// Beside a Wasserstein critic, weighted by λ, its game minimises a LeCam divergence over 2 λ. In [0, ∞).
///
/// # Stability
/// Squares of differences.
///
/// # Example
/// ```
/// use minimand_loss::lecam;
/// use minimand_tensor::Tensor;
///
/// let (real, fake) = (Tensor::from([2.0, 0.0]), Tensor::from([-1.0, 0.5]));
/// let loss = lecam(&real, &fake, 0.5, -0.5);
/// assert_eq!(format!("{loss:.4}"), "[8.5000, 0.2500]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&real)), "[5.0000, 1.0000]");
/// ```
///
/// # When to use
/// Added to the discriminator's loss with a small weight when data are few. It misleads in the first thousand steps, while the running means are not yet
/// means: switch it on later.
///
/// # Reference
/// Tseng et al., *Regularizing Generative Adversarial Networks under Limited Data*, CVPR 2021, equation 4. Usual: weight 0.3 at most, decay 0.99.
///
/// # See also
/// [`r1_penalty`](crate::r1_penalty), [`wasserstein_critic`](crate::wasserstein_critic).
#[doc(alias = "lecam_reg")]
#[track_caller]
pub fn lecam(real: &Tensor, fake: &Tensor, real_mean: impl Operand, fake_mean: impl Operand) -> Tensor {
    same_shapes("lecam", ("real", real), ("fake", fake));
    let (real_mean, fake_mean) = (real_mean.operand(real.dtype()).detach(), fake_mean.operand(fake.dtype()).detach());
    (real - fake_mean).square() + (fake - real_mean).square()
}

/// Squared distance of the mean features of generated examples from those of real ones.
///
/// ```text
/// ℓ = Σₖ (Σᵢ real_featuresᵢₖ / Σᵢ 1 − Σⱼ fake_featuresⱼₖ / Σⱼ 1)²
/// ```
///
/// # Shapes
/// `real_features` are `[real, features]`, `fake_features` `[fake, features]`, an inner layer of the discriminator, or it panics; the loss is of the batch,
/// one number.
///
/// # Gradient
/// By every generated example's features `−2 (mean difference)/n`. The real ones are held fixed and receive none.
///
/// # Estimates
/// The generator matches the **mean** of the features. In [0, ∞).
///
/// # Stability
/// Squares of differences of means.
///
/// # Example
/// ```
/// use minimand_loss::feature_matching;
/// use minimand_tensor::Tensor;
///
/// let real = Tensor::from([[1.0, 2.0], [3.0, 0.0]]);
/// let fake = Tensor::from([[0.0, 1.0], [1.0, 1.0], [2.0, 4.0]]);
/// let loss = feature_matching(&real, &fake);
/// assert_eq!(format!("{loss:.4}"), "2.0000");
/// assert_eq!(format!("{:.4}", loss.grad(&fake)), "[[-0.6667, 0.6667],\n [-0.6667, 0.6667],\n [-0.6667, 0.6667]]");
/// ```
///
/// # When to use
/// As the generator's loss where the game does not settle; semi-supervised GANs are trained so. It misleads as a measure of quality: examples with the right
/// mean may all be alike. For pairs, the absolute error of features layer by layer (pix2pixHD) asks more.
///
/// # Reference
/// Salimans et al., *Improved Techniques for Training GANs*, NeurIPS 2016, section 3.1.
///
/// # See also
/// [`correlation_alignment`](crate::correlation_alignment), [`non_saturating_generator`](crate::non_saturating_generator).
#[doc(alias = "FeatureMatchingLoss")]
#[track_caller]
pub fn feature_matching(real_features: &Tensor, fake_features: &Tensor) -> Tensor {
    check_features("feature_matching", ("real_features", real_features), ("fake_features", fake_features));
    (real_features.detach().mean_axis(0) - fake_features.mean_axis(0)).square().sum()
}

/// Weighted absolute error of what comes back from a round trip between two domains.
///
/// ```text
/// ℓ = λ |reconstruction − original|
/// λ = weight
/// ```
///
/// # Shapes
/// `reconstruction` and `original` have one shape, or it panics; the loss has that shape.
///
/// # Gradient
/// `∂ℓ/∂reconstruction = λ sign(reconstruction − original)`; 0 where they are equal.
///
/// # Estimates
/// The **median** of what the round trip may bring back. In [0, ∞).
///
/// # Stability
/// An absolute difference.
///
/// # Example
/// ```
/// use minimand_loss::cycle_consistency;
/// use minimand_tensor::Tensor;
///
/// let (reconstruction, original) = (Tensor::from([0.5, 1.0]), Tensor::from([0.0, 1.0]));
/// let loss = cycle_consistency(&reconstruction, &original, 10.0);
/// assert_eq!(format!("{loss:.4}"), "[5.0000, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&reconstruction)), "[10.0000, 0.0000]");
/// ```
///
/// # When to use
/// In both directions beside the games of two generators, to translate images without pairs; with half the weight also as the identity loss, of a generator
/// on images that are of its own domain already. It misleads where the translation loses information: generators then hide what they need in invisible noise.
///
/// # Reference
/// Zhu et al., *Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks*, ICCV 2017, equation 2. Usual: λ = 10.
///
/// # See also
/// [`least_squares_generator`](crate::least_squares_generator), [`absolute_error`](crate::absolute_error).
#[doc(alias = "CycleGAN")]
#[doc(alias = "identity_loss")]
#[track_caller]
pub fn cycle_consistency(reconstruction: &Tensor, original: &Tensor, weight: f64) -> Tensor {
    same_shapes("cycle_consistency", ("reconstruction", reconstruction), ("original", original));
    weight * (reconstruction - original).abs()
}

/// Panics unless two named arguments are matrices with examples and the same number of columns.
#[track_caller]
pub(super) fn check_features(loss: &str, (name, a): (&str, &Tensor), (other, b): (&str, &Tensor)) {
    let fits = a.rank() == 2 && b.rank() == 2 && a.shape()[1] == b.shape()[1] && a.shape()[0] > 0 && b.shape()[0] > 0;
    assert!(
        fits,
        "{loss}: {name} {} and {other} {} must be [examples, features], of the same features",
        a.shape(),
        b.shape()
    );
}
