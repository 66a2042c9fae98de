//! Random arguments from the domains of the inputs.

use minimand_tensor::{Rng, Tensor};

use super::arguments::Arguments;
use super::domain::{Domain, Input};
use super::entry::Entry;
use super::shape::{Size, Sizes, axes};

/// Sizes that differ, so that no axis passes for another.
const SIZES: [usize; 6] = [4, 3, 5, 6, 7, 8];

/// Axes that stand for `…`.
const MORE: [usize; 1] = [2];

/// Random arguments; optional inputs are left out.
pub(super) fn draw(entry: &'static Entry, seed: u64) -> Arguments {
    let mut rng = Rng::seed(
        seed ^ entry.name.bytes().fold(17u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte))),
    );
    let mut sizes = Sizes::default();
    let mut fresh = SIZES.iter().copied().cycle();
    let mut arguments = Arguments::new();
    for input in entry.inputs.iter().filter(|input| !input.optional) {
        let (more, axes) = axes(input.shape);
        let mut shape = vec![];
        for axis in axes {
            shape.push(match axis {
                Size::Number(number) => number,
                Size::Symbol(name, offset) => {
                    let whole = sizes.of(name).unwrap_or_else(|| fresh.next().expect("the cycle has no end"));
                    sizes.set(name, whole);
                    whole.saturating_add_signed(offset)
                }
            });
        }
        if let Some(more) = more {
            shape.splice(more..more, MORE);
        }
        arguments = arguments.tensor(input.name, tensor(input, &shape, &sizes, &mut rng));
    }
    arguments
}

fn tensor(input: &Input, shape: &[usize], sizes: &Sizes, rng: &mut Rng) -> Tensor {
    let count: usize = shape.iter().product();
    let size = |symbol: &str| sizes.of(symbol).unwrap_or_else(|| panic!("no shape before says what {symbol} is"));
    let mut floats = |of: &mut dyn FnMut(&mut Rng) -> f64| {
        Tensor::from_vec((0..count).map(|_| of(rng)).collect::<Vec<f64>>(), shape.to_vec())
    };
    match input.domain {
        Domain::Real => floats(&mut |rng| rng.normal()),
        Domain::Positive | Domain::NonNegative => floats(&mut |rng| (0.6 * rng.normal()).exp()),
        Domain::Above(least) => floats(&mut |rng| least + rng.normal().exp()),
        Domain::Unit => floats(&mut |rng| 0.02 + 0.96 * rng.uniform()),
        Domain::Distribution => floats(&mut |rng| 0.6 * rng.normal()).softmax(-1).computed().detach(),
        Domain::LogDistribution => floats(&mut |rng| rng.normal()).log_softmax(-1).computed().detach(),
        Domain::Signs => floats(&mut |rng| if rng.uniform() < 0.5 { -1.0 } else { 1.0 }),
        Domain::Binary => floats(&mut |rng| f64::from(u8::from(rng.uniform() < 0.5))),
        Domain::Counts => floats(&mut |rng| rng.below(6) as f64),
        Domain::Labels(symbol) | Domain::Index(symbol) => {
            let end = size(symbol);
            Tensor::from_vec((0..count).map(|_| rng.below(end) as i64).collect::<Vec<i64>>(), shape.to_vec())
        }
        Domain::LabelLists(symbol) => {
            let end = size(symbol) + 1;
            Tensor::from_vec((0..count).map(|_| rng.below(end) as i64 - 1).collect::<Vec<i64>>(), shape.to_vec())
        }
        Domain::Length(symbol) => {
            let end = size(symbol);
            Tensor::from_vec((0..count).map(|_| 1 + rng.below(end.max(1)) as i64).collect::<Vec<i64>>(), shape.to_vec())
        }
        Domain::Integer => {
            Tensor::from_vec((0..count).map(|_| rng.below(5) as i64).collect::<Vec<i64>>(), shape.to_vec())
        }
        Domain::Mask => {
            Tensor::from_vec((0..count).map(|_| rng.uniform() < 0.7).collect::<Vec<bool>>(), shape.to_vec())
        }
        Domain::Boxes => {
            let corners = |_| {
                let (left, top) = (rng.uniform(), rng.uniform());
                [left, top, left + 0.2 + rng.uniform(), top + 0.2 + rng.uniform()]
            };
            Tensor::from_vec((0..count / 4).flat_map(corners).collect::<Vec<f64>>(), shape.to_vec())
        }
    }
}
