//! `conv_2d`.

use minimand_nn::{Conv2dOptions, conv_2d};
use minimand_tensor::{CheckOptions, DType, Rng, Tensor, check_gradient, check_second_order, grad};
use proptest::prelude::*;

use crate::{assert_close, normal, pair, recorded, tensor};

#[test]
fn values_and_derivatives_are_those_of_pytorch() {
    let recorded = recorded("convolution.json");
    let cases = recorded["convolution"].as_array().unwrap();
    assert_eq!(cases.len(), 11);
    for (number, case) in cases.iter().enumerate() {
        let options = Conv2dOptions {
            stride: pair(&case["stride"]),
            padding: pair(&case["padding"]),
            dilation: pair(&case["dilation"]),
            groups: case["groups"].as_u64().unwrap() as usize,
        };
        let what = |name: &str| format!("{name} of case {number}, {options:?}");
        let expected = |name: &str| tensor(&case[name]).unwrap();
        let (x, kernel, bias) = (expected("x"), expected("kernel"), tensor(&case["bias"]));
        let y = conv_2d(&x, &kernel, bias.as_ref(), options);
        let loss = (expected("weights") * y.square()).sum();
        let inputs: Vec<&Tensor> = [&x, &kernel].into_iter().chain(&bias).collect();
        let slopes = grad(&loss, inputs.iter().copied());
        let slope_of_ones = slopes.iter().map(Tensor::sum).reduce(|a, b| a + b).unwrap();
        let curvatures = grad(&slope_of_ones, [&x, &kernel]);
        assert_close(&y, &expected("y"), &what("y"));
        for (found, name) in slopes.iter().zip(["slope_x", "slope_kernel", "slope_bias"]) {
            assert_close(found, &expected(name), &what(name));
        }
        for (found, name) in curvatures.iter().zip(["curvature_x", "curvature_kernel"]) {
            assert_close(found, &expected(name), &what(name));
        }
    }
}

/// The definition, one entry after another.
fn plain(x: &Tensor, weight: &Tensor, bias: &Tensor, options: Conv2dOptions) -> Tensor {
    let (sizes, kernel) = (x.shape().sizes(), weight.shape().sizes());
    let Conv2dOptions { stride, padding, dilation, groups } = options;
    let out = [0, 1].map(|axis| {
        let room = sizes[2 + axis] + 2 * padding[axis] - dilation[axis] * (kernel[2 + axis] - 1) - 1;
        room / stride[axis] + 1
    });
    let (x, weight, bias) = (x.to_vec::<f64>(), weight.to_vec::<f64>(), bias.to_vec::<f64>());
    let mut y = Vec::new();
    for n in 0..sizes[0] {
        for o in 0..kernel[0] {
            let group = o / (kernel[0] / groups);
            for i in 0..out[0] {
                for j in 0..out[1] {
                    let mut sum = bias[o];
                    for c in 0..kernel[1] {
                        for u in 0..kernel[2] {
                            for v in 0..kernel[3] {
                                let row = (i * stride[0] + u * dilation[0]).checked_sub(padding[0]);
                                let column = (j * stride[1] + v * dilation[1]).checked_sub(padding[1]);
                                let (Some(row), Some(column)) = (row, column) else { continue };
                                if row < sizes[2] && column < sizes[3] {
                                    let channel = group * kernel[1] + c;
                                    sum += weight[((o * kernel[1] + c) * kernel[2] + u) * kernel[3] + v]
                                        * x[((n * sizes[1] + channel) * sizes[2] + row) * sizes[3] + column];
                                }
                            }
                        }
                    }
                    y.push(sum);
                }
            }
        }
    }
    Tensor::from_vec(y, [sizes[0], kernel[0], out[0], out[1]])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn values_are_those_of_the_definition(
        seed in 0u64..1000,
        batch in 0usize..3,
        groups in 1usize..4,
        channels in (1usize..3, 1usize..3),
        kernel in [1usize..4, 1usize..4],
        stride in [1usize..4, 1usize..4],
        padding in [0usize..3, 0usize..3],
        dilation in [1usize..4, 1usize..4],
        beyond in [0usize..5, 0usize..5],
    ) {
        let mut rng = Rng::seed(seed);
        // Just large enough for one window, and some more.
        let side = |axis: usize| (dilation[axis] * (kernel[axis] - 1) + 1 + beyond[axis]).saturating_sub(2 * padding[axis]).max(1);
        let x = normal([batch, groups * channels.0, side(0), side(1)], &mut rng);
        let weight = normal([groups * channels.1, channels.0, kernel[0], kernel[1]], &mut rng);
        let bias = normal([groups * channels.1], &mut rng);
        let options = Conv2dOptions { stride, padding, dilation, groups };
        let found = conv_2d(&x, &weight, Some(&bias), options);
        assert_close(&found, &plain(&x, &weight, &bias, options), "values");
    }
}

#[test]
fn derivatives_of_first_and_second_order_are_finite_differences() {
    let cases = [
        ([2, 2, 4, 5], [3, 2, 3, 3], Conv2dOptions { padding: [1, 1], ..Default::default() }),
        ([1, 2, 6, 5], [2, 2, 2, 3], Conv2dOptions { stride: [2, 3], padding: [0, 2], ..Default::default() }),
        ([1, 1, 7, 6], [2, 1, 3, 2], Conv2dOptions { dilation: [2, 3], ..Default::default() }),
        ([2, 4, 3, 3], [2, 2, 2, 2], Conv2dOptions { groups: 2, ..Default::default() }),
    ];
    for (x, weight, options) in cases {
        let mut rng = Rng::seed(5);
        let inputs = [normal(x, &mut rng), normal(weight, &mut rng), normal([weight[0]], &mut rng)];
        // The sine makes second derivatives that a convolution, linear in each of its inputs, has not.
        let loss = |inputs: &[Tensor]| conv_2d(&inputs[0], &inputs[1], Some(&inputs[2]), options).sin().sum();
        let first = check_gradient(loss, &inputs, CheckOptions::default()).unwrap();
        assert_eq!(first.compared, inputs.iter().map(Tensor::elements).sum::<usize>());
        check_second_order(loss, &inputs, CheckOptions::default()).unwrap();
    }
}

/// A kernel with a 1 in its centre, for each of the channels.
fn delta(channels: usize, groups: usize, side: usize) -> Tensor {
    let centre = Tensor::ones([1, 1]).cast(DType::F64).pad(0, side / 2, side / 2).pad(1, side / 2, side / 2);
    let channel_to_channel = match groups {
        1 => Tensor::eye(channels),
        _ => Tensor::ones([channels, 1]),
    };
    channel_to_channel.cast(DType::F64).unsqueeze(-1).unsqueeze(-1) * centre
}

#[test]
fn a_kernel_with_a_one_in_its_centre_changes_nothing() {
    let x = normal([2, 3, 5, 6], &mut Rng::seed(1));
    for side in [1, 3, 5] {
        for groups in [1, 3] {
            for dilation in [1, 2] {
                let padding = [dilation * (side / 2); 2];
                let options = Conv2dOptions { padding, dilation: [dilation; 2], groups, ..Default::default() };
                let y = conv_2d(&x, &delta(3, groups, side), None, options);
                assert_eq!(y.shape(), x.shape());
                assert_eq!(y.to_vec::<f64>(), x.to_vec::<f64>());
            }
        }
    }
}

#[test]
fn a_convolution_is_linear_in_the_picture_and_in_the_kernel() {
    let mut rng = Rng::seed(2);
    let (x, other) = (normal([2, 4, 6, 5], &mut rng), normal([2, 4, 6, 5], &mut rng));
    let (weight, another) = (normal([6, 2, 3, 2], &mut rng), normal([6, 2, 3, 2], &mut rng));
    let options = Conv2dOptions { stride: [2, 1], padding: [1, 1], groups: 2, ..Default::default() };
    let convolved = |x: &Tensor, weight: &Tensor| conv_2d(x, weight, None, options);
    let sum = 2.0 * convolved(&x, &weight) - 3.0 * convolved(&other, &weight);
    assert_close(&convolved(&(2.0 * &x - 3.0 * &other), &weight), &sum, "picture");
    let sum = 2.0 * convolved(&x, &weight) - 3.0 * convolved(&x, &another);
    assert_close(&convolved(&x, &(2.0 * &weight - 3.0 * &another)), &sum, "kernel");
}

#[test]
fn a_shifted_picture_has_a_shifted_result() {
    let mut rng = Rng::seed(3);
    let (x, weight) = (normal([2, 3, 6, 7], &mut rng), normal([4, 3, 3, 2], &mut rng));
    let y = conv_2d(&x, &weight, None, Conv2dOptions::default());
    let shifted = conv_2d(&x.slice(2, 1..).slice(3, 2..), &weight, None, Conv2dOptions::default());
    assert_close(&shifted, &y.slice(2, 1..).slice(3, 2..), "shifted");
}

#[test]
fn groups_are_convolutions_side_by_side() {
    let mut rng = Rng::seed(4);
    let (x, weight, bias) = (normal([2, 6, 5, 5], &mut rng), normal([9, 2, 3, 3], &mut rng), normal([9], &mut rng));
    let whole = conv_2d(&x, &weight, Some(&bias), Conv2dOptions { groups: 3, ..Default::default() });
    let part = |group: usize| {
        let (inputs, outputs) = (2 * group..2 * group + 2, 3 * group..3 * group + 3);
        let bias = bias.slice(0, outputs.clone());
        conv_2d(&x.slice(1, inputs), &weight.slice(0, outputs), Some(&bias), Conv2dOptions::default())
    };
    assert_close(&whole, &Tensor::concatenate(&[part(0), part(1), part(2)], 1), "groups");
}

#[test]
#[should_panic(expected = "conv_2d: input [3, 8, 8] must be [batch, channels, height, width]")]
fn a_single_picture_is_no_batch() {
    let _ = conv_2d(&Tensor::zeros([3, 8, 8]), &Tensor::zeros([4, 3, 3, 3]), None, Conv2dOptions::default());
}

#[test]
#[should_panic(expected = "conv_2d: weight [4, 27] must be [outputs, inputs, height, width]")]
fn a_matrix_is_no_kernel() {
    let _ = conv_2d(&Tensor::zeros([1, 3, 8, 8]), &Tensor::zeros([4, 27]), None, Conv2dOptions::default());
}

#[test]
#[should_panic(
    expected = "conv_2d: input [1, 3, 8, 8] and weight [4, 2, 3, 3], groups 2: axis 1 of the input must be 4"
)]
fn channels_must_be_those_of_the_kernel() {
    let options = Conv2dOptions { groups: 2, ..Default::default() };
    let _ = conv_2d(&Tensor::zeros([1, 3, 8, 8]), &Tensor::zeros([4, 2, 3, 3]), None, options);
}

#[test]
#[should_panic(expected = "conv_2d: 3 groups do not divide 4 outputs")]
fn groups_must_divide_the_outputs() {
    let options = Conv2dOptions { groups: 3, ..Default::default() };
    let _ = conv_2d(&Tensor::zeros([1, 6, 8, 8]), &Tensor::zeros([4, 2, 3, 3]), None, options);
}

#[test]
#[should_panic(expected = "conv_2d: offset [1] must be [4]")]
fn a_bias_is_not_broadcast() {
    let bias = Tensor::zeros([1]).named("offset");
    let _ = conv_2d(&Tensor::zeros([1, 3, 8, 8]), &Tensor::zeros([4, 3, 3, 3]), Some(&bias), Conv2dOptions::default());
}

#[test]
#[should_panic(expected = "conv_2d: kernel [3, 3], stride [1, 0], dilation [1, 1], groups 1: none may be 0")]
fn a_stride_of_zero_goes_nowhere() {
    let options = Conv2dOptions { stride: [1, 0], ..Default::default() };
    let _ = conv_2d(&Tensor::zeros([1, 3, 8, 8]), &Tensor::zeros([4, 3, 3, 3]), None, options);
}

#[test]
#[should_panic(expected = "conv_2d: input [1, 3, 8, 2]: axis 3 has 4 entries with padding, and a window spans 5")]
fn a_picture_must_hold_a_window() {
    let options = Conv2dOptions { padding: [0, 1], dilation: [1, 2], ..Default::default() };
    let _ = conv_2d(&Tensor::zeros([1, 3, 8, 2]), &Tensor::zeros([4, 3, 3, 3]), None, options);
}
