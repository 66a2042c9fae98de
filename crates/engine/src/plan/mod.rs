//! From a program to a plan: simplified, its products recognised, fused into passes, lowered to their instructions. A plan is data: what runs
//! it, and the machine code of its passes, are elsewhere.

mod blocks;
mod fuse;
mod lookup;
mod lower;
mod memory;
mod numbered;
mod pairs;
mod parts;
pub(crate) mod pass;
mod product;
mod registers;
mod schedule;
mod simplify;
pub(crate) mod steps;
mod summary;
#[cfg(test)]
pub(crate) mod tests;
mod text;
mod together;
mod views;

use std::sync::Arc;

pub(crate) use lookup::{Lookup, LookupAxis};
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(crate) use numbered::Numbered;
pub(crate) use pairs::{PairOperand, Pairs, Reduced, Term};
pub(crate) use pass::{
    Advance, Assembly, Load, LogisticKinds, Operation, Pair, Pass, Piece, Place, Region, Ring, RowSource, Source,
    Spread, TileInstruction, Window,
};
pub(crate) use product::{Dimension, Finish, Matrices, Overlap, Padding, Product, prefers_columns};
pub(crate) use steps::{KernelCall, Machine, Plan, Step, Work};
pub use summary::{PlanSummary, StepKind, StepSummary};
pub(crate) use together::JOINED;
pub(crate) use views::{Layout, Strides, is_row_major, repeated};

use crate::op::Op;
use crate::program::{Instruction, Program, constant_storage};
use crate::verify::{verify, verify_plan};

impl Plan {
    /// The plan of a program for a machine.
    pub(crate) fn of(program: &Program, machine: Machine) -> Plan {
        if cfg!(debug_assertions)
            && let Err(fault) = verify(program)
        {
            panic!("a malformed program: {fault}\n{program}");
        }
        let simplified = match parts::put_together(program) {
            None => simplify::simplify(program),
            Some(rewritten) => simplify::simplify(&rewritten.program).with_origins(&rewritten.origins),
        };
        let mut fusion = fuse::Fusion::of(&simplified);
        let mut products = std::mem::take(&mut fusion.contractions.products);
        // Steps by level; within a level in the order of the values.
        let mut order: Vec<(u32, u32, Work)> = Vec::new();
        for (number, group) in fusion.groups.iter().enumerate().filter(|(_, group)| !group.values.is_empty()) {
            let first = group.values.iter().copied().min().expect("groups are not empty");
            order.push((group.level, first, Work::Pass(Box::new(lower::lower(&fusion, number as u32, machine)))));
        }
        for (value, home) in fusion.homes.iter().enumerate() {
            let fuse::Home::Kernel(level) = *home else { continue };
            let value = value as u32;
            if let Some(product) = products.remove(&value) {
                order.push((level, value, Work::Product(Box::new(product))));
                continue;
            }
            if let Some(pairs) = fusion.pairs.placed(value, &simplified, &fusion.layouts) {
                order.push((level, value, Work::Pairs(Box::new(pairs))));
                continue;
            }
            let Instruction { op, inputs, shape, dtype } = fusion.instruction(value);
            let copied = fusion.copied[value as usize];
            let call = fusion.calls.get(value);
            let op = call.map_or(op, |call| &call.op);
            let inputs = match fusion.copy_layout(value) {
                _ if call.is_some() => call
                    .iter()
                    .flat_map(|call| &call.inputs)
                    .map(|&input| fusion.layouts[input as usize].clone())
                    .collect(),
                Some(layout) => smallvec::smallvec![layout],
                None => (0..inputs.len()).map(|which| fusion.operand(value, which).clone()).collect(),
            };
            let op = (!copied).then(|| op.clone());
            let origin = simplified.origins[value as usize];
            let read = fusion.read_where(value);
            let kernel = KernelCall { value, op, inputs, shape: shape.clone(), dtype: *dtype, origin, read };
            order.push((level, value, Work::Kernel(Box::new(kernel))));
        }
        order.sort_by_key(|(level, first, _)| (*level, *first));
        let mut works: Vec<Work> = order.into_iter().map(|(_, _, work)| work).collect();

        let outputs: Vec<u32> = simplified.outputs.iter().map(|&output| fusion.layouts[output as usize].base).collect();
        let values = simplified.instructions.len();
        let mut wanted = vec![false; values];
        outputs.iter().for_each(|&output| wanted[output as usize] = true);
        let mut read = wanted.clone();
        works.iter().for_each(|work| work.read(&mut |value| read[value as usize] = true));
        // Positions in rows that indices are compared with are only named, not read.
        works.retain(|work| match work {
            Work::Kernel(kernel) => kernel.op != Some(Op::Iota) || read[kernel.value as usize],
            Work::Pass(_) | Work::Product(_) | Work::Pairs(_) => true,
        });
        let mut steps = together::brought_together(works);
        let mut slots =
            vec![None; program.instructions.iter().filter(|instruction| instruction.op == Op::Data).count()];
        let mut last_use: Vec<Option<usize>> = vec![None; values];
        for (at, step) in steps.iter().enumerate() {
            step.work.touched(&mut |value| last_use[value as usize] = Some(at));
        }
        for (value, slot) in simplified.slots.iter().enumerate() {
            if let Some(slot) = slot
                && (last_use[value].is_some() || wanted[value])
            {
                slots[*slot as usize] = Some(value as u32);
            }
        }
        for (value, at) in last_use.into_iter().enumerate() {
            if let Some(at) = at
                && !wanted[value]
            {
                steps[at].released.push(value as u32);
            }
        }
        let mut constants = Vec::new();
        for (value, instruction) in simplified.instructions.iter().enumerate() {
            if let Op::Constant(scalar) = instruction.op {
                constants.push((value as u32, Arc::new(constant_storage(scalar, instruction.dtype))));
            }
        }
        let plan = Plan { values, slots, constants, steps, outputs, checks: simplified.checks };
        if cfg!(debug_assertions)
            && let Err(fault) = verify_plan(&plan, &simplified.instructions)
        {
            panic!("a malformed plan: {fault}\n{plan}");
        }
        plan
    }
}
