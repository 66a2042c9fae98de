//! What programs around a loss need: array files, divisions of rows, standardisation, metrics.
//!
//! - [`idx`], [`npy`], [`npz`]: files of arrays, read and written; an [`Array`] becomes a tensor.
//! - [`split`]: train, validation and test rows; folds.
//! - [`metrics`]: what predictions are worth.

#![forbid(unsafe_code)]

mod array;
mod files;
pub mod metrics;
pub mod split;

pub use array::{Array, ElementType, Half, IntegerTooLarge, Values};
pub use files::{FileError, FileFault, idx, npy, npz};
