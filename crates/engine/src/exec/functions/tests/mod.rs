//! Every function at every level of this processor, against references of higher precision.

mod double;
mod double_double;
mod gamma;
mod levels;
mod recorded;
mod single;
mod special;

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_4, SQRT_2};

use super::trigonometric::Trigonometric;
use super::*;
use crate::exec::dispatch::{Kernel, Level};
use crate::op::Unary;

/// Declares the functions under test.
macro_rules! functions {
    ($($kind:ident $(($order:literal))? $name:literal $single:literal, $single_unfused:literal, $double:literal, $double_unfused:literal;)*) =>
    {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Function {
            $($kind,)*
        }

        impl Function {
            const ALL: &'static [Function] = &[$(Function::$kind,)*];

            fn name(self) -> &'static str {
                match self {
                    $(Function::$kind => $name,)*
                }
            }

            fn kind(self) -> Unary {
                match self {
                    $(Function::$kind => Unary::$kind $(($order))?,)*
                }
            }

            /// The largest errors that the tests accept, in units in the last place, single and double precision.
            fn bounds(self, level: Level) -> (f64, f64) {
                let fused = level.name() != "portable";
                match self {
                    $(Function::$kind if fused => ($single, $double),)*
                    $(Function::$kind => ($single_unfused, $double_unfused),)*
                }
            }
        }
    };
}

// Promised are 1.5 and 2 units; 2 for the hyperbolic sine and its inverse; 5 for the normal distribution function and,
// in double precision, for the logarithm of the gamma function and its derivative. The bounds are just above what was
// measured, over all inputs in single precision and over millions in double precision, so that the tests notice a coefficient whose last digits
// are wrong.
functions! {
    // single: fused, unfused; double: fused, unfused
    Exp "exp" 0.91, 1.18, 0.94, 1.24;
    ExpM1 "exp_m1" 1.35, 1.36, 1.32, 1.32;
    Ln "ln" 0.94, 0.97, 0.85, 0.85;
    Ln1p "ln_1p" 0.94, 1.00, 1.38, 1.41;
    Tanh "tanh" 1.04, 1.11, 1.37, 1.33;
    Sigmoid "sigmoid" 1.45, 1.48, 1.47, 1.47;
    Softplus "softplus" 1.21, 1.41, 1.68, 1.75;
    Sinh "sinh" 1.70, 1.70, 1.70, 1.70;
    Asinh "asinh" 1.72, 1.84, 1.77, 1.70;
    Atan "atan" 1.32, 1.38, 1.24, 1.24;
    Erf "erf" 1.08, 1.34, 1.18, 1.49;
    NormalCdf "normal_cdf" 3.95, 4.12, 4.01, 4.73;
    Sin "sin" 1.21, 1.47, 1.49, 1.54;
    Cos "cos" 1.21, 1.47, 1.52, 1.45;
    LnGamma "lgamma" 0.51, 0.51, 3.20, 3.85;
    Polygamma(0) "digamma" 0.51, 0.51, 3.15, 3.30;
}

struct Apply<'a, F> {
    function: Function,
    x: &'a [F],
    y: &'a mut [F],
}

impl<F: Elementary> Kernel for Apply<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        of_tile::<A, F>(self.function.kind(), self.x, self.y);
    }
}

impl Function {
    /// The values at a level.
    fn values<F: Elementary>(self, level: Level, x: &[F]) -> Vec<F> {
        let mut y = vec![F::NAN; x.len()];
        level.run(Apply { function: self, x, y: &mut y });
        y
    }

    /// Arguments of the largest errors found in single precision, and where the computation changes: one approximation
    /// gives way to another, a range ends, a sign or an exponent changes.
    fn seams(self) -> Vec<f64> {
        let magnitudes: Vec<f64> = match self {
            Function::Exp => {
                vec![
                    5.1997986, 5.1989684, 87.33, 88.72283, 88.8, 103.28, 103.97, 104.0, 175.5, 708.4, 709.78, 709.8,
                    745.13, 1417.2,
                ]
            }
            Function::ExpM1 => {
                vec![2.9e-8, 5.55e-17, 0.34657, 17.12499, 17.119686, 17.33, 20.0, 40.0, 88.72283, 88.8, 709.78, 709.8]
            }
            Function::Ln => {
                vec![
                    1.17549e-38,
                    2.2250738585072014e-308,
                    0.3740837,
                    FRAC_1_SQRT_2,
                    0.7229377,
                    0.75,
                    0.99999994,
                    1.0,
                    SQRT_2,
                    1.5,
                ]
            }
            Function::Ln1p => {
                vec![
                    5.96e-8, 1.1e-16, 0.25, 0.28596237, 0.2928932, 0.4142135, 0.5, 0.6259163, 0.99999994, 1.0, 1.7e7,
                    9e15, 1.2e38, 3.4e38,
                ]
            }
            Function::Tanh => vec![0.625, 0.8, 0.8088742, 0.8664, 0.875921, 9.01, 9.1, 19.06, 19.1],
            Function::Sigmoid | Function::Softplus => {
                vec![
                    5.51343e-7, 0.34657, 0.43675476, 5.8711243, 5.8726635, 6.534452, 16.635, 36.7, 87.33, 88.72,
                    103.28, 103.97, 104.0, 108.8, 708.4, 745.13, 750.7,
                ]
            }
            Function::Sinh => {
                vec![1.0, 0.34657, 1.0397, 17.33, 40.0, 88.72283, 89.07, 89.41, 89.5, 709.78, 710.13, 710.47]
            }
            Function::Asinh => {
                vec![
                    5.96e-8,
                    1.1e-16,
                    0.25,
                    0.5,
                    0.75,
                    0.9999999,
                    1.0,
                    1.0000001,
                    2.0,
                    4096.0,
                    1.1529215e18,
                    3.4e38,
                    1e308,
                ]
            }
            Function::Atan => {
                vec![5.9e-8, 1e-8, 0.4142, 0.999999, 1.0, 1.0000001, 2.4142, 1.6e7, 9e15, 1.7e38, 1.7e308]
            }
            Function::Erf => vec![0.9896293, 0.9913151, 1.0, 3.83, 3.92, 4.0, 5.86, 5.92, 6.0],
            Function::NormalCdf => {
                vec![1.0, 3.375, 5.0, 7.0, 8.3, 12.9, 13.2, 13.9, 14.1, 14.2, 14.75, 14.76, 37.5, 38.4, 38.5, 38.75]
            }
            Function::Sin | Function::Cos => {
                // Near the last four multiples are the smallest reduced angles: two in single, two in double precision.
                let multiples = [1.0, 2.0, 3.0, 4.0, 7.0, 226.0, 83443.0, 333772.0, 322.0, 66866.0, 58.0, 116.0];
                let mut seams: Vec<f64> = multiples.iter().map(|n| n * FRAC_PI_4).collect();
                seams.extend([25.926945, 25.921314, 1888.8826, 3349.7065, 131072.0, 524288.0]);
                seams
            }
            Function::LnGamma => {
                vec![0.125, 1.0, 1.125, 2.0, 2.125, 3.125, 4.125, 1.17549e-38, 2.2250738585072014e-308, 1e300]
            }
            Function::Polygamma => {
                vec![
                    1.0,
                    1.4616321,
                    1.4616321449683622,
                    2.0,
                    3.0,
                    4.0,
                    5.0,
                    1.17549e-38,
                    2.2250738585072014e-308,
                    1e300,
                ]
            }
        };
        magnitudes.iter().flat_map(|&seam| [seam, -seam]).collect()
    }
}

/// Kinds that round once, in [`exact`], and those of a library are the only ones without bounds here.
#[test]
fn every_kind_is_tested() {
    let tested = |kind: Unary| Function::ALL.iter().any(|function| function.kind() == kind);
    for kind in Unary::ALL.iter().filter(|&&kind| !tested(kind)) {
        let others = ["negate", "reciprocal", "sqrt", "sign", "floor", "abs", "polygamma"];
        assert!(others.contains(&kind.name()), "{} has no bounds", kind.name());
    }
}

/// The spacing of the numbers of a type with this many mantissa bits and this smallest exponent, near `2^exponent`.
fn spacing_exponent(exponent: i32, mantissa_bits: i32, smallest: i32) -> i32 {
    (exponent - mantissa_bits).max(smallest)
}

/// A generator of numbers for tests: SplitMix64.
struct Random(u64);
impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
