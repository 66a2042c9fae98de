//! Objectives of a batch of losses other than their mean: the worst group, the tail, the tilted mean.

pub(crate) mod catalog;
mod groups;
mod tail;

pub use groups::{GroupWeights, group_dro, invariant_risk_penalty, risk_extrapolation, worst_group};
pub use tail::{conditional_value_at_risk, tilted};
