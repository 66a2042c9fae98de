//! Lists.

use super::{Choice, Fork, Next, Topic};

pub(super) const TOPIC: Topic = Topic {
    name: "ranking",
    about: "an order: search results, recommendations, preferences",
    opening: "Only the order within a list is shown to anybody. The plainest loss forgets the lists and predicts the \
              relevance of each item by itself; losses of pairs and of whole lists look at the order, and have fewer \
              observations to learn from.",
    questions: &[
        Fork {
            question: "What is known of the right order?",
            choices: &[
                Choice {
                    answer: "one relevant item in each list: what was bought",
                    advice: "softmax over the list",
                    losses: &["ranking_softmax", "unique_softmax"],
                    reason: "It is the likelihood of choosing that item out of the list, and bounds the mean reciprocal \
                             rank.",
                    against: "An item that was never shown is no worse than one that was passed over.",
                    experiment: "Compare with pairs, list by list.",
                    command: Some(
                        "minimand compare data.csv --target y --group query --kind relevance --metric mrr \
                         --losses ranking_softmax,pairwise_logistic",
                    ),
                    rules: &["MIN200"],
                },
                Choice {
                    answer: "grades of relevance, and NDCG counts",
                    advice: "many lists: LambdaRank, ApproxNDCG; few: pairs or items",
                    losses: &["lambda_rank", "approx_ndcg", "ranking_softmax", "pairwise_logistic"],
                    reason: "LambdaRank weighs each pair by what a swap would change in the metric; ApproxNDCG is a smooth \
                             form of the metric itself.",
                    against: "A list is a single observation: with fewer than 200 of them, pairs or single items learn \
                              more.",
                    experiment: "Compare by NDCG at the length of what is shown, with a paired test over lists.",
                    command: Some(
                        "minimand compare data.csv --target y --group query --kind relevance --metric ndcg:10 \
                         --losses lambda_rank,approx_ndcg,pointwise",
                    ),
                    rules: &["MIN200"],
                },
                Choice {
                    answer: "pairs: this one was preferred to that one",
                    advice: "the logistic loss of the difference",
                    losses: &["bradley_terry", "pairwise_logistic", "dpo"],
                    reason: "It is the likelihood of the choice if each item has a worth (Bradley and Terry).",
                    against: "Worth is one number: where A beats B, B beats C and C beats A, no such loss can follow.",
                    experiment: "Count the circles among your pairs: many of them refute the model, not the loss.",
                    command: None,
                    rules: &[],
                },
                Choice {
                    answer: "no lists: all cases compete, yes or no is known",
                    advice: "cross-entropy: see classification",
                    losses: &["binary_cross_entropy_with_logits", "pairwise_logistic"],
                    reason: "The order by probability is the best order for the AUC and for the first k.",
                    against: "A simple model can do better by pairs.",
                    experiment: "Compare by the AUC.",
                    command: Some(
                        "minimand compare data.csv --target y --metric auc --losses cross_entropy,pairwise_logistic",
                    ),
                    rules: &["MIN165"],
                },
            ],
        },
        Fork {
            question: "Where does relevance come from?",
            choices: &[
                Choice {
                    answer: "from clicks, and the place of each item is known",
                    advice: "weight clicks by the inverse chance of being looked at",
                    losses: &["ranking_softmax", "pairwise_logistic"],
                    reason: "People click what stands on top. A model of raw clicks learns the old order.",
                    against: "If the order was drawn at random, there is nothing to correct.",
                    experiment: "Compute the AUC of the place alone: about one half means no correction.",
                    command: None,
                    rules: &["MIN201"],
                },
                Choice {
                    answer: "from purchases or plays, and all other items count as unknown",
                    advice: "pairs of a chosen and a drawn item (BPR)",
                    losses: &["bpr", "bpr_max", "wmrb"],
                    reason: "Items that were not chosen are not known to be bad; only that the chosen one was preferred.",
                    against: "Items drawn at random are mostly easy: harder ones teach more, and mislead more.",
                    experiment: "Compare with softmax over the same drawn items, at equal effort of tuning.",
                    command: None,
                    rules: &[],
                },
            ],
        },
        Fork {
            question: "Are the scores also read as numbers?",
            choices: &[Choice {
                answer: "yes: an expected rating, a chance of purchase",
                advice: "each item by itself: cross-entropy or squared error",
                losses: &["binary_cross_entropy_with_logits", "squared_error"],
                reason: "A loss of the order leaves the level of the scores open: adding 7 to all of them costs nothing.",
                against: "The order alone may get worse by a little.",
                experiment: "Compare the order by NDCG: if it is as good, take the scores that mean something.",
                command: Some(
                    "minimand compare data.csv --target y --group query --kind relevance --metric ndcg \
                     --losses pointwise,ranking_softmax",
                ),
                rules: &["MIN200"],
            }],
        },
    ],
    next: Some(Next {
        command: "minimand recommend data.csv --target y --group query --kind relevance --purpose ranking",
        does: "asks your table: how many lists, how many relevant items in each, whether the place tells the clicks.",
    }),
};
