//! An index out of range is found whatever the graph around it was simplified to, and named with the user's line.

use std::panic::{AssertUnwindSafe, catch_unwind};

use minimand_tensor::{DType, Tensor, eval, grad};

use super::normal;

/// The line of a graph's index, and what is asked for.
type Asked = (u32, Vec<Tensor>);

/// What it does, how many entries the axis has, and the graph of an index of two entries.
type Graph = (&'static str, usize, fn(&Tensor) -> Asked);

const GRAPHS: &[Graph] = &[
    ("sum of placed entries, one for each row", 4, |index| {
        (line!(), vec![normal(&[2, 1], 1).scatter_add(1, index.reshape([2, 1]), 4).sum_axis(1)])
    }),
    ("the same, kept", 4, |index| {
        (line!(), vec![normal(&[2, 1], 1).scatter_add(1, index.reshape([2, 1]), 4).sum_keepdim(1)])
    }),
    ("sum of everything placed", 4, |index| {
        (line!(), vec![normal(&[2, 1], 1).scatter_add(1, index.reshape([2, 1]), 4).sum()])
    }),
    ("mean of everything placed", 5, |index| (line!(), vec![normal(&[2], 1).scatter_add(0, index, 5).mean()])),
    ("placed, negated and summed", 4, |index| {
        (line!(), vec![(-normal(&[2, 1], 1).scatter_add(1, index.reshape([2, 1]), 4)).sum_axis(1)])
    }),
    ("placed in one place", 1, |index| (line!(), vec![normal(&[2], 1).scatter_add(0, index, 1)])),
    ("placed in rows of one", 1, |index| {
        (line!(), vec![normal(&[2, 1], 1).scatter_add(1, index.reshape([2, 1]), 1).sum_axis(1)])
    }),
    ("a gradient by a bias for all", 3, |index| {
        let (x, bias) = (normal(&[2, 3], 1), Tensor::zeros([1]).cast(DType::F64));
        let (line, picked) = (line!(), (x + &bias).take_along_axis(1, index.reshape([2, 1])));
        (line, grad(&picked.sum(), [&bias]))
    }),
    ("a gradient by a bias for each column", 3, |index| {
        let (x, bias) = (normal(&[2, 3], 1), normal(&[3], 2));
        let (line, picked) = (line!(), (x + &bias).take_along_axis(1, index.reshape([2, 1])));
        (line, grad(&picked.sum(), [&bias]))
    }),
    ("a gradient by a bias for each row", 3, |index| {
        let (x, bias) = (normal(&[2, 3], 1), normal(&[2, 1], 2));
        let (line, picked) = (line!(), (x + &bias).take_along_axis(1, index.reshape([2, 1])));
        (line, grad(&picked.sum(), [&bias]))
    }),
    ("a gradient by a number", 3, |index| {
        let (x, scale) = (normal(&[2, 3], 1), Tensor::scalar(2.0));
        let (line, picked) = (line!(), (x * &scale).take_along_axis(1, index.reshape([2, 1])));
        (line, grad(&picked.square().sum(), [&scale]))
    }),
    ("a gradient by a shift that softmax does not see", 3, |index| {
        let (x, shift) = (normal(&[2, 3], 1), Tensor::scalar(2.0));
        let (line, picked) = (line!(), (x + &shift).log_softmax(1).take_along_axis(1, index.reshape([2, 1])));
        (line, grad(&picked.sum(), [&shift]))
    }),
    ("picked and multiplied by 0", 3, |index| {
        (line!(), vec![0.0 * normal(&[2, 3], 1).take_along_axis(1, index.reshape([2, 1]))])
    }),
    ("picked from what repeats one number", 3, |index| {
        (line!(), vec![Tensor::ones([2, 3]).take_along_axis(1, index.reshape([2, 1])) * 2.0])
    }),
    ("picked from rows of one entry", 1, |index| {
        (line!(), vec![normal(&[2, 1], 1).take_along_axis(1, index.reshape([2, 1]))])
    }),
    ("picked, and only one entry read", 3, |index| (line!(), vec![normal(&[3], 1).index_select(0, index).at(0, 0)])),
    ("picked, and nothing read", 3, |index| {
        (line!(), vec![normal(&[3], 1).index_select(0, index).slice(0, 0..0).sum()])
    }),
    ("picked twice", 3, |index| {
        let x = normal(&[3], 1);
        (line!(), vec![x.index_select(0, index), x.index_select(0, index).sum()])
    }),
    ("picked rows, summed", 3, |index| (line!(), vec![normal(&[3, 4], 1).index_select(0, index).sum()])),
    ("the gradient of picked rows, summed", 3, |index| {
        let table = normal(&[3, 4], 1);
        let (line, rows) = (line!(), table.index_select(0, index));
        (line, vec![rows.sum().grad(&table).sum(), rows.sum().grad(&table).sum_axis(0)])
    }),
    ("the second derivative of picked rows", 3, |index| {
        let table = normal(&[3, 4], 1);
        let (line, rows) = (line!(), table.index_select(0, index));
        (line, vec![rows.square().sum().grad(&table).sum().grad(&table)])
    }),
    ("chosen or not", 3, |index| {
        let x = normal(&[2, 3], 1);
        let (line, picked) = (line!(), x.take_along_axis(1, index.reshape([2, 1])));
        (line, vec![x.gt(100).select(picked, 0)])
    }),
    ("the greatest of one picked entry", 3, |index| {
        (line!(), vec![normal(&[2, 3], 1).take_along_axis(1, index.reshape([2, 1])).max_axis(1)])
    }),
    ("a loss of labels, and its gradient by everything", 3, |index| {
        let (x, w, b) = (normal(&[2, 4], 1), normal(&[4, 3], 2), normal(&[], 3));
        let logits = x.matmul(&w) + &b;
        let (line, loss) = (line!(), -logits.log_softmax(1).take_along_axis(1, index.reshape([2, 1])).mean());
        (line, grad(&loss, [&b, &w]))
    }),
    ("compared and counted", 3, |index| {
        (line!(), vec![normal(&[2, 3], 1).take_along_axis(1, index.reshape([2, 1])).gt(0).sum()])
    }),
    ("integers placed and summed", 4, |index| {
        (line!(), vec![Tensor::from([[1i64], [2]]).scatter_add(1, index.reshape([2, 1]), 4).sum_axis(1)])
    }),
];

#[test]
fn no_rewrite_drops_the_check_of_an_index() {
    for (name, size, graph) in GRAPHS {
        let size = *size as i64;
        for wrong in [size, -1, i64::MIN, i64::MAX, size + 7] {
            // Given, computed, and put together from a wrong and a right one.
            let forms = [
                Tensor::from([wrong, 0]),
                Tensor::from([0, wrong]),
                Tensor::from([wrong.wrapping_sub(1), -1]) + 1,
                Tensor::from([[0i64, wrong], [0, 0]]).at(0, 0).flip(0),
            ];
            for (form, index) in forms.iter().enumerate() {
                let (line, asked) = graph(index);
                let payload = catch_unwind(AssertUnwindSafe(|| eval(&asked)))
                    .expect_err(&format!("{name}: {wrong}, form {form}: {asked:?}"));
                let message = payload.downcast_ref::<String>().expect("a message");
                assert!(message.contains(&format!("indices.rs:{line}:")), "{name}: {message}");
                assert!(
                    message.contains(&format!("index {wrong} is out of range for an axis of {size}")),
                    "{name}: {message}"
                );
            }
        }
        // What is right is found to be.
        let (_, asked) = graph(&Tensor::from([size - 1, 0]));
        eval(&asked);
    }
}
