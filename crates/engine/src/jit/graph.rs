//! What a run of instructions computes for each entry, as a graph of single operations of the processor. Equal operations are one.

use rustc_hash::FxHashMap;

/// The number of a node. What a node is made of has smaller numbers.
pub(super) type Id = u32;

/// How two numbers are compared; false where one is NaN, but for the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Predicate {
    Equal,
    Less,
    LessOrEqual,
    /// Whether one is NaN.
    Unordered,
    /// True also where one is NaN.
    NotEqual,
}

/// Operations of two vectors. Those on bits take the bits of the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Two {
    Add,
    Subtract,
    Multiply,
    Divide,
    /// `a < b ? a : b`.
    Lesser,
    /// `a > b ? a : b`.
    Greater,
    And,
    Or,
    Xor,
    IntegerAdd,
    IntegerSubtract,
    /// `a 2ᵇ` for whole `b`, rounded once.
    Scale,
    /// What a logarithm is: `a` where the argument `b` is positive and finite, else the limit or NaN.
    LogarithmLimits,
}

/// Operations of one vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum One {
    SquareRoot,
    Floor,
    ShiftLeft(u8),
    ShiftRight(u8),
    /// Keeps the sign; single precision only.
    ShiftRightSigned(u8),
    /// The number that an integer is; single precision only.
    FromInteger,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Node {
    /// The present entries of a stream.
    Input(u16),
    /// One number for all entries, or for those of a row.
    Uniform(u16),
    /// The bits of a number.
    Constant(u64),
    One(One, Id),
    Two(Two, Id, Id),
    /// `± a b ± c`, rounded once.
    Fused {
        negative_product: bool,
        negative_sum: bool,
        a: Id,
        b: Id,
        c: Id,
    },
    /// `a ∘ b ? then : otherwise`.
    Choose {
        predicate: Predicate,
        a: Id,
        b: Id,
        then: Id,
        otherwise: Id,
    },
}

impl Node {
    /// What it is made of.
    pub(super) fn operands(self) -> impl Iterator<Item = Id> {
        let (list, count) = match self {
            Node::Input(_) | Node::Uniform(_) | Node::Constant(_) => ([0; 4], 0),
            Node::One(_, a) => ([a, 0, 0, 0], 1),
            Node::Two(_, a, b) => ([a, b, 0, 0], 2),
            Node::Fused { a, b, c, .. } => ([a, b, c, 0], 3),
            Node::Choose { a, b, then, otherwise, .. } => ([a, b, then, otherwise], 4),
        };
        list.into_iter().take(count)
    }

    /// Whether it need not be computed: it lies somewhere.
    pub(super) fn is_given(self) -> bool {
        matches!(self, Node::Input(_) | Node::Uniform(_) | Node::Constant(_))
    }
}

/// The bits of -0, which equals 0, in single and in double precision.
const NEGATIVE_ZEROS: [u64; 2] = [1 << 31, 1 << 63];

/// Nodes, each after what it is made of.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    /// Whether the processor has [`Two::Scale`] and [`Two::LogarithmLimits`].
    has_special: bool,
    known: FxHashMap<Node, Id>,
}

impl Graph {
    /// An empty graph, for a processor with or without [`Two::Scale`] and [`Two::LogarithmLimits`].
    pub(super) fn new(has_special: bool) -> Graph {
        Graph { has_special, ..Graph::default() }
    }

    /// Whether the processor has [`Two::Scale`] and [`Two::LogarithmLimits`].
    pub(super) fn has_special(&self) -> bool {
        self.has_special
    }

    /// The number of a node: that of an equal one, or a new one.
    pub(super) fn node(&mut self, mut node: Node) -> Id {
        // Whether a truth value is not 0: its own question is asked instead.
        if let Node::Choose { predicate: Predicate::NotEqual, a, b, then, otherwise } = node
            && self.of(b) == Node::Constant(0)
            && let Node::Choose { predicate, a, b, then: one, otherwise: zero } = self.of(a)
            && self.of(zero) == Node::Constant(0)
            && matches!(self.of(one), Node::Constant(bits) if bits != 0 && bits != NEGATIVE_ZEROS[0] && bits != NEGATIVE_ZEROS[1])
        {
            node = Node::Choose { predicate, a, b, then, otherwise };
        }
        if let Node::Choose { then, otherwise, .. } = node
            && then == otherwise
        {
            return then;
        }
        *self.known.entry(node).or_insert_with(|| {
            self.nodes.push(node);
            self.nodes.len() as Id - 1
        })
    }

    pub(super) fn of(&self, id: Id) -> Node {
        self.nodes[id as usize]
    }
}
