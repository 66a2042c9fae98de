//! Whether one slope serves all cuts of an ordered class (proportional odds).

use statrs::distribution::{ChiSquared, ContinuousCDF, FisherSnedecor};

use super::{
    linear_algebra::{inverse, product},
    sampling::Sampling,
};

/// Brant's test of proportional odds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brant {
    /// Wald's statistic.
    pub statistic: f64,
    /// Its degrees of freedom under proportional odds: features times cuts but one.
    pub freedom: usize,
    /// The chance of as large a statistic.
    pub p: f64,
}

/// The Wald test that the slopes of the binary logits "class above k" are the same for all k (Brant 1990, "Assessing
/// proportionality in the proportional odds model for ordinal logistic regression"). `features` is row after row; classes
/// count from 0. Rows are taken as independent: see [`brant_by_group`].
///
/// Nothing where a cut has fewer rows on one side than there are features, or a logit does not converge (separation).
///
/// # Panics
/// If the features are not `width` for each class.
#[track_caller]
pub fn brant(classes: &[usize], features: &[f64], width: usize) -> Option<Brant> {
    assert_eq!(features.len(), classes.len() * width, "brant: features of width {width} for each class");
    let logits = Logits::of(classes, features, width, None)?;
    let (size, cuts) = (width + 1, logits.fits.len());
    // Covariance of the slopes of all cuts.
    let all = cuts * width;
    let mut covariance = vec![0.0; all * all];
    for a in 0..cuts {
        for b in a..cuts {
            let (lower, higher) = (&logits.fits[a], &logits.fits[b]);
            // P(above the higher cut) − P(above both separately).
            let weight = |row: usize| higher.probabilities[row] * (1.0 - lower.probabilities[row]);
            let between = weighted(&logits.design, size, weight);
            let block = product(&product(&lower.inverse, &between, size), &higher.inverse, size);
            for i in 0..width {
                for j in 0..width {
                    let value = block[(i + 1) * size + j + 1];
                    covariance[(a * width + i) * all + b * width + j] = value;
                    covariance[(b * width + j) * all + a * width + i] = value;
                }
            }
        }
    }
    let (statistic, freedom) = logits.wald(&covariance, width)?;
    let p = ChiSquared::new(freedom as f64).ok()?.sf(statistic);
    Some(Brant { statistic, freedom, p })
}

/// The same test where rows of a group depend on each other: the covariance of the slopes is the cluster-robust one, and the
/// chance is of Hotelling's T² with as many observations as there are groups. Nothing either where there are not more
/// groups than degrees of freedom.
///
/// # Panics
/// If the features are not `width`, or the groups not one, for each class.
#[track_caller]
pub fn brant_by_group<'a>(
    classes: &[usize],
    features: &[f64],
    width: usize,
    rows: impl Into<Sampling<'a>>,
) -> Option<Brant> {
    let rows = rows.into();
    let groups = rows.groups();
    assert_eq!(features.len(), classes.len() * width, "brant_by_group: features of width {width} for each class");
    assert_eq!(groups.len(), classes.len(), "brant_by_group: classes and groups differ in number");
    let logits = Logits::of(classes, features, width, rows.weights())?;
    let (size, cuts) = (width + 1, logits.fits.len());
    let all = cuts * width;
    // Each group's sum of scores, cut after cut; times the inverse information it is what the group moves the slopes by.
    let last = groups.iter().max().map_or(0, |&last| last as usize + 1);
    let mut scores = vec![0.0; last * cuts * size];
    for (row, (x, &group)) in logits.design.chunks_exact(size).zip(groups).enumerate() {
        let own = &mut scores[group as usize * cuts * size..][..cuts * size];
        for (fit, sums) in logits.fits.iter().zip(own.chunks_exact_mut(size)) {
            let error = rows.weight(row) * (f64::from(u8::from(classes[row] > fit.cut)) - fit.probabilities[row]);
            sums.iter_mut().zip(x).for_each(|(sum, x)| *sum += error * x);
        }
    }
    let mut covariance = vec![0.0; all * all];
    let mut moved = vec![0.0; all];
    for own in scores.chunks_exact(cuts * size) {
        for (cut, (fit, sums)) in logits.fits.iter().zip(own.chunks_exact(size)).enumerate() {
            for slope in 0..width {
                let row = &fit.inverse[(slope + 1) * size..][..size];
                moved[cut * width + slope] = row.iter().zip(sums).map(|(inverse, sum)| inverse * sum).sum();
            }
        }
        for (i, left) in moved.iter().enumerate() {
            covariance[i * all..][..all].iter_mut().zip(&moved).for_each(|(sum, right)| *sum += left * right);
        }
    }
    let count = rows.count_groups() as f64;
    covariance.iter_mut().for_each(|value| *value *= count / (count - 1.0));
    let (statistic, freedom) = logits.wald(&covariance, width)?;
    let left = count - freedom as f64;
    if left < 1.0 {
        return None;
    }
    let ratio = statistic * left / (freedom as f64 * (count - 1.0));
    Some(Brant { statistic, freedom, p: FisherSnedecor::new(freedom as f64, left).ok()?.sf(ratio) })
}

/// A logit of "class above the cut" for each cut that has enough rows on both sides.
struct Logits {
    /// Constant 1 and features, row after row.
    design: Vec<f64>,
    fits: Vec<Logit>,
}

struct Logit {
    cut: usize,
    coefficients: Vec<f64>,
    probabilities: Vec<f64>,
    /// Of the information.
    inverse: Vec<f64>,
}

impl Logits {
    fn of(classes: &[usize], features: &[f64], width: usize, weight: Option<&[f64]>) -> Option<Self> {
        let (rows, size) = (classes.len(), width + 1);
        let cuts = (0..classes.iter().copied().max()?).filter(|&cut| {
            let above = classes.iter().filter(|&&class| class > cut).count();
            above.min(rows - above) > 2 * size
        });
        let cuts: Vec<usize> = cuts.collect();
        if cuts.len() < 2 || width == 0 {
            return None;
        }
        let mut design = Vec::with_capacity(rows * size);
        for x in features.chunks_exact(width) {
            design.push(1.0);
            design.extend_from_slice(x);
        }
        let fits =
            cuts.into_iter().map(|cut| logit(classes, cut, size, &design, weight)).collect::<Option<Vec<Logit>>>()?;
        Some(Self { design, fits })
    }

    /// Wald's statistic of the differences of each cut's slopes and the first cut's, and its degrees of freedom.
    fn wald(&self, covariance: &[f64], width: usize) -> Option<(f64, usize)> {
        let all = self.fits.len() * width;
        let freedom = all - width;
        let slope = |cut: usize, at: usize| self.fits[cut].coefficients[at + 1];
        let difference = |at: usize| slope(at / width + 1, at % width) - slope(0, at % width);
        let mut variance = vec![0.0; freedom * freedom];
        for a in 0..freedom {
            for b in 0..freedom {
                let (first_a, first_b) = (a % width, b % width);
                let (later_a, later_b) = (a + width, b + width);
                variance[a * freedom + b] = covariance[later_a * all + later_b]
                    - covariance[later_a * all + first_b]
                    - covariance[first_a * all + later_b]
                    + covariance[first_a * all + first_b];
            }
        }
        let inverted = inverse(&variance, freedom)?;
        let statistic: f64 = (0..freedom)
            .flat_map(|a| (0..freedom).map(move |b| (a, b)))
            .map(|(a, b)| difference(a) * inverted[a * freedom + b] * difference(b))
            .sum();
        Some((statistic.max(0.0), freedom))
    }
}

/// Σ weight x xᵀ over rows of the design.
fn weighted(design: &[f64], size: usize, weight: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut sum = vec![0.0; size * size];
    for (row, x) in design.chunks_exact(size).enumerate() {
        let weight = weight(row);
        for (i, left) in x.iter().enumerate() {
            let left = weight * left;
            sum[i * size..][..=i].iter_mut().zip(x).for_each(|(sum, right)| *sum += left * right);
        }
    }
    for i in 0..size {
        for j in 0..i {
            sum[j * size + i] = sum[i * size + j];
        }
    }
    sum
}

/// The logit of "class above the cut", by Newton's method; nothing where it does not converge.
fn logit(classes: &[usize], cut: usize, size: usize, design: &[f64], weight: Option<&[f64]>) -> Option<Logit> {
    let own = |row: usize| weight.map_or(1.0, |weight| weight[row]);
    let mut coefficients = vec![0.0; size];
    let fitted = |coefficients: &[f64]| -> Vec<f64> {
        let score = |x: &[f64]| x.iter().zip(coefficients).map(|(x, coefficient)| x * coefficient).sum::<f64>();
        design.chunks_exact(size).map(|x| 1.0 / (1.0 + (-score(x)).exp())).collect()
    };
    for _ in 0..50 {
        let p = fitted(&coefficients);
        let inverted = inverse(&weighted(design, size, |row| own(row) * p[row] * (1.0 - p[row])), size)?;
        let mut gradient = vec![0.0; size];
        for (row, (x, p)) in design.chunks_exact(size).zip(&p).enumerate() {
            let error = own(row) * (f64::from(u8::from(classes[row] > cut)) - p);
            gradient.iter_mut().zip(x).for_each(|(sum, x)| *sum += error * x);
        }
        let mut longest: f64 = 0.0;
        for at in 0..size {
            let step: f64 = (0..size).map(|other| inverted[at * size + other] * gradient[other]).sum();
            coefficients[at] += step;
            longest = longest.max(step.abs());
        }
        if longest < 1e-8 {
            // The last step moved the information by less than its rounding.
            return Some(Logit { cut, probabilities: fitted(&coefficients), coefficients, inverse: inverted });
        }
        if longest.is_nan() || longest >= 1e3 {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, StandardNormal};

    use super::*;

    /// Four classes by cuts of a logistic variable; `tilt` gives the highest cut another slope.
    fn rate(tilt: f64) -> f64 {
        let fired = (0..200).filter(|&seed| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let features: Vec<f64> = StandardNormal.sample_iter(&mut rng).take(2000).collect();
            let classes: Vec<usize> = features
                .chunks(2)
                .map(|x| {
                    let u: f64 = rng.random();
                    let above = |cut: f64, slope: f64| u < 1.0 / (1.0 + (cut - slope * x[0] - 0.5 * x[1]).exp());
                    [above(-1.0, 1.0), above(0.0, 1.0), above(1.0, 1.0 + tilt)].iter().filter(|&&above| above).count()
                })
                .collect();
            brant(&classes, &features, 2).unwrap().p < 0.05
        });
        fired.count() as f64 / 200.0
    }

    #[test]
    fn proportional_odds_raise_no_alarm_and_others_do() {
        let null = rate(0.0);
        assert!((0.01..=0.09).contains(&null), "{null}");
        assert!(rate(-0.9) >= 0.9);
    }
}
