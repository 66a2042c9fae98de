//! Losses of generative models: evidence bounds, quantisation, score and flow matching.

pub(crate) mod catalog;
