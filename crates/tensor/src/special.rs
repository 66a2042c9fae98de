//! Special functions that no dependency has: the polygamma functions.

use std::f64::consts::PI;

/// `ln |Γ(x)|` in single precision, computed in double: the single-precision algorithm loses half its digits near the
/// zeros at 1 and 2.
pub(crate) fn ln_gamma_f32(x: f32) -> f32 {
    libm::lgamma(f64::from(x)) as f32
}

/// Bernoulli numbers `B₂, B₄, …`.
const BERNOULLI: [f64; 14] = [
    1.0 / 6.0,
    -1.0 / 30.0,
    1.0 / 42.0,
    -1.0 / 30.0,
    5.0 / 66.0,
    -691.0 / 2730.0,
    7.0 / 6.0,
    -3617.0 / 510.0,
    43867.0 / 798.0,
    -174611.0 / 330.0,
    854513.0 / 138.0,
    -236364091.0 / 2730.0,
    8553103.0 / 6.0,
    -23749461029.0 / 870.0,
];

/// `ψ⁽ⁿ⁾(x)`, by recurrence up to a large argument and the asymptotic series there; by reflection for negative `x`
/// (Abramowitz & Stegun 6.3.18, 6.4.6, 6.4.7, 6.4.11).
pub(crate) fn polygamma(order: u32, x: f64) -> f64 {
    let odd_sign = if order.is_multiple_of(2) { -1.0 } else { 1.0 }; // (-1)^(n+1)
    if x.is_nan() || x == f64::NEG_INFINITY {
        return f64::NAN;
    }
    if x == f64::INFINITY {
        return if order == 0 { f64::INFINITY } else { 0.0 };
    }
    if x == 0.0 {
        // ψ⁽ⁿ⁾(x) ~ (-1)^(n+1) n!/x^(n+1)
        return if order.is_multiple_of(2) { -f64::INFINITY.copysign(x) } else { f64::INFINITY };
    }
    if x < 0.0 {
        if x == x.floor() {
            return if order.is_multiple_of(2) { f64::NAN } else { f64::INFINITY };
        }
        // (-1)^n ψ⁽ⁿ⁾(1-x) - ψ⁽ⁿ⁾(x) = π dⁿ/dxⁿ cot πx
        return -odd_sign * positive(order, 1.0 - x, odd_sign) - cotangent_derivative(order, x);
    }
    positive(order, x, odd_sign)
}

/// `ψ⁽ⁿ⁾(x)` for `x > 0`.
fn positive(order: u32, mut x: f64, odd_sign: f64) -> f64 {
    let n = order as i32;
    let factorial: f64 = (1..=order).map(f64::from).product();
    let mut shift = 0.0;
    let large = 16.0 + f64::from(order);
    while x < large {
        shift += factorial / x.powi(n + 1);
        x += 1.0;
    }
    let inverse_square = (x * x).recip();
    let mut series = 0.0;
    // B₂ₖ (2k+n-1)!/((2k)! x^(2k)), summed from the smallest term; for n = 0 the ratio of factorials is 1/2k.
    for (index, bernoulli) in BERNOULLI.iter().enumerate().rev() {
        let two_k = 2 * (index as u32 + 1);
        let ratio: f64 =
            if order == 0 { f64::from(two_k).recip() } else { (two_k + 1..two_k + order).map(f64::from).product() };
        series += bernoulli * ratio * inverse_square.powi(index as i32 + 1);
    }
    if order == 0 {
        return x.ln() - 0.5 / x - series - shift;
    }
    let leading = factorial / f64::from(order);
    odd_sign * ((leading + 0.5 * factorial / x + series) / x.powi(n) + shift)
}

/// `π dⁿ/dxⁿ cot πx`, as a polynomial in the cotangent: `d/dx cot πx = -π (1 + cot² πx)`.
fn cotangent_derivative(order: u32, x: f64) -> f64 {
    // The distance to the nearest pole keeps the angle small and exact.
    let fraction = x - x.round();
    let cotangent = (PI * fraction).tan().recip();
    let mut polynomial = vec![0.0, 1.0];
    for _ in 0..order {
        let mut next = vec![0.0; polynomial.len() + 1];
        for (power, coefficient) in polynomial.iter().enumerate().skip(1) {
            let slope = -PI * power as f64 * coefficient;
            next[power - 1] += slope;
            next[power + 1] += slope;
        }
        polynomial = next;
    }
    PI * polynomial.iter().rev().fold(0.0, |sum, coefficient| sum * cotangent + coefficient)
}
