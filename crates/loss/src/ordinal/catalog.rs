//! The entries of this family.

use minimand_tensor::{Rng, Tensor};

use super::*;
use crate::catalog::*;

const LABELS: Input = labels("labels", "[…]", "classes");
const LOGITS: Input = real("logits", "[…, classes]");
const RANKS: Input = real("logits", "[…, classes - 1]");
const IGNORED: Parameter = integer("ignored", -100, i64::MIN).optional();

const SOFT: &str = "SORD / soft ordinal, EMD^2 ordinal";

/// A loss for each label, whose mean is that over the labels that count.
const fn labelled(source: &'static str) -> Entry {
    Entry {
        tier: 3,
        parameters: &[IGNORED],
        output: "[…]",
        average: Some(|given, loss| given.labels("labels").mean(loss, None)),
        ..Entry::of(source)
    }
}

/// Thresholds that increase, and predictions around them.
fn increasing(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed ^ 0x0bd1);
    let numbers = |rng: &mut Rng, count: usize| Tensor::from((0..count).map(|_| rng.normal()).collect::<Vec<f64>>());
    let thresholds = OrderedThresholds::of(&numbers(&mut rng, 3)).computed().detach();
    let labels: Vec<i64> = (0..6).map(|_| rng.below(4) as i64).collect();
    Arguments::new()
        .tensor("prediction", numbers(&mut rng, 6))
        .tensor("labels", Tensor::from(labels))
        .tensor("thresholds", thresholds)
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "coral",
        rows: &["CORAL ordinal"],
        aliases: &[("coral-pytorch", "coral_loss"), ("coral-pytorch", "CoralLoss")],
        inputs: &[RANKS, LABELS, non_negative("importance_weights", "[classes - 1]").fixed().optional()],
        compute: |given| coral(given.tensor("logits"), given.labels("labels"), given.optional("importance_weights")),
        ..labelled(include_str!("thresholds.rs"))
    },
    Entry {
        name: "corn",
        rows: &["CORN ordinal"],
        aliases: &[("coral-pytorch", "corn_loss"), ("coral-pytorch", "CornLoss"), ("usual", "continuation_ratio")],
        inputs: &[RANKS, LABELS],
        compute: |given| corn(given.tensor("logits"), given.labels("labels")),
        ..labelled(include_str!("thresholds.rs"))
    },
    Entry {
        name: "cumulative_link",
        rows: &["Cumulative-link (proportional odds)"],
        aliases: &[("usual", "proportional_odds"), ("mord", "LogisticAT"), ("usual", "ordered_logit")],
        inputs: &[real("prediction", "[…]"), LABELS, real("thresholds", "[classes - 1]")],
        draw: Some(increasing),
        compute: |given| {
            cumulative_link(given.tensor("prediction"), given.labels("labels"), given.tensor("thresholds"))
        },
        ..labelled(include_str!("cumulative_link.rs"))
    },
    Entry {
        name: "soft_ordinal",
        rows: &[SOFT],
        aliases: &[("usual", "SORD")],
        inputs: &[LOGITS, LABELS],
        parameters: &[number("scale", 1.0).at_least(0.0), number("power", 1.0).above(0.0), IGNORED],
        compute: |given| {
            let options = SoftOrdinalOptions { scale: given.number("scale"), power: given.number("power") };
            soft_ordinal(given.tensor("logits"), given.labels("labels"), options)
        },
        ..labelled(include_str!("distances.rs"))
    },
    Entry {
        name: "ordinal_emd",
        rows: &[SOFT],
        aliases: &[("usual", "squared_emd"), ("usual", "ranked_probability_score"), ("usual", "rps")],
        inputs: &[LOGITS, LABELS],
        compute: |given| ordinal_emd(given.tensor("logits"), given.labels("labels")),
        ..labelled(include_str!("distances.rs"))
    },
];
