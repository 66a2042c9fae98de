//! Double precision, against values recorded from mpmath (`record.py` beside this file).

use super::double::error;
use super::double_double::{Double, reference};
use super::*;

struct Record {
    function: Function,
    x: f64,
    y: f64,
    /// What `y` lacks, in units in its last place.
    missing: f64,
}

fn records() -> Vec<Record> {
    let number = |text: &str| f64::from_bits(u64::from_str_radix(text, 16).expect("16 hexadecimal digits"));
    let records = include_str!("recorded.txt").lines().map(|line| {
        let [name, x, y, missing] = line.split(' ').collect::<Vec<_>>().try_into().expect("four fields");
        let function = *Function::ALL.iter().find(|function| function.name() == name).expect("a function's name");
        Record { function, x: number(x), y: number(y), missing: missing.parse().expect("a number") }
    });
    records.collect()
}

impl Record {
    /// The error of a value, in units in the last place.
    fn error(&self, value: f64) -> f64 {
        (error(value, (Double::from(self.y), 0)).copysign(value - self.y) - self.missing).abs()
    }
}

#[test]
fn recorded_values_are_met() {
    let records = records();
    assert!(records.len() > 500);
    for record in &records {
        for &level in Level::available() {
            let error = record.error(record.function.values(level, &[record.x])[0]);
            let (name, bound) = (record.function.name(), record.function.bounds(level).1);
            assert!(error <= bound, "{name} at {:e}, {}: {error} ulp, bound {bound}", record.x, level.name());
        }
    }
}

#[test]
fn reference_agrees_with_the_record() {
    for record in records() {
        let Record { function, x, y, missing } = record;
        // The reference reduces angles only so far.
        if matches!(function, Function::Sin | Function::Cos) && x.abs() > 1e6 {
            continue;
        }
        let difference = error(y, reference(function, x)) - missing.abs();
        assert!(difference.abs() < 2e-5, "{} at {x:e}: {difference} ulp", function.name());
    }
}
