//! Sharpness-aware minimization.

use minimand_tensor::{DType, Parameter, Tensor, eval};

use crate::clip::global_norm;
use crate::optimizer::Optimizer;
use crate::rule::{OptionsError, require_non_negative};
use crate::step::{Step, StepError};

/// Sharpness-aware minimization over any optimizer: its step, with the gradient taken where the loss is greatest nearby.
///
/// With g the gradient at θ, over all parameters together, and radius ρ:
///
/// ```text
/// e = ρ g / ‖g‖                             SAM
/// e = ρ T² g / ‖T g‖,  T = |θ| + η          ASAM: each entry's reach in proportion to its size
/// θ ← the optimizer's step at θ, from the gradient at θ + e
/// ```
///
/// It looks for minima around which the loss stays low, which often generalise better, at the price of two gradients per step. The loss is
/// therefore a function, called once at θ and once at θ + e; afterwards, and also when the step is refused, the parameters are not at
/// θ + e any more. Where the gradient is 0, so is e.
///
/// ```
/// use minimand_optim::{Sam, SamOptions, Sgd, SgdOptions};
/// use minimand_tensor::{DType, Parameter, Tensor};
///
/// let w = Parameter::new("w", Tensor::from([3.0, 4.0]));
/// let sgd = Sgd::new([&w], SgdOptions { learning_rate: 0.25, ..Default::default() });
/// let mut sam = Sam::new(sgd, SamOptions { radius: 0.5, ..Default::default() });
/// let step = sam.step(|| w.value().square().sum())?; // the gradient at [3.3, 4.4] is [6.6, 8.8]
/// assert_eq!(step.loss(), 25.0);
/// assert_eq!(format!("{:.6}", w.value()), "[1.350000, 1.800000]");
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
///
/// Papers: P. Foret, A. Kleiner, H. Mobahi, B. Neyshabur, *Sharpness-aware minimization for efficiently improving generalization*, ICLR 2021,
/// Algorithm 1 and equation 2 (p = 2). J. Kwon, J. Kim, H. Park, I. Choi, *ASAM: adaptive sharpness-aware minimization*, ICML 2021,
/// Algorithm 1.
#[doc(alias = "ASAM")]
#[derive(Debug)]
pub struct Sam<O> {
    optimizer: O,
    options: SamOptions,
}

/// Options of [`Sam`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SamOptions {
    /// ρ, at least 0. Default 0.05, the paper's; with `adaptive` usual 0.5 to 2.
    #[doc(alias = "rho")]
    pub radius: f64,
    /// ASAM instead of SAM. Default no.
    pub adaptive: bool,
    /// η of ASAM, at least 0. Default 0.01, the paper's.
    pub eta: f64,
}

impl Default for SamOptions {
    fn default() -> SamOptions {
        SamOptions { radius: 0.05, adaptive: false, eta: 0.01 }
    }
}

impl SamOptions {
    /// Checks the options.
    ///
    /// # Errors
    /// Names the first that is out of its range.
    pub fn validate(&self) -> Result<(), OptionsError> {
        require_non_negative("Sam", "radius", self.radius)?;
        require_non_negative("Sam", "eta", self.eta)
    }

    /// e for each parameter.
    #[track_caller]
    fn ascent(&self, gradients: &[Tensor], values: &[Tensor]) -> Vec<Tensor> {
        let reach = |value: &Tensor| if self.adaptive { value.abs() + self.eta } else { value.ones_like() };
        let scaled: Vec<Tensor> = gradients.iter().zip(values).map(|(g, value)| reach(value) * g).collect();
        let norm = global_norm(&scaled);
        let norm = norm.eq(0.0).select(1.0, norm);
        let unit = |g: &Tensor| (g.cast(DType::F64) / &norm).cast(g.dtype());
        scaled.iter().zip(values).map(|(g, value)| self.radius * reach(value) * unit(g)).collect()
    }
}

impl<O: Optimizer> Sam<O> {
    /// Sharpness-aware steps of this optimizer.
    ///
    /// # Panics
    /// When an option is out of its range.
    #[track_caller]
    pub fn new(optimizer: O, options: SamOptions) -> Sam<O> {
        if let Err(error) = options.validate() {
            panic!("{error}");
        }
        Sam { optimizer, options }
    }

    /// One step. The loss is built anew from the parameters' values of the time at each of its two calls; the step reports the first.
    ///
    /// # Errors
    /// As [`Optimizer::step`]: when the step is refused, nothing has changed.
    ///
    /// # Panics
    /// As [`Optimizer::step`]; also then the parameters have their values back.
    #[track_caller]
    pub fn step(&mut self, loss: impl Fn() -> Tensor) -> Result<Step, StepError> {
        let first = loss();
        let gradients = self.optimizer.gradients(&first)?;
        let mut parameters = self.optimizer.parameters();
        parameters.retain(|parameter| !parameter.is_frozen());
        let values: Vec<Tensor> = parameters.iter().map(Parameter::value).collect();
        let ascent = self.options.ascent(&gradients, &values);
        let reached: Vec<Tensor> = values.iter().zip(&ascent).map(|(value, e)| value + e).collect();
        eval(reached.iter().chain([&first]));
        let gradients = {
            let _back = Restored { parameters: &parameters, values: &values };
            for (parameter, value) in parameters.iter().zip(reached) {
                parameter.set(value);
            }
            self.optimizer.gradients(&loss())?
        };
        self.optimizer.step_with(&first, &gradients)
    }

    /// The optimizer: its learning rate, its state, its parameters.
    pub fn optimizer(&self) -> &O {
        &self.optimizer
    }

    /// The optimizer, to set its learning rate or to load a state.
    pub fn optimizer_mut(&mut self) -> &mut O {
        &mut self.optimizer
    }

    /// The optimizer by itself.
    pub fn into_optimizer(self) -> O {
        self.optimizer
    }
}

/// Gives parameters their values back when it is dropped, however that comes about.
struct Restored<'a> {
    parameters: &'a [Parameter],
    values: &'a [Tensor],
}

impl Drop for Restored<'_> {
    fn drop(&mut self) {
        for (parameter, value) in self.parameters.iter().zip(self.values) {
            parameter.set(value.clone());
        }
    }
}
