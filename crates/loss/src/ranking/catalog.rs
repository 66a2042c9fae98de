//! The entries of this family.

use minimand_tensor::{Rng, Tensor};

use super::*;
use crate::catalog::*;

pub(super) const SCORES: Input = real("scores", "[…, items]");
/// Of which only the order counts, or a metric that is flat by it.
pub(super) const RELEVANCE: Input = real("relevance", "[…, items]").fixed();
/// Grades from 0 upwards.
pub(super) const GRADES: Input = non_negative("relevance", "[…, items]").fixed();
pub(super) const MASK: Input = mask("mask", "[…, items]").optional();
pub(super) const WEIGHTS: Input = non_negative("weights", "[…, items]").fixed().optional();
pub(super) const TEMPERATURE: Parameter = number("temperature", 1.0).above(0.0);
pub(super) const SIGMA: Parameter = number("sigma", 1.0).above(0.0);
/// How many places count.
pub(super) const TOP: Parameter = Parameter { default: Default::Absent, ..integer("top", 1, 1) };

type ListLoss = fn(&Tensor, &Tensor, Option<&Tensor>) -> Tensor;

pub(super) fn of_list(given: &Given, loss: ListLoss) -> Tensor {
    loss(given.tensor("scores"), given.tensor("relevance"), given.optional("mask"))
}

pub(super) fn top(given: &Given) -> Option<usize> {
    given.optional_number("top").map(|top| top as usize)
}

/// The relevance, times the weights of the items.
pub(super) fn weighted_relevance(given: &Given) -> Tensor {
    let relevance = given.tensor("relevance");
    given.optional("weights").map_or_else(|| relevance.clone(), |weights| relevance * weights)
}

/// The mean over the lists of which any item exists.
pub(super) fn mean_of_lists(given: &Given, loss: &Tensor) -> Tensor {
    let Some(mask) = given.optional("mask") else { return loss.mean() };
    let exists = mask.cast(loss.dtype()).sum_axis(-1).gt(0);
    exists.select(loss, 0).sum() / exists.cast(loss.dtype()).sum().clamp_min(1)
}

pub(super) fn lambda(given: &Given) -> LambdaOptions {
    LambdaOptions { sigma: given.number("sigma"), top: top(given) }
}

pub(super) fn approx(given: &Given) -> ApproxOptions {
    ApproxOptions { temperature: given.number("temperature"), top: top(given) }
}

/// Scores of which no two are equal or 1 apart, and grades: at a safe distance from where ranks change and hinges bend.
pub(super) fn apart(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed);
    let grades = Tensor::from_vec((0..45).map(|_| rng.below(4) as f64).collect::<Vec<f64>>(), [9, 5]);
    Arguments::new().tensor("scores", distinct(seed, 0.4, 0.06)).tensor("relevance", grades)
}

/// Lists of multiples of a gap in random order, each moved a little.
pub(super) fn distinct(seed: u64, gap: f64, moved: f64) -> Tensor {
    let mut rng = Rng::seed(seed);
    let places: Vec<usize> = (0..9).flat_map(|_| rng.permutation(5)).collect();
    let numbers = places.iter().map(|&place| gap * (place as f64 - 2.0) + moved * (rng.uniform() - 0.5));
    Tensor::from_vec(numbers.collect::<Vec<f64>>(), [9, 5])
}

/// The generator with the pair losses and weights that have names.
pub(super) fn generated(given: &Given) -> Tensor {
    let (scores, relevance, mask) = (given.tensor("scores"), given.tensor("relevance"), given.optional("mask"));
    let (top, normalized, light) = (top(given), given.flag("normalized"), given.flag("light"));
    let lambda = match given.choice("lambda") {
        "label_difference" => Some(LambdaWeights::LabelDifference),
        "dcg" => Some(LambdaWeights::Dcg { top, normalized }),
        "dcg2" => Some(LambdaWeights::Dcg2 { top, normalized, light }),
        _ => None,
    };
    let options = PairwiseOptions {
        mask: mask.cloned(),
        weights: given.optional("weights").cloned(),
        lambda: lambda.map(|lambda| lambda.of(scores, relevance, mask, given.optional("weights"))),
    };
    let pair_loss = given.choice("pair_loss");
    pairwise(scores, relevance, options, |ahead, more| match pair_loss {
        "hinge" => (1.0 - ahead).relu(),
        "soft_zero_one" => (-ahead).sigmoid(),
        "squared_error" => (more - ahead).square(),
        _ => (-ahead).softplus(),
    })
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "margin_ranking",
        rows: &["Margin ranking"],
        tier: 1,
        aliases: &[("PyTorch", "MarginRankingLoss"), ("PyTorch", "margin_ranking_loss")],
        inputs: &[real("first", "[…]"), real("second", "[…]"), signs("target", "[…]")],
        parameters: &[number("margin", 0.0)],
        output: "[…]",
        compute: |given| {
            let pair = (given.tensor("first"), given.tensor("second"));
            margin_ranking(pair.0, pair.1, given.tensor("target"), given.number("margin"))
        },
        ..Entry::of(include_str!("margin.rs"))
    },
    Entry {
        name: "pairwise_logistic",
        rows: &["RankNet / pairwise logistic"],
        tier: 2,
        aliases: &[("usual", "RankNet"), ("usual", "ranknet"), ("Rax", "pairwise_logistic_loss")],
        inputs: &[SCORES, RELEVANCE, MASK],
        output: "[…]",
        compute: |given| of_list(given, pairwise_logistic),
        ..Entry::of(include_str!("pairwise.rs"))
    },
    Entry {
        name: "pairwise_logistic_sum",
        rows: &["RankNet / pairwise logistic"],
        tier: 2,
        aliases: &[("usual", "mean_over_pairs")],
        inputs: &[SCORES, RELEVANCE, MASK],
        output: "[…]",
        compute: |given| of_list(given, pairwise_logistic_sum),
        ..Entry::of(include_str!("pairwise.rs"))
    },
    Entry {
        name: "pairwise_hinge",
        rows: &["Pairwise hinge"],
        tier: 2,
        aliases: &[("Rax", "pairwise_hinge_loss"), ("usual", "RankSVM")],
        inputs: &[SCORES, RELEVANCE, MASK],
        output: "[…]",
        draw: Some(apart),
        compute: |given| of_list(given, pairwise_hinge),
        ..Entry::of(include_str!("pairwise_margins.rs"))
    },
    Entry {
        name: "pairwise_soft_zero_one",
        rows: &["Pairwise soft zero-one"],
        tier: 2,
        aliases: &[("Rax", "pairwise_soft_zero_one_loss")],
        inputs: &[SCORES, RELEVANCE, MASK],
        output: "[…]",
        compute: |given| of_list(given, pairwise_soft_zero_one),
        ..Entry::of(include_str!("pairwise_margins.rs"))
    },
    Entry {
        name: "pairwise_squared_error",
        rows: &["Pairwise MSE"],
        tier: 2,
        aliases: &[("Rax", "pairwise_mse_loss")],
        inputs: &[SCORES, real("relevance", "[…, items]"), MASK],
        output: "[…]",
        compute: |given| of_list(given, pairwise_squared_error),
        ..Entry::of(include_str!("pairwise_margins.rs"))
    },
    Entry {
        name: "pairwise_quantile",
        rows: &["Pairwise quantile regression (QR)"],
        tier: 2,
        aliases: &[("Rax", "pairwise_qr_loss")],
        inputs: &[SCORES, real("relevance", "[…, items]"), MASK],
        parameters: &[number("tau", 0.5).above(0.0).at_most(1.0), flag("squared", false)],
        output: "[…]",
        draw: Some(|seed| apart(seed).tensor("relevance", distinct(seed + 1, 1.3, 0.0))),
        compute: |given| {
            let options = PairwiseQuantileOptions { tau: given.number("tau"), squared: given.flag("squared") };
            pairwise_quantile(given.tensor("scores"), given.tensor("relevance"), given.optional("mask"), options)
        },
        ..Entry::of(include_str!("pairwise_margins.rs"))
    },
    Entry {
        name: "pairwise",
        rows: &["Pairwise loss generator + lambdaweights"],
        tier: 2,
        aliases: &[("Rax", "pairwise_loss")],
        inputs: &[SCORES, GRADES, MASK, WEIGHTS],
        parameters: &[
            choice("pair_loss", "logistic", &["logistic", "hinge", "soft_zero_one", "squared_error"]),
            choice("lambda", "none", &["none", "label_difference", "dcg", "dcg2"]),
            TOP,
            flag("normalized", false),
            flag("light", false),
        ],
        output: "[…]",
        compute: |given| generated(given),
        ..Entry::of(include_str!("generator.rs"))
    },
    Entry {
        name: "lambda_rank",
        rows: &["LambdaRank / LambdaLoss (ndcg1/ndcg2/++/@k)"],
        tier: 2,
        aliases: &[("allRank", "lambdaRank_scheme"), ("Rax", "dcg_lambdaweight"), ("usual", "LambdaRank")],
        inputs: &[SCORES, GRADES, MASK],
        parameters: &[SIGMA, TOP],
        output: "[…]",
        draw: Some(apart),
        compute: |given| {
            lambda_rank(given.tensor("scores"), given.tensor("relevance"), given.optional("mask"), lambda(given))
        },
        ..Entry::of(include_str!("lambda.rs"))
    },
    Entry {
        name: "ndcg_loss1",
        rows: &["LambdaRank / LambdaLoss (ndcg1/ndcg2/++/@k)"],
        tier: 2,
        aliases: &[("allRank", "ndcgLoss1_scheme")],
        inputs: &[SCORES, GRADES, MASK],
        parameters: &[SIGMA, TOP],
        output: "[…]",
        draw: Some(apart),
        compute: |given| {
            ndcg_loss1(given.tensor("scores"), given.tensor("relevance"), given.optional("mask"), lambda(given))
        },
        ..Entry::of(include_str!("lambda.rs"))
    },
    Entry {
        name: "ndcg_loss2",
        rows: &["LambdaRank / LambdaLoss (ndcg1/ndcg2/++/@k)"],
        tier: 2,
        aliases: &[("allRank", "ndcgLoss2_scheme"), ("Rax", "dcg2_lambdaweight")],
        inputs: &[SCORES, GRADES, MASK],
        parameters: &[SIGMA, TOP],
        output: "[…]",
        draw: Some(apart),
        compute: |given| {
            ndcg_loss2(given.tensor("scores"), given.tensor("relevance"), given.optional("mask"), lambda(given))
        },
        ..Entry::of(include_str!("lambda.rs"))
    },
    Entry {
        name: "ndcg_loss2_plus_plus",
        rows: &["LambdaRank / LambdaLoss (ndcg1/ndcg2/++/@k)"],
        tier: 2,
        aliases: &[("allRank", "ndcgLoss2PP_scheme")],
        inputs: &[SCORES, GRADES, MASK],
        parameters: &[number("mu", 10.0).at_least(0.0), SIGMA, TOP],
        output: "[…]",
        draw: Some(apart),
        compute: |given| {
            ndcg_loss2_plus_plus(
                given.tensor("scores"),
                given.tensor("relevance"),
                given.optional("mask"),
                given.number("mu"),
                lambda(given),
            )
        },
        ..Entry::of(include_str!("lambda.rs"))
    },
    Entry {
        name: "list_net",
        rows: &["Ranking softmax / ListNet"],
        tier: 2,
        aliases: &[("usual", "ListNet"), ("allRank", "listnet")],
        inputs: &[SCORES, real("relevance", "[…, items]"), MASK],
        output: "[…]",
        compute: |given| of_list(given, list_net),
        average: Some(mean_of_lists),
        ..Entry::of(include_str!("list_net.rs"))
    },
    Entry {
        name: "ranking_softmax",
        rows: &["Ranking softmax / ListNet"],
        tier: 2,
        aliases: &[("Optax", "ranking_softmax_loss"), ("Rax", "softmax_loss")],
        inputs: &[SCORES, non_negative("relevance", "[…, items]"), MASK, WEIGHTS],
        output: "[…]",
        compute: |given| ranking_softmax(given.tensor("scores"), &weighted_relevance(given), given.optional("mask")),
        average: Some(mean_of_lists),
        ..Entry::of(include_str!("list_net.rs"))
    },
    Entry {
        name: "poly1_softmax",
        rows: &["Poly-1 ranking softmax"],
        tier: 2,
        aliases: &[("Rax", "poly1_softmax_loss")],
        inputs: &[SCORES, non_negative("relevance", "[…, items]"), MASK, WEIGHTS],
        parameters: &[number("epsilon", 1.0)],
        output: "[…]",
        compute: |given| {
            poly1_softmax(
                given.tensor("scores"),
                &weighted_relevance(given),
                given.optional("mask"),
                given.number("epsilon"),
            )
        },
        average: Some(mean_of_lists),
        ..Entry::of(include_str!("list_net.rs"))
    },
    Entry {
        name: "unique_softmax",
        rows: &["Unique softmax"],
        tier: 2,
        aliases: &[("Rax", "unique_softmax_loss")],
        inputs: &[SCORES, non_negative("relevance", "[…, items]"), MASK, WEIGHTS],
        output: "[…]",
        compute: |given| {
            unique_softmax(
                given.tensor("scores"),
                given.tensor("relevance"),
                given.optional("mask"),
                given.optional("weights"),
            )
        },
        average: Some(mean_of_lists),
        ..Entry::of(include_str!("list_net.rs"))
    },
    Entry {
        name: "list_mle",
        rows: &["ListMLE (Plackett-Luce)"],
        tier: 2,
        aliases: &[("Rax", "listmle_loss"), ("allRank", "listMLE"), ("usual", "PlackettLuce")],
        inputs: &[SCORES, RELEVANCE, MASK],
        output: "[…]",
        compute: |given| of_list(given, list_mle),
        average: Some(mean_of_lists),
        ..Entry::of(include_str!("plackett_luce.rs"))
    },
    Entry {
        name: "p_list_mle",
        rows: &["p-ListMLE / ListMLE weighted"],
        tier: 3,
        aliases: &[("usual", "pListMLE")],
        inputs: &[SCORES, RELEVANCE, MASK],
        output: "[…]",
        compute: |given| of_list(given, p_list_mle),
        average: Some(mean_of_lists),
        ..Entry::of(include_str!("plackett_luce.rs"))
    },
];
