//! The structure of a step: gradients of the loss, clipping, and the update of each parameter.

use std::sync::Arc;

use minimand_tensor::{Parameter, Tensor, grad_or_none};

use crate::clip::Clipping;
use crate::proposal::Proposal;
use crate::rule::{StepContext, Update, UpdateRule};
use crate::state::kind;
use crate::step::NonFinite;

/// The structure of a step: which parameters, and the rule for each.
pub(crate) struct Recipe<R> {
    pub(crate) members: Vec<(Parameter, Arc<str>, Arc<R>)>,
    pub(crate) clipping: Option<Clipping>,
    pub(crate) non_finite: NonFinite,
}

impl<R: UpdateRule> Recipe<R> {
    /// The step that a loss asks for, with run-time scalars that are given.
    #[track_caller]
    pub(crate) fn propose(
        &self,
        loss: &Tensor,
        states: &[&[Tensor]],
        scalars: &[&[Tensor]],
        t: u64,
    ) -> Result<Proposal, Unmoved> {
        let values: Vec<Tensor> = self.members.iter().map(|(parameter, ..)| parameter.value()).collect();
        let gradients = gradients(loss, self.members.iter().map(|(parameter, ..)| parameter), &values)?;
        let clipped = clipped(self.clipping, &gradients);
        let mut updates = Vec::new();
        for (at, (_, name, rule)) in self.members.iter().enumerate() {
            let theta = &values[at];
            let context = StepContext::with_scalars(t, theta.dtype(), scalars[at].to_vec());
            let update = rule.update(theta, &clipped[at], states[at], &context);
            check(&update, theta, states[at].len(), name, rule.name());
            updates.push(update);
        }
        Ok(Proposal::new(loss, &gradients, updates, self.non_finite))
    }
}

/// A loss that depends on no parameter of the optimizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unmoved {
    /// It reads former values of them.
    Stale,
    /// It does not even read those.
    Unrelated,
}

/// The gradients of a loss with respect to parameters' values: zero for those that it does not depend on, if it depends on others.
#[track_caller]
pub(crate) fn gradients<'a>(
    loss: &Tensor,
    parameters: impl IntoIterator<Item = &'a Parameter>,
    values: &[Tensor],
) -> Result<Vec<Tensor>, Unmoved> {
    let gradients = grad_or_none(loss, values);
    if gradients.iter().all(Option::is_none) {
        let stale = parameters.into_iter().any(|parameter| parameter.is_stale_in(loss));
        return Err(if stale { Unmoved::Stale } else { Unmoved::Unrelated });
    }
    let or_zeros = |(gradient, value): (Option<Tensor>, &Tensor)| gradient.unwrap_or_else(|| value.zeros_like());
    Ok(gradients.into_iter().zip(values).map(or_zeros).collect())
}

/// The gradients as the update rules see them.
#[track_caller]
pub(crate) fn clipped(clipping: Option<Clipping>, gradients: &[Tensor]) -> Vec<Tensor> {
    match clipping {
        Some(clipping) => clipping.apply(gradients),
        None => gradients.to_vec(),
    }
}

/// A rule that changes a shape or an element type is a bug of the rule, and must not show after half of a step.
#[track_caller]
pub(crate) fn check(update: &Update, theta: &Tensor, remembered: usize, name: &str, optimizer: &str) {
    let expected = kind(theta);
    assert!(
        update.state.len() == remembered
            && update.state.iter().chain([&update.theta]).all(|tensor| kind(tensor) == expected),
        "{optimizer}: parameter \"{name}\" is {expected} with {remembered} tensors of state, and its update is {update:?}"
    );
}
