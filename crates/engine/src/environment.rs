//! The variables of the environment that choose how values are computed, never which: to look at what other machines do, and for tools
//! that check memory.

use std::ffi::OsString;

/// A variable of the environment has a value that means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is {value:?}; it can be {}", either(.choices))]
pub struct EnvironmentError {
    variable: &'static str,
    value: OsString,
    choices: Vec<&'static str>,
}

impl EnvironmentError {
    /// The name of the variable.
    pub fn variable(&self) -> &'static str {
        self.variable
    }

    /// What it can be on this machine.
    pub fn choices(&self) -> &[&'static str] {
        &self.choices
    }
}

/// Names as a sentence has them: `a, b or c`.
fn either(names: &[&str]) -> String {
    match names {
        [first @ .., before, last] => {
            let first: String = first.iter().flat_map(|name| [name, ", "]).collect();
            format!("{first}{before} or {last}")
        }
        _ => names.concat(),
    }
}

/// On or off; on if it is not set.
pub(crate) const SWITCH: [(&str, bool); 2] = [("1", true), ("0", false)];

/// What a variable stands for; the first choice if it is not set.
pub(crate) fn chosen<T: Copy>(
    value: impl Fn(&str) -> Option<OsString>,
    variable: &'static str,
    choices: &[(&'static str, T)],
) -> Result<T, EnvironmentError> {
    let Some(value) = value(variable) else { return Ok(choices[0].1) };
    let choice = choices.iter().find(|(name, _)| value == *name);
    choice.map(|&(_, choice)| choice).ok_or_else(|| {
        let choices = choices.iter().map(|&(name, _)| name).collect();
        EnvironmentError { variable, value, choices }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_as_a_sentence() {
        assert_eq!(either(&["a"]), "a");
        assert_eq!(either(&["a", "b"]), "a or b");
        assert_eq!(either(&["a", "b", "c"]), "a, b or c");
    }
}
