//! Intervals of a mean whose summands may have no variance.

use minimand::data::metrics::quantile;
use rand::{SeedableRng, rngs::ChaCha8Rng, seq::index::sample};
use serde::Serialize;

use super::paired::Interval;

/// With fewer values a subsample is too small to have a standard deviation to speak of.
const LEAST: usize = 25;

/// The mean of heavy-tailed values, with an interval that needs no variance to exist.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Subsampling {
    /// Mean of the values.
    pub mean: f64,
    /// The interval, symmetric around the mean.
    pub interval: Interval,
    /// Values in each subsample.
    pub block: usize,
}

/// The interval of a mean of differences (of rows, or [`contributions`](super::contributions) of groups) from subsamples of
/// b = √n values drawn without replacement: d̄ ± q s/√n, where q is the `level` quantile of √b |d̄_b − d̄|/s_b √(1 − b/n)⁻¹.
///
/// The mean divided by its own standard deviation has a limit law for a variance that is infinite too, of unknown
/// shape, and a subsample has the same at its own size: Politis & Romano, "Large sample confidence regions based on
/// subsamples under minimal assumptions", 1994; self-normalised, so that the rate cancels, Romano & Wolf, "Subsampling
/// inference for the mean in the heavy-tailed case", 1999. Symmetric,
/// because equal tails cover far too little where both tails are heavy (0.75 for 0.95 with index 1.5). Where a share of
/// 1 − `level` of the subsamples has no scatter at all, the interval is everything.
///
/// `None` with fewer than 25 values, or one that is not finite. The same seed gives the same interval.
///
/// # Panics
/// If the level is not between 0 and 1, or there are no draws.
#[track_caller]
pub fn subsampling(values: &[f64], level: f64, draws: usize, seed: u64) -> Option<Subsampling> {
    assert!(level > 0.0 && level < 1.0, "subsampling: the level {level} is not between 0 and 1");
    assert!(draws > 0, "subsampling: no draws");
    let count = values.len();
    let (mean, deviation) = moments(values);
    if count < LEAST || !mean.is_finite() || !deviation.is_finite() {
        return None;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let block = (count as f64).sqrt() as usize;
    let draw = |_| {
        let drawn: Vec<f64> = sample(&mut rng, count, block).iter().map(|place| values[place]).collect();
        root(moments(&drawn), mean, block, count)
    };
    let roots: Vec<f64> = (0..draws).map(draw).collect();
    let root = quantile(&roots, level);
    // Between two infinite roots there is no number.
    let half = if root.is_finite() { root * deviation / (count as f64).sqrt() } else { f64::INFINITY };
    Some(Subsampling { mean, interval: Interval { low: mean - half, high: mean + half }, block })
}

/// √b |d̄_b − d̄| / s_b, for sampling without replacement.
fn root((mean, deviation): (f64, f64), centre: f64, block: usize, count: usize) -> f64 {
    let distance = (mean - centre).abs();
    if distance == 0.0 {
        return 0.0;
    }
    // A subsample of equal values says nothing about its error: as far as can be.
    let kept = (1.0 - block as f64 / count as f64).sqrt();
    (block as f64).sqrt() * distance / deviation / kept
}

/// Mean and standard deviation (divided by n − 1).
fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0)).sqrt())
}
