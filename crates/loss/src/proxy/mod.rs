//! Losses over embeddings and learned representatives of the classes: proxies, centres, weights.

mod adaptive;
mod angular;
pub(crate) mod catalog;
mod centers;
mod cosine;
mod manifold;
mod multiplicative;
mod proxies;
mod softmax;

pub use adaptive::{MagFaceOptions, curricular_face, mag_face};
pub use angular::{ArcFaceOptions, arc_face, sub_center_arc_face};
pub use centers::{center, prototypical, ring};
pub use manifold::{ManifoldOptions, manifold};
pub use multiplicative::{LargeMarginOptions, large_margin_softmax, sphere_face};
pub use proxies::{ProxyAnchorOptions, SoftTripleOptions, proxy_anchor, proxy_nca, soft_triple};
pub use softmax::{CosFaceOptions, cos_face, normalised_softmax, p2s_grad};
