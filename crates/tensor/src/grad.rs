//! Reverse mode: from a scalar back to what it was made of. The rules are in [`crate::rules`]; this is the driver.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::rules;
use crate::tensor::Tensor;
use minimand_engine::{AxisList, Op, Scalar, Shape};

/// The gradients of the scalar `loss` with respect to `targets`, as tensors like any other.
///
/// A target may be any tensor, a leaf or not. One that does not influence the loss has gradient zero.
///
/// # Panics
/// When `loss` is not a floating-point tensor with one element, or a target is not floating point.
#[track_caller]
pub fn grad<'a>(loss: &Tensor, targets: impl IntoIterator<Item = &'a Tensor>) -> Vec<Tensor> {
    let targets: Vec<&Tensor> = targets.into_iter().collect();
    let mut gradients = grad_or_none(loss, targets.iter().copied());
    // No closure: zeros are credited to the caller's line.
    for (gradient, target) in gradients.iter_mut().zip(targets) {
        if gradient.is_none() {
            let zeros = target.zeros_like();
            loss.accompany(&zeros);
            *gradient = Some(zeros);
        }
    }
    gradients.into_iter().flatten().collect()
}

/// As [`grad()`], but `None` for a target that the loss is not made of, or only through a [`detach`](Tensor::detach), through integers or through
/// truth values.
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
    let mut gradients = Vec::with_capacity(targets.len());
    // No closure: zeros are credited to the caller's line.
    for target in targets {
        let gradient = match cotangents.complete(target) {
            _ if !on_path.contains(&target.id()) => None,
            Some(gradient) => Some(gradient),
            None => Some(target.zeros_like()),
        };
        gradient.iter().for_each(|gradient| loss.accompany(gradient));
        gradients.push(gradient);
    }
    gradients
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

formulas! {
    /// The gradient of this scalar with respect to `target`: a tensor like any other, which can be differentiated again.
    ///
    /// A target that does not influence the scalar has gradient zero. While the gradient is held, reading the scalar computes both in one pass.
    /// Panics when this tensor is not a floating-point scalar, or `target` is not floating point.
    #[doc(alias("backward", "autograd", "derivative"))]
    pub grad(loss, target: &Tensor) = grad(loss, [target]).remove(0); {
        /// let x = Tensor::from([1.0, 2.0, 3.0]);
        /// let slope = x.pow(3).sum().grad(&x);
        /// let curvature = slope.sum().grad(&x);
        /// assert_eq!(slope.to_string(), "[3, 12, 27]");
        /// assert_eq!(curvature.to_string(), "[6, 12, 18]");
    }
    /// The product of the Hessian of this scalar at `target` with `direction`, without forming the Hessian. Panics as [`Tensor::grad`] does, and
    /// when `direction` has another shape than `target`.
    pub hessian_vector_product(loss, target: &Tensor, direction: &Tensor) = {
        let (own, of) = (direction.shape(), target.shape());
        assert!(own == of, "hessian_vector_product: the direction {own} and the target {of} must have the same shape");
        (loss.grad(target) * direction.detach()).sum().grad(target)
    }; {
        /// let x = Tensor::from([1.0, 2.0]);
        /// let loss = x.pow(3).sum();
        /// assert_eq!(loss.hessian_vector_product(&x, &Tensor::from([1.0, 1.0])).to_string(), "[6, 12]");
    }
    /// All derivatives of the entries of this tensor with respect to those of `target`: the shape of this tensor followed by that of `target`.
    /// One backward pass per entry, so for small functions.
    pub jacobian(y, target: &Tensor) = {
        let shape: Shape = y.shape().iter().chain(target.shape().iter()).copied().collect();
        shape.check(target.dtype(), "jacobian");
        let flat = y.flatten();
        let mut rows: Vec<Tensor> = minimand_engine::vector(y.elements());
        for entry in 0..y.elements() {
            rows.push(flat.at(0, entry).grad(target));
        }
        if rows.is_empty() {
            return Tensor::filled(Scalar::Float(0.0), shape, target.dtype());
        }
        Tensor::stack(&rows, 0).reshape(shape)
    }; {
        /// let x = Tensor::from([1.0, 2.0]);
        /// assert_eq!((&x * &x).jacobian(&x).to_string(), "[[2, 0],\n [0, 4]]");
    }
    /// All second derivatives of this scalar with respect to the entries of `target`: the shape of `target` twice. For small functions.
    pub hessian(loss, target: &Tensor) = loss.grad(target).jacobian(target); {
        /// let x = Tensor::from([2.0, 3.0]);
        /// let product = x.at(0, 0) * x.at(0, 1);
        /// assert_eq!(product.hessian(&x).to_string(), "[[0, 1],\n [1, 0]]");
    }
    /// A cotangent of a broadcast shape, summed down to the shape of the operand that was broadcast.
    sum_to(g, shape: &Shape) = {
        if g.shape() == shape {
            return g.clone();
        }
        let added = g.rank() - shape.rank();
        let is_repeated = |axis: &usize| *axis < added || (shape[axis - added] == 1 && g.shape()[*axis] != 1);
        let axes: AxisList = (0..g.rank()).filter(is_repeated).collect();
        g.sum_keepdim(axes).reshape(shape)
    };
}
