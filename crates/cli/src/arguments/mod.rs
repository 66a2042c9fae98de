//! What can be asked of the program on its command line.

mod advice;

pub use advice::{
    AuditArguments, CompareArguments, GuideArguments, OutputArguments, ProfileArguments, QuestionArguments,
    RecommendArguments, TableArguments,
};

use std::path::PathBuf;

use clap::{
    Args, Parser, Subcommand,
    builder::{PossibleValue, PossibleValuesParser},
};
use minimand::loss::catalog::Family;

use crate::tour::chapter::{self, Chapter};

const LONG_ABOUT: &str = "\
Which loss does your problem call for?

minimand trains the same small network with different losses on real data, and shows with figures what each loss \
estimated and whom it serves. It lists, explains and computes every loss of its catalogue, for numbers of your own.";

const EXAMPLES: &str = "\
Examples:
  minimand tour                          every chapter, in a few minutes
  minimand tour heavy-tail --quick       one chapter, in seconds
  minimand tour --seed 1 --out report    also write report/report.html and report/numbers.json
  minimand list                          all losses
  minimand explain huber                 one of them
  minimand guide                         from a use to a loss, without data
  minimand audit p.csv --target y --prediction p   what predictions of any tool estimate
  minimand eval questions.jsonl          losses and gradients of your own numbers";

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "minimand", version, about = "Which loss does your problem call for?")]
#[command(long_about = LONG_ABOUT, after_help = EXAMPLES, max_term_width = 100, disable_help_subcommand = true)]
pub struct Arguments {
    /// What to do; without it the program prints its help.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the program can do.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum Command {
    /// Train the same network with different losses on real data, and see what each of them does
    #[command(after_help = EXAMPLES)]
    Tour(TourArguments),
    /// Show all losses, or those of one family
    List(ListArguments),
    /// Say everything about one loss, or about one rule of the advice (MIN110)
    #[command(
        after_help = "Examples:\n  minimand explain huber\n  minimand explain huber --set delta=0.5 --svg huber.svg\n  \
                      minimand explain MIN110"
    )]
    Explain(ExplainArguments),
    /// Look at a table: the target, the columns, what may give the answer away; nothing is fitted
    #[command(after_help = "Example:\n  minimand profile costs.csv --target cost --group person --drop outcome2")]
    Profile(ProfileArguments),
    /// Say which loss a table and a purpose call for, and why: facts, one fit out of fold, rules, losses worth a trial
    #[command(
        after_help = "Examples:\n  minimand recommend costs.csv --target cost --group person --purpose total\n  \
                      minimand recommend costs.csv --target cost             one row of advice for each purpose"
    )]
    Recommend(RecommendArguments),
    /// Ask from which loss to begin, without data: questions, answers, losses, reasons for and against
    #[command(after_help = "Examples:\n  minimand guide\n  minimand guide regression\n  minimand guide --json")]
    Guide(GuideArguments),
    /// Say what predictions of any tool estimate, for whom they are calibrated, and what one number would repair
    #[command(after_help = AUDIT)]
    Audit(AuditArguments),
    /// Compare losses on a table of yours, with honest intervals: the proof of an advice
    #[command(after_help = COMPARE)]
    Compare(CompareArguments),
    /// Compute losses and gradients of numbers of your own: JSON Lines in, JSON Lines out
    #[command(after_help = EVAL)]
    Eval(EvalArguments),
}

const AUDIT: &str = "\
Examples:
  minimand audit predictions.csv --target y --prediction p
  minimand audit predictions.csv --target cost --prediction p --group person --purpose total
  minimand audit predictions.csv --target fraud --prediction p --purpose decision:miss=5000,alarm=250
  zcat predictions.csv.gz | minimand audit - --target y --prediction p --json

The file has one row for each case, with the truth and the prediction, on rows that the model was not
trained on. Columns of text with few levels are parts to look at separately.";

const COMPARE: &str = "\
Examples:
  minimand compare costs.csv --target cost --group person --purpose total
  minimand compare mail.csv --target spam --purpose probability --model linear --budget 30s
  minimand compare costs.csv --target cost --metric mae --losses absolute_error,log_squared_error

Ctrl-C prints what is known so far, with status 0 and \"complete\": false in the document; a second one
ends the program with status 130.";

const EVAL: &str = "\
A line asks for one loss; inputs and parameters are named as `minimand list --json` prints them:
  {\"id\": 1, \"loss\": \"huber\", \"params\": {\"delta\": 1}, \"inputs\": {\"prediction\": [0.5, 3]},
   \"targets\": {\"target\": [0, 0]}, \"reduce\": \"none\", \"grad\": true, \"dtype\": \"f64\"}
It is answered by one line:
  {\"id\": 1, \"value\": {\"shape\": [2], \"data\": [0.125, 2.5]},
   \"grads\": {\"prediction\": {\"shape\": [2], \"data\": [0.5, 1.0]}}}
or, if something is wrong, by {\"id\": 1, \"error\": \"…\"}.

A tensor is {\"shape\": …, \"data\": …}, nested lists, or a number. \"reduce\" is none, sum or mean; with
none the gradients are those of the sum. \"hvp\": {\"prediction\": …} asks for the product of the Hessian
with that direction. Numbers that are not finite travel as \"nan\", \"inf\", \"-inf\".";

/// Which losses to show.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ListArguments {
    /// Only this family
    #[arg(long, value_name = "F", value_parser = family)]
    pub family: Option<Family>,

    /// Everything about each of them, as one JSON array
    #[arg(long)]
    pub json: bool,
}

/// Which loss, or which rule, to explain.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct ExplainArguments {
    /// A loss by its name, here or in another library, or a rule by its code
    pub name: String,

    /// A parameter for the curve and the values, such as delta=0.5
    #[arg(long = "set", value_name = "NAME=NUMBER", value_parser = setting)]
    pub settings: Vec<(String, f64)>,

    /// Write the curve of loss, slope and curvature to this SVG file
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,

    /// Everything as JSON
    #[arg(long)]
    pub json: bool,
}

/// Where the questions are.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct EvalArguments {
    /// The file with one question a line; standard input if it is left out or `-`
    pub file: Option<PathBuf>,
}

fn family(name: &str) -> Result<Family, String> {
    let wanted = name.to_lowercase().replace('_', "-");
    Family::all().find(|family| family.to_string() == wanted).ok_or_else(|| {
        let all: Vec<String> = Family::all().map(|family| family.to_string()).collect();
        format!("the families are {}", all.join(", "))
    })
}

fn setting(text: &str) -> Result<(String, f64), String> {
    let (name, number) = text.split_once('=').ok_or("it must be NAME=NUMBER")?;
    let number = number.trim().parse().map_err(|_| format!("`{number}` is no number"))?;
    Ok((name.trim().to_owned(), number))
}

/// How to run the tour.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct TourArguments {
    /// The one chapter to run; all of them if it is left out
    #[arg(value_parser = chapter_names())]
    pub chapter: Option<String>,

    /// Name the chapters and what they take, and run none
    #[arg(long)]
    pub list: bool,

    /// Train less, to finish in seconds: the figures are rougher
    #[arg(long)]
    pub quick: bool,

    /// The seed of everything random; the same seed gives the same figures
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub seed: u64,

    /// How many threads compute [default: one for each processor]; the figures do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,

    /// Take medical costs (heavy-tail and rare-class) from this CSV file (gzip or not) with the columns of
    /// examples/data/randhie_claims.csv.gz, instead of the data inside the program
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,

    /// Write report.html, numbers.json and the plots as SVG files to this directory
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

impl TourArguments {
    /// The chapters to run.
    pub fn chapters(&self) -> Vec<&'static dyn Chapter> {
        let wanted = |chapter: &&dyn Chapter| self.chapter.as_ref().is_none_or(|only| only == chapter.name());
        chapter::ALL.into_iter().filter(wanted).collect()
    }
}

fn chapter_names() -> PossibleValuesParser {
    let value = |chapter: &dyn Chapter| PossibleValue::new(chapter.name()).help(chapter.title());
    PossibleValuesParser::new(chapter::ALL.map(value))
}

/// A message of clap in one line: what is wrong, what is possible, and where to read more.
pub(crate) fn one_line(error: &clap::Error) -> String {
    let rendered = error.to_string();
    let said = rendered.split("\n\nUsage:").next().unwrap_or_default();
    let said = said.split("\n\nFor more information").next().unwrap_or_default();
    let sentence = said.trim().trim_start_matches("error: ").replace("\n\n", "; ");
    format!("{}; see minimand --help", sentence.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn tour(arguments: &[&str]) -> TourArguments {
        let line = ["minimand", "tour"].iter().chain(arguments);
        match Arguments::try_parse_from(line).unwrap().command {
            Some(Command::Tour(tour)) => tour,
            other => panic!("the tour was asked for, not {other:?}"),
        }
    }

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn chapters() {
        let names = |arguments: &[&str]| tour(arguments).chapters().into_iter().map(Chapter::name).collect::<Vec<_>>();
        let all =
            ["heavy-tail", "rare-class", "blur", "vae", "gan", "embeddings", "ranking", "calibration", "noisy-labels"];
        assert_eq!(names(&[]), all);
        let one = tour(&["rare-class", "--quick", "--seed", "3", "--threads", "2", "--out", "x"]);
        assert_eq!(names(&["rare-class"]), ["rare-class"]);
        assert_eq!((one.quick, one.seed, one.threads), (true, 3, Some(2)));
        assert_eq!(tour(&[]).seed, 7);
    }

    #[test]
    fn mistakes_are_one_line() {
        for (arguments, expected) in [
            (
                vec!["tour", "--seed", "x"],
                "invalid value 'x' for '--seed <N>': invalid digit found in string; see minimand --help",
            ),
            (
                vec!["tour", "heavy"],
                "invalid value 'heavy' for '[CHAPTER]' [possible values: heavy-tail, rare-class, blur, vae, gan, \
                 embeddings, ranking, calibration, noisy-labels]; tip: a similar value exists: 'heavy-tail'; see minimand \
                 --help",
            ),
            (
                vec!["tour", "--quik"],
                "unexpected argument '--quik' found; tip: a similar argument exists: '--quick'; see minimand --help",
            ),
            (
                vec!["tour", "--threads", "0"],
                "invalid value '0' for '--threads <N>': 0 is not in 1..=1024; see minimand --help",
            ),
        ] {
            let line = std::iter::once("minimand").chain(arguments);
            assert_eq!(one_line(&Arguments::try_parse_from(line).unwrap_err()), expected);
        }
    }
}
