//! How methods are written that are a formula.

/// Methods of [`Tensor`](crate::Tensor) as formulas of the tensor, `x`, and further arguments. The lines in braces after a formula are an example,
/// which ends the documentation, under a heading of its own, and runs with the tests.
macro_rules! formulas {
    ($(
        $(#[$documentation:meta])*
        $visibility:vis $name:ident($x:ident $(, $argument:ident: $type:ty)*) = $formula:expr; $({ $(#[$example:meta])+ })?
    )*) => {
        impl $crate::tensor::Tensor {$(
            $(#[$documentation])*
            $(
                #[doc = "\n # Example\n ```\n # use minimand_tensor::Tensor;"]
                $(#[$example])+
                #[doc = " ```"]
            )?
            #[track_caller]
            $visibility fn $name(&self $(, $argument: $type)*) -> $crate::tensor::Tensor {
                let $x = self;
                $formula
            }
        )*}
    };
}

/// Functions that make a [`Tensor`](crate::Tensor) from other things, in the same form.
macro_rules! constructors {
    ($(
        $(#[$documentation:meta])*
        $visibility:vis $name:ident$(<$lifetime:lifetime>)?($($argument:ident: $type:ty),*) = $formula:expr; $({ $(#[$example:meta])+ })?
    )*) => {
        impl $crate::tensor::Tensor {$(
            $(#[$documentation])*
            $(
                #[doc = "\n # Example\n ```\n # use minimand_tensor::{Rng, Tensor};"]
                $(#[$example])+
                #[doc = " ```"]
            )?
            #[track_caller]
            $visibility fn $name$(<$lifetime>)?($($argument: $type),*) -> $crate::tensor::Tensor {
                $formula
            }
        )*}
    };
}

/// Reductions under their three names: `name()` of everything, `name_axis(axes)` over axes, which vanish, and `name_keepdim(axes)`, where they
/// stay with size 1. The formula is that of the last, its axes counted from the front. Each of the first two may have an example in braces.
macro_rules! reductions {
    ($(
        $(#[$documentation:meta])* $name:ident { $($(#[$example:meta])+)? }
        $(#[$of_axes:meta])* $name_axis:ident { $($(#[$example_of_axes:meta])+)? }
        $name_keepdim:ident($x:ident, $axes:ident $(, $argument:ident: $type:ty)?) = $formula:expr;
    )*) => {
        formulas! {$(
            $(#[$documentation])*
            pub $name($x $(, $argument: $type)?) = $x.$name_axis(.. $(, $argument)?); $({ $(#[$example])+ })?

            #[doc = concat!(" [`", stringify!($name), "`](Tensor::", stringify!($name), ") over the given axes, which vanish.")]
            $(#[$of_axes])*
            pub $name_axis($x, axes: impl $crate::Axes $(, $argument: $type)?) = {
                let axes = axes.resolve($x.shape(), stringify!($name));
                $x.$name_keepdim(axes.as_slice() $(, $argument)?).reshape($x.shape().without(&axes))
            }; $({ $(#[$example_of_axes])+ })?

            #[doc = concat!(" [`", stringify!($name), "`](Tensor::", stringify!($name), ") over the given axes, which stay with size 1.")]
            pub $name_keepdim($x, axes: impl $crate::Axes $(, $argument: $type)?) = {
                let $axes = axes.resolve($x.shape(), stringify!($name));
                $formula
            };
        )*}
    };
}
