//! What a comparison found, as `advice.json` holds it: every sentence is made from here.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{curves::Curves, decisions::DecisionProof, plan::FitPlan, race::Chosen, side::Side};
use crate::{
    advice::{
        document::{Candidate, Repair},
        metric::Metric,
    },
    model::ModelKind,
    statistics::{Outcome, Probabilities},
};

/// The comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proof {
    /// What was trained.
    pub plan: FitPlan,
    /// The models that were asked for.
    pub models_asked: Vec<ModelKind>,
    /// Fits that were made: fewer than planned where losses were dropped or the run was stopped.
    pub fits_made: usize,
    /// Whether it ran to its end.
    pub complete: bool,
    /// Rows that the folds divided.
    pub rows: usize,
    /// Groups among them.
    pub groups: usize,
    /// Rows that were kept out of the comparison and opened once.
    pub rows_kept_out: usize,
    /// Share of the largest targets that was left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_top: Option<f64>,
    /// Whether the target has large values that could be left out.
    pub has_top: bool,
    /// What judged.
    pub metric: Metric,
    /// What pairs are compared by: the metric, or the squared error behind a root.
    pub compared_by: &'static str,
    /// Predictions below it are read as it, where the metric takes a logarithm of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
    /// What stands beside the score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// What that is at best.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side_at_best: Option<f64>,
    /// Differences up to this share of the default's score count as equal.
    pub rope: f64,
    /// The name of the default.
    pub default: String,
    /// The candidates, the plainest first as they were given.
    pub candidates: Vec<CandidateProof>,
    /// One for each model.
    pub models: Vec<ModelProof>,
}

/// A candidate, the same for all models.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CandidateProof {
    /// Its name.
    pub name: String,
    /// As people read it.
    pub label: String,
    /// From 0, the default.
    pub plainness: u8,
    /// Whether theory admits it for the question.
    pub admissible: bool,
    /// What is done after training.
    pub post: Option<Repair>,
    /// The loss that is trained.
    pub loss: String,
}

impl CandidateProof {
    /// Of a candidate.
    pub fn of(candidate: &Candidate) -> Self {
        Self {
            name: candidate.name.clone(),
            label: super::words::label(candidate.loss, candidate.post),
            plainness: candidate.plainness,
            admissible: candidate.admissible,
            post: candidate.post,
            loss: candidate.loss.name().to_owned(),
        }
    }
}

/// One model's comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelProof {
    /// The model.
    pub model: ModelKind,
    /// Splits that were finished.
    pub splits: usize,
    /// The metric in each split, by candidate.
    pub scores: BTreeMap<String, Vec<f64>>,
    /// How each candidate came out.
    pub results: BTreeMap<String, CandidateResult>,
    /// Each candidate against the default.
    pub pairs: Vec<PairProof>,
    /// Candidates that may be best.
    pub confidence_set: SetProof,
    /// What one number changes, by the loss without it.
    pub recovered_by_one_number: BTreeMap<String, Recovered>,
    /// Which rows steer the training, by loss.
    pub gradient_share: BTreeMap<String, GradientProof>,
    /// Share of the rows that the first split was fitted on whose class is right, by candidate.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub training_accuracy: BTreeMap<String, f64>,
    /// Half the width of the region of practical equivalence, in the unit of the metric.
    pub rope: f64,
    /// What the choice of a winner flattered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optimism: Option<Optimism>,
    /// What a report draws.
    pub curves: Curves,
}

/// How a candidate came out with a model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CandidateResult {
    /// Whether it ran, and why not.
    pub state: RaceState,
    /// Mean of the metric over its splits.
    pub score: Option<f64>,
    /// Mean of what stands beside the score.
    pub side: Option<f64>,
    /// Standard deviation of that over the splits.
    pub side_deviation: Option<f64>,
    /// Share of the rows with predictions that the target cannot have, such as negative costs.
    pub impossible: f64,
    /// Spearman's correlation of its predictions with the default's, the mean over the splits.
    pub rank_correlation: Option<f64>,
    /// Scores and decisions, of two classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionProof>,
    /// What was chosen in each split.
    pub choices: Vec<Chosen>,
}

/// How far a candidate came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RaceState {
    /// To the end.
    Finished,
    /// It was clearly worse after so many splits.
    DroppedAfter(usize),
    /// It came to nothing.
    Failed(String),
}

/// How an interval was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalMethod {
    /// Student's t over the splits, corrected for overlapping training sets (Nadeau & Bengio 2003).
    CorrectedT,
    /// By the groups of the pooled test rows, which gave the larger standard error.
    ClusterRobust,
    /// By subsampling: the differences have heavy tails.
    Subsampling,
}

/// A candidate against the default, in the unit of the metric: `mean` is the candidate less the default.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairProof {
    /// The candidate.
    pub a: String,
    /// The default.
    pub b: String,
    /// Mean difference of the metric.
    pub mean: f64,
    /// Its standard error.
    pub se: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The interval that takes splits for independent: too short.
    pub naive_low: f64,
    /// Its upper end.
    pub naive_high: f64,
    /// How the interval was found.
    pub method: IntervalMethod,
    /// Tail index of the rows' differences, where it is below 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tail_index: Option<f64>,
    /// Probability that the candidate is better by more than the region of practical equivalence.
    pub p_better: f64,
    /// That the two are equal within it.
    pub p_equal: f64,
    /// That the candidate is worse.
    pub p_worse: f64,
    /// P-value of no difference, corrected for the number of candidates (Holm 1979).
    pub p_holm: f64,
    /// In one word, as [`outcome`](Self::outcome) says it.
    pub verdict: Outcome,
    /// The difference in each split.
    pub per_split: Vec<f64>,
}

/// The candidates that are not rejected as best.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SetProof {
    /// The chance that the best one is among them.
    pub level: f64,
    /// Their names.
    pub members: Vec<String>,
    /// Those that are rejected, and yet equal to the best one within the region of practical equivalence.
    pub equal_to_best: Vec<String>,
}

/// What one number changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recovered {
    /// What is done.
    pub post: Repair,
    /// The candidate with it.
    pub candidate: String,
    /// The number: its median over the splits.
    pub number: Option<f64>,
    /// What stands beside the score without it, and with it.
    pub before: Option<f64>,
    /// With it.
    pub after: Option<f64>,
    /// The metric without it.
    pub score_before: Option<f64>,
    /// With it.
    pub score_after: Option<f64>,
}

/// Which rows steer a training: shares of Σ |∂loss/∂output| at the fitted model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GradientProof {
    /// Of the 1 % of the rows with the largest slopes.
    pub top_1_percent: f64,
    /// Of each tenth of the rows by their target.
    pub deciles: Vec<f64>,
    /// The ten loudest rows.
    pub loudest: Vec<LoudRowProof>,
}

/// A row that steers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoudRowProof {
    /// Its number among the rows of the table that have a target, from 1.
    pub row: usize,
    /// Its target.
    pub target: f64,
    /// What the model says of it.
    pub prediction: f64,
    /// Its share.
    pub share: f64,
}

/// What remained of the winner on rows that no choice saw.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Optimism {
    /// `held_out`: a fifth of the groups, opened once; `nested`: the winner of the other splits on each split.
    pub by: &'static str,
    /// The candidate that was advised, or came out best.
    pub winner: String,
    /// Its metric in the comparison.
    pub in_comparison: f64,
    /// Its metric on the unseen rows.
    pub unseen: f64,
    /// The default's metric there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_unseen: Option<f64>,
    /// Winner less default there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<f64>,
    /// Half of its 95 % interval, by group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub half_interval: Option<f64>,
    /// Rows.
    pub rows: usize,
}

impl Proof {
    /// A candidate by its name.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    pub fn candidate(&self, name: &str) -> &CandidateProof {
        self.candidates.iter().find(|candidate| candidate.name == name).expect("proof: a candidate of that name")
    }
}

impl PairProof {
    /// What the three probabilities come to: sentences and tables stand on them.
    pub fn outcome(&self) -> Outcome {
        Probabilities { better: self.p_better, equal: self.p_equal, worse: self.p_worse }.outcome()
    }
}

impl ModelProof {
    /// A candidate against the default; none for the default itself and for what did not finish.
    pub fn pair(&self, name: &str) -> Option<&PairProof> {
        self.pairs.iter().find(|pair| pair.a == name)
    }

    /// Whether a candidate may be best, or is equal to the best one.
    pub fn may_be_best(&self, name: &str) -> bool {
        let set = &self.confidence_set;
        set.members.iter().chain(&set.equal_to_best).any(|member| member == name)
    }
}
