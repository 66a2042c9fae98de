//! All losses, as a table for a terminal or as JSON.

use minimand::loss::catalog::{Default, Domain, Entry, Family, Kind, Parameter, catalog};
use minimand::tensor::DType;
use serde_json::{Value, json};

use super::number::to_json;
use crate::{advice::written::counted, terminal::wrapped};

/// The losses of one family or of all: name, tier and what it is, in lines of at most `width` letters.
pub fn list(family: Option<Family>, width: usize) -> String {
    let mut text = String::new();
    let mut count = 0;
    for chosen in Family::all().filter(|each| family.is_none_or(|family| family == *each)) {
        let entries: Vec<&Entry> = catalog().filter(|entry| entry.family() == chosen).collect();
        if entries.is_empty() {
            continue;
        }
        count += entries.len();
        let names = entries.iter().map(|entry| entry.name.chars().count()).max().unwrap_or(0).min(36);
        text.push_str(&format!("{chosen} ({})\n", entries.len()));
        for entry in entries {
            let summary = entry.documentation().summary;
            let mut lines: Vec<String> =
                wrapped(&plain(&summary), width.saturating_sub(names + 4).max(20)).lines().map(str::to_owned).collect();
            let first = if entry.name.chars().count() > names { String::new() } else { lines.remove(0) };
            text.push_str(&format!("  {:names$}  {first}\n", entry.name));
            for line in lines {
                text.push_str(&format!("  {:names$}  {line}\n", ""));
            }
        }
        text.push('\n');
    }
    text.push_str(&wrapped(
        &format!(
            "{}. `minimand explain NAME` says more of each; `minimand list --json` is for programs.",
            counted(count, "loss", "losses")
        ),
        width,
    ));
    text
}

/// Markdown without its marks: links keep their words.
pub(super) fn plain(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some(open) = rest.find('[') {
        let (before, after) = rest.split_at(open);
        text.push_str(before);
        let closes = after.find(']');
        let link = closes.filter(|&close| after[1..close].starts_with('`'));
        match link {
            Some(close) => {
                text.push_str(&after[1..close]);
                rest = &after[close + 1..];
                if let Some(target) = rest.strip_prefix('(') {
                    rest = target.split_once(')').map_or("", |(_, rest)| rest);
                }
            }
            None => {
                text.push('[');
                rest = &after[1..];
            }
        }
    }
    text.push_str(rest);
    text.replace("**", "").replace('`', "")
}

/// Everything about a loss, for programs.
pub fn entry_json(entry: &Entry) -> Value {
    let documentation = entry.documentation();
    let inputs: Vec<Value> = entry
        .inputs
        .iter()
        .map(|input| {
            json!({
                "name": input.name,
                "shape": input.shape,
                "domain": input.domain.describe(),
                "type": type_name(input.domain),
                "differentiable": input.differentiable,
                "optional": input.optional,
            })
        })
        .collect();
    let aliases: Vec<Value> =
        entry.aliases.iter().map(|(library, name)| json!({ "library": library, "name": name })).collect();
    json!({
        "name": entry.name,
        "family": entry.family().to_string(),
        "tier": entry.tier,
        "rows": entry.rows,
        "aliases": aliases,
        "summary": documentation.summary,
        "formula": { "text": documentation.formula, "latex": entry.latex() },
        "inputs": inputs,
        "parameters": entry.parameters.iter().map(parameter_json).collect::<Vec<_>>(),
        "output": entry.output,
        "estimates": {
            "statistic": entry.estimates.map(|estimate| estimate.statistic.name()),
            "of": entry.estimates.map(|estimate| estimate.target),
            "by": entry.estimates.map(|estimate| estimate.link.describe()),
            "text": documentation.estimates,
        },
        "shapes": documentation.shapes,
        "gradient": documentation.gradient,
        "stability": documentation.stability,
        "when_to_use": documentation.when_to_use,
        "misleads": documentation.misleads,
        "reference": documentation.reference,
        "see_also": documentation.see_also,
    })
}

fn type_name(domain: Domain) -> &'static str {
    match domain.dtype(DType::F64) {
        DType::I64 => "integer",
        DType::Bool => "bool",
        _ => "float",
    }
}

fn parameter_json(parameter: &Parameter) -> Value {
    let default = match parameter.default {
        Default::Required | Default::Absent => Value::Null,
        Default::Number(number) => to_json(number),
        Default::Integer(number) => number.into(),
        Default::Flag(flag) => flag.into(),
        Default::Choice(word) => word.into(),
        Default::Numbers(numbers) => numbers.into(),
    };
    let kind = match parameter.kind {
        Kind::Number { .. } => "number",
        Kind::Integer(_) => "integer",
        Kind::Flag => "bool",
        Kind::Choice(_) => "choice",
        Kind::Numbers => "numbers",
    };
    let mut json = json!({
        "name": parameter.name,
        "type": kind,
        "range": parameter.kind.describe(),
        "required": parameter.default == Default::Required,
        "default": default,
    });
    if let Kind::Choice(words) = parameter.kind {
        json["choices"] = words.into();
    }
    json
}
