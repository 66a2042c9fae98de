//! One training of the chapters whose losses need more than a number for each row: classes, or whole lists.

use minimand::prelude::*;

use super::{chapter::Watch, training::TrainingError};

/// How a network is trained. Only the loss differs within a chapter, and the learning rate where it is chosen for each loss.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recipe {
    /// Width of each layer, that of the features first.
    pub(super) sizes: Vec<usize>,
    /// Passes over the training rows.
    pub(super) epochs: usize,
    /// Rows in a step.
    pub(super) batch: usize,
    /// Learning rate at the start; it falls to 0 along a cosine.
    pub(super) learning_rate: f64,
    /// AdamW's weight decay.
    pub(super) weight_decay: f64,
}

/// What is trained, on what.
pub(super) struct Fit<'a> {
    /// What people call it: for the error message.
    pub(super) name: &'a str,
    /// Rows, or lists of rows, along the first axis.
    pub(super) features: &'a Tensor,
    /// One loss for each row, of the model's outputs and the rows' numbers.
    pub(super) loss: &'a dyn Fn(&Tensor, &[usize]) -> Tensor,
    /// How good the model is after an epoch, more is better; the weights of the best are kept. Without it the last are.
    pub(super) choose: Option<&'a dyn Fn(&Mlp) -> f64>,
    /// Initial weights and order of the rows.
    pub(super) seed: u64,
}

/// A trained network.
pub(super) struct FittedNetwork {
    name: String,
    /// With the weights that were kept.
    model: Mlp,
    /// The epoch of those weights, from 1.
    pub(super) kept: usize,
    /// How good it was then; nothing where the last epoch is kept.
    pub(super) best: Option<f64>,
}

impl Recipe {
    /// Steps of a training with so many rows.
    pub(super) fn steps(&self, rows: usize) -> u64 {
        (self.epochs * rows.div_ceil(self.batch)) as u64
    }
}

impl Fit<'_> {
    /// Trains for all epochs.
    ///
    /// # Errors
    /// Where a number is not finite, or somebody stops it.
    pub(super) fn run(&self, recipe: &Recipe, watch: &Watch<'_>) -> Result<FittedNetwork, TrainingError> {
        let mut rng = Rng::seed(self.seed);
        let model = Mlp::new(&recipe.sizes, Activation::Relu, &mut rng);
        let parameters = model.parameters();
        let batches = Batches::new([self.features], recipe.batch);
        let options = AdamWOptions {
            learning_rate: recipe.learning_rate,
            weight_decay: recipe.weight_decay,
            ..AdamWOptions::default()
        };
        let period = recipe.steps(batches.rows());
        let schedule = Schedule::Cosine { period, minimum: 0.0 };
        let mut optimizer = AdamW::new(&parameters, options).with_schedule(schedule);

        let (mut kept, mut best, mut weights) = (recipe.epochs, None, Vec::new());
        for number in 1..=recipe.epochs {
            for (rows, [features]) in batches.shuffled(&mut rng).with_rows() {
                let loss = (self.loss)(&model.forward(&features), &rows).mean();
                optimizer.step(&loss).map_err(|error| self.diverged(number, error))?;
                watch.step()?;
            }
            let Some(choose) = self.choose else { continue };
            let figure = choose(&model);
            if !figure.is_finite() {
                return Err(self.diverged(number, format!("the figure on the validation rows is {figure}")));
            }
            if best.is_none_or(|best| figure > best) {
                (kept, best) = (number, Some(figure));
                weights = parameters.iter().map(Parameter::value).collect();
            }
        }
        for (parameter, weight) in parameters.iter().zip(weights) {
            parameter.set(weight);
        }
        Ok(FittedNetwork { name: self.name.to_owned(), model, kept, best })
    }

    fn diverged(&self, epoch: usize, cause: impl ToString) -> TrainingError {
        diverged(self.name, epoch, cause)
    }
}

fn diverged(name: &str, epoch: usize, cause: impl ToString) -> TrainingError {
    TrainingError::Diverged { loss: name.to_owned(), epoch, cause: cause.to_string() }
}

impl FittedNetwork {
    /// The network alone.
    pub(super) fn into_model(self) -> Mlp {
        self.model
    }

    /// The model's outputs, one after the other.
    ///
    /// # Errors
    /// Where one is not finite.
    pub(super) fn outputs(&self, features: &Tensor) -> Result<Vec<f64>, TrainingError> {
        let outputs: Vec<f64> = self.model.forward(features).to_vec();
        match outputs.iter().find(|output| !output.is_finite()) {
            Some(output) => Err(diverged(&self.name, self.kept, format!("an output is {output}"))),
            None => Ok(outputs),
        }
    }
}

/// Numbers as a tensor of single precision.
pub(super) fn tensor(values: &[f64], shape: impl Into<Shape>) -> Tensor {
    Tensor::from_vec(values.iter().map(|&value| value as f32).collect(), shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe() -> Recipe {
        Recipe { sizes: vec![1, 8, 1], epochs: 20, batch: 8, learning_rate: 1e-2, weight_decay: 0.0 }
    }

    fn fit(choose: Option<&dyn Fn(&Mlp) -> f64>) -> FittedNetwork {
        let x: Vec<f64> = (0..64).map(|row| f64::from(row) / 32.0 - 1.0).collect();
        let (features, target) = (tensor(&x, [64, 1]), x.iter().map(|x| 2.0 * x).collect::<Vec<f64>>());
        let loss = |outputs: &Tensor, rows: &[usize]| {
            let target: Vec<f64> = rows.iter().map(|&row| target[row]).collect();
            squared_error(&outputs.squeeze(-1), &tensor(&target, [rows.len()]))
        };
        let fit = Fit { name: "squared error", features: &features, loss: &loss, choose, seed: 7 };
        fit.run(&recipe(), &Watch::unseen()).unwrap()
    }

    #[test]
    fn the_rows_numbers_are_those_of_the_features() {
        let at = |fitted: &FittedNetwork, x: f64| fitted.outputs(&tensor(&[x], [1, 1])).unwrap()[0];
        let last = fit(None);
        assert!((at(&last, 0.5) - 1.0).abs() < 0.2 && (at(&last, -0.5) + 1.0).abs() < 0.2);
        assert_eq!((last.kept, last.best), (20, None));
    }

    #[test]
    fn the_best_epoch_is_kept_with_its_weights() {
        // The worse the better: 2x at 1 is approached from below.
        let worst = |model: &Mlp| -model.forward(&tensor(&[1.0], [1, 1])).to_vec::<f64>()[0];
        let first = fit(Some(&worst));
        assert_eq!(first.kept, 1);
        assert_eq!(first.best, Some(-first.outputs(&tensor(&[1.0], [1, 1])).unwrap()[0]));
    }
}
