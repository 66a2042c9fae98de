//! NT-Xent, the loss of SimCLR.

use minimand_tensor::{Operand, Tensor};

use crate::embedding::info_nce::{against, check_pairs, cosine_similarities, parted};

/// Cross-entropy of finding the other view of the same thing among all views of a batch: the normalised
/// temperature-scaled cross-entropy of SimCLR.
///
/// ```text
/// ℓᵢ = ln(Σ{j ≠ i} exp sᵢⱼ) − s[i, partnerᵢ]
/// partnerᵢ = i + N if i < N else i − N
/// sᵢⱼ = Σₖ uᵢₖ uⱼₖ / τ
/// uᵢₖ = viewsᵢₖ / √(Σₗ viewsᵢₗ²)
/// τ = temperature
/// ```
///
/// where `views` are the N rows of `first_views` followed by the N rows of `second_views`, counted from 0.
///
/// # Shapes
/// `first_views` and `second_views` are `[things, dimensions]`, row i of both showing thing i, or they panic; the loss
/// is `[2 · things]`, first for all first views, then for all second views. They need not be normalised; a zero row has
/// similarity 0 to everything. `temperature` is a number or a tensor as for [`info_nce`](crate::info_nce).
///
/// # Gradient
/// With the shares `pᵢⱼ = exp sᵢⱼ / Σ{l ≠ i} exp sᵢₗ` and `pᵢᵢ = 0`, by `sᵢⱼ`: `pᵢⱼ − [j = partnerᵢ]`. Every view is
/// compared and also compared with, so a row of the views receives its own loss's pull and those of all others; all at
/// right angles to the row. A zero row has gradient 0.
///
/// # Estimates
/// The **density ratio** of two views being of one thing rather than of two, as [`info_nce`](crate::info_nce). `ln(2N −
/// 1)` minus the mean loss is a lower bound on the mutual information of two views. From `ln(1 + (2N − 2) e^(−2/τ))` to
/// `ln(1 + (2N − 2) e^(2/τ))`; `ln(2N − 1)` when nothing is told apart.
///
/// # Stability
/// Computed as `softplus(ln Σ exp sᵢⱼ − s[i, partnerᵢ])`, the sum over all others: never the logarithm of a
/// probability, no ε. The comparison with itself is left out by −∞ before the logarithm of the sum, not by a factor.
/// Losses of hundreds keep their value and gradient. One thing alone has no negatives: loss 0, gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::nt_xent;
/// use minimand_tensor::Tensor;
///
/// let first_views = Tensor::from([[1.0, 1.0], [-1.0, 1.0]]);
/// let second_views = Tensor::from([[2.0, 0.0], [3.0, 4.0]]);
/// let loss = nt_xent(&first_views, &second_views, 0.5);
/// assert_eq!(format!("{loss:.4}"), "[1.0999, 0.6611, 0.6239, 2.1928]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&first_views)), "[[-0.3598, 0.3598],\n [-0.1997, -0.1997]]");
/// ```
///
/// # When to use
/// For self-supervised learning from two random distortions of each example, with batches of hundreds. It learns to
/// ignore whatever the distortions change and to keep what they leave: choose them by what later tasks must not need.
/// It misleads with small batches (few negatives), and with many examples of few classes, which it pushes apart as
/// negatives; with labels at hand a supervised loss is better. The memory for similarities grows with the square of the
/// batch.
///
/// # Reference
/// Chen, Kornblith, Norouzi, Hinton, *A Simple Framework for Contrastive Learning of Visual Representations* (SimCLR),
/// ICML 2020, equation 1. Usual: τ from 0.1 to 0.5.
///
/// # See also
/// [`info_nce`](crate::info_nce) and [`info_nce_symmetric`](crate::info_nce_symmetric) for two different kinds of
/// things; [`contrastive`](crate::contrastive) for labelled pairs.
#[doc(alias = "NTXent")]
#[doc(alias = "NTXentLoss")]
#[doc(alias = "ntxent")]
#[doc(alias = "SimCLR")]
#[track_caller]
pub fn nt_xent(first_views: &Tensor, second_views: &Tensor, temperature: impl Operand) -> Tensor {
    check_pairs("nt_xent", ("first_views", first_views), ("second_views", second_views));
    let pairs = first_views.shape()[0];
    let views = Tensor::concatenate([first_views, second_views], 0);
    let similarities = cosine_similarities("nt_xent", &views, &views, temperature);
    let view = Tensor::iota(2 * pairs);
    let partner = (0..2 * pairs).map(|view| (view + pairs) as i64 % (2 * pairs) as i64).collect::<Vec<i64>>();
    let partner = Tensor::from_vec(partner, [2 * pairs]);
    let (positive, others) = parted(&similarities, &partner);
    let (_, rivals) = parted(&others, &view);
    against(&positive, &rivals, -1)
}
