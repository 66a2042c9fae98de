//! Rows for training, for choosing and for the report.

use rand::{SeedableRng, rngs::ChaCha8Rng, seq::SliceRandom};

use super::deal::{Groups, choose, deal_groups};
use super::{SplitError, shuffled, time};

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

/// Shares of the rows, or groups, that are kept from training; what is left trains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeldOut {
    /// Share for validation.
    pub validation: f64,
    /// Share for the test.
    pub test: f64,
}

impl Default for HeldOut {
    /// A fifth each.
    fn default() -> Self {
        Self { validation: 0.2, test: 0.2 }
    }
}

impl HeldOut {
    fn check(self) -> Result<(), SplitError> {
        let HeldOut { validation, test } = self;
        let valid = validation > 0.0 && test > 0.0 && validation + test < 1.0;
        if valid { Ok(()) } else { Err(SplitError::Shares { validation, test }) }
    }

    /// How many of `units` are for validation and for the test: the share, rounded, but at least one.
    fn counts(self, units: usize) -> Option<[usize; 2]> {
        let counts = [self.validation, self.test].map(|share| ((units as f64 * share).round() as usize).max(1));
        (counts.iter().sum::<usize>() < units).then_some(counts)
    }
}

impl Split {
    /// Divides the rows at random.
    ///
    /// ```
    /// use minimand_data::split::{HeldOut, Split};
    ///
    /// let split = Split::random(10, HeldOut { validation: 0.2, test: 0.3 }, 7)?;
    /// assert_eq!((split.train.len(), split.validation.len(), split.test.len()), (5, 2, 3));
    /// # Ok::<(), minimand_data::split::SplitError>(())
    /// ```
    ///
    /// # Errors
    /// When the shares are none, or there are not rows enough for three parts.
    #[doc(alias = "train_test_split")]
    #[doc(alias = "random_split")]
    pub fn random(rows: usize, held_out: HeldOut, seed: u64) -> Result<Self, SplitError> {
        Self::stratified(&vec![0; rows], held_out, seed)
    }

    /// Divides the rows at random, each class by the same shares, to within a row for the test and two for validation.
    ///
    /// Classes are any numbers; a class of very few rows may be missing in a part.
    ///
    /// # Errors
    /// When the shares are none, or there are not rows enough for three parts.
    #[doc(alias = "StratifiedShuffleSplit")]
    pub fn stratified(classes: &[usize], held_out: HeldOut, seed: u64) -> Result<Self, SplitError> {
        held_out.check()?;
        let rows = classes.len();
        let [validation, test] = held_out.counts(rows).ok_or(SplitError::TooFewRows { rows })?;
        let mut order = shuffled(rows, seed);
        // Stable: within a class the shuffled order stays. Every so many-th row of this order is for the test.
        order.sort_by_key(|&row| classes[row]);
        let (for_test, rest) = choose(order, test);
        let (for_validation, for_train) = choose(rest, validation);
        Ok(Self::of_parts([for_train, for_validation, for_test]))
    }

    /// Divides the rows, given each row's group: every group goes whole into one part.
    ///
    /// The same groups, shares and seed give the same split on every machine; the order of the rows does not matter to
    /// which group goes where.
    ///
    /// ```
    /// use minimand_data::split::{HeldOut, Split};
    ///
    /// let person = [1, 1, 2, 3, 3, 3, 4, 5];
    /// let split = Split::by_group(&person, HeldOut::default(), 7)?;
    /// for &row in &split.train {
    ///     assert!(!split.test.iter().any(|&other| person[other] == person[row]));
    /// }
    /// # Ok::<(), minimand_data::split::SplitError>(())
    /// ```
    ///
    /// # Errors
    /// When the shares are none, or there are not groups enough for three parts.
    #[doc(alias = "GroupShuffleSplit")]
    pub fn by_group(groups: &[u64], held_out: HeldOut, seed: u64) -> Result<Self, SplitError> {
        held_out.check()?;
        let mut distinct = groups.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let too_few = SplitError::TooFewGroups { groups: distinct.len() };
        let [validation, test] = held_out.counts(distinct.len()).ok_or(too_few)?;
        distinct.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let (for_test, rest) = distinct.split_at_mut(test);
        let for_validation = &mut rest[..validation];
        for_test.sort_unstable();
        for_validation.sort_unstable();

        let mut parts = [Vec::new(), Vec::new(), Vec::new()];
        for (row, group) in groups.iter().enumerate() {
            let held = |groups: &[u64]| groups.binary_search(group).is_ok();
            let part = if held(for_test) { 2 } else { usize::from(held(for_validation)) };
            parts[part].push(row);
        }
        Ok(Self::of_parts(parts))
    }

    /// Divides the rows by group, and the groups so that each part has its share of the rows of each class, as nearly as the groups
    /// allow.
    ///
    /// The largest groups are dealt first, each to the part that lacks most of what it holds; equal ones in random order.
    ///
    /// # Errors
    /// When the shares are none, there are not groups enough for three parts, or not as many classes as groups.
    pub fn stratified_by_group(
        classes: &[usize],
        groups: &[u64],
        held_out: HeldOut,
        seed: u64,
    ) -> Result<Self, SplitError> {
        held_out.check()?;
        let groups = Groups::of(classes, groups)?;
        if groups.count() < 3 {
            return Err(SplitError::TooFewGroups { groups: groups.count() });
        }
        let HeldOut { validation, test } = held_out;
        let part = deal_groups(&groups, &[1.0 - validation - test, validation, test], seed);
        let rows = |wanted: usize| (0..classes.len()).filter(|&row| part[groups.of_row(row)] == wanted).collect();
        Ok(Self { train: rows(0), validation: rows(1), test: rows(2) })
    }

    /// Divides the rows in time: the last ones are for the test, those before for validation, the first train. Rows of one time stay
    /// together, so shares are met as nearly as the times allow.
    ///
    /// # Errors
    /// When the shares are none, a time is NaN, or there are not three different times.
    pub fn in_time(times: &[f64], held_out: HeldOut) -> Result<Self, SplitError> {
        held_out.check()?;
        let HeldOut { validation, test } = held_out;
        let ends = [1.0 - validation - test, 1.0 - test];
        let period = time::periods(times, &ends)?;
        let rows = |wanted: usize| (0..times.len()).filter(|&row| period[row] == wanted).collect();
        Ok(Self { train: rows(0), validation: rows(1), test: rows(2) })
    }

    fn of_parts(parts: [Vec<usize>; 3]) -> Self {
        let [train, validation, test] = parts.map(|mut rows| {
            rows.sort_unstable();
            rows
        });
        Self { train, validation, test }
    }
}
