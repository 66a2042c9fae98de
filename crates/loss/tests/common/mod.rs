//! What the tests of all losses share: recorded oracle values, finite differences, extremes in f32, comparisons.
#![allow(dead_code, unreachable_pub)] // each test binary uses a part

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Once, OnceLock};

use approx::relative_eq;
use minimand_loss::catalog::{Arguments, Default as Usual, Entry, Kind, Value};
use minimand_tensor::{CheckOptions, DType, Rng, Tensor, check_gradient, check_second_order, grad};
use serde_json::Value as Json;

// ------------------------------------------------------------------------------------------------------ comparisons

/// Fails unless every number is as expected, up to 1e-12 or `1e-10 |expected|`.
#[track_caller]
pub fn assert_close(what: &str, actual: &[f64], expected: &[f64]) {
    assert_close_within(what, actual, expected, 1e-10, 1e-12);
}

/// Fails unless every number is as expected, up to `absolute` or `relative |expected|`. Infinities must be the same; NaN
/// never is.
#[track_caller]
pub fn assert_close_within(what: &str, actual: &[f64], expected: &[f64], relative: f64, absolute: f64) {
    assert_eq!(actual.len(), expected.len(), "{what}: another number of values than expected");
    for (index, (&a, &b)) in actual.iter().zip(expected).enumerate() {
        let close = relative_eq!(a, b, epsilon = absolute, max_relative = relative);
        assert!(close, "{what}, entry {index}: {a:e} instead of {b:e}");
    }
}

/// The values of a tensor of any floating-point type.
pub fn values(tensor: &Tensor) -> Vec<f64> {
    tensor.to_vec()
}

/// Standard normal numbers, f64.
pub fn normal<const N: usize>(seed: u64, shape: [usize; N]) -> Tensor {
    let mut rng = Rng::seed(seed);
    let count = shape.iter().product();
    Tensor::from_vec((0..count).map(|_| rng.normal()).collect::<Vec<f64>>(), shape)
}

/// The gradient of the sum of `loss(x)` at `x`.
pub fn slope(loss: impl Fn(&Tensor) -> Tensor, x: &Tensor) -> Vec<f64> {
    values(&loss(x).sum().grad(x))
}

/// The second derivatives at `x` of a loss that works element by element.
pub fn curvature(loss: impl Fn(&Tensor) -> Tensor, x: &Tensor) -> Vec<f64> {
    values(&loss(x).sum().grad(x).sum().grad(x))
}

/// The losses of the catalogue; with the variable `LOSS` those whose names contain it, while one is worked on.
pub fn catalog() -> impl Iterator<Item = &'static Entry> {
    let wanted = std::env::var("LOSS").unwrap_or_default();
    minimand_loss::catalog().filter(move |entry| entry.name.contains(&wanted))
}

/// Random inputs from the domains of a loss; from seed 1 on, parameters around their defaults, each within its range.
pub fn sample_with_parameters(entry: &'static Entry, seed: u64) -> Arguments {
    let mut arguments = entry.sample(seed);
    let mut rng = Rng::seed(1000 + seed);
    for parameter in entry.parameters.iter().filter(|_| seed > 0) {
        if arguments.parameter(parameter.name).is_some() {
            continue;
        }
        let u = rng.uniform();
        let value = match (parameter.kind, parameter.default) {
            (Kind::Number { low, high, .. }, Usual::Number(usual)) => {
                let varied = if usual == 0.0 { 0.5 * u } else { usual * (0.6 + 0.8 * u) };
                let inside = varied > low && varied < high;
                Value::Number(if inside { varied } else { usual })
            }
            (Kind::Flag, Usual::Flag(usual)) => Value::Flag(usual ^ (u < 0.5)),
            _ => continue,
        };
        arguments = arguments.value(parameter.name, value);
    }
    arguments
}

// -------------------------------------------------------------------------------------------------- recorded values

/// One case of `fixtures/recorded.json`; the head of `fixtures/record.py` explains its parts.
pub struct Case {
    name: String,
    inputs: Vec<(String, Tensor)>,
    json: &'static Json,
}

impl Case {
    /// What is particular about this case.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// An input: f64, or i64 for labels, flags and masks. Always the same tensor, so that gradients find it.
    #[track_caller]
    pub fn input(&self, name: &str) -> &Tensor {
        self.optional_input(name).unwrap_or_else(|| panic!("{}: there is no input {name}", self.name))
    }

    /// An input that not every case has.
    pub fn optional_input(&self, name: &str) -> Option<&Tensor> {
        self.inputs.iter().find(|(input, _)| input == name).map(|(_, tensor)| tensor)
    }

    /// A number among the parameters.
    #[track_caller]
    pub fn number(&self, name: &str) -> f64 {
        self.optional_number(name).unwrap_or_else(|| panic!("{}: there is no number {name}", self.name))
    }

    /// A number among the parameters, absent or null in some cases.
    pub fn optional_number(&self, name: &str) -> Option<f64> {
        self.json["parameters"][name].as_f64()
    }

    /// A switch among the parameters.
    #[track_caller]
    pub fn flag(&self, name: &str) -> bool {
        self.json["parameters"][name].as_bool().unwrap_or_else(|| panic!("{}: there is no switch {name}", self.name))
    }

    /// A word among the parameters.
    #[track_caller]
    pub fn text(&self, name: &str) -> &str {
        self.json["parameters"][name].as_str().unwrap_or_else(|| panic!("{}: there is no text {name}", self.name))
    }
}

/// Runs `loss` on every recorded case of that name, and compares its unreduced value, the gradient of its sum and,
/// where recorded, the Hessian-vector product. Returns the number of cases, which is never 0.
#[track_caller]
pub fn check_recorded(name: &str, loss: impl Fn(&Case) -> Tensor) -> usize {
    let cases: Vec<&Json> = recorded().iter().filter(|case| case["loss"] == name).collect();
    assert!(!cases.is_empty(), "{name}: no case is recorded");
    for json in &cases {
        let title = format!("{name}, {}", text(&json["name"]));
        let inputs = object(&json["inputs"]).map(|(input, array)| (input.clone(), tensor(array))).collect();
        let case = Case { name: title.clone(), inputs, json };
        let value = loss(&case);
        let expected = tensor(&json["value"]);
        assert_eq!(value.shape(), expected.shape(), "{title}: the value has another shape");
        assert_close(&format!("{title}, value"), &values(&value), &values(&expected));

        let total = value.sum();
        let names: Vec<&str> = json["differentiate"].as_array().expect("a list").iter().map(text).collect();
        let targets: Vec<&Tensor> = names.iter().map(|name| case.input(name)).collect();
        for (gradient, name) in grad(&total, targets.iter().copied()).iter().zip(&names) {
            let expected = tensor(&json["gradient"][*name]);
            assert_eq!(gradient.shape(), expected.shape(), "{title}: the gradient has another shape");
            assert_close(&format!("{title}, gradient by {name}"), &values(gradient), &values(&expected));
        }

        let product = &json["hessian_vector_product"];
        if !product.is_null() {
            let found = total.hessian_vector_product(targets[0], &tensor(&product["direction"]));
            let what = format!("{title}, Hessian-vector product by {}", names[0]);
            assert_close(&what, &values(&found), &values(&tensor(&product["value"])));
        }
    }
    cases.len()
}

fn recorded() -> &'static [Json] {
    static RECORDED: OnceLock<Json> = OnceLock::new();
    let file = RECORDED.get_or_init(|| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/recorded.json");
        let text = std::fs::read_to_string(path).expect("the recorded values are beside the tests");
        serde_json::from_str(&text).expect("the recorded values are JSON")
    });
    file["cases"].as_array().expect("a list of cases")
}

fn text(json: &Json) -> &str {
    json.as_str().expect("a text")
}

fn object(json: &Json) -> impl Iterator<Item = (&String, &Json)> {
    json.as_object().expect("an object").iter()
}

/// A tensor from its shape and data: integers when all data are.
pub fn tensor(json: &Json) -> Tensor {
    let whole = |list: &Json| -> Vec<i64> {
        list.as_array().expect("a list").iter().map(|n| n.as_i64().expect("a whole number")).collect()
    };
    let shape: Vec<usize> = whole(&json["shape"]).into_iter().map(|size| size as usize).collect();
    let data = json["data"].as_array().expect("a list");
    if data.iter().all(Json::is_i64) {
        return Tensor::from_vec(whole(&json["data"]), shape);
    }
    // Numbers that JSON does not have are recorded as text: "inf", "-inf", "nan".
    let number = |n: &Json| n.as_f64().or_else(|| n.as_str()?.parse().ok()).expect("a number");
    Tensor::from_vec(data.iter().map(number).collect::<Vec<f64>>(), shape)
}

// ------------------------------------------------------------------------------------------------ finite differences

/// Checks the first and second derivatives of an unreduced loss against finite differences. The inputs are f64, and
/// farther than 0.005 (relative to `max(1, |x|)`) from every kink.
#[track_caller]
pub fn check_derivatives(loss: impl Fn(&[Tensor]) -> Tensor, inputs: &[Tensor]) {
    check_derivatives_with(loss, inputs, CheckOptions::default());
}

/// [`check_derivatives`] with another step, where a loss bends sharply; or with other tolerances, for a stated reason.
#[track_caller]
pub fn check_derivatives_with(loss: impl Fn(&[Tensor]) -> Tensor, inputs: &[Tensor], options: CheckOptions) {
    // Every element of the loss has its own weight, so that errors do not cancel in the sum.
    let weighted = |x: &[Tensor]| {
        let loss = loss(x);
        let weight = |index: usize| 1.0 + 0.37 * (index as f64 * 2.3 + 0.4).sin();
        let weights = (0..loss.elements()).map(weight).collect::<Vec<f64>>();
        (&loss * Tensor::from_vec(weights, loss.shape())).sum()
    };
    let first = check_gradient(weighted, inputs, options).unwrap_or_else(|error| panic!("{error}"));
    let second = check_second_order(weighted, inputs, options).unwrap_or_else(|error| panic!("{error}"));
    let entries: usize = inputs.iter().map(Tensor::elements).sum();
    assert_eq!((first.compared, second.compared), (entries, entries), "every entry is compared in both orders");
}

// ------------------------------------------------------------------------------------------------------- extremes

/// Checks in f32 that the value of an unreduced loss, and the gradient of its sum by every floating-point input, are
/// finite.
#[track_caller]
pub fn finite_at_extremes(loss: impl Fn(&[Tensor]) -> Tensor, inputs: &[Tensor]) {
    let cast = |x: &Tensor| if x.dtype().is_float() { x.cast(DType::F32).detach() } else { x.clone() };
    let inputs: Vec<Tensor> = inputs.iter().map(cast).collect();
    let value = loss(&inputs);
    assert_eq!(value.dtype(), DType::F32, "the loss of f32 inputs is f32");
    for (index, number) in values(&value).into_iter().enumerate() {
        assert!(number.is_finite(), "entry {index} of the loss is {number}");
    }
    let differentiable: Vec<&Tensor> = inputs.iter().filter(|x| x.dtype().is_float()).collect();
    for (which, gradient) in grad(&value.sum(), differentiable).iter().enumerate() {
        for (index, number) in values(gradient).into_iter().enumerate() {
            assert!(number.is_finite(), "entry {index} of the gradient by floating-point input {which} is {number}");
        }
    }
}

// --------------------------------------------------------------------------------------------------------- panics

thread_local! {
    static EXPECTED: RefCell<Option<Vec<Panic>>> = const { RefCell::new(None) };
}

/// A caught panic.
#[derive(Debug)]
pub struct Panic {
    /// Its text.
    pub message: String,
    /// The source file it names.
    pub file: String,
    /// The line it names.
    pub line: u32,
}

/// Runs what must panic, and returns what the panic said and which line it named.
#[track_caller]
pub fn panic_of<R>(run: impl FnOnce() -> R) -> Panic {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let former = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let expected = EXPECTED.with_borrow_mut(|expected| {
                let Some(panics) = expected else { return false };
                let location = info.location().expect("a panic knows its location");
                let message = info.payload_as_str().unwrap_or_default().to_owned();
                panics.push(Panic { message, file: location.file().to_owned(), line: location.line() });
                true
            });
            if !expected {
                former(info);
            }
        }));
    });
    EXPECTED.set(Some(Vec::new()));
    let outcome = catch_unwind(AssertUnwindSafe(run));
    let panics = EXPECTED.take().unwrap_or_default();
    assert!(outcome.is_err(), "this must panic and did not");
    panics.into_iter().next().expect("the panic was seen")
}
