//! What an independent decoder reads in the bytes.

use iced_x86::{Decoder, DecoderOptions, Formatter, Instruction, IntelFormatter, MemorySizeOptions, NumberBase};

use super::super::*;
use super::{ELEMENTS, ISAS};

/// The code of one call of the assembler.
pub(super) fn assemble(isa: Isa, emit: impl FnOnce(&mut Assembler)) -> Vec<u8> {
    let mut assembler = Assembler::new(isa);
    emit(&mut assembler);
    assembler.finish()
}

/// Instructions as text.
pub(in crate::jit) fn disassemble(code: &[u8]) -> Vec<String> {
    let mut formatter = IntelFormatter::new();
    let options = formatter.options_mut();
    options.set_space_after_operand_separator(true);
    options.set_number_base(NumberBase::Decimal);
    options.set_always_show_scale(true);
    options.set_signed_immediate_operands(true);
    options.set_memory_size_options(MemorySizeOptions::Always);
    options.set_rip_relative_addresses(true);
    options.set_branch_leading_zeros(false);
    options.set_show_branch_size(false);
    let instructions: Vec<Instruction> = Decoder::with_ip(64, code, 0, DecoderOptions::NONE).iter().collect();
    let mut lines = Vec::new();
    for instruction in &instructions {
        let mut text = String::new();
        formatter.format(instruction, &mut text);
        lines.push(text);
    }
    lines
}

#[track_caller]
pub(super) fn check(isa: Isa, expected: &str, emit: impl FnOnce(&mut Assembler)) {
    let code = assemble(isa, emit);
    assert_eq!(disassemble(&code), [expected], "{isa:?} {code:02x?}");
}

pub(super) fn addresses() -> Vec<(Address, &'static str)> {
    use General as G;
    vec![
        (G::RAX.at(0), "[rax]"),
        (G::RSP.at(0), "[rsp]"),
        (G::RBP.at(0), "[rbp]"),
        (G::R12.at(0), "[r12]"),
        (G::R13.at(0), "[r13]"),
        (G::RBX.at(4), "[rbx+4]"),
        (G::R13.at(-8), "[r13-8]"),
        (G::RBP.at(64), "[rbp+64]"),
        (G::RSP.at(1024), "[rsp+1024]"),
        (G::R12.at(-128), "[r12-128]"),
        (G::RDI.at(127), "[rdi+127]"),
        (G::RDI.at(8128), "[rdi+8128]"),
        (G::R14.at(8192), "[r14+8192]"),
        (G::RSI.at(-8192), "[rsi-8192]"),
        (G::RDX.at(-8256), "[rdx-8256]"),
        (G::R9.at(1_000_000), "[r9+1000000]"),
        (G::RAX.indexed(G::RCX, 4), "[rax+rcx*4]"),
        (G::RBP.indexed(G::R9, 8), "[rbp+r9*8]"),
        (G::R13.indexed(G::R12, 1), "[r13+r12*1]"),
        (G::RSP.indexed(G::RBP, 2).offset(32), "[rsp+rbp*2+32]"),
        (G::R12.indexed(G::R13, 2).offset(-4), "[r12+r13*2-4]"),
        (G::R8.indexed(G::R15, 4).offset(12345), "[r8+r15*4+12345]"),
        (G::R10.indexed(G::R11, 8).offset(256), "[r10+r11*8+256]"),
    ]
}

/// Register numbers with every combination of high bits.
pub(super) fn registers(isa: Isa, kind: &str) -> Vec<u8> {
    match (kind, isa) {
        ("k", _) => vec![1, 2, 5, 7],
        (_, Isa::Avx2) => vec![0, 3, 7, 8, 13, 15],
        (_, Isa::Avx512) => vec![0, 3, 8, 15, 16, 23, 24, 31],
    }
}

/// What the operands of an instruction look like.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub(super) destination: &'static str,
    /// Of the first operand; empty if there is none.
    pub(super) a: &'static str,
    /// Of the last operand, if it may be a register.
    pub(super) register: &'static str,
    /// Of the last operand, if it may be memory.
    pub(super) memory: &'static str,
    /// Of the last operand, if it may be broadcast, and how many times.
    pub(super) broadcast: Option<(&'static str, usize)>,
}

/// A full vector in every operand.
pub(super) fn full(isa: Isa, element: Precision) -> Look {
    of_width(isa, isa.width(), element)
}

pub(super) fn of_width(isa: Isa, width: Width, element: Precision) -> Look {
    let (name, memory) = match width {
        Width::Bits128 => ("xmm", "xmmword ptr"),
        Width::Bits256 => ("ymm", "ymmword ptr"),
        Width::Bits512 => ("zmm", "zmmword ptr"),
    };
    let broadcast = (isa == Isa::Avx512).then(|| (scalar(element).memory, width.bytes() / element.bytes()));
    Look { destination: name, a: name, register: name, memory, broadcast }
}

pub(super) fn scalar(element: Precision) -> Look {
    let memory = pick(element, "dword ptr", "qword ptr");
    Look { destination: "xmm", a: "xmm", register: "xmm", memory, broadcast: None }
}

pub(super) fn pick(element: Precision, single: &'static str, double: &'static str) -> &'static str {
    match element {
        Precision::Single => single,
        Precision::Double => double,
    }
}

/// Emits the instruction with all combinations of operands, and compares with `name destination, a, operand suffix`.
#[track_caller]
pub(super) fn sweep(isa: Isa, name: &str, look: Look, suffix: &str, emit: impl Fn(&mut Assembler, u8, u8, Operand)) {
    let mut operands = Vec::new();
    if !look.register.is_empty() {
        let all = registers(isa, look.register).into_iter();
        operands.extend(all.map(|r| (Operand::Register(Vector(r)), format!("{}{r}", look.register))));
    }
    for (address, text) in addresses() {
        if !look.memory.is_empty() {
            operands.push((Operand::Memory(address), format!("{} {text}", look.memory)));
        }
        if let Some((memory, times)) = look.broadcast {
            operands.push((Operand::Broadcast(address), format!("{memory} {text}{{1to{times}}}")));
        }
    }
    for destination in registers(isa, look.destination) {
        for a in if look.a.is_empty() { vec![0] } else { registers(isa, look.a) } {
            for (operand, text) in &operands {
                let first = if look.a.is_empty() { String::new() } else { format!("{}{a}, ", look.a) };
                let expected = format!("{name} {}{destination}, {first}{text}{suffix}", look.destination);
                check(isa, &expected, |assembler| emit(assembler, destination, a, *operand));
            }
        }
    }
}

/// As [`sweep`], of an instruction that writes to memory: `name memory, source`.
#[track_caller]
pub(super) fn sweep_store(isa: Isa, name: &str, memory: &str, kind: &str, emit: impl Fn(&mut Assembler, Address, u8)) {
    for (address, text) in addresses() {
        for source in registers(isa, kind) {
            check(isa, &format!("{name} {memory} {text}, {kind}{source}"), |assembler| {
                emit(assembler, address, source)
            });
        }
    }
}

pub(super) fn each(mut f: impl FnMut(Isa, Precision, &'static str)) {
    for isa in ISAS {
        for element in ELEMENTS {
            f(isa, element, pick(element, "s", "d"));
        }
    }
}
