//! The bytes so far, labels, the pool of constants.

use super::registers::{Address, Isa, Precision};

/// Writes machine code, one instruction per call; the code may be moved to any address aligned to 64 bytes.
pub(crate) struct Assembler {
    pub(super) isa: Isa,
    pub(super) bytes: Vec<u8>,
    /// Where each label is bound.
    labels: Vec<Option<usize>>,
    constants: Vec<Box<[u8]>>,
    fixups: Vec<Fixup>,
}

/// A place in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Label(usize);

/// Four bytes of the code that await a distance.
struct Fixup {
    position: usize,
    /// The end of the instruction, from where the processor counts.
    end: usize,
    target: FixupTarget,
}

#[derive(Clone, Copy)]
pub(super) enum FixupTarget {
    Label(Label),
    Constant(usize),
}

impl Assembler {
    /// An empty function for the instruction set.
    pub(crate) fn new(isa: Isa) -> Assembler {
        Assembler { isa, bytes: Vec::new(), labels: Vec::new(), constants: Vec::new(), fixups: Vec::new() }
    }

    /// The instruction set of the vector instructions.
    pub(crate) fn isa(&self) -> Isa {
        self.isa
    }

    /// How many bytes of code there are so far.
    pub(crate) fn position(&self) -> usize {
        self.bytes.len()
    }

    /// A label that is bound later, once, with [`bind`](Self::bind).
    pub(crate) fn new_label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    /// Makes the label mean the next instruction.
    pub(crate) fn bind(&mut self, label: Label) {
        let bound = self.labels[label.0].replace(self.bytes.len());
        assert!(bound.is_none(), "a label is bound once");
    }

    /// The address of a constant of one element, given by its bits (of a single, the low 32); equal ones share a place.
    pub(crate) fn constant(&mut self, element: Precision, bits: u64) -> Address {
        self.constant_bytes(&bits.to_le_bytes()[..element.bytes()])
    }

    /// The address of a constant of 4, 8, 16, 32 or 64 bytes, aligned to its size; equal ones share a place.
    pub(crate) fn constant_bytes(&mut self, bytes: &[u8]) -> Address {
        assert!(bytes.len().is_power_of_two() && (4..=64).contains(&bytes.len()), "the size of a constant");
        let slot = self.constants.iter().position(|constant| **constant == *bytes).unwrap_or_else(|| {
            self.constants.push(bytes.into());
            self.constants.len() - 1
        });
        Address::Constant(slot)
    }

    /// Fills up to the next multiple of the alignment, at most 64, with as few no-operations as possible.
    pub(crate) fn align(&mut self, alignment: usize) {
        assert!(alignment.is_power_of_two() && alignment <= 64, "the code itself is aligned to 64 bytes");
        let mut missing = self.bytes.len().wrapping_neg() % alignment;
        while missing > 0 {
            let nop = NOPS[missing.min(NOPS.len()) - 1];
            self.bytes.extend_from_slice(nop);
            missing -= nop.len();
        }
    }

    /// Writes four bytes that will hold the distance from the end of the instruction to the target.
    pub(super) fn distance(&mut self, target: FixupTarget, trailing: usize) {
        let position = self.bytes.len();
        self.fixups.push(Fixup { position, end: position + 4 + trailing, target });
        self.bytes.extend_from_slice(&[0; 4]);
    }

    /// The finished code, its constants after it.
    ///
    /// # Panics
    /// If a label that is jumped to was not bound.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        // Sizes are powers of two: the largest first, and each is aligned.
        let mut order: Vec<usize> = (0..self.constants.len()).collect();
        order.sort_by_key(|&slot| std::cmp::Reverse(self.constants[slot].len()));
        if !order.is_empty() {
            self.bytes.resize(self.bytes.len().next_multiple_of(64), BREAKPOINT);
        }
        let mut places = vec![0; self.constants.len()];
        for slot in order {
            places[slot] = self.bytes.len();
            self.bytes.extend_from_slice(&self.constants[slot]);
        }
        for Fixup { position, end, target } in &self.fixups {
            let target = match *target {
                FixupTarget::Label(label) => self.labels[label.0].expect("every label is bound"),
                FixupTarget::Constant(slot) => places[slot],
            };
            let distance = i32::try_from(target as i64 - *end as i64).expect("code is short");
            self.bytes[*position..position + 4].copy_from_slice(&distance.to_le_bytes());
        }
        self.bytes
    }
}

/// Stops a processor that runs into the constants.
const BREAKPOINT: u8 = 0xcc;

/// The recommended no-operations of 1 to 9 bytes.
const NOPS: [&[u8]; 9] = [
    &[0x90],
    &[0x66, 0x90],
    &[0x0f, 0x1f, 0x00],
    &[0x0f, 0x1f, 0x40, 0x00],
    &[0x0f, 0x1f, 0x44, 0x00, 0x00],
    &[0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
    &[0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00],
    &[0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
    &[0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
];
