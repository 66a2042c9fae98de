//! No branch that is not chosen poisons a second derivative: none is NaN, at zeros, seams, extremes and masked entries.

use minimand_loss::*;
use minimand_tensor::{DType, Tensor};

use crate::Loss;
use crate::common::values;

/// Fails where the loss of `x`, its gradient or a product with its Hessian is NaN, in f32 or f64.
fn check(name: &str, loss: Loss, x: &Tensor) {
    for dtype in [DType::F32, DType::F64] {
        let x = x.cast(dtype).detach();
        let value = loss(&x);
        let slope = value.sum().grad(&x);
        let curvature = slope.sum().grad(&x);
        for (what, numbers) in [("value", &value), ("slope", &slope), ("curvature", &curvature)] {
            let found = values(numbers);
            assert!(found.iter().all(|number| !number.is_nan()), "{name}, {what} in {dtype} at {x}: {found:?}");
        }
    }
}

#[test]
fn of_numbers() {
    let x = Tensor::from([0.0, -0.0, 1.0, -1.0, 1e-30, 1e4, -1e4, 1e15, -1e15]);
    let zero = |x: &Tensor| x.zeros_like();
    let losses: [(&str, Loss); 9] = [
        ("huber", &|x| huber(x, &zero(x), 1.0)),
        ("huber without end", &|x| huber(x, &zero(x), f64::INFINITY)),
        ("smooth_l1", &|x| smooth_l1(x, &zero(x), 1.0)),
        ("smooth_l1, 0", &|x| smooth_l1(x, &zero(x), 1e-46)),
        ("log_cosh", &|x| log_cosh(x, &zero(x))),
        ("quantile", &|x| quantile(x, &zero(x), 0.3)),
        ("gaussian_nll", &|x| gaussian_nll(x, &zero(x), &zero(x), Default::default())),
        ("gaussian_nll by the variance", &|x| gaussian_nll(&zero(x), &zero(x), &x.abs(), Default::default())),
        ("gaussian_nll_log_variance", &|x| gaussian_nll_log_variance(&zero(x), &zero(x), x)),
    ];
    for (name, loss) in losses {
        check(name, loss, &x);
    }
    for y in [0.0, 0.25, 1.0] {
        check("binary cross-entropy", &|x| binary_cross_entropy_with_logits(x, &x.full_like(y)), &x);
        for gamma in [0.0, 0.5, 1.0, 1.5, 2.0, 3.0] {
            let options = FocalOptions { alpha: Some(0.25), gamma };
            check(&format!("binary focal, γ = {gamma}"), &|x| binary_focal(x, &x.full_like(y), options), &x);
        }
    }
    let counts = Tensor::from([0.0, 1.0, 7.0]);
    let by_log = |s: &Tensor| poisson_nll_log_rate(s, &counts.cast(s.dtype()), false);
    check("poisson", &by_log, &Tensor::from([f64::NEG_INFINITY, -1e4, 0.0]));
    check("poisson", &by_log, &Tensor::from([1e4, 1e4, 1e4]));
    let rates = |x: &Tensor| poisson_nll(x, &x.zeros_like(), false);
    check("poisson by rates", &rates, &Tensor::from([0.0, 1.0, 1e30]));
}

#[test]
fn of_classes_and_distributions() {
    let never = f64::NEG_INFINITY;
    let x =
        Tensor::from([[0.0, 0.0, 0.0], [1e4, -1e4, 0.0], [-1e4, 1e4, 0.0], [2.0, never, 1.0], [f64::NAN, 0.0, 1.0]]);
    let labels = Labels::with_ignored([0, 0, 0, 2, 9], 3, 9).unwrap();
    for label_smoothing in [0.0, 0.1, 1.0] {
        let class_weights = Some(Tensor::from([0.0, 1.0, 2.0]));
        let options = CrossEntropyOptions { class_weights, label_smoothing };
        check("cross_entropy_with", &|x| cross_entropy_with(x, &labels, options.clone()), &x);
    }
    check("cross_entropy", &|x| cross_entropy(x, &labels), &x);
    for gamma in [0.0, 0.5, 1.0, 2.0, 2.5] {
        let options = CategoricalFocalOptions { class_weights: None, gamma };
        check(&format!("focal, γ = {gamma}"), &|x| categorical_focal(x, &labels, options.clone()), &x);
    }
    let x = x.slice(0, ..4);
    let one_hot = Tensor::from([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.5, 0.0, 0.5]]);
    check("probabilities", &|x| cross_entropy_with_probabilities(x, &one_hot.cast(x.dtype()), Default::default()), &x);
    check("divergence", &|x| kl_divergence(&x.log_softmax(-1), &one_hot.cast(x.dtype())), &x);
    check("divergence by p", &|p| kl_divergence(&(p.zeros_like() - 1.0), p), &one_hot);
    check("list_net", &|x| list_net(x, &one_hot, None), &x);
    check("ranking_softmax", &|x| ranking_softmax(x, &one_hot, None), &x);
    let finite = Tensor::from([[0.0, 0.0, 0.0], [1e4, -1e4, 0.0], [1e-30, 0.5, -0.5], [60.0, -60.0, 1e15]]);
    check("pairwise", &|x| pairwise_logistic(x, &one_hot, None), &finite);
    check("approx_ndcg", &|x| approx_ndcg(x, &one_hot, None, 1.0), &finite);
    check("Gaussian divergence", &|s| gaussian_kl_to_standard_normal(&s.zeros_like(), s), &finite.clamp_max(80));
}

#[test]
fn of_vectors() {
    let x = Tensor::from([[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [1e-12, 0.0], [1e8, -1e8]]);
    let zero = |x: &Tensor| x.zeros_like();
    let labels = Labels::new([0, 0, 1, 1, 2], 3).unwrap();
    for distance in [Distance::Euclidean, Distance::SquaredEuclidean, Distance::Manhattan, Distance::Cosine] {
        for swap in [false, true] {
            let options = TripletOptions { margin: 1.0, distance, swap };
            check(&format!("triplet, {distance:?}"), &|x| triplet_margin(x, &zero(x), &(1.0 - x), options), &x);
        }
        for margin in [Margin::Hard(1.0), Margin::Soft] {
            let options = BatchHardOptions { margin, distance };
            check(&format!("hard, {distance:?}"), &|x| batch_hard_triplet(x, &labels, options), &x);
        }
    }
    for same in [false, true] {
        let same = Tensor::from([same; 5]);
        check("contrastive", &|x| contrastive(x, &zero(x), &same, 1.0), &x);
    }
    check("info_nce", &|x| info_nce(x, &(x + 1.0), 0.05), &x);
    check("info_nce_symmetric", &|x| info_nce_symmetric(x, &(x + 1.0), 0.05), &x);
    check("nt_xent", &|x| nt_xent(x, x, 0.05), &x);
}
