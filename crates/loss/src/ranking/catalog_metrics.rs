//! The entries of this family that are smooth metrics, or come from recommendation.

use minimand_tensor::{DType, Rng, Tensor};

use super::catalog::*;
use super::*;
use crate::catalog::*;

pub(crate) const ENTRIES: &[Entry] = &[
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
