//! What a function that is being traced reads and what may differ at the next call: arguments, values of parameters, random numbers, states.
//! A replay reads all of it anew, and sets the parameters that the function has set.

use std::cell::{Cell, RefCell};
use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::ChaCha8Rng;
use rustc_hash::FxHashMap;

use crate::parameter::Parameter;
use crate::tensor::Tensor;
use minimand_engine::Storage;

/// A generator that a replay draws from as well.
pub(crate) type Generator = Arc<Mutex<ChaCha8Rng>>;

/// What changes a generator, and gives the numbers of a leaf or none.
pub(crate) type Again = dyn Fn(&mut ChaCha8Rng) -> Option<Arc<Storage>> + Send + Sync;

/// Something that changed a generator, to be done again by each replay, in order.
pub(crate) struct Draw {
    generator: Generator,
    again: Box<Again>,
}

/// Where the values of a leaf come from.
#[derive(Clone, Copy)]
pub(crate) enum Origin {
    Argument(usize),
    /// A parameter, by its number in the recording.
    Parameter(usize),
    /// A leaf drawn, by its number among these.
    Drawn(usize),
}

/// Whether what a function has read is still so.
pub(crate) type State = Box<dyn Fn() -> bool + Send + Sync>;

/// What one run of a function has read.
#[derive(Default)]
pub(crate) struct Recording {
    /// The leaves whose values change, by the number of their nodes.
    pub(crate) origins: FxHashMap<u64, Origin>,
    /// Each parameter with the leaf that stands for it.
    pub(crate) parameters: Vec<(Parameter, Tensor)>,
    /// Each parameter that is set, with its last value.
    pub(crate) written: Vec<(Parameter, Tensor)>,
    pub(crate) draws: Vec<Draw>,
    drawn: usize,
    pub(crate) states: Vec<State>,
}

thread_local! {
    /// Values that parameters have for the time being, each with the number of the trace in which it was given.
    static GIVEN: RefCell<Vec<(u64, Parameter, Tensor)>> = const { RefCell::new(Vec::new()) };
    static RECORDING: RefCell<Option<Recording>> = const { RefCell::new(None) };
    /// The number of the trace that is being recorded on this thread; 0 if none is.
    static TRACE: Cell<u64> = const { Cell::new(0) };
}

/// The number of the trace that is being recorded on this thread; 0 if none is.
pub(crate) fn current() -> u64 {
    TRACE.get()
}

/// Whether a function is being traced on this thread.
pub(crate) fn is_tracing() -> bool {
    current() != 0
}

/// Traces a function of leaves that stand for its arguments; returns its results and what it has read.
pub(crate) fn record<R>(arguments: &[Tensor], function: impl FnOnce() -> R) -> (R, Recording) {
    /// Ends the recording, also when the function panics.
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            TRACE.set(0);
            RECORDING.take();
        }
    }
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    assert!(!is_tracing(), "a function that is called while another is traced is part of that one's trace");
    let origins = arguments.iter().enumerate().map(|(position, leaf)| (leaf.id(), Origin::Argument(position)));
    let recording = Recording { origins: origins.collect(), ..Recording::default() };
    RECORDING.set(Some(recording));
    TRACE.set(NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    let end = End;
    let results = function();
    let recording = RECORDING.take().expect("only its end takes the recording away");
    drop(end);
    (results, recording)
}

/// Changes the recording of this thread, if there is one.
fn recording<R>(change: impl FnOnce(&mut Recording) -> R) -> Option<R> {
    RECORDING.with_borrow_mut(|recording| recording.as_mut().map(change))
}

/// The present value of a parameter; in a trace the leaf that stands for it, the same for all reads.
pub(crate) fn value_of(parameter: &Parameter) -> Tensor {
    let given = GIVEN.with_borrow(|given| {
        let mut all = given.iter().rev();
        all.find(|(_, other, _)| other.is_same(parameter)).map(|(trace, _, value)| (*trace, value.clone()))
    });
    let known = |recording: &mut Recording| {
        let written = recording.written.iter().filter(|_| given.is_none());
        let mut all = written.chain(&recording.parameters);
        all.find(|(other, _)| other.is_same(parameter)).map(|(_, leaf)| leaf.clone())
    };
    let known = recording(known);
    let present = match (given, known) {
        // A value that was given outside may be another one at the next call.
        (Some((trace, value)), _) if trace == current() => return value,
        (_, Some(Some(leaf))) => return leaf,
        (Some((_, value)), _) => value,
        (None, Some(None)) => parameter.present(),
        (None, None) => return parameter.present(),
    };
    let storage = Arc::clone(present.read());
    let leaf = parameter.leaf(storage, present.shape().clone(), true, present.name());
    recording(|recording| {
        recording.origins.insert(leaf.id(), Origin::Parameter(recording.parameters.len()));
        recording.parameters.push((parameter.clone(), leaf.clone()));
    });
    leaf
}

/// Runs a function in which parameters have other values, on this thread: [`Parameter::value`] gives these tensors, whatever they are made of, and
/// gradients of any order flow to that. The parameters keep their values: one that is [set](Parameter::set) in the function has the new value
/// afterwards. Of two values that are given for a parameter the innermost counts.
///
/// ```
/// use minimand_tensor::{Parameter, Tensor, with_values};
/// let w = Parameter::new("w", Tensor::from(3.0));
/// let (rate, loss) = (Tensor::from(0.25), || (w.value() - 1.0).square());
/// let stepped = w.value() - &rate * loss().grad(&w.value());
/// let after = with_values([(&w, &stepped)], loss); // (3 - 4 rate - 1)²
/// assert_eq!((after.item(), after.grad(&rate).item()), (1.0, -8.0));
/// ```
///
/// # Panics
/// When a value has another shape or element type than its parameter; where the function does.
#[doc(alias = "functional_call")]
#[track_caller]
pub fn with_values<'a, R>(
    values: impl IntoIterator<Item = (&'a Parameter, &'a Tensor)>,
    function: impl FnOnce() -> R,
) -> R {
    /// Takes the values away, also when the function panics.
    struct End(usize);
    impl Drop for End {
        fn drop(&mut self) {
            let gone = GIVEN.with_borrow_mut(|given| given.split_off(self.0));
            drop(gone);
        }
    }
    let _end = End(GIVEN.with_borrow(Vec::len));
    for (parameter, value) in values {
        parameter.accept("with_values", value);
        GIVEN.with_borrow_mut(|given| given.push((current(), parameter.clone(), value.clone())));
    }
    function()
}

/// Records the value that a parameter is set to, cut off from gradients; says whether a function is being traced.
#[track_caller]
pub(crate) fn write(parameter: &Parameter, value: &Tensor) -> bool {
    let record = |recording: &mut Recording| {
        recording.written.retain(|(other, _)| !other.is_same(parameter));
        recording.written.push((parameter.clone(), value.detach()));
    };
    recording(record).is_some()
}

/// Records what has changed a generator.
pub(crate) fn draw(generator: &Generator, again: Box<Again>) {
    recording(|recording| recording.draws.push(Draw { generator: Arc::clone(generator), again }));
}

/// Records how the numbers of a leaf are drawn anew.
pub(crate) fn draw_leaf(
    leaf: &Tensor,
    generator: &Generator,
    again: impl Fn(&mut ChaCha8Rng) -> Arc<Storage> + Send + Sync + 'static,
) {
    recording(|recording| {
        recording.origins.insert(leaf.id(), Origin::Drawn(recording.drawn));
        recording.drawn += 1;
    });
    draw(generator, Box::new(move |generator| Some(again(generator))));
}

/// Draws anew, in the order of the recording: the values of all leaves drawn.
pub(crate) fn draw_again(draws: &[Draw]) -> Vec<Arc<Storage>> {
    let again = |draw: &Draw| (draw.again)(&mut draw.generator.lock().unwrap_or_else(PoisonError::into_inner));
    draws.iter().filter_map(again).collect()
}

/// Reads a state that decides what a function builds, such as whether a model is trained or evaluated. A function that is traced by
/// [`compile`](crate::compile()) is traced anew when the state is another one at a later call; without it the trace would go on as if nothing
/// had changed.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
///
/// use minimand_tensor::{Tensor, compile, observe};
///
/// let doubled = Arc::new(AtomicBool::new(false));
/// let switch = Arc::clone(&doubled);
/// let function = compile(move |x: &[Tensor]| {
///     let switch = Arc::clone(&switch);
///     vec![if observe(move || switch.load(Relaxed)) { 2 * &x[0] } else { x[0].clone() }]
/// });
/// assert_eq!(function.call([&Tensor::from(3.0)])[0].item(), 3.0);
/// doubled.store(true, Relaxed);
/// assert_eq!(function.call([&Tensor::from(3.0)])[0].item(), 6.0);
/// ```
pub fn observe<T: PartialEq + Clone + Send + Sync + 'static>(read: impl Fn() -> T + Send + Sync + 'static) -> T {
    let now = read();
    if is_tracing() {
        let then = now.clone();
        recording(|recording| recording.states.push(Box::new(move || read() == then)));
    }
    now
}

/// Panics in a trace when the values of a tensor would be read that change from call to call.
#[track_caller]
pub(crate) fn refuse_reading(tensor: &Tensor) {
    assert!(
        !is_tracing() || !tensor.changes(),
        "compile: the values of {tensor:?} (from {}) are read while a function is traced, and every replay would go on with those of the \
         first call: return the tensor from the function, or read it outside",
        tensor.location()
    );
}
