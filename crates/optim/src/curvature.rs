//! Second derivatives along directions: products with the Hessian, which is never formed.

use minimand_tensor::{Tensor, grad};

/// `H v` for several tensors at once: the Hessian of `loss` with respect to all targets together, times the direction whose parts these are.
/// Each product has the shape of its target.
///
/// `∂/∂θ ⟨∂loss/∂θ, v⟩` (Pearlmutter 1994, in the form of a gradient of a gradient): about twice the work of a gradient, however many entries there
/// are. For conjugate gradients, Newton steps, influence functions, the greatest curvature. With respect to one tensor it is
/// [`Tensor::hessian_vector_product`].
///
/// ```
/// use minimand_optim::hessian_vector_product;
/// use minimand_tensor::Tensor;
///
/// // x² y has the second derivatives 2y, 2x and 0.
/// let (x, y) = (Tensor::from(3.0), Tensor::from(5.0));
/// let loss = x.square() * &y;
/// let products = hessian_vector_product(&loss, &[x, y], &[Tensor::from(1.0), Tensor::from(-2.0)]);
/// assert_eq!((products[0].item(), products[1].item()), (10.0 - 12.0, 6.0));
/// ```
///
/// # Panics
/// When there are not as many directions as targets, or one has another shape than its target; as [`grad()`] does.
#[doc(alias = "hvp")]
#[doc(alias = "vhp")]
#[track_caller]
pub fn hessian_vector_product(loss: &Tensor, targets: &[Tensor], directions: &[Tensor]) -> Vec<Tensor> {
    let (of, along) = (targets.len(), directions.len());
    assert!(of == along, "hessian_vector_product: {along} directions for {of} targets");
    for (target, direction) in targets.iter().zip(directions) {
        let (of, along) = (target.shape(), direction.shape());
        assert!(
            of == along,
            "hessian_vector_product: the direction {along} and the target {of} must have the same shape"
        );
    }
    let slopes = grad(loss, targets);
    let products = slopes.iter().zip(directions).map(|(slope, direction)| (slope * direction.detach()).sum());
    match products.reduce(|sum, product| sum + product) {
        Some(slope) => grad(&slope, targets),
        None => Vec::new(),
    }
}
