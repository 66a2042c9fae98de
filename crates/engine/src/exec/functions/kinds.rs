//! The one dispatch of unary kinds: from a kind to the body that its row names, for the interpreter's tiles and for machine code.

use super::{Arithmetic, Elementary, bodies};
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
use super::{Float, Fused};
use crate::op::{Unary, unary_table};

/// `f` of every entry.
#[inline(always)]
pub(crate) fn zip1<T: Copy>(x: &[T], out: &mut [T], f: impl Fn(T) -> T) {
    for (to, &x) in out.iter_mut().zip(x) {
        *to = f(x);
    }
}

/// A body over a tile.
macro_rules! over_tile {
    ($x:ident, $out:ident, $value:expr, code: $body:ident) => {
        zip1($x, $out, |x| bodies::$body::<A, T>(x))
    };
    ($x:ident, $out:ident, $value:expr, tile: $body:ident $(($order:ident))?) => {
        bodies::$body::<A, T>($($order,)? $x, $out)
    };
    ($x:ident, $out:ident, $value:expr, library) => {
        zip1($x, $out, |x| x.by_library($value))
    };
}

/// A body of one entry, which may be a symbol.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
macro_rules! over_entry {
    ($x:ident, code: $body:ident) => {
        bodies::$body::<Fused, F>($x)
    };
    ($x:ident, tile: $body:ident $(($order:ident))?) => {
        unreachable!("it has no machine code")
    };
    ($x:ident, library) => {
        unreachable!("it has no machine code")
    };
}

macro_rules! dispatch {
    ($($(#[$documentation:meta])* $kind:ident $(($order:ident: $number:ty))? {
        name: $name:expr, domain: $domain:expr, $(integer: $integer:expr,)? value: $value:expr, $($body:tt)*
    })*) => {
        /// A kind of every entry of a tile: one loop for each, without a question in it.
        #[inline(always)]
        pub(crate) fn of_tile<A: Arithmetic, T: Elementary>(unary: Unary, x: &[T], out: &mut [T]) {
            match unary {
                $(Unary::$kind $(($order))? => over_tile!(x, out, $value, $($body)*),)*
            }
        }

        /// A kind of one entry, for those that have machine code.
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        #[allow(unused_variables, reason = "orders are those of functions without machine code")]
        pub(crate) fn of_entry<F: Float>(unary: Unary, x: F) -> F {
            match unary {
                $(Unary::$kind $(($order))? => over_entry!(x, $($body)*),)*
            }
        }
    };
}
unary_table!(dispatch);
