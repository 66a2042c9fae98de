//! `Conv2d`, `MaxPool2d`, `AvgPool2d` and `Flatten` as modules.

use approx::{abs_diff_eq, assert_abs_diff_eq};
use minimand_nn::{
    Activation, AdaptiveAvgPool2d, AdaptiveMaxPool2d, AvgPool2d, BatchNorm, Checkpoint, Conv2d, Conv2dOptions,
    ConvTranspose2d, Flatten, GroupNorm, Initializer, LayerNorm, Linear, MaxPool2d, Module, ParameterOptions,
    PixelShuffle, Pool2dOptions, RmsNorm, Sequential, Upsample, UpsampleMode, avg_pool_2d, conv_2d, max_pool_2d,
    pad_circular, pad_reflect, pad_replicate,
};
use minimand_tensor::{DType, Rng, Tensor};

use crate::{assert_close, normal, panic_of};

#[test]
fn the_layers_are_the_functions() {
    let mut rng = Rng::seed(1);
    let options = Conv2dOptions { stride: [2, 1], padding: [0, 1], dilation: [1, 2], groups: 2 };
    let parameters = ParameterOptions { dtype: DType::F64, name: "stem".into(), ..Default::default() };
    let layer = Conv2d::with_parameters(4, 6, [3, 2], options, parameters, &mut rng);
    assert_eq!((layer.inputs(), layer.outputs(), layer.options()), (4, 6, options));
    assert_eq!(layer.weight().value().shape().sizes(), [6, 2, 3, 2]);
    let names = [layer.weight(), layer.bias().unwrap()].map(|parameter| parameter.name().to_string());
    assert_eq!(names, ["stem.weight", "stem.bias"]);

    let x = normal([2, 4, 7, 6], &mut rng);
    let (weight, bias) = (layer.weight().value(), layer.bias().unwrap().value());
    assert_close(&layer.forward(&x), &conv_2d(&x, &weight, Some(&bias), options), "convolution");
    let (kernel, options) = ([3, 2], Pool2dOptions { stride: Some([2, 2]), padding: [1, 0] });
    assert_close(&MaxPool2d::with_options(kernel, options).forward(&x), &max_pool_2d(&x, kernel, options), "maximum");
    assert_close(&AvgPool2d::with_options(kernel, options).forward(&x), &avg_pool_2d(&x, kernel, options), "average");
    let plain = avg_pool_2d(&x, kernel, Pool2dOptions::default());
    assert_close(&AvgPool2d::new(kernel).forward(&x), &plain, "average by kernel");
    assert_eq!(MaxPool2d::new(kernel), MaxPool2d::with_options(kernel, Pool2dOptions::default()));
    let flat = Flatten.forward(&x);
    assert_eq!((flat.shape().sizes(), flat.to_vec::<f64>()), ([2, 168].as_slice(), x.to_vec::<f64>()));
    assert_eq!(Flatten.forward(&Tensor::zeros([0, 4, 7])).shape().sizes(), [0, 28]);
    assert_eq!(Flatten.forward(&Tensor::zeros([3, 4])).shape().sizes(), [3, 4]);
}

#[test]
fn a_convolution_starts_as_pytorchs() {
    let options = Conv2dOptions { groups: 2, ..Default::default() };
    let layer = Conv2d::with_options(8, 2000, [5, 5], options, &mut Rng::seed(17));
    // ±1/√(8 / 2 · 5 · 5)
    for (parameter, tolerance) in [(layer.weight(), 0.01), (layer.bias().unwrap(), 0.1)] {
        let values = parameter.value();
        let (greatest, variance) = (values.abs().max().item(), values.square().mean().item());
        assert!(greatest <= 0.1 + 1e-8 && greatest > 0.0999, "{}: {greatest}", parameter.name());
        let expected = 0.01 / 3.0;
        assert!(abs_diff_eq!(variance, expected, epsilon = tolerance * expected), "{}: {variance}", parameter.name());
    }
}

#[test]
fn weight_and_bias_are_drawn_as_chosen_and_the_bias_can_be_left_out() {
    let layer =
        |parameters| Conv2d::with_parameters(3, 4, [2, 2], Conv2dOptions::default(), parameters, &mut Rng::seed(1));
    let chosen = layer(ParameterOptions {
        weight_initializer: Initializer::Constant(0.5),
        bias_initializer: Initializer::Constant(-1.0),
        dtype: DType::F64,
        ..Default::default()
    });
    assert_eq!(chosen.weight().value().to_vec::<f64>(), [0.5; 48]);
    assert_eq!(chosen.bias().unwrap().value().to_vec::<f64>(), [-1.0; 4]);
    assert_eq!(chosen.weight().value().dtype(), DType::F64);

    let (with, without) =
        (layer(ParameterOptions::default()), layer(ParameterOptions { bias: false, ..Default::default() }));
    assert_eq!(with.weight().value().to_vec::<f32>(), without.weight().value().to_vec::<f32>());
    assert_eq!((with.parameters().len(), without.parameters().len()), (2, 1));
    let x = Tensor::normal([1, 3, 4, 4], &mut Rng::seed(2));
    let added = without.forward(&x) + with.bias().unwrap().value().reshape([4, 1, 1]);
    assert_abs_diff_eq!(with.forward(&x).to_vec::<f32>()[..], added.to_vec::<f32>()[..], epsilon = 1e-6);
    assert_eq!(with.forward(&x).dtype(), DType::F32);
}

fn model(seed: u64) -> Sequential {
    let mut rng = Rng::seed(seed);
    Sequential::new()
        .then(Conv2d::new(1, 4, [3, 3], &mut rng))
        .then(Activation::Relu)
        .then(AvgPool2d::new([2, 2]))
        .then(Conv2d::with_options(4, 4, [3, 3], Conv2dOptions { groups: 4, ..Default::default() }, &mut rng))
        .then(MaxPool2d::new([3, 3]))
        .then(Flatten)
        .then(Linear::new(4, 2, &mut rng))
}

#[test]
fn a_checkpoint_holds_the_layers_by_their_names() {
    let (model, other) = (model(1), model(2));
    let names: Vec<String> = model.named_parameters().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["0.weight", "0.bias", "3.weight", "3.bias", "6.weight", "6.bias"]);
    let x = Tensor::normal([2, 1, 12, 12], &mut Rng::seed(3));
    assert_ne!(model.forward(&x).to_vec::<f32>(), other.forward(&x).to_vec::<f32>());
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.safetensors");
    Checkpoint::of(&model).save(&path).unwrap();
    Checkpoint::load(&path).unwrap().restore(&other).unwrap();
    assert_eq!(model.forward(&x).to_vec::<f32>(), other.forward(&x).to_vec::<f32>());
}

#[test]
fn a_wrong_input_is_named_with_the_layer_at_the_users_line() {
    let parameters = ParameterOptions { name: "stem".into(), ..Default::default() };
    let layer = Conv2d::with_parameters(3, 4, [3, 3], Conv2dOptions::default(), parameters, &mut Rng::seed(1));
    let model = Sequential::new().then(layer);
    let model = std::panic::AssertUnwindSafe(model);
    let x = Tensor::zeros([1, 1, 8, 8]);
    let line = line!() + 1;
    let (text, file, at) = panic_of("conv_2d: input [1, 1, 8, 8]", || drop(model.forward(&x)));
    assert_eq!(
        text,
        "conv_2d: input [1, 1, 8, 8] and stem.weight [4, 3, 3, 3], groups 1: axis 1 of the input must be 3"
    );
    assert!(file.ends_with("pictures/layers.rs") && at == line, "{file}:{at}");

    let line = line!() + 1;
    let (_, file, at) = panic_of("max_pool_2d: input [1, 1, 8, 8]", || drop(MaxPool2d::new([9, 2]).forward(&x)));
    assert!(file.ends_with("pictures/layers.rs") && at == line, "{file}:{at}");
}

/// Whatever is built for a layer's output is said to be made at the line that called the layer.
#[test]
fn the_nodes_of_a_layer_are_of_the_users_line() {
    let rng = &mut Rng::seed(1);
    let layers: Vec<Box<dyn Module>> = vec![
        Box::new(Conv2d::with_options(
            4,
            4,
            [3, 3],
            Conv2dOptions { padding: [1, 1], groups: 2, ..Default::default() },
            rng,
        )),
        Box::new(ConvTranspose2d::new(4, 3, [3, 3], rng)),
        Box::new(MaxPool2d::new([2, 2])),
        Box::new(MaxPool2d::with_options([3, 3], Pool2dOptions { stride: None, padding: [1, 1] })),
        Box::new(AvgPool2d::with_options([3, 3], Pool2dOptions { stride: Some([1, 1]), padding: [0, 1] })),
        Box::new(AdaptiveMaxPool2d::new([3, 3])),
        Box::new(AdaptiveAvgPool2d::new([3, 4])),
        Box::new(BatchNorm::new(4)),
        Box::new(LayerNorm::new([8])),
        Box::new(RmsNorm::new([8])),
        Box::new(GroupNorm::new(2, 4)),
        Box::new(Upsample::to([5, 7], UpsampleMode::Nearest)),
        Box::new(Upsample::to([5, 7], UpsampleMode::Bilinear { align_corners: true })),
        Box::new(PixelShuffle::new(2)),
        Box::new(Flatten),
    ];
    let x = Tensor::zeros([2, 4, 8, 8]);
    for (number, layer) in layers.iter().enumerate() {
        for training in [true, false] {
            if !training {
                layer.eval();
            }
            let line = line!() + 1;
            let output = layer.forward(&x);
            let mut pending = vec![output];
            while let Some(node) = pending.pop() {
                let at = node.location();
                let is_leaf = node.inputs().is_empty();
                assert!(is_leaf || (at.file(), at.line()) == (file!(), line), "layer {number}: {node:?} at {at}");
                pending.extend(node.inputs().iter().filter(|input| input.id() != x.id()).cloned());
            }
        }
    }
    let line = line!() + 1;
    let padded = pad_replicate(&pad_circular(&pad_reflect(&x, 2, 1, 2), 3, 0, 1), -1, 2, 0);
    assert_eq!((padded.location().file(), padded.location().line()), (file!(), line));
}

#[test]
#[should_panic(expected = "conv_2d: a layer from 0 inputs to 3 outputs")]
fn a_layer_without_inputs_is_refused() {
    let _ = Conv2d::new(0, 3, [3, 3], &mut Rng::seed(1));
}

#[test]
#[should_panic(expected = "conv_2d: kernel [3, 0], stride [1, 1], dilation [1, 1], groups 1: none may be 0")]
fn a_layer_without_a_kernel_is_refused() {
    let _ = Conv2d::new(3, 3, [3, 0], &mut Rng::seed(1));
}

#[test]
#[should_panic(expected = "conv_2d: 2 groups do not divide 3 inputs")]
fn groups_must_divide_the_inputs() {
    let options = Conv2dOptions { groups: 2, ..Default::default() };
    let _ = Conv2d::with_options(3, 4, [3, 3], options, &mut Rng::seed(1));
}

#[test]
#[should_panic(expected = "max_pool_2d: kernel [0, 2], stride [0, 2]: none may be 0")]
fn a_pool_is_refused_where_it_is_made() {
    let _ = MaxPool2d::new([0, 2]);
}

#[test]
#[should_panic(expected = "avg_pool_2d: padding [2, 0] is more than half of the kernel [3, 3]")]
fn too_much_padding_is_refused_where_the_pool_is_made() {
    let _ = AvgPool2d::with_options([3, 3], Pool2dOptions { padding: [2, 0], ..Default::default() });
}

#[test]
#[should_panic(expected = "flatten: input [3] must be [batch, …]")]
fn a_vector_has_nothing_to_flatten() {
    let _ = Flatten.forward(&Tensor::zeros([3]));
}

fn picture() -> Tensor {
    Tensor::zeros([1, 1, 4, 4])
}

#[test]
#[should_panic(expected = "axis 2 has 18446744073709551620 entries with padding")]
fn padding_of_half_the_range_is_not_nothing() {
    let weight = Tensor::ones([1, 1, 3, 3]);
    let (padding, dilation) = ([1 << 63, 0], [(1 << 63) + 2, 1]);
    conv_2d(&picture(), &weight, None, Conv2dOptions { padding, dilation, ..Default::default() });
}

#[test]
#[should_panic(expected = "and a window spans 18446744073709551617")]
fn dilation_of_half_the_range_is_not_nothing() {
    let weight = Tensor::ones([1, 1, 3, 3]);
    conv_2d(&picture(), &weight, None, Conv2dOptions { dilation: [1 << 63, 1], ..Default::default() });
}

#[test]
#[should_panic(expected = "can be addressed")]
fn padding_beyond_the_memory_is_refused() {
    let weight = Tensor::ones([1, 1, 3, 3]);
    conv_2d(&picture(), &weight, None, Conv2dOptions { padding: [1 << 62, 1], ..Default::default() });
}

#[test]
#[should_panic(expected = "groups 9223372036854775809: axis 1 of the input must be 18446744073709551618")]
fn groups_do_not_wrap_around() {
    let weight = Tensor::ones([0, 2, 1, 1]);
    conv_2d(&picture(), &weight, None, Conv2dOptions { groups: (1 << 63) + 1, ..Default::default() });
}

#[test]
#[should_panic(expected = "max_pool_2d: padding [9223372036854775808, 0] is more than half of the kernel [2, 2]")]
fn pooling_by_half_the_range_is_refused() {
    max_pool_2d(&picture(), [2, 2], Pool2dOptions { padding: [1 << 63, 0], ..Default::default() });
}

#[test]
#[should_panic(expected = "and a window spans 18446744073709551615")]
fn windows_of_the_whole_range_are_refused() {
    let kernel = [usize::MAX, 1];
    avg_pool_2d(&picture(), kernel, Pool2dOptions { padding: [0, 0], stride: Some(kernel) });
}

#[test]
#[should_panic(expected = "max_pool_2d: input [1, 1, 0, 4]: there is no greatest entry of nothing but padding")]
fn nothing_but_padding_has_no_greatest() {
    max_pool_2d(&Tensor::zeros([1, 1, 0, 4]), [2, 2], Pool2dOptions { padding: [1, 0], ..Default::default() });
}

#[test]
#[should_panic(expected = "holds more than")]
fn a_layer_beyond_the_memory_is_refused() {
    Conv2d::new(1 << 40, 1 << 20, [1 << 10, 3], &mut Rng::seed(0));
}
