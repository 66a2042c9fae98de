//! Shapes in symbols: `[batch, classes]`, `[…, 4]`, `[batch, …, classes]`, `[batch, classes - 1]`.

use std::collections::BTreeMap;

use minimand_tensor::Tensor;

use super::domain::Input;
use super::error::ArgumentError;

/// What the names of sizes stand for, and which input said so.
#[derive(Clone, Debug, Default)]
pub(super) struct Sizes(BTreeMap<&'static str, (usize, &'static str)>);

/// A size: a number, a name, or a name and something more or less.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Size {
    Number(usize),
    Symbol(&'static str, isize),
}

/// The axes of a shape, and before which of them there may be more.
pub(super) fn axes(shape: &'static str) -> (Option<usize>, Vec<Size>) {
    let inner = shape.trim_start_matches('[').trim_end_matches(']');
    let mut parts: Vec<&str> = inner.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    let more = parts.iter().position(|part| *part == "…");
    if let Some(more) = more {
        parts.remove(more);
    }
    (more, parts.into_iter().map(size).collect())
}

/// `4`, `classes`, `classes - 1`.
pub(super) fn size(text: &'static str) -> Size {
    if let Ok(number) = text.parse() {
        return Size::Number(number);
    }
    for (sign, factor) in [('-', -1), ('+', 1)] {
        if let Some((symbol, offset)) = text.split_once(sign) {
            let offset: isize = offset.trim().parse().expect("a size is a name and a number");
            return Size::Symbol(symbol.trim(), factor * offset);
        }
    }
    Size::Symbol(text, 0)
}

impl Sizes {
    /// Learns the sizes of a tensor, which must agree with those known.
    pub(super) fn bind(&mut self, loss: &'static str, input: &Input, tensor: &Tensor) -> Result<(), ArgumentError> {
        let (more, axes) = axes(input.shape);
        let found = tensor.shape();
        let refuse = |reason: String| {
            Err(ArgumentError::Shape { loss, name: input.name, found: found.clone(), expected: input.shape, reason })
        };
        if found.len() < axes.len() || (more.is_none() && found.len() > axes.len()) {
            return refuse(String::new());
        }
        let before = more.unwrap_or(axes.len());
        let behind = found.len() - (axes.len() - before);
        for (&size, axis) in found[..before].iter().chain(&found[behind..]).zip(axes) {
            match axis {
                Size::Number(number) if size != number => return refuse(String::new()),
                Size::Number(_) => {}
                Size::Symbol(name, offset) => {
                    let whole = size as isize - offset;
                    if whole < 0 {
                        return refuse(String::new());
                    }
                    let whole = whole as usize;
                    let &mut (known, other) = self.0.entry(name).or_insert((whole, input.name));
                    if known != whole {
                        return refuse(format!(": {name} is {known} in {other} and {whole} here"));
                    }
                }
            }
        }
        Ok(())
    }

    /// What a size is, in the symbols known.
    pub(super) fn of(&self, text: &str) -> Option<usize> {
        if let Ok(number) = text.parse() {
            return Some(number);
        }
        let (name, offset) = match text.split_once(['-', '+']) {
            Some((name, number)) => {
                let number: isize = number.trim().parse().ok()?;
                (name.trim(), if text.contains('-') { -number } else { number })
            }
            None => (text, 0),
        };
        self.0.get(name).and_then(|(size, _)| size.checked_add_signed(offset))
    }

    /// Says what a name stands for.
    pub(super) fn set(&mut self, name: &'static str, size: usize) {
        self.0.insert(name, (size, ""));
    }
}
