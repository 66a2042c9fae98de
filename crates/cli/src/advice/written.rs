//! Numbers as the advice writes them.

use super::evidence::Measured;
use crate::terminal::number;

/// Three digits that count, thousands separated, without zeros at the end of a fraction: `2.86`, `15,732`, `0.0049`.
pub fn figure(value: f64) -> String {
    number::figure(value, 3)
}

/// Two places, for ratios and levels.
pub fn ratio(value: f64) -> String {
    if value.is_finite() && value.abs() < 1000.0 { format!("{value:.2}") } else { figure(value) }
}

/// A share as a percentage: `31.3 %`, `0.42 %`, `98.9 %`.
pub fn percent(share: f64) -> String {
    format!("{} %", figure(share * 100.0))
}

/// The ends of an interval: `1.48 to 2.1`; an end that was not found is left open.
pub fn range(measured: &Measured) -> String {
    match (measured.low.is_finite(), measured.high.is_finite()) {
        (true, true) => format!("{} to {}", figure(measured.low), figure(measured.high)),
        (true, false) => format!("{} or more", figure(measured.low)),
        (false, true) => format!("up to {}", figure(measured.high)),
        (false, false) => "not known".to_owned(),
    }
}

/// A probability of something by chance: `p 0.03`, `p below 0.001`.
pub fn chance(p: f64) -> String {
    if p < 0.001 { "p below 0.001".to_owned() } else { format!("p {}", figure((p * 1000.0).round() / 1000.0)) }
}

/// "a, b and c".
pub fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// "1 row", "3 rows".
pub fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", whole(number), if number == 1 { one } else { many })
}

/// A whole number with all its digits.
pub fn whole(number: usize) -> String {
    number::count(number as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures() {
        for (value, text) in [
            (2.8607, "2.86"),
            (15_732.4, "15,732"),
            (0.004_93, "0.00493"),
            (0.0, "0"),
            (-1234.6, "-1,235"),
            (20.0, "20"),
            (0.5, "0.5"),
            (1.23e-7, "1.2e-7"),
            (f64::NAN, "?"),
            (f64::INFINITY, "∞"),
        ] {
            assert_eq!(figure(value), text);
        }
        assert_eq!((percent(0.313).as_str(), percent(1.0).as_str()), ("31.3 %", "100 %"));
        assert_eq!((chance(0.0001).as_str(), chance(0.0312).as_str()), ("p below 0.001", "p 0.031"));
        assert_eq!(range(&Measured { value: 2.0, low: 1.48, high: f64::INFINITY }), "1.48 or more");
        assert_eq!(whole(1_000_000), "1,000,000");
        assert_eq!(listed(&["a".into(), "b".into(), "c".into()]), "a, b and c");
    }
}
