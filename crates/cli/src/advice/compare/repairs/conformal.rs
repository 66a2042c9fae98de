//! Intervals that hold what they promise.

/// What is added to both sides of the intervals so that they hold this share of new rows (conformalised quantile regression,
/// Romano 2019): a quantile of how far the truth lies outside (below 0: inside), taken a row higher for the rows' own number.
pub(super) fn widening(share: f64, lower: &[f64], upper: &[f64], target: &[f64]) -> f64 {
    let mut outside: Vec<f64> =
        target.iter().zip(lower.iter().zip(upper)).map(|(y, (lower, upper))| (lower - y).max(y - upper)).collect();
    outside.sort_by(f64::total_cmp);
    let rows = outside.len();
    // Rounding of the share must not ask for one row more.
    let place = (share * (rows + 1) as f64 - 1e-9).ceil() as usize;
    outside[place.clamp(1, rows) - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_hold_their_share_afterwards() {
        let target: Vec<f64> = (1..=9).map(f64::from).collect();
        let (lower, upper) = (vec![0.0; 9], vec![5.0; 9]);
        // Outside by −1, −2, −2, −1, 0, 1, 2, 3, 4: of 10 places the 8th.
        assert_eq!(widening(0.8, &lower, &upper, &target), 3.0);
        // Too wide ones are narrowed.
        assert_eq!(widening(0.8, &[-10.0; 9], &[20.0; 9], &target), -11.0);
    }
}
