//! A step as a whole: all or nothing, leaves afterwards, the same bits each time; and where steps lead.

mod common;

use approx::assert_relative_eq;
use common::{Problem, assert_close, bits, state_bits};
use minimand_optim::{
    Adam, AdamOptions, AdamW, AdamWOptions, Clipping, NonFinite, Optimizer, Schedule, Sgd, SgdOptions, StepError,
};
use minimand_tensor::{DType, Parameter, Tensor};

fn momentum() -> SgdOptions {
    SgdOptions { learning_rate: 0.02, momentum: 0.9, ..Default::default() }
}

fn quick() -> AdamOptions {
    AdamOptions { learning_rate: 0.05, ..Default::default() }
}

/// How many kinds of optimizers there are.
const KINDS: usize = 3;

/// One optimizer of each kind, with state and schedule.
fn all(parameters: [&Parameter; 2]) -> [Box<dyn Optimizer>; KINDS] {
    let schedule = Schedule::Exponential { factor: 0.99 };
    let decayed = AdamWOptions { learning_rate: 0.05, amsgrad: true, ..Default::default() };
    [
        Box::new(Sgd::new(parameters, momentum()).with_schedule(schedule.clone())),
        Box::new(Adam::new(parameters, quick()).with_schedule(schedule.clone())),
        Box::new(AdamW::new(parameters, decayed).with_schedule(schedule).with_clipping(Clipping::GlobalNorm(1.0))),
    ]
}

fn one(kind: usize, parameters: [&Parameter; 2]) -> Box<dyn Optimizer> {
    all(parameters).into_iter().nth(kind).expect("a kind")
}

#[test]
fn a_refused_step_changes_nothing() {
    for kind in 0..KINDS {
        let problem = Problem::new();
        let mut optimizer = one(kind, problem.parameters());
        for _ in 0..3 {
            optimizer.step(&problem.loss()).unwrap();
        }
        let before = (problem.bits(), state_bits(&*optimizer), optimizer.steps(), optimizer.learning_rate());
        let unchanged = |optimizer: &dyn Optimizer| {
            assert_eq!(before, (problem.bits(), state_bits(optimizer), optimizer.steps(), optimizer.learning_rate()));
        };

        // 0 · √ has slope 0 · ∞ at 0: the loss stays finite, and one parameter's gradient is NaN.
        let bias = problem.bias.value();
        let kink = (0.0 * (&bias - bias.detach()).sqrt()).sum();
        let error = optimizer.step(&(problem.loss() + kink)).unwrap_err();
        let StepError::NonFiniteGradient { step: 4, parameters, loss, .. } = &error else { panic!("{error:?}") };
        assert_eq!((parameters.len(), &*parameters[0]), (1, "bias"));
        assert_eq!(*loss, problem.loss().item());
        assert!(error.to_string().contains("with respect to \"bias\""), "{error}");
        unchanged(&*optimizer);

        let error = optimizer.step(&(problem.loss() * f64::NAN)).unwrap_err();
        assert!(matches!(error, StepError::NonFiniteLoss { step: 4, loss, .. } if loss.is_nan()), "{error:?}");
        unchanged(&*optimizer);
        let error = optimizer.step(&(problem.loss() / 0.0)).unwrap_err();
        assert!(matches!(error, StepError::NonFiniteLoss { loss: f64::INFINITY, .. }), "{error:?}");
        unchanged(&*optimizer);

        // And it can go on: as if nothing had been.
        let other = Problem::new();
        let mut undisturbed = one(kind, other.parameters());
        for _ in 0..3 {
            undisturbed.step(&other.loss()).unwrap();
        }
        let _ = (optimizer.step(&problem.loss()).unwrap(), undisturbed.step(&other.loss()).unwrap());
        assert_eq!(problem.bits(), other.bits());
        assert_eq!(state_bits(&*optimizer), state_bits(&*undisturbed));
    }
}

#[test]
fn a_step_that_panics_changes_nothing() {
    let problem = Problem::new();
    let mut adam = Adam::new(problem.parameters(), quick());
    adam.step(&problem.loss()).unwrap();
    let before = (problem.bits(), state_bits(&adam));
    let outside = problem.bias.value().index_select(0, Tensor::from([5i64])).sum();
    let step = std::panic::AssertUnwindSafe(|| adam.step(&(problem.loss() + outside)));
    assert!(std::panic::catch_unwind(step).is_err(), "the index 5 is out of range");
    assert_eq!(before, (problem.bits(), state_bits(&adam)));
}

#[test]
fn an_update_that_overflows_is_refused() {
    // The gradient is finite in f32, its square is not.
    let w = Parameter::new("w", Tensor::from([1.0f32, 1.0]));
    let mut adam = Adam::new([&w], quick());
    let loss = (w.value() * Tensor::from([1e25f32, 1.0])).sum();
    let error = adam.step(&loss).unwrap_err();
    assert!(
        matches!(&error, StepError::NonFiniteUpdate { step: 1, parameters, .. } if &*parameters[0] == "w"),
        "{error}"
    );
    assert_eq!((w.value().to_string(), adam.steps()), ("[1, 1]".to_owned(), 0));

    let step = Adam::new([&w], quick()).with_clipping(Clipping::GlobalNorm(1.0)).step(&loss).unwrap();
    // The norm does not overflow.
    assert_relative_eq!(step.gradient_norm(), 1e25, max_relative = 1e-7);
}

#[test]
fn what_is_not_finite_can_be_allowed() {
    let (w, b) = (Parameter::new("w", Tensor::from([1.0, 2.0])), Parameter::new("b", Tensor::from([3.0])));
    let options = SgdOptions { learning_rate: 0.5, ..Default::default() };
    let mut sgd = Sgd::new([&w, &b], options).with_non_finite(NonFinite::Allow);
    let step = sgd.step(&(w.value().square().sum() + f64::NAN * b.value().sum())).unwrap();
    assert!(step.loss().is_nan() && step.gradient_norm().is_nan());
    assert_eq!((w.value().to_string(), sgd.steps()), ("[0, 0]".to_owned(), 1));
    assert!(b.value().item().is_nan());
}

#[test]
fn graphs_do_not_grow() {
    let problem = Problem::new();
    for mut optimizer in all(problem.parameters()) {
        for _ in 0..100 {
            optimizer.step(&problem.loss()).unwrap();
        }
        let remembered = optimizer.state().tensors;
        assert!(remembered.len() >= 2);
        for tensor in problem.parameters().map(|parameter| parameter.value()).iter().chain(remembered.values()) {
            assert_eq!(tensor.explain().lines().count(), 1, "{}", tensor.explain());
            assert!(tensor.is_evaluated());
        }
    }
}

#[test]
fn the_same_run_has_the_same_bits() {
    let run = |kind: usize| {
        let problem = Problem::in_f32();
        let mut optimizer = one(kind, problem.parameters());
        let losses: Vec<u64> = (0..50).map(|_| optimizer.step(&problem.loss()).unwrap().loss().to_bits()).collect();
        (losses, problem.bits(), state_bits(&*optimizer))
    };
    for kind in 0..KINDS {
        assert_eq!(run(kind), run(kind));
    }
}

#[test]
fn f32_parameters_stay_f32() {
    let (single, double) = (Problem::in_f32(), Problem::new());
    for (mut narrow, mut wide) in all(single.parameters()).into_iter().zip(all(double.parameters())) {
        for _ in 0..20 {
            let _ = (narrow.step(&single.loss()).unwrap(), wide.step(&double.loss()).unwrap());
        }
        assert!(narrow.state().tensors.values().all(|tensor| tensor.dtype() == DType::F32));
    }
    for (narrow, wide) in single.parameters().into_iter().zip(double.parameters()) {
        assert_eq!((narrow.value().dtype(), wide.value().dtype()), (DType::F32, DType::F64));
        assert_close("f32", &narrow.value().to_vec::<f64>(), &wide.value().to_vec::<f64>(), 1e-4);
    }
}

#[test]
fn a_parameter_that_the_loss_does_not_use_keeps_its_value() {
    for kind in 0..3 {
        let (used, unused) =
            (Parameter::new("used", Tensor::from([1.0])), Parameter::new("unused", Tensor::from([0.1])));
        let none = AdamWOptions { weight_decay: 0.0, ..Default::default() };
        let mut optimizer: Box<dyn Optimizer> = match kind {
            0 => Box::new(Sgd::new([&used, &unused], momentum())),
            1 => Box::new(Adam::new([&used, &unused], quick())),
            _ => Box::new(AdamW::new([&used, &unused], none).with_clipping(Clipping::GlobalNorm(0.1))),
        };
        for _ in 0..5 {
            let step = optimizer.step(&used.value().square().sum()).unwrap();
            assert_eq!((&*step.gradient_norms()[1].0, step.gradient_norms()[1].1), ("unused", 0.0));
        }
        assert_eq!(bits(&unused.value()), [0.1f64.to_bits()]);
        assert!(used.value().item() < 1.0);
    }
    // Weight decay moves it all the same.
    let unused = Parameter::new("unused", Tensor::from([1.0]));
    let options = SgdOptions { learning_rate: 0.5, weight_decay: 0.5, ..Default::default() };
    let used = Parameter::new("used", Tensor::from(1.0));
    Sgd::new([&unused, &used], options).step(&used.value()).unwrap();
    assert_eq!(unused.value().item(), 0.75);
}

#[test]
fn a_step_reports_the_loss_before_it_and_the_norm_before_clipping() {
    let (a, b) = (Parameter::new("a", Tensor::from([3.0])), Parameter::new("b", Tensor::from([4.0])));
    let options = SgdOptions { learning_rate: 1.0, ..Default::default() };
    let mut sgd = Sgd::new([&a, &b], options).with_clipping(Clipping::Value(0.5));
    let step = sgd.step(&((a.value().square() + b.value().square()).sum() / 2.0)).unwrap();
    assert_eq!((step.number(), step.loss(), step.gradient_norm(), step.learning_rate()), (1, 12.5, 5.0, 1.0));
    assert_eq!(step.gradient_norms(), [("a".into(), 3.0), ("b".into(), 4.0)]);
    assert_eq!((a.value().item(), b.value().item()), (2.5, 3.5));
}

#[test]
fn set_learning_rate_sets_what_the_schedule_starts_from() {
    let w = Parameter::new("w", Tensor::from([1.0]));
    let options = SgdOptions { learning_rate: 1.0, ..Default::default() };
    let mut sgd = Sgd::new([&w], options).with_schedule(Schedule::Exponential { factor: 0.5 });
    for (expected, value) in [(1.0, 0.0), (0.5, -0.5)] {
        assert_eq!(sgd.learning_rate(), expected);
        sgd.step(&w.value().sum()).unwrap();
        assert_eq!(w.value().item(), value);
    }
    sgd.set_learning_rate(8.0);
    assert_eq!(sgd.learning_rate(), 2.0);
    sgd.step(&w.value().sum()).unwrap();
    assert_eq!(w.value().item(), -2.5);
}

#[test]
fn quadratics_are_minimised() {
    // Condition number 100; the minimum is at (1, -2).
    let minimum = Tensor::from([1.0, -2.0]);
    for kind in 0..4 {
        let x = Parameter::new("x", Tensor::from([5.0, 5.0]));
        let sgd = SgdOptions { learning_rate: 0.01, momentum: 0.9, ..Default::default() };
        let decreasing = Schedule::Cosine { period: 1500, minimum: 0.0 };
        let adamw = AdamWOptions { learning_rate: 0.3, weight_decay: 0.0, ..Default::default() };
        let mut optimizer: Box<dyn Optimizer> = match kind {
            0 => Box::new(Sgd::new([&x], sgd)),
            1 => Box::new(Sgd::new([&x], SgdOptions { nesterov: true, ..sgd })),
            2 => Box::new(Adam::new([&x], AdamOptions { learning_rate: 0.3, ..quick() }).with_schedule(decreasing)),
            _ => Box::new(AdamW::new([&x], adamw).with_schedule(decreasing)),
        };
        for _ in 0..1500 {
            let scale = Tensor::from([1.0, 100.0]);
            optimizer.step(&(0.5 * (scale * (x.value() - &minimum).square()).sum())).unwrap();
        }
        let distance = (x.value() - &minimum).norm_axis(0).item();
        assert!(distance < 1e-6, "optimizer {kind} ends at {}, {distance:e} away", x.value());
    }
}

/// On a quadratic of curvature h, momentum is stable for αh < 2(1 + μ), Nesterov momentum for αh < 2(1 + μ)/(1 + 2μ).
#[test]
fn momentum_is_stable_exactly_where_theory_says() {
    let (mu, h) = (0.9, 100.0);
    for (nesterov, bound) in [(false, 2.0 * (1.0 + mu)), (true, 2.0 * (1.0 + mu) / (1.0 + 2.0 * mu))] {
        let end = |share: f64| {
            let x = Parameter::new("x", Tensor::from([1.0]));
            let learning_rate = share * bound / h;
            let mut sgd = Sgd::new([&x], SgdOptions { learning_rate, momentum: mu, nesterov, ..Default::default() });
            for _ in 0..2000 {
                if sgd.step(&(0.5 * h * x.value().square().sum())).is_err() {
                    return f64::INFINITY;
                }
            }
            x.value().item().abs()
        };
        assert!(end(0.97) < 1e-6, "nesterov: {nesterov}");
        assert!(end(1.03) > 1e6, "nesterov: {nesterov}");
    }
}

#[test]
fn rosenbrocks_valley_is_followed_to_its_end() {
    let valley = |p: &Parameter| {
        let (x, y) = (p.value().at(0, 0), p.value().at(0, 1));
        (1.0 - &x).square() + 100.0 * (y - x.square()).square()
    };
    let p = Parameter::new("p", Tensor::from([-1.2, 1.0]));
    let options = AdamOptions { learning_rate: 0.05, ..Default::default() };
    let mut adam = Adam::new([&p], options).with_schedule(Schedule::Cosine { period: 4000, minimum: 0.0 });
    for _ in 0..4000 {
        adam.step(&valley(&p)).unwrap();
    }
    assert!(valley(&p).item() < 1e-8, "{} at {}", valley(&p), p.value());

    let p = Parameter::new("p", Tensor::from([-1.2, 1.0]));
    let options = SgdOptions { learning_rate: 5e-4, momentum: 0.95, ..Default::default() };
    let mut sgd = Sgd::new([&p], options).with_clipping(Clipping::GlobalNorm(100.0));
    for _ in 0..10_000 {
        sgd.step(&valley(&p)).unwrap();
    }
    assert!(valley(&p).item() < 1e-8, "{} at {}", valley(&p), p.value());
}
