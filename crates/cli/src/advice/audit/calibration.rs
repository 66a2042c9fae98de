//! Calibration: score = miscalibration − discrimination + uncertainty (CORP; Dimitriadis, Gneiting & Jordan 2021;
//! Gneiting & Resin 2023), and a test that the identification function has no part that the prediction explains
//! (Nolde & Ziegel 2017).

use serde::Serialize;

use super::{
    clusters::{Estimated, joint_test, mean_by_group},
    read::Predictions,
    score::Lens,
};
use crate::{
    advice::purpose::Functional,
    statistics::isotonic::{Target, weighted_expectile, weighted_isotonic, weighted_quantile},
};

/// A score and its parts. Intervals are those of the first order; where there is no miscalibration, look at `p`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decomposition {
    /// The functional that is asked for.
    pub functional: String,
    /// The score: "Gamma deviance".
    pub score: String,
    /// Its mean.
    pub value: Estimated,
    /// What a non-decreasing function of the prediction would save (MCB).
    pub miscalibration: Estimated,
    /// What the best such function saves against one number for all (DSC).
    pub discrimination: Estimated,
    /// The score of the best number for all (UNC).
    pub uncertainty: Estimated,
    /// Miscalibration as a share of the score.
    pub share: f64,
    /// If the predictions are calibrated: the probability of a deviation as large as the one seen. By group.
    pub p: Option<f64>,
    /// Predictions and what they should have been: the ends of the isotonic fit's pools, thinned where there are many.
    pub curve: Vec<[f64; 2]>,
}

impl Decomposition {
    pub(super) fn of(data: &Predictions, lens: Lens) -> Self {
        let (x, y, weight) = (&data.prediction, &data.target.values, &data.weight);
        let (inner_y, inner_weight) = (lens.inward(y), lens.weight(weight, y));
        let fit = weighted_isotonic(&inner_y, x, Some(&inner_weight), lens.aimed);
        let fit: Vec<f64> = fit.into_iter().map(|fit| lens.outward(fit)).collect();
        let one = lens.outward(one_for_all(lens.aimed, &inner_y, &inner_weight));
        let (now, best, flat) = (lens.losses(x, y), lens.losses(&fit, y), lens.losses(&vec![one; y.len()], y));
        let less = |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a - b).collect() };
        let part = |losses: &[f64]| mean_by_group(losses, weight, &data.groups);
        let never_negative = |part: Estimated| Estimated {
            value: part.value.max(0.0),
            low: part.low.max(0.0),
            high: part.high.max(0.0),
        };
        let (value, miscalibration) = (part(&now), never_negative(part(&less(&now, &best))));
        Self {
            functional: lens.functional.to_string(),
            score: lens.score.name(),
            value,
            miscalibration,
            discrimination: never_negative(part(&less(&flat, &best))),
            uncertainty: part(&flat),
            share: if value.value > 0.0 { miscalibration.value / value.value } else { 0.0 },
            p: Shape::of(data).calibrated(data, lens),
            curve: curve(x, &fit),
        }
    }
}

/// The first and the last prediction of each pool, every so many where there are more than a plot can show.
fn curve(x: &[f64], fit: &[f64]) -> Vec<[f64; 2]> {
    const MOST: usize = 400;
    let inner = |row: usize| row > 0 && row + 1 < x.len() && fit[row - 1] == fit[row] && fit[row] == fit[row + 1];
    let all: Vec<[f64; 2]> = (0..x.len()).filter(|&row| !inner(row)).map(|row| [x[row], fit[row]]).collect();
    let step = all.len().div_ceil(MOST).max(1);
    let last = all.len() - 1;
    all.iter().enumerate().filter(|(at, _)| at % step == 0 || *at == last).map(|(_, point)| *point).collect()
}

/// The best number for all rows.
pub(super) fn one_for_all(aimed: Target, y: &[f64], weight: &[f64]) -> f64 {
    match aimed {
        Target::Mean => super::clusters::mean(y, weight),
        Target::Quantile(level) => weighted_quantile(y, Some(weight), level),
        Target::Expectile(level) => weighted_expectile(y, Some(weight), level),
    }
}

/// Where each row stands among the predictions.
pub(super) struct Shape {
    /// 1, u, (3u² − 1) / 2 of the rank u from −1 to 1.
    functions: [Vec<f64>; 3],
    /// The tenth of each row; rows of one prediction share it.
    pub(super) bin: Vec<usize>,
    pub(super) bins: usize,
}

impl Shape {
    pub(super) fn of(data: &Predictions) -> Self {
        let (x, weight) = (&data.prediction, &data.weight);
        let total: f64 = weight.iter().sum();
        let mut rank = vec![0.0; x.len()];
        let (mut start, mut below) = (0, 0.0);
        while start < x.len() {
            let end = start + x[start..].iter().take_while(|&&other| other == x[start]).count();
            let here: f64 = weight[start..end].iter().sum();
            rank[start..end].fill((below + here / 2.0) / total);
            below += here;
            start = end;
        }
        // Tenths; small tables have fewer and larger parts.
        let wanted = (x.len() / 20).clamp(2, 10) as f64;
        let mut bin: Vec<usize> = rank.iter().map(|rank| (rank * wanted) as usize).collect();
        let mut seen = bin.clone();
        seen.dedup();
        bin.iter_mut().for_each(|bin| *bin = seen.partition_point(|other| other < bin));
        let u = rank.iter().map(|rank| 2.0 * rank - 1.0);
        let functions = [vec![1.0; x.len()], u.clone().collect(), u.map(|u| (3.0 * u * u - 1.0) / 2.0).collect()];
        Self { functions, bin, bins: seen.len() }
    }

    /// p that predictions are calibrated for the functional: on average and along the prediction.
    pub(super) fn calibrated(&self, data: &Predictions, lens: Lens) -> Option<f64> {
        joint_test(&self.errors(data, lens), &self.functions, &data.groups)
    }

    /// p that what is off is the same along the prediction: for a quantile, one level; for a mean, one ratio (or one
    /// difference where there is none).
    pub(super) fn constant(&self, errors: &[f64], data: &Predictions) -> Option<f64> {
        joint_test(errors, &self.functions[1..], &data.groups)
    }

    /// Identification function of each row times its weight, each tenth brought to one scale.
    pub(super) fn errors(&self, data: &Predictions, lens: Lens) -> Vec<f64> {
        let (x, y) = (lens.inward(&data.prediction), lens.inward(&data.target.values));
        let weight = lens.weight(&data.weight, &data.target.values);
        match lens.aimed {
            Target::Mean => {
                let errors: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x - y).collect();
                self.scaled(&x, &errors, &weight, lens.functional == Functional::Probability)
            }
            Target::Quantile(level) => self.level_errors(&x, &y, &weight, level),
            Target::Expectile(level) => {
                let sided = |(x, y): (&f64, &f64)| (if y <= x { 1.0 - level } else { level }) * (x - y);
                let errors: Vec<f64> = x.iter().zip(&y).map(sided).collect();
                self.scaled(&x, &errors, &weight, false)
            }
        }
    }

    /// 1{y ≤ x} − level. Where truth and prediction are equal, each tenth divides that so that the level fits best: with
    /// whole numbers every share from that of y < x to that of y ≤ x is right.
    fn level_errors(&self, x: &[f64], y: &[f64], weight: &[f64], level: f64) -> Vec<f64> {
        let (mut total, mut below, mut equal) = (vec![0.0; self.bins], vec![0.0; self.bins], vec![0.0; self.bins]);
        for row in 0..x.len() {
            let bin = self.bin[row];
            total[bin] += weight[row];
            below[bin] += if y[row] < x[row] { weight[row] } else { 0.0 };
            equal[bin] += if y[row] == x[row] { weight[row] } else { 0.0 };
        }
        let part = |bin: usize| {
            if equal[bin] > 0.0 { ((level * total[bin] - below[bin]) / equal[bin]).clamp(0.0, 1.0) } else { 0.0 }
        };
        let parts: Vec<f64> = (0..self.bins).map(part).collect();
        (0..x.len())
            .map(|row| {
                let reached = match y[row].total_cmp(&x[row]) {
                    std::cmp::Ordering::Less => 1.0,
                    std::cmp::Ordering::Equal => parts[self.bin[row]],
                    std::cmp::Ordering::Greater => 0.0,
                };
                weight[row] * (reached - level)
            })
            .collect()
    }

    /// Errors times weight over the usual size of errors in their tenth: large predictions must not drown the others. The
    /// sizes are a smooth function of the prediction: taken from each tenth alone they would depend on its errors' signs.
    fn scaled(&self, x: &[f64], errors: &[f64], weight: &[f64], probability: bool) -> Vec<f64> {
        let means = |values: &dyn Fn(usize) -> f64| -> Vec<f64> {
            let (mut sums, mut total) = (vec![0.0; self.bins], vec![0.0; self.bins]);
            for (row, &bin) in self.bin.iter().enumerate() {
                sums[bin] += weight[row] * values(row);
                total[bin] += weight[row];
            }
            sums.iter().zip(&total).map(|(sum, total)| sum / total).collect()
        };
        let sizes = if probability {
            let variances = means(&|row| x[row] * (1.0 - x[row]));
            let overall = variances.iter().sum::<f64>() / variances.len() as f64;
            variances.iter().map(|variance| variance.max(0.3 * overall).sqrt()).collect()
        } else {
            let along = if x.iter().all(|&x| x > 0.0) {
                means(&|row| x[row]).iter().map(|mean| mean.ln()).collect()
            } else {
                means(&|row| self.functions[1][row])
            };
            smooth(&along, &means(&|row| errors[row].abs()))
        };
        let scale = |row: usize| sizes[self.bin[row]];
        errors.iter().enumerate().map(|(row, error)| weight[row] * error / scale(row)).collect()
    }
}

/// ln size as a straight line in the other number, by least squares; ones where there is no size.
fn smooth(along: &[f64], sizes: &[f64]) -> Vec<f64> {
    let points: Vec<(f64, f64)> =
        along.iter().zip(sizes).filter(|(_, size)| **size > 0.0).map(|(along, size)| (*along, size.ln())).collect();
    if points.is_empty() {
        return vec![1.0; sizes.len()];
    }
    let count = points.len() as f64;
    let [x, y] = [points.iter().map(|point| point.0).sum::<f64>(), points.iter().map(|point| point.1).sum::<f64>()]
        .map(|sum| sum / count);
    let (mut product, mut square) = (0.0, 0.0);
    for point in &points {
        product += (point.0 - x) * (point.1 - y);
        square += (point.0 - x).powi(2);
    }
    let slope = if square > 0.0 { product / square } else { 0.0 };
    along.iter().map(|along| (y + slope * (along - x)).exp()).collect()
}
