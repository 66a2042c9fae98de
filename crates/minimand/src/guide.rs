//! Pages to read: what is different here, and what happens when.

#[doc = include_str!("guide/coming_from_pytorch.md")]
pub mod coming_from_pytorch {}

#[doc = include_str!("guide/what_is_computed_when.md")]
pub mod what_is_computed_when {}

#[doc = include_str!("guide/where_a_nan_comes_from.md")]
pub mod where_a_nan_comes_from {}
