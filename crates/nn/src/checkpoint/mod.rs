//! Named tensors, stored and restored: all or nothing.

mod error;
mod file;
mod half;
mod model;
mod values;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub use error::{CheckpointError, Misfit};
use minimand_tensor::Tensor;
pub use model::Restored;

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
    /// What comes before its names there, with a dot at the end.
    scope: String,
}

impl Checkpoint {
    /// No tensors yet.
    pub fn new() -> Checkpoint {
        Checkpoint::default()
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
        Checkpoint { tensors, origin: self.origin.clone(), scope: format!("{}{scope}.", self.scope) }
    }

    /// The same tensors under other names; those that get none are left out. For a model that was written under other names: a prefix more or
    /// less, another library's word for a layer.
    ///
    /// ```
    /// # use minimand_nn::Checkpoint;
    /// # use minimand_tensor::Tensor;
    /// let one = |name: &str| (name.to_owned(), Tensor::ones([1]));
    /// let foreign = Checkpoint::from_iter([one("module.fc1.weight"), one("module.fc1.bias"), one("step")]);
    /// let own = foreign.renamed(|name| Some(name.strip_prefix("module.")?.replace("fc1", "layers.0")));
    /// assert_eq!(own.tensors().keys().collect::<Vec<_>>(), ["layers.0.bias", "layers.0.weight"]);
    /// ```
    ///
    /// # Panics
    /// When two tensors get the same name.
    #[must_use]
    #[track_caller]
    pub fn renamed(&self, name: impl Fn(&str) -> Option<String>) -> Checkpoint {
        let mut renamed = Checkpoint { tensors: BTreeMap::new(), ..self.clone() };
        for (former, tensor) in &self.tensors {
            let Some(new) = name(former) else { continue };
            assert!(!renamed.tensors.contains_key(&new), "renamed: {former} and another are to be called {new}");
            renamed.tensors.insert(new, tensor.clone());
        }
        renamed
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

    /// Reads a file, of this library or another (safetensors of PyTorch, JAX, Hugging Face), and checks all of it: every tensor lies within the file,
    /// has a known element type and valid values. f16 and bf16 become f32, exactly, and integers of all sizes i64.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, or holds another element type (8 bits or less of floating point, complex numbers) or an integer
    /// beyond i64.
    pub fn load(path: impl AsRef<Path>) -> Result<Checkpoint, CheckpointError> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|source| CheckpointError::Read { path: path.to_owned(), source })?;
        let tensors = file::decode(&bytes).map_err(|fault| fault.in_file(path))?;
        Ok(Checkpoint { tensors, origin: Some(path.to_owned()), scope: String::new() })
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
        Checkpoint { tensors, ..Checkpoint::default() }
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
