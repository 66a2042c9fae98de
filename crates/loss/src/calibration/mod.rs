//! Calibration: do predicted probabilities come true as often as they say?

mod adaptive;
mod beta;
mod brier;
mod calibration_error;
pub(crate) mod catalog;
mod fit;
mod focal_calibration;
mod forecasts;
mod platt;
mod reliability;
mod scores;
mod soft;
mod temperature;
mod vector;

pub use adaptive::{adaptive_calibration_error, classwise_adaptive_calibration_error, static_calibration_error};
pub use beta::{BetaScaling, beta_calibrated_cross_entropy};
pub use brier::{binary_brier_score, brier_score};
pub use calibration_error::{
    average_calibration_error, binary_expected_calibration_error, expected_calibration_error, maximum_calibration_error,
};
pub use fit::FitError;
pub use focal_calibration::{
    MarginLabelSmoothingOptions, accuracy_versus_uncertainty, dual_focal, margin_label_smoothing, mdca,
};
pub use platt::{PlattScaling, platt_scaled_cross_entropy};
pub use reliability::{BrierDecomposition, ReliabilityBin, ReliabilityDiagram};
pub use scores::{logarithmic_score, spherical_score, winkler_interval_score};
pub use soft::{SoftCalibrationErrorOptions, maximum_mean_calibration_error, soft_expected_calibration_error};
pub use temperature::{TemperatureScaling, temperature_scaled_cross_entropy};
pub use vector::{VectorScaling, matrix_scaled_cross_entropy, vector_scaled_cross_entropy};
