//! The entries of this family.

use minimand_tensor::{Rng, Tensor};

use super::pairs::Pairs;
use super::*;
use crate::catalog::*;
use crate::labels::Labels;

pub(super) const EMBEDDINGS: Input = real("embeddings", "[examples, dimensions]");
pub(super) const LABELS: Input = whole("labels", "[examples]");
pub(super) const BATCH: &[Input] = &[EMBEDDINGS, LABELS];
pub(super) const DISTANCES: &[&str] =
    &["euclidean", "squared_euclidean", "manhattan", "cosine", "dot_product", "signal_to_noise"];

/// The labels of that name: classes up to the greatest; those below 0 are moved up with all others.
pub(super) fn labels_of(given: &Given, name: &str) -> Labels {
    let numbers = |name: &str| given.optional(name).map(|labels| labels.to_vec::<i64>()).unwrap_or_default();
    let all: Vec<i64> = ["labels", "reference_labels"].into_iter().flat_map(numbers).collect();
    let least = all.iter().copied().min().unwrap_or(0).min(0);
    let classes = all.iter().max().map_or(0, |greatest| greatest.abs_diff(least) as usize + 1);
    let moved: Vec<i64> = numbers(name).into_iter().map(|label| label - least).collect();
    Labels::new(moved, classes).unwrap_or_else(|error| panic!("{error}"))
}

pub(super) fn distance_of(given: &Given) -> Distance {
    match given.choice("distance") {
        "squared_euclidean" => Distance::SquaredEuclidean,
        "manhattan" => Distance::Manhattan,
        "cosine" => Distance::Cosine,
        "dot_product" => Distance::DotProduct,
        "signal_to_noise" => Distance::SignalToNoise,
        _ => Distance::Euclidean,
    }
}

pub(super) fn pairs_of(given: &Given, loss: &Tensor) -> Pairs {
    Pairs::of(&labels_of(given, "labels"), loss.dtype())
}

/// Like and unlike pairs apart, each over those greater than 0; added.
pub(super) fn nonzero_of_both(given: &Given, loss: &Tensor) -> Tensor {
    let pairs = pairs_of(given, loss);
    Masked::new(loss, &pairs.positive).mean_nonzero() + Masked::new(loss, &pairs.negative).mean_nonzero()
}

pub(super) fn mean_of_both(given: &Given, loss: &Tensor) -> Tensor {
    let pairs = pairs_of(given, loss);
    Masked::new(loss, &pairs.positive).mean() + Masked::new(loss, &pairs.negative).mean()
}

pub(super) fn mean_of_positives(given: &Given, loss: &Tensor) -> Tensor {
    Masked::new(loss, &pairs_of(given, loss).positive).mean()
}

pub(super) fn mean_with_positive(given: &Given, loss: &Tensor) -> Tensor {
    Masked::new(loss, &pairs_of(given, loss).found().0).mean()
}

pub(super) fn mean_nonzero(_: &Given, loss: &Tensor) -> Tensor {
    Masked::new(loss, &loss.ge(f64::NEG_INFINITY)).mean_nonzero()
}

/// The mean over the classes that occur twice.
pub(super) fn mean_of_classes(given: &Given, loss: &Tensor) -> Tensor {
    let paired = labels_of(given, "labels").counts().iter().filter(|&&count| count > 1).count();
    loss.sum() / paired.max(1) as f64
}

/// Over all triplets of an anchor: a like and an unlike pair each, divided by the number of losses greater than 0.
pub(super) fn mean_of_triplets(given: &Given, loss: &Tensor) -> Tensor {
    let pairs = pairs_of(given, loss);
    let partners = |mask: &Tensor| mask.cast(loss.dtype()).sum_keepdim(-1);
    let times = pairs.positive.select(partners(&pairs.negative), pairs.negative.select(partners(&pairs.positive), 0));
    let counted = loss.gt(0).select(&times, 0).sum();
    let none = counted.eq(0);
    none.select(0, (loss * times).sum() / none.select(1, counted))
}

pub(super) fn floats(rng: &mut Rng, shape: &[usize]) -> Tensor {
    let numbers = (0..shape.iter().product()).map(|_| rng.normal()).collect::<Vec<f64>>();
    Tensor::from_vec(numbers, shape)
}

/// Embeddings of three classes, which occur twice or oftener in most batches.
pub(super) fn batch(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed + 7);
    let labels = (0..6).map(|_| rng.below(3) as i64).collect::<Vec<i64>>();
    Arguments::new().tensor("embeddings", floats(&mut rng, &[6, 3])).tensor("labels", Tensor::from_vec(labels, [6]))
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "triplet_margin",
        rows: &["Triplet margin"],
        tier: 1,
        aliases: &[("PyTorch", "TripletMarginLoss"), ("PyTorch", "triplet_margin_loss"), ("Optax", "triplet_loss")],
        inputs: &[
            real("anchor", "[…, dimensions]"),
            real("positive", "[…, dimensions]"),
            real("negative", "[…, dimensions]"),
        ],
        parameters: &[
            number("margin", 1.0).at_least(0.0),
            choice("distance", "euclidean", DISTANCES),
            flag("swap", false),
        ],
        output: "[…]",
        compute: |given| {
            let options = TripletOptions {
                margin: given.number("margin"),
                distance: distance_of(given),
                swap: given.flag("swap"),
            };
            triplet_margin(given.tensor("anchor"), given.tensor("positive"), given.tensor("negative"), options)
        },
        ..Entry::of(include_str!("triplet.rs"))
    },
    Entry {
        name: "triplet_margin_with_distance",
        rows: &["Triplet with custom distance"],
        tier: 1,
        aliases: &[("PyTorch", "TripletMarginWithDistanceLoss"), ("PyTorch", "triplet_margin_with_distance_loss")],
        inputs: &[
            real("anchor", "[…, dimensions]"),
            real("positive", "[…, dimensions]"),
            real("negative", "[…, dimensions]"),
        ],
        parameters: &[
            number("margin", 1.0).at_least(0.0),
            choice("distance", "euclidean", DISTANCES),
            flag("swap", false),
        ],
        output: "[…]",
        compute: |given| {
            let options = TripletWithDistanceOptions { margin: given.number("margin"), swap: given.flag("swap") };
            let distance = distance_of(given);
            triplet_margin_with_distance(
                given.tensor("anchor"),
                given.tensor("positive"),
                given.tensor("negative"),
                |a, b| distance.between(a, b),
                options,
            )
        },
        ..Entry::of(include_str!("triplet.rs"))
    },
    Entry {
        name: "contrastive",
        rows: &["Contrastive (Hadsell)"],
        tier: 1,
        aliases: &[
            ("TensorFlow Addons", "ContrastiveLoss"),
            ("TensorFlow Addons", "contrastive_loss"),
            ("usual", "siamese"),
        ],
        inputs: &[real("first", "[…, dimensions]"), real("second", "[…, dimensions]"), mask("same", "[…]")],
        parameters: &[number("margin", 1.0).above(0.0)],
        output: "[…]",
        compute: |given| {
            contrastive(given.tensor("first"), given.tensor("second"), given.tensor("same"), given.number("margin"))
        },
        ..Entry::of(include_str!("contrastive.rs"))
    },
    Entry {
        name: "contrastive_pairs",
        rows: &["Concepts: reducers / wrappers", "Contrastive (Hadsell)"],
        tier: 1,
        aliases: &[("pytorch-metric-learning", "ContrastiveLoss")],
        inputs: BATCH,
        parameters: &[
            number("positive_margin", 0.0),
            number("negative_margin", 1.0),
            choice("distance", "euclidean", DISTANCES),
            flag("normalize", true),
        ],
        output: "[examples, examples]",
        compute: |given| {
            let options = ContrastivePairsOptions {
                positive_margin: given.number("positive_margin"),
                negative_margin: given.number("negative_margin"),
                distance: distance_of(given),
                normalize: given.flag("normalize"),
            };
            contrastive_pairs(given.tensor("embeddings"), &labels_of(given, "labels"), options)
        },
        average: Some(nonzero_of_both),
        draw: Some(batch),
        ..Entry::of(include_str!("contrastive_pairs.rs"))
    },
    Entry {
        name: "snr_contrastive",
        rows: &["SNR contrastive"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "SignalToNoiseRatioContrastiveLoss")],
        inputs: BATCH,
        parameters: &[number("positive_margin", 0.0), number("negative_margin", 1.0)],
        output: "[examples, examples]",
        compute: |given| {
            let options = SnrContrastiveOptions {
                positive_margin: given.number("positive_margin"),
                negative_margin: given.number("negative_margin"),
            };
            snr_contrastive(given.tensor("embeddings"), &labels_of(given, "labels"), options)
        },
        average: Some(nonzero_of_both),
        draw: Some(batch),
        ..Entry::of(include_str!("contrastive_pairs.rs"))
    },
    Entry {
        name: "batch_hard_triplet",
        rows: &["Triplet margin", "Concepts: miners"],
        tier: 2,
        aliases: &[
            ("pytorch-metric-learning", "BatchHardMiner"),
            ("sentence-transformers", "BatchHardTripletLoss"),
            ("TensorFlow Addons", "TripletHardLoss"),
        ],
        inputs: BATCH,
        parameters: &[
            number("margin", 1.0).at_least(0.0),
            flag("soft", false),
            choice("distance", "euclidean", DISTANCES),
        ],
        output: "[examples]",
        compute: |given| {
            let margin = if given.flag("soft") { Margin::Soft } else { Margin::Hard(given.number("margin")) };
            batch_hard_triplet(
                given.tensor("embeddings"),
                &labels_of(given, "labels"),
                BatchHardOptions { margin, distance: distance_of(given) },
            )
        },
        draw: Some(batch),
        ..Entry::of(include_str!("batch_hard.rs"))
    },
    Entry {
        name: "info_nce",
        rows: &["InfoNCE / NT-Xent"],
        tier: 1,
        aliases: &[("usual", "InfoNCE"), ("sentence-transformers", "MultipleNegativesRankingLoss")],
        inputs: &[real("queries", "[pairs, dimensions]"), real("keys", "[pairs, dimensions]")],
        parameters: &[number("temperature", 0.07).above(0.0)],
        output: "[pairs]",
        compute: |given| info_nce(given.tensor("queries"), given.tensor("keys"), given.number("temperature")),
        ..Entry::of(include_str!("info_nce.rs"))
    },
    Entry {
        name: "info_nce_symmetric",
        rows: &["InfoNCE bidirectional (CLIP)"],
        tier: 3,
        aliases: &[("usual", "CLIP"), ("usual", "clip_loss"), ("OpenCLIP", "ClipLoss")],
        inputs: &[real("first", "[pairs, dimensions]"), real("second", "[pairs, dimensions]")],
        parameters: &[number("temperature", 0.07).above(0.0)],
        output: "[pairs]",
        compute: |given| info_nce_symmetric(given.tensor("first"), given.tensor("second"), given.number("temperature")),
        ..Entry::of(include_str!("info_nce.rs"))
    },
    Entry {
        name: "nt_xent",
        rows: &["InfoNCE / NT-Xent"],
        tier: 1,
        aliases: &[("usual", "NTXent"), ("lightly", "NTXentLoss"), ("Optax", "ntxent"), ("usual", "SimCLR")],
        inputs: &[real("first_views", "[things, dimensions]"), real("second_views", "[things, dimensions]")],
        parameters: &[number("temperature", 0.5).above(0.0)],
        output: "[views]",
        compute: |given| {
            nt_xent(given.tensor("first_views"), given.tensor("second_views"), given.number("temperature"))
        },
        ..Entry::of(include_str!("nt_xent.rs"))
    },
    Entry {
        name: "cosine_embedding",
        rows: &["Cosine embedding"],
        tier: 1,
        aliases: &[("PyTorch", "CosineEmbeddingLoss"), ("PyTorch", "cosine_embedding_loss")],
        inputs: &[real("first", "[…, dimensions]"), real("second", "[…, dimensions]"), signs("target", "[…]")],
        parameters: &[number("margin", 0.0).at_least(-1.0).at_most(1.0)],
        output: "[…]",
        compute: |given| {
            cosine_embedding(
                given.tensor("first"),
                given.tensor("second"),
                given.tensor("target"),
                given.number("margin"),
            )
        },
        ..Entry::of(include_str!("cosine_embedding.rs"))
    },
    Entry {
        name: "hinge_embedding",
        rows: &["Hinge embedding"],
        tier: 1,
        aliases: &[("PyTorch", "HingeEmbeddingLoss"), ("PyTorch", "hinge_embedding_loss")],
        inputs: &[real("distance", "[…]"), signs("target", "[…]")],
        parameters: &[number("margin", 1.0)],
        output: "[…]",
        compute: |given| hinge_embedding(given.tensor("distance"), given.tensor("target"), given.number("margin")),
        ..Entry::of(include_str!("hinge_embedding.rs"))
    },
    Entry {
        name: "pairwise_distance",
        rows: &["Pairwise distance (Lp)", "Concepts: distances"],
        tier: 1,
        aliases: &[("PyTorch", "PairwiseDistance")],
        inputs: &[real("first", "[…, dimensions]"), real("second", "[…, dimensions]")],
        parameters: &[number("p", 2.0).at_least(1.0)],
        output: "[…]",
        compute: |given| pairwise_distance(given.tensor("first"), given.tensor("second"), given.number("p")),
        draw: Some(|seed| {
            // Other powers are not smooth enough for difference quotients.
            let mut rng = Rng::seed(seed);
            let [first, second] = [0, 1].map(|_| floats(&mut rng, &[9, 4]));
            Arguments::new().tensor("first", first).tensor("second", second).number("p", 4.0)
        }),
        ..Entry::of(include_str!("pairwise_distance.rs"))
    },
];
