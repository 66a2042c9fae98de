//! The steps of the straight code for a vector, and when each value is used.

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::graph::{Id, Node, Two};
use super::translate::{Body, Effect, Spot, Stream};
use crate::op::Reduction;

/// A step of the straight code.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scheduled {
    /// Brings an input into a register before something is written over it.
    Secure(Id),
    Compute(Id),
    Effect(usize),
}

/// The steps of a body and when each value is used.
pub(super) struct Schedule {
    pub(super) steps: Vec<Scheduled>,
    /// The steps that use each value, in order.
    uses: Vec<Vec<u32>>,
    /// Inputs that are written over: they cannot be read again.
    pub(super) secured: Vec<bool>,
    /// The factors of products that are only added up, by the numbers of the effects.
    pub(super) products: FxHashMap<usize, [Id; 2]>,
    /// How many values are held after each step.
    held: Vec<u16>,
}

impl Schedule {
    pub(super) fn of(body: &Body) -> Schedule {
        let nodes = &body.graph.nodes;
        let mut needed = vec![false; nodes.len()];
        body.effects.iter().for_each(|effect| needed[effect.id() as usize] = true);
        for id in (0..nodes.len()).rev() {
            if needed[id] {
                nodes[id].operands().for_each(|operand| needed[operand as usize] = true);
            }
        }
        // A product that is only added up is multiplied by the addition.
        let mut count = vec![0; nodes.len()];
        let operands = nodes.iter().enumerate().filter(|&(id, _)| needed[id]).flat_map(|(_, node)| node.operands());
        operands.chain(body.effects.iter().map(|effect| effect.id())).for_each(|id| count[id as usize] += 1);
        let mut products = FxHashMap::default();
        for (number, effect) in body.effects.iter().enumerate() {
            if let (Effect::Reduce { reduction: Reduction::Sum, id, .. }, 1) = (*effect, count[effect.id() as usize])
                && let Node::Two(Two::Multiply, a, b) = nodes[id as usize]
            {
                products.insert(number, [a, b]);
            }
        }
        let mut secured = vec![false; nodes.len()];
        let mut steps = Vec::new();
        let stored: FxHashSet<Spot> = body.effects.iter().filter_map(|effect| effect.spot()).collect();
        for (id, node) in nodes.iter().enumerate() {
            if let Node::Input(stream) = *node
                && let Stream::Tile(spot) = body.streams[stream as usize]
                && needed[id]
                && stored.contains(&spot)
            {
                secured[id] = true;
                steps.push(Scheduled::Secure(id as Id));
            }
        }
        let mut effects: Vec<SmallVec<[usize; 1]>> = vec![SmallVec::new(); nodes.len()];
        for (number, effect) in body.effects.iter().enumerate() {
            effects[effect.id() as usize].push(number);
        }
        for (id, (node, own)) in nodes.iter().zip(effects).enumerate() {
            let is_added_up = own.iter().any(|number| products.contains_key(number));
            if needed[id] && !node.is_given() && !is_added_up {
                steps.push(Scheduled::Compute(id as Id));
            }
            steps.extend(own.into_iter().map(Scheduled::Effect));
        }
        let mut uses = vec![Vec::new(); nodes.len()];
        for (at, step) in steps.iter().enumerate() {
            match *step {
                Scheduled::Secure(_) => {}
                Scheduled::Compute(id) => {
                    let mut operands: SmallVec<[Id; 4]> = nodes[id as usize].operands().collect();
                    operands.sort_unstable();
                    operands.dedup();
                    operands.iter().for_each(|&operand| uses[operand as usize].push(at as u32));
                }
                Scheduled::Effect(number) => match products.get(&number) {
                    Some(&[a, b]) if a != b => [a, b].into_iter().for_each(|id| uses[id as usize].push(at as u32)),
                    Some(&[a, _]) => uses[a as usize].push(at as u32),
                    None => uses[body.effects[number].id() as usize].push(at as u32),
                },
            }
        }
        // Each value is held from where it is made, or first used, to its last use.
        let mut change = vec![0isize; steps.len() + 1];
        let mut hold = |from: usize, to: usize| {
            change[from] += 1;
            change[to] -= 1;
        };
        for (at, step) in steps.iter().enumerate() {
            if let Scheduled::Secure(id) | Scheduled::Compute(id) = *step {
                hold(at, uses[id as usize].last().map_or(at, |&last| last as usize));
            }
        }
        for (id, node) in nodes.iter().enumerate() {
            if let (Node::Input(_), [first, .., last], false) = (node, &uses[id][..], secured[id]) {
                hold(*first as usize, *last as usize);
            }
        }
        let mut live = 0;
        let held = change.iter().map(|by| {
            live += by;
            live as u16
        });
        let held = held.collect();
        Schedule { steps, uses, secured, products, held }
    }

    /// The most values of some vectors that are needed at a time, each vector being so many steps behind the one before it.
    pub(super) fn pressure(&self, vectors: usize, stagger: usize) -> usize {
        let at = |time: usize, vector: usize| {
            let step = time.checked_sub(vector * stagger);
            step.and_then(|step| self.held.get(step)).copied().map_or(0, usize::from)
        };
        let last = self.length() + stagger * (vectors - 1);
        (0..=last).map(|time| (0..vectors).map(|vector| at(time, vector)).sum()).max().unwrap_or(0)
    }

    /// The first use of a value.
    pub(super) fn first_use(&self, id: Id) -> Option<u32> {
        self.uses[id as usize].first().copied()
    }

    pub(super) fn length(&self) -> usize {
        self.steps.len()
    }

    pub(super) fn count(&self, id: Id) -> usize {
        self.uses[id as usize].len()
    }

    /// The first use of a value after a step.
    pub(super) fn next_use(&self, id: Id, step: usize) -> Option<u32> {
        let uses = &self.uses[id as usize];
        uses.get(uses.partition_point(|&at| at as usize <= step)).copied()
    }
}
