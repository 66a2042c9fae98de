//! Numbers, given the columns: what the probe leaves of them.

use statrs::distribution::{ContinuousCDF, Normal};

use super::{Evidence, LinkEvidence, Measured, means::quantile_of};
use crate::{
    advice::{
        problem::{Problem, TargetKind},
        rules::limits,
    },
    frame::Groups,
    model::Probe,
    statistics::{
        Sampling,
        breusch_pagan::breusch_pagan,
        dispersion::dispersion,
        moments::{Moments, moments},
        tails::{Tail, TailPoint, tail},
        variance_power::variance_power,
        zeros::{Zeros, zeros},
    },
};

/// What is left of a target of numbers after the probe.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberEvidence {
    /// Rows that were predicted.
    pub rows: usize,
    /// Share of the variance that the probe explains, out of fold.
    pub explained: f64,
    /// Sum of the predictions over the sum of the targets.
    pub totals: f64,
    /// Scaled median absolute deviation of the residuals.
    pub scale: f64,
    /// Asymmetry of their deciles: (q90 + q10 − 2 q50) / (q90 − q10), 0 for a symmetric law.
    pub asymmetry: f64,
    /// Skewness of the residuals.
    pub skewness: Measured,
    /// Kurtosis of the residuals; 3 for a normal law.
    pub kurtosis: Measured,
    /// Whether the size of the residuals depends on the prediction; nothing where that cannot be tested.
    pub spread: Option<SpreadEvidence>,
    /// The tail of what is left: of the ratio of target to prediction, or of the residuals' size where targets have either sign.
    pub tail: Option<TailEvidence>,
    /// The power by which the variance grows with the mean.
    pub power: Option<Measured>,
    /// The logarithm of the targets, where all are above 0.
    pub logarithm: Option<LogEvidence>,
    /// Counts.
    pub counts: Option<CountEvidence>,
    /// Least squares beside the probe, where that has a log link.
    pub link: Option<LinkEvidence>,
}

/// Whether the size of the residuals can be predicted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpreadEvidence {
    /// Test statistic.
    pub statistic: f64,
    /// Probability of it by chance.
    pub p: f64,
}

/// A tail.
#[derive(Debug, Clone, PartialEq)]
pub struct TailEvidence {
    /// For each number of largest values: that number, Hill's estimate with its interval, and the moment estimate.
    pub points: Vec<[f64; 5]>,
    /// By Hill's estimator, on the largest 10 %.
    pub hill: Measured,
    /// By the moment estimator, on the largest 10 %.
    pub moment: Measured,
    /// Least and greatest of both over the largest 1 to 5 %.
    pub range: (f64, f64),
    /// How many of the largest values were used, from and to.
    pub k: (usize, usize),
    /// Whether the variance may be infinite.
    pub variance_in_doubt: bool,
    /// Whether the fourth moment may be infinite.
    pub fourth_moment_in_doubt: bool,
    /// Power law against log-normal: positive speaks for the power law, standard normal where they fit alike.
    pub against_log_normal: f64,
    /// Whether a log-normal law fits as well, or better.
    pub log_normal_possible: bool,
}

/// Errors of ln y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogEvidence {
    /// Their kurtosis; 3 for a normal law.
    pub kurtosis: Measured,
    /// Their skewness.
    pub skewness: Measured,
    /// Whether their size depends on the prediction.
    pub spread: Option<SpreadEvidence>,
    /// exp of their mean: the share of the sum that a model of ln y predicts before it is repaired.
    pub geometric: f64,
}

/// Counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CountEvidence {
    /// α of the variance μ + α μ², by the auxiliary regression.
    pub alpha: Measured,
    /// Its t statistic, by group.
    pub t: f64,
    /// The same as if all rows were independent.
    pub naive_t: f64,
    /// Share of zeros that were seen among the predicted rows.
    pub zeros: f64,
    /// Share that a Poisson law expects.
    pub zeros_poisson: f64,
    /// Share that a negative binomial law expects.
    pub zeros_negative_binomial: f64,
    /// Probability of as many zeros, or more, under the negative binomial law.
    pub zeros_p: f64,
}

impl NumberEvidence {
    /// Whether mean and median of the errors are told apart.
    pub fn is_skewed(&self) -> bool {
        let deciles = self.asymmetry.abs() > limits::ASYMMETRY && self.asymmetry * self.skewness.value > 0.0;
        // Where the third moment hardly exists its interval is wide, and the deciles tell.
        self.skewness.value.abs() > limits::SKEWNESS && (deciles || !self.skewness.holds(0.0))
    }

    /// Whether the errors look alike on both sides.
    pub fn is_symmetric(&self) -> bool {
        self.asymmetry.abs() <= limits::ASYMMETRY && !self.is_skewed()
    }

    /// Whether a log link bends what is straight.
    pub fn is_bent(&self) -> bool {
        self.link.is_some_and(|link| link.is_bent())
    }

    /// Whether a log link does clearly better than a straight line.
    pub fn is_multiplying(&self) -> bool {
        self.link.is_some_and(|link| link.is_multiplying())
    }

    /// Whether the spread of ln y depends on the prediction.
    pub fn logarithm_varies(&self) -> bool {
        let spread = self.logarithm.and_then(|logarithm| logarithm.spread);
        spread.is_some_and(|spread| spread.p < limits::SPREAD_P)
    }
}

impl From<&Tail> for TailEvidence {
    fn from(tail: &Tail) -> Self {
        let widest = tail.widest();
        let first = tail.points.first().map_or(widest.k, |point| point.k);
        // Rows that repeat each other widen both estimators' errors alike.
        let k = widest.k as f64;
        let design = widest.hill_error * k.sqrt() / widest.hill;
        let gamma = 1.0 / widest.moment;
        let moment_low = 1.0 / (gamma + 1.96 * design * ((1.0 + gamma * gamma) / k).sqrt());
        let four = limits::FOURTH_MOMENT_EXISTS;
        let numbers =
            |point: &TailPoint| [point.k as f64, point.hill, point.hill_low(), point.hill_high(), point.moment];
        Self {
            points: tail.points.iter().map(numbers).collect(),
            hill: Measured { value: widest.hill, low: widest.hill_low(), high: widest.hill_high() },
            moment: Measured { value: widest.moment, low: moment_low, high: widest.moment_high },
            range: tail.range(),
            k: (first, widest.k),
            variance_in_doubt: tail.moment_in_doubt(limits::VARIANCE_EXISTS),
            // Judging by fewer moments costs little: here it is enough that the second estimator does not object.
            fourth_moment_in_doubt: widest.hill_high() < four && widest.moment.is_finite() && moment_low < four,
            against_log_normal: tail.against_log_normal,
            log_normal_possible: tail.log_normal_possible(),
        }
    }
}

impl SpreadEvidence {
    /// Of residuals; nothing where the variable does not vary.
    fn of(residuals: &[f64], variable: &[f64], rows: Sampling<'_>) -> Option<Self> {
        let t = breusch_pagan(residuals, variable, rows)?.t();
        t.is_finite().then(|| Self { statistic: t * t, p: 2.0 * Normal::standard().sf(t.abs()) })
    }
}

/// Skewness and kurtosis; not known where there are too few groups.
fn shape(values: &[f64], rows: Sampling<'_>) -> (Measured, Measured) {
    let unknown = Measured { value: f64::NAN, low: f64::NAN, high: f64::NAN };
    moments(values, rows)
        .map_or((unknown, unknown), |Moments { skewness, kurtosis }| (skewness.into(), kurtosis.into()))
}

impl NumberEvidence {
    /// Of a probe's rows.
    pub(super) fn of(problem: &Problem, probe: &Probe) -> Self {
        let kind = problem.target.kind;
        let order = Evidence::settled(problem, probe);
        let y: Vec<f64> = order.iter().map(|&place| problem.target.values[probe.rows[place]]).collect();
        let groups: Vec<u32> = order.iter().map(|&place| problem.groups.of_row[probe.rows[place]]).collect();
        let mu: Vec<f64> = order.iter().map(|&place| probe.prediction[place]).collect();
        let predictor: Vec<f64> = order.iter().map(|&place| probe.linear_predictor[place]).collect();
        let residuals: Vec<f64> = y.iter().zip(&mu).map(|(y, mu)| y - mu).collect();
        let weight = Evidence::weights(problem, probe, &order);
        let rows = Sampling::new(&groups, weight.as_deref());
        let mean = rows.mean(y.iter().copied());
        let all = rows.sum(y.iter().map(|y| (y - mean).powi(2)));
        let (skewness, kurtosis) = shape(&residuals, rows);
        let mut sorted = residuals.clone();
        let [q10, q50, q90] = [0.1, 0.5, 0.9].map(|share| quantile_of(&mut sorted, rows.weights(), share));
        let mut sizes: Vec<f64> = residuals.iter().map(|residual| (residual - q50).abs()).collect();
        let has_mean = matches!(kind, TargetKind::Amount | TargetKind::Count) && mu.iter().all(|mu| *mu > 0.0);
        let ratios: Vec<f64> = if has_mean { y.iter().zip(&mu).map(|(y, mu)| y / mu).collect() } else { Vec::new() };
        let of_tail = if kind == TargetKind::Real {
            tail(&residuals.iter().map(|residual| residual.abs()).collect::<Vec<_>>(), &groups)
        } else if has_mean {
            tail(&ratios, &groups)
        } else {
            None
        };
        let has_logarithm = kind == TargetKind::Amount && has_mean && y.iter().all(|y| *y > 0.0);
        let logarithms = || ratios.iter().map(|ratio| ratio.ln()).collect::<Vec<f64>>();
        Self {
            rows: y.len(),
            explained: 1.0 - rows.sum(residuals.iter().map(|residual| residual * residual)) / all,
            totals: rows.sum(mu.iter().copied()) / rows.sum(y.iter().copied()),
            scale: 1.4826 * quantile_of(&mut sizes, rows.weights(), 0.5),
            asymmetry: (q90 + q10 - 2.0 * q50) / (q90 - q10),
            skewness,
            kurtosis,
            spread: SpreadEvidence::of(&residuals, &mu, rows),
            tail: of_tail.as_ref().map(TailEvidence::from),
            power: has_mean.then(|| variance_power(&y, &mu, rows)).flatten().map(Measured::from),
            logarithm: has_logarithm.then(|| LogEvidence::of(&logarithms(), &predictor, rows)),
            counts: (kind == TargetKind::Count && has_mean).then(|| CountEvidence::of(&y, &mu, rows)),
            link: LinkEvidence::of(problem, probe),
        }
    }
}

impl LogEvidence {
    /// Of ln of target over prediction. A line in the predictor is taken off: what fits y best need not fit ln y best.
    fn of(logarithms: &[f64], predictor: &[f64], rows: Sampling<'_>) -> Self {
        let (x, y) = (rows.mean(predictor.iter().copied()), rows.mean(logarithms.iter().copied()));
        let xx = rows.sum(predictor.iter().map(|own| (own - x).powi(2)));
        let xy = rows.sum(predictor.iter().zip(logarithms).map(|(own, value)| (own - x) * (value - y)));
        let slope = if xx > 0.0 { xy / xx } else { 0.0 };
        let errors: Vec<f64> =
            predictor.iter().zip(logarithms).map(|(own, value)| value - y - slope * (own - x)).collect();
        let (skewness, kurtosis) = shape(&errors, rows);
        Self { kurtosis, skewness, spread: SpreadEvidence::of(&errors, predictor, rows), geometric: y.exp() }
    }
}

impl CountEvidence {
    fn of(y: &[f64], mu: &[f64], rows: Sampling<'_>) -> Self {
        let alpha = dispersion(y, mu, rows);
        let alone: Vec<u32> = Groups::none(y.len()).of_row;
        let Zeros { observed, poisson, negative_binomial, p, .. } = zeros(y, mu, rows);
        Self {
            alpha: alpha.into(),
            t: alpha.t(),
            naive_t: dispersion(y, mu, Sampling::new(&alone, rows.weights())).t(),
            zeros: observed,
            zeros_poisson: poisson,
            zeros_negative_binomial: negative_binomial,
            zeros_p: p,
        }
    }
}
