//! The audit as text.

use super::{
    Audit, Bearings, Decomposition, Estimated, Measure, Odds, Part, Parts, ReadAs, Repairs,
    figures::{count, figure, interval, p_value, value, with_interval},
    repair::Trial,
};
use crate::{
    advice::{document::Document, purpose::Functional},
    page::Grid,
    report::{
        advice::Exhibits,
        exhibits::{Compass, Needle, Reliability},
    },
    terminal::{command, table, wrapped},
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
        grids.push(tenths(parts, audit.read_as));
        grids.extend(segments(parts));
    }
    grids.extend(repairs(&audit.repairs));
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
            format!("{} groups by {group}; rows of a group depend on each other", count(groups))
        }
        _ => "each row taken for independent (--group says otherwise)".to_owned(),
    };
    let mut text = format!("{title}\n{}\n", "═".repeat(title.chars().count()));
    text.push_str(&wrapped(
        &format!("{}: {} rows, {groups}. Intervals are of 95 %.", data.path, count(data.rows)),
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
        other => other.replace(':', " "),
    }
}

fn calibration(all: &[Decomposition]) -> Grid {
    let header = ["taken for", "score", "mean", "miscalibration", "discrimination", "uncertainty", "p calibrated"];
    let mut grid = Grid::new("Calibration: mean = miscalibration − discrimination + uncertainty", &header);
    for one in all {
        grid.row(vec![
            name(&one.functional),
            one.score.clone(),
            figure(one.value.value),
            format!("{} ({})", figure(one.miscalibration.value), crate::terminal::number::percent(one.share)),
            figure(one.discrimination.value),
            figure(one.uncertainty.value),
            p_value(one.p),
        ]);
    }
    grid
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
    if part.measured.holds(reference) { "" } else { "!" }
}

fn tenths(parts: &Parts, read_as: ReadAs) -> Grid {
    let caption = format!("Calibrated for whom: {}", right(parts));
    let truth = if read_as == ReadAs::Probability { "share that came" } else { "mean truth" };
    let header = ["part by prediction", "rows", "mean prediction", truth, measured(parts.measure), "95 % interval", ""];
    let mut grid = Grid::new(caption, &header);
    for (at, part) in parts.tenths.iter().enumerate() {
        let name = match at {
            0 => "lowest".to_owned(),
            at if at + 1 == parts.tenths.len() => "highest".to_owned(),
            at => (at + 1).to_string(),
        };
        grid.row(vec![
            name,
            count(part.rows),
            figure(part.mean_prediction),
            figure(part.mean_truth),
            value(&part.measured),
            interval(&part.measured),
            mark(part, parts.reference).to_owned(),
        ]);
    }
    if parts.tenths.iter().any(|part| !part.measured.holds(parts.reference)) {
        let what = if parts.reference_is_right { "right value" } else { "value of all rows" };
        grid = grid.with_note(format!("!: the interval does not hold the {what}."));
    }
    grid
}

fn segments(parts: &Parts) -> Option<Grid> {
    let off = parts.off();
    if off.is_empty() {
        return None;
    }
    let header = ["column = level", "rows", measured(parts.measure), "95 % interval", "p (Holm)"];
    let mut grid = Grid::new(format!("Where it is off: {}", right(parts)), &header);
    for part in off.iter().take(MOST_SEGMENTS) {
        let mut name: String = format!("{} = {}", part.column, part.level);
        if name.chars().count() > 34 {
            name = name.chars().take(33).chain(['…']).collect();
        }
        let found = &part.part;
        grid.row(vec![
            name,
            count(found.rows),
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

fn repairs(all: &[Repairs]) -> Option<Grid> {
    let mut grid = Grid::new(
        "Repairs, fitted on half of the groups and judged on the other half, both ways",
        &["to be", "repair", "score", "before", "after", "gain, 95 % interval", ""],
    );
    for repairs in all {
        let advised = repairs.advice().map(|trial| &trial.formula);
        for trial in &repairs.trials {
            grid.row(row(repairs, trial, advised == Some(&trial.formula)));
        }
    }
    (!grid.rows.is_empty()).then(|| {
        let focal = all.iter().any(|repairs| repairs.functional == Functional::Probability);
        let note = "◀ the plainest that is shown to help.";
        let note = if focal { format!("odds = p / (1 − p), logit = ln odds. {note}") } else { note.to_owned() };
        let shown = all.iter().any(|repairs| repairs.advice().is_some());
        if shown || focal { grid.with_note(note) } else { grid }
    })
}

fn row(repairs: &Repairs, trial: &Trial, advised: bool) -> Vec<String> {
    vec![
        name(&repairs.functional.to_string()),
        trial.formula.clone(),
        repairs.score.clone(),
        figure(trial.before),
        figure(trial.after),
        with_interval(&trial.gain),
        format!("{}{}", trial.judged, if advised { " ◀" } else { "" }),
    ]
}
