//! A causal transformer learns a text: the same weights, the same pieces, the same losses as PyTorch's, step by step.

use approx::relative_eq;
use minimand_loss::{Labels, cross_entropy};
use minimand_nn::{
    Activation, Embedding, EmbeddingOptions, Linear, Module, ParameterOptions, Sequential, SinusoidalPositions,
    TransformerEncoder, TransformerOptions,
};
use minimand_optim::{Adam, AdamOptions, Optimizer};
use minimand_tensor::{DType, Rng, Tensor};
use serde_json::Value;

use crate::{Draws, numbers, recorded, size};

fn model(case: &Value, dtype: DType) -> Sequential {
    let rng = &mut Rng::seed(1);
    let of = |name: &str| size(&case[name]);
    let options = TransformerOptions {
        hidden: Some(of("hidden")),
        activation: Activation::Gelu,
        norm_first: true,
        causal: true,
        dtype,
        ..Default::default()
    };
    let table = EmbeddingOptions { dtype, ..Default::default() };
    Sequential::new()
        .then(Embedding::with_options(of("letters"), of("size"), table, rng))
        .then(SinusoidalPositions)
        .then(TransformerEncoder::new(of("size"), of("heads"), of("blocks"), options, rng))
        .then(Linear::with_options(of("size"), of("letters"), ParameterOptions { dtype, ..Default::default() }, rng))
}

/// The losses of as many steps as are recorded.
fn losses(case: &Value, dtype: DType, steps: usize) -> Vec<f64> {
    let mut draws = Draws::new(DType::F64);
    let below = |draws: &mut Draws, n: usize| (n as f64 * ((draws.draw([1]).item() + 1.0) / 2.0)) as usize;
    let words: Vec<Vec<i64>> = serde_json::from_value(case["words"].clone()).unwrap();
    let text: Vec<i64> = (0..100).flat_map(|_| words[below(&mut draws, words.len())].clone()).collect();
    let text = Tensor::from(text);

    let model = model(case, dtype);
    let named = model.named_parameters();
    let names: Vec<String> = serde_json::from_value(case["names"].clone()).unwrap();
    assert_eq!(named.iter().map(|(name, _)| name).collect::<Vec<_>>(), names.iter().collect::<Vec<_>>());
    for (name, parameter) in named {
        let value = parameter.value();
        if value.rank() == 2 {
            parameter.set((draws.draw(value.shape()) / (value.shape()[1] as f64).sqrt()).cast(dtype));
        } else if name.ends_with("bias") {
            parameter.set(value.zeros_like());
        }
    }

    let [letters, length, batch] = ["letters", "length", "batch"].map(|name| size(&case[name]));
    let mut adam = Adam::new(model.parameters(), AdamOptions { learning_rate: 1e-2, ..Default::default() });
    let mut step = || {
        let starts: Vec<i64> = (0..batch).map(|_| below(&mut draws, text.elements() - length) as i64).collect();
        let places = Tensor::from(starts).unsqueeze(-1) + Tensor::iota(length);
        let next = Labels::from_tensor(text.index_select(0, &places + 1), letters).unwrap();
        let logits = model.forward(&text.index_select(0, &places));
        adam.step(&cross_entropy(&logits, &next).mean()).unwrap().loss()
    };
    (0..steps).map(|_| step()).collect()
}

#[test]
fn a_language_model_learns_as_that_of_pytorch() {
    let cases = recorded("language_models");
    assert_eq!(cases.len(), 1);
    let expected = numbers(&cases[0]["losses"]);
    assert_eq!(expected.len(), 40);
    assert!(expected[39] < 0.4 * expected[0], "the recorded model learns: {expected:?}");
    for (dtype, tolerance) in [(DType::F64, 1e-8), (DType::F32, 1e-3)] {
        let found = losses(&cases[0], dtype, expected.len());
        for (step, (a, b)) in found.iter().zip(&expected).enumerate() {
            assert!(relative_eq!(a, b, max_relative = tolerance), "{dtype}, step {step}: {a} and {b}");
        }
    }
}
