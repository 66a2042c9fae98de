//! Powers with the exponent in a tensor where a factor of the derivative is infinite: at base 0, at infinite bases and exponents.

use approx::relative_eq;
use minimand_tensor::{DType, Operand, Tensor, eval};

/// The exponents, and one base for all of them, in memory.
fn operands(base: f64, exponents: &[f64]) -> (Tensor, Tensor) {
    let a = Tensor::from_vec(vec![base; exponents.len()], [exponents.len()]);
    let b = Tensor::from_vec(exponents.to_vec(), [exponents.len()]);
    eval([&a, &b]);
    (a, b)
}

/// The derivative by each of these in turn.
fn derivative(of: &Tensor, by: &[&Tensor]) -> Tensor {
    by.iter().fold(of.clone(), |value, by| value.sum().grad(by))
}

#[track_caller]
fn assert_close(found: &Tensor, expected: &[f64], what: &str) {
    for (index, (found, &expected)) in found.to_vec::<f64>().into_iter().zip(expected).enumerate() {
        let equal =
            relative_eq!(found, expected, epsilon = 0.0, max_relative = 1e-13) || found.is_nan() && expected.is_nan();
        assert!(equal, "{what}, entry {index}: {found}, not {expected}");
    }
}

/// `b (b-1) … (b-k+1) a^(b-k)`, 0 by a factor 0.
fn nth_by_base(a: f64, b: f64, k: usize) -> f64 {
    let factor: f64 = (0..k).map(|j| b - j as f64).product();
    if factor == 0.0 { 0.0 } else { factor * a.powf(b - k as f64) }
}

#[test]
fn derivatives_by_the_base_to_fourth_order() {
    let exponents = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 0.5, 1.5, 2.5, -0.5, -1.0, -2.0];
    for base in [0.0, 2.0, 0.25, f64::INFINITY] {
        let (a, b) = operands(base, &exponents);
        for order in 0..=4 {
            let found = derivative(&a.pow(&b), &vec![&a; order]);
            let expected: Vec<f64> = exponents.iter().map(|&b| nth_by_base(base, b, order)).collect();
            assert_close(&found, &expected, &format!("base {base}, order {order}"));
        }
    }
    let whole = [0.0, 1.0, 2.0, 3.0, -1.0, -2.0];
    for base in [-2.0, -0.5] {
        let (a, b) = operands(base, &whole);
        for order in 0..=4 {
            let found = derivative(&a.pow(&b), &vec![&a; order]);
            let expected: Vec<f64> = whole.iter().map(|&b| nth_by_base(base, b, order)).collect();
            assert_close(&found, &expected, &format!("base {base}, order {order}"));
        }
    }
}

/// A tensor exponent gives what the same number as a constant gives.
#[test]
fn a_tensor_exponent_is_a_number() {
    for exponent in [0.0, 1.0, 2.0, 3.0, 0.5, -1.0, 7.0] {
        let (a, b) = operands(0.0, &[exponent]);
        for order in 0..=4 {
            let by_number = derivative(&a.pow(exponent), &vec![&a; order]).to_vec::<f64>();
            assert_close(&derivative(&a.pow(&b), &vec![&a; order]), &by_number, &format!("{exponent}, order {order}"));
        }
    }
}

/// Along a = 0 the power is constant where b > 0, and everything by b is 0; the order of differentiation does not matter.
#[test]
fn derivatives_by_the_exponent_at_base_zero() {
    let exponents = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, f64::INFINITY];
    let (a, b) = operands(0.0, &exponents);
    let y = a.pow(&b);
    let paths: [&[&Tensor]; 14] = [
        &[&b],
        &[&b, &b],
        &[&b, &b, &b],
        &[&b, &a],
        &[&a, &b],
        &[&b, &a, &a],
        &[&b, &b, &a],
        &[&b, &a, &b],
        &[&a, &b, &b],
        &[&a, &b, &a],
        &[&a, &a, &b],
        &[&a, &b, &a, &b],
        &[&a, &a, &b, &a],
        &[&b, &a, &b, &a],
    ];
    for (number, path) in paths.into_iter().enumerate() {
        assert_close(&derivative(&y, path), &[0.0; 7], &format!("path {number}"));
    }
    // Below, the limits.
    let (a, b) = operands(0.0, &[-1.0, -0.5]);
    let y = a.pow(&b);
    assert_close(&derivative(&y, &[&b]), &[f64::NEG_INFINITY; 2], "by b, b < 0");
    assert_close(&derivative(&y, &[&b, &b]), &[f64::INFINITY; 2], "twice by b, b < 0");
    assert_close(&derivative(&y, &[&a]), &[f64::NEG_INFINITY; 2], "by a, b < 0");
    assert_close(&derivative(&y, &[&a, &b]), &[f64::INFINITY; 2], "by a and b, b < 0");
}

/// `∂²aᵇ/∂a∂b = aᵇ⁻¹ (1 + b ln a)`, also where b = 0.
#[test]
fn mixed_derivatives_do_not_depend_on_their_order() {
    for base in [0.5, 1.0, 3.0] {
        let exponents = [-1.0, 0.0, 0.5, 1.0, 2.0];
        let (a, b) = operands(base, &exponents);
        let y = a.pow(&b);
        let expected: Vec<f64> = exponents.iter().map(|&b| base.powf(b - 1.0) * (1.0 + b * base.ln())).collect();
        assert_close(&derivative(&y, &[&a, &b]), &expected, &format!("base {base}, a then b"));
        assert_close(&derivative(&y, &[&b, &a]), &expected, &format!("base {base}, b then a"));
    }
}

#[test]
fn infinite_bases_and_exponents() {
    let infinity = f64::INFINITY;
    let (a, b) = operands(infinity, &[-1.0, -0.5]);
    for path in [&[&b][..], &[&a], &[&a, &b], &[&b, &a], &[&b, &b]] {
        assert_close(&derivative(&a.pow(&b), path), &[0.0; 2], "∞ to a negative power");
    }
    let (a, b) = operands(infinity, &[0.0, 0.5]);
    assert_close(&derivative(&a.pow(&b), &[&b]), &[infinity; 2], "∞ to a power not below 0");
    for (base, exponent) in [(0.5, infinity), (0.0, infinity), (2.0, -infinity), (infinity, -infinity)] {
        let (a, b) = operands(base, &[exponent]);
        for path in [&[][..], &[&a], &[&b], &[&a, &a], &[&b, &b]] {
            assert_close(&derivative(&a.pow(&b), path), &[0.0], &format!("{base} to the power {exponent}"));
        }
    }
}

/// A power that vanishes because it is too small, or is infinite by its exponent, is not one that is 0 by its base.
#[test]
fn powers_beyond_the_range_keep_their_slopes() {
    let (a, b) = operands(1e-200, &[2.0]);
    let y = a.pow(&b);
    assert_close(&y, &[0.0], "1e-400");
    assert_close(&derivative(&y, &[&a]), &[2e-200], "its slope");
    assert_close(&derivative(&y, &[&a, &a]), &[2.0], "its curvature");
    let infinity = f64::INFINITY;
    let (a, b) = operands(2.0, &[infinity]);
    for path in [&[][..], &[&a], &[&b]] {
        assert_close(&derivative(&a.pow(&b), path), &[infinity], "2 to the power ∞");
    }
}

/// A number as the base: `bˣ lnⁿ b`, and 0 where b is 0.
#[test]
fn powers_of_a_number() {
    for base in [0.5, 1.0, 2.0, 0.0] {
        let x = Tensor::scalar(1.5);
        for y in [x.full_like(base).pow(&x), base.operand(DType::F64).pow(&x)] {
            for order in 0..=3 {
                let power = if base == 0.0 { 0.0 } else { base.powf(1.5) * base.ln().powi(order) };
                let found = derivative(&y, &vec![&x; order as usize]);
                assert_close(&found, &[power], &format!("base {base}, order {order}"));
            }
        }
    }
    let x = Tensor::scalar(-1.0);
    assert_close(&f64::INFINITY.operand(DType::F64).pow(&x).grad(&x), &[0.0], "base ∞");
}

/// A base that is differentiated on its way: no NaN comes out of an entry that is 0.
#[test]
fn the_exponent_of_a_network() {
    let x = Tensor::from([0.0, 0.25, 1.0, 4.0]);
    let gamma = Tensor::scalar(2.0);
    let loss = x.pow(&gamma).sum();
    let slopes = loss.grad(&gamma);
    let expected: f64 = [0.25f64, 1.0, 4.0].iter().map(|x| x * x * x.ln()).sum();
    assert_close(&slopes, &[expected], "by γ");
    let curvature: f64 = [0.25f64, 1.0, 4.0].iter().map(|x| x * x * x.ln() * x.ln()).sum();
    assert_close(&slopes.grad(&gamma), &[curvature], "twice by γ");
    let mixed = [0.0, 0.25, 1.0, 4.0].map(|x: f64| if x == 0.0 { 0.0 } else { x * (1.0 + 2.0 * x.ln()) });
    assert_close(&slopes.grad(&x), &mixed, "by γ and x");
}
