//! Intervals of a proportion.

use super::paired::{Interval, student_quantile};

/// The interval of a proportion of which `successes` of `trials` were seen, at a level such as 0.95:
/// (p̂ + z²/2n ± z √(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n).
///
/// Wilson, "Probable inference, the law of succession, and statistical inference", 1927. Stays within 0 to 1 and has a
/// width where all or none were seen; without a trial it is 0 to 1.
///
/// # Panics
/// If there are more successes than trials, or the level is not between 0 and 1.
#[track_caller]
pub fn wilson(successes: usize, trials: usize, level: f64) -> Interval {
    assert!(successes <= trials, "wilson: {successes} successes in {trials} trials");
    assert!(level > 0.0 && level < 1.0, "wilson: the level {level} is not between 0 and 1");
    if trials == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let (count, trials) = (successes as f64, trials as f64);
    let z = student_quantile(0.5 + level / 2.0, f64::INFINITY);
    let share = count / trials;
    let scale = 1.0 + z * z / trials;
    let centre = share + z * z / (2.0 * trials);
    let half = z * (share * (1.0 - share) / trials + z * z / (4.0 * trials * trials)).sqrt();
    // Where all or none were seen one end is the proportion itself, but for rounding.
    let low = if successes == 0 { 0.0 } else { (centre - half) / scale };
    let high = if count == trials { 1.0 } else { (centre + half) / scale };
    Interval { low: low.clamp(0.0, 1.0), high: high.clamp(0.0, 1.0) }
}
