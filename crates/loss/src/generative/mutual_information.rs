//! Bounds on mutual information by a critic.

use minimand_tensor::Tensor;

#[track_caller]
fn check(loss: &str, joint: &Tensor, marginal: &Tensor) {
    let split = |x: &Tensor| x.shape().split_last().map(|(&last, rest)| (last, rest.to_vec()));
    let fits = matches!((split(joint), split(marginal)), (Some((n, a)), Some((m, b))) if n > 0 && m > 0 && a == b);
    assert!(
        fits,
        "{loss}: joint {} and marginal {} must have the same axes but for the last, and a score at least",
        joint.shape(),
        marginal.shape()
    );
}

/// Minus Donsker and Varadhan's bound on mutual information: a critic's mean score of true pairs against that of shuffled ones.
///
/// ```text
/// ℓ = ln(Σⱼ exp marginalⱼ / Σⱼ 1) − Σₖ jointₖ / Σₖ 1
/// ```
///
/// # Shapes
/// `joint`, the critic's scores of pairs that belong together, is `[…, pairs]`, `marginal`, those of shuffled pairs, `[…, others]`; the
/// loss is `[…]`. Others panic.
///
/// # Gradient
/// `softmax(marginal)` and `−1/pairs`. No kinks. In small batches the gradient is biased, as the logarithm of a mean is.
///
/// # Estimates
/// Minus a lower bound of the **mutual information**, tight for the scores `ln p(x, y)/(p(x) p(y)) + c`.
///
/// # Stability
/// A log-sum-exp.
///
/// # Example
/// ```
/// use minimand_loss::donsker_varadhan;
/// use minimand_tensor::Tensor;
///
/// let marginal = Tensor::from([0.0, 1.0]);
/// let loss = donsker_varadhan(&Tensor::from([1.0, 2.0]), &marginal);
/// assert_eq!(format!("{loss:.4}"), "-0.8799");
/// assert_eq!(format!("{:.4}", loss.grad(&marginal)), "[0.2689, 0.7311]");
/// ```
///
/// # When to use
/// To estimate or raise mutual information. It misleads when it is large: no estimate from N samples can be trusted beyond `ln N`.
///
/// # Reference
/// Belghazi and others, *MINE: Mutual Information Neural Estimation*, ICML 2018, equation 5; McAllester and Stratos, 2020, on the limit.
///
/// # See also
/// [`nguyen_wainwright_jordan`], without the logarithm's bias; [`info_nce`](crate::info_nce), never beyond `ln N`.
#[doc(alias = "MINE")]
#[track_caller]
pub fn donsker_varadhan(joint: &Tensor, marginal: &Tensor) -> Tensor {
    check("donsker_varadhan", joint, marginal);
    let count = marginal.shape()[marginal.rank() - 1] as f64;
    marginal.logsumexp_axis(-1) - count.ln() - joint.mean_axis(-1)
}

/// Minus Nguyen, Wainwright and Jordan's bound on mutual information.
///
/// ```text
/// ℓ = Σⱼ exp(marginalⱼ − 1) / Σⱼ 1 − Σₖ jointₖ / Σₖ 1
/// ```
///
/// # Shapes
/// As [`donsker_varadhan`].
///
/// # Gradient
/// `exp(marginal − 1)/others` and `−1/pairs`: unbiased in batches of any size. No kinks.
///
/// # Estimates
/// Minus a lower bound of the **mutual information**, tight for the scores `1 + ln p(x, y)/(p(x) p(y))`: here the constant matters.
///
/// # Stability
/// Scores of shuffled pairs beyond the type's exponentials cost ∞.
///
/// # Example
/// ```
/// use minimand_loss::nguyen_wainwright_jordan;
/// use minimand_tensor::Tensor;
///
/// let marginal = Tensor::from([0.0, 1.0]);
/// let loss = nguyen_wainwright_jordan(&Tensor::from([1.0, 2.0]), &marginal);
/// assert_eq!(format!("{loss:.4}"), "-0.8161");
/// assert_eq!(format!("{:.4}", loss.grad(&marginal)), "[0.1839, 0.5000]");
/// ```
///
/// # When to use
/// As [`donsker_varadhan`], in small batches. It misleads by its variance, which grows exponentially with the information.
///
/// # Reference
/// Nguyen, Wainwright, Jordan, *Estimating Divergence Functionals and the Likelihood Ratio by Convex Risk Minimization*, IEEE
/// Transactions on Information Theory 56, 2010; as f-GAN's KL: Nowozin and others, 2016.
///
/// # See also
/// [`donsker_varadhan`]; [`info_nce`](crate::info_nce).
#[doc(alias = "NWJ")]
#[track_caller]
pub fn nguyen_wainwright_jordan(joint: &Tensor, marginal: &Tensor) -> Tensor {
    check("nguyen_wainwright_jordan", joint, marginal);
    (marginal - 1.0).exp().mean_axis(-1) - joint.mean_axis(-1)
}
