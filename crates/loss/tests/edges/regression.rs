//! Options that are 0 or infinite in the type of the residuals, residuals of every size, NaN.

use minimand_loss::*;
use minimand_tensor::{DType, Tensor, grad};

use crate::common::{assert_close_within, curvature, panic_of, slope, values};
use crate::{Loss, Loss2, single};

const GREATEST: f64 = f32::MAX as f64;

/// Residuals of f32, from the least to the greatest.
fn residuals() -> Tensor {
    let sizes = [0.0, 1e-45, 1e-40, 1e-30, 1e-10, 0.5, 3.0, 1e10, 1e19, 2.5e19, 1e30, 0.5 * GREATEST, GREATEST];
    single(&sizes.iter().flat_map(|&size| [size, -size]).collect::<Vec<f64>>())
}

/// What is beyond f32 is infinite there.
fn in_single(number: f64) -> f64 {
    f64::from(number as f32)
}

#[test]
fn smooth_l1_with_a_beta_that_is_0_in_the_type_is_the_absolute_error() {
    let x = residuals();
    for beta in [0.0, 1e-46, 1e-60] {
        let loss: Loss = &|x| smooth_l1(x, &x.zeros_like(), beta);
        let absolute: Loss = &|x| absolute_error(x, &x.zeros_like());
        assert_eq!(values(&loss(&x)), values(&absolute(&x)));
        assert_eq!(slope(loss, &x), slope(absolute, &x));
        assert_eq!(curvature(loss, &x), curvature(absolute, &x));
    }
    // In f64 it is a number, and so is one of f32 that has few digits.
    let loss = |x: &Tensor| smooth_l1(x, &x.zeros_like(), 1e-46);
    let x = Tensor::from([0.5e-46, 2e-46]);
    assert_close_within("f64", &values(&loss(&x)), &[0.125e-46, 1.5e-46], 1e-14, 0.0);
    assert_eq!(slope(loss, &x), [0.5, 1.0]);
    let loss = |x: &Tensor| smooth_l1(x, &x.zeros_like(), 1e-40);
    let x = single(&[0.0, 0.5e-40, 2e-40, 1.0, -GREATEST]);
    assert_close_within("f32", &values(&loss(&x)), &[0.0, 1.25e-41, 1.5e-40, 1.0, GREATEST], 1e-4, 0.0);
    assert_close_within("f32, slope", &slope(loss, &x), &[0.0, 0.5, 1.0, 1.0, -1.0], 1e-4, 0.0);
}

/// With oracles in f64, rounded once.
#[test]
fn huber_at_every_delta_and_residual() {
    let x = residuals();
    for delta in [1e-45, 1e-40, 1e-10, 1.0, 1e18, 1e30, 3e38, 1e39, f64::INFINITY] {
        let delta_in_type = in_single(delta);
        let oracle = |r: f64| {
            let a = r.abs();
            in_single(if a <= delta_in_type { 0.5 * r * r } else { delta_in_type * (a - 0.5 * delta_in_type) })
        };
        let loss = |x: &Tensor| huber(x, &x.zeros_like(), delta);
        let expected: Vec<f64> = values(&x).into_iter().map(oracle).collect();
        assert_close_within(&format!("δ = {delta:e}"), &values(&loss(&x)), &expected, 1e-6, 2e-45);
        let expected: Vec<f64> = values(&x).iter().map(|r| r.clamp(-delta_in_type, delta_in_type)).collect();
        assert_close_within(&format!("δ = {delta:e}, slope"), &slope(loss, &x), &expected, 1e-6, 2e-45);
    }
    let panic = panic_of(|| huber(&x, &x, 1e-46));
    let message = "huber: delta is 1e-46, which is 0 in f32, and must be greater than 0";
    assert_eq!((&*panic.message, &*panic.file), (message, file!()));
    assert!(huber(&x.cast(DType::F64), &x.cast(DType::F64), 1e-46).sum().item() == 0.0);
}

#[test]
fn options_that_are_no_numbers_in_the_type_are_refused() {
    let x = single(&[1.0, 2.0]);
    let says = |run: &dyn Fn() -> Tensor, expected: &str| {
        let panic = panic_of(run);
        assert_eq!((&*panic.message, &*panic.file), (expected, file!()));
    };
    says(&|| smooth_l1(&x, &x, f64::INFINITY), "smooth_l1: beta is inf and must be finite");
    says(&|| smooth_l1(&x, &x, 1e39), "smooth_l1: beta is 1e39, which is infinite in f32, and must be finite");
    says(&|| quantile(&x, &x, 1e-46), "quantile: tau is 1e-46, which is 0 in f32, and must be greater than 0");
    says(
        &|| quantiles(&x.unsqueeze(-1), &x, &[1e-46]),
        "quantiles: one of the taus is 1e-46, which is 0 in f32, and must be greater than 0",
    );
    let epsilon = |epsilon| GaussianNllOptions { full: false, epsilon };
    says(
        &|| gaussian_nll(&x, &x, &x, epsilon(1e-46)),
        "gaussian_nll: epsilon is 1e-46, which is 0 in f32, and must be greater than 0",
    );
    says(
        &|| gaussian_nll(&x, &x, &x, epsilon(1e39)),
        "gaussian_nll: epsilon is 1e39, which is infinite in f32, and must be finite",
    );
}

/// At the kink a quantile costs nothing and pulls nowhere, on both sides it has its price; a residual of NaN has a price of NaN.
#[test]
fn quantiles_at_equality_beside_it_and_at_nan() {
    let x = Tensor::from([[0.0, 0.0], [-0.0, 0.0], [1.0, -1.0], [f64::NAN, 1.0]]);
    let loss = |x: &Tensor| quantiles(x, &Tensor::from([0.0; 4]), &[0.25, 0.75]);
    let (value, gradient) = (values(&loss(&x)), slope(loss, &x));
    assert_eq!(
        (&value[..6], &gradient[..6]),
        (&[0.0, 0.0, 0.0, 0.0, 0.75, 0.75][..], &[0.0, 0.0, 0.0, 0.0, 0.75, -0.75][..])
    );
    assert!(value[6].is_nan() && gradient[6].is_nan() && gradient[7] == 0.25);
    assert_eq!(curvature(loss, &x)[..6], [0.0; 6]);
    let single = |x: &Tensor| quantile(x, &x.zeros_like(), 0.25);
    assert_eq!(
        slope(single, &Tensor::from([0.0, -0.0, f64::MIN_POSITIVE, -f64::MIN_POSITIVE])),
        [0.0, 0.0, 0.75, -0.25]
    );
    assert_eq!(curvature(single, &Tensor::from([0.0, 1.0])), [0.0; 2]);
}

/// NaN in the prediction or the target comes out, in the value and in both gradients.
#[test]
fn nan_comes_out() {
    let losses: [Loss2; 9] = [
        &squared_error,
        &absolute_error,
        &|a, b| huber(a, b, 1.0),
        &|a, b| huber(a, b, f64::INFINITY),
        &|a, b| smooth_l1(a, b, 0.5),
        &|a, b| smooth_l1(a, b, 0.0),
        &log_cosh,
        &|a, b| quantile(a, b, 0.3),
        &|a, b| quantiles(&a.unsqueeze(-1), b, &[0.3]).squeeze(-1),
    ];
    for dtype in [DType::F32, DType::F64] {
        let a = Tensor::from([f64::NAN, 0.5, 1.0]).cast(dtype).detach();
        let b = Tensor::from([1.0, f64::NAN, 2.0]).cast(dtype).detach();
        for (which, loss) in losses.iter().enumerate() {
            let value = loss(&a, &b);
            let gradients = grad(&value.sum(), [&a, &b]);
            for numbers in [&value, &gradients[0], &gradients[1]].map(values) {
                assert!(numbers[0].is_nan() && numbers[1].is_nan(), "loss {which}: {numbers:?}");
                assert!(numbers[2].is_finite(), "loss {which}: {numbers:?}");
            }
        }
    }
}
