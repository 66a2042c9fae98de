//! Products with matrices of windows, which are gathered block by block and never stored as a whole: against the reference evaluator, with
//! first and second derivatives.

use approx::abs_diff_eq;
use minimand_tensor::{DType, Rng, StepKind, Tensor, eval, explain_plan, grad, reference};

/// A convolution as a product with a matrix of windows, as a user would write it.
#[derive(Clone, Copy, Debug)]
struct Convolution {
    picture: [usize; 4],
    outputs: usize,
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    dilation: [usize; 2],
    groups: usize,
    /// Whether each window is a row, and the kernel the right operand.
    windows_first: bool,
}

impl Convolution {
    fn new(picture: [usize; 4], outputs: usize, kernel: [usize; 2]) -> Convolution {
        let [stride, padding, dilation] = [[1, 1], [0, 0], [1, 1]];
        Convolution { picture, outputs, kernel, stride, padding, dilation, groups: 1, windows_first: false }
    }

    fn apply(&self, x: &Tensor, weight: &Tensor) -> Tensor {
        let [n, channels, ..] = self.picture;
        let ([kh, kw], [down, across]) = (self.kernel, self.padding);
        let padded = x.pad(2, down, down).pad(3, across, across);
        let windows = padded.windows(2, kh, self.stride[0], self.dilation[0]);
        let windows = windows.windows(3, kw, self.stride[1], self.dilation[1]);
        let (rows, columns) = (windows.shape()[2], windows.shape()[3]);
        let (groups, entries) = (self.groups, channels / self.groups * kh * kw);
        let outputs = self.outputs / groups;
        let product = if self.windows_first {
            let by_place = windows.permute([0, 2, 3, 1, 4, 5]).reshape([n, rows * columns, entries]);
            by_place.matmul(&weight.reshape([self.outputs, entries]).transpose()).transpose()
        } else if groups == 1 {
            let by_entry = windows.permute([0, 1, 4, 5, 2, 3]).reshape([n, entries, rows * columns]);
            weight.reshape([self.outputs, entries]).matmul(&by_entry)
        } else {
            let by_entry = windows.permute([0, 1, 4, 5, 2, 3]).reshape([n, groups, entries, rows * columns]);
            weight.reshape([groups, outputs, entries]).matmul(&by_entry)
        };
        product.reshape([n, self.outputs, rows, columns])
    }

    fn operands(&self, dtype: DType) -> [Tensor; 2] {
        let mut rng = Rng::seed(3);
        let [kh, kw] = self.kernel;
        let weight = [self.outputs, self.picture[1] / self.groups, kh, kw];
        [self.picture, weight].map(|shape| Tensor::normal(shape, &mut rng).cast(dtype))
    }

    /// The result, its gradients, and gradients of those.
    fn results(&self, dtype: DType) -> Vec<Tensor> {
        let operands = self.operands(dtype);
        let y = self.apply(&operands[0], &operands[1]);
        let loss = (&y * y.sin()).sum();
        let slopes = grad(&loss, &operands);
        let twice = grad(&(slopes[0].square().sum() + slopes[1].sin().sum()), &operands);
        [vec![y], slopes, twice].concat()
    }
}

fn check(what: &str, found: &[Tensor]) {
    let expected = reference::evaluate(&found.iter().collect::<Vec<_>>());
    eval(found);
    for (which, (found, expected)) in found.iter().zip(&expected).enumerate() {
        let largest = expected.iter().fold(1.0f64, |a, b| a.max(b.abs()));
        let tolerance = largest * if found.dtype() == DType::F32 { 2e-5 } else { 1e-12 };
        let values = found.to_vec::<f64>();
        assert_eq!(values.len(), expected.len());
        for (entry, (a, b)) in values.iter().zip(expected).enumerate() {
            assert!(abs_diff_eq!(a, b, epsilon = tolerance), "{what}: result {which}, entry {entry}: {a} and not {b}");
        }
    }
}

fn cases() -> Vec<Convolution> {
    let new = Convolution::new;
    vec![
        new([2, 3, 5, 7], 4, [3, 3]),
        Convolution { padding: [1, 1], ..new([3, 2, 6, 5], 5, [3, 3]) },
        Convolution { padding: [2, 1], dilation: [2, 1], ..new([2, 1, 7, 9], 3, [3, 2]) },
        Convolution { stride: [2, 3], padding: [1, 2], ..new([2, 2, 9, 11], 3, [3, 4]) },
        Convolution { groups: 2, padding: [1, 0], ..new([3, 4, 6, 5], 6, [2, 3]) },
        Convolution { groups: 4, padding: [1, 1], stride: [1, 2], ..new([2, 4, 5, 8], 4, [3, 3]) },
        // One picture, one channel, one output, one window.
        Convolution { padding: [1, 1], ..new([1, 2, 6, 5], 3, [3, 3]) },
        new([4, 1, 5, 5], 1, [2, 2]),
        new([2, 3, 4, 4], 2, [4, 4]),
        Convolution { windows_first: true, padding: [1, 1], ..new([3, 2, 6, 5], 4, [3, 3]) },
        Convolution { windows_first: true, stride: [2, 1], ..new([1, 3, 7, 6], 2, [2, 3]) },
        // More than a vector in a row.
        Convolution { padding: [1, 1], ..new([2, 2, 4, 37], 3, [3, 3]) },
    ]
}

#[test]
fn convolutions_agree_with_the_reference() {
    for case in cases() {
        for dtype in [DType::F32, DType::F64] {
            check(&format!("{case:?} {dtype:?}"), &case.results(dtype));
        }
    }
}

/// Matrices of windows too large to be gathered at once are cut into blocks, along whichever dimension is longer.
#[test]
fn large_pictures_are_cut_into_blocks() {
    for case in [
        Convolution { padding: [2, 2], ..Convolution::new([1, 3, 70, 61], 2, [5, 5]) },
        Convolution { padding: [1, 1], ..Convolution::new([2, 1, 131, 130], 3, [3, 3]) },
        Convolution { windows_first: true, stride: [1, 2], ..Convolution::new([2, 3, 60, 121], 2, [5, 3]) },
        // Longer in the windows than in the places.
        Convolution::new([1, 300, 21, 20], 2, [20, 18]),
    ] {
        let operands = case.operands(DType::F64);
        let y = case.apply(&operands[0], &operands[1]);
        let slopes = grad(&y.square().sum(), &operands);
        check(&format!("{case:?}"), &[vec![y], slopes].concat());
    }
}

/// What a step does not store: no matrix of windows, no padded picture, no product for each picture.
#[test]
fn nothing_is_stored_that_is_longer_than_pictures_and_results() {
    let case = Convolution { padding: [1, 1], ..Convolution::new([8, 16, 14, 14], 32, [3, 3]) };
    let operands = case.operands(DType::F32);
    eval(&operands);
    let y = case.apply(&operands[0], &operands[1]);
    let slopes = grad(&y.square().sum(), &operands);
    let plan = explain_plan([vec![y], slopes].concat().iter());
    let names: Vec<&str> = plan
        .steps
        .iter()
        .filter_map(|step| if let StepKind::Operation(name) = step.kind { Some(name) } else { None })
        .collect();
    assert_eq!(names.len(), 3, "{plan}");
    for name in ["matmul of windows", "matmul of windows, summed", "matmul, overlap_add"] {
        assert!(names.contains(&name), "{plan}");
    }
    let largest = 8 * 32 * 14 * 14 * 4;
    assert!(plan.steps.iter().all(|step| step.bytes_written <= largest), "{plan}");
    assert_eq!(plan.passes(), 1, "{plan}");
}

/// Windows and padded pictures that somebody else reads as well are in memory, and read from there.
#[test]
fn windows_that_are_wanted_for_themselves() {
    let mut rng = Rng::seed(4);
    let x = Tensor::normal([3, 2, 5, 6], &mut rng);
    let weight = Tensor::normal([4, 18], &mut rng);
    let padded = x.pad(2, 1, 1).pad(3, 1, 1);
    let windows = padded.windows(2, 3, 1, 1).windows(3, 3, 1, 1).permute([0, 1, 4, 5, 2, 3]);
    let matrix = windows.reshape([3, 18, 30]);
    let product = weight.matmul(&matrix);
    check("with the matrix", &[product.clone(), matrix.clone()]);
    check("with the padded picture", &[weight.matmul(&windows.reshape([3, 18, 30]).sin()), padded.clone()]);
    let product = || {
        weight.matmul(
            &x.pad(2, 1, 1)
                .pad(3, 1, 1)
                .windows(2, 3, 1, 1)
                .windows(3, 3, 1, 1)
                .permute([0, 1, 4, 5, 2, 3])
                .reshape([3, 18, 30]),
        )
    };
    check("with a sum of the padded picture", &[product() + padded.sum_axis(3).sum()]);
    check("with the padded picture itself", &[product(), padded.exp(), x.pad(2, 1, 1).cos()]);
    // Repeated over a longer batch, and multiplied with themselves.
    let longer = Tensor::normal([5, 1, 4, 18], &mut rng);
    check("repeated", &[longer.matmul(&matrix), matrix.matmul(&matrix.transpose())]);
    check(
        "summed over part of the batch",
        &[longer.matmul(&matrix).sum_axis(0), longer.matmul(&matrix).sum_axis([0, 1])],
    );
}

/// A signal with one axis, without a batch; padding is then along the first axis.
#[test]
fn signals() {
    let mut rng = Rng::seed(5);
    let x = Tensor::normal([40], &mut rng).cast(DType::F64);
    let weight = Tensor::normal([5, 3], &mut rng).cast(DType::F64);
    for (padding, step, dilation) in [(0, 1, 1), (2, 1, 1), (3, 2, 3), (4, 7, 2)] {
        let y = x.pad(0, padding, padding).windows(0, 5, step, dilation).matmul(&weight);
        let slopes = grad(&(&y * y.cos()).sum(), [&x, &weight]);
        check(&format!("{padding} {step} {dilation}"), &[vec![y], slopes].concat());
        // A matrix of the windows of two signals.
        let both = Tensor::stack([&x, &x.sin()], 0).pad(1, padding, padding);
        let windows = both.windows(1, 5, step, dilation).permute([1, 0, 2]);
        let y = windows.reshape([windows.shape()[0], 10]).matmul(&Tensor::concatenate([&weight, &weight], 0));
        let slopes = grad(&(&y * y.cos()).sum(), [&x, &weight]);
        check(&format!("two, {padding} {step} {dilation}"), &[vec![y], slopes].concat());
    }
}

/// Windows that begin within each other, since a window's entries are columns of the product as their places are, or since each is longer
/// than the next one is away.
#[test]
fn windows_that_begin_within_each_other() {
    let mut rng = Rng::seed(6);
    for dtype in [DType::F32, DType::F64] {
        for across in [1, 4, 7, 8, 16, 31, 32] {
            let mut normal = |shape: &[usize]| Tensor::normal(shape, &mut rng).cast(dtype);
            let (rows, apart) = (normal(&[5, 2]), normal(&[10, 2]));
            let columns = normal(&[2, 6 * across]);
            let product = rows.matmul(&columns).reshape([5, 2, 3, across]);
            // An entry of the window is a row, a place along one axis a column.
            check("lines", &[product.permute([0, 2, 3, 1]).overlap_add(1, 1, 1, 4)]);
            check("lines apart", &[product.permute([0, 2, 3, 1]).overlap_add(1, 1, 2, 7)]);
            check("places", &[product.permute([0, 3, 2, 1]).overlap_add(1, 1, 1, across + 1)]);
            // Frames of a signal, all their entries columns.
            for step in [1, 2, across.div_ceil(2), across, across + 1] {
                let frames = rows.matmul(&columns).reshape([5, 6, across]);
                check("frames", &[frames.overlap_add(1, step, 1, 5 * step + across)]);
            }
            // The entries of a window are rows; the lines that they fill overlap.
            let product = apart.matmul(&columns).reshape([5, 2, 6, across]).permute([0, 2, 3, 1]);
            let lines = product.overlap_add(2, 1, 1, across + 1);
            for step in [1, across, across + 1] {
                check("lines of windows", &[lines.overlap_add(1, step, 1, 6 * step + across)]);
            }
        }
    }
}

/// Windows that are reduced to one number each, by themselves or with something done to them, and what goes back to their entries.
#[test]
fn windows_that_are_reduced() {
    type Reduced = fn(&Tensor, &Tensor, &[isize]) -> Tensor;
    let reductions: [(&str, Reduced); 6] = [
        ("sums", |windows, _, axes| windows.sum_axis(axes)),
        ("means of squares", |windows, _, axes| windows.square().mean_axis(axes)),
        ("weighted sums", |windows, weights, axes| (windows * weights).sum_axis(axes)),
        ("greatest", |windows, _, axes| windows.max_axis(axes)),
        ("least", |windows, weights, axes| (windows + weights).min_axis(axes)),
        ("distances", |windows, weights, axes| (windows - weights).square().sum_axis(axes).sqrt()),
    ];
    let mut rng = Rng::seed(7);
    for [height, width] in [[1, 3], [2, 2], [3, 3], [1, 11], [5, 3], [16, 1], [17, 2]] {
        for (step, dilation) in [(1, 1), (2, 1), (1, 2), (3, 2)] {
            for dtype in [DType::F32, DType::F64] {
                let x = Tensor::normal([2, 35, 37], &mut rng).cast(dtype);
                let weights = Tensor::normal([height, width], &mut rng).cast(dtype);
                for (name, reduced) in reductions {
                    let windows = x.sin().windows(1, height, step, dilation).windows(2, width, step, dilation);
                    let both = reduced(&windows, &weights, &[-2, -1]);
                    let along = reduced(&windows, &weights, &[-1]);
                    // Back to the entries also where each window's number is only a number times something.
                    let loss = (both.square().sum() + along.sin().sum() - 0.5 * along.sum()).cast(DType::F64);
                    let slopes = grad(&loss, [&x, &weights]);
                    let what = format!("{name} of {height} × {width}, step {step}, dilation {dilation}");
                    check(&what, &[vec![both, along], slopes].concat());
                }
            }
        }
    }
}

/// Numbers of windows, times numbers of all kinds of shapes, that are added back.
#[test]
fn windows_of_one_number_each_that_are_added_back() {
    let mut rng = Rng::seed(8);
    for dtype in [DType::F32, DType::F64] {
        for (entries, dilation) in [(1, 1), (2, 3), (3, 1), (16, 1), (17, 1)] {
            let mut normal = |shape: &[usize]| Tensor::normal(shape, &mut rng).cast(dtype);
            let length = 30 + (entries - 1) * dilation;
            let numbers = [vec![4, 30, 1], vec![4, 1, 1], vec![1, 30, 1], vec![]].map(|shape| normal(&shape));
            let weights =
                [vec![entries], vec![4, 1, entries], vec![1], vec![], vec![4, 1, 1]].map(|shape| normal(&shape));
            for number in &numbers {
                for weight in &weights {
                    let windows = -(number * weight).expand([4, 30, entries]);
                    for longer in [0, 1, 20, 50] {
                        let sums = windows.overlap_add(1, 1, dilation, length + longer);
                        let slopes = grad(&sums.sin().sum().cast(DType::F64), [number, weight]);
                        let what = format!("{} by {}, {entries} entries", number.shape(), weight.shape());
                        check(&what, &[vec![sums], slopes].concat());
                    }
                }
            }
        }
    }
}

/// Each goes through no more than four additions: one by one, the ones would all be lost beside 2²⁴.
#[test]
fn many_entries_of_windows_are_added_in_pairs() {
    let large = |at: usize, length: usize| {
        let mut numbers = vec![1.0f32; length];
        numbers[at] = f32::from(1u16 << 12).powi(2);
        Tensor::from(numbers)
    };
    // The large one comes first in either sum.
    let sum = large(0, 40).windows(0, 16, 1, 1).sum_axis(-1);
    let back = large(15, 16).unsqueeze(-1).expand([16, 16]).overlap_add(0, 1, 1, 31);
    for found in [sum.at(0, 0), back.at(0, 15)] {
        let lost = 16_777_216.0 + 15.0 - found.to_vec::<f64>()[0];
        assert!(lost.abs() <= 4.0, "{lost}");
    }
}
