//! The lists: what people chose between, and what a formula made.

use minimand::{
    data::{
        Standardiser,
        metrics::{MetricError, NdcgOptions, ndcg},
    },
    prelude::*,
};

use super::ListKind;
use crate::{run::Failure, table::Table, tour::fit::tensor};

static MODE_CHOICE: &[u8] = include_bytes!("../../../data/modechoice.csv.gz");

/// Columns of a way to travel, and of the person.
const COLUMNS: [&str; 6] = ["ttme", "invc", "invt", "gc", "hinc", "psize"];

/// Ways to travel: air, train, bus, car.
const MODES: usize = 4;

/// Made lists, and items of each.
const MADE: usize = 400;
const MADE_ITEMS: usize = 10;

/// Columns of a made item.
const MADE_COLUMNS: usize = 6;

/// A grade is the number of these that the utility reaches.
const GRADES: [f64; 4] = [0.8, 1.8, 2.8, 3.8];

/// Standard deviation of what no column says.
const NOISE: f64 = 0.8;

/// Lists of as many items each, item after item.
pub(super) struct ListTable {
    pub(super) kind: ListKind,
    columns: Vec<Vec<f64>>,
    relevance: Vec<f64>,
    pub(super) items: usize,
}

/// Some of the lists, as tensors and as numbers.
pub(super) struct ListPart {
    /// `[lists, items, columns]`.
    pub(super) features: Tensor,
    relevance: Vec<f64>,
    items: usize,
}

impl ListTable {
    /// 210 people, and which of four ways to travel each of them chose.
    pub(super) fn travel() -> Result<Self, Failure> {
        let table = Table::from_bytes(MODE_CHOICE, "modechoice.csv.gz")?;
        let mut columns: Vec<Vec<f64>> = Vec::new();
        for name in COLUMNS {
            columns.push(table.column(name)?.to_vec());
        }
        let mode = table.column("mode")?;
        let is = |wanted: usize| mode.iter().map(|&mode| f64::from(u8::from(mode as usize == wanted))).collect();
        columns.extend((1..=MODES).map(is));
        Ok(Self { kind: ListKind::Travel, columns, relevance: table.column("choice")?.to_vec(), items: MODES })
    }

    /// Lists with grades of a hidden utility that is no linear function of the columns.
    pub(super) fn made(seed: u64) -> Self {
        let mut rng = Rng::seed(seed);
        let (mut columns, mut relevance) = (vec![Vec::new(); MADE_COLUMNS], Vec::new());
        while relevance.len() < MADE * MADE_ITEMS {
            let items: Vec<[f64; MADE_COLUMNS]> =
                (0..MADE_ITEMS).map(|_| std::array::from_fn(|_| rng.normal())).collect();
            let grades: Vec<f64> = items.iter().map(|item| grade(utility(item) + NOISE * rng.normal())).collect();
            // A list without a relevant item has no order that is better than another.
            if grades.iter().all(|&grade| grade == 0.0) {
                continue;
            }
            items.iter().for_each(|item| columns.iter_mut().zip(item).for_each(|(column, &value)| column.push(value)));
            relevance.extend(grades);
        }
        Self { kind: ListKind::Made, columns, relevance, items: MADE_ITEMS }
    }

    /// How many lists.
    pub(super) fn lists(&self) -> usize {
        self.relevance.len() / self.items
    }

    /// Columns of an item.
    pub(super) fn features(&self) -> usize {
        self.columns.len()
    }

    /// Standardised by the items of some lists.
    pub(super) fn standardiser(&self, lists: &[usize]) -> Standardiser {
        Standardiser::fit(&self.columns, &self.rows(lists))
    }

    /// Some of the lists.
    pub(super) fn part(&self, lists: &[usize], standardiser: &Standardiser) -> ListPart {
        let rows = self.rows(lists);
        let shape = [lists.len(), self.items, self.columns.len()];
        ListPart {
            features: tensor(&standardiser.transform(&self.columns, &rows), shape),
            relevance: rows.iter().map(|&row| self.relevance[row]).collect(),
            items: self.items,
        }
    }

    /// NDCG of lists in random order.
    pub(super) fn by_chance(&self) -> f64 {
        let scores = vec![0.0; self.items];
        let each = self.relevance.chunks(self.items).map(|relevance| of_list(&scores, relevance));
        each.sum::<f64>() / self.lists() as f64
    }

    fn rows(&self, lists: &[usize]) -> Vec<usize> {
        lists.iter().flat_map(|list| list * self.items..(list + 1) * self.items).collect()
    }
}

impl ListPart {
    /// The relevances of some of the lists, `[lists, items]`.
    pub(super) fn relevance(&self, lists: &[usize]) -> Tensor {
        let of_list = |&list: &usize| self.relevance[list * self.items..(list + 1) * self.items].iter().copied();
        tensor(&lists.iter().flat_map(of_list).collect::<Vec<f64>>(), [lists.len(), self.items])
    }

    /// NDCG of each list, by the scores of its items.
    pub(super) fn ndcg(&self, scores: &[f64]) -> Vec<f64> {
        scores.chunks(self.items).zip(self.relevance.chunks(self.items)).map(|(s, r)| of_list(s, r)).collect()
    }

    /// Share of the lists of which an item with the highest score has the highest relevance; ties count as their share.
    pub(super) fn best_first(&self, scores: &[f64]) -> f64 {
        let largest = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let each = scores.chunks(self.items).zip(self.relevance.chunks(self.items)).map(|(scores, relevance)| {
            let (score, best) = (largest(scores), largest(relevance));
            let first = || scores.iter().zip(relevance).filter(|(s, _)| **s == score);
            first().filter(|(_, relevance)| **relevance == best).count() as f64 / first().count() as f64
        });
        each.sum::<f64>() / (scores.len() / self.items) as f64
    }
}

fn of_list(scores: &[f64], relevance: &[f64]) -> f64 {
    let found: Result<f64, MetricError> = ndcg(scores, relevance, NdcgOptions::default());
    found.expect("outputs that are no numbers were refused, and every list has a relevant item")
}

fn utility(item: &[f64; MADE_COLUMNS]) -> f64 {
    let [a, b, c, d, e, _] = item;
    a + (2.0 * b).sin() + c * d - 0.5 * (e * e - 1.0)
}

fn grade(utility: f64) -> f64 {
    GRADES.iter().filter(|&&least| utility >= least).count() as f64
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn every_person_chose_one_of_four() {
        let travel = ListTable::travel().unwrap();
        assert_eq!((travel.lists(), travel.items, travel.features()), (210, 4, 10));
        for list in 0..210 {
            assert_relative_eq!(travel.relevance[4 * list..4 * list + 4].iter().sum::<f64>(), 1.0);
            // One row for each mode: the columns of modes are the unit matrix.
            for mode in 0..4 {
                assert_eq!(travel.columns[COLUMNS.len() + mode][4 * list + mode], 1.0);
            }
        }
        // One relevant item at any of four places: mean of 1/log₂(1 + place).
        let expected = (1..=4).map(|place| 1.0 / (1.0 + f64::from(place)).log2()).sum::<f64>() / 4.0;
        assert_relative_eq!(travel.by_chance(), expected, max_relative = 1e-12);
    }

    #[test]
    fn made_lists_have_every_grade_and_something_relevant() {
        let made = ListTable::made(7);
        assert_eq!((made.lists(), made.relevance.len()), (400, 4000));
        for grade in 0..=4 {
            let share = made.relevance.iter().filter(|&&found| found == f64::from(grade)).count() as f64 / 4000.0;
            assert!((0.01..0.75).contains(&share), "grade {grade}: {share}");
        }
        assert!(made.relevance.chunks(10).all(|list| list.iter().any(|&grade| grade > 0.0)));
        assert_ne!(made.relevance, ListTable::made(8).relevance);
    }

    #[test]
    fn figures_of_lists_are_those_by_hand() {
        let part = ListPart { features: Tensor::zeros([2, 2, 1]), relevance: vec![0.0, 1.0, 1.0, 0.0], items: 2 };
        let scores = [0.9, 0.1, 0.5, 0.5];
        let found = part.ndcg(&scores);
        assert_relative_eq!(found[0], 1.0 / 3f64.log2(), max_relative = 1e-12);
        assert_relative_eq!(found[1], (1.0 + 1.0 / 3f64.log2()) / 2.0, max_relative = 1e-12);
        assert_relative_eq!(part.best_first(&scores), 0.25);
        assert_eq!(part.relevance(&[1]).to_vec::<f64>(), [1.0, 0.0]);
    }
}
