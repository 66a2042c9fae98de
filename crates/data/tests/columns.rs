//! Standardisation and categories.

use approx::{abs_diff_eq, assert_abs_diff_eq, assert_relative_eq};
use minimand_data::{Categories, Standardiser};
use minimand_tensor::{DType, Tensor};
use proptest::prelude::*;

fn columns() -> [Vec<f64>; 3] {
    [vec![1.0, 2.0, 3.0, 100.0], vec![0.1, 0.1, 0.1, 7.0], vec![5.0, 5.0, 8.0, 9.0]]
}

#[test]
fn fits_on_the_given_rows_only() {
    let fitted = Standardiser::fit(&columns(), &[0, 1, 2]);
    let values = fitted.transform(&columns(), &[0, 1, 2, 3]);
    let deviation_a = (2.0f64 / 3.0).sqrt();
    let deviation_c = 2.0f64.sqrt();
    let expected = [
        [-1.0 / deviation_a, 0.0, -1.0 / deviation_c],
        [0.0, 0.0, -1.0 / deviation_c],
        [1.0 / deviation_a, 0.0, 2.0 / deviation_c],
        [98.0 / deviation_a, 0.0, 3.0 / deviation_c],
    ];
    assert_abs_diff_eq!(&values[..], expected.as_flattened(), epsilon = 1e-12);
}

#[test]
fn range_and_quartiles_are_those_of_the_fitted_rows() {
    let range = Standardiser::fit_range(&columns(), &[0, 1, 2]).transform(&columns(), &[0, 2, 3]);
    assert_abs_diff_eq!(&range[..], &[0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 49.5, 0.0, 4.0 / 3.0][..], epsilon = 1e-12);
    // Of 1, 2, 3, 100: quartiles 1.75 and 27.25, median 2.5.
    let robust = Standardiser::fit_robust(&columns()[..1], &[0, 1, 2, 3]).transform(&columns()[..1], &[1, 3]);
    assert_abs_diff_eq!(&robust[..], &[-0.5 / 25.5, 97.5 / 25.5][..], epsilon = 1e-12);
}

#[test]
fn a_constant_column_is_zero_even_where_its_mean_is_rounded() {
    let column = [vec![0.1; 10], vec![3.0]].concat();
    let rows: Vec<usize> = (0..10).collect();
    for fitted in [
        Standardiser::fit(std::slice::from_ref(&column), &rows),
        Standardiser::fit_range(std::slice::from_ref(&column), &rows),
        Standardiser::fit_robust(std::slice::from_ref(&column), &rows),
    ] {
        assert!(fitted.transform(std::slice::from_ref(&column), &[0, 9, 10]).iter().all(|&value| value == 0.0));
        assert_relative_eq!(fitted.inverse(&[5.0])[0], 0.1, max_relative = 1e-15);
    }
}

#[test]
fn columns_at_the_ends_of_the_range_are_standardised_like_others() {
    for unit in [1.0, 1e-300, 1e-160, 1e160, 1e308] {
        let column = [[1.0, -1.0, 0.5, -0.5].map(|value| value * unit)];
        let values = Standardiser::fit(&column, &[0, 1, 2, 3]).transform(&column, &[0, 1, 2, 3]);
        let deviation = 0.625f64.sqrt();
        for (value, expected) in values.iter().zip([1.0, -1.0, 0.5, -0.5]) {
            assert!(abs_diff_eq!(*value, expected / deviation, epsilon = 1e-12), "{unit:e}: {value}");
        }
    }
}

#[test]
fn tensors_are_standardised_alike_and_gradients_pass() {
    let fitted = Standardiser::fit(&columns(), &[0, 1, 2]);
    let rows = Tensor::from([[1.0f64, 0.1, 5.0], [100.0, 7.0, 9.0]]);
    let found = fitted.transform_tensor(&rows);
    assert_eq!(found.dtype(), DType::F64);
    assert_abs_diff_eq!(&found.to_vec::<f64>()[..], &fitted.transform(&columns(), &[0, 3])[..], epsilon = 1e-12);
    let slope = found.sum().grad(&rows).to_vec::<f64>();
    assert_abs_diff_eq!(&slope[..3], &[1.5f64.sqrt(), 0.0, 0.5f64.sqrt()][..], epsilon = 1e-12);
    let back = fitted.inverse_tensor(&found).to_vec::<f64>();
    assert_abs_diff_eq!(&back[..], &[1.0, 0.1, 5.0, 100.0, 0.1, 9.0][..], epsilon = 1e-12);
    let single = fitted.transform_tensor(&Tensor::from([2.0f32, 0.1, 6.0]));
    assert_eq!((single.dtype(), single.to_vec::<f32>()), (DType::F32, vec![0.0, 0.0, 0.0]));
}

#[test]
#[should_panic(expected = "another number of columns")]
fn refuses_another_table() {
    Standardiser::fit(&columns(), &[0]).transform(&columns()[..2], &[0]);
}

#[test]
#[should_panic(expected = "[2, 2] has not the 3 columns fitted on as its last axis")]
fn refuses_a_tensor_of_other_columns() {
    Standardiser::fit(&columns(), &[0]).transform_tensor(&Tensor::zeros([2, 2]));
}

#[test]
fn categories_of_numbers_and_texts() {
    let numbers = Categories::of([30, 10, 30, 20]);
    assert_eq!(numbers.codes([10, 20, 30]).unwrap(), [0, 1, 2]);
    assert_eq!(numbers.codes([10, 11]).unwrap_err().to_string(), "row 1: 11 is none of the 3 known categories");
    let hot = numbers.one_hot([20, 20]).unwrap();
    assert_eq!((hot.dtype(), hot.to_vec::<f32>()), (DType::F32, vec![0.0, 1.0, 0.0, 0.0, 1.0, 0.0]));
    assert!(Categories::<u8>::of([]).is_empty() && !numbers.is_empty());
    assert_eq!(Categories::of(["b".to_owned(), "a".to_owned()]).len(), 2);
}

proptest! {
    #[test]
    fn the_inverse_gives_the_columns_back(values in prop::collection::vec(-1e3f64..1e3, 4..60)) {
        let rows: Vec<usize> = (0..values.len()).collect();
        let column = std::slice::from_ref(&values);
        for fitted in [
            Standardiser::fit(column, &rows),
            Standardiser::fit_range(column, &rows),
            Standardiser::fit_robust(column, &rows),
        ] {
            let back = fitted.inverse(&fitted.transform(column, &rows));
            assert_abs_diff_eq!(&back[..], &values[..], epsilon = 1e-9);
        }
        let standardised = Standardiser::fit(column, &rows).transform(column, &rows);
        let mean = standardised.iter().sum::<f64>() / values.len() as f64;
        let variance = standardised.iter().map(|value| value * value).sum::<f64>() / values.len() as f64;
        prop_assert!(abs_diff_eq!(mean, 0.0, epsilon = 1e-9) && abs_diff_eq!(variance, 1.0, epsilon = 1e-9));
    }
}
