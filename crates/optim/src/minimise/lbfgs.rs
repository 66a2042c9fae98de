//! L-BFGS: a quasi-Newton method with limited memory.

use std::borrow::Borrow;
use std::collections::VecDeque;

use minimand_tensor::{Parameter, Tensor};

use super::line_search::{Trial, strong_wolfe};
use super::objective::{Point, Settled};
use super::{Minimum, Stopped, dot, greatest, moved};
use crate::rule::{OptionsError, require_non_negative};
use crate::step::StepError;

/// L-BFGS: directions from the curvature that the last steps have met, and a line search along each.
///
/// With yₖ the change of the gradient over step sₖ, the inverse Hessian is taken to be the one that the last m pairs lead to by the BFGS
/// formula from (sᵀy / yᵀy) I; its product with the gradient needs only the pairs (the two-loop recursion). A step αd satisfies the strong
/// Wolfe conditions:
///
/// ```text
/// f(θ + αd) ≤ f(θ) + 10⁻⁴ α ∇f(θ)ᵀd        |∇f(θ + αd)ᵀd| ≤ 0.9 |∇f(θ)ᵀd|
/// ```
///
/// It is for a smooth function that is the same at every call, such as the loss over all data: there it needs far fewer evaluations than
/// gradient descent, and no learning rate. On batches it fails. The loss is built anew from the parameters' values of the time at each
/// call; the numbers beside it are f64.
///
/// ```
/// use minimand_optim::{Lbfgs, LbfgsOptions};
/// use minimand_tensor::{Parameter, Tensor};
///
/// // Rosenbrock's valley, from its usual start.
/// let p = Parameter::new("p", Tensor::from([-1.2, 1.0]));
/// let valley = || {
///     let (x, y) = (p.value().at(0, 0), p.value().at(0, 1));
///     (1.0 - &x).square() + 100.0 * (y - x.square()).square()
/// };
/// let minimum = Lbfgs::new([&p], LbfgsOptions::default()).minimise(valley)?;
/// assert!(minimum.converged() && minimum.iterations() < 50);
/// assert_eq!(format!("{:.3}", p.value()), "[1.000, 1.000]");
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
///
/// Paper: D. Liu, J. Nocedal, *On the limited memory BFGS method for large scale optimization*, Mathematical Programming 1989; J. Nocedal, S.
/// Wright, *Numerical optimization*, 2006, algorithms 7.4, 7.5, 3.5 and 3.6. Steps, tolerances and the safeguards of the line search are
/// PyTorch's.
#[doc(alias = "LBFGS")]
#[doc(alias = "BFGS")]
#[derive(Debug)]
pub struct Lbfgs {
    point: Point,
    options: LbfgsOptions,
    /// The newest is the last.
    pairs: VecDeque<Pair>,
    /// `sᵀy / yᵀy` of the newest pair.
    scale: f64,
    /// What the last step was, and the gradient that it started from.
    last: Option<(Vec<f64>, Vec<f64>)>,
    iterations: u64,
    /// Which of the parameters all of that is about.
    choice: Vec<bool>,
}

/// Options of [`Lbfgs`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LbfgsOptions {
    /// The step length that is tried first, or taken without a line search, above 0. Default 1. In the very first iteration it is shortened by
    /// the sum of the gradient's magnitudes, if that exceeds 1.
    pub learning_rate: f64,
    /// How many iterations one call makes at most, at least 1. Default 100; PyTorch's is 20.
    #[doc(alias = "max_iter")]
    pub iterations: usize,
    /// After how many evaluations of the loss a call ends, at least 1. Default 5/4 of the iterations.
    #[doc(alias = "max_eval")]
    pub evaluations: Option<usize>,
    /// It ends where no entry of the gradient exceeds this, at least 0. Default 1e-7.
    #[doc(alias = "tolerance_grad")]
    pub gradient_tolerance: f64,
    /// It ends where the loss changes by less than this, every parameter by no more, or the slope along the direction is no more; at least 0.
    /// Default 1e-9.
    #[doc(alias = "tolerance_change")]
    pub change_tolerance: f64,
    /// m, how many pairs are remembered, at least 1. Default 100, PyTorch's; 5 to 20 usually do.
    #[doc(alias = "history_size")]
    pub memory: usize,
    /// Default [`LineSearch::StrongWolfe`]; PyTorch's is none.
    #[doc(alias = "line_search_fn")]
    pub line_search: LineSearch,
}

/// How far [`Lbfgs`] goes along a direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineSearch {
    /// To where the strong Wolfe conditions hold.
    #[default]
    StrongWolfe,
    /// As far as the learning rate says.
    Fixed,
}

/// A step, the change of the gradient over it, and the reciprocal of their product.
#[derive(Debug)]
struct Pair {
    step: Vec<f64>,
    change: Vec<f64>,
    reciprocal: f64,
}

impl Default for LbfgsOptions {
    fn default() -> LbfgsOptions {
        LbfgsOptions {
            learning_rate: 1.0,
            iterations: 100,
            evaluations: None,
            gradient_tolerance: 1e-7,
            change_tolerance: 1e-9,
            memory: 100,
            line_search: LineSearch::StrongWolfe,
        }
    }
}

impl LbfgsOptions {
    /// Checks the options.
    ///
    /// # Errors
    /// Names the first that is out of its range.
    pub fn validate(&self) -> Result<(), OptionsError> {
        let rate = self.learning_rate;
        let positive = rate.is_finite() && rate > 0.0;
        OptionsError::unless(positive, "Lbfgs", "learning_rate", rate, "finite and above 0")?;
        let evaluations = self.evaluations.unwrap_or(1);
        for (option, count) in [("iterations", self.iterations), ("evaluations", evaluations), ("memory", self.memory)]
        {
            OptionsError::unless(count >= 1, "Lbfgs", option, count as f64, "at least 1")?;
        }
        require_non_negative("Lbfgs", "gradient_tolerance", self.gradient_tolerance)?;
        require_non_negative("Lbfgs", "change_tolerance", self.change_tolerance)
    }
}

impl Lbfgs {
    /// A minimiser of losses over these parameters.
    ///
    /// # Panics
    /// When there is no parameter, one is given twice or is not floating point, or an option is out of its range.
    #[track_caller]
    pub fn new<P: Borrow<Parameter>>(parameters: impl IntoIterator<Item = P>, options: LbfgsOptions) -> Lbfgs {
        if let Err(error) = options.validate() {
            panic!("{error}");
        }
        let point = Point::new("Lbfgs", parameters);
        let choice = point.choice();
        Lbfgs { point, options, pairs: VecDeque::new(), scale: 1.0, last: None, iterations: 0, choice }
    }

    /// Minimises, from where the parameters are, until a tolerance or a limit is reached, and leaves them at the best place found. A further
    /// call goes on with what is remembered, as PyTorch's `step`. Parameters that are [frozen](Parameter::is_frozen) stay as they are.
    ///
    /// # Errors
    /// When the loss at the start, or a gradient there, is not finite, or the loss depends on none of the parameters: see [`StepError`].
    /// Nothing has changed then. Later places where the loss is not finite are only too far along a direction.
    ///
    /// # Panics
    /// When the loss is not a floating-point scalar.
    #[doc(alias = "step")]
    #[track_caller]
    pub fn minimise(&mut self, mut loss: impl FnMut() -> Tensor) -> Result<Minimum, StepError> {
        let options = self.options;
        let choice = self.point.choice();
        if choice != self.choice {
            // What is remembered is about other parameters.
            (self.pairs, self.scale, self.last, self.iterations) = (VecDeque::new(), 1.0, None, 0);
            self.choice = choice;
        }
        let most = options.evaluations.unwrap_or(options.iterations * 5 / 4);
        let first = loss();
        let start = self.point.value(&first, self.iterations + 1)?;
        self.point.judge(&first, &start, self.iterations + 1)?;
        let mut evaluations = 1;
        let mut here = Trial { share: 0.0, loss: start.loss, gradient: start.gradient, slope: 0.0 };
        let mut iterations = 0;
        let stopped = if greatest(&here.gradient) <= options.gradient_tolerance {
            Stopped::Gradient
        } else {
            loop {
                iterations += 1;
                self.iterations += 1;
                let direction = self.direction(&here.gradient);
                (here.share, here.slope) = (0.0, dot(&here.gradient, &direction));
                let first = if self.iterations == 1 {
                    options.learning_rate
                        * f64::min(1.0, 1.0 / here.gradient.iter().map(|entry| entry.abs()).sum::<f64>())
                } else {
                    options.learning_rate
                };
                if here.slope > -options.change_tolerance {
                    // No step: what the memory is told next is that there was none.
                    self.last = Some((vec![0.0; direction.len()], here.gradient.clone()));
                    break Stopped::Change;
                }
                let left = most.saturating_sub(evaluations);
                let (next, asked) = self.along(&mut loss, &here, &direction, first, left)?;
                evaluations += asked;
                if next.share == 0.0 {
                    self.last = Some((vec![0.0; direction.len()], here.gradient.clone()));
                    break Stopped::NoDescent;
                }
                let step: Vec<f64> = direction.iter().map(|entry| next.share * entry).collect();
                let (longest, gained) = (greatest(&step), (next.loss - here.loss).abs());
                self.last = Some((step, std::mem::take(&mut here.gradient)));
                here = next;
                if iterations == options.iterations || evaluations >= most {
                    break Stopped::Limit;
                }
                if greatest(&here.gradient) <= options.gradient_tolerance {
                    break Stopped::Gradient;
                }
                if longest <= options.change_tolerance || gained < options.change_tolerance {
                    break Stopped::Change;
                }
            }
        };
        let steepest = greatest(&here.gradient);
        let stopped = match stopped {
            Stopped::Limit if steepest <= options.gradient_tolerance => Stopped::Gradient,
            other => other,
        };
        Ok(Minimum { loss: here.loss, steepest, iterations, evaluations, stopped })
    }

    /// Handles on the parameters, in the order they were given.
    pub fn parameters(&self) -> &[Parameter] {
        self.point.parameters()
    }

    /// Minus the inverse Hessian, as the pairs tell it, times the gradient, after the last step has been remembered.
    fn direction(&mut self, gradient: &[f64]) -> Vec<f64> {
        if let Some((step, before)) = self.last.take() {
            let change: Vec<f64> = gradient.iter().zip(&before).map(|(new, old)| new - old).collect();
            let product = dot(&change, &step);
            // Without positive curvature the formula would not descend.
            if product > 1e-10 {
                if self.pairs.len() == self.options.memory {
                    self.pairs.pop_front();
                }
                self.scale = product / dot(&change, &change);
                self.pairs.push_back(Pair { step, change, reciprocal: 1.0 / product });
            }
        }
        let mut direction: Vec<f64> = gradient.iter().map(|entry| -entry).collect();
        let mut shares = Vec::with_capacity(self.pairs.len());
        for pair in self.pairs.iter().rev() {
            let share = dot(&pair.step, &direction) * pair.reciprocal;
            direction = moved(&direction, -share, &pair.change);
            shares.push(share);
        }
        direction.iter_mut().for_each(|entry| *entry *= self.scale);
        for (pair, share) in self.pairs.iter().zip(shares.into_iter().rev()) {
            let other = dot(&pair.change, &direction) * pair.reciprocal;
            direction = moved(&direction, share - other, &pair.step);
        }
        direction
    }

    /// Goes along a direction, and leaves the parameters where it ends.
    fn along(
        &self,
        loss: &mut impl FnMut() -> Tensor,
        here: &Trial,
        direction: &[f64],
        first: f64,
        limit: usize,
    ) -> Result<(Trial, usize), StepError> {
        let from = self.point.entries();
        let mut settled = Settled { point: &self.point, entries: from.clone() };
        let at = |share: f64| {
            self.point.set(&moved(&from, share, direction));
            Ok(Trial::new(share, self.point.value(&loss(), self.iterations)?, direction))
        };
        let (found, asked) = match self.options.line_search {
            LineSearch::StrongWolfe => {
                let shortest = self.options.change_tolerance / greatest(direction);
                strong_wolfe(at, here, first, shortest, limit)?
            }
            LineSearch::Fixed => {
                let mut at = at;
                let found = at(first)?;
                (if found.loss.is_finite() { found } else { here.clone() }, 1)
            }
        };
        settled.entries = moved(&from, found.share, direction);
        Ok((found, asked))
    }
}
