use minimand_loss::{poisson_nll, poisson_nll_log_rate};
use minimand_tensor::{DType, Tensor};
use proptest::prelude::*;

use crate::common::{
    assert_close, assert_close_within, check_derivatives, check_recorded, curvature, finite_at_extremes, normal,
    panic_of, slope, values,
};

const INFINITY: f64 = f64::INFINITY;

/// The loss of logarithms of rates, or of rates.
fn poisson(log_input: bool) -> fn(&Tensor, &Tensor, bool) -> Tensor {
    if log_input { poisson_nll_log_rate } else { poisson_nll }
}

const ALL: [(bool, bool); 4] = [(true, false), (true, true), (false, false), (false, true)];

/// The probability of a count, by its recursion: `e^(-λ)`, and each next one is λ/k of the one before.
fn probability(rate: f64, count: u32) -> f64 {
    (1..=count).fold((-rate).exp(), |before, k| before * rate / f64::from(k))
}

#[test]
fn agrees_with_recorded_values() {
    let cases = check_recorded("poisson_nll", |case| {
        poisson(case.flag("log_input"))(case.input("log_rate"), case.input("target"), case.flag("full"))
    });
    assert_eq!(cases, 9);
}

#[test]
fn is_the_negative_logarithm_of_the_probability() {
    let rates: Vec<f64> = values(&normal(1, [24])).iter().map(|x| 3.0 * x.exp()).collect();
    let counts: Vec<u32> = (0..24).map(|i| i / 2).collect();
    let oracle: Vec<f64> = rates.iter().zip(&counts).map(|(&rate, &count)| -probability(rate, count).ln()).collect();
    let factorial = |count: u32| (1..=count).map(|k| f64::from(k).ln()).sum::<f64>();
    let short: Vec<f64> = oracle.iter().zip(&counts).map(|(nll, &count)| nll - factorial(count)).collect();
    let rate = Tensor::from(rates);
    let whole = Tensor::from(counts.iter().map(|&y| i64::from(y)).collect::<Vec<i64>>());
    for target in [whole.cast(DType::F64), whole] {
        for (log_input, full) in ALL {
            let given = if log_input { rate.ln() } else { rate.clone() };
            let loss = poisson(log_input)(&given, &target, full);
            assert_close("nll", &values(&loss), if full { &oracle } else { &short });
        }
    }
}

/// Stirling's approximation, which PyTorch takes, is 0.6518 here.
#[test]
fn the_factorial_is_exact() {
    let rate = Tensor::from([1.0, 1.0, 1.0, 1.0]);
    let target = Tensor::from([0.0, 1.0, 2.0, 0.5]);
    let added = poisson_nll(&rate, &target, true) - poisson_nll(&rate, &target, false);
    let half = (std::f64::consts::PI.sqrt() / 2.0).ln(); // Γ(3/2) = √π/2
    assert_close("ln y!", &values(&added), &[0.0, 0.0, 2f64.ln(), half]);
}

#[test]
fn derivatives_agree_with_finite_differences() {
    let (s, y) = (normal(2, [4, 3]), (0.3 + normal(3, [4, 3]).abs()).detach());
    let rate = (0.3 + s.exp()).detach();
    for (log_input, full) in ALL {
        let given = if log_input { &s } else { &rate };
        check_derivatives(|x| poisson(log_input)(&x[0], &x[1], full), &[given.clone(), y.clone()]);
        let counts = Tensor::from([[0i64, 1, 2], [3, 0, 5], [0, 0, 1], [10, 4, 0]]);
        check_derivatives(|x| poisson(log_input)(&x[0], &counts, full), std::slice::from_ref(given));
    }
}

#[test]
fn derivatives_are_the_documented_ones() {
    let (s, y) = (normal(4, [9]), Tensor::from([0.0, 1.0, 2.0, 0.0, 0.5, 7.0, 0.0, 1.0, 30.0]));
    let (logarithms, counts) = (values(&s), values(&y));
    let rates: Vec<f64> = logarithms.iter().map(|s| s.exp()).collect();
    let each = |entry: &dyn Fn(f64, f64) -> f64| -> Vec<f64> {
        rates.iter().zip(&counts).map(|(&rate, &count)| entry(rate, count)).collect()
    };
    let rate = Tensor::from(rates.clone());
    for full in [false, true] {
        let by_log = |s: &Tensor| poisson_nll_log_rate(s, &y, full);
        assert_close("residual", &slope(by_log, &s), &each(&|rate, count| rate - count));
        assert_close("curvature", &curvature(by_log, &s), &rates);
        let by_rate = |rate: &Tensor| poisson_nll(rate, &y, full);
        assert_close("by rate", &slope(by_rate, &rate), &each(&|rate, count| 1.0 - count / rate));
        assert_close("curvature", &curvature(by_rate, &rate), &each(&|rate, count| count / (rate * rate)));
    }
    let by_target = each(&|rate, count| if count == 0.0 { 0.0 } else { -rate.ln() });
    assert_close("by target", &slope(|y| poisson_nll_log_rate(&s, y, false), &y), &by_target);
    assert_close("by target", &slope(|y| poisson_nll(&rate, y, false), &y), &by_target);
}

/// A rate of 0 explains a count of 0 for nothing, and no other one at any price.
#[test]
fn a_rate_of_zero_has_the_right_limits() {
    let (rate, target) = (Tensor::from([0.0, 0.0, 0.0, 2.0]), Tensor::from([0.0, 1.0, 0.5, 0.0]));
    for full in [false, true] {
        let by_rate = |rate: &Tensor| poisson_nll(rate, &target, full);
        assert_eq!(values(&by_rate(&rate)), [0.0, INFINITY, INFINITY, 2.0]);
        assert_eq!(slope(by_rate, &rate), [1.0, -INFINITY, -INFINITY, 1.0]);
        assert_eq!(curvature(by_rate, &rate), [0.0, INFINITY, INFINITY, 0.0]);
        let s = rate.ln().detach();
        let by_log = |s: &Tensor| poisson_nll_log_rate(s, &target, full);
        assert_eq!(values(&by_log(&s))[..3], [0.0, INFINITY, INFINITY]);
        assert_eq!(slope(by_log, &s)[..3], [0.0, -1.0, -0.5]);
        assert_eq!(curvature(by_log, &s)[..3], [0.0, 0.0, 0.0]);
    }
    // A rate cannot be negative: that is no cheap way to explain a 0.
    let negative = poisson_nll(&Tensor::from([-1.0, -1.0]), &Tensor::from([0.0, 1.0]), false);
    assert!(values(&negative).iter().all(|loss| loss.is_nan()));
    // Nor is an infinite one NaN where nothing was counted.
    let infinite = poisson_nll(&Tensor::from([INFINITY]), &Tensor::from([0.0]), false);
    assert_eq!(values(&infinite), [INFINITY]);
    assert_eq!(values(&poisson_nll_log_rate(&Tensor::from([INFINITY]), &Tensor::from([0.0]), false)), [INFINITY]);
}

#[test]
fn extremes_in_single_precision_are_finite() {
    let s = Tensor::from([-1e4, -1e4, 0.0, 88.0, 88.0, -200.0, 40.0]);
    let target = Tensor::from([0.0, 1e4, 1e4, 0.0, 1e30, 5.0, 1e-30]);
    finite_at_extremes(|x| poisson_nll_log_rate(&x[0], &target, false), std::slice::from_ref(&s));
    finite_at_extremes(|x| poisson_nll_log_rate(&x[0], &target, true), std::slice::from_ref(&s));
    let rate = Tensor::from([0.0, 1e-30, 1e-30, 1e30, 1e4, 1.0]);
    let target = Tensor::from([0.0, 1.0, 0.0, 1e30, 0.0, 1e4]);
    finite_at_extremes(|x| poisson_nll(&x[0], &target, false), std::slice::from_ref(&rate));
    finite_at_extremes(|x| poisson_nll(&x[0], &target, true), &[rate]);
    // Beyond what f32 holds: ∞ in value and gradient, not NaN.
    let s = Tensor::from([1e4f32, 1e4]);
    let loss = |s: &Tensor| poisson_nll_log_rate(s, &Tensor::from([0i64, 1_000_000]), false);
    assert_eq!((values(&loss(&s)), slope(loss, &s)), (vec![INFINITY; 2], vec![INFINITY; 2]));
    // Very small rates against a count: the logarithm is exact where the rate is no number any more.
    let far = poisson_nll_log_rate(&Tensor::from([-1e4f32]), &Tensor::from([3i64]), false);
    assert_close_within("far", &values(&far), &[3e4], 1e-6, 0.0);
}

/// The mean of the targets is best, whether or not they are Poisson's.
#[test]
fn the_best_constant_is_the_mean() {
    let sample = [10.0, 1.0, 0.0, 6.0, 0.0]; // mean 3.4, variance 16
    let target = Tensor::from(sample);
    for (log_input, full) in ALL {
        let total = |rate: f64| {
            let given = Tensor::from(if log_input { rate.ln() } else { rate });
            let loss = poisson(log_input)(&given.expand([5]), &target, full).sum();
            (loss.item(), loss.grad(&given).item())
        };
        assert_close_within("slope", &[total(3.4).1], &[0.0], 0.0, 1e-12);
        assert!(total(3.3).1 < -0.01 && total(3.5).1 > 0.01);
        assert!(total(3.3).0 > total(3.4).0 && total(3.5).0 > total(3.4).0);
    }
}

proptest! {
    #[test]
    fn laws(seed in 0..1000u64, exposure in 0.1..20.0f64) {
        let (s, y) = (2.0 * normal(seed, [3, 4]), normal(seed + 1, [3, 4]).exp().floor());
        let rate = s.exp();
        for full in [false, true] {
            let loss = values(&poisson_nll_log_rate(&s, &y, full));
            assert_close("by rate", &values(&poisson_nll(&rate, &y, full)), &loss);
            let counts = poisson_nll_log_rate(&s, &y.cast(DType::I64), full);
            assert_close("integers", &values(&counts), &loss);
            let flipped = poisson_nll_log_rate(&s.flip([0, 1]), &y.flip([0, 1]), full);
            assert_close("order", &values(&flipped.flip([0, 1])), &loss);
        }
        // A probability is at most 1.
        prop_assert!(values(&poisson_nll_log_rate(&s, &y, true)).iter().all(|&l| l >= 0.0));
        // The least value of every entry is at the rate that is its target.
        let least = values(&(&y - y.xlogy(&y)));
        assert_close("least", &values(&poisson_nll(&y, &y, false)), &least);
        let loss = values(&poisson_nll_log_rate(&s, &y, false));
        prop_assert!(loss.iter().zip(least).all(|(&l, least)| l >= least - 1e-12));
        // Exposure multiplies the rate; what is observed adds up.
        let offset = poisson_nll_log_rate(&(&s + exposure.ln()), &y, false);
        assert_close("exposure", &values(&offset), &values(&(exposure * &rate - &y * (&s + exposure.ln()))));
        let halves = poisson_nll_log_rate(&s, &y, false) + poisson_nll_log_rate(&s, &y, false);
        let whole = poisson_nll_log_rate(&(&s + 2f64.ln()), &(2.0 * &y), false) + 2f64.ln() * 2.0 * &y;
        assert_close("two halves", &values(&halves), &values(&whole));
    }
}

#[test]
fn other_shapes_panic_at_the_callers_line() {
    let (column, row) = (Tensor::zeros([32, 1]), Tensor::zeros([32]));
    let shapes = "[32, 1] and target [32] must have the same shape";
    let panic = panic_of(|| poisson_nll_log_rate(&column, &row, false));
    assert_eq!(panic.message, format!("poisson_nll_log_rate: log_rate {shapes}"));
    assert!(panic.file.ends_with("tests/distribution/poisson_nll.rs"), "{panic:?}");
    let panic = panic_of(|| poisson_nll(&column, &row, false));
    assert_eq!(panic.message, format!("poisson_nll: rate {shapes}"));
    assert!(panic.file.ends_with("tests/distribution/poisson_nll.rs"), "{panic:?}");
}
