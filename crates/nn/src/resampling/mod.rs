//! Pictures larger or smaller, channels exchanged for pixels, and edges continued.

mod padding;
mod pixel_shuffle;
mod upsample;

pub use padding::{pad_circular, pad_reflect, pad_replicate};
pub use pixel_shuffle::{PixelShuffle, PixelUnshuffle, pixel_shuffle, pixel_unshuffle};
pub use upsample::{Upsample, UpsampleMode, upsample_bilinear_2d, upsample_nearest_2d};
