//! What operations give for every small argument, against Rust's own iterators.

use std::collections::HashSet;
use std::f64::consts::LN_2;
use std::ops::Bound;

use approx::{assert_abs_diff_eq, assert_relative_eq, relative_eq};
use minimand_tensor::{DType, Operand, Scalar, Tensor};

fn counted(size: usize) -> Tensor {
    Tensor::iota(size)
}

#[test]
fn every_slice_of_every_step() {
    for size in 0..7usize {
        let x = counted(size);
        for start in 0..=size {
            for end in start..=size {
                for step in 1..9 {
                    let expected: Vec<i64> = (start as i64..end as i64).step_by(step).collect();
                    assert_eq!(
                        x.slice_step(0, start..end, step).to_vec::<i64>(),
                        expected,
                        "{size}: {start}..{end} by {step}"
                    );
                }
                let beyond = (Bound::Excluded(start), Bound::Unbounded);
                if start < size {
                    let expected: Vec<i64> = (start as i64 + 1..size as i64).collect();
                    assert_eq!(x.slice(0, beyond).to_vec::<i64>(), expected);
                }
                if end > start {
                    assert_eq!(
                        x.slice_step(0, start..=end - 1, 2).to_vec::<i64>(),
                        x.slice_step(0, start..end, 2).to_vec::<i64>()
                    );
                }
            }
        }
    }
}

#[test]
fn every_split_into_three() {
    for [a, b, c] in [[0, 0, 0], [1, 0, 2], [2, 3, 1], [0, 4, 0], [1, 1, 1]] {
        let x = counted(a + b + c).unsqueeze(0).expand([2, a + b + c]);
        let parts = x.split(1, &[a, b, c]);
        let expected = [0..a, a..a + b, a + b..a + b + c];
        for (part, range) in parts.iter().zip(expected) {
            let row: Vec<i64> = range.map(|entry| entry as i64).collect();
            assert_eq!(part.shape().sizes(), [2, row.len()]);
            assert_eq!(part.to_vec::<i64>(), [row.clone(), row].concat());
        }
    }
}

#[test]
fn every_triangle() {
    for rows in 0..4usize {
        for columns in 0..5usize {
            for diagonal in [-5i64, -3, -2, -1, 0, 1, 2, 3, 4, 6, i64::MIN, i64::MAX] {
                let below = |row: usize, column: usize| column as i128 <= row as i128 + i128::from(diagonal);
                let entries = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
                let expected: Vec<bool> = entries.map(|(row, column)| below(row, column)).collect();
                let mask = Tensor::triangular_mask(rows, columns, diagonal);
                assert_eq!(mask.to_vec::<bool>(), expected, "[{rows}, {columns}] {diagonal}");
            }
        }
    }
}

/// Windows added back need just so much room, and may have more, which stays 0.
#[test]
fn windows_added_back_into_every_length() {
    for (count, size, step, dilation) in [(3, 2, 1, 1), (2, 3, 2, 1), (3, 2, 2, 3), (1, 4, 1, 2), (4, 1, 3, 1)] {
        let ones = Tensor::ones([count, size]);
        let least = (count - 1) * step + (size - 1) * dilation + 1;
        for room in 0..3 {
            let mut expected = vec![0.0; least + room];
            for window in 0..count {
                (0..size).for_each(|entry| expected[window * step + entry * dilation] += 1.0);
            }
            assert_eq!(ones.overlap_add(0, step, dilation, least + room).to_vec::<f64>(), expected);
        }
        let refused = std::panic::catch_unwind(|| ones.overlap_add(0, step, dilation, least - 1));
        assert!(refused.is_err(), "{count} windows of {size} do not fit into {}", least - 1);
    }
    // The axis is one of the result, also where it is counted from the end.
    let windows = Tensor::from([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]);
    let (last, first) = ([[1.0, 5.0, 4.0], [5.0, 13.0, 8.0]], [[1.0, 3.0], [7.0, 11.0], [6.0, 8.0]]);
    assert_eq!(windows.overlap_add(-1, 1, 1, 3).to_vec::<f64>(), last.concat());
    assert_eq!(windows.overlap_add(-2, 1, 1, 3).to_vec::<f64>(), first.concat());
    assert!(std::panic::catch_unwind(|| windows.overlap_add(2, 1, 1, 3)).is_err());
}

/// The type of a choice, whatever stands on its two sides: numbers take the type of the tensor beside them, where that can hold them.
#[test]
fn the_type_of_every_choice() {
    let condition = Tensor::from([true, false]);
    let of = |dtype| Tensor::from([1i64, 0]).cast(dtype);
    for dtype in DType::ALL {
        let with_float = if dtype.is_float() { dtype } else { DType::F32 };
        let with_whole = if dtype == DType::Bool { DType::I64 } else { dtype };
        for (which, found, expected) in [
            ("tensor, 0.5", condition.select(of(dtype), 0.5), with_float),
            ("0.5, tensor", condition.select(0.5, of(dtype)), with_float),
            ("tensor, 2", condition.select(of(dtype), 2), with_whole),
            ("2, tensor", condition.select(2, of(dtype)), with_whole),
            ("tensor, true", condition.select(of(dtype), true), dtype),
            ("true, tensor", condition.select(true, of(dtype)), dtype),
        ] {
            assert_eq!(found.dtype(), expected, "{dtype}: {which}");
        }
        for other in DType::ALL {
            assert_eq!(condition.select(of(dtype), of(other)).dtype(), dtype.max(other), "{dtype} {other}");
        }
    }
    // So do numbers that were made operands for another type, beside a tensor without axes too.
    for beside in [Tensor::from([1.0f32, 2.0]), Tensor::from(1.0f32)] {
        let number = || 0.5.operand(DType::F64);
        assert_eq!(condition.select(&beside, number()).dtype(), DType::F32, "{}, number", beside.shape());
        assert_eq!(condition.select(number(), &beside).dtype(), DType::F32, "number, {}", beside.shape());
    }
    assert_eq!(condition.select(1, 2).dtype(), DType::I64);
    assert_eq!(condition.select(1, 0.5).dtype(), DType::F32);
    assert_eq!(condition.select(0.5, 1).dtype(), DType::F32);
    assert_eq!(condition.select(true, false).dtype(), DType::Bool);
}

/// One tensor, set side by side with nothing, is itself.
#[test]
fn a_concatenation_of_one() {
    let x = counted(6).reshape([2, 3]);
    for axis in [0, 1, -1] {
        let found = Tensor::concatenate([&x], axis);
        assert_eq!((found.shape(), found.dtype()), (x.shape(), DType::I64));
        assert_eq!(found.to_vec::<i64>(), [0, 1, 2, 3, 4, 5]);
    }
}

/// All pairs of rows, in batches that broadcast.
#[test]
fn distances_of_all_pairs() {
    let (a, b) = (Tensor::from([[0.0, 0.0], [3.0, 4.0], [1.0, -1.0]]), Tensor::from([[0.0, 0.0], [1.0, 1.0]]));
    let exact = [0.0, 2.0, 25.0, 13.0, 2.0, 4.0];
    let twice = Tensor::stack([&a, &(2.0 * &a)], 0);
    let squares = twice.pairwise_squared_distances(&b);
    assert_eq!(squares.shape()[..], [2, 3, 2]);
    assert_eq!(squares.to_vec::<f64>()[..6], exact);
    assert_eq!(squares.to_vec::<f64>()[6..], [0.0, 2.0, 100.0, 74.0, 8.0, 10.0]);
    let distances = a.pairwise_distances(&b).to_vec::<f64>();
    for (distance, square) in distances.into_iter().zip(exact) {
        assert_abs_diff_eq!(distance, f64::sqrt(square), epsilon = 1e-15);
    }
}

/// Constants are the same where their bits are, and are found as the same.
#[test]
fn scalars_are_equal_by_their_bits() {
    let different = [
        Scalar::Float(0.0),
        Scalar::Float(-0.0),
        Scalar::Float(1.0),
        Scalar::Float(f64::NAN),
        Scalar::Integer(0),
        Scalar::Integer(1),
        Scalar::Integer(-1),
        Scalar::Integer(1f64.to_bits() as i64),
    ];
    let set: HashSet<Scalar> = different.into_iter().collect();
    assert_eq!(set.len(), different.len());
    for (at, scalar) in different.iter().enumerate() {
        assert!(set.contains(scalar));
        assert!(different.iter().enumerate().all(|(other, scalar_2)| (scalar == scalar_2) == (at == other)));
    }
}

/// What others add to the greatest entry of a sum of exponentials, also where the sum rounds it away.
#[test]
fn small_terms_beside_the_greatest() {
    for (dtype, others) in [(DType::F32, [-17.0f64, -20.0]), (DType::F64, [-37.0, -40.0])] {
        let x = Tensor::from([0.0, others[0], others[1]]).cast(dtype);
        let exact = (others[0].exp() + others[1].exp()).ln_1p();
        for found in [x.logsumexp().item(), -x.log_softmax(0).at(0, 0).item()] {
            let close = relative_eq!(found, exact, epsilon = 0.0, max_relative = 1e-6);
            assert!(close, "{dtype}: {found:e}, not {exact:e}");
        }
    }
}

/// ln(1 - eˣ) to the last digits on both sides of its seam at -ln 2. By mpmath 1.4.1 with 500 digits.
#[test]
fn log1mexp_to_the_last_digits() {
    let x = [-1e-300, -1e-10, -0.1, -0.69, -LN_2, -0.7, -1.0, -36.0, -700.0];
    let expected = [
        -690.7755278982137,
        -23.02585092999046,
        -2.3521684610440907,
        -0.6963042971440567,
        -LN_2,
        -0.6863410028083852,
        -0.4586751453870819,
        -2.3195228302435696e-16,
        -9.859_676_543_759_77e-305,
    ];
    for (found, expected) in Tensor::from(x).log1mexp().to_vec::<f64>().into_iter().zip(expected) {
        assert_relative_eq!(found, expected, epsilon = 0.0, max_relative = 4e-16);
    }
}
