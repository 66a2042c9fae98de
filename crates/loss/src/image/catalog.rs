//! The entries of this family.

use crate::catalog::Entry;

pub(crate) const ENTRIES: &[Entry] = &[];
