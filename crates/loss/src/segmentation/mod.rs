//! Losses of regions: how well do predicted and true pixels overlap?

pub(crate) mod catalog;
mod dice;
mod generalised_dice;
mod jaccard;
mod lovasz;
mod mcc;
mod region;
mod tversky;

pub use dice::{DiceOptions, dice, dice_with_logits, log_dice};
pub use generalised_dice::generalised_dice;
pub use jaccard::{jaccard, log_jaccard};
pub use lovasz::{LovaszClasses, lovasz_hinge, lovasz_softmax};
pub use mcc::mcc;
pub use tversky::{FocalTverskyOptions, TverskyOptions, focal_tversky, tversky};
