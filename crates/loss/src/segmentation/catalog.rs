//! The entries of this family.

use minimand_tensor::{DType, Rng, Tensor};

use super::*;
use crate::catalog::*;

const REGION: &str = "[batch, …, classes]";
const PREDICTION: Input = unit("prediction", REGION);
const TARGET: Input = unit("target", REGION);
const SMOOTH: Parameter = number("smooth", 1.0).at_least(0.0);
const IGNORED: Parameter = integer("ignored", -100, i64::MIN);
const EPSILON: Parameter = number("epsilon", 0.0).at_least(0.0);
const DICE: &[Parameter] = &[SMOOTH, flag("squared", false), EPSILON];

fn prediction_and_target(given: &Given) -> (&Tensor, &Tensor) {
    (given.tensor("prediction"), given.tensor("target"))
}

fn dice_options(given: &Given) -> DiceOptions {
    DiceOptions { smooth: given.number("smooth"), squared: given.flag("squared"), epsilon: given.number("epsilon") }
}

/// Probabilities and targets that differ from each other.
fn apart(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed);
    let (mut prediction, mut target) = (Vec::new(), Vec::new());
    while prediction.len() < 24 {
        let (p, t) = (0.02 + 0.96 * rng.uniform(), 0.02 + 0.96 * rng.uniform());
        if f64::abs(p - t) > 0.02 {
            prediction.push(p);
            target.push(t);
        }
    }
    let regions = |values: Vec<f64>| Tensor::from_vec(values, [2, 4, 3]);
    Arguments::new().tensor("prediction", regions(prediction)).tensor("target", regions(target))
}

/// Numbers in an interval.
fn uniform<const N: usize>(rng: &mut Rng, low: f64, high: f64, shape: [usize; N]) -> Tensor {
    let count = shape.iter().product();
    Tensor::from_vec((0..count).map(|_| low + (high - low) * rng.uniform()).collect::<Vec<f64>>(), shape)
}

/// A false region whose inner pixels survive erosion, away from the kinks.
fn wrong(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed);
    let inside = Tensor::from([0.95, 0.93, 0.88, 0.68, 0.38]).reshape([1, 5, 1]);
    let prediction = (inside + uniform(&mut rng, 0.0, 0.02, [2, 5, 2])).computed().detach();
    let target = uniform(&mut rng, 0.04, 0.06, [2, 5, 2]);
    Arguments::new().tensor("prediction", prediction).tensor("target", target).number("erosions", 1.0)
}

/// A picture of a few pixels.
fn small(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed);
    let target = uniform(&mut rng, -1.0, 1.0, [1, 3, 4, 2]).gt(0).cast(DType::F64).computed().detach();
    let prediction = uniform(&mut rng, 0.02, 0.98, [1, 3, 4, 2]);
    Arguments::new().tensor("prediction", prediction).tensor("target", target).number("iterations", 1.0)
}

/// Logits whose hinges differ from each other and from 0.
fn hinges(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed);
    let (mut logits, mut target) = (Vec::new(), Vec::new());
    let steps = [rng.permutation(6), rng.permutation(6)].concat();
    for step in steps {
        let foreground = rng.uniform() < 0.5;
        let correct = 1.2 - 0.5 * (step as f64 - 1.0);
        logits.push(if foreground { correct } else { -correct });
        target.push(f64::from(u8::from(foreground)));
    }
    let masks = |values: Vec<f64>| Tensor::from_vec(values, [2, 6]);
    Arguments::new().tensor("logits", masks(logits)).tensor("target", masks(target))
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "dice",
        rows: &["Dice (soft)"],
        tier: 2,
        aliases: &[("Optax", "dice_loss"), ("Keras", "Dice"), ("segmentation_models_pytorch", "DiceLoss")],
        inputs: &[PREDICTION, TARGET],
        parameters: DICE,
        output: "[batch, classes]",
        compute: |given| {
            let (prediction, target) = prediction_and_target(given);
            dice(prediction, target, dice_options(given))
        },
        ..Entry::of(include_str!("dice.rs"))
    },
    Entry {
        name: "dice_with_logits",
        rows: &["Dice (soft)"],
        tier: 2,
        aliases: &[("Optax", "dice_loss"), ("Optax", "binary_dice_loss")],
        inputs: &[real("logits", REGION), TARGET],
        parameters: DICE,
        output: "[batch, classes]",
        compute: |given| dice_with_logits(given.tensor("logits"), given.tensor("target"), dice_options(given)),
        ..Entry::of(include_str!("dice.rs"))
    },
    Entry {
        name: "log_dice",
        rows: &["Log-Dice / log-Jaccard"],
        tier: 2,
        aliases: &[("segmentation_models_pytorch", "DiceLoss(log_loss=True)")],
        inputs: &[PREDICTION, TARGET],
        parameters: DICE,
        output: "[batch, classes]",
        compute: |given| {
            let (prediction, target) = prediction_and_target(given);
            log_dice(prediction, target, dice_options(given))
        },
        ..Entry::of(include_str!("dice.rs"))
    },
    Entry {
        name: "generalised_dice",
        rows: &["Generalised Dice"],
        tier: 2,
        aliases: &[("Optax", "multiclass_generalized_dice_loss"), ("MONAI", "GeneralizedDiceLoss")],
        inputs: &[PREDICTION, binary("target", REGION)],
        parameters: &[SMOOTH],
        output: "[batch]",
        compute: |given| {
            let (prediction, target) = prediction_and_target(given);
            generalised_dice(prediction, target, given.number("smooth"))
        },
        ..Entry::of(include_str!("generalised_dice.rs"))
    },
    Entry {
        name: "jaccard",
        rows: &["Jaccard / soft IoU"],
        tier: 2,
        aliases: &[("segmentation_models_pytorch", "JaccardLoss"), ("usual", "soft_iou")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[SMOOTH],
        draw: Some(apart),
        output: "[batch, classes]",
        compute: |given| {
            let (prediction, target) = prediction_and_target(given);
            jaccard(prediction, target, given.number("smooth"))
        },
        ..Entry::of(include_str!("jaccard.rs"))
    },
    Entry {
        name: "log_jaccard",
        rows: &["Log-Dice / log-Jaccard"],
        tier: 2,
        aliases: &[("segmentation_models_pytorch", "JaccardLoss(log_loss=True)")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[SMOOTH],
        draw: Some(apart),
        output: "[batch, classes]",
        compute: |given| {
            let (prediction, target) = prediction_and_target(given);
            log_jaccard(prediction, target, given.number("smooth"))
        },
        ..Entry::of(include_str!("jaccard.rs"))
    },
    Entry {
        name: "tversky",
        rows: &["Tversky"],
        tier: 2,
        aliases: &[("Keras", "Tversky"), ("kornia", "tversky_loss"), ("segmentation_models_pytorch", "TverskyLoss")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("alpha", 0.5).at_least(0.0), number("beta", 0.5).at_least(0.0), SMOOTH, EPSILON],
        output: "[batch, classes]",
        compute: |given| {
            let (prediction, target) = prediction_and_target(given);
            let [alpha, beta, smooth, epsilon] = ["alpha", "beta", "smooth", "epsilon"].map(|name| given.number(name));
            tversky(prediction, target, TverskyOptions { alpha, beta, smooth, epsilon })
        },
        ..Entry::of(include_str!("tversky.rs"))
    },
    Entry {
        name: "focal_tversky",
        rows: &["Focal-Tversky"],
        tier: 2,
        aliases: &[("usual", "FocalTverskyLoss"), ("segmentation_models_pytorch", "TverskyLoss(gamma)")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[
            number("alpha", 0.3).at_least(0.0),
            number("beta", 0.7).at_least(0.0),
            number("gamma", 0.75).above(0.0),
            SMOOTH,
        ],
        output: "[batch, classes]",
        compute: |given| {
            let (prediction, target) = prediction_and_target(given);
            let [alpha, beta, gamma, smooth] = ["alpha", "beta", "gamma", "smooth"].map(|name| given.number(name));
            focal_tversky(prediction, target, FocalTverskyOptions { alpha, beta, gamma, smooth })
        },
        ..Entry::of(include_str!("tversky.rs"))
    },
    Entry {
        name: "mcc",
        rows: &["MCC loss"],
        tier: 2,
        aliases: &[("segmentation_models_pytorch", "MCCLoss"), ("usual", "matthews_correlation")],
        inputs: &[unit("prediction", "[batch, …]"), unit("target", "[batch, …]")],
        parameters: &[number("smooth", 1e-5).at_least(0.0)],
        output: "[batch]",
        compute: |given| {
            let (prediction, target) = prediction_and_target(given);
            mcc(prediction, target, given.number("smooth"))
        },
        ..Entry::of(include_str!("mcc.rs"))
    },
    Entry {
        name: "lovasz_hinge",
        rows: &["Lovasz hinge"],
        tier: 2,
        aliases: &[("segmentation_models_pytorch", "LovaszLoss"), ("kornia", "lovasz_hinge_loss")],
        inputs: &[real("logits", "[batch, …]"), binary("target", "[batch, …]")],
        draw: Some(hinges),
        output: "[batch]",
        compute: |given| lovasz_hinge(given.tensor("logits"), given.tensor("target")),
        ..Entry::of(include_str!("lovasz.rs"))
    },
    Entry {
        name: "lovasz_softmax",
        rows: &["Lovasz softmax"],
        tier: 2,
        aliases: &[("segmentation_models_pytorch", "LovaszLoss(multiclass)"), ("kornia", "lovasz_softmax_loss")],
        inputs: &[real("logits", REGION), labels("labels", "[batch, …]", "classes")],
        parameters: &[choice("classes", "present", &["present", "all"]), IGNORED],
        output: "[batch]",
        compute: |given| {
            let classes = match given.choice("classes") {
                "all" => LovaszClasses::All,
                _ => LovaszClasses::Present,
            };
            lovasz_softmax(given.tensor("logits"), given.labels("labels"), classes)
        },
        ..Entry::of(include_str!("lovasz.rs"))
    },
    Entry {
        name: "hausdorff_erosion",
        rows: &["Hausdorff (erosion) 2D/3D"],
        tier: 2,
        aliases: &[("kornia", "HausdorffERLoss"), ("kornia", "HausdorffERLoss3D")],
        inputs: &[PREDICTION, TARGET],
        parameters: &[number("alpha", 2.0), integer("erosions", 10, 1)],
        output: "[batch, …, classes]",
        compute: |given| {
            let (prediction, target) = prediction_and_target(given);
            let options = HausdorffErosionOptions { alpha: given.number("alpha"), erosions: given.integer("erosions") };
            hausdorff_erosion(prediction, target, options)
        },
        draw: Some(wrong),
        latex: Some(
            r"\ell = \sum_{k=1}^{K} k^{\alpha} E_k, \quad E_0 = (\hat y - y)^2, \quad D_k = \left[ \overline{E_{k-1}} - \tfrac12 \right]_+, \quad E_k = \frac{D_k - \min D_k}{\max D_k - \min D_k}",
        ),
        ..Entry::of(include_str!("hausdorff.rs"))
    },
    Entry {
        name: "hausdorff_distance_transform",
        rows: &["Hausdorff DT / boundary loss"],
        tier: 3,
        aliases: &[("MONAI", "HausdorffDTLoss")],
        inputs: &[
            unit("prediction", "[…]"),
            unit("target", "[…]"),
            non_negative("prediction_distance", "[…]").fixed(),
            non_negative("target_distance", "[…]").fixed(),
        ],
        parameters: &[number("alpha", 2.0).above(0.0)],
        output: "[…]",
        compute: |given| {
            let (prediction, target) = prediction_and_target(given);
            let distances = ["prediction_distance", "target_distance"].map(|name| given.tensor(name));
            hausdorff_distance_transform(prediction, target, distances[0], distances[1], given.number("alpha"))
        },
        ..Entry::of(include_str!("hausdorff.rs"))
    },
    Entry {
        name: "boundary",
        rows: &["Hausdorff DT / boundary loss"],
        tier: 3,
        aliases: &[("usual", "BoundaryLoss"), ("usual", "SurfaceLoss")],
        inputs: &[unit("prediction", "[…]"), real("distance", "[…]").fixed()],
        output: "[…]",
        compute: |given| boundary(given.tensor("prediction"), given.tensor("distance")),
        ..Entry::of(include_str!("boundary.rs"))
    },
    Entry {
        name: "active_contour",
        rows: &["Active contour (Chan-Vese)"],
        tier: 3,
        aliases: &[("usual", "ActiveContourLoss"), ("usual", "chan_vese")],
        inputs: &[unit("prediction", "[…, rows, columns]"), unit("target", "[…, rows, columns]")],
        parameters: &[number("region_weight", 1.0).at_least(0.0)],
        output: "[…]",
        compute: |given| {
            let (prediction, target) = prediction_and_target(given);
            active_contour(prediction, target, given.number("region_weight"))
        },
        ..Entry::of(include_str!("boundary.rs"))
    },
    Entry {
        name: "cl_dice",
        rows: &["clDice (topology)"],
        tier: 3,
        aliases: &[("usual", "soft_cldice"), ("MONAI", "SoftclDiceLoss")],
        inputs: &[PREDICTION, binary("target", REGION)],
        parameters: &[integer("iterations", 3, 0), SMOOTH],
        output: "[batch, classes]",
        compute: |given| {
            let (prediction, target) = prediction_and_target(given);
            let options = ClDiceOptions { iterations: given.integer("iterations"), smooth: given.number("smooth") };
            cl_dice(prediction, target, options)
        },
        draw: Some(small),
        latex: Some(
            r"\ell = 1 - \frac{2 P S}{P + S}, \quad P = \frac{\sum_k \mathrm{skel}(\hat y)_k\, y_k + s}{\sum_k \mathrm{skel}(\hat y)_k + s}, \quad S = \frac{\sum_k \mathrm{skel}(y)_k\, \hat y_k + s}{\sum_k \mathrm{skel}(y)_k + s}",
        ),
        ..Entry::of(include_str!("cl_dice.rs"))
    },
    Entry {
        name: "dice_cross_entropy",
        rows: &["Combo / Dice+CE / Dice+focal / unified focal"],
        tier: 3,
        aliases: &[("MONAI", "DiceCELoss"), ("usual", "combo_loss")],
        inputs: &[real("logits", REGION), labels("labels", "[batch, …]", "classes")],
        parameters: &[number("alpha", 0.5).at_least(0.0).at_most(1.0), SMOOTH, IGNORED],
        output: "[batch]",
        compute: |given| {
            let options = DiceCrossEntropyOptions { alpha: given.number("alpha"), smooth: given.number("smooth") };
            dice_cross_entropy(given.tensor("logits"), given.labels("labels"), options)
        },
        ..Entry::of(include_str!("pixels.rs"))
    },
    Entry {
        name: "top_k_cross_entropy",
        rows: &["OHEM / top-k CE"],
        tier: 3,
        aliases: &[("usual", "OhemCrossEntropy"), ("usual", "TopKLoss")],
        inputs: &[real("logits", REGION), labels("labels", "[batch, …]", "classes")],
        parameters: &[number("fraction", 0.7).above(0.0).at_most(1.0), IGNORED],
        output: "[batch]",
        compute: |given| top_k_cross_entropy(given.tensor("logits"), given.labels("labels"), given.number("fraction")),
        ..Entry::of(include_str!("pixels.rs"))
    },
];
