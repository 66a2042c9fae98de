//! A margin by which the angle to the label's direction is multiplied: L-Softmax and SphereFace.

use std::f64::consts::PI;

use minimand_tensor::Tensor;

use super::cosine::{check, check_margin, cosines};
use crate::classification::cross_entropy;
use crate::labels::Labels;

/// Cross-entropy over inner products where the angle to the label's weights is multiplied by a whole number.
///
/// ```text
/// ℓᵢ = ln(Σⱼ exp zᵢⱼ) − z[i, yᵢ]
/// zᵢⱼ = s √(Σₗ embeddingsᵢₗ²) √(Σₗ weightsⱼₗ²) aᵢⱼ
/// aᵢⱼ = cos(m θᵢⱼ) − 2 kᵢⱼ if j = yᵢ and hᵢⱼ = 0 else −cos(m θᵢⱼ) − 2 kᵢⱼ if j = yᵢ else cos θᵢⱼ
/// hᵢⱼ = kᵢⱼ − 2 floor(½ kᵢⱼ)
/// kᵢⱼ = floor(m θᵢⱼ / π)
/// θᵢⱼ = acos(Σₙ uᵢₙ vⱼₙ)
/// uᵢₙ = embeddingsᵢₙ / √(Σₗ embeddingsᵢₗ²)
/// vⱼₙ = weightsⱼₙ / √(Σₗ weightsⱼₗ²)
/// yᵢ = labelsᵢ
/// m = margin
/// s = scale
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each, `weights` `[classes, dimensions]`, or it panics; the loss is `[examples]`. `margin`, a
/// whole number of at least 1, and `scale` are those of the options.
///
/// # Gradient
/// With p the softmax of z, by the angle to the label: `s ‖x‖ ‖w‖ (1 − p_y) m |sin(m θ)|`, continuous also where k steps; it is 0 there. 0 by a zero row,
/// and where the label is ignored.
///
/// # Estimates
/// Probabilities only for m = 1, where it is softmax without bias. In (0, ∞).
///
/// # Stability
/// `cos(m θ)` is the Chebyshev polynomial of the cosine, and k counts the turning points that the cosine has passed: no `acos`, no infinite slope.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, LargeMarginOptions, large_margin_softmax};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[2.0, 1.0], [0.0, 3.0]]);
/// let weights = Tensor::from([[1.0, 0.0], [0.6, 0.8]]);
/// let options = LargeMarginOptions { margin: 2, scale: 1.0 };
/// let loss = large_margin_softmax(&embeddings, &Labels::new([0, 1], 2)?, &weights, options);
/// assert_eq!(format!("{loss:.4}"), "[1.0756, 0.3589]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&embeddings)), "[[-0.2149, 0.6466],\n [-0.1387, -0.0422]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For classifiers that shall separate more than softmax does; of historical interest since [`arc_face`](crate::arc_face). It misleads from random
/// weights: with m = 4 the target falls to −7 and training diverges unless the margin is annealed.
///
/// # Reference
/// Liu et al., *Large-Margin Softmax Loss for Convolutional Neural Networks*, ICML 2016, equations 4 to 7. Usual: m = 4; 2 to 4.
///
/// # See also
/// [`sphere_face`], [`cos_face`](crate::cos_face), [`arc_face`](crate::arc_face).
#[doc(alias = "LargeMarginSoftmaxLoss")]
#[doc(alias = "L-Softmax")]
#[track_caller]
pub fn large_margin_softmax(
    embeddings: &Tensor,
    labels: &Labels,
    weights: &Tensor,
    options: LargeMarginOptions,
) -> Tensor {
    check("large_margin_softmax", embeddings, labels, ("weights", weights), 2);
    options.check("large_margin_softmax", embeddings);
    let lengths = weights.norm_axis(-1);
    options.loss(&labels.without_ignored(embeddings), labels, weights, &lengths)
}

/// [`large_margin_softmax`] with weights of length 1: the angular softmax.
///
/// ```text
/// ℓᵢ = ln(Σⱼ exp zᵢⱼ) − z[i, yᵢ]
/// zᵢⱼ = s √(Σₗ embeddingsᵢₗ²) aᵢⱼ
/// aᵢⱼ = cos(m θᵢⱼ) − 2 kᵢⱼ if j = yᵢ and hᵢⱼ = 0 else −cos(m θᵢⱼ) − 2 kᵢⱼ if j = yᵢ else cos θᵢⱼ
/// hᵢⱼ = kᵢⱼ − 2 floor(½ kᵢⱼ)
/// kᵢⱼ = floor(m θᵢⱼ / π)
/// θᵢⱼ = acos(Σₙ uᵢₙ vⱼₙ)
/// uᵢₙ = embeddingsᵢₙ / √(Σₗ embeddingsᵢₗ²)
/// vⱼₙ = weightsⱼₙ / √(Σₗ weightsⱼₗ²)
/// yᵢ = labelsᵢ
/// m = margin
/// s = scale
/// ```
///
/// # Shapes
/// As [`large_margin_softmax`]; the weights are normalised here.
///
/// # Gradient
/// As [`large_margin_softmax`] with `‖w‖ = 1`; at right angles to the weights.
///
/// # Estimates
/// Probabilities only for m = 1. In (0, ∞).
///
/// # Stability
/// As [`large_margin_softmax`].
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, LargeMarginOptions, sphere_face};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[2.0, 1.0], [0.0, 3.0]]);
/// let weights = Tensor::from([[1.0, 0.0], [0.6, 0.8]]);
/// let loss = sphere_face(&embeddings, &Labels::new([0, 1], 2)?, &weights, LargeMarginOptions::default());
/// assert_eq!(format!("{loss:.4}"), "[2.6960, 2.6063]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&embeddings)), "[[-0.4042, 2.0328],\n [-0.5327, 0.3905]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For the history of margins on the sphere; [`arc_face`](crate::arc_face) trains more easily. It misleads as [`large_margin_softmax`] does, and the length
/// of the embedding decides how sharp its softmax is.
///
/// # Reference
/// Liu et al., *SphereFace: Deep Hypersphere Embedding for Face Recognition*, CVPR 2017, equation 7. Usual: m = 4, annealed.
///
/// # See also
/// [`large_margin_softmax`], [`cos_face`](crate::cos_face), [`arc_face`](crate::arc_face).
#[doc(alias = "SphereFaceLoss")]
#[doc(alias = "A-Softmax")]
#[track_caller]
pub fn sphere_face(embeddings: &Tensor, labels: &Labels, weights: &Tensor, options: LargeMarginOptions) -> Tensor {
    check("sphere_face", embeddings, labels, ("weights", weights), 2);
    options.check("sphere_face", embeddings);
    let lengths = Tensor::ones([labels.classes()]).cast(embeddings.dtype());
    options.loss(&labels.without_ignored(embeddings), labels, weights, &lengths)
}

/// Options of [`large_margin_softmax`] and [`sphere_face`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LargeMarginOptions {
    /// What the angle to the label is multiplied by, m; at least 1. Usual: 4.
    pub margin: usize,
    /// What the logits are multiplied by, s. Usual: 1.
    pub scale: f64,
}

impl Default for LargeMarginOptions {
    fn default() -> LargeMarginOptions {
        LargeMarginOptions { margin: 4, scale: 1.0 }
    }
}

impl LargeMarginOptions {
    #[track_caller]
    fn check(&self, loss: &str, embeddings: &Tensor) {
        assert!(self.margin >= 1, "{loss}: margin is 0 and must be at least 1");
        check_margin(loss, embeddings, self.margin as f64, self.scale);
    }

    fn loss(&self, embeddings: &Tensor, labels: &Labels, weights: &Tensor, lengths: &Tensor) -> Tensor {
        let cosines = cosines(embeddings, weights);
        let own = self.falling(&labels.pick(&cosines));
        let scale = self.scale * embeddings.norm_keepdim(-1) * lengths;
        cross_entropy(&(scale * labels.truth().select(own.unsqueeze(-1), cosines)), labels)
    }

    /// `(−1)ᵏ cos(m θ) − 2 k` of the cosine of θ, for `k π/m ≤ θ ≤ (k + 1) π/m`: it falls as θ grows.
    fn falling(&self, cosine: &Tensor) -> Tensor {
        let m = self.margin;
        // cos(n θ) = 2 cos θ cos((n − 1) θ) − cos((n − 2) θ)
        let (mut before, mut turned) = (cosine.ones_like(), cosine.clone());
        for _ in 1..m {
            let next = 2.0 * cosine * &turned - before;
            (before, turned) = (turned, next);
        }
        let mut result = turned.clone();
        for k in 1..m {
            let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
            let passed = cosine.le((k as f64 * PI / m as f64).cos());
            result = passed.select(sign * &turned - 2.0 * k as f64, result);
        }
        result
    }
}
