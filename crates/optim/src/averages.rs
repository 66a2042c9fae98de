//! Averages of weights over the steps of a training.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashSet};

use minimand_tensor::{DType, Parameter, Tensor, eval};

use crate::rule::{OptionsError, require_fraction};
use crate::state::{StateError, kind};

/// Averages that follow the parameters of a model: an exponential moving average (EMA), or the equal-weight average of stochastic weight
/// averaging (SWA). They often predict better than the last weights.
///
/// Call [`update`](AveragedWeights::update) after each step, or for SWA after each epoch of the last part of the training. To use the averages,
/// [`swap`](AveragedWeights::swap) them with the parameters' values and swap back, or evaluate [`with`](AveragedWeights::with) them. Layers
/// that keep running statistics, such as batch normalization, must see the data again with the averages in place.
///
/// ```
/// use minimand_optim::{AveragedWeights, Averaging, Optimizer, Sgd, SgdOptions};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let w = Parameter::new("w", Tensor::from([4.0]));
/// let mut sgd = Sgd::new([&w], SgdOptions { learning_rate: 1.0, ..Default::default() });
/// let mut ema = AveragedWeights::new(sgd.parameters(), Averaging::Exponential { decay: 0.5, warmup: false });
/// for _ in 0..2 {
///     sgd.step(&w.value().sum())?; // w is 3, then 2
///     ema.update();
/// }
/// assert_eq!(ema.with(|| w.value().item()), 2.75);
/// assert_eq!(w.value().item(), 2.0);
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
///
/// Papers: B. Polyak, A. Juditsky, *Acceleration of stochastic approximation by averaging*, 1992. P. Izmailov et al., *Averaging weights leads
/// to wider optima and better generalization*, UAI 2018, Algorithm 1.
#[doc(alias = "AveragedModel")]
#[doc(alias = "ExponentialMovingAverage")]
#[doc(alias = "EMA")]
#[doc(alias = "SWA")]
#[derive(Debug)]
pub struct AveragedWeights {
    parameters: Vec<Parameter>,
    averages: Vec<Tensor>,
    averaging: Averaging,
    updates: u64,
}

/// How [`AveragedWeights`] weigh the values of the parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Averaging {
    /// `a ← d a + (1 − d) θ`, starting from the values at the beginning.
    Exponential {
        /// d, at least 0 and below 1; usual 0.99 to 0.9999. The average reaches back about 1/(1 − d) updates.
        decay: f64,
        /// The t-th update uses `min(d, (1 + t)/(10 + t))`, so that the values at the beginning are soon forgotten; as TensorFlow's
        /// `num_updates`.
        warmup: bool,
    },
    /// `a ← a + (θ − a)/t` at the t-th update: the mean of the values at the updates.
    Equal,
}

impl Averaging {
    /// Checks the decay.
    ///
    /// # Errors
    /// When it is out of its range.
    pub fn validate(self) -> Result<(), OptionsError> {
        match self {
            Averaging::Exponential { decay, .. } => require_fraction("AveragedWeights", "decay", decay),
            Averaging::Equal => Ok(()),
        }
    }

    /// How much of the average is kept at an update, 1 for the first.
    fn kept(self, update: u64) -> f64 {
        let t = update as f64;
        match self {
            Averaging::Exponential { decay, warmup: true } => decay.min((1.0 + t) / (10.0 + t)),
            Averaging::Exponential { decay, warmup: false } => decay,
            Averaging::Equal => (t - 1.0) / t,
        }
    }
}

/// The name of the count of updates among the named tensors.
const UPDATES: &str = "updates";
/// What the names of the averages begin with among the named tensors.
const PREFIX: &str = "averages.";

impl AveragedWeights {
    /// Averages of these parameters, which start as their present values.
    ///
    /// # Panics
    /// When a parameter is not floating point, two have the same name, or the decay is out of its range.
    #[track_caller]
    pub fn new<P: Borrow<Parameter>>(parameters: impl IntoIterator<Item = P>, averaging: Averaging) -> AveragedWeights {
        if let Err(error) = averaging.validate() {
            panic!("{error}");
        }
        let parameters: Vec<Parameter> = parameters.into_iter().map(|parameter| parameter.borrow().clone()).collect();
        let mut names = HashSet::new();
        for parameter in &parameters {
            let (name, value) = (parameter.name(), parameter.value());
            let found = kind(&value);
            assert!(value.dtype().is_float(), "AveragedWeights: parameter \"{name}\" is {found}: it has no average");
            assert!(
                names.insert(name),
                "AveragedWeights: two parameters are called \"{name}\": give them names of their own (Parameter::named)"
            );
        }
        let averages = parameters.iter().map(|parameter| parameter.value().detach()).collect();
        AveragedWeights { averages, parameters, averaging, updates: 0 }
    }

    /// Takes the parameters' present values into the averages.
    pub fn update(&mut self) {
        let kept = self.averaging.kept(self.updates + 1);
        let averages: Vec<Tensor> = self
            .averages
            .iter()
            .zip(&self.parameters)
            .map(|(average, parameter)| {
                // A run-time scalar: the plan does not depend on it.
                let kept = Tensor::scalar(kept).cast(average.dtype());
                let rest = 1.0 - &kept;
                kept * average + rest * parameter.value()
            })
            .collect();
        eval(&averages);
        self.averages = averages.iter().map(Tensor::detach).collect();
        self.updates += 1;
    }

    /// How many updates there have been.
    pub fn updates(&self) -> u64 {
        self.updates
    }

    /// The averages, in the order of the parameters.
    pub fn averages(&self) -> &[Tensor] {
        &self.averages
    }

    /// Exchanges the averages and the parameters' values; a second time restores both.
    pub fn swap(&mut self) {
        for (average, parameter) in self.averages.iter_mut().zip(&self.parameters) {
            let value = parameter.value().detach();
            parameter.set(std::mem::replace(average, value));
        }
    }

    /// What `function` gives with the averages in place of the parameters' values, which are restored afterwards, also when it panics. What it
    /// gives keeps reading the averages, even if it is computed later.
    pub fn with<T>(&mut self, function: impl FnOnce() -> T) -> T {
        struct Swapped<'a>(&'a mut AveragedWeights);
        impl Drop for Swapped<'_> {
            fn drop(&mut self) {
                self.0.swap();
            }
        }
        self.swap();
        let _back = Swapped(self);
        function()
    }

    /// Gives the parameters the averages as their values, for good.
    pub fn copy_to_parameters(&self) {
        for (average, parameter) in self.averages.iter().zip(&self.parameters) {
            parameter.set(average.clone());
        }
    }

    /// The averages as named tensors, `averages.NAME` for each parameter, and `updates`: to be stored beside the parameters and the state of the
    /// optimizer.
    pub fn state(&self) -> BTreeMap<String, Tensor> {
        let named = self.parameters.iter().zip(&self.averages);
        let mut state: BTreeMap<String, Tensor> =
            named.map(|(parameter, average)| (format!("{PREFIX}{}", parameter.name()), average.clone())).collect();
        state.insert(UPDATES.to_owned(), Tensor::scalar(self.updates as i64));
        state
    }

    /// Takes over what [`state`](AveragedWeights::state) gave.
    ///
    /// # Errors
    /// When a tensor is missing, unknown, or of another shape or element type; the error names it, and nothing has changed.
    pub fn load_state(&mut self, state: &BTreeMap<String, Tensor>) -> Result<(), StateError> {
        let mut unknown: HashSet<&String> = state.keys().collect();
        let mut take = |name: String, expected: String| {
            let Some((name, tensor)) = state.get_key_value(&name) else { return Err(StateError::Missing { name }) };
            if kind(tensor) != expected {
                return Err(StateError::Mismatch { name: name.clone(), expected, found: kind(tensor) });
            }
            unknown.remove(name);
            Ok(tensor.clone())
        };
        let count = take(UPDATES.to_owned(), format!("{}[]", DType::I64))?.to_vec::<i64>()[0];
        let updates = u64::try_from(count).map_err(|_| StateError::Value {
            name: UPDATES.to_owned(),
            value: count.to_string(),
            expected: "at least 0",
        })?;
        let named = self.parameters.iter().zip(&self.averages);
        let averages: Vec<Tensor> = named
            .map(|(parameter, average)| take(format!("{PREFIX}{}", parameter.name()), kind(average)))
            .collect::<Result<_, _>>()?;
        if let Some(name) = unknown.into_iter().min() {
            return Err(StateError::Unexpected { name: name.clone() });
        }
        eval(&averages);
        self.averages = averages.iter().map(Tensor::detach).collect();
        self.updates = updates;
        Ok(())
    }
}
