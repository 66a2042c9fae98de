//! What the test files share: the recorded problem, its loss, and comparisons.
#![allow(dead_code)] // each test file uses a part

pub(crate) mod network;

use approx::relative_eq;
use minimand_optim::{
    Adam, AdamOptions, AdamW, AdamWOptions, Clipping, Descent, Optimizer, Schedule, Sgd, SgdOptions, UpdateRule,
};
use minimand_tensor::{Parameter, Tensor};
use serde_json::Value;

/// The file recorded from PyTorch.
pub(crate) fn recorded() -> Value {
    serde_json::from_str(include_str!("../fixtures/recorded.json")).expect("the fixture is JSON")
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    let number = |entry: &Value| {
        entry.as_f64().unwrap_or_else(|| entry.as_str().expect("a number or its name").parse().expect("a number"))
    };
    value.as_array().expect("an array").iter().map(number).collect()
}

pub(crate) fn tensor(value: &Value) -> Tensor {
    let shape: Vec<usize> = numbers(&value["shape"]).into_iter().map(|size| size as usize).collect();
    Tensor::from_vec(numbers(&value["data"]), shape)
}

/// The problem of all recorded runs.
pub(crate) struct Problem {
    pub(crate) weight: Parameter,
    pub(crate) bias: Parameter,
    pub(crate) x: Tensor,
    pub(crate) y: Tensor,
}

impl Problem {
    pub(crate) fn new() -> Problem {
        let problem = &recorded()["problem"];
        Problem {
            weight: Parameter::new("weight", tensor(&problem["weight"])),
            bias: Parameter::new("bias", tensor(&problem["bias"])),
            x: tensor(&problem["x"]),
            y: tensor(&problem["y"]),
        }
    }

    /// The same in another element type.
    pub(crate) fn in_f32() -> Problem {
        let Problem { weight, bias, x, y } = Problem::new();
        let cast = |tensor: &Tensor| tensor.cast(minimand_tensor::DType::F32);
        Problem {
            weight: Parameter::new("weight", cast(&weight.value())),
            bias: Parameter::new("bias", cast(&bias.value())),
            x: cast(&x),
            y: cast(&y),
        }
    }

    /// `mean((x w + b - y)²) + 0.1 Σ cos w`
    pub(crate) fn loss(&self) -> Tensor {
        let (weight, bias) = (self.weight.value(), self.bias.value());
        (self.x.matmul(&weight) + bias - &self.y).square().mean() + 0.1 * weight.cos().sum()
    }

    pub(crate) fn parameters(&self) -> [&Parameter; 2] {
        [&self.weight, &self.bias]
    }

    /// Bits of all parameters.
    pub(crate) fn bits(&self) -> Vec<u64> {
        [bits(&self.weight.value()), bits(&self.bias.value())].concat()
    }
}

pub(crate) fn bits(tensor: &Tensor) -> Vec<u64> {
    tensor.to_vec::<f64>().into_iter().map(f64::to_bits).collect()
}

/// Bits of everything an optimizer remembers.
pub(crate) fn state_bits(optimizer: &dyn Optimizer) -> Vec<(String, Vec<u64>)> {
    optimizer.state().into_named_tensors().into_iter().map(|(name, tensor)| (name, bits(&tensor))).collect()
}

/// Fails unless every number is within 1e-12 or `relative |expected|`.
#[track_caller]
pub(crate) fn assert_close(what: &str, found: &[f64], expected: &[f64], relative: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            relative_eq!(found, expected, epsilon = 1e-12, max_relative = relative),
            "{what}: entry {at} is {found:e} and should be {expected:e}"
        );
    }
}

/// An optimizer built from a recorded description; clipping can be set anew between steps.
pub(crate) enum Recorded {
    Sgd(Sgd),
    Adam(Adam),
    AdamW(AdamW),
}

impl Recorded {
    pub(crate) fn new(run: &Value, problem: &Problem) -> Recorded {
        let schedule = if run["schedule"].is_null() { Schedule::Constant } else { schedule(&run["schedule"]) };
        match run["optimizer"].as_str().expect("a name") {
            "sgd" => Recorded::Sgd(build(run, problem, sgd).with_schedule(schedule)),
            "adam" => Recorded::Adam(build(run, problem, adam).with_schedule(schedule)),
            "adamw" => Recorded::AdamW(build(run, problem, adamw).with_schedule(schedule)),
            other => panic!("unknown optimizer {other}"),
        }
    }

    pub(crate) fn clipped(self, clipping: Clipping) -> Recorded {
        match self {
            Recorded::Sgd(sgd) => Recorded::Sgd(sgd.with_clipping(clipping)),
            Recorded::Adam(adam) => Recorded::Adam(adam.with_clipping(clipping)),
            Recorded::AdamW(adamw) => Recorded::AdamW(adamw.with_clipping(clipping)),
        }
    }

    pub(crate) fn get(&mut self) -> &mut dyn Optimizer {
        match self {
            Recorded::Sgd(sgd) => sgd,
            Recorded::Adam(adam) => adam,
            Recorded::AdamW(adamw) => adamw,
        }
    }
}

fn build<R: UpdateRule>(run: &Value, problem: &Problem, options: impl Fn(&Value) -> R) -> Descent<R> {
    let members = |group: &Value| -> Vec<Parameter> {
        let names = group["parameters"].as_array().expect("names");
        names.iter().map(|name| if name == "weight" { &problem.weight } else { &problem.bias }.clone()).collect()
    };
    let groups = run["groups"].as_array().expect("groups");
    let first = Descent::new(members(&groups[0]), options(&groups[0]["options"]));
    groups[1..].iter().fold(first, |built, group| built.with_group(members(group), options(&group["options"])))
}

pub(crate) fn number(options: &Value, name: &str) -> f64 {
    options[name].as_f64().unwrap_or_else(|| panic!("{name} is a number"))
}

pub(crate) fn flag(options: &Value, name: &str) -> bool {
    options[name].as_bool().unwrap_or_else(|| panic!("{name} is a truth value"))
}

pub(crate) fn count(options: &Value, name: &str) -> u64 {
    options[name].as_u64().unwrap_or_else(|| panic!("{name} is a count"))
}

pub(crate) fn sgd(options: &Value) -> SgdOptions {
    SgdOptions {
        learning_rate: number(options, "learning_rate"),
        momentum: number(options, "momentum"),
        dampening: number(options, "dampening"),
        nesterov: flag(options, "nesterov"),
        weight_decay: number(options, "weight_decay"),
        maximize: flag(options, "maximize"),
    }
}

pub(crate) fn adam(options: &Value) -> AdamOptions {
    let betas = numbers(&options["betas"]);
    AdamOptions {
        learning_rate: number(options, "learning_rate"),
        betas: (betas[0], betas[1]),
        epsilon: number(options, "epsilon"),
        weight_decay: number(options, "weight_decay"),
        amsgrad: flag(options, "amsgrad"),
        maximize: flag(options, "maximize"),
    }
}

pub(crate) fn adamw(options: &Value) -> AdamWOptions {
    let AdamOptions { learning_rate, betas, epsilon, weight_decay, amsgrad, maximize } = adam(options);
    AdamWOptions { learning_rate, betas, epsilon, weight_decay, amsgrad, maximize }
}

pub(crate) fn schedule(described: &Value) -> Schedule {
    let options = &described["parameters"];
    let count = |name: &str| count(options, name);
    match described["schedule"].as_str().expect("a name") {
        "step" => Schedule::Step { every: count("every"), factor: number(options, "factor") },
        "exponential" => Schedule::Exponential { factor: number(options, "factor") },
        "cosine" => Schedule::Cosine { period: count("period"), minimum: number(options, "minimum") },
        "linear_warmup" => {
            Schedule::LinearWarmup { steps: count("steps"), start_factor: number(options, "start_factor") }
        }
        "chained" => {
            let parts = options["schedules"].as_array().expect("schedules");
            let milestones = numbers(&options["milestones"]);
            let rest = parts[1..].iter().zip(milestones);
            rest.fold(schedule(&parts[0]), |chain, (part, milestone)| chain.then(milestone as u64, schedule(part)))
        }
        other => panic!("unknown schedule {other}"),
    }
}
