//! A line search for the strong Wolfe conditions (Nocedal & Wright 2006, algorithms 3.5 and 3.6), with the safeguards of PyTorch's and room for
//! rounding.

use super::objective::Value;

/// Share of the promised decrease that is enough: Armijo's condition.
const DECREASE: f64 = 1e-4;
/// Share of the slope that may be left: the curvature condition.
const CURVATURE: f64 = 0.9;
/// The loss cannot be told better than to this share: near a minimum the slope alone decides.
const ROUNDING: f64 = 4.0 * f64::EPSILON;

/// What is known of a place along the direction.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    /// How far along the direction.
    pub(super) share: f64,
    pub(super) loss: f64,
    pub(super) gradient: Vec<f64>,
    /// The derivative along the direction.
    pub(super) slope: f64,
}

impl Trial {
    /// A loss that is not finite counts as infinite: beyond where it can be computed, it is too high.
    pub(super) fn new(share: f64, value: Value, direction: &[f64]) -> Trial {
        let slope = super::dot(&value.gradient, direction);
        let loss = if value.loss.is_finite() && slope.is_finite() { value.loss } else { f64::INFINITY };
        Trial { share, loss, gradient: value.gradient, slope }
    }
}

/// A place that satisfies the strong Wolfe conditions, or the lowest of those found after `limit` refinements or in a bracket that is shorter
/// than `shortest`; and how often the function was asked.
pub(super) fn strong_wolfe<E>(
    mut at: impl FnMut(f64) -> Result<Trial, E>,
    start: &Trial,
    first: f64,
    shortest: f64,
    limit: usize,
) -> Result<(Trial, usize), E> {
    let ceiling = start.loss + ROUNDING * start.loss.abs();
    let is_high = |trial: &Trial| trial.loss > ceiling + DECREASE * trial.share * start.slope;
    let is_flat = |trial: &Trial| trial.slope.abs() <= -CURVATURE * start.slope;

    // Extend the interval until it must contain a place that satisfies both.
    let (mut before, mut trial) = (start.clone(), at(first)?);
    let mut refinements = 0;
    let (one, other) = loop {
        if refinements == limit {
            break (start.clone(), trial);
        }
        if is_high(&trial) || (refinements > 1 && trial.loss >= before.loss) {
            break (before, trial);
        }
        if is_flat(&trial) {
            return Ok((trial, refinements + 1));
        }
        if trial.slope >= 0.0 {
            break (before, trial);
        }
        let bounds = (trial.share + 0.01 * (trial.share - before.share), 10.0 * trial.share);
        let next = at(interpolated(&before, &trial, bounds))?;
        before = std::mem::replace(&mut trial, next);
        refinements += 1;
    };

    // Narrow it down.
    let (mut low, mut high) = if one.loss <= other.loss { (one, other) } else { (other, one) };
    let mut stalled = false;
    while refinements < limit && (high.share - low.share).abs() >= shortest {
        let (left, right) = (low.share.min(high.share), low.share.max(high.share));
        let mut share = interpolated(&low, &high, (left, right));
        // Near a border twice in a row, or beyond it: go a tenth inside.
        let margin = 0.1 * (right - left);
        let is_near = (right - share).min(share - left) < margin;
        if is_near && (stalled || share >= right || share <= left) {
            share = if right - share < share - left { right - margin } else { left + margin };
            stalled = false;
        } else {
            stalled = is_near;
        }
        let trial = at(share)?;
        refinements += 1;
        if is_high(&trial) || trial.loss >= low.loss {
            high = trial;
            if high.loss < low.loss {
                std::mem::swap(&mut low, &mut high);
            }
        } else if is_flat(&trial) {
            return Ok((trial, refinements + 1));
        } else {
            let passed = trial.slope * (high.share - low.share) >= 0.0;
            let former = std::mem::replace(&mut low, trial);
            if passed {
                high = former;
            }
        }
    }
    Ok((low, refinements + 1))
}

/// Where the cubic through two places with their slopes is least, within bounds; halfway where it is nowhere.
fn interpolated(a: &Trial, b: &Trial, (least, most): (f64, f64)) -> f64 {
    let (left, right) = if a.share <= b.share { (a, b) } else { (b, a) };
    let first = left.slope + right.slope - 3.0 * (left.loss - right.loss) / (left.share - right.share);
    let root = (first * first - left.slope * right.slope).sqrt();
    let share = (right.slope + root - first) / (right.slope - left.slope + 2.0 * root);
    let place = right.share - (right.share - left.share) * share;
    if place.is_finite() { place.clamp(least, most) } else { 0.5 * (least + most) }
}
