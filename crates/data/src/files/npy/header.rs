//! The header: `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`, a literal of Python.

use std::io::Read;

use super::super::elements::{ByteOrder, Layout, read_up_to};
use super::super::error::FileFault;
use crate::ElementType;

const MAGIC: [u8; 6] = *b"\x93NUMPY";

/// The longest header that is read. NumPy's own limit is 10,000; only records have long ones.
const LONGEST: usize = 1 << 16;

pub(super) fn read(source: &mut impl Read) -> Result<Layout, FileFault> {
    let mut start = [0; 8];
    let found = read_up_to(source, &mut start)?;
    if found == 0 || !MAGIC.starts_with(&start[..found.min(MAGIC.len())]) {
        return Err(FileFault::OtherFormat { format: ".npy", found: start[..found].to_vec() });
    }
    if found < start.len() {
        return Err(FileFault::HeaderCutShort { found });
    }
    let [.., major, minor] = start;
    let width = match major {
        1 => 2,
        2 | 3 => 4,
        _ => return Err(damaged(format!("version {major}.{minor} is unknown; 1 to 3 can be read"))),
    };
    let mut length = [0; 4];
    let found = read_up_to(source, &mut length[..width])?;
    if found < width {
        return Err(FileFault::HeaderCutShort { found: start.len() + found });
    }
    let length = u32::from_le_bytes(length) as usize;
    if length > LONGEST {
        return Err(damaged(format!("it would be {length} bytes long")));
    }
    let mut text = vec![0; length];
    let found = read_up_to(source, &mut text)?;
    if found < length {
        return Err(FileFault::HeaderCutShort { found: start.len() + width + found });
    }
    // Versions 1 and 2 are Latin-1; what is read here is ASCII in all of them.
    let text = String::from_utf8_lossy(&text);
    Literal { rest: &text }.dictionary()
}

fn damaged(reason: impl Into<String>) -> FileFault {
    FileFault::Header { reason: reason.into() }
}

/// A reader of the few literals that a header consists of.
struct Literal<'a> {
    rest: &'a str,
}

impl<'a> Literal<'a> {
    fn dictionary(mut self) -> Result<Layout, FileFault> {
        let (mut element, mut fortran, mut shape) = (None, None, None);
        self.expect('{')?;
        while !self.take('}') {
            let key = self.text()?;
            self.expect(':')?;
            let known = match key {
                "descr" => element.replace(self.description()?).is_none(),
                "fortran_order" => fortran.replace(self.truth()?).is_none(),
                "shape" => shape.replace(self.sizes()?).is_none(),
                _ => return Err(damaged(format!("it has an unknown entry {key:?}"))),
            };
            if !known {
                return Err(damaged(format!("it has {key:?} twice")));
            }
            if !self.take(',') {
                self.expect('}')?;
                break;
            }
        }
        if !self.rest.trim().is_empty() {
            return Err(damaged("it goes on after its dictionary"));
        }
        let missing = |name: &str| damaged(format!("it has no {name:?}"));
        let (element, order) = element.ok_or_else(|| missing("descr"))?;
        let first_axis_fastest = fortran.ok_or_else(|| missing("fortran_order"))?;
        Ok(Layout { element, order, shape: shape.ok_or_else(|| missing("shape"))?, first_axis_fastest })
    }

    fn take(&mut self, sign: char) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, sign: char) -> Result<(), FileFault> {
        if self.take(sign) { Ok(()) } else { Err(self.instead_of(&format!("{sign:?}"))) }
    }

    fn instead_of(&self, wanted: &str) -> FileFault {
        let found: String = self.rest.chars().take(12).collect();
        damaged(format!("{wanted} is expected where {found:?} stands"))
    }

    fn text(&mut self) -> Result<&'a str, FileFault> {
        let quote = if self.take('\'') { '\'' } else { '"' };
        if quote == '"' {
            self.expect('"')?;
        }
        let (text, rest) = self.rest.split_once(quote).ok_or_else(|| damaged("a text in it has no end"))?;
        self.rest = rest;
        Ok(text)
    }

    fn truth(&mut self) -> Result<bool, FileFault> {
        self.rest = self.rest.trim_start();
        for (word, value) in [("True", true), ("False", false)] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Ok(value);
            }
        }
        Err(self.instead_of("True or False"))
    }

    fn sizes(&mut self) -> Result<Vec<u64>, FileFault> {
        let mut sizes = Vec::new();
        self.expect('(')?;
        while !self.take(')') {
            self.rest = self.rest.trim_start();
            let end = self.rest.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(self.rest.len());
            let (digits, rest) = self.rest.split_at(end);
            if digits.is_empty() {
                return Err(self.instead_of("a size"));
            }
            sizes.push(digits.parse().map_err(|_| damaged(format!("{digits} is no size of an axis")))?);
            // Python 2 wrote long integers with an L.
            self.rest = rest.strip_prefix('L').unwrap_or(rest);
            if !self.take(',') {
                self.expect(')')?;
                break;
            }
        }
        Ok(sizes)
    }

    fn description(&mut self) -> Result<(ElementType, ByteOrder), FileFault> {
        let unknown = |found: String| FileFault::UnknownElements {
            found,
            known: "truth values, integers and floating-point numbers of up to 64 bits",
        };
        self.rest = self.rest.trim_start();
        if self.rest.starts_with(['[', '(']) {
            return Err(unknown("records (a structured type)".to_owned()));
        }
        let text = self.text()?;
        let mut signs = text.chars();
        let order = match signs.next() {
            Some('<') => ByteOrder::LeastFirst,
            Some('>') => ByteOrder::MostFirst,
            // One byte has no order; '=' is never written, and would be that of the machine that wrote.
            Some('|') => ByteOrder::LeastFirst,
            _ => return Err(damaged(format!("{text:?} is no description of elements"))),
        };
        let element = match signs.as_str() {
            "b1" => ElementType::Bool,
            "i1" => ElementType::I8,
            "i2" => ElementType::I16,
            "i4" => ElementType::I32,
            "i8" => ElementType::I64,
            "u1" => ElementType::U8,
            "u2" => ElementType::U16,
            "u4" => ElementType::U32,
            "u8" => ElementType::U64,
            "f2" => ElementType::F16,
            "f4" => ElementType::F32,
            "f8" => ElementType::F64,
            other => return Err(unknown(format!("{} ({text:?})", kind(other)))),
        };
        if text.starts_with('|') && element.size() > 1 {
            return Err(damaged(format!("{text:?} says no order of bytes")));
        }
        Ok((element, order))
    }
}

/// What NumPy's letter stands for.
fn kind(description: &str) -> &'static str {
    match description.chars().next() {
        Some('O') => "Python objects",
        Some('U' | 'S' | 'a' | 'T') => "texts",
        Some('c') => "complex numbers",
        Some('M' | 'm') => "dates or durations",
        Some('V') => "bytes without a meaning",
        Some('f' | 'i' | 'u') => "numbers of another width",
        _ => "unknown elements",
    }
}

/// The bytes before the elements, so many that these begin at a multiple of 64.
pub(super) fn write(element: ElementType, shape: &[usize]) -> Result<Vec<u8>, FileFault> {
    let description = match element {
        ElementType::Bool => "|b1",
        ElementType::I8 => "|i1",
        ElementType::I16 => "<i2",
        ElementType::I32 => "<i4",
        ElementType::I64 => "<i8",
        ElementType::U8 => "|u1",
        ElementType::U16 => "<u2",
        ElementType::U32 => "<u4",
        ElementType::U64 => "<u8",
        ElementType::F16 => "<f2",
        ElementType::F32 => "<f4",
        ElementType::F64 => "<f8",
    };
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    let comma = if shape.len() == 1 { "," } else { "" };
    let text =
        format!("{{'descr': '{description}', 'fortran_order': False, 'shape': ({}{comma}), }}", sizes.join(", "));
    let before = MAGIC.len() + 4;
    let padded = (before + text.len() + 1).next_multiple_of(64) - before;
    let length = u16::try_from(padded)
        .map_err(|_| FileFault::NotWritable { reason: format!("{} axes make the header too long", shape.len()) })?;
    let mut bytes = MAGIC.to_vec();
    bytes.extend([1, 0]);
    bytes.extend(length.to_le_bytes());
    bytes.extend(format!("{text:<width$}\n", width = padded - 1).into_bytes());
    Ok(bytes)
}
