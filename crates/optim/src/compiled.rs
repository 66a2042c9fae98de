//! Training steps that are traced once and replayed.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minimand_tensor::{Compiled, Tensor, compile};

use crate::descent::Descent;
use crate::proposal::Proposal;
use crate::recipe::{Recipe, Unmoved};
use crate::rule::UpdateRule;
use crate::step::{Step, StepError};

/// A function from arguments to the tensors of a [`Proposal`].
type Function = Box<dyn Fn(&[Tensor]) -> Vec<Tensor>>;
/// The number of a step, and how many scalars each parameter's update asks for.
type Traced = (u64, Vec<usize>);
/// A function from the data to the loss.
type Loss = Arc<dyn Fn(&[Tensor]) -> Tensor>;

/// A training step whose graph is built, differentiated and compiled in the first call; every further one only runs the plan, with new
/// parameters, state, learning rate and data. The results are the same bits as those of [`Optimizer::step`](crate::Optimizer::step).
///
/// Building a graph anew for each step costs about a microsecond for each operation: where that counts, because the model is small or
/// the batches are, trace the step.
///
/// ```
/// use minimand_optim::{Adam, AdamOptions, CompiledStep, StepError};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let (slope, offset) = (Parameter::new("slope", 0.0.into()), Parameter::new("offset", 0.0.into()));
/// let adam = Adam::new([&slope, &offset], AdamOptions { learning_rate: 0.1, ..Default::default() });
///
/// // The data are arguments; the parameters are read as usual.
/// let (a, b) = (slope.clone(), offset.clone());
/// let mut training = CompiledStep::new(adam, move |data| (a.value() * &data[0] + b.value() - &data[1]).square().mean());
/// for batch in 0..300 {
///     let x = Tensor::from([-1.0, 0.0, 1.0, f64::from(batch % 7)]);
///     let y = 2.0 * &x + 1.0;
///     training.step([&x, &y])?;
/// }
/// assert_eq!(format!("{:.2} {:.2}", slope.value(), offset.value()), "2.00 1.00");
/// # Ok::<(), StepError>(())
/// ```
///
/// # What may change from step to step
/// The values of the data, of all parameters (also of those that the optimizer does not have) and of the optimizer's state, the learning rate and
/// its schedule; the shapes of the data, which are traced once each; whether a model is trained or evaluated; which parameters are
/// [frozen](minimand_tensor::Parameter::set_frozen), which is traced anew; and random tensors, such as the masks of dropout, which are drawn anew in
/// every step, to the same bits as in an ordinary one. What a forward pass sets, such as running statistics, is set in every step.
///
/// Everything else that the loss reads keeps the value of the first call: tensors that the function brings along, and **plain numbers**. What could
/// not be replayed is refused with a panic: see [`compile`]. An [`UpdateRule`] of one's own may use the number of the step in run-time scalars,
/// but not to decide between two formulas.
pub struct CompiledStep<R> {
    optimizer: Descent<R>,
    loss: Loss,
    /// How the optimizer steps, as it was traced: one that has been put in its place since is traced anew.
    recipe: Arc<Recipe<R>>,
    function: Compiled<Function>,
    /// The step that is being traced.
    traced: Arc<Mutex<Traced>>,
}

impl<R: UpdateRule + 'static> CompiledStep<R> {
    /// A step of this optimizer on a loss of the data.
    pub fn new(optimizer: Descent<R>, loss: impl Fn(&[Tensor]) -> Tensor + 'static) -> CompiledStep<R> {
        let (loss, recipe, traced): (Loss, _, _) = (Arc::new(loss), Arc::new(optimizer.recipe()), Arc::default());
        let function = function(&optimizer, &recipe, &loss, &traced);
        CompiledStep { optimizer, loss, recipe, function, traced }
    }

    /// Takes one step on these data: see [`Optimizer::step`](crate::Optimizer::step).
    ///
    /// # Errors
    /// As [`Optimizer::step`](crate::Optimizer::step): when the step is refused, nothing has changed.
    #[track_caller]
    pub fn step<'a>(&mut self, data: impl IntoIterator<Item = &'a Tensor>) -> Result<Step, StepError> {
        if !self.recipe.is_of(&self.optimizer) {
            self.recipe = Arc::new(self.optimizer.recipe());
            self.function = function(&self.optimizer, &self.recipe, &self.loss, &self.traced);
        }
        let scalars = self.optimizer.scalars();
        *self.traced.lock().unwrap_or_else(PoisonError::into_inner) =
            (self.optimizer.next(), scalars.iter().map(Vec::len).collect());
        let mut arguments: Vec<Tensor> = self.optimizer.remembered().flatten().cloned().collect();
        arguments.extend(scalars.into_iter().flatten());
        arguments.extend(data.into_iter().cloned());
        let tensors = self.function.call(&arguments);
        // A proposal has more than one tensor: a single one says why there is none.
        if let [stale] = &tensors[..] {
            let unmoved = if stale.item() == 1.0 { Unmoved::Stale } else { Unmoved::Unrelated };
            return Err(self.optimizer.unmoved(unmoved, None));
        }
        let remembered: Vec<usize> = self.optimizer.remembered().map(<[Tensor]>::len).collect();
        let taken = self.optimizer.take(Proposal::of_tensors(tensors, &remembered));
        let find = || self.function.find_non_finite(&arguments.iter().collect::<Vec<_>>()).map(Box::new);
        taken.map_err(|error| error.found_by(find))
    }

    /// The optimizer: its learning rate, its state, its parameters.
    pub fn optimizer(&self) -> &Descent<R> {
        &self.optimizer
    }

    /// The optimizer, to set its learning rate or to load a state. One that is put in its place, with other options or other parameters, is
    /// traced anew.
    pub fn optimizer_mut(&mut self) -> &mut Descent<R> {
        &mut self.optimizer
    }

    /// The optimizer by itself.
    pub fn into_optimizer(self) -> Descent<R> {
        self.optimizer
    }
}

/// The step of an optimizer on a loss, as a function of its state, its run-time scalars and the data.
fn function<R: UpdateRule + 'static>(
    optimizer: &Descent<R>,
    recipe: &Arc<Recipe<R>>,
    loss: &Loss,
    traced: &Arc<Mutex<Traced>>,
) -> Compiled<Function> {
    let (recipe, loss, traced) = (Arc::clone(recipe), Arc::clone(loss), Arc::clone(traced));
    let remembered: Vec<usize> = optimizer.remembered().map(<[Tensor]>::len).collect();
    let function: Function = Box::new(move |arguments| {
        let (t, counts) = traced.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut rest = arguments;
        let states = parts(&mut rest, &remembered);
        let scalars = parts(&mut rest, &counts);
        match recipe.propose(&loss(rest), &states, &scalars, t) {
            Ok(proposal) => proposal.tensors().into_iter().cloned().collect(),
            Err(unmoved) => vec![Tensor::scalar(unmoved == Unmoved::Stale)],
        }
    });
    compile(function)
}

/// Takes parts of these lengths from the beginning of a list.
fn parts<'a>(list: &mut &'a [Tensor], lengths: &[usize]) -> Vec<&'a [Tensor]> {
    let mut parts = Vec::with_capacity(lengths.len());
    for &length in lengths {
        let (part, rest) = list.split_at(length);
        *list = rest;
        parts.push(part);
    }
    parts
}

impl<R: fmt::Debug> fmt::Debug for CompiledStep<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompiledStep").field("optimizer", &self.optimizer).finish_non_exhaustive()
    }
}
