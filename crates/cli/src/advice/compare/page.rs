//! A comparison as text.

use super::{
    Announcement, Expected,
    decisions::FigureProof,
    plan::{FitPlan, PlanLimit, TUNED},
    proof::{CandidateProof, ModelProof, Proof, RaceState},
    side::Side,
    words::{self, fixed, places_of, signed},
};
use crate::{
    advice::{
        document::Verdict,
        metric::Metric,
        written::{counted, figure, listed},
    },
    model::ModelKind,
    page::{Grid, capitalised},
    terminal::{number, table, wrapped},
};

/// What is about to be trained, with the seconds that it is thought to take.
pub fn plan(announced: &Announcement<'_>, width: usize) -> String {
    let &Announcement { plan, losses, candidates, rows, expected } = announced;
    let models: Vec<String> = plan.models.iter().map(|&model| words::model(model).to_owned()).collect();
    let starts = if plan.starts > 1 && plan.models.contains(&ModelKind::Mlp) {
        format!(" ({} starts of the network)", plan.starts)
    } else {
        String::new()
    };
    let splits = if plan.splits == plan.folds {
        format!("{} folds", plan.folds)
    } else {
        format!("{} splits ({} folds, {} times)", plan.splits, plan.folds, fixed_repeats(plan))
    };
    let sample = if plan.rows < rows {
        format!(", on {} of {} rows", number::count(plan.rows as f64), number::count(rows as f64))
    } else {
        String::new()
    };
    let (about, time) = match expected {
        None => ("", String::new()),
        Some(Expected { seconds, budget }) => match plan.limit {
            PlanLimit::Fits => ("about ", format!(", as many as go into {}", in_time(budget))),
            PlanLimit::Repeats => (
                "",
                format!(
                    ", about {} of {}; beyond {} repeats the intervals hardly change",
                    in_time(seconds),
                    in_time(budget),
                    plan.repeats
                ),
            ),
            PlanLimit::OrderInTime => (
                "",
                format!(
                    ", about {} of {}; the rows' order in time allows no other splits",
                    in_time(seconds),
                    in_time(budget)
                ),
            ),
        },
    };
    let sentence = format!(
        "Plan: {} ({candidates} with what can be done after training) × {about}{splits} × {}{starts}, each tuned on {} settings: {about}{} fits{sample}{time}.",
        counted(losses, "loss", "losses"),
        listed(&models),
        TUNED,
        number::count(plan.trainings as f64),
    );
    wrapped(&sentence, width)
}

/// "2", "2.4".
fn fixed_repeats(plan: &FitPlan) -> String {
    figure(plan.splits as f64 / plan.folds as f64)
}

/// "24 s", "3 min".
fn in_time(seconds: f64) -> String {
    if seconds < 1.0 {
        "1 s".to_owned()
    } else if seconds < 120.0 {
        format!("{seconds:.0} s")
    } else {
        format!("{:.0} min", seconds / 60.0)
    }
}

/// The whole comparison, from the judge to what would change the verdict.
pub fn page(proof: &Proof, verdict: Option<&Verdict>, judge: &str, width: usize) -> String {
    let mut text = wrapped(judge, width);
    for model in &proof.models {
        text.push('\n');
        let advised = verdict.map(|verdict| verdict.loss.as_str());
        text += &table(&grid(proof, model, advised), width);
        if let Some(decisions) = decisions(proof, model, advised) {
            text.push('\n');
            text += &table(&decisions, width);
        }
    }
    text.push('\n');
    for note in notes(proof) {
        text += &wrapped(&note, width);
    }
    let Some(verdict) = verdict else {
        text += "\nNothing was finished: there is no verdict.\n";
        return text;
    };
    text.push('\n');
    text += &wrapped(&format!("Verdict: {}", verdict.because.join(" ")), width);
    if !verdict.against.is_empty() {
        text += &wrapped(&format!("Against: {}", verdict.against.join(" ")), width);
    }
    if !verdict.would_change_if.is_empty() {
        text += &wrapped(&format!("What would change this: {}", verdict.would_change_if.join(" ")), width);
    }
    text
}

/// The command that repeats the run.
pub fn repeat(command: &str, width: usize) -> String {
    format!("To repeat it: {}", crate::terminal::command(command, width).trim_start())
}

/// One model's table, the best score first.
pub(super) fn grid(proof: &Proof, model: &ModelProof, advised: Option<&str>) -> Grid {
    let default = &proof.candidate(&proof.default).label;
    let level = number::percent(model.confidence_set.level);
    let caption = format!("{}, {}", capitalised(words::model(model.model)), counted(model.splits, "split", "splits"));
    let metric = words::metric(proof.metric);
    let against = format!("against {default}");
    let best = format!("may be best ({level})");
    let mut header = vec!["loss", &metric, &against, ""];
    if let Some(side) = proof.side {
        header.push(side.title());
    }
    header.push(&best);
    let mut grid = Grid::new(caption, &header);
    let places = places_of_scores(model);
    for candidate in by_score(proof, model) {
        let result = &model.results[&candidate.name];
        let mark = if advised == Some(candidate.name.as_str()) { " ◀" } else { "" };
        let score = result.score.map_or_else(|| "–".to_owned(), |score| fixed(score, places));
        let (difference, word) = match (&result.state, model.pair(&candidate.name)) {
            (RaceState::Failed(_), _) => ("–".to_owned(), "failed".to_owned()),
            (RaceState::DroppedAfter(_), None) => ("–".to_owned(), "dropped".to_owned()),
            (_, Some(pair)) => {
                let half = 0.5 * (pair.high - pair.low);
                let places = places_of(half);
                let figures = format!("{} ± {}", signed(pair.mean, places), fixed(half, places));
                (figures, pair.outcome().to_string())
            }
            (RaceState::Finished, None) => ("(default)".to_owned(), String::new()),
        };
        let mut cells = vec![format!("{}{mark}", candidate.label), score, difference, word];
        if let Some(side) = proof.side {
            cells.push(side_cell(side, result.side, result.side_deviation));
        }
        cells.push(if model.may_be_best(&candidate.name) { "yes" } else { "no" }.to_owned());
        grid.row(cells);
    }
    grid
}

fn side_cell(side: Side, value: Option<f64>, deviation: Option<f64>) -> String {
    let Some(value) = value.filter(|value| value.is_finite()) else { return "–".to_owned() };
    match side {
        Side::RatioOfTotals => match deviation {
            Some(deviation) => format!("{} ± {}", fixed(value, 2), fixed(deviation, 2)),
            None => fixed(value, 2),
        },
        Side::ProbabilityRatio => format!("×{}", figure(value)),
        Side::ShareBelow | Side::Coverage => number::percent(value),
    }
}

/// How the scores order the rows, what is caught and what is right of what is flagged; nothing where the question is none of
/// decisions or of the order of two classes.
pub(super) fn decisions(proof: &Proof, model: &ModelProof, advised: Option<&str>) -> Option<Grid> {
    let of_order = matches!(proof.metric, Metric::Auc | Metric::AveragePrecision);
    let found = |name: &str| model.results.get(name).and_then(|result| result.decision.as_ref());
    let acts = |name: &str| found(name).is_some_and(|decision| decision.acted.is_some());
    let decides = proof.candidates.iter().any(|candidate| acts(&candidate.name));
    let counted = found(&proof.default)?;
    if !decides && !of_order {
        return None;
    }
    let caption = format!(
        "{}, decisions: {} of {} test rows are positive",
        capitalised(words::model(model.model)),
        number::count(counted.positives as f64),
        number::count(counted.rows as f64)
    );
    let mut header = vec!["loss", "AUC", "order"];
    if decides {
        header.extend(["caught", "alarms right"]);
    }
    header.push("after one number");
    let mut grid = Grid::new(caption, &header);
    let places = places_of_scores(model);
    for candidate in by_score(proof, model) {
        let Some(decision) = found(&candidate.name) else { continue };
        let mark = if advised == Some(candidate.name.as_str()) { " ◀" } else { "" };
        let auc = decision.auc.map_or_else(none, |auc| {
            let half = 0.5 * (auc.high - auc.low);
            format!("{} ± {}", fixed(auc.value, 3), fixed(half, 3))
        });
        let order = model.results[&candidate.name].rank_correlation.filter(|_| candidate.name != proof.default);
        let order = order.map_or_else(none, |order| fixed((order * 1e4).floor() / 1e4, 4));
        let mut cells = vec![format!("{}{mark}", candidate.label), auc, order];
        if decides {
            let share = |share: Option<FigureProof>| {
                let between = |share: FigureProof| {
                    let [value, low, high] = [share.value, share.low, share.high].map(whole_percent);
                    format!("{value} % ({low}–{high})")
                };
                share.map_or_else(none, between)
            };
            let acted = decision.acted.as_ref();
            cells.push(share(acted.and_then(|acted| acted.recall)));
            cells.push(share(acted.and_then(|acted| acted.precision)));
        }
        let recovered = model.recovered_by_one_number.get(&candidate.name).and_then(|found| found.score_after);
        cells.push(recovered.map_or_else(none, |score| fixed(score, places)));
        grid.row(cells);
    }
    Some(grid)
}

fn none() -> String {
    "–".to_owned()
}

/// A share in percent: whole ones, and a place more below 10.
fn whole_percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent > 0.0 && percent < 9.95 { format!("{percent:.1}") } else { format!("{percent:.0}") }
}

/// As many places as tell the differences, and at least three digits of the smallest score.
fn places_of_scores(model: &ModelProof) -> usize {
    let halves = model.pairs.iter().map(|pair| 0.5 * (pair.high - pair.low));
    let least = halves.filter(|half| *half > 0.0).fold(f64::INFINITY, f64::min);
    let scores = model.results.values().filter_map(|result| result.score).map(f64::abs);
    let smallest = scores.filter(|score| *score > 0.0).fold(f64::INFINITY, f64::min);
    let of_score = if smallest.is_finite() { places_of(smallest) + 1 } else { 0 };
    if least.is_finite() { places_of(least).clamp(of_score, of_score + 2) } else { of_score }
}

/// The best score first; what did not finish last.
fn by_score<'a>(proof: &'a Proof, model: &ModelProof) -> Vec<&'a CandidateProof> {
    let sign = if proof.metric.higher_is_better() { -1.0 } else { 1.0 };
    let key = |candidate: &CandidateProof| {
        let result = &model.results[&candidate.name];
        let place = match result.state {
            RaceState::Finished => 0,
            RaceState::DroppedAfter(_) => 1,
            RaceState::Failed(_) => 2,
        };
        (place, result.score.map_or(f64::INFINITY, |score| sign * score))
    };
    let mut all: Vec<&CandidateProof> = proof.candidates.iter().collect();
    all.sort_by(|&one, &other| {
        let ((place, score), (other_place, other_score)) = (key(one), key(other));
        place.cmp(&other_place).then(score.total_cmp(&other_score))
    });
    all
}

/// What a reader has to know to read the tables right.
fn notes(proof: &Proof) -> Vec<String> {
    let mut notes = vec![format!(
        "± beside a difference: half of a 95 % interval, corrected for overlapping training sets (Nadeau & Bengio 2003), or by \
         group where that is wider. Equal: within {} of the default's score.",
        number::percent(proof.rope)
    )];
    match proof.side {
        Some(Side::RatioOfTotals) => {
            notes.push("sum/true: predicted over true total, ± standard deviation over the splits.".to_owned())
        }
        Some(Side::ShareBelow) => notes.push(format!(
            "share below: rows at or below their prediction; at best {}.",
            number::percent(proof.side_at_best.unwrap_or(0.5))
        )),
        Some(Side::ProbabilityRatio) => {
            notes.push("mean p/true: mean predicted probability over the share of positives.".to_owned())
        }
        Some(Side::Coverage) => notes.push(format!(
            "coverage: rows inside their interval; at best {}.",
            number::percent(proof.side_at_best.unwrap_or(0.9))
        )),
        None => {}
    }
    if proof.models.iter().any(|model| decisions(proof, model, None).is_some()) {
        notes.push(format!(
            "AUC: the mean over the splits, its 95 % interval by DeLong. order: rank correlation with {}. caught, alarms right: \
             share of the positives that are acted on, share of those acted on that are positive, 95 % intervals by Wilson, on \
             each row once. after one number: {} with the cheapest thing that can be done after training.",
            proof.candidate(&proof.default).label,
            words::metric(proof.metric)
        ));
    }
    if let Some(floor) = proof.floor {
        let below = proof.models.iter().flat_map(|model| model.results.values()).any(|result| result.impossible > 0.0);
        if below {
            notes.push(format!("Predictions below {} are read as {}.", figure(floor), figure(floor)));
        }
    }
    notes
}
