//! Arguments at the ends of their types.

use minimand_tensor::{DType, Tensor};

use crate::{panic_of, refused};

fn four() -> Tensor {
    Tensor::from([1.0, 2.0, 3.0, 4.0])
}

#[test]
fn windows() {
    let too_short = |text: String| assert!(text.contains("too short for a window of"), "{text}");
    too_short(panic_of(|| four().windows(0, 2, 1, 1 << 63)));
    too_short(panic_of(|| four().windows(0, 3, 1, 1 << 63)));
    too_short(panic_of(|| four().windows(0, 3, 1, usize::MAX)));
    too_short(panic_of(|| four().windows(0, usize::MAX, 1, 1)));
    too_short(panic_of(|| four().windows(0, (1 << 63) + 1, 1, 2)));
    // A step or a dilation that leads nowhere is none.
    assert_eq!(four().windows(0, 2, usize::MAX, 1).to_vec::<f64>(), [1.0, 2.0]);
    assert_eq!(four().windows(0, 1, 2, usize::MAX).to_vec::<f64>(), [1.0, 3.0]);
    let x = four();
    let loss = x.windows(0, 2, 1 << 63, 1).square().sum() + x.windows(0, 1, 1 << 62, 1 << 63).square().sum();
    assert_eq!(loss.grad(&x).to_vec::<f64>(), [4.0, 4.0, 0.0, 0.0]);
}

#[test]
fn overlapping_sums() {
    let windows = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    let do_not_fit = |text: String| assert!(text.contains("do not fit into"), "{text}");
    do_not_fit(panic_of(|| windows.overlap_add(0, 1 << 63, 1, 4)));
    do_not_fit(panic_of(|| windows.overlap_add(0, usize::MAX, 2, 4)));
    do_not_fit(panic_of(|| windows.overlap_add(0, 1, usize::MAX, 4)));
    do_not_fit(panic_of(|| Tensor::from([[1.0; 2]; 3]).overlap_add(0, 1 << 63, 1, 4)));
    refused(|| windows.overlap_add(0, 1, 1, 1 << 61));
    let one = Tensor::from([[1.0, 2.0]]);
    assert_eq!(one.overlap_add(0, usize::MAX, 2, 4).to_vec::<f64>(), [1.0, 0.0, 2.0, 0.0]);
    let loss = one.overlap_add(0, usize::MAX, 2, 4).square().sum();
    assert_eq!(loss.grad(&one).to_vec::<f64>(), [2.0, 4.0]);
    assert_eq!(Tensor::zeros([0, 3]).overlap_add(0, usize::MAX, 1 << 63, 2).to_vec::<f64>(), [0.0, 0.0]);
}

#[test]
fn slices() {
    let beyond = |text: String| assert!(text.contains("does not lie within axis 0 of [4]"), "{text}");
    beyond(panic_of(|| four().slice(0, ..=usize::MAX)));
    beyond(panic_of(|| four().slice(0, 1..=usize::MAX)));
    beyond(panic_of(|| four().slice(0, usize::MAX..)));
    beyond(panic_of(|| four().slice(0, (std::ops::Bound::Excluded(usize::MAX), std::ops::Bound::Unbounded))));
    assert!(panic_of(|| four().at(0, usize::MAX)).contains("is out of range for axis 0 of [4]"));
    let x = four();
    assert_eq!(x.slice_step(0, 1.., usize::MAX).to_vec::<f64>(), [2.0]);
    assert_eq!(x.slice_step(0, 1.., 1 << 63).square().sum().grad(&x).to_vec::<f64>(), [0.0, 4.0, 0.0, 0.0]);
}

#[test]
fn axes() {
    let out_of_range = |text: String| assert!(text.contains("is out of range for [4]"), "{text}");
    out_of_range(panic_of(|| four().sum_axis(usize::MAX)));
    out_of_range(panic_of(|| four().sum_axis([usize::MAX])));
    out_of_range(panic_of(|| four().softmax(vec![usize::MAX])));
    out_of_range(panic_of(|| four().max_axis(1usize << 63)));
    out_of_range(panic_of(|| four().sum_axis(isize::MIN)));
    out_of_range(panic_of(|| four().sum_axis(isize::MAX)));
    out_of_range(panic_of(|| four().sum_axis(i32::MIN)));
    out_of_range(panic_of(|| four().argmax_axis(isize::MIN)));
    out_of_range(panic_of(|| four().unsqueeze(isize::MIN)));
    out_of_range(panic_of(|| four().permute([isize::MIN])));
    assert_eq!(four().sum_axis(-1).item(), 10.0);
}

#[test]
fn diagonals() {
    let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let (all, none) = (x.to_vec::<f64>(), vec![0.0; 6]);
    for diagonal in [3, 4, 1 << 62, i64::MAX - 1, i64::MAX] {
        assert_eq!(x.tril(diagonal).to_vec::<f64>(), all, "{diagonal}");
        assert_eq!(x.triu(diagonal).to_vec::<f64>(), none, "{diagonal}");
    }
    for diagonal in [-2, -3, -(1 << 62), i64::MIN + 1, i64::MIN] {
        assert_eq!(x.tril(diagonal).to_vec::<f64>(), none, "{diagonal}");
        assert_eq!(x.triu(diagonal).to_vec::<f64>(), all, "{diagonal}");
    }
    assert_eq!(x.tril(2).to_vec::<f64>(), all);
    assert_eq!(x.tril(1).to_vec::<f64>(), [1.0, 2.0, 0.0, 4.0, 5.0, 6.0]);
    assert_eq!(x.triu(2).to_vec::<f64>(), [0.0, 0.0, 3.0, 0.0, 0.0, 0.0]);
    assert_eq!(x.triu(-1).to_vec::<f64>(), all);
    assert_eq!(x.triu(0).to_vec::<f64>(), [1.0, 2.0, 3.0, 0.0, 5.0, 6.0]);
}

#[test]
fn numbers_beside_tensors() {
    let (whole, single) = (Tensor::from([2i64]), Tensor::from([2f32]));
    let text = "18446744073709551615 is no i64: the greatest is 9223372036854775807";
    assert_eq!(panic_of(|| &whole * usize::MAX), text);
    assert_eq!(panic_of(|| whole.lt(usize::MAX)), text);
    assert_eq!(panic_of(|| whole.maximum(usize::MAX)), text);
    assert_eq!(panic_of(|| whole.eq(0).logical_not() + usize::MAX), text);
    assert_eq!((&single * usize::MAX).item(), 2f64.powi(65));
    assert_eq!((single.cast(DType::F64) * (1usize << 63)).item(), 2f64.powi(64));
    assert!(single.lt(usize::MAX).to_vec::<bool>()[0]);
    assert_eq!((whole * i64::MAX as usize).to_vec::<i64>(), [-2]);
}
