//! Groups of parameters that follow different rules.

use crate::descent::Descent;
use crate::rule::UpdateRule;

/// An optimizer whose groups follow rules of different kinds: [`Muon`](crate::Muon) for matrices and [`AdamW`](crate::AdamW) for the rest.
///
/// It is one optimizer: one evaluation per step, which happens whole or not at all, one schedule, clipping over all gradients, one state.
/// Each group has the learning rate of its own rule.
///
/// ```
/// use minimand_optim::{AdamWOptions, Mixed, MuonOptions, Optimizer};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let weight = Parameter::new("weight", Tensor::from([[1.0, 0.5], [-0.5, 2.0]]));
/// let bias = Parameter::new("bias", Tensor::from([1.0, 1.0]));
/// let mut optimizer = Mixed::new([&weight], Box::new(MuonOptions { learning_rate: 0.02, ..Default::default() }))
///     .with_group([&bias], Box::new(AdamWOptions::default()));
///
/// let x = Tensor::from([[1.0, 2.0], [3.0, -1.0]]);
/// let step = optimizer.step(&(x.matmul(&weight.value()) + bias.value()).square().mean())?;
/// assert_eq!(step.number(), 1);
/// let remembered: Vec<String> = optimizer.state().tensors.into_keys().collect();
/// assert_eq!(remembered, ["bias.first_moment", "bias.second_moment", "weight.velocity"]);
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
pub type Mixed = Descent<Box<dyn UpdateRule>>;
