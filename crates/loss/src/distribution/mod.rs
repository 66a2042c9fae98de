//! Losses of whole distributions: how far is a predicted distribution from the true one, how likely does it make the
//! data?

mod gaussian_kl;
mod gaussian_nll;
mod kl_divergence;
mod poisson_nll;

pub use gaussian_kl::gaussian_kl_to_standard_normal;
pub use gaussian_nll::{GaussianNllOptions, gaussian_nll, gaussian_nll_log_variance};
pub use kl_divergence::{kl_divergence, kl_divergence_log_target};
pub use poisson_nll::{poisson_nll, poisson_nll_log_rate};
