//! Batch normalisation: each channel by its mean and variance over the batch in training, by running ones in evaluation.

use minimand_tensor::{DType, Parameter, Shape, Tensor};

use super::{Affine, along_channels, check_epsilon, check_float};
use crate::buffer::Buffer;
use crate::module::{Mode, Module, Parts};

/// What may be chosen for a [`BatchNorm`].
#[derive(Clone, Debug, PartialEq)]
pub struct BatchNormOptions {
    /// ε, added to the variance before its root is taken. Default 1e-5.
    pub epsilon: f64,
    /// How far a running statistic moves to that of the batch, in `0.0..=1.0`; `None` takes the plain mean over all batches so far. Default 0.1.
    pub momentum: Option<f64>,
    /// Whether running statistics are kept. Without them evaluation normalises by the batch as well. Default: yes.
    #[doc(alias = "track_running_stats")]
    pub running_statistics: bool,
    /// Whether the normalised values are multiplied by a weight, which starts as 1. Default: yes.
    #[doc(alias = "affine")]
    pub weight: bool,
    /// Whether a bias is added, which starts as 0. Default: yes.
    pub bias: bool,
    /// Element type of parameters and running statistics, f32 or f64.
    pub dtype: DType,
    /// Written before the names of parameters and running statistics in messages and in [`Tensor::explain`].
    pub name: String,
}

impl Default for BatchNormOptions {
    fn default() -> BatchNormOptions {
        BatchNormOptions {
            epsilon: 1e-5,
            momentum: Some(0.1),
            running_statistics: true,
            weight: true,
            bias: true,
            dtype: DType::F32,
            name: String::new(),
        }
    }
}

/// A layer that brings each channel of `[batch, channels, …]` to mean 0 and variance 1, and then applies a weight and a bias for each channel.
/// Ioffe & Szegedy 2015, "Batch normalization", algorithms 1 and 2. It serves as PyTorch's `BatchNorm1d` (`[batch, channels]` and
/// `[batch, channels, length]`), `BatchNorm2d` and `BatchNorm3d`.
///
/// **In training** mean and variance are those of the batch, over all axes but the channels, and gradients flow through them; the variance is the
/// biased one. Running statistics move towards them: `running ← (1 − momentum) · running + momentum · batch`, there with the unbiased variance, as in
/// PyTorch. **In evaluation** the running statistics take their place, and nothing changes.
///
/// The parameters are called `weight` and `bias`; the [buffers](Buffer) `running_mean` (starts as 0), `running_var` (starts as 1) and
/// `num_batches_tracked` (i64, starts as 0), as in PyTorch, so its checkpoints fit. Names that a checkpoint lacks, such as the count in old ones, are
/// named by its error.
///
/// # When running statistics change
/// **Once with each forward pass in training**, as in PyTorch: also when the optimizer refuses the step, and once for each of several passes whose
/// gradients are accumulated. The pass itself computes nothing. The new statistics come with the evaluation that first computes something of
/// that pass, usually the step, or when they are read: see [`Buffer`](Buffer#when-an-update-is-computed). Under
/// [`compile`](minimand_tensor::compile()) and in compiled steps each call is a pass. Differentiating once or twice is no pass. A statistic that
/// would become infinite or NaN keeps its former value: in f32, values beyond about 1e19 have a variance that overflows, as in PyTorch.
///
/// ```
/// use minimand_nn::{BatchNorm, Module};
/// use minimand_tensor::Tensor;
///
/// let norm = BatchNorm::new(2);
/// let x = Tensor::from([[1.0f32, 10.0], [3.0, 30.0]]);
/// assert_eq!(format!("{:.3}", norm.forward(&x)), "[[-1.000, -1.000],\n [1.000, 1.000]]");
/// let [mean, variance] = [0, 1].map(|number| norm.named_buffers()[number].1.value());
/// assert_eq!(format!("{mean:.3}"), "[0.200, 2.000]"); // 0.9 · 0 + 0.1 · [2, 20]
/// assert_eq!(format!("{variance:.3}"), "[1.100, 20.900]"); // 0.9 · 1 + 0.1 · [2, 200]
/// norm.eval();
/// assert_eq!(format!("{:.3}", norm.forward(&Tensor::from([[0.2f32, 2.0]]))), "[[0.000, 0.000]]");
/// ```
///
/// A clone is an independent copy, running statistics included.
#[doc(alias("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "BatchNormalization"))]
#[derive(Clone, Debug)]
pub struct BatchNorm {
    channels: usize,
    epsilon: f64,
    momentum: Option<f64>,
    affine: Affine,
    running: Option<Running>,
    mode: Mode,
}

/// What is remembered of the batches.
#[derive(Debug)]
struct Running {
    mean: Buffer,
    variance: Buffer,
    batches: Buffer,
}

impl Clone for Running {
    fn clone(&self) -> Running {
        Running { mean: self.mean.copied(), variance: self.variance.copied(), batches: self.batches.copied() }
    }
}

impl Running {
    /// Takes in the mean and the biased variance of a batch, of so many values each.
    #[track_caller]
    fn update(&self, mean: &Tensor, variance: &Tensor, count: usize, momentum: Option<f64>) {
        let batches = self.batches.value() + 1i64;
        self.batches.update(&batches);
        let unbiased = variance * (count as f64 / (count - 1) as f64);
        for (buffer, of_batch) in [(&self.mean, mean), (&self.variance, &unbiased)] {
            let former = buffer.value();
            let of_batch = of_batch.detach().cast(former.dtype()).reshape(former.shape());
            let moved = match momentum {
                Some(momentum) => (1.0 - momentum) * former + momentum * of_batch,
                None => &former + (of_batch - &former) / batches.cast(former.dtype()),
            };
            buffer.update(&moved);
        }
    }
}

impl BatchNorm {
    /// A layer for so many channels, with weight 1, bias 0, momentum 0.1 and ε = 1e-5, f32.
    ///
    /// # Panics
    /// When there are no channels.
    #[track_caller]
    pub fn new(channels: usize) -> BatchNorm {
        BatchNorm::with_options(channels, BatchNormOptions::default())
    }

    /// A layer with everything chosen.
    ///
    /// # Panics
    /// As [`new`](BatchNorm::new); when the momentum is not in `0.0..=1.0`, ε is negative or not finite, or the type of the parameters is no
    /// floating-point type.
    #[track_caller]
    pub fn with_options(channels: usize, options: BatchNormOptions) -> BatchNorm {
        let BatchNormOptions { epsilon, momentum, running_statistics, weight, bias, dtype, name } = options;
        assert!(channels > 0, "batch_norm: a layer of 0 channels");
        check_epsilon("batch_norm", epsilon);
        let momentum_fits = momentum.is_none_or(|momentum| (0.0..=1.0).contains(&momentum));
        assert!(momentum_fits, "batch_norm: the momentum {} is not in 0.0..=1.0", momentum.unwrap_or_default());
        let shape = Shape::from([channels]);
        let affine = Affine::new("batch_norm", shape.clone(), weight, bias, dtype, &name);
        let buffer = |own: &str, initial: Tensor| {
            Buffer::new(if name.is_empty() { own.to_owned() } else { format!("{name}.{own}") }, initial)
        };
        let running = running_statistics.then(|| Running {
            mean: buffer("running_mean", Tensor::zeros(&shape).cast(dtype)),
            variance: buffer("running_var", Tensor::ones(&shape).cast(dtype)),
            batches: buffer("num_batches_tracked", Tensor::from(0i64)),
        });
        BatchNorm { channels, epsilon, momentum, affine, running, mode: Mode::default() }
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

    /// The running mean, `[channels]`, if it is kept.
    pub fn running_mean(&self) -> Option<&Buffer> {
        self.running.as_ref().map(|running| &running.mean)
    }

    /// The running variance, `[channels]`, if it is kept.
    #[doc(alias = "running_var")]
    pub fn running_variance(&self) -> Option<&Buffer> {
        self.running.as_ref().map(|running| &running.variance)
    }
}

impl Module for BatchNorm {
    /// # Panics
    /// When the input is not `[batch, channels, …]` with as many channels as the layer has, or, normalised by its own statistics, has fewer than two
    /// values for each channel: one has no variance.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        check_float("batch_norm", input);
        let channels = self.channels;
        assert!(
            input.rank() >= 2 && input.shape()[1] == channels,
            "batch_norm: input {} must be [batch, {channels}, …]",
            input.shape()
        );
        let column = along_channels(channels, input.rank());
        let is_training = self.mode.is_training();
        let values = match &self.running {
            Some(running) if !is_training => {
                let variance = running.variance.value().reshape(&column);
                (input - running.mean.value().reshape(&column)) * (variance + self.epsilon).rsqrt()
            }
            running => {
                let count = input.elements() / channels;
                assert!(
                    count > 1,
                    "batch_norm: input {}: {count} values for each channel have no variance",
                    input.shape()
                );
                let axes: Vec<usize> = (0..input.rank()).filter(|&axis| axis != 1).collect();
                // Without the scaling of the other normalisations: over a whole batch each reduction is a pass over memory.
                let mean = input.mean_keepdim(axes.as_slice());
                let deviation = input - &mean;
                let variance = deviation.square().mean_keepdim(axes.as_slice());
                if let Some(running) = running {
                    running.update(&mean, &variance, count, self.momentum);
                }
                deviation * (variance + self.epsilon).rsqrt()
            }
        };
        self.affine.apply(values, &column)
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        self.affine.parts(parts);
        if let Some(Running { mean, variance, batches }) = &self.running {
            parts.buffer("running_mean", mean).buffer("running_var", variance);
            parts.buffer("num_batches_tracked", batches);
        }
        parts.mode(&self.mode);
    }

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}
