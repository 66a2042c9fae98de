use minimand_loss::{Labels, cross_entropy, kl_divergence, list_net, ranking_softmax};
use minimand_tensor::{DType, Tensor};
use proptest::prelude::*;

use crate::common::{
    assert_close, assert_close_within, check_derivatives, check_recorded, finite_at_extremes, normal, panic_of, slope,
    values,
};
use crate::{existing, grades, some};

type Loss = fn(&Tensor, &Tensor, Option<&Tensor>) -> Tensor;
const LOSSES: [(&str, Loss); 2] = [("list_net", list_net), ("ranking_softmax", ranking_softmax)];

/// Shares `e^x / Σ e^x`: the top-one probabilities of Cao et al. 2007.
fn shares(list: &[f64]) -> Vec<f64> {
    let total: f64 = list.iter().map(|x| x.exp()).sum();
    list.iter().map(|x| x.exp() / total).collect()
}

/// Minus the sum of weights times the logarithms of the scores' shares, over the items that exist.
fn one_list(name: &str, scores: &[f64], relevance: &[f64], exists: &[bool]) -> f64 {
    let (scores, relevance) = (existing(scores, exists), existing(relevance, exists));
    let weights = if name == "list_net" { shares(&relevance) } else { relevance };
    -shares(&scores).iter().zip(weights).map(|(share, weight)| weight * share.ln()).sum::<f64>()
}

fn oracle(name: &str, scores: &Tensor, relevance: &Tensor, exists: &[bool]) -> Vec<f64> {
    let (items, scores, relevance) = (scores.shape()[1], values(scores), values(relevance));
    let lists = scores.chunks(items).zip(relevance.chunks(items)).zip(exists.chunks(items));
    lists.map(|((s, y), e)| one_list(name, s, y, e)).collect()
}

#[test]
fn agrees_with_recorded_values() {
    for (name, loss) in LOSSES {
        let cases = check_recorded(name, |case| {
            let mask = case.optional_input("mask").map(|mask| mask.cast(DType::Bool));
            loss(case.input("scores"), case.input("labels"), mask.as_ref())
        });
        assert_eq!(cases, if name == "list_net" { 5 } else { 12 });
    }
}

#[test]
fn agrees_with_its_formula_in_plain_numbers() {
    for (name, loss) in LOSSES {
        for seed in 1..8 {
            for (lists, items, scale) in [(4, 6, 1.0), (1, 9, 30.0), (5, 1, 1.0), (3, 2, 0.1)] {
                let (s, y) = (scale * normal(seed, [lists, items]), grades(seed + 50, lists, items));
                let (exists, mask) = some(seed + 99, lists, items);
                let what = format!("{name}, seed {seed}");
                assert_close(&what, &values(&loss(&s, &y, Some(&mask))), &oracle(name, &s, &y, &exists));
                let all = vec![true; lists * items];
                assert_close(&what, &values(&loss(&s, &y, None)), &oracle(name, &s, &y, &all));
            }
        }
    }
}

#[test]
fn derivatives_of_both_orders_are_right() {
    let s = Tensor::from([[0.3, -1.2, 2.0, 0.3], [5.0, 5.0, -4.0, 0.0], [1.0, 2.0, 3.0, 4.0]]);
    let y = Tensor::from([[2.0, 0.5, 1.0, 1.0], [0.2, 1.0, 1.0, 0.1], [1.0, 1.0, 1.0, 1.0]]);
    let mask = Tensor::from([[true; 4], [true, false, true, true], [true; 4]]);
    for (_, loss) in LOSSES {
        check_derivatives(|x| loss(&x[0], &x[1], Some(&mask)), &[s.clone(), y.clone()]);
        check_derivatives(|x| loss(&x[0], &x[1], None), &[s.clone(), y.clone()]);
    }
}

#[test]
fn the_gradient_is_the_documented_one() {
    let (s, y) = (normal(3, [1, 6]), grades(4, 1, 6).cast(DType::F64));
    let (q, p, weights) = (shares(&values(&s)), shares(&values(&y)), values(&y));
    let value = list_net(&s, &y, None).item();
    let (y, s) = (y.detach(), s.detach());
    let by_scores = |loss: Loss| slope(|s| loss(s, &y, None), &s);
    let by_relevance = |loss: Loss| slope(|y| loss(&s, y, None), &y);
    let per_item = |entry: &dyn Fn(usize) -> f64| (0..6).map(entry).collect::<Vec<f64>>();
    assert_close("list_net", &by_scores(list_net), &per_item(&|j| q[j] - p[j]));
    assert_close("list_net by relevance", &by_relevance(list_net), &per_item(&|j| -p[j] * (q[j].ln() + value)));
    let total: f64 = weights.iter().sum();
    assert!(total > 1.0 && weights.contains(&0.0));
    assert_close("ranking_softmax", &by_scores(ranking_softmax), &per_item(&|j| q[j] * total - weights[j]));
    let expected = per_item(&|j| if weights[j] == 0.0 { 0.0 } else { -q[j].ln() });
    assert_close("ranking_softmax by relevance", &by_relevance(ranking_softmax), &expected);
}

#[test]
fn a_list_of_nothing_costs_nothing_and_pulls_nowhere() {
    let s = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let y = Tensor::from([[1i64, 1, 1], [0, 1, 2]]);
    let nothing = |loss: &dyn Fn(&Tensor) -> Tensor| {
        assert_eq!(values(&loss(&s)), [0.0; 2]);
        assert_eq!(slope(loss, &s), [0.0; 6]);
        let product = loss(&s).sum().hessian_vector_product(&s, &s.ones_like());
        assert_eq!(values(&product), [0.0; 6]);
    };
    for (_, loss) in LOSSES {
        nothing(&|s| loss(s, &y, Some(&Tensor::from([[false; 3]; 2]))));
        // A single item is always the first.
        nothing(&|s| loss(s, &y, Some(&Tensor::from([[false, true, false], [true, false, false]]))));
    }
    nothing(&|s| ranking_softmax(s, &y.zeros_like(), None));
    nothing(&|s| {
        ranking_softmax(s, &Tensor::from([[0i64, 0, 5], [0, 0, 0]]), Some(&Tensor::from([[true, true, false]; 2])))
    });
}

/// Whatever a filled-up place holds, it has no influence: also NaN, whose product with 0 is NaN.
#[test]
fn masked_items_have_no_influence() {
    let mask = Tensor::from([[true, true, false, true]]);
    let (s, y) = (Tensor::from([[0.5, 1.0, -2.0]]), Tensor::from([[2.0, 0.0, 1.0]]));
    for (_, loss) in LOSSES {
        let shorter = |s: &Tensor| loss(s, &y, None);
        let (value, gradient) = (values(&shorter(&s)), slope(shorter, &s));
        for filling in [0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            let s = Tensor::from([[0.5, 1.0, filling, -2.0]]);
            let y = Tensor::from([[2.0, 0.0, filling, 1.0]]);
            let loss = |s: &Tensor| loss(s, &y, Some(&mask));
            assert_close("value", &values(&loss(&s)), &value);
            let [a, b, none, c] = slope(loss, &s)[..] else { panic!("four items") };
            assert_eq!(none, 0.0, "filled with {filling}");
            assert_close("gradient", &[a, b, c], &gradient);
        }
    }
}

#[test]
fn stays_finite_at_extremes() {
    let s = Tensor::from([[1e4, -1e4, 0.0, 1e4], [-1e4, 1e4, 1e4, -1e4], [0.0, 0.0, 0.0, 0.0]]);
    let mask = Tensor::from([[true, true, true, false], [true; 4], [false; 4]]);
    for (_, loss) in LOSSES {
        for y in [Tensor::from([[2.0, 0.0, 1.0, 1.0], [2.0, 0.0, 1.0, 1.0], [1.0, 0.0, 0.0, 2.0]]), 1e4 * &s.abs()] {
            finite_at_extremes(|x| loss(&x[0], &x[1], Some(&mask)), &[s.clone(), y.clone()]);
            finite_at_extremes(|x| loss(&x[0], &x[1], None), &[s.clone(), y]);
        }
    }
    // Far behind, a relevant item costs its gap; far ahead, the others still cost their shares.
    let s = Tensor::from([[0.0f32, 1e4], [60.0, 0.0]]);
    let loss = ranking_softmax(&s, &Tensor::from([[1i64, 0], [0, 1]]), None);
    assert_close_within("far", &values(&loss), &[1e4, 60.0], 1e-6, 0.0);
    assert_close_within("far", &values(&loss.sum().grad(&s)), &[-1.0, 1.0, 1.0, -1.0], 1e-6, 0.0);
    let loss = ranking_softmax(&s, &Tensor::from([[0i64, 1], [1, 0]]), None);
    assert_close_within("settled", &values(&loss.sum().grad(&s))[3..], &[(-60f64).exp()], 1e-6, 0.0);
}

/// An item that the scores rule out adds nothing where it has no relevance, and costs ∞ where it has some.
#[test]
fn excluded_items_cost_nothing_or_infinity() {
    let s = Tensor::from([[0.0, f64::NEG_INFINITY, 0.0]]);
    let loss = |y: [f64; 3]| ranking_softmax(&s, &Tensor::from([y]), None);
    assert_close("without relevance", &values(&loss([1.0, 0.0, 0.0])), &[2f64.ln()]);
    assert_close("slope", &values(&loss([1.0, 0.0, 0.0]).sum().grad(&s)), &[-0.5, 0.0, 0.5]);
    assert_eq!(values(&loss([0.0, 1.0, 0.0])), [f64::INFINITY]);
}

/// The best shares over a sample: for ListNet the mean top-one probabilities, for the softmax loss those of the sums.
#[test]
fn the_minimiser_is_the_documented_one() {
    let y = Tensor::from([[1.0, 0.0, 2.0], [3.0, 0.5, 0.0], [0.0, 0.5, 1.0]]);
    let rows: Vec<Vec<f64>> = values(&y).chunks(3).map(shares).collect();
    let mean: Vec<f64> = (0..3).map(|j| rows.iter().map(|row| row[j]).sum::<f64>() / 3.0).collect();
    for ((_, loss), best) in LOSSES.into_iter().zip([mean, vec![4.0, 1.0, 3.0]]) {
        let total = |s: &Tensor| loss(&s.expand([3, 3]), &y, None).sum();
        let s = Tensor::from(best).ln().detach();
        assert_close("slope", &values(&total(&s).grad(&s)), &[0.0; 3]);
        for direction in [[0.1, 0.0, 0.0], [0.0, -0.1, 0.0], [0.05, 0.0, -0.05]] {
            assert!(total(&(&s + Tensor::from(direction))).item() > total(&s).item());
        }
    }
    // With the relevance itself for scores ListNet is at its least: the entropy.
    let entropy: Vec<f64> = rows.iter().map(|p| -p.iter().map(|p| p * p.ln()).sum::<f64>()).collect();
    assert_close("entropy", &values(&list_net(&y, &y, None)), &entropy);
    let s = y.detach();
    assert_close_within("rest", &slope(|s| list_net(s, &y, None), &s), &[0.0; 9], 0.0, 1e-15);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn obeys_its_laws(seed in 0u64..1000, items in 1usize..8, shift in -50.0f64..50.0, scale in 0.1f64..10.0) {
        let (s, y) = (normal(seed, [3, items]), grades(seed + 1000, 3, items).cast(DType::F64));
        let moved = shift * normal(seed, [3, 1]);
        for (_, loss) in LOSSES {
            let loss = |s: &Tensor, y: &Tensor| loss(s, y, None);
            let expected = values(&loss(&s, &y));
            prop_assert!(expected.iter().all(|&l| l >= 0.0));
            assert_close("shifted", &values(&loss(&(&s + &moved), &y)), &expected);
            assert_close("items reversed", &values(&loss(&s.flip(1), &y.flip(1))), &expected);
            assert_close("lists reversed", &values(&loss(&s.flip(0), &y.flip(0)).flip(0)), &expected);
            let s = s.detach();
            assert_close("pulls", &values(&loss(&s, &y).sum().grad(&s).sum_axis(-1)), &[0.0; 3]);
        }
        let (listwise, softmax) = (list_net(&s, &y, None), ranking_softmax(&s, &y, None));
        assert_close("other origin", &values(&list_net(&s, &(&y + &moved), None)), &values(&listwise));
        assert_close("other unit", &values(&ranking_softmax(&s, &(scale * &y), None)), &values(&(scale * softmax)));
        // One through the other, the divergence, and the classes' cross-entropy.
        let p = y.softmax(-1);
        assert_close("weights", &values(&ranking_softmax(&s, &p, None)), &values(&listwise));
        let entropy = -p.xlogy(&p).sum_axis(-1);
        assert_close("divergence", &values(&(kl_divergence(&s.log_softmax(-1), &p) + entropy)), &values(&listwise));
        let labels = Labels::new([0, items - 1, items / 2], items).unwrap();
        let one_hot = ranking_softmax(&s, &labels.one_hot(), None);
        assert_close("one relevant item", &values(&one_hot), &values(&cross_entropy(&s, &labels)));
    }
}

#[test]
fn the_shape_of_a_batch_is_free() {
    let (s, y) = (normal(1, [2, 3, 5]), grades(2, 6, 5).reshape([2, 3, 5]));
    for (_, loss) in LOSSES {
        let whole = loss(&s, &y, None);
        assert_eq!(*whole.shape(), [2, 3]);
        let one = loss(&s.at(0, 1).at(0, 2), &y.at(0, 1).at(0, 2), None);
        assert_eq!(*one.shape(), []);
        assert_close("one list", &[one.item()], &values(&whole)[5..]);
        assert_eq!(values(&loss(&Tensor::zeros([2, 0]), &Tensor::zeros([2, 0]), None)), [0.0; 2]);
    }
}

#[test]
fn mistakes_are_named_at_the_callers_line() {
    let (s, y, scalar) = (Tensor::zeros([2, 3]), Tensor::zeros([2, 4]), Tensor::from(1.0));
    for (name, loss) in LOSSES {
        let panics = [
            (panic_of(|| loss(&s, &y, None)), "scores [2, 3] and relevance [2, 4] must have the same shape"),
            (
                panic_of(|| loss(&s, &s, Some(&Tensor::from([true, false, true])))),
                "scores [2, 3] and mask [3] must have the same shape",
            ),
            (panic_of(|| loss(&s, &s, Some(&s))), "mask must be bool, not f32"),
            (panic_of(|| loss(&scalar, &scalar, None)), "scores [] must have an axis for the items"),
        ];
        for (panic, message) in panics {
            assert_eq!(panic.message, format!("{name}: {message}"));
        }
    }
    for panic in [panic_of(|| list_net(&s, &y, None)), panic_of(|| ranking_softmax(&s, &y, None))] {
        assert!(panic.file.ends_with("tests/ranking/list_net.rs"), "{}", panic.file);
    }
}
