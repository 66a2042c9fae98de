//! `layer_norm`, `rms_norm` and `group_norm`, and their layers.

use approx::assert_abs_diff_eq;
use minimand_nn::{
    GroupNorm, LayerNorm, Module, NormOptions, RmsNorm, RmsNormOptions, group_norm, layer_norm, rms_norm,
};
use minimand_tensor::{CheckOptions, DType, Rng, Shape, Tensor, check_gradient, check_second_order};
use serde_json::Value;

use crate::{assert_close, assert_near, cases, compare, compare_layer, count, normal};

/// Whether the case has parameters, which follow the input.
fn has_parameters(case: &Value) -> bool {
    case["inputs"].as_array().unwrap().len() > 1
}

fn options(case: &Value) -> NormOptions {
    let affine = has_parameters(case);
    let epsilon = case["options"]["epsilon"].as_f64().unwrap();
    NormOptions { epsilon, weight: affine, bias: affine, dtype: DType::F64, name: String::new() }
}

#[test]
fn values_and_derivatives_are_those_of_pytorch() {
    let normalised =
        |case: &Value| -> Shape { case["options"]["normalised"].as_array().unwrap().iter().map(count).collect() };
    for case in cases("normalisation.json", "layer_norm", 5) {
        compare_layer(&case, &LayerNorm::with_options(normalised(&case), options(&case)));
        if !has_parameters(&case) {
            compare(&case, |x| layer_norm(&x[0], -1, options(&case).epsilon));
        }
    }
    for case in cases("normalisation.json", "rms_norm", 5) {
        let (epsilon, weight) = (case["options"]["epsilon"].as_f64(), has_parameters(&case));
        let options = RmsNormOptions { epsilon, weight, dtype: DType::F64, ..Default::default() };
        compare_layer(&case, &RmsNorm::with_options(normalised(&case), options));
    }
    for case in cases("normalisation.json", "group_norm", 5) {
        let groups = count(&case["options"]["groups"]);
        let channels = count(&case["inputs"][0]["shape"][1]);
        compare_layer(&case, &GroupNorm::with_options(groups, channels, options(&case)));
    }
}

type Normalisation = fn(&Tensor) -> Tensor;

const ALL: [Normalisation; 3] =
    [|x| layer_norm(x, [-2, -1], 1e-5), |x| rms_norm(x, [-2, -1], 1e-5), |x| group_norm(x, 1, 1e-5)];

#[test]
fn derivatives_of_first_and_second_order_are_finite_differences() {
    let x = [normal([2, 3, 4], &mut Rng::seed(3))];
    for normalise in ALL {
        let loss = |x: &[Tensor]| normalise(&x[0]).sin().sum();
        assert_eq!(check_gradient(loss, &x, CheckOptions::default()).unwrap().compared, 24);
        check_second_order(loss, &x, CheckOptions::default()).unwrap();
    }
}

/// In f32, values and slopes over 70 orders of magnitude are those of ordinary size.
#[test]
fn the_size_of_the_values_does_not_matter() {
    let x = Tensor::normal([2, 3, 5], &mut Rng::seed(4));
    let weights = Tensor::normal([2, 3, 5], &mut Rng::seed(5));
    for normalise in
        [(|x| layer_norm(x, [-2, -1], 0.0)) as Normalisation, |x| rms_norm(x, [-2, -1], 0.0), |x| group_norm(x, 1, 0.0)]
    {
        let expected = normalise(&x);
        let slope = (&weights * &expected).sum().grad(&x);
        for size in [1e-35, 1e-20, 1e-3, 1e3, 1e20, 1e37] {
            // A product with f32's nearest power of two rounds nothing.
            let size = 2f64.powi(f64::log2(size) as i32);
            let scaled = (size * &x).computed();
            let y = normalise(&scaled);
            assert_near(&y, &expected, 2e-6, &format!("at {size}"));
            // The slope is as much smaller as the values are larger: brought back in two steps, each of which f32 can hold.
            let found = (&weights * &y).sum().grad(&scaled) * size.sqrt() * size.sqrt();
            assert_near(&found, &slope, 2e-5, &format!("slope at {size}"));
        }
    }
}

#[test]
fn the_greatest_numbers_are_normalised() {
    let greatest = f64::from(f32::MAX);
    let x = Tensor::from([[greatest, -greatest, greatest, -greatest]]).cast(DType::F32);
    for normalise in
        [(|x| layer_norm(x, -1, 1e-5)) as Normalisation, |x| rms_norm(x, -1, 1e-5), |x| group_norm(x, 1, 1e-5)]
    {
        let y = normalise(&x);
        assert_near(&y, &Tensor::from([[1.0, -1.0, 1.0, -1.0]]), 1e-6, "greatest");
        assert!(y.square().sum().grad(&x).is_finite().to_vec::<bool>().into_iter().all(|finite| finite));
    }
}

/// Seven times 0.1 is not 0.7 in floating point: by the mean alone a constant row would become noise.
#[test]
fn equal_values_become_zero_and_have_a_finite_slope() {
    for value in [0.0, 0.1, -3.3e6, 1e30, f64::from(f32::MAX)] {
        let x = Tensor::full([2, 7, 9], value);
        let weights = Tensor::normal([2, 7, 9], &mut Rng::seed(6));
        for normalise in [ALL[0], ALL[2]] {
            let y = normalise(&x);
            assert_eq!(y.to_vec::<f32>(), [0.0; 126], "{value}");
            // (w - mean of w) / √ε
            let centred = &weights - weights.mean_keepdim([1, 2]);
            let expected = centred / 1e-5f64.sqrt();
            assert_near(&(&weights * y).sum().grad(&x), &expected, 1e-3, &format!("slope at {value}"));
        }
    }
    let zeros = Tensor::zeros([1, 7]);
    assert_eq!(rms_norm(&zeros, -1, 1e-5).to_vec::<f32>(), [0.0; 7]);
}

/// A mean a million times the deviation costs only the digits that the values themselves have lost.
#[test]
fn a_great_mean_is_no_trouble() {
    let steps = Tensor::iota(64).cast(DType::F32);
    let x = (1_048_576.0 + &steps).unsqueeze(0);
    let expected = layer_norm(&steps.unsqueeze(0).cast(DType::F64), -1, 1e-5);
    assert_near(&layer_norm(&x, -1, 1e-5), &expected, 1e-6, "shifted");
}

#[test]
fn laws_of_normalised_values() {
    let x = normal([3, 4, 5, 2], &mut Rng::seed(7));
    let y = layer_norm(&x, [1, 2, 3], 0.0);
    for row in 0..3 {
        let row = y.at(0, row);
        assert_abs_diff_eq!(row.mean().item(), 0.0, epsilon = 1e-12);
        assert_abs_diff_eq!(row.var(0).item(), 1.0, epsilon = 1e-12);
    }
    assert_close(&layer_norm(&(3.0 * &x - 7.0), [1, 2, 3], 0.0), &y, "shift and scale");
    assert_close(&group_norm(&x, 1, 0.0), &y, "one group is the whole example");
    assert_close(&group_norm(&x, 4, 1e-5), &layer_norm(&x, [2, 3], 1e-5), "a group for each channel");
    let mean_square = rms_norm(&x, [1, 2, 3], 0.0).square().mean_axis([1, 2, 3]);
    assert_close(&mean_square, &Tensor::from([1.0, 1.0, 1.0]), "mean square");
    let centred = &x - x.mean_keepdim(-1);
    assert_close(&rms_norm(&centred, -1, 1e-5), &layer_norm(&x, -1, 1e-5), "of mean 0 the two are one");
    // The slope has no part along what the result does not depend on.
    let slope = (normal([3, 4, 5, 2], &mut Rng::seed(8)) * layer_norm(&x, -1, 0.0)).sum().grad(&x);
    assert_near(&slope.sum_axis(-1), &Tensor::zeros([3, 4, 5]), 1e-10, "shift");
    assert_near(&(&slope * &x).sum_axis(-1), &Tensor::zeros([3, 4, 5]), 1e-10, "scale");
}

#[test]
fn parameters_are_named_as_pytorchs_and_copied() {
    let names =
        |layer: &dyn Module| -> Vec<String> { layer.named_parameters().into_iter().map(|(name, _)| name).collect() };
    let options = |weight, bias| NormOptions { weight, bias, ..Default::default() };
    assert_eq!(names(&LayerNorm::new([2, 3])), ["weight", "bias"]);
    assert_eq!(names(&GroupNorm::with_options(1, 2, options(true, false))), ["weight"]);
    assert_eq!(names(&LayerNorm::with_options([2], options(false, true))), ["bias"]);
    assert_eq!(names(&RmsNorm::new([3])), ["weight"]);
    assert!(names(&RmsNorm::with_options([3], RmsNormOptions { weight: false, ..Default::default() })).is_empty());
    let named = LayerNorm::with_options([2], NormOptions { name: "head".into(), ..Default::default() });
    let names = [named.weight().unwrap(), named.bias().unwrap()].map(|parameter| parameter.name().to_string());
    assert_eq!(names, ["head.weight", "head.bias"]);

    let norm = GroupNorm::new(2, 4);
    let copy = norm.clone();
    norm.parameters()[0].set(Tensor::zeros([4]));
    assert_eq!(copy.parameters()[0].value().to_vec::<f32>(), [1.0; 4]);
    assert_eq!((norm.groups(), norm.channels(), LayerNorm::new([2, 3]).shape().sizes()), (2, 4, [2, 3].as_slice()));
    assert_eq!(RmsNorm::new([3]).shape().sizes(), [3]);
}

#[test]
fn an_empty_batch_has_an_empty_result() {
    let empty = Tensor::zeros([0, 4, 3]);
    for normalise in ALL {
        assert_eq!(*normalise(&empty).shape(), [0, 4, 3]);
    }
}

#[test]
#[should_panic(expected = "layer_norm: the last axes of input [2, 3, 4] must be [4, 3]")]
fn the_last_axes_are_those_that_are_normalised() {
    let _ = LayerNorm::new([4, 3]).forward(&Tensor::zeros([2, 3, 4]));
}

#[test]
#[should_panic(expected = "group_norm: 3 groups do not divide 4 channels")]
fn groups_must_divide_the_channels() {
    let _ = GroupNorm::new(3, 4);
}

#[test]
#[should_panic(expected = "group_norm: input [2, 3, 4] must be [batch, 4, …]")]
fn channels_are_those_of_the_layer() {
    let _ = GroupNorm::new(2, 4).forward(&Tensor::zeros([2, 3, 4]));
}

#[test]
#[should_panic(expected = "rms_norm: input i64[2, 3] must be f32 or f64")]
fn whole_numbers_are_not_normalised() {
    let _ = rms_norm(&Tensor::zeros([2, 3]).cast(DType::I64), -1, 1e-5);
}

#[test]
#[should_panic(expected = "layer_norm: ε is -1: it must be a number of at least 0")]
fn epsilon_is_not_negative() {
    let _ = LayerNorm::with_options([3], NormOptions { epsilon: -1.0, ..Default::default() });
}

#[test]
#[should_panic(expected = "layer_norm: there is nothing to normalise in []")]
fn a_number_is_not_normalised() {
    let _ = LayerNorm::new(Shape::from([0usize; 0]));
}
