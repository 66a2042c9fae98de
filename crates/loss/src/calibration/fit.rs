//! Newton's method for the few parameters of a calibrator, with derivatives from the graph.

use minimand_tensor::Tensor;
use thiserror::Error;

/// Why a calibrator could not be fitted. Positions count from 0.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum FitError {
    /// There are no examples with a label.
    #[error("there is nothing to fit: no example has a label")]
    Empty,
    /// An infinity or NaN among the scores.
    #[error("the score at position {position} is {value}, which is not finite")]
    NotFinite {
        /// Where it stands, in row-major order.
        position: usize,
        /// The number found.
        value: f64,
    },
    /// A target that is neither 0 nor 1.
    #[error("the target at position {position} is {value} and must be 0 or 1")]
    NotBinary {
        /// Where it stands, in row-major order.
        position: usize,
        /// The number found.
        value: f64,
    },
    /// The loss falls on and on as the parameters grow.
    #[error("there is no best fit: {reason}")]
    Unbounded {
        /// Why.
        reason: &'static str,
    },
    /// Newton's method did not settle: the classes can be told apart without error, or nearly.
    #[error("the fit has not settled after {iterations} steps: the scores may tell the classes apart without error")]
    NotSettled {
        /// Number of steps made.
        iterations: usize,
    },
}

const ITERATIONS: usize = 100;

/// The parameters at which `objective` is least, by Newton's method with conjugate gradients for its steps and a line search.
///
/// It ends when the step, not the gradient, is negligible: where the loss falls for ever its gradient vanishes too, but the steps
/// do not.
pub(super) fn minimise(objective: impl Fn(&Tensor) -> Tensor, start: Vec<f64>) -> Result<Vec<f64>, FitError> {
    let mut at = start;
    for _ in 0..ITERATIONS {
        let x = Tensor::from(at.clone());
        let loss = objective(&x);
        let gradient: Vec<f64> = loss.grad(&x).to_vec();
        let value = loss.item();
        let step = newton_step(&gradient, |direction| {
            loss.hessian_vector_product(&x, &Tensor::from(direction.to_vec())).to_vec()
        });
        let slope = dot(&step, &gradient);
        let moved = |share: f64| at.iter().zip(&step).map(|(x, s)| x + share * s).collect::<Vec<f64>>();
        let rounding = 4.0 * f64::EPSILON * (1.0 + value.abs());
        let falls = |share: f64| {
            let found = objective(&Tensor::from(moved(share))).item();
            found <= value + 1e-4 * share * slope + rounding
        };
        let share = (0..40).map(|halvings| 0.5f64.powi(halvings)).find(|&share| falls(share)).unwrap_or(0.0);
        let negligible = step.iter().zip(&at).all(|(s, x)| s.abs() <= 1e-9 * (1.0 + x.abs()));
        at = moved(share);
        if negligible {
            return Ok(at);
        }
        if share == 0.0 {
            break;
        }
    }
    Err(FitError::NotSettled { iterations: ITERATIONS })
}

/// Solves `H s = −g`. Directions without curvature are left alone; of negative curvature, the first is followed downhill.
fn newton_step(gradient: &[f64], hessian: impl Fn(&[f64]) -> Vec<f64>) -> Vec<f64> {
    let mut step = vec![0.0; gradient.len()];
    let mut residual: Vec<f64> = gradient.iter().map(|g| -g).collect();
    let mut direction = residual.clone();
    let (first, mut size) = (dot(&residual, &residual), dot(&residual, &residual));
    let mut greatest = 0.0f64;
    for _ in 0..2 * gradient.len() + 4 {
        if size <= 1e-26 * first || size == 0.0 {
            break;
        }
        let image = hessian(&direction);
        let curvature = dot(&direction, &image);
        let relative = curvature / dot(&direction, &direction);
        greatest = greatest.max(relative.abs());
        if relative <= 1e-13 * greatest {
            if step.iter().all(|s| *s == 0.0) && curvature != 0.0 {
                step = direction.iter().map(|d| d * size / curvature.abs()).collect();
            }
            break;
        }
        let share = size / curvature;
        for ((s, r), (d, h)) in step.iter_mut().zip(&mut residual).zip(direction.iter().zip(&image)) {
            *s += share * d;
            *r -= share * h;
        }
        let next = dot(&residual, &residual);
        direction = residual.iter().zip(&direction).map(|(r, d)| r + next / size * d).collect();
        size = next;
    }
    step
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Refuses scores that are not finite, but for those that do not count.
pub(super) fn check_scores_finite(scores: &Tensor, counts: impl Fn(usize) -> bool) -> Result<(), FitError> {
    let found = scores.to_vec::<f64>().into_iter().enumerate();
    match found.into_iter().find(|&(position, value)| counts(position) && !value.is_finite()) {
        Some((position, value)) => Err(FitError::NotFinite { position, value }),
        None => Ok(()),
    }
}

/// Numbers of events and of their absence among targets 0 and 1.
pub(super) fn count_events(target: &Tensor) -> Result<(usize, usize), FitError> {
    let target: Vec<f64> = target.to_vec();
    if let Some(position) = target.iter().position(|&y| y != 0.0 && y != 1.0) {
        return Err(FitError::NotBinary { position, value: target[position] });
    }
    let events = target.iter().filter(|&&y| y == 1.0).count();
    if target.is_empty() { Err(FitError::Empty) } else { Ok((events, target.len() - events)) }
}
