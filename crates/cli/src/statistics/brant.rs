//! Whether one slope serves all cuts of an ordered class (proportional odds).

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::linear_algebra::{inverse, product};

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
/// count from 0. Rows are taken as independent.
///
/// Nothing where a cut has fewer rows on one side than there are features, or a logit does not converge (separation).
///
/// # Panics
/// If the features are not `width` for each class.
#[track_caller]
pub fn brant(classes: &[usize], features: &[f64], width: usize) -> Option<Brant> {
    assert_eq!(features.len(), classes.len() * width, "brant: features of width {width} for each class");
    let rows = classes.len();
    let size = width + 1;
    let x = |row: usize, at: usize| if at == 0 { 1.0 } else { features[row * width + at - 1] };
    let cuts: Vec<usize> = (0..classes.iter().copied().max()?)
        .filter(|&cut| {
            let above = classes.iter().filter(|&&class| class > cut).count();
            above.min(rows - above) > 2 * size
        })
        .collect();
    if cuts.len() < 2 || width == 0 {
        return None;
    }
    let mut slopes = Vec::new();
    let mut probabilities = Vec::new();
    let mut information = Vec::new();
    for &cut in &cuts {
        let (coefficients, fitted) = logit(classes, cut, size, &x)?;
        information.push(inverse(&weighted(rows, size, &x, |row| fitted[row] * (1.0 - fitted[row])), size)?);
        slopes.push(coefficients);
        probabilities.push(fitted);
    }
    // Covariance of the slopes of all cuts.
    let all = cuts.len() * width;
    let mut covariance = vec![0.0; all * all];
    for a in 0..cuts.len() {
        for b in a..cuts.len() {
            // P(above the higher cut) − P(above both separately).
            let between = weighted(rows, size, &x, |row| probabilities[b][row] * (1.0 - probabilities[a][row]));
            let block = product(&product(&information[a], &between, size), &information[b], size);
            for i in 0..width {
                for j in 0..width {
                    let value = block[(i + 1) * size + j + 1];
                    covariance[(a * width + i) * all + b * width + j] = value;
                    covariance[(b * width + j) * all + a * width + i] = value;
                }
            }
        }
    }
    // Differences of each cut's slopes and the first cut's.
    let freedom = all - width;
    let difference = |at: usize| slopes[at / width + 1][at % width + 1] - slopes[0][at % width + 1];
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
    let p = ChiSquared::new(freedom as f64).ok()?.sf(statistic.max(0.0));
    Some(Brant { statistic, freedom, p })
}

/// Σ weight x xᵀ.
fn weighted(rows: usize, size: usize, x: &impl Fn(usize, usize) -> f64, weight: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut sum = vec![0.0; size * size];
    for row in 0..rows {
        let weight = weight(row);
        for i in 0..size {
            let left = weight * x(row, i);
            for j in 0..size {
                sum[i * size + j] += left * x(row, j);
            }
        }
    }
    sum
}

/// Coefficients and probabilities of "class above the cut", by Newton's method.
fn logit(classes: &[usize], cut: usize, size: usize, x: &impl Fn(usize, usize) -> f64) -> Option<(Vec<f64>, Vec<f64>)> {
    let rows = classes.len();
    let mut coefficients = vec![0.0; size];
    let fitted = |coefficients: &[f64]| -> Vec<f64> {
        let score = |row: usize| coefficients.iter().enumerate().map(|(at, c)| c * x(row, at)).sum::<f64>();
        (0..rows).map(|row| 1.0 / (1.0 + (-score(row)).exp())).collect()
    };
    for _ in 0..50 {
        let p = fitted(&coefficients);
        let inverted = inverse(&weighted(rows, size, x, |row| p[row] * (1.0 - p[row])), size)?;
        let mut gradient = vec![0.0; size];
        for row in 0..rows {
            let error = f64::from(u8::from(classes[row] > cut)) - p[row];
            gradient.iter_mut().enumerate().for_each(|(at, sum)| *sum += error * x(row, at));
        }
        let mut longest: f64 = 0.0;
        for at in 0..size {
            let step: f64 = (0..size).map(|other| inverted[at * size + other] * gradient[other]).sum();
            coefficients[at] += step;
            longest = longest.max(step.abs());
        }
        if longest < 1e-8 {
            let p = fitted(&coefficients);
            return Some((coefficients, p));
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
