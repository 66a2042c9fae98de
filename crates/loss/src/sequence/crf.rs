//! Conditional random field over a chain: one label per step, and what follows what.

use minimand_tensor::{DType, Tensor};

use super::recursion::{flags, positions, running};
use super::sequences::Sequences;

/// Negative log-likelihood of a sequence of labels under a linear-chain conditional random field.
///
/// ```text
/// ℓ = ln Σ_y exp s(y) − s(targets)
/// s(y) = start(y₁) + Σₜ emissions(t, yₜ) + Σₜ transitions(yₜ₋₁, yₜ) + end(y_T)
/// ```
///
/// # Shapes
/// `emissions` are `[batch, time, classes]`, `transitions` `[classes, classes]` from row to column, `start` and `end` `[classes]`; `targets`
/// hold one [sequence](Sequences) per example with room for `time` labels, whose length is the example's. The loss is `[batch]`. Other
/// shapes panic. Scores of -∞ forbid a transition.
///
/// # Gradient
/// Expected minus observed counts: by an emission `γ(t, k) − [yₜ = k]`, with the posterior γ of label k at step t; by a transition the
/// expected number of its uses minus the actual one, and so by `start` and `end`. Derived through the recursion. 0 beyond the length.
///
/// # Estimates
/// The **conditional distribution of label sequences**: the mean is its cross-entropy. From 0, when no other labelling counts, to ∞; only
/// differences of scores matter.
///
/// # Stability
/// The forward recursion is a log-sum-exp per step; -∞ stays -∞, with gradient 0. Targets that use a forbidden transition have loss ∞ and
/// gradient 0. An empty sequence has one labelling: loss 0, gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::{SequenceError, Sequences, linear_chain_crf};
/// use minimand_tensor::Tensor;
///
/// let emissions = Tensor::from([[[1.0, 0.0], [0.0, 0.0]]]);
/// let transitions = Tensor::from([[1.0, 0.0], [0.0, 1.0]]);
/// let none = Tensor::from([0.0, 0.0]);
/// let targets = Sequences::new([[0, 0]], 2)?;
/// let loss = linear_chain_crf(&emissions, &targets, &transitions, &none, &none);
/// assert_eq!(format!("{loss:.4}"), "[0.6265]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&emissions)), "[[[-0.269, 0.269],\n  [-0.393, 0.393]]]");
/// # Ok::<(), SequenceError>(())
/// ```
///
/// # When to use
/// For tagging where neighbours constrain each other: names, parts of speech, segments of a signal. With transitions of 0 it is
/// [`cross_entropy`](crate::cross_entropy) summed over the steps. It misleads on long sequences: the loss is a sum over steps, so batches of
/// different lengths weigh differently; and only neighbours are coupled, so constraints across a distance remain the network's work.
///
/// # Reference
/// Lafferty, McCallum, Pereira, *Conditional Random Fields*, ICML 2001; Lample et al., *Neural Architectures for Named Entity Recognition*,
/// 2016, equations 1 and 2. pytorch-crf's transitions go from row to column too; others transpose them.
///
/// # See also
/// [`ctc`](crate::ctc), where the labels have no times; [`cross_entropy`](crate::cross_entropy) for independent steps.
#[doc(alias = "CRF")]
#[track_caller]
pub fn linear_chain_crf(
    emissions: &Tensor,
    targets: &Sequences,
    transitions: &Tensor,
    start: &Tensor,
    end: &Tensor,
) -> Tensor {
    let (batch, time) = check(emissions, targets, transitions, start, end);
    let lengths = targets.lengths();
    if time == 0 {
        return emissions.sum_axis([1, 2]);
    }
    let mut alpha = start + emissions.at(1, 0);
    let active = running(&lengths, time);
    for t in 1..time {
        let next = (alpha.unsqueeze(-1) + transitions).logsumexp_axis(-2) + emissions.at(1, t);
        alpha = match &active {
            Some(active) => active.at(0, t).select(next, alpha),
            None => next,
        };
    }
    let all = (alpha + end).logsumexp_axis(-1);

    let index = targets.index();
    let used = running(&lengths, time)
        .map_or_else(|| Tensor::ones([batch, time]).cast(DType::Bool), |used| used.squeeze(-1).transpose());
    let emitted = emissions.take_along_axis(-1, index.unsqueeze(-1)).squeeze(-1);
    let (from, to) = (index.slice(1, ..time - 1), index.slice(1, 1..));
    let classes = start.elements();
    let passed = transitions.flatten().index_select(0, from * classes + to);
    let last = index.take_along_axis(1, positions(lengths.iter().map(|&length| length.saturating_sub(1))));
    let score = used.select(emitted, 0).sum_axis(-1)
        + used.slice(1, 1..).select(passed, 0).sum_axis(-1)
        + start.index_select(0, index.at(1, 0))
        + end.index_select(0, last.squeeze(-1));

    let empty = flags(lengths.iter().map(|&length| length == 0));
    let impossible = empty.logical_not() & (score.eq(f64::NEG_INFINITY) | all.eq(f64::NEG_INFINITY));
    let blocked = &empty | &impossible;
    let loss = blocked.select(0, all) - blocked.select(0, score);
    impossible.select(f64::INFINITY, loss)
}

#[track_caller]
fn check(
    emissions: &Tensor,
    targets: &Sequences,
    transitions: &Tensor,
    start: &Tensor,
    end: &Tensor,
) -> (usize, usize) {
    let &[batch, time, classes] = emissions.shape().sizes() else {
        panic!("linear_chain_crf: emissions {} must have three axes, [batch, time, classes]", emissions.shape());
    };
    assert!(
        targets.len() == batch && targets.longest() == time && targets.classes() == classes,
        "linear_chain_crf: emissions {} do not fit {} targets with room for {} labels of {} classes",
        emissions.shape(),
        targets.len(),
        targets.longest(),
        targets.classes()
    );
    assert!(
        *transitions.shape() == [classes, classes] && *start.shape() == [classes] && *end.shape() == [classes],
        "linear_chain_crf: with {classes} classes transitions {} must be [{classes}, {classes}], start {} and end {} [{classes}]",
        transitions.shape(),
        start.shape(),
        end.shape()
    );
    (batch, time)
}
