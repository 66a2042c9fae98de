//! Losses of pictures and of signals.

mod angular_error;
mod berhu;
pub(crate) mod catalog;
mod chamfer;
mod contextual;
mod distortion;
mod edges;
mod filter;
mod focal_frequency;
mod gram_matrix;
mod inverse_depth_smoothness;
mod ms_ssim;
mod mutual_information;
mod patch_nce;
mod perceptual;
mod psnr;
mod ssim;
mod total_variation;

pub use angular_error::*;
pub use berhu::*;
pub use chamfer::*;
pub use contextual::*;
pub use distortion::*;
pub use edges::*;
pub use focal_frequency::*;
pub use gram_matrix::*;
pub use inverse_depth_smoothness::*;
pub use ms_ssim::*;
pub use mutual_information::*;
pub use patch_nce::*;
pub use perceptual::*;
pub use psnr::*;
pub use ssim::*;
pub use total_variation::*;
