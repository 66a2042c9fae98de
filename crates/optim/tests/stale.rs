//! A step on a loss that moves no parameter of the optimizer is an error that says why, and changes nothing.

mod common;

use common::{bits, state_bits};
use minimand_optim::{Adam, AdamOptions, CompiledStep, NonFinite, Optimizer, Sgd, SgdOptions, StepError};
use minimand_tensor::{DType, Parameter, Tensor};

fn pair() -> [Parameter; 2] {
    [Parameter::new("a", Tensor::from([1.0, 2.0])), Parameter::new("b", Tensor::from(3.0))]
}

/// Weight decay and momentum would move the parameters even without a gradient.
fn options() -> AdamOptions {
    AdamOptions { learning_rate: 0.1, weight_decay: 0.1, ..Default::default() }
}

fn names(names: &[&str]) -> Vec<std::sync::Arc<str>> {
    names.iter().map(|&name| name.into()).collect()
}

#[test]
fn a_loss_of_the_last_step_is_stale() {
    let [a, b] = pair();
    let mut adam = Adam::new([&a, &b], options());
    let losses = [(&a.value() * b.value()).sum(), a.value().square().sum()];
    adam.step(&losses[0]).unwrap();
    let before = (bits(&a.value()), bits(&b.value()), state_bits(&adam));
    let error = adam.step(&losses[0]).unwrap_err();
    assert_eq!(error, StepError::StaleLoss { step: 2, parameters: names(&["a", "b"]) });
    assert_eq!(
        error.to_string(),
        "step 2 was refused, and nothing has changed: the loss was built from values that have been replaced since, of \"a\", \"b\": build the \
         loss anew for each step"
    );
    // Built before, never read, of one parameter only.
    assert_eq!(adam.step(&losses[1]).unwrap_err(), StepError::StaleLoss { step: 2, parameters: names(&["a"]) });
    assert_eq!((bits(&a.value()), bits(&b.value()), state_bits(&adam)), before);
    // Set from outside is replaced as well.
    let loss = b.value().square();
    b.set(Tensor::from(1.0));
    assert!(matches!(adam.step(&loss), Err(StepError::StaleLoss { .. })));
    // One present value is enough.
    let mixed = (&losses[0] * b.value()).sum();
    assert_eq!(adam.step(&mixed).unwrap().number(), 2);
}

#[test]
fn a_loss_without_the_parameters_is_unrelated() {
    let [a, b] = pair();
    let other = Parameter::new("other", Tensor::from(1.0));
    let mut sgd =
        Sgd::new([&a, &b], SgdOptions { weight_decay: 0.5, ..Default::default() }).with_non_finite(NonFinite::Allow);
    let before = (bits(&a.value()), bits(&b.value()));
    let losses = [
        ("a number", Tensor::from(1.0)),
        ("data", Tensor::from([1.0, 2.0]).sum()),
        ("another parameter", other.value().square()),
        ("detached", a.value().detach().sum()),
        ("detached later", (a.value() * b.value()).detach().sum()),
        ("whole numbers", a.value().cast(DType::I64).cast(DType::F64).sum()),
        ("truth values", a.value().gt(1.5).cast(DType::F64).sum()),
        ("evaluated and detached", {
            let loss = a.value().sum();
            minimand_tensor::eval([&loss]);
            loss.detach()
        }),
    ];
    for (what, loss) in &losses {
        let error = sgd.step(loss).unwrap_err();
        assert_eq!(error, StepError::UnrelatedLoss { step: 1, parameters: names(&["a", "b"]) }, "{what}");
    }
    assert_eq!((bits(&a.value()), bits(&b.value())), before);
    assert_eq!(sgd.steps(), 0);
    // A derivative that is zero everywhere is one.
    assert_eq!(sgd.step(&a.value().floor().sum()).unwrap().gradient_norm(), 0.0);
    assert_eq!(sgd.step(&(a.value() * 0.0).sum()).unwrap().gradient_norm(), 0.0);
}

#[test]
fn traced_steps_are_refused_alike() {
    let [a, b] = pair();
    let adam = Adam::new([&a, &b], options());
    let before = (bits(&a.value()), bits(&b.value()), state_bits(&adam));
    let (old, read) = (a.value(), b.clone());
    // By the shape: stale, unrelated, as usual.
    a.set(a.value() + 1);
    let mut training = CompiledStep::new(adam, move |x| match x[0].elements() {
        1 => (&x[0] * &old).sum(),
        2 => x[0].sum(),
        _ => (&x[0] * read.value()).sum(),
    });
    let data = |count: usize| Tensor::from_vec(vec![0.5; count], [count]);
    for _ in 0..3 {
        let stale = training.step([&data(1)]).unwrap_err();
        assert!(matches!(stale, StepError::StaleLoss { step: 1, .. }), "{stale}");
        let unrelated = training.step([&data(2)]).unwrap_err();
        assert_eq!(unrelated, StepError::UnrelatedLoss { step: 1, parameters: names(&["a", "b"]) });
    }
    assert_eq!((bits(&b.value()), state_bits(training.optimizer())), (before.1, before.2));
    assert_eq!(training.step([&data(3)]).unwrap().number(), 1);
}

/// The result of a step need not be looked at, and the result of the attempt must be.
#[test]
#[deny(unused_must_use)]
fn a_step_is_a_statement() -> Result<(), StepError> {
    let [a, _] = pair();
    let mut adam = Adam::new([&a], options());
    adam.step(&a.value().square().sum())?;
    let read = a.clone();
    let mut training = CompiledStep::new(adam, move |x| (&x[0] * read.value()).sum());
    training.step([&Tensor::from(1.0)])?;
    Ok(())
}
