//! Cross-entropy of logits with class labels, and the negative log-likelihood it is made of.

use minimand_loss::{CrossEntropyOptions, Labels, cross_entropy, cross_entropy_with, negative_log_likelihood};
use minimand_tensor::{DType, Tensor};
use proptest::prelude::*;

use crate::common::{
    Case, assert_close, assert_close_within, check_derivatives, check_recorded, finite_at_extremes, normal, panic_of,
    slope, values,
};
use crate::oracle;

pub(crate) fn options(class_weights: Option<&Tensor>, label_smoothing: f64) -> CrossEntropyOptions {
    CrossEntropyOptions { class_weights: class_weights.cloned(), label_smoothing }
}

fn labels_of(case: &Case, classes: usize) -> Labels {
    let values = case.input("labels").to_vec::<i64>();
    let labels = match case.optional_number("ignore_index") {
        Some(ignored) => Labels::with_ignored(values, classes, ignored as i64),
        None => Labels::new(values, classes),
    };
    labels.unwrap().reshape(case.input("labels").shape())
}

fn last<'a>(x: &'a Tensor) -> impl Fn(usize) -> Vec<f64> + use<'a> {
    let (values, classes) = (values(x), *x.shape().last().unwrap());
    move |row| values[row * classes..(row + 1) * classes].to_vec()
}

#[test]
fn recorded_values() {
    let count = check_recorded("cross_entropy", |case| {
        let x = case.input("logits");
        let labels = labels_of(case, *x.shape().last().unwrap());
        let options = options(case.optional_input("class_weights"), case.number("label_smoothing"));
        cross_entropy_with(x, &labels, options)
    });
    assert_eq!(count, 20);
    // Once more by the plain function, which has its own formula.
    check_recorded("cross_entropy", |case| {
        let x = case.input("logits");
        let labels = labels_of(case, *x.shape().last().unwrap());
        let options = options(case.optional_input("class_weights"), case.number("label_smoothing"));
        match options {
            CrossEntropyOptions { class_weights: None, label_smoothing: 0.0 } => cross_entropy(x, &labels),
            options => cross_entropy_with(x, &labels, options),
        }
    });
}

#[test]
fn recorded_values_of_negative_log_likelihood() {
    let count = check_recorded("negative_log_likelihood", |case| {
        let a = case.input("log_probabilities");
        let labels = labels_of(case, *a.shape().last().unwrap());
        negative_log_likelihood(a, &labels, options(case.optional_input("class_weights"), 0.0))
    });
    assert_eq!(count, 6);
}

#[test]
fn the_formula_of_the_paper() {
    let (x, w) = (normal(1, [6, 4]) * 3.0, Tensor::from([0.5, 1.0, 0.0, 2.5]));
    let found = [0, 1, 2, 3, 3, 0];
    let labels = Labels::new(found, 4).unwrap();
    let row = last(&x);
    let expected = |w: &[f64], smoothing| -> Vec<f64> {
        (0..6).map(|i| oracle::cross_entropy(&row(i), &oracle::one_hot(found[i], 4), w, smoothing)).collect()
    };
    assert_close("plain", &values(&cross_entropy(&x, &labels)), &expected(&[1.0; 4], 0.0));
    for smoothing in [0.0, 0.1, 1.0] {
        let weighted = cross_entropy_with(&x, &labels, options(Some(&w), smoothing));
        assert_close("weights and smoothing", &values(&weighted), &expected(&values(&w), smoothing));
        let after = negative_log_likelihood(&x.log_softmax(-1), &labels, options(Some(&w), smoothing));
        assert_close("likelihood of log-probabilities", &values(&after), &values(&weighted));
    }
}

#[test]
fn derivatives() {
    let (x, w) = (normal(2, [2, 3, 4]) * 2.0, Tensor::from([0.5, 1.0, 0.0, 2.5]));
    let labels = Labels::with_ignored([0, 1, 9, 3, 2, 0], 4, 9).unwrap().reshape([2, 3]);
    check_derivatives(|t| cross_entropy(&t[0], &labels), std::slice::from_ref(&x));
    check_derivatives(|t| cross_entropy_with(&t[0], &labels, options(Some(&t[1]), 0.2)), &[x.clone(), w.clone()]);
    check_derivatives(|t| negative_log_likelihood(&t[0], &labels, options(Some(&t[1]), 0.2)), &[x.clone(), w.clone()]);
    check_derivatives(
        |t| labels.mean(&cross_entropy_with(&t[0], &labels, options(Some(&t[1]), 0.2)), Some(&t[1])),
        &[x, w],
    );
}

#[test]
fn the_gradient_is_softmax_minus_one_hot() {
    let x = normal(3, [5, 3]) * 3.0;
    let labels = Labels::with_ignored([0, 2, -1, 1, 1], 3, -1).unwrap();
    let (row, truth) = (last(&x), values(&labels.one_hot()));
    let expected: Vec<f64> = (0..5)
        .flat_map(|i| if i == 2 { vec![0.0; 3] } else { oracle::softmax(&row(i)) })
        .zip(truth)
        .map(|(p, y)| p - y)
        .collect();
    assert_close("gradient", &slope(|x| cross_entropy(x, &labels), &x), &expected);
}

#[test]
fn extremes_in_f32_are_finite_and_right() {
    let x =
        Tensor::from([[1e4, -1e4, 0.0], [1e4, -1e4, 0.0], [-1e4, -1e4, -1e4], [1e4, 1e4, -1e4], [200.0, 0.0, -200.0]]);
    let labels = Labels::new([0, 1, 2, 0, 2], 3).unwrap();
    finite_at_extremes(|t| cross_entropy(&t[0], &labels), std::slice::from_ref(&x));
    finite_at_extremes(|t| cross_entropy_with(&t[0], &labels, options(None, 0.1)), std::slice::from_ref(&x));
    let weights = Tensor::from([0.0, 1.0, 100.0]);
    finite_at_extremes(|t| cross_entropy_with(&t[0], &labels, options(Some(&weights), 0.1)), std::slice::from_ref(&x));
    let (log_3, log_2) = (3f64.ln(), 2f64.ln());
    let expected = [0.0, 2e4, log_3, log_2, 400.0];
    let single = x.cast(DType::F32).detach();
    assert_close_within("value", &values(&cross_entropy(&single, &labels)), &expected, 1e-6, 0.0);
    let gradient = slope(|x| cross_entropy(x, &labels), &single);
    assert_close_within("gradient", &gradient[..6], &[0.0, 0.0, 0.0, 1.0, -1.0, 0.0], 1e-6, 0.0);
}

#[test]
fn ignored_examples_count_for_nothing_whatever_their_logits_hold() {
    let labels = Labels::with_ignored([0, -100, 1, -100], 2, -100).unwrap();
    let nan = f64::NAN;
    let x = Tensor::from([[1.0, 2.0], [nan, 0.0], [0.5, 0.0], [f64::INFINITY, f64::NEG_INFINITY]]);
    let w = Tensor::from([1.0, 3.0]);
    let losses: [&dyn Fn(&Tensor) -> Tensor; 4] = [
        &|x| cross_entropy(x, &labels),
        &|x| cross_entropy_with(x, &labels, options(Some(&w), 0.3)),
        &|x| negative_log_likelihood(x, &labels, options(Some(&w), 0.0)),
        &|x| negative_log_likelihood(x, &labels, options(None, 0.3)),
    ];
    for loss in losses {
        let (value, gradient) = (values(&loss(&x)), slope(loss, &x));
        assert_eq!((value[1], value[3]), (0.0, 0.0));
        assert_eq!((&gradient[2..4], &gradient[6..]), (&[0.0, 0.0][..], &[0.0, 0.0][..]));
        assert!(gradient.iter().chain(&value).all(|number| number.is_finite()));
    }
    let kept = Labels::new([0, 1], 2).unwrap();
    let mean = labels.mean(&cross_entropy_with(&x, &labels, options(Some(&w), 0.3)), Some(&w)).item();
    let part = x.index_select(0, Tensor::from([0i64, 2]));
    let alone = kept.mean(&cross_entropy_with(&part, &kept, options(Some(&w), 0.3)), Some(&w)).item();
    assert_close("the mean is that of the kept examples", &[mean], &[alone]);
}

#[test]
fn everything_ignored_has_mean_zero_and_gradient_zero() {
    let labels = Labels::with_ignored([7, 7], 3, 7).unwrap();
    let x = Tensor::from([[1e4, 0.0, f64::NAN], [f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY]]);
    let w = Tensor::from([1.0, 2.0, 3.0]);
    let mean = |x: &Tensor| labels.mean(&cross_entropy_with(x, &labels, options(Some(&w), 0.1)), Some(&w));
    assert_eq!(mean(&x).item(), 0.0);
    assert_eq!(slope(mean, &x), [0.0; 6]);
}

#[test]
fn the_mean_is_that_of_the_weighted_losses_over_the_weights_of_the_labels() {
    // As torch.nn.functional.cross_entropy with a weight and reduction="mean": Σ w_y ℓ / Σ w_y.
    let x = normal(4, [3, 3]);
    let (found, w) = ([0, 2, 2], [0.5, 1.0, 3.0]);
    let labels = Labels::new(found, 3).unwrap();
    let row = last(&x);
    for smoothing in [0.0, 0.1] {
        let loss: f64 =
            (0..3).map(|i| oracle::cross_entropy(&row(i), &oracle::one_hot(found[i], 3), &w, smoothing)).sum();
        let options = options(Some(&Tensor::from(w)), smoothing);
        let mean = labels.mean(&cross_entropy_with(&x, &labels, options), Some(&Tensor::from(w)));
        assert_close("mean", &[mean.item()], &[loss / (0.5 + 3.0 + 3.0)]);
    }
}

proptest! {
    #[test]
    fn laws(seed in 0u64..1000, shift in -1e3..1e3) {
        let (x, found) = (normal(seed, [5, 4]) * 3.0, [0, 3, 1, 1, 2]);
        let labels = Labels::new(found, 4).unwrap();
        let value = values(&cross_entropy(&x, &labels));
        prop_assert!(value.iter().all(|&loss| loss >= 0.0), "non-negative: {value:?}");
        assert_close_within("shifted logits", &values(&cross_entropy(&(&x + shift), &labels)), &value, 1e-10, 1e-11);

        let order = [4usize, 2, 0, 1, 3];
        let rows = Tensor::from(order.map(|row| row as i64));
        let permuted = cross_entropy(&x.index_select(0, &rows), &labels.select(order));
        assert_close("permuted batch", &values(&permuted), &order.map(|row| value[row]));

        let classes = [2i64, 0, 3, 1]; // new class j was class classes[j]
        let renamed = found.map(|label| classes.iter().position(|&class| class == label as i64).unwrap());
        let renamed = cross_entropy(&x.index_select(-1, Tensor::from(classes)), &Labels::new(renamed, 4).unwrap());
        assert_close("permuted classes", &values(&renamed), &value);

        let gradient = slope(|x| cross_entropy(x, &labels), &x);
        let sums: Vec<f64> = gradient.chunks(4).map(|row| row.iter().sum()).collect();
        assert_close("the gradient of a row sums to 0", &sums, &[0.0; 5]);
    }
}

#[test]
fn the_minimiser_is_the_frequency_of_each_class() {
    // At the logarithms of the frequencies the gradient of the mean is 0; nowhere else up to a shift, for the loss is convex.
    let labels = Labels::new([0, 0, 0, 0, 1, 1, 1, 2, 2, 2], 3).unwrap();
    let best = Tensor::from([0.4, 0.3, 0.3]).ln();
    let constant = |x: &Tensor| x.unsqueeze(0).expand([10, 3]);
    assert_close("gradient", &slope(|x| cross_entropy(&constant(x), &labels).mean(), &best), &[0.0; 3]);
    let entropy: f64 = [0.4f64, 0.3, 0.3].iter().map(|p| -p * p.ln()).sum();
    assert_close(
        "the least mean is the entropy",
        &[cross_entropy(&constant(&best), &labels).mean().item()],
        &[entropy],
    );

    let w = Tensor::from([1.0, 2.0, 0.5]);
    let tilted = Tensor::from([0.4, 0.6, 0.15]).ln();
    let weighted = |x: &Tensor| cross_entropy_with(&constant(x), &labels, options(Some(&w), 0.0)).mean();
    assert_close("class weights tilt the frequencies", &slope(weighted, &tilted), &[0.0; 3]);
    let smooth = Tensor::from([0.4, 0.3, 0.3]) * 0.7 + 0.1;
    let smoothed = |x: &Tensor| cross_entropy_with(&constant(x), &labels, options(None, 0.3)).mean();
    assert_close("smoothing draws them together", &slope(smoothed, &smooth.ln()), &[0.0; 3]);
}

#[test]
fn class_weights_do_not_change_the_precision_of_the_logits() {
    let labels = Labels::new([0, 1], 2).unwrap();
    let w = labels.balanced_class_weights();
    let loss = cross_entropy_with(&Tensor::zeros([2, 2]), &labels, options(Some(&w), 0.1));
    assert_eq!((w.dtype(), loss.dtype()), (DType::F64, DType::F32));
    assert_eq!(cross_entropy(&Tensor::zeros([2, 2]), &labels).dtype(), DType::F32);
}

#[test]
fn mistakes_panic_at_the_callers_line() {
    let labels = Labels::new([0, 1], 3).unwrap();
    let x = Tensor::zeros([2, 3]);
    let panic = panic_of(|| cross_entropy(&Tensor::zeros([3, 2]), &labels));
    let message = "cross_entropy: logits [3, 2] and labels [2] of 3 classes do not fit: logits must have the shape of the \
                   labels and the classes as last axis";
    assert_eq!((&*panic.message, &*panic.file), (message, file!()));
    let panic = panic_of(|| cross_entropy(&Tensor::scalar(0.0), &labels));
    assert!(panic.message.starts_with("cross_entropy: logits [] and labels [2]"), "{}", panic.message);
    let panic = panic_of(|| cross_entropy(&Tensor::from([[0i64; 3]; 2]), &labels));
    assert_eq!((&*panic.message, &*panic.file), ("cross_entropy: logits must be floating point, not i64", file!()));
    let panic = panic_of(|| cross_entropy_with(&x, &labels, options(Some(&Tensor::ones([2])), 0.0)));
    assert!(
        panic.message.starts_with("cross_entropy_with: class_weights [2] and [2, 3] do not fit"),
        "{}",
        panic.message
    );
    assert_eq!(panic.file, file!());
    let panic = panic_of(|| cross_entropy_with(&x, &labels, options(None, 1.5)));
    let message = "cross_entropy_with: label_smoothing must be in [0, 1], not 1.5";
    assert_eq!((&*panic.message, &*panic.file), (message, file!()));
    let panic = panic_of(|| negative_log_likelihood(&x, &Labels::new([0], 3).unwrap(), options(None, 0.0)));
    assert!(panic.message.starts_with("negative_log_likelihood: log_probabilities [2, 3]"), "{}", panic.message);
    assert_eq!(panic.file, file!());
}
