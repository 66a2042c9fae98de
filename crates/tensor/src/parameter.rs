//! The trainable values of a model: cells that an optimizer may give a new value.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};

use crate::explain::ancestry;
use crate::tensor::Tensor;
use crate::trace;
use minimand_engine::{Op, Shape, Storage};

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
///
/// A function that is traced ([`compile`](crate::compile())) reads the parameter's value of the time at every call.
#[derive(Clone)]
pub struct Parameter {
    /// What this handle calls the parameter.
    name: Arc<str>,
    cell: Arc<RwLock<Tensor>>,
    frozen: Arc<AtomicBool>,
}

impl Parameter {
    /// A parameter that starts with the values of `initial`, which are computed now.
    #[track_caller]
    pub fn new(name: impl Into<Arc<str>>, initial: Tensor) -> Parameter {
        let (name, storage, shape) = (name.into(), Arc::clone(initial.read()), initial.shape().clone());
        // The leaf knows its cell, which has to be there first.
        let parameter = Parameter { name, cell: Arc::new(RwLock::new(initial)), frozen: Arc::default() };
        parameter.replace(parameter.leaf(storage, shape, false, None));
        parameter
    }

    /// The name, as printed and stored.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// A handle on the same parameter under another name: its path in a model, such as `encoder.0.weight`. Messages, the state of an optimizer
    /// and [`Tensor::explain`] then call it by that name.
    ///
    /// ```
    /// # use minimand_tensor::{Parameter, Tensor};
    /// let weight = Parameter::new("weight", Tensor::zeros([2]));
    /// let in_model = weight.named("encoder.0.weight");
    /// assert!(in_model.is_same(&weight));
    /// assert_eq!(in_model.value().name().as_deref(), Some("encoder.0.weight"));
    /// ```
    #[must_use]
    pub fn named(&self, name: impl Into<Arc<str>>) -> Parameter {
        let name = name.into();
        let _ = self.present().named(Arc::clone(&name));
        Parameter { name, ..self.clone() }
    }

    /// An independent parameter with the same name and the present values, frozen if this one is: what is trained afterwards, of the two, does not change the other.
    ///
    /// ```
    /// # use minimand_tensor::{Parameter, Tensor};
    /// let weight = Parameter::new("weight", Tensor::zeros([2]));
    /// let (handle, copy) = (weight.clone(), weight.copied());
    /// weight.set(weight.value() + 1.0);
    /// assert_eq!(handle.value().to_string(), "[1, 1]");
    /// assert_eq!(copy.value().to_string(), "[0, 0]");
    /// ```
    #[doc(alias = "deepcopy")]
    #[must_use]
    pub fn copied(&self) -> Parameter {
        let copy = Parameter::new(Arc::clone(&self.name), self.present());
        copy.set_frozen(self.is_frozen());
        copy
    }

    /// Freezes the parameter, for all its handles, or lets it be trained again. Optimizers leave a frozen one as it is, and what they remember of it;
    /// its gradient can be taken and its value set as before.
    #[doc(alias = "requires_grad")]
    pub fn set_frozen(&self, frozen: bool) {
        self.frozen.store(frozen, Ordering::Relaxed);
    }

    /// Whether it is frozen; at first it is not.
    pub fn is_frozen(&self) -> bool {
        self.frozen.load(Ordering::Relaxed)
    }

    /// The current value: a leaf of the graph. It is the same leaf until the next [`set`](Parameter::set), so a gradient with respect to it finds
    /// its uses.
    ///
    /// A graph that was built from it goes on reading it: a loss is built anew after each step. In a function that is being traced, the leaf
    /// stands for the value that the parameter has at the time of each call.
    pub fn value(&self) -> Tensor {
        trace::value_of(self)
    }

    /// The present value, as it is kept: a leaf, or what [`set_lazily`](Parameter::set_lazily) has given and nothing has computed yet.
    pub(crate) fn present(&self) -> Tensor {
        let kept = self.cell.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(storage) = kept.value().filter(|_| *kept.op() != Op::Data) else { return kept };
        let leaf = self.leaf(Arc::clone(storage), kept.shape().clone(), false, kept.name());
        let mut cell = self.cell.write().unwrap_or_else(PoisonError::into_inner);
        // Unless another thread was first.
        if cell.id() == kept.id() {
            *cell = leaf;
        }
        cell.clone()
    }

    /// Replaces the value by the values of `value`, which are computed now if they were not; what they were computed from is let go.
    ///
    /// A function that is traced by [`compile`](crate::compile()) sets the parameter at the end of every call; what it reads after setting is the
    /// new value.
    ///
    /// # Panics
    /// When the shape or the element type differs from the present value's.
    #[track_caller]
    pub fn set(&self, value: Tensor) {
        let name = self.accept("set", &value);
        if !trace::write(self, &value) {
            self.replace(self.leaf(Arc::clone(value.read()), value.shape().clone(), false, name));
        }
    }

    /// As [`set`](Parameter::set), but nothing is computed now: `value` is computed in the pass that first computes anything it is made of on this
    /// thread, or when it is read. For what a forward pass remembers, such as running statistics: they come with the pass of the training step. Until
    /// then the [value](Parameter::value) is a formula, cut off from gradients, and keeps what it is made of; afterwards it is a leaf.
    ///
    /// ```
    /// # use minimand_tensor::{Parameter, Tensor};
    /// let (mean, x) = (Parameter::new("mean", Tensor::zeros([])), Tensor::from([1.0f32, 5.0]).exp());
    /// mean.set_lazily(&(0.5 * (mean.value() + x.mean())));
    /// x.sum().item(); // and the mean, in one pass
    /// assert!(mean.value().is_evaluated());
    /// ```
    ///
    /// # Panics
    /// As [`set`](Parameter::set).
    #[track_caller]
    pub fn set_lazily(&self, value: &Tensor) {
        if value.is_evaluated() || trace::is_tracing() {
            return self.set(value.clone());
        }
        let (name, value) = (self.accept("set", value), value.detach());
        crate::eval::compute_along(&value);
        self.replace(name.map_or(value.clone(), |name| value.named(name)));
    }

    /// Checks a new value; gives the name that the present one goes by, which may be one that another handle has given.
    #[track_caller]
    pub(crate) fn accept(&self, operation: &str, value: &Tensor) -> Option<Arc<str>> {
        let (name, present) = (self.name(), self.present());
        let (held, held_shape, new, new_shape) = (present.dtype(), present.shape(), value.dtype(), value.shape());
        assert!(
            (held, held_shape) == (new, new_shape),
            "{operation}: parameter {name} holds {held}{held_shape} and cannot take {new}{new_shape}"
        );
        present.name()
    }

    fn replace(&self, value: Tensor) {
        *self.cell.write().unwrap_or_else(PoisonError::into_inner) = value;
    }

    /// Whether a tensor is made of a former value of this parameter: one that [`set`](Parameter::set) has replaced since.
    ///
    /// ```
    /// use minimand_tensor::{Parameter, Tensor};
    /// let weight = Parameter::new("weight", Tensor::from([1.0]));
    /// let loss = weight.value().square().sum();
    /// assert!(!weight.is_stale_in(&loss));
    /// weight.set(Tensor::from([2.0]));
    /// assert!(weight.is_stale_in(&loss));
    /// ```
    pub fn is_stale_in(&self, tensor: &Tensor) -> bool {
        let (present, cell) = (self.value().id(), Arc::downgrade(&self.cell));
        let is_ours = |node: &Tensor| node.parameter().is_some_and(|of| Weak::ptr_eq(&of, &cell));
        let is_stale = |node: &&Tensor| *node.op() == Op::Data && node.id() != present && is_ours(node);
        ancestry(tensor, |_| false).iter().any(is_stale)
    }

    /// A leaf with a value of this parameter; one that stands for it in a trace changes from call to call.
    #[track_caller]
    pub(crate) fn leaf(&self, storage: Arc<Storage>, shape: Shape, changes: bool, name: Option<Arc<str>>) -> Tensor {
        let name = name.unwrap_or_else(|| Arc::clone(&self.name));
        Tensor::leaf(storage, shape, changes).named(name).of_parameter(Arc::downgrade(&self.cell))
    }

    /// Whether two handles share one cell.
    pub fn is_same(&self, other: &Parameter) -> bool {
        Arc::ptr_eq(&self.cell, &other.cell)
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.present();
        write!(f, "Parameter(\"{}\": {}{})", self.name(), value.dtype(), value.shape())
    }
}
