//! Numbers that a formula is made with, as the type of its tensors has them.

use minimand_tensor::{DType, Tensor};

/// An option as it is in the type of the tensors that it meets: a small one may be 0 there, a great one infinite.
pub(crate) fn in_type(option: f64, dtype: DType) -> f64 {
    match dtype {
        DType::F64 => option,
        _ => f64::from(option as f32),
    }
}

/// Panics unless an option is greater than 0, in the type of the tensors too.
#[track_caller]
pub(crate) fn check_positive(loss: &str, (name, option): (&str, f64), dtype: DType) {
    assert!(option > 0.0, "{loss}: {name} is {option} and must be greater than 0");
    assert!(
        in_type(option, dtype) > 0.0,
        "{loss}: {name} is {option:e}, which is 0 in {dtype}, and must be greater than 0"
    );
}

/// Panics unless an option is finite, in the type of the tensors too.
#[track_caller]
pub(crate) fn check_finite(loss: &str, (name, option): (&str, f64), dtype: DType) {
    assert!(option.is_finite(), "{loss}: {name} is {option} and must be finite");
    assert!(
        in_type(option, dtype).is_finite(),
        "{loss}: {name} is {option:e}, which is infinite in {dtype}, and must be finite"
    );
}

/// Panics unless an option is greater than 0 and finite, and what is divided by it is finite too, in the type of the tensors.
#[track_caller]
pub(crate) fn check_divisor(loss: &str, (name, option): (&str, f64), dtype: DType) {
    check_positive(loss, (name, option), dtype);
    check_finite(loss, (name, option), dtype);
    assert!(
        in_type(1.0 / in_type(option, dtype), dtype).is_finite(),
        "{loss}: {name} is {option:e}, whose reciprocal is infinite in {dtype}, and must be greater"
    );
}

/// Numbers in memory in a floating-point type, so that no step has to convert them first.
pub(crate) fn numbers(values: impl ExactSizeIterator<Item = f64>, dtype: DType) -> Tensor {
    let shape = [values.len()];
    match dtype {
        DType::F64 => Tensor::from_vec(values.collect::<Vec<f64>>(), shape),
        _ => Tensor::from_vec(values.map(|value| value as f32).collect::<Vec<f32>>(), shape),
    }
}
