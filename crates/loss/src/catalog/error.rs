//! Why a loss cannot be computed from what was given.

use minimand_tensor::Shape;
use thiserror::Error;

use crate::labels::LabelError;

/// Why a loss cannot be computed from what was given. Positions count from 0, in row-major order.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ArgumentError {
    /// An input or a parameter is missing.
    #[error("{loss}: {name} is missing")]
    Missing {
        /// The loss.
        loss: &'static str,
        /// What is missing.
        name: &'static str,
    },
    /// There is no such input or parameter.
    #[error("{loss}: there is no {name}; it takes {known}")]
    Unknown {
        /// The loss.
        loss: &'static str,
        /// What was given.
        name: String,
        /// What it takes.
        known: String,
    },
    /// A tensor has another shape than the loss takes.
    #[error("{loss}: {name} {found} must have the shape {expected}{reason}")]
    Shape {
        /// The loss.
        loss: &'static str,
        /// Which input.
        name: &'static str,
        /// Its shape.
        found: Shape,
        /// The shape that it must have.
        expected: &'static str,
        /// Which size does not fit, and what it was taken from.
        reason: String,
    },
    /// A number that may not stand there.
    #[error("{loss}: {name} at position {position} is {value}: it {must}")]
    Domain {
        /// The loss.
        loss: &'static str,
        /// Which input.
        name: &'static str,
        /// Where it stands.
        position: usize,
        /// The number found.
        value: f64,
        /// What it must be.
        must: String,
    },
    /// Labels that name no class.
    #[error("{loss}: {name}: {source}")]
    Label {
        /// The loss.
        loss: &'static str,
        /// Which input.
        name: &'static str,
        /// What is wrong.
        source: LabelError,
    },
    /// A parameter that is not what it may be.
    #[error("{loss}: {name} is {value} and must be {must}")]
    Parameter {
        /// The loss.
        loss: &'static str,
        /// Which parameter.
        name: &'static str,
        /// What was given.
        value: String,
        /// What it may be.
        must: String,
    },
}
