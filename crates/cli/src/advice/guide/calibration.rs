//! Predictions that exist already and are off.

use super::{Choice, Fork, Next, Topic};

pub(super) const TOPIC: Topic = Topic {
    name: "calibration",
    about: "predictions that exist already and are off",
    opening: "Before a loss is changed, see what one number on rows that were kept back can repair. It costs nothing, \
              keeps the order of the rows, and often does as much as another loss.",
    questions: &[
        Fork {
            question: "What is off?",
            choices: &[
                Choice {
                    answer: "the total: predictions do not add up",
                    advice: "one factor: the ratio of the totals",
                    losses: &["squared_error", "poisson_nll_log_rate"],
                    reason: "A median or the exponential of a mean logarithm is too low by nearly the same factor in every \
                             row, if the spread is alike.",
                    against: "If the factor differs between small and large predictions, train for the mean.",
                    experiment: "Compute the ratio in each tenth of the predictions.",
                    command: Some("minimand audit predictions.csv --target y --prediction p --purpose total"),
                    rules: &["MIN122", "MIN112"],
                },
                Choice {
                    answer: "the level: more or fewer cases than promised stay below",
                    advice: "one shift, or the quantile loss",
                    losses: &["quantile"],
                    reason: "A shift by the quantile of the errors makes the level right on average.",
                    against: "Where the spread depends on the columns, it is right for nobody.",
                    experiment: "Look at the level in each tenth of the predictions.",
                    command: Some("minimand audit predictions.csv --target y --prediction p --purpose quantile:0.9"),
                    rules: &["MIN150", "MIN151"],
                },
                Choice {
                    answer: "probabilities are too sure or too timid",
                    advice: "one temperature; more numbers with more rows",
                    losses: &[
                        "temperature_scaled_cross_entropy",
                        "beta_calibrated_cross_entropy",
                        "platt_scaled_cross_entropy",
                    ],
                    reason: "The order of the rows is good and stays; only the scale is wrong.",
                    against: "With fewer than 1000 rows for it, anything beyond one temperature fits noise.",
                    experiment: "Decompose the log loss before and after: miscalibration must go, discrimination stay.",
                    command: Some("minimand audit predictions.csv --target y --prediction p --purpose probability"),
                    rules: &["MIN180"],
                },
                Choice {
                    answer: "probabilities are far too high: the rare class had a weight, or was sampled",
                    advice: "subtract the logarithm of the weight from the logit",
                    losses: &["weighted_binary_cross_entropy_with_logits", "logit_adjusted_cross_entropy"],
                    reason: "A weight multiplies the odds that are learnt; the same number divides them again.",
                    against: "In a model too simple for its task the boundary moved, too.",
                    experiment: "Compare the mean probability with the share of positives, before and after.",
                    command: Some("minimand audit predictions.csv --target y --prediction p --purpose probability"),
                    rules: &["MIN161"],
                },
                Choice {
                    answer: "the scores come from a focal loss",
                    advice: "undo it by its formula",
                    losses: &["binary_focal", "dual_focal"],
                    reason: "Focal's best output is a known function of the probability, and can be inverted.",
                    against: "Where only the order is used there is nothing to undo.",
                    experiment: "Compare the log loss of what was undone with that of cross-entropy.",
                    command: Some(
                        "minimand compare data.csv --target y --purpose probability \
                         --losses cross_entropy,focal,focal+inverse_focal",
                    ),
                    rules: &["MIN162"],
                },
                Choice {
                    answer: "ranges hold fewer cases than promised",
                    advice: "widen them by a conformal step",
                    losses: &["quantiles", "winkler_interval_score"],
                    reason: "The errors on rows that were kept back say by how much; the promise then holds on average \
                             without an assumption about the law.",
                    against: "It holds for new rows like the old ones: not after a change of the world.",
                    experiment: "Count the cases inside on rows that were used for neither step.",
                    command: Some(
                        "minimand compare data.csv --target y --purpose interval:0.9 \
                         --losses quantiles,quantiles+conformal",
                    ),
                    rules: &["MIN151"],
                },
            ],
        },
        Fork {
            question: "How is calibration measured?",
            choices: &[Choice {
                answer: "by the expected calibration error",
                advice: "by the log loss, split in two, instead",
                losses: &["logarithmic_score", "binary_brier_score", "expected_calibration_error"],
                reason: "A proper score splits into miscalibration and discrimination. The expected calibration error \
                         depends on its bins, and is above 0 for a perfect model.",
                against: "A small improvement of the log loss is hard to see on few rows.",
                experiment: "Compute it for two numbers of bins: if it changes as much as between models, it tells \
                             nothing.",
                command: Some("minimand audit predictions.csv --target y --prediction p --metric log_loss"),
                rules: &["MIN180"],
            }],
        },
    ],
    next: Some(Next {
        command: "minimand audit predictions.csv --target y --prediction p",
        does: "asks predictions of any tool: which property of the target they are, and what one number would repair.",
    }),
};
