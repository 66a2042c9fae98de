//! Operations that are computed together: logistic functions of one logit, and pairs of sums and products.

use smallvec::{SmallVec, smallvec};

use crate::op::{Binary, Op, Unary};
use crate::plan::fuse::Class;
use crate::plan::lower::{Holds, Lowering, Ref, Stage};
use crate::plan::pass::{LogisticKinds, Operation, Pair, Ring, Spread};
use crate::plan::views::Layout;

impl Lowering<'_, '_> {
    /// What a logistic function is a function of (a value, seen at an offset that only slices have), and whether it is negated.
    pub(super) fn logit(&self, value: u32) -> ((u32, usize), bool) {
        let operand = self.fusion.operand(value, 0);
        let instruction = self.fusion.instruction(operand.base);
        let key = |layout: &Layout, entries: usize| (layout.base, entries);
        let entries = self.fusion.instruction(value).shape.elements();
        if instruction.op == Op::Unary(Unary::Negate) && self.in_group(operand.base) {
            let inner = self.fusion.operand(operand.base, 0);
            if self.is_plain(inner) && self.is_plain(operand) {
                return (key(inner, entries), true);
            }
        }
        if self.is_plain(operand) {
            return (key(operand, entries), false);
        }
        // Another view: shared with nobody.
        ((value, usize::MAX), false)
    }

    pub(super) fn is_absorbed_negation(&self, value: u32) -> bool {
        let uses = self.uses.get(&value).copied().unwrap_or_default();
        uses.as_logit > 0 && uses.as_logit == uses.all && !self.is_stored(value)
    }

    /// Whether a product is computed by the sum over it, or a placement by the addition of it.
    pub(super) fn is_absorbed_by_only_use(&self, value: u32) -> bool {
        !self.is_stored(value) && self.uses.get(&value).is_some_and(|uses| uses.all == 1)
    }

    pub(super) fn is_shared_logistic(&self, value: u32) -> bool {
        self.logistic.contains_key(&self.logit(value).0)
    }

    /// All logistic functions of one logit, when the first of them is met.
    pub(super) fn logistic(&mut self, value: u32, over: Class, class: Class) -> Ref {
        let (key, _) = self.logit(value);
        let members = self.logistic[&key].clone();
        if members[0] != value {
            return self.values[&value];
        }
        // The one that is not negated knows the logit; else look through the negation.
        let negation = self.fusion.operand(value, 0).base;
        let (of, which) = if self.logit(value).1 { (negation, 0) } else { (value, 0) };
        let input = self.tile_operand(of, which, over);
        let mut kinds = LogisticKinds::default();
        let mut found: SmallVec<[(usize, u32); 4]> = SmallVec::new();
        for member in members {
            let negated = self.logit(member).1;
            let softplus = self.fusion.instruction(member).op == Op::Unary(Unary::Softplus);
            let (flag, rank) = match (softplus, negated) {
                (true, false) => (&mut kinds.softplus, 0),
                (true, true) => (&mut kinds.softplus_of_negative, 1),
                (false, false) => (&mut kinds.sigmoid, 2),
                (false, true) => (&mut kinds.sigmoid_of_negative, 3),
            };
            *flag = true;
            found.push((rank, member));
        }
        found.sort_unstable();
        let head = self.node(Operation::Logistic(kinds), smallvec![input], class);
        let Ref::Lowered(head) = head else { unreachable!("a new node") };
        let mut last: Option<(usize, Ref)> = None;
        for (rank, member) in found {
            // Views of one logit in several shapes have one result.
            let result = match last {
                Some((same, result)) if same == rank => result,
                _ => {
                    let result = self.node(Operation::Copy, smallvec![Ref::Lowered(head)], class);
                    let Ref::Lowered(node) = result else { unreachable!("a new node") };
                    self.nodes[node as usize].silent = true;
                    self.nodes[head as usize].results.push(node);
                    result
                }
            };
            last = Some((rank, result));
            self.values.insert(member, result);
        }
        // The results have registers; the node that computes them has none.
        self.nodes[head as usize].holds = Holds::Nothing;
        self.values[&value]
    }

    pub(super) fn binary(&mut self, value: u32, binary: Binary, over: Class, class: Class) -> Ref {
        if matches!(binary, Binary::Add | Binary::Subtract) && class == Class::Full {
            for which in 0..2 {
                let Some(placed) = self.internal(value, which) else { continue };
                let absorbed = self.is_absorbed_placement(placed);
                if absorbed && self.addition(value, placed).is_some() {
                    let other = self.tile_operand(value, 1 - which, over);
                    let (mut number, index) = self.placed(placed);
                    if binary == Binary::Subtract {
                        let one = self.spread_of(number, Class::Row) == Spread::Same;
                        let each = if one { self.spread(number, Class::Row) } else { number };
                        number = self.node(Operation::Unary(Unary::Negate), smallvec![each], Class::Row);
                    }
                    let made = self.node(Operation::AddPlaced(index), smallvec![other, number], class);
                    self.change_in_place(value, 1 - which, other, made);
                    return made;
                }
            }
        }
        if let Some(pair) = self.pair(value, binary, over, class) {
            return pair;
        }
        let a = self.operand(value, 0, over);
        let b = self.operand(value, 1, over);
        let spread = |this: &Self, r: Ref| this.spread_of(r, over);
        // One side may be a number for each row; otherwise both are tiles.
        let (a, b) = match (spread(self, a), spread(self, b)) {
            (Spread::Tile, _) | (_, Spread::Tile) => (a, b),
            _ => (self.spread(a, over), b),
        };
        self.node(Operation::Binary(binary), smallvec![a, b], class)
    }

    /// An operation together with the one that made one of its operands, if nobody else needs that.
    fn pair(&mut self, value: u32, second: Binary, over: Class, class: Class) -> Option<Ref> {
        let second = Ring::of(second).filter(|_| class == Class::Full)?;
        for which in [0, 1] {
            let Some(base) = self.internal(value, which) else { continue };
            let Some(&Ref::Lowered(inner)) = self.values.get(&base) else { continue };
            let node = &self.nodes[inner as usize];
            let Operation::Binary(first) = node.operation else { continue };
            let Some(first) = Ring::of(first) else { continue };
            if !self.is_absorbed_by_only_use(base) || node.stage != Stage::Sweep || node.silent {
                continue;
            }
            let mut inputs = node.inputs.clone();
            let other = self.operand(value, 1 - which, over);
            inputs.push(other);
            // Entries, or one number for all.
            let spreads: SmallVec<[Spread; 4]> = inputs.iter().map(|&input| self.spread_of(input, over)).collect();
            let tiles = spreads.iter().filter(|&&spread| spread == Spread::Tile).count();
            if spreads.contains(&Spread::PerRow) || tiles == 0 {
                continue;
            }
            self.nodes[inner as usize].silent = true;
            let pair = Pair { first, second, on_the_right: which == 1 };
            return Some(self.node(Operation::Pair(pair), inputs, class));
        }
        None
    }

    /// Lets a node write over its first input, if nobody else needs that.
    fn change_in_place(&mut self, value: u32, which: usize, input: Ref, made: Ref) {
        let (Ref::Lowered(input), Ref::Lowered(made)) = (input, made) else { return };
        let base = self.fusion.operand(value, which).base;
        let only = self.uses.get(&base).is_some_and(|uses| uses.all == 1) && !self.is_stored(base);
        let node = &self.nodes[input as usize];
        let computed = !matches!(node.operation, Operation::Load(_) | Operation::Spread) && !node.silent;
        if only && computed && node.stage == Stage::Sweep && node.phase == self.nodes[made as usize].phase {
            self.nodes[made as usize].in_place_of = Some(input);
        }
    }
}
