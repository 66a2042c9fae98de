//! One rule for all reductions: the bare name over everything, `_axis` along axes, `_keepdim` keeping them; and the positions that
//! `argmax` and `argmin` find along several axes.

use approx::{assert_abs_diff_eq, relative_eq};
use minimand_tensor::Tensor;

/// Whole numbers, so that any order of adding up gives the same; with ties.
fn cube() -> Tensor {
    let values: Vec<f64> = (0..24).map(|k| f64::from((k * 7 + 3) % 11)).collect();
    Tensor::from_vec(values, [2, 3, 4])
}

type Bare = fn(&Tensor) -> Tensor;
type Along = fn(&Tensor, &[isize]) -> Tensor;

const REDUCTIONS: [(&str, Bare, Along, Along); 10] = [
    ("sum", |x| x.sum(), |x, axes| x.sum_axis(axes), |x, axes| x.sum_keepdim(axes)),
    ("mean", |x| x.mean(), |x, axes| x.mean_axis(axes), |x, axes| x.mean_keepdim(axes)),
    ("max", |x| x.max(), |x, axes| x.max_axis(axes), |x, axes| x.max_keepdim(axes)),
    ("min", |x| x.min(), |x, axes| x.min_axis(axes), |x, axes| x.min_keepdim(axes)),
    ("var", |x| x.var(1), |x, axes| x.var_axis(axes, 1), |x, axes| x.var_keepdim(axes, 1)),
    ("std", |x| x.std(1), |x, axes| x.std_axis(axes, 1), |x, axes| x.std_keepdim(axes, 1)),
    ("norm", |x| x.norm(), |x, axes| x.norm_axis(axes), |x, axes| x.norm_keepdim(axes)),
    ("logsumexp", |x| x.logsumexp(), |x, axes| x.logsumexp_axis(axes), |x, axes| x.logsumexp_keepdim(axes)),
    ("argmax", |x| x.argmax(), |x, axes| x.argmax_axis(axes), |x, axes| x.argmax_keepdim(axes)),
    ("argmin", |x| x.argmin(), |x, axes| x.argmin_axis(axes), |x, axes| x.argmin_keepdim(axes)),
];

/// What a reduction makes of some axes is what its bare name makes of each part that they span.
#[test]
fn along_axes_is_the_bare_name_of_each_part() {
    let x = cube();
    for (name, bare, along, keeping) in REDUCTIONS {
        assert_eq!(bare(&x).rank(), 0, "{name}");
        for (axes, kept) in
            [(&[0isize][..], &[1isize, 2][..]), (&[-1], &[0, 1]), (&[2, 0], &[1]), (&[1, 2], &[0]), (&[0, 1, 2], &[])]
        {
            let found = along(&x, axes);
            let mut sizes = x.shape().sizes().to_vec();
            axes.iter().for_each(|&axis| sizes[axis.rem_euclid(3) as usize] = 1);
            assert_eq!(keeping(&x, axes).shape().sizes(), sizes, "{name} {axes:?}");
            assert_eq!(keeping(&x, axes).to_vec::<f64>(), found.to_vec::<f64>(), "{name} {axes:?}");
            let mut parts = vec![x.clone()];
            for &axis in kept.iter().rev() {
                // Taken apart from the last axis to the first: those before keep their numbers.
                let part = |x: &Tensor| (0..x.shape()[axis as usize]).map(|k| x.at(axis, k)).collect::<Vec<_>>();
                parts = parts.iter().map(part).collect::<Vec<_>>().concat();
            }
            let mut wanted: Vec<f64> = parts.iter().map(|part| bare(part).item()).collect();
            if let [first, second] = *kept {
                // The last was taken apart first: its entries lie farthest apart.
                let (rows, columns) = (x.shape()[first as usize], x.shape()[second as usize]);
                wanted = Tensor::from_vec(wanted, [columns, rows]).transpose().to_vec();
            }
            for (found, wanted) in found.to_vec::<f64>().into_iter().zip(wanted) {
                let close = relative_eq!(found, wanted, epsilon = 0.0, max_relative = 1e-12);
                assert!(close, "{name} {axes:?}: {found} {wanted}");
            }
        }
    }
}

#[test]
fn positions_count_in_row_major_order_of_the_axes_searched() {
    let x = cube();
    let values = x.to_vec::<f64>();
    let at = |i: usize, j: usize, k: usize| values[12 * i + 4 * j + k];
    for middle in 0..3 {
        let part: Vec<f64> = (0..2).flat_map(|i| (0..4).map(move |k| (i, k))).map(|(i, k)| at(i, middle, k)).collect();
        let first = |of: f64| part.iter().position(|&value| value == of).unwrap() as i64;
        let (greatest, least) = (part.iter().copied().fold(0.0, f64::max), part.iter().copied().fold(99.0, f64::min));
        assert_eq!(x.argmax_axis([0, 2]).to_vec::<i64>()[middle], first(greatest));
        assert_eq!(x.argmin_axis([0, 2]).to_vec::<i64>()[middle], first(least));
    }
    assert_eq!(x.argmax().item(), values.iter().position(|&value| value == 10.0).unwrap() as f64);
    assert_eq!(Tensor::scalar(3.0).argmax().item(), 0.0);
    assert_eq!(x.argmax_axis([0usize; 0]).to_vec::<i64>(), [0; 24]);
    // The least integer has no opposite, and NaN counts as greatest and as least.
    assert_eq!(Tensor::from([[0, i64::MIN], [i64::MAX, 5]]).argmin().item(), 1.0);
    let holes = Tensor::from([[0.0, f64::NAN], [f64::NAN, -5.0]]);
    assert_eq!((holes.argmax().item(), holes.argmin().item()), (1.0, 1.0));
}

#[test]
#[should_panic(expected = "argmin: axis 1 of [2, 0] is empty")]
fn there_is_no_least_of_nothing() {
    let _ = Tensor::zeros([2, 0]).argmin();
}

#[test]
fn a_cosine_along_several_axes() {
    let (a, b) = (Tensor::from([[3.0, 0.0], [0.0, 4.0]]), Tensor::from([[0.0, 0.0], [0.0, 2.0]]));
    assert_abs_diff_eq!(a.cosine_similarity(&b, ..).item(), 0.8, epsilon = 1e-15);
    assert_abs_diff_eq!(a.cosine_similarity(&b, [0, 1]).item(), 0.8, epsilon = 1e-15);
}
