//! Operations composed from primitives: softmax and its relatives, statistics, lengths and distances, sorting.

use minimand_tensor::Tensor;

use crate::{check, random};

/// Every set of axes of a tensor with three.
fn sets_of_axes() -> impl Iterator<Item = Vec<usize>> {
    (0..8u32).map(|set| (0..3).filter(|axis| set >> axis & 1 == 1).collect())
}

fn three_axes(seed: u64) -> [Tensor; 1] {
    [random(seed, &[2, 3, 2], -2.0, 2.0)]
}

#[test]
fn softmax_and_relatives() {
    for axes in sets_of_axes() {
        let axes = axes.as_slice();
        check(&format!("softmax {axes:?}"), &three_axes(1), |x| x[0].softmax(axes));
        check(&format!("log_softmax {axes:?}"), &three_axes(2), |x| x[0].log_softmax(axes));
        check(&format!("logsumexp {axes:?}"), &three_axes(3), |x| x[0].logsumexp_axis(axes));
        check(&format!("logsumexp_keepdim {axes:?}"), &three_axes(3), |x| x[0].logsumexp_keepdim(axes));
    }
    check("softmax ..", &three_axes(4), |x| x[0].softmax(..));
    check("logsumexp ..", &three_axes(5), |x| x[0].logsumexp());
    // Equal entries: the shift has a kink there, the function has none.
    let equal = [Tensor::from([[1.0, 1.0, 1.0], [0.0, 2.0, 2.0]])];
    check("logsumexp of equals", &equal, |x| x[0].logsumexp_axis(-1));
    check("softmax of equals", &equal, |x| x[0].softmax(-1));
    check("log_softmax of equals", &equal, |x| x[0].log_softmax(-1));
    // With some entries masked.
    let mask = Tensor::from([[true, false, true], [false, false, true]]);
    for (name, function) in [
        ("masked logsumexp", (|x| x.logsumexp_axis(-1)) as fn(&Tensor) -> Tensor),
        ("masked softmax", |x| x.softmax(-1)),
        ("masked logsumexp with nothing left", |x| x.logsumexp_axis(-1).maximum(-50.0)),
    ] {
        check(name, &[random(6, &[2, 3], -2.0, 2.0)], |x| function(&mask.select(f64::NEG_INFINITY, &x[0])));
    }
}

#[test]
fn logarithms() {
    let pair = [random(1, &[3, 1], -2.0, 2.0), random(2, &[4], -2.0, 2.0)];
    check("logaddexp", &pair, |x| x[0].logaddexp(&x[1]));
    check("logaddexp of equals", &[Tensor::from([0.5, -3.0])], |x| x[0].logaddexp(Tensor::from([0.5, -3.0])));
    check("logaddexp with itself", &[Tensor::from([0.5, -3.0])], |x| x[0].logaddexp(&x[0]));
    check("logaddexp, number", &[Tensor::from([0.5, -3.0])], |x| x[0].logaddexp(0.25));
    check("logaddexp, -∞", &[Tensor::from([0.5, -3.0])], |x| x[0].logaddexp(f64::NEG_INFINITY));
    check("xlogy", &[random(3, &[3, 1], -2.0, 2.0), random(4, &[4], 0.4, 2.0)], |x| x[0].xlogy(&x[1]));
    check("xlogy at x = 0", &[Tensor::from([0.0, 0.0]), Tensor::from([0.5, 2.0])], |x| x[0].xlogy(&x[1]));
    check("entropy", &[random(5, &[4], 0.3, 1.0)], |x| x[0].xlogy(&x[0]));
    // Both branches, and across the seam at -ln 2.
    check("log1mexp", &[Tensor::from([-5.0, -2.0, -0.75, -0.6932, -0.69, -0.5, -0.3])], |x| x[0].log1mexp());
}

#[test]
fn statistics() {
    for axes in sets_of_axes() {
        let (name, axes) = (format!("{axes:?}"), axes.as_slice());
        check(&format!("mean {name}"), &three_axes(11), |x| x[0].mean_axis(axes));
        check(&format!("mean_keepdim {name}"), &three_axes(11), |x| x[0].mean_keepdim(axes));
        if axes.is_empty() {
            continue; // one entry has no spread
        }
        for correction in [0, 1] {
            check(&format!("var {name} {correction}"), &three_axes(12), |x| x[0].var_axis(axes, correction));
            check(&format!("std {name} {correction}"), &[random(13, &[2, 3, 2], -2.0, 2.0) * spread()], |x| {
                x[0].std_axis(axes, correction)
            });
            check(&format!("var_keepdim {name}"), &three_axes(12), |x| x[0].var_keepdim(axes, correction));
            check(&format!("std_keepdim {name}"), &[random(13, &[2, 3, 2], -2.0, 2.0) * spread()], |x| {
                x[0].std_keepdim(axes, correction)
            });
        }
    }
    check("mean", &three_axes(14), |x| x[0].mean());
    check("standardised", &three_axes(15), |x| (&x[0] - x[0].mean_keepdim(1)) / (x[0].var_keepdim(1, 0) + 0.1).sqrt());
}

/// Keeps entries of one line apart, so that no standard deviation is close to its kink at 0.
fn spread() -> Tensor {
    Tensor::from_vec(
        (0..12).map(|k| 1.0 + 0.4 * f64::from(k % 5) * f64::from(1 - k % 2 * 2)).collect::<Vec<f64>>(),
        [2, 3, 2],
    )
}

#[test]
fn lengths_angles_and_distances() {
    for axes in sets_of_axes().filter(|axes| !axes.is_empty()) {
        let (name, axes) = (format!("{axes:?}"), axes.as_slice());
        check(&format!("norm {name}"), &[random(21, &[2, 3, 2], 0.4, 2.0)], |x| x[0].norm_axis(axes));
        check(&format!("norm_keepdim {name}"), &[random(22, &[2, 3, 2], -2.0, -0.4)], |x| x[0].norm_keepdim(axes));
        check(&format!("normalize {name}"), &[random(23, &[2, 3, 2], 0.4, 2.0)], |x| x[0].normalize(axes));
    }
    let pair = |left: &[usize], right: &[usize]| [random(24, left, -2.0, 2.0), random(25, right, -2.0, 2.0)];
    check("cosine_similarity", &pair(&[3, 4], &[3, 4]), |x| x[0].cosine_similarity(&x[1], -1));
    check("cosine_similarity 0", &pair(&[3, 4], &[3, 4]), |x| x[0].cosine_similarity(&x[1], 0));
    check("cosine_similarity, broadcast", &pair(&[3, 1, 4], &[2, 4]), |x| x[0].cosine_similarity(&x[1], -1));
    check("squared distances", &pair(&[3, 2], &[4, 2]), |x| x[0].pairwise_squared_distances(&x[1]));
    check("squared distances to itself", &[random(26, &[4, 2], -2.0, 2.0)], |x| x[0].pairwise_squared_distances(&x[0]));
    check("distances", &[random(27, &[3, 2], -2.0, -0.2), random(28, &[4, 2], 0.2, 2.0)], |x| {
        x[0].pairwise_distances(&x[1])
    });
    check("distances, batch", &[random(29, &[2, 2, 2], -2.0, -0.2), random(30, &[3, 2], 0.2, 2.0)], |x| {
        x[0].pairwise_distances(&x[1])
    });
}

#[test]
fn sorting() {
    for axis in [0, 1, -1] {
        check("sort", &[random(31, &[3, 4], -2.0, 2.0)], |x| x[0].sort(axis).0);
        check("sort_descending", &[random(32, &[3, 4], -2.0, 2.0)], |x| x[0].sort_descending(axis).0);
        for k in 0..=3 {
            check("top_k", &[random(33, &[3, 4], -2.0, 2.0)], |x| x[0].top_k(axis, k).0);
        }
    }
}

/// A convolution made of windows and a matrix product, as a user would write it.
#[test]
fn convolution() {
    let inputs = [random(41, &[2, 5, 6], -1.0, 1.0), random(42, &[2, 3, 2, 2], -1.0, 1.0)];
    check("convolution", &inputs, |x| {
        let patches = x[0].pad(1, 1, 0).windows(1, 3, 2, 1).windows(2, 2, 1, 2);
        // [channels, rows, columns, 3, 2] → [rows · columns, channels · 6]
        let (rows, columns) = (patches.shape()[1], patches.shape()[2]);
        let kernel = x[1].permute([1, 2, 0, 3]).reshape([3, 4, 2]).sum_axis(2).reshape([12, 1]);
        patches.permute([1, 2, 0, 3, 4]).reshape([rows * columns, 12]).matmul(&kernel)
    });
}

#[test]
fn angles() {
    // All quadrants, both sides of the diagonals, and on the axes but for the cut.
    let (y, x) = (random(31, &[24], -2.0, 2.0), random(32, &[24], -2.0, 2.0));
    check("atan2", &[y, x], |x| x[0].atan2(&x[1]));
    let axes = [Tensor::from([1.5, -1.5, 0.0, 1.0, -1.0]), Tensor::from([0.0, 0.0, 1.5, -1.0, 1.0])];
    check("atan2 on axes and diagonals", &axes, |x| x[0].atan2(&x[1]));
    check("atan2, broadcast", &[random(33, &[3, 1], 0.5, 2.0), random(34, &[4], -2.0, 2.0)], |x| x[0].atan2(&x[1]));
    check("atan2, number", &[random(35, &[6], -2.0, 2.0)], |x| x[0].atan2(-0.5));
    check("cosh", &[random(36, &[12], -3.0, 3.0)], |x| x[0].cosh());
    check("cosh at 0", &[Tensor::from([0.0])], |x| x[0].cosh());
}

#[test]
fn cumulative_products() {
    for axis in [0, 1, -1] {
        check(&format!("cumulative_product {axis}"), &three_axes(41), |x| x[0].cumulative_product(axis));
    }
    for length in 1..=9 {
        check(&format!("cumulative_product of {length}"), &[random(42, &[length], -1.5, 1.5)], |x| {
            x[0].cumulative_product(0)
        });
    }
    // Where entries are 0 a quotient of products would be NaN.
    for entries in [[0.0, 1.5, -0.5, 2.0, 0.75], [1.5, 0.0, 2.0, 0.0, 0.5], [0.0, 0.0, 0.0, 1.5, 0.0]] {
        check("cumulative_product with zeros", &[Tensor::from(entries)], |x| x[0].cumulative_product(0));
    }
}
