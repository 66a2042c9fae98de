//! Values found by hash, within a bound of bytes. The least recently used are let go first.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// No place.
const NONE: u32 = u32::MAX;

/// How many values with one hash are kept: a look-up compares with all of them.
const ALIKE: usize = 16;

/// A cache whose values say themselves whether they are what is looked for. They are linked in the order of their last use.
pub struct Recent<V> {
    /// Where the values with a hash are.
    places: FxHashMap<u64, SmallVec<[u32; 2]>>,
    entries: Vec<Option<Entry<V>>>,
    /// Entries without a value.
    free: Vec<u32>,
    newest: u32,
    oldest: u32,
    bytes: usize,
    bound: usize,
}

struct Entry<V> {
    value: V,
    hash: u64,
    bytes: usize,
    newer: u32,
    older: u32,
}

impl<V> Recent<V> {
    /// Nothing yet. The values may take so many bytes together; a single one may take more.
    pub fn new(bound: usize) -> Recent<V> {
        Recent {
            places: FxHashMap::default(),
            entries: Vec::new(),
            free: Vec::new(),
            newest: NONE,
            oldest: NONE,
            bytes: 0,
            bound,
        }
    }

    /// Number of values.
    pub fn count(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    /// The bytes that the values take, as was said when they were inserted.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The values with this hash.
    pub fn alike(&self, hash: u64) -> impl Iterator<Item = &V> {
        self.places.get(&hash).into_iter().flatten().map(|&place| &self.entry(place).value)
    }

    /// The value with this hash that fits, which counts as a use of it.
    pub fn find(&mut self, hash: u64, fits: impl Fn(&V) -> bool) -> Option<&V> {
        let places = self.places.get(&hash)?;
        let place = places.iter().copied().find(|&place| fits(&self.entry(place).value))?;
        if place != self.newest {
            self.unlink(place);
            self.link(place);
        }
        Some(&self.entry(place).value)
    }

    /// Adds a value; returns those that are let go for it, for the caller to drop once no lock is held.
    #[must_use]
    pub fn insert(&mut self, hash: u64, value: V, bytes: usize) -> Vec<V> {
        let mut dropped = Vec::new();
        if let Some(places) = self.places.get(&hash)
            && places.len() >= ALIKE
        {
            let first = places[0];
            dropped.push(self.remove(first));
        }
        while self.oldest != NONE && self.bytes.saturating_add(bytes) > self.bound {
            dropped.push(self.remove(self.oldest));
        }
        let entry = Some(Entry { value, hash, bytes, newer: NONE, older: NONE });
        let place = match self.free.pop() {
            Some(place) => {
                self.entries[place as usize] = entry;
                place
            }
            None => {
                self.entries.push(entry);
                self.entries.len() as u32 - 1
            }
        };
        self.places.entry(hash).or_default().push(place);
        self.bytes += bytes;
        self.link(place);
        dropped
    }

    /// Takes the values with this hash out that are not wanted any more.
    #[must_use]
    pub fn remove_where(&mut self, hash: u64, unwanted: impl Fn(&V) -> bool) -> Vec<V> {
        let places = self.places.get(&hash).cloned().unwrap_or_default();
        let places = places.into_iter().filter(|&place| unwanted(&self.entry(place).value)).collect::<Vec<u32>>();
        places.into_iter().map(|place| self.remove(place)).collect()
    }

    /// Takes all values out.
    #[must_use]
    pub fn take(&mut self) -> Vec<V> {
        let all = std::mem::replace(self, Recent::new(self.bound));
        all.entries.into_iter().flatten().map(|entry| entry.value).collect()
    }

    fn entry(&self, place: u32) -> &Entry<V> {
        self.entries[place as usize].as_ref().expect("places lead to values")
    }

    fn entry_mut(&mut self, place: u32) -> &mut Entry<V> {
        self.entries[place as usize].as_mut().expect("places lead to values")
    }

    fn remove(&mut self, place: u32) -> V {
        self.unlink(place);
        let entry = self.entries[place as usize].take().expect("places lead to values");
        self.free.push(place);
        self.bytes -= entry.bytes;
        let places = self.places.get_mut(&entry.hash).expect("every value is listed");
        places.retain(|other| *other != place);
        if places.is_empty() {
            self.places.remove(&entry.hash);
        }
        entry.value
    }

    /// Takes an entry out of the order.
    fn unlink(&mut self, place: u32) {
        let (newer, older) = (self.entry(place).newer, self.entry(place).older);
        match newer {
            NONE => self.newest = older,
            newer => self.entry_mut(newer).older = older,
        }
        match older {
            NONE => self.oldest = newer,
            older => self.entry_mut(older).newer = newer,
        }
    }

    /// Makes an entry the newest.
    fn link(&mut self, place: u32) {
        let older = std::mem::replace(&mut self.newest, place);
        let entry = self.entry_mut(place);
        (entry.newer, entry.older) = (NONE, older);
        match older {
            NONE => self.oldest = place,
            older => self.entry_mut(older).newer = place,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a list in the order of use would hold, against a cache with colliding hashes, over random uses.
    #[test]
    fn the_least_recently_used_go_first() {
        let mut rng = crate::formula::Noise::seed(3);
        for bound in [1, 10, 100] {
            let mut cache = Recent::new(bound);
            let mut model: Vec<(u64, usize)> = Vec::new();
            for _ in 0..5000 {
                let key = rng.below(40) as u64;
                let (hash, known) = (key % 9, model.iter().position(|(other, _)| *other == key));
                let found = cache.find(hash, |(other, _)| *other == key).copied();
                assert_eq!(found, known.map(|at| model[at]));
                if let Some(at) = known {
                    let used = model.remove(at);
                    model.push(used);
                } else {
                    let bytes = rng.below(8);
                    let mut gone = Vec::new();
                    while !model.is_empty() && model.iter().map(|(_, bytes)| bytes).sum::<usize>() + bytes > bound {
                        gone.push(model.remove(0));
                    }
                    assert_eq!(cache.insert(hash, (key, bytes), bytes), gone);
                    model.push((key, bytes));
                }
                assert_eq!((cache.count(), cache.bytes()), (model.len(), model.iter().map(|(_, bytes)| bytes).sum()));
            }
            let mut rest = cache.take();
            rest.sort_unstable();
            model.sort_unstable();
            assert_eq!((rest, cache.count(), cache.bytes()), (model, 0, 0));
        }
    }

    /// A look-up compares with few values, whatever their hashes.
    #[test]
    fn values_with_one_hash_are_few() {
        let mut cache = Recent::new(usize::MAX);
        let dropped: Vec<i32> = (0..100).flat_map(|number| cache.insert(7, number, 1)).collect();
        assert_eq!(dropped, (0..100 - ALIKE as i32).collect::<Vec<_>>());
        assert_eq!(cache.alike(7).count(), ALIKE);
    }
}
