//! Losses of distributions: oracles, recorded values, finite differences, edges, laws, minimisers, extremes, panics.

mod common;
#[path = "distribution/poisson_nll.rs"]
mod poisson_nll;

use std::f64::consts::PI;

use common::{
    assert_close, assert_close_within, check_derivatives, check_recorded, finite_at_extremes, normal, panic_of, slope,
    values,
};
use minimand_loss::{
    GaussianNllOptions, gaussian_kl_to_standard_normal, gaussian_nll, gaussian_nll_log_variance, kl_divergence,
    kl_divergence_log_target,
};
use minimand_tensor::{DType, Tensor};
use proptest::prelude::*;

const INFINITY: f64 = f64::INFINITY;

fn plain() -> GaussianNllOptions {
    GaussianNllOptions::default()
}

fn full() -> GaussianNllOptions {
    GaussianNllOptions { full: true, ..plain() }
}

/// Log-probabilities of random distributions.
fn log_distributions<const N: usize>(seed: u64, shape: [usize; N]) -> Tensor {
    (normal(seed, shape) * 2.0).log_softmax(-1).detach()
}

// ---------------------------------------------------------------------------------------------- recorded values

/// Recorded per class, while the loss is the sum over the classes: each class is its own row here.
#[test]
fn recorded_divergences() {
    let count = check_recorded("kl_divergence", |case| {
        let (log_q, target) = (case.input("log_probabilities").unsqueeze(-1), case.input("target").unsqueeze(-1));
        let divergence = if case.flag("log_target") { kl_divergence_log_target } else { kl_divergence };
        divergence(&log_q, &target)
    });
    assert_eq!(count, 7);
    let count = check_recorded("gaussian_kl_to_standard_normal", |case| {
        gaussian_kl_to_standard_normal(&case.input("mean").unsqueeze(-1), &case.input("log_variance").unsqueeze(-1))
    });
    assert_eq!(count, 4);
}

#[test]
fn recorded_likelihoods() {
    let count = check_recorded("gaussian_nll", |case| {
        let options = GaussianNllOptions { full: case.flag("full"), epsilon: case.number("eps") };
        gaussian_nll(case.input("prediction"), case.input("target"), case.input("variance"), options)
    });
    assert_eq!(count, 7);
    let count = check_recorded("gaussian_nll_with_log_variance", |case| {
        let constant = if case.flag("full") { 0.5 * (2.0 * PI).ln() } else { 0.0 };
        let (mean, target) = (case.input("prediction"), case.input("target"));
        gaussian_nll_log_variance(mean, target, case.input("log_variance")) + constant
    });
    assert_eq!(count, 3);
}

// ------------------------------------------------------------------------------------------------------ oracles

/// `Σ p ln(p/q)` over the support of p.
fn divergence_oracle(q: &[f64], p: &[f64]) -> f64 {
    p.iter().zip(q).filter(|(p, _)| **p > 0.0).map(|(p, q)| p * (p / q).ln()).sum()
}

#[test]
fn divergences_of_probabilities() {
    let (log_q, log_p) = (log_distributions(1, [20, 6]), log_distributions(2, [20, 6]));
    let (q, p) = (values(&log_q.exp()), values(&log_p.exp()));
    let oracle: Vec<f64> = q.chunks(6).zip(p.chunks(6)).map(|(q, p)| divergence_oracle(q, p)).collect();
    let divergence = kl_divergence(&log_q, &log_p.exp());
    assert_eq!(divergence.shape().sizes(), [20]);
    assert_close("kl_divergence", &values(&divergence), &oracle);
    assert_close("kl_divergence_log_target", &values(&kl_divergence_log_target(&log_q, &log_p)), &oracle);

    // One-hot and partly empty targets, against predictions that rule classes out.
    let q = [[0.25, 0.5, 0.25], [0.0, 0.5, 0.5], [1.0, 0.0, 0.0], [0.5, 0.5, 0.0]];
    let p = [[0.0, 1.0, 0.0], [0.0, 0.25, 0.75], [1.0, 0.0, 0.0], [0.0, 0.5, 0.5]];
    let (log_q, targets) = (Tensor::from(q).ln(), Tensor::from(p));
    let oracle = [2f64.ln(), divergence_oracle(&q[1], &p[1]), 0.0, INFINITY];
    assert_close("with zeros", &values(&kl_divergence(&log_q, &targets)), &oracle);
    assert_close("with zeros, log", &values(&kl_divergence_log_target(&log_q, &targets.ln())), &oracle);
}

/// Gradients where probabilities are 0: those of the documentation, and never NaN.
#[test]
fn divergences_have_the_documented_gradient_at_zero_probability() {
    let q = Tensor::from([[0.0, 0.5, 0.5], [0.5, 0.5, 0.0]]).ln();
    let p = Tensor::from([[0.0, 0.25, 0.75], [0.0, 0.5, 0.5]]);
    let opposite: Vec<f64> = values(&p).iter().map(|p| -p).collect();
    let log_p = p.ln();
    assert_eq!(slope(|x| kl_divergence(x, &p), &q), opposite);
    assert_close("log target", &slope(|x| kl_divergence_log_target(x, &log_p), &q), &opposite);
    let by_p = slope(|x| kl_divergence(&q, x), &p);
    let expected = [0.0, 0.5f64.ln() + 1.0, 1.5f64.ln() + 1.0, 0.0, 1.0, INFINITY];
    assert_close("by p", &by_p, &expected);
    let by_log_p = slope(|x| kl_divergence_log_target(&q, x), &log_p);
    let expected = [0.0, 0.25 * (0.5f64.ln() + 1.0), 0.75 * (1.5f64.ln() + 1.0), 0.0, 0.5, INFINITY];
    assert_close("by log p", &by_log_p, &expected);
    // Second derivatives are defined there too: -∂²ℓ/∂p∂log q is 1 on the support.
    let mixed = kl_divergence(&q, &p).sum().grad(&p).sum().grad(&q);
    assert_eq!(values(&mixed), [0.0, -1.0, -1.0, 0.0, -1.0, -1.0]);
}

/// Through a log-softmax with masked classes the gradient is q - p.
#[test]
fn divergence_of_masked_logits() {
    let logits = Tensor::from([[1.0, f64::NEG_INFINITY, -1.0, 0.5]]);
    let teacher = Tensor::from([[0.5, f64::NEG_INFINITY, 2.0, 0.0]]).log_softmax(-1);
    let q_minus_p = values(&(logits.softmax(-1) - teacher.exp()));
    assert_close("log target", &slope(|x| kl_divergence_log_target(&x.log_softmax(-1), &teacher), &logits), &q_minus_p);
    let target = teacher.exp();
    assert_close("target", &slope(|x| kl_divergence(&x.log_softmax(-1), &target), &logits), &q_minus_p);
}

/// The density of the normal distribution, from its definition.
fn density(x: f64, mean: f64, variance: f64) -> f64 {
    (-(x - mean).powi(2) / (2.0 * variance)).exp() / (2.0 * PI * variance).sqrt()
}

#[test]
fn likelihoods_are_those_of_the_normal_density() {
    let (mean, target, log_variance) = (normal(3, [40]), normal(4, [40]), normal(5, [40]));
    let variance = log_variance.exp();
    let (m, t, v) = (values(&mean), values(&target), values(&variance));
    let oracle: Vec<f64> = (0..40).map(|i| -density(t[i], m[i], v[i]).ln()).collect();
    assert_close("gaussian_nll", &values(&gaussian_nll(&mean, &target, &variance, full())), &oracle);
    let constant = 0.5 * (2.0 * PI).ln();
    let by_logarithm = gaussian_nll_log_variance(&mean, &target, &log_variance);
    assert_close("gaussian_nll_log_variance", &values(&(by_logarithm + constant)), &oracle);
    let short: Vec<f64> = oracle.iter().map(|nll| nll - constant).collect();
    assert_close("without constant", &values(&gaussian_nll(&mean, &target, &variance, plain())), &short);
}

#[test]
fn a_variance_may_repeat() {
    let (mean, target) = (normal(6, [4, 3]), normal(7, [4, 3]));
    for shape in [&[4, 1][..], &[1, 3], &[3], &[1], &[]] {
        let log_variance = Tensor::from_vec(vec![0.7; shape.iter().product()], shape);
        let whole = log_variance.expand([4, 3]);
        let repeated = gaussian_nll_log_variance(&mean, &target, &log_variance);
        assert_eq!(values(&repeated), values(&gaussian_nll_log_variance(&mean, &target, &whole)));
        let repeated = gaussian_nll(&mean, &target, &log_variance.exp(), plain());
        assert_eq!(values(&repeated), values(&gaussian_nll(&mean, &target, &whole.exp(), plain())));
    }
}

/// The integral `∫ n(x) ln(n(x)/φ(x)) dx`, by the trapezoidal rule, which is exact to rounding for such functions.
#[test]
fn gaussian_kl_is_the_integral() {
    let (mean, log_variance) = (normal(8, [5, 3]), normal(9, [5, 3]));
    let (m, s) = (values(&mean), values(&log_variance));
    let integral = |mean: f64, variance: f64| -> f64 {
        let (width, steps) = (12.0 * variance.sqrt(), 4000);
        let step = 2.0 * width / f64::from(steps);
        let integrand = |x: f64| {
            let log_ratio = -(x - mean).powi(2) / (2.0 * variance) - 0.5 * variance.ln() + x * x / 2.0;
            density(x, mean, variance) * log_ratio
        };
        (0..=steps).map(|i| integrand(mean - width + step * f64::from(i)) * step).sum()
    };
    let terms: Vec<f64> = m.iter().zip(&s).map(|(m, s)| integral(*m, s.exp())).collect();
    let oracle: Vec<f64> = terms.chunks(3).map(|row| row.iter().sum()).collect();
    let divergence = gaussian_kl_to_standard_normal(&mean, &log_variance);
    assert_eq!(divergence.shape().sizes(), [5]);
    assert_close_within("integral", &values(&divergence), &oracle, 1e-9, 1e-12);
}

// -------------------------------------------------------------------------------------------------- derivatives

#[test]
fn derivatives_agree_with_finite_differences() {
    let (log_q, log_p) = (log_distributions(10, [4, 5]), log_distributions(11, [4, 5]));
    // p away from 0, where its logarithm bends too sharply for finite differences.
    let p = (0.3 + log_p.exp()).detach();
    check_derivatives(|x| kl_divergence(&x[0], &x[1]), &[log_q.clone(), p]);
    check_derivatives(|x| kl_divergence_log_target(&x[0], &x[1]), &[log_q, log_p]);
    let (mean, target, s) = (normal(12, [4, 3]), normal(13, [4, 3]), normal(14, [4, 3]));
    check_derivatives(|x| gaussian_nll_log_variance(&x[0], &x[1], &x[2]), &[mean.clone(), target.clone(), s.clone()]);
    // Residuals of 0: the second derivative by the mean is 1/variance there as elsewhere.
    let same = mean.detach();
    check_derivatives(|x| gaussian_nll_log_variance(&x[0], &x[1], &x[2]), &[mean.clone(), same.clone(), s.clone()]);
    let variance = (0.3 + s.exp()).detach();
    check_derivatives(|x| gaussian_nll(&x[0], &x[1], &x[2], full()), &[mean.clone(), target, variance.clone()]);
    check_derivatives(|x| gaussian_nll(&x[0], &x[1], &x[2], plain()), &[mean.clone(), same, variance]);
    check_derivatives(|x| gaussian_kl_to_standard_normal(&x[0], &x[1]), &[mean, s]);
    let zero = Tensor::from([[0.0, 0.001]]);
    check_derivatives(|x| gaussian_kl_to_standard_normal(&x[0], &x[1]), &[zero.detach(), zero]);
}

/// On both sides of ε: below it the value is flat and the gradient is the one at ε.
#[test]
fn a_variance_below_epsilon_counts_as_epsilon_and_can_rise_again() {
    let options = GaussianNllOptions { full: false, epsilon: 0.5 };
    let variance = Tensor::from([0.0, 0.3, 0.5, 0.5f64.next_up(), 0.8, -1.0]);
    let used = [0.5, 0.5, 0.5, 0.5f64.next_up(), 0.8, 0.5];
    let (mean, target) = (variance.zeros_like(), variance.full_like(2.0));
    let loss = |v: &Tensor| gaussian_nll(&mean, &target, v, options);
    assert_close("value", &values(&loss(&variance)), &used.map(|v: f64| 0.5 * (v.ln() + 4.0 / v)));
    assert_close("slope", &slope(loss, &variance), &used.map(|v| 0.5 * (1.0 / v - 4.0 / (v * v))));
    let curvature = common::curvature(loss, &variance);
    assert_close("curvature", &curvature, &used.map(|v| 0.5 * (8.0 / v.powi(3) - 1.0 / (v * v))));
    assert_eq!(options.epsilon.min(plain().epsilon), 1e-6, "the default of other libraries");
    // In f32 the floor is exact as well.
    let single = gaussian_nll(&Tensor::zeros([1]), &Tensor::zeros([1]), &Tensor::zeros([1]), plain());
    assert_close_within("f32", &values(&single), &[0.5 * 1e-6f64.ln()], 1e-6, 0.0);
}

// --------------------------------------------------------------------------------------------------------- laws

proptest! {
    #[test]
    fn laws(seed in 0..1000u64, shift in -50.0..50.0f64, scale in 0.1..10.0f64) {
        let (log_q, log_p) = (log_distributions(seed, [3, 4]), log_distributions(seed + 5000, [3, 4]));
        let divergence = values(&kl_divergence_log_target(&log_q, &log_p));
        prop_assert!(divergence.iter().all(|d| *d > 0.0), "distributions that differ are apart: {divergence:?}");
        assert_close("itself", &values(&kl_divergence(&log_q, &log_q.exp())), &[0.0; 3]);
        prop_assert_eq!(values(&kl_divergence_log_target(&log_q, &log_q)), [0.0; 3]);
        // Logits may be shifted; classes may be reordered.
        let shifted = (&log_q + shift).log_softmax(-1);
        assert_close("shift", &values(&kl_divergence_log_target(&shifted, &log_p)), &divergence);
        let flipped = kl_divergence_log_target(&log_q.flip(-1), &log_p.flip(-1));
        assert_close("order", &values(&flipped), &divergence);
        // Cross-entropy less entropy.
        let p = log_p.exp();
        let parts = (&p * &log_p).sum_axis(-1) - (&p * &log_q).sum_axis(-1);
        assert_close("cross-entropy", &values(&kl_divergence(&log_q, &p)), &values(&parts));

        let (mean, target, s) = (normal(seed, [6]), normal(seed + 1, [6]), normal(seed + 2, [6]));
        let loss = values(&gaussian_nll_log_variance(&mean, &target, &s));
        // Other units: only the logarithm of the scale is added.
        let scaled = gaussian_nll_log_variance(&(&mean * scale), &(&target * scale), &(&s + 2.0 * scale.ln()));
        assert_close_within("units", &values(&(scaled - scale.ln())), &loss, 1e-10, 1e-10);
        assert_close("symmetry", &values(&gaussian_nll_log_variance(&target, &mean, &s)), &loss);
        let by_variance = gaussian_nll(&mean, &target, &s.exp(), plain());
        assert_close("variance", &values(&by_variance), &loss);
        let fixed = gaussian_nll_log_variance(&mean, &target, &Tensor::from(0.0));
        assert_close("fixed", &values(&fixed), &values(&(0.5 * (&mean - &target).square())));

        let kl = values(&gaussian_kl_to_standard_normal(&mean, &s));
        prop_assert!(kl[0] > 0.0);
        assert_close("mirror", &values(&gaussian_kl_to_standard_normal(&-&mean, &s)), &kl);
    }
}

#[test]
fn zero_at_the_optimum() {
    let zero = Tensor::from([[0.0, 0.0]]);
    assert_eq!(values(&gaussian_kl_to_standard_normal(&zero, &zero)), [0.0]);
    assert_eq!(slope(|x| gaussian_kl_to_standard_normal(x, &zero), &zero), [0.0; 2]);
    assert_eq!(slope(|x| gaussian_kl_to_standard_normal(&zero, x), &zero), [0.0; 2]);
    // A variance near 1 keeps its digits: ½ (eˢ - 1 - s) = s²/4 + s³/12.
    let near = gaussian_kl_to_standard_normal(&Tensor::from([[0.0]]), &Tensor::from([[1e-4]]));
    assert_close_within("near 1", &values(&near), &[1e-8 / 4.0 + 1e-12 / 12.0], 1e-9, 0.0);
}

/// Over a sample: the best mean is the sample's, the best variance is its variance with divisor n, the best
/// distribution the mean one.
#[test]
fn the_best_constant_is_the_documented_statistic() {
    let sample = [10.0, 1.0, 4.0, 3.0, 2.0];
    let (mean, variance) = (4.0, 10.0);
    let means: Vec<f64> = (0..1000).map(|step| f64::from(step) / 100.0).collect();
    let variances: Vec<f64> = (1..2000).map(|step| f64::from(step) / 100.0).collect();
    let best = |candidates: &[f64], loss: &dyn Fn(&Tensor, &Tensor) -> Tensor| {
        let shape = [candidates.len(), sample.len()];
        let candidate = Tensor::from(candidates).unsqueeze(-1).expand(shape);
        let total = loss(&candidate, &Tensor::from(sample).expand(shape)).sum_axis(-1);
        candidates[values(&total.argmin_axis(0))[0] as usize]
    };
    assert_eq!(best(&means, &|c, y| gaussian_nll_log_variance(c, y, &c.full_like(0.3))), mean);
    assert_eq!(best(&variances, &|c, y| gaussian_nll_log_variance(&y.full_like(mean), y, &c.ln())), variance);
    assert_eq!(best(&variances, &|c, y| gaussian_nll(&y.full_like(mean), y, c, plain())), variance);

    // At the mean of the targets the gradient by the logits of q, summed over the sample, is 0, and nothing near is
    // better.
    let p = log_distributions(20, [5, 3]).exp();
    let logits = p.mean_axis(0).ln();
    let total = |logits: &Tensor| kl_divergence(&logits.log_softmax(-1).expand([5, 3]), &p).sum();
    assert_close("slope", &values(&total(&logits).grad(&logits)), &[0.0; 3]);
    for direction in [[0.1, 0.0, 0.0], [0.0, -0.1, 0.0], [0.05, 0.0, -0.05]] {
        assert!(total(&(&logits + Tensor::from(direction))).item() > total(&logits).item());
    }
}

// ----------------------------------------------------------------------------------------------------- extremes

#[test]
fn extremes_in_single_precision_are_finite() {
    let far = Tensor::from([[1e4, 0.0, -1e4], [-1e4, -1e4, -1e4], [1e4, 1e4, -1e4]]).log_softmax(-1);
    let other = Tensor::from([[-1e4, 0.0, 1e4], [0.0, 1e4, 0.0], [1e4, -1e4, 1e4]]).log_softmax(-1);
    finite_at_extremes(|x| kl_divergence_log_target(&x[0], &x[1]), &[far.clone(), other.clone()]);
    let sure = Tensor::from([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0]]);
    finite_at_extremes(|x| kl_divergence(&x[0], &x[1]), &[far, sure.clone()]);
    let excluded = Tensor::from([[0.0, -INFINITY, -INFINITY], [-INFINITY, 2f64.ln(), 2f64.ln()], [-1.0, -1.0, -1.0]]);
    finite_at_extremes(|x| kl_divergence(&excluded.cast(DType::F32), &x[0]), &[sure]);

    let mean = Tensor::from([0.0, 0.0, 0.0, 0.0, 1e4, -1e4, 1e15, 1e-30, 5.0]);
    let target = Tensor::from([0.0, 0.0, 0.0, 1.0, -1e4, 1e4, -1e15, 0.0, 5.0]);
    let s = Tensor::from([0.0, 1e4, -1e4, 1e4, 0.0, 20.0, 60.0, -80.0, -200.0]);
    finite_at_extremes(|x| gaussian_nll_log_variance(&x[0], &x[1], &x[2]), &[mean, target, s]);
    let mean = Tensor::from([0.0, 0.0, 1e4, 1e20, 0.0, 1e-20]);
    let target = Tensor::from([0.0, 1.0, -1e4, 0.0, 0.0, 0.0]);
    let variance = Tensor::from([0.0, 0.0, 0.0, 1e20, 1e38, 1e-6]);
    finite_at_extremes(|x| gaussian_nll(&x[0], &x[1], &x[2], plain()), &[mean, target, variance]);

    let mean = Tensor::from([[0.0, 1e4], [-1e18, 0.0], [1e-40, 0.0]]);
    let s = Tensor::from([[-1e4, 0.0], [-1e30, 80.0], [1e-40, 88.0]]);
    finite_at_extremes(|x| gaussian_kl_to_standard_normal(&x[0], &x[1]), &[mean, s]);
}

/// Values that f32 cannot hold on the way, though it holds the result.
#[test]
fn large_residuals_with_large_variances_are_exact_in_single_precision() {
    let (mean, target) = (Tensor::from([0f32, 0.0]), Tensor::from([1e20f32, 1e30]));
    let s = Tensor::from([92.1034f32, 138.155_1]); // ln 1e40, ln 1e60: beyond f32 themselves
    let loss = values(&gaussian_nll_log_variance(&mean, &target, &s));
    assert_close_within("log variance", &loss, &[46.551_702, 69.577_55], 1e-5, 0.0);
    let variance = Tensor::from([1e30f32, 1e38]);
    let loss = values(&gaussian_nll(&mean, &target, &variance, plain()));
    let oracle = [0.5 * (1e30f64.ln() + 1e10), 0.5 * (1e38f64.ln() + 1e22)];
    assert_close_within("variance", &loss, &oracle, 1e-5, 0.0);
}

/// Where the limit is infinite the loss is, never NaN.
#[test]
fn limits_are_infinite_and_not_nan() {
    let log_q = Tensor::from([[0.0, -INFINITY]]);
    assert_eq!(values(&kl_divergence(&log_q, &Tensor::from([[0.5, 0.5]]))), [INFINITY]);
    assert_eq!(values(&kl_divergence_log_target(&log_q, &Tensor::from([[0.5, 0.5]]).ln())), [INFINITY]);
    // Where p is 0 nothing is lost, whatever stands there.
    assert_eq!(values(&kl_divergence(&Tensor::from([[0.0, INFINITY]]), &Tensor::from([[1.0, 0.0]]))), [0.0]);
    let (zero, one) = (Tensor::from([0f32]), Tensor::from([1f32]));
    assert_eq!(values(&gaussian_nll_log_variance(&zero, &one, &Tensor::from([-1e4f32]))), [INFINITY]);
    assert_eq!(values(&gaussian_nll_log_variance(&zero, &zero, &Tensor::from([-1e4f32]))), [-5000.0]);
    assert_eq!(values(&gaussian_nll(&zero, &one, &Tensor::from([f32::INFINITY]), plain())), [INFINITY]);
    let wide = gaussian_kl_to_standard_normal(&zero, &Tensor::from([1e4f32]));
    assert_eq!(values(&wide), [INFINITY]);
}

// ------------------------------------------------------------------------------------------------------- panics

#[test]
fn other_shapes_panic_at_the_callers_line() {
    let (column, row) = (Tensor::zeros([32, 1]), Tensor::zeros([32]));
    let matrix = Tensor::zeros([32, 3]);
    let panics = [
        (panic_of(|| kl_divergence(&column, &row)), "kl_divergence: log_q [32, 1] and p [32] must have the same shape"),
        (
            panic_of(|| kl_divergence_log_target(&matrix, &column)),
            "kl_divergence_log_target: log_q [32, 3] and log_p [32, 1] must have the same shape",
        ),
        (
            panic_of(|| gaussian_nll(&column, &row, &column, plain())),
            "gaussian_nll: mean [32, 1] and target [32] must have the same shape",
        ),
        (
            panic_of(|| gaussian_nll(&column, &column, &row, plain())),
            "gaussian_nll: variance [32] does not repeat to the shape of mean [32, 1]",
        ),
        (
            panic_of(|| gaussian_nll_log_variance(&row, &row, &column)),
            "gaussian_nll_log_variance: log_variance [32, 1] does not repeat to the shape of mean [32]",
        ),
        (
            panic_of(|| gaussian_nll_log_variance(&row, &column, &row)),
            "gaussian_nll_log_variance: mean [32] and target [32, 1] must have the same shape",
        ),
        (
            panic_of(|| gaussian_kl_to_standard_normal(&matrix, &column)),
            "gaussian_kl_to_standard_normal: mean [32, 3] and log_variance [32, 1] must have the same shape",
        ),
        (
            panic_of(|| gaussian_nll(&row, &row, &row, GaussianNllOptions { epsilon: 0.0, ..plain() })),
            "gaussian_nll: epsilon is 0 and must be greater than 0",
        ),
        (
            panic_of(|| kl_divergence(&Tensor::from(0.0), &Tensor::from(0.0))),
            "kl_divergence: log_q [] has no axis of classes",
        ),
        (
            panic_of(|| gaussian_kl_to_standard_normal(&Tensor::from(0.0), &Tensor::from(0.0))),
            "gaussian_kl_to_standard_normal: mean [] has no latent axis",
        ),
    ];
    for (panic, message) in panics {
        assert_eq!(panic.message, message);
        assert!(panic.file.ends_with("tests/distribution.rs"), "{panic:?}");
    }
}
