//! Every metric against what scikit-learn, SciPy, pytorch-metric-learning and uncertainty-calibration recorded.

use approx::{assert_abs_diff_eq, assert_relative_eq};
use minimand_data::metrics::weighted::{self, Weights};
use minimand_data::metrics::*;
use proptest::prelude::*;
use serde_json::Value;

fn cases(name: &str) -> Vec<Value> {
    let recorded: Value = serde_json::from_str(include_str!("fixtures/metrics.json")).unwrap();
    recorded[name].as_array().unwrap().clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

fn indices(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(|value| value.as_u64().unwrap() as usize).collect()
}

fn truths(value: &Value) -> Vec<bool> {
    value.as_array().unwrap().iter().map(|value| value.as_bool().unwrap()).collect()
}

#[track_caller]
fn same(found: f64, expected: &Value) {
    assert_relative_eq!(found, expected.as_f64().unwrap(), epsilon = 1e-12, max_relative = 1e-11);
}

/// Without weights, with equal weights and with the recorded ones.
#[track_caller]
fn with_weights(case: &Value, name: &str, metric: impl Fn(Weights) -> Result<f64, MetricError>) {
    let weights = numbers(&case["weights"]);
    let twos = vec![2.0; weights.len()];
    same(metric(Weights::EQUAL).unwrap(), &case["plain"][name]);
    same(metric(Weights::new(&twos).unwrap()).unwrap(), &case["plain"][name]);
    same(metric(Weights::new(&weights).unwrap()).unwrap(), &case["weighted"][name]);
}

#[test]
fn decisions_and_scores_of_two_classes() {
    for case in cases("binary") {
        let (scores, labels, clipped) = (numbers(&case["scores"]), truths(&case["labels"]), numbers(&case["clipped"]));
        with_weights(&case, "roc_auc", |w| weighted::roc_auc(&scores, &labels, w));
        with_weights(&case, "average_precision", |w| weighted::average_precision(&scores, &labels, w));
        with_weights(&case, "brier", |w| weighted::brier(&scores, &labels, w));
        with_weights(&case, "log_loss", |w| weighted::log_loss(&clipped, &labels, w));
        let (decisions, expected) = (Decisions::at(0.5, &scores, &labels).unwrap(), &case["plain"]);
        same(decisions.accuracy(), &expected["accuracy"]);
        same(decisions.recall(), &expected["recall"]);
        same(decisions.precision(), &expected["precision"]);
        same(decisions.f1(), &expected["f1"]);
        same(decisions.specificity(), &expected["specificity"]);
        same(decisions.balanced_accuracy(), &expected["balanced_accuracy"]);

        let weights = numbers(&case["weights"]);
        let curve = weighted::precision_recall_curve(&scores, &labels, Weights::new(&weights).unwrap()).unwrap();
        let [precision, recall, threshold] = [0, 1, 2].map(|part| case["curve"][part].as_array().unwrap().clone());
        // There scores of rows without weight have points as well, and the curve rises.
        let mut found = curve.iter().rev();
        let mut next = found.next().unwrap();
        for place in 0..threshold.len() {
            if threshold[place].as_f64().unwrap() > next.threshold {
                next = found.next().unwrap();
            }
            if threshold[place].as_f64().unwrap() == next.threshold {
                same(next.precision, &precision[place]);
                same(next.recall, &recall[place]);
            }
        }
        assert!(found.next().is_none());
    }
}

#[test]
fn classes() {
    for case in cases("classes") {
        let (truth, predicted) = (indices(&case["truth"]), indices(&case["predicted"]));
        let (probabilities, weights) = (numbers(&case["probabilities"]), numbers(&case["weights"]));
        let count = case["classes"].as_u64().unwrap() as usize;
        let matrix = |w: Weights| ConfusionMatrix::weighted(&predicted, &truth, count, w).unwrap();
        for (w, name) in [(Weights::EQUAL, "plain"), (Weights::new(&weights).unwrap(), "weighted")] {
            let found: Vec<f64> = (0..count).flat_map(|class| matrix(w).row(class).to_vec()).collect();
            assert_abs_diff_eq!(&found[..], &numbers(&case[name]["confusion"])[..], epsilon = 1e-12);
        }
        same(accuracy(&predicted, &truth).unwrap(), &case["plain"]["accuracy"]);
        with_weights(&case, "accuracy", |w| Ok(matrix(w).accuracy()));
        with_weights(&case, "balanced_accuracy", |w| Ok(matrix(w).balanced_accuracy()));
        with_weights(&case, "matthews", |w| matrix(w).matthews());
        with_weights(&case, "log_loss", |w| weighted::log_loss_of_classes(&probabilities, &truth, count, w));
        with_weights(&case, "brier", |w| weighted::brier_of_classes(&probabilities, &truth, count, w));
        for (average, name) in [(Average::Macro, "macro"), (Average::Micro, "micro"), (Average::Weighted, "weighted")] {
            with_weights(&case, &format!("precision_{name}"), |w| Ok(matrix(w).precision(average)));
            with_weights(&case, &format!("recall_{name}"), |w| Ok(matrix(w).recall(average)));
            with_weights(&case, &format!("f1_{name}"), |w| Ok(matrix(w).f1(average)));
            with_weights(&case, &format!("auc_{name}"), |w| {
                weighted::roc_auc_one_vs_rest(&probabilities, &truth, count, average, w)
            });
        }
        for (disagreement, name) in [
            (Disagreement::Unweighted, "unweighted"),
            (Disagreement::Linear, "linear"),
            (Disagreement::Quadratic, "quadratic"),
        ] {
            with_weights(&case, &format!("kappa_{name}"), |w| matrix(w).cohen_kappa(disagreement));
        }
    }
}

#[test]
fn a_class_that_is_nowhere_counts_in_no_average() {
    let matrix = ConfusionMatrix::of(&[0, 3, 3], &[0, 3, 0], 5).unwrap();
    assert_eq!((matrix.balanced_accuracy(), matrix.recall(Average::Macro)), (0.75, 0.75));
    assert_eq!((matrix.precision(Average::Macro), matrix.recall_of(4)), (0.75, 0.0));
}

#[test]
fn amounts() {
    for case in cases("amounts") {
        let [t, zeros, p] = ["truth", "zeros", "prediction"].map(|name| numbers(&case[name]));
        with_weights(&case, "mean_absolute_error", |w| weighted::mean_absolute_error(&p, &t, w));
        with_weights(&case, "mean_squared_error", |w| weighted::mean_squared_error(&p, &t, w));
        with_weights(&case, "root_mean_squared_error", |w| weighted::root_mean_squared_error(&p, &t, w));
        with_weights(&case, "median_absolute_error", |w| weighted::median_absolute_error(&p, &t, w));
        with_weights(&case, "mean_absolute_percentage_error", |w| weighted::mean_absolute_percentage_error(&p, &t, w));
        with_weights(&case, "r_squared", |w| weighted::r_squared(&p, &t, w));
        with_weights(&case, "explained_variance", |w| weighted::explained_variance(&p, &t, w));
        with_weights(&case, "mean_poisson_deviance", |w| weighted::mean_poisson_deviance(&p, &zeros, w));
        with_weights(&case, "mean_gamma_deviance", |w| weighted::mean_gamma_deviance(&p, &t, w));
        for power in [0.0, 1.0, 1.5, 1.9, 2.0, 2.5, 3.0] {
            let truth = if power < 2.0 { &zeros } else { &t };
            with_weights(&case, &format!("tweedie_{power}"), |w| weighted::mean_tweedie_deviance(power, &p, truth, w));
            with_weights(&case, &format!("d2_tweedie_{power}"), |w| weighted::d2_tweedie(power, &p, truth, w));
        }
        for level in [0.1, 0.5, 0.9] {
            with_weights(&case, &format!("pinball_{level}"), |w| weighted::mean_pinball(level, &p, &t, w));
            with_weights(&case, &format!("d2_pinball_{level}"), |w| weighted::d2_pinball(level, &p, &t, w));
        }
        same(max_error(&p, &t).unwrap(), &case["max_error"]);
    }
}

#[test]
fn the_plain_functions_are_the_weighted_ones() {
    for case in cases("amounts") {
        let [t, p] = ["truth", "prediction"].map(|name| numbers(&case[name]));
        for (name, metric) in [
            ("mean_absolute_error", mean_absolute_error as fn(&[f64], &[f64]) -> Result<f64, MetricError>),
            ("mean_squared_error", mean_squared_error),
            ("root_mean_squared_error", root_mean_squared_error),
            ("median_absolute_error", median_absolute_error),
            ("mean_absolute_percentage_error", mean_absolute_percentage_error),
            ("r_squared", r_squared),
            ("explained_variance", explained_variance),
            ("mean_gamma_deviance", mean_gamma_deviance),
            ("tweedie_2.5", |p, t| mean_tweedie_deviance(2.5, p, t)),
            ("d2_tweedie_2.5", |p, t| d2_tweedie(2.5, p, t)),
            ("pinball_0.9", |p, t| mean_pinball(0.9, p, t)),
            ("d2_pinball_0.9", |p, t| d2_pinball(0.9, p, t)),
        ] {
            same(metric(&p, &t).unwrap(), &case["plain"][name]);
        }
        same(mean_poisson_deviance(&p, &numbers(&case["zeros"])).unwrap(), &case["plain"]["mean_poisson_deviance"]);
    }
    for case in cases("binary") {
        let (scores, labels) = (numbers(&case["scores"]), truths(&case["labels"]));
        same(roc_auc(&scores, &labels).unwrap(), &case["plain"]["roc_auc"]);
        same(average_precision(&scores, &labels).unwrap(), &case["plain"]["average_precision"]);
        same(brier(&scores, &labels).unwrap(), &case["plain"]["brier"]);
        same(log_loss(&numbers(&case["clipped"]), &labels).unwrap(), &case["plain"]["log_loss"]);
    }
}

#[test]
fn lists() {
    for case in cases("lists") {
        let (scores, relevance) = (numbers(&case["scores"]), numbers(&case["relevance"]));
        for (gain, name) in [(Gain::Linear, "linear"), (Gain::Exponential, "exponential")] {
            for (at, place) in [(None, "None"), (Some(3), "3"), (Some(10), "10")] {
                let found = ndcg(&scores, &relevance, NdcgOptions { gain, at }).unwrap();
                same(found, &case[format!("ndcg_{name}_{place}")]);
            }
        }
        if case["average_precision"].is_number() {
            same(list_average_precision(&scores, &relevance).unwrap(), &case["average_precision"]);
        }
    }
}

/// Järvelin & Kekäläinen (2002), their example G′ = 3, 2, 3, 0, 0, 1, 2, 2, 3, 0 with log₂(1 + place), by hand.
#[test]
fn ndcg_of_a_list_worked_by_hand() {
    let relevance = [3.0, 2.0, 3.0, 0.0, 0.0, 1.0, 2.0, 2.0, 3.0, 0.0];
    let scores: Vec<f64> = (0..10).map(|place| -f64::from(place)).collect();
    let log = |place: u8| f64::from(place).log2();
    let found = 3.0 + 2.0 / log(3) + 3.0 / log(4) + 1.0 / log(7) + 2.0 / log(8) + 2.0 / log(9) + 3.0 / log(10);
    let best = 3.0 + 3.0 / log(3) + 3.0 / log(4) + 2.0 / log(5) + 2.0 / log(6) + 2.0 / log(7) + 1.0 / log(8);
    let options = NdcgOptions { gain: Gain::Linear, at: None };
    assert_relative_eq!(ndcg(&scores, &relevance, options).unwrap(), found / best, max_relative = 1e-14);
}

#[test]
fn calibration() {
    for case in cases("calibration") {
        let (probabilities, labels) = (numbers(&case["probabilities"]), truths(&case["labels"]));
        for count in [5, 10] {
            for (bins, name) in [(Bins::EqualWidth(count), "width"), (Bins::EqualMass(count), "mass")] {
                let ece = expected_calibration_error(&probabilities, &labels, bins).unwrap();
                same(ece, &case[format!("ece_{name}_{count}")]);
                let debiased = debiased_calibration_error(&probabilities, &labels, bins).unwrap();
                same(debiased, &case[format!("debiased_{name}_{count}")]);
            }
        }
    }
    // An edge belongs to the bin below it, also where it is rounded: 0.7 · 10 is above 7.
    let edges: Vec<f64> = (0..=10).map(|edge| f64::from(edge) / 10.0).collect();
    let found = reliability(&edges, &[true; 11], Bins::EqualWidth(10)).unwrap();
    assert_eq!(
        found.iter().map(|bin| bin.weight).collect::<Vec<_>>(),
        [2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    );
    // Equal probabilities go together where most of them would be.
    let found = reliability(&[0.1, 0.5, 0.5, 0.5, 0.5, 0.9], &[true; 6], Bins::EqualMass(2)).unwrap();
    assert_eq!(found.iter().map(|bin| bin.weight).collect::<Vec<_>>(), [1.0, 5.0]);
    // Weights count as rows do.
    let (p, labels) = ([0.2, 0.4, 0.9], [false, true, true]);
    let repeated = ([0.2, 0.2, 0.2, 0.4, 0.9, 0.9], [false, false, false, true, true, true]);
    for bins in [Bins::EqualWidth(4), Bins::EqualMass(2)] {
        let found = weighted::expected_calibration_error(&p, &labels, bins, Weights::new(&[3.0, 1.0, 2.0]).unwrap());
        let expected = expected_calibration_error(&repeated.0, &repeated.1, bins).unwrap();
        assert_relative_eq!(found.unwrap(), expected, max_relative = 1e-14);
    }
}

#[test]
fn neighbours_of_embeddings() {
    for case in cases("retrieval") {
        let (embeddings, labels) = (numbers(&case["embeddings"]), indices(&case["labels"]));
        let dimensions = case["dimensions"].as_u64().unwrap() as usize;
        for (nearness, name) in [(Nearness::Euclidean, "euclidean"), (Nearness::Cosine, "cosine")] {
            let found = Retrieval::of(&embeddings, &labels, dimensions, nearness).unwrap();
            // Recorded in f32.
            let same = |found: f64, key: &str| {
                assert_relative_eq!(found, case[name][key].as_f64().unwrap(), max_relative = 1e-6)
            };
            same(found.recall_at(1), "precision_at_1");
            same(found.r_precision(), "r_precision");
            same(found.map_at_r(), "mean_average_precision_at_r");
            same(found.mean_reciprocal_rank(), "mean_reciprocal_rank");
        }
    }
    let collapsed = Retrieval::of(&[1.0; 6], &[0, 0, 0, 1, 1, 1], 1, Nearness::Euclidean).unwrap();
    assert_eq!((collapsed.recall_at(1), collapsed.recall_at(3), collapsed.recall_at(4)), (0.0, 0.0, 1.0));
    assert_eq!((collapsed.r_precision(), collapsed.map_at_r()), (0.0, 0.0));
}

/// By hand, from equations 2 and 3 of Musgrave, Belongie & Lim (2020): classes A B A A at 0, 1, 2.5, 3, so R = 2 and B does not count.
#[test]
fn map_at_r_worked_by_hand() {
    let found = Retrieval::of(&[0.0, 1.0, 2.5, 3.0], &[0, 1, 0, 0], 1, Nearness::Euclidean).unwrap();
    // Nearest of the first: B A, of the others: A B.
    assert_eq!(found.queries(), 3);
    assert_relative_eq!(found.recall_at(1), 2.0 / 3.0);
    assert_relative_eq!(found.r_precision(), 0.5);
    assert_relative_eq!(found.map_at_r(), (0.5 * 0.5 + 0.5 + 0.5) / 3.0);
}

#[test]
fn correlations() {
    for case in cases("correlations") {
        let (one, other) = (numbers(&case["one"]), numbers(&case["other"]));
        same(pearson(&one, &other).unwrap(), &case["pearson"]);
        same(spearman(&one, &other).unwrap(), &case["spearman"]);
        same(kendall(&one, &other).unwrap(), &case["kendall"]);
    }
    assert!(pearson(&[1e200, 2e200], &[1e-200, 3e-200]).unwrap() > 0.999);
}

#[test]
fn bad_input_is_named() {
    let said = |result: Result<f64, MetricError>| result.unwrap_err().to_string();
    let nan = f64::NAN;
    assert_eq!(said(roc_auc(&[], &[])), "roc_auc: no rows");
    assert_eq!(said(roc_auc(&[1.0], &[true, false])), "roc_auc: scores and labels differ in number: 1 and 2");
    assert_eq!(said(roc_auc(&[1.0, nan], &[true, false])), "roc_auc: score 1 is NaN, not a number");
    assert_eq!(said(roc_auc(&[1.0, 2.0], &[false, false])), "roc_auc: no row is positive");
    assert_eq!(said(average_precision(&[1.0, 2.0], &[false, false])), "average_precision: no row is positive");
    assert_eq!(said(brier(&[0.5, 1.5], &[true, true])), "brier: probability 1 is 1.5, not a probability (0 to 1)");
    assert_eq!(said(log_loss(&[nan], &[true])), "log_loss: probability 0 is NaN, not a probability (0 to 1)");
    assert_eq!(
        said(log_loss_of_classes(&[0.5, 0.5, 0.5, 0.4], &[0, 1], 2)),
        "log_loss_of_classes: the sum of the probabilities of row 1 is 0.9, not 1"
    );
    assert_eq!(
        said(log_loss_of_classes(&[0.5, 0.5], &[2], 2)),
        "log_loss_of_classes: truth 0 is class 2, but the 2 classes begin at 0"
    );
    assert_eq!(
        said(log_loss_of_classes(&[0.5], &[0], 2)),
        "log_loss_of_classes: rows times classes and probabilities differ in number: 2 and 1"
    );
    assert_eq!(
        said(roc_auc_one_vs_rest(&[0.5, 0.5, 0.1, 0.9], &[0, 0], 2, Average::Macro)),
        "roc_auc_one_vs_rest: no row is negative"
    );
    assert_eq!(said(r_squared(&[1.0, 2.0], &[3.0, 3.0])), "r_squared: the truth is constant");
    assert_eq!(
        said(mean_absolute_percentage_error(&[1.0, 2.0], &[3.0, 0.0])),
        "mean_absolute_percentage_error: truth 1 is 0, not a number other than 0"
    );
    assert_eq!(said(mean_gamma_deviance(&[1.0], &[0.0])), "mean_gamma_deviance: truth 0 is 0, not above 0");
    assert_eq!(said(mean_poisson_deviance(&[1.0], &[-1.0])), "mean_poisson_deviance: truth 0 is -1, not 0 or more");
    assert_eq!(
        said(mean_tweedie_deviance(0.5, &[1.0], &[1.0])),
        "mean_tweedie_deviance: power is 0.5, not 0 or from 1"
    );
    assert_eq!(said(d2_tweedie(1.5, &[1.0, 1.0], &[0.0, 0.0])), "d2_tweedie: the mean of the truth is not above 0");
    assert_eq!(said(d2_tweedie(1.5, &[1.0, 1.0], &[0.1, 0.1])), "d2_tweedie: the truth is constant");
    assert_eq!(said(mean_pinball(1.1, &[1.0], &[1.0])), "mean_pinball: level is 1.1, not between 0 and 1");
    assert_eq!(said(ndcg(&[1.0], &[0.0], NdcgOptions::default())), "ndcg: no item is relevant");
    assert_eq!(said(ndcg(&[1.0], &[2000.0], NdcgOptions::default())), "ndcg: the gains are too large for a number");
    assert_eq!(
        said(reciprocal_rank(&[1.0], &[-1.0])),
        "reciprocal_rank: relevance 0 is -1, not a finite number from 0"
    );
    assert_eq!(said(recall_at(0, &[1.0], &[1.0])), "recall_at: at is 0, not 1 or more");
    let bins = said(expected_calibration_error(&[0.5], &[true], Bins::EqualWidth(0)));
    assert_eq!(bins, "expected_calibration_error: number of bins is 0, not 1 or more");
    assert_eq!(said(spearman(&[1.0, 1.0], &[1.0, 2.0])), "spearman: a column is constant");
    assert_eq!(said(kendall(&[1.0, 2.0], &[nan, 2.0])), "kendall: second column 0 is NaN, not a number");
    let lone = Retrieval::of(&[1.0, 2.0], &[0, 1], 1, Nearness::Euclidean).unwrap_err();
    assert_eq!(lone.to_string(), "retrieval: no class has two rows");
    let zero = Retrieval::of(&[1.0, 0.0], &[1, 1], 1, Nearness::Cosine).unwrap_err();
    assert_eq!(zero.to_string(), "retrieval: the norm of embedding 1 is 0, not above 0 and finite");
    let short = Retrieval::of(&[1.0, 2.0, 3.0], &[1, 1], 2, Nearness::Cosine).unwrap_err();
    assert_eq!(short.to_string(), "retrieval: rows times dimensions and embeddings differ in number: 4 and 3");
    assert_eq!(
        Weights::new(&[1.0, -1.0]).unwrap_err().to_string(),
        "weights: weight 1 is -1, not a finite number from 0"
    );
    assert_eq!(Weights::new(&[0.0]).unwrap_err().to_string(), "weights: their sum is not above 0 and finite");
    let weights = Weights::new(&[1.0]).unwrap();
    assert_eq!(
        said(weighted::brier(&[0.5, 0.5], &[true, false], weights)),
        "brier: rows and weights differ in number: 2 and 1"
    );
    let constant = ConfusionMatrix::of(&[0, 0], &[0, 1], 2).unwrap();
    assert_eq!(said(constant.matthews()), "matthews: all rows are of one class, or predicted as one");
    let alike = ConfusionMatrix::of(&[0, 0], &[0, 0], 2).unwrap();
    assert_eq!(said(alike.cohen_kappa(Disagreement::Linear)), "cohen_kappa: truth and predictions are all one class");
}

#[test]
fn limits_are_infinite_and_rows_without_weight_do_not_count() {
    assert_eq!(log_loss(&[0.0, 0.5], &[true, true]).unwrap(), f64::INFINITY);
    assert_eq!(log_loss(&[1.0], &[false]).unwrap(), f64::INFINITY);
    let weights = Weights::new(&[0.0, 1.0]).unwrap();
    assert_eq!(weighted::log_loss(&[0.0, 0.5], &[true, true], weights).unwrap(), 2f64.ln());
    assert_eq!(tweedie_deviance(1.5, 0.0, 0.0), 0.0);
    assert!(weighted::roc_auc(&[0.1, 0.9], &[true, false], weights).is_err());
}

/// The mean of a figure of a list over all orders of its items with equal scores.
fn over_all_orders(scores: &[f64], relevance: &[f64], figure: &dyn Fn(&[f64]) -> f64) -> f64 {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    let (mut sum, mut count) = (0.0, 0);
    permute(&mut order, 0, &mut |order| {
        if order.windows(2).all(|pair| scores[pair[0]] >= scores[pair[1]]) {
            sum += figure(&order.iter().map(|&item| relevance[item]).collect::<Vec<_>>());
            count += 1;
        }
    });
    sum / f64::from(count)
}

fn permute(order: &mut Vec<usize>, from: usize, visit: &mut dyn FnMut(&[usize])) {
    if from == order.len() {
        return visit(order);
    }
    for place in from..order.len() {
        order.swap(from, place);
        permute(order, from + 1, visit);
        order.swap(from, place);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn ties_in_a_list_are_the_mean_over_their_orders(
        items in prop::collection::vec((0u8..3, 0u8..3), 2..6),
        at in 1usize..6,
    ) {
        let scores: Vec<f64> = items.iter().map(|item| f64::from(item.0)).collect();
        let relevance: Vec<f64> = items.iter().map(|item| f64::from(item.1)).collect();
        prop_assume!(relevance.iter().any(|&relevance| relevance > 0.0));
        let total = relevance.iter().filter(|&&r| r > 0.0).count() as f64;
        let relevant = |list: &[f64], end: usize| list.iter().take(end).filter(|&&r| r > 0.0).count() as f64;
        let expected = |figure: &dyn Fn(&[f64]) -> f64| over_all_orders(&scores, &relevance, figure);
        let reciprocal = expected(&|list| 1.0 / (1.0 + list.iter().position(|&r| r > 0.0).unwrap() as f64));
        assert_relative_eq!(reciprocal_rank(&scores, &relevance).unwrap(), reciprocal, max_relative = 1e-12);
        let precision = expected(&|list| {
            let places = (0..list.len()).filter(|&place| list[place] > 0.0);
            places.map(|place| relevant(list, place + 1) / (place + 1) as f64).sum::<f64>() / total
        });
        assert_relative_eq!(list_average_precision(&scores, &relevance).unwrap(), precision, max_relative = 1e-12);
        let recall = expected(&|list| relevant(list, at) / total);
        assert_relative_eq!(recall_at(at, &scores, &relevance).unwrap(), recall, max_relative = 1e-12);
        assert_relative_eq!(precision_at(at, &scores, &relevance).unwrap(), recall * total / at as f64, max_relative = 1e-12);
    }

    #[test]
    fn a_weight_of_two_is_two_rows(rows in prop::collection::vec((0u8..6, any::<bool>(), 0u8..4), 2..30)) {
        let spread = |part: &dyn Fn(&(u8, bool, u8)) -> f64| {
            rows.iter().flat_map(|row| std::iter::repeat_n(part(row), usize::from(row.2))).collect::<Vec<f64>>()
        };
        let scores: Vec<f64> = rows.iter().map(|row| f64::from(row.0) / 5.0).collect();
        let labels: Vec<bool> = rows.iter().map(|row| row.1).collect();
        let weights: Vec<f64> = rows.iter().map(|row| f64::from(row.2)).collect();
        prop_assume!(weights.iter().sum::<f64>() > 0.0);
        let weights = Weights::new(&weights).unwrap();
        let many = spread(&|row| f64::from(row.0) / 5.0);
        let many_labels: Vec<bool> = spread(&|row| f64::from(u8::from(row.1))).into_iter().map(|label| label > 0.0).collect();
        let pairs = [
            (weighted::roc_auc(&scores, &labels, weights), roc_auc(&many, &many_labels)),
            (weighted::average_precision(&scores, &labels, weights), average_precision(&many, &many_labels)),
            (weighted::brier(&scores, &labels, weights), brier(&many, &many_labels)),
            (weighted::median_absolute_error(&scores, &vec![0.3; rows.len()], weights), median_absolute_error(&many, &vec![0.3; many.len()])),
        ];
        for (found, expected) in pairs {
            match (found, expected) {
                (Ok(found), Ok(expected)) => assert_relative_eq!(found, expected, max_relative = 1e-12, epsilon = 1e-15),
                (found, expected) => prop_assert_eq!(found, expected),
            }
        }
    }

    #[test]
    fn no_order_of_rows_changes_a_figure(
        rows in prop::collection::vec((0u8..5, any::<bool>()), 3..40),
        bins in 1usize..6,
    ) {
        let figures = |rows: &[(u8, bool)]| {
            let scores: Vec<f64> = rows.iter().map(|row| f64::from(row.0) / 4.0).collect();
            let labels: Vec<bool> = rows.iter().map(|row| row.1).collect();
            [
                roc_auc(&scores, &labels),
                average_precision(&scores, &labels),
                expected_calibration_error(&scores, &labels, Bins::EqualMass(bins)),
                debiased_calibration_error(&scores, &labels, Bins::EqualWidth(bins)),
                best_threshold(&scores, &labels).map(|best| best.threshold),
            ]
        };
        let mut reversed = rows.clone();
        reversed.reverse();
        prop_assert_eq!(figures(&rows), figures(&reversed));
    }

    #[test]
    fn kendall_is_that_of_all_pairs(rows in prop::collection::vec((-3i8..4, -3i8..4), 2..40)) {
        let (one, other): (Vec<f64>, Vec<f64>) = rows.iter().map(|row| (f64::from(row.0), f64::from(row.1))).unzip();
        let (mut balance, mut of_one, mut of_other) = (0.0, 0.0, 0.0);
        for a in 0..one.len() {
            for b in 0..a {
                let sign = |x: f64| if x == 0.0 { 0.0 } else { x.signum() };
                let (x, y) = (sign(one[a] - one[b]), sign(other[a] - other[b]));
                balance += x * y;
                of_one += x * x;
                of_other += y * y;
            }
        }
        match kendall(&one, &other) {
            Ok(found) => assert_relative_eq!(found, balance / f64::sqrt(of_one * of_other), epsilon = 1e-12),
            Err(_) => prop_assert!(of_one == 0.0 || of_other == 0.0),
        }
    }
}
