//! What a decoder reads in the bytes, for every method, register, kind of address and both instruction sets.

use iced_x86::{Decoder, DecoderOptions, Formatter, Instruction, IntelFormatter, MemorySizeOptions, NumberBase};

use super::super::*;
use super::{ELEMENTS, ISAS, assemble};

/// Instructions as text.
fn disassemble(code: &[u8]) -> Vec<String> {
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
fn check(isa: Isa, expected: &str, emit: impl FnOnce(&mut Assembler)) {
    let code = assemble(isa, emit);
    assert_eq!(disassemble(&code), [expected], "{isa:?} {code:02x?}");
}

fn addresses() -> Vec<(Address, &'static str)> {
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
fn registers(isa: Isa, kind: &str) -> Vec<u8> {
    match (kind, isa) {
        ("k", _) => vec![1, 2, 5, 7],
        (_, Isa::Avx2) => vec![0, 3, 7, 8, 13, 15],
        (_, Isa::Avx512) => vec![0, 3, 8, 15, 16, 23, 24, 31],
    }
}

/// What the operands of an instruction look like.
#[derive(Clone, Copy)]
struct Look {
    destination: &'static str,
    /// Of the first operand; empty if there is none.
    a: &'static str,
    /// Of the last operand, if it may be a register.
    register: &'static str,
    /// Of the last operand, if it may be memory.
    memory: &'static str,
    /// Of the last operand, if it may be broadcast, and how many times.
    broadcast: Option<(&'static str, usize)>,
}

/// A full vector in every operand.
fn full(isa: Isa, element: Element) -> Look {
    of_width(isa, isa.width(), element)
}

fn of_width(isa: Isa, width: Width, element: Element) -> Look {
    let (name, memory) = match width {
        Width::Bits128 => ("xmm", "xmmword ptr"),
        Width::Bits256 => ("ymm", "ymmword ptr"),
        Width::Bits512 => ("zmm", "zmmword ptr"),
    };
    let broadcast = (isa == Isa::Avx512).then(|| (scalar(element).memory, width.bytes() / element.bytes()));
    Look { destination: name, a: name, register: name, memory, broadcast }
}

fn scalar(element: Element) -> Look {
    let memory = pick(element, "dword ptr", "qword ptr");
    Look { destination: "xmm", a: "xmm", register: "xmm", memory, broadcast: None }
}

fn pick(element: Element, single: &'static str, double: &'static str) -> &'static str {
    match element {
        Element::Single => single,
        Element::Double => double,
    }
}

/// Emits the instruction with all combinations of operands, and compares with `name destination, a, operand suffix`.
#[track_caller]
fn sweep(isa: Isa, name: &str, look: Look, suffix: &str, emit: impl Fn(&mut Assembler, u8, u8, Operand)) {
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
fn sweep_store(isa: Isa, name: &str, memory: &str, kind: &str, emit: impl Fn(&mut Assembler, Address, u8)) {
    for (address, text) in addresses() {
        for source in registers(isa, kind) {
            check(isa, &format!("{name} {memory} {text}, {kind}{source}"), |assembler| {
                emit(assembler, address, source)
            });
        }
    }
}

fn each(mut f: impl FnMut(Isa, Element, &'static str)) {
    for isa in ISAS {
        for element in ELEMENTS {
            f(isa, element, pick(element, "s", "d"));
        }
    }
}

const ARITHMETIC: [(Arithmetic, &str); 10] = [
    (Arithmetic::Add, "vadd"),
    (Arithmetic::Subtract, "vsub"),
    (Arithmetic::Multiply, "vmul"),
    (Arithmetic::Divide, "vdiv"),
    (Arithmetic::Minimum, "vmin"),
    (Arithmetic::Maximum, "vmax"),
    (Arithmetic::And, "vand"),
    (Arithmetic::AndNot, "vandn"),
    (Arithmetic::Or, "vor"),
    (Arithmetic::Xor, "vxor"),
];

#[test]
fn arithmetic() {
    each(|isa, element, s| {
        for (operation, name) in ARITHMETIC {
            sweep(isa, &format!("{name}p{s}"), full(isa, element), "", |assembler, d, a, b| {
                assembler.arithmetic(operation, element, Vector(d), Vector(a), b);
            });
            for width in [Width::Bits128, Width::Bits256] {
                sweep(isa, &format!("{name}p{s}"), of_width(isa, width, element), "", |assembler, d, a, b| {
                    assembler.arithmetic_width(width, operation, element, Vector(d), Vector(a), b);
                });
            }
        }
        for (operation, name) in &ARITHMETIC[..6] {
            sweep(isa, &format!("{name}s{s}"), scalar(element), "", |assembler, d, a, b| {
                assembler.arithmetic_scalar(*operation, element, Vector(d), Vector(a), b);
            });
        }
    });
}

#[test]
fn fused() {
    let operations = [
        (Fused::MultiplyAdd, "vfmadd"),
        (Fused::MultiplySubtract, "vfmsub"),
        (Fused::NegativeMultiplyAdd, "vfnmadd"),
        (Fused::NegativeMultiplySubtract, "vfnmsub"),
    ];
    each(|isa, element, s| {
        for (operation, name) in operations {
            for (order, digits) in [(Order::F132, 132), (Order::F213, 213), (Order::F231, 231)] {
                sweep(isa, &format!("{name}{digits}p{s}"), full(isa, element), "", |assembler, d, a, b| {
                    assembler.fused(operation, order, element, Vector(d), Vector(a), b);
                });
            }
        }
    });
}

#[test]
fn one_operand() {
    each(|isa, element, s| {
        let look = Look { a: "", ..full(isa, element) };
        sweep(isa, &format!("vsqrtp{s}"), look, "", |assembler, d, _, b| {
            assembler.square_root(element, Vector(d), b);
        });
        let name = if isa == Isa::Avx2 { "vroundp" } else { "vrndscalep" };
        sweep(isa, &format!("{name}{s}"), look, ", 9", |assembler, d, _, b| assembler.floor(element, Vector(d), b));
        for width in [Width::Bits128, isa.width()] {
            let look = Look { a: "", ..of_width(isa, width, element) };
            sweep(isa, &format!("vpermilp{s}"), look, ", 14", |assembler, d, _, b| {
                assembler.permute(width, element, Vector(d), b, 14);
            });
        }
        sweep(isa, &format!("vunpckhp{s}"), of_width(isa, Width::Bits128, element), "", |assembler, d, a, b| {
            assembler.unpack_high(Width::Bits128, element, Vector(d), Vector(a), b);
        });
    });
    for isa in ISAS {
        let look = Look { a: "", broadcast: None, ..full(isa, Element::Single) };
        sweep(isa, "vmovshdup", look, "", |assembler, d, _, b| assembler.duplicate_odd(isa.width(), Vector(d), b));
    }
}

#[test]
fn integers() {
    each(|isa, element, _| {
        let letter = pick(element, "d", "q");
        sweep(isa, &format!("vpadd{letter}"), full(isa, element), "", |assembler, d, a, b| {
            assembler.integer_add(element, Vector(d), Vector(a), b);
        });
        sweep(isa, &format!("vpsub{letter}"), full(isa, element), "", |assembler, d, a, b| {
            assembler.integer_subtract(element, Vector(d), Vector(a), b);
        });
        let kind = full(isa, element).destination;
        for d in registers(isa, kind) {
            for b in registers(isa, kind) {
                let registers = format!("{kind}{d}, {kind}{b}");
                check(isa, &format!("vpsll{letter} {registers}, 23"), |assembler| {
                    assembler.shift_left_logical(element, Vector(d), Vector(b), 23);
                });
                check(isa, &format!("vpsrl{letter} {registers}, 9"), |assembler| {
                    assembler.shift_right_logical(element, Vector(d), Vector(b), 9);
                });
                check(isa, &format!("vpsrad {registers}, 31"), |assembler| {
                    assembler.shift_right_arithmetic(Vector(d), Vector(b), 31);
                });
            }
        }
    });
    for isa in ISAS {
        sweep(isa, "vcvtdq2ps", Look { a: "", ..full(isa, Element::Single) }, "", |assembler, d, _, b| {
            assembler.integer_to_float(Vector(d), b);
        });
    }
}

const PREDICATES: [(Predicate, &str); 10] = [
    (Predicate::Equal, "eq"),
    (Predicate::Unordered, "unord"),
    (Predicate::NotEqual, "neq"),
    (Predicate::Ordered, "ord"),
    (Predicate::Less, "lt_oq"),
    (Predicate::LessOrEqual, "le_oq"),
    (Predicate::NotLess, "nlt_uq"),
    (Predicate::NotLessOrEqual, "nle_uq"),
    (Predicate::GreaterOrEqual, "ge_oq"),
    (Predicate::Greater, "gt_oq"),
];

#[test]
fn comparison_and_choice() {
    each(|isa, element, s| {
        for (predicate, name) in PREDICATES {
            let (name, look) = (format!("vcmp{name}p{s}"), full(isa, element));
            match isa {
                Isa::Avx2 => sweep(isa, &name, look, "", |assembler, d, a, b| {
                    assembler.compare_vector(element, predicate, Vector(d), Vector(a), b);
                }),
                Isa::Avx512 => sweep(isa, &name, Look { destination: "k", ..look }, "", |assembler, d, a, b| {
                    assembler.compare_mask(element, predicate, Mask(d), Vector(a), b);
                }),
            }
        }
    });
    for element in ELEMENTS {
        let s = pick(element, "s", "d");
        for mask in registers(Isa::Avx2, "ymm") {
            let suffix = format!(", ymm{mask}");
            sweep(Isa::Avx2, &format!("vblendvp{s}"), full(Isa::Avx2, element), &suffix, |assembler, d, a, b| {
                assembler.blend_vector(element, Vector(d), Vector(a), b, Vector(mask));
            });
        }
        for mask in 1..8 {
            let all = registers(Isa::Avx512, "zmm");
            for (&d, &a) in all.iter().zip(all.iter().rev()) {
                let expected = format!("vblendmp{s} zmm{d}{{k{mask}}}, zmm{a}, zmm19");
                check(Isa::Avx512, &expected, |assembler| {
                    assembler.blend_mask(element, Vector(d), Mask(mask), Vector(a), Vector(19));
                });
                let Some((memory, times)) = full(Isa::Avx512, element).broadcast else { unreachable!() };
                let expected = format!("vblendmp{s} zmm{d}{{k{mask}}}, zmm{a}, {memory} [r9+r10*4+1016]{{1to{times}}}");
                check(Isa::Avx512, &expected, |assembler| {
                    let address = General::R9.indexed(General::R10, 4).offset(1016);
                    assembler.blend_mask(element, Vector(d), Mask(mask), Vector(a), Operand::Broadcast(address));
                });
                check(Isa::Avx512, &format!("vmovup{s} zmm{d}{{k{mask}}}{{z}}, zmm{a}"), |assembler| {
                    assembler.move_masked_zero(element, Vector(d), Mask(mask), Vector(a));
                });
            }
        }
    }
}

#[test]
fn masks() {
    let isa = Isa::Avx512;
    for d in 0..8 {
        for a in 0..8 {
            let b = (a + 3) % 8;
            let three = format!("k{d}, k{a}, k{b}");
            check(isa, &format!("kandw {three}"), |assembler| assembler.mask_and(Mask(d), Mask(a), Mask(b)));
            check(isa, &format!("korw {three}"), |assembler| assembler.mask_or(Mask(d), Mask(a), Mask(b)));
            check(isa, &format!("kxorw {three}"), |assembler| assembler.mask_xor(Mask(d), Mask(a), Mask(b)));
            check(isa, &format!("knotw k{d}, k{a}"), |assembler| assembler.mask_not(Mask(d), Mask(a)));
        }
        for (general, name) in
            [(General::RAX, "eax"), (General::RDI, "edi"), (General::R8, "r8d"), (General::R15, "r15d")]
        {
            check(isa, &format!("kmovw k{d}, {name}"), |assembler| assembler.mask_from_general(Mask(d), general));
        }
        for (address, text) in addresses() {
            check(isa, &format!("kmovw k{d}, word ptr {text}"), |assembler| assembler.load_mask(Mask(d), address));
            check(isa, &format!("kmovw word ptr {text}, k{d}"), |assembler| assembler.store_mask(address, Mask(d)));
        }
    }
}

#[test]
fn moves() {
    each(|isa, element, s| {
        let look = Look { a: "", broadcast: None, ..full(isa, element) };
        let Look { memory, destination: kind, .. } = look;
        let loads = Look { register: "", ..look };
        sweep(isa, &format!("vmovup{s}"), loads, "", |assembler, d, _, b| {
            let Operand::Memory(address) = b else { unreachable!() };
            assembler.load(element, Vector(d), address);
        });
        sweep_store(isa, &format!("vmovup{s}"), memory, kind, |assembler, address, source| {
            assembler.store(element, address, Vector(source));
        });
        sweep_store(isa, &format!("vmovntp{s}"), memory, kind, |assembler, address, source| {
            assembler.store_non_temporal(element, address, Vector(source));
        });
        sweep(
            isa,
            &format!("vbroadcasts{s}"),
            Look { destination: kind, a: "", ..scalar(element) },
            "",
            |assembler, d, _, b| match b {
                Operand::Register(source) => assembler.broadcast_register(element, Vector(d), source),
                Operand::Memory(address) | Operand::Broadcast(address) => {
                    assembler.broadcast(element, Vector(d), address);
                }
            },
        );
        let scalars = Look { a: "", register: "", ..scalar(element) };
        sweep(isa, &format!("vmovs{s}"), scalars, "", |assembler, d, _, b| {
            let Operand::Memory(address) = b else { unreachable!() };
            assembler.load_scalar(element, Vector(d), address);
        });
        sweep_store(isa, &format!("vmovs{s}"), scalar(element).memory, "xmm", |assembler, address, source| {
            assembler.store_scalar(element, address, Vector(source));
        });
        sweep(isa, "vmovaps", Look { memory: "", ..look }, "", |assembler, d, _, b| {
            let Operand::Register(source) = b else { unreachable!() };
            assembler.move_register(Vector(d), source);
        });
    });
    for isa in ISAS {
        for d in 0..isa.vectors() {
            let name = if d < 16 { "vxorps" } else { "vpxord" };
            check(isa, &format!("{name} xmm{d}, xmm{d}, xmm{d}"), |assembler| assembler.zero(Vector(d)));
        }
    }
    check(Isa::Avx2, "vzeroupper", Assembler::zero_upper);
}

#[test]
fn masked_moves() {
    for element in ELEMENTS {
        let s = pick(element, "s", "d");
        let look = Look { register: "", ..full(Isa::Avx2, element) };
        sweep(Isa::Avx2, &format!("vmaskmovp{s}"), look, "", |assembler, d, a, b| {
            let Operand::Memory(address) = b else { unreachable!() };
            assembler.load_masked_zero(element, Vector(d), Vector(a), address);
        });
        for (address, text) in addresses() {
            for source in registers(Isa::Avx2, "ymm") {
                let mask = 15 - source;
                check(Isa::Avx2, &format!("vmaskmovp{s} ymmword ptr {text}, ymm{mask}, ymm{source}"), |assembler| {
                    assembler.store_masked(element, address, Vector(mask), Vector(source));
                });
            }
            for source in registers(Isa::Avx512, "zmm") {
                let mask = source % 7 + 1;
                check(Isa::Avx512, &format!("vmovup{s} zmmword ptr {text}{{k{mask}}}, zmm{source}"), |assembler| {
                    assembler.store_masked(element, address, Mask(mask), Vector(source));
                });
                check(
                    Isa::Avx512,
                    &format!("vmovup{s} zmm{source}{{k{mask}}}{{z}}, zmmword ptr {text}"),
                    |assembler| {
                        assembler.load_masked_zero(element, Vector(source), Mask(mask), address);
                    },
                );
            }
        }
    }
}

#[test]
fn conversions_and_halves() {
    for isa in ISAS {
        let wide = full(isa, Element::Single);
        let half = match isa {
            Isa::Avx2 => of_width(isa, Width::Bits128, Element::Single),
            Isa::Avx512 => of_width(isa, Width::Bits256, Element::Single),
        };
        sweep(isa, "vcvtps2pd", Look { destination: wide.destination, a: "", ..half }, "", |assembler, d, _, b| {
            assembler.widen_low(Vector(d), b);
        });
        let look = Look { destination: half.destination, a: "", ..full(isa, Element::Double) };
        sweep(isa, "vcvtpd2ps", look, "", |assembler, d, _, b| assembler.narrow(Vector(d), b));
        sweep(isa, "vcvtss2sd", scalar(Element::Single), "", |assembler, d, a, b| {
            assembler.widen_scalar(Vector(d), Vector(a), b);
        });
        sweep(isa, "vcvtsd2ss", scalar(Element::Double), "", |assembler, d, a, b| {
            assembler.narrow_scalar(Vector(d), Vector(a), b);
        });
        let (high, quarter) = match isa {
            Isa::Avx2 => ("vextractf128", "vextractf128"),
            Isa::Avx512 => ("vextractf64x4", "vextractf32x4"),
        };
        let look = Look { destination: half.destination, a: "", memory: "", broadcast: None, ..wide };
        sweep(isa, high, look, ", 1", |assembler, d, _, b| {
            let Operand::Register(source) = b else { unreachable!() };
            assembler.extract_high(Vector(d), source);
        });
        sweep(isa, quarter, Look { destination: "xmm", register: "ymm", ..look }, ", 1", |assembler, d, _, b| {
            let Operand::Register(source) = b else { unreachable!() };
            assembler.extract_upper_quarter(Vector(d), source);
        });
    }
}

const GENERAL: [(General, &str); 16] = [
    (General::RAX, "rax"),
    (General::RCX, "rcx"),
    (General::RDX, "rdx"),
    (General::RBX, "rbx"),
    (General::RSP, "rsp"),
    (General::RBP, "rbp"),
    (General::RSI, "rsi"),
    (General::RDI, "rdi"),
    (General::R8, "r8"),
    (General::R9, "r9"),
    (General::R10, "r10"),
    (General::R11, "r11"),
    (General::R12, "r12"),
    (General::R13, "r13"),
    (General::R14, "r14"),
    (General::R15, "r15"),
];

type Integer = fn(&mut Assembler, General, Source);

#[test]
fn general() {
    let isa = Isa::Avx2;
    let integers: [(&str, Integer); 4] = [
        ("add", |assembler, a, b| assembler.add(a, b)),
        ("sub", |assembler, a, b| assembler.subtract(a, b)),
        ("and", |assembler, a, b| assembler.and(a, b)),
        ("cmp", |assembler, a, b| assembler.compare(a, b)),
    ];
    for (d, name) in GENERAL {
        for (operation, emit) in integers {
            for value in [1, -1, 127, -128, 128, -129, i32::MAX, i32::MIN] {
                check(isa, &format!("{operation} {name}, {value}"), |assembler| emit(assembler, d, value.into()));
            }
            for (source, text) in GENERAL {
                check(isa, &format!("{operation} {name}, {text}"), |assembler| emit(assembler, d, source.into()));
            }
            for (address, text) in addresses() {
                check(isa, &format!("{operation} {name}, qword ptr {text}"), |assembler| {
                    emit(assembler, d, address.into());
                });
            }
        }
        for (source, text) in GENERAL {
            check(isa, &format!("mov {name}, {text}"), |assembler| assembler.move_general(d, source));
            check(isa, &format!("test {name}, {text}"), |assembler| assembler.test(d, source));
            let factors = if d == source { name.to_string() } else { format!("{name}, {text}") };
            check(isa, &format!("imul {factors}, 100"), |assembler| assembler.multiply(d, source, 100));
            check(isa, &format!("imul {factors}, -1000"), |assembler| assembler.multiply(d, source, -1000));
        }
        for (address, text) in addresses() {
            check(isa, &format!("mov {name}, qword ptr {text}"), |assembler| assembler.load_general(d, address));
            check(isa, &format!("mov qword ptr {text}, {name}"), |assembler| assembler.store_general(address, d));
            check(isa, &format!("lea {name}, {text}"), |assembler| assembler.load_address(d, address));
        }
        check(isa, &format!("shl {name}, 3"), |assembler| assembler.shift_left(d, 3));
        check(isa, &format!("shr {name}, 63"), |assembler| assembler.shift_right(d, 63));
        check(isa, &format!("inc {name}"), |assembler| assembler.increment(d));
        check(isa, &format!("dec {name}"), |assembler| assembler.decrement(d));
        check(isa, &format!("call {name}"), |assembler| assembler.call(d));
        check(isa, &format!("push {name}"), |assembler| assembler.push(d));
        check(isa, &format!("pop {name}"), |assembler| assembler.pop(d));
        check(isa, &format!("mov {name}, -5"), |assembler| assembler.move_immediate(d, -5_i64 as u64));
        check(isa, &format!("mov {name}, 81985529216486895"), |assembler| {
            assembler.move_immediate(d, 81_985_529_216_486_895);
        });
    }
    check(isa, "mov eax, 0", |assembler| assembler.move_immediate(General::RAX, 0));
    check(isa, "mov r9d, 2147483647", |assembler| assembler.move_immediate(General::R9, 0x7fff_ffff));
    check(isa, "mov r9d, -1", |assembler| assembler.move_immediate(General::R9, 0xffff_ffff));
    check(isa, "ret", Assembler::ret);
    for (address, text) in addresses() {
        check(isa, &format!("prefetcht0 byte ptr {text}"), |assembler| assembler.prefetch(address));
    }
}

#[test]
fn jumps() {
    let conditions = [
        (Condition::Below, "jb"),
        (Condition::AboveOrEqual, "jae"),
        (Condition::Equal, "je"),
        (Condition::NotEqual, "jne"),
        (Condition::BelowOrEqual, "jbe"),
        (Condition::Above, "ja"),
        (Condition::Negative, "js"),
        (Condition::NotNegative, "jns"),
        (Condition::Less, "jl"),
        (Condition::GreaterOrEqual, "jge"),
        (Condition::LessOrEqual, "jle"),
        (Condition::Greater, "jg"),
    ];
    for (condition, name) in conditions {
        let code = assemble(Isa::Avx2, |assembler| {
            let (back, forth) = (assembler.new_label(), assembler.new_label());
            assembler.push(General::RAX);
            assembler.bind(back);
            assembler.jump_if(condition, forth);
            assembler.jump(back);
            assembler.jump_if(condition, back);
            assembler.bind(forth);
            assembler.ret();
        });
        let expected = ["push rax", &format!("{name} 18"), "jmp 1", &format!("{name} 1"), "ret"];
        assert_eq!(disassemble(&code), expected);
    }
}

#[test]
#[should_panic(expected = "every label is bound")]
fn a_label_that_is_not_bound() {
    assemble(Isa::Avx2, |assembler| {
        let label = assembler.new_label();
        assembler.jump(label);
    });
}

#[test]
fn alignment() {
    for start in 0_usize..64 {
        for alignment in [16, 32, 64] {
            let code = assemble(Isa::Avx2, |assembler| {
                (0..start).for_each(|_| assembler.ret());
                assembler.align(alignment);
            });
            assert_eq!(code.len(), start.next_multiple_of(alignment));
            let lines = disassemble(&code);
            assert!(lines[start..].iter().all(|line| line.contains("nop") || line == "xchg ax, ax"), "{lines:?}");
            assert!(lines.len() - start <= (code.len() - start).div_ceil(9));
        }
    }
}

/// Displacements take one byte whenever the instruction can hold them so.
#[test]
fn lengths() {
    let length = |isa, emit: &dyn Fn(&mut Assembler)| assemble(isa, emit).len();
    let at = |displacement| General::RDI.at(displacement);
    for element in ELEMENTS {
        let bytes = element.bytes() as i32;
        for (displacement, long) in
            [(0, 0), (64, 1), (127 * 64, 1), (-128 * 64, 1), (128 * 64, 4), (4, 4), (-129 * 64, 4)]
        {
            assert_eq!(length(Isa::Avx512, &|a| a.load(element, Vector(1), at(displacement))), 6 + long);
            let half = at(displacement / 2);
            assert_eq!(length(Isa::Avx512, &|a| a.widen_low(Vector(1), half)), 6 + long);
        }
        for (displacement, long) in [(bytes, 1), (127 * bytes, 1), (128 * bytes, 4), (2, 4)] {
            let address = at(displacement);
            assert_eq!(length(Isa::Avx512, &|a| a.broadcast(element, Vector(1), address)), 6 + long);
            assert_eq!(length(Isa::Avx512, &|a| a.load_scalar(element, Vector(1), address)), 6 + long);
            let operand = Operand::Broadcast(address);
            assert_eq!(
                length(Isa::Avx512, &|a| a.arithmetic(Arithmetic::Add, element, Vector(1), Vector(2), operand)),
                6 + long
            );
        }
        for (displacement, long) in [(0, 0), (127, 1), (-128, 1), (128, 4)] {
            assert_eq!(length(Isa::Avx2, &|a| a.load(element, Vector(1), at(displacement))), 4 + long);
        }
    }
    for (value, long) in [(0, 5), (0xffff_ffff, 5), (-1_i64 as u64, 7), (1 << 32, 10)] {
        assert_eq!(length(Isa::Avx2, &|a| a.move_immediate(General::RAX, value)), long);
    }
    assert_eq!(length(Isa::Avx2, &|a| a.add(General::RAX, 127)), 4);
    assert_eq!(length(Isa::Avx2, &|a| a.add(General::RAX, 128)), 7);
}

/// Constants lie after the code, each once, aligned; instructions with an immediate find them, too.
#[test]
fn constants() {
    let code = assemble(Isa::Avx512, |assembler| {
        let single = assembler.constant(Element::Single, 0x3f80_0000);
        let double = assembler.constant(Element::Double, 0x4000_0000_0000_0000);
        let vector = assembler.constant_bytes(&[7; 32]);
        assert_eq!(assembler.constant(Element::Single, 0xffff_ffff_3f80_0000), single);
        assembler.arithmetic(Arithmetic::Add, Element::Single, Vector(1), Vector(2), Operand::Broadcast(single));
        assembler.compare_mask(Element::Double, Predicate::Less, Mask(1), Vector(2), Operand::Broadcast(double));
        assembler.load_address(General::R9, vector);
        assembler.load_general(General::RAX, double);
    });
    let lines = disassemble(&code[..35]);
    let addresses: Vec<usize> = Decoder::with_ip(64, &code[..35], 0, DecoderOptions::NONE)
        .iter()
        .map(|instruction| instruction.memory_displacement64() as usize)
        .collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert_eq!(addresses, [64 + 40, 64 + 32, 64, 64 + 32]);
    assert_eq!(code.len(), 64 + 44);
    assert_eq!(code[64..96], [7; 32]);
    assert_eq!(code[96..104], 2.0_f64.to_le_bytes());
    assert_eq!(code[104..], 1.0_f32.to_le_bytes());
}
