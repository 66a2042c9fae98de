//! Where numbers that are not finite come from. All values of a program are computed, and an entry that is not finite is followed back, entry
//! by entry, to the operation that made it of finite numbers. What was masked away on the way is not met.

mod flow;
mod reason;
mod report;
#[cfg(test)]
mod tests;

use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::compile::{CompiledPlan, run};
use crate::exec::Target;
use crate::op::Op;
use crate::program::{Program, Recorded};
use crate::storage::Storage;

pub use report::{Met, NonFinite, Operand, short_place};

static CHECKED: AtomicBool = AtomicBool::new(false);

/// Whether every evaluation checks what it gives, and panics with what was [found](find_non_finite) where a number is not finite; off at first, and
/// without cost then. For the hunt: what is meant to be infinite is refused as well, and a step that an optimizer would refuse ends the program.
#[doc(alias = "set_detect_anomaly")]
pub fn check_finite(on: bool) {
    CHECKED.store(on, Ordering::Relaxed);
}

/// Panics with what is found, if [that is asked for](check_finite).
#[track_caller]
pub fn refuse_non_finite(find: impl FnOnce() -> Option<NonFinite>) {
    if CHECKED.load(Ordering::Relaxed)
        && let Some(found) = find()
    {
        panic!("{found}");
    }
}

/// What is known of the node that an instruction comes from, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The name that was given to it.
    pub name: Option<Arc<str>>,
    /// Whether it is part of a derivative: its line is that of the operation it was derived from.
    pub derived: bool,
}

/// The operation that made the first number that is not finite among the wanted values of a program; `None` where all are finite. The wanted
/// values are looked at in their order, so a loss before its gradients. `provenance` says of each instruction where it comes from.
///
/// Every value of the program is computed and held at once, which takes more memory than a run; nothing is kept.
///
/// # Panics
/// When an index is out of range.
pub fn find_non_finite(recorded: &Recorded, provenance: &[Provenance]) -> Option<NonFinite> {
    let values = Values::of(recorded);
    let outputs = recorded.program.outputs.iter();
    let flawed = outputs.filter_map(|&output| Some((output, values.first_flaw(output)?))).next()?;
    let mut path = values.followed(flawed);
    // An infinity that was given is no fault: what made NaN of it is. One that was computed is where it began.
    let at_nan = *path.last().expect("a path has a beginning");
    if values.real(at_nan).is_nan()
        && let Some(&infinite) = values.sources(at_nan).iter().find(|&&source| values.real(source).is_infinite())
    {
        let before = values.followed(infinite);
        if !values.is_given(before[before.len() - 1].0) {
            path.extend(before);
        }
    }
    Some(report::NonFinite::of(&values, &path, &recorded.locations, provenance))
}

/// An entry of a value: the number of the instruction, and the position in row-major order.
type Entry = (u32, usize);

/// All values of a program, views as what they show.
struct Values<'a> {
    program: &'a Program,
    /// By instruction; none for views.
    storages: Vec<Option<Arc<Storage>>>,
}

fn is_view(op: &Op) -> bool {
    op.is_free() && !matches!(op, Op::Data | Op::Constant(_) | Op::Iota)
        || matches!(op, Op::Pad { .. } | Op::Concatenate(_))
}

impl Values<'_> {
    fn of(recorded: &Recorded) -> Values<'_> {
        let program = &recorded.program;
        let computed = |op: &Op| !is_view(op) && !matches!(op, Op::Data);
        let numbers = 0..program.instructions.len();
        let outputs: Vec<u32> = numbers
            .filter(|&number| computed(&program.instructions[number].op))
            .map(|number| u32::try_from(number).expect("instructions have numbers of 32 bits"))
            .collect();
        let mut storages: Vec<Option<Arc<Storage>>> = vec![None; program.instructions.len()];
        let slots = program.instructions.iter().enumerate().filter(|(_, instruction)| instruction.op == Op::Data);
        slots.zip(&recorded.slots).for_each(|((number, _), slot)| storages[number] = Some(Arc::clone(slot)));
        let all = Program { instructions: program.instructions.clone(), outputs: outputs.clone() };
        let compiled = CompiledPlan::of(all, Target::current());
        let found = run(&compiled, recorded.slots.clone(), &recorded.locations);
        outputs.into_iter().zip(found).for_each(|(number, value)| storages[number as usize] = Some(value));
        Values { program, storages }
    }

    fn entries(&self, value: u32) -> usize {
        self.program.instructions[value as usize].shape.elements()
    }

    fn is_given(&self, value: u32) -> bool {
        matches!(self.program.instructions[value as usize].op, Op::Data | Op::Constant(_))
    }

    /// By instruction: whether data go into it.
    fn made_of_data(&self) -> Vec<bool> {
        let mut made: Vec<bool> = Vec::with_capacity(self.storages.len());
        for instruction in &self.program.instructions {
            let of_data = instruction.inputs.iter().any(|&input| made[input as usize]);
            made.push(of_data || instruction.op == Op::Data);
        }
        made
    }

    /// A number; 1 and 0 for truth values.
    fn real(&self, (value, entry): Entry) -> f64 {
        match self.storages[value as usize].as_deref() {
            Some(Storage::F32(numbers)) => f64::from(numbers[entry]),
            Some(Storage::F64(numbers)) => numbers[entry],
            Some(Storage::I64(numbers)) => numbers[entry] as f64,
            Some(Storage::Bool(truths)) => f64::from(u8::from(truths[entry])),
            None => flow::seen(self.program, value, entry).map_or(0.0, |seen| self.real(seen)),
        }
    }

    fn whole(&self, (value, entry): Entry) -> i64 {
        match self.storages[value as usize].as_deref() {
            Some(Storage::I64(numbers)) => numbers[entry],
            Some(Storage::Bool(truths)) => i64::from(truths[entry]),
            Some(Storage::F32(_) | Storage::F64(_)) => unreachable!("the instruction is not floating point"),
            None => flow::seen(self.program, value, entry).map_or(0, |seen| self.whole(seen)),
        }
    }

    fn sources(&self, (value, entry): Entry) -> Vec<Entry> {
        flow::sources(self.program, value, entry, |value, entry| self.whole((value, entry)))
    }

    /// The position of the first entry that is not finite; NaN before infinities.
    fn first_flaw(&self, value: u32) -> Option<usize> {
        let all = 0..self.entries(value);
        let nan = all.clone().find(|&entry| self.real((value, entry)).is_nan());
        nan.or_else(|| all.clone().find(|&entry| !self.real((value, entry)).is_finite()))
    }

    /// From an entry that is not finite back to the one that is made of finite numbers only, or of an infinity that became NaN.
    fn followed(&self, from: Entry) -> Vec<Entry> {
        let mut path = vec![from];
        let mut at = from;
        loop {
            let is_nan = self.real(at).is_nan();
            let is_cause = |source: &&Entry| {
                let number = self.real(**source);
                if is_nan { number.is_nan() } else { number.is_infinite() }
            };
            match self.sources(at).iter().find(is_cause) {
                Some(&source) => at = source,
                None => return path,
            }
            path.push(at);
        }
    }
}

/// The line that made an instruction.
type Line = &'static Location<'static>;
