//! Rules of the evidence itself: too little of it, too good to be true, cut off.

use super::{EVERY, RuleText, Scope::Targets};
use crate::advice::{
    document::Severity,
    problem::TargetKind::{Amount, Count, Real},
};

pub(super) const RULES: &[RuleText] = &[
    RuleText {
        code: "MIN300",
        title: "too little evidence",
        severity: Severity::Warning,
        applies_to: Targets(EVERY),
        trigger: "A test part holds fewer than 10 events or groups, or the standard error of a difference is more than \
                  3 times what would count as equal.",
        recommend: "Keep the default loss and say that the data cannot tell. Collect more events; more rows without \
                    events help little.",
        why: "With a handful of events the best of several losses is the luckiest one. The plainest choice among those \
              that cannot be told apart is the one least likely to disappoint.",
        when_not: "If theory rules the default out (it estimates another property than the one you need, MIN101), lack \
                   of evidence does not bring it back.",
        experiment: "Repeat the comparison with another --seed: if another loss comes first, nothing is known.",
        command: None,
        losses: &[],
        references: &["Breiman, Friedman, Olshen & Stone 1984: Classification and regression trees"],
    },
    RuleText {
        code: "MIN301",
        title: "a column may know the answer",
        severity: Severity::Warning,
        applies_to: Targets(EVERY),
        trigger: "One column alone predicts the target with an R² or an AUC above 0.99, or rows belong together (a \
                  person, a day) and the split does not know it.",
        recommend: "Find out whether that column is known at the time when the prediction is made; if not, leave it out \
                    with --drop. Name the column of groups with --group, that of time with --time. Believe no \
                    comparison until this is answered.",
        why: "A column that is filled in after the event makes every loss look perfect. Rows of one person on both \
              sides of a split let a model recognise the person instead of learning the pattern.",
        when_not: "Some columns really are that good: a measurement of the same thing in another unit. Then no model is \
                   needed.",
        experiment: "Compare the score on splits by group with that on random splits: a gap is a leak.",
        command: Some("minimand profile data.csv --target y --group person --drop suspect"),
        losses: &[],
        references: &[
            "Kaufman, Rosset, Perlich & Stitelman 2012: Leakage in data mining: formulation, detection, and avoidance",
        ],
    },
    RuleText {
        code: "MIN302",
        title: "the target is cut off",
        severity: Severity::Warning,
        applies_to: Targets(&[Real, Amount, Count]),
        trigger: "Many targets equal the largest value, or there are columns of a time and of an event: the true value \
                  is then only known to be larger.",
        recommend: "Use a loss for censored values: Cox for times, an accelerated failure time for times that have to \
                    be predicted, a Tobit likelihood for amounts with a cap.",
        why: "A loss that takes the cap for the truth learns predictions that are too low, and leaving such rows out \
              makes it worse.",
        when_not: "If the maximum is a real value (a full grade, a full tank), nothing is hidden.",
        experiment: "Look at the share of rows at the maximum, and ask whether the value could have been larger.",
        command: Some("minimand profile data.csv --target y"),
        losses: &["cox_efron", "weibull_aft", "log_normal_aft", "discrete_hazard_nll"],
        references: &[
            "Cox 1972: Regression models and life-tables",
            "Tobin 1958: Estimation of relationships for limited dependent variables",
        ],
    },
];
