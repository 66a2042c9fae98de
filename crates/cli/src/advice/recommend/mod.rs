//! `minimand profile` and `minimand recommend`: from a table and a purpose to a loss, with reasons.

pub mod command;
mod exhibits;
pub mod page;
mod verdict;

pub use exhibits::exhibits;

use serde_json::Value;

use super::{
    command::TableCommand,
    document::{Candidate, Data, Document, PurposeAdvice, Question, RuleOutcome, SCHEMA},
    evidence::Evidence,
    map::{self, Aim, Domain},
    problem::Problem,
    purpose::Purpose,
    rules::triggers::{Case, outcomes},
    shortlist::{advised, shortlist},
};
use crate::{
    frame::Encoder,
    model::{Probe, ProbeError, probe},
};

/// A question as it was asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// All that follows from it.
    pub aim: Aim,
    /// Who said so: `flag`, `terminal`, or `purpose` for a metric that follows from the purpose.
    pub source: &'static str,
    /// The flags that ask it.
    pub flags: Vec<String>,
}

/// How a run is repeated.
#[derive(Debug, Clone, PartialEq)]
pub struct Run<'a> {
    /// The table's part of the command line.
    pub command: &'a TableCommand,
    /// The command line's words after the program's name.
    pub words: &'a [String],
    /// Codes that are switched off.
    pub muted: &'a [&'static str],
    /// The seed.
    pub seed: u64,
}

/// Why there is no advice.
#[derive(Debug, thiserror::Error)]
pub enum AdviceError {
    /// A column gives the answer away.
    #[error(
        "{file}: the column {column:?} alone predicts {target:?} ({by} {value:.3}): known before the prediction is made? \
         If not, leave it out with --drop {drop}; if it is, go on with --mute MIN301 (MIN301)"
    )]
    Leak {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// The target.
        target: String,
        /// By what.
        by: &'static str,
        /// How well.
        value: f64,
        /// The value of `--drop` with what is dropped already.
        drop: String,
    },
    /// The first fit came to nothing.
    #[error(transparent)]
    Probe(#[from] ProbeError),
}

/// A document with what it was made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Recommendation {
    /// Facts, rules, losses, verdict.
    pub document: Document,
    /// What was measured.
    pub evidence: Evidence,
    /// The fit that it was measured by.
    pub probe: Probe,
}

/// The facts that need no fit, and the rules that do not.
pub fn profile(problem: &Problem, run: &Run<'_>) -> Document {
    let evidence = Evidence::of_table(problem);
    let case =
        Case { evidence: &evidence, aim: None, losses: &[], question: &[], muted: run.muted, command: run.command };
    let rules = outcomes(&case);
    document(problem, &evidence, rules, run, "profile", &[])
}

/// The facts, one fit out of fold, the rules, and the losses that follow: for the question, or a row of advice for each
/// purpose that makes sense.
///
/// # Errors
/// When a column gives the answer away and MIN301 is not muted, or the first fit fails.
pub fn recommend(problem: &Problem, asked: Option<&Asked>, run: &Run<'_>) -> Result<Recommendation, AdviceError> {
    let (evidence, probe) = measured(problem, run)?;
    let flags = asked.map_or(&[][..], |asked| &asked.flags);
    let aim = asked.map(|asked| &asked.aim);
    let case = Case { evidence: &evidence, aim, losses: &[], question: flags, muted: run.muted, command: run.command };
    let rules = outcomes(&case);
    let mut document = document(problem, &evidence, rules, run, "recommend", flags);
    match asked {
        Some(asked) => {
            document.question = Some(Question { source: asked.source, ..asked.aim.question(asked.source) });
            document.candidates = shortlist(&asked.aim, &problem.target, &evidence, &document.rules);
            document.verdict = verdict::verdict(&document.candidates, &asked.aim, &document.rules);
        }
        None => {
            let purposes = map::purposes(problem.target.kind);
            document.by_purpose =
                purposes.into_iter().filter_map(|purpose| row(purpose, problem, &evidence, run)).collect();
        }
    }
    Ok(Recommendation { document, evidence, probe })
}

/// Everything that is measured.
///
/// # Errors
/// As [`recommend`].
pub fn gather(problem: &Problem, run: &Run<'_>) -> Result<Evidence, AdviceError> {
    Ok(measured(problem, run)?.0)
}

/// The same with the fit.
fn measured(problem: &Problem, run: &Run<'_>) -> Result<(Evidence, Probe), AdviceError> {
    let evidence = Evidence::of_table(problem);
    if let Some(leak) = evidence.leak().filter(|_| !run.muted.contains(&"MIN301")) {
        let mut drop = problem.dropped.clone();
        drop.push(leak.column.clone());
        return Err(AdviceError::Leak {
            file: problem.source.clone(),
            column: leak.column.clone(),
            target: problem.target.name.clone(),
            by: leak.by.name(),
            value: leak.value,
            drop: super::command::quoted(&drop.join(",")),
        });
    }
    let probe = probe(problem, run.seed)?;
    Ok((evidence.with_probe(problem, &probe, run.seed), probe))
}

/// The losses for a question, with what was measured for it: what a comparison begins with.
///
/// # Errors
/// As [`recommend`].
pub fn candidates(problem: &Problem, asked: &Asked, run: &Run<'_>) -> Result<(Vec<Candidate>, Evidence), AdviceError> {
    let evidence = gather(problem, run)?;
    let case = Case {
        evidence: &evidence,
        aim: Some(&asked.aim),
        losses: &[],
        question: &asked.flags,
        muted: run.muted,
        command: run.command,
    };
    Ok((shortlist(&asked.aim, &problem.target, &evidence, &outcomes(&case)), evidence))
}

/// The advice for one purpose.
fn row(purpose: Purpose, problem: &Problem, evidence: &Evidence, run: &Run<'_>) -> Option<PurposeAdvice> {
    let aim = map::question(Some(purpose), None, Domain::from(&problem.target)).ok().flatten()?;
    let flags = ["--purpose".to_owned(), purpose.to_string()];
    let case =
        Case { evidence, aim: Some(&aim), losses: &[], question: &flags, muted: run.muted, command: run.command };
    let rules = outcomes(&case);
    let candidates = shortlist(&aim, &problem.target, evidence, &rules);
    let (place, codes) = advised(&candidates, &aim, &rules)?;
    let chosen = &candidates[place];
    Some(PurposeAdvice {
        purpose,
        functional: aim.functional,
        loss: chosen.name.clone(),
        why: verdict::in_short(chosen, &aim, evidence, &codes),
        against: chosen.against.clone(),
        rules: codes,
        candidates,
    })
}

fn document(
    problem: &Problem,
    evidence: &Evidence,
    rules: Vec<RuleOutcome>,
    run: &Run<'_>,
    name: &str,
    flags: &[String],
) -> Document {
    let mut more: Vec<String> = flags.to_vec();
    if !run.muted.is_empty() {
        more.extend(["--mute".to_owned(), run.muted.join(",")]);
    }
    more.extend(["--seed".to_owned(), run.seed.to_string()]);
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    Document {
        schema: SCHEMA,
        program: env!("CARGO_PKG_VERSION"),
        command: run.words.to_vec(),
        data: Data::of(problem),
        question: None,
        facts: evidence.facts(),
        rules,
        candidates: Vec::new(),
        by_purpose: Vec::new(),
        proof: None::<Value>,
        audit: None,
        verdict: None,
        reproduce: run.command.line(name, &more),
    }
}

impl Data {
    /// What was read for a problem, and what becomes of its columns.
    pub fn of(problem: &Problem) -> Self {
        let rows: Vec<usize> = (0..problem.rows()).collect();
        Self {
            path: problem.source.clone(),
            sha256: problem.sha256.clone(),
            rows: problem.rows(),
            target: problem.target.name.clone(),
            kind: problem.target.kind.name().to_owned(),
            group: problem.groups.name.clone(),
            groups: problem.groups.name.as_ref().map(|_| problem.groups.count),
            dropped: problem.dropped.clone(),
            columns: Encoder::fit(&problem.features, &rows).treatments().to_vec(),
            notes: problem.notes.clone(),
        }
    }
}
