//! A traced step: the same bits as a step whose graph is built anew.

mod common;

use common::{Problem, bits, state_bits};
use minimand_optim::{
    Adam, AdamOptions, AdamW, AdamWOptions, Clipping, CompiledStep, Descent, Optimizer, Schedule, Sgd, SgdOptions,
    StepError, UpdateRule,
};
use minimand_tensor::{DType, Parameter, Tensor};

/// A batch of a growing size, so that several shapes are traced.
fn batch(problem: &Problem, step: usize) -> [Tensor; 2] {
    let rows = problem.x.shape()[0] - usize::from(step % 5 == 4);
    let x = &problem.x * (1.0 + step as f64 / 50.0).cos();
    [x.slice(0, ..rows), problem.y.slice(0, ..rows)]
}

/// Trains two copies of the problem, one by ordinary and one by traced steps.
fn compare<R: UpdateRule + 'static>(what: &str, build: impl Fn([&Parameter; 2]) -> Descent<R>) {
    for single in [false, true] {
        let new = || if single { Problem::in_f32() } else { Problem::new() };
        let (ordinary, traced) = (new(), new());
        let loss = |weight: &Parameter, bias: &Parameter, data: &[Tensor]| {
            let (weight, bias) = (weight.value(), bias.value());
            (data[0].matmul(&weight) + bias - &data[1]).square().mean() + 0.1 * weight.cos().sum()
        };
        let mut optimizer = build(ordinary.parameters());
        let (weight, bias) = (traced.weight.clone(), traced.bias.clone());
        let mut training = CompiledStep::new(build(traced.parameters()), move |data| loss(&weight, &bias, data));
        for step in 0..20 {
            let data = batch(&ordinary, step);
            if step == 10 {
                optimizer.set_learning_rate(0.017);
                training.optimizer_mut().set_learning_rate(0.017);
            }
            let expected = optimizer.step(&loss(&ordinary.weight, &ordinary.bias, &data)).unwrap();
            let found = training.step(&data).unwrap();
            assert_eq!(found, expected, "{what}, step {step}");
            assert_eq!(traced.bits(), ordinary.bits(), "{what}, step {step}");
            assert_eq!(state_bits(training.optimizer()), state_bits(&optimizer), "{what}, step {step}");
        }
    }
}

#[test]
fn traced_steps_have_the_same_bits() {
    let schedule = || Schedule::Exponential { factor: 0.9 };
    let sgd = SgdOptions { learning_rate: 0.02, momentum: 0.9, dampening: 0.25, ..Default::default() };
    let adam = AdamOptions { learning_rate: 0.05, ..Default::default() };
    let adamw = AdamWOptions { learning_rate: 0.05, amsgrad: true, ..Default::default() };
    compare("sgd", |parameters| Sgd::new(parameters, sgd).with_schedule(schedule()));
    compare("plain", |parameters| Sgd::new(parameters, SgdOptions { momentum: 0.0, dampening: 0.0, ..sgd }));
    compare("adam", |parameters| Adam::new(parameters, adam).with_schedule(schedule()));
    compare("adamw", |[weight, bias]| {
        AdamW::new([weight], adamw)
            .with_group([bias], AdamWOptions { weight_decay: 0.0, learning_rate: 0.01, ..adamw })
            .with_clipping(Clipping::GlobalNorm(1.0))
            .with_schedule(schedule())
    });
}

/// A refused step changes nothing, and the next one goes on.
#[test]
fn a_traced_step_is_refused_as_a_whole() {
    let weight = Parameter::new("weight", Tensor::from([1.0, 2.0]));
    let adam = Adam::new([&weight], AdamOptions { learning_rate: 0.1, ..Default::default() });
    let read = weight.clone();
    let mut training = CompiledStep::new(adam, move |data| (read.value() * &data[0]).square().sum());
    let _ = training.step([&Tensor::from([1.0, 1.0])]).unwrap();
    let before = (bits(&weight.value()), state_bits(training.optimizer()));
    let error = training.step([&Tensor::from([1.0, f64::NAN])]).unwrap_err();
    assert!(matches!(error, StepError::NonFiniteLoss { step: 2, .. }), "{error:?}");
    assert_eq!((bits(&weight.value()), state_bits(training.optimizer())), before);
    let step = training.step([&Tensor::from([1.0, 1.0])]).unwrap();
    assert_eq!(step.number(), 2);
    assert_ne!(bits(&weight.value()), before.0);
}

/// What the loss reads beside parameters and data keeps its first value; a parameter that is set from outside is read anew.
#[test]
fn what_a_trace_remembers() {
    let (weight, frozen) = (Parameter::new("weight", Tensor::from(3.0)), Parameter::new("frozen", Tensor::from(2.0)));
    let sgd = Sgd::new([&weight], SgdOptions { learning_rate: 0.25, ..Default::default() });
    let (read, other) = (weight.clone(), frozen.clone());
    let mut training = CompiledStep::new(sgd, move |data| (read.value() - other.value() * &data[0]).square());
    let one = Tensor::from(1.0);
    assert_eq!(training.step([&one]).unwrap().loss(), 1.0);
    frozen.set(Tensor::from(50.0));
    weight.set(Tensor::from(6.0));
    assert_eq!(training.step([&one]).unwrap().loss(), 16.0);
    assert_eq!(weight.value().item(), 4.0);
}

/// Parameters of different element types have run-time scalars of their own.
#[test]
fn mixed_element_types() {
    let weight = Parameter::new("weight", Tensor::from([[1.0], [2.0]]));
    let bias = Parameter::new("bias", Tensor::from([0.5f32]));
    let adam = Adam::new([&weight, &bias], AdamOptions { learning_rate: 0.1, ..Default::default() });
    let (w, b) = (weight.clone(), bias.clone());
    let mut training =
        CompiledStep::new(adam, move |data| (data[0].matmul(&w.value()) + b.value().cast(DType::F64)).square().mean());
    let x = Tensor::from([[1.0, 0.5], [-0.25, 0.5]]);
    let first = training.step([&x]).unwrap().loss();
    let last = (0..50).map(|_| training.step([&x]).unwrap().loss()).last().unwrap();
    assert!(last < 0.1 * first, "{first} {last}");
    assert_eq!(bias.value().dtype(), DType::F32);
}
