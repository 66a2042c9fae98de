//! The entries of this family.

use super::*;
use crate::catalog::*;

const TARGET: Input = real("target", "[…]");
const POSITIVE: Input = positive("target", "[…]");
const COUNT: Input = counts("target", "[…]");

/// An estimate of a statistic of the target by an input.
const fn estimates(statistic: Statistic, prediction: &'static str, link: Link) -> Option<Estimate> {
    Some(Estimate { statistic, target: "target", prediction, link })
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "gaussian_nll_log_variance",
        rows: &["Gaussian NLL (heteroscedastic)"],
        tier: 1,
        aliases: &[("PyTorch", "GaussianNLLLoss"), ("usual", "heteroscedastic")],
        inputs: &[real("mean", "[…]"), TARGET, real("log_variance", "[…]")],
        output: "[…]",
        estimates: estimates(Statistic::Mean, "mean", Link::Identity),
        compute: |given| {
            gaussian_nll_log_variance(given.tensor("mean"), given.tensor("target"), given.tensor("log_variance"))
        },
        ..Entry::of(include_str!("gaussian_nll.rs"))
    },
    Entry {
        name: "gaussian_nll",
        rows: &["Gaussian NLL (heteroscedastic)"],
        tier: 1,
        aliases: &[("PyTorch", "GaussianNLLLoss"), ("PyTorch", "gaussian_nll_loss")],
        inputs: &[real("mean", "[…]"), TARGET, non_negative("variance", "[…]")],
        parameters: &[flag("full", false), number("epsilon", 1e-6).above(0.0)],
        output: "[…]",
        estimates: estimates(Statistic::Mean, "mean", Link::Identity),
        compute: |given| {
            let options = GaussianNllOptions { full: given.flag("full"), epsilon: given.number("epsilon") };
            gaussian_nll(given.tensor("mean"), given.tensor("target"), given.tensor("variance"), options)
        },
        ..Entry::of(include_str!("gaussian_nll.rs"))
    },
    Entry {
        name: "beta_nll",
        rows: &["beta-NLL (Seitzer)"],
        aliases: &[("authors", "beta-NLL")],
        inputs: &[real("mean", "[…]"), TARGET, real("log_variance", "[…]")],
        parameters: &[number("beta", 0.5).at_least(0.0).at_most(1.0)],
        output: "[…]",
        estimates: estimates(Statistic::Mean, "mean", Link::Identity),
        compute: |given| {
            let (mean, target) = (given.tensor("mean"), given.tensor("target"));
            beta_nll(mean, target, given.tensor("log_variance"), given.number("beta"))
        },
        ..Entry::of(include_str!("beta_nll.rs"))
    },
    Entry {
        name: "poisson_nll",
        rows: &["Poisson NLL"],
        tier: 1,
        aliases: &[("Keras", "Poisson")],
        inputs: &[non_negative("rate", "[…]"), COUNT],
        parameters: &[flag("full", false)],
        output: "[…]",
        estimates: estimates(Statistic::Mean, "rate", Link::Identity),
        compute: |given| poisson_nll(given.tensor("rate"), given.tensor("target"), given.flag("full")),
        ..Entry::of(include_str!("poisson_nll.rs"))
    },
    Entry {
        name: "poisson_nll_log_rate",
        rows: &["Poisson NLL"],
        tier: 1,
        aliases: &[("PyTorch", "PoissonNLLLoss"), ("PyTorch", "poisson_nll_loss"), ("PyTorch", "log_input")],
        inputs: &[real("log_rate", "[…]"), COUNT],
        parameters: &[flag("full", false)],
        output: "[…]",
        estimates: estimates(Statistic::Mean, "log_rate", Link::Exponential),
        compute: |given| poisson_nll_log_rate(given.tensor("log_rate"), given.tensor("target"), given.flag("full")),
        ..Entry::of(include_str!("poisson_nll.rs"))
    },
    Entry {
        name: "laplace_nll",
        rows: &["Laplace NLL"],
        aliases: &[("PyTorch distributions", "Laplace")],
        inputs: &[real("location", "[…]"), TARGET, real("log_scale", "[…]")],
        output: "[…]",
        estimates: estimates(Statistic::Median, "location", Link::Identity),
        compute: |given| laplace_nll(given.tensor("location"), given.tensor("target"), given.tensor("log_scale")),
        ..Entry::of(include_str!("laplace_nll.rs"))
    },
    Entry {
        name: "student_t_nll",
        rows: &["Student-t NLL"],
        aliases: &[("PyTorch distributions", "StudentT")],
        inputs: &[real("location", "[…]"), TARGET, real("log_scale", "[…]"), positive("degrees_of_freedom", "[…]")],
        output: "[…]",
        compute: |given| {
            let (location, target) = (given.tensor("location"), given.tensor("target"));
            student_t_nll(location, target, given.tensor("log_scale"), given.tensor("degrees_of_freedom"))
        },
        ..Entry::of(include_str!("student_t_nll.rs"))
    },
    Entry {
        name: "log_normal_nll",
        rows: &["Log-normal NLL"],
        aliases: &[("PyTorch distributions", "LogNormal")],
        inputs: &[real("log_median", "[…]"), POSITIVE, real("log_variance", "[…]")],
        output: "[…]",
        estimates: estimates(Statistic::GeometricMean, "log_median", Link::Exponential),
        compute: |given| {
            log_normal_nll(given.tensor("log_median"), given.tensor("target"), given.tensor("log_variance"))
        },
        ..Entry::of(include_str!("positive.rs"))
    },
    Entry {
        name: "gamma_nll",
        rows: &["Gamma deviance / Gamma NLL"],
        aliases: &[("PyTorch distributions", "Gamma")],
        inputs: &[real("log_mean", "[…]"), POSITIVE, real("log_shape", "[…]")],
        output: "[…]",
        estimates: estimates(Statistic::Mean, "log_mean", Link::Exponential),
        compute: |given| gamma_nll(given.tensor("log_mean"), given.tensor("target"), given.tensor("log_shape")),
        ..Entry::of(include_str!("positive.rs"))
    },
    Entry {
        name: "inverse_gaussian_nll",
        rows: &["Inverse-Gaussian deviance"],
        aliases: &[("Pyro distributions", "InverseGaussian")],
        inputs: &[real("log_mean", "[…]"), POSITIVE, real("log_shape", "[…]")],
        output: "[…]",
        estimates: estimates(Statistic::Mean, "log_mean", Link::Exponential),
        compute: |given| {
            inverse_gaussian_nll(given.tensor("log_mean"), given.tensor("target"), given.tensor("log_shape"))
        },
        ..Entry::of(include_str!("positive.rs"))
    },
    Entry {
        name: "negative_binomial_nll",
        rows: &["Negative binomial NLL"],
        aliases: &[("PyTorch distributions", "NegativeBinomial")],
        inputs: &[real("log_mean", "[…]"), COUNT, real("log_size", "[…]")],
        output: "[…]",
        estimates: estimates(Statistic::Mean, "log_mean", Link::Exponential),
        compute: |given| {
            negative_binomial_nll(given.tensor("log_mean"), given.tensor("target"), given.tensor("log_size"))
        },
        ..Entry::of(include_str!("counts.rs"))
    },
    Entry {
        name: "zero_inflated_poisson_nll",
        rows: &["Zero-inflated Poisson / NB NLL"],
        aliases: &[("usual", "ZIP")],
        inputs: &[real("logits", "[…]"), real("log_rate", "[…]"), COUNT],
        output: "[…]",
        compute: |given| {
            zero_inflated_poisson_nll(given.tensor("logits"), given.tensor("log_rate"), given.tensor("target"))
        },
        ..Entry::of(include_str!("counts.rs"))
    },
    Entry {
        name: "zero_inflated_negative_binomial_nll",
        rows: &["Zero-inflated Poisson / NB NLL"],
        aliases: &[("usual", "ZINB")],
        inputs: &[real("logits", "[…]"), real("log_mean", "[…]"), COUNT, real("log_size", "[…]")],
        output: "[…]",
        compute: |given| {
            let (logits, log_mean) = (given.tensor("logits"), given.tensor("log_mean"));
            zero_inflated_negative_binomial_nll(logits, log_mean, given.tensor("target"), given.tensor("log_size"))
        },
        ..Entry::of(include_str!("counts.rs"))
    },
    Entry {
        name: "von_mises_nll",
        rows: &["von Mises NLL (angles)"],
        aliases: &[("PyTorch distributions", "VonMises")],
        inputs: &[real("direction", "[…]"), TARGET, real("log_concentration", "[…]")],
        output: "[…]",
        estimates: estimates(Statistic::CircularMean, "direction", Link::Identity),
        compute: |given| {
            von_mises_nll(given.tensor("direction"), given.tensor("target"), given.tensor("log_concentration"))
        },
        ..Entry::of(include_str!("von_mises_nll.rs"))
    },
    Entry {
        name: "gaussian_crps",
        rows: &["CRPS (Gaussian closed form)"],
        aliases: &[("properscoring", "crps_gaussian")],
        inputs: &[real("mean", "[…]"), TARGET, real("log_scale", "[…]")],
        output: "[…]",
        compute: |given| gaussian_crps(given.tensor("mean"), given.tensor("target"), given.tensor("log_scale")),
        ..Entry::of(include_str!("crps.rs"))
    },
    Entry {
        name: "ensemble_crps",
        rows: &["CRPS (ensemble, energy form)"],
        aliases: &[("properscoring", "crps_ensemble")],
        inputs: &[real("ensemble", "[…, members]"), TARGET],
        parameters: &[flag("fair", false)],
        output: "[…]",
        compute: |given| ensemble_crps(given.tensor("ensemble"), given.tensor("target"), given.flag("fair")),
        ..Entry::of(include_str!("crps.rs"))
    },
    Entry {
        name: "mixture_density_nll",
        rows: &["Mixture density network NLL (MDN)"],
        aliases: &[("usual", "MDN")],
        inputs: &[
            real("logits", "[…, components]"),
            real("means", "[…, components, dimensions]"),
            real("log_scales", "[…, components, dimensions]"),
            real("target", "[…, dimensions]"),
        ],
        output: "[…]",
        compute: |given| {
            let (logits, means) = (given.tensor("logits"), given.tensor("means"));
            mixture_density_nll(logits, means, given.tensor("log_scales"), given.tensor("target"))
        },
        ..Entry::of(include_str!("mixture.rs"))
    },
    Entry {
        name: "discretised_logistic_mixture_nll",
        rows: &["Distributional / discretised logistic mixture NLL (PixelCNN++)"],
        aliases: &[("PixelCNN++", "discretized_mix_logistic_loss")],
        inputs: &[
            real("logits", "[…, components]"),
            real("means", "[…, components]"),
            real("log_scales", "[…, components]"),
            real("target", "[…]").fixed(),
        ],
        parameters: &[integer("levels", 256, 2)],
        output: "[…]",
        compute: |given| {
            let (logits, means, log_scales) =
                (given.tensor("logits"), given.tensor("means"), given.tensor("log_scales"));
            let levels = given.integer("levels");
            discretised_logistic_mixture_nll(logits, means, log_scales, given.tensor("target"), levels)
        },
        ..Entry::of(include_str!("mixture.rs"))
    },
];
