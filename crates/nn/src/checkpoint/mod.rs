//! Named tensors, stored and restored: all or nothing.

mod error;
mod file;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub use error::{CheckpointError, Misfit};
use minimand_tensor::{Parameter, Tensor};

use crate::buffer::Buffer;
use crate::module::Module;

/// Named tensors: the parameters and buffers of a model, the state of an optimizer, or both, in one file of the safetensors format.
///
/// A checkpoint taken from a model is a snapshot: the tensors in it do not change when the model is trained on. So it also serves to
/// keep the best model in memory.
///
/// ```
/// use minimand_nn::{Activation, Checkpoint, Mlp, Module};
/// use minimand_tensor::{Rng, Tensor};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("model.safetensors");
/// let model = Mlp::new([2, 8, 1], Activation::Tanh, &mut Rng::seed(7));
/// Checkpoint::of(&model).save(&path)?;
///
/// let other = Mlp::new([2, 8, 1], Activation::Tanh, &mut Rng::seed(8));
/// Checkpoint::load(&path)?.restore(&other)?;
/// let x = Tensor::ones([1, 2]);
/// assert_eq!(other.forward(&x).item(), model.forward(&x).item());
///
/// let narrow = Mlp::new([2, 4, 1], Activation::Tanh, &mut Rng::seed(9));
/// let error = Checkpoint::load(&path)?.restore(&narrow).unwrap_err();
/// assert!(error.to_string().ends_with(
///     "model.safetensors: does not fit the model: layers.0.weight is f32[8, 2] in the checkpoint and f32[4, 2] in the model; \
///      layers.0.bias is f32[8] in the checkpoint and f32[4] in the model; \
///      layers.1.weight is f32[1, 8] in the checkpoint and f32[1, 4] in the model"
/// ));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "state_dict")]
#[doc(alias = "torch.save")]
#[derive(Clone, Debug, Default)]
pub struct Checkpoint {
    tensors: BTreeMap<String, Tensor>,
    /// The file it was read from, for messages.
    origin: Option<PathBuf>,
}

impl Checkpoint {
    /// No tensors yet.
    pub fn new() -> Checkpoint {
        Checkpoint::default()
    }

    /// The present values of a model's parameters and buffers, under their paths.
    ///
    /// # Panics
    /// When two different parameters or buffers have the same path.
    #[track_caller]
    pub fn of(model: &dyn Module) -> Checkpoint {
        let places = Place::of(model);
        // What a forward pass has left to be computed: a snapshot holds numbers.
        let values: Vec<Tensor> = places.iter().map(|(_, place)| place.value()).collect();
        minimand_tensor::eval(&values);
        places.into_iter().map(|(name, place)| (name, place.value())).collect()
    }

    /// Adds named tensors below a name: `layers.0.weight` below `model` becomes `model.layers.0.weight`.
    ///
    /// ```
    /// use minimand_nn::{Activation, Checkpoint, Mlp};
    /// use minimand_tensor::{Rng, Tensor};
    ///
    /// let model = Mlp::new([2, 1], Activation::Tanh, &mut Rng::seed(7));
    /// let all = Checkpoint::new()
    ///     .with("model", Checkpoint::of(&model))
    ///     .with("training", [("step".to_owned(), Tensor::from(1200i64))]);
    /// let names: Vec<&String> = all.tensors().keys().collect();
    /// assert_eq!(names, ["model.layers.0.bias", "model.layers.0.weight", "training.step"]);
    ///
    /// all.scope("model").restore(&model)?;
    /// assert_eq!(all.scope("training").tensors()["step"].item(), 1200.0);
    /// # Ok::<(), minimand_nn::CheckpointError>(())
    /// ```
    ///
    /// # Panics
    /// When a name is already taken.
    #[must_use]
    #[track_caller]
    pub fn with(mut self, scope: &str, tensors: impl IntoIterator<Item = (String, Tensor)>) -> Checkpoint {
        for (name, tensor) in tensors {
            let name = format!("{scope}.{name}");
            assert!(!self.tensors.contains_key(&name), "with: the checkpoint already holds a tensor called {name}");
            self.tensors.insert(name, tensor);
        }
        self
    }

    /// The tensors below a name, with what follows it as their names: the reverse of [`with`](Checkpoint::with).
    #[must_use]
    pub fn scope(&self, scope: &str) -> Checkpoint {
        let below = |name: &str| name.strip_prefix(scope)?.strip_prefix('.').map(str::to_owned);
        let tensors = self.tensors.iter().filter_map(|(name, tensor)| Some((below(name)?, tensor.clone()))).collect();
        Checkpoint { tensors, origin: self.origin.clone() }
    }

    /// The tensors by name.
    pub fn tensors(&self) -> &BTreeMap<String, Tensor> {
        &self.tensors
    }

    /// Writes a file: computes what has not been computed, writes to a temporary file in the same directory, and puts it in the place of
    /// the old one when all of it is on the disk. A save that fails or is interrupted leaves the old file whole. The same tensors make
    /// the same bytes.
    ///
    /// # Errors
    /// When the file cannot be written, or a tensor is called `__metadata__`, which the format reserves.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), CheckpointError> {
        let path = path.as_ref();
        let bytes = file::encode(&self.tensors).map_err(|fault| fault.in_file(path))?;
        file::replace(path, &bytes).map_err(|source| CheckpointError::Write { path: path.to_owned(), source })
    }

    /// Reads a file and checks all of it: every tensor lies within the file, has a known element type and valid values.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, or holds an element type other than f32, f64, i64 and bool.
    pub fn load(path: impl AsRef<Path>) -> Result<Checkpoint, CheckpointError> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|source| CheckpointError::Read { path: path.to_owned(), source })?;
        let tensors = file::decode(&bytes).map_err(|fault| fault.in_file(path))?;
        Ok(Checkpoint { tensors, origin: Some(path.to_owned()) })
    }

    /// Gives the model's parameters and buffers the values in this checkpoint: all, or none if they do not fit.
    ///
    /// # Errors
    /// When a parameter or buffer is missing, a tensor has no place in the model, or the shape or element type differs; the error names each.
    ///
    /// # Panics
    /// When two different parameters or buffers of the model have the same path.
    #[doc(alias = "load_state_dict")]
    #[track_caller]
    pub fn restore(&self, model: &dyn Module) -> Result<(), CheckpointError> {
        let places = Place::of(model);
        let mut misfits = Vec::new();
        for (name, place) in &places {
            let wanted = place.value();
            match self.tensors.get(name) {
                None => misfits.push(Misfit::Missing { name: name.clone() }),
                Some(found) if found.shape() != wanted.shape() || found.dtype() != wanted.dtype() => {
                    misfits.push(Misfit::Differs {
                        name: name.clone(),
                        found: (found.dtype(), found.shape().clone()),
                        wanted: (wanted.dtype(), wanted.shape().clone()),
                    });
                }
                Some(_) => {}
            }
        }
        let is_known = |name: &String| places.iter().any(|(known, _)| known == name);
        misfits.extend(
            self.tensors.keys().filter(|name| !is_known(name)).cloned().map(|name| Misfit::Unexpected { name }),
        );
        if !misfits.is_empty() {
            return Err(CheckpointError::DoesNotFit { path: self.origin.clone(), misfits });
        }
        // Computed before the first is set: afterwards nothing can fail.
        minimand_tensor::eval(self.tensors.values());
        for (name, place) in &places {
            place.set(self.tensors[name].clone());
        }
        Ok(())
    }
}

/// What of a model is stored.
enum Place {
    Parameter(Parameter),
    Buffer(Buffer),
}

impl Place {
    /// All of it, by path: parameters, then buffers.
    #[track_caller]
    fn of(model: &dyn Module) -> Vec<(String, Place)> {
        let parameters =
            model.named_parameters().into_iter().map(|(name, parameter)| (name, Place::Parameter(parameter)));
        let buffers = model.named_buffers().into_iter().map(|(name, buffer)| (name, Place::Buffer(buffer)));
        parameters.chain(buffers).collect()
    }

    fn value(&self) -> Tensor {
        match self {
            Place::Parameter(parameter) => parameter.value(),
            Place::Buffer(buffer) => buffer.value(),
        }
    }

    fn set(&self, value: Tensor) {
        match self {
            Place::Parameter(parameter) => parameter.set(value),
            Place::Buffer(buffer) => buffer.set(value),
        }
    }
}

impl FromIterator<(String, Tensor)> for Checkpoint {
    /// # Panics
    /// When two tensors have the same name.
    #[track_caller]
    fn from_iter<I: IntoIterator<Item = (String, Tensor)>>(tensors: I) -> Checkpoint {
        let mut checkpoint = Checkpoint::new();
        for (name, tensor) in tensors {
            assert!(!checkpoint.tensors.contains_key(&name), "checkpoint: two tensors are called {name}");
            checkpoint.tensors.insert(name, tensor);
        }
        checkpoint
    }
}

impl From<BTreeMap<String, Tensor>> for Checkpoint {
    fn from(tensors: BTreeMap<String, Tensor>) -> Checkpoint {
        Checkpoint { tensors, origin: None }
    }
}

impl From<Checkpoint> for BTreeMap<String, Tensor> {
    fn from(checkpoint: Checkpoint) -> BTreeMap<String, Tensor> {
        checkpoint.tensors
    }
}

impl IntoIterator for Checkpoint {
    type Item = (String, Tensor);
    type IntoIter = std::collections::btree_map::IntoIter<String, Tensor>;
    fn into_iter(self) -> Self::IntoIter {
        self.tensors.into_iter()
    }
}
