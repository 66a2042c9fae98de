//! Shifted parts: the adjoint of an expression that reads one array at several offsets.

use smallvec::SmallVec;

use crate::op::{Binary, Op, Unary};
use crate::program::Instruction;
use crate::shape::{AxisList, Shape};

use super::Builder;
use super::place::{Interval, Part, Placement};

/// Each place is read by the one pass that adds them up.
const MOST_PLACES: usize = 12;

/// The entries in one place: those that are added, and those that are subtracted.
type Signed = [SmallVec<[u32; 2]>; 2];

/// Where the entries of a part lie, along each axis of the whole.
type Region = SmallVec<[Interval; 4]>;

/// Whether parts lie side by side in a few places, some of which overlap, and which are most of the whole each: who adds them up reads all of
/// it for each of them.
pub(super) fn are_few_shifts(places: &[Region], whole: &Shape) -> bool {
    let mut distinct: SmallVec<[&Region; MOST_PLACES]> = SmallVec::new();
    for place in places {
        if distinct.contains(&place) {
            continue;
        }
        if distinct.len() == MOST_PLACES || place.iter().any(|interval| interval.step != 1) {
            return false;
        }
        distinct.push(place);
    }
    let entries = |place: &&Region| place.iter().map(|interval| interval.count).product::<usize>();
    if 2 * distinct.iter().map(entries).sum::<usize>() < distinct.len() * whole.elements() {
        return false;
    }
    let meet = |a: &Interval, b: &Interval| a.start < b.start + b.count && b.start < a.start + a.count;
    let overlap = |a: &Region, b: &Region| a.iter().zip(b).all(|(a, b)| meet(a, b));
    (0..distinct.len()).any(|a| (0..a).any(|b| overlap(distinct[a], distinct[b])))
}

impl Builder {
    /// The sum of parts, each shifted to its place. Negatives are subtracted, so that what differences send back, a value and its negative, is
    /// stored once.
    pub(super) fn shifted(&mut self, parts: Vec<(Placement, u32)>, shape: &Shape) -> u32 {
        // Those in one place are added before they are shifted.
        let mut places: Vec<(Region, Signed)> = Vec::new();
        for (placement, number) in parts {
            let Instruction { op, inputs, .. } = &self.instructions[number as usize];
            let is_negative = *op == Op::Unary(Unary::Negate);
            let number = if is_negative { inputs[0] } else { number };
            let Part { intervals, entries } = self.part(&placement, number);
            let at = places.iter().position(|(other, _)| *other == intervals).unwrap_or(places.len());
            if at == places.len() {
                places.push((intervals, Signed::default()));
            }
            places[at].1[usize::from(is_negative)].push(entries);
        }
        let mut whole = Signed::default();
        for (intervals, signed) in places {
            let own: Shape = intervals.iter().map(|interval| interval.count).collect();
            let (entries, is_negative) = self.difference(signed, &own);
            let before: AxisList = intervals.iter().map(|interval| interval.start).collect();
            let between = AxisList::from_elem(0, before.len());
            whole[usize::from(is_negative)].push(self.shaped(Op::Pad { before, between }, entries, shape));
        }
        match self.difference(whole, shape) {
            (sum, false) => sum,
            (sum, true) => self.make(Op::Unary(Unary::Negate), [sum], shape.clone()),
        }
    }

    /// Some values less others, or the negative of it if there are only others.
    fn difference(&mut self, [added, subtracted]: Signed, shape: &Shape) -> (u32, bool) {
        if added.is_empty() {
            return (self.sum(subtracted), true);
        }
        let sum = self.sum(added);
        let subtract = Op::Binary(Binary::Subtract);
        let less = |sum, term| self.make(subtract.clone(), [sum, term], shape.clone());
        (subtracted.into_iter().fold(sum, less), false)
    }
}
