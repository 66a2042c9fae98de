//! The sign of zero is part of the value: `1/x` and a power show it. Moving signs about keeps it.

use minimand_tensor::{Tensor, eval};

type OnTensors = fn(&Tensor, &Tensor, &Tensor) -> Tensor;
type OnNumbers = fn(f64, f64, f64) -> f64;

/// Expressions in which signs can be moved, as they are written and as IEEE 754 computes them.
const EXPRESSIONS: &[(&str, OnTensors, OnNumbers)] = &[
    ("-a - b", |a, b, _| -a - b, |a, b, _| -a - b),
    ("-a + -b", |a, b, _| -a + -b, |a, b, _| -a + -b),
    ("-a + b", |a, b, _| -a + b, |a, b, _| -a + b),
    ("a + -b", |a, b, _| a + -b, |a, b, _| a + -b),
    ("a - -b", |a, b, _| a - -b, |a, b, _| a - -b),
    ("-a - -b", |a, b, _| -a - -b, |a, b, _| -a - -b),
    ("-(a - b)", |a, b, _| -(a - b), |a, b, _| -(a - b)),
    ("-(a + b)", |a, b, _| -(a + b), |a, b, _| -(a + b)),
    ("-(-a - b)", |a, b, _| -(-a - b), |a, b, _| -(-a - b)),
    ("-(-a + -b)", |a, b, _| -(-a + -b), |a, b, _| -(-a + -b)),
    ("-a - b - c", |a, b, c| -a - b - c, |a, b, c| -a - b - c),
    ("-a b - c", |a, b, c| -a * b - c, |a, b, c| -a * b - c),
    ("-a b - -c", |a, b, c| -a * b - -c, |a, b, c| -a * b - -c),
    ("-a (-b - c)", |a, b, c| -a * (-b - c), |a, b, c| -a * (-b - c)),
    ("-a -b", |a, b, _| -a * -b, |a, b, _| -a * -b),
    ("a/-b", |a, b, _| a / -b, |a, b, _| a / -b),
    ("-a/-b - c", |a, b, c| -a / -b - c, |a, b, c| -a / -b - c),
    ("a b + -c", |a, b, c| a * b + -c, |a, b, c| a * b + -c),
    ("-c - a b", |a, b, c| -c - a * b, |a, b, c| -c - a * b),
    ("-(a b + c)", |a, b, c| -(a * b + c), |a, b, c| -(a * b + c)),
    ("-(a b - c)", |a, b, c| -(a * b - c), |a, b, c| -(a * b - c)),
    ("-(c - a b)", |a, b, c| -(c - a * b), |a, b, c| -(c - a * b)),
    ("0 - a", |a, _, _| 0.0 - a, |a, _, _| 0.0 - a),
    ("0 - -a", |a, _, _| 0.0 - -a, |a, _, _| 0.0 - -a),
    ("-0 - a", |a, _, _| -0.0 - a, |a, _, _| -0.0 - a),
    ("-a + 0", |a, _, _| -a + 0.0, |a, _, _| -a + 0.0),
    ("-a - 0", |a, _, _| -a - 0.0, |a, _, _| -a - 0.0),
    ("-a + -0", |a, _, _| -a + -0.0, |a, _, _| -a + -0.0),
    ("-a 0", |a, _, _| -a * 0.0, |a, _, _| -a * 0.0),
    ("a -1 - b", |a, b, _| a * -1.0 - b, |a, b, _| -a - b),
    ("-(a < b ? a : b)", |a, b, _| -a.lt(b).select(a, b), |a, b, _| -(if a < b { a } else { b })),
    ("a < b ? -a : -b", |a, b, _| a.lt(b).select(-a, -b), |a, b, _| if a < b { -a } else { -b }),
    ("c - (a < b ? -a : -b)", |a, b, c| c - a.lt(b).select(-a, -b), |a, b, c| c - if a < b { -a } else { -b }),
    ("-(a < b ? 0 : 1) - c", |a, b, c| -a.lt(b).select(0.0, 1.0) - c, |a, b, c| -(if a < b { 0.0 } else { 1.0 }) - c),
];

const VALUES: [f64; 6] = [0.0, -0.0, 1.0, -1.0, 0.5, -2.0];

/// Every triple of [`VALUES`], in memory: what leads to them is not part of the graph.
fn triples() -> (Vec<[f64; 3]>, [Tensor; 3]) {
    let mut triples = Vec::new();
    for a in VALUES {
        for b in VALUES {
            triples.extend(VALUES.map(|c| [a, b, c]));
        }
    }
    let column = |which: usize| Tensor::from_vec(triples.iter().map(|t| t[which]).collect::<Vec<_>>(), [triples.len()]);
    let columns = [column(0), column(1), column(2)];
    (triples, columns)
}

fn check(
    found: &Tensor,
    expected: impl Iterator<Item = f64>,
    name: &str,
    triples: &[[f64; 3]],
    faults: &mut Vec<String>,
) {
    for ((found, expected), triple) in found.to_vec::<f64>().into_iter().zip(expected).zip(triples) {
        if found.to_bits() != expected.to_bits() && !(found.is_nan() && expected.is_nan()) {
            faults.push(format!("{name} at {triple:?}: {found}, not {expected}"));
        }
    }
}

#[test]
fn expressions_keep_the_sign_of_zero() {
    let (triples, [a, b, c]) = triples();
    let mut faults = Vec::new();
    for &(name, tensors, numbers) in EXPRESSIONS {
        let value = tensors(&a, &b, &c);
        let expected = || triples.iter().map(|&[a, b, c]| numbers(a, b, c));
        check(&value, expected(), name, &triples, &mut faults);
        // Where others see it: signs meet those of what comes after.
        type Around = (&'static str, fn(Tensor) -> Tensor, fn(f64) -> f64);
        let around: [Around; 4] = [
            ("1/", |x| 1.0 / x, |x| 1.0 / x),
            ("-1/-", |x| -1.0 / -x, |x| -1.0 / -x),
            ("pow -3 of ", |x| x.pow(-3.0), |x| x.powf(-3.0)),
            ("negative ", |x| -x, |x| -x),
        ];
        for (how, on_tensor, on_number) in around {
            let value = on_tensor(tensors(&a, &b, &c));
            check(&value, expected().map(on_number), &format!("{how}({name})"), &triples, &mut faults);
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

/// Scalars and rows take other ways than columns of equal length.
#[test]
fn broadcasts_keep_the_sign_of_zero() {
    let row = Tensor::from_vec(VALUES.to_vec(), [6]);
    for number in VALUES {
        let scalar = Tensor::scalar(number);
        eval([&scalar, &row]);
        for (found, value) in (1.0 / (-&scalar - &row)).to_vec::<f64>().into_iter().zip(VALUES) {
            assert_eq!(found.to_bits(), (1.0 / (-number - value)).to_bits(), "{number}, {value}: {found}");
        }
        for (found, value) in (1.0 / (-&row - number)).to_vec::<f64>().into_iter().zip(VALUES) {
            assert_eq!(found.to_bits(), (1.0 / (-value - number)).to_bits(), "{number}, {value}: {found}");
        }
    }
}

/// The sum of one chosen entry each: what is done to all entries is done to the chosen one.
#[test]
fn a_sum_of_one_chosen_entry_keeps_the_sign_of_zero() {
    let table = Tensor::from([[0.0, 1.0, 2.0], [-1.0, 0.0, 3.0]]);
    let labels = Tensor::from([0i64, 1]).unsqueeze(-1);
    let chosen = |entries: Tensor| Tensor::iota(3).eq(&labels).select(entries, 0).sum_axis(-1);
    let factor = Tensor::from([[-2.0], [-0.5]]);
    eval([&table, &factor]);
    // 0 · -2 = -0, but a sum with other zeros is 0.
    assert_eq!((1.0 / chosen(&table * &factor)).to_vec::<f64>(), [f64::INFINITY; 2]);
    assert_eq!((1.0 / chosen(-&table)).to_vec::<f64>(), [f64::INFINITY; 2]);
    assert_eq!((1.0 / chosen(-&table * &factor - &factor * 0.0)).to_vec::<f64>(), [f64::INFINITY; 2]);
}
