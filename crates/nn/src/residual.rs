//! Residual composition: a module that is added to its input.

use minimand_tensor::Tensor;

use crate::module::{Module, Parts};
use crate::summary::{apply, noted};

/// `inner(x) + x`, or `inner(x) + shortcut(x)` where the inner module changes the shape. He et al. 2016, "Deep residual learning for image recognition",
/// equations 1 and 2.
///
/// The parts are called `inner` and `shortcut`.
///
/// ```
/// use minimand_nn::{Activation, BatchNorm, Conv2d, Conv2dOptions, Module, Residual, Sequential};
/// use minimand_tensor::{Rng, Tensor};
///
/// let mut rng = Rng::seed(7);
/// let halved = Conv2dOptions { stride: [2, 2], padding: [1, 1], ..Default::default() };
/// let same = Conv2dOptions { padding: [1, 1], ..Default::default() };
/// let inner = Sequential::new()
///     .then(Conv2d::with_options(16, 32, [3, 3], halved, &mut rng))
///     .then(BatchNorm::new(32))
///     .then(Activation::Relu)
///     .then(Conv2d::with_options(32, 32, [3, 3], same, &mut rng))
///     .then(BatchNorm::new(32));
/// let shortcut = Conv2d::with_options(16, 32, [1, 1], Conv2dOptions { stride: [2, 2], ..Default::default() }, &mut rng);
/// let block = Residual::new(inner).with_shortcut(shortcut);
/// assert_eq!(block.forward(&Tensor::zeros([2, 16, 8, 8])).shape().to_string(), "[2, 32, 4, 4]");
/// assert_eq!(block.named_parameters()[8].0, "shortcut.weight");
/// ```
///
/// A clone is an independent copy, if the modules inside say how they are [copied](Module::clone_boxed).
#[doc(alias("skip_connection", "ResNet"))]
#[derive(Clone)]
pub struct Residual {
    inner: Box<dyn Module>,
    shortcut: Option<Box<dyn Module>>,
}

impl Residual {
    /// A module to which its input is added.
    pub fn new(inner: impl Module + 'static) -> Residual {
        Residual { inner: Box::new(inner), shortcut: None }
    }

    /// With a module through which the input goes before it is added.
    #[must_use]
    pub fn with_shortcut(self, shortcut: impl Module + 'static) -> Residual {
        Residual { shortcut: Some(Box::new(shortcut)), ..self }
    }
}

impl Module for Residual {
    /// # Panics
    /// When what is added has another shape than the inner module's output.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        let inner = apply(&*self.inner, input);
        let beside = match &self.shortcut {
            Some(shortcut) => apply(&**shortcut, input),
            None => input.clone(),
        };
        // No broadcasting: it would hide a layer that is missing.
        assert!(
            inner.shape() == beside.shape(),
            "residual: the inner module gives {} and {} {}",
            inner.shape(),
            if self.shortcut.is_some() { "the shortcut" } else { "the input is" },
            beside.shape()
        );
        noted(self, inner + beside)
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        parts.module("inner", &*self.inner);
        if let Some(shortcut) = &self.shortcut {
            parts.module("shortcut", &**shortcut);
        }
    }

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}
