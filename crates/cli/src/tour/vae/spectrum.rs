//! What the eigenvalues of the pictures' covariance say of a linear autoencoder before anything is trained.

use minimand::prelude::*;
use serde::Serialize;

use crate::statistics::linear_algebra::singular_values;

/// Eigenvalues of a covariance, the largest first, and a decoder's variance beside them.
///
/// A linear VAE is probabilistic principal component analysis (Lucas et al. 2019): at the optimum a unit stands for an
/// eigenvector whose eigenvalue λ is above the decoder's variance σ², has a mean of variance `1 − σ²/λ` and holds
/// `½ ln(λ/σ²)` nats; where no such eigenvector is left, a unit holds nothing. With a code that costs β times as much the
/// bound is β times that of a decoder with variance β σ².
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spectrum {
    /// Of the covariance, the largest first.
    pub eigenvalues: Vec<f64>,
    /// σ².
    pub variance: f64,
    /// Units of the code: no more can be active.
    pub units: usize,
}

impl Spectrum {
    /// Of `[rows, columns]`.
    pub(super) fn of(rows: &Tensor, variance: f64, units: usize) -> Self {
        let rows = rows.cast(DType::F64);
        let (count, columns) = (rows.shape()[0], rows.shape()[1]);
        let centred = &rows - rows.mean_keepdim(0);
        let covariance = centred.transpose().matmul(&centred) / count as f64;
        // Of a positive semidefinite matrix the singular values are the eigenvalues.
        let mut eigenvalues = singular_values(covariance.to_vec(), columns);
        eigenvalues.sort_by(|a, b| b.total_cmp(a));
        Self { eigenvalues, variance, units }
    }

    /// The eigenvalue from which on a unit pays for itself.
    pub fn threshold(&self, beta: f64) -> f64 {
        beta * self.variance
    }

    /// Eigenvalues above the threshold.
    pub fn above(&self, beta: f64) -> usize {
        self.eigenvalues.iter().filter(|&&eigenvalue| eigenvalue > self.threshold(beta)).count()
    }

    /// Units that will be active, as far as there are units.
    pub fn active(&self, beta: f64) -> usize {
        self.above(beta).min(self.units)
    }

    /// Nats in each unit, the fullest first.
    pub fn divergences(&self, beta: f64) -> Vec<f64> {
        let nats = |eigenvalue: &f64| 0.5 * (eigenvalue / self.threshold(beta)).ln().max(0.0);
        self.eigenvalues.iter().take(self.units).map(nats).collect()
    }

    /// Nats in the code.
    pub fn rate(&self, beta: f64) -> f64 {
        self.divergences(beta).iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn eigenvalues_are_those_of_a_turned_ellipse() {
        // Four points at ±2 (1, 1) and ±(1, −1): by hand, variances 4 along (1, 1)/√2 and 1 along (1, −1)/√2.
        let rows = Tensor::from([[2.0, 2.0], [-2.0, -2.0], [1.0, -1.0], [-1.0, 1.0]]) + 7.0;
        let spectrum = Spectrum::of(&rows, 1.0, 2);
        assert_relative_eq!(spectrum.eigenvalues[0], 4.0, max_relative = 1e-6);
        assert_relative_eq!(spectrum.eigenvalues[1], 1.0, max_relative = 1e-6);
    }

    #[test]
    fn a_unit_for_each_eigenvalue_above_the_variance() {
        let spectrum = Spectrum { eigenvalues: vec![8.0, 4.0, 1.0, 0.1], variance: 0.5, units: 2 };
        assert_eq!([0.1, 1.0, 4.0, 10.0, 20.0].map(|beta| spectrum.above(beta)), [4, 3, 2, 1, 0]);
        assert_eq!([0.1, 1.0, 4.0, 10.0, 20.0].map(|beta| spectrum.active(beta)), [2, 2, 2, 1, 0]);
        assert_eq!(spectrum.divergences(8.0), [0.5 * 2.0_f64.ln(), 0.0]);
        assert_relative_eq!(spectrum.rate(1.0), 0.5 * (16.0_f64.ln() + 8.0_f64.ln()));
    }
}
