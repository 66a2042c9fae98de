//! Activation functions.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use crate::tensor::Tensor;

impl Tensor {
    /// `max(x, 0)`; NaN stays. Derivative 1 where x > 0, else 0: at 0 it is 0.
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

    /// `x` where x > 0, else `slope · x`. Derivative at 0: `slope`.
    #[track_caller]
    pub fn leaky_relu(&self, slope: f64) -> Tensor {
        self.le(0).select(slope * self, self)
    }

    /// `x` where x > 0, else `alpha (eˣ - 1)`. Derivative at 0: `alpha`. Clevert et al. 2016.
    #[track_caller]
    pub fn elu(&self, alpha: f64) -> Tensor {
        let negative = self.le(0);
        negative.select(alpha * negative.select(self, 0).exp_m1(), self)
    }

    /// `x Φ(x)` with the normal distribution function Φ, exactly (not the tanh approximation). Hendrycks & Gimpel 2016.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(format!("{:.6}", Tensor::from([1.0]).gelu()), "[0.841345]");
    /// ```
    #[track_caller]
    pub fn gelu(&self) -> Tensor {
        0.5 * self * (1.0 + (self * FRAC_1_SQRT_2).erf())
    }

    /// The tanh approximation of [`gelu`](Tensor::gelu): `x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))`.
    #[track_caller]
    pub fn gelu_tanh(&self) -> Tensor {
        let inner = (2.0 / PI).sqrt() * (self + 0.044715 * self * self * self);
        0.5 * self * (1.0 + inner.tanh())
    }

    /// `x σ(x)`, also called swish. Elfwing et al. 2018.
    #[doc(alias = "swish")]
    #[track_caller]
    pub fn silu(&self) -> Tensor {
        self * self.sigmoid()
    }

    /// `x tanh(softplus(x))`. Misra 2019.
    #[track_caller]
    pub fn mish(&self) -> Tensor {
        self * self.softplus().tanh()
    }
}
