//! Classification losses: oracles, recorded values, finite differences, extremes, laws, minimisers, panics.

mod common;

#[path = "classification/binary.rs"]
mod binary;
#[path = "classification/binary_focal.rs"]
mod binary_focal;
#[path = "classification/categorical_focal.rs"]
mod categorical_focal;
#[path = "classification/cross_entropy.rs"]
mod cross_entropy;
#[path = "classification/excluded.rs"]
mod excluded;
#[path = "classification/oracle.rs"]
mod oracle;
#[path = "classification/pieces.rs"]
mod pieces;
#[path = "classification/probabilities.rs"]
mod probabilities;
#[path = "classification/several.rs"]
mod several;
#[path = "classification/sparse.rs"]
mod sparse;
#[path = "classification/traps.rs"]
mod traps;
