//! Losses over vectors that stand for things: like things near each other, unlike things apart.

mod angular;
mod batch_hard;
mod beta_margin;
pub(crate) mod catalog;
pub(crate) mod catalog_batches;
mod circle;
mod contrastive;
mod contrastive_pairs;
mod cosine_embedding;
mod distance;
mod dynamic_soft_margin;
mod hinge_embedding;
mod histogram;
mod info_nce;
mod instance;
mod intra_pair_variance;
mod lifted_structure;
mod miners;
mod multi_similarity;
mod n_pairs;
mod nca;
mod nt_xent;
mod pairs;
mod pairwise_distance;
mod pnp;
mod ranked_list;
mod reduction;
mod supcon;
mod tcm;
mod triplet;
mod tuplet_margin;

pub use angular::angular;
pub use batch_hard::{BatchHardOptions, Margin, batch_hard_triplet};
pub use beta_margin::{BetaMarginOptions, beta_margin};
pub use circle::{CircleOptions, circle};
pub use contrastive::contrastive;
pub use contrastive_pairs::{ContrastivePairsOptions, SnrContrastiveOptions, contrastive_pairs, snr_contrastive};
pub use cosine_embedding::cosine_embedding;
pub use distance::Distance;
pub use dynamic_soft_margin::{DynamicSoftMarginOptions, MarginHistogram, dynamic_soft_margin};
pub use hinge_embedding::hinge_embedding;
pub use histogram::{fast_ap, histogram};
pub use info_nce::{info_nce, info_nce_symmetric};
pub use instance::instance;
pub use intra_pair_variance::{IntraPairVarianceOptions, intra_pair_variance};
pub use lifted_structure::{LiftedStructureOptions, generalised_lifted_structure, lifted_structure};
pub use miners::{
    AllMiner, AngularMiner, BatchEasyHardMiner, DistanceWeightedMiner, HardAwareMiner, Hardness, Mined, MinedPairs,
    MultiSimilarityMiner, PairMarginMiner, TripletKind, TripletMarginMiner, Triplets, UniformHistogramMiner,
};
pub use multi_similarity::{MultiSimilarityOptions, multi_similarity};
pub use n_pairs::n_pairs;
pub use nca::{NcaOptions, nca};
pub use nt_xent::nt_xent;
pub use pairwise_distance::pairwise_distance;
pub use pnp::{PnpOptions, PnpVariant, pnp};
pub use ranked_list::{RankedListOptions, ranked_list};
pub use reduction::Masked;
pub use supcon::supcon;
pub use tcm::{TcmOptions, tcm};
pub use triplet::{TripletOptions, TripletWithDistanceOptions, triplet_margin, triplet_margin_with_distance};
pub use tuplet_margin::{TupletMarginOptions, tuplet_margin};
