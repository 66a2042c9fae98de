//! Pages to read: what is different here, and what happens when.

#[doc = include_str!("guide/coming_from_pytorch.md")]
pub mod coming_from_pytorch {}
