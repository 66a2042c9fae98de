//! Single precision, against the standard library in double precision.

use std::sync::Mutex;

use super::*;

/// The value in double precision, whose error is invisible in single precision.
fn reference(function: Function, x: f64) -> f64 {
    match function {
        Function::Exp => x.exp(),
        Function::ExpM1 => x.exp_m1(),
        Function::Ln => x.ln(),
        Function::Ln1p => x.ln_1p(),
        Function::Sinh => x.sinh(),
        Function::Asinh => libm::asinh(x),
        Function::Atan => x.atan(),
        Function::Tanh => x.tanh(),
        Function::Sigmoid => {
            if x < 0.0 {
                x.exp() / (1.0 + x.exp())
            } else {
                1.0 / (1.0 + (-x).exp())
            }
        }
        Function::Softplus => {
            if x < 0.0 {
                x.exp().ln_1p()
            } else {
                x + (-x).exp().ln_1p()
            }
        }
        Function::Erf => libm::erf(x),
        Function::NormalCdf => crate::special::normal_cdf(x),
        Function::Sin => x.sin(),
        Function::Cos => x.cos(),
        Function::LnGamma => libm::lgamma(x),
        // Near the zero, the definition has absolute precision only.
        Function::Polygamma if (1.45..1.47).contains(&x) => double_double::reference(function, x).0.high,
        Function::Polygamma => crate::special::polygamma(0, x),
    }
}

/// The error of `y` in units in the last place of the exact value; infinite where NaN, infinity or the sign of a zero
/// is wrong.
#[inline]
fn error(y: f32, exact: f64) -> f64 {
    /// What infinity stands for: the next number if the exponents went on.
    const BEYOND: f64 = 340282366920938463463374607431768211456.0; // 2^128
    if exact.is_nan() || y.is_nan() {
        return if exact.is_nan() && y.is_nan() { 0.0 } else { f64::INFINITY };
    }
    if exact == 0.0 {
        return if y.to_bits() == (exact as f32).to_bits() { 0.0 } else { f64::INFINITY };
    }
    if exact.is_infinite() {
        return if f64::from(y) == exact { 0.0 } else { f64::INFINITY };
    }
    let y = if y.is_infinite() { BEYOND.copysign(f64::from(y)) } else { f64::from(y) };
    let exact = exact.clamp(-BEYOND, BEYOND);
    (y - exact).abs() * inverse_unit(exact)
}

/// One over the unit in the last place of single precision at this number.
#[inline]
fn inverse_unit(exact: f64) -> f64 {
    let exponent = (exact.to_bits() >> 52 & 0x7ff) as i32 - 1023;
    f64::from_bits(((1023 - spacing_exponent(exponent, 23, -149)) as u64) << 52)
}

/// The largest error of each of these levels over these inputs, and where.
fn worst(function: Function, levels: &[Level], inputs: &[f32], worst: &mut [(f64, f32)]) {
    let exact: Vec<f64> = inputs.iter().map(|&x| reference(function, f64::from(x))).collect();
    for (&level, worst) in levels.iter().zip(worst) {
        for ((&x, y), &exact) in inputs.iter().zip(function.values(level, inputs)).zip(&exact) {
            // Almost all inputs end here: ordinary, and no worse than those before.
            if (f64::from(y) - exact).abs() * inverse_unit(exact) <= worst.0 && exact != 0.0 {
                continue;
            }
            let error = error(y, exact);
            if error > worst.0 {
                *worst = (error, x);
            }
        }
    }
}

fn assert_within(function: Function, worst: &[(f64, f32)]) {
    for (level, (error, x)) in Level::available().iter().zip(worst) {
        println!("{:9} f32 {:9} {error:.4} at {x:e} ({:#010x})", function.name(), level.name(), x.to_bits());
    }
    for (&level, &(error, x)) in Level::available().iter().zip(worst) {
        let bound = function.bounds(level).0;
        assert!(error <= bound, "{} at {x:e}, {}: {error} ulp, bound {bound}", function.name(), level.name());
    }
}

#[test]
fn sampled_errors_are_small() {
    let mut random = Random(1);
    for &function in Function::ALL {
        let mut inputs = vec![];
        for sign_and_exponent in 0..512_u32 {
            let first = sign_and_exponent << 23;
            inputs.extend([first, first + 1, first + 0x7f_ffff].map(f32::from_bits));
            inputs.extend((0..1500).map(|_| f32::from_bits(first | random.next() as u32 & 0x7f_ffff)));
        }
        for seam in function.seams() {
            let bits = (seam as f32).to_bits();
            inputs.extend((bits.saturating_sub(300)..bits.saturating_add(300)).map(f32::from_bits));
        }
        // The interesting range, densely.
        inputs.extend((0..400_000).map(|_| (random.next() as i32 as f32) * 1e-8));
        let mut errors = vec![(0.0, 0.0); Level::available().len()];
        for inputs in inputs.chunks(512) {
            worst(function, Level::available(), inputs, &mut errors);
        }
        assert_within(function, &errors);
    }
}

/// All 2^32 inputs.
fn exhaust(function: Function) {
    const CHUNK: u64 = 4096;
    let levels = Level::available().len();
    let total = Mutex::new(vec![(0.0, 0.0); levels]);
    let workers = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let total = &total;
            scope.spawn(move || {
                let mut errors = vec![(0.0, 0.0); levels];
                let mut inputs = vec![0.0_f32; CHUNK as usize];
                for chunk in (worker..(1 << 32) / CHUNK).step_by(workers as usize) {
                    for (offset, x) in inputs.iter_mut().enumerate() {
                        *x = f32::from_bits((chunk * CHUNK) as u32 + offset as u32);
                    }
                    // Beyond the quick reduction's limit all levels call the same library: once is enough.
                    let slow = matches!(function, Function::Sin | Function::Cos) && inputs[0].abs() > f32::LIMIT;
                    let levels = &Level::available()[..if slow { 1 } else { levels }];
                    worst(function, levels, &inputs, &mut errors);
                }
                for (total, error) in total.lock().expect("no panic before").iter_mut().zip(errors) {
                    if error.0 > total.0 {
                        *total = error;
                    }
                }
            });
        }
    });
    assert_within(function, &total.into_inner().expect("no panic before"));
}

macro_rules! exhaustive {
    ($($name:ident $kind:ident;)*) => {
        mod all_inputs {
            use super::*;
            $(
                #[test]
                #[ignore = "minutes"]
                fn $name() {
                    exhaust(Function::$kind);
                }
            )*
        }
    };
}

exhaustive! {
    exp Exp;
    exp_m1 ExpM1;
    ln Ln;
    ln_1p Ln1p;
    sinh Sinh;
    asinh Asinh;
    atan Atan;
    tanh Tanh;
    sigmoid Sigmoid;
    softplus Softplus;
    erf Erf;
    normal_cdf NormalCdf;
    sin Sin;
    cos Cos;
    lgamma LnGamma;
    digamma Polygamma;
}
