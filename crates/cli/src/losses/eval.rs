//! Losses of numbers from outside: JSON Lines in, JSON Lines out.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use minimand::loss::catalog::{Arguments, Entry, Kind, Value as Parameter};
use minimand::tensor::{DType, Shape, Tensor, eval, grad};
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::nearest;
use super::number::{from_json, to_json};
use crate::panics;

/// Why nothing can be read or written.
#[derive(Debug, Error)]
pub enum EvalError {
    /// The file cannot be opened.
    #[error("{path}: cannot be read: {cause}", path = .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Reading broke off.
    #[error("line {line} cannot be read: {cause}")]
    Broken {
        /// The line, from 1.
        line: usize,
        /// What the system said.
        cause: io::Error,
    },
}

/// Answers each line of a file, or of standard input where there is none or it is `-`. `write` is given whole lines.
///
/// # Errors
/// When the file cannot be read. A line that is wrong is answered with its error.
pub fn evaluate(path: Option<&Path>, output: impl Write) -> Result<io::Result<()>, EvalError> {
    match path.filter(|path| *path != Path::new("-")) {
        Some(path) => {
            let file = File::open(path).map_err(|cause| EvalError::Unreadable { path: path.to_owned(), cause })?;
            answer_lines(file, output)
        }
        None => answer_lines(io::stdin().lock(), output),
    }
}

fn answer_lines(input: impl Read, output: impl Write) -> Result<io::Result<()>, EvalError> {
    let mut reader = BufReader::with_capacity(1 << 16, input);
    let mut writer = BufWriter::new(output);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let length = reader.read_until(b'\n', &mut line).map_err(|cause| EvalError::Broken { line: number, cause })?;
        if length == 0 {
            break;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let answer = answer(&line, number);
        let written =
            serde_json::to_writer(&mut writer, &answer).map_err(io::Error::from).and_then(|()| writer.write_all(b"\n"));
        // Whoever waits for an answer before asking again gets it.
        let written = if reader.buffer().is_empty() { written.and_then(|()| writer.flush()) } else { written };
        if written.is_err() {
            return Ok(written);
        }
    }
    Ok(writer.flush())
}

fn answer(line: &[u8], number: usize) -> Value {
    let request: Value = match serde_json::from_slice(line) {
        Ok(request) => request,
        Err(error) => return json!({ "id": null, "error": format!("line {number}: {}", without_place(&error)) }),
    };
    let id = request.get("id").cloned().unwrap_or(Value::Null);
    let result = panics::caught_said(|| respond(&request)).unwrap_or_else(Err);
    match result {
        Ok(mut fields) => {
            let mut answer = Map::new();
            answer.insert("id".into(), id);
            answer.append(&mut fields);
            Value::Object(answer)
        }
        Err(error) => json!({ "id": id, "error": error }),
    }
}

/// What serde_json says, its place by the column alone: each line is a document.
fn without_place(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or_default();
    format!("{said} at column {}", error.column())
}

const FIELDS: [&str; 9] = ["id", "loss", "params", "inputs", "targets", "reduce", "grad", "dtype", "hvp"];

fn respond(request: &Value) -> Result<Map<String, Value>, String> {
    let request = request.as_object().ok_or("a request is an object")?;
    if let Some(unknown) = request.keys().find(|key| !FIELDS.contains(&key.as_str())) {
        return Err(format!("there is no field `{unknown}`; there are {}", FIELDS.join(", ")));
    }
    let name = request.get("loss").and_then(Value::as_str).ok_or("`loss` must be the name of a loss")?;
    let entry = nearest::find_fitting(name, |entry| takes(entry, request)).map_err(|error| error.to_string())?;
    let dtype = match request.get("dtype").filter(|dtype| !dtype.is_null()).map(Value::as_str) {
        None | Some(Some("f64")) => DType::F64,
        Some(Some("f32")) => DType::F32,
        Some(_) => return Err("`dtype` must be \"f64\" or \"f32\"".into()),
    };
    let wants_gradient = match request.get("grad") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(wanted)) => *wanted,
        Some(_) => return Err("`grad` must be true or false".into()),
    };
    let (arguments, given) = arguments(entry, request, dtype)?;
    let (value, whole) = reduced(entry, &arguments, request.get("reduce"))?;

    let differentiable: Vec<(&str, &Tensor)> = given
        .iter()
        .filter_map(|name| Some((*name, arguments.find(name)?)))
        .filter(|(_, tensor)| tensor.dtype().is_float())
        .collect();
    let directions = directions(&differentiable, request.get("hvp"), dtype)?;
    let total = value.sum();
    let gradients: Vec<(&str, Tensor)> = if wants_gradient {
        let names = differentiable.iter().map(|(name, _)| *name);
        names.zip(grad(&total, differentiable.iter().map(|(_, tensor)| *tensor))).collect()
    } else {
        vec![]
    };
    let products = products(&total, &directions);
    eval(std::iter::once(&value).chain(gradients.iter().map(|(_, g)| g)).chain(products.iter().map(|(_, p)| p)));

    let mut fields = Map::new();
    fields.insert("value".into(), if whole { tensor_json(&value) } else { to_json(value.item()) });
    if wants_gradient {
        let gradients = gradients.iter().map(|(name, gradient)| ((*name).to_owned(), tensor_json(gradient)));
        fields.insert("grads".into(), Value::Object(gradients.collect()));
    }
    if !products.is_empty() {
        let products = products.iter().map(|(name, product)| ((*name).to_owned(), tensor_json(product)));
        fields.insert("hvp".into(), Value::Object(products.collect()));
    }
    Ok(fields)
}

/// Whether the loss has all tensors of a request, and the request all that the loss needs.
fn takes(entry: &Entry, request: &Map<String, Value>) -> bool {
    let given: Vec<&str> = ["inputs", "targets"]
        .iter()
        .filter_map(|field| request.get(*field)?.as_object())
        .flat_map(|tensors| tensors.keys().map(String::as_str))
        .collect();
    given.iter().all(|name| entry.input(name).is_some())
        && entry.inputs.iter().all(|input| input.optional || given.contains(&input.name))
}

/// The arguments, and which of them stand in `inputs`.
fn arguments<'r>(
    entry: &'static Entry,
    request: &'r Map<String, Value>,
    dtype: DType,
) -> Result<(Arguments, Vec<&'r str>), String> {
    let mut arguments = Arguments::new();
    let mut given = Vec::new();
    for field in ["inputs", "targets"] {
        let tensors = match request.get(field) {
            None | Some(Value::Null) => continue,
            Some(Value::Object(tensors)) => tensors,
            Some(_) => return Err(format!("`{field}` must be an object of tensors")),
        };
        for (name, json) in tensors {
            if arguments.find(name).is_some() {
                return Err(format!("{name} stands in `inputs` and in `targets`"));
            }
            let dtype = entry.input(name).map_or(dtype, |input| input.domain.dtype(dtype));
            arguments = arguments.tensor(name, tensor(name, json, dtype)?);
            if field == "inputs" {
                given.push(name.as_str());
            }
        }
    }
    let parameters = match request.get("params") {
        None | Some(Value::Null) => return Ok((arguments, given)),
        Some(Value::Object(parameters)) => parameters,
        Some(_) => return Err("`params` must be an object".into()),
    };
    for (name, json) in parameters {
        let value = match (entry.parameter(name).map(|parameter| parameter.kind), json) {
            (_, Value::Null) => Parameter::Absent,
            // An optional tensor, as the weights of classes, may stand among the parameters.
            (None, _) if entry.input(name).is_some() => {
                let dtype = entry.input(name).map_or(dtype, |input| input.domain.dtype(dtype));
                arguments = arguments.tensor(name, tensor(name, json, dtype)?);
                continue;
            }
            (_, Value::Bool(flag)) => Parameter::Flag(*flag),
            (Some(Kind::Choice(_)), Value::String(word)) => Parameter::Text(word.clone()),
            (_, Value::Array(numbers)) => {
                let numbers: Option<Vec<f64>> = numbers.iter().map(from_json).collect();
                Parameter::Numbers(numbers.ok_or_else(|| format!("{name} must be a list of numbers"))?)
            }
            (_, json) => match (from_json(json), json) {
                (Some(number), _) => Parameter::Number(number),
                (None, Value::String(word)) => Parameter::Text(word.clone()),
                _ => return Err(format!("{name} must be a number, a word, true or false, or a list of numbers")),
            },
        };
        arguments = arguments.value(name, value);
    }
    Ok((arguments, given))
}

/// The value, and whether it is to be written as a tensor.
fn reduced(entry: &'static Entry, arguments: &Arguments, reduce: Option<&Value>) -> Result<(Tensor, bool), String> {
    let said = |error: minimand::loss::catalog::ArgumentError| error.to_string();
    match reduce.filter(|reduce| !reduce.is_null()).map(Value::as_str) {
        None | Some(Some("none")) => Ok((entry.evaluate(arguments).map_err(said)?, true)),
        Some(Some("sum")) => Ok((entry.evaluate(arguments).map_err(said)?.sum(), false)),
        Some(Some("mean")) => Ok((entry.mean(arguments).map_err(said)?, false)),
        Some(_) => Err("`reduce` must be \"none\", \"sum\" or \"mean\"".into()),
    }
}

/// A tensor from `{"shape": […], "data": […]}`, from nested lists, or from a number.
fn tensor(name: &str, json: &Value, dtype: DType) -> Result<Tensor, String> {
    let (shape, data) = match json {
        Value::Object(fields) => {
            if let Some(unknown) = fields.keys().find(|key| !["shape", "data"].contains(&key.as_str())) {
                return Err(format!("{name}: there is no field `{unknown}`; a tensor has `shape` and `data`"));
            }
            let sizes =
                fields.get("shape").and_then(Value::as_array).ok_or(format!("{name}: `shape` must be a list"))?;
            let shape: Option<Vec<usize>> =
                sizes.iter().map(|size| size.as_u64().and_then(|size| usize::try_from(size).ok())).collect();
            let shape = shape.ok_or(format!("{name}: `shape` must hold whole numbers of at least 0"))?;
            let data = fields.get("data").and_then(Value::as_array).ok_or(format!("{name}: `data` must be a list"))?;
            (shape, data.iter().collect())
        }
        nested => {
            let mut shape = Vec::new();
            let mut level = nested;
            while let Value::Array(list) = level {
                shape.push(list.len());
                match list.first() {
                    Some(first) => level = first,
                    None => break,
                }
            }
            let mut data = Vec::new();
            flatten(name, nested, &shape, &mut data)?;
            (shape, data)
        }
    };
    let count = shape.iter().try_fold(1usize, |count, &size| count.checked_mul(size));
    if count != Some(data.len()) {
        let shape = Shape::from(shape);
        return Err(format!("{name}: {shape} holds another number of entries than `data` has, {}", data.len()));
    }
    let number = |(position, json): (usize, &&Value)| {
        from_json(json).ok_or_else(|| format!("{name}: the entry at position {position} is no number"))
    };
    let numbers: Vec<f64> = data.iter().enumerate().map(number).collect::<Result<_, _>>()?;
    match dtype {
        DType::F64 => Ok(Tensor::from_vec(numbers, shape)),
        DType::F32 => Ok(Tensor::from_vec(numbers.iter().map(|&number| number as f32).collect::<Vec<f32>>(), shape)),
        DType::Bool => {
            let truth = |(position, &number): (usize, &f64)| match number {
                0.0 => Ok(false),
                1.0 => Ok(true),
                _ => Err(format!("{name}: the entry at position {position} is {number}: it must be true or false")),
            };
            Ok(Tensor::from_vec(numbers.iter().enumerate().map(truth).collect::<Result<Vec<bool>, _>>()?, shape))
        }
        DType::I64 => {
            let whole = |(position, &number): (usize, &f64)| {
                let is_whole = number.fract() == 0.0 && number.abs() < 9e15;
                let said =
                    || format!("{name}: the entry at position {position} is {number}: it must be a whole number");
                is_whole.then_some(number as i64).ok_or_else(said)
            };
            Ok(Tensor::from_vec(numbers.iter().enumerate().map(whole).collect::<Result<Vec<i64>, _>>()?, shape))
        }
    }
}

fn flatten<'j>(name: &str, json: &'j Value, shape: &[usize], data: &mut Vec<&'j Value>) -> Result<(), String> {
    match (json, shape.split_first()) {
        (Value::Array(list), Some((&size, rest))) if list.len() == size => {
            list.iter().try_for_each(|inner| flatten(name, inner, rest, data))
        }
        (Value::Array(_), _) => Err(format!("{name}: its lists have different lengths")),
        (_, Some(_)) => Err(format!("{name}: a list is missing: its lists have different depths")),
        (number, None) => {
            data.push(number);
            Ok(())
        }
    }
}

/// The directions of a Hessian-vector product, each with the input that it belongs to.
fn directions<'t>(
    inputs: &[(&'t str, &'t Tensor)],
    hvp: Option<&Value>,
    dtype: DType,
) -> Result<Vec<(&'t str, &'t Tensor, Tensor)>, String> {
    let directions = match hvp {
        None | Some(Value::Null) => return Ok(vec![]),
        Some(Value::Object(directions)) => directions,
        Some(_) => return Err("`hvp` must be an object of directions".into()),
    };
    let mut found = Vec::new();
    for (name, json) in directions {
        let Some((name, input)) = inputs.iter().find(|(input, _)| input == name) else {
            return Err(format!("hvp: {name} is no floating-point tensor in `inputs`"));
        };
        let direction = tensor(&format!("hvp: {name}"), json, dtype)?;
        if direction.shape() != input.shape() {
            return Err(format!(
                "hvp: {name} {} must have the shape of the input, {}",
                direction.shape(),
                input.shape()
            ));
        }
        found.push((*name, *input, direction));
    }
    Ok(found)
}

/// The Hessian of the total times the directions, by each of the inputs that have one.
fn products<'t>(total: &Tensor, directions: &[(&'t str, &'t Tensor, Tensor)]) -> Vec<(&'t str, Tensor)> {
    if directions.is_empty() {
        return vec![];
    }
    let inputs: Vec<&Tensor> = directions.iter().map(|(_, input, _)| *input).collect();
    let gradients = grad(total, inputs.iter().copied());
    let along = gradients.iter().zip(directions).map(|(gradient, (_, _, direction))| (gradient * direction).sum());
    let along = along.reduce(|sum, term| sum + term).expect("there are directions");
    directions.iter().map(|(name, ..)| *name).zip(grad(&along, inputs.iter().copied())).collect()
}

fn tensor_json(tensor: &Tensor) -> Value {
    let data: Vec<f64> = tensor.to_vec();
    json!({ "shape": tensor.shape().to_vec(), "data": data.into_iter().map(to_json).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests;
