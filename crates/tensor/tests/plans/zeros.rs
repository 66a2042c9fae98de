//! Which zero it is, and numbers that are not finite, where values are picked, placed and chosen.

use minimand_tensor::Tensor;

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
