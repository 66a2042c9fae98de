//! Activation functions.

use std::f64::consts::PI;

use crate::tensor::Tensor;

formulas! {
    /// `max(x, 0)`; NaN stays. Derivative 1 where x > 0, else 0: at 0 it is 0. (At NaN it is 1, as in PyTorch.)
    pub relu(x) = x.le(0).select(0, x); {
        /// let x = Tensor::from([-1.0, 0.0, 2.0]);
        /// assert_eq!(x.relu().to_string(), "[0, 0, 2]");
        /// assert_eq!(x.relu().sum().grad(&x).to_string(), "[0, 0, 1]");
    }
    /// `x` where x > 0, else `slope · x`; NaN stays. Derivative at 0: `slope`; at NaN 1.
    pub leaky_relu(x, slope: f64) = x.le(0).select(slope * x, x);
    /// `x` where x > 0, else `alpha (eˣ - 1)`; NaN stays. Derivative at 0: `alpha`; at NaN 1. Clevert et al. 2016.
    pub elu(x, alpha: f64) = {
        let negative = x.le(0);
        negative.select(alpha * negative.select(x, 0).exp_m1(), x)
    };
    /// `x Φ(x)` with the normal distribution function Φ, exactly (not the tanh approximation), with full relative precision for large negative
    /// numbers as well. 0 at -∞. Hendrycks & Gimpel 2016.
    pub gelu(x) = {
        let (x, within) = x.held(40.0);
        within.normal_cdf() * x
    }; {
        /// assert_eq!(format!("{:.6}", Tensor::from([1.0]).gelu()), "[0.841345]");
    }
    /// The tanh approximation of [`gelu`](Tensor::gelu): `x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))`, computed as `x σ(2 √(2/π) (…))`, in which
    /// nothing cancels. 0 at -∞.
    pub gelu_tanh(x) = {
        let (x, within) = x.held(40.0);
        (2.0 * (2.0 / PI).sqrt() * (&within + 0.044715 * &within * &within * &within)).sigmoid() * x
    };
    /// `x σ(x)`, also called swish. 0 at -∞. Elfwing et al. 2018.
    #[doc(alias = "swish")]
    pub silu(x) = {
        let (x, within) = x.held(800.0);
        within.sigmoid() * x
    };
    /// `x tanh(softplus(x))`. 0 at -∞. Misra 2019.
    pub mish(x) = {
        let (x, within) = x.held(800.0);
        within.softplus().tanh() * x
    };
}

impl Tensor {
    /// For `x gate(x)` with a gate that is 0 and 1 beyond ±limit: the x to be multiplied, and that for the gate. An infinite x meets neither the
    /// gate nor its slopes where these are 0.
    #[track_caller]
    fn held(&self, limit: f64) -> (Tensor, Tensor) {
        let x = self.clamp_min(-limit);
        let within = x.clamp_max(limit);
        (x, within)
    }
}
