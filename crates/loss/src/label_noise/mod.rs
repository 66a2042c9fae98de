//! Classification losses for labels of which some are wrong.

mod active_passive;
mod bootstrapped;
pub(crate) mod catalog;
mod confidence_penalty;
mod corrected;
mod early_learning;
mod transition;
mod truncated;

pub use active_passive::{
    ActivePassiveOptions, SymmetricCrossEntropyOptions, active_passive, normalised_cross_entropy,
    reverse_cross_entropy, symmetric_cross_entropy,
};
pub use bootstrapped::{bootstrapped_cross_entropy, hard_bootstrapped_cross_entropy};
pub use confidence_penalty::confidence_penalty;
pub use corrected::{backward_corrected_cross_entropy, forward_corrected_cross_entropy};
pub use early_learning::{EarlyLearningTargets, early_learning_regularisation};
pub use transition::{TransitionError, TransitionMatrix};
pub use truncated::{TruncationOptions, truncated_generalised_cross_entropy};
