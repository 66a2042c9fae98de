//! Integers: their ends, their comparison with numbers that are none, and their conversion, which rounds once.

use minimand_tensor::{DType, Tensor, reference};

const ENDS: [i64; 8] = [i64::MIN, i64::MIN + 1, -1, 0, 1, (1 << 53) + 1, i64::MAX - 1, i64::MAX];

fn ends() -> Tensor {
    Tensor::from(ENDS)
}

#[test]
fn searches() {
    let x = Tensor::from([[3i64, i64::MIN, i64::MAX, i64::MIN], [i64::MAX, i64::MAX - 1, i64::MAX, i64::MIN + 1]]);
    assert_eq!(x.argmin_axis(-1).to_vec::<i64>(), [1, 3]);
    assert_eq!(x.argmax_axis(-1).to_vec::<i64>(), [2, 0]);
    assert_eq!(x.min_axis(-1).to_vec::<i64>(), [i64::MIN, i64::MIN + 1]);
    assert_eq!(x.max_axis(-1).to_vec::<i64>(), [i64::MAX; 2]);
    assert_eq!(x.argsort(-1).to_vec::<i64>(), [1, 3, 0, 2, 3, 1, 0, 2]);
    assert_eq!(x.argsort_descending(-1).to_vec::<i64>(), [2, 0, 1, 3, 0, 2, 1, 3]);
    // Neighbours that one double stands for.
    let near = Tensor::from([(1i64 << 53) + 1, 1 << 53, (1 << 53) + 2]);
    assert_eq!(near.argmin_axis(0).to_vec::<i64>(), [1]);
    assert_eq!(near.argmax_axis(0).to_vec::<i64>(), [2]);
    assert_eq!(near.top_k(0, 2).0.to_vec::<i64>(), [(1 << 53) + 2, (1 << 53) + 1]);
    for found in [near.argsort(0), near.argsort_descending(0), x.argmax_axis(0), x.argmin_axis(-1)] {
        assert_eq!(reference::evaluate(&[&found])[0], found.to_vec::<f64>());
    }
}

#[test]
fn signs() {
    let x = ends();
    assert_eq!(x.sign().to_vec::<i64>(), ENDS.map(i64::signum));
    assert_eq!(x.floor().to_vec::<i64>(), ENDS);
    // There is no opposite of the least: it wraps around.
    assert_eq!(x.abs().to_vec::<i64>(), ENDS.map(i64::wrapping_abs));
    assert_eq!((-&x).to_vec::<i64>(), ENDS.map(i64::wrapping_neg));
    assert_eq!(x.sum().to_vec::<i64>(), [ENDS.into_iter().fold(0, i64::wrapping_add)]);
    assert_eq!(x.relu().to_vec::<i64>(), ENDS.map(|x| x.max(0)));
    assert_eq!(x.clamp(i64::MIN + 1, i64::MAX - 1).to_vec::<i64>(), ENDS.map(|x| x.clamp(i64::MIN + 1, i64::MAX - 1)));
    assert!(x.is_finite().to_vec::<bool>().into_iter().all(|finite| finite));
    let sums = Tensor::from([i64::MAX, 1, 1]).cumulative_sum(0);
    assert_eq!(sums.to_vec::<i64>(), [i64::MAX, i64::MIN, i64::MIN + 1]);
    assert_eq!(reference::evaluate(&[&sums])[0], sums.to_vec::<f64>());
}

/// Whether `x ∘ number` is what whole numbers of 128 bits say.
#[test]
fn comparisons_with_numbers() {
    let x = ends();
    let numbers = [
        0.5,
        -0.5,
        0.0,
        -0.0,
        1.0,
        -1.0,
        1.5,
        5e-324,
        -5e-324,
        9007199254740992.0,
        9007199254740994.0,
        9.3e18,
        -9.3e18,
        1e300,
        -1e300,
        9223372036854775808.0,
        -9223372036854775808.0,
        9223372036854774784.0,
        -9223372036854774784.0,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
    ];
    for number in numbers {
        // Exactly: both ends of the fraction.
        let (below, above) = (number.floor() as i128, number.ceil() as i128);
        let nan = number.is_nan();
        let of = |holds: &dyn Fn(i128) -> bool| ENDS.map(|x| !nan && holds(i128::from(x)));
        let less = of(&|x| x < above);
        let less_or_equal = of(&|x| x <= below);
        let equal = of(&|x| below == above && x == below);
        let flipped = |truth: [bool; 8]| truth.map(|truth| !nan && !truth);
        assert_eq!(x.lt(number).to_vec::<bool>(), less, "lt {number}");
        assert_eq!(x.le(number).to_vec::<bool>(), less_or_equal, "le {number}");
        assert_eq!(x.gt(number).to_vec::<bool>(), flipped(less_or_equal), "gt {number}");
        assert_eq!(x.ge(number).to_vec::<bool>(), flipped(less), "ge {number}");
        assert_eq!(x.eq(number).to_vec::<bool>(), equal, "eq {number}");
        assert_eq!(x.ne(number).to_vec::<bool>(), equal.map(|truth| !truth), "ne {number}");
    }
    let big = Tensor::from([(1i64 << 53) + 1]);
    assert_eq!(big.eq(1i64 << 53).to_vec::<bool>(), [false]);
    assert_eq!(big.gt(9007199254740992.0).to_vec::<bool>(), [true]);
    assert_eq!(big.eq((1i64 << 53) + 1).to_vec::<bool>(), [true]);
    // A choice made by such a comparison stays one of single precision, as documented.
    assert_eq!(Tensor::from([0i64, 1]).clamp_min(0.5).to_vec::<f32>(), [0.5, 1.0]);
    assert_eq!(Tensor::from([0i64, 1]).clamp_min(0.5).dtype(), DType::F32);
}

/// Integers that double precision rounds to the middle between two single ones: rounded twice, they are off.
#[test]
fn conversions_round_once() {
    let mut values: Vec<i64> = ENDS.to_vec();
    for shift in [29, 30, 36, 38] {
        let half = 1i64 << (shift - 1);
        for base in [1i64 << (24 + shift - 1), (1 << (24 + shift - 1)) + (1 << shift)] {
            values.extend([base + half - 1, base + half, base + half + 1, -(base + half + 1), -(base + half - 1)]);
        }
    }
    let expected: Vec<f32> = values.iter().map(|&value| value as f32).collect();
    assert!(values.iter().any(|&value| value as f64 as f32 != value as f32), "none is rounded twice");
    let x = Tensor::from(values.clone());
    assert_eq!(x.to_vec::<f32>(), expected, "to_vec");
    let cast = x.cast(DType::F32);
    assert_eq!(cast.to_vec::<f32>(), expected, "cast");
    assert_eq!(reference::evaluate(&[&cast])[0], expected.iter().map(|&x| f64::from(x)).collect::<Vec<_>>());
    let in_a_pass = (x.cast(DType::F32) * 1.0).exp_m1().square() * 0.0 + x.cast(DType::F32);
    let finite = in_a_pass.to_vec::<f32>().into_iter().zip(&expected).all(|(a, &b)| a.is_nan() || a == b);
    assert!(finite, "in a pass");
    // Strided, repeated, and in long runs.
    let long = x.unsqueeze(-1).expand([values.len(), 300]);
    let all: Vec<f32> = expected.iter().flat_map(|&value| [value; 300]).collect();
    assert_eq!((long.cast(DType::F32) + Tensor::zeros([300])).to_vec::<f32>(), all, "in long runs");
    assert_eq!((x.flip(0).cast(DType::F32) + 0.0).flip(0).to_vec::<f32>(), expected, "strided");
    for (&value, &expected) in values.iter().zip(&expected) {
        assert_eq!((Tensor::from([0f32]) + value).to_vec::<f32>(), [expected], "a number: {value}");
        assert_eq!((Tensor::from([1f32]) * -value.max(-i64::MAX)).to_vec::<f32>(), [-(value.max(-i64::MAX) as f32)]);
        assert!(Tensor::from([expected]).eq(value).to_vec::<bool>()[0], "a number: {value}");
        let chosen = Tensor::from([true]).select(value, Tensor::from([0f32]));
        assert_eq!(chosen.to_vec::<f32>(), [expected], "a choice: {value}");
    }
    assert_eq!(x.cast(DType::F64).to_vec::<f64>(), values.iter().map(|&x| x as f64).collect::<Vec<_>>());
    assert_eq!(x.cast(DType::Bool).to_vec::<bool>(), values.iter().map(|&x| x != 0).collect::<Vec<_>>());
}

#[test]
fn conversions_from_numbers() {
    let x = Tensor::from([1.9, -1.9, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -0.0]);
    assert_eq!(x.cast(DType::I64).to_vec::<i64>(), [1, -1, 0, i64::MAX, i64::MIN, i64::MAX, 0]);
    assert_eq!(x.to_vec::<i64>(), [1, -1, 0, i64::MAX, i64::MIN, i64::MAX, 0]);
}
