//! Formulas of the documentation, taken apart.

/// A formula: `ℓ` and the symbols it is made of. Its text form is described in `tests/documentation.rs`.
#[derive(Clone, Debug)]
pub struct Formula {
    /// Their definitions, that of `ℓ` first.
    pub definitions: Vec<Definition>,
}

/// `name = body`, or with indices `nameᵢⱼ = body`.
#[derive(Clone, Debug)]
pub struct Definition {
    /// What is defined.
    pub name: String,
    /// Its index letters.
    pub indices: Vec<String>,
    /// What it is.
    pub body: Expression,
}

/// What stands on the right of a definition.
#[derive(Clone, Debug)]
pub enum Expression {
    /// A number.
    Number(f64),
    /// A symbol and its indices.
    Symbol(String, Vec<Expression>),
    /// A function of arguments.
    Apply(String, Vec<Expression>),
    /// `+ - * / ^`, a comparison, `∧` or `∨`.
    Binary(char, Box<[Expression; 2]>),
    /// The negative.
    Negate(Box<Expression>),
    /// Condition, value where it holds, value elsewhere.
    If(Box<[Expression; 3]>),
    /// Terms combined over index letters, under a condition.
    Fold(Fold, Vec<String>, Option<Box<Expression>>, Box<Expression>),
}

/// How terms over an index are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// `Σ`.
    Sum,
    /// `Π`.
    Product,
    /// `max`.
    Greatest,
    /// `min`.
    Least,
}
