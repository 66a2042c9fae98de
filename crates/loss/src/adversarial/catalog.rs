//! The entries of this family.

use minimand_tensor::{Rng, Tensor};

use super::*;
use crate::catalog::*;

const REAL: Input = real("real", "[…]");
const FAKE: Input = real("fake", "[…]");
const GRADIENTS: Input = real("gradients", "[examples, dimensions]");
const LOGITS: Input = real("logits", "[examples, classes]");
const LABELS: Input = labels("labels", "[examples]", "classes");
const IGNORED: Parameter = integer("ignored", -100, i64::MIN).optional();

/// Scores with the given gradients, and the points by which they are differentiated.
fn scores(given: &Given) -> (Tensor, Tensor) {
    let gradients = given.tensor("gradients");
    let points = Tensor::zeros(gradients.shape()).cast(gradients.dtype());
    ((gradients * &points).sum_axis(-1), points)
}

/// Logits of which some are confident.
fn some_confident(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed + 5);
    let mut logits = |scale: f64| Tensor::from_vec((0..15).map(|_| scale * rng.normal()).collect::<Vec<f64>>(), [5, 3]);
    Arguments::new().tensor("weak_logits", logits(6.0)).tensor("strong_logits", logits(1.0))
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "minimax_discriminator",
        rows: &["Minimax (saturating) GAN", "Non-saturating GAN"],
        tier: 1,
        aliases: &[("usual", "GANLoss"), ("usual", "vanilla_gan")],
        inputs: &[REAL, FAKE],
        output: "[…]",
        compute: |given| minimax_discriminator(given.tensor("real"), given.tensor("fake")),
        ..Entry::of(include_str!("classic.rs"))
    },
    Entry {
        name: "minimax_generator",
        rows: &["Minimax (saturating) GAN"],
        tier: 1,
        aliases: &[("usual", "saturating_generator")],
        inputs: &[FAKE],
        output: "[…]",
        compute: |given| minimax_generator(given.tensor("fake")),
        ..Entry::of(include_str!("classic.rs"))
    },
    Entry {
        name: "non_saturating_generator",
        rows: &["Non-saturating GAN"],
        tier: 1,
        aliases: &[("usual", "logistic_generator")],
        inputs: &[FAKE],
        output: "[…]",
        compute: |given| non_saturating_generator(given.tensor("fake")),
        ..Entry::of(include_str!("classic.rs"))
    },
    Entry {
        name: "least_squares_discriminator",
        rows: &["LSGAN"],
        tier: 1,
        aliases: &[("usual", "LSGAN")],
        inputs: &[REAL, FAKE],
        parameters: &[number("real_target", 1.0), number("fake_target", 0.0)],
        output: "[…]",
        compute: |given| {
            let options = LeastSquaresOptions {
                real_target: given.number("real_target"),
                fake_target: given.number("fake_target"),
            };
            least_squares_discriminator(given.tensor("real"), given.tensor("fake"), options)
        },
        ..Entry::of(include_str!("least_squares.rs"))
    },
    Entry {
        name: "least_squares_generator",
        rows: &["LSGAN"],
        tier: 1,
        aliases: &[("usual", "LSGAN")],
        inputs: &[FAKE],
        parameters: &[number("target", 1.0)],
        output: "[…]",
        compute: |given| least_squares_generator(given.tensor("fake"), given.number("target")),
        ..Entry::of(include_str!("least_squares.rs"))
    },
    Entry {
        name: "hinge_discriminator",
        rows: &["Hinge GAN"],
        tier: 1,
        aliases: &[("usual", "HingeGAN"), ("usual", "geometric_gan")],
        inputs: &[REAL, FAKE],
        output: "[…]",
        compute: |given| hinge_discriminator(given.tensor("real"), given.tensor("fake")),
        ..Entry::of(include_str!("wasserstein.rs"))
    },
    Entry {
        name: "wasserstein_critic",
        rows: &["WGAN critic"],
        tier: 1,
        aliases: &[("usual", "WGAN")],
        inputs: &[REAL, FAKE],
        output: "[…]",
        compute: |given| wasserstein_critic(given.tensor("real"), given.tensor("fake")),
        ..Entry::of(include_str!("wasserstein.rs"))
    },
    Entry {
        name: "wasserstein_generator",
        rows: &["WGAN critic", "Hinge GAN"],
        tier: 1,
        aliases: &[("usual", "WGAN"), ("usual", "hinge_generator")],
        inputs: &[FAKE],
        output: "[…]",
        compute: |given| wasserstein_generator(given.tensor("fake")),
        ..Entry::of(include_str!("wasserstein.rs"))
    },
    Entry {
        name: "gradient_penalty",
        rows: &["WGAN-GP", "WGAN-LP / DRAGAN / CT"],
        tier: 1,
        aliases: &[("usual", "WGAN-GP"), ("usual", "DRAGAN")],
        inputs: &[GRADIENTS],
        parameters: &[number("weight", 10.0)],
        output: "[examples]",
        compute: |given| {
            let (scores, points) = scores(given);
            gradient_penalty(&scores, &points, given.number("weight"))
        },
        ..Entry::of(include_str!("gradient_penalty.rs"))
    },
    Entry {
        name: "one_sided_gradient_penalty",
        rows: &["WGAN-LP / DRAGAN / CT"],
        aliases: &[("usual", "WGAN-LP")],
        inputs: &[GRADIENTS],
        parameters: &[number("weight", 10.0)],
        output: "[examples]",
        compute: |given| {
            let (scores, points) = scores(given);
            one_sided_gradient_penalty(&scores, &points, given.number("weight"))
        },
        ..Entry::of(include_str!("gradient_penalty.rs"))
    },
    Entry {
        name: "r1_penalty",
        rows: &["R1 / R2 zero-centred penalty"],
        aliases: &[("usual", "R1"), ("usual", "R2"), ("usual", "r2_penalty")],
        inputs: &[GRADIENTS],
        parameters: &[number("gamma", 10.0)],
        output: "[examples]",
        compute: |given| {
            let (scores, points) = scores(given);
            r1_penalty(&scores, &points, given.number("gamma"))
        },
        ..Entry::of(include_str!("gradient_penalty.rs"))
    },
    Entry {
        name: "path_length_penalty",
        rows: &["Path-length regularisation (StyleGAN2)"],
        aliases: &[("StyleGAN2", "path_length_regularization")],
        inputs: &[GRADIENTS],
        parameters: &[number("mean_length", 0.0)],
        output: "[examples]",
        compute: |given| {
            let (projections, latents) = scores(given);
            path_length_penalty(&projections, &latents, given.number("mean_length"))
        },
        ..Entry::of(include_str!("gradient_penalty.rs"))
    },
    Entry {
        name: "relativistic_logistic",
        rows: &["Relativistic (RaGAN, RpGAN)"],
        aliases: &[("usual", "RpGAN"), ("usual", "RSGAN")],
        inputs: &[REAL, FAKE],
        output: "[…]",
        compute: |given| relativistic_logistic(given.tensor("real"), given.tensor("fake")),
        ..Entry::of(include_str!("relativistic.rs"))
    },
    Entry {
        name: "relativistic_average_logistic",
        rows: &["Relativistic (RaGAN, RpGAN)"],
        aliases: &[("usual", "RaGAN"), ("usual", "RaSGAN")],
        inputs: &[REAL, FAKE],
        output: "[…]",
        compute: |given| relativistic_average_logistic(given.tensor("real"), given.tensor("fake")),
        ..Entry::of(include_str!("relativistic.rs"))
    },
    Entry {
        name: "relativistic_average_least_squares",
        rows: &["Relativistic LS / hinge"],
        aliases: &[("usual", "RaLSGAN")],
        inputs: &[REAL, FAKE],
        output: "[…]",
        compute: |given| relativistic_average_least_squares(given.tensor("real"), given.tensor("fake")),
        ..Entry::of(include_str!("relativistic.rs"))
    },
    Entry {
        name: "relativistic_average_hinge",
        rows: &["Relativistic LS / hinge"],
        aliases: &[("usual", "RaHingeGAN")],
        inputs: &[REAL, FAKE],
        output: "[…]",
        compute: |given| relativistic_average_hinge(given.tensor("real"), given.tensor("fake")),
        ..Entry::of(include_str!("relativistic.rs"))
    },
    Entry {
        name: "lecam",
        rows: &["Unrolled / consistency / LeCam regulariser"],
        aliases: &[("authors", "lecam_reg")],
        inputs: &[REAL, FAKE],
        parameters: &[number("real_mean", 0.0), number("fake_mean", 0.0)],
        output: "[…]",
        compute: |given| {
            lecam(given.tensor("real"), given.tensor("fake"), given.number("real_mean"), given.number("fake_mean"))
        },
        ..Entry::of(include_str!("regularisers.rs"))
    },
    Entry {
        name: "feature_matching",
        rows: &["Feature matching (GAN)"],
        aliases: &[("usual", "FeatureMatchingLoss")],
        inputs: &[real("real_features", "[real, features]").fixed(), real("fake_features", "[fake, features]")],
        output: "[]",
        compute: |given| feature_matching(given.tensor("real_features"), given.tensor("fake_features")),
        ..Entry::of(include_str!("regularisers.rs"))
    },
    Entry {
        name: "cycle_consistency",
        rows: &["Cycle-consistency / identity (CycleGAN)"],
        aliases: &[("usual", "CycleGAN"), ("usual", "identity_loss")],
        inputs: &[real("reconstruction", "[…]"), real("original", "[…]")],
        parameters: &[number("weight", 10.0)],
        output: "[…]",
        compute: |given| {
            cycle_consistency(given.tensor("reconstruction"), given.tensor("original"), given.number("weight"))
        },
        ..Entry::of(include_str!("regularisers.rs"))
    },
    Entry {
        name: "gradient_reversal",
        rows: &["Domain-adversarial (DANN, gradient reversal)"],
        aliases: &[("usual", "GradientReversalLayer"), ("usual", "DANN")],
        inputs: &[real("features", "[…]")],
        parameters: &[number("strength", 1.0)],
        output: "[…]",
        compute: |given| gradient_reversal(given.tensor("features"), given.number("strength")),
        ..Entry::of(include_str!("domain.rs"))
    },
    Entry {
        name: "correlation_alignment",
        rows: &["CORAL (deep correlation alignment) / MCD"],
        aliases: &[("usual", "DeepCORAL")],
        inputs: &[real("source", "[examples, features]"), real("target", "[others, features]")],
        output: "[]",
        compute: |given| correlation_alignment(given.tensor("source"), given.tensor("target")),
        ..Entry::of(include_str!("domain.rs"))
    },
    Entry {
        name: "trades",
        rows: &["Adversarial robustness: TRADES, MART, VAT"],
        aliases: &[("authors", "trades_loss")],
        inputs: &[LOGITS, real("adversarial_logits", "[examples, classes]"), LABELS],
        parameters: &[IGNORED, number("beta", 6.0)],
        output: "[examples]",
        compute: |given| {
            let adversarial_logits = given.tensor("adversarial_logits");
            trades(given.tensor("logits"), adversarial_logits, given.labels("labels"), given.number("beta"))
        },
        average: Some(|given, loss| given.labels("labels").mean(loss, None)),
        ..Entry::of(include_str!("perturbed.rs"))
    },
    Entry {
        name: "virtual_adversarial",
        rows: &["Adversarial robustness: TRADES, MART, VAT"],
        aliases: &[("usual", "VAT")],
        inputs: &[LOGITS.fixed(), real("perturbed_logits", "[examples, classes]")],
        output: "[examples]",
        compute: |given| virtual_adversarial(given.tensor("logits"), given.tensor("perturbed_logits")),
        ..Entry::of(include_str!("perturbed.rs"))
    },
    Entry {
        name: "mixup_cross_entropy",
        rows: &["MixUp / CutMix CE, consistency (FixMatch, Mean Teacher)"],
        aliases: &[("authors", "mixup_criterion"), ("usual", "CutMix")],
        inputs: &[LOGITS, LABELS, labels("other_labels", "[examples]", "classes")],
        parameters: &[IGNORED, number("share", 0.5).at_least(0.0).at_most(1.0)],
        output: "[examples]",
        compute: |given| {
            let (labels, other_labels) = (given.labels("labels"), given.labels("other_labels"));
            mixup_cross_entropy(given.tensor("logits"), labels, other_labels, given.number("share"))
        },
        average: Some(|given, loss| given.labels("labels").mean(loss, None)),
        ..Entry::of(include_str!("perturbed.rs"))
    },
    Entry {
        name: "fix_match",
        rows: &["MixUp / CutMix CE, consistency (FixMatch, Mean Teacher)"],
        aliases: &[("usual", "FixMatch"), ("usual", "pseudo_label")],
        inputs: &[real("weak_logits", "[examples, classes]").fixed(), real("strong_logits", "[examples, classes]")],
        parameters: &[number("threshold", 0.95).at_least(0.0).at_most(1.0)],
        output: "[examples]",
        compute: |given| {
            fix_match(given.tensor("weak_logits"), given.tensor("strong_logits"), given.number("threshold"))
        },
        draw: Some(some_confident),
        ..Entry::of(include_str!("perturbed.rs"))
    },
];
