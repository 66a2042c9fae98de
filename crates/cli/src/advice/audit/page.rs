//! The audit as text.

use super::{
    Audit, Bearings, Decomposition, Estimated, Measure, Odds, Part, Parts, ReadAs, Repairs,
    figures::{interval, p_value, pair, value},
};
use crate::{
    advice::{
        document::Document,
        written::{counted, figure, whole},
    },
    page::Grid,
    report::{
        advice::Exhibits,
        exhibits::{Compass, Needle, Reliability},
    },
    statistics::Outcome,
    terminal::{command, number::percent, table, wrapped},
};

/// Segments that are shown at most; the JSON has all.
const MOST_SEGMENTS: usize = 8;

/// An audit in lines of at most `width` letters; nothing if the document holds none.
pub fn render(document: &Document, width: usize) -> String {
    let Some(audit) = &document.audit else { return String::new() };
    let mut parts = vec![opening(document, audit, width)];
    parts.extend(grids(audit).iter().map(|grid| table(grid, width)));
    if let Some(verdict) = &document.verdict {
        let heading = |name: &str, sentences: &[String]| {
            let lines: String = sentences.iter().map(|sentence| bullet(sentence, width)).collect();
            (!sentences.is_empty()).then(|| format!("{name}\n{lines}"))
        };
        parts.extend(heading("Verdict", &verdict.because));
        parts.extend(heading("Against it", &verdict.against));
        parts.extend(heading("What would change it", &verdict.would_change_if));
    }
    let again = if document.question.is_none() && audit.read_as == ReadAs::Number {
        "To be judged for one use only, add --purpose total, typical or quantile:0.9. Again:"
    } else {
        "Again:"
    };
    parts.push(format!("{}{}", wrapped(again, width), command(&document.reproduce, width)));
    parts.join("\n")
}

/// What the report shows of an audit: its tables, the compass of numbers, and a reliability curve for each score.
pub fn exhibits(document: &Document) -> Exhibits {
    let Some(audit) = &document.audit else { return Exhibits::default() };
    let three = |estimate: &Estimated| [estimate.value, estimate.low, estimate.high];
    let mut figures = Vec::new();
    if let Some(Bearings { quantile_level, ratio: Some(ratio), .. }) = &audit.bearings {
        let needle = Needle { name: audit.prediction.clone(), level: three(quantile_level), ratio: three(ratio) };
        figures.extend(Compass { needles: vec![needle] }.figure());
    }
    // One drawing: a file's name is that of its kind.
    if let Some(one) = audit.calibrations.first() {
        let reliability = Reliability {
            name: audit.prediction.clone(),
            functional: one.functional.clone(),
            points: one.curve.iter().map(|&[x, fit]| (x, fit)).collect(),
            parts: [one.miscalibration.value, one.discrimination.value, one.uncertainty.value],
            score: one.score.clone(),
            p: one.p.unwrap_or(f64::NAN),
        };
        figures.extend(reliability.figure());
    }
    Exhibits { figures, tables: grids(audit), panel: None }
}

fn grids(audit: &Audit) -> Vec<Grid> {
    let mut grids: Vec<Grid> = Vec::new();
    grids.extend(audit.bearings.as_ref().map(where_they_stand));
    grids.extend(audit.odds.as_ref().map(|odds| probabilities(odds, audit.area.as_ref())));
    if !audit.calibrations.is_empty() {
        grids.push(calibration(&audit.calibrations));
    }
    if let Some(parts) = &audit.parts {
        grids.push(tenths(audit, parts));
        grids.extend(segments(audit.parts_after_repair.as_ref().unwrap_or(parts), audit.parts_after_repair.is_some()));
    }
    grids.extend(repairs(audit));
    grids
}

fn bullet(sentence: &str, width: usize) -> String {
    let lines = wrapped(sentence, width - 2);
    lines.lines().enumerate().map(|(at, line)| format!("{} {line}\n", if at == 0 { '·' } else { ' ' })).collect()
}

fn opening(document: &Document, audit: &Audit, width: usize) -> String {
    let title = format!("{} as a prediction of {}", audit.prediction, document.data.target);
    let data = &document.data;
    let groups = match (&data.group, data.groups) {
        (Some(group), Some(groups)) => {
            format!("{} by {group}; rows of a group depend on each other", counted(groups, "group", "groups"))
        }
        _ => "each row taken for independent (--group says otherwise)".to_owned(),
    };
    let mut text = format!("{title}\n{}\n", "═".repeat(title.chars().count()));
    text.push_str(&wrapped(
        &format!("{}: {}, {groups}. Intervals are of 95 %.", data.path, counted(data.rows, "row", "rows")),
        width,
    ));
    for note in &audit.notes {
        text.push_str(&wrapped(note, width));
    }
    text
}

fn where_they_stand(bearings: &Bearings) -> Grid {
    let mut grid = Grid::new("Where they stand among the truths", &["", "value", "95 % interval", "right for"]);
    let mut row = |name: &str, estimate: &Estimated, right: &str| {
        grid.row(vec![name.to_owned(), value(estimate), interval(estimate), right.to_owned()]);
    };
    row("share of truths at or below them", &bearings.quantile_level, "a median: 0.5");
    if let Some(ratio) = &bearings.ratio {
        row("their sum / sum of the truths", ratio, "a mean: 1");
    }
    row("expectile level", &bearings.expectile_level, "a mean: 0.5");
    row("mean of prediction − truth", &bearings.mean_error, "a mean: 0");
    row("median of prediction − truth", &bearings.median_error, "a median: 0");
    grid
}

fn probabilities(odds: &Odds, area: Option<&Estimated>) -> Grid {
    let mut grid = Grid::new("Probabilities against what came", &["", "value", "95 % interval", "right"]);
    let mut row = |name: &str, estimate: Option<&Estimated>, right: &str| {
        if let Some(estimate) = estimate {
            grid.row(vec![name.to_owned(), value(estimate), interval(estimate), right.to_owned()]);
        }
    };
    row("mean prediction", Some(&odds.mean_probability), "base rate");
    row("base rate", Some(&odds.base_rate), "");
    row("calibration slope", odds.slope.as_ref(), "1");
    row("calibration intercept", odds.intercept.as_ref(), "0");
    row("odds too large by the factor", odds.odds_factor.as_ref(), "1");
    row("temperature", odds.temperature.as_ref(), "1");
    row("area under the ROC curve", area, "");
    grid
}

fn name(functional: &str) -> String {
    match functional {
        "mean" => "a mean".to_owned(),
        "median" => "a median".to_owned(),
        "probability" => "a probability".to_owned(),
        "log_mean" => "for RMSLE".to_owned(),
        "median_by_inverse" => "for MAPE".to_owned(),
        other => {
            let (kind, level) = other.split_once(':').unwrap_or((other, ""));
            format!("a {level} {kind}")
        }
    }
}

fn calibration(all: &[Decomposition]) -> Grid {
    let header = ["taken for, judged by", "score", "MCB", "share", "DSC", "UNC", "p"];
    let mut grid = Grid::new("Calibration: is what they say what comes?", &header);
    for one in all {
        grid.row(vec![
            format!("{}, {}", name(&one.functional), one.score),
            figure(one.value.value),
            figure(one.miscalibration.value),
            percent(one.share),
            figure(one.discrimination.value),
            figure(one.uncertainty.value),
            p_value(one.p),
        ]);
    }
    grid.with_note(
        "score = miscalibration (MCB) − discrimination (DSC) + uncertainty (UNC): MCB is what a non-decreasing function of \
         the prediction would save. p: chance of deviations as large if they were calibrated; below 0.01 it is ruled out.",
    )
}

fn measured(measure: Measure) -> &'static str {
    match measure {
        Measure::Ratio => "ratio",
        Measure::MeanError => "mean error",
        Measure::Level => "level",
        Measure::ExpectileLevel => "expectile level",
    }
}

fn right(parts: &Parts) -> String {
    let what = match parts.measure {
        Measure::Ratio => "sum of predictions / sum of truths",
        Measure::MeanError => "mean of prediction − truth",
        Measure::Level => "share of truths at or below the prediction",
        Measure::ExpectileLevel => "expectile level",
    };
    if parts.reference_is_right {
        format!("{what}; right: {}", figure(parts.reference))
    } else {
        format!("{what}; all rows: {}", figure(parts.reference))
    }
}

/// `!` beside what the interval does not hold.
fn mark(part: &Part, reference: f64) -> &'static str {
    if part.measured.holds(reference) || !part.measured.value.is_finite() { "" } else { "!" }
}

fn tenths(audit: &Audit, parts: &Parts) -> Grid {
    let after = audit.parts_after_repair.as_ref();
    let caption = format!("Calibrated for whom: {}", right(parts));
    let truth = if audit.read_as == ReadAs::Probability { "share that came" } else { "mean truth" };
    let mut header =
        vec!["part by prediction", "rows", "mean prediction", truth, measured(parts.measure), "95 % interval"];
    // With a repair, what matters is what it leaves.
    header.extend(if after.is_some() { vec!["after the repair", ""] } else { vec![""] });
    let mut grid = Grid::new(caption, &header);
    let mut off = false;
    for (at, part) in parts.tenths.iter().enumerate() {
        let name = match at {
            0 => "lowest".to_owned(),
            at if at + 1 == parts.tenths.len() => "highest".to_owned(),
            at => (at + 1).to_string(),
        };
        let mut cells = vec![
            name,
            whole(part.rows),
            figure(part.mean_prediction),
            figure(part.mean_truth),
            value(&part.measured),
            interval(&part.measured),
        ];
        let (judged, reference) = match after {
            Some(after) => {
                cells.push(after.tenths.get(at).map_or_else(String::new, |part| value(&part.measured)));
                (after.tenths.get(at), after.reference)
            }
            None => (Some(part), parts.reference),
        };
        let mark = judged.map_or("", |part| mark(part, reference));
        off |= !mark.is_empty();
        cells.push(mark.to_owned());
        grid.row(cells);
    }
    if off {
        let shown = after.unwrap_or(parts);
        let what = if shown.reference_is_right { "the right value" } else { "the value of all rows" };
        grid = grid.with_note(format!("!: the interval does not hold {what}."));
    }
    grid
}

fn segments(parts: &Parts, repaired: bool) -> Option<Grid> {
    let off = parts.off();
    if off.is_empty() {
        return None;
    }
    let header = ["column = level", "rows", measured(parts.measure), "95 % interval", "p (Holm)"];
    let mut grid = Grid::new(
        format!("Where it is off{}: {}", if repaired { " after the repair" } else { "" }, right(parts)),
        &header,
    );
    for part in off.iter().take(MOST_SEGMENTS) {
        let mut name: String = format!("{} = {}", part.column, part.level);
        if name.chars().count() > 34 {
            name = name.chars().take(33).chain(['…']).collect();
        }
        let found = &part.part;
        grid.row(vec![
            name,
            whole(found.rows),
            value(&found.measured),
            interval(&found.measured),
            p_value(Some(part.p)),
        ]);
    }
    if off.len() > MOST_SEGMENTS {
        grid = grid.with_note(format!("{} more are in the JSON.", off.len() - MOST_SEGMENTS));
    }
    Some(grid)
}

/// One grid for each functional.
fn repairs(audit: &Audit) -> Vec<Grid> {
    let tried = audit.repairs.iter().filter(|repairs| !repairs.trials.is_empty());
    let mut grids: Vec<Grid> = tried.map(|repairs| trials(repairs, &audit.prediction)).collect();
    let shown = audit.repairs.iter().any(|repairs| repairs.advice().is_some());
    if let Some(last) = grids.last_mut() {
        let odds = audit.read_as == ReadAs::Probability;
        let odds = if odds { "odds = p / (1 − p), logit = ln odds. " } else { "" };
        let mark = if shown { " ◀ the plainest that is shown to help." } else { "" };
        last.notes.push(format!(
            "{odds}Fitted on half of the groups and judged on the other half, both ways; gain = score before − score after.{mark}"
        ));
    }
    grids
}

fn trials(repairs: &Repairs, prediction: &str) -> Grid {
    let before = repairs.trials.first().map_or(f64::NAN, |trial| trial.before);
    let caption = format!(
        "Repairs of p = {prediction} to be {}: {} now {}",
        name(&repairs.functional.to_string()),
        repairs.score,
        figure(before)
    );
    let mut grid = Grid::new(caption, &["repair", "after", "gain", "95 % interval", ""]);
    let advised = repairs.advice().map(|trial| &trial.formula);
    for trial in &repairs.trials {
        let mark = if advised == Some(&trial.formula) { " ◀" } else { "" };
        let hidden = figure(trial.after) == figure(trial.before) && trial.judged != Outcome::Equal;
        let after = if hidden { pair(trial.after, trial.before)[0].clone() } else { figure(trial.after) };
        grid.row(vec![
            trial.formula.clone(),
            after,
            value(&trial.gain),
            interval(&trial.gain),
            format!("{}{mark}", trial.judged),
        ]);
    }
    grid
}
