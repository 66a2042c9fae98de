//! Activation functions as a choice made at run time.

use minimand_tensor::{DType, Tensor};

use crate::module::{Module, Parts};

/// An activation function, applied to each entry. One with parameters is [`PRelu`](crate::PRelu); functions along an axis are
/// [`Glu`](crate::Glu) and, as `Function(|x: &Tensor| x.softmax(-1))`, any of tensor's.
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
    /// `ln σ(x)`, which overflows nowhere.
    LogSigmoid,
    /// `1.0507 · elu(x, 1.6733)`: with weights of variance 1 / inputs, means of 0 and variances of 1 draw the layers' outputs to themselves. Klambauer
    /// et al. 2017, equations 2 and 14.
    Selu,
    /// `x` where x > 0, else `alpha (exp(x / alpha) - 1)`: as `Elu`, with slope 1 at 0 whatever alpha is. Barron 2017.
    Celu {
        /// Depth of the negative side; usually 1.
        alpha: f64,
    },
    /// `x` limited to `low..=high`, with slope 0 at the limits.
    Hardtanh {
        /// Least value; usually -1.
        low: f64,
        /// Greatest value; usually 1.
        high: f64,
    },
    /// `x` limited to 0..=6, with slope 0 at the limits.
    #[doc(alias = "ReLU6")]
    Relu6,
    /// `(x + 3) / 6` limited to 0..=1, with slope 0 at the limits.
    Hardsigmoid,
    /// `x` times `Hardsigmoid`. Its slope at -3 is 0, at 3 it is 1. Howard et al. 2019, section 5.2.
    Hardswish,
    /// `x / (1 + |x|)`.
    Softsign,
    /// `x - tanh x`.
    Tanhshrink,
    /// `x` moved towards 0 by the threshold: 0 where |x| is not above it.
    Softshrink {
        /// How far; usually 0.5.
        threshold: f64,
    },
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
        // The trapezoidal rule over ±12 standard deviations, with nodes on kinks at whole numbers: its error is far below 1e-9.
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
            Activation::LogSigmoid => -(-input).softplus(),
            // The paper's numbers, to the digits of f64.
            Activation::Selu => 1.050_700_987_355_480_5 * input.elu(1.673_263_242_354_377_2),
            Activation::Celu { alpha } => {
                let negative = input.le(0);
                negative.select(alpha * (negative.select(input, 0) / alpha).exp_m1(), input)
            }
            Activation::Hardtanh { low, high } => limited(input, low, high),
            Activation::Relu6 => limited(input, 0.0, 6.0),
            Activation::Hardsigmoid => (limited(input, -3.0, 3.0) + 3) / 6,
            Activation::Hardswish => {
                let within = limited(input, -3.0, 3.0);
                input.ge(3).select(input, (&within + 3) / 6 * within)
            }
            Activation::Softsign => input / (1 + input.abs()),
            Activation::Tanhshrink => input - input.tanh(),
            Activation::Softshrink { threshold } => input - input.clamp(-threshold, threshold),
        }
    }

    fn parts<'a>(&'a self, _parts: &mut Parts<'a>) {}

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(*self))
    }
}

/// The values limited to `low..=high`, with slope 0 at the limits: [`Tensor::clamp`] passes the gradient there. NaN stays.
#[track_caller]
fn limited(x: &Tensor, low: f64, high: f64) -> Tensor {
    x.le(low).select(low, x.ge(high).select(high, x))
}
