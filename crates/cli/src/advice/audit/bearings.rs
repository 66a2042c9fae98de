//! What numbers estimate: where they stand among the truths.

use serde::Serialize;

use super::{
    calibration::Shape,
    clusters::{Estimated, mean_by_group, ratio_by_group, reach, share_by_group, standard_error, two_sided},
    read::Predictions,
    score::Lens,
};
use crate::{
    advice::{metric::Metric, purpose::Functional},
    statistics::isotonic::weighted_quantile,
};

/// A functional is ruled out where its test has a smaller probability than this.
pub const RULED_OUT: f64 = 0.01;

/// Levels that are known to less than this on either side are sharp.
const SHARP: f64 = 0.05;

/// The position of predictions among the truths, each with a 95 % interval by group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bearings {
    /// Share of truths at or below the prediction, ties counting half. A median has 0.5.
    pub quantile_level: Estimated,
    /// Share of truths below the prediction.
    pub below: f64,
    /// Share of truths at or below the prediction.
    pub at_or_below: f64,
    /// Sum of the predictions over the sum of the truths, where no truth is negative. A mean has 1.
    pub ratio: Option<Estimated>,
    /// Σ(x − y)₊ / Σ|x − y|. A mean has 0.5.
    pub expectile_level: Estimated,
    /// Mean of prediction − truth.
    pub mean_error: Estimated,
    /// Median of prediction − truth.
    pub median_error: Estimated,
}

impl Bearings {
    pub(super) fn of(data: &Predictions) -> Self {
        let (x, y, weight, groups) = (&data.prediction, &data.target.values, &data.weight, &data.groups);
        let pairs = || x.iter().zip(y);
        let reached: Vec<f64> = pairs()
            .map(|(x, y)| match y.total_cmp(x) {
                std::cmp::Ordering::Less => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Greater => 0.0,
            })
            .collect();
        let share = |wanted: fn(&f64, &f64) -> bool| {
            let shares: Vec<f64> = pairs().map(|(x, y)| f64::from(u8::from(wanted(x, y)))).collect();
            super::clusters::mean(&shares, weight)
        };
        let errors: Vec<f64> = pairs().map(|(x, y)| x - y).collect();
        let surplus: Vec<f64> = errors.iter().map(|error| error.max(0.0)).collect();
        let sizes: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
        let totals = y.iter().all(|&y| y >= 0.0) && pairs().map(|(x, _)| x).sum::<f64>() > 0.0;
        let expectile = ratio_by_group(&surplus, &sizes, weight, groups);
        Self {
            quantile_level: share_by_group(&reached, weight, groups),
            below: share(|x, y| y < x),
            at_or_below: share(|x, y| y <= x),
            ratio: totals.then(|| ratio_by_group(x, y, weight, groups)),
            expectile_level: Estimated { high: expectile.high.min(1.0), ..expectile },
            mean_error: mean_by_group(&errors, weight, groups),
            median_error: median(&errors, data),
        }
    }
}

/// Weighted median; its interval ends where the share of values below would be one interval away.
fn median(values: &[f64], data: &Predictions) -> Estimated {
    let value = weighted_quantile(values, Some(&data.weight), 0.5);
    let total: f64 = data.weight.iter().sum();
    let terms = values.iter().zip(&data.weight).map(|(one, weight)| {
        let below = match one.total_cmp(&value) {
            std::cmp::Ordering::Less => 0.5,
            std::cmp::Ordering::Equal => 0.0,
            std::cmp::Ordering::Greater => -0.5,
        };
        weight * below / total
    });
    let half = (reach(data.groups.count) * standard_error(terms, &data.groups)).min(0.499);
    let at = |level: f64| weighted_quantile(values, Some(&data.weight), level);
    Estimated { value, low: at(0.5 - half).min(value), high: at(0.5 + half).max(value) }
}

/// Whether predictions can be a functional.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Possible {
    /// Probability of an average as far off, if they are.
    pub p_average: Option<f64>,
    /// Probability of a deviation along the prediction as large, if they are.
    pub p_along: Option<f64>,
    /// Whether neither rules it out.
    pub possible: bool,
}

impl Possible {
    fn new(p_average: Option<f64>, p_along: Option<f64>) -> Self {
        let holds = |p: Option<f64>| p.is_none_or(|p| p >= RULED_OUT);
        Self { p_average, p_along, possible: holds(p_average) && holds(p_along) }
    }
}

/// What the predictions look like.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Seen {
    /// The functional; none where they are neither a mean, nor a median, nor one quantile.
    pub functional: Option<Functional>,
    /// Whether they can be a mean.
    pub mean: Possible,
    /// Whether they can be a median.
    pub median: Possible,
    /// Whether their level is the same along the prediction, so that they can be one quantile.
    pub one_level: Possible,
    /// Whether the intervals are narrow enough to tell a mean from a median.
    pub sharp: bool,
}

impl Seen {
    pub(super) fn of(data: &Predictions, bearings: &Bearings, shape: &Shape) -> Self {
        let lens = |functional, metric| Lens::new(functional, metric).expect("one number can be a mean or a quantile");
        let mean = lens(Functional::Mean, Metric::Rmse);
        let median = lens(Functional::Median, Metric::Mae);
        let level = bearings.quantile_level.value;
        let own = lens(Functional::Quantile(level), Metric::Pinball(level));
        let error = &bearings.mean_error;
        let average = two_sided(error.value / (error.half_width() / reach(data.groups.count)), data.groups.count);
        let along = |lens: Lens| shape.calibrated(data, lens);
        let possible_mean = Possible::new(Some(average), along(mean));
        let possible_median = Possible::new(None, along(median));
        let one_level = Possible::new(None, shape.constant(&shape.errors(data, own), data));
        let functional = match (possible_mean.possible, possible_median.possible, one_level.possible) {
            (true, _, _) => Some(Functional::Mean),
            (false, true, _) => Some(Functional::Median),
            (false, false, true) => Some(Functional::Quantile(rounded(level))),
            (false, false, false) => None,
        };
        let narrow = |estimate: &Estimated| estimate.half_width() <= SHARP;
        Self {
            functional,
            mean: possible_mean,
            median: possible_median,
            one_level,
            sharp: narrow(&bearings.quantile_level) && narrow(&bearings.expectile_level),
        }
    }

    /// Whether both a mean and a median are possible.
    pub fn alike(&self) -> bool {
        self.mean.possible && self.median.possible
    }
}

/// A level to two places, three near 0 and 1.
pub(super) fn rounded(level: f64) -> f64 {
    let places = if (0.05..=0.95).contains(&level) { 100.0 } else { 1000.0 };
    ((level * places).round() / places).clamp(0.001, 0.999)
}
