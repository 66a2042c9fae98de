//! Losses of times until an event, some of which were not waited for (censored).

mod accelerated;
pub(crate) mod catalog;
mod cox;
mod discrete;
mod times;

pub use accelerated::{log_logistic_aft, log_normal_aft, weibull_aft};
pub use cox::{cox_breslow, cox_efron};
pub use discrete::{discrete_hazard_nll, discrete_time_nll};
pub use times::{SurvivalError, SurvivalTimes};
