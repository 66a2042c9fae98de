//! Losses of residuals: oracles, recorded values, finite differences, seams, laws, minimisers, extremes, panics.

mod common;
#[path = "regression/relative.rs"]
mod relative;
#[path = "regression/robust.rs"]
mod robust;
#[path = "regression/rows.rs"]
mod rows;

use std::f64::consts::LN_2;

use approx::{abs_diff_eq, assert_abs_diff_eq, relative_eq};
use common::{
    assert_close, assert_close_within, check_derivatives, check_recorded, curvature, finite_at_extremes, normal,
    panic_of, slope, values,
};
use minimand_loss::{absolute_error, huber, log_cosh, quantile, quantiles, smooth_l1, squared_error};
use minimand_tensor::{DType, Tensor};
use proptest::prelude::*;

/// A loss with its parameters, and what its paper says of a residual `r = prediction - target`.
struct Subject {
    name: &'static str,
    loss: fn(&Tensor, &Tensor) -> Tensor,
    oracle: fn(f64) -> f64,
    slope: fn(f64) -> f64,
    /// Where a derivative jumps.
    seams: &'static [f64],
}

fn huber_oracle(r: f64, delta: f64) -> f64 {
    if r.abs() <= delta { r * r / 2.0 } else { delta * (r.abs() - delta / 2.0) }
}

fn smooth_l1_oracle(r: f64, beta: f64) -> f64 {
    if r.abs() < beta { r * r / 2.0 / beta } else { r.abs() - beta / 2.0 }
}

/// By series near 0, where the logarithm cancels, and by the definition elsewhere.
fn log_cosh_oracle(r: f64) -> f64 {
    match r.abs() {
        a if a < 1e-2 => a.powi(2) / 2.0 - a.powi(4) / 12.0 + a.powi(6) / 45.0,
        a if a < 300.0 => a.cosh().ln(),
        a => a - LN_2,
    }
}

/// Koenker and Bassett: `τ |u|` above, `(1 - τ) |u|` below, u = target - prediction.
fn quantile_oracle(r: f64, tau: f64) -> f64 {
    if -r >= 0.0 { tau * r.abs() } else { (1.0 - tau) * r.abs() }
}

fn sign(r: f64) -> f64 {
    if r == 0.0 { 0.0 } else { r.signum() }
}

const SUBJECTS: &[Subject] = &[
    Subject { name: "squared_error", loss: squared_error, oracle: |r| r * r, slope: |r| 2.0 * r, seams: &[] },
    Subject { name: "absolute_error", loss: absolute_error, oracle: f64::abs, slope: sign, seams: &[0.0] },
    Subject {
        name: "huber(1)",
        loss: |a, b| huber(a, b, 1.0),
        oracle: |r| huber_oracle(r, 1.0),
        slope: |r| r.clamp(-1.0, 1.0),
        seams: &[-1.0, 1.0],
    },
    Subject {
        name: "huber(0.25)",
        loss: |a, b| huber(a, b, 0.25),
        oracle: |r| huber_oracle(r, 0.25),
        slope: |r| r.clamp(-0.25, 0.25),
        seams: &[-0.25, 0.25],
    },
    Subject {
        name: "smooth_l1(2)",
        loss: |a, b| smooth_l1(a, b, 2.0),
        oracle: |r| smooth_l1_oracle(r, 2.0),
        slope: |r| (r / 2.0).clamp(-1.0, 1.0),
        seams: &[-2.0, 2.0],
    },
    Subject { name: "smooth_l1(0)", loss: |a, b| smooth_l1(a, b, 0.0), oracle: f64::abs, slope: sign, seams: &[0.0] },
    Subject { name: "log_cosh", loss: log_cosh, oracle: log_cosh_oracle, slope: f64::tanh, seams: &[] },
    Subject {
        name: "quantile(0.5)",
        loss: |a, b| quantile(a, b, 0.5),
        oracle: |r| quantile_oracle(r, 0.5),
        slope: |r| 0.5 * sign(r),
        seams: &[0.0],
    },
    Subject {
        name: "quantile(0.9)",
        loss: |a, b| quantile(a, b, 0.9),
        oracle: |r| quantile_oracle(r, 0.9),
        slope: |r| if r > 0.0 { 0.1 } else { -0.9 * sign(-r) },
        seams: &[0.0],
    },
];

/// Residuals of every size, with both signs, zero and the seams among them.
fn residuals() -> Vec<f64> {
    let sizes = [0.0, 1e-12, 1e-9, 1e-6, 1e-4, 3e-3, 0.1, 0.25, 0.3, 0.7, 0.999, 1.0, 1.001, 2.0, 2.5, 17.0, 1e3, 1e6];
    sizes.iter().flat_map(|&size| [size, -size]).collect()
}

// ------------------------------------------------------------------------------------------------------- values

#[test]
fn recorded_values_of_other_libraries() {
    let pair = |case: &common::Case| (case.input("prediction").clone(), case.input("target").clone());
    let run = |name: &str, loss: &dyn Fn(&Tensor, &Tensor, &common::Case) -> Tensor| {
        check_recorded(name, |case| {
            let (prediction, target) = pair(case);
            loss(&prediction, &target, case)
        })
    };
    assert_eq!(run("squared_error", &|a, b, _| squared_error(a, b)), 3);
    assert_eq!(run("absolute_error", &|a, b, _| absolute_error(a, b)), 3);
    assert_eq!(run("huber", &|a, b, case| huber(a, b, case.number("delta"))), 8);
    assert_eq!(run("smooth_l1", &|a, b, case| smooth_l1(a, b, case.number("beta"))), 9);
    assert_eq!(run("log_cosh", &|a, b, _| log_cosh(a, b)), 2);
    assert_eq!(run("quantile", &|a, b, case| quantile(a, b, case.number("tau"))), 8);
}

#[test]
fn values_and_slopes_are_those_of_the_papers() {
    let target = Tensor::from(vec![0.0; residuals().len()]);
    let prediction = Tensor::from(residuals());
    for subject in SUBJECTS {
        let oracle: Vec<f64> = residuals().into_iter().map(subject.oracle).collect();
        let slopes: Vec<f64> = residuals().into_iter().map(subject.slope).collect();
        // Relative accuracy alone: a loss of 5e-25 has to be right as well.
        let value = values(&(subject.loss)(&prediction, &target));
        assert_close_within(subject.name, &value, &oracle, 1e-13, 0.0);
        let found = slope(|x| (subject.loss)(x, &target), &prediction);
        assert_close_within(&format!("{}, slope", subject.name), &found, &slopes, 1e-13, 0.0);
        let by_target = slope(|y| (subject.loss)(&prediction, y), &target);
        let opposite: Vec<f64> = slopes.iter().map(|slope| -slope).collect();
        assert_close_within(&format!("{}, slope by target", subject.name), &by_target, &opposite, 1e-13, 0.0);
    }
}

#[test]
fn several_quantiles_are_single_quantiles_side_by_side() {
    let (prediction, target) = (normal(1, [4, 5, 3]), normal(2, [4, 5]));
    let taus = [0.1, 0.5, 0.8];
    let together = quantiles(&prediction, &target, &taus);
    assert_eq!(together.shape().sizes(), [4, 5, 3]);
    for (index, tau) in taus.into_iter().enumerate() {
        let alone = quantile(&prediction.at(-1, index), &target, tau);
        assert_eq!(values(&together.at(-1, index)), values(&alone));
    }
    let single = prediction.cast(DType::F32);
    assert_eq!(quantiles(&single, &target.cast(DType::F32), &taus).dtype(), DType::F32);
}

// -------------------------------------------------------------------------------------------------- derivatives

#[test]
fn derivatives_agree_with_finite_differences() {
    for subject in SUBJECTS {
        // Random residuals, those near a seam moved away from it; then both sides of every seam.
        let away = |r: &f64| subject.seams.iter().all(|seam| (r - seam).abs() > 0.01);
        let random = values(&(normal(3, [24]) * 2.0)).into_iter().filter(away);
        let beside = subject.seams.iter().flat_map(|seam| [-0.2, -0.02, 0.02, 0.2].map(|step| seam + step));
        let near_zero = if subject.seams.contains(&0.0) { vec![] } else { vec![0.0, 0.004] };
        let points: Vec<f64> = random.chain(beside).chain(near_zero).collect();
        assert!(points.len() > 20);
        // A target of 0 leaves the residuals where they were put.
        let inputs = [Tensor::from(points.clone()), Tensor::from(vec![0.0; points.len()])];
        check_derivatives(|x| (subject.loss)(&x[0], &x[1]), &inputs);
    }
    let inputs = [normal(4, [6, 3]), normal(5, [6])];
    check_derivatives(|x| quantiles(&x[0], &x[1], &[0.1, 0.5, 0.8]), &inputs);
}

#[test]
fn values_slopes_and_curvatures_at_the_seams_are_the_documented_ones() {
    let zeros = |x: &Tensor| x.zeros_like();
    let at = Tensor::from([-1.5, 0.0, 1.5]);
    let check = |name: &str, loss: &dyn Fn(&Tensor) -> Tensor, expected: [[f64; 3]; 3]| {
        assert_close(name, &values(&loss(&at)), &expected[0]);
        assert_close(&format!("{name}, slope"), &slope(loss, &at), &expected[1]);
        assert_close(&format!("{name}, curvature"), &curvature(loss, &at), &expected[2]);
    };
    let seam = 1.5;
    check("squared_error", &|x| squared_error(x, &zeros(x)), [[2.25, 0.0, 2.25], [-3.0, 0.0, 3.0], [2.0; 3]]);
    check("absolute_error", &|x| absolute_error(x, &zeros(x)), [[1.5, 0.0, 1.5], [-1.0, 0.0, 1.0], [0.0; 3]]);
    check("huber", &|x| huber(x, &zeros(x), seam), [[1.125, 0.0, 1.125], [-1.5, 0.0, 1.5], [1.0; 3]]);
    check("smooth_l1", &|x| smooth_l1(x, &zeros(x), seam), [[0.75, 0.0, 0.75], [-1.0, 0.0, 1.0], [1.0 / 1.5; 3]]);
    check("smooth_l1, 0", &|x| smooth_l1(x, &zeros(x), 0.0), [[1.5, 0.0, 1.5], [-1.0, 0.0, 1.0], [0.0; 3]]);
    check("quantile", &|x| quantile(x, &zeros(x), 0.8), [[1.2, 0.0, 0.3], [-0.8, 0.0, 0.2], [0.0; 3]]);
    let (edge, tangent) = (1.5f64.cosh().ln(), 1.5f64.tanh());
    let bend = 1.0 - tangent * tangent;
    let expected = [[edge, 0.0, edge], [-tangent, 0.0, tangent], [bend, 1.0, bend]];
    check("log_cosh", &|x| log_cosh(x, &zeros(x)), expected);
}

/// The two forms of log-cosh meet at |r| = 0.65, down to the third derivative.
#[test]
fn log_cosh_has_no_seam() {
    let x = Tensor::from([0.65f64.next_down(), 0.65, 0.65f64.next_up(), -0.65f64.next_up(), -0.65]);
    let loss = |x: &Tensor| log_cosh(x, &x.zeros_like());
    let third = values(&loss(&x).sum().grad(&x).sum().grad(&x).sum().grad(&x));
    let t = 0.65f64.tanh();
    let odd = |value: f64| [value, value, value, -value, -value];
    assert_close_within("value", &values(&loss(&x)), &[0.65f64.cosh().ln(); 5], 1e-14, 0.0);
    assert_close_within("slope", &slope(loss, &x), &odd(t), 1e-14, 0.0);
    assert_close_within("curvature", &curvature(loss, &x), &[1.0 - t * t; 5], 1e-13, 0.0);
    assert_close_within("third derivative", &third, &odd(-2.0 * t * (1.0 - t * t)), 1e-13, 0.0);
}

/// Value and slope of log-cosh in single precision, within a few units in the last place of the truth, from the smallest residual
/// whose square is a normal number to the largest.
#[test]
fn log_cosh_is_precise_everywhere() {
    let sizes = std::iter::successors(Some(2e-19f32), |r| Some(r * 1.001)).take_while(|r| r.is_finite());
    let residuals: Vec<f32> = sizes.flat_map(|r| [r, -r]).collect();
    let x = Tensor::from_vec(residuals.clone(), [residuals.len()]);
    let loss = |x: &Tensor| log_cosh(x, &x.zeros_like());
    let (found, slopes, bends) = (values(&loss(&x)), slope(loss, &x), curvature(loss, &x));
    let units = |found: f64, truth: f64| {
        let size = (truth as f32).abs();
        (found - truth).abs() / f64::from(size - size.next_down())
    };
    for (i, r) in residuals.into_iter().map(f64::from).enumerate() {
        let (value, t) = (units(found[i], log_cosh_oracle(r)), r.tanh());
        assert!(value <= 4.0, "ln cosh {r} is {}, off by {value} units", found[i]);
        assert!(units(slopes[i], t) <= 4.0, "slope {} at {r}", slopes[i]);
        assert!(abs_diff_eq!(bends[i], 1.0 - t * t, epsilon = 1e-6), "curvature {} at {r}", bends[i]);
    }
}

// --------------------------------------------------------------------------------------------------------- laws

fn at(loss: impl Fn(&Tensor, &Tensor) -> Tensor, prediction: f64, target: f64) -> f64 {
    loss(&Tensor::from([prediction]), &Tensor::from([target])).item()
}

fn close(a: f64, b: f64) -> bool {
    relative_eq!(a, b, epsilon = 1e-12, max_relative = 1e-12)
}

proptest! {
    #[test]
    fn laws(
        r in -1e3..1e3f64,
        shift in -1e3..1e3f64,
        scale in 1e-3..1e3f64,
        width in 1e-3..1e2f64,
        tau in 0.01..0.99f64,
    ) {
        for subject in SUBJECTS {
            let value = at(subject.loss, r, 0.0);
            prop_assert!(value >= 0.0 && (value > 0.0 || r == 0.0), "{}: {value} at {r}", subject.name);
            prop_assert_eq!(at(subject.loss, shift, shift), 0.0);
            prop_assert_eq!(slope(|x| (subject.loss)(x, &Tensor::from([shift])), &Tensor::from([shift])), [0.0]);
            let moved = at(subject.loss, r + shift, shift);
            prop_assert!(relative_eq!(moved, value, epsilon = 1e-9, max_relative = 1e-9), "{}", subject.name);
            if !subject.name.contains("quantile(0.9") {
                prop_assert!(close(at(subject.loss, -r, 0.0), value), "{} is symmetric", subject.name);
            }
        }
        let of = |loss: &dyn Fn(&Tensor, &Tensor) -> Tensor, r: f64| at(loss, r, 0.0);
        prop_assert!(close(of(&squared_error, scale * r), scale * scale * of(&squared_error, r)));
        prop_assert!(close(of(&absolute_error, scale * r), scale * of(&absolute_error, r)));
        let priced = |r: f64, tau: f64| of(&|a, b| quantile(a, b, tau), r);
        prop_assert!(close(priced(scale * r, tau), scale * priced(r, tau)));
        prop_assert!(close(priced(r, tau), priced(-r, 1.0 - tau)));
        prop_assert!(close(priced(r, 0.5), 0.5 * r.abs()));
        prop_assert!(close(priced(r, tau) + priced(-r, tau), r.abs()));
        let wide = |r: f64, delta: f64| of(&|a, b| huber(a, b, delta), r);
        let narrow = |r: f64, beta: f64| of(&|a, b| smooth_l1(a, b, beta), r);
        prop_assert!(close(wide(r, width), width * narrow(r, width)));
        prop_assert!(close(wide(scale * r, scale * width), scale * scale * wide(r, width)));
        prop_assert!(wide(r, width) <= 0.5 * r * r * (1.0 + 1e-12) && narrow(r, width) <= r.abs() * (1.0 + 1e-12));
        let between = of(&log_cosh, r);
        prop_assert!(between <= 0.5 * r * r * (1.0 + 1e-12) && between >= r.abs() - LN_2 - 1e-12);
    }
}

#[test]
fn limits_are_squared_and_absolute_error() {
    let (prediction, target) = (normal(6, [50]), normal(7, [50]));
    let squared = values(&(0.5 * squared_error(&prediction, &target)));
    let absolute = values(&absolute_error(&prediction, &target));
    assert_close("wide huber", &values(&huber(&prediction, &target, 1e9)), &squared);
    assert_close("endless huber", &values(&huber(&prediction, &target, f64::INFINITY)), &squared);
    let narrow = values(&(huber(&prediction, &target, 1e-13) / 1e-13));
    assert_close_within("narrow huber", &narrow, &absolute, 0.0, 1e-12);
    let narrow = values(&smooth_l1(&prediction, &target, 1e-13));
    assert_close_within("narrow smooth L1", &narrow, &absolute, 0.0, 1e-12);
    assert_eq!(values(&smooth_l1(&prediction, &target, 0.0)), absolute);
    let small = log_cosh(&(&prediction * 1e-7), &(&target * 1e-7)) * 1e14;
    assert_close("small log-cosh", &values(&small), &squared);
}

// --------------------------------------------------------------------------------------------------- minimisers

/// The constant prediction with the least total loss, searched on a grid of hundredths.
fn best_constant(loss: impl Fn(&Tensor, &Tensor) -> Tensor, sample: &[f64]) -> f64 {
    let grid: Vec<f64> = (0..6000).map(|step| step as f64 / 100.0).collect();
    let shape = [grid.len(), sample.len()];
    let prediction = Tensor::from(grid.clone()).unsqueeze(-1).expand(shape);
    let total = loss(&prediction, &Tensor::from(sample).expand(shape)).sum_axis(-1);
    grid[values(&total.argmin_axis(0))[0] as usize]
}

#[test]
fn the_best_constant_is_the_documented_statistic() {
    let sample = [10.0, 1.0, 50.0, 3.0, 2.0];
    let (median, mean) = (3.0, 13.2);
    assert_eq!(best_constant(squared_error, &sample), mean);
    assert_eq!(best_constant(absolute_error, &sample), median);
    for (tau, expected) in [(0.1, 1.0), (0.3, 2.0), (0.5, median), (0.7, 10.0), (0.9, 50.0)] {
        assert_eq!(best_constant(|a, b| quantile(a, b, tau), &sample), expected, "the {tau}-quantile");
    }
    // Σ clamp(x - c, -2, 2) = -2 - 1.5 - 0.5 + 2 + 2 = 0 at c = 3.5.
    assert_eq!(best_constant(|a, b| huber(a, b, 2.0), &sample), 3.5);
    assert_eq!(best_constant(|a, b| smooth_l1(a, b, 2.0), &sample), 3.5);
    assert_eq!(best_constant(|a, b| huber(a, b, 100.0), &sample), mean);
    assert_eq!(best_constant(|a, b| huber(a, b, 1e-3), &sample), median);
    // Σ tanh(x - c) = 0, solved by bisection.
    let (mut low, mut high) = (1.0, 50.0);
    for _ in 0..100 {
        let c = (low + high) / 2.0;
        let pull: f64 = sample.iter().map(|x| (x - c).tanh()).sum();
        (low, high) = if pull > 0.0 { (c, high) } else { (low, c) };
    }
    assert_abs_diff_eq!(best_constant(log_cosh, &sample), low, epsilon = 0.005);
    assert!(median < low && low < mean);
}

// ----------------------------------------------------------------------------------------------------- extremes

#[test]
fn extremes_in_single_precision_are_finite() {
    let sizes = [0.0, 1e-45, 1e-38, 1e-30, 1e-20, 1e-7, 1.0, 1e4, 1e10, 1e18];
    let huge = [1e30, 1.6e38];
    for subject in SUBJECTS {
        let linear = subject.name != "squared_error";
        let sizes = sizes.iter().chain(huge.iter().filter(|_| linear));
        let points: Vec<f64> = sizes.flat_map(|&size| [size, -size]).collect();
        let target = Tensor::from(vec![0.0; points.len()]);
        finite_at_extremes(|x| (subject.loss)(&x[0], &x[1]), &[Tensor::from(points), target]);
    }
    for tiny in [1e-45, 1e-38, 1e-20] {
        let points = [Tensor::from([0.0, tiny, -1e30, 1e30]), Tensor::from([0.0; 4])];
        finite_at_extremes(|x| smooth_l1(&x[0], &x[1], tiny), &points);
        finite_at_extremes(|x| huber(&x[0], &x[1], tiny), &points);
    }
}

/// Where the residual is infinite the loss is, and the slope is the one far out.
#[test]
fn infinite_residuals_give_infinite_losses_and_no_nan() {
    let far = Tensor::from([f32::INFINITY, f32::NEG_INFINITY]);
    let zero = far.zeros_like();
    for subject in SUBJECTS {
        assert_eq!(values(&(subject.loss)(&far, &zero)), [f64::INFINITY; 2], "{}", subject.name);
        let slopes = [(subject.slope)(f64::INFINITY), (subject.slope)(f64::NEG_INFINITY)];
        let found = slope(|x| (subject.loss)(x, &zero), &far);
        assert_close_within(subject.name, &found, &slopes, 1e-6, 0.0);
    }
    let large = Tensor::from([1e30f32, -1e30]);
    assert_eq!(values(&squared_error(&large, &zero)), [f64::INFINITY; 2]);
    assert_close_within("slope", &slope(|x| squared_error(x, &zero), &large), &[2e30, -2e30], 1e-6, 0.0);
}

/// Missing data are never mistaken for a good fit.
#[test]
fn nan_stays_nan() {
    let (nan, zero) = (Tensor::from([f64::NAN]), Tensor::from([0.0]));
    for subject in SUBJECTS {
        assert!((subject.loss)(&nan, &zero).item().is_nan(), "{}", subject.name);
    }
}

// ------------------------------------------------------------------------------------------------------- panics

#[test]
fn other_shapes_panic_at_the_callers_line() {
    let (column, row) = (Tensor::zeros([32, 1]), Tensor::zeros([32]));
    let panics = [
        ("squared_error", panic_of(|| squared_error(&column, &row))),
        ("absolute_error", panic_of(|| absolute_error(&column, &row))),
        ("huber", panic_of(|| huber(&column, &row, 1.0))),
        ("smooth_l1", panic_of(|| smooth_l1(&column, &row, 1.0))),
        ("smooth_l1", panic_of(|| smooth_l1(&column, &row, 0.0))),
        ("log_cosh", panic_of(|| log_cosh(&column, &row))),
        ("quantile", panic_of(|| quantile(&column, &row, 0.5))),
    ];
    for (name, panic) in panics {
        let expected = format!("{name}: prediction [32, 1] and target [32] must have the same shape");
        assert_eq!(panic.message, expected);
        assert!(panic.file.ends_with("tests/regression.rs"), "{panic:?}");
    }
    let (line, panic) = (line!(), panic_of(|| huber(&column, &row, 1.0)));
    assert_eq!(panic.line, line);
    let panic = panic_of(|| quantiles(&column, &row, &[0.5, 0.9]));
    assert_eq!(panic.message, "quantiles: prediction [32, 1] must be target [32] with an axis of 2 quantiles");
    assert!(panic.file.ends_with("tests/regression.rs"), "{panic:?}");
}

#[test]
fn parameters_out_of_range_panic() {
    let x = Tensor::zeros([2]);
    let says = |panic: common::Panic, text: &str| {
        assert_eq!(panic.message, text);
        assert!(panic.file.ends_with("tests/regression.rs"), "{panic:?}");
    };
    says(panic_of(|| huber(&x, &x, 0.0)), "huber: delta is 0 and must be greater than 0");
    says(panic_of(|| huber(&x, &x, f64::NAN)), "huber: delta is NaN and must be greater than 0");
    says(panic_of(|| smooth_l1(&x, &x, -1.0)), "smooth_l1: beta is -1 and must not be below 0");
    says(panic_of(|| quantile(&x, &x, 1.0)), "quantile: tau is 1 and must lie between 0 and 1");
    for (wrong, text) in [(2.0, "2.0"), (1.0, "1.0"), (0.0, "0.0"), (f64::NAN, "NaN")] {
        let several = panic_of(|| quantiles(&Tensor::zeros([2, 2]), &x, &[0.5, wrong]));
        says(several, &format!("quantiles: taus are [0.5, {text}] and must lie between 0 and 1"));
    }
}

/// The curvature is `1/cosh² r` to the last digits also where `tanh r` rounds to ±1.
#[test]
fn log_cosh_has_its_curvature_far_out() {
    for dtype in [DType::F32, DType::F64] {
        let points = [0.0, 1e-6, 0.3, 0.65, 0.66, 2.0, 9.010_913_848_876_953, 15.0, 19.5, 40.0];
        let points: Vec<f64> = points.iter().flat_map(|&r| [r, -r]).map(|r| f64::from(r as f32)).collect();
        let prediction = Tensor::from_vec(points.clone(), [points.len()]).cast(dtype);
        let slope = log_cosh(&prediction, &prediction.zeros_like()).sum().grad(&prediction);
        let curvature = slope.sum().grad(&prediction).to_vec::<f64>();
        let tolerance = if dtype == DType::F32 { 2e-6 } else { 2e-14 };
        for (r, found) in points.into_iter().zip(curvature) {
            let exact = r.cosh().powi(-2);
            let close = relative_eq!(found, exact, epsilon = 0.0, max_relative = tolerance);
            assert!(close, "{dtype}, {r}: {found:e}, not {exact:e}");
        }
    }
}
