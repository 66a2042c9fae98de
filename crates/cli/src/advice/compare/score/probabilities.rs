//! Losses of predicted probabilities.

/// The least probability that a logarithm is taken of.
pub(super) const CLIP: f64 = 1e-15;

/// −y ln p − (1 − y) ln(1 − p), for labels and for shares; probabilities are clipped to 1e-15 from 0 and 1.
pub(super) fn log_loss(probability: &[f64], target: &[f64]) -> Vec<f64> {
    assert_eq!(probability.len(), target.len(), "score: probabilities and targets");
    (probability.iter().zip(target))
        .map(|(&p, &y)| {
            let (positive, negative) = (p.max(CLIP), (1.0 - p).max(CLIP));
            // A label needs one of the two: 0 times the other must not be taken.
            let of_positive = if y > 0.0 { y * positive.ln() } else { 0.0 };
            let of_negative = if y < 1.0 { (1.0 - y) * negative.ln() } else { 0.0 };
            -of_positive - of_negative
        })
        .collect()
}

/// (p − y)².
pub(super) fn brier(probability: &[f64], target: &[f64]) -> Vec<f64> {
    assert_eq!(probability.len(), target.len(), "score: probabilities and targets");
    probability.iter().zip(target).map(|(p, y)| (p - y).powi(2)).collect()
}

/// −ln of the true class's probability.
pub(super) fn log_loss_of_classes(probabilities: &[f64], classes: usize, target: &[f64]) -> Vec<f64> {
    rows(probabilities, classes, target).map(|(row, class)| -row[class].max(CLIP).ln()).collect()
}

/// Σ over the classes of (p − 1[true])².
pub(super) fn brier_of_classes(probabilities: &[f64], classes: usize, target: &[f64]) -> Vec<f64> {
    rows(probabilities, classes, target)
        .map(|(row, class)| {
            row.iter().enumerate().map(|(place, p)| (p - if place == class { 1.0 } else { 0.0 }).powi(2)).sum()
        })
        .collect()
}

/// Σ over the cuts between ordered classes of (P(class ≤ cut) − 1[true ≤ cut])² (Epstein 1969): the CRPS of numbers of
/// classes.
pub(super) fn ranked_probability_score(probabilities: &[f64], classes: usize, target: &[f64]) -> Vec<f64> {
    rows(probabilities, classes, target)
        .map(|(row, class)| {
            let mut below = 0.0;
            (0..classes - 1)
                .map(|cut| {
                    below += row[cut];
                    (below - if class <= cut { 1.0 } else { 0.0 }).powi(2)
                })
                .sum()
        })
        .collect()
}

fn rows<'a>(
    probabilities: &'a [f64],
    classes: usize,
    target: &'a [f64],
) -> impl Iterator<Item = (&'a [f64], usize)> + 'a {
    assert_eq!(probabilities.len(), target.len() * classes, "score: probabilities and targets");
    probabilities.chunks_exact(classes).zip(target.iter().map(|&class| class as usize))
}
