//! The report of a run: `report.html`, one self-contained page, `numbers.json`, the same in figures, and each plot as an
//! SVG file.

pub mod advice;
pub mod exhibits;
pub mod html;
pub mod pictures;
pub mod plot;

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::Serialize;
use tempfile::Builder;

use crate::{advice::document::Document, page::Figure};

/// The page's file name.
pub const PAGE: &str = "report.html";

/// The figures' file name.
pub const NUMBERS: &str = "numbers.json";

/// The file name of an advice.
pub const ADVICE: &str = "advice.json";

/// A directory that reports can be written to: this was tried when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputDirectory {
    path: PathBuf,
}

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The directory is not there and cannot be made.
    #[error("{}: the directory cannot be created: {cause}", path.display())]
    Create {
        /// The directory.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// The file could not be written, or the directory holds something else of its name.
    #[error("{}: cannot be written: {cause}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
}

/// Held while there is a draft of a file: a program that ends by a signal drops nothing.
static DRAFT: Mutex<()> = Mutex::new(());

impl OutputDirectory {
    /// Creates the directory where it is missing, and tries that files can be written to it.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, ReportError> {
        let path = path.into();
        fs::create_dir_all(&path).map_err(|cause| ReportError::Create { path: path.clone(), cause })?;
        let directory = Self { path };
        for name in [PAGE, NUMBERS, ADVICE] {
            let file = directory.path.join(name);
            if file.is_dir() {
                return Err(ReportError::Write { path: file, cause: io::ErrorKind::IsADirectory.into() });
            }
            directory.draft().map_err(|cause| ReportError::Write { path: file, cause })?;
        }
        Ok(directory)
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the page; gives its path.
    pub fn write_page(&self, html: &str) -> Result<PathBuf, ReportError> {
        self.write(PAGE, html.as_bytes())
    }

    /// Writes the figures as JSON; gives their path. A figure that is not finite becomes `null`.
    pub fn write_numbers(&self, numbers: &impl Serialize) -> Result<PathBuf, ReportError> {
        self.write_json(NUMBERS, numbers)
    }

    /// Writes an advice as JSON; gives its path.
    pub fn write_advice(&self, document: &Document) -> Result<PathBuf, ReportError> {
        self.write_json(ADVICE, document)
    }

    fn write_json(&self, name: &str, value: &impl Serialize) -> Result<PathBuf, ReportError> {
        let mut json = serde_json::to_vec_pretty(value)
            .map_err(|error| ReportError::Write { path: self.path.join(name), cause: error.into() })?;
        json.push(b'\n');
        self.write(name, &json)
    }

    /// Writes a figure's drawing to a file of its own; gives its path.
    pub fn write_figure(&self, figure: &Figure) -> Result<PathBuf, ReportError> {
        self.write(&format!("{}.svg", figure.name), plot::standalone(&figure.svg).as_bytes())
    }

    /// Ends the program, once no file is half written.
    pub fn exit(status: i32) -> ! {
        let _none = DRAFT.lock();
        std::process::exit(status)
    }

    /// All or nothing: an interrupted write leaves the file that was there before.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, ReportError> {
        let path = self.path.join(name);
        let _held = DRAFT.lock().unwrap_or_else(PoisonError::into_inner);
        let written = self.draft().and_then(|mut draft| {
            draft.write_all(bytes)?;
            draft.as_file().sync_all()?;
            draft.persist(&path).map_err(io::Error::from)
        });
        match written {
            Ok(_) => Ok(path),
            Err(cause) => Err(ReportError::Write { path, cause }),
        }
    }

    /// A new file in the directory, gone when dropped, and as readable as any other that the user makes.
    fn draft(&self) -> io::Result<tempfile::NamedTempFile> {
        let mut builder = Builder::new();
        builder.prefix(".minimand-").suffix(".tmp");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        builder.tempfile_in(&self.path)
    }
}

/// Writes one drawing to a file, whole or not at all.
///
/// # Errors
/// When the directory is not there or the file cannot be written.
pub fn write_drawing(path: &Path, svg: &str) -> Result<(), ReportError> {
    let refused = |cause| ReportError::Write { path: path.to_owned(), cause };
    let name = path.file_name().ok_or_else(|| refused(io::ErrorKind::IsADirectory.into()))?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let directory = OutputDirectory { path: parent.to_owned() };
    let name = name.to_str().ok_or_else(|| refused(io::ErrorKind::InvalidFilename.into()))?;
    directory.write(name, plot::standalone(svg).as_bytes()).map(|_| ()).map_err(|error| match error {
        ReportError::Write { cause, .. } | ReportError::Create { cause, .. } => refused(cause),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_the_directory_and_replaces_files_whole() {
        let scratch = tempfile::tempdir().unwrap();
        let directory = OutputDirectory::open(scratch.path().join("a/b")).unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "trying leaves nothing behind");
        directory.write_page("first, and longer").unwrap();
        let page = directory.write_page("second").unwrap();
        assert_eq!(fs::read_to_string(page).unwrap(), "second");
        let numbers = directory.write_numbers(&[1.5, f64::NAN]).unwrap();
        assert_eq!(fs::read_to_string(numbers).unwrap(), "[\n  1.5,\n  null\n]\n");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
    }

    #[test]
    fn errors_name_the_path() {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("file");
        fs::write(&file, "").unwrap();
        let below_a_file = OutputDirectory::open(file.join("reports")).unwrap_err().to_string();
        assert!(below_a_file.contains("file/reports: the directory cannot be created: "), "{below_a_file}");
        let is_a_file = OutputDirectory::open(&file).unwrap_err().to_string();
        assert!(is_a_file.contains("file: the directory cannot be created: "), "{is_a_file}");

        fs::create_dir_all(scratch.path().join("taken/report.html")).unwrap();
        let taken = OutputDirectory::open(scratch.path().join("taken")).unwrap_err().to_string();
        assert!(taken.contains("taken/report.html: cannot be written: "), "{taken}");
    }

    #[test]
    fn a_directory_that_goes_away_is_an_error_and_not_a_panic() {
        let scratch = tempfile::tempdir().unwrap();
        let directory = OutputDirectory::open(scratch.path().join("gone")).unwrap();
        fs::remove_dir(directory.path()).unwrap();
        let gone = directory.write_page("x").unwrap_err().to_string();
        assert!(gone.contains("gone/report.html: cannot be written: "), "{gone}");
    }

    #[cfg(unix)]
    #[test]
    fn reports_can_be_read_by_others() {
        use std::os::unix::fs::PermissionsExt;
        let scratch = tempfile::tempdir().unwrap();
        let page = OutputDirectory::open(scratch.path()).unwrap().write_page("x").unwrap();
        let reference = scratch.path().join("reference");
        fs::write(&reference, "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&page), mode(&reference));
    }
}
