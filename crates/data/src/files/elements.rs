//! Elements from bytes and into bytes, in either order of the bytes.

use std::io::Read;

use super::error::FileFault;
use crate::array::for_each_kind;
use crate::{Array, ElementType, Half, Values};

/// The order of the bytes of one element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    LeastFirst,
    MostFirst,
}

/// What a header says about the elements that follow it.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) element: ElementType,
    pub(super) order: ByteOrder,
    pub(super) shape: Vec<u64>,
    /// Whether the first axis, not the last, is the one that runs fastest (Fortran's order).
    pub(super) first_axis_fastest: bool,
}

impl Layout {
    /// The shape and the bytes that it needs, if memory has so many addresses.
    fn measure(&self) -> Result<(Vec<usize>, usize), FileFault> {
        let too_large = || FileFault::TooLarge { shape: self.shape.clone(), element: self.element };
        let shape: Option<Vec<usize>> = self.shape.iter().map(|&size| usize::try_from(size).ok()).collect();
        let shape = shape.ok_or_else(too_large)?;
        // Also where an axis is empty, strides must be numbers.
        let bytes = shape.iter().try_fold(self.element.size(), |product, &size| product.checked_mul(size.max(1)));
        let bytes = bytes.filter(|&bytes| isize::try_from(bytes).is_ok()).ok_or_else(too_large)?;
        Ok((shape.clone(), if shape.contains(&0) { 0 } else { bytes }))
    }

    /// Reads the elements, which are all that is left in `source`. Memory grows with the bytes that come, not with what the header says.
    pub(super) fn read(self, mut source: impl Read) -> Result<Array, FileFault> {
        let (shape, expected) = self.measure()?;
        let mut bytes = Vec::new();
        source.by_ref().take(expected as u64).read_to_end(&mut bytes).map_err(FileFault::Read)?;
        if bytes.len() < expected {
            let found = bytes.len();
            return Err(FileFault::CutShort { shape: self.shape, element: self.element, expected, found });
        }
        // Reads to the end also where nothing is left, so that a checksum there is compared.
        if read_up_to(&mut source, &mut [0])? > 0 {
            return Err(FileFault::TooLong { shape: self.shape, element: self.element, expected });
        }
        let values = decode(&bytes, self.element, self.order);
        let values =
            if self.first_axis_fastest { for_each_kind!(values, v => rows_first(v, &shape).into()) } else { values };
        Ok(Array::new(values, shape))
    }
}

/// Fills as much of the buffer as there is; how much that was.
pub(super) fn read_up_to(source: &mut impl Read, buffer: &mut [u8]) -> Result<usize, FileFault> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(FileFault::Read(error)),
        }
    }
    Ok(filled)
}

/// The values in row-major order, from those in which the first axis runs fastest.
fn rows_first<T: Copy>(values: Vec<T>, shape: &[usize]) -> Vec<T> {
    let mut strides = vec![1; shape.len()];
    for axis in 1..shape.len() {
        strides[axis] = strides[axis - 1] * shape[axis - 1];
    }
    let mut index = vec![0; shape.len()];
    let mut place = 0;
    let mut next = || {
        let value = values[place];
        for axis in (0..shape.len()).rev() {
            (index[axis], place) = (index[axis] + 1, place + strides[axis]);
            if index[axis] < shape[axis] {
                break;
            }
            (index[axis], place) = (0, place - shape[axis] * strides[axis]);
        }
        value
    };
    (0..values.len()).map(|_| next()).collect()
}

macro_rules! decode_as {
    ($bytes:expr, $order:expr, $type:ty) => {{
        let (elements, rest) = $bytes.as_chunks();
        debug_assert!(rest.is_empty());
        match $order {
            ByteOrder::LeastFirst => elements.iter().map(|&bytes| <$type>::from_le_bytes(bytes)).collect::<Vec<_>>(),
            ByteOrder::MostFirst => elements.iter().map(|&bytes| <$type>::from_be_bytes(bytes)).collect::<Vec<_>>(),
        }
    }};
}

fn decode(bytes: &[u8], element: ElementType, order: ByteOrder) -> Values {
    match element {
        ElementType::Bool => Values::Bool(bytes.iter().map(|&byte| byte != 0).collect()),
        ElementType::I8 => Values::I8(decode_as!(bytes, order, i8)),
        ElementType::I16 => Values::I16(decode_as!(bytes, order, i16)),
        ElementType::I32 => Values::I32(decode_as!(bytes, order, i32)),
        ElementType::I64 => Values::I64(decode_as!(bytes, order, i64)),
        ElementType::U8 => Values::U8(bytes.to_vec()),
        ElementType::U16 => Values::U16(decode_as!(bytes, order, u16)),
        ElementType::U32 => Values::U32(decode_as!(bytes, order, u32)),
        ElementType::U64 => Values::U64(decode_as!(bytes, order, u64)),
        ElementType::F16 => Values::F16(decode_as!(bytes, order, u16).into_iter().map(Half::from_bits).collect()),
        ElementType::F32 => Values::F32(decode_as!(bytes, order, f32)),
        ElementType::F64 => Values::F64(decode_as!(bytes, order, f64)),
    }
}

macro_rules! encode_as {
    ($values:expr, $order:expr) => {
        match $order {
            ByteOrder::LeastFirst => $values.flat_map(|value| value.to_le_bytes()).collect(),
            ByteOrder::MostFirst => $values.flat_map(|value| value.to_be_bytes()).collect(),
        }
    };
}

pub(super) fn encode(values: &Values, order: ByteOrder) -> Vec<u8> {
    match values {
        Values::Bool(values) => values.iter().map(|&value| u8::from(value)).collect(),
        Values::I8(values) => encode_as!(values.iter(), order),
        Values::I16(values) => encode_as!(values.iter(), order),
        Values::I32(values) => encode_as!(values.iter(), order),
        Values::I64(values) => encode_as!(values.iter(), order),
        Values::U8(values) => values.clone(),
        Values::U16(values) => encode_as!(values.iter(), order),
        Values::U32(values) => encode_as!(values.iter(), order),
        Values::U64(values) => encode_as!(values.iter(), order),
        Values::F16(values) => encode_as!(values.iter().map(|value| value.to_bits()), order),
        Values::F32(values) => encode_as!(values.iter(), order),
        Values::F64(values) => encode_as!(values.iter(), order),
    }
}
