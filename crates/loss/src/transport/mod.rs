//! Distances of samples from two distributions: kernels, energy, optimal transport.

pub(crate) mod catalog;
