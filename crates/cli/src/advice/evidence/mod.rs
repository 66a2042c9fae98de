//! What was measured on the data, as the rules need it.
//!
//! Facts about the target alone are hypotheses; what fires most rules are facts about the target given the columns, found out of
//! fold by the [`Probe`].

mod classes;
mod facts;
mod link;
mod means;
mod numbers;
mod suspects;
mod target;
mod trained;

pub use classes::{ClassEvidence, NoiseEvidence};
pub use link::LinkEvidence;
pub use numbers::{CountEvidence, LogEvidence, NumberEvidence, SpreadEvidence, TailEvidence};
pub use suspects::{Association, Suspect};
pub use target::{ClassSummary, ListSummary, NumberSummary, TargetSummary};
pub use trained::TrainedLoss;

use super::{
    map::Domain,
    problem::{Problem, TargetKind},
    rules::limits,
};
use crate::{model::Probe, statistics::estimate::Estimate};

/// Test parts of the probe.
pub const FOLDS: usize = 5;

/// A number with a 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// The number.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Measured {
    /// Whether a number lies in the interval.
    pub fn holds(&self, number: f64) -> bool {
        self.low <= number && number <= self.high
    }
}

impl From<Estimate> for Measured {
    fn from(estimate: Estimate) -> Self {
        let Estimate { value, low, high, .. } = estimate;
        Self { value, low, high }
    }
}

/// How the rows lie.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// Rows.
    pub rows: usize,
    /// Groups; as many as rows where there are none.
    pub groups: usize,
    /// Whether rows were grouped by a column.
    pub grouped: bool,
    /// Whether splits go forward in time.
    pub forward: bool,
    /// Whether exposures were given.
    pub has_offset: bool,
    /// Parts that the rows were divided into for the probe; 0 without one.
    pub folds: usize,
    /// As many rows of equal weight as would tell as much, where rows have weights.
    pub effective_rows: Option<f64>,
    /// Columns that the target is predicted from.
    pub columns: usize,
    /// Rows that carry the evidence: those of the rarer class, those that are not zero; nothing where every row does.
    pub events: Option<usize>,
}

/// Everything that the rules look at.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// What the targets allow.
    pub domain: Domain,
    /// How the rows lie.
    pub layout: Layout,
    /// The target alone.
    pub target: TargetSummary,
    /// Columns that predict the target by themselves, the strongest first; at most three.
    pub suspects: Vec<Suspect>,
    /// A column whose values look like those of groups that nobody named.
    pub unnamed_groups: Option<String>,
    /// A column that looks like the event that ends a time, where the target looks like that time.
    pub event_column: Option<String>,
    /// The position that items were shown at, and how well it alone tells relevant items (AUC).
    pub position: Option<Suspect>,
    /// Numbers, given the columns.
    pub numbers: Option<NumberEvidence>,
    /// Classes, given the columns.
    pub classes: Option<ClassEvidence>,
    /// The losses that a comparison trained; none before one.
    pub trained: Vec<TrainedLoss>,
}

impl Evidence {
    /// What can be said before anything is fitted.
    pub fn of_table(problem: &Problem) -> Self {
        let target = TargetSummary::of(problem);
        Self {
            domain: Domain::from(&problem.target),
            layout: Layout {
                rows: problem.rows(),
                groups: problem.groups.count,
                grouped: problem.groups.is_given(),
                forward: problem.time.is_some(),
                has_offset: problem.offset.is_some(),
                folds: 0,
                effective_rows: problem.weight.is_some().then(|| problem.sampling().effective_rows()),
                columns: problem.features.len(),
                events: target.events(),
            },
            suspects: suspects::strongest(problem),
            unnamed_groups: suspects::unnamed_groups(problem),
            event_column: suspects::event_column(problem),
            position: suspects::position(problem),
            target,
            numbers: None,
            classes: None,
            trained: Vec::new(),
        }
    }

    /// The same with what the probe's predictions show; `seed` draws the labels of the test of calibration.
    #[must_use]
    pub fn with_probe(mut self, problem: &Problem, probe: &Probe, seed: u64) -> Self {
        self.layout.folds = probe.fold_of_row.iter().max().map_or(0, |&last| last + 1);
        match self.domain.kind {
            TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share => {
                self.numbers = Some(NumberEvidence::of(problem, probe));
            }
            TargetKind::Binary | TargetKind::Ordered | TargetKind::Classes => {
                self.classes = Some(ClassEvidence::of(problem, probe, seed));
            }
            TargetKind::Relevance => {}
        }
        self
    }

    /// The same with what a comparison saw of the losses that it trained.
    #[must_use]
    pub fn with_trained(mut self, trained: Vec<TrainedLoss>) -> Self {
        self.trained = trained;
        self
    }

    /// Places of the probe's rows in an order that does not depend on that of the table: by group, then by what they hold.
    fn settled(problem: &Problem, probe: &Probe) -> Vec<usize> {
        let key = |place: usize| (problem.groups.of_row[probe.rows[place]], problem.target.values[probe.rows[place]]);
        let first = |place: usize| probe.prediction.get(place * probe.per_row).copied().unwrap_or(0.0);
        let weight = |place: usize| problem.weight.as_ref().map_or(1.0, |weight| weight[probe.rows[place]]);
        let mut order: Vec<usize> = (0..probe.rows.len()).collect();
        order.sort_by(|&a, &b| {
            let ((group_a, value_a), (group_b, value_b)) = (key(a), key(b));
            let of_values = value_a.total_cmp(&value_b).then(first(a).total_cmp(&first(b)));
            group_a.cmp(&group_b).then(of_values).then(weight(a).total_cmp(&weight(b)))
        });
        order
    }

    /// The weights of the probe's rows in that order, where rows have weights.
    fn weights(problem: &Problem, probe: &Probe, order: &[usize]) -> Option<Vec<f64>> {
        problem.weight.as_ref().map(|weight| order.iter().map(|&place| weight[probe.rows[place]]).collect())
    }

    /// The kind of the target.
    pub fn kind(&self) -> TargetKind {
        self.domain.kind
    }

    /// The column that gives the answer away by itself.
    pub fn leak(&self) -> Option<&Suspect> {
        self.suspects.first().filter(|suspect| suspect.value > limits::LEAK)
    }

    /// The scale of the errors: their scaled median absolute deviation; 1 where there is none.
    pub fn scale(&self) -> f64 {
        self.numbers.as_ref().map(|numbers| numbers.scale).filter(|scale| *scale > 0.0).unwrap_or(1.0)
    }

    /// Groups (or rows) in a test part, on average.
    pub fn groups_per_part(&self) -> f64 {
        self.layout.groups as f64 / FOLDS as f64
    }

    /// Events in a test part, on average.
    pub fn events_per_part(&self) -> Option<f64> {
        self.layout.events.map(|events| events as f64 / FOLDS as f64)
    }
}
