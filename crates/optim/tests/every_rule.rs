//! What holds for every update rule, with every recorded choice of options.

mod common;

use common::network::{Network, mixed, recorded_rules};
use common::state_bits;
use minimand_optim::{Clipping, CompiledStep, Cyclic, Mixed, OneCycle, Optimizer, OptimizerState, Schedule, StepError};
use minimand_tensor::{DType, Tensor};

/// Calls a test for every run and both element types.
fn for_every_rule(test: impl Fn(&str, &dyn Fn() -> (Network, Mixed))) {
    let recorded = recorded_rules();
    let runs = recorded["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 34);
    for run in runs {
        for dtype in [DType::F64, DType::F32] {
            let build = || {
                let network = Network::of(dtype);
                let cycle = OneCycle { momentum: Some((0.5, 0.9)), ..OneCycle::new(30) };
                let optimizer = mixed(run, &network)
                    .with_schedule(Schedule::OneCycle(cycle))
                    .with_clipping(Clipping::GlobalNorm(0.5));
                (network, optimizer)
            };
            test(&format!("{}, {dtype}", run["name"]), &build);
        }
    }
}

/// A batch that changes from step to step, in values and in size.
fn batch(network: &Network, step: usize) -> [Tensor; 2] {
    let rows = 8 - usize::from(step % 5 == 4);
    let x = &network.x * (1.0 + step as f64 / 50.0).cos();
    [x.slice(0, ..rows), network.y.slice(0, ..rows)]
}

#[test]
fn traced_steps_have_the_same_bits() {
    for_every_rule(|name, build| {
        let ((ordinary, mut optimizer), (traced, tracing)) = (build(), build());
        let read = Network {
            hidden: traced.hidden.clone(),
            offset: traced.offset.clone(),
            output: traced.output.clone(),
            x: traced.x.clone(),
            y: traced.y.clone(),
        };
        let mut training = CompiledStep::new(tracing, move |data| read.loss_on(&data[0], &data[1]));
        for step in 0..20 {
            let data = batch(&ordinary, step);
            if step == 10 {
                optimizer.set_learning_rate(0.0017);
                training.optimizer_mut().set_learning_rate(0.0017);
            }
            let expected = optimizer.step(&ordinary.loss_on(&data[0], &data[1])).unwrap();
            assert_eq!(training.step(&data).unwrap(), expected, "{name}, step {step}");
            assert_eq!(traced.bits(), ordinary.bits(), "{name}, step {step}");
            assert_eq!(state_bits(training.optimizer()), state_bits(&optimizer), "{name}, step {step}");
        }
    });
}

#[test]
fn an_interrupted_run_goes_on_to_the_same_bits() {
    for_every_rule(|name, build| {
        let train = |network: &Network, optimizer: &mut Mixed, steps: std::ops::Range<usize>| {
            for step in steps {
                let [x, y] = batch(network, step);
                optimizer.step(&network.loss_on(&x, &y)).unwrap();
            }
        };
        let ((whole, mut optimizer), (restored, mut second)) = (build(), build());
        train(&whole, &mut optimizer, 0..9);
        optimizer.set_learning_rate(0.0123);
        let state = OptimizerState::from_named_tensors(optimizer.state().into_named_tensors()).unwrap();
        let values = whole.parameters().map(|parameter| parameter.value());
        train(&whole, &mut optimizer, 9..20);

        second.load_state(&state).unwrap();
        for (parameter, value) in restored.parameters().into_iter().zip(values) {
            parameter.set(value);
        }
        train(&restored, &mut second, 9..20);
        assert_eq!(restored.bits(), whole.bits(), "{name}");
        assert_eq!(state_bits(&second), state_bits(&optimizer), "{name}");
    });
}

#[test]
fn a_refused_step_changes_nothing_and_graphs_do_not_grow() {
    for_every_rule(|name, build| {
        let (network, mut optimizer) = build();
        for _ in 0..3 {
            optimizer.step(&network.loss()).unwrap();
        }
        let before = (network.bits(), state_bits(&optimizer));
        let error = optimizer.step(&(network.loss() * f64::NAN)).unwrap_err();
        assert!(matches!(error, StepError::NonFiniteLoss { step: 4, .. }), "{name}: {error}");
        assert_eq!((network.bits(), state_bits(&optimizer)), before, "{name}");
        let dtype = network.x.dtype();
        let values = network.parameters().map(|parameter| parameter.value());
        for tensor in values.iter().chain(optimizer.state().tensors.values()) {
            assert_eq!(tensor.explain().lines().count(), 1, "{name}: {}", tensor.explain());
            assert!(tensor.is_evaluated() && tensor.dtype() == dtype, "{name}");
        }
    });
}

/// A parameter that the loss does not use, and whose gradients are all zero, stays where it is and finite.
#[test]
fn a_gradient_of_zero_gives_no_nan() {
    for_every_rule(|name, build| {
        let (network, mut optimizer) = build();
        optimizer = optimizer.with_schedule(Schedule::Cyclic(Cyclic::new(0.1)));
        for _ in 0..8 {
            let loss = network.output.value().square().sum();
            optimizer.step(&loss).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        for parameter in network.parameters() {
            assert!(parameter.value().to_vec::<f64>().iter().all(|entry| entry.is_finite()), "{name}");
        }
    });
}
