//! Tensors from arrays of the crate `ndarray`, and back.

use ::ndarray::{ArrayD, CowArray, Dimension, IxDyn};
use minimand_tensor::{Element, Shape, Tensor};

/// A tensor of the values of an array or a view, in row-major order of its axes, whatever its strides are.
///
/// An owned array in row-major order gives its memory away without a copy; a view, and an array of another order, are copied once.
///
/// ```
/// use minimand_data::tensor_from_ndarray;
/// use ndarray::array;
///
/// let x = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
/// assert_eq!(tensor_from_ndarray(x.t()).to_string(), "[[1, 4],\n [2, 5],\n [3, 6]]"); // a view
/// assert_eq!(tensor_from_ndarray(x).shape().to_vec(), [2, 3]); // the array itself
/// ```
#[doc(alias = "from_numpy")]
#[track_caller]
pub fn tensor_from_ndarray<'a, T: Element, D: Dimension>(array: impl Into<CowArray<'a, T, D>>) -> Tensor {
    let array = array.into();
    let shape = Shape::from(array.shape());
    let count = array.len();
    if array.is_view() || !array.is_standard_layout() {
        return Tensor::from_vec(array.iter().copied().collect(), shape);
    }
    let (mut values, offset) = array.into_owned().into_raw_vec_and_offset();
    // A slice of a larger array owns all of its memory.
    values.drain(..offset.unwrap_or(0));
    values.truncate(count);
    Tensor::from_vec(values, shape)
}

/// An array of the tensor's values, computed first if they are not known yet, converted to `T` as [`Tensor::to_vec`] does: a copy, in row-major
/// order. `into_dimensionality` gives it a fixed number of axes.
///
/// ```
/// use minimand_data::tensor_to_ndarray;
/// use minimand_tensor::Tensor;
/// use ndarray::{Ix2, array};
///
/// let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
/// let squares = tensor_to_ndarray::<f64>(&x.square()).into_dimensionality::<Ix2>().unwrap();
/// assert_eq!(squares, array![[1.0, 4.0], [9.0, 16.0]]);
/// ```
#[doc(alias = "numpy")]
#[track_caller]
pub fn tensor_to_ndarray<T: Element>(tensor: &Tensor) -> ArrayD<T> {
    let shape = IxDyn(tensor.shape());
    ArrayD::from_shape_vec(shape, tensor.to_vec()).expect("a tensor has the values of its shape")
}
