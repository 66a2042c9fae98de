//! The polygamma functions.
//!
//! For n ≥ 1, `ψ⁽ⁿ⁾(x) = (-1)ⁿ⁺¹ n! ζ(n + 1, x)` with Hurwitz's zeta function `ζ(s, x) = Σ 1/(x + k)ˢ` over k ≥ 0 (Abramowitz & Stegun 6.4.10),
//! which is computed relative to its greatest term: neither factorials nor powers overflow on the way. The sum is the same for negative x,
//! where its terms on both sides of 0 are paired, because they cancel for odd s.

use std::f64::consts::PI;

/// `B₂ₖ/(2k)!`: the coefficients of the formula of Euler and Maclaurin.
const EULER_MACLAURIN: [f64; 12] = [
    8.333333333333333e-2,
    -1.388888888888889e-3,
    3.306878306878307e-5,
    -8.267195767195768e-7,
    2.08767569878681e-8,
    -5.284190138687493e-10,
    1.3382536530684679e-11,
    -3.3896802963225827e-13,
    8.586062056277845e-15,
    -2.174868698558062e-16,
    5.509002828360229e-18,
    -1.3954464685812525e-19,
];

/// The argument, less the order, from which on the asymptotic series are used.
const LARGE: f64 = 16.0;

/// `ψ⁽ⁿ⁾(x)`.
pub(crate) fn polygamma(order: u32, x: f64) -> f64 {
    let even = order.is_multiple_of(2);
    if x.is_nan() || x == f64::NEG_INFINITY {
        return f64::NAN;
    }
    if x == f64::INFINITY {
        return match order {
            0 => f64::INFINITY,
            _ if even => -0.0,
            _ => 0.0,
        };
    }
    if x == 0.0 {
        // ψ⁽ⁿ⁾(x) ~ (-1)^(n+1) n!/x^(n+1)
        return if even { -f64::INFINITY.copysign(x) } else { f64::INFINITY };
    }
    if x < 0.0 && x == x.floor() {
        return if even { f64::NAN } else { f64::INFINITY };
    }
    if order == 0 {
        return if x < 0.0 { digamma(1.0 - x) - PI / (PI * (x - x.round())).tan() } else { digamma(x) };
    }
    let s = f64::from(order) + 1.0;
    let (base, sum) = if x > 0.0 { (x, zeta(s, x)) } else { zeta_of_negative(s, x) };
    let size = times_factorial_over_power(sum, order, base);
    if even { -size } else { size }
}

/// `ψ(x)` for `x > 0`: by recurrence, and the asymptotic series where x is large (Abramowitz & Stegun 6.3.6, 6.3.18).
fn digamma(mut x: f64) -> f64 {
    let mut shift = 0.0;
    while x < LARGE {
        shift += x.recip();
        x += 1.0;
    }
    // B₂ₖ/(2k x²ᵏ) = B₂ₖ/(2k)! · (2k-1)!/x²ᵏ
    let inverse_square = (x * x).recip();
    let (mut series, mut factor) = (0.0, inverse_square);
    for (index, coefficient) in EULER_MACLAURIN.iter().enumerate() {
        series += coefficient * factor;
        let two_k = 2.0 * (index as f64 + 1.0);
        factor *= two_k * (two_k + 1.0) * inverse_square;
    }
    x.ln() - 0.5 / x - series - shift
}

/// `(a/b)ˢ`, to the last digits also where the two are nearly equal.
fn power_of_ratio(a: f64, b: f64, s: f64) -> f64 {
    (-s * ((b - a) / a).ln_1p()).exp()
}

/// `zˢ ζ(s, z)` where z is large, by the formula of Euler and Maclaurin.
fn asymptotic(s: f64, z: f64) -> f64 {
    let mut factor = s / z;
    let mut sum = z / (s - 1.0) + 0.5;
    for (index, coefficient) in EULER_MACLAURIN.iter().enumerate() {
        sum += coefficient * factor;
        let next = s + 2.0 * index as f64 + 1.0;
        factor *= next / z * ((next + 1.0) / z);
    }
    sum
}

/// `xˢ ζ(s, x)` for `x > 0`.
fn zeta(s: f64, x: f64) -> f64 {
    let (mut sum, mut k) = (0.0, 0.0);
    while x + k < LARGE + s {
        let term = power_of_ratio(x, x + k, s);
        sum += term;
        k += 1.0;
        // All that follow: less than this term times x + k.
        if term * (x + k) < 1e-18 * sum {
            return sum;
        }
    }
    sum + power_of_ratio(x, x + k, s) * asymptotic(s, x + k)
}

/// For negative x, no whole number: the distance d to the nearest whole number, and `dˢ Σ 1/(x + k)ˢ`.
///
/// With a and b, the distances to the whole numbers above and below, the terms are those of ζ(s, b), and ±1/(a + j)ˢ for the j from 0 to
/// that of 1 - x: all of ζ(s, a) less ζ(s, 1 - x).
fn zeta_of_negative(s: f64, x: f64) -> (f64, f64) {
    let (a, b) = (x.ceil() - x, x - x.floor());
    let (d, larger) = (a.min(b), a.max(b));
    let rest = power_of_ratio(d, 1.0 - x, s) * zeta(s, 1.0 - x);
    if s % 2.0 == 0.0 {
        return (d, zeta(s, d) + power_of_ratio(d, larger, s) * zeta(s, larger) - rest);
    }
    // ζ(s, d) - ζ(s, larger), pair by pair.
    let (mut difference, mut j) = (0.0, 0.0);
    while d + j < LARGE + s {
        difference -= power_of_ratio(d, d + j, s) * (-s * ((larger - d) / (d + j)).ln_1p()).exp_m1();
        j += 1.0;
    }
    let tail = |from: f64| power_of_ratio(d, from, s) * asymptotic(s, from);
    difference += tail(d + j) - tail(larger + j);
    (d, if b < a { difference + rest } else { rest - difference })
}

/// `y n!/xⁿ⁺¹`, with twice the digits and the exponent apart on the way.
fn times_factorial_over_power(y: f64, order: u32, x: f64) -> f64 {
    const STEP: f64 = 3.273390607896142e150; // 2^500
    let (mut high, mut low, mut exponent) = (y, 0.0, 0);
    for factor in (1..=order).map(f64::from).chain([1.0]) {
        let product = high * factor;
        let lost = high.mul_add(factor, -product) + low * factor;
        high = product / x;
        if high.is_infinite() {
            return high;
        }
        low = ((-high).mul_add(x, product) + lost) / x;
        if high.abs() > STEP {
            (high, low, exponent) = (high / STEP, low / STEP, exponent + 1);
        } else if high.abs() < STEP.recip() {
            (high, low, exponent) = (high * STEP, low * STEP, exponent - 1);
        }
    }
    // Exact, but for the last one where the result is denormal.
    let step = if exponent < 0 { STEP.recip() } else { STEP };
    (0..i32::abs(exponent).min(8)).fold(high + low, |result, _| result * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against values recorded from mpmath 1.4.1 with 60 digits. A line: order, x, value, and what a relative change of x changes.
    #[test]
    fn recorded_values_are_met() {
        for line in include_str!("polygamma.txt").lines() {
            let fields: Vec<f64> = line.split(' ').map(|field| field.parse().expect("a number")).collect();
            let &[order, x, exact, condition] = fields.as_slice() else { panic!("four numbers in {line:?}") };
            let found = polygamma(order as u32, x);
            let error = (found - exact).abs() / (f64::EPSILON * (exact.abs() + condition));
            assert!(error <= 8.0, "ψ of order {order} at {x}: {found:e}, not {exact:e}: {error} units");
        }
    }

    #[test]
    fn limits() {
        assert_eq!(polygamma(20, 1e300), -0.0);
        assert_eq!(polygamma(170, 1e-3), f64::NEG_INFINITY);
        assert_eq!(polygamma(171, 1e-3), f64::INFINITY);
        assert_eq!(polygamma(1, f64::from_bits(1)), f64::INFINITY);
        assert_eq!(polygamma(3, f64::INFINITY), 0.0);
        assert_eq!(polygamma(1, -2.0), f64::INFINITY);
        assert!(polygamma(2, -2.0).is_nan());
        assert!(polygamma(5, f64::NAN).is_nan());
    }
}
