//! Special functions that no dependency has, or none as exactly.

mod polygamma;

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

pub(crate) use polygamma::polygamma;

/// `ln |Γ(x)|` in single precision, computed in double: the single-precision algorithm loses half its digits near the
/// zeros at 1 and 2.
pub(crate) fn ln_gamma_f32(x: f32) -> f32 {
    libm::lgamma(f64::from(x)) as f32
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

/// The same in single precision.
pub(crate) fn normal_cdf_f32(x: f32) -> f32 {
    normal_cdf(f64::from(x)) as f32
}
