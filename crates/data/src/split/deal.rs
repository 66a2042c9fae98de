//! How rows and groups are dealt out to parts.

use rand::{SeedableRng, rngs::ChaCha8Rng, seq::SliceRandom};

use super::SplitError;

/// Systematic sampling: `count` of the rows at even distances, and the others. Of any run of n rows it takes n·count/rows, to within one.
pub(super) fn choose(rows: Vec<usize>, count: usize) -> (Vec<usize>, Vec<usize>) {
    let length = rows.len() as u128;
    let taken_before = |place: usize| (place as u128 * count as u128 + length / 2) / length.max(1);
    let (mut chosen, mut others) = (Vec::with_capacity(count), Vec::with_capacity(rows.len() - count));
    for (place, row) in rows.into_iter().enumerate() {
        let takes = taken_before(place + 1) > taken_before(place);
        if takes { &mut chosen } else { &mut others }.push(row);
    }
    (chosen, others)
}

/// The groups of the rows and what they hold of each class.
pub(super) struct Groups {
    of_row: Vec<usize>,
    /// For each group how many rows of each class it holds: pairs of class and count.
    holds: Vec<Vec<(usize, f64)>>,
    /// How many rows of each class there are.
    totals: Vec<f64>,
}

impl Groups {
    pub(super) fn of(classes: &[usize], groups: &[u64]) -> Result<Groups, SplitError> {
        if classes.len() != groups.len() {
            return Err(SplitError::Lengths { classes: classes.len(), groups: groups.len() });
        }
        let (class, class_count) = numbered(classes);
        let (of_row, count) = numbered(groups);
        let mut totals = vec![0.0; class_count];
        let mut holds: Vec<Vec<(usize, f64)>> = vec![Vec::new(); count];
        for (&class, &group) in class.iter().zip(&of_row) {
            totals[class] += 1.0;
            match holds[group].iter_mut().find(|(held, _)| *held == class) {
                Some((_, count)) => *count += 1.0,
                None => holds[group].push((class, 1.0)),
            }
        }
        holds.iter_mut().for_each(|held| held.sort_by_key(|&(class, _)| class));
        Ok(Groups { of_row, holds, totals })
    }

    pub(super) fn count(&self) -> usize {
        self.holds.len()
    }

    pub(super) fn of_row(&self, row: usize) -> usize {
        self.of_row[row]
    }
}

/// Each value's place among the different values, and how many these are.
pub(super) fn numbered<T: Ord + Copy>(values: &[T]) -> (Vec<usize>, usize) {
    let mut distinct = values.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    (values.iter().map(|value| distinct.binary_search(value).expect("it is one of them")).collect(), distinct.len())
}

/// The part of each group, for parts that should have these shares of the rows of every class; none stays empty.
///
/// Greedy: largest groups first, each where it lowers Σ (held − wanted)² / total² over classes and parts most.
pub(super) fn deal_groups(groups: &Groups, shares: &[f64], seed: u64) -> Vec<usize> {
    let weight =
        |group: usize| groups.holds[group].iter().map(|&(class, count)| count / groups.totals[class]).sum::<f64>();
    let mut order: Vec<usize> = (0..groups.count()).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    order.sort_by(|&a, &b| weight(b).total_cmp(&weight(a)));
    let mut lacks: Vec<Vec<f64>> =
        shares.iter().map(|share| groups.totals.iter().map(|total| share * total).collect()).collect();
    let mut empty = vec![true; shares.len()];
    let mut part = vec![0; groups.count()];
    for (dealt, &group) in order.iter().enumerate() {
        let left = groups.count() - dealt;
        let must_fill = empty.iter().filter(|&&empty| empty).count() >= left;
        let change = |part: usize| {
            let of_class = |&(class, count): &(usize, f64)| {
                count * (count - 2.0 * lacks[part][class]) / groups.totals[class].powi(2)
            };
            groups.holds[group].iter().map(of_class).sum::<f64>()
        };
        let open = (0..shares.len()).filter(|&part| empty[part] || !must_fill);
        let best = open.min_by(|&a, &b| change(a).total_cmp(&change(b))).expect("there is a part");
        part[group] = best;
        empty[best] = false;
        groups.holds[group].iter().for_each(|&(class, count)| lacks[best][class] -= count);
    }
    part
}
