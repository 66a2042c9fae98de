//! Element types: how they combine, and what integers and truth values do.

use minimand_tensor::{DType, Index, Tensor};

fn of(dtype: DType) -> Tensor {
    Tensor::from([1i64, 0, 3]).cast(dtype)
}

#[test]
fn promotion_of_two_tensors() {
    for a in DType::ALL {
        for b in DType::ALL {
            let (x, y, greater) = (of(a), of(b), a.max(b));
            assert_eq!((&x + &y).dtype(), greater.max(DType::I64), "{a} + {b}");
            assert_eq!((&x - &y).dtype(), greater.max(DType::I64), "{a} - {b}");
            assert_eq!((&x * &y).dtype(), greater.max(DType::I64), "{a} * {b}");
            assert_eq!((&x / &y).dtype(), greater.max(DType::F32), "{a} / {b}");
            assert_eq!(x.pow(&y).dtype(), greater.max(DType::F32), "{a} pow {b}");
            assert_eq!(x.maximum(&y).dtype(), greater, "maximum of {a} and {b}");
            assert_eq!(x.minimum(&y).dtype(), greater, "minimum of {a} and {b}");
            assert_eq!(x.lt(&y).dtype(), DType::Bool);
            assert_eq!(x.gt(0).select(&x, &y).dtype(), greater, "select {a} {b}");
            assert_eq!(Tensor::concatenate([&x, &y], 0).dtype(), greater, "concatenate {a} {b}");
            if greater.is_float() {
                assert_eq!(x.unsqueeze(0).matmul(&y.unsqueeze(1)).dtype(), greater, "{a} matmul {b}");
            }
            // The values survive the promotion.
            assert_eq!(
                (&x + &y).to_vec::<f64>(),
                if a == DType::Bool && b == DType::Bool {
                    [2.0, 0.0, 2.0]
                } else {
                    let one = |dtype: DType| if dtype == DType::Bool { 1.0 } else { 3.0 };
                    [2.0, 0.0, one(a) + one(b)]
                }
            );
        }
    }
}

/// A number takes the type of the tensor beside it, on either side.
#[test]
fn promotion_beside_numbers() {
    for dtype in DType::ALL {
        let x = of(dtype);
        let beside_float = if dtype.is_float() { dtype } else { DType::F32 };
        let beside_whole = dtype.max(DType::I64);
        assert_eq!((&x * 0.5).dtype(), beside_float);
        assert_eq!((0.5 * &x).dtype(), beside_float);
        assert_eq!((&x * 0.5f32).dtype(), beside_float);
        assert_eq!((&x - 2).dtype(), beside_whole);
        assert_eq!((2 - &x).dtype(), beside_whole);
        assert_eq!((&x + 2usize).dtype(), beside_whole);
        assert_eq!((&x / 2).dtype(), beside_float);
        assert_eq!(x.maximum(2).dtype(), beside_whole);
        assert_eq!(x.maximum(0.5).dtype(), beside_float);
        assert_eq!(x.gt(0).select(&x, 0.5).dtype(), beside_float);
        assert_eq!(x.gt(0).select(0.5, &x).dtype(), beside_float);
        if dtype != DType::Bool {
            assert_eq!(x.gt(0).select(&x, 0).dtype(), dtype);
            assert_eq!(x.gt(0).select(0, &x).dtype(), dtype);
            assert_eq!(x.relu().dtype(), dtype);
            assert_eq!(x.clamp(0, 2).dtype(), dtype);
        }
        for float in [x.exp(), x.sqrt(), x.sigmoid(), x.softmax(0), x.mean(), x.var(0), x.gelu(), x.pow(2)] {
            assert_eq!(float.dtype(), beside_float);
        }
    }
}

/// Numbers beside f64 keep all their digits.
#[test]
fn numbers_are_not_rounded_beside_f64() {
    let x = Tensor::from([1.0f64]);
    assert_eq!((&x * 0.1).item(), 0.1);
    assert_eq!((0.1 * &x).item(), 0.1);
    assert_eq!(x.gt(0).select(0.1, &x).item(), 0.1);
    assert_eq!(x.lt(0).select(&x, 0.1).item(), 0.1);
    assert_eq!(x.clamp_max(0.1).item(), 0.1);
    assert_eq!(x.maximum(1.1).item(), 1.1);
    assert_eq!(x.full_like(0.1).item(), 0.1);
    assert!(Tensor::from([0.1]).eq(0.1).to_vec::<bool>()[0]);
    assert!(Tensor::from([0.1f32]).eq(0.1).to_vec::<bool>()[0]);
}

#[test]
fn integers() {
    let x = Tensor::from([-7i64, 0, 3]);
    assert_eq!((&x + 1).to_vec::<i64>(), [-6, 1, 4]);
    assert_eq!((-&x).to_vec::<i64>(), [7, 0, -3]);
    assert_eq!(x.abs().to_vec::<i64>(), [7, 0, 3]);
    assert_eq!(x.sign().to_vec::<i64>(), [-1, 0, 1]);
    assert_eq!(x.sum().to_vec::<i64>(), [-4]);
    assert_eq!((x.max().to_vec::<i64>(), x.min().to_vec::<i64>()), (vec![3], vec![-7]));
    assert_eq!((&x / 2).to_vec::<f64>(), [-3.5, 0.0, 1.5]);
    assert_eq!(x.cumulative_sum(0).to_vec::<i64>(), [-7, -7, -4]);
    // Large ones lose no digits, and overflow wraps around.
    let large = Tensor::from([i64::MAX, i64::MIN]);
    assert_eq!((&large + 1).to_vec::<i64>(), [i64::MIN, i64::MIN + 1]);
    assert_eq!(large.sum().to_vec::<i64>(), [-1]);
    assert_eq!(large.flip(0).to_vec::<i64>(), [i64::MIN, i64::MAX]);
    assert!(Tensor::from([(1i64 << 53) + 1]).eq(Tensor::from([1i64 << 53])).to_vec::<bool>() == [false]);
    assert_eq!(Tensor::from([3i64, 1, 2]).argsort(0).to_vec::<i64>(), [1, 2, 0]);
}

#[test]
fn truth_values() {
    let (a, b) = (Tensor::from([true, true, false, false]), Tensor::from([true, false, true, false]));
    assert_eq!((&a & &b).to_vec::<bool>(), [true, false, false, false]);
    assert_eq!((&a | &b).to_vec::<bool>(), [true, true, true, false]);
    assert_eq!((!&a).to_vec::<bool>(), [false, false, true, true]);
    assert_eq!(a.eq(&b).to_vec::<bool>(), [true, false, false, true]);
    assert_eq!(a.ne(&b).to_vec::<bool>(), [false, true, true, false]);
    assert_eq!(a.lt(&b).to_vec::<bool>(), [false, false, true, false]);
    // Counted, averaged, any and all.
    assert_eq!((a.sum().to_vec::<i64>(), a.sum().dtype()), (vec![2], DType::I64));
    assert_eq!(a.mean().item(), 0.5);
    assert_eq!((a.max().to_vec::<bool>(), a.min().to_vec::<bool>()), (vec![true], vec![false]));
    assert_eq!((&a + &b).to_vec::<i64>(), [2, 1, 1, 0]);
    assert_eq!((&a * 2.5).to_vec::<f64>(), [2.5, 2.5, 0.0, 0.0]);
    assert_eq!((-&a).to_vec::<f64>(), [-1.0, -1.0, 0.0, 0.0]);
    assert_eq!(a.argmax_axis(0).item(), 0.0);
    assert_eq!(a.argmin_axis(0).item(), 2.0);
    assert_eq!(Tensor::from([0.0, f64::NAN, -3.0]).cast(DType::Bool).to_vec::<bool>(), [false, true, true]);
    // A precision is meant for numbers.
    assert_eq!(format!("{a:.1}"), "[true, true, false, false]");
}

#[test]
fn casts() {
    let x = Tensor::from([-1.9, 0.5, 2.0, f64::NAN, 1e300, f64::NEG_INFINITY]);
    assert_eq!(x.cast(DType::I64).to_vec::<i64>(), [-1, 0, 2, 0, i64::MAX, i64::MIN]);
    assert_eq!(x.cast(DType::F32).to_vec::<f32>()[..3], [-1.9, 0.5, 2.0]);
    assert_eq!(x.cast(DType::F32).to_vec::<f64>()[4], f64::INFINITY);
    assert_eq!(Tensor::from([true, false]).cast(DType::F64).to_vec::<f64>(), [1.0, 0.0]);
    assert_eq!(Tensor::from([16_777_217i64]).cast(DType::F32).item(), 16_777_216.0);
}

/// A tensor without axes does not widen one with axes within its kind, in no operation and on neither side: as in PyTorch.
#[test]
fn a_scalar_given_at_run_time_does_not_widen() {
    let (narrow, wide) = (Tensor::from([1.5f32, 2.5]), Tensor::scalar(0.1f64));
    for (name, result) in [
        ("+", &narrow + &wide),
        ("-", &wide - &narrow),
        ("*", &narrow * &wide),
        ("/", &wide / &narrow),
        ("pow", narrow.pow(&wide)),
        ("pow of it", wide.pow(&narrow)),
        ("maximum", narrow.maximum(&wide)),
        ("minimum", wide.minimum(&narrow)),
        ("select", narrow.gt(0).select(&narrow, &wide)),
        ("select, the other way round", narrow.gt(0).select(&wide, &narrow)),
        ("clamp", narrow.clamp(0, 2) + &wide),
    ] {
        assert_eq!(result.dtype(), DType::F32, "{name}");
    }
    // Compared as the narrow type has it, like a number.
    assert_eq!(Tensor::from([0.1f32]).eq(&wide).to_vec::<bool>(), [true]);
    assert_eq!(Tensor::from([0.1f32]).le(&wide).to_vec::<bool>(), [true]);
    // One axis is an axis, whatever its size; an empty tensor has axes too.
    assert_eq!((&narrow * wide.reshape([1])).dtype(), DType::F64);
    assert_eq!((Tensor::zeros([0]) * &wide).dtype(), DType::F32);
    // Two scalars meet in the greater type, and another kind is one.
    assert_eq!((Tensor::scalar(1f32) * &wide).dtype(), DType::F64);
    assert_eq!((Tensor::from([1i64, 2]) * Tensor::scalar(0.5f32)).dtype(), DType::F32);
    assert_eq!((Tensor::from([1i64, 2]) * &wide).dtype(), DType::F64);
    assert_eq!((Tensor::from([true, false]) * Tensor::scalar(2i64)).dtype(), DType::I64);
    assert_eq!((&narrow * Tensor::scalar(2i64)).dtype(), DType::F32);
    assert_eq!((Tensor::scalar(0.5f32) * Tensor::from([1.0f64, 2.0])).dtype(), DType::F64);
    // The gradient keeps the type of what it is taken by.
    let slope = (&narrow * &wide).sum().grad(&wide);
    assert_eq!((slope.dtype(), slope.item()), (DType::F64, 4.0));
    assert_eq!((&narrow * &wide).sum().grad(&narrow).dtype(), DType::F32);
}

/// Every operation that takes positions takes them in every form.
#[test]
fn positions_in_every_form() {
    let x = Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    let (list, tensor) = (vec![2usize, 0], Tensor::from([2i64, 0]));
    let forms: [Index; 7] = [
        (&tensor).into(),
        tensor.clone().into(),
        (&list).into(),
        list.clone().into(),
        (&list[..]).into(),
        [2usize, 0].into(),
        (&[2usize, 0]).into(),
    ];
    for form in forms {
        assert_eq!(form.tensor().to_vec::<i64>(), [2, 0]);
        assert_eq!(x.index_select(0, form.clone()).to_vec::<f64>(), [5.0, 6.0, 1.0, 2.0]);
        assert_eq!(x.at(1, 0).take_along_axis(0, form.clone()).to_vec::<f64>(), [5.0, 1.0]);
        assert_eq!(Tensor::from([7.0, 8.0]).scatter_add(0, form, 3).to_vec::<f64>(), [8.0, 0.0, 7.0]);
    }
    // One position takes its axis away, known or not.
    for one in
        [Index::from(1), Tensor::scalar(1i64).into(), Tensor::from([[9.0, 1.0, 3.0]]).argmin_axis(1).at(0, 0).into()]
    {
        assert_eq!(x.at(0, one.clone()).to_vec::<f64>(), [3.0, 4.0]);
        let row = x.index_select(0, one);
        assert_eq!((row.shape().sizes(), row.to_vec::<f64>()), (&[2][..], vec![3.0, 4.0]));
    }
    // More axes take its place.
    let words = Tensor::from([[0i64, 1, 2], [2, 2, 0]]);
    let picked = x.index_select(0, &words);
    assert_eq!(picked.shape().sizes(), [2, 3, 2]);
    assert_eq!(picked.at(0, 1).to_vec::<f64>(), [5.0, 6.0, 5.0, 6.0, 1.0, 2.0]);
    let picked = x.index_select(1, Tensor::from([[1i64], [0]]));
    assert_eq!((picked.shape().sizes(), picked.to_vec::<f64>()), (&[3, 2, 1][..], vec![2.0, 1.0, 4.0, 3.0, 6.0, 5.0]));
    assert_eq!(x.index_select(0, &words).sum().grad(&x).to_vec::<f64>(), [2.0, 2.0, 1.0, 1.0, 3.0, 3.0]);
}

/// With an exponent, whatever the size; truth values are words.
#[test]
fn printed_with_exponents() {
    assert_eq!(format!("{:e}", Tensor::from([1234.5, 0.0, -1e-300])), "[1.2345e3, 0e0, -1e-300]");
    assert_eq!(format!("{:.2e}", Tensor::from([[1f32, 0.001]])), "[[1.00e0, 1.00e-3]]");
    assert_eq!(format!("{:e}", Tensor::from([1200i64])), "[1.2e3]");
    assert_eq!(format!("{:e}", Tensor::from([true])), "[true]");
    assert_eq!(format!("{:e}", Tensor::scalar(f64::INFINITY)), "inf");
}
