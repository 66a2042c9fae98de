//! `minimand compare` stopped by Ctrl-C, as a terminal sends it.

#![cfg(unix)]

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

/// A table of so many rows.
fn table(directory: &Path, rows: u32) -> String {
    let mut text = "a,b,y\n".to_owned();
    for row in 0..rows {
        let [a, b, noise] =
            [7_919, 104_729, 1_299_709].map(|prime| f64::from(row.wrapping_mul(prime) % 1_009) / 1_009.0);
        writeln!(text, "{a:.4},{b:.4},{:.4}", (2.0 * a + b + 2.0 * noise).exp()).unwrap();
    }
    let path = directory.join("table.csv");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A race that goes on for minutes, begun: its plan is printed.
fn begun(file: &str, out: &Path) -> (Child, BufReader<std::process::ChildStdout>, String) {
    let out = out.to_str().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_minimand"))
        .args(["compare", file, "--target", "y", "--purpose", "total", "--model", "linear,mlp", "--fits", "100000"])
        .args(["--out", out])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut printed = BufReader::new(program.stdout.take().unwrap());
    let mut plan = String::new();
    while !plan.contains("fits") {
        assert!(printed.read_line(&mut plan).unwrap() > 0, "it ended before its plan: {plan}");
    }
    (program, printed, plan)
}

fn interrupt(program: &Child) {
    let sent = Command::new("kill").args(["-INT", &program.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Names of the files in a directory.
fn files(directory: &Path) -> Vec<String> {
    let all = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    all.collect()
}

/// The files of a directory, each of them whole: no draft of one.
#[track_caller]
fn whole(directory: &Path) -> Vec<String> {
    let names = files(directory);
    for name in &names {
        let bytes = std::fs::read(directory.join(name)).unwrap();
        let end = bytes.trim_ascii_end();
        let whole = match Path::new(name).extension().and_then(|ending| ending.to_str()) {
            Some("json") => end.ends_with(b"}"),
            Some("html") => end.ends_with(b"</html>"),
            Some("svg") => end.ends_with(b"</svg>"),
            _ => false,
        };
        assert!(whole, "{name} of {names:?}");
    }
    names
}

#[test]
fn one_interrupt_prints_what_is_known() {
    let directory = TempDir::new().unwrap();
    let file = table(directory.path(), 1_500);
    // The first splits take as long as the machine is busy.
    for seconds in [2, 8, 32] {
        let out = directory.path().join(format!("out{seconds}"));
        let (mut program, mut printed, plan) = begun(&file, &out);
        sleep(Duration::from_secs(seconds));
        let pressed = Instant::now();
        interrupt(&program);
        let mut text = plan;
        printed.read_to_string(&mut text).unwrap();
        let mut said = String::new();
        program.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(program.wait().unwrap().code(), Some(0), "{said}");
        assert!(pressed.elapsed() < Duration::from_secs(60), "it stopped late");

        let document: Value = serde_json::from_slice(&std::fs::read(out.join("advice.json")).unwrap()).unwrap();
        let proof = &document["proof"];
        assert_eq!(proof["complete"], false, "{text}");
        let done: Vec<u64> =
            proof["models"].as_array().unwrap().iter().map(|model| model["splits"].as_u64().unwrap()).collect();
        let planned = proof["plan"]["splits"].as_u64().unwrap();
        assert!(done.iter().all(|&done| done < planned), "{done:?} of {planned}");
        let names = whole(&out);
        assert!(names.iter().any(|name| name == "report.html"), "{names:?}");
        let Some(least) = done.iter().copied().min().filter(|&least| least > 0) else {
            assert!(text.contains("there is no verdict") || done.iter().any(|&done| done > 0), "{text}");
            continue;
        };
        assert!(text.contains("Verdict: "), "{text}");
        let stopped = format!("The run was stopped after {least} of {planned} splits.");
        let against = document["verdict"]["against"].as_array().unwrap();
        assert!(against.iter().any(|sentence| *sentence == *stopped), "{stopped}: {against:?}");
        return;
    }
    panic!("no split came to its end");
}

#[test]
fn a_second_interrupt_ends_the_program() {
    let directory = TempDir::new().unwrap();
    // The fits that are under way take longer than the second one needs to come.
    let file = table(directory.path(), 40_000);
    let out = directory.path().join("out");
    let (mut program, _printed, _) = begun(&file, &out);
    let began = Instant::now();
    // The second one may come before the first was taken.
    let status = loop {
        interrupt(&program);
        sleep(Duration::from_millis(5));
        if let Some(status) = program.try_wait().unwrap() {
            break status;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "it does not end");
    };
    assert_eq!(status.code(), Some(130), "{status:?}");
    // What was written until then is whole, and there is no draft of the rest.
    whole(&out);
}
