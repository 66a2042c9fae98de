//! IDX: the format of MNIST and of the sets that follow it. Big-endian, often gzip.
//!
//! Two bytes of 0, one for the element type, one for the number of axes; the size of each axis in four bytes; the elements in row-major
//! order. Described on the MNIST page (LeCun, Cortes & Burges 1998).

use std::fs;
use std::io::Read;
use std::path::Path;

use super::elements::{ByteOrder, Layout, encode, read_up_to};
use super::error::{FileError, FileFault};
use super::{open, shown, unpacked};
use crate::{Array, ElementType};

/// The codes of the element types.
const TYPES: [(u8, ElementType); 6] = [
    (0x08, ElementType::U8),
    (0x09, ElementType::I8),
    (0x0b, ElementType::I16),
    (0x0c, ElementType::I32),
    (0x0d, ElementType::F32),
    (0x0e, ElementType::F64),
];

/// Reads a file, gzip or not.
///
/// Fashion-MNIST's `train-images-idx3-ubyte.gz` gives an array of `u8`, `[60000, 28, 28]`.
///
/// # Errors
/// When the file cannot be read, is no IDX file, or holds fewer or more bytes than its header says.
pub fn read(path: impl AsRef<Path>) -> Result<Array, FileError> {
    let path = path.as_ref();
    open(path).and_then(parse).map_err(|fault| fault.of(shown(path)))
}

/// Reads a file that is already open, or bytes, gzip or not, to the end; `name` is for the error.
///
/// ```
/// use minimand_data::{Values, idx};
///
/// let bytes = [0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 10, 20, 30];
/// let array = idx::read_from(&bytes[..], "three.idx")?;
/// assert_eq!((array.shape(), array.values()), (&[1, 3][..], &Values::U8(vec![10, 20, 30])));
///
/// let error = idx::read_from(&bytes[..14], "three.idx").unwrap_err();
/// assert_eq!(error.to_string(), "three.idx: is cut short: [1, 3] of u8 is 3 bytes, and there are 2");
/// # Ok::<(), minimand_data::FileError>(())
/// ```
///
/// # Errors
/// As [`read`].
pub fn read_from(source: impl Read, name: &str) -> Result<Array, FileError> {
    unpacked(source).and_then(parse).map_err(|fault| fault.of(name))
}

fn parse(mut source: impl Read) -> Result<Array, FileFault> {
    let mut magic = [0; 4];
    let found = read_up_to(&mut source, &mut magic)?;
    if magic[..2] != [0, 0] || found == 0 {
        return Err(FileFault::OtherFormat { format: "IDX", found: magic[..found].to_vec() });
    }
    if found < magic.len() {
        return Err(FileFault::HeaderCutShort { found });
    }
    let [_, _, code, axes] = magic;
    let element = TYPES.iter().find(|(known, _)| *known == code).map(|&(_, element)| element);
    let element = element.ok_or_else(|| FileFault::UnknownElements {
        found: format!("elements of type {code:#04x}"),
        known: "0x08 (u8), 0x09 (i8), 0x0b (i16), 0x0c (i32), 0x0d (f32) and 0x0e (f64)",
    })?;
    let mut sizes = vec![0; 4 * usize::from(axes)];
    let found = read_up_to(&mut source, &mut sizes)?;
    if found < sizes.len() {
        return Err(FileFault::HeaderCutShort { found: magic.len() + found });
    }
    let shape = sizes.as_chunks().0.iter().map(|&size| u64::from(u32::from_be_bytes(size))).collect();
    Layout { element, order: ByteOrder::MostFirst, shape, first_axis_fastest: false }.read(source)
}

/// Writes a file, not compressed.
///
/// ```
/// use minimand_data::{Array, Values, idx};
///
/// let path = std::env::temp_dir().join(format!("minimand-{}.idx", std::process::id()));
/// let array = Array::new(Values::F32(vec![0.5, -1.0]), [2]);
/// idx::write(&path, &array)?;
/// assert_eq!(idx::read(&path)?, array);
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), minimand_data::FileError>(())
/// ```
///
/// # Errors
/// When the file cannot be written, or the format has no such elements (`bool`, unsigned integers but `u8`, `i64`, `f16`), or not so
/// many axes or entries along one.
pub fn write(path: impl AsRef<Path>, array: &Array) -> Result<(), FileError> {
    let path = path.as_ref();
    let bytes = to_bytes(array).map_err(|fault| fault.of(shown(path)))?;
    fs::write(path, bytes).map_err(|error| FileFault::Write(error).of(shown(path)))
}

fn to_bytes(array: &Array) -> Result<Vec<u8>, FileFault> {
    let refused = |reason| FileFault::NotWritable { reason };
    let element = array.element_type();
    let code = TYPES.iter().find(|(_, known)| *known == element).map(|&(code, _)| code);
    let code = code.ok_or_else(|| refused(format!("IDX has no elements of {element}")))?;
    let axes = u8::try_from(array.shape().len()).map_err(|_| refused("IDX has no more than 255 axes".to_owned()))?;
    let mut bytes = vec![0, 0, code, axes];
    for &size in array.shape() {
        let size = u32::try_from(size).map_err(|_| refused(format!("IDX has no axis of {size} entries")))?;
        bytes.extend(size.to_be_bytes());
    }
    bytes.extend(encode(array.values(), ByteOrder::MostFirst));
    Ok(bytes)
}
