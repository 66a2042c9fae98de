//! A softmax in two steps: the frequent classes and the clusters of the rare ones, then the classes of a cluster.

use minimand_tensor::Tensor;

use crate::labels::Labels;

/// A cluster of rare classes: their scores are `h P Oᵀ`, through a layer that is narrower than the hidden one.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// P, `[width, features]`: the weight of a linear layer without bias. `width` is `features / div_valueⁱ` for the i-th cluster,
    /// counted from 1; usual div_value: 4.
    pub projection: Tensor,
    /// O, `[classes of the cluster, width]`.
    pub output: Tensor,
}

/// Cross-entropy of a softmax over frequent classes and clusters, times a softmax over the classes of the label's cluster.
///
/// ```text
/// ℓ = −ln p_y if y < S else −ln p[S + c] − ln r_y
/// pⱼ = exp(head h)ⱼ / Σₖ exp(head h)ₖ
/// rₖ = exp(O P h)ₖ / Σₗ exp(O P h)ₗ over the classes of the cluster c of y
/// h = hidden
/// y = labels
/// ```
///
/// # Shapes
/// `hidden` h of shape `[…, D]`; `head` of shape `[S + number of clusters, D]`, whose first S rows score the frequent classes 0 to S −
/// 1 and whose last rows the clusters, with `head_bias` or none; `clusters` in the order of their classes, P of shape `[width,
/// D]` and O of shape `[size, width]`; `labels` y of shape `[…]` with `S + Σ size` classes. One loss per label. The cutoffs of other
/// libraries are S, S + size₁ and so on. Where a label is ignored the loss is 0; take the mean with [`Labels::mean`]. Panics when
/// the shapes do not fit.
///
/// # Gradient
/// That of the cross-entropies. A cluster without a label in the batch has gradient 0. No kinks.
///
/// # Estimates
/// The conditional probability of each class, as [`cross_entropy`](crate::cross_entropy): p for the frequent ones, `p[S + c] r` for
/// those of a cluster. From 0 to ∞.
///
/// # Stability
/// Both softmaxes as [`cross_entropy`](crate::cross_entropy); their logarithms are added. The labels are read once, where the graph
/// is built: only the examples of a cluster are multiplied with its matrices.
///
/// # Example
/// ```
/// use minimand_loss::{Cluster, LabelError, Labels, adaptive_softmax};
/// use minimand_tensor::Tensor;
///
/// let hidden = Tensor::from([[1.0, 0.0], [0.0, 1.0]]);
/// let head = Tensor::from([[1.0, 0.0], [0.0, 1.0]]); // class 0, and the cluster of classes 1 and 2
/// let cluster = Cluster { projection: Tensor::from([[1.0, 1.0]]), output: Tensor::from([[1.0], [-1.0]]) };
/// let labels = Labels::new([0, 2], 3)?;
/// let loss = adaptive_softmax(&hidden, &head, None, &[cluster], &labels);
/// assert_eq!(format!("{loss:.4}"), "[0.3133, 2.4402]"); // softplus(−1); softplus(−1) + softplus(2)
/// assert_eq!(format!("{:.4}", loss.sum().grad(&hidden)), "[[-0.2689, 0.2689],\n [2.0305, 1.4927]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For vocabularies of 10⁵ words and more whose frequencies are known: most steps touch the head only. It misleads where the
/// order of the classes is not that of their frequency, and for rare words, whose narrow layer costs accuracy.
///
/// # Reference
/// Grave et al. 2017, "Efficient softmax approximation for GPUs", section 4; the form is PyTorch's. Usual: two or three cutoffs,
/// div_value 4, no bias in the head.
///
/// # See also
/// [`cross_entropy`](crate::cross_entropy), [`linear_cross_entropy`](crate::linear_cross_entropy).
#[doc(alias = "AdaptiveLogSoftmaxWithLoss")]
#[track_caller]
pub fn adaptive_softmax(
    hidden: &Tensor,
    head: &Tensor,
    head_bias: Option<&Tensor>,
    clusters: &[Cluster],
    labels: &Labels,
) -> Tensor {
    let frequent = check(hidden, head, head_bias, clusters, labels);
    let (rows, width) = (labels.len(), hidden.shape()[hidden.rank() - 1]);
    let h = labels.without_ignored(hidden).reshape([rows, width]);
    let classes: Vec<i64> = labels.index().to_vec();
    let kept: Option<Vec<bool>> = labels.kept().map(Tensor::to_vec);
    let counts = |row: &usize| kept.as_ref().is_none_or(|kept| kept[*row]);

    // Which row of the head is right for each example, and which examples belong to each cluster.
    let mut in_head = classes.clone();
    let mut members: Vec<Vec<usize>> = vec![vec![]; clusters.len()];
    let mut ends = vec![frequent];
    ends.extend(clusters.iter().scan(frequent, |end, cluster| {
        *end += cluster.output.shape()[0];
        Some(*end)
    }));
    for (row, &class) in classes.iter().enumerate().filter(|(_, class)| **class >= frequent as i64) {
        let cluster = ends[1..].iter().position(|&end| class < end as i64).expect("the labels know the classes");
        in_head[row] = (frequent + cluster) as i64;
        if counts(&row) {
            members[cluster].push(row);
        }
    }
    let logits = h.matmul(&head.transpose());
    let logits = head_bias.map_or_else(|| logits.clone(), |b| &logits + b);
    let head_labels = Labels::new(in_head, logits.shape()[1]).expect("they are rows of the head");
    let mut loss = head_labels.surprisal(&logits);
    for ((cluster, rows_of), start) in clusters.iter().zip(&members).zip(&ends) {
        if rows_of.is_empty() {
            continue;
        }
        let inner: Vec<i64> = rows_of.iter().map(|&row| classes[row] - *start as i64).collect();
        let inner = Labels::new(inner, cluster.output.shape()[0]).expect("they are classes of the cluster");
        let index = Tensor::from(rows_of.iter().map(|&row| row as i64).collect::<Vec<i64>>());
        let scores =
            h.index_select(0, &index).matmul(&cluster.projection.transpose()).matmul(&cluster.output.transpose());
        loss += inner.surprisal(&scores).scatter_add(0, &index, rows);
    }
    labels.zero_if_ignored(loss.reshape(labels.shape()))
}

/// The number of frequent classes. Panics when the shapes do not fit.
#[track_caller]
fn check(hidden: &Tensor, head: &Tensor, head_bias: Option<&Tensor>, clusters: &[Cluster], labels: &Labels) -> usize {
    let (h, y, classes) = (hidden.shape(), labels.shape(), labels.classes());
    let width = h.last().copied().unwrap_or(0);
    let fits = h.split_last().is_some_and(|(_, rest)| *rest == **y);
    assert!(fits, "adaptive_softmax: hidden {h} and labels {y} do not fit: hidden must have one more axis");
    let rows = head.shape().first().copied().unwrap_or(0);
    let fits = *head.shape() == [rows, width] && rows >= clusters.len();
    assert!(fits, "adaptive_softmax: head {} must have the shape [frequent + clusters, {width}]", head.shape());
    if let Some(b) = head_bias {
        assert!(*b.shape() == [rows], "adaptive_softmax: head_bias {} must be [{rows}]", b.shape());
    }
    let mut found = rows - clusters.len();
    let frequent = found;
    for (number, Cluster { projection, output }) in clusters.iter().enumerate() {
        let inner = projection.shape().first().copied().unwrap_or(0);
        let fits = *projection.shape() == [inner, width] && output.rank() == 2 && output.shape()[1] == inner;
        assert!(
            fits,
            "adaptive_softmax: cluster {number} has the projection {} and the output {}, which do not fit {width} features",
            projection.shape(),
            output.shape()
        );
        found += output.shape()[0];
    }
    assert!(found == classes, "adaptive_softmax: the head and the clusters have {found} classes, the labels {classes}");
    frequent
}
