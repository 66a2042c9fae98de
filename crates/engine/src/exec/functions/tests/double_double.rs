//! The functions with about 100 bits, slowly: the reference for double precision. A number is an unevaluated sum of two
//! (T. J. Dekker, "A floating-point technique for extending the available precision", 1971). Nothing here is shared
//! with the functions under test; the recorded values test this reference.

use std::f64::consts;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::Function;

/// `high + low`, with `|low|` at most half a unit in the last place of `high`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Double {
    pub(super) high: f64,
    pub(super) low: f64,
}

const LN_2: [f64; 3] = [consts::LN_2, 2.3190468138462996e-17, 5.707708438416212e-34];
const HALF_PI: [f64; 3] = [consts::FRAC_PI_2, 6.123233995736766e-17, -1.4973849048591698e-33];
/// `2/√π`.
const ERF_SLOPE: Double = Double { high: consts::FRAC_2_SQRT_PI, low: 1.533545961316588e-17 };

/// `1/√(2π)`.
const NORMAL_DENSITY: Double = Double { high: 0.3989422804014327, low: -2.49232720227773e-17 };

/// `½ ln 2π`.
const HALF_LN_TWO_PI: Double = Double { high: 0.9189385332046728, low: -3.8782941580672414e-17 };
/// Bernoulli's numbers `B₂, B₄, …` as fractions.
const BERNOULLI: [(f64, f64); 12] = [
    (1.0, 6.0),
    (-1.0, 30.0),
    (1.0, 42.0),
    (-1.0, 30.0),
    (5.0, 66.0),
    (-691.0, 2730.0),
    (7.0, 6.0),
    (-3617.0, 510.0),
    (43867.0, 798.0),
    (-174611.0, 330.0),
    (854513.0, 138.0),
    (-236364091.0, 2730.0),
];
/// The first coefficients of `lgamma(1 + d)`: `-γ`, and `(-1)ᵏ ζ(k)/k`.
const LGAMMA_AT_ONE: [Double; 7] = [
    Double { high: -0.5772156649015329, low: 4.942915152430645e-18 },
    Double { high: 0.8224670334241132, low: 1.520336175199238e-17 },
    Double { high: -0.40068563438653143, low: 2.250747042487504e-18 },
    Double { high: 0.27058080842778454, low: 1.1871280107138412e-17 },
    Double { high: -0.20738555102867398, low: -4.099767328621813e-18 },
    Double { high: 0.1695571769974082, low: 2.2393851330167238e-18 },
    Double { high: -0.1440498967688461, low: -9.623140085232555e-18 },
];
/// The zero of ψ.
const DIGAMMA_ZERO: [f64; 3] = [1.4616321449683622, 9.549995429965697e-17, 2.89392992820415e-33];
/// The first coefficients of ψ around its zero: `ψ⁽ᵏ⁾/k!`.
const DIGAMMA_AT_ZERO: [Double; 7] = [
    Double { high: 0.9676722454476212, low: -3.387874303038943e-17 },
    Double { high: -0.4427631689835921, low: -2.4685968258808798e-17 },
    Double { high: 0.258499760955651, low: -1.50046082237735e-17 },
    Double { high: -0.16394270544240652, low: -5.2948981225636345e-18 },
    Double { high: 0.10782405069126237, low: -5.647016933496416e-18 },
    Double { high: -0.07219956125645471, low: 3.0827459843108324e-18 },
    Double { high: 0.04880428816414311, low: -2.82635913171961e-18 },
];

fn two_sum(a: f64, b: f64) -> Double {
    let high = a + b;
    let part = high - a;
    Double { high, low: (a - (high - part)) + (b - part) }
}

fn two_product(a: f64, b: f64) -> Double {
    let high = a * b;
    Double { high, low: a.mul_add(b, -high) }
}

impl From<f64> for Double {
    fn from(high: f64) -> Self {
        Self { high, low: 0.0 }
    }
}

impl Neg for Double {
    type Output = Self;
    fn neg(self) -> Self {
        Self { high: -self.high, low: -self.low }
    }
}

impl Add for Double {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let (high, low) = (two_sum(self.high, other.high), two_sum(self.low, other.low));
        let sum = two_sum(high.high, high.low + low.high);
        two_sum(sum.high, sum.low + low.low)
    }
}

impl Sub for Double {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Double {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let product = two_product(self.high, other.high);
        two_sum(product.high, product.low + (self.high * other.low + self.low * other.high))
    }
}

impl Div for Double {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let first = self.high / other.high;
        let rest = self - other * first.into();
        let second = rest.high / other.high;
        let rest = rest - other * second.into();
        two_sum(first, second) + (rest.high / other.high).into()
    }
}

impl Double {
    /// Times `2^exponent`.
    pub(super) fn scale(self, exponent: i32) -> Self {
        let half = exponent / 2;
        let factors = [2.0_f64.powi(half), 2.0_f64.powi(exponent - half)];
        factors.iter().fold(self, |x, factor| Self { high: x.high * factor, low: x.low * factor })
    }
}

fn one() -> Double {
    1.0.into()
}

/// `x - n c`, for a constant in three pieces.
fn subtract_multiple(x: Double, n: f64, constant: [f64; 3]) -> Double {
    constant.iter().fold(x, |x, &piece| x - two_product(n, piece))
}

/// `eˣ - 1` for small `x`, by Taylor's series.
fn exp_m1_series(x: Double) -> Double {
    let (mut term, mut sum) = (x, x);
    for index in 2..40 {
        term = term * x / f64::from(index).into();
        sum = sum + term;
        if term.high.abs() < sum.high.abs() * 1e-34 {
            break;
        }
    }
    sum
}

/// `eˣ = m 2ⁿ`, as `(m, n)`.
fn exp(x: Double) -> (Double, i32) {
    let n = (x.high / LN_2[0]).round();
    (one() + exp_m1_series(subtract_multiple(x, n, LN_2)), n as i32)
}

/// `eˣ - 1`, for results that are neither huge nor tiny.
fn exp_m1(x: Double) -> Double {
    if x.high.abs() < 0.3 {
        exp_m1_series(x)
    } else {
        let (m, n) = exp(x);
        m.scale(n) - one()
    }
}

/// `ln(1 + f)` for `-½ < f ≤ 1`: one step of Newton's method from the library's value.
fn ln_1p_small(f: Double) -> Double {
    let first = f.high.ln_1p();
    (f - exp_m1(first.into())) / (one() + f) + first.into()
}

/// `ln x` for `x > 0`.
fn ln(x: Double) -> Double {
    let mut k = x.high.log2().round() as i32;
    let mut m = x.scale(-k);
    if m.high > 1.5 {
        (k, m) = (k + 1, m.scale(-1));
    }
    -subtract_multiple(-ln_1p_small(m - one()), f64::from(k), LN_2)
}

/// `Σ 2ᵏ x^(2k+1)/(1·3·5···(2k+1)) · 2/√π · e^(-x²)`: all terms have one sign.
fn erf(x: f64) -> Double {
    let square = two_product(x, x);
    let (mut term, mut sum) = (Double::from(x), Double::from(x));
    for k in 1..400 {
        term = term * (square + square) / f64::from(2 * k + 1).into();
        sum = sum + term;
        if term.high.abs() < sum.high.abs() * 1e-34 {
            break;
        }
    }
    let (m, n) = exp(-square);
    sum * ERF_SLOPE * m.scale(n)
}

/// `Φ(-a) = m 2ⁿ` for `a ≥ 0`, as `(m, n)`: by the series of `½ - Φ(-a)`, where all terms have one sign, and by Laplace's continued
/// fraction for the tail.
fn normal_tail(a: f64) -> (Double, i32) {
    let square = two_product(a, a);
    let (m, n) = exp(-square.scale(-1));
    let density = m * NORMAL_DENSITY;
    if a > 5.0 {
        let mut fraction = Double::from(a);
        for k in (1..300).rev() {
            fraction = Double::from(a) + Double::from(f64::from(k)) / fraction;
        }
        return (density / fraction, n);
    }
    let (mut term, mut sum) = (Double::from(a), Double::from(a));
    for k in 1..400 {
        term = term * square / f64::from(2 * k + 1).into();
        sum = sum + term;
        if term.high.abs() <= sum.high.abs() * 1e-34 {
            break;
        }
    }
    (Double::from(0.5) - sum * density.scale(n), 0)
}

/// `sin(x + quarters π/2)` for `|x|` up to about 10⁶.
fn sin(x: f64, quarters: i64) -> Double {
    let n = (x / HALF_PI[0]).round();
    let r = subtract_multiple(x.into(), n, HALF_PI);
    let quadrant = (n as i64 + quarters).rem_euclid(4);
    let square = r * r;
    let odd = quadrant % 2 == 1;
    let mut term = if odd { one() } else { r };
    let mut sum = term;
    let mut index = if odd { 0.0 } else { 1.0 };
    while term.high.abs() > sum.high.abs() * 1e-34 {
        term = -(term * square) / ((index + 1.0) * (index + 2.0)).into();
        sum = sum + term;
        index += 2.0;
    }
    if quadrant >= 2 { -sum } else { sum }
}

fn asinh(x: f64) -> Double {
    let a = Double::from(x.abs());
    let value = if a.high > 1e20 {
        -subtract_multiple(-ln(a), 1.0, LN_2)
    } else {
        let square = one() + a * a;
        let first = Double::from(square.high.sqrt());
        let root = first + (square - first * first) / (first + first);
        let u = a + a * a / (one() + root);
        if u.high < 1.0 { ln_1p_small(u) } else { ln(one() + u) }
    };
    if x < 0.0 { -value } else { value }
}

/// The library's value `y`, put right by `atan((x - tan y)/(1 + x tan y))`, of which only the first terms are seen. For large `x` by the
/// complement.
fn atan(x: f64) -> Double {
    let a = x.abs();
    let inverted = a > 1.0;
    let t = if inverted { one() / a.into() } else { a.into() };
    let y = t.high.atan();
    // tan y by its sine and cosine.
    let tangent = sin(y, 0) / sin(y, 1);
    let correction = (t - tangent) / (one() + t * tangent);
    let angle = correction + y.into();
    let angle = if inverted { -subtract_multiple(angle, 1.0, HALF_PI) } else { angle };
    if x < 0.0 { -angle } else { angle }
}

/// `Σ cₖ dᵏ` from k = 1 on, for small d.
fn power_series(coefficients: &[Double], d: Double) -> Double {
    coefficients.iter().rev().fold(Double::from(0.0), |sum, &coefficient| (sum + coefficient) * d)
}

/// The logarithm of the gamma function for `x > 0`: near its zeros by their power series, else by Stirling's from 32 on, and the recurrence.
fn lgamma(x: f64) -> Double {
    const NEAR: f64 = 1e-5;
    for zero in [1.0, 2.0] {
        let d = x - zero;
        if d.abs() < NEAR {
            let first = power_series(&LGAMMA_AT_ONE, d.into());
            return if zero == 2.0 { first + ln_1p_small(d.into()) } else { first };
        }
    }
    let (mut y, mut product) = (Double::from(x), one());
    while y.high < 32.0 {
        product = product * y;
        y = y + one();
    }
    let inverse = one() / y;
    let (mut power, mut series) = (inverse, Double::from(0.0));
    for (k, (numerator, denominator)) in BERNOULLI.into_iter().enumerate() {
        let two_k = 2.0 * (k as f64 + 1.0);
        series = series + power * numerator.into() / (denominator * two_k * (two_k - 1.0)).into();
        power = power * inverse * inverse;
    }
    (y - 0.5.into()) * ln(y) - y + HALF_LN_TWO_PI + series - ln(product)
}

/// The derivative of `lgamma`, likewise.
fn digamma(x: f64) -> Double {
    let distance = two_sum(x - DIGAMMA_ZERO[0], -DIGAMMA_ZERO[1]) - DIGAMMA_ZERO[2].into();
    if distance.high.abs() < 1e-5 {
        return power_series(&DIGAMMA_AT_ZERO, distance);
    }
    let (mut y, mut fractions) = (Double::from(x), Double::from(0.0));
    while y.high < 32.0 {
        fractions = fractions + one() / y;
        y = y + one();
    }
    let inverse = one() / y;
    let square = inverse * inverse;
    let (mut power, mut series) = (square, inverse.scale(-1));
    for (k, (numerator, denominator)) in BERNOULLI.into_iter().enumerate() {
        series = series + power * numerator.into() / (denominator * 2.0 * (k as f64 + 1.0)).into();
        power = power * square;
    }
    ln(y) - series - fractions
}

/// The value of a function as `(m, n)`, meaning `m 2ⁿ`: the exponent apart, so that denormal results keep all their
/// digits. For arguments with a finite result, not zero.
pub(super) fn reference(function: Function, x: f64) -> (Double, i32) {
    /// Below, each function is its first term, to more digits than a test can see.
    const TINY: f64 = 1e-60;
    let tiny = x.abs() < TINY;
    match function {
        Function::Exp => exp(x.into()),
        Function::ExpM1
        | Function::Ln1p
        | Function::Sinh
        | Function::Asinh
        | Function::Atan
        | Function::Tanh
        | Function::Sin
            if tiny =>
        {
            (x.into(), 0)
        }
        // Scaled up, so that the product keeps its low part.
        Function::Erf if tiny => (Double::from(x * 2.0_f64.powi(200)) * ERF_SLOPE, -200),
        Function::ExpM1 if x.abs() > 100.0 => {
            if x > 0.0 {
                exp(x.into())
            } else {
                (-one(), 0)
            }
        }
        Function::ExpM1 => (exp_m1(x.into()), 0),
        Function::Ln => (ln(x.into()), 0),
        Function::Ln1p if (-0.5..=1.0).contains(&x) => (ln_1p_small(x.into()), 0),
        Function::Ln1p => (ln(two_sum(x, 1.0)), 0),
        Function::Sinh => {
            let (m, n) = if x.abs() > 100.0 {
                exp(x.abs().into())
            } else {
                let e = exp_m1(x.abs().into());
                (e + e / (one() + e), 0)
            };
            (if x < 0.0 { -m } else { m }, n - 1)
        }
        Function::Asinh => (asinh(x), 0),
        Function::Atan => (atan(x), 0),
        Function::Tanh => {
            let t = exp_m1((-2.0 * x.abs().min(100.0)).into());
            let value = -t / (t + 2.0.into());
            (if x < 0.0 { -value } else { value }, 0)
        }
        Function::Sigmoid => {
            let (m, n) = exp((-x.abs()).into());
            let denominator = one() + m.scale(n);
            if x < 0.0 { (m / denominator, n) } else { (one() / denominator, 0) }
        }
        Function::Softplus => {
            let (m, n) = exp((-x.abs()).into());
            if x < 0.0 && n < -200 {
                return (m, n);
            }
            let positive = if x > 0.0 { x } else { 0.0 };
            (ln_1p_small(m.scale(n)) + positive.into(), 0)
        }
        Function::Erf if x.abs() > 7.0 => (one() * 1.0_f64.copysign(x).into(), 0),
        Function::Erf => (erf(x), 0),
        Function::NormalCdf if x < 0.0 => normal_tail(-x),
        Function::NormalCdf if x > 40.0 => (one(), 0),
        Function::NormalCdf => {
            let (m, n) = normal_tail(x);
            (one() - m.scale(n), 0)
        }
        Function::Sin => (sin(x, 0), 0),
        Function::Cos => (sin(x, 1), 0),
        Function::LnGamma => (lgamma(x), 0),
        Function::Polygamma => (digamma(x), 0),
    }
}
