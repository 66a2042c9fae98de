//! Losses that soften or let go of large residuals: limits, seams, extremes.

use minimand_loss::*;
use minimand_tensor::{DType, Tensor};

use crate::common::{assert_close_within, curvature, panic_of, slope, values};

type Loss<'a> = &'a dyn Fn(&Tensor) -> Tensor;
type Loss2<'a> = &'a dyn Fn(&Tensor, &Tensor) -> Tensor;
type Scaled = fn(&Tensor, &Tensor, f64) -> Tensor;

const RESIDUALS: [f64; 11] = [0.0, 1e-150, 1e-9, 1e-4, 0.1, 0.9, 1.1, 2.0, 30.0, 1e9, 1e150];

fn residuals() -> Tensor {
    Tensor::from(RESIDUALS.iter().flat_map(|&size| [size, -size]).collect::<Vec<f64>>())
}

/// Value, slope and second derivative of two losses are the same, with relative accuracy alone.
#[track_caller]
fn same(what: &str, found: Loss, expected: Loss, x: &Tensor, relative: f64) {
    assert_close_within(what, &values(&found(x)), &values(&expected(x)), relative, 0.0);
    assert_close_within(&format!("{what}, slope"), &slope(found, x), &slope(expected, x), relative, 1e-300);
    let (found, expected) = (curvature(found, x), curvature(expected, x));
    assert_close_within(&format!("{what}, second derivative"), &found, &expected, relative, 2.0 * relative);
}

fn to_zero(loss: impl Fn(&Tensor, &Tensor) -> Tensor) -> impl Fn(&Tensor) -> Tensor {
    move |x| loss(x, &x.zeros_like())
}

/// δ · smooth_l1(δ) is Huber's loss, and both differ from half the square and from each other; the gradient of Huber's is δ far out, that of
/// the other 1.
#[test]
fn trap_09_huber_and_smooth_l1_differ_by_a_factor() {
    let x = Tensor::from([5.0, -5.0, 0.5]);
    let (huber, smooth) = (to_zero(|a, b| huber(a, b, 2.0)), to_zero(|a, b| smooth_l1(a, b, 2.0)));
    assert_eq!((values(&huber(&x)), values(&smooth(&x))), (vec![8.0, 8.0, 0.125], vec![4.0, 4.0, 0.0625]));
    assert_eq!((slope(&huber, &x), slope(&smooth, &x)), (vec![2.0, -2.0, 0.5], vec![1.0, -1.0, 0.25]));
    assert_eq!(values(&squared_error(&x, &x.zeros_like())), [25.0, 25.0, 0.25]); // not halved
}

/// `r²/2 − r⁴/12` near 0, where `logaddexp(r, −r) − ln 2` is 0, and no overflow at 100.
#[test]
fn trap_23_log_cosh_of_tiny_and_large_residuals() {
    let x = Tensor::from([1e-4, 1e-9, 100.0, 1e4]);
    let expected = [5e-9 - 1e-16 / 12.0, 5e-19, 100.0 - std::f64::consts::LN_2, 1e4 - std::f64::consts::LN_2];
    assert_close_within("log-cosh", &values(&to_zero(log_cosh)(&x)), &expected, 1e-14, 0.0);
}

#[test]
fn scales_are_units() {
    let x = residuals();
    let pseudo = to_zero(|a, b| pseudo_huber(a, b, 0.5));
    same("charbonnier", &to_zero(|a, b| 0.5 * charbonnier(a, b, 0.5)), &pseudo, &x, 1e-13);
    let scaled: [(&str, Scaled); 3] = [("cauchy", cauchy), ("geman_mcclure", geman_mcclure), ("welsch", welsch)];
    for (name, loss) in scaled {
        same(name, &to_zero(|a, b| loss(a, b, 0.5)), &to_zero(|a, b| loss(&(2.0 * a), &(2.0 * b), 1.0)), &x, 1e-13);
    }
}

/// Half the square at 0, for the smallest residuals too; and the slopes of the documentation.
#[test]
fn robust_losses_begin_as_half_a_square() {
    let losses: [(&str, Loss2); 6] = [
        ("pseudo_huber", &|a, b| pseudo_huber(a, b, 1.0)),
        ("cauchy", &|a, b| cauchy(a, b, 1.0)),
        ("geman_mcclure", &|a, b| geman_mcclure(a, b, 1.0)),
        ("welsch", &|a, b| welsch(a, b, 1.0)),
        ("tukey_biweight", &|a, b| tukey_biweight(a, b, 1.0)),
        ("general_robust", &|a, b| general_robust(a, b, GeneralRobustOptions { alpha: 1.5, scale: 1.0 })),
    ];
    for (name, loss) in losses {
        let loss = to_zero(loss);
        let x = Tensor::from([1e-9, -1e-7, 0.0]);
        assert_close_within(name, &values(&loss(&x)), &[5e-19, 5e-15, 0.0], 1e-12, 0.0);
        assert_close_within(name, &slope(&loss, &x), &[1e-9, -1e-7, 0.0], 1e-12, 0.0);
        assert_close_within(name, &curvature(&loss, &x), &[1.0; 3], 1e-12, 0.0);
    }
}

/// In f32, where squares overflow and vanish: the value is what f64 rounds to, and nothing is NaN.
#[test]
fn squares_neither_overflow_nor_vanish_on_the_way() {
    let sizes = [0.0, 1e-30, 1e-10, 1e4, 1e15, 1e25, 1e38];
    let x = Tensor::from(sizes.iter().flat_map(|&size| [size, -size]).collect::<Vec<f64>>());
    let losses: [(&str, Loss2); 8] = [
        ("charbonnier", &|a, b| charbonnier(a, b, 0.5)),
        ("pseudo_huber", &|a, b| pseudo_huber(a, b, 0.5)),
        ("cauchy", &|a, b| cauchy(a, b, 0.5)),
        ("geman_mcclure", &|a, b| geman_mcclure(a, b, 0.5)),
        ("welsch", &|a, b| welsch(a, b, 0.5)),
        ("tukey_biweight", &|a, b| tukey_biweight(a, b, 4.685)),
        ("general_robust", &|a, b| general_robust(a, b, GeneralRobustOptions { alpha: -0.7, scale: 0.5 })),
        ("wing", &|a, b| wing(a, b, Default::default())),
    ];
    for (name, loss) in losses {
        let loss = to_zero(loss);
        let single = x.cast(DType::F32).computed().detach();
        let rounded = |numbers: Vec<f64>| numbers.into_iter().map(|n| f64::from(n as f32)).collect::<Vec<f64>>();
        assert_close_within(name, &values(&loss(&single)), &rounded(values(&loss(&x))), 3e-6, 1e-44);
        assert_close_within(name, &slope(&loss, &single), &rounded(slope(&loss, &x)), 3e-5, 1e-20);
        assert!(curvature(&loss, &single).iter().all(|number| number.is_finite()), "{name}: second derivative");
    }
}

/// The singular shapes are the limits, and the formula joins them: at a distance ε from the limit the difference is of order ε.
#[test]
fn general_robust_at_and_near_its_singular_shapes() {
    let x = Tensor::from([0.0, 1e-8, 0.01, -0.3, 1.0, -2.5, 6.0]);
    let robust = |alpha: f64| to_zero(move |a, b| general_robust(a, b, GeneralRobustOptions { alpha, scale: 1.0 }));
    let limits: [(f64, Loss); 5] = [
        (2.0, &|x| 0.5 * x.square()),
        (0.0, &|x| cauchy(x, &x.zeros_like(), 1.0)),
        (f64::NEG_INFINITY, &|x| welsch(x, &x.zeros_like(), 1.0)),
        (1.0, &|x| pseudo_huber(x, &x.zeros_like(), 1.0)),
        (-2.0, &|x| geman_mcclure(x, &x.zeros_like(), 1.0)),
    ];
    for (alpha, limit) in limits {
        same(&format!("α = {alpha}"), &robust(alpha), limit, &x, 1e-13);
        for distance in [1e-15, 1e-12, 1e-9, 1e-6, 1e-300, -1e-15, -1e-12, -1e-9, -1e-6] {
            if alpha.is_finite() {
                let tolerance = 100.0 * f64::abs(distance) + 1e-13;
                same(&format!("α = {alpha} + {distance}"), &robust(alpha + distance), limit, &x, tolerance);
            }
        }
    }
    for alpha in [-1e8, -1e12, -1e35, -1e37, -1e300] {
        same(&format!("α = {alpha:e}"), &robust(alpha), &robust(f64::NEG_INFINITY), &x, 1e3 / -alpha + 1e-13);
    }
    // In f32 too.
    let single = x.cast(DType::F32).computed().detach();
    for alpha in [2.0 - 1e-15, 2.0 + 1e-9, 1e-40, -1e-40, -1e30, -1e300, f64::NEG_INFINITY, 0.0] {
        let (expected, found) = (values(&robust(alpha)(&x)), values(&robust(alpha)(&single)));
        assert_close_within(&format!("f32, α = {alpha:e}"), &found, &expected, 1e-5, 1e-30);
    }
}

/// The loss is continuous where the formula changes, and the slope where the documentation says so.
#[test]
fn seams() {
    let beside = |at: f64| Tensor::from([at * (1.0 - 1e-9), at, at * (1.0 + 1e-9)]);
    let check = |what: &str, loss: Loss, at: f64, smooth: bool| {
        for at in [at, -at] {
            let value = values(&loss(&beside(at)));
            assert_close_within(what, &value[1..], &[value[0]; 2], 1e-7, 0.0);
            let slopes = slope(loss, &beside(at));
            if smooth {
                assert_close_within(&format!("{what}, slope"), &slopes[1..], &[slopes[0]; 2], 1e-6, 1e-6);
            } else {
                assert!(slopes[1] == slopes[2] && slopes[0] != slopes[1], "{what}: {slopes:?}");
            }
        }
    };
    check("wing", &to_zero(|a, b| wing(a, b, WingOptions { width: 3.0, curvature: 0.5 })), 3.0, false);
    check("adaptive_wing", &to_zero(|a, b| adaptive_wing(a, b, Default::default())), 0.5, true);
    let at_one = |x: &Tensor| adaptive_wing(&(x + 0.9), &(x.zeros_like() + 0.9), Default::default());
    check("adaptive_wing at 0.9", &at_one, 0.5, true);
    check("tukey_biweight", &to_zero(|a, b| tukey_biweight(a, b, 2.0)), 2.0, true);
    check("cauchy, where its form changes", &to_zero(|a, b| cauchy(a, b, 1.0)), std::f64::consts::SQRT_2, true);
    check("geman_mcclure, likewise", &to_zero(|a, b| geman_mcclure(a, b, 1.0)), 2.0, true);
}

/// At a perfect fit every loss is 0, and at rest; kinks and cusps too, and powers whose slope is infinite beside them.
#[test]
fn perfect_fits_are_at_rest() {
    let x = Tensor::from([0.0, 0.5, 1.0]);
    let losses: [(&str, Loss); 7] = [
        ("lp(0.5)", &|x| lp(x, &x.detach(), 0.5)),
        ("lp(1)", &|x| lp(x, &x.detach(), 1.0)),
        ("lp(1.5)", &|x| lp(x, &x.detach(), 1.5)),
        ("lp(3)", &|x| lp(x, &x.detach(), 3.0)),
        ("wing", &|x| wing(x, &x.detach(), Default::default())),
        ("adaptive_wing", &|x| adaptive_wing(x, &x.detach(), AdaptiveWingOptions { alpha: 1.5, ..Default::default() })),
        ("epsilon_insensitive(0)", &|x| epsilon_insensitive(x, &x.detach(), 0.0)),
    ];
    for (name, loss) in losses {
        for numbers in [values(&loss(&x)), slope(loss, &x), curvature(loss, &x)] {
            assert_eq!(numbers, [0.0; 3], "{name}");
        }
    }
    let square = to_zero(|a, b| lp(a, b, 2.0));
    assert_eq!((slope(&square, &x), curvature(&square, &x)), (vec![0.0, 1.0, 2.0], vec![2.0; 3]));
    assert_eq!(curvature(to_zero(|a, b| squared_epsilon_insensitive(a, b, 0.0)), &x), [2.0; 3]);
}

/// By the price of each side: the quantile and the expectile at their ends, and the quantile as the width goes to 0.
#[test]
fn asymmetric_losses() {
    let x = Tensor::from([-3.0, -0.2, 0.0, 0.2, 3.0]);
    let half = to_zero(|a, b| 2.0 * expectile(a, b, 0.5));
    same("expectile(½)", &half, &to_zero(squared_error), &x, 1e-15);
    let sharp = to_zero(|a, b| huberised_quantile(a, b, 0.3, 0.0));
    same("κ = 0", &sharp, &to_zero(|a, b| quantile(a, b, 0.3)), &x, 1e-15);
    let smooth = to_zero(|a, b| 2.0 * huberised_quantile(a, b, 0.5, 0.7));
    same("τ = ½", &smooth, &to_zero(|a, b| smooth_l1(a, b, 0.7)), &x, 1e-15);
}

#[test]
fn options_that_make_no_loss_are_refused() {
    let x = Tensor::from([1.0, 2.0]);
    let says = |run: &dyn Fn() -> Tensor, expected: &str| {
        let panic = panic_of(run);
        assert_eq!((&*panic.message, &*panic.file), (expected, file!()));
    };
    says(&|| lp(&x, &x, 0.0), "lp: exponent is 0 and must be greater than 0");
    says(&|| cauchy(&x, &x, -1.0), "cauchy: scale is -1 and must be greater than 0");
    says(&|| charbonnier(&x, &x, f64::INFINITY), "charbonnier: epsilon is inf and must be finite");
    says(&|| expectile(&x, &x, 1.0), "expectile: tau is 1 and must lie between 0 and 1");
    says(&|| huberised_quantile(&x, &x, 0.5, -1.0), "huberised_quantile: kappa is -1 and must not be below 0");
    let robust = |alpha| general_robust(&x, &x, GeneralRobustOptions { alpha, scale: 1.0 });
    says(&|| robust(f64::INFINITY), "general_robust: alpha is inf and must be a number below infinity");
    says(&|| robust(f64::NAN), "general_robust: alpha is NaN and must be a number below infinity");
    let wing = |width| wing(&x, &x, WingOptions { width, ..Default::default() });
    says(&|| wing(0.0), "wing: width is 0 and must be greater than 0");
}
