//! `minimand compare`: from a command line to a page, a document, and a report.

use std::{
    io::{self, IsTerminal},
    time::Instant,
};

use super::{
    Announcement, Company, CompareError, Effort, Options, candidates::named, compare, exhibits::exhibits, page,
    plan::FitPlan, proof::Proof, told, verdict, words,
};
use crate::{
    advice::{
        command::TableCommand,
        document::{Candidate, Document, State},
        map::{self, Aim, Domain},
        metric::Metric,
        problem::Problem,
        purpose::Purpose,
        recommend::{
            Run,
            command::{AdviceCommandError, Opened, ask, read},
            recommend,
        },
        rules::{
            catalog::{self, UnknownRule},
            triggers::{Case, outcomes},
        },
    },
    arguments::CompareArguments,
    interrupt::stopping,
    model::ModelKind,
    terminal::{Progress, Screen},
};

/// Why the command cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum CompareCommandError {
    /// As for a recommendation.
    #[error(transparent)]
    Advice(#[from] AdviceCommandError),
    /// The losses cannot be compared.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// Standard output takes nothing more.
    #[error("standard output cannot be written: {0}")]
    Output(#[from] io::Error),
    /// Nobody said what the number is for.
    #[error("say what the number is for, as in --purpose {example}, or what it is judged by, as in --metric {metric}")]
    NoQuestion {
        /// A purpose that makes sense.
        example: String,
        /// Its metric.
        metric: String,
    },
    /// Nothing to leave out.
    #[error("--without-top leaves out the largest numbers, and {target:?} is {kind}")]
    NoTop {
        /// The target.
        target: String,
        /// Its kind.
        kind: &'static str,
    },
}

/// The models by the names that `--model` takes.
const MODELS: [(ModelKind, &str); 2] = [(ModelKind::Linear, "linear"), (ModelKind::Mlp, "mlp")];

/// Columns of the text.
const WIDTH: usize = 80;

/// Reads, recommends, compares, prints.
///
/// # Errors
/// Where the table cannot be worked on, the question makes no sense for it, a loss does not exist, or nothing can be written.
pub fn answer(arguments: &CompareArguments, screen: &mut Screen) -> Result<(), CompareCommandError> {
    let start = Instant::now();
    let setting = Opened::of(&arguments.output).map_err(AdviceCommandError::from)?;
    let muted = (arguments.mute.iter())
        .map(|code| Ok(catalog::find(code)?.code))
        .collect::<Result<Vec<_>, UnknownRule>>()
        .map_err(AdviceCommandError::from)?;
    let problem = read(&arguments.table, arguments.question.asks_for_lists())?;
    let domain = Domain::from(&problem.target);
    let mut asked = arguments.question.asked(domain).map_err(AdviceCommandError::from)?;
    let people = io::stdin().is_terminal() && io::stdout().is_terminal() && arguments.table.file.as_os_str() != "-";
    if asked.is_none() && people && !arguments.output.json {
        asked = ask(domain, &mut io::stdin().lock(), &mut io::stdout().lock())?;
    }
    let asked = asked.ok_or_else(|| no_question(&problem))?;
    if arguments.without_top.is_some() && !super::has_top(problem.target.kind) {
        let kind = problem.target.kind.name();
        return Err(CompareCommandError::NoTop { target: problem.target.name.clone(), kind });
    }
    // A name that is none is refused before anything is fitted.
    let wanted = wanted(arguments, &asked.aim, &problem)?;

    let (command, words) = (TableCommand::new(arguments.table.words()), std::env::args().skip(1).collect::<Vec<_>>());
    let run = Run { command: &command, words: &words, muted: &muted, seed: arguments.output.seed };
    let found = recommend(&problem, Some(&asked), &run).map_err(AdviceCommandError::from)?;
    let mut document = found.document;
    let candidates = chosen(wanted, &document.candidates);
    let options = Options {
        models: MODELS
            .into_iter()
            .filter(|(_, name)| arguments.model.iter().any(|wanted| wanted == name))
            .map(|(model, _)| model)
            .collect(),
        effort: match arguments.fits {
            Some(fits) => Effort::Fits(fits),
            None => Effort::Seconds((arguments.budget - start.elapsed().as_secs_f64()).max(0.0)),
        },
        rope: arguments.rope,
        without_top: arguments.without_top,
        seed: arguments.output.seed,
    };
    let (stop, progress) = (stopping(), Progress::automatic());
    let mut written = Ok(());
    let mut begin = |announced: &Announcement<'_>| {
        if !arguments.output.json {
            written = screen.write(&page::plan(announced, WIDTH));
        }
    };
    let mut company = Company { begin: &mut begin, bar: &|fits| progress.bar("comparing", fits), stop: &stop };
    let (candidates, proof) = compare(&problem, &asked.aim, candidates, &options, &mut company)?;
    written?;

    let evidence = found.evidence.with_trained(told::trained(&candidates, &proof));
    document.facts = evidence.facts();
    document.rules = outcomes(&Case {
        evidence: &evidence,
        aim: Some(&asked.aim),
        losses: &told::losses(&candidates),
        muted: &muted,
        question: &asked.flags,
        command: &command,
    });
    let verdict = verdict::verdict(&proof);
    document.candidates = candidates;
    document.proof = Some(serde_json::json!(proof));
    document.reproduce = again(&command, &asked.flags, &muted, arguments, &proof.plan);
    document.verdict.clone_from(&verdict);
    let shown = || exhibits(&proof, &asked.aim.question(asked.source), &problem.target, verdict.as_ref());
    let text = format!(
        "{}\n{}{}",
        page::page(&proof, verdict.as_ref(), &judge(&proof, &document), WIDTH),
        told::fired(&document.rules, WIDTH),
        page::repeat(&document.reproduce, WIDTH)
    );
    Ok(setting.show(&document, text, shown, screen)?)
}

fn no_question(problem: &Problem) -> CompareCommandError {
    let purpose = map::purposes(problem.target.kind).into_iter().next();
    let aim = map::question(purpose, None, Domain::from(&problem.target)).ok().flatten();
    CompareCommandError::NoQuestion {
        example: purpose.map_or_else(String::new, |purpose: Purpose| purpose.to_string()),
        metric: aim.map_or_else(String::new, |aim| aim.metric.to_string()),
    }
}

/// The losses that were named.
fn wanted(arguments: &CompareArguments, aim: &Aim, problem: &Problem) -> Result<Vec<Candidate>, CompareError> {
    arguments.losses.iter().map(|name| named(name.trim(), aim, &problem.target)).collect()
}

/// The default with the named losses, or the shortlist.
fn chosen(wanted: Vec<Candidate>, shortlist: &[Candidate]) -> Vec<Candidate> {
    if wanted.is_empty() {
        return shortlist.to_vec();
    }
    let mut all: Vec<Candidate> = shortlist.iter().take(1).cloned().collect();
    for mut candidate in wanted {
        let alike = |known: &Candidate| known.name == candidate.name;
        if all.iter().any(alike) {
            continue;
        }
        // With the parameters that the data call for.
        if let Some(listed) = shortlist.iter().find(|known| alike(known)) {
            candidate = listed.clone();
        }
        all.push(candidate);
    }
    all
}

/// What judges, and why not by the root of squares where that cannot tell.
fn judge(proof: &Proof, document: &Document) -> String {
    let metric = words::metric(proof.metric);
    let fired = |code: &str| document.rules.iter().any(|rule| rule.code == code && rule.state == State::Fired);
    let tail = ["MIN110", "MIN111"].into_iter().find(|code| fired(code));
    let without = proof.without_top.map_or_else(String::new, |share| {
        format!(" Without the largest {} of the targets.", crate::terminal::number::percent(share))
    });
    let why = match (proof.metric, tail) {
        (Metric::Rmse | Metric::R2, Some(code)) => {
            format!(" Its standard error needs four moments, which such targets may not have ({code}).")
        }
        (Metric::GammaDeviance | Metric::PoissonDeviance | Metric::TweedieDeviance(_), Some(code)) => {
            format!(" (RMSE would need four moments: {code})")
        }
        _ => String::new(),
    };
    if why.starts_with(" (") {
        format!("Judged by {metric}{why}.{without}")
    } else {
        format!("Judged by {metric}.{why}{without}")
    }
}

/// The command that repeats the run to the bit.
fn again(
    command: &TableCommand,
    question: &[String],
    muted: &[&str],
    arguments: &CompareArguments,
    plan: &FitPlan,
) -> String {
    let mut more: Vec<String> = question.to_vec();
    if !arguments.losses.is_empty() {
        more.extend(["--losses".to_owned(), arguments.losses.join(",")]);
    }
    // What was left out for the time is no part of the number of fits.
    let models: Vec<&str> =
        MODELS.iter().filter(|(model, _)| plan.models.contains(model)).map(|(_, name)| *name).collect();
    more.extend(["--model".to_owned(), models.join(",")]);
    more.extend(["--fits".to_owned(), plan.fits.to_string()]);
    more.extend(["--rope".to_owned(), arguments.rope.to_string()]);
    if let Some(share) = arguments.without_top {
        more.extend(["--without-top".to_owned(), share.to_string()]);
    }
    if !muted.is_empty() {
        more.extend(["--mute".to_owned(), muted.join(",")]);
    }
    more.extend(["--seed".to_owned(), arguments.output.seed.to_string()]);
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    command.line("compare", &more)
}
