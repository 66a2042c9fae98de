//! Newton's method, damped where the function is not convex.

use std::borrow::Borrow;

use minimand_tensor::{Parameter, Tensor};

use super::cholesky::{factor, solve};
use super::objective::{Point, Settled};
use super::{Minimum, Stopped, dot, greatest, moved};
use crate::rule::{OptionsError, require_non_negative};
use crate::step::StepError;

/// Newton's method: to the minimum of the parabola that touches the loss, by its second derivatives.
///
/// With gradient g and Hessian H at θ, damping λ, and D the diagonal of |H|:
///
/// ```text
/// d = −(H + λ D)⁻¹ g
/// θ ← θ + 2⁻ᵏ d,   for the least k with f(θ + 2⁻ᵏ d) ≤ f(θ) + 10⁻⁴ 2⁻ᵏ gᵀd
/// ```
///
/// λ is 0 as long as H is positive definite; where it is not, or no step along d descends as it should, λ grows until one does
/// (Levenberg–Marquardt), and falls again afterwards. Near a minimum every step doubles the number of right digits.
///
/// It is for smooth functions of few parameters, up to some hundreds: an iteration costs a product with the Hessian for every entry, memory
/// for all of H, and a Cholesky factorisation. The second derivatives are derived from the loss as it is.
///
/// ```
/// use minimand_optim::{Newton, NewtonOptions};
/// use minimand_tensor::{Parameter, Tensor};
///
/// // A logistic regression: labels of ±1, and a little weight decay.
/// let x = Tensor::from([[1.0, 0.5], [-1.0, 2.0], [0.3, -1.0], [2.0, 1.0]]);
/// let labels = Tensor::from([[1.0], [-1.0], [-1.0], [1.0]]);
/// let w = Parameter::new("w", Tensor::from([[0.0], [0.0]]));
/// let loss = || (-&labels * x.matmul(&w.value())).softplus().mean() + 0.05 * w.value().square().sum();
/// let minimum = Newton::new([&w], NewtonOptions::default()).minimise(loss)?;
/// assert!(minimum.converged() && minimum.iterations() <= 6 && minimum.steepest() < 1e-10);
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
///
/// Source: J. Nocedal, S. Wright, *Numerical optimization*, 2006, algorithms 3.1 and 3.2.
#[derive(Debug)]
pub struct Newton {
    point: Point,
    options: NewtonOptions,
    damping: f64,
    iterations: u64,
}

/// Options of [`Newton`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NewtonOptions {
    /// How many iterations one call makes at most, at least 1. Default 100.
    pub iterations: usize,
    /// It ends where no entry of the gradient exceeds this, at least 0. Default 1e-10.
    pub gradient_tolerance: f64,
    /// It ends after a step that promised to lower the loss by no more than this, in units of the loss or of 1 if that is smaller; at least 0.
    /// Default 1e-16.
    pub change_tolerance: f64,
    /// λ of the first iteration, at least 0. Default 0.
    pub damping: f64,
}

impl Default for NewtonOptions {
    fn default() -> NewtonOptions {
        NewtonOptions { iterations: 100, gradient_tolerance: 1e-10, change_tolerance: 1e-16, damping: 0.0 }
    }
}

/// Share of the promised decrease that is enough: Armijo's condition.
const DECREASE: f64 = 1e-4;
/// The loss cannot be told better than to this share.
const ROUNDING: f64 = 1e-14;
/// Halvings of a step before λ grows.
const HALVINGS: i32 = 10;
/// The least λ above 0, and the greatest: beyond it no step is left.
const DAMPINGS: (f64, f64) = (1e-4, 1e12);

impl NewtonOptions {
    /// Checks the options.
    ///
    /// # Errors
    /// Names the first that is out of its range.
    pub fn validate(&self) -> Result<(), OptionsError> {
        let iterations = self.iterations as f64;
        OptionsError::unless(self.iterations >= 1, "Newton", "iterations", iterations, "at least 1")?;
        require_non_negative("Newton", "gradient_tolerance", self.gradient_tolerance)?;
        require_non_negative("Newton", "change_tolerance", self.change_tolerance)?;
        require_non_negative("Newton", "damping", self.damping)
    }
}

impl Newton {
    /// A minimiser of losses over these parameters.
    ///
    /// # Panics
    /// When there is no parameter, one is given twice or is not floating point, or an option is out of its range.
    #[track_caller]
    pub fn new<P: Borrow<Parameter>>(parameters: impl IntoIterator<Item = P>, options: NewtonOptions) -> Newton {
        if let Err(error) = options.validate() {
            panic!("{error}");
        }
        Newton { point: Point::new("Newton", parameters), options, damping: options.damping, iterations: 0 }
    }

    /// Minimises, from where the parameters are, until a tolerance or the limit is reached, and leaves them at the best place found. Parameters
    /// that are [frozen](Parameter::is_frozen) stay as they are.
    ///
    /// # Errors
    /// When the loss at the start, or a gradient there, is not finite, or the loss depends on none of the parameters: see [`StepError`].
    /// Nothing has changed then. Later places where the loss is not finite are only too far along a direction.
    ///
    /// # Panics
    /// When the loss is not a floating-point scalar.
    #[track_caller]
    pub fn minimise(&mut self, mut loss: impl FnMut() -> Tensor) -> Result<Minimum, StepError> {
        let options = self.options;
        let first = loss();
        let (mut here, mut hessian) = self.point.curvature(&first, self.iterations + 1)?;
        self.point.judge(&first, &here, self.iterations + 1)?;
        let (mut iterations, mut evaluations) = (0, 1);
        let stopped = loop {
            if greatest(&here.gradient) <= options.gradient_tolerance {
                break Stopped::Gradient;
            }
            if iterations == options.iterations {
                break Stopped::Limit;
            }
            iterations += 1;
            self.iterations += 1;
            let (found, asked) = self.step(&mut loss, here.loss, &here.gradient, &hessian)?;
            evaluations += asked;
            let Some(promised) = found else { break Stopped::NoDescent };
            let settled = promised <= options.change_tolerance * here.loss.abs().max(1.0);
            (here, hessian) = self.point.curvature(&loss(), self.iterations)?;
            evaluations += 1;
            if settled {
                break Stopped::Change;
            }
        };
        let (loss, steepest) = (here.loss, greatest(&here.gradient));
        Ok(Minimum { loss, steepest, iterations, evaluations, stopped })
    }

    /// Handles on the parameters, in the order they were given.
    pub fn parameters(&self) -> &[Parameter] {
        self.point.parameters()
    }

    /// Goes to a lower place, and says by how much the parabola promised to descend; `None` where there is none. And how often the loss was
    /// asked.
    fn step(
        &mut self,
        loss: &mut impl FnMut() -> Tensor,
        here: f64,
        gradient: &[f64],
        hessian: &[f64],
    ) -> Result<(Option<f64>, usize), StepError> {
        let from = self.point.entries();
        let mut settled = Settled { point: &self.point, entries: from.clone() };
        let mut evaluations = 0;
        while self.damping <= DAMPINGS.1 {
            let Some(direction) = direction(hessian, gradient, self.damping) else {
                self.damping = stronger(self.damping);
                continue;
            };
            let slope = dot(gradient, &direction);
            for halvings in 0..HALVINGS {
                let share = 0.5f64.powi(halvings);
                let to = moved(&from, share, &direction);
                self.point.set(&to);
                let found = self.point.value(&loss(), self.iterations)?;
                evaluations += 1;
                let enough = here + DECREASE * share * slope + ROUNDING * here.abs().max(1.0);
                if found.loss <= enough && greatest(&found.gradient).is_finite() {
                    settled.entries = to;
                    if halvings == 0 {
                        self.damping = if self.damping > DAMPINGS.0 { 0.1 * self.damping } else { 0.0 };
                    }
                    return Ok((Some(-0.5 * slope), evaluations));
                }
            }
            self.damping = stronger(self.damping);
        }
        Ok((None, evaluations))
    }
}

fn stronger(damping: f64) -> f64 {
    (10.0 * damping).max(DAMPINGS.0)
}

/// `−(H + λ D)⁻¹ g`; `None` where the matrix is not positive definite.
fn direction(hessian: &[f64], gradient: &[f64], damping: f64) -> Option<Vec<f64>> {
    let size = gradient.len();
    let mut damped = hessian.to_vec();
    let diagonal = (0..size).map(|at| hessian[at * size + at].abs());
    let largest = diagonal.fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    for at in 0..size {
        let entry = &mut damped[at * size + at];
        // What the function does not depend on is damped as well.
        *entry += damping * entry.abs().max(1e-6 * largest);
    }
    let downhill: Vec<f64> = gradient.iter().map(|entry| -entry).collect();
    let direction = solve(&factor(damped, size)?, &downhill);
    direction.iter().all(|entry| entry.is_finite()).then_some(direction)
}
