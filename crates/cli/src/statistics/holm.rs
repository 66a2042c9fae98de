//! P-values of several comparisons at once.

/// P-values adjusted so that, rejecting where they are at most α, one of any number of true equalities is rejected with a
/// chance of at most α: the k-th smallest times (m − k + 1), never below its predecessor, at most 1.
///
/// Holm, "A simple sequentially rejective multiple test procedure", 1979. In the order given. A NaN counts as 1.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let known = |place: usize| if p_values[place].is_nan() { 1.0 } else { p_values[place] };
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&one, &other| known(one).total_cmp(&known(other)));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut least: f64 = 0.0;
    for (rank, &place) in order.iter().enumerate() {
        least = least.max((known(place) * (p_values.len() - rank) as f64).min(1.0));
        adjusted[place] = least;
    }
    adjusted
}
