//! A model that has been fitted.

use super::{
    FitError, FitSetting, Law, ModelKind, Objective, Prediction, Sample, Validation,
    linear::{self, LinearModel},
    network::{self, Network},
    objective::Formulation,
};

/// A fitted model: outputs for any rows with the same features, and what they say.
#[derive(Debug)]
pub struct FittedModel {
    formulation: Formulation,
    model: Model,
    spread: f64,
}

#[derive(Debug)]
enum Model {
    Linear(LinearModel),
    Network(Network),
}

/// Fits a model by an objective.
///
/// The linear model is fitted to the minimum of the penalised mean loss; its `validation` is not looked at. The network keeps the weights of
/// the epoch that the judge of the validation rows likes best, or of the last epoch where there are none. With one seed all objectives start
/// from the same hidden layers and see the rows in the same order. The same input gives the same bits whatever the number of threads.
///
/// # Errors
/// When there are no rows (or no weight on them), a target is one that the loss is not defined for, an objective of lists is given none, or a
/// number is not finite.
///
/// # Panics
/// When the parts of a sample have different lengths.
#[track_caller]
pub fn fit(
    kind: ModelKind,
    objective: Objective,
    train: &Sample,
    validation: Option<&Validation>,
    setting: &FitSetting,
) -> Result<FittedModel, FitError> {
    check(train);
    if let Some(validation) = validation {
        check(&validation.sample);
    }
    let formulation = Formulation::of(objective, train)?;
    let model = match kind {
        ModelKind::Linear => Model::Linear(linear::fit(&formulation, train, setting)?),
        ModelKind::Mlp => Model::Network(network::train(&formulation, train, validation, setting)?),
    };
    let mut fitted = FittedModel { formulation, model, spread: 1.0 };
    let outputs = fitted.outputs(train);
    if let Some(output) = outputs.iter().find(|output| !output.is_finite()) {
        return Err(FitError::diverged(objective, format!("an output on the rows of the fit is {output}")));
    }
    fitted.spread = match (kind, validation) {
        (ModelKind::Linear, _) => fitted.formulation.spread(&outputs, train.target, train.weight, train.width + 1),
        // A network may know its training rows by heart.
        (ModelKind::Mlp, Some(Validation { sample, .. })) => {
            fitted.formulation.spread(&fitted.outputs(sample), sample.target, sample.weight, 0)
        }
        (ModelKind::Mlp, None) => fitted.formulation.spread(&outputs, train.target, train.weight, 0),
    };
    Ok(fitted)
}

/// How large a penalty on weights of one size has to be beside this loss on these rows: 1 for a likelihood that is right, 10 for ten times its
/// loss, so that losses of different sizes can be penalised alike.
///
/// # Errors
/// As [`fit`].
pub fn penalty_unit(objective: Objective, sample: &Sample) -> Result<f64, FitError> {
    Formulation::of(objective, sample)?.penalty_unit(sample)
}

#[track_caller]
fn check(sample: &Sample) {
    let rows = sample.rows();
    assert!(
        sample.features.len() == rows * sample.width,
        "fit: {} features do not fill {rows} rows of {}",
        sample.features.len(),
        sample.width
    );
    let lengths = [sample.weight.map(<[f64]>::len), sample.offset.map(<[f64]>::len), sample.lists.map(<[u32]>::len)];
    assert!(lengths.iter().flatten().all(|&length| length == rows), "fit: a column has not {rows} rows: {lengths:?}");
}

impl FittedModel {
    /// What it was fitted by.
    pub fn objective(&self) -> Objective {
        self.formulation.objective
    }

    /// Number of outputs for each row.
    pub fn outputs_per_row(&self) -> usize {
        self.formulation.outputs()
    }

    /// The outputs for some rows, row-major, offsets included: what [`predict`](Self::predict) reads. Their unit is the loss's own.
    pub fn outputs(&self, sample: &Sample) -> Vec<f64> {
        let mut outputs = match &self.model {
            Model::Linear(model) => model.outputs(sample),
            Model::Network(network) => network.outputs(sample),
        };
        if let Some(offset) = sample.offset {
            let offsets = self.formulation.offsets(offset);
            outputs.iter_mut().zip(offsets).for_each(|(output, offset)| *output += offset);
        }
        outputs
    }

    /// What outputs of this model say, in the user's unit.
    pub fn decode(&self, outputs: &[f64]) -> Prediction {
        self.formulation.predict(outputs, self.shared(), self.spread)
    }

    /// What it says about some rows, in the user's unit.
    pub fn predict(&self, sample: &Sample) -> Prediction {
        self.decode(&self.outputs(sample))
    }

    /// The law of each row's target, where the objective is a likelihood or, up to a spread that was estimated on the rows of the fit, a
    /// deviance of one: normal, log-normal, Gamma, Poisson, negative binomial, their zero-inflated forms, Student's t.
    pub fn laws(&self, outputs: &[f64]) -> Option<Vec<Law>> {
        self.formulation.laws(outputs, self.shared(), self.spread)
    }

    /// The weighted mean of the objective's own loss over some rows, or over their lists, in the loss's own unit; NaN where the rows have no
    /// list with a pair.
    ///
    /// # Errors
    /// When a target is one that the loss is not defined for.
    pub fn mean_loss(&self, sample: &Sample) -> Result<f64, FitError> {
        Formulation::of(self.objective(), sample)?;
        self.formulation.mean_loss(sample, &self.outputs(sample), self.shared())
    }

    /// For each row Σ |∂loss/∂output| over its outputs, at the outputs of this model: how hard it pulls. In the loss's own unit, times the
    /// row's weight; of a loss of lists the slope of its list's loss.
    ///
    /// # Errors
    /// When a target is one that the loss is not defined for.
    pub fn slopes(&self, sample: &Sample) -> Result<Vec<f64>, FitError> {
        Formulation::of(self.objective(), sample)?;
        let slopes = self.formulation.slopes(sample, &self.outputs(sample), self.shared())?;
        let of_row = |(row, slopes): (usize, &[f64])| {
            let weight = if self.objective().is_of_lists() { None } else { sample.weight };
            weight.map_or(1.0, |weight| weight[row]) * slopes.iter().map(|slope| slope.abs()).sum::<f64>()
        };
        Ok(slopes.chunks_exact(self.outputs_per_row()).enumerate().map(of_row).collect())
    }

    /// The weights of an output of a linear model, its constant last, by features as given and in the loss's own unit.
    pub fn weights(&self, output: usize) -> Option<Vec<f64>> {
        match &self.model {
            Model::Linear(model) => Some(model.weights_of(output)),
            Model::Network(_) => None,
        }
    }

    /// The epoch that a network kept, from 1.
    pub fn kept_epoch(&self) -> Option<usize> {
        match &self.model {
            Model::Linear(_) => None,
            Model::Network(network) => Some(network.kept),
        }
    }

    fn shared(&self) -> &[f64] {
        match &self.model {
            Model::Linear(model) => &model.shared,
            Model::Network(network) => &network.shared,
        }
    }
}
