//! From the command line to an exit status: the one place where errors become words.

use std::{
    ffi::OsString,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{CommandFactory, Parser, error::ErrorKind};
use minimand::{
    data::{FileError, split::SplitError},
    loss::{
        LabelError,
        catalog::{ArgumentError, Arguments, catalog},
    },
    tensor::{EnvironmentError, check_environment},
};

use crate::{
    advice::{
        audit::{self, AuditError},
        compare,
        guide::{self, GuideDocument},
        output,
        recommend::command::{AdviceCommandError, answer_profile, answer_recommend},
        rules::{self, catalog::UnknownRule},
    },
    arguments::{
        self, Arguments as CommandLine, AuditArguments, Command, ExplainArguments, GuideArguments, ListArguments,
        TourArguments,
    },
    data::{Claims, ClaimsError},
    interrupt::{INTERRUPTED, stopping},
    losses::{self, EvalError, UnknownLoss},
    page::{Grid, Page},
    panics,
    report::{self, OutputDirectory, ReportError},
    table::TableError,
    terminal::{self, Progress, Screen},
    tour::{
        DeltaError, Tour, TrainingError,
        chapter::{self, Conditions},
    },
};

/// Exit status of a run that could not do what was asked.
const REFUSED: u8 = 2;

/// Columns of the text: what every terminal has.
const WIDTH: usize = 80;

/// Why the program cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line makes no sense.
    #[error("{0}")]
    Usage(String),
    /// The data are not what the tour can train on.
    #[error(transparent)]
    Claims(#[from] ClaimsError),
    /// A table of the program's own is not what it should be.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Pictures of the program's own cannot be read.
    #[error(transparent)]
    Pictures(#[from] FileError),
    /// Their labels are none.
    #[error(transparent)]
    Labels(#[from] LabelError),
    /// The rows cannot be divided.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// The report cannot be written.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Standard output takes nothing more.
    #[error("standard output cannot be written: {0}")]
    Output(#[from] io::Error),
    /// A training came to nothing.
    #[error(transparent)]
    Training(#[from] TrainingError),
    /// A variable of the environment has a value without a meaning.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// The data have no scale for Huber's loss.
    #[error(transparent)]
    Delta(#[from] DeltaError),
    /// There is no loss of that name.
    #[error(transparent)]
    Loss(#[from] UnknownLoss),
    /// There is no rule of that code.
    #[error(transparent)]
    Rule(#[from] UnknownRule),
    /// There is no advice.
    #[error(transparent)]
    Advice(#[from] AdviceCommandError),
    /// A loss does not take what was given.
    #[error(transparent)]
    Argument(#[from] ArgumentError),
    /// The predictions cannot be audited.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The questions cannot be read.
    #[error(transparent)]
    Eval(#[from] EvalError),
    /// A loss that no curve shows.
    #[error("{0}: it has no curve along one number")]
    NoFigure(&'static str),
    /// A parameter for a rule.
    #[error("{code} is a rule: it has no parameter `{name}`")]
    NoParameter {
        /// The rule.
        code: &'static str,
        /// The parameter.
        name: String,
    },
    /// The losses cannot be compared.
    #[error(transparent)]
    Compare(#[from] compare::CompareCommandError),
    /// Ctrl-C was pressed before the last chapter was finished.
    #[error(
        "stopped: {finished} of {wanted} chapters finished{}{report}",
        if report.is_empty() { "" } else { ", their report is " }
    )]
    Stopped {
        /// How many chapters were finished.
        finished: usize,
        /// How many were to be run.
        wanted: usize,
        /// Where the report of those is; empty without one.
        report: String,
    },
    /// A mistake of the program, or a limit of the machine: what the panic said.
    #[error("stopped: {0}")]
    Panic(String),
}

/// Runs the program on its arguments, the first of which is its own name; says in one line on standard error what went
/// wrong.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    panics::keep_quiet();
    match panics::caught(|| answer(arguments, &mut Screen::stdout())).unwrap_or_else(|said| Err(Failure::Panic(said))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Where standard error is closed, too, the status alone has to tell.
            let _ = writeln!(io::stderr(), "minimand: {}", on_one_line(&failure.to_string()));
            ExitCode::from(if matches!(failure, Failure::Stopped { .. }) { INTERRUPTED } else { REFUSED })
        }
    }
}

fn answer(arguments: impl IntoIterator<Item = OsString>, screen: &mut Screen) -> Result<(), Failure> {
    match CommandLine::try_parse_from(arguments) {
        Ok(CommandLine { command: Some(Command::Tour(tour)) }) => take_tour(&tour, screen),
        Ok(CommandLine { command: Some(Command::List(wanted)) }) => Ok(screen.write(&listing(&wanted))?),
        Ok(CommandLine { command: Some(Command::Explain(wanted)) }) => explain(&wanted, screen),
        Ok(CommandLine { command: Some(Command::Profile(wanted)) }) => {
            check_environment()?;
            Ok(answer_profile(&wanted, screen)?)
        }
        Ok(CommandLine { command: Some(Command::Recommend(wanted)) }) => {
            check_environment()?;
            Ok(answer_recommend(&wanted, screen)?)
        }
        Ok(CommandLine { command: Some(Command::Guide(wanted)) }) => Ok(screen.write(&guidance(&wanted))?),
        Ok(CommandLine { command: Some(Command::Audit(wanted)) }) => audit_predictions(&wanted, screen),
        Ok(CommandLine { command: Some(Command::Compare(wanted)) }) => {
            check_environment()?;
            Ok(compare::answer(&wanted, screen)?)
        }
        Ok(CommandLine { command: Some(Command::Eval(wanted)) }) => {
            check_environment()?;
            match losses::evaluate(wanted.file.as_deref(), io::stdout().lock())? {
                // Who no longer reads has had enough.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                written => Ok(written?),
            }
        }
        Ok(CommandLine { command: None }) => Ok(screen.write(&CommandLine::command().render_long_help().to_string())?),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            Ok(screen.write(&error.to_string())?)
        }
        Err(error) => Err(Failure::Usage(arguments::one_line(&error))),
    }
}

fn use_threads(threads: Option<u16>) {
    if let Some(threads) = threads {
        minimand::tensor::set_threads(usize::from(threads));
    }
}

fn listing(wanted: &ListArguments) -> String {
    if !wanted.json {
        return losses::list(wanted.family, WIDTH);
    }
    let chosen = catalog().filter(|entry| wanted.family.is_none_or(|family| family == entry.family()));
    let all: Vec<serde_json::Value> = chosen.map(losses::entry_json).collect();
    format!("{:#}\n", serde_json::Value::from(all))
}

fn guidance(wanted: &GuideArguments) -> String {
    let topic = wanted.kind.as_deref().and_then(guide::topic);
    match topic {
        _ if wanted.json => format!("{:#}\n", serde_json::json!(GuideDocument::of(topic))),
        Some(topic) => guide::chapter(topic, WIDTH),
        None => guide::overview(WIDTH),
    }
}

/// Whether a directory can be written is asked before anything is read.
fn audit_predictions(wanted: &AuditArguments, screen: &mut Screen) -> Result<(), Failure> {
    let directory = wanted.output.out.as_ref().map(OutputDirectory::open).transpose()?;
    if let Some(threads) = wanted.output.threads {
        minimand::tensor::set_threads(usize::from(threads));
    }
    let document = audit::audit(wanted)?;
    let text = if wanted.output.json { output::json(&document) } else { audit::render(&document, WIDTH) };
    screen.write(&text)?;
    if let Some(directory) = directory {
        let page = output::write(&directory, &document, &audit::exhibits(&document))?;
        if !wanted.output.json {
            screen.write(&format!("\nReport: {}\n", on_one_line(&page.display().to_string())))?;
        }
    }
    Ok(())
}

fn explain(wanted: &ExplainArguments, screen: &mut Screen) -> Result<(), Failure> {
    if rules::catalog::is_code(&wanted.name) {
        return explain_rule(wanted, screen);
    }
    check_environment()?;
    let entry = losses::find(&wanted.name)?;
    let settings = wanted.settings.iter();
    let parameters = settings.fold(Arguments::new(), |all, (name, number)| all.number(name, *number));
    // A parameter that does not fit is refused before anything is shown.
    let sample = wanted.settings.iter().fold(entry.sample(3), |all, (name, number)| all.number(name, *number));
    sample.complete(entry)?;
    if let Some(path) = &wanted.svg {
        let drawing = losses::figure(entry, &parameters).ok_or_else(|| Failure::NoFigure(entry.name))?;
        report::write_drawing(path, &drawing)?;
    }
    let text = if wanted.json {
        format!("{:#}\n", losses::entry_json(entry))
    } else {
        losses::explain(entry, &parameters, WIDTH)
    };
    Ok(screen.write(&text)?)
}

fn explain_rule(wanted: &ExplainArguments, screen: &mut Screen) -> Result<(), Failure> {
    let rule = rules::catalog::find(&wanted.name)?;
    if wanted.svg.is_some() {
        return Err(Failure::NoFigure(rule.code));
    }
    if let Some((name, _)) = wanted.settings.first() {
        return Err(Failure::NoParameter { code: rule.code, name: name.clone() });
    }
    let text = if wanted.json { format!("{:#}\n", serde_json::json!(rule)) } else { rules::explain(rule, WIDTH) };
    Ok(screen.write(&text)?)
}

/// Whether the report can be written is asked before anything is trained.
fn take_tour(arguments: &TourArguments, screen: &mut Screen) -> Result<(), Failure> {
    if arguments.list {
        return Ok(screen.write(&chapters())?);
    }
    check_environment()?;
    let directory = arguments.out.as_ref().map(OutputDirectory::open).transpose()?;
    use_threads(arguments.threads);
    let claims = arguments.data.as_deref().map_or_else(Claims::embedded, Claims::from_path)?;
    let stop = stopping();
    let (seed, quick) = (arguments.seed, arguments.quick);
    let conditions = Conditions { seed, quick, claims: &claims, progress: Progress::automatic(), stop: &stop };
    let (mut tour, wanted, mut stopped) = (Tour::new(seed, quick), arguments.chapters(), false);
    for &chapter in &wanted {
        // Without a reader and without a report nobody would see a further chapter.
        if !tour.is_empty() && screen.is_closed() && directory.is_none() {
            return Ok(());
        }
        let gap = if tour.is_empty() { "" } else { "\n" };
        let mut begin = |page: &Page| Ok(screen.write(&format!("{gap}{}\n", terminal::opening(page, WIDTH)))?);
        match chapter.run(&conditions, &mut begin) {
            Ok(found) => {
                screen.write(&terminal::findings(&found.page(), WIDTH))?;
                tour.add(chapter, &*found);
            }
            Err(Failure::Training(TrainingError::Stopped)) => {
                stopped = true;
                break;
            }
            Err(failure) => return Err(failure),
        }
    }
    let mut report = String::new();
    if let Some(directory) = directory.filter(|_| !tour.is_empty()) {
        report = on_one_line(&write_report(&directory, &tour)?.display().to_string());
        screen.write(&format!("\nReport: {report}\n"))?;
    }
    if stopped { Err(Failure::Stopped { finished: tour.len(), wanted: wanted.len(), report }) } else { Ok(()) }
}

fn write_report(directory: &OutputDirectory, tour: &Tour) -> Result<PathBuf, ReportError> {
    directory.write_numbers(tour)?;
    for figure in tour.pages().iter().flat_map(|page| &page.figures) {
        directory.write_figure(figure)?;
    }
    directory.write_page(&tour.html())
}

/// The chapters and what they take.
fn chapters() -> String {
    let mut grid = Grid::new("Chapters of the tour", &["name", "title", "seconds", "--quick"]);
    for chapter in chapter::ALL {
        let [full, quick] = chapter.seconds();
        grid.row(vec![chapter.name().into(), chapter.title().into(), full.to_string(), quick.to_string()]);
    }
    terminal::table(&grid.with_note("Seconds of processor time, about."), WIDTH)
}

/// File names may hold anything: no line break or control character of theirs reaches the terminal.
fn on_one_line(message: &str) -> String {
    message.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
