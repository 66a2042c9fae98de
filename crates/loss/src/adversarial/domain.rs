//! Two domains made indistinguishable: gradient reversal and aligned covariances.

use minimand_tensor::Tensor;

use super::regularisers::check_features;
use crate::numbers::check_finite;

/// The features themselves, through which a gradient comes back reversed: what trains a domain classifier then trains the features against it.
///
/// ```text
/// ℓ = features
/// ```
///
/// # Shapes
/// `features` of any shape; the result is the same. Put it between the features and a classifier of domains, and add that classifier's loss.
///
/// # Gradient
/// −`strength` times what comes from above, instead of once: everything else is held fixed. All higher derivatives through it are scaled alike.
///
/// # Estimates
/// Nothing: at the saddle point of the game the features tell a best classifier nothing of the domain.
///
/// # Stability
/// The value is exactly that of the features, so long as they are finite.
///
/// # Example
/// ```
/// use minimand_loss::{binary_cross_entropy_with_logits, gradient_reversal};
/// use minimand_tensor::Tensor;
///
/// let (features, domain) = (Tensor::from([0.5, -1.0]), Tensor::from([1.0, 0.0]));
/// let w = Tensor::from(2.0);
/// let loss = binary_cross_entropy_with_logits(&(&w * gradient_reversal(&features, 0.5)), &domain);
/// assert_eq!(format!("{loss:.4}"), "[0.3133, 0.1269]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&features)), "[0.2689, -0.1192]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&w)), "-0.2537");
/// ```
///
/// # When to use
/// For features that shall serve in a domain without labels. It misleads when the classes are distributed differently in the two domains: features that
/// hide the domain must then hide the class.
///
/// # Reference
/// Ganin et al., *Domain-Adversarial Training of Neural Networks*, JMLR 2016, equations 16 and 17. Usual: strength `2/(1 + exp(−10 p)) − 1` at the part p of training.
///
/// # See also
/// [`correlation_alignment`], [`binary_cross_entropy_with_logits`](crate::binary_cross_entropy_with_logits).
#[doc(alias = "GradientReversalLayer")]
#[doc(alias = "DANN")]
#[track_caller]
pub fn gradient_reversal(features: &Tensor, strength: f64) -> Tensor {
    check_finite("gradient_reversal", ("strength", strength), features.dtype());
    // A difference of 0 whose slope is the whole.
    let fixed = features.detach();
    &fixed - strength * (features - &fixed)
}

/// Squared distance of the covariances of two domains' features.
///
/// ```text
/// ℓ = Σⱼₖ (Cⱼₖ − Dⱼₖ)² / (4 (Σⱼ 1)²)
/// Cⱼₖ = Σᵢ (sourceᵢⱼ − Σₗ sourceₗⱼ / n) (sourceᵢₖ − Σₗ sourceₗₖ / n) / (n − 1)
/// Dⱼₖ = Σₘ (targetₘⱼ − Σₙ targetₙⱼ / N) (targetₘₖ − Σₙ targetₙₖ / N) / (N − 1)
/// n = Σᵢ 1
/// N = Σₘ 1
/// ```
///
/// # Shapes
/// `source` is `[examples, features]`, `target` `[others, features]`, or it panics; the loss is of the batch, one number.
///
/// # Gradient
/// By the source `(x − x̄)(C − D)/(d² (n − 1))` for d features, and the opposite by the target. No kinks.
///
/// # Estimates
/// The **covariance** of the target's features by that of the source's. In [0, ∞).
///
/// # Stability
/// A single example has no covariance: 0 is taken, not 0/0.
///
/// # Example
/// ```
/// use minimand_loss::correlation_alignment;
/// use minimand_tensor::Tensor;
///
/// let source = Tensor::from([[1.0, 2.0], [3.0, 0.0], [0.0, 0.0]]);
/// let target = Tensor::from([[0.0, 1.0], [1.0, 1.0]]);
/// let loss = correlation_alignment(&source, &target);
/// assert_eq!(format!("{loss:.4}"), "0.3351");
/// assert_eq!(format!("{:.4}", loss.grad(&source)), "[[-0.1319, 0.2361],\n [0.4097, -0.1806],\n [-0.2778, -0.0556]]");
/// ```
///
/// # When to use
/// Beside a classification loss on the source, to adapt a network to a target without labels; simpler than a game. It misleads as proof that the domains
/// agree: means and all else may differ. Not to be mistaken for CORAL of ordinal regression.
///
/// # Reference
/// Sun and Saenko, *Deep CORAL: Correlation Alignment for Deep Domain Adaptation*, ECCV 2016 workshops, equations 1 to 3.
///
/// # See also
/// [`gradient_reversal`], [`feature_matching`](crate::feature_matching).
#[doc(alias = "DeepCORAL")]
#[track_caller]
pub fn correlation_alignment(source: &Tensor, target: &Tensor) -> Tensor {
    check_features("correlation_alignment", ("source", source), ("target", target));
    let covariance = |x: &Tensor| {
        let centred = x - x.mean_keepdim(0);
        centred.transpose().matmul(&centred) / (x.shape()[0] - 1).max(1)
    };
    let d = source.shape()[1] as f64;
    (covariance(source) - covariance(target)).square().sum() / (4.0 * d * d)
}
