//! Quantiles, the median, and the spread around it that no outlier can move.

/// 1 / Φ⁻¹(3/4): times this, the median absolute deviation of normally distributed values is their standard deviation.
pub const NORMAL_CONSISTENCY: f64 = 1.482_602_218_505_602;

/// The `level` quantile with linear interpolation between order statistics (NumPy's default, Hyndman & Fan's type 7).
///
/// # Panics
/// If there are no values, or `level` is outside 0..=1.
#[track_caller]
pub fn quantile(values: &[f64], level: f64) -> f64 {
    assert!(!values.is_empty(), "quantile: no values");
    assert!((0.0..=1.0).contains(&level), "quantile: level {level} is outside 0..=1");
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let place = level * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let weight = place - below as f64;
    if weight == 0.0 { sorted[below] } else { sorted[below] * (1.0 - weight) + sorted[above] * weight }
}

/// The middle value; the mean of the two middle ones of an even number.
///
/// # Panics
/// If there are no values.
#[track_caller]
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// MAD = median |value − median|, in the unit of the values: half of them lie that near to the median.
///
/// # Panics
/// If there are no values.
#[track_caller]
pub fn median_absolute_deviation(values: &[f64]) -> f64 {
    let centre = median(values);
    let distances: Vec<f64> = values.iter().map(|value| (value - centre).abs()).collect();
    median(&distances)
}

/// 1.4826 MAD: estimates the standard deviation of normally distributed values, whatever the outliers.
///
/// Huber's classic δ = 1.345 σ takes this one for σ; δ = 1.35 MAD takes the plain one and is a third smaller.
///
/// # Panics
/// If there are no values.
#[track_caller]
pub fn scaled_median_absolute_deviation(values: &[f64]) -> f64 {
    NORMAL_CONSISTENCY * median_absolute_deviation(values)
}
