//! Shares by group, quantiles, and Huber's location.

use super::Measured;
use crate::statistics::{
    Sampling,
    estimate::{Estimate, mean_by_groups},
    isotonic::weighted_quantile,
};

/// A share with an interval by group, kept within 0 and 1.
pub(super) fn share_by_group(holds: impl Iterator<Item = bool>, rows: Sampling<'_>) -> Measured {
    let values: Vec<f64> = holds.map(|is| f64::from(u8::from(is))).collect();
    let Estimate { value, low, high, .. } = mean_by_groups(&values, rows);
    Measured { value, low: low.max(0.0), high: high.min(1.0) }
}

/// The value below which this share of the values lies: the one at place ⌈share · n⌉. Reorders them.
pub(super) fn quantile(values: &mut [f64], share: f64) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    let place = ((values.len() as f64 * share).ceil() as usize).clamp(1, values.len()) - 1;
    *values.select_nth_unstable_by(place, f64::total_cmp).1
}

/// The same of weighted values, which stay in their order.
pub(super) fn quantile_of(values: &mut [f64], weight: Option<&[f64]>, share: f64) -> f64 {
    match weight {
        Some(_) => weighted_quantile(values, weight, share),
        None => quantile(values, share),
    }
}

/// Huber's location with δ = 1.345 scaled median absolute deviations, by reweighting; the median where there is no such scale.
pub(super) fn huber_location(values: &[f64], weight: Option<&[f64]>) -> f64 {
    let mut work = values.to_vec();
    let median = quantile_of(&mut work, weight, 0.5);
    work.iter_mut().zip(values).for_each(|(size, value)| *size = (value - median).abs());
    let delta = 1.345 * 1.4826 * quantile_of(&mut work, weight, 0.5);
    if delta <= 0.0 {
        return median;
    }
    let mut location = median;
    for _ in 0..200 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for (row, value) in values.iter().enumerate() {
            let own = weight.map_or(1.0, |weight| weight[row]);
            let weight = own * (delta / (value - location).abs()).min(1.0);
            sum += weight * value;
            weights += weight;
        }
        let next = sum / weights;
        let step = (next - location).abs();
        location = next;
        if step <= 1e-10 * delta {
            break;
        }
    }
    location
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn a_share_stays_between_0_and_1() {
        let share = share_by_group([true, true, true, false].into_iter(), (&[0, 1, 2, 3]).into());
        assert_relative_eq!(share.value, 0.75);
        assert!(share.low > 0.0 - 1e-12 && share.high <= 1.0);
    }

    #[test]
    fn quantiles_and_hubers_location() {
        assert_relative_eq!(quantile(&mut [3.0, 1.0, 2.0, 4.0], 0.5), 2.0);
        assert_relative_eq!(quantile(&mut [3.0, 1.0, 2.0, 4.0], 0.9), 4.0);
        assert!(quantile(&mut [], 0.5).is_nan());
        assert_relative_eq!(huber_location(&[1.0, 2.0, 3.0], None), 2.0, max_relative = 1e-9);
        // δ = 1.345 · 1.4826 · 1: Σ ψ(y − m) = 0 with the outlier's ψ = δ, so 4 m = 1.5 + 2 + 3 + 4 + δ.
        let delta = 1.345 * 1.4826;
        assert_relative_eq!(
            huber_location(&[1.5, 2.0, 3.0, 4.0, 100.0], None),
            (10.5 + delta) / 4.0,
            max_relative = 1e-8
        );
        assert_relative_eq!(huber_location(&[5.0, 5.0, 5.0, 9.0], None), 5.0);
    }
}
