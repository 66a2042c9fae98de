//! Contrastive losses of views: pairs judged one by one, and softmaxes whose negatives are corrected.

use minimand_tensor::{Operand, Tensor};

use super::views::{check_views, partners_and_rivals};
use crate::numbers::check_divisor;

/// Binary cross-entropy of whether each of all pairs of a batch belongs together, by scaled and shifted cosines.
///
/// ```text
/// ℓᵢ = softplus(−zᵢᵢ) + Σ{j ≠ i} softplus(zᵢⱼ)
/// zᵢⱼ = t Σₖ uᵢₖ vⱼₖ + b
/// uᵢₖ = firstᵢₖ / √(Σₗ firstᵢₗ²)
/// vⱼₖ = secondⱼₖ / √(Σₗ secondⱼₗ²)
/// t = scale
/// b = bias
/// ```
///
/// # Shapes
/// `first` and `second` are `[pairs, dimensions]`, row i of one belonging to row i of the other, or it panics; the loss is `[pairs]`: its mean is the sum
/// over all pairs of pairs divided by their number. They need not be normalised; a zero row has cosine 0. `scale` and `bias` are numbers or tensors of one.
///
/// # Gradient
/// By the logits `σ(zᵢⱼ) − [i = j]`: each pair on its own. 0 for a zero row.
///
/// # Estimates
/// The **log-odds** of a pair's belonging together, with the one to n − 1 proportion of the batch. In (0, ∞).
///
/// # Stability
/// `softplus` on logits: no probability is formed.
///
/// # Example
/// ```
/// use minimand_loss::sig_lip;
/// use minimand_tensor::Tensor;
///
/// let images = Tensor::from([[1.0, 0.0], [0.0, 1.0]]);
/// let texts = Tensor::from([[2.0, 0.0], [3.0, 4.0]]);
/// let loss = sig_lip(&images, &texts, 10.0, -10.0);
/// assert_eq!(format!("{loss:.4}"), "[0.7113, 2.1270]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&texts)), "[[0.0000, 0.0001],\n [0.4343, -0.3257]]");
/// ```
///
/// # When to use
/// Instead of [`info_nce_symmetric`](crate::info_nce_symmetric) for images and texts, when the batch is small, or spread over many machines: no sum over the
/// batch stands inside a logarithm. It misleads without the bias at about −ln(n): at the start all but one of n pairs are negatives, and b = 0 spends the
/// first steps on learning so.
///
/// # Reference
/// Zhai et al., *Sigmoid Loss for Language Image Pre-Training*, ICCV 2023, equation 1 and algorithm 1. Usual: t = 10 and b = −10 at the start, both learned, t as `exp`.
///
/// # See also
/// [`info_nce_symmetric`](crate::info_nce_symmetric), [`decoupled_contrastive`].
#[doc(alias = "SigLIP")]
#[doc(alias = "SigLipLoss")]
#[track_caller]
pub fn sig_lip(first: &Tensor, second: &Tensor, scale: impl Operand, bias: impl Operand) -> Tensor {
    check_views("sig_lip", ("first", first), ("second", second));
    let (scale, bias) = (scale.operand(first.dtype()), bias.operand(first.dtype()));
    let z = first.normalize(-1).matmul(&second.normalize(-1).transpose()) * scale + bias;
    let together = Tensor::eye(first.shape()[0]).ne(0);
    together.select(-&z, z).softplus().sum_axis(-1)
}

/// [`nt_xent`](crate::nt_xent) whose sum leaves the positive pair out: attraction and repulsion decoupled.
///
/// ```text
/// ℓᵢ = ln(Σ{j : kⱼ ≠ kᵢ} exp sᵢⱼ) − s[i, partnerᵢ]
/// sᵢⱼ = cos(viewᵢ, viewⱼ) / τ
/// ```
///
/// where the views are the rows of `first_views`, then those of `second_views`, k is the thing that a view shows, and τ the `temperature`.
///
/// # Shapes
/// `first_views` and `second_views` are `[things, dimensions]`, row i of both showing thing i, or it panics; the loss is `[2 · things]`, first for all first
/// views, then for all second views. `temperature` is positive.
///
/// # Gradient
/// With the shares `pᵢⱼ` of the negatives, which sum to 1, by `sᵢⱼ`: `pᵢⱼ − [j = partnerᵢ]`; the pull on the partner does not fade as the task becomes easy.
/// A zero row has gradient 0.
///
/// # Estimates
/// No density ratio, unlike [`nt_xent`](crate::nt_xent). From `ln(2n − 2) − 2/τ` on: below 0 when views are told apart well.
///
/// # Stability
/// A difference of a logarithm of a sum and a similarity. One thing alone has no negatives: loss 0, gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::decoupled_contrastive;
/// use minimand_tensor::Tensor;
///
/// let first_views = Tensor::from([[1.0, 1.0], [-1.0, 1.0]]);
/// let second_views = Tensor::from([[2.0, 0.0], [3.0, 4.0]]);
/// let loss = decoupled_contrastive(&first_views, &second_views, 0.5);
/// assert_eq!(format!("{loss:.4}"), "[0.6950, -0.0652, -0.1435, 2.0744]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&first_views)), "[[-0.6403, 0.6403],\n [-0.2169, -0.2169]]");
/// ```
///
/// # When to use
/// In place of [`nt_xent`](crate::nt_xent) with small batches and few epochs. It misleads late in training: easy positives keep pulling, which can
/// cost some of the uniformity.
///
/// # Reference
/// Yeh et al., *Decoupled Contrastive Learning*, ECCV 2022, equation 6 without weights. Usual: τ = 0.1.
///
/// # See also
/// [`weighted_decoupled_contrastive`], [`nt_xent`](crate::nt_xent), [`debiased_contrastive`].
#[doc(alias = "DCLLoss")]
#[track_caller]
pub fn decoupled_contrastive(first_views: &Tensor, second_views: &Tensor, temperature: f64) -> Tensor {
    check_views("decoupled_contrastive", ("first_views", first_views), ("second_views", second_views));
    check_divisor("decoupled_contrastive", ("temperature", temperature), first_views.dtype());
    let (partner, rivals) = partners_and_rivals(first_views, second_views, 1.0 / temperature);
    if_several(first_views, rivals.logsumexp_axis(-1) - partner)
}

/// [`decoupled_contrastive`] that pulls hardest at the pairs which are farthest apart.
///
/// ```text
/// ℓᵢ = ln(Σ{j : kⱼ ≠ kᵢ} exp sᵢⱼ) − w[kᵢ] s[i, partnerᵢ]
/// wₖ = 2 − n exp(cₖ / σ) / Σₗ exp(cₗ / σ)
/// sᵢⱼ = cos(viewᵢ, viewⱼ) / τ
/// cₖ = the cosine of the two views of thing k
/// ```
///
/// where the views are the rows of `first_views`, then those of `second_views`, k is the thing that a view shows, n the number of things, τ the `temperature`
/// and σ `sigma`.
///
/// # Shapes
/// As [`decoupled_contrastive`]; the temperature and σ are those of the options.
///
/// # Gradient
/// The weights are held fixed. By `sᵢⱼ`: `pᵢⱼ − w [j = partnerᵢ]`, with p as in [`decoupled_contrastive`].
///
/// # Estimates
/// No density ratio. Unbounded on neither side for a given n and τ.
///
/// # Stability
/// As [`decoupled_contrastive`]; the weights by softmax. They are negative for a pair with more than 2/n of it: such pairs are pushed apart.
///
/// # Example
/// ```
/// use minimand_loss::{WeightedDecoupledOptions, weighted_decoupled_contrastive};
/// use minimand_tensor::Tensor;
///
/// let first_views = Tensor::from([[1.0, 1.0], [-1.0, 1.0]]);
/// let second_views = Tensor::from([[2.0, 0.0], [3.0, 4.0]]);
/// let options = WeightedDecoupledOptions { temperature: 0.5, ..Default::default() };
/// let loss = weighted_decoupled_contrastive(&first_views, &second_views, options);
/// assert_eq!(format!("{loss:.4}"), "[1.4194, -0.2101, 0.5808, 1.9296]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&first_views)), "[[-0.4592, 0.4592],\n [-0.4704, -0.4704]]");
/// ```
///
/// # When to use
/// As [`decoupled_contrastive`], where distortions are strong. It misleads with a small σ, at which one pair takes all the weight.
///
/// # Reference
/// Yeh et al., *Decoupled Contrastive Learning*, ECCV 2022, equation 6 with the weights of section 3.2 (DCLW). Usual: τ = 0.1, σ = 0.5.
///
/// # See also
/// [`decoupled_contrastive`], [`nt_xent`](crate::nt_xent).
#[doc(alias = "DCLWLoss")]
#[track_caller]
pub fn weighted_decoupled_contrastive(
    first_views: &Tensor,
    second_views: &Tensor,
    options: WeightedDecoupledOptions,
) -> Tensor {
    let WeightedDecoupledOptions { temperature, sigma } = options;
    check_views("weighted_decoupled_contrastive", ("first_views", first_views), ("second_views", second_views));
    check_divisor("weighted_decoupled_contrastive", ("temperature", temperature), first_views.dtype());
    check_divisor("weighted_decoupled_contrastive", ("sigma", sigma), first_views.dtype());
    let (partner, rivals) = partners_and_rivals(first_views, second_views, 1.0 / temperature);
    // Every pair stands twice: the mean over 2n is that over n.
    let share = (temperature / sigma * &partner).softmax(0) * (2 * first_views.shape()[0]);
    if_several(first_views, rivals.logsumexp_axis(-1) - (2.0 - share).detach() * partner)
}

/// Options of [`weighted_decoupled_contrastive`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeightedDecoupledOptions {
    /// What the cosines are divided by, τ. Usual: 0.1.
    pub temperature: f64,
    /// What the cosines are divided by in the weights, σ. Usual: 0.5.
    pub sigma: f64,
}

impl Default for WeightedDecoupledOptions {
    fn default() -> WeightedDecoupledOptions {
        WeightedDecoupledOptions { temperature: 0.1, sigma: 0.5 }
    }
}

/// [`nt_xent`](crate::nt_xent) whose negatives are corrected for those that are positives unawares, and weighted by how hard they are.
///
/// ```text
/// ℓᵢ = ln(exp pᵢ + gᵢ) − pᵢ
/// gᵢ = max((hᵢ − n τ exp pᵢ) / (1 − τ), n exp(−1 / t))
/// hᵢ = n Σ{j : kⱼ ≠ kᵢ} exp((1 + β) sᵢⱼ) / Σ{j : kⱼ ≠ kᵢ} exp(β sᵢⱼ)
/// sᵢⱼ = cos(viewᵢ, viewⱼ) / t, pᵢ = s[i, partnerᵢ]
/// ```
///
/// where the views are the rows of `first_views`, then those of `second_views`, k is the thing that a view shows, n the number of its negatives, t the
/// `temperature`, τ the `positive_share` and β the `hardness`.
///
/// # Shapes
/// `first_views` and `second_views` are `[things, dimensions]`, row i of both showing thing i, or it panics; the loss is `[2 · things]`, first for all first
/// views, then for all second views.
///
/// # Gradient
/// That of the formula; where g is at its least value, only the partner pulls, and the seam belongs to that side. A zero row has gradient 0.
///
/// # Estimates
/// The loss of true negatives alone, were the share of false ones τ and the classes alike. In (0, ∞).
///
/// # Stability
/// In logarithms throughout: `ln g` from a difference of logarithms of sums, so that t = 0.01 neither overflows nor cancels. One thing alone has no
/// negatives: loss 0, gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::{DebiasedContrastiveOptions, debiased_contrastive};
/// use minimand_tensor::Tensor;
///
/// let first_views = Tensor::from([[1.0, 1.0], [-1.0, 1.0]]);
/// let second_views = Tensor::from([[2.0, 0.0], [3.0, 4.0]]);
/// let options = DebiasedContrastiveOptions { hardness: 1.0, ..Default::default() };
/// let loss = debiased_contrastive(&first_views, &second_views, options);
/// assert_eq!(format!("{loss:.4}"), "[1.4542, 0.7906, 0.8994, 2.3834]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&first_views)), "[[-0.4868, 0.4868],\n [-0.2483, -0.2483]]");
/// ```
///
/// # When to use
/// Where the batch holds many things of the same kind, and pushing them apart hurts: τ is the chance that two are. It misleads when τ is set greater than it is:
/// hard negatives are then forgiven; and with great β a few outliers are all that counts.
///
/// # Reference
/// Chuang et al., *Debiased Contrastive Learning*, NeurIPS 2020, equations 7 and 8; Robinson et al., *Contrastive Learning with Hard Negative Samples*, ICLR
/// 2021, equation 4, for β > 0. Usual: t = 0.5, τ = 0.1, β = 0 to 2.
///
/// # See also
/// [`nt_xent`](crate::nt_xent), which it is for τ = β = 0, but for the floor; [`decoupled_contrastive`].
#[doc(alias = "DCL")]
#[doc(alias = "HCL")]
#[track_caller]
pub fn debiased_contrastive(
    first_views: &Tensor,
    second_views: &Tensor,
    options: DebiasedContrastiveOptions,
) -> Tensor {
    let DebiasedContrastiveOptions { temperature, positive_share: tau, hardness: beta } = options;
    check_views("debiased_contrastive", ("first_views", first_views), ("second_views", second_views));
    check_divisor("debiased_contrastive", ("temperature", temperature), first_views.dtype());
    assert!((0.0..1.0).contains(&tau), "debiased_contrastive: positive_share is {tau} and must be from 0, and below 1");
    assert!(
        beta >= 0.0 && beta.is_finite(),
        "debiased_contrastive: hardness is {beta} and must be at least 0, and finite"
    );
    let (p, rivals) = partners_and_rivals(first_views, second_views, 1.0 / temperature);
    let n = 2.0 * first_views.shape()[0] as f64 - 2.0;
    let masked = rivals.eq(f64::NEG_INFINITY);
    let tilted = |power: f64| masked.select(f64::NEG_INFINITY, power * masked.select(0, &rivals)).logsumexp_axis(-1);
    let h = tilted(1.0 + beta) - tilted(beta) + n.ln();
    let floor = n.ln() - 1.0 / temperature;
    let g = if tau == 0.0 {
        h
    } else {
        let false_negatives = &p + (n * tau).ln() - &h;
        let some = false_negatives.lt(0);
        let left = some.select(&false_negatives, -1.0).log1mexp();
        some.select(h + left - (1.0 - tau).ln(), f64::NEG_INFINITY)
    };
    let above = g.gt(floor);
    if_several(first_views, (above.select(g, floor) - p).softplus())
}

/// Options of [`debiased_contrastive`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DebiasedContrastiveOptions {
    /// What the cosines are divided by, t. Usual: 0.5.
    pub temperature: f64,
    /// The chance that a negative is a positive, τ; below 1. Usual: 0.1.
    pub positive_share: f64,
    /// How much hard negatives count more, β. Usual: 0 to 2.
    pub hardness: f64,
}

impl Default for DebiasedContrastiveOptions {
    fn default() -> DebiasedContrastiveOptions {
        DebiasedContrastiveOptions { temperature: 0.5, positive_share: 0.1, hardness: 0.0 }
    }
}

/// The loss, or 0 when there is but one thing, which has no negatives.
fn if_several(views: &Tensor, loss: Tensor) -> Tensor {
    if views.shape()[0] > 1 { loss } else { loss.zeros_like() }
}
