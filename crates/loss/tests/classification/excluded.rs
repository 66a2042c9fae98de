//! Logits of -∞: a class that is excluded takes no part in any loss, and leaves no NaN in any gradient.

use minimand_loss::{
    CategoricalFocalOptions, FocalOptions, Labels, categorical_focal, cross_entropy, cross_entropy_with,
    cross_entropy_with_probabilities, negative_log_likelihood,
};
use minimand_tensor::Tensor;

use crate::common::{assert_close, normal, slope, values};
use crate::cross_entropy::options;

const NEVER: f64 = f64::NEG_INFINITY;

type Loss = Box<dyn Fn(&Tensor) -> Tensor>;

/// Every loss of logits and labels, over all classes or without the second.
fn losses(reduced: bool) -> Vec<(&'static str, Loss)> {
    let classes = if reduced { 2 } else { 3 };
    let labels = Labels::new([0, classes - 1, 0], classes).unwrap();
    let w = if reduced { Tensor::from([0.5, 2.0]) } else { Tensor::from([0.5, 7.0, 2.0]) };
    let one_hot = labels.one_hot();
    let (a, b, c, d, e, f) = (labels.clone(), labels.clone(), labels.clone(), labels.clone(), labels.clone(), labels);
    let (v, u) = (w.clone(), w.clone());
    let focal = |gamma, w: &Tensor| CategoricalFocalOptions { class_weights: Some(w.clone()), gamma };
    vec![
        ("plain", Box::new(move |x| cross_entropy(x, &a))),
        ("weights, smoothing", Box::new(move |x| cross_entropy_with(x, &b, options(Some(&v), 0.3)))),
        ("smoothing 1", Box::new(move |x| cross_entropy_with(x, &c, options(None, 1.0)))),
        ("likelihood", Box::new(move |x| negative_log_likelihood(&x.log_softmax(-1), &d, options(Some(&u), 0.3)))),
        ("one-hot", Box::new(move |x| cross_entropy_with_probabilities(x, &one_hot, options(None, 0.0)))),
        ("focal 2", Box::new(move |x| categorical_focal(x, &e, focal(2.0, &w)))),
        (
            "focal ½",
            Box::new(move |x| categorical_focal(x, &f, CategoricalFocalOptions { class_weights: None, gamma: 0.5 })),
        ),
    ]
}

#[test]
fn the_loss_is_that_of_the_remaining_classes() {
    let two = normal(1, [3, 2]) * 2.0;
    let three = Tensor::stack([&two.at(1, 0), &Tensor::from([NEVER; 3]), &two.at(1, 1)], -1);
    for ((name, excluded), (_, reduced)) in losses(false).into_iter().zip(losses(true)) {
        assert_close(name, &values(&excluded(&three)), &values(&reduced(&two)));
        let (gradient, expected) = (slope(&*excluded, &three), slope(&*reduced, &two));
        let kept: Vec<f64> = gradient.chunks(3).flat_map(|row| [row[0], row[2]]).collect();
        assert_close(name, &kept, &expected);
        assert!(gradient.chunks(3).all(|row| row[1] == 0.0), "{name}: {gradient:?}");
        let twice = excluded(&three).sum().grad(&three).square().sum().grad(&three);
        assert!(values(&twice).iter().all(|number| number.is_finite()), "{name}, second order: {twice}");
    }
}

/// The same for probabilities over the classes, of which the excluded one has none: it takes no share of the smoothing.
#[test]
fn smoothed_probabilities_are_those_of_the_remaining_classes() {
    let x = Tensor::from([[1.0, NEVER, -0.5]]);
    let q = Tensor::from([[0.25, 0.0, 0.75]]);
    let (epsilon, normaliser) = (0.3, (1f64.exp() + (-0.5f64).exp()).ln());
    let (first, last) = (0.7 * 0.25 + epsilon / 2.0, 0.7 * 0.75 + epsilon / 2.0);
    let loss = |x: &Tensor| cross_entropy_with_probabilities(x, &q, options(None, epsilon));
    assert_close("loss", &values(&loss(&x)), &[first * (normaliser - 1.0) + last * (normaliser + 0.5)]);
    let p = (1.0 - normaliser).exp();
    assert_close("slope", &slope(loss, &x), &[p - first, 0.0, 1.0 - p - last]);
}

/// γ = 2 and no weights, the focal paper's choice.
#[test]
fn defaults_of_focal_losses() {
    assert_eq!(FocalOptions::default(), FocalOptions { alpha: None, gamma: 2.0 });
    let CategoricalFocalOptions { class_weights, gamma } = CategoricalFocalOptions::default();
    assert!(class_weights.is_none() && gamma == 2.0);
}

#[test]
fn the_only_class_left_is_certain() {
    let labels = Labels::new([1], 3).unwrap();
    let x = Tensor::from([[NEVER, 2.0, NEVER]]);
    for gamma in [0.0, 0.5, 2.0] {
        let focal = |x: &Tensor| categorical_focal(x, &labels, CategoricalFocalOptions { class_weights: None, gamma });
        assert_eq!((values(&focal(&x)), slope(focal, &x)), (vec![0.0], vec![0.0; 3]), "γ = {gamma}");
    }
    assert_eq!(values(&cross_entropy(&x, &labels)), [0.0]);
    assert_eq!(slope(|x| cross_entropy_with(x, &labels, options(None, 0.1)), &x), [0.0; 3]);
}

#[test]
fn an_excluded_label_costs_infinity_not_nan() {
    let labels = Labels::new([1], 3).unwrap();
    for x in [[[0.0, NEVER, 1.0]], [[NEVER; 3]]].map(Tensor::from) {
        let all: [&dyn Fn(&Tensor) -> Tensor; 4] = [
            &|x| cross_entropy(x, &labels),
            &|x| cross_entropy_with(x, &labels, options(None, 0.1)),
            &|x| cross_entropy_with_probabilities(x, &labels.one_hot(), options(None, 0.0)),
            &|x| categorical_focal(x, &labels, CategoricalFocalOptions::default()),
        ];
        for (which, loss) in all.into_iter().enumerate() {
            assert_eq!(values(&loss(&x)), [f64::INFINITY], "loss {which}");
            let gradient = slope(loss, &x);
            assert!(gradient.iter().all(|number| number.is_finite()), "loss {which}: {gradient:?}");
        }
    }
    let uniform = cross_entropy_with(&Tensor::from([[0.0, NEVER, 0.0]]), &labels, options(None, 1.0));
    assert_close("unless smoothing leaves nothing of it", &values(&uniform), &[2f64.ln()]);
    let weightless = options(Some(&Tensor::from([1.0, 0.0, 1.0])), 0.0);
    let x = Tensor::from([[0.0, NEVER, 1.0]]);
    assert_eq!(values(&cross_entropy_with(&x, &labels, weightless)), [0.0], "unless its class weighs nothing");
}
