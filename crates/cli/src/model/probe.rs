//! One generalised linear model, fitted out of fold: what the facts about y given x are found by.

use super::{
    FitError, FitSetting, FittedModel, ModelKind, Objective, Prediction, Sample, SampleRows, fit, side_by_side,
};
use crate::{
    advice::problem::{Problem, TargetKind},
    frame::{Encoder, Fold, FoldsError, folds},
};

/// Predictions of a plain linear model for rows that it was not fitted on.
///
/// Vectors of rows run along [`rows`](Self::rows).
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// What was fitted.
    pub objective: Objective,
    /// The rows that were predicted, ascending: all of them, but for the earliest where splits go forward in time.
    pub rows: Vec<usize>,
    /// Numbers of each row in [`prediction`](Self::prediction) and [`training_prediction`](Self::training_prediction): 1, or as many as there
    /// are classes.
    pub per_row: usize,
    /// The mean of each row, the probability of the positive class, the probabilities of all classes row after row, or a score within a
    /// list.
    pub prediction: Vec<f64>,
    /// The same of models that were fitted on the row, among others; their mean. NaN where there was none.
    pub training_prediction: Vec<f64>,
    /// What the link was applied to, offset included: the mean itself, its logarithm, its logit, the position on the scale of ordered classes,
    /// the score; for classes one for each class, row after row.
    pub linear_predictor: Vec<f64>,
    /// Least squares' prediction of each row on the same folds, where the link is a logarithm and no offset is added to it.
    pub straight: Option<Vec<f64>>,
    /// The fold in which each row was predicted.
    pub fold_of_row: Vec<usize>,
    /// λ of the fits: 1e-4, or more where there are many features for the rows.
    pub penalty: f64,
}

/// Why there is no probe.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ProbeError {
    /// The rows cannot be divided.
    #[error(transparent)]
    Folds(#[from] FoldsError),
    /// A fold could not be fitted.
    #[error("the probe's fold {fold}: {cause}")]
    Fit {
        /// The fold, from 1.
        fold: usize,
        /// Why.
        cause: FitError,
    },
}

/// Parts that the rows are divided into, where there are as many groups or times.
const FOLDS: usize = 5;

/// Probes a problem: 5 folds (fewer, where there are fewer groups or times), each encoded by its own training rows.
///
/// Numbers of either sign are fitted by least squares; amounts and counts by Poisson's quasi-likelihood with a log link, which is consistent for
/// the mean whatever the law (Gourieroux, Monfort, Trognon 1984); shares and two classes by cross-entropy with a logit; classes by softmax;
/// ordered classes by cumulative logits; relevance by softmax over the list.
///
/// # Errors
/// When the rows cannot be divided into two parts, or a fold cannot be fitted.
pub fn probe(problem: &Problem, seed: u64) -> Result<Probe, ProbeError> {
    let divided = folds(problem, FOLDS, seed)
        .or_else(|error| (2..FOLDS).rev().find_map(|count| folds(problem, count, seed).ok()).ok_or(error))?;
    let encoded = side_by_side(&divided, |Fold { train, test }| {
        let encoder = Encoder::fit(&problem.features, train);
        let part =
            |rows: &[usize]| SampleRows::of(problem, rows, encoder.transform(&problem.features, rows), encoder.width());
        let (train_rows, test_rows) = (train.clone(), test.clone());
        Ok::<_, ProbeError>(ProbeFold { train: part(train), test: part(test), train_rows, test_rows })
    })?;
    probe_folds(problem.target.kind, problem.rows(), &encoded, seed)
}

/// The objective whose linear fit a target of this kind is probed by.
fn objective(kind: TargetKind) -> Objective {
    match kind {
        TargetKind::Real => Objective::SquaredError,
        TargetKind::Amount | TargetKind::Count => Objective::Poisson,
        TargetKind::Share | TargetKind::Binary => Objective::CrossEntropy,
        TargetKind::Classes => Objective::MulticlassCrossEntropy,
        TargetKind::Ordered => Objective::CumulativeLink,
        TargetKind::Relevance => Objective::ListSoftmax,
    }
}

/// The rows of a fold, encoded by its training rows.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeFold {
    /// Rows to fit on.
    pub train: SampleRows,
    /// Rows to predict.
    pub test: SampleRows,
    /// The numbers of the rows to fit on among all rows of the problem.
    pub train_rows: Vec<usize>,
    /// The numbers of the rows to predict.
    pub test_rows: Vec<usize>,
}

/// Fits on each fold and predicts the rest. `rows` is the number of rows of the problem.
///
/// # Errors
/// When a fold cannot be fitted.
pub fn probe_folds(kind: TargetKind, rows: usize, folds: &[ProbeFold], seed: u64) -> Result<Probe, ProbeError> {
    let objective = objective(kind);
    // Where a weight has ten rows or more, its penalty decides little.
    let is_wide = folds.iter().any(|fold| 10 * (fold.train.width + 1) > fold.train.target.len());
    let penalties: &[f64] = if is_wide { &[1e-4, 1e-2, 1.0] } else { &[1e-4] };
    let jobs: Vec<(usize, f64)> =
        penalties.iter().flat_map(|&penalty| (0..folds.len()).map(move |fold| (fold, penalty))).collect();
    let fits = side_by_side(&jobs, |&(fold, penalty)| {
        fit_fold(objective, &folds[fold], penalty, seed).map_err(|cause| ProbeError::Fit { fold: fold + 1, cause })
    })?;
    let mean = |fits: &[(FittedModel, f64)]| fits.iter().map(|(_, loss)| loss).sum::<f64>();
    let by_penalty = fits.chunks(folds.len().max(1)).zip(penalties);
    let best = by_penalty.min_by(|(a, _), (b, _)| mean(a).total_cmp(&mean(b)));
    let (fits, penalty) = best.map_or((&[][..], penalties[0]), |(fits, &penalty)| (fits, penalty));
    let mut probe = collect(objective, rows, folds, fits, penalty);
    let has_offset = folds.iter().any(|fold| fold.train.offset.is_some());
    if objective == Objective::Poisson && !has_offset {
        probe.straight = Some(straight(&probe, folds, seed)?);
    }
    Ok(probe)
}

/// Predictions of the probe's rows by least squares on the same folds.
fn straight(probe: &Probe, folds: &[ProbeFold], seed: u64) -> Result<Vec<f64>, ProbeError> {
    let numbers: Vec<usize> = (0..folds.len()).collect();
    let fits = side_by_side(&numbers, |&fold| {
        fit_fold(Objective::SquaredError, &folds[fold], probe.penalty, seed)
            .map_err(|cause| ProbeError::Fit { fold: fold + 1, cause })
    })?;
    let mut all = vec![f64::NAN; probe.rows.len()];
    for (fold, (fitted, _)) in folds.iter().zip(&fits) {
        let (predictions, _) = read(fitted, &fold.test.view());
        for (&row, prediction) in fold.test_rows.iter().zip(predictions) {
            if let Ok(place) = probe.rows.binary_search(&row) {
                all[place] = prediction;
            }
        }
    }
    Ok(all)
}

/// A fit on a fold, and its mean loss on the rest; 0 where that cannot be said.
fn fit_fold(objective: Objective, fold: &ProbeFold, penalty: f64, seed: u64) -> Result<(FittedModel, f64), FitError> {
    let setting = FitSetting { penalty, ..FitSetting::usual(seed) };
    let fitted = fit(ModelKind::Linear, objective, &fold.train.view(), None, &setting)?;
    let loss = fitted.mean_loss(&fold.test.view()).unwrap_or(0.0);
    Ok((fitted, if loss.is_finite() { loss } else { f64::MAX / 1e3 }))
}

fn collect(objective: Objective, rows: usize, folds: &[ProbeFold], fits: &[(FittedModel, f64)], penalty: f64) -> Probe {
    let mut place = vec![None; rows];
    let mut predicted: Vec<usize> = folds.iter().flat_map(|fold| fold.test_rows.iter().copied()).collect();
    predicted.sort_unstable();
    predicted.dedup();
    predicted.iter().enumerate().for_each(|(at, &row)| place[row] = Some(at));

    let mut probe = Probe {
        objective,
        per_row: 1,
        prediction: Vec::new(),
        training_prediction: Vec::new(),
        linear_predictor: Vec::new(),
        straight: None,
        fold_of_row: vec![0; predicted.len()],
        rows: predicted,
        penalty,
    };
    let count = probe.rows.len();
    let mut trained = vec![0.0; count];
    for (number, (fold, (fitted, _))) in folds.iter().zip(fits).enumerate() {
        let (predictions, predictors) = read(fitted, &fold.test.view());
        let (of_training, _) = read(fitted, &fold.train.view());
        if number == 0 {
            probe.per_row = predictions.len() / fold.test_rows.len().max(1);
            probe.prediction = vec![f64::NAN; count * probe.per_row];
            probe.training_prediction = vec![0.0; count * probe.per_row];
            probe.linear_predictor = vec![f64::NAN; count * predictors.len() / fold.test_rows.len().max(1)];
        }
        for (at, &row) in fold.test_rows.iter().enumerate() {
            let Some(place) = place[row] else { continue };
            probe.fold_of_row[place] = number;
            put(&mut probe.prediction, place, &predictions, at, fold.test_rows.len());
            put(&mut probe.linear_predictor, place, &predictors, at, fold.test_rows.len());
        }
        for (at, &row) in fold.train_rows.iter().enumerate() {
            let Some(place) = place[row] else { continue };
            trained[place] += 1.0;
            for class in 0..probe.per_row {
                probe.training_prediction[place * probe.per_row + class] += of_training[at * probe.per_row + class];
            }
        }
    }
    for (at, sum) in probe.training_prediction.iter_mut().enumerate() {
        *sum /= trained[at / probe.per_row];
    }
    probe
}

/// Copies the numbers of row `at` of `count` to the place of a row.
fn put(to: &mut [f64], place: usize, from: &[f64], at: usize, count: usize) {
    let per_row = from.len() / count;
    to[place * per_row..(place + 1) * per_row].copy_from_slice(&from[at * per_row..(at + 1) * per_row]);
}

/// Predictions and linear predictors of some rows.
fn read(fitted: &FittedModel, sample: &Sample) -> (Vec<f64>, Vec<f64>) {
    let outputs = fitted.outputs(sample);
    match fitted.decode(&outputs) {
        Prediction::Number(means) => {
            let is_logarithm = fitted.objective() == Objective::Poisson;
            let predictors = if is_logarithm { means.iter().map(|mean| mean.ln()).collect() } else { means.clone() };
            (means, predictors)
        }
        Prediction::Classes { probabilities, .. } => (probabilities, outputs),
        other => (other.numbers(), outputs),
    }
}
