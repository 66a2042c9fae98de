//! Whether a prediction means what it says: a score taken apart by isotonic regression (CORP).

use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

use super::isotonic::{Target, isotonic};

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
            Self::PoissonDeviance => {
                let p = prediction.max(f64::MIN_POSITIVE);
                let log = if truth > 0.0 { truth * (truth / p).ln() } else { 0.0 };
                2.0 * (log - truth + p)
            }
            Self::GammaDeviance => {
                let ratio = truth / prediction.max(f64::MIN_POSITIVE);
                2.0 * (ratio - 1.0 - ratio.ln())
            }
            Self::Pinball(level) => (truth - prediction) * (level - f64::from(u8::from(truth < prediction))),
        }
    }

    /// What its best prediction is.
    pub fn target(self) -> Target {
        match self {
            Self::LogLoss | Self::Brier | Self::SquaredError | Self::PoissonDeviance | Self::GammaDeviance => {
                Target::Mean
            }
            Self::Pinball(level) => Target::Quantile(level),
        }
    }

    fn mean(self, truth: &[f64], predictions: &[f64]) -> f64 {
        truth.iter().zip(predictions).map(|(&y, &p)| self.of(y, p)).sum::<f64>() / truth.len() as f64
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
    /// The chance of as much miscalibration if predictions meant what they say; nothing for quantiles.
    pub p: Option<f64>,
    /// Prediction and recalibrated prediction, ascending, each different pair once.
    pub curve: Vec<(f64, f64)>,
}

/// Takes a score apart. The chance `p` is by `draws` samples in which predictions do mean what they say: labels of 0 and 1
/// are drawn by them; other values keep their ratio to the recalibrated prediction (or their distance, where values are
/// negative) and are drawn by group.
///
/// # Panics
/// If the slices differ in length or are empty.
#[track_caller]
pub fn calibration(
    truth: &[f64],
    predictions: &[f64],
    groups: &[u32],
    score: Score,
    draws: usize,
    seed: u64,
) -> Calibration {
    assert!(
        !truth.is_empty() && truth.len() == predictions.len(),
        "calibration: truth and predictions differ in number"
    );
    assert_eq!(truth.len(), groups.len(), "calibration: truth and groups differ in number");
    let recalibrated = isotonic(truth, predictions, score.target());
    let marginal = isotonic(truth, &vec![0.0; truth.len()], score.target());
    let [mean, best, constant] = [predictions, &recalibrated, &marginal].map(|values| score.mean(truth, values));
    let miscalibration = mean - best;
    let p = (score.target() == Target::Mean && draws > 0).then(|| {
        let null = Null::new(truth, predictions, &recalibrated, groups);
        let more = (0..draws as u64).filter(|&draw| {
            let (truth, predictions) = null.draw(seed.wrapping_add(draw));
            let best = isotonic(&truth, &predictions, score.target());
            score.mean(&truth, &predictions) - score.mean(&truth, &best) >= miscalibration
        });
        (more.count() + 1) as f64 / (draws + 1) as f64
    });
    let mut curve: Vec<(f64, f64)> = predictions.iter().copied().zip(recalibrated).collect();
    curve.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    curve.dedup();
    Calibration { score: mean, miscalibration, discrimination: constant - best, uncertainty: constant, p, curve }
}

/// Samples in which predictions mean what they say.
struct Null<'a> {
    predictions: &'a [f64],
    /// Rows of each group, where values are no labels.
    groups: Option<(Vec<f64>, Vec<Vec<usize>>)>,
}

impl<'a> Null<'a> {
    fn new(truth: &[f64], predictions: &'a [f64], recalibrated: &[f64], groups: &[u32]) -> Self {
        if truth.iter().all(|&y| y == 0.0 || y == 1.0) {
            return Self { predictions, groups: None };
        }
        let as_ratio = truth.iter().all(|&y| y >= 0.0) && predictions.iter().all(|&p| p >= 0.0);
        let moved = truth.iter().zip(predictions).zip(recalibrated).map(|((y, p), fitted)| match as_ratio {
            true if *fitted > 0.0 => y * p / fitted,
            true => *y,
            false => y + p - fitted,
        });
        let mut rows = vec![Vec::new(); groups.iter().max().map_or(0, |&last| last as usize + 1)];
        groups.iter().enumerate().for_each(|(row, &group)| rows[group as usize].push(row));
        rows.retain(|rows| !rows.is_empty());
        Self { predictions, groups: Some((moved.collect(), rows)) }
    }

    fn draw(&self, seed: u64) -> (Vec<f64>, Vec<f64>) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        match &self.groups {
            None => {
                let drawn = self.predictions.iter().map(|&p| f64::from(u8::from(rng.random::<f64>() < p)));
                (drawn.collect(), self.predictions.to_vec())
            }
            Some((truth, groups)) => {
                let mut rows = Vec::with_capacity(truth.len());
                for _ in 0..groups.len() {
                    rows.extend_from_slice(&groups[rng.random_range(0..groups.len())]);
                }
                (rows.iter().map(|&row| truth[row]).collect(), rows.iter().map(|&row| self.predictions[row]).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

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
