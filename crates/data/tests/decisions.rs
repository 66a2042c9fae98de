//! Thresholds, curves and quantiles against what scikit-learn, NumPy and SciPy recorded, and against slow oracles on random rows.

use approx::assert_relative_eq;
use minimand_data::metrics::*;
use proptest::prelude::*;
use serde_json::Value;

fn recorded() -> Value {
    serde_json::from_str(include_str!("fixtures/decisions.json")).unwrap()
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
        let decisions = Decisions::at(0.5, &scores, &labels).unwrap();
        same(decisions.accuracy(), expected("accuracy"));
        same(decisions.recall(), expected("recall"));
        same(decisions.precision(), expected("precision"));
        same(decisions.f1(), expected("f1"));
        same(roc_auc(&scores, &labels).unwrap(), expected("roc_auc"));
        same(average_precision(&scores, &labels).unwrap(), expected("average_precision"));
        same(brier(&scores, &labels).unwrap(), expected("brier"));
        let best = best_threshold(&scores, &labels).unwrap();
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
    same(mean_absolute_error(&prediction, &truth).unwrap(), expected("mae"));
    same(root_mean_squared_error(&prediction, &truth).unwrap(), expected("rmse"));
    same(totals_ratio(&prediction, &truth).unwrap(), expected("totals_ratio"));
    same(median(&truth), expected("median"));
    same(median_absolute_deviation(&truth), expected("mad"));
    same(scaled_median_absolute_deviation(&truth), expected("mad_scaled"));
    for pair in recorded["quantiles"].as_array().unwrap() {
        let pair = numbers(pair);
        same(quantile(&truth, pair[0]), pair[1]);
    }
}

#[test]
fn nothing_to_divide_by() {
    let none_flagged = Decisions::at(0.5, &[0.1, 0.2], &[true, false]).unwrap();
    assert_eq!((none_flagged.precision(), none_flagged.recall(), none_flagged.f1()), (0.0, 0.0, 0.0));
    let none_positive = Decisions::at(0.15, &[0.1, 0.2], &[false, false]).unwrap();
    assert_eq!((none_positive.precision(), none_positive.recall(), none_positive.f1()), (0.0, 0.0, 0.0));
    let neither = Decisions::at(0.5, &[0.1], &[false]).unwrap();
    assert_eq!((neither.f1(), neither.accuracy()), (0.0, 1.0));
    assert_eq!(average_precision(&[0.1, 0.2], &[true, true]), Ok(1.0));
    assert_eq!(best_threshold(&[0.1, 0.2], &[false, false]).unwrap(), BestThreshold { threshold: 0.2, f1: 0.0 });
    assert_eq!(totals_ratio(&[1.0, -1.0], &[0.0, 0.0]).unwrap(), 1.0);
    assert_eq!(totals_ratio(&[1.0, 1.0], &[0.0, 0.0]).unwrap(), f64::INFINITY);
}

#[test]
fn thresholds_are_inclusive() {
    let decisions = Decisions::at(0.5, &[0.5, 0.4, 0.6, 0.5], &[true, true, false, false]).unwrap();
    assert_eq!(decisions, Decisions { caught: 1, false_alarms: 2, missed: 1, passed: 0 });
    assert_eq!((decisions.flagged(), decisions.positives()), (3, 2));
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
            let decisions = Decisions::at(threshold, &scores, &labels).unwrap();
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
        prop_assert_eq!(best_threshold(&scores, &labels).unwrap(), best_threshold(&turned_scores, &turned_labels).unwrap());
    }

    #[test]
    fn no_threshold_beats_the_best((scores, labels) in rows()) {
        let best = best_threshold(&scores, &labels).unwrap();
        same(Decisions::at(best.threshold, &scores, &labels).unwrap().f1(), best.f1);
        for threshold in (-40..=160).map(|k| f64::from(k) / 100.0) {
            let f1 = Decisions::at(threshold, &scores, &labels).unwrap().f1();
            prop_assert!(f1 <= best.f1);
            let fewer = threshold > best.threshold && Decisions::at(threshold, &scores, &labels).unwrap().flagged()
                < Decisions::at(best.threshold, &scores, &labels).unwrap().flagged();
            prop_assert!(!(fewer && f1 == best.f1), "{threshold} is as good and flags fewer");
        }
    }

    #[test]
    fn counts_are_of_all_rows((scores, labels) in rows(), threshold in -0.5f64..1.5) {
        let decisions = Decisions::at(threshold, &scores, &labels).unwrap();
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
