//! General-purpose instructions, labels, alignment, lengths, constants.

use iced_x86::{Decoder, DecoderOptions};

use super::super::*;
use super::ELEMENTS;
use super::decoder::{addresses, assemble, check, disassemble};

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

type Integer = fn(&mut Assembler, General, GeneralOperand);

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
        check(isa, &format!("shr {name}, 3"), |assembler| assembler.shift_right(d, 3));
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
        }
        for (address, text) in addresses() {
            check(isa, &format!("mov {name}, qword ptr {text}"), |assembler| assembler.load_general(d, address));
            check(isa, &format!("mov qword ptr {text}, {name}"), |assembler| assembler.store_general(address, d));
            check(isa, &format!("lea {name}, {text}"), |assembler| assembler.load_address(d, address));
        }
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
        (Condition::Equal, "je"),
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
            assembler.jump_if(condition, back);
            assembler.bind(forth);
            assembler.ret();
        });
        let expected = ["push rax", &format!("{name} 13"), &format!("{name} 1"), "ret"];
        assert_eq!(disassemble(&code), expected);
    }
}

#[test]
#[should_panic(expected = "every label is bound")]
fn a_label_that_is_not_bound() {
    assemble(Isa::Avx2, |assembler| {
        let label = assembler.new_label();
        assembler.jump_if(Condition::Equal, label);
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
            let operand = Operand::Broadcast(address);
            assert_eq!(
                length(Isa::Avx512, &|a| a.arithmetic(ArithmeticOpcode::Add, element, Vector(1), Vector(2), operand)),
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
        let double = assembler.constant(Precision::Double, 0x4000_0000_0000_0000);
        let single = assembler.constant(Precision::Single, 0x3f80_0000);
        let vector = assembler.constant_bytes(&[7; 32]);
        assert_eq!(assembler.constant(Precision::Single, 0xffff_ffff_3f80_0000), single);
        assembler.arithmetic(
            ArithmeticOpcode::Add,
            Precision::Single,
            Vector(1),
            Vector(2),
            Operand::Broadcast(single),
        );
        assembler.compare_mask(
            Precision::Double,
            ComparePredicate::Less,
            Mask(1),
            Vector(2),
            Operand::Broadcast(double),
        );
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
