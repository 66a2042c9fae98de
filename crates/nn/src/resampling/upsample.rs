//! Pictures in another size, by their nearest pixels or by lines between them.

use minimand_tensor::{Shape, Tensor};

use crate::module::{Module, Parts};
use crate::picture::sizes_of_pictures;

/// Pictures in another size: each pixel is the one at the same place of the picture, `⌊i · old / new⌋`. `[batch, channels, height, width]` to
/// `[batch, channels, size…]`.
///
/// ```
/// use minimand_nn::upsample_nearest_2d;
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::from([[1.0, 2.0]]).reshape([1, 1, 1, 2]);
/// assert_eq!(upsample_nearest_2d(&x, [2, 3]).to_string(), "[[[[1, 1, 2],\n   [1, 1, 2]]]]");
/// ```
///
/// # Panics
/// When `x` has not four axes or a side of 0, or a side of the size is 0.
#[doc(alias = "interpolate")]
#[track_caller]
pub fn upsample_nearest_2d(x: &Tensor, size: [usize; 2]) -> Tensor {
    let [n, channels, height, width] = check("upsample_nearest_2d", x, size);
    let [rows, columns] = size;
    if rows.is_multiple_of(height) && columns.is_multiple_of(width) {
        let (down, across) = (rows / height, columns / width);
        let apart = x.reshape([n, channels, height, 1, width, 1]);
        return apart.expand([n, channels, height, down, width, across]).reshape([n, channels, rows, columns]);
    }
    let mut picture = x.clone();
    for (axis, old, new) in [(2, height, rows), (3, width, columns)] {
        let nearest = (0..new as u128).map(|place| (place * old as u128 / new as u128) as usize);
        picture = picture.index_select(axis, nearest.collect::<Vec<usize>>());
    }
    picture
}

/// Pictures in another size: each pixel lies between four of the picture, and is their mean, the nearer the heavier.
///
/// Pixels are squares, and the two pictures' outer edges lie on one another: pixel `i` is read at `(i + ½) · old / new − ½`, beyond the outermost
/// centres at these. With `align_corners` the centres of the outermost pixels lie on one another instead: `i · (old − 1) / (new − 1)`. Both as in
/// PyTorch; making a picture smaller leaves pixels out.
///
/// ```
/// use minimand_nn::upsample_bilinear_2d;
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::from([[1.0, 2.0]]).reshape([1, 1, 1, 2]);
/// assert_eq!(upsample_bilinear_2d(&x, [1, 4], false).to_string(), "[[[[1, 1.25, 1.75, 2]]]]");
/// assert_eq!(upsample_bilinear_2d(&x, [1, 3], true).to_string(), "[[[[1, 1.5, 2]]]]");
/// ```
///
/// # Panics
/// When `x` has not four axes or a side of 0, or is no floating-point tensor, or a side of the size is 0.
#[doc(alias = "interpolate")]
#[track_caller]
pub fn upsample_bilinear_2d(x: &Tensor, size: [usize; 2], align_corners: bool) -> Tensor {
    check("upsample_bilinear_2d", x, size);
    assert!(x.dtype().is_float(), "upsample_bilinear_2d: input {}{} must be f32 or f64", x.dtype(), x.shape());
    let [rows, columns] = size;
    between(&between(x, 2, rows, align_corners), 3, columns, align_corners)
}

/// Linear interpolation along one axis.
#[track_caller]
fn between(x: &Tensor, axis: isize, new: usize, align_corners: bool) -> Tensor {
    let old = x.shape()[axis as usize];
    if old == new {
        return x.clone();
    }
    let source = |place: usize| match (align_corners, new) {
        (true, 1) => 0.0,
        (true, _) => place as f64 * (old - 1) as f64 / (new - 1) as f64,
        (false, _) => ((place as f64 + 0.5) * old as f64 / new as f64 - 0.5).max(0.0),
    };
    // A whole number that rounding has left beyond the last pixel is that one.
    let sources: Vec<f64> = (0..new).map(|place| source(place).min((old - 1) as f64)).collect();
    let lower: Vec<usize> = sources.iter().map(|source| source.floor() as usize).collect();
    let upper: Vec<usize> = lower.iter().map(|&lower| (lower + 1).min(old - 1)).collect();
    let weight: Vec<f64> = sources.iter().zip(&lower).map(|(source, &lower)| source - lower as f64).collect();
    let column = std::iter::once(new).chain(std::iter::repeat_n(1, x.rank() - 1 - axis as usize));
    let weight = Tensor::from_vec(weight, column.collect::<Shape>()).cast(x.dtype());
    let (lower, upper) = (x.index_select(axis, lower), x.index_select(axis, upper));
    (1.0 - &weight) * lower + weight * upper
}

#[track_caller]
fn check(operation: &str, x: &Tensor, size: [usize; 2]) -> [usize; 4] {
    let sizes @ [.., height, width] = sizes_of_pictures(operation, x);
    assert!(height > 0 && width > 0, "{operation}: input {} has no pixels", x.shape());
    assert!(!size.contains(&0), "{operation}: size {size:?}: none may be 0");
    sizes
}

/// How an [`Upsample`] makes pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UpsampleMode {
    /// See [`upsample_nearest_2d`].
    #[default]
    Nearest,
    /// See [`upsample_bilinear_2d`].
    Bilinear {
        /// Whether the centres of the outermost pixels lie on one another, instead of the edges of the pictures.
        align_corners: bool,
    },
}

/// Makes pictures larger, `[batch, channels, height, width]` to `[batch, channels, rows, columns]`.
///
/// ```
/// use minimand_nn::{Module, Upsample, UpsampleMode};
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::zeros([5, 16, 7, 7]);
/// assert_eq!(Upsample::by([2, 2], UpsampleMode::Nearest).forward(&x).shape().to_string(), "[5, 16, 14, 14]");
/// let bilinear = UpsampleMode::Bilinear { align_corners: false };
/// assert_eq!(Upsample::to([10, 12], bilinear).forward(&x).shape().to_string(), "[5, 16, 10, 12]");
/// ```
#[doc(alias("UpSampling2D", "UpsamplingNearest2d", "UpsamplingBilinear2d"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upsample {
    size: Size,
    mode: UpsampleMode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    Times([usize; 2]),
    Fixed([usize; 2]),
}

impl Upsample {
    /// Height and width so many times as large.
    ///
    /// # Panics
    /// When a factor is 0.
    #[doc(alias = "scale_factor")]
    #[track_caller]
    pub fn by(factors: [usize; 2], mode: UpsampleMode) -> Upsample {
        assert!(!factors.contains(&0), "upsample: factors {factors:?}: none may be 0");
        Upsample { size: Size::Times(factors), mode }
    }

    /// The given height and width, whatever the input has.
    ///
    /// # Panics
    /// When a side is 0.
    #[track_caller]
    pub fn to(size: [usize; 2], mode: UpsampleMode) -> Upsample {
        assert!(!size.contains(&0), "upsample: size {size:?}: none may be 0");
        Upsample { size: Size::Fixed(size), mode }
    }
}

impl Module for Upsample {
    /// # Panics
    /// When the input has not four axes or a side of 0.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        let [.., height, width] = sizes_of_pictures("upsample", input);
        let size = match self.size {
            Size::Times([down, across]) => [height.saturating_mul(down), width.saturating_mul(across)],
            Size::Fixed(size) => size,
        };
        match self.mode {
            UpsampleMode::Nearest => upsample_nearest_2d(input, size),
            UpsampleMode::Bilinear { align_corners } => upsample_bilinear_2d(input, size, align_corners),
        }
    }

    fn parts<'a>(&'a self, _parts: &mut Parts<'a>) {}

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(*self))
    }
}
