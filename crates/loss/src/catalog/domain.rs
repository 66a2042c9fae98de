//! What may stand in a tensor that goes into a loss.

use minimand_tensor::DType;

/// A tensor that a loss takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Input {
    /// Its name.
    pub name: &'static str,
    /// Its shape: names of sizes, numbers, `…` for any further axes; `[batch, classes]`, `[…, 4]`, `[batch, …, classes]`, `[batch, classes - 1]`.
    pub shape: &'static str,
    /// What may stand in it.
    pub domain: Domain,
    /// Whether the loss has a gradient by it.
    pub differentiable: bool,
    /// Whether it may be left out.
    pub optional: bool,
}

/// What may stand in a tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Domain {
    /// Any numbers.
    Real,
    /// Numbers greater than 0.
    Positive,
    /// Numbers of at least 0.
    NonNegative,
    /// Numbers greater than this one.
    Above(f64),
    /// Numbers from 0 to 1.
    Unit,
    /// Probabilities along the last axis, which sum to 1.
    Distribution,
    /// Logarithms of probabilities along the last axis.
    LogDistribution,
    /// -1 and 1.
    Signs,
    /// 0 and 1.
    Binary,
    /// Counts as floating-point numbers: at least 0, usually whole; means and weights of counts are none the less allowed.
    Counts,
    /// Whole numbers that name one of so many classes; the parameter `ignored`, where the loss has it, names the value without a class.
    Labels(&'static str),
    /// Lists along the last axis of whole numbers that name some of so many classes; -1 ends a list before its axis does.
    LabelLists(&'static str),
    /// Whole numbers from 0, below a size.
    Index(&'static str),
    /// Whole numbers from 0 to a size: how much of an axis is in use.
    Length(&'static str),
    /// Any whole numbers.
    Integer,
    /// Truth values.
    Mask,
    /// Boxes along the last axis: left, top, right, bottom, with `left ≤ right` and `top ≤ bottom`.
    Boxes,
}

impl Domain {
    /// The type of the tensor, for losses computed in a floating-point type.
    pub fn dtype(self, float: DType) -> DType {
        match self {
            Domain::Labels(_) | Domain::LabelLists(_) => DType::I64,
            Domain::Index(_) | Domain::Length(_) | Domain::Integer => DType::I64,
            Domain::Mask => DType::Bool,
            _ => float,
        }
    }

    /// The domain in words.
    pub fn describe(self) -> String {
        match self {
            Domain::Real => "any numbers".into(),
            Domain::Positive => "greater than 0".into(),
            Domain::NonNegative => "at least 0".into(),
            Domain::Above(least) => format!("greater than {least}"),
            Domain::Unit => "0 to 1".into(),
            Domain::Distribution => "probabilities that sum to 1 along the last axis".into(),
            Domain::LogDistribution => "logarithms of probabilities that sum to 1 along the last axis".into(),
            Domain::Signs => "-1 or 1".into(),
            Domain::Binary => "0 or 1".into(),
            Domain::Counts => "counts: at least 0, usually whole".into(),
            Domain::Labels(classes) => format!("classes: whole numbers from 0, below {classes}"),
            Domain::LabelLists(classes) => {
                format!("lists of classes: whole numbers from 0, below {classes}; -1 ends a list")
            }
            Domain::Index(size) => format!("whole numbers from 0, below {size}"),
            Domain::Length(size) => format!("whole numbers from 0 to {size}"),
            Domain::Integer => "whole numbers".into(),
            Domain::Mask => "true or false".into(),
            Domain::Boxes => "boxes: left, top, right, bottom; left ≤ right, top ≤ bottom".into(),
        }
    }

    /// Why a number may not stand in the tensor, if it may not; what is particular to whole numbers is looked at elsewhere.
    pub(super) fn objection(self, value: f64) -> Option<&'static str> {
        let (allowed, must) = match self {
            Domain::Real | Domain::Distribution | Domain::LogDistribution | Domain::Boxes => return None,
            Domain::Labels(_) | Domain::LabelLists(_) | Domain::Index(_) => return None,
            Domain::Length(_) | Domain::Integer | Domain::Mask => return None,
            Domain::Positive => (value > 0.0, "must be greater than 0"),
            Domain::NonNegative | Domain::Counts => (value >= 0.0, "must be at least 0"),
            Domain::Above(least) => (value > least, "is too small"),
            Domain::Unit => ((0.0..=1.0).contains(&value), "must be from 0 to 1"),
            Domain::Signs => (value == 1.0 || value == -1.0, "must be -1 or 1"),
            Domain::Binary => (value == 0.0 || value == 1.0, "must be 0 or 1"),
        };
        (!allowed && !value.is_nan()).then_some(must)
    }
}

impl Input {
    const fn new(name: &'static str, shape: &'static str, domain: Domain, differentiable: bool) -> Input {
        Input { name, shape, domain, differentiable, optional: false }
    }

    /// The same, without a gradient.
    pub(crate) const fn fixed(mut self) -> Input {
        self.differentiable = false;
        self
    }

    /// The same, but it may be left out.
    pub(crate) const fn optional(mut self) -> Input {
        self.optional = true;
        self
    }
}

macro_rules! inputs {
    ($($name:ident $domain:ident $differentiable:literal;)*) => {$(
        pub(crate) const fn $name(name: &'static str, shape: &'static str) -> Input {
            Input::new(name, shape, Domain::$domain, $differentiable)
        }
    )*};
}
inputs! {
    real Real true;
    positive Positive true;
    non_negative NonNegative true;
    unit Unit true;
    distribution Distribution true;
    log_distribution LogDistribution true;
    boxes Boxes true;
    signs Signs false;
    binary Binary false;
    counts Counts false;
    whole Integer false;
    mask Mask false;
}

pub(crate) const fn above(name: &'static str, shape: &'static str, least: f64) -> Input {
    Input::new(name, shape, Domain::Above(least), true)
}

pub(crate) const fn labels(name: &'static str, shape: &'static str, classes: &'static str) -> Input {
    Input::new(name, shape, Domain::Labels(classes), false)
}

pub(crate) const fn label_lists(name: &'static str, shape: &'static str, classes: &'static str) -> Input {
    Input::new(name, shape, Domain::LabelLists(classes), false)
}

pub(crate) const fn index(name: &'static str, shape: &'static str, size: &'static str) -> Input {
    Input::new(name, shape, Domain::Index(size), false)
}

pub(crate) const fn length(name: &'static str, shape: &'static str, size: &'static str) -> Input {
    Input::new(name, shape, Domain::Length(size), false)
}
