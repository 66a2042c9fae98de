//! Running products.

use crate::tensor::Tensor;

formulas! {
    /// Running product along an axis: entry `i` is the product of entries `0..=i`. By doubling (Hillis and Steele): as many multiplications one
    /// after the other as the length has binary digits. So no gradient divides, and all are right where entries are 0; on the other hand products
    /// of neighbours are formed that may overflow where a 0 comes before them, and 0 · ∞ is NaN.
    #[doc(alias = "cumprod")]
    pub cumulative_product(x, axis: isize) = {
        let axis = x.axis(axis, "cumulative_product");
        let length = x.shape()[axis];
        let mut product = x.as_number();
        let mut width = 1;
        // Entry i is the product of `width` entries up to i, or of all where there are fewer.
        while width < length {
            let complete = product.narrow(axis, 0, width);
            let rest = product.narrow(axis, width, length - width) * product.narrow(axis, 0, length - width);
            product = Tensor::concatenate([&complete, &rest], axis as isize);
            width *= 2;
        }
        product
    }; {
        /// let x = Tensor::from([2.0, 0.0, 3.0]);
        /// let products = x.cumulative_product(0);
        /// assert_eq!(products.to_string(), "[2, 0, 0]");
        /// assert_eq!(products.sum().grad(&x).to_string(), "[1, 8, 0]"); // by the 0: 2 + 2 · 3
    }
}
