//! When the rules fire: pure functions of the evidence and of what was asked.

mod amounts;
mod counts;
mod imbalance;
mod labels;
mod ranking;
mod trust;

#[cfg(test)]
mod tests;

use super::catalog::{RuleText, Scope, in_words, rules};
use crate::{
    advice::{
        command::TableCommand,
        document::{RuleOutcome, State},
        evidence::{Evidence, TrainedLoss},
        map::Aim,
        metric::Metric,
        purpose::Functional,
        written::{figure, listed},
    },
    model::{ModelKind, Objective},
};

/// What the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// What was measured.
    pub evidence: &'a Evidence,
    /// What was asked; without a question every purpose that makes sense counts as asked.
    pub aim: Option<&'a Aim>,
    /// The losses that are trained; none where nothing is.
    pub losses: &'a [Objective],
    /// Codes that are switched off.
    pub muted: &'a [&'static str],
    /// The flags that asked, `--purpose total`; none where nothing was asked.
    pub question: &'a [String],
    /// The command line of the table, for experiments.
    pub command: &'a TableCommand,
}

/// What a trigger found.
pub(super) enum Looked {
    /// It was met.
    Fired(Finding),
    /// It was not met.
    Silent(Finding),
    /// What it needs is not there: why, as a sentence.
    NotApplicable(String),
}

/// What a trigger has to say.
#[derive(Default)]
pub(super) struct Finding {
    /// Identifiers of the facts.
    because: Vec<&'static str>,
    /// A sentence with the numbers.
    evidence: String,
    /// Reasons against following the rule here.
    against: Vec<String>,
    /// Names of objectives, with `+repair` where one belongs to it.
    recommends: Vec<String>,
    /// Flags of the experiment's command `compare`; none where the rule's own words have to do.
    experiment: Vec<String>,
}

impl Finding {
    fn new(because: &[&'static str], evidence: String) -> Self {
        Self { because: because.to_vec(), evidence, ..Self::default() }
    }

    fn against(mut self, reason: impl Into<String>) -> Self {
        self.against.push(reason.into());
        self
    }

    fn against_all(mut self, reasons: impl IntoIterator<Item = String>) -> Self {
        self.against.extend(reasons);
        self
    }

    fn against_if(self, holds: bool, reason: impl Into<String>) -> Self {
        if holds { self.against(reason) } else { self }
    }

    fn recommends(mut self, names: &[&str]) -> Self {
        self.recommends.extend(names.iter().map(|&name| name.to_owned()));
        self
    }

    fn experiment(mut self, flags: Vec<String>) -> Self {
        self.experiment = flags;
        self
    }

    /// Fired where the trigger was met.
    fn when(self, met: bool) -> Looked {
        if met { Looked::Fired(self) } else { Looked::Silent(self) }
    }
}

impl Case<'_> {
    /// Whether such a functional was asked for, or nothing was asked.
    fn wants(&self, wanted: impl Fn(Functional) -> bool) -> bool {
        self.aim.is_none_or(|aim| wanted(aim.functional))
    }

    fn wants_mean(&self) -> bool {
        self.wants(|functional| functional == Functional::Mean)
    }

    /// Whether a range was asked for, or nothing was asked.
    fn wants_range(&self) -> bool {
        self.wants(|functional| matches!(functional, Functional::Interval(_) | Functional::Law))
    }

    /// What a comparison saw of the losses of some kind.
    fn trained<'b>(&'b self, wanted: impl Fn(&Objective) -> bool + 'b) -> impl Iterator<Item = &'b TrainedLoss> {
        self.evidence.trained.iter().filter(move |trained| wanted(&trained.objective))
    }

    fn metric(&self) -> Option<Metric> {
        self.aim.map(|aim| aim.metric)
    }

    /// The flags of the question, or of a usual purpose where none was asked.
    fn question(&self, usual: &str) -> Vec<String> {
        if self.question.is_empty() { vec!["--purpose".to_owned(), usual.to_owned()] } else { self.question.to_vec() }
    }

    /// The flags of a comparison of losses for the question.
    fn compare(&self, usual: &str, losses: &str) -> Vec<String> {
        let mut flags = self.question(usual);
        flags.extend(["--losses".to_owned(), losses.to_owned()]);
        flags
    }
}

/// What became of every rule, by code.
pub fn outcomes(case: &Case<'_>) -> Vec<RuleOutcome> {
    rules().map(|rule| outcome(rule, case)).collect()
}

fn outcome(rule: &'static RuleText, case: &Case<'_>) -> RuleOutcome {
    let kind = case.evidence.kind();
    let looked = if rule.applies_to.includes(kind) {
        look(rule.code, case)
    } else {
        Looked::NotApplicable(match rule.applies_to {
            Scope::Targets(_) => {
                format!("It is looked at for {}; the target holds {}.", rule.applies_to.describe(), in_words(kind))
            }
            Scope::Beyond(what) => format!("It speaks of {what}, not of tables."),
        })
    };
    let (state, finding) = match looked {
        Looked::Fired(finding) if case.muted.contains(&rule.code) => (State::Muted, finding),
        Looked::Fired(finding) => (State::Fired, finding),
        Looked::Silent(finding) => (State::Silent, finding),
        Looked::NotApplicable(why) => (State::NotApplicable, Finding { evidence: why, ..Finding::default() }),
    };
    let flags: Vec<&str> = finding.experiment.iter().map(String::as_str).collect();
    RuleOutcome {
        code: rule.code,
        title: rule.title,
        state,
        severity: rule.severity,
        because: finding.because,
        evidence: finding.evidence,
        against: finding.against,
        recommends: finding.recommends,
        experiment: if flags.is_empty() { rule.experiment.to_owned() } else { case.command.line("compare", &flags) },
        reference: rule.reference(),
    }
}

/// The trigger of a code.
fn look(code: &str, case: &Case<'_>) -> Looked {
    match code {
        "MIN101" => amounts::another_functional(case),
        "MIN110" => amounts::heavy_tail(case),
        "MIN111" => amounts::rmse_unreliable(case),
        "MIN112" => amounts::huber_for_a_mean(case),
        "MIN113" => amounts::contamination(case),
        "MIN120" => amounts::variance_power(case),
        "MIN121" => amounts::heavy_logarithm(case),
        "MIN122" => amounts::logarithm_without_factor(case),
        "MIN130" => counts::zeros_and_amounts(case),
        "MIN140" => counts::over_dispersion(case),
        "MIN141" => counts::zero_inflation(case),
        "MIN150" => counts::asymmetric_cost(case),
        "MIN151" => counts::varying_spread(case),
        "MIN152" => counts::shares(case),
        "MIN160" => imbalance::rare_class(case),
        "MIN161" => imbalance::weights(case),
        "MIN162" => imbalance::focal(case),
        "MIN163" => imbalance::interpolation(case),
        "MIN164" => imbalance::long_tail(case),
        "MIN165" => imbalance::order_alone(case),
        "MIN170" => labels::noise(case),
        "MIN180" => labels::miscalibration(case),
        "MIN190" => labels::order_of_classes(case),
        "MIN200" => ranking::lists(case),
        "MIN201" => ranking::clicks(case),
        "MIN300" => trust::little_evidence(case),
        "MIN301" => trust::leakage(case),
        "MIN302" => trust::censoring(case),
        other => Looked::NotApplicable(format!("{other} has no trigger on tables.")),
    }
}

/// One figure of a loss with each model that it was trained with: "0.34 with the linear model and 0.41 with the network".
fn by_model<'a>(
    trained: impl Iterator<Item = &'a TrainedLoss>,
    value: impl Fn(&TrainedLoss) -> Option<f64>,
) -> Option<String> {
    let model = |model| match model {
        ModelKind::Linear => "linear model",
        ModelKind::Mlp => "network",
    };
    let all: Vec<String> = trained
        .filter_map(|trained| Some(format!("{} with the {}", figure(value(trained)?), model(trained.model))))
        .collect();
    (!all.is_empty()).then(|| listed(&all))
}

/// What a rule says that needs a fit where there was none.
fn unfitted() -> Looked {
    Looked::NotApplicable("It needs the first fit, which `recommend` makes.".to_owned())
}
