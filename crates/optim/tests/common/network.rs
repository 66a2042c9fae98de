//! The problem of `rules.json` and `schedules.json`, rules and schedules built from their descriptions.

use minimand_optim::{
    AdadeltaOptions, AdagradOptions, AdamaxOptions, Cyclic, CyclicShape, LambOptions, LionOptions, Mixed, MuonOptions,
    MuonScale, NAdamOptions, OneCycle, Optimizer, RAdamOptions, RmsPropOptions, Schedule, UpdateRule,
};
use minimand_tensor::{DType, Parameter, Tensor};
use serde_json::Value;

use super::{adam, adamw, assert_close, bits, count, flag, number, numbers, sgd, tensor};

/// The names of the network's parameters.
pub(crate) const NAMES: [&str; 3] = ["hidden", "offset", "output"];

/// The file recorded from PyTorch and Optax.
pub(crate) fn recorded_rules() -> Value {
    serde_json::from_str(include_str!("../fixtures/rules.json")).expect("the fixture is JSON")
}

/// A network of two layers, and its data.
pub(crate) struct Network {
    pub(crate) hidden: Parameter,
    pub(crate) offset: Parameter,
    pub(crate) output: Parameter,
    pub(crate) x: Tensor,
    pub(crate) y: Tensor,
}

impl Network {
    pub(crate) fn new() -> Network {
        Network::of(DType::F64)
    }

    pub(crate) fn of(dtype: DType) -> Network {
        let problem = &recorded_rules()["problem"];
        let data = |name: &str| tensor(&problem[name]).cast(dtype);
        let parameter = |name: &str| Parameter::new(name, data(name));
        let [hidden, offset, output] = NAMES.map(parameter);
        Network { hidden, offset, output, x: data("x"), y: data("y") }
    }

    /// `mean((tanh(x hidden + offset) output − y)²)`
    pub(crate) fn loss(&self) -> Tensor {
        self.loss_on(&self.x, &self.y)
    }

    pub(crate) fn loss_on(&self, x: &Tensor, y: &Tensor) -> Tensor {
        let features = (x.matmul(&self.hidden.value()) + self.offset.value()).tanh();
        (features.matmul(&self.output.value()) - y).square().mean()
    }

    pub(crate) fn parameters(&self) -> [&Parameter; 3] {
        [&self.hidden, &self.offset, &self.output]
    }

    /// Bits of all parameters.
    pub(crate) fn bits(&self) -> Vec<u64> {
        self.parameters().iter().flat_map(|parameter| bits(&parameter.value())).collect()
    }

    /// Takes the steps of a recorded run and compares what they lead to; gives how many records there were.
    pub(crate) fn follow(&self, run: &Value, optimizer: &mut dyn Optimizer) -> usize {
        let records = run["records"].as_array().expect("records");
        let last = records.last().expect("a record")["after"].as_u64().expect("a count");
        for step in 1..=last {
            optimizer.step(&self.loss()).expect("a finite step");
            let Some(record) = records.iter().find(|record| record["after"] == step) else { continue };
            let what = |part: &str| format!("{}, {part} after {step}", run["name"]);
            assert_close(&what("loss"), &[self.loss().item()], &[record["loss"].as_f64().expect("a number")], 1e-10);
            for (name, parameter) in NAMES.iter().zip(self.parameters()) {
                let expected = numbers(&record[*name]["data"]);
                assert_close(&what(name), &parameter.value().to_vec::<f64>(), &expected, 1e-10);
            }
        }
        records.len()
    }
}

/// An optimizer with a group for each parameter.
pub(crate) fn mixed(run: &Value, network: &Network) -> Mixed {
    let [hidden, offset, output] = NAMES.map(|name| rule(&run["rules"][name]));
    Mixed::new([&network.hidden], hidden).with_group([&network.offset], offset).with_group([&network.output], output)
}

/// A rule from its description.
pub(crate) fn rule(described: &Value) -> Box<dyn UpdateRule> {
    let o = &described["options"];
    let (learning_rate, weight_decay) = (number(o, "learning_rate"), number(o, "weight_decay"));
    let betas = || (numbers(&o["betas"])[0], numbers(&o["betas"])[1]);
    let epsilon = || number(o, "epsilon");
    // Optax and Muon have no such option.
    let maximize = o["maximize"].as_bool().unwrap_or(false);
    match described["optimizer"].as_str().expect("a name") {
        "sgd" => Box::new(sgd(o)),
        "adam" => Box::new(adam(o)),
        "adamw" => Box::new(adamw(o)),
        "rmsprop" => Box::new(RmsPropOptions {
            learning_rate,
            decay: number(o, "decay"),
            epsilon: epsilon(),
            weight_decay,
            momentum: number(o, "momentum"),
            centered: flag(o, "centered"),
            maximize,
        }),
        "adagrad" => Box::new(AdagradOptions {
            learning_rate,
            learning_rate_decay: number(o, "learning_rate_decay"),
            initial_accumulator: number(o, "initial_accumulator"),
            epsilon: epsilon(),
            weight_decay,
            maximize,
        }),
        "adadelta" => {
            let rho = number(o, "rho");
            Box::new(AdadeltaOptions { learning_rate, rho, epsilon: epsilon(), weight_decay, maximize })
        }
        "adamax" => {
            Box::new(AdamaxOptions { learning_rate, betas: betas(), epsilon: epsilon(), weight_decay, maximize })
        }
        "nadam" => Box::new(NAdamOptions {
            learning_rate,
            betas: betas(),
            epsilon: epsilon(),
            momentum_decay: number(o, "momentum_decay"),
            weight_decay,
            decoupled: flag(o, "decoupled"),
            maximize,
        }),
        "radam" => Box::new(RAdamOptions {
            learning_rate,
            betas: betas(),
            epsilon: epsilon(),
            weight_decay,
            decoupled: flag(o, "decoupled"),
            maximize,
        }),
        "lion" => Box::new(LionOptions { learning_rate, betas: betas(), weight_decay, maximize }),
        "lamb" => Box::new(LambOptions { learning_rate, betas: betas(), epsilon: epsilon(), weight_decay, maximize }),
        "muon" => {
            let coefficients = numbers(&o["coefficients"]);
            Box::new(MuonOptions {
                learning_rate,
                momentum: number(o, "momentum"),
                nesterov: flag(o, "nesterov"),
                weight_decay,
                coefficients: (coefficients[0], coefficients[1], coefficients[2]),
                iterations: count(o, "iterations") as u32,
                epsilon: epsilon(),
                scale: match o["scale"].as_str().expect("a name") {
                    "original" => MuonScale::Original,
                    "match_rms_adamw" => MuonScale::MatchAdamW,
                    "spectral_unclamped" => MuonScale::Spectral,
                    other => panic!("unknown scale {other}"),
                },
                maximize,
            })
        }
        other => panic!("unknown optimizer {other}"),
    }
}

/// A schedule from its description, `[kind, options]`.
pub(crate) fn further_schedule(described: &Value) -> Schedule {
    let o = &described[1];
    let momentum = || (!o["momentum"].is_null()).then(|| (numbers(&o["momentum"])[0], numbers(&o["momentum"])[1]));
    let milestones = || -> Vec<u64> { numbers(&o["milestones"]).into_iter().map(|step| step as u64).collect() };
    let parts = || o["schedules"].as_array().expect("schedules").iter().map(further_schedule);
    match described[0].as_str().expect("a name") {
        "multi_step" => Schedule::MultiStep { milestones: milestones(), factor: number(o, "factor") },
        "exponential" => Schedule::Exponential { factor: number(o, "factor") },
        "constant_factor" => Schedule::ConstantFactor { steps: count(o, "steps"), factor: number(o, "factor") },
        "linear" => Schedule::Linear {
            steps: count(o, "steps"),
            start_factor: number(o, "start_factor"),
            end_factor: number(o, "end_factor"),
        },
        "polynomial" => Schedule::Polynomial { steps: count(o, "steps"), power: number(o, "power") },
        "cosine_restarts" => Schedule::CosineRestarts {
            period: count(o, "period"),
            growth: count(o, "growth"),
            minimum: number(o, "minimum"),
        },
        "one_cycle" => Schedule::OneCycle(OneCycle {
            steps: count(o, "steps"),
            warmup: number(o, "warmup"),
            linear: flag(o, "linear"),
            divisor: number(o, "divisor"),
            final_divisor: number(o, "final_divisor"),
            three_phase: flag(o, "three_phase"),
            momentum: momentum(),
        }),
        "cyclic" => Schedule::Cyclic(Cyclic {
            peak: number(o, "peak"),
            up: count(o, "up"),
            down: count(o, "down"),
            shape: match o["shape"].as_str().expect("a name") {
                "triangular" => CyclicShape::Triangular,
                "triangular2" => CyclicShape::HalvedEachCycle,
                "exp_range" => CyclicShape::Exponential(number(o, "gamma")),
                other => panic!("unknown shape {other}"),
            },
            momentum: momentum(),
        }),
        "custom" => {
            assert_eq!(o["function"], "inverse root");
            Schedule::custom("inverse root", |step| {
                let step = step as f64 + 1.0;
                (step / 4.0).min((4.0 / step).sqrt())
            })
        }
        "multiplicative" => {
            assert_eq!(o["function"], "wave");
            Schedule::multiplicative("wave", |step| 1.0 + 0.25 * (step as f64).sin())
        }
        "chained" => parts().reduce(Schedule::and).expect("a schedule"),
        "then" => {
            let mut parts = parts();
            let first = parts.next().expect("a schedule");
            parts.zip(milestones()).fold(first, |chain, (part, milestone)| chain.then(milestone, part))
        }
        other => panic!("unknown schedule {other}"),
    }
}
