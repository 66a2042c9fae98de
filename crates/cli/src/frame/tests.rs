use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Frame {
    Frame::from_bytes(text.as_bytes(), "t.csv").unwrap()
}

fn message(bytes: impl AsRef<[u8]>) -> String {
    Frame::from_bytes(bytes.as_ref(), "t.csv").expect_err("the table is bad").to_string()
}

fn cells<'a>(frame: &'a Frame, name: &str) -> &'a Cells {
    &frame.columns.iter().find(|column| column.name == name).unwrap().cells
}

fn numbers<'a>(frame: &'a Frame, name: &str) -> &'a [f64] {
    match cells(frame, name) {
        Cells::Number(numbers) => numbers,
        other => panic!("{name}: {other:?}"),
    }
}

/// The cells of a column of text; a missing one as nothing.
fn texts(frame: &Frame, name: &str) -> Vec<String> {
    match cells(frame, name) {
        Cells::Text { levels, codes } => {
            let text = |&code: &u32| if code == MISSING { String::new() } else { levels[code as usize].clone() };
            codes.iter().map(text).collect()
        }
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn reads_numbers_text_and_missing_cells() {
    let frame = read(
        "\u{feff}a, b ,\"c, d\",e\r\n1,-2.5e3,\"x \"\"y\"\"\", yes\r\n\r\n NA ,5,\"two\nlines\",no\r\n.5,+7,?,\r\n",
    );
    assert_eq!(frame.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["a", "b", "c, d", "e"]);
    assert_eq!(frame.rows, 3);
    let a = numbers(&frame, "a");
    assert!(a[0] == 1.0 && a[1].is_nan() && a[2] == 0.5);
    assert_eq!(numbers(&frame, "b"), [-2500.0, 5.0, 7.0]);
    assert_eq!(texts(&frame, "c, d"), ["x \"y\"", "two\nlines", ""]);
    assert_eq!(texts(&frame, "e"), ["yes", "no", ""]);
    assert!(frame.notes.is_empty(), "{:?}", frame.notes);
}

#[test]
fn the_same_bytes_packed_are_the_same_table_with_their_own_digest() {
    let text = b"a,b\n1,x\n2,y\n";
    let plain = Frame::from_bytes(text, "t").unwrap();
    // echo -en 'a,b\n1,x\n2,y\n' | sha256sum
    assert_eq!(plain.sha256, "15920f3fb7c051cc15fceee84432e8803a139a9b53a4ea832c37bf1109e200cf");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    let packed = encoder.finish().unwrap();
    let unpacked = Frame::from_bytes(&packed, "t").unwrap();
    assert_eq!(unpacked.columns, plain.columns);
    assert_ne!(unpacked.sha256, plain.sha256);
    assert!(message(&packed[..packed.len() - 4]).starts_with("t.csv: the gzip data are damaged: "));
}

#[test]
fn every_delimiter_and_line_end_gives_the_same_table() {
    let expected = read("a,b,c\n1.5,x,3\n2,y,4\n").columns;
    for delimiter in [',', ';', '\t', '|'] {
        for end in ["\n", "\r\n"] {
            let text = "a,b,c\n1.5,x,3\n2,y,4\n".replace(',', &delimiter.to_string()).replace('\n', end);
            assert_eq!(read(&text).columns, expected, "{text:?}");
        }
    }
}

#[test]
fn columns_of_dates_are_days() {
    let frame =
        read("d,e,f\n2024-03-01,25/03/2024,2011-01\n2024-03-02 12:00,26/03/2024,2011-02\n,27/03/2024,2011-03\n");
    let days = |name: &str| match cells(&frame, name) {
        Cells::Date(days) => days.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(days("d")[..2], [19_783.0, 19_784.5]);
    assert!(days("d")[2].is_nan());
    assert_eq!(days("e"), [19_807.0, 19_808.0, 19_809.0]);
    assert_eq!(days("f")[1] - days("f")[0], 31.0);
}

#[test]
fn booleans_are_one_level_however_they_are_spelt() {
    let frame = read("a,b,c\nTrue,Yes,T\nfalse,No,x\nTRUE,Yes,t\n");
    assert_eq!(texts(&frame, "a"), ["true", "false", "true"]);
    assert_eq!(texts(&frame, "b"), ["Yes", "No", "Yes"]);
    assert_eq!(texts(&frame, "c"), ["T", "x", "t"]);
}

/// A column of 40 numbers but for `others` of them, each on a line of its own.
fn mixed(others: usize) -> Frame {
    let cell = |row: usize| if row < others { format!("old{row}") } else { row.to_string() };
    read(&format!("x,y\n{}", (0..40).map(|row| format!("{},1\n", cell(row))).collect::<String>()))
}

#[test]
fn a_column_of_numbers_may_have_few_texts_and_says_so() {
    let few = mixed(2);
    assert_eq!(numbers(&few, "x").iter().filter(|value| value.is_nan()).count(), 2);
    assert_eq!(
        few.notes,
        [r#""x": 2 of 40 known cells are no numbers and count as missing, the first in line 2: "old0"."#]
    );
    let more = mixed(3);
    assert_eq!(texts(&more, "x")[..4], ["old0", "old1", "old2", "3"]);
    assert_eq!(
        more.notes,
        [r#""x": 3 of 40 known cells are no numbers, the first in line 2: "old0"; the column is taken as text."#]
    );
    assert!(mixed(30).notes.is_empty());
}

#[test]
fn names_line_and_column_of_what_is_wrong() {
    assert_eq!(message(""), "t.csv: the table is empty: no header");
    assert_eq!(message("\n \n"), "t.csv: the table is empty: no header");
    assert_eq!(message("a,b\n"), "t.csv: the table is empty: a header and no row");
    assert_eq!(message("a,,c\n1,2,3\n"), "t.csv: header: column 2 has no name");
    assert_eq!(message("a,b,a\n1,2,3\n"), r#"t.csv: header: the columns 1 and 3 are both named "a""#);
    assert_eq!(message("a,b\n1,2\n\n3\n"), "t.csv: line 4: fields: 1, but the header has 2");
    assert_eq!(message("a,b\n\"x\ny\",2\n3,4,5\n"), "t.csv: line 4: fields: 3, but the header has 2");
    assert_eq!(message("a,b\n1,2\n-inf,1\n"), r#"t.csv: line 3, column "a": "-inf" is not a finite number"#);
    assert_eq!(message("a,b\n1,1e999\n"), r#"t.csv: line 2, column "b": "1e999" is not a finite number"#);
    assert_eq!(message(b"a,b\r\n1,2\r\n\r\n3,\xff\n"), "t.csv: line 4: the text is not UTF-8");
    assert_eq!(
        message("a;b\nx;1\ny;2,5\nz;3,25\n"),
        r#"t.csv: line 3, column "b": "2,5" has a comma; write numbers with a decimal point and no separator of thousands"#
    );
    assert_eq!(
        message("a,b\nx,\"1,234\"\ny,\"2,500\"\n"),
        r#"t.csv: line 2, column "b": "1,234" has a comma; write numbers with a decimal point and no separator of thousands"#
    );
    assert_eq!(message("a,b\n1,x\n2,\"y\n3,z\n4,u\n"), r#"t.csv: line 3: a quote (") is opened and never closed"#);
    let missing = Frame::from_path(std::path::Path::new("no/such.csv")).unwrap_err().to_string();
    assert!(missing.starts_with("no/such.csv: cannot be read: "), "{missing}");
}

/// More than a megabyte for each thread, without and with a quote: read by several threads and by one.
#[test]
fn threads_do_not_change_what_is_read() {
    let mut text = "n,t,d\n".to_owned();
    for row in 0..200_000u32 {
        let number = if row == 150_000 { "odd".to_owned() } else { format!("{}", f64::from(row) / 7.0) };
        text += &format!("{number},level{},2024-01-{:02}\n", (row * 7919) % 1013, row % 28 + 1);
    }
    assert!(text.len() > 4 << 20);
    let one = read(&text.replacen("level0", "\"level0\"", 1));
    let several = read(&text);
    assert_eq!(several.notes, one.notes);
    assert_eq!(
        one.notes,
        [r#""n": 1 of 200000 known cells are no numbers and count as missing, the first in line 150002: "odd"."#]
    );
    assert_eq!((several.rows, numbers(&several, "n").len()), (200_000, 200_000));
    let level = |row: u32| format!("level{}", (row * 7919) % 1013);
    assert!(texts(&several, "t").iter().zip(0..).all(|(text, row)| *text == level(row)));
    assert_eq!(texts(&one, "t"), texts(&several, "t"));
    assert_eq!(cells(&several, "d"), cells(&one, "d"));
    let same = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan());
    assert!(numbers(&several, "n").iter().zip(numbers(&one, "n")).all(same));
    let ragged = text.replacen("level5,2024", "level5;2024", 1);
    let quoted = ragged.replacen("level0", "\"level0\"", 1);
    assert_eq!(message(&ragged), message(&quoted));
}

#[test]
fn a_long_quoted_cell_is_not_cut() {
    let long = "line,\n".repeat(1 << 19);
    let frame = read(&format!("a,b\n1,x\n2,\"<{long}>\"\n3,y\n"));
    assert_eq!(numbers(&frame, "a"), [1.0, 2.0, 3.0]);
    assert_eq!(texts(&frame, "b"), ["x".to_owned(), format!("<{long}>"), "y".to_owned()]);
}

proptest! {
    #[test]
    fn any_bytes_give_a_table_or_an_error_of_one_line(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = Frame::from_bytes(&bytes, "t") {
            prop_assert!(!error.to_string().contains('\n'));
        }
    }

    #[test]
    fn quoted_texts_come_back(rows in prop::collection::vec("[a-z,;\"\r\n\t|é ]{0,12}", 1..20)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["text", "one"]).unwrap();
        rows.iter().for_each(|text| writer.write_record([format!("<{text}>").as_str(), "1"]).unwrap());
        let frame = Frame::from_bytes(&writer.into_inner().unwrap(), "t").unwrap();
        let expected: Vec<String> = rows.iter().map(|text| format!("<{text}>")).collect();
        prop_assert_eq!(texts(&frame, "text"), expected);
    }

    #[test]
    fn numbers_come_back_exactly(rows in prop::collection::vec(prop::option::of(-1e300f64..1e300), 1..20)) {
        let cell = |value: &Option<f64>| value.map_or("NA".to_owned(), |value| value.to_string());
        let frame = read(&format!("a,b\n{}", rows.iter().map(|row| format!("{},1\n", cell(row))).collect::<String>()));
        let back: Vec<Option<f64>> = numbers(&frame, "a").iter().map(|value| (!value.is_nan()).then_some(*value)).collect();
        prop_assert_eq!(back, rows);
    }
}

/// Run with `--ignored --nocapture`: seconds to read 10⁶ rows of 30 columns and to make a problem of them.
#[test]
#[ignore = "measures"]
fn speed_of_a_million_rows() {
    use std::{fmt::Write as _, time::Instant};

    use crate::advice::problem::Problem;

    let mut text = (0..30).map(|column| format!("c{column}")).collect::<Vec<_>>().join(",") + "\n";
    let mut state = 1u64;
    for _ in 0..1_000_000 {
        for column in 0..30 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let random = state >> 33;
            let end = if column == 29 { '\n' } else { ',' };
            match column {
                0..15 => write!(text, "{}.{}{end}", random % 1000, random / 1000 % 10_000),
                15..25 => write!(text, "{}{end}", random % 500),
                25..28 => write!(text, "level {}{end}", random % 40),
                _ => write!(text, "{random}{end}"),
            }
            .unwrap();
        }
    }
    let start = Instant::now();
    let frame = Frame::from_bytes(text.as_bytes(), "t").unwrap();
    println!("read {} MB: {:?}", text.len() / 1_000_000, start.elapsed());
    let start = Instant::now();
    let roles = Roles { target: "c0".to_owned(), ..Roles::default() };
    let problem = Problem::new(frame, &roles, None, false).unwrap();
    println!("problem: {:?}", start.elapsed());
    let start = Instant::now();
    let folds = folds(&problem, 5, 1).unwrap();
    println!("folds: {:?}", start.elapsed());
    let start = Instant::now();
    let encoder = Encoder::fit(&problem.features, &folds[0].train);
    println!("encoder: {:?}", start.elapsed());
    let start = Instant::now();
    println!("{} numbers: {:?}", encoder.transform(&problem.features, &folds[0].train).len(), start.elapsed());
}

#[test]
fn numbers_beside_one_sign_are_numbers() {
    let frame = read("a,b,c,d\n$1.50,12%,1 200,$1\n-$2, 7 %,800,€2\n$ 3,,15 000.5,3\n");
    assert_eq!(numbers(&frame, "a"), [1.5, -2.0, 3.0]);
    let b = numbers(&frame, "b");
    assert!(b[0] == 0.12 && b[1] == 0.07 && b[2].is_nan());
    assert_eq!(frame.notes[1], "\"b\": numbers are read as hundredths, the first in line 2: \"12%\".");
    assert_eq!(numbers(&frame, "c"), [1200.0, 800.0, 15_000.5]);
    // Two currencies are no one unit.
    assert_eq!(texts(&frame, "d"), ["$1", "€2", "3"]);
    assert_eq!(frame.notes[0], "\"a\": numbers are read without $, the first in line 2: \"$1.50\".");
    assert_eq!(
        frame.notes[2],
        "\"c\": numbers are read without blanks between thousands, the first in line 2: \"1 200\"."
    );
    // Shares with and without the sign would be mixed up.
    assert_eq!(texts(&read("p\n12%\n0.12\n"), "p"), ["12%", "0.12"]);
    assert_eq!(
        message("p,x\n\"$1,200.50\",1\n\"$3,000.00\",2\n"),
        "t.csv: line 2, column \"p\": \"$1,200.50\" has a comma; write numbers with a decimal point and no separator of thousands"
    );
}

/// Cut for several threads or not.
#[test]
fn signs_are_read_in_every_piece_of_a_long_table() {
    let rows = 300_000;
    let text: String = (0..rows).map(|row| format!("${row},{row}\n")).collect();
    let frame = read(&format!("a,b\n{text}"));
    assert_eq!(numbers(&frame, "a"), numbers(&frame, "b"));
    let mixed = text.replace("$299999", "€299999");
    assert!(matches!(cells(&read(&format!("a,b\n{mixed}")), "a"), Cells::Text { .. }));
}

#[test]
fn a_column_without_a_name_that_numbers_the_rows_is_left_out() {
    let frame = read(",a,b\n0,5,x\n1,6,y\n2,7,x\n");
    assert_eq!(frame.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(texts(&frame, "b"), ["x", "y", "x"]);
    assert_eq!(frame.notes, ["Column 1 has no name and numbers the rows: it is left out."]);
    assert_eq!(message(",a\n0,5\n2,6\n"), "t.csv: header: column 1 has no name");
    assert_eq!(message("a,,b\n0,5,1\n1,6,2\n"), "t.csv: header: column 2 has no name");
    assert_eq!(message(",a,\n0,5,1\n1,6,2\n"), "t.csv: header: column 3 has no name");
    assert_eq!(message(",a,a\n0,5,1\n1,6,2\n"), "t.csv: header: the columns 2 and 3 are both named \"a\"");
}

#[test]
fn bytes_of_zero_are_no_text() {
    let told = "the text holds bytes of 0, as UTF-16 does; save the table as UTF-8";
    assert_eq!(message("a,b\n1,2\n3,\0\n"), format!("t.csv: line 3: {told}"));
    let wide: Vec<u8> = "a,b\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(message(&wide), format!("t.csv: line 1: {told}"));
    assert_eq!(message([&[0xFF, 0xFE], &wide[..]].concat()), format!("t.csv: line 1: {told}"));
}

#[test]
fn both_zeros_are_one() {
    assert!(numbers(&read("a\n-0\n0\n"), "a").iter().all(|zero| zero.is_sign_positive()));
}
