//! Every node is credited to the user's line that made it, also inside composed operations; a derivative to the line it is
//! the derivative of.

use minimand_tensor::{Parameter, Rng, Tensor};

/// All lines of an explanation name this file and one of the given lines.
#[track_caller]
fn credited(tensor: &Tensor, lines: std::ops::RangeInclusive<u32>) {
    for line in tensor.explain().lines().filter(|line| line.starts_with('%')) {
        let place = line.rsplit("# ").next().expect("a place");
        let (file, number) = place.rsplit_once(':').expect("a line number");
        assert!(
            file == "messages/places.rs" && lines.contains(&number.parse().expect("a number")),
            "{lines:?}: {line}"
        );
    }
}

#[test]
fn composites_are_credited_to_the_caller() {
    let first = line!();
    let x = Tensor::from([[1.0, 2.0, 3.0], [3.0, 4.0, 5.0]]);
    let y = Tensor::from([[0.5, 1.0, 2.0]]);
    let mut rng = Rng::seed(1);
    let made = [
        &x + 1.0,
        1.0 - &x,
        -&x,
        x.relu(),
        x.leaky_relu(0.1),
        x.elu(1.0),
        x.gelu(),
        x.gelu_tanh(),
        x.silu(),
        x.mish(),
        x.softmax(-1),
        x.log_softmax(-1),
        x.logsumexp(),
        x.logsumexp_axis(-1),
        x.logsumexp_keepdim(-1),
        x.logaddexp(&y),
        x.atan2(&y),
        x.xlogy(&y),
        (-&x).log1mexp(),
        x.log_sigmoid(),
        x.square(),
        x.rsqrt(),
        x.safe_sqrt(),
        x.clamp(1, 2),
        x.clamp_min(1.5),
        x.is_finite(),
        x.is_nan(),
        x.mean(),
        x.mean_axis(0),
        x.mean_keepdim(0),
        x.var(0),
        x.var_axis(0, 0),
        x.var_keepdim(0, 1),
        x.std(1),
        x.std_axis(.., 1),
        x.std_keepdim(.., 1),
        x.norm(),
        x.norm_axis(-1),
        x.norm_keepdim(-1),
        x.normalize(-1),
        x.cosine_similarity(&y, -1),
        x.pairwise_distances(&y),
        x.sort(0).0,
        x.sort_descending(0).0,
        x.top_k(-1, 2).0,
        x.argmax(),
        x.argmax_axis([0, 1]),
        x.argmax_keepdim(..),
        x.argmin(),
        x.argmin_axis(0),
        x.argmin_keepdim(0),
        x.tril(0),
        x.triu(0),
        x.pow(2),
        x.pow(2.5),
        x.pow(&y),
        x.ne(&y),
        x.gt(0) & x.lt(3),
        !x.gt(0),
        x.gt(0).select(&x, 0),
        x.gt(0).select(1.5, &y),
        x.at(0, 1),
        x.sum(),
        x.sum_axis(0),
        x.max(),
        x.min_axis(-1),
        x.cumulative_sum(0),
        x.transpose(),
        x.permute([1, 0]),
        x.flatten(),
        x.unsqueeze(0),
        x.slice(0, ..1),
        x.pad(0, 1, 1),
        x.flip(0),
        x.windows(1, 2, 1, 1),
        Tensor::concatenate([&x, &y], 0),
        Tensor::concatenate([&x, &Tensor::iota(3).unsqueeze(0)], 0),
        Tensor::stack([&x, &x], 0),
        x.split(0, &[1, 1]).remove(1),
        x.matmul(&y.transpose()),
        x.matmul(&y.flatten()),
        x.index_select(0, Tensor::from([1i64])),
        x.take_along_axis(1, x.argsort(1)),
        x.full_like(2.0),
        x.zeros_like(),
        Tensor::zeros([2]),
        Tensor::eye(2),
        Tensor::arange(0.0, 1.0, 0.5),
        Tensor::linspace(0.0, 1.0, 3),
        Tensor::triangular_mask(2, 2, 0),
        Tensor::iota(3).one_hot(3),
        Tensor::normal([2], &mut rng),
        Tensor::uniform([2], 0.0, 1.0, &mut rng),
        Tensor::bernoulli([2], 0.5, &mut rng),
        Tensor::permutation(2, &mut rng),
        Tensor::scalar(1.0),
        Tensor::from(vec![1.0]),
        x.detach(),
        x.sin().detach(),
        Parameter::new("w", x.sin()).value(),
        x.sum().grad(&x),
        x.softmax(0).square().sum().grad(&x),
        x.sum().grad(&y),
        x.square().sum().hessian(&x),
        x.flatten().jacobian(&y),
        x.pow(3).sum().hessian_vector_product(&x, &x),
    ];
    for tensor in made {
        credited(&tensor, first..=line!());
    }
}

/// Made on one line, differentiated on another: the derivative belongs to the first.
#[test]
fn derivatives_are_credited_to_what_they_derive() {
    let x = Tensor::from([1.0, 2.0]);
    let line = line!() + 1;
    let loss = (x.sin().softmax(-1) * x.norm_axis(-1)).sum();
    let differentiated = line!() + 1;
    let slope = loss.grad(&x);
    let places: Vec<String> = slope
        .explain()
        .lines()
        .filter(|line| line.starts_with('%'))
        .map(|line| line.rsplit(':').next().unwrap().to_owned())
        .collect();
    let count = |line: u32| places.iter().filter(|place| **place == line.to_string()).count();
    // All but the leaf and the 1 that the gradient starts from.
    assert_eq!((count(line), count(differentiated)), (places.len() - 2, 1));
    assert_eq!(loss.location().line(), line);
    assert_eq!(loss.location().file(), file!());
}
