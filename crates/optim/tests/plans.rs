//! How many plans training compiles. The counts are those of the whole process: this file has one test, so that nothing else runs.

mod common;

use common::network::{Network, further_schedule, mixed, recorded_rules};
use minimand_optim::{
    Accumulator, Adam, AdamOptions, AdamW, AdamWOptions, AveragedWeights, Averaging, Clipping, Lbfgs, LbfgsOptions,
    Newton, NewtonOptions, Optimizer, Sam, SamOptions, Schedule, Sgd, SgdOptions, UpdateRule,
};
use minimand_tensor::{DType, Parameter, Tensor, plan_statistics};

/// Plans compiled by 50 steps whose learning rate changes each time.
fn compiled<O: Optimizer>(build: impl FnOnce(&Parameter, &Parameter) -> O, fresh_batches: bool) -> u64 {
    let weight = Parameter::new("weight", Tensor::from([[1.0], [2.0]]));
    let bias = Parameter::new("bias", Tensor::from([0.5f32]));
    let batch = |step: i32| Tensor::from([[1.0, 0.5], [-0.25, f64::from(step) / 50.0], [2.0, 1.0]]);
    let mut x = batch(0);
    let mut optimizer = build(&weight, &bias);
    let before = plan_statistics().compiled;
    let mut rates = std::collections::HashSet::new();
    for step in 0..50 {
        if fresh_batches {
            x = batch(step);
        }
        if step >= 40 {
            optimizer.set_learning_rate(0.01 / f64::from(step));
        }
        let loss = (x.matmul(&weight.value()) + bias.value().cast(DType::F64)).square().mean();
        let taken = optimizer.step(&loss).unwrap();
        rates.insert(taken.learning_rate().to_bits());
        assert_eq!(loss.item(), taken.loss());
        let _ = (optimizer.state(), weight.value().to_vec::<f64>());
    }
    assert!(rates.len() >= 49, "the rate was to change at every step, and took {} values", rates.len());
    plan_statistics().compiled - before
}

#[test]
fn fifty_steps_compile_one_plan() {
    let schedule = || {
        let cosine = Schedule::Cosine { period: 60, minimum: 1e-4 };
        Schedule::LinearWarmup { steps: 10, start_factor: 0.1 }.then(10, cosine)
    };
    fn pair<R: UpdateRule>(weight: &Parameter, bias: &Parameter, rule: R) -> minimand_optim::Descent<R> {
        minimand_optim::Descent::new([weight, bias], rule)
    }
    let sgd = SgdOptions { learning_rate: 0.01, ..Default::default() };
    let dampened = SgdOptions { momentum: 0.9, dampening: 0.1, weight_decay: 0.01, ..sgd };
    let adam = AdamOptions { learning_rate: 0.01, weight_decay: 0.1, amsgrad: true, ..Default::default() };
    let adamw = AdamWOptions { learning_rate: 0.01, ..Default::default() };

    let clipping = Clipping::GlobalNorm(0.5);
    for fresh in [false, true] {
        let counts = [
            compiled(|w, b| pair(w, b, sgd).with_schedule(schedule()), fresh),
            compiled(|w, b| pair(w, b, dampened).with_schedule(schedule()).with_clipping(clipping), fresh),
            compiled(|w, b| pair(w, b, adam).with_schedule(schedule()).with_clipping(Clipping::Value(0.5)), fresh),
            compiled(
                |w, b| {
                    AdamW::new([w], adamw)
                        .with_group([b], AdamWOptions { weight_decay: 0.0, learning_rate: 0.02, ..adamw })
                        .with_schedule(schedule())
                        .with_clipping(clipping)
                },
                fresh,
            ),
        ];
        println!("fresh batches: {fresh}, plans: {counts:?}");
        assert!(counts.iter().all(|&count| count <= 1), "fresh batches: {fresh}, plans: {counts:?}");
    }

    every_rule_and_every_schedule();
    around_a_step();
    without_batches();

    // Late in training both bias corrections round to 1: equal numbers must not become a new structure.
    let w = Parameter::new("w", Tensor::from([1.0, -1.0]));
    let mut adam = Adam::new([&w], AdamOptions { betas: (0.1, 0.1), ..Default::default() });
    let steps = |adam: &mut Adam, count: usize| {
        for _ in 0..count {
            adam.step(&(w.value() - 3.0).square().sum()).unwrap();
        }
    };
    steps(&mut adam, 2);
    let before = plan_statistics().compiled;
    steps(&mut adam, 40);
    assert_eq!(plan_statistics().compiled, before);
    let _ = Sgd::new([&w], sgd);
    assert_eq!(plan_statistics().compiled, before, "making an optimizer computes nothing");
}

/// Each recorded rule with one of the schedules, and all schedules in turn: after the first step no plan is compiled.
fn every_rule_and_every_schedule() {
    let recorded = recorded_rules();
    let schedules: serde_json::Value =
        serde_json::from_str(include_str!("fixtures/schedules.json")).expect("the fixture is JSON");
    let (runs, schedules) = (recorded["runs"].as_array().unwrap(), schedules["schedules"].as_array().unwrap());
    assert!(runs.len() > schedules.len());
    for (run, described) in runs.iter().zip(schedules.iter().cycle()) {
        let network = Network::new();
        let mut optimizer = mixed(run, &network)
            .with_schedule(further_schedule(&described["schedule"]))
            .with_clipping(Clipping::GlobalNorm(0.1));
        optimizer.step(&network.loss()).unwrap();
        let before = plan_statistics().compiled;
        for _ in 1..50 {
            optimizer.step(&network.loss()).unwrap();
        }
        let compiled = plan_statistics().compiled - before;
        assert_eq!(compiled, 0, "plans of {} with {}", run["name"], described["name"]);
    }
}

/// Plans compiled by calls after the first.
fn compiled_later(mut call: impl FnMut()) -> u64 {
    call();
    let before = plan_statistics().compiled;
    (0..10).for_each(|_| call());
    plan_statistics().compiled - before
}

/// Accumulation with weights that differ, sharpness-aware steps and averages.
fn around_a_step() {
    let network = Network::new();
    let adam = || Adam::new(network.parameters(), AdamOptions::default());
    let (mut optimizer, mut accumulator, mut weight) = (adam(), Accumulator::new(), 1.0);
    let accumulated = compiled_later(|| {
        for _ in 0..3 {
            weight += 0.125;
            accumulator.add(&optimizer, &network.loss(), weight).unwrap();
        }
        accumulator.step(&mut optimizer).unwrap();
    });
    let mut sam = Sam::new(adam(), SamOptions { adaptive: true, ..Default::default() });
    let sharpness = compiled_later(|| drop(sam.step(|| network.loss()).unwrap()));
    let mut ema = AveragedWeights::new(network.parameters(), Averaging::Exponential { decay: 0.99, warmup: true });
    let averaged = compiled_later(|| ema.update());
    assert_eq!((accumulated, sharpness, averaged), (0, 0, 0));
}

/// Each call from another place, with as many trials as its line searches need.
fn without_batches() {
    let network = Network::new();
    let start = network.hidden.value();
    let (mut lbfgs, mut newton) = (
        Lbfgs::new(network.parameters(), LbfgsOptions { iterations: 10, ..Default::default() }),
        Newton::new(network.parameters(), NewtonOptions { iterations: 3, ..Default::default() }),
    );
    let mut scale = 1.0;
    let mut from_elsewhere = || {
        scale *= 0.9;
        network.hidden.set(scale * &start);
    };
    let by_lbfgs = compiled_later(|| {
        from_elsewhere();
        lbfgs.minimise(|| network.loss()).unwrap();
    });
    let by_newton = compiled_later(|| {
        from_elsewhere();
        newton.minimise(|| network.loss()).unwrap();
    });
    assert_eq!((by_lbfgs, by_newton), (0, 0));
}
