//! The purpose map: what was asked for → the functional → the losses that are consistent for it → how the answer is
//! read off.
//!
//! | functional | consistent losses | by |
//! | --- | --- | --- |
//! | mean | Bregman: φ(y) − φ(x) − φ′(x)(y − x): squared error; Poisson, Gamma, Tweedie deviance | Savage 1971; Gneiting 2011, Thm 7 |
//! | quantile | generalised piecewise linear: (1{y ≤ x} − q)(g(x) − g(y)): pinball | Gneiting 2011, Thm 9 |
//! | expectile | \|1{y ≤ x} − τ\| times a Bregman function: asymmetric squared error | Gneiting 2011, Thm 10 |
//! | functional of a law reweighted by w(y) | w(y) times a loss consistent for the functional: MAPE, with w = 1 / y | Gneiting 2011, Thm 5 |
//! | probability | proper scores: logarithm, square | Gneiting & Raftery 2007 |
//! | threshold on a probability | any of these, then the threshold: costs Elkan 2001; F1 half its best value Lipton, Elkan & Naryanaswamy 2014; balanced accuracy the prevalence Koyejo et al. 2014 | |
//!
//! No loss elicits the mode of a continuous law (Heinrich 2014), nor the variance or the tail by itself.
//!
//! Two predictions of a mean are told apart by the difference of their scores, which is linear in y for every Bregman
//! loss: S(x₁, y) − S(x₂, y) = const + y·(φ′(x₂) − φ′(x₁)). Hence the metric of the lowest degree that the targets allow:
//! it weighs large targets least.

mod ask;
mod decode;
mod fits;
mod losses;

#[cfg(test)]
mod tests;

pub use ask::ask;
pub use decode::Decode;
pub use fits::{QuestionError, purposes};

use super::{
    document::{Question, Repair},
    metric::Metric,
    problem::{Target, TargetKind},
    purpose::{Functional, Purpose},
};
use crate::model::Objective;

/// What the targets allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Domain {
    /// Their kind.
    pub kind: TargetKind,
    /// Whether some of them are 0.
    pub zeros: bool,
}

impl From<&Target> for Domain {
    fn from(target: &Target) -> Self {
        Self { kind: target.kind, zeros: target.values.contains(&0.0) }
    }
}

/// A question with all that follows from it before the data are looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Aim {
    /// What the number is for.
    pub purpose: Purpose,
    /// What the prediction has to be.
    pub functional: Functional,
    /// What predictions are judged by.
    pub metric: Metric,
    /// Losses whose best prediction, read off by [`decode`](Self::decode), is what was asked for; the plainest first,
    /// with their usual parameters. None where no loss does that.
    pub consistent: Vec<Objective>,
    /// Losses that give it only under a condition, with the condition: "if errors are symmetric".
    pub conditional: Vec<(Objective, &'static str)>,
    /// Losses that aim elsewhere and are brought back by what is done after training.
    pub repaired: Vec<(Objective, Repair)>,
    /// How the answer is read off a prediction.
    pub decode: Decode,
    /// What has to be said with the answer; may be empty.
    pub warning: &'static str,
}

impl Aim {
    /// The question for the document; `source` says who asked: `flag`, `terminal` or `purpose`.
    pub fn question(&self, source: &'static str) -> Question {
        Question { purpose: self.purpose, functional: self.functional, metric: self.metric, source }
    }

    /// Whether a loss, with what is done after training, gives what was asked for.
    pub fn admits(&self, objective: Objective, repair: Option<Repair>) -> bool {
        let same = |one: Objective| one.name() == objective.name() && one.link() == objective.link();
        let repaired = || self.repaired.iter().any(|&(one, by)| same(one) && Some(by) == repair);
        self.consistent.iter().any(|&one| same(one) && one.estimates() == objective.estimates()) || repaired()
    }
}

/// What follows from a purpose, or from a metric, for such targets; nothing if neither is given. Where both are given,
/// the metric judges.
///
/// # Errors
/// A purpose or a metric that makes no sense for such targets, with those that do.
pub fn question(
    purpose: Option<Purpose>,
    metric: Option<Metric>,
    domain: Domain,
) -> Result<Option<Aim>, QuestionError> {
    let (purpose, metric) = match (purpose, metric) {
        (None, None) => return Ok(None),
        (Some(purpose), None) => {
            fits::check_purpose(purpose, domain)?;
            (purpose, judge(purpose, domain))
        }
        (purpose, Some(metric)) => {
            fits::check_metric(metric, domain)?;
            if let Some(purpose) = purpose {
                fits::check_purpose(purpose, domain)?;
            }
            (purpose.unwrap_or(metric.purpose()), metric)
        }
    };
    let functional = functional(metric, domain.kind);
    Ok(Some(Aim {
        purpose,
        functional,
        metric,
        consistent: losses::consistent(functional, metric, domain),
        conditional: losses::conditional(functional, domain),
        repaired: losses::repaired(functional, metric, domain),
        decode: Decode::of(metric, domain.kind),
        warning: losses::warning(metric),
    }))
}

/// What predictions are judged by if only the purpose is known.
fn judge(purpose: Purpose, domain: Domain) -> Metric {
    match purpose {
        Purpose::Total => match domain.kind {
            TargetKind::Amount if !domain.zeros => Metric::GammaDeviance,
            TargetKind::Amount | TargetKind::Count => Metric::PoissonDeviance,
            TargetKind::Real
            | TargetKind::Share
            | TargetKind::Binary
            | TargetKind::Ordered
            | TargetKind::Classes
            | TargetKind::Relevance => Metric::Rmse,
        },
        Purpose::Typical => Metric::Mae,
        Purpose::Quantile(level) => Metric::Pinball(level),
        Purpose::Probability => Metric::LogLoss,
        Purpose::Decision(Some(costs)) => Metric::Cost(costs),
        Purpose::Decision(None) if domain.kind == TargetKind::Binary => Metric::F1,
        Purpose::Decision(None) => Metric::Accuracy,
        Purpose::Ranking if domain.kind == TargetKind::Relevance => Metric::Ndcg(0),
        Purpose::Ranking => Metric::Auc,
        Purpose::Interval(share) => Metric::IntervalScore(share),
        Purpose::Distribution => Metric::LogScore,
    }
}

/// What a metric asks for of such targets. Balanced accuracy asks for an order only where a threshold makes the decision.
fn functional(metric: Metric, kind: TargetKind) -> Functional {
    match metric {
        Metric::BalancedAccuracy if kind != TargetKind::Binary => Functional::Mode,
        metric => metric.functional(),
    }
}
