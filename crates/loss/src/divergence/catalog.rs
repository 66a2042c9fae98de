//! The entries of this family.

use minimand_tensor::{DType, Rng, Tensor};

use super::*;
use crate::catalog::*;

const LOG_P: Input = log_distribution("log_p", "[…, classes]");
const LOG_Q: Input = log_distribution("log_q", "[…, classes]");

/// A divergence of two distributions by their logarithms.
const fn of_logarithms(source: &'static str) -> Entry {
    Entry {
        rows: &["f-divergence family (KL, rKL, Pearson chi2, Hellinger, TV, JS, LeCam)"],
        inputs: &[LOG_P, LOG_Q],
        output: "[…]",
        ..Entry::of(source)
    }
}

/// Covariances that are positive definite.
fn positive_definite(seed: u64) -> Arguments {
    let mut rng = Rng::seed(seed + 31);
    let mut normal = |count: usize| (0..count).map(|_| rng.normal()).collect::<Vec<f64>>();
    let mut covariance = || {
        let factor = Tensor::from_vec(normal(18), [2, 3, 3]);
        (factor.matmul(&factor.transpose()) + Tensor::eye(3).cast(DType::F64)).computed().detach()
    };
    let (own, other) = (covariance(), covariance());
    Arguments::new()
        .tensor("first_mean", Tensor::from_vec(normal(6), [2, 3]))
        .tensor("first_covariance", own)
        .tensor("second_mean", Tensor::from_vec(normal(6), [2, 3]))
        .tensor("second_covariance", other)
}

/// A closed form.
const fn closed(name: &'static str) -> Entry {
    Entry {
        name,
        rows: &["KL closed forms: Bernoulli, categorical, Dirichlet, Gamma, Beta"],
        output: "[…]",
        ..Entry::of(include_str!("closed_form.rs"))
    }
}

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "kl_divergence",
        rows: &["KL divergence (pointwise, torch order input=log q, target=p)"],
        tier: 1,
        aliases: &[
            ("PyTorch", "kl_div"),
            ("PyTorch", "KLDivLoss"),
            ("Keras", "KLDivergence"),
            ("usual", "relative_entropy"),
        ],
        inputs: &[LOG_Q, distribution("p", "[…, classes]")],
        output: "[…]",
        compute: |given| kl_divergence(given.tensor("log_q"), given.tensor("p")),
        ..Entry::of(include_str!("kl_divergence.rs"))
    },
    Entry {
        name: "kl_divergence_log_target",
        rows: &["KL divergence (pointwise, torch order input=log q, target=p)"],
        tier: 1,
        aliases: &[("PyTorch", "kl_div"), ("Optax", "kl_divergence_with_log_targets")],
        inputs: &[LOG_Q, LOG_P],
        output: "[…]",
        compute: |given| kl_divergence_log_target(given.tensor("log_q"), given.tensor("log_p")),
        ..Entry::of(include_str!("kl_divergence.rs"))
    },
    Entry {
        name: "generalised_kl_divergence",
        rows: &["Generalised KL (I-divergence)"],
        tier: 2,
        aliases: &[("Optax", "generalized_kl_divergence"), ("Optax", "convex_kl_divergence")],
        inputs: &[real("log_q", "[…, classes]"), non_negative("p", "[…, classes]")],
        output: "[…]",
        compute: |given| generalised_kl_divergence(given.tensor("log_q"), given.tensor("p")),
        ..Entry::of(include_str!("families.rs"))
    },
    Entry {
        name: "jensen_shannon",
        rows: &["JS divergence"],
        tier: 2,
        aliases: &[("Kornia", "js_div_loss_2d"), ("usual", "JSD")],
        compute: |given| jensen_shannon(given.tensor("log_p"), given.tensor("log_q")),
        ..of_logarithms(include_str!("families.rs"))
    },
    Entry {
        name: "renyi_divergence",
        rows: &["Alpha / Renyi divergence"],
        aliases: &[("Pyro", "RenyiELBO")],
        parameters: &[number("alpha", 2.0).above(0.0)],
        compute: |given| renyi_divergence(given.tensor("log_p"), given.tensor("log_q"), given.number("alpha")),
        ..of_logarithms(include_str!("families.rs"))
    },
    Entry {
        name: "alpha_divergence",
        rows: &["Alpha / Renyi divergence"],
        aliases: &[("usual", "AmariAlpha")],
        parameters: &[number("alpha", 0.5)],
        compute: |given| alpha_divergence(given.tensor("log_p"), given.tensor("log_q"), given.number("alpha")),
        ..of_logarithms(include_str!("families.rs"))
    },
    Entry {
        name: "squared_hellinger",
        rows: &["Hellinger / Bhattacharyya"],
        aliases: &[("usual", "hellinger")],
        compute: |given| squared_hellinger(given.tensor("log_p"), given.tensor("log_q")),
        ..of_logarithms(include_str!("families.rs"))
    },
    Entry {
        name: "bhattacharyya",
        rows: &["Hellinger / Bhattacharyya"],
        aliases: &[("usual", "BhattacharyyaDistance")],
        compute: |given| bhattacharyya(given.tensor("log_p"), given.tensor("log_q")),
        ..of_logarithms(include_str!("families.rs"))
    },
    Entry {
        name: "total_variation_distance",
        aliases: &[("usual", "total_variation_divergence")],
        compute: |given| total_variation_distance(given.tensor("log_p"), given.tensor("log_q")),
        ..of_logarithms(include_str!("families.rs"))
    },
    Entry {
        name: "pearson_chi_squared",
        aliases: &[("usual", "chi2_divergence")],
        compute: |given| pearson_chi_squared(given.tensor("log_p"), given.tensor("log_q")),
        ..of_logarithms(include_str!("families.rs"))
    },
    Entry {
        name: "le_cam",
        aliases: &[("usual", "triangular_discrimination")],
        compute: |given| le_cam(given.tensor("log_p"), given.tensor("log_q")),
        ..of_logarithms(include_str!("families.rs"))
    },
    Entry {
        aliases: &[("PyTorch distributions", "kl_bernoulli")],
        inputs: &[real("first_logits", "[…]"), real("second_logits", "[…]")],
        compute: |given| bernoulli_kl(given.tensor("first_logits"), given.tensor("second_logits")),
        ..closed("bernoulli_kl")
    },
    Entry {
        aliases: &[("PyTorch distributions", "kl_categorical")],
        inputs: &[real("first_logits", "[…, classes]"), real("second_logits", "[…, classes]")],
        compute: |given| categorical_kl(given.tensor("first_logits"), given.tensor("second_logits")),
        ..closed("categorical_kl")
    },
    Entry {
        aliases: &[("PyTorch distributions", "kl_dirichlet")],
        inputs: &[positive("first", "[…, classes]"), positive("second", "[…, classes]")],
        compute: |given| dirichlet_kl(given.tensor("first"), given.tensor("second")),
        ..closed("dirichlet_kl")
    },
    Entry {
        aliases: &[("PyTorch distributions", "kl_gamma")],
        inputs: &[
            positive("first_shape", "[…]"),
            positive("first_rate", "[…]"),
            positive("second_shape", "[…]"),
            positive("second_rate", "[…]"),
        ],
        compute: |given| {
            let (first, second) = (given.tensor("first_shape"), given.tensor("second_shape"));
            gamma_kl(first, given.tensor("first_rate"), second, given.tensor("second_rate"))
        },
        ..closed("gamma_kl")
    },
    Entry {
        aliases: &[("PyTorch distributions", "kl_beta")],
        inputs: &[
            positive("first_alpha", "[…]"),
            positive("first_beta", "[…]"),
            positive("second_alpha", "[…]"),
            positive("second_beta", "[…]"),
        ],
        compute: |given| {
            let (first, second) = (given.tensor("first_alpha"), given.tensor("second_alpha"));
            beta_kl(first, given.tensor("first_beta"), second, given.tensor("second_beta"))
        },
        ..closed("beta_kl")
    },
    Entry {
        rows: &["KL of Gaussians (closed form)"],
        aliases: &[("PyTorch distributions", "kl_normal")],
        inputs: &[
            real("first_mean", "[…, dimensions]"),
            real("first_log_variance", "[…, dimensions]"),
            real("second_mean", "[…, dimensions]"),
            real("second_log_variance", "[…, dimensions]"),
        ],
        compute: |given| {
            let (first, second) = (given.tensor("first_mean"), given.tensor("second_mean"));
            gaussian_kl(first, given.tensor("first_log_variance"), second, given.tensor("second_log_variance"))
        },
        ..closed("gaussian_kl")
    },
    Entry {
        name: "multivariate_gaussian_kl",
        rows: &["KL of Gaussians (closed form)"],
        aliases: &[("PyTorch distributions", "kl_multivariate_normal")],
        inputs: &[
            real("first_mean", "[…, dimensions]"),
            real("first_covariance", "[…, dimensions, dimensions]"),
            real("second_mean", "[…, dimensions]"),
            real("second_covariance", "[…, dimensions, dimensions]"),
        ],
        output: "[…]",
        latex: Some(
            r"\ell = \tfrac{1}{2} \left(\operatorname{tr}(S_2^{-1} S_1) - n + (m_2 - m_1)^\top S_2^{-1} (m_2 - m_1) + \ln\frac{\det S_2}{\det S_1}\right)",
        ),
        draw: Some(positive_definite),
        compute: |given| {
            let (first, second) = (given.tensor("first_mean"), given.tensor("second_mean"));
            let (own, other) = (given.tensor("first_covariance"), given.tensor("second_covariance"));
            multivariate_gaussian_kl(first, own, second, other)
        },
        ..Entry::of(include_str!("multivariate.rs"))
    },
    Entry {
        name: "gaussian_kl_to_standard_normal",
        rows: &["KL of Gaussians (closed form)"],
        aliases: &[("usual", "elbo"), ("usual", "vae")],
        inputs: &[real("mean", "[…, latent]"), real("log_variance", "[…, latent]")],
        output: "[…]",
        compute: |given| gaussian_kl_to_standard_normal(given.tensor("mean"), given.tensor("log_variance")),
        ..Entry::of(include_str!("gaussian_kl.rs"))
    },
];
