//! What is asked before any loss.

use super::{Choice, Fork};

pub(super) const FORKS: &[Fork] = &[Fork {
    question: "Can the data tell losses apart?",
    choices: &[
        Choice {
            answer: "fewer than ten events, or groups of rows, in each test part",
            advice: "keep the default and say that nothing is proven",
            losses: &[],
            reason: "With a handful of events the best of several losses is the luckiest one.",
            against: "Where theory rules the default out for your purpose, little evidence does not bring it back.",
            experiment: "Repeat the comparison with another --seed: if another loss comes first, nothing is known.",
            command: None,
            rules: &["MIN300", "MIN101"],
        },
        Choice {
            answer: "rows belong together (a person, a shop, a day), or follow each other in time",
            advice: "name the column: splits keep groups whole and go forward in time",
            losses: &[],
            reason: "A model that knows a person from training looks good on that person and fails on the next one.",
            against: "If the same persons will come again, a random split may be the honest one.",
            experiment: "Compare the score on splits by group with that on random splits: a gap is a leak.",
            command: Some("minimand profile data.csv --target y --group person"),
            rules: &["MIN301"],
        },
        Choice {
            answer: "one column tells the answer nearly alone",
            advice: "leave it out, unless it is known when the prediction is made",
            losses: &[],
            reason: "A column that is filled in after the event makes every loss look perfect.",
            against: "Some columns really are that good; then you need no model.",
            experiment: "Ask when the column is written, and look at the score without it.",
            command: Some("minimand profile data.csv --target y --drop suspect"),
            rules: &["MIN301"],
        },
    ],
}];
