//! Rules of counts, of asymmetric costs, of a spread that varies and of shares.

use super::{NUMBERS, RuleText, Scope::Targets};
use crate::advice::{
    document::Severity,
    problem::TargetKind::{Amount, Count, Real, Share},
};

pub(super) const RULES: &[RuleText] = &[
    RuleText {
        code: "MIN140",
        title: "counts vary more than Poisson allows",
        severity: Severity::Advice,
        applies_to: Targets(&[Count]),
        trigger: "Cameron and Trivedi's auxiliary regression on unseen rows, in its quadratic (NB2) form and with a \
                  standard error by group, gives a t value above 3.",
        recommend: "For the distribution, an interval or the chance of no event: the negative binomial likelihood. For \
                    the mean: stay with Poisson.",
        why: "A Poisson law has a variance equal to its mean. Real counts vary more, because rows differ in ways that \
              no column tells. The mean that a Poisson loss estimates is right all the same; what is wrong is every \
              probability that is read off a Poisson law.",
        when_not: "A missing column or a missing exposure (how long each row was watched) looks the same. Give the \
                   logarithm of the exposure with --offset first.",
        experiment: "Compare both by the log score, where they should differ, and by the Poisson deviance, where they \
                     should not.",
        command: Some(
            "minimand compare data.csv --target y --purpose distribution --losses poisson_nll,negative_binomial_nll",
        ),
        losses: &["poisson_nll_log_rate", "negative_binomial_nll"],
        references: &[
            "Cameron & Trivedi 1990: Regression-based tests for overdispersion in the Poisson model",
            "Kleiber & Zeileis 2016: Visualizing count data regressions using rootograms",
            "Czado, Gneiting & Held 2009: Predictive model assessment for count data",
        ],
    },
    RuleText {
        code: "MIN141",
        title: "more zeros than the spread explains",
        severity: Severity::Advice,
        applies_to: Targets(&[Count]),
        trigger: "There are more zeros than a negative binomial law with the same predictions expects on unseen rows, \
                  with a probability below 0.01 of as many by chance.",
        recommend: "For the distribution or the chance of no event: a zero-inflated likelihood, or two parts. For the \
                    mean alone nothing changes.",
        why: "Many zeros by themselves prove nothing: counts that vary a lot have many zeros anyway, and then a Poisson law expects far \
              too few. Only zeros beyond those of the negative binomial law point to a second \
              process, such as people who can never have the event.",
        when_not: "Never argue from a comparison with Poisson alone, nor from Vuong's test, which does not hold for \
                   nested models. If nobody can say who is unable to have the event, the negative binomial law is \
                   the plainer story.",
        experiment: "Count the zeros that the negative binomial law expects. If that is as many as were seen, the rule \
                     must stay silent.",
        command: Some(
            "minimand compare data.csv --target y --purpose distribution \
             --losses negative_binomial_nll,zero_inflated_negative_binomial_nll",
        ),
        losses: &["negative_binomial_nll", "zero_inflated_poisson_nll", "zero_inflated_negative_binomial_nll"],
        references: &[
            "Wilson 2015: The misuse of the Vuong test for non-nested models to test for zero-inflation",
            "He, Zhang, Ye & Tang 2019: A test of inflated zeros for Poisson regression models",
            "Dunn & Smyth 1996: Randomized quantile residuals",
        ],
    },
    RuleText {
        code: "MIN150",
        title: "too little and too much cost differently",
        severity: Severity::Advice,
        applies_to: Targets(NUMBERS),
        trigger: "You stated what one unit too little and one unit too much cost, and they differ.",
        recommend: "Train by the quantile loss at the level under / (under + over).",
        why: "If each missing unit costs 3 and each spare unit 1, the cheapest prediction is the one that is enough in \
              3 of 4 cases. That is the quantile at 0.75: no mean with a margin added has this property in every row.",
        when_not: "If costs are not proportional to the error (a fixed fee, a full warehouse), compute the cost \
                   itself and compare by that.",
        experiment: "Compare with the mean as it is: the cost of the quantile must be lower.",
        command: Some(
            "minimand compare data.csv --target y --purpose stock:under=3,over=1 --losses quantile,squared_error+shift",
        ),
        losses: &["quantile", "expectile"],
        references: &["Koenker & Bassett 1978: Regression quantiles"],
    },
    RuleText {
        code: "MIN151",
        title: "the spread depends on the columns",
        severity: Severity::Advice,
        applies_to: Targets(&[Real, Amount, Count]),
        trigger: "The purpose is an interval or the distribution, and a Breusch-Pagan test (for counts and amounts a \
                  Park test) finds that the size of the errors on unseen rows can be predicted, with a probability below \
                  0.01 of as much by chance.",
        recommend: "For an interval: two quantiles, widened by a conformal step until they cover. For the \
                    distribution: a Gaussian likelihood whose gradient is weighted by the variance to the power 0.5.",
        why: "One width for all rows is too wide where the target is calm and too narrow where it is not: right on \
              average and wrong for everybody. Two quantiles learn the width, and the conformal step guarantees the \
              share of rows that is covered.",
        when_not: "A Gaussian likelihood can give up on hard rows: it calls them noisy and stops learning their mean. \
                   Hence the weight.",
        experiment: "Look at the share of rows that is covered in each tenth of the predicted width: all of them must \
                     hold what was promised.",
        command: Some(
            "minimand compare data.csv --target y --purpose interval:0.9 --losses quantiles+conformal,gaussian_nll",
        ),
        losses: &["quantiles", "quantile", "beta_nll", "gaussian_nll_log_variance"],
        references: &[
            "Breusch & Pagan 1979: A simple test for heteroscedasticity and random coefficient variation",
            "Romano, Patterson & Candès 2019: Conformalized quantile regression",
            "Seitzer 2022: On the pitfalls of heteroscedastic uncertainty estimation with probabilistic neural networks",
        ],
    },
    RuleText {
        code: "MIN152",
        title: "the target is a share",
        severity: Severity::Advice,
        applies_to: Targets(&[Share]),
        trigger: "All targets lie from 0 to 1, and some of them in between.",
        recommend: "Train by binary cross-entropy with the share itself as the target.",
        why: "Its best prediction is the mean share, and it can never leave the range from 0 to 1. Shares of exactly 0 \
              and 1 are welcome, which the logarithm of the odds would not allow.",
        when_not: "A percentage of change is no share: it can pass 100 % or be negative. If shares come with a number \
                   of cases each (3 of 7), give that number with --weight.",
        experiment: "Compare with squared error by RMSE, on the same splits.",
        command: Some("minimand compare data.csv --target y --metric rmse --losses cross_entropy,squared_error"),
        losses: &["binary_cross_entropy_with_logits", "squared_error"],
        references: &[
            "Papke & Wooldridge 1996: Econometric methods for fractional response variables with an application to \
             401(k) plan participation rates",
        ],
    },
];
