//! The entries of this family.

use minimand_tensor::{Rng, Tensor};

use super::*;
use crate::catalog::*;
use crate::labels::Labels;

pub(super) const LOGITS: Input = real("logits", "[…, classes]");
pub(super) const SCORES: Input = real("scores", "[…, classes]");
pub(super) const LABELS: Input = labels("labels", "[…]", "classes");
pub(super) const CLASS_WEIGHTS: Input = non_negative("class_weights", "[classes]").fixed().optional();
pub(super) const BINARY_LOGITS: Input = real("logits", "[…]");
pub(super) const BINARY_TARGET: Input = unit("target", "[…]");
pub(super) const SIGNED: &[Input] = &[real("prediction", "[…]"), signs("target", "[…]")];
/// The label that stands for none.
pub(super) const IGNORED: Parameter = integer("ignored", -100, i64::MIN);
const LABEL_SMOOTHING: Parameter = number("label_smoothing", 0.0).at_least(0.0).at_most(1.0);
const GAMMA: Parameter = number("gamma", 2.0).at_least(0.0).below(f64::INFINITY);
const ALPHA: Parameter = number("alpha", 0.25).at_least(0.0).at_most(1.0).optional();

/// The mean over the labels that are not ignored.
pub(super) fn over_labels(given: &Given, loss: &Tensor) -> Tensor {
    given.labels("labels").mean(loss, None)
}

/// The same, but a label counts by the weight of its class.
pub(super) fn over_weights(given: &Given, loss: &Tensor) -> Tensor {
    given.labels("labels").mean(loss, given.optional("class_weights"))
}

fn options(given: &Given) -> CrossEntropyOptions {
    CrossEntropyOptions {
        class_weights: given.optional("class_weights").cloned(),
        label_smoothing: given.number("label_smoothing"),
    }
}

/// Scores, labels and what else; with class weights, which random arguments leave out.
pub(super) fn weighted(seed: u64, scores: &str) -> (Arguments, Rng) {
    let mut rng = Rng::seed(seed + 31);
    let numbers = normal([5, 4], &mut rng);
    let labels: Vec<i64> = (0..5).map(|_| rng.below(4) as i64).collect();
    let weights = Tensor::from((0..4).map(|_| 0.2 + rng.uniform()).collect::<Vec<f64>>());
    let arguments = Arguments::new().tensor(scores, numbers).tensor("labels", Tensor::from(labels));
    (arguments.tensor("class_weights", weights), rng)
}

pub(super) fn normal<const N: usize>(shape: [usize; N], rng: &mut Rng) -> Tensor {
    let count = shape.iter().product();
    Tensor::from_vec((0..count).map(|_| rng.normal()).collect::<Vec<f64>>(), shape)
}

/// The clusters of an adaptive softmax as tensors of their own, as many as there are.
fn clusters(given: &Given) -> Vec<Cluster> {
    let names = [("projection_1", "output_1"), ("projection_2", "output_2"), ("projection_3", "output_3")];
    let cluster = |&(projection, output): &(&str, &str)| {
        let (projection, output) = (given.optional(projection)?.clone(), given.optional(output)?.clone());
        Some(Cluster { projection, output })
    };
    names.iter().map_while(cluster).collect()
}

fn adaptive(given: &Given) -> Tensor {
    let (clusters, head) = (clusters(given), given.tensor("head"));
    let rare: usize = clusters.iter().map(|cluster| cluster.output.shape()[0]).sum();
    let classes = head.shape()[0].saturating_sub(clusters.len()) + rare;
    let numbers: Vec<i64> = given.tensor("labels").to_vec();
    let ignored = given.number("ignored") as i64;
    let labels = if numbers.contains(&ignored) {
        Labels::with_ignored(numbers, classes, ignored)
    } else {
        Labels::new(numbers, classes)
    };
    let labels = labels.unwrap_or_else(|error| panic!("adaptive_softmax: labels: {error}"));
    let labels = labels.reshape(given.tensor("labels").shape());
    adaptive_softmax(given.tensor("hidden"), head, given.optional("head_bias"), &clusters, &labels)
}

/// Two frequent classes, clusters of three and two.
fn adaptive_arguments(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed + 77);
    let labels: Vec<i64> = (0..4).map(|_| rng.below(7) as i64).collect();
    Arguments::new()
        .tensor("hidden", normal([4, 3], &mut rng))
        .tensor("head", normal([4, 3], &mut rng))
        .tensor("head_bias", normal([4], &mut rng))
        .tensor("projection_1", normal([2, 3], &mut rng))
        .tensor("output_1", normal([3, 2], &mut rng))
        .tensor("projection_2", normal([1, 3], &mut rng))
        .tensor("output_2", normal([2, 1], &mut rng))
        .tensor("labels", Tensor::from(labels))
}

pub(super) const fn mean_of_target(prediction: &'static str, link: Link) -> Option<Estimate> {
    Some(Estimate { statistic: Statistic::Mean, target: "target", prediction, link })
}

/// Random logits, targets of 0 and 1, and the parameter that would be left out.
fn focal_arguments(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed + 53);
    let logits = normal([9], &mut rng) * 2.0;
    let target = Tensor::from((0..9).map(|_| f64::from(u8::from(rng.uniform() < 0.5))).collect::<Vec<f64>>());
    let logits = logits.computed().detach();
    Arguments::new().tensor("logits", logits).tensor("target", target).number("alpha", 0.3)
}

/// Losses that are likelihoods of the classes, and their variations.
pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "binary_cross_entropy_with_logits",
        rows: &["BCE with logits"],
        tier: 1,
        aliases: &[
            ("PyTorch", "BCEWithLogitsLoss"),
            ("Keras", "BinaryCrossentropy"),
            ("Optax", "sigmoid_binary_cross_entropy"),
            ("usual", "logistic_loss"),
        ],
        inputs: &[BINARY_LOGITS, BINARY_TARGET],
        output: "[…]",
        estimates: mean_of_target("logits", Link::Logistic),
        compute: |given| binary_cross_entropy_with_logits(given.tensor("logits"), given.tensor("target")),
        ..Entry::of(include_str!("binary.rs"))
    },
    Entry {
        name: "weighted_binary_cross_entropy_with_logits",
        rows: &["BCE with logits"],
        tier: 1,
        aliases: &[("PyTorch", "pos_weight"), ("usual", "weighted_cross_entropy_with_logits")],
        inputs: &[BINARY_LOGITS, BINARY_TARGET, non_negative("positive_weight", "[…]")],
        output: "[…]",
        compute: |given| {
            let w = given.tensor("positive_weight");
            weighted_binary_cross_entropy_with_logits(given.tensor("logits"), given.tensor("target"), w)
        },
        ..Entry::of(include_str!("binary.rs"))
    },
    Entry {
        name: "binary_cross_entropy",
        rows: &["Binary CE on probabilities"],
        tier: 1,
        aliases: &[("PyTorch", "BCELoss")],
        inputs: &[unit("probabilities", "[…]"), BINARY_TARGET],
        output: "[…]",
        estimates: mean_of_target("probabilities", Link::Identity),
        compute: |given| binary_cross_entropy(given.tensor("probabilities"), given.tensor("target")),
        draw: Some(|seed| {
            let mut rng = Rng::seed(seed + 13);
            let mut within = || Tensor::from((0..9).map(|_| 0.2 + 0.6 * rng.uniform()).collect::<Vec<f64>>());
            Arguments::new().tensor("probabilities", within()).tensor("target", within())
        }),
        ..Entry::of(include_str!("binary_probabilities.rs"))
    },
    Entry {
        name: "cross_entropy",
        rows: &["Cross-entropy (index or probability target)", "Label smoothing"],
        tier: 1,
        aliases: &[
            ("PyTorch", "CrossEntropyLoss"),
            ("Keras", "SparseCategoricalCrossentropy"),
            ("Optax", "softmax_cross_entropy_with_integer_labels"),
            ("Rax", "softmax_loss"),
        ],
        inputs: &[LOGITS, LABELS, CLASS_WEIGHTS],
        parameters: &[LABEL_SMOOTHING, IGNORED],
        output: "[…]",
        compute: |given| cross_entropy_with(given.tensor("logits"), given.labels("labels"), options(given)),
        average: Some(over_weights),
        ..Entry::of(include_str!("cross_entropy.rs"))
    },
    Entry {
        name: "cross_entropy_with_probabilities",
        rows: &["Cross-entropy (index or probability target)", "Safe CE (masked -inf logits)", "Label smoothing"],
        tier: 1,
        aliases: &[
            ("Keras", "CategoricalCrossentropy"),
            ("Optax", "softmax_cross_entropy"),
            ("Optax", "safe_softmax_cross_entropy"),
            ("timm", "SoftTargetCrossEntropy"),
        ],
        inputs: &[LOGITS, distribution("probabilities", "[…, classes]"), CLASS_WEIGHTS],
        parameters: &[LABEL_SMOOTHING],
        output: "[…]",
        compute: |given| {
            cross_entropy_with_probabilities(given.tensor("logits"), given.tensor("probabilities"), options(given))
        },
        ..Entry::of(include_str!("probabilities.rs"))
    },
    Entry {
        name: "negative_log_likelihood",
        rows: &["NLL (log-prob input)"],
        tier: 1,
        aliases: &[("PyTorch", "NLLLoss"), ("PyTorch", "nll_loss")],
        inputs: &[log_distribution("log_probabilities", "[…, classes]"), LABELS, CLASS_WEIGHTS],
        parameters: &[LABEL_SMOOTHING, IGNORED],
        output: "[…]",
        compute: |given| {
            negative_log_likelihood(given.tensor("log_probabilities"), given.labels("labels"), options(given))
        },
        average: Some(over_weights),
        ..Entry::of(include_str!("likelihood.rs"))
    },
    Entry {
        name: "linear_cross_entropy",
        rows: &["Linear (fused) cross-entropy"],
        tier: 1,
        aliases: &[("PyTorch", "LinearCrossEntropyLoss"), ("usual", "fused_linear_cross_entropy")],
        inputs: &[
            real("hidden", "[…, features]"),
            real("weight", "[classes, features]"),
            real("bias", "[classes]").optional(),
            LABELS,
            CLASS_WEIGHTS,
        ],
        parameters: &[integer("chunk", 1024, 1), LABEL_SMOOTHING, IGNORED],
        output: "[…]",
        compute: |given| {
            let options = LinearCrossEntropyOptions {
                chunk: given.integer("chunk"),
                class_weights: given.optional("class_weights").cloned(),
                label_smoothing: given.number("label_smoothing"),
            };
            let (hidden, weight, bias) = (given.tensor("hidden"), given.tensor("weight"), given.optional("bias"));
            linear_cross_entropy(hidden, weight, bias, given.labels("labels"), options)
        },
        average: Some(over_weights),
        draw: Some(|seed| {
            let (arguments, mut rng) = weighted(seed, "hidden");
            let (weight, bias) = (normal([4, 4], &mut rng), normal([4], &mut rng));
            arguments.tensor("weight", weight).tensor("bias", bias).number("chunk", 2.0)
        }),
        ..Entry::of(include_str!("linear_cross_entropy.rs"))
    },
    Entry {
        name: "adaptive_softmax",
        rows: &["Adaptive softmax with loss"],
        tier: 1,
        aliases: &[("PyTorch", "AdaptiveLogSoftmaxWithLoss")],
        inputs: &[
            real("hidden", "[…, features]"),
            real("head", "[entries, features]"),
            real("head_bias", "[entries]").optional(),
            real("projection_1", "[first, features]").optional(),
            real("output_1", "[classes_1, first]").optional(),
            real("projection_2", "[second, features]").optional(),
            real("output_2", "[classes_2, second]").optional(),
            real("projection_3", "[third, features]").optional(),
            real("output_3", "[classes_3, third]").optional(),
            whole("labels", "[…]"),
        ],
        parameters: &[IGNORED],
        output: "[…]",
        compute: adaptive,
        latex: Some(
            r"\ell = \begin{cases} -\ln p_y & y < S \\ -\ln p_{S + c(y)} - \ln r_y & \text{else} \end{cases}, \quad p = \operatorname{softmax}(H h), \quad r = \operatorname{softmax}(O_{c(y)} P_{c(y)} h)",
        ),
        draw: Some(adaptive_arguments),
        ..Entry::of(include_str!("adaptive_softmax.rs"))
    },
    Entry {
        name: "binary_focal",
        rows: &["Focal (sigmoid)"],
        tier: 1,
        aliases: &[
            ("torchvision", "sigmoid_focal_loss"),
            ("Keras", "BinaryFocalCrossentropy"),
            ("usual", "focal_loss"),
        ],
        inputs: &[BINARY_LOGITS, BINARY_TARGET],
        parameters: &[ALPHA, GAMMA],
        output: "[…]",
        compute: |given| {
            let options = FocalOptions { alpha: given.optional_number("alpha"), gamma: given.number("gamma") };
            binary_focal(given.tensor("logits"), given.tensor("target"), options)
        },
        ..Entry::of(include_str!("focal.rs"))
    },
    Entry {
        name: "categorical_focal",
        rows: &["Focal (softmax)"],
        tier: 1,
        aliases: &[("Keras", "CategoricalFocalCrossentropy"), ("usual", "focal_loss")],
        inputs: &[LOGITS, LABELS, CLASS_WEIGHTS],
        parameters: &[GAMMA, IGNORED],
        output: "[…]",
        compute: |given| {
            let class_weights = given.optional("class_weights").cloned();
            let options = CategoricalFocalOptions { class_weights, gamma: given.number("gamma") };
            categorical_focal(given.tensor("logits"), given.labels("labels"), options)
        },
        average: Some(over_weights),
        ..Entry::of(include_str!("focal.rs"))
    },
    Entry {
        name: "reduced_focal",
        rows: &["Reduced / normalised focal"],
        tier: 2,
        aliases: &[("segmentation_models_pytorch", "reduced_threshold")],
        inputs: &[BINARY_LOGITS, BINARY_TARGET.fixed()],
        parameters: &[ALPHA, GAMMA, number("threshold", 0.5).above(0.0).at_most(1.0)],
        output: "[…]",
        compute: |given| {
            let options = ReducedFocalOptions {
                alpha: given.optional_number("alpha"),
                gamma: given.number("gamma"),
                threshold: given.number("threshold"),
            };
            reduced_focal(given.tensor("logits"), given.tensor("target"), options)
        },
        draw: Some(focal_arguments),
        ..Entry::of(include_str!("focal_variants.rs"))
    },
    Entry {
        name: "normalised_focal",
        rows: &["Reduced / normalised focal"],
        tier: 2,
        aliases: &[("usual", "NormalizedFocalLoss")],
        inputs: &[BINARY_LOGITS, BINARY_TARGET.fixed()],
        parameters: &[ALPHA, GAMMA, number("epsilon", 1e-6).above(0.0)],
        output: "[…]",
        compute: |given| {
            let options = NormalisedFocalOptions {
                alpha: given.optional_number("alpha"),
                gamma: given.number("gamma"),
                epsilon: given.number("epsilon"),
            };
            normalised_focal(given.tensor("logits"), given.tensor("target"), options)
        },
        draw: Some(focal_arguments),
        ..Entry::of(include_str!("focal_variants.rs"))
    },
];
