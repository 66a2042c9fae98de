//! Representations.

use super::{Choice, Fork, Topic};

pub(super) const TOPIC: Topic = Topic {
    name: "embeddings",
    about: "vectors whose distance means likeness: faces, products, texts",
    opening: "There are dozens of losses for this, and under equal conditions they differ by little. The batch, the \
              augmentations and the effort of tuning change more than the formula. Begin with what needs no mining of \
              pairs.",
    questions: &[
        Fork {
            question: "What is known about the items?",
            choices: &[
                Choice {
                    answer: "classes, the same in training and in use",
                    advice: "cross-entropy: it is a classification",
                    losses: &["cross_entropy"],
                    reason: "If the classes are known, the layer before the last is a good embedding already.",
                    against: "New classes need new training.",
                    experiment: "Compare the nearest neighbours in that layer with those of a metric loss.",
                    command: None,
                    rules: &[],
                },
                Choice {
                    answer: "classes, but use brings new ones: faces, products",
                    advice: "normalised softmax or Proxy Anchor",
                    losses: &["normalised_softmax", "proxy_anchor", "arc_face"],
                    reason: "One learnt vector for each class replaces the pairs: stable, and no mining.",
                    against: "With a few samples for each of very many classes there is no proxy worth learning.",
                    experiment: "Compare by MAP@R over at least four seeds, with equal tuning of every loss.",
                    command: None,
                    rules: &["MIN210"],
                },
                Choice {
                    answer: "classes with a few samples each, or only which pairs belong together",
                    advice: "batches of whole classes: supervised contrastive, triplets",
                    losses: &["supcon", "multi_similarity", "triplet_margin", "contrastive"],
                    reason: "Pairs use every sample many times; the supervised contrastive loss uses all pairs of a batch.",
                    against: "Most pairs soon teach nothing: what counts is how hard pairs are found, and hard ones are \
                              often wrong labels.",
                    experiment: "Count the pairs with a gradient above 0: below one in a hundred, mine or change the loss.",
                    command: None,
                    rules: &["MIN210"],
                },
                Choice {
                    answer: "two views of the same item: a text and its picture, two crops",
                    advice: "contrast within a large batch: InfoNCE",
                    losses: &["info_nce_symmetric", "nt_xent", "info_nce"],
                    reason: "Each view has to find its partner among all others of the batch.",
                    against: "Others that mean the same are pushed away, too; and a small batch is too easy.",
                    experiment: "Double the batch: if nothing improves, batch size is not what you lack.",
                    command: None,
                    rules: &["MIN210"],
                },
                Choice {
                    answer: "two views, and no memory for large batches",
                    advice: "a loss without negatives: VICReg, Barlow Twins",
                    losses: &["vicreg", "barlow_twins", "negative_cosine_similarity"],
                    reason: "Variance and covariance terms, or a stopped gradient, keep vectors from collapsing to one \
                             point.",
                    against: "More parts have to be balanced, and a collapse is silent.",
                    experiment: "Watch the spread of each coordinate over a batch: near 0 it has collapsed.",
                    command: None,
                    rules: &[],
                },
            ],
        },
        Fork {
            question: "How will it be judged?",
            choices: &[Choice {
                answer: "by neighbours: is the nearest one of the same class?",
                advice: "MAP@R or recall at 1 on new classes, several seeds",
                losses: &["smooth_ap_of_embeddings", "fast_ap"],
                reason: "Losses that approximate the metric exist; whether they pay shows only on classes that training \
                         has not seen.",
                against: "Differences between losses are often smaller than those between seeds.",
                experiment: "Train the same loss with four seeds first: their spread is what any gain has to beat.",
                command: None,
                rules: &["MIN210", "MIN300"],
            }],
        },
    ],
    next: None,
};
