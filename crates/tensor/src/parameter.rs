//! The trainable values of a model: cells that an optimizer may give a new value.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use crate::tensor::Tensor;

/// A trainable tensor: a shared cell with a name, which holds the current value.
///
/// Tensors are immutable, so training means replacing: a layer reads the current value with [`value`](Parameter::value) each time it is
/// applied, an optimizer replaces it with [`set`](Parameter::set).
///
/// A `Parameter` is a handle: clones share the cell, so that an optimizer, a layer and a loss see the same values. An independent parameter
/// that starts with the same values is [`copied`](Parameter::copied).
///
/// ```
/// use minimand_tensor::{Parameter, Tensor};
///
/// let weight = Parameter::new("weight", Tensor::zeros([2]));
/// let loss = (weight.value() - 1.0).square().sum();
/// let slope = loss.grad(&weight.value());
/// weight.set(weight.value() - 0.5 * slope);
/// assert_eq!(weight.value().to_string(), "[1, 1]");
/// ```
#[derive(Clone)]
pub struct Parameter {
    /// What this handle calls the parameter.
    name: Arc<str>,
    cell: Arc<RwLock<Tensor>>,
}

impl Parameter {
    /// A parameter that starts with the values of `initial`, which are computed now.
    #[track_caller]
    pub fn new(name: impl Into<Arc<str>>, initial: Tensor) -> Parameter {
        let name = name.into();
        let value = RwLock::new(leaf(&initial, &name));
        Parameter { name, cell: Arc::new(value) }
    }

    /// The name, as printed and stored.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// A handle on the same parameter under another name: its path in a model, such as `encoder.0.weight`. Messages, the state of an optimizer
    /// and [`Tensor::explain`] then call it by that name.
    ///
    /// ```
    /// use minimand_tensor::{Parameter, Tensor};
    ///
    /// let weight = Parameter::new("weight", Tensor::zeros([2]));
    /// let in_model = weight.named("encoder.0.weight");
    /// assert!(in_model.is_same(&weight));
    /// assert_eq!(in_model.value().name().as_deref(), Some("encoder.0.weight"));
    /// ```
    #[must_use]
    pub fn named(&self, name: impl Into<Arc<str>>) -> Parameter {
        let name = name.into();
        let _ = self.value().named(Arc::clone(&name));
        Parameter { name, cell: Arc::clone(&self.cell) }
    }

    /// An independent parameter with the same name and the present values: what is trained afterwards, of the two, does not change the other.
    ///
    /// ```
    /// use minimand_tensor::{Parameter, Tensor};
    ///
    /// let weight = Parameter::new("weight", Tensor::zeros([2]));
    /// let (handle, copy) = (weight.clone(), weight.copied());
    /// weight.set(weight.value() + 1.0);
    /// assert_eq!(handle.value().to_string(), "[1, 1]");
    /// assert_eq!(copy.value().to_string(), "[0, 0]");
    /// ```
    #[doc(alias = "deepcopy")]
    #[must_use]
    pub fn copied(&self) -> Parameter {
        Parameter::new(Arc::clone(&self.name), self.value())
    }

    /// The current value: a leaf of the graph. It is the same leaf until the next [`set`](Parameter::set), so a gradient with respect to it finds
    /// its uses.
    pub fn value(&self) -> Tensor {
        self.cell.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the value by the values of `value`, which are computed now if they were not; what they were computed from is let go.
    ///
    /// # Panics
    /// When the shape or the element type differs from the present value's.
    #[track_caller]
    pub fn set(&self, value: Tensor) {
        let present = self.value();
        assert!(
            value.shape() == present.shape() && value.dtype() == present.dtype(),
            "set: parameter {} holds {}{} and cannot take {}{}",
            self.name(),
            present.dtype(),
            present.shape(),
            value.dtype(),
            value.shape()
        );
        // The name it goes by, which may be one that another handle has given.
        let value = leaf(&value, &present.name().unwrap_or_else(|| Arc::clone(&self.name)));
        *self.cell.write().unwrap_or_else(PoisonError::into_inner) = value;
    }

    /// Whether two handles share one cell.
    pub fn is_same(&self, other: &Parameter) -> bool {
        Arc::ptr_eq(&self.cell, &other.cell)
    }
}

/// The values of a tensor as a leaf with a name.
#[track_caller]
fn leaf(tensor: &Tensor, name: &Arc<str>) -> Tensor {
    crate::eval([tensor]);
    tensor.detach().named(Arc::clone(name))
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value();
        write!(f, "Parameter(\"{}\": {}{})", self.name(), value.dtype(), value.shape())
    }
}
