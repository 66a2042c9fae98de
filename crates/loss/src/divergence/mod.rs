//! Divergences: how far is a predicted distribution from the true one?

pub(crate) mod catalog;
mod gaussian_kl;
mod kl_divergence;

pub use gaussian_kl::gaussian_kl_to_standard_normal;
pub use kl_divergence::{kl_divergence, kl_divergence_log_target};
