//! A step before it is taken: everything it would change, computed in one evaluation and judged as a whole.

use std::sync::Arc;

use minimand_tensor::{Tensor, eval, find_non_finite};

use crate::clip::norm;
use crate::rule::Update;
use crate::step::{Found, NonFinite, StepError};

/// What a step would do.
pub(crate) struct Proposal {
    loss: Tensor,
    /// The new value and state of each parameter.
    pub(crate) updates: Vec<Update>,
    /// `‖g‖` of each parameter's gradient, before clipping.
    norms: Vec<Tensor>,
    /// The greatest magnitude among the new value and state of each parameter; none when nothing is refused.
    magnitudes: Vec<Tensor>,
}

impl Proposal {
    /// The loss, the updates and what is needed to judge them; nothing is computed yet.
    #[track_caller]
    pub(crate) fn new(loss: &Tensor, gradients: &[Tensor], updates: Vec<Update>, policy: NonFinite) -> Proposal {
        let norms = gradients.iter().map(norm).collect();
        let magnitudes = match policy {
            NonFinite::Refuse => updates.iter().map(magnitude).collect(),
            NonFinite::Allow => Vec::new(),
        };
        Proposal { loss: loss.clone(), updates, norms, magnitudes }
    }

    /// All that is to be computed, together.
    pub(crate) fn tensors(&self) -> Vec<&Tensor> {
        let updated = self.updates.iter().flat_map(|update| update.state.iter().chain([&update.theta]));
        [&self.loss].into_iter().chain(updated).chain(&self.norms).chain(&self.magnitudes).collect()
    }

    /// The proposal whose tensors these are, for parameters that remember so many tensors each.
    pub(crate) fn of_tensors(tensors: Vec<Tensor>, remembered: &[usize]) -> Proposal {
        let mut tensors = tensors.into_iter();
        let loss = tensors.next().expect("the loss is the first");
        let updates = remembered
            .iter()
            .map(|&count| {
                let state = tensors.by_ref().take(count).collect();
                Update { state, theta: tensors.next().expect("a value follows each state") }
            })
            .collect();
        let norms = tensors.by_ref().take(remembered.len()).collect();
        Proposal { loss, updates, norms, magnitudes: tensors.collect() }
    }

    /// Computes all of it.
    pub(crate) fn evaluate(self) -> Proposal {
        eval(self.tensors());
        self
    }

    /// The loss.
    pub(crate) fn loss(&self) -> f64 {
        self.loss.item()
    }

    /// `‖g‖` for each parameter.
    pub(crate) fn norms(&self) -> Vec<f64> {
        self.norms.iter().map(Tensor::item).collect()
    }

    /// Refuses what is not finite: first the loss, then the gradient, then what would become of the parameters.
    pub(crate) fn judge(&self, step: u64, names: &[Arc<str>]) -> Result<(), StepError> {
        let loss = self.loss();
        if !loss.is_finite() {
            return Err(StepError::NonFiniteLoss { step, loss, found: found([&self.loss]) });
        }
        let parameters = at_fault(names, &self.norms);
        if !parameters.is_empty() {
            return Err(StepError::NonFiniteGradient { step, loss, parameters, found: found(&self.norms) });
        }
        let parameters = at_fault(names, &self.magnitudes);
        if !parameters.is_empty() {
            return Err(StepError::NonFiniteUpdate { step, parameters, found: found(&self.magnitudes) });
        }
        Ok(())
    }
}

/// The operation at fault, where the tensors still know what they were made of.
fn found<'a>(tensors: impl IntoIterator<Item = &'a Tensor>) -> Found {
    find_non_finite(tensors).map(Box::new)
}

/// The names whose number is infinite or NaN.
fn at_fault(names: &[Arc<str>], numbers: &[Tensor]) -> Vec<Arc<str>> {
    let flawed = names.iter().zip(numbers).filter(|(_, number)| !number.item().is_finite());
    flawed.map(|(name, _)| Arc::clone(name)).collect()
}

/// The greatest magnitude in what a parameter becomes: infinite or NaN exactly when an entry is.
fn magnitude(update: &Update) -> Tensor {
    // At least 0, also when there are no entries.
    let largest = |tensor: &Tensor| tensor.abs().max().maximum(0.0);
    update.state.iter().map(largest).fold(largest(&update.theta), |a, b| a.maximum(b))
}
