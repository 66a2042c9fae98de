//! Alone in its process, so that the time of its only child can be told.

#![cfg(target_os = "linux")]

use std::{
    fs,
    process::{Command, Stdio},
};

/// Processor time and not time on the clock: other work on the machine must not decide. Two minutes of two processors are 240 s.
#[test]
fn the_short_tour_takes_less_than_two_minutes_of_two_processors() {
    let program = env!("CARGO_BIN_EXE_minimand");
    let status =
        Command::new(program).args(["tour", "--quick", "--threads", "1"]).stdout(Stdio::null()).status().unwrap();
    assert!(status.success());
    let statistics = fs::read_to_string("/proc/self/stat").unwrap();
    // After the name in brackets, which may hold anything: cutime and cstime of waited-for children, in hundredths.
    let fields: Vec<&str> = statistics.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: f64 = fields[13..15].iter().map(|field| field.parse::<f64>().unwrap()).sum();
    assert!(ticks > 10.0, "something was trained");
    assert!(ticks / 100.0 < 200.0, "{} s", ticks / 100.0);
}
