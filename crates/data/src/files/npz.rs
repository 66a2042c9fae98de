//! `.npz`: named NumPy arrays, a ZIP archive of `.npy` files, stored or deflated.

use std::fs::{self, File};
use std::io::{BufReader, Cursor, Read, Seek, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::error::{FileError, FileFault};
use super::{npy, shown};
use crate::Array;

/// How the members of an archive are packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// As they are: NumPy's `savez`.
    #[default]
    Stored,
    /// Deflated: NumPy's `savez_compressed`.
    Deflated,
}

/// Reads all arrays of an archive with their names, in the order in which they stand there.
///
/// # Errors
/// When the file cannot be read, is no ZIP archive, a member is encrypted, packed in an unknown way or no `.npy` file that [`npy::read`]
/// reads, or has another checksum than it should.
#[doc(alias = "load")]
pub fn read(path: impl AsRef<Path>) -> Result<Vec<(String, Array)>, FileError> {
    let path = path.as_ref();
    let file = File::open(path).map_err(|error| FileFault::Read(error).of(shown(path)))?;
    read_from(BufReader::new(file), &shown(path))
}

/// Reads an archive that is already open, or bytes; `name` is for the error.
///
/// # Errors
/// As [`read`].
pub fn read_from(source: impl Read + Seek, name: &str) -> Result<Vec<(String, Array)>, FileError> {
    let fault = |error: zip::result::ZipError| match error {
        zip::result::ZipError::Io(error) => FileFault::Read(error),
        other => FileFault::Archive { reason: other.to_string() },
    };
    let mut archive = ZipArchive::new(source).map_err(|error| fault(error).of(name))?;
    let mut arrays = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let member = archive.by_index(index).map_err(|error| fault(error).of(format!("{name}, member {index}")))?;
        let file = member.name().map_err(|error| fault(error).of(format!("{name}, member {index}")))?.into_owned();
        let array = npy::parse(member).map_err(|fault| fault.of(format!("{name}, {file}")))?;
        arrays.push((file.strip_suffix(".npy").unwrap_or(&file).to_owned(), array));
    }
    Ok(arrays)
}

/// Writes named arrays; the same arrays give the same bytes.
///
/// ```
/// use minimand_data::{Array, Values, npz};
///
/// let path = std::env::temp_dir().join(format!("minimand-{}.npz", std::process::id()));
/// let x = Array::new(Values::F64(vec![0.5, 1.5]), [2]);
/// let y = Array::new(Values::I64(vec![7]), []);
/// npz::write(&path, [("x", &x), ("y", &y)], npz::Compression::Deflated)?;
/// assert_eq!(npz::read(&path)?, [("x".to_owned(), x), ("y".to_owned(), y)]);
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), minimand_data::FileError>(())
/// ```
///
/// # Errors
/// When the file cannot be written, or two arrays have the same name.
#[doc(alias = "savez")]
#[doc(alias = "savez_compressed")]
pub fn write<'a>(
    path: impl AsRef<Path>,
    arrays: impl IntoIterator<Item = (&'a str, &'a Array)>,
    compression: Compression,
) -> Result<(), FileError> {
    let path = path.as_ref();
    let bytes = to_bytes(arrays, compression).map_err(|fault| fault.of(shown(path)))?;
    fs::write(path, bytes).map_err(|error| FileFault::Write(error).of(shown(path)))
}

fn to_bytes<'a>(
    arrays: impl IntoIterator<Item = (&'a str, &'a Array)>,
    compression: Compression,
) -> Result<Vec<u8>, FileFault> {
    let method = match compression {
        Compression::Stored => CompressionMethod::Stored,
        Compression::Deflated => CompressionMethod::Deflated,
    };
    let refused = |error: zip::result::ZipError| FileFault::NotWritable { reason: error.to_string() };
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, array) in arrays {
        let bytes = npy::to_bytes(array)?;
        let large = u32::try_from(bytes.len()).is_err();
        // No time of day in the file.
        let options = SimpleFileOptions::DEFAULT.compression_method(method).large_file(large);
        archive.start_file(format!("{name}.npy"), options).map_err(refused)?;
        archive.write_all(&bytes).map_err(FileFault::Write)?;
    }
    Ok(archive.finish().map_err(refused)?.into_inner())
}
