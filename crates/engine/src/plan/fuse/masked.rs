//! Matrix products of which only some entries are read: all that is made of them, entry by entry, is chosen by one mask, as scores of
//! attention are. This is demand analysis; what is computed beside the entries that are read, and whether it is NaN, nobody can tell.

use rustc_hash::FxHashMap;
use smallvec::{SmallVec, smallvec};

use crate::op::Op;
use crate::plan::fuse::{Fusion, Home};
use crate::plan::simplify::Simplified;
use crate::plan::steps::ReadWhere;
use crate::program::Instruction;

/// So many values that are made of a product are looked at.
const MOST_LOOKED_AT: usize = 64;

/// Masks, and the truth value that each has where something is read: it is read where all of them have it.
pub(super) type Masks = SmallVec<[(u32, bool); 2]>;

/// For each product of which not all is read, its masks.
pub(super) fn masked(program: &Simplified, needed: &[bool]) -> FxHashMap<u32, Masks> {
    let needed_values = || (0..needed.len()).filter(|&value| needed[value]);
    let op = |value: usize| &program.instructions[value].op;
    let mut found = FxHashMap::default();
    if !needed_values().any(|value| *op(value) == Op::Select) {
        return found;
    }
    let products: SmallVec<[usize; 8]> = needed_values().filter(|&value| *op(value) == Op::MatrixMultiply).collect();
    if products.is_empty() {
        return found;
    }
    let mut users: Vec<SmallVec<[u32; 2]>> = vec![SmallVec::new(); needed.len()];
    for value in needed_values() {
        program.instructions[value].inputs.iter().for_each(|&input| users[input as usize].push(value as u32));
    }
    let demand = Demand { program, users };
    for product in products {
        let masks = demand.masks_of(product as u32);
        if !masks.is_empty() {
            found.insert(product as u32, masks);
        }
    }
    found
}

struct Demand<'a> {
    program: &'a Simplified,
    /// Who reads each value.
    users: Vec<SmallVec<[u32; 2]>>,
}

impl Demand<'_> {
    /// The masks without each of which nothing that is made of a value is read.
    fn masks_of(&self, value: u32) -> Masks {
        let mut masks = Masks::new();
        self.depends(value, |mask| {
            if !masks.contains(&mask) {
                masks.push(mask);
            }
            false
        });
        masks.into_iter().filter(|&mask| self.depends(value, |other| other == mask)).collect()
    }

    /// Whether all that is made of a value comes to a choice that is accepted and does not choose it where the mask says otherwise. The value
    /// goes on through whatever computes entry by entry, and through choices that are not accepted.
    fn depends(&self, value: u32, mut accept: impl FnMut((u32, bool)) -> bool) -> bool {
        let shape = &self.program.instructions[value as usize].shape;
        let mut reached: SmallVec<[u32; 16]> = smallvec![value];
        let mut at = 0;
        let mut all = true;
        while let Some(&value) = reached.get(at) {
            at += 1;
            if self.program.outputs.contains(&value) || reached.len() > MOST_LOOKED_AT {
                return false;
            }
            for &user in &self.users[value as usize] {
                let Instruction { op, inputs, shape: own, .. } = &self.program.instructions[user as usize];
                let entry_by_entry = matches!(op, Op::Unary(_) | Op::Binary(_) | Op::Select | Op::Cast | Op::Detach);
                if !entry_by_entry || own != shape {
                    all = false;
                    continue;
                }
                let chosen = *op == Op::Select
                    && match [inputs[0] == value, inputs[1] == value, inputs[2] == value] {
                        [false, true, false] => accept((inputs[0], true)),
                        [false, false, true] => accept((inputs[0], false)),
                        _ => false,
                    };
                if !chosen && !reached.contains(&user) {
                    reached.push(user);
                }
            }
        }
        all
    }
}

impl Fusion<'_> {
    /// Which entries of a product are read, as far as masks say so that are in memory by themselves before the product is computed.
    pub(in crate::plan) fn read_where(&self, value: u32) -> SmallVec<[ReadWhere; 1]> {
        let masks = self.masked.get(&value).into_iter().flatten().filter(|(mask, _)| *mask < value);
        let layouts = masks.map(|&(mask, seen)| ReadWhere { mask: self.layouts[mask as usize].clone(), seen });
        let there = |read: &ReadWhere| {
            matches!(self.homes[read.mask.base as usize], Home::Slot | Home::Constant | Home::Kernel(_))
        };
        layouts.filter(there).collect()
    }
}
