//! What is asked for ahead, and what is written past the caches.

use iced_x86::{Decoder, DecoderOptions, Mnemonic};

use super::super::{Isa, assembled};
use super::{Generated, both, equal, levels, noise, noisy, passes, plan_of, same_bits};
use crate::dtype::DType;
use crate::formula::Formula;
use crate::jit::assembler::Precision;

/// How often an instruction occurs in the code of the first pass of a graph.
fn count(tensors: &[Formula], isa: Isa, mnemonics: &[Mnemonic]) -> usize {
    let plan = plan_of(tensors);
    let pass = passes(&plan).next().expect("a pass");
    let (bytes, ..) = assembled::<f32>(pass, isa, Precision::Single).expect("there is code");
    // Constants follow the code, behind the last return.
    let mut found = 0;
    for instruction in &mut Decoder::new(64, &bytes, DecoderOptions::NONE) {
        found += usize::from(mnemonics.contains(&instruction.mnemonic()));
        if instruction.mnemonic() == Mnemonic::Ret {
            break;
        }
    }
    found
}

const PREFETCH: &[Mnemonic] = &[Mnemonic::Prefetcht0];
const PAST_CACHES: &[Mnemonic] = &[Mnemonic::Vmovntps];

#[test]
fn large_passes_ask_ahead() {
    for (level, isa) in levels() {
        level.force(|| {
            let of = |length: usize| {
                let (x, y) = (Formula::zeros([length]), Formula::from_vec(vec![1.0f32; length], [length]));
                let x = x + Formula::from_vec(vec![2.0f32; length], [length]);
                vec![x * &y]
            };
            assert_eq!(count(&of(40_000), isa, PREFETCH), 0);
            // Two inputs and a result, in a loop over four vectors, one over single ones, and at the end of all.
            assert_eq!(count(&of(50_000), isa, PREFETCH), 3 * (4 + 1 + 1), "{isa:?}");
            assert_eq!(count(&of(50_000), isa, PAST_CACHES), 0);
        });
    }
}

#[test]
fn large_passes() {
    for (rows, columns) in [(1, 300_003), (300, 1001), (30, 9999), (1100, 131)] {
        same_bits(&format!("{rows} x {columns}"), Generated::Whole, || {
            let [x, y, z] = [1, 2, 3].map(|seed| noisy(seed, &[rows, columns], DType::F32));
            vec![(&x * &y + &z).tanh(), &x - &z]
        });
        // Rows that are walked through several times.
        let build = || {
            let x = noisy(4, &[rows, columns], DType::F32);
            vec![(&x - x.max_keepdim(-1)).exp()]
        };
        both(
            &format!("{rows} x {columns}"),
            if columns > 8192 { Generated::Part } else { Generated::Whole },
            build,
            |what, a, b| {
                equal(what, &a[0].to_vec::<f64>(), &b[0].to_vec::<f64>());
            },
        );
    }
}

/// A result of more than 32 MB.
#[test]
fn results_past_the_caches() {
    const LENGTH: usize = (8 << 20) + 19;
    let values: Vec<f32> = noise(1, 1001).into_iter().map(|x| x as f32).cycle().take(LENGTH).collect();
    let values = Formula::from_vec(values, [LENGTH]);
    for (level, isa) in levels() {
        level.force(|| {
            let result = vec![&values * 2.0 + 1.0];
            // Whole vectors only.
            assert_eq!(count(&result, isa, PAST_CACHES), 4 + 1, "{isa:?}");
            assert_eq!(count(&result, isa, PREFETCH), 4 + 1 + 1, "{isa:?}");
            let found = result[0].to_vec::<f32>();
            let expected = values.to_vec::<f32>().into_iter().map(|x| x * 2.0 + 1.0);
            assert!(found.into_iter().eq(expected), "{isa:?}");
            // Rows that do not begin at cache lines are written as usual.
            let rows = vec![
                values.slice(0, 0..(LENGTH / 2001) * 2001).reshape([LENGTH / 2001, 2001])
                    * noisy(1, &[LENGTH / 2001, 1], DType::F32),
            ];
            assert_eq!(count(&rows, isa, PAST_CACHES), 0);
        });
    }
}
