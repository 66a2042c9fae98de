//! Calibrated for whom: by tenth of the prediction, and by the parts that a column makes.

use serde::Serialize;

use super::{
    calibration::Shape,
    clusters::{Estimated, mean_by_group, ratio_by_group, share_by_group, standard_error, two_sided},
    read::{Predictions, Segment},
    score::Lens,
};
use crate::{
    frame::{Groups, MISSING},
    statistics::{holm, isotonic::Target},
};

/// Parts with fewer rows say nothing by themselves.
const LEAST_ROWS: usize = 20;

/// What is measured in every part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Sum of the predictions over the sum of the truths: 1.
    Ratio,
    /// Mean of prediction − truth: 0.
    MeanError,
    /// Share of truths at or below the prediction, ties counting half: the level.
    Level,
    /// Σ|1{y ≤ x} − τ|… as a level: Σ(x − y)₊ / Σ|x − y|, whose right value is τ.
    ExpectileLevel,
}

/// A part of the rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// Its rows.
    pub rows: usize,
    /// Its mean prediction.
    pub mean_prediction: f64,
    /// Its mean truth.
    pub mean_truth: f64,
    /// Share of its truths at or below the prediction, ties counting half.
    pub level: f64,
    /// Sum of its predictions over that of its truths, where that is positive.
    pub ratio: Option<f64>,
    /// What is measured, with its interval.
    pub measured: Estimated,
}

/// A part by a level of a column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SegmentPart {
    /// The column.
    pub column: String,
    /// The level.
    pub level: String,
    /// What was found there.
    #[serde(flatten)]
    pub part: Part,
    /// Probability of a difference to the reference as large, if there is none; corrected for all levels (Holm 1979).
    pub p: f64,
    /// Whether it differs: p below 0.05.
    pub off: bool,
}

/// Calibration in parts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parts {
    /// What is measured.
    pub measure: Measure,
    /// What every part is compared with: the right value, or that of all rows where all rows are off.
    pub reference: f64,
    /// Whether the reference is the right value.
    pub reference_is_right: bool,
    /// By tenth of the prediction, rising.
    pub tenths: Vec<Part>,
    /// By level of the file's other columns.
    pub segments: Vec<SegmentPart>,
}

impl Parts {
    pub(super) fn of(data: &Predictions, lens: Lens, shape: &Shape) -> Self {
        Self::by(measure(data, lens), data, lens, shape)
    }

    /// By a measure that was chosen before: that of the predictions as they are, for those that a repair leaves.
    pub(super) fn by(measure: Measure, data: &Predictions, lens: Lens, shape: &Shape) -> Self {
        let all: Vec<usize> = (0..data.rows()).collect();
        // A percentage error's median counts each row by 1 / y.
        let data = &Predictions { weight: lens.weight(&data.weight, &data.target.values), ..data.clone() };
        let whole = part(data, measure, &all);
        let right = right(measure, lens);
        let reference_is_right = whole.measured.holds(right);
        let reference = if reference_is_right { right } else { whole.measured.value };
        let tenths =
            (0..shape.bins).map(|bin| part(data, measure, &chosen(data.rows(), |row| shape.bin[row] == bin))).collect();
        Self { measure, reference, reference_is_right, tenths, segments: segments(data, measure, reference) }
    }

    /// The segments that differ, the surest first.
    pub fn off(&self) -> Vec<&SegmentPart> {
        let mut off: Vec<&SegmentPart> = self.segments.iter().filter(|part| part.off).collect();
        off.sort_by(|a, b| a.p.total_cmp(&b.p));
        off
    }
}

fn measure(data: &Predictions, lens: Lens) -> Measure {
    let positive = data.target.values.iter().all(|&y| y >= 0.0) && data.prediction.iter().all(|&x| x >= 0.0);
    match lens.aimed {
        Target::Quantile(_) => Measure::Level,
        Target::Expectile(_) => Measure::ExpectileLevel,
        Target::Mean if positive => Measure::Ratio,
        Target::Mean => Measure::MeanError,
    }
}

fn right(measure: Measure, lens: Lens) -> f64 {
    match (measure, lens.aimed) {
        (_, Target::Quantile(level) | Target::Expectile(level)) => level,
        (Measure::Ratio, Target::Mean) => 1.0,
        (Measure::MeanError | Measure::Level | Measure::ExpectileLevel, Target::Mean) => 0.0,
    }
}

fn chosen(rows: usize, wanted: impl Fn(usize) -> bool) -> Vec<usize> {
    (0..rows).filter(|&row| wanted(row)).collect()
}

/// The parts of some rows, whose groups keep their numbers.
struct Taken {
    x: Vec<f64>,
    y: Vec<f64>,
    weight: Vec<f64>,
    groups: Groups,
}

impl Taken {
    fn of(data: &Predictions, rows: &[usize]) -> Self {
        let numbers = |values: &[f64]| -> Vec<f64> { rows.iter().map(|&row| values[row]).collect() };
        let mut of_row: Vec<u32> = rows.iter().map(|&row| data.groups.of_row[row]).collect();
        let mut names = of_row.clone();
        names.sort_unstable();
        names.dedup();
        of_row.iter_mut().for_each(|group| *group = names.partition_point(|name| name < group) as u32);
        Self {
            x: numbers(&data.prediction),
            y: numbers(&data.target.values),
            weight: numbers(&data.weight),
            groups: Groups { name: data.groups.name.clone(), of_row, count: names.len() },
        }
    }

    fn levels(&self) -> Vec<f64> {
        let reached = |(x, y): (&f64, &f64)| match y.total_cmp(x) {
            std::cmp::Ordering::Less => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Greater => 0.0,
        };
        self.x.iter().zip(&self.y).map(reached).collect()
    }

    fn errors(&self) -> Vec<f64> {
        self.x.iter().zip(&self.y).map(|(x, y)| x - y).collect()
    }

    fn measured(&self, measure: Measure) -> Estimated {
        match measure {
            Measure::Ratio => ratio_by_group(&self.x, &self.y, &self.weight, &self.groups),
            Measure::MeanError => mean_by_group(&self.errors(), &self.weight, &self.groups),
            Measure::Level => share_by_group(&self.levels(), &self.weight, &self.groups),
            Measure::ExpectileLevel => {
                let surplus: Vec<f64> = self.errors().iter().map(|error| error.max(0.0)).collect();
                let sizes: Vec<f64> = self.errors().iter().map(|error| error.abs()).collect();
                ratio_by_group(&surplus, &sizes, &self.weight, &self.groups)
            }
        }
    }

    /// Probability of a deviation from the reference as large as the one seen.
    fn p(&self, measure: Measure, reference: f64) -> f64 {
        let terms: Vec<f64> = match measure {
            Measure::Ratio => self.x.iter().zip(&self.y).map(|(x, y)| x - reference * y).collect(),
            Measure::MeanError => self.errors().iter().map(|error| error - reference).collect(),
            Measure::Level => self.levels().iter().map(|level| level - reference).collect(),
            Measure::ExpectileLevel => {
                self.errors().iter().map(|error| error.max(0.0) - reference * error.abs()).collect()
            }
        };
        let mean = super::clusters::mean(&terms, &self.weight);
        let total: f64 = self.weight.iter().sum();
        let centred = terms.iter().zip(&self.weight).map(|(term, weight)| weight * (term - mean) / total);
        let error = standard_error(centred, &self.groups);
        if error > 0.0 { two_sided(mean / error, self.groups.count) } else { f64::from(u8::from(mean == 0.0)) }
    }
}

fn part(data: &Predictions, measure: Measure, rows: &[usize]) -> Part {
    let taken = Taken::of(data, rows);
    let [mean_prediction, mean_truth] = [&taken.x, &taken.y].map(|values| super::clusters::mean(values, &taken.weight));
    Part {
        rows: rows.len(),
        mean_prediction,
        mean_truth,
        level: super::clusters::mean(&taken.levels(), &taken.weight),
        ratio: (mean_truth > 0.0).then(|| mean_prediction / mean_truth),
        measured: taken.measured(measure),
    }
}

fn segments(data: &Predictions, measure: Measure, reference: f64) -> Vec<SegmentPart> {
    let mut parts = Vec::new();
    let mut named: Vec<&Segment> = data.segments.iter().collect();
    named.sort_by(|a, b| a.name.cmp(&b.name));
    for segment in named {
        let codes = (0..segment.levels.len() as u32).chain([MISSING]);
        for code in codes {
            let rows = chosen(data.rows(), |row| segment.codes[row] == code);
            let taken = Taken::of(data, &rows);
            if rows.len() < LEAST_ROWS || taken.groups.count < 5 {
                continue;
            }
            let level = segment.levels.get(code as usize).map_or("(missing)", String::as_str).to_owned();
            let p = taken.p(measure, reference);
            parts.push(SegmentPart {
                column: segment.name.clone(),
                level,
                part: part(data, measure, &rows),
                p,
                off: false,
            });
        }
    }
    let corrected = holm(&parts.iter().map(|part| part.p).collect::<Vec<f64>>());
    for (part, p) in parts.iter_mut().zip(corrected) {
        (part.p, part.off) = (p, p < 0.05);
    }
    parts
}
