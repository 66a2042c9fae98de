//! Labels that may be wrong, by confident learning.

/// A probability this little below the average counts as reaching it.
const ROUNDING: f64 = 1e-6;

/// What the confident joint says of the labels.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelNoise {
    /// Estimated share of the rows whose label is not their class.
    pub share: f64,
    /// Estimated joint distribution of the given label (row) and the class (column); sums to 1.
    pub joint: Vec<Vec<f64>>,
    /// Rows whose label looks wrong, the least credible label first.
    pub rows: Vec<usize>,
}

/// The confident joint of given labels and out-of-fold probabilities, row after row (Northcutt, Jiang, Chuang 2021,
/// "Confident learning", eqs. 1 to 3): a row counts for the class that it is confident of, which is the likeliest of the
/// classes whose probability is at least what rows of that label have on average; rows are scaled to the labels' counts. A row counts as
/// often as its weight says, where there are weights.
///
/// Genuine overlap of the classes looks alike: the share is an upper bound rather than an estimate where a calibrated model
/// is unsure.
///
/// # Panics
/// If the probabilities are not `classes`, or the weights not one, for each label, or a label is not below `classes`.
#[track_caller]
pub fn label_noise(labels: &[usize], probabilities: &[f64], classes: usize, weight: Option<&[f64]>) -> LabelNoise {
    assert_eq!(
        probabilities.len(),
        labels.len() * classes,
        "label_noise: probabilities of {classes} classes for each label"
    );
    assert!(labels.iter().all(|&label| label < classes), "label_noise: a label is not below {classes}");
    assert!(
        weight.is_none_or(|weight| weight.len() == labels.len()),
        "label_noise: labels and weights differ in number"
    );
    let weight = |row: usize| weight.map_or(1.0, |weight| weight[row]);
    let row = |row: usize| &probabilities[row * classes..(row + 1) * classes];
    let mut counts = vec![0.0; classes];
    let mut sums = vec![0.0; classes];
    for (place, &label) in labels.iter().enumerate() {
        counts[label] += weight(place);
        sums[label] += weight(place) * row(place)[label];
    }
    let threshold = |class: usize| if counts[class] > 0.0 { sums[class] / counts[class] } else { f64::INFINITY };
    let confident = |place: usize| {
        let above = (0..classes).filter(|&class| row(place)[class] >= threshold(class) - ROUNDING);
        above.max_by(|&a, &b| row(place)[a].total_cmp(&row(place)[b]).then(b.cmp(&a)))
    };
    let mut joint = vec![vec![0.0; classes]; classes];
    let mut suspects = Vec::new();
    for (place, &label) in labels.iter().enumerate() {
        if let Some(class) = confident(place) {
            joint[label][class] += weight(place);
            if class != label {
                suspects.push(place);
            }
        }
    }
    let total: f64 = counts.iter().sum();
    for (label, row) in joint.iter_mut().enumerate() {
        let sum: f64 = row.iter().sum();
        if sum == 0.0 {
            row[label] = counts[label] / total;
        } else {
            row.iter_mut().for_each(|cell| *cell *= counts[label] / sum / total);
        }
    }
    let right: f64 = (0..classes).map(|class| joint[class][class]).sum();
    suspects.sort_by(|&a, &b| row(a)[labels[a]].total_cmp(&row(b)[labels[b]]));
    LabelNoise { share: (1.0 - right).max(0.0), joint, rows: suspects }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

    use super::*;

    #[test]
    fn flipped_labels_of_separated_classes_are_counted() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let truth: Vec<usize> = (0..4000).map(|row| row % 2).collect();
        let labels: Vec<usize> =
            truth.iter().map(|&class| if rng.random::<f64>() < 0.2 { 1 - class } else { class }).collect();
        // What a model fitted on such labels says: 0.8 for the true class, a little noisy.
        let probabilities: Vec<f64> = truth
            .iter()
            .flat_map(|&class| {
                let p = 0.8 + 0.1 * (rng.random::<f64>() - 0.5);
                if class == 1 { [1.0 - p, p] } else { [p, 1.0 - p] }
            })
            .collect();
        let found = label_noise(&labels, &probabilities, 2, None);
        assert_relative_eq!(found.share, 0.2, epsilon = 0.03);
        let flipped = |&&row: &&usize| labels[row] != truth[row];
        assert!(found.rows.iter().filter(flipped).count() as f64 > 0.99 * found.rows.len() as f64);
        assert_relative_eq!(found.joint.iter().flatten().sum::<f64>(), 1.0, max_relative = 1e-12);
    }

    #[test]
    fn right_labels_are_left_alone() {
        let labels: Vec<usize> = (0..300).map(|row| row % 3).collect();
        let probabilities: Vec<f64> =
            labels.iter().flat_map(|&label| (0..3).map(move |class| if class == label { 0.9 } else { 0.05 })).collect();
        let found = label_noise(&labels, &probabilities, 3, None);
        assert!(found.share < 1e-12 && found.rows.is_empty());
    }
}
