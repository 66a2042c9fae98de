//! The entries of this family.

use minimand_tensor::{Rng, Tensor};

use super::*;
use crate::catalog::*;

const BOXES: &[Input] = &[boxes("prediction", "[…, 4]"), boxes("target", "[…, 4]")];
const SCORES: &[Input] = &[real("logits", "[…]"), unit("target", "[…]").fixed()];

/// A loss of two boxes without parameters.
fn of_boxes(loss: impl Fn(&Tensor, &Tensor) -> Tensor, given: &Given) -> Tensor {
    loss(given.tensor("prediction"), given.tensor("target"))
}

const fn of_pair(name: &'static str, rows: &'static [&'static str], tier: u8, source: &'static str) -> Entry {
    let draw: Option<fn(u64) -> Arguments> = Some(|seed| pairs(seed, true));
    Entry { name, rows, tier, inputs: BOXES, output: "[…]", draw, ..Entry::of(source) }
}

fn uniform(rng: &mut Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * rng.uniform()
}

/// Pairs of boxes that overlap well or, if they may, not at all, and differ in every edge, side and centre: away from the kinks.
fn pairs(seed: u64, disjoint: bool) -> Arguments {
    let mut rng = Rng::seed(seed);
    let (mut predictions, mut targets) = (Vec::new(), Vec::new());
    while predictions.len() < 6 * 4 {
        let [p, t] = [0, 1].map(|_| {
            let near = [uniform(&mut rng, 0.0, 1.0), uniform(&mut rng, 0.0, 1.0)];
            [near[0], near[1], near[0] + uniform(&mut rng, 0.3, 1.3), near[1] + uniform(&mut rng, 0.3, 1.3)]
        });
        let differ = |side: usize| {
            let (off, growth) =
                (p[side] + p[side + 2] - t[side] - t[side + 2], p[side + 2] - p[side] + t[side] - t[side + 2]);
            let common = p[side + 2].min(t[side + 2]) - p[side].max(t[side]);
            let edges = (p[side] - t[side]).abs().min((p[side + 2] - t[side + 2]).abs());
            edges > 0.02 && off.abs() > 0.2 && growth.abs() > 0.05 && (common > 0.15 || (disjoint && common < -0.02))
        };
        if differ(0) && differ(1) {
            predictions.extend(p);
            targets.extend(t);
        }
    }
    let boxes = |edges: Vec<f64>| Tensor::from_vec(edges, [6, 4]);
    Arguments::new().tensor("prediction", boxes(predictions)).tensor("target", boxes(targets))
}

/// Logits and qualities that differ from their probabilities.
fn scores(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed);
    let (mut logits, mut qualities) = (Vec::new(), Vec::new());
    while logits.len() < 9 {
        let (x, y) = (rng.normal(), rng.uniform());
        if (1.0 / (1.0 + (-x).exp()) - y).abs() > 0.1 {
            logits.push(x);
            qualities.push(y);
        }
    }
    Arguments::new().tensor("logits", Tensor::from(logits)).tensor("target", Tensor::from(qualities))
}

fn normal(shape: [usize; 2], rng: &mut Rng) -> Tensor {
    Tensor::from_vec((0..shape[0] * shape[1]).map(|_| rng.normal()).collect::<Vec<f64>>(), shape)
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        aliases: &[("usual", "iou_loss"), ("torchvision", "box_iou")],
        compute: |given| of_boxes(iou, given),
        ..of_pair("iou", &["IoU (box)"], 3, include_str!("iou.rs"))
    },
    Entry {
        aliases: &[("usual", "UnitBox")],
        compute: |given| of_boxes(log_iou, given),
        draw: Some(|seed| pairs(seed, false)),
        ..of_pair("log_iou", &["IoU (box)"], 3, include_str!("iou.rs"))
    },
    Entry {
        aliases: &[("torchvision", "generalized_box_iou_loss")],
        compute: |given| of_boxes(giou, given),
        ..of_pair("giou", &["GIoU"], 2, include_str!("giou.rs"))
    },
    Entry {
        aliases: &[("torchvision", "distance_box_iou_loss")],
        compute: |given| of_boxes(diou, given),
        ..of_pair("diou", &["DIoU"], 2, include_str!("diou.rs"))
    },
    Entry {
        aliases: &[("torchvision", "complete_box_iou_loss")],
        compute: |given| of_boxes(ciou, given),
        ..of_pair("ciou", &["CIoU"], 2, include_str!("diou.rs"))
    },
    Entry {
        aliases: &[("usual", "EIoU"), ("usual", "efficient_iou")],
        compute: |given| of_boxes(eiou, given),
        ..of_pair("eiou", &["EIoU"], 3, include_str!("eiou.rs"))
    },
    Entry {
        aliases: &[("usual", "SIoU")],
        parameters: &[number("theta", 4.0).above(0.0)],
        compute: |given| siou(given.tensor("prediction"), given.tensor("target"), given.number("theta")),
        ..of_pair("siou", &["SIoU"], 3, include_str!("eiou.rs"))
    },
    Entry {
        aliases: &[("usual", "MPDIoU")],
        parameters: &[number("width", 1.0).above(0.0), number("height", 1.0).above(0.0)],
        compute: |given| {
            let (prediction, target) = (given.tensor("prediction"), given.tensor("target"));
            mpd_iou(prediction, target, given.number("width"), given.number("height"))
        },
        ..of_pair("mpd_iou", &["MPDIoU"], 3, include_str!("eiou.rs"))
    },
    Entry {
        aliases: &[("usual", "AlphaIoU")],
        parameters: &[number("alpha", 3.0).above(0.0)],
        compute: |given| alpha_iou(given.tensor("prediction"), given.tensor("target"), given.number("alpha")),
        ..of_pair("alpha_iou", &["alpha-IoU"], 3, include_str!("alpha_iou.rs"))
    },
    Entry {
        aliases: &[("usual", "WIoU")],
        compute: |given| of_boxes(wise_iou, given),
        ..of_pair("wise_iou", &["Wise-IoU"], 3, include_str!("alpha_iou.rs"))
    },
    Entry {
        name: "distribution_focal",
        rows: &["Distribution focal loss (GFL)"],
        tier: 3,
        aliases: &[("usual", "DistributionFocalLoss"), ("usual", "DFL")],
        inputs: &[real("logits", "[…, bins]"), non_negative("target", "[…]")],
        output: "[…]",
        compute: |given| distribution_focal(given.tensor("logits"), given.tensor("target")),
        draw: Some(|seed| {
            let mut rng = Rng::seed(seed);
            let target = (0..6).map(|_| uniform(&mut rng, 0.05, 0.95) + rng.below(3) as f64).collect::<Vec<f64>>();
            Arguments::new().tensor("logits", normal([6, 4], &mut rng)).tensor("target", Tensor::from(target))
        }),
        ..Entry::of(include_str!("scores.rs"))
    },
    Entry {
        name: "quality_focal",
        rows: &["Quality focal / varifocal"],
        tier: 3,
        aliases: &[("usual", "QualityFocalLoss"), ("usual", "QFL")],
        inputs: SCORES,
        parameters: &[number("beta", 2.0).at_least(0.0)],
        output: "[…]",
        draw: Some(scores),
        compute: |given| quality_focal(given.tensor("logits"), given.tensor("target"), given.number("beta")),
        ..Entry::of(include_str!("scores.rs"))
    },
    Entry {
        name: "varifocal",
        rows: &["Quality focal / varifocal"],
        tier: 3,
        aliases: &[("usual", "VarifocalLoss"), ("usual", "VFL")],
        inputs: SCORES,
        parameters: &[number("alpha", 0.75).at_least(0.0), number("gamma", 2.0).at_least(0.0)],
        output: "[…]",
        compute: |given| {
            let options = VarifocalOptions { alpha: given.number("alpha"), gamma: given.number("gamma") };
            varifocal(given.tensor("logits"), given.tensor("target"), options)
        },
        ..Entry::of(include_str!("scores.rs"))
    },
    Entry {
        name: "heatmap_focal",
        rows: &["Heatmap focal (CornerNet / CenterNet)"],
        tier: 3,
        aliases: &[("usual", "GaussianFocalLoss"), ("usual", "CenterNet")],
        inputs: SCORES,
        parameters: &[number("alpha", 2.0).at_least(0.0), number("beta", 4.0).at_least(0.0)],
        output: "[…]",
        compute: |given| {
            let options = HeatmapFocalOptions { alpha: given.number("alpha"), beta: given.number("beta") };
            heatmap_focal(given.tensor("logits"), given.tensor("target"), options)
        },
        average: Some(|given, loss| {
            let peaks = given.tensor("target").eq(1).cast(loss.dtype()).sum();
            loss.sum() / peaks.clamp_min(1)
        }),
        ..Entry::of(include_str!("scores.rs"))
    },
    Entry {
        name: "oks_keypoint",
        rows: &["OKS keypoint loss"],
        tier: 3,
        aliases: &[("usual", "OKSLoss"), ("usual", "object_keypoint_similarity")],
        inputs: &[
            real("prediction", "[…, keypoints, 2]"),
            real("target", "[…, keypoints, 2]"),
            mask("visible", "[…, keypoints]"),
            positive("area", "[…]").fixed(),
            positive("falloff", "[keypoints]").fixed(),
        ],
        output: "[…]",
        compute: |given| {
            let [prediction, target, visible] = ["prediction", "target", "visible"].map(|name| given.tensor(name));
            oks_keypoint(prediction, target, visible, given.tensor("area"), given.tensor("falloff"))
        },
        ..Entry::of(include_str!("keypoints.rs"))
    },
    Entry {
        name: "detr",
        rows: &["Hungarian / set matching (DETR)"],
        tier: 3,
        aliases: &[("usual", "SetCriterion"), ("usual", "HungarianMatcher")],
        inputs: &[
            real("logits", "[queries, classes]"),
            boxes("boxes", "[queries, 4]"),
            labels("labels", "[objects]", "classes - 1"),
            boxes("target_boxes", "[objects, 4]").fixed(),
        ],
        parameters: &[
            number("class_cost", 1.0).at_least(0.0),
            number("box_weight", 5.0).at_least(0.0),
            number("giou_weight", 2.0).at_least(0.0),
            number("no_object", 0.1).above(0.0),
        ],
        output: "[]",
        compute: |given| {
            let [class_cost, box_weight, giou_weight, no_object] =
                ["class_cost", "box_weight", "giou_weight", "no_object"].map(|name| given.number(name));
            let options = DetrOptions { class_cost, box_weight, giou_weight, no_object };
            let (labels, target_boxes) = (given.labels("labels"), given.tensor("target_boxes"));
            detr(given.tensor("logits"), given.tensor("boxes"), labels, target_boxes, options)
        },
        draw: Some(|seed| {
            let mut rng = Rng::seed(seed);
            let labels: Vec<i64> = (0..3).map(|_| rng.below(3) as i64).collect();
            // Each object has a query near it.
            let found = pairs(seed, false);
            let [boxes, targets] = ["prediction", "target"].map(|name| found.find(name).expect("they are drawn"));
            Arguments::new()
                .tensor("logits", normal([6, 4], &mut rng))
                .tensor("boxes", boxes.clone())
                .tensor("labels", Tensor::from(labels))
                .tensor("target_boxes", targets.slice(0, 0..3).computed().detach())
        }),
        latex: Some(
            r"\ell = \frac{\sum_i w_{y_i} (-\ln p_{i y_i})}{\sum_i w_{y_i}} + \frac{1}{\max(1, N)} \sum_{j=1}^{N} \left( \lambda_1 \lVert \hat b_{\sigma(j)} - b_j \rVert_1 + \lambda_2\, \mathrm{GIoU\ loss}(\hat b_{\sigma(j)}, b_j) \right), \quad \sigma = \arg\min_{\sigma} \sum_j \left( -\lambda_0\, p_{\sigma(j) y_j} + \lambda_1 \lVert \hat b_{\sigma(j)} - b_j \rVert_1 + \lambda_2\, \mathrm{GIoU\ loss}(\hat b_{\sigma(j)}, b_j) \right)",
        ),
        ..Entry::of(include_str!("detr.rs"))
    },
];
