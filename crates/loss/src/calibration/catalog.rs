//! The entries of this family.

use minimand_tensor::{Rng, Tensor};

use super::*;
use crate::catalog::*;

const PROBABILITIES: Input = distribution("probabilities", "[…, classes]");
const LABELS: Input = labels("labels", "[…]", "classes");
const LOGITS: Input = real("logits", "[…, classes]");
const BINS: Parameter = integer("bins", 15, 1);
const IGNORED: Parameter = integer("ignored", -100, i64::MIN).optional();

const EXPECTED: &str = "Expected calibration error (ECE)";
const VARIANTS: &str = "MCE / ACE / static (SCE) / adaptive calibration error";
const BRIER: &str = "Brier score (multi / binary)";
const SCALING: &str = "Temperature scaling (fit T by NLL), vector/matrix/Platt/beta scaling";
const SCORES: &str = "Log score / spherical score / Winkler interval score";

/// The mean over the labels that count.
const BY_LABELS: Option<fn(&Given, &Tensor) -> Tensor> = Some(|given, loss| given.labels("labels").mean(loss, None));

/// A measure of probabilities and labels by bins.
const fn binned(source: &'static str) -> Entry {
    Entry {
        tier: 3,
        rows: &[VARIANTS],
        inputs: &[PROBABILITIES, LABELS],
        parameters: &[BINS, IGNORED],
        output: "[]",
        draw: Some(in_bins),
        ..Entry::of(source)
    }
}

/// A score of probabilities, one for each label.
const fn score(source: &'static str) -> Entry {
    Entry {
        rows: &[SCORES],
        inputs: &[PROBABILITIES, LABELS],
        parameters: &[IGNORED],
        output: "[…]",
        average: BY_LABELS,
        ..Entry::of(source)
    }
}

/// What is fitted to logits or scores.
const fn scaling(source: &'static str) -> Entry {
    Entry { tier: 1, rows: &[SCALING], output: "[…]", ..Entry::of(source) }
}

/// Probabilities of 8 examples and 4 classes, and labels; as `placed` puts them.
fn forecasts(seed: u64, placed: impl Fn(f64, &mut Rng) -> f64) -> Arguments {
    let mut rng = Rng::seed(seed ^ 0xca1b);
    let logits = Tensor::from((0..32).map(|_| 0.7 * rng.normal()).collect::<Vec<f64>>()).reshape([8, 4]);
    let probabilities: Vec<f64> = logits.softmax(-1).to_vec::<f64>().into_iter().map(|p| placed(p, &mut rng)).collect();
    let labels: Vec<i64> = (0..8).map(|_| rng.below(4) as i64).collect();
    Arguments::new()
        .tensor("probabilities", Tensor::from_vec(probabilities, [8, 4]))
        .tensor("labels", Tensor::from(labels))
}

/// Well inside of one of the 15 bins: their edges are steps.
fn inside_a_bin(p: f64, rng: &mut Rng) -> f64 {
    ((15.0 * p).floor() + 0.35 + 0.3 * rng.uniform()) / 15.0
}

fn in_bins(seed: u64) -> Arguments {
    forecasts(seed, inside_a_bin)
}

/// Soft bins so wide that finite differences resolve them.
fn in_wide_bins(seed: u64) -> Arguments {
    forecasts(seed, |p, _| p).number("temperature", 0.2)
}

fn as_they_are(seed: u64) -> Arguments {
    forecasts(seed, |p, _| p)
}

/// Where logarithms do not bend so sharply that finite differences miss it.
fn above_a_tenth(seed: u64) -> Arguments {
    forecasts(seed, |p, _| 0.1 + 0.8 * p)
}

fn of_an_event(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed ^ 0xe7e27);
    let mut numbers = |of: &dyn Fn(f64, &mut Rng) -> f64| {
        let numbers = (0..8).map(|_| {
            let uniform = rng.uniform();
            of(uniform, &mut rng)
        });
        Tensor::from(numbers.collect::<Vec<f64>>())
    };
    Arguments::new().tensor("probabilities", numbers(&inside_a_bin)).tensor("target", numbers(&|p, _| 0.1 + 0.8 * p))
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "expected_calibration_error",
        rows: &[EXPECTED],
        tier: 1,
        aliases: &[("torchmetrics", "MulticlassCalibrationError"), ("netcal", "ECE")],
        compute: |given| {
            expected_calibration_error(given.tensor("probabilities"), given.labels("labels"), given.integer("bins"))
        },
        ..binned(include_str!("calibration_error.rs"))
    },
    Entry {
        name: "binary_expected_calibration_error",
        rows: &[EXPECTED],
        tier: 1,
        aliases: &[("torchmetrics", "BinaryCalibrationError")],
        inputs: &[unit("probabilities", "[…]"), unit("target", "[…]")],
        parameters: &[BINS],
        draw: Some(of_an_event),
        compute: |given| {
            let (probabilities, target) = (given.tensor("probabilities"), given.tensor("target"));
            binary_expected_calibration_error(probabilities, target, given.integer("bins"))
        },
        ..binned(include_str!("calibration_error.rs"))
    },
    Entry {
        name: "maximum_calibration_error",
        aliases: &[("netcal", "MCE")],
        compute: |given| {
            maximum_calibration_error(given.tensor("probabilities"), given.labels("labels"), given.integer("bins"))
        },
        ..binned(include_str!("calibration_error.rs"))
    },
    Entry {
        name: "average_calibration_error",
        aliases: &[("netcal", "ACE")],
        compute: |given| {
            average_calibration_error(given.tensor("probabilities"), given.labels("labels"), given.integer("bins"))
        },
        ..binned(include_str!("calibration_error.rs"))
    },
    Entry {
        name: "static_calibration_error",
        aliases: &[("usual", "SCE"), ("usual", "classwise_ece")],
        compute: |given| {
            static_calibration_error(given.tensor("probabilities"), given.labels("labels"), given.integer("bins"))
        },
        ..binned(include_str!("adaptive.rs"))
    },
    Entry {
        name: "adaptive_calibration_error",
        aliases: &[("usual", "AdaECE")],
        compute: |given| {
            adaptive_calibration_error(given.tensor("probabilities"), given.labels("labels"), given.integer("bins"))
        },
        ..binned(include_str!("adaptive.rs"))
    },
    Entry {
        name: "classwise_adaptive_calibration_error",
        aliases: &[("usual", "ACE")],
        compute: |given| {
            let (probabilities, labels) = (given.tensor("probabilities"), given.labels("labels"));
            classwise_adaptive_calibration_error(probabilities, labels, given.integer("bins"))
        },
        ..binned(include_str!("adaptive.rs"))
    },
    Entry {
        name: "soft_expected_calibration_error",
        rows: &["Soft / differentiable ECE (SB-ECE, DECE)"],
        aliases: &[("usual", "SB-ECE")],
        parameters: &[BINS, number("temperature", 0.01).above(0.0), number("order", 1.0).at_least(1.0), IGNORED],
        draw: Some(in_wide_bins),
        latex: Some(
            r"\ell = \left(\sum_m \frac{S_m}{N} \left|\frac{\sum_i u_{im} (c_i - a_i)}{S_m}\right|^p\right)^{1/p}, \quad
            S_m = \sum_i u_{im}, \quad u_{im} = \frac{e^{-(c_i - \xi_m)^2/T}}{\sum_n e^{-(c_i - \xi_n)^2/T}}, \quad
            \xi_m = \frac{m - \frac12}{M}, \quad c_i = \max_k p_{ik}, \quad a_i = [\arg\max_k p_{ik} = y_i]",
        ),
        compute: |given| {
            let options = SoftCalibrationErrorOptions {
                bins: given.integer("bins"),
                temperature: given.number("temperature"),
                order: given.number("order"),
            };
            soft_expected_calibration_error(given.tensor("probabilities"), given.labels("labels"), options)
        },
        ..binned(include_str!("soft.rs"))
    },
    Entry {
        name: "maximum_mean_calibration_error",
        rows: &["MMCE (kernel calibration)"],
        aliases: &[("netcal", "MMCE")],
        parameters: &[number("width", 0.4).above(0.0), IGNORED],
        draw: Some(as_they_are),
        compute: |given| {
            let (probabilities, labels) = (given.tensor("probabilities"), given.labels("labels"));
            maximum_mean_calibration_error(probabilities, labels, given.number("width"))
        },
        ..binned(include_str!("soft.rs"))
    },
    Entry {
        name: "brier_score",
        rows: &[BRIER],
        tier: 1,
        aliases: &[("usual", "brier"), ("scikit-learn", "brier_score_loss"), ("usual", "quadratic_score")],
        compute: |given| brier_score(given.tensor("probabilities"), given.labels("labels")),
        ..score(include_str!("brier.rs"))
    },
    Entry {
        name: "binary_brier_score",
        rows: &[BRIER],
        tier: 1,
        aliases: &[("scikit-learn", "brier_score_loss")],
        inputs: &[unit("probabilities", "[…]"), unit("target", "[…]")],
        output: "[…]",
        estimates: Some(Estimate {
            statistic: Statistic::Mean,
            target: "target",
            prediction: "probabilities",
            link: Link::Identity,
        }),
        compute: |given| binary_brier_score(given.tensor("probabilities"), given.tensor("target")),
        ..Entry::of(include_str!("brier.rs"))
    },
    Entry {
        name: "logarithmic_score",
        aliases: &[("scikit-learn", "log_loss"), ("usual", "ignorance_score")],
        draw: Some(above_a_tenth),
        compute: |given| logarithmic_score(given.tensor("probabilities"), given.labels("labels")),
        ..score(include_str!("scores.rs"))
    },
    Entry {
        name: "spherical_score",
        aliases: &[("usual", "spherical_loss")],
        compute: |given| spherical_score(given.tensor("probabilities"), given.labels("labels")),
        ..score(include_str!("scores.rs"))
    },
    Entry {
        name: "winkler_interval_score",
        rows: &[SCORES],
        aliases: &[("usual", "winkler_score"), ("usual", "interval_score")],
        inputs: &[real("lower", "[…]"), real("upper", "[…]"), real("target", "[…]")],
        parameters: &[number("alpha", 0.1).above(0.0).below(1.0)],
        output: "[…]",
        compute: |given| {
            let [lower, upper, target] = ["lower", "upper", "target"].map(|name| given.tensor(name));
            winkler_interval_score(lower, upper, target, given.number("alpha"))
        },
        ..Entry::of(include_str!("scores.rs"))
    },
    Entry {
        name: "temperature_scaled_cross_entropy",
        aliases: &[("usual", "temperature_scaling")],
        inputs: &[LOGITS, LABELS, real("log_temperature", "[]")],
        parameters: &[IGNORED],
        average: BY_LABELS,
        compute: |given| {
            let (logits, labels) = (given.tensor("logits"), given.labels("labels"));
            temperature_scaled_cross_entropy(logits, labels, given.tensor("log_temperature"))
        },
        ..scaling(include_str!("temperature.rs"))
    },
    Entry {
        name: "vector_scaled_cross_entropy",
        aliases: &[("usual", "vector_scaling")],
        inputs: &[LOGITS, LABELS, real("scale", "[classes]"), real("bias", "[classes]")],
        parameters: &[IGNORED],
        average: BY_LABELS,
        compute: |given| {
            let (logits, labels) = (given.tensor("logits"), given.labels("labels"));
            vector_scaled_cross_entropy(logits, labels, given.tensor("scale"), given.tensor("bias"))
        },
        ..scaling(include_str!("vector.rs"))
    },
    Entry {
        name: "matrix_scaled_cross_entropy",
        aliases: &[("usual", "matrix_scaling")],
        inputs: &[LOGITS, LABELS, real("weight", "[classes, classes]"), real("bias", "[classes]")],
        parameters: &[IGNORED],
        average: BY_LABELS,
        compute: |given| {
            let (logits, labels) = (given.tensor("logits"), given.labels("labels"));
            matrix_scaled_cross_entropy(logits, labels, given.tensor("weight"), given.tensor("bias"))
        },
        ..scaling(include_str!("vector.rs"))
    },
    Entry {
        name: "platt_scaled_cross_entropy",
        aliases: &[("usual", "platt_scaling"), ("scikit-learn", "CalibratedClassifierCV")],
        inputs: &[real("scores", "[…]"), unit("target", "[…]"), real("slope", "[]"), real("intercept", "[]")],
        compute: |given| {
            let [scores, target, slope, intercept] =
                ["scores", "target", "slope", "intercept"].map(|name| given.tensor(name));
            platt_scaled_cross_entropy(scores, target, slope, intercept)
        },
        ..scaling(include_str!("platt.rs"))
    },
    Entry {
        name: "beta_calibrated_cross_entropy",
        aliases: &[("usual", "beta_calibration")],
        inputs: &[
            real("logits", "[…]"),
            unit("target", "[…]"),
            non_negative("a", "[]"),
            non_negative("b", "[]"),
            real("c", "[]"),
        ],
        compute: |given| {
            let [logits, target, a, b, c] = ["logits", "target", "a", "b", "c"].map(|name| given.tensor(name));
            beta_calibrated_cross_entropy(logits, target, a, b, c)
        },
        ..scaling(include_str!("beta.rs"))
    },
    Entry {
        name: "dual_focal",
        rows: &["Focal calibration (AdaFocal, dual focal, MDCA)"],
        aliases: &[("usual", "DualFocalLoss")],
        inputs: &[LOGITS, LABELS],
        parameters: &[number("gamma", 5.0).at_least(0.0), IGNORED],
        compute: |given| dual_focal(given.tensor("logits"), given.labels("labels"), given.number("gamma")),
        ..score(include_str!("focal_calibration.rs"))
    },
    Entry {
        name: "mdca",
        rows: &["Focal calibration (AdaFocal, dual focal, MDCA)"],
        aliases: &[("usual", "MDCA"), ("usual", "ClassificationAndMDCA")],
        parameters: &[IGNORED],
        draw: Some(as_they_are),
        compute: |given| mdca(given.tensor("probabilities"), given.labels("labels")),
        ..binned(include_str!("focal_calibration.rs"))
    },
    Entry {
        name: "margin_label_smoothing",
        rows: &["MbLS (margin label smoothing), correctness ranking loss, NACL"],
        aliases: &[("usual", "MbLS"), ("usual", "LogitMarginL1")],
        inputs: &[LOGITS, LABELS],
        parameters: &[number("margin", 10.0).at_least(0.0), number("alpha", 0.1).at_least(0.0), IGNORED],
        compute: |given| {
            let options = MarginLabelSmoothingOptions { margin: given.number("margin"), alpha: given.number("alpha") };
            margin_label_smoothing(given.tensor("logits"), given.labels("labels"), options)
        },
        ..score(include_str!("focal_calibration.rs"))
    },
    Entry {
        name: "accuracy_versus_uncertainty",
        rows: &["AvUC / soft-AvUC, S-AvUC"],
        aliases: &[("usual", "AvUC"), ("usual", "AvULoss")],
        inputs: &[LOGITS, LABELS],
        parameters: &[number("threshold", 1.0), IGNORED],
        draw: None,
        compute: |given| {
            accuracy_versus_uncertainty(given.tensor("logits"), given.labels("labels"), given.number("threshold"))
        },
        ..binned(include_str!("focal_calibration.rs"))
    },
];
