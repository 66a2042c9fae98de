//! Losses that learn from views of the same things, without labels.

pub(crate) mod catalog;
mod contrastive;
mod redundancy;
mod sphere;
mod targets;
mod views;

pub use contrastive::{
    DebiasedContrastiveOptions, WeightedDecoupledOptions, debiased_contrastive, decoupled_contrastive, sig_lip,
    weighted_decoupled_contrastive,
};
pub use redundancy::{BarlowTwinsOptions, VicregOptions, barlow_twins, vicreg};
pub use sphere::{alignment, koleo, negative_cosine_similarity, uniformity};
pub use targets::{DinoOptions, SwavOptions, dino, swav};
