use approx::assert_relative_eq;
use serde_json::Value;

use super::*;

fn recorded() -> Value {
    serde_json::from_str(include_str!("../../../../tests/fixtures/compare/scores.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn judge(metric: &str, classes: usize) -> Judge {
    // No floor: the recorded predictions are all positive.
    Judge { metric: metric.parse().unwrap(), floor: Floor(1e-9), classes }
}

/// Every metric without and with weights, and the influence of a row as what a little more weight on it changes.
#[track_caller]
fn check(case: &Value, classes: usize, forecast: &Forecast) {
    let (target, weight) = (numbers(&case["target"]), numbers(&recorded()["weight"]));
    for (metric, expected) in case["scores"].as_object().unwrap() {
        let judge = judge(metric, classes);
        let score =
            |weight: Option<&[f64]>| judge.score(forecast, Truth { target: &target, weight, lists: None }).unwrap();
        for (weight, expected) in [None, Some(&weight[..])].into_iter().zip(numbers(expected)) {
            assert_relative_eq!(score(weight).value, expected, max_relative = 1e-9);
        }
        let loss = score(Some(&weight)).loss(Some(&weight));
        let value = score(Some(&weight)).value;
        let expected = match judge.metric {
            Metric::Rmse | Metric::Rmsle => value * value,
            Metric::Accuracy => 1.0 - value,
            Metric::R2 => continue,
            metric if metric.higher_is_better() => -value,
            _ => value,
        };
        assert_relative_eq!(loss, expected, max_relative = 1e-9);
        let total: f64 = weight.iter().sum();
        for row in [0, 7, 33] {
            let mut more = weight.clone();
            more[row] += 1e-6;
            let scored = score(Some(&weight));
            let change = (score(Some(&more)).loss(Some(&more)) - loss) / 1e-6 * total;
            // WAPE is divided by the mean size of the rows, the same for all losses.
            if judge.metric != Metric::Wape {
                assert_relative_eq!(scored.losses[row] - loss, change, epsilon = 1e-3 * (1.0 + change.abs()));
            }
        }
    }
}

#[test]
fn numbers_are_judged_as_elsewhere() {
    let all = recorded();
    for case in [&all["amounts"], &all["counts"]] {
        check(case, 0, &Forecast::Number(numbers(&case["prediction"])));
    }
}

#[test]
fn two_classes_are_judged_as_elsewhere() {
    let all = recorded();
    let case = &all["binary"];
    let score = numbers(&case["score"]);
    let acted = score.iter().map(|&score| score >= case["threshold"].as_f64().unwrap()).collect();
    check(case, 2, &Forecast::Binary { score, probability: true, acted });
}

#[test]
fn classes_are_judged_as_elsewhere() {
    let all = recorded();
    let case = &all["classes"];
    let (probabilities, decided) = (numbers(&case["probabilities"]), numbers(&case["decided"]));
    check(case, 4, &Forecast::Classes { probabilities, classes: 4, decided });
}

#[test]
fn intervals_are_judged_as_elsewhere() {
    let all = recorded();
    let case = &all["intervals"];
    let forecast = Forecast::Interval { lower: numbers(&case["lower"]), upper: numbers(&case["upper"]) };
    let truth = Truth { target: &numbers(&case["target"]), weight: None, lists: None };
    let score = judge("interval_score:0.8", 0).score(&forecast, truth).unwrap();
    for (loss, expected) in score.losses.iter().zip(numbers(&case["rows"])) {
        assert_relative_eq!(*loss, expected, max_relative = 1e-9);
    }
}

#[test]
fn lists_are_judged_as_elsewhere() {
    let all = recorded();
    let case = &all["lists"];
    let lists: Vec<u32> = numbers(&case["lists"]).iter().map(|&list| list as u32).collect();
    let relevance = numbers(&case["relevance"]);
    let truth = Truth { target: &relevance, weight: None, lists: Some(&lists) };
    for (metric, expected) in case["scores"].as_object().unwrap() {
        let score = judge(metric, 0).score(&Forecast::Scores(numbers(&case["score"])), truth).unwrap();
        assert_relative_eq!(score.value, expected.as_f64().unwrap(), max_relative = 1e-9);
        assert_relative_eq!(score.loss(None), -score.value, max_relative = 1e-9);
    }
}

/// Of a list with the first relevant item in the second place, one that ties it with the first, and one with none.
#[test]
fn reciprocal_ranks_are_means_over_ties() {
    let lists = [0, 0, 0, 1, 1, 2, 2];
    let relevance = [0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0];
    let scores = vec![3.0, 2.0, 1.0, 5.0, 5.0, 1.0, 2.0];
    let truth = Truth { target: &relevance, weight: None, lists: Some(&lists) };
    let score = judge("mrr", 0).score(&Forecast::Scores(scores), truth).unwrap();
    assert_relative_eq!(score.value, (0.5 + 0.75) / 2.0);
    assert_relative_eq!(score.loss(None), -score.value, max_relative = 1e-12);
    let without = Truth { target: &[0.0; 7], ..truth };
    assert_eq!(judge("ndcg", 0).score(&Forecast::Scores(vec![0.0; 7]), without), None);
}

#[test]
fn laws_are_judged_as_elsewhere() {
    for case in recorded()["laws"].as_array().unwrap() {
        let at = numbers(&case[1]);
        let law = match case[0].as_str().unwrap() {
            "normal" => Law::Normal { mean: at[0], deviation: at[1] },
            "student_t" => Law::StudentT { location: at[0], scale: at[1], freedom: at[2] },
            "log_normal" => Law::LogNormal { log_median: at[0], log_deviation: at[1] },
            "gamma" => Law::Gamma { mean: at[0], shape: at[1] },
            "two_part" => Law::TwoPart { positive: at[0], mean: at[1], shape: at[2] },
            "poisson" => Law::Poisson { mean: at[0] },
            _ => Law::NegativeBinomial { mean: at[0], size: at[1] },
        };
        let truth = [case[2].as_f64().unwrap()];
        let truth = Truth { target: &truth, weight: None, lists: None };
        for (metric, place) in [("crps", 3), ("log_score", 4)] {
            let score = judge(metric, 0).score(&Forecast::Laws(vec![law]), truth).unwrap();
            assert_relative_eq!(score.value, case[place].as_f64().unwrap(), max_relative = 1e-6, epsilon = 1e-9);
        }
    }
}

#[test]
fn what_a_law_calls_impossible_is_no_infinity() {
    let truth = Truth { target: &[-1.0], weight: None, lists: None };
    let score = judge("log_score", 0).score(&Forecast::Laws(vec![Law::Poisson { mean: 2.0 }]), truth).unwrap();
    assert_relative_eq!(score.value, 700.0);
}

#[test]
fn predictions_below_the_floor_are_read_as_it() {
    let floor = Floor::of(&[100.0, 300.0]);
    assert_relative_eq!(floor.0, 1.0);
    assert_relative_eq!(floor.apply(-5.0), 1.0);
    assert_relative_eq!(floor.apply(f64::NAN), 1.0);
    assert_relative_eq!(floor.apply(7.0), 7.0);
    let judge = Judge { metric: Metric::GammaDeviance, floor, classes: 0 };
    let score = |prediction| {
        judge
            .score(&Forecast::Number(vec![prediction]), Truth { target: &[100.0], weight: None, lists: None })
            .unwrap()
            .value
    };
    assert_relative_eq!(score(-5.0), score(1.0));
    assert!(score(-5.0) > score(50.0));
}

#[test]
fn rows_that_do_not_tell_have_no_score() {
    let forecast = Forecast::Binary { score: vec![0.1, 0.2], probability: true, acted: vec![false, false] };
    let truth = Truth { target: &[0.0, 0.0], weight: None, lists: None };
    for metric in ["auc", "average_precision", "recall_at:0.5"] {
        assert_eq!(judge(metric, 2).score(&forecast, truth), None);
    }
    let truth = Truth { target: &[2.0, 2.0], weight: None, lists: None };
    assert_eq!(judge("r2", 0).score(&Forecast::Number(vec![1.0, 2.0]), truth), None);
}

/// (a − b) / (√a + √b) is the difference of the roots; R² falls by a difference over the variance.
#[test]
fn differences_are_shown_in_the_unit_of_the_metric() {
    assert_relative_eq!(judge("rmse", 0).in_unit(9.0 - 4.0, 3.0, 2.0, 1.0), 1.0);
    assert_relative_eq!(judge("r2", 0).in_unit(3.0, 0.0, 0.0, 12.0), -0.25);
    assert_relative_eq!(judge("auc", 2).in_unit(-0.1, 0.8, 0.7, 1.0), 0.1);
    assert_relative_eq!(judge("mae", 0).in_unit(-0.1, 0.7, 0.8, 1.0), -0.1);
}

#[test]
fn shares_of_the_highest_split_a_tie() {
    let forecast = Forecast::Binary { score: vec![0.9, 0.5, 0.5, 0.1], probability: true, acted: vec![false; 4] };
    let truth = Truth { target: &[0.0, 1.0, 0.0, 1.0], weight: None, lists: None };
    // Two rows: the first, and half of either in the tie.
    assert_relative_eq!(judge("recall_at:0.5", 2).score(&forecast, truth).unwrap().value, 0.25);
}
