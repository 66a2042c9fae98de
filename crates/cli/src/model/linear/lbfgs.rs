//! L-BFGS (Nocedal & Wright 2006, *Numerical Optimization*, algorithms 7.4 and 7.5).

use std::collections::VecDeque;

use super::{
    cholesky::dot,
    newton::{Minimum, Smooth},
};

/// Pairs of steps and changes of the gradient that are remembered.
const MEMORY: usize = 12;

/// A step, the change of the gradient over it, and the reciprocal of their product.
type Pair = (Vec<f64>, Vec<f64>, f64);

/// Minimises from `start` until no entry of the gradient exceeds `tolerance`, the value settles to that share of itself, or for so many
/// steps.
///
/// A line search that finds no lower value ends it: the point is then the best that was seen.
pub(super) fn minimise(function: &impl Smooth, start: Vec<f64>, tolerance: f64, limit: usize) -> Minimum {
    let mut point = start;
    let (mut value, mut slope) = function.gradient(&point);
    let mut pairs: VecDeque<Pair> = VecDeque::new();
    let mut settled = 0;
    for steps in 0..limit {
        let steepest = slope.iter().fold(0.0f64, |greatest, entry| greatest.max(entry.abs()));
        if !value.is_finite() || !steepest.is_finite() || steepest <= tolerance || settled >= 3 {
            return Minimum { point, value, steps };
        }
        let mut direction = two_loops(&pairs, &slope);
        let mut along = dot(&slope, &direction);
        if along >= 0.0 || !along.is_finite() {
            pairs.clear();
            direction = slope.iter().map(|entry| -entry).collect();
            along = dot(&slope, &direction);
        }
        // Without curvature known, a step of length 1 at most.
        let first = if pairs.is_empty() { 1.0f64.min(1.0 / along.abs().sqrt()) } else { 1.0 };
        let Some((found, new_value, new_slope)) = search(function, &point, &direction, value, along, first) else {
            if pairs.is_empty() {
                return Minimum { point, value, steps };
            }
            pairs.clear();
            continue;
        };
        let step: Vec<f64> = found.iter().zip(&point).map(|(new, old)| new - old).collect();
        let change: Vec<f64> = new_slope.iter().zip(&slope).map(|(new, old)| new - old).collect();
        let product = dot(&step, &change);
        if product > 1e-12 * dot(&step, &step).sqrt() * dot(&change, &change).sqrt() {
            if pairs.len() == MEMORY {
                pairs.pop_front();
            }
            pairs.push_back((step, change, 1.0 / product));
        }
        settled = if value - new_value <= tolerance * 1e-3 * value.abs().max(1.0) { settled + 1 } else { 0 };
        (point, value, slope) = (found, new_value, new_slope);
    }
    Minimum { point, value, steps: limit }
}

/// Minus the inverse Hessian, as the pairs tell it, times the gradient.
fn two_loops(pairs: &VecDeque<Pair>, slope: &[f64]) -> Vec<f64> {
    let mut q: Vec<f64> = slope.iter().map(|entry| -entry).collect();
    let mut shares = Vec::with_capacity(pairs.len());
    for (step, change, reciprocal) in pairs.iter().rev() {
        let share = reciprocal * dot(step, &q);
        add(&mut q, -share, change);
        shares.push(share);
    }
    if let Some((_, change, reciprocal)) = pairs.back() {
        let scale = 1.0 / (reciprocal * dot(change, change));
        q.iter_mut().for_each(|entry| *entry *= scale);
    }
    for ((step, change, reciprocal), share) in pairs.iter().zip(shares.into_iter().rev()) {
        let other = reciprocal * dot(change, &q);
        add(&mut q, share - other, step);
    }
    q
}

fn add(to: &mut [f64], share: f64, other: &[f64]) {
    to.iter_mut().zip(other).for_each(|(to, other)| *to += share * other);
}

/// A point along the direction that satisfies the weak Wolfe conditions, by bisection (Lewis & Overton 2013), which also holds at kinks;
/// failing the condition on the slope, one that satisfies Armijo's.
fn search(
    function: &impl Smooth,
    point: &[f64],
    direction: &[f64],
    value: f64,
    along: f64,
    first: f64,
) -> Option<(Vec<f64>, f64, Vec<f64>)> {
    const TRIALS: usize = 30;
    let small = 1e-14 * value.abs().max(1.0);
    let (mut low, mut high, mut share) = (0.0, f64::INFINITY, first);
    let mut best: Option<(Vec<f64>, f64, Vec<f64>)> = None;
    for trial in 0..TRIALS {
        let moved: Vec<f64> = point.iter().zip(direction).map(|(p, d)| p + share * d).collect();
        let (found, slope) = function.gradient(&moved);
        let fits = found <= value + 1e-4 * share * along + small;
        if !fits || !slope.iter().all(|entry| entry.is_finite()) {
            high = share;
        } else if dot(&slope, direction) < 0.9 * along && trial + 1 < TRIALS {
            low = share;
            best = Some((moved, found, slope));
        } else {
            return Some((moved, found, slope));
        }
        share = if high.is_finite() { 0.5 * (low + high) } else { 2.0 * low };
    }
    best
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;

    use super::*;

    /// Rosenbrock's function of ten numbers.
    struct Valley;

    impl Smooth for Valley {
        fn value(&self, p: &[f64]) -> f64 {
            self.gradient(p).0
        }
        fn gradient(&self, p: &[f64]) -> (f64, Vec<f64>) {
            let mut slope = vec![0.0; p.len()];
            let mut value = 0.0;
            for at in 0..p.len() - 1 {
                let (rise, rest) = (p[at + 1] - p[at] * p[at], 1.0 - p[at]);
                value += 100.0 * rise * rise + rest * rest;
                slope[at] += -400.0 * p[at] * rise - 2.0 * rest;
                slope[at + 1] += 200.0 * rise;
            }
            (value, slope)
        }
        fn curvature(&self, _point: &[f64]) -> (f64, Vec<f64>, Vec<f64>) {
            unreachable!("L-BFGS asks for no Hessian")
        }
    }

    #[test]
    fn finds_the_minimum_of_a_curved_valley() {
        let minimum = minimise(&Valley, vec![0.0; 10], 1e-9, 500);
        for entry in &minimum.point {
            assert_abs_diff_eq!(*entry, 1.0, epsilon = 1e-6);
        }
        assert!(minimum.steps < 150, "{}", minimum.steps);
    }
}
