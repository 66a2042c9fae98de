//! What programs around a loss need: array files, divisions of rows, standardisation, metrics.
//!
//! - [`idx`], [`npy`], [`npz`]: files of arrays, read and written; an [`Array`] becomes a tensor.
//! - [`split`]: train, validation and test rows; folds.
//! - [`Standardiser`], [`Categories`]: columns as models want them, by what the training rows show.
//! - [`metrics`]: what predictions are worth.

#![forbid(unsafe_code)]

mod array;
mod categories;
mod files;
pub mod metrics;
pub mod split;
mod standardise;

pub use array::{Array, ElementType, Half, IntegerTooLarge, Values};
pub use categories::{Categories, UnknownCategory};
pub use files::{FileError, FileFault, idx, npy, npz};
pub use standardise::Standardiser;
