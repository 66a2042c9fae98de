//! Figures of merit, in plain `f64`: what the program reports about predictions.
//!
//! They judge a trained model and are never differentiated; losses live in `minimand-loss`. Slices of unequal length or
//! none at all are a mistake of the caller and panic; scores have to be numbers (not NaN).

mod amounts;
mod decisions;
mod deviances;
mod probabilities;
mod quantiles;
mod ranking;
mod spread;

pub use amounts::{
    Decile, mean_absolute_error, mean_absolute_error_up_to, residuals_by_decile, root_mean_squared_error,
    share_held_by, skewness, totals_ratio,
};
pub use decisions::{BestThreshold, Decisions, best_threshold};
pub use deviances::{gamma_deviance, pinball, poisson_deviance, tweedie_deviance};
pub use probabilities::{base_rate, brier, mean};
pub use quantiles::{
    NORMAL_CONSISTENCY, median, median_absolute_deviation, quantile, scaled_median_absolute_deviation,
};
pub use ranking::{PrecisionRecall, average_precision, precision_recall_curve, roc_auc, thinned};
pub use spread::{Difference, Spread};

#[track_caller]
fn check_pair<A, B>(what: &str, one: &[A], other: &[B]) {
    assert!(!one.is_empty(), "{what}: no rows");
    assert_eq!(one.len(), other.len(), "{what}: {} and {} rows", one.len(), other.len());
}
