//! Two areas under ROC curves of the same rows.

use super::{clusters::contributions, paired::Paired};

/// Areas of two scores and their difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Areas {
    /// Area of the first.
    pub first: f64,
    /// Area of the second.
    pub second: f64,
    /// **Second minus first**, so that below 0 the first is better; with a normal law, or Student's t over groups.
    pub difference: Paired,
}

/// Compares two areas under the ROC curve of the same rows by the variance of their placement values: V(i) is for a positive
/// row the share of negatives it is above, for a negative row the share of positives it is below, ties counting half; the
/// variance is that of the differences of V among positives over their number plus the same among negatives.
///
/// DeLong, DeLong & Clarke-Pearson, "Comparing the areas under two or more correlated receiver operating characteristic
/// curves: a nonparametric approach", 1988; quick by ranks (Sun & Xu 2014). With groups the rows' contributions are added
/// up by group and their scatter taken over groups with the factor G/(G − 1), as Obuchowski, "Nonparametric analysis of
/// clustered ROC curve data", 1997. `None` where a class is missing.
///
/// # Panics
/// If the slices differ in length or a score is NaN.
#[track_caller]
pub fn delong(first: &[f64], second: &[f64], labels: &[bool], groups: Option<&[u32]>) -> Option<Areas> {
    assert_eq!(first.len(), labels.len(), "delong: {} scores and {} labels", first.len(), labels.len());
    assert_eq!(second.len(), labels.len(), "delong: {} scores and {} labels", second.len(), labels.len());
    let (one, other) = (placements(first, labels)?, placements(second, labels)?);
    let positives = labels.iter().filter(|&&label| label).count() as f64;
    let negatives = labels.len() as f64 - positives;
    let area =
        |values: &[f64]| values.iter().zip(labels).filter(|(_, is)| **is).map(|(v, _)| v).sum::<f64>() / positives;
    let (first, second) = (area(&one), area(&other));
    let mean = first - second;
    let deviation = |row: usize| one[row] - other[row] - mean;
    let (standard_error, freedom) = if let Some(groups) = groups {
        // Each row's share in the error of the difference, times the number of rows.
        let rows = labels.len() as f64;
        let influence: Vec<f64> = (0..labels.len())
            .map(|row| deviation(row) * rows / if labels[row] { positives } else { negatives })
            .collect();
        let of_groups = super::naive(&contributions(&influence, groups));
        (of_groups.standard_error, of_groups.freedom)
    } else {
        let mean_variance = |class: bool, count: f64| {
            let squares = (0..labels.len()).filter(|&row| labels[row] == class).map(|row| deviation(row).powi(2));
            squares.sum::<f64>() / ((count - 1.0) * count)
        };
        let variance = mean_variance(true, positives) + mean_variance(false, negatives);
        // One row of a class has no variance.
        if variance.is_finite() { (variance.sqrt(), f64::INFINITY) } else { (f64::INFINITY, 0.0) }
    };
    Some(Areas { first, second, difference: Paired { mean: -mean, standard_error, freedom } })
}

/// For each row the share of the other class's rows on its right side.
fn placements(scores: &[f64], labels: &[bool]) -> Option<Vec<f64>> {
    assert!(scores.iter().all(|score| !score.is_nan()), "delong: a score is NaN");
    let positives = labels.iter().filter(|&&label| label).count();
    let negatives = labels.len() - positives;
    if positives == 0 || negatives == 0 {
        return None;
    }
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&one, &other| scores[one].total_cmp(&scores[other]));
    let mut values = vec![0.0; scores.len()];
    let (mut positives_below, mut negatives_below) = (0, 0);
    // Equality by ==, so that −0 ties with 0.
    for tied in order.chunk_by(|&one, &other| scores[one] == scores[other]) {
        let tied_positives = tied.iter().filter(|&&row| labels[row]).count();
        let tied_negatives = tied.len() - tied_positives;
        for &row in tied {
            values[row] = if labels[row] {
                (negatives_below as f64 + tied_negatives as f64 / 2.0) / negatives as f64
            } else {
                ((positives - positives_below - tied_positives) as f64 + tied_positives as f64 / 2.0) / positives as f64
            };
        }
        positives_below += tied_positives;
        negatives_below += tied_negatives;
    }
    Some(values)
}
