//! `max_pool_2d` and `avg_pool_2d`.

use approx::{abs_diff_eq, assert_abs_diff_eq};
use minimand_nn::{Pool2dOptions, avg_pool_2d, max_pool_2d};
use minimand_tensor::{CheckOptions, DType, Rng, Tensor, check_gradient, check_second_order};
use proptest::prelude::*;

use crate::{assert_close, normal, pair, recorded, tensor};

type Pool = fn(&Tensor, [usize; 2], Pool2dOptions) -> Tensor;

#[test]
fn values_and_derivatives_are_those_of_pytorch() {
    let recorded = recorded("convolution.json");
    for (name, pool) in [("max_pool", max_pool_2d as Pool), ("avg_pool", avg_pool_2d)] {
        let cases = recorded[name].as_array().unwrap();
        assert_eq!(cases.len(), 9);
        for case in cases {
            let kernel = pair(&case["kernel"]);
            let options = Pool2dOptions {
                stride: case["stride"].is_array().then(|| pair(&case["stride"])),
                padding: pair(&case["padding"]),
            };
            let what = |part: &str| format!("{part} of {name}, {kernel:?}, {options:?}");
            let expected = |part: &str| tensor(&case[part]).unwrap();
            let x = expected("x");
            let y = pool(&x, kernel, options);
            let loss = (expected("weights") * y.square()).sum();
            assert_close(&y, &expected("y"), &what("y"));
            assert_close(&loss.grad(&x), &expected("slope_x"), &what("slope_x"));
            let curvature = loss.hessian_vector_product(&x, &x.ones_like());
            assert_close(&curvature, &expected("curvature_x"), &what("curvature_x"));
        }
    }
}

/// The entries of each window that lie in the picture, window after window.
fn plain(x: &Tensor, kernel: [usize; 2], options: Pool2dOptions) -> Vec<Vec<f64>> {
    let (sizes, values) = (x.shape().sizes(), x.to_vec::<f64>());
    let (padding, stride) = (options.padding, options.stride.unwrap_or(kernel));
    let starts = |axis: usize| {
        (0..)
            .map(move |k| k * stride[axis])
            .take_while(move |at| at + kernel[axis] <= sizes[2 + axis] + 2 * padding[axis])
    };
    let mut windows = Vec::new();
    for picture in values.chunks(sizes[2] * sizes[3]) {
        for top in starts(0) {
            for left in starts(1) {
                let inside = |at: usize, axis: usize| at >= padding[axis] && at < sizes[2 + axis] + padding[axis];
                let mut window = Vec::new();
                for row in (top..top + kernel[0]).filter(|&row| inside(row, 0)) {
                    for column in (left..left + kernel[1]).filter(|&column| inside(column, 1)) {
                        window.push(picture[(row - padding[0]) * sizes[3] + column - padding[1]]);
                    }
                }
                windows.push(window);
            }
        }
    }
    windows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn values_are_those_of_the_definition(
        seed in 0u64..1000,
        kernel in [1usize..5, 1usize..5],
        stride in proptest::option::of([1usize..5, 1usize..5]),
        padded in any::<[bool; 2]>(),
        beyond in [0usize..6, 0usize..6],
    ) {
        let padding = [0, 1].map(|axis| if padded[axis] { kernel[axis] / 2 } else { 0 });
        let side = |axis: usize| (kernel[axis] + beyond[axis]).saturating_sub(2 * padding[axis]).max(1);
        let x = normal([2, 3, side(0), side(1)], &mut Rng::seed(seed)) - 2.0;
        let options = Pool2dOptions { stride, padding };
        let windows = plain(&x, kernel, options);
        let greatest: Vec<f64> = windows.iter().map(|window| window.iter().copied().fold(f64::NEG_INFINITY, f64::max)).collect();
        let found = max_pool_2d(&x, kernel, options);
        prop_assert_eq!(found.to_vec::<f64>(), greatest);
        let whole = (kernel[0] * kernel[1]) as f64;
        let means: Vec<f64> = windows.iter().map(|window| window.iter().sum::<f64>() / whole).collect();
        assert_close(&avg_pool_2d(&x, kernel, options), &Tensor::from_vec(means, found.shape()), "means");
        // Divided by the average of ones, padding does not count.
        let means: Vec<f64> = windows.iter().map(|window| window.iter().sum::<f64>() / window.len() as f64).collect();
        let unpadded = avg_pool_2d(&x, kernel, options) / avg_pool_2d(&x.ones_like(), kernel, options);
        assert_close(&unpadded, &Tensor::from_vec(means, found.shape()), "means without padding");
    }
}

const OPTIONS: [([usize; 2], Pool2dOptions); 5] = [
    ([2, 3], Pool2dOptions { stride: None, padding: [0, 0] }),
    ([2, 2], Pool2dOptions { stride: None, padding: [1, 0] }),
    ([3, 3], Pool2dOptions { stride: Some([2, 2]), padding: [1, 1] }),
    ([3, 2], Pool2dOptions { stride: Some([1, 1]), padding: [0, 1] }),
    ([2, 2], Pool2dOptions { stride: Some([3, 3]), padding: [0, 0] }),
];

#[test]
fn derivatives_of_first_and_second_order_are_finite_differences() {
    // No two entries nearer than 0.1: no finite difference crosses a kink.
    let values = Rng::seed(7).permutation(60).into_iter().map(|rank| 0.1 * rank as f64 - 3.0).collect::<Vec<f64>>();
    let x = [Tensor::from_vec(values, [2, 1, 5, 6])];
    for (kernel, options) in OPTIONS {
        for pool in [max_pool_2d as Pool, avg_pool_2d] {
            let loss = |x: &[Tensor]| pool(&x[0], kernel, options).sin().sum();
            assert_eq!(check_gradient(loss, &x, CheckOptions::default()).unwrap().compared, 60);
            check_second_order(loss, &x, CheckOptions::default()).unwrap();
        }
    }
}

#[test]
fn ties_share_the_gradient_evenly_with_and_without_overlap() {
    let x = Tensor::from([[2.0, 2.0, 1.0], [2.0, 0.0, 1.0], [-1.0, -1.0, -1.0]]).reshape([1, 1, 3, 3]);
    let slope = |options| max_pool_2d(&x, [2, 2], options).sum().grad(&x).flatten();
    let third = 1.0 / 3.0;
    let apart = slope(Pool2dOptions::default());
    assert_eq!(apart.to_vec::<f64>(), [third, third, 0.0, third, 0.0, 0.0, 0.0, 0.0, 0.0]);
    // The upper left window has three 2s, the next two windows a 2 each, the last a 1.
    let overlapping = slope(Pool2dOptions { stride: Some([1, 1]), ..Default::default() });
    assert_eq!(overlapping.to_vec::<f64>(), [third, third + 1.0, 0.0, third + 1.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
}

#[test]
fn padding_is_never_the_greatest_and_keeps_the_type() {
    let (kernel, options) = ([3, 3], Pool2dOptions { stride: Some([1, 1]), padding: [1, 1] });
    for dtype in [DType::F32, DType::F64] {
        let x = Tensor::full([1, 2, 3, 4], -5.0).cast(dtype);
        let y = max_pool_2d(&x, kernel, options);
        assert_eq!((y.dtype(), y.shape()), (dtype, x.shape()));
        assert!(y.to_vec::<f64>().iter().all(|&value| value == -5.0));
        // What flows in flows out, into the picture and not into the padding.
        assert_abs_diff_eq!(y.sum().grad(&x).sum().item(), 24.0, epsilon = 1e-5);
        assert_eq!(avg_pool_2d(&x, kernel, options).dtype(), dtype);
    }
}

#[test]
fn an_average_of_averages_is_one_of_greater_windows() {
    let x = normal([2, 3, 8, 8], &mut Rng::seed(1));
    let twice = avg_pool_2d(&avg_pool_2d(&x, [2, 2], Pool2dOptions::default()), [2, 2], Pool2dOptions::default());
    assert_close(&twice, &avg_pool_2d(&x, [4, 4], Pool2dOptions::default()), "average");
    let twice = max_pool_2d(&max_pool_2d(&x, [2, 2], Pool2dOptions::default()), [2, 2], Pool2dOptions::default());
    assert_close(&twice, &max_pool_2d(&x, [4, 4], Pool2dOptions::default()), "maximum");
    assert_close(&avg_pool_2d(&x, [8, 8], Pool2dOptions::default()).squeeze([2, 3]), &x.mean_axis([2, 3]), "whole");
}

#[test]
fn an_empty_batch_has_an_empty_result() {
    for (kernel, options) in OPTIONS {
        let y = max_pool_2d(&Tensor::zeros([0, 2, 6, 6]), kernel, options);
        assert_eq!((y.shape()[0], y.shape()[1], y.elements()), (0, 2, 0));
    }
}

#[test]
#[should_panic(expected = "max_pool_2d: input [8, 8] must be [batch, channels, height, width]")]
fn a_matrix_is_no_batch() {
    let _ = max_pool_2d(&Tensor::zeros([8, 8]), [2, 2], Pool2dOptions::default());
}

#[test]
#[should_panic(expected = "avg_pool_2d: input [1, 1, 1, 8]: axis 2 has 1 entries with padding, and a window spans 2")]
fn a_picture_must_hold_a_window() {
    let _ = avg_pool_2d(&Tensor::zeros([1, 1, 1, 8]), [2, 2], Pool2dOptions::default());
}

#[test]
#[should_panic(expected = "max_pool_2d: padding [0, 2] is more than half of the kernel [3, 3]")]
fn a_window_of_padding_has_no_maximum() {
    let options = Pool2dOptions { padding: [0, 2], ..Default::default() };
    let _ = max_pool_2d(&Tensor::zeros([1, 1, 8, 8]), [3, 3], options);
}

#[test]
#[should_panic(expected = "avg_pool_2d: kernel [2, 0], stride [2, 0]: none may be 0")]
fn a_window_has_an_entry() {
    let _ = avg_pool_2d(&Tensor::zeros([1, 1, 8, 8]), [2, 0], Pool2dOptions::default());
}

/// By windows with sides of one length, at every place, with as much padding as there may be.
fn padded(pool: Pool, x: &Tensor, side: usize) -> Tensor {
    pool(x, [side; 2], Pool2dOptions { stride: Some([1, 1]), padding: [side / 2; 2] })
}

/// Whatever the entries are, the greatest is one of them and they share the gradient, evenly where they tie.
#[test]
fn padding_is_never_chosen() {
    for dtype in [DType::F32, DType::F64] {
        let least = Tensor::full([1, 1, 3, 3], f64::NEG_INFINITY).cast(dtype);
        for kernel in [2, 3] {
            let y = padded(max_pool_2d, &least, kernel);
            assert!(y.to_vec::<f64>().iter().all(|&greatest| greatest == f64::NEG_INFINITY));
            // Each window has one number to give away.
            let slope = y.sum().grad(&least);
            assert!(abs_diff_eq!(slope.sum().item(), y.elements() as f64, epsilon = 1e-5), "{kernel}: {slope}");
        }
        let slope = padded(max_pool_2d, &least, 3).sum().grad(&least);
        // The corner is in four windows, of 4, 6, 6 and 9 entries of the picture.
        assert_abs_diff_eq!(slope.to_vec::<f64>()[0], 1.0 / 4.0 + 2.0 / 6.0 + 1.0 / 9.0, epsilon = 1e-6);
        // Beside others, and in a window of its own.
        let x = Tensor::from([[f64::NEG_INFINITY, f64::NEG_INFINITY, 2.0, 2.0]]).reshape([1, 1, 1, 4]).cast(dtype);
        let y = max_pool_2d(&x, [1, 2], Pool2dOptions { padding: [0, 1], ..Default::default() });
        assert_eq!(y.to_vec::<f64>(), [f64::NEG_INFINITY, 2.0, 2.0]);
        let weights = Tensor::from([3.0, 5.0, 7.0]).reshape([1, 1, 1, 3]).cast(dtype);
        assert_eq!((weights * y).sum().grad(&x).to_vec::<f64>(), [3.0, 0.0, 5.0, 7.0]);
    }
    let nan = Tensor::full([1, 1, 2, 2], f64::NAN);
    assert!(padded(max_pool_2d, &nan, 3).to_vec::<f32>().iter().all(|greatest| greatest.is_nan()));
    let least = Tensor::full([1, 1, 2, 2], f64::from(f32::MIN));
    assert_eq!(padded(max_pool_2d, &least, 3).to_vec::<f32>(), [f32::MIN; 4]);
}

#[test]
fn whole_numbers_and_truth_values_stay_what_they_are() {
    let picture = [i64::MIN, i64::MIN + 1, (1 << 53) + 1, i64::MAX];
    let x = Tensor::from(picture).reshape([1, 1, 2, 2]);
    for side in [1, 2, 3] {
        let y = padded(max_pool_2d, &x, side);
        assert_eq!(y.dtype(), DType::I64);
        assert!(y.to_vec::<i64>().iter().all(|greatest| picture.contains(greatest)), "{side}: {y}");
    }
    assert_eq!(padded(max_pool_2d, &x, 2).to_vec::<i64>()[..2], picture[..2]);
    let least = Tensor::from([i64::MIN; 4]).reshape([1, 1, 2, 2]);
    assert_eq!(padded(max_pool_2d, &least, 3).to_vec::<i64>(), [i64::MIN; 4]);
    let truth = Tensor::from([false, false, false, true]).reshape([1, 1, 2, 2]);
    assert_eq!(padded(max_pool_2d, &truth, 2).dtype(), DType::Bool);
    assert_eq!(padded(avg_pool_2d, &x, 3).dtype(), DType::F32);
}
