//! Reverse mode: from a scalar back to what it was made of. The rules are in [`crate::rules`]; this is the driver.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::rules;
use crate::tensor::Tensor;
use minimand_engine::{Op, Scalar, Shape};

/// The gradients of the scalar `loss` with respect to `targets`, as tensors like any other.
///
/// A target may be any tensor, a leaf or not. One that does not influence the loss has gradient zero.
///
/// # Panics
/// When `loss` is not a floating-point tensor with one element, or a target is not floating point.
#[track_caller]
pub fn grad<'a>(loss: &Tensor, targets: impl IntoIterator<Item = &'a Tensor>) -> Vec<Tensor> {
    let targets: Vec<&Tensor> = targets.into_iter().collect();
    let mut gradients: Vec<Tensor> = Vec::with_capacity(targets.len());
    // No closure: zeros are credited to the caller's line.
    for (gradient, target) in grad_or_none(loss, targets.iter().copied()).into_iter().zip(targets) {
        gradients.push(match gradient {
            Some(gradient) => gradient,
            None => {
                let zeros = target.zeros_like();
                loss.accompany(&zeros);
                zeros
            }
        });
    }
    gradients
}

/// As [`grad()`], but `None` for a target that the loss is not made of, or only through a [`detach`](Tensor::detach), through integers or
/// through truth values.
///
/// ```
/// use minimand_tensor::{Tensor, grad_or_none};
/// let (x, y) = (Tensor::from([1.0, 2.0]), Tensor::from(3.0));
/// let gradients = grad_or_none(&(x.square() + y.detach()).sum(), [&x, &y]);
/// assert_eq!(gradients[0].as_ref().unwrap().to_string(), "[2, 4]");
/// assert!(gradients[1].is_none());
/// ```
///
/// # Panics
/// As [`grad()`].
#[doc(alias = "allow_unused")]
#[track_caller]
pub fn grad_or_none<'a>(loss: &Tensor, targets: impl IntoIterator<Item = &'a Tensor>) -> Vec<Option<Tensor>> {
    let targets: Vec<&Tensor> = targets.into_iter().collect();
    assert!(
        loss.elements() == 1,
        "grad: only a scalar has a gradient, and this is {}: reduce it with .mean() or .sum() first",
        loss.shape()
    );
    assert!(loss.dtype().is_float(), "grad: a tensor of {} has no gradient", loss.dtype());
    for target in &targets {
        assert!(target.dtype().is_float(), "grad: with respect to a tensor of {} there is no gradient", target.dtype());
    }

    let path = nodes_between(loss, &targets);
    let on_path: FxHashSet<u64> = path.iter().map(Tensor::id).collect();
    let mut cotangents = Cotangents::default();
    cotangents.add(loss, Tensor::constant(Scalar::Float(1.0), loss.dtype()).expand(loss.shape()));
    // From the loss backwards: every consumer of a node has a larger number, so its cotangent is complete when it is reached.
    for node in path.iter().rev() {
        let Some(cotangent) = cotangents.complete(node) else { continue };
        node.derive(|| {
            let contributions = rules::cotangents(node, &cotangent, |input| on_path.contains(&input.id()));
            for (input, contribution) in contributions {
                cotangents.add(input, contribution.sum_to(input.shape()));
            }
        });
    }
    let gradient = |target: &Tensor| {
        if !on_path.contains(&target.id()) {
            return None;
        }
        let gradient = cotangents.complete(target).unwrap_or_else(|| target.zeros_like());
        loss.accompany(&gradient);
        Some(gradient)
    };
    targets.into_iter().map(gradient).collect()
}

/// The cotangents of the nodes of a graph, by the nodes' numbers, while they come in.
#[derive(Default)]
struct Cotangents(FxHashMap<u64, Vec<Tensor>>);

impl Cotangents {
    /// Adds a contribution to the cotangent of `node`.
    fn add(&mut self, node: &Tensor, contribution: Tensor) {
        self.0.entry(node.id()).or_default().push(contribution);
    }

    /// The cotangent of `node`, to which nothing is added any more; `None` where it is zero.
    fn complete(&mut self, node: &Tensor) -> Option<Tensor> {
        let contributions = self.0.get_mut(&node.id())?;
        if contributions.len() > 1 {
            // Credited to the line that the last comes from.
            let (last, all) = (contributions[contributions.len() - 1].clone(), std::mem::take(contributions));
            let sum = || Tensor::node(Op::Accumulate, all, node.shape().clone(), node.dtype());
            contributions.push(last.derive(sum));
        }
        contributions.first().cloned()
    }
}

/// The nodes that `loss` is made of and that are made of a target (or are one), inputs first.
fn nodes_between(loss: &Tensor, targets: &[&Tensor]) -> Vec<Tensor> {
    let oldest = targets.iter().map(|target| target.id()).min().unwrap_or(u64::MAX);
    let mut reached: Vec<Tensor> = Vec::new();
    let mut seen: FxHashSet<u64> = FxHashSet::default();
    let mut pending = vec![loss];
    while let Some(node) = pending.pop() {
        // Nothing older than the oldest target can be made of one; no gradient flows through integers.
        if node.id() >= oldest && node.dtype().is_float() && seen.insert(node.id()) {
            reached.push(node.clone());
            if node.0.op != Op::Detach {
                pending.extend(&node.0.inputs);
            }
        }
    }
    reached.sort_unstable_by_key(Tensor::id);
    let mut made_of_target: FxHashSet<u64> = targets.iter().map(|target| target.id()).collect();
    reached.retain(|node| {
        let influenced = made_of_target.contains(&node.id())
            || node.0.op != Op::Detach && node.0.inputs.iter().any(|input| made_of_target.contains(&input.id()));
        if influenced {
            made_of_target.insert(node.id());
        }
        influenced
    });
    reached
}

/// `(loss, gradients)`, computed together in one evaluation.
///
/// ```
/// use minimand_tensor::{Tensor, value_and_grad};
/// let x = Tensor::from([1.0, 2.0]);
/// let (value, gradients) = value_and_grad(&x.square().sum(), [&x]);
/// assert_eq!(value, 5.0);
/// assert_eq!(gradients[0].to_string(), "[2, 4]");
/// ```
///
/// # Panics
/// As [`grad()`].
#[track_caller]
pub fn value_and_grad<'a>(loss: &Tensor, targets: impl IntoIterator<Item = &'a Tensor>) -> (f64, Vec<Tensor>) {
    let gradients = grad(loss, targets);
    crate::eval(gradients.iter().chain([loss]));
    (loss.item(), gradients)
}

impl Tensor {
    /// The gradient of this scalar with respect to `target`: a tensor like any other, which can be differentiated again.
    ///
    /// A target that does not influence the scalar has gradient zero. While the gradient is held, reading the scalar computes both in one
    /// pass.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let x = Tensor::from([1.0, 2.0, 3.0]);
    /// let slope = x.pow(3).sum().grad(&x);
    /// let curvature = slope.sum().grad(&x);
    /// assert_eq!(slope.to_string(), "[3, 12, 27]");
    /// assert_eq!(curvature.to_string(), "[6, 12, 18]");
    /// ```
    ///
    /// # Panics
    /// When this tensor is not a floating-point scalar, or `target` is not floating point.
    #[doc(alias = "backward")]
    #[doc(alias = "autograd")]
    #[doc(alias = "derivative")]
    #[track_caller]
    pub fn grad(&self, target: &Tensor) -> Tensor {
        grad(self, [target]).remove(0)
    }

    /// The product of the Hessian of this scalar at `target` with `direction`, without forming the Hessian.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let x = Tensor::from([1.0, 2.0]);
    /// let loss = x.pow(3).sum();
    /// assert_eq!(loss.hessian_vector_product(&x, &Tensor::from([1.0, 1.0])).to_string(), "[6, 12]");
    /// ```
    ///
    /// # Panics
    /// As [`Tensor::grad`]; when `direction` has another shape than `target`.
    #[track_caller]
    pub fn hessian_vector_product(&self, target: &Tensor, direction: &Tensor) -> Tensor {
        let (own, of) = (direction.shape(), target.shape());
        assert!(own == of, "hessian_vector_product: the direction {own} and the target {of} must have the same shape");
        (self.grad(target) * direction.detach()).sum().grad(target)
    }

    /// All derivatives of the entries of this tensor with respect to those of `target`: the shape of this tensor followed by that of `target`. One
    /// backward pass per entry, so for small functions.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let x = Tensor::from([1.0, 2.0]);
    /// assert_eq!((&x * &x).jacobian(&x).to_string(), "[[2, 0],\n [0, 4]]");
    /// ```
    #[track_caller]
    pub fn jacobian(&self, target: &Tensor) -> Tensor {
        let shape: Shape = self.shape().iter().chain(target.shape().iter()).copied().collect();
        shape.check(target.dtype(), "jacobian");
        let flat = self.flatten();
        let mut rows: Vec<Tensor> = minimand_engine::vector(self.elements());
        for entry in 0..self.elements() {
            rows.push(flat.at(0, entry).grad(target));
        }
        if rows.is_empty() {
            return Tensor::filled(Scalar::Float(0.0), shape, target.dtype());
        }
        Tensor::stack(&rows, 0).reshape(shape)
    }

    /// All second derivatives of this scalar with respect to the entries of `target`: the shape of `target` twice. For small functions.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let x = Tensor::from([2.0, 3.0]);
    /// let product = x.at(0, 0) * x.at(0, 1);
    /// assert_eq!(product.hessian(&x).to_string(), "[[0, 1],\n [1, 0]]");
    /// ```
    #[track_caller]
    pub fn hessian(&self, target: &Tensor) -> Tensor {
        self.grad(target).jacobian(target)
    }

    /// Sums a cotangent of a broadcast shape down to the shape of the operand that was broadcast.
    fn sum_to(&self, shape: &Shape) -> Tensor {
        if self.shape() == shape {
            return self.clone();
        }
        let added = self.rank() - shape.rank();
        let axes: Vec<usize> = (0..self.rank())
            .filter(|&axis| axis < added || (shape[axis - added] == 1 && self.shape()[axis] != 1))
            .collect();
        self.sum_keepdim(axes.as_slice()).reshape(shape)
    }
}
