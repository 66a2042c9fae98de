//! Probabilities on the scale of their log odds: what a shift, a temperature, or the inverse of focal makes of them.

use serde::Serialize;

use super::{
    clusters::{Estimated, reach, standard_error},
    read::Predictions,
    score::clipped,
};
use crate::frame::Groups;

/// ln(p / (1 − p)).
pub(super) fn logit(probability: f64) -> f64 {
    let p = clipped(probability);
    (p / (1.0 - p)).ln()
}

/// 1 / (1 + e⁻ᶻ).
pub(super) fn sigmoid(z: f64) -> f64 {
    if z >= 0.0 { 1.0 / (1.0 + (-z).exp()) } else { z.exp() / (1.0 + z.exp()) }
}

/// Which of the two numbers of logit(true) = intercept + slope · logit(predicted) are free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Free {
    /// The intercept; the slope is 1.
    Intercept,
    /// The slope; the intercept is 0.
    Slope,
    /// Both.
    Both,
}

/// A logistic recalibration (Cox 1958).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Recalibration {
    pub(super) intercept: f64,
    pub(super) slope: f64,
    /// Inverse of the information, for (intercept, slope); 0 where it is not free.
    bread: [[f64; 2]; 2],
}

impl Recalibration {
    /// Newton's method with halved steps. `None` where one class is missing or the classes are parted by the score.
    pub(super) fn fit(free: Free, z: &[f64], y: &[f64], weight: &[f64]) -> Option<Self> {
        let (mut intercept, mut slope) = (0.0, 1.0);
        let loss = |intercept: f64, slope: f64| -> f64 {
            let each = z.iter().zip(y).zip(weight);
            each.map(|((z, y), weight)| {
                let at = intercept + slope * z;
                // ln(1 + eᵃ) − y a
                weight * (at.max(0.0) + (-at.abs()).exp().ln_1p() - y * at)
            })
            .sum()
        };
        let mut now = loss(intercept, slope);
        for _ in 0..100 {
            let (mut g, mut h) = ([0.0; 2], [0.0; 3]);
            for ((z, y), weight) in z.iter().zip(y).zip(weight) {
                let p = sigmoid(intercept + slope * z);
                let (error, curve) = (weight * (p - y), weight * p * (1.0 - p));
                g[0] += error;
                g[1] += error * z;
                h[0] += curve;
                h[1] += curve * z;
                h[2] += curve * z * z;
            }
            let bread = inverse(free, h)?;
            let step = [bread[0][0] * g[0] + bread[0][1] * g[1], bread[1][0] * g[0] + bread[1][1] * g[1]];
            let mut length = 1.0;
            let (next, at) = loop {
                let at = (intercept - length * step[0], slope - length * step[1]);
                let next = loss(at.0, at.1);
                if next <= now || length < 1e-8 {
                    break (next, at);
                }
                length /= 2.0;
            };
            let gain = now - next;
            ((intercept, slope), now) = (at, next.min(now));
            if intercept.abs() > 50.0 || slope.abs() > 1e3 {
                return None;
            }
            if gain <= 1e-13 * now.abs() {
                return Some(Self { intercept, slope, bread });
            }
        }
        None
    }

    /// A calibrated probability of a predicted one.
    pub(super) fn apply(&self, probability: f64) -> f64 {
        sigmoid(self.intercept + self.slope * logit(probability))
    }

    /// Intercept and slope with intervals by group.
    pub(super) fn intervals(&self, z: &[f64], y: &[f64], weight: &[f64], groups: &Groups) -> [Estimated; 2] {
        let half = |row: [f64; 2]| {
            let terms = z.iter().zip(y).zip(weight).map(|((z, y), weight)| {
                let error = weight * (y - sigmoid(self.intercept + self.slope * z));
                error * (row[0] + row[1] * z)
            });
            reach(groups.count) * standard_error(terms, groups)
        };
        let interval = |value: f64, half: f64| Estimated { value, low: value - half, high: value + half };
        [interval(self.intercept, half(self.bread[0])), interval(self.slope, half(self.bread[1]))]
    }
}

fn inverse(free: Free, [a, b, d]: [f64; 3]) -> Option<[[f64; 2]; 2]> {
    let whole = |value: f64| value > 0.0 && value.is_finite();
    match free {
        Free::Intercept => whole(a).then(|| [[1.0 / a, 0.0], [0.0, 0.0]]),
        Free::Slope => whole(d).then(|| [[0.0, 0.0], [0.0, 1.0 / d]]),
        Free::Both => {
            let determinant = a * d - b * b;
            (whole(determinant) && determinant > 1e-12 * a * d)
                .then(|| [[d / determinant, -b / determinant], [-b / determinant, a / determinant]])
        }
    }
}

/// The probability that focal with γ and α turned into this one (Charoenphakdee et al. 2021; with φ(q) = (1−q)^γ −
/// γ(1−q)^(γ−1) q ln q: η / (1−η) = (1−α)/α · [p/φ(p)] / [(1−p)/φ(1−p)]).
pub(super) fn inverse_focal(probability: f64, gamma: f64, alpha: f64) -> f64 {
    let p = clipped(probability);
    let phi = |q: f64| (1.0 - q).powf(gamma) - gamma * (1.0 - q).powf(gamma - 1.0) * q * q.ln();
    let odds = (1.0 - alpha) / alpha * (p / phi(p)) / ((1.0 - p) / phi(1.0 - p));
    odds / (1.0 + odds)
}

/// Usual settings of focal: its authors' own, the opposite weight, and none.
pub(super) const FOCAL: [(f64, f64); 3] = [(2.0, 0.25), (2.0, 0.75), (2.0, 0.5)];

/// Probabilities against what came, each with a 95 % interval by group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Odds {
    /// Mean of the predictions.
    pub mean_probability: Estimated,
    /// Share of the positive class.
    pub base_rate: Estimated,
    /// Mean prediction over the base rate.
    pub ratio: Estimated,
    /// Intercept of the logistic recalibration; 0 where calibrated.
    pub intercept: Option<Estimated>,
    /// Its slope: below 1 the predictions are too extreme, above 1 too timid.
    pub slope: Option<Estimated>,
    /// The odds are this many times too large, as if the positives had been weighted by it.
    pub odds_factor: Option<Estimated>,
    /// Log odds over this number are calibrated best: above 1 the predictions are too extreme.
    pub temperature: Option<Estimated>,
    /// Predictions that are exactly 0 or 1.
    pub certain: usize,
    /// Whether the predictions look like ranks: spread evenly from 0 to 1 whatever the base rate is.
    pub ranks_only: bool,
}

impl Odds {
    pub(super) fn of(data: &Predictions) -> Self {
        let (x, y, weight, groups) = (&data.prediction, &data.target.values, &data.weight, &data.groups);
        let z: Vec<f64> = x.iter().map(|&x| logit(x)).collect();
        let fitted = |free: Free| {
            let fit = Recalibration::fit(free, &z, y, weight)?;
            Some(fit.intervals(&z, y, weight, groups))
        };
        let both = fitted(Free::Both);
        let turned = |estimate: Estimated, way: fn(f64) -> f64| Estimated {
            value: way(estimate.value),
            low: way(estimate.high),
            high: way(estimate.low),
        };
        let base_rate = super::clusters::share_by_group(y, weight, groups);
        Self {
            mean_probability: super::clusters::mean_by_group(x, weight, groups),
            base_rate,
            ratio: super::clusters::ratio_by_group(x, y, weight, groups),
            intercept: both.map(|[intercept, _]| intercept),
            slope: both.map(|[_, slope]| slope),
            odds_factor: fitted(Free::Intercept).map(|[shift, _]| turned(shift, |shift| (-shift).exp())),
            temperature: fitted(Free::Slope)
                .filter(|[_, slope]| slope.low > 0.0)
                .map(|[_, slope]| turned(slope, |slope| 1.0 / slope)),
            certain: x.iter().filter(|&&x| x == 0.0 || x == 1.0).count(),
            ranks_only: even(x) && !base_rate.holds(0.5),
        }
    }
}

/// Whether sorted numbers lie evenly from 0 to 1: Kolmogorov's distance, with room for a few ties.
fn even(x: &[f64]) -> bool {
    let rows = x.len() as f64;
    let distance = x.iter().enumerate().map(|(row, x)| (x - (row as f64 + 0.5) / rows).abs()).fold(0.0, f64::max);
    distance < 0.02 + 0.5 / rows
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn focal_is_undone() {
        // The prediction that minimises η L(p) + (1 − η) L(1 − p) under focal, by golden section.
        for (gamma, alpha) in FOCAL {
            for eta in [0.01, 0.3, 0.9] {
                let loss = |p: f64| {
                    -eta * alpha * (1.0 - p).powf(gamma) * p.ln()
                        - (1.0 - eta) * (1.0 - alpha) * p.powf(gamma) * (1.0 - p).ln()
                };
                let (mut low, mut high) = (1e-9, 1.0 - 1e-9);
                for _ in 0..200 {
                    let (a, b) = (high - 0.618_034 * (high - low), low + 0.618_034 * (high - low));
                    if loss(a) < loss(b) { high = b } else { low = a }
                }
                assert_relative_eq!(inverse_focal(low, gamma, alpha), eta, epsilon = 1e-5);
            }
        }
    }

    #[test]
    fn ranks_are_seen() {
        let ranks: Vec<f64> = (0..200).map(|rank| f64::from(rank) / 199.0).collect();
        assert!(even(&ranks));
        let squares: Vec<f64> = ranks.iter().map(|rank| rank * rank).collect();
        assert!(!even(&squares));
    }
}
