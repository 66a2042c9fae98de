//! The program as its users meet it: what it prints, where, and with which status.

use std::{
    fs,
    process::{Command, Output, Stdio},
};

fn minimand(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_minimand")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

/// One line on standard error, nothing on standard output, status 2.
#[track_caller]
fn refused(arguments: &[&str]) -> String {
    let output = minimand(arguments);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(output.stdout.is_empty());
    assert!(message.starts_with("minimand: "), "{message}");
    assert_eq!(message.matches('\n').count(), 1, "{message}");
    assert!(message.ends_with('\n') && !message.contains("panicked"), "{message}");
    message
}

#[test]
fn help_and_version_are_answers() {
    for arguments in [&[][..], &["--help"], &["tour", "--help"], &["-h"]] {
        let output = minimand(arguments);
        assert_eq!(output.status.code(), Some(0));
        assert!(output.stderr.is_empty());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("minimand tour heavy-tail --quick"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    }
    let version = String::from_utf8(minimand(&["--version"]).stdout).unwrap();
    assert_eq!(version, concat!("minimand ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn wrong_flags_are_one_line() {
    refused(&["nonsense"]);
    refused(&["--nonsense"]);
    refused(&["tour", "--nonsense"]);
    refused(&["tour", "--seed"]);
    refused(&["tour", "--seed", "-1"]);
    refused(&["tour", "--seed", "1.5"]);
    refused(&["tour", "--threads", "0"]);
    refused(&["tour", "--threads", "99999999999"]);
    refused(&["tour", "--out", ""]);
    refused(&["tour", "heavy-tail", "rare-class"]);
    refused(&["tour", "--quick", "--quick"]);
    assert!(refused(&["tour", "hevy-tail"]).contains("heavy-tail"));
}

#[test]
fn variables_of_the_environment_without_a_meaning_are_one_line() {
    for (variable, value) in [
        ("MINIMAND_LEVEL", "sse9"),
        ("MINIMAND_LEVEL", ""),
        ("MINIMAND_LEVEL", "AVX2"),
        ("MINIMAND_GENERATE", "no"),
        ("MINIMAND_GENERATE", ""),
        ("MINIMAND_POOL", "2"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_minimand")).arg("tour").env(variable, value).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.starts_with(&format!("minimand: {variable} is {value:?}; it can be ")), "{message}");
        assert_eq!(message.matches('\n').count(), 1, "{message}");
        assert!(output.stdout.is_empty());
    }
}

/// `--data` with a file of the given content is refused with a message that holds all of `parts`.
#[track_caller]
fn refused_data(content: impl AsRef<[u8]>, parts: &[&str]) {
    refused_data_for("rare-class", content, parts);
}

#[track_caller]
fn refused_data_for(chapter: &str, content: impl AsRef<[u8]>, parts: &[&str]) {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("claims.csv");
    fs::write(&file, content).unwrap();
    let message = refused(&["tour", chapter, "--quick", "--data", file.to_str().unwrap()]);
    for part in ["claims.csv"].iter().chain(parts) {
        assert!(message.contains(part), "{part:?} is missing in {message}");
    }
}

const HEADER: &str = "person_id,xage,mdvis,totadm,inpdol,meddol\n";

#[test]
fn data_that_are_no_claims_are_refused_with_their_place() {
    refused_data("", &["the table is empty"]);
    refused_data(HEADER, &["the table is empty"]);
    refused_data(format!("{HEADER}1,30,0,0,0,5\n1,31,0,0,NaN,5\n"), &["line 3", "\"inpdol\"", "NaN", "finite"]);
    refused_data(format!("{HEADER}1,30,0,0,0,inf\n"), &["line 2", "\"meddol\"", "finite"]);
    refused_data(format!("{HEADER}1,30,0,0,0,5\n1,31,0,0,0\n"), &["line 3", "fields: 5", "6"]);
    refused_data(format!("{HEADER}1,young,0,0,0,5\n"), &["line 2", "\"xage\"", "young", "not a number"]);
    refused_data("person_id,xage,mdvis,totadm,inpdol,medol\n1,30,0,0,0,5\n", &["\"meddol\"", "did you mean \"medol\""]);
    refused_data(format!("{HEADER}1.5,30,0,0,0,5\n"), &["row 1", "\"person_id\"", "1.5"]);
    refused_data(format!("{HEADER}1,30,0,0,0,5\n2,31,0,0,0,-5\n"), &["row 2", "\"meddol\"", "-5"]);
    refused_data(format!("{HEADER}1,30,0,0,0,5\n"), &["1 people had a cost", "at least 50"]);
    refused_data("person_id,mdvis,totadm,inpdol,meddol\n1,0,0,0,5\n", &["no column is left"]);
    refused_data([0x1f, 0x8b, 8, 0, 1, 2, 3], &["gzip"]);
    refused_data([0xff, 0xfe, b'a', b'\n', b'1'], &["UTF-8"]);
    assert!(refused(&["tour", "--data", "/no/such/file.csv"]).contains("/no/such/file.csv: cannot be read"));
    assert!(refused(&["tour", "--data", "."]).contains("cannot be read"));
}

/// 600 people with ten years each, with the cost of each year's number; the numbers are in no order of the people.
fn claims_of(cost: impl Fn(usize) -> String) -> String {
    let row = |row: usize| format!("{},{row},0,0,0,{}\n", row / 10, cost(row * 7919 % 6000));
    format!("{HEADER}{}", (0..6000).map(row).collect::<String>())
}

#[test]
fn costs_without_a_scale_are_refused() {
    let half_equal = claims_of(|row| if row % 8 < 5 { "5".into() } else { row.to_string() });
    refused_data_for("heavy-tail", half_equal, &["half of the training costs", "$5.00", "rare-class"]);
    let next_to_nothing = claims_of(|row| if row % 8 < 5 { format!("{}e-90", row + 1) } else { format!("{row}e90") });
    refused_data_for("heavy-tail", next_to_nothing, &["no Huber loss without a scale"]);
    let huge = claims_of(|row| if row == 7919 * 7 % 6000 { "1e200".into() } else { row.to_string() });
    refused_data_for("heavy-tail", huge, &["row 8", "\"meddol\"", "1e200"]);
    let tiny = claims_of(|row| if row == 7919 * 7 % 6000 { "1e-200".into() } else { row.to_string() });
    refused_data_for("rare-class", tiny, &["row 8", "1e-200"]);
}

#[test]
fn a_directory_that_cannot_be_written_is_refused_before_training() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("a\nfile");
    fs::write(&file, "").unwrap();
    let below_a_file = file.join("out");
    assert!(refused(&["tour", "--out", below_a_file.to_str().unwrap()]).contains("a file/out: the directory cannot"));
    assert!(refused(&["tour", "--out", file.to_str().unwrap()]).contains("the directory cannot be created"));
    if cfg!(target_os = "linux") {
        assert!(refused(&["tour", "--out", "/proc/minimand"]).contains("/proc/minimand: "));
    }
}

#[cfg(unix)]
#[test]
fn bytes_that_are_no_text_are_refused_or_taken_as_a_path() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let output = Command::new(env!("CARGO_BIN_EXE_minimand"))
        .args([OsStr::new("tour"), OsStr::from_bytes(b"\xff\xfe")])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.starts_with("minimand: ") && message.matches('\n').count() == 1, "{message}");
}

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_causes_no_panic() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_minimand"))
        .arg("--help")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_one_line() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_minimand")).arg("--help").stdout(full).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.starts_with("minimand: standard output cannot be written: "), "{message}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn losses_are_listed_explained_and_suggested() {
    let output = minimand(&["list", "--family", "survival"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.starts_with("survival (") && text.contains("cox_efron"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let listed: serde_json::Value = serde_json::from_slice(&minimand(&["list", "--json"]).stdout).unwrap();
    let listed = listed.as_array().unwrap();
    assert!(listed.len() >= 210);
    for entry in listed {
        let complete = ["name", "family", "summary", "output", "gradient", "when_to_use", "misleads", "reference"]
            .iter()
            .all(|field| entry[field].as_str().is_some_and(|text| !text.is_empty()));
        assert!(complete && !entry["formula"]["latex"].as_str().unwrap().is_empty(), "{}", entry["name"]);
    }
    assert!(refused(&["list", "--family", "nonsense"]).contains("the families are regression, likelihood"));
    assert!(refused(&["explain", "hubber"]).contains("did you mean `huber`"));
    assert!(refused(&["explain", "huber", "--set", "delta=-1"]).contains("delta is -1 and must be greater than 0"));
    assert!(refused(&["explain", "huber", "--set", "beta=1"]).contains("there is no beta"));
    assert!(refused(&["explain", "huber", "--set", "delta"]).contains("NAME=NUMBER"));
}

/// Nothing about a loss breaks its page: every one of them is explained, drawn and sampled.
#[test]
fn every_loss_can_be_explained() {
    for entry in minimand::loss::catalog() {
        let text = minimand_cli::losses::explain(entry, &minimand::loss::catalog::Arguments::new(), 80);
        for heading in ["Formula", "LaTeX", "Takes", "Gradient", "What it estimates", "When it misleads", "Reference"] {
            assert!(text.lines().any(|line| line == heading), "{}: no {heading}", entry.name);
        }
        assert!(text.contains("The derived gradient, as a graph"), "{}: no graph", entry.name);
        assert!(text.contains("Loss, slope and curvature"), "{}: no curve", entry.name);
        let figure = minimand_cli::losses::figure(entry, &minimand::loss::catalog::Arguments::new());
        assert!(figure.is_some_and(|svg| svg.starts_with("<svg")), "{}: no drawing", entry.name);
    }
}

#[test]
fn questions_are_answered_line_by_line() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("questions.jsonl");
    let question =
        r#"{"id":1,"loss":"HuberLoss","inputs":{"prediction":[0.5,2,-3]},"targets":{"target":[0,0,0]},"grad":true}"#;
    fs::write(&path, format!("{question}\nnonsense\n{question}\n")).unwrap();
    let output = minimand(&["eval", path.to_str().unwrap()]);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(output.status.success() && output.stderr.is_empty());
    assert_eq!(lines[0]["value"]["data"], serde_json::json!([0.125, 1.5, 2.5]));
    assert_eq!(lines[0]["grads"]["prediction"]["data"], serde_json::json!([0.5, 1.0, -1.0]));
    assert!(lines[1]["error"].as_str().unwrap().starts_with("line 2: "));
    assert_eq!(lines[2], lines[0]);
    assert!(refused(&["eval", "no/such/file.jsonl"]).contains("no/such/file.jsonl: cannot be read"));
}

/// What the pages say of the catalogue is what the catalogue holds.
#[test]
fn counts_in_the_pages_are_those_of_the_catalogue() {
    use minimand::loss::catalog::{Family, catalog};
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = |name: &str| fs::read_to_string(root.join(name)).unwrap();
    let count = catalog().count();
    for (name, phrase) in [
        ("README.md", format!("All {count} losses")),
        ("crates/loss/README.md", format!("{count} loss functions")),
        ("crates/minimand/src/lib.rs", format!("{count} of them")),
        ("CHANGELOG.md", format!("{count} in {} families", Family::all().count())),
    ] {
        assert!(page(name).contains(&phrase), "{name} does not say \"{phrase}\"");
    }
    for family in Family::all() {
        let row = format!("| {family} | {} |", catalog().filter(|entry| entry.family() == family).count());
        assert!(page("crates/loss/README.md").contains(&row), "crates/loss/README.md has no row \"{row}\"");
    }
}
