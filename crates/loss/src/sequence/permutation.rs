//! Permutation-invariant training: outputs in any order.

use minimand_tensor::Tensor;

/// The most outputs whose orders are enumerated.
const MOST: usize = 8;

/// Least mean loss over all assignments of outputs to targets.
///
/// ```text
/// ℓ = min{π} Σᵢ losses(i, π(i)) / N
/// ```
///
/// # Shapes
/// `losses` are `[batch, sources, sources]`, entry `(b, i, j)` that of output i for target j; the loss is `[batch]`. Other shapes panic, and
/// more than 8 sources, whose orders are too many to enumerate. Any loss will do: expand outputs and targets against each other first.
///
/// # Gradient
/// That of the mean loss of the best assignment; equally good ones share it evenly. The others get none.
///
/// # Estimates
/// What the inner loss estimates, up to the **order of the outputs**. From the least to the greatest value of the inner loss.
///
/// # Stability
/// Every assignment is summed on its own; nothing is divided but by N. An infinite loss only excludes the assignments that use it.
///
/// # Example
/// ```
/// use minimand_loss::permutation_invariant;
/// use minimand_tensor::Tensor;
///
/// let losses = Tensor::from([[[5.0, 1.0], [2.0, 9.0]]]); // the first output resembles the second target
/// let loss = permutation_invariant(&losses);
/// assert_eq!(loss.to_string(), "[1.5]");
/// assert_eq!(loss.sum().grad(&losses).to_string(), "[[[0, 0.5],\n  [0.5, 0]]]");
/// ```
/// With a loss of signals, `estimates` and `targets` both `[batch, sources, time]`:
/// ```
/// use minimand_loss::{permutation_invariant, si_sdr};
/// use minimand_tensor::{Rng, Tensor};
///
/// let (estimates, targets) = (Tensor::normal([4, 2, 9], &mut Rng::seed(1)), Tensor::normal([4, 2, 9], &mut Rng::seed(2)));
/// let every = [4, 2, 2, 9];
/// let losses = si_sdr(&estimates.unsqueeze(2).expand(every), &targets.unsqueeze(1).expand(every), false);
/// assert_eq!(permutation_invariant(&losses).shape().to_string(), "[4]");
/// ```
///
/// # When to use
/// To separate speakers or instruments, and wherever a network names things of one kind in an order of its own. It misleads when the loss of
/// short pieces is minimised piece by piece: the order may change between pieces, so assign over whole utterances. For sets of many things,
/// as boxes, match with a solver instead.
///
/// # Reference
/// Kolbæk et al., *Multitalker Speech Separation with Utterance-level Permutation Invariant Training*, 2017, equation 5. torchmetrics'
/// `permutation_invariant_training` takes the metric as a function and the best, not the least, where greater is better.
///
/// # See also
/// [`si_sdr`](crate::si_sdr), the usual inner loss.
#[doc(alias = "permutation_invariant_training")]
#[doc(alias = "PIT")]
#[track_caller]
pub fn permutation_invariant(losses: &Tensor) -> Tensor {
    let &[batch, sources, targets] = losses.shape().sizes() else {
        panic!("permutation_invariant: losses {} must have three axes, [batch, sources, sources]", losses.shape());
    };
    assert!(sources == targets, "permutation_invariant: losses {} must be square in their last axes", losses.shape());
    assert!(
        (1..=MOST).contains(&sources),
        "permutation_invariant: losses {} must have 1 to {MOST} sources",
        losses.shape()
    );
    let orders = orders(sources);
    let cells = orders.iter().flat_map(|order| order.iter().enumerate().map(|(i, &j)| i * sources + j));
    let cells: Vec<usize> = cells.collect();
    let picked = losses.reshape([batch, sources * sources]).index_select(1, &cells);
    picked.reshape([batch, orders.len(), sources]).mean_axis(-1).min_axis(-1)
}

/// All orders of the numbers below `count`.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![vec![]];
    for last in 0..count {
        let extended = |order: &Vec<usize>| {
            let order = order.clone();
            (0..=last).map(move |at| {
                let mut longer = order.clone();
                longer.insert(at, last);
                longer
            })
        };
        orders = orders.iter().flat_map(extended).collect();
    }
    orders
}
