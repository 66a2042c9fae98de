//! Numbers as people write them.

use crate::metrics::Spread;

/// What a number counts, and so how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// An amount in dollars, thousands separated, with cents below $10: `$1,235`, `-$4.20`.
    Dollars,
    /// A share of 1 as a percentage, with more places near 0 and near 100: `12 %`, `8.3 %`, `99.1 %`.
    Percent,
    /// A plain figure with so many places: `1.08`.
    Places(usize),
    /// A count, or a mean of counts: `1,760`, `2.3`.
    Count,
}

/// An amount in dollars.
pub fn dollars(amount: f64) -> String {
    one(amount, Unit::Dollars)
}

/// A share as a percentage.
pub fn percent(share: f64) -> String {
    one(share, Unit::Percent)
}

/// A figure with two places.
pub fn ratio(value: f64) -> String {
    one(value, Unit::Places(2))
}

/// A count.
pub fn count(value: f64) -> String {
    one(value, Unit::Count)
}

/// A number in so many digits that count, thousands separated, without zeros at the end of a fraction: `2.86`, `15,732`, `0.0049`;
/// far from 1 with an exponent, and a digit less.
pub fn figure(value: f64, digits_that_count: usize) -> String {
    let size = value.abs();
    if !value.is_finite() || size == 0.0 {
        return digits(value, 0);
    }
    if !(1e-4..1e15).contains(&size) {
        return format!("{value:.*e}", digits_that_count.saturating_sub(2));
    }
    let before = size.log10().floor() as i32 + 1;
    let places = usize::try_from(digits_that_count as i32 - before).unwrap_or(0);
    let text = digits(value, places);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// One number.
pub fn one(value: f64, unit: Unit) -> String {
    let value = unit.scale(value);
    unit.dressed(&digits(value, unit.places(value)))
}

/// Mean and standard deviation over the seeds, `0.31 ± 0.05`, `$157 ± 2`, `98.9 ± 0.1 %`; both with as many places as
/// the deviation deserves. The mean alone for a single seed.
pub fn spread(spread: &Spread, unit: Unit) -> String {
    let (mean, deviation) = (unit.scale(spread.mean()), unit.scale(spread.standard_deviation()));
    if spread.values().len() == 1 {
        return one(spread.mean(), unit);
    }
    let places = match unit {
        Unit::Places(places) => places,
        _ if deviation == 0.0 => unit.places(mean),
        _ if deviation.abs() >= 0.95 => 0,
        Unit::Count => 1,
        Unit::Dollars => 2,
        Unit::Percent => usize::from(deviation.abs() < 0.095) + 1,
    };
    let deviation = digits(deviation, places);
    let mean = digits(mean, places);
    match unit {
        Unit::Percent => format!("{mean} ± {deviation} %"),
        Unit::Dollars | Unit::Places(_) | Unit::Count => format!("{} ± {deviation}", unit.dressed(&mean)),
    }
}

impl Unit {
    fn scale(self, value: f64) -> f64 {
        match self {
            Self::Percent => value * 100.0,
            Self::Dollars | Self::Places(_) | Self::Count => value,
        }
    }

    /// Places after the point that a single number deserves.
    fn places(self, value: f64) -> usize {
        let size = value.abs();
        match self {
            Self::Places(places) => places,
            Self::Dollars => {
                if size > 0.0 && size < 9.995 {
                    2
                } else {
                    0
                }
            }
            Self::Count => {
                if size < 99.95 && (size - size.round()).abs() > 1e-9 {
                    1
                } else {
                    0
                }
            }
            Self::Percent => {
                // 99.7 is not 100: what is missing counts, too.
                let small = if size < 100.0 { size.min(100.0 - size) } else { size };
                match small {
                    0.0 => 0,
                    small if small < 0.995 => 2,
                    small if small < 9.95 => 1,
                    _ => 0,
                }
            }
        }
    }

    /// The digits with the unit's sign.
    fn dressed(self, digits: &str) -> String {
        let (minus, size) = digits.strip_prefix('-').map_or(("", digits), |size| ("-", size));
        match self {
            Self::Dollars => format!("{minus}${size}"),
            Self::Percent => format!("{digits} %"),
            Self::Places(_) | Self::Count => digits.to_owned(),
        }
    }
}

/// Rounded to so many places, with a comma between thousands, and no minus sign for what reads as 0.
fn digits(value: f64, places: usize) -> String {
    if value.is_nan() {
        return "?".into();
    }
    let plain = if value.is_infinite() { "∞".into() } else { format!("{:.places$}", value.abs()) };
    let (whole, fraction) = plain.split_once('.').map_or((plain.as_str(), None), |(w, f)| (w, Some(f)));
    let mut text = String::new();
    if value < 0.0 && plain.contains(|letter| letter != '0' && letter != '.') {
        text.push('-');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        for (amount, text) in [
            (0.0, "$0"),
            (0.5, "$0.50"),
            (9.99, "$9.99"),
            (9.999, "$10"),
            (57.4, "$57"),
            (999.6, "$1,000"),
            (1234.4, "$1,234"),
            (12_345_678.0, "$12,345,678"),
            (-732.0, "-$732"),
            (-0.001, "$0.00"),
            (f64::INFINITY, "$∞"),
            (f64::NEG_INFINITY, "-$∞"),
            (f64::NAN, "$?"),
        ] {
            assert_eq!(dollars(amount), text);
        }
    }

    #[test]
    fn shares() {
        for (share, text) in [
            (0.0, "0 %"),
            (0.0042, "0.42 %"),
            (0.00999, "1.0 %"),
            (0.083, "8.3 %"),
            (0.0999, "10 %"),
            (0.38, "38 %"),
            (0.989, "98.9 %"),
            (0.9951, "99.51 %"),
            (1.0, "100 %"),
            (1.08, "108 %"),
            (-0.6, "-60 %"),
        ] {
            assert_eq!(percent(share), text);
        }
    }

    #[test]
    fn counts_and_ratios() {
        assert_eq!(count(1760.0), "1,760");
        assert_eq!(count(1760.4), "1,760");
        assert_eq!(count(7.0 / 3.0), "2.3");
        assert_eq!(count(2.0), "2");
        assert_eq!(ratio(1.084), "1.08");
        assert_eq!(ratio(-0.001), "0.00");
    }

    #[test]
    fn spreads() {
        let written = |values: &[f64], unit| spread(&Spread::of(values.to_vec()), unit);
        assert_eq!(written(&[0.25, 0.35], Unit::Places(2)), "0.30 ± 0.07");
        assert_eq!(written(&[0.25], Unit::Places(2)), "0.25");
        assert_eq!(written(&[0.25, 0.35], Unit::Percent), "30 ± 7 %");
        assert_eq!(written(&[0.988, 0.990], Unit::Percent), "98.9 ± 0.1 %");
        assert_eq!(written(&[0.011, 0.0111], Unit::Percent), "1.10 ± 0.01 %");
        assert_eq!(written(&[1120.0, 1140.0], Unit::Dollars), "$1,130 ± 14");
        assert_eq!(written(&[2.0, 3.0], Unit::Count), "2.5 ± 0.7");
        assert_eq!(written(&[0.0, 0.0], Unit::Count), "0 ± 0");
    }
}
