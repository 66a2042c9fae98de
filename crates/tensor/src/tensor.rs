//! The handle, and the node of the graph that it holds.

use std::cell::Cell;
use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, Weak};

use smallvec::SmallVec;

use minimand_engine::{DType, Op, Shape, Storage};

/// A multidimensional array of numbers, computed when it is read.
///
/// A `Tensor` is a cheap handle on an immutable node of a graph: an operation, its input tensors, a shape and an element type. Operations build
/// nodes and compute nothing; reading a tensor (with [`item`](Tensor::item), [`to_vec`](Tensor::to_vec), [`eval`](crate::eval()) or by printing
/// it) computes it, once. Handles can be cloned, sent to and shared between threads.
///
/// # Element type
/// f32, f64, i64 or bool, known when the program runs: [`dtype`](Tensor::dtype) tells it, and printing with `{:?}` shows it with the shape.
///
/// - **Data keep their type**: numbers written in Rust as f64, as `[1.0, 2.0]` is, make an f64 tensor; `[1.0f32, 2.0]` an f32 one.
/// - **Constructors make f32**: [`zeros`](Tensor::zeros), [`ones`](Tensor::ones), [`full`](Tensor::full), [`normal`](Tensor::normal),
///   [`uniform`](Tensor::uniform), and the layers of `minimand-nn` unless an option says otherwise.
/// - **Tensors mixed become the wider type**, of bool, i64, f32, f64: f32 beside f64 gives f64.
/// - **A number beside a tensor takes its type**: `0.5 * &x` is f32 where x is, and f32 where x holds integers.
/// - [`cast`](Tensor::cast) converts; the gradient by a tensor has that tensor's type.
///
/// So f64 data beside f32 weights compute in f64, at half the speed: cast the data once.
///
/// ```
/// use minimand_tensor::{DType, Tensor};
///
/// let (data, weights) = (Tensor::from([1.0, 2.0]), Tensor::ones([2]));
/// assert_eq!((data.dtype(), weights.dtype()), (DType::F64, DType::F32));
/// assert_eq!((&data * &weights).dtype(), DType::F64);
/// assert_eq!((0.5 * &weights).dtype(), DType::F32);
/// assert_eq!((0.5 * Tensor::from([1i64, 2])).dtype(), DType::F32);
/// assert_eq!(format!("{:?}", data.cast(DType::F32) * &weights), "Tensor(multiply: f32[2])");
/// ```
///
/// # What is kept
/// A handle keeps alive what its tensor was made of: the graph with the values that have been computed, and data and former values of
/// [parameters](crate::Parameter) in it. Whoever collects losses over a training run keeps all of that for every step: keep numbers
/// ([`item`](Tensor::item)), or [`detach`](Tensor::detach) what was computed.
///
/// ```
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
/// let y = (&x * 2.0 + 1.0).sum_axis(-1);
/// assert_eq!(y.to_string(), "[15, 33]");
/// ```
#[derive(Clone)]
pub struct Tensor(pub(crate) Arc<Node>);

/// The inputs of a node. Nearly all have one or two.
pub(crate) type Inputs = SmallVec<[Tensor; 2]>;

/// A node of the graph.
pub(crate) struct Node {
    /// Nodes are numbered as they are made, so inputs always have smaller numbers than what is made of them: sorting by number is a topological
    /// order.
    pub(crate) id: u64,
    pub(crate) op: Op,
    pub(crate) inputs: Inputs,
    pub(crate) shape: Shape,
    pub(crate) dtype: DType,
    /// The line of the user's program that made the node.
    pub(crate) location: &'static Location<'static>,
    /// Whether it was made by differentiating.
    pub(crate) derived: bool,
    value: OnceLock<Arc<Storage>>,
    /// In how many evaluations it was computed.
    computations: AtomicU32,
    /// Whether it is made of leaves of a trace, whose values change from call to call.
    changes: bool,
    annotations: Mutex<Annotations>,
}

/// What may be added to a node after it was made; none of it changes what the node computes.
#[derive(Default)]
struct Annotations {
    name: Option<Arc<str>>,
    /// The cell of the parameter whose value this is, or was.
    parameter: Option<Weak<RwLock<Tensor>>>,
    /// Gradients of this tensor: while somebody holds one, reading this tensor computes it in the same pass.
    companions: Vec<Weak<Node>>,
}

static NEXT_ID: AtomicU64 = AtomicU64::new(0);

impl Drop for Node {
    /// Releases long chains of inputs in a loop: recursion would overflow the stack.
    fn drop(&mut self) {
        let mut released = std::mem::take(&mut self.inputs);
        while let Some(input) = released.pop() {
            if let Some(mut node) = Arc::into_inner(input.0) {
                released.extend(std::mem::take(&mut node.inputs));
            }
        }
    }
}

impl Tensor {
    /// Makes a node. Every operation ends here; shapes have been checked by then.
    #[track_caller]
    pub(crate) fn node(op: Op, inputs: impl IntoIterator<Item = Tensor>, shape: Shape, dtype: DType) -> Tensor {
        Tensor::node_with(op, inputs.into_iter().collect(), shape, dtype, OnceLock::new(), false)
    }

    /// A leaf that holds the given values. One of a trace has other values at the next call: it changes.
    #[track_caller]
    pub(crate) fn leaf(storage: Arc<Storage>, shape: Shape, changes: bool) -> Tensor {
        debug_assert_eq!(shape.counted(), Some(storage.len()), "of {shape}");
        let dtype = storage.dtype();
        Tensor::node_with(Op::Data, Inputs::new(), shape, dtype, OnceLock::from(storage), changes)
    }

    #[track_caller]
    fn node_with(
        op: Op,
        inputs: Inputs,
        shape: Shape,
        dtype: DType,
        value: OnceLock<Arc<Storage>>,
        changes: bool,
    ) -> Tensor {
        let derived_from = DERIVED_FROM.get();
        shape.check_for(dtype, || match derived_from {
            None => op.name().to_owned(),
            // The caller is a rule: the user's line is that of the operation.
            Some(location) => format!("{} in the derivative of the operation at {location}", op.name()),
        });
        Tensor(Arc::new(Node {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            changes: changes || inputs.iter().any(Tensor::changes),
            op,
            inputs,
            shape,
            dtype,
            location: derived_from.unwrap_or(Location::caller()),
            derived: derived_from.is_some(),
            value,
            computations: AtomicU32::new(0),
            annotations: Mutex::default(),
        }))
    }

    /// Names the tensor for people: [`explain`](Tensor::explain) and error messages use it. A later name replaces an earlier.
    #[must_use]
    pub fn named(self, name: impl Into<Arc<str>>) -> Tensor {
        self.annotations().name = Some(name.into());
        self
    }

    /// The name given with [`named`](Tensor::named).
    pub fn name(&self) -> Option<Arc<str>> {
        self.annotations().name.clone()
    }

    fn annotations(&self) -> MutexGuard<'_, Annotations> {
        self.0.annotations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers that `gradient` is wanted when this tensor is read, for as long as somebody holds it.
    pub(crate) fn accompany(&self, gradient: &Tensor) {
        let mut annotations = self.annotations();
        annotations.companions.retain(|companion| companion.strong_count() > 0);
        annotations.companions.push(Arc::downgrade(&gradient.0));
    }

    /// What reading this tensor computes in one pass: it, the gradients of it that somebody holds and that are not computed yet, and theirs.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let x = Tensor::from([1.0, 2.0]);
    /// let loss = x.square().sum();
    /// assert_eq!(loss.computed_together().len(), 1);
    /// let slope = loss.grad(&x);
    /// assert_eq!(loss.computed_together()[1].id(), slope.id());
    /// ```
    pub fn computed_together(&self) -> Vec<Tensor> {
        let mut wanted = vec![self.clone()];
        let mut next = 0;
        while next < wanted.len() {
            let held = wanted[next].annotations().companions.iter().filter_map(Weak::upgrade).collect::<Vec<_>>();
            wanted.extend(held.into_iter().map(Tensor).filter(|companion| !companion.is_evaluated()));
            next += 1;
        }
        wanted
    }

    /// The sizes of the axes.
    pub fn shape(&self) -> &Shape {
        &self.0.shape
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        self.0.dtype
    }

    /// Number of axes.
    pub fn rank(&self) -> usize {
        self.0.shape.rank()
    }

    /// Number of elements.
    pub fn elements(&self) -> usize {
        self.0.shape.elements()
    }

    /// The line of the program that made this tensor.
    pub fn location(&self) -> &'static Location<'static> {
        self.0.location
    }

    /// Whether the values have been computed already.
    pub fn is_evaluated(&self) -> bool {
        self.0.value.get().is_some()
    }

    /// Counts an evaluation that computes this tensor, and says whether one before did, too. What costs nothing to repeat is not counted.
    pub(crate) fn count_computation(&self) -> bool {
        let counts = !self.0.op.is_free() && !self.is_evaluated();
        counts && self.0.computations.fetch_add(1, Ordering::Relaxed) > 0
    }

    /// In how many evaluations this tensor was computed on the way to others, without its values being kept in the end: 0 if they are kept, and
    /// for what costs nothing to repeat (data, constants, views).
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let y = Tensor::from([1.0, 2.0]).exp();
    /// let _ = (y.sum().item(), y.max().item());
    /// assert_eq!(y.computations(), 2);
    /// ```
    pub fn computations(&self) -> u32 {
        if self.is_evaluated() { 0 } else { self.0.computations.load(Ordering::Relaxed) }
    }

    /// A number that identifies the node, the same for all its handles; larger than those of its [`inputs`](Tensor::inputs), so that nodes sorted
    /// by it are in topological order.
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// The primitive operation that makes this tensor of its [`inputs`](Tensor::inputs).
    ///
    /// ```
    /// # use minimand_tensor::{Op, Reduction, Tensor};
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert!(matches!(x.op(), Op::Data));
    /// let Op::Reduce(reduction, axes) = x.max_keepdim(-1).op().clone() else { panic!("a reduction") };
    /// assert_eq!((reduction, &axes[..]), (Reduction::Max, &[1][..]));
    /// ```
    #[doc(alias = "grad_fn")]
    pub fn op(&self) -> &Op {
        &self.0.op
    }

    /// The tensors that [`op`](Tensor::op) makes this one of, in the order of its operands; none for data and constants.
    ///
    /// With [`id`](Tensor::id), [`op`](Tensor::op), [`name`](Tensor::name), [`shape`](Tensor::shape), [`dtype`](Tensor::dtype) and
    /// [`location`](Tensor::location) a graph can be walked, printed, counted or drawn: a formula's, a gradient's, any.
    ///
    /// ```
    /// use minimand_tensor::Tensor;
    ///
    /// /// What a tensor is made by, what that is made of before it. A node that is used twice comes twice.
    /// fn names(root: &Tensor) -> String {
    ///     root.inputs().iter().map(|input| names(input) + " ").collect::<String>() + root.op().name()
    /// }
    ///
    /// let x = Tensor::from([1.0, 2.0]);
    /// assert_eq!(names(&x.square().sum()), "data data multiply sum reshape");
    /// ```
    #[doc(alias("next_functions", "parents"))]
    pub fn inputs(&self) -> &[Tensor] {
        &self.0.inputs
    }

    /// Whether it is made of leaves of a trace, whose values change from call to call.
    pub(crate) fn changes(&self) -> bool {
        self.0.changes
    }

    /// Says that this leaf is the value of a parameter, whose cell is given.
    pub(crate) fn of_parameter(self, cell: Weak<RwLock<Tensor>>) -> Tensor {
        self.annotations().parameter = Some(cell);
        self
    }

    /// The cell of the parameter whose value this leaf is, or was.
    pub(crate) fn parameter(&self) -> Option<Weak<RwLock<Tensor>>> {
        self.annotations().parameter.clone()
    }

    /// The values, if computed.
    pub(crate) fn value(&self) -> Option<&Arc<Storage>> {
        self.0.value.get()
    }

    /// Stores the computed values. If another thread was first, its values stay: they are the same.
    pub(crate) fn set_value(&self, storage: Arc<Storage>) {
        debug_assert_eq!(storage.len(), self.elements());
        debug_assert_eq!(storage.dtype(), self.dtype());
        let _ = self.0.value.set(storage);
    }
}

impl From<&Tensor> for Tensor {
    fn from(tensor: &Tensor) -> Tensor {
        tensor.clone()
    }
}

impl fmt::Debug for Tensor {
    /// Describes the node without computing it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tensor({}: {}{}", self.0.op.name(), self.dtype(), self.shape())?;
        if let Some(name) = self.name() {
            write!(f, " \"{name}\"")?;
        }
        f.write_str(")")
    }
}

thread_local! {
    /// While a node is being differentiated: the line that made it, which its derivative is credited to.
    static DERIVED_FROM: Cell<Option<&'static Location<'static>>> = const { Cell::new(None) };
}

impl Tensor {
    /// Runs `build`; the nodes it makes are credited to the line that made this tensor.
    pub(crate) fn derive<R>(&self, build: impl FnOnce() -> R) -> R {
        /// Puts the former line back, also when a rule panics.
        struct Restore(Option<&'static Location<'static>>);
        impl Drop for Restore {
            fn drop(&mut self) {
                DERIVED_FROM.set(self.0);
            }
        }
        let _restore = Restore(DERIVED_FROM.replace(Some(self.location())));
        build()
    }
}
