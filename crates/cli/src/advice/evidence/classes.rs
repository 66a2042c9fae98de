//! Classes, given the columns: what the probe's probabilities are worth.

use minimand::data::metrics::weighted::{self, Weights};

use super::{Evidence, Measured, means::share_by_group};
use crate::{
    advice::{
        problem::{Problem, TargetKind},
        rules::limits,
    },
    frame::Encoder,
    model::Probe,
    statistics::{
        Sampling,
        brant::brant_by_group,
        calibration::{Calibration, Score, calibration},
        error_floor::error_floor,
        noise::label_noise,
    },
};

/// Rows at most that are tested.
const MOST_ROWS: usize = 20_000;
/// Features at most that proportional odds are tested with.
const MOST_FEATURES: usize = 60;
/// Draws of the test of calibration.
const DRAWS: usize = 199;

/// What the probe shows about a target of classes.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassEvidence {
    /// Rows that were predicted.
    pub rows: usize,
    /// Mean log loss, out of fold.
    pub log_loss: f64,
    /// Share of right decisions for the most probable class, out of fold.
    pub accuracy: f64,
    /// The same on rows that were fitted on.
    pub training_accuracy: f64,
    /// Area under the ROC curve, of two classes.
    pub auc: Option<f64>,
    /// Share of the log loss that is miscalibration.
    pub miscalibration: f64,
    /// Probability of as much miscalibration by chance.
    pub miscalibration_p: f64,
    /// Labels that may be wrong.
    pub noise: NoiseEvidence,
    /// Probability that the slopes of all steps between ordered classes differ as much by chance (Brant 1990).
    pub proportional_odds_p: Option<f64>,
}

/// Labels that may be wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoiseEvidence {
    /// Share of the labels that the confident joint takes for wrong.
    pub confident: Measured,
    /// Share of the labels that disagree however sure the model is, of two classes.
    pub floor: Option<Measured>,
}

impl ClassEvidence {
    /// Whether nothing speaks against the probabilities.
    pub fn is_calibrated(&self) -> bool {
        !(self.miscalibration > limits::MISCALIBRATION && self.miscalibration_p < limits::MISCALIBRATION_P)
    }

    /// Of a probe's probabilities; `seed` draws the labels of the test of calibration.
    pub(super) fn of(problem: &Problem, probe: &Probe, seed: u64) -> Self {
        let order = Evidence::settled(problem, probe);
        let labels: Vec<usize> = order.iter().map(|&place| problem.target.values[probe.rows[place]] as usize).collect();
        let groups: Vec<u32> = order.iter().map(|&place| problem.groups.of_row[probe.rows[place]]).collect();
        let classes = if probe.per_row == 1 { 2 } else { probe.per_row };
        let probabilities = all_classes(&probe.prediction, probe.per_row, &order);
        let training = all_classes(&probe.training_prediction, probe.per_row, &order);
        let weight = Evidence::weights(problem, probe, &order);
        let rows = Sampling::new(&groups, weight.as_deref());
        let most = |row: &[f64]| (0..classes).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap_or(0);
        let right = |probabilities: &[f64]| {
            let told = (probabilities.chunks_exact(classes).zip(&labels).enumerate())
                .filter(|(_, (row, _))| row.iter().all(|p| p.is_finite()));
            let (all, right) = told.fold((0.0, 0.0), |(all, right), (place, (row, &label))| {
                let weight = rows.weight(place);
                (all + weight, right + if most(row) == label { weight } else { 0.0 })
            });
            if all > 0.0 { right / all } else { 0.0 }
        };
        let own = probabilities.chunks_exact(classes).zip(&labels).map(|(row, &label)| row[label]);
        let log_loss = rows.mean(own.map(|p| -p.max(1e-15).ln()));
        // Of two classes the positive one, of several the most probable one.
        let (chance, is): (Vec<f64>, Vec<bool>) = if classes == 2 {
            (
                probabilities.chunks_exact(2).map(|row| row[1]).collect(),
                labels.iter().map(|&label| label == 1).collect(),
            )
        } else {
            let of = |(row, &label): (&[f64], &usize)| (row[most(row)], most(row) == label);
            probabilities.chunks_exact(classes).zip(&labels).map(of).unzip()
        };
        let hit: Vec<f64> = is.iter().map(|&is| f64::from(u8::from(is))).collect();
        let looked = evenly(labels.len());
        let pick = |values: &[f64]| looked.iter().map(|&row| values[row]).collect::<Vec<f64>>();
        let of_looked: Vec<u32> = looked.iter().map(|&row| groups[row]).collect();
        let of_weight = rows.weights().map(pick);
        let of_looked = Sampling::new(&of_looked, of_weight.as_deref());
        let Calibration { score, miscalibration, p, .. } =
            calibration(&pick(&hit), &pick(&chance), of_looked, Score::LogLoss, DRAWS, seed);
        Self {
            rows: labels.len(),
            log_loss,
            accuracy: right(&probabilities),
            training_accuracy: right(&training),
            auc: if classes == 2 { area(&chance, &is, rows.weights()) } else { None },
            miscalibration: if score > 0.0 { miscalibration / score } else { 0.0 },
            miscalibration_p: p.unwrap_or(1.0),
            noise: NoiseEvidence::of(&probabilities, &labels, classes, (&chance, &is), rows),
            proportional_odds_p: (problem.target.kind == TargetKind::Ordered)
                .then(|| proportional_odds(problem))
                .flatten(),
        }
    }
}

/// Area under the ROC curve.
fn area(scores: &[f64], labels: &[bool], weight: Option<&[f64]>) -> Option<f64> {
    let weights = weight.map_or(Ok(Weights::EQUAL), Weights::new).ok()?;
    weighted::roc_auc(scores, labels, weights).ok()
}

/// Probability that the slopes of all steps differ as much by chance, where there are not too many features to test.
fn proportional_odds(problem: &Problem) -> Option<f64> {
    let rows = evenly(problem.rows());
    let encoder = Encoder::fit(&problem.features, &rows);
    if encoder.width() > MOST_FEATURES {
        return None;
    }
    let features: Vec<f64> = encoder.transform(&problem.features, &rows).into_iter().map(f64::from).collect();
    let classes: Vec<usize> = rows.iter().map(|&row| problem.target.values[row] as usize).collect();
    let groups: Vec<u32> = rows.iter().map(|&row| problem.groups.of_row[row]).collect();
    let weight = problem.weight.as_ref().map(|weight| rows.iter().map(|&row| weight[row]).collect::<Vec<f64>>());
    let sampling = Sampling::new(&groups, weight.as_deref());
    brant_by_group(&classes, &features, encoder.width(), sampling).map(|found| found.p)
}

/// Rows spread evenly over all of them, where there are many.
fn evenly(rows: usize) -> Vec<usize> {
    if rows <= MOST_ROWS { (0..rows).collect() } else { (0..MOST_ROWS).map(|place| place * rows / MOST_ROWS).collect() }
}

impl NoiseEvidence {
    fn of(
        probabilities: &[f64],
        labels: &[usize],
        classes: usize,
        (chance, is): (&[f64], &[bool]),
        rows: Sampling<'_>,
    ) -> Self {
        let found = label_noise(labels, probabilities, classes, rows.weights());
        let mut suspected = vec![false; labels.len()];
        found.rows.iter().for_each(|&row| suspected[row] = true);
        let Measured { value, low, high } = share_by_group(suspected.into_iter(), rows);
        // The joint is scaled to the labels' counts; its error is that of the rows that were counted.
        let confident = Measured {
            value: found.share,
            low: (found.share + low - value).max(0.0),
            high: (found.share + high - value).min(1.0),
        };
        let logits: Vec<f64> = chance.iter().map(|p| (p.max(1e-12) / (1.0 - p).max(1e-12)).ln()).collect();
        Self { confident, floor: error_floor(is, &logits, rows, classes == 2).map(Measured::from) }
    }
}

/// The probabilities of all classes, row after row, in that order of the rows.
fn all_classes(probabilities: &[f64], per_row: usize, order: &[usize]) -> Vec<f64> {
    let row = |place: usize| &probabilities[place * per_row..(place + 1) * per_row];
    if per_row == 1 {
        order.iter().flat_map(|&place| [1.0 - probabilities[place], probabilities[place]]).collect()
    } else {
        order.iter().flat_map(|&place| row(place).to_vec()).collect()
    }
}
