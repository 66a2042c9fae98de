//! Group normalisation, and instance normalisation: each example by the mean and variance of groups of its channels.

use minimand_tensor::{Parameter, Shape, Tensor};

use super::{Affine, NormOptions, along_channels, check_epsilon, check_float, standardised};
use crate::module::{Module, Parts};

/// Cuts the channels of `[batch, channels, …]` into groups and brings each group of each example to mean 0 and variance 1, over its channels and
/// all further axes: `(x − mean) / √(variance + ε)`, with the biased variance. Wu & He 2018, "Group normalization", equations 1, 2 and 7.
///
/// As many groups as channels is **instance normalisation** (Ulyanov, Vedaldi & Lempitsky 2016); one group normalises the whole example. Nothing
/// depends on the other examples of the batch. At the extremes it is as stable as [`layer_norm`](crate::layer_norm).
///
/// ```
/// use minimand_nn::group_norm;
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::from([[1.0f32, 3.0, 100.0, 500.0]]); // four channels in two groups
/// assert_eq!(format!("{:.3}", group_norm(&x, 2, 1e-5)), "[[-1.000, 1.000, -1.000, 1.000]]");
/// ```
///
/// # Panics
/// When the input has fewer than two axes or is no floating-point tensor, the groups do not divide the channels, or ε is negative or not finite.
#[doc(alias("instance_norm", "GroupNormalization"))]
#[track_caller]
pub fn group_norm(x: &Tensor, groups: usize, epsilon: f64) -> Tensor {
    check_float("group_norm", x);
    check_epsilon("group_norm", epsilon);
    let &[batch, channels, ..] = x.shape().sizes() else {
        panic!("group_norm: input {} must be [batch, channels, …]", x.shape());
    };
    check_groups(groups, channels);
    let entries = x.shape()[1..].iter().product::<usize>() / groups;
    standardised(&x.reshape([batch, groups, entries]), -1, epsilon).reshape(x.shape())
}

#[track_caller]
fn check_groups(groups: usize, channels: usize) {
    assert!(
        groups > 0 && channels > 0 && channels.is_multiple_of(groups),
        "group_norm: {groups} groups do not divide {channels} channels"
    );
}

/// A layer that normalises groups of channels, `[batch, channels, …]` to the same shape, and then applies a weight and a bias for each channel:
/// see [`group_norm`].
///
/// The parameters are called `weight` and `bias`, `[channels]`, as in PyTorch. `GroupNorm::new(channels, channels)` is PyTorch's
/// `InstanceNorm2d(channels, affine=True)`.
///
/// ```
/// use minimand_nn::{GroupNorm, Module};
/// use minimand_tensor::{Rng, Tensor};
///
/// let norm = GroupNorm::new(8, 32);
/// let y = norm.forward(&Tensor::normal([2, 32, 7, 7], &mut Rng::seed(7)));
/// assert!(y.slice(1, ..4).mean_axis([1, 2, 3]).abs().max().item() < 1e-6);
/// ```
#[doc(alias("InstanceNorm1d", "InstanceNorm2d"))]
#[derive(Clone, Debug)]
pub struct GroupNorm {
    groups: usize,
    channels: usize,
    epsilon: f64,
    affine: Affine,
}

impl GroupNorm {
    /// A layer that cuts so many channels into so many groups, with weight 1, bias 0 and ε = 1e-5, f32.
    ///
    /// # Panics
    /// When the groups do not divide the channels, or either is 0.
    #[track_caller]
    pub fn new(groups: usize, channels: usize) -> GroupNorm {
        GroupNorm::with_options(groups, channels, NormOptions::default())
    }

    /// A layer with everything chosen.
    ///
    /// # Panics
    /// As [`new`](GroupNorm::new); when ε is negative or not finite, or the type of the parameters is no floating-point type.
    #[track_caller]
    pub fn with_options(groups: usize, channels: usize, options: NormOptions) -> GroupNorm {
        check_groups(groups, channels);
        let affine = options.affine("group_norm", Shape::from([channels]));
        GroupNorm { groups, channels, epsilon: options.epsilon, affine }
    }

    /// Number of groups.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// Number of channels.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The weight, `[channels]`, if there is one.
    pub fn weight(&self) -> Option<&Parameter> {
        self.affine.weight.as_ref()
    }

    /// The bias, `[channels]`, if there is one.
    pub fn bias(&self) -> Option<&Parameter> {
        self.affine.bias.as_ref()
    }
}

impl Module for GroupNorm {
    /// # Panics
    /// When the input is not `[batch, channels, …]` with as many channels as the layer has.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        assert!(
            input.rank() >= 2 && input.shape()[1] == self.channels,
            "group_norm: input {} must be [batch, {}, …]",
            input.shape(),
            self.channels
        );
        let values = group_norm(input, self.groups, self.epsilon);
        self.affine.apply(values, &along_channels(self.channels, input.rank()))
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        self.affine.parts(parts);
    }

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}
