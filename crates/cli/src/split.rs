//! Division of rows into train, validation and test parts by group, so that no person is in two of them.
//!
//! Rows of one person resemble each other; a person split over two parts lets a model remember instead of generalise.

use rand::{SeedableRng, rngs::ChaCha8Rng, seq::SliceRandom};

use crate::advice::written::counted;

/// Which rows are for training, for choosing (thresholds, losses) and for the final count; each list ascends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Rows to fit on.
    pub train: Vec<usize>,
    /// Rows to choose thresholds on.
    pub validation: Vec<usize>,
    /// Rows to report on.
    pub test: Vec<usize>,
}

/// Shares of the groups that are kept from training; what is left trains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeldOut {
    /// Share of the groups for validation.
    pub validation: f64,
    /// Share of the groups for the test.
    pub test: f64,
}

impl Default for HeldOut {
    /// A fifth each.
    fn default() -> Self {
        Self { validation: 0.2, test: 0.2 }
    }
}

/// Why rows could not be divided.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum SplitError {
    /// Too few groups for three parts that hold something.
    #[error(
        "{} cannot be divided into train, validation and test parts that all hold something",
        counted(*groups, "group", "groups")
    )]
    TooFewGroups {
        /// How many different groups there are.
        groups: usize,
    },
    /// Shares that are not shares.
    #[error("held-out shares must be above 0 and together below 1, not {validation} and {test}")]
    Shares {
        /// The share asked for validation.
        validation: f64,
        /// The share asked for the test.
        test: f64,
    },
}

impl Split {
    /// Divides the rows, given each row's group: every group goes whole into one part.
    ///
    /// The same groups, shares and seed give the same split on every machine; the order of the rows does not matter to
    /// which group goes where.
    pub fn by_group(groups: &[u64], held_out: HeldOut, seed: u64) -> Result<Self, SplitError> {
        let HeldOut { validation, test } = held_out;
        if !(validation > 0.0 && test > 0.0 && validation + test < 1.0) {
            return Err(SplitError::Shares { validation, test });
        }
        let mut distinct = groups.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let count = |share: f64| ((distinct.len() as f64 * share).round() as usize).max(1);
        let (validation, test) = (count(validation), count(test));
        if validation + test >= distinct.len() {
            return Err(SplitError::TooFewGroups { groups: distinct.len() });
        }
        distinct.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let (for_test, rest) = distinct.split_at_mut(test);
        let for_validation = &mut rest[..validation];
        for_test.sort_unstable();
        for_validation.sort_unstable();

        let mut split = Self { train: Vec::new(), validation: Vec::new(), test: Vec::new() };
        for (row, group) in groups.iter().enumerate() {
            let part = if for_test.binary_search(group).is_ok() {
                &mut split.test
            } else if for_validation.binary_search(group).is_ok() {
                &mut split.validation
            } else {
                &mut split.train
            };
            part.push(row);
        }
        Ok(split)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use approx::abs_diff_eq;
    use proptest::prelude::*;

    use super::*;

    fn groups_of(rows: &[usize], groups: &[u64]) -> BTreeSet<u64> {
        rows.iter().map(|&row| groups[row]).collect()
    }

    proptest! {
        #[test]
        fn every_row_is_in_one_part_and_no_group_in_two(
            groups in prop::collection::vec(0u64..40, 60..300),
            seed: u64,
            validation in 0.05f64..0.4,
            test in 0.05f64..0.4,
        ) {
            let split = Split::by_group(&groups, HeldOut { validation, test }, seed).unwrap();
            let mut rows = [&split.train[..], &split.validation, &split.test].concat();
            for part in [&split.train, &split.validation, &split.test] {
                prop_assert!(!part.is_empty());
                prop_assert!(part.is_sorted());
            }
            rows.sort_unstable();
            prop_assert_eq!(rows, (0..groups.len()).collect::<Vec<_>>());

            let [a, b, c] = [&split.train, &split.validation, &split.test].map(|part| groups_of(part, &groups));
            prop_assert!(a.is_disjoint(&b) && a.is_disjoint(&c) && b.is_disjoint(&c));
            let all = a.len() + b.len() + c.len();
            prop_assert!(abs_diff_eq!(b.len() as f64, validation * all as f64, epsilon = 1.0));
            prop_assert!(abs_diff_eq!(c.len() as f64, test * all as f64, epsilon = 1.0));
        }

        #[test]
        fn the_order_of_rows_moves_no_group(groups in prop::collection::vec(0u64..40, 60..200), seed: u64) {
            let reversed: Vec<u64> = groups.iter().rev().copied().collect();
            let one = Split::by_group(&groups, HeldOut::default(), seed).unwrap();
            let other = Split::by_group(&reversed, HeldOut::default(), seed).unwrap();
            prop_assert_eq!(groups_of(&one.test, &groups), groups_of(&other.test, &reversed));
            prop_assert_eq!(groups_of(&one.train, &groups), groups_of(&other.train, &reversed));
        }
    }

    #[test]
    fn the_seed_decides() {
        let groups: Vec<u64> = (0..500).collect();
        let split = |seed| Split::by_group(&groups, HeldOut::default(), seed).unwrap();
        assert_eq!(split(7), split(7));
        assert_ne!(split(7), split(8));
        assert_eq!(split(7).test[..4], RECORDED_FIRST_TEST_ROWS);
    }

    /// Recorded once: a change here changes every published number of the tour.
    const RECORDED_FIRST_TEST_ROWS: [usize; 4] = [3, 5, 10, 16];

    #[test]
    fn refuses_what_cannot_be_divided() {
        let too_few = Split::by_group(&[1, 1, 2, 2], HeldOut::default(), 0).unwrap_err();
        assert_eq!(too_few, SplitError::TooFewGroups { groups: 2 });
        assert!(Split::by_group(&[], HeldOut::default(), 0).is_err());
        assert!(Split::by_group(&[1, 2, 3], HeldOut::default(), 0).is_ok());
        for (validation, test) in [(0.0, 0.2), (0.2, 0.0), (0.5, 0.5), (f64::NAN, 0.2), (-0.1, 0.5)] {
            let refused = Split::by_group(&[1, 2, 3, 4, 5], HeldOut { validation, test }, 0);
            assert!(matches!(refused, Err(SplitError::Shares { .. })), "{validation} {test}");
        }
    }
}
