//! Tails of softmax and sigmoid, class weights beside rows of NaN, NaN that must come out.

use minimand_loss::*;
use minimand_tensor::{DType, Tensor, grad};

use crate::common::{assert_close_within, panic_of, slope, values};
use crate::{Loss, Loss2, single, singles};

fn focal(gamma: f64) -> CategoricalFocalOptions {
    CategoricalFocalOptions { class_weights: None, gamma }
}

/// By mpmath: value and gradient of the cross-entropy of a confident right answer.
#[test]
fn a_confident_right_answer_keeps_its_loss_and_its_gradient() {
    let labels = Labels::new([0, 0], 3).unwrap();
    let rows = [[0.0, -17.0, -20.0], [3.0, -40.0, -41.5]];
    let value = [4.346052986588138e-8, 2.587080564743693e-19];
    let gradient = [
        -4.346052892147257e-8,
        4.139937538861284e-8,
        2.061153532859731e-9,
        -2.587080564743693e-19,
        2.11513103759108e-19,
        4.719495271526123e-20,
    ];
    let losses: [(&str, Loss); 4] = [
        ("plain", &|x| cross_entropy(x, &labels)),
        ("with options", &|x| cross_entropy_with(x, &labels, CrossEntropyOptions::default())),
        ("focal, γ = 0", &|x| categorical_focal(x, &labels, focal(0.0))),
        ("weighted", &|x| {
            let class_weights = Some(Tensor::from([2.0, 1.0, 1.0]));
            0.5 * cross_entropy_with(x, &labels, CrossEntropyOptions { class_weights, label_smoothing: 0.0 })
        }),
    ];
    for (x, tolerance) in [(singles(&rows), 5e-6), (Tensor::from(rows), 1e-14)] {
        for (name, loss) in &losses {
            assert_close_within(name, &values(&loss(&x)), &value, tolerance, 0.0);
            assert_close_within(&format!("{name}, slope"), &slope(loss, &x), &gradient, tolerance, 0.0);
        }
    }
}

/// The digits that all logits share are not lost between them.
#[test]
fn a_large_shift_of_the_logits_changes_nothing() {
    let labels = Labels::new([0, 2], 3).unwrap();
    for shift in [0.0, 1e6, -1e6, 8.0 * 1024.0 * 1024.0] {
        let x = singles(&[[shift, shift + 1.0, shift - 3.0], [shift + 2.0, shift, shift + 2.0]]);
        let exact = |row: [f64; 3], y: usize| row.iter().map(|x| (x - row[y]).exp()).sum::<f64>().ln();
        let expected = [exact([0.0, 1.0, -3.0], 0), exact([2.0, 0.0, 2.0], 2)];
        assert_close_within("value", &values(&cross_entropy(&x, &labels)), &expected, 3e-7, 0.0);
        let unfocused = categorical_focal(&x, &labels, focal(0.0));
        assert_close_within("focal", &values(&unfocused), &expected, 3e-7, 0.0);
    }
}

/// By mpmath. The other classes keep their shares of the gradient, however small all of it is.
#[test]
fn focal_losses_of_fractional_gamma_at_far_logits() {
    let labels = Labels::new([0], 3).unwrap();
    let cases: [(f64, [f64; 3], f64, [f64; 3]); 6] = [
        (
            0.5,
            [0.0, -17.0, -20.0],
            9.060298801677295e-12,
            [-1.359044780875056e-11, 1.294590895454642e-11, 6.445388542041445e-13],
        ),
        (
            0.5,
            [0.0, -40.0, -41.5],
            1.184513728674555e-26,
            [-1.776770593011831e-26, 1.452642286897918e-26, 3.241283061139137e-27],
        ),
        (0.5, [-30.0, 2.0, 1.0], 32.31326168751808, [-1.0000000000001357, 0.731058578630104, 0.2689414213700316]),
        (
            1.5,
            [0.0, -17.0, -20.0],
            3.937653781074793e-19,
            [-9.84413411042195e-19, 9.377267454558119e-19, 4.668666558638306e-20],
        ),
        (
            1.5,
            [0.0, -40.0, -41.5],
            6.155077104527855e-44,
            [-1.538769276131964e-43, 1.258058484916462e-43, 2.807107912155013e-44],
        ),
        (1.5, [-30.0, 2.0, 1.0], 32.31326168751778, [-1.0000000000004257, 0.7310585786303161, 0.2689414213701096]),
    ];
    for (gamma, row, value, gradient) in cases {
        let loss = |x: &Tensor| categorical_focal(x, &labels, focal(gamma));
        for (x, tolerance) in [(singles(&[row]), 2e-5), (Tensor::from([row]), 1e-13)] {
            // Numbers below the least normal one of f32 have fewer digits.
            let absolute = if x.dtype() == DType::F32 { 2e-45 } else { 0.0 };
            assert_close_within("value", &values(&loss(&x)), &[value], tolerance, absolute);
            assert_close_within("gradient", &slope(loss, &x), &gradient, tolerance, absolute);
        }
    }
}

/// Logits whose product with γ overflows.
#[test]
fn focal_losses_where_gamma_times_the_logit_overflows() {
    let greatest = f64::from(f32::MAX);
    for gamma in [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 1e30] {
        let x = single(&[0.5 * greatest, -0.5 * greatest, greatest, -greatest, 1e4, -1e4]);
        for target in [0.0, 1.0] {
            let y = x.full_like(target);
            let loss = |x: &Tensor| binary_focal(x, &y, FocalOptions { alpha: None, gamma });
            let wrong: Vec<f64> = values(&x).iter().map(|x| (x * (1.0 - 2.0 * target)).max(0.0)).collect();
            assert_close_within("binary", &values(&loss(&x)), &wrong, 1e-6, 0.0);
            let push = |x: f64| if x * (1.0 - 2.0 * target) > 0.0 { 1.0 - 2.0 * target } else { 0.0 };
            let pushes: Vec<f64> = values(&x).into_iter().map(push).collect();
            assert_close_within(&format!("binary, γ = {gamma}, slope"), &slope(loss, &x), &pushes, 1e-6, 0.0);
        }
        let x = singles(&[[0.5 * greatest, -0.4 * greatest, 0.0], [-0.5 * greatest, 0.4 * greatest, 0.0]]);
        let labels = Labels::new([0, 0], 3).unwrap();
        let loss = |x: &Tensor| categorical_focal(x, &labels, focal(gamma));
        assert_close_within("categorical", &values(&loss(&x)), &[0.0, 0.9 * greatest], 1e-6, 0.0);
        assert_close_within(
            &format!("categorical, γ = {gamma}, slope"),
            &slope(loss, &x),
            &[0.0, 0.0, 0.0, -1.0, 1.0, 0.0],
            1e-6,
            0.0,
        );
    }
}

/// A weight below the spacing of the numbers around 1 is not rounded away beside it.
#[test]
fn a_tiny_alpha_keeps_its_digits() {
    let options = FocalOptions { alpha: Some(1e-10), gamma: 2.0 };
    let loss = binary_focal(&single(&[-3.0, 3.0]), &single(&[1.0, 0.0]), options);
    let unweighted = (1.0 + 3f64.exp()).ln() * (1.0 / (1.0 + (-3f64).exp())).powi(2);
    assert_close_within("weighted", &values(&loss), &[1e-10 * unweighted, unweighted], 1e-6, 0.0);
}

#[test]
fn options_are_those_of_the_type() {
    let (x, labels) = (singles(&[[1.0, 2.0, 0.5]]), Labels::new([0], 3).unwrap());
    let smoothed = |label_smoothing| CrossEntropyOptions { class_weights: None, label_smoothing };
    assert_eq!(values(&cross_entropy_with(&x, &labels, smoothed(1e-46))), values(&cross_entropy(&x, &labels)));
    assert_eq!(
        values(&categorical_focal(&x, &labels, focal(1e-46))),
        values(&categorical_focal(&x, &labels, focal(0.0)))
    );
    let panic = panic_of(|| categorical_focal(&x, &labels, focal(1e39)));
    let message = "categorical_focal: gamma is 1e39, which is infinite in f32, and must be finite";
    assert_eq!((&*panic.message, &*panic.file), (message, file!()));
    let panic = panic_of(|| binary_focal(&x, &x, FocalOptions { alpha: None, gamma: 1e39 }));
    assert_eq!(panic.message, "binary_focal: gamma is 1e39, which is infinite in f32, and must be finite");
}

/// A row that is ignored has no part in the gradient by the class weights either.
#[test]
fn the_gradient_by_class_weights_does_not_see_an_ignored_row() {
    let labels = Labels::with_ignored([0, 9, 2], 3, 9).unwrap();
    let kept = Labels::new([0, 2], 3).unwrap();
    let nan = f64::NAN;
    let x = Tensor::from([[1.0, -0.5, 0.25], [nan, f64::INFINITY, nan], [0.5, 2.0, -1.0]]);
    let part = x.index_select(0, Tensor::from([0i64, 2]));
    let w = Tensor::from([0.5, 1.0, 2.0]);
    for label_smoothing in [0.0, 0.3, 1.0] {
        let options = |w: &Tensor| CrossEntropyOptions { class_weights: Some(w.clone()), label_smoothing };
        let both = |loss: &dyn Fn(&Tensor, &Labels, &Tensor) -> Tensor| {
            let found = values(&loss(&x, &labels, &w).sum().grad(&w));
            let expected = values(&loss(&part, &kept, &w).sum().grad(&w));
            assert_close_within("gradient", &found, &expected, 1e-14, 0.0);
            let found = values(&loss(&x, &labels, &w).square().sum().grad(&w).square().sum().grad(&w));
            let expected = values(&loss(&part, &kept, &w).square().sum().grad(&w).square().sum().grad(&w));
            assert_close_within("second order", &found, &expected, 1e-13, 0.0);
        };
        both(&|x, labels, w| cross_entropy_with(x, labels, options(w)));
        both(&|x, labels, w| negative_log_likelihood(x, labels, options(w)));
        both(&|x, labels, w| labels.mean(&cross_entropy_with(x, labels, options(w)), Some(w)));
    }
    let focal = |x: &Tensor, labels: &Labels| {
        categorical_focal(x, labels, CategoricalFocalOptions { class_weights: Some(w.clone()), gamma: 1.5 })
    };
    let (found, expected) = (focal(&x, &labels).sum().grad(&w), focal(&part, &kept).sum().grad(&w));
    assert_close_within("focal", &values(&found), &values(&expected), 1e-14, 0.0);
}

/// NaN in whatever a loss looks at comes out, in its value and in its gradient.
#[test]
fn nan_comes_out() {
    let nan = f64::NAN;
    let labels = Labels::new([0, 1], 2).unwrap();
    let w = Tensor::from([1.0, 2.0]);
    let weighted =
        |w: &Tensor, label_smoothing| CrossEntropyOptions { class_weights: Some(w.clone()), label_smoothing };
    let of_logits: [Loss; 7] = [
        &|x| cross_entropy(x, &labels),
        &|x| cross_entropy_with(x, &labels, weighted(&w, 0.0)),
        &|x| cross_entropy_with(x, &labels, weighted(&w, 0.2)),
        &|x| cross_entropy_with_probabilities(x, &labels.one_hot(), weighted(&w, 0.0)),
        &|x| categorical_focal(x, &labels, focal(2.0)),
        &|x| categorical_focal(x, &labels, focal(0.5)),
        &|x| cross_entropy_with(x, &labels, weighted(&Tensor::from([0.0, 0.0]), 0.0)),
    ];
    for (which, loss) in of_logits.into_iter().enumerate() {
        for row in [[nan, 0.0], [0.0, nan], [nan, nan]] {
            let x = Tensor::from([row, [1.0, 2.0]]);
            let value = values(&loss(&x));
            assert!(value[0].is_nan() && value[1].is_finite(), "loss {which} of {row:?}: {value:?}");
            let gradient = slope(loss, &x);
            assert!(gradient[0].is_nan() && gradient[1].is_nan(), "loss {which} of {row:?}: {gradient:?}");
            assert!(gradient[2..].iter().all(|number| number.is_finite()), "loss {which} of {row:?}: {gradient:?}");
        }
    }
    // Only the label's own log-probability is looked at.
    let a = Tensor::from([[nan, -1.0], [nan, -2.0]]);
    let value = values(&negative_log_likelihood(&a, &labels, CrossEntropyOptions::default()));
    assert!(value[0].is_nan() && value[1] == 2.0, "{value:?}");
    let x = Tensor::from([[0.5, 1.0], [2.0, 1.0]]);
    let broken = Tensor::from([nan, 1.0]);
    for label_smoothing in [0.0, 0.1] {
        let value = values(&cross_entropy_with(&x, &labels, weighted(&broken, label_smoothing)));
        assert!(value[0].is_nan() && value[1].is_nan() == (label_smoothing > 0.0), "{value:?}");
    }
    // A mean over nothing that counts is 0, but not where the losses are no numbers.
    let nothing = Tensor::from([0.0, 0.0]);
    let loss = cross_entropy_with(&Tensor::from([[nan, 0.0], [0.0, 1.0]]), &labels, weighted(&nothing, 0.0));
    assert!(labels.mean(&loss, Some(&nothing)).item().is_nan());

    let (x, y) = (Tensor::from([nan, 0.5, 0.5]), Tensor::from([1.0, nan, 1.0]));
    let of_pairs: [Loss2; 5] = [
        &binary_cross_entropy_with_logits,
        &|x, y| weighted_binary_cross_entropy_with_logits(x, y, 2.0),
        &|x, y| binary_focal(x, y, FocalOptions { alpha: Some(0.25), gamma: 2.0 }),
        &|x, y| binary_focal(x, y, FocalOptions { alpha: None, gamma: 0.5 }),
        &|x, y| binary_focal(x, y, FocalOptions { alpha: None, gamma: 0.0 }),
    ];
    for (which, loss) in of_pairs.into_iter().enumerate() {
        let value = loss(&x, &y);
        let gradients = grad(&value.sum(), [&x, &y]);
        for (what, numbers) in [("value", &value), ("by logits", &gradients[0]), ("by target", &gradients[1])] {
            let found = values(numbers);
            // Linear in the logits' softplus, so that a target of NaN leaves the slope by itself alone.
            let by_itself = what == "by target" && found[1].is_finite();
            assert!(found[0].is_nan() && (found[1].is_nan() || by_itself), "loss {which}, {what}: {found:?}");
            assert!(found[2].is_finite(), "loss {which}, {what}: {found:?}");
        }
    }
    let weight = Tensor::from([nan, 1.0, 1.0]);
    let value = values(&weighted_binary_cross_entropy_with_logits(&single(&[0.0; 3]), &single(&[1.0; 3]), &weight));
    assert!(value[0].is_nan() && value[1].is_finite(), "{value:?}");
}

/// Weights and smoothing of soft targets by the formula; the weights' type does not widen the loss.
#[test]
fn class_weights_of_soft_targets() {
    let (x, t, w) = ([1.0, -0.5, 2.0], [0.2, 0.5, 0.3], [0.5, 3.0, 0.0]);
    let logarithms = {
        let sum: f64 = x.iter().map(|x: &f64| x.exp()).sum();
        x.map(|x| x - sum.ln())
    };
    for label_smoothing in [0.0, 0.25, 1.0] {
        let q = t.map(|t| (1.0 - label_smoothing) * t + label_smoothing / 3.0);
        let expected: f64 = (0..3).map(|j| -w[j] * q[j] * logarithms[j]).sum();
        let options = CrossEntropyOptions { class_weights: Some(Tensor::from(w)), label_smoothing };
        for dtype in [DType::F32, DType::F64] {
            let [x, t] = [x, t].map(|row| Tensor::from([row]).cast(dtype).detach());
            let loss = cross_entropy_with_probabilities(&x, &t, options.clone());
            assert_eq!(loss.dtype(), dtype);
            let tolerance = if dtype == DType::F32 { 1e-6 } else { 1e-14 };
            assert_close_within("value", &values(&loss), &[expected], tolerance, 0.0);
            let p = logarithms.map(f64::exp);
            let total: f64 = (0..3).map(|j| w[j] * q[j]).sum();
            let expected = [0, 1, 2].map(|j| p[j] * total - w[j] * q[j]);
            let gradient = slope(|x| cross_entropy_with_probabilities(x, &t, options.clone()), &x);
            assert_close_within("gradient", &gradient, &expected, 1e1 * tolerance, 1e-7 * tolerance);
        }
    }
}
