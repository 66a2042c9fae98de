//! What an exponential has beyond its tangent: `eˣ − 1 − x`, the shape of divergences near their minimum.

use minimand_tensor::{DType, Tensor};

/// The Taylor coefficients of `½ − 1/x + 1/(eˣ − 1)` over alternating signs, `|B₂ₙ|/(2n)!` for Bernoulli's numbers B.
const COEFFICIENTS: [f64; 8] = [
    1.0 / 12.0,
    1.0 / 720.0,
    1.0 / 30240.0,
    1.0 / 1209600.0,
    1.0 / 47900160.0,
    691.0 / 1307674368000.0,
    1.0 / 74724249600.0,
    3617.0 / 10670622842880000.0,
];

/// Where the terms of `eˣ − 1 − x` cancel so much that the series is better.
pub(crate) fn is_near_zero(x: &Tensor) -> Tensor {
    x.abs().le(0.5)
}

/// `eˣ − 1 − x` near 0, given `u = eˣ − 1`, as `x u (1/x − 1/(eˣ − 1))`.
pub(crate) fn near_zero(x: &Tensor, u: &Tensor) -> Tensor {
    let terms = if x.dtype() == DType::F32 { 3 } else { COEFFICIENTS.len() };
    let square = x.square();
    let (last, others) = COEFFICIENTS[..terms].split_last().expect("there are several");
    let series = others.iter().rev().fold(*last * x.ones_like(), |sum, coefficient| *coefficient - &square * sum);
    x * u * (0.5 - x * series)
}

/// `eˣ − 1 − x`: never below 0, with all its digits near 0, and so its derivatives.
pub(crate) fn exp_excess(x: &Tensor) -> Tensor {
    let cut = x.detach();
    let near = is_near_zero(&cut);
    // 0, with a slope of 1 near 0. First, so that its contribution is added last, when the two of the difference have cancelled.
    let held = near.select(x, 0);
    let passing = &held - held.detach();
    let u = x.exp_m1();
    let difference = &u - x;
    // Near 0 what the difference has lost is put back, and what its slope `eˣ − 1` has lost of u. Both are cut off from the graph: the
    // derivatives beyond need no repair.
    let u = u.detach();
    let lost = near.select(near_zero(&cut, &u) - (&u - &cut), 0);
    let slope_lost = near.select(u - (cut.exp() - 1.0), 0);
    difference + (lost + slope_lost * passing)
}
