//! Encodings of places.

use minimand_nn::{
    LearnedPositions, Module, SinusoidalPositions, alibi_bias, alibi_slopes, rotate_by_position, sinusoidal_positions,
};
use minimand_tensor::{DType, Rng, Tensor};

use crate::{assert_close, assert_numbers, message, normal};

#[test]
fn sines_and_cosines_are_those_of_the_formula() {
    let (length, size) = (50, 6);
    let mut expected = Vec::new();
    for place in 0..length {
        for pair in 0..size / 2 {
            let angle = place as f64 / 10_000f64.powf(2.0 * pair as f64 / size as f64);
            expected.extend([angle.sin(), angle.cos()]);
        }
    }
    assert_numbers(&sinusoidal_positions(length, size), &expected, 1e-12, "places");
    let x = normal([2, length, size], &mut Rng::seed(1));
    assert_close(&SinusoidalPositions.forward(&x), &(&x + sinusoidal_positions(length, size)), "layer");
    assert_eq!(SinusoidalPositions.forward(&Tensor::zeros([3, 4])).dtype(), DType::F32);
}

/// A rotation by plain numbers: pairs of neighbours, as in equation 34 of Su et al. 2021.
#[test]
fn pairs_are_turned_by_their_place() {
    let (length, size, first, base) = (4, 6, 3, 100.0);
    let x = normal([2, length, size], &mut Rng::seed(1));
    let values = x.to_vec::<f64>();
    let mut expected = Vec::new();
    for (row, vector) in values.chunks(size).enumerate() {
        for (pair, entries) in vector.chunks(2).enumerate() {
            let angle = (first + row % length) as f64 / f64::powf(base, 2.0 * pair as f64 / size as f64);
            let (sin, cos) = angle.sin_cos();
            expected.extend([entries[0] * cos - entries[1] * sin, entries[1] * cos + entries[0] * sin]);
        }
    }
    let turned = rotate_by_position(&x, first, base);
    assert_numbers(&turned, &expected, 1e-12, "turned");
    assert_close(&turned.square().sum_axis(-1), &x.square().sum_axis(-1), "lengths stay");
    assert_eq!(rotate_by_position(&x.cast(DType::F32), 0, base).dtype(), DType::F32);
}

/// The gradient of a rotation is the rotation back.
#[test]
fn the_gradient_turns_back() {
    let rng = &mut Rng::seed(1);
    let (x, weights) = (normal([3, 4], rng), normal([3, 4], rng));
    let slope = (rotate_by_position(&x, 5, 10.0) * &weights).sum().grad(&x);
    assert_close(&rotate_by_position(&slope, 5, 10.0), &weights, "there and back");
}

/// What the authors' code gives, as powers of ½.
#[test]
fn slopes_are_those_of_the_authors() {
    let powers = |exponents: &[f64]| exponents.iter().map(|exponent| (-exponent).exp2()).collect::<Vec<f64>>();
    let eight = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
    assert_numbers(&alibi_slopes(8), &powers(&eight), 1e-15, "8");
    let twelve = [&eight[..], &[0.5, 1.5, 2.5, 3.5]].concat();
    assert_numbers(&alibi_slopes(12), &powers(&twelve), 1e-15, "12");
    let sixteen: Vec<f64> = (1..=16).map(|head| f64::from(head) / 2.0).collect();
    assert_numbers(&alibi_slopes(16), &powers(&sixteen), 1e-15, "16");
    assert_numbers(&alibi_slopes(1), &[1.0 / 256.0], 1e-15, "1");
    let bias = alibi_bias(8, 2, 4);
    assert_eq!(bias.at(0, 0).to_string(), "[[0, -0.5, -1, -1.5],\n [-0.5, 0, -0.5, -1]]");
}

#[test]
fn learned_places_are_added_and_trained() {
    let positions = LearnedPositions::new(5, 3, DType::F64, &mut Rng::seed(1));
    let x = normal([2, 4, 3], &mut Rng::seed(2));
    let weight = positions.weight().value();
    let output = positions.forward(&x);
    assert_close(&output, &(&x + weight.slice(0, ..4)), "sum");
    let slope = output.sum().grad(&weight);
    assert_eq!(slope.sum_axis(1).to_string(), "[6, 6, 6, 6, 0]");
    assert_eq!(positions.named_parameters()[0].0, "weight");
}

#[test]
fn mistakes_are_named() {
    let odd = message(|| drop(sinusoidal_positions(4, 3)));
    assert_eq!(odd, "sinusoidal_positions: the size 3 must be even: sines and cosines");
    let odd = message(|| drop(rotate_by_position(&Tensor::zeros([2, 3]), 0, 1e4)));
    assert_eq!(odd, "rotate_by_position: [2, 3]: pairs of entries are turned: axis -1 must be even");
    let positions = LearnedPositions::new(5, 4, DType::F32, &mut Rng::seed(1));
    let long = message(move || drop(positions.forward(&Tensor::zeros([2, 6, 4]))));
    assert_eq!(long, "learned_positions: input [2, 6, 4] and weight [5, 4]: too many places, or another size");
    let row = message(|| drop(SinusoidalPositions.forward(&Tensor::zeros([4]))));
    assert_eq!(row, "sinusoidal_positions: input [4] must be […, length, size]");
    assert_eq!(message(|| drop(alibi_slopes(0))), "alibi_slopes: there are no heads");
}
