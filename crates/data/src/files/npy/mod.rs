//! `.npy`: one NumPy array. Versions 1 to 3 are read; version 1 is written.
//!
//! Eight bytes of magic and version, the length of the header, the header as a Python dictionary, the elements. Described in NumPy's
//! `numpy.lib.format`.

mod header;

use std::fs;
use std::io::Read;
use std::path::Path;

use super::elements::{ByteOrder, encode};
use super::error::{FileError, FileFault};
use super::{open, shown, unpacked};
use crate::Array;

/// Reads a file, gzip or not.
///
/// Truth values, integers and floating-point numbers in either order of bytes and of axes; texts, dates, complex numbers, records and
/// Python objects are refused (of the last nothing is run).
///
/// # Errors
/// When the file cannot be read, is no `.npy` file, has other elements, or holds fewer or more bytes than its header says.
#[doc(alias = "load")]
pub fn read(path: impl AsRef<Path>) -> Result<Array, FileError> {
    let path = path.as_ref();
    open(path).and_then(parse).map_err(|fault| fault.of(shown(path)))
}

/// Reads a file that is already open, or bytes, gzip or not, to the end; `name` is for the error.
///
/// # Errors
/// As [`read`].
pub fn read_from(source: impl Read, name: &str) -> Result<Array, FileError> {
    unpacked(source).and_then(parse).map_err(|fault| fault.of(name))
}

pub(super) fn parse(mut source: impl Read) -> Result<Array, FileFault> {
    header::read(&mut source)?.read(source)
}

/// Writes a file in version 1, in row-major order, the least byte first, as NumPy does on common machines.
///
/// ```
/// use minimand_data::{Array, npy};
/// use minimand_tensor::Tensor;
///
/// let path = std::env::temp_dir().join(format!("minimand-{}.npy", std::process::id()));
/// let x = Tensor::from([[1.0, 2.0, 3.0]]);
/// npy::write(&path, &Array::from(&x))?;
/// let back = npy::read(&path)?.to_tensor().unwrap();
/// assert_eq!(back.to_string(), "[[1, 2, 3]]");
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), minimand_data::FileError>(())
/// ```
///
/// # Errors
/// When the file cannot be written, or there are thousands of axes.
#[doc(alias = "save")]
pub fn write(path: impl AsRef<Path>, array: &Array) -> Result<(), FileError> {
    let path = path.as_ref();
    let bytes = to_bytes(array).map_err(|fault| fault.of(shown(path)))?;
    fs::write(path, bytes).map_err(|error| FileFault::Write(error).of(shown(path)))
}

pub(super) fn to_bytes(array: &Array) -> Result<Vec<u8>, FileFault> {
    let mut bytes = header::write(array.element_type(), array.shape())?;
    bytes.extend(encode(array.values(), ByteOrder::LeastFirst));
    Ok(bytes)
}
