//! Unlikelihood: classes that must not be said.

use std::f64::consts::LN_2;

use minimand_tensor::{DType, Tensor};

use crate::shape::same_shapes;

/// Negative log-probability of avoiding each of some unwanted classes.
///
/// ```text
/// ℓ = −Σₖ unwantedₖ ln(1 − pₖ)
/// pₖ = exp(logitsₖ) / Σⱼ exp(logitsⱼ)
/// ```
///
/// # Shapes
/// `logits` and `unwanted` (bool) are `[…, classes]` of one shape, or it panics; the loss is `[…]`.
///
/// # Gradient
/// By logit k: `uₖ pₖ − pₖ Σ{j ≠ k} uⱼ pⱼ / (1 − pⱼ)`, with u the unwanted classes: down for what is unwanted, up for the others as they
/// are likely.
///
/// # Estimates
/// **Nothing likely among the unwanted**: 0 when all of them have probability 0. From 0 to ∞; it says nothing of the others, and so
/// accompanies a likelihood.
///
/// # Stability
/// `−ln(1 − p)` is the softplus of the logit less the log-sum-exp of the others for a class with p > ½, and `−ln_1p(−p)` for the
/// rest: linear and exact where p rounds to 1.
///
/// # Example
/// ```
/// use minimand_loss::unlikelihood;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 0.0]]);
/// let unwanted = Tensor::from([[true, false, false]]);
/// let loss = unlikelihood(&logits, &unwanted);
/// assert_eq!(format!("{loss:.4}"), "[1.5464]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[[0.7870, -0.3935, -0.3935]]");
/// ```
///
/// # When to use
/// Beside the cross-entropy of a language model, against repetition and against what must not be said: mark the tokens that occurred before,
/// without the true next one. It misleads when alone: every other distribution is as good. Marking many tokens outweighs the likelihood; a
/// token that is both true and unwanted pulls in both directions.
///
/// # Reference
/// Welleck et al., *Neural Text Generation with Unlikelihood Training*, ICLR 2020, equation 4. Usual: weight 1 beside the likelihood.
///
/// # See also
/// [`cross_entropy`](crate::cross_entropy), which it accompanies.
#[doc(alias = "UnlikelihoodLoss")]
#[track_caller]
pub fn unlikelihood(logits: &Tensor, unwanted: &Tensor) -> Tensor {
    same_shapes("unlikelihood", ("logits", logits), ("unwanted", unwanted));
    assert!(logits.rank() > 0, "unlikelihood: logits {} must have a class axis", logits.shape());
    assert!(unwanted.dtype() == DType::Bool, "unlikelihood: unwanted is {} and must be bool", unwanted.dtype());
    // One class at most has a probability above a half.
    let log_p = logits.log_softmax(-1);
    let probable = log_p.gt(-LN_2);
    let others = probable.select(f64::NEG_INFINITY, logits).logsumexp_keepdim(-1);
    let likely = (probable.select(logits, 0) - others).softplus();
    let unlikely = -(-probable.select(f64::NEG_INFINITY, log_p).exp()).ln_1p();
    unwanted.select(probable.select(likely, unlikely), 0).sum_axis(-1)
}
