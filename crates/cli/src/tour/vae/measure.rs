//! What a trained autoencoder does with pictures that it has not seen.

use minimand::prelude::*;

use super::{
    VaeFigures,
    autoencoder::{Autoencoder, Code, LATENT},
};
use crate::tour::digits::{INK, Museum};

/// Codes for each picture that are weighed at once.
const AT_ONCE: usize = 50;

/// Pictures made of codes from the prior.
pub(super) const SAMPLES: usize = 1000;

/// What there is to show beside the figures.
pub(super) struct Pictures {
    /// `[pictures, pixels]`, of the test pictures' mean codes.
    pub(super) reconstructions: Tensor,
    /// `[pictures, pixels]`, of codes from the prior.
    pub(super) samples: Tensor,
}

/// With so many codes for each picture in the estimate of its likelihood.
pub(super) fn inspect(model: &Autoencoder, museum: &Museum, codes: usize, rng: &mut Rng) -> (VaeFigures, Pictures) {
    let x = &museum.test;
    let code = model.encode(x);
    let code = Code { mean: code.mean.computed(), log_variance: code.log_variance.computed() };
    let weights: Vec<Tensor> = (0..codes.div_ceil(AT_ONCE))
        .map(|part| {
            let noise = Tensor::normal([AT_ONCE.min(codes - part * AT_ONCE), x.shape()[0], LATENT], rng);
            model.log_weights(x, &code, &noise).computed()
        })
        .collect();
    let weights = Tensor::concatenate(&weights, -1);
    let elbo = weights.mean().item();
    let divergences = gaussian_kl_to_standard_normal(&code.mean.unsqueeze(-1), &code.log_variance.unsqueeze(-1));
    let mut divergences: Vec<f64> = divergences.mean_axis(0).to_vec();
    divergences.sort_by(|a, b| b.total_cmp(a));
    let rate = divergences.iter().sum();
    let reconstructions = model.decode(&code.mean).computed();
    let mean_picture = museum.train.mean_keepdim(0);
    let away = |pictures: &Tensor| (pictures - &mean_picture).square().mean().item();
    let activity = code.mean.var_axis(0, 0);
    let count = |units: Tensor| units.cast(DType::F64).sum().item() as usize;
    // The same codes from the prior for every model.
    let samples = model.decode(&Tensor::normal([SAMPLES, LATENT], rng)).clamp(0.0, 1.0).computed();
    let figures = VaeFigures {
        elbo,
        likelihood: -importance_weighted_elbo(&weights).mean().item(),
        rate,
        distortion: -elbo - rate,
        error: INK * (&reconstructions - x).square().mean().item().sqrt(),
        variety: away(&reconstructions) / away(x),
        active: count(activity.gt(VaeFigures::ACTIVE)),
        used: count(worth(model, x, &code.mean, rng).gt(VaeFigures::USED)),
        divergences,
        samples: museum.judge(&museum.test).figures(&samples),
    };
    (figures, Pictures { reconstructions, samples })
}

/// What each unit is worth to the decoder, in nats: how much the distortion rises with another picture's value.
fn worth(model: &Autoencoder, x: &Tensor, codes: &Tensor, rng: &mut Rng) -> Tensor {
    let others: Vec<i64> = rng.permutation(x.shape()[0]).into_iter().map(|row| row as i64).collect();
    let others = codes.index_select(0, Tensor::from(others));
    let units = Tensor::iota(LATENT);
    let own_unit = units.reshape([LATENT, 1, 1]).eq(units.reshape([1, 1, LATENT]));
    let shape = [LATENT, x.shape()[0], LATENT];
    let exchanged = own_unit.expand(shape).select(others.expand(shape), codes.expand(shape));
    model.reconstruction(x, &exchanged).mean_axis(-1) - model.reconstruction(x, codes).mean()
}
