//! Numbers that record what is done with them. The elementary functions, written once for numbers, are run on symbols and leave their
//! operations in a [`Graph`]: what the generator makes of them computes the same bits.

use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::graph::{Graph, Id, Node, One, Predicate, Two};
use crate::exec::functions::{Constants, DOUBLE_EXPONENT, DOUBLE_OFFSET, Float, SINGLE_EXPONENT};

thread_local! {
    static GRAPH: RefCell<Graph> = RefCell::default();
}

/// Runs `body`, whose symbols add to `graph`.
pub(super) fn record<T>(graph: &mut Graph, body: impl FnOnce() -> T) -> T {
    GRAPH.replace(std::mem::take(graph));
    let result = body();
    *graph = GRAPH.take();
    result
}

fn node(node: Node) -> Id {
    GRAPH.with_borrow_mut(|graph| graph.node(node))
}

/// The types that code is generated for.
pub(crate) trait BitPattern: Constants + Float<Number = Self, Truth = bool> {
    /// The bits, in the lowest bits of the result.
    fn bits(self) -> u64;
    /// The number with these bits.
    fn from_lowest_bits(bits: u64) -> Self;
    /// Bits of the mantissa.
    const MANTISSA: u8;
    /// The bit of the sign.
    const SIGN: u64;
}

impl BitPattern for f32 {
    fn bits(self) -> u64 {
        u64::from(self.to_bits())
    }
    fn from_lowest_bits(bits: u64) -> f32 {
        f32::from_bits(bits as u32)
    }
    const MANTISSA: u8 = 23;
    const SIGN: u64 = 1 << 31;
}

impl BitPattern for f64 {
    fn bits(self) -> u64 {
        self.to_bits()
    }
    fn from_lowest_bits(bits: u64) -> f64 {
        f64::from_bits(bits)
    }
    const MANTISSA: u8 = 52;
    const SIGN: u64 = 1 << 63;
}

/// A number that is known, or a node of the graph that is being recorded.
#[derive(Clone, Copy, Debug)]
pub(super) enum Symbol<N> {
    Known(N),
    Node(Id),
}

/// A comparison of symbols.
#[derive(Clone, Copy, Debug)]
pub(super) struct SymbolicComparison<N> {
    predicate: Predicate,
    a: Symbol<N>,
    b: Symbol<N>,
}

impl<N: BitPattern> Symbol<N> {
    /// The node of the symbol.
    pub(super) fn id(self) -> Id {
        match self {
            Symbol::Known(number) => node(Node::Constant(number.bits())),
            Symbol::Node(id) => id,
        }
    }

    /// The symbol of a node.
    pub(super) fn of_node(new: Node) -> Self {
        Symbol::Node(node(new))
    }

    /// A constant with these bits.
    fn of_bits(bits: u64) -> Self {
        Symbol::Known(N::from_lowest_bits(bits))
    }

    pub(super) fn one(self, one: One) -> Self {
        Symbol::Node(node(Node::One(one, self.id())))
    }

    pub(super) fn two(self, two: Two, other: Self) -> Self {
        Symbol::Node(node(Node::Two(two, self.id(), other.id())))
    }

    /// `then` where the comparison holds, else `otherwise`.
    pub(super) fn where_holds(predicate: Predicate, [a, b]: [Self; 2], then: Self, otherwise: Self) -> Self {
        let (a, b, then, otherwise) = (a.id(), b.id(), then.id(), otherwise.id());
        Symbol::Node(node(Node::Choose { predicate, a, b, then, otherwise }))
    }

    /// Whether an operation that not every processor has may be recorded.
    fn has_special() -> bool {
        GRAPH.with_borrow(|graph| graph.has_special())
    }

    /// What the symbol is the negative of, if it is one.
    fn negated(self) -> Option<Self> {
        let Symbol::Node(id) = self else { return None };
        let sign = Node::Constant(N::SIGN);
        GRAPH.with_borrow(|graph| match graph.of(id) {
            Node::Two(Two::Xor, a, b) if graph.of(b) == sign => Some(Symbol::Node(a)),
            _ => None,
        })
    }
}

macro_rules! operator {
    ($($trait:ident $method:ident $two:ident,)*) => {
        $(impl<N: BitPattern> $trait for Symbol<N> {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                match (self, other) {
                    (Symbol::Known(a), Symbol::Known(b)) => Symbol::Known(a.$method(b)),
                    _ => self.two(Two::$two, other),
                }
            }
        })*
    };
}
operator!(Add add Add, Sub sub Subtract, Mul mul Multiply, Div div Divide,);

impl<N: BitPattern> Neg for Symbol<N> {
    type Output = Self;
    fn neg(self) -> Self {
        match self {
            Symbol::Known(number) => Symbol::Known(-number),
            Symbol::Node(_) => self.two(Two::Xor, Symbol::of_bits(N::SIGN)),
        }
    }
}

/// Constants that a symbol takes over from its numbers.
macro_rules! known {
    ($($name:ident)*) => { $(const $name: Self = Symbol::Known(N::$name);)* };
}

impl<N: BitPattern> Float for Symbol<N> {
    type Number = N;
    type Truth = SymbolicComparison<N>;
    const SINGLE: bool = N::SINGLE;
    known!(ZERO QUARTER HALF ONE TWO INFINITY NAN SMALLEST_NORMAL ROUNDING BIAS);

    fn of(number: N) -> Self {
        Symbol::Known(number)
    }

    fn fused_mul_add(self, b: Self, c: Self) -> Self {
        // Signs cost nothing here, and are exact.
        let (a, b, mut negative_product) = match (self.negated(), b.negated()) {
            (Some(a), Some(b)) => (a, b, false),
            (Some(a), None) => (a, b, true),
            (None, Some(b)) => (self, b, true),
            (None, None) => (self, b, false),
        };
        let (c, negative_sum) = c.negated().map_or((c, false), |c| (c, true));
        // Of a known factor the sign is part.
        let b = match b {
            Symbol::Known(number) if negative_product => {
                negative_product = false;
                Symbol::Known(-number)
            }
            b => b,
        };
        let (a, b, c) = (a.id(), b.id(), c.id());
        Symbol::Node(node(Node::Fused { negative_product, negative_sum, a, b, c }))
    }

    fn square_root(self) -> Self {
        self.one(One::SquareRoot)
    }

    fn floor(self) -> Self {
        self.one(One::Floor)
    }

    fn abs(self) -> Self {
        self.two(Two::And, Symbol::of_bits(N::SIGN - 1))
    }

    fn minus_abs(self) -> Self {
        self.two(Two::Or, Symbol::of_bits(N::SIGN))
    }

    fn with_sign_of(self, sign: Self) -> Self {
        self.two(Two::Or, sign.two(Two::And, Symbol::of_bits(N::SIGN)))
    }

    fn power_of_two(biased: Self) -> Self {
        biased.one(One::ShiftLeft(N::MANTISSA))
    }

    fn powers_of_two(twice_biased: Self) -> (Self, Self) {
        let half = twice_biased.one(One::ShiftRight(1));
        let rest = twice_biased.two(Two::IntegerSubtract, half);
        (half.one(One::ShiftLeft(N::MANTISSA)), rest.one(One::ShiftLeft(N::MANTISSA)))
    }

    fn scaled_at_once(self, n: Self) -> Option<Self> {
        Self::has_special().then(|| self.two(Two::Scale, n))
    }

    fn logarithm_limits_at_once(self, argument: Self) -> Option<Self> {
        Self::has_special().then(|| self.two(Two::LogarithmLimits, argument))
    }

    fn split(self) -> (Self, Self, Self) {
        let bits = |bits: u64| Symbol::<N>::of_bits(bits);
        let (middle, exponents) = if N::SINGLE {
            (u64::from(1.5_f32.to_bits()), u64::from(SINGLE_EXPONENT))
        } else {
            (std::f64::consts::SQRT_2.to_bits(), DOUBLE_EXPONENT)
        };
        let difference = bits(middle).two(Two::IntegerSubtract, self);
        let exponent = difference.two(Two::And, bits(exponents));
        let mantissa = self.two(Two::IntegerAdd, exponent);
        let scale = exponent.two(Two::IntegerAdd, Self::ONE);
        let minus_k = if N::SINGLE {
            difference.one(One::ShiftRightSigned(N::MANTISSA)).one(One::FromInteger)
        } else {
            let whole = 4503599627370496.0_f64;
            let offset = difference.two(Two::IntegerAdd, bits(DOUBLE_OFFSET << 52)).one(One::ShiftRight(52));
            let lifted = offset.two(Two::Or, bits(whole.to_bits()));
            lifted - bits((whole + DOUBLE_OFFSET as f64).to_bits())
        };
        (mantissa, minus_k, scale.at_least(Self::ZERO))
    }

    fn less(self, other: Self) -> SymbolicComparison<N> {
        SymbolicComparison { predicate: Predicate::Less, a: self, b: other }
    }

    fn equal(self, other: Self) -> SymbolicComparison<N> {
        SymbolicComparison { predicate: Predicate::Equal, a: self, b: other }
    }

    fn choose(SymbolicComparison { predicate, a, b }: SymbolicComparison<N>, then: Self, otherwise: Self) -> Self {
        Self::where_holds(predicate, [a, b], then, otherwise)
    }

    fn at_most(self, limit: Self) -> Self {
        limit.two(Two::Lesser, self)
    }

    fn at_least(self, limit: Self) -> Self {
        limit.two(Two::Greater, self)
    }
}
