//! Learning-rate schedules: pure functions from the number of a step to its learning rate.

use std::f64::consts::PI;

mod custom;
mod cycle;
mod plateau;

pub use custom::CustomSchedule;
pub use cycle::{Cyclic, CyclicShape, OneCycle};
pub use plateau::{PlateauState, PlateauThreshold, ReduceOnPlateau};

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
    /// `α · factor` before step `steps`, then `α`: PyTorch's ConstantLR.
    #[doc(alias = "ConstantLR")]
    ConstantFactor {
        /// Steps with the factor, at least 1.
        steps: u64,
        /// What the rate is multiplied by in them, at least 0.
        factor: f64,
    },
    /// `α · factor^⌊step/every⌋`: PyTorch's StepLR.
    #[doc(alias = "StepLR")]
    Step {
        /// Steps between changes, at least 1.
        every: u64,
        /// What each change multiplies the rate by, at least 0; usual 0.1.
        factor: f64,
    },
    /// `α · factor^k`, where k is how many of the milestones are not after the step: PyTorch's MultiStepLR.
    #[doc(alias = "MultiStepLR")]
    MultiStep {
        /// The steps from which on the rate changes, at least 1 and ascending.
        milestones: Vec<u64>,
        /// What each change multiplies the rate by, at least 0; usual 0.1.
        factor: f64,
    },
    /// `α · factor^step`: PyTorch's ExponentialLR.
    #[doc(alias = "ExponentialLR")]
    Exponential {
        /// What every step multiplies the rate by, at least 0; usual just below 1.
        factor: f64,
    },
    /// `minimum + (α − minimum)(1 + cos(π·step/period))/2`: down to the minimum at `step = period` and, beyond it, up again to α at twice
    /// the period, as PyTorch's CosineAnnealingLR. Loshchilov & Hutter 2017 (SGDR), equation 5, without restarts.
    #[doc(alias = "CosineAnnealingLR")]
    Cosine {
        /// Steps from α to the minimum, at least 1.
        period: u64,
        /// The least learning rate, a rate like α, at least 0.
        minimum: f64,
    },
    /// `minimum + (α − minimum)(1 + cos(π·k/Tᵢ))/2`, k steps after the i-th restart: down to the minimum, and from α again. The first period
    /// is T₀ = `period`, each further one `growth` times as long. PyTorch's CosineAnnealingWarmRestarts; Loshchilov & Hutter 2017 (SGDR),
    /// equation 5.
    #[doc(alias = "SGDR")]
    #[doc(alias = "CosineAnnealingWarmRestarts")]
    CosineRestarts {
        /// Steps of the first period, at least 1.
        period: u64,
        /// How many times as long each period is as the one before, at least 1; PyTorch's `T_mult`.
        growth: u64,
        /// The least learning rate, a rate like α, at least 0.
        minimum: f64,
    },
    /// `α · (1 − min(step, steps)/steps)^power`: PyTorch's PolynomialLR. It stays at 0 afterwards.
    #[doc(alias = "PolynomialLR")]
    Polynomial {
        /// Steps until 0, at least 1.
        steps: u64,
        /// The exponent, at least 0; 1 is a straight line.
        power: f64,
    },
    /// `α · (start + (end − start) · min(step, steps)/steps)`: PyTorch's LinearLR.
    #[doc(alias = "LinearLR")]
    Linear {
        /// Steps until the end, at least 1.
        steps: u64,
        /// What the first step's rate is multiplied by, at least 0.
        start_factor: f64,
        /// What the rate is multiplied by from the end on, at least 0.
        end_factor: f64,
    },
    /// Up to α and far down again, while the momentum goes the other way: PyTorch's OneCycleLR.
    OneCycle(OneCycle),
    /// Up from α and down to it again and again: PyTorch's CyclicLR.
    Cyclic(Cyclic),
    /// `α · f(step)`, for a function of one's own: PyTorch's LambdaLR. Made with [`custom`](Schedule::custom).
    #[doc(alias = "LambdaLR")]
    Custom(CustomSchedule),
    /// `α · f(1) ⋯ f(step)`, for a function of one's own: PyTorch's MultiplicativeLR. Made with [`multiplicative`](Schedule::multiplicative).
    #[doc(alias = "MultiplicativeLR")]
    Multiplicative(CustomSchedule),
    /// All of them at once: each takes the rate of the one before as its α. Factors multiply, as in PyTorch's ChainedScheduler. Made with
    /// [`and`](Schedule::and).
    #[doc(alias = "ChainedScheduler")]
    Chained(Vec<Schedule>),
    /// `α · (start + (1 − start) · min(step, steps)/steps)`: PyTorch's LinearLR. It stays at α afterwards.
    #[doc(alias = "warmup")]
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
    pub fn then(self, milestone: u64, next: Schedule) -> Schedule {
        Schedule::Then { first: Box::new(self), milestone, second: Box::new(next) }
    }

    /// This schedule and another one at the same time: `other` takes the rate of this one as its α. Factors multiply: PyTorch's
    /// ChainedScheduler.
    ///
    /// ```
    /// use minimand_optim::Schedule;
    /// let warmup = Schedule::LinearWarmup { steps: 2, start_factor: 0.5 };
    /// let schedule = warmup.and(Schedule::MultiStep { milestones: vec![3, 4], factor: 0.5 });
    /// let rates: Vec<f64> = (0..5).map(|step| schedule.learning_rate(1.0, step)).collect();
    /// assert_eq!(rates, [0.5, 0.75, 1.0, 0.5, 0.25]);
    /// ```
    #[must_use]
    #[doc(alias = "ChainedScheduler")]
    pub fn and(self, other: Schedule) -> Schedule {
        let mut all = match self {
            Schedule::Chained(all) => all,
            one => vec![one],
        };
        all.push(other);
        Schedule::Chained(all)
    }

    /// `α · factor(step)`: PyTorch's LambdaLR. The name is what messages and `{:?}` call it.
    ///
    /// ```
    /// use minimand_optim::Schedule;
    /// // Vaswani et al. 2017, equation 3: linear warm-up, then 1/√step.
    /// let schedule = Schedule::custom("inverse root", |step| {
    ///     let step = (step + 1) as f64;
    ///     (step / 4.0).min((4.0 / step).sqrt())
    /// });
    /// assert_eq!([0, 3, 15].map(|step| schedule.learning_rate(0.5, step)), [0.125, 0.5, 0.25]);
    /// ```
    #[doc(alias = "LambdaLR")]
    pub fn custom(name: &str, factor: impl Fn(u64) -> f64 + Send + Sync + 'static) -> Schedule {
        Schedule::Custom(CustomSchedule::new(name, factor))
    }

    /// `α · factor(1) ⋯ factor(step)`: PyTorch's MultiplicativeLR. The name is what messages and `{:?}` call it.
    ///
    /// ```
    /// use minimand_optim::Schedule;
    /// let schedule = Schedule::multiplicative("halved at even steps", |step| if step % 2 == 0 { 0.5 } else { 1.0 });
    /// let rates: Vec<f64> = (0..5).map(|step| schedule.learning_rate(1.0, step)).collect();
    /// assert_eq!(rates, [1.0, 1.0, 0.5, 0.5, 0.25]);
    /// ```
    #[doc(alias = "MultiplicativeLR")]
    pub fn multiplicative(name: &str, factor: impl Fn(u64) -> f64 + Send + Sync + 'static) -> Schedule {
        Schedule::Multiplicative(CustomSchedule::new(name, factor))
    }

    /// The learning rate of the step that follows `step` others, for a base rate `alpha`.
    ///
    /// # Panics
    /// When an option is one that [`validate`](Schedule::validate) rejects, such as a period of 0; when a function of one's own gives a number
    /// that is negative, infinite or NaN.
    #[track_caller]
    pub fn learning_rate(&self, alpha: f64, step: u64) -> f64 {
        if let Err(error) = self.validate() {
            panic!("{error}");
        }
        self.rate(alpha, step)
    }

    /// The momentum of the step that follows `step` others, for a schedule that cycles it: [`OneCycle`], and [`Cyclic`] where it is asked to.
    /// A rule uses it in place of its own momentum, Adam and its kin in place of β₁, as in PyTorch; a rule without one has nothing to cycle.
    ///
    /// ```
    /// use minimand_optim::{OneCycle, Schedule};
    /// let schedule = Schedule::OneCycle(OneCycle::new(100));
    /// assert_eq!(schedule.momentum(0), Some(0.95));
    /// assert_eq!(Schedule::Constant.momentum(0), None);
    /// ```
    pub fn momentum(&self, step: u64) -> Option<f64> {
        match self {
            Schedule::OneCycle(cycle) => cycle.momentum_at(step),
            Schedule::Cyclic(cycle) => cycle.momentum_at(step),
            Schedule::Chained(all) => all.iter().rev().find_map(|schedule| schedule.momentum(step)),
            Schedule::Then { first, milestone, second } => match step.checked_sub(*milestone) {
                None => first.momentum(step),
                Some(own) => second.momentum(own),
            },
            Schedule::Constant
            | Schedule::ConstantFactor { .. }
            | Schedule::Step { .. }
            | Schedule::MultiStep { .. }
            | Schedule::Exponential { .. }
            | Schedule::Cosine { .. }
            | Schedule::CosineRestarts { .. }
            | Schedule::Polynomial { .. }
            | Schedule::Linear { .. }
            | Schedule::LinearWarmup { .. }
            | Schedule::Custom(_)
            | Schedule::Multiplicative(_) => None,
        }
    }

    #[track_caller]
    fn rate(&self, alpha: f64, step: u64) -> f64 {
        let share = |steps: u64| step.min(steps) as f64 / steps as f64;
        match self {
            Schedule::Constant => alpha,
            Schedule::ConstantFactor { steps, factor } => alpha * if step < *steps { *factor } else { 1.0 },
            Schedule::Step { every, factor } => alpha * factor.powf((step / every) as f64),
            Schedule::MultiStep { milestones, factor } => {
                alpha * factor.powf(milestones.iter().filter(|milestone| **milestone <= step).count() as f64)
            }
            Schedule::Exponential { factor } => alpha * factor.powf(step as f64),
            Schedule::Cosine { period, minimum } => {
                // Of the angle only the part within a full turn counts; a large one would lose its digits.
                let turn = (step % (2 * period)) as f64 / *period as f64;
                minimum + (alpha - minimum) * (1.0 + (PI * turn).cos()) / 2.0
            }
            Schedule::CosineRestarts { period, growth, minimum } => {
                let (mut period, mut own) = (*period, step);
                if *growth == 1 {
                    own %= period;
                }
                while own >= period {
                    own -= period;
                    period = period.saturating_mul(*growth);
                }
                minimum + (alpha - minimum) * (1.0 + (PI * own as f64 / period as f64).cos()) / 2.0
            }
            Schedule::Polynomial { steps, power } => alpha * (1.0 - share(*steps)).powf(*power),
            Schedule::Linear { steps, start_factor, end_factor } => {
                alpha * (start_factor + (end_factor - start_factor) * share(*steps))
            }
            Schedule::LinearWarmup { steps, start_factor } => {
                alpha * (start_factor + (1.0 - start_factor) * share(*steps))
            }
            Schedule::OneCycle(cycle) => cycle.rate(alpha, step),
            Schedule::Cyclic(cycle) => cycle.rate(alpha, step),
            Schedule::Custom(custom) => alpha * custom.factor(step),
            Schedule::Multiplicative(custom) => alpha * custom.product(step),
            Schedule::Chained(all) => all.iter().fold(alpha, |alpha, schedule| schedule.rate(alpha, step)),
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
            Schedule::Constant | Schedule::Custom(_) | Schedule::Multiplicative(_) => Ok(()),
            Schedule::ConstantFactor { steps, factor } => {
                at_least_one("steps", *steps)?;
                require_non_negative("Schedule", "factor", *factor)
            }
            Schedule::MultiStep { milestones, factor } => {
                let mut before = 0;
                for &milestone in milestones {
                    let value = milestone as f64;
                    let expected = if before == 0 { "at least 1" } else { "after the milestone before it" };
                    OptionsError::unless(milestone > before, "Schedule", "milestone", value, expected)?;
                    before = milestone;
                }
                require_non_negative("Schedule", "factor", *factor)
            }
            Schedule::CosineRestarts { period, growth, minimum } => {
                at_least_one("period", *period)?;
                at_least_one("growth", *growth)?;
                require_non_negative("Schedule", "minimum", *minimum)
            }
            Schedule::Polynomial { steps, power } => {
                at_least_one("steps", *steps)?;
                require_non_negative("Schedule", "power", *power)
            }
            Schedule::Linear { steps, start_factor, end_factor } => {
                at_least_one("steps", *steps)?;
                require_non_negative("Schedule", "start_factor", *start_factor)?;
                require_non_negative("Schedule", "end_factor", *end_factor)
            }
            Schedule::OneCycle(cycle) => cycle.validate(),
            Schedule::Cyclic(cycle) => cycle.validate(),
            Schedule::Chained(all) => all.iter().try_for_each(Schedule::validate),
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
