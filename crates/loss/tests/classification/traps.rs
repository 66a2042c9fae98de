//! What other libraries get wrong, each named by its number in the catalogue of losses.

use minimand_loss::*;
use minimand_tensor::{DType, Tensor};

use crate::common::{assert_close, assert_close_within, normal, slope, values};

#[test]
fn trap_03_binary_cross_entropy_by_the_sigmoid_of_the_logits() {
    for dtype in [DType::F32, DType::F64] {
        let x = Tensor::from([20.0, -120.0, 1e4, -1e4]).cast(dtype).computed().detach();
        let one = x.ones_like();
        let loss = values(&binary_cross_entropy_with_logits(&x, &one));
        assert_close_within("loss", &loss, &[(-20.0f64).exp().ln_1p(), 120.0, 0.0, 1e4], 1e-6, 0.0);
        let gradient = slope(|x| binary_cross_entropy_with_logits(x, &one), &x);
        assert_close_within("gradient", &gradient, &[-1.0 / (1.0 + 20.0f64.exp()), -1.0, 0.0, -1.0], 1e-6, 0.0);
    }
}

#[test]
fn trap_04_cross_entropy_of_probabilities_at_zero_and_one() {
    for dtype in [DType::F32, DType::F64] {
        let p = Tensor::from([0.0, 1.0, 0.0, 1.0, 1e-30]).cast(dtype).computed().detach();
        let y = Tensor::from([0.0, 1.0, 1.0, 0.0, 0.0]).cast(dtype).computed().detach();
        let loss = binary_cross_entropy(&p, &y);
        let inf = f64::INFINITY;
        assert_close_within("loss", &values(&loss), &[0.0, 0.0, inf, inf, 1e-30], 1e-6, 0.0);
        assert_close("gradient", &slope(|p| binary_cross_entropy(p, &y), &p), &[1.0, -1.0, -inf, inf, 1.0]);
        let by_target = slope(|y| binary_cross_entropy(&p, y), &y);
        assert!(by_target.iter().all(|slope| !slope.is_nan()), "{by_target:?}");
    }
    // A confident error keeps its gradient, of probabilities and of logits: no clipping.
    let p = Tensor::from([1e-9]);
    assert_close("unclipped", &slope(|p| binary_cross_entropy(p, &p.ones_like().detach()), &p), &[-1e9]);
    let labels = Labels::new([1], 2).unwrap();
    let x = Tensor::from([[40.0, 0.0]]);
    let focal = |x: &Tensor| categorical_focal(x, &labels, Default::default());
    for loss in [&focal as &dyn Fn(&Tensor) -> Tensor, &|x| cross_entropy(x, &labels)] {
        assert_close_within("logits", &slope(loss, &x), &[1.0, -1.0], 1e-12, 0.0);
    }
}

#[test]
fn trap_05_focal_with_small_gamma_at_certainty() {
    for gamma in [0.0, 0.3, 0.5, 1.0] {
        for dtype in [DType::F32, DType::F64] {
            let x = Tensor::from([40.0, 1e4, 800.0]).cast(dtype).computed().detach();
            let one = x.ones_like();
            let labels = Labels::new([0, 0, 0], 2).unwrap();
            let pair = |x: &Tensor| Tensor::stack([x, &x.zeros_like()], 1);
            let focal = FocalOptions { gamma, alpha: None };
            let reduced = ReducedFocalOptions { gamma, ..Default::default() };
            let asymmetric_options = AsymmetricOptions { gamma_positive: gamma, gamma_negative: gamma, clip: 0.0 };
            let class = CategoricalFocalOptions { gamma, class_weights: None };
            let losses: [&dyn Fn(&Tensor) -> Tensor; 5] = [
                &|x| binary_focal(x, &one, focal),
                &|x| reduced_focal(x, &one, reduced),
                &|x| asymmetric(x, &one, asymmetric_options),
                &|x| asymmetric(&-x, &one.zeros_like(), asymmetric_options),
                &|x| categorical_focal(&pair(x), &labels, class.clone()),
            ];
            for (number, loss) in losses.into_iter().enumerate() {
                for found in [values(&loss(&x)), slope(loss, &x)] {
                    assert!(found.iter().all(|number| number.abs() < 1e-5), "loss {number}, {gamma}: {found:?}");
                }
            }
        }
    }
}

#[test]
fn trap_06_the_mean_of_nothing() {
    let x = normal(1, [3, 4]);
    let ignored = Labels::with_ignored([-100, -100, -100], 4, -100).unwrap();
    let weights = Tensor::zeros([4]).cast(DType::F64);
    let kept = Labels::new([0, 1, 2], 4).unwrap();
    let weighted = CrossEntropyOptions { class_weights: Some(weights.clone()), label_smoothing: 0.0 };
    let means: [&dyn Fn(&Tensor) -> Tensor; 7] = [
        &|x| ignored.mean(&cross_entropy(x, &ignored), None),
        &|x| kept.mean(&cross_entropy_with(x, &kept, weighted.clone()), Some(&weights)),
        &|x| ignored.mean(&sparsemax(x, &ignored), None),
        &|x| ignored.mean(&entmax(x, &ignored, 1.5), None),
        &|x| ignored.mean(&multi_margin(x, &ignored, Default::default()), None),
        &|x| ignored.mean(&generalised_cross_entropy(x, &ignored, 0.7), None),
        &|x| ignored.mean(&linear_cross_entropy(x, &normal(2, [4, 4]), None, &ignored, Default::default()), None),
    ];
    for (number, mean) in means.into_iter().enumerate() {
        assert_eq!(mean(&x).item(), 0.0, "{number}");
        assert_eq!(slope(mean, &x), [0.0; 12], "{number}");
    }
}

/// Half of the batch is padding, and holds what padding holds.
#[test]
fn trap_07_padding_does_not_dilute_the_mean() {
    let rows = normal(3, [2, 3]);
    let padded = Tensor::concatenate([&rows, &Tensor::full([2, 3], f64::NAN).cast(DType::F64)], 0);
    let labels = Labels::new([0, 2], 3).unwrap();
    let some = Labels::with_ignored([0, 2, -100, -100], 3, -100).unwrap();
    let counts = Tensor::from([5.0, 1.0, 3.0]);
    type Loss<'a> = &'a dyn Fn(&Tensor, &Labels) -> Tensor;
    let losses: [Loss; 12] = [
        &cross_entropy,
        &|x, y| categorical_focal(x, y, Default::default()),
        &|x, y| poly1_cross_entropy(x, y, 1.0),
        &|x, y| generalised_cross_entropy(x, y, 0.7),
        &|x, y| multi_margin(x, y, Default::default()),
        &multiclass_hinge,
        &multiclass_perceptron,
        &sparsemax,
        &|x, y| entmax(x, y, 1.5),
        &|x, y| logit_adjusted_cross_entropy(x, y, &counts, 1.0),
        &|x, y| ldam(x, y, &counts, Default::default()),
        &|x, y| class_balanced_cross_entropy(x, y, &counts, 0.9),
    ];
    for (number, loss) in losses.into_iter().enumerate() {
        let (whole, half) = (labels.mean(&loss(&rows, &labels), None), some.mean(&loss(&padded, &some), None));
        assert_close(&format!("mean {number}"), &values(&half), &values(&whole));
        let gradient = values(&half.grad(&padded));
        assert_close(&format!("gradient {number}"), &gradient[..6], &values(&whole.grad(&rows)));
        assert_eq!(gradient[6..], [0.0; 6], "{number}");
    }
}

#[test]
fn trap_08_one_divisor_for_labels_and_probabilities() {
    let (x, w) = (normal(4, [4, 3]), Tensor::from([0.2, 1.0, 3.0]));
    let labels = Labels::new([2, 0, 1, 2], 3).unwrap();
    let q = labels.one_hot().cast(DType::F64);
    for label_smoothing in [0.0, 0.2] {
        let options = CrossEntropyOptions { class_weights: Some(w.clone()), label_smoothing };
        let hard = labels.mean(&cross_entropy_with(&x, &labels, options.clone()), Some(&w));
        let soft = cross_entropy_with_probabilities(&x, &q, options).sum() / (&w * &q).sum();
        assert_close("mean", &values(&soft), &values(&hard));
        assert_close("gradient", &values(&soft.grad(&x)), &values(&hard.grad(&x)));
    }
}

#[test]
fn trap_19_soft_margin_of_confident_errors() {
    for dtype in [DType::F32, DType::F64] {
        let x = Tensor::from([-1000.0, 1000.0, -1e4]).cast(dtype).computed().detach();
        let y = x.ones_like();
        assert_eq!(values(&soft_margin(&x, &y)), [1000.0, 0.0, 1e4]);
        assert_eq!(slope(|x| soft_margin(x, &y), &x), [-1.0, 0.0, -1.0]);
    }
}

#[test]
fn trap_20_the_right_class_is_masked_not_multiplied() {
    let x = Tensor::from([[-2.0, -5.0], [-5.0, -2.0]]);
    let target = Tensor::from([[1.0, 0.0], [1.0, 0.0]]);
    let labels = Labels::new([0, 0], 2).unwrap();
    assert_eq!(values(&categorical_hinge(&x, &target)), [0.0, 4.0]);
    assert_eq!(values(&multiclass_hinge(&x, &labels)), [0.0, 4.0]);
    assert_eq!(slope(|x| categorical_hinge(x, &target), &x), [0.0, 0.0, -1.0, 1.0]);
}

#[test]
fn trap_25_distillation_keeps_its_scale_at_every_temperature() {
    let (student, teacher) = (normal(5, [3, 4]), normal(6, [3, 4]));
    let centred = |x: &Tensor| x - x.mean_axis(-1).unsqueeze(-1);
    // For a great T the gradient is the difference of the centred logits over C (Hinton et al., equation 4).
    let gradient = slope(|x| distillation(x, &teacher, 1e4), &student);
    let expected = values(&((centred(&student) - centred(&teacher)) / 4.0));
    assert_close_within("gradient", &gradient, &expected, 1e-3, 1e-3);
    // Both sides in logarithms: probabilities that underflow still count.
    let (far, near) = (Tensor::from([[0.0, -2000.0]]), Tensor::from([[-2000.0, 0.0]]));
    assert_close("apart", &values(&distillation(&far, &near, 1.0)), &[2000.0]);
    assert_close("same", &values(&distillation(&student, &student, 2.0)), &[0.0; 3]);
}

/// relu'(0) = 0; ties of a greatest score share.
#[test]
fn trap_27_kinks_follow_one_convention() {
    let (one, minus) = (Tensor::from([1.0, 1.0]), Tensor::from([1.0, -1.0]));
    let at = |x: [f64; 2]| Tensor::from(x);
    assert_eq!(slope(|x| hinge(x, &minus), &at([1.0, -1.0])), [0.0, 0.0]);
    assert_eq!(slope(|x| perceptron(x, &one), &at([0.0, 0.0])), [0.0, 0.0]);
    assert_eq!(slope(|x| squared_hinge(x, &one), &at([1.0, 0.5])), [0.0, -1.0]);
    let labels = Labels::new([0], 3).unwrap();
    let tie = Tensor::from([[1.0, 0.0, 0.0]]);
    assert_eq!(slope(|x| multi_margin(x, &labels, Default::default()), &tie), [0.0; 3]);
    let lists = LabelLists::new([[0]], 3).unwrap();
    assert_eq!(slope(|x| multi_label_margin(x, &lists), &tie), [0.0; 3]);
    let target = Tensor::from([[1.0, 0.0, 0.0]]);
    assert_eq!(slope(|x| categorical_hinge(x, &target), &tie), [0.0; 3]);
    let third = 1.0 / 3.0;
    assert_close("three tie", &slope(|x| multiclass_hinge(x, &labels), &tie), &[third - 1.0, third, third]);
    let equal = Tensor::from([[2.0, 2.0, 0.0]]);
    assert_close("two tie", &slope(|x| multiclass_perceptron(x, &labels), &equal), &[-0.5, 0.5, 0.0]);
}
