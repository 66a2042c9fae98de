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
    training.step([&Tensor::from([1.0, 1.0])]).unwrap();
    let before = (bits(&weight.value()), state_bits(training.optimizer()));
    let error = training.step([&Tensor::from([1.0, f64::NAN])]).unwrap_err();
    assert!(matches!(error, StepError::NonFiniteLoss { step: 2, .. }), "{error:?}");
    assert_eq!((bits(&weight.value()), state_bits(training.optimizer())), before);
    let step = training.step([&Tensor::from([1.0, 1.0])]).unwrap();
    assert_eq!(step.number(), 2);
    assert_ne!(bits(&weight.value()), before.0);
}

/// Parameters are read at every step, also those that the optimizer does not have, and whoever has set them.
#[test]
fn every_parameter_is_read_anew() {
    let (weight, frozen) = (Parameter::new("weight", Tensor::from(3.0)), Parameter::new("frozen", Tensor::from(2.0)));
    let sgd = Sgd::new([&weight], SgdOptions { learning_rate: 0.25, ..Default::default() });
    let (read, other) = (weight.clone(), frozen.clone());
    let mut training = CompiledStep::new(sgd, move |data| (read.value() - other.value() * &data[0]).square());
    let one = Tensor::from(1.0);
    assert_eq!(training.step([&one]).unwrap().loss(), 1.0);
    frozen.set(Tensor::from(5.0));
    weight.set(Tensor::from(9.0));
    assert_eq!(training.step([&one]).unwrap().loss(), 16.0);
    assert_eq!(weight.value().item(), 7.0);
}

/// An optimizer that is put in the place of the traced one steps as it would by itself: with its options, its clipping and its parameters.
#[test]
fn another_optimizer_is_traced_anew() {
    let (weight, other) = (Parameter::new("weight", Tensor::from(3.0)), Parameter::new("other", Tensor::from(2.0)));
    let sgd =
        |parameter, momentum| Sgd::new([parameter], SgdOptions { learning_rate: 0.25, momentum, ..Default::default() });
    let (read, also) = (weight.clone(), other.clone());
    let mut training =
        CompiledStep::new(sgd(&weight, 0.0), move |data| (read.value() * also.value() * &data[0]).square());
    let one = Tensor::from(1.0);
    let mut expect = |optimizer: Option<Descent<SgdOptions>>, weight_after: f64, other_after: f64| {
        if let Some(optimizer) = optimizer {
            *training.optimizer_mut() = optimizer;
        }
        weight.set(Tensor::from(3.0));
        other.set(Tensor::from(2.0));
        training.step([&one]).unwrap();
        assert_eq!((weight.value().item(), other.value().item()), (weight_after, other_after));
    };
    // Slopes are 2 · 3 · 2² = 24 and 2 · 3² · 2 = 36.
    expect(None, -3.0, 2.0);
    expect(Some(sgd(&weight, 0.5)), -3.0, 2.0);
    // With half of the velocity of the step before.
    expect(None, -6.0, 2.0);
    expect(Some(sgd(&other, 0.0)), 3.0, -7.0);
    expect(Some(sgd(&other, 0.0).with_clipping(Clipping::Value(4.0))), 3.0, 1.0);
}

/// A former value that the loss brings along stays what it was, such as the weights that a penalty holds on to.
#[test]
fn a_value_that_is_brought_along_stays() {
    let weight = Parameter::new("weight", Tensor::from(2.0));
    let sgd = Sgd::new([&weight], SgdOptions { learning_rate: 0.25, ..Default::default() });
    let (read, first) = (weight.clone(), weight.value());
    let mut training =
        CompiledStep::new(sgd, move |data| (read.value() - &data[0]).square() + (read.value() - &first).square());
    for expected in [9.0, 4.5, 4.5] {
        // Halfway between 2 and 5 after the first step: slope -6, then 0.
        assert_eq!(training.step([&Tensor::from(5.0)]).unwrap().loss(), expected);
    }
    assert_eq!(weight.value().item(), 3.5);
}

/// Two networks, each of which is trained on what the other one makes of random numbers.
#[test]
fn two_optimizers_train_against_each_other() {
    let build = || {
        let parameter = |name: &str, value: f64| Parameter::new(name, Tensor::from([[value, -value], [0.5, value]]));
        let (generator, critic) = (parameter("generator", 0.3), parameter("critic", -0.7));
        let rng = std::sync::Arc::new(std::sync::Mutex::new(minimand_tensor::Rng::seed(5)));
        (generator, critic, rng)
    };
    let options = AdamOptions { learning_rate: 0.05, ..Default::default() };
    type Rng = std::sync::Arc<std::sync::Mutex<minimand_tensor::Rng>>;
    let made = |generator: &Parameter, rng: &Rng| {
        let noise = Tensor::normal([8, 2], &mut rng.lock().unwrap()).cast(DType::F64);
        noise.matmul(&generator.value()).tanh()
    };
    let judge = |critic: &Parameter, x: &Tensor| x.matmul(&critic.value()).square().mean();
    let critic_loss = move |g: &Parameter, c: &Parameter, rng: &Rng, real: &Tensor| {
        judge(c, real) - judge(c, &made(g, rng).detach()) + 0.01 * c.value().square().sum()
    };
    let generator_loss = move |g: &Parameter, c: &Parameter, rng: &Rng| judge(c, &made(g, rng));

    let (g, c, rng) = build();
    let (mut adam_g, mut adam_c) = (Adam::new([&g], options), Adam::new([&c], options));
    let (traced_g, traced_c, traced_rng) = build();
    let (g1, c1, rng1) = (traced_g.clone(), traced_c.clone(), traced_rng.clone());
    let mut step_c =
        CompiledStep::new(Adam::new([&traced_c], options), move |data| critic_loss(&g1, &c1, &rng1, &data[0]));
    let (g2, c2, rng2) = (traced_g.clone(), traced_c.clone(), traced_rng);
    let mut step_g = CompiledStep::new(Adam::new([&traced_g], options), move |_| generator_loss(&g2, &c2, &rng2));
    for step in 0..10 {
        let real = Tensor::from([[1.0, f64::from(step)], [0.5, -1.0]]);
        let expected = adam_c.step(&critic_loss(&g, &c, &rng, &real)).unwrap();
        assert_eq!(step_c.step([&real]).unwrap(), expected, "step {step}");
        let expected = adam_g.step(&generator_loss(&g, &c, &rng)).unwrap();
        assert_eq!(step_g.step([]).unwrap(), expected, "step {step}");
        assert_eq!((bits(&traced_g.value()), bits(&traced_c.value())), (bits(&g.value()), bits(&c.value())));
    }
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
