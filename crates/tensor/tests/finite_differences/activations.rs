//! Activation functions and limits, on both sides of their seams.

use minimand_tensor::Tensor;

use crate::{check, random};

/// Points on both sides of 0 and of ±1, none within 0.1 of them.
fn points() -> Tensor {
    Tensor::from([-3.0, -1.7, -1.2, -0.8, -0.4, -0.12, 0.12, 0.3, 0.7, 1.3, 2.2, 3.1])
}

#[test]
fn activations() {
    type Function = fn(&Tensor) -> Tensor;
    let functions: [(&str, Function); 12] = [
        ("relu", Tensor::relu),
        ("leaky_relu", |x| x.leaky_relu(0.01)),
        ("elu", |x| x.elu(1.0)),
        ("elu 0.7", |x| x.elu(0.7)),
        ("gelu", Tensor::gelu),
        ("gelu_tanh", Tensor::gelu_tanh),
        ("silu", Tensor::silu),
        ("mish", Tensor::mish),
        ("log_sigmoid", Tensor::log_sigmoid),
        ("sigmoid", Tensor::sigmoid),
        ("tanh", Tensor::tanh),
        ("square", Tensor::square),
    ];
    for (name, function) in functions {
        check(name, &[points()], |x| function(&x[0]));
    }
}

#[test]
fn limits() {
    check("clamp", &[points()], |x| x[0].clamp(-1.0, 1.0));
    check("clamp_min", &[points()], |x| x[0].clamp_min(-1));
    check("clamp_max", &[points()], |x| x[0].clamp_max(1));
    let apart = [Tensor::from([[-1.0], [1.0], [0.0]]), Tensor::from([-0.5, 0.5])];
    check("clamp_min, tensor", &apart, |x| x[0].clamp_min(&x[1]));
    check("clamp_max, tensor", &apart, |x| x[0].clamp_max(&x[1]));
    check("clamp, tensors", &apart, |x| x[0].clamp(&x[1], &x[1] + 0.3));
}

#[test]
fn roots() {
    let x = random(1, &[2, 3], 0.4, 3.0);
    check("rsqrt", std::slice::from_ref(&x), |x| x[0].rsqrt());
    check("safe_sqrt", &[x], |x| x[0].safe_sqrt());
}

#[test]
fn triangles() {
    let x = random(2, &[2, 3, 4], -2.0, 2.0);
    for diagonal in [-3, -1, 0, 1, 5] {
        check("tril", std::slice::from_ref(&x), |x| x[0].tril(diagonal));
        check("triu", std::slice::from_ref(&x), |x| x[0].triu(diagonal));
        // Every entry lies in exactly one of the two triangles.
        assert_eq!((x.tril(diagonal) + x.triu(diagonal + 1)).to_vec::<f64>(), x.to_vec::<f64>());
    }
}
