//! Objectives of a batch of losses other than their mean: the worst group, the tail, the tilted mean.

pub(crate) mod catalog;
