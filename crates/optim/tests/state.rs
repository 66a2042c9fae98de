//! State: saved, stored as named tensors, restored; and what does not fit.

mod common;

use std::collections::BTreeMap;

use common::{Problem, state_bits};
use minimand_optim::{
    Adam, AdamOptions, AdamW, AdamWOptions, Descent, Optimizer, OptimizerState, Schedule, Sgd, SgdOptions, StateError,
    UpdateRule,
};
use minimand_tensor::{DType, Parameter, Tensor};

/// What a file would keep: values without their tensors.
fn through_a_file(state: OptimizerState) -> OptimizerState {
    let copy = |tensor: Tensor| match tensor.dtype() {
        DType::F32 => Tensor::from_vec(tensor.to_vec::<f32>(), tensor.shape()),
        DType::F64 => Tensor::from_vec(tensor.to_vec::<f64>(), tensor.shape()),
        DType::I64 => Tensor::from_vec(tensor.to_vec::<i64>(), tensor.shape()),
        DType::Bool => panic!("no optimizer remembers truth values"),
    };
    let named = state.into_named_tensors().into_iter().map(|(name, tensor)| (name, copy(tensor)));
    OptimizerState::from_named_tensors(named).unwrap()
}

fn interrupted_and_not<R: UpdateRule + Copy>(options: R, make: fn() -> Problem) {
    let schedule = || {
        let warm_up = Schedule::LinearWarmup { steps: 5, start_factor: 0.0 };
        warm_up.then(5, Schedule::Cosine { period: 40, minimum: 1e-5 })
    };
    let build = |problem: &Problem| Descent::new(problem.parameters(), options).with_schedule(schedule());
    let train = |problem: &Problem, optimizer: &mut dyn Optimizer, steps: usize| -> Vec<u64> {
        (0..steps).map(|_| optimizer.step(&problem.loss()).unwrap().loss().to_bits()).collect()
    };
    let whole = make();
    let mut optimizer = build(&whole);
    train(&whole, &mut optimizer, 17);
    optimizer.set_learning_rate(0.0123);
    let saved = (through_a_file(optimizer.state()), whole.weight.value(), whole.bias.value());
    let losses = train(&whole, &mut optimizer, 23);

    let restored = make();
    let mut second = build(&restored);
    second.load_state(&saved.0).unwrap();
    restored.weight.set(saved.1);
    restored.bias.set(saved.2);
    assert_eq!(second.steps(), 17);
    assert_eq!(train(&restored, &mut second, 23), losses);
    assert_eq!(restored.bits(), whole.bits());
    assert_eq!(state_bits(&second), state_bits(&optimizer));
}

#[test]
fn an_interrupted_run_goes_on_to_the_same_bits() {
    for make in [Problem::new, Problem::in_f32] {
        interrupted_and_not(SgdOptions { learning_rate: 0.02, ..Default::default() }, make);
        let momentum = SgdOptions { learning_rate: 0.02, momentum: 0.9, dampening: 0.5, ..Default::default() };
        interrupted_and_not(momentum, make);
        interrupted_and_not(AdamOptions { learning_rate: 0.05, ..Default::default() }, make);
        interrupted_and_not(AdamWOptions { learning_rate: 0.05, amsgrad: true, ..Default::default() }, make);
    }
}

#[test]
fn a_saved_state_is_not_touched_by_later_steps() {
    let problem = Problem::new();
    let mut adam = Adam::new(problem.parameters(), AdamOptions::default());
    adam.step(&problem.loss()).unwrap();
    let saved = adam.state();
    let before = state_bits(&adam);
    adam.step(&problem.loss()).unwrap();
    assert_ne!(state_bits(&adam), before);
    adam.load_state(&saved).unwrap();
    assert_eq!(state_bits(&adam), before);
}

/// An optimizer after three steps, with its state.
fn trained() -> (Problem, AdamW, OptimizerState) {
    let problem = Problem::new();
    let mut adamw = AdamW::new([&problem.weight], AdamWOptions::default())
        .with_group([&problem.bias], AdamWOptions { learning_rate: 0.5, ..Default::default() });
    for _ in 0..3 {
        adamw.step(&problem.loss()).unwrap();
    }
    let state = adamw.state();
    (problem, adamw, state)
}

#[test]
fn the_state_has_names() {
    let (_, _, state) = trained();
    let names = ["bias.first_moment", "bias.second_moment", "weight.first_moment", "weight.second_moment"];
    assert_eq!(state.tensors.keys().collect::<Vec<_>>(), names);
    assert_eq!((state.steps, &*state.learning_rates), (3, &[1e-3, 0.5][..]));
    let stored = state.into_named_tensors();
    assert_eq!((stored["steps"].dtype(), stored["steps"].rank(), stored["steps"].item()), (DType::I64, 0, 3.0));
}

#[test]
fn equal_names_are_told_apart_by_position() {
    let (a, b) = (Parameter::new("weight", Tensor::from([1.0])), Parameter::new("weight", Tensor::from([2.0])));
    let c = Parameter::new("1.weight", Tensor::from([3.0]));
    let mut sgd = Sgd::new([&a, &b, &c], SgdOptions { momentum: 0.5, ..Default::default() });
    let step = sgd.step(&(a.value() + 2.0 * b.value() + 3.0 * c.value()).sum()).unwrap();
    let expected = [("0.weight".into(), 1.0), ("1.weight".into(), 2.0), ("2.1.weight".into(), 3.0)];
    assert_eq!(step.gradient_norms(), expected);
    let state = sgd.state();
    assert_eq!(state.tensors["1.weight.velocity"].item(), 2.0);
    assert_eq!(state.tensors["2.1.weight.velocity"].item(), 3.0);
    assert_eq!(state.tensors.len(), 3);
}

#[test]
fn what_does_not_fit_is_named_and_changes_nothing() {
    let name = || "weight.second_moment".to_owned();
    type Damage = fn(&mut OptimizerState);
    let cases: [(Damage, StateError); 6] = [
        (|state| drop(state.tensors.remove("weight.second_moment")), StateError::Missing { name: name() }),
        (
            |state| drop(state.tensors.insert("weight.velocity".into(), Tensor::from(1.0))),
            StateError::Unexpected { name: "weight.velocity".into() },
        ),
        (
            |state| drop(state.tensors.insert("weight.second_moment".into(), Tensor::from([[1.0; 3]; 2]))),
            StateError::Mismatch { name: name(), expected: "f64[3, 2]".into(), found: "f64[2, 3]".into() },
        ),
        (
            |state| drop(state.tensors.insert("weight.second_moment".into(), Tensor::from([[1f32; 2]; 3]))),
            StateError::Mismatch { name: name(), expected: "f64[3, 2]".into(), found: "f32[3, 2]".into() },
        ),
        (
            |state| state.learning_rates = vec![0.1],
            StateError::Mismatch {
                name: "learning_rates".into(),
                expected: "f64[2], one for each group".into(),
                found: "f64[1]".into(),
            },
        ),
        (
            |state| state.learning_rates[1] = f64::NAN,
            StateError::Value { name: "learning_rates".into(), value: "NaN".into(), expected: "finite and at least 0" },
        ),
    ];
    for (damage, expected) in cases {
        let (problem, mut adamw, mut state) = trained();
        adamw.step(&problem.loss()).unwrap();
        let before = (problem.bits(), state_bits(&adamw));
        damage(&mut state);
        assert_eq!(adamw.load_state(&state).unwrap_err(), expected);
        assert_eq!((problem.bits(), state_bits(&adamw)), before);
    }
}

#[test]
fn named_tensors_are_checked() {
    let (_, _, state) = trained();
    let stored = state.into_named_tensors();
    let with = |name: &str, tensor: Option<Tensor>| {
        let mut stored: BTreeMap<String, Tensor> = stored.clone();
        match tensor {
            Some(tensor) => stored.insert(name.to_owned(), tensor),
            None => stored.remove(name),
        };
        OptimizerState::from_named_tensors(stored).unwrap_err().to_string()
    };
    assert_eq!(with("steps", None), "optimizer state: \"steps\" is missing");
    assert_eq!(with("learning_rates", None), "optimizer state: \"learning_rates\" is missing");
    let negative = with("steps", Some(Tensor::from(-1i64)));
    assert_eq!(negative, "optimizer state: \"steps\" is -1, and must be at least 0");
    let float = with("steps", Some(Tensor::from(3.0)));
    assert_eq!(float, "optimizer state: \"steps\" is f64[], and must be i64 with 0 axes");
    let rate = with("learning_rates", Some(Tensor::from([-0.5])));
    assert_eq!(rate, "optimizer state: \"learning_rates\" is -0.5, and must be finite and at least 0");
    let twice = stored.clone().into_iter().chain([("steps".to_owned(), Tensor::from(3i64))]);
    let error = OptimizerState::from_named_tensors(twice).unwrap_err();
    assert_eq!(error, StateError::Duplicate { name: "steps".into() });
}
