//! Intra-pair variance loss.

use minimand_tensor::Tensor;

use crate::embedding::distance::cosines;
use crate::embedding::pairs::{Pairs, embedded};
use crate::embedding::reduction::Masked;
use crate::labels::Labels;
use crate::numbers::check_finite;

/// Options of [`intra_pair_variance`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntraPairVarianceOptions {
    /// By which share of the mean a like pair may be less similar.
    pub positive_epsilon: f64,
    /// By which share of the mean an unlike pair may be more similar.
    pub negative_epsilon: f64,
}

impl Default for IntraPairVarianceOptions {
    /// One hundredth each.
    fn default() -> IntraPairVarianceOptions {
        IntraPairVarianceOptions { positive_epsilon: 0.01, negative_epsilon: 0.01 }
    }
}

/// The square of what a like pair's cosine is below the mean of all like pairs, or an unlike pair's above theirs.
///
/// ```text
/// ℓᵢⱼ = 0 if i = j else max((1 − positive_epsilon) μ − sᵢⱼ, 0)² if yᵢ = yⱼ else max(sᵢⱼ − (1 + negative_epsilon) ν, 0)²
/// μ = Σ{i, j : yᵢ = yⱼ and i ≠ j} sᵢⱼ / (Σ{i, j : yᵢ = yⱼ and i ≠ j} 1)
/// ν = Σ{i, j : yᵢ ≠ yⱼ} sᵢⱼ / (Σ{i, j : yᵢ ≠ yⱼ} 1)
/// sᵢⱼ = Σₖ uᵢₖ uⱼₖ
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// yᵢ = labelsᵢ
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each, normalised here; the loss is `[examples, examples]`. Anything else panics.
///
/// # Gradient
/// `−2 h` by `sᵢⱼ` of a like pair, with h the term squared, and `2 (1 − ε) h` by the mean, which is differentiated too; for unlike pairs likewise.
///
/// # Estimates
/// **Equal similarities** of all like and of all unlike pairs: half their variance, the harder side. From 0 to about 4.
///
/// # Stability
/// Polynomials of cosines; the mean of no pair is 0.
///
/// # Example
/// ```
/// use minimand_loss::{IntraPairVarianceOptions, LabelError, Labels, intra_pair_variance};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6], [0.0, 1.0]]);
/// let labels = Labels::new([0, 0, 1, 1], 2)?;
/// let loss = intra_pair_variance(&embeddings, &labels, IntraPairVarianceOptions::default());
/// assert_eq!(format!("{loss:.3}"), "[[0.000, 0.000, 0.024, 0.000],\n [0.000, 0.000, 0.098, 0.024],\n [0.024, 0.098, 0.000, 0.000],\n [0.000, 0.024, 0.000, 0.000]]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&embeddings)), "[[0.000, -0.635],\n [0.147, -0.110],\n [-0.110, 0.147],\n [-0.635, 0.000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// Beside another loss, such as [`tuplet_margin`](crate::tuplet_margin), with weight 0.5. It misleads alone: an embedding that has collapsed to one point has loss 0.
///
/// # Reference
/// Yu, Tao, *Deep Metric Learning with Tuplet Margin Loss*, ICCV 2019, equations 8 and 9; the means over like and unlike pairs are added. Usual: ε = 0.01.
///
/// # See also
/// [`tuplet_margin`](crate::tuplet_margin); [`tcm`](crate::tcm), which has fixed levels.
#[doc(alias = "IntraPairVarianceLoss")]
#[track_caller]
pub fn intra_pair_variance(embeddings: &Tensor, labels: &Labels, options: IntraPairVarianceOptions) -> Tensor {
    let IntraPairVarianceOptions { positive_epsilon, negative_epsilon } = options;
    let z = embedded("intra_pair_variance", embeddings, labels);
    check_finite("intra_pair_variance", ("positive_epsilon", positive_epsilon), z.dtype());
    check_finite("intra_pair_variance", ("negative_epsilon", negative_epsilon), z.dtype());
    let (Pairs { positive, negative }, s) = (Pairs::of(labels, z.dtype()), cosines(&z, &z));
    let low = (1.0 - positive_epsilon) * Masked::new(&s, &positive).mean() - &s;
    let high = &s - (1.0 + negative_epsilon) * Masked::new(&s, &negative).mean();
    positive.select(low.relu().square(), negative.select(high.relu().square(), 0))
}
