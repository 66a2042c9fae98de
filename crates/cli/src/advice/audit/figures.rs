//! Numbers of any size as people write them.

use super::clusters::Estimated;

/// As many places as the width of the interval deserves.
pub(super) fn places(estimate: &Estimated) -> usize {
    let width = estimate.half_width();
    if !(width > 0.0 && width.is_finite()) {
        return 2;
    }
    // Two figures of a width that begins with 1 or 2, one of others.
    usize::try_from(-(width / 3.0).log10().floor() as i32).unwrap_or(0).min(6)
}

/// Two numbers with as many places as their difference deserves.
pub(super) fn pair(one: f64, other: f64) -> [String; 2] {
    let difference = (one - other).abs();
    let apart = if difference > 0.0 { 1 - difference.log10().floor() as i32 } else { 0 };
    let own = |value: f64| if value != 0.0 { 2 - value.abs().log10().floor() as i32 } else { 0 };
    let places =
        usize::try_from(apart.min(own(one).max(own(other)) + 2).max(own(one).max(own(other)))).unwrap_or(0).min(8);
    [fixed(one, places), fixed(other, places)]
}

/// The number, with places that suit its interval; a dash where there is none: a ratio to truths that are all 0.
pub(super) fn value(estimate: &Estimated) -> String {
    if !estimate.value.is_finite() {
        return "–".to_owned();
    }
    fixed(estimate.value, places(estimate))
}

/// "0.31 to 0.37".
pub(super) fn interval(estimate: &Estimated) -> String {
    if !estimate.value.is_finite() {
        return "–".to_owned();
    }
    let places = places(estimate);
    format!("{} to {}", fixed(estimate.low, places), fixed(estimate.high, places))
}

/// "0.34 (0.31 to 0.37)".
pub(super) fn with_interval(estimate: &Estimated) -> String {
    format!("{} ({})", value(estimate), interval(estimate))
}

fn fixed(value: f64, places: usize) -> String {
    crate::terminal::number::one(value, crate::terminal::number::Unit::Places(places))
}

/// A probability of a test.
pub(super) fn p_value(p: Option<f64>) -> String {
    match p {
        None => "?".to_owned(),
        Some(p) if p < 0.001 => "< 0.001".to_owned(),
        Some(p) if p < 0.0995 => format!("{p:.3}"),
        Some(p) => format!("{p:.2}"),
    }
}
