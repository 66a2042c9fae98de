//! Focal loss over one of several classes.

use minimand_loss::{CategoricalFocalOptions, FocalOptions, Labels, binary_focal, categorical_focal, cross_entropy};
use minimand_tensor::{DType, Tensor};
use proptest::prelude::*;

use crate::common::{
    assert_close, assert_close_within, check_derivatives, check_recorded, finite_at_extremes, normal, panic_of, slope,
    values,
};
use crate::oracle;

fn options(class_weights: Option<&Tensor>, gamma: f64) -> CategoricalFocalOptions {
    CategoricalFocalOptions { class_weights: class_weights.cloned(), gamma }
}

#[test]
fn recorded_values() {
    let count = check_recorded("categorical_focal", |case| {
        let x = case.input("logits");
        let found = case.input("labels");
        let labels = Labels::new(found.to_vec::<i64>(), *x.shape().last().unwrap()).unwrap().reshape(found.shape());
        categorical_focal(x, &labels, options(case.optional_input("class_weights"), case.number("gamma")))
    });
    assert_eq!(count, 9);
}

proptest! {
    #[test]
    fn the_formula_of_the_paper(seed in 0u64..1000, label in 0usize..4, gamma in 0.0..5.0, weight in 0.0..3.0) {
        let x = normal(seed, [1, 4]) * 3.0;
        let labels = Labels::new([label], 4).unwrap();
        let w = Tensor::from(oracle::one_hot(label, 4)) * weight; // only the label's weight counts
        let value = categorical_focal(&x, &labels, options(Some(&w), gamma));
        assert_close("value", &values(&value), &[oracle::categorical_focal(&values(&x), label, weight, gamma)]);
        let shifted = categorical_focal(&(&x + 123.0), &labels, options(Some(&w), gamma));
        assert_close_within("shifted logits", &values(&shifted), &values(&value), 1e-9, 1e-12);
    }
}

#[test]
fn derivatives() {
    let (x, w) = (normal(1, [2, 3, 4]) * 2.0, Tensor::from([0.5, 1.0, 0.0, 2.5]));
    let labels = Labels::with_ignored([0, 1, 9, 3, 2, 0], 4, 9).unwrap().reshape([2, 3]);
    for gamma in [0.0, 0.5, 1.0, 2.0, 5.0] {
        check_derivatives(|t| categorical_focal(&t[0], &labels, options(None, gamma)), std::slice::from_ref(&x));
        check_derivatives(|t| categorical_focal(&t[0], &labels, options(Some(&t[1]), gamma)), &[x.clone(), w.clone()]);
    }
}

#[test]
fn the_gradient_is_the_documented_one() {
    let x = normal(2, [5, 3]) * 2.0;
    let found = [0usize, 2, 1, 1, 0];
    let labels = Labels::new(found, 3).unwrap();
    for gamma in [0.5, 2.0] {
        let gradient = slope(|x| categorical_focal(x, &labels, options(None, gamma)), &x);
        let expected: Vec<f64> = (values(&x).chunks(3).zip(found))
            .flat_map(|(x, y)| {
                let p = oracle::softmax(x);
                let q = 1.0 - p[y];
                let factor = q.powf(gamma - 1.0) * (q - gamma * p[y] * p[y].ln());
                (0..3).map(move |j| factor * (p[j] - if j == y { 1.0 } else { 0.0 })).collect::<Vec<f64>>()
            })
            .collect();
        assert_close("gradient", &gradient, &expected);
    }
}

#[test]
fn extremes_in_f32_are_finite_and_right() {
    let x =
        Tensor::from([[1e4, -1e4, 0.0], [1e4, -1e4, 0.0], [-1e4, -1e4, -1e4], [40.0, 0.0, -40.0], [120.0, 0.0, 0.0]]);
    let labels = Labels::new([0, 1, 2, 0, 0], 3).unwrap();
    let single = x.cast(DType::F32).detach();
    for gamma in [0.0, 0.5, 1.0, 2.0, 5.0] {
        let loss = |x: &Tensor| categorical_focal(x, &labels, options(None, gamma));
        finite_at_extremes(|t| loss(&t[0]), std::slice::from_ref(&x));
        let uniform = (2f64 / 3.0).powf(gamma) * 3f64.ln();
        assert_close_within("value", &values(&loss(&single))[..3], &[0.0, 2e4, uniform], 1e-5, 0.0);
        assert_close_within("gradient", &slope(loss, &single)[..6], &[0.0, 0.0, 0.0, 1.0, -1.0, 0.0], 1e-6, 0.0);
        let second = loss(&single).sum().grad(&single).square().sum().grad(&single);
        assert!(values(&second).iter().all(|number| number.is_finite()), "γ = {gamma}, second order: {second}");
    }
}

#[test]
fn gamma_zero_is_cross_entropy_and_two_classes_are_the_binary_loss() {
    let x = normal(3, [6]) * 4.0;
    let y = Tensor::from([1.0, 0.0, 0.0, 1.0, 1.0, 0.0]);
    let labels = Labels::new(values(&y), 2).unwrap();
    let two = Tensor::stack([&x.zeros_like(), &x], -1);
    let plain = categorical_focal(&two, &labels, options(None, 0.0));
    assert_close("γ = 0", &values(&plain), &values(&cross_entropy(&two, &labels)));
    for gamma in [0.5, 2.0] {
        let weights = Tensor::from([0.8, 0.2]);
        let several = categorical_focal(&two, &labels, options(Some(&weights), gamma));
        let binary = binary_focal(&x, &y, FocalOptions { alpha: Some(0.2), gamma });
        assert_close("two classes", &values(&several), &values(&binary));
    }
}

#[test]
fn one_class_is_certain() {
    let labels = Labels::new([0, 0], 1).unwrap();
    let x = Tensor::from([[3.0], [-1e4]]);
    for gamma in [0.0, 0.5, 2.0] {
        let loss = |x: &Tensor| categorical_focal(x, &labels, options(None, gamma));
        assert_eq!((values(&loss(&x)), slope(loss, &x)), (vec![0.0; 2], vec![0.0; 2]), "γ = {gamma}");
    }
}

#[test]
fn ignored_examples_count_for_nothing_whatever_their_logits_hold() {
    let labels = Labels::with_ignored([0, -100, 1], 2, -100).unwrap();
    let x = Tensor::from([[1.0, 2.0], [f64::NAN, f64::INFINITY], [0.5, 0.0]]);
    let w = Tensor::from([2.0, 1.0]);
    for gamma in [0.0, 0.5, 2.0] {
        let loss = |x: &Tensor| categorical_focal(x, &labels, options(Some(&w), gamma));
        let (value, gradient) = (values(&loss(&x)), slope(loss, &x));
        assert_eq!((value[1], &gradient[2..4]), (0.0, &[0.0, 0.0][..]), "γ = {gamma}");
        assert!(gradient.iter().chain(&value).all(|number| number.is_finite()));
        let expected = (value[0] + value[2]) / 3.0;
        assert_close("mean", &[labels.mean(&loss(&x), Some(&w)).item()], &[expected]);
    }
}

#[test]
fn mistakes_panic_at_the_callers_line() {
    let labels = Labels::new([0, 1], 3).unwrap();
    let panic = panic_of(|| categorical_focal(&Tensor::zeros([2, 4]), &labels, options(None, 2.0)));
    assert!(
        panic.message.starts_with("categorical_focal: logits [2, 4] and labels [2] of 3 classes"),
        "{}",
        panic.message
    );
    assert_eq!(panic.file, file!());
    let panic = panic_of(|| categorical_focal(&Tensor::zeros([2, 3]), &labels, options(None, f64::NAN)));
    let message = "categorical_focal: gamma must be at least 0 and finite, not NaN";
    assert_eq!((&*panic.message, &*panic.file), (message, file!()));
    let panic = panic_of(|| categorical_focal(&Tensor::zeros([2, 3]), &labels, options(Some(&Tensor::ones([2])), 2.0)));
    let message = "categorical_focal: class_weights [2] and labels of 3 classes do not fit";
    assert_eq!((&*panic.message, &*panic.file), (message, file!()));
}
