//! Rows of tables.

use minimand_nn::{BagReduction, Embedding, EmbeddingBag, EmbeddingOptions, Module};
use minimand_tensor::{DType, Rng, Tensor};
use serde_json::Value;

use crate::{Draws, message, recorded, size};

fn options(padding: Option<usize>, dtype: DType) -> EmbeddingOptions {
    EmbeddingOptions { padding, dtype, ..Default::default() }
}

#[test]
fn embeddings_and_bags_are_those_of_pytorch() {
    let cases = recorded("embeddings");
    assert_eq!(cases.len(), 16);
    for case in &cases {
        for dtype in [DType::F64, DType::F32] {
            let (count, width) = (size(&case["count"]), size(&case["size"]));
            let options = options(case["padding"].as_u64().map(|row| row as usize), dtype);
            let rng = &mut Rng::seed(1);
            let kind = case["kind"].as_str().unwrap();
            let bag =
                |reduction| Box::new(EmbeddingBag::new(count, width, reduction, options.clone(), &mut Rng::seed(1)));
            let model: Box<dyn Module> = match kind {
                "embedding" => Box::new(Embedding::with_options(count, width, options.clone(), rng)),
                "sum" => bag(BagReduction::Sum),
                "mean" => bag(BagReduction::Mean),
                "max" => bag(BagReduction::Max),
                other => panic!("{other}"),
            };
            let mut draws = Draws::new(dtype);
            draws.initialise(&*model);
            if let Some(padding) = options.padding {
                let table = &model.parameters()[0];
                table.set(Tensor::iota(count).eq(padding).unsqueeze(-1).select(0, table.value()));
            }
            let output = model.forward(&index(&case["index"]));
            draws.compare(case, Some(&*model), &[], &[output], &format!("{kind} {count} {width} {dtype}"));
        }
    }
}

fn index(rows: &Value) -> Tensor {
    let rows: Vec<Vec<i64>> = serde_json::from_value(rows.clone()).unwrap();
    let shape = [rows.len(), rows[0].len()];
    Tensor::from_vec(rows.concat(), shape)
}

#[test]
fn a_table_starts_standard_normal_and_its_padding_with_zeros() {
    let table = Embedding::with_options(500, 40, options(Some(7), DType::F64), &mut Rng::seed(3));
    assert_eq!((table.count(), table.size(), table.padding()), (500, 40, Some(7)));
    let values = table.weight().value();
    assert_eq!(values.at(0, 7).to_vec::<f64>(), vec![0.0; 40]);
    let (mean, deviation) = (values.mean().item(), values.std(1).item());
    assert!(mean.abs() < 0.03 && (deviation - 1.0).abs() < 0.03, "{mean} {deviation}");
    let named = EmbeddingOptions { name: "words".into(), ..options(None, DType::F32) };
    assert_eq!(&**Embedding::with_options(2, 1, named, &mut Rng::seed(3)).weight().name(), "words.weight");
}

/// The row is PyTorch's in value, whatever it is, and has no gradient even where it was trained before.
#[test]
fn a_padding_row_that_is_not_zero_is_still_read() {
    let table = Embedding::with_options(3, 2, options(Some(1), DType::F64), &mut Rng::seed(3));
    table.weight().set(Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]));
    let rows = table.forward(&Tensor::from([1i64, 2]));
    assert_eq!(rows.to_string(), "[[3, 4],\n [5, 6]]");
    assert_eq!(rows.square().sum().grad(&table.weight().value()).to_string(), "[[0, 0],\n [0, 0],\n [10, 12]]");
}

#[test]
fn numbers_of_any_shape_pick_rows() {
    let table = Embedding::new(4, 3, &mut Rng::seed(3));
    let shape = |index: Tensor| table.forward(&index).shape().to_string();
    assert_eq!(shape(Tensor::from(2i64)), "[3]");
    assert_eq!(shape(Tensor::iota(4)), "[4, 3]");
    assert_eq!(shape(Tensor::iota(0)), "[0, 3]");
    assert_eq!(shape(Tensor::iota(4).reshape([2, 1, 2])), "[2, 1, 2, 3]");
    let bag = |options| EmbeddingBag::new(4, 3, BagReduction::Sum, options, &mut Rng::seed(3));
    for padding in [None, Some(1)] {
        let bag = bag(options(padding, DType::F32));
        assert_eq!(bag.forward(&Tensor::iota(0)).to_string(), "[0, 0, 0]");
        assert_eq!(bag.forward(&Tensor::iota(4).reshape([2, 1, 2])).shape().to_string(), "[2, 1, 3]");
    }
}

/// An infinite entry in the row of the padding is not part of a bag.
#[test]
fn padding_is_left_out_whatever_it_holds() {
    for (reduction, expected) in
        [(BagReduction::Sum, "[[4]]"), (BagReduction::Mean, "[[2]]"), (BagReduction::Max, "[[3]]")]
    {
        let bag = EmbeddingBag::new(3, 1, reduction, options(Some(0), DType::F64), &mut Rng::seed(3));
        bag.weight().set(Tensor::from([[f64::INFINITY], [1.0], [3.0]]));
        let lists = Tensor::from([[1i64, 0, 2]]);
        assert_eq!(bag.forward(&lists).to_string(), expected);
    }
}

#[test]
fn a_clone_is_a_table_of_its_own() {
    let table = Embedding::new(4, 3, &mut Rng::seed(3));
    let copy = table.clone_boxed().unwrap();
    let before = copy.parameters()[0].value().to_vec::<f32>();
    table.weight().set(table.weight().value() + 1);
    assert_eq!(copy.parameters()[0].value().to_vec::<f32>(), before);
}

#[test]
fn mistakes_are_named() {
    let rng = || Rng::seed(3);
    assert_eq!(message(|| drop(Embedding::new(0, 3, &mut rng()))), "embedding: a table of 0 rows with 3 entries");
    let beyond = || drop(Embedding::with_options(4, 3, options(Some(4), DType::F32), &mut rng()));
    assert_eq!(message(beyond), "embedding: the padding 4 is no row of a table of 4");
    let table = Embedding::new(4, 3, &mut rng());
    let floats = message(move || drop(table.forward(&Tensor::ones([2]))));
    assert_eq!(floats, "embedding: input f32[2] must be i64, numbers of rows");
    let bag = EmbeddingBag::new(4, 3, BagReduction::Sum, options(None, DType::F32), &mut rng());
    let scalar = message(move || drop(bag.forward(&Tensor::from(1i64))));
    assert_eq!(scalar, "embedding_bag: input [] must be […, length]");
    let table = Embedding::new(4, 3, &mut rng());
    let beyond = message(move || drop(table.forward(&Tensor::from([4i64])).to_vec::<f32>()));
    assert!(beyond.contains('4'), "{beyond}");
}
