//! The catalogue of losses at the command line: what there is, what each of them is, and what it gives for numbers of one's own.

mod eval;
mod explain;
mod list;
mod nearest;
mod number;
mod plot;
mod sample;

pub use eval::{EvalError, evaluate};
pub use explain::{explain, figure};
pub use list::{entry_json, list};
pub use nearest::{UnknownLoss, find};
