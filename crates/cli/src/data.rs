//! The data that the program carries: `data/randhie_claims.csv.gz`, medical cost by person and year.
//!
//! RAND Health Insurance Experiment, in the public domain; origin and columns are in `examples/data/SOURCES.md`.

use std::path::Path;

use minimand::data::metrics::quantile;

use crate::table::{Table, TableError};

/// What the person-year cost, in dollars: the tour's target.
pub const COST: &str = "meddol";

/// Whose row it is: rows are divided by person, never by row.
pub const PERSON: &str = "person_id";

/// What happened in the year. One of them is the target, and none is a feature.
pub const OUTCOMES: [&str; 4] = ["mdvis", "totadm", "inpdol", COST];

static RANDHIE: &[u8] = include_bytes!("../data/randhie_claims.csv.gz");

/// How many people must have had a cost, and how many a high-cost year, so that every part of a split has some of them.
const LEAST_PEOPLE: usize = 50;

/// Costs other than 0 whose squares and ratios are numbers.
const AMOUNTS: std::ops::RangeInclusive<f64> = 1e-100..=1e100;

/// Why a table is no claims data.
#[derive(Debug, thiserror::Error)]
pub enum ClaimsError {
    /// It is not even a table of numbers, or lacks a column.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A cost below 0.
    #[error("{source_name}: row {row}, column {COST:?}: {value} is not a cost (0 or more)")]
    NegativeCost {
        /// The table.
        source_name: String,
        /// The row at fault, from 1, the header not counted.
        row: usize,
        /// The value.
        value: f64,
    },
    /// A cost whose square, or share of all, no number holds.
    #[error("{source_name}: row {row}, column {COST:?}: {value:e} is no amount of money (0, or from 1e-100 to 1e100)")]
    ExtremeCost {
        /// The table.
        source_name: String,
        /// The row at fault, from 1, the header not counted.
        row: usize,
        /// The value.
        value: f64,
    },
    /// No column but those of the outcomes and the person.
    #[error("{source_name}: no column is left to predict from")]
    NoFeature {
        /// The table.
        source_name: String,
    },
    /// Too few people to train, validate and test on.
    #[error("{source_name}: {found} people {with}: the tour needs at least {LEAST_PEOPLE}")]
    TooFew {
        /// The table.
        source_name: String,
        /// How many there are.
        found: usize,
        /// What they have in common.
        with: &'static str,
    },
}

/// Features, cost and person of every row of the claims data.
#[derive(Debug, Clone)]
pub struct Claims {
    /// What is known of the person-year beforehand.
    pub features: Table,
    /// The cost of each row, in dollars.
    pub cost: Vec<f64>,
    /// The person of each row.
    pub person: Vec<u64>,
}

impl Claims {
    /// The data inside the program: 20,185 rows of 5,907 people.
    pub fn embedded() -> Result<Self, ClaimsError> {
        Self::from_table(&Table::from_bytes(RANDHIE, "randhie_claims.csv.gz")?, "randhie_claims.csv.gz")
    }

    /// Data of the same columns from a CSV file, gzip or not.
    pub fn from_path(path: &Path) -> Result<Self, ClaimsError> {
        Self::from_table(&Table::from_path(path)?, &path.display().to_string())
    }

    /// The columns of a table that are features, cost and person.
    pub fn from_table(table: &Table, source_name: &str) -> Result<Self, ClaimsError> {
        let mut dropped = vec![PERSON];
        dropped.extend(OUTCOMES);
        let source_name = source_name.to_owned();
        if table.names().iter().all(|name| dropped.contains(&name.as_str())) {
            return Err(ClaimsError::NoFeature { source_name });
        }
        let features = table.without(&dropped)?;
        let claims = Self { features, cost: table.column(COST)?.to_vec(), person: table.keys(PERSON)? };
        if let Some((row, &value)) = claims.cost.iter().enumerate().find(|(_, cost)| **cost < 0.0) {
            return Err(ClaimsError::NegativeCost { source_name, row: row + 1, value });
        }
        let extreme = |cost: f64| cost != 0.0 && !AMOUNTS.contains(&cost);
        if let Some((row, &value)) = claims.cost.iter().enumerate().find(|(_, cost)| extreme(**cost)) {
            return Err(ClaimsError::ExtremeCost { source_name, row: row + 1, value });
        }
        let high = quantile(&claims.cost, 0.99);
        for (least, with) in [(0.0, "had a cost"), (high, "had a high-cost year (above the 99th percentile)")] {
            let found = claims.people_with(|cost| cost > least);
            if found < LEAST_PEOPLE {
                return Err(ClaimsError::TooFew { source_name, found, with });
            }
        }
        Ok(claims)
    }

    /// The rows for which `keep` says so, given their cost.
    ///
    /// # Panics
    /// If no row is left.
    #[track_caller]
    pub fn where_cost(&self, keep: impl Fn(f64) -> bool) -> Self {
        let kept = |&row: &usize| keep(self.cost[row]);
        let rows = || (0..self.cost.len()).filter(kept);
        Self {
            features: self.features.rows_where(|row| keep(self.cost[row])),
            cost: rows().map(|row| self.cost[row]).collect(),
            person: rows().map(|row| self.person[row]).collect(),
        }
    }

    /// How many different people the rows are of.
    pub fn people(&self) -> usize {
        self.people_with(|_| true)
    }

    /// How many different people have a row whose cost `keep` says yes to.
    fn people_with(&self, keep: impl Fn(f64) -> bool) -> usize {
        let rows = self.person.iter().zip(&self.cost).filter(|(_, cost)| keep(**cost));
        let mut people: Vec<u64> = rows.map(|(&person, _)| person).collect();
        people.sort_unstable();
        people.dedup();
        people.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_data_are_the_published_ones() {
        let claims = Claims::embedded().unwrap();
        assert_eq!((claims.features.rows(), claims.features.names().len()), (20_185, 24));
        assert_eq!(claims.people(), 5_907);
        for name in OUTCOMES.into_iter().chain([PERSON]) {
            assert!(claims.features.column(name).is_err(), "{name} would give the answer away");
        }
        let with_cost = claims.where_cost(|cost| cost > 0.0);
        assert_eq!(with_cost.cost.len(), 15_732);
        assert_eq!(with_cost.features.rows(), with_cost.person.len());
    }
}
