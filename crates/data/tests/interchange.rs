//! Arrays of `ndarray` of every layout become the tensor of the same entries.
#![cfg(feature = "ndarray")]

use minimand_data::{tensor_from_ndarray, tensor_to_ndarray};
use minimand_tensor::{DType, Element, Tensor};
use ndarray::{Array, Array2, ArrayD, Axis, Dimension, Ix3, IxDyn, Order, s};

fn counted() -> Array<f64, Ix3> {
    Array::from_shape_vec((2, 3, 4), (0..24).map(f64::from).collect()).unwrap()
}

#[track_caller]
fn assert_entries<T: Element + std::fmt::Debug, D: Dimension>(tensor: &Tensor, array: &Array<T, D>) {
    assert_eq!(tensor.shape().to_vec(), array.shape());
    assert_eq!(tensor.dtype(), T::DTYPE);
    let found = tensor_to_ndarray::<T>(tensor);
    assert_eq!(found.shape(), array.shape());
    for (index, value) in array.clone().into_dyn().indexed_iter() {
        assert_eq!(found[&index], *value, "{index:?}");
    }
}

#[test]
fn owned_arrays_of_every_layout() {
    let rows_first = counted();
    assert_entries(&tensor_from_ndarray(rows_first.clone()), &rows_first);
    let columns_first = rows_first.to_shape(((4, 3, 2), Order::ColumnMajor)).unwrap().into_owned();
    assert!(!columns_first.is_standard_layout());
    assert_entries(&tensor_from_ndarray(columns_first.clone()), &columns_first);
    let permuted = counted().permuted_axes([2, 0, 1]);
    assert_entries(&tensor_from_ndarray(permuted.clone()), &permuted);
    // Owns 24 entries and shows 12, from the twelfth on.
    let sliced = counted().slice_move(s![1..2, .., ..]);
    assert_entries(&tensor_from_ndarray(sliced.clone()), &sliced);
    let shorter = counted().slice_move(s![..1, .., ..]);
    assert_entries(&tensor_from_ndarray(shorter.clone()), &shorter);
    let mut reversed = counted();
    reversed.invert_axis(Axis(1));
    assert_entries(&tensor_from_ndarray(reversed.clone()), &reversed);
}

#[test]
fn views_of_every_layout() {
    let array = counted();
    assert_entries(&tensor_from_ndarray(array.view()), &array);
    for view in [array.slice(s![.., ..;-1, 1..;2]), array.slice(s![..1, 1.., ..])] {
        assert_entries(&tensor_from_ndarray(view), &view.to_owned());
    }
    let repeated = array.index_axis(Axis(0), 0);
    let repeated = repeated.broadcast((5, 3, 4)).unwrap();
    assert_entries(&tensor_from_ndarray(repeated), &repeated.to_owned());
    assert_entries(&tensor_from_ndarray(array.t()), &array.t().to_owned());
}

#[test]
fn every_element_type_and_odd_shapes() {
    let flags: Array2<bool> = Array::from_shape_vec((1, 2), vec![true, false]).unwrap();
    assert_entries(&tensor_from_ndarray(flags.view()), &flags);
    let labels: ArrayD<i64> = ArrayD::from_shape_vec(IxDyn(&[3]), vec![1 << 60, -1, 0]).unwrap();
    assert_entries(&tensor_from_ndarray(labels.view()), &labels);
    let single = ndarray::arr0(0.5f32);
    assert_entries(&tensor_from_ndarray(single.view()), &single);
    let empty: Array2<f32> = Array2::zeros((0, 3));
    assert_entries(&tensor_from_ndarray(empty.clone()), &empty);
    let halves = tensor_to_ndarray::<f64>(&Tensor::from([1i64, 2]).cast(DType::F32));
    assert_eq!(halves.into_raw_vec_and_offset().0, [1.0, 2.0]);
}

#[test]
fn an_owned_array_gives_its_memory_away() {
    let array = Array::from_vec(vec![1.0f32; 1000]);
    let tensor = tensor_from_ndarray(array);
    assert_eq!((tensor.elements(), tensor.sum().item()), (1000, 1000.0));
}
