//! From rows to groups of rows that belong together.

/// One value for each group that has rows, whose mean is the mean over the **rows** and whose scatter is that of the
/// groups: m + (Sᵧ − nᵧ m) G/n for a group of nᵧ rows with the sum Sᵧ, of G groups and n rows with the mean m.
///
/// These are the linearised contributions of the groups to a ratio of sums: the variance of their mean,
/// G/(G − 1) Σ (Sᵧ − nᵧ m)² / n², is the cluster-robust one with the small-sample factor (CR1: Liang & Zeger 1986;
/// Cameron & Miller 2015). With one row a group they are the values themselves. Being linear in the values, contributions
/// of a difference are the difference of contributions. In the order of the groups' numbers.
///
/// # Panics
/// If the two differ in length.
#[track_caller]
pub fn contributions(values: &[f64], groups: &[u32]) -> Vec<f64> {
    assert_eq!(values.len(), groups.len(), "contributions: {} values and {} groups", values.len(), groups.len());
    let Some(&last) = groups.iter().max() else { return Vec::new() };
    let mut sums = vec![(0.0, 0_u32); last as usize + 1];
    for (value, &group) in values.iter().zip(groups) {
        let (sum, rows) = &mut sums[group as usize];
        *sum += value;
        *rows += 1;
    }
    let rows = values.len() as f64;
    let mean = sums.iter().map(|(sum, _)| sum).sum::<f64>() / rows;
    let present = sums.iter().filter(|(_, rows)| *rows > 0);
    let scale = present.clone().count() as f64 / rows;
    present.map(|&(sum, count)| mean + (sum - f64::from(count) * mean) * scale).collect()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn mean_is_that_of_the_rows_whatever_the_sizes() {
        let (values, groups) = ([1.0, 2.0, 9.0, 4.0, 0.5, 7.0], [7, 2, 2, 2, 7, 3]);
        let of_groups = contributions(&values, &groups);
        assert_eq!(of_groups.len(), 3, "groups without rows have no contribution");
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        assert_relative_eq!(mean(&of_groups), mean(&values), max_relative = 1e-14);
    }

    #[test]
    fn rows_by_themselves_are_unchanged() {
        let values = [3.0, -1.0, 2.5];
        for (one, other) in contributions(&values, &[0, 1, 2]).iter().zip(values) {
            assert_relative_eq!(*one, other, max_relative = 1e-14);
        }
        assert!(contributions(&[], &[]).is_empty());
    }
}
