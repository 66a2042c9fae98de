//! Losses of a residual `r = prediction − target`: how far off is a number?

mod absolute_error;
pub(crate) mod catalog;
mod huber;
mod log_cosh;
mod quantile;
mod squared_error;

pub use absolute_error::absolute_error;
pub use huber::{huber, smooth_l1};
pub use log_cosh::log_cosh;
pub use quantile::{quantile, quantiles};
pub use squared_error::squared_error;
