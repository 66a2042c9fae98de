//! The entries of this family.

use minimand_tensor::{DType, Rng, Tensor};

use super::*;
use crate::catalog::*;

const SCORES: Input = real("scores", "[…, items]");
/// Of which only the order counts, or a metric that is flat by it.
const RELEVANCE: Input = real("relevance", "[…, items]").fixed();
/// Grades from 0 upwards.
const GRADES: Input = non_negative("relevance", "[…, items]").fixed();
const MASK: Input = mask("mask", "[…, items]").optional();
const WEIGHTS: Input = non_negative("weights", "[…, items]").fixed().optional();
const TEMPERATURE: Parameter = number("temperature", 1.0).above(0.0);
const SIGMA: Parameter = number("sigma", 1.0).above(0.0);
/// How many places count.
const TOP: Parameter = Parameter { default: Default::Absent, ..integer("top", 1, 1) };

type ListLoss = fn(&Tensor, &Tensor, Option<&Tensor>) -> Tensor;

fn of_list(given: &Given, loss: ListLoss) -> Tensor {
    loss(given.tensor("scores"), given.tensor("relevance"), given.optional("mask"))
}

fn top(given: &Given) -> Option<usize> {
    given.optional_number("top").map(|top| top as usize)
}

/// The relevance, times the weights of the items.
fn weighted_relevance(given: &Given) -> Tensor {
    let relevance = given.tensor("relevance");
    given.optional("weights").map_or_else(|| relevance.clone(), |weights| relevance * weights)
}

/// The mean over the lists of which any item exists.
fn mean_of_lists(given: &Given, loss: &Tensor) -> Tensor {
    let Some(mask) = given.optional("mask") else { return loss.mean() };
    let exists = mask.cast(loss.dtype()).sum_axis(-1).gt(0);
    exists.select(loss, 0).sum() / exists.cast(loss.dtype()).sum().clamp_min(1)
}

fn lambda(given: &Given) -> LambdaOptions {
    LambdaOptions { sigma: given.number("sigma"), top: top(given) }
}

fn approx(given: &Given) -> ApproxOptions {
    ApproxOptions { temperature: given.number("temperature"), top: top(given) }
}

/// Scores of which no two are equal or 1 apart, and grades: at a safe distance from where ranks change and hinges bend.
fn apart(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed);
    let grades = Tensor::from_vec((0..45).map(|_| rng.below(4) as f64).collect::<Vec<f64>>(), [9, 5]);
    Arguments::new().tensor("scores", distinct(seed, 0.4, 0.06)).tensor("relevance", grades)
}

/// Lists of multiples of a gap in random order, each moved a little.
fn distinct(seed: u64, gap: f64, moved: f64) -> Tensor {
    let mut rng = Rng::seed(seed);
    let places: Vec<usize> = (0..9).flat_map(|_| rng.permutation(5)).collect();
    let numbers = places.iter().map(|&place| gap * (place as f64 - 2.0) + moved * (rng.uniform() - 0.5));
    Tensor::from_vec(numbers.collect::<Vec<f64>>(), [9, 5])
}

/// The generator with the pair losses and weights that have names.
fn generated(given: &Given) -> Tensor {
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
    Entry {
        name: "approx_ndcg",
        rows: &["ApproxNDCG / bound-NDCG"],
        tier: 2,
        aliases: &[("usual", "ApproxNDCG"), ("TF-Ranking", "approx_ndcg_loss"), ("Rax", "approx_t12n")],
        inputs: &[SCORES, GRADES, MASK],
        parameters: &[TEMPERATURE, TOP],
        output: "[…]",
        compute: |given| {
            approx_ndcg(given.tensor("scores"), given.tensor("relevance"), given.optional("mask"), approx(given))
        },
        average: Some(mean_of_lists),
        ..Entry::of(include_str!("approx_ndcg.rs"))
    },
    Entry {
        name: "bound_ndcg",
        rows: &["ApproxNDCG / bound-NDCG"],
        tier: 2,
        aliases: &[("Rax", "bound_t12n")],
        inputs: &[SCORES, GRADES, MASK],
        output: "[…]",
        draw: Some(apart),
        compute: |given| of_list(given, bound_ndcg),
        average: Some(mean_of_lists),
        ..Entry::of(include_str!("approx_ndcg.rs"))
    },
    Entry {
        name: "approx_mrr",
        rows: &["ApproxMRR / AP / OPA / DCG / precision / recall surrogates"],
        tier: 2,
        aliases: &[("Rax", "mrr_metric")],
        inputs: &[SCORES, GRADES, MASK],
        parameters: &[TEMPERATURE, TOP],
        output: "[…]",
        draw: Some(apart),
        compute: |given| {
            approx_mrr(given.tensor("scores"), given.tensor("relevance"), given.optional("mask"), approx(given))
        },
        average: Some(mean_of_lists),
        ..Entry::of(include_str!("approx_metrics.rs"))
    },
    Entry {
        name: "approx_average_precision",
        rows: &["ApproxMRR / AP / OPA / DCG / precision / recall surrogates"],
        tier: 2,
        aliases: &[("Rax", "ap_metric")],
        inputs: &[SCORES, GRADES, MASK],
        parameters: &[TEMPERATURE, TOP],
        output: "[…]",
        draw: Some(apart),
        compute: |given| {
            approx_average_precision(
                given.tensor("scores"),
                given.tensor("relevance"),
                given.optional("mask"),
                approx(given),
            )
        },
        average: Some(mean_of_lists),
        ..Entry::of(include_str!("approx_metrics.rs"))
    },
    Entry {
        name: "approx_dcg",
        rows: &["ApproxMRR / AP / OPA / DCG / precision / recall surrogates"],
        tier: 2,
        aliases: &[("Rax", "dcg_metric")],
        inputs: &[SCORES, GRADES, MASK],
        parameters: &[TEMPERATURE, TOP],
        output: "[…]",
        compute: |given| {
            approx_dcg(given.tensor("scores"), given.tensor("relevance"), given.optional("mask"), approx(given))
        },
        average: Some(mean_of_lists),
        ..Entry::of(include_str!("approx_metrics.rs"))
    },
    Entry {
        name: "approx_precision",
        rows: &["ApproxMRR / AP / OPA / DCG / precision / recall surrogates"],
        tier: 2,
        aliases: &[("Rax", "precision_metric")],
        inputs: &[SCORES, GRADES, MASK],
        parameters: &[integer("top", 1, 1), TEMPERATURE],
        output: "[…]",
        compute: |given| {
            let (top, temperature) = (given.integer("top"), given.number("temperature"));
            approx_precision(
                given.tensor("scores"),
                given.tensor("relevance"),
                given.optional("mask"),
                top,
                temperature,
            )
        },
        average: Some(mean_of_lists),
        ..Entry::of(include_str!("approx_metrics.rs"))
    },
    Entry {
        name: "approx_recall",
        rows: &["ApproxMRR / AP / OPA / DCG / precision / recall surrogates"],
        tier: 2,
        aliases: &[("Rax", "recall_metric")],
        inputs: &[SCORES, GRADES, MASK],
        parameters: &[integer("top", 1, 1), TEMPERATURE],
        output: "[…]",
        compute: |given| {
            let (top, temperature) = (given.integer("top"), given.number("temperature"));
            approx_recall(given.tensor("scores"), given.tensor("relevance"), given.optional("mask"), top, temperature)
        },
        average: Some(mean_of_lists),
        ..Entry::of(include_str!("approx_metrics.rs"))
    },
    Entry {
        name: "approx_ordered_pair_accuracy",
        rows: &["ApproxMRR / AP / OPA / DCG / precision / recall surrogates"],
        tier: 2,
        aliases: &[("Rax", "opa_metric")],
        inputs: &[SCORES, RELEVANCE, MASK],
        parameters: &[TEMPERATURE],
        output: "[…]",
        compute: |given| {
            approx_ordered_pair_accuracy(
                given.tensor("scores"),
                given.tensor("relevance"),
                given.optional("mask"),
                given.number("temperature"),
            )
        },
        average: Some(mean_of_lists),
        ..Entry::of(include_str!("approx_metrics.rs"))
    },
    Entry {
        name: "gumbel_approx_ndcg",
        rows: &["Gumbel ApproxNDCG (stochastic treatment)"],
        tier: 2,
        aliases: &[("Rax", "gumbel_t12n")],
        inputs: &[SCORES, GRADES, MASK, real("noise", "[…, samples, items]").fixed()],
        parameters: &[number("beta", 1.0).above(0.0), TEMPERATURE],
        output: "[…]",
        compute: |given| {
            let options = GumbelOptions { beta: given.number("beta"), temperature: given.number("temperature") };
            gumbel_approx_ndcg(
                given.tensor("scores"),
                given.tensor("relevance"),
                given.optional("mask"),
                given.tensor("noise"),
                options,
            )
        },
        average: Some(mean_of_lists),
        ..Entry::of(include_str!("gumbel.rs"))
    },
    Entry {
        name: "neural_ndcg",
        rows: &["NeuralNDCG / NeuralSort"],
        tier: 3,
        aliases: &[("allRank", "neuralNDCG"), ("usual", "NeuralSort")],
        inputs: &[SCORES, GRADES, MASK],
        parameters: &[TEMPERATURE, TOP, integer("iterations", 10, 0)],
        output: "[…]",
        latex: Some(
            r"\begin{aligned} \ell &= -\frac{1}{\mathrm{best}} \sum_{i} \frac{1}{\ln\left(1 + i\right)} \sum_{j} Q_{ij} \, g_j \\ Q &= \mathrm{Sinkhorn}(P) \\ P_{ij} &= \frac{\exp z_{ij}}{\sum_{k} \exp z_{ik}} \\ z_{ij} &= \frac{\left(n + 1 - 2 \, i\right) s_j - \sum_{k} \left|s_j - s_k\right|}{\mathrm{temperature}} \\ g_j &= 2^{y_j} - 1 \\ \mathrm{best} &= \sum_{j} \frac{g_j}{\ln\left(1 + b_j\right)} \end{aligned}",
        ),
        draw: Some(|seed| {
            let scores = distinct(seed, 0.4, 0.06).slice(0, ..2).computed().detach();
            Arguments::new()
                .tensor("scores", scores)
                .tensor("relevance", Tensor::from([[0.0, 2.0, 1.0, 0.0, 3.0]; 2]))
                .number("iterations", 3.0)
        }),
        compute: |given| {
            let options = NeuralNdcgOptions {
                temperature: given.number("temperature"),
                top: top(given),
                iterations: given.integer("iterations"),
            };
            neural_ndcg(given.tensor("scores"), given.tensor("relevance"), given.optional("mask"), options)
        },
        ..Entry::of(include_str!("neural_ndcg.rs"))
    },
    Entry {
        name: "smooth_ap",
        rows: &["Smooth-AP"],
        tier: 2,
        aliases: &[("usual", "SmoothAP")],
        inputs: &[SCORES, GRADES, MASK],
        parameters: &[number("temperature", 0.01).above(0.0)],
        output: "[…]",
        draw: Some(|seed| apart(seed).number("temperature", 0.3)),
        compute: |given| {
            smooth_ap(
                given.tensor("scores"),
                given.tensor("relevance"),
                given.optional("mask"),
                given.number("temperature"),
            )
        },
        ..Entry::of(include_str!("smooth_ap.rs"))
    },
    Entry {
        name: "smooth_ap_of_embeddings",
        rows: &["Smooth-AP"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "SmoothAPLoss")],
        inputs: &[real("embeddings", "[batch, features]"), labels("labels", "[batch]", "batch")],
        parameters: &[number("temperature", 0.01).above(0.0)],
        output: "[batch]",
        draw: Some(|seed| {
            let mut rng = Rng::seed(seed);
            Arguments::new()
                .tensor("embeddings", Tensor::normal([5, 3], &mut rng).cast(DType::F64).computed().detach())
                .tensor("labels", Tensor::from([0i64, 1, 0, 2, 1]))
                .number("temperature", 0.3)
        }),
        compute: |given| {
            smooth_ap_of_embeddings(given.tensor("embeddings"), given.labels("labels"), given.number("temperature"))
        },
        ..Entry::of(include_str!("smooth_ap.rs"))
    },
    Entry {
        name: "bpr",
        rows: &["BPR"],
        tier: 3,
        aliases: &[("usual", "BPR"), ("RecBole", "BPRLoss")],
        inputs: &[real("positive", "[…]"), real("negative", "[…]")],
        output: "[…]",
        compute: |given| bpr(given.tensor("positive"), given.tensor("negative")),
        ..Entry::of(include_str!("recommender.rs"))
    },
    Entry {
        name: "wmrb",
        rows: &["WARP / WMRB"],
        tier: 3,
        aliases: &[("usual", "WMRB"), ("usual", "WARP")],
        inputs: &[real("positive", "[…]"), real("negatives", "[…, items]")],
        parameters: &[number("margin", 1.0)],
        output: "[…]",
        compute: |given| wmrb(given.tensor("positive"), given.tensor("negatives"), given.number("margin")),
        ..Entry::of(include_str!("recommender.rs"))
    },
    Entry {
        name: "top1",
        rows: &["TOP1 / BPR-max (GRU4Rec)"],
        tier: 3,
        aliases: &[("GRU4Rec", "TOP1")],
        inputs: &[real("positive", "[…]"), real("negatives", "[…, items]")],
        output: "[…]",
        compute: |given| top1(given.tensor("positive"), given.tensor("negatives")),
        ..Entry::of(include_str!("recommender.rs"))
    },
    Entry {
        name: "bpr_max",
        rows: &["TOP1 / BPR-max (GRU4Rec)"],
        tier: 3,
        aliases: &[("GRU4Rec", "BPR-max")],
        inputs: &[real("positive", "[…]"), real("negatives", "[…, items]")],
        parameters: &[number("regularization", 0.0).at_least(0.0)],
        output: "[…]",
        compute: |given| bpr_max(given.tensor("positive"), given.tensor("negatives"), given.number("regularization")),
        ..Entry::of(include_str!("recommender.rs"))
    },
];
