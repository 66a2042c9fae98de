//! The audit as its users meet it, and beside what other tools find.

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use approx::assert_relative_eq;
use flate2::{Compression, write::GzEncoder};
use serde_json::Value;
use tempfile::TempDir;

fn audit(file: &str, more: &[&str], input: Option<&[u8]>) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_minimand"))
        .args(["audit", file])
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A refusal may close its ears before everything was said.
    let _ = child.stdin.take().unwrap().write_all(input.unwrap_or_default());
    child.wait_with_output().unwrap()
}

/// A directory with this table in `p.csv`.
fn table(text: &str) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("p.csv");
    fs::write(&path, text).unwrap();
    (directory, path)
}

const COLUMNS: [&str; 4] = ["--target", "y", "--prediction", "p"];

fn json(text: &str, more: &[&str]) -> Value {
    let (_kept, path) = table(text);
    let output = audit(path.to_str().unwrap(), &[&COLUMNS, more, &["--json"]].concat(), None);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The one line, without the program's name and with the path shortened.
#[track_caller]
fn refused(text: &str, arguments: &[&str], expected: &str) {
    let (_kept, path) = table(text);
    let output = audit(path.to_str().unwrap(), arguments, None);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(output.stdout.is_empty());
    assert_eq!(message.replace(path.to_str().unwrap(), "p.csv"), format!("minimand: {expected}\n"));
}

/// So many rows of a function of the row's number.
fn rows(header: &str, count: usize, row: impl Fn(usize) -> String) -> String {
    let lines: Vec<String> = (0..count).map(row).collect();
    format!("{header}\n{}\n", lines.join("\n"))
}

/// A number that looks drawn, from 0 to below 1.
fn noise(at: usize) -> f64 {
    let mut z = (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

fn amounts(count: usize) -> String {
    rows("y,p,g,w,part", count, |at| {
        let p = 1.0 + 9.0 * noise(3 * at);
        let y = -p * (1.0 - noise(3 * at + 1)).ln();
        format!("{y},{p},{},{},{}", at / 2, 1 + at % 3, if noise(3 * at + 2) < 0.4 { "a" } else { "b" })
    })
}

fn classes(count: usize, shift: f64) -> String {
    rows("y,p", count, |at| {
        let z = 6.0 * noise(2 * at) - 4.0;
        let y = u8::from(noise(2 * at + 1) < 1.0 / (1.0 + (-z).exp()));
        format!("{y},{}", 1.0 / (1.0 + (-z - shift).exp()))
    })
}

#[test]
fn refusals_are_one_line() {
    let good = amounts(40);
    refused(&good, &["--target", "z", "--prediction", "p"], "p.csv: no column is named \"z\"");
    refused(&good, &["--target", "y", "--prediction", "pred"], "p.csv: no column is named \"pred\"");
    refused(
        &good,
        &["--target", "y", "--prediction", "y"],
        "the column \"y\" is given twice: as --target and as --prediction",
    );
    refused(
        &good,
        &["--target", "y", "--prediction", "part"],
        "p.csv: the prediction \"part\" holds text, not numbers",
    );
    refused(
        &rows("y,p", 30, |at| format!("1.5,{at}")),
        &COLUMNS,
        "p.csv: the target \"y\" is 1.5 in every row: there is nothing to predict",
    );
    refused(
        &rows("y,p", 30, |at| format!("1,{at}")),
        &COLUMNS,
        "p.csv: the target \"y\" is 1 in every row: there is nothing to predict",
    );
    refused(
        &amounts(19),
        &COLUMNS,
        "p.csv: 19 rows with both a target and a prediction are too few to audit; at least 20 are needed",
    );
    refused(&rows("y,p", 30, |at| format!("{at},")), &COLUMNS, "p.csv: the prediction \"p\" is missing in every row");
    refused(&rows("y,p", 30, |at| format!("NaN,{at}")), &COLUMNS, "p.csv: the target \"y\" is missing in every row");
    refused(
        &rows("y,p", 30, |at| format!("{at},{at}")),
        &COLUMNS,
        "p.csv: the prediction \"p\" is the target \"y\" in every row: a leak, or the wrong column",
    );
    refused(
        &rows("y,p", 30, |at| format!("{at},{}", if at == 4 { "inf".to_owned() } else { at.to_string() })),
        &COLUMNS,
        "p.csv: line 6, column \"p\": \"inf\" is not a finite number",
    );
    refused("y,p\n", &COLUMNS, "p.csv: the table is empty: a header and no row");
    refused(
        &rows("y,p", 30, |at| format!("{},{}", at % 2, 0.1 * at as f64 - 1.0)),
        &[&COLUMNS[..], &["--purpose", "probability"]].concat(),
        "p.csv: the prediction \"p\" goes from -1 to 1.9000000000000004: no probabilities; leave --purpose away to audit it \
         as a score",
    );
    refused(
        &rows("y,p", 30, |at| format!("{},{}", ["red", "green", "blue"][at % 3], 0.02 * at as f64)),
        &COLUMNS,
        "p.csv: the target \"y\" has 3 classes: audit takes one at a time; give a 0/1 column of one class as --target and \
         the column of its probability as --prediction",
    );
    refused(
        &good,
        &[&COLUMNS[..], &["--purpose", "interval:0.9"]].concat(),
        "one number a row is no interval:0.9: audit its parts, such as a lower end with --purpose quantile:0.05",
    );
    refused(
        &rows("y,p", 30, |at| format!("{},{}", at + 1, at as f64 - 0.5)),
        &[&COLUMNS[..], &["--metric", "gamma_deviance"]].concat(),
        "p.csv: --metric gamma_deviance takes predictions above 0, but \"p\" holds -0.5",
    );
    refused(
        &rows("y,p,g", 30, |at| format!("{},{},7", at, at + 1)),
        &[&COLUMNS[..], &["--group", "g"]].concat(),
        "p.csv: the column \"g\" of --group is 7 in every row: one group cannot be divided",
    );
    refused(
        &rows("y,p,g", 30, |at| format!("{},{},{}", at, at + 1, if at == 2 { "" } else { "a" })),
        &[&COLUMNS[..], &["--group", "g"]].concat(),
        "p.csv: row 3, column \"g\" of --group: the cell is missing",
    );
    refused(
        &rows("y,p,w", 30, |at| format!("{},{},{}", at, at + 1, if at == 2 { -1 } else { 1 })),
        &[&COLUMNS[..], &["--weight", "w"]].concat(),
        "p.csv: row 3, column \"w\" of --weight: -1 is not above 0",
    );
}

#[test]
fn standard_input_and_gzip_are_read() {
    let text = amounts(60);
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let plain = audit("-", &COLUMNS, Some(text.as_bytes()));
    let zipped = audit("-", &COLUMNS, Some(&packed));
    assert!(plain.status.success() && !plain.stdout.is_empty());
    assert_eq!(plain.stdout, zipped.stdout);
}

#[test]
fn pages_fit_80_columns_and_hold_every_sentence() {
    for (text, more) in [
        (amounts(400), vec![]),
        (amounts(400), vec!["--group", "g", "--weight", "w", "--purpose", "quantile:0.9"]),
        (amounts(30), vec!["--metric", "mape"]),
        (classes(500, 0.0), vec![]),
        (classes(500, 3.0), vec!["--purpose", "decision:miss=20,alarm=1"]),
        (classes(500, 1.0), vec!["--purpose", "ranking"]),
    ] {
        let (_kept, path) = table(&text);
        let output = audit(path.to_str().unwrap(), &[&COLUMNS, &more[..]].concat(), None);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let page = String::from_utf8(output.stdout).unwrap().replace(path.to_str().unwrap(), "p.csv");
        for line in page.lines() {
            assert!(line.chars().count() <= 80 && line == line.trim_end(), "{line:?} of\n{page}");
        }
        let found = json(&text, &more);
        assert_eq!(found["schema"], "minimand.advice/1");
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
        for sentence in found["verdict"]["because"].as_array().unwrap() {
            assert!(words(&page).contains(&words(sentence.as_str().unwrap())), "{sentence} in\n{page}");
        }
    }
}

#[test]
fn rows_without_a_prediction_are_left_out_and_that_is_said() {
    let text = amounts(60) + ",3,1,1,a\n2,,1,1,b\n3,,1,1,b\n";
    let notes = &json(&text, &[])["audit"]["notes"];
    assert_eq!(notes[0], "1 row without \"y\" is left out.");
    assert_eq!(notes[1], "2 rows without \"p\" are left out.");
}

#[test]
fn the_directory_holds_the_advice_and_the_report() {
    let (kept, path) = table(&amounts(100));
    let out = kept.path().join("report");
    let more = ["--out", out.to_str().unwrap()];
    let output = audit(path.to_str().unwrap(), &[&COLUMNS[..], &more].concat(), None);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let advice: Value = serde_json::from_slice(&fs::read(out.join("advice.json")).unwrap()).unwrap();
    assert_eq!(advice["audit"]["read_as"], "number");
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("p as a prediction of y"));
}

#[test]
fn threads_and_seeds_change_no_bit_that_they_should_not() {
    let (_kept, path) = table(&amounts(200));
    let found = |more: &[&str]| -> Value {
        let output = audit(path.to_str().unwrap(), &[&COLUMNS, more, &["--json"]].concat(), None);
        serde_json::from_slice(&output.stdout).unwrap()
    };
    assert!(found(&["--threads", "1"]) == found(&["--threads", "3"]));
    let [one, other] = ["7", "8"].map(|seed| found(&["--seed", seed]));
    assert_eq!(one["facts"], other["facts"]);
    assert!(one["audit"]["repairs"] != other["audit"]["repairs"], "the halves are drawn");
}

fn recorded() -> Value {
    serde_json::from_str(include_str!("fixtures/audit_recorded.json")).unwrap()
}

fn numbers(recorded: &Value, name: &str) -> Vec<f64> {
    recorded[name].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

fn of_recorded(truth: &str, prediction: &str) -> String {
    let all = recorded();
    let [y, p, w, g] = [truth, prediction, "weight", "group"].map(|name| numbers(&all, name));
    rows("y,p,w,g", y.len(), |at| format!("{},{},{},{}", y[at], p[at], w[at], g[at]))
}

#[track_caller]
fn same_parts(found: &Value, expected: &Value) {
    let part = |value: &Value| value.as_f64().unwrap();
    for (one, other) in [
        (&found["value"], "score"),
        (&found["miscalibration"], "miscalibration"),
        (&found["discrimination"], "discrimination"),
        (&found["uncertainty"], "uncertainty"),
    ] {
        assert_relative_eq!(part(&one["value"]), part(&expected[other]), max_relative = 1e-8);
    }
}

/// model-diagnostics' decompositions, with weights.
#[test]
fn numbers_are_taken_apart_as_elsewhere() {
    let text = of_recorded("truth", "prediction");
    let expected = &recorded()["numbers"];
    for (metric, score) in
        [("rmse", "squared error"), ("poisson_deviance", "Poisson deviance"), ("gamma_deviance", "Gamma deviance")]
    {
        let found = json(&text, &["--metric", metric, "--weight", "w", "--group", "g"]);
        assert_eq!(found["audit"]["calibrations"][0]["score"], score);
        same_parts(&found["audit"]["calibrations"][0], &expected[score]);
    }
    let found = json(&text, &["--metric", "pinball:0.8"]);
    same_parts(&found["audit"]["calibrations"][0], &recorded()["without_weights"]["pinball loss 0.8"]);
    // statsmodels' standard error by group, without weights.
    let found = json(&text, &["--group", "g"]);
    let error = &found["audit"]["bearings"]["mean_error"];
    let part = |name: &str| error[name].as_f64().unwrap();
    let all = recorded();
    assert_relative_eq!(part("value"), all["mean_error"].as_f64().unwrap(), max_relative = 1e-9);
    // 2.000995 = the 0.975 quantile of Student's t with 59 degrees of freedom.
    let half = 2.000_995 * all["mean_error_error"].as_f64().unwrap();
    assert_relative_eq!((part("high") - part("low")) / 2.0, half, max_relative = 1e-5);
}

#[test]
fn probabilities_are_judged_as_elsewhere() {
    let text = of_recorded("label", "probability");
    let all = recorded();
    let expected = |name: &str| all[name].as_f64().unwrap();
    let found = json(&text, &["--weight", "w", "--group", "g"]);
    let audit = &found["audit"];
    same_parts(&audit["calibrations"][0], &all["probabilities"]["log loss"]);
    let value = |what: &Value| what["value"].as_f64().unwrap();
    for (one, other) in [
        (value(&audit["calibrations"][0]["value"]), expected("log_loss")),
        (value(&audit["calibrations"][1]["value"]), expected("brier")),
        (value(&audit["area"]), expected("area")),
        (value(&audit["odds"]["intercept"]), expected("intercept")),
        (value(&audit["odds"]["slope"]), expected("slope")),
        (value(&audit["odds"]["odds_factor"]).ln(), -expected("shift")),
        (value(&audit["odds"]["temperature"]), expected("temperature")),
    ] {
        assert_relative_eq!(one, other, max_relative = 1e-6);
    }
    let plain = json(&text, &["--group", "g"]);
    let factor = &plain["audit"]["odds"]["odds_factor"];
    let [low, high] = ["low", "high"].map(|end| factor[end].as_f64().unwrap().ln());
    assert_relative_eq!((low + high) / 2.0, -expected("shift_plain"), max_relative = 1e-6);
    assert_relative_eq!((high - low) / 2.0, 2.000_995 * expected("shift_error"), max_relative = 1e-5);
}
