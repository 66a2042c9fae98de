//! Rules of numbers: functional, tails, outliers, spread, logarithms, zeros.

use super::{EVERY, NUMBERS, RuleText, Scope::Targets};
use crate::advice::{
    document::Severity,
    problem::TargetKind::{Amount, Count, Real},
};

pub(super) const RULES: &[RuleText] = &[
    RuleText {
        code: "MIN101",
        title: "the default estimates something else",
        severity: Severity::Advice,
        applies_to: Targets(EVERY),
        trigger: "The loss that the model would be trained by is not consistent for what was asked: its best \
                  prediction is another property of the target than the one that the purpose or the metric needs.",
        recommend: "Train by a loss whose best prediction is what you need: for a sum squared error or a deviance, for \
                    the typical case absolute error, for a level of service the quantile loss, for a probability \
                    cross-entropy. Where the metric is itself a loss, begin with that loss.",
        why: "Every loss picks one number out of all that may come. Squared error picks the mean, absolute error the \
              median. Where the target is skewed these are far apart, and no amount of data or tuning moves one to \
              the other. With a model that is too simple, two losses for the same property can still disagree; then \
              the one that you are judged by is the safer one.",
        when_not: "The metric's own loss can be too noisy to train by: where few rows carry most of it (MIN110), or \
                   where there are few rows at all, a calmer loss may win by the metric, too. If one number repairs \
                   the default's prediction (a factor, a shift, a threshold), the repair is cheaper than a new loss.",
        experiment: "Train both and compare them by the metric that you are judged by, on the same splits.",
        command: Some("minimand compare data.csv --target y --metric mae --losses squared_error,absolute_error"),
        losses: &["squared_error", "absolute_error", "quantile", "poisson_nll_log_rate", "cross_entropy"],
        references: &[
            "Gneiting 2011: Making and evaluating point forecasts",
            "Patton 2020: Comparing possibly misspecified forecasts",
        ],
    },
    RuleText {
        code: "MIN110",
        title: "heavy tail, variance in doubt",
        severity: Severity::Advice,
        applies_to: Targets(&[Real, Amount, Count]),
        trigger: "What is left of the target after a first model (true value over prediction, on rows that the model \
                  has not seen) has a tail index whose 95 % interval ends below 2, by two estimators over a range of \
                  thresholds. Below 2 there is no finite variance.",
        recommend: "For a sum, train by a Poisson, Tweedie or Gamma deviance with a log link, and judge by a deviance, \
                    never by RMSE. Huber's loss serves a mean only if its delta grows with the number of rows.",
        why: "Squared error weighs a row by the square of its error. Under such a tail a handful of rows decide the \
              fit, and next year it will be other rows. A deviance weighs the same error less where the prediction is \
              large, and still aims at the mean.",
        when_not: "A log-normal law can look the same in the range that was seen, and its variance is finite: the \
                   output says where that cannot be excluded. A cap by law or contract bounds the tail. The typical \
                   case and quantiles are not affected: their losses grow with the error, not with its square.",
        experiment: "Leave out the rows with the largest targets and repeat the comparison. If the order of the losses \
                     and the ratio of the totals stay, the tail does not matter here.",
        command: Some("minimand compare data.csv --target y --purpose total --without-top 0.5%"),
        losses: &["poisson_nll_log_rate", "tweedie_deviance_log_mean", "gamma_deviance", "huber"],
        references: &[
            "Hill 1975: A simple general approach to inference about the tail of a distribution",
            "Dekkers, Einmahl & de Haan 1989: A moment estimator for the index of an extreme-value distribution",
            "Clauset, Shalizi & Newman 2009: Power-law distributions in empirical data",
            "Sun, Zhou & Fan 2020: Adaptive Huber regression",
            "Lugosi & Mendelson 2019: Mean estimation and regression under heavy-tailed distributions",
            "Brehmer & Strokorb 2019: Why scoring functions cannot assess tail properties",
        ],
    },
    RuleText {
        code: "MIN111",
        title: "RMSE cannot judge here",
        severity: Severity::Advice,
        applies_to: Targets(&[Real, Amount, Count]),
        trigger: "The tail index of what is left of the target lies below 4, so that a mean squared error has no \
                  standard error to trust.",
        recommend: "Compare losses by the paired difference of a deviance, row by row. If RMSE is prescribed, report \
                    the difference of the squared errors with an interval by subsampling, not two RMSEs side by side.",
        why: "The standard error of a mean squared error needs four moments of the target. The difference between two \
              predictions of the mean needs only two: what depends on the target alone cancels, and the rest is \
              linear in it. The mean of a Poisson or Gamma deviance is calmer still, since it grows with the target \
              and not with its square.",
        when_not: "If the target has an upper bound, all moments exist, although many rows may be needed before they \
                   can be relied upon.",
        experiment: "Bootstrap the standard error of the mean squared error at half of the rows and at all of them. If \
                     the ratio is near the square root of 2, RMSE can judge after all.",
        command: None,
        losses: &["squared_error", "gamma_deviance", "poisson_nll_log_rate"],
        references: &[
            "Gneiting 2011: Making and evaluating point forecasts",
            "Hsu & Sabato 2016: Loss minimization and parameter estimation with heavy tails",
        ],
    },
    RuleText {
        code: "MIN112",
        title: "Huber's loss aims beside the mean",
        severity: Severity::Warning,
        applies_to: Targets(NUMBERS),
        trigger: "The purpose is a mean (a sum, a budget), and the errors on unseen rows are skewed: their skewness is \
                  above 0.5 in size.",
        recommend: "Do not train by Huber's loss with a fixed delta (such as 1.345 times the median absolute \
                    deviation). Take squared error or a deviance with a log link.",
        why: "Huber's loss treats small errors like squared error and large ones like absolute error. On a skewed \
              target its best prediction therefore lies between median and mean, and which mixture it is depends on \
              delta. Added up, such predictions miss the total.",
        when_not: "If the errors are symmetric, median and mean agree and Huber's loss only gains: it ignores outliers \
                   at no price.",
        experiment: "Compare the sum of the predictions with the sum of the targets: a factor far from 1 settles it.",
        command: Some("minimand compare data.csv --target y --purpose total --losses huber,poisson_nll"),
        losses: &["huber", "squared_error", "poisson_nll_log_rate"],
        references: &[
            "Feng & Wu 2022: A statistical learning assessment of Huber regression",
            "Taggart 2022: Point forecasting and forecast evaluation with generalized Huber loss",
        ],
    },
    RuleText {
        code: "MIN113",
        title: "outliers that may be mistakes of measurement",
        severity: Severity::Advice,
        applies_to: Targets(&[Real, Amount]),
        trigger: "Errors on unseen rows are symmetric (the asymmetry of their deciles is at most 0.15), their kurtosis is \
                  above 6 (a normal law has 3), and which rows are outliers cannot be predicted from the other columns.",
        recommend: "If you know that the measurement fails now and then, train by Huber's loss or a Student-t \
                    likelihood; Tukey's biweight where the failures are gross.",
        why: "A symmetric heavy tail that nothing explains is what a faulty gauge leaves behind. Bounding the pull of \
              a single row then protects all the others, and moves neither mean nor median.",
        when_not: "If the outliers are the business itself (claims, fraud, failures), a loss that ignores them ignores \
                   what you are paid for. The program cannot know which of both is true: you have to say so.",
        experiment: "Drop the flagged rows from the test parts only. The error on the clean rows should shrink and the \
                     total should stay.",
        command: Some("minimand compare data.csv --target y --metric mae --losses huber,student_t_nll"),
        losses: &["huber", "student_t_nll", "tukey_biweight", "general_robust"],
        references: &[
            "Huber 1964: Robust estimation of a location parameter",
            "Barron 2019: A general and adaptive robust loss function",
        ],
    },
    RuleText {
        code: "MIN120",
        title: "the variance grows with the mean",
        severity: Severity::Advice,
        applies_to: Targets(&[Amount, Count]),
        trigger: "A Gamma regression of the squared errors on the logarithm of the predictions finds the power by \
                  which the variance grows with the mean (a modified Park test, with standard errors by group), and \
                  the interval of that power excludes 0.",
        recommend: "Take the deviance of the nearest power with a log link: 0 squared error, 1 Poisson, 2 Gamma, \
                    between 1 and 2 Tweedie where there are exact zeros, 3 inverse Gaussian. All of them aim at the \
                    mean.",
        why: "Squared error trusts every row alike. If the spread grows with the mean, large predictions are the least \
              certain ones, and a deviance of the right power gives each row the trust that it deserves. The estimate \
              becomes steadier, not different.",
        when_not: "A Poisson deviance with a log link estimates the mean rightly whatever the variance is. What the \
                   exact power adds is steadiness, and that can be too little to see. If least squares, without a \
                   logarithm, predicts unseen rows better, by more than 2 standard errors and 2 % of its deviance, the \
                   log link bends what is straight: stay with it, or take a model that can bend back.",
        experiment: "Compare the Poisson with the Gamma deviance on the same splits.",
        command: Some(
            "minimand compare data.csv --target y --metric gamma_deviance --losses poisson_nll,gamma_deviance",
        ),
        losses: &["poisson_nll_log_rate", "gamma_deviance", "tweedie_deviance_log_mean", "inverse_gaussian_deviance"],
        references: &[
            "Manning & Mullahy 2001: Estimating log models: to transform or not to transform?",
            "Gourieroux, Monfort & Trognon 1984: Pseudo maximum likelihood methods: theory",
            "Dunn & Smyth 2005: Series evaluation of Tweedie exponential dispersion model densities",
        ],
    },
    RuleText {
        code: "MIN121",
        title: "the logarithm has a heavy tail, too",
        severity: Severity::Note,
        applies_to: Targets(&[Amount]),
        trigger: "The errors of ln y on unseen rows have a kurtosis above 3 with its interval, on at least 500 rows.",
        recommend: "Let least squares on ln y, brought back by one factor, compete with the Gamma deviance.",
        why: "Both aim at the mean of an amount with a long tail. The Gamma deviance is exact without an assumption \
              about the law, and loses precision when ln y is itself heavy-tailed; least squares on ln y is then \
              steadier.",
        when_not: "If the spread of ln y depends on the other columns, one factor for all rows is wrong: use one for \
                   each group of rows, or stay with the deviance.",
        experiment: "Compare the ratio of the totals in each tenth of the predictions: one factor must fit all of \
                     them.",
        command: Some(
            "minimand compare data.csv --target y --purpose total --losses log_squared_error+ratio,gamma_deviance",
        ),
        losses: &["squared_error", "gamma_deviance", "log_normal_nll"],
        references: &[
            "Manning & Mullahy 2001: Estimating log models: to transform or not to transform?",
            "Duan 1983: Smearing estimate: a nonparametric retransformation method",
        ],
    },
    RuleText {
        code: "MIN122",
        title: "a model of ln y does not predict the mean of y",
        severity: Severity::Warning,
        applies_to: Targets(&[Amount]),
        trigger: "The model was trained by squared error on ln y, its predictions were brought back by exp, and the \
                  purpose is a sum.",
        recommend: "Multiply all predictions by one number: the ratio of the totals on rows that were not trained on, \
                    or Duan's smearing factor. No other loss is needed for that.",
        why: "exp of the mean of ln y is the geometric mean of y: the median, if ln y is symmetric. On a skewed amount \
              it lies far below the mean.",
        when_not: "If the typical case is wanted, the median is what you asked for: leave it as it is.",
        experiment: "Compare the ratio of the totals before and after the factor.",
        command: Some(
            "minimand compare data.csv --target y --purpose total --losses log_squared_error,log_squared_error+ratio",
        ),
        losses: &["squared_logarithmic_error", "gamma_deviance"],
        references: &["Duan 1983: Smearing estimate: a nonparametric retransformation method"],
    },
    RuleText {
        code: "MIN130",
        title: "exact zeros beside continuous amounts",
        severity: Severity::Advice,
        applies_to: Targets(&[Amount]),
        trigger: "Between 1 % and 99 % of the targets are exactly 0, and the others are amounts.",
        recommend: "For a sum, one model by the Poisson or the Tweedie deviance: both take zeros as they are. For the \
                    distribution, two parts: cross-entropy for whether there is an amount at all, and a Gamma \
                    deviance for how much.",
        why: "A log-normal or Gamma likelihood cannot take a zero, and adding 1 before the logarithm makes up an \
              answer that depends on the unit. The mean of such a target is no problem for a loss that allows zeros.",
        when_not: "If the zeros are missing values, or amounts below a limit of detection, they are no zeros: repair \
                   the data, or use a loss for censored values (MIN302).",
        experiment: "Compare two parts with Tweedie, and look at the mean prediction in the lowest tenth.",
        command: Some(
            "minimand compare data.csv --target y --purpose total --losses two_part,tweedie_deviance,poisson_nll",
        ),
        losses: &[
            "poisson_nll_log_rate",
            "tweedie_deviance_log_mean",
            "gamma_deviance",
            "binary_cross_entropy_with_logits",
        ],
        references: &[
            "Jørgensen 1987: Exponential dispersion models",
            "Duan, Manning, Morris & Newhouse 1983: A comparison of alternative models for the demand for medical care",
            "Santos Silva & Tenreyro 2006: The log of gravity",
        ],
    },
];
