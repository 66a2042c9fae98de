//! Empty tensors, scalars, NaN, ties, and how tensors are printed.

use minimand_tensor::{DType, Shape, Tensor, grad, grad_or_none, reference};

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

/// Equality that holds between NaN and NaN.
fn same(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b || a.is_nan() && b.is_nan())
}

#[test]
fn reductions_of_nothing() {
    for shape in [vec![0], vec![0, 3], vec![2, 0]] {
        let x = Tensor::zeros(shape);
        assert_eq!(x.sum().item(), 0.0);
        assert!(x.mean().item().is_nan());
        assert_eq!((x.max().item(), x.min().item()), (-INF, INF));
        assert_eq!(x.logsumexp().item(), -INF);
        assert_eq!(x.norm().item(), 0.0);
        assert!(x.var(0).item().is_nan() && x.std(1).item().is_nan());
        assert_eq!(x.to_vec::<f32>(), [0f32; 0]);
        for loss in [x.sum(), x.mean(), x.max(), x.logsumexp(), x.norm(), x.var(0)] {
            assert_eq!(loss.grad(&x).shape(), x.shape());
            assert!(loss.grad(&x).to_vec::<f64>().is_empty());
        }
    }
    let rows = Tensor::zeros([2, 0]);
    assert_eq!(rows.sum_axis(1).to_vec::<f64>(), [0.0, 0.0]);
    assert_eq!(rows.max_axis(1).to_vec::<f64>(), [-INF, -INF]);
    assert_eq!(rows.logsumexp_axis(1).to_vec::<f64>(), [-INF, -INF]);
    assert_eq!(*rows.softmax(1).shape(), [2, 0]);
    assert_eq!(*rows.sum_axis(0).shape(), [0]);
    let none = Tensor::from(Vec::<i64>::new());
    assert_eq!((none.max().to_vec::<i64>(), none.min().to_vec::<i64>()), (vec![i64::MIN], vec![i64::MAX]));
    let none = none.cast(DType::Bool);
    assert_eq!((none.max().to_vec::<bool>(), none.min().to_vec::<bool>()), (vec![false], vec![true]));
}

#[test]
fn movements_of_nothing() {
    let x = Tensor::zeros([2, 0, 3]);
    let moved = [
        x.permute([2, 1, 0]).reshape([0, 6]),
        x.flip(..).slice(1, 0..0),
        x.pad(1, 0, 2).slice(1, 0..0),
        Tensor::concatenate([&x, &x], 1),
        x.sort(1).0,
        x.cumulative_sum(1),
        x.cumulative_sum_reverse(1),
        x.expand([4, 2, 0, 3]),
        x.top_k(1, 0).0,
        x.index_select(0, Tensor::from([0i64, 1])),
    ];
    for moved in &moved {
        assert!(moved.to_vec::<f64>().is_empty(), "{moved:?}");
        assert!(reference::evaluate(&[moved])[0].is_empty());
    }
    assert_eq!(x.pad(1, 1, 0).to_vec::<f64>(), [0.0; 6]);
    // A slice that starts at the end holds nothing, and nothing beyond is touched.
    let line = Tensor::from([1.0, 2.0, 3.0]);
    assert_eq!(line.slice(0, 3..).flip(0).sum().item(), 0.0);
    assert_eq!(Tensor::concatenate([&line.slice(0, 3..), &line.slice_step(0, 2.., 5)], 0).to_vec::<f64>(), [3.0]);
    assert_eq!(*line.unsqueeze(0).matmul(&Tensor::zeros([3, 0])).shape(), [1, 0]);
    assert_eq!(Tensor::ones([2, 0]).matmul(&Tensor::ones([0, 2])).to_vec::<f64>(), [0.0; 4]);
    assert_eq!(
        Tensor::zeros([0, 2]).scatter_add(0, Tensor::from(Vec::<i64>::new()).reshape([0, 1]), 2).to_vec::<f64>(),
        [0.0; 4]
    );
    assert_eq!(Tensor::iota(0).to_vec::<i64>(), [0i64; 0]);
}

#[test]
fn scalars() {
    let x = Tensor::scalar(3.0);
    assert_eq!((x.rank(), x.elements(), x.to_string()), (0, 1, "3".to_owned()));
    for same in [x.sum(), x.mean(), x.max(), x.sum_axis(..), x.reshape([1, 1]).squeeze(..), x.flatten().at(0, 0)] {
        assert_eq!((same.item(), same.rank()), (3.0, 0));
    }
    assert_eq!(x.square().grad(&x).item(), 6.0);
    assert_eq!(x.softmax(..).item(), 1.0);
    assert_eq!(x.expand([2, 2]).sum().grad(&x).item(), 4.0);
    assert!(x.var(1).item().is_nan());
    assert_eq!(Tensor::from([1.0, 3.0]).var_axis(0, 2).item(), INF);
}

#[test]
fn nan_stays() {
    let x = Tensor::from([1.0, NAN, -1.0]);
    for value in [x.max(), x.min(), x.sum(), x.mean(), x.logsumexp(), x.norm(), x.var(0)] {
        assert!(value.item().is_nan());
    }
    let one = Tensor::from([NAN, 1.0, NAN]);
    assert!(same(&x.maximum(&one).to_vec::<f64>(), &[NAN, NAN, NAN]));
    assert!(same(&one.minimum(&x).to_vec::<f64>(), &[NAN, NAN, NAN]));
    assert!(same(&x.maximum(0.0).to_vec::<f64>(), &[1.0, NAN, 0.0]));
    let kept: [fn(&Tensor) -> Tensor; 15] = [
        Tensor::relu,
        |x| x.leaky_relu(0.1),
        |x| x.elu(1.0),
        Tensor::softplus,
        Tensor::sigmoid,
        Tensor::abs,
        Tensor::sign,
        Tensor::floor,
        |x| x.clamp(-2, 2),
        |x| x.clamp_min(0),
        |x| x.clamp_max(0),
        Tensor::safe_sqrt,
        |x| x.logaddexp(0.0),
        |x| Tensor::from([1.0, 0.5, 2.0]).xlogy(x),
        |x| x.softmax(-1),
    ];
    for (which, function) in kept.iter().enumerate() {
        assert!(function(&x).to_vec::<f64>()[1].is_nan(), "function {which}");
    }
    assert_eq!(x.is_nan().to_vec::<bool>(), [false, true, false]);
    assert_eq!(Tensor::from([1.0, NAN, INF, -INF]).is_finite().to_vec::<bool>(), [true, false, false, false]);
    for comparison in [x.lt(&x), x.le(&x), x.gt(&x), x.ge(&x), x.eq(&x)] {
        assert!(!comparison.to_vec::<bool>()[1]);
    }
    assert!(x.ne(&x).to_vec::<bool>()[1]);
    assert!(x.logaddexp(NAN).to_vec::<f64>()[0].is_nan());
}

/// What a loss is not made of, or only through what has no slope, has no gradient; what it is made of has one, if only of zeros.
#[test]
fn what_does_not_influence_a_loss_has_no_gradient() {
    let [x, cut, whole, mask, other] = [1.5, 2.5, 3.5, 4.5, 5.5].map(|number| Tensor::from([number]));
    let loss = x.sin() * cut.detach() + whole.cast(DType::I64) + mask.gt(0).select(1.0, x.zeros_like()) + x.floor();
    let targets = [&x, &cut, &whole, &mask, &other];
    let found = grad_or_none(&loss.sum(), targets);
    assert_eq!(found.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, false, false, false]);
    assert_eq!(grad(&loss.sum(), targets).iter().map(Tensor::item).collect::<Vec<_>>()[1..], [0.0; 4]);
    let flat = grad_or_none(&x.floor().sum(), [&x]);
    assert_eq!(flat[0].as_ref().expect("the loss is made of it").item(), 0.0);
}

#[test]
fn order_of_ties_and_nan() {
    let x = Tensor::from([2.0, NAN, 1.0, 2.0, -INF, NAN, 1.0]);
    assert_eq!(x.argsort(0).to_vec::<i64>(), [4, 2, 6, 0, 3, 1, 5]);
    assert_eq!(x.argsort_descending(0).to_vec::<i64>(), [0, 3, 2, 6, 4, 1, 5]);
    assert_eq!((x.argmax_axis(0).item(), x.argmin_axis(0).item()), (1.0, 1.0));
    let zeros = Tensor::from([0.0, -0.0, 0.0]);
    assert_eq!(zeros.argsort(0).to_vec::<i64>(), [0, 1, 2]);
    assert_eq!(zeros.argsort_descending(0).to_vec::<i64>(), [0, 1, 2]);
    assert_eq!(Tensor::from([[1.0, 1.0], [1.0, 2.0]]).argmax_axis(0).to_vec::<i64>(), [0, 1]);
    assert_eq!(Tensor::from([true, false, true]).argsort_descending(0).to_vec::<i64>(), [0, 2, 1]);
}

#[test]
fn one_hot_and_masks() {
    let labels = Tensor::from([2i64, -1, 3, 0]);
    assert_eq!(labels.one_hot(3).to_vec::<f64>(), [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    assert_eq!(*labels.reshape([2, 2]).one_hot(5).shape(), [2, 2, 5]);
    assert_eq!(Tensor::triangular_mask(2, 3, 1).to_vec::<bool>(), [true, true, false, true, true, true]);
    assert_eq!(Tensor::triangular_mask(3, 2, -1).to_vec::<bool>(), [false, false, true, false, true, true]);
    assert_eq!(Tensor::eye(2).to_vec::<f64>(), [1.0, 0.0, 0.0, 1.0]);
}

#[test]
fn ranges() {
    assert_eq!(Tensor::arange(1.0, -1.0, -0.5).to_vec::<f64>(), [1.0, 0.5, 0.0, -0.5]);
    assert_eq!(Tensor::arange(0.0, 0.0, 1.0).elements(), 0);
    assert_eq!(Tensor::arange(1.0, 0.0, 1.0).elements(), 0);
    assert_eq!(Tensor::linspace(-1.0, 1.0, 5).to_vec::<f64>(), [-1.0, -0.5, 0.0, 0.5, 1.0]);
    assert_eq!(Tensor::linspace(0.1, 0.7, 7).to_vec::<f32>()[6], 0.7);
    assert_eq!(Tensor::linspace(3.0, 4.0, 1).to_vec::<f64>(), [3.0]);
    assert_eq!(Tensor::linspace(3.0, 4.0, 0).elements(), 0);
}

#[test]
fn printing() {
    assert_eq!(Shape::scalar().to_string(), "[]");
    assert_eq!(Shape::from([32, 1, 9]).to_string(), "[32, 1, 9]");
    assert_eq!(Tensor::zeros([0, 3]).to_string(), "[]");
    assert_eq!(Tensor::zeros([2, 0]).to_string(), "[[],\n []]");
    assert_eq!(format!("{:.2}", Tensor::from([[1.0, -0.5], [1.0 / 3.0, NAN]])), "[[1.00, -0.50],\n [0.33, NaN]]");
    assert_eq!(Tensor::iota(20).to_string(), "[0, 1, 2, 3, …, 16, 17, 18, 19]");
    assert_eq!(Tensor::iota(8).to_string(), "[0, 1, 2, 3, 4, 5, 6, 7]");
    assert_eq!(Tensor::from([[[1i64], [2]]]).to_string(), "[[[1],\n  [2]]]");
    assert_eq!(Tensor::from([true, false]).to_string(), "[true, false]");
}
