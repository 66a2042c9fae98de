//! Double precision, against the reference with twice the digits.

use super::double_double::{Double, reference};
use super::*;

/// The error of `y` in units in the last place of the exact value `m 2ⁿ`.
pub(super) fn error(y: f64, (m, n): (Double, i32)) -> f64 {
    // Everything scaled so that m is between 1 and 2.
    let exponent = (m.high.to_bits() >> 52 & 0x7ff) as i32 - 1023;
    let (m, n) = (m.scale(-exponent), n + exponent);
    let scaled = Double::from(y).scale(-n).high;
    if !scaled.is_finite() {
        return f64::INFINITY;
    }
    ((scaled - m.high) - m.low).abs() * 2.0_f64.powi(n - spacing_exponent(n, 52, -1074))
}

/// Whether the result is an ordinary number that the reference can compute.
fn ordinary(function: Function, x: f64) -> bool {
    let range = match function {
        Function::Exp => -745.0..709.78,
        Function::ExpM1 => f64::MIN..709.78,
        Function::Ln => f64::from_bits(1)..f64::MAX,
        Function::Ln1p => -1.0 + 1e-16..f64::MAX,
        Function::Sinh => -710.47..710.47,
        Function::Asinh | Function::Atan | Function::Tanh | Function::Erf => f64::MIN..f64::MAX,
        Function::Sigmoid | Function::Softplus => -745.0..f64::MAX,
        Function::NormalCdf => -38.48..f64::MAX,
        Function::Sin | Function::Cos => -524288.0..524288.0,
        Function::LnGamma | Function::Polygamma => f64::MIN_POSITIVE..1e300,
    };
    let zero = match function {
        Function::Ln => x == 1.0,
        Function::LnGamma => x == 1.0 || x == 2.0,
        _ => x == 0.0,
    };
    range.contains(&x) && x != 0.0 && !zero
}

/// The largest error of each level at so many random arguments, checked.
fn check(per_exponent: usize, dense: usize, seed: u64) {
    let mut random = Random(seed);
    let mut failures = vec![];
    for &function in Function::ALL {
        let mut inputs = vec![];
        for sign_and_exponent in 0..4096_u64 {
            // Every 16th binade of those where nothing happens.
            if (sign_and_exponent & 2047).abs_diff(1023) < 70 || sign_and_exponent % 16 == 0 {
                inputs.extend((0..per_exponent).map(|_| f64::from_bits(sign_and_exponent << 52 | random.next() >> 12)));
            }
        }
        for seam in function.seams() {
            inputs.extend((0..60_u64).map(|offset| f64::from_bits(seam.to_bits() + offset - 30)));
        }
        for width in [1.0, 10.0, 750.0] {
            inputs.extend((0..dense).map(|_| (random.next() as i64 as f64) * 2.0_f64.powi(-63) * width));
        }
        inputs.retain(|&x| ordinary(function, x));
        let exact: Vec<_> = inputs.iter().map(|&x| reference(function, x)).collect();
        for &level in Level::available() {
            let values = function.values(level, &inputs);
            let errors = values.iter().zip(&exact).zip(&inputs).map(|((&y, &exact), &x)| (error(y, exact), x));
            let (error, x) = errors.fold((0.0, 0.0), |worst, next| if next.0 > worst.0 { next } else { worst });
            println!("{:9} f64 {:9} {error:.4} at {x:e}", function.name(), level.name());
            let bound = function.bounds(level).1;
            if error > bound {
                failures.push(format!("{} at {x:e}, {}: {error} ulp, bound {bound}", function.name(), level.name()));
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn sampled_errors_are_small() {
    check(20, 8_000, 1);
}

#[test]
#[ignore = "minutes"]
fn densely_sampled_errors_are_small() {
    check(3_000, 3_000_000, 2);
}
