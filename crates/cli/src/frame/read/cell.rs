//! What a cell says.

use crate::table::read::shortened;

/// What counts as a missing cell, in any letter case: besides the empty cell.
pub const MISSING_TEXTS: [&str; 8] = ["na", "n/a", "nan", "null", "none", "?", ".", "#n/a"];

/// Empty, or one of [`MISSING_TEXTS`].
pub(super) fn is_missing(field: &[u8]) -> bool {
    match field.first() {
        None => true,
        Some(b'0'..=b'9' | b'-' | b'+') => false,
        Some(_) => field.len() <= 4 && MISSING_TEXTS.iter().any(|text| text.as_bytes().eq_ignore_ascii_case(field)),
    }
}

/// A number with a comma in it: `1,5`, `1.234,50` or `1,234.50`.
pub(super) fn is_number_with_comma(field: &[u8]) -> bool {
    let field = field.strip_prefix(b"-").unwrap_or(field);
    let digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    let thousands = |part: &[u8], separator: u8| {
        let mut parts = part.split(|&byte| byte == separator);
        parts.next().is_some_and(|first| digits(first) && first.len() <= 3)
            && parts.all(|part| digits(part) && part.len() == 3)
    };
    let Some(comma) = field.iter().rposition(|&byte| byte == b',') else { return false };
    let (before, after) = (&field[..comma], &field[comma + 1..]);
    if digits(after) && (digits(before) || thousands(before, b'.')) {
        return true;
    }
    let (whole, fraction) = match field.iter().position(|&byte| byte == b'.') {
        Some(point) => (&field[..point], &field[point + 1..]),
        None => (field, &b"0"[..]),
    };
    digits(fraction) && thousands(whole, b',')
}

/// A cell whose number is not written plainly.
pub(super) struct Bare {
    /// The currency or the per cent sign beside it; empty where it has blanks between thousands alone.
    pub(super) sign: String,
    /// The number, or its text where that is none.
    pub(super) number: Result<f64, Vec<u8>>,
}

/// A number with a currency sign before or after it, with a per cent sign after it (then in hundredths), or with blanks
/// between thousands; nothing where there is none of them.
pub(super) fn bare(field: &[u8]) -> Option<Bare> {
    const SIGNS: [char; 5] = ['$', '€', '£', '¥', '%'];
    let is_blank = |letter: char| letter.is_whitespace();
    let text = std::str::from_utf8(field).ok()?;
    let (minus, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let before = rest.chars().next().filter(|letter| SIGNS[..4].contains(letter));
    let rest = rest.trim_start_matches(|letter| Some(letter) == before).trim_start_matches(is_blank);
    let after = rest.chars().next_back().filter(|letter| before.is_none() && SIGNS.contains(letter));
    let rest = rest.strip_suffix(|letter| Some(letter) == after).unwrap_or(rest).trim_end_matches(is_blank);
    let mut parts = rest.split(is_blank);
    let first = parts.next()?;
    if !first.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.' || letter == '-') {
        return None;
    }
    let others: Vec<&str> = parts.collect();
    let sign: String = before.or(after).into_iter().collect();
    let number = if others.is_empty() {
        if sign.is_empty() {
            return None;
        }
        format!("{minus}{first}")
    } else {
        let digits = |text: &str, most: usize| {
            (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let last = others.len() - 1;
        let thousands = others.iter().enumerate().all(|(place, part)| {
            let whole = if place == last { part.split(['.', ',']).next().unwrap_or("") } else { part };
            whole.len() == 3 && digits(whole, 3)
        });
        if !(digits(first.trim_start_matches('-'), 3) && thousands) {
            return None;
        }
        format!("{minus}{first}{}", others.concat())
    };
    let unit = if sign == "%" { 100.0 } else { 1.0 };
    let value = number.parse::<f64>().ok().map(|value| value / unit).filter(|value| value.is_finite());
    Some(Bare { sign, number: value.ok_or_else(|| number.into_bytes()) })
}

/// For a message.
pub(super) fn shown(field: &[u8]) -> String {
    shortened(&String::from_utf8_lossy(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_cells_are_the_listed_ones() {
        for text in ["", "NA", "na", "N/A", "NaN", "nan", "NULL", "None", "?", ".", "#N/A"] {
            assert!(is_missing(text.as_bytes()), "{text}");
        }
        for text in ["0", "-", "n", "no", "nano", "..", "missing", "-1"] {
            assert!(!is_missing(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn numbers_are_seen_beside_their_signs() {
        let of = |text: &str| bare(text.as_bytes()).map(|bare| (bare.sign, bare.number.ok()));
        for (text, sign, number) in [
            ("$12.50", "$", 12.5),
            ("-$3", "$", -3.0),
            ("$-3", "$", -3.0),
            ("12.5%", "%", 0.125),
            ("7 %", "%", 0.07),
            ("1 234.5", "", 1234.5),
            ("12\u{a0}345\u{202f}678 €", "€", 12_345_678.0),
        ] {
            assert_eq!(of(text), Some((sign.to_owned(), Some(number))), "{text}");
        }
        for text in ["%", "$", "a%", "12", "12 34", "1234 567", "$1%", "5 000 m", "2 to 3", "€uro", "10%-20%"] {
            assert!(of(text).is_none_or(|(_, number)| number.is_none()), "{text}");
        }
        assert_eq!(bare("$1,234.50".as_bytes()).unwrap().number, Err(b"1,234.50".to_vec()));
    }

    #[test]
    fn commas_in_numbers_are_seen() {
        for text in ["1,5", "-0,25", "1.234,50", "1,234.50", "1,234,567", "12.345.678,9"] {
            assert!(is_number_with_comma(text.as_bytes()), "{text}");
        }
        for text in ["1.5", "a,5", "1,", ",5", "40.71,-73.99", "1,2,3", "1,23.5", "2024"] {
            assert!(!is_number_with_comma(text.as_bytes()), "{text}");
        }
    }
}
