//! Blocks of transformers.

use minimand_nn::{
    Activation, AttentionMask, Module, MultiHeadAttention, TransformerBlock, TransformerEncoder, TransformerOptions,
};
use minimand_tensor::{DType, Rng, Tensor};

use crate::{Draws, assert_close, message, normal, recorded, size, sizes, truths};

#[test]
fn blocks_are_those_of_pytorch_in_training_and_evaluation() {
    let cases = recorded("transformers");
    assert_eq!(cases.len(), 6);
    for case in &cases {
        for dtype in [DType::F64, DType::F32] {
            let (shape, heads) = (sizes(&case["shape"]), size(&case["heads"]));
            let training = case["training"].as_bool().unwrap();
            let kind = case["mask"].as_str().unwrap_or("none");
            let options = TransformerOptions {
                hidden: Some(size(&case["hidden"])),
                activation: if case["activation"] == "gelu" { Activation::Gelu } else { Activation::Relu },
                dropout: if training { 0.0 } else { 0.3 },
                norm_first: case["norm_first"].as_bool().unwrap(),
                causal: kind.contains("causal"),
                bias: case["bias"].as_bool().unwrap(),
                dtype,
                ..Default::default()
            };
            let there = || truths(&case["there"]);
            let mask = AttentionMask { keys: kind.contains("padding").then(there), ..Default::default() };
            let (mut draws, rng) = (Draws::new(dtype), &mut Rng::seed(1));
            let mut start = |model: &dyn Module| {
                draws.initialise(model);
                if training {
                    model.train();
                } else {
                    model.eval();
                }
                draws.draw(shape.as_slice())
            };
            let (model, x, output): (Box<dyn Module>, _, _) = match case["blocks"].as_u64() {
                None => {
                    let block = TransformerBlock::with_options(shape[2], heads, options, rng);
                    let x = start(&block);
                    let output = block.forward_masked(&x, &mask);
                    (Box::new(block), x, output)
                }
                Some(blocks) => {
                    let encoder = TransformerEncoder::new(shape[2], heads, blocks as usize, options, rng);
                    let x = start(&encoder);
                    let output = encoder.forward_masked(&x, &mask);
                    (Box::new(encoder), x, output)
                }
            };
            let what = format!("{shape:?} blocks {} {kind} {dtype}", case["blocks"]);
            if mask.keys.is_none() {
                assert_eq!(model.forward(&x).to_vec::<f64>(), output.to_vec::<f64>(), "{what}");
            }
            draws.compare(case, Some(&*model), &[x], &[output], &what);
        }
    }
}

fn causal(rotary_base: Option<f64>) -> TransformerOptions {
    TransformerOptions { causal: true, norm_first: true, rotary_base, dtype: DType::F64, ..Default::default() }
}

/// What comes later changes nothing of what came before.
#[test]
fn a_causal_transformer_does_not_look_ahead() {
    let rng = &mut Rng::seed(3);
    let model = TransformerEncoder::new(8, 2, 2, causal(Some(100.0)), rng);
    let x = normal([2, 5, 8], rng);
    let other = Tensor::concatenate([&x.slice(1, ..3), &normal([2, 2, 8], rng)], 1);
    let (found, expected) = (model.forward(&other), model.forward(&x));
    assert_close(&found.slice(1, ..3), &expected.slice(1, ..3), "before");
    assert!((found - &expected).slice(1, 3..).abs().min().item() > 1e-6, "after");
    let slope = expected.at(1, 2).at(-1, 0).sum().grad(&x);
    assert!(slope.slice(1, ..3).abs().max().item() > 1e-3);
    assert_eq!(slope.slice(1, 3..).abs().max().item(), 0.0);
}

#[test]
fn dropout_drops_in_training_alone() {
    let build = |dropout| {
        let options = TransformerOptions { dropout, ..Default::default() };
        TransformerEncoder::new(8, 2, 2, options, &mut Rng::seed(3))
    };
    let (with, x) = (build(0.3), Tensor::normal([2, 5, 8], &mut Rng::seed(4)));
    assert_ne!(with.forward(&x).to_vec::<f32>(), with.forward(&x).to_vec::<f32>());
    with.eval();
    assert_eq!(with.forward(&x).to_vec::<f32>(), with.forward(&x).to_vec::<f32>());
    assert_eq!(with.named_parameters().len(), build(0.0).named_parameters().len());
}

#[test]
fn parts_have_their_paths_and_outputs() {
    let options = TransformerOptions { norm_first: true, name: "encoder".into(), ..Default::default() };
    let model = TransformerEncoder::new(8, 2, 2, options, &mut Rng::seed(3));
    assert_eq!(&**model.blocks()[1].attention().parameters()[0].name(), "in_proj_weight");
    let options = TransformerOptions { name: "encoder".into(), ..Default::default() };
    let fresh = TransformerEncoder::new(8, 2, 2, options, &mut Rng::seed(3));
    let slope = fresh.forward(&Tensor::ones([1, 2, 8]));
    assert!(slope.explain().contains("encoder.layers.1.linear2.weight"), "{}", slope.explain());
    let summary = model.summary_for(&Tensor::zeros([3, 5, 8])).to_string();
    let lines = summary.lines().filter(|line| line.contains("[3, 5, 8]")).count();
    assert!(lines > 2 * 4, "the encoder, its blocks, their attentions and linear layers:\n{summary}");
    let copy = model.clone_boxed().unwrap();
    let before = copy.forward(&Tensor::ones([1, 2, 8])).to_vec::<f32>();
    for parameter in model.parameters() {
        parameter.set(parameter.value() + 1);
    }
    assert_eq!(copy.forward(&Tensor::ones([1, 2, 8])).to_vec::<f32>(), before);
}

/// A block is its attention and its perceptron, put together by hand.
#[test]
fn the_attention_of_a_block_can_be_asked_for_its_weights() {
    let rng = &mut Rng::seed(3);
    let block = TransformerBlock::with_options(8, 2, causal(None), rng);
    let attention: &MultiHeadAttention = block.attention();
    let x = normal([1, 4, 8], rng);
    let (_, weights) = attention.attend(&x, &x, &x, &AttentionMask::causal());
    assert_close(&weights.sum_axis(-1), &Tensor::from([[[1.0; 4]; 2]]), "sums");
    assert_eq!(weights.at(-1, 3).slice(-1, ..3).to_vec::<f64>(), vec![0.0; 6]);
}

#[test]
fn mistakes_are_named() {
    let rng = || Rng::seed(3);
    let none = message(move || drop(TransformerEncoder::new(8, 2, 0, TransformerOptions::default(), &mut rng())));
    assert_eq!(none, "transformer_encoder: there must be at least one block");
    let heads = message(move || drop(TransformerBlock::new(8, 3, &mut rng())));
    assert_eq!(heads, "multi_head_attention: 3 heads do not divide the size 8");
}
