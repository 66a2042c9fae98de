//! Attention, as a function and as a layer.

use minimand_nn::{
    AttentionMask, Module, MultiHeadAttention, MultiHeadAttentionOptions, attention_weights,
    scaled_dot_product_attention,
};
use minimand_tensor::{DType, Rng, Tensor, grad};

use crate::{Draws, assert_close, assert_numbers, message, normal, recorded, size, sizes, truths};

#[test]
fn the_function_is_that_of_pytorch() {
    let cases = recorded("attentions");
    assert_eq!(cases.len(), 7);
    for case in &cases {
        for dtype in [DType::F64, DType::F32] {
            let shape = sizes(&case["shape"]);
            let (keys, outputs) = (size(&case["keys"]), size(&case["outputs_size"]));
            let (leading, rest) = shape.split_at(shape.len() - 2);
            let with = |length: usize, size: usize| [leading, &[length, size]].concat();
            let mut draws = Draws::new(dtype);
            let mut inputs =
                vec![draws.draw(shape.as_slice()), draws.draw(with(keys, rest[1])), draws.draw(with(keys, outputs))];
            let mask = match case["mask"].as_str() {
                None => AttentionMask::default(),
                Some("causal") => AttentionMask::causal(),
                Some("bool") => AttentionMask { scores: Some(truths(&case["seen"])), ..Default::default() },
                Some("added") => {
                    inputs.push(draws.draw([rest[0], keys]));
                    AttentionMask { scores: Some(inputs[3].clone()), ..Default::default() }
                }
                Some(other) => panic!("{other}"),
            };
            let output = scaled_dot_product_attention(&inputs[0], &inputs[1], &inputs[2], &mask);
            draws.compare(case, None, &inputs, &[output], &format!("{shape:?} {keys} {} {dtype}", case["mask"]));
        }
    }
}

#[test]
fn the_layer_is_that_of_pytorch() {
    let cases = recorded("multi_heads");
    assert_eq!(cases.len(), 7);
    for case in &cases {
        for dtype in [DType::F64, DType::F32] {
            let shape = sizes(&case["shape"]);
            let other = |name: &str| case[name].as_u64().map(|size| size as usize);
            let options = MultiHeadAttentionOptions {
                key_size: other("key_size"),
                value_size: other("value_size"),
                bias: case["bias"].as_bool().unwrap(),
                dtype,
                ..Default::default()
            };
            let layer = MultiHeadAttention::with_options(shape[2], size(&case["heads"]), options, &mut Rng::seed(1));
            let mut draws = Draws::new(dtype);
            draws.initialise(&layer);
            let mut inputs = vec![draws.draw(shape.as_slice())];
            if let Some(keys) = other("keys") {
                for name in ["key_size", "value_size"] {
                    inputs.push(draws.draw([shape[0], keys, other(name).unwrap_or(shape[2])]));
                }
            }
            let mut mask = AttentionMask::default();
            let kind = case["mask"].as_str().unwrap_or("none");
            match kind {
                "none" => {}
                "causal" => mask.causal = true,
                "bool" => mask.scores = Some(truths(&case["seen"])),
                "padding" => mask.keys = Some(truths(&case["there"])),
                "added and padding" => {
                    inputs.push(draws.draw([shape[1], inputs[1].shape()[1]]));
                    mask.scores = Some(inputs[3].clone());
                    mask.keys = Some(truths(&case["there"]));
                }
                other => panic!("{other}"),
            }
            let what = format!("{shape:?} {} {kind} {dtype}", case["keys"]);
            let [key, value] = if inputs.len() > 1 { [1, 2] } else { [0, 0] }.map(|index| &inputs[index]);
            let (output, weights) = layer.attend(&inputs[0], key, value, &mask);
            draws.compare(case, Some(&layer), &inputs, &[output.clone(), weights], &what);
            if inputs.len() == 1 && kind == "none" {
                assert_eq!(layer.forward(&inputs[0]).to_vec::<f64>(), output.to_vec::<f64>(), "{what}");
            }
        }
    }
}

/// Scores by a plain loop, softmax over the keys that are seen.
#[test]
fn the_formula_holds_for_every_query() {
    let rng = &mut Rng::seed(2);
    let (query, key, value) = (normal([4, 3], rng), normal([5, 3], rng), normal([5, 2], rng));
    let found = scaled_dot_product_attention(&query, &key, &value, &AttentionMask::causal());
    let [q, k, v] = [&query, &key, &value].map(|tensor| tensor.to_vec::<f64>());
    let mut expected = Vec::new();
    for row in 0..4 {
        let score = |key: usize| (0..3).map(|i| q[3 * row + i] * k[3 * key + i]).sum::<f64>() / 3f64.sqrt();
        let weights: Vec<f64> = (0..=row).map(|key| score(key).exp()).collect();
        let total: f64 = weights.iter().sum();
        expected
            .extend((0..2).map(|i| weights.iter().enumerate().map(|(key, w)| w * v[2 * key + i]).sum::<f64>() / total));
    }
    assert_numbers(&found, &expected, 1e-12, "attention");
}

/// Neither NaN nor a gradient comes out of a row that sees nothing, and the other rows do not notice.
#[test]
fn a_query_that_may_look_at_nothing_gives_zeros() {
    let rng = &mut Rng::seed(2);
    let inputs = [normal([2, 3, 4], rng), normal([2, 3, 4], rng), normal([2, 3, 2], rng)];
    let [query, key, value] = &inputs;
    let seen = Tensor::from([[true, true, false], [false, false, false], [true, true, true]]);
    let masks = [
        AttentionMask { scores: Some(seen.clone()), ..Default::default() },
        AttentionMask { scores: Some(seen.select(Tensor::from(0.0), f64::NEG_INFINITY)), ..Default::default() },
        AttentionMask { keys: Some(Tensor::from([[false; 3], [true; 3]])), ..Default::default() },
    ];
    for (index, mask) in masks.iter().enumerate() {
        let output = scaled_dot_product_attention(query, key, value, mask);
        let (blind, sighted) =
            if index < 2 { (output.at(1, 1), output.at(1, 2)) } else { (output.at(0, 0), output.at(0, 1)) };
        assert!(blind.to_vec::<f64>().iter().all(|&entry| entry == 0.0));
        let plain = scaled_dot_product_attention(query, key, value, &AttentionMask::default());
        assert_close(&sighted, &if index < 2 { plain.at(1, 2) } else { plain.at(0, 1) }, "others");
        for (name, slope) in ["query", "key", "value"].iter().zip(grad(&output.square().sum(), &inputs)) {
            assert!(slope.to_vec::<f64>().iter().all(|entry| entry.is_finite()), "mask {index}, {name}: {slope}");
        }
        let slope = output.square().sum().grad(query);
        let of_blind = if index < 2 { slope.at(1, 1) } else { slope.at(0, 0) };
        assert!(of_blind.to_vec::<f64>().iter().all(|&entry| entry == 0.0));
    }
    let layer = MultiHeadAttention::new(4, 2, &mut Rng::seed(1));
    layer.parameters()[3].set(Tensor::from([1.0f32, 2.0, 3.0, 4.0]));
    let x = Tensor::normal([1, 3, 4], rng);
    let none = AttentionMask { scores: Some(Tensor::from(false)), ..Default::default() };
    let (output, weights) = layer.attend(&x, &x, &x, &none);
    assert_eq!(output.at(0, 0).to_string(), "[[1, 2, 3, 4],\n [1, 2, 3, 4],\n [1, 2, 3, 4]]", "the bias of out_proj");
    assert_eq!(weights.sum().item(), 0.0);
}

#[test]
fn scores_of_any_size_do_not_overflow() {
    let query = Tensor::from([[1e4f32, -1e4]]);
    let key = Tensor::from([[1e4f32, 0.0], [0.0, 1e4]]);
    let weights = attention_weights(&query, &key, &AttentionMask::default());
    assert_eq!(weights.to_string(), "[[1, 0]]");
    assert!(weights.square().sum().grad(&query).to_vec::<f32>().iter().all(|slope| slope.is_finite()));
}

/// Without places, an order of the keys is none: attention is the same for any permutation of them.
#[test]
fn the_order_of_the_keys_does_not_matter() {
    let rng = &mut Rng::seed(2);
    let options = MultiHeadAttentionOptions { dtype: DType::F64, ..Default::default() };
    let layer = MultiHeadAttention::with_options(6, 3, options, rng);
    let (query, key) = (normal([2, 3, 6], rng), normal([2, 4, 6], rng));
    let attend = |key: &Tensor| layer.attend(&query, key, key, &AttentionMask::default()).0;
    assert_close(&attend(&key.index_select(1, [2, 0, 3, 1])), &attend(&key), "permuted");
}

/// With rotated queries and keys only distances count, so a sequence that is put off by others it may not see comes out the same.
#[test]
fn rotary_attention_sees_distances_alone() {
    let rng = &mut Rng::seed(2);
    let options = MultiHeadAttentionOptions { rotary_base: Some(100.0), dtype: DType::F64, ..Default::default() };
    let layer = MultiHeadAttention::with_options(8, 2, options, rng);
    let x = normal([1, 4, 8], rng);
    let put_off = Tensor::concatenate([&normal([1, 3, 8], rng), &x], 1);
    let mask = AttentionMask {
        keys: Some(Tensor::from([[false, false, false, true, true, true, true]])),
        ..Default::default()
    };
    let later = layer.attend(&put_off, &put_off, &put_off, &mask).0.slice(1, 3..);
    assert_close(&later, &layer.forward(&x), "put off");
    let mirrored = layer.forward(&x.flip(1)).flip(1);
    assert!((mirrored - layer.forward(&x)).abs().max().item() > 0.01, "order counts");
}

#[test]
fn weights_are_dropped_in_training_only_and_returned_whole() {
    let build = |dropout| {
        let options = MultiHeadAttentionOptions { dropout, ..Default::default() };
        MultiHeadAttention::with_options(8, 2, options, &mut Rng::seed(4))
    };
    let (with, without) = (build(0.5), build(0.0));
    let x = Tensor::normal([2, 5, 8], &mut Rng::seed(5));
    let expected = without.forward(&x).to_vec::<f32>();
    assert_ne!(with.forward(&x).to_vec::<f32>(), with.forward(&x).to_vec::<f32>());
    let (_, weights) = with.attend(&x, &x, &x, &AttentionMask::default());
    assert_numbers(&weights.sum_axis(-1), &[1.0; 20], 1e-6, "sums");
    with.eval();
    assert_eq!(with.forward(&x).to_vec::<f32>(), expected);
}

#[test]
fn parameters_start_as_those_of_pytorch() {
    let layer = MultiHeadAttention::new(16, 4, &mut Rng::seed(4));
    assert_eq!((layer.size(), layer.heads()), (16, 4));
    let bounds = [("in_proj_weight", (6.0f64 / 64.0).sqrt()), ("out_proj.weight", 0.25)];
    for (name, parameter) in layer.named_parameters() {
        let greatest = parameter.value().abs().max().item();
        match bounds.iter().find(|(known, _)| *known == name) {
            Some((_, bound)) => assert!((0.97 * bound..=*bound).contains(&greatest), "{name}: {greatest}"),
            None => assert_eq!(greatest, 0.0, "{name}"),
        }
    }
    let copy = layer.clone_boxed().unwrap();
    layer.parameters()[0].set(Tensor::zeros([48, 16]));
    assert_ne!(copy.parameters()[0].value().abs().max().item(), 0.0);
}

#[test]
fn mistakes_are_named() {
    let layer = |size, heads| MultiHeadAttention::new(size, heads, &mut Rng::seed(4));
    assert_eq!(message(move || drop(layer(6, 4))), "multi_head_attention: 4 heads do not divide the size 6");
    let none = "multi_head_attention: 0 heads for queries, keys and values of size [6, 6, 6]";
    assert_eq!(message(move || drop(layer(6, 0))), none);
    let odd = || {
        let options = MultiHeadAttentionOptions { rotary_base: Some(1e4), ..Default::default() };
        drop(MultiHeadAttention::with_options(6, 2, options, &mut Rng::seed(4)));
    };
    assert_eq!(message(odd), "multi_head_attention: heads of size 3: pairs of entries are turned, so it must be even");
    let wide = move || drop(layer(6, 2).forward(&Tensor::zeros([2, 3, 5])));
    assert_eq!(
        message(wide),
        "multi_head_attention: query [2, 3, 5], key [2, 3, 5] and value [2, 3, 5] must be [batch, length, size] with \
         sizes [6, 6, 6], of one batch, and with one value for each key"
    );
    let attend = |mask: AttentionMask| {
        let x = Tensor::zeros([2, 3, 4]);
        message(move || drop(scaled_dot_product_attention(&x, &x, &x, &mask)))
    };
    let scores = |mask: Tensor| AttentionMask { scores: Some(mask), ..Default::default() };
    assert_eq!(
        attend(scores(Tensor::zeros([3, 4]))),
        "attention: mask [3, 4] does not broadcast to the scores [2, 3, 3]"
    );
    assert_eq!(attend(scores(Tensor::iota(3))), "attention: mask i64[3] must be bool or of a floating-point type");
    assert_eq!(
        attend(AttentionMask { keys: Some(Tensor::from([true; 3])), ..Default::default() }),
        "attention: mask of keys bool[3] for scores [2, 3, 3]: it must be bool [batch, keys]"
    );
    let (x, y) = (Tensor::zeros([3, 4]), Tensor::zeros([2, 4]));
    let (a, b) = (x.clone(), y.clone());
    let values = message(move || drop(scaled_dot_product_attention(&a, &a, &b, &AttentionMask::default())));
    assert_eq!(values, "attention: key [3, 4] and value [2, 4]: there must be one value for each key, along axis -2");
    let keys = message(move || drop(attention_weights(&x, &y.slice(1, ..3), &AttentionMask::default())));
    assert_eq!(keys, "attention: query [3, 4] and key [2, 3]: both must be […, length, size], and of one size");
}
