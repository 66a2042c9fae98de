//! Finds the reductions over pairs: see [`Pairs`].

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::op::{Binary, Op, Reduction, Scalar, Unary};
use crate::plan::pairs::{MOST_FACTORS, PairOperand, Pairs, Reduced, Term};
use crate::plan::simplify::Simplified;
use crate::plan::views::Layout;
use crate::program::Instruction;
use crate::shape::Shape;

/// Of fewer differences a pass makes as short work.
const FEW: usize = 1 << 12;

/// So many fill two vectors.
const LANES: usize = 32;

/// From this depth on it is worth to bring factors into another order.
const DEEP: usize = 8;

/// Fewer columns leave most of a vector empty.
const LEAST_COLUMNS: usize = 8;

/// The reductions over pairs of a program, by the value that each computes, before it is known where their operands lie.
#[derive(Default)]
pub(crate) struct Found {
    reductions: FxHashMap<u32, Reducing>,
    /// The first sums of squares of the differences of two values.
    squares: FxHashMap<(u32, u32, Axes), u32>,
}

/// A reduction over pairs.
struct Reducing {
    chain: Chain,
    axes: Axes,
    reduced: Reduced,
    term: Term,
    reduction: Reduction,
    /// The sums of the same differences' squares without a scale, if they are computed before this.
    squares: Option<u32>,
}

/// What each axis longer than 1 is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Axes {
    batch: SmallVec<[usize; 2]>,
    rows: usize,
    columns: usize,
    depth: usize,
}

/// An elementwise value of pairs: a function of a difference, times numbers of the pair.
#[derive(Clone, Debug)]
struct Chain {
    left: u32,
    right: u32,
    before: SmallVec<[u32; 2]>,
    function: Function,
    after: SmallVec<[u32; 2]>,
    /// A power of two, or its negative.
    outside: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Itself,
    Square,
    Magnitude,
    Sign,
}

impl Found {
    pub(crate) fn of(program: &Simplified, needed: &[bool]) -> Found {
        let mut chains: FxHashMap<u32, Chain> = FxHashMap::default();
        let mut found = Found::default();
        for (value, instruction) in program.instructions.iter().enumerate().filter(|(value, _)| needed[*value]) {
            if let Op::Reduce(reduction, reduced) = &instruction.op {
                if let Some(chain) = chains.get(&instruction.inputs[0]) {
                    let shape = &program.instructions[instruction.inputs[0] as usize].shape;
                    let reducing = chain.clone().reduced(program, shape, *reduction, reduced);
                    found.insert(value as u32, reducing);
                }
            } else if let Some(chain) = Chain::of(program, instruction, &chains) {
                chains.insert(value as u32, chain);
            }
        }
        found
    }

    fn insert(&mut self, value: u32, reducing: Option<Reducing>) {
        let Some(mut reducing) = reducing else { return };
        let Reducing { chain: Chain { left, right, outside, .. }, axes, term, .. } = &reducing;
        let of_pair = || (*left, *right, axes.clone());
        match term {
            Term::Square if *outside == 1.0 => _ = self.squares.entry(of_pair()).or_insert(value),
            // It is made of them in any case.
            Term::ScaledSquare => reducing.squares = self.squares.get(&of_pair()).copied(),
            Term::Square | Term::Magnitude | Term::Difference | Term::Sign => {}
        }
        self.reductions.insert(value, reducing);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.reductions.is_empty()
    }

    pub(crate) fn contains(&self, value: u32) -> bool {
        self.reductions.contains_key(&value)
    }

    /// The values that a reduction reads.
    pub(crate) fn read_by(&self, value: u32) -> Option<SmallVec<[u32; 4]>> {
        let Reducing { chain: Chain { left, right, before, after, .. }, squares, .. } = self.reductions.get(&value)?;
        Some([left, right].into_iter().chain(before).chain(after).chain(squares).copied().collect())
    }

    /// Which values are needed for the outputs, when the reductions compute their terms for themselves.
    pub(crate) fn needed(&self, program: &Simplified) -> Vec<bool> {
        let mut needed = vec![false; program.instructions.len()];
        program.outputs.iter().for_each(|&output| needed[output as usize] = true);
        for value in (0..needed.len()).rev() {
            if needed[value] {
                match self.read_by(value as u32) {
                    Some(read) => read.iter().for_each(|&input| needed[input as usize] = true),
                    None => program.instructions[value].inputs.iter().for_each(|&input| needed[input as usize] = true),
                }
            }
        }
        needed
    }

    /// A reduction, now that the layouts of all values are known.
    pub(crate) fn placed(&self, value: u32, program: &Simplified, layouts: &[Layout]) -> Option<Pairs> {
        let Reducing { chain, axes, reduced, term, reduction, squares } = self.reductions.get(&value)?;
        let input = program.instructions[value as usize].inputs[0];
        let Instruction { shape, dtype, .. } = &program.instructions[input as usize];
        let operand = |value: u32, own: [usize; 2]| PairOperand::of(&layouts[value as usize], shape, &axes.batch, own);
        let factors = chain.before.iter().chain(&chain.after);
        Some(Pairs {
            value,
            dtype: *dtype,
            batch: axes.batch.iter().map(|&axis| shape[axis]).collect(),
            rows: shape[axes.rows],
            columns: shape[axes.columns],
            depth: shape[axes.depth],
            reduced: *reduced,
            term: *term,
            reduction: *reduction,
            outside: chain.outside,
            left: operand(chain.left, [axes.rows, axes.depth]),
            right: operand(chain.right, [axes.columns, axes.depth]),
            factors: factors.map(|&factor| operand(factor, [axes.rows, axes.columns])).collect(),
            squares: *squares,
        })
    }
}

/// Whether a value, seen under a larger shape, is the same along an axis of that.
fn is_constant_along(own: &Shape, shape: &Shape, axis: usize) -> bool {
    let added = shape.rank() - own.rank();
    axis < added || own[axis - added] == 1
}

impl Chain {
    /// The chain that an instruction makes, given those before it.
    fn of(program: &Simplified, instruction: &Instruction, chains: &FxHashMap<u32, Chain>) -> Option<Chain> {
        let Instruction { op, inputs, shape, dtype } = instruction;
        if !dtype.is_float() {
            return None;
        }
        // A chain of the same entries, no repetition of one.
        let chain = |which: usize| {
            let input = inputs[which];
            chains.get(&input).filter(|_| program.instructions[input as usize].shape == *shape)
        };
        match op {
            Op::Binary(Binary::Subtract) => {
                let [left, right] = [inputs[0], inputs[1]];
                let own = |value: u32| &program.instructions[value as usize].shape;
                let differ = |a: u32, b: u32| {
                    (0..shape.rank()).any(|axis| {
                        shape[axis] > 1
                            && is_constant_along(own(a), shape, axis)
                            && !is_constant_along(own(b), shape, axis)
                    })
                };
                // Each is repeated along an axis that the other has.
                let is_pair = differ(left, right) && differ(right, left);
                is_pair.then(|| Chain {
                    left,
                    right,
                    before: SmallVec::new(),
                    function: Function::Itself,
                    after: SmallVec::new(),
                    outside: 1.0,
                })
            }
            Op::Unary(Unary::Negate) => chain(0).map(|chain| Chain { outside: -chain.outside, ..chain.clone() }),
            Op::Unary(Unary::Abs) => chain(0)?.clone().function(Function::Magnitude),
            Op::Unary(Unary::Sign) => chain(0)?.clone().function(Function::Sign),
            Op::Binary(Binary::Add) if inputs[0] == inputs[1] => {
                chain(0).map(|chain| Chain { outside: 2.0 * chain.outside, ..chain.clone() })
            }
            Op::Binary(Binary::Multiply) if inputs[0] == inputs[1] => chain(0)?.clone().function(Function::Square),
            Op::Binary(Binary::Multiply) => match (chain(0), chain(1)) {
                (Some(chain), None) => chain.clone().times(program, inputs[1]),
                (None, Some(chain)) => chain.clone().times(program, inputs[0]),
                _ => None,
            },
            _ => None,
        }
    }

    fn times(mut self, program: &Simplified, factor: u32) -> Option<Chain> {
        // These round nothing.
        if let Op::Constant(Scalar::Float(number)) = program.instructions[factor as usize].op
            && [0.5, 1.0, 2.0, 4.0].contains(&number.abs())
        {
            self.outside *= number;
            return Some(self);
        }
        let factors = if self.function == Function::Itself { &mut self.before } else { &mut self.after };
        factors.push(factor);
        (factors.len() <= MOST_FACTORS).then_some(self)
    }

    fn function(mut self, function: Function) -> Option<Chain> {
        // The square of a small number vanishes sooner than that of its double.
        if self.function != Function::Itself || function == Function::Square && self.outside.abs() != 1.0 {
            return None;
        }
        self.outside = match function {
            Function::Square => 1.0,
            Function::Magnitude => self.outside.abs(),
            Function::Sign => self.outside.signum(),
            Function::Itself => self.outside,
        };
        self.function = function;
        Some(self)
    }

    /// The reduction of the chain, whose entries have a shape, over some axes, if it is one over pairs.
    fn reduced(
        mut self,
        program: &Simplified,
        shape: &Shape,
        reduction: Reduction,
        over: &[usize],
    ) -> Option<Reducing> {
        let own = |value: u32| &program.instructions[value as usize].shape;
        let same = |value: u32, axis: usize| is_constant_along(own(value), shape, axis);
        let real: SmallVec<[usize; 4]> = (0..shape.rank()).filter(|&axis| shape[axis] > 1).collect();
        let over: SmallVec<[usize; 2]> = over.iter().copied().filter(|&axis| shape[axis] > 1).collect();
        let &[over] = &over[..] else { return None };
        // The last three axes are those of the pair, and the one that both have.
        let &[.., a, b, c] = &real[..] else { return None };
        let only = |of: u32, other: u32| {
            let mut axes = [a, b, c].into_iter().filter(|&axis| same(other, axis) && !same(of, axis));
            axes.next().filter(|_| axes.next().is_none())
        };
        let (mut rows, mut columns) = (only(self.left, self.right)?, only(self.right, self.left)?);
        let depth = [a, b, c].into_iter().find(|&axis| axis != rows && axis != columns)?;
        if same(self.left, depth) || same(self.right, depth) {
            return None;
        }
        // What is kept lies side by side in registers, where there is enough of it; else columns are those that come later.
        let stays = match over {
            over if over == rows => shape[columns] >= LANES || shape[depth] < DEEP,
            over if over == columns => shape[rows] < LANES || shape[depth] < DEEP,
            _ => rows < columns,
        };
        if !stays {
            std::mem::swap(&mut rows, &mut columns);
            std::mem::swap(&mut self.left, &mut self.right);
            // An even function does not know which was taken from which.
            if matches!(self.function, Function::Itself | Function::Sign) {
                self.outside = -self.outside;
            }
        }
        if self.before.iter().chain(&self.after).any(|&factor| !same(factor, depth)) {
            return None;
        }
        let reduced = match over {
            over if over == depth => Reduced::Depth,
            over if over == columns => Reduced::Columns,
            over if over == rows => Reduced::Rows,
            _ => return None,
        };
        // The result lies in the order of its axes.
        let in_order = match reduced {
            Reduced::Depth => true,
            Reduced::Columns => rows < depth,
            Reduced::Rows => columns < depth,
        };
        let work = shape.elements();
        if !in_order || shape[columns] < LEAST_COLUMNS || work < FEW {
            return None;
        }
        let term = match (self.function, self.before.len(), self.after.len()) {
            (Function::Square, 0, 0) => Term::Square,
            (Function::Square, 1, 0) => Term::ScaledSquare,
            (Function::Magnitude, 0, 0) => Term::Magnitude,
            (Function::Itself, _, 0) => Term::Difference,
            (Function::Sign, 0, 0..=2) => Term::Sign,
            _ => return None,
        };
        // What there is code for.
        let sums = reduction == Reduction::Sum;
        let known = match (reduced, term) {
            (Reduced::Depth, Term::Square | Term::ScaledSquare) => sums,
            (Reduced::Depth, Term::Magnitude) => matches!(reduction, Reduction::Sum | Reduction::Max),
            (Reduced::Rows | Reduced::Columns, Term::Difference | Term::Sign) => sums,
            _ => false,
        };
        let unscaled = sums || self.outside == 1.0;
        let batch = real[..real.len() - 3].into();
        (known && unscaled).then(|| Reducing {
            chain: self,
            axes: Axes { batch, rows, columns, depth },
            reduced,
            term,
            reduction,
            squares: None,
        })
    }
}
