//! Losses of regions: how well do predicted and true pixels overlap?

pub(crate) mod catalog;
