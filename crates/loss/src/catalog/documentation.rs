//! What is written about a loss, read from the documentation of its function.

/// The documentation of a loss, part by part, in Markdown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documentation {
    /// The first sentence.
    pub summary: String,
    /// The formula, a definition per line.
    pub formula: String,
    /// Shapes, and what panics.
    pub shapes: String,
    /// The gradient, with the choice at kinks.
    pub gradient: String,
    /// Which statistic of the data it estimates.
    pub estimates: String,
    /// How it stays finite and exact.
    pub stability: String,
    /// An example that runs.
    pub example: String,
    /// When to use it.
    pub when_to_use: String,
    /// When it misleads.
    pub misleads: String,
    /// Paper and usual values.
    pub reference: String,
    /// Related losses.
    pub see_also: String,
    /// Names in other libraries, as the search of the documentation knows them.
    pub aliases: Vec<String>,
}

impl Documentation {
    /// Reads the documentation of a public function in a source text.
    pub(super) fn find(source: &str, function: &str) -> Option<Documentation> {
        let lines: Vec<&str> = source.lines().collect();
        let is_it = |line: &&str| {
            let signature = line.strip_prefix("pub fn ").and_then(|rest| rest.strip_prefix(function));
            signature.is_some_and(|rest| rest.starts_with(['(', '<']))
        };
        let end = lines.iter().position(is_it)?;
        let belongs = |line: &&&str| line.starts_with("///") || line.starts_with("#[") || line.starts_with("#![");
        let start = end - lines[..end].iter().rev().take_while(belongs).count();
        let text = |line: &str| Some(line.strip_prefix("///")?.strip_prefix(' ').unwrap_or_default().to_owned());
        let aliases = lines[start..end]
            .iter()
            .filter_map(|line| Some(line.strip_prefix("#[doc(alias = \"")?.strip_suffix("\")]")?.to_owned()));
        let mut documentation = Documentation::read(lines[start..end].iter().filter_map(|line| text(line)));
        documentation.aliases = aliases.collect();
        Some(documentation)
    }

    fn read(lines: impl Iterator<Item = String>) -> Documentation {
        let mut documentation = Documentation::default();
        let (mut section, mut in_code) = (String::new(), false);
        for line in lines {
            in_code ^= line.starts_with("```");
            if let (Some(heading), false) = (line.strip_prefix("# "), in_code) {
                section = heading.into();
                continue;
            }
            if let Some(part) = documentation.part(&section) {
                part.push_str(&line);
                part.push('\n');
            }
        }
        documentation.divide();
        documentation
    }

    fn part(&mut self, section: &str) -> Option<&mut String> {
        Some(match section {
            "" => &mut self.summary,
            "Shapes" => &mut self.shapes,
            "Gradient" => &mut self.gradient,
            "Estimates" => &mut self.estimates,
            "Stability" => &mut self.stability,
            "Example" => &mut self.example,
            "When to use" => &mut self.when_to_use,
            "Reference" => &mut self.reference,
            "See also" => &mut self.see_also,
            _ => return None,
        })
    }

    /// Parts the formula from the summary, and the advice from the warning; takes lines together into paragraphs.
    fn divide(&mut self) {
        let head = std::mem::take(&mut self.summary);
        let (before, rest) = head.split_once("```text\n").unwrap_or((&head, ""));
        self.formula = rest.split_once("```").map_or("", |(formula, _)| formula).trim().to_owned();
        self.summary = joined(before.split("\n\n").next().unwrap_or_default());
        let advice = joined(&self.when_to_use);
        let (use_it, misleads) = advice.find("It misleads").map_or((&*advice, ""), |at| advice.split_at(at));
        (self.when_to_use, self.misleads) = (use_it.trim().to_owned(), misleads.trim().to_owned());
        for part in [
            &mut self.shapes,
            &mut self.gradient,
            &mut self.estimates,
            &mut self.stability,
            &mut self.reference,
            &mut self.see_also,
        ] {
            *part = joined(part);
        }
        self.example = self.example.trim().to_owned();
    }
}

/// Paragraphs, each on a line.
fn joined(text: &str) -> String {
    let paragraph = |paragraph: &str| paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    text.split("\n\n").map(paragraph).filter(|paragraph| !paragraph.is_empty()).collect::<Vec<_>>().join("\n\n")
}
