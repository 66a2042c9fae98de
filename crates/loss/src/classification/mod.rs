//! Classification losses. The class axis is the last one.

mod binary;
pub(crate) mod catalog;
mod cross_entropy;
mod focal;
mod labelled;
mod likelihood;
mod probabilities;

pub use binary::{binary_cross_entropy_with_logits, weighted_binary_cross_entropy_with_logits};
pub use cross_entropy::{CrossEntropyOptions, cross_entropy, cross_entropy_with};
pub use focal::{CategoricalFocalOptions, FocalOptions, binary_focal, categorical_focal};
pub use likelihood::negative_log_likelihood;
pub use probabilities::cross_entropy_with_probabilities;
