//! Recurrences.

use minimand_nn::{
    Activation, Gru, GruCell, Lstm, LstmCell, LstmState, Module, ParameterOptions, RecurrentOptions, Rnn, RnnCell,
};
use minimand_tensor::{DType, Rng, Tensor};
use serde_json::Value;

use crate::{Draws, assert_close, message, normal, recorded, size, sizes};

fn activation(kind: &Value) -> Activation {
    match kind.as_str().unwrap() {
        "tanh" => Activation::Tanh,
        "relu" => Activation::Relu,
        other => panic!("{other}"),
    }
}

#[test]
fn layers_are_those_of_pytorch() {
    let cases = recorded("recurrents");
    assert_eq!(cases.len(), 20);
    for case in &cases {
        for dtype in [DType::F64, DType::F32] {
            let (shape, hidden, layers) = (sizes(&case["shape"]), size(&case["hidden"]), size(&case["layers"]));
            let truth = |name: &str| case[name].as_bool().unwrap();
            let bidirectional = truth("bidirectional");
            let parameters = ParameterOptions { bias: truth("bias"), dtype, ..Default::default() };
            let options = RecurrentOptions { layers, bidirectional, parameters, dropout: 0.0 };
            let (inputs, rng) = (shape[2], &mut Rng::seed(1));
            let rows = layers * (1 + usize::from(bidirectional));
            let states = [rows, shape[0], hidden];
            let (mut draws, initial) = (Draws::new(dtype), truth("initial"));
            // Parameters, input and states, in the order in which they were drawn.
            let mut draw = |model: &dyn Module, count: usize| {
                draws.initialise(model);
                let mut drawn = vec![draws.draw(shape.as_slice())];
                drawn.extend((0..if initial { count } else { 0 }).map(|_| draws.draw(states)));
                drawn
            };
            let (model, drawn, outputs): (Box<dyn Module>, _, _) = match case["kind"].as_str().unwrap() {
                "lstm" => {
                    let layer = Lstm::with_options(inputs, hidden, options, rng);
                    let drawn = draw(&layer, 2);
                    let state = initial.then(|| LstmState { hidden: drawn[1].clone(), cell: drawn[2].clone() });
                    let (output, last) = layer.forward_with_state(&drawn[0], state.as_ref());
                    (Box::new(layer), drawn, vec![output, last.hidden, last.cell])
                }
                "gru" => {
                    let layer = Gru::with_options(inputs, hidden, options, rng);
                    let drawn = draw(&layer, 1);
                    let (output, last) = layer.forward_with_state(&drawn[0], drawn.get(1));
                    (Box::new(layer), drawn, vec![output, last])
                }
                _ => {
                    let layer = Rnn::with_options(inputs, hidden, activation(&case["kind"]), options, rng);
                    let drawn = draw(&layer, 1);
                    let (output, last) = layer.forward_with_state(&drawn[0], drawn.get(1));
                    (Box::new(layer), drawn, vec![output, last])
                }
            };
            let directions = 1 + usize::from(bidirectional);
            assert_eq!(*outputs[0].shape(), [shape[0], shape[1], directions * hidden]);
            assert!(outputs[1..].iter().all(|last| *last.shape() == states));
            let what = format!("{} {shape:?} layers {layers} both {bidirectional} {dtype}", case["kind"]);
            draws.compare(case, Some(&*model), &drawn, &outputs, &what);
            if !initial {
                assert_eq!(model.forward(&drawn[0]).to_vec::<f64>(), outputs[0].to_vec::<f64>(), "{what}");
            }
        }
    }
}

#[test]
fn cells_are_those_of_pytorch() {
    let cases = recorded("cells");
    assert_eq!(cases.len(), 8);
    for case in &cases {
        for dtype in [DType::F64, DType::F32] {
            let (shape, hidden) = (sizes(&case["shape"]), size(&case["hidden"]));
            let options = ParameterOptions { bias: case["bias"].as_bool().unwrap(), dtype, ..Default::default() };
            let (inputs, rng) = (shape[1], &mut Rng::seed(1));
            let mut draws = Draws::new(dtype);
            let mut draw = |model: &dyn Module, count: usize| {
                draws.initialise(model);
                let x = draws.draw(shape.as_slice());
                let mut drawn = vec![x];
                drawn.extend((0..count).map(|_| draws.draw([shape[0], hidden])));
                drawn
            };
            let (model, drawn, outputs): (Box<dyn Module>, _, _) = match case["kind"].as_str().unwrap() {
                "lstm" => {
                    let cell = LstmCell::new(inputs, hidden, options, rng);
                    let drawn = draw(&cell, 2);
                    let state = LstmState { hidden: drawn[1].clone(), cell: drawn[2].clone() };
                    let next = cell.step(&drawn[0], &state);
                    (Box::new(cell), drawn, vec![next.hidden, next.cell])
                }
                "gru" => {
                    let cell = GruCell::new(inputs, hidden, options, rng);
                    let drawn = draw(&cell, 1);
                    let next = cell.step(&drawn[0], &drawn[1]);
                    (Box::new(cell), drawn, vec![next])
                }
                _ => {
                    let cell = RnnCell::new(inputs, hidden, activation(&case["kind"]), options, rng);
                    let drawn = draw(&cell, 1);
                    let next = cell.step(&drawn[0], &drawn[1]);
                    (Box::new(cell), drawn, vec![next])
                }
            };
            draws.compare(case, Some(&*model), &drawn, &outputs, &format!("{} {shape:?} {dtype}", case["kind"]));
        }
    }
}

fn f64_options(layers: usize, bidirectional: bool, dropout: f64) -> RecurrentOptions {
    let parameters = ParameterOptions { dtype: DType::F64, ..Default::default() };
    RecurrentOptions { layers, bidirectional, dropout, parameters }
}

/// A layer is its cell in a loop.
#[test]
fn a_layer_steps_as_its_cell_does() {
    let rng = &mut Rng::seed(5);
    let layer = Lstm::with_options(3, 2, f64_options(1, false, 0.0), rng);
    let cell = LstmCell::new(3, 2, ParameterOptions { dtype: DType::F64, ..Default::default() }, rng);
    for (of_cell, of_layer) in cell.parameters().iter().zip(layer.parameters()) {
        of_cell.set(of_layer.value());
    }
    let x = normal([2, 4, 3], rng);
    let mut state = LstmState { hidden: Tensor::zeros([2, 2]), cell: Tensor::zeros([2, 2]) };
    assert_close(&cell.forward(&x.at(1, 0)), &layer.forward(&x).at(1, 0), "from zeros");
    for step in 0..4 {
        state = cell.step(&x.at(1, step), &state);
        assert_close(&state.hidden, &layer.forward(&x).at(1, step), "state");
    }
}

/// Backwards is forwards over the mirrored sequence.
#[test]
fn the_way_back_is_the_mirrored_way() {
    let rng = &mut Rng::seed(5);
    let both = Gru::with_options(3, 2, f64_options(1, true, 0.0), rng);
    let one = Gru::with_options(3, 2, f64_options(1, false, 0.0), rng);
    for (index, of_one) in one.parameters().iter().enumerate() {
        of_one.set(both.parameters()[4 + index].value());
    }
    let x = normal([2, 5, 3], rng);
    let back = both.forward(&x).slice(-1, 2..);
    assert_close(&back, &one.forward(&x.flip(1)).flip(1), "mirrored");
}

#[test]
fn dropout_is_between_the_layers_and_only_in_training() {
    let build = |layers, dropout| Lstm::with_options(3, 8, f64_options(layers, false, dropout), &mut Rng::seed(5));
    let x = normal([2, 4, 3], &mut Rng::seed(6));
    let outputs = |layer: &Lstm| layer.forward(&x).to_vec::<f64>();
    let (with, without) = (build(2, 0.5), build(2, 0.0));
    let expected = outputs(&without);
    assert_ne!(outputs(&with), outputs(&with));
    with.eval();
    assert_eq!(outputs(&with), expected, "dropout changes neither the weights nor their names");
    assert_eq!(with.named_parameters().len(), 8);
    let (single, plain) = (build(1, 0.5), build(1, 0.0));
    assert_eq!(outputs(&single), outputs(&plain), "the last layer's outputs stay");
    with.train();
    let (_, last) = with.forward_with_state(&x, None);
    assert!(last.hidden.at(0, 1).to_vec::<f64>().iter().all(|&value| value != 0.0));
}

#[test]
fn all_parameters_start_within_one_over_the_root_of_the_state() {
    let layer = Gru::new(7, 25, &mut Rng::seed(5));
    for parameter in layer.parameters() {
        let greatest = parameter.value().abs().max().item();
        assert!((0.19..=0.2).contains(&greatest), "{parameter:?}: {greatest}");
    }
    let names: Vec<String> = layer.parameters().iter().map(|parameter| parameter.name().to_string()).collect();
    assert_eq!(names, ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]);
}

#[test]
fn a_clone_is_trained_for_itself() {
    let layer = Rnn::new(2, 3, Activation::Tanh, &mut Rng::seed(5));
    let copy = layer.clone_boxed().unwrap();
    let x = Tensor::ones([1, 2, 2]);
    let before = copy.forward(&x).to_vec::<f32>();
    for parameter in layer.parameters() {
        parameter.set(parameter.value() + 1);
    }
    assert_eq!(copy.forward(&x).to_vec::<f32>(), before);
}

#[test]
fn mistakes_are_named() {
    let gru = |shape: [usize; 3]| move || drop(Gru::new(3, 4, &mut Rng::seed(5)).forward(&Tensor::zeros(shape)));
    let wanted = "must be [batch, length, 3], with a length of at least 1";
    assert_eq!(message(gru([2, 5, 4])), format!("gru: input [2, 5, 4] {wanted}"));
    assert_eq!(message(gru([2, 0, 3])), format!("gru: input [2, 0, 3] {wanted}"));
    let state = || {
        let (x, state) = (Tensor::zeros([2, 5, 3]), Tensor::zeros([1, 4]));
        drop(Gru::new(3, 4, &mut Rng::seed(5)).forward_with_state(&x, Some(&state)));
    };
    assert_eq!(message(state), "gru: state [1, 4] must be [1, 2, 4]: layers · directions, batch, hidden");
    let none = || drop(Lstm::with_options(3, 4, f64_options(0, false, 0.0), &mut Rng::seed(5)));
    assert_eq!(message(none), "lstm: there must be at least one layer");
    let empty = || drop(Rnn::new(0, 4, Activation::Tanh, &mut Rng::seed(5)));
    assert_eq!(message(empty), "rnn: a layer from 0 inputs to a state of 4");
    let cell = || GruCell::new(3, 4, ParameterOptions::default(), &mut Rng::seed(5));
    let input = move || drop(cell().forward(&Tensor::zeros([2, 4])));
    assert_eq!(message(input), "gru: input [2, 4] of a cell must be [batch, 3]");
    let state = move || drop(cell().step(&Tensor::zeros([2, 3]), &Tensor::zeros([1, 4])));
    assert_eq!(message(state), "gru: state [1, 4] must be [2, 4]");
}
