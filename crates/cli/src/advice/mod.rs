//! The advice: from a table and a purpose to a loss, with proof.
//!
//! The order of reasoning is purpose → functional → losses that are consistent for it → which of them the facts of the
//! data speak for → post-processing first → proof.

pub mod audit;
pub mod command;
pub mod compare;
pub mod document;
pub mod evidence;
pub mod guide;
pub mod map;
pub mod metric;
pub mod output;
pub mod problem;
pub mod purpose;
pub mod recommend;
pub mod rules;
pub mod shortlist;
pub mod written;
