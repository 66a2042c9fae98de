//! The numbers at which rules fire. The texts of [`catalog`](super::catalog) state them, and a test holds both together.

/// MIN110: below this tail index (the upper end of both estimators' intervals) the variance is infinite.
pub const VARIANCE_EXISTS: f64 = 2.0;
/// MIN111: below this tail index a mean squared error has no standard error.
pub const FOURTH_MOMENT_EXISTS: f64 = 4.0;
/// MIN112: skewness of the residuals above which mean and median are told apart.
pub const SKEWNESS: f64 = 0.5;
/// MIN113: asymmetry of the deciles, (q90 + q10 − 2 q50) / (q90 − q10), up to which errors are taken as symmetric.
pub const ASYMMETRY: f64 = 0.15;
/// MIN113: kurtosis of the residuals from which outliers are suspected (a normal law has 3).
pub const KURTOSIS: f64 = 6.0;
/// MIN110, MIN120: by so many standard errors least squares does better than a log link where the logarithm bends what is straight.
pub const LINK_T: f64 = 2.0;
/// MIN110, MIN120: and by more than this share of its deviance.
pub const LINK_SHARE: f64 = 0.02;
/// MIN121: kurtosis of the residuals of ln y above which the log scale is heavy-tailed, too.
pub const LOG_KURTOSIS: f64 = 3.0;
/// MIN121: rows that this takes.
pub const LOG_ROWS: usize = 500;
/// MIN130: share of exact zeros, from and to.
pub const ZEROS: (f64, f64) = (0.01, 0.99);
/// MIN140: t statistic of the Cameron–Trivedi regression.
pub const DISPERSION_T: f64 = 3.0;
/// MIN141: probability of as many zeros under a negative binomial law.
pub const ZEROS_P: f64 = 0.01;
/// MIN151, MIN113, MIN121: probability of a spread that varies as much by chance.
pub const SPREAD_P: f64 = 0.01;
/// MIN160: share of the rarer class.
pub const PREVALENCE: f64 = 0.20;
/// MIN160: rank correlation from which two losses order the rows alike.
pub const SAME_ORDER: f64 = 0.98;
/// MIN163: accuracy on the training rows from which a network interpolates.
pub const INTERPOLATION: f64 = 0.995;
/// MIN164: number of classes.
pub const LONG_TAIL_CLASSES: usize = 10;
/// MIN164: rows of the largest class over rows of the smallest.
pub const LONG_TAIL_RATIO: f64 = 20.0;
/// MIN170: share of labels that the confident joint takes for wrong.
pub const LABEL_NOISE: f64 = 0.05;
/// MIN180: share of the log loss that is miscalibration.
pub const MISCALIBRATION: f64 = 0.02;
/// MIN180: probability of as much miscalibration by chance.
pub const MISCALIBRATION_P: f64 = 0.05;
/// MIN180: rows of the rarer of two classes below which a curve of calibration tells nothing.
pub const CALIBRATION_EVENTS: usize = 30;
/// MIN180: rows for validation below which one temperature is all that can be fitted.
pub const CALIBRATION_ROWS: usize = 1000;
/// MIN190: number of ordered classes, from and to.
pub const ORDERED_CLASSES: (usize, usize) = (3, 15);
/// MIN190: probability of slopes that differ as much by chance (Brant).
pub const PROPORTIONAL_ODDS_P: f64 = 0.01;
/// MIN200: lists below which a loss of whole lists has too few of them.
pub const FEW_LISTS: usize = 200;
/// MIN200: lists from which losses of the metric itself are worth a trial.
pub const MANY_LISTS: usize = 1000;
/// MIN201: how well the position alone tells what was clicked (AUC).
pub const POSITION_AUC: f64 = 0.6;
/// MIN300: events or groups in each test part.
pub const EVIDENCE: usize = 10;
/// MIN300: standard error of a difference over the region of practical equivalence.
pub const BLUR: f64 = 3.0;
/// MIN301: R² or AUC of one column alone.
pub const LEAK: f64 = 0.99;
