//! From tensors to numbers: reading and printing.

use std::fmt;
use std::sync::Arc;

use crate::tensor::Tensor;
use crate::trace;
use minimand_engine::{Element, Op, Storage};

impl Tensor {
    /// The values, computed first when they are not known yet, together with the gradients of this tensor that somebody holds.
    #[track_caller]
    pub(crate) fn read(&self) -> &Arc<Storage> {
        trace::refuse_reading(self);
        if self.value().is_none() {
            let wanted = self.computed_together();
            crate::eval(&wanted);
        }
        self.value().expect("evaluation stores the values of its roots")
    }

    /// The values in row-major order, converted to `T` if the element type is another, as [`cast`](Tensor::cast) does.
    ///
    /// ```
    /// use minimand_tensor::Tensor;
    /// let x = Tensor::from([1.5, 2.5]);
    /// assert_eq!(x.to_vec::<f64>(), [1.5, 2.5]);
    /// assert_eq!(x.to_vec::<f32>(), [1.5f32, 2.5]);
    /// ```
    ///
    /// # Panics
    /// Where evaluation would; in a function that is traced by [`compile`](crate::compile()), when they change from call to call.
    #[doc(alias("numpy", "tolist"))]
    #[track_caller]
    pub fn to_vec<T: Element>(&self) -> Vec<T> {
        self.read().convert()
    }

    /// The only value of a tensor with one element, as `f64`; an integer beyond 2⁵³ is rounded ([`to_vec`](Tensor::to_vec) gives it whole).
    ///
    /// # Panics
    /// When the tensor does not have exactly one element.
    #[track_caller]
    pub fn item(&self) -> f64 {
        assert!(self.elements() == 1, "item: {} holds {} values, not one", self.shape(), self.elements());
        self.to_vec::<f64>()[0]
    }
}

formulas! {
    /// The values, computed now if they are not known yet, as a leaf with this tensor's name: data, to be used again and again.
    ///
    /// A tensor that is only held is computed anew in every evaluation that needs it: until it is read itself, it is a formula. The leaf holds
    /// the values and nothing of what they were made of; no gradient flows to that. [`eval`](crate::eval()) computes as well and keeps the graph
    /// behind the tensor, for gradients; [`detach`](Tensor::detach) cuts it off and computes nothing.
    #[must_use = "the leaf is what is returned"]
    #[doc(alias("materialize", "realize", "contiguous"))]
    pub computed(x) = {
        x.read();
        x.detach()
    }; {
        /// let raw = Tensor::from([1.0, 2.0, 3.0]);
        /// let x = (&raw - raw.mean()).computed();
        /// assert!(x.is_evaluated());
        /// assert_eq!(x.to_string(), "[-1, 0, 1]");
    }
    /// The same values cut off from the graph: no gradient flows through it. If they have been computed, the result keeps nothing alive but them;
    /// if not, it keeps the graph that they are to be computed from. Nothing is computed; [`computed`](Tensor::computed) does both.
    #[doc(alias("stop_gradient", "no_grad", "requires_grad"))]
    pub detach(x) = {
        let detached = match x.value() {
            Some(value) if !x.changes() => Tensor::leaf(Arc::clone(value), x.shape().clone(), false),
            _ => Tensor::node(Op::Detach, [x.clone()], x.shape().clone(), x.dtype()),
        };
        x.name().map_or(detached.clone(), |name| detached.named(name))
    };
}

impl fmt::Display for Tensor {
    /// Computes and prints the values. A precision (`{:.3}`) applies to each number; long axes are shortened.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.read().print(self.shape(), f)
    }
}

impl fmt::LowerExp for Tensor {
    /// Computes and prints the values, each with an exponent: `{:e}`, or `{:.2e}` with two digits behind the point. Truth values are printed as
    /// words.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(format!("{:.1e}", Tensor::from([1234.5, -1e-9])), "[1.2e3, -1.0e-9]");
    /// ```
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.read().print_exponent(self.shape(), f)
    }
}
