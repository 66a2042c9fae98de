//! What the advisor trains: a linear model and a small network, by any of the [`Objective`]s.

mod fitted;
mod law;
mod linear;
mod lists;
mod network;
mod objective;
mod parallel;
mod predict;
mod probe;
mod sample;

pub use fitted::{FittedModel, fit, penalty_unit};
pub use law::Law;
pub use objective::{Link, Objective};
pub use parallel::{side_by_side, until_stopped};
pub use predict::Prediction;
pub use probe::{Probe, ProbeError, ProbeFold, probe, probe_folds};
pub use sample::{FitError, FitSetting, ModelKind, Sample, SampleRows, Validation};

#[cfg(test)]
mod tests;
