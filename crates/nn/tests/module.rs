//! Names, modes and composition.

use std::sync::{Arc, Mutex};

use minimand_nn::{
    Activation, Conv2d, Dropout, Flatten, Function, Linear, MaxPool2d, Mlp, MlpOptions, Module, ParameterOptions,
    Parts, Sequential,
};
use minimand_tensor::{DType, Parameter, Rng, Tensor, eval};

fn names(model: &dyn Module) -> Vec<String> {
    model.named_parameters().into_iter().map(|(name, _)| name).collect()
}

/// A module as a user writes one: a parameter of its own, inner modules, one of them behind a trait object.
struct Gated {
    gate: Parameter,
    first: Linear,
    rest: Box<dyn Module>,
}

impl Module for Gated {
    fn forward(&self, input: &Tensor) -> Tensor {
        self.gate.value() * self.rest.forward(&self.first.forward(input))
    }
    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        parts.parameter("gate", &self.gate).module("first", &self.first).module("rest", &self.rest);
    }
}

fn gated(rng: &mut Rng) -> Gated {
    let rest = (Activation::Tanh, Dropout::new(0.5, rng), Linear::new(4, 2, rng));
    Gated { gate: Parameter::new("gate", Tensor::full([], 2.0)), first: Linear::new(3, 4, rng), rest: Box::new(rest) }
}

#[test]
fn a_module_of_ones_own_has_the_paths_of_all_its_parameters() {
    let model = Sequential::new().then(gated(&mut Rng::seed(1))).then(Linear::new(2, 1, &mut Rng::seed(2)));
    let expected =
        ["0.gate", "0.first.weight", "0.first.bias", "0.rest.2.weight", "0.rest.2.bias", "1.weight", "1.bias"];
    assert_eq!(names(&model), expected);
    assert_eq!(model.parameters().len(), 7);
    assert_eq!(model.forward(&Tensor::zeros([5, 3])).shape().sizes(), [5, 1]);
}

#[test]
fn the_parameters_of_an_mlp_are_called_alike_in_checkpoints_and_messages() {
    let model = Mlp::new([3, 5, 4, 2], Activation::Gelu, &mut Rng::seed(1));
    let expected = ["weight", "bias"].map(|part| (0..3).map(move |layer| format!("layers.{layer}.{part}")));
    let [weights, biases] = expected.map(Iterator::collect::<Vec<_>>);
    let interleaved: Vec<String> = weights.into_iter().zip(biases).flat_map(|(weight, bias)| [weight, bias]).collect();
    assert_eq!(names(&model), interleaved);
    for (path, parameter) in model.named_parameters() {
        assert_eq!(**parameter.name(), *path);
        assert_eq!(parameter.value().name().as_deref(), Some(&*path));
    }
}

#[test]
fn train_and_eval_reach_every_module_however_deep() {
    let model: Arc<dyn Module> =
        Arc::new(Sequential::new().then(Box::new((gated(&mut Rng::seed(1)), Activation::Identity))));
    let x = Tensor::normal([8, 3], &mut Rng::seed(3));
    let outputs = || [model.forward(&x), model.forward(&x)].map(|output| output.to_vec::<f32>());
    let differ = || outputs()[0] != outputs()[1];
    assert!(differ(), "modules start in training");
    model.eval();
    assert!(!differ());
    model.train();
    assert!(differ());
}

#[test]
fn tied_weights_are_one_parameter_and_different_ones_may_not_share_a_path() {
    let shared = Arc::new(Linear::new(3, 3, &mut Rng::seed(1)));
    let tied = (Arc::clone(&shared), Activation::Tanh, shared);
    assert_eq!(names(&tied), ["0.weight", "0.bias"]);

    struct Twice(Linear, Linear);
    impl Module for Twice {
        fn forward(&self, input: &Tensor) -> Tensor {
            self.1.forward(&self.0.forward(input))
        }
        fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
            parts.module("layer", &self.0).module("layer", &self.1);
        }
    }
    let mut rng = Rng::seed(1);
    let twice = Twice(Linear::new(3, 3, &mut rng), Linear::new(3, 3, &mut rng));
    let panic = std::panic::catch_unwind(|| twice.parameters()).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert_eq!(message, "named_parameters: two different parameters have the path layer.weight");
}

/// A weight in two places has the sum of both gradients, is moved once, and is stored once.
#[test]
fn tied_weights_are_trained_as_one() {
    let mut rng = Rng::seed(1);
    let (first, x) = (Linear::new(3, 3, &mut rng), Tensor::normal([5, 3], &mut rng));
    let (weight, bias) = (first.weight().value(), first.bias().unwrap().value());
    let last = Linear::from_parameters(first.weight().clone(), None);
    let model = (first, Activation::Tanh, last);
    let loss = || model.forward(&x).square().mean();
    let by_hand =
        |w: [&Tensor; 2]| (x.matmul(&w[0].transpose()) + &bias).tanh().matmul(&w[1].transpose()).square().mean();
    let apart = [weight.computed(), weight.computed()];
    let slopes = minimand_tensor::grad(&by_hand([&apart[0], &apart[1]]), &apart);
    let expected = (&weight - 0.5 * (&slopes[0] + &slopes[1])).to_vec::<f64>();
    let options = minimand_optim::SgdOptions { learning_rate: 0.5, ..Default::default() };
    minimand_optim::Optimizer::step(&mut minimand_optim::Sgd::new(model.parameters(), options), &loss()).unwrap();
    for layer in [&model.0, &model.2] {
        for (found, expected) in layer.weight().value().to_vec::<f64>().into_iter().zip(&expected) {
            approx::assert_relative_eq!(found, *expected, max_relative = 1e-5, epsilon = 1e-6);
        }
    }
    assert_eq!(minimand_nn::Checkpoint::of(&model).tensors().len(), 2);
    model.freeze("0.weight");
    assert!(model.2.weight().is_frozen());

    let copy = model.clone();
    assert_eq!(names(&copy), ["0.weight", "0.bias", "2.weight"], "a clone ties no weights");
    minimand_nn::Checkpoint::of(&model).restore(&model).unwrap();

    let message = |run: &dyn Fn() -> Linear| {
        *std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(run())))
            .unwrap_err()
            .downcast::<String>()
            .unwrap()
    };
    let parameter = |shape: &[usize]| Parameter::new("p", Tensor::zeros(shape));
    let flat = || Linear::from_parameters(parameter(&[3]), None);
    assert_eq!(message(&flat), "linear: a weight of f32[3] is not [outputs, inputs]");
    let wrong = || Linear::from_parameters(parameter(&[2, 3]), Some(parameter(&[3])));
    assert_eq!(message(&wrong), "linear: a bias of f32[3] does not go with a weight of f32[2, 3]");
}

#[test]
fn modules_in_sequence_a_tuple_and_calls_by_hand_agree() {
    let linear = |seed| Linear::new(4, 4, &mut Rng::seed(seed));
    let x = Tensor::normal([6, 4], &mut Rng::seed(9));
    let by_hand = linear(2).forward(&linear(1).forward(&x).silu().sin()).to_vec::<f32>();
    let tuple = (linear(1), Activation::Silu, Function(Tensor::sin), linear(2));
    let sequence = Sequential::new().then(linear(1)).then(Activation::Silu).then(Function(Tensor::sin)).then(linear(2));
    assert_eq!(sequence.len(), 4);
    let boxed: Sequential = [Box::new(linear(1)) as Box<dyn Module>, Box::new(Activation::Silu)].into_iter().collect();
    let boxed = (boxed, Function(|x: &Tensor| x.sin()), linear(2));
    assert_eq!(tuple.forward(&x).to_vec::<f32>(), by_hand);
    assert_eq!(sequence.forward(&x).to_vec::<f32>(), by_hand);
    assert_eq!(boxed.forward(&x).to_vec::<f32>(), by_hand);
    assert_eq!(Sequential::new().forward(&x).to_vec::<f32>(), x.to_vec::<f32>());
}

#[test]
fn leading_axes_are_rows_and_a_single_row_needs_none() {
    let layer = Linear::new(3, 2, &mut Rng::seed(1));
    let x = Tensor::normal([4, 5, 3], &mut Rng::seed(2));
    let all = layer.forward(&x);
    assert_eq!(all.shape().sizes(), [4, 5, 2]);
    let flat = layer.forward(&x.reshape([20, 3]));
    assert_eq!(all.to_vec::<f32>(), flat.to_vec::<f32>());
    assert_eq!(layer.forward(&x.at(0, 0).at(0, 0)).to_vec::<f32>(), flat.at(0, 0).to_vec::<f32>());
    assert_eq!(layer.forward(&Tensor::zeros([0, 5, 3])).shape().sizes(), [0, 5, 2]);
}

#[test]
fn a_wrong_input_is_named_with_the_layer_at_the_users_line() {
    let model = Mlp::new([3, 5, 1], Activation::Relu, &mut Rng::seed(1));
    let x = Tensor::zeros([32, 4]);
    static LAST: Mutex<(String, Option<(String, u32)>)> = Mutex::new((String::new(), None));
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.payload_as_str().unwrap_or_default().to_owned();
        // Other tests panic at the same time.
        if text.starts_with("linear: input") {
            *LAST.lock().unwrap() = (text, panic.location().map(|at| (at.file().to_owned(), at.line())));
        }
    }));
    let line = line!() + 1;
    let outcome = std::panic::catch_unwind(|| model.forward(&x));
    let _ = std::panic::take_hook();
    assert!(outcome.is_err());
    let (text, location) = LAST.lock().unwrap().clone();
    assert_eq!(text, "linear: input [32, 4] and layers.0.weight [5, 3]: axis -1 of the input must be 3");
    let (file, at) = location.unwrap();
    assert!(file.ends_with("tests/module.rs") && at == line, "{file}:{at}");
}

#[test]
fn an_f64_model_is_its_f32_twin_unrounded() {
    let options = |dtype| MlpOptions {
        activation: Activation::Tanh,
        parameters: ParameterOptions { dtype, ..Default::default() },
        ..Default::default()
    };
    let model = |dtype| Mlp::with_options([3, 5, 1], options(dtype), &mut Rng::seed(5));
    let (single, double) = (model(DType::F32), model(DType::F64));
    for (a, b) in single.parameters().iter().zip(double.parameters()) {
        assert_eq!((a.value().dtype(), b.value().dtype()), (DType::F32, DType::F64));
        assert_eq!(a.value().to_vec::<f32>(), b.value().to_vec::<f32>());
        assert_ne!(a.value().to_vec::<f64>(), b.value().to_vec::<f64>());
    }
    assert_eq!(double.forward(&Tensor::from([[1.0, 2.0, 3.0]])).dtype(), DType::F64);
    assert_eq!(single.forward(&Tensor::zeros([1, 3])).dtype(), DType::F32);
}

#[test]
fn the_same_seed_gives_the_same_bits_and_a_layer_can_do_without_bias() {
    let parameters = |seed, bias| {
        let options = ParameterOptions { bias, name: "hidden".into(), ..ParameterOptions::default() };
        let layer = Linear::with_options(7, 3, options, &mut Rng::seed(seed));
        assert_eq!((layer.inputs(), layer.outputs(), layer.bias().is_some()), (7, 3, bias));
        assert_eq!(&**layer.weight().name(), "hidden.weight");
        layer.parameters().iter().map(|parameter| parameter.value().to_vec::<f32>()).collect::<Vec<_>>()
    };
    assert_eq!(parameters(1, true), parameters(1, true));
    assert_ne!(parameters(1, true), parameters(2, true));
    assert_eq!(parameters(1, true)[..1], parameters(1, false)[..]);
}

#[test]
#[should_panic(expected = "linear: a layer from 0 inputs to 3 outputs")]
fn a_layer_without_inputs_is_refused() {
    let _ = Linear::new(0, 3, &mut Rng::seed(1));
}

#[test]
#[should_panic(expected = "mlp: the sizes [3] must name the inputs and the outputs")]
fn one_size_makes_no_model() {
    let _ = Mlp::new([3], Activation::Relu, &mut Rng::seed(1));
}

/// A model is trained on one thread and read on another.
#[test]
fn a_model_can_be_shared_between_threads() {
    let model: Arc<dyn Module> = Arc::new(Mlp::new([3, 5, 1], Activation::Gelu, &mut Rng::seed(1)));
    let x = Tensor::ones([2, 3]);
    let expected = model.forward(&x).to_vec::<f32>();
    let other = Arc::clone(&model);
    let found = std::thread::spawn(move || other.forward(&Tensor::ones([2, 3])).to_vec::<f32>()).join().unwrap();
    assert_eq!(found, expected);
    let output = model.forward(&x);
    eval([&output]);
}

/// Optimizer, messages and explanations call a parameter by its path, so another layer in front renames nothing behind a name.
#[test]
fn a_parameter_goes_by_its_path_in_the_model() {
    struct Encoder {
        body: Sequential,
        head: Linear,
    }
    impl Module for Encoder {
        fn forward(&self, input: &Tensor) -> Tensor {
            self.head.forward(&self.body.forward(input))
        }
        fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
            parts.module("body", &self.body).module("head", &self.head);
        }
    }
    let mut rng = Rng::seed(1);
    let body = Sequential::new().then(Linear::new(3, 4, &mut rng)).then(Linear::new(4, 4, &mut rng));
    let model = Encoder { body, head: Linear::new(4, 2, &mut rng) };
    let parameters = model.parameters();
    let expected = ["body.0.weight", "body.0.bias", "body.1.weight", "body.1.bias", "head.weight", "head.bias"];
    assert_eq!(parameters.iter().map(|parameter| parameter.name().to_string()).collect::<Vec<_>>(), expected);
    let text = model.forward(&Tensor::ones([1, 3])).explain();
    for name in expected {
        assert!(text.contains(&format!("\"{name}\"")), "{name} is missing in {text}");
    }
    // A new value keeps the name, whichever handle sets it.
    model.head.weight().set(Tensor::zeros([2, 4]));
    assert_eq!(model.head.weight().value().name().as_deref(), Some("head.weight"));
    parameters[5].set(Tensor::ones([2]));
    assert_eq!(model.head.bias().unwrap().value().name().as_deref(), Some("head.bias"));
    let message = panic_message(|| model.head.forward(&Tensor::ones([1, 3])));
    assert_eq!(message, "linear: input [1, 3] and head.weight [2, 4]: axis -1 of the input must be 4");
}

fn panic_message<R>(work: impl FnOnce() -> R) -> String {
    let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).err().expect("it panics");
    payload.downcast_ref::<String>().expect("a text").clone()
}

/// Training the clone leaves the original as it was, and the other way round; modes and generators are their own too.
#[test]
fn a_clone_is_independent() {
    let mut rng = Rng::seed(1);
    let sequential = Sequential::new()
        .then(Conv2d::new(1, 2, [2, 2], &mut rng))
        .then(Activation::Tanh)
        .then(MaxPool2d::new([2, 2]))
        .then(Flatten)
        .then((Linear::new(8, 4, &mut rng), Function(Tensor::sin)))
        .then(Dropout::new(0.5, &mut rng))
        .then(Mlp::new([4, 3, 1], Activation::Gelu, &mut rng));
    let mlp = Mlp::new([25, 4, 1], Activation::Gelu, &mut rng);
    let models: [[Box<dyn Module>; 2]; 2] = [
        [Box::new(sequential.clone()), Box::new(sequential)],
        [Box::new((Flatten, mlp.clone())), Box::new((Flatten, mlp))],
    ];
    let x = Tensor::normal([3, 1, 5, 5], &mut rng);
    for [copy, original] in models {
        assert_eq!(names(&copy), names(&original));
        // The same masks from here on.
        assert_eq!(copy.forward(&x).to_vec::<f32>(), original.forward(&x).to_vec::<f32>());
        copy.eval();
        original.eval();
        let before = original.forward(&x).to_vec::<f32>();
        for parameter in copy.parameters() {
            parameter.set(parameter.value() + 1.0);
        }
        assert_eq!(original.forward(&x).to_vec::<f32>(), before);
        assert_ne!(copy.forward(&x).to_vec::<f32>(), before);
        let again = copy.clone();
        for parameter in original.parameters() {
            parameter.set(Tensor::zeros(parameter.value().shape()));
        }
        assert_eq!(again.forward(&x).to_vec::<f32>(), copy.forward(&x).to_vec::<f32>());
    }
}

#[test]
fn a_module_that_does_not_say_how_it_is_copied_is_not() {
    let model = Sequential::new().then(gated(&mut Rng::seed(1)));
    let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| model.clone())).err().unwrap();
    let message =
        payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref::<&str>().copied());
    assert!(message.unwrap().contains("Module::clone_boxed"), "{message:?}");
}

#[test]
fn a_named_perceptron_writes_its_name_before_its_layers() {
    let parameters = ParameterOptions { name: "encoder".into(), bias: false, ..Default::default() };
    let model = Mlp::with_options([2, 3, 1], MlpOptions { parameters, ..Default::default() }, &mut Rng::seed(1));
    assert_eq!(&**model.layers()[1].weight().name(), "encoder.layers.1.weight");
    assert!(model.layers().iter().all(|layer| layer.bias().is_none()));
}
