//! Real tables and three questions for each.

use std::path::Path;

use minimand_cli::{
    advice::{
        compare::rows::{Subset, sample},
        map::{Aim, Domain, question},
        problem::{Problem, TargetKind},
    },
    frame::{Cells, Frame, Roles},
};

/// A table with the questions that are put to it.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    file: &'static str,
    target: &'static str,
    kind: Option<TargetKind>,
    group: Option<&'static str>,
    drop: &'static [&'static str],
    /// Another target than the column: none for a row that is left out.
    target_of: Option<fn(f64, f64) -> Option<f64>>,
    questions: [&'static str; 3],
}

const NUMBERS: [&str; 3] = ["total", "typical", "quantile:0.9"];
const COUNTS: [&str; 3] = ["total", "typical", "distribution"];
const RARE: [&str; 3] = ["probability", "decision:miss=20,alarm=1", "ranking"];

impl Table {
    const fn new(name: &'static str, file: &'static str, target: &'static str, questions: [&'static str; 3]) -> Self {
        Self { name, file, target, kind: None, group: None, drop: &[], target_of: None, questions }
    }

    const fn of_claims(name: &'static str, target: &'static str, questions: [&'static str; 3]) -> Self {
        let all = Self::new(name, "randhie_claims.csv.gz", target, questions);
        Self { group: Some("person_id"), drop: &["mdvis", "totadm", "inpdol", "meddol"], ..all }
    }

    /// All of them.
    pub(crate) fn all() -> Vec<Table> {
        let positive = |cost: f64, _: f64| (cost > 0.0).then_some(cost);
        let high = |cost: f64, top: f64| Some(f64::from(u8::from(cost >= top)));
        let admitted = |admissions: f64, _: f64| Some(f64::from(u8::from(admissions > 0.0)));
        let classes = ["probability", "accuracy", "balanced_accuracy"];
        vec![
            Table { target_of: Some(positive), ..Self::of_claims("costs", "meddol", NUMBERS) },
            Self::of_claims("costs with zeros", "meddol", NUMBERS),
            Self::of_claims("visits", "mdvis", COUNTS),
            Self::of_claims("admissions", "totadm", ["total", "distribution", "rmse"]),
            Table { target_of: Some(high), ..Self::of_claims("high-cost year", "meddol", RARE) },
            Table { target_of: Some(admitted), ..Self::of_claims("admitted", "totadm", RARE) },
            Self::of_claims("mental health", "mhi", ["rmse", "typical", "interval"]),
            Self::new("food", "engel.csv.gz", "foodexp", NUMBERS),
            Table {
                drop: &["casual", "registered"],
                ..Self::new("bike rentals", "bikeshare.csv.gz", "bikers", COUNTS)
            },
            Table {
                kind: Some(TargetKind::Ordered),
                ..Self::new("wine", "winequality_red.csv.gz", "quality", ["mae", "quadratic_kappa", "accuracy"])
            },
            Table {
                drop: &["quality"],
                ..Self::new("alcohol", "winequality_red.csv.gz", "alcohol", ["total", "typical", "mape"])
            },
            Self::new("mail", "spambase.csv.gz", "spam", ["probability", "decision:miss=1,alarm=10", "ranking"]),
            Self::new("yeast", "yeast6.csv.gz", "positive", RARE),
            Self::new("caravans", "caravan.csv.gz", "Purchase", ["probability", "f1", "ranking"]),
            Table { kind: Some(TargetKind::Classes), ..Self::new("digits", "digits8x8.csv.gz", "digit", classes) },
            Table {
                kind: Some(TargetKind::Relevance),
                group: Some("individual"),
                ..Self::new("travel", "modechoice.csv.gz", "choice", ["ranking", "mrr", "ndcg:1"])
            },
        ]
    }

    /// The checked table, with about so many rows.
    pub(crate) fn problem(&self, rows: usize) -> Problem {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data").join(self.file);
        let mut frame = Frame::from_path(&path).expect("a table");
        if let Some(of) = self.target_of {
            change_target(&mut frame, self.target, of);
        }
        let roles = Roles {
            target: self.target.into(),
            group: self.group.map(str::to_owned),
            drop: self.drop.iter().filter(|&&name| name != self.target).map(|&name| name.to_owned()).collect(),
            ..Roles::default()
        };
        let problem =
            Problem::new(frame, &roles, self.kind, self.kind == Some(TargetKind::Relevance)).expect("a problem");
        if problem.rows() <= rows {
            return problem;
        }
        let sample = sample(&problem, rows, 11).expect("a sample");
        Subset::whole(&problem).of(&sample).problem
    }

    /// The questions.
    pub(crate) fn questions(&self, problem: &Problem) -> Vec<(&'static str, Aim)> {
        let aim = |asked: &'static str| {
            let (purpose, metric) = (asked.parse().ok(), asked.parse().ok());
            let metric = if purpose.is_some() { None } else { metric };
            let aim =
                question(purpose, metric, Domain::from(&problem.target)).expect("it makes sense").expect("an aim");
            (asked, aim)
        };
        self.questions.into_iter().map(aim).collect()
    }
}

/// Puts another target in the place of a column; told beside each value is the column's 99th percentile.
fn change_target(frame: &mut Frame, target: &str, of: fn(f64, f64) -> Option<f64>) {
    let column = frame.columns.iter_mut().find(|column| column.name == target).expect("the target");
    let Cells::Number(values) = &column.cells else { panic!("{target} is no number") };
    let mut sorted = values.clone();
    sorted.sort_by(f64::total_cmp);
    let top = sorted[sorted.len() - sorted.len() / 100];
    let changed: Vec<Option<f64>> = values.iter().map(|&value| of(value, top)).collect();
    column.cells = Cells::Number(changed.iter().map(|value| value.unwrap_or(0.0)).collect());
    let kept: Vec<usize> = (0..changed.len()).filter(|&row| changed[row].is_some()).collect();
    for column in &mut frame.columns {
        let pick = |values: &Vec<f64>| kept.iter().map(|&row| values[row]).collect::<Vec<f64>>();
        column.cells = match &column.cells {
            Cells::Number(values) => Cells::Number(pick(values)),
            Cells::Date(values) => Cells::Date(pick(values)),
            Cells::Text { levels, codes } => {
                Cells::Text { levels: levels.clone(), codes: kept.iter().map(|&row| codes[row]).collect() }
            }
        };
    }
    frame.rows = kept.len();
}
