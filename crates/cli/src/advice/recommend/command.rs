//! From the command lines of `profile` and `recommend` to a page, a document, or both.

use std::io::{self, BufRead, IsTerminal, Write};

use super::{AdviceError, Asked, Recommendation, Run, exhibits, page, profile, recommend};
use crate::{
    advice::{
        command::TableCommand,
        document::Document,
        map::{self, Domain, QuestionError},
        metric::Metric,
        output,
        problem::{Problem, ProblemError, TargetKind},
        purpose::Purpose,
        rules::catalog::{self, UnknownRule},
    },
    arguments::{OutputArguments, ProfileArguments, QuestionArguments, RecommendArguments, TableArguments},
    frame::Frame,
    report::{OutputDirectory, ReportError, advice::Exhibits},
    table::TableError,
    terminal::Screen,
};

/// Why a command cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AdviceCommandError {
    /// The table cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The table cannot answer the question.
    #[error(transparent)]
    Problem(#[from] ProblemError),
    /// The question makes no sense for the target.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// There is no rule of a code.
    #[error(transparent)]
    Rule(#[from] UnknownRule),
    /// There is no advice.
    #[error(transparent)]
    Advice(#[from] AdviceError),
    /// The report cannot be written.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Standard output takes nothing more.
    #[error("standard output cannot be written: {0}")]
    Output(#[from] io::Error),
}

/// `minimand profile`.
///
/// # Errors
/// Where the table cannot be worked on, or nothing can be written.
pub fn answer_profile(arguments: &ProfileArguments, screen: &mut Screen) -> Result<(), AdviceCommandError> {
    let setting = Opened::of(&arguments.output)?;
    let problem = read(&arguments.table, false)?;
    let (command, words) = (TableCommand::new(arguments.table.words()), std::env::args().skip(1).collect::<Vec<_>>());
    let run = Run { command: &command, words: &words, muted: &[], seed: arguments.output.seed };
    let document = profile(&problem, &run);
    setting.show(&document, page::profile(&document, &command), || exhibits(&problem, None, None, run.seed), screen)
}

/// `minimand recommend`.
///
/// # Errors
/// Where the table cannot be worked on, the question makes no sense for it, or nothing can be written.
pub fn answer_recommend(arguments: &RecommendArguments, screen: &mut Screen) -> Result<(), AdviceCommandError> {
    let setting = Opened::of(&arguments.output)?;
    let muted =
        arguments.mute.iter().map(|code| Ok(catalog::find(code)?.code)).collect::<Result<Vec<_>, UnknownRule>>()?;
    let problem = read(&arguments.table, arguments.question.asks_for_lists())?;
    let domain = Domain::from(&problem.target);
    let mut asked = arguments.question.asked(domain)?;
    let people = io::stdin().is_terminal() && io::stdout().is_terminal() && arguments.table.file.as_os_str() != "-";
    if asked.is_none() && people && !arguments.output.json {
        asked = ask(domain, &mut io::stdin().lock(), &mut io::stdout().lock())?;
    }
    let (command, words) = (TableCommand::new(arguments.table.words()), std::env::args().skip(1).collect::<Vec<_>>());
    let run = Run { command: &command, words: &words, muted: &muted, seed: arguments.output.seed };
    let Recommendation { document, evidence, probe } = recommend(&problem, asked.as_ref(), &run)?;
    let next = asked.as_ref().map_or(&[][..], |asked| &asked.flags);
    let page = page::recommend(&document, &command, next);
    setting.show(&document, page, || exhibits(&problem, Some(&evidence), Some(&probe), run.seed), screen)
}

/// The table as a problem; `ranking` says that lists are to be ordered.
///
/// # Errors
/// When it cannot be read or worked on.
pub fn read(table: &TableArguments, ranking: bool) -> Result<Problem, AdviceCommandError> {
    let frame = Frame::from_path(&table.file)?;
    let kind = table.kind.as_deref().and_then(TargetKind::from_name);
    Ok(Problem::new(frame, &table.roles(), kind, ranking)?)
}

/// The one question.
///
/// # Errors
/// When the terminal cannot be read or written.
pub fn ask(
    domain: Domain,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> Result<Option<Asked>, AdviceCommandError> {
    let Some(purpose) = map::ask(domain.kind, input, output)? else { return Ok(None) };
    writeln!(output)?;
    let aim = map::question(Some(purpose), None, domain)?;
    let flags = vec!["--purpose".to_owned(), purpose.to_string()];
    Ok(aim.map(|aim| Asked { aim, source: "terminal", flags }))
}

impl QuestionArguments {
    /// Whether lists are to be ordered.
    pub fn asks_for_lists(&self) -> bool {
        matches!(self.purpose, Some(Purpose::Ranking)) || matches!(self.metric, Some(Metric::Ndcg(_) | Metric::Mrr))
    }

    /// The question with what follows from it; none where nothing was asked.
    ///
    /// # Errors
    /// When it makes no sense for such targets.
    pub fn asked(&self, domain: Domain) -> Result<Option<Asked>, QuestionError> {
        let flags = match (self.purpose, self.metric) {
            (_, Some(metric)) => vec!["--metric".to_owned(), metric.to_string()],
            (Some(purpose), None) => vec!["--purpose".to_owned(), purpose.to_string()],
            (None, None) => Vec::new(),
        };
        let aim = map::question(self.purpose, self.metric, domain)?;
        Ok(aim.map(|aim| Asked { aim, source: "flag", flags }))
    }
}

/// How the result is given, with its directory opened and the threads set before anything is computed.
pub struct Opened {
    json: bool,
    directory: Option<OutputDirectory>,
}

impl Opened {
    /// Of the command line.
    ///
    /// # Errors
    /// When the directory cannot be written to.
    pub fn of(arguments: &OutputArguments) -> Result<Self, ReportError> {
        if let Some(threads) = arguments.threads {
            minimand::tensor::set_threads(usize::from(threads));
        }
        let directory = arguments.out.as_ref().map(OutputDirectory::open).transpose()?;
        Ok(Self { json: arguments.json, directory })
    }

    /// Prints the page or the document, and writes the report, with its plots, where there is a directory for it.
    ///
    /// # Errors
    /// When something cannot be written.
    pub fn show(
        &self,
        document: &Document,
        page: String,
        exhibits: impl FnOnce() -> Exhibits,
        screen: &mut Screen,
    ) -> Result<(), AdviceCommandError> {
        screen.write(&if self.json { output::json(document) } else { page })?;
        if let Some(directory) = &self.directory {
            let path = output::write(directory, document, &exhibits())?;
            if !self.json {
                screen.write(&format!("\nReport: {}\n", path.display()))?;
            }
        }
        Ok(())
    }
}
