//! A table of finite numbers with named columns, validated once when it is loaded.
//!
//! ```
//! use minimand_cli::table::Table;
//!
//! let table = Table::from_bytes(b"age,cost\n31,8.45\n57,62.08\n", "visits.csv")?;
//! assert_eq!(table.column("cost")?, [8.45, 62.08]);
//! let mistake = table.column("cots").unwrap_err();
//! assert_eq!(mistake.to_string(), r#"visits.csv: no column is named "cots"; did you mean "cost"?"#);
//! # Ok::<(), minimand_cli::table::TableError>(())
//! ```

mod close;
mod error;
pub(crate) mod read;

pub use close::close_names;
pub use error::TableError;

/// Numbers by named columns: at least one column, at least one row, every value finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    source_name: String,
    names: Vec<String>,
    columns: Vec<Vec<f64>>,
}

impl Table {
    /// Where the table is from: a path, or a name given by the program.
    pub fn source_name(&self) -> &str {
        &self.source_name
    }

    /// Number of rows, at least 1.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// Names of the columns, in their order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The columns, in their order.
    pub fn columns(&self) -> &[Vec<f64>] {
        &self.columns
    }

    /// The column of a name.
    pub fn column(&self, name: &str) -> Result<&[f64], TableError> {
        Ok(&self.columns[self.position(name)?])
    }

    /// The column of a name as keys of groups: whole numbers from 0 to below 2⁵³. From there on the column's numbers are
    /// rounded, and two keys could have become one.
    pub fn keys(&self, name: &str) -> Result<Vec<u64>, TableError> {
        const FIRST_ROUNDED: f64 = 9_007_199_254_740_992.0; // 2⁵³, which 2⁵³ + 1 is rounded to
        let column = self.column(name)?;
        let key = |(row, &value): (usize, &f64)| {
            if value.fract() == 0.0 && (0.0..FIRST_ROUNDED).contains(&value) {
                Ok(value as u64)
            } else {
                Err(TableError::NotAKey {
                    source_name: self.source_name.clone(),
                    row: row + 1,
                    column: name.to_owned(),
                    value,
                })
            }
        };
        column.iter().enumerate().map(key).collect()
    }

    /// The table without the named columns; every one of them has to be there.
    ///
    /// # Panics
    /// If no column is left.
    #[track_caller]
    pub fn without(&self, dropped: &[&str]) -> Result<Self, TableError> {
        for name in dropped {
            self.position(name)?;
        }
        let kept = |name: &String| !dropped.contains(&name.as_str());
        let (names, columns): (Vec<_>, Vec<_>) =
            (self.names.iter().cloned()).zip(self.columns.iter().cloned()).filter(|(name, _)| kept(name)).unzip();
        assert!(!names.is_empty(), "without: no column of {} is left", self.source_name);
        Ok(Self { source_name: self.source_name.clone(), names, columns })
    }

    /// The table of the rows for which `keep` says so, given the row's number from 0.
    ///
    /// # Panics
    /// If no row is left.
    #[track_caller]
    pub fn rows_where(&self, keep: impl Fn(usize) -> bool) -> Self {
        let rows: Vec<usize> = (0..self.rows()).filter(|&row| keep(row)).collect();
        assert!(!rows.is_empty(), "rows_where: no row of {} is left", self.source_name);
        let columns = self.columns.iter().map(|column| rows.iter().map(|&row| column[row]).collect()).collect();
        Self { source_name: self.source_name.clone(), names: self.names.clone(), columns }
    }

    fn position(&self, name: &str) -> Result<usize, TableError> {
        self.names.iter().position(|other| other == name).ok_or_else(|| TableError::UnknownColumn {
            source_name: self.source_name.clone(),
            name: name.to_owned(),
            close: close_names(name, self.names.iter().map(String::as_str)),
        })
    }
}

#[cfg(test)]
mod tests;
