//! Figures of merit, in plain `f64`: what predictions are worth.
//!
//! They judge a trained model and are never differentiated; losses live in `minimand-loss`. A bad input is a [`MetricError`] that names the
//! input, the entry and the value: rows that do not fit together, NaN, a probability of 1.2, a metric that these rows do not define.
//!
//! | | |
//! | --- | --- |
//! | decisions and classes | [`accuracy`], [`Decisions`] (of a threshold), [`ConfusionMatrix`]: balanced accuracy, precision, recall, F1, Matthews, kappa |
//! | scores of two classes | [`roc_auc`], [`roc_auc_one_vs_rest`], [`average_precision`], [`precision_recall_curve`], [`best_threshold`] |
//! | probabilities | [`log_loss`], [`brier`], [`reliability`], [`expected_calibration_error`], [`debiased_calibration_error`] |
//! | amounts | [`mean_absolute_error`], [`root_mean_squared_error`], [`r_squared`], [`mean_absolute_percentage_error`], [`median_absolute_error`], [`explained_variance`], [`totals_ratio`] |
//! | quantiles and counts | [`mean_pinball`], [`d2_pinball`], [`mean_poisson_deviance`], [`mean_gamma_deviance`], [`mean_tweedie_deviance`], [`d2_tweedie`] |
//! | lists | [`ndcg`], [`reciprocal_rank`], [`list_average_precision`], [`recall_at`], [`precision_at`], [`mean_over_lists`] |
//! | embeddings | [`Retrieval`]: recall@k, R-precision, MAP@R |
//! | order | [`pearson`], [`spearman`], [`kendall`] |
//!
//! Those that weights make sense for are in [`weighted`] under the same name. Means and quantiles ([`mean`], [`quantile`], [`median`] …) panic
//! for no values.

mod amounts;
mod check;
mod confusion;
mod correlation;
mod decisions;
mod deviances;
mod error;
mod lists;
mod probabilities;
mod quantiles;
mod ranking;
mod retrieval;
mod statistics;
pub mod weighted;

pub use amounts::{
    explained_variance, max_error, mean_absolute_error, mean_absolute_percentage_error, mean_squared_error,
    median_absolute_error, r_squared, root_mean_squared_error, totals_ratio,
};
pub use confusion::{Average, ConfusionMatrix, Disagreement, accuracy};
pub use correlation::{kendall, pearson, spearman};
pub use decisions::{BestThreshold, Decisions, best_threshold};
pub use deviances::{
    d2_pinball, d2_tweedie, gamma_deviance, mean_gamma_deviance, mean_pinball, mean_poisson_deviance,
    mean_tweedie_deviance, pinball, poisson_deviance, tweedie_deviance,
};
pub use error::MetricError;
pub use lists::{
    Gain, ListMean, NdcgOptions, list_average_precision, mean_over_lists, ndcg, precision_at, recall_at,
    reciprocal_rank,
};
pub use probabilities::{
    Bins, ReliabilityBin, brier, brier_of_classes, debiased_calibration_error, expected_calibration_error, log_loss,
    log_loss_of_classes, reliability,
};
pub use quantiles::{
    NORMAL_CONSISTENCY, median, median_absolute_deviation, quantile, scaled_median_absolute_deviation,
};
pub use ranking::{PrecisionRecall, average_precision, precision_recall_curve, roc_auc, roc_auc_one_vs_rest};
pub use retrieval::{Nearness, Retrieval};
pub use statistics::{base_rate, mean};
