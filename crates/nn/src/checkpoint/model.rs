//! A model in a checkpoint, and out of it again.

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use minimand_tensor::{DType, Parameter, Shape, Tensor};

use super::Checkpoint;
use super::error::{CheckpointError, Misfit, Misfits};
use crate::buffer::Buffer;
use crate::generator::{self, Generator};
use crate::module::{Module, Part, Parts};

impl Checkpoint {
    /// The present values of a model's parameters and buffers, under their paths. Weights that are tied are stored once, under the first.
    ///
    /// # Panics
    /// When two different parameters or buffers have the same path.
    #[doc(alias = "state_dict")]
    #[track_caller]
    pub fn of(model: &dyn Module) -> Checkpoint {
        snapshot(places(model, "Checkpoint::of").into_iter().filter(|place| !place.is_optional()))
    }

    /// As [`of`](Checkpoint::of), with the states of the [generators](Generator) that the model draws from, such as those of
    /// [`Dropout`](crate::Dropout): after [`restore`](Checkpoint::restore) it draws the same numbers. For a checkpoint to resume from.
    ///
    /// # Panics
    /// As [`of`](Checkpoint::of); in a function that is being traced.
    #[track_caller]
    pub fn of_training(model: &dyn Module) -> Checkpoint {
        snapshot(places(model, "Checkpoint::of_training").into_iter())
    }

    /// Gives the model's parameters and buffers the values in this checkpoint, and its generators their states, where they are stored: all, or
    /// nothing if they do not fit. Weights that are tied may be stored under any of their paths.
    ///
    /// # Errors
    /// When a parameter or buffer is missing, a tensor has no place in the model, or the shape or element type differs; the error names each.
    ///
    /// # Panics
    /// When two different parameters or buffers of the model have the same path.
    #[doc(alias = "load_state_dict")]
    #[track_caller]
    pub fn restore(&self, model: &dyn Module) -> Result<(), CheckpointError> {
        let (fitting, misfits) = self.compare(places(model, "restore"));
        if !misfits.is_empty() {
            return Err(CheckpointError::DoesNotFit { path: self.origin.clone(), misfits });
        }
        set_all(&fitting);
        Ok(())
    }

    /// Restores what fits by name, shape and element type, leaves the rest of the model as it is, and says what did not fit: for a model with a new
    /// head on a known body.
    ///
    /// ```
    /// use minimand_nn::{Activation, Checkpoint, Linear, Module};
    /// use minimand_tensor::Rng;
    ///
    /// let mut rng = Rng::seed(7);
    /// let ten_classes = (Linear::new(4, 8, &mut rng), Activation::Relu, Linear::new(8, 10, &mut rng));
    /// let three_classes = (Linear::new(4, 8, &mut rng), Activation::Relu, Linear::new(8, 3, &mut rng));
    /// let restored = Checkpoint::of(&ten_classes).restore_matching(&three_classes);
    /// assert_eq!(restored.names, ["0.weight", "0.bias"]);
    /// assert_eq!(
    ///     restored.to_string(),
    ///     "2 restored; 2.weight is f32[10, 8] in the checkpoint and f32[3, 8] in the model; \
    ///      2.bias is f32[10] in the checkpoint and f32[3] in the model"
    /// );
    /// ```
    ///
    /// # Panics
    /// When two different parameters or buffers of the model have the same path.
    #[doc(alias = "strict")]
    #[track_caller]
    pub fn restore_matching(&self, model: &dyn Module) -> Restored {
        let (fitting, misfits) = self.compare(places(model, "restore_matching"));
        set_all(&fitting);
        Restored { names: fitting.into_iter().map(|(place, _)| place.paths[0].clone()).collect(), misfits }
    }

    /// What of a model is in this checkpoint, and what is not as it must be.
    fn compare<'a, 'b>(&'b self, places: Vec<Place<'a>>) -> (Vec<(Place<'a>, &'b Tensor)>, Vec<Misfit>) {
        let (mut fitting, mut misfits) = (Vec::new(), Vec::new());
        let mut unexpected: BTreeSet<&String> = self.tensors.keys().collect();
        for place in places {
            let stored: Vec<(&String, &Tensor)> =
                place.paths.iter().filter_map(|path| self.tensors.get_key_value(path)).collect();
            unexpected.retain(|name| !place.paths.contains(name));
            let Some((&(first, tensor), others)) = stored.split_first() else {
                if !place.is_optional() {
                    misfits.push(Misfit::Missing { name: place.paths[0].clone() });
                }
                continue;
            };
            let (found, wanted) = ((tensor.dtype(), tensor.shape().clone()), place.kind());
            let other = others.iter().find(|(_, other)| !is_same(other, tensor));
            if found != wanted {
                misfits.push(Misfit::Differs { name: first.clone(), found, wanted });
            } else if let Some((name, _)) = other {
                misfits.push(Misfit::Contradicts { name: (*name).clone(), other: first.clone() });
            } else {
                fitting.push((place, tensor));
            }
        }
        misfits.extend(unexpected.into_iter().map(|name| Misfit::Unexpected { name: name.clone() }));
        (fitting, misfits)
    }
}

/// What [`restore_matching`](Checkpoint::restore_matching) has done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "what did not fit is as it was"]
pub struct Restored {
    /// The paths of what was restored, in the order of the model.
    pub names: Vec<String>,
    /// What was not, and why: first what the model lacks or has otherwise, then tensors that it has no place for.
    pub misfits: Vec<Misfit>,
}

impl fmt::Display for Restored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} restored", self.names.len())?;
        if self.misfits.is_empty() { Ok(()) } else { write!(f, "; {}", Misfits(&self.misfits)) }
    }
}

/// Something of a model that is stored: the paths at which it is used, and what it is.
struct Place<'a> {
    paths: Vec<String>,
    value: Value<'a>,
}

#[derive(Clone, Copy)]
enum Value<'a> {
    Parameter(&'a Parameter),
    Buffer(&'a Buffer),
    Generator(&'a Generator),
}

impl Value<'_> {
    fn is_same(&self, other: &Value<'_>) -> bool {
        match (self, other) {
            (Value::Parameter(one), Value::Parameter(other)) => one.is_same(other),
            (Value::Buffer(one), Value::Buffer(other)) => one.is_same(other),
            (Value::Generator(one), Value::Generator(other)) => std::ptr::eq(*one, *other),
            (Value::Parameter(_) | Value::Buffer(_) | Value::Generator(_), _) => false,
        }
    }

    fn read(&self) -> Tensor {
        match self {
            Value::Parameter(parameter) => parameter.value(),
            Value::Buffer(buffer) => buffer.value(),
            Value::Generator(generator) => generator.state(),
        }
    }
}

impl Place<'_> {
    /// Whether a checkpoint need not hold it: weights by themselves are a model.
    fn is_optional(&self) -> bool {
        matches!(self.value, Value::Generator(_))
    }

    fn kind(&self) -> (DType, Shape) {
        let of = |value: Tensor| (value.dtype(), value.shape().clone());
        match self.value {
            Value::Parameter(parameter) => of(parameter.value()),
            Value::Buffer(buffer) => of(buffer.value()),
            Value::Generator(_) => (DType::I64, Shape::from([generator::WORDS])),
        }
    }
}

/// All that is stored of a model: parameters, buffers, generators, each in the order of the parts.
#[track_caller]
fn places<'a>(model: &'a dyn Module, operation: &str) -> Vec<Place<'a>> {
    let mut found = Parts::default();
    model.parts(&mut found);
    let mut places: Vec<Place<'a>> = Vec::new();
    found.visit("", &mut |path, part| {
        let value = match part {
            Part::Parameter(parameter) => Value::Parameter(parameter),
            Part::Buffer(buffer) => Value::Buffer(buffer),
            Part::Generator(generator) => Value::Generator(generator),
            Part::Module(_) | Part::Mode(_) => return,
        };
        match places.iter_mut().find(|place| place.value.is_same(&value)) {
            Some(place) => place.paths.push(path.to_owned()),
            None => places.push(Place { paths: vec![path.to_owned()], value }),
        }
    });
    let mut paths = HashSet::new();
    for path in places.iter().flat_map(|place| &place.paths) {
        assert!(paths.insert(path), "{operation}: two different parts of the model have the path {path}");
    }
    places.sort_by_key(|place| match place.value {
        Value::Parameter(_) => 0,
        Value::Buffer(_) => 1,
        Value::Generator(_) => 2,
    });
    places
}

/// The values of all places, under their first paths.
#[track_caller]
fn snapshot<'a>(places: impl Iterator<Item = Place<'a>>) -> Checkpoint {
    let places: Vec<Place<'a>> = places.collect();
    // What a forward pass has left to be computed: a snapshot holds numbers.
    minimand_tensor::eval(&places.iter().map(|place| place.value.read()).collect::<Vec<_>>());
    places.into_iter().map(|place| (place.paths[0].clone(), place.value.read())).collect()
}

fn set_all(fitting: &[(Place<'_>, &Tensor)]) {
    // Computed before the first is set: afterwards nothing can fail.
    minimand_tensor::eval(fitting.iter().map(|(_, tensor)| *tensor));
    for (place, tensor) in fitting {
        // Under its name in the model.
        match place.value {
            Value::Parameter(parameter) => parameter.named(&*place.paths[0]).set((*tensor).clone()),
            Value::Buffer(buffer) => buffer.named(&*place.paths[0]).set((*tensor).clone()),
            Value::Generator(generator) => generator.set_state(&generator::state_of(tensor)),
        }
    }
}

/// Whether two tensors are of one kind and have the same bits, NaN included.
fn is_same(one: &Tensor, other: &Tensor) -> bool {
    let bits = |tensor: &Tensor| -> Vec<u64> {
        match tensor.dtype() {
            DType::F32 | DType::F64 => tensor.to_vec::<f64>().into_iter().map(f64::to_bits).collect(),
            DType::I64 | DType::Bool => tensor.to_vec::<i64>().into_iter().map(i64::cast_unsigned).collect(),
        }
    };
    (one.dtype(), one.shape()) == (other.dtype(), other.shape()) && bits(one) == bits(other)
}
