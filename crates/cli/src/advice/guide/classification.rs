//! Classes.

use super::{Choice, Fork, Next, Topic};

pub(super) const TOPIC: Topic = Topic {
    name: "classification",
    about: "a class: yes or no, a grade, one of many",
    opening: "The usual default is cross-entropy, and it is hard to beat: its best prediction is the probability of each \
              class, and every decision, order and figure can be read off probabilities. Most that is said to need \
              another loss needs another threshold.",
    questions: &[
        Fork {
            question: "What will the answer be used for?",
            choices: &[
                Choice {
                    answer: "as a probability that means what it says",
                    advice: "cross-entropy; one temperature if it is off",
                    losses: &["cross_entropy", "binary_cross_entropy_with_logits", "binary_brier_score"],
                    reason: "The logarithm and the square are proper: no other number than the true probability does \
                             better by them.",
                    against: "Networks that train for long become too sure. One number on validation rows repairs that.",
                    experiment: "Decompose the log loss on unseen rows: how much of it is miscalibration?",
                    command: Some(
                        "minimand compare data.csv --target y --purpose probability \
                         --losses cross_entropy,cross_entropy+temperature,brier",
                    ),
                    rules: &["MIN180"],
                },
                Choice {
                    answer: "for an action, and the two mistakes cost differently",
                    advice: "cross-entropy, then act above alarm / (alarm + miss)",
                    losses: &["binary_cross_entropy_with_logits"],
                    reason: "If a miss costs 5000 and a false alarm 250, it pays to act from a probability of 250 / 5250 \
                             on. The costs belong into the threshold, where they can change without training.",
                    against: "The threshold is right only if the probabilities are.",
                    experiment: "Compare the cost of the decisions with that of a weighted loss.",
                    command: Some(
                        "minimand compare data.csv --target y --purpose decision:miss=5000,alarm=250 \
                         --losses cross_entropy,weighted_cross_entropy",
                    ),
                    rules: &["MIN160"],
                },
                Choice {
                    answer: "for an order: the first hundred are looked at",
                    advice: "cross-entropy; pairs as a rival",
                    losses: &["binary_cross_entropy_with_logits", "pairwise_logistic"],
                    reason: "The best order is the order by probability.",
                    against: "A simple model that gets the probabilities wrong can still get the order right by pairs.",
                    experiment: "Compare by the share of positives that is caught among those looked at.",
                    command: Some(
                        "minimand compare data.csv --target y --metric recall_at:0.01 \
                         --losses cross_entropy,pairwise_logistic",
                    ),
                    rules: &["MIN165"],
                },
                Choice {
                    answer: "it will be judged by F1 or balanced accuracy",
                    advice: "cross-entropy, then the threshold of that figure",
                    losses: &["binary_cross_entropy_with_logits", "cross_entropy"],
                    reason: "The best decisions by either figure are a threshold on the probability: half of the best F1, \
                             or the share of positives.",
                    against: "Chosen on few positives, a threshold is a guess: it wants validation rows.",
                    experiment: "Compare before and after the threshold; another loss must beat the latter.",
                    command: Some(
                        "minimand compare data.csv --target y --metric f1 --losses cross_entropy,cross_entropy+threshold,focal",
                    ),
                    rules: &["MIN160"],
                },
            ],
        },
        Fork {
            question: "Is a class rare?",
            choices: &[
                Choice {
                    answer: "yes, and nothing else is wrong",
                    advice: "change nothing but the threshold",
                    losses: &["binary_cross_entropy_with_logits"],
                    reason: "Hardly any case of a rare class passes one half, nor should it. Weights and focal losses \
                             leave the order nearly as it is and shift all probabilities.",
                    against: "With fewer than about ten positives for each parameter, use a penalty or fewer columns.",
                    experiment: "Compare the order of the rows with and without weights: equal orders need no weights.",
                    command: Some(
                        "minimand compare data.csv --target y --purpose probability \
                         --losses cross_entropy,weighted_cross_entropy,focal",
                    ),
                    rules: &["MIN160", "MIN161", "MIN162"],
                },
                Choice {
                    answer: "yes, and the network is right on all training rows, or there are many rare classes",
                    advice: "logit adjustment, first on the trained model; margins (LDAM)",
                    losses: &["logit_adjusted_cross_entropy", "ldam", "class_balanced_cross_entropy"],
                    reason: "Where every training row is fitted, weights wear off. Shifting the logits by the classes' \
                             frequencies does not, and is free after training.",
                    against: "If plain accuracy or the log loss counts, the frequencies belong into the answer.",
                    experiment: "Adjust the logits of the trained model, and compare with the adjusted loss.",
                    command: Some(
                        "minimand compare data.csv --target y --metric balanced_accuracy --model mlp \
                         --losses cross_entropy,logit_adjusted_cross_entropy",
                    ),
                    rules: &["MIN163", "MIN164"],
                },
                Choice {
                    answer: "yes: boxes or pixels, with a million easy negatives for each positive",
                    advice: "a focal loss, or dice beside cross-entropy",
                    losses: &["binary_focal", "quality_focal", "dice_cross_entropy"],
                    reason: "Damping the easy negatives lets a deep network learn at all; overlap (dice) does not count \
                             the background.",
                    against: "The output of either is no probability; focal's can be undone by a formula.",
                    experiment: "Train with cross-entropy and a longer warm-up: if it catches up, focal was a crutch.",
                    command: None,
                    rules: &["MIN162"],
                },
            ],
        },
        Fork {
            question: "Do the classes have an order?",
            choices: &[Choice {
                answer: "yes: grades, stars, stages",
                advice: "cross-entropy read off by the metric; CORN as a rival",
                losses: &["cross_entropy", "corn", "cumulative_link"],
                reason: "The median class serves absolute error, the mean with cut points quadratic kappa, the most \
                         probable class accuracy: one model, three answers.",
                against: "Losses that know the order need fewer rows, if the order is real and, for the cumulative link, \
                          every step works alike.",
                experiment: "Compare cross-entropy, decoded by the metric, with CORN.",
                command: Some(
                    "minimand compare data.csv --target y --kind ordered --metric mae \
                     --losses cross_entropy,cross_entropy+decode,corn",
                ),
                rules: &["MIN190"],
            }],
        },
        Fork {
            question: "Are some labels wrong?",
            choices: &[Choice {
                answer: "probably: several people labelled, in a hurry, or by rules",
                advice: "read the suspects first; then generalised cross-entropy",
                losses: &["generalised_cross_entropy", "active_passive", "forward_corrected_cross_entropy"],
                reason: "Cross-entropy punishes a sure disagreement without limit, so that a flexible model learns wrong \
                         labels by heart. Stopping early is the cheapest remedy.",
                against: "Classes that overlap look just like wrong labels, and a bounded loss gives up on hard rows.",
                experiment: "Flip 10 % more labels in training: the robust loss must lose less.",
                command: Some(
                    "minimand compare data.csv --target y --metric accuracy \
                     --losses cross_entropy,generalised_cross_entropy",
                ),
                rules: &["MIN170"],
            }],
        },
        Fork {
            question: "Can a case belong to several classes at once?",
            choices: &[Choice {
                answer: "yes: tags, findings, topics",
                advice: "binary cross-entropy for each class",
                losses: &["binary_cross_entropy_with_logits", "asymmetric", "zlpr"],
                reason: "Each class gets its own probability, and its own threshold.",
                against: "With hundreds of classes and few tags each, easy negatives drown the rest: asymmetric damps them.",
                experiment: "Compare by the log loss, and by F1 after a threshold for each class.",
                command: None,
                rules: &[],
            }],
        },
    ],
    next: Some(Next {
        command: "minimand recommend data.csv --target y --purpose probability",
        does: "asks your table: how rare, how noisy, how well calibrated, and whether the loss or one number has to change.",
    }),
};
