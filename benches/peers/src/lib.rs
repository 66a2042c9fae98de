//! What the workers in Rust share: the line protocol and the inputs. `worker.py` is its twin in Python.
//!
//! One request per line on standard input, one answer per line on standard output, both JSON:
//! `{"op": "prepare", "case": …, "result": path}` builds a case, runs it once and writes its gradient to `path` (f32, little
//! endian) unless that is null, and answers with the nanoseconds of building and running it this first time;
//! `{"op": "run", "iterations": n}` runs it n times and answers with the nanoseconds of one; `{"op": "quit"}` ends. `{"op": "describe", "case": …}`
//! asks us what a case's plan does, `{"op": "machine"}` how fast the machine copies and multiplies. `{"unsupported": true}` answers a case that
//! the contender lacks, `{"error": text}` one that it failed at.

use std::any::Any;
use std::hint::black_box;
use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use serde_json::{Value, json};

/// Reads a result back: the value, and the gradients one after another.
pub type Reading = Box<dyn FnOnce() -> (f64, Vec<f32>)>;

/// Runs a case once; everything is computed when it returns, and nothing is copied before the reading is called.
pub type Work = Box<dyn FnMut() -> Reading>;

/// A case of `cases.py`, with its inputs made.
pub struct Case {
    /// The name of the loss or training step.
    pub loss: String,
    /// The inputs, in the order of the table.
    pub inputs: Vec<Input>,
    /// How many of the inputs, from the first on, the gradient is for.
    pub gradients: usize,
    /// Steps that the result is read after.
    pub steps: usize,
    parameters: Value,
}

/// Numbers and their shape.
pub struct Input {
    /// The numbers, row by row; labels are whole numbers.
    pub data: Vec<f32>,
    /// The shape.
    pub shape: Vec<usize>,
    /// The number of classes, if these are labels.
    pub classes: Option<usize>,
}

impl Case {
    /// A parameter of the loss, such as `delta`.
    pub fn number(&self, name: &str) -> f64 {
        self.parameters[name].as_f64().unwrap_or_else(|| panic!("case {} has no parameter {name}", self.loss))
    }

    fn new(case: &Value) -> Case {
        let inputs = case["inputs"].as_array().expect("inputs");
        Case {
            loss: case["loss"].as_str().expect("loss").to_owned(),
            inputs: inputs.iter().enumerate().map(|(at, spec)| Input::new(spec, at as u64 + 1)).collect(),
            gradients: case["gradients"].as_u64().expect("gradients") as usize,
            steps: case["steps"].as_u64().expect("steps") as usize,
            parameters: case["parameters"].clone(),
        }
    }
}

impl Input {
    /// The labels as indices.
    pub fn indices(&self) -> Vec<u32> {
        self.data.iter().map(|&label| label as u32).collect()
    }

    fn new(spec: &Value, seed: u64) -> Input {
        let shape: Vec<usize> =
            spec["shape"].as_array().expect("shape").iter().map(|n| n.as_u64().expect("a length") as usize).collect();
        let number = |name: &str| spec[name].as_f64().unwrap_or_else(|| panic!("input without {name}"));
        let count = shape.iter().product::<usize>() as u64;
        let hashes = (0..count).map(|at| hash((seed << 40) + at));
        let classes = spec["classes"].as_u64();
        let mut data: Vec<f32> = match spec["kind"].as_str().expect("kind") {
            "normal" => hashes.map(|h| (near_normal(h, seed) * number("scale")) as f32).collect(),
            "probabilities" => hashes.map(|h| (1 + (h >> 43)) as f32).collect(),
            "bernoulli" => hashes.map(|h| f32::from(unit(h) < number("p"))).collect(),
            "labels" => hashes.map(|h| ((h >> 32) % classes.expect("classes")) as f32).collect(),
            "whole" => hashes.map(|h| ((h >> 32) % number("below") as u64) as f32).collect(),
            kind => panic!("no kind of input is called {kind}"),
        };
        if spec["kind"] == "probabilities" {
            for row in data.chunks_mut(*shape.last().expect("rows")) {
                let sum: f64 = row.iter().map(|&x| f64::from(x)).sum();
                row.iter_mut().for_each(|x| *x = (f64::from(*x) / sum) as f32);
            }
        }
        Input { data, shape, classes: classes.map(|n| n as usize) }
    }
}

/// SplitMix64: the same numbers everywhere, without a file.
fn hash(state: u64) -> u64 {
    let z = state.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn unit(hash: u64) -> f64 {
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

/// Of mean 0 and deviation 1: the sum of three uniform numbers of 21 bits, exact on every platform. Half a unit keeps the numbers
/// of two inputs apart, so that no residual lies on a kink, where conventions differ.
fn near_normal(hash: u64, seed: u64) -> f64 {
    let mask = (1 << 21) - 1;
    let sum = (hash & mask) + ((hash >> 21) & mask) + ((hash >> 42) & mask);
    ((sum as f64 + (seed % 2) as f64 / 2.0) / (1_u64 << 21) as f64 - 1.5) * 2.0
}

/// Answers requests until told to quit. `prepare` gives `None` for a case that the contender has no formula for.
pub fn serve(prepare: impl FnMut(&Case) -> Option<Work>) {
    serve_and_describe(prepare, |_| json!({"unsupported": true}));
}

/// The same, and answers what a case does, or the machine without one.
pub fn serve_and_describe(
    mut prepare: impl FnMut(&Case) -> Option<Work>,
    mut describe: impl FnMut(Option<&Case>) -> Value,
) {
    let mut work: Option<Work> = None;
    answer(json!({"ready": true}));
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line.expect("a line")).expect("a request in JSON");
        let done = match request["op"].as_str() {
            Some("prepare") => {
                drop(work.take());
                catch_unwind(AssertUnwindSafe(|| {
                    let answer;
                    (work, answer) = start(&mut prepare, &request);
                    answer
                }))
            }
            Some("run") => catch_unwind(AssertUnwindSafe(|| run(work.as_mut().expect("run after prepare"), &request))),
            Some("describe") => catch_unwind(AssertUnwindSafe(|| describe(Some(&Case::new(&request["case"]))))),
            Some("machine") => catch_unwind(AssertUnwindSafe(|| describe(None))),
            _ => return,
        };
        answer(done.unwrap_or_else(|panic| json!({"error": message(&*panic)})));
    }
}

fn start(prepare: &mut impl FnMut(&Case) -> Option<Work>, request: &Value) -> (Option<Work>, Value) {
    let case = Case::new(&request["case"]);
    let begin = Instant::now();
    let Some(mut work) = prepare(&case) else {
        return (None, json!({"unsupported": true}));
    };
    let mut reading = work();
    let first = begin.elapsed().as_nanos() as f64;
    for _ in 1..case.steps {
        reading = work();
    }
    let (value, gradient) = reading();
    if let Some(path) = request["result"].as_str() {
        let bytes: Vec<u8> = gradient.iter().flat_map(|x| x.to_le_bytes()).collect();
        std::fs::write(path, bytes).expect("the result is written");
    }
    (Some(work), json!({"value": value, "first": first}))
}

fn run(work: &mut Work, request: &Value) -> Value {
    let iterations = request["iterations"].as_u64().expect("iterations");
    let start = Instant::now();
    for _ in 0..iterations {
        drop(black_box(work()));
    }
    json!({"nanoseconds": start.elapsed().as_nanos() as f64 / iterations as f64})
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a message").lines().next().unwrap_or_default().to_owned()
}

fn answer(value: Value) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{value}").and_then(|()| out.flush()).expect("the driver listens");
}

/// How many threads the driver asked for.
pub fn threads() -> usize {
    std::env::var("PEERS_THREADS").ok().and_then(|n| n.parse().ok()).unwrap_or(1)
}
