//! One figure over several seeds, and whether two such figures differ by more than the seeds do.

use minimand::data::metrics::mean;
use serde::Serialize;

/// A figure measured once for each seed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spread {
    mean: f64,
    standard_deviation: f64,
    values: Vec<f64>,
}

impl Spread {
    /// Of one value for each seed, in the order of the seeds.
    ///
    /// # Panics
    /// If there is no value.
    #[track_caller]
    pub fn of(values: Vec<f64>) -> Self {
        let centre = mean(&values);
        let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
        let freedom = (values.len() - 1).max(1) as f64;
        Self { mean: centre, standard_deviation: (squares / freedom).sqrt(), values }
    }

    /// Mean over the seeds.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Standard deviation over the seeds (divided by n − 1); 0 for a single seed.
    pub fn standard_deviation(&self) -> f64 {
        self.standard_deviation
    }

    /// The value of each seed.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// How this figure compares with another one of the same seeds, seed by seed.
    ///
    /// # Panics
    /// If the two were measured with different numbers of seeds.
    #[track_caller]
    pub fn against(&self, other: &Self) -> Difference {
        assert_eq!(self.values.len(), other.values.len(), "against: figures of different numbers of seeds");
        let differences = Self::of(self.values.iter().zip(&other.values).map(|(a, b)| a - b).collect());
        let beyond_the_seeds = differences.mean.abs() > differences.standard_deviation;
        if beyond_the_seeds && differences.values.iter().all(|&d| d > 0.0) {
            Difference::Higher
        } else if beyond_the_seeds && differences.values.iter().all(|&d| d < 0.0) {
            Difference::Lower
        } else {
            Difference::Unclear
        }
    }
}

/// Whether a figure is above or below another one.
///
/// Clear means: of one sign with every seed, and on average larger than the standard deviation of the differences. It
/// is a rule to write honest sentences by, not a test of significance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// Clearly above.
    Higher,
    /// Clearly below.
    Lower,
    /// Within the spread of the seeds, or equal.
    Unclear,
}
