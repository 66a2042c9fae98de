use minimand_loss::approx_ndcg;
use minimand_tensor::{DType, Tensor};
use proptest::prelude::*;

use crate::common::{
    assert_close, assert_close_within, check_derivatives, check_recorded, finite_at_extremes, normal, panic_of, slope,
    values,
};
use crate::{existing, grades, some};

/// Discounted cumulative gain with ranks from 1.
fn dcg(relevance: &[f64], ranks: &[f64]) -> f64 {
    relevance.iter().zip(ranks).map(|(y, rank)| (2f64.powf(*y) - 1.0) / (1.0 + rank).log2()).sum()
}

fn smooth_ranks(scores: &[f64], temperature: f64) -> Vec<f64> {
    let step = |i: usize, j: usize| 1.0 / (1.0 + ((scores[i] - scores[j]) / temperature).exp());
    let items = 0..scores.len();
    items.clone().map(|i| 1.0 + items.clone().filter(|&j| j != i).map(|j| step(i, j)).sum::<f64>()).collect()
}

/// Minus the DCG of Qin, Liu and Li 2010 over the best one, which has the items in the order of their relevance.
fn one_list(scores: &[f64], relevance: &[f64], temperature: f64) -> f64 {
    let mut sorted = relevance.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let places: Vec<f64> = (1..=sorted.len()).map(|place| place as f64).collect();
    let best = dcg(&sorted, &places);
    if best == 0.0 { 0.0 } else { -dcg(relevance, &smooth_ranks(scores, temperature)) / best }
}

fn oracle(scores: &Tensor, relevance: &Tensor, exists: &[bool], temperature: f64) -> Vec<f64> {
    let (items, scores, relevance) = (scores.shape()[1], values(scores), values(relevance));
    let lists = scores.chunks(items).zip(relevance.chunks(items)).zip(exists.chunks(items));
    lists.map(|((s, y), e)| one_list(&existing(s, e), &existing(y, e), temperature)).collect()
}

#[test]
fn agrees_with_recorded_values() {
    let cases = check_recorded("approx_ndcg", |case| {
        let mask = case.optional_input("mask").map(|mask| mask.cast(DType::Bool));
        approx_ndcg(case.input("scores"), case.input("labels"), mask.as_ref(), case.number("temperature"))
    });
    assert_eq!(cases, 12);
}

#[test]
fn agrees_with_its_formula_in_plain_numbers() {
    for seed in 1..8 {
        for (lists, items, scale) in [(4, 6, 1.0), (1, 9, 30.0), (5, 1, 1.0), (3, 2, 0.1)] {
            let (s, y) = (scale * normal(seed, [lists, items]), grades(seed + 50, lists, items));
            let (exists, mask) = some(seed + 99, lists, items);
            for temperature in [1.0, 0.1, 3.0] {
                let loss = approx_ndcg(&s, &y, Some(&mask), temperature);
                assert_close("masked", &values(&loss), &oracle(&s, &y, &exists, temperature));
                let loss = approx_ndcg(&s, &y, None, temperature);
                assert_close("all", &values(&loss), &oracle(&s, &y, &vec![true; lists * items], temperature));
            }
        }
    }
}

#[test]
fn derivatives_of_both_orders_are_right() {
    let s = Tensor::from([[0.3, -1.2, 2.0, 0.3], [1.0, 1.0, -0.4, 0.0], [1.0, 2.0, 3.0, 4.0]]);
    let y = Tensor::from([[2.0, 0.0, 1.0, 1.0], [0.0, 1.0, 1.0, 0.0], [1.0, 1.0, 1.0, 1.0]]);
    let mask = Tensor::from([[true; 4], [true, false, true, true], [true; 4]]);
    for temperature in [1.0, 0.5] {
        check_derivatives(|x| approx_ndcg(&x[0], &y, Some(&mask), temperature), std::slice::from_ref(&s));
        check_derivatives(|x| approx_ndcg(&x[0], &y, None, temperature), std::slice::from_ref(&s));
    }
}

#[test]
fn the_gradient_is_the_documented_one() {
    for temperature in [1.0, 0.3] {
        let (s, y) = (normal(3, [1, 6]), grades(4, 1, 6));
        let (scores, relevance) = (values(&s), values(&y));
        let mut sorted = relevance.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let best: f64 = sorted.iter().zip(2..).map(|(y, place)| (2f64.powf(*y) - 1.0) / f64::from(place).ln()).sum();
        let ranks = smooth_ranks(&scores, temperature);
        let weight = |i: usize| {
            let next = 1.0 + ranks[i];
            (2f64.powf(relevance[i]) - 1.0) / (best * next * next.ln().powi(2))
        };
        let slope_of_step = |d: f64| {
            let step = 1.0 / (1.0 + (-d / temperature).exp());
            step * (1.0 - step) / temperature
        };
        let others = |i: usize| (0..6).filter(move |&j| j != i);
        let pull = |i: usize| others(i).map(|j| slope_of_step(scores[j] - scores[i]) * (weight(j) - weight(i))).sum();
        let expected: Vec<f64> = (0..6).map(pull).collect();
        assert!(expected.iter().any(|g| g.abs() > 0.01));
        assert_close("gradient", &slope(|s| approx_ndcg(s, &y, None, temperature), &s), &expected);
    }
}

#[test]
fn a_list_without_relevance_costs_nothing_and_pulls_nowhere() {
    let s = Tensor::from([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let y = Tensor::from([[0i64, 0, 0], [0, 0, 2], [0, 1, 2]]);
    let mask = Tensor::from([[true, true, true], [true, true, false], [false, false, false]]);
    let loss = |s: &Tensor| approx_ndcg(s, &y, Some(&mask), 1.0);
    assert_eq!(loss(&s).to_string(), "[0, 0, 0]", "and not -0");
    assert_eq!(slope(loss, &s), [0.0; 9]);
    let product = loss(&s).sum().hessian_vector_product(&s, &s.ones_like());
    assert_eq!(values(&product), [0.0; 9]);
    assert_eq!(values(&approx_ndcg(&Tensor::zeros([2, 0]), &Tensor::zeros([2, 0]), None, 1.0)), [0.0; 2]);
    // A single item is always in its best place.
    let one = Tensor::from([[7.0]]);
    let loss = |s: &Tensor| approx_ndcg(s, &Tensor::from([[1.0]]), None, 1.0);
    assert_eq!((values(&loss(&one)), slope(loss, &one)), (vec![-1.0], vec![0.0]));
}

/// Whatever a filled-up place holds, it has no influence: also NaN, whose product with 0 is NaN.
#[test]
fn masked_items_have_no_influence() {
    let mask = Tensor::from([[true, true, false, true]]);
    let (s, y) = (Tensor::from([[0.5, 1.0, -2.0]]), Tensor::from([[2.0, 0.0, 1.0]]));
    let shorter = |s: &Tensor| approx_ndcg(s, &y, None, 1.0);
    let (value, gradient) = (values(&shorter(&s)), slope(shorter, &s));
    for filling in [0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
        let s = Tensor::from([[0.5, 1.0, filling, -2.0]]);
        let y = Tensor::from([[2.0, 0.0, filling, 1.0]]);
        let loss = |s: &Tensor| approx_ndcg(s, &y, Some(&mask), 1.0);
        assert_close("value", &values(&loss(&s)), &value);
        let [a, b, none, c] = slope(loss, &s)[..] else { panic!("four items") };
        assert_eq!(none, 0.0, "filled with {filling}");
        assert_close("gradient", &[a, b, c], &gradient);
    }
}

#[test]
fn stays_finite_at_extremes() {
    let s = Tensor::from([[1e4, -1e4, 0.0, 1e4], [-1e4, 1e4, 1e4, -1e4], [0.0, 0.0, 0.0, 0.0]]);
    let mask = Tensor::from([[true, true, true, false], [true; 4], [false; 4]]);
    for y in [Tensor::from([[2i64, 0, 1, 1], [2, 0, 1, 1], [1, 0, 0, 100]]), Tensor::zeros([3, 4])] {
        for temperature in [1e-3, 1.0, 1e3] {
            finite_at_extremes(|x| approx_ndcg(&x[0], &y, Some(&mask), temperature), std::slice::from_ref(&s));
            finite_at_extremes(|x| approx_ndcg(&x[0], &y, None, temperature), std::slice::from_ref(&s));
        }
    }
    // Settled for certain: NDCG itself, in its best and its worst order.
    let s = Tensor::from([[1e4f32, 0.0, -1e4], [-1e4, 0.0, 1e4]]);
    let loss = approx_ndcg(&s, &Tensor::from([[2i64, 1, 0], [2, 1, 0]]), None, 1.0);
    let worst = (1.0 / 3f64.log2() + 3.0 / 2.0) / (3.0 + 1.0 / 3f64.log2());
    assert_close_within("settled", &values(&loss), &[-1.0, -worst], 1e-6, 0.0);
    // A nearly settled order keeps its small slope in f32: the item's own step must not drown it.
    let gradient = |dtype: DType| {
        let s = Tensor::from([[30.0, 0.0]]).cast(dtype).detach();
        values(&approx_ndcg(&s, &Tensor::from([[0i64, 1]]), None, 1.0).sum().grad(&s))
    };
    assert_close_within("small", &gradient(DType::F32), &gradient(DType::F64), 1e-5, 0.0);
    assert!(gradient(DType::F64)[0] > 1e-14);
}

/// As the temperature falls the loss becomes minus NDCG.
#[test]
fn tends_to_ndcg() {
    let (s, y) = (normal(5, [20, 7]), grades(6, 20, 7));
    let hard = |s: &[f64], y: &[f64]| {
        let rank = |i: usize| 1.0 + s.iter().filter(|&&other| other > s[i]).count() as f64;
        let ranks: Vec<f64> = (0..7).map(rank).collect();
        let mut sorted = y.to_vec();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let best = dcg(&sorted, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        if best == 0.0 { 0.0 } else { -dcg(y, &ranks) / best }
    };
    let expected: Vec<f64> = values(&s).chunks(7).zip(values(&y).chunks(7)).map(|(s, y)| hard(s, y)).collect();
    assert_close_within("cold", &values(&approx_ndcg(&s, &y, None, 1e-9)), &expected, 1e-9, 0.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn obeys_its_laws(
        seed in 0u64..1000,
        items in 1usize..8,
        temperature in 0.05f64..3.0,
        shift in -50.0f64..50.0,
        scale in 0.1f64..10.0,
    ) {
        let (s, y) = (normal(seed, [3, items]), grades(seed + 1000, 3, items));
        let loss = |s: &Tensor, y: &Tensor| values(&approx_ndcg(s, y, None, temperature));
        let expected = loss(&s, &y);
        prop_assert!(expected.iter().all(|&l| (-1.0 - 1e-12..=0.0).contains(&l)));
        let moved = &s + shift * normal(seed, [3, 1]);
        assert_close("shifted", &loss(&moved, &y), &expected);
        let scaled = approx_ndcg(&(scale * &s), &y, None, scale * temperature);
        assert_close("scaled", &values(&scaled), &expected);
        assert_close("items reversed", &loss(&s.flip(1), &y.flip(1)), &expected);
        let flipped = approx_ndcg(&s.flip(0), &y.flip(0), None, temperature).flip(0);
        assert_close("lists reversed", &values(&flipped), &expected);
        // The pulls within a list cancel, and -1 is reached in the right and certain order.
        let s = s.detach();
        let pulls = approx_ndcg(&s, &y, None, temperature).sum().grad(&s).sum_axis(-1);
        assert_close("pulls", &values(&pulls), &[0.0; 3]);
        let order = y.cast(DType::F64) + 0.01 * &s;
        let relevant: Vec<f64> = values(&y).chunks(items).map(|y| y.iter().fold(0.0, |a, b| b.max(a))).collect();
        let best: Vec<f64> = relevant.iter().map(|&most| if most > 0.0 { -1.0 } else { 0.0 }).collect();
        assert_close_within("best", &values(&approx_ndcg(&(1e9 * order), &y, None, temperature)), &best, 1e-6, 0.0);
    }
}

#[test]
fn the_shape_of_a_batch_is_free() {
    let (s, y) = (normal(1, [2, 3, 5]), grades(2, 6, 5).reshape([2, 3, 5]));
    let loss = approx_ndcg(&s, &y, None, 1.0);
    assert_eq!(*loss.shape(), [2, 3]);
    let one = approx_ndcg(&s.at(0, 1).at(0, 2), &y.at(0, 1).at(0, 2), None, 1.0);
    assert_eq!(*one.shape(), []);
    assert_close("one list", &[one.item()], &values(&loss)[5..]);
}

#[test]
fn mistakes_are_named_at_the_callers_line() {
    let (s, y, scalar) = (Tensor::zeros([2, 3]), Tensor::zeros([2, 4]), Tensor::from(1.0));
    let panics = [
        (panic_of(|| approx_ndcg(&s, &y, None, 1.0)), "scores [2, 3] and relevance [2, 4] must have the same shape"),
        (
            panic_of(|| approx_ndcg(&s, &s, Some(&Tensor::from([true, false, true])), 1.0)),
            "scores [2, 3] and mask [3] must have the same shape",
        ),
        (panic_of(|| approx_ndcg(&s, &s, Some(&s), 1.0)), "mask must be bool, not f32"),
        (panic_of(|| approx_ndcg(&scalar, &scalar, None, 1.0)), "scores [] must have an axis for the items"),
        (panic_of(|| approx_ndcg(&s, &s, None, 0.0)), "temperature is 0 and must be greater than 0"),
        (panic_of(|| approx_ndcg(&s, &s, None, f64::NAN)), "temperature is NaN and must be greater than 0"),
    ];
    for (panic, message) in panics {
        assert_eq!(panic.message, format!("approx_ndcg: {message}"));
        assert!(panic.file.ends_with("tests/ranking/approx_ndcg.rs"), "{}", panic.file);
    }
}
