//! Single precision at ±10⁴: every composed operation and its first two derivatives stay finite.

use minimand_tensor::Tensor;

fn extremes() -> Tensor {
    Tensor::from([[-1e4f32, 1e4, 0.0], [1e4, 1e4, 1e4], [-1e4, -1e4, -1e4], [0.0, 0.0, 0.0], [1.0, -1.0, 0.5]])
}

#[test]
fn every_composite_is_finite() {
    let other = extremes().flip([0, 1]);
    type Function = Box<dyn Fn(&Tensor) -> Tensor>;
    let functions: Vec<(&str, Function)> = vec![
        ("relu", Box::new(Tensor::relu)),
        ("leaky_relu", Box::new(|x| x.leaky_relu(0.01))),
        ("elu", Box::new(|x| x.elu(1.0))),
        ("gelu", Box::new(Tensor::gelu)),
        ("gelu_tanh", Box::new(Tensor::gelu_tanh)),
        ("silu", Box::new(Tensor::silu)),
        ("mish", Box::new(Tensor::mish)),
        ("sigmoid", Box::new(Tensor::sigmoid)),
        ("softplus", Box::new(Tensor::softplus)),
        ("log_sigmoid", Box::new(Tensor::log_sigmoid)),
        ("tanh", Box::new(Tensor::tanh)),
        ("erf", Box::new(Tensor::erf)),
        ("softmax", Box::new(|x| x.softmax(-1))),
        ("softmax of all", Box::new(|x| x.softmax(..))),
        ("log_softmax", Box::new(|x| x.log_softmax(-1))),
        ("logsumexp", Box::new(|x| x.logsumexp(-1))),
        ("logsumexp of all", Box::new(|x| x.logsumexp(..))),
        ("log1mexp", Box::new(|x| (-x.abs() - 1e-3).log1mexp())),
        ("square", Box::new(Tensor::square)),
        ("safe_sqrt", Box::new(|x| x.abs().safe_sqrt())),
        ("clamp", Box::new(|x| x.clamp(-1, 1))),
        ("mean", Box::new(Tensor::mean)),
        ("var", Box::new(|x| x.var(-1, 1))),
        ("std", Box::new(|x| x.std(-1, 0))),
        ("norm", Box::new(|x| x.norm(-1))),
        ("normalize", Box::new(|x| x.normalize(-1))),
        ("sort", Box::new(|x| x.sort(-1).0)),
        ("top_k", Box::new(|x| x.top_k(2, 0).0)),
        ("cumulative_sum", Box::new(|x| x.cumulative_sum(0))),
        ("tril", Box::new(|x| x.tril(0))),
        ("pairwise_distances", Box::new(|x| x.pairwise_distances(x))),
        (
            "logaddexp",
            Box::new({
                let other = other.clone();
                move |x| x.logaddexp(&other)
            }),
        ),
        ("logaddexp of equals", Box::new(|x| x.logaddexp(x))),
        ("xlogy", Box::new(|x| x.abs().xlogy(x.abs()))),
        ("cosine_similarity", Box::new(move |x| x.cosine_similarity(&other, -1))),
    ];
    let mut failures = Vec::new();
    for (name, function) in functions {
        let x = extremes();
        let value = function(&x);
        let slope = value.sum().grad(&x);
        let curvature = slope.square().sum().grad(&x);
        for (what, tensor) in [("value", &value), ("gradient", &slope), ("second derivative", &curvature)] {
            // x ln x has an infinite slope at 0, and so has its gradient.
            let values = tensor.to_vec::<f64>();
            let allowed = |value: f64| value.is_finite() || name == "xlogy" && what != "value" && !value.is_nan();
            if !values.iter().all(|&value| allowed(value)) {
                failures.push(format!("{name}: {what} {values:?}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Sums of many small numbers do not lose them: single precision is added up in double.
#[test]
fn sums_in_single_precision() {
    let x = Tensor::full([1 << 20], 0.1);
    assert!((x.sum().item() / (f64::from(0.1f32) * f64::from(1 << 20)) - 1.0).abs() < 1e-7);
    assert!((x.mean().item() - f64::from(0.1f32)).abs() < 1e-8);
    assert!(
        (x.reshape([1 << 10, 1 << 10]).sum_axis(0).sum().item() / (f64::from(0.1f32) * f64::from(1 << 20)) - 1.0).abs()
            < 1e-6
    );
    assert!(
        (x.cumulative_sum(0).at(0, (1 << 20) - 1).item() / (f64::from(0.1f32) * f64::from(1 << 20)) - 1.0).abs() < 1e-6
    );
}

/// Lengths and directions of vectors whose squares overflow or vanish in single precision.
#[test]
fn long_and_short_vectors_have_lengths_and_directions() {
    for scale in [1e-30f32, 1e-20, 1.0, 1e20, 1e30] {
        let x = Tensor::from([3.0 * scale, -4.0 * scale]);
        let length = x.norm(-1);
        let slope = length.grad(&x);
        assert!((length.item() / f64::from(5.0 * scale) - 1.0).abs() < 1e-6, "{scale}: {length}");
        let direction = x.normalize(-1);
        for (found, expected) in
            slope.to_vec::<f64>().iter().chain(&direction.to_vec::<f64>()).zip([0.6, -0.8, 0.6, -0.8])
        {
            assert!((found - expected).abs() < 1e-6, "{scale}: {found}");
        }
        // d/dx₀ of x₀/‖x‖ is x₁²/‖x‖³: of the order of 1/scale.
        let turn = direction.at(0, 0).grad(&x).to_vec::<f64>()[0] * f64::from(scale);
        assert!((turn - 16.0 / 125.0).abs() < 1e-6, "{scale}: {turn}");
    }
}
