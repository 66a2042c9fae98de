//! Rules of ranking within lists.

use super::{RuleText, Scope::Targets};
use crate::advice::{document::Severity, problem::TargetKind::Relevance};

pub(super) const RULES: &[RuleText] = &[
    RuleText {
        code: "MIN200",
        title: "items are ranked within lists",
        severity: Severity::Advice,
        applies_to: Targets(&[Relevance]),
        trigger: "The target is the relevance of items, and the group is the list (a query, a user) that they belong to.",
        recommend: "One relevant item in each list: softmax over the list. Grades and at least 1000 lists: a loss of \
                    the metric itself (LambdaRank, ApproxNDCG). Fewer than 200 lists: pairs within a list, or each \
                    item by itself.",
        why: "Only the order within a list is shown to anybody. Losses of whole lists look at exactly that, but a list \
              is then a single observation: with few lists there is little to learn from, and pairs or single items \
              give more.",
        when_not: "If the scores are also read as numbers (an expected rating, a chance of purchase), a loss of the \
                   order leaves their level open: train each item by itself, or add such a term.",
        experiment: "Compare list by list, with a paired randomisation test over the lists.",
        command: Some(
            "minimand compare data.csv --target y --group query --kind relevance --metric ndcg:10 \
             --losses ranking_softmax,lambda_rank,pairwise_logistic,pointwise",
        ),
        losses: &["ranking_softmax", "lambda_rank", "approx_ndcg", "pairwise_logistic", "ndcg_loss2"],
        references: &[
            "Wang et al. 2018: The LambdaLoss framework for ranking metric optimization",
            "Bruch et al. 2019: An analysis of the softmax cross entropy loss for learning-to-rank with binary relevance",
            "Burges 2010: From RankNet to LambdaRank to LambdaMART: an overview",
            "Smucker, Allan & Carterette 2007: A comparison of statistical significance tests for information \
             retrieval evaluation",
        ],
    },
    RuleText {
        code: "MIN201",
        title: "clicks depend on the place that an item was shown at",
        severity: Severity::Warning,
        applies_to: Targets(&[Relevance]),
        trigger: "There is a column with the position that an item was shown at, and the position alone tells clicks \
                  from other items with an AUC above 0.6.",
        recommend: "Weight each click by the inverse of the chance that its position was looked at, or give the \
                    position a part of the model of its own that is left out when predicting.",
        why: "People click what stands on top. A model trained on raw clicks learns to repeat the old order, and \
              looks good at it on clicks that were collected under that order.",
        when_not: "If the order was drawn at random while the clicks were collected, position and relevance have \
                   nothing to do with each other.",
        experiment: "Compute the AUC of the position alone. If it is about one half, there is nothing to correct.",
        command: None,
        losses: &["ranking_softmax", "pairwise_logistic"],
        references: &["Joachims, Swaminathan & Schnabel 2017: Unbiased learning-to-rank with biased feedback"],
    },
];
