//! Entries and whole rows masked with -∞, and extreme exponents: never a NaN in a value or a gradient.

use minimand_tensor::{DType, Tensor};

const INF: f64 = f64::INFINITY;

/// A row without masks, one with some, one with nothing else.
fn rows(dtype: DType) -> Tensor {
    Tensor::from([[1.0, 2.0, 3.0], [-INF, 0.5, -INF], [-INF, -INF, -INF]]).cast(dtype)
}

fn finite(values: &[f64]) -> bool {
    values.iter().all(|value| value.is_finite())
}

#[test]
fn masked_rows() {
    for dtype in [DType::F32, DType::F64] {
        let x = rows(dtype);
        let total = x.logsumexp_axis(-1);
        assert_eq!(total.to_vec::<f64>()[1..], [0.5, -INF]);
        assert_eq!(x.softmax(-1).to_vec::<f64>()[3..], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(x.log_softmax(-1).to_vec::<f64>()[3..], [-INF, 0.0, -INF, -INF, -INF, -INF]);

        // The gradient of log-sum-exp is softmax, and 0 on the row that is masked throughout.
        let gradient = total.sum().grad(&x);
        assert_eq!(gradient.to_vec::<f64>()[3..], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        let weights = Tensor::from([[0.3, -0.2, 0.7]]).cast(dtype);
        let of_softmax = (x.softmax(-1) * &weights).sum().grad(&x);
        assert_eq!(of_softmax.to_vec::<f64>()[6..], [0.0; 3]);
        let of_logarithms = x.log_softmax(-1).grad_with(&weights, &x);
        for gradient in [&gradient, &of_softmax, &of_logarithms] {
            assert!(finite(&gradient.to_vec::<f64>()), "{gradient}");
            let second = (gradient * &weights).sum().grad(&x).to_vec::<f64>();
            assert!(finite(&second), "{second:?}");
        }
    }
}

/// The gradient of a weighted sum.
trait GradWith {
    fn grad_with(&self, weights: &Tensor, target: &Tensor) -> Tensor;
}

impl GradWith for Tensor {
    fn grad_with(&self, weights: &Tensor, target: &Tensor) -> Tensor {
        (self * weights).sum().grad(target)
    }
}

/// A whole matrix masked, over several axes and all.
#[test]
fn everything_masked() {
    let x = Tensor::full([2, 3], -INF);
    assert_eq!(x.logsumexp().item(), -INF);
    assert_eq!(x.softmax(..).to_vec::<f64>(), [0.0; 6]);
    assert_eq!(x.logsumexp().grad(&x).to_vec::<f64>(), [0.0; 6]);
    assert_eq!(x.softmax([0, 1]).sum().grad(&x).to_vec::<f64>(), [0.0; 6]);
}

/// Attention over a mask made with `select`: the gradient reaches the scores, and is 0 where they were masked.
#[test]
fn masked_scores() {
    let scores = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    let mask = Tensor::from([[true, false], [false, false]]);
    let attention = mask.select(&scores, -INF).softmax(-1);
    assert_eq!(attention.to_vec::<f64>(), [1.0, 0.0, 0.0, 0.0]);
    assert_eq!(attention.square().sum().grad(&scores).to_vec::<f64>(), [0.0; 4]);
}

#[test]
fn infinite_operands_of_logaddexp() {
    let (a, b) = (Tensor::from([0.0, -INF, -INF, INF, INF]), Tensor::from([-INF, 0.0, -INF, 0.0, INF]));
    assert_eq!(a.logaddexp(&b).to_vec::<f64>(), [0.0, 0.0, -INF, INF, INF]);
    let loss = a.logaddexp(&b).sum();
    let (to_a, to_b) = (loss.grad(&a), loss.grad(&b));
    assert!(finite(&to_a.to_vec::<f64>()) && finite(&to_b.to_vec::<f64>()), "{to_a} {to_b}");
    assert_eq!(
        (to_a.to_vec::<f64>()[..2].to_vec(), to_b.to_vec::<f64>()[..2].to_vec()),
        (vec![1.0, 0.0], vec![0.0, 1.0])
    );
    for target in [&a, &b] {
        assert!(finite(&(&to_a - 2.0 * &to_b).sum().grad(target).to_vec::<f64>()));
    }
}

/// The whole of every function's range: far below, at and far above 0.
#[test]
fn far_exponents() {
    let x = Tensor::from([-1e4, -800.0, -1e-30, 0.0, 1e-30, 800.0, 1e4]);
    assert_eq!(x.softplus().to_vec::<f64>()[..2], [0.0, 0.0]);
    assert_eq!(x.softplus().to_vec::<f64>()[5..], [800.0, 1e4]);
    assert_eq!(x.log_sigmoid().to_vec::<f64>()[..2], [-1e4, -800.0]);
    assert_eq!(Tensor::from([-1e4, -40.0]).log1mexp().to_vec::<f64>(), [0.0, -(-40f64).exp()]);
    assert_eq!(Tensor::from([-1e-300]).log1mexp().item(), 1e-300f64.ln());
}

/// As in NumPy: of nothing `any` is false and `all` is true, NaN is not 0, and numbers count as whether they are 0.
#[test]
fn any_and_all() {
    let x = Tensor::from([[0.0, f64::NAN, 0.0], [0.0, 0.0, 0.0], [1.0, -2.0, 0.5]]);
    assert_eq!(x.any_axis(1).to_vec::<bool>(), [true, false, true]);
    assert_eq!(x.all_axis(1).to_vec::<bool>(), [false, false, true]);
    assert_eq!(x.any_keepdim(0).shape().to_string(), "[1, 3]");
    assert_eq!(x.all_axis(0).to_vec::<bool>(), [false; 3]);
    assert_eq!((x.any().to_string().as_str(), x.all().to_string().as_str()), ("true", "false"));
    let empty = Tensor::zeros([0, 2]);
    assert_eq!(empty.any_axis(0).to_vec::<bool>(), [false, false]);
    assert_eq!(empty.all_axis(0).to_vec::<bool>(), [true, true]);
    assert_eq!((empty.any().to_string().as_str(), empty.all().to_string().as_str()), ("false", "true"));
    let whole = Tensor::from([3i64, 0]);
    assert_eq!((whole.any().item(), whole.all().item()), (1.0, 0.0));
    assert_eq!(Tensor::from([true, true]).all_axis(..).dtype(), DType::Bool);
}
