//! Entries and functions belong together.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use minimand_loss::catalog::{Arguments, Family, Value, catalog, find};
use minimand_tensor::Tensor;

/// The public functions of the crate, outside the catalogue.
fn functions() -> BTreeSet<String> {
    let mut files: Vec<PathBuf> = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut functions = BTreeSet::new();
    while let Some(path) = files.pop() {
        if path.ends_with("catalog") {
            continue;
        }
        if path.is_dir() {
            files.extend(std::fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path()));
            continue;
        }
        let source = std::fs::read_to_string(path).expect("a source file");
        let signatures = source.lines().filter_map(|line| line.strip_prefix("pub fn "));
        functions.extend(signatures.map(|rest| rest.split(['(', '<']).next().expect("a name").to_owned()));
    }
    functions
}

/// A function with options, `…_with`, is evaluated under the name of the one without.
#[test]
fn every_function_has_an_entry_and_every_entry_a_function() {
    let functions = functions();
    let without: Vec<&String> = functions
        .iter()
        .filter(|name| find(name).is_none() && find(name.trim_end_matches("_with")).is_none())
        .collect();
    assert!(without.is_empty(), "no entry: {without:?}");
    let names: Vec<&str> = catalog().map(|entry| entry.name).collect();
    let unknown: Vec<&&str> = names.iter().filter(|name| !functions.contains(**name)).collect();
    assert!(unknown.is_empty(), "no function: {unknown:?}");
    let distinct: BTreeSet<&&str> = names.iter().collect();
    assert_eq!(distinct.len(), names.len(), "a name stands twice");
}

#[test]
fn every_entry_is_complete() {
    let mut faults = Vec::new();
    for entry in catalog() {
        let documentation = entry.documentation();
        let mut fault = |what: &str| faults.push(format!("{}: {what}", entry.name));
        if documentation.misleads.is_empty() {
            fault("\"When to use\" has no sentence that begins with \"It misleads\"");
        }
        if documentation.formula.is_empty() || entry.latex().is_empty() {
            fault("no formula");
        }
        let names: BTreeSet<&str> = entry.aliases.iter().map(|(_, name)| *name).collect();
        let documented: BTreeSet<&str> = documentation.aliases.iter().map(String::as_str).collect();
        if names != documented {
            fault(&format!("aliases {names:?}, documented {documented:?}"));
        }
        if entry.rows.is_empty() || !(1..=3).contains(&entry.tier) {
            fault("no row of the field's list, or no tier");
        }
        if entry.inputs.iter().all(|input| !input.differentiable) {
            fault("nothing to differentiate by");
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(Family::all().count() == 21 && find("huber").unwrap().family() == Family::Regression);
}

/// The shape in the entry is that of the value.
#[test]
fn every_entry_evaluates_to_the_shape_it_states() {
    for entry in catalog() {
        println!("{}", entry.name); // a panic shows it
        let arguments = entry.sample(1);
        let value = entry.evaluate(&arguments).unwrap_or_else(|error| panic!("{error}"));
        let rank = entry.output.trim_matches(['[', ']']).split(',').filter(|part| !part.is_empty()).count();
        assert_eq!(value.rank(), rank, "{}: {} is no {}", entry.name, value.shape(), entry.output);
        let mean = entry.mean(&arguments).unwrap();
        assert!(mean.rank() == 0 && mean.item().is_finite(), "{}: the mean is {mean}", entry.name);
    }
}

#[test]
fn what_does_not_fit_is_named() {
    let huber = find("huber").unwrap();
    let x = Tensor::from([1.0, 2.0]);
    let whole = Arguments::new().tensor("prediction", x.clone()).tensor("target", x.clone());
    let refused = |arguments: Arguments| huber.evaluate(&arguments).unwrap_err().to_string();
    assert_eq!(refused(Arguments::new().tensor("prediction", x.clone())), "huber: target is missing");
    assert_eq!(
        refused(whole.clone().number("beta", 1.0)),
        "huber: there is no beta; it takes prediction, target, delta"
    );
    assert_eq!(refused(whole.clone().number("delta", 0.0)), "huber: delta is 0 and must be greater than 0");
    assert_eq!(
        refused(whole.clone().value("delta", Value::Text("wide".into()))),
        "huber: delta is \"wide\" and must be greater than 0"
    );
    assert!(huber.evaluate(&whole.value("delta", Value::Absent)).is_ok());
}

/// `expected.txt` holds the rows of the field's list of losses that every user expects (1) or another library has (2).
#[test]
fn what_any_library_has_is_here() {
    let mut missing = Vec::new();
    for line in include_str!("expected.txt").lines() {
        let (tier, row) = line.split_once(' ').expect("a tier and a row");
        let tier: u8 = tier.parse().expect("a tier");
        if !catalog().any(|entry| entry.rows.contains(&row) && entry.tier <= tier) {
            missing.push(line);
        }
    }
    assert!(missing.is_empty(), "no entry of that tier: {missing:#?}");
}
