//! Numbers and words that a loss takes.

/// A parameter of a loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// What it is when it is not given.
    pub default: Default,
}

/// What a parameter may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A number between two ends, which belong to the range or do not.
    Number {
        /// The lower end.
        low: f64,
        /// Whether it may be the lower end itself.
        with_low: bool,
        /// The upper end.
        high: f64,
        /// Whether it may be the upper end itself.
        with_high: bool,
    },
    /// A whole number of at least this one; at most [`MOST`], if it counts something and so is none below 0.
    Integer(i64),
    /// Yes or no.
    Flag,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Several numbers.
    Numbers,
}

/// What a parameter is when it is not given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Default {
    /// It must be given.
    Required,
    /// Nothing: the loss works without.
    Absent,
    /// This number.
    Number(f64),
    /// This whole number.
    Integer(i64),
    /// This answer.
    Flag(bool),
    /// This word.
    Choice(&'static str),
    /// These numbers.
    Numbers(&'static [f64]),
}

/// How many bins, steps or samples may be asked for by name: more would fill the memory, whose end no error can report.
pub const MOST: i64 = 100_000;

impl Parameter {
    /// The same, greater than a number.
    pub(crate) const fn above(mut self, least: f64) -> Parameter {
        if let Kind::Number { low, with_low, .. } = &mut self.kind {
            (*low, *with_low) = (least, false);
        }
        self
    }

    /// The same, at least a number.
    pub(crate) const fn at_least(mut self, least: f64) -> Parameter {
        if let Kind::Number { low, with_low, .. } = &mut self.kind {
            (*low, *with_low) = (least, true);
        }
        self
    }

    /// The same, less than a number.
    pub(crate) const fn below(mut self, greatest: f64) -> Parameter {
        if let Kind::Number { high, with_high, .. } = &mut self.kind {
            (*high, *with_high) = (greatest, false);
        }
        self
    }

    /// The same, at most a number.
    pub(crate) const fn at_most(mut self, greatest: f64) -> Parameter {
        if let Kind::Number { high, with_high, .. } = &mut self.kind {
            (*high, *with_high) = (greatest, true);
        }
        self
    }

    /// The same, but it may be left out, and nothing takes its place.
    pub(crate) const fn optional(mut self) -> Parameter {
        self.default = Default::Absent;
        self
    }
}

impl Kind {
    /// What is allowed, in words.
    pub fn describe(self) -> String {
        match self {
            Kind::Number { low, with_low, high, with_high } => {
                let below = match (low, with_low) {
                    (f64::NEG_INFINITY, _) => String::new(),
                    (_, true) => format!("at least {low}"),
                    (_, false) => format!("greater than {low}"),
                };
                let above = match (high, with_high) {
                    (f64::INFINITY, _) => String::new(),
                    (_, true) => format!("at most {high}"),
                    (_, false) => format!("less than {high}"),
                };
                match (below.is_empty(), above.is_empty()) {
                    (true, true) => "any number".into(),
                    (false, false) => format!("{below} and {above}"),
                    _ => below + &above,
                }
            }
            Kind::Integer(i64::MIN) => "a whole number".into(),
            Kind::Integer(least) => format!("a whole number from {least} to {MOST}"),
            Kind::Flag => "true or false".into(),
            Kind::Choice(words) => words.join(" or "),
            Kind::Numbers => "numbers".into(),
        }
    }
}

const ANY: Kind = Kind::Number { low: f64::NEG_INFINITY, with_low: false, high: f64::INFINITY, with_high: true };

/// Any number.
pub(crate) const fn number(name: &'static str, default: f64) -> Parameter {
    Parameter { name, kind: ANY, default: Default::Number(default) }
}

/// A whole number of at least `least`.
pub(crate) const fn integer(name: &'static str, default: i64, least: i64) -> Parameter {
    Parameter { name, kind: Kind::Integer(least), default: Default::Integer(default) }
}

/// Yes or no.
pub(crate) const fn flag(name: &'static str, default: bool) -> Parameter {
    Parameter { name, kind: Kind::Flag, default: Default::Flag(default) }
}

/// One of several words.
pub(crate) const fn choice(name: &'static str, default: &'static str, words: &'static [&'static str]) -> Parameter {
    Parameter { name, kind: Kind::Choice(words), default: Default::Choice(default) }
}

/// Several numbers.
pub(crate) const fn numbers(name: &'static str, default: &'static [f64]) -> Parameter {
    Parameter { name, kind: Kind::Numbers, default: Default::Numbers(default) }
}
