//! Random values to start from, scaled so that signals neither fade nor explode on their way through the layers.

mod structured;

use minimand_tensor::{DType, Rng, Shape, Tensor};

/// Which number of connections an initialiser divides by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fan {
    /// The inputs of each output: keeps the size of the values in the forward pass.
    #[default]
    In,
    /// The outputs of each input: keeps the size of the gradients in the backward pass.
    Out,
}

/// How the values of a parameter are drawn.
///
/// All of PyTorch's `torch.nn.init` are here, under their names.
///
/// `gain` makes up for what the activation takes away: √2 for ReLU, 1 for none; [`Activation::gain`](crate::Activation::gain) gives it
/// for any.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initializer {
    /// One number throughout.
    #[doc(alias("zeros", "ones"))]
    Constant(f64),
    /// Evenly distributed in `±bound`.
    Uniform {
        /// Largest magnitude.
        bound: f64,
    },
    /// Evenly distributed between two numbers.
    UniformBetween {
        /// Least value.
        low: f64,
        /// Greatest value.
        high: f64,
    },
    /// Normal with mean 0.
    Normal {
        /// Standard deviation.
        deviation: f64,
    },
    /// Normal with any mean.
    NormalAround {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        deviation: f64,
    },
    /// Normal with mean 0 as long as it lies within bounds: what does not is drawn again.
    #[doc(alias = "trunc_normal")]
    TruncatedNormal {
        /// Standard deviation before it is cut off.
        deviation: f64,
        /// Largest magnitude; usually twice the deviation.
        bound: f64,
    },
    /// See [`kaiming_uniform`].
    KaimingUniform {
        /// Which connections are counted.
        fan: Fan,
        /// Factor of the standard deviation.
        gain: f64,
    },
    /// See [`kaiming_normal`].
    KaimingNormal {
        /// Which connections are counted.
        fan: Fan,
        /// Factor of the standard deviation.
        gain: f64,
    },
    /// See [`xavier_uniform`].
    XavierUniform {
        /// Factor of the standard deviation.
        gain: f64,
    },
    /// See [`xavier_normal`].
    XavierNormal {
        /// Factor of the standard deviation.
        gain: f64,
    },
    /// Orthogonal rows of length `gain`, or columns if there are fewer of these, in any direction; what follows the first axis is read as one. Saxe,
    /// McClelland & Ganguli 2014, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks".
    Orthogonal {
        /// Length of each row or column.
        gain: f64,
    },
    /// A matrix whose columns have a share of zeros, in different rows, and are normal elsewhere. Martens 2010, "Deep learning via Hessian-free
    /// optimization".
    Sparse {
        /// Share of the zeros in each column, in `0.0..=1.0`; their number is rounded up.
        sparsity: f64,
        /// Standard deviation of the others.
        deviation: f64,
    },
    /// A kernel that passes as many channels on as there are both in and out, unchanged: 1 in the middle of the window.
    Dirac {
        /// Groups of the convolution, in each of which channels are passed on.
        groups: usize,
    },
    /// 1 on the diagonal of a matrix, 0 elsewhere: passes as many inputs on as there are outputs.
    #[doc(alias = "eye")]
    IdentityMatrix,
}

impl Initializer {
    /// What PyTorch draws the weights of linear and convolutional layers with: evenly distributed in ±1/√fan.
    pub(crate) fn of_pytorch() -> Initializer {
        // PyTorch says kaiming_uniform(a = √5): gain √(2 / (1 + 5)), hence ±gain √(3 / fan) = ±1/√fan.
        Initializer::KaimingUniform { fan: Fan::In, gain: (1.0f64 / 3.0).sqrt() }
    }

    /// Draws a weight of shape `[outputs, inputs]`, or `[outputs, inputs, window…]` for a convolution: the entries of a window
    /// count as connections. Numbers are drawn as f64 and rounded to `dtype`, so an f32 model is its f64 twin, rounded.
    ///
    /// ```
    /// use minimand_nn::Initializer;
    /// use minimand_tensor::{DType, Rng};
    ///
    /// let weight = Initializer::XavierNormal { gain: 1.0 }.draw([300, 500], DType::F64, &mut Rng::seed(7));
    /// let variance = weight.var_axis([0, 1], 1).item();
    /// assert!((variance * 400.0 - 1.0).abs() < 0.02); // 2 / (300 + 500)
    /// ```
    ///
    /// # Panics
    /// When the initialiser counts connections and the shape has fewer than two axes or an axis of size 0; when it fills matrices or kernels and
    /// the shape is none; when a deviation, a bound, a sparsity or a number of groups makes no sense; when `dtype` is no floating-point type.
    #[track_caller]
    pub fn draw(self, shape: impl Into<Shape>, dtype: DType, rng: &mut Rng) -> Tensor {
        let shape = shape.into();
        let fans = match self {
            Initializer::Constant(_)
            | Initializer::Uniform { .. }
            | Initializer::UniformBetween { .. }
            | Initializer::Normal { .. }
            | Initializer::NormalAround { .. }
            | Initializer::TruncatedNormal { .. }
            | Initializer::Orthogonal { .. }
            | Initializer::Sparse { .. }
            | Initializer::Dirac { .. }
            | Initializer::IdentityMatrix => (1, 1),
            Initializer::KaimingUniform { .. }
            | Initializer::KaimingNormal { .. }
            | Initializer::XavierUniform { .. }
            | Initializer::XavierNormal { .. } => fans(&shape),
        };
        self.draw_for(shape, fans, dtype, rng)
    }

    /// Draws values of any shape for a layer with the given numbers of connections `(in, out)`.
    #[track_caller]
    pub(crate) fn draw_for(self, shape: Shape, fans: (usize, usize), dtype: DType, rng: &mut Rng) -> Tensor {
        assert!(dtype.is_float(), "draw: values of {dtype} cannot be trained");
        let kaiming = |fan: Fan, gain: f64| {
            let connections = match fan {
                Fan::In => fans.0,
                Fan::Out => fans.1,
            };
            gain / (connections as f64).sqrt()
        };
        let xavier = |gain: f64| gain * (2.0 / (fans.0 + fans.1) as f64).sqrt();
        let elements = shape.elements();
        let has_size = |size: f64| {
            assert!(size.is_finite(), "draw: {self:?} for {shape} has no finite size");
            size
        };
        let mut uniform = |low: f64, high: f64| -> Vec<f64> {
            let (middle, half) = (0.5 * low + 0.5 * high, has_size(0.5 * high - 0.5 * low));
            (0..elements).map(|_| middle + half * (2.0 * rng.uniform() - 1.0)).collect()
        };
        // A uniform distribution in ±b has standard deviation b/√3.
        let bound = |deviation: f64| deviation * 3f64.sqrt();
        let values = match self {
            Initializer::Constant(value) => return (Tensor::zeros(shape).cast(dtype)).full_like(value),
            Initializer::Uniform { bound } => uniform(-bound, bound),
            Initializer::UniformBetween { low, high } => uniform(low, high),
            Initializer::KaimingUniform { fan, gain } => uniform(-bound(kaiming(fan, gain)), bound(kaiming(fan, gain))),
            Initializer::XavierUniform { gain } => uniform(-bound(xavier(gain)), bound(xavier(gain))),
            Initializer::Normal { deviation } => normal(0.0, has_size(deviation), elements, rng),
            Initializer::NormalAround { mean, deviation } => normal(has_size(mean), has_size(deviation), elements, rng),
            Initializer::KaimingNormal { fan, gain } => normal(0.0, has_size(kaiming(fan, gain)), elements, rng),
            Initializer::XavierNormal { gain } => normal(0.0, has_size(xavier(gain)), elements, rng),
            Initializer::TruncatedNormal { deviation, bound } => {
                assert!(deviation > 0.0 && bound > 0.0, "draw: {self:?}: deviation and bound must be above 0");
                (0..elements).map(|_| structured::truncated_normal(has_size(deviation), bound, rng)).collect()
            }
            Initializer::Orthogonal { gain } => {
                let rows = structured::orthogonal(&shape, rng);
                rows.into_iter().map(|entry| has_size(gain) * entry).collect()
            }
            Initializer::Sparse { sparsity, deviation } => {
                structured::sparse(&shape, sparsity, has_size(deviation), rng)
            }
            Initializer::Dirac { groups } => structured::dirac(&shape, groups),
            Initializer::IdentityMatrix => structured::identity(&shape),
        };
        Tensor::from_vec(values, shape).cast(dtype)
    }
}

fn normal(mean: f64, deviation: f64, count: usize, rng: &mut Rng) -> Vec<f64> {
    (0..count).map(|_| mean + deviation * rng.normal()).collect()
}

/// Connections into each output and out of each input of a weight `[outputs, inputs, window…]`.
#[track_caller]
pub(crate) fn fans(shape: &Shape) -> (usize, usize) {
    assert!(
        shape.rank() >= 2 && shape.elements() > 0,
        "draw: {shape} is no weight: connections are counted in [outputs, inputs, …]"
    );
    let window: usize = shape[2..].iter().product();
    (shape[1] * window, shape[0] * window)
}

/// Weights `[outputs, inputs]` evenly distributed in `±gain √(3 / fan)`, f32: standard deviation `gain / √fan`.
///
/// He et al. 2015, "Delving deep into rectifiers", equations 10 (in) and 14 (out), with `gain` = √2 for ReLU.
///
/// ```
/// use minimand_nn::{Fan, kaiming_uniform};
/// use minimand_tensor::Rng;
///
/// let weight = kaiming_uniform([64, 24], Fan::In, 2f64.sqrt(), &mut Rng::seed(7));
/// assert!(weight.abs().max().item() <= 0.5); // √2 · √(3/24)
/// assert!(weight.abs().max().item() > 0.49);
/// ```
///
/// # Panics
/// When the shape has fewer than two axes, or one of size 0.
#[doc(alias = "he_uniform")]
#[track_caller]
pub fn kaiming_uniform(shape: impl Into<Shape>, fan: Fan, gain: f64, rng: &mut Rng) -> Tensor {
    Initializer::KaimingUniform { fan, gain }.draw(shape, DType::F32, rng)
}

/// Weights `[outputs, inputs]` from a normal distribution with standard deviation `gain / √fan`, f32.
///
/// He et al. 2015, "Delving deep into rectifiers", equations 10 (in) and 14 (out), with `gain` = √2 for ReLU.
///
/// # Panics
/// As [`kaiming_uniform`].
#[doc(alias = "he_normal")]
#[track_caller]
pub fn kaiming_normal(shape: impl Into<Shape>, fan: Fan, gain: f64, rng: &mut Rng) -> Tensor {
    Initializer::KaimingNormal { fan, gain }.draw(shape, DType::F32, rng)
}

/// Weights `[outputs, inputs]` evenly distributed in `±gain √(6 / (in + out))`, f32: standard deviation `gain √(2 / (in + out))`, a
/// compromise between forward and backward pass.
///
/// Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks", equation 16.
///
/// # Panics
/// As [`kaiming_uniform`].
#[doc(alias = "glorot_uniform")]
#[track_caller]
pub fn xavier_uniform(shape: impl Into<Shape>, gain: f64, rng: &mut Rng) -> Tensor {
    Initializer::XavierUniform { gain }.draw(shape, DType::F32, rng)
}

/// Weights `[outputs, inputs]` from a normal distribution with standard deviation `gain √(2 / (in + out))`, f32.
///
/// Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks", equation 12.
///
/// # Panics
/// As [`kaiming_uniform`].
#[doc(alias = "glorot_normal")]
#[track_caller]
pub fn xavier_normal(shape: impl Into<Shape>, gain: f64, rng: &mut Rng) -> Tensor {
    Initializer::XavierNormal { gain }.draw(shape, DType::F32, rng)
}
