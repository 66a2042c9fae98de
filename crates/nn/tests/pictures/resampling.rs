//! Pooling of rows, adaptive pooling, upsampling, pixel shuffling and padding.

use approx::assert_abs_diff_eq;
use minimand_nn::{
    AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveMaxPool2d, AvgPool1d, Function, MaxPool1d, Module, PixelShuffle,
    PixelUnshuffle, Pool1dOptions, Pool2dOptions, Upsample, UpsampleMode, adaptive_avg_pool_1d, adaptive_avg_pool_2d,
    adaptive_max_pool_2d, avg_pool_1d, max_pool_1d, max_pool_2d, pad_circular, pad_reflect, pad_replicate,
    pixel_shuffle, pixel_unshuffle, upsample_bilinear_2d, upsample_nearest_2d,
};
use minimand_tensor::{CheckOptions, DType, Rng, Tensor, check_gradient};
use serde_json::Value;

use crate::{assert_close, cases, compare_layer, count, normal, pair};

/// Compares each case of a function with the module that `module` makes of its options.
fn compare_all<M: Module>(function: &str, count: usize, module: impl Fn(&Value) -> M) {
    for case in cases("pooling.json", function, count) {
        compare_layer(&case, &module(&case["options"]));
    }
}

#[test]
fn values_and_derivatives_are_those_of_pytorch() {
    let rows = |options: &Value| {
        let stride = options["stride"].as_u64().map(|stride| stride as usize);
        (count(&options["kernel"]), Pool1dOptions { stride, padding: count(&options["padding"]) })
    };
    compare_all("max_pool_1d", 4, |options| MaxPool1d::with_options(rows(options).0, rows(options).1));
    compare_all("avg_pool_1d", 4, |options| AvgPool1d::with_options(rows(options).0, rows(options).1));
    compare_all("adaptive_avg_pool_1d", 4, |options| AdaptiveAvgPool1d::new(count(&options["size"])));
    compare_all("adaptive_avg_pool_2d", 5, |options| AdaptiveAvgPool2d::new(pair(&options["size"])));
    compare_all("adaptive_max_pool_2d", 5, |options| AdaptiveMaxPool2d::new(pair(&options["size"])));
    compare_all("upsample", 8, |options| {
        let mode = match (options["mode"].as_str().unwrap(), options["align_corners"].as_bool()) {
            ("nearest", None) => UpsampleMode::Nearest,
            ("bilinear", Some(align_corners)) => UpsampleMode::Bilinear { align_corners },
            other => panic!("{other:?}"),
        };
        Upsample::to(pair(&options["size"]), mode)
    });
    compare_all("pixel_shuffle", 1, |options| PixelShuffle::new(count(&options["factor"])));
    compare_all("pixel_unshuffle", 1, |options| PixelUnshuffle::new(count(&options["factor"])));
    compare_all("pad", 4, |options| {
        let pad = match options["mode"].as_str().unwrap() {
            "reflect" => pad_reflect,
            "replicate" => pad_replicate,
            "circular" => pad_circular,
            other => panic!("{other}"),
        };
        let (before, after) = (count(&options["before"]), count(&options["after"]));
        Function(move |x: &Tensor| pad(x, -1, before, after))
    });
}

#[test]
fn rows_are_flat_pictures() {
    let x = normal([2, 3, 9], &mut Rng::seed(1));
    for (kernel, stride, padding) in [(2, None, 0), (3, Some(1), 1), (4, Some(3), 2)] {
        let flat = Pool2dOptions { stride: stride.map(|stride| [1, stride]), padding: [0, padding] };
        let expected = max_pool_2d(&x.unsqueeze(2), [1, kernel], flat).squeeze(2);
        assert_close(&max_pool_1d(&x, kernel, Pool1dOptions { stride, padding }), &expected, "max_pool_1d");
    }
}

#[test]
fn one_window_is_everything() {
    let x = normal([2, 3, 4, 5], &mut Rng::seed(2));
    let everything = |y: Tensor| y.squeeze([2, 3]);
    assert_close(&everything(adaptive_avg_pool_2d(&x, [1, 1])), &x.mean_axis([2, 3]), "mean");
    assert_close(&everything(adaptive_max_pool_2d(&x, [1, 1])), &x.max_axis([2, 3]), "maximum");
    assert_close(&adaptive_avg_pool_2d(&x, [4, 5]), &x, "as large");
    assert_close(&adaptive_max_pool_2d(&x, [8, 5]).slice_step(2, .., 2), &x, "larger");
    let square = adaptive_avg_pool_2d(&x, [4, 3]);
    let by_rows = adaptive_avg_pool_1d(&x.reshape([2, 12, 5]), 3).reshape([2, 3, 4, 3]);
    assert_close(&square, &by_rows, "along one axis");
}

/// Windows of unequal sizes are filled up; what fills has no share.
#[test]
fn ties_share_the_gradient_evenly_in_unequal_windows() {
    let x = Tensor::from([[2.0, 2.0, 1.0, 5.0, 5.0]]).reshape([1, 1, 1, 5]);
    let slope = |x: &Tensor, size| adaptive_max_pool_2d(x, [1, size]).sum().grad(x).to_vec::<f64>();
    // Windows 0..2, 1..4 and 3..5.
    assert_eq!(slope(&x, 3), [0.5, 0.5, 0.0, 1.5, 0.5]);
    for dtype in [DType::F32, DType::F64] {
        let least = Tensor::full([1, 1, 1, 5], f64::NEG_INFINITY).cast(dtype);
        assert_abs_diff_eq!(slope(&least, 3).iter().sum::<f64>(), 3.0, epsilon = 1e-6);
        assert_abs_diff_eq!(slope(&least, 3)[0], 0.5, epsilon = 1e-6);
    }
    let whole = Tensor::from([i64::MIN, 3, 1, i64::MIN, i64::MIN]).reshape([1, 1, 1, 5]);
    assert_eq!(adaptive_max_pool_2d(&whole, [1, 3]).to_vec::<i64>(), [3, 3, i64::MIN]);
    let truth = Tensor::from([false, false, false, false, true]).reshape([1, 1, 1, 5]);
    assert_eq!(adaptive_max_pool_2d(&truth, [1, 3]).to_vec::<bool>(), [false, false, true]);
    assert_eq!(avg_pool_1d(&whole.squeeze(2).cast(DType::Bool), 5, Pool1dOptions::default()).dtype(), DType::F32);
}

#[test]
fn upsampling_keeps_what_is_flat_and_what_is_straight() {
    let flat = Tensor::full([1, 2, 3, 4], 0.75).cast(DType::F64);
    for size in [[5, 7], [2, 3], [6, 8]] {
        let expected = Tensor::full([1, 2, size[0], size[1]], 0.75);
        assert_close(&upsample_nearest_2d(&flat, size), &expected, "nearest");
        for align_corners in [false, true] {
            assert_close(&upsample_bilinear_2d(&flat, size, align_corners), &expected, "bilinear");
        }
    }
    let ramp = |columns: usize| Tensor::linspace(0.0, 1.0, columns).cast(DType::F64).reshape([1, 1, 1, columns]);
    let longer = upsample_bilinear_2d(&ramp(4), [1, 10], true);
    for (place, found) in longer.to_vec::<f64>().into_iter().enumerate() {
        assert_abs_diff_eq!(found, place as f64 / 9.0, epsilon = 1e-7);
    }
    let x = normal([2, 3, 4, 5], &mut Rng::seed(3));
    assert_close(&upsample_nearest_2d(&x, [8, 15]).slice_step(2, .., 2).slice_step(3, .., 3), &x, "back");
    assert_close(
        &Upsample::by([2, 3], UpsampleMode::Nearest).forward(&x),
        &upsample_nearest_2d(&x, [8, 15]),
        "by factors",
    );
    assert_close(
        &pixel_unshuffle(&pixel_shuffle(&normal([2, 9, 2, 3], &mut Rng::seed(4)), 3), 3),
        &normal([2, 9, 2, 3], &mut Rng::seed(4)),
        "shuffled back",
    );
    assert_eq!(upsample_nearest_2d(&Tensor::zeros([0, 2, 3, 3]), [4, 4]).shape().sizes(), [0, 2, 4, 4]);
}

#[test]
fn derivatives_are_finite_differences() {
    let x = [normal([1, 2, 3, 4], &mut Rng::seed(5))];
    let functions: [fn(&Tensor) -> Tensor; 6] = [
        |x| adaptive_avg_pool_2d(x, [2, 3]),
        |x| upsample_bilinear_2d(x, [5, 7], false),
        |x| upsample_nearest_2d(x, [2, 5]),
        |x| pad_reflect(x, 3, 3, 1),
        |x| pad_replicate(x, 2, 0, 2),
        |x| pad_circular(x, -1, 4, 4),
    ];
    for function in functions {
        let loss = |x: &[Tensor]| function(&x[0]).sin().sum();
        assert_eq!(check_gradient(loss, &x, CheckOptions::default()).unwrap().compared, 24);
    }
}

#[test]
#[should_panic(expected = "pad_reflect: 3 entries beside axis 1 of [2, 3]: more than it can give")]
fn a_reflection_does_not_repeat_the_edge() {
    let _ = pad_reflect(&Tensor::zeros([2, 3]), -1, 0, 3);
}

#[test]
#[should_panic(expected = "pad_replicate: axis 2 is out of range for [2, 3]")]
fn an_axis_must_be_there() {
    let _ = pad_replicate(&Tensor::zeros([2, 3]), 2, 1, 1);
}

#[test]
#[should_panic(expected = "adaptive_avg_pool_2d: size [0, 2]: none may be 0")]
fn a_size_is_not_zero() {
    let _ = AdaptiveAvgPool2d::new([0, 2]);
}

#[test]
#[should_panic(expected = "adaptive_max_pool_2d: input [1, 1, 0, 3] has nothing to be pooled")]
fn nothing_is_not_pooled() {
    let _ = adaptive_max_pool_2d(&Tensor::zeros([1, 1, 0, 3]), [1, 1]);
}

#[test]
#[should_panic(expected = "pixel_shuffle: input [1, 6, 2, 2]: axis 1 must be a multiple of 2 squared")]
fn channels_make_whole_squares() {
    let _ = PixelShuffle::new(2).forward(&Tensor::zeros([1, 6, 2, 2]));
}

#[test]
#[should_panic(expected = "max_pool_1d: input [1, 1, 2]: axis 2 has 2 entries with padding, and a window spans 3")]
fn a_row_must_hold_a_window() {
    let _ = MaxPool1d::new(3).forward(&Tensor::zeros([1, 1, 2]));
}
