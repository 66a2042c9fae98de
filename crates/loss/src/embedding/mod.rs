//! Losses over vectors that stand for things: like things near each other, unlike things apart.

mod batch_hard;
pub(crate) mod catalog;
mod contrastive;
mod distance;
mod info_nce;
mod nt_xent;
mod triplet;

pub use batch_hard::{BatchHardOptions, Margin, batch_hard_triplet};
pub use contrastive::contrastive;
pub use distance::Distance;
pub use info_nce::{info_nce, info_nce_symmetric};
pub use nt_xent::nt_xent;
pub use triplet::{TripletOptions, TripletWithDistanceOptions, triplet_margin, triplet_margin_with_distance};
