//! What tells one optimizer from another: its update rule, its options, and the names of what it remembers.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minimand_tensor::{DType, Tensor};
use thiserror::Error;

/// The formula of an optimizer: how a parameter and its gradient become the next parameter.
///
/// The rule is its own options; [`Descent`](crate::Descent) is the optimizer that runs it. [`Sgd`](crate::Sgd), [`Adam`](crate::Adam) and
/// all others here are such rules, and so is one of your own:
///
/// ```
/// use minimand_optim::{Descent, Optimizer, OptionsError, StepContext, StepError, Update, UpdateRule};
/// use minimand_tensor::{Parameter, Tensor};
///
/// /// Sign descent (Bernstein et al. 2018) along averaged gradients.
/// struct SignDescent {
///     learning_rate: f64,
///     beta: f64,
/// }
///
/// impl UpdateRule for SignDescent {
///     fn name(&self) -> &'static str {
///         "SignDescent"
///     }
///     fn learning_rate(&self) -> f64 {
///         self.learning_rate
///     }
///     fn validate(&self) -> Result<(), OptionsError> {
///         let expected = "at least 0 and below 1";
///         OptionsError::unless((0.0..1.0).contains(&self.beta), "SignDescent", "beta", self.beta, expected)
///     }
///     fn state_names(&self) -> &'static [&'static str] {
///         &["average"]
///     }
///     fn update(&self, theta: &Tensor, g: &Tensor, state: &[Tensor], context: &StepContext) -> Update {
///         let m = self.beta * &state[0] + (1.0 - self.beta) * g;
///         Update { theta: theta - context.alpha() * m.sign(), state: vec![m] }
///     }
/// }
///
/// let w = Parameter::new("w", Tensor::from([1.0, -2.0]));
/// let mut descent = Descent::new([&w], SignDescent { learning_rate: 0.25, beta: 0.9 });
/// descent.step(&w.value().square().sum())?;
/// assert_eq!(w.value().to_string(), "[0.75, -1.75]");
/// # Ok::<(), StepError>(())
/// ```
pub trait UpdateRule {
    /// The name of the optimizer, as messages print it.
    fn name(&self) -> &'static str;

    /// The learning rate that the options ask for.
    fn learning_rate(&self) -> f64;

    /// Checks every option but the learning rate, which the optimizer checks itself.
    ///
    /// # Errors
    /// Names the first option that is out of its range.
    fn validate(&self) -> Result<(), OptionsError>;

    /// Checks that every option keeps its meaning in the element type of a parameter: that ε, say, is not 0 there. Asked once for each parameter
    /// when it is given to the optimizer. By default everything is accepted.
    ///
    /// # Errors
    /// Names the first option that does not.
    fn validate_for(&self, _dtype: DType) -> Result<(), OptionsError> {
        Ok(())
    }

    /// The number of axes that every parameter must have, where the formula needs a certain one: 2 for matrices. By default any.
    fn required_rank(&self) -> Option<usize> {
        None
    }

    /// The names of the tensors remembered for each parameter from step to step, each of the parameter's shape and type. Their entries start
    /// as [`initial_state`](UpdateRule::initial_state).
    fn state_names(&self) -> &'static [&'static str];

    /// What the entries of a remembered tensor start as. By default 0.
    fn initial_state(&self, _name: &str) -> f64 {
        0.0
    }

    /// The next value and state of a parameter `theta`, given its gradient `g` (already clipped) and its present state, in the order of
    /// [`state_names`](UpdateRule::state_names).
    ///
    /// Numbers that change from step to step must come from `context`, so that no step needs a new plan.
    fn update(&self, theta: &Tensor, g: &Tensor, state: &[Tensor], context: &StepContext) -> Update;
}

/// A rule that is chosen at run time. Groups of one optimizer may then follow different rules, and still step as one: see
/// [`Mixed`](crate::Mixed).
impl<R: UpdateRule + ?Sized> UpdateRule for Box<R> {
    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn learning_rate(&self) -> f64 {
        (**self).learning_rate()
    }

    fn validate(&self) -> Result<(), OptionsError> {
        (**self).validate()
    }

    fn validate_for(&self, dtype: DType) -> Result<(), OptionsError> {
        (**self).validate_for(dtype)
    }

    fn required_rank(&self) -> Option<usize> {
        (**self).required_rank()
    }

    fn state_names(&self) -> &'static [&'static str] {
        (**self).state_names()
    }

    fn initial_state(&self, name: &str) -> f64 {
        (**self).initial_state(name)
    }

    fn update(&self, theta: &Tensor, g: &Tensor, state: &[Tensor], context: &StepContext) -> Update {
        (**self).update(theta, g, state, context)
    }
}

impl fmt::Debug for dyn UpdateRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a parameter and its state become, not yet computed.
#[derive(Clone, Debug)]
pub struct Update {
    /// The new value of the parameter.
    pub theta: Tensor,
    /// The new state, in the order of [`UpdateRule::state_names`].
    pub state: Vec<Tensor>,
}

/// What changes from step to step: the number of the step, the learning rate, and with some schedules the momentum.
#[derive(Clone, Debug)]
pub struct StepContext {
    t: u64,
    alpha: Tensor,
    /// What the schedule says instead of a rule's own momentum.
    momentum: Option<f64>,
    dtype: DType,
    scalars: Scalars,
}

/// The numbers of a step that a schedule decides on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    pub(crate) learning_rate: f64,
    pub(crate) momentum: Option<f64>,
}

/// Where run-time scalars come from, and go to.
#[derive(Clone, Debug)]
enum Scalars {
    /// They are made.
    Made,
    /// They are made, and listed.
    Listed(Arc<Mutex<Vec<Tensor>>>),
    /// They are given, in the order in which they are asked for.
    Given(Arc<Mutex<std::vec::IntoIter<Tensor>>>),
}

impl StepContext {
    pub(crate) fn new(t: u64, rates: Rates, dtype: DType) -> StepContext {
        let alpha = run_time_scalar(rates.learning_rate, dtype);
        StepContext { t, alpha, momentum: rates.momentum, dtype, scalars: Scalars::Made }
    }

    /// All run-time scalars that an update asks for, the learning rate first.
    pub(crate) fn scalars_of(t: u64, rates: Rates, dtype: DType, update: impl FnOnce(&StepContext)) -> Vec<Tensor> {
        let alpha = run_time_scalar(rates.learning_rate, dtype);
        let list = Arc::new(Mutex::new(vec![alpha.clone()]));
        let scalars = Scalars::Listed(Arc::clone(&list));
        update(&StepContext { t, alpha, momentum: rates.momentum, dtype, scalars });
        std::mem::take(&mut list.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A context whose run-time scalars are those that [`scalars_of`](StepContext::scalars_of) has found, or stand for them.
    pub(crate) fn with_scalars(t: u64, dtype: DType, scalars: Vec<Tensor>) -> StepContext {
        let mut scalars = scalars.into_iter();
        let alpha = scalars.next().expect("the learning rate is the first");
        // The values are in the scalars, and a plain number is none that changes.
        StepContext { t, alpha, momentum: None, dtype, scalars: Scalars::Given(Arc::new(Mutex::new(scalars))) }
    }

    /// The number of this step: 1 for the first.
    pub fn t(&self) -> u64 {
        self.t
    }

    /// The learning rate α of this step, a run-time scalar of the parameter's element type.
    pub fn alpha(&self) -> &Tensor {
        &self.alpha
    }

    /// The momentum of this step: `own`, unless the schedule [cycles](crate::Schedule::momentum) it. It may differ at the next step, so use it
    /// through [`scalar`](StepContext::scalar) or [`bias_correction`](StepContext::bias_correction).
    pub fn momentum(&self, own: f64) -> f64 {
        self.momentum.unwrap_or(own)
    }

    /// A number that may differ at the next step, as a run-time scalar of the parameter's element type: the plan of the computation does
    /// not depend on its value.
    pub fn scalar(&self, value: f64) -> Tensor {
        match &self.scalars {
            Scalars::Made => run_time_scalar(value, self.dtype),
            Scalars::Listed(list) => {
                let scalar = run_time_scalar(value, self.dtype);
                list.lock().unwrap_or_else(PoisonError::into_inner).push(scalar.clone());
                scalar
            }
            Scalars::Given(scalars) => scalars
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .next()
                .expect("an update rule asks for the same scalars in the same step"),
        }
    }

    /// `1/(1 − βᵗ)`: what a moving average that started at zero is multiplied by to be unbiased (Kingma & Ba 2015, section 3). Computed in
    /// f64, a run-time scalar.
    pub fn bias_correction(&self, beta: f64) -> Tensor {
        self.scalar(1.0 / (1.0 - beta.powf(self.t as f64)))
    }
}

fn run_time_scalar(value: f64, dtype: DType) -> Tensor {
    match dtype {
        DType::F32 => Tensor::scalar(value as f32),
        DType::F64 => Tensor::scalar(value),
        DType::Bool | DType::I64 => unreachable!("only floating-point parameters are accepted"),
    }
}

/// An option of an optimizer, of a schedule or of clipping that is out of its range.
///
/// ```
/// use minimand_optim::{AdamOptions, UpdateRule};
/// let error = AdamOptions { epsilon: -1e-8, ..Default::default() }.validate().unwrap_err();
/// assert_eq!(error.to_string(), "Adam: epsilon is -0.00000001: it must be finite and at least 0");
/// ```
#[derive(Clone, Debug, Error, PartialEq)]
#[error("{owner}: {option} is {value}: it must be {expected}")]
pub struct OptionsError {
    /// What has the option: `Adam`.
    pub owner: &'static str,
    /// The option: `epsilon`.
    pub option: &'static str,
    /// The value it was given.
    pub value: f64,
    /// The values it may have.
    pub expected: &'static str,
}

impl OptionsError {
    /// An error unless the option's value is as expected.
    ///
    /// # Errors
    /// When `holds` is false.
    pub fn unless(
        holds: bool,
        owner: &'static str,
        option: &'static str,
        value: f64,
        expected: &'static str,
    ) -> Result<(), OptionsError> {
        if holds { Ok(()) } else { Err(OptionsError { owner, option, value, expected }) }
    }
}

/// The check of options that are any finite number from 0 on: rates, decays, ε.
pub(crate) fn require_non_negative(owner: &'static str, option: &'static str, value: f64) -> Result<(), OptionsError> {
    OptionsError::unless(value.is_finite() && value >= 0.0, owner, option, value, "finite and at least 0")
}

/// The check of an option that is divided by: in f32 as well it is 0 only if it was given as 0, and it is finite.
pub(crate) fn require_kept(
    owner: &'static str,
    option: &'static str,
    value: f64,
    dtype: DType,
) -> Result<(), OptionsError> {
    let kept = dtype != DType::F32 || value == 0.0 || (value as f32 > 0.0 && (value as f32).is_finite());
    OptionsError::unless(kept, owner, option, value, "neither 0 nor infinite in f32, the type of a parameter")
}

/// The check of options that weigh the past: momentum, β.
pub(crate) fn require_fraction(owner: &'static str, option: &'static str, value: f64) -> Result<(), OptionsError> {
    OptionsError::unless((0.0..1.0).contains(&value), owner, option, value, "at least 0 and below 1")
}
