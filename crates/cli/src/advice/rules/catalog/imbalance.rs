//! Rules of rare classes: what weights and focal losses do, and what one number undoes.

use super::{RuleText, Scope::Targets};
use crate::advice::{
    document::Severity,
    problem::TargetKind::{Binary, Classes, Ordered},
};

pub(super) const RULES: &[RuleText] = &[
    RuleText {
        code: "MIN160",
        title: "a rare class alone is no reason for another loss",
        severity: Severity::Advice,
        applies_to: Targets(&[Binary, Classes]),
        trigger: "The rarer class makes up less than 20 % of the rows.",
        recommend: "Keep cross-entropy and choose the threshold: from the costs of the two mistakes, alarm / (alarm + \
                    miss), or by the metric on validation rows. Report the log loss, the AUC and how many positives \
                    are caught at the number of cases that you can act on.",
        why: "What goes wrong on a rare class is the threshold of 0.5, not the loss: with 1 positive in 100 hardly any \
              probability passes one half, nor should it. Weights and focal losses leave the order of the rows almost \
              as it is and shift all probabilities; moving the threshold does the same without spoiling them.",
        when_not: "With fewer than about ten positives for each parameter, plain cross-entropy is too noisy: use a \
                   penalty or fewer columns. A large network that fits its training rows perfectly is another case \
                   (MIN163).",
        experiment: "Train with and without weights, and compare the orders of the rows. A rank correlation above 0.98 \
                     says that the weights moved the threshold and nothing else.",
        command: Some(
            "minimand compare data.csv --target y --purpose decision:miss=5000,alarm=250 \
             --losses cross_entropy,weighted_cross_entropy,focal",
        ),
        losses: &["binary_cross_entropy_with_logits", "weighted_binary_cross_entropy_with_logits", "binary_focal"],
        references: &[
            "Elkan 2001: The foundations of cost-sensitive learning",
            "van den Goorbergh, van Smeden, Timmerman & Van Calster 2022: The harm of class imbalance corrections for \
             risk prediction models",
            "Elor & Averbuch-Elor 2022: To SMOTE, or not to SMOTE?",
        ],
    },
    RuleText {
        code: "MIN161",
        title: "weights on a class spoil the probabilities",
        severity: Severity::Warning,
        applies_to: Targets(&[Binary, Classes]),
        trigger: "The loss gives positives a weight, or the rows were sampled by class, and the output is used as a \
                  probability.",
        recommend: "Subtract the logarithm of the weight from the logit, or train without the weight. Either gives \
                    back probabilities that mean what they say.",
        why: "Weighting positives w times multiplies the odds that the model learns by w. The same weight taken off \
              afterwards, one number for all rows, restores them.",
        when_not: "A model too simple for its task also moves its boundary under weights, and the correction does not \
                   undo that. If only the order of the rows counts, nothing has to be corrected.",
        experiment: "Compare the log loss before and after the correction with that of plain cross-entropy.",
        command: Some(
            "minimand compare data.csv --target y --purpose probability \
             --losses weighted_cross_entropy,weighted_cross_entropy+prior_shift",
        ),
        losses: &["weighted_binary_cross_entropy_with_logits", "binary_cross_entropy_with_logits"],
        references: &[
            "Saerens, Latinne & Decaestecker 2002: Adjusting the outputs of a classifier to new a priori probabilities",
            "King & Zeng 2001: Logistic regression in rare events data",
            "Menon et al. 2021: Long-tail learning via logit adjustment",
        ],
    },
    RuleText {
        code: "MIN162",
        title: "the output of a focal loss is no probability",
        severity: Severity::Warning,
        applies_to: Targets(&[Binary, Classes]),
        trigger: "The model is trained by a focal loss with gamma (γ) above 0.",
        recommend: "If probabilities are needed, undo focal's distortion by its closed formula: the odds of the true \
                    probability are (1−α)/α·[p/f(p)]/[(1−p)/f(1−p)], with f(q)=(1−q)^γ−γ(1−q)^(γ−1)·q·ln(q). Or train \
                    by cross-entropy. On a rare class beware of alpha \
                    below 0.5: it gives the rare class the smaller weight.",
        why: "A focal loss is smallest at the right order of the rows, but not at the true probability: it pulls sure \
              predictions towards one half. That changes no order and every number.",
        when_not: "In detectors with millions of easy negatives focal's damping lets a deep network learn at all, and \
                   only the order of the boxes is used.",
        experiment: "Undo the distortion and compare the log loss with that of cross-entropy: if they agree, focal \
                     changed the scale and nothing else.",
        command: Some(
            "minimand compare data.csv --target y --purpose probability \
             --losses cross_entropy,focal,focal+inverse_focal",
        ),
        losses: &["binary_focal", "categorical_focal", "binary_cross_entropy_with_logits"],
        references: &[
            "Charoenphakdee et al. 2021: On focal loss for class-posterior probability estimation: a theoretical \
             perspective",
            "Lin et al. 2017: Focal loss for dense object detection",
        ],
    },
    RuleText {
        code: "MIN163",
        title: "the network fits every training row: weights wear off",
        severity: Severity::Warning,
        applies_to: Targets(&[Binary, Classes]),
        trigger: "Classes are weighted, and the network is right on more than 99.5 % of its training rows.",
        recommend: "Do not expect the weights to act. Shift the logits by the classes' frequencies (logit adjustment), \
                    use margins that grow with rarity (LDAM), stop early or add a penalty.",
        why: "Once every training row is on its side with room to spare, a weight only scales a loss that is already \
              near 0, and the boundary drifts to where it would be without weights.",
        when_not: "A linear model, or a network held back by a penalty or by early stopping, does not interpolate; \
                   there weights do act.",
        experiment: "Train with weight 1 and weight 10 to the last epoch and compare the decisions: if they agree, the \
                     weight did nothing.",
        command: Some(
            "minimand compare data.csv --target y --metric balanced_accuracy --model mlp \
             --losses weighted_cross_entropy,logit_adjusted_cross_entropy",
        ),
        losses: &["logit_adjusted_cross_entropy", "ldam", "weighted_binary_cross_entropy_with_logits"],
        references: &[
            "Byrd & Lipton 2019: What is the effect of importance weighting in deep learning?",
            "Xu, Ye & Ruan 2021: Understanding the role of importance weighting for deep learning",
            "Menon et al. 2021: Long-tail learning via logit adjustment",
        ],
    },
    RuleText {
        code: "MIN164",
        title: "many classes with a long tail, judged class by class",
        severity: Severity::Advice,
        applies_to: Targets(&[Classes, Ordered]),
        trigger: "There are at least 10 classes, the largest has more than 20 times the rows of the smallest, and the \
                  metric counts all classes alike (balanced accuracy).",
        recommend: "Subtract the logarithm of each class's frequency from its logit. Do it after training first, \
                    which is free; then compare with a loss that has it inside.",
        why: "Cross-entropy learns probabilities at the frequencies of the training rows. Balanced accuracy asks what \
              would be most probable if all classes were equally frequent, and the subtraction is exactly that change.",
        when_not: "If plain accuracy or the log loss is the metric, the frequencies belong into the answer.",
        experiment: "Adjust the logits of the trained model on unseen rows and compare with the adjusted loss.",
        command: Some(
            "minimand compare data.csv --target y --metric balanced_accuracy \
             --losses logit_adjusted_cross_entropy,class_balanced_cross_entropy",
        ),
        losses: &["cross_entropy", "logit_adjusted_cross_entropy", "class_balanced_cross_entropy", "ldam"],
        references: &[
            "Menon et al. 2021: Long-tail learning via logit adjustment",
            "Cui et al. 2019: Class-balanced loss based on effective number of samples",
            "Cao et al. 2019: Learning imbalanced datasets with label-distribution-aware margin loss",
        ],
    },
    RuleText {
        code: "MIN165",
        title: "only the order counts, and cross-entropy gives it",
        severity: Severity::Note,
        applies_to: Targets(&[Binary]),
        trigger: "The metric is the AUC, the average precision or the share of positives caught among the first cases.",
        recommend: "Train by cross-entropy. Let the pairwise logistic loss compete if the model is simple.",
        why: "The best order is the order by probability, and cross-entropy finds the probability. A loss of pairs aims \
              at the order alone and can win where the model is too simple to get the probabilities right. The hinge \
              loss is not consistent for the AUC.",
        when_not: "The AUC does not see whether probabilities are right: where they are also used as numbers, judge by \
                   the log loss. The average precision does not suit rare classes better than the AUC merely because \
                   they are rare: it favours the groups in which positives are frequent.",
        experiment: "Compare both losses by the AUC, with a bootstrap over the positives.",
        command: Some("minimand compare data.csv --target y --metric auc --losses cross_entropy,pairwise_logistic"),
        losses: &["binary_cross_entropy_with_logits", "pairwise_logistic", "hinge"],
        references: &[
            "Kotłowski, Dembczyński & Hüllermeier 2011: Bipartite ranking through minimization of univariate loss",
            "Gao & Zhou 2015: On the consistency of AUC pairwise optimization",
            "McDermott et al. 2024: A closer look at AUROC and AUPRC under class imbalance",
        ],
    },
];
