//! The entries of this family that are margins, sparse, of several labels, of rare classes, or of a teacher.

use minimand_tensor::{Rng, Tensor};

use super::catalog::*;
use super::*;
use crate::catalog::*;

const COUNTS: Input = counts("counts", "[classes]");
const TARGETS: Input = binary("target", "[…, classes]");
const SIGN: Option<Estimate> =
    Some(Estimate { statistic: Statistic::Mode, target: "target", prediction: "prediction", link: Link::Sign });

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "hinge",
        rows: &["Hinge (binary)"],
        tier: 2,
        aliases: &[("Optax", "hinge_loss"), ("Keras", "Hinge")],
        inputs: SIGNED,
        output: "[…]",
        estimates: SIGN,
        compute: |given| hinge(given.tensor("prediction"), given.tensor("target")),
        ..Entry::of(include_str!("hinge.rs"))
    },
    Entry {
        name: "squared_hinge",
        rows: &["Squared hinge"],
        tier: 2,
        aliases: &[("Keras", "SquaredHinge")],
        inputs: SIGNED,
        output: "[…]",
        estimates: mean_of_target("prediction", Link::Identity),
        compute: |given| squared_hinge(given.tensor("prediction"), given.tensor("target")),
        ..Entry::of(include_str!("hinge.rs"))
    },
    Entry {
        name: "perceptron",
        rows: &["Perceptron (binary)"],
        tier: 2,
        aliases: &[("Optax", "perceptron_loss")],
        inputs: SIGNED,
        output: "[…]",
        compute: |given| perceptron(given.tensor("prediction"), given.tensor("target")),
        ..Entry::of(include_str!("hinge.rs"))
    },
    Entry {
        name: "soft_margin",
        rows: &["Soft margin (logistic on +-1)"],
        tier: 1,
        aliases: &[("PyTorch", "SoftMarginLoss"), ("PyTorch", "soft_margin_loss")],
        inputs: SIGNED,
        output: "[…]",
        estimates: mean_of_target("prediction", Link::HalfTangent),
        compute: |given| soft_margin(given.tensor("prediction"), given.tensor("target")),
        ..Entry::of(include_str!("hinge.rs"))
    },
    Entry {
        name: "multi_margin",
        rows: &["Multi-margin (Weston-Watkins)"],
        tier: 1,
        aliases: &[("PyTorch", "MultiMarginLoss"), ("PyTorch", "multi_margin_loss")],
        inputs: &[SCORES, LABELS, CLASS_WEIGHTS],
        parameters: &[number("margin", 1.0), number("power", 1.0).at_least(1.0).at_most(2.0), IGNORED],
        output: "[…]",
        compute: |given| {
            let class_weights = given.optional("class_weights").cloned();
            let (margin, power) = (given.number("margin"), given.number("power"));
            let options = MultiMarginOptions { margin, power, class_weights };
            multi_margin(given.tensor("scores"), given.labels("labels"), options)
        },
        average: Some(over_labels),
        draw: Some(|seed| weighted(seed, "scores").0.number("power", 1.0 + (seed % 2) as f64)),
        ..Entry::of(include_str!("multi_margin.rs"))
    },
    Entry {
        name: "multiclass_hinge",
        rows: &["Multiclass hinge (Crammer-Singer)"],
        tier: 2,
        aliases: &[("Optax", "multiclass_hinge_loss")],
        inputs: &[SCORES, LABELS],
        parameters: &[IGNORED],
        output: "[…]",
        compute: |given| multiclass_hinge(given.tensor("scores"), given.labels("labels")),
        average: Some(over_labels),
        ..Entry::of(include_str!("multi_margin.rs"))
    },
    Entry {
        name: "categorical_hinge",
        rows: &["Categorical hinge (keras)"],
        tier: 2,
        aliases: &[("Keras", "CategoricalHinge")],
        inputs: &[SCORES, TARGETS],
        output: "[…]",
        compute: |given| categorical_hinge(given.tensor("scores"), given.tensor("target")),
        ..Entry::of(include_str!("multi_margin.rs"))
    },
    Entry {
        name: "multiclass_perceptron",
        rows: &["Multiclass perceptron"],
        tier: 2,
        aliases: &[("Optax", "multiclass_perceptron_loss")],
        inputs: &[SCORES, LABELS],
        parameters: &[IGNORED],
        output: "[…]",
        compute: |given| multiclass_perceptron(given.tensor("scores"), given.labels("labels")),
        average: Some(over_labels),
        ..Entry::of(include_str!("multi_margin.rs"))
    },
    Entry {
        name: "multi_label_margin",
        rows: &["Multi-label margin"],
        tier: 1,
        aliases: &[("PyTorch", "MultiLabelMarginLoss"), ("PyTorch", "multilabel_margin_loss")],
        inputs: &[real("scores", "[batch, classes]"), label_lists("labels", "[batch, length]", "classes")],
        output: "[batch]",
        compute: |given| multi_label_margin(given.tensor("scores"), given.label_lists("labels")),
        latex: Some(r"\ell_i = \frac{1}{C} \sum_{j, k} n_{ij} [n_{ik} = 0] \max(1 - (x_{ij} - x_{ik}), 0)"),
        ..Entry::of(include_str!("multi_label.rs"))
    },
    Entry {
        name: "multi_label_soft_margin",
        rows: &["Multi-label soft margin"],
        tier: 1,
        aliases: &[("PyTorch", "MultiLabelSoftMarginLoss"), ("PyTorch", "multilabel_soft_margin_loss")],
        inputs: &[LOGITS, unit("target", "[…, classes]"), CLASS_WEIGHTS],
        output: "[…]",
        compute: |given| {
            let w = given.optional("class_weights");
            multi_label_soft_margin(given.tensor("logits"), given.tensor("target"), w)
        },
        draw: Some(|seed| {
            let mut rng = Rng::seed(seed + 91);
            let mut uniform = |shape: &[usize]| {
                let count = shape.iter().product();
                Tensor::from_vec((0..count).map(|_| rng.uniform()).collect::<Vec<f64>>(), shape.to_vec())
            };
            Arguments::new()
                .tensor("logits", (6.0 * uniform(&[5, 4]) - 3.0).computed().detach())
                .tensor("target", uniform(&[5, 4]))
                .tensor("class_weights", uniform(&[4]))
        }),
        ..Entry::of(include_str!("multi_label.rs"))
    },
    Entry {
        name: "asymmetric",
        rows: &["Asymmetric loss (ASL)"],
        aliases: &[("timm", "AsymmetricLossMultiLabel"), ("usual", "ASL")],
        inputs: &[BINARY_LOGITS, BINARY_TARGET],
        parameters: &[
            number("gamma_positive", 1.0).at_least(0.0).below(f64::INFINITY),
            number("gamma_negative", 4.0).at_least(0.0).below(f64::INFINITY),
            number("clip", 0.05).at_least(0.0).below(1.0),
        ],
        output: "[…]",
        compute: |given| {
            let options = AsymmetricOptions {
                gamma_positive: given.number("gamma_positive"),
                gamma_negative: given.number("gamma_negative"),
                clip: given.number("clip"),
            };
            asymmetric(given.tensor("logits"), given.tensor("target"), options)
        },
        ..Entry::of(include_str!("asymmetric.rs"))
    },
    Entry {
        name: "zlpr",
        rows: &["ZLPR / two-way / distribution-balanced multilabel"],
        aliases: &[("usual", "multilabel_categorical_crossentropy")],
        inputs: &[SCORES, TARGETS],
        output: "[…]",
        compute: |given| zlpr(given.tensor("scores"), given.tensor("target")),
        ..Entry::of(include_str!("asymmetric.rs"))
    },
    Entry {
        name: "poly1_cross_entropy",
        rows: &["Poly loss (Poly-1 CE)"],
        tier: 2,
        aliases: &[("Optax", "poly_loss_cross_entropy")],
        inputs: &[LOGITS, LABELS],
        parameters: &[number("epsilon", 2.0), IGNORED],
        output: "[…]",
        compute: |given| poly1_cross_entropy(given.tensor("logits"), given.labels("labels"), given.number("epsilon")),
        average: Some(over_labels),
        ..Entry::of(include_str!("poly1.rs"))
    },
    Entry {
        name: "generalised_cross_entropy",
        rows: &["GCE (generalised CE, Lq)"],
        tier: 2,
        aliases: &[("Keras", "CategoricalGeneralizedCrossEntropy"), ("usual", "GCE")],
        inputs: &[LOGITS, LABELS],
        parameters: &[number("q", 0.7).at_least(0.0).at_most(1.0), IGNORED],
        output: "[…]",
        compute: |given| generalised_cross_entropy(given.tensor("logits"), given.labels("labels"), given.number("q")),
        average: Some(over_labels),
        ..Entry::of(include_str!("generalised_cross_entropy.rs"))
    },
    Entry {
        name: "sparsemax",
        rows: &["Sparsemax loss (binary & multiclass)"],
        tier: 2,
        aliases: &[("Optax", "multiclass_sparsemax_loss"), ("entmax", "SparsemaxLoss")],
        inputs: &[SCORES, LABELS],
        parameters: &[IGNORED],
        output: "[…]",
        compute: |given| sparsemax(given.tensor("scores"), given.labels("labels")),
        average: Some(over_labels),
        ..Entry::of(include_str!("sparsemax.rs"))
    },
    Entry {
        name: "binary_sparsemax",
        rows: &["Sparsemax loss (binary & multiclass)"],
        tier: 2,
        aliases: &[("Optax", "sparsemax_loss")],
        inputs: &[BINARY_LOGITS, BINARY_TARGET],
        output: "[…]",
        compute: |given| binary_sparsemax(given.tensor("logits"), given.tensor("target")),
        ..Entry::of(include_str!("sparsemax.rs"))
    },
    Entry {
        name: "entmax",
        rows: &["Entmax / Tsallis-1.5 loss"],
        aliases: &[("entmax", "entmax_bisect_loss"), ("entmax", "Entmax15Loss")],
        inputs: &[SCORES, LABELS],
        parameters: &[number("alpha", 1.5).above(1.0).at_most(2.0), IGNORED],
        output: "[…]",
        compute: |given| entmax(given.tensor("scores"), given.labels("labels"), given.number("alpha")),
        average: Some(over_labels),
        latex: Some(
            r"\ell = \sum_j p_j x_j - x_y + \frac{1 - \sum_j p_j^\alpha}{\alpha (\alpha - 1)}, \quad p_j = \max((\alpha - 1) x_j - \tau, 0)^{1 / (\alpha - 1)}, \quad \sum_j p_j = 1",
        ),
        ..Entry::of(include_str!("sparsemax.rs"))
    },
    Entry {
        name: "fenchel_young",
        rows: &["Fenchel-Young loss (generator)"],
        tier: 2,
        aliases: &[("Optax", "make_fenchel_young_loss")],
        inputs: &[SCORES, distribution("target", "[…, classes]")],
        parameters: &[choice("regulariser", "shannon", &["shannon", "gini"])],
        output: "[…]",
        compute: |given| {
            let regulariser = match given.choice("regulariser") {
                "gini" => Regulariser::Tsallis { alpha: 2.0 },
                _ => Regulariser::Shannon,
            };
            fenchel_young(given.tensor("scores"), given.tensor("target"), |x| regulariser.maximum(x))
        },
        latex: Some(
            r"\ell = \Omega^*(x) - \sum_j x_j t_j, \quad \Omega^*(x) = \max_{p \in \Delta} \sum_j p_j x_j - \Omega(p)",
        ),
        ..Entry::of(include_str!("sparsemax.rs"))
    },
    Entry {
        name: "logit_adjusted_cross_entropy",
        rows: &["Logit-adjusted CE / balanced softmax"],
        aliases: &[("usual", "balanced_softmax"), ("usual", "logit_adjustment")],
        inputs: &[LOGITS, LABELS, non_negative("prior", "[classes]").fixed()],
        parameters: &[number("tau", 1.0), IGNORED],
        output: "[…]",
        compute: |given| {
            let (logits, prior) = (given.tensor("logits"), given.tensor("prior"));
            logit_adjusted_cross_entropy(logits, given.labels("labels"), prior, given.number("tau"))
        },
        average: Some(over_labels),
        ..Entry::of(include_str!("imbalance.rs"))
    },
    Entry {
        name: "ldam",
        rows: &["LDAM"],
        aliases: &[("usual", "LDAMLoss")],
        inputs: &[LOGITS, LABELS, COUNTS],
        parameters: &[number("max_margin", 0.5), number("scale", 30.0).above(0.0), IGNORED],
        output: "[…]",
        compute: |given| {
            let options = LdamOptions { max_margin: given.number("max_margin"), scale: given.number("scale") };
            ldam(given.tensor("logits"), given.labels("labels"), given.tensor("counts"), options)
        },
        average: Some(over_labels),
        ..Entry::of(include_str!("imbalance.rs"))
    },
    Entry {
        name: "class_balanced_cross_entropy",
        rows: &["Class-balanced weighting"],
        aliases: &[("usual", "effective_number"), ("usual", "CBLoss")],
        inputs: &[LOGITS, LABELS, COUNTS],
        parameters: &[number("beta", 0.9999).at_least(0.0).below(1.0), IGNORED],
        output: "[…]",
        compute: |given| {
            let (logits, counts) = (given.tensor("logits"), given.tensor("counts"));
            class_balanced_cross_entropy(logits, given.labels("labels"), counts, given.number("beta"))
        },
        average: Some(over_labels),
        ..Entry::of(include_str!("imbalance.rs"))
    },
    Entry {
        name: "distillation",
        rows: &["Knowledge distillation (KD)"],
        tier: 2,
        aliases: &[("Keras", "LogitsDistillation"), ("usual", "knowledge_distillation")],
        inputs: &[LOGITS, real("teacher_logits", "[…, classes]").fixed()],
        parameters: &[number("temperature", 3.0).above(0.0)],
        output: "[…]",
        compute: |given| {
            distillation(given.tensor("logits"), given.tensor("teacher_logits"), given.number("temperature"))
        },
        ..Entry::of(include_str!("distillation.rs"))
    },
    Entry {
        name: "feature_distillation",
        rows: &["Feature distillation (FitNets)"],
        tier: 2,
        aliases: &[("Keras", "FeatureDistillation"), ("usual", "FitNets")],
        inputs: &[real("features", "[…]"), real("teacher_features", "[…]").fixed()],
        output: "[…]",
        compute: |given| feature_distillation(given.tensor("features"), given.tensor("teacher_features")),
        ..Entry::of(include_str!("distillation.rs"))
    },
    Entry {
        name: "z_loss",
        rows: &["Z-loss (logit normaliser)"],
        aliases: &[("usual", "router_z_loss")],
        inputs: &[LOGITS],
        output: "[…]",
        compute: |given| z_loss(given.tensor("logits")),
        ..Entry::of(include_str!("consistency.rs"))
    },
    Entry {
        name: "jensen_shannon_consistency",
        rows: &["Jensen-Shannon consistency (AugMix)"],
        aliases: &[("timm", "JsdCrossEntropy"), ("usual", "AugMix")],
        inputs: &[real("logits", "[views, batch, classes]")],
        output: "[batch]",
        compute: |given| jensen_shannon_consistency(given.tensor("logits")),
        ..Entry::of(include_str!("consistency.rs"))
    },
];
