//! What fits into the address space and not into the memory: a panic that says how much was asked for, and everything goes on.

use minimand_tensor::{DType, Rng, Tensor, eval, memory_statistics};

use crate::panic_anywhere;

/// The work asks for so many entries of so many bytes.
fn asks_for<R>(entries: usize, bytes: usize, work: impl FnOnce() -> R) {
    let (_, _, text) = panic_anywhere(work);
    let wanted =
        format!("out of memory: {entries} entries of {bytes} bytes take {} bytes", entries as u128 * bytes as u128);
    assert!(text.starts_with(&wanted), "{text}");
}

const MUCH: usize = 1 << 42;

#[test]
fn values_that_do_not_fit() {
    let ones = Tensor::ones([MUCH]);
    asks_for(MUCH, 4, || ones.to_vec::<f32>());
    asks_for(MUCH, 4, || eval([&ones]));
    asks_for(MUCH, 4, || ones.to_string());
    asks_for(MUCH, 8, || Tensor::iota(MUCH).to_vec::<i64>());
    asks_for(MUCH, 4, || (&ones + 1.0).to_vec::<f64>());
    asks_for(1 << 59, 4, || (Tensor::ones([1 << 59]) * 2.0).to_vec::<f32>());
    asks_for(1 << 60, 4, || Tensor::ones([1 << 60]).to_vec::<f32>());
    asks_for(1 << 59, 8, || Tensor::iota(1 << 59).to_vec::<i64>());
    asks_for(MUCH, 1, || ones.eq(1).to_vec::<bool>());
    asks_for(MUCH, 4, || ones.cumulative_sum(0).to_vec::<f32>());
    asks_for(MUCH, 8, || ones.argsort(0).to_vec::<i64>());
    asks_for(MUCH, 4, || Tensor::ones([1]).pad(0, MUCH - 1, 0).to_vec::<f32>());
    asks_for(MUCH, 8, || Tensor::linspace(0.0, 1.0, MUCH).to_vec::<f32>());
    let index = Tensor::zeros([MUCH]).cast(DType::I64);
    asks_for(MUCH, 4, || Tensor::ones([3]).index_select(0, &index).to_vec::<f32>());
    asks_for(MUCH, 4, || Tensor::ones([1 << 21, 1]).matmul(&Tensor::ones([1, 1 << 21])).to_vec::<f32>());
}

#[test]
fn random_values_that_do_not_fit() {
    let rng = &mut Rng::seed(1);
    asks_for(MUCH, 4, || Tensor::normal([MUCH], rng));
    asks_for(MUCH, 4, || Tensor::uniform([2, MUCH / 2], 0.0, 1.0, rng));
    asks_for(MUCH, 4, || Tensor::bernoulli([MUCH], 0.5, rng));
    asks_for(MUCH, 8, || Tensor::permutation(MUCH, rng));
    asks_for(MUCH, 8, || rng.permutation(MUCH));
    asks_for(MUCH, 8, || Tensor::random_integers([MUCH], 0..2, rng));
    asks_for(MUCH, 8, || Tensor::categorical(&Tensor::ones([2]), MUCH, rng));
}

#[test]
fn afterwards_all_is_as_before() {
    let ones = Tensor::ones([MUCH]);
    asks_for(MUCH, 4, || ones.exp().to_vec::<f32>());
    let before = memory_statistics();
    asks_for(MUCH, 4, || ones.exp().to_vec::<f32>());
    // Other tests run beside this one, and hold little beside what was asked for.
    assert!(memory_statistics().in_use.abs_diff(before.in_use) < 1 << 32);
    assert!(memory_statistics().peak < 1 << 40, "what was refused was never used");
    assert_eq!(Tensor::from([1.0, 2.0]).square().sum().item(), 5.0);
    assert_eq!((ones.slice(0, 5..7) * 3.0).to_vec::<f32>(), [3.0; 2]);
}

/// Only the shape is needed, or a few of the values.
#[test]
fn what_is_not_needed_takes_no_memory() {
    let huge = Tensor::normal([1000], &mut Rng::seed(2)).unsqueeze(-1).expand([1000, 1 << 40]);
    assert_eq!(*(huge.exp() + 1.0).sum_axis(-1).shape(), [1000]);
    assert_eq!(*huge.at(1, 1 << 39).shape(), [1000]);
    assert_eq!(huge.at(1, 1 << 39).elements(), huge.at(1, 0).to_vec::<f32>().len());
    let inner = Tensor::ones([2, 1 << 44]);
    assert_eq!(*inner.matmul(&inner.transpose()).shape(), [2, 2]);
}
