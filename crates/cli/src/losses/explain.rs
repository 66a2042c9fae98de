//! Everything about one loss, for a terminal.

use minimand::loss::catalog::{Arguments, Default, Entry, Input};

use super::list::plain;
use super::plot;
use super::sample::{Curve, curve, minimiser, varied, with_parameters};
use crate::{
    page::Grid,
    terminal::{table, wrapped},
};

/// The drawing of loss, slope and curvature as SVG; nothing if the loss cannot be drawn along one number.
pub fn figure(entry: &'static Entry, parameters: &Arguments) -> Option<String> {
    curve(entry, varied(entry), parameters, None).map(|curve| plot::svg(entry.name, &curve))
}

/// Everything about a loss, in lines of at most `width` letters.
pub fn explain(entry: &'static Entry, parameters: &Arguments, width: usize) -> String {
    let documentation = entry.documentation();
    let input = varied(entry);
    let mut parts = vec![format!(
        "{} · {} · tier {}\n{}",
        entry.name,
        entry.family(),
        entry.tier,
        wrapped(&plain(&documentation.summary), width)
    )];
    parts.push(indented("Formula", &documentation.formula));
    parts.push(indented("LaTeX", &entry.latex()));
    if !entry.aliases.is_empty() {
        let aliases: Vec<String> = entry.aliases.iter().map(|(library, name)| format!("{library} {name}")).collect();
        parts.push(format!("Also called\n{}", shifted(&wrapped(&aliases.join(", "), width - 4))));
    }
    parts.push(takes(entry, width));
    if let Some(curve) = curve(entry, input, parameters, None) {
        parts.push(format!(
            "Loss, slope and curvature along {}{}\n{}",
            curve.variable,
            if curve.held.is_empty() { String::new() } else { format!(" ({})", curve.held) },
            plot::letters(&curve, width.min(76), 10)
        ));
    }
    if let Some(curve) = curve(entry, input, parameters, Some(&seams(entry, input, parameters))) {
        parts.push(table(&values(&curve), width));
    }
    let prose = |heading: &str, text: &str| format!("{heading}\n{}", paragraphs(text, width));
    parts.push(prose("Gradient", &documentation.gradient));
    if let Some(graph) = derived_gradient(entry, input, parameters) {
        parts.push(indented("The derived gradient, as a graph", &graph));
    }
    parts.push(prose("What it estimates", &documentation.estimates));
    if let Some(shown) = estimated(entry, input, parameters, width) {
        parts.push(shown);
    }
    parts.push(prose("How it stays exact", &documentation.stability));
    parts.push(prose("When to use it", &documentation.when_to_use));
    parts.push(prose("When it misleads", &documentation.misleads));
    parts.push(prose("Reference", &documentation.reference));
    parts.push(prose("See also", &documentation.see_also));
    parts.iter().map(|part| part.trim_end()).collect::<Vec<_>>().join("\n\n") + "\n"
}

fn indented(heading: &str, text: &str) -> String {
    format!("{heading}\n{}", shifted(text))
}

fn shifted(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

fn paragraphs(text: &str, width: usize) -> String {
    let paragraph = |paragraph: &str| shifted(&wrapped(&plain(paragraph), width - 4));
    text.split("\n\n").map(paragraph).collect::<Vec<_>>().join("\n")
}

/// Inputs and parameters.
fn takes(entry: &Entry, width: usize) -> String {
    let mut lines = vec!["Takes".to_owned()];
    let names = entry.inputs.iter().map(|input| input.name).chain(entry.parameters.iter().map(|p| p.name));
    let column = names.map(str::len).max().unwrap_or(0);
    let mut line = |name: &str, what: String| {
        let text = wrapped(&what, width.saturating_sub(column + 6).max(20));
        for (number, part) in text.lines().enumerate() {
            lines.push(format!("    {:column$}  {part}", if number == 0 { name } else { "" }));
        }
    };
    for input in entry.inputs {
        let optional = if input.optional { "; may be left out" } else { "" };
        let gradient = if input.differentiable { "" } else { "; no gradient" };
        line(input.name, format!("{}: {}{gradient}{optional}", input.shape, input.domain.describe()));
    }
    for parameter in entry.parameters {
        let default = match parameter.default {
            Default::Required => "must be given".to_owned(),
            Default::Absent => "may be left out".to_owned(),
            Default::Number(number) => format!("usually {number}"),
            Default::Integer(number) => format!("usually {number}"),
            Default::Flag(flag) => format!("usually {flag}"),
            Default::Choice(word) => format!("usually {word}"),
            Default::Numbers(numbers) => format!("usually {numbers:?}"),
        };
        line(parameter.name, format!("{}; {default}", parameter.kind.describe()));
    }
    line("gives", if entry.output == "[]" { "one loss".into() } else { format!("{}, one loss each", entry.output) });
    lines.join("\n")
}

/// Where a loss has its seams: at the target and a parameter's distance from it, and at places between and beyond.
fn seams(entry: &Entry, input: &Input, parameters: &Arguments) -> Vec<f64> {
    use minimand::loss::catalog::{Domain, Value};
    let mut places = match input.domain {
        Domain::Unit | Domain::Distribution => vec![0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0],
        Domain::Positive | Domain::NonNegative | Domain::Counts => vec![0.1, 0.5, 1.0, 2.0, 4.0],
        Domain::Above(least) => vec![least + 0.1, least + 1.0, least + 4.0],
        Domain::LogDistribution => vec![-10.0, -1.0, -0.1, 0.0],
        Domain::Boxes => vec![0.0, 0.5, 1.0],
        _ => vec![-100.0, -2.0, -1.0, 0.0, 1.0, 2.0, 100.0],
    };
    if input.domain == Domain::Real {
        for parameter in entry.parameters {
            let usual = match parameter.default {
                Default::Number(number) => Some(number),
                _ => None,
            };
            let number = match parameters.parameter(parameter.name) {
                Some(Value::Number(number)) => Some(*number),
                _ => usual,
            };
            places.extend(number.filter(|number| *number > 0.0 && *number < 50.0).into_iter().flat_map(|n| [-n, n]));
        }
    }
    places.sort_by(f64::total_cmp);
    places.dedup();
    places
}

fn values(curve: &Curve) -> Grid {
    let mut grid =
        Grid::new("Values, at the seams among them", &[curve.variable.as_str(), "loss", "slope", "curvature"]);
    for point in &curve.points {
        grid.row(point.iter().map(|&number| short(number)).collect());
    }
    grid
}

/// A number in few digits.
fn short(number: f64) -> String {
    if number == 0.0 {
        "0".into()
    } else if !(1e-3..1e5).contains(&number.abs()) {
        format!("{number:.3e}")
    } else {
        let text = format!("{number:.4}");
        text.trim_end_matches('0').trim_end_matches('.').into()
    }
}

/// The gradient by the prediction, as the graph that was derived.
fn derived_gradient(entry: &'static Entry, input: &Input, parameters: &Arguments) -> Option<String> {
    let sample = with_parameters(entry.sample(3), parameters, entry);
    let mut sample = sample;
    for input in entry.inputs {
        if let Some(tensor) = sample.find(input.name).cloned() {
            sample = sample.tensor(input.name, tensor.named(input.name));
        }
    }
    let x = sample.find(input.name)?.clone();
    let gradient = entry.evaluate(&sample).ok()?.sum().grad(&x);
    let text = gradient.explain();
    let lines = text.lines().count();
    const SHOWN: usize = 40;
    let mut shown: Vec<&str> = text.lines().take(SHOWN).collect();
    let rest = format!("… and {} lines more", lines.saturating_sub(SHOWN));
    if lines > SHOWN {
        shown.push(&rest);
    }
    Some(shown.join("\n"))
}

/// The best single prediction for a small sample.
fn estimated(entry: &'static Entry, input: &Input, parameters: &Arguments, width: usize) -> Option<String> {
    let found = minimiser(entry, input, parameters)?;
    let sample: Vec<String> = found.sample.iter().map(|&value| short(value)).collect();
    let by_link = found.link.map_or_else(String::new, |link| format!("; {link} is {}", short(found.linked)));
    let mut statistics = found.statistics.clone();
    statistics.sort_by(|a, b| (a.1 - found.linked).abs().total_cmp(&(b.1 - found.linked).abs()));
    let listed: Vec<String> = statistics.iter().map(|(name, value)| format!("{name} {}", short(*value))).collect();
    let text = format!(
        "For the target values {} the prediction that costs least is {}{by_link}. Their statistics, nearest first: {}.",
        sample.join(", "),
        short(found.prediction),
        listed.join(", ")
    );
    Some(format!("Shown on a small sample\n{}", shifted(&wrapped(&text, width - 4))))
}
