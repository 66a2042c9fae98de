//! Binary focal loss.

use minimand_loss::{FocalOptions, binary_cross_entropy_with_logits, binary_focal};
use minimand_tensor::{DType, Tensor};
use proptest::prelude::*;

use crate::common::{
    assert_close, assert_close_within, check_derivatives, check_recorded, finite_at_extremes, normal, panic_of, slope,
    values,
};
use crate::oracle;

fn focal(alpha: Option<f64>, gamma: f64) -> impl Fn(&Tensor, &Tensor) -> Tensor {
    move |x, y| binary_focal(x, y, FocalOptions { alpha, gamma })
}

#[test]
fn recorded_values() {
    let count = check_recorded("binary_focal", |case| {
        focal(case.optional_number("alpha"), case.number("gamma"))(case.input("logits"), case.input("target"))
    });
    assert_eq!(count, 22);
}

proptest! {
    #[test]
    fn the_formula_of_the_paper(
        x in -12.0..12.0,
        y in prop_oneof![Just(0.0), Just(1.0), 0.0..=1.0],
        alpha in prop::option::of(0.0..=1.0),
        gamma in 0.0..5.0,
    ) {
        let value = focal(alpha, gamma)(&Tensor::from([x]), &Tensor::from([y])).item();
        assert_close_within("value", &[value], &[oracle::binary_focal(x, y, alpha, gamma)], 1e-9, 1e-12);
        prop_assert!(value >= 0.0);
    }
}

#[test]
fn derivatives() {
    let (x, soft) = (normal(1, [4, 3]) * 2.0, normal(2, [4, 3]).sigmoid());
    let labels = normal(3, [4, 3]).gt(0).cast(DType::F64);
    for (alpha, gamma) in [(None, 2.0), (Some(0.25), 2.0), (Some(0.9), 0.5), (None, 1.0), (None, 0.0), (Some(0.5), 5.0)]
    {
        let loss = focal(alpha, gamma);
        check_derivatives(|t| loss(&t[0], &labels), std::slice::from_ref(&x));
        check_derivatives(|t| loss(&t[0], &t[1]), &[x.clone(), soft.clone()]);
    }
}

#[test]
fn the_gradient_is_that_of_the_paper() {
    let x = normal(4, [12]) * 3.0;
    let y: Vec<f64> = (0..12).map(|i| f64::from(i % 2)).collect();
    for (alpha, gamma) in [(0.25, 2.0), (0.75, 0.5), (0.6, 3.0)] {
        let gradient = slope(|x| focal(Some(alpha), gamma)(x, &Tensor::from(y.clone())), &x);
        let expected: Vec<f64> = (values(&x).iter().zip(&y))
            .map(|(x, y)| {
                let p = 1.0 / (1.0 + (-x).exp());
                let (p_t, alpha_t) = if *y == 1.0 { (p, alpha) } else { (1.0 - p, 1.0 - alpha) };
                (2.0 * y - 1.0) * alpha_t * (1.0 - p_t).powf(gamma) * (gamma * p_t * p_t.ln() + p_t - 1.0)
            })
            .collect();
        assert_close("gradient", &gradient, &expected);
    }
}

#[test]
fn extremes_in_f32_are_finite_and_right() {
    let x = Tensor::from([1e4, -1e4, 1e4, -1e4, 40.0, -40.0, 120.0, 0.0, 1e4, -1e4]);
    let y = Tensor::from([1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.25, 0.25]);
    for gamma in [0.0, 0.5, 1.0, 2.0, 5.0] {
        for alpha in [None, Some(0.0), Some(0.25), Some(1.0)] {
            finite_at_extremes(|t| focal(alpha, gamma)(&t[0], &y.cast(DType::F32)), std::slice::from_ref(&x));
            finite_at_extremes(|t| focal(alpha, gamma)(&t[0], &t[1]), &[x.clone(), y.clone()]);
        }
        let (single, target) = (x.cast(DType::F32).detach(), y.cast(DType::F32));
        let loss = focal(None, gamma);
        let value = values(&loss(&single, &target));
        assert_close_within("value", &value[..4], &[0.0, 1e4, 1e4, 0.0], 1e-6, 0.0);
        let gradient = slope(|x| loss(x, &target), &single);
        assert_close_within("gradient", &gradient[..4], &[0.0, -1.0, 1.0, 0.0], 1e-6, 0.0);
        let second = loss(&single, &target).sum().grad(&single).sum().grad(&single);
        assert!(values(&second).iter().all(|number| number.is_finite()), "γ = {gamma}, second order: {second}");
    }
}

#[test]
fn gamma_half_fades_out_where_torchvision_has_nan() {
    let (x, y) = (Tensor::from([40.0]), Tensor::from([1.0]));
    let loss = focal(None, 0.5);
    let tail = (-40.0f64).exp(); // 1 - p, and -ln p as well
    assert_close_within("value", &values(&loss(&x, &y)), &[tail.powf(1.5)], 1e-9, 0.0);
    assert_close_within("gradient", &slope(|x| loss(x, &y), &x), &[-1.5 * tail.powf(1.5)], 1e-9, 0.0);
}

#[test]
fn gamma_zero_is_cross_entropy_with_alpha_for_weights() {
    let (x, y) = (normal(5, [9]) * 4.0, normal(6, [9]).sigmoid());
    let cross_entropy = binary_cross_entropy_with_logits(&x, &y);
    assert_close("no α", &values(&focal(None, 0.0)(&x, &y)), &values(&cross_entropy));
    let weighted = (0.3 * &y + 0.7 * (1.0 - &y)) * cross_entropy;
    assert_close("α", &values(&focal(Some(0.3), 0.0)(&x, &y)), &values(&weighted));
}

#[test]
fn swapping_the_classes_swaps_alpha() {
    let (x, y) = (normal(7, [9]) * 4.0, normal(8, [9]).sigmoid());
    let mirrored = focal(Some(0.8), 2.0)(&-&x, &(1.0 - &y));
    assert_close("mirror", &values(&focal(Some(0.2), 2.0)(&x, &y)), &values(&mirrored));
}

#[test]
fn the_minimiser_is_no_probability_and_crosses_one_half_at_one_minus_alpha() {
    let expected_loss = |p: f64, alpha, gamma| {
        move |x: f64| {
            p * oracle::binary_focal(x, 1.0, alpha, gamma) + (1.0 - p) * oracle::binary_focal(x, 0.0, alpha, gamma)
        }
    };
    let probability = |x: f64| 1.0 / (1.0 + (-x).exp());
    // The numbers that the documentation names.
    for (p, minimiser) in [(0.01, 0.154), (0.1, 0.306), (0.9, 0.694)] {
        let found = probability(oracle::minimiser(expected_loss(p, None, 2.0), -20.0, 20.0));
        assert_close_within("minimiser", &[found], &[minimiser], 0.0, 5e-4);
    }
    // Where the engine's own gradient vanishes.
    for (alpha, gamma) in [(0.25, 2.0), (0.75, 2.0), (0.9, 0.5)] {
        let p = 1.0 - alpha;
        let loss = |x: &Tensor| {
            let both =
                binary_focal(&x.expand([2]), &Tensor::from([1.0, 0.0]), FocalOptions { alpha: Some(alpha), gamma });
            (both * Tensor::from([p, 1.0 - p])).sum()
        };
        assert_close("½ at 1 - α", &slope(loss, &Tensor::from(0.0)), &[0.0]);
    }
    assert_close(
        "no γ: the log-odds",
        &[oracle::fit_constant(|x| focal(None, 0.0)(&x.expand([4]), &Tensor::from([1.0, 0.0, 0.0, 0.0])).mean())],
        &[(0.25f64 / 0.75).ln()],
    );
}

#[test]
fn mistakes_panic_at_the_callers_line() {
    let x = Tensor::zeros([2]);
    let panic = panic_of(|| binary_focal(&x, &Tensor::zeros([2, 1]), FocalOptions::default()));
    let message = "binary_focal: logits [2] and target [2, 1] must have the same shape";
    assert_eq!((&*panic.message, &*panic.file), (message, file!()));
    let panic = panic_of(|| binary_focal(&x, &x, FocalOptions { alpha: None, gamma: -1.0 }));
    let message = "binary_focal: gamma must be at least 0 and finite, not -1";
    assert_eq!((&*panic.message, &*panic.file), (message, file!()));
    let panic = panic_of(|| binary_focal(&x, &x, FocalOptions { alpha: Some(-1.0), gamma: 2.0 }));
    assert_eq!((&*panic.message, &*panic.file), ("binary_focal: alpha must be in [0, 1], not -1", file!()));
}
