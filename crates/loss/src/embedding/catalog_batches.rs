//! The entries of this family that look at all pairs or triplets of a batch.

use minimand_tensor::Tensor;

use super::catalog::*;
use super::*;
use crate::catalog::*;

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "supcon",
        rows: &["SupCon"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "SupConLoss"), ("usual", "SupervisedContrastiveLoss")],
        inputs: BATCH,
        parameters: &[number("temperature", 0.1).above(0.0)],
        output: "[examples]",
        compute: |given| supcon(given.tensor("embeddings"), &labels_of(given, "labels"), given.number("temperature")),
        average: Some(mean_nonzero),
        draw: Some(batch),
        ..Entry::of(include_str!("supcon.rs"))
    },
    Entry {
        name: "n_pairs",
        rows: &["N-pairs"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "NPairsLoss"), ("TensorFlow Addons", "npairs_loss")],
        inputs: BATCH,
        parameters: &[flag("normalize", true)],
        output: "[examples]",
        compute: |given| n_pairs(given.tensor("embeddings"), &labels_of(given, "labels"), given.flag("normalize")),
        average: Some(mean_of_classes),
        draw: Some(batch),
        ..Entry::of(include_str!("n_pairs.rs"))
    },
    Entry {
        name: "multi_similarity",
        rows: &["Multi-similarity"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "MultiSimilarityLoss")],
        inputs: BATCH,
        parameters: &[number("alpha", 2.0).above(0.0), number("beta", 50.0).above(0.0), number("base", 0.5)],
        output: "[examples]",
        compute: |given| {
            let options = MultiSimilarityOptions {
                alpha: given.number("alpha"),
                beta: given.number("beta"),
                base: given.number("base"),
            };
            multi_similarity(given.tensor("embeddings"), &labels_of(given, "labels"), options)
        },
        draw: Some(|seed| batch(seed).number("beta", 8.0)),
        ..Entry::of(include_str!("multi_similarity.rs"))
    },
    Entry {
        name: "circle",
        rows: &["Circle"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "CircleLoss")],
        inputs: BATCH,
        parameters: &[number("margin", 0.4), number("gamma", 80.0).above(0.0)],
        output: "[examples]",
        compute: |given| {
            circle(
                given.tensor("embeddings"),
                &labels_of(given, "labels"),
                CircleOptions { margin: given.number("margin"), gamma: given.number("gamma") },
            )
        },
        average: Some(mean_nonzero),
        draw: Some(batch),
        ..Entry::of(include_str!("circle.rs"))
    },
    Entry {
        name: "lifted_structure",
        rows: &["Lifted structure"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "LiftedStructureLoss")],
        inputs: BATCH,
        parameters: &[
            number("positive_margin", 0.0),
            number("negative_margin", 1.0),
            choice("distance", "euclidean", DISTANCES),
            flag("normalize", true),
        ],
        output: "[examples, examples]",
        compute: |given| {
            lifted_structure(
                given.tensor("embeddings"),
                &labels_of(given, "labels"),
                LiftedStructureOptions {
                    positive_margin: given.number("positive_margin"),
                    negative_margin: given.number("negative_margin"),
                    distance: distance_of(given),
                    normalize: given.flag("normalize"),
                },
            )
        },
        average: Some(mean_of_positives),
        draw: Some(batch),
        ..Entry::of(include_str!("lifted_structure.rs"))
    },
    Entry {
        name: "generalised_lifted_structure",
        rows: &["Generalised lifted structure"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "GeneralizedLiftedStructureLoss")],
        inputs: BATCH,
        parameters: &[
            number("positive_margin", 0.0),
            number("negative_margin", 1.0),
            choice("distance", "euclidean", DISTANCES),
            flag("normalize", true),
        ],
        output: "[examples]",
        compute: |given| {
            generalised_lifted_structure(
                given.tensor("embeddings"),
                &labels_of(given, "labels"),
                LiftedStructureOptions {
                    positive_margin: given.number("positive_margin"),
                    negative_margin: given.number("negative_margin"),
                    distance: distance_of(given),
                    normalize: given.flag("normalize"),
                },
            )
        },
        draw: Some(batch),
        ..Entry::of(include_str!("lifted_structure.rs"))
    },
    Entry {
        name: "angular",
        rows: &["Angular"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "AngularLoss")],
        inputs: BATCH,
        parameters: &[number("alpha", 40.0).above(0.0).below(90.0)],
        output: "[examples, examples]",
        compute: |given| angular(given.tensor("embeddings"), &labels_of(given, "labels"), given.number("alpha")),
        average: Some(mean_of_positives),
        draw: Some(batch),
        ..Entry::of(include_str!("angular.rs"))
    },
    Entry {
        name: "beta_margin",
        rows: &["Margin (distance-weighted, learnable beta)"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "MarginLoss")],
        inputs: &[EMBEDDINGS, LABELS, real("beta", "[…]").optional()],
        parameters: &[number("margin", 0.2), choice("distance", "euclidean", DISTANCES), flag("normalize", true)],
        output: "[examples, examples]",
        compute: |given| {
            let beta = given.optional("beta").cloned().unwrap_or_else(|| Tensor::from(1.2).cast(given.dtype()));
            let options = BetaMarginOptions {
                margin: given.number("margin"),
                distance: distance_of(given),
                normalize: given.flag("normalize"),
            };
            beta_margin(given.tensor("embeddings"), &labels_of(given, "labels"), &beta, options)
        },
        average: Some(mean_of_triplets),
        draw: Some(|seed| batch(seed).tensor("beta", Tensor::from(1.2))),
        ..Entry::of(include_str!("beta_margin.rs"))
    },
    Entry {
        name: "tuplet_margin",
        rows: &["Tuplet margin"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "TupletMarginLoss")],
        inputs: BATCH,
        parameters: &[number("margin", 5.73), number("scale", 64.0).above(0.0)],
        output: "[examples, examples]",
        compute: |given| {
            tuplet_margin(
                given.tensor("embeddings"),
                &labels_of(given, "labels"),
                TupletMarginOptions { margin: given.number("margin"), scale: given.number("scale") },
            )
        },
        average: Some(mean_of_positives),
        draw: Some(|seed| batch(seed).number("scale", 6.0)),
        ..Entry::of(include_str!("tuplet_margin.rs"))
    },
    Entry {
        name: "intra_pair_variance",
        rows: &["Intra-pair variance"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "IntraPairVarianceLoss")],
        inputs: BATCH,
        parameters: &[number("positive_epsilon", 0.01), number("negative_epsilon", 0.01)],
        output: "[examples, examples]",
        compute: |given| {
            let options = IntraPairVarianceOptions {
                positive_epsilon: given.number("positive_epsilon"),
                negative_epsilon: given.number("negative_epsilon"),
            };
            intra_pair_variance(given.tensor("embeddings"), &labels_of(given, "labels"), options)
        },
        average: Some(mean_of_both),
        draw: Some(batch),
        ..Entry::of(include_str!("intra_pair_variance.rs"))
    },
    Entry {
        name: "nca",
        rows: &["NCA"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "NCALoss"), ("usual", "NeighborhoodComponentsAnalysis")],
        inputs: BATCH,
        parameters: &[
            number("scale", 1.0).above(0.0),
            choice("distance", "squared_euclidean", DISTANCES),
            flag("normalize", true),
        ],
        output: "[examples]",
        compute: |given| {
            nca(
                given.tensor("embeddings"),
                &labels_of(given, "labels"),
                NcaOptions {
                    scale: given.number("scale"),
                    distance: distance_of(given),
                    normalize: given.flag("normalize"),
                },
            )
        },
        average: Some(mean_with_positive),
        draw: Some(batch),
        ..Entry::of(include_str!("nca.rs"))
    },
    Entry {
        name: "fast_ap",
        rows: &["FastAP"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "FastAPLoss")],
        inputs: BATCH,
        parameters: &[integer("bins", 10, 1)],
        output: "[examples]",
        compute: |given| fast_ap(given.tensor("embeddings"), &labels_of(given, "labels"), given.integer("bins")),
        average: Some(mean_with_positive),
        draw: Some(|seed| batch(seed).number("bins", 4.0)),
        latex: Some(
            r"\begin{aligned} \ell_i &= 1 - \frac{1}{N^+_i} \sum_{b} \frac{h^+_{ib} H^+_{ib}}{H_{ib}} \\ h^\pm_{ib} &= \sum_{j \in \pm_i} \max\left(1 - \left|d_{ij} - \tfrac{4b}{B}\right| \tfrac{B}{4}, 0\right) \\ H_{ib} &= \sum_{c \le b} h^+_{ic} + h^-_{ic} \end{aligned}",
        ),
        ..Entry::of(include_str!("histogram.rs"))
    },
    Entry {
        name: "histogram",
        rows: &["Histogram loss"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "HistogramLoss")],
        inputs: BATCH,
        parameters: &[integer("bins", 100, 1)],
        output: "[]",
        compute: |given| histogram(given.tensor("embeddings"), &labels_of(given, "labels"), given.integer("bins")),
        draw: Some(|seed| batch(seed).number("bins", 2.0)),
        latex: Some(
            r"\begin{aligned} \ell &= \sum_{b} p^-_b \sum_{c \le b} p^+_c \\ p^\pm_b &= \frac{1}{n^\pm} \sum_{(i, j) \in \pm} \max\left(1 - \left|s_{ij} + 1 - \tfrac{2b}{B}\right| \tfrac{B}{2}, 0\right) \end{aligned}",
        ),
        ..Entry::of(include_str!("histogram.rs"))
    },
    Entry {
        name: "pnp",
        rows: &["PNP"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "PNPLoss")],
        inputs: BATCH,
        parameters: &[
            number("temperature", 0.01).above(0.0),
            choice(
                "variant",
                "original",
                &["original", "decreasing_slow", "decreasing_fast", "increasing_unbounded", "increasing_bounded"],
            ),
            number("alpha", 1.0).above(0.0),
            number("b", 2.0).above(0.0),
        ],
        output: "[examples]",
        compute: |given| {
            let variant = match given.choice("variant") {
                "decreasing_slow" => PnpVariant::DecreasingSlow,
                "decreasing_fast" => PnpVariant::DecreasingFast(given.number("alpha")),
                "increasing_unbounded" => PnpVariant::IncreasingUnbounded,
                "increasing_bounded" => PnpVariant::IncreasingBounded(given.number("b")),
                _ => PnpVariant::Original,
            };
            pnp(
                given.tensor("embeddings"),
                &labels_of(given, "labels"),
                PnpOptions { temperature: given.number("temperature"), variant },
            )
        },
        average: Some(mean_with_positive),
        draw: Some(|seed| batch(seed).number("temperature", 0.3)),
        ..Entry::of(include_str!("pnp.rs"))
    },
    Entry {
        name: "ranked_list",
        rows: &["Ranked list"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "RankedListLoss")],
        inputs: BATCH,
        parameters: &[
            number("margin", 0.4),
            number("boundary", 1.2),
            number("imbalance", 0.5).at_least(0.0).at_most(1.0),
            number("positive_temperature", 0.0),
            number("negative_temperature", 10.0),
            flag("normalize", true),
        ],
        output: "[examples]",
        compute: |given| {
            let options = RankedListOptions {
                margin: given.number("margin"),
                boundary: given.number("boundary"),
                imbalance: given.number("imbalance"),
                positive_temperature: given.number("positive_temperature"),
                negative_temperature: given.number("negative_temperature"),
                normalize: given.flag("normalize"),
            };
            ranked_list(given.tensor("embeddings"), &labels_of(given, "labels"), options)
        },
        draw: Some(batch),
        ..Entry::of(include_str!("ranked_list.rs"))
    },
    Entry {
        name: "tcm",
        rows: &["TCM (threshold-consistent margin)"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "ThresholdConsistentMarginLoss"), ("usual", "TCM")],
        inputs: &[
            EMBEDDINGS,
            LABELS,
            real("references", "[references, dimensions]").optional(),
            whole("reference_labels", "[references]").optional(),
        ],
        parameters: &[
            number("positive_weight", 1.0),
            number("negative_weight", 1.0),
            number("positive_margin", 0.9),
            number("negative_margin", 0.5),
        ],
        output: "[]",
        compute: |given| {
            let options = TcmOptions {
                positive_weight: given.number("positive_weight"),
                negative_weight: given.number("negative_weight"),
                positive_margin: given.number("positive_margin"),
                negative_margin: given.number("negative_margin"),
            };
            let named = labels_of(given, "reference_labels");
            let references = given.optional("references").map(|references| (references, &named));
            tcm(given.tensor("embeddings"), &labels_of(given, "labels"), references, options)
        },
        draw: Some(batch),
        ..Entry::of(include_str!("tcm.rs"))
    },
    Entry {
        name: "instance",
        rows: &["Instance"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "InstanceLoss")],
        inputs: BATCH,
        parameters: &[number("gamma", 64.0)],
        output: "[examples]",
        compute: |given| instance(given.tensor("embeddings"), &labels_of(given, "labels"), given.number("gamma")),
        draw: Some(|seed| batch(seed).number("gamma", 6.0)),
        ..Entry::of(include_str!("instance.rs"))
    },
    Entry {
        name: "dynamic_soft_margin",
        rows: &["Dynamic soft margin"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "DynamicSoftMarginLoss")],
        inputs: &[
            real("anchors", "[pairs, dimensions]"),
            real("positives", "[pairs, dimensions]"),
            non_negative("histogram", "[bins]").fixed(),
        ],
        parameters: &[number("least", -2.0).below(0.0), number("momentum", 0.01).at_least(0.0).at_most(1.0)],
        output: "[pairs]",
        compute: |given| {
            let options = DynamicSoftMarginOptions { least: given.number("least"), momentum: given.number("momentum") };
            dynamic_soft_margin(given.tensor("anchors"), given.tensor("positives"), given.tensor("histogram"), options)
        },
        latex: Some(
            r"\begin{aligned} \ell_i &= \Phi(\Delta_i) \, \Delta_i \\ \Delta_i &= d_{ii} - \min_{j \ne i} \min(d_{ij}, d_{ji}) \\ \Phi(\Delta) &= \sum_{c \le (\Delta - \Delta_0) / w} h_c \end{aligned}",
        ),
        ..Entry::of(include_str!("dynamic_soft_margin.rs"))
    },
];
