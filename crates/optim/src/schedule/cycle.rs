//! Schedules that raise the learning rate while they lower the momentum, and back.

use std::f64::consts::PI;

use crate::rule::{OptionsError, require_fraction, require_non_negative};

/// One cycle over the whole training: from α/`divisor` up to α, then down to α/(`divisor` · `final_divisor`), while the momentum goes from
/// the greater value to the smaller and back. α is the peak, PyTorch's `max_lr`. After the last step it stays where it ends.
///
/// ```
/// use minimand_optim::{OneCycle, Schedule};
/// let schedule = Schedule::OneCycle(OneCycle { warmup: 0.5, ..OneCycle::new(11) });
/// let rates = [0, 2, 4, 10].map(|step| format!("{:.6}", schedule.learning_rate(0.1, step)));
/// assert_eq!(rates, ["0.004000", "0.043665", "0.097105", "0.000000"]);
/// ```
///
/// Paper: L. Smith, N. Topin, *Super-convergence: very fast training of neural networks using large learning rates*, 2018.
#[doc(alias = "OneCycleLR")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycle {
    /// All steps of the training, at least 2.
    #[doc(alias = "total_steps")]
    pub steps: u64,
    /// The share of the steps in which the rate rises, from 0 to 1. Default 0.3.
    #[doc(alias = "pct_start")]
    pub warmup: f64,
    /// A straight line instead of a half-wave of the cosine. Default no.
    #[doc(alias = "anneal_strategy")]
    pub linear: bool,
    /// How many times smaller than the peak the first rate is, above 0. Default 25.
    #[doc(alias = "div_factor")]
    pub divisor: f64,
    /// How many times smaller than the first rate the last one is, above 0. Default 1e4.
    #[doc(alias = "final_div_factor")]
    pub final_divisor: f64,
    /// Down as fast as up, to the first rate, and only then to the last. Default no.
    pub three_phase: bool,
    /// The smaller and the greater momentum, each at least 0 and below 1; `None` leaves the rule's own. Default 0.85 and 0.95.
    #[doc(alias = "cycle_momentum")]
    pub momentum: Option<(f64, f64)>,
}

/// Up in a straight line from α to the peak and down again, over and over, while the momentum goes down and up. α is PyTorch's `base_lr`.
///
/// ```
/// use minimand_optim::{Cyclic, CyclicShape, Schedule};
/// let cycle = Cyclic { up: 2, down: 2, shape: CyclicShape::HalvedEachCycle, ..Cyclic::new(1.0) };
/// let rates: Vec<f64> = (0..7).map(|step| Schedule::Cyclic(cycle).learning_rate(0.5, step)).collect();
/// assert_eq!(rates, [0.5, 0.75, 1.0, 0.75, 0.5, 0.625, 0.75]);
/// ```
///
/// Paper: L. Smith, *Cyclical learning rates for training neural networks*, WACV 2017, section 3.1.
#[doc(alias = "CyclicLR")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cyclic {
    /// The rate that the first cycle reaches, a rate like α, at least 0.
    #[doc(alias = "max_lr")]
    pub peak: f64,
    /// Steps from α to the peak, at least 1. Default 2000.
    #[doc(alias = "step_size_up")]
    pub up: u64,
    /// Steps from the peak to α, at least 1. Default 2000.
    #[doc(alias = "step_size_down")]
    pub down: u64,
    /// How later cycles differ. Default [`CyclicShape::Triangular`].
    #[doc(alias = "mode")]
    pub shape: CyclicShape,
    /// The momentum at the first peak and at α, each at least 0 and below 1; `None` leaves the rule's own, which is the default. PyTorch's
    /// default is 0.8 and 0.9.
    #[doc(alias = "cycle_momentum")]
    pub momentum: Option<(f64, f64)>,
}

/// How the height of later cycles of [`Cyclic`] differs from the first one's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum CyclicShape {
    /// It does not: PyTorch's `triangular`.
    #[default]
    Triangular,
    /// Each cycle is half as high as the one before: `triangular2`.
    #[doc(alias = "triangular2")]
    HalvedEachCycle,
    /// Each step multiplies the height by this number, at least 0: `exp_range` with its `gamma`.
    #[doc(alias = "exp_range")]
    Exponential(f64),
}

impl OneCycle {
    /// A cycle of so many steps, with the default options.
    pub fn new(steps: u64) -> OneCycle {
        OneCycle {
            steps,
            warmup: 0.3,
            linear: false,
            divisor: 25.0,
            final_divisor: 1e4,
            three_phase: false,
            momentum: Some((0.85, 0.95)),
        }
    }

    pub(super) fn validate(&self) -> Result<(), OptionsError> {
        OptionsError::unless(self.steps >= 2, "OneCycle", "steps", self.steps as f64, "at least 2")?;
        let share = (0.0..=1.0).contains(&self.warmup);
        OptionsError::unless(share, "OneCycle", "warmup", self.warmup, "between 0 and 1")?;
        for (option, value) in [("divisor", self.divisor), ("final_divisor", self.final_divisor)] {
            OptionsError::unless(value.is_finite() && value > 0.0, "OneCycle", option, value, "finite and above 0")?;
        }
        validate_momentum("OneCycle", self.momentum)
    }

    pub(super) fn rate(&self, peak: f64, step: u64) -> f64 {
        let first = peak / self.divisor;
        self.along(step, [first, peak, first, first / self.final_divisor])
    }

    pub(super) fn momentum_at(&self, step: u64) -> Option<f64> {
        self.momentum.map(|(smaller, greater)| self.along(step, [greater, smaller, greater, greater]))
    }

    /// The value at a step of what begins at the first of `values`, peaks at the second, comes down to the third if there are three phases,
    /// and ends at the last.
    fn along(&self, step: u64, values: [f64; 4]) -> f64 {
        let [first, peak, down, last] = values;
        let (total, final_step) = (self.steps as f64, (self.steps - 1) as f64);
        let rise = self.warmup * total - 1.0;
        let step = (step as f64).min(final_step);
        let phases: &[(f64, f64, f64)] = if self.three_phase {
            &[(rise, first, peak), (2.0 * self.warmup * total - 2.0, peak, down), (final_step, down, last)]
        } else {
            &[(rise, first, peak), (final_step, peak, last)]
        };
        let mut start = 0.0;
        for (at, &(end, from, to)) in phases.iter().enumerate() {
            if step <= end || at + 1 == phases.len() {
                let share = if end > start { (step - start) / (end - start) } else { 1.0 };
                let moved = if self.linear { share } else { (1.0 - (PI * share).cos()) / 2.0 };
                return from + (to - from) * moved;
            }
            start = end;
        }
        unreachable!("the last phase holds every step")
    }
}

impl Cyclic {
    /// Cycles up to a peak, with the default options.
    pub fn new(peak: f64) -> Cyclic {
        Cyclic { peak, up: 2000, down: 2000, shape: CyclicShape::Triangular, momentum: None }
    }

    pub(super) fn validate(&self) -> Result<(), OptionsError> {
        require_non_negative("Cyclic", "peak", self.peak)?;
        for (option, value) in [("up", self.up), ("down", self.down)] {
            let usable = (1..=u64::MAX / 2).contains(&value);
            OptionsError::unless(usable, "Cyclic", option, value as f64, "at least 1 and at most 2⁶³ − 1")?;
        }
        match self.shape {
            CyclicShape::Triangular | CyclicShape::HalvedEachCycle => {}
            CyclicShape::Exponential(gamma) => require_non_negative("Cyclic", "shape", gamma)?,
        }
        validate_momentum("Cyclic", self.momentum)
    }

    pub(super) fn rate(&self, alpha: f64, step: u64) -> f64 {
        alpha + (self.peak - alpha) * self.height(step)
    }

    pub(super) fn momentum_at(&self, step: u64) -> Option<f64> {
        self.momentum.map(|(smaller, greater)| greater - (greater - smaller) * self.height(step))
    }

    /// The share of the way to the peak.
    fn height(&self, step: u64) -> f64 {
        let (cycle, within) = (step / (self.up + self.down), step % (self.up + self.down));
        let height = if within <= self.up {
            within as f64 / self.up as f64
        } else {
            1.0 - (within - self.up) as f64 / self.down as f64
        };
        height
            * match self.shape {
                CyclicShape::Triangular => 1.0,
                CyclicShape::HalvedEachCycle => 0.5f64.powf(cycle as f64),
                CyclicShape::Exponential(gamma) => gamma.powf(step as f64),
            }
    }
}

fn validate_momentum(owner: &'static str, momentum: Option<(f64, f64)>) -> Result<(), OptionsError> {
    let Some((smaller, greater)) = momentum else { return Ok(()) };
    require_fraction(owner, "momentum.0", smaller)?;
    require_fraction(owner, "momentum.1", greater)
}
