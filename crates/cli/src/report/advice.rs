//! The report of an advice: one HTML file that needs nothing else. Everything in it is of the document, or a plot.

use super::html::{elements, escape, figure, prose, table};
use crate::advice::document::{Document, Fact, RuleOutcome, State, Strength};
use crate::advice::written::counted;
use crate::page::{Figure, Grid};
use crate::terminal::number;

const STYLE: &str = include_str!("style.css");

/// What a report shows beside the document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exhibits {
    /// Plots, in their order.
    pub figures: Vec<Figure>,
    /// Tables that the terminal shows, too: after the verdict.
    pub tables: Vec<Grid>,
    /// A decision's fields for the costs, as HTML with a script.
    pub panel: Option<String>,
}

/// The whole file.
pub fn report(document: &Document, exhibits: &Exhibits) -> String {
    let data = &document.data;
    let title = match &document.audit {
        Some(audit) => format!("{} as a prediction of {}", audit.prediction, data.target),
        None => format!("Which loss for {}?", data.target),
    };
    let groups = match (&data.group, data.groups) {
        (Some(group), Some(count)) => {
            format!(" of {} by {group}", counted(count, "group", "groups"))
        }
        _ => String::new(),
    };
    let rows = counted(data.rows, "row", "rows");
    let lead = format!("{}: {rows}{groups}; {} is taken as {}.", data.path, data.target, in_words(&data.kind));
    let body: String = [
        format!("<h1>{}</h1>\n<p>{}</p>\n", escape(&title), prose(&lead)),
        card(document),
        exhibits.tables.iter().map(table).collect(),
        exhibits.panel.as_ref().map_or_else(String::new, |panel| section("Costs of your own", panel)),
        non_empty("Plots", exhibits.figures.iter().map(figure).collect::<String>()),
        by_purpose(document),
        candidates(document),
        non_empty("Facts", facts(&document.facts)),
        rules(document),
        columns(document),
        section("How to repeat it", &command(&document.reproduce)),
    ]
    .concat();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n\
         </head>\n<body>\n<main>\n{body}<p class=\"note\">Written by minimand {}; the same in figures is in advice.json. \
         SHA-256 of the data: <code>{}</code></p>\n</main>\n</body>\n</html>\n",
        escape(&title),
        escape(document.program),
        escape(&data.sha256)
    )
}

fn in_words(kind: &str) -> &str {
    match kind {
        "real" => "a number of either sign",
        "amount" => "an amount",
        "count" => "a count",
        "share" => "a share from 0 to 1",
        "binary" => "one of two classes",
        "ordered" => "one of ordered classes",
        "classes" => "one of several classes",
        "relevance" => "the relevance of items in lists",
        other => other,
    }
}

fn section(title: &str, body: &str) -> String {
    format!("<section>\n<h2>{}</h2>\n{body}</section>\n", escape(title))
}

fn non_empty(title: &str, body: String) -> String {
    if body.is_empty() { body } else { section(title, &body) }
}

fn command(line: &str) -> String {
    format!("<pre class=\"command\"><code>{}</code></pre>\n", escape(line))
}

/// How sure a verdict is, in words.
pub fn strength(strength: Strength) -> &'static str {
    match strength {
        Strength::Proven => "proven on these rows",
        Strength::EqualToDefault => "as good as the default, and no more",
        Strength::CannotTell => "these rows can't tell",
        Strength::Reasoned => "reasoned, not compared",
        Strength::DependsOnModel => "depends on the model",
    }
}

/// Question, answer, how sure, against, what would change it.
fn card(document: &Document) -> String {
    let Some(verdict) = &document.verdict else { return String::new() };
    let question = document.question.as_ref().map_or_else(String::new, |question| {
        let text = format!(
            "For {}: the prediction has to be the {}, judged by {}.",
            question.purpose, question.functional, question.metric
        );
        elements("p class=\"note\"", &[text])
    });
    let list = |title: &str, sentences: &[String]| {
        if sentences.is_empty() {
            String::new()
        } else {
            format!("<h3>{title}</h3>\n<ul>\n{}</ul>\n", elements("li", sentences))
        }
    };
    format!(
        "<div class=\"verdict\">\n{question}<p class=\"answer\"><strong>{}</strong> <span class=\"strength\">{}</span></p>\n{}{}{}\
         </div>\n",
        escape(&verdict.loss),
        strength(verdict.strength),
        list("Why", &verdict.because),
        list("Against it", &verdict.against),
        list("What would change it", &verdict.would_change_if),
    )
}

fn by_purpose(document: &Document) -> String {
    if document.by_purpose.is_empty() {
        return String::new();
    }
    let mut grid =
        Grid::new("What to take for which purpose", &["purpose", "estimate", "loss", "why", "against", "rules"]);
    for advice in &document.by_purpose {
        grid.row(vec![
            advice.purpose.to_string(),
            advice.functional.to_string(),
            advice.loss.clone(),
            advice.why.clone(),
            advice.against.clone(),
            advice.rules.join(" "),
        ]);
    }
    section("Advice by purpose", &wide(&table(&grid)))
}

/// A table whose cells hold sentences.
fn wide(table: &str) -> String {
    table.replacen("<table>", "<table class=\"texts\">", 1)
}

fn candidates(document: &Document) -> String {
    if document.candidates.is_empty() {
        return String::new();
    }
    let mut grid =
        Grid::new("Losses worth a trial, the plainest first", &["loss", "for this purpose", "why", "against"]);
    for candidate in &document.candidates {
        let fits = if candidate.admissible { "fits" } else { "does not fit" };
        grid.row(vec![candidate.name.clone(), fits.into(), candidate.why.clone(), candidate.against.clone()]);
    }
    section("Shortlist", &wide(&table(&grid)))
}

/// A fact's number: a digit more than sentences have.
fn figure_of(value: f64) -> String {
    number::figure(value, 4)
}

fn facts(facts: &[Fact]) -> String {
    if facts.is_empty() {
        return String::new();
    }
    let mut grid = Grid::new("What was measured", &["fact", "of", "value", "95 % interval", "how"]);
    for fact in facts {
        let interval = match (fact.low, fact.high) {
            (Some(low), Some(high)) => format!("{} to {}", figure_of(low), figure_of(high)),
            _ => String::new(),
        };
        let method = fact.reference.map_or(fact.method.clone(), |paper| format!("{}; {paper}", fact.method));
        grid.row(vec![fact.id.replace('_', " "), fact.of.replace('_', " "), figure_of(fact.value), interval, method]);
    }
    wide(&table(&grid))
}

/// Fired ones open, the others folded.
fn rules(document: &Document) -> String {
    let with = |wanted: fn(State) -> bool| document.rules.iter().filter(move |rule| wanted(rule.state));
    let fired: String = with(|state| state == State::Fired).map(rule).collect();
    let silent: String = with(|state| state != State::Fired).map(rule).collect();
    if document.rules.is_empty() {
        return String::new();
    }
    let fired = if fired.is_empty() { "<p>None.</p>\n".to_owned() } else { fired };
    section("Rules that fired", &fired)
        + &section(
            "Rules that stayed silent",
            &format!(
                "<details><summary>{}</summary>\n{silent}</details>\n",
                counted(with(|state| state != State::Fired).count(), "rule", "rules")
            ),
        )
}

fn rule(rule: &RuleOutcome) -> String {
    let state = match rule.state {
        State::Fired => "",
        State::Silent => " (silent)",
        State::NotApplicable => " (does not apply)",
        State::Muted => " (muted)",
    };
    let line = |title: &str, text: &str| {
        if text.is_empty() { String::new() } else { format!("<p><b>{title}</b> {}</p>\n", prose(text)) }
    };
    format!(
        "<div class=\"rule\">\n<h3>{} {}{state}</h3>\n{}{}{}{}{}</div>\n",
        rule.code,
        escape(rule.title),
        line("Evidence.", &rule.evidence),
        line("For.", &rule.recommends.join(", ")),
        line("Against.", &rule.against.join(" ")),
        line("To refute it.", &rule.experiment),
        line("Read.", rule.reference),
    )
}

fn columns(document: &Document) -> String {
    if document.data.columns.is_empty() {
        return String::new();
    }
    let mut grid = Grid::new("What was done to each column", &["column", "treatment"]);
    for column in &document.data.columns {
        grid.row(vec![column.name.clone(), column.treatment.clone()]);
    }
    let body = format!(
        "<details><summary>{}</summary>\n{}</details>\n",
        counted(grid.rows.len(), "column", "columns"),
        wide(&table(&grid))
    );
    section("Columns", &body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::document::{Candidate, ColumnTreatment, Data, SCHEMA, Severity, Verdict};
    use crate::model::Objective;

    fn document(text: &str) -> Document {
        let owned = || text.to_owned();
        Document {
            schema: SCHEMA,
            program: "0.1.0",
            command: vec![owned()],
            data: Data {
                path: owned(),
                sha256: owned(),
                rows: 1200,
                target: owned(),
                kind: "amount".into(),
                group: Some(owned()),
                groups: Some(300),
                dropped: vec![owned()],
                columns: vec![ColumnTreatment { name: owned(), treatment: owned() }],
                notes: vec![owned()],
            },
            question: None,
            facts: vec![Fact {
                id: "tail_index",
                of: "out_of_fold_ratio",
                value: 1.67,
                low: Some(1.48),
                high: Some(2.1),
                method: owned(),
                reference: Some("Hill 1975"),
            }],
            rules: vec![RuleOutcome {
                code: "MIN110",
                title: "heavy tail",
                state: State::Fired,
                severity: Severity::Warning,
                because: vec!["tail_index"],
                evidence: owned(),
                against: vec![owned()],
                recommends: vec![owned()],
                experiment: owned(),
                reference: "Hill 1975",
            }],
            candidates: vec![Candidate { why: owned(), ..Candidate::new(Objective::Poisson, None) }],
            by_purpose: Vec::new(),
            proof: None,
            audit: None,
            verdict: Some(Verdict {
                loss: owned(),
                strength: Strength::CannotTell,
                because: vec![owned()],
                against: vec![owned()],
                would_change_if: vec![owned()],
            }),
            reproduce: owned(),
        }
    }

    #[test]
    fn every_text_is_escaped_and_nothing_is_loaded() {
        let html = report(&document("<script>x</script> & \"y\""), &Exhibits::default());
        assert!(!html.contains("<script"), "{html}");
        for loading in ["http:", "https:", "src=", "href=", "url(", "@import", "<link"] {
            assert!(!html.contains(loading), "{loading}");
        }
    }

    #[test]
    fn the_report_says_what_the_document_says() {
        let html = report(&document("cost"), &Exhibits::default());
        for said in [
            "Which loss for cost?",
            "1,200 rows of 300 groups",
            "these rows can&#39;t tell",
            "MIN110 heavy tail",
            "1.48 to 2.1",
        ] {
            assert!(
                html.replace("&nbsp;", " ").contains(said) || html.contains(&said.replace("&#39;", "'")),
                "{said}: {html}"
            );
        }
    }
}
