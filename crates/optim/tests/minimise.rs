//! L-BFGS and Newton's method: recorded agreement, where they lead, and what they refuse.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};

use approx::assert_relative_eq;
use common::network::Network;
use common::{assert_close, count, number, numbers, tensor};
use minimand_optim::{Lbfgs, LbfgsOptions, LineSearch, Minimum, Newton, NewtonOptions, StepError, Stopped};
use minimand_tensor::{DType, Parameter, Tensor};
use serde_json::Value;

fn recorded() -> Value {
    serde_json::from_str(include_str!("fixtures/minimise.json")).expect("the fixture is JSON")
}

fn options(described: &Value) -> LbfgsOptions {
    LbfgsOptions {
        learning_rate: number(described, "learning_rate"),
        iterations: count(described, "iterations") as usize,
        evaluations: described["evaluations"].as_u64().map(|count| count as usize),
        gradient_tolerance: number(described, "gradient_tolerance"),
        change_tolerance: number(described, "change_tolerance"),
        memory: count(described, "memory") as usize,
        line_search: match described["line_search"].as_str().unwrap() {
            "strong_wolfe" => LineSearch::StrongWolfe,
            _ => LineSearch::Fixed,
        },
    }
}

/// Rosenbrock's function of a row of numbers.
fn valley(p: &Parameter) -> Tensor {
    let (x, last) = (p.value(), p.value().elements() - 1);
    let (before, after) = (x.slice(0, ..last), x.slice(0, 1..));
    (100.0 * (after - before.square()).square() + (1.0 - before).square()).sum()
}

fn follow(run: &Value, parameters: &[&Parameter], loss: impl Fn() -> Tensor) {
    let options = options(&run["options"]);
    let mut lbfgs = Lbfgs::new(parameters.iter().copied(), options);
    for (call, record) in run["calls"].as_array().unwrap().iter().enumerate() {
        let what = format!("{}, call {call}", run["name"]);
        let minimum = lbfgs.minimise(&loss).unwrap();
        assert_eq!(minimum.iterations() as u64, count(record, "iterations"), "{what}");
        // Without a line search PyTorch does not compute the loss where it ends.
        let unseen = u64::from(options.line_search == LineSearch::Fixed);
        assert_eq!(minimum.evaluations() as u64, count(record, "evaluations") + unseen, "{what}");
        assert_eq!(minimum.loss(), loss().item(), "{what}");
        assert_close(&what, &[minimum.loss()], &[number(record, "loss")], 1e-7);
        for (parameter, expected) in parameters.iter().zip(record["parameters"].as_array().unwrap()) {
            assert_close(&what, &parameter.value().to_vec::<f64>(), &numbers(&expected["data"]), 1e-7);
        }
    }
}

#[test]
fn every_recorded_run() {
    let recorded = recorded();
    for run in recorded["valley"].as_array().unwrap() {
        let p = Parameter::new("p", Tensor::from([-1.2, 1.0, -1.2, 1.0, -1.2, 1.0]));
        follow(run, &[&p], || valley(&p));
    }
    for run in recorded["network"].as_array().unwrap() {
        let network = Network::new();
        follow(run, &network.parameters(), || network.loss());
    }
    assert_eq!(recorded["valley"].as_array().unwrap().len() + recorded["network"].as_array().unwrap().len(), 7);
}

/// The recorded data, and two parameters of different shapes.
struct Logistic {
    x: Tensor,
    labels: Tensor,
    w: Parameter,
    b: Parameter,
}

impl Logistic {
    fn new() -> Logistic {
        let recorded = &recorded()["logistic"];
        let (w, b) = (Tensor::zeros([4]).cast(DType::F64), Tensor::from(0.0));
        Logistic {
            x: tensor(&recorded["x"]),
            labels: tensor(&recorded["labels"]),
            w: Parameter::new("w", w),
            b: Parameter::new("b", b),
        }
    }

    fn loss(&self) -> Tensor {
        let logits = self.x.matmul(&self.w.value().reshape([4, 1])).reshape([40]) + self.b.value();
        (-&self.labels * logits).softplus().mean() + 0.01 * self.w.value().square().sum()
    }

    fn check(&self, minimum: &Minimum) {
        let recorded = &recorded()["logistic"];
        assert!(minimum.steepest() < 1e-10 && minimum.converged(), "{minimum:?}");
        assert_relative_eq!(minimum.loss(), number(recorded, "loss"), max_relative = 1e-14);
        let found = [self.w.value().to_vec::<f64>(), self.b.value().to_vec::<f64>()].concat();
        for (found, expected) in found.iter().zip(numbers(&recorded["minimum"]["data"])) {
            assert_relative_eq!(*found, expected, max_relative = 1e-7);
        }
    }
}

#[test]
fn a_logistic_regression_is_fitted_to_the_last_digits() {
    let exact = LbfgsOptions { gradient_tolerance: 1e-11, change_tolerance: 0.0, ..Default::default() };
    for memory in [5, 100] {
        let problem = Logistic::new();
        let options = LbfgsOptions { memory, ..exact };
        let minimum = Lbfgs::new([&problem.w, &problem.b], options).minimise(|| problem.loss()).unwrap();
        problem.check(&minimum);
        assert!(minimum.iterations() < 50, "{minimum:?}");
    }
    let problem = Logistic::new();
    let minimum = Newton::new([&problem.w, &problem.b], NewtonOptions::default()).minimise(|| problem.loss()).unwrap();
    problem.check(&minimum);
    assert!(minimum.iterations() <= 7 && minimum.stopped() == Stopped::Gradient, "{minimum:?}");
}

/// One step leads to the minimum of a quadratic, whatever the scales; the next ones double the digits elsewhere.
#[test]
fn newton_takes_one_step_to_the_minimum_of_a_quadratic() {
    let x = Parameter::new("x", Tensor::from([5.0, -3.0, 2.0]));
    let scale = Tensor::from([1.0, 1e-4, 1e4]);
    let loss = || {
        (&scale * (x.value() - Tensor::from([1.0, 2.0, 3.0])).square()).sum() + x.value().at(0, 0) * x.value().at(0, 1)
    };
    let options = NewtonOptions { gradient_tolerance: 1e-9, ..Default::default() };
    // Its Hessian [[2, 1], [1, 2e-4]] is indefinite: with a multiple of x₁² it is not.
    let convex = || loss() + x.value().at(0, 1).square();
    let minimum = Newton::new([&x], options).minimise(convex).unwrap();
    assert_eq!((minimum.iterations(), minimum.stopped()), (1, Stopped::Gradient));
}

#[test]
fn newton_finds_the_end_of_a_valley_that_is_not_convex() {
    for start in [[-1.2, 1.0], [0.0, 3.0], [5.0, -5.0]] {
        let p = Parameter::new("p", Tensor::from(start));
        let minimum = Newton::new([&p], NewtonOptions::default()).minimise(|| valley(&p)).unwrap();
        assert!(minimum.converged() && minimum.iterations() < 60, "{start:?}: {minimum:?}");
        assert_close("minimum", &p.value().to_vec::<f64>(), &[1.0, 1.0], 1e-9);
    }
    // More than one batch of products with the Hessian, and an odd number of them.
    let p = Parameter::new("p", Tensor::from([0.5; 19]));
    let minimum = Newton::new([&p], NewtonOptions::default()).minimise(|| valley(&p)).unwrap();
    assert!(minimum.converged(), "{minimum:?}");
    assert_close("minimum", &p.value().to_vec::<f64>(), &[1.0; 19], 1e-8);
}

/// Beyond the border of what can be computed a step is only too long.
#[test]
fn a_loss_with_a_border_is_minimised_within_it() {
    // x − ln x, from where a step of full length is beyond 0; its minimum is at 1.
    let barrier = |x: &Parameter| (x.value() - x.value().ln()).sum();
    let x = Parameter::new("x", Tensor::from([3.5, 0.01]));
    let minimum = Newton::new([&x], NewtonOptions::default()).minimise(|| barrier(&x)).unwrap();
    assert!(minimum.converged(), "{minimum:?}");
    assert_close("newton", &x.value().to_vec::<f64>(), &[1.0, 1.0], 1e-9);
    let x = Parameter::new("x", Tensor::from([3.5, 0.01]));
    let minimum = Lbfgs::new([&x], LbfgsOptions::default()).minimise(|| barrier(&x)).unwrap();
    assert!(minimum.converged(), "{minimum:?}");
    assert_close("l-bfgs", &x.value().to_vec::<f64>(), &[1.0, 1.0], 1e-5);
}

#[test]
fn parameters_in_f32_stay_f32() {
    let p = Parameter::new("p", Tensor::from([-1.2f32, 1.0]));
    let options = LbfgsOptions { gradient_tolerance: 1e-3, ..Default::default() };
    Lbfgs::new([&p], options).minimise(|| valley(&p)).unwrap();
    assert_eq!(p.value().dtype(), DType::F32);
    assert_close("l-bfgs", &p.value().to_vec::<f64>(), &[1.0, 1.0], 1e-2);
    let p = Parameter::new("p", Tensor::from([-1.2f32, 1.0]));
    let options = NewtonOptions { gradient_tolerance: 1e-3, ..Default::default() };
    assert!(Newton::new([&p], options).minimise(|| valley(&p)).unwrap().converged());
}

/// Loss, gradient or parameters that cannot be minimised are refused, and nothing has changed.
#[test]
fn what_cannot_be_minimised() {
    let (a, b) = (Parameter::new("a", Tensor::from([1.0, 2.0])), Parameter::new("b", Tensor::from([0.0])));
    let both = |loss: &dyn Fn() -> Tensor| {
        let by_lbfgs = Lbfgs::new([&a, &b], LbfgsOptions::default()).minimise(loss).unwrap_err();
        let by_newton = Newton::new([&a, &b], NewtonOptions::default()).minimise(loss).unwrap_err();
        assert_eq!(by_lbfgs.to_string(), by_newton.to_string());
        assert_eq!((a.value().to_string(), b.value().to_string()), ("[1, 2]".into(), "[0]".into()));
        by_lbfgs
    };
    let infinite = both(&|| a.value().sum() / 0.0);
    assert!(matches!(infinite, StepError::NonFiniteLoss { step: 1, loss: f64::INFINITY, .. }), "{infinite:?}");
    let kink = both(&|| a.value().square().sum() + (0.0 * b.value().sqrt()).sum());
    let StepError::NonFiniteGradient { step: 1, parameters, .. } = &kink else { panic!("{kink:?}") };
    assert_eq!((parameters.len(), &*parameters[0]), (1, "b"));
    let unrelated = both(&|| Tensor::from(1.0));
    assert!(matches!(unrelated, StepError::UnrelatedLoss { step: 1, .. }), "{unrelated:?}");
    let former = a.value();
    a.set(Tensor::from([1.0, 2.0]));
    let stale = both(&|| former.square().sum());
    assert!(matches!(stale, StepError::StaleLoss { step: 1, .. }), "{stale:?}");
}

#[test]
fn a_loss_that_panics_on_the_way_leaves_the_last_good_place() {
    let p = Parameter::new("p", Tensor::from([-1.2, 1.0]));
    let calls = std::cell::Cell::new(0);
    let loss = || {
        calls.set(calls.get() + 1);
        assert!(calls.get() != 2, "the first place along the direction");
        valley(&p)
    };
    let mut lbfgs = Lbfgs::new([&p], LbfgsOptions::default());
    assert!(catch_unwind(AssertUnwindSafe(|| lbfgs.minimise(loss))).is_err());
    assert_eq!(p.value().to_string(), "[-1.2, 1]");
}

#[test]
fn limits_and_descents() {
    let p = Parameter::new("p", Tensor::from([-1.2, 1.0]));
    let options = LbfgsOptions { iterations: 3, evaluations: Some(50), ..Default::default() };
    let minimum = Lbfgs::new([&p], options).minimise(|| valley(&p)).unwrap();
    assert_eq!((minimum.iterations(), minimum.stopped(), minimum.converged()), (3, Stopped::Limit, false));
    // Without a minimum Newton's method goes on until its limit or the end of the numbers.
    let x = Parameter::new("x", Tensor::from([0.5]));
    let options = NewtonOptions { iterations: 5, ..Default::default() };
    let minimum = Newton::new([&x], options).minimise(|| -x.value().square().sum()).unwrap();
    assert_eq!(minimum.stopped(), Stopped::Limit);
    assert!(minimum.loss() < -0.25);
    // Where the loss is least already, nothing is done.
    let minimum = Lbfgs::new([&x], LbfgsOptions::default()).minimise(|| 0.0 * x.value().sum()).unwrap();
    assert_eq!((minimum.iterations(), minimum.evaluations(), minimum.stopped()), (0, 1, Stopped::Gradient));
}

/// Frozen parameters stay, and what was remembered of others is forgotten when the choice changes.
#[test]
fn frozen_parameters_take_no_part() {
    for by_newton in [false, true] {
        let (frozen, without) = (Logistic::new(), Logistic::new());
        frozen.w.set_frozen(true);
        let minima = if by_newton {
            let options = NewtonOptions::default();
            let mut all = Newton::new([&frozen.w, &frozen.b], options);
            let of_b = Newton::new([&without.b], options).minimise(|| without.loss()).unwrap();
            let found = all.minimise(|| frozen.loss()).unwrap();
            frozen.w.set_frozen(false);
            assert!(all.minimise(|| frozen.loss()).unwrap().converged());
            [found, of_b]
        } else {
            let options = LbfgsOptions { gradient_tolerance: 1e-11, change_tolerance: 0.0, ..Default::default() };
            let mut all = Lbfgs::new([&frozen.w, &frozen.b], options);
            let of_b = Lbfgs::new([&without.b], options).minimise(|| without.loss()).unwrap();
            let found = all.minimise(|| frozen.loss()).unwrap();
            assert!(frozen.w.value().to_vec::<f64>().iter().all(|&entry| entry == 0.0));
            frozen.w.set_frozen(false);
            frozen.check(&all.minimise(|| frozen.loss()).unwrap());
            [found, of_b]
        };
        assert_eq!(minima[0], minima[1]);
        frozen.w.set_frozen(true);
        frozen.b.set_frozen(true);
        let error = Newton::new([&frozen.w, &frozen.b], NewtonOptions::default()).minimise(|| frozen.loss());
        assert_eq!(error.unwrap_err(), StepError::UnrelatedLoss { step: 1, parameters: vec![] });
    }
}

#[test]
fn options_out_of_range() {
    let lbfgs = LbfgsOptions { memory: 0, ..Default::default() }.validate().unwrap_err();
    assert_eq!(lbfgs.to_string(), "Lbfgs: memory is 0: it must be at least 1");
    let lbfgs = LbfgsOptions { learning_rate: 0.0, ..Default::default() }.validate().unwrap_err();
    assert_eq!(lbfgs.to_string(), "Lbfgs: learning_rate is 0: it must be finite and above 0");
    let newton = NewtonOptions { damping: -1.0, ..Default::default() }.validate().unwrap_err();
    assert_eq!(newton.to_string(), "Newton: damping is -1: it must be finite and at least 0");
}
