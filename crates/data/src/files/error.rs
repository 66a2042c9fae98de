//! What can be wrong with an array file, and how it is said.

use std::fmt;
use std::io;

use crate::ElementType;

/// Why an array file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {fault}")]
pub struct FileError {
    /// The file, as it was named; in an archive the member behind it.
    pub file: String,
    /// What is wrong.
    pub fault: FileFault,
}

/// What is wrong with an array file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileFault {
    /// The system, or the decompression, refuses to read.
    #[error("cannot be read: {0}")]
    Read(io::Error),
    /// The system refuses to write.
    #[error("cannot be written: {0}")]
    Write(io::Error),
    /// It is another kind of file.
    #[error("is no {format} file: it begins with {}", Bytes(found))]
    OtherFormat {
        /// The format that it should have.
        format: &'static str,
        /// Its first bytes.
        found: Vec<u8>,
    },
    /// It ends before its header does.
    #[error("is cut short: it ends within its header, after {found} bytes")]
    HeaderCutShort {
        /// How many bytes there are.
        found: usize,
    },
    /// Its header says nothing that makes sense.
    #[error("its header is damaged: {reason}")]
    Header {
        /// What is wrong.
        reason: String,
    },
    /// Elements that there is no [`ElementType`] for.
    #[error("holds {found}; {known} can be read")]
    UnknownElements {
        /// What it holds.
        found: String,
        /// What can be read.
        known: &'static str,
    },
    /// More elements than memory has addresses.
    #[error("its header says {} of {element}: more than memory can hold", Dimensions(shape))]
    TooLarge {
        /// The shape in the header.
        shape: Vec<u64>,
        /// The element type in the header.
        element: ElementType,
    },
    /// Fewer bytes than the shape needs.
    #[error("is cut short: {} of {element} is {expected} bytes, and there are {found}", Dimensions(shape))]
    CutShort {
        /// The shape in the header.
        shape: Vec<u64>,
        /// The element type in the header.
        element: ElementType,
        /// Bytes that the shape needs.
        expected: usize,
        /// Bytes that there are.
        found: usize,
    },
    /// More bytes than the shape needs.
    #[error(
        "goes on after its last element: {} of {element} is {expected} bytes, and there are more",
        Dimensions(shape)
    )]
    TooLong {
        /// The shape in the header.
        shape: Vec<u64>,
        /// The element type in the header.
        element: ElementType,
        /// Bytes that the shape needs.
        expected: usize,
    },
    /// The values cannot be written in this format.
    #[error("cannot be written: {reason}")]
    NotWritable {
        /// Why not.
        reason: String,
    },
    /// The archive itself is damaged, encrypted or packed in an unknown way.
    #[error("is no archive that can be read: {reason}")]
    Archive {
        /// What is wrong.
        reason: String,
    },
}

impl FileFault {
    pub(super) fn of(self, file: impl Into<String>) -> FileError {
        FileError { file: file.into(), fault: self }
    }
}

struct Bytes<'a>(&'a [u8]);

impl fmt::Display for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing: it is empty");
        }
        for (index, byte) in self.0.iter().enumerate() {
            write!(f, "{}{byte:02x}", if index == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

struct Dimensions<'a>(&'a [u64]);

impl fmt::Display for Dimensions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0, f)
    }
}
