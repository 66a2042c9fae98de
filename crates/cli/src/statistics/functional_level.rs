//! What predictions are of the truth: which quantile, which share of the total, which expectile.

use super::{
    estimate::{Estimate, mean_by_groups, t_quantile},
    sampling::Sampling,
};

/// The share of rows with the truth at or below the prediction, ties counting half: the quantile level that predictions
/// have. With a cluster-robust interval (Wilson 1927, of as many independent rows as would have the same error), which has
/// a width even where every row is on one side.
///
/// # Panics
/// If the slices differ in length or are empty.
#[track_caller]
pub fn quantile_level<'a>(truth: &[f64], predictions: &[f64], rows: impl Into<Sampling<'a>>) -> Estimate {
    let rows = rows.into();
    assert_eq!(truth.len(), predictions.len(), "quantile_level: truth and predictions differ in number");
    let below = |(y, p): (&f64, &f64)| if y < p { 1.0 } else { 0.5 * f64::from(u8::from(y == p)) };
    let found = mean_by_groups(&truth.iter().zip(predictions).map(below).collect::<Vec<_>>(), rows);
    let (share, number) = (found.value, rows.count_groups());
    let spread = share * (1.0 - share);
    // Ties make halves, of less spread than shares of whole rows.
    let worth = if found.standard_error > 0.0 { spread / found.standard_error.powi(2) } else { number as f64 };
    let square = t_quantile(0.975, number.saturating_sub(1)).powi(2);
    if !(square.is_finite() && worth > 0.0) {
        return Estimate { low: 0.0, high: 1.0, ..found };
    }
    let centre = share + square / (2.0 * worth);
    let half = (square * spread / worth + (square / (2.0 * worth)).powi(2)).sqrt();
    let scale = 1.0 + square / worth;
    Estimate { low: ((centre - half) / scale).max(0.0), high: ((centre + half) / scale).min(1.0), ..found }
}

/// Predicted over true total, by the delta method with a cluster-robust error; nothing where the truth adds up to 0.
///
/// # Panics
/// If the slices differ in length or are empty.
#[track_caller]
pub fn total_ratio<'a>(truth: &[f64], predictions: &[f64], rows: impl Into<Sampling<'a>>) -> Option<Estimate> {
    let rows = rows.into();
    assert!(
        !truth.is_empty() && truth.len() == predictions.len(),
        "total_ratio: truth and predictions differ in number"
    );
    let total = rows.sum(truth.iter().copied());
    if total == 0.0 {
        return None;
    }
    let ratio = rows.sum(predictions.iter().copied()) / total;
    let scores = truth.iter().zip(predictions).map(|(y, p)| p - ratio * y);
    Some(rows.estimate(ratio, rows.standard_error_of_sum(scores) / total.abs()))
}

/// The expectile level τ that predictions have: where (1 − τ) E max(p − y, 0) = τ E max(y − p, 0) (Newey & Powell 1987);
/// 0.5 is the mean. By the delta method with a cluster-robust error; nothing where every prediction is exact.
///
/// # Panics
/// If the slices differ in length or are empty.
#[track_caller]
pub fn expectile_level<'a>(truth: &[f64], predictions: &[f64], rows: impl Into<Sampling<'a>>) -> Option<Estimate> {
    let rows = rows.into();
    assert!(!truth.is_empty() && truth.len() == predictions.len(), "expectile_level: lengths");
    let pairs = || truth.iter().zip(predictions);
    let over = rows.sum(pairs().map(|(y, p)| (p - y).max(0.0)));
    let under = rows.sum(pairs().map(|(y, p)| (y - p).max(0.0)));
    let total = over + under;
    if total == 0.0 {
        return None;
    }
    let level = over / total;
    let scores = pairs().map(|(y, p)| (p - y).max(0.0) - level * (p - y).abs());
    Some(rows.estimate(level, rows.standard_error_of_sum(scores) / total))
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use rand::{SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, Exp1, StandardNormal};

    use super::*;

    #[test]
    fn levels_are_counted() {
        let groups = [0, 1, 2, 3];
        let level = quantile_level(&[1.0, 2.0, 3.0, 4.0], &[2.0, 2.0, 2.0, 2.0], &groups);
        assert_relative_eq!(level.value, 0.375);
        let ratio = total_ratio(&[1.0, 2.0, 3.0, 4.0], &[2.0; 4], &groups).unwrap();
        assert_relative_eq!(ratio.value, 0.8);
        let expectile = expectile_level(&[1.0, 2.0, 3.0, 4.0], &[2.0; 4], &groups).unwrap();
        assert_relative_eq!(expectile.value, 0.25);
        assert!(total_ratio(&[0.0; 3], &[1.0; 3], &[0, 1, 2]).is_none());
        assert!(expectile_level(&[1.0; 3], &[1.0; 3], &[0, 1, 2]).is_none());
    }

    #[test]
    fn a_level_at_the_end_has_a_width() {
        let found = quantile_level(&[1.0; 40], &[2.0; 40], &(0..40).collect::<Vec<_>>());
        assert_relative_eq!(found.high, 1.0);
        // t² / (n + t²) below the end.
        assert_relative_eq!(found.low, 1.0 - 2.0227f64.powi(2) / (40.0 + 2.0227f64.powi(2)), epsilon = 1e-4);
        assert_eq!(quantile_level(&[1.0; 4], &[2.0; 4], &[0; 4]).low, 0.0, "one group");
    }

    /// Exponential truth of groups of four that share half of their logarithm.
    #[test]
    fn intervals_by_group_cover() {
        let groups: Vec<u32> = (0..2000).map(|row| row / 4).collect();
        let covered = (0..200).filter(|&seed| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let shared: Vec<f64> = StandardNormal.sample_iter(&mut rng).take(500).collect();
            let own: Vec<f64> = Exp1.sample_iter(&mut rng).take(2000).collect();
            let truth: Vec<f64> =
                own.iter().zip(&groups).map(|(own, &group)| own * (0.5 * shared[group as usize]).exp()).collect();
            // E exp(Z/2) = exp(1/8).
            total_ratio(&truth, &[0.125f64.exp(); 2000], &groups).unwrap().holds(1.0)
        });
        assert!(covered.count() >= 184);
    }
}
