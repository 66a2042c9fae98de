//! The penalised mean loss of a sample as a function of all weights.
//!
//! Gradients and Hessians are derived by the library from the loss of a row; this is where a derivative by the predictor becomes one by the
//! weights: XᵀHX.

use minimand::tensor::{Compiled, DType, Tensor, compile, grad};

use super::{design, newton::Smooth};
use crate::model::{
    FitError, FitSetting, Sample,
    lists::{ListBucket, buckets},
    objective::{Formulation, Targets, as_type},
};

/// A function of tensors that is compiled once for a fit.
type Plan = Compiled<Box<dyn Fn(&[Tensor]) -> Vec<Tensor>>>;

/// The penalised mean loss of a sample, as a function of all weights.
pub(super) struct MeanLoss {
    inputs: usize,
    outputs: usize,
    shared: usize,
    penalty: f64,
    /// Over which a kink is rounded off.
    pub(super) width: f64,
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
    pub(super) fn new(formulation: &Formulation, sample: &Sample, setting: &FitSetting) -> Result<Self, FitError> {
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
        let slopes = grad(&total, by);
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
                let derivatives = grad(&slope, [&outputs, shared]);
                results.push(transposed.matmul(&derivatives[0]));
                results.push(derivatives[1].clone());
            }
        }
        results
    }
}
