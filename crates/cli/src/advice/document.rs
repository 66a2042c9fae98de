//! `advice.json`, schema `minimand.advice/1`: everything that a command found. Every sentence that the program prints is
//! made from a field of it.

use serde::Serialize;
use serde_json::Value;

use super::{
    audit::Audit,
    metric::Metric,
    purpose::{Functional, Purpose},
};
use crate::model::{Link, Objective};

/// The name of the schema.
pub const SCHEMA: &str = "minimand.advice/1";

/// The document of one run. A part that the command does not make is absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Document {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The program's version.
    pub program: &'static str,
    /// The command line's words after the program's name.
    pub command: Vec<String>,
    /// What was read.
    pub data: Data,
    /// What was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
    /// What was measured.
    pub facts: Vec<Fact>,
    /// Every rule, fired or silent.
    pub rules: Vec<RuleOutcome>,
    /// Losses worth a trial, the plainest first.
    pub candidates: Vec<Candidate>,
    /// Advice for each purpose, where none was given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by_purpose: Vec<PurposeAdvice>,
    /// The comparison.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Value>,
    /// What was found of predictions of any tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<Box<Audit>>,
    /// What it all comes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// The command that repeats the run to the bit.
    pub reproduce: String,
}

/// The data of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Data {
    /// The file, or `-`.
    pub path: String,
    /// Of the bytes as they were read.
    pub sha256: String,
    /// Rows that were used.
    pub rows: usize,
    /// The target's column.
    pub target: String,
    /// What kind of number the target is.
    pub kind: String,
    /// The column of groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// How many different groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<usize>,
    /// Columns that were left out because the user said so.
    pub dropped: Vec<String>,
    /// What was done to each column.
    pub columns: Vec<ColumnTreatment>,
    /// Sentences about what was done to the columns or the rows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What was done to one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnTreatment {
    /// The column.
    pub name: String,
    /// In words: "number", "one-hot of 5 levels, 3 rare ones pooled", "number, 12 missing: median and an indicator".
    pub treatment: String,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Question {
    /// What the number is for.
    pub purpose: Purpose,
    /// What the prediction has to be.
    pub functional: Functional,
    /// What predictions are judged by.
    pub metric: Metric,
    /// Who said so: `flag`, `terminal`, or `purpose` for a metric that follows from the purpose.
    pub source: &'static str,
}

/// One measured number. Where it has an interval, that is a 95 % one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fact {
    /// A stable name: `tail_index`.
    pub id: &'static str,
    /// Of what: `target`, `out_of_fold_ratio`, `out_of_fold_residual`, ….
    pub of: &'static str,
    /// The number.
    pub value: f64,
    /// Lower end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// Upper end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// How it was measured.
    pub method: String,
    /// Paper, or none where it is a plain count or mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<&'static str>,
}

/// Whether a rule has something to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its trigger was met.
    Fired,
    /// It was looked at and its trigger was not met.
    Silent,
    /// It does not apply to such a target or without what it needs.
    NotApplicable,
    /// It was switched off by `--mute`.
    Muted,
}

/// How much a fired rule changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Note,
    /// Changes which loss is advised, or how it is judged.
    Advice,
    /// Makes the result wrong where it is ignored.
    Warning,
}

/// What became of a rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleOutcome {
    /// Stable: `MIN110`.
    pub code: &'static str,
    /// A few words: "heavy tail, variance in doubt".
    pub title: &'static str,
    /// Fired or silent.
    pub state: State,
    /// How much it changes.
    pub severity: Severity,
    /// Identifiers of the facts that decided.
    pub because: Vec<&'static str>,
    /// One sentence with the measured numbers.
    pub evidence: String,
    /// Reasons against following it, here.
    pub against: Vec<String>,
    /// Names of objectives that it speaks for.
    pub recommends: Vec<String>,
    /// The cheapest experiment that would refute it: a command where there is one.
    pub experiment: String,
    /// The papers.
    pub reference: &'static str,
}

/// What is done to a model's predictions after training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// Times one constant, so that the total is right.
    Ratio,
    /// Plus one constant, so that the quantile level is right.
    Shift,
    /// The labels' weight taken off the logit again (Saerens 2002).
    PriorShift,
    /// Focal's closed-form inverse (Charoenphakdee 2021).
    InverseFocal,
    /// One temperature (Guo 2017).
    Temperature,
    /// A threshold chosen on validation rows.
    Threshold,
    /// Classes decoded by the metric: the median for absolute error, cut points for kappa.
    Decode,
    /// The interval widened until it covers (conformal; Romano 2019).
    Conformal,
}

/// A loss worth a trial, with what is done afterwards.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// A stable name, as `--losses` takes it: `tweedie_deviance`, `log_squared_error+ratio`.
    pub name: String,
    /// What is trained.
    #[serde(serialize_with = "objective_name")]
    pub loss: Objective,
    /// The loss's parameters.
    pub params: serde_json::Map<String, Value>,
    /// From output to prediction.
    pub link: Link,
    /// Afterwards.
    pub post: Option<Repair>,
    /// What its prediction estimates, repaired or not.
    pub consistent_for: Option<Functional>,
    /// Whether theory admits it for the question.
    pub admissible: bool,
    /// From 0, the default: what is plainer is advised where nothing is proven.
    pub plainness: u8,
    /// Why it is here, in a few words with a rule's code.
    pub why: String,
    /// What speaks against it.
    pub against: String,
}

fn objective_name<S: serde::Serializer>(objective: &Objective, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(objective.name())
}

impl Candidate {
    /// A candidate by its objective and repair; `admissible` where it is consistent for the functional in question.
    pub fn new(loss: Objective, post: Option<Repair>) -> Self {
        let mut name = loss.name().to_owned();
        if let Some(post) = post {
            let post = serde_json::to_value(post).unwrap_or_default();
            name = format!("{name}+{}", post.as_str().unwrap_or_default());
        }
        let params = loss.parameters().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        Self {
            name,
            loss,
            params,
            link: loss.link(),
            post,
            consistent_for: loss.estimates(),
            admissible: true,
            plainness: 0,
            why: String::new(),
            against: String::new(),
        }
    }
}

/// A row of advice for one purpose.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PurposeAdvice {
    /// The purpose.
    pub purpose: Purpose,
    /// What the prediction has to be.
    pub functional: Functional,
    /// Name of the advised candidate.
    pub loss: String,
    /// Why.
    pub why: String,
    /// What speaks against it.
    pub against: String,
    /// Codes of the rules that decided.
    pub rules: Vec<&'static str>,
    /// Losses worth a trial for it, the plainest first, and those that aim elsewhere.
    pub candidates: Vec<Candidate>,
}

/// How sure a verdict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Better than the default, by the comparison.
    Proven,
    /// As good as the default within the region of practical equivalence.
    EqualToDefault,
    /// The comparison cannot tell.
    CannotTell,
    /// From theory and facts; nothing was compared.
    Reasoned,
    /// The models disagree.
    DependsOnModel,
}

/// What it all comes to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// Name of the advised candidate.
    pub loss: String,
    /// How sure.
    pub strength: Strength,
    /// Reasons, each a sentence.
    pub because: Vec<String>,
    /// What speaks against it.
    pub against: Vec<String>,
    /// What would change it.
    pub would_change_if: Vec<String>,
}
