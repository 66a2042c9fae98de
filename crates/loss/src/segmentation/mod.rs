//! Losses of regions: how well do predicted and true pixels overlap?

mod boundary;
pub(crate) mod catalog;
mod cl_dice;
mod dice;
mod distance_map;
mod generalised_dice;
mod hausdorff;
mod jaccard;
mod lovasz;
mod mcc;
mod neighbours;
mod pixels;
mod region;
mod tversky;

pub use boundary::{active_contour, boundary};
pub use cl_dice::{ClDiceOptions, cl_dice};
pub use dice::{DiceOptions, dice, dice_with_logits, log_dice};
pub use distance_map::DistanceMap;
pub use generalised_dice::generalised_dice;
pub use hausdorff::{HausdorffErosionOptions, hausdorff_distance_transform, hausdorff_erosion};
pub use jaccard::{jaccard, log_jaccard};
pub use lovasz::{LovaszClasses, lovasz_hinge, lovasz_softmax};
pub use mcc::mcc;
pub use pixels::{DiceCrossEntropyOptions, dice_cross_entropy, top_k_cross_entropy};
pub use tversky::{FocalTverskyOptions, TverskyOptions, focal_tversky, tversky};
