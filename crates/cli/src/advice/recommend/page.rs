//! The pages of `profile` and `recommend`: every sentence is made from a field of the document.

use crate::{
    advice::{
        command::TableCommand,
        document::{Candidate, Document, Fact, RuleOutcome, State},
        purpose::Purpose,
        written::{counted, figure, listed, percent, whole},
    },
    terminal::{self, wrapped},
};

/// Columns of the page.
const WIDTH: usize = 80;

/// Rules whose silence is worth a line, where they were looked at.
const WORTH_SAYING: &[&str] = &["MIN141"];

/// The facts that need no fit.
pub fn profile(document: &Document, command: &TableCommand) -> String {
    let mut page = head(document);
    let told: Vec<&RuleOutcome> = document.rules.iter().filter(|rule| rule.state == State::Fired).collect();
    if !told.is_empty() {
        page += "\n";
        page.extend(told.into_iter().map(told_rule));
    }
    page += &next(&command.line("recommend", &[]));
    page
}

/// The advice.
pub fn recommend(document: &Document, command: &TableCommand, question: &[String]) -> String {
    let mut page = head(document);
    page += "\n";
    page += &wrapped(&first_fit(document), WIDTH);
    let told = |rule: &&RuleOutcome| {
        rule.state == State::Fired
            || (rule.state == State::Silent && WORTH_SAYING.contains(&rule.code) && !rule.because.is_empty())
    };
    page.extend(document.rules.iter().filter(told).map(told_rule));
    page += &silent(document, |rule| !told(&rule));
    page += &how_to_read(document);
    page += "\n";
    match &document.verdict {
        Some(_) => page += &answer(document),
        None => page += &rows_of_advice(document),
    }
    let rejected = not_advised(document);
    if !rejected.is_empty() {
        page += &format!("\n{rejected}");
    }
    page += &refute(document);
    let question: Vec<&str> = question.iter().map(String::as_str).collect();
    let usual = document.by_purpose.first().map(|row| row.purpose.to_string()).unwrap_or_default();
    let flags: Vec<&str> = if question.is_empty() { vec!["--purpose", &usual] } else { question };
    page += &next(&command.line("compare", &flags));
    page
}

fn fact<'a>(document: &'a Document, id: &str) -> Option<&'a Fact> {
    document.facts.iter().find(|fact| fact.id == id)
}

fn value(document: &Document, id: &str) -> Option<f64> {
    fact(document, id).map(|fact| fact.value)
}

/// The target in a few sentences, and what became of the columns.
fn head(document: &Document) -> String {
    let data = &document.data;
    let groups = match (&data.group, data.groups) {
        (Some(group), Some(count)) => format!(" in {} ({group})", counted(count, "group", "groups")),
        _ => String::new(),
    };
    let what = match data.kind.as_str() {
        "real" => "numbers",
        "amount" => "amounts",
        "count" => "counts",
        "share" => "shares",
        "relevance" => "items",
        _ => "rows",
    };
    let mut text = format!("{}: {} {what}{groups}", data.target, whole(data.rows));
    let at = |id: &str| value(document, id).map(figure);
    match data.kind.as_str() {
        "binary" => {
            if let Some(rarest) = value(document, "rarest_class") {
                text += &format!(", two classes, the rarer one {}", percent(rarest));
            }
        }
        "ordered" | "classes" => {
            if let (Some(classes), Some(rarest)) = (at("classes"), value(document, "rarest_class")) {
                text += &format!(
                    ", {classes} {}classes, the rarest {}",
                    if data.kind == "ordered" { "ordered " } else { "" },
                    percent(rarest)
                );
            }
        }
        "relevance" => {
            if let (Some(lists), Some(mixed)) = (at("lists"), at("mixed_lists")) {
                text += &format!("; {lists} lists, {mixed} with relevant and other items");
            }
        }
        _ => {
            if let (Some(least), Some(most), Some(mean), Some(median)) =
                (at("minimum"), at("maximum"), at("mean"), at("median"))
            {
                text += &format!(", {least} to {most}; mean {mean}, median {median}");
            }
            if let (Some(mean), Some(variance)) = (value(document, "mean"), value(document, "variance"))
                && data.kind == "count"
                && mean > 0.0
            {
                text += &format!(", variance {} ({} times the mean)", figure(variance), figure(variance / mean));
            }
            if let Some(zeros) = value(document, "zeros").filter(|zeros| *zeros > 0.0) {
                text += &format!(", {} zeros", percent(zeros));
            }
            if let Some(skewness) = at("target_skewness") {
                text += &format!("; skewness {skewness}");
            }
            if let Some(share) = value(document, "top_share") {
                text += &format!("; the largest 1 % hold {} of the sum", percent(share));
            }
        }
    }
    text += ".";
    wrapped(&text, WIDTH) + &columns(document)
}

/// What was done to the columns, alike ones together.
fn columns(document: &Document) -> String {
    let data = &document.data;
    let mut plain: Vec<&str> = Vec::new();
    let mut others: Vec<(String, Vec<String>)> = Vec::new();
    for column in &data.columns {
        if column.treatment == "number" {
            plain.push(&column.name);
            continue;
        }
        match others.iter_mut().find(|(treatment, _)| *treatment == column.treatment) {
            Some((_, names)) => names.push(column.name.clone()),
            None => others.push((column.treatment.clone(), vec![column.name.clone()])),
        }
    }
    let mut parts = Vec::new();
    if !plain.is_empty() {
        parts.push(format!("{} as they are", counted(plain.len(), "number", "numbers")));
    }
    parts.extend(others.iter().map(|(treatment, names)| format!("{} ({treatment})", few(names))));
    let mut text =
        format!("Predicted from {}: {}.", counted(data.columns.len(), "column", "columns"), parts.join("; "));
    if !data.dropped.is_empty() {
        text += &format!(" Left out as you said: {}.", listed(&data.dropped));
    }
    for note in &data.notes {
        text += " ";
        text += note;
    }
    wrapped(&text, WIDTH)
}

/// Some names, and how many more.
fn few(names: &[String]) -> String {
    const SHOWN: usize = 5;
    if names.len() <= SHOWN {
        listed(names)
    } else {
        format!("{} and {} more", names[..SHOWN].join(", "), names.len() - SHOWN)
    }
}

/// What was fitted, and how well it does.
fn first_fit(document: &Document) -> String {
    let how = match document.data.kind.as_str() {
        "real" => "least squares",
        "amount" | "count" => "Poisson, log link",
        "share" | "binary" => "cross-entropy",
        "classes" => "cross-entropy of all classes",
        "ordered" => "cumulative link",
        _ => "softmax over each list",
    };
    let groups = if document.data.group.is_some() { ", groups whole" } else { "" };
    let folds = counted(value(document, "folds").unwrap_or(1.0) as usize, "fold", "folds");
    let mut text = format!("Fitted once out of fold (linear, {how}, {folds}{groups})");
    if let (Some(explained), Some(totals)) = (value(document, "explained"), value(document, "totals_ratio")) {
        text += &format!(": R² {}, predicted over true sum {}", figure(explained), figure(totals));
    }
    if let Some(auc) = value(document, "auc") {
        text +=
            &format!(": AUC {}, log loss {}", figure(auc), value(document, "log_loss").map(figure).unwrap_or_default());
    } else if let (Some(accuracy), Some(loss)) = (value(document, "accuracy"), value(document, "log_loss")) {
        text += &format!(": right in {}, log loss {}", percent(accuracy), figure(loss));
    }
    text + ". What it shows:"
}

/// A rule with its code at the right and its sentence below.
fn told_rule(rule: &RuleOutcome) -> String {
    let code = if rule.state == State::Silent { format!("{} silent", rule.code) } else { rule.code.to_owned() };
    let space = (WIDTH - 2).saturating_sub(rule.title.chars().count() + code.chars().count()).max(2);
    let title = format!("  {}{}{code}\n", rule.title, " ".repeat(space));
    title + &indented(&rule.evidence, 4)
}

fn indented(text: &str, by: usize) -> String {
    wrapped(text, WIDTH - by).lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect()
}

/// The rules that were looked at and had nothing to say.
fn silent(document: &Document, untold: impl Fn(&RuleOutcome) -> bool) -> String {
    let of = |state: State| {
        document
            .rules
            .iter()
            .filter(|rule| rule.state == state && untold(rule))
            .map(|rule| rule.code.to_owned())
            .collect::<Vec<_>>()
    };
    let mut text = String::new();
    let quiet = of(State::Silent);
    if !quiet.is_empty() {
        text += &format!("Looked at and silent: {}.", quiet.join(" "));
    }
    let muted = of(State::Muted);
    if !muted.is_empty() {
        text += &format!(" Muted although met: {}.", muted.join(" "));
    }
    if text.is_empty() { text } else { indented(&text, 2) }
}

/// What the brackets are, and where a code leads.
fn how_to_read(document: &Document) -> String {
    let fired = document.rules.iter().find(|rule| rule.state == State::Fired);
    let explain = fired
        .map_or_else(String::new, |rule| format!(" Of a code, its papers and limits: minimand explain {}.", rule.code));
    indented(&format!("\"1 to 2\" in brackets is a 95 % interval.{explain}"), 2)
}

/// The answer to one question.
fn answer(document: &Document) -> String {
    let Some(verdict) = &document.verdict else { return String::new() };
    let mut text = String::new();
    if let Some(question) = &document.question {
        text += &wrapped(&format!("Asked: {}, judged by {}.", asked(question.purpose), question.metric), WIDTH);
    }
    text += &wrapped(&format!("Take {} (reasoned from theory and facts; nothing was compared).", verdict.loss), WIDTH);
    text.extend(verdict.because.iter().map(|reason| bullet("+", reason)));
    text.extend(verdict.against.iter().map(|reason| bullet("-", reason)));
    let others: Vec<&Candidate> =
        document.candidates.iter().filter(|candidate| candidate.admissible && candidate.name != verdict.loss).collect();
    if !others.is_empty() {
        text += "\nAlso worth a trial     why                             against\n";
        text += &"─".repeat(WIDTH);
        text += "\n";
        text.extend(
            others
                .iter()
                .map(|candidate| cells(&[(22, &candidate.name), (30, &candidate.why), (24, &candidate.against)])),
        );
    }
    text
}

/// A purpose as a newcomer would say it.
fn asked(purpose: Purpose) -> String {
    match purpose {
        Purpose::Total => "the sum".to_owned(),
        Purpose::Typical => "the typical case".to_owned(),
        Purpose::Quantile(level) => format!("safe in {} of cases", percent(level)),
        Purpose::Probability => "a probability".to_owned(),
        Purpose::Decision(None) => "a decision".to_owned(),
        Purpose::Decision(Some(costs)) => {
            format!("a decision (miss {}, alarm {})", figure(costs.miss), figure(costs.alarm))
        }
        Purpose::Ranking => "a ranking".to_owned(),
        Purpose::Interval(share) => format!("a range that holds {}", percent(share)),
        Purpose::Distribution => "the whole range".to_owned(),
    }
}

/// One row of advice for each purpose.
fn rows_of_advice(document: &Document) -> String {
    let mut text = "What do you need?   loss                   why                     against\n".to_owned();
    text += &"─".repeat(WIDTH);
    text += "\n";
    for row in &document.by_purpose {
        text += &cells(&[(18, &asked(row.purpose)), (21, &row.loss), (22, &row.why), (13, &row.against)]);
    }
    text += "Reasoned from theory and facts; nothing was compared.\n";
    text
}

/// Cells side by side, each wrapped in its own width, with two spaces between.
fn cells(cells: &[(usize, &str)]) -> String {
    let columns: Vec<Vec<String>> = cells.iter().map(|(width, text)| broken(text, *width)).collect();
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    let line = |at: usize| {
        let parts = columns.iter().zip(cells).map(|(lines, (width, _))| {
            let part = lines.get(at).map_or("", String::as_str);
            format!("{part}{}", " ".repeat(width.saturating_sub(part.chars().count())))
        });
        parts.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    (0..height).map(line).collect()
}

/// Lines of at most that width; names of losses are broken after `+` and `_` where they have to be.
fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in wrapped(text, width).lines() {
        let mut rest: Vec<char> = line.chars().collect();
        while rest.len() > width {
            let cut = (1..=width).rev().find(|&place| matches!(rest[place - 1], '+' | '_' | '-')).unwrap_or(width);
            lines.push(rest.drain(..cut).collect());
        }
        lines.push(rest.into_iter().collect());
    }
    lines
}

/// Losses that people would take although they aim elsewhere. Without a question the default is named for the median alone:
/// that it serves the mean only is what the rows say.
fn not_advised(document: &Document) -> String {
    let rejected = |candidates: &[Candidate], with_default: bool| {
        let out = candidates.iter().filter(|candidate| {
            !candidate.admissible && !candidate.against.is_empty() && (with_default || candidate.plainness > 0)
        });
        out.map(|candidate| format!("{} ({})", candidate.name, candidate.against)).collect::<Vec<_>>()
    };
    if document.verdict.is_some() {
        let names = rejected(&document.candidates, true);
        return if names.is_empty() {
            String::new()
        } else {
            wrapped(&format!("Not advised: {}.", names.join("; ")), WIDTH)
        };
    }
    let rows = document.by_purpose.iter().map(|row| (row, rejected(&row.candidates, row.purpose == Purpose::Typical)));
    rows.filter(|(_, names)| !names.is_empty())
        .map(|(row, names)| wrapped(&format!("Not advised for {}: {}.", asked(row.purpose), names.join("; ")), WIDTH))
        .collect()
}

/// The cheapest experiments that would refute the rules that decided.
fn refute(document: &Document) -> String {
    let mut codes: Vec<&str> = document.by_purpose.iter().flat_map(|row| row.rules.iter().copied()).collect();
    if let Some(verdict) = &document.verdict {
        let named =
            |rule: &&RuleOutcome| verdict.because.iter().any(|reason| reason.ends_with(&format!("({})", rule.code)));
        codes.extend(document.rules.iter().filter(named).map(|rule| rule.code));
    }
    let decided = document.rules.iter().filter(|rule| rule.state == State::Fired && codes.contains(&rule.code));
    let mut lines: Vec<&str> = Vec::new();
    for rule in decided {
        if !lines.contains(&rule.experiment.as_str()) && lines.len() < 2 {
            lines.push(&rule.experiment);
        }
    }
    if lines.is_empty() {
        return String::new();
    }
    let shown = lines
        .into_iter()
        .map(|line| if line.starts_with("minimand ") { terminal::command(line, WIDTH) } else { wrapped(line, WIDTH) });
    format!("\nRefute it cheaply (it is refuted where another loss comes out better):\n{}", shown.collect::<String>())
}

fn next(line: &str) -> String {
    format!("\nNext:\n{}", terminal::command(line, WIDTH))
}

fn bullet(sign: &str, text: &str) -> String {
    let lines = wrapped(text, WIDTH - 4);
    let mut lines = lines.lines();
    let first = lines.next().unwrap_or_default();
    std::iter::once(format!("  {sign} {first}\n")).chain(lines.map(|line| format!("    {line}\n"))).collect()
}
