//! What the environment chooses of how passes run, and whether all that it chooses means something.

use std::ffi::OsString;
use std::sync::OnceLock;

use super::dispatch::Level;
use crate::buffer::pooled;
use crate::environment::{EnvironmentError, SWITCH, chosen};

/// What the environment chooses.
pub(crate) struct Choice {
    /// `MINIMAND_LEVEL`: a level of this processor; the best one if it is not set.
    pub(crate) level: Level,
    /// `MINIMAND_GENERATE`: whether passes become machine code.
    pub(crate) generate: bool,
}

impl Choice {
    /// What the environment chose when it was first asked.
    ///
    /// # Panics
    /// When a variable has a value without a meaning.
    pub(crate) fn made() -> &'static Choice {
        read().as_ref().unwrap_or_else(|error| panic!("{error}"))
    }

    fn of(value: impl Fn(&str) -> Option<OsString>) -> Result<Choice, EnvironmentError> {
        let levels: Vec<(&str, Level)> = Level::available().iter().map(|&level| (level.name(), level)).collect();
        Ok(Choice {
            level: chosen(&value, "MINIMAND_LEVEL", &levels)?,
            generate: chosen(&value, "MINIMAND_GENERATE", &SWITCH)?,
        })
    }
}

fn read() -> &'static Result<Choice, EnvironmentError> {
    static CHOICE: OnceLock<Result<Choice, EnvironmentError>> = OnceLock::new();
    CHOICE.get_or_init(|| Choice::of(|name| std::env::var_os(name)))
}

/// Checks the variables of the environment that this library reads, which happens once. A program that calls this when it starts can report
/// a mistyped value as it reports other mistakes; otherwise the first evaluation panics with the error's line.
///
/// | variable | can be | says |
/// | --- | --- | --- |
/// | `MINIMAND_LEVEL` | `avx512`, `avx2`, `neon`, `portable`: those of this processor | the instructions to compute with; the best there are if it is not set |
/// | `MINIMAND_GENERATE` | `1`, `0` | whether passes become machine code, where the level has some |
/// | `MINIMAND_POOL` | `1`, `0` | whether memory is kept and used again; with `0` every buffer is an allocation of exactly its size, so that a tool that checks memory sees each step beyond it |
///
/// ```
/// minimand_engine::check_environment()?;
/// # Ok::<(), minimand_engine::EnvironmentError>(())
/// ```
///
/// # Errors
/// When one of them is set to anything else, the empty text included.
pub fn check_environment() -> Result<(), EnvironmentError> {
    read().as_ref().map(drop).and(pooled().as_ref().map(drop)).map_err(Clone::clone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variable: &'static str, value: &'static str) -> Result<Choice, EnvironmentError> {
        Choice::of(move |name| (name == variable).then(|| value.into()))
    }

    fn pool(value: &'static str) -> Result<bool, EnvironmentError> {
        chosen(|_| Some(value.into()), "MINIMAND_POOL", &SWITCH)
    }

    #[test]
    fn nothing_set_is_the_best_of_everything() {
        let choice = Choice::of(|_| None).expect("nothing is wrong with nothing");
        assert_eq!(choice.level, Level::available()[0]);
        assert!(choice.generate);
        assert_eq!(chosen(|_| None, "MINIMAND_POOL", &SWITCH), Ok(true));
    }

    #[test]
    fn each_variable_chooses_what_it_names() {
        for &level in Level::available() {
            assert_eq!(with("MINIMAND_LEVEL", level.name()).expect("a level of this processor").level, level);
        }
        for (value, switch) in [("0", false), ("1", true)] {
            assert_eq!(with("MINIMAND_GENERATE", value).expect("a switch").generate, switch);
            assert_eq!(pool(value), Ok(switch));
        }
    }

    #[test]
    fn anything_else_is_an_error_of_one_line_that_says_what_it_can_be() {
        for (variable, values) in [
            ("MINIMAND_LEVEL", ["sse9", "", "AVX2", "portable "]),
            ("MINIMAND_GENERATE", ["no", "", "00", "true"]),
            ("MINIMAND_POOL", ["off", "", "2", "\n1"]),
        ] {
            for value in values {
                let error = if variable == "MINIMAND_POOL" { pool(value).err() } else { with(variable, value).err() };
                let error = error.unwrap_or_else(|| panic!("{variable} took {value:?}"));
                let line = error.to_string();
                assert!(line.starts_with(&format!("{variable} is {value:?}; it can be ")), "{line}");
                assert!(error.choices().iter().all(|choice| line.contains(choice)), "{line}");
                assert_eq!((line.lines().count(), error.variable()), (1, variable));
            }
        }
        let error = pool("off").expect_err("seen above");
        assert_eq!(error.to_string(), "MINIMAND_POOL is \"off\"; it can be 1 or 0");
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_no_text_is_an_error_too() {
        use std::os::unix::ffi::OsStringExt;
        let error = Choice::of(|_| Some(OsString::from_vec(vec![b'a', 0xff]))).err().expect("no text");
        assert!(error.to_string().starts_with(r#"MINIMAND_LEVEL is "a\xFF"; it can be "#), "{error}");
    }
}
