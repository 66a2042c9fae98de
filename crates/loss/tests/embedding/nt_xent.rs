use minimand_loss::{info_nce_symmetric, nt_xent};
use minimand_tensor::{DType, Tensor, grad};
use proptest::prelude::*;

use crate::common::{
    assert_close, assert_close_within, check_derivatives, check_recorded, finite_at_extremes, normal, panic_of, values,
};
use crate::{cosine, negative_log_share, reversed, rows};

/// Equation 1 of Chen et al. 2020, for every view of every pair.
fn oracle(first: &Tensor, second: &Tensor, temperature: f64) -> Vec<f64> {
    let (mut views, pairs) = (rows(first), first.shape()[0]);
    views.extend(rows(second));
    let loss = |i: usize| {
        let partner = if i < pairs { i + pairs } else { i - pairs };
        let others: Vec<usize> = (0..2 * pairs).filter(|&k| k != i).collect();
        let s: Vec<f64> = others.iter().map(|&k| cosine(&views[i], &views[k]) / temperature).collect();
        negative_log_share(&s, others.iter().position(|&k| k == partner).expect("the partner is another view"))
    };
    (0..2 * pairs).map(loss).collect()
}

#[test]
fn agrees_with_recorded_values() {
    let cases = check_recorded("nt_xent", |case| {
        let loss = nt_xent(case.input("left"), case.input("right"), case.number("temperature"));
        if case.text("reduction") == "mean" { loss.mean() } else { loss }
    });
    assert_eq!(cases, 5);
}

#[test]
fn agrees_with_its_formula_in_plain_numbers() {
    for seed in 1..6 {
        let (a, b) = (normal(seed, [5, 3]), 20.0 * normal(seed + 100, [5, 3]));
        for temperature in [0.05, 0.5, 2.0] {
            assert_close("nt_xent", &values(&nt_xent(&a, &b, temperature)), &oracle(&a, &b, temperature));
        }
    }
}

#[test]
fn derivatives_of_both_orders_are_right() {
    for temperature in [0.4, 1.5] {
        let inputs = [normal(11, [3, 3]), normal(12, [3, 3]), Tensor::from(temperature)];
        check_derivatives(|x| nt_xent(&x[0], &x[1], &x[2]), &inputs);
    }
}

/// Both views of a thing far apart, and one view beside another thing: far above the 87 where an epsilon in the logarithm stops in f32.
#[test]
fn a_loss_of_a_hundred_and_more_is_not_capped() {
    let a = Tensor::from([[1.0, 0.0], [1.0, 0.1]]);
    let b = Tensor::from([[0.0, 1.0], [0.1, 1.0]]);
    let gradient_of = |dtype: DType| {
        let (a, b) = (a.cast(dtype).detach(), b.cast(dtype).detach());
        let loss = nt_xent(&a, &b, 0.005);
        let expected = oracle(&a, &b, 0.005);
        assert!(expected.iter().all(|&l| l > 150.0), "{expected:?}");
        assert_close_within("value", &values(&loss), &expected, 1e-6, 0.0);
        grad(&loss.sum(), [&a, &b]).iter().flat_map(values).collect::<Vec<f64>>()
    };
    let gradient = gradient_of(DType::F64);
    let lengths = gradient.chunks(2).map(|row| row[0].hypot(row[1]));
    assert!(lengths.into_iter().all(|length| length > 300.0), "every pair is drawn together: {gradient:?}");
    assert_close_within("in f32", &gradient_of(DType::F32), &gradient, 1e-3, 1e-3);
}

#[test]
fn one_pair_has_no_negatives_and_loss_zero() {
    let (a, b) = (Tensor::from([[1.0, 2.0]]), Tensor::from([[-3.0, 0.5]]));
    let loss = nt_xent(&a, &b, 0.1);
    assert_eq!(values(&loss), [0.0, 0.0]);
    for gradient in grad(&loss.sum(), [&a, &b]) {
        assert_eq!(values(&gradient), [0.0, 0.0]);
    }
    assert_eq!(values(&loss.sum().hessian_vector_product(&a, &Tensor::from([[1.0, 1.0]]))), [0.0, 0.0]);
}

#[test]
fn equal_views_cost_the_logarithm_of_their_number() {
    let same = Tensor::from([[0.3, -0.7]]).expand([4, 2]);
    assert_close("equal", &values(&nt_xent(&same, &same, 0.01)), &[7f64.ln(); 8]);
    let zero = Tensor::from([[0.0, 0.0]]).expand([4, 2]);
    let x = zero.detach();
    let loss = nt_xent(&x, &zero, 0.01);
    assert_close("zero", &values(&loss), &[7f64.ln(); 8]);
    assert_eq!(values(&loss.sum().grad(&x)), [0.0; 8]);
}

#[test]
fn stays_finite_at_extremes() {
    for scale in [1e4, 1.0, 1e-4, 0.0] {
        for temperature in [0.01, 0.07, 1.0, 100.0] {
            let (a, b) = (scale * normal(21, [5, 8]), scale * normal(22, [5, 8]));
            for inputs in [[a.clone(), b], [a.clone(), -&a], [a.clone(), a]] {
                finite_at_extremes(|x| nt_xent(&x[0], &x[1], temperature), &inputs);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn obeys_its_laws(seed in 0u64..1000, pairs in 1usize..6, temperature in 0.05f64..2.0, scale in 0.01f64..100.0) {
        let (a, b) = (normal(seed, [pairs, 3]), normal(seed + 1000, [pairs, 3]));
        let loss = nt_xent(&a, &b, temperature);
        let expected = values(&loss);
        let bound = |sign: f64| ((2 * pairs - 2) as f64 * (sign * 2.0 / temperature).exp()).ln_1p();
        prop_assert!(expected.iter().all(|&l| (bound(-1.0) - 1e-12..=bound(1.0) + 1e-12).contains(&l)));
        assert_close("scaled", &values(&nt_xent(&(scale * &a), &b, temperature)), &expected);
        let halves = |x: &Tensor| Tensor::concatenate([&x.slice(0, pairs..), &x.slice(0, ..pairs)], 0);
        assert_close("exchanged", &values(&halves(&nt_xent(&b, &a, temperature))), &expected);
        let mixed = nt_xent(&reversed(&a), &reversed(&b), temperature);
        assert_close("reversed", &values(&halves(&reversed(&mixed))), &expected);
        // Twice as many rivals, among them those of the symmetric InfoNCE: the mean of both views' losses is never less.
        let both = 0.5 * (loss.slice(0, ..pairs) + loss.slice(0, pairs..)) - info_nce_symmetric(&a, &b, temperature);
        prop_assert!(values(&both).iter().all(|&more| more >= -1e-12));
    }
}

#[test]
fn mistakes_are_named_at_the_callers_line() {
    let (a, b) = (Tensor::zeros([4, 2]), Tensor::zeros([4, 3]));
    let panic = panic_of(|| nt_xent(&a, &b, 0.1));
    assert_eq!(panic.message, "nt_xent: first_views [4, 2] and second_views [4, 3] must have the same shape");
    assert!(panic.file.ends_with("tests/embedding/nt_xent.rs"), "{}", panic.file);
}
