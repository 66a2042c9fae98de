//! The entries of this family.

use super::*;
use crate::catalog::*;

const FIRST_VIEWS: Input = real("first_views", "[things, dimensions]");
const SECOND_VIEWS: Input = real("second_views", "[things, dimensions]");
const EMBEDDINGS: Input = real("embeddings", "[things, dimensions]");

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "vicreg",
        rows: &["VICReg"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "VICRegLoss")],
        inputs: &[FIRST_VIEWS, SECOND_VIEWS],
        parameters: &[
            number("invariance", 25.0),
            number("variance", 25.0),
            number("covariance", 1.0),
            number("epsilon", 1e-4).above(0.0),
        ],
        output: "[]",
        compute: |given| {
            let options = VicregOptions {
                invariance: given.number("invariance"),
                variance: given.number("variance"),
                covariance: given.number("covariance"),
                epsilon: given.number("epsilon"),
            };
            vicreg(given.tensor("first_views"), given.tensor("second_views"), options)
        },
        ..Entry::of(include_str!("redundancy.rs"))
    },
    Entry {
        name: "barlow_twins",
        rows: &["Barlow Twins"],
        aliases: &[("lightly", "BarlowTwinsLoss")],
        inputs: &[FIRST_VIEWS, SECOND_VIEWS],
        parameters: &[number("redundancy", 5e-3), number("epsilon", 1e-5).above(0.0)],
        output: "[]",
        compute: |given| {
            let options =
                BarlowTwinsOptions { redundancy: given.number("redundancy"), epsilon: given.number("epsilon") };
            barlow_twins(given.tensor("first_views"), given.tensor("second_views"), options)
        },
        ..Entry::of(include_str!("redundancy.rs"))
    },
    Entry {
        name: "sig_lip",
        rows: &["SigLIP (sigmoid pairwise)"],
        aliases: &[("usual", "SigLIP"), ("usual", "SigLipLoss")],
        inputs: &[real("first", "[pairs, dimensions]"), real("second", "[pairs, dimensions]")],
        parameters: &[number("scale", 10.0), number("bias", -10.0)],
        output: "[pairs]",
        compute: |given| {
            sig_lip(given.tensor("first"), given.tensor("second"), given.number("scale"), given.number("bias"))
        },
        ..Entry::of(include_str!("contrastive.rs"))
    },
    Entry {
        name: "decoupled_contrastive",
        rows: &["DCL (decoupled contrastive) / DCLW"],
        aliases: &[("lightly", "DCLLoss")],
        inputs: &[FIRST_VIEWS, SECOND_VIEWS],
        parameters: &[number("temperature", 0.1).above(0.0)],
        output: "[views]",
        compute: |given| {
            let temperature = given.number("temperature");
            decoupled_contrastive(given.tensor("first_views"), given.tensor("second_views"), temperature)
        },
        latex: Some(
            r"\ell_i = \ln \sum_{j : k_j \ne k_i} e^{s_{ij}} - s_{i,\text{partner}_i}, \quad s_{ij} = \cos(z_i, z_j) / \tau",
        ),
        ..Entry::of(include_str!("contrastive.rs"))
    },
    Entry {
        name: "weighted_decoupled_contrastive",
        rows: &["DCL (decoupled contrastive) / DCLW"],
        aliases: &[("lightly", "DCLWLoss")],
        inputs: &[FIRST_VIEWS, SECOND_VIEWS],
        parameters: &[number("temperature", 0.1).above(0.0), number("sigma", 0.5).above(0.0)],
        output: "[views]",
        compute: |given| {
            let options =
                WeightedDecoupledOptions { temperature: given.number("temperature"), sigma: given.number("sigma") };
            weighted_decoupled_contrastive(given.tensor("first_views"), given.tensor("second_views"), options)
        },
        latex: Some(
            r"\ell_i = \ln \sum_{j : k_j \ne k_i} e^{s_{ij}} - \Bigl(2 - n \frac{e^{c_{k_i} / \sigma}}{\sum_l e^{c_l / \sigma}}\Bigr) s_{i,\text{partner}_i}, \quad s_{ij} = \cos(z_i, z_j) / \tau",
        ),
        ..Entry::of(include_str!("contrastive.rs"))
    },
    Entry {
        name: "debiased_contrastive",
        rows: &["Debiased / hard-negative contrastive (HCL, MoCHi)"],
        aliases: &[("authors", "DCL"), ("authors", "HCL")],
        inputs: &[FIRST_VIEWS, SECOND_VIEWS],
        parameters: &[
            number("temperature", 0.5).above(0.0),
            number("positive_share", 0.1).at_least(0.0).below(1.0),
            number("hardness", 0.0).at_least(0.0),
        ],
        output: "[views]",
        compute: |given| {
            let options = DebiasedContrastiveOptions {
                temperature: given.number("temperature"),
                positive_share: given.number("positive_share"),
                hardness: given.number("hardness"),
            };
            debiased_contrastive(given.tensor("first_views"), given.tensor("second_views"), options)
        },
        latex: Some(
            r"\ell_i = \ln(e^{p_i} + g_i) - p_i, \quad g_i = \max\Bigl(\frac{h_i - n \tau e^{p_i}}{1 - \tau},\ n e^{-1/t}\Bigr), \quad h_i = n \frac{\sum_{j : k_j \ne k_i} e^{(1 + \beta) s_{ij}}}{\sum_{j : k_j \ne k_i} e^{\beta s_{ij}}}",
        ),
        ..Entry::of(include_str!("contrastive.rs"))
    },
    Entry {
        name: "negative_cosine_similarity",
        rows: &["SimSiam / BYOL"],
        aliases: &[("lightly", "NegativeCosineSimilarity"), ("usual", "SimSiam"), ("usual", "BYOL")],
        inputs: &[real("prediction", "[…, dimensions]"), real("target", "[…, dimensions]").fixed()],
        output: "[…]",
        compute: |given| negative_cosine_similarity(given.tensor("prediction"), given.tensor("target")),
        ..Entry::of(include_str!("sphere.rs"))
    },
    Entry {
        name: "alignment",
        rows: &["Alignment & uniformity"],
        aliases: &[("lightly", "HypersphereLoss")],
        inputs: &[FIRST_VIEWS, SECOND_VIEWS],
        parameters: &[number("alpha", 2.0).at_least(1.0)],
        output: "[things]",
        compute: |given| alignment(given.tensor("first_views"), given.tensor("second_views"), given.number("alpha")),
        ..Entry::of(include_str!("sphere.rs"))
    },
    Entry {
        name: "uniformity",
        rows: &["Alignment & uniformity"],
        aliases: &[("lightly", "HypersphereLoss")],
        inputs: &[EMBEDDINGS],
        parameters: &[number("t", 2.0).above(0.0)],
        output: "[]",
        compute: |given| uniformity(given.tensor("embeddings"), given.number("t")),
        ..Entry::of(include_str!("sphere.rs"))
    },
    Entry {
        name: "koleo",
        rows: &["KoLeo (entropy estimator)"],
        aliases: &[("lightly", "KoLeoLoss")],
        inputs: &[EMBEDDINGS],
        parameters: &[number("epsilon", 1e-8).above(0.0)],
        output: "[things]",
        compute: |given| koleo(given.tensor("embeddings"), given.number("epsilon")),
        ..Entry::of(include_str!("sphere.rs"))
    },
    Entry {
        name: "dino",
        rows: &["DINO / iBOT self-distillation CE"],
        aliases: &[("lightly", "DINOLoss"), ("usual", "iBOT")],
        inputs: &[
            real("student_logits", "[things, dimensions]"),
            real("teacher_logits", "[things, dimensions]").fixed(),
            real("center", "[dimensions]").fixed(),
        ],
        parameters: &[number("student_temperature", 0.1).above(0.0), number("teacher_temperature", 0.04).above(0.0)],
        output: "[things]",
        compute: |given| {
            let options = DinoOptions {
                student_temperature: given.number("student_temperature"),
                teacher_temperature: given.number("teacher_temperature"),
            };
            dino(given.tensor("student_logits"), given.tensor("teacher_logits"), given.tensor("center"), options)
        },
        ..Entry::of(include_str!("targets.rs"))
    },
    Entry {
        name: "swav",
        rows: &["SwAV"],
        aliases: &[("lightly", "SwaVLoss")],
        inputs: &[real("scores", "[things, prototypes]"), real("target_scores", "[things, prototypes]").fixed()],
        parameters: &[
            number("temperature", 0.1).above(0.0),
            number("epsilon", 0.05).above(0.0),
            integer("iterations", 3, 1),
        ],
        output: "[things]",
        compute: |given| {
            let options = SwavOptions {
                temperature: given.number("temperature"),
                epsilon: given.number("epsilon"),
                iterations: given.integer("iterations"),
            };
            swav(given.tensor("scores"), given.tensor("target_scores"), options)
        },
        latex: Some(
            r"\ell_i = -\sum_j q_{ij} \ln \frac{e^{s_{ij} / \tau}}{\sum_k e^{s_{ik} / \tau}}, \quad q = \operatorname{diag}(u)\, e^{t / \varepsilon} \operatorname{diag}(v)",
        ),
        ..Entry::of(include_str!("targets.rs"))
    },
];
