//! Losses that hold their logits in pieces: linear cross-entropy and adaptive softmax.

use minimand_loss::*;
use minimand_tensor::{DType, Tensor, explain_plan, grad};

use crate::common::{assert_close, normal, values};

/// Hidden states, weight, bias.
fn layer(rows: usize, width: usize, classes: usize) -> [Tensor; 3] {
    let [h, w, b] =
        [(1, [rows, width]), (2, [classes, width]), (3, [1, classes])].map(|(seed, shape)| normal(seed, shape));
    [h, w, b.reshape([classes]).computed().detach()]
}

#[test]
fn linear_cross_entropy_is_the_cross_entropy_of_the_logits_for_every_chunk() {
    let [h, w, b] = layer(7, 3, 5);
    let labels = Labels::with_ignored([0, 4, 2, -1, 1, 3, 0], 5, -1).unwrap();
    let class_weights = Some(Tensor::from([0.5, 1.0, 2.0, 1.5, 0.1]));
    let options = CrossEntropyOptions { class_weights: class_weights.clone(), label_smoothing: 0.1 };
    let whole = cross_entropy_with(&(h.matmul(&w.transpose()) + &b), &labels, options);
    for chunk in [1, 2, 3, 7, 100] {
        let options = LinearCrossEntropyOptions { chunk, class_weights: class_weights.clone(), label_smoothing: 0.1 };
        let loss = linear_cross_entropy(&h, &w, Some(&b), &labels, options);
        assert_close("loss", &values(&loss), &values(&whole));
        let by = [&h, &w, &b];
        for (found, expected) in grad(&loss.sum(), by).iter().zip(grad(&whole.sum(), by)) {
            assert_close("gradient", &values(found), &values(&expected));
        }
    }
    let leading = linear_cross_entropy(&h.unsqueeze(0), &w, Some(&b), &labels.reshape([1, 7]), Default::default());
    assert_eq!(leading.shape().to_string(), "[1, 7]");
    let nothing = Labels::new([0i64; 0], 5).unwrap();
    let empty = linear_cross_entropy(&Tensor::zeros([0, 3]), &w.cast(DType::F32), None, &nothing, Default::default());
    assert_eq!(empty.shape().to_string(), "[0]");
}

/// With all logits in memory the peak would be 8 MB and more. 32 chunks of them are 260 kB each, and so is the gradient of the weight for
/// every four chunks.
#[test]
fn linear_cross_entropy_never_holds_all_logits() {
    let (rows, classes) = (1024, 2048);
    let whole = rows * classes * 4;
    let [h, w, b] = layer(rows, 8, classes).map(|x| x.cast(DType::F32).computed().detach());
    let numbers: Vec<i64> = (0..rows as i64).map(|row| row * 7 % classes as i64).collect();
    let labels = Labels::new(numbers, classes).unwrap();
    let options = LinearCrossEntropyOptions { chunk: 32, ..Default::default() };
    let losses = linear_cross_entropy(&h, &w, Some(&b), &labels, options);
    for loss in [losses.sum(), labels.mean(&losses, None)] {
        let peak = explain_plan([&loss]).peak_bytes;
        assert!(peak < whole / 16, "value: {peak} bytes");
        let gradients = grad(&loss, [&h, &w, &b]);
        for wanted in
            [gradients.iter().chain([&loss]).collect::<Vec<_>>(), [&loss].into_iter().chain(&gradients).collect()]
        {
            let peak = explain_plan(wanted).peak_bytes;
            assert!(peak < whole * 2 / 5, "gradients: {peak} bytes");
        }
    }
}

fn clusters() -> [Cluster; 2] {
    let cluster =
        |seed, width, size| Cluster { projection: normal(seed, [width, 4]), output: normal(seed + 1, [size, width]) };
    [cluster(10, 2, 3), cluster(12, 1, 2)]
}

/// `exp(−ℓ)` over all classes sums to 1, and frequent classes and those of clusters have the probabilities of the two softmaxes.
#[test]
fn adaptive_softmax_is_a_distribution() {
    let (h, head, clusters) = (normal(20, [1, 4]), normal(21, [4, 4]), clusters());
    let every = Labels::new([0, 1, 2, 3, 4, 5, 6], 7).unwrap();
    let hidden = h.expand([7, 4]);
    let p = (-adaptive_softmax(&hidden, &head, None, &clusters, &every)).exp();
    assert_close("sum", &[p.sum().item()], &[1.0]);
    let in_head = h.matmul(&head.transpose()).softmax(-1).reshape([4]);
    let inner = |cluster: &Cluster| {
        h.matmul(&cluster.projection.transpose()).matmul(&cluster.output.transpose()).softmax(-1).flatten()
    };
    let parts = [
        in_head.slice(0, 0..2),
        in_head.slice(0, 2..3) * inner(&clusters[0]),
        in_head.slice(0, 3..4) * inner(&clusters[1]),
    ];
    assert_close("parts", &values(&p), &values(&Tensor::concatenate(&parts, 0)));
}

#[test]
fn an_empty_cluster_and_ignored_labels_have_no_gradient() {
    let (h, head, clusters) = (normal(30, [3, 4]), normal(31, [4, 4]), clusters());
    let labels = Labels::with_ignored([0, 3, -1], 7, -1).unwrap();
    let loss = adaptive_softmax(&h, &head, None, &clusters, &labels);
    assert_eq!(values(&loss)[2], 0.0);
    let by = [&clusters[1].projection, &clusters[1].output, &h, &clusters[0].output];
    let gradients: Vec<Vec<f64>> = grad(&loss.sum(), by).iter().map(values).collect();
    assert!(gradients[0].iter().chain(&gradients[1]).chain(&gradients[2][8..]).all(|slope| *slope == 0.0));
    assert!(gradients[3].iter().all(|slope| *slope != 0.0));
    let hidden = h.unsqueeze(0);
    let more = adaptive_softmax(&hidden, &head, None, &clusters, &labels.reshape([1, 3]));
    assert_eq!(more.shape().to_string(), "[1, 3]");
}

#[test]
#[should_panic(expected = "adaptive_softmax: the head and the clusters have 7 classes, the labels 8")]
fn classes_that_nobody_scores() {
    let labels = Labels::new([0], 8).unwrap();
    adaptive_softmax(&normal(1, [1, 4]), &normal(2, [4, 4]), None, &clusters(), &labels);
}
