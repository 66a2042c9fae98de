use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Result<Table, TableError> {
    Table::from_bytes(text.as_bytes(), "t.csv")
}

fn message(text: &str) -> String {
    read(text).expect_err("the table is bad").to_string()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn reads_plain_text() {
    let table = read("\u{feff}a, b ,\"c d\"\r\n1,-2.5e3, 3\r\n\r\n4,5,\"6\"\r\n").unwrap();
    assert_eq!(table.names(), ["a", "b", "c d"]);
    assert_eq!(table.rows(), 2);
    assert_eq!(table.column("b").unwrap(), [-2500.0, 5.0]);
    assert_eq!(table.column("c d").unwrap(), [3.0, 6.0]);
}

#[test]
fn reads_gzip_by_its_first_bytes_and_several_members() {
    let mut bytes = gzip("a,b\n1,2\n");
    bytes.extend(gzip("3,4\n"));
    let table = Table::from_bytes(&bytes, "t").unwrap();
    assert_eq!(table.column("b").unwrap(), [2.0, 4.0]);
}

#[test]
fn names_file_line_column_and_value() {
    assert_eq!(message("a,b\n1,2\n3\n"), "t.csv: line 3: fields: 1, but the header has 2");
    assert_eq!(message("a,b\n1,2,3\n"), "t.csv: line 2: fields: 3, but the header has 2");
    assert_eq!(message("a,b\n1,x1\n"), r#"t.csv: line 2, column "b": "x1" is not a number"#);
    assert_eq!(message("a,b\n1,\n"), r#"t.csv: line 2, column "b": "" is not a number"#);
    assert_eq!(message("a,b\n\n1,NaN\n"), r#"t.csv: line 3, column "b": "NaN" is not a finite number"#);
    assert_eq!(message("a,b\n-inf,1\n"), r#"t.csv: line 2, column "a": "-inf" is not a finite number"#);
    assert_eq!(message("a,b\n1e999,1\n"), r#"t.csv: line 2, column "a": "1e999" is not a finite number"#);
    assert_eq!(message("a,b,a\n1,2,3\n"), r#"t.csv: header: the columns 1 and 3 are both named "a""#);
    assert_eq!(message("a,,c\n1,2,3\n"), "t.csv: header: column 2 has no name");
}

#[test]
fn refuses_the_empty_table() {
    assert_eq!(message(""), "t.csv: the table is empty: no header");
    assert_eq!(message("\n\n"), "t.csv: the table is empty: no header");
    assert_eq!(message("a,b\n"), "t.csv: the table is empty: a header and no row");
}

#[test]
fn refuses_bytes_that_are_not_text_and_damaged_gzip() {
    let not_text = Table::from_bytes(b"a,b\r\n1,2\r\n\r\n3,\xff\n", "t.csv").unwrap_err();
    assert_eq!(not_text.to_string(), "t.csv: line 4: the text is not UTF-8");
    let whole = gzip("a,b\n1,2\n");
    let cut = Table::from_bytes(&whole[..whole.len() - 4], "t.csv.gz").unwrap_err();
    assert!(matches!(cut, TableError::Damaged { .. }), "{cut}");
    assert!(cut.to_string().starts_with("t.csv.gz: the gzip data are damaged: "), "{cut}");
}

#[test]
fn keeps_a_bad_value_on_one_short_line() {
    let long = message(&format!("a\n\"x\n{}\"\n", "y".repeat(500)));
    assert!(!long.contains('\n') && long.len() < 150, "{long}");
}

#[test]
fn names_a_file_that_cannot_be_read() {
    let missing = Table::from_path("no/such/file.csv").unwrap_err().to_string();
    assert!(missing.starts_with("no/such/file.csv: cannot be read: "), "{missing}");
    let directory = Table::from_path(env!("CARGO_MANIFEST_DIR")).unwrap_err().to_string();
    assert!(directory.contains("cannot be read: "), "{directory}");
}

#[test]
fn drops_columns_and_rows() {
    let table = read("a,b,c\n1,2,3\n4,5,6\n").unwrap();
    assert_eq!(table.without(&["b"]).unwrap().names(), ["a", "c"]);
    assert_eq!(table.without(&["a", "b"]).unwrap().columns(), [[3.0, 6.0]]);
    assert_eq!(table.without(&["b", "d"]).unwrap_err().to_string(), r#"t.csv: no column is named "d""#);
    assert_eq!(table.rows_where(|row| row == 1).columns(), [[4.0], [5.0], [6.0]]);
}

#[test]
fn keys_are_whole_numbers() {
    let table = read("id,x\n0,1\n7,-1\n7,0.5\n").unwrap();
    assert_eq!(table.keys("id").unwrap(), [0, 7, 7]);
    let mistake = table.keys("x").unwrap_err().to_string();
    assert_eq!(mistake, r#"t.csv: row 2, column "x": -1 is not a key (a whole number from 0 to below 2^53)"#);
}

/// Read as a number of 53 binary digits, 2⁵³ + 1 is 2⁵³: two people would be one.
#[test]
fn keys_that_numbers_would_round_are_refused() {
    let table = read("a,b,c,d\n9007199254740991,9007199254740992,9007199254740993,1e300\n").unwrap();
    assert_eq!(table.keys("a").unwrap(), [9_007_199_254_740_991]);
    for name in ["b", "c", "d"] {
        assert!(matches!(table.keys(name), Err(TableError::NotAKey { row: 1, .. })), "{name}");
    }
}

proptest! {
    #[test]
    fn any_bytes_give_a_table_or_an_error_of_one_line(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = Table::from_bytes(&bytes, "t") {
            prop_assert!(!error.to_string().contains('\n'));
        }
    }

    #[test]
    fn numbers_come_back_exactly(rows in prop::collection::vec(prop::array::uniform3(-1e300f64..1e300), 1..20)) {
        let body: String = rows.iter().map(|[a, b, c]| format!("{a},{b},{c}\n")).collect();
        let table = read(&format!("a,b,c\n{body}")).unwrap();
        for (row, values) in rows.iter().enumerate() {
            for (column, value) in table.columns().iter().zip(values) {
                prop_assert_eq!(column[row], *value);
            }
        }
    }
}
