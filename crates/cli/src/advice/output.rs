//! Where an advice goes: standard output as JSON, and a directory with the report.

use std::path::PathBuf;

use super::document::Document;
use crate::report::{
    OutputDirectory, ReportError,
    advice::{Exhibits, report},
};

/// Writes `advice.json`, every plot as an SVG file, and `report.html`, whose path it gives.
///
/// # Errors
/// When a file cannot be written.
pub fn write(directory: &OutputDirectory, document: &Document, exhibits: &Exhibits) -> Result<PathBuf, ReportError> {
    directory.write_advice(document)?;
    for figure in &exhibits.figures {
        directory.write_figure(figure)?;
    }
    directory.write_page(&report(document, exhibits))
}

/// The whole document as JSON, with a line's end.
pub fn json(document: &Document) -> String {
    format!("{:#}\n", serde_json::json!(document))
}
