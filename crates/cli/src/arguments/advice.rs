//! What the commands of the advice take.

use std::path::PathBuf;

use clap::Args;

use crate::{
    advice::{metric::Metric, purpose::Purpose},
    frame::Roles,
};

/// The table and what its columns are for.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct TableArguments {
    /// A CSV file with a header, gzip or not; `-` for standard input
    pub file: PathBuf,

    /// The column to predict
    #[arg(long, value_name = "COLUMN")]
    pub target: String,

    /// Rows of one group (a person, a shop, a list) stay together
    #[arg(long, value_name = "COLUMN")]
    pub group: Option<String>,

    /// Splits go forward along this column; with --group, groups stay whole too
    #[arg(long, value_name = "COLUMN")]
    pub time: Option<String>,

    /// The weight of each row: how many like rows it stands for, in any unit
    #[arg(long, value_name = "COLUMN")]
    pub weight: Option<String>,

    /// Added to the linear predictor as it is: the logarithm of an exposure, for counts
    #[arg(long, value_name = "COLUMN")]
    pub offset: Option<String>,

    /// Columns that are not used: other outcomes, identifiers
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub drop: Vec<String>,

    /// What kind of target it is, where the program should not say so by itself
    #[arg(long, value_name = "KIND", value_parser = ["real", "amount", "count", "share", "binary", "ordered", "classes", "relevance"])]
    pub kind: Option<String>,
}

impl TableArguments {
    /// The words that say all this: the file first, then the flags that were given.
    pub fn words(&self) -> Vec<String> {
        let mut words = vec![self.file.display().to_string(), "--target".to_owned(), self.target.clone()];
        let flags = [
            ("--group", &self.group),
            ("--time", &self.time),
            ("--weight", &self.weight),
            ("--offset", &self.offset),
            ("--kind", &self.kind),
        ];
        for (flag, value) in flags {
            words.extend(value.iter().flat_map(|value| [flag.to_owned(), value.clone()]));
        }
        if !self.drop.is_empty() {
            words.extend(["--drop".to_owned(), self.drop.join(",")]);
        }
        words
    }

    /// What the columns are for.
    pub fn roles(&self) -> Roles {
        Roles {
            target: self.target.clone(),
            group: self.group.clone(),
            time: self.time.clone(),
            weight: self.weight.clone(),
            offset: self.offset.clone(),
            drop: self.drop.clone(),
        }
    }
}

/// How the result is given, and what it depends on.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct OutputArguments {
    /// Print the whole result as JSON (schema minimand.advice/1)
    #[arg(long)]
    pub json: bool,

    /// Write report.html, advice.json and the plots as SVG files to this directory
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// The seed of everything random; the same seed gives the same figures
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub seed: u64,

    /// How many threads compute [default: one for each processor]; the figures do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// What the number is for.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct QuestionArguments {
    /// What the number is for: total, typical, quantile:0.9, stock:under=3,over=1, probability, decision,
    /// decision:miss=5000,alarm=250, ranking, interval:0.9, distribution
    #[arg(long, value_name = "P", conflicts_with = "metric")]
    pub purpose: Option<Purpose>,

    /// What predictions will be judged by: rmse, mae, mape, rmsle, poisson_deviance, gamma_deviance, pinball:0.9, log_loss,
    /// brier, accuracy, f1, auc, quadratic_kappa, ndcg, …
    #[arg(long, value_name = "M")]
    pub metric: Option<Metric>,
}

/// `minimand profile`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct ProfileArguments {
    /// The table.
    #[command(flatten)]
    pub table: TableArguments,
    /// The output.
    #[command(flatten)]
    pub output: OutputArguments,
}

/// `minimand recommend`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct RecommendArguments {
    /// The table.
    #[command(flatten)]
    pub table: TableArguments,
    /// The question.
    #[command(flatten)]
    pub question: QuestionArguments,
    /// Rules to switch off
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub mute: Vec<String>,
    /// The output.
    #[command(flatten)]
    pub output: OutputArguments,
}

/// `minimand compare`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct CompareArguments {
    /// The table.
    #[command(flatten)]
    pub table: TableArguments,
    /// The question.
    #[command(flatten)]
    pub question: QuestionArguments,
    /// The losses to compare, beside the default [default: the shortlist of recommend]
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub losses: Vec<String>,
    /// The models to train: linear, mlp
    #[arg(long, value_name = "MODELS", value_delimiter = ',', default_value = "linear,mlp", value_parser = ["linear", "mlp"])]
    pub model: Vec<String>,
    /// How long it may take, such as 90s or 2m: turned into a number of fits after one fit was timed
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = seconds, conflicts_with = "fits")]
    pub budget: f64,
    /// How many fits to make instead: repeats a run to the bit
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub fits: Option<u32>,
    /// Differences up to this share of the default's score count as equal
    #[arg(long, value_name = "SHARE", default_value = "1%", value_parser = share)]
    pub rope: f64,
    /// Leave out this share of the rows with the largest targets, and see whether the result stays
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub without_top: Option<f64>,
    /// Rules to switch off
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub mute: Vec<String>,
    /// The output.
    #[command(flatten)]
    pub output: OutputArguments,
}

/// `minimand audit`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct AuditArguments {
    /// A CSV file with the truth and the predictions of any tool, gzip or not; `-` for standard input
    pub file: PathBuf,
    /// The column of the truth
    #[arg(long, value_name = "COLUMN")]
    pub target: String,
    /// The column of the predictions
    #[arg(long, value_name = "COLUMN")]
    pub prediction: String,
    /// Rows of one group depend on each other: intervals are by group
    #[arg(long, value_name = "COLUMN")]
    pub group: Option<String>,
    /// The weight of each row: how many like rows it stands for, in any unit
    #[arg(long, value_name = "COLUMN")]
    pub weight: Option<String>,
    /// The question.
    #[command(flatten)]
    pub question: QuestionArguments,
    /// The output.
    #[command(flatten)]
    pub output: OutputArguments,
}

/// `minimand guide`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct GuideArguments {
    /// This kind of problem with all reasons; without it, a short tree of all kinds
    #[arg(value_name = "KIND", value_parser = ["regression", "classification", "ranking", "embeddings", "generative", "calibration"])]
    pub kind: Option<String>,
    /// Everything as JSON
    #[arg(long)]
    pub json: bool,
}

/// A share, as 0.01 or 1%.
fn share(text: &str) -> Result<f64, String> {
    let (number, unit) = text.strip_suffix('%').map_or((text, 1.0), |number| (number, 100.0));
    let value: f64 = number.trim().parse().map_err(|_| format!("`{text}` is no share"))?;
    let value = value / unit;
    if (0.0..1.0).contains(&value) { Ok(value) } else { Err(format!("{text} is not a share from 0 to below 1")) }
}

/// A time in seconds, as 90, 90s, 2m or 1h.
fn seconds(text: &str) -> Result<f64, String> {
    let unit = match text.trim().chars().last() {
        Some('m') => 60.0,
        Some('h') => 3600.0,
        _ => 1.0,
    };
    let number = text.trim().trim_end_matches(['s', 'm', 'h']);
    match number.parse::<f64>() {
        Ok(value) if value > 0.0 && value.is_finite() => Ok(value * unit),
        _ => Err(format!("`{text}` is no time such as 90s or 2m")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_times() {
        assert_eq!((share("1%"), share("0.005"), share("0")), (Ok(0.01), Ok(0.005), Ok(0.0)));
        assert!(share("100%").is_err() && share("-1%").is_err() && share("x").is_err());
        assert_eq!(
            (seconds("90"), seconds("90s"), seconds("2m"), seconds("1h")),
            (Ok(90.0), Ok(90.0), Ok(120.0), Ok(3600.0))
        );
        assert!(seconds("0").is_err() && seconds("soon").is_err() && seconds("infs").is_err());
    }
}
