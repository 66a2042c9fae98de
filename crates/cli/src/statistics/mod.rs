//! Statistics of the advice: comparisons of losses with honest intervals, and estimators of what the data are like.
//!
//! Estimators, robust to rows of a group that depend on each other: [`tails`], [`dispersion`](mod@dispersion) of counts,
//! [`variance_power`](mod@variance_power), [`zeros`](mod@zeros) beside what the [`negative_binomial`] law expects,
//! [`moments`](mod@moments), [`breusch_pagan`](mod@breusch_pagan), which functional predictions are
//! ([`functional_level`]), [`calibration`](mod@calibration) on [`isotonic`](mod@isotonic) regression, [`murphy`] differences,
//! label [`noise`], and [`brant`](mod@brant)'s test of proportional odds.

pub mod brant;
pub mod breusch_pagan;
pub mod calibration;
pub mod dispersion;
pub mod estimate;
pub mod functional_level;
pub mod isotonic;
mod linear_algebra;
pub mod moments;
pub mod murphy;
pub mod negative_binomial;
pub mod noise;
pub mod tails;
pub mod variance_power;
pub mod zeros;
