//! Every derivative, on one page: the vector-Jacobian product of each primitive, written with the same operations as any user's formula. So a
//! derivative is a graph like any other, and can be differentiated again.
//!
//! In a rule, `y` is the result, `g` its cotangent (the derivative of some scalar with respect to `y`), and `x`, or `a` and `b`, are the inputs. No
//! rule adds up or sums over what was broadcast: the driver in [`crate::grad`] does.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use smallvec::SmallVec;

use crate::ops::inverse;
use crate::tensor::Tensor;
use minimand_engine::{AxisList, Binary, Op, Reduction, Unary};

/// The cotangents of those inputs of a node that are `wanted`, from that of its result.
pub(crate) fn cotangents<'a>(
    output: &'a Tensor,
    cotangent: &Tensor,
    wanted: impl Fn(&Tensor) -> bool,
) -> SmallVec<[(&'a Tensor, Tensor); 2]> {
    let op = &output.0.op;
    let mut found = SmallVec::new();
    // Where the parts of a concatenation begin is counted along, not once for each.
    let mut start = 0;
    for (which, input) in output.0.inputs.iter().enumerate() {
        let contribution = match op {
            Op::Concatenate(axis) => {
                let (first, length) = (start, input.shape()[*axis]);
                start += length;
                wanted(input).then(|| cotangent.narrow(*axis, first, length))
            }
            _ if wanted(input) => derivative(output, cotangent, which),
            _ => None,
        };
        found.extend(contribution.map(|contribution| (input, contribution)));
    }
    found
}

/// The vector-Jacobian product of a node `y` with the cotangent `g` of its result (the derivative of some scalar with respect to it): the
/// cotangent of input number `which`, or `None` where it is zero everywhere.
///
/// A rule may return a tensor of the *broadcast* shape: the driver sums it down to the shape of the input.
fn derivative(y: &Tensor, g: &Tensor, which: usize) -> Option<Tensor> {
    let inputs = &y.0.inputs;
    match &y.0.op {
        Op::Data | Op::Constant(_) | Op::Iota | Op::Detach | Op::ArgMax { .. } | Op::ArgSort { .. } => None,
        Op::Unary(unary) => of_unary(*unary, &inputs[0], y, g),
        Op::Binary(binary) => of_binary(*binary, &inputs[0], &inputs[1], y, g, which),
        Op::Select => match which {
            0 => None,
            1 => Some(inputs[0].select(g, 0)),
            _ => Some(inputs[0].select(0, g)),
        },
        Op::Accumulate => Some(g.clone()),
        Op::Cast => Some(g.cast(inputs[0].dtype())),
        Op::Reduce(reduction, axes) => Some(of_reduction(*reduction, &inputs[0], y, g, axes)),
        Op::CumulativeSum { axis, reverse } => Some(g.cumulative_sum_from(*axis, !reverse)),
        Op::Reshape => Some(g.reshape(inputs[0].shape())),
        Op::Permute(order) => Some(g.permute_by(&inverse(order))),
        Op::Expand => Some(g.clone()),
        Op::Slice { starts, steps } => Some(g.pad_by(starts, steps, inputs[0].shape())),
        Op::Pad { before, between } => Some(g.slice_by(before, between, inputs[0].shape())),
        Op::Flip(axes) => Some(g.flip_by(axes)),
        Op::Concatenate(_) => unreachable!("its parts are cut out together"),
        Op::Windows { axis, step, dilation } => {
            Some(g.overlap_add(*axis as isize, *step, *dilation, inputs[0].shape()[*axis]))
        }
        Op::OverlapAdd { axis, step, dilation } => {
            let shape = inputs[0].shape();
            if shape.elements() == 0 {
                return None;
            }
            // Where the windows did not fill the whole length, more of them fit than there were.
            let windows = g.windows(*axis as isize, shape[shape.rank() - 1], *step, *dilation);
            Some(windows.narrow(*axis, 0, shape[*axis]))
        }
        Op::Gather { axis } => (which == 0).then(|| g.scatter_add_into(*axis, &inputs[1], inputs[0].shape()[*axis])),
        Op::ScatterAdd { axis } => (which == 0).then(|| g.gather_from(*axis, &inputs[1])),
        Op::MatrixMultiply => Some(match which {
            0 => g.matmul(&inputs[1].transpose()),
            _ => inputs[0].transpose().matmul(g),
        }),
    }
}

/// The cotangent of the input `x`, given the output `y` and its cotangent `g`; `None` where it is zero everywhere.
fn of_unary(unary: Unary, x: &Tensor, y: &Tensor, g: &Tensor) -> Option<Tensor> {
    Some(match unary {
        Unary::Negate => -g,
        Unary::Reciprocal => -(g * y * y),
        Unary::SquareRoot => 0.5 * g / y,
        Unary::Exp => g * y,
        // Not y + 1, which cancels for very negative x.
        Unary::ExpM1 => g * x.exp(),
        Unary::Ln => g / x,
        Unary::Ln1p => g / (1.0 + x),
        Unary::Sin => g * x.cos(),
        Unary::Cos => -(g * x.sin()),
        Unary::Atan => g * atan_slope(x),
        Unary::Sinh => g * x.cosh(),
        Unary::Asinh => g * asinh_slope(x),
        Unary::Tanh => g * tanh_slope(x, y),
        // Not 1 - y, which cancels for large x. A factor of its own: where g waits for a sum of y, it is all that is kept till then.
        Unary::Sigmoid => g * (y * (-x).sigmoid()),
        Unary::Softplus => g * x.sigmoid(),
        Unary::Erf => g * FRAC_2_SQRT_PI * (-settled(x).square()).exp(),
        Unary::NormalCdf => g * (0.5 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2) * (-0.5 * settled(x).square()).exp(),
        Unary::LnGamma => g * x.digamma(),
        Unary::Polygamma(order) => g * x.polygamma(order + 1),
        Unary::Abs => g * x.sign(),
        Unary::Sign | Unary::Floor => return None,
    })
}

/// The number for a bell curve, which is 0 beyond ±40 and there has no slope in which an infinite number could meet that 0.
fn settled(x: &Tensor) -> Tensor {
    x.clamp(-40, 40)
}

/// `1/(1 + x²)`; beyond 1 as `(1/x)²/(1 + (1/x)²)`, so that neither it nor its derivatives overflow on the way to 0.
fn atan_slope(x: &Tensor) -> Tensor {
    let beyond = x.abs().gt(1);
    let within = beyond.select(0, x).square();
    let inverse = beyond.select(x, 1).reciprocal().square();
    beyond.select(&inverse / (1.0 + &inverse), (1.0 + within).reciprocal())
}

/// `1/√(1 + x²)`; beyond 1 as `|1/x|/√(1 + (1/x)²)`, whose square does not overflow.
fn asinh_slope(x: &Tensor) -> Tensor {
    let beyond = x.abs().gt(1);
    let within = beyond.select(0, x).square();
    let inverse = beyond.select(x, 1).abs().reciprocal();
    beyond.select(&inverse / (1.0 + inverse.square()).sqrt(), (1.0 + within).rsqrt())
}

/// `1 - y²` for `y = tanh x`. Where y is near ±1 the difference has lost its digits: it is put right by `4e/(1 + e)²` with `e = e^(-2|x|)`,
/// cut off from the graph, since the slope of the difference, -2yy', needs no repair.
fn tanh_slope(x: &Tensor, y: &Tensor) -> Tensor {
    let square = y * y;
    let difference = 1.0 - &square;
    let e = (-2.0 * x.abs()).exp();
    let lost = 4.0 * &e / (1.0 + &e).square() - &difference;
    difference + square.le(0.5).select(0, lost).detach()
}

/// The cotangent of input number `which` of `y = a ∘ b`, given the cotangent `g` of `y`, in the shape of `y`.
fn of_binary(binary: Binary, a: &Tensor, b: &Tensor, y: &Tensor, g: &Tensor, which: usize) -> Option<Tensor> {
    let left = which == 0;
    Some(match binary {
        Binary::Add => g.clone(),
        Binary::Subtract if left => g.clone(),
        Binary::Subtract => -g,
        Binary::Multiply if left => g * b,
        Binary::Multiply => g * a,
        Binary::Divide if left => g / b,
        Binary::Divide => -(g * y / b),
        Binary::Power if left => g * base_slope(a, b, y),
        Binary::Power => g * exponent_slope(a, b, y),
        Binary::Maximum if left => g * share(b, a),
        Binary::Maximum => g * share(a, b),
        Binary::Minimum if left => g * share(a, b),
        Binary::Minimum => g * share(b, a),
        Binary::Less | Binary::LessOrEqual | Binary::Equal => return None,
    })
}

/// `d/da aᵇ = b aᵇ⁻¹`.
fn base_slope(a: &Tensor, b: &Tensor, y: &Tensor) -> Tensor {
    if let Op::Constant(exponent) = b.0.op
        && exponent.to_f64().is_finite()
    {
        return exponent.to_f64() * a.pow(exponent.to_f64() - 1.0);
    }
    let slope = |a: Tensor, b: Tensor| a.pow(&b - 1.0) * b;
    // To any order 0 by the factor b, or by the power where b is infinite: the other factor, infinite, is not formed.
    let settled = (a.eq(0) & b.eq(0)) | (y.eq(0) & b.abs().eq(f64::INFINITY));
    // Of 0 to a power b ≥ 0 the slope depends on the base alone. A formula of its own: the other one's derivatives by b are infinite there.
    let at_zero = a.eq(0) & b.gt(0) & b.lt(f64::INFINITY);
    let elsewhere = &settled | &at_zero;
    at_zero.select(
        slope(at_zero.select(a, 1), at_zero.select(b.detach(), 1)),
        slope(elsewhere.select(1, a), elsewhere.select(0, b)),
    )
}

/// `d/db aᵇ = aᵇ ln a`, and 0 to any order where aᵇ is 0 by its base, along with 0⁰: there the logarithm, infinite, is not formed.
fn exponent_slope(a: &Tensor, b: &Tensor, y: &Tensor) -> Tensor {
    if let Op::Constant(base) = a.0.op
        && base.to_f64() > 0.0
        && base.to_f64().is_finite()
    {
        return y * a.ln();
    }
    let vanishing = (a.eq(0) & b.ge(0)) | (a.eq(f64::INFINITY) & b.lt(0));
    let (a, b) = (vanishing.select(1, a), vanishing.select(1, b));
    a.pow(b) * a.ln()
}

/// The share of the gradient that goes to `greater` in a maximum: 1, ½ at a tie, 0. Where either is NaN, 1 for both: the gradient stays NaN where
/// it is.
fn share(lesser: &Tensor, greater: &Tensor) -> Tensor {
    let ones = greater.ones_like();
    greater.lt(lesser).select(0, greater.eq(lesser).select(0.5, ones))
}

/// The cotangent of the input, in its shape.
fn of_reduction(reduction: Reduction, x: &Tensor, y: &Tensor, g: &Tensor, axes: &AxisList) -> Tensor {
    match reduction {
        Reduction::Sum => g.expand(x.shape()),
        Reduction::Max | Reduction::Min => {
            let ties = x.eq(y).cast(x.dtype());
            // Divided before it is spread over the ties: once for each extremum, not for each entry.
            g / ties.sum_keepdim(axes.as_slice()) * ties
        }
    }
}
