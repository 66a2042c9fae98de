//! One training, the same for every loss of every chapter: only the loss differs.

use minimand::prelude::*;

use super::{Epoch, Setting, chapter::Watch};

/// A part of the rows, as tensors.
pub(super) struct Rows {
    features: Tensor,
    target: Tensor,
}

impl Rows {
    /// From standardised features, row after row, and one target for each row.
    pub(super) fn new(features: &[f64], target: &[f64]) -> Self {
        let tensor =
            |values: &[f64], shape: Shape| Tensor::from_vec(values.iter().map(|&value| value as f32).collect(), shape);
        let (rows, columns) = (target.len(), features.len() / target.len());
        Self { features: tensor(features, Shape::from([rows, columns])), target: tensor(target, Shape::from([rows])) }
    }
}

/// What is trained, on what.
pub(super) struct Training<'a> {
    /// What people call it: for the error message.
    pub(super) name: String,
    /// One loss for each row, of the model's outputs and the targets.
    pub(super) loss: &'a dyn Fn(&Tensor, &Tensor) -> Tensor,
    /// Rows to fit on.
    pub(super) train: &'a Rows,
    /// Rows that choose the epoch.
    pub(super) validation: &'a Rows,
    /// The share of the gradient in question, of the training rows' outputs and ∂loss/∂output.
    pub(super) gradient_share: &'a dyn Fn(&[f64], &[f64]) -> f64,
    /// Initial weights and order of the rows.
    pub(super) seed: u64,
}

/// A model with the weights of its best epoch, and how it came to them.
pub(super) struct Trained {
    model: Mlp,
    /// The untrained network (number 0), then every epoch.
    pub(super) epochs: Vec<Epoch>,
    /// The epoch whose weights were kept.
    pub(super) kept: usize,
}

/// Why a training came to nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TrainingError {
    /// A number that is not finite.
    #[error("training with {loss} diverged in epoch {epoch}: {cause}")]
    Diverged {
        /// The loss.
        loss: String,
        /// The epoch, from 1; 0 for the untrained network.
        epoch: usize,
        /// What was not finite.
        cause: String,
    },
    /// Somebody pressed Ctrl-C.
    #[error("stopped")]
    Stopped,
}

impl Training<'_> {
    /// Trains for all epochs of the setting, and keeps the weights of the one with the lowest loss on the validation rows.
    pub(super) fn run(&self, setting: &Setting, watch: &Watch<'_>) -> Result<Trained, TrainingError> {
        let mut rng = Rng::seed(self.seed);
        let columns = self.train.features.shape()[1];
        let sizes: Vec<usize> = [columns].into_iter().chain(setting.hidden.iter().copied()).chain([1]).collect();
        let model = Mlp::new(&sizes, Activation::Relu, &mut rng);
        let parameters = model.parameters();

        let batches = Batches::new([&self.train.features, &self.train.target], setting.batch);
        let steps = setting.epochs * batches.len();
        let options = AdamWOptions {
            learning_rate: setting.learning_rate,
            weight_decay: setting.weight_decay,
            ..AdamWOptions::default()
        };
        let mut optimizer =
            AdamW::new(&parameters, options).with_schedule(Schedule::Cosine { period: steps as u64, minimum: 0.0 });

        let mut epochs = vec![self.measure(&model, 0)?];
        let mut kept = (f64::INFINITY, 0, Vec::new());
        for number in 1..=setting.epochs {
            for [features, target] in batches.shuffled(&mut rng) {
                let loss = (self.loss)(&outputs(&model, &features), &target).mean();
                optimizer.step(&loss).map_err(|error| self.diverged(number, error))?;
                watch.step()?;
            }
            let epoch = self.measure(&model, number)?;
            if epoch.validation_loss < kept.0 {
                kept = (epoch.validation_loss, number, parameters.iter().map(Parameter::value).collect());
            }
            epochs.push(epoch);
        }
        let (_, kept, weights) = kept;
        for (parameter, weight) in parameters.iter().zip(weights) {
            parameter.set(weight);
        }
        Ok(Trained { model, epochs, kept })
    }

    /// Loss on both parts, and who holds the gradient of the training rows.
    fn measure(&self, model: &Mlp, number: usize) -> Result<Epoch, TrainingError> {
        // Cut off from the model: the gradient in question is that of the loss by its prediction, one slope for each row.
        let of_train = outputs(model, &self.train.features).detach();
        let losses = (self.loss)(&of_train, &self.train.target);
        let (training_loss, slopes) = (losses.mean(), losses.sum().grad(&of_train));
        let validation_loss = (self.loss)(&outputs(model, &self.validation.features), &self.validation.target).mean();
        eval([&of_train, &training_loss, &slopes, &validation_loss]);
        let epoch = Epoch {
            number,
            training_loss: training_loss.item(),
            validation_loss: validation_loss.item(),
            gradient_share: (self.gradient_share)(&of_train.to_vec(), &slopes.to_vec()),
        };
        for (value, what) in [(epoch.training_loss, "training"), (epoch.validation_loss, "validation")] {
            if !value.is_finite() {
                return Err(self.diverged(number, format!("the loss on the {what} rows is {value}")));
            }
        }
        Ok(epoch)
    }

    /// The kept model's outputs for the rows of a part, whose features no training has seen.
    pub(super) fn outputs(&self, trained: &Trained, rows: &Rows, part: &str) -> Result<Vec<f64>, TrainingError> {
        let outputs = trained.outputs(rows);
        match outputs.iter().find(|output| !output.is_finite()) {
            Some(output) => Err(self.diverged(trained.kept, format!("an output on the {part} rows is {output}"))),
            None => Ok(outputs),
        }
    }

    /// The error of a number that is not finite.
    pub(super) fn diverged(&self, epoch: usize, cause: impl ToString) -> TrainingError {
        TrainingError::Diverged { loss: self.name.clone(), epoch, cause: cause.to_string() }
    }
}

impl Trained {
    /// The model's outputs for some rows.
    fn outputs(&self, rows: &Rows) -> Vec<f64> {
        outputs(&self.model, &rows.features).to_vec()
    }

    /// The gradient share after the first and after the last epoch.
    pub(super) fn first_and_last_share(&self) -> (f64, f64) {
        let share = |epoch: Option<&Epoch>| epoch.map_or(f64::NAN, |epoch| epoch.gradient_share);
        (share(self.epochs.get(1)), share(self.epochs.last()))
    }
}

/// One number for each row.
fn outputs(model: &Mlp, features: &Tensor) -> Tensor {
    model.forward(features).squeeze(-1)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    fn rows(target: impl Fn(f64) -> f64) -> Rows {
        let x: Vec<f64> = (0..64).map(|row| f64::from(row) / 32.0 - 1.0).collect();
        let y: Vec<f64> = x.iter().map(|&x| target(x)).collect();
        Rows::new(&x, &y)
    }

    fn setting() -> Setting {
        Setting { epochs: 30, batch: 8, hidden: vec![8], learning_rate: 1e-2, weight_decay: 0.0, seeds: vec![7] }
    }

    fn run(train: &Rows, validation: &Rows) -> Result<Trained, TrainingError> {
        let training = Training {
            name: "squared error".into(),
            loss: &|prediction, target| squared_error(prediction, target),
            train,
            validation,
            gradient_share: &|outputs, slopes| {
                let positive = slopes.iter().zip(outputs).filter(|(slope, _)| **slope > 0.0).count();
                positive as f64 / outputs.len() as f64
            },
            seed: 7,
        };
        training.run(&setting(), &Watch::unseen())
    }

    #[test]
    fn learns_and_says_how() {
        let rows = rows(|x| 2.0 * x);
        let trained = run(&rows, &rows).unwrap();
        assert_eq!(trained.epochs.len(), 31);
        assert_eq!(trained.epochs.iter().map(|epoch| epoch.number).collect::<Vec<_>>(), (0..=30).collect::<Vec<_>>());
        let (untrained, last) = (trained.epochs[0], trained.epochs[30]);
        assert!(untrained.training_loss > 0.5 && last.training_loss < 0.02, "{untrained:?} {last:?}");
        assert_eq!(last.training_loss, last.validation_loss, "the same rows");
        assert!((0.1..0.9).contains(&last.gradient_share), "some predictions are too high, some too low");
    }

    /// Validation rows that contradict the training rows get worse from the start: the first epoch is kept.
    #[test]
    fn keeps_the_epoch_that_the_validation_rows_like_best() {
        let (train, validation) = (rows(|x| 3.0 + 2.0 * x), rows(|x| -3.0 - 2.0 * x));
        let trained = run(&train, &validation).unwrap();
        assert_eq!(trained.kept, 1);
        let outputs = trained.outputs(&validation);
        let truth = validation.target.to_vec::<f64>();
        let loss = outputs.iter().zip(&truth).map(|(p, t)| (p - t).powi(2)).sum::<f64>() / truth.len() as f64;
        // The weights are those of the epoch.
        assert_relative_eq!(loss, trained.epochs[1].validation_loss, max_relative = 1e-5);
        assert!(loss < 0.9 * trained.epochs[30].validation_loss);
    }

    #[test]
    fn a_number_that_is_not_finite_is_an_error_that_names_loss_and_epoch() {
        let rows = rows(|x| if x > 0.9 { f64::INFINITY } else { x });
        let error = run(&rows, &rows).err().unwrap().to_string();
        assert_eq!(error, "training with squared error diverged in epoch 0: the loss on the training rows is inf");
    }
}
