//! Adaptive pooling: as many windows as the result is to have, of about equal sizes.

use minimand_tensor::{DType, Tensor};

use crate::module::{Module, Parts};
use crate::picture::sizes_of_batch;

/// The mean of each of `size` windows that cover the rows `[batch, channels, length]`: `[batch, channels, size]`, whatever their length.
///
/// Window `i` begins at `⌊i · length / size⌋` and ends before `⌈(i + 1) · length / size⌉`, as in PyTorch: neighbours share an entry where the length is
/// no multiple of the size.
///
/// ```
/// use minimand_nn::adaptive_avg_pool_1d;
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::from([1.0, 2.0, 3.0, 4.0, 5.0]).reshape([1, 1, 5]);
/// assert_eq!(adaptive_avg_pool_1d(&x, 2).to_string(), "[[[2, 4]]]"); // of 1, 2, 3 and of 3, 4, 5
/// ```
///
/// # Panics
/// When `x` has not three axes or no length, or the size is 0.
#[doc(alias("adaptive_avg_pool1d", "global_average_pooling"))]
#[track_caller]
pub fn adaptive_avg_pool_1d(x: &Tensor, size: usize) -> Tensor {
    Cut::of("adaptive_avg_pool_1d", x, [size]).mean()
}

/// The mean of each of `[rows, columns]` windows that cover the pictures `[batch, channels, height, width]`: `[batch, channels, rows, columns]`,
/// whatever their size. Along both axes the windows lie as those of [`adaptive_avg_pool_1d`]. A size of `[1, 1]` is **global average pooling**.
///
/// ```
/// use minimand_nn::adaptive_avg_pool_2d;
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::from([[1.0, 2.0, 3.0], [5.0, 6.0, 7.0]]).reshape([1, 1, 2, 3]);
/// assert_eq!(adaptive_avg_pool_2d(&x, [1, 1]).to_string(), "[[[[4]]]]");
/// assert_eq!(adaptive_avg_pool_2d(&x, [1, 2]).to_string(), "[[[[3.5, 4.5]]]]");
/// ```
///
/// # Panics
/// When `x` has not four axes or a side of 0, or a side of the size is 0.
#[doc(alias("adaptive_avg_pool2d", "global_average_pooling"))]
#[track_caller]
pub fn adaptive_avg_pool_2d(x: &Tensor, size: [usize; 2]) -> Tensor {
    Cut::of("adaptive_avg_pool_2d", x, size).mean()
}

/// The greatest entry of each of `[rows, columns]` windows that cover the pictures, in the shapes of [`adaptive_avg_pool_2d`]. A size of `[1, 1]` is
/// **global maximum pooling**. Ties share the gradient evenly.
///
/// ```
/// use minimand_nn::adaptive_max_pool_2d;
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::from([[1.0, 2.0, 3.0], [5.0, 6.0, 7.0]]).reshape([1, 1, 2, 3]);
/// assert_eq!(adaptive_max_pool_2d(&x, [2, 2]).to_string(), "[[[[2, 3],\n   [6, 7]]]]");
/// ```
///
/// # Panics
/// As [`adaptive_avg_pool_2d`].
#[doc(alias("adaptive_max_pool2d", "global_max_pooling"))]
#[track_caller]
pub fn adaptive_max_pool_2d(x: &Tensor, size: [usize; 2]) -> Tensor {
    Cut::of("adaptive_max_pool_2d", x, size).max()
}

#[track_caller]
fn check_size<const D: usize>(operation: &str, size: [usize; D]) {
    assert!(!size.contains(&0), "{operation}: size {size:?}: none may be 0");
}

/// An input cut into windows that cover it.
enum Cut {
    /// All of one size: the input, read another way. The entries of a window lie along the axes.
    Even { windows: Tensor, entries: Vec<usize> },
    /// The entries of a window lie along the last axis of `[batch, channels, …, most]`, which is as long as the greatest window; shorter ones are
    /// filled up where `inside` is false. `filled` is the size of the greatest over that of each.
    Uneven { windows: Tensor, inside: Tensor, filled: Tensor },
}

impl Cut {
    #[track_caller]
    fn of<const D: usize>(operation: &str, x: &Tensor, size: [usize; D]) -> Cut {
        let (n, channels, sides) = sizes_of_batch::<D>(operation, x);
        check_size(operation, size);
        assert!(!sides.contains(&0), "{operation}: input {} has nothing to be pooled", x.shape());
        if (0..D).all(|axis| sides[axis].is_multiple_of(size[axis])) {
            let apart = (0..D).flat_map(|axis| [size[axis], sides[axis] / size[axis]]);
            let windows = x.reshape([n, channels].into_iter().chain(apart).collect::<Vec<usize>>());
            return Cut::Even { windows, entries: (0..D).map(|axis| 3 + 2 * axis).collect() };
        }
        // The places of all entries of all windows, one axis of the input after the other.
        let mut places: Vec<Vec<i64>> = vec![vec![0]];
        for axis in 0..D {
            let (side, size) = (sides[axis], size[axis]);
            let along = (0..size).map(|window| window * side / size..((window + 1) * side).div_ceil(size));
            let along: Vec<_> = along.collect();
            let extended = |window: &Vec<i64>, along: &std::ops::Range<usize>| -> Vec<i64> {
                window
                    .iter()
                    .flat_map(|&place| along.clone().map(move |entry| place * side as i64 + entry as i64))
                    .collect()
            };
            places = places.iter().flat_map(|window| along.iter().map(move |along| extended(window, along))).collect();
        }
        let most = places.iter().map(Vec::len).max().unwrap_or_default();
        let lengths: Vec<i64> = places.iter().map(|window| window.len() as i64).collect();
        for window in &mut places {
            window.resize(most, window[0]);
        }
        let shape = || size.into_iter().chain([most]).collect::<Vec<usize>>();
        let lengths = Tensor::from(lengths).reshape(size.into_iter().chain([1]).collect::<Vec<usize>>());
        let index = Tensor::from_vec(places.concat(), shape());
        let windows = x.reshape([n, channels, sides.iter().product()]).index_select(2, &index);
        Cut::Uneven {
            windows,
            inside: Tensor::iota(most).lt(&lengths),
            filled: most as f64 / lengths.squeeze(-1).cast(DType::F64),
        }
    }

    #[track_caller]
    fn mean(self) -> Tensor {
        match self {
            Cut::Even { windows, entries } => windows.mean_axis(entries.as_slice()),
            Cut::Uneven { windows, inside, filled } => {
                let mean = inside.select(windows, 0).mean_axis(-1);
                let filled = filled.cast(mean.dtype());
                mean * filled
            }
        }
    }

    #[track_caller]
    fn max(self) -> Tensor {
        match self {
            Cut::Even { windows, entries } => windows.max_axis(entries.as_slice()),
            Cut::Uneven { windows, inside, filled } => match windows.dtype() {
                DType::Bool => (windows & inside).max_axis(-1),
                DType::I64 => inside.select(windows, i64::MIN).max_axis(-1),
                DType::F32 | DType::F64 => {
                    let greatest = inside.select(windows, f64::NEG_INFINITY).max_axis(-1);
                    // Where every entry is −∞ what is filled up ties with them, and its share of the gradient is lost: theirs are made up for it.
                    greatest.eq(f64::NEG_INFINITY).select(filled.cast(greatest.dtype()), 1) * greatest
                }
            },
        }
    }
}

/// [`adaptive_avg_pool_1d`] as a module.
#[doc(alias("GlobalAveragePooling1D"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdaptiveAvgPool1d {
    size: usize,
}

impl AdaptiveAvgPool1d {
    /// A module whose results have the given length.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn new(size: usize) -> AdaptiveAvgPool1d {
        check_size("adaptive_avg_pool_1d", [size]);
        AdaptiveAvgPool1d { size }
    }
}

impl Module for AdaptiveAvgPool1d {
    /// # Panics
    /// When the input has not three axes, or no length.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        adaptive_avg_pool_1d(input, self.size)
    }

    fn parts<'a>(&'a self, _parts: &mut Parts<'a>) {}

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(*self))
    }
}

/// [`adaptive_avg_pool_2d`] as a module.
///
/// ```
/// use minimand_nn::{AdaptiveAvgPool2d, Module};
/// use minimand_tensor::Tensor;
///
/// let whole = AdaptiveAvgPool2d::new([1, 1]); // one number for each channel
/// assert_eq!(whole.forward(&Tensor::zeros([5, 16, 7, 9])).shape().to_string(), "[5, 16, 1, 1]");
/// ```
#[doc(alias("GlobalAveragePooling2D"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdaptiveAvgPool2d {
    size: [usize; 2],
}

impl AdaptiveAvgPool2d {
    /// A module whose results have the given height and width.
    ///
    /// # Panics
    /// When a side is 0.
    #[track_caller]
    pub fn new(size: [usize; 2]) -> AdaptiveAvgPool2d {
        check_size("adaptive_avg_pool_2d", size);
        AdaptiveAvgPool2d { size }
    }
}

impl Module for AdaptiveAvgPool2d {
    /// # Panics
    /// When the input has not four axes, or a side of 0.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        adaptive_avg_pool_2d(input, self.size)
    }

    fn parts<'a>(&'a self, _parts: &mut Parts<'a>) {}

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(*self))
    }
}

/// [`adaptive_max_pool_2d`] as a module.
///
/// ```
/// use minimand_nn::{AdaptiveMaxPool2d, Module};
/// use minimand_tensor::Tensor;
///
/// let whole = AdaptiveMaxPool2d::new([1, 1]); // one number for each channel
/// assert_eq!(whole.forward(&Tensor::zeros([5, 16, 7, 9])).shape().to_string(), "[5, 16, 1, 1]");
/// ```
#[doc(alias("GlobalMaxPooling2D"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdaptiveMaxPool2d {
    size: [usize; 2],
}

impl AdaptiveMaxPool2d {
    /// A module whose results have the given height and width.
    ///
    /// # Panics
    /// When a side is 0.
    #[track_caller]
    pub fn new(size: [usize; 2]) -> AdaptiveMaxPool2d {
        check_size("adaptive_max_pool_2d", size);
        AdaptiveMaxPool2d { size }
    }
}

impl Module for AdaptiveMaxPool2d {
    /// # Panics
    /// When the input has not four axes, or a side of 0.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        adaptive_max_pool_2d(input, self.size)
    }

    fn parts<'a>(&'a self, _parts: &mut Parts<'a>) {}

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(*self))
    }
}
