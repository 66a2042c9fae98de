//! What stands around a step: gradients one already has, accumulation, SAM, averages of weights.

mod common;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use common::network::{NAMES, Network, mixed};
use common::{assert_close, number, numbers, state_bits};
use minimand_optim::{
    Accumulator, Adam, AdamOptions, AveragedWeights, Averaging, Clipping, Optimizer, Sam, SamOptions, Schedule, Sgd,
    SgdOptions, StateError, StepError,
};
use minimand_tensor::{DType, Parameter, Tensor};
use serde_json::Value;

fn recorded() -> Value {
    serde_json::from_str(include_str!("fixtures/training.json")).expect("the fixture is JSON")
}

fn adam(network: &Network) -> Adam {
    Adam::new(network.parameters(), AdamOptions { learning_rate: 0.05, ..Default::default() })
        .with_clipping(Clipping::GlobalNorm(1.0))
        .with_schedule(Schedule::Exponential { factor: 0.9 })
}

/// The message of a panic.
fn refused<T>(call: impl FnOnce() -> T) -> String {
    let Err(payload) = catch_unwind(AssertUnwindSafe(call)) else { panic!("it was accepted") };
    let constant = payload.downcast_ref::<&str>().map(|message| (*message).to_owned());
    constant.unwrap_or_else(|| payload.downcast_ref::<String>().expect("a message").clone())
}

#[test]
fn a_step_with_the_gradients_of_the_loss_is_the_step_on_the_loss() {
    let (one, other) = (Network::new(), Network::new());
    let (mut by_loss, mut by_gradients) = (adam(&one), adam(&other));
    for _ in 0..10 {
        let expected = by_loss.step(&one.loss()).unwrap();
        let loss = other.loss();
        let gradients = by_gradients.gradients(&loss).unwrap();
        assert_eq!(by_gradients.step_with(&loss, &gradients).unwrap(), expected);
        assert_eq!(one.bits(), other.bits());
        assert_eq!(state_bits(&by_loss), state_bits(&by_gradients));
    }
}

#[test]
fn given_gradients_are_refused_as_computed_ones_are() {
    let network = Network::new();
    let mut adam = adam(&network);
    adam.step(&network.loss()).unwrap();
    let before = (network.bits(), state_bits(&adam));
    let loss = network.loss();
    let mut gradients = adam.gradients(&loss).unwrap();
    gradients[1] = &gradients[1] * f64::INFINITY;
    let error = adam.step_with(&loss, &gradients).unwrap_err();
    let StepError::NonFiniteGradient { step: 2, parameters, .. } = &error else { panic!("{error:?}") };
    assert_eq!((parameters.len(), &*parameters[0]), (1, "offset"));

    assert_eq!(refused(|| adam.step_with(&loss, &gradients[..2])), "Adam: 2 gradients are given for 3 parameters");
    gradients[1] = Tensor::from([1.0, 2.0]);
    let expected = "Adam: the gradient of parameter \"offset\" is f64[2], and must be f64[4]";
    assert_eq!(refused(|| adam.step_with(&loss, &gradients)), expected);
    gradients[1] = Tensor::zeros([4]);
    let expected = "Adam: the gradient of parameter \"offset\" is f32[4], and must be f64[4]";
    assert_eq!(refused(|| adam.step_with(&loss, &gradients)), expected);
    let expected = "Adam: the loss of a step is f64[1]: it must be a floating-point scalar";
    assert_eq!(refused(|| adam.step_with(&loss.reshape([1]), &[])), expected);
    assert_eq!((network.bits(), state_bits(&adam)), before);
}

/// Unequal batches, weighted by their sizes, make the step of them all.
#[test]
fn accumulated_gradients_are_those_of_the_large_batch() {
    for (dtype, relative) in [(DType::F64, 1e-9), (DType::F32, 1e-3)] {
        let (whole, parts) = (Network::of(dtype), Network::of(dtype));
        let (mut at_once, mut in_parts) = (adam(&whole), adam(&parts));
        let mut accumulator = Accumulator::new();
        for _ in 0..10 {
            let expected = at_once.step(&whole.loss()).unwrap();
            for rows in [0..3, 3..4, 4..8] {
                let (x, y) = (parts.x.slice(0, rows.clone()), parts.y.slice(0, rows.clone()));
                accumulator.add(&in_parts, &parts.loss_on(&x, &y), rows.len() as f64).unwrap();
            }
            assert_eq!(accumulator.count(), 3);
            let step = accumulator.step(&mut in_parts).unwrap();
            assert_eq!((accumulator.count(), step.number()), (0, expected.number()));
            assert_close("loss", &[step.loss()], &[expected.loss()], relative);
            assert_close("norm", &[step.gradient_norm()], &[expected.gradient_norm()], relative);
        }
        for (found, expected) in parts.parameters().into_iter().zip(whole.parameters()) {
            let (found, expected) = (found.value().to_vec::<f64>(), expected.value().to_vec::<f64>());
            assert_close("parameter", &found, &expected, relative);
        }
    }
}

#[test]
fn an_accumulation_can_fail() {
    let network = Network::new();
    let mut adam = adam(&network);
    let mut accumulator = Accumulator::new();
    let none = refused(|| accumulator.step(&mut adam));
    assert_eq!(none, "Accumulator: no loss has been added since the last step");
    let unrelated = accumulator.add(&adam, &Tensor::from(1.0), 1.0).unwrap_err();
    assert!(matches!(unrelated, StepError::UnrelatedLoss { step: 1, .. }), "{unrelated}");
    assert_eq!(accumulator.count(), 0);

    accumulator.add(&adam, &network.loss(), 1.0).unwrap();
    accumulator.add(&adam, &(network.loss() * f64::NAN), 1.0).unwrap();
    let before = network.bits();
    let error = accumulator.step(&mut adam).unwrap_err();
    assert!(matches!(error, StepError::NonFiniteLoss { step: 1, .. }), "{error}");
    assert_eq!((network.bits(), accumulator.count()), (before, 0));

    accumulator.add(&adam, &network.loss(), 1.0).unwrap();
    network.offset.set(network.offset.value() + 1.0);
    let message = refused(|| accumulator.add(&adam, &network.loss(), 1.0));
    assert!(message.contains("have other values, than at the first addition"), "{message}");
    let message = refused(|| accumulator.add(&adam, &network.loss(), 0.0));
    assert_eq!(message, "Accumulator: a weight is 0: it must be finite and above 0");
}

/// With the first layer frozen, all of these are as for an optimizer that does not have it.
#[test]
fn frozen_parameters_take_no_part() {
    let (frozen, without) = (Network::new(), Network::new());
    frozen.hidden.set_frozen(true);
    let options = AdamOptions { learning_rate: 0.05, ..Default::default() };
    let mut all = Sam::new(Adam::new(frozen.parameters(), options), SamOptions::default());
    let mut rest = Sam::new(Adam::new([&without.offset, &without.output], options), SamOptions::default());
    let (mut of_all, mut of_rest) = (Accumulator::new(), Accumulator::new());
    for _ in 0..3 {
        assert_eq!(all.step(|| frozen.loss()).unwrap(), rest.step(|| without.loss()).unwrap());
        for _ in 0..2 {
            of_all.add(all.optimizer(), &frozen.loss(), 1.0).unwrap();
            of_rest.add(rest.optimizer(), &without.loss(), 1.0).unwrap();
        }
        assert_eq!(of_all.step(all.optimizer_mut()).unwrap(), of_rest.step(rest.optimizer_mut()).unwrap());
        assert_eq!(frozen.bits(), without.bits());
    }
    of_all.add(all.optimizer(), &frozen.loss(), 1.0).unwrap();
    frozen.hidden.set_frozen(false);
    let message = refused(|| of_all.add(all.optimizer(), &frozen.loss(), 1.0));
    assert!(message.contains("the parameters are others"), "{message}");
}

#[test]
fn every_recorded_sam() {
    let recorded = recorded();
    for run in recorded["sam"].as_array().unwrap() {
        let (network, options) = (Network::new(), &run["options"]);
        let adaptive = options["adaptive"].as_bool().unwrap();
        let options = SamOptions { radius: number(options, "radius"), adaptive, eta: number(options, "eta") };
        let mut sam = Sam::new(mixed(run, &network), options);
        let mut steps = Steps { network: &network, take: || drop(sam.step(|| network.loss()).unwrap()) };
        assert_eq!(steps.follow(run, || network.parameters().map(|parameter| parameter.value())), 3);
    }
}

/// Takes the steps of a recorded run.
struct Steps<'a, F> {
    network: &'a Network,
    take: F,
}

impl<F: FnMut()> Steps<'_, F> {
    fn follow(&mut self, run: &Value, values: impl Fn() -> [Tensor; 3]) -> usize {
        let records = run["records"].as_array().unwrap();
        for step in 1..=40 {
            (self.take)();
            for record in records.iter().filter(|record| record["after"] == step) {
                assert!(self.network.loss().item().is_finite());
                for (name, value) in NAMES.iter().zip(values()) {
                    let what = format!("{}, {name} after {step}", run["name"]);
                    assert_close(&what, &value.to_vec::<f64>(), &numbers(&record[*name]["data"]), 1e-9);
                }
            }
        }
        records.len()
    }
}

/// However the second call of the loss ends, the parameters are where they were.
#[test]
fn a_sharpness_aware_step_that_fails_changes_nothing() {
    let network = Network::new();
    let mut sam = Sam::new(adam(&network), SamOptions::default());
    sam.step(|| network.loss()).unwrap();
    let before = (network.bits(), state_bits(sam.optimizer()));
    let calls = std::cell::Cell::new(0);
    let second = |failed: &dyn Fn() -> Tensor| {
        calls.set(calls.get() + 1);
        if calls.get() % 2 == 0 { failed() } else { network.loss() }
    };
    let error = sam.step(|| second(&|| network.loss() * f64::NAN)).unwrap_err();
    assert!(matches!(error, StepError::NonFiniteGradient { step: 2, .. }), "{error:?}");
    let error = sam.step(|| second(&|| Tensor::from(1.0))).unwrap_err();
    assert!(matches!(error, StepError::UnrelatedLoss { step: 2, .. }), "{error:?}");
    let panicked = catch_unwind(AssertUnwindSafe(|| sam.step(|| second(&|| panic!("no loss")))));
    assert!(panicked.is_err());
    assert_eq!((network.bits(), state_bits(sam.optimizer())), before);
    assert_eq!(calls.get(), 6);
}

#[test]
fn a_gradient_of_zero_has_nowhere_to_ascend() {
    for adaptive in [false, true] {
        let w = Parameter::new("w", Tensor::from([1.0f32, 2.0]));
        let mut sam = Sam::new(Sgd::new([&w], SgdOptions::default()), SamOptions { adaptive, ..Default::default() });
        sam.step(|| (0.0 * w.value()).sum()).unwrap();
        assert_eq!(w.value().to_string(), "[1, 2]");
    }
}

fn averaging(described: &Value) -> Averaging {
    match described["decay"].as_f64() {
        Some(decay) => Averaging::Exponential { decay, warmup: described["warmup"].as_bool().unwrap() },
        None => Averaging::Equal,
    }
}

/// Stored after every ninth update and loaded into new ones, averages go on as if nothing had been.
#[test]
fn every_recorded_average_interrupted_and_not() {
    let recorded = recorded();
    for run in recorded["averages"].as_array().unwrap() {
        for interrupted in [false, true] {
            let network = Network::new();
            let mut sgd = mixed(run, &network);
            let build = || AveragedWeights::new(network.parameters(), averaging(&run["averaging"]));
            let averages = std::cell::RefCell::new(build());
            let take = || {
                sgd.step(&network.loss()).unwrap();
                let mut averages = averages.borrow_mut();
                averages.update();
                if interrupted && averages.updates() % 9 == 0 {
                    let state = averages.state();
                    *averages = build();
                    averages.load_state(&state).unwrap();
                }
            };
            let mut steps = Steps { network: &network, take };
            let values = || <[Tensor; 3]>::try_from(averages.borrow().averages().to_vec()).unwrap();
            assert_eq!(steps.follow(run, values), 3);
        }
    }
}

#[test]
fn averages_change_places_with_the_parameters() {
    let w = Parameter::new("w", Tensor::from([1.0f32, 2.0]));
    let mut averages = AveragedWeights::new([&w], Averaging::Equal);
    for value in [[4.0f32, 0.0], [2.0, 2.0]] {
        w.set(Tensor::from(value));
        averages.update();
    }
    averages.swap();
    assert_eq!((w.value().to_string(), averages.averages()[0].to_string()), ("[3, 1]".into(), "[2, 2]".into()));
    averages.swap();
    assert_eq!((w.value().to_string(), averages.averages()[0].to_string()), ("[2, 2]".into(), "[3, 1]".into()));
    let lazy = averages.with(|| 2.0 * w.value());
    assert_eq!((w.value().to_string(), lazy.to_string()), ("[2, 2]".into(), "[6, 2]".into()));
    let panicked = catch_unwind(AssertUnwindSafe(|| averages.with(|| panic!("in the middle"))));
    assert!(panicked.is_err());
    assert_eq!((w.value().to_string(), averages.averages()[0].to_string()), ("[2, 2]".into(), "[3, 1]".into()));
    averages.copy_to_parameters();
    assert_eq!(w.value().to_string(), "[3, 1]");
    assert_eq!((w.value().dtype(), averages.averages()[0].explain().lines().count()), (DType::F32, 1));
}

#[test]
fn averages_that_do_not_fit_change_nothing() {
    let w = Parameter::new("w", Tensor::from([1.0, 2.0]));
    let mut averages = AveragedWeights::new([&w], Averaging::Equal);
    averages.update();
    let state = averages.state();
    assert_eq!(state.keys().collect::<Vec<_>>(), ["averages.w", "updates"]);
    let with = |name: &str, tensor: Option<Tensor>| {
        let mut changed: BTreeMap<String, Tensor> = state.clone();
        match tensor {
            Some(tensor) => changed.insert(name.to_owned(), tensor),
            None => changed.remove(name),
        };
        changed
    };
    let missing = averages.load_state(&with("averages.w", None)).unwrap_err();
    assert_eq!(missing, StateError::Missing { name: "averages.w".into() });
    let unexpected = averages.load_state(&with("averages.v", Some(Tensor::from(1.0)))).unwrap_err();
    assert_eq!(unexpected, StateError::Unexpected { name: "averages.v".into() });
    let mismatch = averages.load_state(&with("averages.w", Some(Tensor::from([1.0])))).unwrap_err();
    let expected = "optimizer state: \"averages.w\" is f64[1], and must be f64[2]";
    assert_eq!(mismatch.to_string(), expected);
    let negative = averages.load_state(&with("updates", Some(Tensor::from(-1i64)))).unwrap_err();
    assert_eq!(negative.to_string(), "optimizer state: \"updates\" is -1, and must be at least 0");
    assert_eq!((averages.updates(), averages.averages()[0].to_string()), (1, "[1, 2]".into()));

    let twice = refused(|| AveragedWeights::new([&w, &Parameter::new("w", Tensor::from(1.0))], Averaging::Equal));
    assert!(twice.starts_with("AveragedWeights: two parameters are called \"w\""), "{twice}");
    let decay = Averaging::Exponential { decay: 1.0, warmup: false };
    let message = refused(|| AveragedWeights::new([&w], decay));
    assert_eq!(message, "AveragedWeights: decay is 1: it must be at least 0 and below 1");
}
