//! Losses of preferences and rewards: of two answers, which was liked better?

pub(crate) mod catalog;
mod direct;
mod kto;
mod policy;
mod reference_free;
mod token_log_probabilities;

pub use direct::{DpoOptions, bradley_terry, dpo, ipo, robust_dpo};
pub use kto::{KtoOptions, kto};
pub use policy::{TemporalDifferenceOptions, entropy_bonus, policy_gradient, ppo_clip, temporal_difference};
pub use reference_free::{CpoOptions, SimpoOptions, SlicOptions, cpo, orpo, simpo, slic};
pub use token_log_probabilities::TokenLogProbabilities;
