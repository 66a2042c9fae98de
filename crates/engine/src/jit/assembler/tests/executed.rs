//! Code that is run.
#![allow(unsafe_code)]

use super::super::*;
use super::ISAS;

/// The instruction sets that this machine has.
fn available() -> impl Iterator<Item = Isa> {
    ISAS.into_iter().filter(|isa| match isa {
        Isa::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
        Isa::Avx512 => {
            is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512dq")
        }
    })
}

/// A function of addresses and a count, as callers on Linux call it.
type TestFunction = extern "sysv64" fn(*const f32, *const f32, *mut f32, usize, *const u32);

fn function(executable: &Executable) -> TestFunction {
    // SAFETY: the tests write functions of this kind.
    unsafe { std::mem::transmute::<*const u8, TestFunction>(executable.entry()) }
}

/// Vectors 0, 1 and 2 get the inputs; what `emit` leaves in vector 0 is returned.
fn apply(isa: Isa, inputs: &[[f32; 16]; 3], emit: impl FnOnce(&mut Assembler)) -> Vec<f32> {
    let mut assembler = Assembler::new(isa);
    for number in 0..3 {
        assembler.load(Precision::Single, Vector(number), General::RDI.at(64 * i32::from(number)));
    }
    emit(&mut assembler);
    assembler.store(Precision::Single, General::RDX.at(0), Vector(0));
    assembler.zero_upper();
    assembler.ret();
    let executable = Executable::new(&assembler.finish()).expect("executable memory");
    let mut output = [0.0; 16];
    let inputs = inputs.as_flattened().as_ptr();
    function(&executable)(inputs, inputs, output.as_mut_ptr(), 0, std::ptr::null());
    output[..isa.width().bytes() / 4].to_vec()
}

const INPUTS: [[f32; 16]; 3] = [
    [1.5, -2.0, f32::NAN, 4.0, 0.1, -0.0, 7.3, f32::INFINITY, 9.0, 1e-3, -11.0, 0.3, 13.0, -0.7, 15.0, 1.0],
    [0.5, -2.0, 3.0, f32::NAN, 0.7, 0.0, -7.3, 8.0, 9.5, 1e3, -11.5, 0.1, -13.0, 0.9, 2.0, 3.0],
    [2.0, 3.0, 5.0, 7.0, 11.0, 13.0, 17.0, 19.0, 0.3, 0.7, 1.1, 1.3, 1.7, 1.9, 2.3, 2.9],
];

#[track_caller]
fn same(values: &[f32], expected: impl Fn(f32, f32, f32) -> f32) {
    for (place, value) in values.iter().enumerate() {
        let expected = expected(INPUTS[0][place], INPUTS[1][place], INPUTS[2][place]);
        assert!(
            value.to_bits() == expected.to_bits() || value.is_nan() && expected.is_nan(),
            "{place}: {value} {expected}"
        );
    }
}

/// A loop with vectors, then the rest by a mask.
#[test]
fn add_of_arrays() {
    for isa in available() {
        let lanes = isa.width().bytes() / 4;
        let mut assembler = Assembler::new(isa);
        let (again, rest, end) = (assembler.new_label(), assembler.new_label(), assembler.new_label());
        let one = assembler.constant(Precision::Single, u64::from(1.0_f32.to_bits()));
        let (count, position) = (General::RCX, General::RAX);
        assembler.broadcast(Precision::Single, Vector(9), one);
        assembler.move_immediate(position, 0);
        assembler.subtract(count, lanes as i32);
        assembler.compare(position, count);
        assembler.jump_if(Condition::Greater, rest);
        assembler.align(32);
        assembler.bind(again);
        assembler.load(Precision::Single, Vector(8), General::RDI.indexed(position, 4));
        assembler.arithmetic(
            ArithmeticOpcode::Add,
            Precision::Single,
            Vector(8),
            Vector(8),
            General::RSI.indexed(position, 4),
        );
        assembler.arithmetic(ArithmeticOpcode::Add, Precision::Single, Vector(8), Vector(8), Vector(9));
        assembler.store(Precision::Single, General::RDX.indexed(position, 4), Vector(8));
        assembler.add(position, lanes as i32);
        assembler.compare(position, count);
        assembler.jump_if(Condition::LessOrEqual, again);
        assembler.bind(rest);
        assembler.add(count, lanes as i32);
        assembler.compare(position, count);
        assembler.jump_if(Condition::Equal, end);
        let selection = match isa {
            Isa::Avx2 => {
                assembler.load(Precision::Single, Vector(3), General::R8.at(0));
                Selection::Vector(Vector(3))
            }
            Isa::Avx512 => {
                assembler.load_mask(Mask(1), General::R8.at(0));
                Selection::Mask(Mask(1))
            }
        };
        let at = |base: General| base.indexed(position, 4);
        assembler.load_masked_zero(Precision::Single, Vector(8), selection, at(General::RDI));
        assembler.load_masked_zero(Precision::Single, Vector(10), selection, at(General::RSI));
        assembler.arithmetic(ArithmeticOpcode::Add, Precision::Single, Vector(8), Vector(8), Vector(10));
        assembler.arithmetic(ArithmeticOpcode::Add, Precision::Single, Vector(8), Vector(8), Vector(9));
        assembler.store_masked(Precision::Single, at(General::RDX), selection, Vector(8));
        assembler.bind(end);
        assembler.zero_upper();
        assembler.ret();
        let executable = Executable::new(&assembler.finish()).expect("executable memory");
        for count in 0..70 {
            let a: Vec<f32> = (0..count).map(|i| i as f32).collect();
            let b: Vec<f32> = (0..count).map(|i| 100.0 * i as f32).collect();
            let mut output = vec![-1.0; count + 3];
            let mask: Vec<u32> = match isa {
                Isa::Avx2 => (0..lanes).map(|lane| if lane < count % lanes { u32::MAX } else { 0 }).collect(),
                Isa::Avx512 => vec![(1 << (count % lanes)) - 1],
            };
            function(&executable)(a.as_ptr(), b.as_ptr(), output.as_mut_ptr(), count, mask.as_ptr());
            let expected = (0..count).map(|i| 101.0 * i as f32 + 1.0).chain([-1.0; 3]);
            assert!(output.iter().copied().eq(expected), "{isa:?} {count} {output:?}");
        }
    }
}

#[test]
fn arithmetic() {
    for isa in available() {
        let run = |operation| {
            apply(isa, &INPUTS, |assembler| {
                assembler.arithmetic(operation, Precision::Single, Vector(0), Vector(0), Vector(1));
            })
        };
        same(&run(ArithmeticOpcode::Add), |a, b, _| a + b);
        same(&run(ArithmeticOpcode::Subtract), |a, b, _| a - b);
        same(&run(ArithmeticOpcode::Multiply), |a, b, _| a * b);
        same(&run(ArithmeticOpcode::Divide), |a, b, _| a / b);
        same(&run(ArithmeticOpcode::Minimum), |a, b, _| if a < b { a } else { b });
        same(&run(ArithmeticOpcode::Maximum), |a, b, _| if a > b { a } else { b });
        same(&run(ArithmeticOpcode::And), |a, b, _| f32::from_bits(a.to_bits() & b.to_bits()));
        same(&run(ArithmeticOpcode::Xor), |a, b, _| f32::from_bits(a.to_bits() ^ b.to_bits()));
        same(&apply(isa, &INPUTS, |a| a.floor(Precision::Single, Vector(0), Vector(1))), |_, b, _| b.floor());
        same(&apply(isa, &INPUTS, |a| a.square_root(Precision::Single, Vector(0), Vector(0))), |a, _, _| a.sqrt());
        same(&apply(isa, &INPUTS, |a| a.zero(Vector(0))), |_, _, _| 0.0);
    }
}

/// The product with a power of two is rounded once, among the denormals as well; what is fixed up is chosen by the kind of number.
#[test]
fn scale_and_fix_up() {
    if !available().any(|isa| isa == Isa::Avx512) {
        return;
    }
    let exponents = [
        0.0,
        1.0,
        -1.0,
        127.0,
        128.0,
        -126.0,
        -127.0,
        -140.0,
        -149.0,
        -150.0,
        -151.0,
        -253.0,
        7.0,
        100.0,
        f32::NAN,
        3.0,
    ];
    let numbers = [1.5, -2.0, 3.0, 1.9, 0.7, 1.3, 1.2345679, 1.2345679, 1.3, 1.3, 1.99, 1.4, f32::NAN, 3e9, 1.0, -0.0];
    let scaled = apply(Isa::Avx512, &[numbers, exponents, INPUTS[2]], |a| {
        a.scale(Precision::Single, Vector(0), Vector(0), Vector(1))
    });
    for (value, (x, n)) in scaled.iter().zip(numbers.into_iter().zip(exponents)) {
        let expected = (f64::from(x) * f64::from(n).exp2()) as f32;
        assert!(
            value.to_bits() == expected.to_bits() || value.is_nan() && expected.is_nan(),
            "{x} {n}: {value} {expected}"
        );
    }
    let signalling = f32::from_bits(0x7f80_0001);
    let kinds = [
        f32::NAN,
        signalling,
        0.0,
        -0.0,
        1.0,
        f32::NEG_INFINITY,
        f32::INFINITY,
        -3.0,
        3.0,
        -1e-45,
        1e-45,
        0.5,
        2.0,
        9.0,
        -9.0,
        -1.0,
    ];
    let fixed = apply(Isa::Avx512, &[[7.0; 16], kinds, INPUTS[2]], |a| {
        let table = Operand::Broadcast(a.constant(Precision::Single, 0x0353_0422));
        a.fix_up(Precision::Single, Vector(0), Vector(1), table);
    });
    for (value, x) in fixed.iter().zip(kinds) {
        let expected = if x == 0.0 || x.is_infinite() || x.is_nan() || x < 0.0 { x.ln() } else { 7.0 };
        assert!(
            value.to_bits() == expected.to_bits() || value.is_nan() && expected.is_nan(),
            "{x}: {value} {expected}"
        );
    }
}

#[test]
fn fused_orders() {
    for isa in available() {
        let run = |operation, order| {
            apply(isa, &INPUTS, |assembler| {
                assembler.fused(operation, order, Precision::Single, Vector(0), Vector(1), Vector(2));
            })
        };
        type PlainFused = fn(f32, f32, f32) -> f32;
        let operations: [(FusedOpcode, PlainFused); 4] = [
            (FusedOpcode::MultiplyAdd, |x, y, z| x.mul_add(y, z)),
            (FusedOpcode::MultiplySubtract, |x, y, z| x.mul_add(y, -z)),
            (FusedOpcode::NegativeMultiplyAdd, |x, y, z| (-x).mul_add(y, z)),
            (FusedOpcode::NegativeMultiplySubtract, |x, y, z| (-x).mul_add(y, -z)),
        ];
        for (operation, plain) in operations {
            same(&run(operation, Order::F132), |destination, a, b| plain(destination, b, a));
            same(&run(operation, Order::F213), |destination, a, b| plain(a, destination, b));
            same(&run(operation, Order::F231), |destination, a, b| plain(a, b, destination));
        }
    }
}

#[test]
fn comparison_and_choice() {
    type PlainComparison = fn(f32, f32) -> bool;
    let predicates: [(ComparePredicate, PlainComparison); 8] = [
        (ComparePredicate::Equal, |a, b| a == b),
        (ComparePredicate::NotEqual, |a, b| a != b),
        (ComparePredicate::Less, |a, b| a < b),
        (ComparePredicate::LessOrEqual, |a, b| a <= b),
        (ComparePredicate::NotLess, |a, b| !matches!(a.partial_cmp(&b), Some(std::cmp::Ordering::Less))),
        (ComparePredicate::NotLessOrEqual, |a, b| a > b || a.is_nan() || b.is_nan()),
        (ComparePredicate::Unordered, |a, b| a.is_nan() || b.is_nan()),
        (ComparePredicate::Ordered, |a, b| !a.is_nan() && !b.is_nan()),
    ];
    for isa in available() {
        for (predicate, holds) in predicates {
            let values = apply(isa, &INPUTS, |assembler| match isa {
                Isa::Avx2 => {
                    assembler.compare_vector(Precision::Single, predicate, Vector(12), Vector(0), Vector(1));
                    assembler.blend_vector(Precision::Single, Vector(0), Vector(1), Vector(2), Vector(12));
                }
                Isa::Avx512 => {
                    assembler.move_register(Vector(17), Vector(1));
                    assembler.compare_mask(Precision::Single, predicate, Mask(3), Vector(0), Vector(17));
                    assembler.mask_xor(Mask(4), Mask(4), Mask(4));
                    assembler.mask_or(Mask(5), Mask(3), Mask(4));
                    assembler.blend_mask(Precision::Single, Vector(0), Mask(5), Vector(17), Vector(2));
                }
            });
            same(&values, |a, b, c| if holds(a, b) { c } else { b });
        }
    }
}

/// The sum of a vector of singles in double precision, by halves.
#[test]
fn horizontal_sum() {
    for isa in available() {
        let (add, double) = (ArithmeticOpcode::Add, Precision::Double);
        let inputs = [INPUTS[2], INPUTS[2], INPUTS[2]];
        let values = apply(isa, &inputs, |assembler| {
            assembler.extract_high(Vector(3), Vector(2));
            assembler.widen_low(Vector(4), Vector(2));
            assembler.widen_low(Vector(5), Vector(3));
            assembler.arithmetic(add, double, Vector(4), Vector(4), Vector(5));
            if isa == Isa::Avx512 {
                assembler.extract_high(Vector(5), Vector(4));
                assembler.arithmetic_width(Width::Bits256, add, double, Vector(4), Vector(4), Vector(5));
            }
            assembler.extract_upper_quarter(Vector(5), Vector(4));
            assembler.arithmetic_width(Width::Bits128, add, double, Vector(4), Vector(4), Vector(5));
            assembler.permute(Width::Bits128, double, Vector(5), Vector(4), 0b01);
            assembler.arithmetic_width(Width::Bits128, add, double, Vector(4), Vector(4), Vector(5));
            assembler.narrow_scalar(Vector(0), Vector(4), Vector(4));
        });
        let sum: f64 = INPUTS[2][..values.len()].iter().map(|&x| f64::from(x)).sum();
        assert_eq!(values[0], sum as f32, "{isa:?}");
    }
}

/// An integer in the exponent field: 2 to the power of ⌊x⌋, with constants from the pool.
#[test]
fn integers_and_constants() {
    for isa in available() {
        let values = apply(isa, &INPUTS, |assembler| {
            // 1.5 * 2^23: added to a small float, it leaves the integer in the low bits.
            let shift = assembler.constant(Precision::Single, 0x4b40_0000);
            let bias = assembler.constant(Precision::Single, 127);
            assembler.broadcast(Precision::Single, Vector(5), shift);
            assembler.broadcast(Precision::Single, Vector(6), bias);
            assembler.floor(Precision::Single, Vector(0), Vector(2));
            assembler.arithmetic(ArithmeticOpcode::Add, Precision::Single, Vector(0), Vector(0), Vector(5));
            assembler.integer_subtract(Precision::Single, Vector(0), Vector(0), Vector(5));
            assembler.integer_add(Precision::Single, Vector(0), Vector(0), Vector(6));
            assembler.shift_left_logical(Precision::Single, Vector(0), Vector(0), 23);
        });
        same(&values, |_, _, c| c.floor().exp2());
    }
}

#[test]
fn the_stack() {
    let mut assembler = Assembler::new(Isa::Avx2);
    assembler.push(General::R12);
    assembler.move_immediate(General::R12, 42);
    assembler.move_general(General::RAX, General::R12);
    assembler.pop(General::R12);
    assembler.ret();
    let executable = Executable::new(&assembler.finish()).expect("executable memory");
    // SAFETY: the code is a function of this kind.
    let function = unsafe { std::mem::transmute::<*const u8, extern "sysv64" fn() -> u64>(executable.entry()) };
    assert_eq!(function(), 42);
    // From another thread, too.
    std::thread::scope(|scope| scope.spawn(|| assert_eq!(function(), 42)).join().expect("no panic"));
}

/// The mappings of this process that code without a file runs from: their ends and their access.
fn executable_mappings() -> Vec<(usize, usize, String)> {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("the mappings");
    let fields = maps.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let anonymous = fields.filter(|fields| fields.len() == 5 && fields[1].contains('x'));
    let address = |text| usize::from_str_radix(text, 16).expect("an address");
    anonymous
        .map(|fields| {
            let (from, to) = fields[0].split_once('-').expect("two ends");
            (address(from), address(to), fields[1].to_string())
        })
        .collect()
}

/// Pages are never writable and executable at once, and they are given back.
#[test]
fn memory() {
    let code = vec![0xc3; 4 << 20];
    let executable = Executable::new(&code).expect("executable memory");
    let start = executable.entry() as usize;
    let own = executable_mappings().into_iter().find(|(from, to, _)| (*from..*to).contains(&start));
    assert_eq!(own.expect("mapped").2, "r-xp");
    // SAFETY: the pages hold the code.
    assert_eq!(unsafe { *executable.entry().add(code.len() - 1) }, 0xc3);
    for _ in 0..32 {
        assert!(Executable::new(&code).is_some());
    }
    let mapped: usize = executable_mappings().iter().map(|(from, to, _)| to - from).sum();
    assert!(mapped < 8 * code.len(), "{mapped} bytes");
}
