//! The entries of this family.

use super::*;
use crate::catalog::*;

const PREDICTION: Input = real("prediction", "[…]");
const TARGET: Input = real("target", "[…]");

/// An estimate of a statistic of the target by the prediction itself.
const fn estimates(statistic: Statistic) -> Option<Estimate> {
    Some(Estimate { statistic, target: "target", prediction: "prediction", link: Link::Identity })
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "squared_error",
        rows: &["MSE / L2"],
        tier: 1,
        aliases: &[("PyTorch", "mse_loss"), ("PyTorch", "MSELoss"), ("Keras", "MeanSquaredError")],
        inputs: &[PREDICTION, TARGET],
        output: "[…]",
        estimates: estimates(Statistic::Mean),
        compute: |given| squared_error(given.tensor("prediction"), given.tensor("target")),
        ..Entry::of(include_str!("squared_error.rs"))
    },
    Entry {
        name: "huber",
        rows: &["Huber"],
        tier: 1,
        aliases: &[("PyTorch", "HuberLoss"), ("Keras", "Huber"), ("Optax", "huber_loss")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("delta", 1.0).above(0.0)],
        output: "[…]",
        compute: |given| huber(given.tensor("prediction"), given.tensor("target"), given.number("delta")),
        ..Entry::of(include_str!("huber.rs"))
    },
];
