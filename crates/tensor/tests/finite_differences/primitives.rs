//! Every primitive. The matches have no wildcard arm: a new primitive does not compile until it is tested here.

use minimand_tensor::{Binary, CheckOptions, Op, Reduction, Tensor, Unary};

use crate::{check, check_with, random};

/// The public operation that makes a unary primitive.
fn unary(kind: Unary, x: &Tensor) -> Tensor {
    match kind {
        Unary::Negate => -x,
        Unary::Reciprocal => x.reciprocal(),
        Unary::SquareRoot => x.sqrt(),
        Unary::Exp => x.exp(),
        Unary::ExpM1 => x.exp_m1(),
        Unary::Ln => x.ln(),
        Unary::Ln1p => x.ln_1p(),
        Unary::Sin => x.sin(),
        Unary::Cos => x.cos(),
        Unary::Sinh => x.sinh(),
        Unary::Asinh => x.asinh(),
        Unary::Atan => x.atan(),
        Unary::Tanh => x.tanh(),
        Unary::Sigmoid => x.sigmoid(),
        Unary::Softplus => x.softplus(),
        Unary::Erf => x.erf(),
        Unary::NormalCdf => x.normal_cdf(),
        Unary::LnGamma => x.lgamma(),
        Unary::Polygamma(order) => x.polygamma(order),
        Unary::Sign => x.sign(),
        Unary::Floor => x.floor(),
        Unary::Abs => x.abs(),
    }
}

/// Points inside the domain, none closer than `margin` to its ends or a kink, and some on both sides of each kink.
fn points(kind: Unary) -> Tensor {
    let (low, high, kinks) = kind.domain();
    let margin = 0.3;
    let usable =
        |x: &f64| x - low >= margin && high - x >= margin && kinks.iter().all(|kink| (x - kink).abs() >= margin);
    let mut points = random(11, &[40], low.max(-2.75), high.min(3.5)).to_vec::<f64>();
    points.extend(kinks.iter().flat_map(|kink| [kink - margin, kink + margin]));
    points.extend([low + margin, high - margin].into_iter().filter(|x| x.is_finite()));
    points.retain(usable);
    assert!(points.len() >= 12, "{}: only {} points", kind.name(), points.len());
    for kink in kinks {
        assert!(
            points.iter().any(|x| x < kink) && points.iter().any(|x| x > kink),
            "{}: one side of {kink}",
            kind.name()
        );
    }
    Tensor::from(points)
}

#[test]
fn unary_kinds() {
    for &kind in Unary::ALL {
        let x = points(kind);
        let made = unary(kind, &x).explain();
        assert!(made.contains(&format!("= {} %0", kind.name())), "{kind:?} is not what was tested: {made}");
        // Between its poles the gamma family bends so much that the usual step is too long; and it is so large in places that
        // each point is checked by itself, lest its rounding errors hide the others.
        let step = if matches!(kind, Unary::LnGamma | Unary::Polygamma(_)) { 4e-4 } else { 1e-3 };
        let options = CheckOptions { step, ..CheckOptions::default() };
        for x in x.to_vec::<f64>() {
            check_with(options, &format!("{} at {x}", kind.name()), &[Tensor::from([x])], |x| unary(kind, &x[0]));
        }
    }
}

/// Orders of the polygamma function beyond those in `Unary::ALL`.
#[test]
fn polygamma_of_higher_order() {
    for order in 3..6 {
        check(&format!("polygamma {order}"), &[random(3, &[8], 0.8, 4.0)], |x| 0.01 * x[0].polygamma(order));
    }
}

fn binary(kind: Binary, a: &Tensor, b: &Tensor) -> Tensor {
    match kind {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide => a / b,
        Binary::Power => a.pow(b),
        Binary::Maximum => a.maximum(b),
        Binary::Minimum => a.minimum(b),
        Binary::Less => a.lt(b),
        Binary::LessOrEqual => a.le(b),
        Binary::Equal => a.eq(b),
    }
}

#[test]
fn binary_kinds_with_broadcasting() {
    const SHAPES: [(&[usize], &[usize]); 9] = [
        (&[4, 3], &[4, 3]),
        (&[4, 3], &[3]),
        (&[3], &[4, 3]),
        (&[4, 1], &[1, 3]),
        (&[2, 1, 3], &[4, 1]),
        (&[], &[3]),
        (&[2, 3], &[]),
        (&[1], &[1, 1]),
        (&[0, 3], &[1, 3]),
    ];
    for &kind in Binary::ALL {
        for (seed, (left, right)) in SHAPES.into_iter().enumerate() {
            let name = format!("{} {left:?} {right:?}", kind.name());
            // Positive on the left for powers, away from 0 on the right for quotients.
            let (a, b) = (random(seed as u64, left, 0.5, 2.0), random(100 + seed as u64, right, 0.6, 2.1));
            let made = binary(kind, &a, &b).explain();
            assert!(made.contains(&format!("= {} %0 %1", kind.name())), "{kind:?} is not what was tested: {made}");
            if kind.is_comparison() {
                let loss = (binary(kind, &a, &b).cast(a.dtype()) * &a).sum();
                let expected = binary(kind, &a, &b).cast(a.dtype()).to_vec::<f64>();
                let broadcast = &a + b.zeros_like();
                assert_eq!(
                    (&expected.iter().sum::<f64>(), broadcast.elements()),
                    (&loss.grad(&a).sum().item(), expected.len())
                );
            } else {
                check(&name, &[a, b], |x| binary(kind, &x[0], &x[1]));
            }
        }
        // One tensor on both sides.
        if !kind.is_comparison() && !matches!(kind, Binary::Maximum | Binary::Minimum) {
            check(kind.name(), &[random(7, &[3], 0.5, 2.0)], |x| binary(kind, &x[0], &x[0]));
        }
    }
}

/// Powers with a number for exponent, the quick ways included, on both sides of 0 where they are defined there.
#[test]
fn powers_with_a_number() {
    for exponent in [-2.5, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.7] {
        check(&format!("pow {exponent}"), &[random(5, &[6], 0.4, 2.0)], |x| x[0].pow(exponent));
    }
    for exponent in [-3, -2, -1, 0, 1, 2, 3, 4] {
        check(&format!("pow {exponent} below 0"), &[random(6, &[6], -2.0, -0.5)], |x| x[0].pow(exponent));
    }
}

fn reduction(kind: Reduction, x: &Tensor, axes: &[usize], keep: bool) -> Tensor {
    match (kind, keep) {
        (Reduction::Sum, false) => x.sum_axis(axes),
        (Reduction::Sum, true) => x.sum_keepdim(axes),
        (Reduction::Max, false) => x.max_axis(axes),
        (Reduction::Max, true) => x.max_keepdim(axes),
        (Reduction::Min, false) => x.min_axis(axes),
        (Reduction::Min, true) => x.min_keepdim(axes),
    }
}

#[test]
fn reductions_over_every_set_of_axes() {
    for &kind in Reduction::ALL {
        for set in 0..8 {
            let axes: Vec<usize> = (0..3).filter(|axis| set >> axis & 1 == 1).collect();
            for keep in [false, true] {
                let name = format!("{} over {axes:?}", kind.name());
                check(&name, &[random(set, &[2, 3, 4], -2.0, 2.0)], |x| reduction(kind, &x[0], &axes, keep));
            }
        }
    }
}

type Case = (&'static str, Vec<Tensor>, Box<dyn Fn(&[Tensor]) -> Tensor>);

fn case(name: &'static str, inputs: &[&[usize]], function: impl Fn(&[Tensor]) -> Tensor + 'static) -> Case {
    let inputs = inputs.iter().enumerate().map(|(seed, shape)| random(40 + seed as u64, shape, -2.0, 2.0)).collect();
    (name, inputs, Box::new(function))
}

/// The cases of each primitive, and one specimen of each: the match makes the list complete.
macro_rules! primitives {
    ($($pattern:pat, $specimen:expr => [$($case:expr),* $(,)?];)*) => {
        fn cases(op: &Op) -> Vec<Case> {
            match op {
                $($pattern => vec![$($case),*],)*
            }
        }

        fn specimens() -> Vec<Op> {
            vec![$($specimen),*]
        }
    };
}

fn index(values: &[i64], shape: &[usize]) -> Tensor {
    Tensor::from_vec(values.to_vec(), shape)
}

primitives! {
    Op::Data, Op::Data => [case("data", &[&[2, 3]], |x| x[0].clone())];
    Op::Constant(_), Op::Constant(minimand_tensor::Scalar::Float(0.5)) => [
        case("constant", &[&[3]], |x| 0.5 + &x[0]),
        case("expanded constant", &[&[3]], |x| &x[0] * Tensor::full([2, 3], 0.5)),
    ];
    Op::Iota, Op::Iota => [case("iota", &[&[3]], |x| &x[0] * Tensor::iota(3))];
    Op::Unary(_), Op::Unary(Unary::Sin) => [case("sin", &[&[3]], |x| x[0].sin())]; // all: `unary_kinds`
    Op::Binary(_), Op::Binary(Binary::Multiply) => [case("multiply", &[&[3], &[3]], |x| &x[0] * &x[1])]; // all: `binary_kinds…`
    Op::Select, Op::Select => [
        case("select", &[&[3, 2], &[3, 2]], |x| Tensor::triangular_mask(3, 2, 0).select(&x[0], &x[1])),
        case("select, broadcast", &[&[3, 1], &[2]], |x| Tensor::triangular_mask(3, 2, 0).select(&x[0], &x[1])),
        case("select, broadcast mask", &[&[3, 2], &[2]], |x| Tensor::from([true, false]).select(&x[0], &x[1])),
        case("select, number", &[&[3, 2]], |x| Tensor::triangular_mask(3, 2, 0).select(1.5, &x[0])),
    ];
    Op::Cast, Op::Cast => [
        // Through f32 only the entries survive that f32 can tell apart, so the steps are taken outside.
        case("cast to the same type", &[&[3]], |x| x[0].cast(minimand_tensor::DType::F64)),
        case("cast of a number", &[&[3]], |x| x[0].sin() * Tensor::from([1.0f32, 2.0, 3.0])),
    ];
    Op::Detach, Op::Detach => [case("detach", &[&[3]], |x| &x[0] + Tensor::from([1.0, 2.0, 3.0]).sin().detach())];
    Op::Reduce(..), Op::Reduce(Reduction::Sum, Default::default()) => [case("sum", &[&[2, 3]], |x| x[0].sum_axis(1))];
    Op::CumulativeSum { .. }, Op::CumulativeSum { axis: 0, reverse: false } => [
        case("cumulative_sum 0", &[&[4, 3]], |x| x[0].cumulative_sum(0)),
        case("cumulative_sum 1", &[&[2, 4, 3]], |x| x[0].cumulative_sum(1)),
        case("cumulative_sum_reverse -1", &[&[4, 3]], |x| x[0].cumulative_sum_reverse(-1)),
        case("cumulative_sum_reverse 0", &[&[2, 2, 2]], |x| x[0].cumulative_sum_reverse(0)),
    ];
    Op::ArgMax { .. }, Op::ArgMax { axis: 0 } => [
        case("argmax", &[&[3, 4]], |x| x[0].take_along_axis(1, x[0].argmax_axis(1).unsqueeze(1))),
        case("argmin", &[&[3, 4]], |x| x[0].take_along_axis(0, x[0].argmin_axis(0).unsqueeze(0))),
    ];
    Op::ArgSort { .. }, Op::ArgSort { axis: 0, descending: false } => [
        case("argsort", &[&[3, 4]], |x| x[0].take_along_axis(1, x[0].argsort(1))),
        case("argsort, descending", &[&[3, 4]], |x| x[0].take_along_axis(0, x[0].argsort_descending(0))),
    ];
    Op::Reshape, Op::Reshape => [
        case("reshape", &[&[2, 3]], |x| x[0].reshape([3, 2])),
        case("reshape of a transpose", &[&[2, 3]], |x| x[0].transpose().reshape([2, 3])),
    ];
    Op::Permute(_), Op::Permute(Default::default()) => [
        case("permute", &[&[2, 3, 4]], |x| x[0].permute([2, 0, 1])),
        case("swap_axes", &[&[2, 3, 4]], |x| x[0].swap_axes(0, -1)),
    ];
    Op::Expand, Op::Expand => [
        case("expand", &[&[2, 1]], |x| x[0].expand([3, 2, 4])),
        case("expand a scalar", &[&[]], |x| x[0].expand([2, 2])),
    ];
    Op::Slice { .. }, Op::Slice { starts: Default::default(), steps: Default::default() } => [
        case("slice", &[&[5, 3]], |x| x[0].slice(0, 1..4)),
        case("slice with a step", &[&[7, 2]], |x| x[0].slice_step(0, 1..6, 2)),
        case("slice with a step beyond the end", &[&[5]], |x| x[0].slice_step(0, 1.., 3)),
        case("empty slice", &[&[3]], |x| x[0].slice(0, 2..2)),
        case("at", &[&[3, 2]], |x| x[0].at(1, 1)),
    ];
    Op::Pad { .. }, Op::Pad { before: Default::default(), between: Default::default() } => [
        case("pad", &[&[2, 3]], |x| x[0].pad(1, 2, 1)),
        case("pad of nothing", &[&[2, 0]], |x| x[0].pad(1, 2, 1)),
        // The second derivative of a slice pads between entries.
        case("pad between", &[&[7]], |x| x[0].sin().slice_step(0, .., 3)),
    ];
    Op::Flip(_), Op::Flip(Default::default()) => [
        case("flip", &[&[2, 3, 2]], |x| x[0].flip([0, 2])),
        case("flip of one axis", &[&[2, 3]], |x| x[0].flip(-1)),
    ];
    Op::Concatenate(_), Op::Concatenate(0) => [
        case("concatenate", &[&[2, 3], &[2, 1], &[2, 0]], |x| Tensor::concatenate(x, 1)),
        case("concatenate one tensor twice", &[&[2]], |x| Tensor::concatenate([&x[0], &x[0].sin(), &x[0]], 0)),
        case("stack", &[&[2, 3], &[2, 3]], |x| Tensor::stack(x, -1)),
        case("split", &[&[5, 2]], |x| {
            let parts = x[0].split(0, &[2, 0, 3]);
            Tensor::concatenate([&parts[2], &parts[0], &parts[1]], 0)
        }),
    ];
    Op::Accumulate, Op::Accumulate => [
        case("a gradient by what is used twice", &[&[3]], |x| (x[0].sin() * x[0].exp()).sum().grad(&x[0])),
        case("a gradient by parts", &[&[4]], |x| {
            let parts = x[0].slice(0, 1..).sin() * x[0].slice(0, ..3) + x[0].at(0, 2).exp();
            parts.sum().grad(&x[0])
        }),
    ];
    Op::Windows { .. }, Op::Windows { axis: 0, step: 1, dilation: 1 } => [
        case("windows", &[&[6]], |x| x[0].windows(0, 3, 1, 1)),
        case("windows apart", &[&[2, 7, 2]], |x| x[0].windows(1, 2, 3, 1)),
        case("windows dilated", &[&[8, 2]], |x| x[0].windows(0, 3, 2, 2)),
    ];
    Op::OverlapAdd { .. }, Op::OverlapAdd { axis: 0, step: 1, dilation: 1 } => [
        case("overlap_add", &[&[4, 3]], |x| x[0].overlap_add(0, 1, 1, 6)),
        case("overlap_add dilated", &[&[2, 2, 3]], |x| x[0].overlap_add(1, 2, 2, 7)),
        case("overlap_add with room to spare", &[&[3, 2]], |x| x[0].overlap_add(0, 1, 1, 9)),
        case("overlap_add of one window", &[&[1, 2]], |x| x[0].overlap_add(0, 1, 1, 5)),
        case("overlap_add of one entry", &[&[1, 1]], |x| x[0].overlap_add(0, 1, 1, 3)),
        case("overlap_add of no windows", &[&[0, 2]], |x| x[0].overlap_add(0, 1, 1, 5)),
    ];
    Op::Gather { .. }, Op::Gather { axis: 0 } => [
        case("take_along_axis", &[&[4, 3]], |x| x[0].take_along_axis(0, index(&[3, 0, 0, 1, 1, 3], &[2, 3]))),
        case("take_along_axis, broadcast index", &[&[3, 4]], |x| x[0].take_along_axis(1, index(&[3, 0, 3], &[1, 3]))),
        case("take_along_axis, broadcast values", &[&[1, 4]], |x| {
            x[0].take_along_axis(1, index(&[3, 0, 0, 1, 1, 3], &[3, 2]))
        }),
        case("index_select", &[&[4, 3]], |x| x[0].index_select(0, Tensor::from([2i64, 2, 0, 3, 2]))),
        case("index_select -1", &[&[2, 4]], |x| x[0].index_select(-1, Tensor::from([2i64, 0]))),
    ];
    Op::ScatterAdd { .. }, Op::ScatterAdd { axis: 0 } => [
        case("scatter_add", &[&[4, 2]], |x| x[0].scatter_add(0, index(&[0, 2, 0, 1, 2, 2, 0, 0], &[4, 2]), 3)),
        case("scatter_add, broadcast index", &[&[4, 2]], |x| x[0].scatter_add(0, index(&[0, 2, 0, 1], &[4, 1]), 3)),
        case("scatter_add, broadcast values", &[&[2, 1]], |x| {
            x[0].scatter_add(1, index(&[0, 2, 0, 1, 1, 1], &[2, 3]), 3)
        }),
    ];
    Op::MatrixMultiply, Op::MatrixMultiply => [
        case("matmul", &[&[2, 3], &[3, 4]], |x| x[0].matmul(&x[1])),
        case("matmul, row on the left", &[&[3], &[3, 2]], |x| x[0].matmul(&x[1])),
        case("matmul, column on the right", &[&[2, 3], &[3]], |x| x[0].matmul(&x[1])),
        case("matmul, inner product", &[&[3], &[3]], |x| x[0].matmul(&x[1])),
        case("matmul, batch", &[&[2, 2, 3], &[2, 3, 2]], |x| x[0].matmul(&x[1])),
        case("matmul, batch on the left", &[&[2, 2, 3], &[3, 2]], |x| x[0].matmul(&x[1])),
        case("matmul, batch on the right", &[&[2, 3], &[2, 3, 2]], |x| x[0].matmul(&x[1])),
        case("matmul, batch by column", &[&[2, 2, 3], &[3]], |x| x[0].matmul(&x[1])),
        case("matmul, row by batch", &[&[3], &[2, 3, 2]], |x| x[0].matmul(&x[1])),
        case("matmul, broadcast batch", &[&[2, 1, 2, 3], &[2, 3, 1]], |x| x[0].matmul(&x[1])),
        case("matmul, transposed", &[&[3, 2], &[4, 3]], |x| x[0].transpose().matmul(&x[1].transpose())),
        case("matmul with itself", &[&[3, 3]], |x| x[0].matmul(&x[0])),
        case("matmul over nothing", &[&[2, 0], &[0, 3]], |x| x[0].matmul(&x[1])),
        case("matmul of one", &[&[1, 1], &[1, 1]], |x| x[0].matmul(&x[1])),
    ];
}

#[test]
fn every_primitive() {
    for op in specimens() {
        let cases = cases(&op);
        assert!(!cases.is_empty(), "{} has no case", op.name());
        let mut made = false;
        for (name, inputs, function) in cases {
            let result = function(&inputs);
            made |= result.explain().contains(&format!("= {}", op.name()))
                || probe_gradient(&result, &inputs).contains(op.name());
            check(name, &inputs, function);
        }
        assert!(made || matches!(op, Op::Cast), "{}: no case makes one", op.name());
    }
}

fn probe_gradient(result: &Tensor, inputs: &[Tensor]) -> String {
    crate::probe(result).grad(&inputs[0]).explain()
}

/// Casts between the floating-point types: the gradient comes back in the type of the input, rounded on the way.
#[test]
fn casts_carry_the_gradient_back() {
    use minimand_tensor::DType;
    let x = Tensor::from([0.5, -1.5]);
    let slope = x.cast(DType::F32).square().sum().grad(&x);
    assert_eq!((slope.dtype(), slope.to_vec::<f64>()), (DType::F64, vec![1.0, -3.0]));
    let x = Tensor::from([0.5f32, -1.5]);
    let slope = (x.cast(DType::F64) * Tensor::from([0.25, 2.0])).sum().grad(&x);
    assert_eq!((slope.dtype(), slope.to_vec::<f64>()), (DType::F32, vec![0.25, 2.0]));
    for whole in [DType::I64, DType::Bool] {
        assert_eq!((x.cast(whole).cast(DType::F32) * 3.0).sum().grad(&x).to_vec::<f64>(), [0.0, 0.0]);
    }
}

/// No gradient flows through `detach`, whether the value is known already or not.
#[test]
fn detach_stops_the_gradient() {
    let x = Tensor::from([2.0, 3.0]);
    let known = x.sin();
    known.to_vec::<f64>();
    for factor in [x.clone(), known, x.exp()] {
        assert_eq!((&x * factor.detach()).sum().grad(&x).to_vec::<f64>(), factor.to_vec::<f64>());
    }
}
