//! Losses of sequences whose alignment is not known.

pub(crate) mod catalog;
mod crf;
mod ctc;
mod permutation;
mod recursion;
mod rnn_t;
mod sequences;
mod signal_distortion;
mod soft_dtw;
mod stft;
mod unlikelihood;

pub use crf::*;
pub use ctc::*;
pub use permutation::*;
pub use rnn_t::*;
pub use sequences::*;
pub use signal_distortion::*;
pub use soft_dtw::*;
pub use stft::*;
pub use unlikelihood::*;
