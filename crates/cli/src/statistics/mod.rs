//! Statistics of the advice: comparisons of losses with honest intervals, and estimators of what the data are like.
//!
//! Comparisons: [`paired`] differences of two losses, their [`equivalence`], the [`confidence_set`](mod@confidence_set) of
//! the best of many, [`holm`](mod@holm) for many pairs, [`wilson`](mod@wilson) for proportions,
//! [`subsampling`](mod@subsampling) for heavy tails, [`bootstrap`](mod@bootstrap), [`auc`] and
//! [`randomisation`](mod@randomisation) for figures that are no mean over rows, and the outer [`holdout`]. Everywhere less
//! is better, and a difference is the first loss minus the second.
//!
//! Estimators, robust to rows of a group that depend on each other and, where weights mean something to them, weighted
//! ([`Sampling`]): [`tails`], [`dispersion`](mod@dispersion) of counts,
//! [`variance_power`](mod@variance_power), [`zeros`](mod@zeros) beside what the [`negative_binomial`] law expects,
//! [`moments`](mod@moments), [`breusch_pagan`](mod@breusch_pagan), which functional predictions are
//! ([`functional_level`]), [`calibration`](mod@calibration) on [`isotonic`](mod@isotonic) regression, [`murphy`] differences,
//! label [`noise`] and the [`error_floor`](mod@error_floor) that it leaves, and [`brant`](mod@brant)'s test of proportional odds.

pub mod auc;
pub mod bootstrap;
pub mod brant;
pub mod breusch_pagan;
pub mod calibration;
pub mod clusters;
pub mod confidence_set;
pub mod dispersion;
pub mod equivalence;
pub mod error_floor;
pub mod estimate;
pub mod functional_level;
pub mod holdout;
pub mod holm;
pub mod isotonic;
pub(crate) mod linear_algebra;
pub mod moments;
pub mod murphy;
pub mod negative_binomial;
pub mod noise;
mod null_samples;
pub mod paired;
pub mod randomisation;
pub mod sampling;
pub mod subsampling;
pub mod tails;
pub mod variance_power;
pub mod wilson;
pub mod zeros;

pub use auc::{Areas, delong};
pub use bootstrap::{Bootstrap, bootstrap};
pub use clusters::contributions;
pub use confidence_set::{ConfidenceSetError, confidence_set, confidence_set_over_splits, confidence_set_p_values};
pub use equivalence::{Outcome, Probabilities};
pub use holdout::outer_hold_out;
pub use holm::holm;
pub use paired::{Interval, Paired, clustered, corrected, differences, larger_of, naive};
pub use randomisation::randomisation;
pub use sampling::Sampling;
pub use subsampling::{Subsampling, subsampling};
pub use wilson::wilson;
