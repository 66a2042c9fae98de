//! Element types: how they combine, and what integers and truth values do.

use minimand_tensor::{DType, Tensor};

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
        for float in [x.exp(), x.sqrt(), x.sigmoid(), x.softmax(0), x.mean(), x.var(.., 0), x.gelu(), x.pow(2)] {
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
    assert_eq!(a.argmax(0).item(), 0.0);
    assert_eq!(a.argmin(0).item(), 2.0);
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
