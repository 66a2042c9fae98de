//! The target alone.

use super::{
    Measured,
    means::{huber_location, share_by_group},
};
use crate::{
    advice::problem::{Problem, TargetKind},
    statistics::Sampling,
};

/// Values that Huber's location is found from at most.
const LOOK: usize = 20_000;

/// The target by its kind.
#[derive(Debug, Clone, PartialEq)]
pub enum TargetSummary {
    /// Numbers.
    Numbers(NumberSummary),
    /// Classes.
    Classes(ClassSummary),
    /// Relevance in lists.
    Lists(ListSummary),
}

/// A target of numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberSummary {
    /// Smallest.
    pub minimum: f64,
    /// Half of the rows below.
    pub median: f64,
    /// Their mean.
    pub mean: f64,
    /// Nine tenths of the rows below.
    pub ninth_decile: f64,
    /// Largest.
    pub maximum: f64,
    /// Their variance.
    pub variance: f64,
    /// Third standardised moment.
    pub skewness: f64,
    /// Share of exact zeros.
    pub zeros: Measured,
    /// Rows that are not zero.
    pub others_than_zero: usize,
    /// Share of the sum that the largest 1 % of the rows hold; NaN where some are negative.
    pub top_share: f64,
    /// How many different ones.
    pub distinct: usize,
    /// Share of the rows at the maximum.
    pub at_maximum: f64,
    /// Whether so many rows stand at the maximum that it looks like a limit.
    pub is_cut_off: bool,
    /// What Huber's loss (δ 1.345 scaled MAD) would give as one number for all rows.
    pub huber: f64,
}

/// A target of classes.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassSummary {
    /// Rows of each class.
    pub counts: Vec<usize>,
    /// The weight of each class: its rows, where they have no weights.
    pub weights: Vec<f64>,
    /// The classes' names.
    pub levels: Vec<String>,
    /// Share of the rarest, by weight.
    pub rarest: Measured,
    /// Its rows.
    pub rows_of_rarest: usize,
}

/// A target of relevance in lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListSummary {
    /// How many lists.
    pub lists: usize,
    /// How many of them have relevant and other items: only these teach anything.
    pub mixed: usize,
    /// How many have exactly one relevant item.
    pub single: usize,
    /// Whether relevance has more than two grades.
    pub graded: bool,
}

impl ListSummary {
    /// Whether nearly every list that teaches anything has one relevant item.
    pub fn one_relevant(&self) -> bool {
        !self.graded && 20 * self.single >= 19 * self.mixed
    }
}

impl TargetSummary {
    /// Of a problem's target.
    pub fn of(problem: &Problem) -> Self {
        match problem.target.kind {
            TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share => {
                Self::Numbers(NumberSummary::of(&problem.target.values, problem.sampling()))
            }
            TargetKind::Binary | TargetKind::Ordered | TargetKind::Classes => Self::Classes(ClassSummary::of(problem)),
            TargetKind::Relevance => Self::Lists(ListSummary::of(problem)),
        }
    }

    /// The numbers, where the target is one.
    pub fn numbers(&self) -> Option<&NumberSummary> {
        match self {
            Self::Numbers(summary) => Some(summary),
            Self::Classes(_) | Self::Lists(_) => None,
        }
    }

    /// The classes, where the target is one.
    pub fn classes(&self) -> Option<&ClassSummary> {
        match self {
            Self::Classes(summary) => Some(summary),
            Self::Numbers(_) | Self::Lists(_) => None,
        }
    }

    /// The lists, where the target is relevance.
    pub fn lists(&self) -> Option<&ListSummary> {
        match self {
            Self::Lists(summary) => Some(summary),
            Self::Numbers(_) | Self::Classes(_) => None,
        }
    }

    /// Rows (or lists) that carry the evidence, where not all of them do.
    pub(super) fn events(&self) -> Option<usize> {
        match self {
            Self::Numbers(summary) if summary.minimum == 0.0 => Some(summary.others_than_zero),
            Self::Numbers(_) => None,
            Self::Classes(summary) if summary.counts.len() == 2 => summary.counts.iter().copied().min(),
            Self::Classes(_) => None,
            Self::Lists(summary) => Some(summary.mixed),
        }
    }
}

impl NumberSummary {
    fn of(values: &[f64], rows: Sampling<'_>) -> Self {
        let mean = rows.mean(values.iter().copied());
        let moment = |power: i32| rows.mean(values.iter().map(|value| (value - mean).powi(power)));
        let variance = moment(2);
        let (sorted, weight) = in_order(values, rows.weights());
        let at = |share: f64| match &weight {
            Some(weight) => sorted[place_at(weight, share)],
            None => sorted[((sorted.len() as f64 * share).ceil() as usize).max(1) - 1],
        };
        // Of many values every so many in order tell as much.
        let thinned =
            |values: &Vec<f64>| values.iter().copied().step_by(values.len().div_ceil(LOOK)).collect::<Vec<f64>>();
        let (minimum, maximum) = (sorted[0], sorted[sorted.len() - 1]);
        let top_share = top_sum(&sorted, weight.as_deref()) / rows.sum(values.iter().copied());
        let ends = sorted.iter().rev().take_while(|&&value| value == maximum).count();
        Self {
            minimum,
            median: at(0.5),
            mean,
            ninth_decile: at(0.9),
            maximum,
            variance,
            skewness: moment(3) / variance.powf(1.5),
            zeros: share_by_group(values.iter().map(|&value| value == 0.0), rows),
            others_than_zero: values.iter().filter(|&&value| value != 0.0).count(),
            top_share: if minimum >= 0.0 && mean > 0.0 { top_share } else { f64::NAN },
            distinct: 1 + sorted.windows(2).filter(|pair| pair[0] != pair[1]).count(),
            at_maximum: rows.mean(values.iter().map(|&value| f64::from(u8::from(value == maximum)))),
            is_cut_off: is_cut_off(&sorted, ends),
            huber: huber_location(&thinned(&sorted), weight.as_ref().map(thinned).as_deref()),
        }
    }
}

/// Values in rising order, with the weight of each where there are weights.
fn in_order(values: &[f64], weight: Option<&[f64]>) -> (Vec<f64>, Option<Vec<f64>>) {
    let Some(weight) = weight else {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        return (sorted, None);
    };
    let mut pairs: Vec<(f64, f64)> = values.iter().copied().zip(weight.iter().copied()).collect();
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let (sorted, weight) = pairs.into_iter().unzip();
    (sorted, Some(weight))
}

/// Where this share of the weight is reached; sums of equal weights do not miss it by their rounding.
fn place_at(weight: &[f64], share: f64) -> usize {
    let wanted = share * weight.iter().sum::<f64>() * (1.0 - 1e-12);
    let mut below = 0.0;
    let reached = weight.iter().position(|weight| {
        below += weight;
        below >= wanted
    });
    reached.unwrap_or(weight.len() - 1)
}

/// The sum that the largest 1 % of the rows, by weight, hold; at least that of the largest value.
fn top_sum(sorted: &[f64], weight: Option<&[f64]>) -> f64 {
    let Some(weight) = weight else {
        let top = (sorted.len() / 100).max(1);
        return sorted[sorted.len() - top..].iter().sum();
    };
    let mut left = (weight.iter().sum::<f64>() / 100.0).max(weight[weight.len() - 1]);
    let mut sum = 0.0;
    for (value, weight) in sorted.iter().zip(weight).rev() {
        let part = weight.min(left);
        sum += part * value;
        left -= part;
        if left <= 0.0 {
            break;
        }
    }
    sum
}

/// Whether the largest value stands out by how often it occurs: at least 10 rows, 1 % of them, and more than three times the
/// most frequent of the values next below.
fn is_cut_off(sorted: &[f64], at_maximum: usize) -> bool {
    let below = &sorted[..sorted.len() - at_maximum];
    if below.is_empty() || at_maximum < 10 || at_maximum * 100 < sorted.len() {
        return false;
    }
    // As many rows again, and at least the next value: what a law without a limit would have there.
    let (mut longest, mut length, mut seen) = (0, 0, 0);
    let mut last = f64::NAN;
    for &value in below.iter().rev() {
        if value != last {
            if seen >= at_maximum {
                break;
            }
            length = 0;
            last = value;
        }
        length += 1;
        seen += 1;
        longest = longest.max(length);
    }
    at_maximum > 3 * longest
}

impl ClassSummary {
    /// The weight of the largest class over that of the smallest, which counts as one row at least.
    pub fn ratio(&self) -> f64 {
        let rows = self.counts.iter().sum::<usize>() as f64;
        let one = self.weights.iter().sum::<f64>() / rows;
        let ends = |(low, high): (f64, f64), &weight: &f64| (low.min(weight), high.max(weight));
        let (smallest, largest) = self.weights.iter().fold((f64::INFINITY, 0.0), ends);
        largest / if smallest > 0.0 { smallest } else { one }
    }

    fn of(problem: &Problem) -> Self {
        let target = &problem.target;
        let classes = target.levels.len().max(2);
        let mut counts = vec![0; classes];
        target.values.iter().for_each(|&class| counts[class as usize] += 1);
        let rows = problem.sampling();
        let mut weights = vec![0.0; classes];
        target.values.iter().enumerate().for_each(|(row, &class)| weights[class as usize] += rows.weight(row));
        let rarest = (0..classes).min_by(|&a, &b| weights[a].total_cmp(&weights[b])).unwrap_or(0);
        let share = |class: usize| share_by_group(target.values.iter().map(move |&own| own as usize == class), rows);
        Self { rarest: share(rarest), rows_of_rarest: counts[rarest], counts, weights, levels: target.levels.clone() }
    }
}

impl ListSummary {
    fn of(problem: &Problem) -> Self {
        let mut relevant = vec![0_usize; problem.groups.count];
        let mut items = vec![0_usize; problem.groups.count];
        for (&value, &list) in problem.target.values.iter().zip(&problem.groups.of_row) {
            items[list as usize] += 1;
            relevant[list as usize] += usize::from(value > 0.0);
        }
        let mut grades = problem.target.values.clone();
        grades.sort_unstable_by(f64::total_cmp);
        grades.dedup();
        let mixed = relevant.iter().zip(&items).filter(|(relevant, items)| **relevant > 0 && relevant < items);
        Self {
            lists: problem.groups.count,
            mixed: mixed.count(),
            single: relevant.iter().zip(&items).filter(|(relevant, items)| **relevant == 1 && **items > 1).count(),
            graded: grades.len() > 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_off(values: &[f64]) -> bool {
        NumberSummary::of(values, (&(0..values.len() as u32).collect::<Vec<_>>()).into()).is_cut_off
    }

    #[test]
    fn a_cap_is_seen_and_the_end_of_a_count_is_not() {
        let numbers: Vec<f64> = (0..200).map(f64::from).collect();
        assert!(!cut_off(&numbers));
        let capped: Vec<f64> = numbers.iter().map(|value| value.min(150.0)).collect();
        assert!(cut_off(&capped));
        // 0 to 3 with frequencies 100, 60, 30, 12: the end of a count.
        let counts: Vec<f64> = [(0.0, 100), (1.0, 60), (2.0, 30), (3.0, 12)]
            .iter()
            .flat_map(|&(value, times)| vec![value; times])
            .collect();
        assert!(!cut_off(&counts));
        let capped: Vec<f64> = [(0.0, 30), (1.0, 20), (2.0, 10), (3.0, 140)]
            .iter()
            .flat_map(|&(value, times)| vec![value; times])
            .collect();
        assert!(cut_off(&capped));
    }

    #[test]
    fn a_summary_of_numbers() {
        let values: Vec<f64> =
            (0..100).map(|number| if number == 99 { 901.0 } else { f64::from(number % 2) }).collect();
        let summary = NumberSummary::of(&values, (&(0..100).collect::<Vec<_>>()).into());
        approx::assert_relative_eq!(summary.mean, (49.0 + 901.0) / 100.0);
        approx::assert_relative_eq!(summary.zeros.value, 0.5);
        approx::assert_relative_eq!(summary.top_share, 901.0 / 950.0);
        assert_eq!((summary.distinct, summary.minimum, summary.maximum), (3, 0.0, 901.0));
        assert!(summary.skewness > 9.0);
    }
}
