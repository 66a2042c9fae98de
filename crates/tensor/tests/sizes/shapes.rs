//! Shapes whose elements could not be addressed are refused where they are made.

use minimand_tensor::{DType, Rng, Shape, Tensor};

use crate::{panic_of, refused};

const HUGE: usize = 1 << 31;

#[test]
fn constructors() {
    refused(|| Tensor::iota(1 << 61));
    refused(|| Tensor::iota(usize::MAX));
    refused(|| Tensor::zeros([HUGE, HUGE]));
    refused(|| Tensor::zeros([1 << 32, 1 << 32]).mean());
    refused(|| Tensor::ones([1 << 62]).cumulative_sum(0));
    refused(|| Tensor::full([usize::MAX, usize::MAX, usize::MAX], 1.0));
    refused(|| Tensor::eye(1 << 31));
    refused(|| Tensor::eye(1 << 62));
    refused(|| Tensor::arange(0.0, 1e30, 1.0));
    refused(|| Tensor::arange(0.0, -1e19, -1.0));
    refused(|| Tensor::linspace(0.0, 1.0, 1 << 61));
    refused(|| Tensor::from([1i64]).one_hot(1 << 62));
    refused(|| Tensor::zeros([1 << 30]).cast(DType::I64).one_hot(1 << 31));
    refused(|| Tensor::triangular_mask(1 << 32, 1 << 31, 0));
    let rng = &mut Rng::seed(0);
    refused(|| Tensor::normal([1 << 62], rng));
    refused(|| Tensor::uniform([HUGE, HUGE], 0.0, 1.0, rng));
    refused(|| Tensor::bernoulli([3, 1 << 61], 0.5, rng));
    refused(|| Tensor::permutation(1 << 60, rng));
    refused(|| Tensor::random_integers([1 << 60], 0..2, rng));
}

#[test]
fn the_message_says_how_much() {
    assert_eq!(
        panic_of(|| Tensor::zeros([HUGE, HUGE])),
        "full: f32[2147483648, 2147483648] has 4611686018427387904 elements of 4 bytes: \
         more than the 9223372036854775807 bytes that can be addressed"
    );
    assert_eq!(
        panic_of(|| Tensor::zeros([0, 1 << 62])),
        "full: f32[0, 4611686018427387904] has 4611686018427387904 elements of 4 bytes, an axis of 0 counted as 1: \
         more than the 9223372036854775807 bytes that can be addressed"
    );
    assert!(
        panic_of(|| Tensor::zeros([usize::MAX; 3]))
            .contains("more than 340282366920938463463374607431768211455 elements")
    );
}

/// The largest shapes there are may be made, and read as far as no memory is needed.
#[test]
fn up_to_the_limit() {
    let largest = Tensor::zeros([1 << 60]);
    assert_eq!(largest.elements(), 1 << 60);
    assert_eq!(largest.slice(0, (1 << 60) - 2..).to_vec::<f32>(), [0.0, 0.0]);
    assert_eq!(largest.reshape([1 << 30, 1 << 30]).transpose().at(0, 7).slice(0, 5..6).item(), 0.0);
    let truth = largest.eq(0);
    assert_eq!(truth.elements(), 1 << 60);
    refused(|| largest.cast(DType::I64));
    refused(|| largest.cast(DType::F64));
    refused(|| truth.sum());
    refused(|| truth.cumulative_sum(0));
    refused(|| largest.argsort(0));
    let wide = Tensor::from([true]).expand([1 << 62]);
    assert_eq!(wide.slice(0, 3..5).to_vec::<bool>(), [true, true]);
    refused(|| wide.cast(DType::F32));
    refused(|| wide.logical_not().select(1.0, 0.0));
    assert_eq!(*Tensor::zeros([1 << 30, 0]).shape(), [1 << 30, 0]);
    assert_eq!(Tensor::zeros([0, 1 << 10, 1 << 40]).at(2, 0).sum_axis(0).slice(0, ..2).to_vec::<f32>(), [0.0, 0.0]);
}

#[test]
fn values_and_views() {
    let four = || vec![1.0f32; 4];
    let text = panic_of(|| Tensor::from_vec(four(), [(1 << 63) + 2, 2]));
    assert_eq!(text, "from_vec: 4 values do not fill [9223372036854775810, 2], which holds 18446744073709551620");
    assert!(panic_of(|| Tensor::from_vec(four(), [1 << 63, 2, 0])).starts_with("from_vec: 4 values do not fill"));
    refused(|| Tensor::from_vec(Vec::<f32>::new(), [1 << 63, 2, 0]));
    let eight = Tensor::from_vec(vec![1.0; 8], [8]);
    let text = panic_of(|| eight.reshape([(1 << 62) + 2, 4]));
    assert_eq!(text, "reshape: [8] holds 8 elements and [4611686018427387906, 4] holds 18446744073709551624");
    assert!(panic_of(|| (&eight * 2.0).reshape([usize::MAX; 4])).contains("holds more than"));
    refused(|| Tensor::zeros([0]).reshape([1 << 40, 0, 1 << 40]));
    refused(|| eight.expand([1 << 60, 8]));
    assert_eq!(
        panic_of(|| Shape::from([1 << 40, 1 << 40]).elements()),
        format!("elements: [{0}, {0}] holds more than {1}", 1u64 << 40, usize::MAX)
    );
    assert_eq!(Shape::from([1 << 40, 1 << 40, 0]).elements(), 0);
}

#[test]
fn broadcasts() {
    let (column, row) = (Tensor::zeros([1 << 31, 1]), Tensor::zeros([1 << 31]));
    refused(|| &column + &row);
    refused(|| &column * row.cast(DType::F64));
    refused(|| column.maximum(&row));
    refused(|| column.eq(&row).select(&column, &row));
    refused(|| column.logaddexp(&row));
    refused(|| column.pow(&row));
    refused(|| row.eq(0).select(&column, 1.0));
    // A comparison takes a byte, what is made of it may not.
    assert_eq!(*column.lt(&row).shape(), [1 << 31, 1 << 31]);
    refused(|| column.matmul(&row.unsqueeze(0)));
    refused(|| Tensor::zeros([1 << 31, 1, 1, 1]).matmul(&Tensor::zeros([1 << 31, 1, 1])));
    let points = Tensor::zeros([1 << 30, 2]);
    refused(|| points.pairwise_squared_distances(&points));
    refused(|| points.pairwise_distances(&points));
    let index = Tensor::zeros([1, 1 << 31]).cast(DType::I64);
    refused(|| column.take_along_axis(1, &index));
    refused(|| column.scatter_add(1, &index, 1));
    refused(|| row.unsqueeze(-1).scatter_add(0, Tensor::zeros([1 << 31, 1]).cast(DType::I64), 1 << 62));
    refused(|| column.index_select(1, index.flatten()));
    refused(|| row.jacobian(&row));
    refused(|| (&row * &row).sum().hessian(&row));
}

#[test]
fn lengths_that_add_up() {
    let (long, mask) = (Tensor::zeros([1 << 60]), Tensor::from([true]).expand([1 << 62]));
    refused(|| Tensor::concatenate([&long; 2], 0));
    refused(|| Tensor::stack([&long; 2], 0));
    refused(|| Tensor::concatenate([&mask; 3], 0));
    assert_eq!(
        panic_of(|| Tensor::concatenate([&mask; 5], 0)),
        "concatenate: the lengths along axis 0 add up to more than 18446744073709551615"
    );
    let x = Tensor::from([1.0, 2.0]);
    refused(|| x.pad(0, 1 << 62, 0));
    assert!(
        panic_of(|| x.pad(0, usize::MAX, 1)).starts_with("pad: 18446744073709551615 and 1 zeros around axis 0 of [2]")
    );
    assert!(panic_of(|| x.pad(0, 1, usize::MAX)).starts_with("pad: "));
    assert!(panic_of(|| x.split(0, &[usize::MAX, 3])).contains("add up to 18446744073709551618"));
}

/// A rule of a derivative may need a larger tensor than the formula: the message names the operation's line.
#[test]
fn derivatives() {
    let (a, b) = (Tensor::zeros([1 << 29, 1 << 29]), Tensor::zeros([1 << 20, 1 << 29, 1]));
    let (product, line) = (a.matmul(&b), line!());
    let (_, _, text) = crate::panic_anywhere(|| product.sum().grad(&a));
    assert!(text.contains(&format!("in the derivative of the operation at {}:{line}", file!())), "{text}");
}
