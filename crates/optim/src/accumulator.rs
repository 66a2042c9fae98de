//! Gradient accumulation: a step on a batch that is too large to be computed at once.

use minimand_tensor::{DType, Tensor, eval, find_non_finite};

use crate::optimizer::Optimizer;
use crate::step::{Found, Step, StepError};

/// Gradients added up over several small batches, for one step as on the large batch of them all.
///
/// For losses lᵢ with weights wᵢ the step is that of `Σ wᵢ lᵢ / Σ wᵢ`. Where lᵢ is the mean over a batch, wᵢ is its number of examples, or 1
/// for all if they are equally large. Each addition is computed at once, so that the graph of no batch outlives it.
///
/// ```
/// use minimand_optim::{Accumulator, Optimizer, Sgd, SgdOptions, StepError};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let w = Parameter::new("w", Tensor::from(0.0));
/// let mut sgd = Sgd::new([&w], SgdOptions { learning_rate: 0.5, ..Default::default() });
/// let mut accumulator = Accumulator::new();
/// for batch in [Tensor::from([1.0, 2.0]), Tensor::from([6.0])] {
///     let loss = (w.value() - &batch).square().mean();
///     accumulator.add(&sgd, &loss, batch.elements() as f64)?;
/// }
/// accumulator.step(&mut sgd)?; // the gradient is 2 (w - 3)
/// assert_eq!(w.value().item(), 3.0);
/// # Ok::<(), StepError>(())
/// ```
#[doc(alias = "accumulate_grad_batches")]
#[doc(alias = "MultiSteps")]
#[derive(Clone, Debug, Default)]
pub struct Accumulator {
    /// Σ wᵢ ∇lᵢ, then Σ wᵢ lᵢ; nothing before the first addition.
    sums: Vec<Tensor>,
    weight: f64,
    count: usize,
    /// The values of the parameters that the gradients were taken at.
    at: Vec<u64>,
    /// What made the first number not finite, if one is.
    found: Found,
}

impl Accumulator {
    /// Nothing added up yet.
    pub fn new() -> Accumulator {
        Accumulator::default()
    }

    /// Adds a loss and its gradients with respect to the optimizer's parameters.
    ///
    /// # Errors
    /// When the loss depends on none of the parameters, as in [`Optimizer::step`]; nothing is added then. What is not finite is refused by the
    /// step.
    ///
    /// # Panics
    /// When the weight is not a finite number above 0; when the parameters have been given other values since the first addition.
    #[track_caller]
    pub fn add<O: Optimizer + ?Sized>(&mut self, optimizer: &O, loss: &Tensor, weight: f64) -> Result<(), StepError> {
        assert!(weight.is_finite() && weight > 0.0, "Accumulator: a weight is {weight}: it must be finite and above 0");
        let mut gradients = optimizer.gradients(loss)?;
        let parameters = optimizer.parameters();
        let trained = parameters.iter().filter(|parameter| !parameter.is_frozen());
        let at: Vec<u64> = trained.map(|parameter| parameter.value().id()).collect();
        assert!(
            self.count == 0 || self.at == at,
            "Accumulator: the parameters are others, or have other values, than at the first addition: take the step first"
        );
        gradients.push(loss.clone());
        if self.count == 0 {
            // Zeros, so that the first addition has the plan of the others.
            self.sums = gradients.iter().map(Tensor::zeros_like).collect();
            eval(&self.sums);
        }
        let weighted = |(sum, term): (&Tensor, &Tensor)| sum + scalar(weight, term.dtype()) * term;
        let sums: Vec<Tensor> = self.sums.iter().zip(&gradients).map(weighted).collect();
        // Finite exactly when all entries are, and computed in the pass that adds.
        let flaw =
            sums.iter().map(|sum| sum.cast(DType::F64).sum()).reduce(|all, sum| all + sum).expect("the loss is there");
        eval(sums.iter().chain([&flaw]));
        if self.found.is_none() && !flaw.item().is_finite() {
            // Now, as what is added up does not know what it was made of.
            self.found = find_non_finite([loss].into_iter().chain(&gradients)).map(Box::new);
        }
        self.sums = sums.iter().map(Tensor::detach).collect();
        self.weight += weight;
        self.count += 1;
        self.at = at;
        Ok(())
    }

    /// How many losses have been added since the last step.
    pub fn count(&self) -> usize {
        self.count
    }

    /// One step of the optimizer on the weighted mean. Whether it is taken or refused, nothing is added up afterwards.
    ///
    /// # Errors
    /// As [`Optimizer::step_with`].
    ///
    /// # Panics
    /// When nothing has been added, or for another optimizer.
    #[track_caller]
    pub fn step<O: Optimizer + ?Sized>(&mut self, optimizer: &mut O) -> Result<Step, StepError> {
        assert!(self.count > 0, "Accumulator: no loss has been added since the last step");
        let share = 1.0 / self.weight;
        let mean = |sum: &Tensor| scalar(share, sum.dtype()) * sum;
        let mut means: Vec<Tensor> = self.sums.iter().map(mean).collect();
        let found = std::mem::take(self).found;
        let loss = means.pop().expect("the loss is the last");
        let taken = optimizer.step_with(&loss, &means);
        if found.is_some() { taken.map_err(|error| error.found_by(|| found)) } else { taken }
    }
}

/// A number that differs from time to time, in the type of what it multiplies: the plan does not depend on it.
fn scalar(value: f64, dtype: DType) -> Tensor {
    if dtype == DType::F32 { Tensor::scalar(value as f32) } else { Tensor::scalar(value) }
}
