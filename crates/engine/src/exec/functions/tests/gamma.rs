//! The logarithm of the gamma function and its derivatives: limits, and tiles of which a library computes a part.

use std::fmt::Debug;

use super::special::check;
use super::*;

const BOTH: [Function; 2] = [Function::LnGamma, Function::Polygamma];

macro_rules! limits {
    ($test:ident, $float:ident, $ln_of_least:literal, $ln_of_greatest:literal) => {
        #[test]
        fn $test() {
            const INFINITY: $float = $float::INFINITY;
            const NAN: $float = $float::NAN;
            const MAX: $float = $float::MAX;
            let smallest = $float::from_bits(1);
            check::<$float>(
                Function::LnGamma,
                &[(0.0, INFINITY), (-0.0, INFINITY), (-1.0, INFINITY), (-20.0, INFINITY), (1.0, 0.0), (2.0, 0.0)],
            );
            check::<$float>(
                Function::LnGamma,
                &[(INFINITY, INFINITY), (-INFINITY, INFINITY), (MAX, INFINITY), (smallest, $ln_of_least)],
            );
            check::<$float>(
                Function::Polygamma,
                &[(0.0, -INFINITY), (-0.0, INFINITY), (-1.0, NAN), (-20.0, NAN), (-INFINITY, NAN), (NAN, NAN)],
            );
            check::<$float>(
                Function::Polygamma,
                &[(INFINITY, INFINITY), (MAX, $ln_of_greatest), (smallest, -INFINITY), (-smallest, INFINITY)],
            );
        }
    };
}
limits!(limits_of_single_precision, f32, 103.27893, 88.72284);
limits!(limits_of_double_precision, f64, 744.4400719213812, 709.782712893384);

/// Of both signs, ordinary and not, small and large.
fn mixed() -> Vec<f64> {
    let mut random = Random(9);
    let mut x: Vec<f64> =
        (0..400).map(|index| (random.next() as i64 as f64) * 2f64.powi(-63 + [0, 2, 5, -30][index % 4])).collect();
    x.extend([0.0, -0.0, -1.0, -2.0, 1.0, 2.0, 1e-42, -1e-42, 1e-310, 1e38, 1e305, 4.125, f64::INFINITY, f64::NAN]);
    x
}

fn alone_as_among_others<F: Elementary + Debug>(x: &[F]) {
    for &level in Level::available() {
        for function in BOTH {
            // The vectors of a tile and what is left over of it, from either end.
            for from in [0, 1, 3, 200] {
                let together = function.values(level, &x[from..]);
                for (&x, together) in x[from..].iter().zip(together) {
                    let alone = function.values(level, &[x])[0];
                    let (alone, together) = (format!("{alone:?}"), format!("{together:?}"));
                    assert_eq!(alone, together, "{} of {x:?}, {}", function.name(), level.name());
                }
            }
        }
    }
}

/// Whoever computes it, and whatever stands beside it.
#[test]
fn neighbours_change_nothing() {
    alone_as_among_others(&mixed());
    alone_as_among_others(&mixed().iter().map(|&x| x as f32).collect::<Vec<_>>());
}

/// What the quick computation is not for is what the definition says, also in tiles where all else is positive.
#[test]
fn other_numbers_are_by_definition() {
    for x in mixed().into_iter().filter(|&x| x.is_nan() || x <= 0.0 || x == f64::INFINITY) {
        for &level in Level::available() {
            for function in BOTH {
                let mut inputs = vec![3.25; 37];
                inputs[17] = x;
                let found = function.values(level, &inputs)[17];
                let defined = function.kind().apply(x);
                assert_eq!(format!("{found:?}"), format!("{defined:?}"), "{} of {x:e}", function.name());
                let single: Vec<f32> = inputs.iter().map(|&x| x as f32).collect();
                let (found, defined) =
                    (function.values(level, &single)[17], function.kind().apply(f64::from(x as f32)) as f32);
                assert_eq!(format!("{found:?}"), format!("{defined:?}"), "{} of {x:e} as f32", function.name());
            }
        }
    }
}

/// Nearly all results in single precision are the number nearest to that of the definition.
#[test]
fn single_precision_is_rounded_from_double() {
    let mut random = Random(11);
    let x: Vec<f32> = (0..100_000).map(|_| random.next() as f32 * 2f32.powi(-60)).collect();
    for &level in Level::available() {
        for function in BOTH {
            let values = function.values(level, &x);
            let differ =
                x.iter().zip(&values).filter(|&(&x, &y)| y != function.kind().apply(f64::from(x)) as f32).count();
            assert!(differ <= 100, "{} at {}: {differ}", function.name(), level.name());
        }
    }
}
