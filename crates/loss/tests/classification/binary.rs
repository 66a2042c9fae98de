//! Binary cross-entropy with logits, with and without a weight of the positive outcomes.

use minimand_loss::{
    Labels, binary_cross_entropy_with_logits as loss, cross_entropy,
    weighted_binary_cross_entropy_with_logits as weighted,
};
use minimand_tensor::{DType, Tensor};
use proptest::prelude::*;

use crate::common::{
    assert_close, assert_close_within, check_derivatives, check_recorded, curvature, finite_at_extremes, normal,
    panic_of, slope, values,
};
use crate::oracle;

#[test]
fn recorded_values() {
    let count = check_recorded("binary_cross_entropy_with_logits", |case| {
        let (x, y) = (case.input("logits"), case.input("target"));
        match case.optional_input("positive_weight") {
            Some(w) => weighted(x, y, w),
            None => loss(x, y),
        }
    });
    assert_eq!(count, 11);
}

proptest! {
    #[test]
    fn the_formula_of_the_paper(x in -15.0..15.0, y in 0.0..=1.0, w in 0.0..9.0) {
        let (logits, target) = (Tensor::from([x]), Tensor::from([y]));
        assert_close_within("value", &values(&loss(&logits, &target)), &[oracle::binary_cross_entropy(x, y, 1.0)], 1e-9, 1e-12);
        assert_close_within("weighted", &values(&weighted(&logits, &target, w)), &[oracle::binary_cross_entropy(x, y, w)], 1e-9, 1e-12);
    }

    #[test]
    fn never_negative(x in -1e5..1e5, y in 0.0..=1.0) {
        let value = loss(&Tensor::from([x]), &Tensor::from([y])).item();
        prop_assert!(value >= 0.0, "{value}");
    }
}

#[test]
fn derivatives() {
    let (x, y) = (normal(1, [5, 3]) * 3.0, normal(2, [5, 3]).sigmoid());
    check_derivatives(|t| loss(&t[0], &t[1]), &[x.clone(), y.clone()]);
    let labels = Tensor::from([0.0, 1.0, 1.0, 0.0, 1.0]).unsqueeze(-1).expand([5, 3]);
    check_derivatives(|t| loss(&t[0], &labels), std::slice::from_ref(&x));
    let w = Tensor::from([0.2, 1.0, 6.0]);
    check_derivatives(|t| weighted(&t[0], &t[1], &t[2]), &[x, y, w]);
}

#[test]
fn the_gradient_is_probability_minus_target_and_the_curvature_at_zero_a_quarter() {
    let x = Tensor::from([-3.0, -0.5, 0.0, 2.0]);
    let y = Tensor::from([1.0, 0.25, 0.5, 0.0]);
    let expected = [-3.0, -0.5, 0.0, 2.0f64].map(|x| 1.0 / (1.0 + (-x).exp()));
    let expected: Vec<f64> = expected.iter().zip([1.0, 0.25, 0.5, 0.0]).map(|(p, y)| p - y).collect();
    assert_close("gradient", &slope(|x| loss(x, &y), &x), &expected);
    for y in [0.0, 0.3, 1.0] {
        assert_close("curvature", &curvature(|x| loss(x, &Tensor::from([y])), &Tensor::from([0.0])), &[0.25]);
    }
}

#[test]
fn extremes_in_f32_are_finite_and_right() {
    let logits = Tensor::from([1e4, -1e4, 1e4, -1e4, 1e4, -1e4, 120.0, -120.0, 0.0]);
    let target = Tensor::from([1.0, 1.0, 0.0, 0.0, 0.25, 0.25, 1.0, 0.0, 1.0]);
    finite_at_extremes(|t| loss(&t[0], &t[1]), &[logits.clone(), target.clone()]);
    finite_at_extremes(|t| weighted(&t[0], &t[1], 50.0), &[logits.clone(), target.clone()]);
    let (x, y) = (logits.cast(DType::F32).detach(), target.cast(DType::F32));
    let value = values(&loss(&x, &y));
    assert_close_within("value", &value[..6], &[0.0, 1e4, 1e4, 0.0, 7500.0, 2500.0], 1e-6, 1e-30);
    let gradient = slope(|x| loss(x, &y), &x);
    assert_close_within("gradient", &gradient[..6], &[0.0, -1.0, 1.0, 0.0, 0.75, -0.25], 1e-6, 1e-30);
}

#[test]
fn a_confident_right_answer_keeps_its_relative_precision() {
    let x = Tensor::from([20.0f32, -20.0]);
    let y = Tensor::from([1.0f32, 0.0]);
    let tail = (-20.0f64).exp();
    assert_close_within("value", &values(&loss(&x, &y)), &[tail, tail], 1e-6, 0.0);
    assert_close_within("gradient", &slope(|x| loss(x, &y), &x), &[-tail, tail], 1e-6, 0.0);
}

#[test]
fn it_is_the_cross_entropy_of_two_classes_with_logits_zero_and_x() {
    let x = normal(3, [6]) * 4.0;
    let y = Tensor::from([1.0, 0.0, 0.0, 1.0, 1.0, 0.0]);
    let labels = Labels::new(values(&y), 2).unwrap();
    let two = |x: &Tensor| cross_entropy(&Tensor::stack([&x.zeros_like(), x], -1), &labels);
    assert_close("value", &values(&loss(&x, &y)), &values(&two(&x)));
    assert_close("gradient", &slope(|x| loss(x, &y), &x), &slope(two, &x));
    // Classes and signs change together.
    assert_close("mirror", &values(&loss(&-&x, &(1.0 - &y))), &values(&loss(&x, &y)));
}

#[test]
fn the_minimiser_is_the_log_odds_of_the_base_rate() {
    let sample = Tensor::from([1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.5]);
    let x = oracle::fit_constant(|x| loss(&x.expand([10]), &sample).mean());
    assert_close("log-odds", &[x], &[(0.25f64 / 0.75).ln()]);
    let x = oracle::fit_constant(|x| weighted(&x.expand([10]), &sample, 6.0).mean());
    assert_close("log-odds, positives weighted", &[x], &[(6.0 * 0.25f64 / 0.75).ln()]);
}

#[test]
fn a_weight_of_one_changes_nothing_and_repeats_positives_otherwise() {
    let (x, y) = (normal(4, [8]), Tensor::from([1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0]));
    assert_eq!(values(&weighted(&x, &y, 1)), values(&loss(&x, &y)));
    let repeated = loss(&x, &y) * (1.0 + 2.0 * &y);
    assert_close("three times", &values(&weighted(&x, &y, 3)), &values(&repeated));
    let single = weighted(&x.cast(DType::F32), &y.cast(DType::F32), Tensor::from([2.0]));
    assert_eq!(single.dtype(), DType::F32, "a weight does not change the precision of the logits");
}

#[test]
fn mistakes_of_shape_panic_at_the_callers_line() {
    let panic = panic_of(|| loss(&Tensor::zeros([32, 1]), &Tensor::zeros([32])));
    let message = "binary_cross_entropy_with_logits: logits [32, 1] and target [32] must have the same shape";
    assert_eq!((&*panic.message, &*panic.file), (message, file!()));
    let x = Tensor::zeros([4, 2]);
    let panic = panic_of(|| weighted(&x, &x, Tensor::ones([3])));
    assert!(
        panic.message.contains("positive_weight [3] does not repeat to the shape of logits [4, 2]"),
        "{}",
        panic.message
    );
    assert_eq!(panic.file, file!());
    assert_eq!(panic_of(|| weighted(&x, &x, Tensor::ones([5, 4, 2]))).file, file!(), "nor may it enlarge the loss");
}
