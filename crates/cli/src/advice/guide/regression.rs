//! Numbers.

use super::{Choice, Fork, Next, Topic};

pub(super) const TOPIC: Topic = Topic {
    name: "regression",
    about: "a number: a cost, a demand, a temperature",
    opening: "The usual default is squared error. Its best prediction is the mean: of all that may come, the number that \
              is right when predictions are added up. Other uses ask for other numbers, and where the target is skewed \
              these lie far apart. So the first question is not about the data.",
    questions: &[
        Fork {
            question: "What will the number be used for?",
            choices: &[
                Choice {
                    answer: "it is added up: a budget, a load",
                    advice: "the mean: squared error or a deviance",
                    losses: &["squared_error", "poisson_nll_log_rate", "gamma_deviance", "tweedie_deviance_log_mean"],
                    reason: "Squared error and the deviances have the mean as their best prediction, and only means add \
                             up to the total.",
                    against: "With a heavy tail squared error follows a few rows; a deviance with a log link is calmer \
                              and cannot predict below 0.",
                    experiment: "Compare the sum of the predictions with the sum of the targets, on unseen rows.",
                    command: Some("minimand compare data.csv --target y --purpose total"),
                    rules: &["MIN101", "MIN112", "MIN122"],
                },
                Choice {
                    answer: "to know the typical case",
                    advice: "the median: absolute error",
                    losses: &["absolute_error"],
                    reason: "Half of the cases lie above the median, half below: no single row can pull it away.",
                    against: "Medians do not add up. On a skewed target their sum falls far short of the total.",
                    experiment: "Compare by the mean absolute error, and look at the ratio of the totals as well.",
                    command: Some("minimand compare data.csv --target y --purpose typical"),
                    rules: &["MIN101"],
                },
                Choice {
                    answer: "to be safe in 90 % of the cases, or stock: too little costs more than too much",
                    advice: "a quantile: its loss at the level under / (under + over)",
                    losses: &["quantile"],
                    reason: "If a missing unit costs 3 and a spare one 1, what is enough in 3 of 4 cases is cheapest: \
                             the quantile at 0.75.",
                    against: "High levels need many rows: at 0.99 only one row in a hundred tells anything.",
                    experiment: "Count how often the truth stays at or below the prediction: it must be the level.",
                    command: Some("minimand compare data.csv --target y --purpose stock:under=3,over=1"),
                    rules: &["MIN150"],
                },
                Choice {
                    answer: "for a range that holds 90 % of the cases",
                    advice: "two quantiles, widened until they cover",
                    losses: &["quantiles", "winkler_interval_score"],
                    reason: "Two quantiles learn a width that depends on the row; a conformal step on rows that were kept \
                             back makes up for what they miss.",
                    against: "The guarantee is for the average over all rows, not for each kind of row.",
                    experiment: "Look at the share of rows that is covered in each tenth of the width.",
                    command: Some("minimand compare data.csv --target y --purpose interval:0.9"),
                    rules: &["MIN151"],
                },
                Choice {
                    answer: "for the whole range of what may come",
                    advice: "the likelihood of a law: Gaussian, log-normal, negative binomial",
                    losses: &["gaussian_nll_log_variance", "log_normal_nll", "negative_binomial_nll", "gaussian_crps"],
                    reason: "A law answers every later question: the mean, any level, the chance of exceeding a limit.",
                    against: "A wrong law is wrong in all of them. If you need two levels only, take two quantiles.",
                    experiment: "Compare by the log score, which rewards the law that found the truth most probable.",
                    command: Some("minimand compare data.csv --target y --purpose distribution"),
                    rules: &["MIN140", "MIN151"],
                },
                Choice {
                    answer: "it will be judged by a prescribed figure: MAPE, RMSLE, an expectile",
                    advice: "the loss that is that figure",
                    losses: &["absolute_percentage_error", "squared_logarithmic_error", "expectile"],
                    reason: "Each of these figures has a best prediction of its own, which no other loss aims at.",
                    against: "MAPE's best prediction aims low and has no value where the target is 0; that of RMSLE does \
                              not add up. Ask whether the figure serves the use.",
                    experiment: "Compare with absolute error by the prescribed figure.",
                    command: Some(
                        "minimand compare data.csv --target y --metric mape \
                         --losses absolute_percentage_error,absolute_error",
                    ),
                    rules: &["MIN101"],
                },
            ],
        },
        Fork {
            question: "What kind of number is it?",
            choices: &[
                Choice {
                    answer: "of either sign",
                    advice: "squared error for the mean, absolute error for the median",
                    losses: &["squared_error", "absolute_error"],
                    reason: "There is no natural logarithm and no natural growth of the spread.",
                    against: "If the spread depends on the columns, an interval needs more than one width.",
                    experiment: "Look whether the size of the errors on unseen rows can be predicted.",
                    command: Some("minimand recommend data.csv --target y"),
                    rules: &["MIN151"],
                },
                Choice {
                    answer: "an amount above 0, with a long tail",
                    advice: "Gamma or Poisson deviance, log link",
                    losses: &["gamma_deviance", "poisson_nll_log_rate", "inverse_gaussian_deviance"],
                    reason: "Amounts vary by factors: the spread grows with the mean. A deviance gives each row the trust \
                             that it deserves, and the log link forbids predictions below 0.",
                    against: "Which deviance it is matters little for the mean: Poisson with a log link gets it right \
                              whatever the spread is.",
                    experiment: "Compare Poisson with Gamma by the Gamma deviance. Add least squares on ln y times one \
                                 factor: a repaired default can be as good.",
                    command: Some(
                        "minimand compare data.csv --target y --purpose total \
                         --losses poisson_nll,gamma_deviance,log_squared_error+ratio",
                    ),
                    rules: &["MIN120", "MIN121", "MIN122"],
                },
                Choice {
                    answer: "an amount that is often exactly 0",
                    advice: "Poisson or Tweedie for the mean, two parts for the whole range",
                    losses: &["poisson_nll_log_rate", "tweedie_deviance_log_mean"],
                    reason: "Both deviances take a zero as it is. A logarithm does not, and adding 1 before it makes up \
                             an answer.",
                    against: "Two parts say more (whether, and how much) at the price of two models.",
                    experiment: "Compare two parts with Tweedie, and look at the smallest tenth of the predictions.",
                    command: Some(
                        "minimand compare data.csv --target y --purpose total --losses two_part,tweedie_deviance",
                    ),
                    rules: &["MIN130"],
                },
                Choice {
                    answer: "a count",
                    advice: "Poisson for the mean, negative binomial for chances",
                    losses: &["poisson_nll_log_rate", "negative_binomial_nll", "zero_inflated_negative_binomial_nll"],
                    reason: "The mean of a Poisson loss is right even if counts vary more than a Poisson law allows; the \
                             chances that are read off that law are not.",
                    against: "Many zeros are no reason for a zero-inflated law: a negative binomial one has many, too.",
                    experiment: "Compare by the log score, and count the zeros that each law expects.",
                    command: Some(
                        "minimand compare data.csv --target y --purpose distribution \
                         --losses poisson_nll,negative_binomial_nll",
                    ),
                    rules: &["MIN140", "MIN141"],
                },
                Choice {
                    answer: "a share from 0 to 1",
                    advice: "binary cross-entropy with the share as its target",
                    losses: &["binary_cross_entropy_with_logits", "squared_error"],
                    reason: "Its best prediction is the mean share, and it stays between 0 and 1.",
                    against: "A percentage of change is no share.",
                    experiment: "Compare with squared error by RMSE.",
                    command: Some(
                        "minimand compare data.csv --target y --metric rmse --losses cross_entropy,squared_error",
                    ),
                    rules: &["MIN152"],
                },
                Choice {
                    answer: "a time until an event that has not come for everybody, or an amount with a cap",
                    advice: "a loss for censored values: Cox, accelerated failure time",
                    losses: &["cox_efron", "weibull_aft", "log_normal_aft", "discrete_hazard_nll"],
                    reason: "What is known of a censored row is that the truth is larger. Taking the cap for the truth, or \
                             leaving such rows out, both predict too little.",
                    against: "The program explains these losses; it does not train them on a table.",
                    experiment: "Look at the share of rows at the largest value, and ask whether it could have been more.",
                    command: Some("minimand profile data.csv --target y"),
                    rules: &["MIN302"],
                },
            ],
        },
        Fork {
            question: "Do a few rows decide everything?",
            choices: &[
                Choice {
                    answer: "yes, and they are real: claims, storms, big customers",
                    advice: "train and judge by a deviance, not by squared error and RMSE",
                    losses: &["poisson_nll_log_rate", "tweedie_deviance_log_mean", "gamma_deviance"],
                    reason: "Where the variance is in doubt, two RMSEs cannot be compared: next year other rows decide.",
                    against: "For the typical case or a level of service the tail does no harm.",
                    experiment: "Leave out the rows with the largest targets: does the order of the losses stay?",
                    command: Some("minimand compare data.csv --target y --purpose total --without-top 0.5%"),
                    rules: &["MIN110", "MIN111"],
                },
                Choice {
                    answer: "yes, and they are mistakes of measurement",
                    advice: "a loss that bounds the pull of a row: Huber, Student-t, Tukey",
                    losses: &["huber", "student_t_nll", "tukey_biweight"],
                    reason: "If the errors are symmetric, bounding the pull moves neither mean nor median, and protects \
                             all other rows.",
                    against: "On a skewed target such a loss aims between median and mean: the total is missed.",
                    experiment: "Drop the flagged rows from the test only: the other errors must shrink, the total must \
                                 stay.",
                    command: Some("minimand compare data.csv --target y --metric mae --losses huber,student_t_nll"),
                    rules: &["MIN113", "MIN112"],
                },
            ],
        },
    ],
    next: Some(Next {
        command: "minimand recommend data.csv --target y --purpose total",
        does: "asks your table: what is left of the target after a first model, which rules speak, which losses are worth a \
         trial.",
    }),
};
