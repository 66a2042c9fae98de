//! One figure over several seeds, and which way two such figures may differ.

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
}

/// Whether a figure is above or below another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// Clearly above.
    Higher,
    /// Clearly below.
    Lower,
    /// The seeds do not tell them apart.
    Unclear,
}
