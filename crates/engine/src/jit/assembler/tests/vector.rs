//! Every vector and mask instruction, with all kinds of registers and addresses.

use super::super::*;
use super::decoder::{Look, addresses, check, each, full, of_width, pick, registers, scalar, sweep, sweep_store};
use super::{ELEMENTS, ISAS};

const ARITHMETIC: [(ArithmeticOpcode, &str); 9] = [
    (ArithmeticOpcode::Add, "vadd"),
    (ArithmeticOpcode::Subtract, "vsub"),
    (ArithmeticOpcode::Multiply, "vmul"),
    (ArithmeticOpcode::Divide, "vdiv"),
    (ArithmeticOpcode::Minimum, "vmin"),
    (ArithmeticOpcode::Maximum, "vmax"),
    (ArithmeticOpcode::And, "vand"),
    (ArithmeticOpcode::Or, "vor"),
    (ArithmeticOpcode::Xor, "vxor"),
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
    });
}

#[test]
fn fused() {
    let operations = [
        (FusedOpcode::MultiplyAdd, "vfmadd"),
        (FusedOpcode::MultiplySubtract, "vfmsub"),
        (FusedOpcode::NegativeMultiplyAdd, "vfnmadd"),
        (FusedOpcode::NegativeMultiplySubtract, "vfnmsub"),
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
fn scale_and_fix_up() {
    each(|isa, element, s| {
        if isa == Isa::Avx2 {
            return;
        }
        sweep(isa, &format!("vscalefp{s}"), full(isa, element), "", |assembler, d, a, b| {
            assembler.scale(element, Vector(d), Vector(a), b);
        });
        sweep(isa, &format!("vfixupimmp{s}"), full(isa, element), ", 0", |assembler, d, a, b| {
            assembler.fix_up(element, Vector(d), Vector(a), b);
        });
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
    });
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
        sweep(isa, "vcvtdq2ps", Look { a: "", ..full(isa, Precision::Single) }, "", |assembler, d, _, b| {
            assembler.integer_to_float(Vector(d), b);
        });
    }
}

#[test]
fn bytes() {
    let isa = Isa::Avx512;
    for (element, name, memory) in
        [(Precision::Single, "vpmovzxbd", "xmmword ptr"), (Precision::Double, "vpmovzxbq", "qword ptr")]
    {
        for (address, text) in addresses() {
            for d in registers(isa, "zmm") {
                check(isa, &format!("{name} zmm{d}, {memory} {text}"), |assembler| {
                    assembler.bytes_to_integers(element, Vector(d), None, address);
                });
                let mask = d % 7 + 1;
                check(isa, &format!("{name} zmm{d}{{k{mask}}}{{z}}, {memory} {text}"), |assembler| {
                    assembler.bytes_to_integers(element, Vector(d), Some(Mask(mask)), address);
                });
            }
        }
        for (d, b) in registers(isa, "zmm").into_iter().zip(registers(isa, "zmm").into_iter().rev()) {
            let name = pick(element, "vcvtdq2ps", "vcvtqq2pd");
            check(isa, &format!("{name} zmm{d}, zmm{b}"), |assembler| {
                assembler.integers_to_floats(element, Vector(d), Vector(b));
            });
        }
    }
}

const PREDICATES: [(ComparePredicate, &str); 8] = [
    (ComparePredicate::Equal, "eq"),
    (ComparePredicate::Unordered, "unord"),
    (ComparePredicate::NotEqual, "neq"),
    (ComparePredicate::Ordered, "ord"),
    (ComparePredicate::Less, "lt_oq"),
    (ComparePredicate::LessOrEqual, "le_oq"),
    (ComparePredicate::NotLess, "nlt_uq"),
    (ComparePredicate::NotLessOrEqual, "nle_uq"),
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
            check(isa, &format!("korw {three}"), |assembler| assembler.mask_or(Mask(d), Mask(a), Mask(b)));
            check(isa, &format!("kxorw {three}"), |assembler| assembler.mask_xor(Mask(d), Mask(a), Mask(b)));
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
        let repeated = Look { destination: kind, a: "", register: "", ..scalar(element) };
        sweep(isa, &format!("vbroadcasts{s}"), repeated, "", |assembler, d, _, b| {
            let Operand::Memory(address) = b else { unreachable!() };
            assembler.broadcast(element, Vector(d), address);
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
        let wide = full(isa, Precision::Single);
        let half = match isa {
            Isa::Avx2 => of_width(isa, Width::Bits128, Precision::Single),
            Isa::Avx512 => of_width(isa, Width::Bits256, Precision::Single),
        };
        sweep(isa, "vcvtps2pd", Look { destination: wide.destination, a: "", ..half }, "", |assembler, d, _, b| {
            assembler.widen_low(Vector(d), b);
        });
        sweep(isa, "vcvtss2sd", scalar(Precision::Single), "", |assembler, d, a, b| {
            assembler.widen_scalar(Vector(d), Vector(a), b);
        });
        sweep(isa, "vcvtsd2ss", scalar(Precision::Double), "", |assembler, d, a, b| {
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
