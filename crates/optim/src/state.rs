//! What an optimizer remembers, as named tensors that can be stored.

use std::collections::BTreeMap;

#[cfg(doc)]
use minimand_tensor::Parameter;
use minimand_tensor::{DType, Tensor};
use thiserror::Error;

use crate::schedule::PlateauState;

/// The name of the count of steps among the named tensors.
const STEPS: &str = "steps";
/// The name of the base learning rates among the named tensors.
const LEARNING_RATES: &str = "learning_rates";

/// The name, among the named tensors, of what a reduction on plateaus remembers.
pub(crate) const PLATEAU: &str = "plateau";

/// All that an optimizer remembers between steps: see [`Optimizer::state`](crate::Optimizer::state).
///
/// Options other than the learning rate (betas, weight decay, schedule, clipping) belong to the program, not to the state.
///
/// ```
/// use minimand_optim::{Optimizer, OptimizerState, Sgd, SgdOptions};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let w = Parameter::new("w", Tensor::from([1.0, 2.0]));
/// let options = SgdOptions { learning_rate: 0.125, momentum: 0.5, ..Default::default() };
/// let mut sgd = Sgd::new([&w], options);
/// sgd.step(&w.value().square().sum())?;
///
/// let stored = sgd.state().into_named_tensors(); // names and tensors, for any file format
/// assert_eq!(stored.keys().collect::<Vec<_>>(), ["learning_rates", "steps", "w.velocity"]);
/// assert_eq!(stored["steps"].to_vec::<i64>(), [1]);
/// assert_eq!(stored["w.velocity"].to_string(), "[2, 4]");
///
/// let mut restored = Sgd::new([&w], options);
/// restored.load_state(&OptimizerState::from_named_tensors(stored)?)?;
/// assert_eq!(restored.steps(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct OptimizerState {
    /// Number of steps taken.
    pub steps: u64,
    /// The base learning rate of each group of parameters, before the schedule.
    pub learning_rates: Vec<f64>,
    /// What [`ReduceOnPlateau`](crate::ReduceOnPlateau) remembers, of an optimizer that has one.
    pub plateau: Option<PlateauState>,
    /// The remembered tensors, as `parameter.state`: `encoder.0.weight.first_moment` for a parameter that a model has
    /// [named](Parameter::named) by its path. Where several parameters have the same name, theirs begin with the parameter's position:
    /// `0.weight.first_moment`.
    pub tensors: BTreeMap<String, Tensor>,
}

impl OptimizerState {
    /// The whole state as tensors: the remembered ones, `steps` (an i64 scalar), `learning_rates` (f64, one for each group), and `plateau` if
    /// there is one (f64, its three numbers).
    pub fn into_named_tensors(self) -> BTreeMap<String, Tensor> {
        let mut tensors = self.tensors;
        tensors.insert(STEPS.to_owned(), Tensor::scalar(self.steps as i64));
        tensors.insert(LEARNING_RATES.to_owned(), Tensor::from(self.learning_rates));
        if let Some(PlateauState { best, without_improvement, cooldown }) = self.plateau {
            tensors.insert(PLATEAU.to_owned(), Tensor::from([best, without_improvement as f64, cooldown as f64]));
        }
        tensors
    }

    /// The state that [`into_named_tensors`](OptimizerState::into_named_tensors) took apart.
    ///
    /// # Errors
    /// When a name occurs twice; when `steps` or `learning_rates` is missing, of another shape or type, or not a count or rates. The
    /// remembered tensors are checked by [`load_state`](crate::Optimizer::load_state), which knows what they must be.
    pub fn from_named_tensors(
        tensors: impl IntoIterator<Item = (String, Tensor)>,
    ) -> Result<OptimizerState, StateError> {
        let mut named = BTreeMap::new();
        for (name, tensor) in tensors {
            if named.contains_key(&name) {
                return Err(StateError::Duplicate { name });
            }
            named.insert(name, tensor);
        }
        let mut take = |name: &str, dtype: DType, rank: usize| {
            let tensor = named.remove(name).ok_or_else(|| StateError::Missing { name: name.to_owned() })?;
            if tensor.dtype() != dtype || tensor.rank() != rank {
                let expected = format!("{dtype} with {rank} axes");
                return Err(StateError::Mismatch { name: name.to_owned(), expected, found: kind(&tensor) });
            }
            Ok(tensor)
        };
        let counted = take(STEPS, DType::I64, 0)?.to_vec::<i64>()[0];
        let learning_rates = take(LEARNING_RATES, DType::F64, 1)?.to_vec::<f64>();
        let steps = u64::try_from(counted).map_err(|_| StateError::Value {
            name: STEPS.to_owned(),
            value: counted.to_string(),
            expected: "at least 0",
        })?;
        check_rates(&learning_rates)?;
        let plateau = named.remove(PLATEAU).map(plateau).transpose()?;
        Ok(OptimizerState { steps, learning_rates, plateau, tensors: named })
    }
}

/// What a reduction on plateaus remembers, from its three numbers.
fn plateau(tensor: Tensor) -> Result<PlateauState, StateError> {
    let name = || PLATEAU.to_owned();
    if tensor.dtype() != DType::F64 || **tensor.shape() != [3] {
        return Err(StateError::Mismatch { name: name(), expected: "f64[3]".to_owned(), found: kind(&tensor) });
    }
    let numbers = tensor.to_vec::<f64>();
    let count = |number: f64| {
        let is_count = number >= 0.0 && number.fract() == 0.0 && number < 2f64.powi(53);
        let expected = "a metric that is not NaN and two counts";
        if is_count && !numbers[0].is_nan() {
            Ok(number as u64)
        } else {
            Err(StateError::Value { name: name(), value: format!("{numbers:?}"), expected })
        }
    };
    let (without_improvement, cooldown) = (count(numbers[1])?, count(numbers[2])?);
    Ok(PlateauState { best: numbers[0], without_improvement, cooldown })
}

/// Why a state does not fit an optimizer.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum StateError {
    /// A tensor that the optimizer needs is not there.
    #[error("optimizer state: \"{name}\" is missing")]
    Missing {
        /// Its name.
        name: String,
    },
    /// A tensor that the optimizer does not know.
    #[error("optimizer state: \"{name}\" is not part of this optimizer")]
    Unexpected {
        /// Its name.
        name: String,
    },
    /// A name that occurs twice.
    #[error("optimizer state: \"{name}\" is given twice")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// A tensor of another shape or element type.
    #[error("optimizer state: \"{name}\" is {found}, and must be {expected}")]
    Mismatch {
        /// Its name.
        name: String,
        /// The element type and shape it must have.
        expected: String,
        /// The element type and shape it has.
        found: String,
    },
    /// A number out of its range.
    #[error("optimizer state: \"{name}\" is {value}, and must be {expected}")]
    Value {
        /// Where the number is.
        name: String,
        /// The number.
        value: String,
        /// What it must be.
        expected: &'static str,
    },
}

/// Element type and shape, as in `f64[3, 2]`.
pub(crate) fn kind(tensor: &Tensor) -> String {
    format!("{}{}", tensor.dtype(), tensor.shape())
}

/// Checks that every learning rate is one.
pub(crate) fn check_rates(rates: &[f64]) -> Result<(), StateError> {
    match rates.iter().find(|rate| !(rate.is_finite() && **rate >= 0.0)) {
        None => Ok(()),
        Some(rate) => Err(StateError::Value {
            name: LEARNING_RATES.to_owned(),
            value: rate.to_string(),
            expected: "finite and at least 0",
        }),
    }
}

/// Checks that there is one learning rate for each of `groups`.
pub(crate) fn check_groups(rates: &[f64], groups: usize) -> Result<(), StateError> {
    if rates.len() == groups {
        return Ok(());
    }
    Err(StateError::Mismatch {
        name: LEARNING_RATES.to_owned(),
        expected: format!("f64[{groups}], one for each group"),
        found: format!("f64[{}]", rates.len()),
    })
}
