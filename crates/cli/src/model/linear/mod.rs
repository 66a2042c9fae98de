//! The linear model: a linear predictor for each output, fitted to the minimum of the penalised mean loss.
//!
//! Gradients and Hessians are derived by the library from the loss of a row; this is where a derivative by the predictor becomes one by the
//! weights: XᵀHX.

mod cholesky;
mod lbfgs;
mod newton;

use minimand::tensor::{Compiled, DType, Rng, Tensor, compile};
use newton::{Minimum, Smooth};

use super::{
    FitError, FitSetting, Objective, Sample, SampleRows,
    lists::{ListBucket, buckets},
    objective::{Formulation, Targets, as_type},
};

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

/// The most weights whose Hessian is formed.
const NEWTON_WEIGHTS: usize = 640;
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
        _ => descend(formulation, sample, setting, None, start),
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
    let newton = start.len() <= NEWTON_WEIGHTS && !formulation.objective.is_of_lists();
    let mut scale = Vec::new();
    let mut minimise = |function: &MeanLoss, start: Vec<f64>, is_last: bool| match (newton, is_last) {
        (true, true) => newton::minimise(function, start, &mut scale, 1e-13, 100),
        (true, false) => newton::minimise(function, start, &mut scale, 1e-5, 12),
        (false, true) => lbfgs::minimise(function, start, 1e-7, 400),
        (false, false) => lbfgs::minimise(function, start, 1e-4, 60),
    };
    let mut point = start;
    let mut width = if formulation.objective.has_kink() { 1.0 } else { f64::NAN };
    let few = 1000.max(30 * (sample.width + 1));
    if formulation.objective.has_kink() && sample.rows() > 4 * few {
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
        let last = last_width(sample.rows(), sample.width + 1);
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

/// A function of tensors that is compiled once for a fit.
type Plan = Compiled<Box<dyn Fn(&[Tensor]) -> Vec<Tensor>>>;

/// The penalised mean loss of a sample, as a function of all weights.
struct MeanLoss {
    inputs: usize,
    outputs: usize,
    shared: usize,
    penalty: f64,
    /// Over which a kink is rounded off.
    width: f64,
    value: Plan,
    gradient: Plan,
    curvature: Plan,
}

/// What the mean loss is made of.
#[derive(Clone)]
struct Parts {
    formulation: Formulation,
    design: Tensor,
    targets: Targets,
    /// Added to the outputs, `[rows, outputs]`.
    offset: Option<Tensor>,
    /// Of each row; they sum to 1.
    weight: Tensor,
    lists: Vec<(ListBucket, Tensor)>,
}

impl MeanLoss {
    fn new(formulation: &Formulation, sample: &Sample, setting: &FitSetting) -> Result<Self, FitError> {
        let objective = formulation.objective;
        let (rows, outputs, shared) = (sample.rows(), formulation.outputs(), formulation.shared.len());
        let targets = Targets::of(formulation, sample.target, DType::F64)
            .map_err(|error| FitError::diverged(objective, error))?;
        let mut lists = if objective.is_of_lists() { buckets(objective, sample, setting.seed)? } else { Vec::new() };
        let of_lists: f64 = lists.iter().flat_map(|bucket| &bucket.weight).sum();
        lists.iter_mut().flat_map(|bucket| &mut bucket.weight).for_each(|weight| *weight /= of_lists);
        let weight = match sample.weight {
            Some(weight) => weight.to_vec(),
            None => vec![1.0; rows],
        };
        let total: f64 = weight.iter().sum();
        let parts = Parts {
            formulation: formulation.clone(),
            design: design(sample),
            targets,
            offset: sample.offset.map(|offset| as_type(formulation.offsets(offset), &[rows, outputs], DType::F64)),
            weight: Tensor::from(weight.iter().map(|weight| weight / total).collect::<Vec<f64>>()),
            lists: lists.into_iter().map(|bucket| (bucket.clone(), Tensor::from(bucket.weight))).collect(),
        };
        let plan = |make: fn(&Parts, &[Tensor]) -> Vec<Tensor>| -> Plan {
            let parts = parts.clone();
            compile(Box::new(move |arguments: &[Tensor]| make(&parts, arguments)))
        };
        Ok(Self {
            inputs: sample.width + 1,
            outputs,
            shared,
            penalty: setting.penalty,
            width: 1.0,
            value: plan(|parts, arguments| vec![parts.total(arguments).1]),
            gradient: plan(Parts::gradient),
            curvature: plan(Parts::curvature),
        })
    }

    /// Weights, shared numbers if any, and the width, as tensors.
    fn arguments(&self, point: &[f64]) -> Vec<Tensor> {
        let (weights, shared) = point.split_at(self.inputs * self.outputs);
        let mut arguments = vec![Tensor::from_vec(weights.to_vec(), [self.inputs, self.outputs])];
        arguments.push(Tensor::scalar(self.width));
        if self.shared > 0 {
            arguments.push(Tensor::from(shared));
        }
        arguments
    }

    /// Places of the weights that the penalty is on.
    fn penalised(&self) -> std::ops::Range<usize> {
        0..(self.inputs - 1) * self.outputs
    }

    fn penalty_of(&self, point: &[f64]) -> f64 {
        0.5 * self.penalty * point[self.penalised()].iter().map(|weight| weight * weight).sum::<f64>()
    }

    fn with_penalty(&self, point: &[f64], value: f64, mut slope: Vec<f64>) -> (f64, Vec<f64>) {
        for place in self.penalised() {
            slope[place] += self.penalty * point[place];
        }
        (value + self.penalty_of(point), slope)
    }
}

impl Smooth for MeanLoss {
    fn value(&self, point: &[f64]) -> f64 {
        self.value.call(&self.arguments(point))[0].item() + self.penalty_of(point)
    }

    fn gradient(&self, point: &[f64]) -> (f64, Vec<f64>) {
        let results = self.gradient.call(&self.arguments(point));
        let slope = results[1..].iter().flat_map(Tensor::to_vec::<f64>).collect();
        self.with_penalty(point, results[0].item(), slope)
    }

    fn curvature(&self, point: &[f64]) -> (f64, Vec<f64>, Vec<f64>) {
        let results = self.curvature.call(&self.arguments(point));
        let (inputs, outputs) = (self.inputs, self.outputs);
        let size = point.len();
        let mut hessian = vec![0.0; size * size];
        let mut set = |a: usize, b: usize, value: f64| {
            hessian[a * size + b] = value;
            hessian[b * size + a] = value;
        };
        let mut results = results.into_iter();
        let mut next = || results.next().expect("as many results as the function has").to_vec::<f64>();
        let value = next()[0];
        let mut slope = next();
        if self.shared > 0 {
            slope.extend(next());
        }
        for a in 0..outputs {
            for b in a..outputs {
                let block = next();
                for i in 0..inputs {
                    for j in 0..inputs {
                        // Only the half that a symmetric block is certain to agree on.
                        if a != b || j <= i {
                            set(i * outputs + a, j * outputs + b, block[i * inputs + j]);
                        }
                    }
                }
            }
        }
        for number in 0..self.shared {
            let place = inputs * outputs + number;
            let (cross, own) = (next(), next());
            cross.iter().enumerate().for_each(|(weight, &value)| set(weight, place, value));
            own.iter().enumerate().for_each(|(other, &value)| set(inputs * outputs + other, place, value));
        }
        for place in self.penalised() {
            hessian[place * size + place] += self.penalty;
        }
        let (value, slope) = self.with_penalty(point, value, slope);
        (value, slope, hessian)
    }
}

impl Parts {
    /// The outputs and the weighted mean loss.
    fn total(&self, arguments: &[Tensor]) -> (Tensor, Tensor) {
        let [weights, width, shared @ ..] = arguments else { unreachable!("weights and width are passed") };
        let outputs = self.design.matmul(weights);
        let outputs = match &self.offset {
            Some(offset) => outputs + offset,
            None => outputs,
        };
        let total = if self.formulation.objective.is_of_lists() {
            self.of_lists(&outputs)
        } else {
            let losses = self.formulation.losses(&outputs, shared.first(), &self.targets, Some(width));
            (losses * &self.weight).sum()
        };
        (outputs, total)
    }

    fn of_lists(&self, outputs: &Tensor) -> Tensor {
        let scores = outputs.squeeze(-1);
        let of_bucket = |(bucket, weight): &(ListBucket, Tensor)| {
            let index = bucket.index();
            let shaped = |values: &Tensor| values.index_select(0, &index).reshape([bucket.len(), bucket.length]);
            let losses =
                self.formulation.losses_of_lists(&shaped(&scores), &shaped(&self.targets.numbers), &bucket.mask());
            (losses * weight).sum()
        };
        // No list with a pair: nothing to learn.
        self.lists.iter().map(of_bucket).reduce(|sum, term| sum + term).unwrap_or_else(|| 0.0 * scores.sum())
    }

    /// Value, slope by the weights, and by the shared numbers if there are any.
    fn gradient(&self, arguments: &[Tensor]) -> Vec<Tensor> {
        let (_, total) = self.total(arguments);
        let by = arguments[..1].iter().chain(&arguments[2..]);
        let slopes = minimand::tensor::grad(&total, by);
        std::iter::once(total).chain(slopes).collect()
    }

    /// Value and slopes; for each pair of outputs XᵀHX; for each shared number its cross derivatives with the weights, and with the others.
    fn curvature(&self, arguments: &[Tensor]) -> Vec<Tensor> {
        let (outputs, total) = self.total(arguments);
        let count = outputs.shape()[1];
        let transposed = self.design.transpose();
        let slope = total.grad(&outputs);
        let mut results = vec![total.clone(), transposed.matmul(&slope)];
        let shared = arguments.get(2);
        let by_shared = shared.map(|shared| total.grad(shared));
        results.extend(by_shared.clone());
        for a in 0..count {
            // A row's loss depends on that row's outputs alone: the gradient of the sum is the Hessian of each row.
            let second = slope.slice(1, a..=a).sum().grad(&outputs);
            for b in a..count {
                results.push(transposed.matmul(&(&self.design * second.slice(1, b..=b))));
            }
        }
        if let (Some(shared), Some(by_shared)) = (shared, by_shared) {
            for number in 0..shared.elements() {
                let slope = by_shared.slice(0, number..=number).sum();
                let derivatives = minimand::tensor::grad(&slope, [&outputs, shared]);
                results.push(transposed.matmul(&derivatives[0]));
                results.push(derivatives[1].clone());
            }
        }
        results
    }
}
