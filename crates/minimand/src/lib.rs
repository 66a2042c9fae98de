//! *minimand*, noun: the quantity being minimised.
//!
//! Write a loss as its formula. Its gradient, of any order, is derived for you.
//!
//! # What there is
//!
//! - **Losses** (`minimand::loss`), each one per example or element, never reduced: `squared_error`, `absolute_error`, `huber`,
//!   `smooth_l1`, `log_cosh`, `quantile`, `quantiles`; `binary_cross_entropy_with_logits` (and weighted), `cross_entropy` with labels
//!   or probabilities, class weights, ignored labels and label smoothing, `negative_log_likelihood`, `binary_focal`,
//!   `categorical_focal`; `kl_divergence`, `gaussian_nll` by variance or log-variance, `poisson_nll` by rate or log-rate,
//!   `gaussian_kl_to_standard_normal`; `contrastive`, `triplet_margin`, `batch_hard_triplet`, `info_nce` (one way and symmetric), `nt_xent`;
//!   `pairwise_logistic` (mean or sum over pairs), `list_net`, `ranking_softmax`, `approx_ndcg`. The documentation of each says its formula, its gradient, which
//!   statistic of the data it estimates, when it misleads, and its paper.
//! - **Tensors** (`minimand::tensor`): lazy, f32, f64, i64 and bool, NumPy broadcasting, reverse-mode derivatives of any order,
//!   Hessian-vector products, Jacobians and Hessians, and a finite-difference checker for your own losses.
//! - **Optimizers** (`minimand::optim`): SGD, Adam, AdamW; schedules, clipping, exact save and restore; a step happens whole or not at all;
//!   `CompiledStep` traces one once and replays it.
//! - **Layers** (`minimand::nn`): linear, convolution and pooling of pictures, activations, dropout, ways to compose them, initialisers,
//!   batches, checkpoints in the safetensors format.

pub mod guide;

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
