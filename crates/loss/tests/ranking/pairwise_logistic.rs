use std::f64::consts::LN_2;

use minimand_loss::{pairwise_logistic, pairwise_logistic_sum};
use minimand_tensor::{DType, Tensor};
use proptest::prelude::*;

use crate::common::{
    assert_close, assert_close_within, check_derivatives, check_recorded, finite_at_extremes, normal, panic_of, slope,
    values,
};
use crate::grades;

/// The mean over the pairs of a list, or their sum.
fn pairwise(mean: bool) -> fn(&Tensor, &Tensor, Option<&Tensor>) -> Tensor {
    if mean { pairwise_logistic } else { pairwise_logistic_sum }
}

/// Equation 3 of Burges et al. 2005 with target probability 1, over the pairs of one list: their sum and their number.
fn one_list(scores: &[f64], relevance: &[f64], exists: &[bool]) -> (f64, usize) {
    let (mut sum, mut pairs) = (0.0, 0);
    for i in 0..scores.len() {
        for j in 0..scores.len() {
            if exists[i] && exists[j] && relevance[i] > relevance[j] {
                let o = scores[i] - scores[j];
                sum += if o > 0.0 { (-o).exp().ln_1p() } else { -o + o.exp().ln_1p() };
                pairs += 1;
            }
        }
    }
    (sum, pairs)
}

fn oracle(scores: &Tensor, relevance: &Tensor, exists: &[bool], mean: bool) -> Vec<f64> {
    let (items, scores, relevance) = (scores.shape()[1], values(scores), values(relevance));
    let lists = scores.chunks(items).zip(relevance.chunks(items)).zip(exists.chunks(items));
    lists
        .map(|((s, y), e)| {
            let (sum, pairs) = one_list(s, y, e);
            if mean { sum / pairs.max(1) as f64 } else { sum }
        })
        .collect()
}

#[test]
fn agrees_with_recorded_values() {
    let cases = check_recorded("ranknet", |case| {
        let mask = case.optional_input("mask").map(|mask| mask.cast(DType::Bool));
        pairwise(case.text("reduction") == "mean")(case.input("scores"), case.input("labels"), mask.as_ref())
    });
    assert_eq!(cases, 12);
}

#[test]
fn agrees_with_its_formula_in_plain_numbers() {
    for seed in 1..8 {
        for (lists, items, scale) in [(4, 6, 1.0), (1, 9, 30.0), (5, 1, 1.0), (3, 2, 0.1)] {
            let (s, y) = (scale * normal(seed, [lists, items]), grades(seed + 50, lists, items));
            let exists: Vec<bool> = values(&normal(seed + 99, [lists, items])).iter().map(|&x| x < 0.7).collect();
            let mask = Tensor::from_vec(exists.clone(), s.shape());
            for mean in [true, false] {
                let loss = pairwise(mean)(&s, &y, Some(&mask));
                assert_close("masked", &values(&loss), &oracle(&s, &y, &exists, mean));
                let loss = pairwise(mean)(&s, &y, None);
                assert_close("all", &values(&loss), &oracle(&s, &y, &vec![true; lists * items], mean));
            }
        }
    }
}

#[test]
fn derivatives_of_both_orders_are_right() {
    let s = Tensor::from([[0.3, -1.2, 2.0, 0.3], [5.0, 5.0, -4.0, 0.0], [1.0, 2.0, 3.0, 4.0]]);
    let y = Tensor::from([[2.0, 0.0, 1.0, 1.0], [0.0, 1.0, 1.0, 0.0], [1.0, 1.0, 1.0, 1.0]]);
    let mask = Tensor::from([[true; 4], [true, false, true, true], [true; 4]]);
    for mean in [true, false] {
        check_derivatives(|x| pairwise(mean)(&x[0], &y, Some(&mask)), std::slice::from_ref(&s));
    }
}

#[test]
fn the_gradient_is_the_documented_one() {
    let (s, y) = (normal(3, [1, 6]), grades(4, 1, 6));
    let (scores, relevance) = (values(&s), values(&y));
    let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
    let mut expected = vec![0.0; 6];
    for i in 0..6 {
        for j in 0..6 {
            if relevance[i] > relevance[j] {
                expected[i] -= logistic(scores[j] - scores[i]);
                expected[j] += logistic(scores[j] - scores[i]);
            }
        }
    }
    assert!(expected.iter().any(|g| g.abs() > 0.1));
    assert_close("gradient", &slope(|s| pairwise_logistic_sum(s, &y, None), &s), &expected);
}

#[test]
fn a_list_without_pairs_costs_nothing_and_pulls_nowhere() {
    let s = Tensor::from([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let y = Tensor::from([[1i64, 1, 1], [0, 1, 2], [0, 1, 2]]);
    let mask = Tensor::from([[true, true, true], [false, true, false], [false, false, false]]);
    for mean in [true, false] {
        let loss = |s: &Tensor| pairwise(mean)(s, &y, Some(&mask));
        assert_eq!(values(&loss(&s)), [0.0; 3]);
        assert_eq!(slope(loss, &s), [0.0; 9]);
        let product = loss(&s).sum().hessian_vector_product(&s, &s.ones_like());
        assert_eq!(values(&product), [0.0; 9]);
    }
    let one = Tensor::from([[7.0]]);
    assert_eq!(values(&pairwise_logistic(&one, &Tensor::from([[1.0]]), None)), [0.0]);
}

/// Whatever a filled-up place holds, it has no influence: also NaN, whose product with 0 is NaN.
#[test]
fn masked_items_have_no_influence() {
    let y = Tensor::from([[2i64, 0, 5, 1]]);
    let mask = Tensor::from([[true, true, false, true]]);
    let clean = Tensor::from([[0.5, 1.0, 0.0, -2.0]]);
    let loss = |s: &Tensor| pairwise_logistic(s, &y, Some(&mask));
    let (value, gradient) = (values(&loss(&clean)), slope(loss, &clean));
    assert_eq!(gradient[2], 0.0);
    for filling in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
        let s = Tensor::from([[0.5, 1.0, filling, -2.0]]);
        assert_eq!(values(&loss(&s)), value, "filled with {filling}");
        assert_eq!(slope(loss, &s), gradient, "filled with {filling}");
    }
    // The same as the list without the place.
    let (s, y) = (Tensor::from([[0.5, 1.0, -2.0]]), Tensor::from([[2i64, 0, 1]]));
    assert_close("shorter", &values(&pairwise_logistic(&s, &y, None)), &value);
}

#[test]
fn stays_finite_at_extremes() {
    let s = Tensor::from([[1e4, -1e4, 0.0, 1e4], [-1e4, 1e4, 1e4, -1e4], [0.0, 0.0, 0.0, 0.0]]);
    let mask = Tensor::from([[true, true, true, false], [true; 4], [false; 4]]);
    for y in [Tensor::from([[2i64, 0, 1, 1], [2, 0, 1, 1], [1, 0, 0, 2]]), Tensor::zeros([3, 4])] {
        for mean in [true, false] {
            finite_at_extremes(|x| pairwise(mean)(&x[0], &y, Some(&mask)), std::slice::from_ref(&s));
        }
    }
    // Far on the wrong side the loss is the difference itself, far on the right side it goes to 0 without getting there.
    let s = Tensor::from([[0.0f32, 1e4], [60.0, 0.0]]);
    let loss = pairwise_logistic(&s, &Tensor::from([[1i64, 0], [1, 0]]), None);
    assert_close_within("far", &values(&loss), &[1e4, (-60f64).exp()], 1e-6, 0.0);
    let gradient = values(&loss.sum().grad(&s));
    assert_close_within("far", &gradient, &[-1.0, 1.0, -(-60f64).exp(), (-60f64).exp()], 1e-6, 0.0);
}

/// Three of four judges prefer the first: the minimiser of their mean loss is the log-odds, ln 3.
#[test]
fn the_minimiser_is_the_log_odds_of_preference() {
    let judges = Tensor::from([[1i64, 0], [1, 0], [0, 1], [1, 0]]);
    let mean = |d: &Tensor| {
        let scores = Tensor::stack([d, &d.zeros_like()], -1).expand([4, 2]);
        pairwise_logistic(&scores, &judges, None).mean()
    };
    let slope = |d: f64| {
        let d = Tensor::from(d);
        mean(&d).grad(&d).item()
    };
    let best = 3f64.ln();
    assert_close("slope", &[slope(best)], &[0.0]);
    assert!(slope(best - 0.1) < -0.01 && slope(best + 0.1) > 0.01);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn obeys_its_laws(seed in 0u64..1000, items in 1usize..8, mean: bool, shift in -50.0f64..50.0) {
        let (s, y) = (normal(seed, [3, items]), grades(seed + 1000, 3, items));
        let loss = |s: &Tensor, y: &Tensor| values(&pairwise(mean)(s, y, None));
        let expected = loss(&s, &y);
        prop_assert!(expected.iter().all(|&l| l >= 0.0));
        // In units of ln 2 it bounds how many pairs are in the wrong order.
        let wrong = y.unsqueeze(-1).gt(y.unsqueeze(-2)) & s.unsqueeze(-1).le(s.unsqueeze(-2));
        let sums = values(&pairwise_logistic_sum(&s, &y, None));
        prop_assert!(values(&wrong.sum_axis([-2, -1])).iter().zip(sums).all(|(&wrong, sum)| sum >= LN_2 * wrong));
        // Only differences of scores and the order of the grades matter, not the order of the items.
        assert_close("shifted", &loss(&(&s + shift * normal(seed, [3, 1])), &y), &expected);
        assert_close("other grades", &loss(&s, &(3 * &y * &y - 7)), &expected);
        assert_close("items reversed", &loss(&s.flip(1), &y.flip(1)), &expected);
        assert_close("lists reversed", &loss(&s.flip(0), &y.flip(0)), &expected.iter().copied().rev().collect::<Vec<_>>());
        // The pulls within a list cancel.
        let s = s.detach();
        let pulls = pairwise(mean)(&s, &y, None).sum().grad(&s).sum_axis(-1);
        assert_close("pulls", &values(&pulls), &[0.0; 3]);
        // Equal scores cost ln 2 a pair; a wide gap in the right order costs nothing.
        let pairs: Vec<f64> = values(&y.unsqueeze(-1).gt(y.unsqueeze(-2)).sum_axis([-2, -1]));
        let per_pair: Vec<f64> = pairs.iter().map(|&n| if mean { LN_2 * n.min(1.0) } else { LN_2 * n }).collect();
        assert_close("equal", &loss(&s.zeros_like(), &y), &per_pair);
        prop_assert!(loss(&(1e4 * &y.cast(DType::F64)), &y).iter().all(|&l| l == 0.0));
    }
}

#[test]
fn the_shape_of_a_batch_is_free() {
    let (s, y) = (normal(1, [2, 3, 5]), grades(2, 6, 5).reshape([2, 3, 5]));
    let loss = pairwise_logistic(&s, &y, None);
    assert_eq!(*loss.shape(), [2, 3]);
    let one = pairwise_logistic(&s.at(0, 1).at(0, 2), &y.at(0, 1).at(0, 2), None);
    assert_eq!(*one.shape(), []);
    assert_eq!(one.item(), values(&loss)[5]);
}

#[test]
fn mistakes_are_named_at_the_callers_line() {
    let (s, y) = (Tensor::zeros([2, 3]), Tensor::zeros([2, 4]));
    let panics = [
        (
            panic_of(|| pairwise_logistic(&s, &y, None)),
            "pairwise_logistic: scores [2, 3] and relevance [2, 4] must have the same shape",
        ),
        (
            panic_of(|| pairwise_logistic_sum(&s, &y, None)),
            "pairwise_logistic_sum: scores [2, 3] and relevance [2, 4] must have the same shape",
        ),
        (
            panic_of(|| pairwise_logistic(&s, &s, Some(&Tensor::from([true, false, true])))),
            "pairwise_logistic: scores [2, 3] and mask [3] must have the same shape",
        ),
        (
            panic_of(|| pairwise_logistic(&s, &s, Some(&Tensor::zeros([2, 3])))),
            "pairwise_logistic: mask must be bool, not f32",
        ),
        (
            panic_of(|| {
                let scalar = Tensor::from(1.0);
                pairwise_logistic(&scalar, &scalar, None)
            }),
            "pairwise_logistic: scores [] must have an axis for the items",
        ),
    ];
    for (panic, message) in panics {
        assert_eq!(panic.message, message);
        assert!(panic.file.ends_with("tests/ranking/pairwise_logistic.rs"), "{}", panic.file);
    }
}
