//! Activations that the recorded perceptrons do not have, one by one.

use minimand_nn::{Activation, Glu, Module, PRelu};
use minimand_tensor::{DType, Tensor};

use crate::{cases, compare_layer, count};

#[test]
fn values_and_derivatives_are_those_of_pytorch() {
    for activation in [
        Activation::LogSigmoid,
        Activation::Selu,
        Activation::Celu { alpha: 0.5 },
        Activation::Hardtanh { low: -0.5, high: 0.8 },
        Activation::Relu6,
        Activation::Hardsigmoid,
        Activation::Hardswish,
        Activation::Softsign,
        Activation::Tanhshrink,
        Activation::Softshrink { threshold: 0.3 },
    ] {
        let name = format!("{activation:?}");
        let name = name.split(' ').next().unwrap();
        compare_layer(&cases("activations.json", name, 1)[0], &activation);
    }
    for case in cases("activations.json", "PRelu", 3) {
        let slopes = count(&case["inputs"][1]["shape"][0]);
        compare_layer(&case, &PRelu::with_slope(slopes, 0.25, DType::F64));
    }
    for case in cases("activations.json", "Glu", 2) {
        compare_layer(&case, &Glu::new(case["options"]["axis"].as_i64().unwrap() as isize));
    }
}

#[test]
fn infinite_inputs_have_their_limits_and_finite_slopes() {
    let infinity = f64::INFINITY;
    let x = Tensor::from([-infinity, infinity]);
    for (activation, values, slopes) in [
        (Activation::LogSigmoid, [-infinity, 0.0], [1.0, 0.0]),
        (Activation::Celu { alpha: 2.0 }, [-2.0, infinity], [0.0, 1.0]),
        (Activation::Hardtanh { low: -1.0, high: 1.0 }, [-1.0, 1.0], [0.0, 0.0]),
        (Activation::Relu6, [0.0, 6.0], [0.0, 0.0]),
        (Activation::Hardsigmoid, [0.0, 1.0], [0.0, 0.0]),
        (Activation::Hardswish, [0.0, infinity], [0.0, 1.0]),
        (Activation::Tanhshrink, [-infinity, infinity], [1.0, 1.0]),
        (Activation::Softshrink { threshold: 0.5 }, [-infinity, infinity], [1.0, 1.0]),
    ] {
        let y = activation.forward(&x);
        assert_eq!(y.to_vec::<f64>(), values, "{activation:?}");
        assert_eq!(y.sum().grad(&x).to_vec::<f64>(), slopes, "{activation:?}");
    }
    let kinks = Tensor::from([-3.0, 3.0]);
    assert_eq!(Activation::Hardswish.forward(&kinks).sum().grad(&kinks).to_vec::<f64>(), [0.0, 1.0]);
    let x = Tensor::from([0.0, f64::INFINITY]);
    let activation = PRelu::with_slope(1, 0.5, DType::F64);
    let y = activation.forward(&x).sum();
    assert_eq!(y.grad(&x).to_vec::<f64>(), [0.5, 1.0]);
    assert_eq!(y.grad(&activation.weight().value()).to_vec::<f64>(), [0.0]);
}

#[test]
fn slopes_are_copied_and_start_as_pytorchs() {
    let activation = PRelu::new(3);
    let copy = activation.clone();
    activation.weight().set(Tensor::zeros([3]));
    assert_eq!(copy.weight().value().to_vec::<f32>(), [0.25; 3]);
    assert_eq!(copy.named_parameters()[0].0, "weight");
}

#[test]
#[should_panic(expected = "p_relu: input [2, 4] must be [batch, 3, …]")]
fn slopes_are_of_the_channels() {
    let _ = PRelu::new(3).forward(&Tensor::zeros([2, 4]));
}

#[test]
#[should_panic(expected = "glu: axis 1 of [2, 3] has no two halves")]
fn an_odd_axis_has_no_halves() {
    let _ = Glu::new(1).forward(&Tensor::zeros([2, 3]));
}
