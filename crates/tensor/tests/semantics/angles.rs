//! `atan2` as C has it, hyperbolic functions at their ends, and running products.

use approx::{assert_abs_diff_eq, assert_relative_eq, relative_eq};
use minimand_tensor::{DType, Tensor};

/// Zeros and infinities of both signs, NaN, numbers whose quotient overflows or underflows.
fn specials() -> Vec<f64> {
    let positive = [0.0, 1e-37, 1e-3, 1.0, 1.5, 1e3, 1e37, f64::INFINITY];
    positive.iter().flat_map(|&x| [x, -x]).chain([f64::NAN]).collect()
}

#[test]
fn angles_of_all_quadrants_zeros_and_infinities() {
    let specials = specials();
    let count = specials.len();
    for (dtype, epsilon) in [(DType::F32, f64::from(f32::EPSILON)), (DType::F64, f64::EPSILON)] {
        let y = Tensor::from_vec(specials.clone(), [count, 1]).cast(dtype);
        let x = Tensor::from_vec(specials.clone(), [count]).cast(dtype);
        let (ys, xs) = (y.to_vec::<f64>(), x.to_vec::<f64>());
        for (at, angle) in y.atan2(&x).to_vec::<f64>().into_iter().enumerate() {
            let (y, x) = (ys[at / count], xs[at % count]);
            let exact = y.atan2(x);
            let smallest = if dtype == DType::F32 { f64::from(f32::from_bits(1)) } else { 0.0 };
            assert!(
                exact.is_nan() && angle.is_nan()
                    || relative_eq!(angle, exact, epsilon = smallest, max_relative = 2.0 * epsilon)
                        && angle.is_sign_negative() == exact.is_sign_negative(),
                "{dtype} atan2({y:?}, {x:?}): {angle:?}, not {exact:?}"
            );
        }
    }
}

/// Either operand may be counted or a truth value: the angle has the type of the other.
#[test]
fn angles_of_integers_and_truth_values() {
    let half = std::f64::consts::FRAC_PI_2;
    let integers = Tensor::from([0i64, -2, i64::MIN, 3]);
    for dtype in [DType::F32, DType::F64] {
        let ones = Tensor::ones([4]).cast(dtype);
        let angles = ones.atan2(&integers);
        assert_eq!(angles.dtype(), dtype);
        let exact = [half, 1f64.atan2(-2.0), 2.0 * half, 1f64.atan2(3.0)];
        assert_abs_diff_eq!(angles.to_vec::<f64>()[..], exact[..], epsilon = 4e-7);
        let exact = [0.0, (-2f64).atan2(1.0), -half, 3f64.atan2(1.0)];
        assert_abs_diff_eq!(integers.atan2(&ones).to_vec::<f64>()[..], exact[..], epsilon = 4e-7);
        let truth = Tensor::from([true, false, true, false]);
        assert_abs_diff_eq!(ones.atan2(&truth).to_vec::<f64>()[..], [half / 2.0, half].repeat(2)[..], epsilon = 4e-7);
    }
}

/// Its derivatives are `x/(x² + y²)` and `-y/(x² + y²)`, 0 at the origin and at infinity.
#[test]
fn derivatives_of_angles_are_finite() {
    let numbers = [0.0, -0.0, 1e-15, -1e-15, 1.0, -1.0, 1e15, -1e15, f64::INFINITY, f64::NEG_INFINITY];
    let count = numbers.len();
    for dtype in [DType::F32, DType::F64] {
        let y = Tensor::from(numbers).unsqueeze(-1).expand([count, count]).cast(dtype);
        let x = Tensor::from(numbers).expand([count, count]).cast(dtype);
        let angle = y.atan2(&x).sum();
        let (by_y, by_x) = (angle.grad(&y), angle.grad(&x));
        let second = [by_y.sum().grad(&y), by_y.sum().grad(&x), by_x.sum().grad(&x)];
        for (at, (by_y, by_x)) in by_y.to_vec::<f64>().into_iter().zip(by_x.to_vec::<f64>()).enumerate() {
            let (y, x) = (numbers[at / count], numbers[at % count]);
            let square = x * x + y * y;
            let exact = if square == 0.0 || square.is_infinite() { (0.0, 0.0) } else { (x / square, -y / square) };
            let close = |found: f64, exact: f64| relative_eq!(found, exact, epsilon = 1e-36, max_relative = 1e-6);
            assert!(close(by_y, exact.0) && close(by_x, exact.1), "{dtype} at ({y:?}, {x:?}): {by_y}, {by_x}");
        }
        for second in second {
            assert!(second.to_vec::<f64>().iter().all(|value| value.is_finite()), "{dtype} {second}");
        }
    }
}

/// Slopes of the inverse functions vanish far out without a NaN, to any order and on both sides alike.
#[test]
fn slopes_of_inverse_functions_far_out() {
    for (dtype, size) in [(DType::F32, 1e30), (DType::F64, 1e200), (DType::F64, f64::INFINITY)] {
        for sign in [1.0, -1.0] {
            let x = Tensor::from([sign * size]).cast(dtype).detach();
            for (value, slope) in [(x.atan(), 0.0), (x.asinh(), 1.0 / size)] {
                let first = value.sum().grad(&x);
                let (second, found) = (first.sum().grad(&x).item(), first.item());
                let close = relative_eq!(found, slope, epsilon = 0.0, max_relative = 1e-6);
                assert!(close, "{dtype}, {sign}: {found:e}, not {slope:e}");
                assert_eq!(second, 0.0, "{dtype}, {sign}");
            }
        }
    }
}

/// The functions end where their results do, not before.
#[test]
fn hyperbolic_functions_overflow_with_their_results_only() {
    let x = Tensor::from([89.4f32, -89.4, 89.5, 1e-30, f32::INFINITY]);
    let (sinh, cosh) = (x.sinh().to_vec::<f64>(), x.cosh().to_vec::<f64>());
    let exact = f64::from(89.4f32).sinh();
    assert_relative_eq!(sinh[..2], [exact, -exact][..], max_relative = 3e-7);
    assert_relative_eq!(cosh[..2], [exact, exact][..], max_relative = 1e-6);
    assert_eq!((sinh[2], cosh[2], sinh[4], cosh[4]), (f64::INFINITY, f64::INFINITY, f64::INFINITY, f64::INFINITY));
    assert_eq!((sinh[3], cosh[3]), (f64::from(1e-30f32), 1.0));
    let x = Tensor::from([3e38f32, -3e38]);
    let (value, slope) = (x.asinh(), x.asinh().sum().grad(&x));
    let exact = asinh_of_large(f64::from(3e38f32));
    assert_relative_eq!(value.to_vec::<f64>()[1], -exact, max_relative = 2e-7);
    // 1/x, which is denormal there.
    assert_abs_diff_eq!(slope.to_vec::<f64>()[0], 1.0 / 3e38, epsilon = 2e-45);
}

/// `asinh x` of a large number is `ln 2x`.
fn asinh_of_large(x: f64) -> f64 {
    x.ln() + std::f64::consts::LN_2
}

#[test]
fn cumulative_products_of_any_length_and_type() {
    for length in 0..=17usize {
        let numbers: Vec<i64> = (0..length as i64).map(|i| i % 5 - 2 + i64::from(i % 5 == 2) * 3).collect();
        let exact: Vec<i64> = numbers
            .iter()
            .scan(1, |product, number| {
                *product *= number;
                Some(*product)
            })
            .collect();
        let x = Tensor::from_vec(numbers, [length]);
        assert_eq!(x.cumulative_product(0).to_vec::<i64>(), exact);
        let rows = Tensor::stack([&x, &x], 0).cast(DType::F32).cumulative_product(-1);
        let exact: Vec<f64> = exact.iter().chain(&exact).map(|&product| product as f64).collect();
        assert_eq!(rows.to_vec::<f64>(), exact);
    }
    let fractions = Tensor::from([0.5, 1.5, -2.5]);
    assert_eq!(fractions.cumulative_product(0).to_vec::<f64>(), [0.5, 0.75, -1.875]);
    for dtype in DType::ALL {
        assert_eq!(fractions.cast(dtype).cumulative_product(0).dtype(), dtype.max(DType::I64));
    }
    // Truth values are counted, however few they are.
    for length in 0..=3 {
        let products = Tensor::from([true, false, true]).slice(0, ..length).cumulative_product(0);
        assert_eq!((products.dtype(), products.to_vec::<i64>()), (DType::I64, [1, 0, 0][..length].to_vec()));
    }
}
