//! From the probabilities of ordered classes to the one class that a metric asks for.

use crate::advice::{
    compare::score::{Forecast, Judge, Truth},
    metric::Metric,
};

/// The most probable class of each row; of equally probable ones the lowest.
pub(in super::super) fn mode(probabilities: &[f64], classes: usize) -> Vec<f64> {
    let of_row = |row: &[f64]| {
        let better = |best: usize, class: usize| if row[class] > row[best] { class } else { best };
        (1..classes).fold(0, better) as f64
    };
    probabilities.chunks_exact(classes).map(of_row).collect()
}

/// The class that half of the probability reaches: least absolute error.
pub(super) fn median(probabilities: &[f64], classes: usize) -> Vec<f64> {
    let of_row = |row: &[f64]| {
        let mut below = 0.0;
        let reached = row.iter().position(|p| {
            below += p;
            below >= 0.5
        });
        reached.unwrap_or(classes - 1) as f64
    };
    probabilities.chunks_exact(classes).map(of_row).collect()
}

/// The mean number of the class: least squared error.
pub(super) fn mean(probabilities: &[f64], classes: usize) -> Vec<f64> {
    let of_row = |row: &[f64]| row.iter().enumerate().map(|(class, p)| class as f64 * p).sum();
    probabilities.chunks_exact(classes).map(of_row).collect()
}

/// The class of a mean number, by the cuts between the classes.
pub(super) fn cut(mean: f64, cuts: &[f64]) -> f64 {
    cuts.iter().filter(|&&cut| mean > cut).count() as f64
}

/// Cuts between the mean numbers of classes with the highest kappa on these rows: each in turn moved among the means, from the
/// cuts that give each class as many rows as it has, until nothing gains.
pub(super) fn best_cuts(means: &[f64], classes: usize, target: &[f64], weight: Option<&[f64]>) -> Vec<f64> {
    let mut sorted = means.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted[((share * sorted.len() as f64) as usize).min(sorted.len() - 1)];
    let share_up_to = |class: usize| target.iter().filter(|&&y| y <= class as f64).count() as f64 / target.len() as f64;
    let matched: Vec<f64> = (0..classes - 1).map(|class| at(share_up_to(class))).collect();
    let halves: Vec<f64> = (0..classes - 1).map(|class| class as f64 + 0.5).collect();
    let judge = Judge::of_classes(Metric::QuadraticKappa, classes);
    let kappa = |cuts: &[f64]| {
        let decided = means.iter().map(|&mean| cut(mean, cuts)).collect();
        let forecast = Forecast::Classes { probabilities: Vec::new(), classes, decided };
        judge.score(&forecast, Truth { target, weight, lists: None }).map_or(f64::NEG_INFINITY, |score| score.value)
    };
    let (mut best, mut found) = (kappa(&halves), halves);
    if kappa(&matched) > best {
        (best, found) = (kappa(&matched), matched);
    }
    // Fine enough for one number of each cut; finer would fit the noise.
    let places: Vec<f64> = (1..40).map(|place| at(f64::from(place) / 40.0)).collect();
    for _ in 0..3 {
        let before = best;
        for number in 0..classes - 1 {
            for &place in &places {
                let mut tried = found.clone();
                tried[number] = place;
                if tried.is_sorted() && kappa(&tried) > best {
                    best = kappa(&tried);
                    found = tried;
                }
            }
        }
        if best == before {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [f64; 6] = [0.4, 0.35, 0.25, 0.1, 0.2, 0.7];

    #[test]
    fn one_distribution_has_several_answers() {
        assert_eq!(mode(&ROWS, 3), [0.0, 2.0]);
        assert_eq!(median(&ROWS, 3), [1.0, 2.0]);
        approx::assert_relative_eq!(mean(&ROWS, 3)[0], 0.85, max_relative = 1e-12);
        assert_eq!(mode(&[0.5, 0.5], 2), [0.0]);
    }

    #[test]
    fn cuts_are_moved_to_where_kappa_is_highest() {
        // Means that shrink towards the middle class: halves would call everything 1.
        let target: Vec<f64> = (0..90).map(|row| f64::from(row / 30)).collect();
        let means: Vec<f64> =
            target.iter().enumerate().map(|(row, y)| 0.8 + 0.2 * y + 1e-4 * (row % 7) as f64).collect();
        let cuts = best_cuts(&means, 3, &target, None);
        let decided: Vec<f64> = means.iter().map(|&mean| cut(mean, &cuts)).collect();
        assert_eq!(decided, target);
    }
}
