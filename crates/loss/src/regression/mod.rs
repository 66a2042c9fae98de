//! Losses of a residual `r = prediction − target`: how far off is a number?

mod absolute_error;
mod agreement;
mod asymmetric;
pub(crate) mod catalog;
mod charbonnier;
mod cosine_distance;
mod deviance;
mod epsilon_insensitive;
mod general_robust;
mod huber;
mod log_cosh;
mod logarithmic;
mod lp;
mod percentage;
mod quantile;
mod redescending;
mod root_mean_squared_error;
mod scale_invariant_log_error;
mod squared_error;
mod wing;

pub use absolute_error::absolute_error;
pub use agreement::{coefficient_of_determination, concordance, negative_pearson};
pub use asymmetric::{expectile, huberised_quantile};
pub use charbonnier::{charbonnier, pseudo_huber};
pub use cosine_distance::cosine_distance;
pub use deviance::{gamma_deviance, inverse_gaussian_deviance, tweedie_deviance, tweedie_deviance_log_mean};
pub use epsilon_insensitive::{epsilon_insensitive, squared_epsilon_insensitive};
pub use general_robust::{GeneralRobustOptions, general_robust};
pub use huber::{huber, smooth_l1};
pub use log_cosh::log_cosh;
pub use logarithmic::{root_mean_squared_logarithmic_error, squared_logarithmic_error};
pub use lp::lp;
pub use percentage::{
    absolute_percentage_error, absolute_scaled_error, symmetric_absolute_percentage_error,
    weighted_absolute_percentage_error,
};
pub use quantile::{quantile, quantiles};
pub use redescending::{cauchy, geman_mcclure, tukey_biweight, welsch};
pub use root_mean_squared_error::root_mean_squared_error;
pub use scale_invariant_log_error::scale_invariant_log_error;
pub use squared_error::squared_error;
pub use wing::{AdaptiveWingOptions, WingOptions, adaptive_wing, wing};
