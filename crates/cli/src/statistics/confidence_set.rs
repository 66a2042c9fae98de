//! Which of many losses may be the best one: the model confidence set.
//!
//! Hansen, Lunde & Nason, "The model confidence set", 2011: starting from all candidates, test that all are equally good;
//! where that is rejected drop the one that is worst in standard errors, and go on. Each step uses
//! T_max = max over i of t_i = d̄_i / se(d̄_i), where d_i is candidate i's loss less the mean loss of those still in, and
//! both its law and the standard errors are from a bootstrap over units: rows, or groups of rows that belong together.
//! The losses are judged out of fold, as in Lei, "Cross-validation with confidence", 2020.
//!
//! The bootstrap takes the fitted models as given. Where another training set would have given another model that is too
//! sure: [`confidence_set_over_splits`] takes the larger of the bootstrap's standard error and the corrected one of the
//! splits (Nadeau & Bengio 2003), as the comparison of two losses does.

use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng, seq::SliceRandom};

use super::paired::corrected;

/// More units than that are added up in so many parts, dealt at random: the same mean and the same variance of it.
const MOST_UNITS: usize = 8_192;

/// A mean difference below this share of the losses' size is a rounding error.
const ROUNDING: f64 = 1e-12;

/// Why no set can be formed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfidenceSetError {
    /// Nothing to choose from.
    #[error("a confidence set needs candidates")]
    NoCandidates,
    /// Candidates that were not judged on the same units.
    #[error(
        "candidate {candidate} has {units} losses and candidate 0 has {expected}: all have to be of the same units"
    )]
    Ragged {
        /// Which one, from 0.
        candidate: usize,
        /// How many losses it has.
        units: usize,
        /// How many the first one has.
        expected: usize,
    },
    /// Too few units to resample.
    #[error("a confidence set needs 2 units or more, not {units}")]
    TooFewUnits {
        /// How many there are.
        units: usize,
    },
    /// A loss that is NaN or infinite.
    #[error("the loss of candidate {candidate} on unit {unit} is no finite number")]
    NotFinite {
        /// Which candidate, from 0.
        candidate: usize,
        /// Which unit, from 0.
        unit: usize,
    },
    /// No resampling.
    #[error("a confidence set needs bootstrap draws")]
    NoDraws,
}

/// Which candidates are in the set that holds the best one with a chance of at least `level` (0.9): those with a p-value
/// above 1 − `level`. At least one is.
///
/// `losses` has for each candidate the mean loss of each unit, best from [`contributions`](super::contributions), so that
/// the means are over rows. The same seed gives the same set.
///
/// # Panics
/// Where [`confidence_set_p_values`] has an error, or if the level is not between 0 and 1.
#[track_caller]
pub fn confidence_set(losses: &[Vec<f64>], level: f64, draws: usize, seed: u64) -> Vec<bool> {
    assert!(level > 0.0 && level < 1.0, "confidence_set: the level {level} is not between 0 and 1");
    match confidence_set_p_values(losses, draws, seed) {
        Ok(p_values) => p_values.into_iter().map(|p| p > 1.0 - level).collect(),
        Err(error) => panic!("confidence_set: {error}"),
    }
}

/// For each candidate the largest 1 − level at which it still is in the set: 1 for the best, small for those surely worse.
///
/// # Errors
/// Without candidates or draws, with fewer than 2 units, or with losses that are not finite or of different units.
pub fn confidence_set_p_values(losses: &[Vec<f64>], draws: usize, seed: u64) -> Result<Vec<f64>, ConfidenceSetError> {
    eliminate(losses, None, draws, seed)
}

/// The p-values of [`confidence_set_p_values`] with standard errors that know of the training sets: for each step and
/// candidate the larger of the bootstrap's and of that [`corrected`] for overlapping training sets.
///
/// `splits` has for each candidate its mean loss on each split, in the order of the candidates, and `ratio` is the number
/// of test rows over that of training rows. A candidate is in the set of a level where its p-value is above 1 − level.
///
/// # Errors
/// As [`confidence_set_p_values`]; the splits too have to be as many for all, and finite (a split counts as a unit).
///
/// # Panics
/// If the ratio is below 0 or not finite.
#[track_caller]
pub fn confidence_set_over_splits(
    losses: &[Vec<f64>],
    splits: &[Vec<f64>],
    ratio: f64,
    draws: usize,
    seed: u64,
) -> Result<Vec<f64>, ConfidenceSetError> {
    check(splits, draws)?;
    if splits.len() != losses.len() {
        let candidate = splits.len().min(losses.len());
        let units = |of: &[Vec<f64>]| of.get(candidate).map_or(0, Vec::len);
        return Err(ConfidenceSetError::Ragged { candidate, units: units(splits), expected: units(losses) });
    }
    eliminate(losses, Some((splits, ratio)), draws, seed)
}

fn eliminate(
    losses: &[Vec<f64>],
    splits: Option<(&[Vec<f64>], f64)>,
    draws: usize,
    seed: u64,
) -> Result<Vec<f64>, ConfidenceSetError> {
    check(losses, draws)?;
    let count = losses.len();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let units = by_unit(losses, &mut rng);
    let means: Vec<f64> = losses.iter().map(|of| of.iter().sum::<f64>() / of.len() as f64).collect();
    let size = units.iter().map(|loss| loss.abs()).fold(0.0, f64::max);
    let errors = bootstrap_errors(&units, count, draws, &mut rng);

    let mut p_values = vec![1.0; count];
    let mut remaining: Vec<usize> = (0..count).collect();
    let mut largest: f64 = 0.0;
    while remaining.len() > 1 {
        let of_splits = splits.map_or_else(|| vec![0.0; remaining.len()], |splits| split_errors(&remaining, splits));
        let step = Step::of(&remaining, &means, &errors, &of_splits, ROUNDING * size);
        largest = largest.max(step.p_value);
        if step.worst.len() == remaining.len() {
            break;
        }
        step.worst.iter().for_each(|&candidate| p_values[candidate] = largest);
        remaining.retain(|candidate| !step.worst.contains(candidate));
    }
    Ok(p_values)
}

fn check(losses: &[Vec<f64>], draws: usize) -> Result<(), ConfidenceSetError> {
    let units = losses.first().ok_or(ConfidenceSetError::NoCandidates)?.len();
    for (candidate, of) in losses.iter().enumerate() {
        if of.len() != units {
            return Err(ConfidenceSetError::Ragged { candidate, units: of.len(), expected: units });
        }
        if let Some(unit) = of.iter().position(|loss| !loss.is_finite()) {
            return Err(ConfidenceSetError::NotFinite { candidate, unit });
        }
    }
    if units < 2 {
        return Err(ConfidenceSetError::TooFewUnits { units });
    }
    if draws == 0 { Err(ConfidenceSetError::NoDraws) } else { Ok(()) }
}

/// Losses unit by unit, less their candidate's mean, and added up where there are very many.
fn by_unit(losses: &[Vec<f64>], rng: &mut ChaCha8Rng) -> Vec<f64> {
    let (count, units) = (losses.len(), losses[0].len());
    let parts = units.min(MOST_UNITS);
    let mut order: Vec<usize> = (0..units).collect();
    if parts < units {
        order.shuffle(rng);
    }
    let scale = parts as f64 / units as f64;
    let mut centred = vec![0.0; parts * count];
    for (candidate, of) in losses.iter().enumerate() {
        let mean = of.iter().sum::<f64>() / units as f64;
        for (place, &unit) in order.iter().enumerate() {
            centred[place % parts * count + candidate] += (of[unit] - mean) * scale;
        }
    }
    centred
}

/// For each draw the error of each candidate's mean loss.
fn bootstrap_errors(units: &[f64], count: usize, draws: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let parts = units.len() / count;
    let range = u32::try_from(parts).expect("no more parts than MOST_UNITS");
    let mut errors = vec![0.0; draws * count];
    for sums in errors.chunks_exact_mut(count) {
        for _ in 0..parts {
            let unit = rng.random_range(0..range) as usize;
            for (sum, loss) in sums.iter_mut().zip(&units[unit * count..(unit + 1) * count]) {
                *sum += loss;
            }
        }
        sums.iter_mut().for_each(|sum| *sum /= parts as f64);
    }
    errors
}

/// The corrected standard error of each remaining candidate's difference from their mean; 0 where nothing is known.
fn split_errors(remaining: &[usize], (splits, ratio): (&[Vec<f64>], f64)) -> Vec<f64> {
    let middle = |split: usize| remaining.iter().map(|&i| splits[i][split]).sum::<f64>() / remaining.len() as f64;
    let middles: Vec<f64> = (0..splits[0].len()).map(middle).collect();
    let error = |&i: &usize| {
        let differences: Vec<f64> = splits[i].iter().zip(&middles).map(|(score, middle)| score - middle).collect();
        let paired = corrected(&differences, ratio);
        if paired.is_known() { paired.standard_error } else { 0.0 }
    };
    remaining.iter().map(error).collect()
}

/// One test that the remaining candidates are equally good.
struct Step {
    p_value: f64,
    worst: Vec<usize>,
}

impl Step {
    fn of(remaining: &[usize], means: &[f64], errors: &[f64], of_splits: &[f64], rounding: f64) -> Self {
        let count = means.len();
        let mean_of = |values: &[f64]| remaining.iter().map(|&i| values[i]).sum::<f64>() / remaining.len() as f64;
        let mut deviations = vec![0.0; remaining.len()];
        for draw in errors.chunks_exact(count) {
            let middle = mean_of(draw);
            for (sum, &i) in deviations.iter_mut().zip(remaining) {
                *sum += (draw[i] - middle).powi(2);
            }
        }
        let draws = errors.len() / count;
        deviations.iter_mut().for_each(|sum| *sum = (*sum / draws as f64).sqrt());
        // Without scatter a difference is certain: none, or beyond all doubt.
        let standardised = |difference: f64, deviation: f64| {
            if deviation > rounding {
                difference / deviation
            } else if difference.abs() <= rounding {
                0.0
            } else {
                difference.signum() * f64::INFINITY
            }
        };
        let middle = mean_of(means);
        let seen: Vec<f64> = (remaining.iter().zip(deviations.iter().zip(of_splits)))
            .map(|(&i, (&deviation, &of_splits))| standardised(means[i] - middle, deviation.max(of_splits)))
            .collect();
        let statistic = seen.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let exceeds = |draw: &&[f64]| {
            let middle = mean_of(draw);
            let of = |(&i, &deviation): (&usize, &f64)| {
                if deviation > rounding { (draw[i] - middle) / deviation } else { 0.0 }
            };
            remaining.iter().zip(&deviations).map(of).fold(f64::NEG_INFINITY, f64::max) >= statistic
        };
        let above = errors.chunks_exact(count).filter(exceeds).count();
        let worst = remaining.iter().zip(&seen).filter(|(_, t)| **t == statistic).map(|(&i, _)| i).collect();
        Self { p_value: above as f64 / draws as f64, worst }
    }
}
