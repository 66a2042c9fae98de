//! Scores with Gumbel noise: an order drawn from the model of Plackett and Luce.

use minimand_tensor::{Rng, Tensor};

use crate::numbers::{check_finite, check_positive};
use crate::ranking::{approx_ndcg, check};

/// The stochastic treatment of a ranking loss: it is taken at scores with Gumbel noise, and averaged over samples. Sorting such scores
/// draws an order from the model of Plackett and Luce, so that losses which are flat at one order learn from its neighbours.
///
/// ```
/// use minimand_loss::{Gumbel, list_net};
/// use minimand_tensor::{Rng, Tensor};
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.5, 5.0]]);
/// let relevance = Tensor::from([[0.0, 2.0, 1.0], [1.0, 0.0, 0.0]]);
/// let noise = Gumbel::noise(&scores, 8, &mut Rng::seed(7));
/// let loss = Gumbel { beta: 0.5 }.average(&scores, &relevance, None, &noise, |s, y, mask| list_net(s, y, mask));
/// assert_eq!(loss.shape().to_string(), "[2]");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gumbel {
    /// By what the noise is multiplied.
    pub beta: f64,
}

impl Default for Gumbel {
    fn default() -> Gumbel {
        Gumbel { beta: 1.0 }
    }
}

impl Gumbel {
    /// Noise `−ln(−ln u)` for so many samples of scores `[…, items]`: `[…, samples, items]`. No `u` is 0 or 1, so that it is finite.
    ///
    /// # Panics
    /// When the scores have no axis.
    #[track_caller]
    pub fn noise(scores: &Tensor, samples: usize, rng: &mut Rng) -> Tensor {
        let (items, lists) = scores.shape().split_last().expect("scores have an axis for the items");
        let shape: Vec<usize> = lists.iter().copied().chain([samples, *items]).collect();
        let count = shape.iter().product();
        let gumbel = (0..count).map(|_| -(-rng.uniform().clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0).ln()).ln());
        Tensor::from_vec(gumbel.collect::<Vec<f64>>(), shape).cast(scores.dtype()).computed().detach()
    }

    /// A loss at noisy scores, averaged over the samples: it is given scores, relevance and mask in the shape of the noise.
    ///
    /// # Panics
    /// When the shapes do not fit, or beta is not greater than 0 and finite.
    #[track_caller]
    pub fn average(
        self,
        scores: &Tensor,
        relevance: &Tensor,
        mask: Option<&Tensor>,
        noise: &Tensor,
        loss: impl Fn(&Tensor, &Tensor, Option<&Tensor>) -> Tensor,
    ) -> Tensor {
        self.checked("gumbel", scores, relevance, mask, noise);
        let each = |x: &Tensor| x.unsqueeze(-2).expand(noise.shape());
        let noisy = scores.unsqueeze(-2) + self.beta * noise;
        loss(&noisy, &each(relevance), mask.map(each).as_ref()).mean_axis(-1)
    }

    #[track_caller]
    fn checked(self, loss: &str, scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>, noise: &Tensor) {
        check(loss, scores, relevance, mask);
        check_positive(loss, ("beta", self.beta), scores.dtype());
        check_finite(loss, ("beta", self.beta), scores.dtype());
        let fits = noise.rank() == scores.rank() + 1
            && noise.shape().split_last().is_some_and(|(items, rest)| {
                let (scored, lists) = scores.shape().split_last().expect("checked above");
                items == scored && rest[..rest.len() - 1] == *lists && rest[rest.len() - 1] > 0
            });
        assert!(
            fits,
            "{loss}: scores {} and noise {} do not fit: noise must have the samples, at least one, as last axis but one",
            scores.shape(),
            noise.shape()
        );
    }
}

/// How [`gumbel_approx_ndcg`] is perturbed and smoothed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GumbelOptions {
    /// By what the noise is multiplied.
    pub beta: f64,
    /// The difference of scores over which one item passes another.
    pub temperature: f64,
}

impl Default for GumbelOptions {
    fn default() -> GumbelOptions {
        GumbelOptions { beta: 1.0, temperature: 1.0 }
    }
}

/// Smooth NDCG at scores with Gumbel noise, averaged over samples of the noise, negative, so that less is better.
///
/// ```text
/// ℓ = −Σₖ Σᵢ gᵢ / ln(1 + rᵢₖ) / (best Σₖ 1) if best > 0 else 0
/// best = Σᵢ gᵢ / ln(1 + bᵢ)
/// gᵢ = 2^relevanceᵢ − 1
/// rᵢₖ = 1 + Σ{j ≠ i} σ((sⱼₖ − sᵢₖ) / temperature)
/// sᵢₖ = scoresᵢ + beta noiseₖᵢ
/// bᵢ = 1 + Σⱼ [relevanceⱼ > relevanceᵢ or relevanceⱼ = relevanceᵢ and j < i]
/// ```
///
/// # Shapes
/// `scores` and `relevance` have one shape `[…, items]`, `noise` is `[…, samples, items]`, as [`Gumbel::noise`] draws it; the
/// loss is `[…]`, one per list. A `mask` (bool) tells which items exist, as in [`approx_ndcg`]. Anything else panics, and so does a `beta` or
/// a `temperature` that is not greater than 0 and finite.
///
/// # Gradient
/// The mean of the gradients of [`approx_ndcg`] at the noisy scores. Masked items, and lists without relevant items, have gradient 0.
///
/// # Estimates
/// An **order**: that of [`approx_ndcg`], averaged over orders drawn near the present one. From −1 to 0.
///
/// # Stability
/// As [`approx_ndcg`]. The noise is given, not drawn inside: the loss is a function, and its derivatives can be checked.
///
/// # Example
/// ```
/// use minimand_loss::gumbel_approx_ndcg;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([2.0, 1.0, 0.0]);
/// let relevance = Tensor::from([0i64, 2, 1]);
/// let noise = Tensor::from([[0.5, 1.0, -0.5], [-0.5, 0.0, 2.0]]); // two samples; Gumbel::noise draws them
/// let loss = gumbel_approx_ndcg(&scores, &relevance, None, &noise, Default::default());
/// assert_eq!(format!("{loss:.4}"), "-0.6936");
/// assert_eq!(format!("{:.4}", loss.grad(&scores)), "[0.0486, -0.0496, 0.0010]");
/// ```
///
/// # When to use
/// Where [`approx_ndcg`] is stuck at a wrong and certain order: the noise takes it to where there is a slope. It misleads with noise that is
/// large beside the gaps of the scores: the loss is then that of random orders. Draw new noise each step.
///
/// # Reference
/// Bruch, Han, Bendersky, Najork, *A Stochastic Treatment of Learning to Rank Scoring Functions*, WSDM 2020, section 4; Rax,
/// `gumbel_t12n(approx_t12n(ndcg_metric))`, with 8 samples and beta = 1 for defaults, and the mean over all samples.
///
/// # See also
/// [`approx_ndcg`]; [`Gumbel`], the same treatment of any other loss.
#[doc(alias = "gumbel_t12n")]
#[track_caller]
pub fn gumbel_approx_ndcg(
    scores: &Tensor,
    relevance: &Tensor,
    mask: Option<&Tensor>,
    noise: &Tensor,
    options: GumbelOptions,
) -> Tensor {
    let gumbel = Gumbel { beta: options.beta };
    gumbel.checked("gumbel_approx_ndcg", scores, relevance, mask, noise);
    check_positive("gumbel_approx_ndcg", ("temperature", options.temperature), scores.dtype());
    check_finite("gumbel_approx_ndcg", ("temperature", options.temperature), scores.dtype());
    gumbel.average(scores, relevance, mask, noise, |s, y, mask| approx_ndcg(s, y, mask, options.temperature))
}
