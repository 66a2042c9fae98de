//! Layers, initialisers, dropout, checkpoints and batches.
//!
//! A [`Module`] maps a tensor to a tensor and names its parts; from the names follow its parameters and [buffers](Buffer), its
//! [checkpoints](Checkpoint), what is [frozen](Module::freeze), its [summary](Module::summary) and the switch between training and
//! evaluation. Layers are written with the tensor's public operations only: no gradient
//! is written by hand.
//!
//! ```
//! use minimand_nn::{Activation, Mlp, Module};
//! use minimand_tensor::{Rng, Tensor, grad};
//!
//! let mut rng = Rng::seed(7);
//! let x = Tensor::normal([256, 2], &mut rng);
//! let y = x.at(1, 0) * x.at(1, 1); // what is to be learnt
//!
//! let model = Mlp::new([2, 16, 16, 1], Activation::Gelu, &mut rng);
//! let loss_of_model = || (model.forward(&x).squeeze(-1) - &y).square().mean();
//! let before = loss_of_model().item();
//! for _ in 0..200 {
//!     let loss = loss_of_model();
//!     let parameters = model.parameters();
//!     let values: Vec<Tensor> = parameters.iter().map(|parameter| parameter.value()).collect();
//!     for ((parameter, value), slope) in parameters.iter().zip(&values).zip(grad(&loss, &values)) {
//!         parameter.set(value - 0.1 * slope);
//!     }
//! }
//! assert!(before > 0.9 && loss_of_model().item() < 0.1);
//! ```

mod activation;
mod attention;
mod batches;
mod buffer;
mod checkpoint;
mod compose;
mod convolution;
mod dropout;
mod embedding;
mod functional;
mod gates;
mod generator;
mod initializer;
mod linear;
mod mlp;
mod module;
mod multi_head;
mod normalisation;
mod parameters;
mod picture;
mod pooling;
mod position;
mod recurrent;
mod resampling;
mod residual;
mod row_table;
mod summary;
mod transformer;

pub use activation::Activation;
pub use attention::{AttentionMask, attention_weights, scaled_dot_product_attention};
pub use batches::{Batches, Epoch};
pub use buffer::Buffer;
pub use checkpoint::{Checkpoint, CheckpointError, Misfit, Restored};
pub use compose::{Function, Sequential};
pub use convolution::{
    Conv1d, Conv1dOptions, Conv2d, Conv2dOptions, ConvTranspose1d, ConvTranspose1dOptions, ConvTranspose2d,
    ConvTranspose2dOptions, conv_1d, conv_2d, conv_transpose_1d, conv_transpose_2d,
};
pub use dropout::Dropout;
pub use embedding::{BagReduction, Embedding, EmbeddingBag, EmbeddingOptions};
pub use functional::with_parameters;
pub use gates::{Glu, PRelu};
pub use generator::Generator;
pub use initializer::{Fan, Initializer, kaiming_normal, kaiming_uniform, xavier_normal, xavier_uniform};
pub use linear::Linear;
pub use mlp::{Mlp, MlpOptions};
pub use module::{Mode, Module, Parts};
pub use multi_head::{MultiHeadAttention, MultiHeadAttentionOptions};
pub use normalisation::{
    BatchNorm, BatchNormOptions, GroupNorm, LayerNorm, NormOptions, RmsNorm, RmsNormOptions, group_norm, layer_norm,
    rms_norm,
};
pub use parameters::ParameterOptions;
pub use pooling::{
    AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveMaxPool2d, AvgPool1d, AvgPool2d, Flatten, MaxPool1d, MaxPool2d,
    Pool1dOptions, Pool2dOptions, adaptive_avg_pool_1d, adaptive_avg_pool_2d, adaptive_max_pool_2d, avg_pool_1d,
    avg_pool_2d, max_pool_1d, max_pool_2d,
};
pub use position::{
    LearnedPositions, SinusoidalPositions, alibi_bias, alibi_slopes, rotate_by_position, sinusoidal_positions,
};
pub use recurrent::{Gru, GruCell, Lstm, LstmCell, LstmState, RecurrentOptions, Rnn, RnnCell};
pub use resampling::{
    PixelShuffle, PixelUnshuffle, Upsample, UpsampleMode, pad_circular, pad_reflect, pad_replicate, pixel_shuffle,
    pixel_unshuffle, upsample_bilinear_2d, upsample_nearest_2d,
};
pub use residual::Residual;
pub use row_table::{PickedRows, RowTable};
pub use summary::{Identity, ModuleSummary, ParameterCount, Role, Summary, ValueSummary};
pub use transformer::{TransformerBlock, TransformerEncoder, TransformerOptions};
