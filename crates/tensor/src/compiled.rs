//! Functions of tensors that are traced once and replayed.

use std::fmt;
use std::hash::BuildHasher;
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use rustc_hash::FxBuildHasher;
use smallvec::SmallVec;

use crate::eval::traced;
use crate::parameter::Parameter;
use crate::tensor::Tensor;
use crate::trace::{self, Draw, Origin, State};
use minimand_engine::{self as engine, CompiledPlan, DType, Recent, Recorded, Shape, Storage, Target};

/// The bytes that the traces of a function may take, beside their plans.
const BOUND: usize = 16 << 20;

/// A function of tensors that builds its graph in the first call and runs the plan in every further one. See [`compile`].
pub struct Compiled<F> {
    function: F,
    /// By the hash of shapes, element types and the target; several where the function has observed states.
    traces: Mutex<Recent<Arc<Trace>>>,
}

/// What one call has recorded.
struct Trace {
    inputs: Vec<(Shape, DType)>,
    target: Target,
    states: Vec<State>,
    /// The plan is the cache's: when that lets it go, the function is traced anew.
    plan: Weak<CompiledPlan>,
    slots: Vec<Slot>,
    locations: Vec<&'static Location<'static>>,
    parameters: Vec<Parameter>,
    /// What takes the values of the last outputs.
    written: Vec<Parameter>,
    /// Locked while it draws, so that calls side by side do not draw from one another's generators.
    draws: Mutex<Vec<Draw>>,
    outputs: Vec<Shape>,
}

/// Where a replay takes the values of a slot from.
enum Slot {
    Changing(Origin),
    /// A number, or data that the function has brought along.
    Captured(Arc<Storage>),
}

/// Makes a function of tensors quick to call: its graph is built, differentiated and compiled in the first call for each list of shapes and
/// element types, and every further call only runs the plan. For small models, whose graphs take longer to build than to run.
///
/// # What may change from call to call
/// The values of the arguments; their shapes and element types, which are traced once each; the values of [`Parameter`](crate::Parameter)s that
/// the function reads, also of those that are no argument; tensors that it [draws](Tensor::drawn), with the numbers that the function itself
/// would draw; and states that it [observes](crate::observe), such as whether a model is trained or evaluated.
///
/// Everything else keeps the value of the first call: tensors that the function brings along (which are immutable), and **plain numbers**, such as a
/// learning rate as an `f64`: pass what changes as [`Tensor::scalar`]. What the function does beside building its result (printing, counting)
/// happens when it is traced only. Parameters that it [sets](crate::Parameter::set) are set at the end of every call. What could not be replayed is
/// refused with a panic: reading values that depend on the arguments, drawing single random numbers. Parameters, generators and states are noticed
/// on the thread that calls.
///
/// The results are values without a history: a gradient is taken inside the function. A compiled function that is called in another one
/// becomes part of that one's trace.
///
/// Traces are kept for many shapes, those used last; plans as long as the cache keeps them: see [`PlanStatistics`](crate::PlanStatistics).
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
#[doc(alias("jit", "trace"))]
pub fn compile<F: Fn(&[Tensor]) -> Vec<Tensor>>(function: F) -> Compiled<F> {
    Compiled { function, traces: Mutex::new(Recent::new(BOUND)) }
}

impl<F: Fn(&[Tensor]) -> Vec<Tensor>> Compiled<F> {
    /// The values of the function's results. Arguments that are not computed yet are computed first.
    ///
    /// # Panics
    /// Where the function does, and where evaluation would.
    #[track_caller]
    pub fn call<'a>(&self, arguments: impl IntoIterator<Item = &'a Tensor>) -> Vec<Tensor> {
        let arguments: Vec<&Tensor> = arguments.into_iter().collect();
        if trace::is_tracing() {
            // Part of the other trace, and as cut off from it as the results of a replay are.
            let arguments: Vec<Tensor> = arguments.into_iter().map(Tensor::detach).collect();
            return (self.function)(&arguments).iter().map(Tensor::detach).collect();
        }
        crate::eval(arguments.iter().copied());
        let inputs: Vec<(Shape, DType)> =
            arguments.iter().map(|argument| (argument.shape().clone(), argument.dtype())).collect();
        let target = Target::current();
        let hash = FxBuildHasher.hash_one((&inputs, target));
        if let Some((trace, plan)) = self.known(hash, &inputs, target) {
            engine::count_reuse(&plan);
            let values = trace.values(&arguments);
            return self.checked(&arguments, trace.run(&plan, values));
        }
        let (trace, plan, values) = Trace::of(&self.function, &arguments, inputs, target);
        let bytes = trace.bytes();
        let trace = Arc::new(trace);
        let mut traces = self.traces();
        let gone = traces.remove_where(hash, |trace| trace.plan.strong_count() == 0);
        let dropped = traces.insert(hash, Arc::clone(&trace), bytes);
        drop(traces);
        drop((gone, dropped));
        self.checked(&arguments, trace.run(&plan, values))
    }

    /// The results, which have no history, unless one is not finite and that is to be refused.
    #[track_caller]
    fn checked(&self, arguments: &[&Tensor], results: Vec<Tensor>) -> Vec<Tensor> {
        engine::refuse_non_finite(|| {
            let flaw = crate::find_non_finite(&results)?;
            Some(self.find_non_finite(arguments).unwrap_or(flaw))
        });
        results
    }

    /// What [`find_non_finite`](crate::find_non_finite) finds among the results at these arguments. The function is traced anew; random numbers
    /// are other ones than in the call before.
    #[track_caller]
    pub fn find_non_finite(&self, arguments: &[&Tensor]) -> Option<engine::NonFinite> {
        let (results, ..) = recorded(&self.function, arguments);
        crate::find_non_finite(&results)
    }

    fn traces(&self) -> MutexGuard<'_, Recent<Arc<Trace>>> {
        self.traces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The trace for such arguments, if all that it has observed is as it was.
    fn known(&self, hash: u64, inputs: &[(Shape, DType)], target: Target) -> Option<(Arc<Trace>, Arc<CompiledPlan>)> {
        let alike: SmallVec<[Arc<Trace>; 2]> = self.traces().alike(hash).cloned().collect();
        for trace in alike {
            if trace.inputs != inputs || trace.target != target {
                continue;
            }
            let Some(plan) = trace.plan.upgrade() else { continue };
            // Without the lock: what is observed may be anything.
            if trace.states.iter().all(|holds| holds()) {
                self.traces().find(hash, |other| Arc::ptr_eq(other, &trace));
                return Some((trace, plan));
            }
        }
        None
    }
}

/// The results of a call and the values that parameters are set to, the leaves that stand for its arguments, and what it has read.
#[track_caller]
fn recorded(
    function: &impl Fn(&[Tensor]) -> Vec<Tensor>,
    arguments: &[&Tensor],
) -> (Vec<Tensor>, Vec<Tensor>, trace::Recording) {
    // Leaves of their own, so that an argument that is passed twice is two arguments.
    let leaf = |argument: &&Tensor| {
        let leaf = Tensor::leaf(Arc::clone(argument.read()), argument.shape().clone(), true);
        argument.name().map_or(leaf.clone(), |name| leaf.named(name))
    };
    let leaves: Vec<Tensor> = arguments.iter().map(leaf).collect();
    let (mut results, recording) = trace::record(&leaves, || function(&leaves));
    results.extend(recording.written.iter().map(|(_, value)| value.clone()));
    (results, leaves, recording)
}

impl Trace {
    /// The trace of a call, its plan, and the values that the function has read.
    #[track_caller]
    fn of(
        function: &impl Fn(&[Tensor]) -> Vec<Tensor>,
        arguments: &[&Tensor],
        inputs: Vec<(Shape, DType)>,
        target: Target,
    ) -> (Trace, Arc<CompiledPlan>, Vec<Arc<Storage>>) {
        let (results, leaves, recording) = recorded(function, arguments);
        let written = recording.written.into_iter().map(|(parameter, _)| parameter).collect();
        let (recorded, nodes) = traced(&results.iter().collect::<Vec<_>>());
        let Recorded { program, slots: values, locations } = recorded;
        let outputs = results.iter().map(|result| result.shape().clone()).collect();
        // What nobody but the trace holds then counts as its own.
        drop((results, leaves));
        let origin = |slot: usize| nodes.get(&slot).and_then(|node| recording.origins.get(node));
        let slots = values.iter().enumerate().map(|(slot, value)| match origin(slot) {
            Some(&origin) => Slot::Changing(origin),
            None => Slot::Captured(Arc::clone(value)),
        });
        let slots = slots.collect();
        let plan = engine::plan_for(program);
        let trace = Trace {
            inputs,
            target,
            states: recording.states,
            plan: Arc::downgrade(&plan),
            slots,
            locations,
            parameters: recording.parameters.into_iter().map(|(parameter, _)| parameter).collect(),
            written,
            draws: Mutex::new(recording.draws),
            outputs,
        };
        (trace, plan, values)
    }

    /// The values of the slots for other arguments, at other parameters, with other random numbers.
    fn values(&self, arguments: &[&Tensor]) -> Vec<Arc<Storage>> {
        let drawn = {
            let draws = self.draws.lock().unwrap_or_else(PoisonError::into_inner);
            trace::draw_again(&draws)
        };
        // Each parameter is read once, so that all its uses agree.
        let parameters: SmallVec<[Tensor; 8]> = self.parameters.iter().map(Parameter::value).collect();
        let value = |slot: &Slot| match slot {
            Slot::Changing(Origin::Argument(position)) => Arc::clone(arguments[*position].read()),
            Slot::Changing(Origin::Parameter(number)) => Arc::clone(parameters[*number].read()),
            Slot::Changing(Origin::Drawn(number)) => Arc::clone(&drawn[*number]),
            Slot::Captured(storage) => Arc::clone(storage),
        };
        self.slots.iter().map(value).collect()
    }

    fn run(&self, plan: &CompiledPlan, values: Vec<Arc<Storage>>) -> Vec<Tensor> {
        let values = engine::run(plan, values, &self.locations).into_iter().zip(&self.outputs);
        let mut results: Vec<Tensor> = values.map(|(value, shape)| Tensor::leaf(value, shape.clone(), false)).collect();
        let new = results.split_off(results.len() - self.written.len());
        self.written.iter().zip(new).for_each(|(parameter, value)| parameter.set(value));
        results
    }

    /// About the bytes that the trace takes, without its plan: data that others hold as well are not counted.
    fn bytes(&self) -> usize {
        // In the trace, and in the list of values that is about to be run.
        const HOLDERS: usize = 2;
        // What a number, a shape or a closure takes.
        const ENTRY: usize = 64;
        let captured = self.slots.iter().filter_map(|slot| match slot {
            Slot::Captured(storage) => Some(storage),
            Slot::Changing(_) => None,
        });
        let data = engine::bytes_held(captured, HOLDERS);
        let draws = self.draws.lock().unwrap_or_else(PoisonError::into_inner).len();
        let entries = self.inputs.len() + self.outputs.len() + self.slots.len() + self.locations.len();
        data + ENTRY * (entries + self.parameters.len() + self.written.len() + self.states.len() + 2 * draws)
    }
}

impl<F> fmt::Debug for Compiled<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let traces = self.traces.lock().unwrap_or_else(PoisonError::into_inner).count();
        write!(f, "Compiled({traces} traces)")
    }
}
