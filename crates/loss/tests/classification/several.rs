//! Several labels at once, rare classes, teachers and consistency: laws and edges.

use minimand_loss::*;
use minimand_tensor::{DType, Tensor};

use crate::common::{assert_close, assert_close_within, normal, panic_of, slope, values};

#[test]
fn lists_of_labels() {
    let lists = LabelLists::new(vec![vec![2, 0], vec![1], vec![]], 3).unwrap();
    assert_eq!(values(lists.counts()), [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    let error = LabelLists::new([[0, 1], [2, 3]], 3).unwrap_err();
    assert_eq!(error, LabelError::OutOfRange { position: 3, value: 3, classes: 3 });
    assert!(LabelLists::new([[-2]], 3).is_err());
    assert_eq!(LabelLists::new([[0.5]], 3).unwrap_err(), LabelError::NotWhole { position: 0, value: 0.5 });
    assert!(LabelLists::new([[0, -1, 99]], 3).is_ok()); // behind the end nothing is read
}

/// By loops, as the paper counts pairs.
#[test]
fn multi_label_margin_by_its_pairs() {
    let rows = [vec![0, 2], vec![1, 1], vec![], vec![0, 1, 2, 3]];
    let x = normal(1, [4, 4]);
    let lists = LabelLists::new(&rows, 4).unwrap();
    let s = values(&x);
    let expected: Vec<f64> = (0..4)
        .map(|i| {
            let others = (0..4).filter(|k| !rows[i].contains(k));
            let pair = |j: usize, k: usize| (1.0 - (s[4 * i + j] - s[4 * i + k])).max(0.0);
            others.flat_map(|k| rows[i].iter().map(move |&j| pair(j, k))).sum::<f64>() / 4.0
        })
        .collect();
    assert_close("pairs", &values(&multi_label_margin(&x, &lists)), &expected);
    assert_eq!(expected[2..], [0.0, 0.0]);
}

#[test]
fn multi_label_soft_margin_is_the_mean_of_binary_cross_entropies() {
    let (x, y, w) = (normal(2, [3, 4]), normal(3, [3, 4]).sigmoid(), Tensor::from([0.5, 1.0, 2.0, 0.0]));
    let expected = (binary_cross_entropy_with_logits(&x, &y) * &w).mean_axis(-1);
    assert_close("mean", &values(&multi_label_soft_margin(&x, &y, Some(&w))), &values(&expected));
}

#[test]
fn zlpr_with_empty_sides_and_at_the_extremes() {
    let x = Tensor::from([[1e4, -1e4, 0.0], [1e4, 1e4, 1e4], [-1e4, -1e4, -1e4]]).cast(DType::F32).computed().detach();
    let target = Tensor::from([[0.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]).cast(DType::F32);
    assert_close_within("loss", &values(&zlpr(&x, &target)), &[2e4, 0.0, 0.0], 1e-6, 0.0);
    assert_eq!(slope(|x| zlpr(x, &target), &x), [1.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    // One class is logistic regression.
    let one = normal(4, [5, 1]);
    let present = Tensor::ones([5, 1]).cast(DType::F64);
    let logistic = binary_cross_entropy_with_logits(&one, &present).reshape([5]);
    assert_close("one class", &values(&zlpr(&one, &present)), &values(&logistic));
}

#[test]
fn asymmetric_without_options_is_cross_entropy_and_symmetric_focal() {
    let (x, y) = (normal(5, [20]) * 3.0, normal(6, [20]).gt(0).cast(DType::F64));
    let options = |gamma: f64, clip| AsymmetricOptions { gamma_positive: gamma, gamma_negative: gamma, clip };
    let cross_entropy = values(&binary_cross_entropy_with_logits(&x, &y));
    assert_close("cross-entropy", &values(&asymmetric(&x, &y, options(0.0, 0.0))), &cross_entropy);
    let focal = binary_focal(&x, &y, FocalOptions { alpha: None, gamma: 1.5 });
    assert_close("focal", &values(&asymmetric(&x, &y, options(1.5, 0.0))), &values(&focal));
    // Below the clip an absent label is settled, and near it nothing is NaN for any γ.
    for gamma in [0.0, 0.5, 4.0] {
        let p = 0.05f64;
        let x = Tensor::from([(p / (1.0 - p)).ln(), -1e4, 1e4, -3.0]).cast(DType::F32).computed().detach();
        let zero = x.zeros_like();
        let loss = |x: &Tensor| asymmetric(x, &zero, options(gamma, 0.05));
        assert!(values(&loss(&x)).into_iter().chain(slope(loss, &x)).all(f64::is_finite), "{gamma}");
        assert_eq!(slope(loss, &x)[3], 0.0);
    }
}

#[test]
fn reduced_and_normalised_focal() {
    let (x, y) = (normal(7, [12]) * 2.0, normal(8, [12]).gt(0).cast(DType::F64));
    // With θ = 1 everything is still unlikely: nothing fades.
    let whole = ReducedFocalOptions { threshold: 1.0, ..Default::default() };
    assert_close("whole", &values(&reduced_focal(&x, &y, whole)), &values(&binary_cross_entropy_with_logits(&x, &y)));
    // Without fading the normalised loss sums to the mean.
    let flat = NormalisedFocalOptions { gamma: 0.0, ..Default::default() };
    let sum = normalised_focal(&x, &y, flat).sum().item();
    assert_close("mean", &[sum], &[binary_cross_entropy_with_logits(&x, &y).mean().item()]);
    // Where all has faded the divisor is ε.
    let certain = Tensor::full([3], 1e4);
    let loss = |x: &Tensor| normalised_focal(x, &certain.ones_like(), Default::default());
    assert_eq!((values(&loss(&certain)), slope(loss, &certain)), (vec![0.0; 3], vec![0.0; 3]));
}

#[test]
fn rare_classes() {
    let x = normal(9, [4, 3]);
    let labels = Labels::new([0, 1, 2, 0], 3).unwrap();
    let plain = values(&cross_entropy(&x, &labels));
    let same = Tensor::from([7.0, 7.0, 7.0]);
    assert_close("equal priors", &values(&logit_adjusted_cross_entropy(&x, &labels, &same, 1.0)), &plain);
    let uneven = Tensor::from([0.0, 1.0, 3.0]);
    assert_close("no adjustment", &values(&logit_adjusted_cross_entropy(&x, &labels, &uneven, 0.0)), &plain);
    let adjusted = values(&logit_adjusted_cross_entropy(&x, &labels, &uneven, 1.0));
    assert!(adjusted[0] == f64::INFINITY && adjusted[1].is_finite());
    assert_close("equal counts", &values(&class_balanced_cross_entropy(&x, &labels, &same, 0.99)), &plain);
    assert_close(
        "no memory",
        &values(&class_balanced_cross_entropy(&x, &labels, &Tensor::from([1.0, 50.0, 9.0]), 0.0)),
        &plain,
    );
    let no_margin = LdamOptions { max_margin: 0.0, scale: 1.0 };
    assert_close("no margin", &values(&ldam(&x, &labels, &uneven, no_margin)), &plain);
    assert!(values(&ldam(&x, &labels, &uneven, LdamOptions::default())).iter().all(|loss| loss.is_finite()));
    // 1 − βⁿ cancels for β near 1: the weights then are those of 1/n.
    let near = Labels::new([0, 0, 1], 2).unwrap().class_balanced_weights(1.0 - 1e-15);
    assert_close_within("limit", &values(&near), &[2.0 / 3.0, 4.0 / 3.0], 1e-6, 0.0);
}

#[test]
fn between_generalised_and_plain_cross_entropy() {
    let x = normal(10, [4, 3]) * 2.0;
    let labels = Labels::new([0, 1, 2, 0], 3).unwrap();
    let plain = values(&cross_entropy(&x, &labels));
    for q in [0.0, 1e-12] {
        assert_close_within("q → 0", &values(&generalised_cross_entropy(&x, &labels, q)), &plain, 1e-9, 0.0);
    }
    assert_close("ε = 0", &values(&poly1_cross_entropy(&x, &labels, 0.0)), &plain);
    let wrong = Tensor::from([[0.0, 1e4]]).cast(DType::F32).computed().detach();
    let first = Labels::new([0], 2).unwrap();
    assert_eq!(slope(|x| generalised_cross_entropy(x, &first, 0.7), &wrong), [0.0, 0.0]);
}

#[test]
fn views_that_agree_and_views_apart() {
    let x = normal(11, [1, 4, 3]).expand([3, 4, 3]);
    assert_close("same", &values(&jensen_shannon_consistency(&x)), &[0.0; 4]);
    let apart = Tensor::from([[[1e4, 0.0]], [[0.0, 1e4]]]).cast(DType::F32).computed().detach();
    assert_close_within("apart", &values(&jensen_shannon_consistency(&apart)), &[2f64.ln()], 1e-6, 0.0);
    assert!(slope(jensen_shannon_consistency, &apart).iter().all(|slope| slope.is_finite()));
}

#[test]
fn no_gradient_reaches_the_teacher() {
    let (student, teacher) = (normal(12, [2, 3]), normal(13, [2, 3]));
    assert_eq!(slope(|t| distillation(&student, t, 2.0), &teacher), [0.0; 6]);
    assert_eq!(slope(|t| feature_distillation(&student, t), &teacher), [0.0; 6]);
}

#[test]
fn mistakes_panic_at_the_callers_line() {
    let labels = Labels::new([0, 1], 3).unwrap();
    let (x, wide) = (normal(1, [2, 3]), normal(2, [2, 4]));
    type Mistake<'a> = Box<dyn Fn() -> Tensor + 'a>;
    let cases: Vec<(&str, Mistake)> = vec![
        ("hinge: prediction [2, 3] and target [2, 4]", Box::new(|| hinge(&x, &wide))),
        (
            "multi_margin: scores [2, 4] and labels [2] of 3 classes",
            Box::new(|| multi_margin(&wide, &labels, Default::default())),
        ),
        ("multiclass_hinge: scores [2, 4]", Box::new(|| multiclass_hinge(&wide, &labels))),
        ("sparsemax: scores [2, 4]", Box::new(|| sparsemax(&wide, &labels))),
        ("zlpr: scores [2, 3] and target [2, 4]", Box::new(|| zlpr(&x, &wide))),
        ("ldam: counts [4]", Box::new(|| ldam(&x, &labels, &Tensor::ones([4]), Default::default()))),
        ("distillation: temperature is 0", Box::new(|| distillation(&x, &x, 0.0))),
        (
            "generalised_cross_entropy: q must be in [0, 1], not 2",
            Box::new(|| generalised_cross_entropy(&x, &labels, 2.0)),
        ),
        (
            "linear_cross_entropy: hidden [2, 3], weight [2, 4] and labels [2] of 3 classes do not fit",
            Box::new(|| linear_cross_entropy(&x, &wide, None, &labels, Default::default())),
        ),
    ];
    for (message, mistake) in cases {
        let panic = panic_of(mistake);
        assert!(panic.message.contains(message), "{} instead of {message}", panic.message);
        assert!(panic.file.ends_with("several.rs"), "{message}: at {}", panic.file);
    }
}
