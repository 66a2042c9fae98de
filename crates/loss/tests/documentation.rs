//! The documentation of every loss is complete, and its formula is what the function computes.
//!
//! # What the documentation of a public loss looks like
//!
//! One sentence, the formula in a `text` block, then these sections, all of them, in this order:
//!
//! ````text
//! /// Squared for small residuals, linear for large ones.          one sentence (its own paragraph)
//! ///
//! /// ```text
//! /// ℓ = ½ q² + δ (|r| − q)
//! /// q = min(|r|, δ)
//! /// r = prediction − target
//! /// ```
//! ///
//! /// # Shapes            shapes, domain, what panics
//! /// # Gradient          its formula, and the choice at kinks and ties
//! /// # Estimates         which statistic of the data; range; minimiser
//! /// # Stability         how it stays finite and exact
//! /// # Example           printed numbers, asserted; runs as a doctest
//! /// # When to use       and when it misleads
//! /// # Reference         paper with equation number; usual parameter values
//! /// # See also          links to other losses
//! #[doc(alias = "HuberLoss")]                                     names in PyTorch, Keras, Optax
//! #[track_caller]
//! pub fn huber(…
//! ````
//!
//! # What a formula may contain
//!
//! The first line of the block defines `ℓ`, each further line one symbol used above it; an indented line continues the
//! line before. Symbols that no line defines are the function's arguments and parameters, bound by the tables of
//! examples (`tests/documentation/regression.rs` and so on), or, for a loss without a row there, by its entry in the catalogue: random
//! inputs of its domains, the ranges of index letters those of the axes that they index.
//!
//! - `ℓ = …` is one loss; `ℓᵢ = …` the i-th of several. `zⱼ`, `sᵢⱼ`, `z_y` and `z[y]` are entries of a vector or
//!   matrix; a definition may have indices too: `sᵢⱼ = Σₖ uᵢₖ vⱼₖ / τ`. Index letters: ᵢ ⱼ ₖ ₗ ₘ ₙ; their ranges come
//!   from the table or the entry. A definition may use itself at other indices, within cases.
//! - Numbers, `½ ¼ π ∞`; `+ − · × /`; products by juxtaposition (`½ r²`, `δ (|r| − q)`), evaluated from left to right
//!   together with `/`: a denominator of several factors needs parentheses. Powers `² ³ x^γ x^(1 − γ)`. `|x|`. `0 · ∞ =
//!   0`, so that `p ln p` is 0 at p = 0. `tanh² r` is `(tanh r)²`.
//! - `ln exp σ softplus tanh cosh sinh sign floor √ sin cos tan acos atan erf lnΓ ψ Φ φ lnI₀`, followed by parentheses or by one
//!   factor: `ln p`, `exp zⱼ`, but `ln(2 π)`. `min(a, b)`, `max(a, b)`, `atan2(y, x)`.
//!
//! A loss whose formula does not fit (a sum over paths, a sorted list) is written as its paper writes it; its entry then brings the
//! LaTeX, and its tests an oracle.
//! - `Σⱼ`, `Πⱼ`, `maxⱼ`, `minⱼ` over a product (up to the next `+` or `−`): `Σⱼ pⱼ (ln pⱼ − zⱼ)`. With a condition:
//!   `Σ{j ≠ i} exp sᵢⱼ`, `Σ{i, j : yᵢ > yⱼ} softplus(−(sᵢ − sⱼ))`.
//! - Cases: `½ r² if |r| ≤ δ else δ (|r| − ½ δ)`, with `= ≠ < ≤ > ≥ and or`. `[y = j]` is 1 where it holds and 0
//!   elsewhere.

#![allow(unreachable_pub)] // this crate is all its modules

#[path = "documentation/classification.rs"]
mod classification;
mod common;
#[path = "documentation/embedding.rs"]
mod embedding;
#[path = "documentation/example.rs"]
mod example;
#[path = "documentation/formula.rs"]
mod formula;
#[path = "documentation/likelihood.rs"]
mod likelihood;
#[path = "documentation/ranking.rs"]
mod ranking;
#[path = "documentation/regression.rs"]
mod regression;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use example::Example;
use minimand_loss::catalog::{Formula, find};

const SECTIONS: [&str; 8] =
    ["Shapes", "Gradient", "Estimates", "Stability", "Example", "When to use", "Reference", "See also"];

/// A public free function and the lines of its documentation.
struct Documented {
    name: String,
    lines: Vec<String>,
    /// Its `#[…]` lines.
    attributes: Vec<String>,
}

impl Documented {
    /// The headings of the sections and their line numbers; a `#` inside a code block is none.
    fn headings(&self) -> Vec<(usize, &str)> {
        let mut in_code = false;
        let mut headings = Vec::new();
        for (number, line) in self.lines.iter().enumerate() {
            in_code ^= line.starts_with("```");
            if let Some(heading) = line.strip_prefix("# ").filter(|_| !in_code) {
                headings.push((number, heading));
            }
        }
        headings
    }

    /// The lines of one section, without its heading.
    fn section(&self, heading: &str) -> &[String] {
        let headings = self.headings();
        let Some(which) = headings.iter().position(|(_, found)| *found == heading) else { return &[] };
        let end = headings.get(which + 1).map_or(self.lines.len(), |(line, _)| *line);
        &self.lines[headings[which].0 + 1..end]
    }

    /// The formula block, which stands before the first section.
    fn formula(&self) -> Option<String> {
        let head = &self.lines[..self.headings().first().map_or(self.lines.len(), |(line, _)| *line)];
        let start = head.iter().position(|line| line == "```text")? + 1;
        let length = head[start..].iter().position(|line| line == "```")?;
        Some(head[start..start + length].join("\n"))
    }

    /// What is missing or out of order.
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let sentence: Vec<&str> = self.lines.iter().map(String::as_str).take_while(|line| !line.is_empty()).collect();
        if !sentence.last().is_some_and(|line| line.ends_with('.')) || sentence.concat().contains(". ") {
            faults.push("the first paragraph is not one sentence".into());
        }
        if self.formula().is_none() {
            faults.push("there is no ```text block with the formula before the first section".into());
        }
        let sections: Vec<&str> = self.headings().into_iter().map(|(_, heading)| heading).collect();
        if sections != SECTIONS {
            faults.push(format!("the sections are {sections:?} instead of {SECTIONS:?}"));
        }
        for heading in SECTIONS.into_iter().filter(|heading| self.section(heading).concat().trim().is_empty()) {
            faults.push(format!("the section \"{heading}\" is empty"));
        }
        let example = self.section("Example");
        let asserted = example.iter().filter(|line| line.contains("assert")).count();
        if !example.iter().any(|line| line == "```") || asserted < 2 {
            faults.push("the example does not assert a value and a gradient".into());
        }
        if !self.section("See also").concat().contains("[`") {
            faults.push("\"See also\" links to nothing".into());
        }
        if !self.attributes.iter().any(|line| line == "#[track_caller]") {
            faults.push("a panic would not name the caller's line: #[track_caller] is missing".into());
        }
        if !self.attributes.iter().any(|line| line.starts_with("#[doc(alias")) {
            faults.push("there is no #[doc(alias)] with the name in another library".into());
        }
        faults
    }
}

/// Every public free function of the crate outside the catalogue: all of them are losses.
fn losses() -> Vec<Documented> {
    let mut files: Vec<PathBuf> = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut losses = Vec::new();
    while let Some(path) = files.pop() {
        if path.ends_with("catalog") {
            continue;
        }
        if path.is_dir() {
            files.extend(std::fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path()));
            continue;
        }
        let (mut lines, mut attributes) = (Vec::new(), Vec::new());
        for line in std::fs::read_to_string(path).expect("a source file").lines() {
            if let Some(text) = line.strip_prefix("///") {
                lines.push(text.strip_prefix(' ').unwrap_or(text).to_owned());
            } else if line.starts_with("#[") {
                attributes.push(line.to_owned());
            } else {
                let (lines, attributes) = (std::mem::take(&mut lines), std::mem::take(&mut attributes));
                if let Some(signature) = line.strip_prefix("pub fn ") {
                    let name = signature.split(['(', '<']).next().expect("a name").to_owned();
                    losses.push(Documented { name, lines, attributes });
                }
            }
        }
    }
    losses.sort_by(|a, b| a.name.cmp(&b.name));
    losses
}

fn examples() -> BTreeMap<&'static str, Vec<Example>> {
    let tables = [
        regression::examples(),
        likelihood::examples(),
        classification::examples(),
        embedding::examples(),
        ranking::examples(),
    ];
    let rows: Vec<_> = tables.into_iter().flatten().collect();
    let count = rows.len();
    let examples: BTreeMap<_, _> = rows.into_iter().collect();
    assert_eq!(examples.len(), count, "a loss has two rows");
    examples
}

#[test]
fn every_loss_is_documented_in_full_and_in_order() {
    let losses = losses();
    assert!(losses.len() >= 12, "the losses are not found in the sources");
    let faults: Vec<String> = losses
        .iter()
        .flat_map(|loss| loss.faults().into_iter().map(|fault| format!("{}: {fault}", loss.name)))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_formula_is_what_the_function_computes() {
    let (losses, examples) = (losses(), examples());
    let mut faults = Vec::new();
    for loss in &losses {
        println!("{}", loss.name); // a panic shows it
        match (loss.formula(), examples.get(loss.name.as_str())) {
            (None, _) => faults.push(format!("{}: no formula", loss.name)),
            (Some(text), rows) => {
                let entry = find(&loss.name);
                if entry.is_some_and(|entry| entry.latex.is_some()) {
                    assert!(rows.is_none(), "{}: its formula is read, so it needs no LaTeX", loss.name);
                    continue;
                }
                let formula = Formula::parse(&text);
                let sampled: Vec<Example>;
                let examples = match (rows, entry) {
                    (Some(rows), _) => rows,
                    (None, Some(entry)) => {
                        sampled = (0..6).map(|seed| Example::sampled(entry, &formula, seed)).collect();
                        &sampled
                    }
                    (None, None) => {
                        faults.push(format!("{}: neither an entry nor a row in the tables of examples", loss.name));
                        continue;
                    }
                };
                assert!(!examples.is_empty(), "{}: a row without examples", loss.name);
                let wrong = examples.iter().filter_map(|example| example.compare(&formula).err());
                faults.extend(wrong.take(1).map(|fault| format!("{}: {fault}\n{text}", loss.name)));
            }
        }
    }
    for name in examples.keys().filter(|name| !losses.iter().any(|loss| loss.name == **name)) {
        faults.push(format!("{name}: a row for no loss"));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The formula reader itself: precedence, cases, sums, indices, definitions.
#[test]
fn formulas_mean_what_they_look_like() {
    let vector = common::normal(1, [3]);
    let x = common::values(&vector);
    let greatest = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let others: f64 = x[1..].iter().map(|x| x.exp()).sum();
    let cases = [
        ("ℓ = 2 + 3 · 4²", 50.0),
        ("ℓ = −2² + ½ · 4", -2.0),
        ("ℓ = 12 / 3 2", 8.0),
        ("ℓ = 12 / (3 2)", 2.0),
        ("ℓ = 2 |1 − 3| |−2| − 1", 7.0),
        ("ℓ = |1 − (2 + |−3|)|", 4.0),
        ("ℓ = 2^3 − 2^(1 − 2)", 7.5),
        ("ℓ = ln exp 2 + 1", 3.0),
        ("ℓ = √16 + tanh² 0 + min(3, 2, 4)", 6.0),
        ("ℓ = 0 ln 0", 0.0),
        ("ℓ = 1 if 2 < 1 else 2 if 3 ≥ 3 and 1 ≠ 1 else 3", 3.0),
        ("ℓ = 1 if 2 < 1 or 2 = 2 else 2", 1.0),
        ("ℓ = [y = 1] + [y = 2] 10", 1.0),
        ("ℓ = x_y + x[y + 1] + x[0]", x.iter().sum()),
        ("ℓ = 1 + Σⱼ 2 xⱼ − 1", 2.0 * x.iter().sum::<f64>()),
        ("ℓ = maxⱼ xⱼ", greatest),
        ("ℓ = Σ{j ≠ 0} exp xⱼ", others),
        ("ℓ = Σ{i, j : i < j} (i + j)", 6.0),
        ("ℓ = Σᵢⱼ dᵢⱼ\ndᵢⱼ = (xᵢ − xⱼ)\n  + 1", 9.0),
        ("ℓ = Σⱼ a_j exp xⱼ / Σₖ exp xₖ\naⱼ = 1", 1.0),
    ];
    for (text, value) in cases {
        let example = Example::of(&minimand_tensor::Tensor::from([value])).with("x", &vector).number("y", 1.0);
        let example = ["i", "j", "k"].iter().fold(example, |example, index| example.range(index, 3));
        example.compare(&Formula::parse(text)).unwrap_or_else(|fault| panic!("{text}: {fault}"));
    }
}
