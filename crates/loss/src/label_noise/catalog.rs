//! The entries of this family.

use minimand_tensor::Tensor;

use super::*;
use crate::catalog::*;

const LOGITS: Input = real("logits", "[…, classes]");
const LABELS: Input = labels("labels", "[…]", "classes");
const LOG_ZERO: Parameter = number("log_zero", -4.0).below(0.0);
const IGNORED: Parameter = integer("ignored", -100, i64::MIN).optional();

const SYMMETRIC: &str = "Symmetric CE (SCE)";
const ACTIVE_PASSIVE: &str = "MAE-softmax / NCE+RCE (active-passive)";
const CORRECTED: &str = "Bootstrap / forward-corrected CE";
const EARLY: &str = "Truncated / ELR (early-learning reg.)";

/// The mean over the labels that count.
const BY_LABELS: Option<fn(&Given, &Tensor) -> Tensor> = Some(|given, loss| given.labels("labels").mean(loss, None));

/// A loss of logits and labels.
const fn labelled(source: &'static str) -> Entry {
    Entry {
        tier: 3,
        inputs: &[LOGITS, LABELS],
        parameters: &[IGNORED],
        output: "[…]",
        average: BY_LABELS,
        ..Entry::of(source)
    }
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "symmetric_cross_entropy",
        rows: &[SYMMETRIC],
        aliases: &[("usual", "SCE"), ("usual", "SCELoss")],
        parameters: &[number("alpha", 0.1), number("beta", 1.0), LOG_ZERO, IGNORED],
        compute: |given| {
            let options = SymmetricCrossEntropyOptions {
                alpha: given.number("alpha"),
                beta: given.number("beta"),
                log_zero: given.number("log_zero"),
            };
            symmetric_cross_entropy(given.tensor("logits"), given.labels("labels"), options)
        },
        ..labelled(include_str!("active_passive.rs"))
    },
    Entry {
        name: "reverse_cross_entropy",
        rows: &[SYMMETRIC, ACTIVE_PASSIVE],
        aliases: &[("usual", "RCE")],
        parameters: &[LOG_ZERO, IGNORED],
        compute: |given| {
            reverse_cross_entropy(given.tensor("logits"), given.labels("labels"), given.number("log_zero"))
        },
        ..labelled(include_str!("active_passive.rs"))
    },
    Entry {
        name: "normalised_cross_entropy",
        rows: &[ACTIVE_PASSIVE],
        aliases: &[("usual", "NCE"), ("usual", "normalized_cross_entropy")],
        compute: |given| normalised_cross_entropy(given.tensor("logits"), given.labels("labels")),
        ..labelled(include_str!("active_passive.rs"))
    },
    Entry {
        name: "active_passive",
        rows: &[ACTIVE_PASSIVE],
        aliases: &[("usual", "NCEandRCE"), ("usual", "APL")],
        parameters: &[number("alpha", 1.0), number("beta", 1.0), LOG_ZERO, IGNORED],
        compute: |given| {
            let options = ActivePassiveOptions {
                alpha: given.number("alpha"),
                beta: given.number("beta"),
                log_zero: given.number("log_zero"),
            };
            active_passive(given.tensor("logits"), given.labels("labels"), options)
        },
        ..labelled(include_str!("active_passive.rs"))
    },
    Entry {
        name: "bootstrapped_cross_entropy",
        rows: &[CORRECTED],
        aliases: &[("usual", "soft_bootstrap")],
        parameters: &[number("beta", 0.95).at_least(0.0).at_most(1.0), IGNORED],
        compute: |given| {
            bootstrapped_cross_entropy(given.tensor("logits"), given.labels("labels"), given.number("beta"))
        },
        ..labelled(include_str!("bootstrapped.rs"))
    },
    Entry {
        name: "hard_bootstrapped_cross_entropy",
        rows: &[CORRECTED],
        aliases: &[("usual", "hard_bootstrap")],
        parameters: &[number("beta", 0.8).at_least(0.0).at_most(1.0), IGNORED],
        compute: |given| {
            hard_bootstrapped_cross_entropy(given.tensor("logits"), given.labels("labels"), given.number("beta"))
        },
        ..labelled(include_str!("bootstrapped.rs"))
    },
    Entry {
        name: "forward_corrected_cross_entropy",
        rows: &[CORRECTED],
        aliases: &[("usual", "forward_correction")],
        inputs: &[LOGITS, LABELS, distribution("transition", "[classes, classes]")],
        compute: |given| {
            let (logits, labels) = (given.tensor("logits"), given.labels("labels"));
            forward_corrected_cross_entropy(logits, labels, given.tensor("transition"))
        },
        ..labelled(include_str!("corrected.rs"))
    },
    Entry {
        name: "backward_corrected_cross_entropy",
        rows: &[CORRECTED],
        aliases: &[("usual", "backward_correction")],
        inputs: &[LOGITS, LABELS, real("inverse", "[classes, classes]")],
        compute: |given| {
            let (logits, labels) = (given.tensor("logits"), given.labels("labels"));
            backward_corrected_cross_entropy(logits, labels, given.tensor("inverse"))
        },
        ..labelled(include_str!("corrected.rs"))
    },
    Entry {
        name: "confidence_penalty",
        rows: &["Confidence penalty / entropy regulariser"],
        aliases: &[("usual", "entropy_regularization"), ("usual", "entropy_bonus")],
        inputs: &[LOGITS],
        parameters: &[number("beta", 0.1)],
        average: None,
        compute: |given| confidence_penalty(given.tensor("logits"), given.number("beta")),
        ..labelled(include_str!("confidence_penalty.rs"))
    },
    Entry {
        name: "early_learning_regularisation",
        rows: &[EARLY],
        aliases: &[("usual", "ELR"), ("usual", "elr_loss")],
        inputs: &[LOGITS, LABELS, distribution("targets", "[…, classes]")],
        parameters: &[number("lambda", 3.0).at_least(0.0), IGNORED],
        compute: |given| {
            let (logits, labels) = (given.tensor("logits"), given.labels("labels"));
            early_learning_regularisation(logits, labels, given.tensor("targets"), given.number("lambda"))
        },
        ..labelled(include_str!("early_learning.rs"))
    },
    Entry {
        name: "truncated_generalised_cross_entropy",
        rows: &[EARLY],
        aliases: &[("usual", "truncated_gce"), ("usual", "TruncatedLoss")],
        parameters: &[
            number("power", 0.7).above(0.0).at_most(1.0),
            number("threshold", 0.5).at_least(0.0).below(1.0),
            IGNORED,
        ],
        compute: |given| {
            let options = TruncationOptions { power: given.number("power"), threshold: given.number("threshold") };
            truncated_generalised_cross_entropy(given.tensor("logits"), given.labels("labels"), options)
        },
        ..labelled(include_str!("truncated.rs"))
    },
];
