//! Primitives of two numbers.

use crate::op::real::Real;

/// Declares the enum, the list of all kinds, and a macro that turns a runtime kind into a compile-time one.
macro_rules! binary_kinds {
    ($($(#[$documentation:meta])* $kind:ident $name:literal,)*) => {
        /// A primitive of two numbers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Binary {
            $($(#[$documentation])* $kind,)*
        }

        impl Binary {
            /// Every kind.
            pub const ALL: &'static [Binary] = &[$(Binary::$kind,)*];

            /// The name of the operation in texts for people.
            pub fn name(self) -> &'static str {
                match self {
                    $(Binary::$kind => $name,)*
                }
            }
        }

        /// Runs `$body` with the constant `$constant` standing for the kind.
        macro_rules! with_binary {
            ($binary:expr, $constant:ident => $body:expr) => {
                match $binary {
                    $($crate::op::Binary::$kind => {
                        const $constant: $crate::op::Binary = $crate::op::Binary::$kind;
                        $body
                    })*
                }
            };
        }
        pub(crate) use with_binary;
    };
}

binary_kinds! {
    /// `a + b`.
    Add "add",
    /// `a - b`.
    Subtract "subtract",
    /// `a b`.
    Multiply "multiply",
    /// `a / b`.
    Divide "divide",
    /// `aᵇ`.
    Power "pow",
    /// The greater; NaN if either is.
    Maximum "maximum",
    /// The lesser; NaN if either is.
    Minimum "minimum",
    /// Whether `a < b`.
    Less "lt",
    /// Whether `a ≤ b`.
    LessOrEqual "le",
    /// Whether `a = b`.
    Equal "eq",
}

/// A [`Binary`] whose result is a truth value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Less,
    LessOrEqual,
    Equal,
}

impl Comparison {
    #[inline(always)]
    pub(crate) fn holds<T: PartialOrd>(self, a: T, b: T) -> bool {
        match self {
            Comparison::Less => a < b,
            Comparison::LessOrEqual => a <= b,
            Comparison::Equal => a == b,
        }
    }
}

#[inline(always)]
fn truth<T: Real>(holds: bool) -> T {
    if holds { T::ONE } else { T::ZERO }
}

impl Binary {
    /// The comparison of integers with a whole number that holds for the same integers as this one with `number`, which may have a fraction and
    /// stands on the given side of them.
    ///
    /// ```
    /// use minimand_engine::Binary;
    /// assert_eq!(Binary::Less.of_integers_and(1.5, false), (Binary::Less, 2)); // x < 1.5 is x < 2
    /// ```
    pub fn of_integers_and(self, number: f64, on_the_left: bool) -> (Binary, i64) {
        const END: f64 = 9_223_372_036_854_775_808.0; // 2⁶³
        let never = (Binary::Less, if on_the_left { i64::MAX } else { i64::MIN });
        let always = (Binary::LessOrEqual, if on_the_left { i64::MIN } else { i64::MAX });
        // x < 1.5 is x < 2, and x ≤ 1.5 is x ≤ 1; the other way round where the number is the lesser.
        let whole = if (self == Binary::Less) == on_the_left { number.floor() } else { number.ceil() };
        if whole.is_nan() || self == Binary::Equal && whole != number {
            never
        } else if (-END..END).contains(&whole) {
            (self, whole as i64)
        } else if self != Binary::Equal && (whole > 0.0) != on_the_left {
            always
        } else {
            never
        }
    }

    /// Whether the result is a truth value.
    pub fn is_comparison(self) -> bool {
        self.comparison().is_some()
    }

    /// The comparison, if it is one.
    #[inline(always)]
    pub(crate) const fn comparison(self) -> Option<Comparison> {
        match self {
            Binary::Less => Some(Comparison::Less),
            Binary::LessOrEqual => Some(Comparison::LessOrEqual),
            Binary::Equal => Some(Comparison::Equal),
            Binary::Add
            | Binary::Subtract
            | Binary::Multiply
            | Binary::Divide
            | Binary::Power
            | Binary::Maximum
            | Binary::Minimum => None,
        }
    }

    /// The value for real numbers; comparisons give 1 and 0.
    #[inline(always)]
    pub(crate) fn apply<T: Real>(self, a: T, b: T) -> T {
        match self {
            Binary::Add => a.add(b),
            Binary::Subtract => a.subtract(b),
            Binary::Multiply => a.multiply(b),
            Binary::Divide => a.divide(b),
            Binary::Power => a.power(b),
            Binary::Maximum => {
                if a > b || a.is_nan() {
                    a
                } else {
                    b
                }
            }
            Binary::Minimum => {
                if a < b || a.is_nan() {
                    a
                } else {
                    b
                }
            }
            Binary::Less => truth(Comparison::Less.holds(a, b)),
            Binary::LessOrEqual => truth(Comparison::LessOrEqual.holds(a, b)),
            Binary::Equal => truth(Comparison::Equal.holds(a, b)),
        }
    }

    /// The value for integers (and truth values as 0 and 1), which wrap around on overflow. Division and powers are not
    /// reached: their operands are cast to floating point.
    #[inline(always)]
    pub(crate) fn apply_integer(self, a: i64, b: i64) -> i64 {
        match self {
            Binary::Add => a.wrapping_add(b),
            Binary::Subtract => a.wrapping_sub(b),
            Binary::Multiply => a.wrapping_mul(b),
            Binary::Divide => a.checked_div(b).unwrap_or(0),
            Binary::Power => a.wrapping_pow(b as u32),
            Binary::Maximum => a.max(b),
            Binary::Minimum => a.min(b),
            Binary::Less => i64::from(Comparison::Less.holds(a, b)),
            Binary::LessOrEqual => i64::from(Comparison::LessOrEqual.holds(a, b)),
            Binary::Equal => i64::from(Comparison::Equal.holds(a, b)),
        }
    }
}
