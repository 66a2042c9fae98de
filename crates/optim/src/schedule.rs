//! Learning-rate schedules: pure functions from the number of a step to its learning rate.

use std::f64::consts::PI;

use crate::rule::{OptionsError, require_non_negative};

/// How the learning rate changes from step to step: a pure function of the base rate α and the number of steps taken before.
///
/// Attached with [`with_schedule`](crate::Descent::with_schedule) it is applied by itself at every step. It counts steps that were
/// *taken*, from 0: the first step uses `learning_rate(α, 0)`, and a step that was refused does not count. A step is one update, so multiply
/// epochs by batches per epoch. With several groups of parameters, each has its own α.
///
/// ```
/// use minimand_optim::Schedule;
/// // Ten steps from a tenth of the rate up to it, then ninety down to zero.
/// let schedule = Schedule::LinearWarmup { steps: 10, start_factor: 0.1 }
///     .then(10, Schedule::Cosine { period: 90, minimum: 0.0 });
/// let rates = [0, 5, 10, 55, 100].map(|step| format!("{:.4}", schedule.learning_rate(0.1, step)));
/// assert_eq!(rates, ["0.0100", "0.0550", "0.1000", "0.0500", "0.0000"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Schedule {
    /// `α`.
    #[default]
    Constant,
    /// `α · factor^⌊step/every⌋`: PyTorch's StepLR.
    Step {
        /// Steps between changes, at least 1.
        every: u64,
        /// What each change multiplies the rate by, at least 0; usual 0.1.
        factor: f64,
    },
    /// `α · factor^step`: PyTorch's ExponentialLR.
    Exponential {
        /// What every step multiplies the rate by, at least 0; usual just below 1.
        factor: f64,
    },
    /// `minimum + (α − minimum)(1 + cos(π·step/period))/2`: down to the minimum at `step = period` and, beyond it, up again to α at twice
    /// the period, as PyTorch's CosineAnnealingLR. Loshchilov & Hutter 2017 (SGDR), equation 5, without restarts.
    Cosine {
        /// Steps from α to the minimum, at least 1.
        period: u64,
        /// The least learning rate, a rate like α, at least 0.
        minimum: f64,
    },
    /// `α · (start + (1 − start) · min(step, steps)/steps)`: PyTorch's LinearLR. It stays at α afterwards.
    LinearWarmup {
        /// Steps until the full rate, at least 1.
        steps: u64,
        /// The first step's share of the full rate, from 0 to 1.
        start_factor: f64,
    },
    /// `first` before the milestone; from it on `second`, which counts its own steps from 0. Made with [`then`](Schedule::then).
    Then {
        /// The schedule of the steps before the milestone.
        first: Box<Schedule>,
        /// The first step of `second`, at least 1.
        milestone: u64,
        /// The schedule from the milestone on.
        second: Box<Schedule>,
    },
}

impl Schedule {
    /// This schedule until step `milestone`, and from that step on `next`, which counts its own steps from 0: PyTorch's SequentialLR.
    /// Milestones of a chain all count from its beginning.
    ///
    /// ```
    /// use minimand_optim::Schedule;
    /// let schedule = Schedule::Constant.then(2, Schedule::Exponential { factor: 0.5 }).then(4, Schedule::Constant);
    /// let rates: Vec<f64> = (0..6).map(|step| schedule.learning_rate(0.8, step)).collect();
    /// assert_eq!(rates, [0.8, 0.8, 0.8, 0.4, 0.8, 0.8]);
    /// ```
    #[must_use]
    #[doc(alias = "SequentialLR")]
    #[doc(alias = "chained")]
    pub fn then(self, milestone: u64, next: Schedule) -> Schedule {
        Schedule::Then { first: Box::new(self), milestone, second: Box::new(next) }
    }

    /// The learning rate of the step that follows `step` others, for a base rate `alpha`.
    ///
    /// # Panics
    /// When an option is one that [`validate`](Schedule::validate) rejects, such as a period of 0.
    #[track_caller]
    pub fn learning_rate(&self, alpha: f64, step: u64) -> f64 {
        if let Err(error) = self.validate() {
            panic!("{error}");
        }
        self.rate(alpha, step)
    }

    fn rate(&self, alpha: f64, step: u64) -> f64 {
        match self {
            Schedule::Constant => alpha,
            Schedule::Step { every, factor } => alpha * factor.powf((step / every) as f64),
            Schedule::Exponential { factor } => alpha * factor.powf(step as f64),
            Schedule::Cosine { period, minimum } => {
                // Of the angle only the part within a full turn counts; a large one would lose its digits.
                let turn = (step % (2 * period)) as f64 / *period as f64;
                minimum + (alpha - minimum) * (1.0 + (PI * turn).cos()) / 2.0
            }
            Schedule::LinearWarmup { steps, start_factor } => {
                let done = step.min(*steps) as f64 / *steps as f64;
                alpha * (start_factor + (1.0 - start_factor) * done)
            }
            Schedule::Then { first, milestone, second } => match step.checked_sub(*milestone) {
                None => first.rate(alpha, step),
                Some(own) => second.rate(alpha, own),
            },
        }
    }

    /// Checks the options of this schedule and of those chained in it.
    ///
    /// # Errors
    /// Names the first option that is out of its range, or a milestone that does not come after the one before it.
    pub fn validate(&self) -> Result<(), OptionsError> {
        let at_least_one =
            |option, value: u64| OptionsError::unless(value >= 1, "Schedule", option, value as f64, "at least 1");
        match self {
            Schedule::Constant => Ok(()),
            Schedule::Step { every, factor } => {
                at_least_one("every", *every)?;
                require_non_negative("Schedule", "factor", *factor)
            }
            Schedule::Exponential { factor } => require_non_negative("Schedule", "factor", *factor),
            Schedule::Cosine { period, minimum } => {
                let halved = *period <= u64::MAX / 2;
                OptionsError::unless(halved, "Schedule", "period", *period as f64, "at most 2⁶³ − 1")?;
                at_least_one("period", *period)?;
                require_non_negative("Schedule", "minimum", *minimum)
            }
            Schedule::LinearWarmup { steps, start_factor } => {
                at_least_one("steps", *steps)?;
                let share = (0.0..=1.0).contains(start_factor);
                OptionsError::unless(share, "Schedule", "start_factor", *start_factor, "between 0 and 1")
            }
            Schedule::Then { first, milestone, second } => {
                at_least_one("milestone", *milestone)?;
                if let Schedule::Then { milestone: before, .. } = **first {
                    let (option, later) = ("milestone", milestone > &before);
                    OptionsError::unless(
                        later,
                        "Schedule",
                        option,
                        *milestone as f64,
                        "after the milestone before it",
                    )?;
                }
                first.validate()?;
                second.validate()
            }
        }
    }
}
