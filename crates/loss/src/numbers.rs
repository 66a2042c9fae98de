//! Numbers that a formula is made with.

use minimand_tensor::{DType, Tensor};

/// Numbers in memory in a floating-point type, so that no step has to convert them first.
pub(crate) fn numbers(values: impl ExactSizeIterator<Item = f64>, dtype: DType) -> Tensor {
    let shape = [values.len()];
    match dtype {
        DType::F64 => Tensor::from_vec(values.collect::<Vec<f64>>(), shape),
        _ => Tensor::from_vec(values.map(|value| value as f32).collect::<Vec<f32>>(), shape),
    }
}
