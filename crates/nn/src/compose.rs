//! Modules made of modules: one after another, boxed, shared; and plain functions as modules.

use std::sync::Arc;

use minimand_tensor::Tensor;

use crate::module::{Module, Parts};
use crate::summary::{Identity, apply, noted};

/// Modules applied one after another. Their names are their numbers: `0.weight`, `2.bias`.
///
/// A tuple of modules does the same where their number is fixed: `(linear, Activation::Relu, other)`.
///
/// ```
/// use minimand_nn::{Activation, Dropout, Linear, Module, Sequential};
/// use minimand_tensor::{Rng, Tensor};
///
/// let mut rng = Rng::seed(7);
/// let model = Sequential::new()
///     .then(Linear::new(4, 8, &mut rng))
///     .then(Activation::Relu)
///     .then(Dropout::new(0.1, &mut rng))
///     .then(Linear::new(8, 3, &mut rng));
/// assert_eq!(model.forward(&Tensor::zeros([5, 4])).shape().to_string(), "[5, 3]");
/// assert_eq!(model.named_parameters()[2].0, "3.weight");
/// ```
///
/// A clone is an independent copy, if all its modules say how they are [copied](Module::clone_boxed).
#[derive(Clone, Default)]
pub struct Sequential(Vec<Box<dyn Module>>);

impl Sequential {
    /// No modules yet: the identity.
    pub fn new() -> Sequential {
        Sequential::default()
    }

    /// Adds a module, to be applied after those before it.
    #[must_use]
    pub fn then(mut self, module: impl Module + 'static) -> Sequential {
        self.0.push(Box::new(module));
        self
    }

    /// Number of modules.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Box<dyn Module>> for Sequential {
    fn from_iter<I: IntoIterator<Item = Box<dyn Module>>>(modules: I) -> Sequential {
        Sequential(modules.into_iter().collect())
    }
}

impl Module for Sequential {
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        let mut output = input.clone();
        for module in &self.0 {
            output = apply(&**module, &output);
        }
        noted(self, output)
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        for (index, module) in self.0.iter().enumerate() {
            parts.module(index.to_string(), &**module);
        }
    }

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}

/// A function without parameters as a module.
///
/// ```
/// use minimand_nn::{Function, Module};
/// use minimand_tensor::Tensor;
///
/// let double_sine = (Function(Tensor::sin), Function(|x: &Tensor| 2.0 * x));
/// assert_eq!(format!("{:.4}", double_sine.forward(&Tensor::from([1.0]))), "[1.6829]");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Function<F>(pub F);

impl<F: Fn(&Tensor) -> Tensor + Clone + Send + Sync + 'static> Module for Function<F> {
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        (self.0)(input)
    }

    fn parts<'a>(&'a self, _parts: &mut Parts<'a>) {}

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}

macro_rules! module_of_pointer {
    ($($pointer:ident),*) => {$(
        impl<M: Module + ?Sized> Module for $pointer<M> {
            #[track_caller]
            fn forward(&self, input: &Tensor) -> Tensor {
                (**self).forward(input)
            }

            fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
                (**self).parts(parts);
            }

            fn clone_boxed(&self) -> Option<Box<dyn Module>> {
                (**self).clone_boxed()
            }

            fn identity(&self) -> Identity {
                (**self).identity()
            }
        }
    )*};
}
module_of_pointer!(Box, Arc);

macro_rules! module_of_tuple {
    ($($module:ident $index:tt),*) => {
        impl<$($module: Module),*> Module for ($($module,)*) {
            #[track_caller]
            fn forward(&self, input: &Tensor) -> Tensor {
                let output = input.clone();
                $(let output = apply(&self.$index, &output);)*
                noted(self, output)
            }

            fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
                $(parts.module(stringify!($index), &self.$index);)*
            }

            fn clone_boxed(&self) -> Option<Box<dyn Module>> {
                Some(Box::new(($(self.$index.clone_boxed()?,)*)))
            }
        }
    };
}
module_of_tuple!(A 0, B 1);
module_of_tuple!(A 0, B 1, C 2);
module_of_tuple!(A 0, B 1, C 2, D 3);
module_of_tuple!(A 0, B 1, C 2, D 3, E 4);
module_of_tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
module_of_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
module_of_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
