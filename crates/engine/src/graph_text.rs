//! How graphs are laid out as text.

use std::fmt::Write;

/// Lines with a remark each, the remarks below one another.
///
/// ```
/// let lines = [("a".to_owned(), "here".to_owned()), ("longer".to_owned(), "there".to_owned())];
/// assert_eq!(minimand_engine::beside(&lines), "a       # here\nlonger  # there\n");
/// ```
pub fn beside(lines: &[(String, String)]) -> String {
    let width = lines.iter().map(|(line, _)| line.chars().count()).max().unwrap_or(0);
    lines.iter().map(|(line, remark)| format!("{line:width$}  # {remark}\n")).collect()
}

/// A graph in the DOT language, of the label of each node and the numbers of its inputs. Nodes without inputs are rounded.
///
/// ```
/// let text = minimand_engine::dot([("x".to_owned(), vec![]), ("exp".to_owned(), vec![0])]);
/// assert!(text.contains("n0 -> n1;"));
/// ```
pub fn dot(nodes: impl IntoIterator<Item = (String, Vec<usize>)>) -> String {
    let mut text = String::from("digraph {\n  rankdir=TB;\n  node [shape=box, fontname=\"monospace\"];\n");
    for (id, (label, inputs)) in nodes.into_iter().enumerate() {
        let label = label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let style = if inputs.is_empty() { ", style=rounded" } else { "" };
        let _ = writeln!(text, "  n{id} [label=\"{label}\"{style}];");
        for input in inputs {
            let _ = writeln!(text, "  n{input} -> n{id};");
        }
    }
    text.push_str("}\n");
    text
}
