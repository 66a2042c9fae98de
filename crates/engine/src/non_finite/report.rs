//! What was found, for people.

use std::fmt;
use std::sync::Arc;

use super::{Entry, Line, Provenance, Values, flow, is_view, reason};
use crate::op::Op;
use crate::program::Instruction;
use crate::shape::Shape;

/// How many operands are described.
const OPERANDS: usize = 3;
/// How many operations of a path are printed at either end.
const PRINTED: usize = 6;

/// An operation that was met on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Met {
    /// Its name, such as `ln`; `data` where numbers were given.
    pub operation: &'static str,
    /// The name that was given to its value.
    pub name: Option<Arc<str>>,
    /// The line that made it; of what belongs to a derivative, the line of the operation that it was derived from.
    pub location: Line,
    /// Whether it belongs to a derivative.
    pub derived: bool,
    /// The value that was followed.
    pub value: f64,
}

/// Numbers that an operation worked on.
#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    /// What they are.
    pub of: Met,
    /// The least and the greatest of all its entries; NaN are left out.
    pub range: [f64; 2],
}

/// The operation that made the first number that is not finite, and how it came to that.
#[derive(Clone, Debug, PartialEq)]
pub struct NonFinite {
    /// The operation.
    pub at: Met,
    /// The number of its instruction in the program.
    pub instruction: u32,
    /// Where in its result the entry lies that was followed.
    pub index: Vec<usize>,
    /// How many entries of the result are NaN, and how many infinite.
    pub flawed: [usize; 2],
    /// How many entries the result has.
    pub entries: usize,
    /// Why, in words.
    pub reason: String,
    /// Its operands, the first few, each at the entry that was followed.
    pub operands: Vec<Operand>,
    /// How the operands were made: from numbers that were given to the operation, which is the last.
    pub path: Vec<Met>,
    /// What became of it: from the operation to the value that was asked for.
    pub onwards: Vec<Met>,
}

impl NonFinite {
    /// From the entries on the way, the one asked for first.
    pub(super) fn of(values: &Values<'_>, path: &[Entry], lines: &[Line], provenance: &[Provenance]) -> NonFinite {
        let met = |entry: Entry| {
            let number = entry.0 as usize;
            let known = provenance.get(number).cloned().unwrap_or_default();
            let operation = values.program.instructions[number].op.name();
            Met {
                operation,
                name: known.name,
                location: lines[number],
                derived: known.derived,
                value: values.real(entry),
            }
        };
        let (value, entry) = *path.last().expect("a path has a beginning");
        let sources = values.sources((value, entry));
        let instruction: &Instruction = &values.program.instructions[value as usize];
        let all = || (0..values.entries(value)).map(|entry| values.real((value, entry)));
        let operands = distinct(&sources).into_iter().take(OPERANDS);
        // Back to data that were given: constants, such as the 1 that a gradient begins with, say less.
        let from_data = values.made_of_data();
        let mut before = vec![(value, entry)];
        loop {
            let sources = values.sources(before[before.len() - 1]);
            let says = |source: &&Entry| (from_data[source.0 as usize], !values.is_given(source.0));
            let best = sources.iter().rev().max_by_key(says);
            match best {
                Some(&next) => before.push(next),
                None => break,
            }
        }
        let shown = |entries: &[Entry]| -> Vec<Met> {
            let op = |entry: &&Entry| &values.program.instructions[entry.0 as usize].op;
            entries.iter().filter(|entry| !is_view(op(entry))).map(|&entry| met(entry)).collect()
        };
        before.reverse();
        let onwards: Vec<Entry> = path.iter().rev().copied().collect();
        NonFinite {
            at: met((value, entry)),
            instruction: value,
            index: flow::index_of(&instruction.shape, entry),
            flawed: [all().filter(|x| x.is_nan()).count(), all().filter(|x| x.is_infinite()).count()],
            entries: values.entries(value),
            reason: reason::of(
                &instruction.op,
                values.real((value, entry)),
                &numbers(values, &sources, &instruction.op),
            ),
            operands: operands.map(|source| Operand { of: met(source), range: range(values, source.0) }).collect(),
            path: shown(&before),
            onwards: shown(&onwards),
        }
    }
}

/// The first entry of each operand.
fn distinct(sources: &[Entry]) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    for &source in sources {
        if found.iter().all(|other| other.0 != source.0) {
            found.push(source);
        }
    }
    found
}

/// The operands' numbers; those of a sum may be many.
fn numbers(values: &Values<'_>, sources: &[Entry], op: &Op) -> Vec<f64> {
    let enough = match op {
        Op::Reduce(..) | Op::MatrixMultiply | Op::CumulativeSum { .. } | Op::ScatterAdd { .. } => sources.len(),
        _ => sources.len().min(OPERANDS),
    };
    sources[..enough].iter().map(|&source| values.real(source)).collect()
}

fn range(values: &Values<'_>, value: u32) -> [f64; 2] {
    let all = (0..values.entries(value)).map(|entry| values.real((value, entry)));
    all.fold([f64::INFINITY, f64::NEG_INFINITY], |[least, greatest], x| [least.min(x), greatest.max(x)])
}

/// A line of a program with the last two parts of its path: enough to recognise the file on any machine.
pub fn short_place(line: &std::panic::Location<'_>) -> String {
    let path = line.file();
    let start = path.rmatch_indices(['/', '\\']).nth(1).map_or(0, |(at, _)| at + 1);
    format!("{}:{}", &path[start..], line.line())
}

impl fmt::Display for Met {
    /// `ln at main.rs:70`, `"weight"`, `divide in the derivative of main.rs:70`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "\"{name}\"")?,
            None => f.write_str(self.operation)?,
        }
        let of = if self.derived { "in the derivative of" } else { "at" };
        if self.operation == "data" && self.name.is_some() {
            return Ok(());
        }
        write!(f, " {of} {}", short_place(self.location))
    }
}

impl fmt::Display for NonFinite {
    /// The operation and why, its operands, and the way to it and from it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [nan, infinite] = self.flawed;
        let (what, count) = if self.at.value.is_nan() { ("NaN", nan) } else { ("∞", infinite) };
        write!(f, "{}: {what} in {count} of {}, from {}", self.at, self.entries, self.reason)?;
        if self.operands.is_empty() && !self.index.is_empty() {
            write!(f, "\n  the first at {}", Shape::from(&self.index[..]))?;
        }
        for operand in &self.operands {
            let [least, greatest] = operand.range;
            write!(f, "\n  operand {}: {}", operand.of, operand.of.value)?;
            if self.entries > 1 {
                write!(f, " at {}, all from {least} to {greatest}", Shape::from(&self.index[..]))?;
            }
        }
        if self.path.len() > 1 {
            write!(f, "\n  from {}", arrows(&self.path))?;
        }
        if self.onwards.len() > 1 {
            write!(f, "\n  on to {}", arrows(&self.onwards[1..]))?;
        }
        Ok(())
    }
}

fn arrows(path: &[Met]) -> String {
    let texts: Vec<String> = path.iter().map(Met::to_string).collect();
    if texts.len() <= 2 * PRINTED {
        return texts.join(" → ");
    }
    let left_out = texts.len() - 2 * PRINTED;
    let (first, last) = (&texts[..PRINTED], &texts[texts.len() - PRINTED..]);
    format!("{} → … {left_out} more … → {}", first.join(" → "), last.join(" → "))
}
