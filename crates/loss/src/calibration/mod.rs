//! Calibration: do predicted probabilities come true as often as they say?

pub(crate) mod catalog;
