//! A page as text.

use super::{table, wrapped};
use crate::page::Page;

/// Title and lead: what can be said before anything is trained.
pub fn opening(page: &Page, width: usize) -> String {
    let rule = "═".repeat(page.title.chars().count());
    let lead = page.lead.iter().map(|paragraph| wrapped(paragraph, width));
    [format!("{}\n{rule}\n", page.title)].into_iter().chain(lead).collect::<Vec<_>>().join("\n")
}

/// Grids and verdict, one after the other; figures are for the report.
pub fn findings(page: &Page, width: usize) -> String {
    let verdict = page.verdict.iter().map(|sentence| wrapped(sentence, width)).collect::<String>();
    let grids = page.grids.iter().map(|grid| table(grid, width));
    grids.chain([verdict]).filter(|block| !block.is_empty()).collect::<Vec<_>>().join("\n")
}
