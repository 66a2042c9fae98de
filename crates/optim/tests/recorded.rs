//! Trajectories and schedules recorded from PyTorch.

mod common;

use approx::relative_eq;
use common::{Problem, Recorded, assert_close, numbers, recorded};
use minimand_optim::{Clipping, global_norm};
use minimand_tensor::grad;

#[test]
fn the_problem_is_the_recorded_one() {
    let (problem, recorded) = (Problem::new(), &recorded()["problem"]);
    let loss = problem.loss();
    let gradients = grad(&loss, &problem.parameters().map(|parameter| parameter.value()));
    assert_close("loss", &[loss.item()], &[recorded["loss"].as_f64().unwrap()], 1e-13);
    for (gradient, name) in gradients.iter().zip(["weight", "bias"]) {
        let expected = numbers(&recorded["gradient"][name]["data"]);
        assert_close(name, &gradient.to_vec::<f64>(), &expected, 1e-13);
    }
}

#[test]
fn every_recorded_run() {
    let recorded = recorded();
    let mut compared = 0;
    for run in recorded["runs"].as_array().unwrap() {
        let name = format!("{}, {}", run["optimizer"], run["name"]);
        let problem = Problem::new();
        let mut optimizer = Recorded::new(run, &problem);
        let clipping = &run["clipping"];
        let limit = |name: &str| clipping[name].as_f64().unwrap();
        let records = run["records"].as_array().unwrap();
        let last = records.last().unwrap()["after"].as_u64().unwrap();
        for step in 1..=last {
            let loss = problem.loss();
            match clipping["kind"].as_str() {
                None => {}
                Some("value") => optimizer = optimizer.clipped(Clipping::Value(limit("limit"))),
                Some(_) => {
                    // PyTorch's min(1, c / (n + ε)) is this crate's min(1, limit / n) for a limit of c n / (n + ε); with ε = 0 it is c.
                    let norm = match limit("epsilon") {
                        0.0 => 1.0,
                        _ => global_norm(&grad(&loss, &problem.parameters().map(|one| one.value()))).item(),
                    };
                    let share = if limit("epsilon") == 0.0 { 1.0 } else { norm / (norm + limit("epsilon")) };
                    optimizer = optimizer.clipped(Clipping::GlobalNorm(limit("max_norm") * share));
                }
            }
            let rates = optimizer.get().learning_rates();
            let taken = optimizer.get().step(&loss).unwrap();
            assert_eq!(taken.number(), step);
            assert_eq!(taken.learning_rate(), rates[0]);
            if let Some(record) = records.iter().find(|record| record["after"] == step) {
                let what = |part: &str| format!("{name}, {part} after {step}");
                assert_close(&what("rates"), &rates, &numbers(&record["learning_rates"]), 1e-12);
                assert_close(&what("loss"), &[problem.loss().item()], &[record["loss"].as_f64().unwrap()], 1e-10);
                for (part, parameter) in ["weight", "bias"].iter().zip(problem.parameters()) {
                    let expected = numbers(&record[*part]["data"]);
                    assert_close(&what(part), &parameter.value().to_vec::<f64>(), &expected, 1e-10);
                }
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 134, "records compared: has the fixture changed?");
}

#[test]
fn every_recorded_schedule() {
    let recorded = recorded();
    let schedules = recorded["schedules"].as_array().unwrap();
    assert_eq!(schedules.len(), 14);
    for described in schedules {
        let schedule = common::schedule(described);
        let alpha = described["learning_rate"].as_f64().unwrap();
        let rates: Vec<f64> = (0..40).map(|step| schedule.learning_rate(alpha, step)).collect();
        let name = described["name"].as_str().unwrap();
        for (step, (found, expected)) in rates.iter().zip(numbers(&described["learning_rates"])).enumerate() {
            assert!(
                relative_eq!(*found, expected, epsilon = 1e-15, max_relative = 1e-12),
                "{name}, step {step}: {found} for {expected}"
            );
        }
    }
}
