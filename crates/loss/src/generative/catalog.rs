//! The entries of this family.

use super::*;
use crate::catalog::*;

const RECONSTRUCTION: Input = real("reconstruction", "[…]");
const MEAN: Input = real("mean", "[…, latent]");
const LOG_VARIANCE: Input = real("log_variance", "[…, latent]");

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        name: "negative_elbo",
        rows: &["ELBO (VAE): reconstruction + KL"],
        tier: 1,
        aliases: &[("usual", "ELBO"), ("Pyro", "Trace_ELBO")],
        inputs: &[RECONSTRUCTION, MEAN, LOG_VARIANCE],
        output: "[…]",
        compute: |given| {
            negative_elbo(given.tensor("reconstruction"), given.tensor("mean"), given.tensor("log_variance"))
        },
        ..Entry::of(include_str!("elbo.rs"))
    },
    Entry {
        name: "beta_vae",
        rows: &["beta-VAE / capacity (C) VAE / free bits", "VIB"],
        aliases: &[("usual", "BetaVAE")],
        inputs: &[RECONSTRUCTION, MEAN, LOG_VARIANCE],
        parameters: &[number("beta", 4.0).at_least(0.0)],
        output: "[…]",
        compute: |given| {
            let (mean, log_variance) = (given.tensor("mean"), given.tensor("log_variance"));
            beta_vae(given.tensor("reconstruction"), mean, log_variance, given.number("beta"))
        },
        ..Entry::of(include_str!("elbo.rs"))
    },
    Entry {
        name: "capacity_vae",
        rows: &["beta-VAE / capacity (C) VAE / free bits"],
        aliases: &[("usual", "CCI-VAE")],
        inputs: &[RECONSTRUCTION, MEAN, LOG_VARIANCE],
        parameters: &[number("gamma", 1000.0).at_least(0.0), number("capacity", 25.0).at_least(0.0)],
        output: "[…]",
        compute: |given| {
            let (mean, log_variance) = (given.tensor("mean"), given.tensor("log_variance"));
            let (gamma, capacity) = (given.number("gamma"), given.number("capacity"));
            capacity_vae(given.tensor("reconstruction"), mean, log_variance, gamma, capacity)
        },
        ..Entry::of(include_str!("elbo.rs"))
    },
    Entry {
        name: "free_bits_elbo",
        rows: &["beta-VAE / capacity (C) VAE / free bits"],
        aliases: &[("usual", "free_bits")],
        inputs: &[
            real("reconstruction", "[batch]"),
            real("mean", "[batch, latent]"),
            real("log_variance", "[batch, latent]"),
        ],
        parameters: &[number("free_nats", 0.25).at_least(0.0)],
        output: "[batch]",
        compute: |given| {
            let (mean, log_variance) = (given.tensor("mean"), given.tensor("log_variance"));
            free_bits_elbo(given.tensor("reconstruction"), mean, log_variance, given.number("free_nats"))
        },
        ..Entry::of(include_str!("elbo.rs"))
    },
    Entry {
        name: "importance_weighted_elbo",
        rows: &["IWAE"],
        aliases: &[("usual", "IWAE")],
        inputs: &[real("log_weights", "[…, samples]")],
        output: "[…]",
        compute: |given| importance_weighted_elbo(given.tensor("log_weights")),
        ..Entry::of(include_str!("elbo.rs"))
    },
    Entry {
        name: "vector_quantisation",
        rows: &["VQ-VAE commitment / codebook"],
        aliases: &[("usual", "VQ-VAE")],
        inputs: &[real("encoded", "[…, dimensions]"), real("codes", "[entries, dimensions]")],
        parameters: &[number("commitment", 0.25).at_least(0.0)],
        output: "[…]",
        compute: |given| {
            vector_quantisation(given.tensor("encoded"), given.tensor("codes"), given.number("commitment"))
        },
        ..Entry::of(include_str!("quantisation.rs"))
    },
    Entry {
        name: "denoising_score_matching",
        rows: &["Score matching (denoising, sliced, implicit)"],
        aliases: &[("usual", "DSM")],
        inputs: &[
            real("scores", "[…, dimensions]"),
            real("noise", "[…, dimensions]").fixed(),
            positive("scales", "[…]").fixed(),
        ],
        output: "[…]",
        compute: |given| {
            denoising_score_matching(given.tensor("scores"), given.tensor("noise"), given.tensor("scales"))
        },
        ..Entry::of(include_str!("matching.rs"))
    },
    Entry {
        name: "flow_matching",
        rows: &["Flow matching / rectified flow / diffusion eps- v-prediction"],
        aliases: &[("usual", "rectified_flow"), ("usual", "CFM")],
        inputs: &[
            real("velocity", "[…, dimensions]"),
            real("source", "[…, dimensions]"),
            real("target", "[…, dimensions]"),
        ],
        output: "[…]",
        compute: |given| flow_matching(given.tensor("velocity"), given.tensor("source"), given.tensor("target")),
        ..Entry::of(include_str!("matching.rs"))
    },
    Entry {
        name: "min_snr_diffusion",
        rows: &["Flow matching / rectified flow / diffusion eps- v-prediction"],
        aliases: &[("usual", "DDPM")],
        inputs: &[
            real("prediction", "[…, dimensions]"),
            real("noise", "[…, dimensions]"),
            positive("signal_to_noise", "[…]").fixed(),
        ],
        parameters: &[number("gamma", 5.0).above(0.0)],
        output: "[…]",
        compute: |given| {
            let (prediction, noise) = (given.tensor("prediction"), given.tensor("noise"));
            min_snr_diffusion(prediction, noise, given.tensor("signal_to_noise"), given.number("gamma"))
        },
        ..Entry::of(include_str!("matching.rs"))
    },
    Entry {
        name: "donsker_varadhan",
        rows: &["MINE (Donsker-Varadhan) / NWJ"],
        aliases: &[("usual", "MINE")],
        inputs: &[real("joint", "[…, pairs]"), real("marginal", "[…, others]")],
        output: "[…]",
        compute: |given| donsker_varadhan(given.tensor("joint"), given.tensor("marginal")),
        ..Entry::of(include_str!("mutual_information.rs"))
    },
    Entry {
        name: "nguyen_wainwright_jordan",
        rows: &["MINE (Donsker-Varadhan) / NWJ"],
        aliases: &[("usual", "NWJ")],
        inputs: &[real("joint", "[…, pairs]"), real("marginal", "[…, others]")],
        output: "[…]",
        compute: |given| nguyen_wainwright_jordan(given.tensor("joint"), given.tensor("marginal")),
        ..Entry::of(include_str!("mutual_information.rs"))
    },
];
