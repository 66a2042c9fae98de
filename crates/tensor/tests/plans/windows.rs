//! Products with windows of padded, squeezed, indexed and summed values, and sums of overlapping windows that others read in windows.

use minimand_tensor::Tensor;

use super::{agree, derivatives, normal};

/// Padding of an axis in front of a squeezed one: the windows of all three channels, not three times of the first.
#[test]
fn padded_windows_of_one_picture() {
    agree(|| {
        let (y, v) = (normal(&[1, 3, 2, 2], 1), normal(&[4, 1], 2));
        let windows = y.pad(2, 0, 1).squeeze(0).windows(1, 2, 1, 1);
        derivatives(&windows.reshape([3, 2, 4]).matmul(&v), &[y, v])
    });
}

#[test]
fn padded_windows_of_one_picture_however_it_comes_by_it() {
    type Taken = fn(&Tensor) -> Tensor;
    let ways: [(&str, Taken); 8] = [
        ("squeezed", |x| x.squeeze(0)),
        ("indexed", |x| x.at(0, 0)),
        ("summed", |x| x.sum_axis(0)),
        ("reshaped", |x| x.reshape([3, x.shape()[2], x.shape()[3]])),
        ("sliced", |x| x.slice(0, 0..1).squeeze(0)),
        ("permuted", |x| x.permute([1, 0, 2, 3]).squeeze(1)),
        ("flipped", |x| x.flip(1).squeeze(0)),
        ("of two", |x| Tensor::concatenate([x, x], 0).at(0, 1)),
    ];
    for (name, take) in ways {
        for groups in ["depthwise", "all", "rows"] {
            println!("{name}, {groups}");
            agree(|| {
                let x = normal(&[1, 3, 4, 4], 1);
                let padded = take(&x.pad(2, 1, 1).pad(3, 1, 1));
                let windows = padded.windows(1, 3, 1, 1).windows(2, 3, 1, 1); // [3, 4, 4, 3, 3]
                match groups {
                    "depthwise" => {
                        let w = normal(&[3, 9, 1], 2);
                        derivatives(&windows.reshape([3, 16, 9]).matmul(&w), &[x, w])
                    }
                    "all" => {
                        let w = normal(&[2, 27], 2);
                        let by_entry = windows.permute([0, 3, 4, 1, 2]).reshape([27, 16]);
                        derivatives(&w.matmul(&by_entry), &[x, w])
                    }
                    _ => {
                        let w = normal(&[9, 2], 2);
                        derivatives(&windows.reshape([48, 9]).matmul(&w), &[x, w])
                    }
                }
            });
        }
    }
}

/// Padding before the picture is squeezed, after it, and both; a batch beside it.
#[test]
fn padded_before_and_after() {
    for (outer, inner) in [(1, 0), (0, 1), (1, 1), (2, 1)] {
        agree(|| {
            let (x, w) = (normal(&[1, 2, 3, 5], 3), normal(&[2, 2, 4, 3], 4));
            let taken = x.pad(3, outer, 0).squeeze(0).pad(2, 0, inner).pad(1, inner, outer);
            let windows = taken.windows(1, 2, 1, 1).windows(2, 2, 2, 1);
            let (rows, columns) = (windows.shape()[1], windows.shape()[2]);
            let y = windows.reshape([2, rows * columns, 4]).matmul(&w);
            derivatives(&y, &[x, w])
        });
    }
}

/// Windows of the part of a sum of windows that a product makes: the part is stored, the sum never is.
#[test]
fn windows_of_what_a_product_adds_up() {
    agree(|| {
        let (x, v, w) = (normal(&[2, 6, 5], 1), normal(&[4, 3], 2), normal(&[6, 2], 3));
        let windows = x.windows(1, 2, 2, 1).windows(2, 2, 1, 1); // [2, 3, 4, 2, 2]
        let y = windows.reshape([2, 12, 4]).matmul(&v); // [2, 12, 3]
        let again = y.pad(1, 1, 1).windows(1, 2, 1, 1); // [2, 13, 3, 2]
        derivatives(&again.reshape([2, 13, 6]).matmul(&w), &[x, v, w])
    });
    for (step, dilation) in [(1, 1), (2, 1), (2, 2), (3, 1)] {
        agree(|| {
            let (x, v, w) = (normal(&[2, 9], 1), normal(&[2, 3], 2), normal(&[3, 1], 3));
            let windows = x.windows(1, 2, step, dilation); // [2, n, 2]
            let y = windows.matmul(&v).sum_axis(-1); // [2, n]
            let again = y.pad(1, 2, 1).windows(1, 3, 1, 1);
            derivatives(&again.matmul(&w), &[x, v, w])
        });
        agree(|| {
            let x = normal(&[9, 4], 1);
            let (v, w) = (normal(&[8, 3], 2), normal(&[6, 2], 3));
            let windows = x.windows(0, 2, step, dilation); // [n, 4, 2]
            let y = windows.reshape([windows.shape()[0], 8]).matmul(&v);
            let again = y.pad(0, 1, 2).windows(0, 2, step, dilation);
            let y = again.reshape([again.shape()[0], 6]).matmul(&w);
            let y = y.square().mean() * 0.01;
            derivatives(&y, &[x, v, w])
        });
    }
}

/// Sums of overlapping windows, cut to a part, flipped or permuted, that other products read.
#[test]
fn overlapping_sums_of_products_and_what_reads_them() {
    for crop in [0, 1] {
        agree(|| {
            let (x, w, v) = (normal(&[2, 5, 4], 1), normal(&[4, 6], 2), normal(&[6, 2], 3));
            let columns = x.matmul(&w).reshape([2, 5, 3, 2]);
            let added = columns.permute([0, 2, 1, 3]).overlap_add(2, 1, 1, 6); // [2, 3, 6]
            let part = added.slice(2, crop..6 - crop);
            let windows = part.windows(2, 2, 1, 1);
            let by_place = windows.permute([0, 2, 1, 3]).reshape([2, windows.shape()[2], 6]);
            derivatives(&(by_place.matmul(&v).sum_axis(1) + part.flip(2).sum()), &[x, w, v])
        });
    }
}

/// Convolutions, whose gradients are sums over pictures and sums of overlapping windows: sizes around those of vectors, with and without
/// padding, dilated, by single steps and longer ones, along one axis and two.
#[test]
fn convolutions_of_many_sizes() {
    for (rows, columns, kernel, dilation, step, padding) in [
        (14, 14, [3, 3], 1, 1, 1),
        (5, 16, [2, 3], 1, 1, 0),
        (9, 20, [3, 5], 1, 1, 2),
        (8, 33, [3, 2], 2, 1, 1),
        (12, 12, [3, 3], 2, 1, 2),
        (9, 31, [3, 3], 1, 2, 1),
        (1, 48, [1, 7], 1, 1, 3),
        (7, 15, [1, 1], 1, 1, 0),
    ] {
        for (inputs, outputs) in [(5, 9), (1, 4), (3, 16)] {
            println!("{rows} × {columns}, {kernel:?}, {dilation}, {step}, {padding}, {inputs} to {outputs}");
            agree(|| {
                // Small, since the derivatives of what is made of the result grow with it.
                let x = 0.1 * normal(&[2, inputs, rows, columns], 1);
                let w = 0.1 * normal(&[outputs, inputs * kernel[0] * kernel[1]], 2);
                let padded = x.pad(2, padding, padding).pad(3, padding, padding);
                let windows = padded.windows(2, kernel[0], step, dilation).windows(3, kernel[1], step, dilation);
                let [down, across] = [windows.shape()[2], windows.shape()[3]];
                let by_entries = windows.permute([0, 1, 4, 5, 2, 3]);
                let result = w.matmul(&by_entries.reshape([2, inputs * kernel[0] * kernel[1], down * across]));
                derivatives(&result, &[x, w])
            });
        }
    }
}

/// What is not finite reaches the entries that its windows reach, and no others.
#[test]
fn weights_that_are_not_finite_stay_within_their_windows() {
    for spoilt in [f64::NAN, f64::INFINITY] {
        agree(|| {
            let numbers = (0..8).map(|at| if at == 5 { spoilt } else { f64::from(at) - 3.5 });
            let w = Tensor::from(numbers.collect::<Vec<_>>()).reshape([8, 1]);
            let x = normal(&[3, 1, 16], 1);
            // [3, 4, 2, 16]: four channels of windows of two.
            let product = w.matmul(&x).reshape([3, 4, 2, 16]).permute([0, 1, 3, 2]);
            vec![product.overlap_add(2, 1, 1, 17)]
        });
    }
}

/// A part of a sum of overlapping windows: of another channel than the first, and of none.
#[test]
fn parts_of_overlapping_sums() {
    for (from, length) in [(0, 5), (1, 5), (3, 0), (0, 6)] {
        agree(|| {
            let (w, x) = (normal(&[5, 3], 1), normal(&[2, 3, 16], 2));
            // [2, 5, 16, 1], each channel a window of one; the channels overlap with nothing either.
            let product = w.matmul(&x).reshape([2, 5, 16, 1]);
            let sums = product.overlap_add(1, 1, 2, 6);
            vec![sums.slice(1, from..from + length), sums.slice(2, 2..13)]
        });
    }
    agree(|| {
        let (w, x) = (normal(&[8, 3], 1), normal(&[2, 3, 16], 2));
        let product = w.matmul(&x).reshape([2, 4, 2, 16]).permute([0, 1, 3, 2]);
        let sums = product.overlap_add(2, 1, 1, 17);
        vec![sums.slice(2, 1..17).slice(1, 1..4)]
    });
}
