//! Pooling: one number for each window. And what comes after it: pictures as rows.

mod adaptive;
mod flatten;
mod pool_1d;
mod pool_2d;
mod windows;

pub use adaptive::{
    AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveMaxPool2d, adaptive_avg_pool_1d, adaptive_avg_pool_2d,
    adaptive_max_pool_2d,
};
pub use flatten::Flatten;
pub use pool_1d::{AvgPool1d, MaxPool1d, Pool1dOptions, avg_pool_1d, max_pool_1d};
pub use pool_2d::{AvgPool2d, MaxPool2d, Pool2dOptions, avg_pool_2d, max_pool_2d};
