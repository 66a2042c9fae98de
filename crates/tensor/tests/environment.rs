//! Mistyped variables of the environment: this test binary is started again with each of them.

use std::process::Command;

use minimand_tensor::{Tensor, check_environment};

const STARTED_AGAIN: &str = "MINIMAND_TEST_STARTED_AGAIN";

/// What the tests below start: not a test by itself.
#[test]
fn evaluates_if_started_again() {
    match std::env::var(STARTED_AGAIN).as_deref() {
        Ok("check") => match check_environment() {
            Ok(()) => println!("fine"),
            Err(error) => println!("error: {error}"),
        },
        Ok(_) => println!("sum {}", Tensor::from([1.0, 2.0]).sum()),
        Err(_) => {}
    }
}

/// Runs the above with a variable set, and returns what it prints to either stream.
fn started(what: &str, variable: &str, value: &str) -> String {
    let mut command = Command::new(std::env::current_exe().expect("a test has a file"));
    command.args(["--exact", "evaluates_if_started_again", "--nocapture"]);
    command.env(STARTED_AGAIN, what).env_remove("RUST_BACKTRACE").env(variable, value);
    let output = command.output().expect("it has just been run");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_value_without_a_meaning_is_named_by_the_check_and_by_the_first_evaluation() {
    for (variable, value) in [
        ("MINIMAND_LEVEL", "sse9"),
        ("MINIMAND_LEVEL", ""),
        ("MINIMAND_GENERATE", "no"),
        ("MINIMAND_GENERATE", ""),
        ("MINIMAND_POOL", "none"),
    ] {
        let line = format!("{variable} is {value:?}; it can be ");
        let checked = started("check", variable, value);
        assert!(checked.contains(&format!("error: {line}")), "{checked}");
        let evaluated = started("evaluate", variable, value);
        assert!(evaluated.contains(&line) && !evaluated.contains("sum 3"), "{evaluated}");
    }
}

#[test]
fn every_value_with_a_meaning_computes() {
    for (variable, value) in [
        ("MINIMAND_LEVEL", "portable"),
        ("MINIMAND_GENERATE", "0"),
        ("MINIMAND_GENERATE", "1"),
        ("MINIMAND_POOL", "0"),
        ("MINIMAND_POOL", "1"),
    ] {
        assert!(started("check", variable, value).contains("fine"));
        let evaluated = started("evaluate", variable, value);
        assert!(evaluated.contains("sum 3"), "{evaluated}");
    }
}
