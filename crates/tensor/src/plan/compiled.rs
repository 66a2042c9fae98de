//! Functions of tensors that are traced once and replayed.

use std::fmt;
use std::panic::Location;
use std::sync::{Arc, PoisonError, RwLock};

use crate::dtype::DType;
use crate::exec;
use crate::plan::{Canonical, Plan, cache, canonicalise};
use crate::shape::Shape;
use crate::storage::Storage;
use crate::tensor::Tensor;

/// A function of tensors that builds its graph in the first call and runs the plan in every further one. See [`compile`].
pub struct Compiled<F> {
    function: F,
    /// One for each list of shapes and element types that the function was called with.
    traces: RwLock<Vec<Arc<Trace>>>,
}

/// What one call has recorded.
struct Trace {
    inputs: Vec<(Shape, DType)>,
    plan: Arc<Plan>,
    slots: Vec<Slot>,
    locations: Vec<&'static Location<'static>>,
    outputs: Vec<Shape>,
}

enum Slot {
    /// An argument of the call, by position.
    Argument(usize),
    /// A number, or data that the function has brought along.
    Captured(Arc<Storage>),
}

/// Makes a function of tensors quick to call: its graph is built, differentiated and compiled in the first call for each list of shapes and
/// element types, and every further call only runs the plan. For small models, whose graphs take longer to build than to run.
///
/// The function must depend on its arguments only: what else it reads (a [`Parameter`](crate::Parameter)'s value, random numbers, a
/// learning rate as a plain number) keeps the values of the first call. Numbers that change are passed as
/// [`Tensor::scalar`]. A tensor that the function brings along and that is passed to the call as well, such as the
/// [value](crate::Parameter::value) of a parameter, stands for that argument. The results are values without a history: a gradient is taken inside the function.
///
/// ```
/// use minimand_tensor::{Tensor, compile, grad};
///
/// // One step of gradient descent on a least-squares problem: the loss, and the new weights.
/// let step = compile(|arguments: &[Tensor]| {
///     let [x, y, weights, rate] = arguments else { unreachable!("four are passed") };
///     let loss = (x.matmul(weights) - y).square().mean();
///     let slope = loss.grad(weights);
///     vec![loss, weights - rate * slope]
/// });
/// let x = Tensor::from([[1.0, 0.0], [0.0, 2.0]]);
/// let y = Tensor::from([1.0, 4.0]);
/// let mut weights = Tensor::from([0.0, 0.0]);
/// for _ in 0..100 {
///     let results = step.call([&x, &y, &weights, &Tensor::scalar(0.25)]);
///     weights = results[1].clone();
/// }
/// assert_eq!(format!("{weights:.4}"), "[1.0000, 2.0000]");
/// ```
#[doc(alias = "jit")]
#[doc(alias = "trace")]
pub fn compile<F: Fn(&[Tensor]) -> Vec<Tensor>>(function: F) -> Compiled<F> {
    Compiled { function, traces: RwLock::default() }
}

impl<F: Fn(&[Tensor]) -> Vec<Tensor>> Compiled<F> {
    /// The values of the function's results. Arguments that are not computed yet are computed first.
    ///
    /// # Panics
    /// Where the function does, and where evaluation would.
    pub fn call<'a>(&self, arguments: impl IntoIterator<Item = &'a Tensor>) -> Vec<Tensor> {
        let arguments: Vec<&Tensor> = arguments.into_iter().collect();
        crate::eval(arguments.iter().copied());
        let known = {
            let traces = self.traces.read().unwrap_or_else(PoisonError::into_inner);
            traces.iter().find(|trace| trace.fits(&arguments)).cloned()
        };
        let trace = match known {
            Some(trace) => {
                cache::count_reuse();
                trace
            }
            None => {
                let trace = Arc::new(Trace::of(&self.function, &arguments));
                self.traces.write().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&trace));
                trace
            }
        };
        trace.run(&arguments)
    }
}

impl Trace {
    fn of(function: &impl Fn(&[Tensor]) -> Vec<Tensor>, arguments: &[&Tensor]) -> Trace {
        // Leaves of their own, so that an argument that is passed twice is two arguments.
        let leaves: Vec<Tensor> = arguments
            .iter()
            .map(|argument| {
                let leaf = Tensor::leaf(Arc::clone(argument.read()), argument.shape().clone());
                argument.name().map_or(leaf.clone(), |name| leaf.named(name))
            })
            .collect();
        let results = function(&leaves);
        let Canonical { program, slots, slot_nodes, locations } = canonicalise(&results.iter().collect::<Vec<_>>());
        let slots = slots
            .into_iter()
            .zip(slot_nodes)
            .map(|(storage, node)| {
                let passed = leaves.iter().position(|leaf| leaf.id() == node);
                match passed.or_else(|| arguments.iter().position(|argument| argument.id() == node)) {
                    Some(position) => Slot::Argument(position),
                    None => Slot::Captured(storage),
                }
            })
            .collect();
        Trace {
            inputs: arguments.iter().map(|argument| (argument.shape().clone(), argument.dtype())).collect(),
            plan: cache::plan_for(program),
            slots,
            locations,
            outputs: results.iter().map(|result| result.shape().clone()).collect(),
        }
    }

    fn fits(&self, arguments: &[&Tensor]) -> bool {
        self.inputs.len() == arguments.len()
            && self
                .inputs
                .iter()
                .zip(arguments)
                .all(|((shape, dtype), argument)| shape == argument.shape() && *dtype == argument.dtype())
    }

    fn run(&self, arguments: &[&Tensor]) -> Vec<Tensor> {
        let slots = self.slots.iter().map(|slot| match slot {
            Slot::Argument(position) => Arc::clone(arguments[*position].read()),
            Slot::Captured(storage) => Arc::clone(storage),
        });
        let values = exec::run(&self.plan, slots.collect(), &self.locations);
        values.into_iter().zip(&self.outputs).map(|(value, shape)| Tensor::leaf(value, shape.clone())).collect()
    }
}

impl<F> fmt::Debug for Compiled<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let traces = self.traces.read().unwrap_or_else(PoisonError::into_inner).len();
        write!(f, "Compiled({traces} traces)")
    }
}
