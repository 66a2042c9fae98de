//! Schedules that are functions of one's own.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// A function from the number of steps taken before to a factor, with a name. [`Schedule::custom`](crate::Schedule::custom) and
/// [`Schedule::multiplicative`](crate::Schedule::multiplicative) make it. Two are equal when one is a clone of the other.
#[derive(Clone)]
pub struct CustomSchedule {
    name: Arc<str>,
    function: Arc<dyn Fn(u64) -> f64 + Send + Sync>,
    /// A step and the product of the factors up to it: training goes forward from there.
    reached: Arc<Mutex<(u64, f64)>>,
}

impl CustomSchedule {
    pub(super) fn new(name: &str, function: impl Fn(u64) -> f64 + Send + Sync + 'static) -> CustomSchedule {
        CustomSchedule { name: name.into(), function: Arc::new(function), reached: Arc::new(Mutex::new((0, 1.0))) }
    }

    /// The name it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    #[track_caller]
    pub(super) fn factor(&self, step: u64) -> f64 {
        let factor = (self.function)(step);
        assert!(
            factor.is_finite() && factor >= 0.0,
            "Schedule: \"{}\" is {factor} at step {step}: it must be finite and at least 0",
            self.name
        );
        factor
    }

    /// The product of the factors of the steps 1 to `step`.
    #[track_caller]
    pub(super) fn product(&self, step: u64) -> f64 {
        let (before, product) = *self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        let (before, product) = if before <= step { (before, product) } else { (0, 1.0) };
        let product = (before + 1..=step).fold(product, |product, step| product * self.factor(step));
        *self.reached.lock().unwrap_or_else(PoisonError::into_inner) = (step, product);
        product
    }
}

impl PartialEq for CustomSchedule {
    fn eq(&self, other: &CustomSchedule) -> bool {
        Arc::ptr_eq(&self.function, &other.function)
    }
}

impl fmt::Debug for CustomSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.name)
    }
}
