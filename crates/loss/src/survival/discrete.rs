//! Survival in intervals: a hazard, or a probability, for each.

use minimand_tensor::{DType, Tensor};

/// Whether row i is past an interval, in it, or not yet there.
#[track_caller]
fn check(loss: &str, logits: &Tensor, intervals: &Tensor, happened: &Tensor) {
    let fits = logits.shape().split_last().is_some_and(|(&last, rest)| last > 0 && *rest == **intervals.shape());
    assert!(
        fits,
        "{loss}: logits {} must have the shape of intervals {} and the intervals as last axis",
        logits.shape(),
        intervals.shape()
    );
    crate::shape::same_shapes(loss, ("intervals", intervals), ("happened", happened));
    assert!(happened.dtype() == DType::Bool, "{loss}: happened must be bool, not {}", happened.dtype());
    assert!(intervals.dtype() == DType::I64, "{loss}: intervals must be i64, not {}", intervals.dtype());
}

/// Negative log-likelihood of hazards per interval: a binary cross-entropy in each interval that a row lived to see.
///
/// ```text
/// ℓ = Σ{j : j < intervals} softplus(logitsⱼ) + (softplus(−logits_intervals) if happened = 1 else softplus(logits_intervals))
/// ```
///
/// # Shapes
/// `logits` of the hazards is `[…, intervals]`; `intervals` (i64), the interval of the event or the last one survived, and
/// `happened` (bool) are `[…]`, and so is the loss. Other shapes and types panic; an interval beyond the last counts as having
/// survived all.
///
/// # Gradient
/// In each interval lived through `σ(logit)`, in that of the event `σ(logit) − 1`, beyond it 0. No kinks.
///
/// # Estimates
/// The **hazard** of each interval: the probability of failing in it for those who have come so far. Censored rows count in the
/// intervals that they survived. From 0.
///
/// # Stability
/// Softplus of logits: no hazard is formed. The survival function is the product of `σ(−logit)`.
///
/// # Example
/// ```
/// use minimand_loss::discrete_hazard_nll;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]);
/// let loss = discrete_hazard_nll(&logits, &Tensor::from([1i64, 1]), &Tensor::from([true, false]));
/// assert_eq!(format!("{loss:.4}"), "[1.3863, 1.3863]"); // 2 ln 2
/// assert_eq!(loss.sum().grad(&logits).to_string(), "[[0.5, -0.5, 0],\n [0.5, 0.5, 0]]");
/// ```
///
/// # When to use
/// For times in months or visits, hazards of any shape, and features that change with time. It misleads with intervals so wide
/// that censoring within them matters: a censored row counts its whole last interval as survived here.
///
/// # Reference
/// Gensheimer and Narasimhan, *A Scalable Discrete-Time Survival Model for Neural Networks*, PeerJ 7, 2019, equation 2; Brown, 1975.
///
/// # See also
/// [`discrete_time_nll`] for probabilities instead of hazards; [`cox_breslow`](crate::cox_breslow).
#[doc(alias = "nnet-survival")]
#[doc(alias = "LogisticHazard")]
#[track_caller]
pub fn discrete_hazard_nll(logits: &Tensor, intervals: &Tensor, happened: &Tensor) -> Tensor {
    check("discrete_hazard_nll", logits, intervals, happened);
    let (place, at) = (Tensor::iota(logits.shape()[logits.rank() - 1]), intervals.unsqueeze(-1));
    let fails = place.eq(&at) & happened.unsqueeze(-1);
    let lived = place.le(&at);
    lived.select(fails.select(-logits, logits).softplus(), 0).sum_axis(-1)
}

/// Negative log-likelihood of a probability per interval, censored rows by the probability of all that is later.
///
/// ```text
/// ℓ = ln(Σⱼ exp logitsⱼ) − (logits_intervals if happened = 1 else ln(Σ{j : j > intervals} exp logitsⱼ))
/// ```
///
/// # Shapes
/// `logits` is `[…, intervals]`, the last interval being "later than all"; `intervals` (i64) and `happened` (bool) are `[…]`, and so
/// is the loss. A censored row must leave an interval after its own: at the last one its loss is ∞. Other shapes and types
/// panic.
///
/// # Gradient
/// Softmax less the share of what is still possible: for an event its interval, for a censored row all later ones. No kinks.
///
/// # Estimates
/// The **probability of each interval**. From 0.
///
/// # Stability
/// A difference of two log-sum-exps.
///
/// # Example
/// ```
/// use minimand_loss::discrete_time_nll;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]);
/// let loss = discrete_time_nll(&logits, &Tensor::from([1i64, 1]), &Tensor::from([true, false]));
/// assert_eq!(format!("{loss:.4}"), "[1.3863, 0.6931]"); // ln 4, ln 2
/// assert_eq!(loss.sum().grad(&logits).to_string(), "[[0.25, -0.75, 0.25, 0.25],\n [0.25, 0.25, -0.25, -0.25]]");
/// ```
///
/// # When to use
/// For distributions of any shape over a known horizon. It misleads near the end of the horizon, where few rows are left, and
/// says nothing of when within "later".
///
/// # Reference
/// Lee, Zame, Yoon, van der Schaar, *DeepHit*, AAAI 2018, equation 2 (its first term; the second is a ranking loss: see
/// [`pairwise_logistic`](crate::pairwise_logistic)).
///
/// # See also
/// [`discrete_hazard_nll`]; [`cross_entropy`](crate::cross_entropy), which it is without censoring.
#[doc(alias = "DeepHit")]
#[track_caller]
pub fn discrete_time_nll(logits: &Tensor, intervals: &Tensor, happened: &Tensor) -> Tensor {
    check("discrete_time_nll", logits, intervals, happened);
    let (place, at) = (Tensor::iota(logits.shape()[logits.rank() - 1]), intervals.unsqueeze(-1));
    let event = happened.unsqueeze(-1);
    let possible = (place.eq(&at) & &event) | (place.gt(&at) & event.logical_not());
    logits.logsumexp_axis(-1) - possible.select(logits, f64::NEG_INFINITY).logsumexp_axis(-1)
}
