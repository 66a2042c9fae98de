//! The guide and the pages of the advice's rules, as their readers meet them.

use std::process::{Command, Output, Stdio};

fn minimand(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_minimand")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

#[track_caller]
fn answered(arguments: &[&str]) -> String {
    let output = minimand(arguments);
    assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// One line on standard error, nothing on standard output, status 2.
#[track_caller]
fn refused(arguments: &[&str]) -> String {
    let output = minimand(arguments);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        (output.status.code(), output.stdout.len(), message.matches('\n').count()),
        (Some(2), 0, 1),
        "{message}"
    );
    message
}

#[test]
fn a_rule_is_explained_by_its_code() {
    let text = answered(&["explain", "MIN141"]);
    assert!(text.starts_with("MIN141 · more zeros than the spread explains\nLooked at for counts. Advice: "), "{text}");
    for heading in [
        "When it speaks",
        "What it recommends",
        "Why",
        "When not to follow it",
        "What would refute it",
        "Losses",
        "Papers",
    ] {
        assert!(text.lines().any(|line| line == heading), "no {heading}");
    }
    assert!(text.contains("    $ minimand compare data.csv --target y --purpose distribution \\\n"), "{text}");
    assert_eq!(answered(&["explain", "141"]), text);
    assert_eq!(answered(&["explain", "min141"]), text);
    let json: serde_json::Value = serde_json::from_str(&answered(&["explain", "MIN141", "--json"])).unwrap();
    assert_eq!(json["code"], "MIN141");
    assert!(json["references"][0].as_str().unwrap().starts_with("Wilson 2015: "));
}

#[test]
fn rules_that_do_not_exist_are_refused_with_those_that_stand_nearest() {
    let expected = "minimand: there is no rule MIN142: did you mean MIN141 or MIN140 or MIN152?; `minimand guide` names \
                    rules by use\n";
    assert_eq!(refused(&["explain", "142"]), expected);
    assert_eq!(refused(&["explain", "MIN142"]), expected);
    assert!(refused(&["explain", "MIN110", "--svg", "x.svg"]).contains("MIN110: it has no curve"));
    assert!(
        refused(&["explain", "MIN110", "--set", "delta=1"]).contains("MIN110 is a rule: it has no parameter `delta`")
    );
    assert!(refused(&["explain", "MIN"]).contains("there is no loss `MIN`"));
}

#[test]
fn the_guide_leads_from_a_use_to_a_loss() {
    let short = answered(&["guide"]);
    assert!(short.contains("  to know the typical case               the median: absolute error\n"), "{short}");
    assert!(short.ends_with("    $ minimand recommend data.csv --target y\n"), "{short}");
    let regression = answered(&["guide", "regression"]);
    assert!(regression.contains("      losses   absolute_error\n"), "{regression}");
    let json: serde_json::Value = serde_json::from_str(&answered(&["guide", "--json"])).unwrap();
    assert_eq!(json["topics"].as_array().unwrap().len(), 6);
    let json: serde_json::Value = serde_json::from_str(&answered(&["guide", "ranking", "--json"])).unwrap();
    assert_eq!(json["topics"][0]["name"], "ranking");
    assert!(refused(&["guide", "cooking"]).contains("regression, classification, ranking"));
}
