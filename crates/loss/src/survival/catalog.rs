//! The entries of this family.

use minimand_tensor::{Rng, Tensor};

use super::*;
use crate::catalog::*;

const HAPPENED: Input = mask("happened", "[rows]");
const TIMES: Input = positive("times", "[rows]").fixed();

/// The times of an evaluation by name.
fn times(given: &Given) -> SurvivalTimes {
    let times = SurvivalTimes::new(given.tensor("times").to_vec::<f64>(), given.tensor("happened").to_vec::<bool>());
    times.unwrap_or_else(|error| panic!("{error}"))
}

/// Times of which several are equal.
fn with_ties(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed + 11);
    let times: Vec<f64> = (0..7).map(|_| 1.0 + rng.below(4) as f64).collect();
    let happened: Vec<bool> = (0..7).map(|_| rng.uniform() < 0.7).collect();
    let log_hazard: Vec<f64> = (0..7).map(|_| rng.normal()).collect();
    Arguments::new()
        .tensor("log_hazard", Tensor::from(log_hazard))
        .tensor("times", Tensor::from(times))
        .tensor("happened", Tensor::from(happened))
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "cox_breslow",
        rows: &["Cox partial likelihood (Breslow)"],
        aliases: &[("authors", "DeepSurv"), ("usual", "partial_likelihood")],
        inputs: &[real("log_hazard", "[rows]"), TIMES, HAPPENED],
        output: "[rows]",
        compute: |given| cox_breslow(given.tensor("log_hazard"), &times(given)),
        draw: Some(with_ties),
        ..Entry::of(include_str!("cox.rs"))
    },
    Entry {
        name: "cox_efron",
        rows: &["Cox (Efron ties)"],
        aliases: &[("lifelines", "CoxPHFitter")],
        inputs: &[real("log_hazard", "[rows]"), TIMES, HAPPENED],
        output: "[rows]",
        compute: |given| cox_efron(given.tensor("log_hazard"), &times(given)),
        draw: Some(with_ties),
        ..Entry::of(include_str!("cox.rs"))
    },
    Entry {
        name: "weibull_aft",
        rows: &["Weibull AFT NLL / log-logistic / log-normal AFT"],
        aliases: &[("lifelines", "WeibullAFTFitter")],
        inputs: &[real("location", "[rows]"), real("log_scale", "[rows]"), TIMES, HAPPENED],
        output: "[rows]",
        compute: |given| weibull_aft(given.tensor("location"), given.tensor("log_scale"), &times(given)),
        ..Entry::of(include_str!("accelerated.rs"))
    },
    Entry {
        name: "log_normal_aft",
        rows: &["Weibull AFT NLL / log-logistic / log-normal AFT"],
        aliases: &[("lifelines", "LogNormalAFTFitter")],
        inputs: &[real("location", "[rows]"), real("log_scale", "[rows]"), TIMES, HAPPENED],
        output: "[rows]",
        compute: |given| log_normal_aft(given.tensor("location"), given.tensor("log_scale"), &times(given)),
        ..Entry::of(include_str!("accelerated.rs"))
    },
    Entry {
        name: "log_logistic_aft",
        rows: &["Weibull AFT NLL / log-logistic / log-normal AFT"],
        aliases: &[("lifelines", "LogLogisticAFTFitter")],
        inputs: &[real("location", "[rows]"), real("log_scale", "[rows]"), TIMES, HAPPENED],
        output: "[rows]",
        compute: |given| log_logistic_aft(given.tensor("location"), given.tensor("log_scale"), &times(given)),
        ..Entry::of(include_str!("accelerated.rs"))
    },
    Entry {
        name: "discrete_hazard_nll",
        rows: &["Discrete-time survival (nnet-survival, DeepHit, logistic hazard)"],
        aliases: &[("authors", "nnet-survival"), ("pycox", "LogisticHazard")],
        inputs: &[real("logits", "[…, horizon]"), index("intervals", "[…]", "horizon"), mask("happened", "[…]")],
        output: "[…]",
        compute: |given| {
            discrete_hazard_nll(given.tensor("logits"), given.tensor("intervals"), given.tensor("happened"))
        },
        ..Entry::of(include_str!("discrete.rs"))
    },
    Entry {
        name: "discrete_time_nll",
        rows: &["Discrete-time survival (nnet-survival, DeepHit, logistic hazard)"],
        aliases: &[("authors", "DeepHit")],
        inputs: &[real("logits", "[…, horizon]"), index("intervals", "[…]", "horizon - 1"), mask("happened", "[…]")],
        output: "[…]",
        compute: |given| discrete_time_nll(given.tensor("logits"), given.tensor("intervals"), given.tensor("happened")),
        ..Entry::of(include_str!("discrete.rs"))
    },
];
