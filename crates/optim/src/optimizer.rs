//! What every optimizer can do.

use minimand_tensor::{Parameter, Tensor};

use crate::state::{OptimizerState, StateError};
use crate::step::{Step, StepError};

/// An optimizer: it holds the parameters of a model, and each [`step`](Optimizer::step) gives them better values.
///
/// The trait can be used as `dyn Optimizer`, where the choice of optimizer is made at run time.
///
/// ```
/// use minimand_optim::{Adam, AdamOptions, Optimizer, Sgd, SgdOptions, StepError};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let w = Parameter::new("w", Tensor::from([4.0]));
/// let mut optimizers: Vec<Box<dyn Optimizer>> = vec![
///     Box::new(Sgd::new([&w], SgdOptions { learning_rate: 0.25, ..Default::default() })),
///     Box::new(Adam::new([&w], AdamOptions { learning_rate: 0.5, ..Default::default() })),
/// ];
/// for optimizer in &mut optimizers {
///     let step = optimizer.step(&w.value().square().sum())?;
///     println!("loss {} and gradient {} gave w = {}", step.loss(), step.gradient_norm(), w.value());
/// }
/// assert_eq!(format!("{:.6}", w.value()), "[1.500000]"); // 4 - 0.25 · 8 = 2, then 2 - 0.5
/// # Ok::<(), StepError>(())
/// ```
#[doc(alias = "train")]
#[doc(alias = "fit")]
pub trait Optimizer {
    /// One step: the gradient of `loss` with respect to every parameter's current value, clipping, new parameters and new state, all in
    /// one evaluation. It takes place as a whole or not at all.
    ///
    /// Build the loss anew for each step, from the parameters' current values: a loss made of values that have been replaced since is
    /// refused. A parameter that the loss does not depend on, when it depends on others, has gradient zero and is updated like any other: it
    /// keeps its value, unless weight decay or momentum move it. One that is [frozen](Parameter::set_frozen) keeps its value and its state whatever
    /// the options are, and its gradient is not computed.
    ///
    /// The loss keeps its graph alive, with all values computed in it and the parameters' values before the step, for as long as it is held: let
    /// it go after the step, and collect [`Step::loss`], which is a number.
    ///
    /// # Errors
    /// When the loss depends on none of the parameters: as it was [built before the last step](StepError::StaleLoss), or is [unrelated to
    /// them](StepError::UnrelatedLoss).
    ///
    /// When the loss, a gradient (its norm in f64), a new parameter or new state is infinite or NaN, unless that is
    /// [allowed](crate::NonFinite::Allow). Then nothing has changed, and the step does not count.
    ///
    /// # Panics
    /// When the loss is not a floating-point scalar.
    #[doc(alias = "backward")]
    #[doc(alias = "zero_grad")]
    #[track_caller]
    fn step(&mut self, loss: &Tensor) -> Result<Step, StepError>;

    /// A step from gradients that one already has, one for each of the [`parameters`](Optimizer::parameters) in their order, without
    /// those that are [frozen](Parameter::is_frozen): gradients that were [accumulated](crate::Accumulator), averaged over several machines, or taken [elsewhere](crate::Sam). As [`step`](Optimizer::step)
    /// otherwise: they are clipped, and the step takes place as a whole or not at all. The loss is reported and judged, not differentiated.
    ///
    /// ```
    /// use minimand_optim::{Optimizer, Sgd, SgdOptions, StepError};
    /// use minimand_tensor::{Parameter, Tensor};
    ///
    /// let w = Parameter::new("w", Tensor::from([1.0, 2.0]));
    /// let mut sgd = Sgd::new([&w], SgdOptions { learning_rate: 0.5, ..Default::default() });
    /// let losses = [w.value().sum(), w.value().square().sum()]; // of two parts of the data
    /// let gradients = [sgd.gradients(&losses[0])?, sgd.gradients(&losses[1])?];
    /// let mean = (&gradients[0][0] + &gradients[1][0]) / 2.0;
    /// let step = sgd.step_with(&((&losses[0] + &losses[1]) / 2.0), &[mean])?;
    /// assert_eq!((step.loss(), w.value().to_string()), (4.0, "[0.25, 0.75]".to_owned()));
    /// # Ok::<(), StepError>(())
    /// ```
    ///
    /// # Errors
    /// When the loss, a gradient, a new parameter or new state is not finite, as [`step`](Optimizer::step).
    ///
    /// # Panics
    /// When the number of gradients is not that of the parameters, or one has another shape or element type than its parameter; when the loss is
    /// not a floating-point scalar.
    #[track_caller]
    fn step_with(&mut self, loss: &Tensor, gradients: &[Tensor]) -> Result<Step, StepError>;

    /// The gradients that [`step`](Optimizer::step) would use, before clipping, in the order of the [`parameters`](Optimizer::parameters), without
    /// those that are [frozen](Parameter::is_frozen); they are not computed yet.
    ///
    /// # Errors
    /// When the loss depends on none of the parameters, as [`step`](Optimizer::step).
    ///
    /// # Panics
    /// When the loss is not a floating-point scalar.
    #[track_caller]
    fn gradients(&self, loss: &Tensor) -> Result<Vec<Tensor>, StepError>;

    /// The learning rate of the next step, schedule included; with several groups, that of the first.
    fn learning_rate(&self) -> f64 {
        self.learning_rates()[0]
    }

    /// The learning rate of the next step for each group of parameters, schedule included.
    fn learning_rates(&self) -> Vec<f64>;

    /// Sets the base learning rate of every group: the rate that the schedule, if any, starts from. No new plan is compiled.
    ///
    /// # Panics
    /// When the rate is negative, infinite or NaN.
    #[track_caller]
    fn set_learning_rate(&mut self, learning_rate: f64);

    /// Tells the metric that decides whether the learning rates are to be lowered, such as the loss on other data, usually once an epoch; gives
    /// whether one was. See [`ReduceOnPlateau`](crate::ReduceOnPlateau).
    ///
    /// # Panics
    /// When the optimizer was given none to tell.
    #[track_caller]
    fn observe(&mut self, metric: f64) -> bool;

    /// Handles on the parameters, group by group in the order they were given.
    fn parameters(&self) -> Vec<Parameter>;

    /// Number of steps taken; those refused do not count.
    fn steps(&self) -> u64;

    /// All that the optimizer remembers, as named tensors. The parameters' values are not part of it: the model keeps them.
    fn state(&self) -> OptimizerState;

    /// Takes over a saved state. With the parameters restored too, training goes on to the same bits as if it had not been interrupted.
    ///
    /// # Errors
    /// When a tensor is missing, unknown, or of another shape or element type than this optimizer needs; the error names it, and nothing has
    /// changed.
    fn load_state(&mut self, state: &OptimizerState) -> Result<(), StateError>;
}
