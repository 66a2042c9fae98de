//! Fits without a penalty against those of statsmodels and SciPy.

use approx::assert_relative_eq;
use serde::Deserialize;
use std::collections::HashMap;

use crate::model::{FitSetting, FittedModel, Law, ModelKind, Objective, Prediction, Sample, fit};

#[derive(Deserialize)]
struct Recorded {
    features: Vec<f32>,
    offset: Vec<f64>,
    weight: Vec<f64>,
    targets: HashMap<String, Vec<f64>>,
    fits: Vec<RecordedFit>,
}

#[derive(Deserialize)]
struct RecordedFit {
    name: String,
    target: String,
    coefficients: Vec<f64>,
    #[serde(default)]
    offset: bool,
    #[serde(default)]
    weighted: bool,
    level: Option<f64>,
    delta: Option<f64>,
    freedom: Option<f64>,
    power: Option<f64>,
    size: Option<f64>,
    weight: Option<f64>,
    log_likelihood: Option<f64>,
    #[serde(default)]
    probabilities: Vec<f64>,
}

fn recorded() -> Recorded {
    serde_json::from_str(include_str!("../../../tests/fixtures/model/fits.json")).expect("the fixture is whole")
}

impl RecordedFit {
    fn objective(&self) -> Objective {
        match self.name.as_str() {
            "squared_error" => Objective::SquaredError,
            "quantile" => Objective::Quantile { level: self.level.unwrap() },
            "huber" => Objective::Huber { delta: self.delta.unwrap() },
            "expectile" => Objective::Expectile { level: self.level.unwrap() },
            "student_t" => Objective::StudentT { freedom: self.freedom.unwrap() },
            "gaussian" => Objective::Gaussian,
            "gamma" => Objective::Gamma,
            "inverse_gaussian" => Objective::InverseGaussian,
            "log_squared_error" => Objective::LogSquaredError,
            "squared_logarithmic_error" => Objective::SquaredLogarithmicError,
            "poisson" => Objective::Poisson,
            "tweedie" => Objective::Tweedie { power: self.power.unwrap() },
            "negative_binomial" => Objective::NegativeBinomial,
            "zero_inflated_poisson" => Objective::ZeroInflatedPoisson,
            "zero_inflated_negative_binomial" => Objective::ZeroInflatedNegativeBinomial,
            "cross_entropy" => Objective::CrossEntropy,
            "weighted_cross_entropy" => Objective::WeightedCrossEntropy { weight: self.weight.unwrap() },
            "multiclass_cross_entropy" => Objective::MulticlassCrossEntropy,
            "cumulative_link" => Objective::CumulativeLink,
            other => panic!("no objective {other}"),
        }
    }

    /// The linear predictors that the recorded coefficients give, four of them for each.
    fn predictors(&self, recorded: &Recorded, which: usize) -> Vec<f64> {
        let Some(b) = self.coefficients.get(4 * which..4 * which + 4) else { return Vec::new() };
        let row = |(x, offset): (&[f32], &f64)| {
            let own: f64 = x.iter().zip(b).map(|(&x, b)| f64::from(x) * b).sum();
            own + b[3] + if self.offset && which == 0 { *offset } else { 0.0 }
        };
        recorded.features.chunks_exact(3).zip(&recorded.offset).map(row).collect()
    }
}

#[track_caller]
fn assert_close(name: &str, found: &[f64], known: &[f64], tolerance: f64) {
    assert_eq!(found.len(), known.len(), "{name}");
    let scale = known.iter().map(|value| value.abs()).sum::<f64>() / known.len() as f64;
    for (row, (found, known)) in found.iter().zip(known).enumerate() {
        let off = (found - known).abs() / scale;
        assert!(off < tolerance, "{name}, row {row}: {found} for {known}");
    }
}

fn exp(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| value.exp()).collect()
}

fn logistic(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| 1.0 / (1.0 + (-value).exp())).collect()
}

#[test]
fn linear_fits_agree_with_recorded_ones() {
    let recorded = recorded();
    for fit_of in &recorded.fits {
        let target = &recorded.targets[&fit_of.target];
        let sample = Sample {
            features: &recorded.features,
            width: 3,
            target,
            weight: fit_of.weighted.then_some(&recorded.weight),
            offset: fit_of.offset.then_some(&recorded.offset),
            lists: None,
            classes: target.iter().copied().fold(0.0, f64::max) as usize + 1,
        };
        let setting = FitSetting { penalty: 0.0, ..FitSetting::usual(1) };
        let fitted = fit(ModelKind::Linear, fit_of.objective(), &sample, None, &setting).unwrap();
        agrees(fit_of, &recorded, &fitted, &sample);
    }
}

fn agrees(known: &RecordedFit, recorded: &Recorded, fitted: &FittedModel, sample: &Sample) {
    let name = format!("{} of {}", known.name, known.target);
    let (first, second) = (known.predictors(recorded, 0), known.predictors(recorded, 1));
    match (fitted.predict(sample), fitted.objective()) {
        (Prediction::Number(numbers), objective) => {
            let (of_predictor, tolerance) = match objective {
                Objective::SquaredLogarithmicError => (first.iter().map(|eta| eta.exp_m1().max(0.0)).collect(), 1e-6),
                // The width over which the kink was rounded off.
                Objective::Quantile { .. } => (first, 1e-3),
                Objective::SquaredError | Objective::Huber { .. } | Objective::Expectile { .. } => (first, 1e-5),
                _ => (exp(&first), 1e-6),
            };
            assert_close(&name, &numbers, &of_predictor, tolerance);
        }
        (Prediction::Probability(numbers), _) => assert_close(&name, &numbers, &logistic(&first), 1e-6),
        (Prediction::Classes { probabilities, classes }, _) => {
            assert_close(&name, &probabilities, &known.probabilities, 1e-4);
            let likelihood: f64 = probabilities
                .chunks_exact(classes)
                .zip(sample.target)
                .map(|(row, &class)| row[class as usize].ln())
                .sum();
            assert_relative_eq!(likelihood, known.log_likelihood.unwrap(), max_relative = 1e-8);
        }
        (Prediction::Laws(laws), _) => {
            let parameters: Vec<[f64; 3]> = laws.iter().map(parameters).collect();
            let part = |place: usize| parameters.iter().map(|row| row[place]).collect::<Vec<f64>>();
            let (means, others) = match fitted.objective() {
                Objective::Gaussian => (first, second.iter().map(|s| (0.5 * s).exp()).collect()),
                Objective::StudentT { .. } => (first, exp(&second)),
                _ => (exp(&first), logistic(&second)),
            };
            assert_close(&name, &part(0), &means, 2e-4);
            if !others.is_empty() {
                assert_close(&name, &part(1), &others, 2e-4);
            }
            if let Some(size) = known.size {
                assert_relative_eq!(parameters[0][2], size, max_relative = 2e-4);
            }
            if let Some(known) = known.log_likelihood {
                let likelihood: f64 = laws.iter().zip(sample.target).map(|(law, &y)| law.log_density(y)).sum();
                assert_relative_eq!(likelihood, known, max_relative = 1e-8);
            }
        }
        (other, _) => panic!("{name} predicts {other:?}"),
    }
}

/// Mean or location, scale or probability of a certain zero, and size.
fn parameters(law: &Law) -> [f64; 3] {
    match *law {
        Law::Normal { mean, deviation } => [mean, deviation, 0.0],
        Law::StudentT { location, scale, .. } => [location, scale, 0.0],
        Law::NegativeBinomial { mean, size } => [mean, 0.0, size],
        Law::ZeroInflatedPoisson { certain, mean } => [mean, certain, 0.0],
        Law::ZeroInflatedNegativeBinomial { certain, mean, size } => [mean, certain, size],
        Law::LogNormal { .. } | Law::Gamma { .. } | Law::Poisson { .. } | Law::TwoPart { .. } => {
            panic!("no fit of {law:?} is recorded")
        }
    }
}
