//! What a step reports, and why it may be refused.

use std::sync::Arc;

use thiserror::Error;

/// What happens when a step meets a number that is infinite or NaN.
#[doc(alias = "nan")]
#[doc(alias = "detect_anomaly")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NonFinite {
    /// The step is refused with a [`StepError`], and nothing has changed. If parameters and state were finite, they stay so.
    #[default]
    Refuse,
    /// The step is taken, wherever it leads.
    Allow,
}

/// What a step computed on its way: plain numbers, which keep no tensor alive.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub(crate) number: u64,
    pub(crate) loss: f64,
    pub(crate) learning_rate: f64,
    pub(crate) gradient_norm: f64,
    pub(crate) gradient_norms: Vec<(Arc<str>, f64)>,
}

impl Step {
    /// The number of the step: 1 for the first.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The loss at the parameters before the step.
    pub fn loss(&self) -> f64 {
        self.loss
    }

    /// The learning rate that the step used; with several groups, that of the first.
    pub fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    /// The Euclidean norm of the gradient with respect to all parameters together, before clipping.
    pub fn gradient_norm(&self) -> f64 {
        self.gradient_norm
    }

    /// The Euclidean norm of each parameter's gradient, before clipping, under the names that
    /// [`OptimizerState`](crate::OptimizerState) uses.
    pub fn gradient_norms(&self) -> &[(Arc<str>, f64)] {
        &self.gradient_norms
    }
}

/// The operation, forward or backward, that made the first number not finite: see [`find_non_finite`](minimand_tensor::find_non_finite).
pub type Found = Option<Box<minimand_tensor::NonFinite>>;

/// Why a step was refused. Parameters, state and the count of steps are as they were before.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum StepError {
    /// The loss is infinite or NaN.
    #[error("step {step} was refused, and nothing has changed: the loss is {loss}{}", said(found))]
    NonFiniteLoss {
        /// The number the step would have had.
        step: u64,
        /// The loss.
        loss: f64,
        /// The operation that made it so.
        found: Found,
    },
    /// The loss is finite, but its gradient is not: an entry is infinite or NaN, or entries are beyond 1e154 and their norm overflows f64.
    #[error(
        "step {step} was refused, and nothing has changed: the loss is {loss}, but the norm of its gradient is not finite with respect to {}{}",
        list(parameters),
        said(found)
    )]
    NonFiniteGradient {
        /// The number the step would have had.
        step: u64,
        /// The loss.
        loss: f64,
        /// The parameters at fault, in the order of the optimizer.
        parameters: Vec<Arc<str>>,
        /// The operation that made an entry, or the norm, infinite or NaN.
        found: Found,
    },
    /// The loss was built before the last step: it reads values that the parameters no longer have, and none that they have.
    #[error(
        "step {step} was refused, and nothing has changed: the loss was built from values that have been replaced since, of {}: build the loss \
         anew for each step",
        list(parameters)
    )]
    StaleLoss {
        /// The number the step would have had.
        step: u64,
        /// The parameters whose former values the loss reads, in the order of the optimizer.
        parameters: Vec<Arc<str>>,
    },
    /// The loss depends on no parameter of the optimizer: it was built from other things, or the parameters were detached on the way, or
    /// turned into integers or truth values.
    #[error(
        "step {step} was refused, and nothing has changed: no gradient of the loss reaches any parameter of the optimizer, {}",
        unrelated(parameters)
    )]
    UnrelatedLoss {
        /// The number the step would have had.
        step: u64,
        /// The parameters of the optimizer, without those that are [frozen](minimand_tensor::Parameter::is_frozen).
        parameters: Vec<Arc<str>>,
    },
    /// Loss and gradient are finite, but a parameter or its state would not be: the step overflows the element type.
    #[error(
        "step {step} was refused, and nothing has changed: loss and gradient are finite, but the new value or state is not, of {}{}",
        list(parameters),
        said(found)
    )]
    NonFiniteUpdate {
        /// The number the step would have had.
        step: u64,
        /// The parameters at fault, in the order of the optimizer.
        parameters: Vec<Arc<str>>,
        /// The operation that made them so.
        found: Found,
    },
}

impl StepError {
    /// The same error with the operation at fault, for a step whose tensors do not know what they were made of.
    pub(crate) fn found_by(mut self, find: impl FnOnce() -> Found) -> StepError {
        match &mut self {
            StepError::NonFiniteLoss { found, .. }
            | StepError::NonFiniteGradient { found, .. }
            | StepError::NonFiniteUpdate { found, .. } => *found = find(),
            StepError::StaleLoss { .. } | StepError::UnrelatedLoss { .. } => {}
        }
        self
    }
}

fn said(found: &Found) -> String {
    found.as_ref().map(|found| format!("\n{found}")).unwrap_or_default()
}

fn unrelated(parameters: &[Arc<str>]) -> String {
    if parameters.is_empty() {
        return "as all are frozen".to_owned();
    }
    let names = list(parameters);
    format!("which are {names}: the loss was built without them, or they were detached on the way")
}

/// The first names of a list, and how many follow.
fn list(names: &[Arc<str>]) -> String {
    const PRINTED: usize = 3;
    let mut text = names.iter().take(PRINTED).map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    if names.len() > PRINTED {
        text += &format!(" and {} more", names.len() - PRINTED);
    }
    text
}
