//! Rules of labels and probabilities: noise, calibration, order of the classes.

use super::{RuleText, Scope::Targets};
use crate::advice::{
    document::Severity,
    problem::TargetKind::{Binary, Classes, Ordered},
};

pub(super) const RULES: &[RuleText] = &[
    RuleText {
        code: "MIN170",
        title: "some labels may be wrong",
        severity: Severity::Advice,
        applies_to: Targets(&[Binary, Classes, Ordered]),
        trigger: "The confident joint of labels and out-of-fold probabilities takes more than 5 % of the labels for \
                  wrong, and more than 5 % disagree even where the model is surest (the ends of a logistic curve with \
                  asymptotes of its own).",
        recommend: "Read the listed rows first: some labels can be repaired by hand. If mistakes hit all classes alike, \
                    let a bounded loss compete (generalised cross-entropy with q 0.7); if one class is often taken for \
                    another, the forward correction. Training for fewer epochs is the cheapest remedy.",
        why: "Cross-entropy punishes a sure disagreement without limit, so that a flexible model ends up learning the \
              wrong labels by heart. A bounded loss gives up on rows that never fit.",
        when_not: "Classes that overlap look just like wrong labels: nobody can tell one from the other by the table \
                   alone. Never correct labels in the test part, or the method grades itself.",
        experiment: "Flip 10 % more of the labels. A loss that resists noise must lose less than cross-entropy does.",
        command: Some(
            "minimand compare data.csv --target y --metric accuracy --losses cross_entropy,generalised_cross_entropy",
        ),
        losses: &["generalised_cross_entropy", "active_passive", "forward_corrected_cross_entropy"],
        references: &[
            "Northcutt, Jiang & Chuang 2021: Confident learning: estimating uncertainty in dataset labels",
            "Patrini et al. 2017: Making deep neural networks robust to label noise: a loss correction approach",
            "Zhang & Sabuncu 2018: Generalized cross entropy loss for training deep neural networks with noisy labels",
            "Copas 1988: Binary regression models for contaminated data",
            "Ghosh, Kumar & Sastry 2017: Robust loss functions under label noise for deep neural networks",
            "Ma et al. 2020: Normalized loss functions for deep learning with noisy labels",
        ],
    },
    RuleText {
        code: "MIN180",
        title: "probabilities are off, the order is not",
        severity: Severity::Warning,
        applies_to: Targets(&[Binary, Classes, Ordered]),
        trigger: "On unseen rows more than 2 % of the log loss is miscalibration (by isotonic regression, the CORP \
                  decomposition), and as much of it by chance has a probability below 0.05. Of two classes the rarer \
                  one has 30 rows or more.",
        recommend: "Before you change the loss, divide the logits by one temperature fitted on validation rows. With \
                    1000 of them or more, beta calibration may add to it. Choose the number of epochs by what remains \
                    after calibration.",
        why: "A model can order the rows well and be too sure of itself; networks that were trained for long usually \
              are. One number repairs that, and the order stays as it was.",
        when_not: "On few validation rows a flexible calibration fits noise. The expected calibration error by bins is \
                   no reason to act: it depends on the bins, and is above 0 for a perfect model.",
        experiment: "Decompose the log loss again after the repair: the miscalibration must go, and the discrimination \
                     must stay.",
        command: Some(
            "minimand compare data.csv --target y --purpose probability \
             --losses cross_entropy,cross_entropy+temperature,brier",
        ),
        losses: &[
            "cross_entropy",
            "temperature_scaled_cross_entropy",
            "beta_calibrated_cross_entropy",
            "logarithmic_score",
            "binary_brier_score",
        ],
        references: &[
            "Dimitriadis, Gneiting & Jordan 2021: Stable reliability diagrams for probabilistic classifiers",
            "Guo, Pleiss, Sun & Weinberger 2017: On calibration of modern neural networks",
            "Kull, Silva Filho & Flach 2017: Beta calibration",
            "Berta et al. 2025: Rethinking early stopping: refine, then calibrate",
            "Kumar, Liang & Ma 2019: Verified uncertainty calibration",
        ],
    },
    RuleText {
        code: "MIN190",
        title: "the classes have an order",
        severity: Severity::Advice,
        applies_to: Targets(&[Ordered]),
        trigger: "The target takes from 3 to 15 whole values whose order means something, such as grades.",
        recommend: "Keep cross-entropy and read the answer off its probabilities by the metric: the most probable class \
                    for accuracy, the median class for absolute error, the mean with cut points for quadratic kappa. \
                    Let CORN and the cumulative link compete.",
        why: "Cross-entropy knows no order, but its probabilities hold everything that the metric asks for; what costs \
              points is to read off the most probable class whatever the metric. Losses that know the order need fewer \
              rows where the order is real.",
        when_not: "The cumulative link has one slope for all steps. Where a Brant test rejects that (proportional \
                   odds, with a probability below 0.01), it and CORAL say too little.",
        experiment: "Compare cross-entropy decoded by the metric with CORN.",
        command: Some(
            "minimand compare data.csv --target y --kind ordered --metric mae \
             --losses cross_entropy,cross_entropy+decode,corn",
        ),
        losses: &["cross_entropy", "corn", "cumulative_link", "coral"],
        references: &[
            "Shi, Cao & Raschka 2021: Deep neural networks for rank-consistent ordinal regression based on conditional \
             probabilities",
            "Cao, Mirjalili & Raschka 2020: Rank consistent ordinal regression for neural networks",
            "McCullagh 1980: Regression models for ordinal data",
            "Brant 1990: Assessing proportionality in the proportional odds model for ordinal logistic regression",
        ],
    },
];
