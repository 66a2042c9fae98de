//! Clipping as functions, schedules as functions, and what constructors refuse.

mod common;

use approx::{assert_relative_eq, relative_eq};
use common::bits;
use minimand_optim::{
    Adam, AdamOptions, AdamW, AdamWOptions, Clipping, Optimizer, Schedule, Sgd, SgdOptions, clip_by_global_norm,
    clip_by_value, global_norm,
};
use minimand_tensor::{DType, Parameter, Tensor};
use proptest::prelude::*;

fn one() -> Parameter {
    Parameter::new("w", Tensor::from([1.0]))
}

/// The text of the panic of `build`, which must come from this file: the user's line.
fn refused<R>(build: impl FnOnce() -> R) -> String {
    use std::sync::{Arc, Mutex};
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let place = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&place);
    let before = std::panic::take_hook();
    // Tests that are to panic do so on other threads meanwhile.
    let own = std::thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == own {
            *seen.lock().unwrap() = info.location().unwrap().file().to_owned();
        }
    }));
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(build));
    std::panic::set_hook(before);
    let Err(payload) = outcome else { panic!("it was accepted") };
    assert!(place.lock().unwrap().ends_with("tests/options.rs"), "the panic names {}", place.lock().unwrap());
    payload.downcast_ref::<String>().expect("a message").clone()
}

#[test]
fn options_out_of_range() {
    let sgd = |options: SgdOptions| refused(|| Sgd::new([one()], options));
    let default = SgdOptions::default();
    for learning_rate in [-0.1, f64::NAN, f64::INFINITY] {
        let expected = format!("Sgd: learning_rate is {learning_rate}: it must be finite and at least 0");
        assert_eq!(sgd(SgdOptions { learning_rate, ..default }), expected);
    }
    let expected = "Sgd: momentum is 1: it must be at least 0 and below 1";
    assert_eq!(sgd(SgdOptions { momentum: 1.0, ..default }), expected);
    let expected = "Sgd: momentum is 0: it must be above 0 for Nesterov momentum";
    assert_eq!(sgd(SgdOptions { nesterov: true, ..default }), expected);
    let expected = "Sgd: dampening is 0.1: it must be 0 for Nesterov momentum";
    assert_eq!(sgd(SgdOptions { nesterov: true, momentum: 0.9, dampening: 0.1, ..default }), expected);
    let expected = "Sgd: dampening is 1.5: it must be between 0 and 1";
    assert_eq!(sgd(SgdOptions { dampening: 1.5, ..default }), expected);
    let expected = "Sgd: weight_decay is -1: it must be finite and at least 0";
    assert_eq!(sgd(SgdOptions { weight_decay: -1.0, ..default }), expected);

    let adam = |options: AdamOptions| refused(|| Adam::new([one()], options));
    let expected = "Adam: betas.0 is 1: it must be at least 0 and below 1";
    assert_eq!(adam(AdamOptions { betas: (1.0, 0.9), ..Default::default() }), expected);
    let expected = "Adam: betas.1 is NaN: it must be at least 0 and below 1";
    assert_eq!(adam(AdamOptions { betas: (0.9, f64::NAN), ..Default::default() }), expected);
    let expected = "AdamW: epsilon is -1: it must be finite and at least 0";
    assert_eq!(refused(|| AdamW::new([one()], AdamWOptions { epsilon: -1.0, ..Default::default() })), expected);

    let mut sgd = Sgd::new([one()], default);
    let expected = "Sgd: learning_rate is -1: it must be finite and at least 0";
    assert_eq!(refused(|| sgd.set_learning_rate(-1.0)), expected);
}

#[test]
fn parameters_that_cannot_be_optimized() {
    let (w, other) = (one(), Parameter::new("w", Tensor::from([1.0])));
    let twice = refused(|| Sgd::new([&w, &other, &w], SgdOptions::default()));
    assert_eq!(twice, "Sgd: parameter \"w\" is given twice, at positions 0 and 2");
    let first = Sgd::new([&w], SgdOptions::default());
    let twice = refused(|| first.with_group([&other, &w], SgdOptions::default()));
    assert_eq!(twice, "Sgd: parameter \"w\" is given twice, at positions 0 and 2");
    let counts = Parameter::new("counts", Tensor::from([1i64, 2]));
    let integers = refused(|| Adam::new([counts], AdamOptions::default()));
    assert_eq!(integers, "Adam: parameter \"counts\" is i64[2]: it has no gradient");
    let none = refused(|| Adam::new(Vec::<Parameter>::new(), AdamOptions::default()));
    assert_eq!(none, "Adam: there is no parameter to optimize");
    let mut sgd = Sgd::new([&w], SgdOptions::default());
    sgd.step(&w.value().sum()).unwrap();
    let late = refused(|| sgd.with_group([&other], SgdOptions::default()));
    assert_eq!(late, "Sgd: groups are added before the first step, not after 1");
}

#[test]
fn a_loss_that_is_no_scalar() {
    let w = Parameter::new("w", Tensor::from([1.0, 2.0]));
    let mut sgd = Sgd::new([&w], SgdOptions::default());
    let message = refused(|| sgd.step(&w.value()));
    assert!(message.contains("only a scalar has a gradient, and this is [2]"), "{message}");
}

#[test]
fn clipping_and_schedules_out_of_range() {
    for limit in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let expected = format!("clip_by_global_norm: limit is {limit}: it must be finite and above 0");
        assert_eq!(refused(|| clip_by_global_norm(&[], limit)), expected);
        let sgd = Sgd::new([one()], SgdOptions::default());
        assert_eq!(refused(|| sgd.with_clipping(Clipping::GlobalNorm(limit))), expected);
        let expected = format!("clip_by_value: limit is {limit}: it must be finite and above 0");
        assert_eq!(refused(|| clip_by_value(&[], limit)), expected);
    }
    let chain =
        |first: u64, second: u64| Schedule::Constant.then(first, Schedule::Constant).then(second, Schedule::Constant);
    let cases = [
        (Schedule::Step { every: 0, factor: 0.5 }, "every is 0: it must be at least 1"),
        (Schedule::Step { every: 1, factor: -0.5 }, "factor is -0.5: it must be finite and at least 0"),
        (Schedule::Exponential { factor: f64::NAN }, "factor is NaN: it must be finite and at least 0"),
        (Schedule::Cosine { period: 0, minimum: 0.0 }, "period is 0: it must be at least 1"),
        (Schedule::Cosine { period: 9, minimum: -1.0 }, "minimum is -1: it must be finite and at least 0"),
        (Schedule::LinearWarmup { steps: 0, start_factor: 0.1 }, "steps is 0: it must be at least 1"),
        (Schedule::LinearWarmup { steps: 1, start_factor: 2.0 }, "start_factor is 2: it must be between 0 and 1"),
        (chain(5, 5), "milestone is 5: it must be after the milestone before it"),
        (Schedule::Constant.then(0, Schedule::Constant), "milestone is 0: it must be at least 1"),
    ];
    for (schedule, expected) in cases {
        let sgd = Sgd::new([one()], SgdOptions::default());
        assert_eq!(refused(|| schedule.learning_rate(0.1, 0)), format!("Schedule: {expected}"));
        assert_eq!(refused(|| sgd.with_schedule(schedule)), format!("Schedule: {expected}"));
    }
    assert!(chain(5, 6).validate().is_ok());
}

#[test]
fn a_zero_gradient_stays_zero() {
    let zero = [Tensor::from([0.0f32, 0.0]), Tensor::from([0.0])];
    let clipped = clip_by_global_norm(&zero, 0.5);
    assert_eq!((clipped[0].to_string(), clipped[1].item()), ("[0, 0]".to_owned(), 0.0));
    assert_eq!((clipped[0].dtype(), clipped[1].dtype()), (DType::F32, DType::F64));
    assert_eq!(global_norm(&[]).item(), 0.0);
}

#[test]
fn a_norm_beyond_f32_is_clipped_all_the_same() {
    let huge = [Tensor::from([3e30f32, 4e30])];
    assert_relative_eq!(global_norm(&huge).item(), 5e30, max_relative = 1e-6);
    assert_eq!(format!("{:.6}", clip_by_global_norm(&huge, 5.0)[0]), "[3.000000, 4.000000]");
}

#[test]
fn a_far_step_of_a_cosine_keeps_its_digits() {
    let cosine = Schedule::Cosine { period: 7, minimum: 0.1 };
    let far = 14 * 1_000_000_000_000 + 3;
    assert_eq!(cosine.learning_rate(0.9, far), cosine.learning_rate(0.9, 3));
}

fn gradients() -> impl Strategy<Value = Vec<Vec<f64>>> {
    prop::collection::vec(prop::collection::vec(-10.0..10.0, 1..5), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn clipping_by_norm_keeps_the_direction_and_the_limit(values in gradients(), limit in 0.01..50.0) {
        let tensors: Vec<Tensor> = values.iter().map(|entries| Tensor::from(entries.clone())).collect();
        let norm = values.iter().flatten().map(|g| g * g).sum::<f64>().sqrt();
        let clipped = clip_by_global_norm(&tensors, limit);
        prop_assert!(relative_eq!(global_norm(&tensors).item(), norm, epsilon = 0.0, max_relative = 1e-12));
        prop_assert!(relative_eq!(global_norm(&clipped).item(), norm.min(limit), epsilon = 0.0, max_relative = 1e-12));
        for (before, after) in tensors.iter().zip(&clipped) {
            if norm < limit {
                prop_assert_eq!(bits(before), bits(after));
            }
            for (g, c) in before.to_vec::<f64>().into_iter().zip(after.to_vec::<f64>()) {
                prop_assert!(relative_eq!(c, g * (limit / norm).min(1.0), epsilon = 0.0, max_relative = 1e-12));
            }
        }
    }

    #[test]
    fn clipping_by_value_is_a_clamp(values in gradients(), limit in 0.01..12.0) {
        let tensors: Vec<Tensor> = values.iter().map(|entries| Tensor::from(entries.clone())).collect();
        for (before, after) in values.iter().zip(clip_by_value(&tensors, limit)) {
            let expected: Vec<f64> = before.iter().map(|g| g.clamp(-limit, limit)).collect();
            prop_assert_eq!(after.to_vec::<f64>(), expected);
        }
    }
}

/// Squares of f64 gradients overflow beyond 1e154 and vanish below 1e-162: norms and clipping do not.
#[test]
fn norms_of_huge_and_tiny_gradients() {
    for size in [1e-320, 1e-200, 1e-162, 1.0, 1e154, 1e200, 1e307] {
        let unit = size;
        let gradients = [Tensor::from([3.0 * unit, 0.0]), Tensor::from([[4.0 * unit]])];
        let norm = global_norm(&gradients).item();
        let accepted = if size < 1e-300 { 1e-3 } else { 1e-15 };
        assert!(relative_eq!(norm, 5.0 * unit, epsilon = 0.0, max_relative = accepted), "{size:e}: {norm:e}");
        let limit = 0.5;
        let clipped = clip_by_global_norm(&gradients, limit);
        let expected = if size < 0.1 { 3.0 * unit } else { 0.3 };
        let found = clipped[0].to_vec::<f64>()[0];
        assert!(relative_eq!(found, expected, epsilon = 0.0, max_relative = 1e-15), "{size:e}: {found:e}");
    }
    // With gradients of both types.
    let mixed = [Tensor::from([3e20f32]), Tensor::from([4e20f64])];
    assert_relative_eq!(global_norm(&mixed).item(), 5e20, max_relative = 1e-7);
    // The share itself is denormal in f32.
    let clipped = clip_by_global_norm(&[Tensor::from([3e38f32])], 1e-3)[0].item();
    assert_relative_eq!(clipped, 1e-3, max_relative = 1e-6);
}

/// Such a gradient is finite, and so is its norm: the step is taken.
#[test]
fn a_step_with_a_huge_gradient() {
    let w = Parameter::new("w", Tensor::from([1.0, 2.0]));
    let mut sgd = Sgd::new([&w], SgdOptions { learning_rate: 1e-200, ..Default::default() });
    let step = sgd.step(&(1e200 * w.value().sum())).unwrap();
    assert_relative_eq!(step.gradient_norm(), 2f64.sqrt() * 1e200, max_relative = 1e-15);
    assert_eq!(w.value().to_vec::<f64>(), [0.0, 1.0]);
}

#[test]
#[should_panic(expected = "Adam: epsilon is 0.000")]
fn an_epsilon_that_is_zero_in_f32_is_refused() {
    let w = Parameter::new("w", Tensor::from([1.0f32]));
    Adam::new([&w], AdamOptions { epsilon: 1e-46, ..Default::default() });
}

#[test]
#[should_panic(expected = "neither 0 nor infinite in f32")]
fn an_epsilon_that_is_infinite_in_f32_is_refused() {
    let w = Parameter::new("w", Tensor::from([1.0f32]));
    AdamW::new([&w], AdamWOptions { epsilon: 1e39, ..Default::default() });
}

/// In f64 it is a number like any other, and 0 stays allowed.
#[test]
fn a_small_epsilon_in_f64_and_none() {
    let w = Parameter::new("w", Tensor::from([1.0]));
    let mut adam = Adam::new([&w], AdamOptions { epsilon: 1e-46, ..Default::default() });
    adam.step(&(0.0 * w.value().sum())).unwrap();
    assert_eq!(w.value().item(), 1.0);
    let v = Parameter::new("v", Tensor::from([1.0f32]));
    Adam::new([&v], AdamOptions { epsilon: 0.0, ..Default::default() });
}

#[test]
#[should_panic(expected = "clip_by_value: limit is 1e-46: for a gradient in f32 it is 0")]
fn a_limit_that_is_zero_in_f32_is_refused() {
    clip_by_value(&[Tensor::from([1.0f32])], 1e-46);
}
