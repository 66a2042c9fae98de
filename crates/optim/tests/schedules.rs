//! The further schedules, recorded from PyTorch.

mod common;

use approx::assert_relative_eq;
use common::network::{Network, further_schedule, mixed};
use common::{count, flag, number, numbers, state_bits};
use minimand_optim::{
    OneCycle, Optimizer, OptimizerState, PlateauThreshold, ReduceOnPlateau, Schedule, Sgd, SgdOptions, StateError,
};
use minimand_tensor::{Parameter, Tensor};
use serde_json::Value;

fn recorded() -> Value {
    serde_json::from_str(include_str!("fixtures/schedules.json")).expect("the fixture is JSON")
}

#[test]
fn every_recorded_schedule() {
    let recorded = recorded();
    let schedules = recorded["schedules"].as_array().unwrap();
    assert_eq!(schedules.len(), 23);
    for described in schedules {
        let schedule = further_schedule(&described["schedule"]);
        let (name, alpha) = (&described["name"], described["learning_rate"].as_f64().unwrap());
        for (step, expected) in numbers(&described["learning_rates"]).into_iter().enumerate() {
            let found = schedule.learning_rate(alpha, step as u64);
            assert!(
                approx::relative_eq!(found, expected, epsilon = 1e-15, max_relative = 1e-12),
                "{name}, step {step}: {found} for {expected}"
            );
        }
        let momenta: Option<Vec<f64>> = (0..60).map(|step| schedule.momentum(step)).collect();
        assert_eq!(momenta.is_some(), !described["momenta"].is_null(), "{name}");
        for (step, found) in momenta.into_iter().flatten().enumerate() {
            assert_relative_eq!(found, numbers(&described["momenta"])[step], max_relative = 1e-12);
        }
    }
}

/// The momentum that is cycled is the one that the rule uses.
#[test]
fn every_recorded_run() {
    let recorded = recorded();
    for run in recorded["runs"].as_array().unwrap() {
        let network = Network::new();
        let mut optimizer = mixed(run, &network).with_schedule(further_schedule(&run["schedule"]));
        assert_eq!(network.follow(run, &mut optimizer), 3);
    }
}

fn plateau(options: &Value) -> ReduceOnPlateau {
    let threshold = number(options, "threshold");
    ReduceOnPlateau {
        factor: number(options, "factor"),
        patience: count(options, "patience"),
        threshold: match options["threshold_mode"].as_str().unwrap() {
            "rel" => PlateauThreshold::Relative(threshold),
            _ => PlateauThreshold::Absolute(threshold),
        },
        cooldown: count(options, "cooldown"),
        minimum: number(options, "minimum"),
        least_change: number(options, "least_change"),
        maximize: flag(options, "maximize"),
    }
}

/// Stored after every fifth observation and loaded into a new optimizer, it goes on as if nothing had been.
#[test]
fn every_recorded_plateau_interrupted_and_not() {
    let recorded = recorded();
    let plateaus = recorded["plateaus"].as_array().unwrap();
    assert_eq!(plateaus.len(), 6);
    let w = Parameter::new("w", Tensor::from([1.0]));
    for interrupted in [false, true] {
        for described in plateaus {
            let build = || {
                let options = SgdOptions { learning_rate: 0.1, ..Default::default() };
                Sgd::new([&w], options).with_plateau(plateau(&described["options"]))
            };
            let mut sgd = build();
            let rates = numbers(&described["learning_rates"]);
            for (at, metric) in numbers(&described["metrics"]).into_iter().enumerate() {
                if interrupted && at % 5 == 0 {
                    let stored = sgd.state().into_named_tensors();
                    sgd = build();
                    sgd.load_state(&OptimizerState::from_named_tensors(stored).unwrap()).unwrap();
                }
                let before = sgd.learning_rate();
                let lowered = sgd.observe(metric);
                assert_eq!(lowered, sgd.learning_rate() < before);
                assert!(
                    approx::relative_eq!(sgd.learning_rate(), rates[at], max_relative = 1e-12),
                    "{}, observation {at}: {} for {}",
                    described["name"],
                    sgd.learning_rate(),
                    rates[at]
                );
            }
        }
    }
}

#[test]
fn a_plateau_is_part_of_the_state() {
    let w = Parameter::new("w", Tensor::from([1.0]));
    let plain = || Sgd::new([&w], SgdOptions::default());
    let mut observing = plain().with_plateau(ReduceOnPlateau::default());
    observing.observe(2.0);
    let (with, without) = (observing.state(), plain().state());
    assert_eq!(plain().load_state(&with).unwrap_err(), StateError::Unexpected { name: "plateau".into() });
    assert_eq!(observing.load_state(&without).unwrap_err(), StateError::Missing { name: "plateau".into() });
    let before = state_bits(&observing);
    let mut stored = with.into_named_tensors();
    stored.insert("plateau".into(), Tensor::from([2.0, -1.0, 0.0]));
    let error = OptimizerState::from_named_tensors(stored.clone()).unwrap_err().to_string();
    let expected = "a metric that is not NaN and two counts";
    assert_eq!(error, format!("optimizer state: \"plateau\" is [2.0, -1.0, 0.0], and must be {expected}"));
    stored.insert("plateau".into(), Tensor::from([2.0]));
    let error = OptimizerState::from_named_tensors(stored).unwrap_err().to_string();
    assert_eq!(error, "optimizer state: \"plateau\" is f64[1], and must be f64[3]");
    assert_eq!(state_bits(&observing), before);
}

#[test]
#[should_panic(expected = "Sgd: it observes no metric: give it a ReduceOnPlateau first (with_plateau)")]
fn a_metric_that_nobody_observes() {
    Sgd::new([Parameter::new("w", Tensor::from([1.0]))], SgdOptions::default()).observe(1.0);
}

#[test]
fn a_schedule_prints_as_data() {
    let schedule = Schedule::custom("mine", |_| 1.0).and(Schedule::MultiStep { milestones: vec![2], factor: 0.5 });
    let printed = "Chained([Custom(\"mine\"), MultiStep { milestones: [2], factor: 0.5 }])";
    assert_eq!(format!("{schedule:?}"), printed);
    assert_eq!(schedule, schedule.clone());
    assert_ne!(Schedule::custom("mine", |_| 1.0), Schedule::custom("mine", |_| 1.0));
}

#[test]
#[should_panic(expected = "Schedule: \"mine\" is -1 at step 3: it must be finite and at least 0")]
fn a_custom_factor_out_of_range() {
    Schedule::custom("mine", |step| 2.0 - step as f64).learning_rate(0.1, 3);
}

/// What is multiplied up on the way does not depend on the way.
#[test]
fn a_product_of_factors_can_be_asked_for_in_any_order() {
    let schedule = Schedule::multiplicative("halves", |_| 0.5);
    assert_eq!(
        [3, 5, 0, 4, 4].map(|step| schedule.learning_rate(1.0, step)),
        [0.125, 1.0 / 32.0, 1.0, 1.0 / 16.0, 1.0 / 16.0]
    );
}

/// Beyond its end a cycle stays where it ended, and it can rise in no time or for all of its time.
#[test]
fn the_ends_of_one_cycle() {
    let rate =
        |warmup: f64, step: u64| Schedule::OneCycle(OneCycle { warmup, ..OneCycle::new(10) }).learning_rate(1.0, step);
    assert_relative_eq!(rate(0.3, 9), 1.0 / 25e4);
    assert_eq!(rate(0.3, 1000), rate(0.3, 9));
    assert_eq!(rate(0.1, 0), 1.0);
    assert!(rate(0.0, 0) < 1.0 && rate(0.0, 0) > 0.9);
    assert_eq!(rate(1.0, 9), 1.0);
}

#[test]
fn options_out_of_range() {
    let cycle = OneCycle::new(10);
    let cases = [
        (Schedule::MultiStep { milestones: vec![0], factor: 0.5 }, "Schedule: milestone is 0: it must be at least 1"),
        (
            Schedule::MultiStep { milestones: vec![3, 3], factor: 0.5 },
            "Schedule: milestone is 3: it must be after the milestone before it",
        ),
        (Schedule::ConstantFactor { steps: 0, factor: 0.5 }, "Schedule: steps is 0: it must be at least 1"),
        (Schedule::Polynomial { steps: 1, power: -1.0 }, "Schedule: power is -1: it must be finite and at least 0"),
        (
            Schedule::CosineRestarts { period: 1, growth: 0, minimum: 0.0 },
            "Schedule: growth is 0: it must be at least 1",
        ),
        (Schedule::OneCycle(OneCycle { warmup: 1.5, ..cycle }), "OneCycle: warmup is 1.5: it must be between 0 and 1"),
        (Schedule::OneCycle(OneCycle::new(1)), "OneCycle: steps is 1: it must be at least 2"),
        (
            Schedule::Constant.and(Schedule::Exponential { factor: f64::NAN }),
            "Schedule: factor is NaN: it must be finite and at least 0",
        ),
    ];
    for (schedule, expected) in cases {
        assert_eq!(schedule.validate().unwrap_err().to_string(), expected);
    }
    let plateau = ReduceOnPlateau { factor: 1.0, ..Default::default() };
    assert_eq!(
        plateau.validate().unwrap_err().to_string(),
        "ReduceOnPlateau: factor is 1: it must be at least 0 and below 1"
    );
}
