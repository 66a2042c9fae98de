//! What the likelihoods of a predicted scale share.

use std::f64::consts::PI;

use minimand_tensor::{DType, Tensor};

/// `½ ln 2π`.
pub(crate) const HALF_LN_2PI: f64 = 0.918_938_533_204_672_7;

/// `eˣ`, but a number for every x: beyond the greatest one its value stays there, and its slope too.
pub(crate) fn exp_bounded(x: &Tensor) -> Tensor {
    let greatest = if x.dtype() == DType::F32 { 88.0 } else { 709.0 };
    let passing = x - x.detach(); // 0, but the gradient passes beyond the bound
    x.gt(greatest).select(greatest + passing, x).exp()
}

/// `ln Γ(r + y) − ln Γ(r)` for r > 0 and y ≥ 0: by Stirling's series where r is large, so that the difference keeps its digits.
pub(crate) fn ln_gamma_ratio(r: &Tensor, y: &Tensor) -> Tensor {
    let large = r.ge(32);
    // Each side sees numbers of its own half only, so that what is not chosen has a gradient of 0 and not NaN.
    let (small_r, large_r) = (large.select(1, r), large.select(r, 32));
    let by_gamma = (&small_r + y).lgamma() - small_r.lgamma();
    let whole = &large_r + y;
    let tail = |x: &Tensor| {
        let inverse = x.reciprocal();
        let square = inverse.square();
        inverse * (1.0 / 12.0 - &square * (1.0 / 360.0 - &square * (1.0 / 1260.0 - square.clone() / 1680.0)))
    };
    let by_series = (&large_r - 0.5) * (y / &large_r).ln_1p() + y * whole.ln() - y + tail(&whole) - tail(&large_r);
    large.select(by_series, by_gamma)
}

/// The logarithm of the modified Bessel function `I₀(x)` less x, for x ≥ 0: by its power series below 16 and its asymptotic series above
/// (Abramowitz and Stegun 9.6.12 and 9.7.1).
pub(crate) fn log_scaled_bessel(x: &Tensor) -> Tensor {
    const TERMS: i32 = 48;
    let near = x.lt(16);
    let (small, large) = (near.select(x, 1), near.select(16, x));
    let square = 0.25 * small.square();
    // Horner's scheme for Σ (x²/4)ᵏ / k!², without the 1.
    let series = (1..=TERMS).rev().fold(square.zeros_like(), |sum, k| (sum + 1.0) * &square / f64::from(k * k));
    let inverse = (8.0 * &large).reciprocal();
    let asymptotic = (1..=20).rev().fold(inverse.zeros_like(), |sum, k| {
        let odd = f64::from(2 * k - 1);
        (sum + 1.0) * &inverse * (odd * odd / f64::from(k))
    });
    near.select(series.ln_1p() - small, asymptotic.ln_1p() - 0.5 * (2.0 * PI * large).ln())
}
