//! Margins on the angle that follow the quality of the example or the progress of training.

use minimand_tensor::Tensor;

use super::angular::{ArcFaceOptions, with_margin};
use super::cosine::{check, check_margin, cosines};
use crate::classification::cross_entropy;
use crate::labels::Labels;
use crate::numbers::numbers;

/// [`arc_face`](crate::arc_face) with a margin that grows with the length of the embedding, and a term that wants embeddings to be long: their length becomes
/// a measure of quality.
///
/// ```text
/// ℓᵢ = ln(Σⱼ exp zᵢⱼ) − z[i, yᵢ] + λ (aᵢ / u² + 1 / aᵢ)
/// zᵢⱼ = s hᵢⱼ if j = yᵢ else s cᵢⱼ
/// hᵢⱼ = cᵢⱼ cos mᵢ − √(1 − cᵢⱼ²) sin mᵢ if cᵢⱼ ≥ −cos mᵢ else cᵢⱼ − mᵢ sin mᵢ
/// mᵢ = least_margin + (greatest_margin − least_margin) (aᵢ − l) / (u − l)
/// aᵢ = min(max(√(Σₗ embeddingsᵢₗ²), l), u)
/// cᵢⱼ = Σₖ embeddingsᵢₖ weightsⱼₖ / (√(Σₗ embeddingsᵢₗ²) √(Σₗ weightsⱼₗ²))
/// yᵢ = labelsᵢ
/// l = least_length
/// u = greatest_length
/// s = scale
/// λ = length_weight
/// ```
///
/// # Shapes
/// As [`arc_face`](crate::arc_face): embeddings `[examples, dimensions]`, weights `[classes, dimensions]`, loss `[examples]`. Panics when the margins are not
/// from 0 to π, or the lengths not `0 < l < u`.
///
/// # Gradient
/// That of [`arc_face`](crate::arc_face) with margin mᵢ, and by the length, between l and u: `s (1 − p_y) sin(θ + m) m′ + λ (1/u² − 1/a²)`. 0 by the length
/// beyond l and u, and at them; for a zero row; where the label is ignored.
///
/// # Estimates
/// No probabilities. Easy examples get long embeddings, hard ones short ones: the length estimates how recognisable an example is.
///
/// # Stability
/// As [`arc_face`](crate::arc_face).
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, MagFaceOptions, mag_face};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[20.0, 10.0], [0.0, 60.0]]);
/// let weights = Tensor::from([[1.0, 0.0], [0.6, 0.8]]);
/// let options = MagFaceOptions { scale: 10.0, ..Default::default() };
/// let loss = mag_face(&embeddings, &Labels::new([0, 1], 2)?, &weights, options);
/// assert_eq!(format!("{loss:.4}"), "[4.8543, 0.8066]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&embeddings)), "[[-0.1392, 0.2340],\n [0.0002, -0.0026]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For recognition that shall know how good a picture is, to drop or to weigh it. It misleads when the network's lengths begin outside of `[l, u]`: neither
/// margin nor length then learns.
///
/// # Reference
/// Meng et al., *MagFace: A Universal Representation for Face Recognition and Quality Assessment*, CVPR 2021, equations 3 and 4. Usual: l = 10, u = 110,
/// margins 0.45 to 0.8, s = 64, λ = 35.
///
/// # See also
/// [`arc_face`](crate::arc_face), [`curricular_face`].
#[doc(alias = "MagFace")]
#[track_caller]
pub fn mag_face(embeddings: &Tensor, labels: &Labels, weights: &Tensor, options: MagFaceOptions) -> Tensor {
    check("mag_face", embeddings, labels, ("weights", weights), 2);
    options.check(embeddings);
    let MagFaceOptions { least_length: l, greatest_length: u, length_weight, scale, .. } = options;
    let embeddings = labels.without_ignored(embeddings);
    let a = embeddings.norm_axis(-1).clamp(l, u);
    let margin = options.least_margin + (options.greatest_margin - options.least_margin) / (u - l) * (&a - l);
    let own = with_margin(&embeddings, labels, &weights.unsqueeze(1), &margin);
    let logits = scale * labels.truth().select(own.unsqueeze(-1), cosines(&embeddings, weights));
    let quality = &a / (u * u) + a.reciprocal();
    cross_entropy(&logits, labels) + labels.zero_if_ignored(length_weight * quality)
}

/// Options of [`mag_face`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MagFaceOptions {
    /// The margin of the shortest embeddings, in radians. Usual: 0.45.
    pub least_margin: f64,
    /// The margin of the longest embeddings, in radians. Usual: 0.8.
    pub greatest_margin: f64,
    /// The length up to which the margin is the least one, l. Usual: 10.
    pub least_length: f64,
    /// The length from which on the margin is the greatest one, u. Usual: 110.
    pub greatest_length: f64,
    /// The weight of the term that wants long embeddings, λ. Usual: 35.
    pub length_weight: f64,
    /// What the cosines are multiplied by, s. Usual: 64.
    pub scale: f64,
}

impl Default for MagFaceOptions {
    fn default() -> MagFaceOptions {
        MagFaceOptions {
            least_margin: 0.45,
            greatest_margin: 0.8,
            least_length: 10.0,
            greatest_length: 110.0,
            length_weight: 35.0,
            scale: 64.0,
        }
    }
}

impl MagFaceOptions {
    #[track_caller]
    fn check(&self, embeddings: &Tensor) {
        for margin in [self.least_margin, self.greatest_margin] {
            check_margin("mag_face", embeddings, margin, self.scale);
            assert!(
                margin <= std::f64::consts::PI,
                "mag_face: a margin is {margin}, in radians, and must be at most π"
            );
        }
        let (l, u) = (self.least_length, self.greatest_length);
        assert!(
            l > 0.0 && u > l && u.is_finite(),
            "mag_face: the lengths {l} and {u} must be above 0, the second greater"
        );
    }
}

/// [`arc_face`](crate::arc_face) that weighs the classes which an example is mistaken for by how far training has come.
///
/// ```text
/// ℓᵢ = ln(Σⱼ exp zᵢⱼ) − z[i, yᵢ]
/// zᵢⱼ = s hᵢ if j = yᵢ else s cᵢⱼ if cᵢⱼ ≤ hᵢ else s cᵢⱼ (t + cᵢⱼ)
/// hᵢ = bᵢ cos m − √(1 − bᵢ²) sin m if bᵢ ≥ −cos m else bᵢ − m sin m
/// bᵢ = c[i, yᵢ]
/// cᵢⱼ = Σₖ embeddingsᵢₖ weightsⱼₖ / (√(Σₗ embeddingsᵢₗ²) √(Σₗ weightsⱼₗ²))
/// yᵢ = labelsᵢ
/// t = progress
/// m = margin
/// s = scale
/// ```
///
/// # Shapes
/// As [`arc_face`](crate::arc_face). `progress` is the running mean of the cosines to the labels, from 0 at the beginning towards 1, kept by the caller.
///
/// # Gradient
/// That of [`arc_face`](crate::arc_face), by a hard class's cosine times `t + 2 cⱼ`. The logit steps at `cⱼ = h`; there the class counts as easy.
///
/// # Estimates
/// No probabilities. In (0, ∞).
///
/// # Stability
/// As [`arc_face`](crate::arc_face).
///
/// # Example
/// ```
/// use minimand_loss::{ArcFaceOptions, LabelError, Labels, curricular_face};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[2.0, 1.0], [0.0, 3.0]]);
/// let weights = Tensor::from([[1.0, 0.0], [0.6, 0.8]]);
/// let options = ArcFaceOptions { margin: 0.5, scale: 10.0 };
/// let loss = curricular_face(&embeddings, &Labels::new([0, 1], 2)?, &weights, 0.2, options);
/// assert_eq!(format!("{loss:.4}"), "[4.1003, 0.0157]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&embeddings)), "[[-1.6824, 3.3648],\n [0.0023, 0.0000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For large face data: easy classes first, hard ones as the running mean grows, with 1% of each batch. It misleads with noisy labels, which are the hardest
/// of all.
///
/// # Reference
/// Huang et al., *CurricularFace: Adaptive Curriculum Learning Loss for Deep Face Recognition*, CVPR 2020, equations 4 to 7. Usual: m = 0.5, s = 64.
///
/// # See also
/// [`arc_face`](crate::arc_face), [`mag_face`].
#[doc(alias = "CurricularFace")]
#[track_caller]
pub fn curricular_face(
    embeddings: &Tensor,
    labels: &Labels,
    weights: &Tensor,
    progress: f64,
    options: ArcFaceOptions,
) -> Tensor {
    check("curricular_face", embeddings, labels, ("weights", weights), 2);
    options.check("curricular_face", embeddings);
    let embeddings = labels.without_ignored(embeddings);
    let cosines = cosines(&embeddings, weights);
    let margin = numbers([options.margin].into_iter(), cosines.dtype());
    let own = with_margin(&embeddings, labels, &weights.unsqueeze(1), &margin).unsqueeze(-1);
    let hard = cosines.gt(&own);
    let others = hard.select(&cosines * (&cosines + progress), &cosines);
    cross_entropy(&(options.scale * labels.truth().select(own, others)), labels)
}
