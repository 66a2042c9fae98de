//! Comparisons of losses: against what Python packages recorded, at their edges, and how often their intervals hold.

mod coverage;
mod edges;
mod oracles;
mod simulated;
