//! Files that PyTorch has written, and checkpoints that fit a model only in part.

use approx::assert_relative_eq;
use minimand_nn::{Activation, Checkpoint, CheckpointError, Linear, Misfit, Module, Parts, Restored, Sequential};
use minimand_tensor::{DType, Parameter, Rng, Tensor};
use serde_json::Value;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

fn load(name: &str) -> Checkpoint {
    Checkpoint::load(format!("{FIXTURES}/{name}.safetensors")).unwrap()
}

fn recorded() -> Value {
    serde_json::from_str(include_str!("fixtures/foreign.json")).unwrap()
}

fn shape(value: &Value) -> Vec<usize> {
    value["shape"].as_array().unwrap().iter().map(|size| size.as_u64().unwrap() as usize).collect()
}

fn texts(value: &Value) -> Vec<&str> {
    value["values"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

fn floats(value: &Value) -> Vec<f64> {
    texts(value).into_iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn every_element_type_of_pytorch_is_read_exactly() {
    let (file, recorded) = (load("torch_kinds"), recorded());
    let expected = recorded["kinds"].as_object().unwrap();
    assert_eq!(file.tensors().len(), expected.len());
    for (name, tensor) in file.tensors() {
        let expected = &expected[name];
        let dtype = match &**name {
            "f16" | "bf16" | "f32" | "empty" => DType::F32,
            "f64" => DType::F64,
            "bool" => DType::Bool,
            _ => DType::I64,
        };
        assert_eq!((tensor.dtype(), tensor.shape().sizes()), (dtype, &shape(expected)[..]), "{name}");
        if dtype.is_float() {
            let bits = |values: Vec<f64>| values.into_iter().map(|x| if x.is_nan() { u64::MAX } else { x.to_bits() });
            let expected: Vec<u64> = bits(floats(expected)).collect();
            assert_eq!(bits(tensor.to_vec::<f64>()).collect::<Vec<_>>(), expected, "{name}");
        } else {
            let found: Vec<String> = tensor.to_vec::<i64>().iter().map(i64::to_string).collect();
            assert_eq!(found, texts(expected), "{name}");
        }
    }
}

fn agrees(model: &dyn Module, expected: &Value) {
    let recorded = recorded();
    let x = Tensor::from_vec(floats(&recorded["x"]), shape(&recorded["x"])).cast(DType::F32);
    for (found, expected) in model.forward(&x).to_vec::<f64>().into_iter().zip(floats(expected)) {
        assert_relative_eq!(found, expected, max_relative = 1e-5, epsilon = 1e-6);
    }
}

#[test]
fn a_network_in_bfloat16_under_other_names_gives_what_it_gives_in_pytorch() {
    let mut rng = Rng::seed(1);
    let model = (Linear::new(3, 4, &mut rng), Activation::Tanh, Linear::new(4, 2, &mut rng));
    let file = load("torch_bf16");
    let error = file.restore(&model).unwrap_err().to_string();
    assert!(error.contains("0.weight is missing") && error.contains("module.net.0.bias is unexpected"), "{error}");
    file.renamed(|name| name.strip_prefix("module.net.").map(str::to_owned)).restore(&model).unwrap();
    agrees(&model, &recorded()["bf16"]);
    // A scope is a prefix, too.
    file.scope("module.net")
        .restore(&(Linear::new(3, 4, &mut rng), Activation::Tanh, Linear::new(4, 2, &mut rng)))
        .unwrap();
    let twice = || file.renamed(|_| Some("one".into()));
    let message = *std::panic::catch_unwind(twice).unwrap_err().downcast::<String>().unwrap();
    assert_eq!(message, "renamed: module.net.0.weight and another are to be called one");
}

/// Two layers with one weight.
struct Tied {
    first: [Parameter; 2],
    second_bias: Parameter,
}

impl Tied {
    fn new(seed: u64) -> Tied {
        let layer = Linear::new(3, 3, &mut Rng::seed(seed));
        let first = [layer.weight().clone(), layer.bias().unwrap().clone()];
        Tied { first, second_bias: Parameter::new("bias", Tensor::zeros([3])) }
    }
}

impl Module for Tied {
    fn forward(&self, input: &Tensor) -> Tensor {
        let weight = self.first[0].value().transpose();
        (input.matmul(&weight) + self.first[1].value()).tanh().matmul(&weight) + self.second_bias.value()
    }
    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        let [weight, bias] = &self.first;
        parts.parameter("second.weight", weight).parameter("second.bias", &self.second_bias);
        parts.parameter("first.weight", weight).parameter("first.bias", bias);
    }
}

/// The file has the weight under the second of its names, as PyTorch's `save_model` has chosen.
#[test]
fn tied_weights_are_found_under_any_of_their_names() {
    let (model, file) = (Tied::new(1), load("torch_tied"));
    assert_eq!(model.named_parameters()[0].0, "second.weight");
    assert!(!file.tensors().contains_key("second.weight"));
    file.restore(&model).unwrap();
    agrees(&model, &recorded()["tied"]);
    assert_eq!(model.parameters()[0].value().name().as_deref(), Some("second.weight"));

    // Under both names: they must agree.
    let both = file.clone().and("second.weight", file.tensors()["first.weight"].clone());
    both.restore(&model).unwrap();
    let other = file.clone().and("second.weight", Tensor::zeros([3, 3]));
    let error = other.restore(&model).unwrap_err();
    let text = "first.weight differs from second.weight, and the two are one in the model";
    assert!(error.to_string().ends_with(text), "{error}");
    let CheckpointError::DoesNotFit { misfits, .. } = error else { panic!("{error}") };
    assert_eq!(misfits, [Misfit::Contradicts { name: "first.weight".into(), other: "second.weight".into() }]);
    agrees(&model, &recorded()["tied"]);
}

#[test]
fn what_matches_is_restored_and_the_rest_is_named() {
    let mut rng = Rng::seed(1);
    let mut model = |classes| {
        Sequential::new()
            .then(Linear::new(4, 8, &mut rng))
            .then(Activation::Relu)
            .then(Linear::new(8, classes, &mut rng))
    };
    let (from, to) = (model(10), model(3));
    let (before, expected) = (Checkpoint::of(&to), Checkpoint::of(&from));
    let stored =
        expected.clone().and("extra", Tensor::ones([2])).renamed(|name| (name != "0.bias").then(|| name.into()));
    let restored = stored.restore_matching(&to);
    assert_eq!(restored.names, ["0.weight"]);
    let text = "1 restored; 0.bias is missing; 2.weight is f32[10, 8] in the checkpoint and f32[3, 8] in the model; \
                2.bias is f32[10] in the checkpoint and f32[3] in the model; extra is unexpected";
    assert_eq!(restored.to_string(), text);
    let after = Checkpoint::of(&to);
    for (name, tensor) in after.tensors() {
        let source = if name == "0.weight" { &expected } else { &before };
        assert_eq!(tensor.to_vec::<f32>(), source.tensors()[name].to_vec::<f32>(), "{name}");
    }
    let all = expected.restore_matching(&from);
    assert_eq!((all.names.len(), all.misfits.len(), all.to_string()), (4, 0, "4 restored".into()));
    let nothing = Checkpoint::new().restore_matching(&Activation::Relu);
    assert_eq!(nothing, Restored { names: vec![], misfits: vec![] });
}
