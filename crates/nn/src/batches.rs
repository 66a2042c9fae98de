//! Training data in small portions, in a new random order each epoch.

use minimand_tensor::{Rng, Tensor, eval};

/// Tensors whose rows belong together (first axis), cut into batches of rows.
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

    /// Number of batches in an epoch.
    pub fn len(&self) -> usize {
        if self.drop_last { self.rows() / self.size } else { self.rows().div_ceil(self.size) }
    }

    /// Whether an epoch has no batch.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One epoch, its rows in an order that is drawn from `rng` now.
    pub fn shuffled(&self, rng: &mut Rng) -> Epoch<'_, N> {
        Epoch { batches: self, order: rng.permutation(self.rows()), next: 0 }
    }

    /// One epoch, its rows in the order in which they are.
    pub fn in_order(&self) -> Epoch<'_, N> {
        Epoch { batches: self, order: (0..self.rows()).collect(), next: 0 }
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
#[derive(Debug)]
pub struct Epoch<'a, const N: usize> {
    batches: &'a Batches<N>,
    order: Vec<usize>,
    next: usize,
}

impl<'a, const N: usize> Epoch<'a, N> {
    /// Gives the numbers of the rows beside the tensors, for what is no tensor: labels, names.
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
        std::iter::from_fn(move || {
            let rows = self.next_rows()?;
            let batch = self.batches.select(&rows);
            Some((rows, batch))
        })
    }

    fn next_rows(&mut self) -> Option<Vec<usize>> {
        if self.next == self.batches.len() {
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
        let left = self.batches.len() - self.next;
        (left, Some(left))
    }
}

impl<const N: usize> ExactSizeIterator for Epoch<'_, N> {}
