//! Negative log-likelihoods: how likely does a predicted distribution make the data?

pub(crate) mod catalog;
mod gaussian_nll;
mod poisson_nll;

pub use gaussian_nll::{GaussianNllOptions, gaussian_nll, gaussian_nll_log_variance};
pub use poisson_nll::{poisson_nll, poisson_nll_log_rate};
