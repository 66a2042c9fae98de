//! Command lines that really repeat or continue a run.

use super::problem::Problem;

/// The words of a command about one table, as they have to be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableCommand {
    words: Vec<String>,
}

impl TableCommand {
    /// From words as the shell gave them: the file first, then the flags of the table.
    pub fn new(words: Vec<String>) -> Self {
        Self { words }
    }

    /// From a checked table, where there was no command line: with the roles that the problem knows.
    pub fn of(problem: &Problem) -> Self {
        let mut words = vec![problem.source.clone(), "--target".to_owned(), problem.target.name.clone()];
        if let Some(group) = &problem.groups.name {
            words.extend(["--group".to_owned(), group.clone()]);
        }
        if !problem.dropped.is_empty() {
            words.extend(["--drop".to_owned(), problem.dropped.join(",")]);
        }
        Self { words }
    }

    /// The words after the command's name.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// `minimand compare FILE --target … MORE`, quoted for a shell.
    pub fn line(&self, command: &str, more: &[&str]) -> String {
        let all =
            ["minimand", command].into_iter().chain(self.words.iter().map(String::as_str)).chain(more.iter().copied());
        all.map(quoted).collect::<Vec<_>>().join(" ")
    }
}

/// A word for a POSIX shell.
pub fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./,:=+@%".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_split_them() {
        let command = TableCommand::new(
            ["my data.csv", "--target", "fixed acidity", "--drop", "a,it's"].map(str::to_owned).to_vec(),
        );
        assert_eq!(
            command.line("compare", &["--purpose", "quantile:0.9"]),
            r"minimand compare 'my data.csv' --target 'fixed acidity' --drop 'a,it'\''s' --purpose quantile:0.9"
        );
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("$(x)"), "'$(x)'");
    }
}
