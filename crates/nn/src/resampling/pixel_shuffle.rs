//! Channels exchanged for pixels, and back.

use minimand_tensor::Tensor;

use crate::module::{Module, Parts};
use crate::picture::sizes_of_pictures;

/// Groups of `factor²` channels as squares of pixels: `[batch, channels · factor², height, width]` to
/// `[batch, channels, height · factor, width · factor]`. Shi et al. 2016, "Real-time single image and video super-resolution using an efficient
/// sub-pixel convolutional neural network", equation 4.
///
/// ```
/// use minimand_nn::{pixel_shuffle, pixel_unshuffle};
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::from([1.0, 2.0, 3.0, 4.0]).reshape([1, 4, 1, 1]);
/// let y = pixel_shuffle(&x, 2);
/// assert_eq!(y.to_string(), "[[[[1, 2],\n   [3, 4]]]]");
/// assert_eq!(pixel_unshuffle(&y, 2).to_vec::<f64>(), x.to_vec::<f64>());
/// ```
///
/// # Panics
/// When `x` has not four axes, the factor is 0, or its square does not divide the channels.
#[track_caller]
pub fn pixel_shuffle(x: &Tensor, factor: usize) -> Tensor {
    let [n, channels, height, width] = sizes_of_pictures("pixel_shuffle", x);
    let square = factor.checked_mul(factor).filter(|&square| square > 0 && channels.is_multiple_of(square));
    let Some(square) = square else {
        panic!("pixel_shuffle: input {}: axis 1 must be a multiple of {factor} squared", x.shape());
    };
    let channels = channels / square;
    let squares = x.reshape([n, channels, factor, factor, height, width]).permute([0, 1, 4, 2, 5, 3]);
    squares.reshape([n, channels, height * factor, width * factor])
}

/// Squares of pixels as groups of channels, the inverse of [`pixel_shuffle`]: `[batch, channels, height · factor, width · factor]` to
/// `[batch, channels · factor², height, width]`.
///
/// # Panics
/// When `x` has not four axes, or the factor is 0 or does not divide height and width.
#[doc(alias = "space_to_depth")]
#[track_caller]
pub fn pixel_unshuffle(x: &Tensor, factor: usize) -> Tensor {
    let [n, channels, height, width] = sizes_of_pictures("pixel_unshuffle", x);
    assert!(
        factor > 0 && height.is_multiple_of(factor) && width.is_multiple_of(factor),
        "pixel_unshuffle: input {}: height and width must be multiples of {factor}",
        x.shape()
    );
    let (rows, columns) = (height / factor, width / factor);
    let squares = x.reshape([n, channels, rows, factor, columns, factor]).permute([0, 1, 3, 5, 2, 4]);
    squares.reshape([n, channels * factor * factor, rows, columns])
}

macro_rules! module_of_factor {
    ($module:ident, $function:ident) => {
        #[doc = concat!("[`", stringify!($function), "`] by a fixed factor as a module.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $module {
            factor: usize,
        }

        impl $module {
            /// A module that exchanges so many channels, squared, for pixels.
            ///
            /// # Panics
            /// When the factor is 0.
            #[track_caller]
            pub fn new(factor: usize) -> $module {
                assert!(factor > 0, concat!(stringify!($function), ": the factor is 0"));
                $module { factor }
            }
        }

        impl Module for $module {
            /// # Panics
            /// When the input has not four axes, or the factor does not fit its sizes.
            #[track_caller]
            fn forward(&self, input: &Tensor) -> Tensor {
                $function(input, self.factor)
            }

            fn parts<'a>(&'a self, _parts: &mut Parts<'a>) {}

            fn clone_boxed(&self) -> Option<Box<dyn Module>> {
                Some(Box::new(*self))
            }
        }
    };
}
module_of_factor!(PixelShuffle, pixel_shuffle);
module_of_factor!(PixelUnshuffle, pixel_unshuffle);
