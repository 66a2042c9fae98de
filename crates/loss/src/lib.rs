//! Loss functions, each written as its formula over [`minimand_tensor`]'s public operations.
//!
//! Every loss is a free function `(prediction, target, parameters)` that returns one loss per element or per example,
//! never reduced: the caller writes `.mean()`, `.sum()` or a weighted mean. Nobody wrote a gradient: gradients of any
//! order are derived.
//!
//! ```
//! use minimand_loss::huber;
//! use minimand_tensor::Tensor;
//!
//! let prediction = Tensor::from([0.5, 2.0, -3.0]);
//! let target = Tensor::from([0.0, 0.0, 0.0]);
//! let loss = huber(&prediction, &target, 1.0);
//! assert_eq!(loss.to_string(), "[0.125, 1.5, 2.5]");
//! assert_eq!(loss.sum().grad(&prediction).to_string(), "[0.5, 1, -1]");
//! ```

mod adversarial;
mod calibration;
pub mod catalog;
mod classification;
mod detection;
mod divergence;
mod embedding;
mod excess;
mod generative;
mod image;
mod label_noise;
mod labels;
mod likelihood;
mod linear;
mod numbers;
mod odds;
mod ordinal;
mod preference;
mod proxy;
mod ranking;
mod regression;
mod risk;
mod segmentation;
mod self_supervised;
mod sequence;
mod shape;
mod survival;
mod transport;

pub use adversarial::*;
pub use calibration::*;
pub use catalog::catalog;
pub use classification::*;
pub use detection::*;
pub use divergence::*;
pub use embedding::*;
pub use generative::*;
pub use image::*;
pub use label_noise::*;
pub use labels::*;
pub use likelihood::*;
pub use ordinal::*;
pub use preference::*;
pub use proxy::*;
pub use ranking::*;
pub use regression::*;
pub use risk::*;
pub use segmentation::*;
pub use self_supervised::*;
pub use sequence::*;
pub use survival::*;
pub use transport::*;
