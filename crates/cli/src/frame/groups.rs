//! Which rows belong together.

/// The group of each row, as numbers from 0; without a column of groups every row is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    /// The column they are from.
    pub name: Option<String>,
    /// One for each row.
    pub of_row: Vec<u32>,
    /// How many different ones.
    pub count: usize,
}

impl Groups {
    /// Every row by itself.
    ///
    /// # Panics
    /// If there are more rows than a group's number can tell apart.
    #[track_caller]
    pub fn none(rows: usize) -> Self {
        let count = u32::try_from(rows).expect("groups: no more than 2^32 rows");
        Self { name: None, of_row: (0..count).collect(), count: rows }
    }

    /// Whether rows were grouped by a column.
    pub fn is_given(&self) -> bool {
        self.name.is_some()
    }
}
