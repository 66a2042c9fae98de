//! The best non-decreasing function of the prediction for a functional, with weights: what calibration is measured
//! against (Dimitriadis, Gneiting & Jordan 2021; Jordan, Mühlemann & Ziegel 2022).

use std::collections::BinaryHeap;

/// A functional that identifies itself by one number a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Aimed {
    Mean,
    Quantile(f64),
    Expectile(f64),
}

/// Rows with one prediction.
struct Tie {
    rows: std::ops::Range<usize>,
}

/// The fit at each row; `x` must not fall along the rows. Rows of one prediction have one fit.
pub(super) fn fit(aimed: Aimed, x: &[f64], y: &[f64], weight: &[f64]) -> Vec<f64> {
    let ties = ties(x);
    match aimed {
        Aimed::Mean => mean(&ties, y, weight),
        Aimed::Quantile(level) => quantile(level, &ties, y, weight),
        Aimed::Expectile(level) => expectile(level, &ties, y, weight),
    }
}

fn ties(x: &[f64]) -> Vec<Tie> {
    let mut ties: Vec<Tie> = Vec::new();
    for row in 0..x.len() {
        match ties.last_mut() {
            Some(tie) if x[tie.rows.start] == x[row] => tie.rows.end = row + 1,
            _ => ties.push(Tie { rows: row..row + 1 }),
        }
    }
    ties
}

/// Pools adjacent violators (Ayer et al. 1955).
fn mean(ties: &[Tie], y: &[f64], weight: &[f64]) -> Vec<f64> {
    struct Block {
        sum: f64,
        weight: f64,
        rows: usize,
    }
    let mut blocks: Vec<Block> = Vec::new();
    for tie in ties {
        let rows = tie.rows.clone();
        let sum = y[rows.clone()].iter().zip(&weight[rows.clone()]).map(|(y, weight)| y * weight).sum();
        let mut last = Block { sum, weight: weight[rows.clone()].iter().sum(), rows: rows.len() };
        while let Some(before) = blocks.last()
            && before.sum * last.weight >= last.sum * before.weight
        {
            last = Block {
                sum: before.sum + last.sum,
                weight: before.weight + last.weight,
                rows: before.rows + last.rows,
            };
            blocks.pop();
        }
        blocks.push(last);
    }
    blocks.iter().flat_map(|block| std::iter::repeat_n(block.sum / block.weight, block.rows)).collect()
}

/// Ordered as its value.
#[derive(PartialEq)]
struct Kink {
    at: f64,
    weight: f64,
}

impl Eq for Kink {}

impl PartialOrd for Kink {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Kink {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.at.total_cmp(&other.at)
    }
}

/// The slope trick: the least loss of all fits that end at or below z is convex and piecewise linear in z; a heap holds its
/// kinks, and all that rises beyond its minimum is cut off. Backwards, each fit is the smaller of its own and the next.
fn quantile(level: f64, ties: &[Tie], y: &[f64], weight: &[f64]) -> Vec<f64> {
    let mut heap: BinaryHeap<Kink> = BinaryHeap::new();
    let mut ends = Vec::with_capacity(ties.len());
    for tie in ties {
        let mut surplus = 0.0;
        for row in tie.rows.clone() {
            heap.push(Kink { at: y[row], weight: weight[row] });
            surplus += (1.0 - level) * weight[row];
        }
        // A rest of rounding must not take the next kink away.
        let negligible = 1e-12 * surplus;
        while surplus > negligible
            && let Some(mut top) = heap.pop()
        {
            if top.weight > surplus + negligible {
                top.weight -= surplus;
                surplus = 0.0;
                heap.push(top);
            } else {
                surplus -= top.weight;
            }
        }
        ends.push(heap.peek().map_or(y[tie.rows.start], |top| top.at));
    }
    let mut fits = vec![0.0; y.len()];
    let mut next = f64::INFINITY;
    for (tie, end) in ties.iter().zip(ends).rev() {
        next = next.min(end);
        fits[tie.rows.clone()].fill(next);
    }
    fits
}

/// Means with weights that depend on the side of the fit, until no row changes its side (Newey & Powell 1987).
fn expectile(level: f64, ties: &[Tie], y: &[f64], weight: &[f64]) -> Vec<f64> {
    let mut fits = mean(ties, y, weight);
    for _ in 0..100 {
        let sided: Vec<f64> = (y.iter().zip(&fits).zip(weight))
            .map(|((y, fit), weight)| weight * if y <= fit { 1.0 - level } else { level })
            .collect();
        let next = mean(ties, y, &sided);
        if next == fits {
            break;
        }
        fits = next;
    }
    fits
}

/// Weighted quantile: the least value with at least this share of the weight at or below it.
pub(super) fn weighted_quantile(level: f64, values: &[f64], weight: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let wanted = level * weight.iter().sum::<f64>() * (1.0 - 1e-12);
    let mut below = 0.0;
    for &row in &order {
        below += weight[row];
        if below >= wanted {
            return values[row];
        }
    }
    order.last().map_or(f64::NAN, |&row| values[row])
}

/// Weighted expectile.
pub(super) fn weighted_expectile(level: f64, values: &[f64], weight: &[f64]) -> f64 {
    let all = [Tie { rows: 0..values.len() }];
    expectile(level, &all, values, weight)[0]
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    fn pinball(level: f64, y: &[f64], weight: &[f64], fits: &[f64]) -> f64 {
        (y.iter().zip(fits).zip(weight))
            .map(|((y, fit), w)| w * if y < fit { (1.0 - level) * (fit - y) } else { level * (y - fit) })
            .sum()
    }

    /// The best of all non-decreasing fits by dynamic programming over the values of y.
    fn least_pinball(level: f64, y: &[f64], weight: &[f64]) -> f64 {
        let mut values = y.to_vec();
        values.sort_by(f64::total_cmp);
        let mut best = vec![0.0; values.len()];
        for (y, weight) in y.iter().zip(weight) {
            let mut least = f64::INFINITY;
            for (value, best) in values.iter().zip(&mut best) {
                least = least.min(*best);
                *best = least + pinball(level, &[*y], &[*weight], &[*value]);
            }
        }
        best.into_iter().fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn quantiles_are_as_good_as_the_best_of_all_fits() {
        let mut state = 1u64;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / (1u64 << 31) as f64
        };
        for (rows, level) in [(1, 0.5), (7, 0.5), (40, 0.9), (60, 0.13), (80, 0.5)] {
            let x: Vec<f64> = (0..rows).map(|row| row as f64).collect();
            let y: Vec<f64> = x.iter().map(|x| (x * 0.05 + 6.0 * next()).floor()).collect();
            let weight: Vec<f64> = x.iter().map(|_| 0.5 + next()).collect();
            let fits = fit(Aimed::Quantile(level), &x, &y, &weight);
            assert!(fits.windows(2).all(|pair| pair[0] <= pair[1]));
            assert_relative_eq!(pinball(level, &y, &weight, &fits), least_pinball(level, &y, &weight), epsilon = 1e-9);
        }
    }

    #[test]
    fn means_of_ties_and_violators_are_pooled() {
        let fits = fit(Aimed::Mean, &[1.0, 2.0, 2.0, 3.0, 4.0], &[1.0, 5.0, 3.0, 2.0, 9.0], &[1.0, 1.0, 1.0, 2.0, 1.0]);
        let expected = [1.0, 3.0, 3.0, 3.0, 9.0];
        fits.iter().zip(expected).for_each(|(fit, expected)| assert_relative_eq!(*fit, expected));
    }

    #[test]
    fn expectiles_balance_what_is_above_and_below() {
        let y = [0.0, 1.0, 2.0, 10.0];
        let found = weighted_expectile(0.8, &y, &[1.0; 4]);
        let above: f64 = y.iter().map(|y| (y - found).max(0.0)).sum();
        let below: f64 = y.iter().map(|y| (found - y).max(0.0)).sum();
        assert_relative_eq!(0.8 * above, 0.2 * below, epsilon = 1e-9);
        assert_relative_eq!(weighted_quantile(0.5, &y, &[1.0, 1.0, 1.0, 5.0]), 10.0);
    }
}
