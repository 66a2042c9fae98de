//! Which zero it is, and numbers that are not finite, where values are picked, placed and chosen.

use minimand_tensor::{DType, Tensor};

/// What a formula gives, down to the sign of its zeros.
#[track_caller]
fn gives(x: &Tensor, expected: &[f64]) {
    let found: Vec<u64> = x.to_vec::<f64>().into_iter().map(f64::to_bits).collect();
    let expected: Vec<u64> = expected.iter().map(|value| value.to_bits()).collect();
    assert_eq!(found, expected, "{x}");
}

#[test]
fn a_picked_zero_keeps_its_sign() {
    let index = Tensor::from([[1i64]]);
    for size in [2, 3, 17] {
        let x = Tensor::from_vec((0..size).map(|entry| entry as f64 - 0.5).collect(), [1, size]);
        gives(&(&x * -0.0).take_along_axis(1, &index), &[-0.0]);
        gives(&(&x * -0.0).at(1, 1), &[-0.0]);
        gives(&(x.abs() * -1.0 * 0.0).take_along_axis(1, &index), &[-0.0]);
        gives(&(-(&x - &x)).take_along_axis(1, &index), &[-0.0]);
        let both = (&x * -0.0).take_along_axis(1, &index);
        gives(&both.reciprocal(), &[f64::NEG_INFINITY]);
        gives(&both.detach().reciprocal().sign(), &[-1.0]);
    }
}

/// Nothing of it is multiplied by the zeros around: infinities and NaN stay where they are.
#[test]
fn what_is_not_finite_stays_where_it_is() {
    let (infinity, nan) = (f64::INFINITY, f64::NAN);
    let x = Tensor::from([[1.0, infinity, nan], [-infinity, 2.0, 0.5]]);
    let index = Tensor::from([[1i64], [1]]);
    gives(&x.take_along_axis(1, &index), &[infinity, 2.0]);
    gives(&(&x - 1.0).take_along_axis(1, &index), &[infinity, 1.0]);
    let placed = x.take_along_axis(1, &index).scatter_add(1, &index, 3);
    gives(&placed, &[0.0, infinity, 0.0, 0.0, 2.0, 0.0]);
    gives(&placed.sum_axis(1), &[infinity, 2.0]);
    // The entry of each row that a position names, as a sum, beside another number than 0 as well.
    let here = Tensor::iota(3).eq(&index);
    gives(&here.select(&x, 0).sum_axis(1), &[infinity, 2.0]);
    gives(&here.select(Tensor::from([[3.0], [-infinity]]), 5.0).sum_axis(1), &[13.0, -infinity]);
    gives(&here.select(&x, 5.0).sum_axis(1), &[infinity, 12.0]);
    gives(&here.select(&x, infinity).sum_axis(1), &[infinity, infinity]);
    // Zeros of padding and gaps.
    let row = Tensor::from([infinity, 1.0]);
    gives(&row.pad(0, 1, 1), &[0.0, infinity, 1.0, 0.0]);
    gives(&row.pad(0, 1, 1).windows(0, 2, 1, 1).sum_axis(1), &[infinity, infinity, 1.0]);
    let product = row.pad(0, 1, 1).windows(0, 2, 1, 1).matmul(&Tensor::from([[1.0], [1.0]]));
    gives(&product, &[infinity, infinity, 1.0]);
    assert!((&row * 0.0).to_vec::<f64>()[0].is_nan());
    assert!((row.sum() * 0.0).item().is_nan());
}

#[test]
fn the_negative_of_a_choice_has_the_shape_of_the_numbers_repeated() {
    for condition in [vec![], vec![1], vec![3], vec![2, 1], vec![1, 3], vec![2, 3], vec![1, 2, 3]] {
        let entries: usize = condition.iter().product();
        let truth = Tensor::from_vec((0..entries).map(|entry| entry % 2 == 0).collect::<Vec<bool>>(), &condition[..]);
        for (a, b) in [(1.5, 2.5), (0.0, 2.5), (1.5, 0.0), (-0.0, 0.0)] {
            let (repeated, twos) = (Tensor::full([2, 3], a), Tensor::full([2, 1], b));
            let expected = |entry: usize| {
                let along: Vec<usize> = [entry / 3, entry % 3][2 - condition.len().min(2)..].to_vec();
                let sizes = &condition[condition.len().saturating_sub(2)..];
                let at = along.iter().zip(sizes).fold(0, |at, (&k, &size)| at * size + if size == 1 { 0 } else { k });
                if at % 2 == 0 { -a } else { -b }
            };
            let expected: Vec<f64> = (0..6).map(expected).collect();
            gives(&-truth.select(&repeated, b).cast(DType::F64), &expected);
            gives(&-truth.select(repeated.cast(DType::F64), twos.cast(DType::F64)), &expected);
            gives(&(-truth.select(&repeated, &twos)).cast(DType::F64), &expected);
        }
        // Nothing at all, chosen by something.
        let nothing = truth.select(Tensor::zeros([0, 2, 3]), 1.0);
        gives(&(-nothing).cast(DType::F64), &[]);
    }
}
