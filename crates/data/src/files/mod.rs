//! Array files: IDX, `.npy`, `.npz`.

mod elements;
mod error;
pub mod idx;
pub mod npy;
pub mod npz;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

pub use error::{FileError, FileFault};

/// The contents of the file, decompressed if they are gzip, whatever the file is called.
fn open(path: &Path) -> Result<Box<dyn Read>, FileFault> {
    unpacked(File::open(path).map_err(FileFault::Read)?)
}

fn unpacked<'a>(mut source: impl Read + 'a) -> Result<Box<dyn Read + 'a>, FileFault> {
    const GZIP: [u8; 2] = [0x1f, 0x8b];
    let mut first = [0; 2];
    let count = elements::read_up_to(&mut source, &mut first)?;
    let whole = BufReader::with_capacity(1 << 16, std::io::Cursor::new(first).take(count as u64).chain(source));
    Ok(if first == GZIP { Box::new(BufReader::new(MultiGzDecoder::new(whole))) } else { Box::new(whole) })
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
