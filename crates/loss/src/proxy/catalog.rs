//! The entries of this family.

use std::f64::consts::PI;

use minimand_tensor::{Rng, Tensor};

use super::*;
use crate::catalog::*;

const EMBEDDINGS: Input = real("embeddings", "[examples, dimensions]");
const WEIGHTS: Input = real("weights", "[classes, dimensions]");
const PROXIES: Input = real("proxies", "[classes, dimensions]");
const LABELS: Input = labels("labels", "[examples]", "classes");
const IGNORED: Parameter = integer("ignored", -100, i64::MIN).optional();

/// The mean over the labels that count.
fn average(given: &Given, loss: &Tensor) -> Tensor {
    given.labels("labels").mean(loss, None)
}

/// Arguments with logits that are not so steep that differences could not tell their slope.
fn gentle(seed: u64, length: f64, weights: &[usize]) -> Arguments {
    let mut rng = Rng::seed(seed + 23);
    let mut normal = |scale: f64, shape: &[usize]| {
        let count = shape.iter().product();
        Tensor::from_vec((0..count).map(|_| scale * rng.normal()).collect::<Vec<f64>>(), shape.to_vec())
    };
    let (embeddings, weights) = (normal(length, &[4, 3]), normal(1.0, weights));
    let labels: Vec<i64> = (0..4).map(|_| rng.below(5) as i64).collect();
    Arguments::new()
        .tensor("embeddings", embeddings)
        .tensor("weights", weights)
        .tensor("labels", Tensor::from(labels))
        .number("scale", 4.0)
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "proxy_nca",
        rows: &["ProxyNCA"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "ProxyNCALoss"), ("usual", "ProxyNCA++")],
        inputs: &[EMBEDDINGS, PROXIES, LABELS],
        parameters: &[IGNORED, number("scale", 1.0).above(0.0)],
        output: "[examples]",
        compute: |given| {
            proxy_nca(
                given.tensor("embeddings"),
                given.labels("labels"),
                given.tensor("proxies"),
                given.number("scale"),
            )
        },
        average: Some(average),
        ..Entry::of(include_str!("proxies.rs"))
    },
    Entry {
        name: "proxy_anchor",
        rows: &["ProxyAnchor"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "ProxyAnchorLoss")],
        inputs: &[EMBEDDINGS, PROXIES, LABELS],
        parameters: &[IGNORED, number("margin", 0.1), number("alpha", 32.0).above(0.0)],
        output: "[]",
        compute: |given| {
            let options = ProxyAnchorOptions { margin: given.number("margin"), alpha: given.number("alpha") };
            proxy_anchor(given.tensor("embeddings"), given.labels("labels"), given.tensor("proxies"), options)
        },
        ..Entry::of(include_str!("proxies.rs"))
    },
    Entry {
        name: "soft_triple",
        rows: &["SoftTriple"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "SoftTripleLoss")],
        inputs: &[EMBEDDINGS, real("centers", "[classes, per_class, dimensions]"), LABELS],
        parameters: &[
            IGNORED,
            number("scale", 20.0).above(0.0),
            number("gamma", 0.1).above(0.0),
            number("margin", 0.01).at_least(0.0),
        ],
        output: "[examples]",
        compute: |given| {
            let options = SoftTripleOptions {
                scale: given.number("scale"),
                gamma: given.number("gamma"),
                margin: given.number("margin"),
            };
            soft_triple(given.tensor("embeddings"), given.labels("labels"), given.tensor("centers"), options)
        },
        average: Some(average),
        ..Entry::of(include_str!("proxies.rs"))
    },
    Entry {
        name: "normalised_softmax",
        rows: &["Normalised softmax"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "NormalizedSoftmaxLoss"), ("usual", "NormFace")],
        inputs: &[EMBEDDINGS, WEIGHTS, LABELS],
        parameters: &[IGNORED, number("temperature", 0.05).above(0.0)],
        output: "[examples]",
        compute: |given| {
            normalised_softmax(
                given.tensor("embeddings"),
                given.labels("labels"),
                given.tensor("weights"),
                given.number("temperature"),
            )
        },
        average: Some(average),
        ..Entry::of(include_str!("softmax.rs"))
    },
    Entry {
        name: "large_margin_softmax",
        rows: &["Large-margin softmax (L-Softmax)"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "LargeMarginSoftmaxLoss"), ("usual", "L-Softmax")],
        inputs: &[EMBEDDINGS, WEIGHTS, LABELS],
        parameters: &[IGNORED, integer("margin", 4, 1), number("scale", 1.0).above(0.0)],
        output: "[examples]",
        compute: |given| {
            let options = LargeMarginOptions { margin: given.integer("margin"), scale: given.number("scale") };
            large_margin_softmax(given.tensor("embeddings"), given.labels("labels"), given.tensor("weights"), options)
        },
        average: Some(average),
        ..Entry::of(include_str!("multiplicative.rs"))
    },
    Entry {
        name: "sphere_face",
        rows: &["SphereFace (A-Softmax)"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "SphereFaceLoss"), ("usual", "A-Softmax")],
        inputs: &[EMBEDDINGS, WEIGHTS, LABELS],
        parameters: &[IGNORED, integer("margin", 4, 1), number("scale", 1.0).above(0.0)],
        output: "[examples]",
        compute: |given| {
            let options = LargeMarginOptions { margin: given.integer("margin"), scale: given.number("scale") };
            sphere_face(given.tensor("embeddings"), given.labels("labels"), given.tensor("weights"), options)
        },
        average: Some(average),
        ..Entry::of(include_str!("multiplicative.rs"))
    },
    Entry {
        name: "cos_face",
        rows: &["CosFace"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "CosFaceLoss"), ("usual", "AM-Softmax")],
        inputs: &[EMBEDDINGS, WEIGHTS, LABELS],
        parameters: &[IGNORED, number("margin", 0.35).at_least(0.0), number("scale", 64.0).above(0.0)],
        output: "[examples]",
        compute: |given| {
            let options = CosFaceOptions { margin: given.number("margin"), scale: given.number("scale") };
            cos_face(given.tensor("embeddings"), given.labels("labels"), given.tensor("weights"), options)
        },
        average: Some(average),
        draw: Some(|seed| gentle(seed, 1.0, &[5, 3])),
        ..Entry::of(include_str!("softmax.rs"))
    },
    Entry {
        name: "arc_face",
        rows: &["ArcFace"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "ArcFaceLoss"), ("usual", "AdditiveAngularMargin")],
        inputs: &[EMBEDDINGS, WEIGHTS, LABELS],
        parameters: &[IGNORED, number("margin", 0.5).at_least(0.0).at_most(PI), number("scale", 64.0).above(0.0)],
        output: "[examples]",
        compute: |given| {
            let options = ArcFaceOptions { margin: given.number("margin"), scale: given.number("scale") };
            arc_face(given.tensor("embeddings"), given.labels("labels"), given.tensor("weights"), options)
        },
        average: Some(average),
        draw: Some(|seed| gentle(seed, 1.0, &[5, 3])),
        ..Entry::of(include_str!("angular.rs"))
    },
    Entry {
        name: "sub_center_arc_face",
        rows: &["Sub-center ArcFace"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "SubCenterArcFaceLoss")],
        inputs: &[EMBEDDINGS, real("weights", "[classes, per_class, dimensions]"), LABELS],
        parameters: &[IGNORED, number("margin", 0.5).at_least(0.0).at_most(PI), number("scale", 64.0).above(0.0)],
        output: "[examples]",
        compute: |given| {
            let options = ArcFaceOptions { margin: given.number("margin"), scale: given.number("scale") };
            sub_center_arc_face(given.tensor("embeddings"), given.labels("labels"), given.tensor("weights"), options)
        },
        average: Some(average),
        draw: Some(|seed| gentle(seed, 1.0, &[5, 2, 3])),
        ..Entry::of(include_str!("angular.rs"))
    },
    Entry {
        name: "p2s_grad",
        rows: &["P2SGrad"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "P2SGradLoss")],
        inputs: &[EMBEDDINGS, WEIGHTS, LABELS],
        parameters: &[IGNORED],
        output: "[examples]",
        compute: |given| p2s_grad(given.tensor("embeddings"), given.labels("labels"), given.tensor("weights")),
        average: Some(average),
        ..Entry::of(include_str!("softmax.rs"))
    },
    Entry {
        name: "manifold",
        rows: &["Manifold (diffusion on proxies)"],
        tier: 2,
        aliases: &[("pytorch-metric-learning", "ManifoldLoss")],
        inputs: &[EMBEDDINGS, PROXIES, LABELS],
        parameters: &[
            IGNORED,
            number("alpha", 0.8).above(0.0).below(1.0),
            number("margin", 5e-4),
            number("context_weight", 1.0).at_least(0.0),
        ],
        output: "[examples]",
        compute: |given| {
            let options = ManifoldOptions {
                alpha: given.number("alpha"),
                margin: given.number("margin"),
                context_weight: given.number("context_weight"),
            };
            manifold(given.tensor("embeddings"), given.labels("labels"), given.tensor("proxies"), options)
        },
        average: Some(average),
        latex: Some(
            r"\ell_i = \ln\Bigl(1 + \sum_{j \ne y_i,\, a_{ij} \ge 0} e^{a_{ij}}\Bigr) + \lambda \ln\Bigl(1 + \sum_{j \ne y_i,\, b_{ij} \ge 0} e^{b_{ij}}\Bigr), \quad a_{ij} = F_{i,N+j} - F_{i,N+y_i} + \delta, \quad b_{ij} = \cos(F_i, F_{N+j}) - \cos(F_i, F_{N+y_i}) + \delta, \quad F = (1 - \alpha) \bigl(I - \alpha D^{-1/2} S D^{-1/2}\bigr)^{-1}",
        ),
        ..Entry::of(include_str!("manifold.rs"))
    },
    Entry {
        name: "center",
        rows: &["Center loss"],
        aliases: &[("usual", "CenterLoss")],
        inputs: &[EMBEDDINGS, real("centers", "[classes, dimensions]"), LABELS],
        parameters: &[IGNORED],
        output: "[examples]",
        compute: |given| center(given.tensor("embeddings"), given.labels("labels"), given.tensor("centers")),
        average: Some(average),
        ..Entry::of(include_str!("centers.rs"))
    },
    Entry {
        name: "prototypical",
        rows: &["Prototypical / matching networks"],
        aliases: &[("usual", "ProtoNet")],
        inputs: &[
            EMBEDDINGS,
            real("support", "[shown, dimensions]"),
            labels("labels", "[examples]", "shown"),
            labels("support_labels", "[shown]", "shown"),
        ],
        parameters: &[IGNORED],
        output: "[examples]",
        compute: |given| {
            let support_labels = given.labels("support_labels");
            prototypical(given.tensor("embeddings"), given.labels("labels"), given.tensor("support"), support_labels)
        },
        average: Some(average),
        latex: Some(
            r"\ell_i = \ln \sum_{j : n_j > 0} e^{-d_{ij}} + d_{i y_i}, \quad d_{ij} = \lVert z_i - m_j \rVert^2, \quad m_j = \frac{1}{n_j} \sum_{l : t_l = j} s_l",
        ),
        ..Entry::of(include_str!("centers.rs"))
    },
    Entry {
        name: "ring",
        rows: &["Semantic / ArcFace triplet-centre, ring loss"],
        aliases: &[("usual", "RingLoss")],
        inputs: &[EMBEDDINGS, real("radius", "[]")],
        output: "[examples]",
        compute: |given| ring(given.tensor("embeddings"), given.tensor("radius")),
        ..Entry::of(include_str!("centers.rs"))
    },
    Entry {
        name: "mag_face",
        rows: &["AdaCos / MagFace / CurricularFace / AdaFace / ElasticFace"],
        aliases: &[("usual", "MagFace")],
        inputs: &[EMBEDDINGS, WEIGHTS, LABELS],
        parameters: &[
            IGNORED,
            number("least_margin", 0.45).at_least(0.0).at_most(PI),
            number("greatest_margin", 0.8).at_least(0.0).at_most(PI),
            number("least_length", 10.0).above(0.0),
            number("greatest_length", 110.0).above(0.0),
            number("length_weight", 35.0),
            number("scale", 64.0).above(0.0),
        ],
        output: "[examples]",
        compute: |given| {
            let options = MagFaceOptions {
                least_margin: given.number("least_margin"),
                greatest_margin: given.number("greatest_margin"),
                least_length: given.number("least_length"),
                greatest_length: given.number("greatest_length"),
                length_weight: given.number("length_weight"),
                scale: given.number("scale"),
            };
            mag_face(given.tensor("embeddings"), given.labels("labels"), given.tensor("weights"), options)
        },
        average: Some(average),
        draw: Some(|seed| gentle(seed, 25.0, &[5, 3])),
        ..Entry::of(include_str!("adaptive.rs"))
    },
    Entry {
        name: "curricular_face",
        rows: &["AdaCos / MagFace / CurricularFace / AdaFace / ElasticFace"],
        aliases: &[("usual", "CurricularFace")],
        inputs: &[EMBEDDINGS, WEIGHTS, LABELS],
        parameters: &[
            IGNORED,
            number("progress", 0.0),
            number("margin", 0.5).at_least(0.0).at_most(PI),
            number("scale", 64.0).above(0.0),
        ],
        output: "[examples]",
        compute: |given| {
            let options = ArcFaceOptions { margin: given.number("margin"), scale: given.number("scale") };
            curricular_face(
                given.tensor("embeddings"),
                given.labels("labels"),
                given.tensor("weights"),
                given.number("progress"),
                options,
            )
        },
        average: Some(average),
        draw: Some(|seed| gentle(seed, 1.0, &[5, 3])),
        ..Entry::of(include_str!("adaptive.rs"))
    },
];
