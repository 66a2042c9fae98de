//! Sparsemax, entmax and the losses that belong to regularised maxima.

use minimand_loss::*;
use minimand_tensor::{CheckOptions, DType, Tensor, check_second_order};

use crate::common::{assert_close, assert_close_within, normal, slope, values};

fn gini() -> Regulariser {
    Regulariser::Tsallis { alpha: 2.0 }
}

/// The projection onto the probabilities by its definition: the threshold found by halving.
fn oracle(x: &[f64], alpha: f64) -> Vec<f64> {
    let p = |tau: f64| -> Vec<f64> {
        x.iter().map(|x| ((alpha - 1.0) * x - tau).max(0.0).powf(1.0 / (alpha - 1.0))).collect()
    };
    let greatest = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (mut low, mut high) = ((alpha - 1.0) * greatest - 1.0, (alpha - 1.0) * greatest);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if p(middle).iter().sum::<f64>() >= 1.0 { low = middle } else { high = middle }
    }
    p(low)
}

fn loss_by_definition(x: &[f64], y: usize, alpha: f64) -> f64 {
    let p = oracle(x, alpha);
    let fitting: f64 = p.iter().zip(x).map(|(p, x)| p * x).sum();
    fitting - x[y] + (1.0 - p.iter().map(|p| p.powf(alpha)).sum::<f64>()) / (alpha * (alpha - 1.0))
}

#[test]
fn the_formula_of_the_papers() {
    let x = normal(1, [6, 5]) * 2.0;
    let found = [0, 1, 2, 3, 4, 0];
    let labels = Labels::new(found, 5).unwrap();
    let rows: Vec<Vec<f64>> = values(&x).chunks(5).map(<[f64]>::to_vec).collect();
    for alpha in [1.05, 1.2, 1.5, 1.9, 2.0] {
        let expected: Vec<f64> = (0..6).map(|i| loss_by_definition(&rows[i], found[i], alpha)).collect();
        assert_close_within("loss", &values(&entmax(&x, &labels, alpha)), &expected, 1e-9, 1e-11);
        if alpha == 2.0 {
            assert_close("sparsemax", &values(&sparsemax(&x, &labels)), &expected);
        }
        let p: Vec<f64> = rows.iter().flat_map(|row| oracle(row, alpha)).collect();
        assert_close_within("argmax", &values(&Regulariser::Tsallis { alpha }.argmax(&x)), &p, 1e-9, 1e-11);
        let truth = values(&labels.one_hot());
        let gradient: Vec<f64> = p.iter().zip(&truth).map(|(p, y)| p - y).collect();
        assert_close_within("gradient", &slope(|x| entmax(x, &labels, alpha), &x), &gradient, 1e-9, 1e-11);
    }
}

/// The Hessian of sparsemax is `[j = k] − 1/|S|` within the support.
#[test]
fn second_derivatives() {
    let x = Tensor::from([[1.0, 0.6, 0.5, -3.0]]);
    let labels = Labels::new([1], 4).unwrap();
    let direction = Tensor::from([[1.0, 0.0, 0.0, 5.0]]);
    let product = |loss: Tensor| values(&loss.sum().hessian_vector_product(&x, &direction));
    let third = 1.0 / 3.0;
    assert_close("sparsemax", &product(sparsemax(&x, &labels)), &[1.0 - third, -third, -third, 0.0]);
    assert_close_within("entmax", &product(entmax(&x, &labels, 2.0)), &[1.0 - third, -third, -third, 0.0], 1e-9, 1e-12);
    for alpha in [1.3, 1.5, 1.7] {
        let loss = |t: &[Tensor]| entmax(&t[0], &labels, alpha).sum();
        check_second_order(loss, std::slice::from_ref(&x), CheckOptions::default()).unwrap();
    }
}

#[test]
fn what_is_right_by_the_margin_costs_nothing_and_almost_right_almost_nothing() {
    let labels = Labels::new([0, 0, 0], 3).unwrap();
    let delta = 1e-6;
    let x = Tensor::from([[2.0, 1.0, 0.0], [1e4, -1e4, 0.0], [1.0 - delta, 0.0, -5.0]]);
    let loss = values(&sparsemax(&x, &labels));
    assert_eq!(loss[..2], [0.0, 0.0]);
    assert_close_within("almost", &loss[2..], &[delta * delta / 4.0], 1e-6, 0.0);
    assert_eq!(slope(|x| sparsemax(x, &labels), &x)[..6], [0.0; 6]);
}

#[test]
fn extremes_in_f32() {
    let x = Tensor::from([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4], [7.0, 7.0, 7.0]]).cast(DType::F32).computed().detach();
    let labels = Labels::new([0, 0, 2], 3).unwrap();
    let third = 1.0 / 3.0;
    let losses: [&dyn Fn(&Tensor) -> Tensor; 2] = [&|x| sparsemax(x, &labels), &|x| entmax(x, &labels, 1.5)];
    for loss in losses {
        let (value, gradient) = (values(&loss(&x)), slope(loss, &x));
        assert_close_within("certain and wrong", &value[..2], &[0.0, 2e4], 1e-4, 1e-6);
        let expected = [0.0, 0.0, 0.0, -1.0, 0.5, 0.5, third, third, third - 1.0];
        assert_close_within("gradient", &gradient, &expected, 1e-5, 1e-6);
    }
}

#[test]
fn excluded_classes_and_an_excluded_label() {
    let without = f64::NEG_INFINITY;
    let labels = Labels::new([0, 2], 3).unwrap();
    let x = Tensor::from([[0.5, without, 0.0], [0.5, 0.0, without]]);
    let two = Labels::new([0], 2).unwrap();
    let rest = Tensor::from([[0.5, 0.0]]);
    for (loss, of_two) in
        [(sparsemax(&x, &labels), sparsemax(&rest, &two)), (entmax(&x, &labels, 1.5), entmax(&rest, &two, 1.5))]
    {
        let found = values(&loss);
        assert_close("remaining classes", &found[..1], &values(&of_two));
        assert_eq!(found[1], f64::INFINITY);
        assert!(values(&loss.slice(0, 0..1).sum().grad(&x)).iter().all(|slope| slope.is_finite()));
    }
}

#[test]
fn between_cross_entropy_and_sparsemax() {
    let x = normal(7, [4, 3]);
    let labels = Labels::new([0, 1, 2, 0], 3).unwrap();
    let near_one = values(&entmax(&x, &labels, 1.001));
    assert_close_within("cross-entropy", &near_one, &values(&cross_entropy(&x, &labels)), 1e-2, 0.0);
    assert_close_within("sparsemax", &values(&entmax(&x, &labels, 2.0)), &values(&sparsemax(&x, &labels)), 1e-9, 1e-12);
    // Two classes with scores 0 and x are the binary loss.
    let x = normal(8, [9]) * 1.5;
    let pair = Tensor::stack([&x.zeros_like(), &x], 1);
    let labels = Labels::new([1; 9], 2).unwrap();
    assert_close("binary", &values(&binary_sparsemax(&x, &x.ones_like())), &values(&sparsemax(&pair, &labels)));
}

#[test]
fn fenchel_young_makes_the_losses_of_its_maxima() {
    let x = normal(9, [5, 4]);
    let labels = Labels::new([0, 1, 2, 3, 1], 4).unwrap();
    let target = labels.one_hot().cast(DType::F64);
    let of = |regulariser: Regulariser| values(&fenchel_young(&x, &target, |x| regulariser.maximum(x)));
    assert_close("softmax", &of(Regulariser::Shannon), &values(&cross_entropy(&x, &labels)));
    assert_close("sparsemax", &of(gini()), &values(&sparsemax(&x, &labels)));
    assert_close("entmax", &of(Regulariser::Tsallis { alpha: 1.5 }), &values(&entmax(&x, &labels, 1.5)));
    let hard = fenchel_young(&x, &target, |x| x.max_axis(-1));
    assert_close("perceptron", &values(&hard), &values(&multiclass_perceptron(&x, &labels)));
    // Its gradient is the regularised argmax less the target.
    let p = values(&(gini().argmax(&x) - &target));
    assert_close("gradient", &slope(|x| fenchel_young(x, &target, |x| gini().maximum(x)), &x), &p);
}

#[test]
#[should_panic(expected = "alpha must be greater than 1 and at most 2, not 3")]
fn alpha_above_two() {
    entmax(&normal(1, [1, 2]), &Labels::new([0], 2).unwrap(), 3.0);
}
