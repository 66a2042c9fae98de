//! Graphs of many nodes: what is built, planned and kept grows with their number, not with its square. Counted, not timed.

use approx::{assert_abs_diff_eq, relative_eq};
use minimand_tensor::{PlanSummary, Tensor, eval, explain_plan, grad};

/// Lines of the graph of a tensor: its nodes.
fn nodes(tensor: &Tensor) -> usize {
    tensor.explain().lines().filter(|line| line.starts_with('%')).count()
}

/// Bytes written to memory. (What a look-up reads of a table is counted as all of it.)
fn bytes(plan: &PlanSummary) -> usize {
    plan.steps.iter().map(|step| step.bytes_written).sum()
}

/// What the gradient by `x` of the loss that `build` makes of it costs: nodes, steps, bytes written.
fn cost(rows: usize, build: &impl Fn(&Tensor) -> Tensor) -> [usize; 3] {
    let x = positions(rows);
    let slope = build(&x).grad(&x);
    let plan = explain_plan([&slope]);
    [nodes(&slope), plan.steps.len(), bytes(&plan)]
}

/// `[rows, 4]`, all entries different.
fn positions(rows: usize) -> Tensor {
    Tensor::from_vec((0..4 * rows).map(|entry| 0.01 * entry as f64 - 1.0).collect(), [rows, 4])
}

fn grows_linearly(name: &str, build: impl Fn(&Tensor) -> Tensor) {
    let (some, many) = (cost(256, &build), cost(1024, &build));
    for (what, (some, many)) in ["nodes", "steps", "bytes"].into_iter().zip(some.into_iter().zip(many)) {
        assert!(many <= 5 * some + 8, "{name}: {what} grow from {some} to {many} when there are 4 times as many parts");
    }
}

/// The gradient by parts is the gradient of the same function of the whole.
fn same_gradient(name: &str, x: &Tensor, by_parts: &Tensor, at_once: &Tensor) {
    let (found, expected) = (by_parts.grad(x), at_once.grad(x));
    eval([&found, &expected]);
    for (found, expected) in found.to_vec::<f64>().into_iter().zip(expected.to_vec::<f64>()) {
        let close = relative_eq!(found, expected, epsilon = 1e-12, max_relative = 1e-12);
        assert!(close, "{name}: {found} for {expected}");
    }
}

fn total(terms: impl IntoIterator<Item = Tensor>) -> Tensor {
    terms.into_iter().reduce(|sum, term| sum + term).expect("there is a term")
}

/// A function of each row's entries and its number, so that no two parts have equal cotangents.
fn term(part: &Tensor, number: usize) -> Tensor {
    (part * (1.0 + number as f64)).sin().sum()
}

#[test]
fn a_recurrence_along_an_axis() {
    grows_linearly("at", |x| {
        let step = |state: Tensor, row| (state + x.at(0, row)).tanh();
        (0..x.shape()[0]).fold(Tensor::zeros([4]).cast(x.dtype()), step).sum()
    });
}

#[test]
fn parts_of_every_kind() {
    grows_linearly("slice", |x| total((0..x.shape()[0]).map(|row| term(&x.slice(0, row..row + 1), row))));
    grows_linearly("flipped", |x| total((0..x.shape()[0]).map(|row| term(&x.flip(0).at(0, row), row))));
    grows_linearly("transposed", |x| total((0..x.shape()[0]).map(|row| term(&x.transpose().at(1, row), row))));
    grows_linearly("neighbours", |x| total((2..x.shape()[0]).map(|end| term(&x.slice(0, end - 2..end), end))));
    grows_linearly("entries", |x| {
        let entries = (0..x.elements()).map(|entry| term(&x.at(0, entry / 4).at(0, entry % 4), entry));
        total(entries)
    });
    grows_linearly("every n-th", |x| {
        let step = x.shape()[0] / 2;
        total((0..step).map(|first| term(&x.slice_step(0, first.., step), first)))
    });
    grows_linearly("index_select", |x| {
        let pair = |row: usize| x.index_select(0, [row, (row * 7) % x.shape()[0]]);
        total((0..x.shape()[0]).map(|row| term(&pair(row), row)))
    });
    grows_linearly("with another axis", |x| total((0..x.shape()[0]).map(|row| term(&x.unsqueeze(0).at(1, row), row))));
    grows_linearly("second order", |x| {
        let loss = total((0..x.shape()[0]).map(|row| term(&x.at(0, row), row)));
        (loss.grad(x) * x).sum()
    });
    grows_linearly("concatenated", |x| {
        let parts: Vec<Tensor> = (0..x.shape()[0]).map(|row| x.at(0, row) * (row as f64)).collect();
        Tensor::stack(&parts, 0).sin().sum()
    });
}

/// Loops that cut something off, and go on with the rest.
#[test]
fn parts_of_parts() {
    grows_linearly("the rest", |x| {
        let mut rest = x.clone();
        total((0..x.shape()[0]).map(|row| {
            let first = rest.at(0, 0);
            rest = rest.slice(0, 1..);
            term(&first, row)
        }))
    });
    grows_linearly("from the end", |x| {
        let mut rest = x.transpose();
        total((0..x.shape()[0]).map(|row| {
            let end = rest.shape()[1] - 1;
            let last = rest.slice(1, end..);
            rest = rest.slice(1, ..end);
            term(&last, row)
        }))
    });
}

/// The gradient by a rest is that by the whole, where the rest is; and rests of every kind are where they should be.
#[test]
fn gradients_of_parts_of_parts() {
    let x = positions(24);
    let rest = x.slice(0, 2..);
    let every = rest.slice_step(0, 1.., 3).slice(1, 1..3);
    let last = every.slice(0, 5..);
    let loss = term(&rest, 1) + term(&every, 2) + term(&last, 3) + term(&x, 4);
    // The same by masks of the whole.
    let mask = |holds: &dyn Fn(usize, usize) -> bool| {
        Tensor::from_vec((0..96).map(|entry| f64::from(holds(entry / 4, entry % 4))).collect(), [24, 4])
    };
    let masked = |mask: Tensor, number: usize| ((&x * (1.0 + number as f64)).sin() * mask).sum();
    let in_every = |row: usize, column: usize| row >= 3 && (row - 3).is_multiple_of(3) && (1..3).contains(&column);
    let at_once = masked(mask(&|row, _| row >= 2), 1)
        + masked(mask(&in_every), 2)
        + masked(mask(&|row, column| row >= 18 && in_every(row, column)), 3)
        + masked(mask(&|_, _| true), 4);
    same_gradient("the whole", &x, &loss, &at_once);
    let by_rest = loss.grad(&rest);
    let by_whole = (loss.grad(&x) - term(&x, 4).grad(&x)).slice(0, 2..);
    assert_abs_diff_eq!(by_rest.to_vec::<f64>()[..], by_whole.to_vec::<f64>()[..], epsilon = 1e-12);
    let both = grad(&loss, [&every, &x]);
    let expected = (term(&every, 2) + term(&last, 3)).grad(&every);
    assert_eq!(both[0].to_vec::<f64>(), expected.to_vec::<f64>());
    assert_eq!(both[1].to_vec::<f64>(), loss.grad(&x).to_vec::<f64>());
}

#[test]
fn gradients_by_parts_are_those_of_the_whole() {
    let x = positions(12);
    let weights = Tensor::from_vec((0..48).map(|entry| f64::from(entry).cos()).collect(), [12, 4]);
    let whole = (&x * &weights).sin();
    // What each way of cutting adds up, as a function of the whole.
    let part = |cut: &dyn Fn(&Tensor) -> Tensor| (cut(&x) * cut(&weights)).sin().sum();
    let rows = total((0..12).map(|row| part(&|t| t.at(0, row))));
    same_gradient("rows", &x, &rows, &whole.sum());
    let some = total([1, 4, 5, 9].map(|row| part(&|t| t.at(0, row))));
    let mask = Tensor::from_vec((0..12).map(|row| f64::from([1, 4, 5, 9].contains(&row))).collect(), [12, 1]);
    same_gradient("rows with gaps", &x, &some, &(&whole * mask).sum());
    let backwards = total((0..12).map(|row| part(&|t| t.flip(0).at(0, row))));
    same_gradient("flipped", &x, &backwards, &whole.sum());
    let columns = total((0..4).map(|column| part(&|t| t.transpose().at(0, column))));
    same_gradient("columns", &x, &columns, &whole.sum());
    let blocks = total((0..6).map(|block| {
        part(&|t| t.slice(0, block / 2 * 4..block / 2 * 4 + 4).slice(1, block % 2 * 2..block % 2 * 2 + 2))
    }));
    same_gradient("blocks", &x, &blocks, &whole.sum());
    for step in [2, 3, 5, 7] {
        let every = total((0..step).map(|first| part(&|t| t.slice_step(0, first.., step))));
        same_gradient("interleaved", &x, &every, &whole.sum());
        let skipped = total((1..step).map(|first| part(&|t| t.slice_step(0, first.., step))));
        let mask = Tensor::from_vec((0..12).map(|row| f64::from(row % step != 0)).collect(), [12, 1]);
        same_gradient("interleaved with gaps", &x, &skipped, &(&whole * mask).sum());
        let twice = total([part(&|t| t.slice_step(0, 1.., step).slice_step(0, 1.., 2)), part(&|t| t.slice(0, 3..4))]);
        let often = |row: usize| {
            f64::from(row >= 1 && (row - 1).is_multiple_of(step) && (row - 1) / step % 2 == 1) + f64::from(row == 3)
        };
        let mask = Tensor::from_vec((0..12).map(often).collect(), [12, 1]);
        same_gradient("every second of every n-th", &x, &twice, &(&whole * mask).sum());
    }
    let overlapping = total((0..10).map(|row| part(&|t| t.slice(0, row..row + 3))));
    let often = Tensor::from_vec((0..12).map(|row: i32| f64::from(row.min(11 - row).min(2) + 1)).collect(), [12, 1]);
    same_gradient("overlapping", &x, &overlapping, &(&whole * often).sum());
    let picked = total((0..12).map(|row| part(&|t| t.index_select(0, [row, row, 0]))));
    let often = Tensor::from_vec((0..12).map(|row| if row == 0 { 14.0 } else { 2.0 }).collect(), [12, 1]);
    same_gradient("looked up", &x, &picked, &(&whole * &often).sum());
    let beside = total((0..12).map(|row| part(&|t| t.index_select(0, [row, row, 0]))).chain([whole.sum()]));
    same_gradient("looked up beside the whole", &x, &beside, &(&whole * (often + 1.0)).sum());
    let used_whole = total([part(&|t| t.at(0, 3)), whole.sum(), part(&|t| t.at(0, 3)), part(&|t| t.at(0, 7))]);
    let often = Tensor::from_vec(
        (0..12).map(|row| f64::from(1 + 2 * i32::from(row == 3) + i32::from(row == 7))).collect(),
        [12, 1],
    );
    same_gradient("whole as well", &x, &used_whole, &(&whole * often).sum());
}

/// Parts of several rows from the middle of what was stepped, turned or reshaped, against looking their rows up.
#[test]
fn gradients_by_parts_of_moved_tensors() {
    let x = positions(24);
    let agree = |name: &str, parts: Vec<(Tensor, Vec<usize>)>| {
        let by_rows = |(number, (_, rows)): (usize, &(Tensor, Vec<usize>))| term(&x.index_select(0, &rows[..]), number);
        let by_rows = total(parts.iter().enumerate().map(by_rows));
        let by_parts = total(parts.iter().enumerate().map(|(number, (part, _))| term(part, number)));
        same_gradient(name, &x, &by_parts, &by_rows);
    };
    // Rows 23, 21, … 1, of which some; every third of every second, from the end.
    let odd = |x: &Tensor| x.slice_step(0, 1.., 2).flip(0);
    agree(
        "stepped and turned",
        vec![
            (odd(&x).slice(0, 2..5), vec![19, 17, 15]),
            (odd(&x).slice(0, 4..8), vec![15, 13, 11, 9]),
            (odd(&x).slice_step(0, 1.., 3), vec![21, 15, 9, 3]),
            (x.slice_step(0, 1.., 12).flip(0), vec![13, 1]),
            (x.flip(0).slice(0, 5..9), vec![18, 17, 16, 15]),
        ],
    );
    // Two rows side by side are one row of eight entries.
    let pairs = |x: &Tensor| x.reshape([12, 8]);
    agree(
        "reshaped",
        vec![
            (pairs(&x).slice(0, 2..5), (4..10).collect()),
            (pairs(&x).slice(0, 3..9), (6..18).collect()),
            (x.reshape([1, 24, 1, 4]).slice(1, 7..9), vec![7, 8]),
            (x.slice(0, 20..), (20..24).collect()),
        ],
    );
    // Contributions meet at a tensor of more axes: one that has another axis of size 1, and one whose axes are exchanged in number only.
    let (wider, halves) = (x.unsqueeze(0), x.reshape([12, 2, 4]));
    agree(
        "squeezed",
        vec![
            (wider.squeeze(0).slice(0, 2..5), vec![2, 3, 4]),
            (wider.squeeze(0).slice_step(0, 3.., 9), vec![3, 12, 21]),
            (wider.squeeze(0).slice_step(0, 7.., 10).flip(0), vec![17, 7]),
        ],
    );
    agree(
        "regrouped",
        vec![
            (halves.reshape([2, 12, 4]).slice(1, 3..5), vec![3, 4, 15, 16]),
            (halves.reshape([2, 12, 4]).slice(1, 4..7), vec![4, 5, 6, 16, 17, 18]),
            (halves.slice(0, 5..7), vec![10, 11, 12, 13]),
        ],
    );
}

/// The slope by rows is a concatenation; its own slope reads parts of that.
#[test]
fn second_derivatives_by_parts() {
    let x = positions(6);
    let loss = total((0..6).map(|row| x.at(0, row).pow(3).sum() * (row as f64)));
    let curvature = loss.grad(&x).sum().grad(&x).to_vec::<f64>();
    for (entry, (found, x)) in curvature.into_iter().zip(x.to_vec::<f64>()).enumerate() {
        let expected = 6.0 * x * (entry / 4) as f64;
        assert_abs_diff_eq!(found, expected, epsilon = 1e-12);
    }
}

#[test]
fn computed_is_a_leaf_with_a_name() {
    let raw = Tensor::from([1.0, 2.0, 3.0]);
    let centred = (&raw - raw.mean()).named("centred");
    let x = centred.computed();
    assert!(x.is_evaluated() && centred.is_evaluated());
    assert_eq!(x.name().as_deref(), Some("centred"));
    assert_eq!(nodes(&x), 1);
    assert_eq!(x.square().sum().grad(&raw).to_vec::<f64>(), [0.0; 3]);
    assert_eq!(x.square().sum().grad(&x).to_vec::<f64>(), [-2.0, 0.0, 2.0]);
}

/// More values than a pass numbers with 16 bits: what they read, what they write, and what they keep.
#[test]
fn more_than_a_pass_can_number() {
    const MANY: usize = 70_000;
    let x = Tensor::from([0.5, 0.25]);
    let leaves: Vec<Tensor> = (0..MANY).map(|number| Tensor::from([number as f64, -1.0])).collect();
    let results: Vec<Tensor> = leaves.iter().map(|leaf| leaf * &x).collect();
    eval(&results);
    for (number, result) in results.iter().enumerate() {
        assert_eq!(result.to_vec::<f64>(), [0.5 * number as f64, -0.25]);
    }
    let sum = total(leaves.iter().map(|leaf| (leaf * &x).sum()));
    let slope = sum.grad(&x);
    eval([&sum, &slope]);
    let numbers = (MANY * (MANY - 1) / 2) as f64;
    assert_eq!(slope.to_vec::<f64>(), [numbers, -(MANY as f64)]);
    assert_eq!(sum.item(), 0.5 * numbers - 0.25 * MANY as f64);
}
