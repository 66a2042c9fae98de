//! Losses over views of the same things, without labels.

pub(crate) mod catalog;
