//! Sums and extremes of rows and of everything.

use approx::abs_diff_eq;

use super::{FLOATS, Generated, both, leaf, noise};
use crate::dtype::DType;

/// Rows of all lengths that a vector, some vectors or some tiles have.
fn lengths() -> impl Iterator<Item = usize> {
    (1..=70).chain([100, 127, 128, 129, 255, 256, 257, 1000, 1024, 5000, 8191, 8192, 8193, 20_000])
}

#[track_caller]
fn close(what: &str, found: f64, exact: f64, magnitude: f64, dtype: DType) {
    // A sum is rounded once, and up to four vectors are added up in single precision before.
    let unit = if dtype == DType::F32 { f64::from(f32::EPSILON) } else { f64::EPSILON * 64.0 };
    assert!(abs_diff_eq!(found, exact, epsilon = 2.0 * unit * magnitude), "{what}: {found:e} and not {exact:e}");
}

fn expected(columns: usize) -> Generated {
    if columns < 5 { Generated::Nothing } else { Generated::Whole }
}

#[test]
fn sums_and_extremes_of_rows() {
    const ROWS: usize = 3;
    for dtype in FLOATS {
        for columns in lengths() {
            let (x, y) = (noise(columns as u64, ROWS * columns), noise(77, ROWS * columns));
            let build = || {
                let (x, y) = (leaf(&x, &[ROWS, columns], dtype), leaf(&y, &[ROWS, columns], dtype));
                vec![
                    x.sum_axis(-1),
                    (&x * &y).sum_axis(-1),
                    x.max_axis(-1),
                    x.min_axis(-1),
                    (&x - &y).abs().sum_axis(-1),
                ]
            };
            // Rows of several tiles are finished by the interpreter; a row of one number is no row.
            let generated = if columns >= 1000 { Generated::Part } else { expected(columns) };
            if columns == 1 {
                continue;
            }
            // Few at a time: where there are sixteen registers there is no room for all.
            for group in [[0, 1], [2, 3], [1, 4]] {
                let build = || group.map(|which| build()[which].clone()).to_vec();
                both(&format!("{ROWS} x {columns} {dtype}"), generated, build, |what, code, interpreted| {
                    for row in 0..ROWS {
                        let range = row * columns..(row + 1) * columns;
                        let (x, y) = (&x[range.clone()], &y[range]);
                        let sum = |of: &dyn Fn(f64, f64) -> f64| x.iter().zip(y).map(|(&x, &y)| of(x, y)).sum::<f64>();
                        let fold = |start, of: fn(f64, f64) -> f64| x.iter().copied().fold(start, of);
                        for (at, which) in group.into_iter().enumerate() {
                            let what = format!("{what}, result {which}, row {row}");
                            let (found, interpreted) =
                                (code[at].to_vec::<f64>()[row], interpreted[at].to_vec::<f64>()[row]);
                            let (exact, magnitude) = match which {
                                0 => (sum(&|x, _| x), sum(&|x, _| x.abs())),
                                1 => (sum(&|x, y| x * y), sum(&|x, y| (x * y).abs())),
                                2 => (fold(f64::NEG_INFINITY, f64::max), 0.0),
                                3 => (fold(f64::INFINITY, f64::min), 0.0),
                                _ => (sum(&|x, y| (x - y).abs()), sum(&|x, y| (x - y).abs())),
                            };
                            close(&what, found, exact, magnitude, dtype);
                            close(&what, found, interpreted, magnitude, dtype);
                        }
                    }
                });
            }
        }
    }
}

/// Small whole numbers have exact sums: an entry that is left out, or counted twice, shows.
#[test]
fn sums_of_whole_numbers_are_exact() {
    for dtype in FLOATS {
        for columns in lengths() {
            let x: Vec<f64> = (0..2 * columns).map(|at| (at * 7 % 13) as f64 - 5.0).collect();
            let build = || {
                let x = leaf(&x, &[2, columns], dtype);
                let shifted = &x + 3.0;
                vec![shifted.sum_axis(-1), (&x * &shifted).sum_axis(-1), shifted.sum(), (&x * &x).sum()]
            };
            let sum =
                |of: &dyn Fn(f64) -> f64, range: std::ops::Range<usize>| x[range].iter().map(|&x| of(x)).sum::<f64>();
            let squares = |x: f64| x * x;
            for (level, _) in super::levels() {
                let what = format!("{columns} {dtype} {}", level.name());
                let found: Vec<Vec<f64>> = level.force(|| {
                    let all = build();
                    crate::formula::evaluate(&all);
                    all.iter().map(|result| result.to_vec::<f64>()).collect()
                });
                let rows = [0..columns, columns..2 * columns];
                let shifted = rows.clone().map(|row| sum(&|x| x + 3.0, row));
                let products = rows.map(|row| sum(&|x| x * (x + 3.0), row));
                assert_eq!(found[0], shifted, "{what}");
                assert_eq!(found[1], products, "{what}");
                assert_eq!(found[2], [shifted[0] + shifted[1]], "{what}");
                assert_eq!(found[3], [sum(&squares, 0..2 * columns)], "{what}");
            }
        }
    }
}

#[test]
fn sums_and_extremes_of_everything() {
    for dtype in FLOATS {
        for length in lengths().chain([100_000]) {
            let (x, y) = (noise(length as u64, length), noise(5, length));
            let build = || {
                let (x, y) = (leaf(&x, &[length], dtype), leaf(&y, &[length], dtype));
                vec![(&x - 0.5).sum(), (&x * &y).sum(), (&x + 1.0).max(), (-&x).min()]
            };
            if length == 1 {
                continue;
            }
            for group in [[0, 1], [2, 3]] {
                let build = || group.map(|which| build()[which].clone()).to_vec();
                both(&format!("{length} {dtype}"), Generated::Whole, build, |what, code, interpreted| {
                    let rounded = |x: f64| if dtype == DType::F32 { f64::from(x as f32) } else { x };
                    let most = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    let products = || x.iter().zip(&y).map(|(x, y)| x * y);
                    for (at, which) in group.into_iter().enumerate() {
                        let (found, interpreted) = (code[at].item(), interpreted[at].item());
                        let (exact, magnitude) = match which {
                            0 => (x.iter().map(|&x| rounded(x - 0.5)).sum(), x.iter().map(|x| x.abs() + 0.5).sum()),
                            1 => (products().sum(), products().map(f64::abs).sum()),
                            2 => (rounded(most + 1.0), 0.0),
                            _ => (-most, 0.0),
                        };
                        close(what, found, exact, magnitude, dtype);
                        close(what, found, interpreted, magnitude, dtype);
                    }
                });
            }
        }
    }
}

/// NaN wins wherever it stands; nothing else is touched by it. Infinities, and numbers that are all below or above zero, stay too.
#[test]
fn extremes_of_special_numbers() {
    for dtype in FLOATS {
        for columns in [5, 8, 13, 16, 17, 31, 33, 64, 67, 70, 1000, 5000, 8200] {
            let places: Vec<usize> = if columns <= 70 {
                (0..columns).collect()
            } else {
                (0..40).chain((columns - 40)..columns).chain([columns / 2]).collect()
            };
            for special in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let rows = places.len();
                // Every other row is all negative, so that zeros beyond an end would be seen.
                let mut x = noise(9, rows * columns);
                x.iter_mut().enumerate().for_each(|(at, x)| *x = x.abs() + 1.0 - 7.0 * (at / columns % 2) as f64);
                let plain = x.clone();
                places.iter().enumerate().for_each(|(row, &column)| x[row * columns + column] = special);
                for values in [&x, &plain] {
                    let build = || {
                        let x = leaf(values, &[rows, columns], dtype);
                        vec![x.max_axis(-1), x.min_axis(-1), x.max(), x.min()]
                    };
                    let of = |values: &[f64], start: f64, better: fn(f64, f64) -> f64| {
                        values
                            .iter()
                            .fold(start, |a, &b| if a.is_nan() || b.is_nan() { f64::NAN } else { better(a, b) })
                    };
                    for (level, _) in super::levels() {
                        let found: Vec<Vec<f64>> =
                            level.force(|| build().iter().map(|result| result.to_vec::<f64>()).collect());
                        for (greatest, (row, all)) in [(true, (&found[0], &found[2])), (false, (&found[1], &found[3]))]
                        {
                            let (start, better): (f64, fn(f64, f64) -> f64) =
                                if greatest { (f64::NEG_INFINITY, f64::max) } else { (f64::INFINITY, f64::min) };
                            let rows: Vec<f64> =
                                values.chunks_exact(columns).map(|row| of(row, start, better)).collect();
                            let what = format!("{special} in rows of {columns} {dtype} {}", level.name());
                            // What is rounded to single precision stays in order.
                            let narrow = |x: f64| if dtype == DType::F32 { f64::from(x as f32) } else { x };
                            super::equal(&what, row, &rows.iter().map(|&x| narrow(x)).collect::<Vec<_>>());
                            super::equal(&what, all, &[narrow(of(&rows, start, better))]);
                        }
                    }
                }
            }
        }
    }
}

/// The same bits for any number of threads.
#[test]
fn threads_change_nothing() {
    for (level, _) in super::levels() {
        let results: Vec<Vec<Vec<u64>>> = (1..=3)
            .map(|threads| {
                crate::set_threads(threads);
                level.force(|| {
                    let (x, y) = (super::noisy(1, &[700, 301], DType::F32), super::noisy(2, &[700, 301], DType::F32));
                    let softmax = x.softmax(-1);
                    let all = vec![
                        (&x * &y).sum(),
                        x.exp().sum_axis(-1),
                        softmax.clone(),
                        (&softmax - &y).square().mean(),
                        (&x + &y).sum_axis(0),
                        x.max(),
                    ];
                    crate::formula::evaluate(&all);
                    all.iter().map(|result| result.to_vec::<f64>().into_iter().map(super::bits).collect()).collect()
                })
            })
            .collect();
        assert!(results[0] == results[1] && results[1] == results[2], "{}", level.name());
    }
    crate::set_threads(std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get));
}
