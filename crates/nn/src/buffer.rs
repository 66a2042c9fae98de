//! What a model remembers without being trained: running statistics, counts.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use minimand_tensor::{Parameter, Tensor};

/// So many updates may wait for one evaluation: more would keep the batches of all these forward passes.
const MOST_WAITING: usize = 16;

/// A named tensor that is stored with a model and not trained, such as the running mean of a batch normalisation.
///
/// A layer reads it with [`value`](Buffer::value) and gives it a new value in a forward pass with [`update`](Buffer::update). It is named
/// in [`Module::parts`](crate::Module::parts) with [`Parts::buffer`](crate::Parts::buffer): then it is in
/// [`named_buffers`](crate::Module::named_buffers) and in [checkpoints](crate::Checkpoint), under its path. No optimizer gets it, and no gradient flows
/// into it.
///
/// A `Buffer` is a handle: clones share the value. A layer that is cloned [copies](Buffer::copied) its buffers.
///
/// # When an update is computed
/// A forward pass only builds a graph, and so does an update: the buffer then holds the formula of its next value, cut off from gradients.
/// That is computed once, **together with the first thing that is computed of the same forward pass**, such as a training step: the batch
/// statistics that the layer divides by and those that it remembers are one pass over memory. Whoever reads the value before
/// ([`Checkpoint::of`](crate::Checkpoint::of), an evaluation pass) has it computed then. Once it is computed, the buffer holds numbers, and nothing
/// of the forward pass: graphs do not grow from step to step. Forward passes of which nothing is computed are remembered as formulas one on top of
/// the other, at most 16; the next one is computed at once.
///
/// In a function that is traced by [`compile`](minimand_tensor::compile()) or in a compiled step, the new value is one more output of the trace:
/// every call reads the buffer as it is then, and sets it at its end.
///
/// An update belongs to the forward pass, as in PyTorch: it takes place whatever becomes of the output, also when the optimizer refuses the
/// step. But entries that would become infinite or NaN keep their former value, so that one bad batch does not spoil the model for good.
///
/// ```
/// use minimand_nn::{Buffer, Mode, Module, Parts};
/// use minimand_tensor::Tensor;
///
/// /// Subtracts the mean of each column: the batch's in training, a running mean in evaluation.
/// struct Centre {
///     running_mean: Buffer,
///     mode: Mode,
/// }
///
/// impl Module for Centre {
///     fn forward(&self, input: &Tensor) -> Tensor {
///         if !self.mode.is_training() {
///             return input - self.running_mean.value();
///         }
///         let mean = input.mean_axis(0);
///         self.running_mean.update(&(0.75 * self.running_mean.value() + 0.25 * &mean));
///         input - mean
///     }
///     fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
///         parts.buffer("running_mean", &self.running_mean).mode(&self.mode);
///     }
/// }
///
/// let layer = Centre { running_mean: Buffer::new("running_mean", Tensor::zeros([2])), mode: Mode::default() };
/// let x = Tensor::from([[1.0f32, 4.0], [3.0, 12.0]]);
/// assert_eq!(layer.forward(&x).to_string(), "[[-1, -4],\n [1, 4]]");
/// assert_eq!(layer.named_buffers()[0].1.value().to_string(), "[0.5, 2]");
/// layer.eval();
/// assert_eq!(layer.forward(&x).to_string(), "[[0.5, 2],\n [2.5, 10]]");
/// ```
#[doc(alias = "register_buffer")]
#[derive(Clone)]
pub struct Buffer {
    /// The cell, its name, and how a trace reads and sets it.
    cell: Parameter,
    /// How many updates have not been computed.
    waiting: Arc<AtomicUsize>,
}

impl Buffer {
    /// A buffer that starts with the values of `initial`, of any element type, which are computed now.
    #[track_caller]
    pub fn new(name: impl Into<Arc<str>>, initial: Tensor) -> Buffer {
        Buffer { cell: Parameter::new(name, initial), waiting: Arc::default() }
    }

    /// The name, as printed and stored.
    pub fn name(&self) -> &Arc<str> {
        self.cell.name()
    }

    /// A handle on the same buffer under another name: its path in a model.
    #[must_use]
    pub fn named(&self, name: impl Into<Arc<str>>) -> Buffer {
        Buffer { cell: self.cell.named(name), waiting: Arc::clone(&self.waiting) }
    }

    /// The present value. After an update that nothing has computed yet it is that update's formula.
    pub fn value(&self) -> Tensor {
        self.cell.value()
    }

    /// Replaces the value by the values of `value`, which are computed now if they were not: for what is no forward pass.
    ///
    /// # Panics
    /// When the shape or the element type differs from the present value's.
    #[track_caller]
    pub fn set(&self, value: Tensor) {
        self.cell.set(value);
    }

    /// Gives the buffer its value after a forward pass, usually made of the present [`value`](Buffer::value) and of the batch. Nothing is computed
    /// now: see [the type](Buffer#when-an-update-is-computed).
    ///
    /// # Panics
    /// When the shape or the element type differs from the present value's.
    #[track_caller]
    pub fn update(&self, value: &Tensor) {
        let present = self.value();
        let is_kind = (value.shape(), value.dtype()) == (present.shape(), present.dtype());
        // What does not fit is refused below, by its own shape.
        let value =
            if is_kind && value.dtype().is_float() { value.is_finite().select(value, &present) } else { value.clone() };
        let waiting = if present.is_evaluated() { 0 } else { self.waiting.load(Ordering::Relaxed) + 1 };
        if waiting < MOST_WAITING {
            self.waiting.store(waiting, Ordering::Relaxed);
            self.cell.set_lazily(&value);
        } else {
            self.cell.set(value);
        }
    }

    /// An independent buffer with the same name and the present value.
    #[doc(alias = "deepcopy")]
    #[must_use]
    pub fn copied(&self) -> Buffer {
        Buffer { cell: self.cell.copied(), waiting: Arc::default() }
    }

    /// Whether two handles share one value.
    pub fn is_same(&self, other: &Buffer) -> bool {
        self.cell.is_same(&other.cell)
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value();
        write!(f, "Buffer(\"{}\": {}{})", self.name(), value.dtype(), value.shape())
    }
}
