//! Divergences of two distributions over classes, by the logarithms of their probabilities.

use minimand_tensor::Tensor;

use super::kl_divergence_log_target;
use crate::shape::same_shapes;

#[track_caller]
fn check(loss: &str, log_p: &Tensor, log_q: &Tensor) {
    same_shapes(loss, ("log_p", log_p), ("log_q", log_q));
    assert!(log_p.rank() > 0, "{loss}: log_p [] has no axis of classes");
}

/// Kullback–Leibler divergence of amounts that need not sum to 1: the I-divergence.
///
/// ```text
/// ℓ = Σⱼ (pⱼ (ln pⱼ − log_qⱼ) − pⱼ + exp log_qⱼ)
/// ```
///
/// # Shapes
/// `log_q` and `p` are `[…, classes]`, the loss `[…]`. `p ≥ 0`; neither needs to sum to 1. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂log_qⱼ = exp log_qⱼ − pⱼ`, `∂ℓ/∂pⱼ = ln pⱼ − log_qⱼ`. No kinks.
///
/// # Estimates
/// The **mean** of p: `q = E p`. From 0, at q = p, whatever they sum to; on distributions it is
/// [`kl_divergence`](crate::kl_divergence).
///
/// # Stability
/// `0 ln 0 = 0`. Where q is 0 and p is not, the limit ∞; where both are 0, 0.
///
/// # Example
/// ```
/// use minimand_loss::generalised_kl_divergence;
/// use minimand_tensor::Tensor;
///
/// let log_q = Tensor::from([[0.0, 0.0]]);
/// let loss = generalised_kl_divergence(&log_q, &Tensor::from([[0.5, 2.0]]));
/// assert_eq!(format!("{loss:.4}"), "[0.5397]");
/// assert_eq!(loss.sum().grad(&log_q).to_string(), "[[0.5, -1]]");
/// ```
///
/// # When to use
/// For spectra, counts and intensities, as in non-negative matrix factorisation. It misleads when only shares matter: normalise,
/// and take [`kl_divergence`](crate::kl_divergence).
///
/// # Reference
/// Lee and Seung, *Algorithms for Non-negative Matrix Factorization*, NeurIPS 2000, equation 3.
///
/// # See also
/// [`poisson_nll_log_rate`](crate::poisson_nll_log_rate), which differs by terms of the target alone.
#[doc(alias = "generalized_kl_divergence")]
#[doc(alias = "convex_kl_divergence")]
#[track_caller]
pub fn generalised_kl_divergence(log_q: &Tensor, p: &Tensor) -> Tensor {
    same_shapes("generalised_kl_divergence", ("log_q", log_q), ("p", p));
    assert!(p.rank() > 0, "generalised_kl_divergence: log_q [] has no axis of classes");
    let none = p.eq(0);
    let ratio = none.select(0, none.select(1, p).ln() - log_q);
    (p * ratio - p + log_q.exp()).sum_axis(-1)
}

/// Jensen–Shannon divergence: how far two distributions are, on average, from their mean.
///
/// ```text
/// ℓ = ½ Σⱼ exp(log_pⱼ) (log_pⱼ − mⱼ) + ½ Σⱼ exp(log_qⱼ) (log_qⱼ − mⱼ)
/// mⱼ = ln(½ exp log_pⱼ + ½ exp log_qⱼ)
/// ```
///
/// # Shapes
/// `log_p` and `log_q` are `[…, classes]`, logarithms of probabilities; the loss is `[…]`. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂log_pⱼ = ½ pⱼ (log_pⱼ − mⱼ)`, up to terms that vanish along distributions. No kinks.
///
/// # Estimates
/// With a fixed p: **p itself**. Symmetric, from 0 to ln 2, where the two share no class.
///
/// # Stability
/// The mean in logarithms; a class of probability 0 adds nothing. Computed as the sum of `p (r − ln ½(1 + e^(−r)) …)` through the
/// log-odds, so that it is finite for every pair of distributions.
///
/// # Example
/// ```
/// use minimand_loss::jensen_shannon;
/// use minimand_tensor::Tensor;
///
/// let (p, q) = (Tensor::from([[0.5, 0.5]]), Tensor::from([[0.25, 0.75]]));
/// let log_q = q.ln();
/// let loss = jensen_shannon(&p.ln(), &log_q);
/// assert_eq!(format!("{loss:.4}"), "[0.0338]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&log_q)), "[[-0.0507, 0.0684]]");
/// ```
///
/// # When to use
/// To compare two models' predictions where either may rule out what the other does not. It misleads as a training loss for
/// distributions far apart: it is flat at ln 2 where they do not overlap.
///
/// # Reference
/// Lin, *Divergence Measures Based on the Shannon Entropy*, IEEE Transactions on Information Theory 37, 1991, equation 4.1. The
/// distance is its square root.
///
/// # See also
/// [`kl_divergence`](crate::kl_divergence); [`le_cam`], its square-root-free kin.
#[doc(alias = "js_div_loss_2d")]
#[doc(alias = "JSD")]
#[track_caller]
pub fn jensen_shannon(log_p: &Tensor, log_q: &Tensor) -> Tensor {
    check("jensen_shannon", log_p, log_q);
    // ln p − m = ln 2 − softplus(ln q − ln p).
    let part = |own: &Tensor, other: &Tensor| {
        let none = own.eq(f64::NEG_INFINITY);
        let odds = none.select(0, other) - none.select(0, own);
        none.select(0, own.exp() * (std::f64::consts::LN_2 - odds.softplus()))
    };
    0.5 * (part(log_p, log_q) + part(log_q, log_p)).sum_axis(-1)
}

/// Rényi's divergence of order alpha: between the Bhattacharyya distance and the worst ratio, Kullback and Leibler's at 1.
///
/// ```text
/// ℓ = ln(Σⱼ exp(α log_pⱼ + (1 − α) log_qⱼ)) / (α − 1)
/// α = alpha
/// ```
///
/// # Shapes
/// `log_p` and `log_q` are `[…, classes]`, logarithms of probabilities; the loss is `[…]`. `alpha > 0`; at 1 it is
/// [`kl_divergence_log_target`]. Others panic.
///
/// # Gradient
/// With the weights `w` of the log-sum-exp: `∂ℓ/∂log_q = −w`, `∂ℓ/∂log_p = α/(α − 1) w`. No kinks.
///
/// # Estimates
/// With a fixed p: **p itself**. From 0; grows with alpha. Large orders look at where p exceeds q most, small ones at what both
/// cover.
///
/// # Stability
/// A log-sum-exp. A class of probability 0 under p adds nothing; one that only q rules out makes it ∞ for alpha ≥ 1. Near 1 its
/// digits are as many fewer as `alpha − 1` has zeros.
///
/// # Example
/// ```
/// use minimand_loss::renyi_divergence;
/// use minimand_tensor::Tensor;
///
/// let (p, q) = (Tensor::from([[0.5, 0.5]]), Tensor::from([[0.25, 0.75]]));
/// let log_q = q.ln();
/// let loss = renyi_divergence(&p.ln(), &log_q, 2.0);
/// assert_eq!(format!("{loss:.4}"), "[0.2877]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&log_q)), "[[-0.7500, -0.2500]]");
/// ```
///
/// # When to use
/// For variational bounds that cover all modes (alpha above 1) or settle on one (below), and in privacy accounting. It misleads
/// when orders are compared by their values.
///
/// # Reference
/// Rényi, *On Measures of Entropy and Information*, 1961, equation 3.3; van Erven and Harremoës, 2014. Usual: 0.5 or 2.
///
/// # See also
/// [`alpha_divergence`], [`bhattacharyya`] (half of order ½), [`kl_divergence_log_target`].
#[doc(alias = "RenyiELBO")]
#[track_caller]
pub fn renyi_divergence(log_p: &Tensor, log_q: &Tensor, alpha: f64) -> Tensor {
    check("renyi_divergence", log_p, log_q);
    assert!(
        alpha > 0.0 && alpha.is_finite(),
        "renyi_divergence: alpha is {alpha} and must be greater than 0 and finite"
    );
    if alpha == 1.0 {
        return kl_divergence_log_target(log_q, log_p);
    }
    log_overlap(log_p, log_q, alpha) / (alpha - 1.0)
}

/// `ln Σ p^α q^(1 − α)`; a class of which one factor is 0 adds nothing, unless q rules out what p does not and α > 1.
fn log_overlap(log_p: &Tensor, log_q: &Tensor, alpha: f64) -> Tensor {
    let none = log_p.eq(f64::NEG_INFINITY);
    let exponent = alpha * none.select(0, log_p) + (1.0 - alpha) * none.select(0, log_q);
    none.select(f64::NEG_INFINITY, exponent).logsumexp_axis(-1)
}

/// Amari's alpha-divergence: a scale of divergences with Kullback and Leibler's two directions at its ends.
///
/// ```text
/// ℓ = (Σⱼ exp(α log_pⱼ + (1 − α) log_qⱼ) − 1) / (α (α − 1))
/// α = alpha
/// ```
///
/// # Shapes
/// `log_p` and `log_q` are `[…, classes]`, logarithms of probabilities; the loss is `[…]`. Any finite `alpha`; at 1 it is
/// `KL(p‖q)`, at 0 `KL(q‖p)`. Others panic.
///
/// # Gradient
/// `∂ℓ/∂log_qⱼ = −pⱼ^α qⱼ^(1 − α) / α`. No kinks.
///
/// # Estimates
/// With a fixed p: **p itself**. From 0. Towards 1 and above q covers all of p, towards 0 and below it settles within p.
///
/// # Stability
/// `e^x − 1` of the logarithm of the overlap, which keeps the digits of near distributions. ∞ where one rules out what the other
/// does not, outside 0 < alpha < 1.
///
/// # Example
/// ```
/// use minimand_loss::alpha_divergence;
/// use minimand_tensor::Tensor;
///
/// let (p, q) = (Tensor::from([[0.5, 0.5]]), Tensor::from([[0.25, 0.75]]));
/// let log_q = q.ln();
/// let loss = alpha_divergence(&p.ln(), &log_q, 0.5);
/// assert_eq!(format!("{loss:.4}"), "[0.1363]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&log_q)), "[[-0.7071, -1.2247]]");
/// ```
///
/// # When to use
/// In approximate inference, to choose between covering and settling. It misleads when orders are compared by their values.
///
/// # Reference
/// Minka, *Divergence Measures and Message Passing*, 2005, equation 3 (whose α this is). Usual: 0.5, which is 4 times
/// [`squared_hellinger`].
///
/// # See also
/// [`renyi_divergence`], the same overlap on another scale; [`squared_hellinger`], [`pearson_chi_squared`] (alpha = 2, twice).
#[doc(alias = "AmariAlpha")]
#[track_caller]
pub fn alpha_divergence(log_p: &Tensor, log_q: &Tensor, alpha: f64) -> Tensor {
    check("alpha_divergence", log_p, log_q);
    assert!(alpha.is_finite(), "alpha_divergence: alpha is {alpha} and must be finite");
    match alpha {
        1.0 => kl_divergence_log_target(log_q, log_p),
        0.0 => kl_divergence_log_target(log_p, log_q),
        _ => {
            // Below ½ with the two exchanged, so that what is ruled out stands where log_overlap looks.
            let overlap =
                if alpha < 0.5 { log_overlap(log_q, log_p, 1.0 - alpha) } else { log_overlap(log_p, log_q, alpha) };
            overlap.exp_m1() / (alpha * (alpha - 1.0))
        }
    }
}

/// Squared Hellinger distance: half the squared distance of the square roots of the probabilities.
///
/// ```text
/// ℓ = ½ Σⱼ (exp(½ log_pⱼ) − exp(½ log_qⱼ))²
/// ```
///
/// # Shapes
/// `log_p` and `log_q` are `[…, classes]`, logarithms of probabilities; the loss is `[…]`. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂log_qⱼ = −½ √qⱼ (√pⱼ − √qⱼ)`. No kinks.
///
/// # Estimates
/// With a fixed p: **p itself**. Symmetric, from 0 to 1, where the two share no class.
///
/// # Stability
/// Squares of differences, not 1 less an overlap: near distributions keep their digits. Probabilities of 0 are fine.
///
/// # Example
/// ```
/// use minimand_loss::squared_hellinger;
/// use minimand_tensor::Tensor;
///
/// let (p, q) = (Tensor::from([[0.5, 0.5]]), Tensor::from([[0.25, 0.75]]));
/// let log_q = q.ln();
/// let loss = squared_hellinger(&p.ln(), &log_q);
/// assert_eq!(format!("{loss:.4}"), "[0.0341]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&log_q)), "[[-0.0518, 0.0688]]");
/// ```
///
/// # When to use
/// When a bounded divergence is wanted that one wrong or rare class cannot rule. It misleads as a training loss from afar: its
/// gradient vanishes with √q.
///
/// # Reference
/// Hellinger, 1909; Beran, *Minimum Hellinger Distance Estimates for Parametric Models*, Annals of Statistics 5, 1977.
///
/// # See also
/// [`bhattacharyya`] is `−ln(1 − ℓ)`; [`total_variation_distance`] lies between ℓ and `√(2 ℓ)`.
#[doc(alias = "hellinger")]
#[track_caller]
pub fn squared_hellinger(log_p: &Tensor, log_q: &Tensor) -> Tensor {
    check("squared_hellinger", log_p, log_q);
    0.5 * ((0.5 * log_p).exp() - (0.5 * log_q).exp()).square().sum_axis(-1)
}

/// Bhattacharyya's distance: minus the logarithm of how much two distributions overlap.
///
/// ```text
/// ℓ = −ln(Σⱼ exp(½ (log_pⱼ + log_qⱼ)))
/// ```
///
/// # Shapes
/// `log_p` and `log_q` are `[…, classes]`, logarithms of probabilities; the loss is `[…]`. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂log_qⱼ = −½ wⱼ` with the weights of the log-sum-exp. No kinks.
///
/// # Estimates
/// With a fixed p: **p itself**. Symmetric, from 0, without bound: it keeps its slope where
/// [`squared_hellinger`] has none left.
///
/// # Stability
/// A log-sum-exp. ∞ where the two share no class.
///
/// # Example
/// ```
/// use minimand_loss::bhattacharyya;
/// use minimand_tensor::Tensor;
///
/// let (p, q) = (Tensor::from([[0.5, 0.5]]), Tensor::from([[0.25, 0.75]]));
/// let log_q = q.ln();
/// let loss = bhattacharyya(&p.ln(), &log_q);
/// assert_eq!(format!("{loss:.4}"), "[0.0347]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&log_q)), "[[-0.1830, -0.3170]]");
/// ```
///
/// # When to use
/// To pull together distributions that hardly overlap. It misleads as a distance: it breaks the triangle inequality.
///
/// # Reference
/// Bhattacharyya, *On a Measure of Divergence between Two Statistical Populations*, Bulletin of the Calcutta Mathematical Society
/// 35, 1943.
///
/// # See also
/// [`squared_hellinger`], [`renyi_divergence`] of order ½, which is twice this.
#[doc(alias = "BhattacharyyaDistance")]
#[track_caller]
pub fn bhattacharyya(log_p: &Tensor, log_q: &Tensor) -> Tensor {
    check("bhattacharyya", log_p, log_q);
    -(0.5 * (log_p + log_q)).logsumexp_axis(-1)
}

/// Total variation distance: the greatest difference of the two probabilities of any event.
///
/// ```text
/// ℓ = ½ Σⱼ |exp log_pⱼ − exp log_qⱼ|
/// ```
///
/// # Shapes
/// `log_p` and `log_q` are `[…, classes]`, logarithms of probabilities; the loss is `[…]`. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂log_qⱼ = −½ qⱼ sign(pⱼ − qⱼ)`, 0 where they are equal.
///
/// # Estimates
/// The **median** of each class's probability under random p. Symmetric, from 0 to 1.
///
/// # Stability
/// Differences of probabilities; what is less than a rounding of 1 apart is lost.
///
/// # Example
/// ```
/// use minimand_loss::total_variation_distance;
/// use minimand_tensor::Tensor;
///
/// let (p, q) = (Tensor::from([[0.5, 0.5]]), Tensor::from([[0.25, 0.75]]));
/// let log_q = q.ln();
/// let loss = total_variation_distance(&p.ln(), &log_q);
/// assert_eq!(format!("{loss:.4}"), "[0.2500]");
/// assert_eq!(loss.sum().grad(&log_q).to_string(), "[[-0.125, 0.375]]");
/// ```
///
/// # When to use
/// As a measure with a meaning in bets. It misleads as a training loss: the sign of each difference is all it tells, and far
/// distributions differ by 1 however far they are. Not to be mistaken for the total variation of pictures.
///
/// # Reference
/// Gibbs and Su, *On Choosing and Bounding Probability Metrics*, International Statistical Review 70, 2002.
///
/// # See also
/// [`squared_hellinger`], [`kl_divergence_log_target`]: `ℓ ≤ √(½ KL)` (Pinsker).
#[doc(alias = "total_variation_divergence")]
#[track_caller]
pub fn total_variation_distance(log_p: &Tensor, log_q: &Tensor) -> Tensor {
    check("total_variation_distance", log_p, log_q);
    0.5 * (log_p.exp() - log_q.exp()).abs().sum_axis(-1)
}

/// Pearson's chi-squared divergence: squared differences of probabilities relative to the second distribution.
///
/// ```text
/// ℓ = Σⱼ (exp log_pⱼ − exp log_qⱼ)² / exp log_qⱼ
/// ```
///
/// # Shapes
/// `log_p` and `log_q` are `[…, classes]`, logarithms of probabilities; the loss is `[…]`. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂log_qⱼ = qⱼ − pⱼ²/qⱼ`. No kinks.
///
/// # Estimates
/// With a fixed p: **p itself**; with random p their quadratic mean. From 0; grows without bound where q is small and p is not.
///
/// # Stability
/// `q (e^r − 1)²` with `r = ln p − ln q` where p is not much greater, `e^(2 ln p − ln q) − 2 p + q` where it is: neither cancels. ∞
/// where q rules out what p does not.
///
/// # Example
/// ```
/// use minimand_loss::pearson_chi_squared;
/// use minimand_tensor::Tensor;
///
/// let (p, q) = (Tensor::from([[0.5, 0.5]]), Tensor::from([[0.25, 0.75]]));
/// let log_q = q.ln();
/// let loss = pearson_chi_squared(&p.ln(), &log_q);
/// assert_eq!(format!("{loss:.4}"), "[0.3333]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&log_q)), "[[-0.7500, 0.4167]]");
/// ```
///
/// # When to use
/// When underestimated probabilities are what costs: the variance of importance weights is this divergence. It misleads with
/// rare classes: one of them rules all.
///
/// # Reference
/// Pearson, 1900; as an f-divergence: Csiszár, 1967; Nowozin, Cseke, Tomioka, *f-GAN*, NeurIPS 2016, table 1.
///
/// # See also
/// [`alpha_divergence`] of order 2, half of it; [`le_cam`], the symmetric and bounded kin.
#[doc(alias = "chi2_divergence")]
#[track_caller]
pub fn pearson_chi_squared(log_p: &Tensor, log_q: &Tensor) -> Tensor {
    check("pearson_chi_squared", log_p, log_q);
    let neither = log_p.eq(f64::NEG_INFINITY) & log_q.eq(f64::NEG_INFINITY);
    let (a, b) = (neither.select(0, log_p), neither.select(0, log_q));
    let ratio = &a - &b;
    let much = ratio.gt(1);
    let near = b.exp() * much.select(0, &ratio).exp_m1().square();
    let far = much.select(2.0 * &a - &b, 0).exp() - 2.0 * a.exp() + b.exp();
    neither.select(0, much.select(far, near)).sum_axis(-1)
}

/// Le Cam's divergence, the triangular discrimination: squared differences relative to the sum of both.
///
/// ```text
/// ℓ = ½ Σⱼ (exp log_pⱼ − exp log_qⱼ)² / (exp log_pⱼ + exp log_qⱼ)
/// ```
///
/// # Shapes
/// `log_p` and `log_q` are `[…, classes]`, logarithms of probabilities; the loss is `[…]`. Other shapes panic.
///
/// # Gradient
/// With `t = (p − q)/(p + q)`: `∂ℓ/∂log_q = −½ q t (2 + t)`… negative where p exceeds q. No kinks.
///
/// # Estimates
/// With a fixed p: **p itself**. Symmetric, from 0 to 1, where the two share no class.
///
/// # Stability
/// `½ (p + q) tanh²(½ (ln p − ln q))`: no division, and near distributions keep their digits.
///
/// # Example
/// ```
/// use minimand_loss::le_cam;
/// use minimand_tensor::Tensor;
///
/// let (p, q) = (Tensor::from([[0.5, 0.5]]), Tensor::from([[0.25, 0.75]]));
/// let log_q = q.ln();
/// let loss = le_cam(&p.ln(), &log_q);
/// assert_eq!(format!("{loss:.4}"), "[0.0667]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&log_q)), "[[-0.0972, 0.1350]]");
/// ```
///
/// # When to use
/// As a bounded, symmetric chi-squared. It misleads as a training loss from afar, as all bounded ones do.
///
/// # Reference
/// Le Cam, *Asymptotic Methods in Statistical Decision Theory*, 1986; Topsøe, *Some Inequalities for Information Divergence*, 2000.
///
/// # See also
/// [`jensen_shannon`], within a factor of ln 2 of it; [`pearson_chi_squared`].
#[doc(alias = "triangular_discrimination")]
#[track_caller]
pub fn le_cam(log_p: &Tensor, log_q: &Tensor) -> Tensor {
    check("le_cam", log_p, log_q);
    let neither = log_p.eq(f64::NEG_INFINITY) & log_q.eq(f64::NEG_INFINITY);
    let half_odds = 0.5 * (neither.select(0, log_p) - neither.select(0, log_q));
    0.5 * ((log_p.exp() + log_q.exp()) * half_odds.tanh().square()).sum_axis(-1)
}
