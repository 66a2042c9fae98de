//! Results that have no error: limits, zeros and their signs, NaN, and where overflow and underflow begin.

use std::fmt::Debug;

use super::*;

/// Checks single values at every level, bit for bit except for NaN.
pub(super) fn check<F: Elementary + Debug>(function: Function, cases: &[(F, F)]) {
    for &level in Level::available() {
        // In tiles with ordinary neighbours and alone: both loops of sine and cosine, vectors and their remainders.
        for length in [1, 40] {
            for &(x, expected) in cases {
                let mut inputs = vec![F::HALF; length];
                inputs[length / 2] = x;
                let y = function.values(level, &inputs)[length / 2];
                let both_nan = y.partial_cmp(&y).is_none() && expected.partial_cmp(&expected).is_none();
                let equal = y == expected && format!("{y:?}") == format!("{expected:?}");
                assert!(both_nan || equal, "{} of {x:?}, {}: {y:?}, not {expected:?}", function.name(), level.name());
            }
        }
    }
}

macro_rules! special {
    ($test:ident, $float:ident, $overflow:literal, $next:literal, $underflow:literal) => {
        #[test]
        fn $test() {
            const INFINITY: $float = $float::INFINITY;
            const NAN: $float = $float::NAN;
            const MAX: $float = $float::MAX;
            let smallest = $float::from_bits(1);
            for &function in Function::ALL {
                check::<$float>(function, &[(NAN, NAN), (-NAN, NAN)]);
            }
            for function in [
                Function::ExpM1,
                Function::Ln1p,
                Function::Sinh,
                Function::Asinh,
                Function::Atan,
                Function::Tanh,
                Function::Sin,
            ] {
                // x itself, down to the last denormal.
                check::<$float>(function, &[0.0, -0.0, smallest, -smallest, 1e-30, -1e-30].map(|x| (x, x)));
            }
            check::<$float>(Function::Erf, &[(0.0, 0.0), (-0.0, -0.0), (smallest, smallest)]);
            check::<$float>(
                Function::Cos,
                &[(0.0, 1.0), (-0.0, 1.0), (smallest, 1.0), (INFINITY, NAN), (-INFINITY, NAN)],
            );
            check::<$float>(Function::Sin, &[(INFINITY, NAN), (-INFINITY, NAN)]);
            let exp = [(0.0, 1.0), (-0.0, 1.0), (INFINITY, INFINITY), (-INFINITY, 0.0), (MAX, INFINITY), (-MAX, 0.0)];
            check::<$float>(Function::Exp, &exp);
            check::<$float>(Function::Exp, &[($next, INFINITY), ($underflow, 0.0)]);
            check::<$float>(
                Function::ExpM1,
                &[($next, INFINITY), (INFINITY, INFINITY), (-INFINITY, -1.0), (-MAX, -1.0)],
            );
            for function in [Function::Exp, Function::ExpM1] {
                for &level in Level::available() {
                    let y: $float = function.values(level, &[$overflow as $float])[0];
                    assert!(y.is_finite() && y > 0.999 * MAX, "{} of the largest: {y}", function.name());
                }
            }
            let ln = [(0.0, -INFINITY), (-0.0, -INFINITY), (-smallest, NAN), (-1.0, NAN), (-INFINITY, NAN), (1.0, 0.0)];
            check::<$float>(Function::Ln, &ln);
            check::<$float>(Function::Ln, &[(INFINITY, INFINITY)]);
            let ln_1p = [(-1.0, -INFINITY), (-1.0 - $float::EPSILON, NAN), (-INFINITY, NAN), (INFINITY, INFINITY)];
            check::<$float>(Function::Ln1p, &ln_1p);
            for function in [Function::Tanh, Function::Erf] {
                check::<$float>(
                    function,
                    &[(INFINITY, 1.0), (-INFINITY, -1.0), (MAX, 1.0), (-MAX, -1.0), (20.0, 1.0), (-20.0, -1.0)],
                );
            }
            for function in [Function::Sinh, Function::Asinh] {
                check::<$float>(function, &[(INFINITY, INFINITY), (-INFINITY, -INFINITY)]);
            }
            check::<$float>(Function::Sinh, &[(MAX, INFINITY), (-MAX, -INFINITY)]);
            let quarter = std::f64::consts::FRAC_PI_2 as $float;
            check::<$float>(
                Function::Atan,
                &[(INFINITY, quarter), (-INFINITY, -quarter), (MAX, quarter), (-MAX, -quarter)],
            );
            check::<$float>(
                Function::NormalCdf,
                &[(0.0, 0.5), (-0.0, 0.5), (INFINITY, 1.0), (MAX, 1.0), (-INFINITY, 0.0), (-MAX, 0.0), (-40.0, 0.0)],
            );
            let sigmoid = [(0.0, 0.5), (-0.0, 0.5), (INFINITY, 1.0), (MAX, 1.0), (-INFINITY, 0.0), (-MAX, 0.0)];
            check::<$float>(Function::Sigmoid, &sigmoid);
            check::<$float>(Function::Sigmoid, &[($underflow, 0.0)]);
            let softplus =
                [(INFINITY, INFINITY), (MAX, MAX), (-INFINITY, 0.0), (-MAX, 0.0), (1e4, 1e4), ($underflow, 0.0)];
            check::<$float>(Function::Softplus, &softplus);
            check::<$float>(
                Function::Softplus,
                &[(0.0, std::f64::consts::LN_2 as $float), (-0.0, std::f64::consts::LN_2 as $float)],
            );
        }
    };
}
special!(single_precision, f32, 88.72283, 88.72284, -104.0);
special!(double_precision, f64, 709.782712893384, 709.7827128933841, -745.2);

/// The pair is what its parts are.
#[test]
fn softplus_and_sigmoid_together_are_the_same() {
    struct BothLogistic<'a, F>(&'a [F]);
    impl<F: Elementary> Kernel for BothLogistic<'_, F> {
        type Output = Vec<(F, F)>;
        #[inline(always)]
        fn run<A: Arithmetic>(self) -> Vec<(F, F)> {
            let mut pairs = vec![(F::NAN, F::NAN); self.0.len()];
            for (pair, &x) in pairs.iter_mut().zip(self.0) {
                *pair = softplus_and_sigmoid::<A, F>(x);
            }
            pairs
        }
    }
    fn check<F: Elementary + Debug>(inputs: &[F]) {
        for &level in Level::available() {
            let parts =
                Function::Softplus.values(level, inputs).into_iter().zip(Function::Sigmoid.values(level, inputs));
            for (pair, part) in level.run(BothLogistic(inputs)).into_iter().zip(parts) {
                assert_eq!(pair, part);
            }
        }
    }
    let inputs: Vec<f64> = (-2000..2000).map(|index| f64::from(index) * 0.4).collect();
    check(&inputs);
    check(&inputs.iter().map(|&x| x as f32).collect::<Vec<_>>());
}

/// An element's sine does not depend on its neighbours, also where a tile is computed one by one because of a large
/// one.
#[test]
fn large_angles_change_no_neighbour() {
    for &level in Level::available() {
        for function in [Function::Sin, Function::Cos] {
            let mut inputs: Vec<f32> = (0..512).map(|index| index as f32 * 17.31 - 4000.0).collect();
            let alone = function.values(level, &inputs);
            inputs[77] = 1e30;
            let mut together = function.values(level, &inputs);
            assert_eq!(together[77], function.values(level, &[1e30])[0]);
            together[77] = alone[77];
            assert_eq!(alone, together);
        }
    }
}
