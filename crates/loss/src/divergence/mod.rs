//! Divergences: how far is a predicted distribution from the true one?

pub(crate) mod catalog;
mod closed_form;
mod families;
mod gaussian_kl;
mod kl_divergence;
mod multivariate;

pub use closed_form::{bernoulli_kl, beta_kl, categorical_kl, dirichlet_kl, gamma_kl, gaussian_kl};
pub use families::{
    alpha_divergence, bhattacharyya, generalised_kl_divergence, jensen_shannon, le_cam, pearson_chi_squared,
    renyi_divergence, squared_hellinger, total_variation_distance,
};
pub use gaussian_kl::gaussian_kl_to_standard_normal;
pub use kl_divergence::{kl_divergence, kl_divergence_log_target};
pub use multivariate::multivariate_gaussian_kl;
