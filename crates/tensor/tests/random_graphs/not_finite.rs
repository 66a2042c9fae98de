//! Graphs over infinities, NaN and zeros of both signs, as data and as constants.
//!
//! Everything in them is exact: data are powers of two and what is not finite, and operations round nothing. So no rounding error decides the
//! sign of an infinity, or whether there is one, and every disagreement is a fault: the algebra of the planner has to hold on all numbers.
//! What an [`Entry`] calls exact is, here, the sign of its zeros: sums and products of matrices may give either.
//!
//! Functions that round are the last that is done to such a number: so their arguments are exact, and their values and what is infinite among
//! them have to agree. In the derivatives through them, rounded numbers may cancel to nothing or to nearly nothing before they meet an
//! infinity: there, only what is finite has to agree, and which entries are.

use minimand_tensor::{Binary, DType, Reduction, Tensor, Unary};

use super::build::{Builder, Entry, applied};

/// Numbers that are written into formulas.
const CONSTANTS: [f64; 11] =
    [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -0.0, 0.0, 1.0, -1.0, 2.0, -0.5, f64::INFINITY, -0.0];

/// 1 where a number is 0, -1 where it is -0, its sign elsewhere; 0 where it is infinite.
pub(super) fn signs_of_zeros(x: &Tensor) -> Tensor {
    x.detach().reciprocal().sign()
}

impl Builder<'_> {
    /// A power of two with a sign, 0 or -0, or now and then what is not finite.
    pub(super) fn exact_value(&mut self) -> f64 {
        match self.data.below(14) {
            0 => f64::INFINITY,
            1 => f64::NEG_INFINITY,
            2 => f64::NAN,
            3 | 4 => -0.0,
            5 | 6 => 0.0,
            number => [1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 1.0][number - 7],
        }
    }

    fn beside_a_constant(&mut self) -> Entry {
        let Entry { tensor: x, exact } = self.any();
        let c = CONSTANTS[self.structure.below(CONSTANTS.len())];
        let tensor = match self.structure.below(12) {
            0 | 1 => &x * c,
            2 => &x + c,
            3 => c - &x,
            4 => &x - c,
            5 => &x / c,
            6 => x.maximum(c),
            7 => x.minimum(c),
            8 => x.gt(0).select(&x, c),
            9 => x.lt(c).select(c, &x),
            10 => x.clamp(f64::NEG_INFINITY, c.abs()),
            _ => x.eq(c).select(-&x, &x),
        };
        Entry { tensor, exact }
    }

    fn of_one(&mut self) -> Entry {
        let Entry { tensor: x, exact } = self.any();
        let tensor = match self.structure.below(6) {
            0 | 1 => -x,
            2 => x.sign(),
            3 => x.floor(),
            4 => x.abs(),
            // Which zero it is.
            _ => signs_of_zeros(&self.exact().tensor),
        };
        Entry { tensor, exact }
    }

    fn of_two(&mut self) -> Option<Entry> {
        let (Entry { tensor: a, exact: of_a }, Entry { tensor: b, exact: of_b }) = (self.any(), self.any());
        a.shape().broadcast(b.shape())?;
        let kinds = [Binary::Add, Binary::Subtract, Binary::Multiply, Binary::Maximum, Binary::Minimum, Binary::Less];
        let tensor = match kinds[self.structure.below(kinds.len())] {
            Binary::Add => &a + &b,
            Binary::Subtract => &a - &b,
            Binary::Multiply => &a * &b,
            Binary::Maximum => a.maximum(&b),
            Binary::Minimum => a.minimum(&b),
            _ => a.lt(&b).select(&a, &b),
        };
        Some(Entry { tensor, exact: of_a && of_b })
    }

    fn reduced(&mut self) -> Entry {
        let x = self.any().tensor;
        let axes: Vec<usize> = (0..x.rank()).filter(|_| self.chance(2)).collect();
        let axes = axes.as_slice();
        let tensor = match Reduction::ALL[self.structure.below(Reduction::ALL.len())] {
            Reduction::Sum if self.chance(2) => x.sum_axis(axes),
            Reduction::Sum => x.sum_keepdim(axes),
            // Three that tie have a gradient of thirds.
            Reduction::Max => x.max_keepdim(axes).detach(),
            Reduction::Min => x.min_axis(axes).detach(),
        };
        Entry { tensor, exact: false }
    }

    fn multiplied(&mut self) -> Option<Entry> {
        let x = self.any().tensor;
        let k = *x.shape().last()?;
        let n = [1, 2, 3, 8, 17][self.structure.below(5)];
        let tensor = match self.structure.below(4) {
            0 => x.matmul(&self.leaf(&[k, n], true).tensor),
            1 => x.matmul(&self.leaf(&[n, k], true).tensor.transpose()),
            2 => x.matmul(&self.leaf(&[k], true).tensor),
            _ if self.squares(&x) => x.matmul(&x.transpose()),
            _ => return None,
        };
        Some(Entry { tensor, exact: false })
    }

    /// A function that rounds, of exact numbers, zeros with their signs.
    pub(super) fn rounded(&mut self) -> Tensor {
        let (x, other) = (self.exact().tensor, self.exact().tensor);
        let x = &x;
        let fits = other.shape().broadcast(x.shape()).is_some();
        match self.structure.below(4) {
            0 if fits => x / other,
            1 if fits => x.pow(other),
            _ => applied(Unary::ALL[self.structure.below(Unary::ALL.len())], x),
        }
    }

    /// A step that rounds nothing.
    pub(super) fn exact_step(&mut self) -> Option<Entry> {
        match self.structure.below(19) {
            0..=2 => Some(self.beside_a_constant()),
            3 => Some(self.of_one()),
            4..=6 => self.of_two(),
            7 => Some(self.reduced()),
            8 => self.movement(),
            9 | 10 => self.picking(),
            11 => self.multiplied(),
            12 => self.cumulative(),
            13 => {
                let through = [DType::F32, DType::F64, DType::I64, DType::Bool][self.structure.below(4)];
                let Entry { tensor, exact } = self.any();
                let cast = tensor.cast(through);
                // The greatest whole number is an infinity's, and it rounds what is added to it.
                let cast = if through == DType::I64 { cast.clamp(-1000, 1000) } else { cast };
                Some(Entry { tensor: cast.cast(self.dtype), exact })
            }
            14 => self.picture(),
            15 => self.reshaped(),
            16 => self.reduced_decision(),
            17 => {
                if self.chance(2) {
                    self.whole_numbers()
                } else {
                    self.other_precision()
                }
            }
            _ => self.several_views(),
        }
    }
}
