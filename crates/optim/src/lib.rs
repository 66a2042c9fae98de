//! Optimizers, learning-rate schedules and gradient clipping.
//!
//! An optimizer is its paper's update rule, written over tensors; the gradient, the run-time numbers and the evaluation are one shared
//! driver's work. [`Optimizer::step`] takes the loss, and computes the loss, its gradients, the new parameters and the new state in one
//! evaluation. It does all of it or nothing: a step that meets a number that is not finite changes no parameter.
//!
//! ```
//! use minimand_optim::{Adam, AdamOptions, Optimizer, Schedule};
//! use minimand_tensor::{Parameter, Tensor};
//!
//! // Fit y = 2x + 1.
//! let x = Tensor::from([-1.0, 0.0, 1.0, 2.0]);
//! let y = Tensor::from([-1.0, 1.0, 3.0, 5.0]);
//! let (slope, offset) = (Parameter::new("slope", 0.0.into()), Parameter::new("offset", 0.0.into()));
//!
//! let mut adam = Adam::new([&slope, &offset], AdamOptions { learning_rate: 0.1, ..Default::default() })
//!     .with_schedule(Schedule::Cosine { period: 300, minimum: 0.0 });
//! for _ in 0..300 {
//!     let loss = (slope.value() * &x + offset.value() - &y).square().mean();
//!     adam.step(&loss)?;
//! }
//! assert_eq!(format!("{:.4} {:.4}", slope.value(), offset.value()), "2.0000 1.0000");
//! # Ok::<(), minimand_optim::StepError>(())
//! ```
//!
//! | Optimizer | Update rule | Paper |
//! |---|---|---|
//! | [`Sgd`] | gradient, momentum, Nesterov momentum | Sutskever et al. 2013 |
//! | [`Adam`] | gradient over the root of its mean square; AMSGrad | Kingma & Ba 2015; Reddi et al. 2018 |
//! | [`AdamW`] | Adam with decoupled weight decay | Loshchilov & Hutter 2019 |
//! | [`RmsProp`] | gradient over the root of its mean square or variance; momentum | Tieleman & Hinton 2012; Graves 2013 |
//! | [`Adagrad`] | gradient over the root of the sum of its squares | Duchi et al. 2011 |
//! | [`Adadelta`] | mean square of the steps over that of the gradients | Zeiler 2012 |
//! | [`Adamax`] | averaged gradient over its greatest magnitude | Kingma & Ba 2015 |
//! | [`NAdam`] | Adam with Nesterov momentum | Dozat 2016 |
//! | [`RAdam`] | Adam with a rectified start | Liu et al. 2020 |
//! | [`Lion`] | sign of the averaged gradient | Chen et al. 2023 |
//! | [`Lamb`] | Adam's direction, as long as a share of the parameter | You et al. 2020 |
//! | [`Muon`] | for matrices: momentum with singular values near 1 | Jordan et al. 2024 |
//! | [`Mixed`] | groups with different rules, stepping as one | |
//!
//! For a loss that is the same at every call, without batches: [`Lbfgs`] (Liu & Nocedal 1989) and [`Newton`] minimise it outright.
//!
//! Around a step: [`Accumulator`] adds gradients up over several batches, [`Sam`] looks for flat minima with any of them,
//! [`AveragedWeights`] follow the parameters.
//!
//! One of your own is an [`UpdateRule`]: its formula, and the names of what it remembers.

mod accumulator;
mod adadelta;
mod adagrad;
mod adam;
mod adamax;
mod adamw;
mod averages;
mod clip;
mod compiled;
mod curvature;
mod descent;
mod lamb;
mod lion;
mod minimise;
mod mixed;
mod muon;
mod nadam;
mod optimizer;
mod proposal;
mod radam;
mod recipe;
mod rmsprop;
mod rule;
mod sam;
mod schedule;
mod sgd;
mod state;
mod step;

pub use accumulator::Accumulator;
pub use adadelta::{Adadelta, AdadeltaOptions};
pub use adagrad::{Adagrad, AdagradOptions};
pub use adam::{Adam, AdamOptions};
pub use adamax::{Adamax, AdamaxOptions};
pub use adamw::{AdamW, AdamWOptions};
pub use averages::{AveragedWeights, Averaging};
pub use clip::{Clipping, clip_by_global_norm, clip_by_value, global_norm};
pub use compiled::CompiledStep;
pub use curvature::hessian_vector_product;
pub use descent::Descent;
pub use lamb::{Lamb, LambOptions};
pub use lion::{Lion, LionOptions};
pub use minimise::{Lbfgs, LbfgsOptions, LineSearch, Minimum, Newton, NewtonOptions, Stopped};
pub use mixed::Mixed;
pub use muon::{Muon, MuonOptions, MuonScale};
pub use nadam::{NAdam, NAdamOptions};
pub use optimizer::Optimizer;
pub use radam::{RAdam, RAdamOptions};
pub use rmsprop::{RmsProp, RmsPropOptions};
pub use rule::{OptionsError, StepContext, Update, UpdateRule};
pub use sam::{Sam, SamOptions};
pub use schedule::{
    CustomSchedule, Cyclic, CyclicShape, OneCycle, PlateauState, PlateauThreshold, ReduceOnPlateau, Schedule,
};
pub use sgd::{Sgd, SgdOptions};
pub use state::{OptimizerState, StateError};
pub use step::{Found, NonFinite, Step, StepError};
