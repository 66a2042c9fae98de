use std::f64::consts::LN_2;

use minimand_loss::{info_nce, info_nce_symmetric};
use minimand_tensor::{DType, Tensor, grad};
use proptest::prelude::*;

use crate::common::{
    assert_close, assert_close_within, check_derivatives, check_recorded, finite_at_extremes, normal, panic_of, slope,
    values,
};
use crate::{cosine, dot, negative_log_share, reversed, rows};

/// Equation 4 of van den Oord et al. 2018 with cosine similarities over a temperature.
fn oracle(queries: &Tensor, keys: &Tensor, temperature: f64) -> Vec<f64> {
    let keys = rows(keys);
    let loss = |(partner, query): (usize, Vec<f64>)| {
        let s: Vec<f64> = keys.iter().map(|key| cosine(&query, key) / temperature).collect();
        negative_log_share(&s, partner)
    };
    rows(queries).into_iter().enumerate().map(loss).collect()
}

/// Two more axes make all rows equally long and leave the dot products between queries and keys as they are: their cosines are then the dot
/// products over the squared length, which is returned.
fn lifted(queries: &Tensor, keys: &Tensor) -> (Tensor, Tensor, f64) {
    let squares = |x: &Tensor| x.square().sum_keepdim(-1);
    let radius = 1.1 * values(&squares(queries)).into_iter().chain(values(&squares(keys))).fold(0.0, f64::max);
    let rest = |x: &Tensor| (radius - squares(x)).sqrt();
    let zero = rest(queries).zeros_like();
    let queries = Tensor::concatenate([queries, &rest(queries), &zero], -1);
    (queries, Tensor::concatenate([keys, &zero, &rest(keys)], -1), radius)
}

#[test]
fn agrees_with_recorded_values() {
    let cases = check_recorded("info_nce", |case| {
        let (queries, keys, temperature) = (case.input("queries"), case.input("keys"), case.number("temperature"));
        if case.flag("normalize") {
            return info_nce(queries, keys, temperature);
        }
        let (queries, keys, radius) = lifted(queries, keys);
        info_nce(&queries, &keys, temperature / radius)
    });
    assert_eq!(cases, 6);
    let cases = check_recorded("info_nce_symmetric", |case| {
        let (left, right, temperature) = (case.input("left"), case.input("right"), case.number("temperature"));
        if case.flag("normalize") {
            return info_nce_symmetric(left, right, temperature);
        }
        let (left, right, radius) = lifted(left, right);
        info_nce_symmetric(&left, &right, temperature / radius)
    });
    assert_eq!(cases, 4);
}

#[test]
fn agrees_with_its_formula_in_plain_numbers() {
    for seed in 1..6 {
        let (q, k) = (normal(seed, [7, 3]), 20.0 * normal(seed + 100, [7, 3]));
        for temperature in [0.05, 0.5, 2.0] {
            let there = oracle(&q, &k, temperature);
            assert_close("info_nce", &values(&info_nce(&q, &k, temperature)), &there);
            let back = oracle(&k, &q, temperature);
            let both: Vec<f64> = there.iter().zip(back).map(|(a, b)| 0.5 * (a + b)).collect();
            assert_close("info_nce_symmetric", &values(&info_nce_symmetric(&q, &k, temperature)), &both);
        }
    }
}

#[test]
fn derivatives_of_both_orders_are_right() {
    let (q, k) = (normal(11, [4, 3]), normal(12, [4, 3]));
    // The temperature may be learned: it is differentiated like any other input.
    for temperature in [0.4, 1.5] {
        let inputs = [q.clone(), k.clone(), Tensor::from(temperature)];
        check_derivatives(|x| info_nce(&x[0], &x[1], &x[2]), &inputs);
        check_derivatives(|x| info_nce_symmetric(&x[0], &x[1], &x[2]), &inputs);
    }
}

#[test]
fn the_gradient_is_the_documented_one() {
    let (q, k, temperature) = (normal(13, [5, 3]), normal(14, [5, 3]), 0.3);
    let keys: Vec<Vec<f64>> =
        rows(&k).iter().map(|key| key.iter().map(|x| x / dot(key, key).sqrt()).collect()).collect();
    let mut expected = Vec::new();
    for (i, query) in rows(&q).iter().enumerate() {
        let length = dot(query, query).sqrt();
        let unit: Vec<f64> = query.iter().map(|x| x / length).collect();
        let s: Vec<f64> = keys.iter().map(|key| dot(&unit, key) / temperature).collect();
        let mut pull = vec![0.0; 3];
        for (j, key) in keys.iter().enumerate() {
            let share = (-negative_log_share(&s, j)).exp();
            let weight = share - f64::from(u8::from(i == j));
            pull.iter_mut().zip(key).for_each(|(p, x)| *p += weight * x / temperature / length);
        }
        let along = dot(&pull, &unit);
        expected.extend(pull.iter().zip(&unit).map(|(p, u)| p - along * u));
    }
    assert_close("gradient", &slope(|q| info_nce(q, &k, temperature), &q), &expected);
}

/// The hardest pair decides, and its loss is neither capped nor without gradient: an epsilon in the logarithm would stop at 87 in f32.
#[test]
fn a_loss_of_a_hundred_and_more_is_not_capped() {
    let (q, k) = (Tensor::from([[1.0, 0.0], [0.0, 1.0]]), Tensor::from([[0.0, 1.0], [1.0, 0.1]]));
    for temperature in [0.01, 0.001] {
        for dtype in [DType::F64, DType::F32] {
            let (q, k) = (q.cast(dtype).detach(), k.cast(dtype).detach());
            let loss = info_nce(&q, &k, temperature);
            assert_close_within("value", &values(&loss), &oracle(&q, &k, temperature), 1e-6, 0.0);
            assert!(values(&loss)[0] > 99.0);
            // s = cos/τ: the first query is drawn from its rival (1, 0.1) to its partner (0, 1), by almost 1/τ.
            let gradient = values(&loss.sum().grad(&q));
            let sine = 0.1 / 1.01f64.sqrt();
            assert_close_within("gradient", &gradient[..2], &[0.0, (sine - 1.0) / temperature], 1e-5, 1e-5);
        }
    }
}

#[test]
fn without_negatives_the_loss_is_zero() {
    let (q, k) = (Tensor::from([[1.0, 2.0]]), Tensor::from([[-3.0, 0.5]]));
    for loss in [info_nce(&q, &k, 0.1), info_nce_symmetric(&q, &k, 0.1)] {
        assert_eq!(values(&loss), [0.0]);
        for gradient in grad(&loss.sum(), [&q, &k]) {
            assert_eq!(values(&gradient), [0.0, 0.0]);
        }
        let product = loss.sum().hessian_vector_product(&q, &Tensor::from([[1.0, 1.0]]));
        assert_eq!(values(&product), [0.0, 0.0]);
    }
}

#[test]
fn equal_rows_cost_the_logarithm_of_the_batch() {
    let same = Tensor::from([[0.3, -0.7]]).expand([6, 2]);
    assert_close("equal", &values(&info_nce(&same, &same, 0.01)), &[6f64.ln(); 6]);
    assert_close("equal", &values(&info_nce_symmetric(&same, &same, 0.01)), &[6f64.ln(); 6]);
    let x = same.detach();
    let gradient = slope(|x| info_nce_symmetric(x, &same, 0.01), &x);
    assert_close_within("all directions are equally good", &gradient, &[0.0; 12], 0.0, 1e-12);
}

#[test]
fn a_zero_vector_is_at_rest() {
    let q = Tensor::from([[0.0, 0.0], [1.0, 2.0], [2.0, -1.0]]);
    let k = Tensor::from([[1.0, 0.5], [0.0, 0.0], [3.0, -1.0]]);
    let loss = info_nce(&q, &k, 0.5);
    assert_close("value", &values(&loss)[..1], &[3f64.ln()]);
    assert_close("value", &values(&loss), &oracle(&q, &k, 0.5));
    let gradients = grad(&loss.sum(), [&q, &k]);
    assert_eq!(values(&gradients[0])[..2], [0.0, 0.0]);
    assert_eq!(values(&gradients[1])[2..4], [0.0, 0.0]);
    assert!(values(&gradients[0])[2..].iter().all(|&g| g.is_finite() && g != 0.0));
}

/// Two pairs, each together and opposite to the other: the least possible loss, `ln(1 + e^(-2/τ))`, and no gradient. In f32 it is the
/// logarithm of a number that rounds to 1.
#[test]
fn the_optimum_is_reached_and_not_rounded_to_zero() {
    let x = Tensor::from([[0.6f32, 0.8], [-0.6, -0.8]]);
    for temperature in [0.05f64, 0.1, 0.5, 1.0] {
        let least = (-2.0 / temperature).exp().ln_1p();
        let loss = info_nce(&x, &x, temperature);
        assert_close_within("least", &values(&loss), &[least; 2], 1e-5, 0.0);
        let gradient = slope(|q| info_nce(q, &x, temperature), &x);
        assert_close_within("gradient", &gradient, &[0.0; 4], 0.0, 1e-6);
    }
}

#[test]
fn stays_finite_at_extremes() {
    for scale in [1e4, 1.0, 1e-4, 0.0] {
        for temperature in [0.01, 0.07, 1.0, 100.0] {
            let (q, k) = (scale * normal(21, [6, 8]), scale * normal(22, [6, 8]));
            let equal = Tensor::concatenate([&q.slice(0, ..3), &q.slice(0, ..3)], 0);
            for inputs in [[q.clone(), k], [q.clone(), -&q], [q.clone(), q], [equal.clone(), equal]] {
                finite_at_extremes(|x| info_nce(&x[0], &x[1], temperature), &inputs);
                finite_at_extremes(|x| info_nce_symmetric(&x[0], &x[1], temperature), &inputs);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn obeys_its_laws(seed in 0u64..1000, pairs in 1usize..7, temperature in 0.05f64..2.0, scale in 0.01f64..100.0) {
        let (q, k) = (normal(seed, [pairs, 3]), normal(seed + 1000, [pairs, 3]));
        let loss = values(&info_nce(&q, &k, temperature));
        let symmetric = values(&info_nce_symmetric(&q, &k, temperature));
        let bound = |sign: f64| ((pairs - 1) as f64 * (sign * 2.0 / temperature).exp()).ln_1p();
        prop_assert!(loss.iter().chain(&symmetric).all(|&l| (bound(-1.0) - 1e-12..=bound(1.0) + 1e-12).contains(&l)));
        // Neither the length of a vector nor the order of the batch matters.
        assert_close("scaled", &values(&info_nce(&(scale * &q), &k, temperature)), &loss);
        assert_close("scaled", &values(&info_nce(&q, &(scale * &k), temperature)), &loss);
        assert_close("reversed", &values(&reversed(&info_nce(&reversed(&q), &reversed(&k), temperature))), &loss);
        assert_close("exchanged", &values(&info_nce_symmetric(&k, &q, temperature)), &symmetric);
        // Moving along its own direction changes nothing: the gradient stands upright on the vector.
        let along = (info_nce(&q, &k, temperature).sum().grad(&q) * &q).sum_axis(-1);
        assert_close("radial", &values(&along), &vec![0.0; pairs]);
    }
}

#[test]
fn two_candidates_that_cannot_be_told_apart_cost_one_bit() {
    let (q, k) = (Tensor::from([[1.0, 0.0], [1.0, 0.0]]), Tensor::from([[0.0, 1.0], [0.0, -1.0]]));
    assert_close("one bit", &values(&info_nce(&q, &k, 0.1)), &[LN_2; 2]);
}

#[test]
fn mistakes_are_named_at_the_callers_line() {
    let (a, b) = (Tensor::zeros([4, 2]), Tensor::zeros([3, 2]));
    let panics = [
        (panic_of(|| info_nce(&a, &b, 0.1)), "info_nce: queries [4, 2] and keys [3, 2] must have the same shape"),
        (
            panic_of(|| info_nce_symmetric(&a, &b, 0.1)),
            "info_nce_symmetric: first [4, 2] and second [3, 2] must have the same shape",
        ),
        (
            panic_of(|| info_nce(&a.at(0, 0), &b.at(0, 0), 0.1)),
            "info_nce: queries [2] must have two axes, [pairs, dimensions]",
        ),
    ];
    for (panic, message) in panics {
        assert_eq!(panic.message, message);
        assert!(panic.file.ends_with("tests/embedding/info_nce.rs"), "{}", panic.file);
    }
}
