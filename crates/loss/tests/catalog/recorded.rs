//! Values and gradients recorded from other libraries, evaluated by name as the program does.

use std::path::Path;

use minimand_loss::catalog::{Arguments, Entry, Value, find};
use minimand_tensor::{DType, Tensor, grad};
use serde_json::Value as Json;

use crate::common::{tensor, values};

/// What the program and these tests make of JSON.
fn arguments(entry: &'static Entry, case: &Json) -> Arguments {
    let mut arguments = Arguments::new();
    for (name, json) in case["inputs"].as_object().expect("an object") {
        let input = entry.input(name).unwrap_or_else(|| panic!("{}: there is no input {name}", entry.name));
        arguments = arguments.tensor(name, tensor(json).cast(input.domain.dtype(DType::F64)).computed().detach());
    }
    for (name, json) in case["parameters"].as_object().into_iter().flatten() {
        let value = match json {
            Json::Number(number) => Value::Number(number.as_f64().expect("a number")),
            Json::Bool(flag) => Value::Flag(*flag),
            Json::String(text) => text.parse().map_or_else(|_| Value::Text(text.clone()), Value::Number),
            Json::Array(list) => Value::Numbers(list.iter().map(|n| n.as_f64().expect("a number")).collect()),
            _ => Value::Absent,
        };
        arguments = arguments.value(name, value);
    }
    arguments
}

fn differences(what: &str, found: &Tensor, expected: &Json) -> Option<String> {
    let expected = tensor(expected);
    if found.shape() != expected.shape() {
        return Some(format!("{what}: the shape is {} instead of {}", found.shape(), expected.shape()));
    }
    let (found, expected) = (values(found), values(&expected));
    let scale = expected.iter().filter(|x| x.is_finite()).fold(0.0f64, |scale, x| scale.max(x.abs()));
    let close = |a: f64, b: f64| {
        a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * b.abs() + 1e-13 * scale.max(1e-3)
    };
    let worst = found.iter().zip(&expected).position(|(&a, &b)| !close(a, b))?;
    Some(format!("{what}, entry {worst}: {:e} instead of {:e}", found[worst], expected[worst]))
}

#[test]
fn recorded_values_are_reproduced() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let wanted = std::env::var("LOSS").unwrap_or_default();
    let mut faults = Vec::new();
    for file in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if file.extension().is_none_or(|extension| extension != "json") || file.ends_with("recorded.json") {
            continue;
        }
        let json: Json = serde_json::from_str(&std::fs::read_to_string(&file).expect("a file")).expect("JSON");
        let cases = json["cases"].as_array().expect("a list of cases");
        assert!(!cases.is_empty(), "{}: nothing is recorded", file.display());
        for case in cases {
            let name = case["loss"].as_str().expect("a name");
            if !name.contains(&wanted) {
                continue;
            }
            let title = format!("{name}, {}", case["name"].as_str().expect("a title"));
            let Some(entry) = find(name) else {
                faults.push(format!("{title}: there is no such loss"));
                continue;
            };
            let arguments = arguments(entry, case);
            let loss = match entry.evaluate(&arguments) {
                Ok(loss) => loss,
                Err(error) => {
                    faults.push(format!("{title}: {error}"));
                    continue;
                }
            };
            faults.extend(differences(&format!("{title}, value"), &loss, &case["value"]));
            let expected: Vec<(&String, &Json)> = case["gradient"].as_object().into_iter().flatten().collect();
            let inputs: Vec<&Tensor> =
                expected.iter().map(|(name, _)| arguments.find(name).expect("an input")).collect();
            for (gradient, (name, expected)) in grad(&loss.sum(), inputs).iter().zip(&expected) {
                faults.extend(differences(&format!("{title}, gradient by {name}"), gradient, expected));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
