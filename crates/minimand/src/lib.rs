//! *minimand*, noun: the quantity being minimised.
//!
//! Write a loss as its formula. Its gradient, of any order, is derived for you.

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
