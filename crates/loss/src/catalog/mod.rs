//! Every loss as data: what it is called, here and elsewhere, what goes in, what comes out, which statistic it estimates, and how to
//! compute it by its name.
//!
//! What is written about a loss is written once, in the documentation of its function; the catalogue reads it there.
//!
//! ```
//! use minimand_loss::catalog::{Arguments, find};
//! use minimand_tensor::Tensor;
//!
//! let huber = find("huber").unwrap();
//! assert_eq!(huber.documentation().formula, "ℓ = ½ r² if |r| ≤ δ else δ (|r| − ½ δ)\nr = prediction − target\nδ = delta");
//! let arguments = Arguments::new()
//!     .tensor("prediction", Tensor::from([0.5, 2.0]))
//!     .tensor("target", Tensor::from([0.0, 0.0]))
//!     .number("delta", 1.0);
//! assert_eq!(huber.evaluate(&arguments)?.to_string(), "[0.125, 1.5]");
//! # Ok::<(), minimand_loss::catalog::ArgumentError>(())
//! ```

mod arguments;
mod documentation;
mod domain;
mod entry;
mod error;
mod formula;
mod latex;
mod parameter;
mod parse;
mod sample;
mod shape;
mod statistic;

pub use arguments::{Arguments, Given, Value};
pub use documentation::Documentation;
pub use domain::{Domain, Input};
pub use entry::{Entry, Family};
pub use error::ArgumentError;
pub use formula::{Definition, Expression, Fold, Formula};
pub use parameter::{Default, Kind, MOST, Parameter};
pub use statistic::{Estimate, Link, Statistic};

pub(crate) use domain::*;
pub(crate) use parameter::*;

/// The families and their entries, in the order of the catalogue.
const FAMILIES: &[(Family, &[&[Entry]])] = &[
    (Family::Regression, &[crate::regression::catalog::ENTRIES]),
    (Family::Likelihood, &[crate::likelihood::catalog::ENTRIES]),
    (Family::Survival, &[crate::survival::catalog::ENTRIES]),
    (
        Family::Classification,
        &[crate::classification::catalog::ENTRIES, crate::classification::catalog_margins::ENTRIES],
    ),
    (Family::LabelNoise, &[crate::label_noise::catalog::ENTRIES]),
    (Family::Ordinal, &[crate::ordinal::catalog::ENTRIES]),
    (Family::Calibration, &[crate::calibration::catalog::ENTRIES]),
    (Family::Risk, &[crate::risk::catalog::ENTRIES]),
    (Family::Ranking, &[crate::ranking::catalog::ENTRIES, crate::ranking::catalog_metrics::ENTRIES]),
    (Family::Preference, &[crate::preference::catalog::ENTRIES]),
    (Family::Embedding, &[crate::embedding::catalog::ENTRIES, crate::embedding::catalog_batches::ENTRIES]),
    (Family::Proxy, &[crate::proxy::catalog::ENTRIES]),
    (Family::SelfSupervised, &[crate::self_supervised::catalog::ENTRIES]),
    (Family::Divergence, &[crate::divergence::catalog::ENTRIES]),
    (Family::Transport, &[crate::transport::catalog::ENTRIES]),
    (Family::Generative, &[crate::generative::catalog::ENTRIES]),
    (Family::Adversarial, &[crate::adversarial::catalog::ENTRIES]),
    (Family::Sequence, &[crate::sequence::catalog::ENTRIES]),
    (Family::Image, &[crate::image::catalog::ENTRIES]),
    (Family::Segmentation, &[crate::segmentation::catalog::ENTRIES]),
    (Family::Detection, &[crate::detection::catalog::ENTRIES]),
];

/// Every loss, family by family.
pub fn catalog() -> impl Iterator<Item = &'static Entry> {
    FAMILIES.iter().flat_map(|(_, lists)| lists.iter().copied().flatten())
}

/// The loss of that name.
pub fn find(name: &str) -> Option<&'static Entry> {
    catalog().find(|entry| entry.name == name)
}
