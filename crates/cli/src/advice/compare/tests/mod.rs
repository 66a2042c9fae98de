//! Tests of what follows from a proof, on proofs written by hand.

mod mutations;
mod plans;
mod proofs;
mod races;
mod verdicts;
