//! `conv_1d`, `conv_transpose_1d` and `conv_transpose_2d`, and their layers.

use approx::assert_relative_eq;
use minimand_nn::{
    Conv1d, Conv1dOptions, Conv2dOptions, ConvTranspose1d, ConvTranspose1dOptions, ConvTranspose2d,
    ConvTranspose2dOptions, Module, ParameterOptions, conv_1d, conv_2d, conv_transpose_1d, conv_transpose_2d,
};
use minimand_tensor::{DType, Rng, Shape, Tensor};
use proptest::prelude::*;
use serde_json::Value;

use crate::{assert_close, cases, compare, compare_layer, count, normal, pair};

fn parameters(case: &Value) -> ParameterOptions {
    let bias = case["inputs"].as_array().unwrap().len() == 3;
    ParameterOptions { bias, dtype: DType::F64, ..Default::default() }
}

fn kernel(case: &Value) -> Vec<usize> {
    case["inputs"][1]["shape"].as_array().unwrap().iter().map(count).collect()
}

#[test]
fn values_and_derivatives_are_those_of_pytorch() {
    let rng = &mut Rng::seed(1);
    for case in cases("transposed.json", "conv_1d", 5) {
        let number = |name: &str| count(&case["options"][name]);
        let options = Conv1dOptions {
            stride: number("stride"),
            padding: number("padding"),
            dilation: number("dilation"),
            groups: number("groups"),
        };
        compare(&case, |x| conv_1d(&x[0], &x[1], x.get(2), options));
        let [outputs, inputs, side] = kernel(&case)[..] else { panic!("three axes") };
        let inputs = inputs * options.groups;
        compare_layer(&case, &Conv1d::with_parameters(inputs, outputs, side, options, parameters(&case), rng));
    }
    for case in cases("transposed.json", "conv_transpose_1d", 4) {
        let number = |name: &str| count(&case["options"][name]);
        let options = ConvTranspose1dOptions {
            stride: number("stride"),
            padding: number("padding"),
            output_padding: number("output_padding"),
            dilation: number("dilation"),
            groups: number("groups"),
        };
        compare(&case, |x| conv_transpose_1d(&x[0], &x[1], x.get(2), options));
        let [inputs, outputs, side] = kernel(&case)[..] else { panic!("three axes") };
        let outputs = outputs * options.groups;
        compare_layer(&case, &ConvTranspose1d::with_parameters(inputs, outputs, side, options, parameters(&case), rng));
    }
    for case in cases("transposed.json", "conv_transpose_2d", 4) {
        let both = |name: &str| pair(&case["options"][name]);
        let options = ConvTranspose2dOptions {
            stride: both("stride"),
            padding: both("padding"),
            output_padding: both("output_padding"),
            dilation: both("dilation"),
            groups: count(&case["options"]["groups"]),
        };
        compare(&case, |x| conv_transpose_2d(&x[0], &x[1], x.get(2), options));
        let [inputs, outputs, height, width] = kernel(&case)[..] else { panic!("four axes") };
        let layer = ConvTranspose2d::with_parameters(
            inputs,
            outputs * options.groups,
            [height, width],
            options,
            parameters(&case),
            rng,
        );
        compare_layer(&case, &layer);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The two are adjoint: ⟨conv(x), y⟩ = ⟨x, conv_transpose(y)⟩.
    #[test]
    fn the_transposed_convolution_is_the_adjoint(
        seed in 0u64..1000,
        batch in 1usize..3,
        groups in 1usize..4,
        channels in (1usize..3, 1usize..3),
        kernel in [1usize..4, 1usize..4],
        stride in [1usize..4, 1usize..4],
        padding in [0usize..3, 0usize..3],
        dilation in [1usize..4, 1usize..4],
        beyond in [0usize..5, 0usize..5],
    ) {
        let mut rng = Rng::seed(seed);
        let span = |axis: usize| dilation[axis] * (kernel[axis] - 1) + 1;
        let side = |axis: usize| (span(axis) + beyond[axis]).saturating_sub(2 * padding[axis]).max(1);
        let x = normal([batch, groups * channels.0, side(0), side(1)], &mut rng);
        let weight = normal([groups * channels.1, channels.0, kernel[0], kernel[1]], &mut rng);
        let options = Conv2dOptions { stride, padding, dilation, groups };
        let image = conv_2d(&x, &weight, None, options);
        let y = normal(image.shape(), &mut rng);
        let output_padding = [0, 1].map(|axis| (side(axis) + 2 * padding[axis] - span(axis)) % stride[axis]);
        let transposed = ConvTranspose2dOptions { stride, padding, output_padding, dilation, groups };
        let back = conv_transpose_2d(&y, &weight, None, transposed);
        prop_assert_eq!(back.shape(), x.shape());
        assert_relative_eq!((image * y).sum().item(), (back * x).sum().item(), max_relative = 1e-10, epsilon = 1e-10);
    }

    /// A row is a picture one pixel high.
    #[test]
    fn rows_are_flat_pictures(
        seed in 0u64..1000,
        groups in 1usize..3,
        side in 1usize..4,
        stride in 1usize..4,
        padding in 0usize..3,
        dilation in 1usize..3,
    ) {
        let mut rng = Rng::seed(seed);
        let (x, weight) = (normal([2, 2 * groups, 9], &mut rng), normal([3 * groups, 2, side], &mut rng));
        let bias = normal([3 * groups], &mut rng);
        let flat = |x: &Tensor| x.unsqueeze(2);
        let pairs = Conv2dOptions { stride: [1, stride], padding: [0, padding], dilation: [1, dilation], groups };
        let expected = conv_2d(&flat(&x), &flat(&weight), Some(&bias), pairs).squeeze(2);
        let found = conv_1d(&x, &weight, Some(&bias), Conv1dOptions { stride, padding, dilation, groups });
        assert_close(&found, &expected, "conv_1d");
        let weight = normal([2 * groups, 3, side], &mut rng);
        let options = ConvTranspose1dOptions { stride, padding, output_padding: 0, dilation, groups };
        let pairs = ConvTranspose2dOptions { stride: [1, stride], padding: [0, padding], dilation: [1, dilation], groups, ..Default::default() };
        let expected = conv_transpose_2d(&flat(&x), &flat(&weight), Some(&bias), pairs).squeeze(2);
        assert_close(&conv_transpose_1d(&x, &weight, Some(&bias), options), &expected, "conv_transpose_1d");
    }
}

#[test]
fn the_layers_start_as_pytorchs_and_copy() {
    let options = ConvTranspose2dOptions { groups: 2, ..Default::default() };
    let layer = ConvTranspose2d::with_options(2000, 8, [5, 5], options, &mut Rng::seed(17));
    assert_eq!((layer.inputs(), layer.outputs(), layer.options()), (2000, 8, options));
    assert_eq!(layer.weight().value().shape().sizes(), [2000, 4, 5, 5]);
    // ±1/√(8 / 2 · 5 · 5)
    let greatest = layer.weight().value().abs().max().item();
    assert!(greatest <= 0.1 + 1e-8 && greatest > 0.0999, "{greatest}");
    let bias = layer.bias().unwrap().value();
    assert!(*bias.shape() == [8] && bias.abs().max().item() <= 0.1 + 1e-8, "{bias}");
    let copy = layer.clone();
    copy.weight().set(copy.weight().value().zeros_like());
    assert!(layer.weight().value().abs().max().item() > 0.0);
    let names: Vec<String> = layer.named_parameters().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["weight", "bias"]);
    assert_eq!(Conv1d::new(2, 3, 4, &mut Rng::seed(1)).weight().value().shape().sizes(), [3, 2, 4]);
}

#[test]
fn an_empty_batch_has_an_empty_result() {
    let (x, weight) = (Tensor::zeros([0, 2, 3, 3]), Tensor::zeros([2, 4, 2, 2]));
    let y = conv_transpose_2d(&x, &weight, None, ConvTranspose2dOptions::default());
    assert_eq!(*y.shape(), [0, 4, 4, 4]);
}

#[test]
#[should_panic(expected = "conv_transpose_1d: output padding [2] must be less than stride [2] or dilation [1]")]
fn output_padding_is_less_than_a_step() {
    let options = ConvTranspose1dOptions { stride: 2, output_padding: 2, ..Default::default() };
    let _ = conv_transpose_1d(&Tensor::zeros([1, 1, 3]), &Tensor::zeros([1, 1, 3]), None, options);
}

#[test]
#[should_panic(
    expected = "conv_transpose_1d: input [1, 1, 1]: axis 2 of the result has 3 entries, and padding takes 4 off"
)]
fn something_is_left_of_the_result() {
    let options = ConvTranspose1dOptions { padding: 2, ..Default::default() };
    let _ = conv_transpose_1d(&Tensor::zeros([1, 1, 1]), &Tensor::zeros([1, 1, 3]), None, options);
}

#[test]
#[should_panic(
    expected = "conv_transpose_2d: input [1, 3, 2, 2] and weight [4, 2, 3, 3], groups 2: axis 1 of the input must be 4"
)]
fn channels_must_be_those_of_the_kernel() {
    let options = ConvTranspose2dOptions { groups: 2, ..Default::default() };
    let _ = conv_transpose_2d(&Tensor::zeros([1, 3, 2, 2]), &Tensor::zeros([4, 2, 3, 3]), None, options);
}

#[test]
#[should_panic(expected = "conv_transpose_2d: 2 groups do not divide 3 inputs")]
fn groups_must_divide_the_inputs() {
    let options = ConvTranspose2dOptions { groups: 2, ..Default::default() };
    let _ = ConvTranspose2d::with_options(3, 4, [3, 3], options, &mut Rng::seed(1));
}

#[test]
#[should_panic(expected = "conv_1d: input [3, 8] must be [batch, channels, length]")]
fn a_single_row_is_no_batch() {
    let _ = conv_1d(&Tensor::zeros([3, 8]), &Tensor::zeros([4, 3, 3]), None, Conv1dOptions::default());
}

#[test]
#[should_panic(expected = "too many to be counted")]
fn lengths_do_not_wrap_around() {
    let options = ConvTranspose1dOptions { stride: usize::MAX, ..Default::default() };
    let _ = conv_transpose_1d(&Tensor::zeros([1, 1, 3]), &Tensor::zeros([1, 1, 3]), None, options);
}

#[test]
#[should_panic(expected = "can be addressed")]
fn a_result_beyond_the_memory_is_refused() {
    let options = ConvTranspose1dOptions { stride: 1 << 60, ..Default::default() };
    let _ = conv_transpose_1d(&Tensor::zeros([1, 1, 3]), &Tensor::zeros([1, 1, 3]), None, options);
}

/// The same layout as of PyTorch: two channels to three, in two groups of unequal meaning.
#[test]
fn shapes_are_those_of_the_documentation() {
    let options = ConvTranspose1dOptions { stride: 3, padding: 1, output_padding: 2, dilation: 2, groups: 2 };
    let y = conv_transpose_1d(&Tensor::zeros([2, 4, 5]), &Tensor::zeros([4, 3, 4]), None, options);
    assert_eq!(*y.shape(), Shape::from([2, 6, (5 - 1) * 3 - 2 + 2 * (4 - 1) + 2 + 1]));
}
