//! Where the formulas of the classification losses are compared with their functions.

use minimand_loss::*;
use minimand_tensor::Tensor;

use crate::common::normal;
use crate::example::Example;

const CLASSES: usize = 4;

pub(crate) fn examples() -> Vec<(&'static str, Vec<Example>)> {
    let labels = [0, 1, 3];
    vec![
        ("binary_cross_entropy_with_logits", vec![binary(binary_cross_entropy_with_logits)]),
        ("weighted_binary_cross_entropy_with_logits", [0.3, 1.0, 4.0].map(weighted_binary).into()),
        ("cross_entropy", labels.map(plain).into()),
        ("cross_entropy_with", labels.map(with_options).into()),
        ("cross_entropy_with_probabilities", labels.map(with_probabilities).into()),
        ("negative_log_likelihood", labels.map(likelihood).into()),
        ("binary_focal", [(0.25, 2.0), (0.9, 0.5), (0.5, 0.0)].map(focal).into()),
        ("categorical_focal", labels.map(of_classes).into()),
    ]
}

/// Logits small and large, with targets of 0, 1 and between.
fn binary(loss: impl Fn(&Tensor, &Tensor) -> Tensor) -> Example {
    let (logits, soft) = (normal(1, [30]) * 3.0, normal(2, [10]).sigmoid());
    let target = Tensor::concatenate([&soft, &soft.zeros_like(), &soft.ones_like()], 0);
    Example::of(&loss(&logits, &target)).with("logits", &logits).with("target", &target)
}

fn weighted_binary(w: f64) -> Example {
    binary(|x, y| weighted_binary_cross_entropy_with_logits(x, y, w)).number("positive_weight", w)
}

fn focal((alpha, gamma): (f64, f64)) -> Example {
    let options = FocalOptions { alpha: Some(alpha), gamma };
    binary(|x, y| binary_focal(x, y, options)).number("alpha", alpha).number("gamma", gamma)
}

/// One example of four classes.
fn of_label(label: usize, scores: (&str, &Tensor), loss: impl Fn(&Tensor, &Labels) -> Tensor) -> Example {
    let labels = Labels::new([label], CLASSES).unwrap().reshape([]);
    let value = loss(scores.1, &labels);
    Example::of(&value).with(scores.0, scores.1).number("labels", label as f64).range("j", CLASSES).range("k", CLASSES)
}

fn logits(label: usize) -> Tensor {
    normal(label as u64, [CLASSES]) * 2.0
}

fn weights() -> Tensor {
    Tensor::from([0.5, 1.0, 2.0, 3.5])
}

fn options() -> CrossEntropyOptions {
    CrossEntropyOptions { class_weights: Some(weights()), label_smoothing: 0.3 }
}

fn bound(example: Example) -> Example {
    example.with("class_weights", &weights()).number("label_smoothing", 0.3).number("C", CLASSES as f64)
}

fn plain(label: usize) -> Example {
    of_label(label, ("logits", &logits(label)), cross_entropy)
}

fn with_options(label: usize) -> Example {
    bound(of_label(label, ("logits", &logits(label)), |x, y| cross_entropy_with(x, y, options())))
}

fn likelihood(label: usize) -> Example {
    let a = logits(label).log_softmax(-1);
    bound(of_label(label, ("log_probabilities", &a), |a, y| negative_log_likelihood(a, y, options())))
}

fn with_probabilities(seed: usize) -> Example {
    let probabilities = (normal(seed as u64 + 9, [CLASSES])).softmax(-1);
    let loss = |x: &Tensor, _: &Labels| cross_entropy_with_probabilities(x, &probabilities, options());
    bound(of_label(seed, ("logits", &logits(seed)), loss)).with("probabilities", &probabilities)
}

fn of_classes(label: usize) -> Example {
    let options = CategoricalFocalOptions { class_weights: Some(weights()), gamma: 1.5 };
    let loss = |x: &Tensor, y: &Labels| categorical_focal(x, y, options.clone());
    of_label(label, ("logits", &logits(label)), loss).with("class_weights", &weights()).number("gamma", 1.5)
}
