//! Losses of a generator and the critic that it has to deceive, and of other games of two sides.

pub(crate) mod catalog;
mod classic;
mod domain;
mod gradient_penalty;
mod least_squares;
mod perturbed;
mod regularisers;
mod relativistic;
mod wasserstein;

pub use classic::{minimax_discriminator, minimax_generator, non_saturating_generator};
pub use domain::{correlation_alignment, gradient_reversal};
pub use gradient_penalty::{
    Interpolates, gradient_penalty, one_sided_gradient_penalty, path_length_penalty, r1_penalty,
};
pub use least_squares::{LeastSquaresOptions, least_squares_discriminator, least_squares_generator};
pub use perturbed::{fix_match, mixup_cross_entropy, trades, virtual_adversarial};
pub use regularisers::{cycle_consistency, feature_matching, lecam};
pub use relativistic::{
    relativistic_average_hinge, relativistic_average_least_squares, relativistic_average_logistic,
    relativistic_logistic,
};
pub use wasserstein::{hinge_discriminator, wasserstein_critic, wasserstein_generator};
