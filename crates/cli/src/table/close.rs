//! Names that look like a misspelt name.

/// At most three of `names` that are close to `wanted`, closest first; equally close ones in the order given.
///
/// Close means: equal but for upper and lower case, or turned into each other by few insertions, deletions,
/// replacements and swaps of neighbours (one for every three letters, at least one, and fewer than there are letters).
pub fn close_names<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let wanted: Vec<char> = wanted.to_lowercase().chars().collect();
    let limit = (wanted.len() / 3).max(1).min(wanted.len().saturating_sub(1));
    let mut near: Vec<(usize, &str)> = names
        .into_iter()
        .map(|name| {
            let letters: Vec<char> = name.to_lowercase().chars().collect();
            (edit_distance(&wanted, &letters), name)
        })
        .filter(|&(distance, _)| distance <= limit)
        .collect();
    near.sort_by_key(|&(distance, _)| distance);
    near.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
}

/// Letters to insert, remove, replace or swap with their neighbour (optimal string alignment), by rows of its table.
fn edit_distance(from: &[char], to: &[char]) -> usize {
    let mut before_previous: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=to.len()).collect();
    for i in 0..from.len() {
        let mut current = vec![i + 1];
        for j in 0..to.len() {
            let replaced = previous[j] + usize::from(from[i] != to[j]);
            let mut least = replaced.min(previous[j + 1] + 1).min(current[j] + 1);
            if i > 0 && j > 0 && from[i] == to[j - 1] && from[i - 1] == to[j] {
                least = least.min(before_previous[j - 1] + 1);
            }
            current.push(least);
        }
        before_previous = std::mem::replace(&mut previous, current);
    }
    previous[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance(from: &str, to: &str) -> usize {
        let letters = |text: &str| text.chars().collect::<Vec<char>>();
        edit_distance(&letters(from), &letters(to))
    }

    #[test]
    fn counts_edits() {
        assert_eq!(distance("", ""), 0);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("flaw", "lawn"), 2);
        assert_eq!(distance("cots", "cost"), 1);
        assert_eq!(distance("ab", "ba"), 1);
    }

    #[test]
    fn lists_the_closest_first_and_nothing_far() {
        let names = ["income", "inpdol", "meddol", "mdvis"];
        assert_eq!(close_names("medol", names), ["meddol"]);
        assert_eq!(close_names("MEDDOL", names), ["meddol"]);
        assert_eq!(close_names("imddol", names), ["inpdol", "meddol"]);
        assert!(close_names("zebra", names).is_empty());
        assert!(close_names("d", ["a", "b"]).is_empty());
        assert_eq!(close_names("D", ["a", "d"]), ["d"]);
    }
}
