//! Lists whose entries are numbered as they are first met, and found again by hash.

use std::hash::Hash;

use rustc_hash::FxHashMap;

/// Different entries, by number.
#[derive(Debug)]
pub(crate) struct Numbered<T> {
    list: Vec<T>,
    numbers: FxHashMap<T, u16>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Numbered<T> {
        Numbered { list: Vec::new(), numbers: FxHashMap::default() }
    }
}

impl<T: Clone + Eq + Hash> Numbered<T> {
    /// The number of an entry, which is added if it is not there.
    pub(crate) fn number(&mut self, entry: T) -> u16 {
        let next = self.list.len();
        let list = &mut self.list;
        *self.numbers.entry(entry).or_insert_with_key(|entry| {
            list.push(entry.clone());
            u16::try_from(next).expect("passes are bounded, and what they read and write with them")
        })
    }

    /// The entries in the order of their numbers.
    pub(crate) fn list(&self) -> &[T] {
        &self.list
    }

    /// The entries in the order of their numbers.
    pub(crate) fn into_list(self) -> Vec<T> {
        self.list
    }
}
