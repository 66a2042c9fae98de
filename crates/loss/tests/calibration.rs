//! Calibration: errors by bins, proper scores, and what calibrators fit.

mod common;

use std::path::Path;

use common::{assert_close, assert_close_within, finite_at_extremes, normal, panic_of, tensor, values};
use minimand_loss::*;
use minimand_tensor::{DType, Rng, Tensor};
use serde_json::Value as Json;

fn probabilities(seed: u64, examples: usize, classes: usize) -> Tensor {
    normal(seed, [examples, classes]).softmax(-1).computed().detach()
}

fn labels(seed: u64, examples: usize, classes: usize) -> Labels {
    let mut rng = Rng::seed(seed);
    Labels::new((0..examples).map(|_| rng.below(classes)).collect::<Vec<_>>(), classes).unwrap()
}

type Binned = fn(&Tensor, &Labels, usize) -> Tensor;
const BINNED: [(&str, Binned); 6] = [
    ("expected", expected_calibration_error),
    ("maximum", maximum_calibration_error),
    ("average", average_calibration_error),
    ("static", static_calibration_error),
    ("adaptive", adaptive_calibration_error),
    ("classwise adaptive", classwise_adaptive_calibration_error),
];

// ------------------------------------------------------------------------------------------------------------ bins

/// Half of the examples of confidence ½ are right, and all of those of confidence 1.
#[test]
fn what_comes_true_as_often_as_it_says_has_no_error() {
    let p = Tensor::from([[0.5, 0.5], [0.5, 0.5], [1.0, 0.0], [0.0, 1.0]]);
    let y = Labels::new([0, 1, 0, 1], 2).unwrap();
    for (name, error) in BINNED {
        assert_eq!(error(&p, &y, 15).item(), 0.0, "{name}");
    }
    let p = p.max_axis(-1);
    let right = Tensor::from([1.0, 0.0, 1.0, 1.0]);
    assert_eq!(binary_expected_calibration_error(&p, &right, 15).item(), 0.0);
    let (p, y) = (Tensor::from([[1.0, 0.0]]), Labels::new([0], 2).unwrap());
    assert_eq!(maximum_mean_calibration_error(&p, &y, 0.4).item(), 0.0);
}

/// An edge belongs to the bin below it, as in the paper; 0 to the first bin and 1 to the last.
#[test]
fn edges_belong_to_the_bin_below() {
    let p = Tensor::from([0.0, 0.25, 0.5, 0.75, 1.0]);
    let diagram = ReliabilityDiagram::of_event(&p, &p.zeros_like(), 4);
    let counts: Vec<usize> = diagram.bins().iter().map(|bin| bin.count).collect();
    assert_eq!(counts, [2, 1, 1, 1]);
    // 0.25 and 0 share a bin, in which they outweigh each other; 0.75 and 1 do not.
    let target = Tensor::from([0.25, 0.0, 0.5, 0.75, 1.0]);
    assert_eq!(binary_expected_calibration_error(&p, &target, 4).item(), 0.0);
    let target = Tensor::from([0.0, 0.25, 0.5, 1.0, 0.75]);
    assert_eq!(binary_expected_calibration_error(&p, &target, 4).item(), 0.1);
}

#[test]
fn the_order_of_the_examples_does_not_matter_even_among_ties() {
    let p = Tensor::from([[0.7, 0.3], [0.7, 0.3], [0.6, 0.4], [0.7, 0.3], [0.9, 0.1], [0.6, 0.4]]);
    let y = Labels::new([0, 1, 0, 0, 1, 1], 2).unwrap();
    let order = [5, 1, 4, 0, 2, 3];
    for (name, error) in BINNED {
        let shuffled = error(&p.index_select(0, order), &y.select(order), 3).item();
        assert_close(name, &[shuffled], &[error(&p, &y, 3).item()]);
    }
}

/// As many bins as examples, each in one of its own: the mean of |confidence − outcome|.
#[test]
fn bins_of_equal_mass_with_one_example_each() {
    let (p, y) = (probabilities(3, 7, 3), labels(4, 7, 3));
    let right = values(&p.argmax_axis(-1).eq(y.index()).cast(DType::F64));
    let gaps = values(&p.max_axis(-1)).iter().zip(&right).map(|(c, a)| (c - a).abs()).sum::<f64>() / 7.0;
    assert_close("as many bins", &[adaptive_calibration_error(&p, &y, 7).item()], &[gaps]);
    assert_close("more bins", &[adaptive_calibration_error(&p, &y, 50).item()], &[gaps]);
}

#[test]
fn ignored_labels_do_not_count_whatever_stands_there() {
    let nan = f64::NAN;
    let p = Tensor::from([[0.9, 0.1], [nan, nan], [0.4, 0.6], [0.7, 0.3]]);
    let y = Labels::with_ignored([0, -1, 0, 0], 2, -1).unwrap();
    let (kept, of_kept) = (p.index_select(0, [0, 2, 3]), Labels::new([0, 0, 0], 2).unwrap());
    let soft: Binned = |p, y, _| soft_expected_calibration_error(p, y, Default::default());
    let second: Binned = |p, y, bins| {
        let options = SoftCalibrationErrorOptions { bins, temperature: 0.1, order: 2.0 };
        soft_expected_calibration_error(p, y, options)
    };
    let kernel: Binned = |p, y, _| maximum_mean_calibration_error(p, y, 0.4);
    for (name, error) in BINNED.into_iter().chain([("soft", soft), ("soft, order 2", second), ("kernel", kernel)]) {
        let loss = error(&p, &y, 4);
        assert_close(name, &values(&loss), &values(&error(&kept, &of_kept, 4)));
        let slope = loss.grad(&p);
        assert_close(name, &values(&slope.at(0, 1)), &[0.0, 0.0]);
        assert_close(name, &values(&slope.index_select(0, [0, 2, 3])), &values(&error(&kept, &of_kept, 4).grad(&kept)));
        let none = Labels::with_ignored([-1; 4], 2, -1).unwrap();
        let nothing = error(&p, &none, 4);
        assert_eq!((nothing.item(), values(&nothing.grad(&p))), (0.0, vec![0.0; 8]), "{name}");
    }
    let diagram = ReliabilityDiagram::of_likeliest_class(&kept, &of_kept, 4);
    assert_eq!(diagram.count(), 3);
}

#[test]
fn the_diagram_agrees_with_the_errors() {
    let (p, y) = (probabilities(5, 40, 4), labels(6, 40, 4));
    let diagram = ReliabilityDiagram::of_likeliest_class(&p, &y, 10);
    assert_close("expected", &[diagram.expected_calibration_error()], &[expected_calibration_error(&p, &y, 10).item()]);
    assert_close("maximum", &[diagram.maximum_calibration_error()], &[maximum_calibration_error(&p, &y, 10).item()]);
    let empty = diagram.bins().iter().find(|bin| bin.count == 0).expect("nothing is below a quarter");
    assert_eq!((empty.confidence, empty.frequency, empty.gap()), (None, None, 0.0));
}

#[test]
fn soft_bins_become_bins_as_their_temperature_falls() {
    let (p, y) = (probabilities(7, 30, 3), labels(8, 30, 3));
    let options = SoftCalibrationErrorOptions { bins: 10, temperature: 1e-7, order: 1.0 };
    let soft = soft_expected_calibration_error(&p, &y, options).item();
    assert_close_within("sharp", &[soft], &[expected_calibration_error(&p, &y, 10).item()], 1e-6, 1e-6);
}

/// Equations 7 to 9 of Karandikar et al. 2021 in plain numbers.
#[test]
fn the_soft_error_is_its_formula() {
    let (p, y) = (probabilities(9, 8, 3), labels(10, 8, 3));
    let (c, right) = (values(&p.max_axis(-1)), values(&p.argmax_axis(-1).eq(y.index()).cast(DType::F64)));
    for (bins, temperature, order) in [(15, 0.01, 1.0), (4, 0.1, 2.0), (5, 0.03, 3.5)] {
        let weight = |c: f64, m: usize| (-(c - (m as f64 + 0.5) / bins as f64).powi(2) / temperature).exp();
        let share = |c: f64, m: usize| weight(c, m) / (0..bins).map(|n| weight(c, n)).sum::<f64>();
        let mut total = 0.0;
        for m in 0..bins {
            let mass: f64 = c.iter().map(|&c| share(c, m)).sum();
            let excess: f64 = c.iter().zip(&right).map(|(&c, a)| share(c, m) * (c - a)).sum();
            total += mass / 8.0 * (excess / mass).abs().powf(order);
        }
        let options = SoftCalibrationErrorOptions { bins, temperature, order };
        let found = soft_expected_calibration_error(&p, &y, options).item();
        assert_close("soft", &[found], &[total.powf(1.0 / order)]);
    }
}

/// Probabilities of exactly 0 and 1, in f32: finite throughout, also where all is right.
#[test]
fn certainty_is_finite() {
    let certain = Tensor::from([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
    let even = Tensor::from([[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.5, 0.5, 0.0]]);
    for y in [[0, 1, 2], [1, 2, 0], [0, 0, 0]] {
        let y = Labels::new(y, 3).unwrap();
        for p in [&certain, &even] {
            let p = std::slice::from_ref(p);
            for (_, error) in BINNED {
                finite_at_extremes(|x| error(&x[0], &y, 15), p);
            }
            for order in [1.0, 2.0] {
                let options = SoftCalibrationErrorOptions { order, temperature: 1e-4, ..Default::default() };
                finite_at_extremes(|x| soft_expected_calibration_error(&x[0], &y, options), p);
            }
            finite_at_extremes(|x| maximum_mean_calibration_error(&x[0], &y, 0.4), p);
            finite_at_extremes(|x| spherical_score(&x[0], &y), p);
        }
    }
    let zero = [Tensor::from([[0.0, 0.0, 0.0]])];
    finite_at_extremes(|x| spherical_score(&x[0], &Labels::new([1], 3).unwrap()), &zero);
}

#[test]
fn at_the_ends_of_their_options_they_are_cross_entropy() {
    let (x, y) = (normal(41, [6, 4]), labels(42, 6, 4));
    let expected = values(&cross_entropy(&x, &y));
    assert_close("dual focal", &values(&dual_focal(&x, &y, 0.0)), &expected);
    let options = MarginLabelSmoothingOptions { margin: 100.0, alpha: 1.0 };
    assert_close("margin", &values(&margin_label_smoothing(&x, &y, options)), &expected);
    let p = x.softmax(-1);
    assert_close("one bin", &[mdca(&p, &y).item()], &[static_calibration_error(&p, &y, 1).item()]);
}

/// Sure and right with sure and right is nothing bad; sure and wrong, or unsure and right, is nothing good.
#[test]
fn certainty_goes_with_accuracy() {
    let x = Tensor::from([[9.0, 0.0], [0.1, 0.0]]);
    let of = |y: [usize; 2]| accuracy_versus_uncertainty(&x, &Labels::new(y, 2).unwrap(), 0.5);
    assert_eq!(of([0, 1]).item(), 0.0);
    let worst = of([1, 0]);
    assert_eq!((worst.item(), values(&worst.grad(&x))), (f64::INFINITY, vec![0.0; 4]));
    assert!(of([0, 0]).item() > 0.0 && of([0, 0]).item().is_finite());
}

#[test]
fn losses_that_calibrate_are_finite_at_extremes_and_skip_what_is_ignored() {
    let rows = [[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4], [0.0; 3], [1e4; 3], [88.0, -88.0, 1.0]];
    let margin = MarginLabelSmoothingOptions { margin: 0.5, alpha: 0.1 };
    for label in 0..3 {
        let y = Labels::new([label; 5], 3).unwrap();
        for gamma in [0.0, 0.5, 1.0, 5.0] {
            finite_at_extremes(|x| dual_focal(&x[0], &y, gamma), &[Tensor::from(rows)]);
        }
        finite_at_extremes(|x| margin_label_smoothing(&x[0], &y, margin), &[Tensor::from(rows)]);
        finite_at_extremes(|x| mdca(&x[0].softmax(-1), &y), &[Tensor::from(rows)]);
    }
    let x = Tensor::from([[0.5, 1.0, -1.0], [f64::NAN; 3], [2.0, 0.0, 0.3]]);
    let y = Labels::with_ignored([1, -1, 0], 3, -1).unwrap();
    let (kept, of_kept) = (x.index_select(0, [0, 2]), Labels::new([1, 0], 3).unwrap());
    let uncertainty = |x: &Tensor, y: &Labels| accuracy_versus_uncertainty(x, y, 0.9);
    assert_close("uncertainty", &[uncertainty(&x, &y).item()], &[uncertainty(&kept, &of_kept).item()]);
    assert_close("uncertainty", &values(&uncertainty(&x, &y).grad(&x).at(0, 1)), &[0.0; 3]);
    for loss in [dual_focal(&x, &y, 2.0), margin_label_smoothing(&x, &y, margin)] {
        assert_eq!(values(&loss)[1], 0.0);
        assert!(values(&loss.sum().grad(&x)).iter().all(|slope| slope.is_finite()));
    }
    let excluded = Tensor::from([[0.3, f64::NEG_INFINITY, -1.0]]);
    let (fewer, y, of_fewer) =
        (Tensor::from([[0.3, -1.0]]), Labels::new([2], 3).unwrap(), Labels::new([1], 2).unwrap());
    let both = [dual_focal(&excluded, &y, 2.0), margin_label_smoothing(&excluded, &y, margin)];
    let same = [dual_focal(&fewer, &of_fewer, 2.0), margin_label_smoothing(&fewer, &of_fewer, margin)];
    for (found, expected) in both.iter().zip(&same) {
        assert_close("excluded", &values(found), &values(expected));
    }
}

// ---------------------------------------------------------------------------------------------------------- scores

#[test]
fn brier_scores_of_two_classes_are_twice_that_of_the_event() {
    let (p, y) = (probabilities(11, 6, 2), labels(12, 6, 2));
    let event = binary_brier_score(&p.at(1, 1), &y.index().cast(DType::F64));
    assert_close("twice", &values(&brier_score(&p, &y)), &values(&(2.0 * event)));
}

/// Murphy 1973: the parts add up to the score, and are what they say.
#[test]
fn the_parts_of_the_brier_score_add_up() {
    let p = Tensor::from([0.1, 0.1, 0.1, 0.4, 0.4, 0.9, 0.9, 0.9]);
    let y = Tensor::from([0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0]);
    let parts = BrierDecomposition::of(&p, &y);
    assert_close("score", &[parts.score()], &[binary_brier_score(&p, &y).mean().item()]);
    let third = 1.0 / 3.0;
    let reliability = (3.0 * (0.1f64 - third).powi(2) + 2.0 * 0.01 + 3.0 * (0.9f64 - 2.0 * third).powi(2)) / 8.0;
    assert_close("reliability", &[parts.reliability], &[reliability]);
    assert_close("resolution", &[parts.resolution], &[(3.0 / 36.0 + 3.0 / 36.0) / 8.0]);
    assert_eq!(parts.uncertainty, 0.25);
    let constant = BrierDecomposition::of(&y.full_like(0.5), &y);
    assert_eq!((constant.reliability, constant.resolution, constant.skill()), (0.0, 0.0, 0.0));
    assert_eq!(BrierDecomposition::of(&y, &y).skill(), 1.0);
}

/// Gneiting and Raftery 2007, section 6.2: the sum of two pinball losses, times 2/α.
#[test]
fn the_interval_score_is_that_of_two_quantiles() {
    let [l, w, y] = [13, 14, 15].map(|seed| normal(seed, [20]));
    let u = &l + w.abs();
    let pinballs = quantile(&l, &y, 0.1) + quantile(&u, &y, 0.9);
    assert_close("pinballs", &values(&winkler_interval_score(&l, &u, &y, 0.2)), &values(&(pinballs * 10.0)));
}

/// What was called impossible and happens costs ∞; nothing else does.
#[test]
fn the_logarithmic_score_clips_nothing() {
    let p = Tensor::from([[1.0, 0.0], [1.0, 0.0], [1e-300, 1.0]]);
    let y = Labels::new([0, 1, 0], 2).unwrap();
    let loss = logarithmic_score(&p, &y);
    assert_close("values", &values(&loss), &[0.0, f64::INFINITY, 690.775_527_898_213_7]);
    assert_close("slopes", &values(&loss.sum().grad(&p))[..4], &[-1.0, 0.0, 0.0, f64::NEG_INFINITY]);
}

// ----------------------------------------------------------------------------------------------------- calibrators

#[test]
fn scaling_by_nothing_changes_nothing() {
    let (x, y) = (normal(16, [5, 3]), labels(17, 5, 3));
    let (one, zero) = (Tensor::from([1.0; 3]), Tensor::from([0.0; 3]));
    let expected = values(&cross_entropy(&x, &y));
    assert_close("temperature", &values(&temperature_scaled_cross_entropy(&x, &y, &Tensor::from(0.0))), &expected);
    assert_close("vector", &values(&vector_scaled_cross_entropy(&x, &y, &one, &zero)), &expected);
    let identity = Tensor::eye(3).cast(DType::F64);
    assert_close("matrix", &values(&matrix_scaled_cross_entropy(&x, &y, &identity, &zero)), &expected);
    let (x, y) = (x.at(1, 0), Tensor::from([1.0, 0.0, 0.3, 1.0, 0.0]));
    let [a, c] = [1.7, -0.4].map(|number: f64| Tensor::from(number));
    let curve = values(&platt_scaled_cross_entropy(&x, &y, &a, &c));
    assert_close("beta", &values(&beta_calibrated_cross_entropy(&x, &y, &a, &a, &c)), &curve);
}

fn fitted() -> Vec<Json> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/calibration/fitted.json");
    let json: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    json["cases"].as_array().unwrap().clone()
}

fn numbers(json: &Json) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// Recorded from SciPy's minimiser, scikit-learn's Platt scaling and its logistic regression without a penalty.
#[test]
fn calibrators_fit_what_other_libraries_fit() {
    let (mut temperatures, mut curves) = (0, 0);
    for case in fitted() {
        let name = case["name"].as_str().unwrap();
        if !case["temperature"].is_null() {
            let logits = tensor(&case["logits"]);
            let labels = Labels::from_tensor(tensor(&case["labels"]), logits.shape()[1]).unwrap();
            let found = TemperatureScaling::fit(&logits, &labels).unwrap();
            assert_close_within(name, &[found.temperature()], &[case["temperature"].as_f64().unwrap()], 1e-7, 0.0);
            let found = VectorScaling::fit(&logits, &labels).unwrap();
            let found = [found.scale(), found.bias()].concat();
            assert_close_within(name, &found, &numbers(&case["vector"]), 1e-5, 1e-6);
            temperatures += 1;
        } else {
            let (scores, target) = (tensor(&case["scores"]), tensor(&case["target"]).cast(DType::F64));
            let found = PlattScaling::fit(&scores, &target).unwrap();
            assert_close_within(name, &[found.slope(), found.intercept()], &numbers(&case["platt"]), 1e-6, 1e-8);
            let found = PlattScaling::fit_unsmoothed(&scores, &target).unwrap();
            assert_close_within(name, &[found.slope(), found.intercept()], &numbers(&case["logistic"]), 1e-6, 1e-8);
            let found = BetaScaling::fit(&tensor(&case["logits"]), &target).unwrap();
            assert_close_within(name, &[found.a(), found.b(), found.c()], &numbers(&case["beta"]), 1e-5, 1e-7);
            curves += 1;
        }
    }
    assert_eq!((temperatures, curves), (3, 2));
}

/// Where the model is sure of itself and wrong too often, dividing by the temperature mends it, and moves no argmax.
#[test]
fn a_temperature_mends_overconfidence() {
    let case = &fitted()[0];
    let logits = tensor(&case["logits"]);
    let labels = Labels::from_tensor(tensor(&case["labels"]), 3).unwrap();
    let scaling = TemperatureScaling::fit(&logits, &labels).unwrap();
    let calibrated = scaling.apply(&logits);
    assert!(scaling.temperature() > 1.5);
    assert_eq!(calibrated.argmax_axis(-1).to_vec::<i64>(), logits.argmax_axis(-1).to_vec::<i64>());
    let error = |x: &Tensor| expected_calibration_error(&x.softmax(-1), &labels, 5).item();
    assert!(error(&calibrated) < 0.7 * error(&logits), "{} against {}", error(&calibrated), error(&logits));
    // The slope of the fitted loss is 0, in the log of the temperature.
    let t = Tensor::from(scaling.temperature().ln());
    let slope = temperature_scaled_cross_entropy(&logits, &labels, &t).mean().grad(&t).item();
    assert!(slope.abs() < 1e-9, "{slope}");
}

#[test]
fn fits_ignore_what_is_ignored() {
    let logits = Tensor::from([[3.0, 0.0], [3.0, 0.0], [0.0, 3.0], [f64::NAN, 0.0], [3.0, 0.0]]);
    let labels = Labels::with_ignored([0, 0, 1, -1, 1], 2, -1).unwrap();
    let found = TemperatureScaling::fit(&logits, &labels).unwrap();
    assert_close("temperature", &[found.temperature()], &[3.0 / 3f64.ln()]);
}

/// The optimum of a falling relation is the constant one, on the bound.
#[test]
fn a_beta_curve_never_falls() {
    let x = Tensor::from([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0]);
    let y = Tensor::from([1.0, 1.0, 0.0, 1.0, 0.0, 0.0]);
    let found = BetaScaling::fit(&x, &y).unwrap();
    assert_eq!((found.a(), found.b()), (0.0, 0.0));
    assert_close("c", &[found.c()], &[0.0]);
}

#[test]
fn what_has_no_best_fit_says_so() {
    let x = Tensor::from([[2.0, 0.0], [0.0, 1.0], [3.0, 1.0]]);
    let fit = |y: [i64; 3]| TemperatureScaling::fit(&x, &Labels::new(y, 2).unwrap());
    assert!(matches!(fit([0, 1, 0]), Err(FitError::Unbounded { reason }) if reason.contains("colder")));
    assert!(matches!(fit([1, 0, 1]), Err(FitError::Unbounded { reason }) if reason.contains("hotter")));
    let none = Labels::with_ignored([-1; 3], 2, -1).unwrap();
    assert_eq!(TemperatureScaling::fit(&x, &none), Err(FitError::Empty));
    let infinite = Tensor::from([[2.0, 0.0], [0.0, f64::INFINITY], [3.0, 1.0]]);
    let found = TemperatureScaling::fit(&infinite, &Labels::new([0, 0, 1], 2).unwrap());
    assert_eq!(found, Err(FitError::NotFinite { position: 3, value: f64::INFINITY }));

    let (scores, apart) = (Tensor::from([-2.0, -1.0, 1.0, 2.0]), Tensor::from([0.0, 0.0, 1.0, 1.0]));
    assert!(PlattScaling::fit(&scores, &apart).is_ok(), "Platt's targets are never certain");
    assert!(matches!(PlattScaling::fit_unsmoothed(&scores, &apart), Err(FitError::NotSettled { .. })));
    assert!(matches!(BetaScaling::fit(&scores, &apart), Err(FitError::NotSettled { .. })));
    let half = Tensor::from([0.0, 0.5, 1.0, 1.0]);
    let error = PlattScaling::fit(&scores, &half).unwrap_err();
    assert_eq!(error.to_string(), "the target at position 1 is 0.5 and must be 0 or 1");
    let same = Tensor::from([1.0; 4]);
    assert!(matches!(PlattScaling::fit_unsmoothed(&scores, &same), Err(FitError::Unbounded { .. })));
    let labels = Labels::new([0, 0, 1, 1], 2).unwrap();
    let logits = Tensor::stack([&(-&scores), &scores], 1);
    assert!(matches!(VectorScaling::fit(&logits, &labels), Err(FitError::NotSettled { .. })));
}

#[test]
fn wrong_arguments_panic_at_the_callers_line() {
    let (p, y) = (probabilities(1, 4, 3), labels(2, 3, 3));
    for (name, error) in BINNED {
        let panic = panic_of(|| error(&p, &y, 15));
        assert!(
            panic.message.contains("probabilities [4, 3] and labels [3] of 3 classes"),
            "{name}: {}",
            panic.message
        );
    }
    let y = labels(2, 4, 3);
    let (panic, line) = (panic_of(|| expected_calibration_error(&p, &y, 0)), line!());
    assert_eq!(
        (panic.message.as_str(), panic.line),
        ("expected_calibration_error: bins is 0 and must be at least 1", line)
    );
    let vector = Tensor::from([0.0, 0.0]);
    let (panic, line) = (panic_of(|| temperature_scaled_cross_entropy(&p, &y, &vector)), line!());
    let message = "temperature_scaled_cross_entropy: log_temperature [2] must be one number, of shape []";
    assert_eq!((panic.message.as_str(), panic.line), (message, line));
    let (panic, line) = (panic_of(|| winkler_interval_score(&vector, &vector, &vector, 1.0)), line!());
    assert_eq!(
        (panic.message.as_str(), panic.line),
        ("winkler_interval_score: alpha is 1 and must be less than 1", line)
    );
}
