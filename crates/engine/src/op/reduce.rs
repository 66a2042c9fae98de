//! Reductions.

/// How the entries of reduced axes are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reduction {
    /// Their sum; 0 of nothing.
    Sum,
    /// The greatest; NaN if any is; of nothing, the least value of the type.
    Max,
    /// The least; NaN if any is; of nothing, the greatest value of the type.
    Min,
}

impl Reduction {
    /// Every kind.
    pub const ALL: &'static [Reduction] = &[Reduction::Sum, Reduction::Max, Reduction::Min];

    /// The name of the operation in texts for people.
    pub fn name(self) -> &'static str {
        match self {
            Reduction::Sum => "sum",
            Reduction::Max => "max",
            Reduction::Min => "min",
        }
    }
}
