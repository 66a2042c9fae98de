//! Class labels: what is accepted, what is refused and how the refusal reads, and what labels know about themselves.

mod common;

use common::{assert_close, panic_of, values};
use minimand_loss::{LabelError, Labels, cross_entropy};
use minimand_tensor::{DType, Tensor};
use proptest::prelude::*;

#[test]
fn every_kind_of_number_makes_the_same_labels() {
    let expected = [2i64, 0, 1];
    let from = |labels: Result<Labels, LabelError>| labels.unwrap().index().to_vec::<i64>();
    assert_eq!(from(Labels::new([2, 0, 1], 3)), expected);
    assert_eq!(from(Labels::new(vec![2usize, 0, 1], 3)), expected);
    assert_eq!(from(Labels::new(&[2i64, 0, 1][..], 3)), expected);
    assert_eq!(from(Labels::new([2u8, 0, 1], 3)), expected);
    assert_eq!(from(Labels::new([2.0, 0.0, 1.0], 3)), expected);
    assert_eq!(from(Labels::new([2.0f32, -0.0, 1.0], 3)), expected);
    assert_eq!(Labels::new([0, 1], 2).unwrap().index().dtype(), DType::I64);
    assert!(Labels::new(Vec::<usize>::new(), 0).unwrap().is_empty());
}

#[test]
fn errors_name_the_position_the_value_and_the_number_of_classes() {
    let text = |labels: Result<Labels, LabelError>| labels.unwrap_err().to_string();
    assert_eq!(text(Labels::new([0, 3], 3)), "the label at position 1 is 3: with 3 classes a label is 0 to 2");
    assert_eq!(text(Labels::new([0, -1, 9], 3)), "the label at position 1 is -1: with 3 classes a label is 0 to 2");
    assert_eq!(text(Labels::new([1], 1)), "the label at position 0 is 1: with 1 class the only label is 0");
    assert_eq!(text(Labels::new([0], 0)), "the label at position 0 is 0: with 0 classes there is no label");
    assert_eq!(text(Labels::new([0.0, 1.5], 2)), "the label at position 1 is 1.5, which is not a whole number");
    assert_eq!(text(Labels::new([f64::NAN], 2)), "the label at position 0 is NaN, which is not a whole number");
    assert_eq!(text(Labels::new([f64::INFINITY], 2)), "the label at position 0 is inf, which is not a whole number");
    let huge = "the label at position 0 is 18446744073709551615: with 2 classes a label is 0 to 1";
    assert_eq!(text(Labels::new([u64::MAX], 2)), huge);
    let ignored = Labels::with_ignored([-100, 1, -1], 2, -100);
    assert_eq!(ignored.unwrap_err(), LabelError::OutOfRange { position: 2, value: -1, classes: 2 });
}

#[test]
fn ignored_labels_may_be_marked_by_any_value() {
    let kept = |labels: &Labels| labels.kept().unwrap().to_vec::<bool>();
    let outside = Labels::with_ignored([-100, 1, 0], 2, -100).unwrap();
    let class = Labels::with_ignored([1, 0, 0], 2, 1).unwrap();
    let missing = Labels::with_ignored([f64::NAN, 1.0, 0.0], 2, f64::NAN).unwrap();
    for labels in [&outside, &class, &missing] {
        assert_eq!(kept(labels), [false, true, true]);
        assert_eq!(labels.index().to_vec::<i64>()[0], 0, "class 0 stands where the label is ignored");
    }
    assert_eq!(outside.one_hot().to_string(), "[[0, 0],\n [0, 1],\n [1, 0]]");
    assert_eq!(outside.counts(), [1, 1]);
    assert_eq!(class.counts(), [2, 0]);
    assert!(Labels::new([0, 1], 2).unwrap().kept().is_none());
}

#[test]
fn a_batch_and_another_shape_keep_what_belongs_together() {
    let labels = Labels::with_ignored([0, 1, 2, 9, 1, 0], 3, 9).unwrap();
    let square = labels.reshape([2, 3]);
    assert_eq!(*square.shape(), [2, 3]);
    assert_eq!(*square.one_hot().shape(), [2, 3, 3]);
    let last = square.select([1]);
    assert_eq!(*last.shape(), [1, 3]);
    assert_eq!(last.index().to_vec::<i64>(), [0, 1, 0]);
    assert_eq!(last.kept().unwrap().to_vec::<bool>(), [false, true, true]);
    let batch = labels.select([3, 2, 2]);
    assert_eq!(batch.index().to_vec::<i64>(), [0, 2, 2]);
    assert_eq!(batch.kept().unwrap().to_vec::<bool>(), [false, true, true]);
    assert_eq!((batch.counts(), batch.classes()), (vec![0, 0, 2], 3));
    assert!(labels.select([]).is_empty());
}

#[test]
fn balanced_weights_give_every_class_the_same_total() {
    let labels = Labels::with_ignored([0, 0, 0, 0, 0, 1, 2, 2, 7], 4, 7).unwrap();
    let weights = values(&labels.balanced_class_weights());
    assert_close("weights", &weights, &[8.0 / (4.0 * 5.0), 8.0 / 4.0, 8.0 / (4.0 * 2.0), 1.0]);
    let totals: Vec<f64> = weights.iter().zip(labels.counts()).map(|(w, n)| w * n as f64).collect();
    assert_close("total of each class that occurs", &totals, &[2.0, 2.0, 2.0, 0.0]);
}

#[test]
fn the_weight_of_an_example_is_that_of_its_class_or_nothing() {
    let labels = Labels::with_ignored([2, 5, 0], 3, 5).unwrap();
    let w = Tensor::from([0.5, 1.0, 4.0]);
    assert_eq!(values(&labels.weights(Some(&w))), [4.0, 0.0, 0.5]);
    assert_eq!(values(&labels.weights(None)), [1.0, 0.0, 1.0]);
    assert_eq!(values(&Labels::new([1, 1], 2).unwrap().weights(None)), [1.0, 1.0]);
}

#[test]
fn the_mean_divides_by_the_kept_weights_alone() {
    let labels = Labels::with_ignored([0, -1, 1], 2, -1).unwrap();
    let loss = Tensor::from([3.0, 0.0, 5.0]);
    assert_eq!(labels.mean(&loss, None).item(), 4.0);
    let w = Tensor::from([1.5, 0.5]);
    assert_eq!(labels.mean(&loss, Some(&w)).item(), 4.0);
    assert_eq!(labels.mean(&loss, Some(&(w * 3.0))).item(), 8.0 / 6.0);
    assert_eq!(labels.mean(&loss.cast(DType::F32), None).dtype(), DType::F32);
}

#[test]
fn the_mean_of_nothing_is_zero_and_so_is_its_gradient() {
    let logits = Tensor::from([[1.0, -2.0], [0.5, f64::NAN]]);
    let zero = Tensor::from([0.0, 1.0]);
    let ignored = Labels::with_ignored([9, 9], 2, 9).unwrap();
    let of_weight_zero = Labels::new([0, 0], 2).unwrap();
    let none = Labels::new(Vec::<i64>::new(), 2).unwrap();
    let loss = cross_entropy(&logits, &ignored);
    let mean = ignored.mean(&loss, None);
    assert_eq!(mean.item(), 0.0);
    assert_eq!(values(&mean.grad(&logits)), [0.0; 4]);
    assert_eq!(of_weight_zero.mean(&Tensor::from([0.0, 0.0]), Some(&zero)).item(), 0.0);
    let infinite = Tensor::from([f64::INFINITY, 0.0]);
    assert_eq!(of_weight_zero.mean(&infinite, Some(&zero)).item(), 0.0);
    assert_eq!(none.mean(&cross_entropy(&Tensor::zeros([0, 2]), &none), None).item(), 0.0);
}

#[test]
fn mistakes_of_shape_panic_at_the_callers_line() {
    let labels = Labels::new([0, 1, 2], 3).unwrap();
    let panic = panic_of(|| labels.reshape([2, 2]));
    assert_eq!(panic.message, "reshape: 3 labels do not fill [2, 2], which holds 4");
    assert_eq!(panic.file, file!());
    let panic = panic_of(|| labels.select([0, 3]));
    assert_eq!((&*panic.message, &*panic.file), ("select: there is no row 3 in labels [3]", file!()));
    let panic = panic_of(|| labels.mean(&Tensor::zeros([3, 1]), None));
    let message = "mean: loss [3, 1] and labels [3] must have the same shape";
    assert_eq!((&*panic.message, &*panic.file), (message, file!()));
    let panic = panic_of(|| labels.weights(Some(&Tensor::ones([2]))));
    let message = "weights: class_weights [2] and labels of 3 classes do not fit";
    assert_eq!((&*panic.message, &*panic.file), (message, file!()));
    let single = Labels::new([0], 3).unwrap().reshape([]);
    assert_eq!(panic_of(|| single.select([0])).file, file!());
}

proptest! {
    #[test]
    fn labels_are_accepted_exactly_when_in_range(found in prop::collection::vec(-2i64..6, 0..20), classes in 0usize..6) {
        let wrong = found.iter().position(|&label| label < 0 || label >= classes as i64);
        match (Labels::new(&found, classes), wrong) {
            (Ok(labels), None) => {
                prop_assert_eq!(labels.index().to_vec::<i64>(), found.clone());
                prop_assert_eq!(labels.counts().iter().sum::<usize>(), found.len());
                prop_assert_eq!(values(&labels.one_hot()).iter().sum::<f64>(), found.len() as f64);
            }
            (Err(LabelError::OutOfRange { position, value, classes: named }), Some(wrong)) => {
                prop_assert_eq!((position, value, named), (wrong, i128::from(found[wrong]), classes));
            }
            (result, wrong) => prop_assert!(false, "{:?} with the wrong label at {:?}", result, wrong),
        }
    }
}

/// What was computed is labels too; positions to select come in every form.
#[test]
fn labels_from_a_tensor() {
    let found = Labels::from_tensor(Tensor::from([[0.1, 0.9], [0.8, 0.2]]).argmax_axis(-1), 2).unwrap();
    assert_eq!((found.index().to_vec::<i64>(), found.classes()), (vec![1, 0], 2));
    let square = Labels::from_tensor(Tensor::from([[0i64, 2], [1, 1]]), 3).unwrap();
    assert_eq!(square.index().shape().sizes(), [2, 2]);
    for rows in [vec![1usize, 1].into(), Tensor::from([1i64, 1]).into(), minimand_tensor::Index::from([1, 1])] {
        assert_eq!(square.select(rows).index().to_vec::<i64>(), [1, 1, 1, 1]);
    }
    let error = Labels::from_tensor(Tensor::from([[0i64, 1], [-1, 1]]), 2).unwrap_err();
    assert_eq!(error.to_string(), "the label at position 2 is -1: with 2 classes a label is 0 to 1");
    assert!(panic_of(|| square.select(Tensor::from([-1i64]))).message.contains("there is no row -1"));
}

/// Classes may be more than memory could count: only who asks for all of them is told.
#[test]
fn more_classes_than_memory() {
    let labels = Labels::new([0i64, 1 << 40], 1 << 45).unwrap();
    assert_eq!(labels.index().to_vec::<i64>(), [0, 1 << 40]);
    let message = panic_of(|| labels.counts()).message;
    assert_eq!(message, "counts: there is no memory for 35184372088832 classes");
    let message = panic_of(|| Labels::new([0], 1 << 62).unwrap().one_hot()).message;
    assert!(message.contains("more than the 9223372036854775807 bytes that can be addressed"), "{message}");
}
