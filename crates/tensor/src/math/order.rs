//! Sorting and the largest entries; the gradient goes to the entries that were picked.

use crate::tensor::Tensor;

impl Tensor {
    /// The entries of an axis in ascending order, and their former positions (i64). Equal entries keep their order; NaN comes last.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let (values, positions) = Tensor::from([3.0, 1.0, 2.0]).sort(0);
    /// assert_eq!(values.to_string(), "[1, 2, 3]");
    /// assert_eq!(positions.to_string(), "[1, 2, 0]");
    /// ```
    #[track_caller]
    pub fn sort(&self, axis: isize) -> (Tensor, Tensor) {
        self.sort_along(self.axis(axis, "sort"), false)
    }

    /// The entries of an axis in descending order, and their former positions (i64).
    #[track_caller]
    pub fn sort_descending(&self, axis: isize) -> (Tensor, Tensor) {
        self.sort_along(self.axis(axis, "sort_descending"), true)
    }

    #[track_caller]
    fn sort_along(&self, axis: usize, descending: bool) -> (Tensor, Tensor) {
        let positions = self.argsort_from(axis, descending);
        (self.gather_from(axis, &positions), positions)
    }

    /// The `k` greatest entries of an axis in descending order, and their positions (i64).
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let (values, positions) = Tensor::from([3.0, 1.0, 2.0]).top_k(0, 2);
    /// assert_eq!(values.to_string(), "[3, 2]");
    /// assert_eq!(positions.to_string(), "[0, 2]");
    /// ```
    ///
    /// # Panics
    /// When the axis has fewer than `k` entries.
    #[doc(alias = "topk")]
    #[track_caller]
    pub fn top_k(&self, axis: isize, k: usize) -> (Tensor, Tensor) {
        let resolved = self.axis(axis, "top_k");
        let size = self.shape()[resolved];
        assert!(k <= size, "top_k: axis {axis} of {} has {size} entries, fewer than {k}", self.shape());
        let positions = self.argsort_from(resolved, true).narrow(resolved, 0, k);
        (self.gather_from(resolved, &positions), positions)
    }
}
