//! Log-odds: what a softmax is compared by, exact where its probabilities round to 0 or 1.

use minimand_tensor::Tensor;

/// `ln Σⱼ exp(rivalⱼ − own)` along an axis of the rivals, which vanishes: the log-odds of all rivals together against one. For Δ
/// the softmax gives `own` the surprisal `softplus(Δ)` and all others together the probability `σ(Δ)`. Without rivals (none, or
/// −∞ throughout) it is −∞ with gradient 0, and ∞ where `own` is −∞.
pub(crate) fn log_odds_against(own: &Tensor, rivals: &Tensor, axis: isize) -> Tensor {
    // Cut off from the graph: its derivative cancels. Taken together with `own`, so that digits common to both are not lost.
    let greatest = rivals.max_keepdim(axis).detach();
    let shift = greatest.is_finite().select(&greatest, 0);
    let sum = (rivals - &shift).exp().sum_axis(axis);
    let none = sum.eq(0);
    let log_odds = none.select(1, sum).ln() + (shift.squeeze(axis) - own);
    (none & own.ne(f64::NEG_INFINITY)).select(f64::NEG_INFINITY, log_odds)
}
