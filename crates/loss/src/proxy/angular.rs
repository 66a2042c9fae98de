//! A margin on the angle to the label's representative: ArcFace, and its form with several representatives.

use minimand_tensor::Tensor;

use super::cosine::{check, check_margin, cosine_and_sine, cosines};
use crate::classification::cross_entropy;
use crate::labels::Labels;
use crate::numbers::numbers;

/// Cross-entropy over scaled cosines where the angle to the label's direction is first made greater by a margin: the additive angular margin loss.
///
/// ```text
/// ℓᵢ = ln(Σⱼ exp zᵢⱼ) − z[i, yᵢ]
/// zᵢⱼ = s hᵢⱼ if j = yᵢ else s cᵢⱼ
/// hᵢⱼ = cᵢⱼ cos m − √(1 − cᵢⱼ²) sin m if cᵢⱼ ≥ −cos m else cᵢⱼ − m sin m
/// cᵢⱼ = Σₖ uᵢₖ vⱼₖ
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// vⱼₖ = weightsⱼₖ / √(Σₗ weightsⱼₗ²)
/// yᵢ = labelsᵢ
/// m = margin
/// s = scale
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each, `weights` `[classes, dimensions]`, or it panics; the loss is `[examples]`. `margin`, in
/// radians, and `scale` are those of the options. Panics when the margin is not from 0 to π or the scale not positive.
///
/// # Gradient
/// With p the softmax of z and θ the angle to the label, by θ: `s (1 − p_y) sin(θ + m)`; so long as `θ > π − m`, where `cos(θ + m)` would rise again,
/// `s (1 − p_y) sin θ`. 0 at θ = 0, which has no direction; for a zero row; where the label is ignored.
///
/// # Estimates
/// No probabilities: the margin makes the label's own look smaller than it is, so that training goes on until the classes lie m apart on the sphere. In
/// (0, ∞).
///
/// # Stability
/// `cos(θ + m)` by the addition formula, never through `acos`, whose slope is infinite at ±1; `sin θ` as the length of what of the embedding is at right
/// angles to the direction, exact for small angles. An embedding that is its class's direction has a finite loss and gradient, where
/// pytorch-metric-learning has NaN when the cosine rounds to 1.
///
/// # Example
/// ```
/// use minimand_loss::{ArcFaceOptions, LabelError, Labels, arc_face};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[2.0, 1.0], [0.0, 3.0]]);
/// let weights = Tensor::from([[1.0, 0.0], [0.6, 0.8]]);
/// let options = ArcFaceOptions { margin: 0.5, scale: 10.0 };
/// let loss = arc_face(&embeddings, &Labels::new([0, 1], 2)?, &weights, options);
/// assert_eq!(format!("{loss:.4}"), "[3.2774, 0.0157]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&embeddings)), "[[-1.2206, 2.4413],\n [0.0023, 0.0000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// The standard for faces, and for retrieval among many classes. It misleads with wrong labels, which the margin pulls at hardest
/// ([`sub_center_arc_face`] gives them a place), and at the start from random weights, where a smaller margin trains more surely.
///
/// # Reference
/// Deng et al., *ArcFace: Additive Angular Margin Loss for Deep Face Recognition*, CVPR 2019, equation 3; beyond `π − m` as in the authors' code. Usual:
/// m = 0.5, s = 64. pytorch-metric-learning takes the margin in degrees, 28.6, and clamps cosines at ±(1 − 10⁻⁷), so that an embedding on its own weight has
/// no gradient.
///
/// # See also
/// [`cos_face`](crate::cos_face), [`sphere_face`](crate::sphere_face), [`mag_face`](crate::mag_face),
/// [`curricular_face`](crate::curricular_face).
#[doc(alias = "ArcFaceLoss")]
#[doc(alias = "AdditiveAngularMargin")]
#[track_caller]
pub fn arc_face(embeddings: &Tensor, labels: &Labels, weights: &Tensor, options: ArcFaceOptions) -> Tensor {
    check("arc_face", embeddings, labels, ("weights", weights), 2);
    options.check("arc_face", embeddings);
    options.loss(&labels.without_ignored(embeddings), labels, &weights.unsqueeze(1))
}

/// [`arc_face`] with several directions per class, of which the nearest counts.
///
/// ```text
/// ℓᵢ = ln(Σⱼ exp zᵢⱼ) − z[i, yᵢ]
/// zᵢⱼ = s hᵢⱼ if j = yᵢ else s cᵢⱼ
/// hᵢⱼ = cᵢⱼ cos m − √(1 − cᵢⱼ²) sin m if cᵢⱼ ≥ −cos m else cᵢⱼ − m sin m
/// cᵢⱼ = maxₙ Σₖ uᵢₖ vⱼₙₖ
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// vⱼₙₖ = weightsⱼₙₖ / √(Σₗ weightsⱼₙₗ²)
/// yᵢ = labelsᵢ
/// m = margin
/// s = scale
/// ```
///
/// # Shapes
/// As [`arc_face`], but `weights` is `[classes, per_class, dimensions]`.
///
/// # Gradient
/// As [`arc_face`], to the nearest centre of each class alone; equally near ones share it.
///
/// # Estimates
/// No probabilities, as [`arc_face`]. In (0, ∞).
///
/// # Stability
/// As [`arc_face`].
///
/// # Example
/// ```
/// use minimand_loss::{ArcFaceOptions, LabelError, Labels, sub_center_arc_face};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[2.0, 1.0], [0.0, 3.0]]);
/// let weights = Tensor::from([[[1.0, 0.0], [0.0, -1.0]], [[0.6, 0.8], [-1.0, 0.0]]]);
/// let options = ArcFaceOptions { margin: 0.5, scale: 10.0 };
/// let loss = sub_center_arc_face(&embeddings, &Labels::new([0, 1], 2)?, &weights, options);
/// assert_eq!(format!("{loss:.4}"), "[3.2774, 0.0157]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&embeddings)), "[[-1.2206, 2.4413],\n [0.0023, 0.0000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// With noisy labels collected by machine: one centre gathers the clean examples of a class and the others what does not belong; drop afterwards what is
/// far from the first. It misleads on clean data, where classes fall apart into their centres.
///
/// # Reference
/// Deng et al., *Sub-center ArcFace: Boosting Face Recognition by Large-scale Noisy Web Faces*, ECCV 2020, equation 3. Usual: 3 centres, m = 0.5, s = 64.
///
/// # See also
/// [`arc_face`]; [`soft_triple`](crate::soft_triple), which weighs centres instead of choosing one.
#[doc(alias = "SubCenterArcFaceLoss")]
#[track_caller]
pub fn sub_center_arc_face(embeddings: &Tensor, labels: &Labels, weights: &Tensor, options: ArcFaceOptions) -> Tensor {
    check("sub_center_arc_face", embeddings, labels, ("weights", weights), 3);
    options.check("sub_center_arc_face", embeddings);
    options.loss(&labels.without_ignored(embeddings), labels, weights)
}

/// Options of [`arc_face`], [`sub_center_arc_face`] and [`curricular_face`](crate::curricular_face).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArcFaceOptions {
    /// By how much the angle to the label is made greater, in radians, m. Usual: 0.5.
    pub margin: f64,
    /// What the cosines are multiplied by, s. Usual: 64.
    pub scale: f64,
}

impl Default for ArcFaceOptions {
    fn default() -> ArcFaceOptions {
        ArcFaceOptions { margin: 0.5, scale: 64.0 }
    }
}

impl ArcFaceOptions {
    #[track_caller]
    pub(super) fn check(&self, loss: &str, embeddings: &Tensor) {
        check_margin(loss, embeddings, self.margin, self.scale);
        assert!(
            self.margin <= std::f64::consts::PI,
            "{loss}: margin is {}, in radians, and must be at most π",
            self.margin
        );
    }

    fn loss(&self, embeddings: &Tensor, labels: &Labels, weights: &Tensor) -> Tensor {
        let cosines = cosines(embeddings, weights).max_axis(-1);
        let own = with_margin(embeddings, labels, weights, &numbers([self.margin].into_iter(), cosines.dtype()));
        cross_entropy(&(self.scale * labels.truth().select(own.unsqueeze(-1), cosines)), labels)
    }
}

/// The cosine of the angle to the label's nearest centre made greater by a margin, `[examples]` or `[1]`; beyond `π − m`, where it would rise again, what
/// continues to fall.
pub(super) fn with_margin(embeddings: &Tensor, labels: &Labels, weights: &Tensor, margin: &Tensor) -> Tensor {
    let m = margin.unsqueeze(-1);
    let (cosine, sine) = cosine_and_sine(&embeddings.unsqueeze(1), &weights.index_select(0, labels.index()));
    let (c, s) = (m.cos(), m.sin());
    let turned = &cosine * &c - sine * &s;
    let phi = cosine.ge(-&c).select(turned, &cosine - m * s);
    // Centres equally near share the gradient.
    let nearest = cosine.eq(cosine.max_keepdim(-1));
    let count = nearest.cast(phi.dtype()).sum_axis(-1);
    nearest.select(phi, 0).sum_axis(-1) / count
}
