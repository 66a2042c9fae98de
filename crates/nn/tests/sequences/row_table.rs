//! Rows that are trained alone: as if the whole table were.

use minimand_nn::{Embedding, EmbeddingOptions, Module, RowTable};
use minimand_optim::{Optimizer, Sgd, SgdOptions};
use minimand_tensor::{DType, Rng, Tensor};

use crate::{message, normal};

/// Steps with repeated and changing rows leave the bits that steps of the whole table leave.
#[test]
fn steps_of_rows_are_steps_of_the_table() {
    for dtype in [DType::F32, DType::F64] {
        let options = EmbeddingOptions { dtype, ..Default::default() };
        let dense = Embedding::with_options(50, 3, options, &mut Rng::seed(1));
        let mut table = RowTable::new(&dense.weight().value());
        assert_eq!((table.count(), table.size()), (50, 3));
        let sgd = SgdOptions { learning_rate: 0.1, ..Default::default() };
        let mut of_dense = Sgd::new(dense.parameters(), sgd);
        let rng = &mut Rng::seed(2);
        for _ in 0..5 {
            let index = Tensor::random_integers([4, 6], 10..30, rng);
            let target = normal([4, 6, 3], rng).cast(dtype);
            let loss = |rows: Tensor| (rows - &target).square().sum();
            let expected = of_dense.step(&loss(dense.forward(&index))).unwrap().loss();
            let picked = table.pick(&index);
            let found = Sgd::new([picked.parameter()], sgd).step(&loss(picked.forward())).unwrap().loss();
            table.put(&picked);
            assert_eq!(found, expected);
            assert_eq!(table.weight().to_vec::<f64>(), dense.weight().value().to_vec::<f64>());
            assert!(picked.numbers().is_sorted() && picked.numbers().iter().all(|row| (10..30).contains(row)));
        }
        assert_eq!(table.weight().dtype(), dtype);
    }
}

#[test]
fn an_index_of_any_shape_picks_rows() {
    let table = RowTable::new(&normal([5, 3], &mut Rng::seed(1)));
    let shape = |index: Tensor| table.pick(&index).forward().shape().to_string();
    assert_eq!(shape(Tensor::from(2i64)), "[3]");
    assert_eq!(shape(Tensor::iota(0)), "[0, 3]");
    assert_eq!(shape(Tensor::from([[1i64, 1], [4, 0]])), "[2, 2, 3]");
    let index = Tensor::from([[1i64, 1], [4, 0]]);
    let expected = table.weight().index_select(0, &index).to_vec::<f64>();
    assert_eq!(table.pick(&index).forward().to_vec::<f64>(), expected);
}

#[test]
fn mistakes_are_named() {
    let table = || RowTable::new(&Tensor::zeros([4, 3]));
    for number in [4i64, -1] {
        let picked = message(move || drop(table().pick(&Tensor::from([number]))));
        assert_eq!(picked, format!("row_table: {number} is no row of a table of 4"));
    }
    let floats = message(move || drop(table().pick(&Tensor::ones([2]))));
    assert_eq!(floats, "row_table: index f32[2] must be i64, numbers of rows");
    let axes = message(|| drop(RowTable::new(&Tensor::zeros([4]))));
    assert_eq!(axes, "row_table: weight [4] must be [count, size]");
    let integers = message(|| drop(RowTable::new(&Tensor::iota(4).reshape([2, 2]))));
    assert_eq!(integers, "row_table: values of i64 cannot be trained");
    let other = message(move || table().put(&RowTable::new(&Tensor::zeros([9, 3])).pick(&Tensor::from([7i64]))));
    assert_eq!(other, "row_table: rows f32[1, 3] are of another table");
}
