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
    fn commas_in_numbers_are_seen() {
        for text in ["1,5", "-0,25", "1.234,50", "1,234.50", "1,234,567", "12.345.678,9"] {
            assert!(is_number_with_comma(text.as_bytes()), "{text}");
        }
        for text in ["1.5", "a,5", "1,", ",5", "40.71,-73.99", "1,2,3", "1,23.5", "2024"] {
            assert!(!is_number_with_comma(text.as_bytes()), "{text}");
        }
    }
}
