//! Numbers in JSON, which has none that are not finite: those travel as words.

use serde_json::Value;

/// A number as JSON: "nan", "inf" and "-inf" where it is not finite.
pub(super) fn to_json(number: f64) -> Value {
    if number.is_nan() {
        Value::from("nan")
    } else if number.is_infinite() {
        Value::from(if number > 0.0 { "inf" } else { "-inf" })
    } else {
        Value::from(number)
    }
}

/// A number from JSON, as a number or as one of those words.
pub(super) fn from_json(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(word) => match word.to_ascii_lowercase().trim_start_matches('+') {
            "nan" => Some(f64::NAN),
            "inf" | "infinity" => Some(f64::INFINITY),
            "-inf" | "-infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        _ => None,
    }
}
