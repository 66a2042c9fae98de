//! Training data in small portions, in a new random order each epoch.

use minimand_tensor::{Rng, Tensor, eval};

use crate::checkpoint::{Checkpoint, CheckpointError};

/// Tensors whose rows belong together (first axis), cut into batches of rows: inputs, targets, class labels as i64, masks.
///
/// ```
/// use minimand_nn::Batches;
/// use minimand_tensor::{Rng, Tensor};
///
/// let x = Tensor::from([[1.0], [2.0], [3.0], [4.0], [5.0]]);
/// let y = Tensor::from([10.0, 20.0, 30.0, 40.0, 50.0]);
/// let batches = Batches::new([&x, &y], 2);
///
/// let mut rng = Rng::seed(7);
/// let mut seen = Vec::new();
/// for [x, y] in batches.shuffled(&mut rng) {
///     assert_eq!((&y - 10.0 * x.squeeze(-1)).to_vec::<f64>(), vec![0.0; y.elements()]); // rows stay together
///     seen.push(y.to_string());
/// }
/// assert_eq!(seen, ["[10, 40]", "[20, 30]", "[50]"]);
/// ```
///
/// What is no tensor, such as [`Labels`](https://docs.rs/minimand-loss) of a known number of classes, comes along with [`Epoch::with`]. In a step
/// that is traced, pass the numbers of the rows as one of the tensors (`Tensor::iota(rows)`), and select in the traced function.
#[doc(alias = "DataLoader")]
#[doc(alias = "TensorDataset")]
#[derive(Clone, Debug)]
pub struct Batches<const N: usize> {
    tensors: [Tensor; N],
    size: usize,
    drop_last: bool,
}

impl<const N: usize> Batches<N> {
    /// Batches of `size` rows; the last of an epoch may have fewer. The tensors are computed now, once, if they are not yet.
    ///
    /// # Panics
    /// When `size` is 0, there is no tensor, one is a scalar, or two have different numbers of rows.
    #[track_caller]
    pub fn new(tensors: [&Tensor; N], size: usize) -> Batches<N> {
        assert!(size > 0, "batches: a batch must have at least one row");
        assert!(N > 0, "batches: there is nothing to cut");
        for tensor in tensors {
            assert!(tensor.rank() > 0, "batches: a scalar has no rows");
            assert!(
                tensor.shape()[0] == tensors[0].shape()[0],
                "batches: {} and {} have different numbers of rows (axis 0)",
                tensors[0].shape(),
                tensor.shape()
            );
        }
        eval(tensors);
        Batches { tensors: tensors.map(Tensor::computed), size, drop_last: false }
    }

    /// Leaves out the last batch of an epoch if it has fewer rows than the others. Shuffled, these are other rows each time.
    #[must_use]
    pub fn drop_last(self) -> Batches<N> {
        Batches { drop_last: true, ..self }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.tensors[0].shape()[0]
    }

    /// Number of batches in an epoch of all rows.
    pub fn len(&self) -> usize {
        self.count(self.rows())
    }

    /// Whether an epoch has no batch.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of batches for so many rows.
    fn count(&self, rows: usize) -> usize {
        if self.drop_last { rows / self.size } else { rows.div_ceil(self.size) }
    }

    /// One epoch, its rows in an order that is drawn from `rng` now.
    #[doc(alias = "RandomSampler")]
    pub fn shuffled(&self, rng: &mut Rng) -> Epoch<'_, N> {
        let source = Source::Shuffled(crate::generator::stored(rng));
        self.epoch(rng.permutation(self.rows()), source)
    }

    /// One epoch, its rows in the order in which they are.
    #[doc(alias = "SequentialSampler")]
    pub fn in_order(&self) -> Epoch<'_, N> {
        self.epoch((0..self.rows()).collect(), Source::InOrder)
    }

    /// One epoch of these rows in this order: some of them, or some several times.
    ///
    /// ```
    /// # use minimand_nn::Batches;
    /// # use minimand_tensor::{Rng, Tensor};
    /// // Rows of a rare class as often as those of the common one: drawn with replacement, by weights.
    /// let rare = Tensor::from([false, false, false, true]);
    /// let weights = rare.select(3.0, 1.0);
    /// let rows = Tensor::categorical(&weights, 1000, &mut Rng::seed(7)).to_vec::<i64>();
    /// let batches = Batches::new([&rare], 10);
    /// let epoch = batches.of_rows(rows.into_iter().map(|row| row as usize).collect());
    /// assert_eq!(epoch.len(), 100);
    /// let share = epoch.map(|[rare]| rare.cast(minimand_tensor::DType::F32).mean().item()).sum::<f64>() / 100.0;
    /// assert!((share - 0.5).abs() < 0.05);
    /// ```
    ///
    /// # Panics
    /// When there is no such row.
    #[doc(alias = "WeightedRandomSampler")]
    #[doc(alias = "SubsetRandomSampler")]
    #[track_caller]
    pub fn of_rows(&self, rows: Vec<usize>) -> Epoch<'_, N> {
        let count = self.rows();
        if let Some(row) = rows.iter().find(|&&row| row >= count) {
            panic!("of_rows: row {row} of {count}");
        }
        self.epoch(rows, Source::Given)
    }

    fn epoch(&self, order: Vec<usize>, source: Source) -> Epoch<'_, N> {
        Epoch { batches: self, order, source, next: 0 }
    }

    /// The epoch that was [stored](Epoch::state): it goes on with the batch after the last that had been taken.
    ///
    /// # Errors
    /// When the checkpoint holds no epoch, or one of other batches: of another number of rows, or of another size.
    pub fn resume(&self, stored: &Checkpoint) -> Result<Epoch<'_, N>, CheckpointError> {
        let same = |name: &str, present: usize| match stored.count(name)? {
            count if count == present as u64 => Ok(()),
            count => Err(stored.unsuitable(name, count, &format!("{present}, as in these batches"))),
        };
        same("rows", self.rows())?;
        same("size", self.size)?;
        let mut epoch = if stored.tensors().contains_key("order") {
            let order = stored.integers("order", "i64 with 1 axis", |shape| shape.rank() == 1)?;
            let row = |row: i64| usize::try_from(row).ok().filter(|&row| row < self.rows());
            let rows: Option<Vec<usize>> = order.to_vec::<i64>().into_iter().map(row).collect();
            let expected = "a list of rows that there are";
            self.of_rows(rows.ok_or_else(|| stored.unsuitable("order", "a list of others", expected))?)
        } else if stored.tensors().contains_key("shuffle") {
            self.shuffled(&mut stored.rng("shuffle")?)
        } else {
            self.in_order()
        };
        let (taken, all) = (stored.count("taken")?, epoch.left());
        if taken > all as u64 {
            return Err(stored.unsuitable("taken", taken, &format!("at most {all}, the batches of the epoch")));
        }
        epoch.next = taken as usize;
        Ok(epoch)
    }

    fn select(&self, rows: &[usize]) -> [Tensor; N] {
        let rows = Tensor::from(rows.iter().map(|&row| row as i64).collect::<Vec<i64>>());
        let batch = self.tensors.each_ref().map(|tensor| tensor.index_select(0, &rows));
        eval(&batch);
        // Leaves: the batch holds its own rows, not the way to them.
        batch.map(|tensor| tensor.detach())
    }
}

/// One pass over the batches: gives arrays of tensors, leaves of the graph.
#[derive(Clone, Debug)]
pub struct Epoch<'a, const N: usize> {
    batches: &'a Batches<N>,
    order: Vec<usize>,
    source: Source,
    next: usize,
}

/// Where the order of an epoch comes from.
#[derive(Clone, Debug)]
enum Source {
    InOrder,
    /// Drawn from a generator in this state.
    Shuffled(Tensor),
    Given,
}

impl<'a, const N: usize> Epoch<'a, N> {
    /// Gives the numbers of the rows beside the tensors.
    ///
    /// ```
    /// # use minimand_nn::Batches;
    /// # use minimand_tensor::Tensor;
    /// let names = ["ann", "bob", "cy"];
    /// for (rows, [age]) in Batches::new([&Tensor::from([31.0, 27.0, 44.0])], 2).in_order().with_rows() {
    ///     println!("{age}: {:?}", rows.iter().map(|&row| names[row]).collect::<Vec<_>>());
    /// }
    /// ```
    pub fn with_rows(mut self) -> impl Iterator<Item = (Vec<usize>, [Tensor; N])> + use<'a, N> {
        std::iter::from_fn(move || self.next_with_rows())
    }

    /// Gives what a function selects for the rows beside the tensors: labels, names, pictures from files.
    ///
    /// ```
    /// use minimand_loss::{LabelError, Labels, cross_entropy};
    /// use minimand_nn::Batches;
    /// use minimand_tensor::{Rng, Tensor};
    ///
    /// let logits = Tensor::from([[2.0, 0.0], [0.0, 2.0], [2.0, 0.0]]);
    /// let labels = Labels::new([0, 1, 0], 2)?;
    /// for ([logits], labels) in Batches::new([&logits], 2).shuffled(&mut Rng::seed(7)).with(|rows| labels.select(rows)) {
    ///     assert_eq!(format!("{:.4}", cross_entropy(&logits, &labels).mean()), "0.1269");
    /// }
    /// # Ok::<(), LabelError>(())
    /// ```
    #[doc(alias = "collate_fn")]
    pub fn with<T, F: FnMut(&[usize]) -> T>(
        mut self,
        mut select: F,
    ) -> impl Iterator<Item = ([Tensor; N], T)> + use<'a, N, T, F> {
        std::iter::from_fn(move || {
            let (rows, batch) = self.next_with_rows()?;
            Some((batch, select(&rows)))
        })
    }

    /// The next batch with the numbers of its rows: for a loop that stores [where it is](Epoch::state).
    pub fn next_with_rows(&mut self) -> Option<(Vec<usize>, [Tensor; N])> {
        let rows = self.next_rows()?;
        let batch = self.batches.select(&rows);
        Some((rows, batch))
    }

    /// Where the epoch is, for a checkpoint: its order and how many batches have been taken. [`Batches::resume`] goes on from there. An order
    /// that was shuffled is stored as the state of the generator that it was drawn from.
    ///
    /// ```
    /// use minimand_nn::{Batches, Checkpoint};
    /// use minimand_tensor::{Rng, Tensor};
    ///
    /// let batches = Batches::new([&Tensor::iota(100)], 8);
    /// let mut epoch = batches.shuffled(&mut Rng::seed(7));
    /// epoch.next();
    /// let checkpoint = Checkpoint::new().with("epoch", epoch.state());
    ///
    /// let resumed = batches.resume(&checkpoint.scope("epoch"))?;
    /// let rows = |[rows]: [Tensor; 1]| rows.to_string();
    /// assert_eq!(resumed.map(rows).collect::<Vec<_>>(), epoch.map(rows).collect::<Vec<_>>());
    /// # Ok::<(), minimand_nn::CheckpointError>(())
    /// ```
    #[doc(alias = "StatefulDataLoader")]
    pub fn state(&self) -> Checkpoint {
        let count = |count: usize| Tensor::from(count as i64);
        let state = Checkpoint::from_iter([
            ("taken".to_owned(), count(self.next)),
            ("rows".to_owned(), count(self.batches.rows())),
            ("size".to_owned(), count(self.batches.size)),
        ]);
        match &self.source {
            Source::InOrder => state,
            Source::Shuffled(generator) => state.and("shuffle", generator.clone()),
            Source::Given => {
                state.and("order", Tensor::from(self.order.iter().map(|&row| row as i64).collect::<Vec<i64>>()))
            }
        }
    }

    fn left(&self) -> usize {
        self.batches.count(self.order.len()) - self.next
    }

    fn next_rows(&mut self) -> Option<Vec<usize>> {
        if self.left() == 0 {
            return None;
        }
        let start = self.next * self.batches.size;
        let end = (start + self.batches.size).min(self.order.len());
        self.next += 1;
        Some(self.order[start..end].to_vec())
    }
}

impl<const N: usize> Iterator for Epoch<'_, N> {
    type Item = [Tensor; N];

    fn next(&mut self) -> Option<[Tensor; N]> {
        let rows = self.next_rows()?;
        Some(self.batches.select(&rows))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left(), Some(self.left()))
    }
}

impl<const N: usize> ExactSizeIterator for Epoch<'_, N> {}
