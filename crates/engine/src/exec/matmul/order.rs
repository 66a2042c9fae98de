//! In which order the terms of a product's entries are added, so that its parts may be multiplied by themselves.

/// In which order the terms of a sum are added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::exec) enum Order {
    /// In any that the sizes give.
    Free,
    /// In the one that the sizes of the whole product give, its rows, columns and terms: the same for any part of the rows and of the columns, and
    /// if zeros at the ends are left out. Where it is not thin, one after the other, or as the crate adds more than `IN_A_ROW` of them.
    Chain { whole: [usize; 3] },
}

impl Order {
    /// The sizes of the whole product that one of these sizes is a part of.
    pub(super) fn whole(self, sizes: [usize; 3]) -> [usize; 3] {
        match self {
            Order::Free => sizes,
            Order::Chain { whole } => whole,
        }
    }

    /// That of the transposed product.
    pub(super) fn transposed(self) -> Order {
        match self {
            Order::Free => Order::Free,
            Order::Chain { whole: [m, n, k] } => Order::Chain { whole: [n, m, k] },
        }
    }
}

/// Terms that the crate adds up one after the other.
pub(super) const IN_A_ROW: usize = 512;
