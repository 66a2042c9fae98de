//! What the levels of this processor have in common.

use super::*;

fn arguments() -> Vec<f64> {
    let mut random = Random(5);
    let mut arguments = vec![-3.3];
    // All exponents that results are not 0, 1 or infinite for, and the middle more densely.
    arguments.extend((0..20_000).map(|_| {
        let bits = random.next();
        let magnitude = 2f64.powi((bits % 40) as i32 - 33) * (1.0 + (bits >> 12) as f64 / 2f64.powi(52));
        if bits & 64 == 0 { magnitude } else { -magnitude }
    }));
    arguments
}

/// The distance of two numbers in units in the last place of the smaller; 0 for the same bits, and for two that are NaN.
fn units(a: f64, b: f64, epsilon: f64) -> f64 {
    if a == b || a.is_nan() && b.is_nan() { 0.0 } else { (a - b).abs() / (a.abs().min(b.abs()) * epsilon) }
}

fn compare<F: Elementary>(narrow: impl Fn(f64) -> F, widen: impl Fn(F) -> f64, epsilon: f64) {
    let x: Vec<F> = arguments().into_iter().map(narrow).collect();
    let best = Level::available()[0];
    let mut differ = 0;
    for &function in Function::ALL {
        let expected = function.values(best, &x);
        for &level in Level::available() {
            let fused = level.name() != "portable" || best.name() == "portable";
            for ((&x, &found), &expected) in x.iter().zip(&function.values(level, &x)).zip(&expected) {
                let apart = units(widen(found), widen(expected), epsilon);
                let most = match function {
                    _ if fused => 0.0,
                    Function::NormalCdf => 5.0,
                    _ => 3.0,
                };
                assert!(apart <= most, "{} of {:e} at {}: {apart} units", function.name(), widen(x), level.name());
                differ += usize::from(apart > 0.0);
            }
        }
    }
    // If none did, README would say too little.
    assert!(differ > 0 || best.name() == "portable");
}

/// The same bits wherever there is fused multiply-add; elsewhere a few units in the last place, as README says.
#[test]
fn levels_differ_by_fused_multiply_add_only() {
    compare(|x| x as f32, f64::from, f64::from(f32::EPSILON));
    compare(|x| x, |x| x, f64::EPSILON);
}
