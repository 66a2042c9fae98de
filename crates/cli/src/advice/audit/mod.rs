//! The audit of predictions that any tool made: what they estimate, calibrated for whom, what one number would repair.

mod bearings;
mod bins;
mod calibration;
mod clusters;
mod error;
mod figures;
mod logit;
mod order;
mod page;
mod read;
mod repair;
mod score;
mod verdict;

#[cfg(test)]
mod tests;

pub use bearings::{Bearings, Possible, RULED_OUT, Seen};
pub use bins::{Measure, Part, Parts, SegmentPart};
pub use calibration::Decomposition;
pub use clusters::Estimated;
pub use error::AuditError;
pub use logit::Odds;
pub use page::{exhibits, render};
pub use repair::{Mend, Repairs, Trial};

use serde::Serialize;

use self::{calibration::Shape, read::Predictions, score::Lens};
use crate::{
    advice::{
        document::{Data, Document, Fact, Question, SCHEMA},
        map::{self, Aim, Decode, Domain},
        metric::Metric,
        problem::TargetKind,
        purpose::{Functional, Purpose},
        written,
    },
    arguments::AuditArguments,
    frame::Frame,
};

/// How the predictions are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadAs {
    /// Numbers for a target of numbers.
    Number,
    /// Probabilities of the positive class.
    Probability,
    /// Numbers outside 0 to 1 for two classes: only their order means something.
    Score,
    /// One of two values for two classes.
    Decision,
}

/// Where to act, on the scale of the predictions as they are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ActAbove {
    /// The probability above which acting pays.
    pub probability: f64,
    /// The prediction that has this probability, after the advised repair if there is one; none where no prediction
    /// reaches it.
    pub prediction: Option<f64>,
    /// Share of the rows at or above it.
    pub share: f64,
}

/// What the audit found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Audit {
    /// The column of predictions.
    pub prediction: String,
    /// How they are read.
    pub read_as: ReadAs,
    /// Where numbers stand among the truths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bearings: Option<Bearings>,
    /// What they look like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// Probabilities against what came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub odds: Option<Odds>,
    /// Area under the ROC curve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<Estimated>,
    /// Calibration for every functional in question.
    pub calibrations: Vec<Decomposition>,
    /// Calibrated for whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<Parts>,
    /// The same after the advised repair, if there is one: what it leaves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts_after_repair: Option<Parts>,
    /// Repairs for every functional in question.
    pub repairs: Vec<Repairs>,
    /// Where to act, if that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act_above: Option<ActAbove>,
    /// What was done to rows and cells.
    pub notes: Vec<String>,
}

/// Audits a file of predictions.
///
/// # Errors
/// Where it cannot be read, or one number a row cannot answer the question; in one line.
pub fn audit(asked: &AuditArguments) -> Result<Document, AuditError> {
    audit_frame(Frame::from_path(&asked.file)?, asked)
}

/// Audits predictions that were read.
///
/// # Errors
/// As [`audit`].
pub fn audit_frame(frame: Frame, asked: &AuditArguments) -> Result<Document, AuditError> {
    let data = Predictions::read(frame, asked)?;
    let (purpose, metric) = (asked.question.purpose, asked.question.metric);
    let aim = map::question(purpose, metric, Domain::from(&data.target))?;
    let audit = if data.target.kind == TargetKind::Binary {
        of_classes(&data, asked, aim.as_ref())?
    } else {
        of_numbers(&data, asked, aim.as_ref())?
    };
    Ok(document(data, asked, aim, audit))
}

fn of_numbers(data: &Predictions, asked: &AuditArguments, aim: Option<&Aim>) -> Result<Audit, AuditError> {
    let bearings = Bearings::of(data);
    let shape = Shape::of(data);
    let seen = Seen::of(data, &bearings, &shape);
    let mut notes = data.notes.clone();
    let lenses = match aim {
        Some(aim) => {
            let flagged = asked.question.metric.is_some();
            vec![admitted(data, asked, aim.functional, aim.metric, flagged, &mut notes)?]
        }
        None => {
            let mean = map::question(Some(Purpose::Total), None, Domain::from(&data.target))?;
            let judge = mean.map_or(Metric::Rmse, |aim| aim.metric);
            let mut lenses = vec![
                admitted(data, asked, Functional::Mean, judge, false, &mut notes)?,
                admitted(data, asked, Functional::Median, Metric::Mae, false, &mut notes)?,
            ];
            if let Some(Functional::Quantile(level)) = seen.functional {
                let (functional, metric) = (Functional::Quantile(level), Metric::Pinball(level));
                lenses.push(admitted(data, asked, functional, metric, false, &mut notes)?);
            }
            lenses
        }
    };
    // Without a question, the parts are those of what is seen.
    let main = *lenses.iter().find(|lens| Some(lens.functional) == seen.functional).unwrap_or(&lenses[0]);
    let repairs: Vec<Repairs> = lenses.iter().map(|&lens| Repairs::of(data, lens, asked.output.seed)).collect();
    let parts = Parts::of(data, main, &shape);
    let own = lenses.iter().position(|&lens| lens == main).and_then(|at| repairs[at].advice());
    Ok(Audit {
        prediction: asked.prediction.clone(),
        parts_after_repair: own.map(|trial| after_repair(data, trial, main, &shape, &parts)),
        read_as: ReadAs::Number,
        calibrations: lenses.iter().map(|&lens| Decomposition::of(data, lens)).collect(),
        parts: Some(parts),
        repairs,
        bearings: Some(bearings),
        seen: Some(seen),
        odds: None,
        area: None,
        act_above: None,
        notes,
    })
}

/// The lens, if the predictions lie where its score has a value. What the user did not name is replaced.
fn admitted(
    data: &Predictions,
    asked: &AuditArguments,
    functional: Functional,
    metric: Metric,
    flagged: bool,
    notes: &mut Vec<String>,
) -> Result<Lens, AuditError> {
    let lens = Lens::new(functional, metric).ok_or(AuditError::NoSingleNumber { functional })?;
    let (wanted, takes) = lens.score.domain();
    let Some(&value) = data.prediction.iter().find(|&&x| !takes(x)) else { return Ok(lens) };
    if flagged {
        let (file, column) = (data.source.clone(), asked.prediction.clone());
        return Err(AuditError::OutsideMetric { file, metric: metric.to_string(), column, wanted, value });
    }
    let other = Lens::new(functional, Metric::Rmse).ok_or(AuditError::NoSingleNumber { functional })?;
    let count = data.prediction.iter().filter(|&&x| !takes(x)).count();
    notes.push(format!(
        "{} of the predictions {} not {wanted}, such as {}: the mean is judged by {}, not by {}.",
        written::whole(count),
        if count == 1 { "is" } else { "are" },
        written::figure(value),
        other.score.name(),
        lens.score.name()
    ));
    Ok(other)
}

fn of_classes(data: &Predictions, asked: &AuditArguments, aim: Option<&Aim>) -> Result<Audit, AuditError> {
    let (low, high) = (data.prediction[0], data.prediction[data.rows() - 1]);
    let mut distinct = data.prediction.clone();
    distinct.dedup();
    let probabilities = low >= 0.0 && high <= 1.0;
    let asked_for_probability = aim.is_some_and(|aim| aim.functional == Functional::Probability);
    if !probabilities && asked_for_probability {
        let (file, column) = (data.source.clone(), asked.prediction.clone());
        let flag = if asked.question.purpose.is_some() { "purpose" } else { "metric" };
        return Err(AuditError::NoProbabilities { file, column, low, high, flag });
    }
    let read_as = match () {
        () if distinct.len() == 2 && (!probabilities || distinct == [0.0, 1.0]) => ReadAs::Decision,
        () if probabilities => ReadAs::Probability,
        () => ReadAs::Score,
    };
    let area = (distinct.len() > 1).then(|| order::area(data));
    let mut audit = Audit {
        prediction: asked.prediction.clone(),
        read_as,
        bearings: None,
        seen: None,
        odds: None,
        area,
        calibrations: Vec::new(),
        parts: None,
        parts_after_repair: None,
        repairs: Vec::new(),
        act_above: None,
        notes: data.notes.clone(),
    };
    if read_as != ReadAs::Probability {
        return Ok(audit);
    }
    let lens = |metric| Lens::new(Functional::Probability, metric).expect("a probability has a mean of losses");
    let (log, brier) = (lens(Metric::LogLoss), lens(Metric::Brier));
    let odds = Odds::of(data);
    if odds.certain > 0 {
        audit.notes.push(format!(
            "{} exactly 0 or 1; for the log loss moved by 2e-16.",
            written::counted(odds.certain, "prediction is", "predictions are")
        ));
    }
    audit.odds = Some(odds);
    audit.calibrations = vec![Decomposition::of(data, log), Decomposition::of(data, brier)];
    let shape = Shape::of(data);
    let parts = Parts::of(data, log, &shape);
    let judge = if aim.is_some_and(|aim| aim.metric == Metric::Brier) { brier } else { log };
    // An order stays what it is under every repair of the scale.
    let order_only = aim.is_some_and(|aim| aim.purpose == Purpose::Ranking);
    if !order_only {
        audit.repairs = vec![Repairs::of(data, judge, asked.output.seed)];
        audit.parts_after_repair =
            audit.repairs[0].advice().map(|trial| after_repair(data, trial, log, &shape, &parts));
        audit.act_above = aim.and_then(|aim| act_above(data, aim.decode, &audit.repairs[0]));
    }
    audit.parts = Some(parts);
    Ok(audit)
}

/// The parts of the rows as the repair leaves them; every row stays in its part.
fn after_repair(data: &Predictions, trial: &Trial, lens: Lens, shape: &Shape, before: &Parts) -> Parts {
    let prediction = data.prediction.iter().map(|&x| trial.mended.apply(x)).collect();
    Parts::by(before.measure, &Predictions { prediction, ..data.clone() }, lens, shape)
}

fn act_above(data: &Predictions, decode: Decode, repairs: &Repairs) -> Option<ActAbove> {
    let repaired: Vec<f64> = match repairs.advice() {
        Some(trial) => data.prediction.iter().map(|&x| trial.mended.apply(x)).collect(),
        None => data.prediction.clone(),
    };
    let probability = decode.weighted_threshold(&repaired, Some(&data.weight))?;
    let first = repaired.iter().position(|&p| p >= probability);
    let share = first.map_or(0.0, |first| data.weight[first..].iter().sum::<f64>() / data.weight.iter().sum::<f64>());
    Some(ActAbove { probability, prediction: first.map(|first| data.prediction[first]), share })
}

fn document(data: Predictions, asked: &AuditArguments, aim: Option<Aim>, audit: Audit) -> Document {
    let words = words(asked);
    let source = if asked.question.purpose.is_some() || asked.question.metric.is_some() { "flag" } else { "purpose" };
    let question: Option<Question> = aim.as_ref().map(|aim| aim.question(source));
    let verdict = verdict::of(&audit, question.as_ref());
    Document {
        schema: SCHEMA,
        program: env!("CARGO_PKG_VERSION"),
        data: Data {
            path: data.source.clone(),
            sha256: data.sha256.clone(),
            rows: data.rows(),
            target: asked.target.clone(),
            kind: data.target.kind.name().to_owned(),
            group: asked.group.clone(),
            groups: asked.group.is_some().then_some(data.groups.count),
            dropped: Vec::new(),
            columns: Vec::new(),
            notes: data.notes.clone(),
        },
        question,
        facts: facts(&audit),
        rules: Vec::new(),
        candidates: Vec::new(),
        by_purpose: Vec::new(),
        proof: None,
        audit: Some(Box::new(audit)),
        verdict: Some(verdict),
        reproduce: std::iter::once("minimand".to_owned())
            .chain(words.iter().map(|word| quoted(word)))
            .collect::<Vec<_>>()
            .join(" "),
        command: words,
    }
}

/// The command line's words.
fn words(asked: &AuditArguments) -> Vec<String> {
    let mut words = vec!["audit".to_owned(), asked.file.display().to_string()];
    let mut flag = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            words.extend([format!("--{name}"), value]);
        }
    };
    flag("target", Some(asked.target.clone()));
    flag("prediction", Some(asked.prediction.clone()));
    flag("group", asked.group.clone());
    flag("weight", asked.weight.clone());
    flag("purpose", asked.question.purpose.map(|purpose| purpose.to_string()));
    flag("metric", asked.question.metric.map(|metric| metric.to_string()));
    flag("seed", (asked.output.seed != 7).then(|| asked.output.seed.to_string()));
    words
}

/// For a shell.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./:,=+@%".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn facts(audit: &Audit) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut fact = |id, estimate: Option<Estimated>, method: &str, reference| {
        if let Some(Estimated { value, low, high }) = estimate {
            let (low, high) = (Some(low), Some(high));
            facts.push(Fact { id, of: "prediction", value, low, high, method: method.to_owned(), reference });
        }
    };
    if let Some(bearings) = &audit.bearings {
        let level = "share of truths at or below the prediction, ties half; Wilson by group";
        fact("quantile_level", Some(bearings.quantile_level), level, Some("Gneiting 2011"));
        fact("ratio_of_totals", bearings.ratio, "sum of predictions / sum of truths; by group", None);
        let expectile = "Σ(x − y)₊ / Σ|x − y|; by group";
        fact("expectile_level", Some(bearings.expectile_level), expectile, Some("Newey & Powell 1987"));
        fact("mean_error", Some(bearings.mean_error), "mean of prediction − truth; by group", None);
        fact("median_error", Some(bearings.median_error), "median of prediction − truth; by group", None);
    }
    if let Some(odds) = &audit.odds {
        fact("mean_probability", Some(odds.mean_probability), "mean of the predictions; by group", None);
        fact("base_rate", Some(odds.base_rate), "share of the positive class; Wilson by group", None);
        fact("calibration_slope", odds.slope, "logistic recalibration, sandwich by group", Some("Cox 1958"));
        fact("calibration_intercept", odds.intercept, "logistic recalibration, sandwich by group", Some("Cox 1958"));
        fact("odds_factor", odds.odds_factor, "logistic recalibration with slope 1", Some("Saerens 2002"));
        fact("temperature", odds.temperature, "logistic recalibration without intercept", Some("Guo 2017"));
    }
    fact("auc", audit.area, "Mann-Whitney, placements by group", Some("DeLong 1988; Obuchowski 1997"));
    let corp = Some("Dimitriadis, Gneiting & Jordan 2021");
    for calibration in &audit.calibrations {
        let method = format!("CORP, {}, for {}", calibration.score, calibration.functional);
        fact("score", Some(calibration.value), &method, corp);
        fact("miscalibration", Some(calibration.miscalibration), &method, corp);
        fact("discrimination", Some(calibration.discrimination), &method, corp);
        fact("uncertainty", Some(calibration.uncertainty), &method, corp);
    }
    facts
}
