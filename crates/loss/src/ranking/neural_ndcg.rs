//! NDCG of a relaxed sort.

use minimand_tensor::Tensor;

use crate::numbers::{check_divisor, numbers};
use crate::ranking::{check, filled, ranks};

/// How [`neural_ndcg`] sorts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NeuralNdcgOptions {
    /// How soft the sort is: a difference of scores, times the number of items.
    pub temperature: f64,
    /// The metric looks at so many places; all when there is none.
    pub top: Option<usize>,
    /// How often columns and rows are scaled to sum to 1; 0 leaves the columns as they are.
    pub iterations: usize,
}

impl Default for NeuralNdcgOptions {
    fn default() -> NeuralNdcgOptions {
        NeuralNdcgOptions { temperature: 1.0, top: None, iterations: 10 }
    }
}

/// Normalised discounted cumulative gain of gains that are sorted softly by the scores, negative, so that less is better: NeuralNDCG.
///
/// ```text
/// ℓ = −Σᵢ Σⱼ Qᵢⱼ gⱼ / (best ln(1 + i)) if best > 0 else 0
/// Q = P, its columns and rows scaled in turn to sum to 1
/// Pᵢⱼ = exp zᵢⱼ / Σₖ exp zᵢₖ
/// zᵢⱼ = ((n + 1 − 2 i) sⱼ − Σₖ |sⱼ − sₖ|) / temperature
/// gⱼ = 2^yⱼ − 1
/// best = Σⱼ gⱼ / ln(1 + bⱼ)
/// ```
///
/// with places i from 1 to the number of items n, scores s, grades y, and ranks b in the best order. With `top`, places beyond it have no
/// discount, in `best` too.
///
/// # Shapes
/// `scores` and `relevance` have one shape `[…, items]`; the loss is `[…]`, one per list. The relevance grades are at least 0, floats or integers. A
/// `mask` (bool) of the same shape tells which items exist; what masked items hold, even NaN, has no influence. Anything else panics, and so does a
/// `temperature` that is not greater than 0 and finite.
///
/// # Gradient
/// By way of the sort and of all its scalings. The gradients of a list sum to 0; where scores are equal, |sⱼ − sₖ| has slope 0. A list without relevant
/// items, or masked wholly, has loss 0 and gradient 0; masked items have gradient 0.
///
/// # Estimates
/// An **order**: by falling expected gain. From −1, approached as the gaps grow in the right order, to 0. As the temperature falls, minus the loss tends
/// to NDCG.
///
/// # Stability
/// The matrix is kept in logarithms through all scalings: far scores make no column 0. Kept are what its rows and columns are divided by, so that the
/// memory does not grow with the scalings. Gains are over the greatest power of 2 in the list.
///
/// # Example
/// ```
/// use minimand_loss::neural_ndcg;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.5, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = neural_ndcg(&scores, &relevance, Some(&mask), Default::default());
/// assert_eq!(format!("{loss:.4}"), "[-0.7152, -0.7703]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.0619, -0.0837, 0.0218],\n [-0.0867, 0.0867, 0.0000]]");
/// ```
///
/// # When to use
/// As [`approx_ndcg`](crate::approx_ndcg), when it is not enough: here the places are sorted together, so that no two items hold one. It misleads at a
/// temperature far below the gaps: the sort is then hard, and nothing is learned. The scalings cost ten times the rest.
///
/// # Reference
/// Pobrotyn, Białobrzeski, *NeuralNDCG: Direct Optimisation of a Ranking Metric via Differentiable Relaxation of Sorting*, 2021, equations 6 and 7; the sort
/// Grover, Wang, Zweig, Ermon, *Stochastic Optimization of Sorting Networks via Continuous Relaxations*, ICLR 2019. allRank scales until sums
/// are 1 to 10⁻⁶, at most 50 times; here the number is given, so that the loss is one function. Usual: temperature = 1.
///
/// # See also
/// [`approx_ndcg`](crate::approx_ndcg); [`ndcg_loss2`](crate::ndcg_loss2).
#[doc(alias = "neuralNDCG")]
#[doc(alias = "NeuralSort")]
#[track_caller]
pub fn neural_ndcg(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>, options: NeuralNdcgOptions) -> Tensor {
    check("neural_ndcg", scores, relevance, mask);
    check_divisor("neural_ndcg", ("temperature", options.temperature), scores.dtype());
    let items = scores.shape()[scores.rank() - 1];
    let s = filled(scores, mask, 0.0);
    let place = numbers((0..items).map(|before| before as f64 + 1.0), s.dtype());
    let n = filled(&s.ones_like(), mask, 0.0).sum_keepdim(-1);
    let between = (s.unsqueeze(-1) - s.unsqueeze(-2)).abs();
    let apart = mask.map_or_else(|| between.clone(), |exists| exists.unsqueeze(-2).select(&between, 0)).sum_axis(-1);
    let weight = (n.unsqueeze(-1) + 1.0) - 2.0 * place.unsqueeze(-1);
    let z = (weight * s.unsqueeze(-2) - apart.unsqueeze(-2)) / options.temperature;
    // A place beyond the last item, and an item that does not exist, have no share.
    let taken = place.le(&n).unsqueeze(-1);
    let taken = mask.map_or_else(|| taken.clone(), |exists| &taken & exists.unsqueeze(-2));
    let z = taken.select(z, f64::NEG_INFINITY);
    // What rows and columns have been divided by, in logarithms: a matrix is not kept for every scaling.
    let mut rows = log_sum(&z, -1);
    let mut columns = rows.swap_axes(-1, -2).zeros_like();
    for _ in 0..options.iterations {
        columns = &columns + log_sum(&(&z - &rows - &columns), -2);
        rows = &rows + log_sum(&(&z - &rows - &columns), -1);
    }
    let log_p = z - rows - columns;
    let gain = ranks::gains_over_best(relevance, mask, options.top, &s);
    let sorted = (log_p.exp() * gain.unsqueeze(-2)).sum_axis(-1);
    0.0 - (sorted * ranks::discount(&place, options.top)).sum_axis(-1)
}

/// The logarithm of the sum of the exponentials along an axis; 0 where all of them are 0, so that they stay 0 when divided.
fn log_sum(log_p: &Tensor, axis: isize) -> Tensor {
    let sum = log_p.logsumexp_keepdim(axis);
    sum.eq(f64::NEG_INFINITY).select(0, &sum)
}
