//! Why an operation made of finite numbers what is not finite.

use crate::op::{Binary, Op, Unary};

/// In words, from the operation, its result and the numbers that it was made of.
pub(super) fn of(op: &Op, result: f64, operands: &[f64]) -> String {
    let infinite = operands.iter().any(|operand| operand.is_infinite());
    match (op, operands) {
        (Op::Data | Op::Constant(_), _) => "numbers as they were given".to_owned(),
        (Op::Unary(unary), &[x]) => of_unary(*unary, x).to_owned(),
        (Op::Binary(Binary::Divide), &[x, y]) => match (x == 0.0, y == 0.0) {
            (true, true) => "0 / 0",
            (false, true) => "a division by 0",
            _ if infinite => "∞ / ∞",
            _ => OVERFLOW,
        }
        .to_owned(),
        (Op::Binary(Binary::Power), &[x, y]) => match (x < 0.0, x == 0.0) {
            (true, _) if result.is_nan() => "a power of a negative number that is not whole",
            (_, true) if y < 0.0 => "a negative power of 0",
            _ => OVERFLOW,
        }
        .to_owned(),
        (Op::Binary(Binary::Multiply) | Op::MatrixMultiply, _) if result.is_nan() => {
            "0 · ∞, or ∞ - ∞ in a sum".to_owned()
        }
        _ if result.is_nan() && infinite => "∞ - ∞".to_owned(),
        _ => OVERFLOW.to_owned(),
    }
}

const OVERFLOW: &str = "an overflow: the result is beyond the largest number of its type";

fn of_unary(unary: Unary, x: f64) -> &'static str {
    let (least, greatest, exceptions) = unary.domain();
    if x.is_infinite() {
        "an infinite operand"
    } else if x < least || x > greatest {
        if least == 0.0 { "a negative number" } else { "a number outside its domain" }
    } else if x == 0.0 && (least == 0.0 || exceptions.contains(&0.0)) {
        "0"
    } else if x == least || x == greatest || exceptions.contains(&x) {
        "the end of its domain, or a pole"
    } else {
        OVERFLOW
    }
}
