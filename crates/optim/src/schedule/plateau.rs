//! A learning rate that falls when a metric has stopped to improve.

use crate::rule::{OptionsError, require_non_negative};

/// Lowers the learning rate when a metric has not improved for a while.
///
/// Attached with [`with_plateau`](crate::Descent::with_plateau), it is told a metric with [`observe`](crate::Optimizer::observe), usually
/// once an epoch. What it lowers is the base rate of every group, so that a [`Schedule`](crate::Schedule) goes on beneath it. What it
/// remembers is part of the optimizer's [state](crate::OptimizerState).
///
/// ```
/// use minimand_optim::{Optimizer, ReduceOnPlateau, Sgd, SgdOptions};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let w = Parameter::new("w", Tensor::from([1.0]));
/// let mut sgd = Sgd::new([&w], SgdOptions { learning_rate: 0.5, ..Default::default() })
///     .with_plateau(ReduceOnPlateau { patience: 1, ..Default::default() });
/// let reduced = [3.0, 2.0, 2.5, 2.0].map(|metric| sgd.observe(metric)); // twice no better than 2
/// assert_eq!(reduced, [false, false, false, true]);
/// assert_eq!(sgd.learning_rate(), 0.05);
/// ```
#[doc(alias = "ReduceLROnPlateau")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReduceOnPlateau {
    /// What the rate is multiplied by, at least 0 and below 1. Default 0.1.
    pub factor: f64,
    /// How many observations without improvement are let pass; the next one lowers the rate. Default 10.
    pub patience: u64,
    /// What counts as an improvement. Default a relative one of 1e-4.
    pub threshold: PlateauThreshold,
    /// How many observations after a reduction count as neither good nor bad. Default 0.
    pub cooldown: u64,
    /// The least learning rate, at least 0. Default 0.
    #[doc(alias = "min_lr")]
    pub minimum: f64,
    /// A reduction by no more than this is not made, at least 0. Default 1e-8.
    #[doc(alias = "eps")]
    pub least_change: f64,
    /// Whether a greater metric is better, such as an accuracy. Default no.
    #[doc(alias = "mode")]
    pub maximize: bool,
}

/// By how much a metric must be better than the best one to count as an improvement, at least 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PlateauThreshold {
    /// By this share of the best: below `best · (1 − share)`, or above `best · (1 + share)` for a metric that is maximized.
    Relative(f64),
    /// By this much.
    Absolute(f64),
}

/// What [`ReduceOnPlateau`] remembers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlateauState {
    /// The best metric so far; infinite before the first.
    pub best: f64,
    /// Observations without improvement in a row.
    pub without_improvement: u64,
    /// Observations that remain of the cooldown.
    pub cooldown: u64,
}

impl Default for ReduceOnPlateau {
    fn default() -> ReduceOnPlateau {
        ReduceOnPlateau {
            factor: 0.1,
            patience: 10,
            threshold: PlateauThreshold::Relative(1e-4),
            cooldown: 0,
            minimum: 0.0,
            least_change: 1e-8,
            maximize: false,
        }
    }
}

impl ReduceOnPlateau {
    /// Checks the options.
    ///
    /// # Errors
    /// Names the first that is out of its range.
    pub fn validate(&self) -> Result<(), OptionsError> {
        let owner = "ReduceOnPlateau";
        let (PlateauThreshold::Relative(threshold) | PlateauThreshold::Absolute(threshold)) = self.threshold;
        OptionsError::unless(
            (0.0..1.0).contains(&self.factor),
            owner,
            "factor",
            self.factor,
            "at least 0 and below 1",
        )?;
        require_non_negative(owner, "threshold", threshold)?;
        require_non_negative(owner, "minimum", self.minimum)?;
        require_non_negative(owner, "least_change", self.least_change)
    }

    /// What is remembered before the first observation.
    pub(crate) fn start(&self) -> PlateauState {
        let best = if self.maximize { f64::NEG_INFINITY } else { f64::INFINITY };
        PlateauState { best, without_improvement: 0, cooldown: 0 }
    }

    /// Whether the rate is to be lowered after this observation. NaN is no improvement.
    pub(crate) fn observe(&self, metric: f64, state: &mut PlateauState) -> bool {
        if self.is_better(metric, state.best) {
            state.best = metric;
            state.without_improvement = 0;
        } else {
            state.without_improvement += 1;
        }
        if state.cooldown > 0 {
            state.cooldown -= 1;
            state.without_improvement = 0;
        }
        let exhausted = state.without_improvement > self.patience;
        if exhausted {
            state.cooldown = self.cooldown;
            state.without_improvement = 0;
        }
        exhausted
    }

    /// The rate that follows.
    pub(crate) fn reduced(&self, rate: f64) -> f64 {
        let lower = (rate * self.factor).max(self.minimum);
        if rate - lower > self.least_change { lower } else { rate }
    }

    fn is_better(&self, metric: f64, best: f64) -> bool {
        let sign = if self.maximize { 1.0 } else { -1.0 };
        let goal = match self.threshold {
            PlateauThreshold::Relative(share) => best * (1.0 + sign * share),
            PlateauThreshold::Absolute(margin) => best + sign * margin,
        };
        if self.maximize { metric > goal } else { metric < goal }
    }
}
