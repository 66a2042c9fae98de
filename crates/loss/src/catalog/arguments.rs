//! What is given to a loss by name, and what it becomes once it is complete and checked.

use std::collections::BTreeMap;
use std::fmt;

use minimand_tensor::{DType, Tensor};

use super::domain::{Domain, Input};
use super::entry::Entry;
use super::error::ArgumentError;
use super::parameter::{Default as Usual, Kind, MOST, Parameter};
use super::shape::Sizes;
use crate::classification::LabelLists;
use crate::labels::Labels;

/// Tensors and parameters by name.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    pub(super) tensors: BTreeMap<String, Tensor>,
    pub(super) values: BTreeMap<String, Value>,
}

/// What a parameter is.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number, or a whole number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// A word.
    Text(String),
    /// Several numbers.
    Numbers(Vec<f64>),
    /// Nothing: as if it were not given.
    Absent,
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Value::Number(number) => write!(f, "{number}"),
            Value::Flag(flag) => write!(f, "{flag}"),
            Value::Text(text) => write!(f, "\"{text}\""),
            Value::Numbers(numbers) => write!(f, "{numbers:?}"),
            Value::Absent => f.write_str("nothing"),
        }
    }
}

impl Arguments {
    /// No arguments yet.
    pub fn new() -> Arguments {
        Arguments::default()
    }

    /// With a tensor of that name.
    #[must_use]
    pub fn tensor(mut self, name: &str, tensor: Tensor) -> Arguments {
        self.tensors.insert(name.into(), tensor);
        self
    }

    /// With a number of that name.
    #[must_use]
    pub fn number(self, name: &str, number: f64) -> Arguments {
        self.value(name, Value::Number(number))
    }

    /// With a parameter of that name.
    #[must_use]
    pub fn value(mut self, name: &str, value: Value) -> Arguments {
        self.values.insert(name.into(), value);
        self
    }

    /// The tensor of that name.
    pub fn find(&self, name: &str) -> Option<&Tensor> {
        self.tensors.get(name)
    }

    /// The parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// Complete and checked: every input and parameter there, of its shape and in its domain, the defaults filled in.
    ///
    /// # Errors
    /// Names what is missing, superfluous, or not what it may be.
    pub fn complete(&self, entry: &'static Entry) -> Result<Given, ArgumentError> {
        self.refuse_unknown(entry)?;
        let mut given = Given {
            tensors: BTreeMap::new(),
            labels: BTreeMap::new(),
            label_lists: BTreeMap::new(),
            values: BTreeMap::new(),
            sizes: Sizes::default(),
        };
        for parameter in entry.parameters {
            given.values.insert(parameter.name, self.chosen(entry, parameter)?);
        }
        for input in entry.inputs {
            match self.tensors.get(input.name) {
                Some(tensor) => {
                    given.sizes.bind(entry.name, input, tensor)?;
                    given.tensors.insert(input.name, tensor.clone());
                }
                None if input.optional => {}
                None => return Err(ArgumentError::Missing { loss: entry.name, name: input.name }),
            }
        }
        for input in entry.inputs {
            if let Some(tensor) = given.tensors.get(input.name).cloned() {
                given.check(entry, input, &tensor)?;
            }
        }
        Ok(given)
    }

    fn refuse_unknown(&self, entry: &'static Entry) -> Result<(), ArgumentError> {
        let known: Vec<&str> = entry
            .inputs
            .iter()
            .map(|input| input.name)
            .chain(entry.parameters.iter().map(|parameter| parameter.name))
            .collect();
        let unknown = |(name, expected): (&String, bool)| {
            (!expected).then(|| ArgumentError::Unknown {
                loss: entry.name,
                name: name.clone(),
                known: known.join(", "),
            })
        };
        let tensors = self.tensors.keys().map(|name| (name, entry.input(name).is_some()));
        let values = self.values.keys().map(|name| (name, entry.parameter(name).is_some()));
        tensors.chain(values).find_map(unknown).map_or(Ok(()), Err)
    }

    fn chosen(&self, entry: &'static Entry, parameter: &Parameter) -> Result<Value, ArgumentError> {
        let given = self.values.get(parameter.name).filter(|value| **value != Value::Absent);
        let Some(value) = given else {
            return match parameter.default {
                Usual::Required => Err(ArgumentError::Missing { loss: entry.name, name: parameter.name }),
                Usual::Absent => Ok(Value::Absent),
                Usual::Number(number) => Ok(Value::Number(number)),
                Usual::Integer(number) => Ok(Value::Number(number as f64)),
                Usual::Flag(flag) => Ok(Value::Flag(flag)),
                Usual::Choice(word) => Ok(Value::Text(word.into())),
                Usual::Numbers(numbers) => Ok(Value::Numbers(numbers.to_vec())),
            };
        };
        let allowed = match (parameter.kind, value) {
            (Kind::Number { low, with_low, high, with_high }, Value::Number(number)) => {
                (*number > low || (with_low && *number == low)) && (*number < high || (with_high && *number == high))
            }
            (Kind::Integer(i64::MIN), Value::Number(number)) => number.fract() == 0.0,
            (Kind::Integer(least), Value::Number(number)) => {
                number.fract() == 0.0 && *number >= least as f64 && *number <= MOST as f64
            }
            (Kind::Flag, Value::Flag(_)) | (Kind::Numbers, Value::Numbers(_)) => true,
            (Kind::Choice(words), Value::Text(word)) => words.contains(&word.as_str()),
            _ => false,
        };
        if allowed {
            return Ok(value.clone());
        }
        let must = parameter.kind.describe();
        Err(ArgumentError::Parameter { loss: entry.name, name: parameter.name, value: value.to_string(), must })
    }
}

/// The arguments of one loss, complete and checked.
#[derive(Clone, Debug)]
pub struct Given {
    tensors: BTreeMap<&'static str, Tensor>,
    labels: BTreeMap<&'static str, Labels>,
    label_lists: BTreeMap<&'static str, LabelLists>,
    values: BTreeMap<&'static str, Value>,
    sizes: Sizes,
}

impl Given {
    fn check(&mut self, entry: &'static Entry, input: &'static Input, tensor: &Tensor) -> Result<(), ArgumentError> {
        let at = |position, value, must: String| {
            Err(ArgumentError::Domain { loss: entry.name, name: input.name, position, value, must })
        };
        match input.domain {
            Domain::Labels(classes) => {
                let classes = self.size(entry, classes);
                let ignored = match self.values.get("ignored") {
                    Some(Value::Number(ignored)) => *ignored as i64,
                    _ => i64::MIN,
                };
                let numbers: Vec<i64> = tensor.to_vec();
                let labels = if numbers.contains(&ignored) {
                    Labels::with_ignored(numbers, classes, ignored)
                } else {
                    Labels::new(numbers, classes)
                };
                let labels =
                    labels.map_err(|source| ArgumentError::Label { loss: entry.name, name: input.name, source })?;
                self.labels.insert(input.name, labels.reshape(tensor.shape()));
            }
            Domain::LabelLists(classes) => {
                let classes = self.size(entry, classes);
                let numbers: Vec<i64> = tensor.to_vec();
                let width = tensor.shape().last().copied().unwrap_or(1).max(1);
                let lists = LabelLists::new(numbers.chunks(width).collect::<Vec<_>>(), classes);
                let lists =
                    lists.map_err(|source| ArgumentError::Label { loss: entry.name, name: input.name, source })?;
                self.label_lists.insert(input.name, lists);
            }
            Domain::Index(size) | Domain::Length(size) => {
                let size = self.size(entry, size) as i64;
                let end = if matches!(input.domain, Domain::Length(_)) { size + 1 } else { size };
                let numbers: Vec<i64> = tensor.to_vec();
                if let Some(position) = numbers.iter().position(|number| !(0..end).contains(number)) {
                    return at(position, numbers[position] as f64, format!("must be at least 0 and below {end}"));
                }
            }
            Domain::Mask | Domain::Integer => {}
            domain => {
                for (position, value) in tensor.to_vec::<f64>().into_iter().enumerate() {
                    if let Some(must) = domain.objection(value) {
                        return at(position, value, must.into());
                    }
                }
            }
        }
        Ok(())
    }

    fn size(&self, entry: &Entry, symbol: &str) -> usize {
        self.sizes.of(symbol).unwrap_or_else(|| panic!("{}: no shape says what {symbol} is", entry.name))
    }

    /// A tensor.
    ///
    /// # Panics
    /// When there is none of that name.
    #[track_caller]
    pub fn tensor(&self, name: &str) -> &Tensor {
        self.optional(name).unwrap_or_else(|| panic!("there is no tensor {name}"))
    }

    /// A tensor that may be missing.
    pub fn optional(&self, name: &str) -> Option<&Tensor> {
        self.tensors.get(name)
    }

    /// Class labels.
    ///
    /// # Panics
    /// When there are none of that name.
    #[track_caller]
    pub fn labels(&self, name: &str) -> &Labels {
        self.labels.get(name).unwrap_or_else(|| panic!("there are no labels {name}"))
    }

    /// Lists of class labels.
    ///
    /// # Panics
    /// When there are none of that name.
    #[track_caller]
    pub fn label_lists(&self, name: &str) -> &LabelLists {
        self.label_lists.get(name).unwrap_or_else(|| panic!("there are no lists of labels {name}"))
    }

    /// A number.
    ///
    /// # Panics
    /// When there is none of that name.
    #[track_caller]
    pub fn number(&self, name: &str) -> f64 {
        self.optional_number(name).unwrap_or_else(|| panic!("there is no number {name}"))
    }

    /// A number that may be missing.
    pub fn optional_number(&self, name: &str) -> Option<f64> {
        match self.values.get(name) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// A whole number that is not negative.
    ///
    /// # Panics
    /// When there is none of that name.
    #[track_caller]
    pub fn integer(&self, name: &str) -> usize {
        self.number(name) as usize
    }

    /// An answer.
    ///
    /// # Panics
    /// When there is none of that name.
    #[track_caller]
    pub fn flag(&self, name: &str) -> bool {
        match self.values.get(name) {
            Some(Value::Flag(flag)) => *flag,
            _ => panic!("there is no answer {name}"),
        }
    }

    /// A word.
    ///
    /// # Panics
    /// When there is none of that name.
    #[track_caller]
    pub fn choice(&self, name: &str) -> &str {
        match self.values.get(name) {
            Some(Value::Text(word)) => word,
            _ => panic!("there is no word {name}"),
        }
    }

    /// Several numbers.
    ///
    /// # Panics
    /// When there are none of that name.
    #[track_caller]
    pub fn numbers(&self, name: &str) -> &[f64] {
        match self.values.get(name) {
            Some(Value::Numbers(numbers)) => numbers,
            _ => panic!("there are no numbers {name}"),
        }
    }

    /// All parameters, the defaults among them.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.values.iter().map(|(name, value)| (*name, value))
    }

    /// The floating-point type of the tensors.
    pub fn dtype(&self) -> DType {
        self.tensors.values().map(Tensor::dtype).find(|dtype| dtype.is_float()).unwrap_or(DType::F64)
    }
}
