//! Command lines to copy.

/// A command after `$ `, broken before its flags where it is wider than `width`, with the shell's `\` at each break: what
/// is copied runs as it is.
pub fn command(line: &str, width: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    for word in line.split_whitespace() {
        match parts.last_mut() {
            // A flag opens a part; what follows belongs to it.
            Some(part) if !word.starts_with("--") => {
                part.push(' ');
                part.push_str(word);
            }
            _ => parts.push(word.to_owned()),
        }
    }
    let letters = |text: &str| text.chars().count();
    let mut lines: Vec<String> = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let tail = if place + 1 < parts.len() { 2 } else { 0 };
        match lines.last_mut() {
            Some(line) if letters(line) + 1 + letters(part) + tail <= width => {
                line.push(' ');
                line.push_str(part);
            }
            Some(_) => lines.push(format!("      {part}")),
            None => lines.push(format!("$ {part}")),
        }
    }
    lines.join(" \\\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_broken_before_flags() {
        let line = "minimand compare data.csv --target y --purpose total --losses a,b";
        assert_eq!(command(line, 80), format!("$ {line}\n"));
        let expected = "\
$ minimand compare data.csv --target y \\
      --purpose total --losses a,b
";
        assert_eq!(command(line, 48), expected);
        let copied = command(line, 48).replace("$ ", "").replace("\\\n", "");
        assert_eq!(copied.split_whitespace().collect::<Vec<_>>(), line.split_whitespace().collect::<Vec<_>>());
    }
}
