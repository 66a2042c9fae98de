//! InfoNCE: find the partner among the batch.

use minimand_tensor::{Operand, Tensor};

use crate::numbers::check_divisor;
use crate::odds::log_odds_against;
use crate::shape::same_shapes;

/// Cross-entropy of finding each query's own key among the keys of the batch, by cosine similarity.
///
/// ```text
/// ℓᵢ = ln(Σⱼ exp sᵢⱼ) − sᵢᵢ
/// sᵢⱼ = Σₖ uᵢₖ vⱼₖ / τ
/// uᵢₖ = queriesᵢₖ / √(Σₗ queriesᵢₗ²)
/// vⱼₖ = keysⱼₖ / √(Σₗ keysⱼₗ²)
/// τ = temperature
/// ```
///
/// # Shapes
/// `queries` and `keys` are `[pairs, dimensions]`, or they panic; the loss is `[pairs]`. Row i of the keys is the
/// positive of query i, the other rows are its negatives. They need not be normalised; a zero row has similarity 0 to
/// everything. `temperature` is a positive number, neither infinite nor so small that its reciprocal is (1e-39 in f32), or a tensor of
/// one (shape `[]` or `[1]`), which may be learned (write it as `exp` of a parameter) and is not checked. Anything else panics.
///
/// # Gradient
/// With the shares `pᵢⱼ = exp sᵢⱼ / Σₗ exp sᵢₗ`, by query i: `(1 − û ûᵀ)(Σⱼ pᵢⱼ vⱼ − vᵢ) / (τ ‖queryᵢ‖)`, from its own
/// key towards the mean of those it is mistaken for, and always at right angles to the query: lengths are not learned.
/// By the temperature: `(sᵢᵢ − Σⱼ pᵢⱼ sᵢⱼ) / τ`. A zero row has gradient 0: it has no direction to learn. Smooth
/// everywhere else.
///
/// # Estimates
/// The **density ratio** `ln p(key | query)/p(key)`: with free scores the minimiser of the mean is `s = ln p(key |
/// query)/p(key) + c(query)`. `ln N` minus the mean loss, N pairs in the batch, is a lower bound on the mutual
/// information of query and key, and can never say more than `ln N`. From `ln(1 + (N − 1) e^(−2/τ))`, its own key in
/// the same direction and all others in the opposite one, to `ln(1 + (N − 1) e^(2/τ))`; `ln N` when nothing is told
/// apart.
///
/// # Stability
/// Computed as `softplus(ln Σ{j ≠ i} exp sᵢⱼ − sᵢᵢ)`: never the logarithm of a probability, and no ε. A loss of
/// hundreds keeps its value and its gradient, where an ε inside the logarithm stops at 87 in f32 and lets go of just
/// the hardest pair; a loss of 10⁻⁹ is not rounded to 0. One pair alone has no negatives: loss 0, gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::info_nce;
/// use minimand_tensor::Tensor;
///
/// let queries = Tensor::from([[1.0, 1.0], [-1.0, 1.0]]);
/// let keys = Tensor::from([[2.0, 0.0], [3.0, 4.0]]);
/// let loss = info_nce(&queries, &keys, 0.5);
/// assert_eq!(format!("{loss:.4}"), "[1.0155, 0.1682]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&queries)), "[[-0.5412, 0.5412],\n [-0.0438, -0.0438]]");
/// ```
///
/// # When to use
/// To learn embeddings for search from pairs alone: question and passage, text and image, an item and what was chosen
/// next. The batch supplies the negatives, so large batches and small temperatures make the task harder. It misleads
/// when the batch holds duplicates or things that belong together: they are pushed apart as false negatives, the more
/// the smaller τ is. Losses of different batch sizes cannot be compared, and a loss near 0 in a small batch proves only
/// `ln N` of information. For similarities other than the cosine, use [`cross_entropy`](crate::cross_entropy) on the
/// matrix of scores with the labels 0, 1, 2, …
///
/// # Reference
/// van den Oord, Li, Vinyals, *Representation Learning with Contrastive Predictive Coding*, 2018, equation 4. Usual: τ
/// = 0.07 (He et al., *Momentum Contrast*, CVPR 2020), 0.05 to 0.2; 0.05 is the scale 20 of sentence-transformers.
///
/// # See also
/// [`info_nce_symmetric`] for both directions; [`nt_xent`](crate::nt_xent) for two views of one thing;
/// [`triplet_margin`](crate::triplet_margin) for one negative.
#[doc(alias = "InfoNCE")]
#[doc(alias = "MultipleNegativesRankingLoss")]
#[track_caller]
pub fn info_nce(queries: &Tensor, keys: &Tensor, temperature: impl Operand) -> Tensor {
    check_pairs("info_nce", ("queries", queries), ("keys", keys));
    let similarities = cosine_similarities("info_nce", queries, keys, temperature);
    let (positive, rivals) = parted(&similarities, &Tensor::iota(queries.shape()[0]));
    against(&positive, &rivals, -1)
}

/// Mean of [`info_nce`] in both directions: each row of `first` finds its partner in `second`, and the reverse.
///
/// ```text
/// ℓᵢ = ½ ln(Σⱼ exp sᵢⱼ) + ½ ln(Σⱼ exp sⱼᵢ) − sᵢᵢ
/// sᵢⱼ = Σₖ uᵢₖ vⱼₖ / τ
/// uᵢₖ = firstᵢₖ / √(Σₗ firstᵢₗ²)
/// vⱼₖ = secondⱼₖ / √(Σₗ secondⱼₗ²)
/// τ = temperature
/// ```
///
/// # Shapes
/// `first` and `second` are `[pairs, dimensions]`, or they panic; the loss is `[pairs]`. Row i of one belongs to row i
/// of the other. They need not be normalised; a zero row has similarity 0 to everything. `temperature` is a number or a tensor as for
/// [`info_nce`].
///
/// # Gradient
/// Half the sum of both directions' gradients. With `pᵢⱼ` the shares within row i of the similarities and `qᵢⱼ` those
/// within column j, by `sᵢⱼ` of the sum of all losses: `½ (pᵢⱼ + qᵢⱼ) − [i = j]`; from there to the rows as in
/// [`info_nce`]. A zero row has gradient 0.
///
/// # Estimates
/// The **density ratio** `ln p(a, b)/(p(a) p(b))` of the pairs, up to a constant that is the same for all, since both
/// directions share the scores; its mean bounds the mutual information by `I ≥ ln N − ℓ`. From `ln(1 + (N − 1)
/// e^(−2/τ))` to `ln(1 + (N − 1) e^(2/τ))`; `ln N` when nothing is told apart.
///
/// # Stability
/// As [`info_nce`]: a softplus of a difference of logarithms of sums in each direction, no ε. One pair alone has loss 0
/// and gradient 0.
///
/// # Example
/// With a learned temperature, as in CLIP:
/// ```
/// use minimand_loss::info_nce_symmetric;
/// use minimand_tensor::Tensor;
///
/// let images = Tensor::from([[1.0, 0.0], [0.0, 1.0]]);
/// let texts = Tensor::from([[2.0, 0.0], [3.0, 4.0]]);
/// let log_temperature = Tensor::from(0.5f64.ln());
/// let loss = info_nce_symmetric(&images, &texts, log_temperature.exp());
/// assert_eq!(format!("{loss:.4}"), "[0.2490, 0.3485]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&log_temperature)), "0.2289");
/// ```
///
/// # When to use
/// For two kinds of things that must find each other in both directions, as images and their captions. Learn the
/// temperature as the exponential of a parameter and keep it from falling below 0.01: training likes to sharpen without
/// end. It misleads as [`info_nce`] does: captions that fit several images of the batch are false negatives, and the
/// batch size sets the scale.
///
/// # Reference
/// Radford et al., *Learning Transferable Visual Models From Natural Language Supervision* (CLIP), ICML 2021, figure 3.
/// Usual: a learned temperature from 0.07 on, not below 0.01.
///
/// # See also
/// [`info_nce`] for one direction; [`nt_xent`](crate::nt_xent), where both sides are of one kind and are negatives to
/// themselves too.
#[doc(alias = "CLIP")]
#[doc(alias = "clip_loss")]
#[doc(alias = "ClipLoss")]
#[track_caller]
pub fn info_nce_symmetric(first: &Tensor, second: &Tensor, temperature: impl Operand) -> Tensor {
    check_pairs("info_nce_symmetric", ("first", first), ("second", second));
    let similarities = cosine_similarities("info_nce_symmetric", first, second, temperature);
    let (positive, rivals) = parted(&similarities, &Tensor::iota(first.shape()[0]));
    0.5 * (against(&positive, &rivals, -1) + against(&positive, &rivals, 0))
}

/// Cosines of the angles between all rows of two matrices over the temperature; 0 where a row is zero.
#[track_caller]
pub(super) fn cosine_similarities(loss: &str, queries: &Tensor, keys: &Tensor, temperature: impl Operand) -> Tensor {
    if let Some(number) = temperature.number() {
        check_divisor(loss, ("temperature", number), queries.dtype());
    }
    let temperature = temperature.operand(queries.dtype());
    assert!(
        matches!(temperature.shape().sizes(), [] | [1]),
        "{loss}: temperature {} must be a number, or a tensor of shape [] or [1]",
        temperature.shape()
    );
    (queries.normalize(-1) / temperature).matmul(&keys.normalize(-1).transpose())
}

/// The similarity of each row's partner, given by its number, and the similarities without it: -∞ in its place.
#[track_caller]
pub(super) fn parted(similarities: &Tensor, partner: &Tensor) -> (Tensor, Tensor) {
    let is_partner = Tensor::iota(similarities.shape()[1]).eq(partner.unsqueeze(-1));
    let positive = is_partner.select(similarities, 0).sum_axis(-1);
    (positive, is_partner.select(f64::NEG_INFINITY, similarities))
}

/// `ln (e^s⁺ + Σ e^s⁻) - s⁺`, with the one partner's similarity `s⁺` and the rivals' `s⁻` along an axis. Written as the
/// softplus of a difference it can neither overflow nor saturate, and without rivals it is 0.
#[track_caller]
pub(super) fn against(positive: &Tensor, rivals: &Tensor, axis: isize) -> Tensor {
    log_odds_against(positive, rivals, axis).softplus()
}

#[track_caller]
pub(super) fn check_pairs(loss: &str, first: (&str, &Tensor), second: (&str, &Tensor)) {
    let (name, matrix) = first;
    assert!(matrix.rank() == 2, "{loss}: {name} {} must have two axes, [pairs, dimensions]", matrix.shape());
    same_shapes(loss, first, second);
}
