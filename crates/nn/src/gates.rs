//! Activations beyond a function of each entry: with a learnt slope, and with half of the channels as a gate.

use minimand_tensor::{DType, Parameter, Shape, Tensor};

use crate::module::{Module, Parts};

/// `x` where x > 0, else `weight · x` with a learnt slope: one for all entries, or one for each channel of `[batch, channels, …]`. He et al. 2015,
/// "Delving deep into rectifiers", equation 1.
///
/// The parameter is called `weight`, `[1]` or `[channels]`, as in PyTorch. The slope at 0 is the weight.
///
/// ```
/// use minimand_nn::{Module, PRelu};
/// use minimand_tensor::Tensor;
///
/// let activation = PRelu::new(2);
/// activation.weight().set(Tensor::from([0.5f32, 0.25]));
/// assert_eq!(activation.forward(&Tensor::from([[-4.0f32, -4.0], [4.0, 4.0]])).to_string(), "[[-2, -1],\n [4, 4]]");
/// ```
#[doc(alias("PReLU", "parametric"))]
#[derive(Debug)]
pub struct PRelu {
    weight: Parameter,
}

impl PRelu {
    /// So many slopes, which start as 0.25, f32: 1, or as many as there are channels.
    ///
    /// # Panics
    /// When there are none.
    #[track_caller]
    pub fn new(channels: usize) -> PRelu {
        PRelu::with_slope(channels, 0.25, DType::F32)
    }

    /// So many slopes, which start as chosen.
    ///
    /// # Panics
    /// As [`new`](PRelu::new), and when `dtype` is no floating-point type.
    #[track_caller]
    pub fn with_slope(channels: usize, slope: f64, dtype: DType) -> PRelu {
        assert!(channels > 0, "p_relu: there are no slopes");
        assert!(dtype.is_float(), "p_relu: parameters of {dtype} cannot be trained");
        PRelu { weight: Parameter::new("weight", Tensor::full([channels], slope).cast(dtype)) }
    }

    /// The slopes, `[1]` or `[channels]`.
    pub fn weight(&self) -> &Parameter {
        &self.weight
    }
}

impl Clone for PRelu {
    /// An independent copy.
    fn clone(&self) -> PRelu {
        PRelu { weight: self.weight.copied() }
    }
}

impl Module for PRelu {
    /// # Panics
    /// When there are several slopes, and the input is not `[batch, channels, …]` with as many channels.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        let weight = self.weight.value();
        let slopes = weight.elements();
        assert!(
            slopes == 1 || input.rank() >= 2 && input.shape()[1] == slopes,
            "p_relu: input {} must be [batch, {slopes}, …]",
            input.shape()
        );
        let ones = if slopes == 1 { 0 } else { input.rank() - 2 };
        let weight = weight.reshape(std::iter::once(slopes).chain(std::iter::repeat_n(1, ones)).collect::<Shape>());
        let negative = input.le(0);
        // Only what is negative meets the weight: the weight's slope has no part of an infinite input above 0.
        negative.select(negative.select(input, 0) * weight, input)
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        parts.parameter("weight", &self.weight);
    }

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}

/// The first half of an axis, gated by the second: `a · σ(b)`. Dauphin et al. 2017, "Language modeling with gated convolutional networks", equation 1.
///
/// ```
/// use minimand_nn::{Glu, Module};
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::from([[4.0, 6.0, 0.0, 100.0]]);
/// assert_eq!(Glu::new(-1).forward(&x).to_string(), "[[2, 6]]");
/// ```
#[doc(alias = "gated_linear_unit")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glu {
    axis: isize,
}

impl Glu {
    /// Halves of the given axis, counted from the back when negative.
    pub fn new(axis: isize) -> Glu {
        Glu { axis }
    }
}

impl Module for Glu {
    /// # Panics
    /// When the axis is out of range or of odd length.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        let (axis, rank) = (self.axis, input.rank() as isize);
        assert!((-rank..rank).contains(&axis), "glu: axis {axis} is out of range for {}", input.shape());
        let length = input.shape()[axis.rem_euclid(rank) as usize];
        assert!(length.is_multiple_of(2), "glu: axis {axis} of {} has no two halves", input.shape());
        input.slice(axis, ..length / 2) * input.slice(axis, length / 2..).sigmoid()
    }

    fn parts<'a>(&'a self, _parts: &mut Parts<'a>) {}

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(*self))
    }
}
