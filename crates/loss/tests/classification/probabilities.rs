//! Cross-entropy of logits with class probabilities.

use minimand_loss::{Labels, cross_entropy, cross_entropy_with, cross_entropy_with_probabilities as loss};
use minimand_tensor::Tensor;

use crate::common::{
    assert_close, check_derivatives, check_recorded, finite_at_extremes, normal, panic_of, slope, values,
};
use crate::cross_entropy::options;
use crate::oracle;

#[test]
fn recorded_values() {
    let count = check_recorded("cross_entropy_with_probabilities", |case| {
        let options = options(case.optional_input("class_weights"), case.number("label_smoothing"));
        loss(case.input("logits"), case.input("target"), options)
    });
    assert_eq!(count, 9);
}

#[test]
fn the_formula_of_the_paper() {
    let (x, q, w) = (normal(1, [6, 3]) * 3.0, (normal(2, [6, 3]) * 2.0).softmax(-1), [0.5, 0.0, 3.0]);
    let (rows, targets) = (values(&x), values(&q));
    for smoothing in [0.0, 0.25, 1.0] {
        let value = values(&loss(&x, &q, options(Some(&Tensor::from(w)), smoothing)));
        let expected: Vec<f64> =
            (rows.chunks(3).zip(targets.chunks(3))).map(|(x, q)| oracle::cross_entropy(x, q, &w, smoothing)).collect();
        assert_close("value", &value, &expected);
    }
}

#[test]
fn derivatives() {
    let (x, q, w) = (normal(3, [4, 3]), normal(4, [4, 3]).softmax(-1), Tensor::from([0.5, 1.0, 3.0]));
    check_derivatives(|t| loss(&t[0], &t[1], Default::default()), &[x.clone(), q.clone()]);
    check_derivatives(|t| loss(&t[0], &t[1], options(Some(&t[2]), 0.2)), &[x.clone(), q, w]);
    // A target of exactly 0 has the gradient -ln p, not 0.
    let certain = Tensor::from([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.5, 0.5, 0.0]]);
    check_derivatives(|t| loss(&t[0], &t[1], Default::default()), &[x, certain]);
}

#[test]
fn labels_and_their_one_hot_agree_in_value_gradient_and_mean() {
    let x = normal(5, [4, 3]) * 2.0;
    let labels = Labels::new([2, 0, 1, 2], 3).unwrap();
    let (one_hot, w) = (labels.one_hot(), Tensor::from([0.5, 1.0, 3.0]));
    for (weights, smoothing) in [(None, 0.0), (Some(&w), 0.0), (None, 0.2), (Some(&w), 0.2)] {
        let of_labels = |x: &Tensor| cross_entropy_with(x, &labels, options(weights, smoothing));
        let of_one_hot = |x: &Tensor| loss(x, &one_hot, options(weights, smoothing));
        assert_close("value", &values(&of_one_hot(&x)), &values(&of_labels(&x)));
        assert_close("gradient", &slope(of_one_hot, &x), &slope(of_labels, &x));
        let total = weights.map_or(one_hot.sum(), |w| (w * &one_hot).sum());
        let mean = of_one_hot(&x).sum() / total;
        assert_close("mean", &[mean.item()], &[labels.mean(&of_labels(&x), weights).item()]);
    }
    assert_close("plain", &values(&loss(&x, &one_hot, Default::default())), &values(&cross_entropy(&x, &labels)));
}

#[test]
fn extremes_in_f32_are_finite() {
    let x = Tensor::from([[1e4, -1e4, 0.0], [-1e4, -1e4, 1e4], [0.0, 0.0, 0.0], [1e4, 1e4, 1e4]]);
    let q = Tensor::from([[0.0, 1.0, 0.0], [0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.2, 0.3, 0.5]]);
    finite_at_extremes(|t| loss(&t[0], &t[1], Default::default()), &[x.clone(), q.clone()]);
    finite_at_extremes(|t| loss(&t[0], &t[1], options(None, 0.1)), &[x, q]);
}

#[test]
fn the_least_value_is_the_entropy_of_the_target() {
    let q = Tensor::from([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]);
    let best = loss(&q.ln(), &q, Default::default());
    assert_close("entropy", &values(&best), &[-(0.2 * 0.2f64.ln() + 0.3 * 0.3f64.ln() + 0.5 * 0.5f64.ln()), 0.0]);
    assert_close("gradient", &slope(|x| loss(x, &q, Default::default()), &q.ln()), &[0.0; 6]);
}

#[test]
fn mistakes_of_shape_panic_at_the_callers_line() {
    let panic = panic_of(|| loss(&Tensor::zeros([4, 3]), &Tensor::zeros([3]), Default::default()));
    let message = "cross_entropy_with_probabilities: logits [4, 3] and probabilities [3] must have the same shape";
    assert_eq!((&*panic.message, &*panic.file), (message, file!()));
    let x = Tensor::zeros([4, 3]);
    let panic = panic_of(|| loss(&x, &x, options(Some(&Tensor::ones([4])), 0.0)));
    assert!(panic.message.contains("class_weights [4] and [4, 3] do not fit"), "{}", panic.message);
    assert_eq!(panic.file, file!());
}
