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
    pub(super) pool: Vec<Entry>,
    /// Positions and other whole numbers that are asked for beside the results.
    pub(super) whole: Vec<Tensor>,
    scales: Vec<i32>,
    former: Option<&'a [i32]>,
    /// Whether some leaf holds infinities.
    special: bool,
    /// Whether all values are exact, and many not finite.
    pub(super) all_exact: bool,
    of_kinds: bool,
    /// Whether numbers of another precision take part.
    pub(super) mixed: bool,
    /// Entries that a result may have; more are made into one number.
    pub(super) largest: usize,
}

/// The most entries of a value.
const MOST_ELEMENTS: usize = 20_000;

/// What a graph is to be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// Numbers of one type, most of them finite, many of them rounded.
    Of(DType),
    /// The same, half of the steps with a mechanism of their own in the engine: shifted reads, and reductions over pairs.
    OfKinds(DType),
    /// Exact ones of one type, many of them not finite.
    NotFinite(DType),
}

pub(crate) fn build(structure: u64, steps: usize, numbers: Numbers, data: u64, former: Option<&[i32]>) -> Graph {
    let mut builder = Builder::new(structure, numbers, data, former);
    for _ in 0..steps {
        let made = if builder.all_exact { builder.exact_step() } else { builder.step() };
        builder.keep(made);
    }
    // A few of the last, or everything.
    let count = if builder.chance(6) { usize::MAX } else { 3 };
    let last: Vec<Entry> = builder.pool.iter().rev().take(count).cloned().collect();
    let mut results: Vec<Tensor> = last.iter().map(|entry| entry.tensor.clone()).collect();
    results.extend(builder.whole.iter().rev().take(count).cloned());
    if builder.all_exact {
        results.extend(
            last.iter().filter(|entry| entry.exact).map(|entry| super::not_finite::signs_of_zeros(&entry.tensor)),
        );
        if builder.chance(3) {
            results.extend([builder.rounded(), builder.rounded()]);
            builder.special = true;
        }
    }
    let finite = !builder.special;
    let twice = builder.chance(4) && !builder.mixed && (finite || builder.all_exact);
    let (dtype, leaves, scales) = (builder.dtype, builder.leaves, builder.scales);
    Graph { dtype, leaves, results, scales, numbers, twice, rounded_beside_infinities: builder.special }
}

/// The sizes that the first data broadcast to: three small ones, or now and then one beside the length of a vector or of a tile.
fn sizes(structure: &mut Rng) -> Vec<usize> {
    const LONG: [usize; 10] = [7, 15, 16, 17, 31, 33, 63, 64, 65, 129];
    const TILES: [usize; 4] = [511, 512, 513, 1025];
    let small = |structure: &mut Rng| [0, 1, 2, 3, 3, 4, 5, 9][structure.below(8)];
    let mut sizes: Vec<usize> = (0..3).map(|_| small(structure)).collect();
    // The reference takes long for long ones, so they are rare.
    let long = match structure.below(64) {
        0 => TILES[structure.below(TILES.len())],
        1..=8 => LONG[structure.below(LONG.len())],
        _ => return sizes,
    };
    sizes.iter_mut().for_each(|size| *size = (*size).clamp(1, if long > 100 { 1 } else { 2 }));
    sizes[structure.below(3)] = long;
    sizes
}

pub(super) fn applied(kind: Unary, x: &Tensor) -> Tensor {
    match kind {
        Unary::Negate => -x,
        Unary::Reciprocal => x.reciprocal(),
        Unary::SquareRoot => x.sqrt(),
        Unary::Exp => x.exp(),
        Unary::ExpM1 => x.exp_m1(),
        Unary::Ln => x.ln(),
        Unary::Ln1p => x.ln_1p(),
        Unary::Sin => x.sin(),
        Unary::Cos => x.cos(),
        Unary::Sinh => x.sinh(),
        Unary::Asinh => x.asinh(),
        Unary::Atan => x.atan(),
        Unary::Tanh => x.tanh(),
        Unary::Sigmoid => x.sigmoid(),
        Unary::Softplus => x.softplus(),
        Unary::Erf => x.erf(),
        Unary::NormalCdf => x.normal_cdf(),
        Unary::LnGamma => x.lgamma(),
        Unary::Polygamma(order) => x.polygamma(order),
        Unary::Sign => x.sign(),
        Unary::Floor => x.floor(),
        Unary::Abs => x.abs(),
    }
}

impl<'a> Builder<'a> {
    /// A graph of the first data alone.
    pub(super) fn new(structure: u64, numbers: Numbers, data: u64, former: Option<&'a [i32]>) -> Builder<'a> {
        let (dtype, all_exact) = match numbers {
            Numbers::Of(dtype) | Numbers::OfKinds(dtype) => (dtype, false),
            Numbers::NotFinite(dtype) => (dtype, true),
        };
        let mut structure = Rng::seed(structure);
        let full = sizes(&mut structure);
        let largest = 1200.max(3 * full.iter().product::<usize>());
        let mut builder = Builder {
            structure,
            data: Rng::seed(data),
            dtype,
            full,
            leaves: Vec::new(),
            pool: Vec::new(),
            whole: Vec::new(),
            scales: Vec::new(),
            former,
            special: false,
            all_exact,
            of_kinds: matches!(numbers, Numbers::OfKinds(_)),
            mixed: false,
            largest,
        };
        for exact in [true, false, true] {
            let shape = builder.part_of_shape();
            builder.leaf(&shape, exact);
        }
        builder
    }

    /// Takes what a step made among what later steps may use.
    pub(super) fn keep(&mut self, made: Option<Entry>) {
        // Windows of windows and broadcasts of broadcasts may grow without end.
        let Some(Entry { tensor, exact }) = made.filter(|entry| entry.tensor.elements() <= MOST_ELEMENTS) else {
            return;
        };
        let many = tensor.elements() > self.largest;
        let tensor = if many { self.little(&tensor) } else { tensor };
        let tensor = self.scaled(&tensor);
        self.pool.push(Entry { tensor, exact: exact && !many });
    }

    pub(super) fn chance(&mut self, one_in: usize) -> bool {
        self.structure.below(one_in) == 0
    }

    /// A shape that broadcasts with the full one: leading axes missing, others of size 1.
    fn part_of_shape(&mut self) -> Vec<usize> {
        let missing = [0, 0, 0, 1, 2, 3][self.structure.below(6)];
        let full = self.full.clone();
        full[missing..].iter().map(|&size| if self.chance(4) { 1 } else { size }).collect()
    }

    /// New data for any step to use.
    pub(super) fn leaf(&mut self, shape: &[usize], exact: bool) -> Entry {
        let entry = Entry { tensor: self.data_of(self.dtype, shape, exact), exact };
        self.pool.push(entry.clone());
        entry
    }

    /// New data: quarters, with a few special values, or numbers that need rounding.
    pub(super) fn data_of(&mut self, dtype: DType, shape: &[usize], exact: bool) -> Tensor {
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
        let leaf = match dtype {
            DType::F32 => Tensor::from_vec(values.into_iter().map(|value| value as f32).collect::<Vec<f32>>(), shape),
            _ => Tensor::from_vec(values, shape),
        };
        self.leaves.push(leaf.clone());
        leaf
    }

    pub(super) fn leaves(&self) -> &[Tensor] {
        &self.leaves
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

    pub(super) fn axes(&mut self, x: &Tensor) -> Vec<usize> {
        (0..x.rank()).filter(|_| self.chance(2)).collect()
    }

    pub(super) fn index(&mut self, shape: &[usize], size: usize) -> Option<Tensor> {
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
        let argument = match kind {
            Unary::Reciprocal | Unary::SquareRoot | Unary::Ln | Unary::Ln1p | Unary::LnGamma | Unary::Polygamma(_) => {
                x.tanh() + 2.5
            }
            Unary::Exp | Unary::ExpM1 | Unary::Sinh => 0.25 * &x,
            _ => x,
        };
        let tensor = applied(kind, &argument);
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
                self.pool.push(Entry { tensor: rest.clone(), exact });
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
        Some(Entry { exact, tensor })
    }

    /// One number instead of too many.
    pub(super) fn little(&self, x: &Tensor) -> Tensor {
        if self.all_exact { x.sum() } else { x.mean() }
    }

    /// Whether the products of all pairs of rows are few enough for the reference.
    pub(super) fn squares(&self, x: &Tensor) -> bool {
        x.rank() > 1 && x.elements() * x.shape()[x.rank() - 2] <= 20 * self.largest
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
            4 if self.squares(&x) => x.matmul(&x.transpose()),
            _ => {
                let batch = if x.rank() > 2 { x.shape()[x.rank() - 3] } else { 2 };
                x.matmul(&self.leaf(&[batch, k, n], false).tensor)
            }
        };
        Some(Entry { tensor, exact: false })
    }

    pub(super) fn step(&mut self) -> Option<Entry> {
        if self.of_kinds && self.chance(2) {
            // The reference takes long for pairs.
            return Some(if self.chance(12) { self.pairs() } else { self.shifts() });
        }
        match self.structure.below(21) {
            0..=2 => Some(self.unary()),
            3..=5 => self.binary(),
            6 => Some(self.reduction()),
            7 | 8 => self.movement(),
            9 | 10 => self.picking(),
            11 => self.product(),
            12 => self.cumulative(),
            13 => {
                let Entry { tensor, exact } = self.exact();
                let through = [DType::F32, DType::F64, DType::I64, DType::Bool][self.structure.below(4)];
                Some(Entry { tensor: tensor.cast(through).cast(self.dtype), exact })
            }
            14 | 15 => self.picture(),
            16 => self.reshaped(),
            17 => self.reduced_decision(),
            18 => {
                if self.chance(2) {
                    self.whole_numbers()
                } else {
                    self.other_precision()
                }
            }
            19 => self.several_views(),
            _ => {
                let Entry { tensor, exact } = self.any();
                Some(Entry { tensor: tensor.detach(), exact })
            }
        }
    }
}
