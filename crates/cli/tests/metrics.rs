//! Every metric against what scikit-learn, NumPy and SciPy recorded, and against a slow oracle on random rows.

use approx::assert_relative_eq;
use minimand_cli::metrics::*;
use proptest::prelude::*;
use serde_json::Value;

fn recorded() -> Value {
    serde_json::from_str(include_str!("fixtures/metrics_recorded.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

#[track_caller]
fn same(actual: f64, expected: f64) {
    assert_relative_eq!(actual, expected, epsilon = 1e-12, max_relative = 1e-12);
}

#[test]
fn decisions_and_rankings_as_recorded() {
    let recorded = recorded();
    for case in recorded["classification"].as_array().unwrap() {
        let scores = numbers(&case["scores"]);
        let labels: Vec<bool> = case["labels"].as_array().unwrap().iter().map(|v| v.as_bool().unwrap()).collect();
        let expected = |name: &str| case[name].as_f64().unwrap();
        let decisions = Decisions::at(0.5, &scores, &labels);
        same(decisions.accuracy(), expected("accuracy"));
        same(decisions.recall(), expected("recall"));
        same(decisions.precision(), expected("precision"));
        same(decisions.f1(), expected("f1"));
        same(roc_auc(&scores, &labels).unwrap(), expected("roc_auc"));
        same(average_precision(&scores, &labels).unwrap(), expected("average_precision"));
        same(brier(&scores, &labels), expected("brier"));
        let best = best_threshold(&scores, &labels);
        same(best.threshold, expected("best_threshold"));
        same(best.f1, expected("best_f1"));
        let curve = precision_recall_curve(&scores, &labels).unwrap();
        let expected = case["curve"].as_array().unwrap();
        assert_eq!(curve.len(), expected.len());
        for (point, expected) in curve.iter().rev().zip(expected) {
            let expected = numbers(expected);
            same(point.threshold, expected[0]);
            same(point.recall, expected[1]);
            same(point.precision, expected[2]);
        }
    }
}

#[test]
fn amounts_as_recorded() {
    let recorded = &recorded()["amounts"];
    let (prediction, truth) = (numbers(&recorded["prediction"]), numbers(&recorded["truth"]));
    let expected = |name: &str| recorded[name].as_f64().unwrap();
    same(mean_absolute_error(&prediction, &truth), expected("mae"));
    same(root_mean_squared_error(&prediction, &truth), expected("rmse"));
    same(totals_ratio(&prediction, &truth), expected("totals_ratio"));
    same(median(&truth), expected("median"));
    same(median_absolute_deviation(&truth), expected("mad"));
    same(scaled_median_absolute_deviation(&truth), expected("mad_scaled"));
    same(skewness(&truth), expected("skewness"));
    for pair in recorded["quantiles"].as_array().unwrap() {
        let pair = numbers(pair);
        same(quantile(&truth, pair[0]), pair[1]);
    }
}

#[test]
fn nothing_to_divide_by() {
    let none_flagged = Decisions::at(0.5, &[0.1, 0.2], &[true, false]);
    assert_eq!((none_flagged.precision(), none_flagged.recall(), none_flagged.f1()), (0.0, 0.0, 0.0));
    let none_positive = Decisions::at(0.15, &[0.1, 0.2], &[false, false]);
    assert_eq!((none_positive.precision(), none_positive.recall(), none_positive.f1()), (0.0, 0.0, 0.0));
    let neither = Decisions::at(0.5, &[0.1], &[false]);
    assert_eq!((neither.f1(), neither.accuracy()), (0.0, 1.0));
    assert_eq!(roc_auc(&[0.1, 0.2], &[true, true]), None);
    assert_eq!(roc_auc(&[0.1, 0.2], &[false, false]), None);
    assert_eq!(average_precision(&[0.1, 0.2], &[false, false]), None);
    assert_eq!(average_precision(&[0.1, 0.2], &[true, true]), Some(1.0));
    assert_eq!(best_threshold(&[0.1, 0.2], &[false, false]), BestThreshold { threshold: 0.2, f1: 0.0 });
    assert_eq!(totals_ratio(&[1.0, -1.0], &[0.0, 0.0]), 1.0);
    assert_eq!(totals_ratio(&[1.0, 1.0], &[0.0, 0.0]), f64::INFINITY);
    assert_eq!(share_held_by(&[0.0, 0.0], |_| true), 0.0);
    assert_eq!(skewness(&[2.0, 2.0]), 0.0);
}

#[test]
fn thresholds_are_inclusive() {
    let decisions = Decisions::at(0.5, &[0.5, 0.4, 0.6, 0.5], &[true, true, false, false]);
    assert_eq!(decisions, Decisions { caught: 1, false_alarms: 2, missed: 1, passed: 0 });
    assert_eq!((decisions.flagged(), decisions.positives()), (3, 2));
}

#[test]
fn deciles_hold_the_rows_in_the_order_of_their_truth() {
    let truth: Vec<f64> = (0..25).rev().map(f64::from).collect();
    let prediction: Vec<f64> = truth.iter().map(|t| t + 0.5 - 0.1 * t).collect();
    let deciles = residuals_by_decile(&prediction, &truth);
    assert_eq!(deciles.len(), 10);
    assert_eq!(deciles.iter().map(|d| d.rows).sum::<usize>(), 25);
    assert_eq!((deciles[0].lowest, deciles[0].highest, deciles[0].rows), (0.0, 1.0, 2));
    assert_eq!((deciles[9].lowest, deciles[9].highest, deciles[9].rows), (22.0, 24.0, 3));
    for (number, decile) in (1..).zip(&deciles) {
        assert_eq!(decile.number, number);
        same(decile.mean_residual, 0.5 - 0.1 * decile.mean_truth);
        same(decile.mean_prediction - decile.mean_truth, decile.mean_residual);
    }
    assert_eq!(residuals_by_decile(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0]).len(), 3);
}

#[test]
fn the_bottom_leaves_the_top_out() {
    let truth: Vec<f64> = (1..=10).map(f64::from).collect();
    let mut prediction = truth.clone();
    prediction[9] = 1e6;
    prediction[0] = 10.0;
    same(mean_absolute_error_up_to(0.9, &prediction, &truth), 1.0);
    same(mean_absolute_error_up_to(1.0, &prediction, &truth), mean_absolute_error(&prediction, &truth));
}

#[test]
fn shares_are_of_absolute_values() {
    same(share_held_by(&[-3.0, 1.0, 0.0, -1.0], |row| row == 0), 0.6);
    same(share_held_by(&[-3.0, 1.0, 0.0, -1.0], |_| true), 1.0);
}

#[test]
fn normal_consistency_is_the_reciprocal_of_the_third_quartile() {
    // Φ(1/c) = 3/4, Φ by its series: Φ(x) = 1/2 + φ(x)·(x + x³/3 + x⁵/15 + …).
    let x = 1.0 / NORMAL_CONSISTENCY;
    let (mut term, mut sum) = (x, x);
    for k in 1..60 {
        term *= x * x / f64::from(2 * k + 1);
        sum += term;
    }
    same(0.5 + (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt() * sum, 0.75);
}

#[test]
fn one_seed_has_no_spread() {
    let single = Spread::of(vec![2.5]);
    assert_eq!((single.mean(), single.standard_deviation()), (2.5, 0.0));
    let three = Spread::of(vec![1.0, 2.0, 6.0]);
    same(three.mean(), 3.0);
    same(three.standard_deviation(), 7.0f64.sqrt());
}

#[test]
fn a_difference_is_clear_when_every_seed_shows_it_beyond_the_noise() {
    let base = Spread::of(vec![0.2, 0.3, 0.4]);
    let compare = |values: [f64; 3]| Spread::of(values.to_vec()).against(&base);
    assert_eq!(compare([0.3, 0.4, 0.5]), Difference::Higher);
    assert_eq!(compare([0.1, 0.2, 0.3]), Difference::Lower);
    assert_eq!(compare([0.2, 0.3, 0.4]), Difference::Unclear);
    assert_eq!(compare([0.3, 0.4, 0.39]), Difference::Unclear);
    assert_eq!(compare([0.21, 0.31, 0.9]), Difference::Unclear, "all above, but by one seed's luck");
}

/// Few different scores, so that ties abound; labels of both classes.
fn rows() -> impl Strategy<Value = (Vec<f64>, Vec<bool>)> {
    prop::collection::vec((0u8..12, any::<bool>()), 2..60).prop_map(|rows| {
        let mut rows: (Vec<f64>, Vec<bool>) =
            rows.into_iter().map(|(score, label)| (f64::from(score) / 8.0 - 0.25, label)).unzip();
        rows.1[0] = true;
        rows.1[1] = false;
        rows
    })
}

proptest! {
    #[test]
    fn roc_auc_is_the_chance_of_the_right_order((scores, labels) in rows()) {
        let (mut won, mut pairs) = (0.0, 0.0);
        for (a, _) in scores.iter().zip(&labels).filter(|&(_, &label)| label) {
            for (b, _) in scores.iter().zip(&labels).filter(|&(_, &label)| !label) {
                pairs += 1.0;
                won += if a > b { 1.0 } else if a == b { 0.5 } else { 0.0 };
            }
        }
        same(roc_auc(&scores, &labels).unwrap(), won / pairs);
    }

    #[test]
    fn average_precision_is_the_sum_over_thresholds((scores, labels) in rows()) {
        let mut thresholds = scores.clone();
        thresholds.sort_by(|a, b| b.total_cmp(a));
        thresholds.dedup();
        let (mut area, mut before) = (0.0, 0.0);
        for threshold in thresholds {
            let decisions = Decisions::at(threshold, &scores, &labels);
            area += (decisions.recall() - before) * decisions.precision();
            before = decisions.recall();
        }
        same(average_precision(&scores, &labels).unwrap(), area);
        same(before, 1.0);
    }

    #[test]
    fn the_order_of_rows_changes_nothing((scores, labels) in rows(), turn in 0usize..60) {
        let turn = turn % scores.len();
        let (mut turned_scores, mut turned_labels) = (scores.clone(), labels.clone());
        turned_scores.rotate_left(turn);
        turned_labels.rotate_left(turn);
        prop_assert_eq!(roc_auc(&scores, &labels), roc_auc(&turned_scores, &turned_labels));
        prop_assert_eq!(average_precision(&scores, &labels), average_precision(&turned_scores, &turned_labels));
        prop_assert_eq!(best_threshold(&scores, &labels), best_threshold(&turned_scores, &turned_labels));
    }

    #[test]
    fn no_threshold_beats_the_best((scores, labels) in rows()) {
        let best = best_threshold(&scores, &labels);
        same(Decisions::at(best.threshold, &scores, &labels).f1(), best.f1);
        for threshold in (-40..=160).map(|k| f64::from(k) / 100.0) {
            let f1 = Decisions::at(threshold, &scores, &labels).f1();
            prop_assert!(f1 <= best.f1);
            let fewer = threshold > best.threshold && Decisions::at(threshold, &scores, &labels).flagged()
                < Decisions::at(best.threshold, &scores, &labels).flagged();
            prop_assert!(!(fewer && f1 == best.f1), "{threshold} is as good and flags fewer");
        }
    }

    #[test]
    fn counts_are_of_all_rows((scores, labels) in rows(), threshold in -0.5f64..1.5) {
        let decisions = Decisions::at(threshold, &scores, &labels);
        let count = |flagged: bool, positive: bool| {
            scores.iter().zip(&labels).filter(|&(&s, &l)| (s >= threshold) == flagged && l == positive).count()
        };
        prop_assert_eq!(decisions.caught, count(true, true));
        prop_assert_eq!(decisions.false_alarms, count(true, false));
        prop_assert_eq!(decisions.missed, count(false, true));
        prop_assert_eq!(decisions.passed, count(false, false));
        let (p, r) = (decisions.precision(), decisions.recall());
        same(decisions.f1(), if p + r == 0.0 { 0.0 } else { 2.0 * p * r / (p + r) });
    }

    #[test]
    fn thinning_keeps_the_drawn_curve((scores, labels) in rows()) {
        let curve = precision_recall_curve(&scores, &labels).unwrap();
        let thin = thinned(&curve);
        prop_assert_eq!(thin.first(), curve.first());
        prop_assert_eq!(thin.last(), curve.last());
        for point in &curve {
            let of_recall = |points: &[PrecisionRecall]| -> (f64, f64) {
                let precisions = points.iter().filter(|p| p.recall == point.recall).map(|p| p.precision);
                precisions.fold((f64::INFINITY, 0.0), |(low, high), p| (low.min(p), high.max(p)))
            };
            prop_assert_eq!(of_recall(&thin).1, of_recall(&curve).1);
            prop_assert_eq!(of_recall(&thin).0, of_recall(&curve).0);
        }
    }

    #[test]
    fn a_quantile_has_its_share_below(values in prop::collection::vec(-100.0f64..100.0, 1..50), level in 0.0f64..=1.0) {
        let value = quantile(&values, level);
        let below = values.iter().filter(|&&v| v < value - 1e-9).count() as f64;
        let above = values.iter().filter(|&&v| v > value + 1e-9).count() as f64;
        let last = (values.len() - 1) as f64;
        prop_assert!(below <= level * last + 1.0 && above <= (1.0 - level) * last + 1.0);
    }

    #[test]
    fn the_median_minimises_the_absolute_error(values in prop::collection::vec(-100.0f64..100.0, 1..40), other in -100.0f64..100.0) {
        let cost = |centre: f64| values.iter().map(|v| (v - centre).abs()).sum::<f64>();
        prop_assert!(cost(median(&values)) <= cost(other) + 1e-9);
    }
}
