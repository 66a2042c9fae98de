//! What can be wrong with a checkpoint, and how it is said.

use std::fmt;
use std::path::PathBuf;

use minimand_tensor::{DType, Shape};
use thiserror::Error;

/// Why a checkpoint could not be saved, loaded or restored. Nothing has changed then: neither the file nor the model.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The file cannot be read.
    #[error("checkpoint {}: cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file cannot be written. If it existed, it is as it was.
    #[error("checkpoint {}: cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is cut short, damaged or of another format.
    #[error("checkpoint {}: is damaged or no safetensors file: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A tensor in the file has an element type that there is no tensor for.
    #[error("checkpoint {}: {name} holds {found}; only f16, bf16, f32, f64, integers and bool can be read", path.display())]
    UnknownType {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Its element type, as the format calls it.
        found: String,
    },
    /// A tensor has a name that the format reserves.
    #[error("checkpoint {}: a tensor cannot be called {name}: the format reserves the name", path.display())]
    ReservedName {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
    },
    /// A tensor that is asked for is not there.
    #[error("checkpoint{}: {name} is missing", Origin(path))]
    Missing {
        /// The file, if the checkpoint was read from one.
        path: Option<PathBuf>,
        /// The tensor.
        name: String,
    },
    /// A tensor that is asked for is not what it must be.
    #[error("checkpoint{}: {name} is {found}, and must be {expected}", Origin(path))]
    Unsuitable {
        /// The file, if the checkpoint was read from one.
        path: Option<PathBuf>,
        /// The tensor.
        name: String,
        /// Its type and shape, or its value.
        found: String,
        /// What it must be.
        expected: String,
    },
    /// The tensors are not those of the model.
    #[error("checkpoint{}: does not fit the model: {}", Origin(path), Misfits(misfits))]
    DoesNotFit {
        /// The file, if the checkpoint was read from one.
        path: Option<PathBuf>,
        /// All differences: first those of the model's parameters, then tensors that the model has no parameter for.
        misfits: Vec<Misfit>,
    },
}

/// One difference between a checkpoint and a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// The checkpoint lacks a parameter of the model.
    Missing {
        /// The parameter.
        name: String,
    },
    /// The model lacks a tensor of the checkpoint.
    Unexpected {
        /// The tensor.
        name: String,
    },
    /// A tensor differs from one that the model has under another name: their weights are tied.
    Contradicts {
        /// The tensor.
        name: String,
        /// The one before, which is the same parameter of the model.
        other: String,
    },
    /// The shape or the element type differs.
    Differs {
        /// The parameter.
        name: String,
        /// What the checkpoint holds.
        found: (DType, Shape),
        /// What the model holds.
        wanted: (DType, Shape),
    },
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Misfit::Missing { name } => write!(f, "{name} is missing"),
            Misfit::Unexpected { name } => write!(f, "{name} is unexpected"),
            Misfit::Contradicts { name, other } => {
                write!(f, "{name} differs from {other}, and the two are one in the model")
            }
            Misfit::Differs { name, found, wanted } => {
                write!(
                    f,
                    "{name} is {}{} in the checkpoint and {}{} in the model",
                    found.0, found.1, wanted.0, wanted.1
                )
            }
        }
    }
}

/// How many differences are spelt out before the rest is only counted.
const SPELT_OUT: usize = 8;

pub(super) struct Misfits<'a>(pub(super) &'a [Misfit]);

impl fmt::Display for Misfits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, misfit) in self.0.iter().take(SPELT_OUT).enumerate() {
            write!(f, "{}{misfit}", if index == 0 { "" } else { "; " })?;
        }
        match self.0.len().saturating_sub(SPELT_OUT) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

struct Origin<'a>(&'a Option<PathBuf>);

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |path| write!(f, " {}", path.display()))
    }
}
