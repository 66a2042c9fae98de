//! Against arch, baycomp, statsmodels and SciPy.

use approx::assert_relative_eq;
use minimand_cli::statistics::*;
use serde_json::Value;

fn recorded() -> Value {
    serde_json::from_str(include_str!("../fixtures/comparisons_recorded.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn cases<'a>(recorded: &'a Value, name: &str) -> &'a Vec<Value> {
    recorded[name].as_array().unwrap()
}

#[track_caller]
fn same(actual: f64, expected: &Value) {
    assert_relative_eq!(actual, expected.as_f64().unwrap(), epsilon = 1e-10, max_relative = 1e-9);
}

#[test]
fn correlated_t_and_its_probabilities_are_baycomps() {
    let recorded = recorded();
    for case in cases(&recorded, "correlated") {
        let of_splits = differences(&numbers(&case["first"]), &numbers(&case["second"]), false);
        let paired = corrected(&of_splits, 0.25);
        same(paired.mean, &case["mean"]);
        same(paired.standard_error.powi(2), &case["variance"]);
        same(paired.freedom, &case["freedom"]);
        let probabilities = Probabilities::of(&paired, case["rope"].as_f64().unwrap());
        same(probabilities.better, &case["better"]);
        same(probabilities.equal, &case["equal"]);
        same(probabilities.worse, &case["worse"]);
    }
}

#[test]
fn naive_t_is_the_paired_t_test() {
    let recorded = recorded();
    let case = &recorded["correlated"][0];
    let paired = naive(&differences(&numbers(&case["first"]), &numbers(&case["second"]), false));
    same(paired.mean / paired.standard_error, &recorded["naive"]["t"]);
    same(paired.p_value(), &recorded["naive"]["p"]);
    same(paired.interval().low, &recorded["naive"]["interval"][0]);
    same(paired.interval().high, &recorded["naive"]["interval"][1]);
}

#[test]
fn student_quantiles_are_exact_from_one_degree_of_freedom_to_thousands() {
    for case in cases(&recorded(), "student") {
        let case = numbers(case);
        let paired = Paired { mean: 0.0, standard_error: 1.0, freedom: case[0] };
        assert_relative_eq!(paired.interval_at(2.0 * case[1] - 1.0).high, case[2], max_relative = 1e-8);
    }
}

#[test]
fn clustered_is_least_squares_on_a_constant_with_clustered_errors() {
    let recorded = recorded();
    let case = &recorded["clustered"];
    let groups: Vec<u32> = case["groups"].as_array().unwrap().iter().map(|v| v.as_u64().unwrap() as u32).collect();
    let paired = clustered(&numbers(&case["values"]), &groups);
    same(paired.mean, &case["mean"]);
    same(paired.standard_error, &case["standard_error"]);
    same(paired.p_value(), &case["p"]);
    same(paired.interval().low, &case["interval"][0]);
    same(paired.interval().high, &case["interval"][1]);
}

#[test]
fn confidence_set_is_archs_up_to_the_draws() {
    for case in cases(&recorded(), "sets") {
        let losses: Vec<Vec<f64>> = case["losses"].as_array().unwrap().iter().map(numbers).collect();
        let p_values = confidence_set_p_values(&losses, 20_000, 11).unwrap();
        for (actual, expected) in p_values.iter().zip(numbers(&case["p"])) {
            // Four standard errors of either bootstrap's share, and what their standard deviations add.
            let noise = 4.0 * (expected * (1.0 - expected) / 12_000.0_f64).sqrt() + 0.002;
            assert!((actual - expected).abs() < noise, "{p_values:?} against {}", case["p"]);
        }
        let members: Vec<u64> = (0..)
            .zip(confidence_set(&losses, 0.9, 20_000, 12))
            .filter(|(_, is)| *is)
            .map(|(number, _)| number)
            .collect();
        let expected: Vec<u64> = case["included"].as_array().unwrap().iter().map(|v| v.as_u64().unwrap()).collect();
        assert_eq!(members, expected);
    }
}

#[test]
fn holm_is_statsmodels() {
    for case in cases(&recorded(), "holm") {
        for (actual, expected) in holm(&numbers(&case["p"])).into_iter().zip(case["adjusted"].as_array().unwrap()) {
            same(actual, expected);
        }
    }
}

#[test]
fn wilson_is_statsmodels() {
    for case in cases(&recorded(), "wilson") {
        let interval =
            wilson(case[0].as_u64().unwrap() as usize, case[1].as_u64().unwrap() as usize, case[2].as_f64().unwrap());
        same(interval.low, &case[3]);
        same(interval.high, &case[4]);
    }
}

#[test]
fn bootstrap_intervals_are_scipys_up_to_the_draws() {
    let recorded = recorded();
    let case = &recorded["bootstrap"];
    let values = numbers(&case["values"]);
    let groups: Vec<u32> = (0..values.len() as u32).collect();
    let mean = |rows: &[usize]| rows.iter().map(|&row| values[row]).sum::<f64>() / rows.len() as f64;
    let found = bootstrap(&groups, 40_000, 3, mean);
    let near = |actual: f64, expected: &Value| {
        assert_relative_eq!(actual, expected.as_f64().unwrap(), max_relative = 0.012);
    };
    near(found.percentile(0.9).low, &case["percentile"][0]);
    near(found.percentile(0.9).high, &case["percentile"][1]);
    // The two intervals differ by 6 and 7 %.
    near(found.corrected(0.9).low, &case["bca"][0]);
    near(found.corrected(0.9).high, &case["bca"][1]);
    near(found.standard_error(), &case["standard_error"]);
}

#[test]
fn delong_is_every_positive_against_every_negative() {
    for case in cases(&recorded(), "delong") {
        let labels: Vec<bool> = case["labels"].as_array().unwrap().iter().map(|v| v.as_bool().unwrap()).collect();
        let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
        let areas = delong(&a, &b, &labels, None).unwrap();
        same(areas.first, &case["first"]);
        same(areas.second, &case["second"]);
        same(areas.difference.standard_error, &case["standard_error"]);
        same(areas.difference.mean, &Value::from(areas.second - areas.first));
        // Rows by themselves are groups of one: only the factors differ.
        let rows: Vec<u32> = (0..labels.len() as u32).collect();
        let grouped = delong(&a, &b, &labels, Some(&rows)).unwrap();
        assert_relative_eq!(grouped.difference.standard_error, areas.difference.standard_error, max_relative = 0.02);
    }
}

#[test]
fn signs_are_scipys_where_all_are_tried_and_near_student_where_many_are() {
    let recorded = recorded();
    let case = &recorded["signs"];
    same(randomisation(&numbers(&case["few"]), 1, 0), &case["exact"]);
    let p = randomisation(&numbers(&case["many"]), 50_000, 5);
    assert_relative_eq!(p, case["student"].as_f64().unwrap(), max_relative = 0.35);
}
