//! A rule as a page of text.

use super::catalog::{RuleText, Scope};
use crate::{
    advice::document::Severity,
    terminal::{command, wrapped},
};

/// Everything about a rule, in lines of at most `width` letters.
pub fn explain(rule: &RuleText, width: usize) -> String {
    let weight = match rule.severity {
        Severity::Note => "Note: good to know",
        Severity::Advice => "Advice: it changes which loss is advised, or how it is judged",
        Severity::Warning => "Warning: the result is wrong where it is ignored",
    };
    let looked_at = match rule.applies_to {
        Scope::Targets(_) => format!("Looked at for {}", rule.applies_to.describe()),
        Scope::Beyond(what) => format!("For {what}: the program does not train these"),
    };
    let paragraph = |text: &str| indented(&wrapped(text, width - 4));
    let mut parts = vec![
        wrapped(&format!("{} · {}", rule.code, rule.title), width)
            + &wrapped(&format!("{looked_at}. {weight}."), width),
    ];
    for (heading, text) in [
        ("When it speaks", rule.trigger),
        ("What it recommends", rule.recommend),
        ("Why", rule.why),
        ("When not to follow it", rule.when_not),
    ] {
        parts.push(format!("{heading}\n{}", paragraph(text)));
    }
    let run = rule.command.map_or_else(String::new, |line| indented(&command(line, width - 4)));
    parts.push(format!("What would refute it\n{}{run}", paragraph(rule.experiment)));
    if !rule.losses.is_empty() {
        let losses = format!("{}; minimand explain LOSS says more of each", rule.losses.join(", "));
        parts.push(format!("Losses\n{}", paragraph(&losses)));
    }
    let papers = rule.references.iter().map(|paper| {
        let lines = wrapped(paper, width - 6);
        let lines = lines.lines().enumerate();
        lines.map(|(number, line)| format!("    {}{line}\n", if number == 0 { "" } else { "  " })).collect::<String>()
    });
    parts.push(format!("Papers\n{}", papers.collect::<String>()));
    parts.join("\n")
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}
