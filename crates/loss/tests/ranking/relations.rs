//! How losses of lists are related to each other and to the metrics that they approach.

use std::f64::consts::LN_2;

use minimand_loss::catalog::{Arguments, find};
use minimand_loss::*;
use minimand_tensor::{Rng, Tensor};

use crate::common::{assert_close, assert_close_within, check_derivatives, normal, panic_of, slope, values};
use crate::grades;

/// The positions of a list by falling score.
fn order(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&i, &j| scores[j].total_cmp(&scores[i]));
    order
}

/// All orders of the first items.
fn permutations(items: usize) -> Vec<Vec<f64>> {
    if items == 0 {
        return vec![vec![]];
    }
    let shorter = permutations(items - 1);
    let last = items as f64 - 1.0;
    shorter
        .iter()
        .flat_map(|order| {
            (0..items).map(|place| {
                let mut order = order.clone();
                order.insert(place, last);
                order
            })
        })
        .collect()
}

/// Reciprocal rank, average precision, DCG, precision and recall at 2, by their definitions.
fn metrics(scores: &[f64], relevance: &[f64]) -> [f64; 5] {
    let ranked: Vec<f64> = order(scores).iter().map(|&item| relevance[item]).collect();
    let relevant: Vec<bool> = ranked.iter().map(|&y| y >= 1.0).collect();
    let total = relevant.iter().filter(|&&hit| hit).count() as f64;
    let reciprocal = relevant.iter().position(|&hit| hit).map_or(0.0, |place| 1.0 / (place as f64 + 1.0));
    let mut hits = 0.0;
    let mut precision = 0.0;
    for (place, _) in relevant.iter().enumerate().filter(|(_, hit)| **hit) {
        hits += 1.0;
        precision += hits / (place as f64 + 1.0);
    }
    let dcg = ranked.iter().enumerate().map(|(place, y)| (y.exp2() - 1.0) / (place as f64 + 2.0).log2()).sum();
    let first = relevant[..2].iter().filter(|&&hit| hit).count() as f64;
    [reciprocal, precision / total.max(1.0), dcg, first / 2.0, first / total.max(1.0)]
}

#[test]
fn smooth_metrics_tend_to_the_metrics() {
    for seed in 0..20 {
        // Gaps of at least 1: at a temperature of 0.01 nothing is smooth.
        let scores: Vec<f64> = Rng::seed(seed).permutation(6).into_iter().map(|place| place as f64).collect();
        let (s, y) = (Tensor::from(scores.clone()), grades(seed, 1, 6).reshape([6]));
        let options = ApproxOptions { temperature: 0.01, top: None };
        let found = [
            approx_mrr(&s, &y, None, options),
            approx_average_precision(&s, &y, None, options),
            approx_dcg(&s, &y, None, options),
            approx_precision(&s, &y, None, 2, 0.01),
            approx_recall(&s, &y, None, 2, 0.01),
        ];
        let relevance = values(&y);
        let expected = metrics(&scores, &relevance);
        assert_close("metrics", &found.map(|loss| -loss.item()), &expected);
        assert_close(
            "smooth_ap",
            &[1.0 - smooth_ap(&s, &y, None, 0.01).item()],
            &[if relevance.iter().any(|&y| y >= 1.0) { expected[1] } else { 1.0 }],
        );
        let wrong = pairwise_soft_zero_one(&s, &y, None).item();
        assert_close(
            "pairs",
            &[approx_ordered_pair_accuracy(&s, &y, None, 1.0).item()],
            &[if relevance.iter().any(|&x| x != relevance[0]) { wrong - 1.0 } else { 0.0 }],
        );
    }
}

/// The probabilities of all orders sum to 1, and `p_list_mle` weighs their places.
#[test]
fn list_mle_is_the_likelihood_of_an_order() {
    let s = 2.0 * normal(3, [4]);
    let all = permutations(4);
    assert_eq!(all.len(), 24);
    let total: f64 = all.iter().map(|y| (-list_mle(&s, &Tensor::from(y.clone()), None).item()).exp()).sum();
    assert_close("total", &[total], &[1.0]);
    let (scores, y) = (values(&s), [0.0, 3.0, 1.0, 2.0]);
    let ranked = order(&y);
    let place =
        |from: usize| ranked[from..].iter().map(|&item| scores[item].exp()).sum::<f64>().ln() - scores[ranked[from]];
    let weighted: f64 = (0..4).map(|from| (2f64.powi(3 - from as i32) - 1.0) * place(from)).sum();
    assert_close("p_list_mle", &[7.0 * p_list_mle(&s, &Tensor::from(y), None).item()], &[weighted]);
    // Equal scores: every order is as likely.
    let even = list_mle(&Tensor::zeros([50]), &normal(1, [50]), None).item();
    assert_close_within("even", &[even], &[(1..=50).map(|n| f64::from(n).ln()).sum()], 1e-6, 0.0);
}

/// Small items after a large one are not forgotten, as a running sum under one shift forgets them.
#[test]
fn list_mle_keeps_what_is_left_after_a_large_score() {
    let s = Tensor::from([1000.0, 0.0, 1.0]);
    let loss = |s: &Tensor| list_mle(s, &Tensor::from([2.0, 1.0, 0.0]), None);
    assert_close("value", &[loss(&s).item()], &[1f64.exp().ln_1p()]);
    let share = 1.0 / (1.0 + 1f64.exp());
    assert_close("gradient", &slope(loss, &s), &[0.0, share - 1.0, 1.0 - share]);
    check_derivatives(|x| list_mle(&x[0], &grades(4, 3, 7), None), &[normal(3, [3, 7])]);
}

#[test]
fn two_items_are_a_pair() {
    let (positive, negative) = (normal(1, [9]), normal(2, [9]));
    let s = Tensor::stack([&positive, &negative], -1);
    let y = Tensor::from([[1.0, 0.0]]).expand([9, 2]);
    let expected = values(&bpr(&positive, &negative));
    let list: [(&str, Tensor); 6] = [
        ("pairwise_logistic", pairwise_logistic(&s, &y, None)),
        ("ranking_softmax", ranking_softmax(&s, &y, None)),
        ("list_mle", list_mle(&s, &y, None)),
        ("unique_softmax", unique_softmax(&s, &y, None, None)),
        ("bpr_max", bpr_max(&positive, &negative.unsqueeze(-1), 0.0)),
        ("bradley_terry", bradley_terry(&positive, &negative, None)),
    ];
    for (name, loss) in list {
        assert_close(name, &values(&loss), &expected);
    }
    let hinge = values(&pairwise_hinge(&s, &y, None));
    assert_close("margin_ranking", &values(&margin_ranking(&positive, &negative, &positive.ones_like(), 1.0)), &hinge);
    let logarithms: Vec<f64> = hinge.iter().map(|hinge| hinge.ln_1p()).collect();
    assert_close("wmrb", &values(&wmrb(&positive, &negative.unsqueeze(-1), 1.0)), &logarithms);
    let half = 0.5 * pairwise_squared_error(&s, &y, None); // n counts both directions and the items by themselves
    let quantile = PairwiseQuantileOptions { tau: 0.5, squared: true };
    assert_close("squared", &values(&(2.0 * half)), &values(&pairwise_quantile(&s, &y, None, quantile)));
}

#[test]
fn the_parts_of_the_lambda_framework_fit_together() {
    let (s, y) = (normal(7, [5, 8]), grades(8, 5, 8));
    let options = LambdaOptions { sigma: 1.5, top: Some(3) };
    let mixed = ndcg_loss2_plus_plus(&s, &y, None, 4.0, options);
    let parts = 4.0 * ndcg_loss2(&s, &y, None, options) + lambda_rank(&s, &y, None, options);
    assert_close("mixed", &values(&mixed), &values(&parts));
    // With fixed weights the generator gives the same, times items over pairs.
    let lambda = LambdaWeights::Dcg { top: Some(3), normalized: true }.of(&s, &y, None, None);
    let generated = pairwise(&s, &y, PairwiseOptions { lambda: Some(lambda), ..Default::default() }, |ahead, _| {
        (-1.5 * ahead).softplus()
    });
    let pairs = (values(&pairwise_logistic_sum(&s, &y, None)), values(&pairwise_logistic(&s, &y, None)));
    let scaled: Vec<f64> = values(&lambda_rank(&s, &y, None, options))
        .iter()
        .zip(pairs.0.iter().zip(&pairs.1))
        .map(|(loss, (sum, mean))| if *sum > 0.0 { loss * 8.0 * mean / sum } else { 0.0 })
        .collect();
    assert_close("generated", &values(&generated), &scaled);
    let panic = panic_of(|| lambda_rank(&s, &y, None, LambdaOptions { sigma: 0.0, top: None }));
    assert_eq!((&*panic.message, &*panic.file), ("lambda_rank: sigma is 0 and must be greater than 0", file!()));
}

/// NDCG-Loss1 is what it is in plain numbers, `top` included.
#[test]
fn ndcg_loss1_in_plain_numbers() {
    let (s, y) = ([0.3, -1.0, 2.0, 0.5], [1.0, 0.0, 1.0, 3.0]);
    for top in [None, Some(1), Some(2), Some(4)] {
        let discount = |rank: usize| if top.is_some_and(|top| rank > top) { 0.0 } else { 1.0 / (rank as f64).ln_1p() };
        let rank = |of: &[f64; 4], i: usize| 1 + order(of).iter().position(|&item| item == i).unwrap();
        let gain = |y: f64| y.exp2() - 1.0;
        let best: f64 = (0..4).map(|i| gain(y[i]) * discount(rank(&y, i))).sum();
        let mut expected = 0.0;
        for i in 0..4 {
            for j in (0..4).filter(|&j| j != i) {
                expected += gain(y[i]) * discount(rank(&s, i)) / best * (-(s[i] - s[j])).exp().ln_1p();
            }
        }
        let options = LambdaOptions { sigma: 1.0, top };
        assert_close("loss", &[ndcg_loss1(&Tensor::from(s), &Tensor::from(y), None, options).item()], &[expected]);
    }
}

/// Without a slope at its own rank, as documented: the derivative with the cut held fixed.
#[test]
fn the_cut_of_a_metric_is_held_fixed() {
    let (s, y) = (normal(9, [1, 6]), Tensor::from([[1.0, 0.0, 1.0, 0.0, 0.0, 1.0]]));
    let smooth = |s: &Tensor| {
        let behind = (s.unsqueeze(-2) - s.unsqueeze(-1)).sigmoid();
        0.5 + behind.sum_axis(-1) // the item itself counts a half
    };
    let ranks = values(&smooth(&s));
    let mut sorted = ranks.clone();
    sorted.sort_by(f64::total_cmp);
    let cut = 0.5 * (sorted[1] + sorted[2]);
    let recall = |s: &Tensor| -((cut - smooth(s)).sigmoid() * &y).sum_axis(-1) / 3.0;
    let loss = |s: &Tensor| approx_recall(s, &y, None, 2, 1.0);
    assert_close("value", &values(&loss(&s)), &values(&recall(&s)));
    assert_close("gradient", &slope(loss, &s), &slope(recall, &s));
}

#[test]
fn noise_of_zero_changes_nothing_and_noise_is_gumbel() {
    let (s, y) = (normal(1, [2, 5]), grades(2, 2, 5));
    let still = Tensor::zeros([2, 3, 5]);
    let found = gumbel_approx_ndcg(&s, &y, None, &still, GumbelOptions { beta: 2.0, temperature: 0.5 });
    assert_close("no noise", &values(&found), &values(&approx_ndcg(&s, &y, None, 0.5)));
    let noise = values(&Gumbel::noise(&Tensor::zeros([1000]), 100, &mut Rng::seed(5)));
    let mean = noise.iter().sum::<f64>() / noise.len() as f64;
    let variance = noise.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / noise.len() as f64;
    // Euler's constant and π²/6, within five standard errors.
    assert!((mean - 0.5772156649).abs() < 0.02 && (variance - 1.6449340668).abs() < 0.04, "{mean} {variance}");
    let again = values(&Gumbel::noise(&Tensor::zeros([1000]), 100, &mut Rng::seed(5)));
    assert!(again == noise, "the same seed draws the same noise");
    let average =
        Gumbel { beta: 2.0 }
            .average(&s, &y, None, &Tensor::stack([&(0.0 * &s), &(0.5 * &s)], -2), |s, y, mask| list_net(s, y, mask));
    let expected = 0.5 * (list_net(&s, &y, None) + list_net(&(2.0 * &s), &y, None));
    assert_close("average", &values(&average), &values(&expected));
    let panic = panic_of(|| gumbel_approx_ndcg(&s, &y, None, &s, Default::default()));
    assert_eq!((&panic.message[..45], &*panic.file), ("gumbel_approx_ndcg: scores [2, 5] and noise [", file!()));
}

#[test]
fn smooth_ap_of_embeddings_takes_any_labels() {
    let embeddings = normal(4, [7, 3]);
    let labels = Labels::with_ignored([0, 1, 0, -1, 1, 0, 2], 3, -1).unwrap();
    let loss = |x: &Tensor| smooth_ap_of_embeddings(x, &labels, 0.1);
    let kept = [0usize, 1, 2, 4, 5, 6];
    let unit = &embeddings / embeddings.norm_keepdim(-1);
    let cosines = unit.matmul(&unit.swap_axes(0, 1));
    let cosines = cosines.index_select(0, kept).index_select(1, kept);
    let class = [0.0, 1.0, 0.0, 1.0, 0.0, 2.0];
    let same = Tensor::from(class.map(|own| class.map(|other| f64::from(u8::from(own == other)))));
    let expected = values(&smooth_ap(&cosines, &same, None, 0.1));
    let found = values(&loss(&embeddings));
    assert_close("rows", &kept.map(|row| found[row]), &expected);
    assert_eq!(found[3], 0.0);
    let gradient = slope(loss, &(0.0 * &embeddings));
    assert!(gradient.iter().all(|&x| x == 0.0), "rows of zeros: {gradient:?}");
    let panic = panic_of(|| smooth_ap_of_embeddings(&normal(1, [6, 3]), &labels, 0.1));
    assert!(panic.message.starts_with("smooth_ap_of_embeddings: embeddings [6, 3] and labels [7] do not fit"));
    assert_eq!(panic.file, file!());
}

#[test]
fn losses_of_several_negatives_at_their_limits() {
    let negatives = normal(3, [2, 5]);
    // A positive far above costs nothing but the penalties.
    let far = Tensor::from([1e3, 1e3]);
    assert_close("wmrb", &values(&wmrb(&far, &negatives, 1.0)), &[0.0, 0.0]);
    assert_close("bpr_max", &values(&bpr_max(&far, &negatives, 0.0)), &[0.0, 0.0]);
    assert_close("top1", &values(&top1(&far, &(0.0 * &negatives))), &[0.5, 0.5]);
    // A positive far below: the surprise is the gap to the easiest negative, and has a slope.
    let gaps = values(&bpr_max(&-&far, &negatives, 0.0));
    assert!(gaps.iter().all(|gap| gap.is_finite() && *gap > 900.0), "{gaps:?}");
    assert_close("slope", &slope(|positive| bpr_max(positive, &negatives, 0.0), &-&far), &[-1.0, -1.0]);
    let none = Tensor::zeros([2, 0]);
    for loss in [wmrb(&far, &none, 1.0), top1(&far, &none), bpr_max(&far, &none, 1.0)] {
        assert_eq!(values(&loss), [0.0, 0.0]);
    }
    assert_close("equal", &values(&bpr(&far, &far)), &[LN_2, LN_2]);
    let panic = panic_of(|| top1(&far, &normal(1, [3, 2])));
    let message = "top1: positive [2] and negatives [3, 2] do not fit: negatives must have the shape of positive and an axis for the items";
    assert_eq!((&*panic.message, &*panic.file), (message, file!()));
}

#[test]
fn lambda_weights_must_be_of_the_pairs() {
    let s = normal(1, [2, 3]);
    let options = PairwiseOptions { lambda: Some(normal(1, [2, 3])), ..Default::default() };
    let panic = panic_of(|| pairwise(&s, &s, options, |ahead, _| ahead.clone()));
    let message =
        "pairwise: scores [2, 3] and lambda [2, 3] do not fit: lambda must have an axis more, of the items again";
    assert_eq!((&*panic.message, &*panic.file), (message, file!()));
}

/// NeuralNDCG as its paper writes it, in plain numbers.
#[test]
fn neural_ndcg_in_plain_numbers() {
    let (s, y) = ([0.3, -1.0, 2.0, 0.5], [1.0, 0.0, 1.0, 3.0]);
    let gain = |y: f64| y.exp2() - 1.0;
    for (temperature, iterations, top) in [(1.0, 0, None), (0.5, 3, None), (2.0, 50, Some(2))] {
        let mut p = [[0.0; 4]; 4];
        for (i, row) in p.iter_mut().enumerate() {
            let spread = |j: usize| s.iter().map(|x: &f64| (s[j] - x).abs()).sum::<f64>();
            let z = [0, 1, 2, 3].map(|j| ((5.0 - 2.0 * (i as f64 + 1.0)) * s[j] - spread(j)) / temperature);
            let total: f64 = z.iter().map(|z| z.exp()).sum();
            *row = z.map(|z| z.exp() / total);
        }
        for _ in 0..iterations {
            let columns = [0, 1, 2, 3].map(|j| p.iter().map(|row| row[j]).sum::<f64>());
            for row in &mut p {
                *row = [0, 1, 2, 3].map(|j| row[j] / columns[j]);
                let total: f64 = row.iter().sum();
                *row = row.map(|x| x / total);
            }
        }
        let places = top.unwrap_or(4);
        let discount = |place: usize| 1.0 / (place as f64 + 2.0).log2();
        let best: f64 =
            order(&y).iter().take(places).enumerate().map(|(place, &item)| gain(y[item]) * discount(place)).sum();
        let sorted = |place: usize| (0..4).map(|item| p[place][item] * gain(y[item])).sum::<f64>();
        let expected = -(0..places).map(|place| sorted(place) * discount(place)).sum::<f64>() / best;
        let options = NeuralNdcgOptions { temperature, top, iterations };
        assert_close("loss", &[neural_ndcg(&Tensor::from(s), &Tensor::from(y), None, options).item()], &[expected]);
    }
    // A hard sort: NDCG.
    let options = NeuralNdcgOptions { temperature: 1e-3, ..Default::default() };
    let (s, y) = (Tensor::from(s), Tensor::from(y));
    let hard = approx_ndcg(&s, &y, None, 1e-3).item();
    assert_close_within("hard", &[neural_ndcg(&s, &y, None, options).item()], &[hard], 1e-9, 0.0);
}

#[test]
fn the_mean_of_a_catalogue_entry_leaves_out_empty_lists() {
    let arguments = Arguments::new()
        .tensor("scores", Tensor::from([[0.0, 0.0], [1.0, 2.0]]))
        .tensor("relevance", Tensor::from([[1.0, 0.0], [1.0, 0.0]]))
        .tensor("mask", Tensor::from([[true, true], [false, false]]));
    let softmax = find("ranking_softmax").expect("an entry");
    assert_close("mean", &values(&softmax.mean(&arguments).expect("valid")), &[2f64.ln()]);
}
