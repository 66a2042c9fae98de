//! Tensors as the bytes of a safetensors file, and files that are replaced whole or not at all.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use minimand_tensor::{DType, Element, Tensor};
use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors, View};

use super::error::CheckpointError;
use super::half;

/// What is wrong with the contents, before the file's name is known.
#[derive(Debug)]
pub(super) enum Fault {
    Damaged(String),
    UnknownType { name: String, found: String },
    ReservedName(String),
}

impl Fault {
    pub(super) fn in_file(self, path: &Path) -> CheckpointError {
        let path = path.to_owned();
        match self {
            Fault::Damaged(reason) => CheckpointError::Damaged { path, reason },
            Fault::UnknownType { name, found } => CheckpointError::UnknownType { path, name, found },
            Fault::ReservedName(name) => CheckpointError::ReservedName { path, name },
        }
    }
}

impl From<SafeTensorError> for Fault {
    fn from(error: SafeTensorError) -> Fault {
        Fault::Damaged(error.to_string())
    }
}

/// The key under which the format keeps notes beside the tensors.
const RESERVED: &str = "__metadata__";

struct Stored<'a>(&'a Tensor);

impl View for Stored<'_> {
    fn dtype(&self) -> Dtype {
        match self.0.dtype() {
            DType::Bool => Dtype::BOOL,
            DType::I64 => Dtype::I64,
            DType::F32 => Dtype::F32,
            DType::F64 => Dtype::F64,
        }
    }

    fn shape(&self) -> &[usize] {
        self.0.shape()
    }

    fn data(&self) -> Cow<'_, [u8]> {
        fn bytes<T: Element, const N: usize>(tensor: &Tensor, to_bytes: fn(T) -> [u8; N]) -> Vec<u8> {
            tensor.to_vec::<T>().into_iter().flat_map(to_bytes).collect()
        }
        Cow::Owned(match self.0.dtype() {
            DType::Bool => bytes::<bool, 1>(self.0, |value| [u8::from(value)]),
            DType::I64 => bytes(self.0, i64::to_le_bytes),
            DType::F32 => bytes(self.0, f32::to_le_bytes),
            DType::F64 => bytes(self.0, f64::to_le_bytes),
        })
    }

    fn data_len(&self) -> usize {
        self.0.elements() * self.0.dtype().size()
    }
}

pub(super) fn encode(tensors: &BTreeMap<String, Tensor>) -> Result<Vec<u8>, Fault> {
    if tensors.contains_key(RESERVED) {
        return Err(Fault::ReservedName(RESERVED.to_owned()));
    }
    minimand_tensor::eval(tensors.values());
    Ok(safetensors::serialize(tensors.iter().map(|(name, tensor)| (name, Stored(tensor))), None)?)
}

pub(super) fn decode(bytes: &[u8]) -> Result<BTreeMap<String, Tensor>, Fault> {
    fn values<T: Element, const N: usize>(data: &[u8], from_bytes: fn([u8; N]) -> T) -> Vec<T> {
        data.as_chunks::<N>().0.iter().copied().map(from_bytes).collect()
    }
    let mut tensors = BTreeMap::new();
    for (name, view) in SafeTensors::deserialize(bytes)?.iter() {
        let (data, shape) = (view.data(), view.shape().to_vec());
        // No tensor has such a shape, not even an empty one.
        let bytes = shape.iter().try_fold(size_of::<f64>(), |bytes, &size| bytes.checked_mul(size.max(1)));
        if bytes.is_none_or(|bytes| bytes > isize::MAX as usize) {
            return Err(Fault::Damaged(format!("{name} has the shape {shape:?}, more than memory could hold")));
        }
        let tensor = match view.dtype() {
            Dtype::F32 => Tensor::from_vec(values(data, f32::from_le_bytes), shape),
            Dtype::F64 => Tensor::from_vec(values(data, f64::from_le_bytes), shape),
            Dtype::F16 => Tensor::from_vec(values(data, |bytes| half::from_f16(u16::from_le_bytes(bytes))), shape),
            Dtype::BF16 => Tensor::from_vec(values(data, |bytes| half::from_bf16(u16::from_le_bytes(bytes))), shape),
            Dtype::I64 => Tensor::from_vec(values(data, i64::from_le_bytes), shape),
            Dtype::I32 => Tensor::from_vec(values(data, |bytes| i64::from(i32::from_le_bytes(bytes))), shape),
            Dtype::I16 => Tensor::from_vec(values(data, |bytes| i64::from(i16::from_le_bytes(bytes))), shape),
            Dtype::I8 => Tensor::from_vec(values(data, |bytes| i64::from(i8::from_le_bytes(bytes))), shape),
            Dtype::U64 => {
                let signed = values(data, |bytes| u64::from_le_bytes(bytes).cast_signed());
                if let Some(value) = signed.iter().find(|&&value| value < 0) {
                    let value = value.cast_unsigned();
                    return Err(Fault::Damaged(format!("{name} holds {value}, which is beyond i64")));
                }
                Tensor::from_vec(signed, shape)
            }
            Dtype::U32 => Tensor::from_vec(values(data, |bytes| i64::from(u32::from_le_bytes(bytes))), shape),
            Dtype::U16 => Tensor::from_vec(values(data, |bytes| i64::from(u16::from_le_bytes(bytes))), shape),
            Dtype::U8 => Tensor::from_vec(values(data, |[byte]: [u8; 1]| i64::from(byte)), shape),
            Dtype::BOOL => match data.iter().find(|&&byte| byte > 1) {
                Some(byte) => return Err(Fault::Damaged(format!("{name} holds the truth value {byte}"))),
                None => Tensor::from_vec(values(data, |[byte]: [u8; 1]| byte == 1), shape),
            },
            other => return Err(Fault::UnknownType { name: name.to_owned(), found: other.to_string() }),
        };
        tensors.insert(name.to_owned(), tensor);
    }
    Ok(tensors)
}

/// Replaces a file by one with the given bytes, or leaves it as it is.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_by(path, |file| file.write_all(bytes))
}

fn replace_by(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    // A link stays a link: what it points to is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let directory = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".checkpoint-").suffix(".tmp");
    #[cfg(unix)]
    {
        // As any new file: what the user's umask leaves of it. The crate's default would keep others from reading it.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    // Removed when dropped, unless it has been put in its place.
    let mut temporary = builder.tempfile_in(directory)?;
    write(temporary.as_file_mut())?;
    temporary.as_file().sync_all()?;
    temporary.persist(&target)?;
    // The new name is on the disk only when the directory is. The file is whole already, so a system that cannot do this is no failure.
    #[cfg(unix)]
    let _ = File::open(directory).and_then(|directory| directory.sync_all());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The disk is full halfway through.
    #[test]
    fn a_save_that_fails_leaves_the_old_file_and_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("model.safetensors");
        replace(&path, b"old").unwrap();
        let failed = replace_by(&path, |file| {
            file.write_all(b"ne")?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        });
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_others_may_read_as_they_may_any_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let (real, link, plain) =
            (directory.path().join("real"), directory.path().join("link"), directory.path().join("plain"));
        fs::write(&real, b"old").unwrap();
        fs::write(&plain, b"").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&real), mode(&plain));
    }
}
