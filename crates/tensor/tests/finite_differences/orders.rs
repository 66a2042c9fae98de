//! Third and higher derivatives against closed forms, and the products that are built from derivatives.

use approx::relative_eq;
use minimand_tensor::Tensor;

/// The derivatives of order 0, 1, 2, … of a function of one number.
fn derivatives(at: f64, count: usize, function: impl Fn(&Tensor) -> Tensor) -> Vec<f64> {
    let x = Tensor::scalar(at);
    let mut derivatives = vec![function(&x)];
    for order in 1..count {
        derivatives.push(derivatives[order - 1].grad(&x));
    }
    derivatives.iter().map(Tensor::item).collect()
}

#[track_caller]
fn close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (order, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!(relative_eq!(a, b, epsilon = 1e-12, max_relative = 1e-12), "order {order}: {a} and {b}");
    }
}

#[test]
fn up_to_the_fifth_order() {
    let x = 0.7f64;
    let (s, c) = x.sin_cos();
    close(&derivatives(x, 6, Tensor::sin), &[s, c, -s, -c, s, c]);
    close(&derivatives(x, 6, Tensor::exp), &[x.exp(); 6]);
    close(
        &derivatives(x, 6, Tensor::ln),
        &[x.ln(), 1.0 / x, -x.powi(-2), 2.0 * x.powi(-3), -6.0 * x.powi(-4), 24.0 * x.powi(-5)],
    );
    close(&derivatives(x, 5, |x| x.pow(3)), &[x.powi(3), 3.0 * x * x, 6.0 * x, 6.0, 0.0]);
    close(
        &derivatives(x, 5, Tensor::sqrt),
        &[x.sqrt(), 0.5 * x.powf(-0.5), -0.25 * x.powf(-1.5), 0.375 * x.powf(-2.5), -0.9375 * x.powf(-3.5)],
    );
    let t = x.tanh();
    let first = 1.0 - t * t;
    close(&derivatives(x, 4, Tensor::tanh), &[t, first, -2.0 * t * first, -2.0 * first * (1.0 - 3.0 * t * t)]);
    let p = 1.0 / (1.0 + (-x).exp());
    let logistic = [p, p * (1.0 - p), p * (1.0 - p) * (1.0 - 2.0 * p), p * (1.0 - p) * (1.0 - 6.0 * p + 6.0 * p * p)];
    close(&derivatives(x, 4, Tensor::sigmoid), &logistic);
    close(&derivatives(x, 5, Tensor::softplus)[1..], &logistic);
    close(&derivatives(x, 4, Tensor::softplus)[..1], &[(1.0 + x.exp()).ln()]);
    let bell = 2.0 / std::f64::consts::PI.sqrt() * (-x * x).exp();
    close(&derivatives(x, 4, Tensor::erf)[1..], &[bell, -2.0 * x * bell, (4.0 * x * x - 2.0) * bell]);
    // At 1 the derivatives of ln Γ are -γ, ζ(2), -2 ζ(3), 6 ζ(4).
    let zeta = [0.577_215_664_901_532_9, 1.644_934_066_848_226_4, 1.202_056_903_159_594_3, 1.082_323_233_711_138_2];
    close(&derivatives(1.0, 5, Tensor::lgamma), &[0.0, -zeta[0], zeta[1], -2.0 * zeta[2], 6.0 * zeta[3]]);
}

/// The softplus of a difference, which a composed `max(x, 0) + ln(1 + e^-|x|)` would get wrong at 0 from the second order on.
#[test]
fn softplus_at_zero() {
    close(&derivatives(0.0, 6, Tensor::softplus)[1..], &[0.5, 0.25, 0.0, -0.125, 0.0]);
    close(&derivatives(0.0, 6, |x| x.logaddexp(0.0))[1..], &[0.5, 0.25, 0.0, -0.125, 0.0]);
}

/// The third derivative of log-sum-exp is the third cumulant of the softmax distribution.
#[test]
fn third_derivative_of_logsumexp() {
    let x = Tensor::from([0.3, -0.2, 1.1, 1.1]);
    let direction = Tensor::from([1.0, 2.0, -0.5, 3.0]);
    let along = |f: &Tensor| (f.grad(&x) * &direction).sum();
    let third = along(&along(&along(&x.logsumexp_axis(0)))).item();
    let (p, v) = (x.softmax(0).to_vec::<f64>(), direction.to_vec::<f64>());
    let mean: f64 = p.iter().zip(&v).map(|(p, v)| p * v).sum();
    let cumulant: f64 = p.iter().zip(&v).map(|(p, v)| p * (v - mean).powi(3)).sum();
    close(&[third], &[cumulant]);
}

#[test]
fn hessians_and_jacobians() {
    let a = Tensor::from([[2.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 4.0]]);
    let x = Tensor::from([0.3, -0.7, 1.2]);
    let loss = 0.5 * x.matmul(&a).matmul(&x);
    assert_eq!(*loss.hessian(&x).shape(), [3, 3]);
    close(&loss.hessian(&x).to_vec::<f64>(), &a.to_vec::<f64>());
    let v = Tensor::from([1.0, -2.0, 0.5]);
    close(&loss.hessian_vector_product(&x, &v).to_vec::<f64>(), &a.matmul(&v).to_vec::<f64>());
    close(&a.matmul(&x).jacobian(&x).to_vec::<f64>(), &a.to_vec::<f64>());
    // Of a matrix with respect to a matrix: [2, 2] by [2, 2].
    let m = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    let jacobian = m.transpose().jacobian(&m);
    assert_eq!(*jacobian.shape(), [2, 2, 2, 2]);
    for (entry, value) in jacobian.to_vec::<f64>().into_iter().enumerate() {
        let (i, j, k, l) = (entry / 8, entry / 4 % 2, entry / 2 % 2, entry % 2);
        assert_eq!(value, f64::from(u8::from(i == l && j == k)));
    }
    // What does not depend has a Jacobian of zeros; of nothing there is none.
    assert_eq!(x.jacobian(&m).to_vec::<f64>(), [0.0; 12]);
    assert_eq!(*x.slice(0, 1..1).jacobian(&m).shape(), [0, 2, 2]);
}
