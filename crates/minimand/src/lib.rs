//! *minimand*, noun: the quantity being minimised.
//!
//! Write a loss as its formula. Its gradient, of any order, is derived for you.
//!
//! # What there is
//!
//! - **Losses** (`minimand::loss`), 375 of them, each one per element, example, list or batch, never reduced: regression, likelihoods,
//!   survival, classification, label noise, ordinal classes, calibration, risk, ranking, preferences, embeddings, proxies, self-supervision,
//!   divergences, transport, generative and adversarial models, sequences, images, segmentation, detection. The documentation of each says
//!   its formula, its gradient, which statistic of the data it estimates, when it misleads, and its paper; `minimand::loss::catalog()` has
//!   all of them as data, to be found and computed by name.
//! - **Tensors** (`minimand::tensor`): lazy, f32, f64, i64 and bool, NumPy broadcasting, reverse-mode derivatives of any order,
//!   Hessian-vector products, Jacobians and Hessians, and a finite-difference checker for your own losses.
//! - **Optimizers** (`minimand::optim`): SGD, Adam, AdamW, RMSprop, Adagrad, Adadelta, Adamax, NAdam, RAdam, Lion, LAMB, Muon, with rules mixed
//!   by group; L-BFGS and Newton's method; PyTorch's schedules, clipping, accumulation, SAM, averages of weights, exact save and restore; a step
//!   happens whole or not at all; `CompiledStep` traces one once and replays it.
//! - **Layers** (`minimand::nn`): linear, convolution and pooling of pictures, activations, dropout, ways to compose them, initialisers,
//!   batches, checkpoints in the safetensors format.
//! - **Data** (`minimand::data`, with the feature `data`, a default): IDX, `.npy` and `.npz` files; splits and folds by strata, group and time;
//!   standardisation fitted on the training rows; metrics, with weights. With the feature `ndarray`, tensors from arrays of that crate.

pub mod guide;

#[cfg(feature = "data")]
pub use minimand_data as data;
pub use minimand_loss as loss;
pub use minimand_nn as nn;
pub use minimand_optim as optim;
pub use minimand_tensor as tensor;

/// Everything that is needed to build and train a model: `use minimand::prelude::*`.
pub mod prelude {
    pub use minimand_loss::*;
    pub use minimand_nn::*;
    pub use minimand_optim::*;
    pub use minimand_tensor::{
        DType, Index, Operand, Parameter, Rng, Shape, Tensor, compile, eval, explain_plan, grad, value_and_grad,
    };
}
