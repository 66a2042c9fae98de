//! Pictures as rows: what comes after pooling.

use minimand_tensor::{Shape, Tensor};

use crate::module::{Module, Parts};

/// All axes but the first as one: `[batch, channels, height, width]` to `[batch, channels · height · width]`, for a
/// [`Linear`](crate::Linear) layer after the convolutions.
///
/// ```
/// use minimand_nn::{Flatten, Module};
/// use minimand_tensor::Tensor;
///
/// assert_eq!(Flatten.forward(&Tensor::zeros([5, 32, 7, 7])).shape().to_string(), "[5, 1568]");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flatten;

impl Module for Flatten {
    /// # Panics
    /// When the input has fewer than two axes.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        assert!(input.rank() >= 2, "flatten: input {} must be [batch, …]", input.shape());
        let (batch, rest) = input.shape().split_at(1);
        input.reshape(Shape::from([batch[0], rest.iter().product()]))
    }

    fn parts<'a>(&'a self, _parts: &mut Parts<'a>) {}

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(*self))
    }
}
