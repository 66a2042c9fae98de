//! Every row once per epoch, and rows stay together.

use std::panic::catch_unwind;

use minimand_nn::Batches;
use minimand_tensor::{Rng, Tensor};
use proptest::prelude::*;

proptest! {
    #[test]
    fn every_row_comes_once_and_with_its_companions(rows in 0usize..60, size in 1usize..20, seed: u64, shuffle: bool) {
        let x = Tensor::iota(rows).unsqueeze(-1).cast(minimand_tensor::DType::F64) * Tensor::from([1.0, 0.5]);
        let y = Tensor::iota(rows);
        let mask = y.lt(7);
        let batches = Batches::new([&x, &y, &mask], size);
        prop_assert_eq!((batches.rows(), batches.len()), (rows, rows.div_ceil(size)));
        let mut rng = Rng::seed(seed);
        let epoch = if shuffle { batches.shuffled(&mut rng) } else { batches.in_order() };
        prop_assert_eq!(epoch.len(), batches.len());
        let mut seen = Vec::new();
        for (index, [x, y, mask]) in epoch.enumerate() {
            let expected = if index + 1 < batches.len() { size } else { rows - index * size };
            prop_assert_eq!(x.shape().sizes(), [expected, 2]);
            let numbers = y.to_vec::<i64>();
            prop_assert_eq!(x.to_vec::<f64>(), numbers.iter().flat_map(|&n| [n as f64, n as f64 / 2.0]).collect::<Vec<_>>());
            prop_assert_eq!(mask.to_vec::<bool>(), numbers.iter().map(|&n| n < 7).collect::<Vec<_>>());
            seen.extend(numbers);
        }
        if shuffle {
            seen.sort_unstable();
        }
        prop_assert_eq!(seen, (0..rows as i64).collect::<Vec<_>>());
    }
}

fn order(batches: &Batches<1>, rng: &mut Rng) -> Vec<i64> {
    batches.shuffled(rng).flat_map(|[rows]| rows.to_vec::<i64>()).collect()
}

#[test]
fn epochs_differ_and_seeds_repeat() {
    let batches = Batches::new([&Tensor::iota(50)], 8);
    let mut rng = Rng::seed(1);
    let (first, second) = (order(&batches, &mut rng), order(&batches, &mut rng));
    assert_ne!(first, second);
    assert_ne!(first, (0..50).collect::<Vec<_>>());
    let mut rng = Rng::seed(1);
    assert_eq!([order(&batches, &mut rng), order(&batches, &mut rng)], [first, second]);
}

#[test]
fn a_smaller_last_batch_can_be_left_out() {
    let kept = Batches::new([&Tensor::iota(10)], 4);
    let dropped = kept.clone().drop_last();
    assert_eq!((kept.len(), dropped.len()), (3, 2));
    assert_eq!(order(&dropped, &mut Rng::seed(1)), order(&kept, &mut Rng::seed(1))[..8]);
    assert_eq!(Batches::new([&Tensor::iota(8)], 4).drop_last().len(), 2);
    let none = Batches::new([&Tensor::iota(3)], 4).drop_last();
    assert!(none.is_empty() && none.in_order().next().is_none());
}

#[test]
fn rows_are_numbered_for_what_is_no_tensor() {
    let batches = Batches::new([&(Tensor::iota(10) * 3)], 4);
    let mut count = 0;
    for (rows, [x]) in batches.shuffled(&mut Rng::seed(1)).with_rows() {
        assert_eq!(x.to_vec::<i64>(), rows.iter().map(|&row| 3 * row as i64).collect::<Vec<_>>());
        count += rows.len();
    }
    assert_eq!(count, 10);
}

#[test]
fn mistakes_are_named() {
    let message = |make: fn()| *catch_unwind(make).unwrap_err().downcast::<String>().unwrap();
    let differ = || drop(Batches::new([&Tensor::zeros([3, 2]), &Tensor::zeros([4])], 2));
    assert_eq!(message(differ), "batches: [3, 2] and [4] have different numbers of rows (axis 0)");
    let panic = catch_unwind(|| Batches::new([&Tensor::zeros([3])], 0)).unwrap_err();
    assert_eq!(*panic.downcast_ref::<&str>().unwrap(), "batches: a batch must have at least one row");
    let panic = catch_unwind(|| Batches::new([&Tensor::zeros([])], 2)).unwrap_err();
    assert_eq!(*panic.downcast_ref::<&str>().unwrap(), "batches: a scalar has no rows");
}

/// Data that were prepared lazily are computed when they are cut, not once more for each batch.
#[test]
fn what_is_cut_is_computed_once() {
    let raw = Tensor::from_vec((0..60).map(f64::from).collect(), [20, 3]);
    let x = (&raw - raw.mean_axis(0)) / raw.std_axis(0, 1);
    let y = x.sum_axis(1);
    let batches = Batches::new([&x, &y], 4);
    assert!(x.is_evaluated() && y.is_evaluated());
    for [x, y] in batches.in_order() {
        assert!(x.is_evaluated() && y.is_evaluated());
        assert!(!x.explain().contains("times"));
    }
}

#[test]
fn rows_may_be_given_left_out_and_repeated() {
    let batches = Batches::new([&(Tensor::iota(5) * 3)], 2);
    let rows = |epoch: minimand_nn::Epoch<'_, 1>| epoch.map(|[x]| x.to_vec::<i64>()).collect::<Vec<_>>();
    assert_eq!(rows(batches.of_rows(vec![4, 0, 4])), [vec![12, 0], vec![12]]);
    assert_eq!(rows(batches.of_rows(vec![])), [[0i64; 0]; 0]);
    assert_eq!(rows(batches.clone().drop_last().of_rows(vec![4, 0, 4])), [[12, 0]]);
    let panic = catch_unwind(|| drop(Batches::new([&Tensor::iota(5)], 2).of_rows(vec![1, 5]))).unwrap_err();
    assert_eq!(*panic.downcast::<String>().unwrap(), "of_rows: row 5 of 5");
}

/// Whatever the order and wherever it is stored, the rest of an epoch is the same.
#[test]
fn an_epoch_goes_on_where_it_was_stored() {
    for batches in [Batches::new([&Tensor::iota(20)], 6), Batches::new([&Tensor::iota(20)], 6).drop_last()] {
        let mut rng = Rng::seed(3);
        let given = batches.of_rows(vec![3, 3, 19, 0, 7, 7, 7, 1]);
        for mut epoch in [batches.in_order(), batches.shuffled(&mut rng), given] {
            loop {
                let resumed = batches.resume(&epoch.state()).unwrap();
                assert_eq!(resumed.len(), epoch.len());
                let rows =
                    |epoch: minimand_nn::Epoch<'_, 1>| epoch.with_rows().map(|(rows, _)| rows).collect::<Vec<_>>();
                assert_eq!(rows(resumed), rows(epoch.clone()));
                if epoch.next_with_rows().is_none() {
                    break;
                }
            }
        }
    }
}

#[test]
fn labels_come_along() {
    let x = Tensor::iota(10);
    let labels = minimand_loss::Labels::new((0..10).map(|row| row % 3).collect::<Vec<_>>(), 3).unwrap();
    let mut count = 0;
    for ([x], labels) in Batches::new([&x], 4).shuffled(&mut Rng::seed(1)).with(|rows| labels.select(rows)) {
        let expected: Vec<i64> = x.to_vec::<i64>().into_iter().map(|row| row % 3).collect();
        assert_eq!(labels.index().to_vec::<i64>(), expected);
        count += labels.len();
    }
    assert_eq!(count, 10);
}
