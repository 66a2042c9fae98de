//! The linear model: a linear predictor for each output, fitted to the minimum of the penalised mean loss.

mod cholesky;
mod lbfgs;
mod mean_loss;
mod newton;

use mean_loss::MeanLoss;
use minimand::tensor::{Rng, Tensor};
use newton::Minimum;

use super::{FitError, FitSetting, Objective, Sample, SampleRows, objective::Formulation};

/// Weights and constant of each output, and the numbers that all rows share.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LinearModel {
    width: usize,
    outputs: usize,
    /// Row-major `[width + 1, outputs]`; the last row holds the constants.
    weights: Vec<f64>,
    pub(super) shared: Vec<f64>,
}

impl LinearModel {
    /// The outputs for some rows, row-major, without offsets.
    pub(super) fn outputs(&self, sample: &Sample) -> Vec<f64> {
        let weights = Tensor::from_vec(self.weights.clone(), [self.width + 1, self.outputs]);
        design(sample).matmul(&weights).to_vec()
    }

    /// The weights of an output, and its constant last.
    pub(super) fn weights_of(&self, output: usize) -> Vec<f64> {
        self.weights.iter().skip(output).step_by(self.outputs).copied().collect()
    }
}

/// The features with a column of ones behind them, f64.
fn design(sample: &Sample) -> Tensor {
    let (rows, width) = (sample.rows(), sample.width);
    let mut values = Vec::with_capacity(rows * (width + 1));
    for row in 0..rows {
        values.extend(sample.features[row * width..(row + 1) * width].iter().map(|&value| f64::from(value)));
        values.push(1.0);
    }
    Tensor::from_vec(values, [rows, width + 1])
}

/// The most weights whose Hessian is formed, and the most products that may be summed for it.
const NEWTON_WEIGHTS: usize = 640;
const NEWTON_PRODUCTS: usize = 1_500_000_000;
/// The width over which a kink is rounded off, at the end, in units of the spread: narrow, but so that on a large table some rows for each
/// weight lie within it, without which there is no curvature to go by.
fn last_width(rows: usize, weights: usize) -> f64 {
    if rows * weights <= 100_000 { 1e-4 } else { (weights as f64 / rows as f64).clamp(1e-4, 1e-2) }
}

/// Fits to the minimum.
pub(super) fn fit(formulation: &Formulation, sample: &Sample, setting: &FitSetting) -> Result<LinearModel, FitError> {
    let objective = formulation.objective;
    let outputs = formulation.outputs();
    let mut start = vec![0.0; sample.width * outputs];
    start.extend(&formulation.start);
    start.extend(&formulation.shared);

    let minimum = minimum(formulation, sample, setting, start).map_err(|error| match error {
        // Of its kin, that it was to start from.
        FitError::Diverged { cause, .. } => FitError::diverged(objective, cause),
        other => other,
    })?;
    if let Some(weight) = minimum.point.iter().find(|weight| !weight.is_finite()) {
        return Err(FitError::diverged(objective, format!("a weight is {weight}")));
    }
    let (weights, shared) = minimum.point.split_at((sample.width + 1) * outputs);
    Ok(LinearModel { width: sample.width, outputs, weights: weights.to_vec(), shared: shared.to_vec() })
}

/// The minimum, by way of a kin of the objective where that is needed.
fn minimum(
    formulation: &Formulation,
    sample: &Sample,
    setting: &FitSetting,
    start: Vec<f64>,
) -> Result<Minimum, FitError> {
    match formulation.objective {
        Objective::BetaGaussian { beta } => reweighted(formulation, sample, setting, start, beta),
        // Of a loss that hardly pulls where it is far off, the minimum next to that of its convex kin.
        Objective::Tukey { c } => {
            let kin = kin(formulation, Objective::Huber { delta: c / 4.685 * 1.345 });
            let near = descend(&kin, sample, setting, None, start)?;
            descend(formulation, sample, setting, None, near.point)
        }
        Objective::GeneralisedCrossEntropy { .. } => {
            let near = descend(&kin(formulation, Objective::MulticlassCrossEntropy), sample, setting, None, start)?;
            descend(formulation, sample, setting, None, near.point)
        }
        Objective::LambdaRank | Objective::ApproxNdcg => {
            let near = descend(&kin(formulation, Objective::ListPairwise), sample, setting, None, start)?;
            descend(formulation, sample, setting, None, near.point)
        }
        Objective::SquaredError
        | Objective::AbsoluteError
        | Objective::Huber { .. }
        | Objective::Quantile { .. }
        | Objective::Expectile { .. }
        | Objective::LogSquaredError
        | Objective::SquaredLogarithmicError
        | Objective::AbsolutePercentageError
        | Objective::Poisson
        | Objective::Gamma
        | Objective::Tweedie { .. }
        | Objective::InverseGaussian
        | Objective::Gaussian
        | Objective::StudentT { .. }
        | Objective::LogNormal
        | Objective::GammaLikelihood
        | Objective::NegativeBinomial
        | Objective::ZeroInflatedPoisson
        | Objective::ZeroInflatedNegativeBinomial
        | Objective::TwoPart
        | Objective::TwoQuantiles { .. }
        | Objective::CrossEntropy
        | Objective::WeightedCrossEntropy { .. }
        | Objective::Focal { .. }
        | Objective::Brier
        | Objective::Hinge
        | Objective::PairwiseLogistic
        | Objective::LogitAdjusted { .. }
        | Objective::MulticlassCrossEntropy
        | Objective::ClassBalanced { .. }
        | Objective::MulticlassLogitAdjusted { .. }
        | Objective::LabelSmoothing { .. }
        | Objective::Corn
        | Objective::CumulativeLink
        | Objective::ListSoftmax
        | Objective::ListPairwise
        | Objective::Pointwise => descend(formulation, sample, setting, None, start),
    }
}

/// The same unit and outputs under another loss.
fn kin(formulation: &Formulation, objective: Objective) -> Formulation {
    Formulation { objective, ..formulation.clone() }
}

/// The minimum of the Gaussian likelihood whose rows weigh variance^β at that same minimum: where the slopes of β-NLL vanish, which holds its
/// weights fixed.
fn reweighted(
    formulation: &Formulation,
    sample: &Sample,
    setting: &FitSetting,
    start: Vec<f64>,
    beta: f64,
) -> Result<Minimum, FitError> {
    const ROUNDS: usize = 30;
    let gaussian = kin(formulation, Objective::Gaussian);
    let mut minimum = descend(&gaussian, sample, setting, None, start)?;
    let own = |row: usize| sample.weight.map_or(1.0, |weight| weight[row]);
    for _ in 0..ROUNDS {
        let model = LinearModel { width: sample.width, outputs: 2, weights: minimum.point.clone(), shared: Vec::new() };
        let outputs = model.outputs(sample);
        let of_row = |(row, pair): (usize, &[f64])| own(row) * (beta * pair[1]).clamp(-60.0, 60.0).exp();
        let weight: Vec<f64> = outputs.chunks_exact(2).enumerate().map(of_row).collect();
        let next = descend(&gaussian, sample, setting, Some(&weight), minimum.point.clone())?;
        let moved = next.point.iter().zip(&minimum.point).map(|(new, old)| (new - old).abs()).fold(0.0, f64::max);
        minimum = next;
        if moved < 1e-7 {
            break;
        }
    }
    Ok(minimum)
}

/// Minimises one loss; where it has a kink, over narrower and narrower roundings.
fn descend(
    formulation: &Formulation,
    sample: &Sample,
    setting: &FitSetting,
    weight: Option<&[f64]>,
    start: Vec<f64>,
) -> Result<Minimum, FitError> {
    let sample = &Sample { weight: weight.or(sample.weight), ..*sample };
    let (inputs, outputs) = (sample.width + 1, formulation.outputs());
    let products = outputs * (outputs + 1) / 2 * inputs * inputs * sample.rows();
    // One output is worth it always: a kink leaves L-BFGS little to go by.
    let newton = start.len() <= NEWTON_WEIGHTS
        && (outputs == 1 || products <= NEWTON_PRODUCTS)
        && !formulation.objective.is_of_lists();
    let mut scale = Vec::new();
    let settled = if formulation.objective.has_kink() { 1e-9 } else { 1e-13 };
    let mut minimise = |function: &MeanLoss, start: Vec<f64>, is_last: bool| match (newton, is_last) {
        (true, true) => newton::minimise(function, start, &mut scale, settled, 100),
        (true, false) => newton::minimise(function, start, &mut scale, 1e-5, 12),
        (false, true) => lbfgs::minimise(function, start, 1e-7, 400),
        (false, false) => lbfgs::minimise(function, start, 1e-4, 60),
    };
    let mut point = start;
    let mut width = if formulation.objective.has_kink() { 1.0 } else { f64::NAN };
    let few = 1000.max(10 * inputs);
    if formulation.objective.has_kink() && sample.rows() > 2 * few {
        // While the rounding is coarse, some of the rows tell as much as all of them.
        let part = some(sample, few);
        let mut function = MeanLoss::new(formulation, &part.view(), setting)?;
        while width > 0.08 {
            function.width = width;
            point = minimise(&function, point, false).point;
            width *= 0.3;
        }
    }
    let mut function = MeanLoss::new(formulation, sample, setting)?;
    if formulation.objective.has_kink() {
        let last = last_width(sample.rows(), inputs);
        while width > last {
            function.width = width;
            point = minimise(&function, point, false).point;
            width *= 0.3;
        }
        function.width = last;
    }
    let minimum = minimise(&function, point, true);
    if minimum.value.is_finite() {
        Ok(minimum)
    } else {
        Err(FitError::diverged(formulation.objective, format!("the mean loss at the start is {}", minimum.value)))
    }
}

/// So many rows of a sample, drawn at random but always the same ones.
fn some(sample: &Sample, count: usize) -> SampleRows {
    let rows = &Rng::seed(0).permutation(sample.rows())[..count];
    let select = |column: &[f64]| rows.iter().map(|&row| column[row]).collect::<Vec<f64>>();
    let features = |&row: &usize| &sample.features[row * sample.width..(row + 1) * sample.width];
    SampleRows {
        features: rows.iter().flat_map(features).copied().collect(),
        width: sample.width,
        target: select(sample.target),
        weight: sample.weight.map(select),
        offset: sample.offset.map(select),
        lists: None,
        classes: sample.classes,
    }
}
