//! Activation functions.

use std::f64::consts::PI;

use crate::tensor::Tensor;

impl Tensor {
    /// `max(x, 0)`; NaN stays. Derivative 1 where x > 0, else 0: at 0 it is 0. (At NaN it is 1, as in PyTorch.)
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let x = Tensor::from([-1.0, 0.0, 2.0]);
    /// assert_eq!(x.relu().to_string(), "[0, 0, 2]");
    /// assert_eq!(x.relu().sum().grad(&x).to_string(), "[0, 0, 1]");
    /// ```
    #[track_caller]
    pub fn relu(&self) -> Tensor {
        self.le(0).select(0, self)
    }

    /// `x` where x > 0, else `slope · x`; NaN stays. Derivative at 0: `slope`; at NaN 1.
    #[track_caller]
    pub fn leaky_relu(&self, slope: f64) -> Tensor {
        self.le(0).select(slope * self, self)
    }

    /// `x` where x > 0, else `alpha (eˣ - 1)`; NaN stays. Derivative at 0: `alpha`; at NaN 1. Clevert et al. 2016.
    #[track_caller]
    pub fn elu(&self, alpha: f64) -> Tensor {
        let negative = self.le(0);
        negative.select(alpha * negative.select(self, 0).exp_m1(), self)
    }

    /// `x Φ(x)` with the normal distribution function Φ, exactly (not the tanh approximation), with full relative precision for large
    /// negative numbers as well. 0 at -∞. Hendrycks & Gimpel 2016.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(format!("{:.6}", Tensor::from([1.0]).gelu()), "[0.841345]");
    /// ```
    #[track_caller]
    pub fn gelu(&self) -> Tensor {
        let (x, within) = self.held(40.0);
        within.normal_cdf() * x
    }

    /// The tanh approximation of [`gelu`](Tensor::gelu): `x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))`, computed as `x σ(2 √(2/π) (…))`, in
    /// which nothing cancels. 0 at -∞.
    #[track_caller]
    pub fn gelu_tanh(&self) -> Tensor {
        let (x, within) = self.held(40.0);
        (2.0 * (2.0 / PI).sqrt() * (&within + 0.044715 * &within * &within * &within)).sigmoid() * x
    }

    /// `x σ(x)`, also called swish. 0 at -∞. Elfwing et al. 2018.
    #[doc(alias = "swish")]
    #[track_caller]
    pub fn silu(&self) -> Tensor {
        let (x, within) = self.held(800.0);
        within.sigmoid() * x
    }

    /// `x tanh(softplus(x))`. 0 at -∞. Misra 2019.
    #[track_caller]
    pub fn mish(&self) -> Tensor {
        let (x, within) = self.held(800.0);
        within.softplus().tanh() * x
    }

    /// For `x gate(x)` with a gate that is 0 and 1 beyond ±limit: the x to be multiplied, and that for the gate. An infinite x meets neither the
    /// gate nor its slopes where these are 0.
    #[track_caller]
    fn held(&self, limit: f64) -> (Tensor, Tensor) {
        let x = self.clamp_min(-limit);
        let within = x.clamp_max(limit);
        (x, within)
    }
}
