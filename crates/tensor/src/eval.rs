//! Evaluation: what a graph still needs is traced into a program, which the engine compiles once and runs on the values at hand.
//!
//! The program holds the structure only: numbers and data are slots filled at run time. Two training steps that differ in nothing but values
//! share one plan.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::tensor::{Node, Tensor};
use crate::trace;
use minimand_engine::{self as engine, Inputs, Instruction, Op, Recorded, Recorder};

/// The program of everything that `wanted` needs, in canonical form; and the node that slots' data come from, by the number of the slot. What is
/// not there is a number of the program.
pub(crate) fn traced(wanted: &[&Tensor]) -> (Recorded, FxHashMap<usize, u64>) {
    trace_of(&in_order(wanted, Tensor::is_evaluated), wanted)
}

/// What `wanted` is made of, inputs first, as far as the leaves.
pub(crate) fn in_order<'a>(wanted: &[&'a Tensor], is_leaf: impl Fn(&Tensor) -> bool) -> Vec<&'a Tensor> {
    // In an order that the structure alone decides: not the age of the leaves, which differs between the first step of a training loop and the
    // second.
    let mut needed: Vec<&Tensor> = Vec::new();
    let mut seen: FxHashSet<u64> = FxHashSet::default();
    let mut pending: Vec<(&Tensor, bool)> = wanted.iter().rev().map(|&root| (root, false)).collect();
    while let Some((node, inputs_done)) = pending.pop() {
        if inputs_done {
            needed.push(node);
        } else if seen.insert(node.id()) {
            pending.push((node, true));
            if !is_leaf(node) {
                pending.extend(node.0.inputs.iter().rev().map(|input| (input, false)));
            }
        }
    }
    needed
}

thread_local! {
    /// Tensors that are computed in the pass that first computes anything they are made of, while somebody holds them.
    static ALONG: RefCell<Vec<Weak<Node>>> = const { RefCell::new(Vec::new()) };
}

/// Has a tensor computed in the pass that first computes anything it is made of.
pub(crate) fn compute_along(tensor: &Tensor) {
    ALONG.with_borrow_mut(|along| along.push(Arc::downgrade(&tensor.0)));
}

/// Of the tensors to be computed along with others, those that share work with `wanted`.
fn along(wanted: &[&Tensor]) -> Vec<Tensor> {
    let waiting: Vec<Tensor> = ALONG.with_borrow_mut(|along| {
        along.retain(|node| node.upgrade().is_some_and(|node| !Tensor(node).is_evaluated()));
        along.iter().filter_map(Weak::upgrade).map(Tensor).collect()
    });
    if waiting.is_empty() {
        return waiting;
    }
    let is_work = |node: &&&Tensor| !node.is_evaluated() && !node.0.op.is_free();
    let work: FxHashSet<u64> =
        in_order(wanted, Tensor::is_evaluated).iter().filter(is_work).map(|node| node.id()).collect();
    let shares = |tensor: &Tensor| {
        let is_known = |node: &Tensor| node.is_evaluated() || work.contains(&node.id());
        in_order(&[tensor], is_known).iter().any(|node| work.contains(&node.id()))
    };
    waiting.into_iter().filter(shares).collect()
}

fn instruction(node: &Tensor, numbers: &FxHashMap<u64, u32>) -> Instruction {
    let inputs: Inputs = node.0.inputs.iter().map(|input| numbers[&input.id()]).collect();
    Instruction { op: node.0.op.clone(), inputs, shape: node.shape().clone(), dtype: node.dtype() }
}

fn trace_of(needed: &[&Tensor], wanted: &[&Tensor]) -> (Recorded, FxHashMap<usize, u64>) {
    let mut recorder = Recorder::default();
    let mut numbers: FxHashMap<u64, u32> = FxHashMap::default();
    let mut leaves = FxHashMap::default();
    for node in needed {
        let number = match node.value() {
            Some(value) => {
                leaves.insert(recorder.slots(), node.id());
                recorder.data(Arc::clone(value), node.shape().clone(), node.location())
            }
            None => recorder.record(instruction(node, &numbers), node.location()),
        };
        numbers.insert(node.id(), number);
    }
    let outputs = wanted.iter().map(|node| numbers[&node.id()]).collect();
    (recorder.finish(outputs), leaves)
}

/// Every node that `wanted` is made of as an instruction of its own: nothing shared that the graph does not share, nothing folded, and nothing
/// taken from what was computed before.
pub(crate) fn literal(wanted: &[&Tensor], nodes: &[&Tensor]) -> Recorded {
    let mut recorded = Recorded::default();
    let mut numbers: FxHashMap<u64, u32> = FxHashMap::default();
    for node in nodes {
        let number = match (&node.0.op, node.value()) {
            (Op::Data, Some(value)) => recorded.slot(Arc::clone(value), node.shape().clone(), node.location()),
            _ => recorded.push(instruction(node, &numbers), node.location()),
        };
        numbers.insert(node.id(), number);
    }
    recorded.program.outputs = wanted.iter().map(|node| numbers[&node.id()]).collect();
    recorded
}

/// Computes the given tensors together: what they share is computed once, and what they do not need is not computed at all.
///
/// Reading a tensor evaluates it by itself; this function is for several at a time, such as a loss and its gradients.
///
/// ```
/// use minimand_tensor::{Tensor, eval};
/// let x = Tensor::from([1.0, 2.0]);
/// let loss = x.square().sum();
/// let slope = loss.grad(&x);
/// eval([&loss, &slope]);
/// assert!(loss.is_evaluated() && slope.is_evaluated());
/// ```
///
/// # Panics
/// When an index of a [`take_along_axis`](Tensor::take_along_axis), [`index_select`](Tensor::index_select) or
/// [`scatter_add`](Tensor::scatter_add) is out of range; the message names the line that made it. In a function that is traced by
/// [`compile()`](crate::compile()), when a tensor changes from call to call.
#[track_caller]
pub fn eval<'a>(tensors: impl IntoIterator<Item = &'a Tensor>) {
    let mut wanted: Vec<&Tensor> = tensors.into_iter().filter(|tensor| !tensor.is_evaluated()).collect();
    if wanted.is_empty() {
        return;
    }
    for tensor in &wanted {
        trace::refuse_reading(tensor);
    }
    let along = along(&wanted);
    wanted.extend(&along);
    let needed = in_order(&wanted, Tensor::is_evaluated);
    let again = needed.iter().filter(|node| node.count_computation()).count();
    let (Recorded { program, slots, locations }, _) = trace_of(&needed, &wanted);
    engine::count_recomputed(again);
    let plan = engine::plan_for(program);
    let values = engine::run(&plan, slots, &locations);
    for (tensor, value) in wanted.iter().zip(values) {
        tensor.set_value(value);
    }
    engine::refuse_non_finite(|| crate::find_non_finite(wanted));
}

/// What [`eval`](crate::eval()) would do to compute these tensors together: the passes over memory, what each reads and writes, and the
/// memory needed. Nothing is computed.
///
/// ```
/// use minimand_tensor::{Tensor, explain_plan};
/// let x = Tensor::from_vec(vec![0.5f32; 1000], [1000]);
/// let loss = (&x - 1.0).square().sum();
/// let slope = loss.grad(&x);
/// let plan = explain_plan([&loss, &slope]);
/// assert_eq!(plan.passes(), 1);
/// assert_eq!(plan.steps[0].bytes_read, 4000 + 4);
/// assert_eq!(plan.steps[0].bytes_written, 4000 + 4);
/// ```
pub fn explain_plan<'a>(tensors: impl IntoIterator<Item = &'a Tensor>) -> engine::PlanSummary {
    let mut wanted: Vec<&Tensor> = tensors.into_iter().filter(|tensor| !tensor.is_evaluated()).collect();
    let along = along(&wanted);
    wanted.extend(&along);
    engine::summary(&traced(&wanted).0.program)
}

/// Evaluation by the definition of each operation, the specification of what the engine computes: slow, for tests.
pub mod reference {
    use super::{Tensor, in_order, literal};
    use minimand_engine::reference;

    /// Computes the given tensors from their definition and returns their values as `f64`, in row-major order. The graph is taken as it is
    /// written: nothing is shared that it does not share, nothing folded, and what the tensors may have cached is not looked at, except in leaves.
    ///
    /// ```
    /// use minimand_tensor::{Tensor, reference};
    /// let x = Tensor::from([1.0, 2.0]);
    /// assert_eq!(reference::evaluate(&[&x.square()]), [[1.0, 4.0]]);
    /// ```
    ///
    /// # Panics
    /// When an index is out of range.
    pub fn evaluate(tensors: &[&Tensor]) -> Vec<Vec<f64>> {
        let recorded = literal(tensors, &in_order(tensors, |_| false));
        let values = reference::run(&recorded.program, &recorded.slots);
        values.iter().map(|value| value.convert()).collect()
    }
}
