//! Special functions that no dependency has, or none as exactly.

mod polygamma;

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

pub(crate) use polygamma::polygamma;

/// `1/(1 + e⁻ˣ)`.
pub(crate) fn sigmoid(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    (if x < 0.0 { e } else { 1.0 }) / (1.0 + e)
}

/// `ln(1 + eˣ)`.
pub(crate) fn softplus(x: f64) -> f64 {
    // `f64::max` would turn NaN into 0.
    (if x < 0.0 { 0.0 } else { x }) + (-x.abs()).exp().ln_1p()
}

/// -1 or 1; a zero and NaN stay what they are.
pub(crate) fn sign(x: f64) -> f64 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else {
        x * 0.0
    }
}

/// The standard normal distribution function.
pub(crate) fn normal_cdf(x: f64) -> f64 {
    // What the rounding of -x/√2 loses is put right by the derivative: for large x it would be seen.
    const LOW: f64 = -4.833646656726457e-17; // √½ less its nearest number
    let z = -x * FRAC_1_SQRT_2;
    let lost = (-x).mul_add(FRAC_1_SQRT_2, -z) - x * LOW;
    let correction = if z.abs() < 30.0 { FRAC_2_SQRT_PI * (-z * z).exp() * lost } else { 0.0 };
    0.5 * (libm::erfc(z) - correction)
}
