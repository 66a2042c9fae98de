//! Whether a prediction means what it says: a score taken apart by isotonic regression (CORP).

use minimand::data::metrics::{gamma_deviance, pinball, poisson_deviance};
use rand::{SeedableRng, rngs::ChaCha8Rng};

use super::{
    isotonic::{Target, isotonic_in_order, weighted_isotonic},
    null_samples::NullSamples,
    sampling::Sampling,
};

/// Most places of a consistency band.
const PLACES: usize = 100;

/// Probabilities are kept this far from 0 and 1 where their logarithm is taken.
const CLIP: f64 = 1e-15;

/// A consistent score; less is better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Score {
    /// −ln of the probability of what came.
    LogLoss,
    /// Squared error of the probability.
    Brier,
    /// Squared error.
    SquaredError,
    /// Poisson deviance.
    PoissonDeviance,
    /// Gamma deviance.
    GammaDeviance,
    /// Pinball loss of this level.
    Pinball(f64),
    /// Squared error, of which this share counts where the prediction is too low and the rest of 1 where it is too high.
    AsymmetricSquared(f64),
}

impl Score {
    /// The score of one prediction.
    pub fn of(self, truth: f64, prediction: f64) -> f64 {
        match self {
            Self::LogLoss => {
                let p = prediction.clamp(CLIP, 1.0 - CLIP);
                -truth * p.ln() - (1.0 - truth) * (-p).ln_1p()
            }
            Self::Brier | Self::SquaredError => (truth - prediction).powi(2),
            Self::PoissonDeviance => poisson_deviance(prediction.max(f64::MIN_POSITIVE), truth),
            Self::GammaDeviance => gamma_deviance(prediction.max(f64::MIN_POSITIVE), truth),
            Self::Pinball(level) => pinball(level, prediction, truth),
            Self::AsymmetricSquared(level) => {
                (level - f64::from(u8::from(truth < prediction))).abs() * (truth - prediction).powi(2)
            }
        }
    }

    /// What its best prediction is.
    pub fn target(self) -> Target {
        match self {
            Self::LogLoss | Self::Brier | Self::SquaredError | Self::PoissonDeviance | Self::GammaDeviance => {
                Target::Mean
            }
            Self::Pinball(level) => Target::Quantile(level),
            Self::AsymmetricSquared(level) => Target::Expectile(level),
        }
    }

    fn mean(self, truth: &[f64], predictions: &[f64], rows: Sampling<'_>) -> f64 {
        rows.mean(truth.iter().zip(predictions).map(|(&y, &p)| self.of(y, p)))
    }
}

/// A mean score = miscalibration − discrimination + uncertainty (Dimitriadis, Gneiting, Jordan 2021, "Stable reliability
/// diagrams for probabilistic classifiers", eq. 4; Gneiting & Resin 2023 for other functionals).
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// The mean score.
    pub score: f64,
    /// What recalibration would gain.
    pub miscalibration: f64,
    /// What the recalibrated prediction gains over one number for all.
    pub discrimination: f64,
    /// The score of the best number for all.
    pub uncertainty: f64,
    /// The chance of as much miscalibration if predictions meant what they say; nothing without draws.
    pub p: Option<f64>,
    /// Prediction and recalibrated prediction, ascending, each different pair once.
    pub curve: Vec<(f64, f64)>,
    /// At up to 100 predictions, ascending: where the recalibrated prediction falls in 95 % of the samples in which
    /// predictions mean what they say. Empty with fewer than 20 draws.
    pub band: Vec<ConsistencyPoint>,
}

/// A place of a consistency band.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConsistencyPoint {
    /// The prediction.
    pub prediction: f64,
    /// Lower end, pointwise.
    pub low: f64,
    /// Upper end, pointwise.
    pub high: f64,
}

/// Takes a score apart. The chance `p` and the band are by `draws` samples in which predictions do mean what they say, with
/// the scatter of the data around the predictions and its dependence within groups. From very long tables these are by an
/// even choice of 200,000 rows (quantiles: 20,000).
///
/// # Panics
/// If the slices differ in length or are empty.
#[track_caller]
pub fn calibration<'a>(
    truth: &[f64],
    predictions: &[f64],
    rows: impl Into<Sampling<'a>>,
    score: Score,
    draws: usize,
    seed: u64,
) -> Calibration {
    let rows = rows.into();
    assert!(
        !truth.is_empty() && truth.len() == predictions.len(),
        "calibration: truth and predictions differ in number"
    );
    assert_eq!(truth.len(), rows.rows(), "calibration: truth and groups differ in number");
    let recalibrated = weighted_isotonic(truth, predictions, rows.weights(), score.target());
    let marginal = weighted_isotonic(truth, &vec![0.0; truth.len()], rows.weights(), score.target());
    let [mean, best, constant] = [predictions, &recalibrated, &marginal].map(|values| score.mean(truth, values, rows));
    let (p, band) = match draws {
        0 => (None, Vec::new()),
        draws => {
            let (p, band) = chance(truth, predictions, rows, score, draws, seed);
            (Some(p), band)
        }
    };
    let mut curve: Vec<(f64, f64)> = predictions.iter().copied().zip(recalibrated).collect();
    curve.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    curve.dedup();
    Calibration {
        score: mean,
        miscalibration: mean - best,
        discrimination: constant - best,
        uncertainty: constant,
        p,
        curve,
        band,
    }
}

/// The chance of as much miscalibration, and where recalibrated predictions fall.
fn chance(
    truth: &[f64],
    predictions: &[f64],
    rows: Sampling<'_>,
    score: Score,
    draws: usize,
    seed: u64,
) -> (f64, Vec<ConsistencyPoint>) {
    let target = score.target();
    let most = match target {
        Target::Mean | Target::Expectile(_) => 200_000,
        Target::Quantile(_) => 20_000,
    };
    let mut order: Vec<usize> = (0..truth.len()).collect();
    order.sort_by(|&a, &b| predictions[a].total_cmp(&predictions[b]));
    let count = order.len();
    let taken = count.min(most);
    let order: Vec<usize> = (0..taken).map(|place| order[place * count / taken]).collect();
    let [truth, predictions] = [truth, predictions].map(|of| order.iter().map(|&row| of[row]).collect::<Vec<f64>>());
    let groups: Vec<u32> = order.iter().map(|&row| rows.groups()[row]).collect();
    let weight = rows.weights().map(|weight| order.iter().map(|&row| weight[row]).collect::<Vec<f64>>());
    let rows = Sampling::new(&groups, weight.as_deref());
    let ties: Vec<usize> = predictions.chunk_by(|a, b| a == b).map(<[f64]>::len).collect();

    let recalibrated = isotonic_in_order(&truth, rows.weights(), &ties, target);
    let observed = score.mean(&truth, &predictions, rows) - score.mean(&truth, &recalibrated, rows);
    let null = NullSamples::new(&truth, predictions, &recalibrated, rows, target);
    let places: Vec<usize> = match draws {
        ..20 => Vec::new(),
        _ => (0..taken.min(PLACES)).map(|place| (2 * place + 1) * taken / (2 * taken.min(PLACES))).collect(),
    };
    let mut fitted_at = vec![Vec::with_capacity(draws); places.len()];
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut as_much = 0;
    for _ in 0..draws {
        let truth = null.draw(&mut rng);
        let fitted = isotonic_in_order(&truth, rows.weights(), &ties, target);
        let drawn = score.mean(&truth, null.predictions(), rows) - score.mean(&truth, &fitted, rows);
        as_much += usize::from(drawn >= observed);
        places.iter().zip(&mut fitted_at).for_each(|(&place, at)| at.push(fitted[place]));
    }
    let band = places.iter().zip(&mut fitted_at).map(|(&place, at)| {
        at.sort_unstable_by(f64::total_cmp);
        let outside = (0.025 * draws as f64) as usize;
        ConsistencyPoint { prediction: null.predictions()[place], low: at[outside], high: at[draws - 1 - outside] }
    });
    let mut band: Vec<ConsistencyPoint> = band.collect();
    band.dedup_by(|next, kept| next.prediction == kept.prediction);
    ((as_much + 1) as f64 / (draws + 1) as f64, band)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use rand::RngExt;

    use super::*;

    fn rows(count: usize) -> Vec<u32> {
        (0..count as u32).collect()
    }

    #[test]
    fn the_parts_add_up() {
        let truth = [0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0];
        let predictions = [0.2, 0.3, 0.9, 0.4, 0.6, 0.1, 0.6, 0.7];
        for score in [Score::LogLoss, Score::Brier] {
            let found = calibration(&truth, &predictions, &rows(8), score, 10, 1);
            assert_relative_eq!(
                found.score,
                found.miscalibration - found.discrimination + found.uncertainty,
                max_relative = 1e-12
            );
            assert!(found.miscalibration >= 0.0 && found.discrimination >= 0.0);
        }
    }

    #[test]
    fn calibrated_probabilities_raise_no_alarm_and_shifted_ones_do() {
        let rate = |power: f64| {
            let fired = (0..100).filter(|&seed| {
                let mut rng = ChaCha8Rng::seed_from_u64(1000 + seed);
                let p: Vec<f64> = (0..1000).map(|_| rng.random::<f64>()).collect();
                let y: Vec<f64> = p.iter().map(|p| f64::from(u8::from(rng.random::<f64>() < p.powf(power)))).collect();
                calibration(&y, &p, &rows(1000), Score::LogLoss, 40, seed).p.unwrap() < 0.05
            });
            fired.count() as f64 / 100.0
        };
        assert!(rate(1.0) <= 0.1);
        assert!(rate(1.5) >= 0.9);
    }

    #[test]
    fn calibrated_amounts_raise_no_alarm_and_a_factor_does() {
        let rate = |factor: f64| {
            let fired = (0..50).filter(|&seed| {
                let mut rng = ChaCha8Rng::seed_from_u64(1000 + seed);
                let p: Vec<f64> = (0..1000).map(|_| (2.0 * rng.random::<f64>()).exp()).collect();
                let y: Vec<f64> = p.iter().map(|p| -factor * p * (1.0 - rng.random::<f64>()).ln()).collect();
                calibration(&y, &p, &rows(1000), Score::GammaDeviance, 40, seed).p.unwrap() < 0.05
            });
            fired.count() as f64 / 50.0
        };
        assert!(rate(1.0) <= 0.14);
        assert!(rate(1.3) >= 0.9);
    }
}
