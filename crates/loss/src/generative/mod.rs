//! Losses of generative models: evidence bounds, quantisation, score and flow matching.

pub(crate) mod catalog;
mod elbo;
mod matching;
mod mutual_information;
mod quantisation;

pub use elbo::{beta_vae, capacity_vae, free_bits_elbo, importance_weighted_elbo, negative_elbo};
pub use matching::{denoising_score_matching, flow_matching, min_snr_diffusion};
pub use mutual_information::{donsker_varadhan, nguyen_wainwright_jordan};
pub use quantisation::vector_quantisation;
