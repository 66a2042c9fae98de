//! Sorting long and short lines along any axis: the order that the definition gives, with ties, zeros of both signs, NaN and infinities.

use minimand_tensor::{DType, Rng, Tensor, reference};

/// Numbers of which many are equal, with every special one among them.
fn numbers(shape: [usize; 3], coarse: bool, dtype: DType) -> Tensor {
    let mut rng = Rng::seed(shape.iter().sum::<usize>() as u64);
    let count = shape.iter().product();
    let special = [0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -f64::NAN, 1e-310, 1e-41, -1e-41, 3.5e38];
    let entries = (0..count).map(|_| match rng.below(8) {
        0 => special[rng.below(special.len())],
        _ if coarse => rng.below(5) as f64 - 2.0,
        _ => (rng.below(1 << 30) as f64 - (1 << 29) as f64) / (1 << 20) as f64,
    });
    Tensor::from_vec(entries.collect::<Vec<f64>>(), shape).cast(dtype).computed()
}

fn assert_sorted_as_defined(x: &Tensor) {
    for axis in 0..3 {
        for order in [x.argsort(axis), x.argsort_descending(axis)] {
            let wanted: Vec<i64> = reference::evaluate(&[&order])[0].iter().map(|&position| position as i64).collect();
            assert_eq!(order.to_vec::<i64>(), wanted, "{} along {axis}", x.shape());
        }
    }
}

#[test]
fn lines_of_any_length_and_type_are_sorted_as_defined() {
    for dtype in [DType::F32, DType::F64, DType::I64, DType::Bool] {
        for coarse in [true, false] {
            for shape in [[3, 1, 5], [2, 33, 2], [1, 300, 3], [5, 7, 17]] {
                assert_sorted_as_defined(&numbers(shape, coarse, dtype));
            }
        }
    }
}

/// Whole rows of one digit, of all digits, with signs.
#[test]
fn long_lines_are_sorted_as_defined() {
    for coarse in [true, false] {
        for (length, dtype) in [(2047, DType::F32), (2048, DType::F32), (3000, DType::F32), (3000, DType::F64)] {
            let x = numbers([1, length, 2], coarse, dtype);
            let mut order: Vec<usize> = (0..length).collect();
            let values = x.slice(2, 1..2).to_vec::<f64>();
            let directed = |a: usize, b: usize, descending: bool| {
                let (a, b) = (values[a], values[b]);
                let order = a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()));
                if descending && !a.is_nan() && !b.is_nan() { order.reverse() } else { order }
            };
            for descending in [false, true] {
                order.sort_unstable();
                order.sort_by(|&a, &b| directed(a, b, descending));
                let line = x.slice(2, 1..2);
                let found = if descending { line.argsort_descending(1) } else { line.argsort(1) };
                let wanted: Vec<i64> = order.iter().map(|&position| position as i64).collect();
                assert_eq!(found.to_vec::<i64>(), wanted, "{length} of {dtype}, descending: {descending}");
            }
        }
    }
}
