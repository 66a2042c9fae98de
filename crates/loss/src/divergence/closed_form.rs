//! Kullback–Leibler divergences of named distributions, in closed form.

use minimand_tensor::Tensor;

use crate::excess::exp_excess;
use crate::shape::same_shapes;

/// Kullback–Leibler divergence of two Bernoulli distributions, by their logits.
///
/// ```text
/// ℓ = σ(a) (a − b) + softplus b − softplus a
/// a = first_logits
/// b = second_logits
/// ```
///
/// # Shapes
/// Both have the same shape, and so has the loss. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂b = σ(b) − σ(a)`, `∂ℓ/∂a = σ(a) σ(−a) (a − b)`. No kinks.
///
/// # Estimates
/// By the second: the **mean** of the first probability. From 0.
///
/// # Stability
/// No logarithm of a probability; for logits of one sign the two softplus terms cancel in part, down to a rounding of the larger.
///
/// # Example
/// ```
/// use minimand_loss::bernoulli_kl;
/// use minimand_tensor::Tensor;
///
/// let second = Tensor::from([1.0, 1.0]);
/// let loss = bernoulli_kl(&Tensor::from([0.0, 2.0]), &second);
/// assert_eq!(format!("{loss:.4}"), "[0.1201, 0.0671]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&second)), "[0.2311, -0.1497]");
/// ```
///
/// # When to use
/// For latent bits, sparsity targets and consistency of yes-or-no predictions. It misleads with the two exchanged: the first is
/// where the expectation is taken.
///
/// # Reference
/// Kullback and Leibler, *On Information and Sufficiency*, Annals of Mathematical Statistics 22, 1951.
///
/// # See also
/// [`categorical_kl`] for several classes; [`binary_cross_entropy_with_logits`](crate::binary_cross_entropy_with_logits), which is
/// this plus the entropy of the first.
#[doc(alias = "kl_bernoulli")]
#[track_caller]
pub fn bernoulli_kl(first_logits: &Tensor, second_logits: &Tensor) -> Tensor {
    same_shapes("bernoulli_kl", ("first_logits", first_logits), ("second_logits", second_logits));
    let (a, b) = (first_logits, second_logits);
    a.sigmoid() * (a - b) + b.softplus() - a.softplus()
}

/// Kullback–Leibler divergence of two categorical distributions, by their logits.
///
/// ```text
/// ℓ = Σⱼ exp(pⱼ) (pⱼ − qⱼ)
/// pⱼ = first_logitsⱼ − ln(Σₖ exp first_logitsₖ)
/// qⱼ = second_logitsⱼ − ln(Σₖ exp second_logitsₖ)
/// ```
///
/// # Shapes
/// Both are `[…, classes]`, the loss `[…]`. Other shapes panic.
///
/// # Gradient
/// By the second logits `softmax(second) − softmax(first)`; by the first `p (ln p − ln q − ℓ)`. No kinks.
///
/// # Estimates
/// By the second: the **mean** of the first's probabilities. From 0.
///
/// # Stability
/// By log-softmax. A class that the first rules out (logit −∞) adds nothing; one that only the second rules out makes it ∞.
///
/// # Example
/// ```
/// use minimand_loss::categorical_kl;
/// use minimand_tensor::Tensor;
///
/// let second = Tensor::from([[0.0, 3f64.ln()]]);
/// let loss = categorical_kl(&Tensor::from([[0.0, 0.0]]), &second);
/// assert_eq!(format!("{loss:.4}"), "[0.1438]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&second)), "[[-0.2500, 0.2500]]");
/// ```
///
/// # When to use
/// To hold one model near another: trust regions, distillation, consistency under noise. It misleads with the two exchanged.
///
/// # Reference
/// Kullback and Leibler, *On Information and Sufficiency*, Annals of Mathematical Statistics 22, 1951.
///
/// # See also
/// [`kl_divergence`](crate::kl_divergence) by probabilities; [`jensen_shannon`](crate::jensen_shannon), symmetric.
#[doc(alias = "kl_categorical")]
#[track_caller]
pub fn categorical_kl(first_logits: &Tensor, second_logits: &Tensor) -> Tensor {
    same_shapes("categorical_kl", ("first_logits", first_logits), ("second_logits", second_logits));
    assert!(first_logits.rank() > 0, "categorical_kl: first_logits [] has no axis of classes");
    super::kl_divergence_log_target(&second_logits.log_softmax(-1), &first_logits.log_softmax(-1))
}

/// Kullback–Leibler divergence of two Dirichlet distributions, by their concentrations.
///
/// ```text
/// ℓ = lnΓ(Σⱼ firstⱼ) − lnΓ(Σⱼ secondⱼ) + Σⱼ (lnΓ(secondⱼ) − lnΓ(firstⱼ) + (firstⱼ − secondⱼ) (ψ(firstⱼ) − ψ(Σₖ firstₖ)))
/// ```
///
/// # Shapes
/// Both are `[…, classes]`, greater than 0 (not checked); the loss is `[…]`. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂secondⱼ = ψ(secondⱼ) − ψ(Σ second) − ψ(firstⱼ) + ψ(Σ first)`. No kinks.
///
/// # Estimates
/// By the second: the concentrations with the first's mean logarithms. From 0.
///
/// # Stability
/// Differences of log-gamma functions: absolute errors of a rounding of the largest. A concentration of 0 gives ∞ or NaN.
///
/// # Example
/// ```
/// use minimand_loss::dirichlet_kl;
/// use minimand_tensor::Tensor;
///
/// let first = Tensor::from([[1.0, 2.0]]);
/// let loss = dirichlet_kl(&first, &Tensor::from([[1.0, 1.0]]));
/// assert_eq!(format!("{loss:.4}"), "[0.1931]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&first)), "[[-0.3949, 0.2500]]");
/// ```
///
/// # When to use
/// For topic models and evidential classification, against a prior. It misleads when concentrations are taken for counts of
/// evidence without a prior's 1.
///
/// # Reference
/// Penny, *KL-Divergences of Normal, Gamma, Dirichlet and Wishart Densities*, 2001, equation 15.
///
/// # See also
/// [`beta_kl`], which it is for two classes; [`categorical_kl`].
#[doc(alias = "kl_dirichlet")]
#[track_caller]
pub fn dirichlet_kl(first: &Tensor, second: &Tensor) -> Tensor {
    same_shapes("dirichlet_kl", ("first", first), ("second", second));
    assert!(first.rank() > 0, "dirichlet_kl: first [] has no axis of classes");
    let (a, b) = (first.sum_keepdim(-1), second.sum_keepdim(-1));
    let terms = second.lgamma() - first.lgamma() + (first - second) * (first.digamma() - a.digamma());
    terms.sum_axis(-1) + (a.lgamma() - b.lgamma()).squeeze(-1)
}

/// Kullback–Leibler divergence of two gamma distributions, by shape and rate.
///
/// ```text
/// ℓ = (a − c) ψ(a) − lnΓ(a) + lnΓ(c) + c (ln b − ln d) + a (d − b) / b
/// a = first_shape
/// b = first_rate
/// c = second_shape
/// d = second_rate
/// ```
///
/// # Shapes
/// All have the same shape, greater than 0 (not checked), and so has the loss. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂second_rate = a/b − c/d`: at rest where the means agree. No kinks.
///
/// # Estimates
/// By the second: shape and rate with the first's mean and mean logarithm. From 0.
///
/// # Stability
/// Differences of log-gamma functions: absolute errors of a rounding of the largest. Parameters of 0 give ∞ or NaN.
///
/// # Example
/// ```
/// use minimand_loss::gamma_kl;
/// use minimand_tensor::Tensor;
///
/// let (two, one) = (Tensor::from([2.0]), Tensor::from([1.0]));
/// let shape = two.clone();
/// let loss = gamma_kl(&shape, &one, &one, &one);
/// assert_eq!(format!("{loss:.4}"), "[0.4228]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&shape)), "[0.6449]");
/// ```
///
/// # When to use
/// For latent precisions and rates. It misleads when a rate is given where a scale is meant.
///
/// # Reference
/// Penny, *KL-Divergences of Normal, Gamma, Dirichlet and Wishart Densities*, 2001, equation 9.
///
/// # See also
/// [`beta_kl`], [`dirichlet_kl`].
#[doc(alias = "kl_gamma")]
#[track_caller]
pub fn gamma_kl(first_shape: &Tensor, first_rate: &Tensor, second_shape: &Tensor, second_rate: &Tensor) -> Tensor {
    for (name, other) in [("first_rate", first_rate), ("second_shape", second_shape), ("second_rate", second_rate)] {
        same_shapes("gamma_kl", ("first_shape", first_shape), (name, other));
    }
    let (a, b, c, d) = (first_shape, first_rate, second_shape, second_rate);
    (a - c) * a.digamma() - a.lgamma() + c.lgamma() + c * (b.ln() - d.ln()) + a * (d - b) / b
}

/// Kullback–Leibler divergence of two beta distributions.
///
/// ```text
/// ℓ = lnΓ(a + b) − lnΓ(a) − lnΓ(b) − lnΓ(c + d) + lnΓ(c) + lnΓ(d) + (a − c) (ψ(a) − ψ(a + b)) + (b − d) (ψ(b) − ψ(a + b))
/// a = first_alpha
/// b = first_beta
/// c = second_alpha
/// d = second_beta
/// ```
///
/// # Shapes
/// All have the same shape, greater than 0 (not checked), and so has the loss. Other shapes panic.
///
/// # Gradient
/// As [`dirichlet_kl`] of two classes. No kinks.
///
/// # Estimates
/// By the second: the parameters with the first's mean logarithms. From 0.
///
/// # Stability
/// As [`dirichlet_kl`]: parameters of 0 give ∞ or NaN.
///
/// # Example
/// ```
/// use minimand_loss::beta_kl;
/// use minimand_tensor::Tensor;
///
/// let (two, one) = (Tensor::from([2.0]), Tensor::from([1.0]));
/// let loss = beta_kl(&two, &one, &one, &one);
/// assert_eq!(format!("{loss:.4}"), "[0.1931]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&two)), "[0.2500]");
/// ```
///
/// # When to use
/// For latent shares, such as the sticks of a stick-breaking prior. It misleads with the two exchanged, as all of its kind.
///
/// # Reference
/// Penny, *KL-Divergences of Normal, Gamma, Dirichlet and Wishart Densities*, 2001, equation 15 for two classes.
///
/// # See also
/// [`dirichlet_kl`], [`gamma_kl`].
#[doc(alias = "kl_beta")]
#[track_caller]
pub fn beta_kl(first_alpha: &Tensor, first_beta: &Tensor, second_alpha: &Tensor, second_beta: &Tensor) -> Tensor {
    for (name, other) in [("first_beta", first_beta), ("second_alpha", second_alpha), ("second_beta", second_beta)] {
        same_shapes("beta_kl", ("first_alpha", first_alpha), (name, other));
    }
    let pair = |a: &Tensor, b: &Tensor| Tensor::stack([a, b], -1);
    dirichlet_kl(&pair(first_alpha, first_beta), &pair(second_alpha, second_beta))
}

/// Kullback–Leibler divergence of two normal distributions with independent coordinates.
///
/// ```text
/// ℓ = ½ Σⱼ (exp(aⱼ − bⱼ) − 1 − (aⱼ − bⱼ) + (first_meanⱼ − second_meanⱼ)² exp(−bⱼ))
/// aⱼ = first_log_varianceⱼ
/// bⱼ = second_log_varianceⱼ
/// ```
///
/// # Shapes
/// All are `[…, dimensions]`, the loss `[…]`. Other shapes panic.
///
/// # Gradient
/// By the second mean `(m₂ − m₁) e^(−b)`; by its log-variance `½ (1 − e^(a − b) − (m₁ − m₂)² e^(−b))`. No kinks.
///
/// # Estimates
/// By the second: **mean and variance** of the first. From 0.
///
/// # Stability
/// `e^x − 1 − x` of the difference of log-variances, which keeps its digits near 0. A variance of 0 in the second costs ∞.
///
/// # Example
/// ```
/// use minimand_loss::gaussian_kl;
/// use minimand_tensor::Tensor;
///
/// let (mean, zero) = (Tensor::from([[1.0, 0.0]]), Tensor::from([[0.0, 0.0]]));
/// let loss = gaussian_kl(&mean, &zero, &zero, &Tensor::from([[0.0, 4f64.ln()]]));
/// assert_eq!(format!("{loss:.4}"), "[0.8181]");
/// assert_eq!(loss.sum().grad(&mean).to_string(), "[[1, 0]]");
/// ```
///
/// # When to use
/// Between posterior and a learned prior: hierarchical VAEs, Bayesian layers, diffusion. It misleads with the two exchanged: the
/// first is where the expectation is taken, and is pulled inside the second.
///
/// # Reference
/// Penny, *KL-Divergences of Normal, Gamma, Dirichlet and Wishart Densities*, 2001, equation 3.
///
/// # See also
/// [`gaussian_kl_to_standard_normal`](crate::gaussian_kl_to_standard_normal), whose second is fixed;
/// [`multivariate_gaussian_kl`](crate::multivariate_gaussian_kl) for correlated coordinates.
#[doc(alias = "kl_normal")]
#[track_caller]
pub fn gaussian_kl(
    first_mean: &Tensor,
    first_log_variance: &Tensor,
    second_mean: &Tensor,
    second_log_variance: &Tensor,
) -> Tensor {
    for (name, other) in [
        ("first_log_variance", first_log_variance),
        ("second_mean", second_mean),
        ("second_log_variance", second_log_variance),
    ] {
        same_shapes("gaussian_kl", ("first_mean", first_mean), (name, other));
    }
    assert!(first_mean.rank() > 0, "gaussian_kl: first_mean [] has no axis of dimensions");
    let distance = (first_mean - second_mean) * (-0.5 * second_log_variance).exp();
    (0.5 * exp_excess(&(first_log_variance - second_log_variance)) + 0.5 * distance.square()).sum_axis(-1)
}
