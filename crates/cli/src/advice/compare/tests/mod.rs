//! Tests of what follows from a proof, on proofs written by hand.

mod plans;
mod proofs;
mod races;
mod verdicts;
