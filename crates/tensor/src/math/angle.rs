//! The angle of a point.

use std::f64::consts::{FRAC_PI_2, PI};

use crate::operators::Operand;
use crate::tensor::Tensor;

formulas! {
    /// The angle in radians, from -π to π, between the positive first axis and the point `(x, y)`: `y.atan2(x)`. As in C, zeros and infinities
    /// count with their signs: `atan2(±0, -0) = ±π`, `atan2(±∞, -∞) = ±3π/4`.
    ///
    /// Derivatives `x/(x² + y²)` by `y` and `-y/(x² + y²)` by `x`; at the origin, where there is none, 0.
    #[doc(alias = "arctan2")]
    pub atan2(y, x: impl Operand) = {
        let y = y.as_float();
        let x = x.operand(y.dtype());
        y.shape().broadcast_for(x.shape(), "atan2");
        let x = if x.dtype().is_float() { x } else { x.cast(y.dtype()) };
        let (below, left) = (y.has_sign(), x.has_sign());
        // The angle of two infinities is that of (±1, ±1); that of the origin is a constant.
        let infinite = y.abs().eq(f64::INFINITY) & x.abs().eq(f64::INFINITY);
        let origin = y.eq(0) & x.eq(0);
        let y = origin.select(y.detach(), infinite.select(y.sign(), &y));
        let x = origin.select(1, infinite.select(x.sign(), &x));
        // The quotient of the lesser by the greater: it does not overflow.
        let steep = y.abs().gt(x.abs());
        let quotient = steep.select(&x, &y) / steep.select(&y, &x);
        let angle = quotient.atan();
        let from_second_axis = FRAC_PI_2.operand(angle.dtype()).negative_where(&below) - &angle;
        let from_behind = PI.operand(angle.dtype()).negative_where(&below) + &angle;
        steep.select(from_second_axis, left.select(from_behind, &angle))
    }; {
        /// let (y, x) = (Tensor::from([1.0, 1.0, 0.0]), Tensor::from([1.0, -1.0, 0.0]));
        /// let angle = y.atan2(&x);
        /// assert_eq!(format!("{angle:.4}"), "[0.7854, 2.3562, 0.0000]");
        /// assert_eq!(angle.sum().grad(&y).to_string(), "[0.5, -0.5, 0]");
    }
    /// The opposite where a condition is true.
    negative_where(x, condition: &Tensor) = condition.select(-x, x);
    /// Whether the sign is set, that of -0 as well.
    has_sign(x) = x.lt(0) | (x.eq(0) & x.reciprocal().lt(0));
}
