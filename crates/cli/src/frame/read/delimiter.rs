//! What divides the cells of a line.

use csv::{ReaderBuilder, StringRecord};

/// The candidates, the usual one first.
const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];

/// So many records are looked at.
const RECORDS: usize = 20;

/// The one that divides the header and the first records into the same number of cells, of several the one that makes most;
/// where none does, the one that the header has most of.
pub(super) fn delimiter(text: &[u8]) -> u8 {
    let widths = CANDIDATES.map(|candidate| widths(text, candidate));
    let best = |wanted: &dyn Fn(&[usize]) -> bool| {
        let likely = CANDIDATES.into_iter().zip(&widths).filter(|(_, widths)| wanted(widths));
        // Of equal ones the first.
        likely.rev().max_by_key(|(_, widths)| widths[0]).map(|(candidate, _)| candidate)
    };
    let divides = |widths: &[usize]| widths.first().is_some_and(|&first| first > 1);
    let is_even = |widths: &[usize]| widths.windows(2).all(|pair| pair[0] == pair[1]);
    best(&|widths| divides(widths) && is_even(widths)).or_else(|| best(&divides)).unwrap_or(b',')
}

fn widths(text: &[u8], delimiter: u8) -> Vec<usize> {
    let mut reader = ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text);
    let mut record = StringRecord::new();
    let mut widths = Vec::new();
    while widths.len() < RECORDS && reader.read_record(&mut record).unwrap_or(false) {
        widths.push(record.len());
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::delimiter;

    #[test]
    fn the_header_and_the_first_lines_decide() {
        let cases = [
            ("a,b\n1,2\n", b','),
            ("a;b\n1,5;2,5\n", b';'),
            ("a\tb c\n1\t2\n", b'\t'),
            ("a|b\n1|2\n", b'|'),
            ("a\n1\n", b','),
            ("", b','),
            // The commas of the header are within names.
            ("height, cm;weight, kg\n180;80\n", b';'),
            ("\"a,b,c\";d\n1;2\n", b';'),
            ("income (usd|eur),y\n1,2\n", b','),
            // A row that does not fit leaves the header to decide.
            ("a,b\n1\n", b','),
        ];
        for (text, expected) in cases {
            assert_eq!(char::from(delimiter(text.as_bytes())), char::from(expected), "{text:?}");
        }
    }
}
