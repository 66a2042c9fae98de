//! Newton's method with a damped Hessian and a line search.

use super::cholesky::{dot, factor, solve};

/// A function to be minimised, with its derivatives.
pub(super) trait Smooth {
    /// The value at a point.
    fn value(&self, point: &[f64]) -> f64;
    /// Value and gradient.
    fn gradient(&self, point: &[f64]) -> (f64, Vec<f64>);
    /// Value, gradient and Hessian, row-major.
    fn curvature(&self, point: &[f64]) -> (f64, Vec<f64>, Vec<f64>);
}

/// Where a minimisation ended.
#[derive(Debug, Clone)]
pub(super) struct Minimum {
    /// The point.
    pub(super) point: Vec<f64>,
    /// The value there; not finite only where it was not at the start.
    pub(super) value: f64,
    /// Steps that were taken.
    #[cfg_attr(not(test), expect(dead_code, reason = "what the tests of speed count"))]
    pub(super) steps: usize,
}

/// Shares of the decrease that the gradient promises: Armijo's condition.
const SUFFICIENT: f64 = 1e-4;
/// The value cannot be told better than to this share.
const ROUNDING: f64 = 1e-14;

/// Halvings of a step before its direction is turned towards the gradient.
const HALVINGS: i32 = 4;
/// The share of the diagonal that is always added: it settles what the function does not depend on.
const MILD: f64 = 1e-12;

/// Minimises from `start` until what a step promises falls below `tolerance` (in units of the value, or of 1 if that is smaller), or for so many
/// steps.
///
/// Where the Hessian is not positive definite, or a step along the direction does not descend as it promises, a multiple of a diagonal is
/// added (Levenberg-Marquardt), so that every step descends. The diagonal is the greatest that the Hessian has had so far, as in MINPACK:
/// `scale` takes it along from one function to a similar one.
pub(super) fn minimise(
    function: &impl Smooth,
    start: Vec<f64>,
    scale: &mut Vec<f64>,
    tolerance: f64,
    limit: usize,
) -> Minimum {
    let mut point = start;
    let (mut value, mut slope, mut hessian) = function.curvature(&point);
    let mut damping = MILD;
    scale.resize(point.len(), 0.0);
    let mut steps = 0;
    while steps < limit && value.is_finite() {
        widen(scale, &hessian);
        let Some((direction, used)) = direction(&hessian, &slope, scale, damping) else { break };
        damping = used;
        let promised = -dot(&slope, &direction);
        if promised <= 0.0 || !promised.is_finite() {
            break;
        }
        let size = value.abs().max(1.0);
        let fits = |found: f64, share: f64| found <= value - SUFFICIENT * share * promised + ROUNDING * size;
        let moved = |share: f64| -> Vec<f64> { point.iter().zip(&direction).map(|(p, d)| p + share * d).collect() };
        let is_last = promised <= tolerance * size && damping <= 1e-2;
        let whole = moved(1.0);
        // A step that is likely to be taken is worth its Hessian at once.
        let found = match damping <= MILD {
            true => Some(function.curvature(&whole)).filter(|found| fits(found.0, 1.0)),
            false => fits(function.value(&whole), 1.0).then(|| function.curvature(&whole)),
        };
        if let Some(found) = found {
            (point, (value, slope, hessian)) = (whole, found);
            damping = if damping > 1e-6 { 0.1 * damping } else { MILD };
        } else {
            let halvings = if damping <= MILD { HALVINGS } else { 0 };
            let mut shares = (1..=halvings).map(|halvings| 0.5f64.powi(halvings));
            match shares.find(|&share| fits(function.value(&moved(share)), share)) {
                Some(share) => {
                    point = moved(share);
                    (value, slope, hessian) = function.curvature(&point);
                }
                None if damping < GREATEST => damping = stronger(damping),
                None => break,
            }
        }
        steps += 1;
        if is_last {
            break;
        }
    }
    Minimum { point, value, steps }
}

/// No step is left beyond this damping.
const GREATEST: f64 = 1e10;

fn stronger(damping: f64) -> f64 {
    (10.0 * damping).max(1e-3)
}

/// Raises each scale to the diagonal, and to a millionth of the greatest.
fn widen(scale: &mut [f64], hessian: &[f64]) {
    let size = scale.len();
    let greatest = (0..size).map(|at| hessian[at * size + at].abs()).fold(1e-12, f64::max);
    for (at, scale) in scale.iter_mut().enumerate() {
        *scale = scale.max(hessian[at * size + at].abs()).max(1e-6 * greatest);
    }
}

/// The direction of descent and the damping that it took.
fn direction(hessian: &[f64], slope: &[f64], scale: &[f64], damping: f64) -> Option<(Vec<f64>, f64)> {
    let size = slope.len();
    if !hessian.iter().chain(slope).all(|entry| entry.is_finite()) {
        return None;
    }
    let downhill: Vec<f64> = slope.iter().map(|entry| -entry).collect();
    let mut damping = damping;
    while damping <= GREATEST {
        let mut damped = hessian.to_vec();
        for at in 0..size {
            damped[at * size + at] += damping * scale[at];
        }
        if let Some(factor) = factor(damped, size) {
            return Some((solve(&factor, &downhill), damping));
        }
        damping = stronger(damping);
    }
    None
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;

    use super::*;

    /// Rosenbrock's valley, whose Hessian is indefinite far from its floor.
    struct Valley;

    impl Smooth for Valley {
        fn value(&self, p: &[f64]) -> f64 {
            100.0 * (p[1] - p[0] * p[0]).powi(2) + (1.0 - p[0]).powi(2)
        }
        fn gradient(&self, p: &[f64]) -> (f64, Vec<f64>) {
            let rise = p[1] - p[0] * p[0];
            (self.value(p), vec![-400.0 * p[0] * rise - 2.0 * (1.0 - p[0]), 200.0 * rise])
        }
        fn curvature(&self, p: &[f64]) -> (f64, Vec<f64>, Vec<f64>) {
            let (value, gradient) = self.gradient(p);
            let cross = -400.0 * p[0];
            (value, gradient, vec![1200.0 * p[0] * p[0] - 400.0 * p[1] + 2.0, cross, cross, 200.0])
        }
    }

    #[test]
    fn finds_the_minimum_of_a_curved_valley_from_where_it_is_not_convex() {
        for start in [[-1.2, 1.0], [0.0, 3.0], [5.0, -5.0]] {
            let minimum = minimise(&Valley, start.to_vec(), &mut Vec::new(), 1e-14, 200);
            assert_abs_diff_eq!(minimum.point[0], 1.0, epsilon = 1e-7);
            assert_abs_diff_eq!(minimum.point[1], 1.0, epsilon = 1e-7);
            assert!(minimum.steps < 60 && minimum.value < 1e-14, "{minimum:?}");
        }
    }
}
