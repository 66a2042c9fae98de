//! Minimising a function that is the same at every call: no batches, no noise.

mod cholesky;
mod lbfgs;
mod line_search;
mod newton;
mod objective;

pub use lbfgs::{Lbfgs, LbfgsOptions, LineSearch};
pub use newton::{Newton, NewtonOptions};

/// Where a minimisation ended, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Minimum {
    pub(crate) loss: f64,
    pub(crate) steepest: f64,
    pub(crate) iterations: usize,
    pub(crate) evaluations: usize,
    pub(crate) stopped: Stopped,
}

/// Why a minimisation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// No entry of the gradient exceeds the tolerance.
    Gradient,
    /// The loss or the parameters change by less than the tolerance: mostly, rounding leaves nothing to gain.
    Change,
    /// The limit of iterations or of evaluations is reached.
    Limit,
    /// No lower loss was found along any direction that was tried.
    NoDescent,
}

impl Minimum {
    /// The loss at the parameters as they are left.
    pub fn loss(&self) -> f64 {
        self.loss
    }

    /// The greatest magnitude of an entry of the gradient there.
    pub fn steepest(&self) -> f64 {
        self.steepest
    }

    /// How many iterations were made: directions that were gone along.
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// How many times the loss and its gradient were computed.
    pub fn evaluations(&self) -> usize {
        self.evaluations
    }

    /// Why it ended.
    pub fn stopped(&self) -> Stopped {
        self.stopped
    }

    /// Whether it ended at a point where nothing is left to gain: not at a limit, and not for want of a descent.
    pub fn converged(&self) -> bool {
        match self.stopped {
            Stopped::Gradient | Stopped::Change => true,
            Stopped::Limit | Stopped::NoDescent => false,
        }
    }
}

/// `Σ aᵢ bᵢ`
fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The greatest magnitude of an entry; NaN where one is.
fn greatest(entries: &[f64]) -> f64 {
    entries.iter().fold(0.0, |greatest: f64, entry| if entry.is_nan() { f64::NAN } else { greatest.max(entry.abs()) })
}

/// `point + share · direction`
fn moved(point: &[f64], share: f64, direction: &[f64]) -> Vec<f64> {
    point.iter().zip(direction).map(|(p, d)| p + share * d).collect()
}
