//! A refused step names the operation that made a number not finite, whoever takes the step.

use minimand_optim::{
    Accumulator, Adam, AdamOptions, CompiledStep, Found, Lbfgs, LbfgsOptions, Newton, NewtonOptions, Optimizer, Sgd,
    SgdOptions, StepError,
};
use minimand_tensor::{Parameter, Tensor};

fn found(error: StepError) -> (Found, String) {
    let text = error.to_string();
    match error {
        StepError::NonFiniteLoss { found, .. }
        | StepError::NonFiniteGradient { found, .. }
        | StepError::NonFiniteUpdate { found, .. } => (found, text),
        StepError::StaleLoss { .. } | StepError::UnrelatedLoss { .. } => panic!("{text}"),
    }
}

const LOGARITHM: u32 = line!() + 2;
fn logarithm(weight: &Parameter, data: &Tensor) -> Tensor {
    (weight.value() * data).ln().mean()
}

const ROOT: u32 = line!() + 2;
fn root(weight: &Parameter, data: &Tensor) -> Tensor {
    (weight.value() * data).sqrt().mean()
}

fn assert_named(error: StepError, operation: Option<&str>, line: u32) {
    let (found, text) = found(error);
    let found = found.unwrap_or_else(|| panic!("{text}"));
    assert_eq!((found.at.location.line(), found.at.derived), (line, operation.is_none()), "{text}");
    if let Some(operation) = operation {
        assert_eq!(found.at.operation, operation);
    }
    assert!(text.contains(&format!("tests/non_finite.rs:{line}")), "{text}");
    assert!(text.starts_with("step 1 was refused, and nothing has changed"), "{text}");
    assert!(found.path.iter().any(|met| met.name.as_deref() == Some("weight")), "{text}");
}

fn weight() -> Parameter {
    Parameter::new("weight", Tensor::from([1.0, 1.0, 1.0]))
}

/// A negative number, and a root whose slope at 0 is infinite.
fn data() -> [Tensor; 2] {
    [Tensor::from([1.0, -2.0, 3.0]), Tensor::from([1.0, 0.0, 3.0])]
}

#[test]
fn plain_and_compiled_steps_say_the_same() {
    let [negative, zero] = data();
    let w = weight();
    let mut sgd = Sgd::new([&w], SgdOptions::default());
    assert_named(sgd.step(&logarithm(&w, &negative)).unwrap_err(), Some("ln"), LOGARITHM);
    assert_named(sgd.step(&root(&w, &zero)).unwrap_err(), None, ROOT);

    for (loss, data, operation, line) in
        [(logarithm as fn(&Parameter, &Tensor) -> Tensor, &negative, Some("ln"), LOGARITHM), (root, &zero, None, ROOT)]
    {
        let own = w.clone();
        let adam = Adam::new([&w], AdamOptions::default());
        let mut step = CompiledStep::new(adam, move |data| loss(&own, &data[0]));
        assert_named(step.step([data]).unwrap_err(), operation, line);
        assert_eq!(w.value().to_vec::<f64>(), [1.0; 3]);
    }
}

#[test]
fn gradients_that_are_given_and_minimisations_say_it_too() {
    let [negative, zero] = data();
    let w = weight();
    let mut sgd = Sgd::new([&w], SgdOptions::default());
    let loss = root(&w, &zero);
    let gradients = sgd.gradients(&loss).expect("a gradient");
    assert_named(sgd.step_with(&loss, &gradients).unwrap_err(), None, ROOT);
    let mut sum = Accumulator::new();
    for data in [&Tensor::from([1.0, 2.0, 3.0]), &zero, &negative] {
        sum.add(&sgd, &root(&w, data), 1.0).expect("a gradient");
    }
    assert_named(sum.step(&mut sgd).unwrap_err(), None, ROOT);
    sum.add(&sgd, &logarithm(&w, &negative), 1.0).expect("a gradient");
    assert_named(sum.step(&mut sgd).unwrap_err(), Some("ln"), LOGARITHM);

    let mut lbfgs = Lbfgs::new([&w], LbfgsOptions::default());
    assert_named(lbfgs.minimise(|| logarithm(&w, &negative)).unwrap_err(), Some("ln"), LOGARITHM);
    let mut newton = Newton::new([&w], NewtonOptions::default());
    assert_named(newton.minimise(|| root(&w, &zero)).unwrap_err(), None, ROOT);
}
