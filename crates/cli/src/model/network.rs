//! The small network: two hidden layers of 32 ReLUs, trained by AdamW.

use std::sync::Arc;

use minimand::{
    nn::{Activation, Mlp, Module},
    optim::{AdamW, AdamWOptions, CompiledStep, Optimizer, Schedule},
    tensor::{DType, Parameter, Rng, Tensor},
};

use super::{
    FitError, FitSetting, Sample, Validation,
    lists::{ListBucket, buckets},
    objective::{Formulation, Targets},
};

/// Widths of the hidden layers.
const HIDDEN: [usize; 2] = [32, 32];
/// Steps that an epoch has at least, where a batch of [`LEAST_BATCH`] rows allows it.
const STEPS: usize = 20;
/// Rows in a batch at least.
const LEAST_BATCH: usize = 8;

/// A trained network with the weights of the epoch that was kept.
#[derive(Debug)]
pub(super) struct Network {
    model: Mlp,
    /// Added to the model's outputs: see [`Run`].
    start: Tensor,
    pub(super) shared: Vec<f64>,
    /// From 1.
    pub(super) kept: usize,
}

impl Network {
    /// The outputs for some rows, row-major, without offsets.
    pub(super) fn outputs(&self, sample: &Sample) -> Vec<f64> {
        (self.model.forward(&features(sample)) + &self.start).to_vec()
    }
}

/// The features, with a column of zeros where there is none: a layer has an input at least.
fn features(sample: &Sample) -> Tensor {
    match sample.width {
        0 => Tensor::zeros([sample.rows(), 1]),
        width => Tensor::from_vec(sample.features.to_vec(), [sample.rows(), width]),
    }
}

/// Trains for all epochs and keeps the one that the judge likes best.
pub(super) fn train(
    formulation: &Formulation,
    train: &Sample,
    validation: Option<&Validation>,
    setting: &FitSetting,
) -> Result<Network, FitError> {
    let objective = formulation.objective;
    let mut training = Run::new(formulation, train, setting)?;
    let mut kept: Option<(f64, Network)> = None;
    for epoch in 1..=setting.epochs.max(1) {
        if let Err(error) = training.pass() {
            // What was learnt before counts.
            return kept.map(|(_, network)| network).ok_or(error);
        }
        let network = training.network(epoch);
        let value = match validation {
            Some(Validation { sample, judge }) => {
                let mut outputs = network.outputs(sample);
                let offsets = sample.offset.map(|offset| formulation.offsets(offset));
                offsets.iter().flatten().zip(&mut outputs).for_each(|(offset, output)| *output += offset);
                if outputs.iter().all(|output| output.is_finite()) {
                    let spread = formulation.spread(&outputs, sample.target, sample.weight, 0);
                    judge(&formulation.predict(&outputs, &network.shared, spread))
                } else {
                    f64::NAN
                }
            }
            // Without a judge the last one is kept.
            None => -(epoch as f64),
        };
        if !value.is_nan() && kept.as_ref().is_none_or(|(least, _)| value < *least) {
            kept = Some((value, network));
        }
    }
    let (_, network) = kept.ok_or_else(|| FitError::diverged(objective, "no epoch could be judged"))?;
    Ok(network)
}

/// What is trained.
#[derive(Clone)]
struct Learner {
    model: Arc<Mlp>,
    start: Tensor,
    /// Beside where they start.
    shared: Option<Parameter>,
    shared_start: Vec<f64>,
}

impl Learner {
    /// The outputs of rows with these features and offsets.
    fn outputs(&self, features: &Tensor, offset: Option<&Tensor>) -> Tensor {
        let outputs = self.model.forward(features) + &self.start;
        match offset {
            Some(offset) => outputs + offset,
            None => outputs,
        }
    }

    fn shared(&self) -> Option<Tensor> {
        let start = &self.shared_start;
        self.shared.as_ref().map(|learnt| learnt.value() + narrow(start, &[start.len()]))
    }
}

/// How steps are taken.
enum Stepping {
    /// Traced once, where the targets are tensors.
    Compiled(Box<CompiledStep<AdamWOptions>>),
    /// Each built anew, where they are labels.
    Built(Box<AdamW>),
}

impl Stepping {
    fn of(optimizer: AdamW, learner: &Learner, formulation: &Formulation, sample: &Sample, of_labels: bool) -> Self {
        if of_labels {
            return Self::Built(Box::new(optimizer));
        }
        let (learner, formulation) = (learner.clone(), formulation.clone());
        let (weighted, offset) = (sample.weight.is_some(), sample.offset.is_some());
        let loss = move |data: &[Tensor]| {
            let outputs = learner.outputs(&data[0], offset.then(|| &data[data.len() - 1]));
            if formulation.objective.is_of_lists() {
                let [_, relevance, mask, weight, ..] = data else { unreachable!("a batch of lists has a mask") };
                let (scores, relevance) = (outputs.reshape(mask.shape()), relevance.reshape(mask.shape()));
                return (formulation.losses_of_lists(&scores, &relevance, mask) * weight).sum();
            }
            let targets = Targets::of_numbers(data[1].clone());
            let losses = formulation.losses(&outputs, learner.shared().as_ref(), &targets, None);
            if weighted { (losses * &data[2]).mean() } else { losses.mean() }
        };
        Self::Compiled(Box::new(CompiledStep::new(optimizer, loss)))
    }
}

/// A training under way.
///
/// Where the outputs and the shared numbers start is held fixed and added to what is learnt, so that weight decay draws towards the constant of
/// the data and not towards 0.
struct Run<'a> {
    formulation: &'a Formulation,
    sample: &'a Sample<'a>,
    setting: &'a FitSetting,
    learner: Learner,
    stepping: Stepping,
    features: Tensor,
    targets: Targets,
    weight: Option<Tensor>,
    offset: Option<Tensor>,
    lists: Vec<ListBucket>,
    batch: usize,
    order: Rng,
}

impl<'a> Run<'a> {
    fn new(formulation: &'a Formulation, sample: &'a Sample, setting: &'a FitSetting) -> Result<Self, FitError> {
        let objective = formulation.objective;
        let (rows, outputs) = (sample.rows(), formulation.outputs());
        let features = features(sample);
        let sizes: Vec<usize> = [features.shape()[1]].into_iter().chain(HIDDEN).chain([outputs]).collect();
        let model = Mlp::new(&sizes, Activation::Relu, &mut Rng::seed(setting.seed));
        let constants = model.layers()[HIDDEN.len()].bias().expect("a layer has constants unless told otherwise");
        constants.set(Tensor::zeros([outputs]));
        let shared = (!formulation.shared.is_empty())
            .then(|| Parameter::new("shared", Tensor::zeros([formulation.shared.len()])));

        let lists = if objective.is_of_lists() { buckets(objective, sample, setting.seed)? } else { Vec::new() };
        let batch = setting.batch.min((rows / STEPS).max(LEAST_BATCH)).max(1);
        let steps = if objective.is_of_lists() {
            lists.iter().map(|bucket| bucket.len().div_ceil(lists_in_batch(setting.batch, rows, bucket))).sum()
        } else {
            rows.div_ceil(batch)
        };
        let options = AdamWOptions {
            learning_rate: setting.learning_rate,
            weight_decay: setting.weight_decay,
            ..AdamWOptions::default()
        };
        let parameters: Vec<Parameter> = model.parameters().into_iter().chain(shared.clone()).collect();
        let period = (setting.epochs * steps).max(1) as u64;
        let optimizer = AdamW::new(&parameters, options).with_schedule(Schedule::Cosine { period, minimum: 0.0 });
        let shared_start = formulation.shared.clone();
        let learner =
            Learner { model: Arc::new(model), start: narrow(&formulation.start, &[outputs]), shared, shared_start };
        let targets = Targets::of(formulation, sample.target, DType::F32)
            .map_err(|error| FitError::diverged(objective, error))?;
        let stepping = Stepping::of(optimizer, &learner, formulation, sample, targets.are_labels());
        let mean = sample.weight.map_or(1.0, |weight| weight.iter().sum::<f64>() / rows as f64);
        let weight = sample.weight.map(|weight| {
            let weight: Vec<f64> = weight.iter().map(|weight| weight / mean).collect();
            narrow(&weight, &[rows])
        });
        Ok(Self {
            targets,
            offset: sample.offset.map(|offset| narrow(&formulation.offsets(offset), &[rows, outputs])),
            order: Rng::seed(setting.seed.wrapping_add(0x9E37_79B9_7F4A_7C15)),
            formulation,
            sample,
            setting,
            learner,
            stepping,
            features,
            weight,
            lists,
            batch,
        })
    }

    /// One pass over the rows.
    fn pass(&mut self) -> Result<(), FitError> {
        if self.formulation.objective.is_of_lists() { self.pass_over_lists() } else { self.pass_over_rows() }
    }

    fn pass_over_rows(&mut self) -> Result<(), FitError> {
        let order = self.order.permutation(self.sample.rows());
        for rows in order.chunks(self.batch) {
            let rows = positions(rows);
            let select = |tensor: &Tensor| tensor.index_select(0, &rows).computed();
            let features = select(&self.features);
            let targets = self.targets.select(&rows);
            let (weight, offset) = (self.weight.as_ref().map(select), self.offset.as_ref().map(select));
            match &mut self.stepping {
                Stepping::Compiled(step) => {
                    let data = [&features, &targets.numbers].into_iter().chain(&weight).chain(&offset);
                    step.step(data).map_err(|error| FitError::diverged(self.formulation.objective, error))?;
                }
                Stepping::Built(optimizer) => {
                    let outputs = self.learner.outputs(&features, offset.as_ref());
                    let shared = self.learner.shared();
                    let mut losses = self.formulation.losses(&outputs, shared.as_ref(), &targets, None);
                    if let Some(weight) = &weight {
                        losses *= weight;
                    }
                    let objective = self.formulation.objective;
                    optimizer.step(&losses.mean()).map_err(|error| FitError::diverged(objective, error))?;
                }
            }
        }
        Ok(())
    }

    fn pass_over_lists(&mut self) -> Result<(), FitError> {
        let mut batches: Vec<ListBucket> = Vec::new();
        for bucket in &self.lists {
            let size = lists_in_batch(self.setting.batch, self.sample.rows(), bucket);
            let order = self.order.permutation(bucket.len());
            batches.extend(order.chunks(size).map(|lists| bucket.select(lists).filled_up(size)));
        }
        for place in self.order.permutation(batches.len()) {
            let batch = &batches[place];
            let rows = batch.index();
            let select = |tensor: &Tensor| tensor.index_select(0, &rows).computed();
            let (features, relevance) = (select(&self.features), select(&self.targets.numbers));
            let offset = self.offset.as_ref().map(select);
            let total: f64 = batch.weight.iter().sum();
            let weight: Vec<f64> = batch.weight.iter().map(|weight| weight / total.max(f64::MIN_POSITIVE)).collect();
            let (mask, weight) = (batch.mask(), narrow(&weight, &[batch.len()]));
            let Stepping::Compiled(step) = &mut self.stepping else { unreachable!("relevance is no label") };
            let data = [&features, &relevance, &mask, &weight].into_iter().chain(&offset);
            step.step(data).map_err(|error| FitError::diverged(self.formulation.objective, error))?;
        }
        Ok(())
    }

    /// A copy of the network as it is.
    fn network(&self, epoch: usize) -> Network {
        let shared = self.learner.shared().map_or_else(Vec::new, |shared| shared.to_vec());
        Network { model: Mlp::clone(&self.learner.model), start: self.learner.start.clone(), shared, kept: epoch }
    }
}

/// As many lists as have about the rows of a batch.
fn lists_in_batch(batch: usize, rows: usize, bucket: &ListBucket) -> usize {
    (batch.min((rows / STEPS).max(LEAST_BATCH)) / bucket.length).clamp(1, bucket.len())
}

fn positions(rows: &[usize]) -> Tensor {
    Tensor::from(rows.iter().map(|&row| row as i64).collect::<Vec<i64>>())
}

fn narrow(numbers: &[f64], shape: &[usize]) -> Tensor {
    Tensor::from_vec(numbers.iter().map(|&number| number as f32).collect(), shape.to_vec())
}
