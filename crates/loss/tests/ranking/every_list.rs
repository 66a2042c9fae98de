//! What holds for every loss over lists of scores.

use minimand_loss::*;
use minimand_tensor::{DType, Tensor, grad};

use crate::common::{assert_close_within, finite_at_extremes, normal, panic_of, slope, values};
use crate::{existing, grades, some};

type Loss = fn(&Tensor, &Tensor, Option<&Tensor>) -> Tensor;

const TOP: ApproxOptions = ApproxOptions { temperature: 0.5, top: Some(2) };
const LAMBDA: LambdaOptions = LambdaOptions { sigma: 2.0, top: Some(2) };
const QUANTILE: PairwiseQuantileOptions = PairwiseQuantileOptions { tau: 0.8, squared: true };

fn weighted(s: &Tensor, y: &Tensor, mask: Option<&Tensor>) -> Tensor {
    let lambda = LambdaWeights::LabelDifference.of(s, y, mask, None);
    let options = PairwiseOptions { mask: mask.cloned(), lambda: Some(lambda), weights: Some(y.cast(s.dtype())) };
    pairwise(s, y, options, |ahead, _| (-ahead).softplus())
}

/// In closures: a panic of a function behind a pointer would not name the line.
#[allow(clippy::redundant_closure)]
const LOSSES: &[(&str, Loss)] = &[
    ("pairwise_logistic", |s, y, m| pairwise_logistic(s, y, m)),
    ("pairwise_logistic_sum", |s, y, m| pairwise_logistic_sum(s, y, m)),
    ("pairwise_hinge", |s, y, m| pairwise_hinge(s, y, m)),
    ("pairwise_soft_zero_one", |s, y, m| pairwise_soft_zero_one(s, y, m)),
    ("pairwise_squared_error", |s, y, m| pairwise_squared_error(s, y, m)),
    ("pairwise_quantile", |s, y, m| pairwise_quantile(s, y, m, Default::default())),
    ("pairwise_quantile, squared", |s, y, m| pairwise_quantile(s, y, m, QUANTILE)),
    ("pairwise, weighted", weighted),
    ("lambda_rank", |s, y, m| lambda_rank(s, y, m, Default::default())),
    ("lambda_rank, top", |s, y, m| lambda_rank(s, y, m, LAMBDA)),
    ("ndcg_loss1", |s, y, m| ndcg_loss1(s, y, m, Default::default())),
    ("ndcg_loss1, top", |s, y, m| ndcg_loss1(s, y, m, LAMBDA)),
    ("ndcg_loss2", |s, y, m| ndcg_loss2(s, y, m, Default::default())),
    ("ndcg_loss2, top", |s, y, m| ndcg_loss2(s, y, m, LAMBDA)),
    ("ndcg_loss2_plus_plus", |s, y, m| ndcg_loss2_plus_plus(s, y, m, 10.0, Default::default())),
    ("list_net", |s, y, m| list_net(s, y, m)),
    ("ranking_softmax", |s, y, m| ranking_softmax(s, y, m)),
    ("poly1_softmax", |s, y, m| poly1_softmax(s, y, m, 1.0)),
    ("unique_softmax", |s, y, m| unique_softmax(s, y, m, None)),
    ("list_mle", |s, y, m| list_mle(s, y, m)),
    ("p_list_mle", |s, y, m| p_list_mle(s, y, m)),
    ("approx_ndcg", |s, y, m| approx_ndcg(s, y, m, 1.0)),
    ("bound_ndcg", |s, y, m| bound_ndcg(s, y, m)),
    ("approx_mrr", |s, y, m| approx_mrr(s, y, m, Default::default())),
    ("approx_mrr, top", |s, y, m| approx_mrr(s, y, m, TOP)),
    ("approx_average_precision", |s, y, m| approx_average_precision(s, y, m, Default::default())),
    ("approx_average_precision, top", |s, y, m| approx_average_precision(s, y, m, TOP)),
    ("approx_dcg", |s, y, m| approx_dcg(s, y, m, Default::default())),
    ("approx_dcg, top", |s, y, m| approx_dcg(s, y, m, TOP)),
    ("approx_precision", |s, y, m| approx_precision(s, y, m, 2, 1.0)),
    ("approx_recall", |s, y, m| approx_recall(s, y, m, 2, 1.0)),
    ("approx_ordered_pair_accuracy", |s, y, m| approx_ordered_pair_accuracy(s, y, m, 1.0)),
    ("smooth_ap", |s, y, m| smooth_ap(s, y, m, 0.5)),
    ("neural_ndcg", |s, y, m| neural_ndcg(s, y, m, Default::default())),
    ("gumbel_approx_ndcg", |s, y, m| {
        let noise = Gumbel::noise(s, 1, &mut minimand_tensor::Rng::seed(1)) * 0.0;
        gumbel_approx_ndcg(s, y, m, &noise, Default::default())
    }),
];

/// Value and gradient by the scores.
fn both(loss: Loss, s: &Tensor, y: &Tensor, mask: Option<&Tensor>) -> (Vec<f64>, Vec<f64>) {
    let value = loss(s, y, mask);
    let gradient = grad(&value.sum(), [s]);
    (values(&value), values(&gradient[0]))
}

/// What masked items hold, NaN and infinities included, has no influence: a list with a mask is the list without its masked items.
#[test]
fn trap_20_masked_items_are_as_if_they_were_not_there() {
    let (lists, items) = (6, 5);
    let (exists, mask) = some(3, lists, items);
    let (s, y) = (values(&normal(1, [lists, items])), values(&grades(2, lists, items).cast(DType::F64)));
    let fill = |x: &[f64], junk: f64| {
        let filled = x.iter().zip(&exists).map(|(&x, &exists)| if exists { x } else { junk });
        Tensor::from_vec(filled.collect::<Vec<f64>>(), [lists, items])
    };
    for (name, loss) in LOSSES {
        let alone = (0..lists).map(|list| {
            let range = list * items..(list + 1) * items;
            let here = &exists[range.clone()];
            let (s, y) = (existing(&s[range.clone()], here), existing(&y[range], here));
            if s.is_empty() { (vec![0.0], vec![]) } else { both(*loss, &Tensor::from(s), &Tensor::from(y), None) }
        });
        let (alone, slopes): (Vec<_>, Vec<_>) = alone.unzip();
        for junk in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX] {
            let (value, gradient) = both(*loss, &fill(&s, junk), &fill(&y, junk), Some(&mask));
            assert_close_within(name, &value, &alone.concat(), 1e-12, 1e-14);
            assert_close_within(name, &existing(&gradient, &exists), &slopes.concat(), 1e-11, 1e-14);
            let absent: Vec<bool> = exists.iter().map(|exists| !exists).collect();
            assert!(existing(&gradient, &absent).iter().all(|&x| x == 0.0), "{name}: {gradient:?}");
        }
    }
}

/// Lists without items, of one item, masked wholly, of one grade: nothing is NaN, and what is not there contributes 0.
#[test]
fn trap_13_empty_lists_contribute_nothing() {
    for (name, loss) in LOSSES {
        for dtype in [DType::F32, DType::F64] {
            let s = normal(1, [3, 4]).cast(dtype).detach();
            let y = Tensor::from([[1.0, 0.0, 2.0, 0.0]; 3]).cast(dtype).detach();
            let none = Tensor::from([[false; 4], [true; 4], [false; 4]]);
            let (value, gradient) = both(*loss, &s, &y, Some(&none));
            assert_eq!((value[0], value[2]), (0.0, 0.0), "{name}: masked lists cost");
            assert!(value[1].is_finite() && value[1] != 0.0, "{name}: {value:?}");
            assert!(gradient[..4].iter().chain(&gradient[8..]).all(|&x| x == 0.0), "{name}: {gradient:?}");
            assert!(gradient[4..8].iter().any(|&x| x != 0.0), "{name}: {gradient:?}");
            let empty = Tensor::zeros([2, 0]).cast(dtype).detach();
            assert_eq!(values(&loss(&empty, &empty, None)), [0.0, 0.0], "{name}: lists without items");
            let single = both(*loss, &s.slice(-1, ..1), &y.slice(-1, ..1), None);
            assert!(single.0.iter().all(|x| x.is_finite()), "{name}: lists of one item {:?}", single.0);
            assert!(single.1.iter().all(|&x| x == 0.0), "{name}: lists of one item {:?}", single.1);
            for grade in [0.0, 1.0, 3.0] {
                let same = both(*loss, &s, &(0.0 * &y + grade), None);
                assert!(same.0.iter().chain(&same.1).all(|x| x.is_finite()), "{name}, all {grade}: {same:?}");
            }
            let nothing = both(*loss, &s, &(0.0 * &y), None);
            let always = ["pairwise_squared_error", "list_net", "list_mle", "p_list_mle"];
            if !always.contains(name) {
                assert!(nothing.1.iter().all(|&x| x == 0.0), "{name}: {:?}", nothing.1);
            }
        }
    }
}

/// All scores may grow by one constant, and the items may be given in another order.
#[test]
fn only_gaps_count_and_the_order_of_the_items_does_not() {
    let (s, y) = (normal(5, [4, 6]), normal(6, [4, 6]).abs());
    let order = [3, 0, 5, 1, 4, 2];
    for (name, loss) in LOSSES {
        let (value, gradient) = both(*loss, &s, &y, None);
        assert_close_within(name, &values(&loss(&(&s + 3.5), &y, None)), &value, 1e-12, 1e-13);
        let other = loss(&s.index_select(-1, order), &y.index_select(-1, order), None);
        assert_close_within(name, &values(&other), &value, 1e-12, 1e-13);
        let sums: Vec<f64> = gradient.chunks(6).map(|list| list.iter().sum()).collect();
        assert_close_within(name, &sums, &[0.0; 4], 0.0, 1e-12);
        assert!(gradient.iter().any(|&x| x != 0.0), "{name}: no gradient");
    }
}

#[test]
fn axes_in_front_are_lists() {
    let (s, y) = (normal(5, [2, 3, 4]), grades(6, 6, 4).reshape([2, 3, 4]));
    for (name, loss) in LOSSES {
        let value = loss(&s, &y, None);
        assert_eq!(value.shape().to_vec(), [2, 3], "{name}");
        let flat = loss(&s.reshape([6, 4]), &y.reshape([6, 4]), None);
        assert_close_within(name, &values(&value), &values(&flat), 1e-14, 0.0);
        assert_eq!(loss(&s.cast(DType::F32), &y, None).dtype(), DType::F32, "{name}: integers change the type");
    }
}

#[test]
fn far_apart_and_tied_scores_have_finite_losses() {
    let y = grades(6, 4, 6).cast(DType::F64);
    let far = Tensor::from([[1e4, -1e4, 1e4, -1e4, 0.0, 1e4]; 4]);
    for (name, loss) in LOSSES {
        for s in [far.clone(), 0.0 * &far, -far.clone()] {
            let s = s.computed().detach();
            let call = |x: &[Tensor]| loss(&x[0], &y, None);
            println!("{name}");
            finite_at_extremes(call, &[s]);
        }
    }
}

/// A NaN among the scores is seen in the loss of its list, pairs or not, and in no other; among the relevances where pairs are made by them.
#[test]
fn nan_is_no_tie() {
    let s = Tensor::from([[1.0, f64::NAN, 0.0], [1.0, f64::NAN, 0.0], [1.0, 2.0, 0.0], [1.0, 2.0, 0.0]]);
    let y = Tensor::from([[1.0, 2.0, 0.0], [1.0; 3], [1.0, f64::NAN, 1.0], [1.0, 2.0, 0.0]]);
    for (name, loss) in LOSSES {
        let value = values(&loss(&s, &y, None));
        assert!(value[0].is_nan() && value[1].is_nan() && value[3].is_finite(), "{name}: {value:?}");
        let by_pairs = ["pairwise", "lambda", "ndcg_loss"].iter().any(|start| name.starts_with(start));
        assert!(value[2].is_nan() || !by_pairs, "{name}: {value:?}");
    }
}

#[test]
fn shapes_that_do_not_fit_are_named_at_the_callers_line() {
    let (s, y) = (normal(1, [2, 3]), normal(2, [2, 4]).abs());
    let whole = Tensor::from([[1i64, 0, 1], [1, 1, 1]]);
    for (name, loss) in LOSSES.iter().filter(|(name, _)| !name.contains(',')) {
        let panic = panic_of(|| loss(&s, &y, None));
        let message = format!("{name}: scores [2, 3] and relevance [2, 4] must have the same shape");
        assert!(
            panic.message == message
                || panic
                    .message
                    .ends_with("do not fit: noise must have the samples, at least one, as last axis but one"),
            "{}",
            panic.message
        );
        assert_eq!(panic.file, file!(), "{name}");
        let panic = panic_of(|| loss(&s, &s, Some(&whole)));
        assert_eq!(panic.message, format!("{name}: mask must be bool, not i64"));
    }
}

/// The documented choice at the corners of hinges: the settled side.
#[test]
fn trap_27_a_pair_at_its_margin_is_settled() {
    let (s, y) = (Tensor::from([1.0, 0.0]), Tensor::from([1.0, 0.0]));
    assert_eq!(slope(|s| pairwise_hinge(s, &y, None), &s), [0.0, 0.0]);
    assert_eq!(slope(|s| bound_ndcg(s, &y, None), &s), [0.0, 0.0]);
    assert_eq!(slope(|s| pairwise_quantile(s, &y, None, Default::default()), &s), [0.0, 0.0]);
    let second = Tensor::from([0.0]);
    let first = Tensor::from([1.0]);
    let target = Tensor::from([1.0]);
    assert_eq!(slope(|x| margin_ranking(x, &second, &target, 1.0), &first), [0.0]);
    assert_eq!(slope(|x| wmrb(x, &Tensor::from([[0.0]]), 1.0), &first), [0.0]);
    assert_eq!(slope(|x| slic(x, &second, &second, Default::default()), &first), [0.0]);
}
