//! Infinities, NaN and the sign of zero go through every rewriting as through the definitions.

use minimand_tensor::{DType, Tensor, eval, grad};

use super::agree;

const INFINITY: f64 = f64::INFINITY;

/// Every value that has an algebra of its own, beside finite ones.
fn values() -> Tensor {
    Tensor::from([
        [0.0, -0.0, 1.5, INFINITY, -2.0],
        [f64::NAN, -0.0, -INFINITY, 0.25, INFINITY],
        [-0.0, -0.0, -0.0, -0.0, -0.0],
        [INFINITY, INFINITY, 1.0, -0.0, 3.0],
        [f64::MAX, -1.0, 0.0, -INFINITY, 0.5],
    ])
}

/// A result, its quotient, which tells the zeros apart, and the gradients of both, in either precision.
#[track_caller]
fn holds(formula: impl Fn(&Tensor) -> Tensor) {
    for dtype in [DType::F32, DType::F64] {
        agree(|| {
            let x = values().cast(dtype);
            eval([&x]);
            let y = formula(&x);
            let quotient = 1.0 / &y;
            let loss = y.cast(DType::F64).sum();
            let slopes = grad(&loss, [&x]);
            let steep = grad(&quotient.cast(DType::F64).sum(), [&x]);
            [y, quotient, loss].into_iter().chain(slopes).chain(steep).collect()
        });
    }
}

/// A sum of nothing but zeros is a zero of either sign: added to 0, it is 0.
#[track_caller]
fn sums_hold(formula: impl Fn(&Tensor) -> Tensor) {
    holds(|x| formula(x) + 0.0);
}

#[test]
fn constants() {
    for constant in [INFINITY, -INFINITY, f64::NAN, 0.0, -0.0, 1.0, -1.0] {
        holds(|x| x * constant);
        holds(|x| constant - x);
        holds(|x| x + constant);
        holds(|x| x - constant);
        holds(|x| x / constant);
        holds(|x| constant / x);
        holds(|x| x.maximum(constant));
        holds(|x| x.minimum(constant));
        holds(|x| x.gt(0).select(x, constant));
        holds(|x| -x.gt(0).select(1, constant));
        holds(|x| x.gt(0).select(-x, -(x * constant)));
        holds(|x| (x.sin() + 2).pow(constant));
        holds(|x| x.pow(constant));
        holds(|x| x.clamp(-INFINITY, constant));
        holds(|x| x - x * constant * 0.0);
    }
}

#[test]
fn signs() {
    holds(|x| -x + x);
    holds(|x| -x - x);
    holds(|x| -x - -x.flip(1));
    holds(|x| -x * x.flip(0));
    holds(|x| x.flip(1) / -x);
    sums_hold(|x| (-x).sum_axis(1));
    sums_hold(|x| (-x).sum());
    sums_hold(|x| -(-x).sum_axis(0));
}

#[test]
fn sums() {
    for axes in [&[0][..], &[1], &[0, 1]] {
        sums_hold(|x| x.sum_axis(axes));
        sums_hold(|x| x.mean_axis(axes));
        sums_hold(|x| x.max_axis(axes));
        sums_hold(|x| x.min_axis(axes));
        sums_hold(|x| x.slice(0, ..2).sum_axis(axes));
        sums_hold(|x| x.slice(0, 2..4).sum_axis(axes));
        sums_hold(|x| x.slice(0, 2..3).sum_axis(axes));
        sums_hold(|x| x.slice(1, 1..2).sum_axis(axes));
    }
    sums_hold(|x| x.sum_axis(1).sum());
    sums_hold(|x| x.cumulative_sum(1));
    sums_hold(|x| x.cumulative_sum_reverse(0));
}

#[test]
fn placed_entries() {
    let index = || Tensor::from([[0i64], [3], [1], [2], [4]]);
    for constant in [INFINITY, -0.0, f64::NAN, 2.0] {
        sums_hold(|x| x.take_along_axis(1, index()));
        sums_hold(|x| (x * x.slice(1, ..1)).take_along_axis(1, index()));
        sums_hold(|x| (x + constant).take_along_axis(1, index()).sum_axis(1));
        sums_hold(|x| {
            let here = Tensor::iota(5).eq(index());
            (here.select(x * constant, 0)).sum_axis(1)
        });
        sums_hold(|x| Tensor::iota(5).eq(index()).select(x * x.slice(1, ..1), 0).sum_axis(1));
        sums_hold(|x| Tensor::iota(5).eq(index()).select(x - x.slice(1, ..1), 0).sum_axis(1));
        sums_hold(|x| Tensor::iota(5).eq(index()).select(-x, 0).sum_axis(1));
        sums_hold(|x| Tensor::iota(5).eq(index()).select(x.slice(1, 1..2), 0).sum_axis(1));
        sums_hold(|x| x - Tensor::iota(5).eq(index()).select(x.slice(1, 1..2), 0));
    }
    sums_hold(|x| x.slice(1, 1..2).scatter_add(1, index(), 5));
    sums_hold(|x| x.slice(1, 1..2).scatter_add(1, index(), 5).sum_axis(1));
    sums_hold(|x| x.scatter_add(1, Tensor::from([[0i64, 1, 1, 0, 2]]).expand([5, 5]), 3));
}

#[test]
fn windows_and_padding() {
    holds(|x| x.pad(1, 2, 1));
    holds(|x| x.pad(1, 2, 1).sum_axis(1));
    holds(|x| x.windows(1, 3, 1, 1).overlap_add(1, 1, 1, 6));
    holds(|x| x.windows(1, 2, 2, 1).overlap_add(1, 2, 1, 6));
    holds(|x| x.pad(1, 1, 1).windows(1, 3, 1, 1).max_axis(-1));
    for weight in [INFINITY, 0.0, -1.0, f64::NAN] {
        holds(|x| {
            let weights = Tensor::from_vec(vec![weight, 1.0, -2.0], [3, 1]).cast(x.dtype());
            x.pad(1, 1, 1).windows(1, 3, 1, 1).matmul(&weights)
        });
        holds(|x| x.matmul(&(x.transpose() * weight)));
    }
    holds(|x| x.matmul(x));
    holds(|x| x.matmul(&x.transpose()));
    holds(|x| x.matmul(&x.flip(1)).transpose());
    holds(|x| x.matmul(&Tensor::eye(5).cast(x.dtype())));
}

#[test]
fn orders_and_conversions() {
    holds(|x| x.sort(1).0);
    holds(|x| x.sort_descending(0).0);
    holds(|x| x.argmax_axis(1).cast(x.dtype()));
    holds(|x| x.argmin_axis(0).cast(x.dtype()));
    holds(|x| x.floor());
    holds(|x| x.sign());
    holds(|x| x.abs());
    holds(|x| x.maximum(x.flip(1)));
    holds(|x| x.minimum(x.flip(0)));
    holds(|x| x.le(x.flip(0)).select(x, 0.5));
    holds(|x| x.eq(x.flip(0)).select(x, -1));
    for through in [DType::I64, DType::Bool, DType::F32] {
        holds(|x| x.cast(through).cast(x.dtype()));
    }
}
