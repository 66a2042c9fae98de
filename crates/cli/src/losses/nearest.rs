//! A loss by its name, or by one that other libraries give it.

use minimand::loss::catalog::{Entry, catalog};
use thiserror::Error;

/// There is no loss of that name.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("there is no loss `{name}`{suggestion}; `minimand list` shows all")]
pub struct UnknownLoss {
    name: String,
    suggestion: String,
}

/// The loss of that name: its own, or one of another library, in any case and with `-` or spaces for `_`.
///
/// # Errors
/// Names the losses whose names are nearest.
pub fn find(name: &str) -> Result<&'static Entry, UnknownLoss> {
    find_fitting(name, |_| true)
}

/// The loss of that name that fits, where several have it elsewhere (`kl_div` is two of ours); the first if none does.
///
/// # Errors
/// As [`find`].
pub(super) fn find_fitting(name: &str, fits: impl Fn(&Entry) -> bool) -> Result<&'static Entry, UnknownLoss> {
    if let Some(own) = catalog().find(|entry| entry.name == name) {
        return Ok(own);
    }
    let wanted = plain(name);
    // Spelt as it is written there comes first: `BinaryCrossentropy` is also our `binary_cross_entropy`, spelt freely.
    let ways: [&dyn Fn(&Entry) -> bool; 3] = [
        &|entry| entry.aliases.iter().any(|(_, alias)| *alias == name),
        &|entry| plain(entry.name) == wanted,
        &|entry| entry.aliases.iter().any(|(_, alias)| plain(alias) == wanted),
    ];
    let named: Vec<&Entry> = ways.iter().flat_map(|way| catalog().filter(|entry| way(entry))).collect();
    let fitting = named.iter().find(|entry| fits(entry)).or(named.first());
    fitting.copied().ok_or_else(|| UnknownLoss { name: name.into(), suggestion: suggestion(&wanted) })
}

fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The names that are few changes away, or that contain what was asked for.
fn suggestion(wanted: &str) -> String {
    let names = catalog().flat_map(|entry| {
        std::iter::once(entry.name)
            .chain(entry.aliases.iter().map(|(_, alias)| *alias))
            .map(move |name| (name, entry.name))
    });
    let mut near: Vec<(f64, &str)> = names
        .filter_map(|(name, own)| {
            let name = plain(name);
            let close = strsim::jaro_winkler(&name, wanted);
            let contained = wanted.len() > 2 && name.contains(wanted);
            let likeness = if contained { close.max(0.9) } else { close };
            (likeness > 0.85).then_some((likeness, own))
        })
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let mut seen: Vec<&str> = Vec::new();
    for (_, name) in near {
        if !seen.contains(&name) && seen.len() < 3 {
            seen.push(name);
        }
    }
    match &seen[..] {
        [] => String::new(),
        names => {
            format!(": did you mean {}?", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_libraries_and_spellings_are_found() {
        for name in ["huber", "Huber", "HuberLoss", "huber-loss", "huber_loss"] {
            assert_eq!(find(name).map(|entry| entry.name), Ok("huber"), "{name}");
        }
    }

    #[test]
    fn names_that_differ_in_case_alone_are_told_apart() {
        let name = |name: &str| find(name).unwrap().name;
        assert_eq!(name("sparsemax_loss"), "binary_sparsemax"); // Optax
        assert_eq!(name("SparsemaxLoss"), "sparsemax"); // entmax
        assert_eq!(name("Binary-Cross-Entropy"), "binary_cross_entropy");
    }

    #[test]
    fn every_name_elsewhere_leads_to_a_loss_that_has_it() {
        for entry in catalog() {
            assert_eq!(find(entry.name).unwrap().name, entry.name);
            for (_, alias) in entry.aliases {
                let found = find_fitting(alias, |one| one.name == entry.name).unwrap();
                assert!(
                    found.name == entry.name || found.name == *alias,
                    "{alias}: {}, not {}",
                    found.name,
                    entry.name
                );
            }
        }
    }

    #[test]
    fn a_misspelt_name_suggests_the_nearest() {
        let said = |name: &str| find(name).unwrap_err().to_string();
        assert_eq!(said("hubber"), "there is no loss `hubber`: did you mean `huber`?; `minimand list` shows all");
        assert!(said("squared_eror").contains("`squared_error`"), "{}", said("squared_eror"));
        assert_eq!(said("xyzzy"), "there is no loss `xyzzy`; `minimand list` shows all");
    }
}
