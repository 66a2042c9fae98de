//! Builds a random graph: the same seed gives the same structure, whatever data it is built on.

use minimand_tensor::{Binary, DType, Reduction, Rng, Tensor, Unary, reference};

/// A random graph.
pub(crate) struct Graph {
    pub(crate) dtype: DType,
    pub(crate) leaves: Vec<Tensor>,
    pub(crate) results: Vec<Tensor>,
    /// By which power of two each result was scaled down, to build the same structure again.
    pub(crate) scales: Vec<i32>,
    pub(crate) numbers: Numbers,
    /// Whether second derivatives are asked for, too.
    pub(crate) twice: bool,
    /// Whether rounded numbers meet infinities: where they cancel, a rounding error decides the sign of the infinity.
    pub(crate) rounded_beside_infinities: bool,
}

/// A tensor, and whether its values are free of rounding errors: only then may it decide something (a comparison, an order,
/// a sign), because executor and reference may round differently.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) tensor: Tensor,
    pub(super) exact: bool,
}

pub(super) struct Builder<'a> {
    pub(super) structure: Rng,
    pub(super) data: Rng,
    pub(super) dtype: DType,
    full: Vec<usize>,
    leaves: Vec<Tensor>,
    pool: Vec<Entry>,
    scales: Vec<i32>,
    former: Option<&'a [i32]>,
    /// Whether some leaf holds infinities.
    special: bool,
    /// Whether all values are exact, and many not finite.
    all_exact: bool,
}

/// The most entries of a value.
const MOST_ELEMENTS: usize = 20_000;

/// What a graph is to be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// Numbers of one type, most of them finite, many of them rounded.
    Of(DType),
    /// Exact ones in double precision, many of them not finite.
    NotFinite,
}

pub(crate) fn build(structure: u64, steps: usize, numbers: Numbers, data: u64, former: Option<&[i32]>) -> Graph {
    let (dtype, all_exact) = match numbers {
        Numbers::Of(dtype) => (dtype, false),
        Numbers::NotFinite => (DType::F64, true),
    };
    let mut structure = Rng::seed(structure);
    let full = sizes(&mut structure);
    let data = Rng::seed(data);
    let (leaves, pool, scales) = (vec![], vec![], vec![]);
    let mut builder = Builder { structure, data, dtype, full, leaves, pool, scales, former, special: false, all_exact };
    for exact in [true, false, true] {
        let shape = builder.part_of_shape();
        builder.leaf(&shape, exact);
    }
    for _ in 0..steps {
        let made = if all_exact { builder.exact_step() } else { builder.step() };
        // Windows of windows and broadcasts of broadcasts may grow without end.
        if let Some(entry) = made.filter(|entry| entry.tensor.elements() <= MOST_ELEMENTS) {
            let tensor = builder.scaled(&entry.tensor);
            builder.pool.push(Entry { tensor, exact: entry.exact });
        }
    }
    // A few of the last, or everything.
    let count = if builder.chance(6) { usize::MAX } else { 3 };
    let last: Vec<&Entry> = builder.pool.iter().rev().take(count).collect();
    let mut results: Vec<Tensor> = last.iter().map(|entry| entry.tensor.clone()).collect();
    if all_exact {
        results.extend(
            last.iter().filter(|entry| entry.exact).map(|entry| super::not_finite::signs_of_zeros(&entry.tensor)),
        );
    }
    let twice = builder.chance(4) && !all_exact && !builder.special && dtype == DType::F64;
    let (leaves, scales, rounded_beside_infinities) = (builder.leaves, builder.scales, builder.special);
    Graph { dtype, leaves, results, scales, numbers, twice, rounded_beside_infinities }
}

/// The sizes that the first data broadcast to: three small ones, or now and then one beside the length of a vector or of a tile.
fn sizes(structure: &mut Rng) -> Vec<usize> {
    const LONG: [usize; 9] = [7, 15, 16, 17, 31, 33, 63, 65, 513];
    let small = |structure: &mut Rng| [0, 1, 2, 3, 3, 4, 5, 9][structure.below(8)];
    let mut sizes: Vec<usize> = (0..3).map(|_| small(structure)).collect();
    if structure.below(8) == 0 {
        sizes.iter_mut().for_each(|size| *size = (*size).clamp(1, 2));
        sizes[structure.below(3)] = LONG[structure.below(LONG.len())];
    }
    sizes
}

impl Builder<'_> {
    pub(super) fn chance(&mut self, one_in: usize) -> bool {
        self.structure.below(one_in) == 0
    }

    /// A shape that broadcasts with the full one: leading axes missing, others of size 1.
    fn part_of_shape(&mut self) -> Vec<usize> {
        let missing = [0, 0, 0, 1, 2, 3][self.structure.below(6)];
        let full = self.full.clone();
        full[missing..].iter().map(|&size| if self.chance(4) { 1 } else { size }).collect()
    }

    /// New data: quarters, with a few special values, or numbers that need rounding.
    pub(super) fn leaf(&mut self, shape: &[usize], exact: bool) -> Entry {
        let special = exact && !self.all_exact && self.chance(12);
        self.special |= special;
        let count: usize = shape.iter().product();
        let values: Vec<f64> = (0..count)
            .map(|_| match (exact, special && self.data.below(4) == 0) {
                _ if self.all_exact => self.exact_value(),
                (true, true) => [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.0][self.data.below(5)],
                (true, false) => self.data.below(17) as f64 / 4.0 - 2.0,
                (false, _) => self.data.uniform() * 4.0 - 2.0,
            })
            .collect();
        let leaf = match self.dtype {
            DType::F32 => Tensor::from_vec(values.into_iter().map(|value| value as f32).collect::<Vec<f32>>(), shape),
            _ => Tensor::from_vec(values, shape),
        };
        self.leaves.push(leaf.clone());
        let entry = Entry { tensor: leaf, exact };
        self.pool.push(entry.clone());
        entry
    }

    pub(super) fn any(&mut self) -> Entry {
        let which = self.structure.below(self.pool.len());
        self.pool[which].clone()
    }

    pub(super) fn exact(&mut self) -> Entry {
        let exact: Vec<Entry> = self.pool.iter().filter(|entry| entry.exact).cloned().collect();
        exact[self.structure.below(exact.len())].clone()
    }

    pub(super) fn axis(&mut self, x: &Tensor) -> Option<usize> {
        (x.rank() > 0).then(|| self.structure.below(x.rank()))
    }

    fn axes(&mut self, x: &Tensor) -> Vec<usize> {
        (0..x.rank()).filter(|_| self.chance(2)).collect()
    }

    fn index(&mut self, shape: &[usize], size: usize) -> Option<Tensor> {
        let count: usize = shape.iter().product();
        (size > 0)
            .then(|| Tensor::from_vec((0..count).map(|_| self.data.below(size) as i64).collect::<Vec<i64>>(), shape))
    }

    /// Scales large values down by a power of two, which rounds nothing; a graph that is built again scales as it did before.
    fn scaled(&mut self, x: &Tensor) -> Tensor {
        let scale = match self.former {
            Some(former) => former[self.scales.len()],
            None => {
                let values = reference::evaluate(&[x]);
                let largest = values[0].iter().filter(|value| value.is_finite()).fold(0.0f64, |a, b| a.max(b.abs()));
                if largest > 8.0 && x.dtype().is_float() { largest.log2() as i32 - 1 } else { 0 }
            }
        };
        self.scales.push(scale);
        if scale > 0 { x * 2f64.powi(-scale) } else { x.clone() }
    }

    fn unary(&mut self) -> Entry {
        let kind = Unary::ALL[self.structure.below(Unary::ALL.len())];
        let decides = matches!(kind, Unary::Sign | Unary::Floor | Unary::Abs);
        let Entry { tensor: x, exact } = if decides { self.exact() } else { self.any() };
        // Where a rounding error could leave the domain or come close to a pole, the argument is kept away from both.
        let safe = || x.tanh() + 2.5;
        let tensor = match kind {
            Unary::Negate => -&x,
            Unary::Reciprocal => safe().reciprocal(),
            Unary::SquareRoot => safe().sqrt(),
            Unary::Exp => (0.25 * &x).exp(),
            Unary::ExpM1 => (0.25 * &x).exp_m1(),
            Unary::Ln => safe().ln(),
            Unary::Ln1p => safe().ln_1p(),
            Unary::Sin => x.sin(),
            Unary::Cos => x.cos(),
            Unary::Tanh => x.tanh(),
            Unary::Sigmoid => x.sigmoid(),
            Unary::Softplus => x.softplus(),
            Unary::Erf => x.erf(),
            Unary::NormalCdf => x.normal_cdf(),
            Unary::LnGamma => safe().lgamma(),
            Unary::Polygamma(order) => safe().polygamma(order),
            Unary::Sign => x.sign(),
            Unary::Floor => x.floor(),
            Unary::Abs => x.abs(),
        };
        Entry { tensor, exact: decides || kind == Unary::Negate && exact }
    }

    fn binary(&mut self) -> Option<Entry> {
        let kind = Binary::ALL[self.structure.below(Binary::ALL.len())];
        let decides = kind.is_comparison() || matches!(kind, Binary::Maximum | Binary::Minimum);
        // So does the sign of what an infinity is multiplied by.
        let exact = decides || self.special && kind == Binary::Multiply;
        let (a, b) =
            if exact { (self.exact().tensor, self.exact().tensor) } else { (self.any().tensor, self.any().tensor) };
        a.shape().broadcast(b.shape())?;
        let tensor = match kind {
            Binary::Add => &a + &b,
            Binary::Subtract => &a - &b,
            Binary::Multiply => &a * &b,
            Binary::Divide => &a / (b.sin() + 2.0),
            Binary::Power => (a.sin() + 2.0).pow(b.tanh()),
            Binary::Maximum => a.maximum(&b),
            Binary::Minimum => a.minimum(&b),
            Binary::Less => a.lt(&b).select(&a, &b),
            Binary::LessOrEqual => a.le(&b).select(0.5, &b),
            Binary::Equal => a.eq(&b).select(&a, -1),
        };
        Some(Entry { tensor, exact: decides })
    }

    fn reduction(&mut self) -> Entry {
        let kind = Reduction::ALL[self.structure.below(Reduction::ALL.len())];
        let x = if kind == Reduction::Sum { self.any().tensor } else { self.exact().tensor };
        let axes = self.axes(&x);
        let axes = axes.as_slice();
        let tensor = match (kind, self.chance(2)) {
            (Reduction::Sum, true) => x.sum_axis(axes),
            (Reduction::Sum, false) => x.sum_keepdim(axes),
            (Reduction::Max, true) => x.max_axis(axes),
            (Reduction::Max, false) => x.max_keepdim(axes),
            (Reduction::Min, true) => x.min_axis(axes),
            (Reduction::Min, false) => x.min_keepdim(axes),
        };
        // The greatest of nothing is infinite.
        let tensor = if x.elements() == 0 { tensor.clamp(-1, 1) } else { tensor };
        Entry { tensor, exact: kind != Reduction::Sum }
    }

    pub(super) fn movement(&mut self) -> Option<Entry> {
        let Entry { tensor: x, exact } = self.any();
        let axis = self.axis(&x)?;
        let size = x.shape()[axis];
        let tensor = match self.structure.below(10) {
            0 => {
                let mut order: Vec<isize> = (0..x.rank() as isize).collect();
                order.rotate_left(axis);
                x.permute(order)
            }
            1 => x.flip(self.axes(&x).as_slice()),
            2 => {
                let start = self.structure.below(size + 1);
                let end = start + self.structure.below(size - start + 1);
                let step = 1 + self.structure.below(3);
                x.slice_step(axis as isize, start..end, step)
            }
            3 => x.pad(axis as isize, self.structure.below(3), self.structure.below(3)),
            4 => x.flatten(),
            5 => x.unsqueeze(axis as isize),
            6 => {
                let sizes: Vec<usize> = x.shape().iter().map(|&size| if size == 1 { 3 } else { size }).collect();
                let leading = if x.rank() < 4 { vec![2] } else { vec![] };
                x.expand([leading, sizes].concat())
            }
            7 => Tensor::concatenate([&x, &x.flip(axis), &x], axis as isize),
            8 => {
                // What is left when the first is cut off, and cut again; others may use both.
                let rest = x.slice_step(axis as isize, size.min(1).., 1 + self.structure.below(2));
                self.pool.push(Entry { tensor: rest.clone(), exact: exact && rest.elements() != 1 });
                rest.slice_step(axis as isize, rest.shape()[axis].min(1).., 1 + self.structure.below(2))
            }
            _ => {
                if size == 0 {
                    return None;
                }
                let (width, step) = (1 + self.structure.below(size.min(3)), 1 + self.structure.below(2));
                let dilation = if (width - 1) * 2 < size { 1 + self.structure.below(2) } else { 1 };
                let windows = x.windows(axis as isize, width, step, dilation);
                let room = self.structure.below(3);
                // Windows, or windows added back, with room to spare.
                if self.chance(2) {
                    windows
                } else {
                    let added = windows.overlap_add(axis as isize, step, dilation, size + room);
                    return Some(Entry { tensor: added, exact: false });
                }
            }
        };
        let tensor = if tensor.elements() > 1200 { self.little(&tensor) } else { tensor };
        Some(Entry { exact: exact && tensor.elements() != 1, tensor })
    }

    /// One number instead of too many.
    pub(super) fn little(&self, x: &Tensor) -> Tensor {
        if self.all_exact { x.sum() } else { x.mean() }
    }

    pub(super) fn picking(&mut self) -> Option<Entry> {
        let x = self.exact().tensor;
        let axis = self.axis(&x)?;
        let (along, size) = (axis as isize, x.shape()[axis]);
        let tensor = match self.structure.below(10) {
            0 => x.sort(along).0,
            1 => x.sort_descending(along).0,
            2 if size > 0 => x.take_along_axis(along, x.argmax(along).unsqueeze(along)),
            3 if size > 0 => x.take_along_axis(along, x.argmin(along).unsqueeze(along)),
            4 => {
                let mut shape = x.shape().to_vec();
                shape[axis] = self.structure.below(4);
                // The index repeats along another axis.
                if let Some(other) = self.axis(&x).filter(|&other| other != axis) {
                    shape[other] = 1;
                }
                x.take_along_axis(along, &self.index(&shape, size)?)
            }
            5 => {
                let length = 1 + self.structure.below(3);
                let index = self.index(x.shape(), length)?;
                return Some(Entry { tensor: x.scatter_add(along, &index, length), exact: false });
            }
            6 => {
                let count = self.structure.below(5);
                x.index_select(along, &self.index(&[count], size)?)
            }
            7 => {
                // Places that others are taken to: an order, the ranks of it, or the same ones for everything beside the axis.
                let order = if self.chance(2) { x.argsort(along) } else { x.argsort_descending(along) };
                match self.structure.below(3) {
                    0 => order.argsort(along).cast(self.dtype),
                    1 => {
                        let other = self.exact().tensor;
                        let moved = other.shape() == x.shape();
                        (if moved { other } else { -&x }).take_along_axis(along, &order)
                    }
                    _ => return Some(Entry { tensor: x.scatter_add(along, &order, size + 1), exact: false }),
                }
            }
            8 => {
                let length = 1 + self.structure.below(3);
                let mut shape = vec![1; x.rank()];
                shape[axis] = size;
                let index = self.index(&shape, length)?;
                return Some(Entry { tensor: x.scatter_add(along, &index, length), exact: false });
            }
            _ => {
                // Entries that are picked more than once, sent back to where they come from.
                let count = self.structure.below(6);
                let index = self.index(&[count], size)?;
                let picked = x.index_select(along, &index);
                let mut shape = vec![1; x.rank()];
                shape[axis] = count;
                let back = picked.scatter_add(along, index.reshape(shape), size);
                return Some(Entry { tensor: back, exact: false });
            }
        };
        Some(Entry { tensor, exact: true })
    }

    fn product(&mut self) -> Option<Entry> {
        let x = self.any().tensor;
        if x.rank() == 0 {
            return None;
        }
        let k = x.shape()[x.rank() - 1];
        let n = [1, 2, 3, 8, 17][self.structure.below(5)];
        let tensor = match self.structure.below(6) {
            0 => x.matmul(&self.leaf(&[k, n], false).tensor),
            1 => x.matmul(&self.leaf(&[n, k], false).tensor.transpose()),
            2 => x.matmul(&self.leaf(&[k], false).tensor),
            3 => x.matmul(&self.leaf(&[1, n], false).tensor.expand([k, n]).flip(1)),
            4 if x.rank() > 1 => x.matmul(&x.transpose()),
            _ => {
                let batch = if x.rank() > 2 { x.shape()[x.rank() - 3] } else { 2 };
                x.matmul(&self.leaf(&[batch, k, n], false).tensor)
            }
        };
        Some(Entry { tensor, exact: false })
    }

    fn step(&mut self) -> Option<Entry> {
        match self.structure.below(18) {
            0..=2 => Some(self.unary()),
            3..=5 => self.binary(),
            6 => Some(self.reduction()),
            7 | 8 => self.movement(),
            9 => self.picking(),
            10 => self.product(),
            11 => {
                let x = self.any().tensor;
                let axis = self.axis(&x)? as isize;
                let tensor = if self.chance(2) { x.cumulative_sum(axis) } else { x.cumulative_sum_reverse(axis) };
                Some(Entry { tensor, exact: false })
            }
            12 => {
                let Entry { tensor, exact } = self.exact();
                let through = [DType::F32, DType::F64, DType::I64, DType::Bool][self.structure.below(4)];
                Some(Entry { tensor: tensor.cast(through).cast(self.dtype), exact })
            }
            13 | 14 => self.picture(),
            15 => self.reshaped(),
            16 => self.reduced_decision(),
            _ => {
                let Entry { tensor, exact } = self.any();
                Some(Entry { tensor: tensor.detach(), exact })
            }
        }
    }
}
