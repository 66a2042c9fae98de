//! Losses of bounding boxes, and of the scores and key points that come with them.

mod alpha_iou;
mod assignment;
mod boxes;
pub(crate) mod catalog;
mod detr;
mod diou;
mod eiou;
mod giou;
mod iou;
mod keypoints;
mod pair;
mod scores;

pub use alpha_iou::{alpha_iou, wise_iou};
pub use assignment::Assignment;
pub use boxes::{BoxError, Boxes};
pub use detr::{DetrOptions, detr};
pub use diou::{ciou, diou};
pub use eiou::{eiou, mpd_iou, siou};
pub use giou::giou;
pub use iou::{iou, log_iou};
pub use keypoints::oks_keypoint;
pub use scores::{HeatmapFocalOptions, VarifocalOptions, distribution_focal, heatmap_focal, quality_focal, varifocal};
