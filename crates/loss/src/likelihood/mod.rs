//! Negative log-likelihoods: how likely does a predicted distribution make the data?

mod beta_nll;
pub(crate) mod catalog;
mod counts;
mod crps;
mod gaussian_nll;
mod laplace_nll;
mod mixture;
mod poisson_nll;
mod positive;
pub(crate) mod scale;
mod student_t_nll;
mod von_mises_nll;

pub use beta_nll::beta_nll;
pub use counts::{negative_binomial_nll, zero_inflated_negative_binomial_nll, zero_inflated_poisson_nll};
pub use crps::{ensemble_crps, gaussian_crps};
pub use gaussian_nll::{GaussianNllOptions, gaussian_nll, gaussian_nll_log_variance};
pub use laplace_nll::laplace_nll;
pub use mixture::{discretised_logistic_mixture_nll, mixture_density_nll};
pub use poisson_nll::{poisson_nll, poisson_nll_log_rate};
pub use positive::{gamma_nll, inverse_gaussian_nll, log_normal_nll};
pub use student_t_nll::student_t_nll;
pub use von_mises_nll::von_mises_nll;
