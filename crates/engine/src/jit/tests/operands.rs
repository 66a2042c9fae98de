//! Rows that are read where they lie.

use super::{FLOATS, Generated, both, leaf, noisy, same_bits};
use crate::formula::Formula;
use crate::op::Op;

/// Each row of one with each row of another.
#[test]
fn rows_with_rows() {
    for dtype in FLOATS {
        for (n, m, columns) in [(3, 4, 5), (5, 3, 16), (2, 7, 33), (4, 4, 70), (9, 70, 8), (40, 3, 129), (2, 2, 9001)] {
            // What rows of several tiles have come to is finished by the interpreter.
            let generated = if columns > 1000 { Generated::Part } else { Generated::Whole };
            same_bits(&format!("{n} {m} {columns} {dtype}"), generated, || {
                let (x, y) = (noisy(1, &[n, 1, columns], dtype), noisy(2, &[1, m, columns], dtype));
                let difference = &x - &y;
                vec![difference.max_axis(-1), (difference.abs().sqrt() * &x).min_axis(-1), difference]
            });
            same_bits(&format!("{n} {m} {columns} {dtype}"), generated, || {
                // Whole numbers: their sums are exact.
                let whole = |seed, shape: &[usize]| {
                    let values: Vec<f64> =
                        noisy(seed, shape, dtype).to_vec::<f64>().iter().map(|x| x.floor()).collect();
                    leaf(&values, shape, dtype)
                };
                let (x, y) = (whole(1, &[n, 1, columns]), whole(2, &[1, m, columns]));
                // With 1 added it is no reduction over pairs, which has a kernel of its own.
                vec![((&x - &y).abs() + 1.0).sum_axis(-1)]
            });
        }
    }
}

/// Parts of rows, transposed halves, rows from the last to the first, and the same row again and again.
#[test]
fn views() {
    for dtype in FLOATS {
        for columns in [6, 16, 37, 100] {
            for number in 0..5 {
                same_bits(&format!("view {number}, {columns} {dtype}"), Generated::Whole, || {
                    let x = noisy(1, &[6, columns + 3], dtype);
                    let y = noisy(2, &[6, columns], dtype);
                    let part = x.slice(-1, 2..columns + 2);
                    let every_other = noisy(3, &[12, columns], dtype).slice_step(0, 0..12, 2);
                    let backwards = noisy(4, &[6, columns], dtype).flip(0);
                    let swapped = noisy(5, &[2, 3, columns], dtype).swap_axes(0, 1).reshape([6, columns]);
                    let results =
                        [&part * &y, &every_other - &y, &backwards.abs() + &y, &part - &backwards, swapped + &y];
                    // An extreme of each row makes the rows of the loop those of the views.
                    vec![results[number].max_axis(-1), results[number].clone()]
                });
            }
        }
    }
}

/// Several rows in a tile, each with the same numbers for its columns, or with one for itself.
#[test]
fn columns_over_several_rows() {
    for dtype in FLOATS {
        for columns in [5, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 70] {
            for rows in [2, 3, 100, 1031] {
                both(
                    &format!("{rows} x {columns} {dtype}"),
                    Generated::Whole,
                    || {
                        let x = noisy(1, &[rows, columns], dtype);
                        let (bias, row) = (noisy(2, &[1, columns], dtype), noisy(3, &[rows, 1], dtype));
                        let y = &x * &bias + &row;
                        vec![y.relu(), &row - &bias, y.max_axis(-1), (&x * &row).min_axis(-1)]
                    },
                    |what, code, interpreted| {
                        for (a, b) in code.iter().zip(interpreted) {
                            super::equal(what, &a.to_vec::<f64>(), &b.to_vec::<f64>());
                        }
                    },
                );
            }
        }
    }
}

/// Rows, and parts of rows, that indices name, of a table as it lies or seen backwards, beside others.
#[test]
fn rows_that_indices_name() {
    for dtype in FLOATS {
        for columns in [5, 16, 33, 64, 100, 2200] {
            for count in [2, 3, 70] {
                let generated = if columns > 2048 { Generated::Part } else { Generated::Whole };
                same_bits(&format!("{count} of {columns} {dtype}"), generated, || {
                    let table = noisy(1, &[9, columns], dtype);
                    let (x, backwards) = (noisy(2, &[count, columns], dtype), table.flip(0));
                    let rows = |table: &Formula, factor: usize| {
                        let places: Vec<i64> = (0..count).map(|k| (k * factor % 9) as i64).collect();
                        let index = Formula::from_vec(places, [count, 1]);
                        Formula::node(Op::Gather { axis: 0 }, [table.clone(), index], x.shape().clone(), dtype)
                    };
                    let (a, b) = (rows(&table, 4), rows(&backwards, 7));
                    let difference = &a - &b;
                    vec![difference.max_axis(-1), (&difference * &x).abs().min_axis(-1), difference]
                });
            }
        }
    }
}

/// Truth values in rows: as many as the entries, the same for several matrices, parts and rows backwards, and many of them at a time.
#[test]
fn truth_values() {
    let truths = |seed: usize, shape: &[usize]| {
        let count = shape.iter().product();
        Formula::from_vec((0..count).map(|k| (k * k + seed * k) % 7 < 3).collect::<Vec<bool>>(), shape)
    };
    for dtype in FLOATS {
        for columns in [5, 8, 16, 17, 33, 64, 100, 300] {
            for number in 0..6 {
                same_bits(&format!("truths {number}, {columns} {dtype}"), Generated::WholeWithMasks, || {
                    let (x, y) = (noisy(1, &[3, 4, columns], dtype), noisy(2, &[3, 4, columns], dtype));
                    let mask = match number {
                        0 => truths(1, &[3, 4, columns]),
                        1 => truths(2, &[1, 4, columns]),
                        2 => truths(3, &[3, 4, columns + 3]).slice(-1, 2..columns + 2),
                        3 => truths(4, &[3, 4, columns]).flip(1),
                        4 => truths(5, &[4, 3, columns]).swap_axes(0, 1),
                        _ => truths(6, &[1, 1, columns]),
                    };
                    let chosen = mask.select(x.exp(), &y);
                    vec![chosen.max_axis(-1), (mask.cast(dtype) * &y + 1.0).min_axis(-1), chosen]
                });
            }
            // More than there are registers for pointers.
            same_bits(&format!("many, {columns} {dtype}"), Generated::WholeWithMasks, || {
                let mut x = noisy(1, &[6, columns], dtype);
                for seed in 0..12 {
                    x = truths(seed, &[6, columns]).select(&(&x + 1.0), &(&x * 0.5));
                }
                vec![x.max_axis(-1), x]
            });
        }
        // One long row, in several tiles.
        for count in [5, 16, 1000, 40_003] {
            same_bits(&format!("{count} {dtype}"), Generated::WholeWithMasks, || {
                let (x, mask) = (noisy(1, &[count], dtype), truths(1, &[count]));
                let chosen = mask.select(&x, &(&x * 3.0));
                vec![chosen.max_axis(-1), chosen]
            });
        }
    }
}
