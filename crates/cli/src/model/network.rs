//! The small network: two hidden layers of 32 ReLUs, trained by AdamW.

use minimand::{
    nn::{Activation, Mlp, Module},
    optim::{AdamW, AdamWOptions, Optimizer, Schedule},
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

/// A training under way.
///
/// Where the outputs and the shared numbers start is held fixed and added to what is learnt, so that weight decay draws towards the constant of
/// the data and not towards 0.
struct Run<'a> {
    formulation: &'a Formulation,
    sample: &'a Sample<'a>,
    setting: &'a FitSetting,
    model: Mlp,
    start: Tensor,
    /// Beside where they start.
    shared: Option<Parameter>,
    optimizer: AdamW,
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
        let mean = sample.weight.map_or(1.0, |weight| weight.iter().sum::<f64>() / rows as f64);
        let weight = sample.weight.map(|weight| {
            let weight: Vec<f64> = weight.iter().map(|weight| weight / mean).collect();
            narrow(&weight, &[rows])
        });
        Ok(Self {
            targets: Targets::of(formulation, sample.target, DType::F32)
                .map_err(|error| FitError::diverged(objective, error))?,
            offset: sample.offset.map(|offset| narrow(&formulation.offsets(offset), &[rows, outputs])),
            start: narrow(&formulation.start, &[outputs]),
            order: Rng::seed(setting.seed.wrapping_add(0x9E37_79B9_7F4A_7C15)),
            formulation,
            sample,
            setting,
            model,
            shared,
            optimizer,
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
            let outputs = self.outputs(&rows);
            let targets = self.targets.select(&rows);
            let shared = self.shared();
            let mut losses = self.formulation.losses(&outputs, shared.as_ref(), &targets, None);
            if let Some(weight) = &self.weight {
                losses *= weight.index_select(0, &rows).computed();
            }
            self.step(&losses.mean())?;
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
            let shape = [batch.len(), batch.length];
            let scores = self.outputs(&rows).reshape(shape);
            let relevance = self.targets.select(&rows).numbers.reshape(shape);
            let losses = self.formulation.losses_of_lists(&scores, &relevance, &batch.mask());
            let total: f64 = batch.weight.iter().sum();
            let weight: Vec<f64> = batch.weight.iter().map(|weight| weight / total.max(f64::MIN_POSITIVE)).collect();
            self.step(&(losses * narrow(&weight, &[batch.len()])).sum())?;
        }
        Ok(())
    }

    fn outputs(&self, rows: &Tensor) -> Tensor {
        let outputs = self.model.forward(&self.features.index_select(0, rows).computed()) + &self.start;
        match &self.offset {
            Some(offset) => outputs + offset.index_select(0, rows).computed(),
            None => outputs,
        }
    }

    fn shared(&self) -> Option<Tensor> {
        let start = &self.formulation.shared;
        self.shared.as_ref().map(|learnt| learnt.value() + narrow(start, &[start.len()]))
    }

    fn step(&mut self, loss: &Tensor) -> Result<(), FitError> {
        let objective = self.formulation.objective;
        self.optimizer.step(loss).map(|_| ()).map_err(|error| FitError::diverged(objective, error))
    }

    /// A copy of the network as it is.
    fn network(&self, epoch: usize) -> Network {
        let shared = self.shared().map_or_else(Vec::new, |shared| shared.to_vec());
        Network { model: self.model.clone(), start: self.start.clone(), shared, kept: epoch }
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
