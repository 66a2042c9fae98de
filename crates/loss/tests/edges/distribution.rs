//! Divergences near their minimum, variances beyond what a weight can be, rates too large for numbers, NaN.

use minimand_loss::*;
use minimand_tensor::{DType, Tensor, grad};

use crate::common::{assert_close_within, curvature, normal, slope, values};
use crate::{Loss, Loss2, single, singles};

const INFINITY: f64 = f64::INFINITY;

/// By mpmath: s, `½ (eˢ − 1 − s)` and `½ (eˢ − 1)`, on both sides of where the form changes.
const EXCESS: [(f64, f64, f64); 15] = [
    (1e-8, 2.5000000083333333e-17, 5.000000025e-9),
    (-1e-8, 2.4999999916666666e-17, -4.9999999750000005e-9),
    (1e-3, 2.50083354170834e-7, 0.0005002500833541708),
    (-1e-3, 2.4991668749583403e-7, -0.0004997500833125041),
    (0.3, 0.024929403788001552, 0.17492940378800154),
    (-0.3, 0.020409110340858932, -0.12959088965914106),
    (0.5, 0.07436063535006407, 0.3243606353500641),
    (-0.5, 0.05326532985631671, -0.1967346701436833),
    (0.50001, 0.07436387899763575, 0.3243688789976357),
    (-0.50001, 0.05326729721818137, -0.19673770278181865),
    (2.0, 2.194528049465325, 3.194528049465325),
    (-2.0, 0.5676676416183063, -0.43233235838169365),
    (-30.0, 14.500000000000046, -0.4999999999999532),
    (80.0, 2.770311192196755e34, 2.770311192196755e34),
    (1e-15, 2.5000000000000006e-31, 5.000000000000002e-16),
];

#[test]
fn the_gaussian_divergence_keeps_its_digits_near_its_minimum() {
    let [s, value, slopes] = [0, 1, 2].map(|part| EXCESS.map(|row| [row.0, row.1, row.2][part]).to_vec());
    let bends: Vec<f64> = s.iter().map(|s| 0.5 * s.exp()).collect();
    let third = |loss: Loss, x: &Tensor| values(&loss(x).sum().grad(x).sum().grad(x).sum().grad(x));
    let loss: Loss = &|s| gaussian_kl_to_standard_normal(&s.zeros_like().unsqueeze(-1), &s.unsqueeze(-1));
    let f64s = Tensor::from_vec(s.clone(), [s.len()]);
    // A number of f32 is off by up to 6e-8 relative to itself, e⁸⁰ by 80 times as much.
    for (x, tolerance) in [(single(&s), 6e-6), (f64s, 3e-15)] {
        assert_close_within("value", &values(&loss(&x)), &value, tolerance, 0.0);
        assert_close_within("slope", &slope(loss, &x), &slopes, tolerance, 0.0);
        assert_close_within("curvature", &curvature(loss, &x), &bends, 4.0 * tolerance, 0.0);
        assert_close_within("third derivative", &third(loss, &x), &bends, 400.0 * tolerance, 0.0);
    }
    let sizes = (-2000..=2000).map(|step| f64::from(step).powi(3) * 1e-9);
    assert!(values(&loss(&single(&sizes.collect::<Vec<_>>()))).iter().all(|&value| value >= 0.0));
    let ends = single(&[-INFINITY, -f64::from(f32::MAX), 100.0]);
    assert_eq!(values(&loss(&ends)), [INFINITY, 0.5 * f64::from(f32::MAX), INFINITY]);
    assert_eq!(slope(loss, &ends), [-0.5, -0.5, INFINITY]);
    // The half is taken before the square overflows.
    let mean = single(&[2.5e19]);
    let value = gaussian_kl_to_standard_normal(&mean, &mean.zeros_like());
    assert_close_within("half", &[value.item()], &[3.125e38], 1e-6, 0.0);
}

/// Between nearly equal distributions the divergence has the size of the squared difference, and is never below 0.
#[test]
fn divergences_near_their_minimum_keep_their_digits() {
    for (seed, step) in (0..40).flat_map(|seed| [0.0, 1e-5, 1e-3, 0.03, 0.4].map(|step| (seed, step))) {
        let x = (normal(seed, [50, 7]) * 3.0).cast(DType::F32).detach();
        let y = (x.cast(DType::F64) + step * normal(seed + 100, [50, 7])).cast(DType::F32).detach();
        let (log_q, log_p) = (x.log_softmax(-1).detach(), y.log_softmax(-1).detach());
        let exact = {
            let (log_q, log_p) = (x.cast(DType::F64).log_softmax(-1), y.cast(DType::F64).log_softmax(-1));
            // Σ p (q/p − 1 − ln(q/p)), whose terms do not cancel beyond the digits of f64.
            let ratio = &log_q - &log_p;
            values(&(log_p.exp() * (ratio.exp_m1() - ratio)).sum_axis(-1))
        };
        let found =
            [kl_divergence(&log_q, &log_p.exp()), kl_divergence_log_target(&log_q, &log_p)].map(|loss| values(&loss));
        for found in found {
            assert!(found.iter().all(|&value| value >= 0.0), "below 0 at a step of {step}: {found:?}");
            // Logarithms of f32 near 10 are off by 5e-7.
            let digits = 4e-6 / step.max(1e-12);
            assert_close_within(&format!("step {step}"), &found, &exact, digits, 1e-11);
        }
    }
    let p = singles(&[[0.25, 0.75], [1.0, 0.0], [0.5, 0.5]]);
    assert_eq!(values(&kl_divergence(&p.ln(), &p)), [0.0; 3]);
    assert_eq!(slope(|x| kl_divergence(x, &p), &p.ln()), [-0.25, -0.75, -1.0, 0.0, -0.5, -0.5]);
}

/// Rows that are no distributions have the value of the formula, negative or not.
#[test]
fn divergences_of_what_does_not_sum_to_1_are_the_formula() {
    let (q, p) = ([[0.5f64, 0.6], [0.9, 0.1], [0.3, 1e-9]], [[0.4f64, 0.6], [0.3, 0.3], [0.3, 1e-9]]);
    let formula: Vec<f64> = (0..3).map(|i| (0..2).map(|j| p[i][j] * (p[i][j] / q[i][j]).ln()).sum()).collect();
    let found = kl_divergence(&Tensor::from(q).ln(), &Tensor::from(p));
    assert_close_within("rows", &values(&found), &formula, 1e-14, 1e-16);
    let each = kl_divergence(&Tensor::from(q).ln().unsqueeze(-1), &Tensor::from(p).unsqueeze(-1));
    let terms: Vec<f64> = p.iter().zip(q).flat_map(|(p, q)| [0, 1].map(|j| p[j] * (p[j] / q[j]).ln())).collect();
    assert_close_within("terms", &values(&each), &terms, 1e-14, 1e-16);
}

/// A variance that fell too low is pulled back, however far it fell: the slope by its logarithm is not that of ½ s.
#[test]
fn a_log_variance_below_its_bound_is_pulled_back() {
    let zero = |s: &Tensor| s.zeros_like();
    for (dtype, far) in [(DType::F32, [-177.0, -1e3, -1e6, -1e30]), (DType::F64, [-1419.0, -1e4, -1e9, -1e300])] {
        let s = Tensor::from(far).cast(dtype).detach();
        let residual = s.full_like(0.5);
        let loss = |s: &Tensor| gaussian_nll_log_variance(&residual, &zero(s), s);
        assert!(slope(loss, &s).iter().all(|&slope| slope < -1e30), "{:?}", slope(loss, &s));
        assert!(values(&loss(&s)).iter().all(|&value| value > 1e30));
        let at_rest = |s: &Tensor| gaussian_nll_log_variance(&zero(s), &zero(s), s);
        assert_eq!(slope(at_rest, &s), [0.5; 4]);
        assert_eq!(values(&at_rest(&s)), values(&(0.5 * &s)));
        let by_mean = |mean: &Tensor| gaussian_nll_log_variance(mean, &zero(mean), &s);
        assert_eq!(slope(by_mean, &zero(&s)), [0.0; 4]);
    }
    // Before an overflow the half, and beyond every overflow infinity.
    let r = single(&[2.5e19, 2e20, f64::from(f32::MAX)]);
    let value = gaussian_nll_log_variance(&r, &zero(&r), &zero(&r));
    assert_close_within("square", &values(&value), &[3.125e38, INFINITY, INFINITY], 1e-6, 0.0);
    let value = gaussian_nll(&r, &zero(&r), &r.ones_like(), Default::default());
    assert_close_within("square", &values(&value), &[3.125e38, INFINITY, INFINITY], 1e-6, 0.0);
}

#[test]
fn poisson_is_infinite_where_its_rate_is_too_large_for_a_number() {
    let s = single(&[89.0, 100.0, 1e4, 1e38, INFINITY, INFINITY, 88.0]);
    let y = single(&[0.0, 1e37, 3e38, 3.0, 0.0, 2.0, 1e30]);
    let loss = |s: &Tensor| poisson_nll_log_rate(s, &y, false);
    let (value, gradient) = (values(&loss(&s)), slope(loss, &s));
    assert_eq!((&value[..6], &gradient[..6]), (&[INFINITY; 6][..], &[INFINITY; 6][..]));
    assert_close_within("below", &value[6..], &[88f64.exp() - 88e30], 1e-5, 0.0);
    let s = single(&[-INFINITY, -INFINITY, -1e38]);
    let y = single(&[0.0, 2.0, 1e38]);
    assert_eq!(values(&poisson_nll_log_rate(&s, &y, false)), [0.0, INFINITY, INFINITY]);
    let rate = single(&[0.0, 0.0, INFINITY, INFINITY]);
    let y = single(&[0.0, 2.0, 0.0, 3e38]);
    let loss = |rate: &Tensor| poisson_nll(rate, &y, false);
    assert_eq!(values(&loss(&rate)), [0.0, INFINITY, INFINITY, INFINITY]);
    assert_eq!(slope(loss, &rate), [1.0, -INFINITY, 1.0, 1.0]);
}

/// NaN in any input comes out, in the value and in the gradient by that input.
#[test]
fn nan_comes_out() {
    let nan = f64::NAN;
    let pairs: [Loss2; 8] = [
        &|a, b| poisson_nll_log_rate(a, b, false),
        &|a, b| poisson_nll(a, b, false),
        &|a, b| poisson_nll_log_rate(a, b, true),
        &|a, b| gaussian_nll_log_variance(a, b, &a.zeros_like()),
        &|a, b| gaussian_nll_log_variance(&a.zeros_like(), &b.zeros_like(), &(a + b)),
        &|a, b| gaussian_nll(a, b, &a.ones_like(), Default::default()),
        &|a, b| gaussian_nll(&a.zeros_like(), &b.zeros_like(), &(a + b), Default::default()),
        &|a, b| gaussian_kl_to_standard_normal(&a.unsqueeze(-1), &b.unsqueeze(-1)),
    ];
    let (a, b) = (Tensor::from([nan, 0.5, 1.0]), Tensor::from([0.0, nan, 2.0]));
    for (which, loss) in pairs.into_iter().enumerate() {
        let value = values(&loss(&a, &b));
        assert!(value[0].is_nan() && value[1].is_nan() && value[2].is_finite(), "loss {which}: {value:?}");
        let gradients = grad(&loss(&a, &b).sum(), [&a, &b]).iter().map(values).collect::<Vec<_>>();
        let lost = |numbers: &[f64], at: usize| numbers[at].is_nan();
        assert!(lost(&gradients[0], 0) || lost(&gradients[1], 0), "loss {which}: {gradients:?}");
        assert!(gradients.iter().all(|numbers| numbers[2].is_finite()), "loss {which}: {gradients:?}");
    }
    let rows = [[0.5, 0.5], [0.5, nan], [0.0, 1.0]];
    for divergence in [kl_divergence, kl_divergence_log_target] {
        let clean = Tensor::from([[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]);
        let value = values(&divergence(&Tensor::from(rows).ln(), &clean));
        assert!(
            value[0].is_finite() && value[1].is_nan() && value[2].is_infinite() | value[2].is_finite(),
            "{value:?}"
        );
        let value = values(&divergence(&clean.ln(), &Tensor::from(rows)));
        assert!(value[1].is_nan(), "{value:?}");
    }
    // Not even where the target is 0.
    let (log_q, p) = (Tensor::from([[nan, 0.0], [f64::NEG_INFINITY, 0.0]]), Tensor::from([[0.0, 1.0], [0.0, 1.0]]));
    for loss in [kl_divergence(&log_q, &p), kl_divergence_log_target(&log_q, &p.ln())] {
        let (value, gradient) = (values(&loss), values(&loss.sum().grad(&log_q)));
        assert!(value[0].is_nan() && value[1] == 0.0, "{value:?}");
        assert_eq!(&gradient[2..], [0.0, -1.0]);
    }
}
