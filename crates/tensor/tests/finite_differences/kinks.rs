//! The documented value at points where a derivative does not exist, or is infinite.

use approx::assert_abs_diff_eq;
use minimand_tensor::Tensor;

/// The gradient of the sum of `function` at one point.
fn slope(at: f64, function: impl Fn(&Tensor) -> Tensor) -> f64 {
    let x = Tensor::from([at]);
    function(&x).sum().grad(&x).item()
}

/// The second derivative at one point.
fn curvature(at: f64, function: impl Fn(&Tensor) -> Tensor) -> f64 {
    let x = Tensor::from([at]);
    function(&x).sum().grad(&x).sum().grad(&x).item()
}

fn gradients(inputs: &[&Tensor], result: &Tensor) -> Vec<Vec<f64>> {
    minimand_tensor::grad(&result.sum(), inputs.iter().copied()).iter().map(Tensor::to_vec).collect()
}

#[test]
fn at_zero() {
    for zero in [0.0, -0.0] {
        assert_eq!(slope(zero, Tensor::abs), 0.0);
        assert_eq!(slope(zero, Tensor::relu), 0.0);
        assert_eq!(slope(zero, Tensor::sign), 0.0);
        assert_eq!(slope(zero, |x| x.leaky_relu(0.1)), 0.1);
        assert_eq!(slope(zero, |x| x.elu(0.7)), 0.7);
        assert_eq!(slope(zero, Tensor::safe_sqrt), 0.0);
        assert_eq!(curvature(zero, Tensor::safe_sqrt), 0.0);
        assert_eq!(slope(zero, Tensor::sqrt).abs(), f64::INFINITY);
    }
    assert_eq!(slope(0.0, Tensor::log1mexp), f64::NEG_INFINITY);
    assert_eq!(Tensor::from([0.0]).log1mexp().item(), f64::NEG_INFINITY);
    assert_eq!(curvature(0.0, Tensor::softplus), 0.25);
}

#[test]
fn floor_is_flat_at_whole_numbers() {
    for at in [-1.0, 0.0, 2.0] {
        assert_eq!(slope(at, Tensor::floor), 0.0);
    }
}

#[test]
fn ties_share_evenly() {
    let (a, b) = (Tensor::from([1.0, 2.0, 3.0]), Tensor::from([1.0, 1.0, 4.0]));
    assert_eq!(gradients(&[&a, &b], &a.maximum(&b)), [[0.5, 1.0, 0.0], [0.5, 0.0, 1.0]]);
    assert_eq!(gradients(&[&a, &b], &a.minimum(&b)), [[0.5, 0.0, 1.0], [0.5, 1.0, 0.0]]);
    // Both sides are one tensor: the shares add up.
    assert_eq!(gradients(&[&a], &a.maximum(&a)), [[1.0, 1.0, 1.0]]);

    let x = Tensor::from([[1.0, 3.0, 3.0], [3.0, 3.0, 3.0]]);
    let third = 1.0 / 3.0;
    assert_eq!(gradients(&[&x], &x.max_axis(1)), [[0.0, 0.5, 0.5, third, third, third]]);
    assert_eq!(gradients(&[&x], &x.min_axis(0)), [[1.0, 0.5, 0.5, 0.0, 0.5, 0.5]]);
    assert_eq!(gradients(&[&x], &x.max()), [[0.0, 0.2, 0.2, 0.2, 0.2, 0.2]]);
    // Rows of -∞ only are ties as well.
    let masked = Tensor::from([f64::NEG_INFINITY; 4]);
    assert_eq!(gradients(&[&masked], &masked.max()), [[0.25; 4]]);
}

#[test]
fn clamp_passes_at_its_bounds() {
    let x = Tensor::from([-2.0, -1.0, 0.0, 1.0, 2.0]);
    assert_eq!(gradients(&[&x], &x.clamp(-1.0, 1.0)), [[0.0, 1.0, 1.0, 1.0, 0.0]]);
    assert_eq!(gradients(&[&x], &x.clamp_min(-1.0)), [[0.0, 1.0, 1.0, 1.0, 1.0]]);
    assert_eq!(gradients(&[&x], &x.clamp_max(1.0)), [[1.0, 1.0, 1.0, 1.0, 0.0]]);
    // Beyond a bound that is a tensor, the bound gets the gradient.
    let low = Tensor::from([-1.0]);
    assert_eq!(gradients(&[&low], &x.clamp_min(&low)), [[1.0]]);
}

#[test]
fn lengths_of_zero_are_at_rest() {
    let zero = Tensor::from([[0.0, 0.0], [3.0, 4.0]]);
    let other = Tensor::from([[1.0, 2.0], [4.0, -3.0]]);
    assert_abs_diff_eq!(gradients(&[&zero], &zero.norm_axis(-1))[0][..], [0.0, 0.0, 0.6, 0.8][..], epsilon = 1e-15);
    assert_eq!(gradients(&[&zero], &zero.norm_axis(-1).square().sin())[0][..2], [0.0, 0.0]);
    assert_eq!(zero.normalize(-1).at(0, 0).to_vec::<f64>(), [0.0, 0.0]);
    assert_eq!(gradients(&[&zero], &zero.normalize(-1))[0][..2], [0.0, 0.0]);
    let cosine = zero.cosine_similarity(&other, -1);
    assert_eq!(cosine.to_vec::<f64>(), [0.0, 0.0]);
    for gradient in gradients(&[&zero, &other], &cosine) {
        assert_eq!(gradient[..2], [0.0, 0.0]);
    }
    let distances = zero.pairwise_distances(&zero.detach());
    assert_abs_diff_eq!(gradients(&[&zero], &distances)[0][..], [-0.6, -0.8, 0.6, 0.8][..], epsilon = 1e-15);
    let equal = Tensor::from([[2.0, 2.0, 2.0]]);
    assert_eq!(gradients(&[&equal], &equal.std_axis(-1, 0)), [[0.0, 0.0, 0.0]]);
    // Second derivatives do not become NaN either.
    for loss in [zero.norm_axis(-1).sum(), zero.normalize(-1).square().sum(), distances.sum()] {
        let second = loss.grad(&zero).square().sum().grad(&zero).to_vec::<f64>();
        assert!(second.iter().all(|value| value.is_finite()), "{second:?}");
    }
}

#[test]
fn powers_at_zero() {
    for (exponent, value, expected) in
        [(0.0, 1.0, 0.0), (1.0, 0.0, 1.0), (2.0, 0.0, 0.0), (3.0, 0.0, 0.0), (1.5, 0.0, 0.0)]
    {
        assert_eq!(
            (Tensor::from([0.0]).pow(exponent).item(), slope(0.0, |x| x.pow(exponent))),
            (value, expected),
            "{exponent}"
        );
        // The same with the exponent in a tensor, with respect to both.
        let (x, b) = (Tensor::from([0.0]), Tensor::from([exponent]));
        assert_eq!(x.pow(&b).item(), value);
        assert_eq!(gradients(&[&x, &b], &x.pow(&b)), [[expected], [0.0]], "{exponent}");
    }
    assert_eq!(slope(0.0, |x| x.pow(0.5)), f64::INFINITY);
    assert_eq!(curvature(0.0, |x| x.pow(2.0)), 2.0);
    assert_eq!(curvature(0.0, |x| x.pow(3.0)), 0.0);
    assert_eq!(Tensor::from([f64::NAN]).pow(0).item(), 1.0);
}

/// An exponent made without data is a tensor like any other: its gradient is that of a leaf with the same value.
#[test]
fn the_exponent_may_be_a_filled_scalar() {
    let x = Tensor::from([2.0f32, 3.0]);
    for exponent in [-1.0, 0.0, 1.0, 2.0, 2.5] {
        let (filled, leaf) = (Tensor::full([], exponent), Tensor::scalar(exponent as f32));
        let of = |b: &Tensor| x.pow(b).sum().grad(b).item();
        assert_eq!(of(&filled), of(&leaf), "exponent {exponent}");
        let expected = 2f64.powf(exponent) * 2f64.ln() + 3f64.powf(exponent) * 3f64.ln();
        assert_abs_diff_eq!(of(&leaf), expected, epsilon = 1e-5);
    }
}

#[test]
fn zero_times_the_logarithm_of_zero() {
    let (x, y) = (Tensor::from([0.0, 0.0, 0.0, 2.0]), Tensor::from([0.0, 1e-300, f64::INFINITY, 0.5]));
    assert_eq!(x.xlogy(&y).to_vec::<f64>(), [0.0, 0.0, 0.0, 2.0 * 0.5f64.ln()]);
    let [to_x, to_y] = gradients(&[&x, &y], &x.xlogy(&y)).try_into().unwrap();
    assert_eq!(to_x, [0.0, 1e-300f64.ln(), 0.0, 0.5f64.ln()]);
    assert_eq!(to_y, [0.0, 0.0, 0.0, 4.0]);
    let p = Tensor::from([0.0, 1.0]);
    let second = p.xlogy(&p).sum().grad(&p).sum().grad(&p).to_vec::<f64>();
    assert_eq!(second[1], 1.0);
    assert!(!second[0].is_nan());
}

/// Equal operands: each gets half, and the second derivative is the true one, not that of a kink.
#[test]
fn logaddexp_of_equal_operands() {
    for at in [-3.0, 0.0, 1e4] {
        let (a, b) = (Tensor::from([at]), Tensor::from([at]));
        let loss = a.logaddexp(&b).sum();
        let (to_a, to_b) = (loss.grad(&a), loss.grad(&b));
        assert_eq!([to_a.item(), to_b.item()], [0.5, 0.5]);
        let second = [to_a.sum().grad(&a), to_a.sum().grad(&b), to_b.sum().grad(&a), to_b.sum().grad(&b)];
        assert_eq!(second.map(|derivative| derivative.item()), [0.25, -0.25, -0.25, 0.25]);
    }
}

/// The seam of `log1mexp` at -ln 2 is no seam of the function.
#[test]
fn log1mexp_is_smooth_at_its_seam() {
    let seam = -std::f64::consts::LN_2;
    for at in [seam.next_down(), seam, seam.next_up()] {
        assert_abs_diff_eq!(slope(at, Tensor::log1mexp), -1.0, epsilon = 1e-14);
        assert_abs_diff_eq!(curvature(at, Tensor::log1mexp), -2.0, epsilon = 1e-13);
    }
}
