//! Labels that disagree however sure the model is: a logistic curve with asymptotes of its own.
//!
//! P(y = 1) = a + (1 − a − b) σ(c + d s) for a score s: a of the negatives and b of the positives carry the other's label
//! (Copas 1988, "Binary regression models for contaminated data"). Classes that overlap bend the curve and leave its ends at 0
//! and 1; labels that were flipped leave the ends short of them.

use super::{estimate::Estimate, linear_algebra::inverse, sampling::Sampling};

/// Rows that are used at most, spread evenly.
const MOST: usize = 20_000;
/// Rows of each class that four numbers take.
const LEAST: f64 = 30.0;
/// Steps of the expectation-maximisation at most.
const STEPS: usize = 400;

/// The curve's parameters.
#[derive(Debug, Clone, Copy)]
struct Curve {
    a: f64,
    b: f64,
    c: f64,
    d: f64,
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

impl Curve {
    fn probability(&self, score: f64) -> f64 {
        self.a + (1.0 - self.a - self.b) * sigmoid(self.c + self.d * score)
    }
}

/// Share of the labels that disagree however sure the score is, with an interval by group: a (1 − π) + b π for the share π of
/// positives before anything was flipped. `lower` is whether the lower end may be above 0, too; without it a is 0. Nothing where
/// a class has fewer than 30 rows, or the score tells nothing.
///
/// # Panics
/// If labels, scores and rows differ in number.
#[track_caller]
pub fn error_floor<'a>(
    labels: &[bool],
    scores: &[f64],
    sampling: impl Into<Sampling<'a>>,
    lower: bool,
) -> Option<Estimate> {
    let sampling = sampling.into();
    assert!(labels.len() == scores.len() && labels.len() == sampling.rows(), "error_floor: lengths");
    let rows: Vec<usize> = if labels.len() <= MOST {
        (0..labels.len()).collect()
    } else {
        (0..MOST).map(|place| place * labels.len() / MOST).collect()
    };
    let labels: Vec<f64> = rows.iter().map(|&row| f64::from(u8::from(labels[row]))).collect();
    let scores: Vec<f64> = rows.iter().map(|&row| scores[row].clamp(-30.0, 30.0)).collect();
    let groups: Vec<u32> = rows.iter().map(|&row| sampling.groups()[row]).collect();
    let weight = sampling.weights().map(|weight| rows.iter().map(|&row| weight[row]).collect::<Vec<f64>>());
    let rows = Sampling::new(&groups, weight.as_deref());
    let positives: f64 = labels.iter().sum();
    if positives.min(labels.len() as f64 - positives) < LEAST {
        return None;
    }
    let curve = fitted(&labels, &scores, rows, lower)?;
    let share = rows.mean(scores.iter().map(|&score| sigmoid(curve.c + curve.d * score)));
    let value = curve.a * (1.0 - share) + curve.b * share;
    let error = standard_error(&curve, &labels, &scores, rows, share, lower)?;
    let found = rows.estimate(value, error);
    Some(Estimate { low: found.low.max(0.0), high: found.high.min(1.0), ..found })
}

/// By expectation and maximisation over which labels were flipped.
fn fitted(labels: &[f64], scores: &[f64], rows: Sampling<'_>, lower: bool) -> Option<Curve> {
    let mut curve = Curve { a: if lower { 0.05 } else { 0.0 }, b: 0.05, c: 0.0, d: 1.0 };
    for _ in 0..STEPS {
        let before = curve;
        let (mut own, mut other) = ((0.0, 0.0), (0.0, 0.0));
        // Newton's step of the logistic regression of the expected true labels.
        let (mut g, mut h) = ([0.0; 2], [0.0; 3]);
        for (row, (&label, &score)) in labels.iter().zip(scores).enumerate() {
            let p = sigmoid(curve.c + curve.d * score);
            let (with, without) = if label > 0.5 {
                (p * (1.0 - curve.b), (1.0 - p) * curve.a)
            } else {
                (p * curve.b, (1.0 - p) * (1.0 - curve.a))
            };
            let truth = if with + without > 0.0 { with / (with + without) } else { p };
            let weight = rows.weight(row);
            own = (own.0 + weight * truth, own.1 + weight * truth * (1.0 - label));
            other = (other.0 + weight * (1.0 - truth), other.1 + weight * (1.0 - truth) * label);
            let (error, bend) = (weight * (truth - p), weight * p * (1.0 - p));
            g = [g[0] + error, g[1] + error * score];
            h = [h[0] + bend, h[1] + bend * score, h[2] + bend * score * score];
        }
        h[0] += 1e-6;
        h[2] += 1e-6;
        let determinant = h[0] * h[2] - h[1] * h[1];
        let step = [(h[2] * g[0] - h[1] * g[1]) / determinant, (h[0] * g[1] - h[1] * g[0]) / determinant];
        curve.c += step[0].clamp(-1.0, 1.0);
        curve.d += step[1].clamp(-1.0, 1.0);
        curve.b = (own.1 / own.0.max(1e-12)).min(0.49);
        if lower {
            curve.a = (other.1 / other.0.max(1e-12)).min(0.49);
        }
        let change = (curve.a - before.a).abs()
            + (curve.b - before.b).abs()
            + (curve.c - before.c).abs()
            + (curve.d - before.d).abs();
        if change < 1e-7 {
            break;
        }
    }
    let finite = [curve.a, curve.b, curve.c, curve.d].iter().all(|value| value.is_finite());
    (finite && curve.d > 0.0).then_some(curve)
}

/// Of the share that was flipped: the outer product of the scores, summed by group, and the delta method.
fn standard_error(
    curve: &Curve,
    labels: &[f64],
    scores: &[f64],
    rows: Sampling<'_>,
    share: f64,
    lower: bool,
) -> Option<f64> {
    let mut bread = [0.0; 16];
    let mut of_share = [0.0; 2];
    let mut moves = Vec::with_capacity(labels.len());
    for (row, (&label, &score)) in labels.iter().zip(scores).enumerate() {
        let p = sigmoid(curve.c + curve.d * score);
        let probability = curve.probability(score).clamp(1e-9, 1.0 - 1e-9);
        let slope = (1.0 - curve.a - curve.b) * p * (1.0 - p);
        let gradient = [if lower { 1.0 - p } else { 0.0 }, -p, slope, slope * score];
        let information = 1.0 / (probability * (1.0 - probability));
        moves.push(gradient.map(|own| (label - probability) * information * own));
        let weight = rows.weight(row);
        let information = weight * information;
        bread.iter_mut().enumerate().for_each(|(at, sum)| *sum += information * gradient[at / 4] * gradient[at % 4]);
        let bend = weight * p * (1.0 - p);
        of_share = [of_share[0] + bend, of_share[1] + bend * score];
    }
    if !lower {
        bread[0] = 1.0;
    }
    let inverted = inverse(&bread, 4)?;
    let count = rows.total();
    let tilt = curve.b - curve.a;
    let toward = [1.0 - share, share, tilt * of_share[0] / count, tilt * of_share[1] / count];
    let along: [f64; 4] =
        std::array::from_fn(|one| (0..4).map(|other| inverted[4 * one + other] * toward[other]).sum());
    let of_group = |sums: &[f64; 4]| sums.iter().zip(along).map(|(sum, along)| sum * along).sum::<f64>();
    let variance: f64 = rows.group_sums(moves.into_iter()).iter().map(|sums| of_group(sums).powi(2)).sum();
    variance.is_finite().then(|| variance.sqrt())
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

    use super::*;

    fn draw(flips: f64, rows: usize, seed: u64) -> (Vec<bool>, Vec<f64>) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut uniform = move || rng.random::<f64>();
        let scores: Vec<f64> = (0..rows).map(|_| 4.0 * (uniform() + uniform() + uniform() - 1.5)).collect();
        let labels = scores.iter().map(|&score| (uniform() < sigmoid(2.0 * score)) != (uniform() < flips)).collect();
        (labels, scores)
    }

    #[test]
    fn flipped_labels_leave_a_floor_and_overlap_does_not() {
        let groups: Vec<u32> = (0..4000).collect();
        let (labels, scores) = draw(0.2, 4000, 1);
        let floor = error_floor(&labels, &scores, &groups, true).unwrap();
        assert!(floor.holds(0.2) && floor.low > 0.1 && floor.high < 0.3, "{floor:?}");
        let (labels, scores) = draw(0.0, 4000, 2);
        let floor = error_floor(&labels, &scores, &groups, true).unwrap();
        assert!(floor.low == 0.0 && floor.value < 0.05, "{floor:?}");
    }
}
