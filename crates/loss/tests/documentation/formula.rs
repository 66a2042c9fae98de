//! The values of formulas of the documentation; the head of `documentation.rs` says what they may contain.

use std::collections::HashMap;

use minimand_loss::catalog::{Expression, Fold, Formula};

/// Numbers with a shape.
#[derive(Clone, Debug)]
pub struct Array {
    pub shape: Vec<usize>,
    pub data: Vec<f64>,
}

/// What the symbols of a formula stand for.
pub struct Scope<'a> {
    pub arrays: &'a HashMap<String, Array>,
    /// Number of values of each index letter.
    pub ranges: &'a HashMap<String, usize>,
    /// Present values of index letters.
    pub indices: HashMap<String, usize>,
}

/// The value of `ℓ`.
pub fn evaluate(formula: &Formula, scope: &Scope) -> f64 {
    Evaluator(formula).value(&formula.definitions[0].body, scope)
}

struct Evaluator<'f>(&'f Formula);

impl Evaluator<'_> {
    fn value(&self, expression: &Expression, scope: &Scope) -> f64 {
        match expression {
            Expression::Number(number) => *number,
            Expression::Negate(inner) => -self.value(inner, scope),
            Expression::Symbol(name, indices) => {
                let at: Vec<usize> = indices.iter().map(|index| self.position(index, scope)).collect();
                self.symbol(name, &at, scope)
            }
            Expression::Apply(name, arguments) => {
                let values: Vec<f64> = arguments.iter().map(|argument| self.value(argument, scope)).collect();
                apply(name, &values)
            }
            Expression::If(parts) => {
                let [condition, value, otherwise] = &**parts;
                let chosen = if self.value(condition, scope) != 0.0 { value } else { otherwise };
                self.value(chosen, scope)
            }
            Expression::Binary(sign, sides) => {
                let [left, right] = &**sides;
                combine(*sign, self.value(left, scope), self.value(right, scope))
            }
            Expression::Fold(fold, letters, condition, body) => {
                let mut terms = Vec::new();
                self.each(letters, scope, &mut |inner| {
                    if condition.as_ref().is_none_or(|condition| self.value(condition, inner) != 0.0) {
                        terms.push(self.value(body, inner));
                    }
                });
                match fold {
                    Fold::Sum => terms.iter().sum(),
                    Fold::Product => terms.iter().product(),
                    Fold::Greatest => terms.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                    Fold::Least => terms.iter().copied().fold(f64::INFINITY, f64::min),
                }
            }
        }
    }

    /// Visits every value of the given index letters.
    fn each(&self, letters: &[String], scope: &Scope, visit: &mut dyn FnMut(&Scope)) {
        let Some((letter, rest)) = letters.split_first() else { return visit(scope) };
        let range =
            *scope.ranges.get(letter).unwrap_or_else(|| panic!("the table gives no range for the index {letter}"));
        for index in 0..range {
            self.each(rest, &scope.at(&[(letter.clone(), index)]), visit);
        }
    }

    fn position(&self, index: &Expression, scope: &Scope) -> usize {
        let value = self.value(index, scope);
        assert!(value >= 0.0 && value.fract() == 0.0, "{value} is no index");
        value as usize
    }

    fn symbol(&self, name: &str, at: &[usize], scope: &Scope) -> f64 {
        if let (Some(&index), true) = (scope.indices.get(name), at.is_empty()) {
            return index as f64;
        }
        if let Some(definition) = self.0.definitions.iter().find(|definition| definition.name == name) {
            assert_eq!(definition.indices.len(), at.len(), "{name}: another number of indices than in its definition");
            let bound: Vec<(String, usize)> = definition.indices.iter().cloned().zip(at.iter().copied()).collect();
            return self.value(&definition.body, &scope.at(&bound));
        }
        if let Some(array) = scope.arrays.get(name) {
            assert_eq!(array.shape.len(), at.len(), "{name}: another number of indices than axes {:?}", array.shape);
            let inside = at.iter().zip(&array.shape).all(|(index, size)| index < size);
            assert!(inside, "{name}: there is no entry {at:?} in {:?}", array.shape);
            return array.data[at.iter().zip(&array.shape).fold(0, |offset, (index, size)| offset * size + index)];
        }
        if name == "π" {
            return std::f64::consts::PI;
        }
        // `z_y`: the entry of z at y.
        let (base, index) = name.rsplit_once('_').unwrap_or_else(|| panic!("what is {name}?"));
        let mut whole = vec![self.position(&Expression::Symbol(index.into(), vec![]), scope)];
        whole.extend(at);
        self.symbol(base, &whole, scope)
    }
}

impl<'a> Scope<'a> {
    /// This scope with index letters bound.
    fn at(&self, bound: &[(String, usize)]) -> Scope<'a> {
        let mut indices = self.indices.clone();
        indices.extend(bound.iter().cloned());
        Scope { arrays: self.arrays, ranges: self.ranges, indices }
    }
}

fn apply(name: &str, arguments: &[f64]) -> f64 {
    match (name, arguments) {
        ("max", _) => arguments.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        ("min", _) => arguments.iter().copied().fold(f64::INFINITY, f64::min),
        ("ln", [x]) => x.ln(),
        ("exp", [x]) => x.exp(),
        ("σ", [x]) => 1.0 / (1.0 + (-x).exp()),
        ("softplus", [x]) => x.max(0.0) + (-x.abs()).exp().ln_1p(),
        ("tanh", [x]) => x.tanh(),
        ("cosh", [x]) => x.cosh(),
        ("sinh", [x]) => x.sinh(),
        ("sign", [x]) => f64::from(i8::from(*x > 0.0) - i8::from(*x < 0.0)),
        ("√", [x]) => x.sqrt(),
        ("floor", [x]) => x.floor(),
        ("abs", [x]) => x.abs(),
        ("sin", [x]) => x.sin(),
        ("cos", [x]) => x.cos(),
        ("tan", [x]) => x.tan(),
        ("acos", [x]) => x.acos(),
        ("atan", [x]) => x.atan(),
        ("atan2", [y, x]) => y.atan2(*x),
        ("erf", [x]) => statrs::function::erf::erf(*x),
        ("Φ", [x]) => 0.5 * statrs::function::erf::erfc(-x / std::f64::consts::SQRT_2),
        ("φ", [x]) => (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt(),
        ("lnΓ", [x]) => statrs::function::gamma::ln_gamma(*x),
        ("ψ", [x]) => statrs::function::gamma::digamma(*x),
        ("lnI₀", [x]) => log_bessel(*x),
        _ => panic!("{name} of {} arguments", arguments.len()),
    }
}

fn combine(sign: char, a: f64, b: f64) -> f64 {
    match sign {
        '+' => a + b,
        '-' => a - b,
        '*' if a == 0.0 || b == 0.0 => 0.0, // 0 · ∞ = 0
        '*' => a * b,
        '/' => a / b,
        '^' => a.powf(b),
        '=' => f64::from(a == b),
        '≠' => f64::from(a != b),
        '<' => f64::from(a < b),
        '≤' => f64::from(a <= b),
        '>' => f64::from(a > b),
        '≥' => f64::from(a >= b),
        '∧' => f64::from(a != 0.0 && b != 0.0),
        '∨' => f64::from(a != 0.0 || b != 0.0),
        _ => panic!("{sign} is no operation"),
    }
}

/// The logarithm of the modified Bessel function of order 0, by its power series: `Σₖ (x/2)²ᵏ / k!²`.
fn log_bessel(x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..500 {
        term *= (x / (2.0 * f64::from(k))).powi(2);
        sum += term;
    }
    f64::ln(sum)
}
