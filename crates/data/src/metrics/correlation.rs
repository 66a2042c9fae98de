//! Whether two columns rise and fall together.

use super::{MetricError, check};

/// Pearson's correlation: 1 where one column is a rising line of the other.
///
/// ```
/// use minimand_data::metrics::pearson;
/// assert_eq!(pearson(&[1.0, 2.0, 3.0], &[5.0, 3.0, 1.0])?, -1.0);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many in both, one is not finite, or a column is constant.
pub fn pearson(one: &[f64], other: &[f64]) -> Result<f64, MetricError> {
    checked("pearson", one, other)?;
    of_values("pearson", one, other)
}

/// Spearman's rank correlation: Pearson's of the ranks, equal values sharing their mean rank. 1 where the columns have the same order.
///
/// ```
/// use minimand_data::metrics::spearman;
/// assert_eq!(spearman(&[1.0, 2.0, 3.0], &[1.0, 10.0, 100.0])?, 1.0);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many in both, one is NaN, or a column is constant.
#[doc(alias = "spearmanr")]
pub fn spearman(one: &[f64], other: &[f64]) -> Result<f64, MetricError> {
    checked("spearman", one, other)?;
    of_values("spearman", &ranks(one), &ranks(other))
}

/// Kendall's τ-b: pairs of rows in the same order less those in the opposite one, over the geometric mean of the pairs that each column
/// orders (Kendall 1945). By merge sort, in n ln n (Knight 1966).
///
/// ```
/// use minimand_data::metrics::kendall;
/// assert_eq!(kendall(&[1.0, 2.0, 3.0, 4.0], &[1.0, 3.0, 2.0, 4.0])?, 4.0 / 6.0); // one pair of six is reversed
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many in both, one is NaN, or a column is constant.
#[doc(alias = "kendalltau")]
pub fn kendall(one: &[f64], other: &[f64]) -> Result<f64, MetricError> {
    checked("kendall", one, other)?;
    let mut order: Vec<usize> = (0..one.len()).collect();
    order.sort_by(|&a, &b| compare(one[a], one[b]).then(compare(other[a], other[b])));
    let pairs = |n: usize| (n * (n - 1) / 2) as f64;
    let tied = |same: &dyn Fn(usize, usize) -> bool, order: &[usize]| -> f64 {
        order.chunk_by(|&a, &b| same(a, b)).map(|run| pairs(run.len())).sum()
    };
    let all = pairs(order.len());
    let tied_in_one = tied(&|a, b| one[a] == one[b], &order);
    let tied_in_both = tied(&|a, b| one[a] == one[b] && other[a] == other[b], &order);
    let mut values: Vec<f64> = order.iter().map(|&row| other[row]).collect();
    let reversed = sort_counting(&mut values) as f64;
    let tied_in_other: f64 = values.chunk_by(|a, b| a == b).map(|run| pairs(run.len())).sum();
    let ordered = [all - tied_in_one, all - tied_in_other];
    check::defined("kendall", ordered.iter().all(|&pairs| pairs > 0.0), CONSTANT)?;
    let balance = all - tied_in_one - tied_in_other + tied_in_both - 2.0 * reversed;
    Ok(balance / (ordered[0] * ordered[1]).sqrt())
}

const CONSTANT: &str = "a column is constant";

fn checked(metric: &'static str, one: &[f64], other: &[f64]) -> Result<(), MetricError> {
    check::rows(metric, ["entries of the first column", "of the second"], one, other)?;
    for (name, column) in [("first column", one), ("second column", other)] {
        if metric == "pearson" { check::finite(metric, name, column)? } else { check::not_nan(metric, name, column)? }
    }
    Ok(())
}

fn of_values(metric: &'static str, one: &[f64], other: &[f64]) -> Result<f64, MetricError> {
    let centred = |column: &[f64]| {
        let mean = column.iter().sum::<f64>() / column.len() as f64;
        // In units of the largest, so that squares stay in the range of numbers.
        let largest = column.iter().map(|value| (value - mean).abs()).fold(0.0, f64::max);
        column.iter().map(|value| (value - mean) / largest).collect::<Vec<f64>>()
    };
    let constant = |column: &[f64]| column.iter().all(|value| *value == column[0]);
    check::defined(metric, !constant(one) && !constant(other), CONSTANT)?;
    let (one, other) = (centred(one), centred(other));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let correlation = product(&one, &other) / (product(&one, &one) * product(&other, &other)).sqrt();
    Ok(correlation.clamp(-1.0, 1.0))
}

/// Zeros of both signs are one value.
fn compare(a: f64, b: f64) -> std::cmp::Ordering {
    (a + 0.0).total_cmp(&(b + 0.0))
}

/// The rank of each value from 1; equal ones have their mean rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| compare(values[a], values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for tie in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = before as f64 + (tie.len() as f64 + 1.0) / 2.0;
        tie.iter().for_each(|&row| ranks[row] = rank);
        before += tie.len();
    }
    ranks
}

/// Sorts by merging, and counts the pairs that stood in falling order.
fn sort_counting(values: &mut [f64]) -> u64 {
    let mut other = values.to_vec();
    let mut reversed = 0;
    let mut width = 1;
    while width < values.len() {
        for start in (0..values.len()).step_by(2 * width) {
            let (middle, end) = ((start + width).min(values.len()), (start + 2 * width).min(values.len()));
            let (mut left, mut right) = (start, middle);
            for place in &mut other[start..end] {
                let from_right = left == middle || right < end && values[right] < values[left];
                if from_right {
                    reversed += (middle - left) as u64;
                    *place = values[right];
                    right += 1;
                } else {
                    *place = values[left];
                    left += 1;
                }
            }
        }
        values.copy_from_slice(&other);
        width *= 2;
    }
    reversed
}
