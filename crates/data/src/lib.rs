//! What programs around a loss need: array files, divisions of rows, standardisation, metrics.
//!
//! - [`idx`], [`npy`], [`npz`]: files of arrays, read and written; an [`Array`] becomes a tensor.
//! - [`split`]: train, validation and test rows; folds.
//! - [`Standardiser`], [`Categories`]: columns as models want them, by what the training rows show.
//! - [`metrics`]: what predictions are worth.
//! - With the feature `ndarray`: tensors from arrays of that crate (`tensor_from_ndarray`), and back.

#![forbid(unsafe_code)]

mod array;
mod categories;
mod files;
#[cfg(feature = "ndarray")]
mod interchange;
pub mod metrics;
pub mod split;
mod standardise;

pub use array::{Array, ElementType, Half, IntegerTooLarge, Values};
pub use categories::{Categories, UnknownCategory};
pub use files::{FileError, FileFault, idx, npy, npz};
#[cfg(feature = "ndarray")]
pub use interchange::{tensor_from_ndarray, tensor_to_ndarray};
pub use standardise::Standardiser;
