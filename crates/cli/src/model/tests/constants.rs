//! Without features, a fit is the statistic that its loss asks for.

use approx::assert_relative_eq;
use minimand::tensor::Rng;

use super::EVERY;
use crate::model::{FitSetting, Law, ModelKind, Objective, Prediction, Sample, fit};

/// Rows of each test.
const ROWS: usize = 501;

/// Targets that every objective of a kind takes.
struct Tables {
    positive: Vec<f64>,
    count: Vec<f64>,
    binary: Vec<f64>,
    classes: Vec<f64>,
}

fn tables() -> Tables {
    let mut rng = Rng::seed(11);
    let positive: Vec<f64> = (0..ROWS).map(|_| 30.0 * (0.9 * rng.normal()).exp()).collect();
    let count = (0..ROWS).map(|_| if rng.uniform() < 0.4 { 0.0 } else { (4.0 * rng.normal().exp()).floor() }).collect();
    let binary = (0..ROWS).map(|_| f64::from(rng.uniform() < 0.2)).collect();
    let classes = (0..ROWS).map(|_| (4.0 * rng.uniform() * rng.uniform()).floor().min(2.0)).collect();
    Tables { positive, count, binary, classes }
}

impl Tables {
    fn of(&self, objective: Objective) -> &[f64] {
        match objective {
            Objective::NegativeBinomial
            | Objective::ZeroInflatedPoisson
            | Objective::ZeroInflatedNegativeBinomial
            | Objective::TwoPart
            | Objective::Tweedie { .. } => &self.count,
            Objective::CrossEntropy
            | Objective::WeightedCrossEntropy { .. }
            | Objective::Focal { .. }
            | Objective::Brier
            | Objective::Hinge
            | Objective::PairwiseLogistic
            | Objective::LogitAdjusted { .. }
            | Objective::Pointwise
            | Objective::ListSoftmax
            | Objective::ListPairwise
            | Objective::LambdaRank
            | Objective::ApproxNdcg => &self.binary,
            Objective::MulticlassCrossEntropy
            | Objective::ClassBalanced { .. }
            | Objective::MulticlassLogitAdjusted { .. }
            | Objective::LabelSmoothing { .. }
            | Objective::GeneralisedCrossEntropy { .. }
            | Objective::Corn
            | Objective::CumulativeLink => &self.classes,
            _ => &self.positive,
        }
    }
}

fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.into_iter().collect();
    values.iter().sum::<f64>() / values.len() as f64
}

/// The value that this share of the weights lies below.
fn quantile(y: &[f64], level: f64, weight: impl Fn(f64) -> f64) -> f64 {
    let mut sorted = y.to_vec();
    sorted.sort_by(f64::total_cmp);
    let total: f64 = sorted.iter().map(|&y| weight(y)).sum();
    let mut below = 0.0;
    *sorted
        .iter()
        .find(|&&y| {
            below += weight(y);
            below >= level * total
        })
        .unwrap()
}

/// Where a slope that falls with x changes its sign.
fn root(y: &[f64], slope: impl Fn(f64, f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1e4);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        *if y.iter().map(|&y| slope(middle, y)).sum::<f64>() > 0.0 { &mut low } else { &mut high } = middle;
    }
    low
}

/// What the statistic is, with the share that the fit may be off by.
fn known(objective: Objective, y: &[f64]) -> Vec<f64> {
    let all = || y.iter().copied();
    let share_of = |class: f64| mean(all().map(|y| f64::from(y == class)));
    let rate = share_of(1.0);
    let odds = |odds: f64| vec![odds / (1.0 + odds)];
    let shares: Vec<f64> = (0..3).map(|class| share_of(f64::from(class))).collect();
    let normalised = |parts: Vec<f64>| {
        let total: f64 = parts.iter().sum();
        parts.iter().map(|part| part / total).collect::<Vec<f64>>()
    };
    let variance = mean(all().map(|y| (y - mean(all())).powi(2)));
    let logs = || y.iter().map(|y| y.ln());
    match objective {
        Objective::SquaredError
        | Objective::Poisson
        | Objective::Gamma
        | Objective::Tweedie { .. }
        | Objective::InverseGaussian => vec![mean(all())],
        Objective::AbsoluteError => vec![quantile(y, 0.5, |_| 1.0)],
        Objective::Quantile { level } => vec![quantile(y, level, |_| 1.0)],
        Objective::AbsolutePercentageError => vec![quantile(y, 0.5, |y| 1.0 / y)],
        Objective::TwoQuantiles { lower, upper } => [lower, upper].map(|level| quantile(y, level, |_| 1.0)).to_vec(),
        Objective::Huber { delta } => vec![root(y, |x, y| (y - x).clamp(-delta, delta))],
        Objective::Expectile { level } => vec![root(y, |x, y| if y > x { level } else { 1.0 - level } * (y - x))],
        Objective::LogSquaredError => vec![mean(logs()).exp()],
        Objective::SquaredLogarithmicError => vec![mean(all().map(f64::ln_1p)).exp_m1()],
        Objective::Gaussian | Objective::BetaGaussian { .. } => vec![mean(all()), variance.sqrt()],
        Objective::LogNormal => {
            let middle = mean(logs());
            vec![middle, mean(logs().map(|log| (log - middle).powi(2))).sqrt()]
        }
        Objective::GammaLikelihood | Objective::NegativeBinomial => vec![mean(all())],
        Objective::ZeroInflatedPoisson => vec![mean(all()), share_of(0.0)],
        Objective::TwoPart => vec![mean(all()), share_of(0.0)],
        Objective::CrossEntropy | Objective::Brier => vec![rate],
        Objective::WeightedCrossEntropy { weight } => odds(weight * rate / (1.0 - rate)),
        Objective::Focal { gamma, alpha } => {
            let slope = |p: f64, y: f64| {
                let (t, a) = if y > 0.5 { (p, alpha) } else { (1.0 - p, 1.0 - alpha) };
                let pull = a * (1.0 - t).powf(gamma) * (gamma * t * t.ln() + t - 1.0);
                if y > 0.5 { -pull } else { pull }
            };
            let (mut low, mut high) = (1e-9, 1.0 - 1e-9);
            for _ in 0..200 {
                let middle = 0.5 * (low + high);
                *if all().map(|y| slope(middle, y)).sum::<f64>() > 0.0 { &mut low } else { &mut high } = middle;
            }
            vec![low]
        }
        Objective::LogitAdjusted { tau } => odds((rate / (1.0 - rate)).powf(1.0 - tau)),
        Objective::MulticlassCrossEntropy | Objective::Corn | Objective::CumulativeLink => shares,
        Objective::ClassBalanced { beta } => {
            normalised(shares.iter().map(|share| share / (1.0 - beta.powf(share * ROWS as f64))).collect())
        }
        Objective::MulticlassLogitAdjusted { tau } => {
            normalised(shares.iter().map(|share| share.powf(1.0 - tau)).collect())
        }
        Objective::LabelSmoothing { epsilon } => {
            shares.iter().map(|share| (1.0 - epsilon) * share + epsilon / 3.0).collect()
        }
        Objective::GeneralisedCrossEntropy { q } => {
            normalised(shares.iter().map(|share| share.powf(1.0 / (1.0 - q))).collect())
        }
        // The rarer class is not decided for.
        Objective::Hinge => vec![-1.0],
        Objective::Pointwise => vec![(rate / (1.0 - rate)).ln()],
        // A number that moves no order, or no closed form: only that there is one.
        Objective::StudentT { .. }
        | Objective::ZeroInflatedNegativeBinomial
        | Objective::Tukey { .. }
        | Objective::PairwiseLogistic
        | Objective::ListSoftmax
        | Objective::ListPairwise
        | Objective::LambdaRank
        | Objective::ApproxNdcg => Vec::new(),
    }
}

/// The numbers of the first row's prediction that [`known`] knows.
fn found(prediction: &Prediction) -> Vec<f64> {
    match prediction {
        Prediction::Number(values) | Prediction::Probability(values) | Prediction::Score(values) => vec![values[0]],
        Prediction::Interval { low, high } => vec![low[0], high[0]],
        Prediction::Classes { probabilities, classes } => probabilities[..*classes].to_vec(),
        Prediction::Laws(laws) => match laws[0] {
            Law::Normal { mean, deviation } => vec![mean, deviation],
            Law::LogNormal { log_median, log_deviation } => vec![log_median, log_deviation],
            law @ (Law::ZeroInflatedPoisson { .. } | Law::TwoPart { .. }) => {
                vec![law.mean(), law.probability_of_zero()]
            }
            law => vec![law.mean()],
        },
    }
}

fn fitted(kind: ModelKind, objective: Objective, y: &[f64], setting: &FitSetting) -> Prediction {
    let lists: Vec<u32> = (0..ROWS as u32).map(|row| row / 6).collect();
    let sample =
        Sample { features: &[], width: 0, target: y, weight: None, offset: None, lists: Some(&lists), classes: 3 };
    fit(kind, objective, &sample, None, setting).unwrap().predict(&sample)
}

#[test]
fn a_linear_constant_is_the_statistic() {
    let tables = tables();
    for objective in EVERY {
        let y = tables.of(objective);
        let prediction = fitted(ModelKind::Linear, objective, y, &FitSetting::usual(1));
        assert_eq!(prediction.rows(), ROWS);
        let found = found(&prediction);
        assert!(found.iter().all(|value| value.is_finite()), "{objective:?}: {found:?}");
        let tolerance = if objective.has_kink() { 2e-3 } else { 1e-5 };
        for (found, known) in found.iter().zip(known(objective, y)) {
            let off = (found - known).abs() / known.abs();
            assert!(off < tolerance, "{objective:?}: {found} for {known}");
        }
    }
}

#[test]
fn robust_constants_lie_in_the_bulk() {
    let tables = tables();
    let y = &tables.positive;
    let (median, mean) = (quantile(y, 0.5, |_| 1.0), mean(y.iter().copied()));
    for objective in [Objective::StudentT { freedom: 4.0 }, Objective::Tukey { c: 60.0 }] {
        let number = fitted(ModelKind::Linear, objective, y, &FitSetting::usual(1)).numbers()[0];
        assert!(0.8 * median < number && number < 0.9 * mean, "{objective:?}: {number} for {median} and {mean}");
    }
    let zero_inflated =
        fitted(ModelKind::Linear, Objective::ZeroInflatedNegativeBinomial, &tables.count, &FitSetting::usual(1));
    let Prediction::Laws(laws) = zero_inflated else { panic!("it is a likelihood") };
    let zeros = tables.count.iter().filter(|&&y| y == 0.0).count() as f64 / ROWS as f64;
    assert_relative_eq!(laws[0].probability_of_zero(), zeros, max_relative = 1e-4);
}

#[test]
fn the_constant_of_a_network_is_near_the_statistic() {
    let tables = tables();
    let setting = FitSetting { epochs: 8, learning_rate: 1e-2, ..FitSetting::usual(1) };
    for objective in EVERY {
        // Flat about its minimum, or none: the network is left somewhere near.
        if matches!(objective, Objective::Hinge | Objective::GeneralisedCrossEntropy { .. }) {
            continue;
        }
        let y = tables.of(objective);
        let found = found(&fitted(ModelKind::Mlp, objective, y, &setting));
        assert!(found.iter().all(|value| value.is_finite()), "{objective:?}: {found:?}");
        for (found, known) in found.iter().zip(known(objective, y)) {
            let off = (found - known).abs() / known.abs().max(0.1);
            assert!(off < 0.12, "{objective:?}: {found} for {known}");
        }
    }
}
