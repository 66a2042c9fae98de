//! Better, equal or worse: what a difference is believed to be, given what is too small to matter.

use std::fmt;

use serde::Serialize;

use super::paired::Paired;

/// How sure a finding has to be to be said.
pub const SURE: f64 = 0.95;

/// The belief that a first loss is better than, practically equal to, or worse than a second; together 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Probabilities {
    /// The difference is below the region of practical equivalence.
    pub better: f64,
    /// It is inside.
    pub equal: f64,
    /// It is above.
    pub worse: f64,
}

impl Probabilities {
    /// Nothing is known but the sign's two sides.
    const UNKNOWN: Self = Self { better: 0.5, equal: 0.0, worse: 0.5 };

    /// Of a difference (below 0: the first is better) with the region of practical equivalence −`rope` to `rope`, in the
    /// unit of the difference.
    ///
    /// With [`corrected`](super::corrected) differences it is the Bayesian correlated t-test: the posterior of the mean
    /// under a flat prior is Student's t around d̄ with J − 1 degrees of freedom and SE² = s² (1/J + ρ/(1 − ρ)), where ρ
    /// is the share of test rows, so that ρ/(1 − ρ) is the ratio of test to training rows. Corani & Benavoli, "A Bayesian
    /// approach for comparing cross-validated algorithms on multiple data sets", 2015; Benavoli et al., "Time for a
    /// change", 2017. Where nothing is known about the difference or the region, neither side is sure.
    ///
    /// # Panics
    /// If the region is below 0.
    #[track_caller]
    pub fn of(paired: &Paired, rope: f64) -> Self {
        assert!(rope.is_nan() || rope >= 0.0, "the region of practical equivalence is {rope}, below 0");
        if !paired.is_known() || rope.is_nan() {
            return Self::UNKNOWN;
        }
        let (better, worse) = (paired.chance_below(-rope), paired.chance_above(rope));
        Self { better, equal: (1.0 - better - worse).max(0.0), worse }
    }

    /// What may be said: that of which the belief is at least 0.95.
    pub fn outcome(&self) -> Outcome {
        if self.better >= SURE {
            Outcome::Better
        } else if self.equal >= SURE {
            Outcome::Equal
        } else if self.worse >= SURE {
            Outcome::Worse
        } else {
            Outcome::CannotTell
        }
    }
}

/// What may be said of a first loss against a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Better by more than matters.
    Better,
    /// The difference does not matter.
    Equal,
    /// Worse by more than matters.
    Worse,
    /// The data do not decide.
    CannotTell,
}

impl Outcome {
    /// The same, of the second against the first.
    #[must_use]
    pub fn turned(self) -> Self {
        match self {
            Self::Better => Self::Worse,
            Self::Equal => Self::Equal,
            Self::Worse => Self::Better,
            Self::CannotTell => Self::CannotTell,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Better => "better",
            Self::Equal => "equal",
            Self::Worse => "worse",
            Self::CannotTell => "can't tell",
        })
    }
}
