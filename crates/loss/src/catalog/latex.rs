//! Formulas in LaTeX.

use super::formula::{Definition, Expression, Fold, Formula};

impl Formula {
    /// The formula as a displayed equation: one line, or several that are aligned.
    pub fn latex(&self) -> String {
        match &self.definitions[..] {
            [only] => definition(only, "="),
            several => {
                let lines: Vec<String> = several.iter().map(|line| definition(line, "&=")).collect();
                format!("\\begin{{aligned}} {} \\end{{aligned}}", lines.join(" \\\\ "))
            }
        }
    }
}

fn definition(definition: &Definition, equals: &str) -> String {
    let name = subscripted(&symbol(&definition.name), &definition.indices.join(" "));
    format!("{name} {equals} {}", latex(&definition.body, Binding::Loose))
}

/// How tightly what stands around an expression binds.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Binding {
    Loose,
    Sum,
    Product,
    Power,
}

fn latex(expression: &Expression, around: Binding) -> String {
    let (text, own) = match expression {
        Expression::Number(number) => (decimal(*number), Binding::Power),
        Expression::Symbol(name, indices) => {
            let indices: Vec<String> = indices.iter().map(|index| latex(index, Binding::Loose)).collect();
            (subscripted(&symbol(name), &indices.join(",")), Binding::Power)
        }
        Expression::Negate(inner) => (format!("-{}", latex(inner, Binding::Product)), Binding::Sum),
        Expression::Apply(name, arguments) => return apply(name, arguments),
        Expression::If(parts) => {
            let [condition, value, otherwise] = &**parts;
            return cases(condition, value, otherwise);
        }
        Expression::Binary(sign, sides) => {
            let [left, right] = &**sides;
            match sign {
                '+' | '-' => {
                    let right = latex(right, Binding::Product);
                    (format!("{} {sign} {right}", latex(left, Binding::Sum)), Binding::Sum)
                }
                '*' => (
                    format!("{} \\, {}", latex(left, Binding::Product), latex(right, Binding::Product)),
                    Binding::Product,
                ),
                '/' => {
                    let fraction =
                        format!("\\frac{{{}}}{{{}}}", latex(left, Binding::Loose), latex(right, Binding::Loose));
                    (fraction, Binding::Power)
                }
                '^' => {
                    (format!("{}^{{{}}}", latex(left, Binding::Power), latex(right, Binding::Loose)), Binding::Product)
                }
                other => {
                    let sign = match other {
                        '≠' => "\\ne",
                        '≤' => "\\le",
                        '≥' => "\\ge",
                        '∧' => "\\text{ and }",
                        '∨' => "\\text{ or }",
                        '<' => "<",
                        '>' => ">",
                        _ => "=",
                    };
                    let around = if matches!(other, '∧' | '∨') { Binding::Loose } else { Binding::Sum };
                    let sides = (latex(left, around), latex(right, around));
                    (format!("{} {sign} {}", sides.0, sides.1), Binding::Loose)
                }
            }
        }
        Expression::Fold(fold, letters, condition, body) => {
            let sign = match fold {
                Fold::Sum => "\\sum",
                Fold::Product => "\\prod",
                Fold::Greatest => "\\max",
                Fold::Least => "\\min",
            };
            let below = match condition {
                None => letters.join(" "),
                Some(condition) => {
                    let condition = latex(condition, Binding::Loose);
                    if letters.len() == 1 && condition.starts_with(&letters[0]) {
                        condition
                    } else {
                        format!("{} \\,:\\, {condition}", letters.join(","))
                    }
                }
            };
            (format!("{sign}_{{{below}}} {}", latex(body, Binding::Product)), Binding::Product)
        }
    };
    match expression {
        _ if own >= around => text,
        // What is 1 where it holds and 0 elsewhere.
        Expression::Binary('=' | '≠' | '<' | '≤' | '>' | '≥', _) => format!("\\left[{text}\\right]"),
        Expression::Binary('∧' | '∨', _) => format!("\\left[{text}\\right]"),
        _ => format!("\\left({text}\\right)"),
    }
}

fn apply(name: &str, arguments: &[Expression]) -> String {
    let inner: Vec<String> = arguments.iter().map(|argument| latex(argument, Binding::Loose)).collect();
    let inner = inner.join(", ");
    match name {
        "√" => format!("\\sqrt{{{inner}}}"),
        "abs" => format!("\\left|{inner}\\right|"),
        "floor" => format!("\\left\\lfloor {inner} \\right\\rfloor"),
        _ => {
            let function = match name {
                "ln" | "exp" | "tanh" | "cosh" | "sinh" | "max" | "min" | "sin" | "cos" | "tan" => format!("\\{name}"),
                "σ" => "\\sigma".into(),
                "lnΓ" => "\\ln\\Gamma".into(),
                "ψ" => "\\psi".into(),
                "Φ" => "\\Phi".into(),
                "φ" => "\\varphi".into(),
                "lnI₀" => "\\ln I_0".into(),
                other => format!("\\operatorname{{{other}}}"),
            };
            format!("{function}\\left({inner}\\right)")
        }
    }
}

fn cases(condition: &Expression, value: &Expression, otherwise: &Expression) -> String {
    let mut lines =
        vec![format!("{} & \\text{{if }} {}", latex(value, Binding::Loose), latex(condition, Binding::Loose))];
    let mut rest = otherwise;
    while let Expression::If(parts) = rest {
        let [condition, value, otherwise] = &**parts;
        lines.push(format!("{} & \\text{{if }} {}", latex(value, Binding::Loose), latex(condition, Binding::Loose)));
        rest = otherwise;
    }
    lines.push(format!("{} & \\text{{else}}", latex(rest, Binding::Loose)));
    format!("\\begin{{cases}} {} \\end{{cases}}", lines.join(" \\\\ "))
}

fn decimal(number: f64) -> String {
    match number {
        f64::INFINITY => "\\infty".into(),
        0.5 => "\\tfrac{1}{2}".into(),
        0.25 => "\\tfrac{1}{4}".into(),
        other => other.to_string(),
    }
}

fn subscripted(name: &str, index: &str) -> String {
    match (index.is_empty(), name.split_once("_{")) {
        (true, _) => name.into(),
        (false, Some((base, rest))) => format!("{base}_{{{},{index}}}", rest.trim_end_matches('}')),
        (false, None) => format!("{name}_{{{index}}}"),
    }
}

/// A name: Greek and single letters as they are, words upright, what follows `_` below.
fn symbol(name: &str) -> String {
    if let Some((base, below)) = name.split_once('_').filter(|(base, _)| base.chars().count() == 1) {
        return format!("{}_{{{}}}", symbol(base), symbol(below));
    }
    let greek = |letter: char| {
        Some(match letter {
            'α' => "\\alpha",
            'β' => "\\beta",
            'γ' => "\\gamma",
            'δ' => "\\delta",
            'ε' => "\\varepsilon",
            'ζ' => "\\zeta",
            'η' => "\\eta",
            'θ' => "\\theta",
            'κ' => "\\kappa",
            'λ' => "\\lambda",
            'μ' => "\\mu",
            'ν' => "\\nu",
            'ξ' => "\\xi",
            'π' => "\\pi",
            'ρ' => "\\rho",
            'σ' => "\\sigma",
            'τ' => "\\tau",
            'φ' => "\\varphi",
            'χ' => "\\chi",
            'ψ' => "\\psi",
            'ω' => "\\omega",
            'Δ' => "\\Delta",
            'Σ' => "\\Sigma",
            'Φ' => "\\Phi",
            'Ω' => "\\Omega",
            'ℓ' => "\\ell",
            _ => return None,
        })
    };
    let mut letters = name.chars();
    let (Some(first), rest) = (letters.next(), letters.as_str()) else { return String::new() };
    match (greek(first), rest) {
        (Some(letter), "") => letter.into(),
        (None, "") => first.into(),
        (letter, "′") => format!("{}'", letter.map_or_else(|| first.to_string(), Into::into)),
        (letter, rest) if rest.chars().all(|letter| ('\u{300}'..='\u{36f}').contains(&letter)) => {
            let accent = if rest == "\u{302}" { "\\hat" } else { "\\bar" };
            format!("{accent}{{{}}}", letter.map_or_else(|| first.to_string(), Into::into))
        }
        (letter, rest) if rest.chars().all(|letter| ('₀'..='₉').contains(&letter) || letter.is_ascii_digit()) => {
            let below: String = rest
                .chars()
                .map(|letter| {
                    if letter.is_ascii_digit() {
                        letter
                    } else {
                        char::from_u32(letter as u32 - '₀' as u32 + '0' as u32).unwrap_or(letter)
                    }
                })
                .collect();
            format!("{}_{{{below}}}", letter.map_or_else(|| first.to_string(), Into::into))
        }
        _ => format!("\\mathrm{{{}}}", name.replace('_', "\\_")),
    }
}
