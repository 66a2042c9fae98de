//! Activation functions as a choice made at run time.

use minimand_tensor::{DType, Tensor};

use crate::module::{Module, Parts};

/// An activation function, applied to each entry.
///
/// ```
/// use minimand_nn::{Activation, Module};
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::from([-2.0, 0.0, 2.0]);
/// assert_eq!(Activation::Relu.forward(&x).to_string(), "[0, 0, 2]");
/// assert_eq!(Activation::LeakyRelu { slope: 0.1 }.forward(&x).to_string(), "[-0.2, 0, 2]");
/// assert_eq!(format!("{:.4}", Activation::Gelu.forward(&x)), "[-0.0455, 0.0000, 1.9545]");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Activation {
    /// `x`
    Identity,
    /// `max(x, 0)`. See [`Tensor::relu`].
    #[default]
    Relu,
    /// `x` where x > 0, else `slope · x`. See [`Tensor::leaky_relu`].
    LeakyRelu {
        /// Slope of the negative side; usually 0.01.
        slope: f64,
    },
    /// `x` where x > 0, else `alpha (eˣ - 1)`. See [`Tensor::elu`].
    Elu {
        /// Depth of the negative side; usually 1.
        alpha: f64,
    },
    /// `x Φ(x)`. See [`Tensor::gelu`].
    Gelu,
    /// The tanh approximation of `Gelu`. See [`Tensor::gelu_tanh`].
    GeluTanh,
    /// `x σ(x)`. See [`Tensor::silu`].
    #[doc(alias = "Swish")]
    Silu,
    /// `x tanh(softplus(x))`. See [`Tensor::mish`].
    Mish,
    /// `ln(1 + eˣ)`. See [`Tensor::softplus`].
    Softplus,
    /// `tanh x`. See [`Tensor::tanh`].
    Tanh,
    /// `1 / (1 + e⁻ˣ)`. See [`Tensor::sigmoid`].
    Sigmoid,
}

impl Activation {
    /// The factor of a weight's standard deviation that makes up for the activation before it: standard normal values `z` still have
    /// mean square 1 after activation and layer. It is `1 / √E[f(z)²]`, the condition of He et al. 2015, equation 10, for any
    /// activation.
    ///
    /// It is √2 for ReLU and 1 for the identity. For tanh it is 1.593; PyTorch uses the round 5/3 there, and 1 for sigmoid.
    ///
    /// ```
    /// # use minimand_nn::Activation;
    /// assert!((Activation::Relu.gain() - 2f64.sqrt()).abs() < 1e-9);
    /// assert_eq!(format!("{:.4}", Activation::Gelu.gain()), "1.5335");
    /// ```
    #[doc(alias = "calculate_gain")]
    pub fn gain(self) -> f64 {
        // The trapezoidal rule over ±12 standard deviations, with a node on the kink at 0: its error is far below 1e-9.
        let step = 1.0 / 256.0;
        let z = (Tensor::iota(24 * 256 + 1).cast(DType::F64) - 12 * 256) * step;
        let density = (-0.5 * z.square()).exp() / std::f64::consts::TAU.sqrt();
        let mean_square = (self.forward(&z).square() * density).sum() * step;
        mean_square.item().sqrt().recip()
    }
}

impl Module for Activation {
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        match *self {
            Activation::Identity => input.clone(),
            Activation::Relu => input.relu(),
            Activation::LeakyRelu { slope } => input.leaky_relu(slope),
            Activation::Elu { alpha } => input.elu(alpha),
            Activation::Gelu => input.gelu(),
            Activation::GeluTanh => input.gelu_tanh(),
            Activation::Silu => input.silu(),
            Activation::Mish => input.mish(),
            Activation::Softplus => input.softplus(),
            Activation::Tanh => input.tanh(),
            Activation::Sigmoid => input.sigmoid(),
        }
    }

    fn parts<'a>(&'a self, _parts: &mut Parts<'a>) {}

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(*self))
    }
}
